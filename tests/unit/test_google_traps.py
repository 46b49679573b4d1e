"""What is easily got wrong with Google Calendar: each trap against the simulator, through Google's own client."""

import dataclasses
import http.server
import json
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest
from conformance.google_backing import ADA, GRACE, HOUR, MONDAY, WINDOW, listed, scene
from simulators.google import Switches

from agendad.providers.base import Cancel, Decline, Move, Patch, RestoreTo, Share, Tentative, Window
from agendad.providers.errors import (
    AccountUnavailable,
    ChangeRefused,
    CursorExpired,
    EventNotFound,
    PreconditionFailed,
    ProviderError,
)
from agendad.providers.google import GoogleProvider
from agendad.providers.google_api import GoogleApi
from agendad.providers.google_signin import bearer
from agendad.providers.model import Partstat, Status, ZoneKind
from agendad.providers.pacing import Pace

BOB = "bob@example.net"
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
AT = {"at": MONDAY - WEEK}
CANCEL = Cancel(mark="m-cancel", message="No agenda yet", **AT)
DECLINE = Decline(mark="m-decline", attendee=ADA, message="Not this time", **AT)
TENTATIVE = Tentative(mark="m-tentative", attendee=ADA, **AT)
PATCH = Patch(mark="m-patch", marker="[agendad]", lines=("[agendad] an agenda, please",), **AT)
MOVE = Move(mark="m-move", start=MONDAY + DAY, end=MONDAY + DAY + HOUR, message="Another day", **AT)
SHARE = Share(mark="m-share", **AT)


@pytest.fixture
def desk():
    with scene() as made:
        yield made


@pytest.fixture(params=Switches.both_ways(), ids=lambda switches: switches[0])
def any_desk(request):
    """With each of the open questions about Google answered either way."""
    with scene(dataclasses.replace(request.param[1])) as made:
        yield made


def read(provider, cursor, window=WINDOW):
    return list(provider.changes("primary", cursor, window))


def told(pages):
    return {event.id for page in pages for event in page.events}


def gone(pages):
    return {id_ for page in pages for id_ in page.removed}


# 1: the token is saved before the last page


@pytest.mark.parametrize("empty_pages", [False, True])
def test_sync_token_comes_with_the_last_page_only(empty_pages):
    with scene(Switches(empty_pages=empty_pages)) as desk:
        provider = desk.provider(page_size=2)
        for _ in range(5):
            desk.meeting()
        for cursor in (None, read(provider, None)[-1].cursor):
            for number in range(5):
                desk.google.as_(GRACE).patch("primary", desk.meeting(), {"summary": str(number)})
            pages = read(provider, cursor)
            assert len(pages) > 3
            assert [page.cursor is not None for page in pages] == [False] * (len(pages) - 1) + [True]


def test_first_pass_whose_later_page_fails_leaves_no_token(desk):
    made = {desk.meeting() for _ in range(5)}
    provider = desk.provider(page_size=2)
    desk.google.faults.add(500, path="/events$", after=2, times=5)
    pages = []
    with pytest.raises(AccountUnavailable):
        pages.extend(provider.changes("primary", None, WINDOW))
    assert [page.cursor for page in pages] == [None, None]
    assert told(read(provider, None)) == made


def test_increment_whose_later_page_fails_is_read_again_whole(desk):
    provider = desk.provider(page_size=2)
    cursor = read(provider, None)[-1].cursor
    made = {desk.meeting() for _ in range(5)}
    desk.google.faults.add(503, path="/events$", after=1, times=5)
    with pytest.raises(AccountUnavailable):
        read(provider, cursor)
    assert told(read(provider, cursor)) == made


def test_increment_whose_instances_fail_is_read_again_whole(desk):
    provider = desk.provider()
    cursor = read(provider, None)[-1].cursor
    desk.series()
    desk.google.faults.add(503, path="/instances$", times=5)
    with pytest.raises(AccountUnavailable):
        read(provider, cursor)
    assert len(told(read(provider, cursor))) == 4


