"""`agendad explain SESSION`: why an event was judged as it was, or why it is no session."""

import argparse
import shlex
import textwrap
from typing import Any

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.context import Context, open_context
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.passes import wording_of
from agendad.daemon.pauses import Pauses
from agendad.daemon.remembering import after_a_pass, event_named
from agendad.daemon.reporting import json_text, session_json
from agendad.daemon.store import Store
from agendad.daemon.terminal import describe, when, wrapped
from agendad.daemon.trial import judged
from agendad.daemon.wording import check_templates
from agendad.providers.model import Event
from agendad.rules.base import registered
from agendad.rules.engine import load_builtin
from agendad.rules.limits import State
from agendad.rules.policy import Person
from agendad.rules.text.untrusted import strip_controls

SCHEMA = "agendad.explain/1"
_OUTCOMES = ("cancel", "decline", "move", "propose")
_STANDS = (State.SENT, State.CONFIRMED)
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
    verdict, steps = judged(event, store, context)
    shape = session_json(verdict, steps)
    wording = wording_of(context, store)
    message = wording.of_step(event, steps[0], steps, context.clock.now()) if steps else None
    if message:
        shape["plan"][0]["text"] = message.as_json()
    return shape


def _journal(store: Store, event: Event) -> list[ActionRow]:
    return [action for action in Journal(store).actions_of(event.uid) if action.key == event.key]


def _plainly(shape: dict[str, Any], me: Person) -> str:
    return describe(shape | {"plan": [], "findings": []}, me).rpartition("\n")[0]


def _explain_codes(shape: dict[str, Any]) -> None:
    load_builtin()
    meaning = {code: text for rule in registered() for code, text in rule.codes.items()}
    for code in dict.fromkeys(finding["code"] for finding in shape["findings"]):
        print("\n".join(wrapped(meaning.get(code, ""), f"\n{code}: ")))


def _say(shape: dict[str, Any]) -> None:
    """The text of the next step, whole."""
    step = next(iter(shape["plan"]), None)
    if step is None or "text" not in step:
        return
    text = step["text"]
    print(f"\nwhat the next step would say ({text['channel']})")
    print(f"    To: {strip_controls(', '.join(step['to']))}\n    Subject: {text['subject']}\n")
    print(textwrap.indent(text["body"], "    "))


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
    "ownership.wrong-organizer": "an invite from whoever owns the logistics",
}
"""What settles a finding, by its code."""


def _what_stops(shape: dict[str, Any], actions: list[ActionRow]) -> list[str]:
    """What would stop what is planned, or why nothing is; a line each."""
    if not shape["is_mentorship"]:
        return ["If it is one: declare the pair, add a keyword, or list its UID under the mentorship's `series`."]
    if ended := next((one for one in reversed(actions) if one.effect in _OUTCOMES and one.state in _STANDS), None):
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
