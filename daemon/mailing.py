"""Mail as configured: from whom to whom, through what, and the password for it."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from agendad.daemon import secret_sources
from agendad.daemon.config_shapes import MAIL_CREDENTIAL, AccountMail, FileMail, OutlookMail, SmtpMail
from agendad.daemon.context import Context
from agendad.daemon.secret_sources import KeyringEntry, SecretMissing
from agendad.providers.mail import FileTransport, MailNotSent, MailTransport
from agendad.providers.smtp import SmtpTransport

KEYRING_SERVICE = "agendad-mail"
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
    if isinstance(mail, AccountMail):
        return f"through account {mail.account} ({'Microsoft' if isinstance(mail, OutlookMail) else 'Gmail'})"
    return f"by file into {outbox(context)}"


def to_the_user(context: Context, subject: str, body: str, *, kind: str, key: str, now: datetime) -> EmailMessage:
    """A mail of agendad's own to whoever reads the summary, on the user's clock at `now` (aware UTC).

    `kind` and `key` make its Message-ID: the same two are the same mail.
    """
    me, address = context.policy.me, sender(context)
    digest = hashlib.sha256(key.encode()).hexdigest()[:20]
    message = EmailMessage()
    message["From"] = address
    message["To"] = ", ".join(readers(context))
    if address != me.emails[0]:
        message["Reply-To"] = me.emails[0]
    message["Subject"] = subject
    message["Date"] = format_datetime(now.astimezone(me.zone_at(now) or UTC))
    message["Message-ID"] = f"<{kind}-{digest}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no vacation notice answers it
    message.set_content(body)
    return message


def transport(context: Context, environ: Mapping[str, str] = os.environ) -> MailTransport:
    """What mail leaves through: the configured account or server, else files in the outbox.

    Raises:
        MailNotSent: the password could not be read.
    """
    mail = context.loaded.config.mail
    if context.account_mail is not None:
        return context.account_mail
    return smtp(mail, environ) if isinstance(mail, SmtpMail) else FileTransport(outbox(context))


def smtp(mail: SmtpMail, environ: Mapping[str, str] = os.environ, *, timeout: float = 30) -> SmtpTransport:
    """The configured server; `timeout` is in seconds, for each of its answers.

    Raises:
        MailNotSent: the password could not be read.
    """
    password = read_password(mail, environ) if mail.username is not None else None
    return SmtpTransport(mail.host, mail.port, mail.security, mail.username, password, timeout=timeout)


def read_password(mail: SmtpMail, environ: Mapping[str, str]) -> str:
    """The password of `mail.username`, from the place that `mail.auth` names, else systemd's credential.

    Raises:
        MailNotSent: there is none, or it may not be used.
    """
    entry = KeyringEntry(KEYRING_SERVICE, mail.username or "")
    try:
        if mail.auth is not None and mail.auth.named:
            return secret_sources.read(mail.auth, entry, environ, noun="password")
        handed_over = secret_sources.from_credential(MAIL_CREDENTIAL, environ, noun="password")
    except SecretMissing as error:
        raise _no_password(error.happened, error.next_step) from error.__cause__
    if handed_over is None:
        raise _no_password(
            f"There is no credential {MAIL_CREDENTIAL}, and `mail.auth` names no other place for the password.",
            f"Give the systemd service one (LoadCredential={MAIL_CREDENTIAL}:FILE).",
        )
    return handed_over


def _no_password(happened: str, next_step: str) -> MailNotSent:
    return MailNotSent(happened, not_done="No mail was sent.", next_step=f"{next_step} {_ELSEWHERE}")
