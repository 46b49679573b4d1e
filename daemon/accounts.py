"""How the accounts of the configuration sign in."""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from agendad.daemon.clock import VARIABLE, Clock, FixedClock
from agendad.daemon.config_shapes import (
    AccountMail,
    AnyAccount,
    Config,
    GoogleAccount,
    OutlookAccount,
    ServiceAccountAuth,
    TokenAuth,
    is_loopback,
)
from agendad.daemon.outlook_sign_in import OutlookSignIn
from agendad.daemon.secret_sources import unfit
from agendad.daemon.secrets import StoredToken, TokenVault, login_command
from agendad.daemon.store import StateError
from agendad.daemon.terminal import when
from agendad.providers.errors import AccountUnavailable, ProviderError, SignInNeeded
from agendad.rules.policy import Mode, Person

if TYPE_CHECKING:  # Google's packages are slow to import, and not everyone has an account there
    from agendad.providers.google_signin import Credentials, GoogleToken

GOOGLE = "google"
WARN_BEFORE = timedelta(days=2)
_NOTHING = "Nothing was read or written."

log = logging.getLogger(__name__)


def token_vault(config: Config, state_dir: Path, environ: Mapping[str, str] = os.environ) -> TokenVault:
    """Where this installation keeps its sign-ins."""
    return TokenVault(state_dir, config.secrets.key, environ)


def writes(config: Config) -> bool:
    """Whether anything may be changed in a calendar: some mode is approve or act. A rule's own only lowers it."""
    return any(mode not in (None, Mode.OBSERVE) for mode in (config.mode, *(pair.mode for pair in config.mentorships)))


class SignIn(Protocol):
    """What passes ask of any account's way of signing in."""

    def fingerprint(self) -> str:
        """Changes with each new sign-in and not when one is refreshed; "" where none is kept here."""

    def notes(self, me: Person | None) -> Sequence[str]:
        """What the user should do about the sign-in before it is too late. `me`: for times.

        Raises:
            SignInNeeded, AccountUnavailable: it cannot be read.
        """


def google_sign_in(account: GoogleAccount, config: Config, vault: TokenVault, clock: Clock) -> "GoogleSignIn":
    """How an account of the configuration signs in."""
    sends, looks_up = _mail_through(account, config)
    return GoogleSignIn(
        account=account, vault=vault, writes=writes(config), clock=clock, sends=sends, looks_up=looks_up
    )


def outlook_sign_in(account: OutlookAccount, config: Config, vault: TokenVault, clock: Clock) -> OutlookSignIn:
    """How an account of the configuration signs in."""
    sends, looks_up = _mail_through(account, config)
    return OutlookSignIn(
        account=account,
        vault=vault,
        writes=writes(config),
        clock=clock,
        me=config.me.emails[0],
        sends=sends,
        looks_up=looks_up,
    )


def _mail_through(account: AnyAccount, config: Config) -> tuple[bool, bool]:
    """Whether mail goes out through an account, and whether it may be looked up there."""
    mail = config.mail
    if not isinstance(mail, AccountMail) or mail.account != account.name:
        return False, False
    return True, mail.lookup


