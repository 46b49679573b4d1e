from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from agendad.providers.model import (
    Attendee,
    EventTime,
    Instance,
    Irregularity,
    Partstat,
    Sensitivity,
    ZoneKind,
)
from agendad.rules.base import Detection, History, Reach, Session
from agendad.rules.policy import Party, Severity
from agendad.rules.timezone import Timezone, TimezoneOptions

NOW = datetime(2026, 2, 20, 12, tzinfo=UTC)


@pytest.fixture
def judge(make_policy):
    def judged(event, peers=(), declared=True, mentorship=None, now=NOW):
        policy = make_policy()
        pair = mentorship or policy.mentorships[0]
        found = Detection(is_mentorship=True, mentorship=pair if declared else None, my_role=Party.MENTEE)
        session = Session(event=event, detection=found, me=policy.me)
        findings = Timezone().check(session, History(peers=tuple(peers)), TimezoneOptions(), now)
        return {finding.code.removeprefix("timezone."): finding for finding in findings}

    return judged


def local(text, zone):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_time_inside_both_days_has_no_finding(judge, make_event):
    assert judge(make_event(local("2026-12-01T10:00", "America/New_York"))) == {}


def test_finding_names_the_person_and_their_local_time(judge, make_event):
    finding = judge(make_event(local("2026-12-01T15:00", "America/New_York")))["outside-working-hours"]
    assert finding.people == ("Ada Lovelace",)
    assert "for Ada Lovelace it is Tue 1 Dec, 20:00–20:30 in London (GMT), outside 09:00–17:00" in finding.evidence
    assert finding.reach is Reach.LADDER


def test_weekend_is_a_non_working_day_only(judge, make_event):
    findings = judge(make_event(local("2026-12-05T22:00", "America/New_York")))
    assert set(findings) == {"non-working-day"}
    assert findings["non-working-day"].people == ("Ada Lovelace", "Grace Hopper")


def test_undeclared_session_judges_only_me(judge, make_event):
    assert judge(make_event(local("2026-12-01T15:00", "America/New_York")), declared=False) == {}


def test_floating_time_is_the_only_finding(judge, make_event, floating):
    findings = judge(make_event(floating(datetime.fromisoformat("2026-12-05T03:00"))))
    assert set(findings) == {"floating"}
    assert findings["floating"].reach is Reach.ASK


def test_unknown_zone_is_the_only_finding(judge, make_event):
    strange = EventTime(wall=datetime.fromisoformat("2026-12-05T03:00"), kind=ZoneKind.UNKNOWN, tzid="Moon/Base")
    findings = judge(make_event(strange, title="Mentoring 9pm ET"))
    assert set(findings) == {"unknown-zone"}
    assert "Moon/Base" in findings["unknown-zone"].evidence


def test_all_day_event_is_not_judged(judge, make_event):
    day = EventTime(wall=datetime.fromisoformat("2026-12-05"), kind=ZoneKind.DATE)
    assert judge(make_event(day, end=day)) == {}


@pytest.mark.parametrize(
    ("irregularity", "code"),
    [(Irregularity.GAP, "nonexistent-time"), (Irregularity.OVERLAP, "ambiguous-time")],
)
def test_irregular_time_is_told_beside_what_holds(judge, make_event, at, irregularity, code):
    start = replace(at(local("2026-12-05T02:30", "America/New_York"), "America/New_York"), irregularity=irregularity)
    assert set(judge(make_event(start))) == {code, "non-working-day"}


def test_time_that_everyone_accepted_is_reported_only(judge, make_event):
    guests = tuple(
        Attendee(email=email, partstat=Partstat.ACCEPTED) for email in ("grace@example.org", "ada@example.com")
    )
    finding = judge(make_event(local("2026-12-01T15:00", "America/New_York"), attendees=guests))[
        "outside-working-hours"
    ]
    assert (finding.reach, finding.severity) == (Reach.REPORT, Severity.WARNING)
    assert "accepted" in finding.message


@pytest.mark.parametrize(
    ("partstat", "hour", "reach"),
    [
        (Partstat.NEEDS_ACTION, 15, Reach.REPORT),
        (Partstat.DECLINED, 15, Reach.LADDER),
        (Partstat.NEEDS_ACTION, 16, Reach.LADDER),
    ],
)
def test_time_is_kept_if_a_session_was_held_at_it(judge, make_event, partstat, hour, reach):
    past = make_event(
        local(f"2026-02-17T{hour}:00", "America/New_York"),
        attendees=(Attendee(email="ada@example.com", partstat=partstat),),
    )
    event = make_event(local("2026-02-24T15:00", "America/New_York"))
    assert judge(event, [past])["outside-working-hours"].reach is reach


