"""The Outlook provider at the simulator: how many requests it makes, and what of Graph's ways a reader sees."""

import dataclasses
import json
import logging
from datetime import timedelta

import pytest
from conformance.outlook_backing import ADA, BOB, GRACE, HOUR, MONDAY, WINDOW, listed, scene
from simulators.graph import Switches
from unit.test_google_provider import Reader as _Reader

from agendad.providers.base import Cancel, Decline, Move, Patch, Propose, RestoreTo, Tentative, Window, WriteKind
from agendad.providers.errors import (
    AccountUnavailable,
    ChangeRefused,
    CursorExpired,
    EventNotFound,
    NotWritten,
    PreconditionFailed,
    ReadOnly,
)
from agendad.providers.graph_events import MARKS_PROPERTY
from agendad.providers.model import Partstat, Sensitivity, Status

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
AT = {"at": MONDAY - WEEK}
PATCH = Patch(mark="m-patch", marker="[agendad]", lines=("[agendad] an agenda, please",), **AT)
MOVE = Move(mark="m-move", start=MONDAY + DAY, end=MONDAY + DAY + HOUR, **AT)
CANCEL = Cancel(mark="m-cancel", message="No agenda yet", **AT)
DECLINE = Decline(mark="m-decline", attendee=ADA, message="Not this time", **AT)


@pytest.fixture
def desk():
    with scene() as made:
        yield made


class Reader(_Reader):
    """Follows one calendar by the protocol, and counts the requests of its last pass."""

    def __init__(self, desk, provider=None, calendar="default", window=WINDOW):
        super().__init__(desk, provider, calendar, window)

    def read(self, window=None):
        """The last part of each request's path, or what an id is of."""
        super().read(window)
        self.requests = [one if one in ("delta", "instances", "calendarView") else "event" for one in self.requests]
        return self


@pytest.fixture
def reader(desk):
    return Reader(desk)


# how many requests


@pytest.mark.parametrize(("events", "requests"), [(0, 1), (1, 1), (3, 1), (4, 2), (7, 3)])
def test_first_round_takes_one_request_a_page(desk, events, requests):
    for number in range(events):
        desk.grace.create({"subject": "x", "start": _utc(MONDAY + number * DAY), "end": _utc(MONDAY + number * DAY)})
    reader = Reader(desk, desk.provider(page_size=3)).read()
    assert len(reader.events) == events
    assert reader.requests == ["delta"] * requests


