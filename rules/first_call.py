"""Does the invite to a pair's first session introduce the two to each other?"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

from agendad.providers.model import Sensitivity
from agendad.rules.base import Finding, History, Reach, Rule, Session, register
from agendad.rules.policy import Action, LadderStep, Mentorship, Party, RuleOptions, Severity, ladder
from agendad.rules.text.introduction import Introduction, introduction
from agendad.rules.text.untrusted import one_line

_QUOTE = 120


class FirstCallOptions(RuleOptions):
    """What the rule `first-call` takes."""

    ladder: tuple[LadderStep, ...] = ladder(("96h", Action.NUDGE))


@register
class FirstCall(Rule[FirstCallOptions]):
    """The invite to a pair's first session says why the two would be a good match, and what the mentee wants to learn.

    A line for each is plenty, as prose or under a heading. It is asked of pairs that have not met, for the first
    session to come, and never holds or cancels anything. Where the agenda is missing as well, one reminder asks for
    both. What cannot be judged (words that cannot be placed, another language, a document that is called the
    introduction) is reported and nothing else.

        rules:
          first-call:
            ladder:
              - {before: 96h, do: nudge}
    """

    name: ClassVar[str] = "first-call"
    codes: ClassVar[Mapping[str, str]] = {
        "first-call.missing-introduction": "the invite to the first session lacks why the two would be a good match, "
        "or what the mentee wants to learn",
    }
    steps = frozenset({Action.NUDGE, Action.ASK})
    samples: ClassVar[Mapping[str, str]] = {
        "first-call.missing-introduction": "It is your first call, and the invite says neither why the two of you "
        "would be a good match nor what you would like to learn.",
    }
    Options = FirstCallOptions

    def check(
        self,
        session: Session,
        history: History,
        options: FirstCallOptions,  # noqa: ARG002 - every rule's signature
        now: datetime,  # noqa: ARG002
    ) -> Iterable[Finding]:
        """Judge the invite to the first session of a declared pair that has not met."""
        pair = session.mentorship
        if pair is None or not _is_first(session, pair, history):
            return
        found = introduction(session.event)
        if found.complete:
            return
        # Who is reminded is the owner of the logistics, and nobody but the mentee can write it.
        asks = pair.owner is Party.MENTEE and not found.doubt
        yield Finding(
            code="first-call.missing-introduction",
            severity=Severity.WARNING,
            message=_message(found, pair),
            evidence=_evidence(session, found),
            reach=Reach.NUDGE if asks else Reach.REPORT,
            carrier="agenda" if asks else "",
        )


def _is_first(session: Session, pair: Mentorship, history: History) -> bool:
    over_time = history.relationship
    if history.met or pair.met or over_time is None or over_time.met or over_time.next is None:
        return False
    return over_time.next.key == session.event.key


def _message(found: Introduction, pair: Mentorship) -> str:
    mine = pair.my_role is Party.MENTEE
    who = "you" if mine else pair.mentee.name
    learn = f"what {who} would like to learn" if mine else f"what {who} wants to learn"
    why = "why the two of you would be a good match"
    if found.doubt:
        return f"It is your first call, and it cannot be told whether the invite says {why} and {learn}: {found.doubt}."
    if found.why:
        return f"It is your first call, and the invite does not say {learn}."
    if found.learn:
        return f"It is your first call, and the invite does not say {why}."
    return f"It is your first call, and the invite says neither {why} nor {learn}."


def _evidence(session: Session, found: Introduction) -> str:
    """What there is of it."""
    there = found.why or found.learn
    if not there or session.event.sensitivity is not Sensitivity.PUBLIC:
        return ""
    return f"it says {'why' if found.why else 'what there is to learn'}: {one_line(there, _QUOTE)}"
