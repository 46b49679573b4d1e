"""The requests of each provider, and what may happen to each."""

from dataclasses import dataclass

from acting.conftest import ADA, ME

SLOW = 0.6
"""Seconds without a byte, after which an answer is lost where a fault is that it does not come."""
STALL = 60.0
"""Seconds for which it does not come, unless the trouble is over before."""
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
_DAV_READING = (
    "403 valid-sync-token", "409 valid-sync-token", "507 number-of-matches-within-limits", "inside 403", "inside 404",
    "inside 500",
)  # fmt: skip
_DAV_WRITING = (
    "403 valid-calendar-data", "403 supported-calendar-component", "403 supported-calendar-data",
    "403 max-resource-size", "403 no-uid-conflict", "403 same-organizer-in-all-components",
    "403 allowed-organizer-scheduling-object-change", "403 allowed-attendee-scheduling-object-change",
    "409 no-uid-conflict", "413 max-resource-size", "507 quota-not-exceeded always",
)  # fmt: skip
_DAV_OF_OBJECTS = ("another-etag", "no-etag")
DAV = (
    "401", "403", "403 need-privileges", "404", "409", "410", "412", "423 lock-token-submitted",
    "423 lock-token-submitted always", "429", "429 always", "429 after=86400", "500", "500 always", "html 502 always",
    "503 after=600", "507", "reset", "reset always", "close", "close always", "stall", "truncate", "truncate always",
    "garbage", "garbage always", "other-xml", "other-xml always", "empty-xml", "empty-xml always", "html",
    "html always", "applied-then-dropped", "applied-then-dropped always", "applied-then-reset", "applied-then-500",
    "applied-then-500 always", "applied-then-stall", *_DAV_READING, *_DAV_WRITING, *_DAV_OF_OBJECTS,
)  # fmt: skip
GMAIL = (
    *COMMON, "400", "403", "403 insufficientPermissions", "403 accessNotConfigured", "403 rateLimitExceeded",
    "403 userRateLimitExceeded", "403 dailyLimitExceeded", "400 failedPrecondition", "503",
)  # fmt: skip
GRAPH_MAIL = (
    *GRAPH, "403 ErrorSendAsDenied", "403 ErrorMessageSubmissionBlocked", "400 ErrorInvalidRecipients",
    "429 ErrorExceededMessageLimit", "503", "503 ErrorServerBusy",
)  # fmt: skip
SMTP = (
    "no server", "greeting 421", "greeting hang-up", "AUTH 535", "MAIL 421", "RCPT 450", "RCPT 550", "DATA 421",
    "DATA 451", "DATA 554", "hangs up after DATA", "stalls after DATA",
)  # fmt: skip
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
    act: str = "cancel"
    """What is to be done: cancel, hold, move, or undo of one of them."""
    lost: bool = False
    """The answer to the write before it got lost."""
    finds: bool = False
    """The calendar is named as people name it, and looked for."""

    @property
    def writes(self) -> bool:
        return self.method not in ("GET", "PROPFIND", "REPORT", "OPTIONS")

    @property
    def undoes(self) -> bool:
        return self.act.startswith("undo")


_ONE = "/events/[^/]+$"
_PERSON = "^/grace/ +depth=0"
_CALENDAR = Verb("calendar", "PROPFIND")
_OF_OBJECTS = (
    Verb("look", "GET"),
    Verb("read back", "GET", after=2),
    Verb("cancel", "PUT"),
    Verb("answer", "PUT", by=ADA),
    Verb("hold", "PUT", act="hold"),
    Verb("undo", "PUT", act="undo of a hold"),
)
VERBS: dict[str, tuple[Verb, ...]] = {
    "google": (
        Verb("list", "GET", "/events$"),
        Verb("increment", "GET", "/events$", known=True),
        Verb("look", "GET", _ONE),
        Verb("read back", "GET", _ONE, after=2),
        Verb("cancel", "PATCH", _ONE),
        Verb("answer", "PATCH", _ONE, by=ADA),
        Verb("hold", "PATCH", _ONE, act="hold"),
        Verb("tentative", "PATCH", _ONE, act="hold", by=ADA),
        Verb("move", "PATCH", _ONE, act="move"),
        Verb("undo", "PATCH", _ONE, act="undo of a move"),
    ),
    "outlook": (
        Verb("list", "GET", "/delta"),
        Verb("increment", "GET", "/delta", known=True),
        Verb("look", "GET", _ONE),
        Verb("read back", "GET", _ONE, after=2),
        Verb("cancel", "POST", "/cancel$"),
        Verb("answer", "POST", "/decline$", by=ADA),
        Verb("hold", "PATCH", _ONE, act="hold"),
        Verb("tentative", "POST", "/tentativelyAccept$", act="hold", by=ADA),
        Verb("move", "PATCH", _ONE, act="move"),
        Verb("undo", "PATCH", _ONE, act="undo of a move"),
    ),
    "caldav": (
        Verb("find", "PROPFIND", finds=True),
        Verb("person", "PROPFIND", _PERSON, finds=True),
        Verb("homes", "PROPFIND", "depth=1", finds=True),
        _CALENDAR,
        Verb("list", "REPORT", "sync-collection"),
        Verb("increment", "REPORT", "sync-collection", known=True),
        Verb("objects", "REPORT", "multiget"),
        *_OF_OBJECTS,
    ),
    "caldav, scheduling": (
        Verb("person", "PROPFIND", _PERSON),
        Verb("features", "OPTIONS"),
        _CALENDAR,
        *_OF_OBJECTS,
    ),
    "ics": (Verb("look"), Verb("write", after=1), Verb("read back", after=2)),
    "gmail": (
        Verb("send", "POST", "/messages/send$"),
        Verb("send, looked up", "POST", "/messages/send$", act="look up"),
        Verb("look before", "GET", "/messages$", act="look up"),
        Verb("look after", "GET", "/messages$", act="look up", after=1, lost=True),
    ),
    "graph mail": (
        Verb("send", "POST", "/sendMail$"),
        Verb("send, looked up", "POST", "/sendMail$", act="look up"),
        Verb("look before", "GET", "/messages$", act="look up"),
        Verb("look after", "GET", "/messages$", act="look up", after=1, lost=True),
    ),
    "smtp": (Verb("send"),),
}
FAULTS = {
    "google": GOOGLE,
    "outlook": GRAPH,
    "caldav": DAV,
    "caldav, scheduling": DAV,
    "ics": FOLDER,
    "gmail": GMAIL,
    "graph mail": GRAPH_MAIL,
    "smtp": SMTP,
}


def faults_of(provider: str, verb: Verb) -> tuple[str, ...]:
    """Those that a request can meet: WebDAV has some for reading alone, and some for writing alone."""
    if not provider.startswith("caldav"):
        return FAULTS[provider]
    others = {"PUT": _DAV_READING, "GET": (*_DAV_READING, *_DAV_WRITING)}
    not_here = others.get(verb.method or "", (*_DAV_WRITING, *_DAV_OF_OBJECTS))
    return tuple(fault for fault in FAULTS[provider] if fault not in not_here)
