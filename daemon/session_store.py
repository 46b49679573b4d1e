"""Sessions in the database: verdicts, when violations were first seen, and the journal of actions."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from agendad.daemon.store import Store, stamp, to_json, unstamp
from agendad.rules.limits import Decision, Ledger, State, person_key, zone_of
from agendad.rules.plan import Standing, Step, Taken
from agendad.rules.policy import Action, Policy
from agendad.rules.roles import OUTCOMES, Effect

Key = tuple[str, str]
"""(UID, RECURRENCE-ID or "")."""

_COLUMNS = (
    "id, observed, account, uid, recurrence_id, rule, reason, rung, action, effect, state, detail, recipients, "
    "message, due, decided_at"
)
_TAKEN = {True: (State.WOULD,), False: (State.PENDING, State.PLANNED)}
"""The states that count as a step taken: in observe mode what would have been done, else what was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A judged session. Times are aware UTC. `verdict` is what the summary and `sessions` show."""

    key: Key
    account: str
    calendar: str
    id: str
    mentorship: str | None
    start: datetime
    end: datetime
    held: bool
    fingerprint: str
    ladder_since: datetime
    told_at: datetime | None
    look_at: datetime | None
    verdict: dict[str, Any]  # JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """A line of the journal. Times are aware UTC."""

    id: str
    observed: bool
    account: str
    key: Key
    rule: str
    reason: str
    rung: str
    action: str
    effect: str
    state: str
    detail: str
    to: tuple[str, ...]
    message: str
    due: datetime
    decided_at: datetime

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
        }


class SessionStore:
    """Reads and writes of sessions, violations and actions. Writes belong inside a transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.sql = store.connection

    # sessions

    def session(self, key: Key) -> SessionRow | None:
        row = self.sql.execute("SELECT * FROM sessions WHERE uid = ? AND recurrence_id = ?", key).fetchone()
        return _session(row) if row else None

    def upcoming(self, now: datetime, until: datetime | None = None) -> list[SessionRow]:
        """Sessions that are not over, by start."""
        rows = self.sql.execute(
            "SELECT * FROM sessions WHERE end_at > ? AND start_at < ? ORDER BY start_at, uid, recurrence_id",
            (stamp(now), stamp(until) if until else "9999"),
        )
        return list(map(_session, rows))

    def put(self, row: SessionRow) -> None:
        self.sql.execute(
            "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *row.key, row.account, row.calendar, row.id, row.mentorship, stamp(row.start), stamp(row.end),
                row.held, row.fingerprint, stamp(row.ladder_since), row.told_at and stamp(row.told_at),
                row.look_at and stamp(row.look_at), to_json(row.verdict),
            ),
        )  # fmt: skip

    def keep_only(self, uid: str, recurrence_ids: Iterable[str], now: datetime) -> None:
        """Forget the upcoming sessions of a UID that are no sessions (any more); past ones are memory."""
        kept = set(recurrence_ids)
        rows = self.sql.execute(
            "SELECT recurrence_id FROM sessions WHERE uid = ? AND end_at > ?", (uid, stamp(now))
        ).fetchall()
        for (recurrence_id,) in rows:
            if recurrence_id not in kept:
                for table in ("sessions", "violations"):
                    self.sql.execute(
                        f"DELETE FROM {table} WHERE uid = ? AND recurrence_id = ?",  # noqa: S608 - two names
                        (uid, recurrence_id),
                    )

    def to_look_at(self, now: datetime) -> frozenset[str]:
        """UIDs of sessions for which something is due, or which have ended."""
        rows = self.sql.execute("SELECT DISTINCT uid FROM sessions WHERE look_at <= ?", (stamp(now),))
        return frozenset(uid for (uid,) in rows)

    def met(self) -> frozenset[str]:
        """Names of mentorships with a session that was held."""
        rows = self.sql.execute("SELECT DISTINCT mentorship FROM sessions WHERE held AND mentorship IS NOT NULL")
        return frozenset(name for (name,) in rows)

    # violations

    def first_seen(self, key: Key, codes: Iterable[str], now: datetime) -> dict[str, datetime]:
        """When each violation was first seen: those that are gone are forgotten, new ones noted."""
        known = dict(
            self.sql.execute("SELECT code, first_seen FROM violations WHERE uid = ? AND recurrence_id = ?", key)
        )
        present = set(codes)
        for code in known.keys() - present:
            self.sql.execute("DELETE FROM violations WHERE uid = ? AND recurrence_id = ? AND code = ?", (*key, code))
        for code in present - known.keys():
            known[code] = stamp(now)
            self.sql.execute("INSERT INTO violations VALUES (?, ?, ?, ?)", (*key, code, known[code]))
        return {code: unstamp(known[code]) for code in present}

    # the journal

    def standing(self, row: SessionRow, first_seen: Mapping[str, datetime], *, observed: bool) -> Standing:
        """Where the occurrence stands on its ladders, its series' steps included."""
        rows = self.sql.execute(
            "SELECT recurrence_id, series, rule, rung, effect, state, decided_at, outward FROM actions "
            "WHERE uid = ? AND (recurrence_id = ? OR series) AND observed = ? ORDER BY decided_at",
            (*row.key, observed),
        ).fetchall()
        taken: list[Taken] = []
        outward: dict[str, int] = {}
        for recurrence_id, series, rule, rung, effect, state, decided_at, went_out in rows:
            if state not in _TAKEN[observed]:
                continue
            if went_out and recurrence_id == row.key[1]:
                outward[rule] = outward.get(rule, 0) + 1
            at = unstamp(decided_at)
            if series or at >= row.ladder_since or Effect(effect) in OUTCOMES:  # one outcome, whatever restarts
                taken.append(Taken(rule=rule, action=Action(rung), effect=Effect(effect), at=at, series=bool(series)))
        return Standing(first_seen=first_seen, taken=tuple(taken), told_at=row.told_at, outward_by_rule=outward)

    def ledger(self, policy: Policy, now: datetime, *, observed: bool) -> Ledger:
        """What was sent in the last two days, as the limits count it."""
        zone: tzinfo = policy.me.zone or UTC
        today = now.astimezone(zone).date()
        cancels, messages = 0, 0
        reached: dict[str, frozenset[Any]] = {}
        rows = self.sql.execute(
            "SELECT effect, state, recipients, decided_at FROM actions WHERE observed = ? AND decided_at > ?",
            (observed, stamp(now - timedelta(days=2))),
        )
        to_me: set[str] = set()
        for effect, state, recipients, decided_at in rows:
            if state not in _TAKEN[observed] or effect == Effect.ASK:
                continue
            at, to = unstamp(decided_at), json.loads(recipients)
            mine = all(map(policy.me.has, to))
            if at.astimezone(zone).date() == today:
                cancels += effect in (Effect.CANCEL, Effect.DECLINE)
                messages += 0 if mine and decided_at in to_me else len(to)
            if mine:
                to_me.add(decided_at)  # what one run tells the user travels together
            for email in to:
                day = at.astimezone(zone_of(email, policy)).date()
                person = person_key(email, policy)
                reached[person] = reached.get(person, frozenset()) | {day}
        return Ledger(cancels_today=cancels, messages_today=messages, reached=reached)

    def record(self, decision: Decision, row: SessionRow, now: datetime, *, observed: bool) -> tuple[ActionRow, bool]:
        """Write a decision down once. The second value says whether it is news."""
        step = decision.candidate.step
        key = idempotency_key(row, step, observed=observed)
        action = ActionRow(
            id=hashlib.sha256(key.encode()).hexdigest()[:8],
            observed=observed,
            account=row.account,
            key=row.key,
            rule=step.rule,
            reason=step.reason,
            rung=step.rung,
            action=step.action,
            effect=step.effect,
            state=decision.state,
            detail=decision.reason or step.why_ask,
            to=step.to,
            message=step.message,
            due=step.due,
            decided_at=now,
        )
        before = self.sql.execute("SELECT state, detail FROM actions WHERE key = ?", (key,)).fetchone()
        if before == (State.SKIPPED, action.detail) and action.state == State.SKIPPED:
            self.sql.execute("UPDATE actions SET decided_at = ? WHERE key = ?", (stamp(now), key))  # it still waits
            return action, False
        if before is not None and before[0] != State.SKIPPED:
            return action, False
        self.sql.execute(
            "INSERT OR REPLACE INTO actions VALUES "
            "(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                action.id, key, observed, action.account, *action.key, step.series, action.rule,
                action.reason, action.rung, action.action, action.effect, action.state, action.detail,
                to_json(action.to), action.message, stamp(action.due), stamp(now), step.outward,
            ),
        )  # fmt: skip
        return action, True

    def actions(self, since: datetime) -> list[ActionRow]:
        """Journal lines decided since then (aware UTC), oldest first."""
        query = f"SELECT {_COLUMNS} FROM actions WHERE decided_at >= ? ORDER BY decided_at, due, id"  # noqa: S608
        return list(map(_action, self.sql.execute(query, (stamp(since),))))

    def news(self, after: int) -> list[ActionRow]:
        """Journal lines written after the one with this number, oldest first."""
        query = f"SELECT {_COLUMNS} FROM actions WHERE seq > ? ORDER BY seq"  # noqa: S608
        return list(map(_action, self.sql.execute(query, (after,))))

    def last_number(self) -> int:
        """The newest journal line's number, 0 if there is none."""
        return int(self.sql.execute("SELECT coalesce(max(seq), 0) FROM actions").fetchone()[0])

    def open_questions(self, now: datetime) -> list[ActionRow]:
        """What the user was asked about sessions that are still to come."""
        query = (
            f"SELECT {_COLUMNS} FROM actions a WHERE effect = ? AND state <> ? AND EXISTS "  # noqa: S608
            "(SELECT 1 FROM sessions s WHERE s.uid = a.uid AND s.recurrence_id = a.recurrence_id AND s.end_at > ?) "
            "ORDER BY seq"
        )
        return list(map(_action, self.sql.execute(query, (Effect.ASK, State.SKIPPED, stamp(now)))))

    def actions_of(self, uid: str) -> list[ActionRow]:
        """Journal lines about one event or series, oldest first."""
        query = f"SELECT {_COLUMNS} FROM actions WHERE uid = ? ORDER BY decided_at, due, id"  # noqa: S608
        return list(map(_action, self.sql.execute(query, (uid,))))


