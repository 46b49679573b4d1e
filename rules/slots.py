"""Other times for a session: the mutual ones nearest to the time that does not suit, and fair to both over time.

failing hour
    An hour of the week, on the user's clock, at which two or more sessions of the pair were moved, cancelled or
    declined.
odd slot
    One outside somebody's working hours, though on a working day of both and between 07:00 and 22:00 on each clock.
    Only people whose hours never meet are shown any, and only when they ask.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from agendad.rules.base import Session
from agendad.rules.hours import Fit, LocalFit, fit, hours_ever_overlap, say_day
from agendad.rules.policy import Mentorship, Person
from agendad.rules.strain import Balance, Slot, balance, begins_early, strain

__all__ = ["INSIDE", "Slot", "never_meet", "proposed_slots", "still_suits", "why_this"]

INSIDE = "inside both days"
"""How the reason for a slot begins that is inside both people's working hours."""
_GRID = timedelta(minutes=30)
_NOTICE = timedelta(hours=24)
_NOTICE_LEFT = timedelta(hours=12)
"""What must be left of the notice when a meeting is really moved: a yes may have taken its time."""
_REACH = timedelta(days=14)
_BUFFER = timedelta(minutes=15)
_FAILURES = 2
_WAKES, _RETIRES = time(7), time(22)


def proposed_slots(
    session: Session,
    mentorship: Mentorship,
    *,
    busy: Sequence[Slot],
    now: datetime,
    other_busy: Sequence[Slot] = (),
    after: datetime | None = None,
    before: datetime | None = None,
    failed: Sequence[datetime] = (),
    held: Sequence[Slot] = (),
    odd: bool = False,
    count: int = 3,
) -> tuple[Slot, ...]:
    """Up to `count` times, the best first, each on a day of its own where there are enough days.

    A slot is as long as the session, inside both people's working hours and days, at no clock time that comes twice,
    on the half hour, free in both calendars with a quarter of an hour around it, at least a day ahead and at most two
    weeks from the present start. None where an hour is not known, or where the two never share one.

    What makes a slot better, the first difference decides:

    1. It is at no failing hour.
    2. With it, neither has borne hours more strain than the other, see `agendad.rules.strain`.
    3. It is on a nearer day.
    4. It is kinder to who has borne more, then to the other; while it is even, this does not count.
    5. It is nearer to the usual hour, on the clock that the user lives by then.

    Args:
        session: the occurrence.
        mentorship: whose hours count.
        busy: when the user is taken, aware UTC, the occurrence itself left out.
        now: aware UTC.
        other_busy: when the other person is taken, as far as that can be seen.
        after: the slot starts no sooner (aware UTC): the end of the occurrence before it in the series.
        before: the slot ends by then (aware UTC): the next occurrence of the series.
        failed: starts of sessions of the pair that were moved, cancelled or declined.
        held: the pair's sessions that took place.
        odd: odd slots will do.
        count: how many.
    """
    start, end = session.event.start.instant, session.event.end.instant
    if start is None or end is None or end <= start:
        return ()
    earliest = max(now + _NOTICE, start - _REACH, after or start - _REACH)
    latest = min(start + _REACH, before or start + _REACH)
    people, taken = (mentorship.mentor, mentorship.mentee), (*busy, *other_busy)
    suits = [
        slot
        for slot in _candidates(earliest, latest, end - start)
        if slot[0] != start and _suits(slot, people, taken, odd=odd)
    ]
    past = _Past(session, mentorship, failed, held)
    suits.sort(key=lambda slot: past.rank(slot, start))
    well = _spread([slot for slot in suits if not past.fails(slot)], count, past.day_of)
    return well + _spread([slot for slot in suits if past.fails(slot)], count - len(well), past.day_of)


def still_suits(slot: Slot, mentorship: Mentorship, *, taken: Sequence[Slot], now: datetime) -> bool:
    """Whether a time that was chosen a while ago can still be taken: inside both days, free, half a day ahead.

    Args:
        slot: the time.
        mentorship: whose hours count.
        taken: when the two are taken, aware UTC, the occurrence itself left out.
        now: aware UTC.
    """
    people = (mentorship.mentor, mentorship.mentee)
    return slot[0] >= now + _NOTICE_LEFT and _suits(slot, people, taken, odd=False)


def never_meet(session: Session, mentorship: Mentorship) -> bool:
    """Whether the two have no working time in common that would hold the session."""
    start, end = session.event.start.instant, session.event.end.instant
    if start is None or end is None:
        return False
    return not hours_ever_overlap(mentorship.mentor, mentorship.mentee, start.date(), end - start)


