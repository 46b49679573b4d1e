"""The Google provider at the simulator: how many requests it makes, and what of Google's ways a reader sees."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from conformance.google_backing import ADA, GRACE, HOUR, MONDAY, NOW, WINDOW, listed, scene
from simulators.google import CLIENT_ID, CLIENT_SECRET, Switches
from simulators.google.oauth import Grant

from agendad.providers.base import Cancel, Decline, Move, Patch, RestoreTo, Window, WriteKind
from agendad.providers.errors import (
    AccountUnavailable,
    ChangeRefused,
    CursorExpired,
    EventNotFound,
    NotWritten,
    PreconditionFailed,
    ReadOnly,
    SignInNeeded,
)
from agendad.providers.google import GoogleProvider
from agendad.providers.google_api import GoogleApi
from agendad.providers.google_refusals import why_refused
from agendad.providers.google_signin import SCOPES, GoogleToken, bearer, credentials
from agendad.providers.model import Instance, Partstat, Status

BOB = "bob@example.net"
TEAM = "team@group.calendar.google.com"
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
AT = {"at": MONDAY - WEEK}
PATCH = Patch(mark="m-patch", marker="[agendad]", lines=("[agendad] an agenda, please",), **AT)


@pytest.fixture
def desk():
    with scene() as made:
        yield made


@pytest.fixture(params=Switches.both_ways(), ids=lambda switches: switches[0])
def any_desk(request):
    """With each of the open questions about Google answered either way."""
    with scene(dataclasses.replace(request.param[1])) as made:
        yield made


class Reader:
    """Follows one calendar by the protocol, and counts the requests of its last pass."""

    def __init__(self, desk, provider=None, calendar="primary", window=WINDOW):
        self.desk, self.calendar, self.window = desk, calendar, window
        self.provider = provider or desk.provider()
        self.cursor, self.events, self.pages, self.requests = None, {}, [], []

    def read(self, window=None):
        self.window = window or self.window
        before = len(self.desk.asked())
        try:
            self.pages = list(self.provider.changes(self.calendar, self.cursor, self.window))
        finally:
            self.requests = [one.path.rpartition("/")[2] for one in self.desk.asked()[before:]]
        for page in self.pages:
            if page.full:
                self.events = {}
            self.events = {
                key: event
                for key, event in self.events.items()
                if event.uid not in page.complete and event.id not in page.removed and event.series not in page.removed
            } | {event.id: event for event in page.events}
        self.cursor = self.pages[-1].cursor
        return self

    @property
    def told(self):
        return [event.id for page in self.pages for event in page.events]

    @property
    def problems(self):
        return [problem for page in self.pages for problem in page.problems]


@pytest.fixture
def reader(desk):
    return Reader(desk)


def fill(desk, count):
    """Many events on Grace's calendar, without what the web UI does for each."""
    first = desk.meeting(attendees=[])
    calendar = desk.google._store.calendar(GRACE)
    for number in range(1, count):
        fields = dict(calendar.events[first].fields, iCalUID=f"many{number}@google.com")
        desk.google._store.touch(
            dataclasses.replace(calendar.events[first], id=f"many{number}", fields=fields, history=[])
        )


# how many requests


@pytest.mark.parametrize(("events", "requests"), [(0, 1), (1, 1), (2500, 1), (2501, 2)])
def test_full_listing_takes_as_few_requests_as_google_allows(desk, reader, events, requests):
    if events:
        fill(desk, events)
    reader.read()
    assert len(reader.events) == events
    assert reader.requests == ["events"] * requests
    assert desk.asked()[0].query["maxResults"] == ["2500"]


