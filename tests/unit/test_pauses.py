"""Pauses: what they hold back, and until when."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from agendad.daemon.journal import Journal
from agendad.daemon.pauses import Kind, Pauses, Target, target_of
from agendad.daemon.store import DATABASE, MIGRATIONS, Store

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ONE, NEXT = ("u1", "2026-12-01T15:00:00Z"), ("u1", "2026-12-08T15:00:00Z")
SESSION = Target(kind=Kind.SESSION, name="u1", recurrence_id=ONE[1], label="Mentoring, Tue 1 Dec")
SERIES = Target(kind=Kind.SERIES, name="u1", label="Mentoring")


@pytest.fixture
def pauses():
    store = Store.in_memory()
    yield Pauses(store)
    store.close()


@pytest.mark.parametrize(
    ("target", "held"),
    [
        (Target(kind=Kind.EVERYTHING), [ONE, NEXT, ("u2", "")]),
        (Target(kind=Kind.MENTORSHIP, name="grace-ada"), [ONE, NEXT, ("u2", "")]),
        (Target(kind=Kind.PERSON, name="ada@alias.example.com"), [ONE, NEXT, ("u2", "")]),
        (Target(kind=Kind.MENTORSHIP, name="another"), []),
        (SERIES, [ONE, NEXT]),
        (SESSION, [ONE]),
    ],
)
def test_pause_holds_back_its_target_and_nothing_else(pauses, make_policy, target, held):
    (pair,) = make_policy().mentorships
    pauses.put(target, NOW, None)
    assert [key for key in (ONE, NEXT, ("u2", "")) if pauses.covering(key, pair, NOW)] == held


def test_pair_that_is_not_declared_is_held_back_by_its_session_and_by_everything(pauses):
    pauses.put(SESSION, NOW, None)
    assert pauses.covering(ONE, None, NOW).target == SESSION
    assert pauses.covering(NEXT, None, NOW) is None


def test_pause_is_over_by_itself_and_the_one_that_ends_last_is_told(pauses):
    pauses.put(SERIES, NOW, NOW + 3 * DAY, "on  leave\n")
    pauses.put(SESSION, NOW, NOW + DAY)
    assert pauses.covering(ONE, None, NOW).until == NOW + 3 * DAY
    assert pauses.covering(ONE, None, NOW + 3 * DAY - timedelta(seconds=1)).because == "on leave"
    assert pauses.covering(ONE, None, NOW + 3 * DAY) is None
    assert pauses.next_end(NOW) == NOW + DAY
    assert pauses.next_end(NOW + DAY) == NOW + 3 * DAY


def test_second_pause_of_the_same_replaces_the_first_and_lifting_everything_lifts_all(pauses):
    pauses.put(SESSION, NOW, NOW + DAY)
    pauses.put(SESSION, NOW, None, "ill")
    assert [(pause.until, pause.because) for pause in pauses.in_force(NOW)] == [(None, "ill")]
    assert pauses.lift(Target(kind=Kind.EVERYTHING))
    assert pauses.in_force(NOW) == []
    assert not pauses.lift(SESSION)


@pytest.mark.parametrize("words", ["u1", "u", "MENTORING"])
def test_paused_session_is_found_by_uid_its_start_or_words(pauses, words):
    pauses.put(SESSION, NOW, None)
    assert [pause.target for pause in pauses.named(Kind.SESSION, words, NOW)] == [SESSION]
    assert pauses.named(Kind.SERIES, words, NOW) == []


def test_command_that_lifts_a_pause_takes_a_strangers_uid_for_a_word():
    target = Target(kind=Kind.SESSION, name="x; rm -rf ~\u202e\n", label="evil")
    assert target.resume == "agendad resume --session 'x; rm -rf ~'"


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_pauses_of_an_earlier_schema_still_hold_back(tmp_path, make_policy, version):
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.executescript(";\n".join(MIGRATIONS[:version]))
    connection.execute(f"PRAGMA user_version = {version}")
    old = [("*", None), ("grace-ada", "2026-12-24T00:00:00Z"), ("ada@example.com", "2026-12-02T00:00:00Z")]
    if version < 5:
        connection.executemany("INSERT INTO pauses VALUES (?, '2026-11-29T12:00:00Z', ?)", old)
    else:
        kinds = ("everything", "mentorship", "person")
        connection.executemany(
            "INSERT INTO pauses (kind, target, since, until) VALUES (?, ?, '2026-11-29T12:00:00Z', ?)",
            [(kind, *one) for kind, one in zip(kinds, old, strict=True)],
        )
    connection.commit()
    connection.close()
    store = Store.open(tmp_path)
    policy = make_policy()
    assert [(one.target, one.until) for one in Pauses(store).in_force(NOW)] == [
        (target_of(None, policy), None),
        (target_of("grace-ada", policy), datetime(2026, 12, 24, tzinfo=UTC)),
        (target_of("Ada Lovelace", policy), datetime(2026, 12, 2, tzinfo=UTC)),
    ]
    assert Journal(store).actions(NOW - DAY) == []
    store.close()
