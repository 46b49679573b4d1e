"""Databases that earlier schemas left behind, as those versions wrote them: `schemas/N.sql`, with the calendar of then
in `schemas/N`. A mail was sent, holds stand in the calendar, a question waits, and three pauses are in force."""

import argparse
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agendad.daemon.context import open_context
from agendad.daemon.journal import Journal
from agendad.daemon.passes import one_pass
from agendad.daemon.pauses import Kind, Pauses, Target
from agendad.daemon.store import DATABASE, MIGRATIONS, StateError, Store
from agendad.rules.limits import OUT

SCHEMAS = Path(__file__).parent / "schemas"
EARLIER = range(1, len(MIGRATIONS))
NEWEST = max(EARLIER)
LATER = "2026-12-02T08:45:00-05:00"
"""Five minutes after the last of what was remembered."""
CONFIG = """\
version: 1
mode: act
me: {name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}
accounts:
  - {name: home, provider: ics, path: calendar}
mentorships:
  - name: grace-ada
    mentor: {name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}
    mentee: me
    met: true
mail: {transport: file, from: grace@example.org, path: outbox}
"""


@pytest.fixture
def remembered(tmp_path, monkeypatch):
    """A folder as that schema's agendad left it, and what a command starts from there."""
    monkeypatch.setenv("AGENDAD_NOW", LATER)

    def made(number):
        (tmp_path / "state").mkdir()
        with closing(sqlite3.connect(tmp_path / "state" / DATABASE)) as connection:
            connection.executescript((SCHEMAS / f"{number}.sql").read_text("utf-8"))
        shutil.copytree(SCHEMAS / str(number), tmp_path / "calendar")
        (tmp_path / "agendad.yaml").write_text(CONFIG, "utf-8")
        return open_context(argparse.Namespace(config=tmp_path / "agendad.yaml", state_dir=tmp_path / "state"))

    return made


def tables(connection):
    """Table → its rows, each by column."""
    connection.row_factory = sqlite3.Row
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    content = {name: list(map(dict, connection.execute(f"SELECT * FROM {name}"))) for name in names}  # noqa: S608
    connection.row_factory = None
    return content


def schema(connection):
    return sorted(sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master") if sql)


def only(columns, rows):
    return Counter(tuple(row[column] for column in sorted(columns)) for row in rows)


def outbox(context):
    return sorted(path.name for path in (context.state_dir.parent / "outbox").glob("*"))


def test_every_earlier_schema_has_its_database():
    assert sorted(int(path.stem) for path in SCHEMAS.glob("*.sql")) == list(EARLIER)


@pytest.mark.parametrize("number", EARLIER)
def test_released_migrations_still_make_what_they_made_then(remembered, number):
    context = remembered(number)
    with closing(sqlite3.connect(":memory:")) as now, closing(sqlite3.connect(context.state_dir / DATABASE)) as then:
        for script in MIGRATIONS[:number]:
            now.executescript(script)
        assert schema(now) == schema(then)


@pytest.mark.parametrize("number", EARLIER)
def test_everything_that_was_remembered_is_there(remembered, number):
    context = remembered(number)
    with closing(sqlite3.connect(context.state_dir / DATABASE)) as connection:
        before = tables(connection)
    with closing(Store.open(context.state_dir)) as store:
        after = tables(store.connection)
        with closing(Store.in_memory()) as new:
            assert schema(store.connection) == schema(new.connection)
    assert all(before[name] for name in ("events", "event_history", "sessions", "violations", "actions", "pauses"))
    for name in before.keys() - {"sqlite_sequence", "pauses", "installation"}:
        kept = before[name][0].keys() & after[name][0].keys() if before[name] else set()
        assert only(kept, after[name]) == only(kept, before[name]), name
        assert kept or not after[name]
    assert {row["key"] for row in before["installation"]} == {row["key"] for row in after["installation"]}
    assert only({"since", "until"}, after["pauses"]) == only({"since", "until"}, before["pauses"])
    kinds = {"*": "everything", "ada@example.com": "person", "grace-ada": "mentorship"}
    assert {row["target"]: row["kind"] for row in after["pauses"]} == kinds


@pytest.mark.parametrize("number", EARLIER)
def test_pass_after_the_upgrade_works_and_respects_the_pauses(remembered, number):
    context = remembered(number)
    with closing(Store.open(context.state_dir)) as store:
        journal = Journal(store)
        before = {action.id: action.state for action in journal.actions(datetime(2026, 1, 1, tzinfo=UTC))}
        report = one_pass(context, store)
        assert report.ok, report.accounts
        assert not [action for action in report.news if action.state in OUT]
        after = {action.id: action.state for action in journal.actions(datetime(2026, 1, 1, tzinfo=UTC))}
    assert before.items() <= after.items()
    assert outbox(context) == []


@pytest.mark.parametrize("number", [number for number in EARLIER if number > 1])
def test_nothing_that_was_done_before_the_upgrade_is_done_again(remembered, number):
    context = remembered(number)
    with closing(Store.open(context.state_dir)) as store:
        done = {
            (action.key, action.rule, action.rung)
            for action in Journal(store).actions(datetime(2026, 1, 1, tzinfo=UTC))
        }
        Pauses(store).lift(Target(kind=Kind.EVERYTHING))
        report = one_pass(context, store)
        assert report.ok
        assert not [one for one in report.news if one.state in OUT and (one.key, one.rule, one.rung) in done]
    assert outbox(context) == []


def test_installation_keeps_its_name_on_what_it_writes(remembered):
    context = remembered(NEWEST)
    with closing(Store.open(context.state_dir)) as store:
        name = Journal(store).installation
    assert f"@{name}" in (context.state_dir.parent / "calendar" / "one.ics").read_text("utf-8")


def test_newer_schema_is_refused_and_left_as_it_is(remembered):
    context = remembered(NEWEST)
    path = context.state_dir / DATABASE
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with closing(sqlite3.connect(path)) as connection:
        before = list(connection.iterdump())
    with pytest.raises(StateError, match=r"newer agendad .*Nothing was changed\. Install the newer version again"):
        Store.open(context.state_dir)
    with closing(sqlite3.connect(path)) as connection:
        assert list(connection.iterdump()) == before


@pytest.mark.parametrize("left", [50, 1000, 4096, 0.5, 0.95])
def test_truncated_database_is_refused_and_left_as_it_is(remembered, left):
    context = remembered(NEWEST)
    path = context.state_dir / DATABASE
    whole = path.read_bytes()
    part = whole[: left if isinstance(left, int) else int(len(whole) * left)]
    path.write_bytes(part)
    with pytest.raises(
        StateError, match=r"cannot be used.*Nothing was read or changed.*restore the file from a backup"
    ):
        Store.open(context.state_dir)
    assert path.read_bytes() == part


def test_migration_that_fails_half_way_leaves_the_earlier_schema(remembered):
    context = remembered(1)
    path = context.state_dir / DATABASE
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE journal (in_the_way TEXT)")  # which the second schema makes
        connection.commit()
        before = tables(connection)
    with pytest.raises(StateError, match="journal already exists"):
        Store.open(context.state_dir)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert tables(connection) == before