@pytest.mark.parametrize(("events", "requests"), [(0, 1), (1, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_full_listing_takes_one_request_a_page(desk, events, requests):
    if events:
        fill(desk, events)
    reader = Reader(desk, desk.provider(page_size=50)).read()
    assert len(reader.events) == events
    assert reader.requests == ["events"] * requests


def test_tick_without_a_change_takes_one_request(desk, reader):
    desk.meeting()
    desk.series()
    reader.read()
    for _ in range(5):
        assert reader.read().requests == ["events"]
        assert (reader.told, reader.pages[0].full) == ([], False)


def test_changed_event_costs_one_request(desk, reader):
    id_ = desk.meeting()
    reader.read()
    desk.google.as_(GRACE).patch("primary", id_, {"summary": "Another"})
    assert reader.read().requests == ["events"]
    assert reader.told == [id_]


@pytest.mark.parametrize("series", [1, 3, 25])
def test_changed_series_costs_one_request_each(desk, reader, series):
    reader.read()
    for _ in range(series):
        desk.series(2)
    assert reader.read().requests == ["events"] + ["instances"] * series
    assert len(reader.events) == 2 * series


def test_changed_occurrence_costs_one_request_for_its_series(desk, reader):
    id_ = desk.series()
    reader.read()
    desk.google.as_(GRACE).patch("primary", f"{id_}_20260608T150000Z", {"summary": "Another"})
    assert reader.read().requests == ["events", "instances"]
    assert len(reader.events) == 4


def test_cancelled_occurrence_costs_no_request_beyond_the_increment(desk, reader):
    id_ = desk.series()
    reader.read()
    desk.google.as_(GRACE).delete("primary", f"{id_}_20260608T150000Z")
    assert reader.read().requests == ["events"]
    assert len(reader.events) == 3


def test_more_than_25_changed_series_are_read_with_the_whole_calendar(desk, reader):
    reader.read()
    for _ in range(26):
        desk.series(2)
    with pytest.raises(CursorExpired) as expired:
        reader.read()
    assert reader.requests == ["events"]
    assert "26 series" in expired.value.happened
    reader.cursor = None
    assert reader.read().requests == ["events"]
    assert len(reader.events) == 52


@pytest.mark.parametrize(
    ("shift", "full"),
    [
        ((0, 0), False),
        ((1, -1), False),
        ((0, -1), False),
        ((1, 0), False),
        ((0, 1), True),
        ((-1, 0), True),
        ((1, 1), True),
    ],
)
def test_window_that_moves_is_one_request_and_a_full_listing_only_beyond_what_was_listed(desk, reader, shift, full):
    desk.meeting()
    reader.read()
    reader.read(Window(WINDOW.start + shift[0] * DAY, WINDOW.end + shift[1] * DAY))
    assert reader.requests == ["events"]
    assert reader.pages[0].full is full
    assert ("syncToken" in desk.asked()[-1].query) is not full


def test_window_that_shrinks_and_grows_again_loses_nothing(desk, reader):
    late = desk.meeting(start=WINDOW.end - DAY)
    reader.read()
    reader.read(Window(WINDOW.start, WINDOW.end - 2 * DAY))
    desk.google.as_(GRACE).patch("primary", late, {"summary": "Changed while out of view"})
    assert late not in reader.read().events
    assert reader.read(WINDOW).events[late].title == "Changed while out of view"


def test_get_takes_one_request_and_a_write_two(desk):
    provider, id_ = desk.provider(), desk.meeting()
    event = listed(provider)[id_]
    desk.google.requests.clear()
    provider.get(event)
    assert [one.method for one in desk.asked()] == ["GET"]
    provider.apply(event, PATCH, notify=True)
    assert [one.method for one in desk.asked()] == ["GET", "GET", "PATCH"]


@pytest.mark.parametrize(("people", "requests"), [(0, 0), (1, 1), (50, 1), (51, 2), (120, 3)])
def test_free_busy_asks_for_fifty_people_at_a_time(desk, people, requests):
    provider = desk.provider()
    provider.free_busy([f"person{number}@example.org" for number in range(people)], WINDOW)
    assert len(desk.asked("POST", "/freeBusy")) == requests


def test_capabilities_and_calendars_take_no_request(desk):
    provider = desk.provider("primary", ADA, "primary")
    assert provider.calendars() == ("primary", ADA)
    assert provider.capabilities("primary").writes
    assert desk.asked() == []


# reading what is odd


def damage(desk, id_, **fields):
    stored = desk.google._store.calendar(GRACE).events[id_]
    stored.fields.update(fields)
    desk.google._store.touch(stored)


def test_unreadable_event_is_told_until_it_is_mended(desk, reader):
    good, bad = desk.meeting(), desk.meeting()
    damage(desk, bad, attachments=["odd"])
    for _ in range(3):
        assert set(reader.read().events) == {good}
        (problem,) = reader.problems
        assert "google.com/calendar/event" in problem.source
        assert "could not be read" in problem.message
        assert problem.refused
    damage(desk, bad, attachments=[])
    assert set(reader.read().events) == {good, bad}
    assert reader.problems == []


def test_unreadable_event_that_is_deleted_is_no_problem_any_more(desk, reader):
    bad = desk.meeting()
    damage(desk, bad, attachments=["odd"])
    assert reader.read().problems
    desk.google.as_(GRACE).delete("primary", bad)
    assert reader.read().problems == []


def test_unreadable_event_is_remembered_by_another_process(desk, reader):
    damage(desk, desk.meeting(), attachments=["odd"])
    cursor = reader.read().cursor
    other = Reader(desk)
    other.cursor = cursor
    assert other.read().problems == reader.problems


def test_unreadable_event_is_not_written(desk):
    provider, id_ = desk.provider(), desk.meeting()
    event = listed(provider)[id_]
    damage(desk, id_, attachments=["odd"])
    with pytest.raises(AccountUnavailable) as error:
        provider.apply(event, PATCH, notify=True)
    assert error.value.next_step == "Look at the event in Google Calendar."
    assert desk.asked("PATCH") == []


@pytest.mark.parametrize("items", [[None], ["odd"], [5], [[]], {"a": 1}, "odd", 7, [{}], [{"status": "confirmed"}]])
def test_items_that_are_no_events_are_told(desk, items):
    body = {"kind": "calendar#events", "items": items, "accessRole": "owner", "nextSyncToken": "token"}
    desk.google.faults.add("garbage", body=json.dumps(body))
    reader = Reader(desk).read()
    assert reader.events == {}
    assert len(reader.problems) == 1
    assert reader.cursor


@pytest.mark.parametrize(
    "answer", [{}, [], None, 5, "text", {"kind": "calendar#event"}, {"items": []}, {"error": "no"}, {"kind": None}]
)
def test_answer_that_is_no_listing_is_never_taken_for_an_empty_calendar(desk, answer):
    provider, id_ = desk.provider(), desk.meeting()
    event = listed(provider)[id_]
    desk.google.faults.add("garbage", body=json.dumps(answer), times=5)
    with pytest.raises(AccountUnavailable):
        listed(provider)
    desk.google.faults.clear()
    if answer != {"kind": "calendar#event"}:
        desk.google.faults.add("garbage", body=json.dumps(answer), times=5)
        with pytest.raises(AccountUnavailable):
            provider.get(event)
        desk.google.faults.clear()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({ADA: {"busy": []}}, {ADA: ()}),
        ({ADA: {"busy": None}}, {ADA: ()}),
        ({ADA: {}}, {ADA: ()}),
        ({ADA: {"errors": [{"reason": "notFound"}], "busy": []}}, {}),
        ({ADA: {"busy": [{"start": "2026-06-01T15:00:00Z"}]}}, {}),
        ({ADA: {"busy": [{"start": "soon", "end": "later"}]}}, {}),
        ({ADA: {"busy": "odd"}}, {}),
        ({ADA: None}, {}),
        ({ADA: []}, {}),
        ({"somebody@else": {"busy": []}}, {}),
        ([], {}),
        (None, {}),
    ],
)
def test_free_busy_is_known_only_of_those_who_can_be_seen(desk, answer, expected):
    body = {"kind": "calendar#freeBusy", "calendars": answer}
    desk.google.faults.add("garbage", body=json.dumps(body))
    assert desk.provider().free_busy([ADA], WINDOW) == expected


def test_free_busy_of_people_here(desk):
    desk.google.share(ADA, with_=GRACE, role="freeBusyReader")
    desk.meeting()
    desk.meeting(start=MONDAY + HOUR / 2)
    seen = desk.provider().free_busy([ADA, BOB, GRACE, "eve@example.edu"], WINDOW)
    both = ((MONDAY, MONDAY + 1.5 * HOUR),)
    assert seen == {ADA: both, GRACE: both}


@pytest.mark.parametrize("role", ["reader", "freeBusyReader"])
def test_calendar_that_is_only_shared_for_reading_is_not_judged(desk, role):
    desk.google.share(ADA, with_=GRACE, role=role)
    desk.meeting()
    reader = Reader(desk, desk.provider(ADA), ADA)
    for _ in range(2):
        reader.read()
        assert (reader.events, reader.requests, reader.pages[0].full) == ({}, ["events"], True)
        (remark,) = reader.problems
        assert (role in remark.message, remark.refused) == (True, False)
    assert reader.provider.capabilities(ADA).writes == frozenset()
    desk.google.share(ADA, with_=GRACE, role="writer")
    assert len(reader.read().events) == 1
    assert reader.provider.capabilities(ADA).writes


def test_calendar_whose_sharing_is_lowered_is_not_judged_any_more(desk):
    desk.google.share(ADA, with_=GRACE, role="writer")
    desk.meeting()
    reader = Reader(desk, desk.provider(ADA), ADA).read()
    (event,) = reader.events.values()
    desk.google.share(ADA, with_=GRACE, role="reader")
    with pytest.raises(CursorExpired):
        reader.read()
    reader.cursor = None
    assert reader.read().events == {}
    with pytest.raises(ReadOnly):
        reader.provider.apply(event, Decline(mark="m", attendee=ADA, **AT), notify=True)


def test_increment_that_says_that_the_calendar_is_only_for_reading_now_is_believed(desk, reader):
    desk.meeting()
    reader.read()
    body = {"kind": "calendar#events", "items": [], "accessRole": "reader", "nextSyncToken": "token"}
    desk.google.faults.add("garbage", body=json.dumps(body))
    reader.read()
    assert (reader.events, reader.pages[0].full, len(reader.problems)) == ({}, True, 1)
    assert len(reader.read().events) == 1


def test_sign_in_for_reading_only_writes_nothing(desk):
    provider, id_ = desk.provider(may_write=lambda: False), desk.meeting()
    with pytest.raises(ReadOnly):
        provider.apply(listed(provider)[id_], PATCH, notify=True)
    assert desk.asked("PATCH") == []


def test_calendar_that_is_not_configured_is_refused_without_a_request(desk):
    provider = desk.provider()
    with pytest.raises(AccountUnavailable, match="has no calendar"):
        list(provider.changes(ADA, None, WINDOW))
    assert desk.asked() == []


# what Google does, as a reader sees it


@pytest.mark.parametrize("page_size", [1, 2, 7])
def test_empty_pages_in_the_middle_end_nothing(page_size):
    with scene(Switches(empty_pages=True)) as desk:
        reader = Reader(desk, desk.provider(page_size=page_size))
        made = {desk.meeting() for _ in range(5)}
        assert set(reader.read().events) == made
        made |= {desk.meeting() for _ in range(5)}
        assert set(reader.read().events) == made


def test_deletions_come_with_increments(any_desk):
    desk = any_desk
    reader = Reader(desk)
    single, weekly, other = desk.meeting(), desk.series(), desk.series()
    reader.read()
    grace = desk.google.as_(GRACE)
    grace.delete("primary", single)
    grace.delete("primary", f"{weekly}_20260608T150000Z")
    grace.delete("primary", other)
    assert set(reader.read().events) == {f"{weekly}_202606{day}T150000Z" for day in ("01", "15", "22")}


def test_series_is_read_as_instances_that_keep_their_original_start(any_desk):
    desk = any_desk
    id_ = desk.series()
    moved = f"{id_}_20260608T150000Z"
    desk.google.as_(GRACE).patch(
        "primary",
        moved,
        {side: {"dateTime": (MONDAY + WEEK + hours * HOUR).isoformat()} for side, hours in (("start", 3), ("end", 4))},
    )
    events = Reader(desk).read().events
    assert set(events) == {f"{id_}_202606{day}T150000Z" for day in ("01", "08", "15", "22")}
    assert {event.series for event in events.values()} == {id_}
    assert {event.uid for event in events.values()} == {f"{id_}@google.com"}
    assert events[moved].start.instant == MONDAY + WEEK + 3 * HOUR
    assert events[moved].recurrence_id == "2026-06-08T15:00:00Z"
    assert [event.instance for event in events.values() if event.id != moved] == [Instance.OCCURRENCE] * 3
    assert events[moved].instance is Instance.EXCEPTION


def test_all_day_series_is_named_by_its_dates(desk):
    id_ = desk.series(2)
    master = desk.google._store.calendar(GRACE).events[id_]
    master.fields |= {"start": {"date": "2026-06-01"}, "end": {"date": "2026-06-02"}}
    events = Reader(desk).read().events
    assert {event.recurrence_id for event in events.values()} == {"2026-06-01", "2026-06-08"}
    assert set(events) == {f"{id_}_20260601", f"{id_}_20260608"}
    assert all(event.all_day for event in events.values())


@pytest.mark.parametrize(
    ("start", "inside"),
    [
        (WINDOW.start - HOUR, False),
        (WINDOW.start - HOUR / 2, True),
        (WINDOW.end - HOUR / 2, True),
        (WINDOW.end, False),
    ],
)
def test_window_takes_what_has_any_part_in_it(desk, reader, start, inside):
    id_ = desk.meeting(start=start)
    assert (id_ in reader.read().events) is inside
    desk.google.as_(GRACE).patch("primary", id_, {"summary": "Changed"})
    assert (id_ in reader.read().events) is inside


def test_event_that_moves_out_of_the_window_is_gone(any_desk):
    desk = any_desk
    reader = Reader(desk)
    single, weekly = desk.meeting(), desk.series(2)
    reader.read()
    later = WINDOW.end + WEEK
    away = {"start": {"dateTime": later.isoformat()}, "end": {"dateTime": (later + HOUR).isoformat()}}
    desk.google.as_(GRACE).patch("primary", single, away)
    occurrences = {f"{weekly}_20260601T150000Z", f"{weekly}_20260608T150000Z"}
    if not desk.google.switches.increments_bounded_by_window:  # which tell nothing of such an occurrence
        desk.google.as_(GRACE).patch("primary", occurrences.pop(), away)
    assert set(reader.read().events) == occurrences


def test_series_that_is_rescheduled_or_shortened_has_no_old_instances(any_desk):
    desk = any_desk
    reader = Reader(desk)
    id_ = desk.series()
    assert len(reader.read().events) == 4
    grace = desk.google.as_(GRACE)
    later = {
        side: {"dateTime": (MONDAY + DAY + hours * HOUR).isoformat(), "timeZone": "America/New_York"}
        for side, hours in (("start", 0), ("end", 1))
    }
    grace.patch("primary", id_, later)
    assert sorted(event.start.instant for event in reader.read().events.values()) == [
        MONDAY + DAY + number * WEEK for number in range(4)
    ]
    grace.patch("primary", id_, {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]})
    assert len(reader.read().events) == 2


