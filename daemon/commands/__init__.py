"""One module a command, imported only when the command is used. Each has `run(args) -> int`."""
