"""How mail leaves: the contract of a transport, and the one that writes files.

A message is named by its Message-ID. Whoever sends chooses it from what the message is about, so that after a
crash a transport can be asked whether that very message went out, instead of sending it once more on a guess.
"""

import hashlib
import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from agendad.providers.errors import ProviderError


class MailNotSent(ProviderError):
    """A message did not leave. It may be sent again: `MailTransport.find` says that it is not there."""


class MailInDoubt(ProviderError):
    """A message may have been sent or not. It is not sent again by itself."""

    look_later = False
    """`MailTransport.find` may tell after a while: until then nothing is concluded."""


class MailPartlySent(ProviderError):
    """A message was sent, and some of its readers were refused. Sending it again would reach the others twice."""

    def __init__(self, happened: str, *, refused: Mapping[str, str], not_done: str, next_step: str) -> None:
        super().__init__(happened, not_done=not_done, next_step=next_step)
        self.refused = dict(refused)
        """The server's answer for each address that it refused."""


class MailTransport(ABC):
    """A way for mail to leave. Instances are used by one thread at a time."""

    @property
    def certain_after(self) -> timedelta:
        """How long after a message was handed over `find` may still miss it."""
        return timedelta()

    @abstractmethod
    def send(self, message: EmailMessage) -> Path | None:
        """Send `message`, which has a Message-ID. Returns the file it landed in, None where it left the machine.

        Raises:
            MailNotSent: nothing was sent.
            MailPartlySent: it was sent, but not to everyone.
            MailInDoubt: it may have been sent.
            ValueError: the message has no Message-ID, no sender or no reader.
        """

    @abstractmethod
    def find(self, message_id: str) -> bool | None:
        """Whether a message with this Message-ID was sent; None where this transport cannot tell.

        Raises:
            MailNotSent: the place to look in cannot be read, so nothing was concluded.
        """


class FileTransport(MailTransport):
    """Writes each message as one `.eml` file (RFC 5322, CRLF) that only the user can read.

    A file's name is the message's date in UTC and a digest of its Message-ID: a folder listing is in the order of
    time, and sending a message twice leaves one file, also from two runs with different clocks.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> Path:
        message_id = str(message.get("Message-ID", "")).strip()
        if not message_id:
            raise ValueError("a message is sent under a Message-ID; this one has none")
        try:
            present = self._path(message_id)
            if present is not None:
                return present
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self.folder / f"{_sent_at(message):%Y%m%dT%H%M%SZ}-{_digest(message_id)}.eml"
            self._write(path, message.as_bytes(policy=SMTP))
        except OSError as error:
            raise self._failure("written to", "The message was not sent.", error) from error
        return path

    def find(self, message_id: str) -> bool:
        try:
            return self._path(message_id.strip()) is not None
        except OSError as error:
            raise self._failure("read", "Nothing was concluded and nothing was sent.", error) from error

    def _path(self, message_id: str) -> Path | None:
        # Not glob: it takes a folder that may not be read for an empty one.
        ending = f"-{_digest(message_id)}.eml"
        try:
            present = sorted(self.folder.iterdir())
        except FileNotFoundError:
            return None
        return next((path for path in present if path.name.endswith(ending)), None)

    def _write(self, path: Path, content: bytes) -> None:
        descriptor, partial = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".partial")  # 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(partial).replace(path)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise
        directory = os.open(self.folder, os.O_RDONLY)  # the rename itself survives a power cut
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _failure(self, verb: str, not_done: str, error: OSError) -> MailNotSent:
        return MailNotSent(
            f"The mail folder {self.folder} could not be {verb}: {error.strerror or error}.",
            not_done=not_done,
            next_step="Make it a folder that you can write to, with free space, or set `mail.path` to another.",
        )


def envelope(message: EmailMessage) -> tuple[str, tuple[str, ...]]:
    """(sender, readers), the readers each once, in the order of the headers.

    Raises:
        ValueError: the message has no Message-ID, no sender or no reader.
    """
    if not str(message.get("Message-ID", "")).strip():
        raise ValueError("a message is sent under a Message-ID; this one has none")
    senders = _addresses(message, "From")
    readers = tuple(dict.fromkeys(_addresses(message, "To", "Cc", "Bcc")))
    if len(senders) != 1 or not readers:
        raise ValueError("a message is sent from one address to at least one")
    return senders[0], readers


def _addresses(message: EmailMessage, *fields: str) -> list[str]:
    parsed = SMTP.header_factory  # headers that were composed as text have no addresses of their own
    headers = [parsed(field, str(header)) for field in fields for header in message.get_all(field, [])]
    return [address.addr_spec for header in headers for address in header.addresses]


def seven_bits(message: EmailMessage, *, international: bool) -> bytes:
    """A message as it goes over the wire: seven bits where possible, CRLF. `international`: an address is not ASCII."""
    content = message.as_bytes(policy=SMTP.clone(cte_type="7bit", utf8=international))
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def _digest(message_id: str) -> str:
    return hashlib.sha256(message_id.encode()).hexdigest()[:24]


def _sent_at(message: EmailMessage) -> datetime:
    """The Date header in UTC; the epoch where there is none, as a message without a date is no news."""
    sent = getattr(message["Date"], "datetime", None)
    return sent.astimezone(UTC) if isinstance(sent, datetime) else datetime.fromtimestamp(0, UTC)
