"""The mails that went out. The requests that came in: `simulators.loopback.ledger`."""

from dataclasses import dataclass
from typing import Any, Literal

MailKind = Literal["invitation", "update", "cancellation", "response", "message"]


@dataclass(frozen=True)
class Mail:
    """One mail to one person, that Exchange would have sent."""

    kind: MailKind
    """message: by sendMail; the others come with a change of an event."""
    to: str
    event_id: str
    """In the mailbox of `by`, immutable form; empty for a message."""
    ical_uid: str
    """The series' one, also for an occurrence."""
    original_start: str | None
    """originalStart of the occurrence it is about; None for a whole event and for a message."""
    text: str
    """What the recipient reads: the body at that time, or the comment of a cancellation or response."""
    by: str
    """The mailbox whose owner made the change, or sent the message."""
    summary: str = ""
    """The subject."""
    response_status: str | None = None
    """Of a response."""
    proposed_new_time: dict[str, Any] | None = None
    """Of a response: start and end, each with dateTime and timeZone."""
    message_id: str | None = None
    """Of a message: its internetMessageId, as it was sent out."""
    mime: str | None = None
    """Of a message that was given in MIME form."""
