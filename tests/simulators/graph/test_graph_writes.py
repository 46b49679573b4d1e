"""What is written to the simulator of Microsoft Graph: copies, creation and fields."""

import pytest

from simulators.graph import ApiError
from simulators.graph.scene import (
    ADA,
    BOB,
    GRACE,
    WINDOW,
    guests,
    meeting,
    ok,
    refused,
    weekly,
)
from simulators.graph.scene import scene as a_scene


@pytest.fixture
def scene():
    yield from a_scene()


def at(event, action=""):
    return f"/me/events/{event['id']}{'/' if action else ''}{action}"


def of_ada(event):
    return next(each for each in event["attendees"] if each["emailAddress"]["address"] == ADA)


def test_a_guests_edits_stay_in_the_copy_until_the_organizers_next_update(scene):
    event = scene.invite()
    copy = scene.adas(event)
    scene.mails()
    ok(scene.api(ADA).patch(at(copy), {"subject": "Hers", "categories": ["Red category"]}))
    assert scene.mails() == []
    assert scene.grace.get(event["id"])["subject"] == "Weekly"
    scene.grace.patch(event["id"], {"location": {"displayName": "Room 2"}})
    shown = scene.ada.get(copy["id"])
    assert (shown["subject"], shown["location"]["displayName"]) == ("Weekly", "Room 2")
    assert (shown["categories"], scene.grace.get(event["id"])["categories"]) == (["Red category"], [])


def test_somebody_invited_to_one_occurrence_gets_a_single_event(scene):
    series = scene.invite(recurrence=weekly(), attendees=guests(BOB))
    second = scene.occurrences(series)[1]
    scene.grace.patch(second["id"], {"attendees": guests(BOB, ADA)})
    (copy,) = scene.ada.events()
    assert (copy["type"], copy["iCalUId"]) == ("singleInstance", second["iCalUId"])
    scene.ada.accept(copy["id"])
    assert of_ada(scene.grace.get(second["id"]))["status"]["response"] == "accepted"
    scene.grace.cancel(second["id"], "Not this week")
    assert scene.ada.get(copy["id"])["isCancelled"]


def test_guests_who_come_and_go(scene):
    series = scene.invite(recurrence=weekly(), attendees=guests(BOB))
    second, third = scene.occurrences(series)[1:3]
    scene.grace.cancel(second["id"])
    scene.grace.patch(third["id"], {"subject": "Special"})
    scene.grace.patch(series["id"], {"attendees": guests(BOB, ADA)})
    copy = scene.adas(series)
    assert [each["subject"] for each in scene.occurrences(copy, ADA)] == ["Weekly", "Special", "Weekly"]
    scene.ada.decline(copy["id"])
    scene.grace.patch(series["id"], {"subject": "New"})
    assert scene.adas(series)["id"] != copy["id"]


def test_a_transaction_id_makes_creation_idempotent(scene):
    first = scene.invite(transactionId="t-1")
    scene.mails()
    assert scene.invite(transactionId="t-1", subject="Again")["id"] == first["id"]
    assert scene.mails() == []
    assert scene.invite(transactionId="t-2")["id"] != first["id"]
    ok(scene.api().patch(at(first), {"transactionId": "t-3"}))
    assert any("transactionId" in each for each in scene.graph.violations)


def test_change_keys_guard_writes_or_do_not(scene):
    event = scene.invite()
    stale = {"If_Match": event["@odata.etag"]}
    patched = ok(scene.api().patch(at(event), {"subject": "New"}, **stale))
    assert patched["changeKey"] != event["changeKey"]
    for reply in (
        scene.api().patch(at(event), {"subject": "x"}, **stale),
        scene.api().delete(at(event), **stale),
        scene.api().post(at(event, "cancel"), {}, **stale),
    ):
        assert refused(reply) == (412, "ErrorIrresolvableConflict")
    ok(scene.api().patch(at(event), {"subject": "Any"}, If_Match="*"))
    scene.graph.switches.if_match = "ignored"
    ok(scene.api().patch(at(event), {"subject": "y"}, **stale))
    ok(scene.api().delete(at(event), **stale), 204)