def why_this(
    slot: Slot, session: Session, mentorship: Mentorship, *, failed: Sequence[datetime] = (), held: Sequence[Slot] = ()
) -> str:
    """Why a slot is among those proposed, in a line: inside both days; Ada had the late hour last time.

    The arguments are those of `proposed_slots`.
    """
    past = _Past(session, mentorship, failed, held)
    fits = [("your", fit(past.me, *slot)), (f"{past.other.name}'s", fit(past.other, *slot))]
    outside = [whose for whose, local in fits if local is None or local.fit is not Fit.INSIDE]
    said = [f"outside {' and '.join(outside)} hours" if outside else INSIDE]
    said += filter(None, (past.whose_turn(slot), past.failure(slot)))
    return "; ".join(said)


@dataclass(frozen=True)
class _Past:
    """What has been between the two, and what it says about a slot."""

    session: Session
    mentorship: Mentorship
    failed: Sequence[datetime]
    held: Sequence[Slot]

    @property
    def me(self) -> Person:
        return self.mentorship.person(self.mentorship.my_role)

    @property
    def other(self) -> Person:
        return self.mentorship.other

    @cached_property
    def balance(self) -> Balance:
        return balance(self.me, self.other, self.held)

    @cached_property
    def failures(self) -> Mapping[tuple[int, int], int]:
        """(weekday, hour) on the user's clock → how many sessions failed then."""
        return Counter(map(self._hour_of, self.failed))

    def fails(self, slot: Slot) -> bool:
        return self.failures[self._hour_of(slot[0])] >= _FAILURES

    def rank(self, slot: Slot, start: datetime) -> tuple[int, timedelta, tuple[int, int], timedelta, datetime]:
        """Smaller is better, for a session that is at `start` now."""
        local = self._local(slot[0])
        usual = start.astimezone(local.tzinfo)
        of_day = timedelta(hours=local.hour - usual.hour, minutes=local.minute - usual.minute)
        borne = strain(self.me, slot), strain(self.other, slot)
        days = abs(local.date() - usual.date())
        return self.balance.beyond(*borne), days, self.balance.burden(*borne), abs(of_day), slot[0]

    def day_of(self, slot: Slot) -> date:
        return self._local(slot[0]).date()

    def whose_turn(self, slot: Slot) -> str:
        """Who has borne more so far, or who would now; "" where it is even."""
        mine, theirs = strain(self.me, slot), strain(self.other, slot)
        if self.balance.lead == 0:
            whose = "you have" if mine > theirs else f"{self.other.name} has"
            return f"{whose} the less friendly hour" if mine != theirs else ""
        i_did = self.balance.lead > 0
        person, name, now = (self.me, "you", mine) if i_did else (self.other, self.other.name, theirs)
        last = self.balance.last[0 if i_did else 1]
        side = "early" if begins_early(person, max(self.held)) else "late"
        told = f"{name} had the {side} hour last time" if last else f"{name} had more of the odd hours so far"
        return f"{told}, and nothing kinder is free then" if now else told

    def failure(self, slot: Slot) -> str:
        local = self._local(slot[0])
        failures = self.failures[self._hour_of(slot[0])]
        return f"{failures} sessions failed on {say_day(local)[:3]} at {local:%H}h before" if self.fails(slot) else ""

    def _hour_of(self, instant: datetime) -> tuple[int, int]:
        local = self._local(instant)
        return local.weekday(), local.hour

    def _local(self, instant: datetime) -> datetime:
        """On the clock that the user lives by then."""
        return instant.astimezone(self.session.me.zone_at(instant) or UTC)


def _candidates(first: datetime, latest: datetime, length: timedelta) -> Iterator[Slot]:
    """Every half hour of the clock, which all zones in use share but for quarters."""
    at = first.replace(minute=0, second=0, microsecond=0)
    while at + length <= latest:
        if at >= first:
            yield at, at + length
        at += _GRID


def _suits(slot: Slot, people: Sequence[Person], taken: Sequence[Slot], *, odd: bool) -> bool:
    start, end = slot
    if any(start - _BUFFER < taken_end and taken_start < end + _BUFFER for taken_start, taken_end in taken):
        return False
    return all(
        (local := fit(person, start, end)) is not None
        and (local.fit is Fit.INSIDE or (odd and _decent(local)))
        and not _ambiguous(local.start)
        and not _ambiguous(local.end)
        for person in people
    )


def _decent(local: LocalFit) -> bool:
    """Outside the working hours, and yet no time of the night or of a day off."""
    same_day = local.start.date() == local.end.date()
    return local.fit is Fit.OUTSIDE and same_day and local.start.time() >= _WAKES and local.end.time() <= _RETIRES


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
