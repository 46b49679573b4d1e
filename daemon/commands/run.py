"""`agendad run`: read, judge, plan; once or until it is stopped."""

import argparse
import textwrap
from collections.abc import Iterable
from contextlib import closing
from typing import Any

from agendad.daemon import sign_ins
from agendad.daemon.context import Context, UsageProblem, locked, open_context
from agendad.daemon.delivery import aftermath, send_if_due, trouble
from agendad.daemon.journal import ActionRow
from agendad.daemon.pass_report import PassReport
from agendad.daemon.passes import one_pass, wording_of
from agendad.daemon.progress import on_terminal
from agendad.daemon.reporting import json_text
from agendad.daemon.service import serve
from agendad.daemon.store import DATABASE, Store
from agendad.daemon.terminal import wrapped
from agendad.daemon.wording import Wording, check_templates
from agendad.rules.limits import OUT, State
from agendad.rules.text.untrusted import strip_controls

SCHEMA = "agendad.run/1"


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    known = {account.name for account in context.loaded.config.accounts}
    if unknown := [name for name in args.confirm if name not in known]:
        raise UsageProblem(
            f"--confirm: there is no account {', '.join(unknown)}. Nothing was done. "
            f"Accounts: {', '.join(sorted(known)) or 'none'}."
        )
    if args.confirm and not (args.once or args.dry_run):
        raise UsageProblem(
            "--confirm is for one pass: a service would believe every later loss too. Nothing was done. "
            "Give --once with it."
        )
    check_templates(context.loaded.config.templates)
    if args.dry_run:
        with closing(_scratch(context)) as store:
            return _once(args, context, store, dry=True)
    with locked(context.state_dir), closing(Store.open(context.state_dir)) as store:
        return _once(args, context, store, dry=False) if args.once else serve(context, store)


def _scratch(context: Context) -> Store:
    """What is remembered, in memory: a dry run leaves nothing behind and needs no lock."""
    if not (context.state_dir / DATABASE).exists():
        return Store.in_memory()
    with closing(Store.open(context.state_dir)) as store:
        return store.scratch_copy()


def _once(args: argparse.Namespace, context: Context, store: Store, *, dry: bool) -> int:
    report = one_pass(context, store, acting=not dry, confirmed=frozenset(args.confirm), progress=on_terminal)
    if not dry:
        sign_ins.tell(context, store, report.accounts, context.sign_in_notes())
        send_if_due(context, store, context.clock.now())
    wording = wording_of(context, store)
    if args.json:
        print(json_text(_shape(report, context, store, wording)))
    else:
        _show(report, context, store, wording, dry=dry)
    return 0 if report.ok and not trouble(store) else 1


def _notes(context: Context, store: Store) -> list[str]:
    notes = [*context.notes()]
    if failed := trouble(store):
        notes.append(f"the summary was not sent: {failed}")
    if told := aftermath(store):
        notes.append(told)
    return notes


def _shape(report: PassReport, context: Context, store: Store, wording: Wording) -> dict[str, Any]:  # JSON
    return {
        "schema": SCHEMA,
        "state_dir": str(context.state_dir),
        "accounts": [account.as_json() for account in report.accounts],
        "actions": [action.as_json() | {"text": _text(action, wording)} for action in report.actions],
        "notes": _notes(context, store),
    }


def _show(report: PassReport, context: Context, store: Store, wording: Wording, *, dry: bool) -> None:
    for account in report.accounts:
        state = f"{account.changed} changed" if account.ok else f"failed: {account.error}"
        print("\n".join(wrapped(state, f"account {account.name}: ")))
        for problem in account.problems:
            where = f"{problem.source}:{problem.line}" if problem.line else problem.source
            print("\n".join(wrapped(f"{where}: {problem.message}", "    ")))
        for held in account.held:
            print("\n".join(wrapped(held, "    held back: ")))
    for action in report.news:
        print("\n".join(wrapped(one_line(action), f"{action.id} ")))
    if dry:
        _show_texts(report.news, wording)
    for note in _notes(context, store):
        print("\n".join(wrapped(note, "note: ")))
    done = sum(action.state in OUT for action in report.news)
    what = f"{done} done" if done else "nothing was sent or changed"
    print(f"{len(report.news)} new decision{'s' * (len(report.news) != 1)}; {what}.")
    if any(action.state is State.PENDING for action in report.news):
        print("`agendad pending` shows what waits for your yes or no.")
    print("dry run: nothing was recorded." if dry else f"state folder: {context.state_dir}")


def one_line(action: ActionRow) -> str:
    """What became of an action."""
    detail = f" ({action.detail})" if action.detail else ""
    return f"{action.state}: {action.action} → {', '.join(action.to)}: {action.reason}{detail}"


def _text(action: ActionRow, wording: Wording) -> dict[str, str] | None:
    message = wording.of_action(action)
    return message.as_json() if message else None


def _show_texts(actions: Iterable[ActionRow], wording: Wording) -> None:
    """Each text whole, as it would reach the reader."""
    for action in actions:
        message = action.said or wording.of_action(action)
        if message is None or action.state is State.SKIPPED:
            continue
        print(f"\nwhat {action.id} would say ({message.channel})")
        print(f"    To: {strip_controls(', '.join(action.to))}\n    Subject: {message.subject}\n")
        print(textwrap.indent(message.body, "    ") + "\n")
