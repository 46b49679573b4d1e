"""What is sent to Graph for each change, to the letter, and what takes it back."""

import copy
import dataclasses
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from conformance.outlook_backing import ADA, BOB, GRACE, MONDAY, listed, scene
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulators.graph import TEAMS_FORMS, Switches

from agendad.providers.base import Cancel, Decline, Move, Patch, Propose, RestoreTo, Share, Tentative, Undo
from agendad.providers.errors import ChangeRefused
from agendad.providers.graph_events import MARKS_PROPERTY, marks_of, read_event
from agendad.providers.graph_writing import NotOurs, answer_before, harmed, has_lines, shows, write

HOUR = timedelta(hours=1)
AT = {"at": MONDAY}
LATER = datetime(2026, 12, 2, 15, tzinfo=UTC)
CANCEL = Cancel(mark="m", message="No agenda yet", **AT)
DECLINE = Decline(mark="m", attendee=ADA, message="Not this time", **AT)
TENTATIVE = Tentative(mark="m", attendee=ADA, **AT)
PROPOSE = Propose(mark="m", attendee=ADA, slots=((LATER, LATER + HOUR), (LATER + HOUR, LATER + 2 * HOUR)), **AT)
MOVE = Move(mark="m", start=LATER, end=LATER + HOUR, **AT)
MARK = {"singleValueExtendedProperties": [{"id": MARKS_PROPERTY, "value": "m"}]}
LINE = "[agendad] an <agenda> & please"
ESCAPED = "[agendad] an &lt;agenda&gt; &amp; please"


def patch(*lines, marker="[agendad]", **more):
    return Patch(mark="m", marker=marker, lines=lines, **AT, **more)


def utc(hour, day=1):
    return {"dateTime": f"2026-12-0{day}T{hour:02}:00:00.0000000", "timeZone": "UTC"}


def page(content):
    return f"<html>\r\n<head>\r\n<meta charset='utf-8'>\r\n</head>\r\n<body>\r\n{content}</body>\r\n</html>\r\n"


def ours(content="<p>Goals</p>", **fields):
    """Grace's own event, in her calendar."""
    return {
        "@odata.etag": 'W/"1"',
        "id": "abc",
        "type": "singleInstance",
        "subject": "Mentoring",
        "isOrganizer": True,
        "start": utc(15),
        "end": utc(16),
        "originalStartTimeZone": "Eastern Standard Time",
        "originalEndTimeZone": "Eastern Standard Time",
        "body": {"contentType": "html", "content": page(content)},
        "categories": [],
        "responseStatus": {"response": "organizer"},
        "attendees": [],
    } | fields


def hers(answer="accepted", **fields):
    """The same in Ada's calendar."""
    return ours(isOrganizer=False, responseStatus={"response": answer}, allowNewTimeProposals=True) | fields


def after(told, written):
    """The event once Graph has done it."""
    told = copy.deepcopy(told)
    if written.action == "cancel":
        return told | {"isCancelled": True}
    if written.action:
        return told | {"responseStatus": {"response": written.after["answer"]}}
    return told | copy.deepcopy(written.body)


def undo(written):
    return RestoreTo(undo=written.undo)


# the body of each change


@pytest.mark.parametrize(
    ("change", "action", "body"),
    [
        (CANCEL, "cancel", {"comment": "No agenda yet"}),
        (Cancel(mark="m", **AT), "cancel", {"comment": ""}),
    ],
)
def test_cancellation_is_an_action_with_its_words(change, action, body):
    written = write(ours(), change)
    assert (written.action, written.body, written.undo) == (action, body, None)


@pytest.mark.parametrize(
    ("change", "action", "body"),
    [
        (DECLINE, "decline", {"comment": "Not this time", "sendResponse": True}),
        (TENTATIVE, "tentativelyAccept", {"comment": "", "sendResponse": True}),
        (
            PROPOSE,
            "tentativelyAccept",
            {
                "comment": "",
                "sendResponse": True,
                "proposedNewTime": {
                    "start": {"dateTime": "2026-12-02T15:00:00", "timeZone": "UTC"},
                    "end": {"dateTime": "2026-12-02T16:00:00", "timeZone": "UTC"},
                },
            },
        ),
    ],
)
def test_answer_is_an_action_with_its_words_and_the_best_slot(change, action, body):
    written = write(hers(), change)
    assert (written.action, written.body) == (action, body)
    assert answer_before(written.undo) == "accepted"


