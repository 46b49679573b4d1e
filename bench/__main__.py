"""`python -m bench [ROW…]`: measure, print the table, and exit 1 where a ratio is more than it may be."""

import argparse
import sys
from importlib import import_module

ROWS = (
    "first_import",
    "recurrence",
    "html",
    "verdicts",
    "no_change",
    "caldav_first",
    "caldav_no_change",
    "tick",
    "memory",
    "outbox",
    "startup",
    "idle",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", choices=[*ROWS, []], help=f"one or more of {', '.join(ROWS)}")
    wanted = parser.parse_args().rows or ROWS
    print(f"{'':17}{'ours':>20}{'beside':>20}{'ratio':>8}{'at most':>9}")
    held = True
    for name in wanted:
        module = import_module(f"bench.{name}")
        row = module.row()
        held = held and row.holds
        note = "" if row.holds else "   too much"
        print(f"{name:17}{row.ours:>20}{row.beside:>20}{row.ratio:>8.2f}{row.allowed:>9.2f}{note}", flush=True)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
