"""Bad input of every kind, by chance and guided by what it reaches.

`python -m fuzz [TARGET…] [--runs N] [--guided SECONDS]` (see `make trust-long`); what was once found wrong is kept in
`found/TARGET/` and tried by every `make test`.
"""