@pytest.mark.parametrize(
    ("before", "after_it"),
    [
        ("", f"<p>{ESCAPED}</p>"),
        ("<p>Goals</p>\r\n", f"<p>Goals</p>\r\n<p>{ESCAPED}</p>"),
        ("<p>Goals</p><p>[agendad] old</p>", f"<p>Goals</p><p>{ESCAPED}</p>"),
    ],
)
def test_lines_are_put_into_the_markup(before, after_it):
    body = write(ours(before), patch(LINE)).body
    assert body == {"body": {"contentType": "html", "content": page(after_it)}} | MARK


@pytest.mark.parametrize("change", [patch(), patch(release="x"), patch(hold="y")])
def test_patch_that_changes_nothing_leaves_only_its_mark(change):
    assert write(ours(categories=["y"]), change).body == MARK
    assert write(ours(categories=["y"]), change).without_marks == {}


def test_body_that_came_as_text_is_written_as_text():
    told = ours(body={"contentType": "text", "content": "Goals\r\n[agendad] old\r\n1 < 2"})
    assert write(told, patch(LINE)).body["body"] == {"contentType": "text", "content": f"Goals\n1 < 2\n{LINE}"}
    with pytest.raises(NotOurs, match="markup"):
        write(told | {"isOnlineMeeting": True}, patch(LINE))
    assert write(told | {"isOnlineMeeting": True}, patch(hold="x", replace=False)).body == {"categories": ["x"]} | MARK


@pytest.mark.parametrize(
    ("labels", "hold", "release", "expected"),
    [
        ([], "agenda pending", None, ["agenda pending"]),
        (["second"], "agenda pending", None, ["second", "agenda pending"]),
        (["agenda pending", "second"], None, "agenda pending", ["second"]),
        (["one"], "two", "one", ["two"]),
    ],
)
def test_labels_are_categories(labels, hold, release, expected):
    assert write(ours(categories=labels), patch(hold=hold, release=release)).body == {"categories": expected} | MARK


@pytest.mark.parametrize(
    ("zone", "start", "told"),
    [
        ("Eastern Standard Time", "2026-12-02T10:00:00", "Eastern Standard Time"),
        ("America/New_York", "2026-12-02T10:00:00", "America/New_York"),
        ("Nepal Standard Time", "2026-12-02T20:45:00", "Nepal Standard Time"),
        ("UTC", "2026-12-02T15:00:00", "UTC"),
        ("tzone://Microsoft/Custom", "2026-12-02T15:00:00", "UTC"),
        ("Mars/Olympus", "2026-12-02T15:00:00", "UTC"),
        ("", "2026-12-02T15:00:00", "UTC"),
        (None, "2026-12-02T15:00:00", "UTC"),
        (5, "2026-12-02T15:00:00", "UTC"),
    ],
)
def test_move_stays_in_the_zone_that_the_meeting_was_made_in(zone, start, told):
    body = write(ours(originalStartTimeZone=zone, originalEndTimeZone=zone), MOVE).body
    assert body["start"] == {"dateTime": start, "timeZone": told}
    assert body["end"]["timeZone"] == told
    assert body.keys() == {"start", "end", "singleValueExtendedProperties"}


def test_move_says_why_in_the_body_where_that_does_no_harm():
    told = replace(MOVE, marker="[agendad]", lines=("[agendad] Moved, as it was late for you.",))
    body = write(ours(), told).body["body"]["content"]
    assert "<p>Goals</p>" in body
    assert "[agendad] Moved, as it was late for you." in body
    plain = ours(body={"contentType": "text", "content": "Goals"}, isOnlineMeeting=True)
    assert "body" not in write(plain, told).body, "its online meeting depends on markup that was not told"


