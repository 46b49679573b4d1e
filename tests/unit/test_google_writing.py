"""What is sent to Google for each change, to the letter, and what takes it back."""

import copy
import dataclasses
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from conformance.google_backing import ADA, GRACE, MONDAY, listed, scene
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulators.google import Switches
from simulators.google.bodies import merged

from agendad.providers.base import Cancel, Decline, Move, Patch, Propose, RestoreTo, Share, Tentative, Undo
from agendad.providers.errors import ChangeRefused
from agendad.providers.google_events import labels_of, marks_of
from agendad.providers.google_writing import NotOurs, shows, without_properties, write

BOB = "bob@example.net"
HOUR = timedelta(hours=1)
AT = {"at": MONDAY}
CANCEL = Cancel(mark="m", **AT)
DECLINE = Decline(mark="m", attendee=ADA, message="Not this time", **AT)
MOVE = Move(mark="m", start=datetime(2026, 12, 2, 15, tzinfo=UTC), end=datetime(2026, 12, 2, 16, tzinfo=UTC), **AT)
SHARE = Share(mark="m", **AT)
SHARED_MARK = {"extendedProperties": {"shared": {"agendadMarks": "m"}}}
PRIVATE_MARK = {"extendedProperties": {"private": {"agendadMarks": "m"}}}
NEW_TIME = {
    "start": {"dateTime": "2026-12-02T10:00:00-05:00", "timeZone": "America/New_York"},
    "end": {"dateTime": "2026-12-02T11:00:00-05:00", "timeZone": "America/New_York"},
}
OLD_TIME = {
    "start": {"dateTime": "2026-12-01T10:00:00-05:00", "timeZone": "America/New_York"},
    "end": {"dateTime": "2026-12-01T11:00:00-05:00", "timeZone": "America/New_York"},
}


def patch(*lines, marker="[agendad]", **more):
    return Patch(mark="m", marker=marker, lines=lines, **AT, **more)


def ours(**fields):
    """Grace's own event, in her calendar."""
    whole = {
        "kind": "calendar#event",
        "id": "abc",
        "etag": '"1"',
        "status": "confirmed",
        "summary": "Mentoring",
        **OLD_TIME,
        "creator": {"email": GRACE, "self": True},
        "organizer": {"email": GRACE, "self": True},
        "attendees": [
            {"email": GRACE, "organizer": True, "self": True, "responseStatus": "accepted"},
            {"email": ADA, "displayName": "Ada", "responseStatus": "accepted", "comment": "Gladly"},
            {"email": "room@example.org", "resource": True, "responseStatus": "accepted"},
            {"email": BOB, "optional": True, "id": "1", "additionalGuests": 1},
        ],
        "hangoutLink": "https://meet.google.com/abc-defg-hij",
        "conferenceData": {"conferenceId": "abc-defg-hij"},
        "attachments": [{"fileUrl": "https://docs.example/1"}],
        "reminders": {"useDefault": True},
        "extendedProperties": {"private": {"theirs": "1"}, "shared": {"also": "theirs"}},
    } | fields
    return {name: value for name, value in whole.items() if value is not None}


def hers(**fields):
    """The same in Ada's calendar."""
    told = ours(organizer={"email": GRACE}, creator={"email": GRACE})
    del told["attendees"][0]["self"]
    told["attendees"][1]["self"] = True
    return {name: value for name, value in (told | fields).items() if value is not None}


def own(told):
    return next(one for one in told["attendees"] if one.get("self"))


def after(told, written):
    """The event once Google has taken a body."""
    body = copy.deepcopy(written.body)
    if body.pop("attendeesOmitted", False):
        answer = body.pop("attendees")[0]
        told = copy.deepcopy(told)
        own(told).update(answer)
    elif "attendees" in body:
        flags = {one["email"]: {k: one[k] for k in ("self", "organizer") if k in one} for one in told["attendees"]}
        body["attendees"] = [one | flags[one["email"]] for one in body["attendees"]]
    return merged(told, body)


def undo(written):
    return RestoreTo(undo=written.undo)


# the body of each change


def test_cancellation_without_words():
    assert write(ours(), CANCEL).body == {"status": "cancelled"} | SHARED_MARK