def _utc(instant):
    return {"dateTime": f"{instant:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}


@pytest.mark.parametrize("masters", ["first-dates", "absent"])
def test_first_round_asks_for_the_masters_that_it_does_not_bring(masters):
    with scene(Switches(masters_in_delta=masters)) as desk:
        reader = Reader(desk)
        for number in range(3):
            desk.series(2, at=MONDAY + number * HOUR)
        assert reader.read().requests == ["delta"] + ["event"] * 3 * (masters == "absent")
        assert len(reader.events) == 6


def test_tick_without_a_change_takes_one_request(desk, reader):
    desk.meeting()
    desk.series(at=MONDAY + HOUR)
    reader.read()
    for _ in range(5):
        assert reader.read().requests == ["delta"]
        assert (reader.told, reader.pages[0].full) == ([], False)


def test_changed_event_costs_one_request(desk, reader):
    id_ = desk.meeting()
    reader.read()
    desk.grace.patch(id_, {"subject": "Another"})
    assert reader.read().requests == ["delta"]
    assert reader.told == [id_]


@pytest.mark.parametrize("masters", ["first-dates", "absent"])
@pytest.mark.parametrize("series", [1, 3, 25])
def test_changed_series_costs_one_request_and_its_master_where_it_is_left_out(masters, series):
    with scene(Switches(masters_in_delta=masters)) as desk:
        reader = Reader(desk).read()
        for number in range(series):
            desk.series(2, at=MONDAY + number * HOUR / 4, attendees=[])
        each = ["event", "instances"] if masters == "absent" else ["instances"]
        assert reader.read().requests == ["delta"] + each * series
        assert len(reader.events) == 2 * series


def test_more_than_25_changed_series_are_read_with_the_whole_calendar(desk, reader):
    reader.read()
    for number in range(26):
        desk.series(2, at=MONDAY + number * HOUR / 4, attendees=[])
    with pytest.raises(CursorExpired, match="26 series"):
        reader.read()
    reader.cursor = None
    assert reader.read().requests == ["delta"]
    assert len(reader.events) == 52


def test_more_than_25_removals_are_read_with_the_whole_calendar(desk, reader):
    link = json.loads(reader.read().cursor)[1]
    gone = [{"id": f"x{number}", "@removed": {"reason": "deleted"}} for number in range(26)]
    body = {"value": gone, "@odata.deltaLink": link}
    desk.graph.faults.add("garbage", path="/delta$", body=json.dumps(body))
    with pytest.raises(CursorExpired, match="26 events"):
        reader.read()


def test_deleted_event_costs_a_look(desk, reader):
    id_ = desk.meeting()
    reader.read()
    desk.grace.delete(id_)
    assert reader.read().requests == ["delta", "event"]
    assert reader.events == {}


@pytest.mark.parametrize(
    ("shift", "full"), [((0, 0), False), ((1, -1), False), ((0, 1), True), ((-1, 0), True), ((1, 1), True)]
)
def test_window_that_moves_is_a_full_listing_only_beyond_what_was_listed(desk, reader, shift, full):
    desk.meeting()
    reader.read()
    reader.read(Window(WINDOW.start + shift[0] * DAY, WINDOW.end + shift[1] * DAY))
    assert reader.requests == ["delta"]
    assert reader.pages[0].full is full


def test_window_that_shrinks_and_grows_again_loses_nothing(desk, reader):
    late = desk.meeting(at=WINDOW.end - DAY)
    reader.read()
    reader.read(Window(WINDOW.start, WINDOW.end - 2 * DAY))
    desk.grace.patch(late, {"subject": "Changed while out of view"})
    assert late not in reader.read().events
    assert reader.read(WINDOW).events[late].title == "Changed while out of view"


def test_get_takes_one_request_and_a_write_three(desk):
    provider, id_ = desk.provider(), desk.meeting()
    event = listed(provider)[id_]
    desk.graph.requests.clear()
    provider.get(event)
    assert [one.method for one in desk.asked()] == ["GET"]
    provider.apply(event, PATCH, notify=True)
    assert [one.method for one in desk.asked()[1:]] == ["GET", "PATCH", "GET"]


def test_capabilities_and_calendars_take_no_request(desk):
    provider = desk.provider("default", "other", "default")
    assert provider.calendars() == ("default", "other")
    assert provider.capabilities("default").writes == frozenset(WriteKind) - {WriteKind.SHARE}
    with pytest.raises(AccountUnavailable, match="has no calendar"):
        list(provider.changes("another", None, WINDOW))
    assert desk.asked() == []


def test_round_that_comes_to_no_end_is_left(desk, reader):
    desk.meeting()
    reader.read()
    desk.graph.delta_never_ends = True
    with pytest.raises(CursorExpired, match="no end"):
        reader.read()
    reader.cursor = None
    with pytest.raises(AccountUnavailable, match="no end"):
        reader.read()
    assert len(reader.desk.asked()) < 250
    desk.graph.delta_never_ends = False
    assert len(reader.read().events) == 1


# calendars


def test_calendar_of_ones_own_is_named_by_its_id(desk):
    second = desk.graph.add_calendar(GRACE, "Second")
    made = desk.grace.create({"subject": "There", "start": _utc(MONDAY), "end": _utc(MONDAY + HOUR)}, second)["id"]
    desk.meeting()
    reader = Reader(desk, desk.provider(second), second).read()
    assert set(reader.events) == {made}
    desk.grace.patch(made, {"subject": "Changed"})
    assert reader.read().events[made].title == "Changed"
    desk.grace.delete(made)
    assert reader.read().events == {}


@pytest.mark.parametrize(
    ("role", "on_behalf", "remark"),
    [
        ("write", False, "belongs to ada@example.com"),
        ("read", True, "for reading only"),
        ("delegate", True, ""),
        ("write", True, ""),
    ],
)
def test_calendar_of_somebody_else_is_judged_only_on_their_behalf(desk, role, on_behalf, remark):
    calendar = desk.graph.calendar_id(ADA)
    desk.graph.share(calendar, with_=GRACE, role=role)
    desk.meeting()
    reader = Reader(desk, desk.provider(calendar, on_behalf=on_behalf), calendar)
    for _ in range(2):
        reader.read()
        assert (len(reader.events), bool(reader.provider.capabilities(calendar).writes)) == (not remark, not remark)
        assert [remark in one.message and not one.refused for one in reader.problems] == [True] * bool(remark)


def test_sign_in_for_reading_only_writes_nothing(desk):
    provider, id_ = desk.provider(may_write=lambda: False), desk.meeting()
    with pytest.raises(ReadOnly):
        provider.apply(listed(provider)[id_], PATCH, notify=True)
    assert desk.asked("PATCH") == []


def test_mailbox_is_named_by_an_application_that_has_none(desk):
    provider = desk.provider(mailbox=f"/users/{GRACE}", token=desk.graph.app_token())
    ids = [desk.meeting(), desk.occurrence(desk.series(at=MONDAY + HOUR))]
    cursor = list(provider.changes("default", None, WINDOW))[-1].cursor
    events = listed(provider)
    for id_, change in zip(ids, (PATCH, CANCEL), strict=True):
        provider.apply(events[id_], change, notify=True)
    assert list(provider.changes("default", cursor, WINDOW))
    assert {one.path.split("/")[2:4] == ["users", GRACE] for one in desk.asked()} == {True}
    assert provider.free_busy([ADA], Window(MONDAY, MONDAY + DAY))[ADA]


# free/busy


@pytest.mark.parametrize(("people", "requests"), [(0, 0), (1, 1), (20, 1), (21, 2), (50, 3)])
def test_free_busy_asks_for_twenty_people_at_a_time(desk, people, requests):
    desk.provider().free_busy([f"person{number}@example.org" for number in range(people)], Window(MONDAY, MONDAY + DAY))
    assert len(desk.asked("POST", "/getSchedule")) == requests


@pytest.mark.parametrize(("days", "requests"), [(0.01, 1), (60, 1), (61, 2), (200, 4)])
def test_free_busy_of_a_long_time_is_asked_for_in_parts(desk, days, requests):
    desk.meeting()
    desk.meeting(at=MONDAY + 61 * DAY)
    seen = desk.provider().free_busy([ADA, BOB], Window(MONDAY, MONDAY + days * DAY))
    spans = [(start, start + HOUR) for start in (MONDAY, MONDAY + 61 * DAY) if start < MONDAY + days * DAY]
    assert seen == {ADA: tuple(spans)}
    assert len(desk.asked("POST", "/getSchedule")) == requests


def test_free_busy_of_personal_accounts_is_nothing_and_told_once_in_the_log(caplog):
    caplog.set_level(logging.INFO)
    with scene() as desk:
        desk.graph.add_person("me@outlook.com", personal=True)
        provider = desk.provider(person="me@outlook.com")
        assert provider.capabilities("default").can_see_free_busy
        for _ in range(3):
            assert provider.free_busy([ADA], WINDOW) == {}
        assert len(desk.asked()) == 1
        assert not provider.capabilities("default").can_see_free_busy
    assert len([one for one in caplog.messages if "free/busy" in one]) == 1


SPAN = {"status": "busy", "start": _utc(MONDAY), "end": _utc(MONDAY + HOUR)}
EASTERN = {"dateTime": "2026-06-01T11:00:00", "timeZone": "Eastern Standard Time"}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([{"scheduleId": ADA, "scheduleItems": []}], {ADA: ()}),
        ([{"scheduleId": ADA.upper(), "scheduleItems": [SPAN]}], {ADA: ((MONDAY, MONDAY + HOUR),)}),
        ([{"scheduleId": BOB, "scheduleItems": []}, {"scheduleId": ADA, "scheduleItems": [SPAN]}],
         {ADA: ((MONDAY, MONDAY + HOUR),)}),
        ([{"scheduleId": ADA, "scheduleItems": [SPAN | {"start": EASTERN}]}], {ADA: ((MONDAY, MONDAY + HOUR),)}),
        ([{"scheduleId": ADA, "scheduleItems": [SPAN | {"status": "free"}]}], {ADA: ()}),
        ([{"scheduleId": ADA, "scheduleItems": [SPAN | {"status": "workingElsewhere"}]}], {ADA: ()}),
        ([{"scheduleId": ADA, "error": {"responseCode": "5009"}, "scheduleItems": []}], {}),
        ([{"scheduleId": ADA}], {}),
        ([{"scheduleId": ADA, "scheduleItems": None}], {}),
        ([{"scheduleId": ADA, "scheduleItems": ["odd"]}], {}),
        ([{"scheduleId": ADA, "scheduleItems": [{"status": "busy"}]}], {}),
        ([{"scheduleId": ADA, "scheduleItems": [SPAN | {"start": {"dateTime": "soon"}}]}], {}),
        ([], {}),
        ([None, "odd"], {}),
    ],
)  # fmt: skip
def test_free_busy_is_known_only_of_those_who_can_be_seen(desk, answers, expected):
    desk.graph.faults.add("garbage", path="/getSchedule$", body=json.dumps({"value": answers}))
    assert desk.provider().free_busy([ADA], Window(MONDAY, MONDAY + DAY)) == expected


