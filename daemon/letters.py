"""A mail to one guest about one session: text, the same as HTML, and its calendar part if it has one (iMIP, RFC 6047).

Same arguments, same bytes. Headers are folded here: Python's own folding adds blanks to long encoded words and
breaks Message-IDs in some versions, and a transport uses whatever version there is.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import Any, ClassVar, Self

from agendad.daemon.letter_html import letter_html
from agendad.providers.itip import Method
from agendad.rules.text.untrusted import single_spaced

LONGEST = 200
"""Characters of a subject or a name; longer ones are cut."""
_FOLD_AT = 78
_HEADERS = HeaderRegistry()
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9.-]+")
_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_BODY_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Invisible characters that turn around what follows; in a header they can make one address look like another."""


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
    """Write a mail that leaves by itself and is answered to a person.

    The parts are alternatives, the plainest first (RFC 2046 §5.1.4). Outlook and Gmail act on the calendar part if it
    is one of them, not an attachment, and its `method` is the METHOD inside (RFC 6047 §2.4); it counts as the
    organizer's or attendee's word if the mail comes from that address.

    Args:
        sender: the address the mail is sent from.
        sender_name: whose name stands beside it.
        reply_to: the user's own address, read by a person.
        to: the one address it goes to.
        subject: any text; what cannot stand in a header is left out.
        body: plain text.
        message_id: from `message_id`.
        date: when it is written, aware.
        thread: from `thread_id`; the letters on one session are shown together.
        invite: the method of an iTIP object, and the object.
        language: of the body, as in RFC 5646.

    Raises:
        ValueError: an address, a Message-ID, the date or the language is none that can be sent, or the object is of
            another method.
    """
    for address in (sender, reply_to, to):
        _check_address(address)
    for name in (message_id, *([thread] if thread else [])):
        if not _ID.fullmatch(name) or len(name) > 250:
            raise ValueError(f"{name!r} is no Message-ID")
    if date.tzinfo is None:
        raise ValueError("a mail is dated with an aware time")
    if not _LANGUAGE.fullmatch(language):
        raise ValueError(f"{language!r} is no language tag")
    message = EmailMessage(policy=SMTP)
    headers = [
        ("From", _mailbox(sender_name, sender)),
        ("To", to),
        ("Reply-To", reply_to),
        ("Subject", _phrase("Subject", _one_line(subject))),
        ("Date", format_datetime(date)),
        ("Message-ID", message_id),
        *([("In-Reply-To", thread), ("References", thread)] if thread not in ("", message_id) else []),
        ("Auto-Submitted", "auto-generated"),  # RFC 3834 §5: no vacation notice answers it
        ("X-Auto-Response-Suppress", "All"),  # nor Exchange
    ]
    for name, value in headers:
        message[name] = value if name == "Date" else _Folded(name, value)
    text = _BODY_CONTROL.sub("", _with_newlines(body))
    message.set_content(text, cte="quoted-printable")
    html = letter_html(_one_line(subject), text, language)
    _add_part(message, html, subtype="html", cte="quoted-printable")
    if invite is not None:
        _add_invite(message, *invite)
    # Never in a body: neither encoding writes "=_".
    message.set_boundary(f"=_{_digest(message_id)}")
    message["Content-Language"] = language
    return message


def message_id(key: str, recipient: str, sender: str) -> str:
    """The Message-ID of what `key` has to say to `recipient`: the same from every installation of one sender.

    >>> message_id("key", "ada@example.com", "grace@example.org")
    '<c590b56d387d7a1eca6394620ec06b8126b8db89@example.org>'
    """
    _check_address(sender)
    return f"<{_digest(key, recipient.casefold())}@{sender.rpartition('@')[2].lower()}>"


def thread_id(uid: str, recurrence_id: str | None, domain: str) -> str:
    """The name of the thread on one session; no mail has it as its own Message-ID.

    >>> thread_id("standup@example.org", "2026-12-01T15:00:00Z", "example.org")
    '<session-603162ad6c6cdd62407b63bb25900ace9ff85350@example.org>'
    """
    return f"<session-{_digest(uid, recurrence_id or '')}@{domain.lower()}>"


class _Folded(str):
    """A header as it is sent, folded for any policy. Encoded words stay as they are here."""

    __slots__ = ("name",)
    name: str
    defects: ClassVar = ()

    def __new__(cls, name: str, value: str) -> Self:
        self = super().__new__(cls, value)
        self.name = name
        return self

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Those in a From, To or Reply-To, as Python's own headers have them: a transport asks for them."""
        header: Any = _HEADERS(self.name, str(self))  # its class depends on the name
        return tuple(header.addresses)

    def fold(self, *, policy: Policy) -> str:
        """RFC 5322 §2.2.3: at blanks, in lines of 78 characters where they allow it."""
        return policy.linesep.join(self._lines()) + policy.linesep

    def _lines(self) -> Iterator[str]:
        line = f"{self.name}:"
        for word in self.split(" "):
            if len(line) + 1 + len(word) > _FOLD_AT and line.strip() != f"{self.name}:":
                yield line
                line = ""
            line += f" {word}"
        yield line


def _check_address(address: str) -> None:
    """Refuse what would need quoting or SMTPUTF8, which few servers take."""
    if not _ADDRESS.fullmatch(address) or len(address) > 254:
        raise ValueError(f"{address!r} is no address that mail can be sent to or from")


def _mailbox(name: str, address: str) -> str:
    shown = _one_line(name)
    return f"{_phrase('From', shown, word=True)} <{address}>" if shown else address


def _phrase(header: str, text: str, *, word: bool = False) -> str:
    """Text as it stands in a header: as it is, in quotes (a name may need them), or in encoded words (RFC 2047)."""
    plain = text.isascii() and "=?" not in text and all(len(part) < _FOLD_AT - 20 for part in text.split(" "))
    if plain and (not word or _ATOMS.fullmatch(text)):
        return text
    if plain and len(text) < _FOLD_AT - 20:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    # Lines are put together again: each blank is between two encoded words, and is no part of the text.
    return Header(text, "utf-8", header_name=header, maxlinelen=75).encode(linesep="").strip()


def _one_line(text: str) -> str:
    """Text without what breaks or turns a line around, and not longer than `LONGEST`."""
    kept = "".join(
        " " if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") else character
        for character in text
        if character not in _DIRECTION
    )
    line = single_spaced(kept)
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _add_invite(message: EmailMessage, method: Method, itip: str) -> None:
    if f"\r\nMETHOD:{method.value}\r\n" not in itip:
        raise ValueError(f"the iTIP object is not a {method.value}")
    # base64, as its line ends must arrive as they are
    part = _add_part(message, itip, subtype="calendar", cte="base64")
    part.replace_header("Content-Type", f"text/calendar; method={method.value}; charset=UTF-8; component=VEVENT")


def _add_part(message: EmailMessage, content: str, *, subtype: str, cte: str) -> EmailMessage:
    message.add_alternative(content, subtype=subtype, cte=cte)
    *_, part = message.iter_parts()
    assert isinstance(part, EmailMessage)  # noqa: S101 - for the type checker: its parts are such too
    del part["MIME-Version"]  # the message has it
    return part


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]
