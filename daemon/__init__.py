"""The running program: configuration, state, wiring and the command line."""