def test_refusal_of_one_question_does_not_end_all_questions(desk):
    provider = desk.provider()
    desk.graph.faults.add(400, path="/getSchedule$")
    assert provider.free_busy([ADA], WINDOW) == {}
    desk.graph.faults.clear()
    assert ADA in provider.free_busy([ADA], WINDOW)


# what a reader sees


def test_unreadable_event_is_told_until_it_is_mended(desk, reader):
    good, bad = desk.meeting(), desk.grace.create({"start": _utc(MONDAY), "end": _utc(MONDAY + HOUR)})["id"]
    desk.damage(bad, attendees=["odd"])
    for _ in range(3):
        assert set(reader.read().events) == {good}
        (problem,) = reader.problems
        assert "outlook.office365.com" in problem.source
        assert ("could not be read" in problem.message, problem.refused) == (True, True)
    other = Reader(desk)
    other.cursor = reader.cursor
    assert other.read().problems == reader.problems
    desk.damage(bad, attendees=[])
    assert set(reader.read().events) == {good, bad}
    assert reader.problems == []


@pytest.mark.parametrize("deleted", [False, True])
def test_unreadable_series_is_told_and_forgotten_with_it(desk, reader, deleted):
    weekly = desk.series()
    desk.damage(weekly, location="odd")
    assert reader.read().problems
    assert {one.source for one in reader.problems} == {desk.grace.get(weekly)["webLink"]}
    if deleted:
        desk.grace.delete(weekly)
    else:
        desk.damage(weekly, location={})
    assert reader.read().problems == []
    assert len(reader.events) == (0 if deleted else 4)


