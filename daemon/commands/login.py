"""`agendad login ACCOUNT`: sign in, keep the sign-in, and see that it works."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TextIO

from agendad.daemon.config_shapes import AnyAccount, GoogleAccount, IcsAccount, OutlookAccount
from agendad.daemon.context import Context, UsageProblem, open_context
from agendad.daemon.reporting import json_text
from agendad.daemon.signing_in import Desk, Report, SigningIn
from agendad.daemon.signing_in_google import SigningInToGoogle
from agendad.daemon.signing_in_outlook import SigningInToOutlook
from agendad.daemon.terminal import wrapped
from agendad.providers.errors import ProviderError

SCHEMA = "agendad.login/1"
_STAYS_STORED = "The sign-in is stored all the same; `agendad run --once` tries it again."
_GOOGLES = "https://www.googleapis.com/auth/"
_AS_BEFORE = "no sign-in was stored, and an earlier one stays as it was."


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    account = _account(context, args.account)
    report = Report(account.name, account.auth.method)
    say = _teller(sys.stderr if args.json else sys.stdout)
    signing_in = _signing_in(account, context, report, Desk(say=say, ask=_pasted, open_browser=not args.no_browser))
    try:
        with _stdout_for_json(args.json):
            signing_in.sign_in()
        signing_in.check()
    except ProviderError as error:
        report.error = f"{error} {_STAYS_STORED}" if report.stored else str(error)
    except KeyboardInterrupt:
        print(f"\ninterrupted: {_STAYS_STORED if report.stored else _AS_BEFORE}", file=sys.stderr)
        return 130
    if args.json:
        print(json_text({"schema": SCHEMA, **asdict(report)}))
    else:
        _tell(report, say)
    return 1 if report.error else 0


def _account(context: Context, name: str) -> GoogleAccount | OutlookAccount:
    accounts: dict[str, AnyAccount] = {account.name: account for account in context.loaded.config.accounts}
    account = accounts.get(name)
    if account is None:
        known = f"There are: {', '.join(accounts)}." if accounts else "The configuration has no accounts."
        raise UsageProblem(f"There is no account {name}. Nothing was done. {known}")
    if isinstance(account, IcsAccount):
        raise UsageProblem(f"Account {name} is a folder of files and needs no sign-in. Nothing was done.")
    if not isinstance(account, GoogleAccount | OutlookAccount):
        raise UsageProblem(
            f"Account {name} needs no sign-in: its password is read from where the configuration says that it is"
            " (docs/caldav.md). Nothing was done. `agendad doctor` tells whether the server takes it."
        )
    return account


def _signing_in(account: GoogleAccount | OutlookAccount, context: Context, report: Report, desk: Desk) -> SigningIn:
    if isinstance(account, OutlookAccount):
        return SigningInToOutlook(account, context, report, desk)
    return SigningInToGoogle(account, context, report, desk)


def _tell(report: Report, say: Callable[[str], None]) -> None:
    if report.checked:
        say(f"signed in as {report.address}" if report.address else "the sign-in works; it does not say whose it is")
    if report.stored and report.scopes:
        say(f"It may: {', '.join(scope.removeprefix(_GOOGLES) for scope in report.scopes)}.")
    if report.key:
        say(f"The sign-in is stored, encrypted; its key is in {report.key}.")
    for note in report.notes:
        say("\n".join(wrapped(note, "note: ")))
    if report.error:
        print(report.error, file=sys.stderr)


def _teller(stream: TextIO) -> Callable[[str], None]:
    return lambda text: print(text, file=stream, flush=True)


@contextmanager
def _stdout_for_json(wanted: bool) -> Iterator[None]:
    """What a browser prints goes to stderr while stdout is for JSON alone."""
    if not wanted:
        yield
        return
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _pasted() -> str:
    """A line from the terminal that is not empty.

    Raises:
        EOFError: there is none.
    """
    print("Address: ", end="", file=sys.stderr, flush=True)
    for line in sys.stdin:
        if line.strip():
            return line
    raise EOFError