def test_pair_without_common_hours_gets_information_only(judge, make_event, make_policy):
    pair = make_policy().mentorships[0]
    far = replace(pair, mentor=pair.mentor.model_copy(update={"timezone": "Asia/Kolkata"}))
    finding = judge(make_event(local("2026-12-01T10:00", "America/New_York")), mentorship=far)["outside-working-hours"]
    assert (finding.severity, finding.reach) == (Severity.INFO, Reach.REPORT)


@pytest.fixture
def weekly(make_event, at):
    def series(first, zone, weeks, minutes=30):
        start = datetime.fromisoformat(first)
        events = []
        for week in range(weeks):
            begin = at((start + timedelta(weeks=week)).replace(tzinfo=ZoneInfo(zone)), zone)
            end = at(begin.instant + timedelta(minutes=minutes), zone)
            events.append(make_event(begin, end=end, instance=Instance.OCCURRENCE))
        return events

    return series


def test_shift_is_told_before_the_clocks_change(judge, weekly):
    # 13:30 in London is 09:30 in New York in the weeks between the two changes, and 08:30 otherwise.
    events = weekly("2026-03-17T13:30", "Europe/London", 4)
    finding = judge(events[0], events[1:])["dst-shift"]
    assert finding.people == ("Grace Hopper",)
    assert finding.series
    assert finding.reach is Reach.NUDGE
    assert "Tue 31 Mar, 08:30–09:00 in New York (EDT)" in finding.evidence
    after = judge(events[2], (*events[:2], events[3]))
    assert set(after) == {"outside-working-hours"}


def test_shift_is_not_told_for_an_occurrence_moved_by_hand(judge, weekly, at):
    events = weekly("2026-12-01T10:00", "America/New_York", 2)
    start = at(local("2026-12-08T15:00", "America/New_York"), "America/New_York")
    end = at(local("2026-12-08T15:30", "America/New_York"), "America/New_York")
    moved = replace(events[1], instance=Instance.EXCEPTION, start=start, end=end)
    assert judge(events[0], [moved]) == {}


@pytest.mark.parametrize(
    ("title", "mismatch"),
    [
        ("Mentoring 10am ET", False),
        ("Mentoring 10am EST", False),
        ("Mentoring 3pm London", False),
        ("Mentoring 3pm BST", False),
        ("Mentoring 11am ET", True),
        ("Mentoring 10am ET / 4pm BST", True),
        ("Mentoring 14:00 UTC", False),
        ("Mentoring 15:00 UTC", True),
        ("Mentoring 15:00 UTC+1", False),
        ("Mentoring 10am CET", False),
        ("Mentoring 10am", False),
        ("Mentoring 3:00", False),
        ("Mentoring 6pm", True),
        ("1:1 on 3/4, v2.0", False),
    ],
)
def test_title_time_is_compared_with_the_start_in_summer(judge, make_event, title, mismatch):
    event = make_event(local("2026-07-01T10:00", "America/New_York"), title=title)
    assert set(judge(event)) == ({"text-mismatch"} if mismatch else set())


def test_private_title_is_not_quoted(judge, make_event):
    event = make_event(
        local("2026-07-01T10:00", "America/New_York"),
        title="Salary talk 6pm ET",
        sensitivity=Sensitivity.PRIVATE,
    )
    finding = judge(event)["text-mismatch"]
    assert "6pm" not in finding.message + finding.evidence


def test_docstring_example_is_valid():
    example = dedent((Timezone.__doc__ or "").partition("Example:\n")[2])
    loaded = YAML(typ="safe").load(StringIO(example))
    assert TimezoneOptions.model_validate(loaded["rules"]["timezone"]).ladder == TimezoneOptions().ladder


TOKYO = ("2026-12-10", "2026-12-20", "Asia/Tokyo")


@pytest.fixture
def travelling(make_policy, abroad):
    """The pair, while these are away."""

    def pair(grace=(), ada=()):
        known = make_policy().mentorships[0]
        return replace(known, mentor=abroad(known.mentor, *ada), mentee=abroad(known.mentee, *grace))

    return pair


def test_finding_names_the_zone_where_somebody_is_away(judge, make_event, travelling):
    start = local("2026-12-15T10:00", "America/New_York")
    mine = judge(make_event(start), mentorship=travelling(grace=[TOKYO]))["outside-working-hours"]
    assert mine.message == "This is outside your day (09:00–17:00): 00:00–00:30 in Tokyo while away."
    assert mine.evidence == (
        "for Grace Hopper it is Wed 16 Dec, 00:00–00:30 in Tokyo (JST) while away, outside 09:00–17:00"
    )
    assert mine.reach is Reach.LADDER
    theirs = judge(make_event(start), mentorship=travelling(ada=[TOKYO]))["outside-working-hours"]
    assert theirs.message == "This is outside Ada Lovelace's day (09:00–17:00): 00:00–00:30 in Tokyo while away."


