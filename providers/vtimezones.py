"""From the tz database to a VTIMEZONE (RFC 5545 §3.6.5) that mail programs can follow.

A calendar that is sent says itself what its zone names mean. Exchange takes one STANDARD and at most one DAYLIGHT
part, each with a yearly RRULE that has a BYDAY; it passes over RDATE, and refuses RDATE beside RRULE ([MS-OXCICAL]
§2.1.3.1.1.19). So two rules are written that are true of the years in question, and single onsets only where clocks
in those years follow no such rule.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = timedelta(days=1)
_LONG_AGO = 1970


@dataclass(frozen=True, slots=True)
class _Onset:
    """`wall` is what the clocks show right before they change (naive)."""

    wall: datetime
    before: timedelta
    after: timedelta


@dataclass(frozen=True, slots=True)
class _YearlyRule:
    """The `nth` weekday of a month, -1 for the last."""

    month: int
    weekday: int
    nth: int

    def day(self, year: int) -> date:
        start = 1 if self.nth > 0 else monthrange(year, self.month)[1] - 6
        week = date(year, self.month, start)
        return week + timedelta(days=(self.weekday - week.weekday()) % 7, weeks=max(self.nth - 1, 0))


def vtimezone(name: str, instants: Iterable[datetime]) -> Timezone:
    """The VTIMEZONE of an IANA zone, true of the years that hold `instants` (aware, at least one)."""
    zone = ZoneInfo(name)
    years = sorted({instant.astimezone(zone).year for instant in instants})
    component = Timezone()
    component.add("TZID", name)
    for part in _still(zone, years) or _yearly(zone, years) or _one_by_one(zone, years):
        component.add_component(part)
    return component


def _new_year(year: int) -> datetime:
    return datetime(year, 1, 1)  # noqa: DTZ001 - a clock reading


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


@lru_cache(maxsize=256)
def _onsets(zone: ZoneInfo, year: int) -> tuple[_Onset, ...]:
    """When clocks change in a year, by their own reading. What lasts less than a day is not seen."""
    first = datetime(year, 1, 1, tzinfo=UTC) - 2 * _DAY
    found = []
    for one, next_day in pairwise(first + n * _DAY for n in range(370)):
        before, after = _offset(zone, one), _offset(zone, next_day)
        if before == after:
            continue
        low, high = one, next_day
        while high - low > timedelta(seconds=1):
            middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
            low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
        found.append(_Onset((high + before).replace(tzinfo=None), before, after))
    return tuple(onset for onset in found if onset.wall.year == year)


def _part(onset: _Onset, rule: _YearlyRule | None = None) -> TimezoneStandard | TimezoneDaylight:
    """Daylight saving is what sets clocks forward, also where the law calls the winter special, as in Ireland."""
    part = TimezoneDaylight() if onset.after > onset.before else TimezoneStandard()
    part.add("DTSTART", onset.wall)
    part.add("TZOFFSETFROM", onset.before)
    part.add("TZOFFSETTO", onset.after)
    if rule is not None:
        day = f"{rule.nth}{_WEEKDAYS[rule.weekday]}"
        part.add("RRULE", vRecur({"FREQ": "YEARLY", "BYDAY": day, "BYMONTH": rule.month}))
    return part


def _still(zone: ZoneInfo, years: Sequence[int]) -> list[TimezoneStandard | TimezoneDaylight]:
    """One part, where clocks do not change; else none."""
    offsets = {_offset(zone, datetime(year, 7, 1, tzinfo=UTC)) for year in years}
    if len(offsets) > 1 or any(_onsets(zone, year) for year in years):
        return []
    (offset,) = offsets
    return [_part(_Onset(_new_year(min(_LONG_AGO, years[0] - 1)), offset, offset))]


def _yearly(zone: ZoneInfo, years: Sequence[int]) -> list[TimezoneStandard | TimezoneDaylight]:
    """Two parts with a rule each, where the clocks of these years follow one; else none.

    A rule that is true of the years around them as well is preferred: it is the one that the law has.
    """
    around = sorted({min(max(year + by, 2), 9998) for year in years for by in (-1, 0, 1)})  # as far as dates go
    for span in (around, years):
        yearly = [_onsets(zone, year) for year in span]
        if any(len(onsets) != 2 for onsets in yearly):
            continue
        forward = [onset for onsets in yearly for onset in onsets if onset.after > onset.before]
        back = [onset for onsets in yearly for onset in onsets if onset.after < onset.before]
        spring, autumn = _rule(forward), _rule(back)
        both = {(onset.after, onset.before) for onset in forward} | {(onset.before, onset.after) for onset in back}
        if len(both) == 1 and spring is not None and autumn is not None:
            return [_recurring(forward[0], spring, years[0]), _recurring(back[0], autumn, years[0])]
    return []


def _recurring(onset: _Onset, rule: _YearlyRule, year: int) -> TimezoneStandard | TimezoneDaylight:
    """From the year before, whose last onset is in force as `year` begins."""
    wall = datetime.combine(rule.day(year - 1), onset.wall.time())
    return _part(_Onset(wall, onset.before, onset.after), rule)


def _rule(onsets: Sequence[_Onset]) -> _YearlyRule | None:
    """What these onsets, one a year, have in common."""
    if not onsets or len({(onset.wall.month, onset.wall.weekday(), onset.wall.time()) for onset in onsets}) > 1:
        return None
    wall = onsets[0].wall
    for nth in (-1, (wall.day - 1) // 7 + 1):
        rule = _YearlyRule(wall.month, wall.weekday(), nth)
        if all(rule.day(onset.wall.year) == onset.wall.date() for onset in onsets):
            return rule
    return None


def _one_by_one(zone: ZoneInfo, years: Sequence[int]) -> list[TimezoneStandard | TimezoneDaylight]:
    """Each year as it begins, and each change in it."""
    parts = []
    for year in years:
        onsets = _onsets(zone, year)
        begin = onsets[0].before if onsets else _offset(zone, datetime(year, 7, 1, tzinfo=UTC))
        parts.append(_part(_Onset(_new_year(year) - _DAY, begin, begin)))
        parts += [_part(onset) for onset in onsets]
    return parts
