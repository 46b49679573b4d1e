"""Access in the simulator of Microsoft Graph: tokens, scopes, sharing, free/busy, settings and mail."""

import base64
from datetime import timedelta
from email.message import EmailMessage

import pytest

from simulators.graph.client import ask
from simulators.graph.scene import (
    ADA,
    BOB,
    DELTA,
    EASTERN,
    GRACE,
    IMMUTABLE,
    LONDON,
    WINDOW,
    meeting,
    ok,
    refused,
    time,
    weekly,
)
from simulators.graph.scene import scene as a_scene

EVE = "eve@outlook.example"
ADAS = [{"emailAddress": {"address": ADA}}]
BOBS = [{"emailAddress": {"address": BOB}}]
MESSAGE = {"subject": "Agenda?", "body": {"contentType": "Text", "content": "None yet"}, "toRecipients": ADAS}


@pytest.fixture
def scene():
    yield from a_scene()


# Tokens and scopes


def test_a_token_is_needed_and_ends(scene):
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic x"}):
        reply = ask(scene.graph.root, "GET", "/v1.0/me", headers=headers)
        assert refused(reply) == (401, "InvalidAuthenticationToken")
        assert "authorization_uri" in reply.headers["www-authenticate"]
    token = scene.graph.token_for(GRACE, lifetime=timedelta(hours=1))
    headers = {"Authorization": f"Bearer {token}"}
    assert ask(scene.graph.root, "GET", "/v1.0/me", headers=headers).status_code == 200
    scene.graph.now += timedelta(hours=1)
    assert refused(ask(scene.graph.root, "GET", "/v1.0/me", headers=headers))[0] == 401
    for person, end in ((GRACE, scene.graph.expire_access_tokens), (ADA, scene.graph.revoke)):
        ok(scene.api(person).get("/me"))
        end(person)
        assert refused(scene.api(person).get("/me"))[0] == 401


@pytest.mark.parametrize(
    ("scope", "method", "address", "code"),
    [
        ("Calendars.Read", "GET", "/me/events", "ErrorAccessDenied"),
        ("Calendars.Read", "GET", DELTA + "?startDateTime=2026-11-30&endDateTime=2026-12-30", "ErrorAccessDenied"),
        ("Calendars.ReadWrite", "POST", "/me/events", "ErrorAccessDenied"),
        ("MailboxSettings.Read", "GET", "/me/mailboxSettings", "ErrorAccessDenied"),
        ("Mail.Send", "POST", "/me/sendMail", "ErrorAccessDenied"),
        ("Mail.Read", "GET", "/me/messages?$filter=internetMessageId%20eq%20'x'", "ErrorAccessDenied"),
        ("User.Read", "GET", "/me", "Authorization_RequestDenied"),
    ],
)
def test_scopes_are_enforced(scene, scope, method, address, code):
    body = {"/me/events": meeting(), "/me/sendMail": {"message": MESSAGE}}.get(address) if method == "POST" else None
    others = {"Calendars.Read", "Mail.Send", "User.Read", "MailboxSettings.Read", "Mail.Read"} - {scope}
    without = scene.api(GRACE, others - {"Calendars.Read"} if scope == "Calendars.ReadWrite" else others)
    assert refused(without.call(method, address, body)) == (403, code)
    held = scene.api(GRACE, [f"https://graph.microsoft.com/{scope}"])
    assert held.call(method, address, body).status_code in {200, 201, 202}


def test_reading_scopes_do_not_write(scene):
    event = scene.invite()
    reader = scene.api(GRACE, ["Calendars.Read"])
    ok(reader.get(f"/me/events/{event['id']}"))
    assert refused(reader.patch(f"/me/events/{event['id']}", {"subject": "x"})) == (403, "ErrorAccessDenied")
    assert refused(reader.post(f"/me/events/{event['id']}/cancel", {})) == (403, "ErrorAccessDenied")