@dataclass(kw_only=True)
class GoogleSignIn:
    """How one Google account signs in. Nothing is read before it is needed, and nothing of Google's imported.

    `credentials`, `why_refused` and `may_write` are what `GoogleApi` and `GoogleProvider` ask for.
    """

    account: GoogleAccount
    vault: TokenVault
    writes: bool
    """Whether the configuration lets agendad change anything."""
    clock: Clock
    sends: bool = False
    """Whether mail goes out through the account."""
    looks_up: bool = False
    """Whether mail may be looked up there."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    _used: "Credentials | None" = field(default=None, init=False, repr=False)
    _token: "GoogleToken | None" = field(default=None, init=False, repr=False)
    _token_of: str = field(default="", init=False)
    """The sign-in that `_token` is of."""
    _sign_in: str = field(default="", init=False)
    """The sign-in that is in use."""
    _found_by_id: bool = field(default=False, init=False)

    def credentials(self) -> "Credentials":
        """Fresh from where they are kept; the first call to Google uses them.

        Raises:
            SignInNeeded: there are none, or they cannot be read.
            AccountUnavailable: the keyring is locked, or AGENDAD_NOW is set and they are for another machine.
        """
        from agendad.providers import google_signin  # noqa: PLC0415

        auth = self.account.auth
        if isinstance(auth, TokenAuth):
            self._used = google_signin.bearer(self._bearer(auth.env))
        elif isinstance(auth, ServiceAccountAuth):
            self._used = google_signin.service_account_credentials(auth.key_file, self.scopes(), auth.subject)
        else:
            self._used = self._of_the_person()
        return self._used

    def scopes(self) -> tuple[str, ...]:
        """The least that the work needs."""
        from agendad.providers.google_signin import scopes_needed  # noqa: PLC0415

        return scopes_needed(self.writes, sends=self.sends, looks_up=self.looks_up)

    def why_refused(self, error: Exception) -> ProviderError:
        """What a failure of signing in means, and what to do."""
        from agendad.providers.google_refusals import why_refused  # noqa: PLC0415

        return why_refused(error, self.account.name, by=self._used, now=self.clock.now())

    def may_write(self) -> bool:
        """False where the person allowed reading only. Where that cannot be told, True: Google will say no."""
        from agendad.providers.google_signin import EVENTS  # noqa: PLC0415

        return not self.missing(EVENTS)

    def missing(self, *scopes: str) -> tuple[str, ...]:
        """Which of these the sign-in does not allow. Where that cannot be told, none: Google will say no."""
        from agendad.providers.google_signin import missing_scopes  # noqa: PLC0415

        current = self.fingerprint()
        if self._token is None or self._token_of != current:
            try:
                self._token, self._token_of = self.signed_in(), current
            except ProviderError:
                return ()
        return () if self._token is None else missing_scopes(self._token.scopes, scopes)

    def signed_in(self) -> "GoogleToken | None":
        """What the person's sign-in is; None where nobody signed in, or another way of signing in is configured.

        Raises:
            SignInNeeded, AccountUnavailable: it cannot be read.
        """
        stored = self._stored()
        return self._parsed(stored) if stored is not None else None

    def fingerprint(self) -> str:
        """Changes when the person signs in anew; "" for other ways of signing in."""
        return self.vault.fingerprint(self.account.name) if self.account.auth.method == "oauth" else ""

    def notes(self, me: Person | None) -> list[str]:
        """What the user should do about the sign-in before it is too late. `me`: for times.

        Raises:
            SignInNeeded, AccountUnavailable: it cannot be read.
        """
        token = self.signed_in()
        return [] if token is None else [*self.ending(token, me), *self.lacking(token)]

    def ending(self, token: "GoogleToken", me: Person | None, *, before: timedelta = WARN_BEFORE) -> list[str]:
        """A note where the sign-in ends by itself within `before`."""
        from agendad.providers.google_refusals import PUBLISH  # noqa: PLC0415

        ends = token.refresh_expires_at
        if ends is None or ends - self.clock.now() > before:
            return []
        verb, name = "ends" if ends > self.clock.now() else "ended", self.account.name
        why = f"The sign-in of account {name} {verb} on {when(ends, me)}, because its Google app is in 'Testing'."
        return [f"{why} To renew it: {login_command(name)}. {PUBLISH}."]

    def lacking(self, token: "GoogleToken") -> list[str]:
        """A note where the sign-in allows less than the configuration asks for."""
        from agendad.providers.google_signin import EVENTS, GMAIL_SEND, missing_scopes  # noqa: PLC0415

        missing = missing_scopes(token.scopes, self.scopes())
        if not missing:
            return []
        what = "allows too little"
        if EVENTS in missing:
            what = "may only read, so nothing is changed in its calendars"
        elif GMAIL_SEND in missing:
            what = "may not send mail, so none goes out"
        return [f"The sign-in of account {self.account.name} {what}. Type: {login_command(self.account.name)}"]

    def renewed(self, token: "GoogleToken") -> None:
        """Store what a refresh, or the first look at the account, gave.

        Not being able to is no failure: the next refresh does the same again.
        """
        if self.keeps_message_ids():
            token = replace(token, keeps_message_ids=True)
        self._token, self._token_of = token, self._sign_in
        stored = StoredToken(GOOGLE, token.to_json(), self._sign_in)
        try:
            self.vault.renew(self.account.name, stored)
        except (ProviderError, StateError) as error:
            log.warning("the refreshed sign-in of account %s was not stored: %s", self.account.name, error)

    def keeps_message_ids(self) -> bool:
        """Whether a mail that was sent through the account can be found by its Message-ID, as far as is known."""
        return self._found_by_id or (self._token is not None and self._token.keeps_message_ids)

    def found_by_id(self) -> None:
        """Note that one was."""
        self._found_by_id = True
        if self._token is not None and self._sign_in:
            self.renewed(replace(self._token, keeps_message_ids=True))

    def _of_the_person(self) -> "Credentials":
        from agendad.providers.google_signin import credentials  # noqa: PLC0415

        stored = self._stored()
        if stored is None:
            raise SignInNeeded(
                f"Nobody has signed in to account {self.account.name}.",
                not_done=_NOTHING,
                next_step=f"Type: {login_command(self.account.name)}",
            )
        token = self._parsed(stored)
        host = urlsplit(token.token_uri).hostname or ""
        if isinstance(self.clock, FixedClock) and not is_loopback(host):
            raise AccountUnavailable(
                f"{VARIABLE} is set, and the sign-in of account {self.account.name} would be renewed at {host}.",
                not_done=_NOTHING,
                next_step=f"Unset {VARIABLE}.",
            )
        self._sign_in = self._token_of = stored.sign_in
        self._token = token
        return credentials(token, self.renewed)

    def _stored(self) -> StoredToken | None:
        return self.vault.load(self.account.name) if self.account.auth.method == "oauth" else None

    def _parsed(self, stored: StoredToken) -> "GoogleToken":
        from agendad.providers.google_signin import GoogleToken  # noqa: PLC0415

        try:
            if stored.provider == GOOGLE:
                return GoogleToken.from_json(stored.secret)
        except ValueError:
            pass
        raise SignInNeeded(
            f"The stored sign-in of account {self.account.name} is none for Google.",
            not_done=_NOTHING,
            next_step=f"Type: {login_command(self.account.name)}",
        )

    def _bearer(self, variable: str) -> str:
        token = self.environ.get(variable, "").strip()
        if wrong := unfit(token):
            raise SignInNeeded(
                f"The environment variable {variable}, which signs account {self.account.name} in, {wrong}.",
                not_done=_NOTHING,
                next_step="Put a token there, in the environment that agendad runs in.",
            )
        return token
