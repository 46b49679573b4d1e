"""How an account at Microsoft signs in."""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from agendad.daemon.clock import Clock
from agendad.daemon.config_shapes import ClientCredentialsAuth, OutlookAccount, TokenAuth
from agendad.daemon.secret_sources import unfit
from agendad.daemon.secrets import StoredToken, TokenVault, login_command
from agendad.daemon.store import StateError
from agendad.providers.errors import ProviderError, SignInNeeded
from agendad.providers.pacing import Throttled
from agendad.rules import policy

if TYPE_CHECKING:  # msal is slow to import, and not everyone has an account there
    from agendad.providers.graph_refusals import Who
    from agendad.providers.graph_signin import Access, MicrosoftToken, Person, Registration, Service

OUTLOOK = "outlook"
_NOTHING = "Nothing was read or written."
_FRESH = 300.0
"""Seconds that an access token must still live to be used; msal gets a new one when there are fewer."""
_SOON = 60.0
"""Seconds within which a second refusal is about the account, and not about the token."""
_LAST = 20.0
"""Seconds that are enough where no new one can be had."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    """An access token in use."""

    token: str = field(repr=False)
    until: float
    """By the machine's monotonic clock."""
    sign_in: str
    instead_at: float | None
    """When it was got because Graph did not take the one before."""

    def just_got_instead(self) -> bool:
        """Whether a refusal of this one is no coincidence: yet another would be refused too."""
        return self.instead_at is not None and time.monotonic() - self.instead_at < _SOON


