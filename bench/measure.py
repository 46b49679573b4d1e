"""Measuring two things beside each other, so that a slow machine slows both."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. `ratio` is ours to the floor or peer, and `allowed` is the most it may be."""

    ours: str
    beside: str
    ratio: float
    allowed: float

    @property
    def holds(self) -> bool:
        return self.ratio <= self.allowed


def best(ours: Callable[[], object], beside: Callable[[], object], *, rounds: int = 7) -> tuple[float, float]:
    """The shortest seconds of each, measured by turns after one round that does not count."""
    found: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):
        for times, action in zip(found, (ours, beside), strict=True):
            gc.collect()
            gc.disable()
            begun = time.perf_counter()
            action()
            taken = time.perf_counter() - begun
            gc.enable()
            if turn:
                times.append(taken)
    return min(found[0]), min(found[1])


def rate(count: int, seconds: float, what: str) -> str:
    return f"{count / seconds:,.0f} {what}/s"


def span(seconds: float) -> str:
    """A span as people read it: 1.83 s, 2.4 ms, 310 µs."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} µs"
