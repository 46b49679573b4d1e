"""What every calendar provider does when it is told to change an occurrence (see providers/base.py)."""

import contextlib
import dataclasses
from datetime import timedelta

import pytest

from agendad.providers.base import (
    Cancel,
    Decline,
    Move,
    Notices,
    Patch,
    Propose,
    RestoreTo,
    Tentative,
    Undo,
    Window,
    WriteKind,
)
from agendad.providers.errors import AccountUnavailable, ChangeRefused, EventNotFound, PreconditionFailed, ReadOnly
from agendad.providers.model import Instance, Partstat, Status

WEEK, HOUR = timedelta(weeks=1), timedelta(hours=1)
MARKER = "[agendad]"


@pytest.fixture
def window(monday):
    return Window(monday - WEEK, monday + 10 * WEEK)


@pytest.fixture
def calendar(backing, request):
    """Where a change of the kind that a test is about is made: its organizer's calendar, or the guest's own."""
    named = getattr(request.node, "callspec", None)
    kind = named.params.get("kind") if named else None
    if kind in ANSWERS or request.node.get_closest_marker("answers"):
        backing.become_guest()
    return backing.calendar


@pytest.fixture
def listed(backing, calendar, window):
    """Everything in view, by key."""

    def listed():
        pages = backing.provider.changes(calendar, None, window)
        return {event.key: event for page in pages for event in page.events}

    return listed


@pytest.fixture
def one(backing, monday, listed):
    """A meeting by itself."""
    backing.put_meeting("one", monday)
    return listed()["one", ""]


@pytest.fixture
def second(backing, monday, listed):
    """The second occurrence of a series of four."""
    backing.put_meeting("weekly", monday, 4)
    return listed()["weekly", "2026-06-08T15:00:00Z"]


@pytest.fixture(params=["single", "occurrence"])
def meeting(request):
    return request.getfixturevalue("one" if request.param == "single" else "second")


@pytest.fixture
def changes(backing, monday):
    """One of each kind, all with different marks."""
    common = {"at": monday - WEEK}
    elsewhere = monday + (8 * WEEK if backing.moves_far else WEEK + 3 * HOUR)
    return {
        WriteKind.CANCEL: Cancel(mark="key-cancel", message="No agenda yet; another time", **common),
        WriteKind.DECLINE: Decline(mark="key-decline", attendee="ada@example.com", message="Not this time", **common),
        WriteKind.TENTATIVE: Tentative(mark="key-tentative", attendee="Ada@Example.com", **common),
        WriteKind.PATCH: Patch(
            mark="key-patch", marker=MARKER, lines=(f"{MARKER} agenda, please; soon",), hold="agenda pending", **common
        ),
        WriteKind.MOVE: Move(mark="key-move", start=elsewhere, end=elsewhere + 2 * HOUR, **common),
    }


def cannot_be_undone(backing, kind):
    """Whether what is cancelled, or declined, is gone for good."""
    if kind is WriteKind.DECLINE:
        return backing.declined_goes
    return kind is WriteKind.CANCEL and not backing.cancelled_can_be_read


ANSWERS = (WriteKind.DECLINE, WriteKind.TENTATIVE)
KINDS = [WriteKind.CANCEL, WriteKind.DECLINE, WriteKind.TENTATIVE, WriteKind.PATCH, WriteKind.MOVE]


def as_listed(backing, event):
    """Without the marks that a listing does not show."""
    return event if backing.keeps_marks else dataclasses.replace(event, marks=())


def shows(backing, event, change):
    """What a later reading says of a change."""
    try:
        return backing.provider.shows(backing.provider.get(event), change)
    except EventNotFound:
        return backing.provider.shows(None, change)


def without_etag(event):
    return dataclasses.replace(event, etag="")


def answers(event):
    return {attendee.email: attendee.partstat for attendee in event.attendees}


@pytest.fixture
def apply(backing):
    def apply(event, change, *, notify=False):
        return backing.provider.apply(event, change, notify=notify)

    return apply


