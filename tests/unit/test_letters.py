"""Letters, read back with Python's own parser."""

from datetime import datetime
from email import message_from_bytes
from email.policy import SMTP, default
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agendad.daemon.letters import letter, message_id, thread_id
from agendad.providers.itip import Method

ME, ADA = "grace@example.org", "ada@example.com"
DATE = datetime(2026, 11, 30, 9, 0, tzinfo=ZoneInfo("America/New_York"))
ID = message_id("0123", ADA, ME)
CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nX-LONG:" + "é" * 30 + "\r\n " + "é" * 9 + "\r\nEND:VCALENDAR\r\n"


def write(**changes):
    parts = {
        "sender": ME, "sender_name": "Grace Hopper", "reply_to": ME, "to": ADA, "subject": "Our session",
        "body": "Hi Ada,\n\nsee you “soon”.", "message_id": ID, "date": DATE,
    }  # fmt: skip
    return letter(**(parts | changes))


def sent(message):
    return message_from_bytes(message.as_bytes(policy=SMTP), policy=default)


def test_letter_has_the_headers_that_it_needs():
    mail = sent(write(thread=thread_id("uid", "", ME)))
    assert mail["From"] == "Grace Hopper <grace@example.org>"
    assert (mail["To"], mail["Reply-To"], mail["Message-ID"]) == (ADA, ME, ID)
    assert mail["Date"] == "Mon, 30 Nov 2026 09:00:00 -0500"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["References"] == mail["In-Reply-To"] == thread_id("uid", "", ME)
    assert mail.get_content().split() == ["Hi", "Ada,", "see", "you", "“soon”."]
    assert mail.get_content_type() == "text/plain"


def test_invite_travels_as_an_alternative_with_its_method_and_every_byte():
    mail = sent(write(invite=(Method.CANCEL, CALENDAR)))
    assert mail.get_content_type() == "multipart/alternative"
    text, calendar = mail.iter_parts()
    assert (text.get_content_type(), calendar.get_content_type()) == ("text/plain", "text/calendar")
    assert dict(calendar.get_params()[1:]) == {"method": "CANCEL", "charset": "UTF-8", "component": "VEVENT"}
    assert calendar.get_payload(decode=True).decode() == CALENDAR


@pytest.mark.parametrize(
    "hostile", ["x\r\nBcc: eve@example.com", "a\nb", "\u202eevil", "x" * 3000, "😀" * 80, "\x00", ""]
)
def test_header_takes_no_text_for_more_than_text(hostile):
    mail = write(subject=hostile, sender_name=hostile)
    content = mail.as_bytes(policy=SMTP)
    read = message_from_bytes(content, policy=default)
    assert read["Bcc"] is None
    assert read.keys() == write().keys()
    assert not read.defects
    assert not any(read[name].defects for name in ("From", "To", "Subject", "Date", "Message-ID"))
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert read["From"].addresses[0].addr_spec == ME


@given(st.text(max_size=200), st.text(max_size=400))
def test_whatever_is_written_arrives(subject, body):
    read = sent(write(subject=subject, body=body))
    assert read.get_body(("plain",)) is not None
    assert not read.defects
    assert read["To"] == ADA


def test_same_mail_has_the_same_id_and_another_reader_another():
    assert message_id("0123", ADA, ME) == ID
    assert len({ID, message_id("0123", "bob@example.com", ME), message_id("0124", ADA, ME)}) == 3
    assert ID.endswith("@example.org>")
