"""From the names that calendars give to zones, and the zones some of them define, to instants.

A zone is looked for in the tz database first, also behind Windows names and vendors' prefixes, then among
the VTIMEZONEs of the same object (RFC 5545 §3.6.5). What is found nowhere stays UNKNOWN: no guess is made.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import rrulestr
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from agendad.providers.icslines import Component
from agendad.providers.model import EventTime, Irregularity, ZoneKind

_UTC_NAMES = frozenset(
    {
        "utc", "z", "gmt", "zulu", "uct", "universal", "greenwich", "etc/utc", "etc/gmt", "etc/zulu", "etc/uct",
        "etc/universal", "etc/greenwich", "gmt0", "gmt+0", "gmt-0", "etc/gmt0", "etc/gmt+0", "etc/gmt-0",
        "coordinated universal time", "tzone://microsoft/utc",
    }
)  # fmt: skip
_NO_ZONES = frozenset({"factory", "localtime", "posixrules"})
_FIXED = re.compile(r"(?:UTC|GMT)\s*([+-])(\d{2}):?(\d{2})", re.IGNORECASE)
_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?")
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_MAX_ONSETS = 2000


@dataclass(frozen=True, slots=True)
class Zone:
    """How to read wall clocks. `tz` is None where they give no instant; `name` is the IANA name."""

    kind: ZoneKind
    tz: tzinfo | None = None
    name: str | None = None
    tzid: str | None = None


UTC_ZONE = Zone(ZoneKind.UTC, UTC, "UTC")
FLOATING = Zone(ZoneKind.FLOATING)
DATE = Zone(ZoneKind.DATE)


class VTimezone(tzinfo):
    """A zone known from a VTIMEZONE only. Its onsets are worked out once, up to the year 2100."""

    def __init__(self, name: str, onsets: list[tuple[datetime, timedelta]], before: timedelta) -> None:
        self._name = name
        self._instants = [instant for instant, _ in onsets]
        self._offsets = [before, *(offset for _, offset in onsets)]

    def _offset_at(self, utc: datetime) -> timedelta:
        return self._offsets[bisect_right(self._instants, utc)]

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """As PEP 495 has it: in a gap or an overlap fold=0 means the offset before."""
        if dt is None:
            return None
        wall = dt.replace(tzinfo=None, fold=0)
        around = {self._offset_at(wall - timedelta(days=1)), self._offset_at(wall + timedelta(days=1))}
        fitting = [offset for offset in around if self._offset_at(wall - offset) == offset]
        if not fitting:  # a gap: the offset before it, or after it
            return self._offset_at(wall + timedelta(days=1 if dt.fold else -1))
        return min(fitting) if dt.fold else max(fitting)

    def dst(self, dt: datetime | None) -> timedelta | None:  # noqa: ARG002, the interface is tzinfo's
        return None

    def tzname(self, dt: datetime | None) -> str:  # noqa: ARG002
        return self._name

    def fromutc(self, dt: datetime) -> datetime:
        utc = dt.replace(tzinfo=None)
        offset = self._offset_at(utc)
        wall = utc + offset
        again = self.utcoffset(wall.replace(tzinfo=self)) != offset
        return wall.replace(tzinfo=self, fold=int(again))


def read_timezone(component: Component) -> VTimezone | None:
    """The zone a VTIMEZONE defines; None if that cannot be made out (RFC 5545 §3.6.5)."""
    name = component.first("TZID")
    onsets: list[tuple[datetime, timedelta, timedelta]] = []
    try:
        for rule in component.children:
            onsets.extend(_onsets(rule))
    except (ValueError, TypeError, OverflowError, ArithmeticError, LookupError, AttributeError):
        return None  # dateutil checks few of the values it is given
    if name is None or not onsets:
        return None
    onsets.sort(key=lambda onset: onset[0])
    return VTimezone(name.value, [(instant, offset) for instant, offset, _ in onsets], onsets[0][2])


def _onsets(rule: Component) -> list[tuple[datetime, timedelta, timedelta]]:
    """(UTC reading of the onset, offset from then on, offset before)."""
    start, before, after = (rule.first(name) for name in ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO"))
    if start is None or before is None or after is None:
        raise ValueError("a zone rule needs DTSTART, TZOFFSETFROM and TZOFFSETTO")
    offset_before, offset_after = _read_offset(before.value), _read_offset(after.value)
    walls = {_read_wall(start.value)}
    for dates in rule.all("RDATE"):
        walls.update(_read_wall(text) for text in dates.value.split(",")[:_MAX_ONSETS])
    first = _read_wall(start.value)
    for recurrence in rule.all("RRULE"):
        text = recurrence.value.upper()
        if "FREQ=YEARLY" not in text or any(part in text for part in ("BYHOUR", "BYMINUTE", "BYSECOND")):
            raise ValueError("a zone changes at most a few times a year")
        text, until = _without_until(text)
        # Microsoft starts its rules in 1601; the years before 1970 are passed over.
        begin = first.replace(year=max(first.year, _FIRST_YEAR - 1), day=min(first.day, 28))
        begin = begin if first.year < _FIRST_YEAR - 1 else first
        if first.day > 28 and begin is not first and "BYDAY" not in text and "BYMONTHDAY" not in text:
            raise ValueError("a yearly onset on that day is not read")
        wall = None
        for wall in rrulestr(text, dtstart=begin):
            instant = wall - offset_before
            if wall.year > _LAST_YEAR or len(walls) > _MAX_ONSETS or (until is not None and instant > until):
                break
            walls.add(wall)
        if wall is None:  # and it took looking at every year until 9999 to know
            raise ValueError("the rule of a zone names no time at all")
    return [(wall - offset_before, offset_after, offset_before) for wall in walls]


def _without_until(rule: str) -> tuple[str, datetime | None]:
    parts = [part for part in rule.strip(";").split(";") if not part.startswith("X-")]
    until = next((part[6:] for part in parts if part.startswith("UNTIL=")), None)
    rest = ";".join(part for part in parts if not part.startswith("UNTIL="))
    return rest, None if until is None else _read_wall(until) + timedelta(0 if "T" in until else 1)


def _read_wall(text: str) -> datetime:
    digits = re.sub(r"[^0-9]", "", text)
    return datetime.strptime(digits.ljust(14, "0")[:14], "%Y%m%d%H%M%S")  # noqa: DTZ007, a wall clock


def _read_offset(text: str) -> timedelta:
    match = _OFFSET.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no UTC offset")
    value = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    if value >= timedelta(hours=24):
        raise ValueError(f"{text!r} is no UTC offset")
    return -value if match[1] == "-" else value


@cache
def _iana_names() -> Mapping[str, str]:
    return {name.casefold(): name for name in available_timezones() if name.casefold() not in _NO_ZONES}


@cache
def _windows_names() -> Mapping[str, str]:
    return {name.casefold(): olson for name, olson in WINDOWS_TO_OLSON.items()}


@lru_cache(maxsize=1024)
def find_iana(tzid: str) -> str | None:
    """The tz database's name for what a calendar calls `tzid`, if that is certain.

    >>> find_iana("Eastern Standard Time"), find_iana("/mozilla.org/20050126_1/Europe/Berlin")
    ('America/New_York', 'Europe/Berlin')
    """
    name = tzid.strip().strip('"').casefold()
    bare = name.strip("/")
    found = _iana_names().get(bare) or _windows_names().get(bare)
    if found or "/" not in bare:
        return found
    parts = bare.split("/")
    # Evolution, Mozilla and libical put their own prefix before the name (RFC 5545 §3.2.19).
    if name.startswith("/") or parts[0] in ("posix", "right", "tzfile"):
        for start in range(1, len(parts) - 1):
            if (found := _iana_names().get("/".join(parts[start:]))) is not None:
                return found
    return None


def resolve(tzid: str, known: Mapping[str, VTimezone]) -> Zone:
    """The zone named `tzid`; `known` holds the object's own VTIMEZONEs."""
    name = tzid.strip().strip('"')
    if name.strip("/").casefold() in _UTC_NAMES:
        return Zone(ZoneKind.UTC, UTC, "UTC", tzid)
    if (iana := find_iana(name)) is not None:
        return Zone(ZoneKind.UTC, UTC, "UTC", tzid) if iana.casefold() in _UTC_NAMES else _iana_zone(iana, tzid)
    if (custom := known.get(name)) is not None:
        return Zone(ZoneKind.CUSTOM, custom, None, tzid)
    if (fixed := _FIXED.fullmatch(name)) is not None:
        return fixed_offset(f"{fixed[1]}{fixed[2]}{fixed[3]}", tzid)
    return Zone(ZoneKind.UNKNOWN, None, None, tzid)


