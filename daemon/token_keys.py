"""The key that encrypts sign-ins: where it is looked for, and how `agendad login` makes one.

In order: the place that `secrets.key` names, and then no other; else systemd's credential, the keyring, the key file.
"""

import hashlib
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from secrets import token_urlsafe
from threading import Thread
from typing import TYPE_CHECKING

from agendad.daemon import private_files, secret_sources
from agendad.daemon.config_shapes import KEY_CREDENTIAL, SecretSource
from agendad.daemon.secret_sources import KeyringEntry, SecretMissing

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

ENTRY = KeyringEntry("agendad", "token-key")
KEY_FILE = "key"
IN_KEYRING = "the keyring"
WAYS = (
    "name where the key is in the configuration, `secrets: {key: {file: PATH}}` (or keyring: true, env: NAME,"
    f" command: [PROGRAM, …]), or give the systemd service a credential (LoadCredential={KEY_CREDENTIAL}:FILE)"
)
_CREDENTIAL = f"systemd's credential {KEY_CREDENTIAL}"
_NOUN = "key"
_SHORTEST = 20  # characters
_SALT = b"agendad token key 1"
_KEYRING_PATIENCE = 120  # seconds; it may be asking the user to unlock it
_UNLOCK = "Unlock it: signing in to the desktop does."
_unanswered: list[Thread] = []
_NOT_SAFE = ("keyrings.", "keyring.backends.null", "keyring.backends.fail")
"""Backends that store in the clear, ask on a terminal that a service does not have, or store nothing."""


