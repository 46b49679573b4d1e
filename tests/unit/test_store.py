"""The database: schema, intake of calendars, history."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agendad.daemon.calendar_store import CalendarStore, decode, encode
from agendad.daemon.journal import Journal
from agendad.daemon.store import DATABASE, MIGRATIONS, StateError, Store, stamp, unstamp
from agendad.providers.base import Page, Problem, Window
from agendad.providers.model import Sensitivity

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
WINDOW = Window.around(NOW, lookback=timedelta(days=90), horizon=timedelta(days=60))
DAY = timedelta(days=1)


@pytest.fixture
def calendars():
    store = Store.in_memory()
    yield CalendarStore(store)
    store.close()


def take_in(calendars, *pages, percent=30, now=NOW):
    return calendars.take_in("home", ".", pages, window=WINDOW, now=now, max_vanished_percent=percent)


def upcoming(make_event, count, **changes):
    return tuple(
        make_event(NOW + (n + 1) * DAY / 2, id=f"e{n}", uid=f"e{n}@example.org", **changes) for n in range(count)
    )


def test_new_database_has_the_newest_schema_and_private_rights(tmp_path):
    store = Store.open(tmp_path / "state")
    assert store.connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert store.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert (tmp_path / "state" / DATABASE).stat().st_mode & 0o077 == 0
    store.close()


def test_database_of_the_first_version_keeps_what_it_remembers(tmp_path):
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.executescript(MIGRATIONS[0] + "PRAGMA user_version = 1;")
    row = (
        "1f", "key", 1, "home", "one@example.org", "", 0, "agenda", "agenda.missing", "nudge", "nudge", "mail", "would",
        "", '["ada@example.com"]', "The invite has no agenda.", "2026-11-30T14:00:00Z", "2026-11-30T14:00:00Z", 1,
    )  # fmt: skip
    for number in (3, 7):
        values = (number, f"{number}{row[0]}", f"{number}", *row[2:])
        connection.execute(f"INSERT INTO actions VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608
    connection.execute("INSERT INTO installation VALUES ('summary_sent_up_to', '3')")
    connection.commit()
    connection.close()
    store = Store.open(tmp_path)
    journal = Journal(store)
    assert [(action.id, action.state, action.to) for action in journal.actions(NOW - DAY)] == [
        ("31f", "would", ("ada@example.com",)), ("71f", "would", ("ada@example.com",)),
    ]  # fmt: skip
    assert [action.id for action in journal.news(int(store.remembered("summary_sent_up_to")))] == ["71f"]
    store.close()


def test_database_of_a_newer_agendad_is_refused_untouched(tmp_path):
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(StateError, match="newer agendad"):
        Store.open(tmp_path)
    assert (tmp_path / DATABASE).read_bytes()[100:] == before[100:]


def test_file_that_is_no_database_is_refused_with_a_way_on(tmp_path):
    (tmp_path / DATABASE).write_bytes(b"not a database, " * 100)
    with pytest.raises(StateError, match=r"cannot be used.*--state-dir"):
        Store.open(tmp_path)


def test_failed_transaction_leaves_nothing(calendars):
    def write_half():
        with calendars.store.transaction():
            calendars.store.remember("a", "b")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert calendars.store.remembered("a") is None


def test_event_comes_back_as_it_went_in(make_event):
    event = make_event(NOW, html="<p>ü</p>", categories=("a", "b"), recurrence_id="2026-11-30T12:00:00Z")
    assert decode(encode(event)) == event


def test_events_and_cursor_are_taken_in_together(calendars, make_event):
    intake = take_in(calendars, Page(events=upcoming(make_event, 3), full=True), Page(cursor="c1"))
    assert (intake.changed, intake.vanished, calendars.cursor("home", ".")) == (3, 0, "c1")
    again = take_in(calendars, Page(events=upcoming(make_event, 3), full=True), Page(cursor="c2"))
    assert (again.changed, again.uids) == (0, frozenset())


def test_error_in_the_middle_of_a_pass_keeps_the_old_cursor_and_events(calendars, make_event):
    take_in(calendars, Page(events=upcoming(make_event, 2), full=True, cursor="c1"))

    def broken():
        yield Page(events=upcoming(make_event, 5), full=True)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        calendars.take_in("home", ".", broken(), window=WINDOW, now=NOW, max_vanished_percent=30)
    assert calendars.cursor("home", ".") == "c1"
    assert len(calendars.all_uids()) == 2


def test_event_that_cannot_be_stored_leaves_the_database_usable(calendars, make_event):
    with pytest.raises(ValueError, match="surrogates"):
        take_in(calendars, Page(events=(make_event(NOW, title="half a character: \ud800"),), full=True, cursor="1"))
    assert take_in(calendars, Page(events=upcoming(make_event, 2), full=True, cursor="1")).changed == 2


def test_change_is_kept_in_history_with_the_time_it_was_seen(calendars, make_event):
    event = make_event(NOW + DAY)
    take_in(calendars, Page(events=(event,), full=True, cursor="1"))
    moved = replace(make_event(NOW + 2 * DAY), etag="2")
    take_in(calendars, Page(events=(moved,), cursor="2"), now=NOW + DAY / 2)
    ((before, seen_at),) = calendars.earlier(moved)
    assert (before.start, seen_at) == (event.start, "2026-11-30T12:00:00Z")
    assert calendars.seen_at(moved) == "2026-12-01T00:00:00Z"
    assert calendars.copies(event.uid)[0].etag == "2"


def test_complete_set_drops_occurrences_that_it_does_not_hold(calendars, make_event):
    weeks = tuple(make_event(NOW + n * 7 * DAY, id=f"w{n}", recurrence_id=f"w{n}") for n in range(1, 4))
    take_in(calendars, Page(events=weeks, full=True, cursor="1"))
    uid = weeks[0].uid
    intake = take_in(calendars, Page(events=weeks[:2], complete=frozenset({uid}), cursor="2"))
    assert (intake.changed, intake.gone, intake.vanished, intake.uids) == (0, 1, 1, frozenset({uid}))
    assert [event.id for event in calendars.copies(uid)] == ["w1", "w2"]


def test_removed_id_is_dropped_and_an_unknown_one_ignored(calendars, make_event):
    take_in(calendars, Page(events=upcoming(make_event, 2), full=True, cursor="1"))
    assert take_in(calendars, Page(removed=("e0", "never"), cursor="2")).gone == 1


def test_past_events_outside_the_window_are_not_missed(calendars, make_event):
    old = make_event(WINDOW.start - 5 * DAY, id="old", uid="old@example.org")
    take_in(calendars, Page(events=(old,), full=True, cursor="1"))
    assert take_in(calendars, Page(full=True, cursor="2")).gone == 0


def test_sudden_loss_is_refused_whole_until_confirmed(calendars, make_event):
    events = upcoming(make_event, 20)
    take_in(calendars, Page(events=events, full=True, cursor="1"))
    refused = take_in(calendars, Page(events=events[:10], full=True, cursor="2"))
    assert "10 of 20" in refused.refused
    assert calendars.cursor("home", ".") == "1"
    assert len(calendars.all_uids()) == 20
    assert take_in(calendars, Page(events=events[:11], full=True, cursor="2")).gone == 9
    take_in(calendars, Page(events=events, full=True, cursor="3"))
    assert take_in(calendars, Page(events=events[:1], full=True, cursor="4"), percent=100).gone == 19


def test_problems_are_those_of_the_last_pass(calendars):
    problem = Problem("bad.ics", "no BEGIN:VCALENDAR", 1)
    remark = Problem("odd.ics", "DTEND is before DTSTART", 6, refused=False)
    take_in(calendars, Page(problems=(problem, remark), full=True, cursor="1"))
    assert calendars.problems("home") == [problem, remark]
    take_in(calendars, Page(cursor="2"))
    assert calendars.problems("home") == []


def test_search_finds_by_uid_then_by_title_and_never_a_private_title(calendars, make_event):
    events = (
        make_event(NOW, id="1", uid="abc-1", title="Mentoring"),
        make_event(NOW, id="2", uid="xyz-2", title="Secret mentoring", sensitivity=Sensitivity.PRIVATE),
    )
    take_in(calendars, Page(events=events, full=True, cursor="1"))
    assert [event.id for event in calendars.search("abc")] == ["1"]
    assert [event.id for event in calendars.search("MENTORING")] == ["1"]
    assert [event.id for event in calendars.search("xyz-2")] == ["2"]


def test_any_year_comes_back_from_the_database_as_it_went_in():
    for year in (1, 350, 999, 1000, 2026, 9999):
        instant = datetime(year, 12, 1, 15, tzinfo=UTC)
        assert unstamp(stamp(instant)) == instant
