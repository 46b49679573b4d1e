"""The state folder's database: SQLite in WAL mode, one writer, migrations from the first day.

Times are stored as RFC 3339 text in UTC to the second, which sorts as it reads. `events` holds each
occurrence as it stands, `event_history` every state that it was in before.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

DATABASE = "agendad.db"

_VERSION_1 = """
CREATE TABLE installation (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE calendars (
  account TEXT NOT NULL, calendar TEXT NOT NULL,
  cursor TEXT, synced_at TEXT, problems TEXT NOT NULL DEFAULT '[]', hold TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (account, calendar)
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  account TEXT PRIMARY KEY, tried_at TEXT NOT NULL, error TEXT NOT NULL, held TEXT NOT NULL, vanished INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  account TEXT NOT NULL, calendar TEXT NOT NULL, id TEXT NOT NULL,
  uid TEXT NOT NULL, recurrence_id TEXT NOT NULL,
  start_at TEXT NOT NULL, end_at TEXT NOT NULL,
  etag TEXT NOT NULL, payload BLOB NOT NULL, seen_at TEXT NOT NULL,
  PRIMARY KEY (account, calendar, id)
) STRICT;
CREATE INDEX events_by_uid ON events (uid, recurrence_id);
CREATE INDEX events_by_end ON events (end_at);

CREATE TABLE event_history (
  account TEXT NOT NULL, calendar TEXT NOT NULL, id TEXT NOT NULL,
  uid TEXT NOT NULL, recurrence_id TEXT NOT NULL,
  payload BLOB NOT NULL, seen_at TEXT NOT NULL, until TEXT NOT NULL, gone INTEGER NOT NULL
) STRICT;
CREATE INDEX event_history_by_uid ON event_history (uid, recurrence_id, until);

CREATE TABLE sessions (
  uid TEXT NOT NULL, recurrence_id TEXT NOT NULL,
  account TEXT NOT NULL, calendar TEXT NOT NULL, id TEXT NOT NULL,
  mentorship TEXT, start_at TEXT NOT NULL, end_at TEXT NOT NULL, held INTEGER NOT NULL,
  fingerprint TEXT NOT NULL, ladder_since TEXT NOT NULL, told_at TEXT, look_at TEXT,
  verdict TEXT NOT NULL,
  PRIMARY KEY (uid, recurrence_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_to_look_at ON sessions (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX sessions_by_end ON sessions (end_at);
CREATE INDEX sessions_held ON sessions (mentorship) WHERE held;

CREATE TABLE violations (
  uid TEXT NOT NULL, recurrence_id TEXT NOT NULL, code TEXT NOT NULL, first_seen TEXT NOT NULL,
  PRIMARY KEY (uid, recurrence_id, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE actions (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL UNIQUE, observed INTEGER NOT NULL,
  account TEXT NOT NULL, uid TEXT NOT NULL, recurrence_id TEXT NOT NULL, series INTEGER NOT NULL,
  rule TEXT NOT NULL, reason TEXT NOT NULL, rung TEXT NOT NULL, action TEXT NOT NULL, effect TEXT NOT NULL,
  state TEXT NOT NULL, detail TEXT NOT NULL, recipients TEXT NOT NULL, message TEXT NOT NULL,
  due TEXT NOT NULL, decided_at TEXT NOT NULL, outward INTEGER NOT NULL
) STRICT;
CREATE INDEX actions_by_uid ON actions (uid, recurrence_id);
CREATE TABLE pauses (target TEXT PRIMARY KEY, since TEXT NOT NULL, until TEXT) STRICT, WITHOUT ROWID;

CREATE INDEX actions_by_time ON actions (decided_at);
"""

_VERSION_2 = """
ALTER TABLE sessions ADD COLUMN warned_at TEXT;
ALTER TABLE actions RENAME TO observed_actions;
DROP INDEX actions_by_uid;
DROP INDEX actions_by_time;

CREATE TABLE unjudged (uid TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE actions (
  id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, mark TEXT NOT NULL, observed INTEGER NOT NULL,
  account TEXT NOT NULL, calendar TEXT NOT NULL, event TEXT NOT NULL,
  uid TEXT NOT NULL, recurrence_id TEXT NOT NULL, series INTEGER NOT NULL,
  rule TEXT NOT NULL, reason TEXT NOT NULL, rung TEXT NOT NULL, action TEXT NOT NULL, effect TEXT NOT NULL,
  state TEXT NOT NULL, detail TEXT NOT NULL, recipients TEXT NOT NULL, message TEXT NOT NULL,
  due TEXT NOT NULL, decided_at TEXT NOT NULL, outward INTEGER NOT NULL,
  meant TEXT NOT NULL, plan TEXT NOT NULL, said TEXT NOT NULL, seen TEXT NOT NULL,
  acted_at TEXT, undo TEXT, revision INTEGER, slots TEXT NOT NULL, wish TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX actions_by_uid ON actions (uid, recurrence_id);
CREATE INDEX actions_by_time ON actions (decided_at);
CREATE INDEX actions_by_state ON actions (state);
CREATE INDEX actions_by_mark ON actions (mark);

CREATE TABLE journal (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  action TEXT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
CREATE INDEX journal_by_action ON journal (action, seq);

CREATE TABLE outbox (
  message_id TEXT PRIMARY KEY, action TEXT NOT NULL, recipient TEXT NOT NULL, content BLOB NOT NULL,
  state TEXT NOT NULL, detail TEXT NOT NULL, queued_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_by_action ON outbox (action);
CREATE INDEX outbox_open ON outbox (state) WHERE state IN ('queued', 'sending');

CREATE TABLE adopted_marks (mark TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

INSERT INTO actions (
  id, key, mark, observed, account, calendar, event, uid, recurrence_id, series, rule, reason, rung, action, effect,
  state, detail, recipients, message, due, decided_at, outward, meant, plan, said, seen, slots
) SELECT
  id, key, '', observed, account, '', '', uid, recurrence_id, series, rule, reason, rung, action, effect,
  state, detail, recipients, message, due, decided_at, outward, '', '[]', '', '', '[]'
FROM observed_actions;
INSERT INTO journal (action, state, detail, at)
  SELECT id, state, detail, decided_at FROM observed_actions ORDER BY observed_actions.seq;
UPDATE installation SET value = (
  SELECT count(*) FROM observed_actions WHERE observed_actions.seq <= CAST(installation.value AS INTEGER)
) WHERE key = 'summary_sent_up_to';
DROP TABLE observed_actions
"""

_VERSION_3 = """
ALTER TABLE events ADD COLUMN series TEXT NOT NULL DEFAULT '';
CREATE INDEX events_by_series ON events (account, calendar, series) WHERE series <> '';
CREATE INDEX event_history_by_id ON event_history (account, calendar, id)
"""

_VERSION_4 = """
ALTER TABLE outbox ADD COLUMN handed_at TEXT NOT NULL DEFAULT ''
"""

_VERSION_5 = """
ALTER TABLE actions ADD COLUMN drafted TEXT NOT NULL DEFAULT '';
ALTER TABLE pauses RENAME TO pauses_by_name;
CREATE TABLE pauses (
  kind TEXT NOT NULL, target TEXT NOT NULL, recurrence_id TEXT NOT NULL DEFAULT '', label TEXT NOT NULL DEFAULT '',
  since TEXT NOT NULL, until TEXT, because TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (kind, target, recurrence_id)
) STRICT, WITHOUT ROWID;
INSERT INTO pauses (kind, target, since, until) SELECT
  CASE WHEN target = '*' THEN 'everything' WHEN instr(target, '@') THEN 'person' ELSE 'mentorship' END,
  target, since, until
FROM pauses_by_name;
DROP TABLE pauses_by_name
"""

_VERSION_6 = """
CREATE INDEX sessions_by_pair ON sessions (mentorship, start_at) WHERE mentorship IS NOT NULL;
CREATE TABLE others_taken (
  account TEXT NOT NULL, email TEXT NOT NULL, start_at TEXT NOT NULL, end_at TEXT NOT NULL,
  PRIMARY KEY (account, email, start_at, end_at)
) STRICT, WITHOUT ROWID
"""

MIGRATIONS = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5, _VERSION_6)
"""Applied in order; `PRAGMA user_version` is the number of those that were."""


class StateError(Exception):
    """The state folder or its database cannot be used. The message says what to do."""


def stamp(instant: datetime) -> str:
    """An aware time as it is stored.

    >>> from datetime import timedelta, timezone
    >>> stamp(datetime(2026, 12, 1, 9, 30, tzinfo=timezone(timedelta(hours=-5))))
    '2026-12-01T14:30:00Z'
    """
    # not strftime, which leaves years before 1000 without their zeros
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def unstamp(text: str) -> datetime:
    """The inverse of `stamp`; aware UTC."""
    return datetime.fromisoformat(text)


class Store:
    """An open database. One thread a store; close it when done."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self.connection = connection
        self.path = path

    @classmethod
    def open(cls, folder: Path) -> "Store":
        """Open or create the database in the state folder, brought to the newest schema.

        Raises:
            StateError: the folder cannot be written, the file is no database, or a newer agendad wrote it.
        """
        path = folder / DATABASE
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            store = cls(_connect(os.fspath(path)), path)
        except (OSError, sqlite3.Error) as error:
            raise StateError(_cannot_use(path, error)) from error
        try:
            store.migrate()
        except sqlite3.Error as error:
            store.close()
            raise StateError(_cannot_use(path, error)) from error
        except StateError:
            store.close()
            raise
        return store

    @classmethod
    def look(cls, folder: Path) -> "Store":
        """Open what there is for reading alone: nothing is made, mended or brought to a newer schema.

        Raises:
            StateError: there is none, it is damaged, or it has another schema.
        """
        path = folder / DATABASE
        try:
            connection = sqlite3.connect(f"file:{quote(os.fspath(path))}?mode=ro", uri=True, timeout=2)
        except sqlite3.Error as error:
            raise StateError(_cannot_use(path, error)) from error
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            connection.close()
            raise StateError(_cannot_use(path, error)) from error
        if version != len(MIGRATIONS):
            connection.close()
            raise StateError(_another_schema(path, version))
        return cls(connection, path)

    @classmethod
    def in_memory(cls) -> "Store":
        """A database that is gone when it is closed."""
        store = cls(_connect(":memory:"), None)
        store.migrate()
        return store

    def scratch_copy(self) -> "Store":
        """The same content in memory, for a run that leaves no trace."""
        copy = Store(_connect(":memory:"), None)
        self.connection.backup(copy.connection)
        return copy

    def close(self) -> None:
        self.connection.close()

    def migrate(self) -> None:
        """Bring the schema up to date, one transaction a version."""
        (version,) = self.connection.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise StateError(_another_schema(self.path, version))
        for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
            with self.transaction():
                for statement in script.split(";\n"):
                    self.connection.execute(statement)
                self.connection.execute(f"PRAGMA user_version = {number}")

    @contextmanager
    def transaction(self, *, immediate: bool = True) -> Iterator[None]:
        """All or nothing. Takes the write lock at once: nothing is decided on what another changes.

        `immediate=False` takes no lock before it is needed, for what is only staged.
        """
        self.connection.execute("BEGIN IMMEDIATE" if immediate else "BEGIN")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:  # a disk that is full or broken has rolled it back already
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def remembered(self, key: str) -> str | None:
        """A fact about the installation as a whole."""
        row = self.connection.execute("SELECT value FROM installation WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def remember(self, key: str, value: str) -> None:
        self.connection.execute("INSERT OR REPLACE INTO installation VALUES (?, ?)", (key, value))


def _connect(target: str) -> sqlite3.Connection:
    connection = sqlite3.connect(target, isolation_level=None, timeout=10)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = FILE")  # what is staged must not grow the process
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _another_schema(path: Path | None, version: int) -> str:
    if version < len(MIGRATIONS):
        return (
            f"{path} was written by an older agendad. Nothing was changed. The next `agendad run` brings it up to date."
        )
    return (
        f"{path} was written by a newer agendad (schema {version}, this one knows {len(MIGRATIONS)}). Nothing was "
        "changed. Install the newer version again, or name another folder with --state-dir."
    )


def _cannot_use(path: Path, error: Exception) -> str:
    return (
        f"the database {path} cannot be used: {error}. Nothing was read or changed. Check that the "
        "folder is yours and the disk not full, restore the file from a backup, or name another folder with "
        "--state-dir."
    )


def to_json(value: Any) -> str:  # whatever JSON takes
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
