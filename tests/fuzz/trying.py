"""One input, with its bounds: nothing unexpected is raised, in bounded time and memory."""

import hashlib
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from fuzz.mutations import mutated
from fuzz.places import HERE
from fuzz.targets import TARGETS, found

SECONDS = 60
"""For one input, which takes tens of milliseconds; one that repeats each second is expanded several times."""
MEMORY = 4 << 30
"""Bytes, for the whole process."""


class RanAwayError(Exception):
    """An input took too long."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one input. `fault` is "" where all was well."""

    target: str
    data: bytes
    seconds: float
    fault: str

    def keep(self) -> Path:
        """Write the input beside those that every test tries."""
        folder = HERE / "found" / self.target
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / hashlib.sha256(self.data).hexdigest()[:12]
        path.write_bytes(self.data)
        return path


def attempts(name: str, runs: int, *, seeds_every: int = 1) -> Iterator[Attempt]:
    """What was found before, the seeds (or each so-manieth), and then `runs` changed ones; the same each time."""
    chance = Random(name)  # noqa: S311 - no secret
    seeds = [*(path.read_bytes() for path in found(name)), *TARGETS[name].seeds()]
    for data in seeds[: len(found(name))] + seeds[len(found(name)) :: seeds_every]:
        yield attempt(name, data)
    for _ in range(runs):
        data = mutated(chance.choice(seeds), chance, shape=TARGETS[name].shape)
        yield attempt(name, data)


def attempt(name: str, data: bytes) -> Attempt:
    """Feed it."""
    begun, fault = time.monotonic(), ""
    try:
        with _at_most(SECONDS):
            TARGETS[name].feed(data)
    except (Exception, RecursionError) as error:  # noqa: BLE001 - any is a fault
        place = traceback.extract_tb(error.__traceback__)[-1]
        fault = f"{type(error).__name__}: {str(error)[:200]} ({Path(place.filename).name}:{place.lineno})"
    return Attempt(name, data, time.monotonic() - begun, fault)


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def ran_away(_number: int, _frame: object) -> None:
        raise RanAwayError(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, ran_away)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
