"""Semantics 22 of the simulator of Microsoft Graph: Prefer, times, zones and ids."""

import pytest

from simulators.graph.scene import (
    ADA,
    EASTERN,
    GRACE,
    IMMUTABLE,
    guests,
    meeting,
    ok,
    refused,
    time,
    weekly,
)
from simulators.graph.scene import scene as a_scene


@pytest.fixture
def scene():
    yield from a_scene()


def test_22_times_have_seven_digits_and_the_zone_beside(scene):
    event = scene.invite()
    plain = ok(scene.api().get(f"/me/events/{event['id']}"))
    assert plain["start"] == {"dateTime": "2026-12-01T15:00:00.0000000", "timeZone": "UTC"}
    assert plain["originalStartTimeZone"] == plain["originalEndTimeZone"] == EASTERN
    for zone, hour in (("Tokyo Standard Time", "02T00"), ("Asia/Tokyo", "02T00"), (EASTERN, "01T10")):
        reply = scene.api().get(f"/me/events/{event['id']}", f'{IMMUTABLE}, outlook.timezone="{zone}"')
        assert ok(reply)["start"] == {"dateTime": f"2026-12-{hour}:00:00.0000000", "timeZone": zone}
        assert f'outlook.timezone="{zone}"' in reply.headers["preference-applied"]
    unknown = scene.api().get(f"/me/events/{event['id']}", f'{IMMUTABLE}, outlook.timezone="Mars/Olympus"')
    assert refused(unknown) == (400, "TimeZoneNotSupportedException")


def test_22_prefer_holds_for_one_request_and_in_delta_for_each_page(scene):
    scene.invite()
    link = scene.link()
    scene.invite(start="2026-12-02T10:00:00", end="2026-12-02T11:00:00")
    (item,) = ok(scene.api().get(link, f'{IMMUTABLE}, outlook.timezone="{EASTERN}", outlook.body-content-type="text"'))[
        "value"
    ]
    assert item["start"] == {"dateTime": "2026-12-02T10:00:00.0000000", "timeZone": EASTERN}
    assert item["body"] == {"contentType": "text", "content": "Bring it"}
    (item,) = ok(scene.api().get(link))["value"]
    assert (item["start"]["timeZone"], item["body"]["contentType"]) == ("UTC", "html")


def test_22_answers_to_writes_ignore_prefers_zone(scene):
    prefer = f'{IMMUTABLE}, outlook.timezone="Asia/Tokyo"'
    reply = scene.api().post("/me/events", meeting(), prefer)
    assert ok(reply, 201)["start"] == {"dateTime": "2026-12-01T15:00:00.0000000", "timeZone": "UTC"}
    assert "timezone" not in reply.headers["preference-applied"]
    scene.graph.switches.write_answer_zone = "original"
    patched = ok(scene.api().patch(f"/me/events/{reply.json()['id']}", {"subject": "x"}, prefer))
    assert patched["start"] == {"dateTime": "2026-12-01T10:00:00.0000000", "timeZone": EASTERN}


@pytest.mark.parametrize(
    "prefer",
    [
        "odata.maxpagesize=0",
        "odata.maxpagesize=5000",
        'outlook.body-content-type="markdown"',
        'IdType="Mutable"',
        "return=minimal",
        'outlook.timzone="UTC"',
        "outlook.timezone=Eastern Standard Time",
    ],
)
def test_22_unknown_preferences_are_refused(scene, prefer):
    assert refused(scene.api().get("/me/events", prefer))[0] == 400
    assert scene.graph.violations


def test_22_immutable_ids_differ_and_belong_to_requests_that_ask_for_them(scene):
    event, plain = scene.invite(), scene.graph.api(GRACE)
    (listed,) = ok(plain.get("/me/events"))["value"]
    assert listed["id"].startswith("AAMk")
    assert event["id"].startswith("AAkALgAA")
    assert ok(plain.get(f"/me/events/{listed['id']}"))["id"] == listed["id"]
    assert scene.graph.violations == []
    for api, wrong in ((plain, event["id"]), (scene.api(), listed["id"])):
        assert refused(api.get(f"/me/events/{wrong}")) == (400, "ErrorInvalidIdMalformed")
    assert len(scene.graph.violations) == 2
    assert refused(scene.api().get("/me/events/nonsense")) == (400, "ErrorInvalidIdMalformed")
    assert refused(scene.api(ADA).get(f"/me/events/{event['id']}")) == (404, "ErrorItemNotFound")
    assert refused(scene.api().get(f"/me/events/{event['id'].swapcase()}"))[0] == 400


