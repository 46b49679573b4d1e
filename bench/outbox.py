"""Mails queued, handed over and marked as sent, each step on the disk, beside bare commits to the same kind of file."""

import itertools
import tempfile
from contextlib import closing
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from agendad.daemon.outbox import Outbox
from agendad.daemon.store import Store
from agendad.providers.mail import MailTransport
from bench.measure import Row, best, rate
from bench.samples import NOW

JOBS = 500
COMMITS = 3
"""Queued, handed over, sent."""


class _Taking(MailTransport):
    """A server that takes everything at once."""

    def send(self, message: EmailMessage) -> None:
        pass

    def find(self, message_id: str) -> bool | None:  # noqa: ARG002
        return False


def _message(number: int) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Message-ID"], message["Subject"] = f"<{number}@example.org>", "Meeting cancelled"
    message.set_content("as there is no agenda yet; I look forward to meeting with you next time.\n" * 10)
    return message


def row() -> Row:
    with (
        tempfile.TemporaryDirectory() as scratch,
        closing(Store.open(Path(scratch) / "ours")) as store,
        closing(Store.open(Path(scratch) / "bare")) as bare,
    ):
        outbox = Outbox(store, _Taking)
        bare.connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, content BLOB, state INTEGER)")
        keys = itertools.count()
        messages = iter([(str(number), _message(number)) for number in range(JOBS * 4)])

        def ours() -> None:
            for _ in range(JOBS):
                number, message = next(messages)
                with store.transaction():
                    outbox.queue(number, "grace@example.org", message, NOW)
                outbox.send(number)

        def commits() -> None:
            content = b"x" * 1200
            for _ in range(JOBS):
                key = next(keys)
                with bare.transaction():
                    bare.connection.execute("INSERT INTO bare VALUES (?, ?, 0)", (key, content))
                for state in range(1, COMMITS):
                    with bare.transaction():
                        bare.connection.execute("UPDATE bare SET state = ? WHERE id = ?", (state, key))

        taken, floor = best(ours, commits, rounds=3)
    return Row(ours=rate(JOBS, taken, "jobs"), beside=rate(JOBS, floor, "jobs"), ratio=taken / floor, allowed=3.0)
