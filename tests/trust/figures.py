"""What a part of the trust run gives: figures, each with what it must be where something must be."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line. `must` is the only value that is all right; None where the number says how much was tried."""

    name: str
    value: int
    must: int | None = None
    examples: tuple[str, ...] = ()
    """What made it another number, for whoever mends it."""

    @property
    def holds(self) -> bool:
        return self.must is None or self.value == self.must


@dataclass(frozen=True, slots=True)
class Part:
    """A subject. `measure(long, jobs)` runs it: in minutes, or with `long` everything that there is."""

    name: str
    about: str
    measure: Callable[[bool, int], Iterable[Figure]]
