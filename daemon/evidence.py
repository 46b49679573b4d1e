"""What an action is at its calendar, told by reading alone: how it is carried out there, and whether it shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.clock import Clock
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.marks import SHARED
from agendad.daemon.means import WRITES, by_mail, write_of
from agendad.daemon.outbox import Outbox
from agendad.daemon.store import Store
from agendad.daemon.writing import change_for, undoing_of
from agendad.providers.base import CalendarProvider, Capabilities, Change
from agendad.providers.errors import EventNotFound
from agendad.providers.model import Event, Status
from agendad.rules.limits import State
from agendad.rules.plan import estimated_start
from agendad.rules.policy import Action, Policy
from agendad.rules.roles import Effect


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Reads events and what is known of them; writes nothing, anywhere."""

    policy: Policy
    store: Store
    clock: Clock
    providers: Mapping[str, CalendarProvider]
    outbox: Outbox

    @property
    def journal(self) -> Journal:
        return Journal(self.store)

    # the event

    def read(self, action: ActionRow) -> Event:
        """As its calendar has it now.

        Raises:
            EventNotFound: it is gone, or its account is.
            ProviderError: it cannot be read.
        """
        provider = self.providers.get(action.account)
        if provider is None:
            raise EventNotFound(f"The account {action.account!r} is not in the configuration any more.")
        known = self.known(action)
        if known is None:
            raise EventNotFound("The event is gone.")
        return provider.get(known)

    def known(self, action: ActionRow) -> Event | None:
        """As it was last read; a calendar that lists no cancelled occurrences may still know it."""
        return CalendarStore(self.store).last_copy(action.account, action.calendar, action.event)

    def begun(self, action: ActionRow) -> bool:
        event = CalendarStore(self.store).copy(action.account, action.calendar, action.event)
        return event is not None and estimated_start(event, self.policy) <= self.clock.now()

    def organizing(self, event: Event | None) -> bool:
        """Whether it is the user's own."""
        return event is not None and event.organizer is not None and self.policy.me.has(event.organizer.email)

    # how it is carried out

    def capabilities(self, action: ActionRow) -> Capabilities:
        return self.providers[action.account].capabilities(action.calendar)

    def writes(self, action: ActionRow) -> bool:
        """Whether an action is a write to its calendar; otherwise it is a mail."""
        if action.account not in self.providers:
            return Effect(action.effect) in WRITES
        if action.effect == Effect.PROPOSE and (not action.slots or self.outbox.of(action.id)):
            return False  # there is no time to propose, or the calendar did not take it
        mine = self.organizing(self.known(action))
        return write_of(Effect(action.effect), self.capabilities(action), organizing=mine) is not None

    def tells_by_mail(self, action: ActionRow) -> bool:
        """Whether its guests hear of the write by mail, and not from the calendar."""
        mine = self.organizing(self.known(action))
        return by_mail(Effect(action.effect), self.capabilities(action), organizing=mine)

    def change(self, action: ActionRow, event: Event) -> Change | None:
        """What it writes into the event; None where a release does not know any more what it takes back."""
        now = self.clock.now()
        mark = f"{action.mark}@{self.journal.installation}"
        if action.effect == Effect.RESTORE:
            hold = self._hold_of(action)
            return undoing_of(hold, event, mark, now) if hold else None
        return change_for(action, event, self.policy, mark, now)

    def _hold_of(self, action: ActionRow) -> ActionRow | None:
        """The hold that a release takes back."""
        holds = [
            one
            for one in self.journal.actions_of(action.key[0])
            if (one.key, one.rule, one.rung) == (action.key, action.rule, Action.HOLD)
            and one.effect != Effect.RESTORE
            and one.state in (State.SENT, State.CONFIRMED, State.UNKNOWN)
        ]
        return holds[-1] if holds else None

    # whether it shows

    def shows(self, action: ActionRow, event: Event | None) -> bool:
        """Whether a reading tells that a write was made; None for an event that is gone."""
        if action.account not in self.providers:  # taken out of the configuration since
            return False
        if (event is None or event.status is Status.CANCELLED) and self._is_gone_as_wanted(action):
            return True  # some calendars keep nothing of a cancelled occurrence, no mark either
        if not self.capabilities(action).keeps_marks:
            return self._says(action, event)
        if event is None:
            return False
        marks = {mark.partition("@")[0] for mark in event.marks}
        if action.effect == Effect.RESTORE and event.organizer and not self.policy.me.has(event.organizer.email):
            hold = self._hold_of(action)
            return hold is not None and hold.mark not in marks
        return action.mark in marks

    def stands(self, action: ActionRow, event: Event) -> bool:
        """Whether what it wrote is still there to be taken back."""
        if event.status is Status.CANCELLED and self._is_gone_as_wanted(action):
            return True
        if not self.capabilities(action).keeps_marks:
            return self._says(action, event)
        return any(mark.partition("@")[0].removesuffix(SHARED) == action.mark for mark in event.marks)

    def _is_gone_as_wanted(self, action: ActionRow) -> bool:
        """Whether an occurrence that is not there is what was to be done, and its guests were told by the calendar."""
        return action.effect == Effect.CANCEL and not self.tells_by_mail(action)

    def _says(self, action: ActionRow, event: Event | None) -> bool:
        """The same by what the event says, where a calendar keeps no marks."""
        known = event or self.known(action)
        change = self.change(action, known) if known else None
        return change is not None and self.providers[action.account].shows(event, change)
