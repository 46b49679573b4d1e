"""What must hold after each pass of an installation: at the calendar, in what people were told, and in the journal."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from acting.conftest import ADA, ME, House

from agendad.daemon.journal import UNDOING, ActionRow
from agendad.rules.limits import OUT, State
from agendad.rules.roles import OUTCOMES, Effect
from trust.calendars import CANCELS_A_DAY, Desk, Key, Notice, Shown

AGENDA = "Agenda:\n- How to choose a compiler course\n- My talk in March"
LEAVE_IT = "#no-agendad"
FREEZE = timedelta(hours=12)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
_MAY_CHANGE = {
    Effect.CANCEL: {"there", "text"},
    Effect.DECLINE: {"there", "mine"},
    Effect.TENTATIVE: {"mine"},
    Effect.PATCH: {"text", "labels"},
    Effect.MOVE: {"start", "text", "others"},
    Effect.PROPOSE: {"mine"},
    Effect.RESTORE: {"text", "labels", "mine"},
}
"""What of a session each effect may touch, also when it is taken back."""
_OWN = re.compile(r"\[agendad\][^\n<]*")
"""Lines of agendad's; the last of a letter says how to opt out."""
_EARLY = (State.APPROVED, State.INTENDED)


@dataclass
class Meddling:
    """Somebody was at a session while agendad was at work on it."""

    key: Key
    before: dict[Key, Shown]
    after: dict[Key, Shown]
    told: Counter[Notice]
    begun: bool
    """Something about it had been begun in the same pass."""
    late: bool
    """The pass had read the calendar by then."""


