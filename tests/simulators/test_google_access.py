"""The simulator of Google Calendar: limits, access, free/busy, event types, zones, filters, partial answers."""

import http.client
import json

import pytest
from googleapiclient.errors import HttpError

from simulators.google_scene import ADA, GRACE, by_id, meeting, opened, refused

SCOPE = "https://www.googleapis.com/auth/"


@pytest.fixture
def scene():
    with opened() as there:
        yield there


# 14-18: limits, access, free/busy, kinds, zones


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (403, "rateLimitExceeded"),
        (403, "userRateLimitExceeded"),
        (403, "quotaExceeded"),
        (403, "dailyLimitExceeded"),
        (429, "rateLimitExceeded"),
    ],
)
def test_14_rates_are_answered_as_403_and_as_429(scene, status, reason):
    scene.google.faults.add(status, reason=reason, retry_after=2)
    found = refused(scene.events().list(calendarId="primary"))
    assert found[:2] == (status, reason)
    assert found[2]["domain"] == "usageLimits"
    assert scene.google.requests[-1].fault == f"{status} {reason}"
    assert scene.list()[0] == []


def test_15_a_bad_bearer_token_is_401(scene):
    scene.google.revoke(GRACE)
    connection = http.client.HTTPConnection(*scene.google.api_root[7:].split("/")[0].split(":"))
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        connection.request("GET", "/calendar/v3/calendars/primary/events", headers=headers)
        answer = connection.getresponse()
        error = json.loads(answer.read())["error"]
        assert (answer.status, error["errors"][0]["reason"]) == (401, "authError")
        assert error["errors"][0]["location"] == "Authorization"
    connection.close()


def test_15_scopes_are_enforced_for_each_method(scene):
    event = scene.invite()
    reader = scene.api(GRACE, [SCOPE + "calendar.events.readonly"])
    assert reader.events().get(calendarId="primary", eventId=event["id"]).execute()
    with pytest.raises(HttpError) as caught:
        reader.events().delete(calendarId="primary", eventId=event["id"]).execute()
    error = json.loads(caught.value.content)["error"]
    assert error["errors"][0]["reason"] == "insufficientPermissions"
    assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    busy = scene.api(GRACE, [SCOPE + "calendar.events.freebusy"])
    assert "summary" not in busy.events().get(calendarId="primary", eventId=event["id"]).execute()
    owned = scene.api(ADA, [SCOPE + "calendar.events.owned"])
    scene.google.share(GRACE, with_=ADA, role="writer")
    assert refused(owned.events().list(calendarId=GRACE))[1] == "insufficientPermissions"
    assert owned.events().list(calendarId="primary").execute()


def test_15_roles_are_enforced(scene):
    event = scene.invite(attendees=[{"email": GRACE}], visibility="private")
    open_event = scene.invite(attendees=[{"email": GRACE}])
    ada = scene.events(ADA)
    assert refused(ada.list(calendarId=GRACE))[:2] == (404, "notFound")
    scene.google.share(GRACE, with_=ADA, role="freeBusyReader")
    seen = ada.get(calendarId=GRACE, eventId=open_event["id"]).execute()
    assert {"summary", "description", "attendees"}.isdisjoint(seen)
    assert seen["visibility"] == "private"
    scene.google.share(GRACE, with_=ADA, role="reader")
    assert ada.get(calendarId=GRACE, eventId=open_event["id"]).execute()["summary"] == "Weekly"
    assert "summary" not in ada.get(calendarId=GRACE, eventId=event["id"]).execute()
    patch = ada.patch(calendarId=GRACE, eventId=open_event["id"], body={"summary": "x"})
    assert refused(patch)[:2] == (403, "requiredAccessLevel")
    scene.google.share(GRACE, with_=ADA, role="writer")
    assert patch.execute()["summary"] == "x"
    assert ada.list(calendarId=GRACE).execute()["accessRole"] == "writer"


def test_15_the_calendar_list_calendars_and_settings(scene):
    scene.google.share(GRACE, with_=ADA, role="reader")
    entries = {each["id"]: each for each in scene.api(ADA).calendarList().list().execute()["items"]}
    assert {each: entries[each]["accessRole"] for each in entries} == {GRACE: "reader", ADA: "owner"}
    assert entries[ADA]["primary"]
    assert scene.api(ADA).calendarList().get(calendarId=GRACE).execute()["timeZone"] == "America/New_York"
    assert scene.api().settings().get(setting="timezone").execute()["value"] == "America/New_York"
    assert refused(scene.api().settings().get(setting="nonsense"))[0] == 404
    shown = scene.api().calendars().get(calendarId="primary").execute()
    assert (shown["id"], shown["timeZone"]) == (GRACE, "America/New_York")
    assert "workingHours" not in shown
    scene.google.set_working_hours(GRACE, {"monday": [(540, 1020)]})
    hours = scene.api().calendars().get(calendarId="primary").execute()["workingHours"]
    assert hours == {
        "workingHoursEnabled": True,
        "availableTimes": [{"dayOfWeek": "monday", "periodStart": 540, "periodEnd": 1020}],
    }
    assert scene.google.violations == []


