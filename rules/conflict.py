"""Is somebody taken by something else at the time of a session?"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from agendad.providers.model import Partstat
from agendad.rules.base import Finding, History, Reach, Rule, Session, Taken, register
from agendad.rules.hours import say_day, say_place, say_times
from agendad.rules.policy import Action, LadderStep, Person, RuleOptions, Severity, ladder


class ConflictOptions(RuleOptions):
    """What the rule `conflict` takes."""

    ladder: tuple[LadderStep, ...] = ladder(("7d", Action.NUDGE), ("48h", Action.RESCHEDULE))
    climbs: tuple[str, ...] = ("conflict.double-booked",)


@register
class Conflict(Rule[ConflictOptions]):
    """Nothing else is in your calendars at the time of a session, nor in the other person's where that can be seen.

    The owner of the logistics reschedules: you, or the other person, who is asked. What is all day, shown as free,
    declined, cancelled or back to back is no conflict; what is tentative is only told. Of two sessions at once one is
    to be moved: what you have not accepted first, then what is yours to move, then what was made later.

    Example:
        rules:
          conflict:
            ladder:
              - {before: 7d, do: nudge}
              - {before: 48h, do: reschedule}
    """

    name: ClassVar[str] = "conflict"
    codes: ClassVar[Mapping[str, str]] = {
        "conflict.double-booked": "Somebody is taken by something else at the time of the session.",
    }
    steps = Rule.steps | {Action.RESCHEDULE}
    samples: ClassVar[Mapping[str, str]] = {
        "conflict.double-booked": "“Board meeting” is in your calendar at the same time: Thu 3 Dec 11:15–11:30 in "
        "New York (EST).",
    }
    Options = ConflictOptions

    def check(
        self,
        session: Session,
        history: History,
        options: ConflictOptions,  # noqa: ARG002 - every rule's signature
        now: datetime,  # noqa: ARG002
    ) -> Iterable[Finding]:
        """Judge what else there is at the time; a yes to the session does not make room for it."""
        start, end = session.event.start.instant, session.event.end.instant
        if session.event.all_day or start is None or end is None:
            return
        mine = [one for one in history.taken if one.mine]
        firm = [one for one in mine if not one.tentative and not one.gives_way]
        theirs = [one for one in history.taken if not one.mine]
        if firm or theirs:
            yield _finding(session, firm, theirs, start, end)
        elif others := [one for one in mine if one.gives_way] or mine:
            yield _told(session, others, start, end)


def _finding(
    session: Session, firm: Sequence[Taken], theirs: Sequence[Taken], start: datetime, end: datetime
) -> Finding:
    pair = session.mentorship
    said = [_mine(firm, session.me, start, end)] if firm else []
    if theirs and pair is not None:
        said.append(f"{pair.other.name}'s calendar shows something else at that time.")
    if not firm and _they_accepted(session):
        reach = Reach.REPORT
    else:
        reach = Reach.LADDER if pair is not None and pair.i_own else Reach.NUDGE
    people = [session.me.name] * bool(firm)
    if theirs and pair is not None:
        people.append(pair.other.name)
    return Finding(
        code="conflict.double-booked",
        severity=Severity.WARNING,
        message=" ".join(said),
        evidence=_evidence(firm, session.me),
        reach=reach,
        people=tuple(people),
    )


def _told(session: Session, others: Sequence[Taken], start: datetime, end: datetime) -> Finding:
    """Of what is no reason to move this session."""
    if others[0].gives_way:
        severity, more = Severity.WARNING, " It is a mentorship session as well, and the one of the two to be moved."
    else:
        severity, more = Severity.INFO, " It is tentative."
    return Finding(
        code="conflict.double-booked",
        severity=severity,
        message=_mine(others, session.me, start, end) + more,
        evidence=_evidence(others, session.me),
        reach=Reach.REPORT,
        people=(session.me.name,),
    )


def _they_accepted(session: Session) -> bool:
    """The other person said yes to this time, and knows their own calendar; organizing is a yes."""
    other = session.mentorship.other if session.mentorship else None
    event = session.event
    if other is None:
        return False
    if event.organizer is not None and other.has(event.organizer.email):
        return True
    return any(other.has(guest.email) and guest.partstat is Partstat.ACCEPTED for guest in event.attendees)


def _mine(taken: Sequence[Taken], me: Person, start: datetime, end: datetime) -> str:
    first = taken[0]
    what = f"“{first.title}”" if first.title else "Something private"
    more = f" and {len(taken) - 1} more are" if len(taken) > 1 else " is"
    return f"{what}{more} in your calendar at the same time: {_say(max(first.start, start), min(first.end, end), me)}."


def _evidence(taken: Sequence[Taken], me: Person) -> str:
    return "; ".join(f"{one.title or 'something private'}: {_say(one.start, one.end, me)}" for one in taken)


def _say(start: datetime, end: datetime, me: Person) -> str:
    zone = me.zone_at(start) or UTC
    local = start.astimezone(zone)
    away = me.away_at(start) is not None
    return f"{say_day(local)} {say_times(local, end.astimezone(zone))} in {say_place(local, away=away)}"
