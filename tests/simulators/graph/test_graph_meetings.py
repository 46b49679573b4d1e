"""Meetings in the simulator of Microsoft Graph: semantics 23 and 24, answers and mails."""

import pytest

from simulators.graph import TEAMS_FORMS, ApiError, text
from simulators.graph.scene import (
    ADA,
    BOB,
    GRACE,
    IMMUTABLE,
    guests,
    kinds,
    meeting,
    ok,
    refused,
    time,
)
from simulators.graph.scene import scene as a_scene

SLOT = {"start": time("2026-12-03T10:00:00"), "end": time("2026-12-03T11:00:00")}


@pytest.fixture
def scene():
    yield from a_scene()


def at(event, action=""):
    return f"/me/events/{event['id']}{'/' if action else ''}{action}"


def of_ada(event):
    return next(each for each in event["attendees"] if each["emailAddress"]["address"] == ADA)


# 23: cancelling and answering


def test_23_cancel_mails_its_comment_and_moves_the_event_to_deleted_items(scene):
    event, link = scene.invite(), scene.link()
    copy = scene.adas(event)
    scene.mails()
    reply = scene.api().post(at(event, "cancel"), {"comment": "No agenda yet"})
    assert (reply.status_code, reply.text) == (202, "")
    assert [(each.kind, each.to, each.text, each.by) for each in scene.graph.mails] == [
        ("cancellation", ADA, "No agenda yet", GRACE),
        ("cancellation", BOB, "No agenda yet", GRACE),
    ]
    assert refused(scene.api().get(at(event))) == (404, "ErrorItemNotFound")
    assert refused(scene.api().post(at(event, "cancel"), {})) == (404, "ErrorItemNotFound")
    assert kinds(scene.round(link)[0]) == ["removed"]
    shown = scene.ada.get(copy["id"])
    assert (shown["isCancelled"], shown["subject"], shown["showAs"]) == (True, "Canceled: Weekly", "free")
    assert shown["bodyPreview"].startswith("No agenda yet")
    scene.graph.switches.get_of_deleted = "found"
    assert ok(scene.api().get(at(event)))["isCancelled"] is True
    assert refused(scene.api().patch(at(event), {"subject": "x"})) == (404, "ErrorItemNotFound")


def test_23_cancel_takes_occurrences_and_names_in_any_casing(scene):
    series = scene.series()
    second = scene.occurrences(series)[1]
    scene.mails()
    ok(scene.api().post(at(second, "cancel"), {"Comment": "Not this week"}), 202)
    assert [(each.to, each.text, each.original_start) for each in scene.graph.mails] == [
        (ADA, "Not this week", "2026-12-08T15:00:00Z"),
        (BOB, "Not this week", "2026-12-08T15:00:00Z"),
    ]
    assert {each.ical_uid for each in scene.graph.mails} == {series["iCalUId"]}
    assert refused(scene.api().get(at(second))) == (404, "ErrorItemNotFound")
    found = scene.occurrences(scene.adas(series), ADA)
    assert [each["isCancelled"] for each in found] == [False, True, False, False]
    assert found[1]["type"] == "exception"
    selected = ok(scene.api().get(at(series) + "?$select=cancelledOccurrences"))
    assert len(selected["cancelledOccurrences"]) == 1


def test_23_only_the_organizer_cancels(scene):
    copy = scene.adas(scene.invite())
    reply = scene.api(ADA).post(at(copy, "cancel"), {"comment": "x"})
    assert refused(reply) == (400, "ErrorInvalidRequest")
    assert "organizer" in reply.json()["error"]["message"]
    assert refused(scene.api(ADA).post(at(copy, "cancel"), {"reason": "x"})) == (400, "RequestBodyRead")


def test_23_answers_reach_the_organizer(scene):
    event = scene.invite()
    copy = scene.adas(event)
    assert copy["responseStatus"]["response"] == "notResponded"
    assert (copy["showAs"], copy["isOrganizer"]) == ("tentative", False)
    scene.mails()
    answers = {"accept": "accepted", "tentativelyAccept": "tentativelyAccepted"}
    for action, response in answers.items():
        reply = scene.api(ADA).post(at(copy, action), {"comment": "Fine", "sendResponse": True})
        assert (reply.status_code, reply.text) == (202, "")
        assert of_ada(scene.grace.get(event["id"]))["status"] == {"response": response, "time": "2026-11-30T00:00:00Z"}
        assert scene.ada.get(copy["id"])["responseStatus"]["response"] == response
        assert of_ada(scene.ada.get(copy["id"]))["status"]["response"] == "none"
    mail = scene.graph.mails[-1]
    assert (mail.kind, mail.to, mail.text, mail.response_status) == ("response", GRACE, "Fine", "tentativelyAccepted")
    assert scene.mails() == [("response", GRACE)] * 2


