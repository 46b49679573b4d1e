"""`agendad completion SHELL`: print what the shell reads to complete commands, names and ids."""

import argparse

from agendad.daemon.completing import shell_code


def run(args: argparse.Namespace) -> int:
    print(shell_code(args.shell))
    return 0
