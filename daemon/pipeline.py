"""One pass: read every account, judge what changed or is due, decide, write down, report.

The only wiring of providers, rules and store. Data flows one way; what a pass brings about is seen by the
next one, like everything else that happens in a calendar.
"""

import hashlib
import logging
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from agendad import __version__
from agendad.daemon import free_busy
from agendad.daemon.agenda_files import AgendaFolder
from agendad.daemon.approving import expire, review
from agendad.daemon.calendar_store import CalendarStore, Intake
from agendad.daemon.clock import Clock, FixedClock
from agendad.daemon.config_shapes import Sync
from agendad.daemon.deciding import Deciding
from agendad.daemon.executor import Executor
from agendad.daemon.holds import Holds
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.judging import Judged, Judging
from agendad.daemon.marks import RESTORED, Marks
from agendad.daemon.means import Means
from agendad.daemon.pass_report import AccountReport, PassReport
from agendad.daemon.pauses import Pauses
from agendad.daemon.progress import Progress, silent
from agendad.daemon.reading import Reading, Told
from agendad.daemon.rescheduling import Rescheduling
from agendad.daemon.session_store import SessionStore
from agendad.daemon.sign_ins import Ended
from agendad.daemon.store import Store, stamp, to_json, unstamp
from agendad.daemon.undoing import CannotUndo
from agendad.daemon.wording import Wording
from agendad.providers.base import CalendarProvider, Notices, Window
from agendad.providers.errors import CursorExpired, ProviderError, SignInNeeded
from agendad.rules.limits import State
from agendad.rules.policy import Mode, Policy
from agendad.rules.relationship import Notes
from agendad.rules.roles import Effect

log = logging.getLogger(__name__)