def test_23_declining_removes_the_event_or_leaves_it(scene):
    event = scene.invite()
    copy, link = scene.adas(event), scene.link(ADA)
    ok(scene.api(ADA).post(at(copy, "decline"), {"comment": "A clash"}), 202)
    assert of_ada(scene.grace.get(event["id"]))["status"]["response"] == "declined"
    assert refused(scene.api(ADA).get(at(copy))) == (404, "ErrorItemNotFound")
    assert kinds(scene.round(link, ADA)[0]) == ["removed"]
    scene.graph.switches.decline_removes = False
    copy = scene.adas(scene.invite())
    ok(scene.api(ADA).post(at(copy, "decline")), 202)
    shown = scene.ada.get(copy["id"])
    assert (shown["responseStatus"]["response"], shown["showAs"]) == ("declined", "free")


def test_23_an_answer_to_one_occurrence(scene):
    series = scene.series()
    second = scene.occurrences(scene.adas(series), ADA)[1]
    ok(scene.api(ADA).post(at(second, "tentativelyAccept"), {"comment": "Perhaps"}), 202)
    assert scene.graph.mails[-1].original_start == "2026-12-08T15:00:00Z"
    found = scene.occurrences(series)
    assert [of_ada(each)["status"]["response"] for each in found] == ["none", "tentativelyAccepted", "none", "none"]
    assert of_ada(scene.grace.get(series["id"]))["status"]["response"] == "none"
    ok(scene.api(ADA).post(at(second, "decline"), {}), 202)
    assert len(scene.occurrences(scene.adas(series), ADA)) == 3


def test_23_an_answer_to_the_series_leaves_occurrences_that_were_answered_otherwise(scene):
    series = scene.series()
    second, third = scene.occurrences(scene.adas(series), ADA)[1:3]
    later = {"start": time("2026-12-15T12:00:00"), "end": time("2026-12-15T13:00:00")}
    scene.grace.patch(scene.occurrences(series)[2]["id"], later)
    scene.ada.tentatively_accept(second["id"])
    scene.ada.accept(scene.adas(series)["id"])
    expected = ["accepted", "tentativelyAccepted", "accepted", "accepted"]
    assert [of_ada(each)["status"]["response"] for each in scene.occurrences(series)] == expected
    hers = scene.occurrences(scene.adas(series), ADA)
    assert [each["responseStatus"]["response"] for each in hers] == expected
    assert scene.ada.get(third["id"])["start"]["dateTime"] == "2026-12-15T17:00:00.0000000"


def test_23_who_cannot_answer_and_when(scene):
    event = scene.invite(responseRequested=False)
    copy = scene.adas(event)
    for action in ("accept", "tentativelyAccept", "decline"):
        assert refused(scene.api().post(at(event, action), {})) == (400, "ErrorInvalidRequest")
        assert refused(scene.api(ADA).post(at(copy, action), {})) == (400, "ErrorInvalidRequest")
    scene.mails()
    ok(scene.api(ADA).post(at(copy, "accept"), {"sendResponse": False}), 202)
    assert scene.mails() == []
    assert of_ada(scene.grace.get(event["id"]))["status"]["response"] == "none"
    both = {"comment": "x", "sendResponse": False}
    assert refused(scene.api(ADA).post(at(copy, "accept"), both)) == (400, "ErrorInvalidParameter")
    scene.grace.cancel(event["id"])
    assert refused(scene.api(ADA).post(at(copy, "accept"), {}))[1] == "ErrorCalendarIsCancelledForAccept"


def test_23_proposals_need_an_organizer_who_allows_them_and_an_answer_that_is_sent(scene):
    event = scene.invite()
    copy = scene.adas(event)
    ok(scene.api(ADA).post(at(copy, "tentativelyAccept"), {"comment": "Later?", "proposedNewTime": SLOT}), 202)
    proposed = of_ada(scene.grace.get(event["id"]))["proposedNewTime"]
    assert proposed["start"] == {"dateTime": "2026-12-03T10:00:00.0000000", "timeZone": "Eastern Standard Time"}
    assert scene.graph.mails[-1].proposed_new_time == proposed
    ok(scene.api(ADA).post(at(copy, "accept"), {}), 202)
    assert "proposedNewTime" not in of_ada(scene.grace.get(event["id"]))
    unsent = {"proposedNewTime": SLOT, "sendResponse": False}
    assert refused(scene.api(ADA).post(at(copy, "decline"), unsent)) == (400, "ErrorInvalidParameter")
    assert refused(scene.api(ADA).post(at(copy, "accept"), {"proposedNewTime": SLOT}))[1] == "RequestBodyRead"
    backwards = {"proposedNewTime": {"start": SLOT["end"], "end": SLOT["start"]}}
    assert refused(scene.api(ADA).post(at(copy, "decline"), backwards))[0] == 400
    firm = scene.adas(scene.invite(allowNewTimeProposals=False))
    assert refused(scene.api(ADA).post(at(firm, "decline"), {"proposedNewTime": SLOT})) == (400, "ErrorInvalidRequest")


