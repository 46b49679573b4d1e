"""The journal: every action with its state, and every state that it was in. Nothing is done that is not in it first.

key
    What makes two actions the same one. It is in the database only.
mark
    The same across installations: it is made from UID, RECURRENCE-ID, rule, step and the state of the event. It goes
    on the event that is written and into the Message-ID of mails, so that a later reading tells what was done.
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from agendad.daemon.session_store import Key, SessionRow
from agendad.daemon.store import Store, stamp, to_json, unstamp
from agendad.providers.base import Undo
from agendad.rules import agenda_file
from agendad.rules.limits import OUT, TAKEN, Decision, Ledger, State, person_key, zone_of
from agendad.rules.messages import Message
from agendad.rules.plan import Standing, Step, Taken
from agendad.rules.policy import Action, Policy
from agendad.rules.roles import OUTCOMES, Effect

_COLUMNS = (
    "id, mark, observed, account, calendar, event, uid, recurrence_id, rule, reason, rung, action, effect, state, "
    "detail, recipients, message, due, decided_at, meant, plan, said, seen, acted_at, undo, revision, slots, wish, "
    "drafted"
)
_TAKEN = {True: frozenset({State.WOULD}), False: TAKEN}
_COUNTED = {True: frozenset({State.WOULD}), False: OUT | {State.PENDING, State.PLANNED, State.APPROVED}}
"""The states that count towards the limits."""
UNDOING = "undoing"
"""A wish whose write is about to leave, or has left."""
_HOLDS = frozenset({State.SENT, State.CONFIRMED, State.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What a yes to a question does."""

    action: Action
    effect: Effect
    to: tuple[str, ...]
    outward: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """An action as the journal has it. Times are aware UTC."""

    id: str
    mark: str
    observed: bool
    account: str
    calendar: str
    event: str
    """The vendor's id of the copy that it is about."""
    key: Key
    rule: str
    reason: str
    rung: str
    action: str
    effect: str
    state: State
    detail: str
    to: tuple[str, ...]
    message: str
    due: datetime
    decided_at: datetime
    meant: Meant | None
    plan: tuple[dict[str, Any], ...]  # JSON
    """The steps that were to follow when it was decided."""
    said: Message | None
    """What the others are told; for a question what they are told after a yes."""
    seen: str
    """A digest of the event when it was decided."""
    acted_at: datetime | None
    undo: Undo | None
    revision: int | None
    """The SEQUENCE that the guests were told."""
    slots: tuple[tuple[datetime, datetime], ...]
    """The times that are proposed, the best first."""
    wish: str
    """What the user has asked for while another process was at work: "undo", and `UNDOING` once that was begun."""
    drafted: Message | None
    """What agendad had written, where `said` is in the user's own words; None where it is agendad's."""

    @property
    def asks(self) -> bool:
        """Only the user can move it on."""
        return self.state is State.PENDING

    @property
    def from_file(self) -> bool:
        """It is about the agenda in the user's file."""
        return self.reason in agenda_file.STEPS

    @property
    def silent(self) -> bool:
        """Nobody hears of it: the invite is kept in step with the user's file, and the notice comes later."""
        return self.from_file and not self.to

    @property
    def edited(self) -> bool:
        """What is said is in the user's own words."""
        return self.drafted is not None

    def as_json(self) -> dict[str, Any]:  # JSON
        """The contract's shape in `agendad.run/1`: `action` is the ladder's word, `effect` what it becomes."""
        uid, recurrence_id = self.key
        return {
            "id": self.id,
            "action": self.rung,
            "effect": self.effect,
            "state": self.state,
            "account": self.account,
            "uid": uid,
            "recurrence_id": recurrence_id or None,
            "rule": self.rule,
            "reason": self.reason,
            "to": list(self.to),
            "message": self.message,
            "detail": self.detail,
            "due": stamp(self.due),
            "edited": self.edited,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the journal: an action came into a state."""

    action: ActionRow
    state: State
    detail: str
    at: datetime


class Journal:
    """Reads and writes of actions. Writes belong inside a transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.sql = store.connection

    @property
    def installation(self) -> str:
        """The name of this installation on what it writes: random, made once."""
        name = self.store.remembered("installation")
        if name is None:
            name = secrets.token_hex(4)
            self.store.remember("installation", name)
        return name

    # what counts

    def standing(self, row: SessionRow, first_seen: Mapping[str, datetime], *, observed: bool) -> Standing:
        """Where the occurrence stands on its ladders, its series' steps included."""
        rows = self.sql.execute(
            "SELECT recurrence_id, series, rule, rung, effect, state, decided_at, outward, reason, mark FROM actions "
            "WHERE uid = ? AND (recurrence_id = ? OR series) AND observed = ? ORDER BY decided_at",
            (*row.key, observed),
        ).fetchall()
        taken: list[Taken] = []
        outward: dict[str, int] = {}
        holding: dict[str, bool] = {}
        from_file: set[str] = set()
        for recurrence_id, series, rule, rung, effect, state, decided_at, went_out, reason, mark in rows:
            if state not in _TAKEN[observed]:
                continue
            if reason in agenda_file.STEPS:  # on no ladder
                from_file |= {_token(mark)} if recurrence_id == row.key[1] else set()
                continue
            if went_out and recurrence_id == row.key[1] and state in _COUNTED[observed]:
                outward[rule] = outward.get(rule, 0) + 1
            if rung == Action.HOLD and effect != Effect.ASK and recurrence_id == row.key[1] and state in _HOLDS:
                holding[rule] = effect != Effect.RESTORE
            at = unstamp(decided_at)
            done = Effect.ASK if state == State.REJECTED else Effect(effect)
            if series or at >= row.ladder_since or done in OUTCOMES:  # one outcome, whatever restarts
                refused = state in (State.REJECTED, State.UNDONE)
                taken.append(
                    Taken(
                        rule=rule,
                        action=Action(rung),
                        effect=done,
                        at=at,
                        series=bool(series),
                        refused=refused,
                    )
                )
        return Standing(
            first_seen=first_seen,
            taken=tuple(taken),
            told_at=row.told_at if observed else row.warned_at,
            outward_by_rule=outward,
            holding=frozenset(rule for rule, holds in holding.items() if holds),
            from_file=frozenset(from_file),
        )

    def from_file(self, key: Key) -> list[ActionRow]:
        """What was put into an invite, or sent to be pasted, from the user's file and stands; the newest first."""
        return self._of_file(key, OUT - {State.UNDONE}, (Effect.PATCH, Effect.MAIL))

    def refused_from_file(self, key: Key) -> list[ActionRow]:
        """What the user said no to, or took back, since something was written from their file last."""
        last = max((self._line(one, State.INTENDED) for one in self._of_file(key, OUT)), default=0)
        refused = self._of_file(key, {State.REJECTED, State.UNDONE})
        return [one for one in refused if self._line(one, one.state) > last]

    def _line(self, action: ActionRow, state: State) -> int:
        """The number of the line in which an action last came into a state; 0 if it never did."""
        query = "SELECT coalesce(max(seq), 0) FROM journal WHERE action = ? AND state = ?"
        return int(self.sql.execute(query, (action.id, state)).fetchone()[0])

    def supersede(self, key: Key, token: str, now: datetime) -> None:
        """Close the questions about another text of the same file."""
        for action in self._of_file(key, {State.PENDING}):
            if _token(action.mark) != token:
                self.advance(action, State.SKIPPED, now, "the file was changed since; what it says now is asked anew")

    def _of_file(
        self, key: Key, states: Collection[State], effects: Collection[Effect] = tuple(Effect)
    ) -> list[ActionRow]:
        found = self._select(
            "WHERE uid = ? AND recurrence_id = ? AND NOT observed AND reason LIKE 'agenda.file%' ORDER BY "
            "(SELECT max(seq) FROM journal WHERE action = actions.id AND journal.state = 'intended') DESC",
            *key,
        )
        return [one for one in found if one.from_file and one.state in states and Effect(one.effect) in effects]

    def ledger(self, policy: Policy, now: datetime, *, observed: bool, but: str = "") -> Ledger:
        """What was sent in the last two days, as the limits count it; one action may be left out."""
        zone: tzinfo = policy.me.zone_at(now) or UTC
        today = now.astimezone(zone).date()
        cancels, messages = 0, 0
        reached: dict[str, frozenset[Any]] = {}
        rows = self.sql.execute(
            "SELECT effect, state, recipients, coalesce(acted_at, decided_at) AS at FROM actions "
            "WHERE observed = ? AND at > ? AND id <> ?",
            (observed, stamp(now - timedelta(days=2)), but),
        )
        to_me: set[str] = set()
        for effect, state, recipients, at_text in rows:
            if state not in _COUNTED[observed] or effect == Effect.ASK:
                continue
            at, to = unstamp(at_text), json.loads(recipients)
            mine = bool(to) and all(map(policy.me.has, to))
            if at.astimezone(zone).date() == today:
                cancels += effect in (Effect.CANCEL, Effect.DECLINE)
                messages += 0 if mine and at_text in to_me else len(to)
            if mine:
                to_me.add(at_text)  # what one run tells the user travels together
            for email in to:
                day = at.astimezone(zone_of(email, policy, at)).date()
                person = person_key(email, policy)
                reached[person] = reached.get(person, frozenset()) | {day}
        return Ledger(cancels_today=cancels, messages_today=messages, reached=reached)

    def has_acted(self, account: str) -> bool:
        """Whether anything was ever done, or asked to be done, on this account."""
        query = "SELECT 1 FROM actions WHERE account = ? AND NOT observed AND state <> ? LIMIT 1"
        return self.sql.execute(query, (account, State.SKIPPED)).fetchone() is not None

    # decisions

    def record(
        self,
        decision: Decision,
        row: SessionRow,
        now: datetime,
        *,
        observed: bool,
        plan: Sequence[dict[str, Any]] = (),
        said: Message | None = None,
        drafted: Message | None = None,
        seen: str = "",
        slots: Sequence[tuple[datetime, datetime]] = (),
    ) -> tuple[ActionRow, bool]:
        """Write a decision down once. The second value says whether it is news."""
        step = decision.candidate.step
        key = idempotency_key(row, step, observed=observed)
        before = self.sql.execute(f"SELECT {_COLUMNS} FROM actions WHERE key = ?", (key,)).fetchone()  # noqa: S608
        known = _action(before) if before else None
        detail = decision.reason or step.why_ask
        if known is not None and (known.state, known.detail) == (State.SKIPPED, detail) == (decision.state, detail):
            self.sql.execute("UPDATE actions SET decided_at = ? WHERE id = ?", (stamp(now), known.id))  # still waits
            return replace(known, decided_at=now), False
        if known is not None and not _may_come_again(known, row):
            return known, False
        action = ActionRow(
            id=known.id if known else self._free_id(key),
            mark=known.mark if known else self._mark(row, step, observed=observed),
            observed=observed,
            account=row.account,
            calendar=row.calendar,
            event=row.id,
            key=row.key,
            rule=step.rule,
            reason=step.reason,
            rung=step.rung,
            action=step.action,
            effect=step.effect,
            state=decision.state,
            detail=detail,
            to=step.to,
            message=step.message,
            due=step.due,
            decided_at=now,
            meant=_meant(step),
            plan=tuple(plan),
            said=said,
            seen=seen,
            acted_at=None,
            undo=known.undo if known else None,  # what it wrote before its mail could not go
            revision=None,
            slots=tuple(slots),
            wish="",
            drafted=drafted,
        )
        self._put(action, key, series=step.series, outward=step.outward)
        self._note(action.id, action.state, action.detail, now)
        return action, True

    def _put(self, action: ActionRow, key: str, *, series: bool, outward: bool) -> None:
        meant = action.meant
        values = {
            "id": action.id, "key": key, "mark": action.mark, "observed": action.observed, "account": action.account,
            "calendar": action.calendar, "event": action.event, "uid": action.key[0], "recurrence_id": action.key[1],
            "series": series, "rule": action.rule, "reason": action.reason, "rung": action.rung,
            "action": action.action, "effect": action.effect, "state": action.state, "detail": action.detail,
            "recipients": to_json(action.to), "message": action.message, "due": stamp(action.due),
            "decided_at": stamp(action.decided_at), "outward": outward,
            "meant": to_json([meant.action, meant.effect, meant.to, meant.outward]) if meant else "",
            "plan": to_json(action.plan), "said": said_json(action.said), "seen": action.seen,
            "slots": to_json([[stamp(start), stamp(end)] for start, end in action.slots]),
            "drafted": said_json(action.drafted), "undo": action.undo.snapshot if action.undo else None,
        }  # fmt: skip
        self.sql.execute(
            f"INSERT OR REPLACE INTO actions ({', '.join(values)}) "  # noqa: S608 - names from above
            f"VALUES ({', '.join('?' * len(values))})",
            tuple(values.values()),
        )

    def _free_id(self, key: str) -> str:
        """Short enough to type, and no other action's."""
        digest = hashlib.sha256(key.encode()).hexdigest()
        taken = {i for (i,) in self.sql.execute("SELECT id FROM actions WHERE substr(id, 1, 8) = ?", (digest[:8],))}
        return next(digest[:length] for length in range(8, len(digest)) if digest[:length] not in taken)

    def _mark(self, row: SessionRow, step: Step, *, observed: bool) -> str:
        """Counted where people brought the event back to a state that it was in before."""
        state = "" if step.effect in OUTCOMES else row.fingerprint
        parts = (row.key[0], "*" if step.series else row.key[1], step.rule, step.rung, state)
        digest = step.token or hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
        query = "SELECT count(*) FROM actions WHERE observed = ? AND (mark = ? OR mark LIKE ? || '.%')"
        (times,) = self.sql.execute(query, (observed, digest, digest)).fetchone()
        return digest if times == 0 else f"{digest}.{times + 1}"

    def advance(self, action: ActionRow, state: State, now: datetime, detail: str = "", /, **columns: Any) -> ActionRow:
        """Bring an action into a state. `columns` are others of its columns, as they are stored."""
        columns |= {"state": state, "detail": detail}
        self.sql.execute(
            f"UPDATE actions SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?",  # noqa: S608
            (*columns.values(), action.id),
        )
        self._note(action.id, state, detail, now)
        self.sql.execute("INSERT OR IGNORE INTO unjudged VALUES (?)", (action.key[0],))  # its plan is another now
        return self.action(action.id)

    def _note(self, action: str, state: str, detail: str, now: datetime) -> None:
        self.sql.execute(
            "INSERT INTO journal (action, state, detail, at) VALUES (?, ?, ?, ?)", (action, state, detail, stamp(now))
        )

    def wish(self, action: ActionRow, what: str) -> None:
        """Leave word for whoever is at work on this state folder."""
        self.sql.execute("UPDATE actions SET wish = ? WHERE id = ?", (what, action.id))

    def reword(self, action: ActionRow, said: Message, now: datetime) -> ActionRow:
        """Say something in the user's own words; agendad's own put it back. What was asked and why stays."""
        own = action.drafted or action.said
        drafted = None if said == own else own
        self.sql.execute(
            "UPDATE actions SET said = ?, drafted = ? WHERE id = ?", (said_json(said), said_json(drafted), action.id)
        )
        self._note(action.id, action.state, "you edited its text" if drafted else "you took your own text back", now)
        return self.action(action.id)

    def kept_words(self, row: SessionRow, step: Step) -> Message | None:
        """The user's own words for a step that was asked about, and is planned anew as the event changed."""
        last = self._select(
            "WHERE uid = ? AND recurrence_id = ? AND rule = ? AND rung = ? AND NOT observed "
            "AND reason NOT LIKE 'agenda.file%' ORDER BY decided_at DESC, drafted <> '' DESC LIMIT 1",
            *(*row.key, step.rule, step.rung),
        )
        return last[0].said if last and last[0].edited and last[0].state in (State.SKIPPED, State.PENDING) else None

    # looking up

    def action(self, id_: str) -> ActionRow:
        """The action with this id.

        Raises:
            LookupError: there is none.
        """
        found = self._select("WHERE id = ?", id_)
        if not found:
            raise LookupError(id_)
        return found[0]

    def beginning_with(self, start: str) -> list[ActionRow]:
        """Actions whose id begins like this, or is this."""
        exact = self._select("WHERE id = ?", start)
        return exact or self._select("WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id", start)

    def in_state(self, *states: State) -> list[ActionRow]:
        """Of act and approve mode, the oldest first."""
        marks = ", ".join("?" * len(states))
        return self._select(f"WHERE state IN ({marks}) AND NOT observed ORDER BY decided_at, due, id", *states)

    def wished(self) -> list[ActionRow]:
        return self._select("WHERE wish <> '' ORDER BY decided_at, id")

    def actions(self, since: datetime) -> list[ActionRow]:
        """Actions decided since then (aware UTC), oldest first."""
        return self._select("WHERE decided_at >= ? ORDER BY decided_at, due, id", stamp(since))

    def news(self, after: int) -> list[ActionRow]:
        """Actions that came into another state after that line of the journal, oldest change first."""
        return self._select(
            "JOIN (SELECT action AS changed, max(seq) AS line FROM journal WHERE seq > ? GROUP BY action) "
            "ON changed = id ORDER BY line",
            after,
        )

    def last_number(self) -> int:
        """The newest line's number, 0 if there is none."""
        return int(self.sql.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()[0])

    def open_questions(self, now: datetime) -> list[ActionRow]:
        """What the user was asked about sessions that are still to come, in every mode."""
        return self._select(
            "a WHERE (state = ? OR (effect = ? AND state = ?)) AND EXISTS (SELECT 1 FROM sessions s "
            "WHERE s.uid = a.uid AND s.recurrence_id = a.recurrence_id AND s.end_at > ?) ORDER BY decided_at, due, id",
            State.PENDING,
            Effect.ASK,
            State.WOULD,
            stamp(now),
        )

    def moves_to_come(self) -> list[ActionRow]:
        """Sessions that are about to be moved, or will be after a yes: the time that they go to is promised."""
        states = (State.PENDING, State.APPROVED, State.PLANNED, State.INTENDED, State.SENT)
        asked = (one for one in self.in_state(*states) if one.slots)
        return [one for one in asked if Effect.MOVE in (one.effect, one.meant.effect if one.meant else None)]

    def moved(self, key: Key) -> tuple[frozenset[datetime], frozenset[datetime]]:
        """Where agendad has moved an occurrence to, and from where it was moved back: starts in aware UTC."""
        moves = self._select("WHERE uid = ? AND recurrence_id = ? AND effect = ?", *key, Effect.MOVE)
        out = [one for one in moves if one.slots and one.state in OUT and not one.observed]
        undone = (one for one in out if one.state is State.UNDONE)
        return frozenset(one.slots[0][0] for one in out), frozenset(one.slots[0][0] for one in undone)

    def actions_of(self, uid: str) -> list[ActionRow]:
        """Actions about one event or series, oldest first."""
        return self._select("WHERE uid = ? ORDER BY decided_at, due, id", uid)

    def states_of(self, action: ActionRow) -> list[Entry]:
        """Every state that an action was in, oldest first."""
        rows = self.sql.execute("SELECT state, detail, at FROM journal WHERE action = ? ORDER BY seq", (action.id,))
        return [Entry(action=action, state=State(state), detail=text, at=unstamp(at)) for state, text, at in rows]

    def knows(self, mark: str) -> bool:
        """Whether this journal remembers having put a mark on an event, or having been about to."""
        states = ", ".join("?" * len(OUT))
        query = (
            f"SELECT 1 FROM actions WHERE mark = ? AND state IN ({states}) "  # noqa: S608 - question marks
            "UNION ALL SELECT 1 FROM actions JOIN journal ON journal.action = actions.id "
            "WHERE mark = ? AND journal.state = ? "
            "UNION ALL SELECT 1 FROM adopted_marks WHERE mark = ?"
        )
        parameters = (mark, *sorted(OUT), mark, State.INTENDED, mark)
        return self.sql.execute(query, parameters).fetchone() is not None

    def adopt(self, marks: Iterable[str]) -> None:
        """Marks that this journal has no memory of, and the user says are all right."""
        self.sql.executemany("INSERT OR IGNORE INTO adopted_marks VALUES (?)", ((mark,) for mark in marks))

    def _select(self, where: str, *parameters: object) -> list[ActionRow]:
        rows = self.sql.execute(f"SELECT {_COLUMNS} FROM actions {where}", parameters)  # noqa: S608
        return list(map(_action, rows))


def idempotency_key(row: SessionRow, step: Step, *, observed: bool) -> str:
    """The same for the same step towards the same state of the event; an outcome's has no state in it.

    What observe mode would have done has a key of its own, so that act mode can still do it.
    """
    world = "observed" if observed else "done"
    if step.series:
        return "\n".join((world, row.key[0], "*", step.reason, step.rung, step.effect))
    state = "" if step.effect in OUTCOMES else step.token or f"{row.fingerprint}@{stamp(row.ladder_since)}"
    return "\n".join((world, *row.key, step.rule, step.rung, step.effect, state))


def _may_come_again(action: ActionRow, row: SessionRow) -> bool:
    """What did not happen can still happen, and a no holds until people change the event."""
    return action.state is State.SKIPPED or (action.state is State.REJECTED and action.decided_at < row.ladder_since)


def _meant(step: Step) -> Meant | None:
    """What a yes does: what was held back, or for a question of the ladder's own nothing."""
    asked = step.meant or (None if step.effect is Effect.ASK else step)
    if asked is None:
        return None
    return Meant(action=asked.action, effect=asked.effect, to=asked.to, outward=asked.outward)


def said_json(said: Message | None) -> str:
    """A text as the database has it."""
    if said is None:
        return ""
    shape = {"subject": said.subject, "body": said.body, "channel": said.channel, "language": said.language}
    return to_json(shape | ({"block": said.block} if said.block else {}))


def _message(text: str) -> Message | None:
    if not text:
        return None
    shape = json.loads(text)
    return Message(**shape | {"block": tuple(shape.get("block", ()))})


def _token(mark: str) -> str:
    """A mark without its count."""
    return mark.partition(".")[0]


def _action(row: Sequence[Any]) -> ActionRow:
    (id_, mark, observed, account, calendar, event, uid, recurrence_id, rule, reason, rung, action, effect) = row[:13]
    (state, detail, recipients, message, due, decided_at, meant, plan, said, seen) = row[13:23]
    acted_at, undo, revision, slots, wish, drafted = row[23:]
    return ActionRow(
        id=id_, mark=mark, observed=bool(observed), account=account, calendar=calendar, event=event,
        key=(uid, recurrence_id), rule=rule, reason=reason, rung=rung, action=action, effect=effect,
        state=State(state), detail=detail, to=tuple(json.loads(recipients)), message=message, due=unstamp(due),
        decided_at=unstamp(decided_at), meant=_read_meant(meant), plan=tuple(json.loads(plan)),
        said=_message(said), seen=seen,
        acted_at=unstamp(acted_at) if acted_at else None, undo=Undo(snapshot=undo) if undo else None,
        revision=revision, slots=tuple((unstamp(start), unstamp(end)) for start, end in json.loads(slots)), wish=wish,
        drafted=_message(drafted),
    )  # fmt: skip


def _read_meant(text: str) -> Meant | None:
    if not text:
        return None
    action, effect, to, outward = json.loads(text)
    return Meant(action=Action(action), effect=Effect(effect), to=tuple(to), outward=outward)