def test_page_token_that_is_not_known_any_more_starts_anew(desk):
    for _ in range(5):
        desk.meeting()
    provider = desk.provider(page_size=2)
    desk.google.faults.add(400, reason="invalid", path="/events$", after=1)
    with pytest.raises(CursorExpired):
        read(provider, None)


# 2: a sliding timeMin beside a syncToken

_OF_ONE_REQUEST = {"timeMin", "timeMax", "syncToken", "pageToken", "alt"}


def test_increment_has_no_window_and_otherwise_the_parameters_of_the_first_listing(desk):
    provider = desk.provider(page_size=2)
    for _ in range(3):
        desk.meeting()
    cursor = read(provider, None)[-1].cursor
    for hour in range(1, 4):
        for _ in range(3):
            desk.meeting()
        moved = Window(WINDOW.start + hour * HOUR, WINDOW.end - hour * HOUR)
        cursor = read(provider, cursor, moved)[-1].cursor
    first, *increments = [one.query for one in desk.asked(path="/events")]
    increments = [query for query in increments if "syncToken" in query]
    assert set(first) > {"timeMin", "timeMax"}
    assert len(increments) == 6
    for query in increments:
        assert not {"timeMin", "timeMax", "updatedMin", "q", "orderBy", "iCalUID", "showDeleted"} & set(query)
        kept = {name: value for name, value in query.items() if name not in _OF_ONE_REQUEST}
        assert kept == {name: value for name, value in first.items() if name not in _OF_ONE_REQUEST}
    assert kept == {"singleEvents": ["true"], "maxResults": ["2"]}


# 3: nextSyncToken is not always there


def test_listing_without_a_sync_token_is_made_anew_each_time():
    with scene(Switches(sync_token_missing=True)) as desk:
        provider = desk.provider()
        first, second = desk.meeting(), desk.meeting()
        cursor = read(provider, None)[-1].cursor
        assert cursor
        desk.google.as_(GRACE).delete("primary", first)
        pages = read(provider, cursor)
        assert pages[0].full
        assert told(pages) == {second}
        assert pages[-1].cursor
        assert not [one for one in desk.asked() if "syncToken" in one.query]


# 4: what is cancelled has no start


def test_cancelled_items_are_told_by_their_id_alone(any_desk):
    desk = any_desk
    provider = desk.provider()
    single, weekly = desk.meeting(), desk.series()
    cursor = read(provider, None)[-1].cursor
    grace = desk.google.as_(GRACE)
    grace.delete("primary", single)
    grace.delete("primary", f"{weekly}_20260608T150000Z")
    pages = read(provider, cursor)
    if desk.google.switches.sync_token_missing:
        assert told(pages) == {f"{weekly}_202606{day}T150000Z" for day in ("01", "15", "22")}
    else:
        assert gone(pages) == {single, f"{weekly}_20260608T150000Z"}
        assert told(pages) == set()
    assert not [problem for page in pages for problem in page.problems]


def test_cancelled_event_that_is_read_afresh_needs_no_start(any_desk):
    desk = any_desk
    provider = desk.provider()
    single, weekly = desk.meeting(), desk.series()
    events = listed(provider)
    for id_ in (single, f"{weekly}_20260608T150000Z"):
        desk.google.as_(GRACE).delete("primary", id_)
        if desk.google.switches.get_of_cancelled == "gone":
            with pytest.raises(EventNotFound):
                provider.get(events[id_])
            continue
        found = provider.get(events[id_])
        assert found.status is Status.CANCELLED
        assert found.etag != events[id_].etag
        assert found.start == events[id_].start
        with pytest.raises(PreconditionFailed):
            provider.apply(events[id_], PATCH, notify=True)
        with pytest.raises(ChangeRefused):
            provider.apply(found, PATCH, notify=True)
    assert desk.asked("PATCH") == []


