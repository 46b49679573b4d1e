"""Mail through accounts: Microsoft Graph's and Gmail's simulators over real HTTP, with trouble on the way."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from simulators.gmail import GmailSimulator
from simulators.google import GoogleSimulator
from simulators.graph import GraphSimulator

from agendad.daemon.config import everything_is_local, load
from agendad.daemon.outbox import Outbox, Post
from agendad.daemon.store import Store
from agendad.providers.account_mail import AccountTransport
from agendad.providers.errors import AccountUnavailable, SignInNeeded
from agendad.providers.gmail import GmailPost
from agendad.providers.google_refusals import why_refused
from agendad.providers.google_signin import GMAIL_READ, GMAIL_SEND, bearer
from agendad.providers.graph_mail import GraphPost
from agendad.providers.graph_refusals import bearer_not_taken
from agendad.providers.mail import MailInDoubt, MailNotSent
from agendad.providers.pacing import Pace

NOW = datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
GRACE, ADA = "grace@example.org", "ada@example.com"
APPLIED = ["applied-then-dropped", "applied-then-reset", "applied-then-500"]
LOST = ["reset", "close", 500, 502, 504, "html", "garbage"]
"""Nothing was applied, and nobody can tell."""


def message(number=1, *, sender=GRACE):
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Message-ID"] = sender, f"Ada <{ADA}>", f"<step-{number}@example.org>"
    mail["Subject"], mail["Auto-Submitted"] = "Agenda für Dienstag", "auto-generated"
    mail.set_content("Grüße\n.\nAda\n")
    mail.add_alternative(b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n", "text", "calendar")
    return mail


class Mailbox:
    """Grace's, at a vendor; and a transport through it whose waits are noted and not waited."""

    def __init__(self, simulator, post_of):
        self.simulator, self.waits, self.learnt = simulator, [], []
        self.faults = simulator.faults
        self._post_of = post_of

    def transport(self, *, looks_up=False, keeps_ids=None, tries=5):
        pace = Pace(service="the vendor", tries=tries, sleep=self.waits.append, clock=lambda: sum(self.waits))
        return AccountTransport(
            self._post_of(pace),
            looks_up=looks_up,
            keeps_ids=lambda: bool(self.learnt) if keeps_ids is None else keeps_ids,
            learnt=lambda: self.learnt.append(True),
        )

    def posts(self):
        """Requests to send."""
        return [each for each in self.simulator.requests if each.method == "POST"]


class Outlook(Mailbox):
    sending, refusal = "/sendMail", "ErrorInvalidRecipients"

    def __init__(self, graph):
        super().__init__(graph, self._post)
        self.token = graph.token_for(GRACE)

    def _post(self, pace):
        return GraphPost(
            "uni",
            self.simulator.api_root,
            mailbox="/me",
            token=lambda: self.token,
            refused=lambda _told: bearer_not_taken("uni"),
            now=lambda: self.simulator.now,
            pace=pace,
        )

    def contents(self):
        return [mail.mime.encode() for mail in self.simulator.mails]

    def ids(self):
        return [mail.message_id for mail in self.simulator.mails]

    def replaces_ids(self):
        self.simulator.switches.message_id_kept = False

    def delays(self, by):
        self.simulator.sent_items_delay = by

    def forget_rights(self, *kept):
        self.token = self.simulator.token_for(GRACE, [{"send": "Mail.Send", "read": "Mail.Read"}[one] for one in kept])

    def passes(self, time):
        self.simulator.now += time


class Gmail(Mailbox):
    sending, refusal = "/messages/send", "invalidArgument"

    def __init__(self, gmail):
        super().__init__(gmail, self._post)
        self.token = gmail.google.token_for(GRACE)

    def _post(self, pace):
        return GmailPost(
            "work",
            self.simulator.root,
            credentials=lambda: bearer(self.token),
            why_refused=lambda error: why_refused(error, "work", by=bearer(self.token)),
            now=lambda: self.simulator.google.now,
            sign_in=lambda: self.token,
            pace=pace,
        )

    def contents(self):
        return [sent.content for sent in self.simulator.sent]

    def ids(self):
        return [sent.message_id for sent in self.simulator.sent]

    def replaces_ids(self):
        self.simulator.keeps_message_ids = False

    def delays(self, by):
        self.simulator.delay = by

    def forget_rights(self, *kept):
        scopes = [{"send": GMAIL_SEND, "read": GMAIL_READ}[one] for one in kept]
        self.token = self.simulator.google.token_for(GRACE, scopes)

    def passes(self, time):
        self.simulator.google.now += time


