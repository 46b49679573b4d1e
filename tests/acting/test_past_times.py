"""What is remembered of a pair's sessions for the choice of another time: when they met, and what kept failing."""

from datetime import UTC, datetime, timedelta

import pytest

from agendad.daemon.past_times import failed_starts, held_times

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AT = NOW + 3 * DAY
ME, ADA, BOB = "grace@example.org", "ada@example.com", "bob@example.com"
AGENDA = "Agenda:\\n- the draft of chapter three"


@pytest.fixture
def pair(house):
    house.configure(mode="observe")
    return lambda: house.context.policy.mentorships[0]


def failed(house, pair):
    return list(failed_starts(house.store, house.context.policy, pair(), house.clock.now()))


def invite(house, start=AT, **how):
    return house.invite(start, body=AGENDA, **how)


def test_session_that_is_held_as_planned_has_not_failed(house, pair):
    invite(house)
    house.run()
    house.after(90).run()
    assert failed(house, pair) == []
    assert list(held_times(house.store, pair(), house.clock.now())) == [(AT, AT + HOUR / 2)]


def test_time_that_a_session_was_moved_away_from_failed_and_the_new_one_did_not(house, pair):
    invite(house)
    house.run()
    invite(house, AT + DAY)
    house.after(1).run()
    assert failed(house, pair) == [AT]


def test_session_that_was_cancelled_or_deleted_before_its_start_failed(house, pair):
    invite(house)
    gone = invite(house, AT + DAY, name="two.ics", uid="two@example.org")
    house.run()
    house.edit("END:VEVENT", "STATUS:CANCELLED\r\nEND:VEVENT")
    gone.unlink()
    house.after(1).run()
    assert failed(house, pair) == [AT, AT + DAY]


def test_session_that_was_deleted_after_it_took_place_has_not_failed(house, pair):
    path = invite(house)
    house.run()
    house.after(90).run()
    path.unlink()
    house.after(1).run()
    assert failed(house, pair) == []


@pytest.mark.parametrize("who", [ME, ADA])
def test_session_that_either_declined_failed(house, pair, who):
    invite(house)
    house.run()
    house.edit(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{who}", f"ATTENDEE;PARTSTAT=DECLINED:mailto:{who}")
    house.after(1).run()
    assert failed(house, pair) == [AT]


def test_cancel_of_agendads_own_counts_as_one(house, pair):
    house.configure(mode="act")
    house.invite(NOW + 25 * HOUR)
    assert [action.state for action in house.run().news] == ["confirmed"]
    house.after(1).run()
    assert failed(house, pair) == [NOW + 25 * HOUR]


def test_session_in_two_calendars_fails_once(house, pair):
    invite(house)
    (house.folder / "work").mkdir()
    house.change(
        "accounts: [{name: home, provider: ics, path: home, notify: mail}]",
        "accounts: [{name: home, provider: ics, path: home, notify: mail}, {name: work, provider: ics, path: work}]",
    )
    (house.folder / "work" / "one.ics").write_bytes((house.home / "one.ics").read_bytes())
    house.run()
    for folder in ("home", "work"):
        (house.folder / folder / "one.ics").unlink()
    house.after(1).run()
    assert failed(house, pair) == [AT]


def test_meetings_with_others_and_of_one_alone_do_not_count(house, pair):
    for name, guests in {"bob": (ME, BOB), "alone": (ME,)}.items():
        invite(house, name=f"{name}.ics", uid=f"{name}@example.org", guests=guests)
    house.run()
    for path in house.home.glob("*.ics"):
        path.unlink()
    house.after(1).run()
    assert failed(house, pair) == []


def test_account_that_is_taken_out_of_the_configuration_has_not_failed_anybody(house, pair):
    invite(house)
    house.run()
    (house.folder / "work").mkdir()
    house.change("{name: home, provider: ics, path: home,", "{name: work, provider: ics, path: work,")
    house.after(1).run()
    assert failed(house, pair) == []


def test_half_a_year_is_looked_back_on(house, pair):
    invite(house)
    house.run()
    invite(house, AT + DAY)
    house.after(1).run()
    later = NOW + 200 * DAY
    assert failed_starts(house.store, house.context.policy, pair(), later) == []
    assert held_times(house.store, pair(), later) == []
