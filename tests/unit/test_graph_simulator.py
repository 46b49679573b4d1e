"""How the simulator of Microsoft Graph tells of calendars: its semantics 16 to 21.

The others, 22 to 25, and sign-in are tested beside the simulator.
"""

import pytest
from simulators.graph.scene import (
    ADA,
    DELTA,
    GRACE,
    IMMUTABLE,
    WINDOW,
    kinds,
    meeting,
    ok,
    refused,
    time,
    weekly,
)
from simulators.graph.scene import scene as a_scene

THIN = {"@odata.type", "@odata.etag", "id", "seriesMasterId", "type", "start", "end"}


@pytest.fixture
def scene():
    yield from a_scene()


def by_id(items):
    return {each["id"]: each for each in items}


# 16-18: links, pages, @removed


def test_16_links_are_opaque_and_hold_the_window(scene):
    scene.invite()
    items, link = scene.round()
    assert len(items) == 1
    assert link.startswith(f"{scene.graph.api_root}/me/calendarView/delta?$deltatoken=")
    assert "2026" not in link
    page = ok(scene.api().get(link))
    assert set(page) == {"@odata.context", "@odata.deltaLink", "value"}
    assert page["@odata.deltaLink"] != link
    outside = scene.invite(start="2027-05-01T10:00:00", end="2027-05-01T11:00:00")
    assert kinds(scene.round(link)[0]) == ["removed"]
    inside = {"start": time("2026-12-05T10:00:00"), "end": time("2026-12-05T11:00:00")}
    ok(scene.api().patch(f"/me/events/{outside['id']}", inside))
    assert by_id(scene.round(link)[0])[outside["id"]]["subject"] == "Weekly"


@pytest.mark.parametrize("name", ["$select", "$expand", "$filter", "$orderby", "$search"])
def test_16_odata_parameters_are_refused_on_delta(scene, name):
    assert refused(scene.api().get(DELTA, **WINDOW, **{name: "subject"})) == (400, "ErrorInvalidUrlQuery")
    assert scene.graph.violations


def test_16_a_changed_link_is_refused(scene):
    link = scene.link()
    for changed in (link[:-1], f"{link}&startDateTime=2026-11-30T00:00:00Z", f"{link}&$top=5"):
        assert scene.api().get(changed).status_code == 400
    other = link.replace("/me/calendarView", "/me/calendar/calendarView")
    assert refused(scene.api().get(other)) == (400, "badRequest")
    assert refused(scene.api(ADA).get(link)) == (400, "badRequest")
    assert refused(scene.api().get(link.replace("$deltatoken", "$skiptoken"))) == (400, "badRequest")
    assert len(scene.graph.violations) >= 5


def test_16_the_window_is_needed_and_must_be_readable(scene):
    for query in ({}, {"startDateTime": "2026-11-30"}, {**WINDOW, "endDateTime": "2026-13-01T00:00:00Z"}):
        assert refused(scene.api().get(DELTA, **query)) == (400, "ErrorInvalidParameter")
    # A + that was not escaped arrives as a space.
    raw = scene.api().get(f"{DELTA}?startDateTime=2026-11-30T00:00:00+01:00&endDateTime=2027-01-01T00:00:00Z")
    assert refused(raw) == (400, "ErrorInvalidParameter")
    assert scene.api().get(f"{DELTA}?startdatetime=2026-11-30&enddatetime=2026-12-30").status_code == 200
    assert refused(scene.api().get(DELTA, **WINDOW, nonsense="1"))[0] == 400


def test_17_pages_end_with_a_delta_link_and_may_be_empty(scene):
    for hour in range(10, 15):
        scene.invite(start=f"2026-12-01T{hour}:00:00", end=f"2026-12-01T{hour}:30:00")
    page = ok(scene.api().get(DELTA, f"{IMMUTABLE}, odata.maxpagesize=2", **WINDOW))
    assert len(page["value"]) == 2
    assert "@odata.deltaLink" not in page
    again = ok(scene.api().get(page["@odata.nextLink"], f"{IMMUTABLE}, odata.maxpagesize=2"))
    assert ok(scene.api().get(page["@odata.nextLink"], f"{IMMUTABLE}, odata.maxpagesize=2"))["value"] == again["value"]
    assert len(by_id(scene.round(size=2)[0])) == 5
    scene.graph.switches.empty_pages = True
    page = ok(scene.api().get(DELTA, **WINDOW))
    assert (page["value"], "@odata.nextLink" in page) == ([], True)
    assert len(by_id(scene.round(size=2)[0])) == 5