def test_an_app_without_a_user_names_the_mailbox(scene):
    event = scene.invite()
    app = scene.graph.api(prefer=IMMUTABLE)
    assert refused(app.get("/me/events")) == (400, "BadRequest")
    assert ok(app.get(f"/users/{GRACE}/events/{event['id']}"))["subject"] == "Weekly"
    oid = ok(scene.api().get("/me"))["id"]
    page = ok(app.get(f"/users/{oid}/calendarView/delta", **WINDOW))
    assert ok(app.get(page["@odata.deltaLink"]))["value"] == []
    assert refused(app.get("/users/nobody@example.org/events")) == (404, "ErrorInvalidUser")
    reader = scene.graph.api(scopes={"Calendars.Read"}, prefer=IMMUTABLE)
    assert refused(reader.delete(f"/users/{GRACE}/events/{event['id']}")) == (403, "ErrorAccessDenied")
    assert scene.graph.requests[-1].person is None


def test_only_what_is_served_is_answered(scene):
    for method, address in (
        ("GET", "/me/contacts"),
        ("GET", "/me/events/delta"),
        ("PUT", "/me/events/x"),
        ("GET", "/groups/1/events"),
        ("POST", "/$batch"),
        ("GET", "/me/CalendarView"),
    ):
        scene.graph.violations.clear()
        assert refused(scene.api().call(method, address, {} if method != "GET" else None)) == (404, "BadRequest")
        assert len(scene.graph.violations) == 1
    assert ask(scene.graph.root, "GET", "/beta/me").status_code == 404
    assert ask(scene.graph.root, "GET", "/common/oauth2/token").status_code == 404


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("/me/events", {"nonsense": "1"}),
        ("/me/events", {"select": "id"}),
        ("/me/events", {"$count": "true"}),
        ("/me/events", {"$select": "id,nonsense"}),
        ("/me/events", {"$filter": "subject eq 'x'"}),
        ("/me/events", {"$top": "1001"}),
        ("/me/events", {"$orderby": "subject"}),
        ("/me/calendarView", {**WINDOW, "$filter": "x"}),
        ("/me/mailboxSettings", {"$expand": "x"}),
        ("/me", {"$select": "jobTitle"}),
    ],
)
def test_unknown_parameters_are_refused(scene, address, query):
    assert refused(scene.api().get(address, **query))[0] == 400
    assert scene.graph.violations


def test_bodies_come_as_json_where_they_come_at_all(scene):
    event = scene.invite()
    address = f"/me/events/{event['id']}"
    for reply in (
        scene.api().call("PATCH", address, '{"subject": "x"}', Content_Type="text/plain"),
        scene.api().call("PATCH", address, "[]", Content_Type="application/json"),
        scene.api().call("PATCH", address, "{", Content_Type="application/json"),
        scene.api().call("DELETE", address, {"comment": "x"}),
        scene.api().call("GET", address, {}),
    ):
        assert refused(reply)[0] == 400
    assert len(scene.graph.violations) == 5


# Lists


def test_lists_select_order_filter_and_page(scene):
    first, series = scene.invite(), scene.series()
    api = scene.api()
    listed = ok(api.get("/me/events", **{"$select": "subject,type", "$filter": f"iCalUId eq '{series['iCalUId']}'"}))
    assert listed["value"] == [
        {"@odata.etag": series["@odata.etag"], "id": series["id"], "subject": "Weekly", "type": "seriesMaster"}
    ]
    view = ok(api.get("/me/calendar/calendarView", **WINDOW, **{"$orderby": "start/dateTime desc", "$top": "3"}))
    starts = [each["start"]["dateTime"] for each in view["value"]]
    assert starts == sorted(starts, reverse=True)
    assert {each["type"] for each in view["value"]} == {"occurrence"}
    assert view["value"][0]["subject"] == "Weekly"
    rest = ok(api.get(view["@odata.nextLink"]))
    assert (len(rest["value"]), "@odata.nextLink" in rest) == (2, False)
    assert {each["id"] for each in rest["value"]} >= {first["id"]}
    page = ok(api.get(f"/me/events/{series['id']}/instances", **WINDOW, **{"$top": "3"}))
    assert len(ok(api.get(page["@odata.nextLink"]))["value"]) == 1
    assert refused(api.get(f"/me/events/{first['id']}/instances", **WINDOW)) == (400, "ErrorInvalidRequest")
    long = {**WINDOW, "endDateTime": "2036-01-01T00:00:00Z"}
    assert refused(api.get("/me/calendarView", **long)) == (400, "ErrorInvalidRequest")


