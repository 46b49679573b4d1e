"""The simulator of Google Calendar, seen through Google's own client: listing, tokens, expansion, etags, merging."""

from datetime import timedelta

import pytest
from simulators.google_scene import ADA, GRACE, WEEKLY, WINDOW, by_id, meeting, opened, refused


@pytest.fixture
def scene():
    with opened() as there:
        yield there


# 1-5: listing, tokens, tombstones


def test_01_only_the_last_page_has_a_sync_token(scene):
    for hour in range(10, 15):
        scene.invite(start=f"2026-12-01T{hour}:00:00", end=f"2026-12-01T{hour}:30:00")
    first = scene.events().list(calendarId="primary", maxResults=2).execute()
    assert len(first["items"]) == 2
    assert "nextSyncToken" not in first
    items, last = scene.list(maxResults=2)
    assert len(by_id(items)) == 5
    assert "nextSyncToken" in last
    assert {"accessRole", "timeZone", "summary", "updated", "etag", "defaultReminders"} <= set(last)


def test_01_a_page_token_goes_with_the_same_parameters(scene):
    for hour in (10, 12):
        scene.invite(start=f"2026-12-01T{hour}:00:00", end=f"2026-12-01T{hour}:30:00")
    page = scene.events().list(calendarId="primary", maxResults=1).execute()["nextPageToken"]
    request = scene.events().list(calendarId="primary", maxResults=1, pageToken=page, singleEvents=True)
    assert refused(request)[:2] == (400, "invalid")
    again = scene.events().list(calendarId="primary", maxResults=1, pageToken=page)
    assert again.execute()["items"] == again.execute()["items"]
    assert refused(scene.events().list(calendarId="primary", pageToken="nonsense"))[0] == 400


def test_01_empty_pages_come_in_the_middle_and_never_hold_the_token(scene):
    scene.google.switches.empty_pages = True
    for hour in (10, 12, 14):
        scene.invite(start=f"2026-12-01T{hour}:00:00", end=f"2026-12-01T{hour}:30:00")
    pages, page = [], {}
    while not page or "nextPageToken" in page:
        more = {"pageToken": page["nextPageToken"]} if page else {}
        page = scene.events().list(calendarId="primary", maxResults=2, **more).execute()
        pages.append(page)
    assert [len(each["items"]) for each in pages] == [2, 0, 1]
    assert [each for each in pages if "nextSyncToken" in each] == [pages[-1]]


def test_01_default_and_largest_page(scene):
    for number in range(251):
        scene.google.as_(GRACE).insert("primary", meeting(summary=str(number), attendees=[]))
    assert len(scene.events().list(calendarId="primary").execute()["items"]) == 250
    assert len(scene.events().list(calendarId="primary", maxResults=2500).execute()["items"]) == 251
    assert refused(scene.events().list(calendarId="primary", maxResults=2501))[0] == 400


@pytest.mark.parametrize(
    "parameters",
    [
        {"iCalUID": "x"},
        {"orderBy": "updated"},
        {"privateExtendedProperty": "a=b"},
        {"q": "x"},
        {"sharedExtendedProperty": "a=b"},
        {"timeMin": "2026-11-30T00:00:00Z"},
        {"timeMax": "2026-11-30T00:00:00Z"},
        {"updatedMin": "2026-11-30T00:00:00Z"},
    ],
    ids=lambda each: next(iter(each)),
)
def test_02_a_sync_token_with_restrictions_is_refused(scene, parameters):
    request = scene.events().list(calendarId="primary", syncToken=scene.token(), **parameters)
    assert refused(request)[:2] == (400, "syncTokenWithRequestRestrictions")
    assert scene.google.violations


