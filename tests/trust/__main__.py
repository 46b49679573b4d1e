"""`python -m trust [PART…] [--long] [--write] [--jobs N]`: the figures, one a line."""

import argparse
import os
import sys
import time
from importlib import import_module

from trust import document

PARTS = ("crash", "faults", "anything", "disasters", "badinput", "load")
"""Modules here; a new part is one more."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m trust", description=__doc__)
    parser.add_argument("part", nargs="*", choices=[[], *PARTS])
    parser.add_argument("--long", action="store_true", help="everything there is; hours")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    parser.add_argument("--write", action="store_true", help="put them into docs/reliability.md too")
    args = parser.parse_args()
    good = True
    for name in args.part or PARTS:
        part = import_module(f"trust.{name}").PART
        print(f"{name}: {part.about}", flush=True)
        begun = time.monotonic()
        figures = []
        for figure in part.measure(args.long, args.jobs):
            figures.append(figure)
            print(f"{figure.value:>7}  {figure.name}{'' if figure.holds else f'  MUST BE {figure.must}'}", flush=True)
            for example in figure.examples[:20]:
                print(f"           {example}", file=sys.stderr, flush=True)
            good = good and figure.holds
        print(f"{time.monotonic() - begun:>6.0f}s", file=sys.stderr)
        if args.write:
            document.write(f"{name}, long" if args.long else name, document.table(figures))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