@pytest.mark.parametrize(
    ("description", "message", "expected"),
    [
        (None, "No agenda <yet> & so on", "No agenda <yet> & so on"),
        ("", "Line one\nLine two\n", "Line one\nLine two"),
        ("Goals\nFeedback", "No agenda <yet>", "No agenda <yet>\n\nGoals\nFeedback"),
        ("<p>Goals</p>", "No agenda <yet>\n& so on", "No agenda &lt;yet&gt;<br>&amp; so on<br><br><p>Goals</p>"),
        ("Goals<br>Feedback", " No agenda ", "No agenda<br><br>Goals<br>Feedback"),
        ("<b>Goals</b>\nA & B", "One <1>\nTwo", "One &lt;1&gt;\nTwo\n\n<b>Goals</b>\nA & B"),
        ("<b>Goals</b>", "One\nTwo", "One<br>Two<br><br><b>Goals</b>"),
        # as far as there is room
        ("x" * 9000, "No agenda", "No agenda\n\n" + "x" * 8181),
        ("<br>" + "x" * 8180, "No agenda", "No agenda"),
        ("Goals", "y" * 9000, "y" * 8192),
        ("<br>", "y" * 9000, "y" * 8192),
    ],
    ids=lambda value: None if value is None else value[:20],
)
def test_words_of_a_cancellation_stand_above_the_description(description, message, expected):
    body = write(ours(description=description), Cancel(mark="m", message=message, **AT)).body
    assert body == {"status": "cancelled", "description": expected} | SHARED_MARK


@pytest.mark.parametrize("message", ["", "  ", "\n"])
def test_cancellation_without_words_leaves_the_description(message):
    body = write(ours(description="Goals"), Cancel(mark="m", message=message, **AT)).body
    assert body == {"status": "cancelled"} | SHARED_MARK


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        (DECLINE, {"responseStatus": "declined", "comment": "Not this time"}),
        (Decline(mark="m", attendee=ADA, **AT), {"responseStatus": "declined", "comment": "Gladly"}),
        (
            Tentative(mark="m", attendee="ADA@Example.com", message=" Perhaps\n", **AT),
            {"responseStatus": "tentative", "comment": "Perhaps"},
        ),
    ],
)
def test_answer_names_nobody_else(change, answer):
    body = write(hers(), change).body
    assert body == {"attendeesOmitted": True, "attendees": [{"email": ADA} | answer]} | PRIVATE_MARK


def test_answer_without_words_where_nothing_was_said_has_no_comment():
    told = hers()
    del own(told)["comment"]
    (answer,) = write(told, Tentative(mark="m", attendee=ADA, **AT)).body["attendees"]
    assert answer == {"email": ADA, "responseStatus": "tentative"}


@pytest.mark.parametrize("attendees", [[], None, [{"email": ADA}], [{"email": BOB, "self": True}], [{"self": True}]])
def test_answer_is_given_for_the_guest_whose_copy_it_is(attendees):
    with pytest.raises(NotOurs, match=f"not the one of {ADA}"):
        write(hers(attendees=attendees), DECLINE)


LINE = "[agendad] an <agenda> & please"
ESCAPED = "[agendad] an &lt;agenda&gt; &amp; please"


@pytest.mark.parametrize(
    ("before", "after_it"),
    [
        # plain
        (None, LINE),
        ("", LINE),
        ("Goals\nFeedback", f"Goals\nFeedback\n{LINE}"),
        ("Goals\n", f"Goals\n\n{LINE}"),
        ("Goals\n[agendad] old\nFeedback", f"Goals\nFeedback\n{LINE}"),
        ("[agendad] old", LINE),
        ("Join: https://meet.google.com/abc", f"Join: https://meet.google.com/abc\n{LINE}"),
        # HTML
        ("<p>Goals</p>", f"<p>Goals</p><p>{ESCAPED}</p>"),
        ("Goals<br>Feedback", f"Goals<br>Feedback<p>{ESCAPED}</p>"),
        ("<ul><li>Goals</li></ul>", f"<ul><li>Goals</li></ul><p>{ESCAPED}</p>"),
        ("<html><body><p>Goals</p></body></html>", f"<html><body><p>Goals</p><p>{ESCAPED}</p></body></html>"),
        ("<p>Goals</p><p>[agendad] old</p>", f"<p>Goals</p><p>{ESCAPED}</p>"),
        ("<b>Goals</b>", f"<b>Goals</b><p>{ESCAPED}</p>"),
        ("<b>Goals</b>\n<br>", f"<b>Goals</b>\n<br><p>{ESCAPED}</p>"),
        # lines with a bold word
        ("<b>Goals</b>\nFeedback", f"<b>Goals</b>\nFeedback\n{ESCAPED}"),
        ("<b>Goals</b>\n[agendad] &amp; old\nFeedback", f"<b>Goals</b>\nFeedback\n{ESCAPED}"),
        ("<b>[agendad]</b> old\nFeedback", f"Feedback\n{ESCAPED}"),
    ],
)
def test_lines_are_put_into_the_description_as_it_is_written(before, after_it):
    told = ours(description=before)
    assert write(told, patch(LINE)).body == {"description": after_it} | SHARED_MARK
    cleared = write(told | {"description": after_it}, patch()).body
    without = (before or "").replace("<p>[agendad] old</p>", "")
    for old in ("\n[agendad] old", "\n[agendad] &amp; old", "[agendad] old", "<b>[agendad]</b> old\n"):
        without = without.replace(old, "")
    assert cleared == {"description": without or None} | SHARED_MARK


