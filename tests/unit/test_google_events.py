"""From Google's event resources to events: times, people, texts, and what is odd."""

import copy
import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest
from conformance.google_backing import GRACE, WINDOW, scene
from hypothesis import given, settings
from hypothesis import strategies as st

from agendad.providers.google import UNREADABLE
from agendad.providers.google_events import (
    has_details,
    is_cancelled,
    is_markup,
    is_meeting,
    labels_of,
    marks_of,
    organizer_self,
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

START = {"dateTime": "2026-12-01T10:00:00-05:00", "timeZone": "America/New_York"}
END = {"dateTime": "2026-12-01T11:00:00-05:00", "timeZone": "America/New_York"}
INSTANT = datetime(2026, 12, 1, 15, tzinfo=UTC)
NY = "America/New_York"


def resource(**fields):
    """An event as Google tells it; None takes a field away."""
    whole = {
        "kind": "calendar#event",
        "etag": '"3500000000002000"',
        "id": "abc123",
        "status": "confirmed",
        "htmlLink": "https://www.google.com/calendar/event?eid=YWJj",
        "created": "2026-11-20T09:00:00.000Z",
        "updated": "2026-11-21T09:00:00.123Z",
        "summary": "Mentoring",
        "creator": {"email": "grace@example.org", "self": True},
        "organizer": {"email": "grace@example.org", "displayName": "Grace Hopper", "self": True},
        "start": START,
        "end": END,
        "iCalUID": "abc123@google.com",
        "sequence": 2,
        "attendees": [
            {"email": "grace@example.org", "organizer": True, "self": True, "responseStatus": "accepted"},
            {"email": "Ada@Example.com", "displayName": "Ada Lovelace", "responseStatus": "needsAction"},
        ],
        "reminders": {"useDefault": True},
        "eventType": "default",
    } | fields
    return {name: value for name, value in whole.items() if value is not None}


def instance(**fields):
    return resource(
        **{
            "id": "abc123_20261201T150000Z",
            "recurringEventId": "abc123",
            "originalStartTime": START,
        }
        | fields
    )


def read(told=None, *, zone=None, **fields):
    return read_event(told or resource(**fields), account="work", calendar="primary", zone=zone)


def test_event_as_google_tells_it():
    assert read() == Event(
        account="work",
        calendar="primary",
        id="abc123",
        uid="abc123@google.com",
        source="https://www.google.com/calendar/event?eid=YWJj",
        etag='"3500000000002000"',
        sequence=2,
        organizer=Organizer(email="grace@example.org", name="Grace Hopper"),
        attendees=read().attendees,
        title="Mentoring",
        start=EventTime(
            wall=datetime(2026, 12, 1, 10),  # noqa: DTZ001 - a wall clock
            kind=ZoneKind.IANA,
            instant=INSTANT,
            zone="America/New_York",
            tzid="America/New_York",
        ),
        end=read().end,
        created=datetime(2026, 11, 20, 9, tzinfo=UTC),
        modified=datetime(2026, 11, 21, 9, tzinfo=UTC),
    )
    assert [(one.email, one.name, one.partstat) for one in read().attendees] == [
        ("grace@example.org", "", Partstat.ACCEPTED),
        ("ada@example.com", "Ada Lovelace", Partstat.NEEDS_ACTION),
    ]


def test_event_with_nothing_but_an_id_and_times():
    event = read({"id": "abc123", "start": START, "end": END})
    assert (event.uid, event.etag, event.sequence, event.status) == ("abc123@google.com", "", 0, Status.CONFIRMED)
    assert (event.organizer, event.attendees, event.title, event.text, event.html) == (None, (), "", "", "")
    assert (event.created, event.modified) == (None, None)


# times


@pytest.mark.parametrize(
    ("told", "calendar_zone", "kind", "instant", "zone", "tzid", "wall"),
    [
        # an offset, and the zone beside it
        (("2026-12-01T10:00:00-05:00", NY), None, "iana", "15:00", NY, None, "10:00"),
        (("2026-12-01T15:00:00Z", NY), None, "iana", "15:00", NY, None, "10:00"),
        (("2026-12-01T16:00:00+01:00", NY), None, "iana", "15:00", NY, None, "10:00"),
        (("2026-12-01T15:00:00Z", "UTC"), None, "utc", "15:00", "UTC", None, "15:00"),
        (("2026-12-01T15:00:00Z", "Etc/UTC"), None, "utc", "15:00", "UTC", None, "15:00"),
        (("2026-12-01T15:00:00Z", "GMT+05:30"), None, "utc", "15:00", None, "GMT+05:30", "20:30"),
        # the zone of the calendar, where the event has none
        (("2026-12-01T10:00:00-05:00", None), NY, "iana", "15:00", NY, None, "10:00"),
        (("2026-12-01T10:00:00-05:00", None), "Europe/London", "iana", "15:00", "Europe/London", None, "15:00"),
        (("2026-12-01T10:00:00-05:00", None), None, "utc", "15:00", None, None, "10:00"),
        (("2026-12-01T15:00:00Z", None), None, "utc", "15:00", "UTC", None, "15:00"),
        (("2026-12-01T15:00:00Z", None), "Mars/Olympus", "utc", "15:00", "UTC", None, "15:00"),
        # a zone that nobody knows, beside an offset: the instant is certain
        (("2026-12-01T10:00:00-05:00", "Mars/Olympus"), "Europe/Paris", "utc", "15:00", None, "Mars/Olympus", "10:00"),
        (("2026-12-01T15:00:00Z", "Mars/Olympus"), None, "utc", "15:00", None, "Mars/Olympus", "15:00"),
        (("2026-12-01T20:45:00+05:45", "Custom"), None, "utc", "15:00", None, "Custom", "20:45"),
        # no offset
        (("2026-12-01T10:00:00", NY), None, "iana", "15:00", NY, None, "10:00"),
        (("2026-12-01T10:00:00", "Mars/Olympus"), "Europe/Paris", "unknown", None, None, "Mars/Olympus", "10:00"),
        (("2026-12-01T10:00:00", None), "Europe/Paris", "floating", None, None, None, "10:00"),
        (("2026-12-01T10:00:00", None), None, "floating", None, None, None, "10:00"),
        # other ways to write it
        (("2026-12-01T10:00:00.000-05:00", NY), None, "iana", "15:00", NY, None, "10:00"),
        (("2026-12-01T10:00:00.987654-05:00", NY), None, "iana", "15:00", NY, None, "10:00"),
        (("2026-12-01T15:00:00.5Z", None), None, "utc", "15:00", "UTC", None, "15:00"),
        (("2026-12-01T10:00:00-05:00", "Eastern Standard Time"), None, "iana", "15:00", NY, None, "10:00"),
    ],
)  # fmt: skip
def test_time_has_an_instant_where_one_is_certain(told, calendar_zone, kind, instant, zone, tzid, wall):
    moment, named = told
    start = read(start={"dateTime": moment} | ({"timeZone": named} if named else {}), zone=calendar_zone).start
    assert (start.kind, start.zone, f"{start.wall:%H:%M}") == (ZoneKind(kind), zone, wall)
    assert (start.instant and f"{start.instant:%H:%M:%S}") == (instant and f"{instant}:00")
    assert start.wall.microsecond == 0
    if tzid:
        assert start.tzid == tzid


@pytest.mark.parametrize(
    ("moment", "instant", "wall"),
    [
        ("2026-03-08T01:59:59-05:00", "06:59:59", "01:59"),
        ("2026-03-08T03:00:00-04:00", "07:00:00", "03:00"),
        ("2026-11-01T01:30:00-04:00", "05:30:00", "01:30"),
        ("2026-11-01T01:30:00-05:00", "06:30:00", "01:30"),
        ("2026-11-01T02:00:00-05:00", "07:00:00", "02:00"),
    ],
)
def test_offset_decides_where_clocks_change(moment, instant, wall):
    start = read(start={"dateTime": moment, "timeZone": "America/New_York"}).start
    assert (f"{start.instant:%H:%M:%S}", f"{start.wall:%H:%M}") == (instant, wall)


def test_all_day_event_has_dates_and_no_instant():
    event = read(start={"date": "2026-12-01"}, end={"date": "2026-12-03"})
    assert event.all_day
    assert (event.start.instant, event.end.instant) == (None, None)
    assert event.end.wall - event.start.wall == timedelta(days=2)


@pytest.mark.parametrize("odd", ["2026-12-01T10:00:00Z", "2026-13-01", "soon", "", 20261201, {"a": 1}, [1]])
def test_date_that_is_none_cannot_be_read(odd):
    with pytest.raises(UNREADABLE):
        read(start={"date": odd}, end={"date": "2026-12-02"})


@pytest.mark.parametrize(
    "odd",
    [
        None,
        5,
        "2026-12-01",
        [],
        {},
        {"dateTime": None},
        {"dateTime": "soon"},
        {"dateTime": 1764601200},
        {"dateTime": "9999-12-31T23:59:59-05:00", "timeZone": "America/New_York"},
        {"dateTime": "0001-01-01T00:00:00+05:00", "timeZone": "Europe/London"},
        {"dateTime": "2026-12-01T25:00:00Z"},
        {"timeZone": "UTC"},
    ],
)
@pytest.mark.parametrize("side", ["start", "end", "originalStartTime"])
def test_time_that_is_none_cannot_be_read(side, odd):
    with pytest.raises(UNREADABLE):
        read(instance() | {side: odd})


def test_occurrence_is_named_by_its_original_start():
    event = read(instance())
    assert (event.recurrence_id, event.instance, event.series) == (
        "2026-12-01T15:00:00Z",
        Instance.OCCURRENCE,
        "abc123",
    )
    moved = read(instance(originalStartTime={"dateTime": "2026-11-30T12:00:00Z"}))
    assert (moved.recurrence_id, moved.instance) == ("2026-11-30T12:00:00Z", Instance.EXCEPTION)
    elsewhere = read(instance(originalStartTime={"dateTime": "2026-12-01T16:00:00+01:00", "timeZone": "Europe/Paris"}))
    assert elsewhere.recurrence_id == "2026-12-01T15:00:00Z"
    all_day = read(
        instance(start={"date": "2026-12-01"}, end={"date": "2026-12-02"}, originalStartTime={"date": "2026-12-01"})
    )
    assert (all_day.recurrence_id, all_day.instance) == ("2026-12-01", Instance.OCCURRENCE)
    became = read(instance(originalStartTime={"date": "2026-12-01"}))
    assert (became.recurrence_id, became.instance) == ("2026-12-01", Instance.EXCEPTION)
    assert read(instance(originalStartTime=None)).recurrence_id == "2026-12-01T15:00:00Z"
    assert read().recurrence_id is None


@pytest.mark.parametrize("odd", [None, "", 5, [], {"a": 1}, "\ud800"])
def test_event_without_an_id_cannot_be_read(odd):
    with pytest.raises(UNREADABLE):
        read(resource() | {"id": odd})


def test_uid_is_that_of_the_series_where_google_tells_none():
    assert uid_of({"id": "abc_20261201", "recurringEventId": "abc"}) == "abc@google.com"
    assert uid_of({"id": "abc"}) == "abc@google.com"
    assert uid_of({"id": "abc", "iCalUID": "040000008200E00074C5B7101A82E008"}) == "040000008200E00074C5B7101A82E008"


# texts


@pytest.mark.parametrize(
    "description",
    [
        "Agenda:<br>1. Goals<br>2. Feedback",
        "<ul><li>Goals</li><li>Feedback</li></ul>",
        '<html-blob><u></u>Agenda<br><a href="https://example.org" id="ow441">notes</a></html-blob>',
        "one line with <b>one bold</b> word\nand another",
        "<p>Goals</p>",
        "<P CLASS='x'>Goals</P>",
        "Goals<br/>Feedback",
        "Goals<BR />Feedback",
        "<!-- from Outlook -->Goals",
        "<span style='color:red'>now</span>",
        "-::~:~::~:~<br>Join with Google Meet<br>-::~:~::-",
    ],
)
def test_description_with_a_tag_is_html(description):
    event = read(description=description)
    assert (event.html, event.text, event.body_readable) == (description, "", True)


@pytest.mark.parametrize(
    "description",
    [
        "Agenda:\n1. Goals\n2. Feedback\n",
        "a < b and c > d",
        "Ada <ada@example.com>",
        "<ada@example.com>",
        "<https://example.org/agenda>",
        "<agenda to follow>",
        "<brainstorm>",
        "2 <3",
        "Tom &amp; Jerry",
        "tab\tand \u202ebidi\u202c and \x07 bell\r\nand a second line",
        "",
    ],
)
def test_description_without_a_tag_is_plain_text(description):
    event = read(description=description)
    assert (event.html, event.text) == ("", description)
    assert not is_markup(description)


def test_hostile_text_is_read_as_it_is():
    hostile = "\u202eevil\u202c\x00\x1b[31m\r\nBEGIN:VEVENT\r\nATTENDEE:mailto:eve@example.edu\u2028'; DROP TABLE"
    event = read(summary=hostile, location=hostile, description=hostile)
    assert (event.title, event.location, event.text) == (hostile, hostile, hostile)
    assert len(event.attendees) == 2


def test_half_a_character_is_replaced_so_that_the_text_can_be_kept():
    told = json.loads('{"summary": "half \\ud83d", "description": "\\udc00<br>", "location": "\\ud83d\\ude00"}')
    event = read(**told)
    assert (event.title, event.html, event.location) == ("half \ufffd", "\ufffd<br>", "\U0001f600")


# ways to join


def joins(**fields):
    return [(link.product, link.url) for link in read(**fields).conference]


MEET = "https://meet.google.com/abc-defg-hij"
ZOOM = "https://us02web.zoom.us/j/123?pwd=x"


def test_hangout_link_and_the_entry_of_its_conference_are_one_way_to_join():
    conference = {
        "conferenceSolution": {"key": {"type": "hangoutsMeet"}},
        "entryPoints": [
            {"entryPointType": "video", "uri": MEET, "label": "meet.google.com/abc-defg-hij"},
            {"entryPointType": "more", "uri": "https://tel.meet/abc-defg-hij?pin=1", "pin": "1"},
            {"entryPointType": "phone", "uri": "tel:+1-555-0100", "pin": "1"},
            {"entryPointType": "sip", "uri": "sip:1@example.org"},
        ],
    }
    assert joins(hangoutLink=MEET, conferenceData=conference) == [
        ("meet", MEET),
        ("other", "https://tel.meet/abc-defg-hij?pin=1"),
    ]


def test_conference_of_an_add_on_is_a_way_to_join():
    conference = {
        "conferenceSolution": {"key": {"type": "addOn"}, "name": "Zoom Meeting"},
        "entryPoints": [
            {"entryPointType": "video", "uri": ZOOM, "meetingCode": "123"},
            {"entryPointType": "phone", "uri": "tel:+15550100"},
        ],
    }
    assert joins(conferenceData=conference) == [("zoom", ZOOM)]


@pytest.mark.parametrize(
    "conference",
    [
        {},
        {"entryPoints": []},
        {"entryPoints": None},
        {"entryPoints": [{"entryPointType": "phone", "uri": "tel:+15550100"}]},
        {"entryPoints": [{"entryPointType": "video"}]},
        {"entryPoints": [{"entryPointType": "video", "uri": None}]},
        {"createRequest": {"requestId": "1", "status": {"statusCode": "pending"}}},
    ],
)
def test_conference_without_a_link_is_no_way_to_join(conference):
    assert joins(conferenceData=conference) == []


def test_links_in_location_and_text_are_ways_to_join():
    assert joins(location=ZOOM, description=f'<a href="{MEET}">Join</a><br>see https://example.org') == [
        ("zoom", ZOOM),
        ("meet", MEET),
    ]


def test_attachments_and_the_source_are_told():
    event = read(
        attachments=[
            {"fileUrl": "https://docs.example/1", "title": "Notes", "mimeType": "text/plain", "fileId": "1"},
            {"title": "No link"},
            {"fileUrl": 5},
        ],
        source={"url": "https://example.org/thread", "title": "A thread"},
    )
    assert event.attachments == (
        Attachment(url="https://docs.example/1", filename="Notes", media_type="text/plain"),
        Attachment(filename="No link"),
        Attachment(),
    )
    assert event.url == "https://example.org/thread"


# people


def test_attendees_are_told_with_what_they_are():
    attendees = read(
        attendees=[
            {"email": "ROOM@resource.calendar.google.com", "resource": True, "responseStatus": "accepted"},
            {"email": "bob@example.net", "optional": True, "responseStatus": "tentative", "comment": "maybe"},
            {"email": "eve@example.edu", "responseStatus": "declined"},
            {"displayName": "Nobody's address"},
            {"email": " Mallory@Example.com ", "responseStatus": "perhaps"},
        ],
        attendeesOmitted=True,
    ).attendees
    assert [(one.email, one.cutype, one.role, one.partstat) for one in attendees] == [
        ("room@resource.calendar.google.com", Cutype.RESOURCE, Role.REQUIRED, Partstat.ACCEPTED),
        ("bob@example.net", Cutype.INDIVIDUAL, Role.OPTIONAL, Partstat.TENTATIVE),
        ("eve@example.edu", Cutype.INDIVIDUAL, Role.REQUIRED, Partstat.DECLINED),
        ("", Cutype.INDIVIDUAL, Role.REQUIRED, Partstat.NEEDS_ACTION),
        ("mallory@example.com", Cutype.INDIVIDUAL, Role.REQUIRED, Partstat.NEEDS_ACTION),
        ("", Cutype.GROUP, Role.REQUIRED, Partstat.NEEDS_ACTION),
    ]


@pytest.mark.parametrize(
    ("organizer", "creator", "expected"),
    [
        ({"email": "Grace@Example.org", "self": True}, {"email": "grace@example.org"}, ("grace@example.org", "", "")),
        (
            {"email": "grace@example.org", "displayName": "Grace"},
            {"email": "assistant@example.org", "displayName": "An assistant"},
            ("grace@example.org", "Grace", "assistant@example.org"),
        ),
        (
            {"email": "team@group.calendar.google.com", "displayName": "The team", "self": True},
            {"email": "Ada@example.com", "displayName": "Ada"},
            ("ada@example.com", "Ada", ""),
        ),
        ({"email": "team@group.calendar.google.com"}, None, ("team@group.calendar.google.com", "", "")),
        ({"email": "unknownorganizer@calendar.google.com", "displayName": "Unknown Organizer"}, None,
         ("", "Unknown Organizer", "")),
        ({"email": "unknownorganizer@calendar.google.com"}, {"email": "grace@example.org"}, None),
        ({"displayName": "A name"}, None, ("", "A name", "")),
        ({}, {}, None),
        (None, {"email": "grace@example.org"}, None),
    ],
)  # fmt: skip
def test_organizer_is_who_the_meeting_is_from(organizer, creator, expected):
    found = read(organizer=organizer, creator=creator).organizer
    assert (found and (found.email, found.name, found.sent_by)) == expected


@pytest.mark.parametrize(
    ("organizer", "ours"),
    [({"self": True}, True), ({"self": False}, False), ({"email": "grace@example.org"}, False), (None, False)],
)
def test_copy_is_ours_where_google_says_so(organizer, ours):
    assert organizer_self({"organizer": organizer}) is ours


# the rest


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("status", {"confirmed": Status.CONFIRMED, "tentative": Status.TENTATIVE, "cancelled": Status.CANCELLED,
                    "new": Status.CONFIRMED, None: Status.CONFIRMED}),
        ("visibility", {"default": Sensitivity.PUBLIC, "public": Sensitivity.PUBLIC, "private": Sensitivity.PRIVATE,
                        "confidential": Sensitivity.CONFIDENTIAL, None: Sensitivity.PUBLIC}),
        ("transparency", {"opaque": Transparency.OPAQUE, "transparent": Transparency.TRANSPARENT,
                          None: Transparency.OPAQUE}),
        ("sequence", {0: 0, 7: 7, "7": 7, "seven": 0, -1: 0, 2**40: 0, 1.5: 0, True: 0, None: 0}),
    ],
)  # fmt: skip
def test_values_of_google_and_what_they_mean(field, values):
    name = {"visibility": "sensitivity"}.get(field, field)
    for told, expected in values.items():
        assert getattr(read(**{field: told}), name) == expected, told


