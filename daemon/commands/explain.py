"""`agendad explain SESSION`: why an event was judged as it was, or why it is no session."""

import argparse
import shlex
import textwrap
from datetime import datetime
from typing import Any

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.context import Context, open_context
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.passes import wording_of
from agendad.daemon.pauses import Pauses
from agendad.daemon.remembering import after_a_pass, event_named
from agendad.daemon.reporting import json_text, session_json
from agendad.daemon.store import Store, stamp, unstamp
from agendad.daemon.terminal import describe, on_clocks, when, wrapped
from agendad.daemon.trial import judged_with_times
from agendad.daemon.wording import Wording, check_templates
from agendad.providers.model import Event
from agendad.rules.base import registered
from agendad.rules.detect import detect
from agendad.rules.engine import load_rules
from agendad.rules.limits import State
from agendad.rules.messages import Message
from agendad.rules.plan import Step
from agendad.rules.policy import Action, Person, Policy
from agendad.rules.roles import Effect
from agendad.rules.slots import INSIDE, Slot
from agendad.rules.text.untrusted import strip_controls

SCHEMA = "agendad.explain/1"
_OUTCOMES = ("cancel", "decline", "move", "propose")
_STANDS = (State.SENT, State.CONFIRMED)
_BAD_TIME = frozenset(["timezone.outside-working-hours", "timezone.non-working-day"])
_NO_AGENDA = frozenset(["agenda.missing", "agenda.placeholder"])


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    check_templates(context.loaded.config.templates)
    with after_a_pass(context) as store:
        event = event_named(args.session, CalendarStore(store), context.clock.now())
        shape = _judge(event, store, context)
        shape = Pauses(store).shown_on(shape, context.policy, context.clock.now())
        actions = _journal(store, event)
    if args.json:
        shape |= {"schema": SCHEMA, "actions": [action.as_json() for action in actions]}
        print(json_text(shape))
        return 0
    me = context.policy.me
    print(describe(shape, me) if shape["is_mentorship"] else _plainly(shape, me))
    print("\nwhy it is a session" if shape["is_mentorship"] else "\nwhy it is no session")
    for line in shape["evidence"]:
        print("\n".join(wrapped(line, "    - ")))
    _explain_codes(shape)
    _say(shape)
    _say_times(shape, event, context.policy)
    if actions:
        print("\nwhat was decided so far")
    for action in actions:
        detail = f" ({action.detail})" if action.detail else ""
        text = f"{when(action.decided_at, me)}: {action.state}: {action.action}, {action.reason}{detail}"
        print("\n".join(wrapped(text, "    - ")))
    print()
    for line in _what_stops(shape, actions):
        indent = len(line) - len(line.lstrip(" -"))
        print(line if "agendad pause" in line else "\n".join(wrapped(line[indent:], line[:indent])))
    return 0


def _judge(event: Event, store: Store, context: Context) -> dict[str, Any]:  # JSON
    """What the event is judged to be now, with the text of the next step."""
    verdict, steps, times = judged_with_times(event, store, context)
    shape = session_json(verdict, steps)
    if any(finding.code in _BAD_TIME for finding in verdict.findings) or any(map(_reschedules, steps)):
        shape["times"] = [{"start": stamp(start), "end": stamp(end), "why": why} for (start, end), why in times]
    wording = wording_of(context, store)
    message = _words(event, steps, [slot for slot, _ in times], wording, context.clock.now()) if steps else None
    if message:
        shape["plan"][0]["text"] = message.as_json()
    return shape


def _words(event: Event, steps: tuple[Step, ...], times: list[Slot], wording: Wording, now: datetime) -> Message | None:
    """What the next step would say; nothing where it would move the session, and no time is known yet."""
    step = steps[0]
    slots = times[:1] if step.effect is Effect.MOVE else times if step.effect is Effect.PROPOSE else []
    if step.effect is Effect.MOVE and not slots:
        return None
    return wording.of_step(event, step, steps, now, slots=slots)


def _journal(store: Store, event: Event) -> list[ActionRow]:
    return [action for action in Journal(store).actions_of(event.uid) if action.key == event.key]


def _plainly(shape: dict[str, Any], me: Person) -> str:
    return describe(shape | {"plan": [], "findings": []}, me).rpartition("\n")[0]


def _explain_codes(shape: dict[str, Any]) -> None:
    load_rules()
    meaning = {code: text for rule in registered() for code, text in rule.codes.items()}
    for code in dict.fromkeys(finding["code"] for finding in shape["findings"]):
        if code in meaning:  # what a rule of one's own is about, its message says
            print("\n".join(wrapped(meaning[code], f"\n{code}: ")))