def test_etag_changes_at_each_write_and_not_when_a_sibling_does(desk):
    provider, id_ = desk.provider(), desk.series()
    before = listed(provider)
    second = before[f"{id_}_20260608T150000Z"]
    applied = provider.apply(second, PATCH, notify=False)
    after = listed(provider)
    assert applied.etag == after[second.id].etag != second.etag
    assert {key for key in after if after[key].etag != before[key].etag} == {second.id}


def test_event_that_changes_between_look_and_write_is_not_overwritten(desk):
    provider, id_ = desk.provider(), desk.meeting()
    event = listed(provider)[id_]

    def meanwhile(_undo):
        desk.google.as_(GRACE).patch("primary", id_, {"description": "Somebody was faster"})

    with pytest.raises(PreconditionFailed):
        provider.apply(event, PATCH, notify=True, before_writing=meanwhile)
    assert [one.status for one in desk.asked("PATCH")] == [412]
    assert desk.google.as_(GRACE).get("primary", id_)["description"] == "Somebody was faster"
    assert desk.sent() == []


def test_write_leaves_everything_that_it_does_not_name(desk):
    provider = desk.provider()
    id_ = desk.meeting(
        attachments=[{"fileUrl": "https://docs.example/agenda", "title": "Notes"}],
        conferenceData={"createRequest": {"requestId": "one", "conferenceSolutionKey": {"type": "hangoutsMeet"}}},
        reminders={"useDefault": False, "overrides": [{"method": "popup", "minutes": 7}]},
        extendedProperties={"shared": {"theirs": "1"}, "private": {"mine": "2"}},
        colorId="5",
        location="Room 1",
    )
    changing = {"etag", "updated", "sequence"}
    before = desk.google.as_(GRACE).get("primary", id_)
    assert before["hangoutLink"]
    move = Move(mark="m-move", start=MONDAY + DAY, end=MONDAY + DAY + HOUR, **AT)
    for change in (PATCH, move, Cancel(mark="m-cancel", **AT)):
        applied = provider.apply(listed(provider)[id_], change, notify=True)
        now = desk.google.as_(GRACE).get("primary", id_)
        for name in ("attachments", "conferenceData", "hangoutLink", "reminders", "colorId", "location"):
            assert now[name] == before[name]
        assert now["extendedProperties"]["private"] == {"mine": "2"}
        assert now["extendedProperties"]["shared"]["theirs"] == "1"
        provider.apply(applied.event, RestoreTo(undo=applied.undo), notify=True)
        now = desk.google.as_(GRACE).get("primary", id_)
        assert {k: v for k, v in now.items() if k not in changing} == {
            k: v for k, v in before.items() if k not in changing
        }


