"""The simulator of Google Calendar: copies, answers, mail."""

import pytest

from simulators.google_scene import ADA, BOB, GRACE, GUESTS, WEEKLY, by_id, meeting, opened, refused


@pytest.fixture
def scene():
    with opened() as there:
        yield there


# 10-13: copies, answers, mail


def test_10_each_calendar_has_a_copy_with_flags_of_its_own(scene):
    event = scene.invite(extendedProperties={"private": {"mine": "1"}, "shared": {"ours": "2"}})
    copy = scene.events(ADA).get(calendarId="primary", eventId=event["id"]).execute()
    assert copy["iCalUID"] == event["iCalUID"]
    assert event["organizer"]["self"]
    assert "self" not in copy["organizer"]
    assert [each["email"] for each in copy["attendees"] if each.get("self")] == [ADA]
    assert [each["email"] for each in copy["attendees"] if each.get("organizer")] == [GRACE]
    assert copy["extendedProperties"] == {"shared": {"ours": "2"}}
    own = {"extendedProperties": {"private": {"hers": "3"}}, "colorId": "5"}
    scene.events(ADA).patch(calendarId="primary", eventId=event["id"], body=own).execute()
    body = {"summary": "Moved", "extendedProperties": {"shared": {"ours": "4"}}}
    scene.events().patch(calendarId="primary", eventId=event["id"], body=body).execute()
    copy = scene.events(ADA).get(calendarId="primary", eventId=event["id"]).execute()
    assert (copy["summary"], copy["colorId"]) == ("Moved", "5")
    assert copy["extendedProperties"] == {"private": {"hers": "3"}, "shared": {"ours": "4"}}
    main = scene.events().get(calendarId="primary", eventId=event["id"]).execute()
    assert main["extendedProperties"]["private"] == {"mine": "1"}


def test_10_a_guests_edits_stay_in_the_guests_copy(scene):
    event = scene.invite()
    scene.events(ADA).patch(calendarId="primary", eventId=event["id"], body={"summary": "Hers"}).execute()
    assert scene.google.as_(GRACE).get("primary", event["id"])["summary"] == "Weekly"
    scene.google.as_(GRACE).patch("primary", event["id"], {"location": "Room 2"})
    copy = scene.google.as_(ADA).get("primary", event["id"])
    assert (copy["summary"], copy["location"]) == ("Hers", "Room 2")


def test_10_locked_copies_refuse_edits_of_the_main_fields(scene):
    locked = scene.google.as_(GRACE).insert("primary", meeting(locked=True))
    event = scene.invite()
    patch = scene.events(ADA).patch
    assert refused(patch(calendarId="primary", eventId=locked["id"], body={"summary": "x"}))[1] == (
        "forbiddenForNonOrganizer"
    )
    assert scene.google.as_(ADA).get("primary", locked["id"])["locked"] is True
    scene.google.switches.locked_copies = True
    assert refused(patch(calendarId="primary", eventId=event["id"], body={"summary": "x"}))[0] == 403
    patch(calendarId="primary", eventId=event["id"], body={"colorId": "3"}).execute()


def test_10_the_organizers_changes_of_a_series_reach_exceptions_and_copies(scene):
    series = scene.invite(recurrence=WEEKLY)
    instance = f"{series['id']}_20261208T150000Z"
    scene.google.as_(GRACE).patch("primary", instance, {"summary": "Special"})
    assert scene.google.as_(ADA).get("primary", instance)["summary"] == "Special"
    scene.google.as_(GRACE).patch("primary", series["id"], {"description": "New text"})
    for person in (GRACE, ADA):
        exception = scene.google.as_(person).get("primary", instance)
        assert (exception["summary"], exception["description"]) == ("Special", "New text")


def test_10_a_guest_taken_off_the_list_loses_the_event_and_a_new_one_gets_it(scene):
    series = scene.invite(recurrence=WEEKLY, attendees=[{"email": GRACE}])
    instance = f"{series['id']}_20261208T150000Z"
    scene.google.as_(GRACE).patch("primary", instance, {"status": "cancelled"})
    both = {"attendees": [{"email": GRACE}, {"email": ADA}]}
    scene.events().patch(calendarId="primary", eventId=series["id"], body=both).execute()
    assert len(scene.list(ADA, singleEvents=True)[0]) == 3
    token = scene.token(ADA)
    scene.events().patch(calendarId="primary", eventId=series["id"], body={"attendees": [{"email": GRACE}]}).execute()
    assert {each["status"] for each in scene.since(token, ADA)} == {"cancelled"}
    assert scene.list(ADA, singleEvents=True)[0] == []


