"""Finding another time for a session: what is asked of the calendars, what the past says, whether it may be moved.

sight
    When the people of a session are taken, as the account that it is in can see them. Only where everybody who is
    invited can be seen is a session moved; otherwise times are proposed.
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.judging import Judged
from agendad.daemon.past_times import failed_starts, held_times
from agendad.daemon.session_store import Key
from agendad.daemon.store import Store, to_json
from agendad.providers.base import CalendarProvider, Window, WriteKind
from agendad.providers.errors import ProviderError
from agendad.providers.model import Event
from agendad.rules.base import Session
from agendad.rules.detect import detect
from agendad.rules.plan import Step
from agendad.rules.policy import Action, Mentorship, Policy
from agendad.rules.roles import Effect, guests
from agendad.rules.slots import Slot, never_meet, proposed_slots, still_suits, why_this

log = logging.getLogger(__name__)

_WITHIN = timedelta(days=15)
"""How long after a session another time is looked for."""
_AROUND = timedelta(hours=1)
"""How much of a day is looked at once more around a time, right before a session is moved there."""
_UNSEEN = "free/busy not seen from "
"""What is remembered of an account: whose free/busy it could not see when it was last asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """When others are taken (aware UTC), and whether that is known of everybody who is invited."""

    taken: tuple[Slot, ...] = ()
    whole: bool = False


