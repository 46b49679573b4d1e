"""Calendars in the database: a pass over one calendar is staged, then taken in as a whole with its cursor.

Staging lives in temporary tables of the connection: memory stays flat, nobody waits for a slow calendar,
and a crash leaves nothing behind.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pydantic import TypeAdapter

from agendad.daemon.store import Store, stamp, to_json, unstamp
from agendad.providers.base import Page, Problem, Window
from agendad.providers.model import Event, EventTime, Sensitivity, Status, Transparency
from agendad.rules.limits import too_many_vanished

_CODEC = TypeAdapter(Event)

_STAGING = """
CREATE TEMP TABLE IF NOT EXISTS staged (
  id TEXT PRIMARY KEY, uid TEXT, recurrence_id TEXT, start_at TEXT, end_at TEXT, etag TEXT, payload BLOB, series TEXT
);
CREATE TEMP TABLE IF NOT EXISTS staged_complete (uid TEXT PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS staged_removed (id TEXT PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS gone (id TEXT PRIMARY KEY, end_at TEXT, uid TEXT);
DELETE FROM staged; DELETE FROM staged_complete; DELETE FROM staged_removed; DELETE FROM gone;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What a pass over one calendar brought."""

    changed: int = 0
    """Events that are new or different."""
    gone: int = 0
    vanished: int = 0
    """Of those gone, the ones that were still to come."""
    uids: frozenset[str] = frozenset()
    """Whose occurrences changed in any way."""
    refused: str = ""
    """Why nothing was taken in; "" if all was."""


def encode(event: Event) -> bytes:
    """The event without its etag, which changes when other events in the same file do."""
    return _CODEC.dump_json(replace(event, etag=""), exclude_defaults=True)


def decode(payload: bytes, etag: str = "") -> Event:
    event = _CODEC.validate_json(payload)
    return replace(event, etag=etag) if etag else event


def digest(event: Event) -> str:
    """A short SHA-256 of what the event says, in hexadecimal; the same whatever else changed in its file.

    Marks, stamps and links are left out: servers tell them in one reading and not, or differently, in another.
    """
    said = replace(event, marks=(), source="", created=None, modified=None, stamped=None)
    return hashlib.sha256(encode(said)).hexdigest()[:32]


def sortable(time: EventTime) -> datetime:
    """The instant; where there is none, the clock reading as if it were UTC."""
    return time.instant or time.wall.replace(tzinfo=UTC)


class CalendarStore:
    """Cursors, events and their history."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.sql = store.connection

    def cursor(self, account: str, calendar: str) -> str | None:
        row = self.sql.execute(
            "SELECT cursor FROM calendars WHERE account = ? AND calendar = ?", (account, calendar)
        ).fetchone()
        return row[0] if row else None

    def cursors(self, account: str) -> dict[str, str | None]:
        """Calendar → cursor, of those that have been read."""
        return dict(self.sql.execute("SELECT calendar, cursor FROM calendars WHERE account = ?", (account,)))

    def forget_others(self, accounts: Collection[str], now: datetime) -> frozenset[str]:
        """Drop what is known of accounts that are not in the configuration any more. Returns whose events went."""
        known = {account for (account,) in self.sql.execute("SELECT DISTINCT account FROM calendars")}
        uids: set[str] = set()
        for account in known - set(accounts):
            uids |= {uid for (uid,) in self.sql.execute("SELECT uid FROM events WHERE account = ?", (account,))}
            self.sql.execute(
                "INSERT INTO event_history SELECT account, calendar, id, uid, recurrence_id, payload, seen_at, ?, 1 "
                "FROM events WHERE account = ?",
                (stamp(now), account),
            )
            for table in ("events", "calendars", "accounts"):
                self.sql.execute(f"DELETE FROM {table} WHERE account = ?", (account,))  # noqa: S608 - three names
        self.to_judge(uids)
        return frozenset(uids)

    def take_in(
        self,
        account: str,
        calendar: str,
        pages: Iterable[Page],
        *,
        window: Window,
        now: datetime,
        max_vanished_percent: int,
    ) -> Intake:
        """Read every page, then take all in, cursor included, in one transaction.

        Args:
            account: whose pages these are.
            calendar: the calendar's id in the account.
            pages: from `CalendarProvider.changes`; errors pass through and leave everything as it was.
            window: the one the pages were asked for; what lies outside is not missed.
            now: aware UTC.
            max_vanished_percent: 100 or more takes any loss for true.
        """
        full, cursor, problems = self._stage(pages)
        with self.store.transaction():
            self._find_gone(account, calendar, window, full=full)
            vanished = self._count("SELECT count(*) FROM gone WHERE end_at > ?", stamp(now))
            if vanished and max_vanished_percent < 100:
                known = self._upcoming(account, calendar, now)
                if too_many_vanished(known, vanished, max_vanished_percent):
                    return Intake(vanished=vanished, refused=f"{vanished} of {known} upcoming events vanished at once")
            intake = self._apply(account, calendar, now, vanished)
            self.to_judge(intake.uids)
            self.sql.execute(
                "INSERT INTO calendars (account, calendar, cursor, synced_at, problems) "
                "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET cursor = excluded.cursor, "
                "synced_at = excluded.synced_at, problems = excluded.problems",
                (
                    account,
                    calendar,
                    cursor,
                    stamp(now),
                    _plain(problems),
                ),
            )
        return intake

    def _stage(self, pages: Iterable[Page]) -> tuple[bool, str | None, list[Problem]]:
        self.sql.executescript(_STAGING)
        full, cursor = False, None
        problems: list[Problem] = []
        for page in pages:
            full = full or page.full
            cursor = page.cursor
            problems += page.problems
            with self.store.transaction(immediate=False):
                self.sql.executemany(
                    "INSERT OR REPLACE INTO staged VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(_row, page.events)
                )
                self.sql.executemany("INSERT OR IGNORE INTO staged_complete VALUES (?)", ((u,) for u in page.complete))
                self.sql.executemany("INSERT OR IGNORE INTO staged_removed VALUES (?)", ((i,) for i in page.removed))
        if cursor is None:
            raise AssertionError("a pass ends with a page that carries the cursor")
        return full, cursor, problems

    def _find_gone(self, account: str, calendar: str, window: Window, *, full: bool) -> None:
        """What this pass was to tell and did not. Each way to be told of is looked up by its own index."""
        here, inside = (account, calendar), (stamp(window.start), stamp(window.end))
        insert = "INSERT OR IGNORE INTO gone SELECT e.id, e.end_at, e.uid "
        absent = "e.account = ? AND e.calendar = ? AND NOT EXISTS (SELECT 1 FROM staged s WHERE s.id = e.id) "
        # The few that were told of are gone through, and the many that are known looked up.
        told = "events e" if full else "staged_complete c CROSS JOIN events e INDEXED BY events_by_uid ON e.uid = c.uid"
        for source, more, values in (
            (told, "AND e.end_at > ? AND e.start_at < ?", inside),
            ("staged_removed r CROSS JOIN events e ON e.id = r.id", "", ()),
            ("staged_removed r CROSS JOIN events e ON e.series = r.id", "AND e.series <> ''", ()),
        ):
            self.sql.execute(f"{insert} FROM {source} WHERE {absent} {more}", (*here, *values))

    def _apply(self, account: str, calendar: str, now: datetime, vanished: int) -> Intake:
        here = (account, calendar)
        different = (
            "FROM staged s LEFT JOIN events e ON e.account = ? AND e.calendar = ? AND e.id = s.id "
            "WHERE e.id IS NULL OR e.payload <> s.payload"
        )
        uids = {uid for (uid,) in self.sql.execute(f"SELECT DISTINCT s.uid {different}", here)}
        changed = self._count(f"SELECT count(*) {different}", *here)
        uids |= {uid for (uid,) in self.sql.execute("SELECT DISTINCT uid FROM gone")}
        keep = (
            "INSERT INTO event_history SELECT account, calendar, e.id, e.uid, e.recurrence_id, e.payload, seen_at, ?, "
        )
        self.sql.execute(
            keep + "0 FROM staged s CROSS JOIN events e ON e.id = s.id "
            "WHERE e.account = ? AND e.calendar = ? AND e.payload <> s.payload",
            (stamp(now), *here),
        )
        self.sql.execute(
            keep + "1 FROM gone g CROSS JOIN events e ON e.id = g.id WHERE e.account = ? AND e.calendar = ?",
            (stamp(now), *here),
        )
        gone = self.sql.execute(
            "DELETE FROM events WHERE account = ? AND calendar = ? AND id IN (SELECT id FROM gone)", here
        ).rowcount
        self.sql.execute(
            "INSERT INTO events SELECT ?, ?, id, uid, recurrence_id, start_at, end_at, etag, payload, ?, series "
            "FROM staged WHERE 1 ON CONFLICT DO UPDATE SET uid = excluded.uid, "
            "recurrence_id = excluded.recurrence_id, start_at = excluded.start_at, end_at = excluded.end_at, "
            "etag = excluded.etag, payload = excluded.payload, series = excluded.series, "
            "seen_at = CASE WHEN payload = excluded.payload THEN seen_at ELSE excluded.seen_at END",
            (*here, stamp(now)),
        )
        return Intake(changed=changed, gone=gone, vanished=vanished, uids=frozenset(uids))

    def _upcoming(self, account: str, calendar: str, now: datetime) -> int:
        query = "SELECT count(*) FROM events WHERE account = ? AND calendar = ? AND end_at > ?"
        return self._count(query, account, calendar, stamp(now))

    def _count(self, query: str, *parameters: str) -> int:
        return int(self.sql.execute(query, parameters).fetchone()[0])

    def all_uids(self) -> frozenset[str]:
        return frozenset(uid for (uid,) in self.sql.execute("SELECT DISTINCT uid FROM events"))

    def with_past(self, uids: Collection[str], now: datetime) -> frozenset[str]:
        """Those of `uids` with an occurrence that has ended."""
        query, ended = "SELECT 1 FROM events WHERE uid = ? AND end_at <= ? LIMIT 1", stamp(now)
        return frozenset(uid for uid in uids if self.sql.execute(query, (uid, ended)).fetchone())

    def copies(self, uid: str) -> list[Event]:
        """Every occurrence of this UID in every calendar."""
        rows = self.sql.execute("SELECT payload, etag FROM events WHERE uid = ? ORDER BY start_at", (uid,))
        return [decode(payload, etag) for payload, etag in rows]

    def copy(self, account: str, calendar: str, id_: str) -> Event | None:
        """One copy of an occurrence as it was last read; None if it is gone."""
        row = self.sql.execute(
            "SELECT payload, etag FROM events WHERE account = ? AND calendar = ? AND id = ?", (account, calendar, id_)
        ).fetchone()
        return decode(*row) if row else None

    def last_copy(self, account: str, calendar: str, id_: str) -> Event | None:
        """The same, also of an occurrence that its calendar does not show any more; without an etag then."""
        if (event := self.copy(account, calendar, id_)) is not None:
            return event
        row = self.sql.execute(
            "SELECT payload FROM event_history WHERE account = ? AND calendar = ? AND id = ? "
            "ORDER BY until DESC LIMIT 1",
            (account, calendar, id_),
        ).fetchone()
        return decode(row[0]) if row else None

    def busy(self, start: datetime, end: datetime, *, but: str) -> list[tuple[datetime, datetime]]:
        """When the user's calendars are taken (aware UTC): timed, not cancelled, not transparent, of another UID."""
        rows = self.sql.execute(
            "SELECT payload FROM events WHERE uid <> ? AND end_at > ? AND start_at < ?", (but, stamp(start), stamp(end))
        )
        events = (decode(payload) for (payload,) in rows)
        return [
            (event.start.instant, event.end.instant)
            for event in events
            if event.start.instant is not None
            and event.end.instant is not None
            and event.status is not Status.CANCELLED
            and event.transparency is Transparency.OPAQUE
        ]

    def beside(self, event: Event) -> Iterator[Event]:
        """The events of other UIDs that overlap this one, in any calendar; none where its time is not certain."""
        start, end = event.start.instant, event.end.instant
        if start is None or end is None:
            return
        rows = self.sql.execute(
            "SELECT payload FROM events WHERE uid <> ? AND end_at > ? AND start_at < ?",
            (event.uid, stamp(start), stamp(end)),
        )
        for (payload,) in rows:
            yield decode(payload)

    def first_read(self, account: str, calendar: str) -> datetime | None:
        """The earliest time (aware UTC) at which anything in a calendar was seen that is still remembered."""
        return self._earliest("account = ? AND calendar = ?", account, calendar)

    def first_seen(self, event: Event) -> datetime | None:
        """When this copy was first seen (aware UTC)."""
        return self._earliest("account = ? AND calendar = ? AND id = ?", event.account, event.calendar, event.id)

    def _earliest(self, where: str, *values: str) -> datetime | None:
        tables = (f"SELECT min(seen_at) AS at FROM {table} WHERE {where}" for table in ("events", "event_history"))  # noqa: S608
        (at,) = self.sql.execute(f"SELECT min(at) FROM ({' UNION ALL '.join(tables)})", values * 2).fetchone()  # noqa: S608
        return unstamp(at) if at else None

    def marked(self, uids: Collection[str]) -> Iterator[Event]:
        """The copies of these UIDs that agendad, here or elsewhere, has written on."""
        for uid in uids:
            query = "SELECT payload, etag FROM events WHERE uid = ? AND instr(payload, CAST('\"marks\":' AS BLOB))"
            for payload, etag in self.sql.execute(query, (uid,)):
                yield decode(payload, etag)

    def unjudged(self) -> frozenset[str]:
        """UIDs of which something changed since they were judged, also before a crash."""
        return frozenset(uid for (uid,) in self.sql.execute("SELECT uid FROM unjudged"))

    def judged(self) -> None:
        """All of them have been."""
        self.sql.execute("DELETE FROM unjudged")

    def to_judge(self, uids: Iterable[str]) -> None:
        self.sql.executemany("INSERT OR IGNORE INTO unjudged VALUES (?)", ((uid,) for uid in uids))

    def search(self, wanted: str) -> list[Event]:
        """Occurrences by UID, by the start of a UID, or by words of the title, whichever fits first.

        Private titles are not searched.
        """
        query = "SELECT payload, etag FROM events WHERE "
        for where, value in (("uid = ?", wanted), ("substr(uid, 1, length(?1)) = ?1", wanted)):
            if found := [decode(*row) for row in self.sql.execute(query + where, (value,))]:
                return found
        events = (decode(*row) for row in self.sql.execute(query + "1"))
        folded = wanted.casefold()
        return [
            event for event in events if event.sensitivity is Sensitivity.PUBLIC and folded in event.title.casefold()
        ]

    def earlier(self, event: Event) -> Iterator[tuple[Event, str]]:
        """What this copy was before, oldest first, with the time it was first seen like that."""
        rows = self.sql.execute(
            "SELECT payload, seen_at FROM event_history WHERE uid = ? AND recurrence_id = ? "
            "AND account = ? AND calendar = ? ORDER BY until",
            (*event.key, event.account, event.calendar),
        )
        return ((decode(payload), seen_at) for payload, seen_at in rows)

    def seen_at(self, event: Event) -> str:
        row = self.sql.execute(
            "SELECT seen_at FROM events WHERE account = ? AND calendar = ? AND id = ?",
            (event.account, event.calendar, event.id),
        ).fetchone()
        return str(row[0])

    def problems(self, account: str) -> list[Problem]:
        rows = self.sql.execute("SELECT problems FROM calendars WHERE account = ? ORDER BY calendar", (account,))
        return [
            Problem(source, message, line, refused)
            for (text,) in rows
            for source, line, message, refused in json.loads(text)
        ]

    def count(self, account: str, since: datetime) -> int:
        """Events of the account that end after `since`."""
        return self._count("SELECT count(*) FROM events WHERE account = ? AND end_at > ?", account, stamp(since))


def _plain(problems: Iterable[Problem]) -> str:
    return to_json([[problem.source, problem.line, problem.message, problem.refused] for problem in problems])


def _row(event: Event) -> tuple[str, str, str, str, str, str, bytes, str]:
    return (
        event.id,
        event.uid,
        event.recurrence_id or "",
        stamp(sortable(event.start)),
        stamp(sortable(event.end)),
        event.etag,
        encode(event),
        event.series,
    )
