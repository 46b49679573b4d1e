"""A server on loopback whose answers come to no end, or unpack to far more than they are."""

import gzip
import itertools
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Self

_PIECE = b" " * 65_536
_HUGE = 10**12


def _chunks() -> Iterator[bytes]:
    return itertools.repeat(b"10000\r\n" + _PIECE + b"\r\n")


def _drops() -> Iterator[bytes]:
    """Often enough for whoever waits for a sign of life only."""
    while True:
        time.sleep(0.05)
        yield b"1\r\n \r\n"


@cache
def _bomb(packed_times: int) -> tuple[bytes, ...]:
    """Half a gigabyte of blanks, made piece by piece, as whoever is sent it is measured in the same process."""
    pack = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)
    content = b"".join([*(pack.compress(_PIECE) for _ in range(8192)), pack.flush()])
    for _ in range(packed_times - 1):
        content = gzip.compress(content, 1)
    return (content,)


KINDS = {
    "chunked": ("Transfer-Encoding: chunked\r\n", _chunks),
    "with a length": (f"Content-Length: {_HUGE}\r\n", lambda: itertools.repeat(_PIECE)),
    "until it is closed": ("Connection: close\r\n", lambda: itertools.repeat(_PIECE)),
    "a bomb": ("Content-Encoding: gzip\r\nConnection: close\r\n", lambda: _bomb(1)),
    "a bomb in a bomb": ("Content-Encoding: gzip, gzip\r\nConnection: close\r\n", lambda: _bomb(2)),
}
"""What an answer says of itself, and what comes."""
SLOW = {"byte by byte": ("Transfer-Encoding: chunked\r\n", _drops)}


class Endless:
    """Answers every request alike; `heard` has their first lines."""

    def __init__(self, kind: str, status: str = "200 OK") -> None:
        self._head, self._body = (KINDS | SLOW)[kind]
        self._status = status
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            self.heard.append(lines.readline())
            length = 0
            while line := lines.readline().strip().lower():
                if line.startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            lines.read(length)
            head = f"HTTP/1.1 {self._status}\r\nContent-Type: application/json\r\n{self._head}\r\n"
            connection.sendall(head.encode())
            for part in self._body():
                connection.sendall(part)
