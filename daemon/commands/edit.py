"""`agendad edit`: change the text of what waits for the user's yes, before it goes."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from agendad.daemon.commands.pending import shape_of, show, waiting, why_not_waiting
from agendad.daemon.context import Context, UsageProblem, open_context
from agendad.daemon.editing import NotEdited, as_file, checked, from_file, in_editor, read_text
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.remembering import actions_named, after_a_pass
from agendad.daemon.reporting import json_text
from agendad.daemon.store import Store
from agendad.rules.messages import Message

SCHEMA = "agendad.edit/1"


def run(args: argparse.Namespace) -> int:
    """No lock and no transaction is held while the user writes: a running service goes on."""
    context = open_context(args)
    with after_a_pass(context) as store:
        action, said = _editable(args.id, store, context)
    written = ""
    try:
        if args.reset:
            said = _reset(args, action, said)
        elif args.subject is None and args.body is None:
            written = in_editor(as_file(said.subject, said.body), context.state_dir, os.environ)
            said = _with(said, *from_file(written))
        else:
            said = _with(said, *_given(args, said))
    except NotEdited as error:
        raise UsageProblem(_refused(action, str(error), written)) from None
    return _tell(args, context, action, _save(context, action, said, written))


def _editable(id_: str, store: Store, context: Context) -> tuple[ActionRow, Message]:
    """The action, and what it would say after a yes."""
    (action,) = actions_named(Journal(store), [id_])
    if why := why_not_waiting(action, waiting(store, context)):
        raise UsageProblem(
            f"{action.id} does not wait for an answer: {why}. Nothing was changed. `agendad pending` lists what does."
        )
    if action.said is None or action.meant is None:
        raise UsageProblem(
            f"{action.id} is a question to you only: nothing is sent after a yes, so there is no text to edit. "
            f"Nothing was changed. Answer it: agendad approve {action.id}, or agendad reject {action.id}."
        )
    return action, action.said


def _given(args: argparse.Namespace, said: Message) -> tuple[str, str]:
    """What the command line has; the other part stays."""
    body = said.body
    if args.body == "-":
        try:
            body = sys.stdin.buffer.read().decode("utf-8")
        except UnicodeDecodeError:
            raise NotEdited("standard input is not written in UTF-8") from None
    elif args.body is not None:
        body = read_text(Path(args.body))
    return checked(said.subject if args.subject is None else args.subject, body)


def _reset(args: argparse.Namespace, action: ActionRow, said: Message) -> Message:
    if args.subject is not None or args.body is not None:
        raise NotEdited("--reset brings agendad's text back, and takes no other")
    return action.drafted or said


def _with(said: Message, subject: str, body: str) -> Message:
    return replace(said, subject=subject, body=body)


def _save(context: Context, action: ActionRow, said: Message, written: str) -> bool:
    """Whether the text is another now."""
    with after_a_pass(context) as store, store.transaction():
        now = Journal(store).action(action.id)
        if now != action:  # answered, or asked again about an event that the user has not seen
            what = f"it is {now.state} by now" if now.state is not action.state else "it was asked about anew"
            raise UsageProblem(_refused(action, f"it changed while you wrote ({what})", written))
        if said == action.said:
            return False
        Journal(store).reword(action, said, context.clock.now())
    return True


def _refused(action: ActionRow, why: str, written: str) -> str:
    """What happened, what was not done, what to do next; what the user wrote is not lost."""
    kept = f"\nThis is what you wrote:\n\n{written}" if written.strip() else ""
    return (
        f"{action.id} was not edited: {why}. Nothing was changed. "
        f"`agendad pending` shows what waits; to send nothing: agendad reject {action.id}.{kept}"
    )


def _tell(args: argparse.Namespace, context: Context, action: ActionRow, changed: bool) -> int:
    with after_a_pass(context) as store:
        shape = shape_of(Journal(store).action(action.id), store, context)
    if args.json:
        print(json_text({"schema": SCHEMA, "changed": changed, "action": shape}))
        return 0
    show(shape, context)
    print("this is what goes out after your yes:" if changed else "the text is as it was. After your yes it goes out:")
    print(f"agendad approve {action.id}")
    return 0