@pytest.mark.parametrize(
    ("kind", "meets"),
    [
        ("default", True),
        (None, True),
        ("outOfOffice", False),
        ("focusTime", False),
        ("workingLocation", False),
        ("birthday", False),
        ("fromGmail", False),
        ("somethingNew", False),
    ],
)
def test_only_ordinary_events_are_meetings(kind, meets):
    assert is_meeting(resource(eventType=kind)) is meets


def test_other_kinds_of_events_are_not_listed():
    with scene() as desk:
        provider = desk.provider()
        grace = desk.google.as_(GRACE)
        kept = desk.meeting()
        for kind in ("outOfOffice", "focusTime", "workingLocation", "birthday", "fromGmail"):
            grace.insert("primary", {"start": START, "end": END, "eventType": kind})
        window = dataclasses.replace(WINDOW, end=WINDOW.end + timedelta(days=365))
        pages = list(provider.changes("primary", None, window))
        assert [event.id for page in pages for event in page.events] == [kept]
        assert not [problem for page in pages for problem in page.problems]


def test_marks_and_labels_are_read_from_either_side_and_the_answer():
    told = resource(
        extendedProperties={
            "shared": {"agendadMarks": "a b", "agendadLabels": "agenda pending\nsecond"},
            "private": {"agendadMarks": "b c", "agendadLabels": "third", "other": "x"},
        },
        attendees=[
            {"email": "ada@example.com", "comment": "[agendad theirs]"},
            {"email": "grace@example.org", "self": True, "comment": "No time\n[agendad d]\n[agendad a]"},
        ],
    )
    assert marks_of(told) == ("a", "b", "c", "d")
    assert labels_of(told) == ("agenda pending", "second", "third")
    assert read(told).categories == labels_of(told)
    assert read(instance(extendedProperties=told["extendedProperties"])).instance is Instance.EXCEPTION


