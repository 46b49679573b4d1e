"""Whatever an event holds, guests are told of that event: both readers agree, and no text becomes a line."""

import re
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from agendad.providers import zones
from agendad.providers.base import Window
from agendad.providers.icsfolder import IcsFolderProvider
from agendad.providers.itip import Method, itip_object
from agendad.providers.model import (
    Attendee,
    Cutype,
    Event,
    EventTime,
    Instance,
    Organizer,
    Partstat,
    Role,
    Status,
    ZoneKind,
)
from agendad.providers.recurrence import recurrence_id

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=900), NOW + timedelta(days=900))
ZONES = (
    "America/New_York", "Europe/Dublin", "Africa/Casablanca", "Asia/Jerusalem", "Australia/Lord_Howe", "Asia/Kolkata",
    "Eastern Standard Time", "Europe/London", "Etc/UTC", "Mars/Olympus",
)  # fmt: skip
KNOWN_HERE_ONLY = zones.Zone(ZoneKind.CUSTOM, zones.fixed_offset("+0330").tz, None, "Office")

anything = st.text(max_size=200)
hostile = st.one_of(
    anything,
    st.lists(
        st.sampled_from([
            "\r", "\n", "\r\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x00", "\x1b", "\ud800", "\t", " ", ";",
            ":", ",", '"', "'", "^", "\\", "\\n", "\\N", "%0D%0A", "ATTENDEE:mailto:eve@example.net", "END:VEVENT",
            "é", "😀", "\u202e", "=", "?",
        ]),
        max_size=12,
    ).map("".join),
)  # fmt: skip
printable = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=90)
names = printable.map(str.strip)
locals_ = st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters=":@<>"), min_size=1, max_size=40)
emails = st.one_of(
    st.sampled_from(["ada@example.com", "grace+mentor@example.org", "o'brien@example.org", "a%41b@example.org"]),
    locals_.map(lambda local: f"{local}@example.org".lower()).filter(lambda one: one == one.lower()),
)
zone_of = st.one_of(
    st.sampled_from(ZONES).map(lambda name: zones.resolve(name, {})),
    st.sampled_from([zones.UTC_ZONE, zones.FLOATING, zones.DATE, zones.fixed_offset("-0730"), KNOWN_HERE_ONLY]),
)
walls = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(lambda wall: wall.replace(microsecond=0))  # noqa: DTZ001
people = st.builds(
    Attendee,
    email=emails,
    name=names,
    partstat=st.sampled_from(Partstat),
    cutype=st.sampled_from(Cutype),
    role=st.sampled_from(Role),
    sent_by=st.just("") | emails,
)


@st.composite
def events(draw, texts=printable):
    zone = draw(zone_of)
    day = zone.kind is ZoneKind.DATE
    wall = draw(walls)
    wall = wall.replace(hour=0, minute=0, second=0) if day else wall
    start = zones.at_wall(wall, zone)
    length = timedelta(days=draw(st.integers(1, 3))) if day else timedelta(minutes=draw(st.integers(1, 3000)))
    end = (
        zones.at_wall(wall + length, zone) if start.instant is None else zones.at_instant(start.instant + length, zone)
    )
    original = draw(st.none() | walls)
    if original is not None:
        original = zones.at_wall(original.replace(hour=0, minute=0, second=0) if day else original, zone)
    return Event(
        account="home", calendar=".", id="1", uid=draw(st.sampled_from(["a@example.org", "{0}:1;2,3", "ü/é"])),
        recurrence_id=None if original is None else recurrence_id(original),
        instance=Instance.SINGLE if original is None else Instance.EXCEPTION,
        sequence=draw(st.integers(0, 10**6)), status=draw(st.sampled_from(Status)),
        organizer=Organizer(email=draw(emails), name=draw(names), sent_by=draw(st.just("") | emails)),
        attendees=tuple(draw(st.lists(people, min_size=1, max_size=4, unique_by=lambda one: one.email))),
        title=draw(texts), text=draw(texts), html=draw(texts), location=draw(texts), start=start, end=end,
        marks=tuple(draw(st.lists(st.sampled_from(["key-1", "a,b;c"]), max_size=2))),
    )  # fmt: skip


def written(method, event, comment=""):
    me = event.attendees[0].email if method.answers else ""
    slot = (NOW, NOW + timedelta(hours=1)) if method is Method.COUNTER else None
    return itip_object(method, event, at=NOW, me=me, comment=comment, slot=slot)