@pytest.mark.parametrize(
    "parameters",
    [
        {"showDeleted": False},
        {"singleEvents": False},
        {"maxAttendees": 1},
        {"timeZone": "UTC"},
        {"eventTypes": ["default"]},
        {"showHiddenInvitations": True},
    ],
    ids=lambda each: next(iter(each)),
)
def test_02_changed_parameters_are_refused_with_a_sync_token(scene, parameters):
    token = scene.token(singleEvents=True, timeMin="2026-11-30T00:00:00Z")
    given = {"singleEvents": True, **parameters}
    assert refused(scene.events().list(calendarId="primary", syncToken=token, **given))[:2] == (400, "invalid")
    assert scene.google.violations
    assert scene.since(token, singleEvents=True, showDeleted=True, maxResults=3) == []


def test_02_an_unknown_sync_token_or_that_of_another_is_invalid(scene):
    token = scene.token(ADA)
    for text in (token, "nonsense"):
        status, reason, error = refused(scene.events().list(calendarId="primary", syncToken=text))
        assert (status, reason, error["location"]) == (400, "invalid", "syncToken")


def test_03_the_three_bodies_of_410(scene):
    token = scene.token()
    scene.google.expire_sync_tokens()
    status, reason, error = refused(scene.events().list(calendarId="primary", syncToken=token))
    assert (status, reason) == (410, "fullSyncRequired")
    assert (error["locationType"], error["location"]) == ("parameter", "syncToken")
    old = scene.events().list(calendarId="primary", updatedMin="2025-01-01T00:00:00Z")
    assert refused(old)[:2] == (410, "updatedMinTooLongAgo")
    event = scene.invite()
    gone = scene.events().delete(calendarId="primary", eventId=event["id"])
    gone.execute()
    status, reason, error = refused(gone)
    assert (status, reason, error["message"]) == (410, "deleted", "Resource has been deleted")


def test_03_a_change_of_the_role_ends_a_persons_sync_tokens(scene):
    scene.google.share(GRACE, with_=ADA, role="reader")
    token = scene.api(ADA).events().list(calendarId=GRACE).execute()["nextSyncToken"]
    scene.google.share(GRACE, with_=ADA, role="writer")
    assert refused(scene.events(ADA).list(calendarId=GRACE, syncToken=token))[:2] == (410, "fullSyncRequired")


def test_04_a_cancelled_exception_has_little_more_than_its_original_start(scene):
    series, token = scene.invite(recurrence=WEEKLY), scene.token()
    instance = f"{series['id']}_20261208T150000Z"
    scene.events().delete(calendarId="primary", eventId=instance).execute()
    original = {"dateTime": "2026-12-08T10:00:00-05:00", "timeZone": "America/New_York"}
    bare = {
        "kind": "calendar#event",
        "id": instance,
        "status": "cancelled",
        "recurringEventId": series["id"],
        "originalStartTime": original,
    }
    (item,) = scene.since(token)
    assert {**item, "etag": ""} == {**bare, "etag": ""}
    scene.google.switches.minimal_tombstones_without_etag = True
    assert scene.since(token) == [bare]


def test_04_any_other_deleted_event_has_an_id_only(scene):
    event, token = scene.invite(), scene.token()
    scene.events().delete(calendarId="primary", eventId=event["id"]).execute()
    assert scene.since(token) == [{"kind": "calendar#event", "id": event["id"], "status": "cancelled"}]


def test_04_get_of_a_cancelled_event_has_three_answers(scene):
    event = scene.invite()
    scene.events().delete(calendarId="primary", eventId=event["id"]).execute()
    get = scene.events().get(calendarId="primary", eventId=event["id"])
    assert get.execute()["summary"] == "Weekly"
    assert get.execute()["status"] == "cancelled"
    scene.google.switches.get_of_cancelled = "minimal"
    assert set(get.execute()) == {"kind", "id", "status"}
    scene.google.switches.get_of_cancelled = "gone"
    assert refused(get)[:2] == (410, "deleted")


