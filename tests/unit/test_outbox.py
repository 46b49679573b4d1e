"""Mail on its way: once, looked up before any repeat, in doubt where nobody can know."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from agendad.daemon.outbox import Outbox, Post
from agendad.daemon.store import Store
from agendad.providers.mail import FileTransport
from agendad.providers.smtp import SmtpTransport

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)


def message(number=1):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "grace@example.org", "ada@example.com", f"<{number}@example.org>"
    mail.set_content("Hi Ada")
    return mail


class Office:
    """An outbox with its database, and files for a transport."""

    def __init__(self, folder):
        self.store, self.files = Store.in_memory(), FileTransport(folder / "outbox")
        self.transport = self.files
        self.outbox = Outbox(self.store, lambda: self.transport)

    def queue(self, mail):
        with self.store.transaction():
            self.outbox.queue("a1", "ada@example.com", mail, NOW)

    def interrupt(self):
        """As a crash in the middle of sending leaves it."""
        self.store.connection.execute("UPDATE outbox SET state = 'sending'")

    def states(self):
        return [letter.state for letter in self.outbox.of("a1")]

    def sent(self):
        return len(list(self.files.folder.glob("*.eml"))) if self.files.folder.exists() else 0


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    yield made
    made.store.close()


def test_message_is_sent_once_however_often_it_is_queued_and_sent(office):
    for _ in range(3):
        office.queue(message())
        office.outbox.send("a1")
    assert (office.states(), office.sent()) == ([Post.SENT], 1)


def test_interrupted_message_that_is_found_counts_as_sent(office):
    office.queue(message())
    office.files.send(message())
    office.interrupt()
    office.outbox.settle()
    assert (office.states(), office.sent()) == ([Post.SENT], 1)


def test_interrupted_message_that_is_not_found_is_sent_again(office):
    office.queue(message())
    office.interrupt()
    office.outbox.settle()
    assert office.states() == [Post.QUEUED]
    office.outbox.send("a1")
    assert (office.states(), office.sent()) == ([Post.SENT], 1)


def test_interrupted_message_that_nobody_can_look_up_is_in_doubt_and_stays_so(office):
    office.queue(message())
    office.interrupt()
    office.transport = SmtpTransport("127.0.0.1", 9, "none")
    office.outbox.settle()
    assert office.states() == [Post.UNKNOWN]
    office.transport = office.files
    office.outbox.settle()
    office.outbox.send("a1")
    assert (office.states(), office.sent()) == ([Post.UNKNOWN], 0)


def test_message_that_another_installation_has_sent_is_not_sent_again(office):
    office.files.send(message())
    office.queue(message())
    office.outbox.send("a1")
    assert (office.states(), office.sent()) == ([Post.SENT], 1)


def test_message_that_cannot_go_stays_queued_with_the_reason_and_can_be_withdrawn(office):
    office.files.folder.write_text("in the way")
    office.queue(message())
    office.outbox.send("a1")
    (letter,) = office.outbox.of("a1")
    assert (letter.state, "could not be" in letter.detail) == (Post.QUEUED, True)
    assert office.outbox.waiting() == {"a1"}
    office.outbox.withdraw("a1")
    assert office.outbox.of("a1") == []
