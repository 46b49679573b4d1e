"""Rules of one's own, written in the configuration: an expression, a message and a ladder each."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic import Field, field_validator

from agendad.rules.base import CUSTOM, Finding, History, Reach, Rule, Session
from agendad.rules.expressions import CannotTell, Expression, ExpressionError, compiled
from agendad.rules.policy import Action, LadderStep, RuleOptions, Severity, Shape, ladder
from agendad.rules.session_fields import NAMES, samples, values_of
from agendad.rules.text.untrusted import one_line

MAX_MESSAGE = 200
"""Characters of a message."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ALWAYS_WRONG = {
    "key not found": "what there is: docs/session-fields.md",
    "invalid timezone": "give a name like Europe/London",
}
"""What is as wrong for a session as it is for a sample."""


def _own_code(data: Mapping[str, Any]) -> tuple[str, ...]:  # what pydantic has validated so far
    return (f"{CUSTOM}.{data.get('name', 'NAME')}",)


class _Asked(Shape):
    """What a rule of one's own is about. It stands before what every rule takes."""

    name: str
    """A name of your choice, in small letters with hyphens. Its finding is `custom.NAME`."""
    when: str
    """A CEL expression over the session that is true where something is to be said: see own-rules.md."""
    message: str
    """What is said then, in a sentence of your own. Mails quote it."""

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"`{name}` cannot be a rule's name; use small letters, digits and hyphens: no-late-fridays"
            )
        return name

    @field_validator("when")
    @classmethod
    def _right(cls, when: str) -> str:
        try_on_samples(compiled(when, NAMES))
        return when

    @field_validator("message")
    @classmethod
    def _sentence(cls, message: str) -> str:
        if not message.strip():
            raise ValueError("this is empty; write a sentence that may be sent to the other person")
        if len(message) > MAX_MESSAGE:
            raise ValueError(
                f"this has {len(message)} characters, and {MAX_MESSAGE} are the most; say it in a sentence"
            )
        return message


class CustomOptions(RuleOptions, _Asked):
    """A rule of your own."""

    ladder: tuple[LadderStep, ...] = ladder(("96h", Action.NUDGE))
    """What is done and when, first step first. It goes as far as you write it."""
    climbs: tuple[str, ...] = Field(default_factory=_own_code)
    """`[]`: it stays at the nudge, whatever the ladder says."""

    @property
    def code(self) -> str:
        """The code of what it finds, which is its key in `Policy.rules` as well."""
        return f"{CUSTOM}.{self.name}"


def try_on_samples(expression: Expression) -> None:
    """See what types cannot tell: the keys of maps, the names of time zones.

    Raises:
        ExpressionError: it fails on any session.
    """
    for values in samples():
        try:
            expression.holds(values)
        except CannotTell as why:
            for wrong, hint in _ALWAYS_WRONG.items():
                if str(why).startswith(wrong):
                    raise ExpressionError(f"{why}; {hint}") from None


def by_code(rules: Iterable[CustomOptions]) -> Mapping[str, RuleOptions]:
    """As `Policy.rules` has them."""
    return MappingProxyType({one.code: one for one in rules})


class Custom(Rule[CustomOptions]):
    """What you write yourself: where your expression is true, your message is told, and your ladder climbed.

    An expression that cannot be evaluated for a session is told as information, and nothing follows.

        rules:
          custom:
            - name: no-late-fridays
              when: session.mentee.weekday == 'fri' && session.mentee.hour >= 17
              message: Friday evenings are hard for one of us.
              ladder: [{before: 96h, do: nudge}]
    """

    name: ClassVar[str] = CUSTOM
    codes: ClassVar[Mapping[str, str]] = {}
    Options = CustomOptions

    def check(self, session: Session, history: History, options: CustomOptions, now: datetime) -> Iterable[Finding]:
        try:
            holds = compiled(options.when, NAMES).holds(values_of(session, history, now))
        except CannotTell as why:
            yield Finding(
                code=options.code,
                severity=Severity.INFO,
                message=f"The rule {options.name} could not be judged: {why}.",
                evidence=_evidence(options),
                reach=Reach.REPORT,
            )
            return
        if holds:
            message = one_line(options.message, MAX_MESSAGE)
            yield Finding(code=options.code, severity=Severity.WARNING, message=message, evidence=_evidence(options))


CUSTOM_RULE = Custom()
"""The one that judges by every entry; it is not registered, as its options are a list."""


def in_use(rules: Mapping[str, RuleOptions]) -> Iterator[CustomOptions]:
    """The entries among the rules of a policy."""
    yield from (options for options in rules.values() if isinstance(options, CustomOptions))


def _evidence(options: CustomOptions) -> str:
    return one_line(f"when {options.when}", 120)