def test_lines_are_added_beside_earlier_ones_where_that_is_asked_for():
    body = write(ours(description="[agendad] old"), patch("Agenda:", "- 1", replace=False)).body
    assert body["description"] == "[agendad] old\nAgenda:\n- 1"


def test_patch_that_changes_nothing_leaves_only_its_mark():
    assert write(ours(description="Goals"), patch()).body == SHARED_MARK


@pytest.mark.parametrize("before", ["x" * 8190, "<br>" + "x" * 8180, "<b>x</b>\n" + "x" * 8180])
def test_lines_for_which_there_is_no_room_are_refused(before):
    with pytest.raises(ChangeRefused, match="8192") as refusal:
        write(ours(description=before), patch(LINE))
    assert refusal.value.not_done
    assert refusal.value.next_step


def test_long_description_can_lose_our_lines():
    body = write(ours(description="x" * 9000 + "\n[agendad] old"), patch()).body
    assert body["description"] == "x" * 9000


@pytest.mark.parametrize(
    ("labels", "hold", "release", "expected"),
    [
        (None, "agenda pending", None, "agenda pending"),
        ("second", "agenda pending", None, "second\nagenda pending"),
        ("agenda pending", None, "agenda pending", None),
        ("agenda pending\nsecond", None, "agenda pending", "second"),
        ("one", "two", "one", "two"),
    ],
)
def test_labels_are_put_on_and_taken_off(labels, hold, release, expected):
    properties = {"shared": {"agendadLabels": labels}} if labels else None
    body = write(ours(extendedProperties=properties), patch(hold=hold, release=release)).body
    assert body == {"extendedProperties": {"shared": {"agendadLabels": expected, "agendadMarks": "m"}}}


@pytest.mark.parametrize(
    ("labels", "hold", "release"),
    [(None, None, "agenda pending"), ("agenda pending", "agenda pending", None), (None, None, None)],
)
def test_label_that_is_right_already_is_not_sent(labels, hold, release):
    properties = {"shared": {"agendadLabels": labels}} if labels else None
    assert write(ours(extendedProperties=properties), patch(hold=hold, release=release)).body == SHARED_MARK


def test_move_sets_the_time_and_asks_the_guests_again():
    assert write(ours(), MOVE).body == NEW_TIME | SHARED_MARK | {
        "attendees": [
            {"email": GRACE, "responseStatus": "accepted"},
            {"email": ADA, "displayName": "Ada", "responseStatus": "needsAction", "comment": "Gladly"},
            {"email": "room@example.org", "resource": True, "responseStatus": "accepted"},
            {"email": BOB, "optional": True, "additionalGuests": 1, "responseStatus": "needsAction"},
        ]
    }


def told_move(*lines):
    return replace(MOVE, marker="[agendad]", lines=lines)


def test_move_says_why_below_the_description_and_is_taken_back_with_it():
    told = ours(description="Goals", attendees=None)
    written = write(told, told_move("[agendad] Moved, as it was late for you."))
    assert written.body["description"] == "Goals\n[agendad] Moved, as it was late for you."
    now = told | written.body | {"description": written.body["description"]}
    back = write(now, RestoreTo(undo=written.undo)).body
    assert (back["description"], back["start"]) == ("Goals", OLD_TIME["start"])


def test_move_goes_without_words_where_the_description_has_no_room():
    assert (
        write(ours(description="x" * 8190, attendees=None), told_move("[agendad] why")).body == NEW_TIME | SHARED_MARK
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"attendees": None},
        {"attendees": []},
        {"attendeesOmitted": True},
        {"attendees": [{"email": GRACE, "self": True}, {"displayName": "No address"}]},
    ],
    ids=["none", "empty", "omitted", "without an address"],
)
def test_move_names_no_guests_where_that_would_lose_some(fields):
    assert write(ours(**fields), MOVE).body == NEW_TIME | SHARED_MARK


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/London", {"dateTime": "2026-12-02T15:00:00+00:00", "timeZone": "Europe/London"}),
        ("Asia/Kathmandu", {"dateTime": "2026-12-02T20:45:00+05:45", "timeZone": "Asia/Kathmandu"}),
        ("Mars/Olympus", {"dateTime": "2026-12-02T15:00:00+00:00", "timeZone": "Mars/Olympus"}),
        ("/etc/passwd", {"dateTime": "2026-12-02T15:00:00+00:00", "timeZone": "/etc/passwd"}),
        (None, {"dateTime": "2026-12-02T15:00:00+00:00"}),
    ],
)
def test_move_stays_in_the_zone_of_the_event(zone, expected):
    start = {"dateTime": "2026-12-01T15:00:00Z"} | ({"timeZone": zone} if zone else {})
    assert write(ours(start=start), MOVE).body["start"] == expected