def test_16_free_busy_merges_what_blocks_time(scene):
    for start, end, fields in (
        ("10:00", "11:00", {}),
        ("10:30", "12:00", {}),
        ("13:00", "14:00", {"transparency": "transparent"}),
        ("15:00", "16:00", {"attendees": [{"email": GRACE, "responseStatus": "declined"}]}),
    ):
        scene.invite(start=f"2026-12-01T{start}:00", end=f"2026-12-01T{end}:00", zone="UTC", **fields)
    cancelled = scene.invite(start="2026-12-01T17:00:00", end="2026-12-01T18:00:00", zone="UTC")
    scene.google.as_(GRACE).delete("primary", cancelled["id"])
    body = {"timeMin": "2026-12-01T00:00:00Z", "timeMax": "2026-12-02T00:00:00Z"}
    asked = {**body, "items": [{"id": "primary"}, {"id": "nobody@example.org"}]}
    calendars = scene.api().freebusy().query(body=asked).execute()["calendars"]
    assert calendars["primary"]["busy"] == [{"start": "2026-12-01T10:00:00Z", "end": "2026-12-01T12:00:00Z"}]
    assert calendars["nobody@example.org"]["errors"] == [{"domain": "global", "reason": "notFound"}]
    many = {**body, "items": [{"id": f"{number}@example.org"} for number in range(51)]}
    assert refused(scene.api().freebusy().query(body=many))[:2] == (400, "tooManyCalendarsRequested")
    assert refused(scene.api().freebusy().query(body={**asked, "timeMax": body["timeMin"]}))[1] == "timeRangeEmpty"
    assert refused(scene.api().freebusy().query(body={"items": [], "timeMax": "2026"}))[0] == 400


def test_17_event_types_are_kept_and_filtered(scene):
    away = scene.invite(eventType="outOfOffice", attendees=[])
    plain = scene.invite()
    assert plain["eventType"] == "default"
    assert set(by_id(scene.list(eventTypes=["default"])[0])) == {plain["id"]}
    assert set(by_id(scene.list(eventTypes=["default", "outOfOffice"])[0])) == {plain["id"], away["id"]}
    mail = meeting(eventType="fromGmail")
    assert refused(scene.events().insert(calendarId="primary", body=mail))[0] == 400
    assert scene.google.as_(GRACE).insert("primary", mail)["eventType"] == "fromGmail"


def test_18_times_are_shown_in_the_calendars_zone_or_the_one_asked_for(scene):
    event = scene.invite()
    copy = scene.events(ADA).get(calendarId="primary", eventId=event["id"])
    assert copy.execute()["start"] == {"dateTime": "2026-12-01T15:00:00Z", "timeZone": "America/New_York"}
    tokyo = scene.events().get(calendarId="primary", eventId=event["id"], timeZone="Asia/Tokyo").execute()
    assert tokyo["start"] == {"dateTime": "2026-12-02T00:00:00+09:00", "timeZone": "America/New_York"}
    assert scene.list(timeZone="Asia/Tokyo")[0][0]["end"]["dateTime"] == "2026-12-02T01:00:00+09:00"


# Filters, masks, limits of a listing


def test_filters_of_a_first_listing(scene):
    marked = scene.invite(extendedProperties={"private": {"a": "1"}, "shared": {"b": "2"}}, location="The Moon")
    other = scene.invite(start="2026-12-01T08:00:00", end="2026-12-01T09:00:00")
    for parameters in (
        {"privateExtendedProperty": ["a=1"]},
        {"sharedExtendedProperty": ["b=2"]},
        {"iCalUID": marked["iCalUID"]},
        {"q": "moon"},
    ):
        items, last = scene.list(**parameters)
        assert set(by_id(items)) == {marked["id"]}
        assert "nextSyncToken" not in last
    ordered = scene.list(singleEvents=True, orderBy="startTime")[0]
    assert [each["id"] for each in ordered] == [other["id"], marked["id"]]
    assert refused(scene.events().list(calendarId="primary", orderBy="startTime"))[0] == 400
    few = scene.events().get(calendarId="primary", eventId=marked["id"], maxAttendees=1).execute()
    assert [each["email"] for each in few["attendees"]] == [GRACE]
    assert few["attendeesOmitted"] is True


def test_partial_answers(scene):
    event = scene.invite()
    mask = "items(id,start/dateTime),nextPageToken"
    page = scene.events().list(calendarId="primary", fields=mask).execute()
    assert page == {"items": [{"id": event["id"], "start": {"dateTime": "2026-12-01T10:00:00-05:00"}}]}
    for bad in ("items(nonsense)", "items(id", "a,,b"):
        assert refused(scene.events().list(calendarId="primary", fields=bad))[:2] == (400, "invalidParameter")
