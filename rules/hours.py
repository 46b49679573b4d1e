"""When a person can be asked to meet: their working hours, in their own zone, on their own days.

While a person is away the other zone is theirs, and so is its calendar of working days: the same hours and days
of the week, read on the clock there. Home's public holidays make no day non-working then.

shift
    The working hours of one day. A shift that wraps past midnight belongs to the day it starts on.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

import holidays

from agendad.rules.policy import Person, Weekday, WorkingHours

_DAY = timedelta(days=1)
_WEEKDAYS = list(Weekday)
_DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Fit(StrEnum):
    """How a session sits in a person's week."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    NON_WORKING_DAY = "non-working-day"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFit:
    """A session as one person lives it. `start` and `end` are aware, in the zone where the person is."""

    fit: Fit
    start: datetime
    end: datetime
    holiday: str = ""
    """The public holiday's name, where it is one that makes the day non-working."""
    away: bool = False
    """The zone is not home's."""


def fit(person: Person, start: datetime, end: datetime) -> LocalFit | None:
    """Judge a session, aware `start` to `end`, for one person; None if the person's zone is not known.

    Where the person is at its start they are for all of it. The first moment that no shift covers decides: on a
    day off the session is on a non-working day, otherwise it is outside the working hours.
    """
    zone = person.zone_at(start)
    if zone is None:
        return None
    away = person.away_at(start) is not None
    regions = () if away else person.holidays
    local_start, local_end = start.astimezone(zone), end.astimezone(zone)
    uncovered, covered = start.astimezone(UTC), False
    day, last = local_start.date() - _DAY, local_end.date()
    while day <= last:
        if _day_off(person.working_hours, regions, day) is None:
            opens, closes = _shift(person.working_hours, day, zone)
            if opens > uncovered:
                break
            if uncovered <= closes:
                uncovered, covered = closes, True
        day += _DAY
    if covered and uncovered >= end:
        return LocalFit(fit=Fit.INSIDE, start=local_start, end=local_end, away=away)
    day = _day_of_work(person.working_hours, uncovered.astimezone(zone))
    reason = _day_off(person.working_hours, regions, day)
    if reason is None:
        return LocalFit(fit=Fit.OUTSIDE, start=local_start, end=local_end, away=away)
    return LocalFit(fit=Fit.NON_WORKING_DAY, start=local_start, end=local_end, holiday=reason, away=away)


def hours_ever_overlap(one: Person, other: Person, on: date, duration: timedelta) -> bool:
    """Whether the two share working time of at least `duration` on some day within half a week of `on`.

    Offsets differ by date, so the answer does. Holidays and travel do not count: they pass. True if a zone is
    not known.
    """
    zone, other_zone = one.zone, other.zone
    if zone is None or other_zone is None:
        return True
    theirs = list(_open_times(other.working_hours, on, other_zone))
    return any(
        min(closes, their_closes) - max(opens, their_opens) >= max(duration, timedelta(minutes=1))
        for opens, closes in _open_times(one.working_hours, on, zone)
        for their_opens, their_closes in theirs
    )


def known_region(code: str) -> bool:
    """Whether the `holidays` library has public holidays for this country or subdivision.

    >>> [known_region(code) for code in ("US", "DE-BY", "GB-ENG", "DE-XX", "Atlantis", "")]
    [True, True, True, False, False, False]
    """
    country, dash, subdivision = code.partition("-")
    supported = _countries().get(country)
    return supported is not None and (not dash or subdivision in supported)


def suggest_regions(code: str) -> tuple[str, ...]:
    """Up to three known regions that are spelled most like an unknown one, best first.

    >>> suggest_regions("gb-eng")
    ('GB-ENG',)
    """
    wanted = code.strip().upper().replace("_", "-")
    if known_region(wanted):
        return (wanted,)
    country = wanted.partition("-")[0]
    known = list(_countries())
    if country in _countries():
        known = [country, *(f"{country}-{subdivision}" for subdivision in _countries()[country])]
    return tuple(get_close_matches(wanted, known, n=3, cutoff=0.3))


