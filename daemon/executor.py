"""Doing what was decided: with `undoing` the only caller of writes to calendars and of mail about sessions.

Each step goes the same way: the event is read again, the intent is committed, the write is made, its answer is
committed together with the mails that tell of it, the mails go, the event is read back. A crash leaves the action
in the last state that was committed, and `settle` goes on from there by reading, never by doing it once more.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from agendad.daemon.calendar_store import digest
from agendad.daemon.clock import Clock
from agendad.daemon.correspondence import Correspondence
from agendad.daemon.evidence import Evidence
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.marks import SHARED
from agendad.daemon.means import Means
from agendad.daemon.outbox import Outbox, Post
from agendad.daemon.pauses import Pauses
from agendad.daemon.rescheduling import Rescheduling
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store, stamp
from agendad.daemon.undoing import Undoing
from agendad.providers.base import Applied, CalendarProvider, Change, Share, Undo
from agendad.providers.errors import (
    AccountUnavailable,
    ChangeRefused,
    EventNotFound,
    NotWritten,
    PreconditionFailed,
    ProviderError,
    ReadOnly,
)
from agendad.providers.mail import MailNotSent
from agendad.providers.model import Event
from agendad.rules.detect import detect
from agendad.rules.fingerprint import event_fingerprint
from agendad.rules.limits import State, against
from agendad.rules.optout import opted_out
from agendad.rules.plan import estimated_start
from agendad.rules.policy import Action, Policy
from agendad.rules.roles import Effect
from agendad.rules.units import format_duration

log = logging.getLogger(__name__)

_INTERRUPTED = "agendad was stopped before this was done; nothing left, and it is planned anew"
_CHANGED = "the event changed a moment ago; it is judged again at the next pass"


class _NotNow(Exception):
    """The step is not taken now; the message is the reason."""


class _Paused(_NotNow):
    """The user holds it back."""


@dataclass(frozen=True, kw_only=True)
class Executor:
    """Carries out journalled actions, one at a time. `stop` says that no further one is to be begun."""

    policy: Policy
    store: Store
    clock: Clock
    providers: Mapping[str, CalendarProvider]
    outbox: Outbox
    letters: Correspondence
    means: Means
    stop: Callable[[], bool] = lambda: False
    before_mail: Callable[[ActionRow, Event], None] = lambda _action, _event: None
    """Makes ready what a mail tells of."""

    @property
    def journal(self) -> Journal:
        return Journal(self.store)

    @cached_property
    def evidence(self) -> Evidence:
        return Evidence(
            policy=self.policy, store=self.store, clock=self.clock, providers=self.providers, outbox=self.outbox
        )

    @cached_property
    def undoing(self) -> Undoing:
        return Undoing(evidence=self.evidence, letters=self.letters)

    # after a crash, or a mail that could not go

    def settle(self) -> None:
        """Go on with what an earlier run left open."""
        try:
            self.outbox.settle()
        except MailNotSent as error:
            log.warning("the outbox could not be settled: %s", error)
        for action in self.journal.in_state(State.PLANNED, State.INTENDED, State.SENT, State.UNDONE):
            try:
                self._settle(action)
            except Exception:  # ours; it must not keep the others from being settled
                log.exception("action %s could not be settled", action.id)

    def _settle(self, action: ActionRow) -> None:
        match action.state:
            case State.PLANNED:
                self._advance(action, State.SKIPPED, _INTERRUPTED)
            case State.INTENDED:
                self._settle_intent(action)
            case State.SENT:
                self._finish(action)
            case State.UNDONE:
                self.undoing.tell(action)

    def _settle_intent(self, action: ActionRow) -> None:
        """Whether the write was made is told by the event; whether a mail was sent, by the outbox."""
        if not self.evidence.writes(action):
            self._settle_mail(action)
            return
        try:
            event = self.evidence.read(action)
        except EventNotFound:
            if self.evidence.shows(action, None):
                self._finish(self._advance(action, State.SENT))
                return
            why = "agendad was stopped while this was being done, and the event is gone since; please look yourself"
            self._advance(action, State.UNKNOWN, why)
            return
        except ProviderError as error:
            log.warning("action %s stays open: %s", action.id, error)
            return
        if self.evidence.shows(action, event):
            self._finish(self._written(action, event))
        else:
            self._advance(action, State.SKIPPED, _INTERRUPTED)

    def _settle_mail(self, action: ActionRow) -> None:
        states = {letter.state for letter in self.outbox.of(action.id)}
        if states <= {Post.QUEUED}:  # it is decided anew: the session may have become fine meanwhile
            with self.store.transaction():
                self.outbox.withdraw(action.id)
                self.journal.advance(action, State.SKIPPED, self.clock.now(), _INTERRUPTED)
        elif Post.SENDING not in states:
            self._finish(action)

    # doing

    def carry_out(self, action: ActionRow) -> ActionRow:
        """Take one step that is planned or approved, as far as it goes now. A fault of ours stops this step only."""
        try:
            return self._carry_out(action)
        except Exception as error:
            log.exception("action %s", action.id)
            current = self.journal.action(action.id)
            if current.state not in (State.PLANNED, State.APPROVED):
                return current  # something may have left: the next pass settles it
            why = f"agendad met a fault of its own ({type(error).__name__}: {error}); please report it with its log"
            return self._advance(current, State.FAILED, why)

    def _carry_out(self, action: ActionRow) -> ActionRow:
        try:
            event = self._reread(action)
            self._check(action, event)
        except _NotNow as why:
            return self._not_now(action, why)
        if action.state is State.APPROVED and (reason := self._over_limit(action)):
            return self._advance(action, State.PENDING, f"approved, but {reason}")
        if any(mark.partition("@")[0] == action.mark for mark in event.marks):
            return self._advance(action, State.CONFIRMED, "another agendad has done this already")
        return self._write(action, event) if self.evidence.writes(action) else self._mail(action, event)

    def _not_now(self, action: ActionRow, why: _NotNow) -> ActionRow:
        """Leave a step. A yes that meets a pause is no answer any more: it waits, and is given again."""
        if isinstance(why, _Paused) and action.state is State.APPROVED:
            return self._advance(action, State.PENDING, f"approved, but {why}")
        return self._advance(action, State.SKIPPED, str(why))

    def _reread(self, action: ActionRow) -> Event:
        try:
            event = self.evidence.read(action)
        except EventNotFound:
            raise _NotNow("the event is gone") from None
        except ProviderError as error:
            raise _NotNow(f"the event could not be read again: {error}") from error
        if digest(event) != action.seen:
            raise _NotNow(_CHANGED)
        return event

    def _check(self, action: ActionRow, event: Event) -> None:
        now, start = self.clock.now(), estimated_start(event, self.policy)
        freeze = self.policy.limits.freeze
        if start <= now:
            raise _NotNow("it has begun; nothing is sent about it any more")
        heard = not self._to_me_alone(action) and not action.silent
        if start - freeze < now and action.state is not State.APPROVED and heard:
            raise _NotNow(f"it is less than {format_duration(freeze)} to the start")
        if why := opted_out(event):
            raise _NotNow(f"it opts out of agendad: {why}")
        self._unless_paused(event)
        provider = self.providers[action.account]
        named = f"calendar {action.calendar} of account {action.account}"
        can = provider.capabilities(action.calendar)
        mine = self.evidence.organizing(event)
        if missing := self.means.missing(Effect(action.effect), action.to, named, can, organizing=mine):
            raise _NotNow(missing)
        looking = Rescheduling(self.store, self.policy, self.providers)
        if action.effect == Effect.MOVE and (taken := looking.obstacle(action, event, now)):
            raise _NotNow(taken)

    def _unless_paused(self, event: Event) -> None:
        mentorship = detect(event, self.policy).mentorship
        if pause := Pauses(self.store).covering(event.key, mentorship, self.clock.now()):
            raise _Paused(pause.told)

    def _to_me_alone(self, action: ActionRow) -> bool:
        return action.effect == Effect.MAIL and all(map(self.policy.me.has, action.to))

    def _over_limit(self, action: ActionRow) -> str:
        now = self.clock.now()
        ledger = self.journal.ledger(self.policy, now, observed=False, but=action.id)
        return against(Effect(action.effect), action.to, ledger, self.policy, now)

    def _mail(self, action: ActionRow, event: Event) -> ActionRow:
        self.before_mail(action, event)
        try:
            return self._finish(self._queue(action, self._shared(action, event)))
        except _NotNow as why:
            return self._not_now(action, why)

    def _queue(self, action: ActionRow, event: Event) -> ActionRow:
        """Commit that the mails are about to leave, unless a pause was set since."""
        now = self.clock.now()
        with self.store.transaction():
            self._unless_paused(event)
            intended = self.journal.advance(action, State.INTENDED, now, acted_at=stamp(now))
            for recipient, message in self.letters.about(intended, event, now):
                self.outbox.queue(action.id, recipient, message, now)
        return intended

    def _shared(self, action: ActionRow, event: Event) -> Event:
        """Before somebody is asked to take an invite over: let them change it, where the calendar can. Nobody is told.

        A crash leaves a right that was given and no mail; it is decided anew then, and the right is found given.
        """
        can = self.providers[action.account].capabilities(action.calendar)
        if not self.means.shares(Action(action.rung), Effect(action.effect), event, can):
            return event
        now = self.clock.now()
        change = Share(mark=f"{action.mark}{SHARED}@{self.journal.installation}", at=now)
        try:
            applied = self._apply(action, event, change, notify=False)
        except (PreconditionFailed, EventNotFound):
            raise _NotNow(_CHANGED) from None
        except ChangeRefused as error:  # the mail asks all the same
            log.warning("action %s: the guests could not be let change the event: %s", action.id, error)
            return event
        except ProviderError as error:
            raise _NotNow(str(error)) from error
        return applied.event or event

    def _write(self, action: ActionRow, event: Event) -> ActionRow:
        change = self.evidence.change(action, event)
        if change is None:
            return self._advance(action, State.FAILED, "what the event was like before is not known any more")
        try:
            applied = self._apply(action, event, change, notify=not action.silent)
        except _Paused as why:
            return self._not_now(action, why)
        except PreconditionFailed:
            return self._advance(action, State.SKIPPED, _CHANGED)
        except EventNotFound:
            return self._advance(action, State.SKIPPED, "the event is gone")
        except NotWritten as error:
            return self._advance(action, State.SKIPPED, str(error))
        except (ReadOnly, ChangeRefused) as error:
            if action.effect == Effect.PROPOSE:  # some organizers take none this way; a mail says it as well
                log.info("action %s: %s", action.id, error)
                return self._mail(self.journal.action(action.id), event)
            return self._advance(action, State.FAILED, str(error))
        except AccountUnavailable as error:  # the answer may have been lost: the next pass reads and settles
            current = self.journal.action(action.id)
            if current.state is State.INTENDED:
                return current
            return self._advance(action, State.SKIPPED, str(error))
        return self._finish(self._written(self.journal.action(action.id), applied.event or event))

    def _apply(self, action: ActionRow, event: Event, change: Change, *, notify: bool = True) -> Applied:
        def intend(undo: Undo | None) -> None:
            now = self.clock.now()
            with self.store.transaction():
                self._unless_paused(event)
                self.journal.advance(
                    action, State.INTENDED, now, acted_at=stamp(now), undo=undo.snapshot if undo else None
                )

        return self.providers[action.account].apply(event, change, notify=notify, before_writing=intend)

    def _written(self, action: ActionRow, event: Event) -> ActionRow:
        """Commit that the write was made, with the mails that tell of it."""
        now = self.clock.now()
        with self.store.transaction():
            sent = self.journal.advance(action, State.SENT, now, revision=event.sequence)
            SessionStore(self.store).written(event.key, event_fingerprint(event))
            if self.evidence.tells_by_mail(action):
                for recipient, message in self.letters.about(sent, event, now):
                    self.outbox.queue(action.id, recipient, message, now)
        return sent

    # finishing

    def _finish(self, action: ActionRow) -> ActionRow:
        """Send what is queued, and confirm what shows."""
        wrote = self.evidence.writes(action)
        if wrote and action.id in self.outbox.waiting() and self.evidence.begun(action):
            with self.store.transaction():
                self.outbox.withdraw(action.id)
                why = "the calendar is changed; the mail that tells of it could not be sent before the start"
                return self.journal.advance(action, State.FAILED, self.clock.now(), why)
        self.outbox.send(action.id)
        letters = self.outbox.of(action.id)
        if lost := [letter for letter in letters if letter.state is Post.SENDING]:
            return self._note(action, lost[0].detail)  # what became of it is looked for by `settle`
        waiting = [letter for letter in letters if letter.state is Post.QUEUED]
        doubtful = [letter for letter in letters if letter.state is Post.UNKNOWN]
        if doubtful:
            return self._advance(action, State.UNKNOWN, doubtful[0].detail)
        if waiting and not wrote:
            with self.store.transaction():
                self.outbox.withdraw(action.id)
                return self.journal.advance(action, State.SKIPPED, self.clock.now(), waiting[0].detail)
        if waiting:
            return self._note(
                action, f"the calendar is changed; the mail waits and is tried again: {waiting[0].detail}"
            )
        if not wrote:
            sent = action if action.state is State.SENT else self._advance(action, State.SENT)
            return self._advance(sent, State.CONFIRMED, " ".join(letter.detail for letter in letters).strip())
        return self._confirm(action)

    def _confirm(self, action: ActionRow) -> ActionRow:
        """Read the event back. An occurrence that its calendar no longer shows is as cancelled as can be."""
        try:
            shows = self.evidence.shows(action, self.evidence.read(action))
        except EventNotFound:
            shows = action.effect == Effect.CANCEL or self.evidence.shows(action, None)
        except ProviderError as error:
            return self._note(action, f"it was written and could not be read back yet: {error}")
        if shows:
            return self._advance(action, State.CONFIRMED)
        return self._advance(action, State.UNKNOWN, "it was written, but reading it back does not show it")

    # the journal

    def _advance(self, action: ActionRow, state: State, detail: str = "") -> ActionRow:
        with self.store.transaction():
            return self.journal.advance(action, state, self.clock.now(), detail)

    def _note(self, action: ActionRow, detail: str) -> ActionRow:
        """Say why an action stays where it is; once."""
        return action if action.detail == detail else self._advance(action, action.state, detail)
