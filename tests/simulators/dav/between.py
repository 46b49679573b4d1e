"""A proxy on loopback between agendad and a server: it counts requests, and spoils answers where a test wants that."""

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import httpx

_HOPS = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "server", "content-encoding"}


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int | None = None
    """What goes back; None while it is answered."""
    upstream: int | None = None
    """What the server itself answered; None where it was not asked."""


@dataclass
class Reply:
    """What goes back: the server's own answer, or what a test makes of it. `status` 0 closes the connection."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    reset: bool = False
    """Where the connection is closed: by RST."""
    half: bool = False
    """Only half of the content comes, with the length of the whole."""


Rule = Callable[[Seen, Callable[[], Reply]], Reply | None]
"""Is given a request and a way to have the server answer it; None leaves it alone."""


class Between:
    """Listens at `url` and asks `upstream`. Rules are asked in turn; the first that answers is taken.

    `now` is the time that the server says it is, where that is to be another than this machine's.
    """

    def __init__(self, upstream: str, now: datetime | None = None) -> None:
        self.upstream = upstream
        self._date = {} if now is None else {"date": format_datetime(now, usegmt=True)}
        self.requests: list[Seen] = []
        self.rules: list[Rule] = []
        self._client = httpx.Client(trust_env=False, timeout=60)
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.between = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    def take(self) -> list[str]:
        """The methods of the requests since the last look."""
        seen = [one.method for one in self.requests]
        self.requests.clear()
        return seen

    def once(self, method: str, rule: Rule) -> None:
        """Have the next request with this method answered by a rule."""

        def spoil(seen: Seen, ask: Callable[[], Reply]) -> Reply | None:
            if seen.method != method:
                return None
            self.rules.remove(spoil)
            return rule(seen, ask)

        self.rules.append(spoil)

    def answer(self, seen: Seen) -> Reply:
        def ask() -> Reply:
            headers = {name: value for name, value in seen.headers.items() if name not in _HOPS}
            try:
                told = self._client.request(seen.method, self.upstream + seen.path, content=seen.body, headers=headers)
            except httpx.HTTPError:
                return Reply(0)
            seen.upstream = told.status_code
            kept = {name: value for name, value in told.headers.items() if name.lower() not in _HOPS} | self._date
            here = {name: value.replace(self.upstream, self.url) for name, value in kept.items()}
            return Reply(told.status_code, here, told.content)

        for rule in list(self.rules):
            if (reply := rule(seen, ask)) is not None:
                return reply
        return ask()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    between: Between

    def __init__(self, address, handler):
        super().__init__(address, handler)
        self._to_reset: set[socket.socket] = set()

    def reset(self, connection):
        """Close with RST: with a linger time of zero the kernel drops what was not sent."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._to_reset.add(connection)

    def shutdown_request(self, request):
        if request in self._to_reset:
            self._to_reset.discard(request)
            request.close()
        else:
            super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """A client that was cut off is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, body)
        self.server.between.requests.append(seen)
        reply = self.server.between.answer(seen)
        seen.status = reply.status
        if reply.status == 0:
            self._hang_up(reset=reply.reset)
            return
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        self.wfile.write(reply.content[: len(reply.content) // 2] if reply.half else reply.content)
        self.close_connection = self.close_connection or reply.half

    def _hang_up(self, *, reset: bool) -> None:
        self.close_connection = True
        if reset:
            self.server.reset(self.connection)

    do_GET = do_PUT = do_DELETE = do_PROPFIND = do_REPORT = do_OPTIONS = do_POST = _any  # noqa: N815

    def log_message(self, *_anything: object) -> None:
        """Tests read `Between.requests`."""
