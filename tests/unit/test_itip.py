"""iTIP objects are read back with icalendar and with our own reader: they say the same as the event."""

import dataclasses
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agendad.providers.base import Window
from agendad.providers.icsfolder import IcsFolderProvider
from agendad.providers.itip import Method, itip_object
from agendad.providers.model import (
    Attendee,
    EventTime,
    Instance,
    Organizer,
    Partstat,
    Sensitivity,
    Status,
    ZoneKind,
)

AT = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
START = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)
ME, ADA = "grace@example.org", "ada@example.com"
PEOPLE = {
    "organizer": Organizer(email=ME, name="Grace Hopper"),
    "attendees": (
        Attendee(email=ME, partstat=Partstat.ACCEPTED),
        Attendee(email=ADA, name="Ada Lovelace", partstat=Partstat.TENTATIVE),
    ),
}


@pytest.fixture
def session(make_event, at):
    """One of a weekly series in New York."""
    return make_event(
        at(START, "America/New_York"),
        **PEOPLE,
        title="Mentoring: Ada and Grace",
        text="Agenda:\n- one, two; three",
        recurrence_id="2026-12-03T15:00:00Z",
        instance=Instance.EXCEPTION,
        sequence=4,
        marks=("0123@abcd",),
    )


def parsed(text):
    """(METHOD, the only VEVENT)."""
    (calendar,) = icalendar.Calendar.from_ical(text, multiple=True)
    (event,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


def test_cancellation_names_the_occurrence_in_the_zone_of_its_series(session):
    text = itip_object(Method.CANCEL, session, at=AT)
    method, event = parsed(text)
    assert method == "CANCEL"
    assert event["STATUS"] == "CANCELLED"
    assert event["SEQUENCE"] == 4
    assert "RECURRENCE-ID;TZID=America/New_York:20261203T100000\r\n" in text
    assert "DTSTAMP:20261130T140000Z\r\n" in text
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert [str(guest) for guest in event["ATTENDEE"]] == [f"mailto:{ME}", f"mailto:{ADA}"]
    assert "DESCRIPTION" not in event
    assert "X-AGENDAD:0123@abcd" in text


def test_request_carries_what_the_guests_need(session):
    _, event = parsed(itip_object(Method.REQUEST, session, at=AT))
    assert event["SUMMARY"] == "Mentoring: Ada and Grace"
    assert event["DESCRIPTION"] == "Agenda:\n- one, two; three"
    assert event["STATUS"] == "CONFIRMED"
    assert [guest.params["PARTSTAT"] for guest in event["ATTENDEE"]] == ["ACCEPTED", "TENTATIVE"]
    assert event["ORGANIZER"].params["CN"] == "Grace Hopper"


def test_reply_is_from_the_one_who_answers_and_nobody_else(session):
    method, event = parsed(itip_object(Method.REPLY, session, at=AT, me=ADA.upper(), comment="Not yet, Grace"))
    assert method == "REPLY"
    assert str(event["ATTENDEE"]) == f"mailto:{ADA}"
    assert event["ATTENDEE"].params["PARTSTAT"] == "TENTATIVE"
    assert event["COMMENT"] == "Not yet, Grace"
    assert event["SEQUENCE"] == 4


def test_counter_proposes_another_time_for_the_same_occurrence(session):
    later = START + timedelta(days=1)
    text = itip_object(Method.COUNTER, session, at=AT, me=ADA, slot=(later, later + timedelta(minutes=30)))
    assert "DTSTART;TZID=America/New_York:20261204T100000" in text
    assert "RECURRENCE-ID;TZID=America/New_York:20261203T100000" in text


@pytest.mark.parametrize("method", [Method.CANCEL, Method.REPLY, Method.COUNTER])
def test_private_event_is_not_quoted(session, method):
    private = dataclasses.replace(session, sensitivity=Sensitivity.PRIVATE)
    text = itip_object(method, private, at=AT, me=ADA, slot=(START, START + timedelta(hours=1)))
    assert "Mentoring" not in text
    assert "three" not in text


@pytest.mark.parametrize(
    ("wall", "kind", "written"),
    [
        (datetime(2026, 12, 3), ZoneKind.DATE, "DTSTART;VALUE=DATE:20261203"),  # noqa: DTZ001 - a bare date
        (datetime(2026, 12, 3, 10), ZoneKind.FLOATING, "DTSTART:20261203T100000\r\n"),  # noqa: DTZ001 - floating
    ],
)
def test_time_without_an_instant_stays_as_it_is_written(session, wall, kind, written):
    time = EventTime(wall=wall, kind=kind)
    event = dataclasses.replace(session, start=time, end=time, recurrence_id=None, instance=Instance.SINGLE)
    assert written in itip_object(Method.CANCEL, event, at=AT)


def test_time_in_a_zone_of_the_invites_own_is_told_in_utc(session):
    time = dataclasses.replace(session.start, kind=ZoneKind.CUSTOM, zone=None, tzid="Campus")
    text = itip_object(Method.CANCEL, dataclasses.replace(session, start=time, end=time), at=AT)
    assert "DTSTART:20261203T150000Z" in text
    assert "VTIMEZONE" not in text


@pytest.mark.parametrize(
    ("method", "fields", "how", "why"),
    [
        (Method.REPLY, {}, {"me": "bob@example.com"}, "not invited"),
        (Method.COUNTER, {}, {"me": ADA}, "proposes a time"),
        (Method.REQUEST, {"organizer": None}, {}, "organizer"),
    ],
)
def test_object_that_nobody_could_understand_is_not_made(session, method, fields, how, why):
    with pytest.raises(ValueError, match=why):
        itip_object(method, dataclasses.replace(session, **fields), at=AT, **how)


TEXTS = st.text(max_size=80)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # they are functions, without state
@given(title=TEXTS, body=TEXTS, name=TEXTS, label=TEXTS)
def test_whatever_people_write_stays_data(make_event, at, title, body, name, label):
    organizer = Organizer(email=ME, name=name)
    event = make_event(
        at(START, "America/New_York"), **(PEOPLE | {"organizer": organizer}), title=title, text=body,
        categories=(label,), marks=(),
    )  # fmt: skip
    text = itip_object(Method.REQUEST, event, at=AT)
    method, read = parsed(text)
    assert (method, str(read["UID"]), str(read["ORGANIZER"])) == ("REQUEST", event.uid, f"mailto:{ME}")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert {line.partition(":")[0] for line in text.split("\r\n") if line.startswith("BEGIN")} == {"BEGIN"}
    assert text.count("BEGIN:VEVENT") == 1


@pytest.mark.parametrize("method", [Method.REQUEST, Method.CANCEL])
def test_our_own_reader_finds_the_same_event_in_it(session, tmp_path, method):
    (tmp_path / "invite.ics").write_text(itip_object(method, session, at=AT), "utf-8", newline="")
    window = Window(START - timedelta(days=9), START + timedelta(days=9))
    pages = IcsFolderProvider("mail", tmp_path).changes(".", None, window)
    (found,) = [event for page in pages for event in page.events]
    assert found.key == session.key
    assert (found.start.instant, found.end.instant) == (session.start.instant, session.end.instant)
    assert found.attendees == session.attendees
    assert found.marks == session.marks
    assert found.status is (Status.CANCELLED if method is Method.CANCEL else Status.CONFIRMED)