def test_move_to_an_hour_that_a_zone_has_twice_names_the_instant():
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # 01:30 EST, an hour after 01:30 EDT
    body = write(ours(), Move(mark="m", start=second, end=second + HOUR, **AT)).body
    assert body["start"] == {"dateTime": "2026-11-01T06:30:00", "timeZone": "UTC"}
    assert body["end"] == {"dateTime": "2026-11-01T02:30:00", "timeZone": "Eastern Standard Time"}


@pytest.mark.parametrize("change", [CANCEL, patch("x"), MOVE, Share(mark="m", **AT)], ids=lambda change: change.kind)
def test_copy_of_somebody_elses_event_is_not_written(change):
    with pytest.raises(NotOurs, match="organized elsewhere"):
        write(hers(), change)


def test_what_outlook_has_no_way_for_is_refused():
    with pytest.raises(NotOurs, match="guests change"):
        write(ours(), Share(mark="m", **AT))
    with pytest.raises(NotOurs, match="no proposals"):
        write(hers(allowNewTimeProposals=False), PROPOSE)
    for change in (DECLINE, TENTATIVE, PROPOSE):
        with pytest.raises(NotOurs, match="organizer has no answer"):
            write(ours(), change)


# marks


def test_marks_of_others_stay_and_the_oldest_go_where_there_is_no_room():
    held = [{"id": MARKS_PROPERTY, "value": "a b"}]
    written = write(ours(singleValueExtendedProperties=held), patch("x"))
    assert marks_of(after(ours(), written)) == ("a", "b", "m")
    back = write(after(ours(), written), undo(written))
    assert marks_of(after(ours(), back)) == ("a", "b")
    many = [f"{number:020}@installation" for number in range(40)]
    held = [{"id": MARKS_PROPERTY, "value": " ".join(many)}]
    (told,) = write(ours(singleValueExtendedProperties=held), patch("x")).body["singleValueExtendedProperties"]
    assert 1000 - 40 < len(told["value"]) <= 1000
    assert told["value"].endswith(f"{many[-1]} m")


# taking back


@pytest.mark.parametrize(
    ("told", "change", "body"),
    [
        (ours(), patch(LINE), {"body": {"contentType": "html", "content": page("<p>Goals</p>")}}),
        (ours(categories=["x"]), patch(hold="y"), {"categories": ["x"]}),
        (
            ours(),
            MOVE,
            {
                "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "Eastern Standard Time"},
                "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "Eastern Standard Time"},
            },
        ),
    ],
)
def test_undo_sets_back_what_was_set_and_nothing_else(told, change, body):
    written = write(told, change)
    back = write(after(told, written), undo(written))
    assert back.body == body | {"singleValueExtendedProperties": [{"id": MARKS_PROPERTY, "value": ""}]}
    assert back.undo is None
    assert json.loads(written.undo.snapshot).keys() == {"version", "before", "after"}
    assert write(told, undo(written)).body == {}


@pytest.mark.parametrize(
    "rewritten",
    [
        page(f"<p>Goals</p><p>{ESCAPED}</p>").replace("\r\n", "\n"),
        page(f'<P class="x">Goals</P>\n<div><p style="margin:0">{ESCAPED}</p></div>'),
        page(f"<p>Goals</p><p>{ESCAPED.replace(' please', chr(10) + 'please')}</p>"),
        page(f"<!-- converted --><style>p {{}}</style><p>Goals</p><p>{ESCAPED}</p>"),
    ],
)
def test_markup_that_exchange_writes_its_own_way_is_still_ours(rewritten):
    written = write(ours(), patch(LINE))
    now = after(ours(), written) | {"body": {"contentType": "html", "content": rewritten}}
    assert shows(now, written)
    assert write(now, undo(written)).body["body"]["content"] == page("<p>Goals</p>")
    event = read_event(now, account="a", calendar="c", me=())
    assert has_lines(event, patch(LINE))


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"body": {"contentType": "html", "content": page(f"<p>All new</p><p>{ESCAPED}</p>")}},
        {
            "body": {
                "contentType": "html",
                "content": page(f'<p><a href="https://x.example">Goals</a></p><p>{ESCAPED}</p>'),
            }
        },
    ],
)
def test_undo_keeps_what_somebody_set_since(meanwhile):
    written = write(ours(), patch(LINE))
    body = write(after(ours(), written) | meanwhile, undo(written)).body
    assert body.keys() == {"singleValueExtendedProperties"}