def test_each_calendar_has_a_copy_of_its_own(desk):
    id_ = desk.meeting()
    mine, hers = listed(desk.provider())[id_], listed(desk.provider(person=ADA))[id_]
    assert mine.key == hers.key
    assert mine.organizer == hers.organizer
    provider = desk.provider(person=ADA)
    provider.apply(hers, Decline(mark="m-hers", attendee=ADA, **AT), notify=True)
    assert listed(provider)[id_].marks == ("m-hers",)
    assert listed(desk.provider())[id_].marks == ()
    assert {one.email: one.partstat for one in listed(desk.provider())[id_].attendees}[ADA] is Partstat.DECLINED


def test_mark_on_our_own_event_is_seen_in_the_copies_of_the_guests(desk):
    provider, id_ = desk.provider(), desk.meeting()
    provider.apply(listed(provider)[id_], PATCH, notify=True)
    assert listed(desk.provider(person=ADA))[id_].marks == ("m-patch",)


def test_event_of_a_shared_calendar_is_from_whoever_made_it_and_can_be_changed(desk):
    desk.google.add_calendar(ADA, TEAM)
    desk.google.share(TEAM, with_=GRACE, role="writer")
    desk.google.as_(ADA).insert(
        TEAM,
        {
            "summary": "Mentoring",
            "start": {"dateTime": MONDAY.isoformat(), "timeZone": "UTC"},
            "end": {"dateTime": (MONDAY + HOUR).isoformat(), "timeZone": "UTC"},
        },
    )
    provider = desk.provider(TEAM)
    (event,) = listed(provider, TEAM).values()
    assert (event.organizer.email, event.organizer.sent_by) == (ADA, "")
    assert provider.apply(event, PATCH, notify=True).event.marks == ("m-patch",)


