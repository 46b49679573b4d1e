"""RFC 3339 and EventDateTime.

Stored times are `{"date": ...}` or `{"dateTime": ..., "timeZone": ...}`, the latter with its offset. Answers show
them in the calendar's zone, or in that of the timeZone parameter, with the event's own timeZone beside them.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?", re.ASCII | re.IGNORECASE)
DAY = timedelta(days=1)


@lru_cache
def zone(name: str) -> ZoneInfo:
    """An IANA zone; ValueError for any other name, Windows names among them."""
    try:
        return ZoneInfo(name)
    except (OSError, KeyError, ValueError) as fault:
        raise ValueError(f"not an IANA time zone: {name!r}") from fault


def parse(text: str, *, default_zone: str | None = None) -> datetime:
    """An instant. Without an offset `default_zone` tells it; without either it is a ValueError."""
    match = _RFC3339.fullmatch(text)
    if not match:
        raise ValueError(f"not an RFC 3339 date-time: {text!r}")
    parsed = datetime.fromisoformat(text.upper())
    if match.group(2):
        return parsed
    if not default_zone:
        raise ValueError(f"an offset is mandatory: {text!r}")
    # Through UTC and back, so that a clock time that daylight saving skips becomes a real one.
    local = parsed.replace(tzinfo=zone(default_zone))
    return local.astimezone(UTC).astimezone(local.tzinfo)


def show(instant: datetime, in_zone: str) -> str:
    """To the second, with an offset; Z where that is zero, as Google has it (London in winter too)."""
    return instant.astimezone(zone(in_zone)).isoformat(timespec="seconds").replace("+00:00", "Z")


def stamp(instant: datetime) -> str:
    """As `created` and `updated` are written: UTC, milliseconds."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stored(given: dict[str, Any], calendar_zone: str) -> dict[str, Any]:
    """A body's EventDateTime as it is kept."""
    if given.get("date"):
        return {"date": given["date"]}
    name = given.get("timeZone") or calendar_zone
    instant = parse(given["dateTime"], default_zone=given.get("timeZone"))
    return {"dateTime": show(instant, name), "timeZone": name}


def shown(kept: dict[str, Any], in_zone: str) -> dict[str, Any]:
    """A stored EventDateTime as an answer has it."""
    if "date" in kept:
        return dict(kept)
    return {"dateTime": show(datetime.fromisoformat(kept["dateTime"]), in_zone), "timeZone": kept["timeZone"]}


def is_all_day(kept: dict[str, Any]) -> bool:
    return "date" in kept


def wall(kept: dict[str, Any]) -> datetime:
    """The clock time in the event's own zone, without a zone; midnight for a date."""
    if "date" in kept:
        return datetime.combine(date.fromisoformat(kept["date"]), datetime.min.time())
    return datetime.fromisoformat(kept["dateTime"]).astimezone(zone(kept["timeZone"])).replace(tzinfo=None)


def instant(kept: dict[str, Any], calendar_zone: str) -> datetime:
    """In UTC; a date begins at midnight in the calendar's zone."""
    if "date" in kept:
        return wall(kept).replace(tzinfo=zone(calendar_zone)).astimezone(UTC)
    return datetime.fromisoformat(kept["dateTime"]).astimezone(UTC)


def same_moment(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if is_all_day(one) or is_all_day(other):
        return one.get("date") == other.get("date")
    return datetime.fromisoformat(one["dateTime"]) == datetime.fromisoformat(other["dateTime"])
