"""The summary and the test mail through an account: the installed command, and the vendors' simulators on loopback."""

import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from simulators.gmail import GmailSimulator
from simulators.google import GoogleSimulator
from simulators.graph import CLIENT_ID, GraphSimulator

NOW = datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
EVENING, LATER = "2026-11-30T17:35:00-05:00", "2026-11-30T18:35:00-05:00"
GRACE = "grace@example.org"
HEADLESS = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "DISPLAY": ""}
CONFIG = """\
version: 1
me: {{name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}}
accounts:
  - {{name: home, provider: ics, path: calendar}}
  - {account}
mentorships:
  - name: grace-ada
    mentor: {{name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}}
    mentee: me
    met: true
mail: {{transport: {transport}, account: post{more}}}
"""
BROWSER = "#!{python}\nimport sys, urllib.request\nurllib.request.urlopen(sys.argv[1]).read()\n"


class Post:
    """Grace's agendad, whose mail goes through an account."""

    def __init__(self, home, simulator, transport, account):
        self.home, self.simulator, self.transport, self.account = home, simulator, transport, account
        browser = home.folder / "browser"
        browser.write_text(BROWSER.format(python=sys.executable))
        browser.chmod(0o755)
        self.environ = {**HEADLESS, "BROWSER": str(browser)}
        self.configure()
        home.invite("bad.ics", start="20261203T160000Z", end="20261203T163000Z")

    def configure(self, more=""):
        self.home.configure(CONFIG.format(account=self.account, transport=self.transport, more=more))

    def run(self, *arguments, **more):
        result = self.home.run(*arguments, environ=self.environ, **more)
        assert not any(secret in result.out + result.err for secret in ("ya29", "1//", "eyJ0", "1.AX"))
        return result


class Outlook(Post):
    sending, vendor, right = "/sendMail", "Microsoft", "Mail.Send"

    def __init__(self, home, graph):
        account = (
            f'{{name: post, provider: outlook, client_id: {CLIENT_ID}, authority: "{graph.root}/common",'
            f' api_root: "{graph.api_root}"}}'
        )
        super().__init__(home, graph, "outlook", account)

    def received(self):
        return [mail.mime for mail in self.simulator.mails]

    def revoke(self):
        self.simulator.revoke(GRACE)

    def passes(self, time):
        self.simulator.now += time


class Gmail(Post):
    sending, vendor, right = "/messages/send", "Gmail", "gmail.send"

    def __init__(self, home, gmail):
        gmail.google.client_secrets(home.folder / "client.json")
        account = (
            f'{{name: post, provider: google, client_secrets: client.json, api_root: "{gmail.google.api_root}",'
            f' gmail_root: "{gmail.root}"}}'
        )
        super().__init__(home, gmail, "gmail", account)

    def received(self):
        return [sent.content.decode() for sent in self.simulator.sent]

    def revoke(self):
        self.simulator.google.revoke(GRACE)

    def passes(self, time):
        self.simulator.google.now += time


def home_is_fine(result):
    return next(account["ok"] for account in result.json["accounts"] if account["name"] == "home")


@pytest.fixture(params=["outlook", "gmail"])
def post(request, home):
    with ExitStack() as stack:
        if request.param == "outlook":
            graph = stack.enter_context(GraphSimulator(NOW))
            graph.add_person(GRACE, "Eastern Standard Time")
            graph.consent.device_polls, graph.consent.device_interval = 0, 1
            yield Outlook(home, graph)
            assert graph.violations == []
        else:
            google = stack.enter_context(GoogleSimulator(NOW))
            google.add_person(GRACE, "America/New_York")
            gmail = stack.enter_context(GmailSimulator(google))
            yield Gmail(home, gmail)
            assert (gmail.violations, google.violations) == ([], [])


def test_mail_before_anybody_signed_in_names_the_command(post):
    result = post.run("mail", "test")
    assert (result.status, result.out) == (1, "")
    assert "Nobody has signed in to account post" in result.err
    assert "The message was not sent" in result.err
    assert "agendad login post" in result.err


def test_sign_in_asks_for_sending_and_mail_goes_out(post):
    login = post.run("login", "post")
    assert login.status == 0, login.err
    assert post.right in login.out
    assert "Mail.Read" not in login.out
    assert "gmail.readonly" not in login.out
    result = post.run("mail", "test")
    assert result.status == 0, result.err
    assert f"sent to {GRACE} through account post ({post.vendor})" in result.out
    (content,) = post.received()
    assert "Auto-Submitted: auto-generated" in content
    assert "Message-ID: <test-" in content