def test_refusal_for_non_organizers_refuses_this_change_and_not_the_calendar(desk):
    provider, id_ = desk.provider(), desk.meeting()
    desk.google.faults.add(403, reason="forbiddenForNonOrganizer", method="PATCH")
    with pytest.raises(ChangeRefused) as refusal:
        provider.apply(listed(provider)[id_], PATCH, notify=True)
    assert type(refusal.value) is ChangeRefused


def test_guest_who_may_keep_no_properties_leaves_the_mark_in_the_answer():
    with scene(Switches(private_properties_by_guests="forbidden")) as desk:
        provider = desk.provider(person=ADA)
        for number in range(2):
            id_ = desk.meeting()
            decline = Decline(mark=f"m-{number}", attendee=ADA, message="Not this time", **AT)
            applied = provider.apply(listed(provider)[id_], decline, notify=True)
            assert applied.event.marks == (f"m-{number}",)
            assert desk.sent() == [("response", GRACE)]
            assert desk.google.mails[0].text == f"Not this time\n[agendad m-{number}]"
        assert [one.status for one in desk.asked("PATCH")] == [403, 200, 200]


@pytest.mark.parametrize(("status", "error"), [(400, ChangeRefused), (404, EventNotFound), (412, PreconditionFailed)])
def test_answer_that_is_refused_otherwise_is_not_sent_in_another_form(desk, status, error):
    provider, id_ = desk.provider(person=ADA), desk.meeting()
    event = listed(provider)[id_]
    desk.google.faults.add(status, method="PATCH")
    with pytest.raises(error):
        provider.apply(event, Decline(mark="m", attendee=ADA, **AT), notify=True)
    assert len(desk.asked("PATCH")) == 1