def test_10_unannounced_changes_reach_guests_or_do_not(scene):
    scene.google.switches.unannounced_changes_reach_guests = False
    event = scene.invite()
    patch = scene.events().patch
    patch(calendarId="primary", eventId=event["id"], body={"summary": "Quiet"}).execute()
    assert scene.google.as_(ADA).get("primary", event["id"])["summary"] == "Weekly"
    scene.google.as_(ADA).respond("primary", event["id"], "accepted")
    assert scene.google.as_(ADA).get("primary", event["id"])["summary"] == "Weekly"
    patch(calendarId="primary", eventId=event["id"], body={"location": "R"}, sendUpdates="all").execute()
    copy = scene.google.as_(ADA).get("primary", event["id"])
    assert (copy["summary"], copy["location"]) == ("Quiet", "R")


def test_10_events_on_a_secondary_calendar_are_organized_by_it(scene):
    team = "c_1@group.calendar.google.com"
    scene.google.add_calendar(GRACE, team, zone="Europe/Paris", summary="Team")
    event = scene.events().insert(calendarId=team, body=meeting()).execute()
    assert event["organizer"] == {"email": team, "displayName": "Team", "self": True}
    assert event["creator"]["email"] == GRACE
    assert event["start"]["dateTime"] == "2026-12-01T16:00:00+01:00"
    copy = scene.google.as_(GRACE).get("primary", event["id"])
    assert [each["email"] for each in copy["attendees"] if each.get("self")] == [GRACE]
    assert "self" not in copy["organizer"]


def test_11_put_by_a_non_organizer_is_forbidden(scene):
    event = scene.invite()
    request = scene.events(ADA).update(calendarId="primary", eventId=event["id"], body=meeting())
    assert refused(request)[:2] == (403, "forbiddenForNonOrganizer")


def test_12_an_answer_with_attendees_omitted_changes_one_response_and_mails_the_organizer(scene):
    event = scene.invite()
    scene.mails()
    entry = {"email": ADA, "responseStatus": "declined", "comment": "A clash"}
    body = {"attendeesOmitted": True, "attendees": [entry]}
    scene.events(ADA).patch(calendarId="primary", eventId=event["id"], body=body, sendUpdates="all").execute()
    for person in (GRACE, ADA):
        attendees = scene.google.as_(person).get("primary", event["id"])["attendees"]
        assert [each["responseStatus"] for each in attendees] == ["accepted", "declined", "needsAction"]
        assert attendees[1]["comment"] == "A clash"
    (mail,) = scene.google.mails
    assert (mail.kind, mail.to, mail.text, mail.by, mail.response_status) == (
        "response",
        GRACE,
        "A clash",
        ADA,
        "declined",
    )
    assert scene.google.violations == []


def test_12_an_answer_for_one_instance_makes_an_exception_everywhere(scene):
    series = scene.invite(recurrence=WEEKLY)
    instance = f"{series['id']}_20261208T150000Z"
    scene.google.as_(ADA).respond("primary", instance, "declined", comment="Away")
    assert scene.google.mails[-1].original_start == "2026-12-08T10:00:00-05:00"
    for person in (GRACE, ADA):
        get = scene.google.as_(person).get
        assert get("primary", instance)["attendees"][1]["responseStatus"] == "declined"
        assert get("primary", series["id"])["attendees"][1]["responseStatus"] == "needsAction"
    scene.google.as_(ADA).respond("primary", series["id"], "accepted")
    assert scene.google.as_(GRACE).get("primary", instance)["attendees"][1]["responseStatus"] == "declined"