def test_read_only_fields_are_ignored_and_noted(scene):
    event = scene.invite()
    ok(scene.api().patch(at(event), {"iCalUId": "mine", "isCancelled": True, "subject": "x"}))
    assert scene.grace.get(event["id"])["iCalUId"] == event["iCalUId"]
    assert sorted(scene.graph.violations) == ["patch: read-only field iCalUId", "patch: read-only field isCancelled"]


@pytest.mark.parametrize(
    "body",
    [
        {"nonsense": 1},
        {"Subject": "x"},
        {"subject": 1},
        {"sensitivity": "secret"},
        {"attendees": {"emailAddress": {}}},
        {"attendees": [{"emailAddress": {"email": ADA}}]},
        {"body": {"type": "html"}},
        {"isAllDay": "yes"},
        {"reminderMinutesBeforeStart": True},
        {"singleValueExtendedProperties": [{"id": "mine", "value": "x"}]},
        {"start": None},
        {"multiValueExtendedProperties": []},
    ],
    ids=lambda each: next(iter(each)),
)
def test_bodies_are_held_against_the_models(scene, body):
    event = scene.invite()
    assert refused(scene.api().patch(at(event), body))[0] == 400
    assert len(scene.graph.violations) == 1
    assert scene.grace.get(event["id"])["changeKey"] == event["changeKey"]


def test_extended_properties_are_read_by_expansion_only(scene):
    name = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name agenda"
    event = scene.invite(singleValueExtendedProperties=[{"id": name, "value": "1"}])
    assert "singleValueExtendedProperties" not in event
    assert "singleValueExtendedProperties" not in scene.round()[0][0]
    query = {"$expand": f"singleValueExtendedProperties($filter=id eq '{name}')"}
    shown = ok(scene.api().get(at(event), **query))
    assert shown["singleValueExtendedProperties"] == [{"id": name, "value": "1"}]
    listed = ok(scene.api().get("/me/calendarView", **WINDOW, **query))["value"]
    assert listed[0]["singleValueExtendedProperties"][0]["value"] == "1"
    assert "singleValueExtendedProperties" not in scene.adas(event)
    own = [{"extensionName": "org.example.agendad", "state": {"held": True}}]
    ok(scene.api().patch(at(event), {"extensions": own}))
    assert ok(scene.api().get(at(event), **{"$expand": "extensions"}))["extensions"][0]["state"] == {"held": True}


def test_attendees_may_be_hidden_and_events_private(scene):
    event = scene.invite(sensitivity="Confidential", importance="high", hideAttendees=True)
    assert (event["sensitivity"], event["importance"], event["hideAttendees"]) == ("confidential", "high", True)
    assert event["hasAttachments"] is False
    assert scene.grace.patch(event["id"], {"hasAttachments": True})["hasAttachments"] is True
    assert event["responseStatus"] == {"response": "organizer", "time": "0001-01-01T00:00:00Z"}
    assert event["organizer"]["emailAddress"] == {"name": "Grace Hopper", "address": GRACE}


def test_a_series_becomes_a_single_event_and_back(scene):
    series = scene.series()
    single = ok(scene.api().patch(at(series), {"recurrence": None}))
    assert (single["type"], single["recurrence"]) == ("singleInstance", None)
    assert ok(scene.api().patch(at(single), {"recurrence": weekly()}))["type"] == "seriesMaster"
    second = scene.occurrences(series)[1]
    assert refused(scene.api().patch(at(second), {"recurrence": weekly()}))[0] == 400


def test_by_hand_errors_are_raised_and_violations_are_not_noted(scene):
    with pytest.raises(ApiError) as caught:
        scene.grace.get("nonsense")
    assert caught.value.status == 400
    with pytest.raises(ApiError):
        scene.grace.create(meeting(nonsense=1))
    with pytest.raises(ValueError):
        scene.graph.as_("nobody@example.org")
    assert (scene.graph.violations, scene.graph.requests) == ([], [])