def test_refusal_for_another_reason_does_not_move_the_marks_into_the_answers(desk):
    provider, id_ = desk.provider(person=ADA), desk.meeting()
    desk.google.faults.add(403, reason="requiredAccessLevel", method="PATCH", times=2)
    event, decline = listed(provider)[id_], Decline(mark="m", attendee=ADA, **AT)
    with pytest.raises(ReadOnly):
        provider.apply(event, decline, notify=True)
    provider.apply(event, decline, notify=True)
    assert "extendedProperties" in desk.asked("PATCH")[-1].body


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded"])
def test_rate_errors_of_either_status_are_waited_for(desk, reader, status, reason):
    desk.google.faults.add(status, reason=reason, times=2)
    reader.read()
    assert reader.requests == ["events"] * 3
    assert desk.waits.slept == [0.5, 1]


# signing in


def signed_in(desk, **more):
    """A provider by a refresh token, as after `agendad login`, and the sign-ins that it stored."""
    desk.google._oauth._refresh["1//refresh"] = Grant(GRACE, frozenset(SCOPES))
    stored = []
    token = GoogleToken(
        refresh_token="1//refresh",  # noqa: S106 - opens nothing but the simulator
        access_token=desk.google.token_for(GRACE),
        scopes=tuple(SCOPES),
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        token_uri=f"{desk.google.root}/token",
        obtained_at=NOW,
        **({"expiry": None} | more),
    )
    made = credentials(token, stored.append)
    api = GoogleApi(
        "work",
        desk.google.api_root,
        credentials=lambda: made,
        why_refused=lambda error: why_refused(error, "work", by=made, now=NOW),
        now=lambda: desk.google.now,
        pace=desk.waits.pace(),
    )
    provider = GoogleProvider("work", ["primary"], api)
    desk._providers.append(provider)
    return provider, stored


def test_access_token_that_ended_is_renewed_on_the_way(desk):
    provider, stored = signed_in(desk)
    id_ = desk.meeting()
    event = listed(provider)[id_]
    desk.google.expire_access_tokens(GRACE)
    assert provider.apply(event, PATCH, notify=True).event.marks == ("m-patch",)
    assert [(one.method, one.status) for one in desk.asked()[1:]] == [
        ("GET", 401),
        ("POST", 200),
        ("GET", 200),
        ("PATCH", 200),
    ]
    assert len(stored) == 1