def test_what_is_left_of_a_cancelled_event_is_told_apart():
    bare = {"id": "abc", "status": "cancelled"}
    assert is_cancelled(bare)
    assert not has_details(bare)
    assert has_details(resource(status="cancelled"))
    assert series_of(bare | {"recurringEventId": "abc", "originalStartTime": START}) == "abc"


# what is odd

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.just("\ud800"),
    st.sampled_from(["cancelled", "2026-12-01T10:00:00", "2026-12-01", "true", "7", "Z", "a@b.c", "<b>"]),
    st.builds(list),
    st.builds(dict),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=3), st.builds(dict)), max_size=3),
    st.dictionaries(st.sampled_from(["email", "date", "dateTime", "uri", "shared", "self"]), st.none(), max_size=2),
)

WHOLE = instance(
    description="<p>Agenda</p>",
    location="Room",
    visibility="private",
    transparency="transparent",
    hangoutLink=MEET,
    conferenceData={"entryPoints": [{"entryPointType": "video", "uri": ZOOM}]},
    attachments=[{"fileUrl": "https://docs.example/1", "title": "Notes"}],
    source={"url": "https://example.org"},
    extendedProperties={"shared": {"agendadMarks": "a"}, "private": {"agendadLabels": "x"}},
    attendeesOmitted=True,
)