def test_unreadable_event_is_not_written(desk):
    provider, id_ = desk.provider(), desk.meeting(attendees=[])
    event = listed(provider)[id_]
    desk.damage(id_, attendees=["odd"])
    with pytest.raises(AccountUnavailable, match="cannot be read") as error:
        provider.apply(event, PATCH, notify=True)
    assert error.value.next_step == "Look at it in Outlook."
    assert desk.asked("PATCH") == []


def test_each_mailbox_has_a_copy_of_its_own_with_its_own_answer(desk):
    id_ = desk.meeting()
    mine, hers = listed(desk.provider())[id_], listed(desk.provider(person=ADA))[desk.hers(id_)]
    assert (mine.key, mine.organizer, mine.id != hers.id) == (hers.key, hers.organizer, True)
    assert [one.partstat for one in hers.attendees] == [Partstat.ACCEPTED, Partstat.NEEDS_ACTION]
    desk.grace.cancel(id_, "Sorry")
    cancelled = listed(desk.provider(person=ADA))[hers.id]
    assert (cancelled.status, cancelled.title) == (Status.CANCELLED, "Canceled: Mentoring")
    with pytest.raises(PreconditionFailed):
        desk.provider(person=ADA).apply(hers, DECLINE, notify=True)


def test_private_event_is_told_as_one(desk):
    id_ = desk.meeting(sensitivity="private")
    assert listed(desk.provider())[id_].sensitivity is Sensitivity.PRIVATE


