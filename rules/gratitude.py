"""The rule `gratitude`: a mentee says thanks, now and then and after a milestone."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, ClassVar

from pydantic import Field

from agendad.rules.base import Finding, History, Reach, Rule, Session, register
from agendad.rules.followup import day_of
from agendad.rules.hours import say_day
from agendad.rules.policy import Action, Party, RuleOptions, Severity
from agendad.rules.relationship import Notes, Relationship
from agendad.rules.saying import called
from agendad.rules.text.untrusted import one_line
from agendad.rules.units import Duration, parse_duration

_QUOTED = 80


class GratitudeOptions(RuleOptions):
    """What the rule `gratitude` takes."""

    every: Duration = parse_duration("90d")
    """How long after the last thanks the next ones are due."""
    sessions: Annotated[int, Field(ge=1)] = 2
    """How many sessions must have been held before any are due."""


@register
class Gratitude(Rule[GratitudeOptions]):
    """A mentee says thanks: some months after the last time, and after a milestone.

    It goes by your notes (`notes:`): `Thanked: 2026-12-20` and `Milestone: …` in them. Where none are kept it is
    silent, as nobody knows then. `agendad draft thanks NAME` writes a draft from what helped; you send it.

    Example:
        rules:
          gratitude:
            every: 90d
            sessions: 2
    """

    name: ClassVar[str] = "gratitude"
    codes: ClassVar[Mapping[str, str]] = {
        "gratitude.due": "it is time to say thanks: some months after the last time, or after a milestone",
    }
    steps: ClassVar[frozenset[Action]] = frozenset()
    Options = GratitudeOptions

    def check(
        self,
        session: Session,  # noqa: ARG002 - it is about the pair
        history: History,  # noqa: ARG002
        options: GratitudeOptions,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> Iterable[Finding]:
        return ()

    def check_pair(self, relationship: Relationship, options: GratitudeOptions, now: datetime) -> Iterable[Finding]:
        pair, notes = relationship.mentorship, relationship.notes
        if pair.my_role is not Party.MENTEE or notes is None or not notes.kept:
            return
        noted = sum(one.says_something for one in notes.sessions)  # more, where calendars do not reach back as far
        if max(len(relationship.held), noted) < options.sessions:
            return
        today = now.astimezone(pair.mentee.zone_at(now) or UTC).date()
        last = max((day for day in notes.thanked if day <= today), default=None)
        reached = _milestone(notes, last, today)
        said = _cadence(relationship, last, today, options)
        if reached:
            said = f"You reached a milestone that {called(pair.other.name)} may like to hear of."
        if said:
            yield Finding(
                code="gratitude.due", severity=Severity.INFO, message=said, evidence=reached, reach=Reach.REPORT
            )


def _milestone(notes: Notes, last: date | None, today: date) -> str:
    """The last milestone since the last thanks, in the words of the notes; "" if there is none."""
    reached = [one for one in notes.milestones if one.day <= today and (last is None or one.day > last)]
    return one_line(reached[-1].text, _QUOTED) if reached else ""


def _cadence(relationship: Relationship, last: date | None, today: date, options: GratitudeOptions) -> str:
    """Long enough since the last thanks, or since the notes begin, with a session in between."""
    notes, name = relationship.notes, called(relationship.mentorship.other.name)
    noted = [one.day for one in notes.sessions if one.says_something] if notes else []
    since = last or min(noted, default=None)
    if since is None or today - since < options.every:
        return ""
    met = sum(day_of(one, relationship) > since or last is None for one in relationship.held)
    if not met:
        return ""
    times = "once" if met == 1 else f"{met} times"
    if last is None:
        return f"You have met {times}, and no thanks to {name} are noted yet."
    return f"You last thanked {name} on {say_day(last)} {last.year}, and have met {times} since."
