"""Other times for a session: the mutual ones nearest to the time that does not suit."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from agendad.rules.base import Session
from agendad.rules.hours import Fit, fit
from agendad.rules.policy import Mentorship, Person

_GRID = timedelta(minutes=30)
_NOTICE = timedelta(hours=24)
_REACH = timedelta(days=14)
_BUFFER = timedelta(minutes=15)

Slot = tuple[datetime, datetime]
"""(start, end) in aware UTC."""


def proposed_slots(
    session: Session,
    mentorship: Mentorship,
    *,
    busy: Sequence[Slot],
    now: datetime,
    before: datetime | None = None,
    count: int = 3,
) -> tuple[Slot, ...]:
    """Up to `count` times, the best first, each on a day of its own where there are enough days.

    A slot is as long as the session, inside both people's working hours and days, on the half hour, free in the
    user's own calendar with a quarter of an hour around it, at least a day ahead and at most two weeks after the
    present start. Nearer days come first, and on a day the hour nearest to the usual one, read on the clock that
    the user lives by then. None where an hour is not known, or where the two never share one.

    Args:
        session: the occurrence.
        mentorship: whose hours count.
        busy: when the user is taken, aware UTC, the occurrence itself left out.
        now: aware UTC.
        before: the slot ends by then (aware UTC): the next occurrence of the series.
        count: how many.
    """
    start, end = session.event.start.instant, session.event.end.instant
    people = (mentorship.mentor, mentorship.mentee)
    if start is None or end is None or end <= start:
        return ()

    def local_start(slot: Slot) -> datetime:
        return slot[0].astimezone(session.me.zone_at(slot[0]) or UTC)

    def distance(slot: Slot) -> tuple[timedelta, timedelta, datetime]:
        local = local_start(slot)
        usual = start.astimezone(local.tzinfo)
        of_day = timedelta(hours=local.hour - usual.hour, minutes=local.minute - usual.minute)
        return abs(local.date() - usual.date()), abs(of_day), slot[0]

    latest = min(start + _REACH, before) if before is not None else start + _REACH
    candidates = _candidates(max(now + _NOTICE, start - _REACH), latest, end - start)
    suits = [slot for slot in candidates if slot[0] != start and _suits(slot, people, busy)]
    suits.sort(key=distance)
    return _spread(suits, count, lambda slot: local_start(slot).date())


def _candidates(first: datetime, latest: datetime, length: timedelta) -> Iterator[Slot]:
    """Every half hour of the clock, which all zones in use share but for quarters."""
    at = first.replace(minute=0, second=0, microsecond=0)
    while at + length <= latest:
        if at >= first:
            yield at, at + length
        at += _GRID


def _suits(slot: Slot, people: Sequence[Person], busy: Sequence[Slot]) -> bool:
    start, end = slot
    if any(start - _BUFFER < taken_end and taken_start < end + _BUFFER for taken_start, taken_end in busy):
        return False
    return all(
        (local := fit(person, start, end)) is not None and local.fit is Fit.INSIDE and not _ambiguous(local.start)
        for person in people
    )


def _ambiguous(local: datetime) -> bool:
    """A clock reading that comes twice: two people would understand it differently."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _spread(slots: Sequence[Slot], count: int, day_of: Callable[[Slot], date]) -> tuple[Slot, ...]:
    """The best of each day, then the next best of all."""
    chosen: list[Slot] = []
    days: set[date] = set()
    for slot in slots:
        if len(chosen) < count and day_of(slot) not in days:
            chosen.append(slot)
            days.add(day_of(slot))
    for slot in slots:
        if len(chosen) < count and slot not in chosen:
            chosen.append(slot)
    return tuple(chosen)
