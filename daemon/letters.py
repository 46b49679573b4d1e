"""A letter: one mail to one person, in the user's name, said to be automated, with an iTIP part where it belongs."""

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from agendad.providers.itip import Method
from agendad.rules.text.untrusted import one_line

_LONGEST_NAME, _LONGEST_SUBJECT = 60, 120


def letter(
    *,
    sender: str,
    sender_name: str,
    reply_to: str,
    to: str,
    subject: str,
    body: str,
    message_id: str,
    date: datetime,
    thread: str = "",
    invite: tuple[Method, str] | None = None,
    language: str = "en",
) -> EmailMessage:
    """Write one letter. The same arguments give the same mail, but for MIME boundaries.

    Args:
        sender: the address that it comes from.
        sender_name: the user's name.
        reply_to: the address at which the user reads the answer.
        to: one person's address.
        subject: one line; what cannot stand in a header is left out.
        body: plain text.
        message_id: from `message_id`.
        date: aware.
        thread: from `thread_id`: mail programs show what has the same one as one conversation.
        invite: an iTIP object with its method, sent as RFC 6047 §2.4 has it.
        language: of the text (RFC 3282).
    """
    mail = EmailMessage()
    mail["From"] = Address(one_line(sender_name, _LONGEST_NAME), addr_spec=sender)
    mail["To"] = to
    mail["Reply-To"] = reply_to
    mail["Subject"] = one_line(subject, _LONGEST_SUBJECT)
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = message_id
    if thread and thread != message_id:
        mail["In-Reply-To"] = thread
        mail["References"] = thread
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no vacation notice answers it
    mail["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
    mail["Content-Language"] = language
    mail.set_content(body + "\n", cte="quoted-printable")
    if invite is not None:
        method, text = invite
        mail.add_alternative(
            text.encode(),
            maintype="text",
            subtype="calendar",
            params={"method": method.value, "charset": "UTF-8", "component": "VEVENT"},
            cte="base64",  # its line ends and folds arrive as they are
        )
    return mail


def message_id(key: str, recipient: str, sender: str) -> str:
    """Made from what the mail is about and whom it goes to: the same mail has the same one, from any installation."""
    return f"<{_digest(key, recipient)}@{_domain(sender)}>"


def thread_id(uid: str, recurrence_id: str, sender: str) -> str:
    """The conversation about one session."""
    return f"<{_digest('thread', uid, recurrence_id)}@{_domain(sender)}>"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
