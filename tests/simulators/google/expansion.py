"""From a recurring event to its instances.

Rules run on the clock of the series' own zone, so that a weekly 09:00 stays 09:00 across daylight saving; the clock
times become instants afterwards. Instance ids are `base_YYYYMMDDTHHMMSSZ` (UTC) or `base_YYYYMMDD`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from dateutil import rrule

from . import times

MOST = 5_000
"""Instances that one series may have here."""
_INSTANCE_ID = re.compile(r"(?P<base>.+)_(?P<suffix>\d{8}(T\d{6}Z)?)", re.ASCII)
_UNTIL = re.compile(r"UNTIL=([0-9TZ]+)", re.ASCII | re.IGNORECASE)
_SETS = {"RDATE", "EXDATE"}
_RULES = {"RRULE", "EXRULE"}


@dataclass(frozen=True)
class Slot:
    """One instance as the rule has it; start and end as they are stored."""

    suffix: str
    start: dict[str, Any]
    end: dict[str, Any]


def split_id(event_id: str) -> tuple[str, str] | None:
    """Base and suffix of an instance id; None for any other id."""
    match = _INSTANCE_ID.fullmatch(event_id)
    return (match["base"], match["suffix"]) if match else None


def suffix_of(original: Mapping[str, Any]) -> str:
    if "date" in original:
        return original["date"].replace("-", "")
    return datetime.fromisoformat(original["dateTime"]).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def slots(fields: Mapping[str, Any], until: datetime) -> Iterator[Slot]:
    """The instances that start before `until`, in order, at most `MOST`."""
    start, lasting = fields["start"], times.wall(fields["end"]) - times.wall(fields["start"])
    if not times.is_all_day(start):
        lasting = _parsed(fields["end"]) - _parsed(start)
    limit = until.replace(tzinfo=None) + times.DAY
    for wall in islice(_walls(fields), MOST):
        if wall > limit:
            return
        begin = _at(wall, start)
        if times.instant(begin, start.get("timeZone", "UTC")) >= until + (
            times.DAY if "date" in begin else timedelta()
        ):
            continue
        yield Slot(suffix_of(begin), begin, _later(begin, lasting))


def slot(fields: Mapping[str, Any], suffix: str) -> Slot | None:
    """The instance with this suffix, if the rule makes one."""
    day = datetime.strptime(suffix[:8], "%Y%m%d").replace(tzinfo=UTC)
    return next((each for each in slots(fields, day + 3 * times.DAY) if each.suffix == suffix), None)


def check(recurrence: list[str], start: Mapping[str, Any]) -> None:
    """ValueError for lines that Google refuses: DTSTART and DTEND, unknown properties, rules that cannot run."""
    for line in recurrence:
        name = re.split("[;:]", line, maxsplit=1)[0].upper()
        if name not in _SETS | _RULES or ":" not in line:
            raise ValueError(f"not a recurrence line: {line!r}")
        if name in _RULES:
            _check_rule(line.partition(":")[2].upper())
    next(_walls({"start": start, "recurrence": recurrence}), None)


def _check_rule(rule: str) -> None:
    """What dateutil takes, or never comes back from, and RFC 5545 forbids."""
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    if {"COUNT", "UNTIL"} <= set(parts):
        raise ValueError("COUNT and UNTIL in one rule")
    if int(parts.get("INTERVAL", 1)) < 1 or int(parts.get("COUNT", 1)) < 1:
        raise ValueError("INTERVAL and COUNT are at least 1")


def _parsed(kept: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(kept["dateTime"])


def _at(wall: datetime, start: Mapping[str, Any]) -> dict[str, Any]:
    if "date" in start:
        return {"date": wall.date().isoformat()}
    return times.stored({"dateTime": wall.isoformat(timespec="seconds"), "timeZone": start["timeZone"]}, "UTC")


def _later(begin: dict[str, Any], lasting: timedelta) -> dict[str, Any]:
    if "date" in begin:
        return {"date": (times.wall(begin) + lasting).date().isoformat()}
    return {**begin, "dateTime": times.show(_parsed(begin).astimezone(UTC) + lasting, begin["timeZone"])}


def _walls(fields: Mapping[str, Any]) -> Iterator[datetime]:
    start = fields["start"]
    first = times.wall(start)
    found = rrule.rruleset()
    lines = [(line.partition(":")[0], line.partition(":")[2]) for line in fields["recurrence"]]
    if not any(head.upper().startswith("RRULE") for head, _ in lines):
        found.rdate(first)
    for head, value in lines:
        name = head.partition(";")[0].upper()
        if name in _RULES:
            rule = rrule.rrulestr(_with_local_until(value, start), dtstart=first)
            (found.rrule if name == "RRULE" else found.exrule)(rule)
        else:
            for part in value.split(","):
                (found.rdate if name == "RDATE" else found.exdate)(_date_or_time(part, head, start))
    return iter(found)


def _with_local_until(rule: str, start: Mapping[str, Any]) -> str:
    """UNTIL on the series' clock; a bare date includes that whole day."""

    def local(match: re.Match[str]) -> str:
        text = match[1]
        if "T" not in text.upper():
            return f"UNTIL={text}T235959"
        return f"UNTIL={_date_or_time(text, '', start):%Y%m%dT%H%M%S}"

    return _UNTIL.sub(local, rule)


def _date_or_time(text: str, head: str, start: Mapping[str, Any]) -> datetime:
    """A value of RDATE, EXDATE or UNTIL on the series' clock."""
    if "T" not in text.upper():
        return datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 -- a clock time has no zone
    parsed = datetime.strptime(text.rstrip("Zz"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 -- the zone follows
    own = start.get("timeZone", "UTC")
    given = re.search(r"TZID=([^;:]+)", head, re.IGNORECASE)
    written = "UTC" if text[-1:] in "Zz" else given[1] if given else own
    return parsed.replace(tzinfo=times.zone(written)).astimezone(times.zone(own)).replace(tzinfo=None)