def test_share_sets_one_field():
    assert write(ours(), SHARE).body == {"guestsCanModify": True} | SHARED_MARK


@pytest.mark.parametrize("change", [CANCEL, patch("x"), MOVE, SHARE], ids=lambda change: change.kind)
@pytest.mark.parametrize(
    "more", [{}, {"guestsCanModify": True}, {"organizer": None}], ids=["", "modifiable", "nobody's"]
)
def test_copy_of_somebody_elses_event_is_not_written(change, more):
    with pytest.raises(NotOurs, match="organized elsewhere"):
        write(hers(**more), change)


def test_proposal_is_no_write():
    with pytest.raises(AssertionError):
        write(ours(), Propose(mark="m", attendee=ADA, slots=((MONDAY, MONDAY + HOUR),), **AT))


@pytest.mark.parametrize(
    ("told", "change", "tells"),
    [
        (ours(), CANCEL, True),
        (ours(), MOVE, True),
        (ours(), patch("x"), True),
        (ours(), patch(hold="agenda pending"), False),
        (ours(), patch(), False),
        (ours(), SHARE, False),
        (hers(), DECLINE, True),
    ],
)
def test_guests_are_told_of_what_they_see(told, change, tells):
    written = write(told, change)
    assert written.tells is tells
    assert write(after(told, written), undo(written)).tells is tells


# marks


def test_marks_of_others_stay_where_they_are():
    told = ours(extendedProperties={"shared": {"agendadMarks": "a b"}, "private": {"agendadMarks": "c"}})
    written = write(told, CANCEL)
    assert written.body["extendedProperties"] == {"shared": {"agendadMarks": "a b m"}}
    assert marks_of(after(told, written)) == ("a", "b", "m", "c")
    undone = write(after(told, written), undo(written))
    assert undone.body["extendedProperties"] == {"shared": {"agendadMarks": "a b"}}


def test_guest_writes_beside_the_marks_of_the_organizer():
    told = hers(extendedProperties={"shared": {"agendadMarks": "a b"}, "private": {"agendadMarks": "c"}})
    written = write(told, DECLINE)
    assert written.body["extendedProperties"] == {"private": {"agendadMarks": "c m"}}
    assert marks_of(after(told, written)) == ("a", "b", "c", "m")
    undone = write(after(told, written), undo(written))
    assert undone.body["extendedProperties"] == {"private": {"agendadMarks": "c"}}


def test_last_mark_to_go_takes_the_property_along():
    written = write(hers(), DECLINE)
    told = after(hers(), written)
    undone = write(told, undo(written))
    assert undone.body["extendedProperties"] == {"private": {"agendadMarks": None}}
    assert after(told, undone)["extendedProperties"] == hers()["extendedProperties"]


def test_oldest_marks_go_where_there_is_no_room_for_all():
    marks = [f"{number:020}@installation" for number in range(40)]
    told = ours(extendedProperties={"shared": {"agendadMarks": " ".join(marks)}})
    text = write(told, CANCEL).body["extendedProperties"]["shared"]["agendadMarks"]
    assert 1024 - 40 < len(text) <= 1024
    assert text.endswith(f"{marks[-1]} m")
    assert text.split()[0] in marks


def test_oldest_labels_go_where_there_is_no_room_for_all():
    told = ours(extendedProperties={"shared": {"agendadLabels": "\n".join(f"{'x' * 99}{n}" for n in range(9))}})
    text = write(told, patch(hold="y" * 200)).body["extendedProperties"]["shared"]["agendadLabels"]
    assert len(text) <= 1024
    assert text.endswith("\n" + "y" * 200)


def test_guest_without_properties_says_the_mark_in_the_answer():
    told = hers()
    written = without_properties(write(told, DECLINE))
    assert written.body == {
        "attendeesOmitted": True,
        "attendees": [{"email": ADA, "responseStatus": "declined", "comment": "Not this time\n[agendad m]"}],
    }
    now = after(told, written)
    assert marks_of(now) == ("m",)
    assert shows(now, written)
    undone = write(now, undo(written))
    assert undone.body == {
        "attendeesOmitted": True,
        "attendees": [{"email": ADA, "responseStatus": "accepted", "comment": "Gladly"}],
    }
    assert after(now, undone) == told


