"""`agendad pending`: what waits for the user's yes or no, each with the exact text that would go out."""

import argparse
import textwrap
from collections.abc import Iterable
from typing import Any

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.context import Context, open_context
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.pauses import Pauses
from agendad.daemon.remembering import after_a_pass, title_of
from agendad.daemon.reporting import json_text
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store, stamp, unstamp
from agendad.daemon.terminal import on_clocks, paused_until, when, wrapped
from agendad.rules.limits import State
from agendad.rules.roles import Effect
from agendad.rules.text.untrusted import strip_controls

SCHEMA = "agendad.pending/1"


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    with after_a_pass(context) as store:
        shapes = [shape_of(action, store, context) for action in waiting(store, context)]
    if args.json:
        print(json_text({"schema": SCHEMA, "actions": shapes}))
        return 0
    for shape in shapes:
        show(shape, context)
    if shapes:
        print("agendad approve ID…      does it (agendad approve --all: all of them)")
        print("agendad edit ID          changes its text first")
        print("agendad reject ID…       leaves it, and does not ask again")
    else:
        print("nothing waits for you")
    return 0


def waiting(store: Store, context: Context) -> list[ActionRow]:
    """What is pending about sessions that have not begun."""
    now = context.clock.now()
    to_come = {row.key for row in SessionStore(store).upcoming(now) if row.start > now}
    return [action for action in Journal(store).in_state(State.PENDING) if action.key in to_come]


def why_not_waiting(action: ActionRow, open_now: Iterable[ActionRow]) -> str:
    """Why an action is none of those that wait; "" if it is one."""
    if action.id in {one.id for one in open_now}:
        return ""
    return f"it is {action.state}" if action.state is not State.PENDING else "its session has begun"


def shape_of(action: ActionRow, store: Store, context: Context) -> dict[str, Any]:  # JSON
    row = SessionStore(store).session(action.key)
    meant = action.meant
    event = {
        "uid": action.key[0],
        "recurrence_id": action.key[1] or None,
        "mentorship": row.mentorship if row else None,
    }
    held = Pauses(store).shown_on(event, context.policy, context.clock.now())
    return action.as_json() | {
        "mentorship": event["mentorship"],
        "title": title_of(CalendarStore(store), action),
        "start": row.verdict["start"] if row else None,
        "would": {"action": meant.action, "effect": meant.effect, "to": list(meant.to)} if meant else None,
        "times": [{"start": stamp(start), "end": stamp(end)} for start, end in action.slots],
        "text": action.said.as_json() if action.said else None,
        "paused": held["paused"],
    }


def show(shape: dict[str, Any], context: Context) -> None:
    certain = shape["start"] is not None
    start = when(unstamp(shape["start"]), context.policy.me) if certain else "no certain time"
    print("\n".join(wrapped(f"{shape['title']}, {start}", f"{shape['id']}  ")))
    indent = "          "
    print("\n".join(wrapped(f"{shape['message']} ({shape['reason']})", f"{indent}why: ")))
    if shape["detail"]:
        print("\n".join(wrapped(shape["detail"], f"{indent}asked because: ")))
    would = shape["would"]
    pair = next((one for one in context.policy.mentorships if one.name == shape["mentorship"]), None)
    people = (context.policy.me, *([pair.other] if pair else []))
    new = "new time" if would and would["effect"] == Effect.MOVE else "time to propose"
    if would is None:
        print(f"{indent}nothing is done after a yes: what to do is yours")
    else:
        to = strip_controls(", ".join(would["to"]))
        print("\n".join(wrapped(f"{would['action']} ({would['effect']}), heard by {to}", f"{indent}a yes would: ")))
    for time in shape["times"]:
        print("\n".join(wrapped(on_clocks(unstamp(time["start"]), people), f"{indent}{new}: ")))
    if shape["paused"]:
        print("\n".join(wrapped(paused_until(shape["paused"], context.policy.me), f"{indent}held back: ")))
    if shape["text"]:
        whose = f"{indent}in your own words (agendad edit {shape['id']} --reset: back)\n"
        print(whose if shape["edited"] else "", end="")
        print("\n".join(wrapped(shape["text"]["subject"], f"{indent}Subject: ")) + "\n")
        print(textwrap.indent(shape["text"]["body"], "        "))
    print()
