"""From Graph's event resources to events: times, people, texts, and what is odd."""

import copy
import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest
from conformance.outlook_backing import WINDOW, scene
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.test_google_events import ODD, paths, sound

from agendad.providers.graph_events import (
    MARKS_PROPERTY,
    content_tag,
    instant_of,
    is_organizer,
    is_thin,
    joined,
    kind_of,
    marks_of,
    read_clock,
    read_event,
    series_of,
    uid_of,
)
from agendad.providers.model import (
    Attachment,
    Cutype,
    Event,
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
from agendad.providers.remote import UNREADABLE

INSTANT = datetime(2026, 12, 1, 15, tzinfo=UTC)
START = {"dateTime": "2026-12-01T15:00:00.0000000", "timeZone": "UTC"}
END = {"dateTime": "2026-12-01T16:00:00.0000000", "timeZone": "UTC"}
ME = frozenset({"grace@example.org"})
TEAMS = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d"


def guest(address, response="none", kind="required", **more):
    return {
        "type": kind,
        "status": {"response": response, "time": "0001-01-01T00:00:00Z"},
        "emailAddress": {"name": address.partition("@")[0], "address": address},
    } | more


def resource(**fields):
    """An event as Graph tells it; None takes a field away."""
    whole = {
        "@odata.etag": 'W/"key"',
        "id": "AAkALg",
        "changeKey": "key",
        "lastModifiedDateTime": "2026-11-20T09:00:00.0000000Z",
        "iCalUId": "040000008200E0",
        "webLink": "https://outlook.office365.com/owa/?itemid=AAkALg",
        "subject": "Mentoring",
        "type": "singleInstance",
        "isOrganizer": True,
        "isAllDay": False,
        "isCancelled": False,
        "sensitivity": "normal",
        "showAs": "busy",
        "seriesMasterId": "",
        "originalStartTimeZone": "Eastern Standard Time",
        "originalEndTimeZone": "Eastern Standard Time",
        "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"},
        "body": {"contentType": "html", "content": "<html><body><p>Goals</p></body></html>"},
        "start": START,
        "end": END,
        "location": {"displayName": "Room"},
        "attendees": [guest("Ada@Example.com", "accepted"), guest("bob@example.net")],
        "organizer": {"emailAddress": {"name": "Grace Hopper", "address": "Grace@example.org"}},
        "categories": [],
        "hasAttachments": False,
    } | fields
    return {name: value for name, value in whole.items() if value is not None}


def occurrence(**fields):
    return resource(**{"type": "occurrence", "id": "AAkALg.1", "seriesMasterId": "AAkALg"} | fields)


def thin(**fields):
    told = {"@odata.type": "#microsoft.graph.event", "@odata.etag": 'W/"x"', "seriesMasterId": "AAkALg"}
    return told | {"type": "occurrence", "id": "AAkALg.1", "start": START, "end": END} | fields


def read(told=None, *, me=ME, master=None, **fields):
    return read_event(told or resource(**fields), account="work", calendar="default", me=me, master=master)


def test_event_as_graph_tells_it():
    event = read()
    wall = datetime(2026, 12, 1, 10)  # noqa: DTZ001 - a wall clock
    zone = {"kind": ZoneKind.IANA, "zone": "America/New_York", "tzid": "Eastern Standard Time"}
    assert event == Event(
        account="work",
        calendar="default",
        id="AAkALg",
        uid="040000008200E0",
        source="https://outlook.office365.com/owa/?itemid=AAkALg",
        etag=content_tag(event),
        organizer=Organizer(email="grace@example.org", name="Grace Hopper"),
        attendees=event.attendees,
        title="Mentoring",
        html="<html><body><p>Goals</p></body></html>",
        location="Room",
        start=EventTime(wall=wall, instant=INSTANT, **zone),
        end=EventTime(wall=wall + timedelta(hours=1), instant=INSTANT + timedelta(hours=1), **zone),
    )
    assert [(one.email, one.name, one.partstat) for one in event.attendees] == [
        ("ada@example.com", "Ada", Partstat.ACCEPTED),
        ("bob@example.net", "bob", Partstat.NEEDS_ACTION),
    ]


# times


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("2026-12-01T15:00:00.0000000", None),
        ("2026-12-01T15:00:00.1234567", None),
        ("2026-12-01T15:00:00", None),
        ("2026-12-01T15:00", None),
        ("2026-12-01 15:00:00", None),
        (" 2026-12-01T15:00:00,5 ", None),
        ("2026-12-01T15:00:00Z", timedelta()),
        ("2026-12-01T15:00:00.0000000z", timedelta()),
        ("2026-12-01T15:00:00.0000000+05:45", timedelta(hours=5, minutes=45)),
        ("2026-12-01T15:00:00-0330", -timedelta(hours=3, minutes=30)),
    ],
)
def test_clock_is_read_in_every_form_it_comes_in(text, offset):
    assert read_clock(text) == (datetime(2026, 12, 1, 15), offset)  # noqa: DTZ001 - a wall clock


