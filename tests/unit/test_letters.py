"""Letters as a receiver's mail program reads them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agendad.daemon.letter_html import letter_html
from agendad.daemon.letters import LONGEST, letter, message_id, thread_id
from agendad.providers.itip import Method, itip_object
from agendad.providers.mail import FileTransport, envelope
from agendad.providers.model import Instance, Status

START = datetime(2026, 12, 1, 15, tzinfo=UTC)
NOW = datetime(2026, 11, 29, 15, tzinfo=UTC)
GOLDEN = Path(__file__).with_name("letter_cancel.eml")
"""With line feeds; letter_cancel.ics is its calendar part."""
ME, ADA = "grace@example.org", "ada@example.com"
OWN_ID = message_id("key", ADA, ME)
THREAD = thread_id("session-1@example.org", "2026-12-01T15:00:00Z", "example.org")
OBJECT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:{}\r\nBEGIN:VEVENT\r\nSUMMARY:Grüße\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
HEADERS = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
    "MIME-Version", "Content-Type", "Content-Language",
]  # fmt: skip


def a_letter(**changes):
    arguments = {
        "sender": ME, "sender_name": "Grace Hopper", "reply_to": "grace@home.example", "to": ADA, "subject": "Tuesday",
        "body": "Dear Ada,\n\nuntil then.\n", "message_id": OWN_ID, "date": NOW,
    }  # fmt: skip
    return letter(**(arguments | changes))


def received(message):
    """The message as sent, and as Python's own parser reads it; nothing in it is out of form."""
    content = message.as_bytes(policy=SMTP)
    read = message_from_bytes(content, policy=default)
    assert isinstance(read, EmailMessage)
    for part in read.walk():
        assert part.defects == []
        for value in part.values():
            assert list(value.defects) == []
    assert content.isascii()
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert not re.search(rb"[^\r]\n|\r[^\n]", content)
    return content, read