class Watch:
    """One installation, pass by pass."""

    def __init__(self, desk: Desk, house: House) -> None:
        self.desk, self.house = desk, house
        self.asked: dict[str, Shown | None] = {}
        """What a session said when the user was asked about it last, by action."""
        self.before: dict[str, Shown] = {}
        """What a session said before an action that nobody and nothing has come after, by action."""
        self.paused: set[str | Key] = set()
        """`*`, UIDs and keys."""
        self.acts = 0
        self.begin()

    @property
    def _provider(self) -> Any:
        return self.house.context.providers["home"]

    # a pass

    def begin(self) -> None:
        self.line = self.house.journal.last_number()
        self.was = self.judged = self.desk.seen()
        self._provider.listed = False
        self.wrote = len(self.desk.writes() or ())
        self.foreign: set[int] = set()
        self.meddling: Meddling | None = None

    def meddle(self, key: Key, before: dict[Key, Shown]) -> None:
        """Somebody has changed a session in the middle of a pass."""
        begun = any(action.key == key for action in self._came_into(State.INTENDED))
        after = self.desk.seen()
        self.meddling = Meddling(key, before, after, Counter(self.desk.notices()), begun, self._provider.listed)
        if not self._provider.listed:  # while an earlier pass is settled: this one reads it, and may act on it
            self.judged = after

    def end(self) -> None:
        now = self.desk.seen()
        begun, undone = self._came_into(State.INTENDED), self._undone()
        self._explains_changes(now, begun, undone)
        self._explains_writes(begun, undone)
        self._explains_notices()
        for action in begun:
            self.acts += 1
            self._never_against_people(action)
            self._never_unasked(action)
        self._never_over_meddling(now, undone)
        self._outcomes_once()
        self._within_limits()
        assert self.desk.masters_written() == [], "never a master"
        self._remember(now, begun)

    def _came_into(self, state: State) -> list[ActionRow]:
        """What came into a state in this pass, once for each time."""
        query = "SELECT action FROM journal WHERE seq > ? AND state = ? ORDER BY seq"
        rows = self.house.store.connection.execute(query, (self.line, state)).fetchall()
        return [self.house.journal.action(id_) for (id_,) in rows]

    def _undone(self) -> list[ActionRow]:
        """What was taken back in this pass, or may have been."""
        sure = {action.id: action for action in self._came_into(State.UNDONE)}
        begun = {action.id: action for action in self.house.journal.wished() if action.wish == UNDOING}
        return list((sure | begun).values())

    # the journal explains every change, every write and every notice

    def _explains_changes(self, now: dict[Key, Shown], begun: list[ActionRow], undone: list[ActionRow]) -> None:
        spans = [(self.was, now)]
        if self.meddling:
            spans = [(self.was, self.meddling.before), (self.meddling.after, now)]
        for earlier, later in spans:
            for key in earlier.keys() | later.keys():
                of_key = [Effect(one.effect) for one in (*begun, *undone) if one.key == key]
                may = set().union(*(_MAY_CHANGE.get(effect, set()) for effect in of_key))
                found = self._facets(earlier.get(key), later.get(key))
                assert found <= may, f"{found} of {key} changed, and the journal has only {of_key}"

    def _facets(self, earlier: Shown | None, later: Shown | None) -> set[str]:
        if earlier is None or later is None:
            return set() if earlier is later else {"there"}
        found = {name for name in ("start", "text", "labels") if getattr(earlier, name) != getattr(later, name)}
        found |= {"mine"} if self.desk.mine(earlier) != self.desk.mine(later) else set()
        return found | ({"others"} if _others(earlier) != _others(later) else set())

    def _explains_writes(self, begun: list[ActionRow], undone: list[ActionRow]) -> None:
        every = enumerate(self.desk.writes() or ())
        writes = [write for place, write in every if place >= self.wrote and place not in self.foreign]
        lines = Counter(one.key for one in (*begun, *undone))
        for key, count in Counter(write.key for write in writes).items():
            assert count <= lines[key], f"{count} writes to {key}, {lines[key]} lines"  # type: ignore[index]
        installation = self.house.journal.installation
        for write in writes:
            ours = {mark.partition("@")[0] for mark in write.marks if mark.endswith(f"@{installation}")}
            known = {one.mark for one in self._of(write.key)}
            assert {mark.removesuffix("-undone") for mark in ours} <= known, f"marks of no action: {write}"
        if writes and self.desk.marks_every_write:
            back = {one.key for one in (*undone, *begun) if one.effect == Effect.RESTORE or one in undone}
            assert all(write.marks for write in writes if write.key not in back), "a write without a mark"

    def _of(self, key: Key | None) -> list[ActionRow]:
        """What the journal has begun at a session, ever."""
        actions = self.house.journal.actions_of(key[0]) if key else []
        states = self.house.journal.states_of
        return [one for one in actions if one.key == key and any(line.state in OUT for line in states(one))]

    def _explains_notices(self) -> None:
        told = self.desk.notices()
        for key, count in Counter(notice.key for notice in told if notice.key).items():
            lines = sum(_lines(house, key) for house in self.desk.houses())
            assert count <= lines, f"{count} notices about {key}, {lines} lines"
        for notice in told:
            if notice.message_id:
                states = {state for house in self.desk.houses() for state in _states(house, notice.message_id)}
                assert states & {State.INTENDED, State.UNDONE}, f"{notice} of what never began"
        cancelled = Counter(notice.key for notice in told if notice.kind.casefold() in ("cancellation", "cancel"))
        for key, count in cancelled.items():
            # another installation knows nothing of what was done and taken back before it came
            back = sum(_taken_back(house, key) for house in self.desk.houses()) if self.desk.other else 0
            assert count <= 1 + back, f"{count} cancellations of {key}"

    # never against people

    def _never_against_people(self, action: ActionRow) -> None:
        now, shown = self.house.clock.now(), self.judged.get(action.key)
        assert shown is not None, f"{action.effect} of what people have taken out"
        what = f"{action.effect} of {shown}"
        assert shown.start > now, f"{what}: it has begun"
        assert LEAVE_IT not in _OWN.sub("", shown.text), f"{what}: people want it left alone"
        assert "*" not in self.paused, f"{what}: everything is paused"
        assert not self.paused & {action.key, action.key[0]}, f"{what}: it is paused"
        if action.effect == Effect.RESTORE:
            return
        if self.desk.mine(shown) == "declined":
            raise AssertionError(f"{what}: the user has declined")
        of_agenda = action.rule == "agenda" and action.reason != "agenda.stale"  # one that was there before
        assert "compiler course" not in shown.text or not of_agenda, f"{what}: people wrote an agenda"
        if self._approved(action):
            return
        assert all(map(_mine, action.to)) or shown.start - now >= FREEZE, f"{what}: inside the freeze"
        rungs = [rung for rung in self.house.context.policy.rules[action.rule].ladder if rung.do == action.rung]
        assert any(shown.start - now <= rung.before for rung in rungs), f"{what}: not due where people moved it"

    def _never_unasked(self, action: ActionRow) -> None:
        if self._approved(action):
            assert self.asked.get(action.id) == self.judged.get(action.key), "a yes was to what was asked about"
        else:
            assert self.desk.settings.get("mode", "act") == "act", f"{action.effect} without a yes"

    def _approved(self, action: ActionRow) -> bool:
        lines = [line.state for line in self.house.journal.states_of(action) if line.state in _EARLY]
        return State.INTENDED in lines and lines[lines.index(State.INTENDED) - 1] is State.APPROVED

    def _never_over_meddling(self, now: dict[Key, Shown], undone: Iterable[ActionRow]) -> None:
        if self.meddling is None or not self.meddling.late or any(one.key == self.meddling.key for one in undone):
            return
        key = self.meddling.key
        if self.meddling.before.get(key) == self.meddling.after.get(key):
            return  # what they wanted was refused to them
        assert now.get(key) == self.meddling.after.get(key), "what people did in the middle of a pass stands"
        if not self.meddling.begun:
            new = Counter(self.desk.notices()) - self.meddling.told
            assert not any(notice.key == key for notice in new), "a notice of what people changed before it"

    # once, and within the limits

    def _outcomes_once(self) -> None:
        done = Counter(one.key for one in self._out() if one.effect in OUTCOMES)
        assert all(count <= 1 for count in done.values()), done

    def _within_limits(self) -> None:
        days = Counter(_day(one) for one in self._out() if one.effect in (Effect.CANCEL, Effect.DECLINE))
        assert all(count <= CANCELS_A_DAY for count in days.values()), f"cancellations a day: {days}"
        reached = Counter((email, _day(one, email)) for one in self._out() for email in one.to if email != ME)
        assert all(count <= 1 for count in reached.values()), f"messages to a person a day: {reached}"

    def _out(self) -> list[ActionRow]:
        return [one for one in self.house.journal.actions(LONG_AGO) if one.acted_at and one.state in OUT]

    # what comes back

    def _remember(self, now: dict[Key, Shown], begun: list[ActionRow]) -> None:
        for action in self._came_into(State.PENDING):
            self.asked[action.id] = now.get(action.key)
        times = Counter(one.key for one in begun)
        self.before = {id_: shown for id_, shown in self.before.items() if not times[self._key(id_)]}
        self.before |= {one.id: self.judged[one.key] for one in begun if times[one.key] == 1 and one.key in self.judged}
        if self.meddling:
            self.forget(self.meddling.key)

    def forget(self, key: Key) -> None:
        """People were at it: what was before is not what comes back."""
        self.before = {id_: shown for id_, shown in self.before.items() if self._key(id_) != key}

    def _key(self, id_: str) -> Key:
        return self.house.journal.action(id_).key

    def gives_back(self, action: ActionRow, before: Shown) -> None:
        """What was taken back is as it was."""
        now = self.desk.seen().get(action.key)
        assert now is not None, "undo gives back what was"
        lost = self._facets(before, now)
        if action.effect == Effect.MOVE and not self.desk.answers_come_back:
            lost -= {"others"}
        assert not lost, f"undo gives back what was: {lost} of {before}, {now}"


