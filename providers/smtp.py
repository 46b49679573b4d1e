"""Mail through an SMTP server (RFC 5321), with STARTTLS (RFC 3207), TLS from the start (RFC 8314) or, here only, none.

The one moment of doubt is between the last byte of a message and the server's answer to it: a connection that
breaks there leaves the message sent or not, and SMTP cannot look it up. Everything before is certain.
"""

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import deepcopy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

from agendad.providers.mail import MailInDoubt, MailNotSent, MailPartlySent, MailTransport, envelope, seven_bits

Security = Literal["starttls", "tls", "none"]
_HELLO = "[127.0.0.1]"  # looking up this machine's own name can hang, and the name is nobody's business
_LONGEST_REPLY = 200
_MOST_LINES = 200
"""Of one reply; servers have some dozens of extensions to tell of."""
_NOTHING_LEFT = "The message was not sent."


class _Lines:
    """A server's lines, of which one reply may have so many."""

    def __init__(self, file: Any) -> None:  # as smtplib makes it
        self._file = file
        self.left = _MOST_LINES

    def readline(self, most: int) -> bytes:
        """As a file's.

        Raises:
            OSError: the reply comes to no end.
        """
        self.left -= 1
        if self.left < 0:
            raise OSError(f"its reply has more than {_MOST_LINES} lines")
        line: bytes = self._file.readline(most)
        return line

    def close(self) -> None:
        self._file.close()


class _Bounded(smtplib.SMTP):
    """A connection whose replies come to an end: smtplib bounds a line of one, and not how many there are."""

    def getreply(self) -> tuple[int, bytes]:
        """A reply.

        Raises:
            smtplib.SMTPServerDisconnected: there is none, or none with an end.
        """
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock.makefile("rb"))
        if self.file is not None:
            self.file.left = _MOST_LINES
        return super().getreply()


class _BoundedTls(_Bounded, smtplib.SMTP_SSL):
    """The same over TLS from the start."""