def test_23_delete_by_the_organizer_cancels_without_a_word(scene):
    event = scene.invite()
    copy = scene.adas(event)
    scene.mails()
    reply = scene.api().delete(at(event))
    assert (reply.status_code, reply.text) == (204, "")
    assert [(each.kind, each.to, each.text) for each in scene.graph.mails] == [
        ("cancellation", ADA, ""),
        ("cancellation", BOB, ""),
    ]
    assert refused(scene.api().delete(at(event))) == (404, "ErrorItemNotFound")
    assert scene.ada.get(copy["id"])["isCancelled"]


def test_23_delete_by_a_guest_removes_the_copy_and_declines_or_does_not(scene):
    event, other = scene.invite(), scene.invite()
    scene.mails()
    ok(scene.api(ADA).delete(at(scene.adas(event))), 204)
    assert scene.mails() == []
    assert of_ada(scene.grace.get(event["id"]))["status"]["response"] == "none"
    scene.graph.switches.attendee_delete_declines = True
    ok(scene.api(ADA).delete(at(scene.adas(other))), 204)
    assert scene.mails() == [("response", GRACE)]
    assert of_ada(scene.grace.get(other["id"]))["status"]["response"] == "declined"


def test_23_answers_of_and_to_people_without_a_mailbox_here(scene):
    event = scene.invite()
    scene.graph.deliver_response(BOB, GRACE, event["id"], "tentativelyAccepted", SLOT)
    assert scene.grace.get(event["id"])["attendees"][1]["status"]["response"] == "tentativelyAccepted"
    scene.graph.deliver_response("carol@example.edu", GRACE, event["id"], "accepted")
    assert scene.grace.get(event["id"])["attendees"][2]["type"] == "optional"
    received = scene.graph.deliver_invitation(ADA, "eve@elsewhere.example", meeting(attendees=guests(ADA)))
    scene.mails()
    scene.ada.accept(received["id"], "Gladly")
    assert scene.mails() == [("response", "eve@elsewhere.example")]
    with pytest.raises(ApiError) as caught:
        scene.ada.cancel(received["id"])
    assert caught.value.code == "ErrorInvalidRequest"


# 24: bodies, online meetings, mails of changes


@pytest.mark.parametrize("form", TEAMS_FORMS)
def test_24_a_body_without_the_block_takes_the_meeting_offline(scene, form):
    scene.graph.teams_form = form
    event = scene.invite(isOnlineMeeting=True, onlineMeetingProvider="teamsForBusiness")
    html = event["body"]["content"]
    assert event["isOnlineMeeting"]
    assert event["onlineMeeting"]["joinUrl"].startswith("https://teams.microsoft.com/l/meetup-join/")
    assert "_" * 80 in html
    assert "me-email-text" in html
    kept = html.replace("<p>Bring it</p>", "<p>Bring it</p>\r\n<p>&amp; more</p>")
    patched = ok(scene.api().patch(at(event), {"body": {"contentType": "html", "content": kept}}))
    assert patched["onlineMeeting"] == event["onlineMeeting"]
    plain = text.plain(html)
    for content, kind in (("<p>Mine</p>", "html"), (plain, "text"), (html.replace("me-email", "my-email"), "html")):
        online = scene.invite(isOnlineMeeting=True)
        body = {"contentType": kind, "content": content}
        patched = ok(scene.api().patch(at(online), {"body": body}))
        assert (patched["isOnlineMeeting"], patched["onlineMeeting"]) == (False, None)
        assert patched["onlineMeetingProvider"] == "unknown"


def test_24_a_rewritten_block_with_the_same_content_is_kept(scene):
    event = scene.invite(isOnlineMeeting=True)
    html = event["body"]["content"].replace("\r\n", " ").replace("<br>", "<br/>").replace("&amp;", "&#38;")
    patched = ok(scene.api().patch(at(event), {"body": {"contentType": "HTML", "content": html}}))
    assert patched["isOnlineMeeting"]


def test_24_an_occurrence_goes_offline_alone(scene):
    series = scene.series(isOnlineMeeting=True)
    second = scene.occurrences(series)[1]
    ok(scene.api().patch(at(second), {"body": {"contentType": "html", "content": "<p>x</p>"}}))
    assert [each["isOnlineMeeting"] for each in scene.occurrences(series)] == [True, False, True, True]
    assert [each["isOnlineMeeting"] for each in scene.occurrences(scene.adas(series), ADA)] == [True, False, True, True]


