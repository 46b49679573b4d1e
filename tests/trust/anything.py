"""Stateful property test: people and agendad change one calendar in any order, with faults, odd clocks and restarts.

One installation in one process, over and over. After each pass the invariants are looked at: at the vendor's, in the
outbox and in the journal.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from acting.conftest import ADA, HOUR, ME, NOW
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from agendad.daemon.calendar_store import CalendarStore
from agendad.rules.limits import OUT, State
from agendad.rules.roles import OUTCOMES, Effect
from trust.calendars import CANCELS_A_DAY, LADDERS, Died, FolderDesk, GoogleDesk
from trust.figures import Figure, Part

AGENDA = "Agenda:\n- How to choose a compiler course\n- My talk in March"
FREEZE = timedelta(hours=12)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
FAULTS = (
    "401", "403", "404", "409", "410", "412", "429", "500", "garbage", "reset", "truncate", "applied-then-dropped",
    "applied-then-500",
)  # fmt: skip
COUNTS: Counter[str] = Counter()
numbers, places = st.integers(0, 2), st.integers(0, 3)


class Anything(RuleBasedStateMachine):
    """What may happen."""

    desk_type: type[GoogleDesk] | type[FolderDesk]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(TemporaryDirectory(prefix="agendad-trust-", dir=_memory()))
        self.desk = self.desk_type(Path(folder), self.stack)
        self.told: Counter[Any] = Counter()
        self.before: dict[str, Any] = {}

    def teardown(self) -> None:
        self.desk.close()
        self.stack.close()
        COUNTS["histories"] += 1

    @initialize(
        starts=st.tuples(*[st.integers(26, 100)] * 3), by=st.sampled_from([ME, ADA]), ladder=st.sampled_from(LADDERS)
    )
    def invites(self, starts: tuple[int, ...], by: str, ladder: str) -> None:
        self.desk.follow(ladder)
        for number, hours in enumerate(starts):
            self.desk.invite(number, NOW + hours * HOUR, by)
        self.desk.forget_notices()

    # people

    @rule(number=numbers, place=places, good=st.booleans())
    def somebody_writes(self, number: int, place: int, good: bool) -> None:
        self._by_hand(lambda: self.desk.write(number, place, AGENDA if good else "TBD"))

    @rule(number=numbers, place=places, hours=st.sampled_from([-24, -1, 1, 24]))
    def somebody_moves(self, number: int, place: int, hours: int) -> None:
        self._by_hand(lambda: self.desk.move(number, place, hours))

    @rule(number=numbers, place=places)
    def somebody_deletes(self, number: int, place: int) -> None:
        if number != 1:
            self._by_hand(lambda: self.desk.delete(number, place))

    def _by_hand(self, change: Callable[[], bool]) -> None:
        self.told += self.desk.notices()
        COUNTS["changes by people"] += change()
        self.before.clear()
        self.desk.forget_notices()

    # agendad

    @rule()
    def a_pass(self) -> None:
        self._pass()

    @rule(kind=st.sampled_from(FAULTS))
    def a_pass_with_a_fault(self, kind: str) -> None:
        COUNTS["faults"] += 1
        self.desk.trouble(kind)
        self._pass()
        self.desk.over()

    @rule(when=st.sampled_from(["before", "after"]))
    def a_pass_that_dies(self, when: str) -> None:
        self.desk.provider.dies = when
        try:
            self._pass()
        except Died:
            COUNTS["deaths"] += 1
            self.desk.restart()
        self.desk.provider.dies = ""

    @rule(hours=st.sampled_from([1, 6, 13]))
    def a_pass_later(self, hours: int) -> None:
        self.desk.house.after(hours)
        self._pass()

    @rule()
    def a_restart(self) -> None:
        self.desk.restart()

    @rule(hours=st.sampled_from([6, 25, -1, -24]))
    def the_clock_moves(self, hours: int) -> None:
        self.desk.house.after(hours)

    @precondition(lambda self: self._done())
    @rule(chance=st.integers(0, 9))
    def the_user_takes_back(self, chance: int) -> None:
        done = self._done()
        action = done[chance % len(done)]
        journal, store = self.desk.house.journal, self.desk.house.store
        with store.transaction():
            journal.wish(action, "undo")
        before = self.before.get(action.id)
        self._pass(decide_anew=False)
        after = journal.action(action.id)
        if after.state is State.UNDONE:
            COUNTS["taken back"] += 1
            if before is not None:
                assert self.desk.bodies().get(action.key) == before, "undo gives back what was"

    def _done(self) -> list[Any]:
        every = self.desk.house.journal.in_state(State.CONFIRMED)
        return [one for one in every if one.effect in (Effect.PATCH, Effect.CANCEL, Effect.DECLINE, Effect.TENTATIVE)]

    def _pass(self, *, decide_anew: bool = True) -> None:
        COUNTS["passes"] += 1
        journal, was, good = self.desk.house.journal, self.desk.bodies(), self.desk.good()
        line = journal.last_number()
        self.desk.house.run(decide_anew=decide_anew)
        query = "SELECT action FROM journal WHERE seq > ? AND state = 'intended'"
        begun = [journal.action(id_) for (id_,) in self.desk.house.store.connection.execute(query, (line,))]
        times = Counter(action.key for action in begun)
        self.before = {id_: told for id_, told in self.before.items() if journal.action(id_).key not in times}
        self.before |= {one.id: was[one.key] for one in begun if times[one.key] == 1 and one.key in was}
        self._never_against_people(line, good)

    # what must hold

    def _never_against_people(self, line: int, good: set[tuple[str, str]]) -> None:
        now = self.desk.house.clock.now()
        for action in self.desk.house.journal.news(line):
            lines = self.desk.house.journal.states_of(action)
            acted = action.acted_at == now and any(one.state is State.INTENDED and one.at == now for one in lines)
            if not acted or action.effect == Effect.RESTORE or action.state is State.SKIPPED:
                continue
            COUNTS["acts"] += 1
            of_agenda = action.rule == "agenda" and action.reason != "agenda.stale"  # one that was there before
            assert action.key not in good or not of_agenda, f"{action.effect} where people wrote an agenda"
            event = CalendarStore(self.desk.house.store).last_copy("home", action.calendar, action.event)
            if event is not None and event.start.instant is not None:
                assert all(map(_mine, action.to)) or event.start.instant - now >= FREEZE, "never inside the freeze"

    @invariant()
    def one_outcome_an_occurrence(self) -> None:
        done = Counter(
            action.key
            for action in self.desk.house.journal.actions(LONG_AGO)
            if action.effect in OUTCOMES and action.state in OUT
        )
        assert all(count <= 1 for count in done.values()), done

    @invariant()
    def never_a_master(self) -> None:
        assert self.desk.masters_written() == []

    @invariant()
    def never_over_the_limits(self) -> None:
        zone = ZoneInfo("America/New_York")
        days = Counter(
            action.acted_at.astimezone(zone).date()
            for action in self.desk.house.journal.actions(LONG_AGO)
            if action.acted_at and action.effect in (Effect.CANCEL, Effect.DECLINE) and action.state in OUT
        )
        assert all(count <= CANCELS_A_DAY for count in days.values()), days

    @invariant()
    def journal_explains_every_notice(self) -> None:
        query = "SELECT count(*) FROM journal WHERE state IN ('intended', 'undone')"
        (lines,) = self.desk.house.store.connection.execute(query).fetchone()
        told = self.told + self.desk.notices()
        assert sum(told.values()) <= lines
        assert all(count <= 1 for (kind, _), count in told.items() if kind == "cancellation"), "one of one occurrence"


def _mine(email: str) -> bool:
    return email == ME


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of its own is made there


class AnythingAtGoogle(Anything):
    """At Google."""

    desk_type = GoogleDesk


class AnythingInAFolder(Anything):
    """In a folder of .ics files."""

    desk_type = FolderDesk


def play(examples: int, steps: int) -> None:
    """Histories of so many steps, at each calendar."""
    for machine in (AnythingAtGoogle, AnythingInAFolder):
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True,
                suppress_health_check=list(HealthCheck), database=None,
            ),
        )  # fmt: skip


def measure(long: bool, jobs: int) -> Iterator[Figure]:
    """Play, and count what was tried: a history in which something does not hold ends it with an error."""
    del jobs  # one history after another
    COUNTS.clear()
    play(500 if long else 40, 40)
    for name in ("histories", "passes", "acts", "changes by people", "faults", "deaths", "taken back"):
        yield Figure(name, COUNTS[name])
    yield Figure("histories in which something did not hold", 0, 0)


PART = Part("anything", "people and agendad at one calendar, in any order", measure)