def said(told, *changes):
    """The event after answers with their marks, and what was written."""
    written = []
    for change in changes:
        written.append(without_properties(write(told, change)))
        told = after(told, written[-1])
    return told, written


FIRST = Tentative(mark="first", attendee=ADA, message="Perhaps", **AT)
SECOND = Decline(mark="second", attendee=ADA, message="No time", **AT)


def test_second_answer_keeps_the_mark_of_the_first():
    told, _ = said(hers(), FIRST, SECOND)
    assert own(told)["comment"] == "No time\n[agendad first]\n[agendad second]"
    assert marks_of(told) == ("first", "second")


def test_second_answer_without_words_keeps_those_of_the_first():
    told, _ = said(hers(), FIRST, dataclasses.replace(SECOND, message=""))
    assert own(told)["comment"] == "Perhaps\n[agendad first]\n[agendad second]"


def test_answers_are_taken_back_one_after_the_other():
    told, (first, second) = said(hers(), FIRST, SECOND)
    told = after(told, write(told, undo(second)))
    assert (own(told)["responseStatus"], own(told)["comment"]) == ("tentative", "Perhaps\n[agendad first]")
    told = after(told, write(told, undo(first)))
    assert told == hers()


def test_undo_of_the_first_answer_leaves_the_second():
    told, (first, _) = said(hers(), FIRST, SECOND)
    told = after(told, write(told, undo(first)))
    assert (own(told)["responseStatus"], own(told)["comment"]) == ("declined", "No time\n[agendad second]")


def test_undo_of_the_first_of_two_equal_answers_keeps_the_mark_of_the_second():
    told, (first, _) = said(hers(), dataclasses.replace(SECOND, mark="first"), SECOND)
    told = after(told, write(told, undo(first)))
    assert marks_of(told) == ("second",)


def test_undo_after_an_answer_by_hand_takes_the_mark_out_of_its_words():
    told, (written,) = said(hers(), FIRST)
    own(told)["responseStatus"] = "accepted"
    undone = write(told, undo(written))
    assert undone.body["attendees"] == [{"email": ADA, "responseStatus": "accepted", "comment": "Perhaps"}]
    assert not undone.tells


def test_mark_that_is_in_a_property_is_not_said_as_well():
    told, _ = said(hers(extendedProperties={"private": {"agendadMarks": "a"}}), FIRST)
    written = write(told, SECOND)
    assert written.body["extendedProperties"] == {"private": {"agendadMarks": "a second"}}
    assert written.body["attendees"][0]["comment"] == "No time\n[agendad first]"


# taking back


@pytest.mark.parametrize(
    ("told", "change", "body"),
    [
        (
            ours(description="Goals"),
            Cancel(mark="m", message="No agenda", **AT),
            {"status": "confirmed", "description": "Goals"},
        ),
        (ours(), Cancel(mark="m", message="No agenda", **AT), {"status": "confirmed", "description": None}),
        (ours(status="tentative"), CANCEL, {"status": "tentative"}),
        (ours(description="Goals"), patch(LINE), {"description": "Goals"}),
        (ours(), patch(LINE), {"description": None}),
        (
            ours(),
            MOVE,
            OLD_TIME
            | {
                "attendees": [
                    {"email": GRACE, "responseStatus": "accepted"},
                    {"email": ADA, "displayName": "Ada", "responseStatus": "accepted", "comment": "Gladly"},
                    {"email": "room@example.org", "resource": True, "responseStatus": "accepted"},
                    {"email": BOB, "optional": True, "additionalGuests": 1, "responseStatus": "needsAction"},
                ]
            },
        ),
        (ours(), SHARE, {"guestsCanModify": False}),
        (
            hers(),
            DECLINE,
            {
                "attendeesOmitted": True,
                "attendees": [{"email": ADA, "responseStatus": "accepted", "comment": "Gladly"}],
            },
        ),
    ],
)  # fmt: skip
def test_undo_sets_back_what_was_set_and_nothing_else(told, change, body):
    written = write(told, change)
    undone = write(after(told, written), undo(written))
    side = "private" if isinstance(change, Decline) else "shared"
    assert undone.body == body | {"extendedProperties": {side: {"agendadMarks": None}}}
    assert undone.mark is None
    assert json.loads(written.undo.snapshot).keys() == {"version", "before", "after"}


