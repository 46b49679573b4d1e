"""The rule `cadence`: sessions that are too far apart, and too close."""

import inspect
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import ADA, GRACE, at, make_event
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from agendad.providers.model import Instance
from agendad.rules.base import Detection, History, Reach, Session, Version
from agendad.rules.cadence import Cadence, CadenceOptions
from agendad.rules.policy import Mentorship, Party
from agendad.rules.relationship import Meeting, Relationship

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def meeting(start, uid="earlier", **changes):
    fields = {"start": start, "end": start + timedelta(minutes=30), "uid": uid, "held": start < NOW}
    return Meeting(**(fields | changes))


@pytest.fixture
def pair(make_policy):
    (declared,) = make_policy().mentorships
    return replace(declared, cadence=timedelta(weeks=2))


@pytest.fixture
def lapsed(pair):
    def check(held=(), coming=(), *, pair=pair, **options):
        relationship = Relationship(
            mentorship=pair,
            held=tuple(meeting(NOW - days * DAY) for days in sorted(held, reverse=True)),
            coming=tuple(meeting(NOW + days * DAY) for days in sorted(coming)),
        )
        return list(Cadence().check_pair(relationship, CadenceOptions(**options), NOW))

    return check


@pytest.fixture
def often(pair, make_event):
    def check(start, *others, history=None, pair=pair, event=None, **options):
        event = event or make_event(start)
        relationship = Relationship(
            mentorship=pair,
            held=tuple(sorted(one for one in others if one.held)),
            coming=tuple(sorted(one for one in others if not one.held)),
        )
        detection = Detection(is_mentorship=True, mentorship=pair, my_role=Party.MENTEE)
        session = Session(event=event, detection=detection, me=pair.mentee)
        history = replace(history or History(), relationship=relationship)
        return list(Cadence().check(session, history, CadenceOptions(**options), NOW))

    return check


@pytest.mark.parametrize(
    ("held", "coming", "found"),
    [
        ([22], [], True),
        ([21], [], False),
        ([22, 5], [], False),
        ([40], [20], True),
        ([40], [7], False),
        ([1], [13], False),
        ([1], [25], True),
        ([], [], False),
        ([], [50], False),
    ],
)
def test_cadence_has_lapsed_when_last_and_next_are_too_far_apart_and_the_next_is_not_near(lapsed, held, coming, found):
    assert [finding.code for finding in lapsed(held, coming)] == ["cadence.lapsed"] * found


def test_lapse_tells_the_cadence_and_when_the_two_met_last(lapsed):
    (finding,) = lapsed([32])
    assert finding.message == "You and Ada Lovelace mean to meet every 2 weeks, and have not met since Thu 29 Oct."
    assert finding.evidence == "last held: Thu 29 Oct; none is planned"
    (finding,) = lapsed([32], [20])
    assert "the next is on Sun 20 Dec" in finding.message


def test_pair_without_a_cadence_never_lapses(lapsed, pair):
    assert lapsed([80], pair=replace(pair, cadence=None)) == []


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_nothing_has_lapsed_while_one_of_the_two_is_away(lapsed, pair, abroad, who):
    away = abroad(getattr(pair, who), ("2026-11-28", "2026-12-03", "Asia/Tokyo"))
    assert lapsed([40], pair=replace(pair, **{who: away})) == []


def test_days_away_do_not_count_and_days_on_which_both_are_count_once(lapsed, pair, abroad):
    stay = ("2026-11-10", "2026-11-15", "Europe/London")
    both = replace(pair, mentor=abroad(pair.mentor, stay), mentee=abroad(pair.mentee, stay))
    assert lapsed([26], pair=both) == []
    assert [finding.code for finding in lapsed([28], pair=both)] == ["cadence.lapsed"]


def test_how_late_is_late_is_an_option(lapsed):
    assert lapsed([22], late_after=2) == []
    assert lapsed([29], late_after=2)