def test_17_the_default_page_is_short(scene):
    for number in range(12):
        scene.grace.create(meeting(subject=str(number), attendees=[]))
    page = ok(scene.api().get(DELTA, **WINDOW))
    assert (len(page["value"]), "@odata.nextLink" in page) == (10, True)
    view = ok(scene.api().get("/me/calendarView", **WINDOW))
    assert len(view["value"]) == 10
    assert len(ok(scene.api().get(view["@odata.nextLink"]))["value"]) == 2


def test_17_items_come_twice_and_again(scene):
    for hour in range(10, 14):
        scene.invite(start=f"2026-12-01T{hour}:00:00", end=f"2026-12-01T{hour}:30:00")
    scene.graph.switches.duplicates = True
    items, link = scene.round(size=2)
    assert (len(items), len(by_id(items))) == (5, 4)
    scene.graph.switches.replays = True
    assert len(scene.round(link)[0]) == 1


def test_17_a_series_is_split_over_pages_or_kept_together(scene):
    scene.series()
    page = ok(scene.api().get(DELTA, f"{IMMUTABLE}, odata.maxpagesize=2", **WINDOW))
    assert len(page["value"]) == 2
    scene.graph.switches.series_split_over_pages = False
    page = ok(scene.api().get(DELTA, f"{IMMUTABLE}, odata.maxpagesize=2", **WINDOW))
    assert (len(page["value"]), "@odata.deltaLink" in page) == (5, True)


def test_17_a_broken_mailbox_never_ends_its_round(scene):
    scene.invite()
    scene.graph.delta_never_ends = True
    page = ok(scene.api().get(DELTA, **WINDOW))
    for _ in range(3):
        link, ids = page["@odata.nextLink"], [each["id"] for each in page["value"]]
        page = ok(scene.api().get(link))
        assert [each["id"] for each in page["value"]] == ids
        assert page["@odata.nextLink"] != link


def test_18_removed_marks_what_was_deleted_and_what_is_outside(scene):
    inside, outside = scene.invite(), scene.invite(start="2027-05-01T10:00:00", end="2027-05-01T11:00:00")
    link = scene.link()
    ok(scene.api().patch(f"/me/events/{outside['id']}", {"subject": "Still there"}))
    ok(scene.api().delete(f"/me/events/{inside['id']}"), 204)
    items = by_id(scene.round(link)[0])
    assert set(items) == {inside["id"], outside["id"]}
    for each in items.values():
        assert set(each) == {"@odata.type", "id", "@removed"}
        assert each["@removed"] == {"reason": "deleted"}
    assert ok(scene.api().get(f"/me/events/{outside['id']}"))["subject"] == "Still there"


def test_18_what_leaves_the_window_is_removed_under_the_id_that_was_known(scene):
    event = scene.graph.as_(GRACE).create(meeting())
    plain = scene.graph.api(GRACE)
    page = ok(plain.get(DELTA, **WINDOW))
    known = page["value"][0]["id"]
    assert known != event["id"]
    scene.grace.delete(event["id"])
    assert [each["id"] for each in ok(plain.get(page["@odata.deltaLink"]))["value"]] == [known]


# 19-20: series


def test_19_occurrences_are_thin_and_exceptions_are_not(scene):
    series = scene.series()
    second = scene.occurrences(series)[1]
    ok(scene.api().patch(f"/me/events/{second['id']}", {"subject": "Special"}))
    items, _ = scene.round()
    assert kinds(items) == ["exception", "occurrence", "occurrence", "occurrence", "seriesMaster"]
    for each in items:
        if each["type"] == "occurrence":
            assert set(each) == THIN
        assert each["@odata.type"] == "#microsoft.graph.event"
        assert each.get("seriesMasterId") in {None, series["id"]}
    exception = by_id(items)[second["id"]]
    assert (exception["subject"], exception["originalStart"]) == ("Special", "2026-12-08T15:00:00Z")


def test_19_a_master_has_its_first_dates_or_is_absent(scene):
    scene.invite(start="2026-10-06T10:00:00", end="2026-10-06T11:00:00", recurrence=weekly("2026-10-06", 20))
    (master,) = [each for each in scene.round()[0] if each["type"] == "seriesMaster"]
    assert master["start"]["dateTime"] == "2026-10-06T14:00:00.0000000"
    assert master["recurrence"]["range"]["numberOfOccurrences"] == 20
    scene.graph.switches.masters_in_delta = "absent"
    assert set(kinds(scene.round()[0])) == {"occurrence"}