def test_undo_of_a_move_that_somebody_moved_again_leaves_the_time():
    written = write(ours(), MOVE)
    now = after(ours(), written) | {"start": utc(9, 3), "end": utc(10, 3)}
    assert write(now, undo(written)).body.keys() == {"singleValueExtendedProperties"}
    same = after(ours(), written) | {"start": utc(15, 2), "end": utc(16, 2)}  # as Graph tells it, in UTC
    assert "start" in write(same, undo(written)).body


def test_undo_of_labels_keeps_those_of_others():
    written = write(ours(categories=["first"]), patch(hold="ours", release="first"))
    now = after(ours(), written)
    now["categories"] = [*now["categories"], "later"]
    assert write(now, undo(written)).body["categories"] == ["later", "first"]


@pytest.mark.parametrize(
    ("before", "action"),
    [("accepted", "accept"), ("tentativelyAccepted", "tentativelyAccept"), ("declined", "decline")],
)
def test_answer_that_was_given_before_is_given_again(before, action):
    change = TENTATIVE if before != "tentativelyAccepted" else DECLINE
    written = write(hers(before), change)
    back = write(after(hers(), written), undo(written))
    assert (back.action, back.body, back.undo) == (action, {"comment": "", "sendResponse": True}, None)
    assert shows(after(hers(), back), back)


@pytest.mark.parametrize("before", ["none", "notResponded", None])
def test_answer_cannot_become_none_again(before):
    written = write(hers(before), DECLINE)
    with pytest.raises(ChangeRefused, match="none at all") as refusal:
        write(after(hers(), written), undo(written))
    assert refusal.value.not_done
    assert refusal.value.next_step


def test_undo_of_an_answer_that_was_changed_by_hand_keeps_it():
    written = write(hers(), DECLINE)
    assert write(hers("tentativelyAccepted"), undo(written)).body == {}
    assert write(hers("tentativelyAccepted"), undo(written)).action == ""


def test_undo_on_a_copy_that_is_organized_by_somebody_else_now_is_refused():
    for told, other, change in ((ours(), hers(), patch("x")), (ours(), hers(), MOVE), (hers(), ours(), DECLINE)):
        with pytest.raises(NotOurs, match="organized elsewhere now"):
            write(other, undo(write(told, change)))


@pytest.mark.parametrize(
    "snapshot",
    [
        "",
        "garbage",
        "null",
        "[]",
        "5",
        "{}",
        '{"version": 2, "before": {}, "after": {}}',
        '{"version": 1, "before": {}, "after": {}}',
        '{"version": 1, "before": {"html": "x"}, "after": {}}',
        '{"version": 1, "before": [], "after": []}',
        '{"version": 1, "before": {"a": 1}, "after": null}',
        "[" * 100_000,
    ],
    ids=range(12),
)
def test_undo_of_something_else_is_refused(snapshot):
    with pytest.raises(ChangeRefused, match="not of this version") as refusal:
        write(ours(), RestoreTo(undo=Undo(snapshot=snapshot)))
    assert refusal.value.not_done
    assert refusal.value.next_step


# is it there?


def test_write_is_recognized_by_what_it_set():
    for told, change in ((ours(), CANCEL), (ours(), MOVE), (ours(), patch("x")), (hers(), DECLINE), (hers(), PROPOSE)):
        written = write(told, change)
        assert shows(after(told, written), written)
        assert not shows(told, written)
        assert shows(None, written) is (written.action in ("cancel", "decline"))