class Rescheduling:
    """Looks for other times in one pass."""

    def __init__(self, store: Store, policy: Policy, providers: Mapping[str, CalendarProvider]) -> None:
        self.store, self.policy, self.providers = store, policy, providers
        self.calendars, self.journal = CalendarStore(store), Journal(store)
        self.sights: dict[Key, Sight] = {}
        self._unseen: dict[str, frozenset[str]] = {}

    # what may come

    def may_move(self, one: Judged) -> bool:
        """Whether a session may be moved, as far as is known: it is not asked anew before that is due."""
        session, row = one.verdict.session, one.row
        sight = self.sights.get(row.key)
        if session is None or (sight is not None and not sight.whole) or not self._can_move(row.account, row.calendar):
            return False
        return sight is not None or self._not_seen(row.account).isdisjoint(_invited(session))

    def _can_move(self, account: str, calendar: str) -> bool:
        provider = self.providers.get(account)
        if provider is None:
            return False
        try:
            can = provider.capabilities(calendar)
        except ProviderError:  # it is watched no more
            return False
        return can.can_see_free_busy and WriteKind.MOVE in can.writes

    def _not_seen(self, account: str) -> frozenset[str]:
        if account not in self._unseen:
            self._unseen[account] = frozenset(json.loads(self.store.remembered(f"{_UNSEEN}{account}") or "[]"))
        return self._unseen[account]

    # what is due

    def may_concern(self, one: Judged, now: datetime) -> bool:
        """Whether another time may have to be found for a session: something is wrong that can lead to one."""
        rungs = (rung for finding in one.verdict.findings for rung in self.policy.rules[finding.rule].ladder)
        return one.row.start > now and any(rung.do is Action.RESCHEDULE for rung in rungs)

    def look(self, one: Judged, steps: Iterable[Step], now: datetime) -> None:
        """Ask when the others are taken, where another time is about to be found. Not inside a transaction.

        Where somebody cannot be seen, or no time suits, `may_move` says no from then on.
        """
        session, pair, row = one.verdict.session, one.verdict.detection.mentorship, one.row
        if session is None or pair is None:
            return
        if not any(_reschedules(step) and step.sends <= now for step in steps):
            return
        sight = self._seen(session, pair, row.account, row.calendar, Window(now, row.start + _WITHIN))
        if sight.whole and not self._find(one, sight, now, count=1):
            sight = Sight(taken=sight.taken)
        self.sights[row.key] = sight

    def _seen(self, session: Session, pair: Mentorship, account: str, calendar: str, window: Window) -> Sight:
        provider = self.providers.get(account)
        if provider is None or not provider.capabilities(calendar).can_see_free_busy:
            return Sight()
        invited = _invited(session)
        try:
            seen = provider.free_busy(tuple(dict.fromkeys((*pair.other.emails, *invited))), window)
        except ProviderError as error:  # times are proposed without it
            log.warning("account %s: free/busy of the other person is not known: %s", account, error)
            return Sight()
        missing = frozenset(invited) - seen.keys()
        known = self._not_seen(account)
        if (told := (known - seen.keys()) | missing) != known:
            self._unseen[account] = told
            with self.store.transaction():
                self.store.remember(f"{_UNSEEN}{account}", to_json(sorted(told)))
        taken = tuple(slot for slots in seen.values() for slot in slots)
        return Sight(taken=taken, whole=bool(invited) and not missing)

    # times

    def slots(self, one: Judged, effect: Effect, now: datetime) -> tuple[Slot, ...]:
        """The times to propose for a session, the best first; for a move the one to move it to."""
        sight = self.sights.get(one.row.key, Sight())
        if effect is Effect.MOVE:
            return self._find(one, sight, now, count=1) if sight.whole else ()
        this = (one.row.start, one.row.end)
        return self._find(one, Sight(taken=tuple(slot for slot in sight.taken if slot != this)), now)

    def explained(self, one: Judged, now: datetime) -> list[tuple[Slot, str]]:
        """The times that would be proposed now, each with why. Nobody's free/busy is asked for.

        For people whose hours never meet these are the least odd ones: to be shown, and never acted on.
        """
        session = one.verdict.session
        if session is None or session.mentorship is None or one.row.start <= now:
            return []
        pair = session.mentorship
        failed, held = failed_starts(self.store, self.policy, pair, now), held_times(self.store, pair, now)
        found = self._find(one, Sight(), now, odd=never_meet(session, pair))
        return [(slot, why_this(slot, session, pair, failed=failed, held=held)) for slot in found]

    def _find(self, one: Judged, sight: Sight, now: datetime, *, odd: bool = False, count: int = 3) -> tuple[Slot, ...]:
        session, row = one.verdict.session, one.row
        if session is None or session.mentorship is None:
            return ()
        pair = session.mentorship
        peers = [(start, end) for one in one.history.peers if (start := one.start.instant) and (end := one.end.instant)]
        return proposed_slots(
            session,
            pair,
            busy=self._mine(row.key, now, row.start + _WITHIN),
            other_busy=sight.taken,
            now=now,
            after=max((end for start, end in peers if start < row.start), default=None),
            before=min((start for start, _ in peers if start > row.start), default=None),
            failed=failed_starts(self.store, self.policy, pair, now),
            held=held_times(self.store, pair, now),
            odd=odd,
            count=count,
        )

    def _mine(self, key: Key, start: datetime, end: datetime) -> Sequence[Slot]:
        """When the user is taken, also by other sessions that are about to be moved there."""
        promised = [one.slots[0] for one in self.journal.moves_to_come() if one.key != key and one.slots]
        return [*self.calendars.busy(start, end, but=key[0]), *promised]

    # right before the write

    def obstacle(self, action: ActionRow, event: Event, now: datetime) -> str:
        """Why a session is not moved to the time that was chosen, read anew; "" if nothing is in the way."""
        detection = detect(event, self.policy)
        pair = detection.mentorship
        if pair is None or not action.slots:
            return "it is no session of a declared pair any more, or no time was chosen"
        session, slot = Session(event=event, detection=detection, me=self.policy.me), action.slots[0]
        window = Window(slot[0] - _AROUND, slot[1] + _AROUND)
        sight = self._seen(session, pair, action.account, action.calendar, window)
        if not sight.whole:
            return f"whether {pair.other.name} is free then cannot be seen any more; it is planned anew"
        taken = (*sight.taken, *self._mine(action.key, window.start, window.end))
        if still_suits(slot, pair, taken=taken, now=now):
            return ""
        return "the time that it was to be moved to does not suit any more; another is looked for at the next pass"

    def why_not_back(self, action: ActionRow, event: Event, now: datetime) -> str:
        """Why a session is not moved back to where it was, in a sentence; "" if it can be."""
        if event.start.instant != action.slots[0][0]:
            return "It has been moved once more since, so it stays where it is now."
        known = self.calendars.copy(action.account, action.calendar, action.event)
        states = [state for state, _ in self.calendars.earlier(known)] + [known] if known else []
        before = [at for state in states if (at := state.start.instant) is not None and at != action.slots[0][0]]
        if before and before[-1] <= now:
            return "The time that it was at before has passed; move it yourself to another one."
        return ""


def _invited(session: Session) -> tuple[str, ...]:
    return tuple(guest.email for guest in guests(session))


def _reschedules(step: Step) -> bool:
    return Action.RESCHEDULE in (step.action, step.meant.action if step.meant else None)
