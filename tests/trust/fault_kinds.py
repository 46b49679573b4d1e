"""The requests of each provider, and what may happen to each."""

from dataclasses import dataclass
from typing import Any

from acting.conftest import ADA, ME

SLOW = 0.3
"""Seconds without a byte, after which an answer is lost where a fault is that it does not come."""
COMMON = (
    "401", "404", "409", "412", "429", "429 always", "429 after=86400", "500", "500 always", "503 after=600",
    "html 502 always", "garbage", "garbage always", "other-json", "other-json always", "reset", "reset always", "close",
    "close always", "stall", "truncate", "truncate always", "applied-then-dropped", "applied-then-dropped always",
    "applied-then-reset", "applied-then-500", "applied-then-500 always", "applied-then-stall",
)  # fmt: skip
GOOGLE = (
    *COMMON, "403 insufficientPermissions", "403 forbidden", "403 requiredAccessLevel", "403 accessNotConfigured",
    "403 forbiddenForNonOrganizer", "403 rateLimitExceeded", "403 rateLimitExceeded always",
    "403 userRateLimitExceeded", "403 quotaExceeded", "403 dailyLimitExceeded", "410 fullSyncRequired",
    "410 updatedMinTooLongAgo", "410 deleted",
)  # fmt: skip
GRAPH = (*COMMON, "400", "403", "403 ErrorAccessDenied", "410", "410 syncStateNotFound", "423 always", "504")
SMTP = ("no server", "RCPT 450", "RCPT 550", "DATA 451", "DATA 554", "hangs up after DATA")
FOLDER = ("gone", "changed by somebody", "agenda comes", "no calendar any more", "folder gone")


@dataclass(frozen=True, slots=True)
class Verb:
    """One kind of request: its method, its path, and how many of them go well before the fault."""

    name: str
    method: str | None = None
    path: str | None = None
    after: int = 0
    by: str = ME
    known: bool = False
    """An earlier pass has read the calendar."""


_ONE = "/events/[^/]+$"
VERBS: dict[str, tuple[Verb, ...]] = {
    "google": (
        Verb("list", "GET", "/events$"),
        Verb("increment", "GET", "/events$", known=True),
        Verb("look", "GET", _ONE),
        Verb("read back", "GET", _ONE, after=2),
        Verb("cancel", "PATCH", _ONE),
        Verb("answer", "PATCH", _ONE, by=ADA),
    ),
    "outlook": (
        Verb("list", "GET", "/delta"),
        Verb("increment", "GET", "/delta", known=True),
        Verb("look", "GET", _ONE),
        Verb("read back", "GET", _ONE, after=2),
        Verb("cancel", "POST", "/cancel$"),
        Verb("answer", "POST", "/decline$", by=ADA),
    ),
    "ics": (Verb("look"), Verb("write", after=1), Verb("read back", after=2)),
    "smtp": (Verb("send"),),
}
FAULTS = {"google": GOOGLE, "outlook": GRAPH, "ics": FOLDER, "smtp": SMTP}


def fault_of(text: str, google: bool) -> dict[str, Any]:
    """The words of the table as what a simulator is told."""
    kind, *words = text.split()
    told: dict[str, Any] = {"kind": int(kind) if kind.isdigit() else kind, "times": None if "always" in words else 1}
    if kind == "other-json":
        told |= {"kind": "garbage", "body": '{"kind": "somebody#else", "ok": true}'}
    for word in words:
        if word.startswith("after="):
            told["retry_after"] = int(word.removeprefix("after="))
        elif word.isdigit():
            told |= {"status": int(word)} if google else {}
        elif word != "always":
            told["reason"] = word
    if "stall" in kind:
        told["delay"] = 2 * SLOW
    return told