@pytest.mark.parametrize(
    ("change", "html", "categories", "there"),
    [
        (patch("[agendad] x"), "<p>[agendad] x</p>", (), True),
        (patch("[agendad] a & b"), "<p>[agendad] a &amp;\r\n b</p>", (), True),
        (patch("[agendad] x"), "<p>x</p>", (), False),
        (patch(), "<p>Goals</p>", (), True),
        (patch(), "<p>[agendad] x</p>", (), False),
        (patch(hold="h"), "", ("h",), True),
        (patch(hold="h"), "", (), False),
        (patch(release="h"), "", ("h",), False),
        (patch(release="h"), "", (), True),
    ],
)
def test_patch_is_recognized_by_its_lines_and_labels(change, html, categories, there):
    event = read_event(ours(html, categories=list(categories)), account="a", calendar="c", me=())
    assert has_lines(event, change) is there


@pytest.mark.parametrize(
    ("before", "now", "lost"),
    [
        ({}, {}, False),
        ({"isOnlineMeeting": True, "onlineMeeting": {"joinUrl": "x"}}, {"isOnlineMeeting": False}, True),
        (
            {"isOnlineMeeting": True, "onlineMeeting": {"joinUrl": "x"}},
            {"isOnlineMeeting": True, "onlineMeeting": None},
            True,
        ),
        (
            {"isOnlineMeeting": True, "onlineMeeting": {"joinUrl": "x"}},
            {"isOnlineMeeting": True, "onlineMeeting": {"joinUrl": "x", "conferenceId": "1"}},
            False,
        ),
        ({"isOnlineMeeting": True}, {"isOnlineMeeting": True}, False),
        ({"isOnlineMeeting": False}, {"isOnlineMeeting": True}, False),
    ],
)
def test_online_meeting_is_harmed_where_it_cannot_be_joined_any_more(before, now, lost):
    assert harmed(before, now) is lost


# there and back again, at the simulator

CHANGES = st.sampled_from(["patch", "more lines", "clear", "hold", "release", "move"])
UNDONE = "undo"
BODIES = ["", "<p>Goals</p>", "<b>Goals</b><br>Feedback [agendad] mine", "<ul><li>A &amp; B</li></ul>"]


def change_named(name, number, start=MONDAY):
    common = {"mark": f"mark-{number}", "at": MONDAY}
    later = start + timedelta(hours=number + 1)
    return {
        "patch": lambda: Patch(marker="[agendad]", lines=(f"[agendad] line <{number}>",), **common),
        "more lines": lambda: Patch(marker="[agendad]", lines=("Agenda:", f"- {number}"), replace=False, **common),
        "clear": lambda: Patch(marker="[agendad]", **common),
        "hold": lambda: Patch(marker="[agendad] label", hold=f"label {number % 2}", **common),
        "release": lambda: Patch(marker="[agendad] label", release="label 0", **common),
        "move": lambda: Move(start=later, end=later + HOUR, **common),
        "decline": lambda: Decline(attendee=ADA, message=f"No {number}", **common),
        "tentative": lambda: Tentative(attendee=ADA, message="Perhaps", **common),
    }[name]()


def without_traces(told):
    """An event without what counts its changes, and without answers, which a move takes back for good."""
    counting = ("@odata.etag", "@odata.context", "changeKey", "lastModifiedDateTime", "attendees", "type")
    return {name: value for name, value in told.items() if name not in (*counting, "originalStart")}


def wander(provider, id_, steps):
    """Make changes and take the last one back, as told; in the end all are taken back."""
    event, done = listed(provider)[id_], []
    begin = event.start.instant

    def take_back(event):
        return provider.apply(event, RestoreTo(undo=done.pop()), notify=True).event

    for number, name in enumerate(steps):
        if name == UNDONE:
            event = take_back(event) if done else event
            continue
        change = change_named(name, number, begin)
        applied = provider.apply(event, change, notify=True)
        assert applied.event == provider.get(applied.event)
        assert provider.shows(applied.event, change)
        event, done = applied.event, [*done, applied.undo] if applied.undo else done
    while done:
        event = take_back(event)
    return event


