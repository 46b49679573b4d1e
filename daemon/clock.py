"""The one place that reads the machine's clock."""

from collections.abc import Mapping
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
