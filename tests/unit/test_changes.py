"""Change records refuse what makes no sense, and calendars in memory keep book of what guests are told."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from agendad.providers.base import (
    Cancel,
    Capabilities,
    Decline,
    Move,
    Notices,
    Patch,
    Propose,
    RestoreTo,
    WriteKind,
)
from agendad.providers.errors import ChangeRefused
from agendad.providers.memory import MemoryProvider
from agendad.providers.model import Attendee, Organizer

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Cancel(mark=" ", at=NOON),
        lambda: Cancel(mark="two\nlines", at=NOON),
        lambda: Cancel(mark="key", at=NOON.replace(tzinfo=None)),
        lambda: Cancel(mark="key", at=NOON.astimezone(timezone(HOUR))),
        lambda: Move(mark="key", at=NOON, start=NOON, end=NOON),
        lambda: Move(mark="key", at=NOON, start=NOON, end=NOON + HOUR, lines=("without a marker",)),
        lambda: Move(mark="key", at=NOON, start=NOON, end=(NOON + HOUR).astimezone(timezone(HOUR))),
        lambda: Patch(mark="key", at=NOON, marker="", lines=("x",)),
        lambda: Patch(mark="key", at=NOON, marker="[x]", lines=("[x] one\ntwo",)),
        lambda: Propose(mark="key", at=NOON, attendee="ada@example.com", slots=()),
        lambda: Propose(mark="key", at=NOON, attendee="ada@example.com", slots=((NOON, NOON),)),
    ],
)
def test_change_that_makes_no_sense_cannot_be_made(make):
    with pytest.raises(ValueError):
        make()


@pytest.mark.parametrize(
    ("notices", "asked", "unasked"),
    [(Notices.NEVER, False, False), (Notices.ON_REQUEST, True, False), (Notices.ALWAYS, True, True)],
)
def test_capabilities_tell_whether_a_mail_of_ours_would_be_a_second_notice(notices, asked, unasked):
    can = Capabilities(notices=notices)
    assert (can.tells_guests(notify=True), can.tells_guests(notify=False)) == (asked, unasked)


def test_nothing_can_be_written_unless_it_is_said():
    assert Capabilities().writes == frozenset()


@pytest.fixture
def meeting(make_event):
    return make_event(
        NOON,
        calendar="main",
        organizer=Organizer(email="grace@example.org"),
        attendees=tuple(Attendee(email=f"{name}@example.org") for name in ("grace", "ada", "bob", "ada")),
    )


def put(provider, event):
    provider.put(event)
    return provider.get(event)


def test_each_guest_is_told_once_and_only_when_asked_for(meeting):
    memory = MemoryProvider("test")
    event = put(memory, meeting)
    applied = memory.apply(event, Cancel(mark="key", at=NOON, message="Not today"), notify=True)
    memory.apply(applied.event, RestoreTo(undo=applied.undo), notify=False)
    (notice,) = memory.notices
    assert (notice.kind, notice.message) == (WriteKind.CANCEL, "Not today")
    assert notice.to == ("ada@example.org", "bob@example.org")


def test_change_made_before_tells_nobody_again(meeting):
    memory = MemoryProvider("test")
    event, change = put(memory, meeting), Cancel(mark="key", at=NOON)
    for _ in range(2):
        memory.apply(event, change, notify=True)
    assert len(memory.notices) == 1


def test_answer_is_told_to_the_organizer(meeting):
    memory = MemoryProvider("test")
    event = put(memory, meeting)
    memory.apply(event, Decline(mark="key", at=NOON, attendee="ada@example.org"), notify=True)
    assert [notice.to for notice in memory.notices] == [("grace@example.org",)]


def test_calendar_that_takes_some_changes_refuses_the_others(meeting):
    memory = MemoryProvider("test", capabilities=Capabilities(writes=frozenset({WriteKind.DECLINE})))
    event = put(memory, meeting)
    with pytest.raises(ChangeRefused) as refusal:
        memory.apply(event, Cancel(mark="key", at=NOON), notify=True)
    assert refusal.value.not_done
    assert refusal.value.next_step
    assert memory.get(event) == event
    assert memory.notices == []
