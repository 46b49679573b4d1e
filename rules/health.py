"""How a pair does, in a few figures."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from agendad.rules.relationship import Meeting, Relationship


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A pair at a glance. Instants are aware UTC."""

    last: Meeting | None
    next: Meeting | None
    held: int
    """Sessions that are known to have taken place."""
    asked: timedelta
    """Of the mentor's time in the quarter of the year that `at` is in, held and to come."""
    asked_in: int
    """The sessions that this is."""
    open_advice: int | None
    """What was advised and is not done; None where the user keeps no notes."""


def health(relationship: Relationship, at: datetime, zone: tzinfo) -> Health:
    """How a pair does at `at` (aware); quarters begin at midnight in `zone`."""
    begins, ends = _quarter(at.astimezone(zone), zone)
    asked = [one for one in relationship.held + relationship.coming if begins <= one.start < ends]
    notes = relationship.notes
    return Health(
        last=relationship.last,
        next=relationship.next,
        held=len(relationship.held),
        asked=sum((one.length for one in asked), timedelta()),
        asked_in=len(asked),
        open_advice=None
        if notes is None
        else sum(advice.open for session in notes.sessions for advice in session.advice),
    )


def _quarter(local: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The calendar quarter that a local time is in."""
    first = (local.month - 1) // 3 * 3 + 1
    begins = local.date().replace(month=first, day=1)
    ends = begins.replace(year=begins.year + 1, month=1) if first == 10 else begins.replace(month=first + 3)
    return datetime.combine(begins, time(), zone), datetime.combine(ends, time(), zone)
