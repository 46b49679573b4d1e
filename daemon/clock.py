"""The one place that reads the machine's clock."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

VARIABLE = "AGENDAD_NOW"


class Clock(Protocol):
    """Tells the time; always aware UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock, to the second."""

    def now(self) -> datetime:
        return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - this is the one place


class FixedClock:
    """Stands still unless it is moved, for demos and tests."""

    def __init__(self, instant: datetime) -> None:
        if instant.utcoffset() is None:
            raise ValueError("a fixed clock needs a time with an offset")
        self._instant = instant.astimezone(UTC)

    def now(self) -> datetime:
        return self._instant

    def move(self, by: timedelta) -> None:
        self._instant += by


class Absence:
    """Notices that this machine was asleep, that its clock was set, or that this process was kept from running.

    Args:
        clock: tells the time of day; one that stands tells nothing here.
        monotonic: seconds by a clock that nobody sets, and that stands while the machine is asleep.
        gap: seconds without a look, by somebody who waits and means to look more often, that count as an absence.
    """

    _JUMP = timedelta(seconds=10)
    """A clock that is kept right moves by less between two looks, and one that tells whole seconds by one."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float] = time.monotonic, gap: float = 30.0) -> None:
        self._clock, self._monotonic, self._gap = clock, monotonic, gap
        self._stands = isinstance(clock, FixedClock)
        self._at = (clock.now(), monotonic())
        self._noticed = timedelta(0)

    def look(self, *, waiting: bool = False) -> timedelta:
        """By how much the clock has moved more than time has passed since this was last taken up; 0 if all is well.

        While `waiting`, when nothing else is to be done than to look, a long time without a look counts as well.
        """
        (wall, ran), self._at = self._at, (self._clock.now(), self._monotonic())
        passed = self._at[1] - ran
        moved = self._at[0] - wall - timedelta(seconds=passed)
        if self._stands:
            moved = timedelta(0)
        if abs(moved) > self._JUMP:
            self._noticed += moved
        elif waiting and passed > self._gap:
            self._noticed += timedelta(seconds=passed)
        return self._noticed

    def take_up(self) -> timedelta:
        """The same, and all is well again with that: who asks looks at everything anew."""
        noticed, self._noticed = self._noticed, timedelta(0)
        return noticed


def parse_instant(text: str) -> datetime:
    """RFC 3339 as aware UTC.

    >>> parse_instant("2026-11-30T08:30:00-05:00").isoformat()
    '2026-11-30T13:30:00+00:00'

    Raises:
        ValueError: the text is no RFC 3339 time with an offset.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        instant = datetime.min  # noqa: DTZ901 - naive on purpose: it falls through to the message below
    if instant.utcoffset() is None:
        raise ValueError(f"{text!r} is no RFC 3339 time; write it with an offset, like 2026-11-30T08:30:00-05:00")
    return instant.astimezone(UTC)


def clock_from(environ: Mapping[str, str]) -> Clock:
    """The fixed clock that AGENDAD_NOW asks for, else the machine's.

    Raises:
        ValueError: AGENDAD_NOW is set to something else than an RFC 3339 time.
    """
    fixed = environ.get(VARIABLE)
    return FixedClock(parse_instant(fixed)) if fixed else SystemClock()
