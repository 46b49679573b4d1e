"""Mail as configured: from whom to whom, through what, and the password for it."""

import os
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agendad.daemon.config_shapes import MAIL_CREDENTIAL, FileMail, PasswordAuth, SmtpMail, credential
from agendad.daemon.context import Context
from agendad.providers.mail import FileTransport, MailNotSent, MailTransport
from agendad.providers.smtp import SmtpTransport

KEYRING_SERVICE = "agendad-mail"
_COMMAND_TIMEOUT = 30  # seconds
_ELSEWHERE = "(Or name another place in `mail.auth`: env, keyring, file or command.)"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A mail that was sent. As text it says where it went."""

    readers: tuple[str, ...]
    route: str
    path: Path | None
    """The file it landed in, None where it left the machine."""

    def __str__(self) -> str:
        return str(self.path) if self.path else f"{', '.join(self.readers)} {self.route}"


def readers(context: Context) -> tuple[str, ...]:
    """Who reads the summary."""
    me = context.policy.me.emails[0]
    return tuple(dict.fromkeys(me if reader == "me" else reader for reader in context.loaded.config.summary.to))


def sender(context: Context) -> str:
    """The address that mail comes from."""
    mail = context.loaded.config.mail
    return (mail.sender if mail else None) or context.policy.me.emails[0]


def outbox(context: Context) -> Path:
    """Where mail by file lands."""
    mail = context.loaded.config.mail
    configured = mail.path if isinstance(mail, FileMail) else None
    return configured or context.state_dir / "outbox"


def route(context: Context) -> str:
    """How mail leaves, in words."""
    mail = context.loaded.config.mail
    if isinstance(mail, SmtpMail):
        return f"through {mail.host}:{mail.port} ({mail.security})"
    return f"by file into {outbox(context)}"


def transport(context: Context, environ: Mapping[str, str] = os.environ) -> MailTransport:
    """What mail leaves through: the configured server, else files in the outbox.

    Raises:
        MailNotSent: the password could not be read.
    """
    mail = context.loaded.config.mail
    if not isinstance(mail, SmtpMail):
        return FileTransport(outbox(context))
    password = read_password(mail, environ) if mail.username is not None else None
    return SmtpTransport(mail.host, mail.port, mail.security, mail.username, password)


def read_password(mail: SmtpMail, environ: Mapping[str, str]) -> str:
    """The password of `mail.username`, from the place that `mail.auth` names, else systemd's credential.

    Raises:
        MailNotSent: there is none, or it may not be used.
    """
    auth = mail.auth or PasswordAuth()
    handed_over = credential(MAIL_CREDENTIAL, environ)
    if auth.env:
        password, place = environ.get(auth.env, ""), f"The environment variable {auth.env}"
    elif auth.keyring:
        password, place = _from_keyring(mail.username or ""), f"The keyring's entry {KEYRING_SERVICE}"
    elif auth.file:
        password, place = _from_file(auth.file, private=True), f"The file {auth.file}"
    elif auth.command:
        password, place = _from_command(auth.command), f"What {auth.command[0]} printed"
    elif handed_over is not None:  # systemd sees to who may read it, with permissions that do not tell
        password, place = _from_file(handed_over, private=False), f"The credential {MAIL_CREDENTIAL}"
    else:
        raise _no_password(
            f"There is no credential {MAIL_CREDENTIAL}, and `mail.auth` names no other place for the password.",
            f"Give the systemd service one (LoadCredential={MAIL_CREDENTIAL}:FILE).",
        )
    if not password:
        raise _no_password(f"{place} is empty or not set.", "Put the password there.")
    return password


def _from_file(path: Path, *, private: bool) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if private and mode & 0o077:
                raise _no_password(
                    f"Others may use the password file {path} (mode {mode:o}).", f"Type: chmod 600 {path}"
                )
            return _first_line(file.read())
    except OSError as error:
        raise _no_password(
            f"The password file {path} could not be read: {error.strerror}.", "Create it, or correct the path."
        ) from error
    except UnicodeDecodeError:  # its text quotes the content
        raise _no_password(f"The password file {path} is no UTF-8 text.", "Put the password there.") from None


def _from_command(command: tuple[str, ...]) -> str:
    by_hand = "Run it by hand, as the user that agendad runs as."
    try:
        done = subprocess.run(  # noqa: S603 - the user's own command, without a shell
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_COMMAND_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise _no_password(f"{command[0]} gave no password in {_COMMAND_TIMEOUT} seconds.", by_hand) from None
    except OSError as error:
        raise _no_password(f"{command[0]} could not be started: {error.strerror}.", by_hand) from error
    if done.returncode != 0:
        raise _no_password(f"{command[0]} gave no password: it ended with status {done.returncode}.", by_hand)
    return _first_line(done.stdout.decode("utf-8", "replace"))


def _from_keyring(username: str) -> str:
    import keyring  # noqa: PLC0415 - slow to import, and not everyone has one
    from keyring.errors import KeyringError, KeyringLocked, NoKeyringError  # noqa: PLC0415

    stored = f"Store it with: python -m keyring set {KEYRING_SERVICE} {username}"
    try:
        password = keyring.get_password(KEYRING_SERVICE, username)
    except NoKeyringError:
        raise _no_password("This machine has no keyring that agendad can use.", "Install one.") from None
    except KeyringLocked:
        raise _no_password("The keyring is locked.", "Unlock it: signing in to the desktop does.") from None
    except KeyringError as error:
        raise _no_password(f"The keyring could not be read: {type(error).__name__}.", stored) from None
    if password is None:
        raise _no_password(f"The keyring holds no password for {KEYRING_SERVICE} and {username}.", stored)
    return password


def _first_line(text: str) -> str:
    return text.partition("\n")[0].rstrip("\r")


def _no_password(happened: str, next_step: str) -> MailNotSent:
    return MailNotSent(happened, not_done="No mail was sent.", next_step=f"{next_step} {_ELSEWHERE}")