def same_time(one: EventTime, other: EventTime) -> bool:
    if one.instant is not None:
        return one.instant == other.instant
    return (one.kind, one.wall, one.tzid) == (other.kind, other.wall, other.tzid)


@given(st.sampled_from(Method), events())
def test_our_reader_reads_the_occurrence_that_was_told(method, event):
    text = written(method, event)
    for answer in (Method.REPLY, Method.COUNTER):  # which a calendar is not changed by
        text = text.replace(f"METHOD:{answer}\r\n", "")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "told.ics").write_bytes(text.encode())
        pages = list(IcsFolderProvider("home", Path(folder)).changes(".", None, WINDOW))
    assert [problem for page in pages for problem in page.problems] == []
    (read,) = [event for page in pages for event in page.events]
    assert (read.key, read.sequence, read.organizer) == (event.key, event.sequence, event.organizer)
    assert read.attendees == (event.attendees[:1] if method.answers else event.attendees)
    assert read.marks == (() if method.answers else event.marks)
    assert read.title == event.title
    if method is not Method.COUNTER:
        assert same_time(event.start, read.start)
        assert same_time(event.end, read.end)
    else:
        assert (read.start.instant, read.end.instant) == (NOW, NOW + timedelta(hours=1))
    if method is Method.REQUEST:
        assert (read.status, read.text, read.html, read.location) == (
            event.status, event.text, event.html, event.location,
        )  # fmt: skip
    elif method is Method.CANCEL:
        assert read.status is Status.CANCELLED


@given(st.sampled_from(Method), events())
def test_the_icalendar_library_reads_the_occurrence_that_was_told(method, event):
    calendar = Calendar.from_ical(written(method, event))
    (vevent,) = calendar.events
    assert (calendar["METHOD"], vevent["UID"], vevent["SEQUENCE"]) == (method.value, event.uid, event.sequence)
    assert vevent.errors == []
    assert {zone["TZID"] for zone in calendar.timezones} <= zones.available_timezones()
    if event.start.instant is not None and method is not Method.COUNTER:
        assert vevent["DTSTART"].dt == event.start.instant
        assert vevent["DTEND"].dt == event.end.instant
    if event.recurrence_id is None:
        assert "RECURRENCE-ID" not in vevent
    elif event.recurrence_id.endswith("Z"):
        assert vevent["RECURRENCE-ID"].dt == datetime.fromisoformat(event.recurrence_id)
    told = vevent["ATTENDEE"] if isinstance(vevent["ATTENDEE"], list) else [vevent["ATTENDEE"]]
    expected = event.attendees[:1] if method.answers else event.attendees
    assert [one.params["PARTSTAT"] for one in told] == [one.partstat.value for one in expected]
    if method is Method.REQUEST:
        assert vevent["STATUS"] == event.status.value
    elif method is Method.CANCEL:
        assert vevent["STATUS"] == "CANCELLED"


@given(st.sampled_from(Method), events(), hostile, hostile, hostile, hostile)
def test_no_text_becomes_a_line_or_a_parameter(method, event, title, body, name, comment):
    def with_texts(title, body, name):
        return replace(
            event, uid=f"a{title}", title=f"a{title}", text=f"a{body}", html=f"a{body}", location=f"a{title}",
            url=f"https://example.org/{body}", categories=(f"a{name}", f"b{title}"), marks=(f"a{body}",),
            organizer=Organizer(email=f"a{name}@example.org", name=f"a{name}", sent_by=f"b{title}@example.org"),
            attendees=tuple(replace(one, name=f"a{name}") for one in event.attendees),
        )  # fmt: skip

    text = written(method, with_texts(title, body, name), f"a{comment}")
    plain = written(method, with_texts("", "", ""), "a")
    assert shape(text) == shape(plain)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]", text)
    assert re.fullmatch(r"(?:[^\r\n]+\r\n)+", text)
    assert all(len(line) <= 75 for line in text.encode().split(b"\r\n"))
    assert len(Calendar.from_ical(text).events) == 1


def shape(text):
    """The names of the lines and of their parameters."""
    heads = [re.match(r'([A-Z-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^":;,]*))*):', line) for line in unfolded(text)]
    assert all(heads)
    return [(head[1], re.findall(r";([A-Z-]+)=", re.sub(r'"[^"]*"', "", head[2]))) for head in heads]


def unfolded(text):
    return text.removesuffix("\r\n").replace("\r\n ", "").split("\r\n")