@pytest.mark.parametrize("text", ["", "soon", "15:00", "2026-13-01T15:00:00", "2026-12-01T25:00", "２026-12-01T15:00"])
def test_clock_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        read_clock(text)


@pytest.mark.parametrize(
    ("zone", "tzid", "wall"),
    [
        ("America/New_York", "Eastern Standard Time", 10),
        ("America/New_York", "America/New_York", 10),
        ("Asia/Tokyo", "Tokyo Standard Time", 0),
        ("UTC", "UTC", 15),
        (None, "tzone://Microsoft/Custom", 15),
        (None, "Mars/Olympus", 15),
    ],
)
def test_zone_that_a_meeting_was_made_in_is_told_and_the_instant_is_certain(zone, tzid, wall):
    start = read(originalStartTimeZone=tzid).start
    assert (start.instant, start.zone, start.tzid, start.wall.hour) == (INSTANT, zone, tzid, wall)


def test_zone_beside_the_time_counts_where_the_one_it_was_made_in_is_not_told():
    told = {"dateTime": "2026-12-01T10:00:00.0000000", "timeZone": "Eastern Standard Time"}
    assert read(start=told, originalStartTimeZone=None).start.instant == INSTANT
    assert instant_of(told) == INSTANT
    with pytest.raises(ValueError, match="Mars"):
        instant_of({"dateTime": "2026-12-01T10:00:00", "timeZone": "Mars/Olympus"})


@pytest.mark.parametrize("zone", ["Eastern Standard Time", "UTC", "Tokyo Standard Time", "tzone://Microsoft/Custom"])
def test_all_day_event_is_of_its_days_in_every_zone(zone):
    days = [{"dateTime": f"2026-12-0{day}T00:00:00.0000000", "timeZone": "UTC"} for day in (1, 2)]
    event = read(isAllDay=True, start=days[0], end=days[1], originalStartTimeZone=zone)
    assert event.all_day
    assert (event.start.instant, event.start.wall.day, event.end.wall.day) == (None, 1, 2)


@pytest.mark.parametrize(
    "told",
    [
        "2026-12-01T15:00:00Z",
        "2026-12-01T15:00:00.0000000Z",
        "2026-12-01T15:00:00",
        "2026-12-01T17:00:00+02:00",
        "2026-12-01T17:00:00.0000000+02:00",
        {"dateTime": "2026-12-01T15:00:00.0000000", "timeZone": "UTC"},
        {"dateTime": "2026-12-01T10:00:00", "timeZone": "Eastern Standard Time"},
    ],
    ids=str,
)
def test_original_start_names_the_occurrence_in_every_form(told):
    moved = {"dateTime": "2026-12-02T09:00:00.0000000", "timeZone": "UTC"}
    event = read(occurrence(type="exception", originalStart=told, start=moved, end=moved))
    assert (event.recurrence_id, event.instance) == ("2026-12-01T15:00:00Z", Instance.EXCEPTION)


@pytest.mark.parametrize("told", [None, ""])
def test_occurrence_that_does_not_say_its_original_start_has_not_moved(told):
    assert read(occurrence(originalStart=told)).recurrence_id == "2026-12-01T15:00:00Z"


@pytest.mark.parametrize(
    ("told", "zone"),
    [
        ("2026-12-01T00:00:00Z", "Eastern Standard Time"),
        ("2026-12-01T05:00:00Z", "Eastern Standard Time"),
        ("2026-11-30T23:00:00Z", "W. Europe Standard Time"),
        ("2026-11-30T11:00:00Z", "New Zealand Standard Time"),
        ("2026-11-30T23:00:00Z", "tzone://Microsoft/Custom"),
        ("2026-12-01T08:00:00Z", None),
        (None, "Eastern Standard Time"),
    ],
)
def test_occurrence_of_days_is_named_by_its_day_whatever_midnight_is_meant(told, zone):
    days = [{"dateTime": f"2026-12-0{day}T00:00:00.0000000", "timeZone": "UTC"} for day in (1, 2)]
    more = {"isAllDay": True, "start": days[0], "end": days[1]}
    assert read(occurrence(originalStart=told, originalStartTimeZone=zone, **more)).recurrence_id == "2026-12-01"


# series


