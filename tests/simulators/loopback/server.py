"""HTTP/1.1 on loopback: reads a request, has it handled, and answers as the fault that it met demands."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from .faults import Fault, Faults
from .ledger import Request

_PAGE = "<!DOCTYPE html><html><head><title>Error 502 (Server Error)</title></head><body>Try again later.</body></html>"


@dataclass
class Answer:
    status: int
    body: Any = None
    """JSON; None for no body, bytes and str as they are."""
    headers: dict[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, str | bytes):
            return self.body.encode() if isinstance(self.body, str) else self.body
        return json.dumps(self.body, indent=1).encode()


class Dialect(Protocol):
    """How a service speaks: where its API begins, and how it words an error that a test ordered."""

    prefix: str
    """Of the API's paths; faults match what comes after it."""
    garbage: str
    """The beginning of an answer, cut off in the middle."""
    content_type: str

    def error(self, path: str, fault: Fault) -> Answer:
        """What an int kind and applied-then-500 answer."""
        ...


Handle = Callable[[Request], Answer]
Gate = Callable[[Request], AbstractContextManager[Answer | None]]
"""Entered before a request meets its fault and left after its answer: whoever gets an Answer is turned away."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(
        self,
        handle: Handle,
        faults: Faults,
        requests: list[Request],
        clock: Callable[[], datetime],
        dialect: Dialect,
        gate: Gate | None = None,
    ):
        super().__init__(("127.0.0.1", 0), Connection)
        self.handle, self.faults, self.requests, self.clock = handle, faults, requests, clock
        self.dialect, self.gate = dialect, gate
        self._open: set[socket.socket] = set()
        self._to_reset: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def reset(self, connection: socket.socket) -> None:
        """Close with RST: with a linger time of zero the kernel drops what was not sent."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with self._lock:
            self._to_reset.add(connection)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
            to_reset = request in self._to_reset
            self._to_reset.discard(request)
        if to_reset:
            request.close()
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no fault of the simulator."""

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        with self._lock:
            still_open = list(self._open)
        for connection in still_open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def do_GET(self) -> None:
        record = self._read(time.monotonic())
        self.server.requests.append(record)
        # The gate is left, and the record is complete, before a byte goes out: who has an answer may ask again at once.
        with self.server.gate(record) if self.server.gate else nullcontext() as refusal:
            answer, half = (refusal, False) if refusal else self._meet(record)
        record.status, record.ended = answer.status if answer else None, time.monotonic()
        if answer:
            self._send(answer, half=half)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 -- the signature is given
        """The Date header, on the simulator's clock."""
        return format_datetime(self.server.clock(), usegmt=True)

    def log_message(self, *args: Any) -> None:
        """The requests are in a list: nothing is printed."""

    def _read(self, started: float) -> Request:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            lower = name.lower()
            headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value
        method, query = self.command, parts.query
        if method == "POST" and headers.get("x-http-method-override", "").upper() == "GET":
            # Google's client library sends a long GET this way: the query comes as a form.
            method, query, raw = "GET", raw.decode(), b""
        return Request(
            method=method,
            path=parts.path,
            query=parse_qs(query, keep_blank_values=True),
            body=_parsed(raw, headers.get("content-type", "")),
            headers=headers,
            thread=threading.get_ident(),
            started=started,
        )

    def _meet(self, record: Request) -> tuple[Answer | None, bool]:
        """The answer, and whether only half of it is sent; None where the connection ends without one."""
        path = record.path.removeprefix(self.server.dialect.prefix)
        fault = self.server.faults.take(record.method, path)
        record.fault = fault.name if fault else None
        kind = fault.kind if fault else None
        if fault and kind == "stall":
            fault.over.wait(fault.delay)
        if kind in {"reset", "close"}:
            self._hang_up(reset=kind == "reset")
            return None, False
        if fault and (isinstance(kind, int) or kind in {"garbage", "html"}):
            fault.over.wait(fault.delay)
            answer = self._faulty(record, fault)
        else:
            answer = self.server.handle(record)
        record.response = answer.body
        if fault and kind == "applied-then-stall":
            fault.over.wait(fault.delay)
        if kind in {"applied-then-dropped", "applied-then-reset"}:
            self._hang_up(reset=kind == "applied-then-reset")
            return None, False
        if fault and kind == "applied-then-500":
            answer = self._faulty(record, fault)
        return answer, kind == "truncate"

    def _faulty(self, record: Request, fault: Fault) -> Answer:
        dialect = self.server.dialect
        if fault.kind == "garbage":
            return Answer(200, fault.body or dialect.garbage, {"Content-Type": dialect.content_type})
        if fault.kind == "html":
            return Answer(502, fault.body or _PAGE, {"Content-Type": "text/html; charset=UTF-8"})
        answer = dialect.error(record.path, fault)
        body = fault.body if fault.body is not None else answer.body
        return Answer(answer.status, body, {**answer.headers, **fault.headers(self.server.clock())})

    def _hang_up(self, *, reset: bool) -> None:
        self.close_connection = True
        if reset:
            self.server.reset(self.connection)

    def _send(self, answer: Answer, *, half: bool) -> None:
        payload = answer.payload()
        self.send_response(answer.status)
        headers = {"Content-Type": self.server.dialect.content_type, **answer.headers}
        if not payload:
            headers.pop("Content-Type")
        for name, value in headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if half:
            payload = payload[: len(payload) // 2]
            self.close_connection = True
        if self.command != "HEAD":
            self.wfile.write(payload)


def _parsed(raw: bytes, content_type: str) -> Any:
    if not raw:
        return None
    text = raw.decode("utf-8", "replace")
    if "x-www-form-urlencoded" in content_type:
        return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
    if content_type.startswith("text/"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