class SmtpTransport(MailTransport):
    """Sends each message over a connection of its own. Certificates are always verified.

    Args:
        host: the server's name, which its certificate must carry.
        port: 587 for starttls and 465 for tls, as a rule.
        security: starttls and tls are required where asked for; none is refused unless the server is this machine.
        username: signs in as this user; None for servers that ask nobody.
        password: the user's; ASCII, as Python's SMTP client has no other.
        timeout: seconds to wait for each answer.
        ca_file: certificates (PEM) to trust instead of the system's.
    """

    def __init__(
        self,
        host: str,
        port: int,
        security: Security,
        username: str | None = None,
        password: str | None = None,
        *,
        timeout: float = 30,
        ca_file: Path | None = None,
    ) -> None:
        self.host, self.port, self.security, self.username, self.timeout = host, port, security, username, timeout
        self._password = password
        self._trust = ssl.create_default_context(cafile=ca_file)

    def send(self, message: EmailMessage) -> None:
        """Send `message` to everyone in To, Cc and Bcc; Bcc itself does not leave.

        Raises:
            MailNotSent: nothing was sent.
            MailPartlySent: it was sent, but not to everyone.
            MailInDoubt: it may have been sent.
            ValueError: the message has no Message-ID, no sender or no reader.
        """
        sender, readers = envelope(message)
        international = not all(address.isascii() for address in (sender, *readers))
        content = _wire_format(message, international=international)
        with self._session() as server:
            refused = self._address(server, sender, readers, international=international)
            self._hand_over(server, content)
        if refused:
            raise MailPartlySent(
                f"The message was sent, but {self._place} refused {_listed(refused)}.",
                refused=refused,
                not_done="These readers did not get it, and it is not sent to them again by itself.",
                next_step="Check the addresses.",
            )

    def find(self, message_id: str) -> None:  # noqa: ARG002 - the contract's
        """Nothing is known: SMTP cannot look a message up."""
        return

    def check(self) -> None:
        """See that the server is there, encrypts as asked for, and takes the sign-in. Nothing is sent.

        Raises:
            MailNotSent: a message would not be sent.
        """
        with self._session():
            pass

    @property
    def _place(self) -> str:
        return f"the mail server {self.host}:{self.port}"

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """A connection that is encrypted and signed in; what goes wrong in it before the last byte is MailNotSent."""
        server: smtplib.SMTP | None = None
        try:
            server = self._connect()
            self._sign_in(server)
            yield server
            with suppress(smtplib.SMTPException, OSError):  # accepted is accepted, whatever becomes of the goodbye
                server.quit()
        except ssl.SSLError as error:
            raise self._tls_failed(error) from error
        except smtplib.SMTPConnectError as error:
            raise self._not_sent(
                f"{self._place} turns connections away: {_reply(error)}",
                "Nothing to do if it passes: it is tried again. Else ask whoever runs the server.",
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            verb = "could not be reached" if server is None else "broke the connection off"
            raise self._not_sent(
                f"{self._place} {verb}: {_reason(error)}",
                "Check the network, and `mail.host`, `mail.port` and `mail.security` (587: starttls, 465: tls).",
            ) from error
        finally:
            if server is not None:
                server.close()

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            return _BoundedTls(self.host, self.port, local_hostname=_HELLO, timeout=self.timeout, context=self._trust)
        return _Bounded(self.host, self.port, local_hostname=_HELLO, timeout=self.timeout)

    def _sign_in(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if self.security == "none":
            self._only_to_this_machine(server)
        elif self.security == "starttls":
            self._encrypt(server)
        if self.username is None:
            return
        try:
            server.login(self.username, self._password or "")
        except smtplib.SMTPAuthenticationError as error:
            raise self._not_sent(
                f"{self._place} refused the user name {self.username} or the password: {self._without_secrets(error)}",
                "Check `mail.username` and the password; many providers want an app password made for this.",
            ) from None
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException as error:  # not offered at all, or no method in common
            raise self._not_sent(
                f"{self._place} lets nobody sign in this way: {_reason(error)}",
                "Leave out `mail.username` if it needs none, or correct `mail.port` and `mail.security`.",
            ) from None
        except UnicodeEncodeError:  # its text quotes the password
            raise self._not_sent(
                "the user name or the password holds characters beyond ASCII, which cannot be sent",
                "Choose a password of plain letters, digits and signs, or an app password.",
            ) from None

    def _encrypt(self, server: smtplib.SMTP) -> None:
        if not server.has_extn("starttls"):
            raise self._not_sent(
                f"{self._place} offers no STARTTLS",
                "Use `security: tls` and its port (465) if it has that. Without encryption nothing is sent.",
            )
        try:
            server.starttls(context=self._trust)
        except smtplib.SMTPResponseException as error:
            raise self._not_sent(
                f"{self._place} does not start TLS: {_reply(error)}", "Ask whoever runs the server."
            ) from error
        server.ehlo_or_helo_if_needed()  # what it said unencrypted does not count (RFC 3207 §4.2)

    def _only_to_this_machine(self, server: smtplib.SMTP) -> None:
        address = str(server.sock.getpeername()[0]).partition("%")[0] if server.sock else ""
        if not address or not ip_address(address).is_loopback:
            raise self._not_sent(
                f"{self._place} is another machine, and `security: none` is for this machine only",
                "Use `security: starttls` or `tls`.",
            )

    def _address(
        self, server: smtplib.SMTP, sender: str, readers: tuple[str, ...], *, international: bool
    ) -> dict[str, str]:
        """Name the sender and the readers; returns the server's answer for each reader that it refused."""
        if international and not server.has_extn("smtputf8"):
            raise self._not_sent(
                f"{self._place} takes no addresses beyond ASCII (it offers no SMTPUTF8)",
                "Use another address of the same person.",
            )
        code, text = server.mail(sender, ["SMTPUTF8"] if international else [])
        if code != 250:
            raise self._not_sent(
                f"{self._place} refused the sender {sender}: {_said(code, text)}",
                "Set `mail.from` to an address that you may send from there.",
            )
        refused = {}
        for reader in readers:
            code, text = server.rcpt(reader)
            if code not in (250, 251):
                refused[reader] = _said(code, text)
        if len(refused) == len(readers):
            raise self._not_sent(f"{self._place} refused {_listed(refused)}", "Check the addresses.")
        return refused

    def _hand_over(self, server: smtplib.SMTP, content: bytes) -> None:
        code, text = server.docmd("DATA")
        if code == 354:
            server.send(content)  # without its end it counts for nothing (RFC 5321 §4.1.1.4), so no doubt yet
            try:
                server.send(b".\r\n")
                code, text = server.getreply()
            except (smtplib.SMTPException, OSError) as error:
                raise MailInDoubt(
                    f"The connection to {self._place} was lost after the message was handed over: {_reason(error)}.",
                    not_done="It may have been sent or not, and it is not sent again by itself.",
                    next_step="See whether it arrived.",
                ) from error
        if code != 250:
            raise self._not_sent(
                f"{self._place} refused the message: {_said(code, text)}", "Ask whoever runs the server why."
            )

    def _tls_failed(self, error: ssl.SSLError) -> MailNotSent:
        if isinstance(error, ssl.SSLCertVerificationError):
            return self._not_sent(
                f"the certificate of {self._place} cannot be trusted: {error.verify_message}",
                "Check `mail.host`: it must be the name in the certificate. Nothing is sent to a server in doubt.",
            )
        return self._not_sent(
            f"{self._place} and agendad found no TLS in common: {error.reason or error}",
            "Check `mail.port` and `mail.security` (587: starttls, 465: tls).",
        )

    def _without_secrets(self, error: smtplib.SMTPResponseException) -> str:
        """The server's answer, unless it quotes the password, which some do when they help with debugging."""
        text, password = _reply(error), self._password or ""
        sent = (password, *(b64encode(raw.encode()).decode() for raw in (password, f"\0{self.username}\0{password}")))
        return "(its answer quotes the password)" if password and any(form in text for form in sent) else text

    def _not_sent(self, happened: str, next_step: str) -> MailNotSent:
        return MailNotSent(f"{happened[0].upper()}{happened[1:]}.", not_done=_NOTHING_LEFT, next_step=next_step)


def _wire_format(message: EmailMessage, *, international: bool) -> bytes:
    """Seven bits where possible, CRLF, leading dots doubled (RFC 5321 §4.5.2); the end is not in it."""
    if "Bcc" in message:
        message = deepcopy(message)
        del message["Bcc"]
    return re.sub(rb"(?m)^\.", b"..", seven_bits(message, international=international))


def _listed(refused: Mapping[str, str]) -> str:
    return ", ".join(f"{reader} ({said})" for reader, said in refused.items())


def _reply(error: smtplib.SMTPResponseException) -> str:
    return _said(error.smtp_code, error.smtp_error)


def _said(code: int, text: bytes | str) -> str:
    """A server's answer as one line of printable text."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    line = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    return f"{code} {line[:_LONGEST_REPLY]}".strip().rstrip(".")


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error)
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()).rstrip(".") or type(error).__name__
