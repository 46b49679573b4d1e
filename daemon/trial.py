"""Trying something on one of the user's events, on a copy of what is remembered, so that looking changes nothing."""

from dataclasses import replace
from datetime import datetime, timedelta

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.context import Context, UsageProblem
from agendad.daemon.journal import Journal
from agendad.daemon.judging import Judging
from agendad.daemon.passes import agendas_of, wording_of
from agendad.daemon.pipeline import can_be_silent
from agendad.daemon.reporting import shown_title
from agendad.daemon.rescheduling import Rescheduling
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store
from agendad.daemon.wording import Wording
from agendad.providers.model import Event
from agendad.rules.base import History, Session, rule_of
from agendad.rules.drafts import TEMPLATES
from agendad.rules.engine import Verdict, judge
from agendad.rules.messages import Message, template_of
from agendad.rules.plan import Step
from agendad.rules.policy import Action, Mentorship, Person, Policy
from agendad.rules.roles import Effect, effect_of, recipients
from agendad.rules.slots import Slot

_RESTORE, _MOVE = "restore", "move"
_SUPPOSED = ("agenda.missing", "The invite has no agenda.")
"""What is supposed to be found where nothing is."""
_SUPPOSED_WHY = "you want to be asked"


def judged(event: Event, store: Store, context: Context) -> tuple[Verdict, tuple[Step, ...]]:
    """Judge it now, and plan what remains."""
    verdict, steps, _ = judged_with_times(event, store, context)
    return verdict, steps


Times = list[tuple[Slot, str]]
"""(start, end) in aware UTC, each with why it is among those that would be proposed."""


def judged_with_times(event: Event, store: Store, context: Context) -> tuple[Verdict, tuple[Step, ...], Times]:
    """The same, with the other times that the session could be at."""
    now, scratch = context.clock.now(), store.scratch_copy()
    try:
        calendars, journal = CalendarStore(scratch), Journal(scratch)
        folder = agendas_of(context)
        judging = Judging(
            calendars,
            SessionStore(scratch),
            journal,
            context.policy,
            list(context.providers),
            notes=context.noted,
            agendas=(lambda at: folder.read(scratch, at)) if folder else None,
            silent=lambda account, calendar: can_be_silent(context.providers.get(account), calendar),
        )
        rescheduling = Rescheduling(scratch, context.policy, context.providers)
        judging.may_move = rescheduling.may_move
        for one in judging.judge([event.uid], now):
            if one.row.key == event.key:
                return one.verdict, judging.plan(one, now), rescheduling.explained(one, now)
    finally:
        scratch.close()
    return judge(event, History(), context.policy, now), (), []


def try_template(name: str, event: Event, store: Store, context: Context, language: str = "") -> tuple[Message, str]:
    """What a template says for an event, and what had to be supposed for that ("" for nothing).

    Args:
        name: of the template, without a language: cancel.organizer.
        event: one of the user's.
        store: what is remembered.
        context: the command's.
        language: of everybody, instead of the configured ones.

    Raises:
        UsageProblem: the event is no declared pair's session, or another template is for it.
        MessageTemplateError: the template is broken.
    """
    if name in TEMPLATES:
        raise UsageProblem(f"{name} is made from your notes, not for a step. `agendad draft` writes the drafts.")
    verdict, steps = judged(event, store, context)
    session, pair = verdict.session, verdict.detection.mentorship
    if session is None or pair is None:
        raise UsageProblem(
            f"{shown_title(event)!r} is no session of a declared pair, so nothing is said about it. "
            "`agendad explain` says why."
        )
    restores = name.partition(".")[0] == _RESTORE
    step = None if restores else next((one for one in steps if template_of(session, one) == name), None)
    supposed = (
        "" if step else "as if it were to be taken now" if steps or verdict.findings else "as if it had no agenda"
    )
    step = step or _step(name, session, pair, verdict, context.clock.now())
    fitting = template_of(session, None if restores else step)
    if fitting != name:
        raise UsageProblem(f"{name} is not for this session. Its counterpart is: {fitting}.")
    examples = 1 if step.effect is Effect.MOVE else 3
    slots = _examples(event)[:examples] if step.action is Action.RESCHEDULE else ()
    message = _wording(context, store, language).of_step(event, step, steps, context.clock.now(), slots=slots)
    if message is None:
        raise AssertionError("a declared pair's session has words")
    return message, "; ".join(filter(None, (supposed, "the times are examples" if slots else "")))


def _step(name: str, session: Session, pair: Mentorship, verdict: Verdict, now: datetime) -> Step:
    """The step that a template is for, taken at `now`, about the first thing that was found."""
    word = name.partition(".")[0]
    action = {_RESTORE: Action.HOLD, _MOVE: Action.RESCHEDULE}.get(word) or Action(word)
    found = verdict.findings[0] if verdict.findings else None
    reason, message = (found.code, found.message) if found else _SUPPOSED
    effect = effect_of(session, action, free_busy=word == _MOVE)
    return Step(
        rule=rule_of(reason),
        reason=reason,
        message=message,
        action=action,
        rung=Action.CANCEL if action is Action.ASK else action,
        effect=Effect.RESTORE if word == _RESTORE else effect,
        due=now,
        sends=now,
        to=recipients(session, pair, action, effect),
        outward=action is not Action.ASK,
        why_ask=_SUPPOSED_WHY if action is Action.ASK else "",
        people=found.people if found else (),
    )


def _examples(event: Event) -> tuple[tuple[datetime, datetime], ...]:
    """The same time on the three days after; none where nobody can tell when it is."""
    start, end = event.start.instant, event.end.instant
    if start is None or end is None:
        return ()
    return tuple((start + timedelta(days=days), end + timedelta(days=days)) for days in (1, 2, 3))


def _wording(context: Context, store: Store, language: str) -> Wording:
    wording = wording_of(context, store)
    if not language:
        return wording
    policy = _speaking(context.policy, language)
    return Wording(policy, context.templates, store, shares=wording.shares, notes=wording.notes)


def _speaking(policy: Policy, language: str) -> Policy:
    """The same with everybody speaking one language."""

    def speaks(person: Person) -> Person:
        return me if person is policy.me else person.model_copy(update={"language": language})

    me = policy.me.model_copy(update={"language": language})
    pairs = tuple(replace(pair, mentor=speaks(pair.mentor), mentee=speaks(pair.mentee)) for pair in policy.mentorships)
    return replace(policy, me=me, mentorships=pairs)
