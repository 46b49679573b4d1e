"""`agendad undo`: take back what was written to a calendar, and tell those who were told of it."""

import argparse
import sys

from agendad.daemon.context import UsageProblem, open_context
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.means import was_written
from agendad.daemon.passes import done_at_once
from agendad.daemon.remembering import actions_named, after_a_pass
from agendad.daemon.reporting import json_text
from agendad.daemon.terminal import wrapped
from agendad.rules.limits import OUT, State


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    with after_a_pass(context) as store:
        (action,) = actions_named(Journal(store), [args.id])
        if action.state in OUT and not was_written(action):
            raise UsageProblem(
                f"{action.id} was a mail, which cannot be taken back. Nothing was changed. "
                f"Write to {', '.join(action.to)} yourself."
            )
        if action.state in (State.SENT, State.CONFIRMED, State.UNKNOWN):
            if not args.json:
                print("\n".join(wrapped(_cannot_be_restored(action), "")))
            with store.transaction():
                Journal(store).wish(action, "undo")
        elif action.state is State.UNDONE:
            raise UsageProblem(f"{action.id} has been taken back already. Nothing was changed.")
        else:
            raise UsageProblem(f"{action.id} cannot be undone: it is {action.state}. Nothing was changed.")
    handed_over = not done_at_once(context)
    with after_a_pass(context) as store:
        action = Journal(store).action(action.id)
    if args.json:
        shape = {"schema": "agendad.undo/1", "action": action.as_json(), "handed_over": handed_over}
        print(json_text(shape))
    elif action.state is State.UNDONE:
        print(f"{action.id} is undone")
    elif handed_over:
        print("the running service does it now; `agendad history` tells what became of it")
    else:
        print(action.detail, file=sys.stderr)
    return 0 if handed_over or action.state is State.UNDONE else 1


def _cannot_be_restored(action: ActionRow) -> str:
    told = ", ".join(action.to)
    if action.effect == "mail":
        return (
            f"{action.rung} of {action.key[0]}: the mail to {told or 'nobody'} was sent and stays; only the right to "
            "change the event goes back, and nobody is told of that."
        )
    return (
        f"{action.rung} ({action.effect}) of {action.key[0]}: what {told or 'nobody'} was told cannot be taken back; "
        "they are told once more, that it is as it was before. Answers that guests gave in between may be lost."
    )
