"""`agendad init`: a configuration by a few questions, the sign-ins, and what it would have done last month."""

import argparse
import json
import os
import shlex
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from agendad.daemon import clock as clocks
from agendad.daemon import config as configuration
from agendad.daemon.asking import Given, by_flag, by_machine, by_person
from agendad.daemon.commands import login
from agendad.daemon.config_shapes import GoogleAccount, OutlookAccount
from agendad.daemon.context import Context, UsageProblem, open_context
from agendad.daemon.first_run import Answers, check_free, put, text_of
from agendad.daemon.hindsight import told
from agendad.daemon.looking_back import Month, look_back
from agendad.daemon.progress import on_terminal
from agendad.daemon.secrets import login_command
from agendad.daemon.store import StateError
from agendad.daemon.terminal import wrapped

SCHEMA = "agendad.init/1"
_HEADING = "What agendad would have done in the last 30 days"


def run(args: argparse.Namespace) -> int:
    place, by = configuration.config_place(Path(args.config) if args.config else None, os.environ)
    place = place.absolute()
    check_free(place, by, force=args.force)
    now = _now()
    text = ""
    try:
        answers, taken = _answers(args, place)
        text = text_of(answers, now)
        backup = put(place, text, now, force=args.force)
    except KeyboardInterrupt:
        return _interrupted(place, text)
    if not args.json:
        _tell_written(place, taken, backup)
    args.config = str(place)
    return _go_on(args, backup, asks=_asks(args))


def _now() -> datetime:
    try:
        return clocks.clock_from(os.environ).now()
    except ValueError as error:
        raise UsageProblem(f"{clocks.VARIABLE}: {error}. Nothing was written.") from None


def _answers(args: argparse.Namespace, place: Path) -> tuple[Answers, list[str]]:
    """The second value: what was taken from this machine without asking."""
    given = Given(
        name=args.name or "",
        emails=tuple(args.email),
        timezone=args.timezone or "",
        language=args.language or "",
        holidays=args.holidays or "",
        accounts=tuple(args.account),
        mentor=args.mentor or "",
        mentee=args.mentee or "",
        their_timezone=args.their_timezone or "",
    )
    answers = by_flag(given, place)
    if _asks(args):
        return by_person(given, answers, place, os.environ), []
    return by_machine(given, answers, place, os.environ)


def _asks(args: argparse.Namespace) -> bool:
    return sys.stdin.isatty() and not args.yes and not args.json


def _interrupted(place: Path, text: str) -> int:
    """The file is written in one step, so it is there as a whole or as it was."""
    written = text and place.exists() and place.read_text("utf-8", "replace") == text
    what = (
        f"{place} is written as a whole, and nothing else was done." if written else "nothing was written or changed."
    )
    print(f"\ninterrupted: {what} To begin anew: agendad init{' --force' if written else ''}", file=sys.stderr)
    return 130


def _tell_written(place: Path, taken: list[str], backup: Path | None) -> None:
    print(f"written: {place}")
    if backup:
        print(f"the one of before: {backup}")
    if taken:
        print("\n".join(wrapped(", ".join(taken), "taken from this machine: ")))


def _go_on(args: argparse.Namespace, backup: Path | None, *, asks: bool) -> int:
    """From the moment that the configuration is there."""
    context, month = open_context(args), None
    signed_in: set[str] = set()
    status = 0
    try:
        signed_in = _sign_ins(args, context, asks=asks)
        month = look_back(context, progress=on_terminal)
    except KeyboardInterrupt:
        print("\ninterrupted: the configuration is written; what follows was left out.", file=sys.stderr)
        status = 130
    if args.json:
        print(json.dumps(_shape(context, backup, month, signed_in), ensure_ascii=False, indent=2))
    else:
        if month is not None:
            print("\n".join(["", _HEADING, "=" * len(_HEADING), told(month, context.policy)]))
        print("\n".join(["", "What to do next", "===============", *_next(context, month, signed_in)]))
    waiting = _to_sign_in(context, signed_in)
    return status or int(month is not None and any(name not in waiting for name in month.failed))


def _sign_ins(args: argparse.Namespace, context: Context, *, asks: bool) -> set[str]:
    """Offer to sign in to each account on a server. Returns those that are."""
    done = {name for name, opened in context.accounts.items() if opened.fingerprint()}
    for account in context.loaded.config.accounts:
        if not isinstance(account, GoogleAccount | OutlookAccount) or account.name in done or not asks:
            continue
        if not _yes(f"Sign in to {account.name} ({account.provider}) now?"):
            continue
        try:
            status = login.run(argparse.Namespace(**{**vars(args), "account": account.name, "no_browser": False}))
        except (StateError, UsageProblem) as error:
            print("\n".join(wrapped(str(error), "! ")))
            continue
        if status == 130:
            raise KeyboardInterrupt
        if status == 0:
            done.add(account.name)
    return done


def _yes(question: str) -> bool:
    try:
        return input(f"{question} [Y/n] ").strip().lower() in ("", "y", "yes")
    except EOFError:
        print()
        return False


def _to_sign_in(context: Context, signed_in: set[str]) -> list[str]:
    """The accounts on servers that nobody is signed in to."""
    accounts = context.loaded.config.accounts
    on_servers = [one.name for one in accounts if isinstance(one, GoogleAccount | OutlookAccount)]
    return [name for name in on_servers if name not in signed_in]


def _next(context: Context, month: Month | None, signed_in: set[str]) -> list[str]:
    """Commands to type, each with what it is good for."""
    options = _options(context)
    logins = [(f"{login_command(name)}{options}", "sign in to it") for name in _to_sign_in(context, signed_in)]
    steps = [
        *logins,
        (f"agendad run --once{options}", "read, judge and plan, once"),
        (f"agendad summary{options}", "what it found and would do"),
        (f"agendad doctor{options}", "is everything in place?"),
        (f"agendad service install{options}", "as a service; it observes until you set `mode: approve` or `act`"),
    ]
    lines = [line for command, why in steps for line in (f"  {command}", f"      {why}")]
    if month is not None and not context.loaded.config.mentorships:
        lines += wrapped(
            f"Put your mentor or mentee into {context.loaded.path} first: without a pair it only looks.", "! "
        )
    return lines


def _options(context: Context) -> str:
    """What commands need to find this installation."""
    usual, _ = configuration.config_place(None, os.environ)
    path, usual_state = context.loaded.path, configuration.state_dir(context.loaded.config, None, os.environ)
    options = "" if path == usual.absolute() else f" --config {shlex.quote(str(path))}"
    return options + ("" if context.state_dir == usual_state else f" --state-dir {shlex.quote(str(context.state_dir))}")


def _shape(context: Context, backup: Path | None, month: Month | None, signed_in: set[str]) -> dict[str, Any]:  # JSON
    return {
        "schema": SCHEMA,
        "config": str(context.loaded.path),
        "backup": str(backup) if backup else None,
        "state_dir": str(context.state_dir),
        "signed_in": sorted(signed_in),
        "last_month": month.as_json() if month else None,
    }
