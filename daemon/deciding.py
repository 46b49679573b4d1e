"""Which of the steps that are due go into the journal, and in which state: everything that may stand in the way."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agendad.daemon.approving import OWN_WORDS, in_own_words
from agendad.daemon.calendar_store import digest
from agendad.daemon.journal import Journal
from agendad.daemon.judging import Judged, Judging
from agendad.daemon.marks import Marks
from agendad.daemon.means import Means
from agendad.daemon.pass_report import AccountReport
from agendad.daemon.pauses import Pauses
from agendad.daemon.reporting import step_json
from agendad.daemon.rescheduling import Rescheduling
from agendad.daemon.session_store import Key
from agendad.daemon.wording import Wording
from agendad.providers.base import CalendarProvider
from agendad.rules.limits import Candidate, Decision, State, decide
from agendad.rules.messages import MessageTemplateError
from agendad.rules.plan import Step
from agendad.rules.policy import Mode, Policy
from agendad.rules.roles import Effect
from agendad.rules.slots import Slot

_NO_TIME = "the time that suited both is taken by now; it is planned anew"


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """One pass's decisions. Call inside a transaction."""

    journal: Journal
    judging: Judging
    wording: Wording
    means: Means
    pauses: Pauses
    marks: Marks
    policy: Policy
    providers: Mapping[str, CalendarProvider]
    reports: Mapping[str, AccountReport]
    now: datetime
    dry: bool
    """Nothing will be done about what is decided."""
    unwarned: str = ""
    """Why the user could not be told of what is to be cancelled."""
    rescheduling: Rescheduling
    """Finds other times."""

    def decide(self, judged: Iterable[Judged]) -> list[str]:
        """Decide, in both worlds: what observe mode would do, and what is done. Returns the actions' ids."""
        plans = [(one, self.judging.plan(one, self.now)) for one in judged]
        return [id_ for observed in (True, False) for id_ in _World(self, plans, observed=observed).decide()]


Plans = Sequence[tuple[Judged, tuple[Step, ...]]]