def test_19_a_series_without_an_occurrence_inside_is_not_there(scene):
    scene.invite(start="2026-10-06T10:00:00", end="2026-10-06T11:00:00", recurrence=weekly("2026-10-06", 2))
    assert scene.round()[0] == []


def test_19_occurrences_keep_the_clock_time_across_daylight_saving(scene):
    series = scene.invite(start="2026-10-27T10:00:00", end="2026-10-27T11:00:00", recurrence=weekly("2026-10-27", 3))
    found = scene.occurrences(series)
    assert [each["start"]["dateTime"][:16] for each in found] == [
        "2026-10-27T14:00",
        "2026-11-03T15:00",
        "2026-11-10T15:00",
    ]
    assert found[0]["originalStart"] == "2026-10-27T14:00:00Z"
    assert {each["type"] for each in found} == {"occurrence"}
    assert all(each["recurrence"] is None for each in found)


@pytest.mark.parametrize(
    ("pattern", "days"),
    [
        ({"type": "daily", "interval": 3}, ["12-01", "12-04", "12-07"]),
        ({"type": "weekly", "interval": 2, "daysOfWeek": ["Tuesday", "Thursday"]}, ["12-01", "12-03", "12-15"]),
        ({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31}, ["12-31", "01-31", "02-28"]),
        (
            {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["friday"], "index": "last"},
            ["12-25", "01-29", "02-26"],
        ),
        ({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 29, "month": 2}, ["02-28", "02-29", "02-28"]),
        ({"type": "relativeYearly", "interval": 1, "daysOfWeek": ["monday"], "month": 3}, ["03-01", "03-06", "03-05"]),
    ],
    ids=lambda each: each["type"] if isinstance(each, dict) else "",
)
def test_19_patterns(scene, pattern, days):
    bounds = {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 3}
    series = scene.invite(recurrence={"pattern": pattern, "range": bounds})
    assert [each["start"]["dateTime"][5:10] for each in scene.occurrences(series)] == days
    assert series["start"]["dateTime"][5:10] == days[0]


def test_19_ranges_end_on_a_day_or_never(scene):
    pattern = weekly()["pattern"]
    until = {"type": "endDate", "startDate": "2026-12-01", "endDate": "2026-12-15"}
    assert len(scene.occurrences(scene.invite(recurrence={"pattern": pattern, "range": until}))) == 3
    endless = scene.invite(recurrence={"pattern": pattern, "range": {"type": "noEnd", "startDate": "2026-12-01"}})
    window = {"startDateTime": "2030-01-01T00:00:00Z", "endDateTime": "2030-02-01T00:00:00Z"}
    assert len(ok(scene.api().get(f"/me/events/{endless['id']}/instances", **window))["value"]) == 5


@pytest.mark.parametrize(
    "change",
    [
        {"pattern": {"type": "weekly", "interval": 1}},
        {"pattern": {"type": "weekly", "interval": 0, "daysOfWeek": ["monday"]}},
        {"range": {"type": "numbered", "startDate": "2026-12-02", "numberOfOccurrences": 3}},
        {"range": {"type": "numbered", "startDate": "2026-12-01"}},
        {"range": {"type": "endDate", "startDate": "2026-12-01", "endDate": "2026-11-01"}},
        {"pattern": None},
    ],
)
def test_19_impossible_recurrences_are_refused(scene, change):
    reply = scene.api().post("/me/events", meeting(recurrence=weekly() | change))
    assert refused(reply) == (400, "ErrorPropertyValidationFailure")


def test_20_a_deleted_occurrence_gives_hardly_a_sign(scene):
    series = scene.series()
    second = scene.occurrences(series)[1]["id"]
    link = scene.link()
    ok(scene.api().post(f"/me/events/{second}/cancel", {"comment": "No agenda"}), 202)
    items = scene.round(link)[0]
    assert kinds(items) == ["occurrence", "occurrence", "occurrence", "seriesMaster"]
    assert second not in by_id(items)
    listed = ok(scene.api().get(f"/me/events/{series['id']}/instances", **WINDOW))["value"]
    assert (len(listed), second in by_id(listed)) == (3, False)


