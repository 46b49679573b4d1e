"""Durations, clock times and days as people write them in the configuration."""

import re
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_SECONDS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
_UNITS = {
    "m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
    "h": "h", "hour": "h", "hours": "h",
    "d": "d", "day": "d", "days": "d",
    "w": "w", "week": "w", "weeks": "w",
}  # fmt: skip
_DURATION = re.compile(r"\s*(\d{1,6})\s*([a-z]+)\s*")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_DAY = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")


def parse_duration(text: str) -> timedelta:
    """Read a duration.

    >>> [str(parse_duration(text)) for text in ("36h", "2 weeks", "1h 30m")]
    ['1 day, 12:00:00', '14 days, 0:00:00', '1:30:00']

    Raises:
        ValueError: the text is no duration; the message says what one looks like.
    """
    position, seconds = 0, 0
    lowered = text.lower()
    while position < len(lowered):
        part = _DURATION.match(lowered, position)
        if part is None or part[2] not in _UNITS:
            raise ValueError(f"{text!r} is no duration; write it like 90m, 12h, 7d or 2 weeks")
        seconds += int(part[1]) * _SECONDS[_UNITS[part[2]]]
        position = part.end()
    if position == 0:
        raise ValueError("an empty text is no duration; write it like 90m, 12h, 7d or 2 weeks")
    return timedelta(seconds=seconds)


def format_duration(value: timedelta) -> str:
    """Write a duration the way `parse_duration` reads it.

    >>> format_duration(timedelta(hours=36)), format_duration(timedelta(14)), format_duration(timedelta())
    ('36h', '14d', '0h')
    """
    seconds = int(value.total_seconds())
    if seconds and seconds % 86400 == 0:
        return f"{seconds // 86400}d"
    if seconds % 3600 == 0:
        return f"{seconds // 3600}h"
    return f"{seconds // 60}m"


def parse_clock(text: str) -> int:
    """Read a clock time as minutes after midnight, "00:00" to "24:00".

    >>> parse_clock("09:30"), parse_clock("24:00")
    (570, 1440)

    Raises:
        ValueError: the text is no clock time.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None or int(match[2]) > 59 or (minutes := int(match[1]) * 60 + int(match[2])) > 1440:
        raise ValueError(f'{text!r} is no clock time; write it in quotes, like "09:00", up to "24:00"')
    return minutes


def format_clock(minutes: int) -> str:
    """The inverse of `parse_clock`.

    >>> format_clock(570)
    '09:30'
    """
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def parse_day(text: str) -> date:
    """Read a calendar day, from year 1000 to 2999, so that its ends are instants in every zone.

    >>> parse_day("2026-12-10")
    datetime.date(2026, 12, 10)

    Raises:
        ValueError: the text is no such day.
    """
    if _DAY.fullmatch(text.strip()):
        with suppress(ValueError):
            return date.fromisoformat(text.strip())
    raise ValueError(f"{text!r} is no date; write it like 2026-12-31")


def _duration(value: Any) -> timedelta:  # what YAML holds: any scalar
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        return parse_duration(value)
    raise ValueError(f"{value!r} is no duration; give it a unit, like 90m, 12h, 7d or 2 weeks")


def _clock(value: Any) -> int:
    if isinstance(value, str):
        return parse_clock(value)
    raise ValueError(f'{value!r} is no clock time; write it in quotes, like "17:00"')


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return parse_day(value)
    raise ValueError(f"{value!r} is no date; write it like 2026-12-31")


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(format_duration),
    WithJsonSchema({"type": "string", "description": "a duration: 90m, 12h, 7d, 2 weeks", "examples": ["12h", "7d"]}),
]
"""A `timedelta`, written like `36h`."""

Clock = Annotated[
    int,
    BeforeValidator(_clock),
    PlainSerializer(format_clock),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^([01]?[0-9]|2[0-4]):[0-5][0-9]$",
            "description": "a clock time in quotes",
        }
    ),
]
"""Minutes after midnight, written like `"09:00"`."""

Day = Annotated[
    date,
    BeforeValidator(_day),
    PlainSerializer(date.isoformat),
    WithJsonSchema(
        {"type": "string", "format": "date", "pattern": "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$", "description": "a date"}
    ),
]
"""A `date`, written like `2026-12-31`."""
