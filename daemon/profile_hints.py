"""What a vendor knows of the user and the configuration says otherwise. Hints only: the configuration counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agendad.providers.profile import Profile
from agendad.rules.policy import Person, Weekday, WorkingHours
from agendad.rules.units import format_clock

_Span = tuple[int, int]
_MONTHS = [timedelta(days=30 * month) for month in range(12)]


def hints(profile: Profile, me: Person, now: datetime) -> list[str]:
    """One sentence for each difference. `now`: aware."""
    found: list[str] = []
    if profile.address is not None and not any(map(me.has, (profile.address, *profile.others))):
        found.append(
            f"{profile.address} is none of your addresses (me.emails): sessions to which it is invited are not seen as"
            " yours. Add it there, or sign in as somebody else."
        )
    here = me.zone_at(now)
    own = (me.timezone, here and here.key)  # a calendar may stay at home or travel along
    if profile.zone and me.timezone and not any(zone and _same_clocks(profile.zone, zone, now) for zone in own):
        found.append(f"The calendar's time zone is {profile.zone}, and the configuration says {me.timezone}.")
    if profile.hours is not None and dict(profile.hours) != _configured(me.working_hours):
        found.append(
            f"Working hours in {profile.place} are {_in_words(profile.hours)}, and the configuration says"
            f" {_in_words(_configured(me.working_hours))} (me.working_hours)."
        )
    return [*found, *profile.remarks]


def _same_clocks(one: str, other: str, now: datetime) -> bool:
    """Whether two zones show the same time all through the coming year: Asia/Calcutta and Asia/Kolkata do."""
    try:
        zones = ZoneInfo(one), ZoneInfo(other)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return all(len({(now + later).astimezone(zone).utcoffset() for zone in zones}) == 1 for later in _MONTHS)


def _configured(hours: WorkingHours) -> dict[str, tuple[_Span, ...]]:
    return {day.value: ((hours.start, hours.end),) for day in Weekday if day in hours.days}


def _in_words(hours: Mapping[str, Sequence[_Span]]) -> str:
    """Days with the same hours together.

    >>> _in_words({"mon": [(540, 1020)], "tue": [(540, 1020)], "wed": [(540, 720), (780, 1020)]})
    'mon–tue 09:00–17:00, wed 09:00–12:00 and 13:00–17:00'
    """
    days = [(day.value, tuple(hours.get(day.value, ()))) for day in Weekday]
    parts: list[str] = []
    for spans, same in groupby(days, key=lambda day: day[1]):
        names = [name for name, _ in same]
        if spans:
            which = names[0] if len(names) == 1 else f"{names[0]}–{names[-1]}"
            times = " and ".join(f"{format_clock(start)}–{format_clock(end)}" for start, end in spans)
            parts.append(f"{which} {times}")
    return ", ".join(parts) or "none"