@pytest.fixture(params=["outlook", "gmail"])
def mailbox(request):
    with ExitStack() as stack:
        if request.param == "outlook":
            graph = stack.enter_context(GraphSimulator(NOW))
            graph.add_person(GRACE, "Eastern Standard Time")
            yield Outlook(graph)
            assert graph.violations == []
        else:
            google = stack.enter_context(GoogleSimulator(NOW))
            google.add_person(GRACE, "America/New_York")
            gmail = stack.enter_context(GmailSimulator(google))
            yield Gmail(gmail)
            assert (gmail.violations, google.violations) == ([], [])


def told(action, kind):
    """An error that says what happened, what was not done and what to do next, and no secret."""
    with pytest.raises(kind) as caught:
        action()
    error = caught.value
    assert error.happened
    assert error.not_done
    assert error.next_step
    assert not any(secret in str(error) for secret in ("ya29", "eyJ0"))
    return error


# sending


def test_message_goes_out_whole_and_keeps_its_name(mailbox):
    mailbox.transport().send(message())
    (content,) = mailbox.contents()
    assert mailbox.ids() == ["<step-1@example.org>"]
    assert content.isascii()
    assert b"Auto-Submitted: auto-generated" in content
    assert b"METHOD:REQUEST" in content or b"base64" in content
    assert b"text/calendar" in content
    assert b"\n.\r\n" not in content.replace(b"\r\n.\r\n", b""), "nothing is stuffed as for SMTP"


def test_message_without_a_name_or_a_reader_is_a_fault_of_ours(mailbox):
    for field in ("Message-ID", "To", "From"):
        broken = message()
        del broken[field]
        with pytest.raises(ValueError, match="a message is sent"):
            mailbox.transport().send(broken)
    assert mailbox.posts() == []


@pytest.mark.parametrize("status", [400, 403, 404, 413])
def test_refused_message_is_told_as_not_sent_and_asked_once(mailbox, status):
    mailbox.faults.add(status, path=mailbox.sending, reason=mailbox.refusal)
    error = told(lambda: mailbox.transport().send(message()), MailNotSent)
    assert f"{status} {mailbox.refusal}" in str(error)
    assert "The message was not sent" in str(error)
    assert (mailbox.ids(), len(mailbox.posts()), mailbox.waits) == ([], 1, [])


@pytest.mark.parametrize(
    ("status", "retry_after", "least"),
    [(429, 2, 2), (429, 0.5, 0.5), (429, "http-date", 2), (429, None, 0.5), (503, 3, 3), (503, 0.5, 0.5)],
)
def test_busy_server_is_asked_again_after_as_long_as_it_says(mailbox, status, retry_after, least):
    reason = None if status == 503 or isinstance(mailbox, Outlook) else "rateLimitExceeded"
    mailbox.faults.add(status, path=mailbox.sending, retry_after=retry_after, reason=reason)
    mailbox.transport().send(message())
    assert (len(mailbox.ids()), len(mailbox.posts())) == (1, 2)
    (waited,) = mailbox.waits
    assert least <= waited < least + 1.5


def test_server_that_stays_busy_is_left_alone_and_told(mailbox):
    mailbox.faults.add(429, path=mailbox.sending, retry_after=40, times=None)
    transport = mailbox.transport()
    assert "It is tried again by itself in" in str(told(lambda: transport.send(message()), MailNotSent))
    asked = len(mailbox.posts())
    told(lambda: transport.send(message(2)), MailNotSent)
    assert len(mailbox.posts()) == asked, "it was asked to be left alone"


def test_server_that_cannot_be_reached_got_nothing(mailbox):
    transport = mailbox.transport(tries=1)
    mailbox.simulator._server.stop()
    assert "cannot be reached" in str(told(lambda: transport.send(message()), MailNotSent))


@pytest.mark.parametrize("fault", [*APPLIED, *LOST])
def test_lost_answer_leaves_the_message_in_doubt_and_is_never_sent_again(mailbox, fault):
    mailbox.faults.add(fault, path=mailbox.sending)
    error = told(lambda: mailbox.transport().send(message()), MailInDoubt)
    assert error.look_later is False
    assert "See whether it arrived" in str(error)
    assert len(mailbox.posts()) == 1
    assert len(mailbox.ids()) == (fault in APPLIED)
    assert mailbox.transport().find("<step-1@example.org>") is None
    assert mailbox.transport().certain_after == timedelta()


def test_answer_of_something_in_between_is_no_receipt(mailbox):
    mailbox.faults.add(200, path=mailbox.sending, body="<html>sign in to this network</html>")
    told(lambda: mailbox.transport().send(message()), MailInDoubt)
    assert mailbox.ids() == []


# looking up


@pytest.mark.parametrize("fault", APPLIED)
def test_message_whose_answer_got_lost_is_found_and_counts_as_sent(mailbox, fault):
    mailbox.faults.add(fault, path=mailbox.sending)
    mailbox.transport(looks_up=True).send(message())
    assert (len(mailbox.ids()), len(mailbox.posts())) == (1, 1)
    assert mailbox.learnt == [True]


