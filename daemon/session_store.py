"""Sessions in the database: their verdicts, and when violations were first seen."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agendad.daemon.store import Store, stamp, to_json, unstamp
from agendad.rules.relationship import Meeting

Key = tuple[str, str]
"""(UID, RECURRENCE-ID or "")."""


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
    """When a plan first had a cancellation in it: in observe mode that is being told."""
    warned_at: datetime | None
    """When a summary that went out told the user of the cancellation to come."""
    look_at: datetime | None
    verdict: dict[str, Any]  # JSON


class SessionStore:
    """Reads and writes of sessions and violations. Writes belong inside a transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.sql = store.connection

    # sessions

    def session(self, key: Key) -> SessionRow | None:
        row = self.sql.execute("SELECT * FROM sessions WHERE uid = ? AND recurrence_id = ?", key).fetchone()
        return _session(row) if row else None

    def to_come(self, key: Key, now: datetime) -> SessionRow | None:
        """The session, unless it is over."""
        row = self.session(key)
        return row if row is not None and row.end > now else None

    def of(self, uids: Iterable[str], now: datetime) -> Iterator[SessionRow]:
        """The sessions of these UIDs that are not over."""
        for uid in uids:
            yield from map(
                _session, self.sql.execute("SELECT * FROM sessions WHERE uid = ? AND end_at > ?", (uid, stamp(now)))
            )

    def upcoming(self, now: datetime, until: datetime | None = None) -> list[SessionRow]:
        """Sessions that are not over, by start."""
        rows = self.sql.execute(
            "SELECT * FROM sessions WHERE end_at > ? AND start_at < ? ORDER BY start_at, uid, recurrence_id",
            (stamp(now), stamp(until) if until else "9999"),
        )
        return list(map(_session, rows))

    def put(self, row: SessionRow) -> None:
        self.sql.execute(
            "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *row.key, row.account, row.calendar, row.id, row.mentorship, stamp(row.start), stamp(row.end),
                row.held, row.fingerprint, stamp(row.ladder_since), row.told_at and stamp(row.told_at),
                row.look_at and stamp(row.look_at), to_json(row.verdict), row.warned_at and stamp(row.warned_at),
            ),
        )  # fmt: skip

    def warned(self, keys: Iterable[Key], now: datetime) -> None:
        """The user has been told what will be cancelled."""
        self.sql.executemany(
            "UPDATE sessions SET warned_at = coalesce(warned_at, ?) WHERE uid = ? AND recurrence_id = ?",
            ((stamp(now), *key) for key in keys),
        )

    def written(self, key: Key, fingerprint: str) -> None:
        """What agendad itself wrote is no human change."""
        self.sql.execute("UPDATE sessions SET fingerprint = ? WHERE uid = ? AND recurrence_id = ?", (fingerprint, *key))

    def keep_only(self, uid: str, recurrence_ids: Iterable[str], now: datetime) -> None:
        """Forget the upcoming sessions of a UID that are no sessions (any more); past ones are memory."""
        kept = set(recurrence_ids)
        self.sql.execute(
            "UPDATE sessions SET look_at = NULL WHERE uid = ? AND end_at <= ? AND look_at IS NOT NULL",
            (uid, stamp(now)),
        )
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

    def unwarned(self, now: datetime) -> list[SessionRow]:
        """Sessions that are not over and are to be cancelled, of which the user has not heard."""
        query = "SELECT * FROM sessions WHERE told_at IS NOT NULL AND warned_at IS NULL AND end_at > ?"
        return list(map(_session, self.sql.execute(query, (stamp(now),))))

    def next_look(self, after: datetime) -> datetime | None:
        """When the next thing is due after that (aware UTC)."""
        row = self.sql.execute("SELECT min(look_at) FROM sessions WHERE look_at > ?", (stamp(after),)).fetchone()
        return unstamp(row[0]) if row[0] else None

    def next_send(self, now: datetime) -> datetime | None:
        """When the first of what is due and waits, as for the recipients' morning, may go (aware UTC)."""
        rows = self.sql.execute(
            "SELECT verdict FROM sessions WHERE look_at <= ? AND end_at > ?", (stamp(now), stamp(now))
        )
        sends = (unstamp(step["sends"]) for (verdict,) in rows for step in json.loads(verdict).get("plan", ()))
        return min((at for at in sends if at > now), default=None)

    def meetings(self, now: datetime) -> dict[str, list[Meeting]]:
        """By mentorship, its sessions that have a certain time and were held or are to come, by start."""
        rows = self.sql.execute(
            "SELECT mentorship, uid, recurrence_id, start_at, end_at, held FROM sessions "
            "WHERE mentorship IS NOT NULL AND json_extract(verdict, '$.start') IS NOT NULL "
            "AND (held OR (end_at > ? AND coalesce(json_extract(verdict, '$.declined'), 0) = 0)) ORDER BY start_at",
            (stamp(now),),
        )
        found: dict[str, list[Meeting]] = {}
        for pair, uid, recurrence_id, start, end, held in rows:
            one = Meeting(start=unstamp(start), end=unstamp(end), uid=uid, recurrence_id=recurrence_id, held=bool(held))
            found.setdefault(pair, []).append(one)
        return found

    def to_come_of(self, mentorship: str, now: datetime) -> frozenset[str]:
        """UIDs of a pair's sessions that are not over."""
        rows = self.sql.execute(
            "SELECT DISTINCT uid FROM sessions WHERE mentorship = ? AND end_at > ?", (mentorship, stamp(now))
        )
        return frozenset(uid for (uid,) in rows)

    def beside_changes(self, now: datetime) -> frozenset[str]:
        """UIDs of sessions to come whose time something that has changed falls into, or may have left."""
        rows = self.sql.execute(
            "SELECT DISTINCT uid FROM sessions WHERE end_at > ?1 AND EXISTS (SELECT 1 FROM unjudged) AND ("
            "instr(verdict, '\"conflict.') OR EXISTS (SELECT 1 FROM unjudged JOIN events USING (uid) "
            "WHERE events.start_at < sessions.end_at AND events.end_at > sessions.start_at))",
            (stamp(now),),
        )
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


def _session(row: Sequence[Any]) -> SessionRow:
    (uid, recurrence_id, account, calendar, id_, mentorship, start, end, held, fingerprint) = row[:10]
    since, told_at, look_at, verdict, warned_at = row[10:]
    return SessionRow(
        key=(uid, recurrence_id), account=account, calendar=calendar, id=id_, mentorship=mentorship,
        start=unstamp(start), end=unstamp(end), held=bool(held), fingerprint=fingerprint,
        ladder_since=unstamp(since), told_at=unstamp(told_at) if told_at else None,
        warned_at=unstamp(warned_at) if warned_at else None,
        look_at=unstamp(look_at) if look_at else None, verdict=json.loads(verdict),
    )  # fmt: skip