class KeyMissing(SecretMissing):
    """A place that should hold the key does not give it. `waits`: it may later, without a new sign-in."""

    def __init__(self, happened: str, next_step: str, *, place: str, waits: bool = False) -> None:
        super().__init__(happened, next_step)
        self.place = place
        self.waits = waits


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key. `place` says in words where it is kept; `id` tells keys apart and gives nothing away."""

    id: str
    place: str
    fernet: bytes = field(repr=False)


def derive(secret: str, place: str) -> TokenKey:
    """The key that a secret text stands for; any text of some length will do.

    >>> derive("correct horse battery staple", "here").id
    '62fe7721'

    Raises:
        KeyMissing: the text is too short to protect anything.
    """
    text = secret.strip()
    if len(text) < _SHORTEST:
        make = "Make one, for example with: openssl rand -base64 32"
        raise KeyMissing(f"The key in {place} has less than {_SHORTEST} characters.", make, place=place)
    made = hashlib.scrypt(text.encode(), salt=_SALT, n=2**14, r=8, p=1, dklen=64)
    return TokenKey(hashlib.sha256(made[32:]).hexdigest()[:8], place, urlsafe_b64encode(made[:32]))


class KeySources:
    """The places where the key may be, looked at only when a key is needed."""

    def __init__(self, folder: Path, source: SecretSource | None, environ: Mapping[str, str] = os.environ) -> None:
        """`folder`: where the key file is; `source`: what the configuration names."""
        self._file = folder / KEY_FILE
        self._source = source if source is not None and source.named else None
        self._environ = environ

    def find(self, key_id: str, written_under: str) -> TokenKey | None:
        """The key with this id; None where there are only others, or none.

        Args:
            key_id: from the encrypted file.
            written_under: the place that the key was in when it was used.

        Raises:
            KeyMissing: the place that should give it fails: a locked keyring, a file that is gone.
        """
        failures: list[KeyMissing] = []
        others = False
        for _, look in sorted(self._places(), key=lambda place: place[0] != written_under):
            try:
                key = look()
            except KeyMissing as failure:
                failures.append(failure)
                continue
            if key is not None and key.id == key_id:
                return key
            others = others or key is not None
        told = [failure for failure in failures if failure.place == written_under or not others]
        if told:
            raise told[0]
        return None

    def for_new(self) -> TokenKey | None:
        """The key for a new sign-in; None where one is to be made first.

        Raises:
            KeyMissing: a place that should give it fails, and no later one has it.
        """
        failures: list[KeyMissing] = []
        for _, look in self._places():
            try:
                if key := look():
                    return key
            except KeyMissing as failure:
                failures.append(failure)
        if failures:
            raise failures[0]
        return None

    def make(self) -> TokenKey:
        """A new key in the keyring, else in the key file. Call it where `for_new` gave None.

        Raises:
            KeyMissing: the keyring fails, or there is none and the configuration asks for it.
            OSError: the key file cannot be written.
        """
        secret = token_urlsafe(32)
        kept = _ask_keyring(lambda backend: _keep(backend, secret))
        if kept is not None:
            return derive(kept, IN_KEYRING)
        if self._source is not None:
            happened = "There is no keyring here that is encrypted and that a service can use."
            raise KeyMissing(happened, "Install one, or name another place.", place=IN_KEYRING)
        private_files.write(self._file, f"{secret}\n".encode())
        return derive(secret, self._file_place)

    def _places(self) -> list[tuple[str, Callable[[], TokenKey | None]]]:
        """Each place in words, and how to look there."""
        source = self._source
        if source is None:
            return [(_CREDENTIAL, self._credential), (IN_KEYRING, self._keyring), (self._file_place, self._key_file)]
        if source.keyring:
            return [(IN_KEYRING, self._keyring)]
        return [(_place(source), lambda: self._configured(source))]

    def _configured(self, source: SecretSource) -> TokenKey:
        place = _place(source)
        with _told_of(place):
            return derive(secret_sources.read(source, ENTRY, self._environ, noun=_NOUN), place)

    def _credential(self) -> TokenKey | None:
        with _told_of(_CREDENTIAL):
            secret = secret_sources.from_credential(KEY_CREDENTIAL, self._environ, noun=_NOUN)
            return None if secret is None else derive(secret, _CREDENTIAL)

    def _keyring(self) -> TokenKey | None:
        secret = _ask_keyring(lambda backend: backend.get_password(ENTRY.service, ENTRY.username))
        return None if secret is None else derive(secret, IN_KEYRING)

    def _key_file(self) -> TokenKey | None:
        if not self._file.exists():
            return None
        with suppress(PermissionError):  # another user's; reading it says so
            self._file.chmod(0o600)
        with _told_of(self._file_place):
            return derive(secret_sources.from_file(self._file, noun=_NOUN), self._file_place)

    @property
    def _file_place(self) -> str:
        return f"the key file {self._file}"


@contextmanager
def _told_of(place: str) -> Iterator[None]:
    try:
        yield
    except KeyMissing:
        raise
    except SecretMissing as error:
        raise KeyMissing(error.happened, error.next_step, place=place) from error.__cause__


def _place(source: SecretSource) -> str:
    if source.env:
        return f"the environment variable {source.env}"
    return f"the file {source.file}" if source.file else f"what {(source.command or ('',))[0]} prints"


def _ask_keyring(work: Callable[["KeyringBackend"], str | None]) -> str | None:
    """What the keyring answers; None where there is no fit one.

    Raises:
        KeyMissing: it is locked, fails, or does not answer.
    """
    from keyring.errors import KeyringLocked, NoKeyringError  # noqa: PLC0415 - slow to import

    if any(thread.is_alive() for thread in _unanswered):  # no second dialog beside one that is still open
        raise KeyMissing("The keyring still waits for an answer.", _UNLOCK, place=IN_KEYRING, waits=True)
    answers: Queue[str | Exception | None] = Queue()

    def ask() -> None:
        try:
            backend = _fit_backend()
            answers.put(work(backend) if backend else None)
        except Exception as error:  # noqa: BLE001 - backends raise what they like
            answers.put(error)

    thread = Thread(target=ask, name="keyring", daemon=True)
    thread.start()  # a dialog that nobody answers holds up nothing else
    try:
        answer = answers.get(timeout=_KEYRING_PATIENCE)
    except Empty:
        _unanswered[:] = [thread]
        happened = f"The keyring did not answer in {_KEYRING_PATIENCE} seconds."
        raise KeyMissing(happened, _UNLOCK, place=IN_KEYRING, waits=True) from None
    if isinstance(answer, NoKeyringError):
        return None
    if isinstance(answer, KeyringLocked):
        raise KeyMissing("The keyring is locked.", _UNLOCK, place=IN_KEYRING, waits=True)
    if isinstance(answer, Exception):  # its text may quote what it was given
        happened = f"The keyring could not be used: {type(answer).__name__}."
        raise KeyMissing(happened, "See whether the desktop's own programs can.", place=IN_KEYRING, waits=True)
    return answer


def _fit_backend() -> "KeyringBackend | None":
    import keyring  # noqa: PLC0415 - slow to import
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415

    backend = keyring.get_keyring()
    candidates = backend.backends if isinstance(backend, ChainerBackend) else [backend]
    fit = (one for one in candidates if not type(one).__module__.startswith(_NOT_SAFE))
    return next(fit, None)


def _keep(backend: "KeyringBackend", secret: str) -> str | None:
    """Put a key into the keyring unless it holds one; what it holds afterwards."""
    held = backend.get_password(ENTRY.service, ENTRY.username)
    if not held:
        backend.set_password(ENTRY.service, ENTRY.username, secret)
        held = backend.get_password(ENTRY.service, ENTRY.username)
    return held or None