def test_24_online_meetings_cannot_be_turned_off_and_need_a_provider(scene):
    event = scene.invite(isOnlineMeeting=True)
    assert ok(scene.api().patch(at(event), {"isOnlineMeeting": False}))["isOnlineMeeting"]
    plain = scene.invite()
    assert ok(scene.api().patch(at(plain), {"isOnlineMeeting": True}))["onlineMeeting"]["joinUrl"]
    scene.graph.add_person("eve@outlook.example", personal=True)
    mine = ok(scene.api("eve@outlook.example").post("/me/events", meeting(isOnlineMeeting=True)), 201)
    assert (mine["isOnlineMeeting"], mine["onlineMeeting"]) == (False, None)


def test_24_text_leaves_the_converters_marks(scene):
    event = scene.invite(body={"contentType": "text", "content": "One & two\nThree"})
    html = event["body"]["content"]
    assert "<!-- converted from text -->" in html
    assert "<style><!--" in html
    shown = ok(scene.api().get(at(event), f'{IMMUTABLE}, outlook.body-content-type="text"'))
    assert shown["body"] == {"contentType": "text", "content": "One & two\r\nThree"}
    assert shown["bodyPreview"].startswith("One & two")


def test_24_every_patch_but_categories_is_a_mail(scene):
    event = scene.invite()
    scene.mails()
    ok(scene.api().patch(at(event), {"categories": ["Agenda pending"]}))
    assert scene.mails() == []
    for body in ({"subject": "Weekly"}, {"isReminderOn": False}, {"showAs": "busy"}, {"sensitivity": "private"}):
        ok(scene.api().patch(at(event), body))
        assert scene.mails() == [("update", ADA), ("update", BOB)]
    ok(scene.api().patch(at(event), {"categories": [], "subject": "x"}))
    assert scene.mails() == [("update", ADA), ("update", BOB)]
    scene.graph.switches.silent_patches = "personal"
    ok(scene.api().patch(at(event), {"isReminderOn": False, "showAs": "free", "sensitivity": "normal"}))
    assert scene.mails() == []


def test_24_a_change_of_attendees_alone_is_told_to_those_whom_it_concerns(scene):
    event = scene.invite()
    scene.mails()
    ok(scene.api().patch(at(event), {"attendees": guests(BOB, "eve@elsewhere.example")}))
    assert sorted(scene.mails()) == [("cancellation", ADA), ("invitation", "eve@elsewhere.example")]
    assert scene.adas({"iCalUId": event["iCalUId"]})["isCancelled"]


def test_24_an_update_of_a_series_mails_for_each_exception_too(scene):
    series = scene.series()
    second = scene.occurrences(series)[1]
    scene.grace.patch(second["id"], {"subject": "Special"})
    scene.graph.mails.clear()
    ok(scene.api().patch(at(series), {"location": {"displayName": "Room 2"}}))
    found = [(each.to, each.original_start, each.summary) for each in scene.graph.mails]
    assert found == [
        (to, start, subject)
        for to in (ADA, BOB)
        for start, subject in ((None, "Weekly"), ("2026-12-08T15:00:00Z", "Special"))
    ]
    shown = scene.grace.get(second["id"])
    assert (shown["subject"], shown["location"]["displayName"]) == ("Special", "Room 2")
    assert shown["locations"][0]["uniqueId"] == "Room 2"


def test_24_attendees_are_replaced_whole_and_keep_their_answers(scene):
    event = scene.invite()
    scene.ada.accept(scene.adas(event)["id"])
    room = {"emailAddress": {"address": "room@example.org"}, "type": "Resource"}
    scene.mails()
    patched = ok(scene.api().patch(at(event), {"attendees": [*guests(ADA), room]}))
    assert [(each["type"], each["status"]["response"]) for each in patched["attendees"]] == [
        ("required", "accepted"),
        ("resource", "none"),
    ]
    assert scene.mails() == [("cancellation", BOB)]
    assert refused(scene.api().patch(at(event), {"attendees": guests("nonsense")})) == (400, "ErrorInvalidRecipients")
    assert refused(scene.api().patch(at(event), {"attendees": guests(ADA, ADA)}))[0] == 400


def test_24_a_new_time_takes_answers_back(scene):
    event = scene.invite()
    copy = scene.adas(event)
    scene.ada.accept(copy["id"])
    later = {"start": time("2026-12-01T12:00:00"), "end": time("2026-12-01T13:00:00")}
    patched = ok(scene.api().patch(at(event), later))
    assert of_ada(patched)["status"] == {"response": "notResponded", "time": "4501-01-01T00:00:00Z"}
    shown = scene.ada.get(copy["id"])
    assert shown["start"]["dateTime"] == "2026-12-01T17:00:00.0000000"
    assert (shown["responseStatus"]["response"], shown["showAs"]) == ("notResponded", "tentative")
