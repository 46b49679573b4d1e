"""The mails that an action causes: to whom, with which words, and with which iTIP object (RFC 5546, RFC 6047)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage

from agendad.daemon.journal import ActionRow
from agendad.daemon.letters import letter, message_id, thread_id
from agendad.daemon.writing import my_address
from agendad.providers.itip import Method, itip_object
from agendad.providers.model import Event
from agendad.rules.messages import Message
from agendad.rules.policy import Policy
from agendad.rules.roles import Effect

_METHODS = {
    Effect.CANCEL: Method.CANCEL,
    Effect.PATCH: Method.REQUEST,
    Effect.MOVE: Method.REQUEST,
    Effect.DECLINE: Method.REPLY,
    Effect.TENTATIVE: Method.REPLY,
}


@dataclass(frozen=True, kw_only=True)
class Correspondence:
    """Writes the letters of one installation. `sender` is the address that mail comes from."""

    policy: Policy
    sender: str

    def about(self, action: ActionRow, event: Event, now: datetime) -> Iterator[tuple[str, EmailMessage]]:
        """(recipient, message) for each that an action causes; none where nothing is to be said.

        Args:
            action: what is done.
            event: as it stands after the write, where there is one.
            now: aware UTC; the mail's date and the iTIP object's DTSTAMP.
        """
        effect = Effect(action.effect)
        organizing = self._organizing(event)
        if effect is Effect.RESTORE:
            method: Method | None = Method.REQUEST if organizing else Method.REPLY
        elif effect is Effect.PROPOSE and action.slots and not organizing:
            method = Method.COUNTER
        else:
            method = _METHODS.get(effect)
        yield from self._letters(action, event, action.said, now, method, key=action.mark)

    def of_undoing(
        self, action: ActionRow, event: Event, message: Message | None, now: datetime
    ) -> Iterator[tuple[str, EmailMessage]]:
        """The same for taking an action back; `event` as it stands after that."""
        method = Method.REQUEST if self._organizing(event) else Method.REPLY
        yield from self._letters(action, event, message, now, method, key=f"{action.mark}-undone")

    def _letters(
        self,
        action: ActionRow,
        event: Event,
        message: Message | None,
        now: datetime,
        method: Method | None,
        *,
        key: str,
    ) -> Iterator[tuple[str, EmailMessage]]:
        if message is None:
            return
        me = my_address(event, self.policy)
        invite = None
        if method is not None and event.organizer is not None and event.organizer.email:  # else nobody to speak for
            slot = action.slots[0] if method is Method.COUNTER else None
            comment = "" if method is Method.REQUEST else message.body  # it would stay in the guests' copy
            invite = (method, itip_object(method, event, at=now, me=me, comment=comment, slot=slot))
        for recipient in action.to:
            yield (
                recipient,
                letter(
                    sender=self.sender,
                    sender_name=self.policy.me.name,
                    reply_to=me,
                    to=recipient,
                    subject=message.subject,
                    body=message.body,
                    message_id=message_id(key, recipient, self.sender),
                    date=now.astimezone(self.policy.me.zone_at(now) or UTC),
                    thread=thread_id(*event.key, self.sender.rpartition("@")[2]),
                    invite=invite,
                    language=message.language,
                ),
            )

    def _organizing(self, event: Event) -> bool:
        return event.organizer is not None and self.policy.me.has(event.organizer.email)
