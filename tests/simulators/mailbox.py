"""A mail server on loopback that keeps what it takes in."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


class Mailbox:
    """What a mail server on loopback took in."""

    def __init__(self):
        self.received: list[Any] = []
        self.contents: list[bytes] = []
        """The same as they came over the wire."""
        self.refused: dict[str, str] = {}
        self.verdict, self.hangs_up, self.port = "250 OK", False, 0
        self.greeting: str | None = None
        """What it says first, and hangs up; "" is nothing."""
        self.of_sender = "250 OK"
        self.takes_password = True
        self.delay = 0.0
        """Seconds before the answer to a message that was taken in."""

    async def handle_MAIL(self, _server, _session, envelope, address, options):  # noqa: N802
        if self.of_sender.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.of_sender

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802
        if self.verdict.startswith("250"):
            self.contents.append(envelope.content)
            self.received.append(message_from_bytes(envelope.content, policy=default))
        if self.hangs_up:
            server.transport.abort()
        await asyncio.sleep(self.delay)
        return self.verdict

    def authenticate(self, _server, _session, _envelope, _mechanism, _data):
        return AuthResult(success=self.takes_password, handled=False)


class _Server(SMTP):
    """Greets as the mailbox has it."""

    def connection_made(self, transport):
        super().connection_made(transport)
        greeting = self.event_handler.greeting if isinstance(self.event_handler, Mailbox) else None
        if greeting is not None:
            transport.write(f"{greeting}\r\n".encode() if greeting else b"")
            transport.close()


class LoopbackServer(Controller):
    """Takes any free port."""

    def factory(self):
        return _Server(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def at_work(*, signs_in: bool = False) -> Iterator[Mailbox]:
    """A server, at `port` of what it gives. `signs_in`: it asks for a password, over any connection."""
    box = Mailbox()
    asks = {"authenticator": box.authenticate, "auth_require_tls": False} if signs_in else {}
    server = LoopbackServer(box, hostname="127.0.0.1", port=0, server_hostname="localhost", **asks)
    server.start()
    box.port = server.port
    yield box
    server.stop()
