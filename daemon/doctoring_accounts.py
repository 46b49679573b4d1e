"""What the doctor asks of servers: their clocks, whether sign-ins work and what they allow, and whether mail could go.

Each of these is asked in a thread of its own, so that none waits for another. Nothing is sent or changed; a sign-in
that had to be refreshed is stored, as at any pass.
"""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from agendad.daemon import mailing
from agendad.daemon.accounts import WARN_BEFORE
from agendad.daemon.clock import Clock, FixedClock
from agendad.daemon.config_shapes import (
    AccountMail,
    AnyAccount,
    CaldavAccount,
    GmailMail,
    GoogleAccount,
    IcsAccount,
    OutlookAccount,
    SmtpMail,
    is_loopback,
)
from agendad.daemon.context import Context
from agendad.daemon.doctoring_dav import of_dav
from agendad.daemon.doctoring_shapes import Check, bad, good, warn
from agendad.daemon.secrets import FOLDER as SIGN_INS
from agendad.daemon.secrets import login_command
from agendad.daemon.signing_in import ONLY_READING, Desk, Report
from agendad.daemon.signing_in_google import SigningInToGoogle
from agendad.daemon.signing_in_outlook import SigningInToOutlook
from agendad.daemon.terminal import when
from agendad.daemon.token_keys import KeyMissing, KeySources
from agendad.providers.errors import ProviderError
from agendad.rules.policy import Mode

PATIENCE = 4.0
"""Seconds that a server has."""
_CLOCKS_AGREE, _CLOCKS_DIFFER = timedelta(seconds=30), timedelta(minutes=5)
_ALWAYS = timedelta(days=36500)
_PERSONS = frozenset({"oauth", "device-code", "interactive"})
"""Ways to sign in that are kept in the state folder."""
_NETWORK = "check the network, and a proxy or firewall in between"


def questions(context: Context) -> list[str]:
    """For each server of calendars, and of mail through accounts, an address that answers strangers with a no."""
    config = context.loaded.config
    found: dict[str, str] = {}
    for account in config.accounts:
        if isinstance(account, GoogleAccount):
            found.setdefault(urlsplit(account.api_root).netloc, f"{account.api_root}/calendars/primary")
            if isinstance(config.mail, GmailMail) and config.mail.account == account.name:
                found.setdefault(urlsplit(account.gmail_root).netloc, f"{account.gmail_root}/gmail/v1/users/me/profile")
        elif isinstance(account, OutlookAccount):
            found.setdefault(urlsplit(account.api_root).netloc, f"{account.api_root}/me")
        elif isinstance(account, CaldavAccount):
            found.setdefault(urlsplit(account.url).netloc, account.url)
    return list(found.values())


@dataclass(slots=True)
class Clocks:
    """How far the servers' clocks are ahead of this machine's, by host; told by many threads."""

    clock: Clock
    offsets: dict[str, timedelta] = field(default_factory=dict)

    def verdict(self) -> Check:
        """What they say together."""
        name, now = "clock", self.clock.now()
        if isinstance(self.clock, FixedClock):
            return warn(name, f"it stands still at {when(now, None)}, for tests", "unset AGENDAD_NOW")
        if not self.offsets:
            return good(name, f"it says {when(now, None)}; there was no server to compare it with")
        host, offset = max(self.offsets.items(), key=lambda item: abs(item[1]))
        fix = "set it right: `timedatectl` tells how it is kept (on macOS: sudo sntp -sS time.apple.com)"
        said = f"it is {_span(offset)} {'behind' if offset > timedelta() else 'ahead of'} that of {host}"
        if abs(offset) > _CLOCKS_DIFFER:
            return bad(name, f"{said}, so nothing goes out for its account", fix)
        if abs(offset) > _CLOCKS_AGREE:
            return warn(name, said, fix)
        return good(name, f"it agrees with that of {' and '.join(sorted(self.offsets))}")


def _span(offset: timedelta) -> str:
    seconds = round(abs(offset).total_seconds())
    return f"{seconds} seconds" if seconds < 120 else f"{round(seconds / 60)} minutes"


def of_server(question: str, clocks: Clocks) -> Iterator[Check]:
    """Whether a server answers at all, whatever it says, and what its clock says."""
    import httpx  # noqa: PLC0415 - only for those with accounts on servers

    host, name = urlsplit(question).hostname or question, server_name(question)
    begun = time.monotonic()
    try:
        client = httpx.Client(timeout=PATIENCE, follow_redirects=False, trust_env=not is_loopback(host))
        with client, client.stream("GET", question) as answer:  # its body is of no use
            told_at = answer.headers.get("date", "")
    except httpx.HTTPError as error:
        yield bad(name, f"it cannot be reached: {_reason(error)}", _NETWORK)
        return
    took, now = time.monotonic() - begun, clocks.clock.now()
    try:
        told = parsedate_to_datetime(told_at)
    except ValueError:
        told = None
    if told is not None and told.utcoffset() is not None:
        clocks.offsets[host] = told - now
    yield good(name, f"it answers (after {took:.1f} s)")


def server_name(question: str) -> str:
    """What the doctor calls a server.

    >>> server_name("https://graph.microsoft.com/v1.0/me")
    'server graph.microsoft.com'
    """
    return f"server {urlsplit(question).netloc}"


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def of_account(account: AnyAccount, context: Context) -> Iterator[Check]:
    """Whether an account can be read, by whom, how long, and what it allows."""
    name = f"account {account.name}"
    if isinstance(account, IcsAccount):
        yield _folder(account, name)
    elif isinstance(account, GoogleAccount | OutlookAccount):
        try:
            yield from _signed_in(account, context, name)
        except ProviderError as error:
            yield bad(name, f"{error.happened} {error.not_done}".strip(), error.next_step)
    else:
        yield from of_dav(account, context, name, PATIENCE)


