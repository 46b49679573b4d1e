"""Kills the process the way a power cut would, right before its n-th durable step. On PYTHONPATH of tests only.

It listens to SQLite's own trace and to Python's audit events, so nothing in agendad knows of this.
A step is a transaction's beginning or end, or a file that is put in its place.
"""

import os
import signal
import sqlite3
import sys
from typing import Any

_AT = int(os.environ.get("DIE_AT", "0"))
_LOG = os.environ.get("DIE_LOG", "")
_count = 0


def _step(name: str) -> None:
    global _count  # noqa: PLW0603 - one process, one count
    _count += 1
    if _LOG:
        with open(_LOG, "a", encoding="utf-8") as log:  # noqa: PTH123 - as little as possible is imported here
            log.write(f"{name}\n")
    if _count == _AT:
        os.kill(os.getpid(), signal.SIGKILL)


def _on_statement(statement: str) -> None:
    if statement.startswith(("BEGIN IMMEDIATE", "COMMIT")):
        _step(statement)


_connect = sqlite3.connect


def _watched(*arguments: Any, **more: Any) -> sqlite3.Connection:
    connection = _connect(*arguments, **more)
    connection.set_trace_callback(_on_statement)
    return connection


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "os.rename" and str(arguments[1]).endswith((".ics", ".eml")):
        _step(f"rename to {os.path.basename(str(arguments[1]))}")  # noqa: PTH119


if _AT or _LOG:
    sqlite3.connect = _watched
    sys.addaudithook(_watch)
