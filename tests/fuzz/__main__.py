"""`python -m fuzz [TARGET…] [--runs N] [--guided SECONDS]`: by chance, or guided by coverage where atheris is there."""

import argparse
import resource
import subprocess
import sys
import time

from fuzz.targets import TARGETS
from fuzz.trying import MEMORY, SECONDS, attempts

EACH = 2000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], metavar="TARGET")
    parser.add_argument("--runs", type=int, default=EACH, help="changed inputs for each target")
    parser.add_argument("--guided", type=int, default=0, metavar="SECONDS", help="by coverage, for each target")
    args = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    wrong = 0
    for name in args.targets or TARGETS:
        begun, longest, tried = time.monotonic(), 0.0, 0
        for attempt in attempts(name, args.runs):
            tried += 1
            longest = max(longest, attempt.seconds)
            if attempt.fault:
                wrong += 1
                print(f"{name}: {attempt.fault}\n    kept as {attempt.keep()}")
        spent = time.monotonic() - begun
        print(
            f"{name:8} {tried:7,} inputs, {wrong} faults, longest {longest:.2f} s of {SECONDS} s, {spent:.0f} s in all"
        )
    if args.guided and not wrong:
        for name in args.targets or TARGETS:
            wrong += _guided(name, args.guided)
    return int(wrong > 0)


def _guided(name: str, seconds: int) -> int:
    """1 where something was found wrong."""
    result = subprocess.run([sys.executable, "-m", "fuzz.guided", name, str(seconds)], check=False)
    print(f"{name:8} guided for {seconds} s: {'fine' if result.returncode == 0 else 'FAULT'}")
    return int(result.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
