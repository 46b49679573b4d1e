"""The simulator of Google Calendar: what it refuses, what it notes, what the tests see."""

import http.client
import json
import socket
from datetime import timedelta

import pytest

from simulators.google import ApiError, GoogleSimulator, Switches
from simulators.google_scene import ADA, BOB, GRACE, NOW, WEEKLY, meeting, opened, refused


@pytest.fixture
def scene():
    with opened() as there:
        yield there


# Strictness


@pytest.mark.parametrize(
    "fields",
    [
        {"nonsense": 1},
        {"summary": 1},
        {"status": "nonsense"},
        {"status": "cancelled"},
        {"start": {"dateTime": "2026-12-01T10:00:00"}},
        {"start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "Eastern Standard Time"}},
        {"start": {"date": "2026-12-01"}},
        {"end": {"dateTime": "2026-12-01T09:00:00-05:00"}},
        {"end": None},
        {"recurrence": ["FREQ=WEEKLY"]},
        {"recurrence": ["DTSTART:20261201T100000Z"]},
        {"recurrence": ["RRULE:FREQ=WEEKLY;INTERVAL=0"]},
        {"recurrence": ["RRULE:FREQ=HOURLY;COUNT=3"]},
        {"recurrence": ["RRULE:FREQ=NEVER"]},
        {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2;UNTIL=20261222T150000Z"]},
        {"attendees": [{"email": "nobody"}]},
        {"attendees": [{"displayName": "Nobody"}]},
        {"attendees": [{"email": ADA}, {"email": ADA.upper()}]},
        {"attendees": [{"email": ADA, "responseStatus": "yes"}]},
        {"id": "UPPER"},
        {"reminders": {"useDefault": True, "overrides": [{"method": "popup", "minutes": 5}]}},
        {"extendedProperties": {"private": {"a": 1}}},
        {"extendedProperties": {"nonsense": {}}},
    ],
    ids=json.dumps,
)
def test_a_bad_body_is_400_and_a_violation(scene, fields):
    assert refused(scene.events().insert(calendarId="primary", body=meeting(**fields)))[0] == 400
    assert len(scene.google.violations) == 1
    assert scene.list()[0] == []


def test_a_recurring_event_needs_a_time_zone(scene):
    times = {name: {"dateTime": f"2026-12-01T1{hour}:00:00-05:00"} for hour, name in enumerate(("start", "end"))}
    body = meeting(recurrence=WEEKLY, **times)
    assert refused(scene.events().insert(calendarId="primary", body=body))[0] == 400


@pytest.mark.parametrize(
    "field",
    ["etag", "htmlLink", "updated", "created", "hangoutLink", "creator", "organizer", "originalStartTime", "iCalUID"],
)
def test_a_read_only_field_in_a_patch_is_ignored_and_noted(scene, field):
    event = scene.invite()
    value = event.get(field, event["start"] if field == "originalStartTime" else "x")
    patched = scene.events().patch(calendarId="primary", eventId=event["id"], body={field: value}).execute()
    assert {**patched, "etag": ""} == {**event, "etag": ""}
    assert scene.google.violations == [f"events.patch: read-only field {field}"]


def test_flags_of_attendees_are_read_only(scene):
    event = scene.invite()
    scene.events().patch(calendarId="primary", eventId=event["id"], body={"attendees": event["attendees"]}).execute()
    assert scene.google.violations == [
        "events.patch: read-only field attendees[].organizer",
        "events.patch: read-only field attendees[].self",
    ]
    scene.google.violations.clear()
    scene.events().update(calendarId="primary", eventId=event["id"], body=event).execute()
    assert scene.google.violations == []


def test_an_id_may_be_given_and_is_taken_once(scene):
    event = scene.invite(id="abc123")
    assert (event["id"], event["iCalUID"]) == ("abc123", "abc123@google.com")
    assert refused(scene.events().insert(calendarId="primary", body=meeting(id="abc123")))[:2] == (409, "duplicate")


def raw(scene, method, path, body=None):
    connection = http.client.HTTPConnection(*scene.google.api_root[7:].split("/")[0].split(":"))
    headers = {"Authorization": f"Bearer {scene.google.token_for(GRACE)}", "Content-Type": "application/json"}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/calendar/v3/calendars/primary/events?nonsense=1"),
        ("GET", "/calendar/v3/calendars/primary/events?singleEvents=yes"),
        ("GET", "/calendar/v3/calendars/primary/events?maxResults=0"),
        ("GET", "/calendar/v3/calendars/primary/events?timeZone=Nowhere/Else"),
        ("GET", "/calendar/v3/calendars/primary/events?q=a&q=b"),
        ("GET", "/calendar/v3/calendars/primary/events?timeMin=2026-12-02T00:00:00Z&timeMax=2026-12-01T00:00:00Z"),
        ("POST", "/calendar/v3/calendars/primary/events?sendNotifications=true"),
        ("POST", "/calendar/v3/calendars/primary/events?sendUpdates=some"),
        ("POST", "/calendar/v3/calendars/primary/events"),
    ],
)
def test_a_bad_parameter_is_400_and_a_violation(scene, method, path):
    assert raw(scene, method, path)[0].status == 400
    assert len(scene.google.violations) == 1