_MARGIN = timedelta(hours=1)
"""A warning goes out this much before its last moment: the next pass may come late."""
_CLOCKS_AGREE = timedelta(minutes=5)


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
        wording: Wording,
        means: Means,
        confirmed: frozenset[str] = frozenset(),
        only: frozenset[str] | None = None,
        executor: Executor | None = None,
        warn: Callable[[datetime], str] = lambda _now: "",
        sign_ins: Mapping[str, str] | None = None,
        notes: Callable[[], Mapping[str, Notes]] = dict,
        progress: Progress = silent,
        agendas: AgendaFolder | None = None,
    ) -> None:
        """Without an executor nothing is done: what is decided stays planned.

        `only` names the accounts that are read and acted on; the others are left as they stand. None is all.
        `sign_ins` tells each account's present sign-in from earlier ones.
        `notes` reads what the user noted, as for `Judging`; `agendas` is where the user writes agendas as files.
        `warn` tells the user at a time (aware UTC) what is to be cancelled, and returns why it could not.
        """
        self.policy, self.sync, self.store, self.clock = policy, sync, store, clock
        self.providers, self.confirmed = providers, confirmed
        self.only = only
        self.wording, self.means, self.executor, self.warn = wording, means, executor, warn
        self.progress = progress
        self.ended = Ended(store, sign_ins or {})
        self.calendars, self.sessions, self.journal = CalendarStore(store), SessionStore(store), Journal(store)
        self.marks = Marks(self.journal)
        self.judging = Judging(
            self.calendars,
            self.sessions,
            self.journal,
            policy,
            providers,
            notes=notes,
            agendas=(lambda now: agendas.read(store, now)) if agendas else None,
            silent=lambda account, calendar: can_be_silent(providers.get(account), calendar),
        )
        self.holds, self.pauses = Holds(self.sessions), Pauses(store)
        self.rescheduling = Rescheduling(store, policy, providers)
        self.judging.may_move = self.rescheduling.may_move

    def run(self, *, decide_anew: bool = True) -> PassReport:
        """One pass at the clock's time. A failing account does not stop the others.

        Without `decide_anew` only what the user approved or wants back is done.
        """
        start = self.journal.last_number()
        if self.executor:
            self.executor.settle()
        now = self.clock.now()
        reports: dict[str, AccountReport] = {}
        with self.store.transaction():
            self.calendars.forget_others(self.providers.keys(), now)
            self.judging.free_busy.forget_others(self.providers.keys())
        for name in filter(self._concerns, self.providers):
            if why := self.ended.why(name):
                reports[name] = AccountReport(name=name, ok=False, error=why, sign_in=True, ended=True)
        readings = {
            name: self._reading(provider, now).begin()
            for name, provider in self.providers.items()
            if self._concerns(name) and name not in reports
        }
        for name, reading in readings.items():
            reports[name] = self._read(reading, now)
        answering = [self.providers[name] for name in readings if reports[name].ok]
        free_busy.look(self.store, self.policy, answering, now, stop=self.executor.stop if self.executor else _never)
        with self.store.transaction():
            judged = [one for one in self._judge(now) if self._concerns(one.row.account)]
            told = [replace(one, held=one.held + self._why_held(one.name)) for one in reports.values()]
            self.store.connection.executemany(
                "INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?)",
                [(one.name, stamp(now), one.error, to_json(one.held), one.vanished) for one in told],
            )
            self.ended.note(told)
            self.store.remember("last_pass", stamp(now))
        decided = self._decide_anew(judged, {one.name: one for one in told}, now) if decide_anew else []
        if self.executor:
            self._carry_out(self.executor, {one.name: one for one in told}, now)
        news = self.journal.news(start)
        seen = {action.id for action in news}
        still = [self.journal.action(id_) for id_ in decided if id_ not in seen]
        return PassReport(accounts=tuple(told), actions=(*news, *still), news=tuple(news))

    def _concerns(self, account: str) -> bool:
        """Whether this pass is about an account. What is due elsewhere stays due, for a pass that reads it."""
        return self.only is None or account in self.only

    # reading

    def _reading(self, provider: CalendarProvider, now: datetime) -> Reading:
        window = Window.around(now, lookback=self.sync.lookback, horizon=self.sync.horizon)
        if provider.remote:
            window = window.in_whole_days
        return Reading(provider, self.calendars.cursors(provider.account), window)

    def _read(self, reading: Reading, now: datetime) -> AccountReport:
        provider = reading.provider
        report = AccountReport(name=provider.account, ok=True)
        try:
            with self.progress(f"reading {provider.account}", None) as seen:
                for calendar in reading.calendars(self.executor.stop if self.executor else lambda: False, seen):
                    report = self._take_in(report, calendar, reading.window, now)
        except SignInNeeded as error:
            return replace(report, ok=False, error=str(error), sign_in=True, ended=error.ended)
        except ProviderError as error:
            return replace(report, ok=False, error=str(error))
        except Exception as error:
            log.exception("account %s", provider.account)
            told = (
                f"agendad met a fault of its own while reading ({type(error).__name__}: {error}). Nothing was "
                "concluded for this account. Please report it with the lines above."
            )
            return replace(report, ok=False, error=told)
        if (offset := self._clock_offset(provider)) is not None:
            report = replace(report, held=(*report.held, offset))
        return replace(report, problems=tuple(self.calendars.problems(provider.account)))

    def _clock_offset(self, provider: CalendarProvider) -> str | None:
        """What to tell where this machine's clock and the server's are too far apart to act by either."""
        offset = provider.clock_offset
        if offset is None or abs(offset) <= _CLOCKS_AGREE or isinstance(self.clock, FixedClock):
            return None
        minutes = round(abs(offset).total_seconds() / 60)
        return (
            f"The server's clock and this machine's differ by {minutes} minutes. Nothing goes out for this account. "
            "Set the clock right (`timedatectl` tells how it is kept); the next pass goes on."
        )

    def _take_in(self, report: AccountReport, calendar: Told, window: Window, now: datetime) -> AccountReport:
        account = report.name
        limit = 100 if account in self.confirmed else self.policy.limits.max_vanished_percent

        def take_in(*, anew: bool) -> Intake:
            return self.calendars.take_in(
                account, calendar.name, calendar.pages(anew), window=window, now=now, max_vanished_percent=limit
            )

        try:
            intake = take_in(anew=False)
        except CursorExpired:
            intake = take_in(anew=True)
        held = report.held
        if intake.refused:
            told = (
                f"{intake.refused}. Nothing was concluded and nothing goes out for this calendar. "
                f"If they are really gone, run: agendad run --once --confirm {shlex.quote(account)}"
            )
            held = (*held, told)
        return replace(
            report,
            changed=report.changed + intake.changed,
            vanished=report.vanished + intake.vanished,
            held=held,
        )

    # judging

    def _judge(self, now: datetime) -> list[Judged]:
        """Judge what changed or is due. Only what something may be done about now is kept, however much there is."""
        latest = now + self.policy.limits.grace + _MARGIN
        uids = self.calendars.unjudged() | self.sessions.to_look_at(now) | self._unwarned(now, latest)
        uids |= {action.key[0] for action in self.journal.in_state(State.APPROVED)}
        if self._policy_changed():
            uids |= self.calendars.all_uids()
        approved = {action.key for action in self.journal.in_state(State.APPROVED)}
        watch = self.holds.watch(uids, now)
        of_now: list[Judged] = []
        with self.progress("judging", None) as seen:
            for one in self.judging.judge(uids, now):
                seen(1)
                watch.see(one)
                steps = self.judging.plan(one, now)
                if one.row.key in approved or any(step.due <= latest for step in steps):
                    of_now.append(one)
        self.holds.update(watch, now, self.confirmed)
        self.marks.look(self.calendars.marked(uids), self.confirmed)
        self.calendars.judged()
        expire(self.journal, self.sessions, now)
        review(self.journal, of_now, self.wording, now)
        return of_now

    def _unwarned(self, now: datetime, latest: datetime) -> set[str]:
        """UIDs of what is to be cancelled by `latest` without the user having heard of it, as after a crash."""
        pairs = {pair.name: pair for pair in self.policy.mentorships}
        return {
            row.key[0]
            for row in self.sessions.unwarned(now)
            for step in row.verdict["plan"]
            if step["effect"] in (Effect.CANCEL, Effect.DECLINE)
            and unstamp(step["due"]) <= latest
            and (pair := pairs.get(row.mentorship or "")) is not None
            and self.policy.mode_for(pair, step["reason"].partition(".")[0]) is Mode.ACT
        }

    # deciding

    def _decide_anew(self, judged: list[Judged], reports: Mapping[str, AccountReport], now: datetime) -> list[str]:
        """Decide what is due, and write it down. Returns the ids of the actions, also of those known before."""
        unwarned = ""
        if self.executor and any(self._to_be_warned_of(one, now) for one in judged):
            unwarned = self.warn(now)
        for one in judged:
            readable = one.row.account in reports and reports[one.row.account].ok
            if readable and self.rescheduling.may_concern(one, now):
                self.rescheduling.look(one, self.judging.plan(one, now), now)
        with self.store.transaction():
            return Deciding(
                journal=self.journal,
                judging=self.judging,
                wording=self.wording,
                means=self.means,
                pauses=self.pauses,
                marks=self.marks,
                policy=self.policy,
                providers=self.providers,
                reports=reports,
                now=now,
                dry=self.executor is None,
                unwarned=unwarned,
                rescheduling=self.rescheduling,
            ).decide(judged)

    def _to_be_warned_of(self, one: Judged, now: datetime) -> bool:
        """Whether a cancellation comes so soon that the user must hear of it now, to hear of it `grace` before."""
        row, pair = self.sessions.session(one.row.key), one.verdict.detection.mentorship
        latest = now + self.policy.limits.grace + _MARGIN
        return (
            row is not None
            and row.warned_at is None
            and any(
                step.effect in (Effect.CANCEL, Effect.DECLINE)
                and step.due <= latest
                and self.judging.mode(one, step.rule) is Mode.ACT
                and self.pauses.covering(one.row.key, pair, max(step.sends, now)) is None
                for step in self.judging.plan(one, now)
            )
        )

    # doing

    def _carry_out(self, executor: Executor, reports: Mapping[str, AccountReport], now: datetime) -> None:
        with self.progress("acting", None) as done:
            for action in self.journal.in_state(State.PLANNED, State.APPROVED):
                if executor.stop():
                    return
                if self._concerns(action.account):
                    self._carry_out_one(executor, action, reports, now)
                    done(1)
            for action in self.journal.wished():
                if executor.stop():
                    return
                self._undo(executor, action)
                done(1)

    def _carry_out_one(
        self, executor: Executor, action: ActionRow, reports: Mapping[str, AccountReport], now: datetime
    ) -> None:
        if action.state is State.APPROVED and (reason := self._held_back(action, reports)):
            with self.store.transaction():
                self.journal.advance(action, State.PENDING, now, f"approved, but {reason}")
            return
        executor.carry_out(action)

    def _held_back(self, action: ActionRow, reports: Mapping[str, AccountReport]) -> str:
        """Why nothing goes out for an account, also after a yes."""
        report = reports.get(action.account)
        if report is None or not report.ok:
            return f"account {action.account} could not be read; nothing is done on old data"
        if report.held:
            return f"account {action.account} is held back: {report.held[0].partition('.')[0]}"
        row = self.sessions.session(action.key)
        pair = next((one for one in self.policy.mentorships if row and one.name == row.mentorship), None)
        if pair is None or self.policy.mode_for(pair, action.rule) is Mode.OBSERVE:
            return "the mode is observe now"
        return ""

    def _undo(self, executor: Executor, action: ActionRow) -> None:
        now = self.clock.now()
        try:
            executor.undoing.undo(action, lambda event: self.wording.of_undoing(event, action))
        except CannotUndo as error:
            told = str(error)
        except Exception as error:  # a broken template, or a fault of ours: this undoing only
            log.exception("undoing %s", action.id)
            told = (
                f"undoing it is not finished ({type(error).__name__}: {error}). The event may be as before already; "
                f"nobody was told. Mend that and run again: agendad undo {action.id}"
            )
        else:
            return
        with self.store.transaction():
            self.journal.advance(action, action.state, now, told, wish="")

    # the installation

    def _policy_changed(self) -> bool:
        """True once after the configuration or the program changed: everything is judged again."""
        digest = hashlib.sha256(f"{__version__}\n{self.policy!r}".encode()).hexdigest()
        same = self.store.remembered("policy") == digest
        self.store.remember("policy", digest)
        return not same

    def _why_held(self, account: str) -> tuple[str, ...]:
        how = f"run: agendad run --once --confirm {shlex.quote(account)}"
        told = []
        if strays := self.marks.strays().get(account):
            marks = len(set(strays) - {RESTORED})
            older = (
                f"{marks} events carry marks of this installation that its journal does not know"
                if marks
                else "the database is older than the one that was in the state folder before"
            )
            told.append(
                f"{older}, as after an old backup of the state folder was restored. What was done since could be done "
                f"once more, so nothing goes out. If all is well, {how}"
            )
        lost = [
            f"{count} sessions lost their agenda at once. Nothing goes out for calendar {calendar}. "
            f"If that is really so, {how}"
            for (holder, calendar), count in self.holds.held().items()
            if holder == account
        ]
        return (*told, *lost)


def _never() -> bool:
    return False


def can_be_silent(provider: CalendarProvider | None, calendar: str) -> bool:
    """Whether a calendar shows its guests what is written to it, and tells them only if asked to."""
    return provider is not None and provider.capabilities(calendar).notices is Notices.ON_REQUEST
