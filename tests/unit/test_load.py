"""The rule `load`: minutes asked of one mentor in a month of theirs."""

import inspect
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from conftest import ADA, GRACE
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from agendad.rules.base import Detection, History, Reach, Session
from agendad.rules.load import Load, LoadOptions
from agendad.rules.policy import Mentorship, Party
from agendad.rules.relationship import Meeting, Relationship

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)


def meeting(start, minutes=60, uid="other"):
    return Meeting(start=start, end=start + timedelta(minutes=minutes), uid=uid, held=start < NOW)


@pytest.fixture
def judge(make_event, make_policy):
    def check(start, *others, pair=None, minutes=60, **options):
        event = make_event(start)
        pair = pair or make_policy().mentorships[0]
        asked = tuple(sorted([meeting(start, minutes, event.uid), *others]))
        detection = Detection(is_mentorship=True, mentorship=pair, my_role=pair.my_role)
        session = Session(event=event, detection=detection, me=pair.person(pair.my_role))
        history = History(relationship=Relationship(mentorship=pair, asked=asked))
        return list(Load().check(session, history, LoadOptions(**options), NOW))

    return check


def december(day, hour=15):
    return datetime(2026, 12, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(("sessions", "found"), [(3, False), (4, True), (9, True)])
def test_session_that_passes_the_limit_and_those_after_it_are_too_much(judge, sessions, found):
    others = [meeting(december(1 + day)) for day in range(sessions)]
    findings = judge(december(20), *others)
    assert [finding.code for finding in findings] == ["load.too-much"] * found
    assert all(finding.reach is Reach.NUDGE for finding in findings)


def test_sessions_before_the_limit_are_fine_whatever_comes_later(judge):
    assert judge(december(2), *(meeting(december(day)) for day in range(3, 20))) == []


def test_finding_tells_whose_minutes_and_how_many(judge, make_policy):
    others = [meeting(december(1 + day)) for day in range(4)]
    (finding,) = judge(december(20), *others, minutes=30)
    assert finding.message == "With this session Ada Lovelace is asked for 270 minutes in December; 240 would be fine."
    pair = make_policy().mentorships[0]
    mine = replace(pair, mentor=pair.mentee, mentee=pair.mentor, my_role=Party.MENTOR)
    (finding,) = judge(december(20), *others, minutes=30, pair=mine)
    assert finding.message.startswith("With this session your own time for mentoring in December comes to 270 minutes")


def test_month_is_the_one_on_the_mentors_clock(judge, make_policy):
    """23:30 UTC on 30 November is December in Tokyo, and November in London."""
    pair = make_policy().mentorships[0]
    late = meeting(datetime(2026, 11, 30, 23, 30, tzinfo=UTC), 230)
    assert judge(december(2), late) == []
    tokyo = replace(pair, mentor=pair.mentor.model_copy(update={"timezone": "Asia/Tokyo"}))
    assert judge(december(2), late, pair=tokyo)


def test_month_is_the_one_where_a_mentor_who_is_away_is(judge, make_policy, abroad):
    pair = make_policy().mentorships[0]
    late = meeting(datetime(2026, 11, 30, 23, 30, tzinfo=UTC), 230)
    away = replace(pair, mentor=abroad(pair.mentor, ("2026-11-29", "2026-12-01", "Asia/Tokyo")))
    assert judge(december(2), late, pair=away)


def test_month_of_a_mentor_without_a_zone_is_the_mentees(judge, make_policy):
    pair = make_policy().mentorships[0]
    zoneless = replace(pair, mentor=pair.mentor.model_copy(update={"timezone": None}))
    night = meeting(datetime(2026, 12, 1, 2, tzinfo=UTC), 230)  # still November in New York
    assert judge(december(2), night, pair=zoneless) == []


def test_nothing_is_said_where_the_session_is_not_among_what_is_asked(judge, make_event, make_policy):
    pair = make_policy().mentorships[0]
    asked = tuple(meeting(december(day)) for day in range(1, 9))
    session = Session(
        event=make_event(december(20)),
        detection=Detection(is_mentorship=True, mentorship=pair, my_role=Party.MENTEE),
        me=pair.mentee,
    )
    history = History(relationship=Relationship(mentorship=pair, asked=asked))
    assert list(Load().check(session, history, LoadOptions(), NOW)) == []
    assert list(Load().check(session, History(), LoadOptions(), NOW)) == []


def test_limit_is_an_option(judge):
    assert judge(december(2), minutes=45, minutes_a_month=30)
    assert judge(december(2), minutes=30, minutes_a_month=30) == []


def minutes_of(found):
    """Of the month in which they all are."""
    pair = Mentorship(name="p", mentor=ADA, mentee=GRACE, my_role=Party.MENTEE)
    asked = Relationship(mentorship=pair, asked=tuple(sorted(found))).asked_up_to
    return max((one.minutes for one in asked.values()), default=0)


def test_sessions_at_the_same_time_take_it_once():
    start = december(3)
    later = meeting(start + timedelta(minutes=30), 60, "later")
    assert minutes_of([meeting(start), meeting(start, 60, "copy"), later]) == 90


def test_each_month_begins_at_nothing_on_the_mentors_clock():
    pair = Mentorship(name="p", mentor=ADA, mentee=GRACE, my_role=Party.MENTEE)
    starts = [
        datetime(2026, 10, 31, 23, 30, tzinfo=UTC),
        december(1),
        december(1, 16),
        datetime(2027, 1, 1, tzinfo=UTC),
    ]
    asked = tuple(meeting(start, 30, str(number)) for number, start in enumerate(starts))
    found = Relationship(mentorship=pair, asked=asked).asked_up_to
    assert [(one.month, one.sessions, one.minutes) for one in found.values()] == [
        (10, 1, 30), (12, 1, 30), (12, 2, 60), (1, 1, 30),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 44_000), st.integers(1, 180)), max_size=30))
def test_minutes_are_those_in_which_anything_takes_place(spans):
    start = datetime(2026, 10, 1, tzinfo=UTC)
    taken = {minute for begin, length in spans for minute in range(begin, begin + length)}
    found = [meeting(start + timedelta(minutes=begin), length, str(begin)) for begin, length in spans]
    assert minutes_of(found) == len(taken)


def test_example_in_the_docstring_is_valid():
    lines = [line for line in inspect.getdoc(Load).splitlines() if line.startswith("    ")]
    example = YAML(typ="safe").load("\n".join(lines))
    assert LoadOptions.model_validate(example["rules"]["load"]) == LoadOptions()