@pytest.mark.parametrize("fault", LOST)
def test_message_that_is_not_found_is_looked_for_again_later(mailbox, fault):
    mailbox.faults.add(fault, path=mailbox.sending)
    transport = mailbox.transport(looks_up=True)
    error = told(lambda: transport.send(message()), MailInDoubt)
    assert error.look_later is True
    assert "It is looked for again" in str(error)
    assert (mailbox.ids(), len(mailbox.posts())) == ([], 1)
    assert transport.certain_after == timedelta(minutes=10)


def test_what_is_not_found_was_not_sent_only_where_ids_are_known_to_be_kept(mailbox):
    transport = mailbox.transport(looks_up=True)
    assert transport.find("<step-1@example.org>") is None
    transport.send(message())
    assert mailbox.learnt == [True]
    assert transport.find("<step-1@example.org>") is True
    assert transport.find("<step-2@example.org>") is False
    looked = len(mailbox.simulator.requests)
    transport.send(message(3))
    assert len(mailbox.simulator.requests) == looked + 1, "it is learnt once"


def test_vendor_that_puts_its_own_ids_in_leaves_what_is_lost_in_doubt(mailbox):
    mailbox.replaces_ids()
    transport = mailbox.transport(looks_up=True)
    for number in range(5):
        transport.send(message(number))
    assert mailbox.learnt == []
    mailbox.faults.add("applied-then-dropped", path=mailbox.sending)
    told(lambda: transport.send(message(6)), MailInDoubt)
    assert transport.find("<step-6@example.org>") is None
    assert len(mailbox.ids()) == len(mailbox.posts()) == 6


def test_message_that_shows_late_is_found_late(mailbox):
    mailbox.delays(timedelta(minutes=5))
    mailbox.faults.add("applied-then-reset", path=mailbox.sending)
    transport = mailbox.transport(looks_up=True)
    told(lambda: transport.send(message()), MailInDoubt)
    mailbox.passes(timedelta(minutes=5))
    assert transport.find("<step-1@example.org>") is True


def test_mailbox_that_cannot_be_read_concludes_nothing(mailbox):
    transport = mailbox.transport(looks_up=True, keeps_ids=True, tries=1)
    for fault in (400, 403, 500, "reset", "garbage", 429):
        mailbox.faults.add(fault, method="GET", reason=mailbox.refusal if fault == 403 else None)
        error = told(lambda: transport.find("<step-1@example.org>"), MailNotSent)
        assert "Nothing was concluded and nothing was sent" in str(error)
        mailbox.passes(timedelta(hours=1))
        mailbox.waits.append(3600.0)  # a rest is over


def test_somebody_elses_answer_is_not_taken_for_a_mailbox_without_the_message(mailbox):
    """It would be sent once more."""
    transport = mailbox.transport(looks_up=True, keeps_ids=True, tries=1)
    mailbox.faults.add("garbage", method="GET", body='{"ok": true}')
    told(lambda: transport.find("<step-1@example.org>"), MailNotSent)


def test_quote_in_a_name_is_no_other_question(mailbox):
    assert mailbox.transport(looks_up=True).find("<o'neill@example.org>") is None


# rights


def test_sending_without_the_right_is_told(mailbox):
    mailbox.forget_rights("read")
    error = told(lambda: mailbox.transport().send(message()), MailNotSent)
    assert mailbox.ids() == []
    assert any(words in error.next_step for words in ("agendad login", "permissions"))


def test_looking_up_without_the_right_is_told_and_sends_nothing_twice(mailbox):
    mailbox.forget_rights("send")
    mailbox.faults.add("applied-then-dropped", path=mailbox.sending)
    transport = mailbox.transport(looks_up=True)
    assert told(lambda: transport.send(message()), MailInDoubt).look_later
    told(lambda: transport.find("<step-1@example.org>"), MailNotSent)
    assert len(mailbox.ids()) == 1


def test_trouble_with_the_sign_in_is_told_before_anything_is_asked(mailbox):
    post = mailbox.transport()._post
    transport = AccountTransport(post, looks_up=False, trouble=lambda: ("It may not.", "Type: agendad login uni"))
    error = told(lambda: transport.send(message()), MailNotSent)
    assert str(error) == "It may not. The message was not sent. Type: agendad login uni"
    assert mailbox.simulator.requests == []


@pytest.mark.parametrize("kind", [SignInNeeded, AccountUnavailable])
def test_account_without_a_sign_in_sends_nothing_and_names_the_command(mailbox, kind):
    def no(*_anything):
        raise kind("Nobody has signed in.", not_done="Nothing was read.", next_step="Type: agendad login uni")

    transport = mailbox.transport()
    transport._post._token = transport._post._credentials = no
    error = told(lambda: transport.send(message()), MailNotSent)
    assert "The message was not sent. Type: agendad login uni" in str(error)
    assert mailbox.simulator.requests == []


