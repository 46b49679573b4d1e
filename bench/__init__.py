"""What agendad costs, each as a ratio to a floor or a peer in the same run. `make bench`, or one row by name."""
