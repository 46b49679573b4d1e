"""Mail on its way: queued with the action that it belongs to, sent once, looked up before any repeat.

queued → sending (committed before the transport is called) → sent | unknown. A message that is found in `sending`
was interrupted, or its answer got lost: it is looked up where the transport can, once the mailbox is sure to show it,
and never sent again on a guess.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from pathlib import Path

from agendad.daemon.store import Store, stamp, unstamp
from agendad.providers.mail import MailInDoubt, MailNotSent, MailPartlySent, MailTransport

_COMPOSED = 100


class Post(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message in the outbox. `action` is the id of the action that it belongs to, or what the user is told by it."""

    message_id: str
    action: str
    recipient: str
    state: Post
    detail: str


def waits(store: Store) -> bool:
    """Whether a message is to be sent, or to be looked for, that could not be so far."""
    query = "SELECT EXISTS (SELECT 1 FROM outbox WHERE state IN ('queued', 'sending'))"
    return bool(store.connection.execute(query).fetchone()[0])


class Outbox:
    """The messages of one installation.

    Args:
        store: the database.
        transport: is asked for when something is to be sent.
        now: the time, aware; without it, what is looked up and not found counts as not sent at once.
    """

    def __init__(
        self, store: Store, transport: Callable[[], MailTransport], now: Callable[[], datetime] | None = None
    ) -> None:
        self.store, self.sql = store, store.connection
        self._transport, self._now = transport, now
        self._composed: dict[str, EmailMessage] = {}
        """By Message-ID, what was queued last and not sent yet: taking it apart again takes longer than sending it."""

    def queue(self, action: str, recipient: str, message: EmailMessage, now: datetime) -> None:
        """Put a message in line, inside the transaction that says why. One Message-ID is queued once."""
        message_id = str(message["Message-ID"])
        done = self.sql.execute(
            "INSERT OR IGNORE INTO outbox (message_id, action, recipient, content, state, detail, queued_at)"
            " VALUES (?, ?, ?, ?, ?, '', ?)",
            (message_id, action, recipient, message.as_bytes(policy=SMTP), Post.QUEUED, stamp(now)),
        )
        if done.rowcount == 1:
            if len(self._composed) >= _COMPOSED:
                self._composed.clear()
            self._composed[message_id] = message

    def of(self, action: str) -> list[Letter]:
        """The messages of one action."""
        rows = self.sql.execute(
            "SELECT message_id, action, recipient, state, detail FROM outbox WHERE action = ? ORDER BY message_id",
            (action,),
        )
        return [
            Letter(message_id=message_id, action=owner, recipient=recipient, state=Post(state), detail=detail)
            for message_id, owner, recipient, state, detail in rows
        ]

    def waiting(self) -> frozenset[str]:
        """Ids of actions with messages that are not on their way yet."""
        return frozenset(i for (i,) in self.sql.execute("SELECT action FROM outbox WHERE state = ?", (Post.QUEUED,)))

    def withdraw(self, action: str) -> None:
        """Take out what has not been sent."""
        self.sql.execute("DELETE FROM outbox WHERE action = ? AND state = ?", (action, Post.QUEUED))

    def forget(self, action: str) -> None:
        """Take out all messages of one owner, of whom nobody will ask again."""
        self.sql.execute("DELETE FROM outbox WHERE action = ?", (action,))

    def settle(self) -> None:
        """Find out what became of messages that were interrupted.

        Raises:
            MailNotSent: the place to look in cannot be read; they stay as they are.
        """
        rows = self.sql.execute("SELECT message_id, handed_at FROM outbox WHERE state = ?", (Post.SENDING,)).fetchall()
        for message_id, handed_at in rows:
            transport = self._transport()
            found = transport.find(message_id)
            if found:
                self._set(message_id, Post.SENT, "")
            elif self._shows_by_now(transport, handed_at):
                why = "agendad was stopped while this was being sent, or got no answer; it may have arrived or not"
                self._set(message_id, *((Post.UNKNOWN, why) if found is None else (Post.QUEUED, "")))

    def _shows_by_now(self, transport: MailTransport, handed_at: str) -> bool:
        """Whether a message that was handed over at that time would be found by now, had it been sent."""
        if self._now is None or not handed_at:
            return True
        return self._now() - unstamp(handed_at) >= transport.certain_after

    def send(self, action: str) -> None:
        """Send the messages of one action that are queued. What goes wrong is in their `detail`."""
        for letter in self.of(action):
            if letter.state is Post.QUEUED:
                self._send(letter.message_id)

    def _send(self, message_id: str) -> None:
        with suppress(MailNotSent, MailInDoubt, MailPartlySent):
            self.hand_over(message_id)

    def hand_over(self, message_id: str) -> Path | None:
        """Send one message that is queued, and note what became of it.

        Returns the file it landed in, None where it left the machine, or had left before.

        Raises:
            MailNotSent, MailPartlySent, MailInDoubt: as noted.
        """
        message = self._composed.pop(message_id, None) or self._read(message_id)
        try:
            transport = self._transport()
            if transport.find(message_id):  # another installation's, or our own before a backup was restored
                self._set(message_id, Post.SENT, "")
                return None
            self._set(message_id, Post.SENDING, "", handed_over=True)
            path = transport.send(message)
        except MailNotSent as error:
            self._set(message_id, Post.QUEUED, str(error))
            raise
        except MailInDoubt as error:
            self._set(message_id, Post.SENDING if error.look_later else Post.UNKNOWN, str(error))
            raise
        except MailPartlySent as error:
            self._set(message_id, Post.SENT, str(error))
            raise
        self._set(message_id, Post.SENT, "")
        return path

    def _read(self, message_id: str) -> EmailMessage:
        (content,) = self.sql.execute("SELECT content FROM outbox WHERE message_id = ?", (message_id,)).fetchone()
        return message_from_bytes(content, policy=SMTP)

    def _set(self, message_id: str, state: Post, detail: str, *, handed_over: bool = False) -> None:
        with self.store.transaction():
            self.sql.execute(
                "UPDATE outbox SET state = ?, detail = ? WHERE message_id = ?", (state, detail, message_id)
            )
            if handed_over and self._now is not None:
                at = (stamp(self._now()), message_id)
                self.sql.execute("UPDATE outbox SET handed_at = ? WHERE message_id = ?", at)
