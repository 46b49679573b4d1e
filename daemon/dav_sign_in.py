"""How a CalDAV account signs in: a user name and an (app) password, or a bearer token; nothing is kept here."""

import base64
import hashlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from agendad.daemon import secret_sources
from agendad.daemon.config_accounts import CaldavAccount
from agendad.daemon.config_shapes import Config, TokenAuth
from agendad.daemon.secret_sources import KeyringEntry, SecretMissing
from agendad.providers.errors import SignInNeeded
from agendad.rules.policy import Person

KEYRING_SERVICE = "agendad-caldav"
_REST = 3600.0
"""Seconds for which a secret that was refused is not sent again: some servers lock accounts out."""
_NOTHING = "Nothing was read or written."
_DOCS = "docs/caldav.md tells where services give out app passwords"


def credential_of(account: str) -> str:
    """What systemd's credential with an account's password is called.

    >>> credential_of("dav")
    'caldav-dav'
    """
    return f"caldav-{account}"


def dav_sign_in(account: CaldavAccount, config: Config) -> "DavSignIn":
    """How an account of the configuration signs in."""
    return DavSignIn(account=account, username=account.username or config.me.emails[0])


@dataclass(kw_only=True)
class DavSignIn:
    """How one account signs in. The secret is read when it is needed, and again after it was refused."""

    account: CaldavAccount
    username: str
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    clock: Callable[[], float] = time.monotonic
    _header: str = field(default="", init=False, repr=False)
    _refused: tuple[str, float, SignInNeeded] | None = field(default=None, init=False, repr=False)
    """The secret's digest, when it was refused, and what was said."""

    def authorization(self) -> str:
        """The Authorization header.

        Raises:
            SignInNeeded: the place that was named does not give the secret, or it was refused a short while ago.
        """
        if not self._header:
            self._header = self._read()
        if self._refused is not None:
            digest, since, told = self._refused
            if digest == _digest(self._header) and self.clock() - since < _REST:
                self._header = ""
                raise told
        return self._header

    def refused(self, challenge: str) -> SignInNeeded:
        """What it means that the secret is not taken; `challenge` is the WWW-Authenticate header."""
        name = self.account.name
        what = "token" if isinstance(self.account.auth, TokenAuth) else f"password of {self.username}"
        schemes = {part.split()[0].lower() for part in challenge.split(",") if part.split()}
        next_step = f"Correct it where the configuration says that it is, or `username`; {_DOCS}."
        if challenge and not schemes & {"basic", "bearer"}:
            next_step = f"The server takes neither Basic nor Bearer ({challenge[:60]}), and agendad knows no other way."
        told = SignInNeeded(
            f"{self.account.hosts()[0]} did not take the {what} for account {name}.",
            not_done=_NOTHING,
            next_step=next_step,
        )
        self._refused = (_digest(self._header), self.clock(), told)
        self._header = ""
        return told

    def fingerprint(self) -> str:
        """Nothing is kept here that could tell one sign-in from the next."""
        return ""

    def notes(self, me: Person | None) -> Sequence[str]:  # noqa: ARG002 - as for the others
        """Passwords end without a warning."""
        return []

    def _read(self) -> str:
        try:
            secret = self._secret()
        except SecretMissing as error:
            raise SignInNeeded(
                f"Account {self.account.name} cannot sign in. {error.happened}",
                not_done=_NOTHING,
                next_step=error.next_step,
            ) from error.__cause__
        if isinstance(self.account.auth, TokenAuth):
            return f"Bearer {secret}"
        return "Basic " + base64.b64encode(f"{self.username}:{secret}".encode()).decode()

    def _secret(self) -> str:
        auth = self.account.auth
        if isinstance(auth, TokenAuth):
            token = self.environ.get(auth.env, "").strip()
            if wrong := secret_sources.unfit(token):
                raise SecretMissing(
                    f"The environment variable {auth.env} {wrong}.",
                    "Put a token there, in the environment that agendad runs in.",
                )
            return token
        if auth.named:
            entry = KeyringEntry(KEYRING_SERVICE, f"{self.username}@{self.account.hosts()[0]}")
            return secret_sources.read(auth, entry, self.environ, noun="password")
        credential = credential_of(self.account.name)
        handed_over = secret_sources.from_credential(credential, self.environ, noun="password")
        if handed_over is None:
            raise SecretMissing(
                f"There is no credential {credential}, and the account's `auth` names no other place for the password.",
                "Name one: auth: {method: password, env: NAME}, or keyring: true, file: PATH or command: [PROGRAM, …].",
            )
        return handed_over


def _digest(header: str) -> str:
    return hashlib.sha256(header.encode()).hexdigest()
