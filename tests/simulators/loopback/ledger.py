"""The requests that came in, as the tests see them."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Request:
    """One request over HTTP. It is in the list from its arrival; status and ended come with its answer."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    """Parsed JSON or form; None if there was none, the text if it was neither."""
    headers: dict[str, str]
    """By lower-case name; a header that came several times is joined with commas."""
    thread: int
    started: float
    person: str | None = None
    status: int | None = None
    """None while it is handled, and when the connection ended without an answer."""
    ended: float | None = None
    fault: str | None = None
    response: Any = field(default=None, repr=False)
    """The answer's parsed body, whether or not it reached the client."""
