"""A rule for agendad: a session is long enough to be worth both people's time."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from agendad.rules.base import Finding, History, Rule, Session, register
from agendad.rules.policy import Action, LadderStep, RuleOptions, Severity, ladder
from agendad.rules.units import Duration


class ShortSessionsOptions(RuleOptions):
    """Options of the rule short_sessions."""

    at_least: Duration = timedelta(minutes=25)
    """How long a session is at least."""
    ladder: tuple[LadderStep, ...] = ladder(("72h", Action.NUDGE))


@register
class ShortSessions(Rule[ShortSessionsOptions]):
    """A session is long enough.

    rules:
      short_sessions: {at_least: 25m, ladder: [{before: 72h, do: nudge}]}
    """

    name: ClassVar[str] = "short_sessions"
    codes: ClassVar[Mapping[str, str]] = {"short_sessions.too-short": "the session is shorter than it should be"}
    Options = ShortSessionsOptions

    def check(
        self, session: Session, history: History, options: ShortSessionsOptions, now: datetime
    ) -> Iterable[Finding]:
        start, end = session.event.start.instant, session.event.end.instant
        if start is None or end is None or end - start >= options.at_least:
            return
        yield Finding(
            code="short_sessions.too-short",
            severity=Severity.WARNING,
            message=f"This session is {(end - start).total_seconds() / 60:.0f} minutes long.",
        )