def idempotency_key(row: SessionRow, step: Step, *, observed: bool) -> str:
    """The same for the same step towards the same state of the event; an outcome's has no state in it.

    What observe mode would have done has a key of its own, so that act mode can still do it.
    """
    world = "observed" if observed else "done"
    if step.series:
        return "\n".join((world, row.key[0], "*", step.reason, step.rung, step.effect))
    state = "" if step.effect in OUTCOMES else f"{row.fingerprint}@{stamp(row.ladder_since)}"
    return "\n".join((world, *row.key, step.rule, step.rung, step.effect, state))


def _session(row: Sequence[Any]) -> SessionRow:
    (uid, recurrence_id, account, calendar, id_, mentorship, start, end, held, fingerprint) = row[:10]
    since, told_at, look_at, verdict = row[10:]
    return SessionRow(
        key=(uid, recurrence_id), account=account, calendar=calendar, id=id_, mentorship=mentorship,
        start=unstamp(start), end=unstamp(end), held=bool(held), fingerprint=fingerprint,
        ladder_since=unstamp(since), told_at=unstamp(told_at) if told_at else None,
        look_at=unstamp(look_at) if look_at else None, verdict=json.loads(verdict),
    )  # fmt: skip


def _action(row: Sequence[Any]) -> ActionRow:
    (id_, observed, account, uid, recurrence_id, rule, reason, rung, action, effect, state, detail) = row[:12]
    recipients, message, due, decided_at = row[12:]
    return ActionRow(
        id=id_, observed=bool(observed), account=account, key=(uid, recurrence_id), rule=rule, reason=reason,
        rung=rung, action=action, effect=effect, state=state, detail=detail, to=tuple(json.loads(recipients)),
        message=message, due=unstamp(due), decided_at=unstamp(decided_at),
    )  # fmt: skip
