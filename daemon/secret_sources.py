"""Where a secret is kept: an environment variable, the keyring, a private file, a program, systemd's credential.

What the user is told names the place and never what is in it.
"""

import os
import stat
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agendad.daemon.config_shapes import SecretSource, credential

_COMMAND_TIMEOUT = 30  # seconds
_LONGEST = 64 * 1024
"""Bytes of what a command prints."""


class SecretMissing(Exception):
    """The place that was named does not give the secret. Says what happened and what to do next."""

    def __init__(self, happened: str, next_step: str) -> None:
        self.happened = happened
        self.next_step = next_step
        super().__init__(f"{happened} {next_step}")


@dataclass(frozen=True, slots=True)
class KeyringEntry:
    """What the keyring keeps a secret under."""

    service: str
    username: str


def read(source: SecretSource, entry: KeyringEntry, environ: Mapping[str, str], *, noun: str) -> str:
    """The secret from the place that `source` names, its first line.

    Args:
        source: names one place.
        entry: what it is called in the keyring.
        environ: the environment's variables.
        noun: what messages call it: password, key.

    Raises:
        SecretMissing: there is none, or it may not be used.
    """
    if source.env:
        secret, place = environ.get(source.env, ""), f"The environment variable {source.env}"
    elif source.keyring:
        secret, place = _from_keyring(entry, noun), f"The keyring's entry {entry.service}"
    elif source.file:
        secret, place = from_file(source.file, noun=noun), f"The file {source.file}"
    elif source.command:
        secret, place = _from_command(source.command, noun), f"What {source.command[0]} printed"
    else:
        raise SecretMissing(f"No place for the {noun} is named.", "Name one: env, keyring, file or command.")
    return _filled(secret, place, noun)


def from_credential(name: str, environ: Mapping[str, str], *, noun: str) -> str | None:
    """The secret that systemd hands to the service (`LoadCredential=`); None where it hands over none.

    Raises:
        SecretMissing: it is empty or cannot be read.
    """
    path = credential(name, environ)
    if path is None:
        return None
    # systemd sees to who may read it, with permissions that do not tell
    return _filled(from_file(path, noun=noun, private=False), f"The credential {name}", noun)


def from_file(path: Path, *, noun: str, private: bool = True) -> str:
    """The first line of a file.

    Raises:
        SecretMissing: it cannot be read, or (`private`) others may use it too.
    """
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if private and mode & 0o077:
                raise SecretMissing(
                    f"Others may use the {noun} file {path} (mode {mode:o}).", f"Type: chmod 600 {path}"
                )
            return _first_line(file.read())
    except OSError as error:
        raise SecretMissing(
            f"The {noun} file {path} could not be read: {error.strerror}.", "Create it, or correct the path."
        ) from error
    except UnicodeDecodeError:  # its text quotes the content
        raise SecretMissing(f"The {noun} file {path} is no UTF-8 text.", f"Put the {noun} there.") from None


def _from_command(command: tuple[str, ...], noun: str) -> str:
    by_hand = "Run it by hand, as the user that agendad runs as."
    late = SecretMissing(f"{command[0]} gave no {noun} in {_COMMAND_TIMEOUT} seconds.", by_hand)
    try:
        started = subprocess.Popen(  # noqa: S603 - the user's own command, without a shell
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError as error:
        raise SecretMissing(f"{command[0]} could not be started: {error.strerror}.", by_hand) from error
    told = _printed(started)
    if told is None or len(told) > _LONGEST:
        started.kill()
    try:
        started.wait(_COMMAND_TIMEOUT)
    except subprocess.TimeoutExpired:
        started.kill()
        started.wait()
        raise late from None
    if told is None:
        raise late
    if len(told) > _LONGEST:
        raise SecretMissing(f"{command[0]} printed more than {_LONGEST:,} bytes, and no {noun}.", by_hand)
    if started.returncode != 0:
        raise SecretMissing(f"{command[0]} gave no {noun}: it ended with status {started.returncode}.", by_hand)
    return _first_line(told.decode("utf-8", "replace"))


def _printed(started: "subprocess.Popen[bytes]") -> bytes | None:
    """What a command prints, up to a size; None where that comes to no end in time.

    In a thread of its own, as what a command has started may hold its output open after it was killed.
    """
    told: list[bytes] = []

    def read() -> None:
        if started.stdout is not None:
            with started.stdout as output:
                told.append(output.read(_LONGEST + 1))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(_COMMAND_TIMEOUT)
    return told[0] if told else None


def _from_keyring(entry: KeyringEntry, noun: str) -> str:
    import keyring  # noqa: PLC0415 - slow to import, and not everyone has one
    from keyring.errors import KeyringError, KeyringLocked, NoKeyringError  # noqa: PLC0415

    stored = f"Store it with: python -m keyring set {entry.service} {entry.username}"
    try:
        secret = keyring.get_password(entry.service, entry.username)
    except NoKeyringError:
        raise SecretMissing("This machine has no keyring that agendad can use.", "Install one.") from None
    except KeyringLocked:
        raise SecretMissing("The keyring is locked.", "Unlock it: signing in to the desktop does.") from None
    except KeyringError as error:
        raise SecretMissing(f"The keyring could not be read: {type(error).__name__}.", stored) from None
    if secret is None:
        raise SecretMissing(f"The keyring holds no {noun} for {entry.service} and {entry.username}.", stored)
    return secret


def _filled(secret: str, place: str, noun: str) -> str:
    if not secret:
        raise SecretMissing(f"{place} is empty or not set.", f"Put the {noun} there.")
    return secret


def unfit(token: str) -> str:
    """What is wrong with a bearer token that a variable holds; "" for one that a header takes (RFC 6750 §2.1).

    >>> unfit(""), unfit("ya29.a0"), unfit("“ya29”")
    ('is empty or not set', '', 'holds characters that no token has')
    """
    if not token:
        return "is empty or not set"
    fits = token.isascii() and token.isprintable() and " " not in token
    return "" if fits else "holds characters that no token has"


def _first_line(text: str) -> str:
    return text.partition("\n")[0].rstrip("\r")
