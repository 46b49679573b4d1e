"""A mail server on loopback that keeps what it takes in."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


class Mailbox:
    """What a mail server on loopback took in."""

    def __init__(self):
        self.received: list[Any] = []
        self.contents: list[bytes] = []
        """The same as they came over the wire."""
        self.refused: dict[str, str] = {}
        self.verdict, self.hangs_up, self.port = "250 OK", False, 0

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
        return self.verdict


class LoopbackServer(Controller):
    """Takes any free port."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def at_work() -> Iterator[Mailbox]:
    """A server, at `port` of what it gives."""
    box = Mailbox()
    server = LoopbackServer(box, hostname="127.0.0.1", port=0, server_hostname="localhost")
    server.start()
    box.port = server.port
    yield box
    server.stop()
