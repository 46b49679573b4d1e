"""The summary reaches a mailbox: the installed command and a real SMTP server on loopback."""

import pytest

EVENING = "2026-11-30T17:35:00-05:00"
LATE_EVENING = "2026-11-30T18:35:00-05:00"
NEXT_EVENING = "2026-12-01T17:35:00-05:00"
THURSDAY = {"start": "20261203T160000Z", "end": "20261203T163000Z"}


@pytest.fixture
def mailbox(home, post):
    """A mailbox whose server `home` sends through."""
    post.route = f"through 127.0.0.1:{post.port} (none)"
    mail = f"mail: {{transport: smtp, host: 127.0.0.1, port: {post.port}, security: none, from: bot@example.org}}\n"
    home.configure(home.config + mail + "summary: {to: [me, boss@example.org]}\n")
    home.invite("bad.ics", **THURSDAY)
    return post


def test_test_mail_reaches_the_readers_and_says_so(home, mailbox):
    result = home.run("mail", "test")
    assert result.status == 0, result.err
    assert f"sent to grace@example.org, boss@example.org {mailbox.route}" in result.out
    (mail,) = mailbox.received
    assert mail["To"] == "grace@example.org, boss@example.org"
    assert (mail["From"], mail["Reply-To"]) == ("bot@example.org", "grace@example.org")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mailbox.route in " ".join(mail.get_content().split())
    assert not (home.folder / "state" / "outbox").exists()


def test_test_mail_that_is_refused_exits_1_and_says_why(home, mailbox):
    mailbox.verdict = "554 not from here"
    result = home.run("mail", "test")
    assert (result.status, result.out) == (1, "")
    assert "554 not from here" in result.err
    shape = home.run("mail", "test", "--json")
    assert shape.status == 1
    assert shape.json["sent"] is False
    assert "554 not from here" in shape.json["error"]


def test_test_mail_tells_whom_the_server_refused(home, mailbox):
    mailbox.refused = {"boss@example.org": "550 nobody"}
    shape = home.run("mail", "test", "--json")
    assert shape.status == 1
    assert (shape.json["sent"], shape.json["to"]) == (True, ["grace@example.org"])
    assert shape.json["refused"] == {"boss@example.org": "550 nobody"}


def test_test_mail_without_a_server_is_a_file_and_says_so(home):
    shape = home.run("mail", "test", "--json")
    assert shape.status == 0
    (path,) = (home.folder / "state" / "outbox").glob("*.eml")
    assert (shape.json["schema"], shape.json["path"]) == ("agendad.mail-test/1", str(path))
    assert "reaches nobody by itself" in home.run("mail", "test").out


def test_summary_sent_by_hand_reaches_the_mailbox(home, mailbox):
    home.run("run", "--once")
    result = home.run("summary", "--send")
    assert result.status == 0, result.err
    assert mailbox.route in result.out
    (mail,) = mailbox.received
    assert {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html"}
    assert mail["Subject"].startswith("agendad: ")


def test_scheduled_summary_reaches_the_mailbox_once(home, mailbox):
    home.run("run", "--once")
    assert mailbox.received == []
    for now in (EVENING, EVENING, LATE_EVENING):
        result = home.run("run", "--once", "--json", now=now)
        assert (result.status, result.json["notes"]) == (0, [])
        assert len(mailbox.received) == 1


def test_refused_summary_is_told_and_tried_again_until_it_is_taken(home, mailbox):
    home.run("run", "--once")
    mailbox.verdict = "451 try later"
    for now in (EVENING, LATE_EVENING):
        failed = home.run("run", "--once", "--json", now=now)
        assert failed.status == 1
        assert "451 try later" in failed.json["notes"][0]
        assert [account["ok"] for account in failed.json["accounts"]] == [True]
    mailbox.verdict = "250 OK"
    for now in ("2026-11-30T19:35:00-05:00", "2026-11-30T20:35:00-05:00"):
        result = home.run("run", "--once", "--json", now=now)
        assert (result.status, result.json["notes"]) == (0, [])
        assert len(mailbox.received) == 1


def test_message_id_of_a_scheduled_summary_is_its_slots(home, mailbox):
    ids = []
    for evening in (EVENING, LATE_EVENING):
        state = home.folder / evening[11:13]
        home.run("run", "--once", "--state-dir", str(state))
        home.run("run", "--once", "--state-dir", str(state), now=evening)
        ids.append(mailbox.received.pop()["Message-ID"])
    assert ids[0] == ids[1]


def test_summary_in_doubt_is_not_sent_again_and_the_next_one_tells(home, mailbox):
    home.run("run", "--once")
    mailbox.hangs_up = True
    home.run("run", "--once", now=EVENING)
    assert len(mailbox.received) == 1
    mailbox.hangs_up = False
    assert home.run("run", "--once", now=LATE_EVENING).status == 0
    assert len(mailbox.received) == 1
    assert home.run("run", "--once", now=NEXT_EVENING).status == 0
    _, following = mailbox.received
    text = " ".join(following.get_body(("plain",)).get_content().split())
    assert "It may have been sent or not" in text
    assert "Thu 3 Dec" in text, "what the doubtful one said is said again"
    home.run("run", "--once", now="2026-12-02T17:35:00-05:00")
    assert "may have been sent" not in mailbox.received[-1].as_string()


def test_summary_that_a_reader_was_refused_is_told_in_the_next(home, mailbox):
    home.run("run", "--once")
    mailbox.refused = {"boss@example.org": "550 nobody"}
    home.run("run", "--once", now=EVENING)
    home.run("run", "--once", now=LATE_EVENING)
    assert len(mailbox.received) == 1, "not sent again to those who have it"
    mailbox.refused = {}
    home.run("run", "--once", now=NEXT_EVENING)
    text = " ".join(mailbox.received[-1].get_body(("plain",)).get_content().split())
    assert "refused boss@example.org (550 nobody)" in text


def test_missing_password_is_told_and_the_pass_goes_on(home):
    mail = "mail: {transport: smtp, host: localhost, username: grace, auth: {method: password, env: NOT_SET}}\n"
    home.configure(home.config + mail)
    home.invite("bad.ics", **THURSDAY)
    home.run("run", "--once")
    result = home.run("run", "--once", "--json", now=EVENING)
    assert result.status == 1
    assert "NOT_SET is empty or not set" in result.json["notes"][0]
    assert result.json["accounts"][0]["ok"]
    assert home.run("mail", "test").status == 1