def test_cancelled_occurrence_leaves_the_others_as_they_were(backing, listed, second, changes, apply):
    before = listed()
    applied = apply(second, changes[WriteKind.CANCEL])
    after = listed()
    if not backing.lists_cancelled:
        after[second.key] = backing.provider.get(second) if backing.cancelled_keeps_details else applied.event
    assert after.keys() == before.keys()
    assert {key for key in after if after[key] != before[key]} == {second.key}
    assert after[second.key].status is Status.CANCELLED
    assert after[second.key].instance is Instance.EXCEPTION
    if not backing.server_counts_revisions:
        assert after[second.key].sequence == second.sequence + 1
    assert applied.event == after[second.key]
    assert applied.etag == after[second.key].etag != second.etag


@pytest.mark.answers
def test_declined_meeting_keeps_the_other_guests(people, meeting, changes, apply):
    applied = apply(meeting, changes[WriteKind.DECLINE])
    assert answers(applied.event) == people | {"ada@example.com": Partstat.DECLINED}
    assert applied.event.status is Status.CONFIRMED
    assert applied.event.sequence == meeting.sequence
    assert applied.event.organizer == meeting.organizer


@pytest.mark.answers
def test_tentative_answer_can_become_a_refusal(backing, people, meeting, changes, apply):
    held = apply(meeting, changes[WriteKind.TENTATIVE]).event
    assert answers(held) == people | {"ada@example.com": Partstat.TENTATIVE}
    refused = apply(held, changes[WriteKind.DECLINE]).event
    assert answers(refused) == people | {"ada@example.com": Partstat.DECLINED}
    if backing.keeps_marks:
        assert refused.marks == ("key-tentative", "key-decline")


def test_patch_keeps_the_body_and_the_conference_block(body, meeting, changes, apply):
    patched = apply(meeting, changes[WriteKind.PATCH]).event
    assert patched.text == (f"{body}\n{MARKER} agenda, please; soon" if meeting.text else "")
    assert patched.html == meeting.html.replace("</body>", f"<p>{MARKER} agenda, please; soon</p></body>")
    assert patched.conference == meeting.conference
    assert patched.categories == ("agenda pending",)
    assert (patched.title, patched.start, patched.end) == (meeting.title, meeting.start, meeting.end)
    assert patched.attendees == meeting.attendees
    assert patched.sequence == meeting.sequence


def test_later_patch_replaces_our_lines_and_takes_the_label_off(body, monday, meeting, changes, apply):
    patched = apply(meeting, changes[WriteKind.PATCH]).event
    other = Patch(
        mark="key-2", at=monday, marker=MARKER, lines=(f"{MARKER} <thanks> & \\ so long",), release="agenda pending"
    )
    again = apply(patched, other).event
    assert again.text == (f"{body}\n{MARKER} <thanks> & \\ so long" if meeting.text else "")
    assert again.html.count(MARKER) == (1 if meeting.html else 0)
    assert again.categories == ()
    cleared = apply(again, Patch(mark="key-3", at=monday, marker=MARKER)).event
    assert (cleared.text, cleared.html) == (body if meeting.text else "", meeting.html)


def test_added_lines_stand_beside_our_earlier_ones_when_asked_for(monday, meeting, changes, apply):
    patched = apply(meeting, changes[WriteKind.PATCH]).event
    more = Patch(mark="key-2", at=monday, marker=MARKER, lines=("Agenda:", "- Topic 1:"), replace=False)
    added = apply(patched, more).event
    assert added.text == (f"{patched.text}\nAgenda:\n- Topic 1:" if meeting.text else "")
    if meeting.html:
        assert "<p>Agenda:</p><p>- Topic 1:</p>" in added.html
        assert MARKER in added.html


