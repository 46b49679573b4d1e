"""What the simulator remembers for the tests: the requests that came in and the mails that went out."""

from dataclasses import dataclass, field
from typing import Any, Literal

MailKind = Literal["invitation", "update", "cancellation", "response"]


@dataclass(frozen=True)
class Mail:
    """One mail that Google would have sent."""

    kind: MailKind
    to: str
    event_id: str
    ical_uid: str
    original_start: str | None
    """originalStartTime of the instance it is about, as RFC 3339 or as a date; None for a whole event."""
    text: str
    """What the recipient reads: the description at that time, or the comment of a response."""
    by: str
    """The calendar whose owner made the change."""
    summary: str = ""
    response_status: str | None = None
    """Of a response."""


@dataclass
class Request:
    """One request over HTTP. It is in the list from its arrival; status and ended come with its answer."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    """Parsed JSON or form; None if there was none, the text if it was neither."""
    headers: dict[str, str]
    """By lower-case name."""
    thread: int
    started: float
    person: str | None = None
    status: int | None = None
    """None while it is handled, and when the connection ended without an answer."""
    ended: float | None = None
    fault: str | None = None
    response: Any = field(default=None, repr=False)
    """The answer's parsed body, whether or not it reached the client."""
