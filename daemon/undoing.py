"""Taking back what an action wrote, and telling those who were told of it, once."""

from collections.abc import Callable
from dataclasses import dataclass

from agendad.daemon.correspondence import Correspondence
from agendad.daemon.evidence import Evidence
from agendad.daemon.journal import UNDOING, ActionRow, Journal
from agendad.daemon.means import was_written
from agendad.daemon.outbox import Post
from agendad.daemon.rescheduling import Rescheduling
from agendad.daemon.session_store import SessionStore
from agendad.daemon.writing import block_patch, undoing_of
from agendad.providers.base import Change, Undo
from agendad.providers.errors import AccountUnavailable, EventNotFound, ProviderError
from agendad.providers.model import Event
from agendad.rules import agenda_file
from agendad.rules.fingerprint import event_fingerprint
from agendad.rules.limits import State
from agendad.rules.messages import Message
from agendad.rules.plan import estimated_start
from agendad.rules.roles import Effect

_TELLING = "it is as before; the mail that tells of it"
_UNTOLD = f"{_TELLING} could not be sent before the start"
_GONE = (
    "Its calendar keeps nothing of what is cancelled, so it cannot be brought back. Nothing was changed. "
    "Send a new invite for that time."
)


class CannotUndo(Exception):
    """An action cannot be taken back. The message says why and what to do; nothing was changed."""


@dataclass(frozen=True, kw_only=True)
class Undoing:
    """Takes one action back at a time. A crash leaves the wish, or the undone action and its mails; see `tell`."""

    evidence: Evidence
    letters: Correspondence

    @property
    def journal(self) -> Journal:
        return self.evidence.journal

    def undo(self, action: ActionRow, word: Callable[[Event], Message | None]) -> ActionRow:
        """Take back what an action wrote, and tell those who were told of it, once, in the words of `word`.

        Raises:
            CannotUndo: nothing was changed.
        """
        event = self._readable(action)
        standing = self.evidence.stands(action, event)
        if why := self._why_not_back(action, event, standing=standing):
            raise CannotUndo(f"{why} Nothing was changed.")
        if standing:
            try:
                event = self._take_back(action, event)
            except AccountUnavailable as error:
                return self._note(
                    self.journal.action(action.id), f"whether it is undone is read at the next pass: {error}"
                )
        wrote = self.evidence.writes(action)
        undone = self._undone(action, event, word if wrote and self.evidence.tells_by_mail(action) else None)
        if not wrote:
            return self._note(undone, "the guests may not change the event any more; the mail was sent and stays so")
        return self.tell(undone)

    def tell(self, undone: ActionRow) -> ActionRow:
        """Send what tells of it, and note where that did not go, or may not have."""
        outbox = self.evidence.outbox
        if undone.id in outbox.waiting() and self.evidence.begun(undone):
            with self.evidence.store.transaction():
                outbox.withdraw(undone.id)
                return self.journal.advance(undone, State.UNDONE, self.evidence.clock.now(), _UNTOLD)
        outbox.send(undone.id)
        trouble = " ".join(letter.detail for letter in outbox.of(undone.id) if letter.state is not Post.SENT)
        if trouble:
            return self._note(undone, f"{_TELLING}: {trouble}")
        return self._note(undone, "") if undone.detail.startswith(f"{_TELLING}: ") else undone

    def _readable(self, action: ActionRow) -> Event:
        """The event of an action that was carried out, and that is still to come."""
        _check_state(action)
        try:
            event = self.evidence.read(action)
        except EventNotFound as error:
            raise CannotUndo(_GONE if action.effect == Effect.CANCEL else f"{error} Nothing was changed.") from error
        except ProviderError as error:
            raise CannotUndo(f"The event could not be read: {error} Nothing was changed.") from error
        if estimated_start(event, self.evidence.policy) <= self.evidence.clock.now():
            raise CannotUndo("The session has begun: nothing is sent about it any more. Nothing was changed.")
        return event

    def _why_not_back(self, action: ActionRow, event: Event, *, standing: bool) -> str:
        """Why a session cannot go back to the time that it was moved from."""
        made = action.wish == UNDOING and not standing  # it was made before, and its answer got lost
        if action.effect != Effect.MOVE or made:
            return ""
        own = self.evidence
        looking = Rescheduling(own.store, own.policy, own.providers)
        return looking.why_not_back(action, event, own.clock.now())

    def _take_back(self, action: ActionRow, event: Event) -> Event:
        change = self._change(action, event)
        if change is None:
            raise CannotUndo("What the event was like before is not known. Change it back yourself.")
        begun = False

        def begin(_undo: Undo | None) -> None:
            nonlocal begun
            with self.evidence.store.transaction():
                self.journal.wish(action, UNDOING)
            begun = True

        provider = self.evidence.providers[action.account]
        try:
            applied = provider.apply(event, change, notify=not action.silent, before_writing=begin)
        except ProviderError as error:
            if begun and isinstance(error, AccountUnavailable):
                raise
            raise CannotUndo(f"{action.id} was not undone: {error}") from error
        return applied.event or event

    def _change(self, action: ActionRow, event: Event) -> Change | None:
        now = self.evidence.clock.now()
        mark = f"{action.mark}-undone@{self.journal.installation}"
        if action.from_file and action.effect == Effect.PATCH:
            return block_patch(mark, now, self._block_before(action, event))
        return undoing_of(action, event, mark, now)

    def _block_before(self, action: ActionRow, event: Event) -> tuple[str, ...]:
        """The agenda that stood in the invite before; what others wrote into it is never taken away."""
        last, *earlier = self.journal.from_file(action.key)
        if last.id != action.id:
            raise CannotUndo(f"A later agenda of yours is in the invite. Take that back first: agendad undo {last.id}")
        if agenda_file.standing_block(event) != agenda_file.digest(action.said.block if action.said else ()):
            raise CannotUndo(
                "Somebody has changed the agenda in the invite since, and their words would be lost. Nothing was "
                "changed. Change the invite yourself, or your file."
            )
        before = next((one for one in earlier if one.effect == Effect.PATCH), None)
        return before.said.block if before and before.said else ()

    def _undone(self, action: ActionRow, event: Event, word: Callable[[Event], Message | None] | None) -> ActionRow:
        """Commit that it is undone, with the mails that tell of it."""
        own, now = self.evidence, self.evidence.clock.now()
        with own.store.transaction():
            undone = self.journal.advance(action, State.UNDONE, now, wish="")
            SessionStore(own.store).written(event.key, event_fingerprint(event))
            if word is not None:
                for recipient, mail in self.letters.of_undoing(action, event, word(event), now):
                    own.outbox.queue(action.id, recipient, mail, now)
        return undone

    def _note(self, action: ActionRow, detail: str) -> ActionRow:
        """Say why an action stays where it is; once."""
        if action.detail == detail:
            return action
        with self.evidence.store.transaction():
            return self.journal.advance(action, action.state, self.evidence.clock.now(), detail)


def _check_state(action: ActionRow) -> None:
    reason = ""
    if action.state is State.UNDONE:
        reason = "it has been taken back already"
    elif action.state not in (State.SENT, State.CONFIRMED, State.UNKNOWN):
        reason = f"it is {action.state}: nothing was done yet"
    elif not was_written(action):
        reason = "a mail that was sent cannot be taken back; write to them yourself"
    if reason:
        raise CannotUndo(f"{action.id} cannot be undone: {reason}. Nothing was changed.")
