"""What the service tells: a line a person reads on a terminal, one JSON object a line anywhere else (the journal).

What is told is on a list: nothing else leaves, so that no title, address or token is told by accident. Libraries are
named and not quoted.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Literal

import structlog

from agendad.providers.errors import ProviderError
from agendad.rules.text.patterns import EMAIL, URL
from agendad.rules.text.untrusted import strip_controls

FIELDS = frozenset(
    [
        "account", "action", "changed", "code", "effect", "error", "event", "id", "level", "logger", "message", "mode",
        "ok", "pid", "rung", "seconds", "state", "timestamp", "vanished", "where",
    ]
)  # fmt: skip
"""All that is ever told."""
_OURS = "agendad"
_SECRET = re.compile(r"(?:eyJ|ya29\.|1//|M\.C)[\w\-./+=]{16,}|[A-Za-z0-9_\-+=]{40,}")
"""Nothing that people write: a token, a key, a cursor."""
_LEVELS = {"warning": "! ", "error": "✗ ", "critical": "✗ "}


def configure() -> None:
    """Tell to standard error from now on, whichever way its reader can take it."""
    human = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allowed,
            _for_people if human else _for_machines,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [*(one for one in root.handlers if not isinstance(one, _Bridge)), _Bridge()]
    root.setLevel(logging.WARNING)
    logging.getLogger(_OURS).setLevel(logging.INFO)


Level = Literal["info", "warning", "error"]


def tell(event: str, message: str = "", *, level: Level = "info", **facts: object) -> None:
    """Tell what happened.

    Args:
        event: one word or two: "decision", "account", "started".
        message: a sentence for people.
        level: info, warning or error.
        facts: what machines look for; only what is among `FIELDS` is told.
    """
    getattr(structlog.get_logger(), level)(event, message=message, **facts)


def allowed(_logger: object, _method: str, told: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Only what is on the list, and nothing in it that looks like an address or a secret."""
    return {name: _harmless(value) for name, value in told.items() if name in FIELDS and value not in ("", None)}


def _harmless(value: object) -> object:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_harmless(item) for item in value]
    text = strip_controls(str(value)).replace("\n", " ")
    return _SECRET.sub("<hidden>", EMAIL.sub("<address>", URL.sub(_without_query, text)))


def _without_query(found: re.Match[str]) -> str:
    return found[0].partition("?")[0]


def _for_machines(_logger: object, _method: str, told: MutableMapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)


def _for_people(_logger: object, _method: str, told: MutableMapping[str, Any]) -> str:
    message = told.get("message") or " ".join(f"{name}={value}" for name, value in told.items() if name not in _FRAME)
    where = f" ({'; '.join(told['where'])})" if "where" in told else ""
    return f"{_LEVELS.get(told['level'], '')}{message}{where}"


_FRAME = frozenset(["timestamp", "level"])


def _level(number: int) -> Level:
    return "error" if number >= logging.ERROR else "warning" if number >= logging.WARNING else "info"


class _Bridge(logging.Handler):
    """What modules and libraries log goes the same way."""

    def emit(self, record: logging.LogRecord) -> None:
        ours = record.name.partition(".")[0] == _OURS
        level = _level(record.levelno)
        facts: dict[str, Any] = {"logger": record.name}
        message = record.getMessage() if ours else f"{record.name} has something to say; it is not told here"
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            kind = type(error).__name__
            facts["error"] = f"{kind}: {error}" if isinstance(error, ProviderError) else kind
            facts["where"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)[-6:]
            ]
        try:
            tell("log", message, level=level, **facts)
        except Exception:  # noqa: BLE001 - as every handler
            self.handleError(record)