@dataclass(kw_only=True)
class OutlookSignIn:
    """How one account at Microsoft signs in. Nothing is read before it is needed, and nothing of msal's imported.

    `mailbox`, `token`, `refused` and `may_write` are what `GraphApi` and `OutlookProvider` ask for. Threads may use it
    at the same time, and so may processes the same stored sign-in.
    """

    account: OutlookAccount
    vault: TokenVault
    writes: bool
    """Whether the configuration lets agendad change anything."""
    clock: Clock
    me: str = ""
    """The user's first address: the mailbox of an application that names no other."""
    sends: bool = False
    """Whether mail goes out through the account."""
    looks_up: bool = False
    """Whether mail may be looked up there."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False)
    _given: threading.local = field(default_factory=threading.local, init=False, repr=False)
    _held: _Held | None = field(default=None, init=False, repr=False)
    _person: "Person | None" = field(default=None, init=False, repr=False)
    _service: "Service | None" = field(default=None, init=False, repr=False)
    _of: str = field(default="", init=False)
    """The sign-in that `_person` was made from."""
    _granted: tuple[str, tuple[str, ...] | None] | None = field(default=None, init=False, repr=False)
    """A sign-in, and what it allows; None for one that does not say."""
    _found_by_id: bool = field(default=False, init=False)

    @property
    def mailbox(self) -> str:
        """Whose it is, as a path of Graph's."""
        auth = self.account.auth
        if not isinstance(auth, ClientCredentialsAuth):
            return "/me"
        return f"/users/{quote(auth.user or self.me, safe='@')}"

    def scopes(self) -> tuple[str, ...]:
        """The least that the work needs, by short names."""
        from agendad.providers.graph_signin import scopes_needed  # noqa: PLC0415

        return scopes_needed(self.writes, sends=self.sends, looks_up=self.looks_up, shared=self.account.on_behalf)

    def registration(self) -> "Registration":
        """The program, as Microsoft knows it.

        Raises:
            SignInNeeded: the configuration names none.
        """
        from agendad.providers.graph_clouds import resource  # noqa: PLC0415
        from agendad.providers.graph_signin import Registration  # noqa: PLC0415

        account = self.account
        if account.client_id is None:
            raise SignInNeeded(
                f"Account {account.name} names no application (client_id), and nobody can sign in without.",
                not_done=_NOTHING,
                next_step="Register one in the Entra admin center, and name it in the account (docs/outlook.md).",
            )
        return Registration(
            client_id=account.client_id,
            authority=account.authority,
            resource=resource(account.authority, account.api_root),
        )

    def who(self) -> "Who":
        """What messages name."""
        from agendad.providers.graph_refusals import Who  # noqa: PLC0415

        account = self.account
        secret = account.auth.env if isinstance(account.auth, ClientCredentialsAuth) else ""
        return Who(account=account.name, client_id=account.client_id or "", authority=account.authority, secret=secret)

    # access tokens

    def token(self) -> str:
        """An access token for the next request.

        Raises:
            SignInNeeded: there is none before the user does something.
            AccountUnavailable: Microsoft cannot be reached, or the keyring is locked.
        """
        with self._lock:
            if isinstance(self.account.auth, TokenAuth):
                given = self._bearer(self.account.auth.env)
            else:
                given = self._fresh().token
        self._given.token = given
        return given

    def refused(self, www_authenticate: str | None) -> ProviderError:
        """Graph does not take the token that this thread was given last (401). Another one is got, once.

        Returns:
            What to tell the user, where there is no other, or that one is not taken either.

        Raises:
            Throttled: there is another one now; nothing was done, and the request may be sent again.
            SignInNeeded, AccountUnavailable: there is none.
        """
        from agendad.providers import graph_refusals, graph_signin  # noqa: PLC0415

        if isinstance(self.account.auth, TokenAuth):
            return graph_refusals.bearer_not_taken(self.account.name)
        with self._lock:
            held, given = self._held, getattr(self._given, "token", None)
            if held is None or held.token == given:
                if held is not None and held.just_got_instead():
                    self._held = None
                    return graph_refusals.not_taken(self.who())
                self._held = None
                self._held = self._got(anew=True, claims=graph_signin.claims_in(www_authenticate))
        raise Throttled(f"Microsoft wanted a new token for account {self.account.name}.", 0.0)

    def _fresh(self) -> _Held:
        held, sign_in = self._held, self.fingerprint()
        if held is not None and held.sign_in != sign_in:
            held = self._held = None
        if held is None or held.until - time.monotonic() < _FRESH:
            try:
                self._held = held = self._got()
            except ProviderError:
                if held is None or held.until - time.monotonic() < _LAST:
                    raise
        return held

    def _got(self, *, anew: bool = False, claims: str | None = None) -> _Held:
        from agendad.providers.graph_http import NoAnswer, NotGiven  # noqa: PLC0415
        from agendad.providers.graph_refusals import why_refused  # noqa: PLC0415
        from agendad.providers.graph_signin import NobodySignedIn  # noqa: PLC0415

        asked_at, sign_in = time.monotonic(), self.fingerprint()
        try:
            if isinstance(self.account.auth, ClientCredentialsAuth):
                access = self._service_of(self.account.auth.env).access(anew=anew, claims=claims)
            else:
                with self.vault.renewing(self.account.name):
                    access = self._of_the_person(anew=anew, claims=claims)
        except (NoAnswer, NotGiven, NobodySignedIn) as error:
            raise why_refused(error, self.who()) from None  # it may hold the request
        return _Held(access.token, asked_at + access.seconds, sign_in, asked_at if anew else None)

    def _service_of(self, variable: str) -> "Service":
        from agendad.providers.graph_signin import Service  # noqa: PLC0415

        if self._service is None:
            self._service = Service(self.registration(), self._bearer(variable, "the application's secret"))
        return self._service

    def _of_the_person(self, *, anew: bool, claims: str | None) -> "Access":
        """From what is stored as it stands now; what msal changed in it is stored, also where it got no token."""
        from agendad.providers.graph_signin import Person  # noqa: PLC0415

        stored = self._stored()
        if stored is None:
            raise SignInNeeded(
                f"Nobody has signed in to account {self.account.name}.",
                not_done=_NOTHING,
                next_step=f"Type: {login_command(self.account.name)}",
            )
        token = self._parsed(stored)
        if self._person is None or self._of != stored.sign_in:  # what msal remembers of refusals goes with it
            self._person, self._of = Person(self.registration(), token.cache), stored.sign_in
        else:
            self._person.take_up(token.cache)
        try:
            return self._person.access(token.scopes, anew=anew, claims=claims)
        finally:
            if self._person.changed:
                self._store(replace(token, cache=self._person.cache()), stored.sign_in)

    def _bearer(self, variable: str, noun: str = "") -> str:
        token = self.environ.get(variable, "").strip()
        if wrong := unfit(token) if not (noun and token) else "":
            what = f"holds {noun} of account {self.account.name}" if noun else f"signs account {self.account.name} in"
            raise SignInNeeded(
                f"The environment variable {variable}, which {what}, {wrong}.",
                not_done=_NOTHING,
                next_step=f"Put {'it' if noun else 'a token'} there, in the environment that agendad runs in.",
            )
        return token

    # what is stored

    def signed_in(self) -> "MicrosoftToken | None":
        """What the person's sign-in is; None where nobody signed in, or another way of signing in is configured.

        Raises:
            SignInNeeded, AccountUnavailable: it cannot be read.
        """
        stored = self._stored()
        return self._parsed(stored) if stored is not None else None

    def fingerprint(self) -> str:
        """Changes when the person signs in anew; "" for other ways of signing in."""
        return self.vault.fingerprint(self.account.name) if self._by_person else ""

    @property
    def _by_person(self) -> bool:
        return not isinstance(self.account.auth, TokenAuth | ClientCredentialsAuth)

    def _stored(self) -> StoredToken | None:
        return self.vault.load(self.account.name) if self._by_person else None

    def _parsed(self, stored: StoredToken) -> "MicrosoftToken":
        from agendad.providers.graph_signin import MicrosoftToken  # noqa: PLC0415

        try:
            if stored.provider == OUTLOOK:
                return MicrosoftToken.from_json(stored.secret)
        except ValueError:
            pass
        raise SignInNeeded(
            f"The stored sign-in of account {self.account.name} is none for Microsoft.",
            not_done=_NOTHING,
            next_step=f"Type: {login_command(self.account.name)}",
        )

    def _store(self, token: "MicrosoftToken", sign_in: str) -> None:
        """Not being able to is no failure: the next refresh does the same again."""
        try:
            self.vault.renew(self.account.name, StoredToken(OUTLOOK, token.to_json(), sign_in))
        except (ProviderError, StateError) as error:
            log.warning("the refreshed sign-in of account %s was not stored: %s", self.account.name, error)

    def belongs_to(self, address: str | None) -> None:
        """Note whose the stored sign-in is."""
        self._note(lambda token: replace(token, address=address or token.address))

    def keeps_message_ids(self) -> bool:
        """Whether a mail that was sent through the account can be found by its Message-ID, as far as is known."""
        if not self._found_by_id:
            try:
                token = self.signed_in()
            except ProviderError:
                return False
            self._found_by_id = token is not None and token.keeps_message_ids
        return self._found_by_id

    def found_by_id(self) -> None:
        """Note that one was."""
        self._found_by_id = True
        self._note(lambda token: replace(token, keeps_message_ids=True))

    def _note(self, change: "Callable[[MicrosoftToken], MicrosoftToken]") -> None:
        """Not being able to is no failure: it is learnt again."""
        try:
            with self.vault.renewing(self.account.name):
                if (stored := self._stored()) is not None:
                    self._store(change(self._parsed(stored)), stored.sign_in)
        except ProviderError as error:
            log.warning("nothing was noted with the sign-in of account %s: %s", self.account.name, error)

    # what it may do

    def missing(self, *scopes: str) -> tuple[str, ...]:
        """Which of these the sign-in does not allow. Where that cannot be told, none: Microsoft will say no."""
        from agendad.providers.graph_signin import missing_scopes  # noqa: PLC0415

        sign_in = self.fingerprint()
        if self._granted is None or self._granted[0] != sign_in:
            try:
                token = self.signed_in()
            except ProviderError:
                return ()
            self._granted = (sign_in, token.scopes if token is not None else None)
        granted = self._granted[1]
        return () if granted is None else missing_scopes(granted, scopes)

    def may_write(self) -> bool:
        """False where the person allowed reading only. Where that cannot be told, True: Microsoft will say no."""
        from agendad.providers.graph_signin import WRITE  # noqa: PLC0415

        return not self.missing(WRITE)

    def notes(self, me: policy.Person | None) -> list[str]:  # noqa: ARG002 - as that of other accounts
        """What the user should do about the sign-in before it is too late.

        Raises:
            SignInNeeded, AccountUnavailable: it cannot be read.
        """
        token = self.signed_in()
        return [] if token is None else self.lacking(token)

    def lacking(self, token: "MicrosoftToken") -> list[str]:
        """A note where the sign-in allows less than the configuration asks for."""
        from agendad.providers.graph_signin import SEND, WRITE, missing_scopes  # noqa: PLC0415

        missing = missing_scopes(token.scopes, self.scopes())
        if not missing:
            return []
        what = "allows too little"
        if WRITE in missing:
            what = "may only read, so nothing is changed in its calendars"
        elif SEND in missing:
            what = "may not send mail, so none goes out"
        return [f"The sign-in of account {self.account.name} {what}. Type: {login_command(self.account.name)}"]