def test_undo_of_an_answer_where_nothing_was_said_before_clears_the_words():
    told = hers()
    del own(told)["comment"]
    written = write(told, DECLINE)
    (answer,) = write(after(told, written), undo(written)).body["attendees"]
    assert answer == {"email": ADA, "responseStatus": "accepted", "comment": ""}


def test_undo_of_what_is_undone_already_is_empty():
    for told, change in ((ours(), CANCEL), (ours(), MOVE), (ours(), patch("x")), (ours(), SHARE), (hers(), DECLINE)):
        written = write(told, change)
        assert write(told, undo(written)).body == {}


def attendee(told, email, **fields):
    changed = copy.deepcopy(told)
    next(one for one in changed["attendees"] if one["email"] == email).update(fields)
    return changed


@pytest.mark.parametrize(
    ("change", "meanwhile", "back"),
    [
        # what somebody set again stays, and everything else goes back
        (patch(LINE), lambda now: now | {"description": "All new"}, {}),
        (patch(LINE), lambda now: now | {"summary": "Renamed"}, {"description": None}),
        (patch(LINE), lambda now: now | {"description": now["description"] + " \n"}, {"description": None}),
        (Cancel(mark="m", message="No", **AT), lambda now: now | {"description": "Sorry"}, {"status": "confirmed"}),
        (Cancel(mark="m", message="No", **AT), lambda now: now | {"status": "confirmed"}, {"description": None}),
        (CANCEL, lambda now: now | {"status": "tentative"}, {}),
        (SHARE, lambda now: now | {"guestsCanModify": False}, {}),
        (MOVE, lambda now: now | OLD_TIME, {}),
        (MOVE, lambda now: now | {"start": {"dateTime": "2026-12-02T09:00:00-05:00"}}, {}),
        # the same point in time in another zone is not another time
        (
            MOVE,
            lambda now: (
                now
                | {
                    "start": {"dateTime": "2026-12-02T15:00:00Z", "timeZone": "America/New_York"},
                    "end": {"dateTime": "2026-12-02T16:00:00Z", "timeZone": "America/New_York"},
                }
            ),
            OLD_TIME,
        ),
    ],
)
def test_undo_keeps_what_somebody_set_since(change, meanwhile, back):
    told = ours()
    written = write(told, change)
    now = meanwhile(after(told, written))
    body = write(now, undo(written)).body
    assert body.pop("extendedProperties") == {"shared": {"agendadMarks": None}}
    body.pop("attendees", None)
    assert body == back


def test_undo_of_a_move_keeps_the_answers_that_were_given_for_the_new_time():
    told = ours()
    written = write(told, MOVE)
    now = attendee(after(told, written), BOB, responseStatus="declined")
    answers = {one["email"]: one["responseStatus"] for one in write(now, undo(written)).body["attendees"]}
    assert answers == {GRACE: "accepted", ADA: "accepted", "room@example.org": "accepted", BOB: "declined"}


def test_undo_of_a_move_keeps_guests_who_came_since_and_invites_nobody_again():
    told = attendee(ours(), BOB, responseStatus="tentative")
    written = write(told, MOVE)
    now = after(told, written)
    now["attendees"] = [one for one in now["attendees"] if one["email"] != ADA]
    now["attendees"].append({"email": "eve@example.edu", "responseStatus": "tentative"})
    answers = {one["email"]: one.get("responseStatus") for one in write(now, undo(written)).body["attendees"]}
    assert answers == {
        GRACE: "accepted",
        "room@example.org": "accepted",
        BOB: "tentative",
        "eve@example.edu": "tentative",
    }


@pytest.mark.parametrize("more", [{"attendeesOmitted": True}, {"attendees": []}, {"attendees": [{"displayName": "X"}]}])
def test_undo_of_a_move_names_no_guests_where_that_would_lose_some(more):
    written = write(ours(), MOVE)
    now = after(ours(), written) | more
    assert write(now, undo(written)).body == OLD_TIME | {"extendedProperties": {"shared": {"agendadMarks": None}}}


def test_undo_of_a_move_that_somebody_moved_again_leaves_time_and_answers():
    told = ours()
    written = write(told, MOVE)
    now = after(told, written) | {
        "start": {"dateTime": "2026-12-03T09:00:00Z"},
        "end": {"dateTime": "2026-12-03T10:00:00Z"},
    }
    assert write(now, undo(written)).body == {"extendedProperties": {"shared": {"agendadMarks": None}}}


def test_undo_takes_off_our_label_and_keeps_those_of_others():
    told = ours(extendedProperties={"shared": {"agendadLabels": "first"}})
    written = write(told, patch(hold="ours"))
    now = after(told, written)
    now["extendedProperties"]["shared"]["agendadLabels"] += "\nlater"
    back = after(now, write(now, undo(written)))
    assert labels_of(back) == ("first", "later")