@pytest.mark.parametrize("get_of_cancelled", ["full", "minimal"])
def test_undo_of_a_change_to_what_was_cancelled_since_needs_no_start(get_of_cancelled):
    with scene(Switches(get_of_cancelled=get_of_cancelled)) as desk:
        provider = desk.provider()
        id_ = desk.meeting()
        moved = provider.apply(listed(provider)[id_], MOVE, notify=True)
        desk.google.as_(GRACE).delete("primary", id_)
        cancelled = provider.get(moved.event)
        undo = RestoreTo(undo=moved.undo)
        if get_of_cancelled == "minimal":
            with pytest.raises(ChangeRefused, match="cancelled since"):
                provider.apply(cancelled, undo, notify=True)
        else:
            assert provider.apply(cancelled, undo, notify=True).event.status is Status.CANCELLED


# 5: a 410 is not always a resync


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("fullSyncRequired", CursorExpired),
        ("updatedMinTooLongAgo", CursorExpired),
        ("deleted", AccountUnavailable),
    ],
)
def test_410_to_an_increment(desk, reason, error):
    provider = desk.provider()
    cursor = read(provider, None)[-1].cursor
    desk.google.faults.add(410, reason=reason, path="/events$")
    with pytest.raises(ProviderError) as raised:
        read(provider, cursor)
    assert type(raised.value) is error


@pytest.mark.parametrize("reason", ["fullSyncRequired", "updatedMinTooLongAgo", "deleted"])
def test_410_to_a_first_listing_is_no_reason_to_list_once_more(desk, reason):
    desk.google.faults.add(410, reason=reason, path="/events$")
    with pytest.raises(AccountUnavailable):
        read(desk.provider(), None)
    assert len(desk.asked()) == 1


def test_410_to_a_later_page_is_a_reason_to_start_anew(desk):
    for _ in range(3):
        desk.meeting()
    desk.google.faults.add(410, reason="fullSyncRequired", path="/events$", after=1)
    with pytest.raises(CursorExpired):
        read(desk.provider(page_size=2), None)


def test_410_deleted_to_get_and_patch_means_that_the_event_is_gone(desk):
    provider = desk.provider()
    id_ = desk.meeting()
    event = listed(provider)[id_]
    desk.google.faults.add(410, reason="deleted", method="GET")
    with pytest.raises(EventNotFound):
        provider.get(event)
    desk.google.faults.add(410, reason="deleted", method="PATCH")
    with pytest.raises(EventNotFound):
        provider.apply(event, PATCH, notify=True)
    assert desk.google.as_(GRACE).get("primary", id_)["description"] == "Talk about the talk"


def test_expired_token_is_followed_by_one_full_listing(desk):
    provider = desk.provider()
    id_ = desk.meeting()
    cursor = read(provider, None)[-1].cursor
    desk.google.expire_sync_tokens()
    with pytest.raises(CursorExpired):
        read(provider, cursor)
    pages = read(provider, None)
    assert pages[0].full
    assert told(pages) == {id_}
    assert told(read(provider, pages[-1].cursor)) == set()


def test_calendar_that_is_gone_is_no_resync_and_no_empty_calendar(desk):
    desk.google.add_calendar(ADA, "team@group.calendar.google.com")
    desk.google.share("team@group.calendar.google.com", with_=GRACE, role="writer")
    provider = desk.provider("team@group.calendar.google.com")
    cursor = list(provider.changes("team@group.calendar.google.com", None, WINDOW))[-1].cursor
    desk.google.share("team@group.calendar.google.com", with_=GRACE, role=None)
    for known in (cursor, None):
        with pytest.raises(AccountUnavailable, match="no calendar 'team@group"):
            list(provider.changes("team@group.calendar.google.com", known, WINDOW))


# 6: an answer drops the other guests


@pytest.mark.parametrize("change", [DECLINE, TENTATIVE], ids=lambda change: change.kind)
@pytest.mark.parametrize("notify", [True, False])
def test_answer_keeps_the_other_guests(any_desk, change, notify):
    desk = any_desk
    provider = desk.provider(person=ADA)
    for id_ in (desk.meeting(), f"{desk.series()}_20260608T150000Z"):
        applied = provider.apply(listed(provider)[id_], change, notify=notify)
        status = {"decline": "declined", "tentative": "tentative"}[change.kind]
        assert {one.email: one.partstat.lower() for one in applied.event.attendees} == {
            GRACE: "accepted",
            ADA: status,
            BOB: "needs-action",
        }
        for person in (GRACE, ADA, BOB):
            guests = desk.google.as_(person).get("primary", id_)["attendees"]
            assert {one["email"]: one["responseStatus"] for one in guests} == {
                GRACE: "accepted",
                ADA: status,
                BOB: "needsAction",
            }
    for one in desk.asked("PATCH"):
        assert one.body["attendeesOmitted"] is True
        assert [guest["email"] for guest in one.body["attendees"]] == [ADA]