def test_22_an_invitation_with_a_custom_zone_names_none(scene):
    body = meeting(attendees=guests(GRACE), recurrence=weekly())
    event = scene.graph.deliver_invitation(GRACE, "eve@elsewhere.example", body, custom_zone=True)
    shown = ok(scene.api().get(f"/me/events/{event['id']}", f'{IMMUTABLE}, outlook.timezone="{EASTERN}"'))
    assert shown["originalStartTimeZone"] == "tzone://Microsoft/Custom"
    assert shown["recurrence"]["range"]["recurrenceTimeZone"] == "tzone://Microsoft/Custom"
    assert shown["start"]["timeZone"] == EASTERN
    assert (shown["isOrganizer"], shown["organizer"]["emailAddress"]["address"]) == (False, "eve@elsewhere.example")


def test_22_all_day_events_float(scene):
    days = {"start": time("2026-12-03T00:00:00"), "end": time("2026-12-04T00:00:00")}
    event = ok(scene.api().post("/me/events", {**meeting(), **days, "isAllDay": True}), 201)
    shown = ok(scene.api().get(f"/me/events/{event['id']}", f'{IMMUTABLE}, outlook.timezone="Asia/Tokyo"'))
    assert shown["start"] == {"dateTime": "2026-12-03T00:00:00.0000000", "timeZone": "Asia/Tokyo"}
    window = {"startDateTime": "2026-12-03T23:00:00Z", "endDateTime": "2026-12-04T23:00:00Z"}
    assert len(ok(scene.api().get("/me/calendarView", **window))["value"]) == 1
    late = {"start": time("2026-12-03T08:00:00"), "end": time("2026-12-04T00:00:00")}
    assert refused(scene.api().patch(f"/me/events/{event['id']}", late)) == (400, "ErrorPropertyValidationFailure")


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ({"dateTime": "2026-12-01T10:00:00Z", "timeZone": "UTC"}, "ErrorInvalidArgument"),
        ({"dateTime": "2026-12-01", "timeZone": "UTC"}, "ErrorInvalidArgument"),
        ({"dateTime": "2026-12-01T10:00:00"}, "TimeZoneNotSupportedException"),
        ({"dateTime": "2026-12-01T10:00:00", "timeZone": "Greenwich Mean Time"}, "TimeZoneNotSupportedException"),
        ({"dateTime": "2026-12-02T10:00:00", "timeZone": "UTC"}, "ErrorCalendarEndDateIsEarlierThanStartDate"),
    ],
)
def test_22_times_that_cannot_be_read_are_refused(scene, start, code):
    assert refused(scene.api().post("/me/events", {**meeting(), "start": start})) == (400, code)


def test_22_the_documented_iana_names_may_be_all(scene):
    def times(zone):
        return {"start": time("2026-12-01T10:00:00", zone), "end": time("2026-12-01T11:00:00", zone)}

    ok(scene.api().post("/me/events", meeting() | times("Europe/Madrid")), 201)
    scene.graph.switches.iana_zones = "documented"
    ok(scene.api().post("/me/events", meeting() | times("Europe/Berlin")), 201)
    ok(scene.api().post("/me/events", meeting() | times("Romance Standard Time")), 201)
    for reply in (
        scene.api().post("/me/events", meeting() | times("Europe/Madrid")),
        scene.api().get("/me/events", f'{IMMUTABLE}, outlook.timezone="Europe/Madrid"'),
    ):
        assert refused(reply) == (400, "TimeZoneNotSupportedException")


def test_22_uids_are_shared_over_copies_and_dated_in_occurrences(scene):
    series = scene.series()
    assert scene.adas(series)["iCalUId"] == series["iCalUId"]
    second = scene.occurrences(series)[1]
    assert second["iCalUId"] == series["iCalUId"][:32] + "07EA0C08" + series["iCalUId"][40:]
    scene.graph.switches.occurrence_ical_uid = "masters"
    assert scene.grace.get(second["id"])["iCalUId"] == series["iCalUId"]
    scene.graph.switches.original_start_of_occurrences = False
    assert "originalStart" not in scene.grace.get(second["id"])
    assert "originalStart" in scene.grace.patch(second["id"], {"subject": "x"})


def test_22_etags_in_delta_may_have_another_form(scene):
    event = scene.invite()
    assert event["@odata.etag"] == f'W/"{event["changeKey"]}"'
    assert scene.round()[0][0]["@odata.etag"] == event["@odata.etag"]
    scene.graph.switches.delta_etags_of_their_own = True
    item = scene.round()[0][0]
    assert item["@odata.etag"].startswith('W/"DwAAABYAAA')
    assert item["changeKey"] == event["changeKey"]