def test_access_token_that_ends_between_look_and_write_is_renewed_and_the_write_made_once(desk):
    provider, _ = signed_in(desk)
    id_ = desk.meeting()
    event = listed(provider)[id_]
    provider.apply(event, PATCH, notify=True, before_writing=lambda _undo: desk.google.expire_access_tokens(GRACE))
    assert [one.status for one in desk.asked("PATCH")] == [401, 200]
    assert desk.sent() == [("update", ADA), ("update", BOB)]


def test_sign_in_that_google_ended_is_told_as_such_and_nothing_is_written(desk):
    provider, _ = signed_in(desk)
    id_ = desk.meeting()
    event = listed(provider)[id_]
    desk.google.revoke(GRACE)
    for ask in (lambda: listed(provider), lambda: provider.get(event), lambda: provider.free_busy([ADA], WINDOW)):
        with pytest.raises(SignInNeeded) as error:
            ask()
        assert error.value.ended
        assert "agendad login work" in error.value.next_step
    with pytest.raises(SignInNeeded):
        provider.apply(event, PATCH, notify=True)
    assert desk.asked("PATCH") == []
    assert desk.waits.slept == []


@pytest.mark.parametrize(("fault", "requests"), [(500, 15), (503, 15), ("html", 1)])
def test_token_endpoint_with_a_fault_of_its_own_pauses_the_account_and_ends_no_sign_in(
    desk, monkeypatch, fault, requests
):
    monkeypatch.setattr("google.auth._exponential_backoff.time", SimpleNamespace(sleep=desk.waits.sleep))
    provider, _ = signed_in(desk, expiry=datetime(2020, 1, 1, tzinfo=UTC))
    desk.google.faults.add(fault, path="/token", times=None)
    with pytest.raises(AccountUnavailable) as error:
        listed(provider)
    assert not isinstance(error.value, SignInNeeded)
    assert [one.path for one in desk.asked()] == ["/token"] * requests
    desk.google.faults.clear()
    desk.waits.now += 60
    assert listed(provider) == {}


def test_token_that_lacks_a_permission_needs_a_new_sign_in(desk):
    token = desk.google.token_for(GRACE, ["https://www.googleapis.com/auth/calendar.freebusy"])
    api = GoogleApi(
        "work",
        desk.google.api_root,
        credentials=lambda: bearer(token),
        why_refused=lambda error: why_refused(error, "work"),
        now=lambda: desk.google.now,
    )
    provider = GoogleProvider("work", ["primary"], api)
    with pytest.raises(SignInNeeded, match="does not allow what was asked"):
        listed(provider)
    provider.close()


def test_sign_in_that_was_renewed_is_taken_up_at_the_next_pass(desk):
    tokens = {"first": desk.google.token_for(GRACE)}
    tokens["second"] = "ya29.nonsense"
    used = "second"
    api = GoogleApi(
        "work",
        desk.google.api_root,
        credentials=lambda: bearer(tokens[used]),
        why_refused=lambda error: why_refused(error, "work"),
        now=lambda: desk.google.now,
        sign_in=lambda: used,
    )
    provider = GoogleProvider("work", ["primary"], api)
    with pytest.raises(SignInNeeded):
        listed(provider)
    used = "first"
    assert provider.calendars() == ("primary",)
    assert listed(provider) == {}
    provider.close()


# the rest


@pytest.mark.parametrize("minutes", [-20, 0, 7])
def test_offset_of_the_servers_clock_is_known_after_any_answer(desk, minutes):
    provider = desk.provider()
    assert provider.clock_offset is None
    desk.google.date_offset = timedelta(minutes=minutes)
    desk.google.faults.add(404)
    with pytest.raises(AccountUnavailable):
        listed(provider)
    assert provider.clock_offset == timedelta(minutes=minutes)


def test_closed_provider_can_be_used_again(desk):
    provider, id_ = desk.provider(), desk.meeting()
    for _ in range(3):
        assert set(listed(provider)) == {id_}
        provider.close()


def test_more_writes_than_a_minute_has_room_for_are_left_for_later(desk):
    provider = desk.provider(pace=desk.waits.pace(writes_a_minute=2))
    ids = [desk.meeting() for _ in range(3)]
    events, intended = listed(provider), []
    for id_ in ids[:2]:
        provider.apply(events[id_], PATCH, notify=True, before_writing=intended.append)
    with pytest.raises(NotWritten) as refusal:
        provider.apply(events[ids[2]], PATCH, notify=True, before_writing=intended.append)
    assert (len(intended), len(desk.asked("PATCH"))) == (2, 2)
    assert refusal.value.next_step == "It is looked at again in 1 minute."
    desk.waits.now += 60
    provider.apply(events[ids[2]], PATCH, notify=True, before_writing=intended.append)
    assert (len(intended), len(desk.asked("PATCH"))) == (3, 3)


