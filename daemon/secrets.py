"""Sign-ins at rest: one encrypted file an account, in `tokens/` of the state folder.

    {"version": 1, "account": "work", "provider": "google", "sign_in": "…", "key": "…", "key_in": "the keyring",
     "sealed": "…"}

`sealed` is a Fernet token (AES-CBC and HMAC) around the account, the provider, the sign-in and what signs in. What is
in the clear tells a damaged file from one that another key opens, and a new sign-in from a refreshed one.
"""

import hashlib
import json
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_hex
from typing import Any

from agendad.daemon import private_files
from agendad.daemon.config_shapes import SecretSource
from agendad.daemon.store import StateError
from agendad.daemon.token_keys import IN_KEYRING, WAYS, KeyMissing, KeySources, TokenKey
from agendad.providers.errors import AccountUnavailable, SignInNeeded

FOLDER = "tokens"
VERSION = 1
_NOTHING_READ = "Nothing was read or written."
_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_UNSAFE = re.compile(r"[^a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class StoredToken:
    """What signs an account in."""

    provider: str
    secret: Mapping[str, Any] = field(repr=False)  # JSON
    """What the provider needs, as JSON."""
    sign_in: str = ""
    """Tells this sign-in from others; stays when its access token is refreshed. The vault gives it."""


def file_name(account: str) -> str:
    """A file name for any account name, also on disks that do not tell cases apart.

    >>> file_name("work"), file_name("../Étude")
    ('work.token', 'tude~302fddd8cf44.token')
    """
    if _PLAIN_NAME.fullmatch(account):
        return f"{account}.token"
    digest = hashlib.sha256(account.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{_UNSAFE.sub('-', account.lower()).strip('-')[:40]}~{digest}.token"


def login_command(account: str) -> str:
    """What the user types to sign in (again).

    >>> login_command("my work")
    "agendad login 'my work'"
    """
    return f"agendad login {shlex.quote(account)}"


class TokenVault:
    """The stored sign-ins of one state folder. Threads and processes may use it at the same time."""

    def __init__(
        self, state_dir: Path, source: SecretSource | None = None, environ: Mapping[str, str] = os.environ
    ) -> None:
        """`source`: where the configuration says that the key is."""
        self.folder = state_dir / FOLDER
        self._sources = KeySources(self.folder, source, environ)
        self._opened: dict[str, TokenKey] = {}

    def load(self, account: str) -> StoredToken | None:
        """What signs `account` in; None where nobody has signed in.

        Raises:
            SignInNeeded: it is damaged, or was encrypted with a key that is not here.
            AccountUnavailable: the keyring is locked or fails.
        """
        envelope = self._envelope(account)
        if envelope is None:
            return None
        key = self._key(account, envelope)
        return _unsealed(account, envelope, key, self._path(account))

    def save(self, account: str, token: StoredToken) -> StoredToken:
        """Store a new sign-in in place of an older one. Where there is no key yet, one is made.

        Raises:
            SignInNeeded: the place that should give the key does not.
            StateError: the state folder cannot be written.
        """
        signed_in = replace(token, sign_in=token_hex(8))
        try:
            private_files.make_folder(self.folder)
            key = self._sources.for_new()  # a keyring may keep it waiting: others are not locked out meanwhile
            with private_files.alone(self.folder):
                self._write(account, signed_in, key or self._sources.for_new() or self._sources.make())
        except OSError as error:
            raise self._unwritable(error) from error
        except KeyMissing as error:
            raise _no_key_to_keep_it(error) from error.__cause__
        return signed_in

    def renew(self, account: str, token: StoredToken) -> bool:
        """Store what a refresh gave, unless somebody has signed in anew since `token` was loaded; tells whether.

        Raises:
            SignInNeeded, AccountUnavailable: the key cannot be had any more.
            StateError: the state folder cannot be written.
        """
        try:
            with private_files.alone(self.folder):
                envelope = self._envelope(account)
                if envelope is None or envelope["sign_in"] != token.sign_in:
                    return False
                self._write(account, token, self._key(account, envelope))
        except OSError as error:
            raise self._unwritable(error) from error
        return True

    @contextmanager
    def renewing(self, account: str) -> Iterator[None]:
        """Let nobody else renew the same sign-in meanwhile: some refresh tokens are good for one use.

        A new sign-in need not wait for it. Where the folder cannot be written, nobody waits.
        """
        with ExitStack() as stack:
            with suppress(OSError):
                stack.enter_context(private_files.alone(self.folder, f".{file_name(account)}.renewing"))
            yield

    def forget(self, account: str) -> bool:
        """Remove a sign-in from this machine; tells whether there was one.

        Raises:
            StateError: the state folder cannot be written.
        """
        try:
            self._path(account).unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._unwritable(error) from error
        return True

    def fingerprint(self, account: str) -> str:
        """Changes with each new sign-in and not when one is refreshed; "" where there is none. Needs no key."""
        try:
            envelope = self._envelope(account)
        except SignInNeeded:
            return ""
        return envelope["sign_in"] if envelope else ""

    def key_place(self) -> str:
        """Where the key for a new sign-in is kept, in words; "" where one is made at the first sign-in.

        Asked before a sign-in, so that nobody goes through one that cannot be stored.

        Raises:
            SignInNeeded: the place that should give the key does not.
            StateError: the state folder cannot be written.
        """
        try:
            private_files.make_folder(self.folder)
            with private_files.alone(self.folder):
                pass  # it can be written
            key = self._sources.for_new()
        except OSError as error:
            raise self._unwritable(error) from error
        except KeyMissing as error:
            raise _no_key_to_keep_it(error) from error.__cause__
        return key.place if key else ""

    def _path(self, account: str) -> Path:
        return self.folder / file_name(account)

    def _unwritable(self, error: OSError) -> StateError:
        return StateError(
            f"the folder {self.folder} cannot be written: {error.strerror or error}. No sign-in was stored or removed. "
            "Make it yours, or name another state folder with --state-dir."
        )

    def _envelope(self, account: str) -> dict[str, str] | None:
        """The file's part in the clear, and the sealed part."""
        path = self._path(account)
        try:
            content = private_files.read(path)
        except OSError as error:
            raise SignInNeeded(
                f"The stored sign-in of account {account}, {path}, could not be read: {error.strerror or error}.",
                not_done=_NOTHING_READ,
                next_step=f"Make it the user's that agendad runs as, or type as that user: {login_command(account)}",
            ) from error
        return None if content is None else _parsed(account, content, path)

    def _key(self, account: str, envelope: Mapping[str, str]) -> TokenKey:
        key = self._opened.get(envelope["key"])
        if key is None:
            try:
                key = self._sources.find(envelope["key"], envelope["key_in"])
            except KeyMissing as error:
                raise _key_missing(account, error) from error.__cause__
            if key is None:
                raise _another_key(account, envelope["key_in"])
            self._opened[key.id] = key
        return key

    def _write(self, account: str, token: StoredToken, key: TokenKey) -> None:
        from cryptography.fernet import Fernet  # noqa: PLC0415 - only for those who sign in

        known = {"account": account, "provider": token.provider, "sign_in": token.sign_in}
        sealed = Fernet(key.fernet).encrypt(json.dumps({**known, "token": dict(token.secret)}).encode())
        envelope = {"version": VERSION, **known, "key": key.id, "key_in": key.place, "sealed": sealed.decode()}
        private_files.write(self._path(account), json.dumps(envelope, indent=1).encode())
        self._opened[key.id] = key


def _parsed(account: str, content: bytes, path: Path) -> dict[str, str]:
    try:
        envelope = json.loads(content)
        version = envelope["version"]
        texts = {name: envelope[name] for name in ("account", "provider", "sign_in", "key", "key_in", "sealed")}
    except (ValueError, LookupError, TypeError):
        raise _damaged(account, path) from None
    if isinstance(version, int) and version > VERSION:
        raise SignInNeeded(
            f"The stored sign-in of account {account} was written by a newer agendad ({path}).",
            not_done=_NOTHING_READ,
            next_step=f"Use that version, or type: {login_command(account)}",
        )
    if version != VERSION or not all(isinstance(text, str) for text in texts.values()):
        raise _damaged(account, path)
    return texts


def _unsealed(account: str, envelope: Mapping[str, str], key: TokenKey, path: Path) -> StoredToken:
    from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415 - only for those who sign in

    try:
        inside = json.loads(Fernet(key.fernet).decrypt(envelope["sealed"].encode()))
        bound = {name: inside[name] for name in ("account", "provider", "sign_in")}
        token = StoredToken(bound["provider"], inside["token"], bound["sign_in"])
    except (InvalidToken, ValueError, LookupError, TypeError):
        raise _damaged(account, path) from None
    if bound != {**{name: envelope[name] for name in bound}, "account": account}:
        raise _damaged(account, path)  # another account's file under this name
    return token


def _damaged(account: str, path: Path) -> SignInNeeded:
    return SignInNeeded(
        f"The stored sign-in of account {account} is damaged ({path}).",
        not_done=_NOTHING_READ,
        next_step=f"Type: {login_command(account)}",
    )


def _another_key(account: str, place: str) -> SignInNeeded:
    gone = (
        "and there is no such key in reach (a service that starts without a desktop has no keyring)"
        if place == IN_KEYRING
        else "and the key in reach is another, or there is none"
    )
    return SignInNeeded(
        f"The stored sign-in of account {account} was encrypted with a key in {place}, {gone}.",
        not_done=_NOTHING_READ,
        next_step=f"Bring that key back; or {WAYS}, and type: {login_command(account)}",
    )


def _key_missing(account: str, error: KeyMissing) -> AccountUnavailable:
    happened = f"{error.happened} It holds the key to the sign-in of account {account}."
    if error.waits:
        return AccountUnavailable(happened, not_done=_NOTHING_READ, next_step=f"{error.next_step} It is tried again.")
    again = f"Or {WAYS}, and type: {login_command(account)}"
    return SignInNeeded(happened, not_done=_NOTHING_READ, next_step=f"{error.next_step} {again}")


def _no_key_to_keep_it(error: KeyMissing) -> SignInNeeded:
    return SignInNeeded(
        error.happened,
        not_done="There is no key to keep a sign-in with, and nothing was stored.",
        next_step=f"{error.next_step} Or {WAYS}.",
    )