def test_letter_without_invite_is_text_and_the_same_as_html():
    _, read = received(a_letter(body="Grüße,\r\nfrom\x1b[0m Grace 😀\n. \nFrom here"))
    assert sorted(read) == sorted(HEADERS)
    assert (read["From"], read["To"], read["Reply-To"]) == (
        "Grace Hopper <grace@example.org>",
        ADA,
        "grace@home.example",
    )
    assert (read["Auto-Submitted"], read["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert read.get_content_type() == "multipart/alternative"
    plain, html = read.iter_parts()
    for part, subtype in ((plain, "plain"), (html, "html")):
        assert sorted(part) == ["Content-Transfer-Encoding", "Content-Type"]
        assert part["Content-Type"] == f'text/{subtype}; charset="utf-8"'
    assert plain.get_content().replace("\r\n", "\n") == "Grüße,\nfrom[0m Grace 😀\n. \nFrom here\n"
    assert "Grüße, from[0m Grace 😀 . From here</p>" in html.get_content()


@pytest.mark.parametrize("method", list(Method))
def test_invite_is_an_alternative_that_names_its_method(method):
    text = OBJECT.format(method)
    _, read = received(a_letter(invite=(method, text), language="de-CH"))
    assert sorted(read) == sorted(HEADERS)
    assert (read.get_content_type(), read["Content-Language"]) == ("multipart/alternative", "de-CH")
    body, html, calendar = read.iter_parts()
    assert (body.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert '<html lang="de-CH">' in html.get_content()
    assert calendar.get_content_type() == "text/calendar"
    assert dict(calendar["Content-Type"].params) == {
        "method": method.value, "charset": "UTF-8", "component": "VEVENT",
    }  # fmt: skip
    assert calendar.get_payload(decode=True) == text.encode()
    assert calendar.get_content() == text
    assert list(read.iter_attachments()) == []


def test_invite_arrives_as_it_was_written_when_it_is_sent_by_file(tmp_path, make_event, at):
    event = make_event(at(START, "Europe/London"), title="Mentoring: Grüße, 日本 " * 9)
    text = itip_object(Method.REPLY, event, at=NOW, me=ADA, comment="Später?\nBis dann")
    path = FileTransport(tmp_path).send(a_letter(invite=(Method.REPLY, text)))
    *_, calendar = message_from_bytes(path.read_bytes(), policy=default).iter_parts()
    assert calendar.get_payload(decode=True) == text.encode()


def test_cancellation_looks_as_it_did(make_event, at):
    event = make_event(
        at(START, "America/New_York"), recurrence_id="2026-12-01T15:00:00Z", instance=Instance.EXCEPTION, sequence=1,
        status=Status.CANCELLED, marks=("grace-ada-agenda-3",),
    )  # fmt: skip
    body = (
        "Dear Ada,\n\nI am cancelling our meeting on Tuesday, 1 December, 10:00 EST (15:00 in London), as there is no "
        "agenda yet.\nI look forward to meeting with you next time.\n\nGrace\n"
    )
    object_ = itip_object(Method.CANCEL, event, at=NOW, comment=body)
    message = a_letter(
        subject="Cancelled: Mentoring: Ada and Grace", body=body, thread=THREAD, invite=(Method.CANCEL, object_)
    )
    assert object_.split("\r\n") == GOLDEN.with_suffix(".ics").read_text(encoding="utf-8").split("\n")
    assert message.as_bytes(policy=SMTP).decode().split("\r\n") == GOLDEN.read_text(encoding="ascii").split("\n")


def test_letter_can_be_addressed_before_it_has_been_taken_apart():
    assert envelope(a_letter(sender_name="Ünal <eve@example.net>, Çelik")) == (ME, (ADA,))


def test_same_arguments_give_the_same_bytes():
    first, second = (a_letter(invite=(Method.CANCEL, OBJECT.format("CANCEL")), thread=THREAD) for _ in range(2))
    assert first.as_bytes() == second.as_bytes() == first.as_bytes(policy=SMTP)


def test_letters_on_one_session_are_one_thread():
    _, read = received(a_letter(thread=THREAD))
    assert read["In-Reply-To"] == read["References"] == THREAD
    _, first = received(a_letter(thread=OWN_ID))
    assert "In-Reply-To" not in first
    assert "References" not in first


def test_thread_is_another_for_another_occurrence_or_series():
    threads = {
        thread_id(uid, original, "example.org") for uid in ("a", "b") for original in (None, "2026-12-01T15:00:00Z")
    }
    assert len(threads) == 4
    assert thread_id("a", None, "Example.ORG") == thread_id("a", None, "example.org")


def test_message_id_depends_on_key_recipient_and_domain_alone():
    assert message_id("key", ADA, ME) == message_id("key", "ADA@Example.com", "other@EXAMPLE.org")
    others = {message_id("key", ADA, ME), message_id("yek", ADA, ME), message_id("key", ME, ME)}
    assert len(others | {message_id("key", ADA, ADA)}) == 4


def test_date_is_told_in_its_own_zone():
    _, read = received(a_letter(date=NOW.astimezone(timezone(timedelta(hours=-5)))))
    assert (read["Date"], read["Date"].datetime) == ("Sun, 29 Nov 2026 10:00:00 -0500", NOW)


def test_long_ids_and_addresses_are_not_broken():
    domain = "a-department-with-a-long-name.of-a-university.somewhere.example.org"
    sender = f"somebody.with.a.rather.long.name.indeed@{domain}"
    own, thread = message_id("key", ADA, sender), thread_id("uid", None, domain)
    content, read = received(a_letter(sender=sender, to=sender, message_id=own, thread=thread, sender_name="G. H."))
    assert (read["Message-ID"], read["References"], read["To"]) == (own, thread, sender)
    assert own.encode() in content
    assert read["From"].addresses[0].addr_spec == sender


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Grace Hopper", "Grace Hopper"),
        ("Hopper, Grace (USN)", "Hopper, Grace (USN)"),
        ('Grace "Amazing" \\ Hopper', 'Grace "Amazing" \\ Hopper'),
        ("Ünal <eve@example.net>, Çelik", "Ünal <eve@example.net>, Çelik"),
        ("=?utf-8?q?eve?=", "=?utf-8?q?eve?="),
        ("Grace\r\nBcc: eve@example.net", "Grace Bcc: eve@example.net"),
        ("\u202egro.elpmaxe@eve\u202c Grace", "gro.elpmaxe@eve Grace"),
        ("山田 太郎", "山田 太郎"),
        ("Ada 👩🏽\u200d💻", "Ada 👩🏽\u200d💻"),
        ("", ""),
        (" \x00\t ", ""),
    ],
)
def test_name_stands_beside_the_address_whatever_it_holds(name, shown):
    _, read = received(a_letter(sender_name=name))
    (one,) = read["From"].addresses
    assert (one.display_name, one.addr_spec) == (shown, ME)
    assert "Bcc" not in read


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Tuesday\r\nBcc: eve@example.net\r\n\r\nBody", "Tuesday Bcc: eve@example.net Body"),
        ("Für dich: 日本語 😀", "Für dich: 日本語 😀"),
        ("=?utf-8?q?=0D=0ABcc:_eve?=", "=?utf-8?q?=0D=0ABcc:_eve?="),
        ("one  two\u2028three\x85four\ud800five", "one two three four five"),
        ("\u202eevil\u2066", "evil"),
        ("Un autre horaire\u202f?", "Un autre horaire\u202f?"),
        ("Annulé\u00a0: notre rendez-vous", "Annulé\u00a0: notre rendez-vous"),
        ("\u00a0Oui\u202f\r\nBcc: eve@example.net\u00a0\u202f!\u202f", "Oui Bcc: eve@example.net !"),
        ("long " * 20 + "end", "long " * 20 + "end"),
        ("x" * 150, "x" * 150),
        ("é" * 400, "é" * (LONGEST - 1) + "…"),
        ("", ""),
    ],
)
def test_subject_is_one_header_whatever_it_holds(subject, shown):
    content, read = received(a_letter(subject=subject))
    assert read["Subject"] == shown
    assert sorted(read) == sorted(HEADERS)
    assert all(len(line) <= 78 for line in content.partition(b"\r\n\r\n")[0].split(b"\r\n"))


