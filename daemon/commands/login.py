"""`agendad login ACCOUNT`: sign in, keep the sign-in, and see that it works."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import TextIO

from agendad.daemon.accounts import GOOGLE, GoogleSignIn, token_vault, writes
from agendad.daemon.config_shapes import AnyAccount, GoogleAccount, IcsAccount, ServiceAccountAuth, TokenAuth
from agendad.daemon.context import Context, UsageProblem, open_context
from agendad.daemon.profile_hints import hints
from agendad.daemon.secrets import StoredToken
from agendad.daemon.store import stamp
from agendad.daemon.terminal import wrapped
from agendad.providers.errors import ProviderError

SCHEMA = "agendad.login/1"
_STAYS_STORED = "The sign-in is stored all the same; `agendad run --once` tries it again."
_AS_BEFORE = "no sign-in was stored, and an earlier one stays as it was."
_ALWAYS = timedelta(days=36500)
_HOW_TO_GET_THE_FILE = (
    "In the Google Cloud console enable the Google Calendar API, make an OAuth client of the type `Desktop app`,"
    " download its file, and name it in the account: client_secrets: google-client.json (docs/google.md, step by step)."
)


@dataclass
class _Report:
    """What came of it. `stored` and `checked` are about this sign-in."""

    account: str
    method: str
    stored: bool = False
    checked: bool = False
    address: str | None = None
    scopes: list[str] = field(default_factory=list)
    ends: str | None = None
    """RFC 3339, for apps in 'Testing'."""
    key: str | None = None
    """Where the key that encrypts the sign-in is kept, in words."""
    notes: list[str] = field(default_factory=list)
    error: str | None = None


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    account = _account(context, args.account)
    report = _Report(account.name, account.auth.method)
    say = _teller(sys.stderr if args.json else sys.stdout)
    sign_in = GoogleSignIn(
        account=account,
        vault=token_vault(context.loaded.config, context.state_dir),
        writes=writes(context.loaded.config),
        clock=context.clock,
    )
    try:
        with _stdout_for_json(args.json):
            _sign_in(sign_in, report, say, open_browser=not args.no_browser)
        _check(context, sign_in, report)
    except ProviderError as error:
        report.error = f"{error} {_STAYS_STORED}" if report.stored else str(error)
    except KeyboardInterrupt:
        print(f"\ninterrupted: {_STAYS_STORED if report.stored else _AS_BEFORE}", file=sys.stderr)
        return 130
    if args.json:
        print(json.dumps({"schema": SCHEMA, **asdict(report)}, ensure_ascii=False, indent=2))
    else:
        _tell(report, say)
    return 1 if report.error else 0


def _account(context: Context, name: str) -> GoogleAccount:
    accounts: dict[str, AnyAccount] = {account.name: account for account in context.loaded.config.accounts}
    account = accounts.get(name)
    if account is None:
        known = f"There are: {', '.join(accounts)}." if accounts else "The configuration has no accounts."
        raise UsageProblem(f"There is no account {name}. Nothing was done. {known}")
    if isinstance(account, IcsAccount):
        raise UsageProblem(f"Account {name} is a folder of files and needs no sign-in. Nothing was done.")
    if not isinstance(account, GoogleAccount):
        raise UsageProblem(
            f"This version cannot sign in to {account.provider} (account {name}). Nothing was done. Remove the account,"
            " or export its calendar as .ics files for an account of provider ics."
        )
    return account


def _sign_in(sign_in: GoogleSignIn, report: _Report, say: Callable[[str], None], *, open_browser: bool) -> None:
    """What the account's way of signing in asks for; a person's sign-in is stored."""
    auth = sign_in.account.auth
    if isinstance(auth, TokenAuth):
        say(f"The environment variable {auth.env} signs account {report.account} in; nothing is stored.")
    elif isinstance(auth, ServiceAccountAuth):
        whom = f"for {auth.subject}" if auth.subject else "for itself, as `auth.subject` names nobody"
        say(f"The service account in {auth.key_file} signs account {report.account} in, {whom}; nothing is stored.")
    else:
        _ask_the_person(sign_in, report, say, open_browser=open_browser)


def _ask_the_person(sign_in: GoogleSignIn, report: _Report, say: Callable[[str], None], *, open_browser: bool) -> None:
    if sign_in.account.client_secrets is None:
        happened = f"Account {report.account} names no OAuth client (client_secrets), and nobody can sign in without."
        raise UsageProblem(f"{happened} Nothing was done. {_HOW_TO_GET_THE_FILE}")
    from agendad.providers.google_consent import consent  # noqa: PLC0415 - slow to import
    from agendad.providers.google_signin import CredentialFileWrong, scopes_needed  # noqa: PLC0415

    vault = sign_in.vault
    vault.key_place()  # nobody goes through a sign-in that cannot be stored
    try:
        token = consent(
            sign_in.account.client_secrets,
            scopes_needed(sign_in.writes),
            open_browser=open_browser,
            tell=say,
            ask=_pasted,
            now=sign_in.clock.now,
        )
    except CredentialFileWrong as error:
        raise UsageProblem(str(error)) from error
    vault.save(report.account, StoredToken(GOOGLE, token.to_json()))
    report.stored, report.key = True, vault.key_place()
    report.scopes = list(token.scopes)
    report.ends = stamp(token.refresh_expires_at) if token.refresh_expires_at else None


def _check(context: Context, sign_in: GoogleSignIn, report: _Report) -> None:
    """Ask Google for the person, with what was stored."""
    from agendad.providers.google_profile import ProfileApi  # noqa: PLC0415 - slow to import
    from agendad.providers.pacing import Pace  # noqa: PLC0415

    api = ProfileApi(
        report.account,
        sign_in.account.api_root,
        credentials=sign_in.credentials,
        why_refused=sign_in.why_refused,
        now=context.clock.now,
        pace=Pace(service="Google", tries=2),
    )
    with closing(api):
        profile = api.primary()
    report.checked, report.address = True, profile.address
    me = context.policy.me
    report.notes += hints(profile, me, context.clock.now())
    token = sign_in.signed_in()
    if token is not None:
        sign_in.renewed(replace(token, address=profile.address))
        report.notes += sign_in.ending(token, me.timezone, before=_ALWAYS)
        if not sign_in.writes:
            report.notes.append(
                "It may only read, as every mode is observe. Sign in again after changing a mode to approve or act."
            )


def _tell(report: _Report, say: Callable[[str], None]) -> None:
    if report.checked:
        say(f"signed in as {report.address}" if report.address else "the sign-in works; it does not say whose it is")
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