def test_thin_occurrence_is_told_by_its_master():
    master = resource(type="seriesMaster", recurrence={"pattern": {}}, originalStart="2026-11-24T15:00:00Z")
    for one in (thin(), thin(subject=None, body=None, iCalUId=None)):
        assert is_thin(one)
        event = read(joined(one, master), master=master)
        assert (event.title, event.id, event.series) == ("Mentoring", "AAkALg.1", "AAkALg")
        assert (event.instance, event.recurrence_id) == (Instance.OCCURRENCE, "2026-12-01T15:00:00Z")
        assert content_tag(event) == read(occurrence(originalStart="2026-12-01T15:00:00Z")).etag


def test_occurrence_without_a_body_has_that_of_its_master_and_keeps_its_own_words():
    told = occurrence(body=None, subject="Own words")
    assert is_thin(told)
    event = read(joined(told, resource(type="seriesMaster")))
    assert (event.title, "Goals" in event.html, event.body_readable) == ("Own words", True, True)


@pytest.mark.parametrize("dates", [{}, {"start": None, "end": None}])
def test_master_with_or_without_dates_serves(dates):
    master = resource(type="seriesMaster", **dates)
    assert read(joined(thin(), master), master=master).start.instant == INSTANT


@pytest.mark.parametrize(
    ("told", "master", "uid"),
    [
        (resource(), None, "040000008200E0"),
        (resource(iCalUId=None), None, "AAkALg"),
        (occurrence(iCalUId="dated"), resource(), "040000008200E0"),
        (occurrence(iCalUId="dated"), resource(iCalUId=None), "AAkALg"),
        (occurrence(iCalUId=None), resource(iCalUId=None), "AAkALg"),
        (occurrence(iCalUId=None), None, "AAkALg"),
        (occurrence(), None, "040000008200E0"),
    ],
)
def test_uid_is_that_of_the_series_or_else_its_id(told, master, uid):
    assert uid_of(told, master) == uid
    assert read(told, master=master).uid == uid


@pytest.mark.parametrize(
    ("told", "kind", "series"),
    [
        (resource(), "singleInstance", ""),
        (resource(type=None), "singleInstance", ""),
        (resource(type="seriesMaster"), "seriesMaster", "AAkALg"),
        (resource(type=None, recurrence={"pattern": {}}), "seriesMaster", "AAkALg"),
        (occurrence(), "occurrence", "AAkALg"),
        (occurrence(type=None), "occurrence", "AAkALg"),
        (occurrence(type="exception"), "exception", "AAkALg"),
        (occurrence(type="singleInstance"), "singleInstance", ""),
        ({}, "singleInstance", ""),
        ({"type": 5, "seriesMasterId": 5}, "occurrence", ""),
    ],
)
def test_kind_is_told_also_of_what_does_not_say_it(told, kind, series):
    assert (kind_of(told), series_of(told)) == (kind, series)


# people


@pytest.mark.parametrize(
    ("own", "listed", "expected"),
    [
        ("accepted", "none", Partstat.ACCEPTED),
        ("declined", "accepted", Partstat.DECLINED),
        ("tentativelyAccepted", "none", Partstat.TENTATIVE),
        ("notResponded", "none", Partstat.NEEDS_ACTION),
        ("none", "accepted", Partstat.ACCEPTED),
        (None, "declined", Partstat.DECLINED),
        ("somethingNew", "none", Partstat.NEEDS_ACTION),
    ],
)
def test_guests_copy_tells_its_own_answer_beside_the_event(own, listed, expected):
    status = None if own is None else {"response": own}
    told = resource(
        isOrganizer=False,
        responseStatus=status,
        attendees=[guest("GRACE@example.org", listed), guest("bob@example.net")],
    )
    assert [one.partstat for one in read(told).attendees] == [expected, Partstat.NEEDS_ACTION]


def test_attendees_are_told_with_what_they_are():
    told = [
        guest("room@example.org", "accepted", "resource"),
        guest("bob@example.net", "tentativelyAccepted", "optional"),
        guest("grace@example.org", "organizer"),
        guest("eve@example.edu", "declined", status=None),
        guest(" Mallory@Example.com ", emailAddress={"address": " Mallory@Example.com "}),
        guest("x", emailAddress={"name": "Nobody's address"}),
        {"type": "required"},
    ]
    assert [(one.email, one.cutype, one.role, one.partstat) for one in read(attendees=told).attendees] == [
        ("room@example.org", Cutype.RESOURCE, Role.REQUIRED, Partstat.ACCEPTED),
        ("bob@example.net", Cutype.INDIVIDUAL, Role.OPTIONAL, Partstat.TENTATIVE),
        ("grace@example.org", Cutype.INDIVIDUAL, Role.REQUIRED, Partstat.ACCEPTED),
        ("eve@example.edu", Cutype.INDIVIDUAL, Role.REQUIRED, Partstat.NEEDS_ACTION),
        ("mallory@example.com", Cutype.INDIVIDUAL, Role.REQUIRED, Partstat.NEEDS_ACTION),
        ("", Cutype.INDIVIDUAL, Role.REQUIRED, Partstat.NEEDS_ACTION),
        ("", Cutype.INDIVIDUAL, Role.REQUIRED, Partstat.NEEDS_ACTION),
    ]


