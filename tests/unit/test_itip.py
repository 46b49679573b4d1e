"""What guests are told, read back by the icalendar library and by our own reader."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from agendad.providers import zones
from agendad.providers.base import Window
from agendad.providers.icsfolder import IcsFolderProvider
from agendad.providers.icslines import parse
from agendad.providers.itip import Method, itip_object
from agendad.providers.model import (
    Attachment,
    Attendee,
    ConferenceLink,
    Cutype,
    EventTime,
    Instance,
    Organizer,
    Partstat,
    Role,
    Sensitivity,
    Status,
    Transparency,
    ZoneKind,
)
from agendad.providers.vtimezones import vtimezone

START = datetime(2026, 12, 1, 15, tzinfo=UTC)
NOW = datetime(2026, 11, 29, 15, tzinfo=UTC)
SLOT = (START + timedelta(days=1), START + timedelta(days=1, minutes=45))


def told(method, event, **arguments):
    """The object as text, and its VEVENT as the icalendar library reads it."""
    if method in (Method.REPLY, Method.COUNTER):
        arguments.setdefault("me", "ada@example.com")
    if method is Method.COUNTER:
        arguments.setdefault("slot", SLOT)
    text = itip_object(method, event, at=NOW, **arguments)
    (vevent,) = Calendar.from_ical(text).events
    return text, vevent


def lines(text):
    return text.replace("\r\n ", "").split("\r\n")


def read_back(folder, text):
    """The one event of a folder that holds nothing else. Our reader leaves answers to events alone."""
    for answer in (Method.REPLY, Method.COUNTER):
        text = text.replace(f"METHOD:{answer}\r\n", "")
    (folder / "told.ics").write_bytes(text.encode())
    window = Window(START - timedelta(days=365), START + timedelta(days=365))
    pages = list(IcsFolderProvider("home", folder).changes(".", None, window))
    assert [problem for page in pages for problem in page.problems] == []
    (event,) = [event for page in pages for event in page.events]
    return event


@pytest.fixture(name="session")
def _session(make_event, at):
    return make_event(
        at(START, "America/New_York"), recurrence_id="2026-12-01T15:00:00Z", instance=Instance.EXCEPTION,
        sequence=3, status=Status.CANCELLED, marks=("key-1", "key-2"),
    )  # fmt: skip


def test_cancellation_names_the_occurrence_in_its_series_zone_when_it_has_one(session):
    text, vevent = told(Method.CANCEL, session, comment="No agenda yet; next time!")
    assert lines(text)[:4] == ["BEGIN:VCALENDAR", "PRODID:-//agendad//agendad//EN", "VERSION:2.0", "METHOD:CANCEL"]
    for line in (
        "UID:session-1@example.org",
        "RECURRENCE-ID;TZID=America/New_York:20261201T100000",
        "SEQUENCE:3",
        "DTSTAMP:20261129T150000Z",
        "DTSTART;TZID=America/New_York:20261201T100000",
        "DTEND;TZID=America/New_York:20261201T103000",
        'ORGANIZER;CN="Grace Hopper":mailto:grace@example.org',
        "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:grace@example.org",
        "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION:mailto:ada@example.com",
        "STATUS:CANCELLED",
        "DESCRIPTION:No agenda yet\\; next time!",
        "COMMENT:No agenda yet\\; next time!",
        "X-AGENDAD:key-1",
        "X-AGENDAD:key-2",
    ):
        assert lines(text).count(line) == 1
    assert vevent["DTSTART"].dt == START


def test_cancellation_is_called_off_also_when_the_event_does_not_say_so(session):
    _, vevent = told(Method.CANCEL, replace(session, status=Status.CONFIRMED))
    assert vevent["STATUS"] == "CANCELLED"


def test_occurrence_is_named_by_its_original_start_when_it_was_moved(session):
    _, vevent = told(Method.CANCEL, replace(session, recurrence_id="2026-11-24T20:30:00Z"))
    assert vevent["RECURRENCE-ID"].dt == datetime(2026, 11, 24, 15, 30, tzinfo=ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    ("recurrence_id", "written"),
    [
        ("2026-12-01T15:00:00Z", "RECURRENCE-ID:20261201T150000Z"),
        ("2026-12-01", "RECURRENCE-ID;VALUE=DATE:20261201"),
        ("2026-12-01T10:00:00", "RECURRENCE-ID:20261201T100000"),
    ],
)
def test_original_start_is_written_as_it_is_known_when_the_series_has_no_zone(make_event, at, recurrence_id, written):
    text, _ = told(Method.CANCEL, make_event(at(START), recurrence_id=recurrence_id, instance=Instance.EXCEPTION))
    assert written in lines(text)
    assert "BEGIN:VTIMEZONE" not in text


def test_single_event_has_no_recurrence_id(make_event, at):
    _, vevent = told(Method.CANCEL, make_event(at(START)))
    assert "RECURRENCE-ID" not in vevent


def test_reply_has_one_attendee_and_the_words(session):
    people = (
        *session.attendees,
        Attendee(email="me@example.org", name="Me", partstat=Partstat.TENTATIVE, role=Role.OPTIONAL),
    )
    text, vevent = told(Method.REPLY, replace(session, attendees=people), me=" Me@Example.ORG ", comment="May come")
    assert [line for line in lines(text) if line.startswith("ATTENDEE")] == [
        "ATTENDEE;CN=Me;ROLE=OPT-PARTICIPANT;PARTSTAT=TENTATIVE:mailto:me@example.org"
    ]
    assert (vevent["COMMENT"], vevent["SEQUENCE"], vevent["DTSTART"].dt) == ("May come", 3, START)
    assert not {"X-AGENDAD", "STATUS", "DESCRIPTION", "RSVP"} & set(vevent)


def test_name_with_a_backslash_is_quoted_as_some_readers_see_an_escape_in_it(session):
    organizer = Organizer(email="grace@example.org", name="EXAMPLE\\grace\\", sent_by="desk@example.org")
    _, vevent = told(Method.CANCEL, replace(session, organizer=organizer))
    assert vevent["ORGANIZER"].params["SENT-BY"] == "mailto:desk@example.org"


def test_counter_proposes_the_slot_beside_the_original_times(session):
    text, vevent = told(Method.COUNTER, session, comment="Later?")
    assert "DTSTART;TZID=America/New_York:20261202T100000" in lines(text)
    assert "DTEND;TZID=America/New_York:20261202T104500" in lines(text)
    assert "X-MS-OLK-ORIGINALSTART;TZID=America/New_York:20261201T100000" in lines(text)
    assert "X-MS-OLK-ORIGINALEND;TZID=America/New_York:20261201T103000" in lines(text)
    assert (vevent["SEQUENCE"], vevent["COMMENT"]) == (3, "Later?")
    assert text.count("\r\nATTENDEE") == 1
    assert "X-AGENDAD" not in vevent


def test_request_carries_all_that_guests_had(make_event, at, tmp_path):
    event = make_event(
        at(START, "Europe/London"), text="Agenda:\n- one, two; C:\\New", html="<p>one, two</p>", location="Room; 1",
        url="https://example.org/a?b=c,d", categories=("Mentoring", "one, two"), sensitivity=Sensitivity.CONFIDENTIAL,
        transparency=Transparency.TRANSPARENT, status=Status.TENTATIVE, marks=("key",),
        conference=(ConferenceLink(url="https://meet.example.org/abc", product="other"),),
        attachments=(Attachment(url="https://example.org/a", filename="a;b", media_type="text/plain"), Attachment()),
        organizer=Organizer(email="grace@example.org", name="Grace", sent_by="assistant@example.org"),
        attendees=(
            Attendee(email="ada@example.com", name="Ada", partstat=Partstat.DECLINED, role=Role.CHAIR),
            Attendee(email="room@example.org", name="Room 1", cutype=Cutype.ROOM, sent_by="desk@example.org"),
        ),
    )  # fmt: skip
    text, _ = told(Method.REQUEST, event)
    again = read_back(tmp_path, text)
    for name in (
        "uid", "title", "text", "html", "location", "url", "conference", "categories", "sensitivity", "transparency",
        "status", "marks", "organizer", "attendees", "start", "end", "sequence",
    ):  # fmt: skip
        assert getattr(again, name) == getattr(event, name)
    assert again.attachments == event.attachments[:1]
    assert "BEGIN:VALARM" not in text


def test_guests_are_asked_to_answer_only_by_a_request(session):
    assert told(Method.REQUEST, session)[0].count("RSVP=TRUE") == 1  # Grace has accepted
    assert "RSVP" not in told(Method.CANCEL, session)[0]


def test_link_is_not_told_twice_when_the_event_shows_it(make_event, at):
    link = ConferenceLink(url="https://meet.example.org/abc", product="other")
    text, _ = told(Method.REQUEST, make_event(at(START), location=link.url, conference=(link,)))
    assert "CONFERENCE" not in text


@pytest.mark.parametrize("sensitivity", [Sensitivity.PRIVATE, Sensitivity.CONFIDENTIAL])
@pytest.mark.parametrize("method", [Method.CANCEL, Method.REPLY, Method.COUNTER])
def test_private_event_is_not_quoted_when_it_is_not_an_invitation(session, sensitivity, method):
    event = replace(session, sensitivity=sensitivity, title="SECRET", text="SECRET", html="SECRET", location="SECRET")
    text, vevent = told(method, event, comment="Sorry")
    assert "SECRET" not in text
    assert not {"SUMMARY", "DESCRIPTION"} & set(vevent)
    assert (vevent["CLASS"], vevent["COMMENT"]) == (sensitivity.value, "Sorry")
    assert told(Method.REQUEST, event)[1]["SUMMARY"] == "SECRET"


def test_floating_time_has_no_zone(make_event, floating):
    text, _ = told(Method.CANCEL, make_event(floating(datetime(2026, 12, 1, 10))))  # noqa: DTZ001
    assert {"DTSTART:20261201T100000", "DTEND:20261201T103000"} <= set(lines(text))


def test_all_day_times_are_dates(make_event):
    day = EventTime(wall=datetime(2026, 12, 1), kind=ZoneKind.DATE)  # noqa: DTZ001
    text, vevent = told(Method.CANCEL, make_event(day, end=replace(day, wall=day.wall + timedelta(days=1))))
    assert "DTSTART;VALUE=DATE:20261201" in lines(text)
    assert vevent["DTEND"].dt == date(2026, 12, 2)


def test_unknown_zone_keeps_its_name_and_is_not_made_up(make_event, tmp_path):
    start = EventTime(wall=datetime(2026, 12, 1, 10), kind=ZoneKind.UNKNOWN, tzid="Mars; Olympus")  # noqa: DTZ001
    event = make_event(start, end=replace(start, wall=start.wall + timedelta(hours=1)))
    text, _ = told(Method.CANCEL, event)
    assert "BEGIN:VTIMEZONE" not in text
    assert read_back(tmp_path, text).start == start


def test_time_is_in_utc_when_the_zone_is_known_from_the_file_alone(make_event, at):
    start = replace(at(START), kind=ZoneKind.CUSTOM, zone=None, tzid="Office")
    text, _ = told(Method.CANCEL, make_event(start, end=at(START + timedelta(hours=1))))
    assert "DTSTART:20261201T150000Z" in lines(text)


def test_time_is_in_utc_when_clocks_show_it_twice_and_mean_the_first(make_event, at):
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # 01:30 for the second time
    text, vevent = told(Method.CANCEL, make_event(at(second, "America/New_York")))
    assert "DTSTART:20261101T063000Z" in lines(text)
    assert vevent["DTEND"].dt == second + timedelta(minutes=30)


def test_event_without_length_has_no_end(make_event, at):
    event = make_event(at(START), end=at(START))
    assert "DTEND" not in told(Method.CANCEL, event)[1]


def test_guest_without_a_mail_address_is_left_out(session):
    event = replace(session, attendees=(*session.attendees, Attendee(email="", name="Nobody")))
    assert told(Method.CANCEL, event)[0].count("\r\nATTENDEE") == 2


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("organizer", [None, Organizer(email="", name="Grace")])
def test_event_is_refused_when_nobody_with_an_address_organizes_it(session, method, organizer):
    with pytest.raises(ValueError, match="organizer"):
        told(method, replace(session, organizer=organizer))


@pytest.mark.parametrize("me", ["", "somebody@example.com"])
@pytest.mark.parametrize("method", [Method.REPLY, Method.COUNTER])
def test_answer_is_refused_when_i_am_not_invited(session, method, me):
    event = replace(session, attendees=(*session.attendees, Attendee(email="")))
    with pytest.raises(ValueError, match="not among the attendees"):
        told(method, event, me=me)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        (Method.COUNTER, {"slot": None}),
        (Method.COUNTER, {"slot": SLOT[::-1]}),
        (Method.COUNTER, {"slot": tuple(time.replace(tzinfo=None) for time in SLOT)}),
        (Method.COUNTER, {"slot": tuple(time.astimezone(ZoneInfo("Asia/Tokyo")) for time in SLOT)}),
        (Method.CANCEL, {"slot": SLOT}),
    ],
)
def test_slot_is_refused_when_it_is_none_or_not_asked_for(session, method, arguments):
    with pytest.raises(ValueError, match=r"slot|ends after"):
        told(method, session, **arguments)


def test_naive_stamp_is_refused(session):
    with pytest.raises(ValueError, match="UTC"):
        itip_object(Method.CANCEL, session, at=NOW.replace(tzinfo=None))


def offsets(component, instants):
    """What our own reader makes of a VTIMEZONE."""
    text = f"BEGIN:VCALENDAR\r\n{component.to_ical().decode()}BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    zone = zones.read_timezone(parse(text).calendars[0].timezones[0])
    return [instant.astimezone(zone).utcoffset() for instant in instants]


@pytest.mark.parametrize(
    "name",
    [
        "America/New_York", "Europe/London", "Europe/Dublin", "Europe/Berlin", "Africa/Casablanca", "Asia/Jerusalem",
        "Asia/Gaza", "Asia/Tehran", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia",
        "America/Caracas", "Asia/Pyongyang", "Pacific/Chatham", "Africa/Cairo", "America/Sao_Paulo", "Etc/GMT+5",
    ],
)  # fmt: skip
def test_zone_is_true_of_each_day_of_the_years_in_question(name):
    for year in (1996, 2011, 2016, 2026, 2037):
        days = [datetime(year, 1, 1, 11, tzinfo=UTC) + timedelta(days=n) for n in range(364)]
        assert offsets(vtimezone(name, days), days) == [day.astimezone(ZoneInfo(name)).utcoffset() for day in days]


@pytest.mark.parametrize("year", [2, 9998])
def test_zone_is_written_at_the_ends_of_the_calendar(year):
    zone = vtimezone("America/New_York", [datetime(year, 7, 1, tzinfo=UTC)])
    assert zone.subcomponents


def test_zone_is_true_of_years_far_apart():
    instants = [datetime(year, month, 10, tzinfo=UTC) for year in (1985, 2006, 2026) for month in (1, 4, 7, 11)]
    zone = ZoneInfo("America/New_York")
    told_offsets = offsets(vtimezone("America/New_York", instants), instants)
    assert told_offsets == [instant.astimezone(zone).utcoffset() for instant in instants]


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("America/New_York", ["FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"]),
        ("Europe/Dublin", ["FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"]),
        ("Asia/Tokyo", [None]),
    ],
)
def test_zone_has_one_standard_and_one_daylight_part_with_a_yearly_rule(name, rules):
    parts = vtimezone(name, [START]).subcomponents
    assert [part.name for part in parts] == ["DAYLIGHT", "STANDARD"][-len(rules) :]
    assert [part["RRULE"].to_ical().decode() if "RRULE" in part else None for part in parts] == rules
    assert all("RDATE" not in part for part in parts)