def fixed_offset(offset: str, tzid: str | None = None) -> Zone:
    """A zone of kind UTC from an offset like "+0200".

    Raises:
        ValueError: it is none.
    """
    return Zone(ZoneKind.UTC, timezone(_read_offset(offset)), None, tzid)


def _iana_zone(name: str, tzid: str) -> Zone:
    return Zone(ZoneKind.IANA, ZoneInfo(name), name, tzid)


def at_wall(wall: datetime, zone: Zone) -> EventTime:
    """The time a clock in `zone` shows `wall` (naive). Gaps and overlaps: RFC 5545 §3.3.5.

    Raises:
        OverflowError: beyond the years that have instants.
    """
    if zone.tz is None:
        return EventTime(wall=wall, kind=zone.kind, tzid=zone.tzid)
    if zone.tz is UTC:
        instant = wall.replace(tzinfo=UTC)
        return EventTime(wall=wall, kind=zone.kind, instant=instant, zone=zone.name, tzid=zone.tzid)
    first, second = wall.replace(tzinfo=zone.tz), wall.replace(tzinfo=zone.tz, fold=1)
    irregularity = None
    one, other = first.utcoffset(), second.utcoffset()
    if one != other and one is not None and other is not None:
        irregularity = Irregularity.OVERLAP if one > other else Irregularity.GAP
    return EventTime(
        wall=wall, kind=zone.kind, instant=first.astimezone(UTC), zone=zone.name, tzid=zone.tzid,
        irregularity=irregularity,
    )  # fmt: skip


def at_instant(instant: datetime, zone: Zone) -> EventTime:
    """What clocks in `zone` show at `instant` (aware UTC); the zone has instants."""
    wall = instant.astimezone(zone.tz).replace(tzinfo=None, fold=0)
    return EventTime(wall=wall, kind=zone.kind, instant=instant, zone=zone.name, tzid=zone.tzid)


def wall_in(time: EventTime, zone: Zone) -> datetime:
    """`time` as a clock in `zone` shows it; the reading as written where one of them has no instant."""
    if zone.tz is None or time.instant is None:
        return time.wall
    return time.instant.astimezone(zone.tz).replace(tzinfo=None, fold=0)


def as_utc(time: EventTime) -> datetime:
    """The instant, or the wall clock read as UTC where there is none: up to 14 hours off."""
    return time.instant if time.instant is not None else time.wall.replace(tzinfo=UTC)
