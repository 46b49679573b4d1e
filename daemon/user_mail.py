"""Mail to the user, sent once: what is remembered of it is written down before it leaves, and holds once it has left.

It goes through the outbox like mail about sessions. After a crash it is looked up there, and is sent, in doubt, or
composed anew.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from agendad.daemon import mailing
from agendad.daemon.context import Context
from agendad.daemon.outbox import Outbox, Post
from agendad.daemon.session_store import Key, SessionStore
from agendad.daemon.store import Store, stamp, unstamp
from agendad.providers.mail import MailInDoubt, MailNotSent, MailPartlySent

TELLS = "summary_tells"
"""The fact that the next summary tells of earlier mails."""
_LEAVING = "leaving:"
"""Before a name, in the database: what is on its way; in the outbox, whose message it is."""


@dataclass(frozen=True, kw_only=True)
class Then:
    """What holds once a mail has left. Facts are those of `Store.remember`."""

    sent: Mapping[str, str]
    doubt: Mapping[str, str]
    """Where nobody knows whether it arrived."""
    what: str
    """Names the mail, where it is told that it is in doubt, or that readers were refused."""
    warned: Sequence[Key] = field(default=())
    """The sessions whose cancellation it tells of, if it arrived."""


class UserMail:
    """The mails of one installation to its user."""

    def __init__(self, store: Store, outbox: Outbox) -> None:
        self.store, self.outbox = store, outbox

    def send(self, name: str, message: EmailMessage, then: Then, now: datetime) -> Path | None:
        """Send a mail that has a Message-ID; of one name there is one at a time.

        Returns the file it landed in, None where it left the machine.

        Raises:
            MailNotSent: it was not, and nothing holds.
            MailPartlySent: it was, and what follows holds but for the warnings.
            MailInDoubt: so it is, and what follows holds.
        """
        self.settle()
        if self.store.remembered(_LEAVING + name):
            raise MailNotSent(
                "What became of the last such mail is still being looked for.",
                not_done="No other was sent.",
                next_step="It is tried again at the next pass.",
            )
        with self.store.transaction():
            self.outbox.queue(_LEAVING + name, str(message["To"]), message, now)
            self.store.remember(_LEAVING + name, self.memo_of(then, now))
        try:
            path = self.outbox.hand_over(str(message["Message-ID"]))
        except MailNotSent:
            self._conclude(name)
            raise
        except (MailInDoubt, MailPartlySent) as error:
            self._conclude(name, str(error))
            raise
        self._conclude(name)
        return path

    @staticmethod
    def memo_of(then: Then, now: datetime) -> str:
        """What follows, as it is written down before the mail leaves."""
        return json.dumps({"at": stamp(now), **asdict(then)})

    def settle(self) -> None:
        """Find out what became of mails that were interrupted."""
        query = "SELECT substr(key, ?) FROM installation WHERE key LIKE ? AND value <> ''"
        names = self.store.connection.execute(query, (len(_LEAVING) + 1, f"{_LEAVING}%")).fetchall()
        if names:
            with suppress(MailNotSent):  # the place to look in cannot be read; the next pass looks
                self.outbox.settle()
        for (name,) in names:
            self._conclude(name)

    def _conclude(self, name: str, doubt: str = "") -> None:
        """Take what follows for true, unless it is still looked for; `doubt` is what is known of it by now."""
        owner = _LEAVING + name
        letters = self.outbox.of(owner)
        if any(letter.state is Post.SENDING for letter in letters) and not doubt:
            return
        memo = json.loads(self.store.remembered(owner) or "null")
        with self.store.transaction():
            self.store.remember(owner, "")
            self.outbox.forget(owner)
            for letter in letters:
                if letter.state is not Post.QUEUED:
                    self._holds(memo, sent=letter.state is Post.SENT, detail=letter.detail)

    def _holds(self, memo: dict[str, object], *, sent: bool, detail: str) -> None:
        then = Then(**{name: value for name, value in memo.items() if name != "at"})  # type: ignore[arg-type]
        for key, value in (then.sent if sent else then.doubt).items():
            self.store.remember(key, value)
        if detail:
            before = self.store.remembered(TELLS)
            told = f"{then.what}: {detail}"
            self.store.remember(TELLS, f"{before} {told}" if before else told)
        if sent and not detail:
            keys = [(uid, recurrence_id) for uid, recurrence_id in then.warned]
            SessionStore(self.store).warned(keys, unstamp(str(memo["at"])))


def user_mail(context: Context, store: Store) -> UserMail:
    """The way to the user, as configured."""
    return UserMail(store, Outbox(store, lambda: mailing.transport(context), context.clock.now))
