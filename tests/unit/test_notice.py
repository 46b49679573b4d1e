"""The rule `notice`: invites that come shortly before their session."""

import inspect
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ruamel.yaml import YAML

from agendad.providers import google_events, graph_events
from agendad.providers.base import Window
from agendad.providers.icsfolder import read_file, read_group
from agendad.providers.model import Instance
from agendad.rules.base import Detection, History, Reach, Session, Version
from agendad.rules.notice import Notice, NoticeOptions

START = datetime(2026, 12, 8, 15, tzinfo=UTC)
NOW = START - timedelta(hours=2)
HOUR = timedelta(hours=1)


@pytest.fixture
def judge(make_event, make_policy):
    def check(event=None, history=None, *, created=None, **options):
        event = event or make_event(START, created=created)
        policy = make_policy()
        detection = Detection(is_mentorship=True, mentorship=policy.mentorships[0])
        session = Session(event=event, detection=detection, me=policy.me)
        return list(Notice().check(session, history or History(), NoticeOptions(**options), NOW))

    return check


@pytest.mark.parametrize(("hours", "found"), [(5, True), (23, True), (24, False), (300, False)])
def test_invite_that_was_made_less_than_a_day_before_is_short_notice(judge, hours, found):
    findings = judge(created=START - hours * HOUR)
    assert [finding.code for finding in findings] == ["notice.too-short"] * found
    assert all(finding.reach is Reach.NUDGE for finding in findings)


def test_finding_tells_how_long_before_and_when(judge):
    (finding,) = judge(created=START - 5 * HOUR)
    assert finding.message == "The invite came 5h before the session; at least 24h would be kind."
    assert finding.evidence.startswith("made Tue 8 Dec 05:00 in New York (EST)")
    (finding,) = judge(created=START - timedelta(minutes=20))
    assert "came 20m before" in finding.message


def test_what_was_first_seen_shortly_before_is_short_notice_where_the_calendar_does_not_tell(judge):
    (finding,) = judge(history=History(first_seen=START - 3 * HOUR))
    assert finding.evidence.startswith("first seen")


def test_nothing_is_said_where_nobody_knows_since_when_it_is_there(judge):
    assert judge() == []


@pytest.mark.parametrize(
    "earlier",
    [{"first_seen": START - 200 * HOUR}, {"versions": (START - 200 * HOUR,)}, {"modified": START - 200 * HOUR}],
)
def test_what_was_seen_or_changed_before_it_was_said_to_be_made_is_older(judge, make_event, earlier):
    """Some programs write the time of the export."""
    event = make_event(START, created=START - 3 * HOUR, modified=earlier.get("modified"))
    versions = tuple(
        Version(seen_at=seen, start=START, end=START + HOUR, organizer="", fingerprint="")
        for seen in earlier.get("versions", ())
    )
    assert judge(event, History(first_seen=earlier.get("first_seen"), versions=versions)) == []


def test_only_the_first_of_a_series_is_judged(judge, make_event):
    event = make_event(
        START, created=START - 3 * HOUR, instance=Instance.OCCURRENCE, recurrence_id="2026-12-08T15:00:00Z"
    )
    later, earlier = (make_event(START + days * 24 * HOUR) for days in (7, -7))
    assert judge(event, History(peers=(later,)))
    assert judge(event, History(peers=(earlier, later))) == []


def test_series_that_was_split_off_another_is_no_new_invite(judge, make_event):
    uid = "abc_R20261208T150000@google.com"
    event = make_event(START, uid=uid, created=START - 3 * HOUR, instance=Instance.OCCURRENCE)
    assert judge(event) == []


def test_move_is_no_new_invite(judge, make_event):
    event = make_event(START, created=START - 20 * HOUR)
    versions = tuple(
        Version(seen_at=NOW - 9 * HOUR, start=start, end=start + HOUR, organizer="", fingerprint="")
        for start in (START + 99 * HOUR, START)
    )
    assert judge(event, History(versions=versions)) == []
    assert judge(replace(event, instance=Instance.EXCEPTION)) == []


def test_entry_that_was_made_afterwards_is_a_record(judge):
    assert judge(created=START + HOUR) == []


def test_session_without_an_instant_is_not_judged(judge, make_event, floating):
    assert judge(make_event(floating(datetime.fromisoformat("2026-12-08T15:00")), created=NOW)) == []


def test_how_much_notice_is_enough_is_an_option(judge):
    assert judge(created=START - 5 * HOUR, at_least="4h") == []
    assert judge(created=START - 60 * HOUR, at_least="3d")


def from_google():
    return google_events.read_event(
        {
            "id": "1", "created": "2026-12-08T10:00:00.000Z", "updated": "2026-12-08T10:00:00.000Z",
            "start": {"dateTime": "2026-12-08T15:00:00Z"}, "end": {"dateTime": "2026-12-08T15:30:00Z"},
        },
        account="work", calendar="primary",
    )  # fmt: skip


def from_outlook():
    resource = {
        "id": "1", "type": "singleInstance", "createdDateTime": "2026-12-08T10:00:00.1234567Z",
        "start": {"dateTime": "2026-12-08T15:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-08T15:30:00.0000000", "timeZone": "UTC"},
    }  # fmt: skip
    return graph_events.read_event(resource, account="uni", calendar="default", me=())


def from_ics():
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20261208T100000Z",
        "CREATED:20261208T100000Z", "DTSTART:20261208T150000Z", "DTEND:20261208T153000Z", "SUMMARY:Mentoring",
        "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    window = Window.around(NOW, lookback=24 * HOUR, horizon=24 * HOUR)
    (events,) = read_group([read_file("\r\n".join(lines).encode(), "x", "home")], window).events.values()
    return events[0]


@pytest.mark.parametrize("made", [from_google, from_outlook, from_ics])
def test_every_provider_tells_when_an_invite_was_made(judge, made):
    (finding,) = judge(made())
    assert "came 5h before" in finding.message
    assert finding.evidence.startswith("made")


def test_series_in_outlook_was_made_when_its_master_was(judge):
    time = {"dateTime": "2026-12-08T15:00:00", "timeZone": "UTC"}
    made = {"id": "1", "type": "exception", "seriesMasterId": "m", "createdDateTime": "2026-12-08T10:00:00Z"}
    master = {"id": "m", "type": "seriesMaster", "iCalUId": "u", "createdDateTime": "2026-06-01T10:00:00Z"}
    told = made | {"start": time, "end": time}
    event = graph_events.read_event(told, account="uni", calendar="default", me=(), master=master)
    assert event.created == datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert judge(graph_events.read_event(told, account="uni", calendar="default", me=())) == []


def test_example_in_the_docstring_is_valid():
    lines = [line for line in inspect.getdoc(Notice).splitlines() if line.startswith("    ")]
    example = YAML(typ="safe").load("\n".join(lines))
    assert NoticeOptions.model_validate(example["rules"]["notice"]) == NoticeOptions()