def test_answer_to_a_meeting_with_hidden_guests_keeps_them(desk):
    provider = desk.provider(person=ADA)
    id_ = desk.meeting(guestsCanSeeOtherGuests=False)
    event = listed(provider)[id_]
    assert [one.email for one in event.attendees] == [ADA, ""]
    provider.apply(event, DECLINE, notify=True)
    guests = desk.google.as_(GRACE).get("primary", id_)["attendees"]
    assert {one["email"]: one["responseStatus"] for one in guests} == {
        GRACE: "accepted",
        ADA: "declined",
        BOB: "needsAction",
    }


# 7, 9, 10: what requests are made of


def everything(desk):
    """Each thing that the provider does, once."""
    mine, hers = desk.provider(), desk.provider(person=ADA)
    for change in (PATCH, MOVE, SHARE, CANCEL):
        id_ = desk.meeting()
        applied = mine.apply(listed(mine)[id_], change, notify=True)
        if change is not CANCEL or desk.google.switches.get_of_cancelled != "gone":
            mine.apply(applied.event, RestoreTo(undo=applied.undo), notify=False)
    for change in (DECLINE, TENTATIVE):
        id_ = desk.meeting()
        applied = hers.apply(listed(hers)[id_], change, notify=True)
        hers.apply(applied.event, RestoreTo(undo=applied.undo), notify=False)
    cursor = read(mine, None)[-1].cursor
    desk.series()
    read(mine, cursor)
    mine.free_busy([ADA, BOB], WINDOW)


def test_events_are_patched_and_never_put_deleted_or_made(any_desk):
    everything(any_desk)
    made = {(one.method, one.path.rpartition("/")[2]) for one in any_desk.asked() if one.method != "GET"}
    assert {method for method, _ in made} == {"PATCH", "POST"}
    assert {path for method, path in made if method == "POST"} == {"freeBusy"}


def test_every_write_says_who_is_told_and_holds_an_etag(any_desk):
    everything(any_desk)
    writes = any_desk.asked("PATCH")
    assert len(writes) >= 11
    for one in writes:
        assert one.query["sendUpdates"] in (["all"], ["none"])
        assert one.headers["if-match"]
        assert not one.query.keys() - {"sendUpdates", "alt"}