def paths(value, path=()):
    """Every place in a resource."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from paths(child, (*path, key))


PLACES = [path for path in paths(WHOLE) if path]


@st.composite
def mangled(draw):
    """A resource with something odd in up to four places, or with places missing."""
    told = copy.deepcopy(WHOLE)
    for path in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=4, unique=True)):
        at = told
        for key in path[:-1]:
            at = at[key] if isinstance(at, dict) and key in at else None
            if at is None:
                break
        if isinstance(at, dict):
            if draw(st.booleans()):
                at.pop(path[-1], None)
            else:
                at[path[-1]] = draw(ODD)
        elif isinstance(at, list) and at:
            at[0] = draw(ODD)
    return told


def sound(value, kind=None):
    """Whether a record holds what its model says: texts that can be kept, numbers within bounds."""
    if dataclasses.is_dataclass(value):
        return all(sound(getattr(value, one.name)) for one in dataclasses.fields(value))
    if isinstance(value, tuple):
        return all(map(sound, value))
    if isinstance(value, str):
        value.encode()
        return True
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, int):
        return 0 <= value < 2**63
    return isinstance(value, datetime)


@given(mangled())
@settings(max_examples=400)
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
    assert all(isinstance(one.url, str | None) for one in event.attachments)


def test_odd_resources_are_told_as_events_or_as_problems_by_a_whole_pass():
    with scene() as desk:
        provider = desk.provider()
        window = dataclasses.replace(WINDOW, end=WINDOW.end + timedelta(days=365))

        @given(st.lists(mangled(), min_size=1, max_size=4), st.booleans())
        @settings(max_examples=60)
        def check(items, increment):
            items = [item | {"id": f"item{number}"} for number, item in enumerate(items)]
            cursor = list(provider.changes("primary", None, window))[-1].cursor if increment else None
            body = {"kind": "calendar#events", "accessRole": "owner", "nextSyncToken": "x", "items": items}
            desk.google.faults.add("garbage", path="/events$", body=json.dumps(body))
            desk.google.faults.add("garbage", path="/instances$", times=None, body=json.dumps(body))
            pages = list(provider.changes("primary", cursor, window))
            desk.google.faults.clear()
            told = {event.id for page in pages for event in page.events} | {
                id_ for page in pages for id_ in page.removed
            }
            problems = [problem for page in pages for problem in page.problems]
            others = [item for item in items if not is_meeting(item) or is_cancelled(item)]
            assert len(told) + len(problems) + len(others) >= len(items)
            assert all(sound(event) for page in pages for event in page.events)
            assert all(problem.source and problem.message and sound(problem) for problem in problems)

        check()
