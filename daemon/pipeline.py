"""One pass: read every account, judge what changed or is due, decide, write down, report.

The only wiring of providers, rules and store. Data flows one way; what a pass brings about is seen by the
next one, like everything else that happens in a calendar.
"""

import hashlib
import logging
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from agendad import __version__
from agendad.daemon.calendar_store import CalendarStore, Intake
from agendad.daemon.clock import Clock
from agendad.daemon.config_shapes import Sync
from agendad.daemon.holds import Holds
from agendad.daemon.judging import Judged, Judging
from agendad.daemon.pauses import EVERYTHING, Pauses
from agendad.daemon.reporting import problem_json
from agendad.daemon.session_store import ActionRow, Key, SessionStore
from agendad.daemon.store import Store, stamp, to_json
from agendad.providers.base import CalendarProvider, Problem, Window
from agendad.providers.errors import CursorExpired, ProviderError
from agendad.rules.limits import Candidate, Decision, State, decide
from agendad.rules.policy import Policy

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReport:
    """How a pass over one account went."""

    name: str
    ok: bool
    error: str = ""
    changed: int = 0
    vanished: int = 0
    """Upcoming events that are gone."""
    held: tuple[str, ...] = ()
    """Why nothing is concluded for some of its calendars, with how to go on."""
    problems: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, Any]:  # JSON
        return {
            "name": self.name,
            "ok": self.ok,
            "error": self.error or None,
            "changed": self.changed,
            "vanished": self.vanished,
            "held": list(self.held),
            "problems": [problem_json(problem) | {"refused": problem.refused} for problem in self.problems],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PassReport:
    """What a pass did. `news` are the decisions that were not on record before."""

    accounts: tuple[AccountReport, ...]
    actions: tuple[ActionRow, ...]
    news: tuple[ActionRow, ...]

    @property
    def ok(self) -> bool:
        return all(account.ok for account in self.accounts)


class Pipeline:
    """Runs passes. `confirmed` names accounts whose sudden losses the user says are real."""

    def __init__(
        self,
        *,
        policy: Policy,
        sync: Sync,
        store: Store,
        clock: Clock,
        providers: Mapping[str, CalendarProvider],
        failed: Mapping[str, str] | None = None,
        confirmed: frozenset[str] = frozenset(),
    ) -> None:
        self.policy, self.sync, self.store, self.clock = policy, sync, store, clock
        self.providers, self.failed, self.confirmed = providers, failed or {}, confirmed
        self.calendars, self.sessions = CalendarStore(store), SessionStore(store)
        self.judging = Judging(self.calendars, self.sessions, policy, providers)
        self.holds, self.pauses = Holds(self.sessions), Pauses(store)

    def run(self) -> PassReport:
        """One pass at the clock's time. A failing account does not stop the others."""
        now = self.clock.now()
        reports: dict[str, AccountReport] = {
            name: AccountReport(name=name, ok=False, error=error) for name, error in self.failed.items()
        }
        with self.store.transaction():
            uids = set(self.calendars.forget_others(reports.keys() | self.providers.keys(), now))
        for name, provider in self.providers.items():
            reports[name], changed = self._read(provider, now)
            uids |= changed
        with self.store.transaction():
            actions, news = self._judge(uids, reports, now)
            told = [replace(one, held=one.held + self._why_held(one.name)) for one in reports.values()]
            self.store.connection.executemany(
                "INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?)",
                [(one.name, stamp(now), one.error, to_json(one.held), one.vanished) for one in told],
            )
            self.store.remember("last_pass", stamp(now))
        return PassReport(accounts=tuple(told), actions=tuple(actions), news=tuple(news))

    # reading

    def _read(self, provider: CalendarProvider, now: datetime) -> tuple[AccountReport, set[str]]:
        report, uids = AccountReport(name=provider.account, ok=True), set[str]()
        try:
            for calendar in provider.calendars():
                report, changed = self._read_calendar(report, provider, calendar, now)
                uids |= changed
        except ProviderError as error:
            return replace(report, ok=False, error=str(error)), uids
        except Exception as error:
            log.exception("account %s", provider.account)
            told = (
                f"agendad met a fault of its own while reading ({type(error).__name__}: {error}). Nothing was "
                "concluded for this account. Please report it with the lines above."
            )
            return replace(report, ok=False, error=told), uids
        return replace(report, problems=tuple(self.calendars.problems(provider.account))), uids

    def _read_calendar(
        self, report: AccountReport, provider: CalendarProvider, calendar: str, now: datetime
    ) -> tuple[AccountReport, frozenset[str]]:
        account = provider.account
        window = Window.around(now, lookback=self.sync.lookback, horizon=self.sync.horizon)
        limit = 100 if account in self.confirmed else self.policy.limits.max_vanished_percent
        cursor = self.calendars.cursor(account, calendar)

        def take_in(since: str | None) -> Intake:
            pages = provider.changes(calendar, since, window)
            return self.calendars.take_in(account, calendar, pages, window=window, now=now, max_vanished_percent=limit)

        try:
            intake = take_in(cursor)
        except CursorExpired:
            intake = take_in(None)
        held = report.held
        if intake.refused:
            told = (
                f"{intake.refused}. Nothing was concluded and nothing goes out for this calendar. "
                f"If they are really gone, run: agendad run --once --confirm {shlex.quote(account)}"
            )
            held = (*held, told)
        report = replace(
            report,
            changed=report.changed + intake.changed,
            vanished=report.vanished + intake.vanished,
            held=held,
        )
        return report, intake.uids

    # judging

    def _judge(
        self, changed: set[str], reports: Mapping[str, AccountReport], now: datetime
    ) -> tuple[list[ActionRow], list[ActionRow]]:
        uids = frozenset(changed) | self.sessions.to_look_at(now)
        if self._policy_changed():
            uids |= self.calendars.all_uids()
        before = self.holds.before(now)
        judged = self.judging.judge(uids, now)
        self.holds.update(before, judged, self.confirmed)
        by_key = {one.row.key: one for one in judged}
        candidates: list[tuple[bool, Candidate]] = []
        for one in judged:
            steps = self.judging.plan(one, now)
            candidates += [
                (self.judging.observed(one, candidate.step.rule), candidate)
                for candidate in self.judging.candidates(one, steps)
            ]
        actions: list[ActionRow] = []
        news: list[ActionRow] = []
        for observed in (True, False):
            mine = [candidate for world, candidate in candidates if world == observed]
            for decision in self._decide(mine, by_key, reports, now, observed=observed):
                one = by_key[decision.candidate.key]
                action, is_news = self.sessions.record(decision, one.row, now, observed=observed)
                actions.append(action)
                if is_news:
                    news.append(action)
                    self.judging.plan(one, now)  # what remains, now that this step counts as taken
        return actions, news

    def _decide(
        self,
        candidates: list[Candidate],
        by_key: Mapping[Key, Judged],
        reports: Mapping[str, AccountReport],
        now: datetime,
        *,
        observed: bool,
    ) -> list[Decision]:
        """Decide on what may be decided; an account that is held or was not read acts on nothing."""
        held = self.holds.held()
        free: list[Candidate] = []
        decisions: list[Decision] = []
        for candidate in candidates:
            row = by_key[candidate.key].row
            report = reports.get(row.account)
            obstacle = ""
            if report is None or not report.ok:
                obstacle = f"account {row.account} could not be read; nothing is decided on old data"
            elif report.held or (row.account, row.calendar) in held:
                obstacle = f"calendar {row.account} is held back until you confirm"
            elif pause := self.pauses.covering(candidate.mentorship, now):
                name = "everything" if pause.target == EVERYTHING else pause.target
                obstacle = f"{name} is paused; `agendad resume` goes on"
            if not obstacle:
                free.append(candidate)
            elif candidate.step.due <= now:
                decisions.append(Decision(candidate=candidate, state=State.SKIPPED, reason=obstacle))
        ledger = self.sessions.ledger(self.policy, now, observed=observed)
        return decisions + decide(free, ledger, self.policy, now)

    def _policy_changed(self) -> bool:
        """True once after the configuration or the program changed: everything is judged again."""
        digest = hashlib.sha256(f"{__version__}\n{self.policy!r}".encode()).hexdigest()
        same = self.store.remembered("policy") == digest
        self.store.remember("policy", digest)
        return not same

    def _why_held(self, account: str) -> tuple[str, ...]:
        return tuple(
            f"{count} sessions lost their agenda at once. Nothing goes out for calendar {calendar}. "
            f"If that is really so, run: agendad run --once --confirm {shlex.quote(account)}"
            for (holder, calendar), count in self.holds.held().items()
            if holder == account
        )