def test_token_that_has_ended_is_told(mailbox):
    mailbox.token = "of-yesterday"  # noqa: S105 - of nothing
    error = told(lambda: mailbox.transport().send(message()), MailNotSent)
    assert "does not take the token" in str(error)


def test_sender_that_the_account_may_not_use_is_told():
    with GraphSimulator(NOW) as graph:
        graph.add_person(GRACE)
        error = told(lambda: Outlook(graph).transport().send(message(sender="bot@example.org")), MailNotSent)
    assert "ErrorSendAsDenied" in str(error)
    assert "mail.from" in error.next_step


# the outbox


class Office:
    """An outbox on the simulator's clock."""

    def __init__(self, mailbox, **more):
        self.mailbox, self.store = mailbox, Store.in_memory()
        self.transport = mailbox.transport(looks_up=True, **more)
        google = getattr(mailbox.simulator, "google", mailbox.simulator)
        self.outbox = Outbox(self.store, lambda: self.transport, lambda: google.now)
        with self.store.transaction():
            self.outbox.queue("a1", ADA, message(), NOW)

    def states(self):
        return [letter.state for letter in self.outbox.of("a1")]

    def after(self, minutes):
        self.mailbox.passes(timedelta(minutes=minutes))
        self.outbox.settle()
        return self.states()


@pytest.fixture
def office(mailbox):
    made = Office(mailbox, keeps_ids=True)
    yield made
    made.store.close()


def test_message_in_doubt_waits_until_the_mailbox_must_show_it_and_is_then_sent_once(office):
    office.mailbox.faults.add("reset", path=office.mailbox.sending)
    office.outbox.send("a1")
    (letter,) = office.outbox.of("a1")
    assert (letter.state, "the answer got lost" in letter.detail) == (Post.SENDING, True)
    assert office.after(0) == [Post.SENDING]
    assert office.after(9) == [Post.SENDING]
    office.outbox.send("a1")
    assert office.mailbox.ids() == []
    assert office.after(1) == [Post.QUEUED]
    office.outbox.send("a1")
    assert (office.states(), len(office.mailbox.ids())) == ([Post.SENT], 1)


def test_message_in_doubt_that_shows_meanwhile_counts_as_sent(office):
    office.mailbox.delays(timedelta(minutes=3))
    office.mailbox.faults.add("applied-then-dropped", path=office.mailbox.sending)
    office.outbox.send("a1")
    assert office.states() == [Post.SENDING]
    assert office.after(3) == [Post.SENT]
    assert len(office.mailbox.ids()) == 1


def test_message_of_an_interrupted_run_is_not_sent_again_before_the_mailbox_must_show_it(office):
    office.mailbox.delays(timedelta(minutes=3))
    office.outbox._set("<step-1@example.org>", Post.SENDING, "", handed_over=True)
    office.transport.send(message())  # and then the process ended
    assert office.after(1) == [Post.SENDING]
    assert office.after(2) == [Post.SENT]


def test_message_in_doubt_stays_so_where_ids_are_not_known_to_be_kept(mailbox):
    office = Office(mailbox, keeps_ids=False)
    mailbox.faults.add("reset", path=mailbox.sending)
    office.outbox.send("a1")
    assert office.after(5) == [Post.SENDING]
    assert office.after(5) == [Post.UNKNOWN]
    office.outbox.send("a1")
    assert len(mailbox.posts()) == 1
    office.store.close()


def test_message_of_another_installation_is_not_sent_again(office):
    office.transport.send(message())
    office.outbox.send("a1")
    assert (office.states(), len(office.mailbox.ids())) == ([Post.SENT], 1)


# the configuration


@pytest.mark.parametrize(
    ("root", "mail", "expected"),
    [
        ("http://127.0.0.1:1", "gmail", []),
        ("https://gmail.googleapis.com", "gmail", ["mail (gmail.googleapis.com)"]),
        ("https://gmail.googleapis.com", "file", []),
    ],
)
def test_mail_through_gmail_is_as_far_as_its_host(tmp_path, root, mail, expected):
    path = tmp_path / "c.yaml"
    through = "transport: gmail, account: work" if mail == "gmail" else "transport: file"
    path.write_text(
        f"version: 1\nme: {{name: Grace, emails: [{GRACE}], timezone: Europe/London}}\naccounts:\n"
        f'  - {{name: work, provider: google, api_root: "http://127.0.0.1:1", gmail_root: "{root}"}}\n'
        f"mail: {{{through}}}\n"
    )
    assert everything_is_local(load(path).config) == expected