@pytest.mark.parametrize(
    ("change", "person", "notified", "unnotified"),
    [
        (PATCH, GRACE, [("update", ADA), ("update", BOB)], []),
        (MOVE, GRACE, [("update", ADA), ("update", BOB)], []),
        (CANCEL, GRACE, [("cancellation", ADA), ("cancellation", BOB)], []),
        (SHARE, GRACE, [], []),
        (DECLINE, ADA, [("response", GRACE)], []),
        (TENTATIVE, ADA, [("response", GRACE)], []),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_each_guest_is_told_once_and_only_where_that_was_asked_for(desk, change, person, notified, unnotified):
    provider = desk.provider(person=person)
    for notify, expected in ((True, notified), (False, unnotified)):
        id_ = desk.meeting()
        desk.google.mails.clear()
        provider.apply(listed(provider)[id_], change, notify=notify)
        assert desk.sent() == expected


def test_change_that_no_guest_sees_is_not_told(desk):
    provider = desk.provider()
    id_ = desk.meeting()
    hold = Patch(mark="m", marker="[agendad]", hold="agenda pending", **AT)
    event = provider.apply(listed(provider)[id_], hold, notify=True).event
    assert event.categories == ("agenda pending",)
    assert [one.query["sendUpdates"] for one in desk.asked("PATCH")] == [["none"]]


def test_nothing_is_sent_anywhere_but_to_the_address_of_the_api(desk, monkeypatch):
    reached, connect = set(), socket.socket.connect
    monkeypatch.setattr(
        socket.socket, "connect", lambda self, address: (reached.add(address), connect(self, address))[1]
    )
    everything(desk)
    assert reached == {("127.0.0.1", int(desk.google.root.rpartition(":")[2]))}
    assert not [one for one in desk.asked() if "batch" in one.path]
    assert all(one.path.startswith("/calendar/v3/") for one in desk.asked())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirection_is_not_followed(desk, status):
    met = []

    class Portal(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            met.append(self.path)
            self.send_response(status)
            self.send_header("Location", f"{desk.google.root}/sign-in")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_PATCH = do_GET  # noqa: N815

        def log_message(self, *args):
            pass

    id_ = desk.meeting()
    event = listed(desk.provider())[id_]
    seen = len(desk.asked())
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Portal) as portal:
        thread = threading.Thread(target=portal.serve_forever, args=(0.01,))
        thread.start()
        root = f"http://127.0.0.1:{portal.server_address[1]}/calendar/v3"
        provider = _provider_at(root, desk)
        with pytest.raises(AccountUnavailable):
            provider.get(event)
        with pytest.raises(AccountUnavailable):
            read(provider, None)
        provider.close()
        portal.shutdown()
        thread.join()
    assert met
    assert len(desk.asked()) == seen


def _provider_at(root, desk):
    api = GoogleApi(
        "work",
        root,
        credentials=lambda: bearer("token"),
        why_refused=lambda error: error,
        now=lambda: desk.google.now,
        pace=Pace(service="Google", sleep=desk.waits.sleep, clock=lambda: desk.waits.now),
    )
    return GoogleProvider("work", ["primary"], api)


# 8: a copy that is not ours is edited


@pytest.mark.parametrize("change", [CANCEL, PATCH, MOVE, SHARE], ids=lambda change: change.kind)
@pytest.mark.parametrize("locked_copies", [False, True])
def test_copy_that_somebody_else_organizes_is_not_edited(change, locked_copies):
    with scene(Switches(locked_copies=locked_copies)) as desk:
        provider = desk.provider(person=ADA)
        intended = []
        for id_ in (desk.meeting(), desk.meeting(guestsCanModify=True), f"{desk.series()}_20260608T150000Z"):
            before = desk.google.as_(ADA).get("primary", id_)
            with pytest.raises(ChangeRefused) as refusal:
                provider.apply(listed(provider)[id_], change, notify=True, before_writing=intended.append)
            assert refusal.value.not_done
            assert refusal.value.next_step
            assert desk.google.as_(ADA).get("primary", id_) == before
        assert desk.asked("PATCH") == []
        assert (intended, desk.sent()) == ([], [])


def test_invitation_from_outside_is_not_edited_and_can_be_answered(desk):
    guests = [{"email": GRACE, "responseStatus": "needsAction"}, {"email": "eve@example.edu"}]
    times = {
        side: {"dateTime": (MONDAY + hours * HOUR).isoformat(), "timeZone": "Europe/Paris"}
        for side, hours in (("start", 0), ("end", 1))
    }
    id_ = desk.google.deliver_invitation(GRACE, "eve@example.edu", {"summary": "Chat", "attendees": guests, **times})[
        "id"
    ]
    provider = desk.provider()
    event = listed(provider)[id_]
    assert event.organizer.email == "eve@example.edu"
    for change in (CANCEL, PATCH, MOVE, SHARE):
        with pytest.raises(ChangeRefused):
            provider.apply(event, change, notify=True)
    answered = provider.apply(event, dataclasses.replace(DECLINE, attendee=GRACE), notify=True).event
    assert [one.partstat for one in answered.attendees] == [Partstat.DECLINED, Partstat.NEEDS_ACTION]
    assert desk.sent() == [("response", "eve@example.edu")]


def test_answer_for_somebody_else_is_refused(desk):
    provider = desk.provider()
    id_ = desk.meeting()
    with pytest.raises(ChangeRefused, match=f"not the one of {ADA}"):
        provider.apply(listed(provider)[id_], DECLINE, notify=True)
    assert desk.asked("PATCH") == []


def test_undo_on_a_copy_that_is_organized_elsewhere_now_is_refused(desk):
    provider = desk.provider()
    id_ = desk.meeting()
    applied = provider.apply(listed(provider)[id_], PATCH, notify=False)
    stored = desk.google._store.calendar(GRACE).events[id_]
    stored.fields["organizer"] = {"email": ADA}
    with pytest.raises(ChangeRefused, match="organized elsewhere now"):
        provider.apply(provider.get(applied.event), RestoreTo(undo=applied.undo), notify=False)
    assert len(desk.asked("PATCH")) == 1


# 14: naive times and zones that nobody knows


@pytest.mark.parametrize(
    ("start", "kind", "instant", "tzid"),
    [
        (("2026-06-01T15:00:00Z", "Mars/Olympus"), ZoneKind.UTC, MONDAY, "Mars/Olympus"),
        (("2026-06-01T17:00:00+02:00", "tzone://Microsoft/Custom"), ZoneKind.UTC, MONDAY, "tzone://Microsoft/Custom"),
        (("2026-06-01T11:00:00-04:00", "Eastern Standard Time"), ZoneKind.IANA, MONDAY, "Eastern Standard Time"),
        (("2026-06-01T15:00:00", "Mars/Olympus"), ZoneKind.UNKNOWN, None, "Mars/Olympus"),
        (("2026-06-01T15:00:00", None), ZoneKind.FLOATING, None, None),
        (("2026-06-01T11:00:00", "America/New_York"), ZoneKind.IANA, MONDAY, "America/New_York"),
    ],
)
def test_time_without_an_offset_or_a_known_zone_is_never_guessed(desk, start, kind, instant, tzid):
    provider = desk.provider()
    id_ = desk.meeting()
    event = listed(provider)[id_]
    moment, zone = start
    told = {"dateTime": moment} | ({"timeZone": zone} if zone else {})
    resource = desk.google.as_(GRACE).get("primary", id_) | {"start": told}
    desk.google.faults.add("garbage", method="GET", body=json.dumps(resource), times=2)
    found = provider.get(event)
    assert (found.start.kind, found.start.instant, found.start.tzid) == (kind, instant, tzid)
    if instant is None:
        with pytest.raises(ChangeRefused, match="no certain time"):
            provider.apply(event, MOVE, notify=True)
    assert desk.asked("PATCH") == []
    desk.google.faults.clear()


def test_every_instant_that_is_sent_has_an_offset(desk):
    provider = desk.provider()
    id_ = desk.meeting()
    provider.apply(listed(provider)[id_], MOVE, notify=True)
    provider.free_busy([ADA], WINDOW)
    (first,) = desk.asked(path="/events")[:1]
    assert (first.query["timeMin"], first.query["timeMax"]) == (["2026-05-25T15:00:00Z"], ["2026-07-31T15:00:00Z"])
    (write,) = desk.asked("PATCH")
    for side in ("start", "end"):
        assert datetime.fromisoformat(write.body[side]["dateTime"]).tzinfo is not None
        assert write.body[side]["timeZone"] == "America/New_York"
    (query,) = desk.asked("POST")
    for name in ("timeMin", "timeMax"):
        assert datetime.fromisoformat(query.body[name]).utcoffset() is not None


def test_every_instant_that_is_told_is_aware(desk):
    provider = desk.provider()
    desk.series()
    for event in listed(provider).values():
        for instant in (event.start.instant, event.end.instant, event.created, event.modified):
            assert instant.tzinfo is UTC
        assert (event.start.zone, event.start.wall.hour) == ("America/New_York", 11)
    desk.google.share(ADA, with_=GRACE, role="freeBusyReader")
    first, *_ = provider.free_busy([ADA], WINDOW)[ADA]
    assert first == (MONDAY, MONDAY + HOUR)
    assert [instant.tzinfo for instant in first] == [UTC, UTC]
