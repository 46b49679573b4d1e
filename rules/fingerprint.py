"""Telling a human change from a change of form.

A fingerprint stays the same when only white space, markup, the conference block or our own lines differ.
"""

import re
from hashlib import sha256

from agendad.providers.model import Event, EventTime
from agendad.rules.text import body_text

_WORD = re.compile(r"\w+")


def body_fingerprint(event: Event) -> str:
    """A short SHA-256 over the words of the visible body, in hexadecimal."""
    return _digest(*(word for line in body_text(event).visible for word in _WORD.findall(line)))


def event_fingerprint(event: Event) -> str:
    """The same over start, end, organizer and body: what only a person would change."""
    organizer = event.organizer.email if event.organizer else ""
    return _digest(_moment(event.start), _moment(event.end), organizer, body_fingerprint(event))


def _moment(time: EventTime) -> str:
    """The instant, whatever zone it is written in; the wall clock where there is none."""
    if time.instant is not None:
        return time.instant.isoformat()
    return f"{time.kind.value} {time.wall.isoformat()} {time.tzid or ''}"


def _digest(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