def test_block_comes_on_top_is_replaced_where_it_stands_and_goes_again(body, monday, meeting, apply):
    begin, end = f"{MARKER} agenda:", f"{MARKER} /agenda"

    def block(number, *lines):
        whole = (f"{begin} {number}", *lines, end) if lines else ()
        return Patch(mark=f"key-{number}", at=monday, marker=begin, until=end, lines=whole)

    def shown(event, lines, escaped):
        if meeting.text:
            assert event.text == "\n".join((*lines, body))
        if meeting.html:
            assert event.html == meeting.html.replace(
                "<body>", "<body>" + "".join(f"<p>{line}</p>" for line in escaped)
            )

    first = block(1, "- one: a talk", "- two")
    once = apply(meeting, first).event
    shown(once, first.lines, first.lines)
    second = block(2, "- R&D < b>", "", "- three; so, on")
    again = apply(once, second).event
    shown(again, second.lines, (f"{begin} 2", "- R&amp;D &lt; b&gt;", "&nbsp;", "- three; so, on", end))
    assert again.conference == meeting.conference
    cleared = apply(again, block(3)).event
    assert (cleared.text, cleared.html) == (body if meeting.text else "", meeting.html)


def test_block_that_was_written_shows_and_another_one_does_not(backing, monday, meeting, apply):
    begin, end = f"{MARKER} agenda:", f"{MARKER} /agenda"
    wanted = Patch(mark="key-1", at=monday, marker=begin, until=end, lines=(f"{begin} 1", "- one", "- two", end))
    fewer = Patch(mark="key-2", at=monday, marker=begin, until=end, lines=(f"{begin} 1", "- one", end))
    assert not shows(backing, meeting, wanted)
    apply(meeting, wanted)
    assert shows(backing, meeting, wanted)
    assert not shows(backing, meeting, fewer)


def test_moved_occurrence_keeps_its_name_and_asks_the_guests_again(backing, people, listed, meeting, changes, apply):
    move = changes[WriteKind.MOVE]
    apply(meeting, move)
    moved = listed()[meeting.key]
    assert (moved.start.instant, moved.end.instant) == (move.start, move.end)
    assert moved.start.zone == meeting.start.zone
    if not backing.server_counts_revisions:
        assert moved.sequence == meeting.sequence + 1
    waiting = dict.fromkeys(("ada@example.com", "bob@example.net"), Partstat.NEEDS_ACTION)
    assert answers(moved) == people | waiting


@pytest.mark.parametrize("kind", KINDS)
def test_write_is_told_by_the_next_pass(backing, calendar, window, meeting, changes, apply, kind):
    pages = list(backing.provider.changes(calendar, None, window))
    applied = apply(meeting, changes[kind])
    told = [
        event
        for page in backing.provider.changes(calendar, pages[-1].cursor, window)
        for event in page.events
        if event.key == meeting.key
    ]
    gone = (kind is WriteKind.CANCEL and not backing.lists_cancelled) or (
        kind is WriteKind.DECLINE and backing.declined_goes
    )
    assert told == ([] if gone else [as_listed(backing, applied.event)])


@pytest.mark.parametrize("kind", KINDS)
def test_stale_etag_fails_and_nothing_is_written(backing, listed, meeting, changes, apply, kind):
    backing.retitle(meeting.uid, meeting.start.instant, "Somebody was here")
    before = listed()
    with pytest.raises(PreconditionFailed) as failure:
        apply(meeting, changes[kind])
    assert failure.value.not_done
    assert failure.value.next_step
    assert listed() == before


def test_event_without_etag_is_not_written(listed, one, changes, apply):
    with pytest.raises(PreconditionFailed):
        apply(without_etag(one), changes[WriteKind.CANCEL])
    assert listed()[one.key] == one


def test_edit_of_another_occurrence_does_not_matter(backing, listed, monday, second, changes, apply):
    backing.retitle("weekly", monday + 2 * WEEK, "Another one")
    cancelled = apply(second, changes[WriteKind.CANCEL]).event
    found = listed()
    assert found.get(second.key, cancelled).status is Status.CANCELLED
    assert found["weekly", "2026-06-15T15:00:00Z"].title == "Another one"
    assert len(found) == (4 if backing.lists_cancelled else 3)