def test_select_has_gaps_in_lists(scene):
    event = scene.invite(isOnlineMeeting=True)
    (item,) = ok(scene.api().get("/me/calendarView", **WINDOW, **{"$select": "onlineMeeting,createdDateTime"}))["value"]
    assert (item["onlineMeeting"], "createdDateTime" in item) == (None, False)
    (item,) = ok(scene.api().get("/me/calendarView", **WINDOW, **{"$select": "onlineMeeting,isOnlineMeeting"}))["value"]
    assert item["onlineMeeting"] == event["onlineMeeting"]


def test_views_take_what_overlaps_them(scene):
    scene.invite(start="2026-12-01T10:00:00", end="2026-12-01T11:00:00")

    def found(low, high):
        window = {"startDateTime": f"2026-12-01T{low}:00Z", "endDateTime": f"2026-12-01T{high}:00Z"}
        return len(ok(scene.api().get("/me/calendarView", **window))["value"])

    assert [found(*each) for each in (("15:30", "15:45"), ("16:00", "17:00"), ("14:00", "15:00"))] == [1, 0, 0]


# Calendars and sharing


def test_calendars_are_listed_and_hold_their_own_events(scene):
    team = scene.graph.add_calendar(GRACE, "Team")
    names = {each["name"]: each for each in ok(scene.api().get("/me/calendars"))["value"]}
    assert set(names) == {"Calendar", "Team"}
    assert names["Calendar"]["isDefaultCalendar"]
    assert names["Calendar"]["owner"] == {"name": "Grace Hopper", "address": GRACE}
    event = ok(scene.api().post(f"/me/calendars/{team}/events", meeting()), 201)
    address = f"/me/calendars/{team}"
    assert ok(scene.api().get(f"{address}/events/{event['id']}"))["id"] == event["id"]
    assert len(ok(scene.api().get(f"{address}/calendarView/delta", **WINDOW))["value"]) == 1
    assert ok(scene.api().get(DELTA, **WINDOW))["value"] == []
    assert refused(scene.api().get(f"/me/calendar/events/{event['id']}")) == (404, "ErrorItemNotFound")
    assert ok(scene.api().get(address))["name"] == "Team"
    assert ok(scene.api().get("/me/calendar"))["id"] == scene.graph.calendar_id(GRACE)
    assert refused(scene.api(ADA).get(address)) == (404, "ErrorItemNotFound")
    assert refused(scene.api().get("/me/calendars/nonsense")) == (400, "ErrorInvalidIdMalformed")


def test_shared_calendars_need_a_role_and_the_shared_scopes(scene):
    open_event, private = scene.invite(), scene.invite(sensitivity="private")
    calendar = scene.graph.calendar_id(GRACE)
    address = f"/me/calendars/{calendar}/events"
    assert refused(scene.api(ADA).get(f"/users/{GRACE}/calendarView", **WINDOW)) == (403, "ErrorAccessDenied")
    scene.graph.share(calendar, with_=ADA, role="read")
    shared = {each["id"]: each for each in ok(scene.api(ADA).get("/me/calendars"))["value"]}[calendar]
    assert (shared["canEdit"], shared["canViewPrivateItems"], shared["owner"]["address"]) == (False, False, GRACE)
    narrow = scene.api(ADA, ["Calendars.Read"])
    for each in (address, f"/users/{GRACE}/calendar/events"):
        assert refused(narrow.get(each)) == (403, "ErrorAccessDenied")
        subjects = {item["subject"] for item in ok(scene.api(ADA).get(each))["value"]}
        assert subjects == {"Weekly", "Private Appointment"}
    event = f"{address}/{open_event['id']}"
    assert refused(scene.api(ADA).patch(event, {"subject": "x"})) == (403, "ErrorAccessDenied")
    scene.graph.share(calendar, with_=ADA, role="delegate")
    assert ok(scene.api(ADA).patch(event, {"subject": "Ours"}))["isOrganizer"]
    assert ok(scene.api(ADA).get(f"{address}/{private['id']}"))["subject"] == "Weekly"
    made = ok(scene.api(ADA).post(address, meeting(attendees=[])), 201)
    assert made["organizer"]["emailAddress"]["address"] == GRACE
    assert refused(scene.api(ADA).get(f"/users/{GRACE}/mailboxSettings")) == (403, "ErrorAccessDenied")
    scene.graph.share(calendar, with_=ADA, role=None)
    assert refused(scene.api(ADA).get(address)) == (404, "ErrorItemNotFound")


