"""`agendad demo`: the whole job on sample calendars, in a scratch folder, at a fixed time."""

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

from agendad.daemon import delivery
from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.clock import VARIABLE
from agendad.daemon.context import Context, locked, open_context
from agendad.daemon.digest import compose
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store
from agendad.daemon.summary import plain
from agendad.daemon.terminal import Shape, describe, session_time, when, wrapped
from agendad.providers.model import Event
from agendad.rules.detect import detect
from agendad.rules.engine import is_over
from agendad.rules.policy import Action

NOW = "2026-11-30T08:30:00-05:00"


def run(args: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="agendad-demo-"))
    with as_file(files("agendad.daemon") / "sample") as sample:
        shutil.copytree(sample, folder, dirs_exist_ok=True)
    os.environ[VARIABLE] = NOW
    args.config, args.state_dir = str(folder / "config.yaml"), str(folder / "state")
    context = open_context(args)
    with locked(context.state_dir):
        store = Store.open(context.state_dir)
        try:
            return _tell(context, store, folder)
        finally:
            store.close()


def _tell(context: Context, store: Store, folder: Path) -> int:
    zone, now = context.policy.me.timezone, context.clock.now()
    _heading(f"It is {when(now, zone)}. {context.policy.me.name.split()[0]}'s calendars are read")
    for account in context.one_pass(store).accounts:
        print(f"{account.name}: {account.changed} events")
        for problem in account.problems:
            where = f"{problem.source}:{problem.line}" if problem.line else problem.source
            print("\n".join(wrapped(f"{where}: {problem.message}", "    ")))
    rows = SessionStore(store).upcoming(now)
    _heading("The mentorship sessions among them, judged")
    for row in rows:
        codes = ", ".join(finding["code"] for finding in row.verdict["findings"]) or "fine"
        print(f"{session_time(row.verdict, zone)}  {row.verdict['title']}: {codes}")
    _heading("The other events, and why they are left alone")
    for event, why in _others(context, store):
        print("\n".join(wrapped(f"{event.title}: {why}", "")))
    _heading("One session in full (agendad explain gives this for any event)")
    print(describe(next(row.verdict for row in rows if _ends_in_cancel(row.verdict)), zone))
    _heading("The summary that goes to the user")
    print(plain(compose(context, store, now)).strip())
    mail = delivery.send(context, store, now)
    _heading("The same again: nothing is decided twice")
    print(f"{len(context.one_pass(store).news)} new decisions")
    _heading("For real")
    print(_next(folder, mail))
    return 0


def _others(context: Context, store: Store) -> Iterator[tuple[Event, str]]:
    """Events to come that are no sessions, each with the conclusion of its detection."""
    calendars, now = CalendarStore(store), context.clock.now()
    for uid in sorted(calendars.all_uids()):
        event = calendars.copies(uid)[0]
        detection = detect(event, context.policy)
        if not detection.is_mentorship and not is_over(event, now):
            yield event, detection.evidence[-1]


def _ends_in_cancel(verdict: Shape) -> bool:
    return bool(verdict["plan"]) and verdict["plan"][-1]["action"] == Action.CANCEL


def _heading(text: str) -> None:
    print("\n".join(["", text, "=" * len(text)]))


def _next(folder: Path, mail: Path) -> str:
    return f"""\
Nothing was sent and no calendar was changed; all of it is in {folder}
The summary as a mail, text and HTML: {mail.relative_to(folder)}

1. agendad check --example > FILE        then put in your name, your mentor's, and a folder of .ics files
2. agendad check --config FILE            says what is wrong with it, if anything
3. agendad lint FOLDER --config FILE      judges invites without remembering anything
4. agendad run --once --config FILE       reads, judges, plans; then: agendad summary, agendad explain"""
