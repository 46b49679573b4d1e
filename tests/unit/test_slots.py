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
from agendad.rules.slots import never_meet, proposed_slots, still_suits, why_this

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
LATE = datetime(2026, 12, 3, 22, 0, tzinfo=UTC)
"""A Thursday: 22:00 in London, 17:00 in New York."""
HALF = timedelta(minutes=30)


def person(name, zone, **more):
    return Person(name=name, emails=(f"{name.lower()}@example.com",), timezone=zone, **more)


def pair(mine="America/New_York", theirs="Europe/London", **more):
    me, other = person("Grace", mine), person("Ada", theirs, **more)
    return me, Mentorship(name="pair", mentor=me, mentee=other, my_role=Party.MENTOR)


def session_of(make_event, at, people, start=LATE, length=HALF):
    me, mentorship = people
    event = make_event(at(start, me.timezone), end=at(start + length, me.timezone))
    return Session(event=event, detection=Detection(is_mentorship=True, mentorship=mentorship), me=me)


def propose(make_event, at, people, start=LATE, *, length=HALF, busy=(), now=NOW, **more):
    session = session_of(make_event, at, people, start, length)
    return proposed_slots(session, people[1], busy=busy, now=now, **more)


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


def thursday(clock, weeks=1):
    """A Thursday before, on New York's clock."""
    hour, minute = map(int, clock.split(":"))
    day = datetime(2026, 12, 3, hour, minute, tzinfo=ZoneInfo("America/New_York")) - timedelta(weeks=weeks)
    return day.astimezone(UTC)


def held(*clocks):
    return [(start, start + HALF) for start in (thursday(clock, weeks) for weeks, clock in enumerate(clocks, 1))]


def test_hour_that_failed_twice_comes_after_all_others(slots):
    failed = [thursday("11:30", 1), thursday("11:00", 2)]
    assert [local(slot) for slot in slots(failed=failed)] == ["Thu 03 10:30", "Wed 02 11:30", "Fri 04 11:30"]
    assert local(slots(failed=failed[:1])[0]) == "Thu 03 11:30", "once is no habit"
    every = slots(failed=failed, count=500)
    assert [local(slot)[:3] + local(slot)[7:9] for slot in every[-2:]] == ["Thu11", "Thu11"]


def test_failing_hour_is_better_than_none(slots):
    failed = [thursday("11:30", 1), thursday("11:00", 2)]
    until = datetime(2026, 12, 3, 17, tzinfo=UTC)
    taken = [(NOW, datetime(2026, 12, 3, 15, 45, tzinfo=UTC))]
    assert [local(one) for one in slots(failed=failed, busy=taken, before=until)] == ["Thu 03 11:30", "Thu 03 11:00"]


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("17:00", "Thu 03 10:30"),  # late in London: an hour that is kind to both, nearest to the usual one
        ("09:00", "Thu 03 10:30"),  # early in New York: the same
        ("10:30", "Thu 03 11:30"),  # an hour that was kind to both
    ],
)
def test_who_bore_the_odd_hour_last_time_gets_a_kinder_one(slots, last, first):
    assert local(slots(held=held(last))[0]) == first


def test_odd_hour_goes_to_who_has_borne_less_where_somebody_must_bear_it(slots):
    early = (datetime(2026, 12, 3, 14, 45, tzinfo=UTC), datetime(2026, 12, 3, 16, 15, tzinfo=UTC))  # the kind hours
    days = [(start - timedelta(days=d), end - timedelta(days=d)) for d in range(-14, 14) for start, end in [early]]
    late_for_ada, early_for_me = slots(busy=days, held=held("09:00"))[0], slots(busy=days, held=held("11:30"))[0]
    assert (local(late_for_ada), local(early_for_me)) == ("Thu 03 11:30", "Thu 03 09:00")