def test_12_without_attendees_omitted_the_other_guests_are_dropped_and_it_is_noted(scene):
    event = scene.invite()
    body = {"attendees": [{"email": ADA, "responseStatus": "accepted"}]}
    copy = scene.events(ADA).patch(calendarId="primary", eventId=event["id"], body=body).execute()
    assert [each["email"] for each in copy["attendees"]] == [ADA]
    assert any("dropped guests" in each for each in scene.google.violations)
    main = scene.google.as_(GRACE).get("primary", event["id"])
    assert [each["responseStatus"] for each in main["attendees"]] == ["accepted", "accepted", "needsAction"]


def test_12_attendees_omitted_is_for_oneself_only(scene):
    event = scene.invite()
    for person in (GRACE, ADA):
        body = {"attendeesOmitted": True, "attendees": [{"email": BOB, "responseStatus": "accepted"}]}
        assert refused(scene.events(person).patch(calendarId="primary", eventId=event["id"], body=body))[0] == 400


def test_12_private_properties_by_guests_are_allowed_or_forbidden(scene):
    event = scene.invite()
    body = {"extendedProperties": {"private": {"a": "1"}, "shared": {"b": "2"}}}
    request = scene.events(ADA).patch(calendarId="primary", eventId=event["id"], body=body)
    request.execute()
    assert "extendedProperties" not in scene.google.as_(GRACE).get("primary", event["id"])
    scene.google.switches.private_properties_by_guests = "forbidden"
    assert refused(request)[:2] == (403, "forbiddenForNonOrganizer")


def test_12_the_answer_of_someone_without_a_calendar_here_arrives(scene):
    event = scene.invite()
    scene.google.deliver_response(BOB, GRACE, event["id"], "tentative", comment="Perhaps")
    for person in (GRACE, ADA):
        entry = scene.google.as_(person).get("primary", event["id"])["attendees"][2]
        assert (entry["responseStatus"], entry["comment"]) == ("tentative", "Perhaps")
    event = scene.google.deliver_invitation(ADA, "eve@elsewhere.example", meeting(attendees=[{"email": ADA}]))
    scene.mails()
    scene.google.as_(ADA).respond("primary", event["id"], "accepted")
    assert scene.mails() == [("response", "eve@elsewhere.example")]


def test_13_a_delete_is_empty_and_the_second_one_is_410(scene):
    event = scene.invite()
    delete = scene.events().delete(calendarId="primary", eventId=event["id"])
    assert delete.execute() == ""
    assert scene.google.requests[-1].status == 204
    assert refused(delete)[:2] == (410, "deleted")
    assert scene.google.as_(ADA).get("primary", event["id"])["status"] == "cancelled"


@pytest.mark.parametrize(
    ("told", "cancelled"), [("all", [ADA, BOB]), ("externalOnly", [BOB]), ("none", []), (None, [])]
)
def test_13_send_updates_decides_who_is_mailed(scene, told, cancelled):
    room = {"email": "room@resource.calendar.google.com", "resource": True}
    event = scene.invite(attendees=[*GUESTS, room])
    assert scene.mails() == [("invitation", ADA), ("invitation", BOB)]
    scene.google.as_(ADA).respond("primary", event["id"], "declined", send_updates="none")
    parameters = {"sendUpdates": told} if told else {}
    scene.events().delete(calendarId="primary", eventId=event["id"], **parameters).execute()
    assert scene.mails() == [("cancellation", each) for each in cancelled]


def test_13_a_cancelled_instance_mails_the_description_that_it_has_then(scene):
    series = scene.invite(recurrence=WEEKLY)
    scene.mails()
    instance = f"{series['id']}_20261208T150000Z"
    body = {"status": "cancelled", "description": "No agenda yet, so not this week"}
    patch = scene.events().patch(calendarId="primary", eventId=instance, body=body, sendUpdates="all")
    assert patch.execute()["status"] == "cancelled"
    assert {(each.kind, each.to, each.text, each.event_id) for each in scene.google.mails} == {
        ("cancellation", to, "No agenda yet, so not this week", instance) for to in (ADA, BOB)
    }
    assert scene.google.mails[0].original_start == "2026-12-08T10:00:00-05:00"
    scene.mails()
    patch.execute()
    assert scene.mails() == []
    assert scene.google.as_(ADA).get("primary", instance)["status"] == "cancelled"
    back = {"status": "confirmed"}
    scene.events().patch(calendarId="primary", eventId=instance, body=back, sendUpdates="all").execute()
    assert scene.mails() == [("invitation", ADA), ("invitation", BOB)]
    assert scene.google.as_(ADA).get("primary", instance)["status"] == "confirmed"