class _World:
    """What is decided in one of the two."""

    def __init__(self, around: Deciding, plans: Plans, *, observed: bool) -> None:
        self.around, self.observed, self.now = around, observed, around.now
        self.journal, self.judging, self.policy = around.journal, around.judging, around.policy
        self.judged = {one.row.key: one for one, _ in plans}
        self.plans = {one.row.key: steps for one, steps in plans}

    def decide(self) -> list[str]:
        candidates = [
            candidate
            for key, one in self.judged.items()
            for candidate in self.judging.candidates(one, self.plans[key])
            if self.judging.observed(one, candidate.step.rule) == self.observed
        ]
        for candidate in candidates:  # before counting: what is not asked any more is nobody's message
            if candidate.step.token and not self.observed:
                self.journal.supersede(candidate.key, candidate.step.token, self.now)
        return [self._record(decision) for decision in self._decisions(candidates)]

    def _record(self, decision: Decision) -> str:
        candidate = decision.candidate
        one, plan = self.judged[candidate.key], self.plans[candidate.key]
        step = candidate.step
        event = one.verdict.event
        after = tuple(later for later in plan if later.rule == step.rule and later.sends > step.sends)
        said = None
        asked = step.meant or (None if step.effect is Effect.ASK else step)
        slots: tuple[Slot, ...] = ()
        if asked is not None and asked.effect in (Effect.PROPOSE, Effect.MOVE):
            slots = self.around.rescheduling.slots(one, asked.effect, self.now)
        if asked is not None and asked.effect is Effect.MOVE and not slots:
            decision = replace(decision, state=State.SKIPPED, reason=_NO_TIME)
        try:
            if asked is not None:
                said = self.around.wording.of_step(event, asked, after, self.now, slots=slots)
        except MessageTemplateError as error:
            decision = replace(decision, state=State.SKIPPED, reason=str(error))
        kept = None if self.observed or step.token else self.journal.kept_words(one.row, step)
        drafted = said or kept if kept and asked else None
        if kept is not None and asked is not None:
            said, decision = in_own_words(said, kept), _asked_for_words(decision)
        action, is_news = self.journal.record(
            decision,
            one.row,
            self.now,
            observed=self.observed,
            plan=[step_json(later) for later in after],
            said=said,
            drafted=drafted,
            seen=digest(event),
            slots=slots,
        )
        if is_news:
            self.judging.plan(one, self.now)  # what remains, now that this step counts as taken
        return action.id

    def _decisions(self, candidates: Iterable[Candidate]) -> list[Decision]:
        free: list[Candidate] = []
        decisions: list[Decision] = []
        for candidate in candidates:
            obstacle = self._obstacle(candidate) or ("" if self.observed else self._lacking(candidate))
            if not obstacle:
                free.append(candidate)
            elif candidate.step.due <= self.now:
                decisions.append(Decision(candidate=candidate, state=State.SKIPPED, reason=obstacle))
        ledger = self.journal.ledger(self.policy, self.now, observed=self.observed)
        decided = decide(free, ledger, self.policy, self.now)
        return decisions + (decided if self.observed else self._asked_at_first(decided))

    def _obstacle(self, candidate: Candidate) -> str:
        """What holds back a whole account, calendar or pair."""
        account, _ = self._where(candidate.key)
        report = self.around.reports.get(account)
        if report is None or not report.ok:
            return f"account {account} could not be read; nothing is decided on old data"
        if report.held:
            return f"account {account} is held back: {report.held[0].partition('.')[0]}"
        if pause := self.around.pauses.covering(candidate.key, candidate.mentorship, self.now):
            return pause.told
        return ""

    def _lacking(self, candidate: Candidate) -> str:
        """What is missing for doing it."""
        if strays := self.around.marks.strays():
            return f"the journal is older than what is in account {' and '.join(strays)}, as after a restored backup"
        account, calendar = self._where(candidate.key)
        step = candidate.step
        named = f"calendar {calendar} of account {account}"
        can = self.around.providers[account].capabilities(calendar)
        session = self.judged[candidate.key].verdict.session
        organizing = session is not None and session.i_organize
        if missing := self.around.means.missing(step.effect, step.to, named, can, organizing=organizing):
            return missing
        cancels = step.effect in (Effect.CANCEL, Effect.DECLINE)
        if cancels and not self.around.dry and self._mode(candidate) is Mode.ACT:
            row = self.judging.sessions.session(candidate.key)
            if row is None or row.warned_at is None:
                return "you have not been told of it yet" + (
                    f": {self.around.unwarned}" if self.around.unwarned else ""
                )
        return ""

    def _asked_at_first(self, decisions: list[Decision]) -> list[Decision]:
        """The first time that an account is acted on: where much is due at once, it is shown and asked."""
        acts = [one for one in decisions if self._acts(one.candidate)]
        due = Counter(self._where(one.candidate.key)[0] for one in acts)
        limit = self.policy.limits.max_actions_per_run
        flooded = {account for account, count in due.items() if count > limit and not self.journal.has_acted(account)}
        return [
            replace(
                one,
                state=State.PENDING,
                reason=f"{due[account]} actions are due at once on account {account}, which agendad never acted on",
            )
            if (account := self._where(one.candidate.key)[0]) in flooded and self._acts(one.candidate)
            else one
            for one in decisions
        ]

    def _acts(self, candidate: Candidate) -> bool:
        return candidate.step.effect is not Effect.ASK and self._mode(candidate) is Mode.ACT

    def _mode(self, candidate: Candidate) -> Mode:
        return self.judging.mode(self.judged[candidate.key], candidate.step.rule)

    def _where(self, key: Key) -> tuple[str, str]:
        row = self.judged[key].row
        return row.account, row.calendar


def _asked_for_words(decision: Decision) -> Decision:
    """The user's own words for an event that changed since go out after a yes only."""
    if decision.state not in (State.PLANNED, State.PENDING):
        return decision
    why = decision.reason or decision.candidate.step.why_ask
    return replace(decision, state=State.PENDING, reason=f"{why}; {OWN_WORDS}" if why else OWN_WORDS)
