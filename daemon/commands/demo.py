"""`agendad demo`: the whole job on sample calendars, in a scratch folder, at a fixed time."""

import argparse
import os
import shutil
import tempfile
import textwrap
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from importlib.resources import as_file, files
from pathlib import Path

from agendad.daemon import delivery, mailing
from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.clock import VARIABLE, FixedClock
from agendad.daemon.context import Context, locked, open_context
from agendad.daemon.journal import ActionRow
from agendad.daemon.passes import one_pass
from agendad.daemon.remembering import title_of
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store
from agendad.daemon.terminal import Shape, describe, session_time, when, wrapped
from agendad.providers.model import Event
from agendad.rules.detect import detect
from agendad.rules.engine import is_over
from agendad.rules.limits import OUT, State
from agendad.rules.policy import Action, Person

_HALF_A_DAY = timedelta(hours=12)
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
    me, clock = context.policy.me, _fixed(context)
    _heading(f"It is {when(clock.now(), me)}. {me.name.split()[0]}'s calendars are read")
    report = one_pass(context, store)
    for account in report.accounts:
        print(f"{account.name}: {account.changed} events")
        for problem in account.problems:
            where = f"{problem.source}:{problem.line}" if problem.line else problem.source
            print("\n".join(wrapped(f"{where}: {problem.message}", "    ")))
    rows = SessionStore(store).upcoming(clock.now())
    _heading("The mentorship sessions among them, judged")
    for row in rows:
        codes = ", ".join(finding["code"] for finding in row.verdict["findings"]) or "fine"
        print("\n".join(wrapped(f"{row.verdict['title']}: {codes}", f"{session_time(row.verdict, me)}  ")))
    _heading("The other events, and why they are left alone")
    for event, why in _others(context, store):
        print("\n".join(wrapped(f"{event.title}: {why}", "")))
    _heading("One session in full (agendad explain gives this for any event)")
    print(describe(next(row.verdict for row in rows if _ends_in_cancel(row.verdict)), me))
    _heading("What is done, over three days")
    _acts(report.news, clock.now(), store, me)
    for _ in range(7):
        clock.move(_HALF_A_DAY)
        news = one_pass(context, store).news
        delivery.send_if_due(context, store, clock.now())
        _acts(news, clock.now(), store, me)
    _heading("What the others were sent")
    _letters(context)
    _heading("The last of the summaries that the user was sent")
    print(_last_summary(context))
    _heading("The same again: nothing is done twice")
    before = len(_mails(context))
    news = one_pass(context, store).news
    print(f"{len(news)} new decisions, {len(_mails(context)) - before} new mails")
    _heading("For real")
    print(_next(folder))
    return 0


def _fixed(context: Context) -> FixedClock:
    if not isinstance(context.clock, FixedClock):
        raise TypeError("the demo has a clock of its own")
    return context.clock


def _acts(news: Iterable[ActionRow], now: datetime, store: Store, me: Person) -> None:
    """One line for each thing that was done, or asked."""
    calendars = CalendarStore(store)
    shown = [action for action in news if action.state in OUT or action.state is State.PENDING]
    print(when(now, me) + ("" if shown else ": nothing"))
    for action in shown:
        to = "asks you" if action.state is State.PENDING else f"→ {', '.join(action.to)}"
        text = f"{action.rung} ({action.effect}) {to}: {title_of(calendars, action)}, {action.reason}"
        print("\n".join(wrapped(text, f"    {action.state}: ")))


def _letters(context: Context) -> None:
    """The first mail of each kind, whole."""
    me = context.policy.me
    seen: set[str] = set()
    others = [mail for mail in _mails(context) if not me.has(str(mail["To"]))]
    for mail in others:
        calendar = next((part for part in mail.walk() if part.get_content_type() == "text/calendar"), None)
        kind = str(calendar.get_param("method")) if calendar else "plain"
        if kind in seen:
            continue
        seen.add(kind)
        text = mail.get_body(("plain",))
        attached = f"\nand for the calendar program: iTIP {kind}" if calendar else ""
        print(f"To: {mail['To']}\nSubject: {mail['Subject']}{attached}\n")
        print(textwrap.indent(str(text.get_content()).strip() if text else "", "    "))
        print()
    print(f"{len(others)} mails to others in all, in {mailing.outbox(context).name}/")


def _last_summary(context: Context) -> str:
    mails = [mail for mail in _mails(context) if str(mail["Message-ID"]).startswith("<summary-")]
    text = mails[-1].get_body(("plain",))
    return str(text.get_content()).strip() if text else ""


def _mails(context: Context) -> list[EmailMessage]:
    paths = sorted(mailing.outbox(context).glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=default_policy) for path in paths]


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


def _next(folder: Path) -> str:
    return f"""\
Nothing left this machine. The changed calendars and every mail are in
{folder}

1. agendad init
   a few questions, then what it would have done in your own last month
2. agendad doctor
   says what is not in place, if anything, and how to mend it
3. agendad run --once
   reads, judges, plans; nothing goes out in `mode: observe`
4. agendad summary, agendad explain
   what it would do, and why; then set `mode: approve`, and later `act`"""