def test_05_deletions_come_in_increments_and_in_a_first_listing_only_when_asked_for(scene):
    event, series = scene.invite(), scene.invite(recurrence=WEEKLY)
    token = scene.token()
    instance = f"{series['id']}_20261208T150000Z"
    for gone in (event["id"], instance):
        scene.events().delete(calendarId="primary", eventId=gone).execute()
    assert set(by_id(scene.since(token))) == {event["id"], instance}
    assert event["id"] not in by_id(scene.list()[0])
    assert event["id"] in by_id(scene.list(showDeleted=True)[0])
    # Without singleEvents the cancelled exceptions of a live series are shown all the same.
    assert instance in by_id(scene.list()[0])
    assert instance not in by_id(scene.list(singleEvents=True, **WINDOW)[0])
    assert instance in by_id(scene.list(singleEvents=True, showDeleted=True, **WINDOW)[0])


# 6-7: expansion and windows


def test_06_instances_keep_the_clock_time_across_daylight_saving(scene):
    series = scene.invite(start="2026-10-27T10:00:00", end="2026-10-27T11:00:00", recurrence=WEEKLY)
    items, _ = scene.list(singleEvents=True)
    assert [each["id"].partition("_")[2] for each in items] == [
        "20261027T140000Z",
        "20261103T150000Z",
        "20261110T150000Z",
        "20261117T150000Z",
    ]
    assert [each["start"]["dateTime"] for each in items[:2]] == [
        "2026-10-27T10:00:00-04:00",
        "2026-11-03T10:00:00-05:00",
    ]
    for each in items:
        assert each["recurringEventId"] == series["id"]
        assert each["originalStartTime"] == each["start"]
        assert each["originalStartTime"]["timeZone"] == "America/New_York"
        assert (each["iCalUID"], each["etag"], each["updated"]) == (
            series["iCalUID"],
            series["etag"],
            series["updated"],
        )
        assert "recurrence" not in each


def test_06_masters_come_only_without_single_events(scene):
    series = scene.invite(recurrence=WEEKLY)
    assert scene.list()[0][0]["recurrence"] == WEEKLY
    assert series["id"] not in by_id(scene.list(singleEvents=True)[0])


