"""Times to propose: inside both people's hours, free, near, and on different days."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agendad.rules.base import Detection, Session
from agendad.rules.hours import Fit, fit
from agendad.rules.policy import Mentorship, Party, Person
from agendad.rules.slots import proposed_slots

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
LATE = datetime(2026, 12, 3, 22, 0, tzinfo=UTC)
"""A Thursday: 22:00 in London, 17:00 in New York."""
HALF = timedelta(minutes=30)


def person(name, zone, **more):
    return Person(name=name, emails=(f"{name.lower()}@example.com",), timezone=zone, **more)


def pair(mine="America/New_York", theirs="Europe/London", **more):
    me, other = person("Grace", mine), person("Ada", theirs, **more)
    return me, Mentorship(name="pair", mentor=me, mentee=other, my_role=Party.MENTOR)


def propose(make_event, at, people, start=LATE, *, length=HALF, busy=(), now=NOW, before=None):
    me, mentorship = people
    event = make_event(at(start, me.timezone), end=at(start + length, me.timezone))
    session = Session(event=event, detection=Detection(is_mentorship=True, mentorship=mentorship), me=me)
    return proposed_slots(session, mentorship, busy=busy, now=now, before=before)


@pytest.fixture
def slots(make_event, at):
    return lambda *arguments, **more: propose(make_event, at, *(arguments or (pair(),)), **more)


def local(slot, zone="America/New_York"):
    return f"{slot[0].astimezone(ZoneInfo(zone)):%a %d %H:%M}"


def test_nearest_days_come_first_each_with_the_hour_nearest_to_the_usual_one(slots):
    assert [local(slot) for slot in slots()] == ["Thu 03 11:30", "Wed 02 11:30", "Fri 04 11:30"]


def test_time_that_is_taken_is_not_proposed_nor_the_quarter_of_an_hour_around_it(slots):
    noon = datetime(2026, 12, 3, 16, 45, tzinfo=UTC)
    first = slots(busy=((noon, noon + HALF),))[0]
    assert local(first) == "Thu 03 11:00"
    assert local(slots(busy=((noon - timedelta(minutes=10), noon),))[0]) == "Thu 03 10:30"


def test_slot_ends_before_the_next_of_the_series_and_a_day_from_now(slots):
    found = slots(now=LATE - timedelta(hours=12), before=datetime(2026, 12, 4, 17, 0, tzinfo=UTC))
    assert [local(slot) for slot in found] == ["Fri 04 11:30", "Fri 04 11:00", "Fri 04 10:30"]


@pytest.mark.parametrize(
    ("mine", "theirs", "first"),
    [
        ("America/New_York", "Asia/Kolkata", None),
        ("Europe/London", "Asia/Kolkata", "Thu 03 11:00"),
        ("America/Los_Angeles", "Pacific/Auckland", "Thu 03 13:30"),
    ],
)
def test_people_far_apart_are_offered_what_they_share(slots, mine, theirs, first):
    found = slots(pair(mine, theirs))
    assert (local(found[0], mine) if found else None) == first


def test_holiday_of_one_is_nobodys_slot(slots):
    christmas = datetime(2026, 12, 24, 22, 0, tzinfo=UTC)
    days = {slot[0].date().day for slot in slots(pair(holidays=("GB",)), start=christmas, now=NOW)}
    assert not days & {25, 28}  # Christmas, and Boxing Day on the Monday after


def test_session_longer_than_what_is_shared_has_no_slot(slots):
    assert slots(pair(), length=timedelta(hours=4)) == ()


def test_zone_that_is_not_known_has_no_slot(slots):
    assert slots(pair(theirs=None)) == ()


ZONES = st.sampled_from(["Europe/Berlin", "America/Chicago", "Asia/Kathmandu", "Australia/Adelaide"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # they are functions, without state
@given(
    hours=st.integers(25, 600),
    minutes=st.sampled_from([15, 30, 45, 60, 90]),
    zones=st.tuples(
        *[st.sampled_from(["Europe/Berlin", "America/Chicago", "Asia/Kathmandu", "Australia/Adelaide"])] * 2
    ),
    taken=st.lists(st.integers(0, 600), max_size=6),
)
def test_every_slot_suits_both_and_is_free(make_event, at, hours, minutes, zones, taken):
    people, length = pair(*zones), timedelta(minutes=minutes)
    start = NOW + timedelta(hours=hours)
    busy = [(NOW + timedelta(hours=hour), NOW + timedelta(hours=hour + 1)) for hour in taken]
    found = propose(make_event, at, people, start, length=length, busy=busy)
    assert len(set(found)) == len(found) <= 3
    for begin, end in found:
        assert end - begin == length
        assert NOW + timedelta(days=1) <= begin != start
        assert begin.minute in (0, 30)
        assert all(fit(one, begin, end).fit is Fit.INSIDE for one in (people[1].mentor, people[1].mentee))
        assert all(taken_end <= begin or end <= taken_start for taken_start, taken_end in busy)


def test_no_time_is_proposed_on_days_when_travel_takes_the_shared_hours(slots, abroad):
    me, mentorship = pair()
    me = abroad(me, ("2026-12-07", "2026-12-11", "Asia/Tokyo"))
    usual = datetime(2026, 12, 10, 15, tzinfo=UTC)  # 10:00 at home, midnight in Tokyo
    found = slots((me, replace(mentorship, mentor=me)), start=usual)
    assert [local(slot) for slot in found] == ["Fri 11 10:00", "Mon 14 10:00", "Tue 15 10:00"]


def test_times_are_proposed_in_the_hours_of_the_place_where_somebody_is_away(slots, abroad):
    me, mentorship = pair(theirs="Asia/Kolkata")
    me = abroad(me, ("2026-12-07", "2026-12-11", "Asia/Tokyo"))
    usual = datetime(2026, 12, 10, 15, tzinfo=UTC)
    found = slots((me, replace(mentorship, mentor=me)), start=usual)
    assert [local(slot, "Asia/Tokyo") for slot in found] == ["Fri 11 12:30", "Thu 10 12:30", "Wed 09 12:30"]
