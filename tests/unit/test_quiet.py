"""Quiet hours follow a person who travels."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from agendad.rules.policy import Person
from agendad.rules.quiet import is_quiet, next_open

GRACE = Person(name="Grace", emails=("grace@example.org",), timezone="America/New_York")
TOKYO = ("2026-12-10", "2026-12-20", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("due", "opens"),
    [
        ("2026-12-09T12:00Z", "2026-12-09T13:00Z"),  # 07:00 at home, on the day before
        ("2026-12-09T15:00Z", "2026-12-09T23:00Z"),  # 10:00 at home, and midnight in Tokyo as the stay begins
        ("2026-12-15T11:00Z", "2026-12-15T23:00Z"),  # 20:00 in Tokyo
        ("2026-12-20T14:00Z", "2026-12-20T15:00Z"),  # 23:00 in Tokyo; the stay ends at 10:00 at home
    ],
)
def test_night_is_that_of_the_place_where_the_person_is(abroad, due, opens):
    assert next_open(datetime.fromisoformat(due), [abroad(GRACE, TOKYO)]) == datetime.fromisoformat(opens)


def test_two_people_wait_for_an_hour_that_is_open_where_both_are(abroad):
    ada = Person(name="Ada", emails=("ada@example.com",), timezone="Europe/London")
    sydney = abroad(ada, ("2026-12-10", "2026-12-20", "Australia/Sydney"))
    noon = datetime(2026, 12, 15, 12, tzinfo=UTC)
    assert next_open(noon, [abroad(GRACE, TOKYO), sydney]) == datetime(2026, 12, 15, 23, tzinfo=UTC)


def test_no_hour_is_quiet_where_a_zone_is_not_known():
    night = datetime(2026, 12, 15, 3, tzinfo=UTC)
    assert next_open(night, [GRACE.model_copy(update={"timezone": None})]) == night


zones = st.sampled_from(
    ["America/New_York", "Europe/London", "Asia/Tokyo", "Asia/Kathmandu", "Atlantic/Azores", "Pacific/Kiritimati"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # they are functions, without state
@given(home=zones, stay=st.tuples(st.integers(1, 3), st.integers(0, 2), zones), quarter=st.integers(0, 6 * 96))
def test_it_is_the_first_moment_that_is_not_quiet(abroad, home, stay, quarter):
    first, days, zone = stay
    day = date(2026, 12, 9) + timedelta(days=first)
    grace = GRACE.model_copy(update={"timezone": home})
    grace = abroad(grace, (str(day), str(day + timedelta(days=days)), zone))
    due = datetime(2026, 12, 9, tzinfo=UTC) + quarter * timedelta(minutes=15)
    opens = next_open(due, [grace])
    assume(opens - due < timedelta(hours=36))
    assert not is_quiet(opens, grace.zone_at(opens) or ZoneInfo(home))
    before = due
    while before < opens:
        assert is_quiet(before, grace.zone_at(before) or ZoneInfo(home))
        before += timedelta(minutes=15)