def test_intent_comes_with_what_takes_the_write_back(desk):
    provider, id_ = desk.provider(), desk.meeting()
    intended = []
    applied = provider.apply(listed(provider)[id_], PATCH, notify=True, before_writing=intended.append)
    assert intended == [applied.undo]
    provider.apply(applied.event, RestoreTo(undo=applied.undo), notify=True, before_writing=intended.append)
    assert intended == [applied.undo, None]


def test_undo_of_what_is_undone_already_writes_nothing(desk):
    provider, id_ = desk.provider(), desk.meeting()
    applied = provider.apply(listed(provider)[id_], PATCH, notify=True)
    undone = provider.apply(applied.event, RestoreTo(undo=applied.undo), notify=True)
    desk.google.requests.clear()
    intended = []
    again = provider.apply(undone.event, RestoreTo(undo=applied.undo), notify=True, before_writing=intended.append)
    assert (again.event, again.undo, intended) == (undone.event, None, [])
    assert desk.asked("PATCH") == []


def test_cancelled_event_that_google_tells_nothing_of_can_be_brought_back():
    with scene(Switches(get_of_cancelled="minimal", minimal_tombstones_without_etag=True)) as desk:
        provider = desk.provider()
        for id_ in (desk.meeting(), f"{desk.series()}_20260608T150000Z"):
            before = desk.google.as_(GRACE).get("primary", id_)
            applied = provider.apply(listed(provider)[id_], Cancel(mark="m", message="No agenda", **AT), notify=True)
            cancelled = provider.get(applied.event)
            assert cancelled.status is Status.CANCELLED
            back = provider.apply(cancelled, RestoreTo(undo=applied.undo), notify=True).event
            assert (back.status, back.text, back.marks) == (Status.CONFIRMED, "Talk about the talk", ())
            now = desk.google.as_(GRACE).get("primary", id_)
            assert {k: v for k, v in now.items() if k not in {"etag", "updated", "sequence", "extendedProperties"}} == {
                k: v for k, v in before.items() if k not in {"etag", "updated", "sequence"}
            }


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "garbage",
        "[]",
        "null",
        "5",
        "{}",
        '[0, "token", "2026-05-25T15:00:00+00:00", "2026-07-31T15:00:00+00:00", {}]',
        '[1, 5, "2026-05-25T15:00:00+00:00", "2026-07-31T15:00:00+00:00", {}]',
        '[1, "token", "soon", "2026-07-31T15:00:00+00:00", {}]',
        '[1, "token", "2026-05-25T15:00:00+00:00", "2026-07-31T15:00:00+00:00", []]',
        '[1, "token", "2026-05-25T15:00:00+00:00", "2026-07-31T15:00:00+00:00", {"a": "b"}]',
        '[1, "token", "2026-05-25T15:00:00+00:00"]',
        '[1, "token", "2026-05-25T15:00:00", "2026-07-31T15:00:00", {}]',
        "[" * 100_000,
    ],
    ids=range(14),
)
def test_cursor_that_is_none_of_this_version_starts_anew_without_a_request(desk, cursor):
    with pytest.raises(CursorExpired) as expired:
        list(desk.provider().changes("primary", cursor, WINDOW))
    assert expired.value.not_done
    assert expired.value.next_step
    assert desk.asked() == []


def test_cursor_with_a_token_that_google_never_gave_starts_anew(desk, reader):
    cursor = json.loads(reader.read().cursor)
    cursor[1] = "made up"
    reader.cursor = json.dumps(cursor)
    with pytest.raises(CursorExpired):
        reader.read()


def test_event_that_is_gone_is_told_as_gone(desk):
    provider, id_ = desk.provider(), desk.meeting()
    event = dataclasses.replace(listed(provider)[id_], id="nothing")
    with pytest.raises(EventNotFound):
        provider.get(event)
    with pytest.raises(EventNotFound):
        provider.apply(event, PATCH, notify=True)


def test_all_kinds_of_writes_but_proposals_are_offered(desk):
    can = desk.provider().capabilities("primary")
    assert can.writes == frozenset(WriteKind) - {WriteKind.PROPOSE}
    assert can.tells_guests(notify=True)
    assert not can.tells_guests(notify=False)
    assert can.can_see_free_busy
