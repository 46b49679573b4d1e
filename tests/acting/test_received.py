"""The mails on a session as they arrive: through a real SMTP server, read by Python's own parser."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from html import escape

import pytest
from simulators.mailbox import at_work

from agendad.daemon.letters import thread_id

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
ME, ADA = "grace@example.org", "ada@example.com"
BOT = "agendad@bot.example"
LADDER = "{before: 96h, do: nudge}, {before: 60h, do: hold}, {before: 36h, do: cancel}"
TITLES = (
    "メンタリング: 第三章 📚",
    "Mentoring\\nBcc: eve@example.net\\n\\n<b>Hi</b>",
    "Mentoring =?utf-8?q?=0D=0ABcc:_eve?=",
    "Mentoring <img src=x onerror=alert(1)>",
    "Mentoring: " + "x" * 400,
)
NAMES = (
    "山田 太郎",
    "Grace 👩🏽\u200d💻 Hopper",
    'Hopper, Grace "Amazing"',
    "=?utf-8?q?eve?=",
    "Grace Hopper <eve@b.example>",
)


@pytest.fixture
def post():
    with at_work() as box:
        yield box


@pytest.fixture
def mailing(house, post):
    """The house, with mail through a server and from an address of its own."""

    def configure(*, sender=BOT, name="Grace Hopper"):
        by = f"mail: {{transport: smtp, host: 127.0.0.1, port: {post.port}, security: none, from: {sender}}}"
        house.configure(ladder=LADDER, more=f"limits: {{grace: 0h}}\n{by}\nsummary: {{days: [sat]}}")
        quoted = name.replace('"', '\\"')
        house.change("name: Grace Hopper", f'name: "{quoted}"')
        return house

    return configure


def over_days(house):
    for _ in range(9):
        house.run_and_tell()
        house.after(12)


def to_ada(post):
    return [mail for mail in post.received if mail["To"] == ADA]


def method(mail):
    return next((str(part.get_param("method")) for part in mail.walk() if part.get_param("method")), "")


def parts(mail):
    return [part.get_content_type() for part in mail.iter_parts()]


def test_letters_on_one_session_are_one_thread_of_text_html_and_calendar_parts(mailing, post):
    house = mailing()
    house.invite(NOW + timedelta(hours=95))
    house.invite(NOW + timedelta(hours=94), uid="two@example.org", name="two.ics", title="Mentoring: the other one")
    over_days(house)
    one, two = (thread_id(f"{uid}@example.org", None, "bot.example") for uid in ("one", "two"))
    assert {mail["References"] for mail in to_ada(post)} == {one, two}
    assert all(mail["In-Reply-To"] == mail["References"] for mail in to_ada(post))
    nudge, hold, cancel = (mail for mail in to_ada(post) if mail["References"] == two)
    assert parts(nudge) == ["text/plain", "text/html"]
    assert parts(hold) == parts(cancel) == ["text/plain", "text/html", "text/calendar"]
    assert [method(mail) for mail in (nudge, hold, cancel)] == ["", "REQUEST", "CANCEL"]
    ids = [mail["Message-ID"] for mail in post.received]
    assert len(set(ids)) == len(ids)
    assert not {one, two} & set(ids), "the root of a thread is a name, and no mail"


def test_letter_leaves_by_itself_in_the_users_name_and_is_answered_to_the_user(mailing, post):
    house = mailing()
    house.invite(NOW + timedelta(hours=95))
    over_days(house)
    assert len(to_ada(post)) == 3
    for mail in to_ada(post):
        assert mail.get_content_type() == "multipart/alternative"
        assert mail["From"] == f"Grace Hopper <{BOT}>"
        assert mail["Reply-To"] == ME
        assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(("title", "name"), list(zip(TITLES, NAMES, strict=True)))
def test_letter_arrives_in_form_whatever_names_and_titles_hold(mailing, post, title, name):
    house = mailing(name=name)
    house.invite(NOW + timedelta(hours=95), title=title)
    over_days(house)
    assert len(to_ada(post)) == 3
    assert {mail["To"] for mail in post.received} <= {ADA, ME}, "nobody else is written to"
    for content in [one for one in post.contents if b"To: ada@" in one]:
        mail = message_from_bytes(content, policy=default)
        in_form(mail, content)
        (sender,) = mail["From"].addresses
        assert (sender.display_name, sender.addr_spec) == (name, BOT)
        assert mail["Bcc"] is None
        html = mail.get_body(("html",)).get_content()
        assert not re.search("<(img|script|b)\\b", html)
    nudge = to_ada(post)[0]
    quoted = words(title.replace("\\n", " "))[:40].strip()
    assert quoted in words(nudge.get_body(("plain",)).get_content())
    assert escape(quoted, quote=False) in words(nudge.get_body(("html",)).get_content())


def words(text):
    return " ".join(text.split())


def in_form(mail, content):
    """Nothing to find fault with for Python's parser; seven bits, and headers in lines of 78 characters."""
    for part in mail.walk():
        assert part.defects == []
        for value in part.values():
            assert list(value.defects) == []
    assert content.isascii()
    assert all(len(line) <= 78 for line in content.partition(b"\r\n\r\n")[0].split(b"\r\n"))


def test_letter_that_waited_for_another_run_is_the_same(mailing, post):
    house = mailing(name="山田 太郎")
    house.invite(NOW + timedelta(hours=95), title=TITLES[0])
    post.refused[ADA] = "450 later"
    house.run()
    assert post.received == []
    post.refused.clear()
    house.after(1).run()
    (content,) = post.contents
    mail = message_from_bytes(content, policy=default)
    in_form(mail, content)
    assert mail["From"].addresses[0].display_name == "山田 太郎"
    assert parts(mail) == ["text/plain", "text/html"]


def test_summary_is_answered_to_the_user_too(mailing, post):
    house = mailing()
    house.change("days: [sat]", "to: [me, boss@example.org]")
    house.invite(NOW + timedelta(hours=95))
    over_days(house)
    summary = next(mail for mail in post.received if mail["Subject"].startswith("agendad:"))
    assert (summary["From"], summary["Reply-To"]) == (BOT, ME)
    assert parts(summary) == ["text/plain", "text/html"]
