"""patternedRecurrence: from a series to its occurrences.

Rules run on the clock of the series' own zone, so that a weekly 09:00 stays 09:00 across daylight saving; the clock
times become instants afterwards. An occurrence is known by its original start, in UTC: the key.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from dateutil import rrule

from . import times
from .errors import property_failed

MOST = 5_000
"""Occurrences that one series may have here."""
_DAYS = {
    "sunday": rrule.SU,
    "monday": rrule.MO,
    "tuesday": rrule.TU,
    "wednesday": rrule.WE,
    "thursday": rrule.TH,
    "friday": rrule.FR,
    "saturday": rrule.SA,
}
_POSITIONS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_NEEDED = {
    "daily": (),
    "weekly": ("daysOfWeek",),
    "absoluteMonthly": ("dayOfMonth",),
    "relativeMonthly": ("daysOfWeek",),
    "absoluteYearly": ("dayOfMonth", "month"),
    "relativeYearly": ("daysOfWeek", "month"),
}


@dataclass(frozen=True)
class Slot:
    """One occurrence as the rule has it; start and end as they are stored."""

    key: str
    start: dict[str, str]
    end: dict[str, str]


def settled(recurrence: Mapping[str, Any], start: Mapping[str, str]) -> dict[str, Any]:
    """A body's recurrence with all the fields that answers show; 400 for what Outlook refuses."""
    pattern, bounds = recurrence.get("pattern") or {}, recurrence.get("range") or {}
    kind, ending = pattern.get("type"), bounds.get("type")
    if kind is None or ending is None:
        raise property_failed("a recurrence needs a pattern and a range, each with a type")
    missing = [name for name in _NEEDED[kind] if not pattern.get(name)]
    if (pattern.get("interval") or 0) < 1 or missing:
        raise property_failed(f"the recurrence pattern {kind} needs an interval of at least 1, and {_NEEDED[kind]}")
    if bounds.get("startDate") != start["dateTime"][:10]:
        raise property_failed("recurrence.range.startDate is not the date of start")
    if ending == "numbered" and (bounds.get("numberOfOccurrences") or 0) < 1:
        raise property_failed("numberOfOccurrences must be positive")
    if ending == "endDate" and (bounds.get("endDate") or "") < bounds["startDate"]:
        raise property_failed("endDate is missing or before startDate")
    zone = bounds.get("recurrenceTimeZone") or start["timeZone"]
    if zone != times.CUSTOM:
        times.zone(zone)
    return {
        "pattern": {
            "type": kind,
            "interval": pattern["interval"],
            "month": pattern.get("month") or 0,
            "dayOfMonth": pattern.get("dayOfMonth") or 0,
            **({"daysOfWeek": pattern["daysOfWeek"]} if pattern.get("daysOfWeek") else {}),
            "firstDayOfWeek": pattern.get("firstDayOfWeek") or "sunday",
            "index": pattern.get("index") or "first",
        },
        "range": {
            "type": ending,
            "startDate": bounds["startDate"],
            "endDate": bounds["endDate"] if ending == "endDate" else "0001-01-01",
            "recurrenceTimeZone": zone,
            "numberOfOccurrences": bounds["numberOfOccurrences"] if ending == "numbered" else 0,
        },
    }


def slots(fields: Mapping[str, Any], until: datetime) -> Iterator[Slot]:
    """The occurrences that start before `until`, in order, at most `MOST`."""
    start, end = fields["start"], fields["end"]
    all_day = bool(fields.get("isAllDay"))
    lasting = (
        times.clock(end["dateTime"]) - times.clock(start["dateTime"])
        if all_day
        else times.instant(end) - times.instant(start)
    )
    for wall in islice(_walls(fields["recurrence"], times.clock(start["dateTime"])), MOST):
        begin = {"dateTime": times.seven(wall), "timeZone": start["timeZone"]}
        moment = wall.replace(tzinfo=UTC) if all_day else times.instant(begin)
        if moment >= until:
            return
        if all_day:
            yield Slot(times.stamp(moment), begin, {**end, "dateTime": times.seven(wall + lasting)})
        else:
            yield Slot(times.stamp(moment), begin, times.shown(moment + lasting, end["timeZone"]))


def first(fields: Mapping[str, Any]) -> Slot | None:
    """Whose dates the master shows."""
    return next(slots(fields, datetime.max.replace(tzinfo=UTC) - times.DAY), None)


def slot(fields: Mapping[str, Any], key: str) -> Slot | None:
    """The occurrence with this original start, if the rule makes one."""
    around = datetime.fromisoformat(key) + times.DAY
    return next((each for each in slots(fields, around) if each.key == key), None)


def _walls(recurrence: Mapping[str, Any], start: datetime) -> Iterator[datetime]:
    pattern, bounds = recurrence["pattern"], recurrence["range"]
    given: dict[str, Any] = {
        "dtstart": start,
        "interval": pattern["interval"],
        "wkst": _DAYS[pattern["firstDayOfWeek"]],
    }
    if bounds["type"] == "numbered":
        given["count"] = bounds["numberOfOccurrences"]
    elif bounds["type"] == "endDate":
        given["until"] = datetime.combine(date.fromisoformat(bounds["endDate"]), start.time()) + timedelta(minutes=1)
    days = [_DAYS[each] for each in pattern.get("daysOfWeek", [])]
    kind = pattern["type"]
    if kind == "daily":
        return iter(rrule.rrule(rrule.DAILY, **given))
    if kind == "weekly":
        return iter(rrule.rrule(rrule.WEEKLY, byweekday=days, **given))
    frequency = rrule.MONTHLY if kind.endswith("Monthly") else rrule.YEARLY
    if frequency == rrule.YEARLY:
        given["bymonth"] = pattern["month"]
    if kind.startswith("relative"):
        given |= {"byweekday": days, "bysetpos": _POSITIONS[pattern["index"]]}
    else:
        # The 31st of a shorter month is its last day in Outlook, where iCalendar would skip the month.
        given |= {"bymonthday": list(range(min(28, pattern["dayOfMonth"]), pattern["dayOfMonth"] + 1)), "bysetpos": -1}
    return iter(rrule.rrule(frequency, **given))
