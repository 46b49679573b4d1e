"""Trouble on the way to a CalDAV server, by its name: what comes in the place of its answer, or of it.

Sources: RFC 4918 §§11, 13, 16; RFC 4791 §5.3.2.1; RFC 6578 §§3.2, 3.6; RFC 6638 §3.2.4; RFC 3744 §7.1.1; RFC 4331 §6.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .between import Reply, Seen

Ask = Callable[[], Reply]

_PAGE = b"<!DOCTYPE html><html><head><title>Sign in to the guest network</title></head><body>Welcome.</body></html>"
_XML = {"Content-Type": "application/xml; charset=utf-8"}
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_OF_CALDAV = frozenset({
    "allowed-attendee-scheduling-object-change", "allowed-organizer-scheduling-object-change", "max-resource-size",
    "no-uid-conflict", "same-organizer-in-all-components", "supported-calendar-component", "supported-calendar-data",
    "unique-scheduling-object-resource", "valid-calendar-data",
})  # fmt: skip
_ERROR = """<?xml version="1.0" encoding="utf-8"?>
<D:error xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><{}/></D:error>"""
_SOMEBODY_ELSES = b"""<?xml version="1.0" encoding="utf-8"?>
<D:multistatus xmlns:D="DAV:"><D:response><D:href>/somebody/else/other.ics</D:href><D:propstat>
<D:prop><D:getetag>"other"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
</D:multistatus>"""
_EMPTY = b'<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus xmlns:D="DAV:"/>'
_PROPSTATS = re.compile(rb"<(?:\w+:)?propstat\b.*</(?:\w+:)?propstat>", re.DOTALL)
_RESPONSE = re.compile(rb"<((?:\w+:)?)response\b(?:(?!</\1response>).)*</\1response>", re.DOTALL)


def asked_for(seen: Seen) -> str:
    """What a request is, in words that a pattern can tell from others: the path, the report, the depth."""
    report = re.search(rb"<(?:\w+:)?(sync-collection|calendar-multiget|calendar-query)\b", seen.body)
    return f"{seen.path} {report[1].decode() if report else ''} depth={seen.headers.get('depth', '')}"


@dataclass
class Trouble:
    """A rule for `Between`: what requests of one kind meet, after `after` of them went well.

    `kind` is a status with the RFCs' name of a precondition after it, if there is one (`403 need-privileges`), or one
    of `KINDS`; `retry_after` is in seconds; `delay` those of a stall; `times` None lasts until the rule is taken out.
    """

    kind: str
    method: str | None = None
    path: str = ""
    after: int = 0
    times: int | None = 1
    retry_after: int | None = None
    delay: float = 0.0
    met: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    """Ends a delay before its time."""

    def __call__(self, seen: Seen, ask: Ask) -> Reply | None:
        if self.method not in (None, seen.method) or not re.search(self.path, asked_for(seen)):
            return None
        if self.after > 0:
            self.after -= 1
            return None
        if self.times is not None and self.met >= self.times:
            return None
        self.met += 1
        first, *words = self.kind.split()
        if first.isdigit():
            headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
            return _no(int(first), words, headers)
        return KINDS[self.kind](self, ask)


def _no(status: int, conditions: list[str], headers: dict[str, str]) -> Reply:
    """A refusal, with the reason that RFC 4918 §16 has a server give."""
    if status == 401:
        return Reply(401, {**headers, "WWW-Authenticate": 'Basic realm="calendars"'})
    if not conditions:
        return Reply(status, headers)
    (name,) = conditions
    prefix = "C" if name in _OF_CALDAV else "D"
    return Reply(status, headers | _XML, _ERROR.format(f"{prefix}:{name}").encode())


def _stalled(trouble: Trouble, ask: Ask) -> Reply:
    trouble.over.wait(trouble.delay)
    return ask()


def _applied(reply: Reply) -> Callable[[Trouble, Ask], Reply]:
    def answer(_trouble: Trouble, ask: Ask) -> Reply:
        ask()
        return reply

    return answer


def _answered_late(trouble: Trouble, ask: Ask) -> Reply:
    reply = ask()
    trouble.over.wait(trouble.delay)
    return reply


def _with(etag: str | None) -> Callable[[Trouble, Ask], Reply]:
    """The server's answer with another ETag in its header, or with none."""

    def answer(_trouble: Trouble, ask: Ask) -> Reply:
        reply = ask()
        kept = {name: value for name, value in reply.headers.items() if name.lower() != "etag"}
        return replace(reply, headers=kept if etag is None else {**kept, "ETag": etag})

    return answer


def _inside(status: str) -> Callable[[Trouble, Ask], Reply]:
    """207, and in it each object has an error (RFC 4918 §13); where 207 is no answer, nothing is applied."""

    def answer(trouble: Trouble, ask: Ask) -> Reply:
        line = f'<D:status xmlns:D="DAV:">HTTP/1.1 {status}</D:status>'.encode()
        if trouble.method not in ("PROPFIND", "REPORT"):
            return Reply(207, _XML, _PROPSTATS.sub(line, _SOMEBODY_ELSES))
        reply = ask()

        def spoiled(found: re.Match[bytes]) -> bytes:
            return _PROPSTATS.sub(line, found[0])

        return replace(reply, content=_RESPONSE.sub(spoiled, reply.content))

    return answer


def _says(reply: Reply) -> Callable[[Trouble, Ask], Reply]:
    return lambda _trouble, _ask: reply


KINDS: dict[str, Callable[[Trouble, Ask], Reply]] = {
    # nothing is applied
    "reset": _says(Reply(0, reset=True)),
    "close": _says(Reply(0)),
    "garbage": _says(Reply(207, _XML, b'<?xml version="1.0"?>\n<D:multistatus xmlns:D="DAV:"><D:resp')),
    "other-xml": _says(Reply(207, _XML, _SOMEBODY_ELSES)),
    "empty-xml": _says(Reply(207, _XML, _EMPTY)),
    "html": _says(Reply(200, _HTML, _PAGE)),
    "html 502": _says(Reply(502, _HTML, _PAGE)),
    "stall": _stalled,
    # it is
    "truncate": lambda _trouble, ask: replace(ask(), half=True),
    "inside 403": _inside("403 Forbidden"),
    "inside 404": _inside("404 Not Found"),
    "inside 500": _inside("500 Internal Server Error"),
    "applied-then-dropped": _applied(Reply(0)),
    "applied-then-reset": _applied(Reply(0, reset=True)),
    "applied-then-500": _applied(Reply(500)),
    "applied-then-stall": _answered_late,
    "another-etag": _with('"somebody-elses"'),
    "no-etag": _with(None),
}