def test_undo_puts_a_label_back_that_was_taken_off():
    told = ours(extendedProperties={"shared": {"agendadLabels": "first\nsecond"}})
    written = write(told, patch(release="first"))
    now = after(told, written)
    assert set(labels_of(after(now, write(now, undo(written))))) == {"first", "second"}


def test_undo_of_an_answer_that_was_changed_by_hand_keeps_it():
    written = write(hers(), DECLINE)
    now = attendee(after(hers(), written), ADA, responseStatus="tentative", comment="After all")
    assert write(now, undo(written)).body == {"extendedProperties": {"private": {"agendadMarks": None}}}


def test_undo_of_an_answer_of_somebody_who_was_uninvited_writes_no_answer():
    written = write(hers(), DECLINE)
    now = after(hers(), written)
    now["attendees"] = [one for one in now["attendees"] if one["email"] != ADA]
    assert "attendees" not in write(now, undo(written)).body


MINIMAL = {"kind": "calendar#event", "id": "abc", "status": "cancelled"}


@pytest.mark.parametrize("message", ["", "No agenda"])
@pytest.mark.parametrize("description", [None, "Goals"])
@pytest.mark.parametrize("marks", ["", "a b"])
def test_undo_of_a_cancellation_of_which_google_keeps_nothing(message, description, marks):
    told = ours(description=description, extendedProperties={"shared": {"agendadMarks": marks}} if marks else None)
    written = write(told, Cancel(mark="m", message=message, **AT))
    body = write(MINIMAL, undo(written)).body
    assert body == {"status": "confirmed"} | ({"description": description} if message else {}) | {
        "extendedProperties": {"shared": {"agendadMarks": marks or None}}
    }


@pytest.mark.parametrize("change", [patch("x"), MOVE, SHARE], ids=lambda change: change.kind)
def test_undo_of_another_change_of_what_was_cancelled_since_is_refused(change):
    written = write(ours(), change)
    with pytest.raises(ChangeRefused, match="cancelled since"):
        write(MINIMAL, undo(written))


def test_undo_on_a_copy_that_is_not_ours_any_more_is_refused():
    for change in (CANCEL, patch("x"), MOVE, SHARE):
        written = write(ours(), change)
        with pytest.raises(NotOurs):
            write(after(ours(), written) | {"organizer": {"email": BOB}}, undo(written))


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
        '{"version": 1, "before": {"status": "confirmed"}, "after": {}}',
        '{"version": 1, "before": [], "after": []}',
        '{"version": 1, "before": {"a": 1}, "after": null}',
        "[" * 100_000,
    ],
)
def test_undo_of_something_else_is_refused(snapshot):
    with pytest.raises(ChangeRefused, match="not of this version") as refusal:
        write(ours(), RestoreTo(undo=Undo(snapshot=snapshot)))
    assert refusal.value.not_done
    assert refusal.value.next_step


# is it there?


def test_write_is_recognized_by_its_mark_and_an_undo_by_what_it_set():
    for told, change in ((ours(), CANCEL), (ours(), MOVE), (ours(), patch("x")), (ours(), SHARE), (hers(), DECLINE)):
        written = write(told, change)
        now = after(told, written)
        assert shows(now, written)
        assert not shows(told, written)
        back = write(now, undo(written))
        assert shows(after(now, back), back)
        assert not shows(now, back)


def test_cancellation_is_recognized_in_what_is_left_of_the_event():
    assert shows(MINIMAL, write(ours(), CANCEL))
    for change in (patch("x"), MOVE, SHARE):
        assert not shows(MINIMAL, write(ours(), change))
    assert not shows(MINIMAL, write(MINIMAL, undo(write(ours(), CANCEL))))


# there and back again, at the simulator

CHANGES = st.sampled_from(
    ["patch", "more lines", "clear", "hold", "release", "move", "share", "cancel", "say and cancel"]
)
ANSWERS = st.sampled_from(["decline", "decline silently", "tentative"])
DESCRIPTIONS = [
    None,
    "Goals\nFeedback",
    "<p>Goals</p>",
    "<b>Goals</b>\nFeedback [agendad] mine",
    "[agendad] mine<br>Goals",
]
UNDONE = "undo"


