"""Limits: which of the steps that are due may be taken now. What may not is kept, with the reason.

Pure, and the same for every mode, so that what observe mode shows is what act mode would do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum

from agendad.rules.hours import say_moment, say_place
from agendad.rules.plan import Step
from agendad.rules.policy import Mentorship, Mode, Person, Policy
from agendad.rules.quiet import is_quiet
from agendad.rules.roles import Effect


class State(StrEnum):
    """Where an action stands in the journal.

    would: what observe mode would have done. pending → approved | rejected: the user is asked. planned or
    approved → intended (committed before a byte leaves) → sent (the write was answered, or the mail is on its way)
    → confirmed (read back) | failed (it cannot be done) | unknown (in doubt, and not repeated). skipped: not now,
    for the reason given. undone: taken back by the user.
    """

    WOULD = "would"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    PLANNED = "planned"
    INTENDED = "intended"
    SENT = "sent"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    UNDONE = "undone"


OUT = frozenset({State.INTENDED, State.SENT, State.CONFIRMED, State.UNKNOWN, State.UNDONE})
"""Something has left, or may have."""
TAKEN = OUT | {State.PENDING, State.APPROVED, State.REJECTED, State.PLANNED, State.FAILED}
"""The step counts as taken on its ladder; what observe mode would have done does so in a world of its own."""


_STATE = {Mode.OBSERVE: State.WOULD, Mode.APPROVE: State.PENDING, Mode.ACT: State.PLANNED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A step of one occurrence. `start` is aware UTC."""

    key: tuple[str, str]
    start: datetime
    mentorship: Mentorship
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of a candidate now, and why where it has to wait."""

    candidate: Candidate
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What was sent before, counted in the user's local day, and whom it reached."""

    cancels_today: int = 0
    messages_today: int = 0
    reached: Mapping[str, frozenset[date]] = field(default_factory=dict)
    """Person (see `person_key`) → the calendar days, in that person's zone, on which a message came."""


def person_key(email: str, policy: Policy) -> str:
    """The same for all addresses of a declared person; otherwise the address."""
    person = _declared(email, policy)
    return person.emails[0] if person else email


def zone_of(email: str, policy: Policy, instant: datetime) -> tzinfo:
    """A declared person's zone at an aware instant; the user's for everybody else, UTC without one."""
    person = _declared(email, policy)
    return (person and person.zone_at(instant)) or policy.me.zone_at(instant) or UTC


def _declared(email: str, policy: Policy) -> Person | None:
    pairs = (person for m in policy.mentorships for person in (m.mentor, m.mentee))
    return next((person for person in (policy.me, *pairs) if person.has(email)), None)


def decide(candidates: Iterable[Candidate], ledger: Ledger, policy: Policy, now: datetime) -> list[Decision]:
    """Take what is due and allowed, the soonest session first.

    A candidate that is not due yet gives no decision. Messages to the user that come from one run travel
    together and count as one.

    Args:
        candidates: from `agendad.rules.plan.plan`, any order.
        ledger: what was sent before in the same mode.
        policy: the configuration.
        now: aware UTC.
    """
    due = [candidate for candidate in candidates if candidate.step.due <= now]
    due.sort(key=_turn)
    day = _Day(ledger, policy, now)
    return [day.decide(candidate) for candidate in due]


def _turn(candidate: Candidate) -> tuple[datetime, tuple[str, str], bool, datetime, str]:
    """The user's own words come before what a ladder has to say of the same session: they may settle it."""
    step = candidate.step
    return candidate.start, candidate.key, not step.token, step.due, step.rule


def against(effect: Effect, to: Sequence[str], ledger: Ledger, policy: Policy, now: datetime) -> str:
    """What the limits have against a step that the user approved; "" if nothing. Quiet hours do not count then."""
    return _Day(ledger, policy, now).against(effect, to)