def _say(shape: dict[str, Any]) -> None:
    """The text of the next step, whole."""
    step = next(iter(shape["plan"]), None)
    if step is None or "text" not in step:
        return
    text = step["text"]
    print(f"\nwhat the next step would say ({text['channel']})")
    print(f"    To: {strip_controls(', '.join(step['to']))}\n    Subject: {text['subject']}\n")
    print(textwrap.indent(text["body"], "    "))


def _reschedules(step: Step) -> bool:
    return Action.RESCHEDULE in (step.action, step.meant.action if step.meant else None)


def _say_times(shape: dict[str, Any], event: Event, policy: Policy) -> None:
    """The other times that there are, each with why."""
    if "times" not in shape:
        return
    pair = detect(event, policy).mentorship
    people = (policy.me, *([pair.other] if pair else []))
    will = next((f": it would {_WOULD[step['effect']]}" for step in shape["plan"] if step["effect"] in _WOULD), "")
    if shape["times"] and not any(time["why"].startswith(INSIDE) for time in shape["times"]):
        will = ": your hours never meet, so nothing is done by itself. The least odd ones, for you to agree on"
    print()
    print("\n".join(wrapped(f"other times{will}", "")))
    for time in shape["times"]:
        clocks = on_clocks(unstamp(time["start"]), people)
        print("\n".join(wrapped(f"{clocks}: {time['why']}", "    - ")))
    if not shape["times"]:
        print("    - none within two weeks that suits both")


_WOULD = {
    "move": "be moved to the first one that both calendars have free then",
    "propose": "be asked for one of these",
}
_SETTLES = {
    "agenda.missing": "an agenda in the invite: a list or a few sentences on what you want to talk about",
    "agenda.placeholder": "an agenda in the invite: a list or a few sentences on what you want to talk about",
    "agenda.stale": "an agenda in the invite for this session",
    "agenda.file": "nothing: it is the agenda from your file that goes into the invite",
    "agenda.file-conflict": "the same words in your file as in the invite",
    "timezone.outside-working-hours": "a time that suits both of you, or everybody's yes to this one",
    "timezone.non-working-day": "a day that suits both of you, or everybody's yes to this one",
    "timezone.floating": "a time zone in the invite",
    "timezone.unknown-zone": "a time zone in the invite that calendars know",
    "timezone.text-mismatch": "the same time in the invite's words and in its start",
    "timezone.dst-shift": "a time for the series that suits both of you on either side of the change",
    "conflict.double-booked": "the other event gone, declined or shown as free, or another time for this one",
    "first-call.missing-introduction": "a line in the invite on why the two of you would be a good match, and one on "
    "what the mentee wants to learn",
    "ownership.wrong-organizer": "an invite from whoever owns the logistics",
}
"""What settles a finding, by its code."""


def _what_stops(shape: dict[str, Any], actions: list[ActionRow]) -> list[str]:
    """What would stop what is planned, or why nothing is; a line each."""
    if not shape["is_mentorship"]:
        return ["If it is one: declare the pair, add a keyword, or list its UID under the mentorship's `series`."]
    ended = next((one for one in reversed(actions) if one.effect in _OUTCOMES and one.state in _STANDS), None)
    if ended and not (ended.effect == "move" and shape["plan"]):
        back = f" To take it back: agendad undo {ended.id}" if ended.effect != "propose" else ""
        return [f"This session is settled ({ended.rung}); nothing more is planned for it.{back}"]
    if shape["opted_out"]:
        return ["It opts out of agendad. Take that word out of the event to have it looked after again."]
    if shape["paused"]:
        return [f"It is held back. To go on: {shape['paused']['resume']}"]
    if not shape["findings"]:
        return ["Nothing is planned for this session."]
    if not shape["plan"]:
        return ["It is reported only; nothing is planned for this session."]
    reasons = dict.fromkeys(step["reason"] for step in shape["plan"])
    settles = dict.fromkeys(_SETTLES.get(reason, "settling what is found") for reason in reasons)
    none_needed = ["the words “no agenda needed” in the invite"] if reasons.keys() & _NO_AGENDA else []
    day = f" {shape['wall_start'][:10]}" if shape["recurrence_id"] else ""
    name = shlex.quote(f"{strip_controls(shape['uid'])}{day}")
    return [
        "what would stop it",
        *(f"    - {one}" for one in (*settles, *none_needed)),
        f"    - agendad pause --session {name}",
        "    - “#no-agendad” in the invite, without the quotes, for good",
    ]
