"""`agendad --help`, beside an interpreter that does nothing."""

import subprocess
import sys
from pathlib import Path

from bench.measure import Row, best, span


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ourselves


def row() -> Row:
    installed = str(Path(sys.executable).with_name("agendad"))
    taken, floor = best(lambda: _run(installed, "--help"), lambda: _run(sys.executable, "-c", "pass"), rounds=15)
    return Row(ours=span(taken), beside=span(floor), ratio=taken / floor, allowed=3.0)
