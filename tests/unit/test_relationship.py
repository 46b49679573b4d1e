"""Pairs over time, how they do, and what else is at a session's time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import ADA, GRACE, at, floating

from agendad.providers.model import (
    Attendee,
    EventTime,
    Organizer,
    Partstat,
    Sensitivity,
    Status,
    Transparency,
    ZoneKind,
)
from agendad.rules.engine import detected, meetings_of
from agendad.rules.health import health
from agendad.rules.policy import Mentorship, Party, Person
from agendad.rules.relationship import Advice, Meeting, Notes, SessionNotes, relationships
from agendad.rules.taken import Timetable, taken_times

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
START = datetime(2026, 12, 1, 15, tzinfo=UTC)
MIDNIGHT = START.replace(hour=0, tzinfo=None)
PAIR = Mentorship(name="grace-ada", mentor=ADA, mentee=GRACE, my_role=Party.MENTEE)


def meeting(days, *, held=None, minutes=30, uid="u"):
    start = NOW + timedelta(days=days)
    return Meeting(
        start=start, end=start + timedelta(minutes=minutes), uid=f"{uid}{days}", held=days < 0 if held is None else held
    )


def pair_of(*meetings, notes=None):
    return relationships([PAIR], {"grace-ada": meetings}, NOW, {"grace-ada": notes} if notes else {})["grace-ada"]


def test_relationship_has_held_sessions_oldest_first_and_those_to_come_by_start():
    pair = pair_of(meeting(9), meeting(-2), meeting(2), meeting(-16), meeting(-9, held=False))
    assert [one.start for one in pair.held] == [NOW - timedelta(days=16), NOW - timedelta(days=2)]
    assert pair.last == meeting(-2)
    assert pair.next == meeting(2)
    assert pair.coming == (meeting(2), meeting(9))
    assert pair.met


def test_pair_without_sessions_has_met_only_if_the_user_says_so():
    assert not pair_of().met
    pair = replace(PAIR, met=True)
    assert relationships([pair], {}, NOW)["grace-ada"].met


def test_time_asked_of_a_mentor_counts_the_users_other_pairs_with_the_same_mentor():
    alias = Person(name="Ada", emails=("ada@work.example", "ADA@alias.example.com".lower()))
    second, other = replace(PAIR, name="second", mentor=alias), replace(PAIR, name="other", mentor=GRACE)
    pairs = relationships(
        [PAIR, second, other],
        {"grace-ada": [meeting(1)], "second": [meeting(2), meeting(-3)], "other": [meeting(4)]},
        NOW,
    )
    assert [one.uid for one in pairs["grace-ada"].asked] == ["u-3", "u1", "u2"]
    assert pairs["second"].asked == pairs["grace-ada"].asked
    assert [one.uid for one in pairs["other"].asked] == ["u4"]


def test_meetings_leave_out_what_was_cancelled_declined_or_has_no_certain_time(make_event, make_policy):
    policy, past = make_policy(), at(NOW - timedelta(days=7))
    declined = (Attendee(email="grace@example.org"), Attendee(email="ada@example.com", partstat=Partstat.DECLINED))
    events = [
        make_event(START, uid="comes"),
        make_event(past, uid="was"),
        make_event(past, uid="called off", status=Status.CANCELLED),
        make_event(past, uid="they declined", attendees=declined),
        make_event(START, uid="they will not come", attendees=declined),
        make_event(floating(START.replace(tzinfo=None)), uid="floats"),
    ]
    found = meetings_of([detected(event, policy) for event in events], NOW)
    assert {(one.uid, one.held) for one in found["grace-ada"]} == {("comes", False), ("was", True)}


@pytest.mark.parametrize(
    ("now", "inside"),
    [
        (datetime(2026, 12, 31, 23, 30, tzinfo=ZoneInfo("America/New_York")), ["2026-10-01T04:30", "2027-01-01T04:30"]),
        (datetime(2027, 1, 1, 0, 30, tzinfo=ZoneInfo("America/New_York")), ["2027-01-01T05:30"]),
    ],
)
def test_quarter_of_the_year_begins_at_the_users_midnight(now, inside):
    starts = ["2026-10-01T03:30", "2026-10-01T04:30", "2027-01-01T04:30", "2027-01-01T05:30"]
    every = [
        Meeting(start=start, end=(end := start + timedelta(minutes=45)), uid=str(start), held=end <= now)
        for start in (datetime.fromisoformat(f"{text}+00:00") for text in starts)
    ]
    pair = relationships([PAIR], {"grace-ada": every}, now)["grace-ada"]
    figures = health(pair, now, ZoneInfo("America/New_York"))
    assert (figures.asked_in, figures.asked) == (len(inside), len(inside) * timedelta(minutes=45))


def test_health_tells_what_is_open_only_where_notes_are_kept():
    assert health(pair_of(meeting(-2)), NOW, UTC).open_advice is None
    noted = SessionNotes(day=date(2026, 11, 27), advice=(Advice(text="read", done=True), Advice(text="write")))
    figures = health(pair_of(meeting(-2), meeting(3), notes=Notes(sessions=(noted,))), NOW, UTC)
    assert (figures.open_advice, figures.held, figures.last, figures.next) == (1, 1, meeting(-2), meeting(3))


# what else is at the time


def test_other_event_at_the_time_is_told_with_its_title(make_event):
    other = make_event(START + timedelta(minutes=15), uid="dentist", title="Dentist", organizer=None, attendees=())
    (taken,) = taken_times(make_event(START), [other], GRACE)
    assert (taken.title, taken.start, taken.mine, taken.tentative) == ("Dentist", other.start.instant, True, False)


def test_private_event_at_the_time_has_no_title(make_event):
    other = make_event(START, uid="x", title="Surgery", sensitivity=Sensitivity.PRIVATE, organizer=None, attendees=())
    (taken,) = taken_times(make_event(START), [other], GRACE)
    assert taken.title == ""


_STRANGER = Organizer(email="boss@example.com")


@pytest.mark.parametrize(
    "changes",
    [
        {"status": Status.CANCELLED},
        {"transparency": Transparency.TRANSPARENT},
        {"attendees": (Attendee(email="grace@example.org", partstat=Partstat.DECLINED),)},
        {"attendees": (Attendee(email="ada@example.com"),), "organizer": _STRANGER},
        {"title": "mentoring: ada and grace ", "uid": "the same by way of another system"},
        {"start": at(START - timedelta(minutes=30)), "end": at(START)},
        {"start": at(START + timedelta(minutes=30)), "end": at(START + timedelta(minutes=60))},
        {
            "start": EventTime(wall=MIDNIGHT, kind=ZoneKind.DATE),
            "end": EventTime(wall=MIDNIGHT + timedelta(days=1), kind=ZoneKind.DATE),
        },
        {"uid": "session-1@example.org"},
    ],
    ids=["cancelled", "free", "declined", "not asked", "same meeting", "before", "after", "all day", "itself"],
)
def test_what_takes_no_time_of_the_users_is_not_told(make_event, changes):
    other = replace(make_event(START, uid="other", title="Review"), **changes)
    assert taken_times(make_event(START), [other], GRACE) == ()


@pytest.mark.parametrize("answer", [Partstat.NEEDS_ACTION, Partstat.TENTATIVE])
def test_what_the_user_has_not_accepted_is_only_perhaps_at_the_time(make_event, answer):
    guests = (Attendee(email="grace@example.org", partstat=answer),)
    other = make_event(START, uid="o", title="Review", attendees=guests, organizer=_STRANGER)
    (taken,) = taken_times(make_event(START), [other], GRACE)
    assert taken.tentative


def test_timetable_tells_events_that_begin_days_before(make_event):
    long = make_event(START - timedelta(days=3), uid="trip", end=at(START + timedelta(days=1)), title="Trip")
    far = make_event(START + timedelta(days=2), uid="far")
    session = make_event(START)
    assert [event.uid for event in Timetable([long, far, session]).beside(session)] == ["trip"]