def test_event_that_is_gone_is_told_as_gone(desk):
    provider, id_ = desk.provider(), desk.meeting()
    event = listed(provider)[id_]
    desk.grace.delete(id_)
    with pytest.raises(EventNotFound):
        provider.get(event)
    with pytest.raises(EventNotFound):
        provider.apply(event, PATCH, notify=True)


# servers that know less


def test_server_that_expands_nothing_is_asked_without_from_then_on(desk, caplog):
    caplog.set_level(logging.INFO)
    provider, id_ = desk.provider(), desk.meeting()
    event = listed(provider)[id_]
    desk.graph.requests.clear()
    desk.graph.faults.add(400, method="GET", path="/events/[^/]+$")
    for _ in range(3):
        assert provider.get(event) == event
    assert ["$expand" in one.query for one in desk.asked()] == [True, False, False, False]
    assert len([one for one in caplog.messages if "extended properties" in one]) == 1


def test_event_that_is_refused_with_and_without_expansion_is_asked_with_it_again(desk):
    provider, id_ = desk.provider(), desk.meeting()
    event = listed(provider)[id_]
    desk.graph.faults.add(400, method="GET", path="/events/[^/]+$", times=2)
    with pytest.raises(AccountUnavailable):
        provider.get(event)
    provider.get(event)
    assert "$expand" in desk.asked()[-1].query


def test_server_that_takes_no_marks_is_written_to_without(desk, caplog):
    caplog.set_level(logging.INFO)
    provider = desk.provider()
    ids = [desk.meeting(), desk.meeting(at=MONDAY + 2 * HOUR)]
    events = listed(provider)
    desk.graph.faults.add(400, method="PATCH")
    applied = [provider.apply(events[id_], PATCH, notify=True) for id_ in ids]
    assert [MARKS_PROPERTY in json.dumps(one.body) for one in desk.asked("PATCH")] == [True, False, False]
    assert len(desk.sent()) == 4
    assert len([one for one in caplog.messages if "no marks" in one]) == 1
    for one in applied:
        assert provider.shows(one.event, PATCH)
        back = provider.apply(one.event, RestoreTo(undo=one.undo), notify=True)
        assert "[agendad]" not in back.event.html


def test_refusal_of_a_time_is_not_taken_for_one_of_the_marks(desk):
    provider, id_ = desk.provider(), desk.occurrence(desk.series())
    far = Move(mark="m", start=MONDAY + 30 * DAY, end=MONDAY + 30 * DAY + HOUR, **AT)
    with pytest.raises(ChangeRefused, match="ErrorOccurrenceCrossingBoundary"):
        provider.apply(listed(provider)[id_], far, notify=True)
    assert len(desk.asked("PATCH")) == 1