def test_13_a_deleted_series_comes_back_with_its_exceptions(scene):
    series = scene.invite(recurrence=WEEKLY)
    instance = f"{series['id']}_20261208T150000Z"
    scene.google.as_(GRACE).patch("primary", instance, {"summary": "Special"})
    token = scene.token(ADA)
    scene.google.as_(GRACE).delete("primary", series["id"])
    assert set(by_id(scene.since(token, ADA))) == {series["id"], instance}
    token = scene.token(ADA)
    scene.google.as_(GRACE).patch("primary", series["id"], {"status": "confirmed"})
    back = by_id(scene.since(token, ADA))
    assert (back[series["id"]]["status"], back[instance]["summary"]) == ("confirmed", "Special")


def test_13_only_visible_changes_are_mailed(scene):
    event = scene.invite()
    scene.mails()
    patch = scene.events().patch
    for body in ({"extendedProperties": {"private": {"a": "1"}}}, {"colorId": "4"}, {"summary": "Weekly"}):
        patch(calendarId="primary", eventId=event["id"], body=body, sendUpdates="all").execute()
    assert scene.mails() == []
    patch(calendarId="primary", eventId=event["id"], body={"location": "R"}, sendUpdates="all").execute()
    assert scene.mails() == [("update", ADA), ("update", BOB)]
    fewer = {"attendees": [{"email": GRACE}, {"email": BOB}, {"email": "eve@elsewhere.example"}]}
    patch(calendarId="primary", eventId=event["id"], body=fewer, sendUpdates="all").execute()
    assert sorted(scene.mails()) == [("cancellation", ADA), ("invitation", "eve@elsewhere.example")]


def test_13_an_attendees_delete_removes_that_copy_and_declines(scene):
    event = scene.invite()
    scene.mails()
    scene.events(ADA).delete(calendarId="primary", eventId=event["id"], sendUpdates="all").execute()
    assert scene.mails() == [("response", GRACE)]
    main = scene.google.as_(GRACE).get("primary", event["id"])
    assert (main["status"], main["attendees"][1]["responseStatus"]) == ("confirmed", "declined")
    assert scene.list(ADA)[0] == []


def test_13_conference_data_and_attachments_need_their_parameters(scene):
    conference = {"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
    plain = scene.invite(conferenceData=conference, attachments=[{"fileUrl": "https://drive.google.com/file/d/1"}])
    assert {"conferenceData", "attachments", "hangoutLink"}.isdisjoint(plain)
    body = meeting(conferenceData=conference, attachments=[{"fileUrl": "https://drive.google.com/file/d/1"}])
    request = scene.events().insert(calendarId="primary", body=body, conferenceDataVersion=1, supportsAttachments=True)
    event = request.execute()
    assert event["hangoutLink"] == event["conferenceData"]["entryPoints"][0]["uri"]
    assert event["attachments"]
    events = {"calendarId": "primary", "eventId": event["id"]}
    patched = scene.events().patch(**events, body={"conferenceData": None, "summary": "x"}).execute()
    assert patched["conferenceData"] == event["conferenceData"]
    put = scene.events().update(**events, body=meeting()).execute()
    assert put["conferenceData"] == event["conferenceData"]
    assert put["attachments"] == event["attachments"]
    put = scene.events().update(**events, body=meeting(), conferenceDataVersion=1).execute()
    assert {"conferenceData", "hangoutLink"}.isdisjoint(put)


def test_13_guests_who_may_modify_edit_the_main_copy(scene):
    event = scene.invite(guestsCanModify=True)
    scene.mails()
    patch = scene.events(ADA).patch
    patch(calendarId="primary", eventId=event["id"], body={"summary": "Ours"}, sendUpdates="all").execute()
    assert scene.google.as_(GRACE).get("primary", event["id"])["summary"] == "Ours"
    assert scene.google.as_(ADA).get("primary", event["id"])["summary"] == "Ours"
    assert scene.mails() == [("update", BOB)]