def test_nearer_day_gives_way_only_once_somebody_has_borne_hours_more(slots):
    morning = [(NOW, datetime(2026, 12, 3, 16, 15, tzinfo=UTC)), (LATE, LATE + timedelta(days=30))]
    few, many = held("11:30"), held("11:30", "11:30", "11:30")
    until = datetime(2026, 12, 4, 17, 0, tzinfo=UTC)
    friday = [morning[0], (LATE, datetime(2026, 12, 4, 14, tzinfo=UTC))]
    assert local(slots(busy=friday, before=until, held=few)[0]) == "Thu 03 11:30"
    assert local(slots(busy=friday, before=until, held=many)[0])[:6] == "Fri 04"


def test_slot_begins_after_the_occurrence_before(slots):
    after = datetime(2026, 12, 3, 16, 0, tzinfo=UTC)
    assert all(slot[0] >= after for slot in slots(after=after, count=500))


def test_the_other_calendar_counts_like_the_users_own(slots):
    noon = datetime(2026, 12, 3, 16, 45, tzinfo=UTC)
    taken = ((noon, noon + HALF),)
    assert slots(other_busy=taken) == slots(busy=taken)


def test_people_who_share_no_hours_are_shown_waking_hours_of_working_days_when_asked(slots, make_event, at):
    people = pair("Europe/London", "Asia/Tokyo")
    assert slots(people) == ()
    assert never_meet(session_of(make_event, at, people), people[1])
    found = slots(people, odd=True, count=500)
    assert found
    for start, end in found:
        for zone in ("Europe/London", "Asia/Tokyo"):
            here, there = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
            assert here.hour >= 7
            assert (there.hour, there.minute) <= (22, 0)
            assert here.weekday() < 5


def test_clock_time_that_comes_twice_is_nobodys_slot(slots):
    people = pair("America/New_York", "America/New_York")
    night = {"working_hours": {"start": "00:00", "end": "24:00", "days": ["sat", "sun"]}}
    me = Person.model_validate(
        {"name": "Grace", "emails": ["grace@example.com"], "timezone": "America/New_York", **night}
    )
    people = (me, replace(people[1], mentor=me, mentee=me))
    found = slots(
        people, start=datetime(2026, 11, 1, 4, 0, tzinfo=UTC), now=datetime(2026, 10, 20, tzinfo=UTC), count=999
    )
    clocks = {local(slot) for slot in found if slot[0].date().day == 1}
    assert "Sun 01 02:00" in clocks
    assert not clocks & {"Sun 01 00:30", "Sun 01 01:00", "Sun 01 01:30"}, "clocks go back at 02:00"


def test_chosen_time_suits_until_it_is_taken_or_too_near():
    mentorship = pair()[1]
    start = datetime(2026, 12, 3, 16, 0, tzinfo=UTC)
    slot = (start, start + HALF)
    assert still_suits(slot, mentorship, taken=(), now=NOW)
    assert not still_suits(slot, mentorship, taken=((start - HALF, start - timedelta(minutes=5)),), now=NOW)
    assert not still_suits(slot, mentorship, taken=(), now=start - timedelta(hours=11))
    assert not still_suits((LATE, LATE + HALF), mentorship, taken=(), now=NOW)


@pytest.mark.parametrize(
    ("start", "past", "why"),
    [
        ("10:30", {}, "inside both days"),
        ("09:00", {}, "inside both days; you have the less friendly hour"),
        ("11:30", {}, "inside both days; Ada has the less friendly hour"),
        ("10:30", {"held": held("17:00")}, "inside both days; Ada had the late hour last time"),
        ("10:30", {"held": held("09:00")}, "inside both days; you had the early hour last time"),
        ("10:30", {"held": held("10:30", "09:00")}, "inside both days; you had more of the odd hours so far"),
        (
            "11:30",
            {"held": held("17:00")},
            "inside both days; Ada had the late hour last time, and nothing kinder is free then",
        ),
        ("14:00", {}, "outside Ada's hours; Ada has the less friendly hour"),
        (
            "10:30",
            {"failed": [thursday("10:30", weeks) for weeks in (1, 2, 3)]},
            "inside both days; 3 sessions failed on Thu at 10h before",
        ),
    ],
)
def test_each_slot_says_why(make_event, at, start, past, why):
    people = pair()
    begin = thursday(start, 0)
    assert why_this((begin, begin + HALF), session_of(make_event, at, people), people[1], **past) == why