def test_06_rdate_exdate_and_all_day(scene):
    scene.invite(
        recurrence=[
            "RRULE:FREQ=WEEKLY;UNTIL=20261222T150000Z",
            "EXDATE;TZID=America/New_York:20261208T100000",
            "RDATE:20261203T150000Z",
        ]
    )
    items, _ = scene.list(singleEvents=True)
    assert [each["start"]["dateTime"][8:13] for each in items] == ["01T10", "03T10", "15T10", "22T10"]
    day = {"start": {"date": "2027-03-01"}, "end": {"date": "2027-03-02"}, "recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]}
    series = scene.events().insert(calendarId="primary", body=day).execute()
    found = by_id(scene.list(singleEvents=True, timeMin="2027-02-01T00:00:00Z")[0])
    assert set(found) == {f"{series['id']}_20270301", f"{series['id']}_20270302"}
    assert found[f"{series['id']}_20270302"]["originalStartTime"] == {"date": "2027-03-02"}


def test_06_a_moved_exception_keeps_its_id_and_its_original_start(scene):
    series, token = scene.invite(recurrence=WEEKLY), scene.token(singleEvents=True, **WINDOW)
    instance = f"{series['id']}_20261208T150000Z"
    moved = {"start": {"dateTime": "2026-12-09T12:00:00-05:00"}, "end": {"dateTime": "2026-12-09T13:00:00-05:00"}}
    scene.events().patch(calendarId="primary", eventId=instance, body=moved).execute()
    (item,) = scene.since(token, singleEvents=True)
    assert item["id"] == instance
    assert item["start"]["dateTime"] == "2026-12-09T12:00:00-05:00"
    assert item["originalStartTime"]["dateTime"] == "2026-12-08T10:00:00-05:00"
    assert item["etag"] != series["etag"]
    assert len(scene.list(singleEvents=True, **WINDOW)[0]) == 4
    instances = scene.events().instances(calendarId="primary", eventId=series["id"]).execute()["items"]
    assert [each["id"] for each in instances].count(instance) == 1
    assert len(instances) == 4


def test_06_instances_pages_and_finds_by_original_start(scene):
    series = scene.invite(recurrence=WEEKLY)
    asked = {"calendarId": "primary", "eventId": series["id"]}
    page = scene.events().instances(**asked, maxResults=3).execute()
    rest = scene.events().instances(**asked, maxResults=3, pageToken=page["nextPageToken"]).execute()
    assert (len(page["items"]), len(rest["items"])) == (3, 1)
    (found,) = scene.events().instances(**asked, originalStart="2026-12-08T15:00:00Z").execute()["items"]
    assert found["id"].endswith("20261208T150000Z")


def test_06_a_changed_master_brings_all_its_instances_again(scene):
    series, token = scene.invite(recurrence=WEEKLY), scene.token(singleEvents=True, **WINDOW)
    scene.events().patch(calendarId="primary", eventId=series["id"], body={"summary": "New"}).execute()
    assert {each["summary"] for each in scene.since(token, singleEvents=True)} == {"New"}
    assert len(scene.since(token, singleEvents=True)) == 4


def test_06_a_rescheduled_series_leaves_tombstones_or_says_nothing(scene):
    series, token = scene.invite(recurrence=WEEKLY), scene.token(singleEvents=True, **WINDOW)
    new = {"start": {"dateTime": "2026-12-01T12:00:00-05:00"}, "end": {"dateTime": "2026-12-01T13:00:00-05:00"}}
    scene.events().patch(calendarId="primary", eventId=series["id"], body=new).execute()
    statuses = [each["status"] for each in scene.since(token, singleEvents=True)]
    assert sorted(statuses) == ["cancelled"] * 4 + ["confirmed"] * 4
    scene.google.switches.silent_old_instances = True
    assert {each["status"] for each in scene.since(token, singleEvents=True)} == {"confirmed"}


def test_06_a_deleted_series_is_told_by_its_instances_or_by_its_master(scene):
    series, token = scene.invite(recurrence=WEEKLY), scene.token(singleEvents=True, **WINDOW)
    scene.events().delete(calendarId="primary", eventId=series["id"]).execute()
    gone = scene.since(token, singleEvents=True)
    assert len(gone) == 4
    assert all(each["id"].startswith(f"{series['id']}_") and each["status"] == "cancelled" for each in gone)
    scene.google.switches.deleted_series = "master"
    assert [each["id"] for each in scene.since(token, singleEvents=True)] == [series["id"]]


def test_06_the_first_window_bounds_increments_or_does_not(scene):
    token = scene.token(singleEvents=True, **WINDOW)
    scene.invite(start="2027-05-01T10:00:00", end="2027-05-01T11:00:00")
    assert len(scene.since(token, singleEvents=True)) == 1
    scene.google.switches.increments_bounded_by_window = True
    assert scene.since(token, singleEvents=True) == []
    # What leaves the window is told of once more.
    event = scene.invite()
    token = scene.token(singleEvents=True, **WINDOW)
    away = {"start": {"dateTime": "2027-06-01T12:00:00-05:00"}, "end": {"dateTime": "2027-06-01T13:00:00-05:00"}}
    scene.events().patch(calendarId="primary", eventId=event["id"], body=away).execute()
    assert len(scene.since(token, singleEvents=True)) == 1


def test_06_an_unbounded_rule_ends_somewhere(scene):
    scene.invite(recurrence=["RRULE:FREQ=WEEKLY"])
    items, _ = scene.list(singleEvents=True, timeMin="2026-11-30T00:00:00Z")
    assert 100 <= len(items) <= 110


def test_06_a_bounded_listing_may_come_without_a_sync_token(scene):
    scene.google.switches.sync_token_missing = True
    assert "nextSyncToken" not in scene.list(singleEvents=True, **WINDOW)[1]
    assert "nextSyncToken" in scene.list(singleEvents=True)[1]


def test_07_time_min_bounds_the_end_and_time_max_the_start_both_exclusive(scene):
    scene.invite(start="2026-12-01T10:00:00", end="2026-12-01T11:00:00", zone="UTC")

    def found(low, high):
        return len(scene.list(timeMin=f"2026-12-01T{low}:00Z", timeMax=f"2026-12-01T{high}:00Z")[0])

    assert found("10:30", "10:45") == 1
    assert found("10:59", "12:00") == 1
    assert found("11:00", "12:00") == 0
    assert found("09:00", "10:00") == 0
    assert found("09:00", "10:01") == 1
    assert refused(scene.events().list(calendarId="primary", timeMin="2026-12-01T10:00:00"))[0] == 400


# 8-9: etags and merging


def test_08_etags_change_and_guard_writes(scene):
    event = scene.invite()

    def write(verb, etag, **body):
        request = getattr(scene.events(), verb)(calendarId="primary", eventId=event["id"], **body)
        request.headers["If-Match"] = etag
        return request

    patched = write("patch", event["etag"], body={"summary": "New"}).execute()
    assert patched["etag"] != event["etag"]
    assert patched["etag"][0] == patched["etag"][-1] == '"'
    for stale in (
        write("patch", event["etag"], body={"summary": "x"}),
        write("update", event["etag"], body=meeting()),
        write("delete", event["etag"]),
    ):
        assert refused(stale)[:2] == (412, "conditionNotMet")
    assert scene.events().get(calendarId="primary", eventId=event["id"]).execute() == patched
    write("patch", "*", body={"summary": "Any"}).execute()


def test_08_an_instance_is_guarded_by_its_masters_etag_until_it_is_an_exception(scene):
    series = scene.invite(recurrence=WEEKLY)
    request = scene.events().patch(
        calendarId="primary", eventId=f"{series['id']}_20261208T150000Z", body={"status": "cancelled"}
    )
    request.headers["If-Match"] = series["etag"]
    request.execute()
    assert refused(request)[:2] == (412, "conditionNotMet")
    assert scene.events().get(calendarId="primary", eventId=series["id"]).execute()["etag"] == series["etag"]


def test_09_patch_merges_objects_replaces_arrays_and_deletes_with_null(scene):
    event = scene.invite(location="Room 1", extendedProperties={"private": {"a": "1", "b": "2"}, "shared": {"c": "3"}})
    body = {
        "location": None,
        "extendedProperties": {"private": {"a": None, "d": "4"}},
        "attendees": [{"email": GRACE}, {"email": ADA}],
    }
    patched = scene.events().patch(calendarId="primary", eventId=event["id"], body=body).execute()
    assert "location" not in patched
    assert patched["extendedProperties"] == {"private": {"b": "2", "d": "4"}, "shared": {"c": "3"}}
    assert [each["email"] for each in patched["attendees"]] == [GRACE, ADA]
    assert patched["description"] == "Bring it"


def test_09_put_replaces_and_the_sequence_counts_what_matters_to_guests(scene):
    event = scene.invite(location="Room 1")
    kept = {name: event[name] for name in ("start", "end")}
    put = scene.events().update(calendarId="primary", eventId=event["id"], body={**kept, "summary": "Only"}).execute()
    assert {"location", "description", "attendees"}.isdisjoint(put)
    assert put["iCalUID"] == event["iCalUID"]
    assert put["sequence"] == 1
    patched = scene.events().patch(calendarId="primary", eventId=event["id"], body={"summary": "More"}).execute()
    assert patched["sequence"] == 1


def test_09_reminders_leave_updated_as_it_was(scene):
    event = scene.invite()
    scene.google.now += timedelta(hours=1)
    body = {"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]}}
    patched = scene.events().patch(calendarId="primary", eventId=event["id"], body=body).execute()
    assert patched["updated"] == event["updated"]
    patched = scene.events().patch(calendarId="primary", eventId=event["id"], body={"summary": "x"}).execute()
    assert patched["updated"] == "2026-11-30T01:00:00.000Z"