@pytest.mark.parametrize(
    ("method", "path", "violation"),
    [
        ("POST", "/batch/calendar/v3", "batch"),
        ("POST", "/batch", "batch"),
        ("GET", "/calendar/v3/colors", "GET /calendar/v3/colors: no such endpoint"),
        ("POST", "/calendar/v3/calendars", "POST /calendar/v3/calendars: no such endpoint"),
    ],
)
def test_what_is_not_served_is_404_and_a_violation(scene, method, path, violation):
    assert raw(scene, method, path)[0].status == 404
    assert scene.google.violations == [violation]


def test_delete_takes_no_body(scene):
    event = scene.invite()
    path = f"/calendar/v3/calendars/primary/events/{event['id']}"
    assert raw(scene, "DELETE", path, body='{"comment": "sorry"}')[0].status == 400
    assert scene.google.as_(GRACE).get("primary", event["id"])["status"] == "confirmed"


# What the tests see


def test_requests_are_recorded_and_what_is_done_by_hand_is_not(scene):
    scene.google.as_(GRACE).insert("primary", meeting(), send_updates="all")
    assert scene.google.requests == []
    assert scene.mails() == [("invitation", ADA), ("invitation", BOB)]
    scene.events().list(calendarId="primary", maxResults=5).execute()
    (request,) = scene.google.requests
    assert (request.method, request.path) == ("GET", "/calendar/v3/calendars/primary/events")
    assert request.query["maxResults"] == ["5"]
    assert (request.status, request.person, request.body, request.fault) == (200, GRACE, None, None)
    assert request.started <= request.ended
    assert request.headers["authorization"].startswith("Bearer ")


def test_the_date_header_follows_the_simulators_clock(scene):
    scene.google.date_offset = timedelta(minutes=7)
    answer, _ = raw(scene, "GET", "/calendar/v3/calendars/primary/events")
    assert answer.headers["Date"] == "Mon, 30 Nov 2026 00:07:00 GMT"
    assert answer.version == 11


def test_a_long_get_comes_as_a_post(scene):
    event = scene.invite()
    items, _ = scene.list(iCalUID=event["iCalUID"], privateExtendedProperty=[f"{'k' * 40}{n}=v" for n in range(60)])
    assert items == []
    assert scene.google.requests[-1].method == "GET"
    assert scene.google.violations == []


def test_by_hand_errors_are_raised_and_violations_are_not_noted(scene):
    with pytest.raises(ApiError) as caught:
        scene.google.as_(GRACE).get("primary", "nonsense")
    assert caught.value.status == 404
    with pytest.raises(ApiError):
        scene.google.as_(GRACE).insert("primary", meeting(nonsense=1))
    with pytest.raises(ValueError):
        scene.google.as_("nobody@example.org")
    assert scene.google.violations == []


def test_the_server_is_gone_after_the_block():
    with GoogleSimulator(now=NOW) as google:
        port = int(google.root.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_both_ways_has_each_switch_in_each_other_position():
    ways = dict(Switches.both_ways())
    assert ways.pop("default") == Switches()
    default = vars(Switches())
    for name, switches in ways.items():
        changed = {key: value for key, value in vars(switches).items() if value != default[key]}
        assert len(changed) == 1
        assert name == "=".join(map(str, *changed.items()))
    assert {name.partition("=")[0] for name in ways} == set(default)