def test_day_off_names_the_zone_where_somebody_is_away(judge, make_event, travelling):
    friday = make_event(local("2026-12-18T10:00", "America/New_York"))
    finding = judge(friday, mentorship=travelling(grace=[TOKYO]))["non-working-day"]
    assert finding.message == "Sat 19 Dec is no working day for you while away in Tokyo."
    assert "Sat 19 Dec, 00:00–00:30 in Tokyo (JST) while away, and their days are" in finding.evidence


def test_time_that_suits_where_both_are_has_no_finding(judge, make_event, travelling):
    start = local("2026-12-15T10:00", "Asia/Tokyo")
    assert set(judge(make_event(start))) == {"outside-working-hours"}
    assert judge(make_event(start), mentorship=travelling([TOKYO], [TOKYO])) == {}


def test_travel_is_no_change_of_clocks(judge, weekly, travelling):
    events = weekly("2026-12-01T10:00", "America/New_York", 5)
    pair = travelling(grace=[TOKYO])
    found = [set(judge(event, [e for e in events if e is not event], mentorship=pair)) for event in events]
    assert found == [set(), set(), {"outside-working-hours"}, set(), set()]


def test_change_of_clocks_during_a_stay_is_told_in_the_zone_of_the_stay(judge, weekly, travelling):
    # 00:30 in Tokyo is 16:30 in Berlin until the clocks change there on 29 March, and 17:30 from then on.
    events = weekly("2026-03-18T00:30", "Asia/Tokyo", 3)
    pair = travelling(grace=[("2026-03-01", "2026-04-30", "Europe/Berlin")])
    finding = judge(events[0], events[1:], mentorship=pair)["dst-shift"]
    assert "Tue 31 Mar, 17:30–18:00 in Berlin (CEST) while away" in finding.evidence
    assert "dst-shift" not in judge(events[0], events[1:])


def test_change_of_clocks_at_home_is_told_across_a_trip(judge, weekly, travelling):
    events = weekly("2026-03-17T13:30", "Europe/London", 4)
    pair = travelling(grace=[("2026-03-22", "2026-03-28", "Asia/Tokyo")])
    assert (
        "Tue 31 Mar, 08:30–09:00 in New York (EDT)"
        in judge(events[0], events[1:], mentorship=pair)["dst-shift"].evidence
    )


def test_session_held_at_the_same_hour_of_another_place_does_not_keep_this_one(judge, make_event, travelling):
    past = make_event(local("2026-12-01T20:00", "Europe/London"))
    now = datetime(2026, 12, 5, tzinfo=UTC)
    abroad = make_event(local("2026-12-15T20:00", "Asia/Tokyo"))
    finding = judge(abroad, [past], mentorship=travelling(ada=[TOKYO]), now=now)["outside-working-hours"]
    assert finding.reach is Reach.LADDER
    at_home = make_event(local("2026-12-15T20:00", "Europe/London"))
    assert judge(at_home, [past], now=now)["outside-working-hours"].reach is Reach.REPORT


@pytest.mark.parametrize(
    ("title", "mismatch"),
    [
        ("Mentoring 10am", False),
        ("Mentoring 10am ET", False),
        ("Mentoring 00:00", False),
        ("Mentoring 12am JST", False),
        ("Mentoring 6pm", True),
    ],
)
def test_title_may_name_the_time_at_home_and_where_somebody_is_away(judge, make_event, travelling, title, mismatch):
    start = local("2026-12-15T10:00", "America/New_York").astimezone(UTC)
    found = judge(make_event(start, title=title), mentorship=travelling(grace=[TOKYO]))
    assert ("text-mismatch" in found) is mismatch


def test_mismatch_is_told_on_the_clock_where_the_user_is_away(judge, make_event, make_policy, travelling):
    pair = travelling(grace=[TOKYO])
    found = Detection(is_mentorship=True, mentorship=pair, my_role=Party.MENTEE)
    event = make_event(local("2026-12-15T10:00", "America/New_York"), title="Mentoring 6pm ET")
    findings = Timezone().check(
        Session(event=event, detection=found, me=pair.mentee), History(), TimezoneOptions(), NOW
    )
    (evidence,) = (one.evidence for one in findings if one.code == "timezone.text-mismatch")
    assert evidence.endswith("it starts Wed 16 Dec 00:00 in Tokyo (JST) while away")