class _Day:
    """The running count while one run decides."""

    def __init__(self, ledger: Ledger, policy: Policy, now: datetime) -> None:
        self.policy, self.now = policy, now
        self.cancels = ledger.cancels_today
        self.messages = ledger.messages_today
        self.actions = 0
        self.reached = {person: set(days) for person, days in ledger.reached.items()}
        self.settled: set[tuple[str, str]] = set()
        self.wrote_to_me = False

    def decide(self, candidate: Candidate) -> Decision:
        step = candidate.step
        mode = self.policy.mode_for(candidate.mentorship, step.rule)
        if step.effect is Effect.ASK:
            return Decision(candidate=candidate, state=State.WOULD if mode is Mode.OBSERVE else State.PENDING)
        if reason := self._obstacle(candidate):
            if step.silently is not None and mode is not Mode.APPROVE:  # whoever is asked decides about the notice, too
                return self.decide(replace(candidate, step=step.silently))
            return Decision(candidate=candidate, state=State.SKIPPED, reason=reason)
        self._count(candidate)
        return Decision(candidate=candidate, state=_STATE[mode])

    def _obstacle(self, candidate: Candidate) -> str:
        step, limits = candidate.step, self.policy.limits
        if step.sends > self.now:
            return self._quiet(step)
        if step.outcome and candidate.key in self.settled:
            return "another rule settles this session in the same run; one outcome each"
        if self.actions >= limits.max_actions_per_run:
            return f"max_actions_per_run ({limits.max_actions_per_run}) is reached"
        return self.against(step.effect, step.to)

    def against(self, effect: Effect, to: Sequence[str]) -> str:
        """What the day's count has against a step; "" if nothing."""
        limits = self.policy.limits
        if effect in (Effect.CANCEL, Effect.DECLINE) and self.cancels >= limits.max_cancels_per_day:
            return f"max_cancels_per_day ({limits.max_cancels_per_day}) is reached"
        if self.messages + self._cost(to) > limits.max_mails_per_day:
            return f"max_mails_per_day ({limits.max_mails_per_day}) is reached"
        for email in to:
            if self._heard_today(email):
                return f"{email} has already got a message today; one message a person a day"
        return ""

    def _quiet(self, step: Step) -> str:
        """Who must not be disturbed now, and when it would go, in the user's own zone."""
        asleep = [self._where(email) for email in step.to if is_quiet(self.now, self._zone_of(email))]
        return (
            f"quiet hours: it is night for {' and '.join(asleep or step.to)}; "
            f"it would go at {say_moment(self.policy.me, step.sends)}"
        )

    def _where(self, email: str) -> str:
        """An address, and the place where nobody would expect its owner to be."""
        person = _declared(email, self.policy)
        if person is None or person.away_at(self.now) is None:
            return email
        return f"{email} in {say_place(self.now.astimezone(self._zone_of(email)), away=True)}"

    def _zone_of(self, email: str) -> tzinfo:
        return zone_of(email, self.policy, self.now)

    def _cost(self, to: Sequence[str]) -> int:
        joins_my_mail = self.wrote_to_me and all(map(self.policy.me.has, to))
        return 0 if joins_my_mail else len(to)

    def _heard_today(self, email: str) -> bool:
        if self.wrote_to_me and self.policy.me.has(email):
            return False
        today = self.now.astimezone(self._zone_of(email)).date()
        return today in self.reached.get(person_key(email, self.policy), ())

    def _count(self, candidate: Candidate) -> None:
        step = candidate.step
        self.messages += self._cost(step.to)
        self.actions += 1
        self.cancels += step.effect in (Effect.CANCEL, Effect.DECLINE)
        if step.outcome:
            self.settled.add(candidate.key)
        self.wrote_to_me = self.wrote_to_me or (bool(step.to) and all(map(self.policy.me.has, step.to)))
        for email in step.to:
            today = self.now.astimezone(self._zone_of(email)).date()
            self.reached.setdefault(person_key(email, self.policy), set()).add(today)


def too_many_vanished(known: int, vanished: int, percent: int) -> bool:
    """True when so large a share of a calendar's upcoming events is gone that nothing may follow from it.

    >>> too_many_vanished(30, 9, 30), too_many_vanished(30, 10, 30), too_many_vanished(100, 10, 30)
    (False, True, False)
    """
    return vanished >= 10 and vanished * 100 >= percent * known


def too_many_turned_bad(good_before: int, turned_bad: int) -> bool:
    """True when bodies seem to have vanished: 30 % and at least three good sessions turned bad in one pass.

    >>> too_many_turned_bad(4, 2), too_many_turned_bad(4, 3), too_many_turned_bad(20, 5)
    (False, True, False)
    """
    return turned_bad >= 3 and turned_bad * 100 >= 30 * good_before


def next_due(steps: Sequence[Step]) -> datetime | None:
    """When to look again: the earliest `due` (aware UTC) of the steps that remain."""
    return min((step.due for step in steps), default=None)
