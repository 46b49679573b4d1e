"""Mail through an account's own mailbox, where a message whose fate is unknown can be looked up by its Message-ID.

A message that is found was sent. One that is not found was not, if the vendor keeps the Message-IDs that it is given:
that is known once a message that it took has been found, and not assumed before. A vendor that puts its own in their
place leaves a lost answer in doubt, and nothing is sent twice.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

from agendad.providers.errors import ProviderError
from agendad.providers.mail import MailInDoubt, MailNotSent, MailTransport, envelope, seven_bits
from agendad.providers.pacing import Conflict, Pace, Throttled, Unsure, in_words

_LOOKS = (1.0, 3.0, 9.0)
"""Seconds before each look for a message whose answer got lost."""
_LEARNING = (0.5, 2.0)
"""The same for the first message that went through: whether it is there under its Message-ID."""
_LESSONS = 3
"""Messages that are looked for to learn that, at most."""
_CERTAIN_AFTER = timedelta(minutes=10)
_NOTHING_LEFT = "The message was not sent."


class PostRefused(Exception):
    """The vendor did not take a message; nothing was sent. `fix` is what the user can do."""

    def __init__(self, happened: str, fix: str) -> None:
        super().__init__(happened)
        self.happened, self.fix = happened, fix


class Post(ABC):
    """A vendor's way to send a message, and to look one up."""

    pace: Pace

    @property
    @abstractmethod
    def place(self) -> str:
        """Where messages go to, in words."""

    @abstractmethod
    def deliver(self, content: bytes) -> None:
        """Hand a message (RFC 5322) over, once.

        Raises:
            Throttled, Unsure: see agendad.providers.pacing.
            PostRefused, ProviderError: nothing was sent.
        """

    @abstractmethod
    def look_up(self, message_id: str) -> bool:
        """Whether the mailbox has a message with this Message-ID.

        Raises:
            Throttled, Unsure, PostRefused, ProviderError: it cannot be told now.
        """


class AccountTransport(MailTransport):
    """Sends through an account.

    Args:
        post: the vendor's way.
        looks_up: whether mail may be looked up there.
        keeps_ids: whether the vendor is known to keep Message-IDs.
        learnt: is told that it does.
        trouble: says what is wrong with the sign-in before anything is asked, as (what happened, what to do).
    """

    def __init__(
        self,
        post: Post,
        *,
        looks_up: bool,
        keeps_ids: Callable[[], bool] = lambda: False,
        learnt: Callable[[], None] = lambda: None,
        trouble: Callable[[], tuple[str, str] | None] = lambda: None,
    ) -> None:
        self._post, self._looks_up, self._lessons = post, looks_up, 0
        self._keeps_ids, self._learnt, self._trouble = keeps_ids, learnt, trouble

    @property
    def certain_after(self) -> timedelta:
        """A mailbox shows what was sent after a while."""
        return _CERTAIN_AFTER if self._looks_up else timedelta()

    def send(self, message: EmailMessage) -> None:
        """Send `message` to everyone in To, Cc and Bcc.

        Raises:
            MailNotSent: nothing was sent.
            MailInDoubt: it may have been sent.
            ValueError: the message has no Message-ID, no sender or no reader.
        """
        sender, readers = envelope(message)
        content = seven_bits(message, international=not all(map(str.isascii, (sender, *readers))))
        if (trouble := self._trouble()) is not None:
            raise self._not_sent(*trouble)
        message_id = str(message["Message-ID"]).strip()
        try:
            self._post.pace.persist(lambda: self._post.deliver(content), writes=True)
        except Throttled as error:
            when = f"in {in_words(error.after)}" if error.after else "at the next pass"
            raise self._not_sent(error.happened, f"It is tried again by itself {when}.") from error
        except Unsure as error:
            self._settle(message_id, error)
        except PostRefused as error:
            raise self._not_sent(error.happened, error.fix) from error
        except Conflict as error:
            raise self._not_sent(f"{self._post.place} was busy with something else.", "It is tried again.") from error
        except ProviderError as error:
            raise self._not_sent(error.happened, error.next_step) from error
        else:
            self._learn(message_id)

    def find(self, message_id: str) -> bool | None:
        """Whether the mailbox has the message; None where that cannot be told.

        Raises:
            MailNotSent: the mailbox cannot be read.
        """
        if not self._looks_up:
            return None
        try:
            found = self._post.look_up(message_id.strip())
        except (Throttled, Unsure, Conflict, PostRefused, ProviderError) as error:
            raise MailNotSent(
                getattr(error, "happened", "") or f"{self._post.place} could not be asked.",
                not_done="Nothing was concluded and nothing was sent.",
                next_step=getattr(error, "next_step", "") or getattr(error, "fix", "") or "It is tried again.",
            ) from error
        if found and not self._keeps_ids():
            self._learnt()
        return True if found else (False if self._keeps_ids() else None)

    def _settle(self, message_id: str, lost: Unsure) -> None:
        """Look for a message whose answer got lost.

        Raises:
            MailInDoubt: it is not there, or not yet.
        """
        if self._found(message_id, _LOOKS):
            return
        doubt = MailInDoubt(
            f"{self._post.place} was handed the message, and the answer got lost: {lost.happened}",
            not_done="It may have been sent or not, and it is not sent again by itself.",
            next_step="It is looked for again." if self._looks_up else "See whether it arrived.",
        )
        doubt.look_later = self._looks_up
        raise doubt from lost

    def _learn(self, message_id: str) -> None:
        if self._looks_up and self._lessons < _LESSONS and not self._keeps_ids():
            self._lessons += 1
            self._found(message_id, _LEARNING)

    def _found(self, message_id: str, looks: tuple[float, ...]) -> bool:
        for wait in looks if self._looks_up else ():
            self._post.pace.sleep(wait)
            try:
                if self.find(message_id):
                    return True
            except MailNotSent:
                return False
        return False

    def _not_sent(self, happened: str, next_step: str) -> MailNotSent:
        return MailNotSent(happened, not_done=_NOTHING_LEFT, next_step=next_step)