BARE = ("changeKey", "webLink", "lastModifiedDateTime", "originalStartTimeZone", "originalEndTimeZone", "@odata.etag")
LESS = (*BARE, "responseStatus", "onlineMeeting", "locations", "categories", "sensitivity", "showAs", "hasAttachments")


@pytest.mark.parametrize("missing", [BARE, LESS, (*LESS, "iCalUId", "originalStart", "isCancelled", "type")])
def test_fields_that_a_server_leaves_out_are_done_without(desk, missing):
    weekly = desk.series()
    reader = Reader(desk)

    def less(told):
        return {name: value for name, value in told.items() if name not in missing}

    items = [less(one) for one in [desk.grace.get(weekly), *desk.grace.instances(weekly)]]
    link = f"{desk.graph.api_root}/me/calendarView/delta?$deltatoken=x"
    for path, body in (("/delta$", items), ("/delta$", items[:1]), ("/instances$", items[1:])):
        desk.graph.faults.add("garbage", path=path, body=json.dumps({"value": body, "@odata.deltaLink": link}))
    first = dict(reader.read().events)
    assert len(first) == 4
    if "iCalUId" in missing:  # it is asked for
        desk.graph.faults.add("garbage", path="/events/[^/]+$", body=json.dumps(items[0]))
    assert reader.read().events == first
    assert reader.problems == []
    assert {event.series for event in first.values()} == {weekly}
    assert len({event.uid for event in first.values()}) == 1
    for item in items[1:]:
        desk.graph.faults.add("garbage", path="/events/", body=json.dumps(item))
        assert reader.provider.get(first[item["id"]]).etag == first[item["id"]].etag


@pytest.mark.parametrize("bodies", ["none", "exceptions"])
def test_instances_without_bodies_are_never_taken_for_meetings_without_an_agenda(desk, reader, bodies):
    weekly = desk.series()
    reader.read()
    desk.grace.patch(desk.occurrence(weekly), {"subject": "Exception"})
    told = [{name: value for name, value in one.items() if name != "body"} for one in desk.grace.instances(weekly)]
    if bodies == "exceptions":
        told = [one for one in told if one["type"] == "exception"]
    desk.graph.faults.add("garbage", path="/instances$", body=json.dumps({"value": told}))
    reader.read()
    assert len(reader.events) == len(told)
    for event in reader.events.values():
        assert ("slowly" in event.html, event.body_readable) == (True, True)


def test_server_without_a_clock_is_read_all_the_same(desk, monkeypatch):
    monkeypatch.setattr("simulators.loopback.server.Connection.date_time_string", lambda *_: "no date")
    provider, id_ = desk.provider(), desk.meeting()
    desk.graph.faults.add(429, retry_after="http-date")
    assert set(listed(provider)) == {id_}
    assert provider.clock_offset is None


def test_patch_that_is_answered_with_nothing_is_made_once(desk):
    provider, id_ = desk.provider(), desk.meeting()
    event = listed(provider)[id_]

    def made(_undo):
        desk.grace.patch(id_, {"body": {"contentType": "html", "content": event.html + PATCH.lines[0]}})
        desk.graph.faults.add(204, method="PATCH", body=b"")

    applied = provider.apply(event, PATCH, notify=True, before_writing=made)
    assert provider.shows(applied.event, PATCH)
    assert (len(desk.asked("PATCH")), len(desk.sent())) == (1, 2)


@pytest.mark.parametrize("decline_removes", [True, False])
def test_decline_tells_what_stands_whether_or_not_the_event_goes(decline_removes):
    with scene(Switches(decline_removes=decline_removes)) as desk:
        for occurrence in (False, True):
            id_ = desk.hers(desk.series(at=MONDAY + HOUR) if occurrence else desk.meeting())
            id_ = desk.occurrence(id_, 1, ADA) if occurrence else id_
            provider = desk.provider(person=ADA)
            applied = provider.apply(listed(provider)[id_], DECLINE, notify=True)
            assert applied.event.attendees[0].partstat is Partstat.DECLINED
            assert (applied.undo is None) is decline_removes
            assert provider.shows(applied.event, DECLINE)