def test_looking_up_is_asked_for_only_where_it_is_wanted(post):
    post.configure(", lookup: true")
    login = post.run("login", "post")
    assert login.status == 0, login.err
    assert "Mail.Read" in login.out or "gmail.readonly" in login.out


def test_sign_in_from_before_mail_was_configured_is_told_with_the_command(post):
    with_mail = (post.home.folder / "agendad.yaml").read_text()
    post.home.configure(with_mail.partition("mail:")[0])
    assert post.run("login", "post").status == 0
    post.home.configure(with_mail)
    result = post.run("mail", "test")
    assert result.status == 1
    assert "does not let agendad send mail" in result.err
    assert "Type: agendad login post" in result.err
    assert post.received() == []
    assert post.run("login", "post").status == 0
    assert post.run("mail", "test").status == 0


def test_sender_that_is_not_the_accounts_is_hinted_at_when_signing_in(post):
    post.configure(", from: bot@example.org")
    out = " ".join(post.run("login", "post").out.split())
    assert "says that it comes from bot@example.org" in out
    assert f"`mail.from: {GRACE}`" in out


def test_scheduled_summary_goes_out_once(post):
    assert post.run("login", "post").status == 0
    post.run("run", "--once")
    for now in (EVENING, LATER):
        result = post.run("run", "--once", "--json", now=now)
        assert home_is_fine(result)
        assert len(post.received()) == 1
    assert "Message-ID: <summary-" in post.received()[0]


def test_summary_whose_answer_got_lost_is_found_and_not_sent_again(post):
    post.configure(", lookup: true")
    assert post.run("login", "post").status == 0
    post.run("run", "--once")
    post.simulator.faults.add("applied-then-dropped", path=post.sending)
    for now in (EVENING, LATER):
        assert not any(
            "may have been sent" in note for note in post.run("run", "--once", "--json", now=now).json["notes"]
        )
        assert len(post.received()) == 1


def test_ended_sign_in_is_told_and_the_other_account_goes_on(post):
    assert post.run("login", "post").status == 0
    post.run("run", "--once")
    post.revoke()
    post.passes(timedelta(hours=9))
    result = post.run("run", "--once", "--json", now=EVENING)
    assert result.status == 1
    assert home_is_fine(result)
    assert any("has ended the sign-in of account post" in note for note in result.json["notes"])
    assert post.received() == []
    assert post.run("login", "post").status == 0
    post.run("run", "--once", "--json", now=LATER)
    assert post.received() != []


ACTING = """\
mode: act
limits: {quiet_hours: none}
rules:
  agenda: {ladder: [{before: 96h, do: nudge}]}
  ownership: {enabled: false}
"""


def states(post):
    """Of every action so far."""
    return [action["state"] for action in post.run("history", "--json").json["actions"]]


def nudge(result):
    return next(action for action in result.json["actions"] if action["action"] == "nudge")


@pytest.mark.parametrize(("fault", "gone"), [("reset", 0), ("applied-then-dropped", 1)])
def test_mail_about_a_session_whose_answer_got_lost_is_sent_exactly_once(post, fault, gone):
    post.configure(", lookup: true")
    post.home.configure((post.home.folder / "agendad.yaml").read_text() + ACTING)
    assert post.run("login", "post").status == 0
    assert post.run("mail", "test").status == 0  # by which it learns that Message-IDs are kept
    post.simulator.faults.add(fault, path=post.sending)
    post.simulator.faults.add(503, method="GET", path="/messages$", after=1, times=None)  # after the look before it
    assert nudge(post.run("run", "--once", "--json"))["state"] == "intended"
    assert len(post.received()) == 1 + gone
    post.simulator.faults.clear()
    if not gone:
        post.run("run", "--once", now="2026-11-30T08:35:00-05:00")
        assert [state for state in states(post) if state != "would"] == ["intended"]
        assert len(post.received()) == 1
    for now in ("2026-11-30T08:41:00-05:00", "2026-11-30T08:46:00-05:00"):
        post.run("run", "--once", now=now)
        assert states(post).count("confirmed") == 1
        assert len(post.received()) == 2
    assert set(states(post)) <= {"confirmed", "skipped"}