@pytest.mark.parametrize(
    ("told", "ours"),
    [
        ({"isOrganizer": True}, True),
        ({"isOrganizer": False, "responseStatus": {"response": "organizer"}}, False),
        ({"responseStatus": {"response": "organizer"}}, True),
        ({"responseStatus": {"response": "accepted"}}, False),
        ({}, False),
    ],
)
def test_copy_is_the_organizers_where_graph_says_so(told, ours):
    assert is_organizer(told) is ours


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (None, None),
        ({}, None),
        ({"emailAddress": None}, None),
        ({"emailAddress": {"name": "A name"}}, Organizer(email="", name="A name")),
    ],
)
def test_organizer_is_told_as_far_as_it_is_known(told, expected):
    assert read(organizer=told).organizer == expected


# the rest


@pytest.mark.parametrize(
    ("field", "name", "values"),
    [
        ("isCancelled", "status", {True: Status.CANCELLED, False: Status.CONFIRMED, None: Status.CONFIRMED}),
        ("sensitivity", "sensitivity", {"normal": Sensitivity.PUBLIC, None: Sensitivity.PUBLIC,
                                        "personal": Sensitivity.PRIVATE, "private": Sensitivity.PRIVATE,
                                        "confidential": Sensitivity.CONFIDENTIAL, "new": Sensitivity.PRIVATE}),
        ("showAs", "transparency", {"free": Transparency.TRANSPARENT, "workingElsewhere": Transparency.TRANSPARENT,
                                    "busy": Transparency.OPAQUE, "tentative": Transparency.OPAQUE,
                                    "oof": Transparency.OPAQUE, "unknown": Transparency.OPAQUE,
                                    None: Transparency.OPAQUE}),
        ("hasAttachments", "attachments", {True: (Attachment(filename="attachment"),), False: (), None: ()}),
    ],
)  # fmt: skip
def test_values_of_graph_and_what_they_mean(field, name, values):
    for told, expected in values.items():
        assert getattr(read(**{field: told}), name) == expected, told


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"contentType": "html", "content": "<p>x</p>"}, ("", "<p>x</p>", True)),
        ({"contentType": "HTML", "content": "<p>x</p>"}, ("", "<p>x</p>", True)),
        ({"contentType": "text", "content": "x"}, ("x", "", True)),
        ({"contentType": "html", "content": ""}, ("", "", True)),
        ({"contentType": "html", "content": None}, ("", "", False)),
        ({}, ("", "", False)),
        (None, ("", "", False)),
    ],
)
def test_body_that_is_not_told_is_no_empty_body(body, expected):
    event = read(body=body)
    assert (event.text, event.html, event.body_readable) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"onlineMeeting": {"joinUrl": TEAMS}},
        {"onlineMeetingUrl": TEAMS},
        {"locations": [{"displayName": "Teams", "locationUri": TEAMS}, {"locationUri": "sip:x"}]},
        {"body": {"contentType": "html", "content": f'<a href="{TEAMS}">Join</a>'}},
        {"body": {"contentType": "text", "content": f"Join: {TEAMS}"}},
    ],
)
def test_ways_to_join_are_found_wherever_they_are(fields):
    assert [(link.product, link.url) for link in read(**fields).conference] == [("teams", TEAMS)]


def test_marks_are_those_of_our_property_whatever_the_case_of_its_name():
    held = [{"id": MARKS_PROPERTY.upper(), "value": "a b"}, {"id": "String 0x1", "value": "c"}, {"id": None}]
    assert marks_of({"singleValueExtendedProperties": held}) == ("a", "b")
    assert marks_of({}) == ()


def test_tag_is_of_the_content_and_not_of_the_copy():
    tag = read().etag
    for same in ({"@odata.etag": "x"}, {"changeKey": None}, {"id": "another"}, {"iCalUId": "x"}, {"webLink": None}):
        assert read(**same).etag == tag
    for other in ({"subject": "x"}, {"start": END}, {"isCancelled": True}, {"body": None}, {"categories": ["x"]}):
        assert read(**other).etag != tag
    held = [{"id": MARKS_PROPERTY, "value": "a"}]
    assert read(singleValueExtendedProperties=held).etag == tag