def say_zone(zone: ZoneInfo) -> str:
    """A zone as people say it: London for Europe/London."""
    return zone.key.rpartition("/")[2].replace("_", " ")


def say_day(local: date) -> str:
    """A day in few words: Tue 1 Dec."""
    return f"{_DAY_NAMES[local.weekday()]} {local.day} {_MONTH_NAMES[local.month - 1]}"


def say_times(start: datetime, end: datetime) -> str:
    """The clock times of a session on its day, with the day where it ends on another: 22:00–22:30."""
    day = "" if start.date() == end.date() else f" {say_day(end)}"
    return f"{start:%H:%M}–{end:%H:%M}{day}"


def say_place(local: datetime, *, away: bool = False) -> str:
    """Where a clock reading holds: London (GMT), Tokyo (JST) while away. A zone without a name shows the offset."""
    zone = local.tzinfo
    place = say_zone(zone) if isinstance(zone, ZoneInfo) else "UTC"
    name = local.tzname() or ""
    named = place if name == place else f"{place} ({f'UTC{name}' if name[:1] in '+-' else name})"
    return f"{named} while away" if away else named


def say_moment(person: Person, instant: datetime) -> str:
    """An aware instant on a person's clock, UTC where none is known: Sun 29 Nov 03:00 in New York (EST)."""
    local = instant.astimezone(person.zone_at(instant) or UTC)
    return f"{say_day(local)} {local:%H:%M} in {say_place(local, away=person.away_at(instant) is not None)}"


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, list[str]]:
    return holidays.list_supported_countries()


@lru_cache(maxsize=512)
def _holiday_table(region: str, year: int) -> Mapping[date, str]:
    """Public holidays of one year; empty for an unknown region, which the configuration's check refuses."""
    if not known_region(region):
        return MappingProxyType({})
    country, _, subdivision = region.partition("-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of years that it knows in part
        table = holidays.country_holidays(country, subdiv=subdivision or None, years=year, expand=False)
    return MappingProxyType(dict(table.items()))


def _day_off(hours: WorkingHours, regions: Sequence[str], day: date) -> str | None:
    """Why `day` is off: a holiday's name, "" for a day that is not among the working days; None if it is not."""
    if _WEEKDAYS[day.weekday()] not in hours.days:
        return ""
    for region in regions:
        name = _holiday_table(region, day.year).get(day)
        if name is not None:
            return name
    return None


def _shift(hours: WorkingHours, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Aware UTC. A bound that the clock shows twice is taken so that the shift is longest."""
    return _bounds(hours.start, hours.end if hours.end > hours.start else hours.end + 1440, day, zone)


@lru_cache(maxsize=4096)
def _bounds(start: int, end: int, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    opens, closes = _at(day, start, zone), _at(day, end, zone)
    return opens.astimezone(UTC), max(closes.astimezone(UTC), closes.replace(fold=1).astimezone(UTC))


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    days, minutes = divmod(minutes, 1440)
    return datetime.combine(day + timedelta(days=days), time(*divmod(minutes, 60)), tzinfo=zone)


def _day_of_work(hours: WorkingHours, local: datetime) -> date:
    """The day whose shift a moment falls to: after midnight in a night's hours it is the day before."""
    wraps = hours.end < hours.start and local.hour * 60 + local.minute < hours.end
    return local.date() - _DAY if wraps else local.date()


def _open_times(hours: WorkingHours, on: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Working time around a date, shifts that touch joined to one."""
    current: tuple[datetime, datetime] | None = None
    for offset in range(-4, 5):
        day = on + timedelta(days=offset)
        if _WEEKDAYS[day.weekday()] not in hours.days:
            continue
        opens, closes = _shift(hours, day, zone)
        if current is not None and opens <= current[1]:
            current = (current[0], closes)
            continue
        if current is not None:
            yield current
        current = (opens, closes)
    if current is not None:
        yield current
