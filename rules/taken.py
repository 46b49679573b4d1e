"""When the two people of a session are taken by something else."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from agendad.providers.model import Event, Partstat, Sensitivity, Status, Transparency
from agendad.rules.base import Taken
from agendad.rules.detect import detect
from agendad.rules.optout import opted_out
from agendad.rules.policy import Person, Policy
from agendad.rules.text.untrusted import MAX_TITLE, one_line

Slot = tuple[datetime, datetime]
"""(start, end) in aware UTC."""

_TITLE = 80
_LONGEST = timedelta(days=7)
_MOST = 100
"""Events at the same time that are looked at: who is asked to so much at once is double-booked all the same."""


class Timetable:
    """Events, to be asked which are at a time."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._by_day: dict[date, list[Event]] = {}
        for event in events:
            start, end = event.start.instant, event.end.instant
            if start is not None and end is not None:
                for day in _days(start, min(end, start + _LONGEST)):
                    self._by_day.setdefault(day, []).append(event)

    def beside(self, event: Event) -> Iterator[Event]:
        """Those of other UIDs that may overlap this one; what lasts longer than a week counts as a week."""
        start, end = event.start.instant, event.end.instant
        if start is not None and end is not None:
            seen: set[int] = set()
            for one in (one for day in _days(start, end) for one in self._by_day.get(day, ())):
                if one.uid != event.uid and id(one) not in seen:
                    seen.add(id(one))
                    yield one


def _days(start: datetime, end: datetime) -> Iterator[date]:
    """The days (UTC) that a time touches."""
    day = start.astimezone(UTC).date()
    while day <= end.astimezone(UTC).date():
        yield day
        day += timedelta(days=1)


def taken_times(
    session: Event,
    events: Iterable[Event],
    me: Person,
    *,
    moves: Callable[[Sequence[Event]], bool] = lambda _copies: False,
) -> tuple[Taken, ...]:
    """What of `events` takes the user's time during `session`, by start.

    All-day entries and what is shown as free take none, nor what the user declined or is not invited to. The same
    meeting under another UID, as it comes through a second system, is no other meeting. `moves` tells of the copies of
    another event whether it is a session that is to be moved rather than this one.
    """
    found: dict[tuple[str, str], list[tuple[Event, Taken]]] = {}
    for event, taken in _taken(session, events, me):
        found.setdefault(event.key, []).append((event, taken))
    once = (
        replace(min((taken for _, taken in same), key=lambda one: one.tentative), gives_way=moves([e for e, _ in same]))
        for same in found.values()
    )
    return tuple(sorted(once, key=lambda one: (one.start, one.end, one.title)))


def _taken(session: Event, events: Iterable[Event], me: Person) -> Iterator[tuple[Event, Taken]]:
    start, end = session.start.instant, session.end.instant
    if start is None or end is None:
        return
    at_that_time = (
        (event, begins, ends)
        for event in events
        if (begins := event.start.instant) and (ends := event.end.instant) and begins < end and ends > start
    )
    for event, begins, ends in islice(at_that_time, _MOST):
        answer = _answer(event, me)
        if event.uid == session.uid or answer is None or not _takes_time(event) or _same_meeting(event, session):
            continue
        yield (
            event,
            Taken(
                start=begins,
                end=ends,
                title=one_line(event.title[:MAX_TITLE], _TITLE) if event.sensitivity is Sensitivity.PUBLIC else "",
                tentative=event.status is Status.TENTATIVE or answer is not Partstat.ACCEPTED,
            ),
        )


def others_taken(session: Event, blocks: Iterable[Slot], earlier: Collection[Slot] = ()) -> tuple[Taken, ...]:
    """When the other person is certainly taken by something else during `session`, by start.

    Free/busy tells neither what takes the time nor, with some vendors, where one thing ends and the next begins, and
    the session itself takes it as well. So a time that just covers the session proves nothing. One with an edge inside
    the session does, and so does any other beside the one that is the session's own.

    Args:
        session: the occurrence.
        blocks: when one calendar of that person is taken, as one answer had it (aware UTC).
        earlier: times that the session was at, which that calendar may still show.
    """
    start, end = session.start.instant, session.end.instant
    if start is None or end is None:
        return ()
    near = sorted({one for one in blocks if one[0] < end and one[1] > start and one not in earlier})
    shown = (start, end) in near
    certain = [one for one in near if one != (start, end) and (shown or start < one[0] < end or start < one[1] < end)]
    return tuple(Taken(start=one[0], end=one[1], mine=False) for one in certain)


class Precedence:
    """Which of two sessions at the same time is to be moved. What was found out of one is kept for the next question.

    Never both are: first goes what the user has not accepted, then what is the user's to move, then what was made
    later. What agendad leaves alone never moves.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._places: dict[tuple[str, str], _Place | None] = {}

    def is_to_move(self, other: Sequence[Event], than: Sequence[Event]) -> bool:
        """Whether `other` is, each as its copies in the user's calendars."""
        if (place := self._place(other)) is None:
            return False
        return (its := self._place(than)) is None or place > its

    def _place(self, copies: Sequence[Event]) -> "_Place | None":
        key = copies[0].key
        if key not in self._places:
            self._places[key] = _place(copies, self._policy)
        return self._places[key]


_Place = tuple[bool, bool, datetime, str, str]
"""The higher, the sooner it is moved."""


def _place(copies: Sequence[Event], policy: Policy) -> _Place | None:
    """None for what is no session that agendad acts on."""
    event = copies[0]
    found = detect(event, policy)
    if not found.is_mentorship or found.mentorship is None or any(map(opted_out, copies)):
        return None
    open_ = all(_answer(copy, policy.me) is not Partstat.ACCEPTED for copy in copies)
    created = min((copy.created for copy in copies if copy.created), default=datetime.min.replace(tzinfo=UTC))
    return (open_, found.mentorship.i_own, created, *event.key)


def _takes_time(event: Event) -> bool:
    return event.status is not Status.CANCELLED and event.transparency is Transparency.OPAQUE


def _answer(event: Event, me: Person) -> Partstat | None:
    """The user's answer; yes for an entry of one's own, None where the user does not come or is not asked to."""
    mine = [guest.partstat for guest in event.attendees if me.has(guest.email)]
    if mine:
        given = next((answer for answer in mine if answer is Partstat.ACCEPTED), mine[0])
        return None if given in (Partstat.DECLINED, Partstat.DELEGATED) else given
    organizes = event.organizer is None or me.has(event.organizer.email)
    return Partstat.ACCEPTED if organizes or not event.attendees else None


def _same_meeting(event: Event, session: Event) -> bool:
    return (event.start.instant, event.end.instant) == (session.start.instant, session.end.instant) and (
        event.title.strip().casefold() == session.title.strip().casefold()
    )