# Settings and free/busy


def test_mailbox_settings_have_working_hours_for_work_accounts(scene):
    settings = ok(scene.api().get("/me/mailboxSettings"))
    assert settings["timeZone"] == EASTERN
    assert settings["workingHours"]["timeZone"] == {"name": EASTERN}
    scene.graph.set_working_hours(GRACE, ["monday"], "09:30", "15:00", zone=LONDON)
    hours = ok(scene.api().get("/me/mailboxSettings", **{"$select": "workingHours"}))["workingHours"]
    assert (hours["daysOfWeek"], hours["startTime"]) == (["monday"], "09:30:00.0000000")
    assert hours["timeZone"] == {"name": LONDON}
    custom = {"@odata.type": "#microsoft.graph.customTimeZone", "name": "Customized Time Zone", "bias": 300}
    scene.graph.set_working_hours(GRACE, ["monday"], "09:30", "15:00", zone=custom)
    assert ok(scene.api().get("/me/mailboxSettings"))["workingHours"]["timeZone"] == custom
    scene.graph.add_person(EVE, zone="Europe/Berlin", personal=True)
    settings = ok(scene.api(EVE).get("/me/mailboxSettings"))
    assert (settings["timeZone"], "workingHours" in settings) == ("Europe/Berlin", False)
    with pytest.raises(ValueError):
        scene.graph.set_working_hours(GRACE, ["someday"], "09:30", "15:00")


def schedule(*names, start="2026-12-01T00:00:00", end="2026-12-02T00:00:00", **more):
    return {"schedules": list(names), "startTime": time(start), "endTime": time(end), **more}


def test_get_schedule_shows_times_of_others_and_more_of_oneself(scene):
    scene.invite(recurrence=weekly())
    scene.grace.create(meeting("2026-12-01T13:00:00", "2026-12-01T14:00:00", showAs="free", attendees=[]))
    scene.grace.create(meeting("2026-12-01T15:00:00", "2026-12-01T16:00:00", showAs="oof", attendees=[]))
    asked = schedule(GRACE, ADA, BOB, availabilityViewInterval=60)
    reply = ok(scene.api().post("/me/calendar/getSchedule", asked, f'outlook.timezone="{EASTERN}"'))
    grace, ada, bob = reply["value"]
    assert grace["availabilityView"] == "000000000020000300000000"
    assert [each["status"] for each in grace["scheduleItems"]] == ["busy", "free", "oof"]
    assert grace["scheduleItems"][0]["subject"] == "Weekly"
    assert set(ada["scheduleItems"][0]) == {"status", "start", "end"}
    assert ada["scheduleItems"][0]["start"] == {"dateTime": "2026-12-01T10:00:00.0000000", "timeZone": EASTERN}
    assert ada["availabilityView"][10] == "1"
    assert ada["workingHours"]["timeZone"] == {"name": LONDON}
    assert set(bob) == {"scheduleId", "error"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (schedule(), "ErrorInvalidParameter"),
        (schedule(*(f"{number}@example.org" for number in range(21))), "ErrorInvalidParameter"),
        (schedule(GRACE, end="2027-02-02T00:00:00"), "ErrorTimeIntervalTooBig"),
        (schedule(GRACE, end="2026-11-30T00:00:00"), "ErrorInvalidTimeInterval"),
        (schedule(GRACE, availabilityViewInterval=4), "ErrorInvalidMergedFreeBusyInterval"),
        (schedule(GRACE, nonsense=1), "RequestBodyRead"),
        ({"schedules": [GRACE]}, "ErrorInvalidParameter"),
    ],
)
def test_get_schedule_has_limits(scene, body, code):
    assert refused(scene.api().post("/me/calendar/getSchedule", body)) == (400, code)


def test_get_schedule_is_not_for_personal_accounts(scene):
    scene.graph.add_person(EVE, personal=True)
    assert refused(scene.api(EVE).post("/me/calendar/getSchedule", schedule(EVE)))[0] == 403
    assert "error" in ok(scene.api().post("/me/calendar/getSchedule", schedule(EVE)))["value"][0]


# Mail