@pytest.mark.parametrize("kind", KINDS)
def test_read_only_calendar_is_refused(backing, listed, meeting, changes, apply, kind):
    before = listed()
    backing.lock()
    with pytest.raises(ReadOnly) as refusal:
        apply(meeting, changes[kind])
    assert refusal.value.not_done
    assert refusal.value.next_step
    assert listed() == before


def test_change_that_the_calendar_does_not_take_is_refused(backing, listed, monday, one, apply):
    if WriteKind.PROPOSE in backing.provider.capabilities(backing.calendar).writes:
        pytest.skip("this calendar takes all of them")
    proposal = Propose(mark="key", at=monday, attendee="ada@example.com", slots=((monday, monday + HOUR),))
    with pytest.raises(ChangeRefused):
        apply(one, proposal)
    assert listed()[one.key] == one


@pytest.mark.parametrize("kind", KINDS)
def test_mark_is_read_back_and_the_same_change_is_not_made_twice(backing, listed, meeting, changes, apply, kind):
    applied = apply(meeting, changes[kind])
    if not backing.keeps_marks:
        assert shows(backing, applied.event, changes[kind])
        return
    assert applied.event.marks == (changes[kind].mark,)
    before = listed()
    for event in (meeting, applied.event):  # after a crash the caller may know either
        if kind is WriteKind.CANCEL and not backing.cancelled_keeps_details:
            with contextlib.suppress(PreconditionFailed, ChangeRefused, EventNotFound):
                apply(event, changes[kind])
            continue
        again = apply(event, changes[kind])
        assert again.event == applied.event
        assert again.undo is None
    assert listed() == before


@pytest.mark.parametrize("kind", KINDS)
def test_undo_restores_what_was(backing, listed, meeting, changes, apply, kind):
    def without_revision(events):
        server = {"sequence": 0, "modified": None, "instance": None} if backing.server_counts_revisions else {}
        if kind is WriteKind.MOVE and not backing.moving_back_restores_answers:
            server |= {"attendees": ()}
        return {key: dataclasses.replace(event, etag="", **server) for key, event in events.items()}

    before = listed()
    applied = apply(meeting, changes[kind])
    if cannot_be_undone(backing, kind):
        if applied.undo is not None:
            with pytest.raises(EventNotFound):
                apply(applied.event, RestoreTo(undo=applied.undo))
        return
    undone = apply(applied.event, RestoreTo(undo=applied.undo))
    after = listed()
    assert without_revision(after) == without_revision(before)
    assert as_listed(backing, undone.event) == after[meeting.key]


@pytest.mark.parametrize("kind", KINDS)
def test_undo_keeps_what_somebody_else_wrote_since(backing, meeting, changes, apply, kind):
    applied = apply(meeting, changes[kind])
    if (kind is WriteKind.CANCEL and not backing.lists_cancelled) or cannot_be_undone(backing, kind):
        pytest.skip("nobody can edit what no calendar lists any more")
    backing.retitle(meeting.uid, applied.event.start.instant, "Somebody was here")
    undone = apply(backing.provider.get(applied.event), RestoreTo(undo=applied.undo)).event
    assert undone.title == "Somebody was here"
    assert (undone.status, undone.start, undone.end) == (meeting.status, meeting.start, meeting.end)
    assert (undone.text, undone.html, undone.categories) == (meeting.text, meeting.html, meeting.categories)
    if kind is not WriteKind.MOVE or backing.moving_back_restores_answers:
        assert answers(undone) == answers(meeting)
    assert undone.marks == ()


def test_undo_of_an_earlier_change_leaves_the_later_one(meeting, changes, apply):
    patched = apply(meeting, changes[WriteKind.PATCH])
    moved = apply(patched.event, changes[WriteKind.MOVE])
    undone = apply(moved.event, RestoreTo(undo=patched.undo)).event
    assert undone.text == meeting.text
    assert undone.start == moved.event.start != meeting.start
    assert undone.marks == ("key-move",)


def test_undo_leaves_a_value_that_somebody_changed_again(monday, meeting, changes, apply):
    patched = apply(meeting, changes[WriteKind.PATCH])
    rewritten = Patch(mark="other", at=monday, marker="Talk about", lines=("A wholly new body",))
    now = apply(patched.event, rewritten).event
    undone = apply(now, RestoreTo(undo=patched.undo)).event
    assert undone.text == now.text
    assert undone.categories == ()