@pytest.mark.parametrize("field", ["sender", "to", "reply_to"])
@pytest.mark.parametrize(
    "address",
    [
        "", "ada", "ada@example.com\r\nBcc: eve@example.net", "ada@example.com, eve@example.net", "Ada <ada@b.example>",
        '"a b"@example.com', "ädä@example.com", "ada@ex ample.com", f"{'a' * 250}@example.com", "ada@example.com\n",
    ],
)  # fmt: skip
def test_address_is_refused_when_it_is_not_one_plain_address(field, address):
    with pytest.raises(ValueError, match="no address"):
        a_letter(**{field: address})


@pytest.mark.parametrize("name", ["", "no-brackets@example.org", "<a@b>\r\nBcc: x@y.z", "<a b@c>", f"<{'a' * 250}@b>"])
def test_message_id_and_thread_are_refused_when_they_are_none(name):
    with pytest.raises(ValueError, match="no Message-ID"):
        a_letter(message_id=name)
    if name:
        with pytest.raises(ValueError, match="no Message-ID"):
            a_letter(thread=name)


def test_naive_date_is_refused():
    with pytest.raises(ValueError, match="aware"):
        a_letter(date=NOW.replace(tzinfo=None))


@pytest.mark.parametrize("language", ["", "en\r\nBcc: x@y.z", "undetermined-language", "de_CH"])
def test_language_is_refused_when_it_is_no_tag(language):
    with pytest.raises(ValueError, match="language"):
        a_letter(language=language)


def test_invite_is_refused_when_its_method_is_another():
    with pytest.raises(ValueError, match="not a CANCEL"):
        a_letter(invite=(Method.CANCEL, OBJECT.format("REQUEST")))


TAG = re.compile("<[^>]*>")
TAGS = frozenset(TAG.findall(letter_html("", "Hi\n\nA:\n- b\n- c\nd\n\n- e", "en") + letter_html("", "- a", "en")))
"""What the template writes; anything else came from a text."""

texts = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from([
            "\r\n", "\n", "\r", "\x00", "\x85", "\u2028", "\u202e", "\u202f", "\u00a0", "\ud800", " ", "\t", "=?",
            "=?utf-8?b?QQ==?=", "?=",
            "<", ">", '"', "\\", ",", ";", ":", "(", ")", "@", "é", "日本", "👩🏽\u200d💻", "Bcc: eve@example.net",
            "word", "x" * 80, "<b>", "</p>", "<!--", "&amp;", "{{", "- ", "\n\n",
        ]),
        max_size=30,
    ).map("".join),
)  # fmt: skip


@given(texts, texts, texts)
def test_no_text_becomes_a_header_or_is_lost(subject, name, body):
    content, read = received(a_letter(subject=subject, sender_name=name, body=body, thread=THREAD))
    expected = [*HEADERS, "In-Reply-To", "References"]
    assert sorted(read) == sorted(expected)
    assert all(len(line) <= 78 for line in content.partition(b"\r\n\r\n")[0].split(b"\r\n"))
    (one,) = read["From"].addresses
    assert one.addr_spec == ME
    assert is_shown(subject, read["Subject"])
    assert is_shown(name, one.display_name)
    # Blanks between encoded words are none (RFC 2047 §6.2); older Pythons read them into names: not compared.
    plain, html = (str(part.get_content()) for part in read.iter_parts())
    assert all(visible(line) in visible(plain) for line in body.splitlines())
    assert set(TAG.findall(html)) <= TAGS
    words = visible(unescape(TAG.sub("", html)))
    assert all(visible(line.removeprefix("- ")) in words for line in lines_of(body))


def lines_of(body):
    return body.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def is_shown(text, header):
    """All that can be seen of a text, or what there is room for."""
    wanted, read = visible(text), visible(header)
    return read == wanted or (len(text) > LONGEST and read[-1] == "…" and wanted.startswith(read[:-1]))


def visible(text):
    return "".join(character for character in text if character.isprintable() and not character.isspace())