@pytest.mark.parametrize(("days", "found"), [(0, True), (6, True), (7, False), (14, False)])
def test_session_is_too_soon_after_the_one_before_by_days(often, days, found):
    start = NOW + 8 * DAY
    findings = often(start, meeting(start - days * DAY - timedelta(hours=2 * (days == 0))))
    assert [finding.code for finding in findings] == ["cadence.too-often"] * found
    assert all(finding.reach is Reach.NUDGE for finding in findings)


def test_only_the_later_of_two_sessions_is_too_soon(often):
    start = NOW + 3 * DAY
    assert often(start, meeting(start + 2 * DAY)) == []
    assert often(start, meeting(start - 30 * DAY), meeting(start - 2 * DAY))


def test_sessions_at_the_same_time_are_none_too_many(often):
    start = NOW + 3 * DAY
    assert often(start, meeting(start)) == []
    assert often(start, meeting(start - timedelta(minutes=15))) == []


def test_session_that_was_moved_to_its_time_is_not_too_soon(often, make_event):
    start = NOW + 3 * DAY
    before = meeting(start - 2 * DAY)
    states = [(start + 9 * DAY), start]
    versions = tuple(
        Version(seen_at=NOW, start=one, end=one + timedelta(minutes=30), organizer="", fingerprint="") for one in states
    )
    assert often(start, before, history=History(versions=versions)) == []
    moved = make_event(start, recurrence_id="2026-12-10T12:00:00Z", instance=Instance.EXCEPTION)
    assert often(start, before, event=moved) == []


def test_session_after_one_that_was_moved_is_not_too_soon(often):
    start = NOW + 3 * DAY
    assert often(start, meeting(start - 2 * DAY, recurrence_id="2026-11-20T12:00:00Z")) == []


def test_weekly_series_is_one_finding_of_the_series(often, make_event, pair):
    start = NOW + 3 * DAY
    event = make_event(start, recurrence_id=f"{start:%Y-%m-%dT%H:%M:%SZ}", instance=Instance.OCCURRENCE)
    monthly = replace(pair, cadence=timedelta(weeks=4))
    (finding,) = often(start, meeting(start - 7 * DAY, uid=event.uid), event=event, pair=monthly)
    assert finding.series
    (finding,) = often(start, meeting(start - 7 * DAY, uid="other"), event=event, pair=monthly)
    assert not finding.series


def test_nothing_is_too_often_where_the_pair_is_not_known(often, pair):
    start = NOW + 3 * DAY
    assert often(start, meeting(start - DAY), pair=replace(pair, cadence=None)) == []
    assert often(start) == []


@given(
    weeks=st.integers(1, 8),
    hour=st.integers(0, 23),
    first=st.dates(date(2026, 1, 5), date(2027, 12, 1)),
    zone=st.sampled_from(["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_series_at_half_the_cadence_is_never_too_often_whatever_clocks_do(weeks, hour, first, zone):
    me = GRACE.model_copy(update={"timezone": zone})
    pair = Mentorship(name="p", mentor=ADA, mentee=me, my_role=Party.MENTEE, cadence=timedelta(weeks=2 * weeks))
    starts = [
        datetime(first.year, first.month, first.day, hour, tzinfo=ZoneInfo(zone)) + step * timedelta(weeks=weeks)
        for step in (0, 1)
    ]
    before, start = (one.astimezone(UTC) for one in starts)
    relationship = Relationship(mentorship=pair, coming=(meeting(before, held=False),))
    detection = Detection(is_mentorship=True, mentorship=pair, my_role=Party.MENTEE)
    session = Session(event=make_event(at(start, zone)), detection=detection, me=me)
    assert list(Cadence().check(session, History(relationship=relationship), CadenceOptions(), before)) == []


def test_example_in_the_docstring_is_valid():
    lines = [line for line in inspect.getdoc(Cadence).splitlines() if line.startswith("    ")]
    example = YAML(typ="safe").load("\n".join(lines))
    assert CadenceOptions.model_validate(example["rules"]["cadence"]) == CadenceOptions()