def test_send_mail_takes_json(scene):
    message = {**MESSAGE, "ccRecipients": BOBS}
    message["internetMessageHeaders"] = [{"name": "X-Agendad", "value": "1"}]
    reply = scene.api().post("/me/sendMail", {"Message": message, "saveToSentItems": True})
    assert (reply.status_code, reply.text) == (202, "")
    found = [(each.kind, each.to, each.summary, each.text, each.by) for each in scene.graph.mails]
    assert found == [("message", to, "Agenda?", "None yet", GRACE) for to in (ADA, BOB)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"toRecipients": []}, "ErrorInvalidRecipients"),
        ({"toRecipients": [{"emailAddress": {"address": "nonsense"}}]}, "ErrorInvalidRecipients"),
        ({"from": {"emailAddress": {"address": ADA}}}, "ErrorSendAsDenied"),
        ({"internetMessageHeaders": [{"name": "Message-ID", "value": "<x@y>"}]}, "InvalidInternetMessageHeader"),
        ({"internetMessageHeaders": [{"name": f"X-{n}", "value": "1"} for n in range(6)]}, None),
        ({"nonsense": 1}, "RequestBodyRead"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_send_mail_refuses(scene, change, code):
    reply = scene.api().post("/me/sendMail", {"message": {**MESSAGE, **change}})
    assert refused(reply)[1] == (code or "InvalidInternetMessageHeaderCollection")
    assert scene.graph.mails == []


def mime(sender=GRACE):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, f"Ada <{ADA}>", "Agenda für Dienstag?"
    message["Message-ID"], message["Auto-Submitted"] = "<k1@agendad.example>", "auto-generated"
    message.set_content("None yet\n")
    message.add_alternative("<p>None yet</p>", subtype="html")
    return base64.b64encode(message.as_bytes()).decode()


def look_up(api, message_id):
    return ok(api.get("/me/messages", **{"$filter": f"internetMessageId eq '{message_id}'"}))["value"]


def test_send_mail_takes_mime_and_keeps_its_message_id_or_does_not(scene):
    reply = scene.api().post("/me/sendMail", mime(), Content_Type="text/plain")
    assert reply.status_code == 202
    (mail,) = scene.graph.mails
    assert (mail.to, mail.summary, mail.text.strip()) == (ADA, "Agenda für Dienstag?", "None yet")
    assert mail.message_id == "<k1@agendad.example>"
    assert "Auto-Submitted: auto-generated" in mail.mime
    for person in (GRACE, ADA):
        (message,) = look_up(scene.api(person), "<k1@agendad.example>")
        assert message["subject"] == "Agenda für Dienstag?"
    assert look_up(scene.api(), "<k2@agendad.example>") == []
    scene.graph.switches.message_id_kept = False
    scene.api().post("/me/sendMail", mime().replace("\n", "\r\n"), Content_Type="text/plain")
    assert len(look_up(scene.api(), "<k1@agendad.example>")) == 1
    assert look_up(scene.api(), scene.graph.mails[-1].message_id)


def test_mime_is_checked(scene):
    for body, code in (("not base64!", "ErrorMimeContentInvalidBase64String"), (mime(ADA), "ErrorSendAsDenied")):
        reply = scene.api().post("/me/sendMail", body, Content_Type="text/plain")
        assert refused(reply)[1] == code
    assert scene.graph.mails == []


def test_a_sent_message_is_in_sent_items_later_or_never(scene):
    scene.graph.sent_items_delay = timedelta(minutes=1)
    message = {**MESSAGE, "toRecipients": BOBS, "internetMessageId": "<k3@agendad.example>"}
    scene.api().post("/me/sendMail", {"message": message})
    assert look_up(scene.api(), "<k3@agendad.example>") == []
    scene.graph.now += timedelta(minutes=1)
    assert len(look_up(scene.api(), "<k3@agendad.example>")) == 1
    message["internetMessageId"] = "<k4@agendad.example>"
    scene.api().post("/me/sendMail", {"message": message, "saveToSentItems": False})
    scene.graph.now += timedelta(minutes=1)
    assert look_up(scene.api(), "<k4@agendad.example>") == []
    for query in ({}, {"$filter": "subject eq 'x'"}, {"$filter": "internetMessageId eq 'x'", "$search": "x"}):
        assert refused(scene.api().get("/me/messages", **query))[0] == 400
