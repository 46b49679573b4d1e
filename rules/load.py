"""The rule `load`: one mentor is not asked for too much time."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from agendad.rules.base import Finding, History, Reach, Rule, Session, register
from agendad.rules.policy import Action, Party, RuleOptions, Severity

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class LoadOptions(RuleOptions):
    """What the rule `load` takes."""

    minutes_a_month: Annotated[int, Field(ge=1)] = 240
    """How many minutes one mentor may be asked for in a calendar month."""


@register
class Load(Rule[LoadOptions]):
    """A mentor is not asked for more time in a month than is theirs to give.

    The sessions of all your declared pairs with the same mentor count, those that were held and those to come, in the
    calendar month of the mentor's time zone. It is told on the session that passes the limit and on those after it in
    that month. If you are the mentor, it is your own time that is counted.

        rules:
          load:
            minutes_a_month: 240
    """

    name: ClassVar[str] = "load"
    codes: ClassVar[dict[str, str]] = {
        "load.too-much": "The mentor is asked for more time in the month than agreed.",
    }
    samples: ClassVar[dict[str, str]] = {
        "load.too-much": "With this session Ada Lovelace is asked for 270 minutes in December; 240 would be fine.",
    }
    steps = frozenset({Action.NUDGE, Action.ASK})
    Options = LoadOptions

    def check(
        self,
        session: Session,
        history: History,
        options: LoadOptions,
        now: datetime,  # noqa: ARG002 - every rule's signature
    ) -> Iterable[Finding]:
        """Judge what a session adds to its month."""
        pair, relationship = session.mentorship, history.relationship
        start = session.event.start.instant
        if pair is None or relationship is None or start is None:
            return
        asked = relationship.asked_up_to.get(session.event.key)
        if asked is None or asked.minutes <= options.minutes_a_month:
            return
        mine = pair.my_role is Party.MENTOR
        name = _MONTHS[asked.month - 1]
        who = "your own time for mentoring in" if mine else f"{pair.mentor.name} is asked for"
        told = f"{who} {name} comes to {asked.minutes} minutes" if mine else f"{who} {asked.minutes} minutes in {name}"
        yield Finding(
            code="load.too-much",
            severity=Severity.WARNING,
            message=f"With this session {told}; {options.minutes_a_month} would be fine.",
            evidence=f"{_sessions(asked.sessions)} up to this one in {name} {asked.year}: {asked.minutes} minutes",
            reach=Reach.NUDGE,
            people=(pair.mentor.name,),
        )


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count} sessions"
