"""The rule `followup`: what was advised is noted, and something comes of it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, Literal

from agendad.rules.base import Finding, History, Reach, Rule, Session, register
from agendad.rules.hours import say_day
from agendad.rules.policy import Action, Party, RuleOptions, Severity
from agendad.rules.recalling import last_advice
from agendad.rules.relationship import Advice, Meeting, Relationship
from agendad.rules.saying import called
from agendad.rules.text.untrusted import one_line
from agendad.rules.units import Duration, parse_duration

_WORTH_NOTING = timedelta(days=21)
"""What was not noted for so long is forgotten."""
_QUOTED = 60
_OPEN = {Party.MENTEE: ("One piece of advice", "pieces of advice"), Party.MENTOR: ("A promise", "promises")}


class FollowupOptions(RuleOptions):
    """What the rule `followup` takes."""

    prompt: Literal["file", "mail", "none"] = "file"
    """After a session: add a section for it to the notes (file), mail you a question (mail), or neither."""
    after: Duration = parse_duration("3d")
    """A session that nothing is noted about for so long is told."""
    before: Duration = parse_duration("48h")
    """What is still open of the last session's advice is told so long before the next."""


@register
class Followup(Rule[FollowupOptions]):
    """What was advised is noted after a session, and done or answered before the next one.

    It needs notes: a folder of yours, named in `notes:`, with a Markdown file a mentorship. After a session a section
    for it is added there, or you are mailed a question. What it finds is for you alone; nothing is ever sent to the
    other person for it.

    Example:
        notes: ~/notes/mentoring
        rules:
          followup:
            prompt: file
            after: 3d
            before: 48h
    """

    name: ClassVar[str] = "followup"
    codes: ClassVar[Mapping[str, str]] = {
        "followup.due": "nothing is noted about the last session, or what was advised is still open before the next",
    }
    steps: ClassVar[frozenset[Action]] = frozenset()
    Options = FollowupOptions

    def check(
        self,
        session: Session,  # noqa: ARG002 - it is about the pair
        history: History,  # noqa: ARG002
        options: FollowupOptions,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> Iterable[Finding]:
        return ()

    def check_pair(self, relationship: Relationship, options: FollowupOptions, now: datetime) -> Iterable[Finding]:
        if relationship.notes is None:
            return
        said, quoted = _still_open(relationship, options, now) or (_not_noted(relationship, options, now), "")
        if said:
            yield Finding(
                code="followup.due", severity=Severity.INFO, message=said, evidence=quoted, reach=Reach.REPORT
            )


def _not_noted(relationship: Relationship, options: FollowupOptions, now: datetime) -> str:
    """A mentee's last session that nothing is noted about; what a mentor promised may be nothing."""
    last, pair = relationship.last, relationship.mentorship
    if last is None or relationship.notes is None or pair.my_role is Party.MENTOR:
        return ""
    if not options.after <= now - last.end <= _WORTH_NOTING:
        return ""
    day = day_of(last, relationship)
    if any(one.says_something and one.day >= day - timedelta(days=1) for one in relationship.notes.sessions):
        return ""
    return f"What did {called(pair.other.name)} advise on {say_day(day)}? Nothing is noted yet."


def _still_open(relationship: Relationship, options: FollowupOptions, now: datetime) -> tuple[str, str] | None:
    """What a mentee has not done yet, or a mentor has promised and not done, with the next session near.

    (a sentence, the words of the notes): others may read a summary, so what quotes the notes is told by itself.
    """
    coming, pair, notes = relationship.next, relationship.mentorship, relationship.notes
    if coming is None or notes is None or not timedelta() <= coming.start - now <= options.before:
        return None
    day = day_of(coming, relationship)
    if pair.my_role is Party.MENTEE:
        last = last_advice(notes, day)
        waiting = [one for one in last.advice if one.open] if last else []
    else:
        last = next((one for one in reversed(notes.sessions) if one.promised and one.day < day), None)
        waiting = [one for one in last.promised if one.open] if last else []
    if last is None or not waiting:
        return None
    one, more = _OPEN[pair.my_role]
    count = (
        f"{one} of {say_day(last.day)} is" if len(waiting) == 1 else f"{len(waiting)} {more} of {say_day(last.day)} are"
    )
    return f"{count} still open.", _listed(waiting)


def _listed(waiting: list[Advice]) -> str:
    shown = [one_line(one.text, _QUOTED).rstrip(".") for one in waiting[:3]]
    more = len(waiting) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")


def day_of(meeting: Meeting, relationship: Relationship) -> date:
    """The day on the user's clock."""
    me = relationship.mentorship.person(relationship.mentorship.my_role)
    return meeting.start.astimezone(me.zone_at(meeting.start) or UTC).date()
