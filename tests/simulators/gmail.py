"""A strict simulator of Gmail's API on loopback, as far as mail is sent and looked up.

Tokens are those of a GoogleSimulator. Whether Gmail keeps a Message-ID that it is given could not be confirmed: that is
a switch.
"""

import base64
import email
import email.policy
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import getaddresses
from types import TracebackType
from typing import Any, Self, cast

from simulators.google import GoogleSimulator
from simulators.loopback import Answer, Fault, Faults, Request, Server

API = "/gmail/v1"
_SCOPE = "https://www.googleapis.com/auth/"
_ALL = {f"{_SCOPE}gmail.modify", "https://mail.google.com/"}
_SENDING = {f"{_SCOPE}gmail.send", f"{_SCOPE}gmail.compose", *_ALL}
_READING = {f"{_SCOPE}gmail.readonly", *_ALL}
_REASONS = {
    400: ("invalidArgument", "INVALID_ARGUMENT"),
    401: ("authError", "UNAUTHENTICATED"),
    403: ("forbidden", "PERMISSION_DENIED"),
    404: ("notFound", "NOT_FOUND"),
    429: ("rateLimitExceeded", "RESOURCE_EXHAUSTED"),
    500: ("backendError", "INTERNAL"),
    503: ("backendError", "UNAVAILABLE"),
}


@dataclass(frozen=True)
class Sent:
    """A message that went out: once in the list for each that was sent, whoever reads it."""

    person: str
    to: tuple[str, ...]
    message_id: str
    content: bytes
    there: datetime
    """From when on it can be found."""

    @property
    def message(self) -> EmailMessage:
        return cast("EmailMessage", email.message_from_bytes(self.content, policy=email.policy.default))


class _No(Exception):
    def __init__(self, status: int, message: str, reason: str = "", *, breach: bool = False) -> None:
        super().__init__(message)
        self.status, self.message, self.reason, self.breach = status, message, reason, breach


class GmailDialect:
    prefix = API
    garbage = '{"messages": [{'
    content_type = "application/json; charset=UTF-8"

    def error(self, path: str, fault: Fault) -> Answer:  # noqa: ARG002 -- the signature is given
        return failure(fault.status, fault.reason or "", "ordered by the test")


def failure(status: int, reason: str, message: str) -> Answer:
    usual, name = _REASONS.get(status, ("backendError", "UNKNOWN"))
    error = {"message": message, "domain": "global", "reason": reason or usual}
    return Answer(status, {"error": {"code": status, "message": message, "errors": [error], "status": name}})


class GmailSimulator:
    """Gmail on 127.0.0.1, for as long as the `with` block lasts."""

    def __init__(self, google: GoogleSimulator) -> None:
        self.google = google
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.sent: list[Sent] = []
        self.faults = Faults()
        self.keeps_message_ids = True
        """Otherwise it puts one of its own in its place, as it does with ids that it does not like."""
        self.delay = timedelta()
        """How long after it was sent a message can be found."""
        self._lock = threading.Lock()
        self._server = Server(self._handle, self.faults, self.requests, lambda: google.now, GmailDialect())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="gmail", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.stop()
        self._thread.join()

    @property
    def root(self) -> str:
        """What comes before /gmail/v1."""
        return self._server.root

    def _handle(self, request: Request) -> Answer:
        with self._lock:
            try:
                return self._answer(request)
            except _No as no:
                if no.breach:
                    self.violations.append(f"{request.method} {request.path}: {no.message}")
                return failure(no.status, no.reason, no.message)

    def _answer(self, request: Request) -> Answer:
        match request.method, request.path.removeprefix(API):
            case "POST", "/users/me/messages/send":
                person = self._person(request, _SENDING)
                self._check_query(request, set())
                return Answer(200, self._send(person, request.body))
            case "GET", "/users/me/messages":
                person = self._person(request, _READING)
                self._check_query(request, {"q", "includeSpamTrash", "maxResults"})
                return Answer(200, self._list(person, request.query.get("q", [""])[0]))
        raise _No(404, "not simulated", breach=True)

    def _person(self, request: Request, scopes: set[str]) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self.google._oauth.grant(token) if scheme == "Bearer" else None
        if grant is None:
            raise _No(401, "Request had invalid authentication credentials.")
        if grant.scopes is not None and not scopes & grant.scopes:
            raise _No(403, "Request had insufficient authentication scopes.", "insufficientPermissions")
        return grant.person

    @staticmethod
    def _check_query(request: Request, known: set[str]) -> None:
        unknown = set(request.query) - known - {"alt"}
        if unknown or request.query.get("alt", ["json"]) != ["json"]:
            raise _No(400, f"Invalid parameters: {sorted(unknown)}", breach=True)

    def _send(self, person: str, body: Any) -> dict[str, Any]:
        if not isinstance(body, dict) or set(body) != {"raw"}:
            raise _No(400, "the body is {raw}", breach=True)
        try:
            content = base64.b64decode(body["raw"], altchars=b"-_", validate=True)
        except ValueError:
            raise _No(400, "Invalid value for ByteString", breach=True) from None
        message = cast("EmailMessage", email.message_from_bytes(content, policy=email.policy.default))
        fields = [str(each) for name in ("to", "cc", "bcc") for each in message.get_all(name, [])]
        readers = tuple(address for _, address in getaddresses(fields) if address)
        if not readers:
            raise _No(400, "Recipient address required")
        own = f"<CA{secrets.token_hex(16)}@mail.simulated.example>"
        kept = str(message["message-id"]).strip() if message["message-id"] and self.keeps_message_ids else own
        self.sent.append(Sent(person, readers, kept, content, self.google.now + self.delay))
        number = f"{len(self.sent):016x}"
        return {"id": number, "threadId": number, "labelIds": ["SENT"]}

    def _list(self, person: str, query: str) -> dict[str, Any]:
        wanted = query.removeprefix("rfc822msgid:")
        if wanted == query or not wanted or set(wanted) & set("<> "):
            raise _No(400, f"a search that is not simulated: {query!r}", breach=True)
        found = [
            {"id": f"{number:016x}", "threadId": f"{number:016x}"}
            for number, each in enumerate(self.sent, 1)
            if each.person == person and each.message_id == f"<{wanted}>" and each.there <= self.google.now
        ]
        return {**({"messages": found} if found else {}), "resultSizeEstimate": len(found)}