def _folder(account: IcsAccount, name: str) -> Check:
    path = account.path
    if not path.exists():
        return bad(name, f"{path} does not exist", "create it, or correct `path` in the configuration")
    if not os.access(path, os.R_OK | (os.X_OK if path.is_dir() else 0)):
        return bad(name, f"{path} cannot be read", "correct its permissions")
    if account.notify != "none" and not os.access(path, os.W_OK):
        said = f"{path} can be read and not written, so nothing can be done about its events"
        return warn(name, said, "correct its permissions, or say `notify: none` in the account")
    return good(name, f"{path} can be read{'' if account.notify == 'none' else ' and written'}")


def _signed_in(account: GoogleAccount | OutlookAccount, context: Context, name: str) -> Iterator[Check]:
    report = Report(account.name, account.auth.method)
    nobody = Desk(say=lambda _text: None, ask=lambda: "", open_browser=False)
    by_person = account.auth.method in _PERSONS
    signing_in: SigningInToGoogle | SigningInToOutlook
    if isinstance(account, GoogleAccount):
        signing_in = SigningInToGoogle(account, context, report, nobody)
        stored = _stored_at_google(signing_in) if by_person else _Stored()
    else:
        signing_in = SigningInToOutlook(account, context, report, nobody)
        stored = _stored_at_microsoft(signing_in) if by_person else _Stored()
    login = login_command(account.name)
    if stored is None:
        yield bad(name, "nobody has signed in", login)
        return
    signing_in.check()
    whose = f"signed in as {report.address}" if report.address else "the sign-in works"
    if stored.lacking:
        yield bad(name, f"{whose}, but {' '.join(stored.lacking)}", login)
    else:
        yield _lasting(name, f"{whose}, which allows what is needed", stored.ends, context)
    own = (ONLY_READING, *stored.ending)
    yield from (
        warn(name, note, "correct the configuration where it is wrong") for note in report.notes if note not in own
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """What is known of a sign-in without asking a server."""

    lacking: tuple[str, ...] = ()
    """What it does not allow and the configuration asks for."""
    ends: datetime | None = None
    """When it ends by itself, aware UTC."""
    ending: tuple[str, ...] = ()
    """The same in words."""


def _stored_at_google(signing_in: SigningInToGoogle) -> _Stored | None:
    how = signing_in.how
    token = how.signed_in()
    if token is None:
        return None
    ending = how.ending(token, signing_in.context.policy.me, before=_ALWAYS)
    return _Stored(lacking=_without_advice(how.lacking(token)), ends=token.refresh_expires_at, ending=tuple(ending))


def _stored_at_microsoft(signing_in: SigningInToOutlook) -> _Stored | None:
    token = signing_in.how.signed_in()
    return None if token is None else _Stored(lacking=_without_advice(signing_in.how.lacking(token)))


def _without_advice(notes: Iterable[str]) -> tuple[str, ...]:
    return tuple(note.partition(" Type: ")[0].removesuffix(".") for note in notes)


def _lasting(name: str, said: str, ends: datetime | None, context: Context) -> Check:
    if ends is None:
        return good(name, said)
    left = ends - context.clock.now()
    told = f"{said}; it ends on {when(ends, context.policy.me)}, in {max(left.days, 0)} days"
    if left > WARN_BEFORE:
        return good(name, told)
    fix = f"{login_command(name.removeprefix('account '))}; publishing your app at Google ends this (docs/google.md)"
    return warn(name, told, fix)


def of_key(context: Context) -> Iterator[Check]:
    """Where the key is that encrypts sign-ins, for those that are kept here."""
    accounts = [one for one in context.loaded.config.accounts if _is_kept(one)]
    if not accounts:
        return
    name, folder = "key", context.state_dir / SIGN_INS
    try:
        key = KeySources(folder, context.loaded.config.secrets.key).for_new()
    except KeyMissing as error:
        yield bad(name, error.happened, error.next_step)
        return
    if key is not None:
        yield good(name, f"the key to the sign-ins is in {key.place}")
    elif any(folder.glob("*.token")):
        logins = " and ".join(login_command(account.name) for account in accounts)
        yield bad(name, "there are sign-ins here, and the key to them is not", f"bring it back, or type: {logins}")
    else:
        yield good(name, "the first sign-in makes one")


def _is_kept(account: AnyAccount) -> bool:
    return isinstance(account, GoogleAccount | OutlookAccount) and account.auth.method in _PERSONS


def of_mail(context: Context) -> Iterator[Check]:
    """Whether mail could leave. A server is greeted and signed in to; nothing is sent."""
    config, name = context.loaded.config, "mail"
    if isinstance(config.mail, SmtpMail):
        try:
            mailing.smtp(config.mail, timeout=PATIENCE).check()
        except ProviderError as error:
            yield bad(name, error.happened, error.next_step)
            return
        whose = f", signed in as {config.mail.username}" if config.mail.username else ""
        yield good(name, f"it can go {mailing.route(context)}{whose}")
    elif isinstance(config.mail, AccountMail):
        yield good(name, f"it goes {mailing.route(context)}; see there whether that is allowed to send")
    elif config.mail is not None:
        yield good(name, f"it is put {mailing.route(context)}, and reaches nobody by itself")
    elif any(mode not in (None, Mode.OBSERVE) for mode in (config.mode, *(one.mode for one in config.mentorships))):
        yield warn(name, "there is no `mail:`, so what needs a mail is not done", "add it (docs/configuration.md)")
    else:
        yield good(
            name, f"there is no `mail:`, and observing needs none; summaries are put into {mailing.outbox(context)}"
        )