def _lines(house: House, key: Key) -> int:
    """How often something about a session was about to leave."""
    query = (
        "SELECT count(*) FROM journal JOIN actions ON actions.id = journal.action "
        "WHERE uid = ? AND recurrence_id = ? AND journal.state IN ('intended', 'undone')"
    )
    (lines,) = house.store.connection.execute(query, key).fetchone()
    return lines + sum(one.wish == UNDOING for one in house.journal.wished() if one.key == key)


def _taken_back(house: House, key: Key | None) -> int:
    actions = house.journal.actions_of(key[0]) if key else []
    return sum(one.key == key and one.state is State.UNDONE and one.effect in OUTCOMES for one in actions)


def _states(house: House, message_id: str) -> set[State]:
    """The states that the action of a mail has been in."""
    query = "SELECT action FROM outbox WHERE message_id = ?"
    rows = house.store.connection.execute(query, (message_id,)).fetchall()
    return {line.state for (id_,) in rows for line in house.journal.states_of(house.journal.action(id_))}


def _others(shown: Shown) -> list[tuple[str, str]]:
    return [one for one in shown.answers if one[0] != ME]


def _mine(email: str) -> bool:
    return email == ME


def _day(action: ActionRow, email: str = ME) -> object:
    assert action.acted_at is not None
    return action.acted_at.astimezone(ZoneInfo("Europe/London") if email == ADA else NEW_YORK).date()