SWITCHES = st.sampled_from([switches for _, switches in Switches.both_ways()])
PATIENT = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@given(
    steps=st.lists(st.one_of(CHANGES, st.just(UNDONE)), max_size=6),
    switches=SWITCHES,
    content=st.sampled_from(BODIES),
    form=st.sampled_from([None, *TEAMS_FORMS]),
    occurrence=st.booleans(),
)
@PATIENT
def test_event_is_what_it_was_when_all_changes_are_taken_back(steps, switches, content, form, occurrence):
    with scene(dataclasses.replace(switches)) as desk:
        desk.graph.teams_form = form or "2026"
        fields = {"body": {"contentType": "html", "content": content}, "isOnlineMeeting": form is not None}
        id_ = desk.series(**fields) if occurrence else desk.meeting(**fields)
        id_ = desk.occurrence(id_) if occurrence else id_
        before = without_traces(desk.grace.get(id_))
        event = wander(desk.provider(), id_, steps)
        assert without_traces(desk.grace.get(id_)) == before
        assert event.marks == ()


@given(steps=st.lists(st.sampled_from(["tentative", UNDONE]), max_size=5), switches=SWITCHES, occurrence=st.booleans())
@PATIENT
def test_answer_is_what_it_was_when_all_answers_are_taken_back(steps, switches, occurrence):
    with scene(dataclasses.replace(switches)) as desk:
        id_ = desk.hers(desk.series() if occurrence else desk.meeting())
        id_ = desk.occurrence(id_, 1, ADA) if occurrence else id_
        event = wander(desk.provider(person=ADA), id_, steps)
        assert desk.ada.get(id_)["responseStatus"]["response"] == "accepted"
        assert event.attendees[0].partstat == "ACCEPTED"


def test_decline_that_leaves_the_event_can_be_taken_back():
    with scene(Switches(decline_removes=False)) as desk:
        provider, id_ = desk.provider(person=ADA), desk.hers(desk.meeting())
        applied = provider.apply(listed(provider)[id_], DECLINE, notify=True)
        assert applied.event.attendees[0].partstat == "DECLINED"
        back = provider.apply(applied.event, RestoreTo(undo=applied.undo), notify=True)
        assert back.event.attendees[0].partstat == "ACCEPTED"
        assert desk.sent() == [("response", GRACE)] * 2
        assert [one.text.strip() for one in desk.graph.mails] == ["Not this time", ""]


@given(order=st.permutations(["patch", "hold", "move"]))
@settings(max_examples=6, deadline=None)
def test_changes_of_different_things_can_be_taken_back_in_any_order(order):
    with scene() as desk:
        provider, id_ = desk.provider(), desk.meeting()
        before = without_traces(desk.grace.get(id_))
        event, undos = listed(provider)[id_], {}
        for number, name in enumerate(["patch", "hold", "move"]):
            applied = provider.apply(event, change_named(name, number), notify=True)
            event, undos[name] = applied.event, applied.undo
        for name in order:
            event = provider.apply(event, RestoreTo(undo=undos[name]), notify=True).event
        assert without_traces(desk.grace.get(id_)) == before


@pytest.mark.parametrize(
    ("change", "person", "mails"),
    [
        (patch("x"), GRACE, [("update", ADA), ("update", BOB)]),
        (MOVE, GRACE, [("update", ADA), ("update", BOB)]),
        (CANCEL, GRACE, [("cancellation", ADA), ("cancellation", BOB)]),
        (DECLINE, ADA, [("response", GRACE)]),
        (TENTATIVE, ADA, [("response", GRACE)]),
        (PROPOSE, ADA, [("response", GRACE)]),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
@pytest.mark.parametrize("notify", [True, False])
def test_each_guest_is_told_once_by_exchange_whatever_is_asked_for(change, person, mails, notify):
    with scene() as desk:
        id_ = desk.meeting()
        mine = desk.hers(id_) if person == ADA else id_
        provider = desk.provider(person=person)
        provider.apply(listed(provider)[mine], change, notify=notify)
        assert desk.sent() == mails
        assert provider.capabilities("default").tells_guests(notify=notify)
        if change is PROPOSE:
            (mail,) = desk.graph.mails
            assert mail.proposed_new_time["start"]["dateTime"].startswith("2026-12-02T15:00:00")
        if change in (CANCEL, DECLINE):
            assert {one.text.strip() for one in desk.graph.mails} == {change.message}