def test_undo_of_something_else_is_refused(listed, one, apply):
    for snapshot in ("", "garbage", "[]", '{"version": 99}', "12345"):
        with pytest.raises(ChangeRefused):
            apply(one, RestoreTo(undo=Undo(snapshot=snapshot)))
    assert listed()[one.key] == one


def test_cancelled_meeting_takes_no_more_changes(meeting, changes, apply):
    cancelled = apply(meeting, changes[WriteKind.CANCEL]).event
    for kind in KINDS[1:]:
        with pytest.raises((ChangeRefused, EventNotFound)):
            apply(cancelled, changes[kind])


@pytest.mark.answers
def test_answer_for_somebody_who_is_not_invited_is_refused(listed, monday, one, apply):
    with pytest.raises(ChangeRefused):
        apply(one, Decline(mark="key", at=monday, attendee="eve@example.org"))
    assert listed()[one.key] == one


def test_event_that_is_gone_is_not_written(backing, one, changes, apply):
    backing.delete("one")
    with pytest.raises((EventNotFound, PreconditionFailed)):  # some servers still tell of it, as cancelled
        apply(one, changes[WriteKind.CANCEL])


def test_unreachable_account_fails(backing, one, changes, apply):
    backing.make_unavailable()
    with pytest.raises((AccountUnavailable, EventNotFound)):
        apply(one, changes[WriteKind.CANCEL])


def test_capabilities_say_who_tells_the_guests(backing):
    can = backing.provider.capabilities(backing.calendar)
    assert can.tells_guests(notify=True) is (can.notices is not Notices.NEVER)
    assert can.tells_guests(notify=False) is (can.notices is Notices.ALWAYS)
    with pytest.raises(AccountUnavailable):
        backing.provider.capabilities("no such calendar")


@pytest.mark.parametrize("kind", [WriteKind.CANCEL, WriteKind.MOVE, WriteKind.TENTATIVE])
def test_undo_after_guests_were_told_is_a_later_revision(backing, listed, monday, meeting, changes, apply, kind):
    if cannot_be_undone(backing, kind):
        pytest.skip("this server tells nothing of a cancelled event, so that nobody can take it back")
    applied = apply(meeting, changes[kind])
    told = applied.event.sequence
    back = apply(applied.event, RestoreTo(undo=applied.undo, above=told, at=monday - HOUR)).event
    if backing.server_counts_revisions:  # it has told the guests itself
        assert back.sequence >= told
    else:
        assert back.sequence == told + 1
        assert back.stamped == monday - HOUR
    assert (back.start, back.end) == (meeting.start, meeting.end)
    if kind is not WriteKind.MOVE or backing.moving_back_restores_answers:
        assert back.attendees == meeting.attendees
    assert (back.status, back.marks, back.key) == (meeting.status, (), meeting.key)
    assert listed()[meeting.key] == back


def test_intent_can_be_written_down_with_what_undoes_it_before_the_write(backing, listed, meeting, changes):
    seen = []
    applied = backing.provider.apply(
        meeting,
        changes[WriteKind.CANCEL],
        notify=False,
        before_writing=lambda undo: seen.append((undo, listed()[meeting.key])),
    )
    assert seen == [(applied.undo, meeting)]


def test_write_that_is_stopped_at_its_intent_is_not_made(backing, listed, meeting, changes):
    def stop(_undo):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        backing.provider.apply(meeting, changes[WriteKind.CANCEL], notify=False, before_writing=stop)
    assert listed()[meeting.key] == meeting


def test_nothing_is_intended_where_nothing_is_written(backing, meeting, changes, apply):
    apply(meeting, changes[WriteKind.PATCH])
    seen = []
    fresh = backing.provider.get(meeting)
    backing.provider.apply(fresh, changes[WriteKind.PATCH], notify=False, before_writing=seen.append)
    assert seen == []