def change_named(name, number):
    common = {"mark": f"mark-{number}", "at": MONDAY}
    later = MONDAY + timedelta(days=number + 1)
    return {
        "patch": lambda: Patch(marker="[agendad]", lines=(f"[agendad] line <{number}>",), **common),
        "more lines": lambda: Patch(marker="[agendad]", lines=("Agenda:", f"- {number}"), replace=False, **common),
        "clear": lambda: Patch(marker="[agendad]", **common),
        "hold": lambda: Patch(marker="[agendad] label", hold=f"label {number % 2}", **common),
        "release": lambda: Patch(marker="[agendad] label", release="label 0", **common),
        "move": lambda: Move(start=later, end=later + HOUR, **common),
        "share": lambda: Share(**common),
        "cancel": lambda: Cancel(**common),
        "say and cancel": lambda: Cancel(message=f"No agenda <{number}>\nSorry", **common),
        "decline": lambda: Decline(attendee=ADA, message=f"No {number}", **common),
        "decline silently": lambda: Decline(attendee=ADA, **common),
        "tentative": lambda: Tentative(attendee=ADA, message="Perhaps", **common),
    }[name]()


def without_traces(told):
    """An event without what counts its changes, and without the difference between nothing and an empty text."""
    told = {name: value for name, value in told.items() if name not in ("etag", "updated", "sequence")}
    told["extendedProperties"] = {side: held for side, held in told.get("extendedProperties", {}).items() if held}
    told["attendees"] = [
        {name: value for name, value in one.items() if name != "comment" or value} for one in told["attendees"]
    ]
    return told


def wander(desk, provider, id_, steps):
    """Make changes and take the last one back, as told; in the end all are taken back."""
    event, done = listed(provider)[id_], []

    def take_back(event):
        return provider.apply(event, RestoreTo(undo=done.pop()), notify=True).event

    for number, name in enumerate(steps):
        if name == UNDONE or event.status == "CANCELLED":
            event = take_back(event) if done else event
            continue
        applied = provider.apply(event, change_named(name, number), notify=True)
        assert applied.event == provider.get(applied.event)
        assert f"mark-{number}" in applied.event.marks
        event, done = applied.event, [*done, applied.undo]
    while done:
        event = take_back(event)
    return event


SWITCHES = st.sampled_from([switches for _, switches in Switches.both_ways() if switches.get_of_cancelled == "full"])
PATIENT = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])


@given(
    steps=st.lists(st.one_of(CHANGES, st.just(UNDONE)), max_size=7),
    switches=SWITCHES,
    description=st.sampled_from(DESCRIPTIONS),
    occurrence=st.booleans(),
)
@PATIENT
def test_event_is_what_it_was_when_all_changes_are_taken_back(steps, switches, description, occurrence):
    with scene(dataclasses.replace(switches)) as desk:
        fields = {"description": description} if description else {}
        id_ = f"{desk.series(**fields)}_20260608T150000Z" if occurrence else desk.meeting(**fields)
        people = (GRACE, ADA) if switches.unannounced_changes_reach_guests else (GRACE,)
        before = [without_traces(desk.google.as_(one).get("primary", id_)) for one in people]
        event = wander(desk, desk.provider(), id_, steps)
        assert [without_traces(desk.google.as_(one).get("primary", id_)) for one in people] == before
        assert event.marks == ()


@given(
    steps=st.lists(st.one_of(ANSWERS, st.just(UNDONE)), max_size=7),
    switches=SWITCHES,
    said_before=st.sampled_from(["", "Gladly"]),
    occurrence=st.booleans(),
)
@PATIENT
def test_answer_is_what_it_was_when_all_answers_are_taken_back(steps, switches, said_before, occurrence):
    with scene(dataclasses.replace(switches)) as desk:
        id_ = f"{desk.series()}_20260608T150000Z" if occurrence else desk.meeting()
        desk.google.as_(ADA).respond("primary", id_, "accepted", said_before)
        before = [without_traces(desk.google.as_(one).get("primary", id_)) for one in (GRACE, ADA, BOB)]
        event = wander(desk, desk.provider(person=ADA), id_, steps)
        assert [without_traces(desk.google.as_(one).get("primary", id_)) for one in (GRACE, ADA, BOB)] == before
        assert event.marks == ()


@given(order=st.permutations(["patch", "hold", "move", "share"]))
@settings(max_examples=12)
def test_changes_of_different_things_can_be_taken_back_in_any_order(order):
    with scene() as desk:
        provider, id_ = desk.provider(), desk.meeting()
        before = without_traces(desk.google.as_(GRACE).get("primary", id_))
        event, undos = listed(provider)[id_], {}
        for number, name in enumerate(["patch", "hold", "move", "share"]):
            applied = provider.apply(event, change_named(name, number), notify=True)
            event, undos[name] = applied.event, applied.undo
        for name in order:
            event = provider.apply(event, RestoreTo(undo=undos[name]), notify=True).event
        assert without_traces(desk.google.as_(GRACE).get("primary", id_)) == before
