"""When a pair has met, and when it meant to and did not: what the choice of another time goes by."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from agendad.daemon.calendar_store import decode
from agendad.daemon.store import Store, stamp, unstamp
from agendad.providers.model import Event, Partstat, Status
from agendad.rules.detect import detect
from agendad.rules.policy import Mentorship, Policy

_HELD = timedelta(days=365)
_FAILED = timedelta(days=180)
"""How far back it is looked: fairness is a matter of a year, and a habit of half a year."""


def held_times(store: Store, pair: Mentorship, now: datetime) -> Sequence[tuple[datetime, datetime]]:
    """(start, end) of the pair's sessions that took place, the oldest first. Aware UTC, as `now` is."""
    rows = store.connection.execute(
        "SELECT start_at, end_at FROM sessions WHERE held AND mentorship = ? AND start_at >= ? ORDER BY start_at",
        (pair.name, stamp(now - _HELD)),
    )
    return [(unstamp(start), unstamp(end)) for start, end in rows]


def failed_starts(store: Store, policy: Policy, pair: Mentorship, now: datetime) -> Sequence[datetime]:
    """Starts (aware UTC) at which the pair's sessions were moved away, cancelled or declined, the oldest first."""
    found: set[tuple[tuple[str, str], datetime]] = set()
    for _, rows in groupby(_states(store, pair, now), key=lambda row: row[0]):
        states = list(rows)
        events = [event for _, _, event in states]
        failed = [before for before, after in pairwise(events) if _failed(before, after, pair)]
        if _declined(events[0], pair):
            failed.append(events[0])
        _, gone_at, last = states[-1]
        if gone_at and last.start.instant and gone_at <= last.start.instant:  # what is long over goes, too
            failed.append(last)
        for event in failed:
            if event.start.instant is not None and _is_session(event, policy, pair):
                found.add((event.key, event.start.instant))
    return sorted(start for _, start in found)


def _states(store: Store, pair: Mentorship, now: datetime) -> Iterator[tuple[tuple[str, str], datetime | None, Event]]:
    """(calendar and id, when it went, state) of each copy that names the other person, the oldest state first.

    "Went" is None for a copy that is there still.
    """
    names = " OR ".join("instr(h.payload, CAST(? AS BLOB))" for _ in pair.other.emails)
    present = "EXISTS (SELECT 1 FROM events e WHERE (e.account, e.calendar, e.id) = (h.account, h.calendar, h.id))"
    rows = store.connection.execute(
        "SELECT account || char(10) || calendar, id, gone, payload, until FROM ("  # noqa: S608 - question marks
        f"SELECT h.account, h.calendar, h.id, NOT {present} AS gone, h.payload, h.until FROM event_history h "
        f"WHERE h.until >= ? AND h.account IN (SELECT account FROM calendars) AND ({names}) UNION ALL "
        f"SELECT h.account, h.calendar, h.id, 0, h.payload, '9999' FROM events h WHERE h.end_at >= ? AND ({names})"
        ") ORDER BY account, calendar, id, until",
        (stamp(now - _FAILED), *pair.other.emails, stamp(now - _FAILED), *pair.other.emails),
    )
    for calendar, id_, gone, payload, until in rows:
        yield (calendar, id_), unstamp(until) if gone else None, decode(payload)


def _failed(before: Event, after: Event, pair: Mentorship) -> bool:
    """Whether a session failed at its time by becoming what it was after that."""
    moved = (before.start.instant, before.end.instant) != (after.start.instant, after.end.instant)
    cancelled = after.status is Status.CANCELLED and before.status is not Status.CANCELLED
    return moved or cancelled or (_declined(after, pair) and not _declined(before, pair))


def _declined(event: Event, pair: Mentorship) -> bool:
    people = (pair.mentor, pair.mentee)
    return any(
        guest.partstat is Partstat.DECLINED and any(person.has(guest.email) for person in people)
        for guest in event.attendees
    )


def _is_session(event: Event, policy: Policy, pair: Mentorship) -> bool:
    detection = detect(event, policy)
    return detection.mentorship is not None and detection.mentorship.name == pair.name
