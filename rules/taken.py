"""When the user is taken by something else than a session."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from agendad.providers.model import Event, Partstat, Sensitivity, Status, Transparency
from agendad.rules.base import Taken
from agendad.rules.policy import Person
from agendad.rules.text.untrusted import one_line

_TITLE = 80
_LONGEST = timedelta(days=7)


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
            near = {one.key: one for day in _days(start, end) for one in self._by_day.get(day, ())}
            yield from (one for one in near.values() if one.uid != event.uid)


def _days(start: datetime, end: datetime) -> Iterator[date]:
    """The days (UTC) that a time touches."""
    day = start.astimezone(UTC).date()
    while day <= end.astimezone(UTC).date():
        yield day
        day += timedelta(days=1)


def taken_times(session: Event, events: Iterable[Event], me: Person) -> tuple[Taken, ...]:
    """What of `events` takes the user's time during `session`, by start.

    All-day entries and what is shown as free take none, nor what the user declined or is not invited to. The same
    meeting under another UID, as it comes through a second system, is no other meeting.
    """
    return tuple(sorted(_taken(session, events, me), key=lambda one: (one.start, one.end, one.title)))


def _taken(session: Event, events: Iterable[Event], me: Person) -> Iterator[Taken]:
    start, end = session.start.instant, session.end.instant
    if start is None or end is None:
        return
    for event in events:
        begins, ends = event.start.instant, event.end.instant
        if begins is None or ends is None or not (begins < end and ends > start):
            continue
        answer = _answer(event, me)
        if event.uid == session.uid or answer is None or not _takes_time(event) or _same_meeting(event, session):
            continue
        yield Taken(
            start=begins,
            end=ends,
            title=one_line(event.title, _TITLE) if event.sensitivity is Sensitivity.PUBLIC else "",
            tentative=event.status is Status.TENTATIVE or answer is not Partstat.ACCEPTED,
        )


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
