"""Names each boundary that the process comes to, and has it killed, or its disk full, at one of them.

A boundary is where something becomes durable or leaves: a commit, a file that is put in its place, a request that is
about to go, and a write that has gone and is not answered yet. They are derived from SQLite, the file system and the
sockets, so nothing in agendad knows of this. On PYTHONPATH of tests only.

REACH_LOG=FILE   append the name of each
REACH_AT=NAME#N  the N-th time that it comes to NAME
REACH_HOW=kill   (or full: from there on the disk takes nothing any more)
"""

import os
import re
import resource
import select
import signal
import socket
import sqlite3
import sys
from collections import Counter
from types import FrameType
from typing import Any

_AT = os.environ.get("REACH_AT", "")
_LOG = os.environ.get("REACH_LOG", "")
_HOW = os.environ.get("REACH_HOW", "kill")
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_SMTP = re.compile(rb"(EHLO|MAIL|RCPT|DATA|QUIT)\b", re.IGNORECASE)
_HTTP = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.[01]\r\n")
_READS = ("GET", "OPTIONS", "PROPFIND", "REPORT")
_WORD = re.compile(r"[A-Za-z]{2,24}$|v\d")
_times: Counter[str] = Counter()


def _reach(name: str) -> None:
    _times[name] += 1
    if _LOG:
        log = os.open(_LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(log, f"{name}\n".encode())
        os.close(log)
    if f"{name}#{_times[name]}" == _AT:
        if _HOW == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


# the database


def _whose() -> str:
    """The function of agendad's that this is done in; the store's own are everybody's."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if frame.f_code.co_qualname == "Store.migrate":
            return "store.Store.migrate"
        if module.startswith("agendad.") and module != "agendad.daemon.store":
            return f"{module.rpartition('.')[2]}.{frame.f_code.co_qualname.replace('.<locals>', '')}"
        frame = frame.f_back
    return "nobody"


class _Watched(sqlite3.Connection):
    """Tells of each commit, also of a statement that is a transaction by itself. The temporary tables are none."""

    memory = False

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if not self.memory and (sql == "COMMIT" or (not self.in_transaction and sql.startswith(_WRITES))):
            _reach(f"commit of {_whose()}")
        return super().execute(sql, *parameters)

    def executemany(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if not self.memory and not self.in_transaction:
            _reach(f"commit of {_whose()}")
        return super().executemany(sql, *parameters)


_connect = sqlite3.connect


def _watched(database: Any, **more: Any) -> sqlite3.Connection:
    connection = _connect(database, factory=_Watched, **more)
    connection.memory = database == ":memory:"  # type: ignore[attr-defined]
    return connection


# files


def _on_event(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("os.rename", "os.link"):
        name = os.path.basename(str(arguments[1]))  # noqa: PTH119 - as little as possible is imported here
        _reach(f"file {'*' if name.endswith(('.ics', '.eml')) else ''}{os.path.splitext(name)[1] or name}")  # noqa: PTH122


# the network

_under_way: dict[int, str] = {}
"""By socket: the write that went out and is not answered yet."""


def _place(path: str) -> str:
    """A path without ids: words are kept."""
    return "/".join(part if _WORD.match(part) else "*" for part in path.partition("?")[0].split("/") if part)


def _leaving(sock: socket.socket, data: Any) -> None:
    start = bytes(data[:2048])
    if found := _HTTP.match(start):
        method = found[1].decode()
        name = f"{method} {_place(found[2].decode())}"
        _reach(f"request {name}")
        if method not in _READS:
            _under_way[id(sock)] = name
    elif found := _SMTP.match(start):
        _reach(f"request SMTP {found[1].decode().upper()}")
    elif sock.family == socket.AF_INET and id(sock) not in _under_way and b"\r\nMessage-ID:" in start:
        _reach("request SMTP message")
        _under_way[id(sock)] = "SMTP message"


def _coming(sock: socket.socket) -> None:
    if (name := _under_way.pop(id(sock), None)) is not None:
        select.select([sock], [], [])  # the answer is here, so the request was carried out
        _reach(f"answer to {name}")


_Socket = socket.socket
_bare: dict[str, Any] = {name: getattr(_Socket, name) for name in ("send", "sendall", "recv", "recv_into")}


def _sending(name: str) -> Any:
    def send(self: socket.socket, data: Any, *more: Any) -> Any:
        _leaving(self, data)
        return _bare[name](self, data, *more)

    return send


def _receiving(name: str) -> Any:
    def receive(self: socket.socket, *more: Any) -> Any:
        _coming(self)
        return _bare[name](self, *more)

    return receive


if _AT or _LOG:
    sqlite3.connect = _watched  # type: ignore[assignment]
    sys.addaudithook(_on_event)
    _Socket.send, _Socket.sendall = _sending("send"), _sending("sendall")  # type: ignore[method-assign]
    _Socket.recv, _Socket.recv_into = _receiving("recv"), _receiving("recv_into")  # type: ignore[method-assign]