def test_half_a_character_is_replaced_so_that_the_text_can_be_kept():
    told = json.loads(
        '{"subject": "half \\ud83d", "categories": ["\\udc00"], "location": {"displayName": "\\ud83d\\ude00"}}'
    )
    event = read(**told)
    assert (event.title, event.categories, event.location) == ("half \ufffd", ("\ufffd",), "\U0001f600")


# what is odd

WHOLE = occurrence(
    type="exception",
    originalStart="2026-12-01T15:00:00Z",
    sensitivity="private",
    onlineMeeting={"joinUrl": TEAMS},
    locations=[{"displayName": "Room", "locationUri": "https://example.org"}],
    categories=["Blue"],
    singleValueExtendedProperties=[{"id": MARKS_PROPERTY, "value": "a b"}],
    hasAttachments=True,
)
PLACES = [path for path in paths(WHOLE) if path]


@st.composite
def mangled(draw):
    """A resource with something odd in up to four places, or with places missing."""
    told = copy.deepcopy(WHOLE)
    for path in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=4, unique=True)):
        at = told
        for key in path[:-1]:
            inside = (isinstance(at, dict) and key in at) or (
                isinstance(at, list) and isinstance(key, int) and key < len(at)
            )
            at = at[key] if inside else None
        if isinstance(at, dict):
            if draw(st.booleans()):
                at.pop(path[-1], None)
            else:
                at[path[-1]] = draw(ODD)
        elif isinstance(at, list) and at:
            at[0] = draw(ODD)
    return told


@given(mangled())
@settings(max_examples=400, deadline=None)
def test_odd_resource_is_read_or_refused_and_breaks_nothing(told):
    told = json.loads(json.dumps(told))
    try:
        event = read(told)
    except UNREADABLE:
        return
    assert sound(event)
    assert event.id
    assert event.uid
    assert isinstance(event.title, str)


def test_odd_resources_are_told_as_events_or_as_problems_by_a_whole_pass():
    with scene() as desk:
        provider = desk.provider()
        window = dataclasses.replace(WINDOW, end=WINDOW.end + timedelta(days=365))

        @given(st.lists(mangled(), min_size=1, max_size=4), st.booleans(), st.booleans())
        @settings(max_examples=60, deadline=None)
        def check(items, increment, named):
            if named:
                items = [item | {"id": f"item{number}"} for number, item in enumerate(items)]
            cursor = list(provider.changes("default", None, window))[-1].cursor if increment else None
            link = json.loads(cursor)[1] if cursor else f"{desk.graph.api_root}/me/calendarView/delta?x"
            body = {"value": items, "@odata.deltaLink": link}
            desk.graph.faults.add("garbage", path="/delta$", body=json.dumps(body))
            desk.graph.faults.add("garbage", path="/instances$", times=None, body=json.dumps({"value": items}))
            desk.graph.faults.add(
                "garbage", path="/events/", times=None, body=json.dumps(WHOLE | {"type": "seriesMaster"})
            )
            pages = list(provider.changes("default", cursor, window))
            desk.graph.faults.clear()
            told = [event.id for page in pages for event in page.events] + [
                id_ for page in pages for id_ in page.removed
            ]
            problems = [problem for page in pages for problem in page.problems]
            if named:
                assert {item["id"] for item in items if kind_of(item) != "seriesMaster"} <= set(told) or problems
            assert told or problems or all(kind_of(item) == "seriesMaster" for item in items)
            assert all(sound(event) for page in pages for event in page.events)
            assert all(problem.source and problem.message for problem in problems)

        check()


@pytest.mark.parametrize("items", [[None], ["odd"], [5], [[]], [{}], [{"id": 5}], [{"id": None}, {}], [{"type": []}]])
@pytest.mark.parametrize("increment", [False, True])
def test_items_that_are_no_events_are_told(items, increment):
    with scene() as desk:
        provider = desk.provider()
        cursor = list(provider.changes("default", None, WINDOW))[-1].cursor if increment else None
        body = {"value": items, "@odata.deltaLink": f"{desk.graph.api_root}/me/calendarView/delta?x"}
        desk.graph.faults.add("garbage", path="/delta$", body=json.dumps(body))
        pages = list(provider.changes("default", cursor, WINDOW))
        assert [event for page in pages for event in page.events] == []
        assert [problem for page in pages for problem in page.problems]
        assert pages[-1].cursor