# the rest


@pytest.mark.parametrize("minutes", [-20, 0, 7])
def test_offset_of_the_servers_clock_is_known_after_any_answer(desk, minutes):
    provider = desk.provider()
    assert provider.clock_offset is None
    desk.graph.date_offset = timedelta(minutes=minutes)
    desk.graph.faults.add(404)
    with pytest.raises(AccountUnavailable):
        listed(provider)
    assert provider.clock_offset == timedelta(minutes=minutes)


def test_closed_provider_can_be_used_again(desk):
    provider, id_ = desk.provider(), desk.meeting()
    for _ in range(3):
        assert set(listed(provider)) == {id_}
        provider.close()


def test_more_writes_than_a_minute_has_room_for_are_left_for_later(desk):
    provider = desk.provider(pace=desk.pace(writes_a_minute=2))
    ids = [desk.meeting(at=MONDAY + number * HOUR) for number in range(3)]
    events, intended = listed(provider), []
    for id_ in ids[:2]:
        provider.apply(events[id_], PATCH, notify=True, before_writing=intended.append)
    with pytest.raises(NotWritten) as refusal:
        provider.apply(events[ids[2]], PATCH, notify=True, before_writing=intended.append)
    assert (len(intended), len(desk.asked("PATCH"))) == (2, 2)
    assert refusal.value.next_step == "It is looked at again in 1 minute."
    desk.waits.now += 60
    provider.apply(events[ids[2]], PATCH, notify=True, before_writing=intended.append)
    assert len(intended) == 3


def test_intent_comes_with_what_takes_the_write_back(desk):
    provider, id_ = desk.provider(), desk.meeting()
    intended = []
    applied = provider.apply(listed(provider)[id_], PATCH, notify=True, before_writing=intended.append)
    assert intended == [applied.undo]
    undone = provider.apply(applied.event, RestoreTo(undo=applied.undo), notify=True, before_writing=intended.append)
    assert intended == [applied.undo, None]
    desk.graph.requests.clear()
    again = provider.apply(undone.event, RestoreTo(undo=applied.undo), notify=True, before_writing=intended.append)
    assert (again.event, again.undo, len(intended)) == (undone.event, None, 2)
    assert desk.asked("PATCH") == []


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "garbage",
        "[]",
        "null",
        '[0, "x", "2026-05-25T15:00:00+00:00", "2026-07-31T15:00:00+00:00", {}]',
        "[" * 99_999,
    ],
    ids=range(6),
)
def test_cursor_that_is_none_of_this_version_starts_anew_without_a_request(desk, cursor):
    with pytest.raises(CursorExpired) as expired:
        list(desk.provider().changes("default", cursor, WINDOW))
    assert expired.value.not_done
    assert expired.value.next_step
    assert desk.asked() == []


def test_change_is_told_by_what_the_event_says(desk):
    provider, id_ = desk.provider(person=ADA), desk.hers(desk.meeting())
    event = listed(provider)[id_]
    slots = ((MONDAY + DAY, MONDAY + DAY + HOUR),)
    answers = [DECLINE, Tentative(mark="m", attendee=ADA, **AT), Propose(mark="m", attendee=ADA, slots=slots, **AT)]
    assert [provider.shows(event, change) for change in [*answers, CANCEL, MOVE, PATCH]] == [False] * 6
    assert [provider.shows(None, change) for change in [*answers, CANCEL, MOVE, PATCH]] == [
        True, False, False, True, False, False,
    ]  # fmt: skip
    moved = Move(mark="m", start=MONDAY, end=MONDAY + HOUR, **AT)
    assert provider.shows(event, moved)
    assert provider.shows(dataclasses.replace(event, status=Status.CANCELLED), CANCEL)
