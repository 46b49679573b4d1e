"""What may happen: people, one or two agendads, their user, the clock, the network, in any order."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from acting.conftest import HOUR, ME, NOW
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from agendad.daemon.approving import approve, reject
from agendad.daemon.context import locked
from agendad.daemon.journal import ActionRow
from agendad.daemon.passes import done_at_once
from agendad.daemon.pauses import Kind, Pauses, Target
from agendad.providers.model import Event
from agendad.rules.limits import State
from agendad.rules.roles import Effect
from trust.calendars import LADDERS, OTHERS, CaldavDesk, Desk, Died, FolderDesk, GoogleDesk, Key, OutlookDesk
from trust.holding import AGENDA, LEAVE_IT, Watch

FAULTS = (
    "401", "403", "404", "409", "410", "412", "429", "500", "garbage", "reset", "truncate", "applied-then-dropped",
    "applied-then-500",
)  # fmt: skip
COUNTS: Counter[str] = Counter()
HOURS = (-24, -1, 1, 24)
BODIES = (AGENDA, "TBD", "TBD", "TBD", LEAVE_IT)
_MOMENTS = ("get", "write", "intended", "written")
numbers, places = st.integers(0, 2), st.integers(0, 3)
moments, turns = st.sampled_from(_MOMENTS), st.sampled_from([0, 0, 0, 1, 1, 2, 3])
changes = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(BODIES)),
    st.tuples(st.just("move"), st.sampled_from(HOURS)),
    st.tuples(st.just("delete")),
    st.tuples(st.just("answer"), st.sampled_from(["accepted", "tentative", "declined"])),
)


class Anything(RuleBasedStateMachine):
    """One calendar."""

    desk_type: type[Desk]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(TemporaryDirectory(prefix="agendad-trust-", dir=_memory()))
        self.desk = self.desk_type(Path(folder), self.stack)
        self.watch = Watch(self.desk, self.desk.house)
        self.second: Watch | None = None

    def teardown(self) -> None:
        for watch in filter(None, (self.watch, self.second)):
            COUNTS["acts"] += watch.acts
        self.desk.close()
        self.stack.close()
        COUNTS["histories"] += 1

    @initialize(
        starts=st.tuples(*[st.integers(26, 100)] * 3), mine=st.booleans(), ladder=st.sampled_from(LADDERS),
        mode=st.sampled_from(["act", "act", "approve"]), moving=st.booleans(),
        first=st.none() | st.tuples(st.sampled_from(_MOMENTS[:3]), turns, changes),
    )  # fmt: skip
    def invites(
        self, starts: tuple[int, ...], mine: bool, ladder: str, mode: str, moving: bool, first: tuple[Any, ...] | None
    ) -> None:
        self.desk.follow(ladder=ladder, mode=mode, moving=moving)
        for number, hours in enumerate(starts):
            self.desk.invite(number, NOW + hours * HOUR, ME if mine else OTHERS[number])
        if first:  # much is due at once
            self._pass_with_somebody_quicker(*first)

    # people

    @rule(number=numbers, place=places, body=st.sampled_from(BODIES))
    def somebody_writes(self, number: int, place: int, body: str) -> None:
        self._at(number, place, ("write", body))

    @rule(number=numbers, place=places, hours=st.sampled_from(HOURS))
    def somebody_moves(self, number: int, place: int, hours: int) -> None:
        self._at(number, place, ("move", hours))

    @rule(number=numbers, place=places, change=changes)
    def somebody_changes(self, number: int, place: int, change: tuple[Any, ...]) -> None:
        self._at(number, place, change)

    def _at(self, number: int, place: int, change: tuple[Any, ...]) -> None:
        if found := self.desk.occurrences(number):
            self._by_hand(number, found[place % len(found)], change)

    def _by_hand(self, number: int, one: Any, change: tuple[Any, ...]) -> None:
        what, *words = change
        COUNTS["changes by people"] += 1
        if what == "answer":
            words = [self.desk.guest(number), *words]
        getattr(self.desk, what)(number, one, *words)
        for watch in filter(None, (self.watch, self.second)):
            watch.forget(one.key)

    # agendad

    @rule(hours=st.sampled_from([0, 1, 6, 13, 25, 25, -1, -24]))
    def a_pass(self, hours: int) -> None:
        self._later(hours)
        self._pass(self.watch)

    @rule(kind=st.sampled_from(FAULTS))
    def a_pass_with_a_fault(self, kind: str) -> None:
        COUNTS["faults"] += 1
        self.desk.trouble(kind)
        self._pass(self.watch)
        self.desk.over()

    @rule(hours=st.sampled_from([0, 13, 25]), moment=moments, after=turns)
    def a_pass_that_dies(self, hours: int, moment: str, after: int) -> None:
        def die(_event: Event) -> None:
            raise Died

        self._later(hours)
        self._pass(self.watch, (moment, after, die))

    @rule(hours=st.sampled_from([0, 13, 25]), moment=st.sampled_from(_MOMENTS[:3]), after=turns, change=changes)
    def a_pass_in_which_somebody_is_quicker(self, hours: int, moment: str, after: int, change: tuple[Any, ...]) -> None:
        self._later(hours)
        self._pass_with_somebody_quicker(moment, after, change)

    def _pass_with_somebody_quicker(self, moment: str, after: int, change: tuple[Any, ...]) -> None:
        if moment == "intended" and not self.desk.guards_writes:
            moment = "write"

        def meddle(event: Event) -> None:
            for number in self.desk.ids:
                for one in self.desk.occurrences(number):
                    if one.key == event.key:
                        before = self.desk.seen()
                        self._by_hand(number, one, change)
                        self.watch.meddle(event.key, before)
                        COUNTS["changes in the middle of a pass"] += 1
                        return

        self._pass(self.watch, (moment, after, meddle))

    @rule()
    def a_restart(self) -> None:
        self.desk.restart()

    def _later(self, hours: int) -> None:
        for house in self.desk.houses():
            house.after(hours)

    def _pass(self, watch: Watch, happens: tuple[str, int, Callable[[Event], None]] | None = None, **how: bool) -> None:
        COUNTS["passes"] += 1
        watch.begin()
        if happens:
            moment, after, do = happens
            self.desk.moments.at(moment, do, after)
        try:
            with locked(watch.house.context.state_dir):
                watch.house.run(**how)
        except Died:
            COUNTS["deaths"] += 1
            self.desk.restart()
        self.desk.moments.waiting.clear()
        watch.end()

    # another agendad

    @rule(moment=st.sampled_from(["get", "write"]), after=turns)
    def a_second_process_comes_in_the_middle(self, moment: str, after: int) -> None:
        """It leaves the state folder to the one that has it."""

        def come(_event: Event) -> None:
            line = self.desk.house.journal.last_number()
            assert not done_at_once(self.desk.house.context), "two processes at one state folder"
            assert self.desk.house.journal.last_number() == line

        self._pass(self.watch, (moment, after, come))

    @rule(moment=st.sampled_from(["", "get", "write"]), after=turns)
    def another_installation_does_a_pass(self, moment: str, after: int) -> None:
        """On a machine of its own, before a pass of ours or in the middle of it."""
        COUNTS["passes of another installation"] += 1
        other = self._join()

        def come(event: Event) -> None:
            before, wrote = self.desk.seen(), len(self.desk.writes() or ())
            self._pass(other)
            self.watch.foreign |= set(range(wrote, len(self.desk.writes() or ())))
            self.watch.meddle(event.key, before)

        if moment:
            self._pass(self.watch, (moment, after, come))
        else:
            self._pass(other)

    def _join(self) -> Watch:
        if self.second is None:
            house = self.desk.join()
            house.clock = self.desk.house.clock
            house.reload()
            self.desk.follow()
            self.second = Watch(self.desk, house)
        return self.second

    # the user

    @precondition(lambda self: self._done())
    @rule(chance=st.integers(0, 9))
    def the_user_takes_back(self, chance: int) -> None:
        done = self._done()
        action = done[chance % len(done)]
        house = self.desk.house
        with house.store.transaction():
            house.journal.wish(action, "undo")
        before = self.watch.before.get(action.id)
        self._pass(self.watch, decide_anew=False)
        after = house.journal.action(action.id)
        if after.state is State.UNDONE:
            COUNTS["taken back"] += 1
            if before is not None:
                self.watch.gives_back(action, before)
        elif before is not None and before.start > house.clock.now():
            stays = not self.desk.cancelled_comes_back and action.effect in (Effect.CANCEL, Effect.DECLINE)
            unanswered = self.desk.mine(before) not in ("accepted", "tentative", "declined")
            stays |= unanswered and not self.desk.no_answer_comes_back and action.effect == Effect.TENTATIVE
            assert stays, f"{action.effect} is not taken back: {after.detail}"

    def _done(self) -> list[ActionRow]:
        every = self.desk.house.journal.in_state(State.CONFIRMED)
        effects = (Effect.PATCH, Effect.CANCEL, Effect.DECLINE, Effect.TENTATIVE, Effect.MOVE)
        return [one for one in every if one.acted_at and one.effect in effects]

    @precondition(lambda self: self.desk.house.journal.in_state(State.PENDING))
    @rule(chance=st.integers(0, 9), yes=st.sampled_from([True, True, False]), at_once=st.booleans())
    def the_user_answers(self, chance: int, yes: bool, at_once: bool) -> None:
        house = self.desk.house
        asked = house.journal.in_state(State.PENDING)
        action = asked[chance % len(asked)]
        COUNTS["answers to questions"] += 1
        with house.store.transaction():
            (approve if yes else reject)(house.journal, action, house.clock.now())
        if at_once:
            self._pass(self.watch, decide_anew=False)

    @rule(number=st.sampled_from([None, 0, 1, 2]), place=places, whole=st.booleans())
    def the_user_pauses(self, number: int | None, place: int, whole: bool) -> None:
        house = self.desk.house
        if number is None:
            target, name = Target(kind=Kind.EVERYTHING), "*"
        else:
            found = self.desk.occurrences(number)
            if not found:
                return
            key = found[place % len(found)].key
            target, name = _target(key, whole)
        Pauses(house.store).put(target, house.clock.now(), None)
        self.watch.paused.add(name)

    @precondition(lambda self: self.watch.paused)
    @rule(hours=st.sampled_from([0, 13, 25]))
    def the_user_resumes(self, hours: int) -> None:
        Pauses(self.desk.house.store).lift(Target(kind=Kind.EVERYTHING))
        self.watch.paused.clear()
        self._later(hours)
        self._pass(self.watch)

    @rule(ladder=st.sampled_from(LADDERS), mode=st.sampled_from(["act", "act", "act", "approve", "observe"]))
    def the_configuration_changes(self, ladder: str, mode: str) -> None:
        COUNTS["changes of the configuration"] += 1
        self.desk.follow(ladder=ladder, mode=mode)


def _target(key: Key, whole: bool) -> tuple[Target, str | Key]:
    if whole:
        return Target(kind=Kind.SERIES, name=key[0]), key[0]
    return Target(kind=Kind.SESSION, name=key[0], recurrence_id=key[1]), key


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of its own is made there


class AnythingAtGoogle(Anything):
    desk_type = GoogleDesk


class AnythingAtOutlook(Anything):
    desk_type = OutlookDesk


class AnythingInAFolder(Anything):
    desk_type = FolderDesk


class AnythingAtCaldav(Anything):
    desk_type = CaldavDesk


MACHINES: dict[str, type[Anything]] = {
    one.desk_type.name: one for one in (AnythingAtGoogle, AnythingAtOutlook, AnythingInAFolder, AnythingAtCaldav)
}
