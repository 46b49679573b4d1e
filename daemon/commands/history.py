"""`agendad history`: what was decided, when and why."""

import argparse
from datetime import timedelta

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.context import UsageProblem, open_context
from agendad.daemon.journal import Journal
from agendad.daemon.remembering import after_a_pass, title_of
from agendad.daemon.reporting import json_text
from agendad.daemon.terminal import when, wrapped
from agendad.rules.units import parse_duration


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    try:
        since = context.clock.now() - parse_duration(args.since)
    except ValueError as error:
        raise UsageProblem(f"--since: {error}.") from None
    with after_a_pass(context) as store:
        actions = Journal(store).actions(since)
        calendars = CalendarStore(store)
        titles = {action.id: title_of(calendars, action) for action in actions}
    if args.json:
        shapes = [action.as_json() for action in actions]
        print(json_text({"schema": "agendad.history/1", "actions": shapes}))
        return 0
    me = context.policy.me
    for action in actions:
        title = titles[action.id]
        detail = f" ({action.detail})" if action.detail else ""
        own = ", in your own words" if action.edited else ""
        text = f"{when(action.decided_at, me)}: {action.state}: {action.rung}, {title}: {action.reason}{own}{detail}"
        print("\n".join(wrapped(text, f"{action.id}  ")))
    if not actions:
        days = (context.clock.now() - since) / timedelta(days=1)
        print(f"nothing was decided in the last {days:.0f} days")
    return 0