@pytest.mark.parametrize(("position", "expected"), [("silent", []), ("removed", ["removed"])])
def test_20_a_deleted_occurrence_is_silent_or_removed(scene, position, expected):
    scene.graph.switches.deleted_occurrence = position
    series = scene.series()
    second = scene.occurrences(series)[1]["id"]
    link = scene.link()
    ok(scene.api().delete(f"/me/events/{second}"), 204)
    items = scene.round(link)[0]
    assert [kind for kind in kinds(items) if kind == "removed"] == expected
    assert second not in by_id(items) or "@removed" in by_id(items)[second]
    assert items == [] or position == "removed"


def test_20_a_rescheduled_series_leaves_its_old_occurrences_or_removes_them(scene):
    series = scene.series()
    old = {each["id"] for each in scene.occurrences(series)}
    link = scene.link()
    later = {"start": time("2026-12-01T12:00:00"), "end": time("2026-12-01T13:00:00")}
    ok(scene.api().patch(f"/me/events/{series['id']}", later))
    items = by_id(scene.round(link)[0])
    assert old.isdisjoint(items)
    assert len(items) == 5
    scene.graph.switches.rescheduled_series = "removed"
    assert {each for each, item in by_id(scene.round(link)[0]).items() if "@removed" in item} == old


def test_20_rescheduling_forgets_exceptions_and_deletions(scene):
    series = scene.series()
    first, second = scene.occurrences(series)[:2]
    scene.grace.patch(first["id"], {"subject": "Special"})
    scene.grace.delete(second["id"])
    assert [each["type"] for each in scene.occurrences(series)] == ["exception", "occurrence", "occurrence"]
    scene.grace.patch(series["id"], {"recurrence": weekly("2026-12-01", 3)})
    assert [each["type"] for each in scene.occurrences(series)] == ["occurrence"] * 3


def test_20_a_deleted_series_is_told_by_its_master_or_by_all(scene):
    series, link = scene.series(), None
    occurrences = {each["id"] for each in scene.occurrences(series)}
    link = scene.link()
    ok(scene.api().delete(f"/me/events/{series['id']}"), 204)
    assert set(by_id(scene.round(link)[0])) == {series["id"]}
    scene.graph.switches.deleted_series = "occurrences"
    assert set(by_id(scene.round(link)[0])) == {series["id"], *occurrences}


def test_20_a_series_shares_its_change_key_or_does_not(scene):
    series = scene.series()
    first, second = scene.occurrences(series)[:2]
    link = scene.link()
    changed = ok(scene.api().patch(f"/me/events/{first['id']}", {"subject": "Special"}))
    assert changed["changeKey"] == scene.grace.get(second["id"])["changeKey"] != series["changeKey"]
    assert len(scene.round(link)[0]) == 5
    scene.graph.switches.series_share_change_key = False
    assert changed["changeKey"] != scene.grace.get(second["id"])["changeKey"] == series["changeKey"]
    assert [each["subject"] for each in scene.round(link)[0]] == ["Special"]


def test_20_an_occurrence_stays_between_its_neighbours(scene):
    second = scene.occurrences(scene.series())[1]

    def move(day):
        body = {"start": time(f"2026-12-{day}T10:00:00"), "end": time(f"2026-12-{day}T11:00:00")}
        return scene.api().patch(f"/me/events/{second['id']}", body)

    for day in ("01", "15", "20"):
        assert refused(move(day)) == (400, "ErrorOccurrenceCrossingBoundary")
    moved = ok(move("14"))
    assert (moved["id"], moved["type"], moved["originalStart"]) == (second["id"], "exception", "2026-12-08T15:00:00Z")
    assert moved["start"]["dateTime"] == "2026-12-14T15:00:00.0000000"


# 21: expired states


@pytest.mark.parametrize("code", ["SyncStateNotFound", "syncStateNotFound", "resyncRequired"])
def test_21_an_expired_state_is_410_on_both_kinds_of_links(scene, code):
    scene.graph.switches.gone_code = code
    for hour in (10, 12):
        scene.invite(start=f"2026-12-01T{hour}:00:00", end=f"2026-12-01T{hour}:30:00")
    further = ok(scene.api().get(DELTA, f"{IMMUTABLE}, odata.maxpagesize=1", **WINDOW))["@odata.nextLink"]
    link = scene.link()
    scene.graph.expire_delta_tokens()
    for each in (further, link):
        assert refused(scene.api().get(each)) == (410, code)
    assert len(scene.round()[0]) == 2
    assert scene.graph.violations == []
