"""What every calendar provider does, whatever is behind it (the words are those of providers/base.py)."""

import dataclasses
from datetime import timedelta

import pytest

from agendad.providers.base import Window
from agendad.providers.errors import AccountUnavailable, CursorExpired, EventNotFound
from agendad.providers.model import Instance, Status

WEEK = timedelta(weeks=1)


def is_gone(provider, event):
    """Not there any more, or there as cancelled: some servers make no difference."""
    try:
        return provider.get(event).status is Status.CANCELLED
    except EventNotFound:
        return True


def without_cursor(pages):
    """Vendors' tokens are new each time."""
    return [dataclasses.replace(page, cursor=page.cursor and "a cursor") for page in pages]


def only_with_increments(backing):
    if not backing.increments:
        pytest.skip("this server gives no token, so that all is told each time")


class Mirror:
    """A reader that follows the protocol and nothing else."""

    def __init__(self, backing, window):
        self.backing, self.window = backing, window
        self.cursor, self.events, self.pages = None, {}, []

    def sync(self):
        self.pages = list(self.backing.provider.changes(self.backing.calendar, self.cursor, self.window))
        for page in self.pages:
            if page.full:
                self.events = {}
            self.events = {
                key: event
                for key, event in self.events.items()
                if event.uid not in page.complete and event.id not in page.removed and event.series not in page.removed
            }
            self.events |= {event.id: event for event in page.events}
        self.cursor = self.pages[-1].cursor
        return self

    @property
    def starts(self):
        return sorted(event.start.instant for event in self.events.values())

    @property
    def told(self):
        return [event for page in self.pages for event in page.events]


@pytest.fixture
def mirror(backing, monday):
    return Mirror(backing, Window(monday - WEEK, monday + 10 * WEEK))


def test_first_pass_is_a_full_listing(backing, mirror, monday):
    backing.put_single("one", monday)
    mirror.sync()
    assert mirror.pages[0].full
    assert [event.uid for event in mirror.told] == ["one"]
    assert not any(page.full for page in mirror.pages[1:])


def test_empty_calendar_is_a_full_listing_of_nothing(mirror):
    mirror.sync()
    assert mirror.pages[0].full
    assert mirror.told == []


def test_cursor_is_on_the_last_page_only_when_there_are_many(backing, mirror, monday):
    for number in range(350):
        backing.put_single(f"uid{number}", monday)
    mirror.sync()
    assert len(mirror.pages) > 1
    assert [page.cursor is not None for page in mirror.pages] == [False] * (len(mirror.pages) - 1) + [True]
    assert len(mirror.events) == 350


def test_nothing_is_told_when_nothing_changed(backing, mirror, monday):
    only_with_increments(backing)
    backing.put_single("one", monday)
    backing.put_series("weekly", monday, 3)
    before = mirror.sync().events
    mirror.sync()
    assert mirror.told == [] or backing.replays
    assert not any(page.full or page.removed for page in mirror.pages)
    assert mirror.events == before


def test_same_cursor_gives_the_same_answer_twice(backing, mirror, monday):
    backing.put_single("one", monday)
    cursor = mirror.sync().cursor
    backing.put_single("two", monday)
    first = without_cursor(mirror.sync().pages)
    mirror.cursor = cursor
    assert without_cursor(mirror.sync().pages) == first


def test_reader_that_stops_early_loses_nothing(backing, mirror, monday):
    mirror.sync()
    for number in range(350):
        backing.put_single(f"uid{number}", monday)
    pages = backing.provider.changes(backing.calendar, mirror.cursor, mirror.window)
    assert next(pages).cursor is None
    assert len(mirror.sync().events) == 350


def test_new_event_is_told_alone(backing, mirror, monday):
    only_with_increments(backing)
    backing.put_single("one", monday)
    mirror.sync()
    backing.put_single("two", monday)
    told = [event.uid for event in mirror.sync().told]
    assert told == ["two"] or (backing.replays and set(told) == {"one", "two"})
    assert len(mirror.events) == 2


def test_changed_event_replaces_the_old_one(backing, mirror, monday):
    backing.put_single("one", monday, "before")
    mirror.sync()
    backing.put_single("one", monday, "after!")
    assert [event.title for event in mirror.sync().events.values()] == ["after!"]


def test_deleted_event_is_gone(backing, mirror, monday):
    backing.put_single("one", monday)
    backing.put_single("two", monday)
    mirror.sync()
    backing.delete("one")
    assert [event.uid for event in mirror.sync().events.values()] == ["two"]


def test_series_is_told_as_its_occurrences(backing, mirror, monday):
    backing.put_series("weekly", monday, 3)
    assert mirror.sync().starts == [monday, monday + WEEK, monday + 2 * WEEK]
    assert {event.recurrence_id for event in mirror.told} == {
        "2026-06-01T15:00:00Z",
        "2026-06-08T15:00:00Z",
        "2026-06-15T15:00:00Z",
    }


def test_moved_occurrence_keeps_its_original_start_as_its_name(backing, mirror, monday):
    backing.put_series("weekly", monday, 3, moved={1: monday + WEEK + timedelta(hours=3)})
    moved = next(event for event in mirror.sync().told if event.instance is Instance.EXCEPTION)
    assert moved.recurrence_id == "2026-06-08T15:00:00Z"
    assert moved.start.instant == monday + WEEK + timedelta(hours=3)
    assert len(mirror.events) == 3


def test_series_change_replaces_the_whole_set(backing, mirror, monday):
    backing.put_series("weekly", monday, 5)
    mirror.sync()
    backing.put_series("weekly", monday + timedelta(hours=1), 2)
    mirror.sync()
    assert any(page.full or "weekly" in page.complete for page in mirror.pages)
    assert mirror.starts == [monday + timedelta(hours=1), monday + WEEK + timedelta(hours=1)]


def test_events_outside_the_window_are_not_told(backing, mirror, monday):
    backing.put_single("past", monday - 2 * WEEK)
    backing.put_single("future", monday + 11 * WEEK)
    assert mirror.sync().told == []


def test_window_has_an_inclusive_start_and_an_exclusive_end(backing, mirror, monday):
    backing.put_single("ends-at-start", mirror.window.start - timedelta(hours=1))
    backing.put_single("overlaps-start", mirror.window.start - timedelta(minutes=30))
    backing.put_single("starts-at-end", mirror.window.end)
    assert {event.uid for event in mirror.sync().told} == {"overlaps-start"}


def test_events_come_into_a_window_that_moves(backing, mirror, monday):
    backing.put_single("later", monday + 11 * WEEK)
    backing.put_series("weekly", monday, 20)
    mirror.sync()
    assert len(mirror.events) == 10
    mirror.window = Window(mirror.window.start + 2 * WEEK, mirror.window.end + 2 * WEEK)
    mirror.sync()
    assert "later" in {event.uid for event in mirror.events.values()}
    assert monday + 11 * WEEK in [event.start.instant for event in mirror.told if event.uid == "weekly"]


def test_every_weekly_occurrence_is_seen_once_the_window_reaches_it_day_by_day(backing, mirror, monday):
    backing.put_series("weekly", monday, 40)
    seen = set()
    for day in range(100):
        mirror.window = Window(monday - WEEK + timedelta(days=day), monday + 4 * WEEK + timedelta(days=day))
        seen |= {event.start.instant for event in mirror.sync().told}
        expected = {monday + number * WEEK for number in range(40) if monday + number * WEEK < mirror.window.end}
        assert expected <= seen


def test_garbage_cursor_is_refused(backing, mirror):
    for cursor in ("", "garbage", '{"version":99}', "9:1:2:3", "[]", "null"):
        with pytest.raises(CursorExpired):
            list(backing.provider.changes(backing.calendar, cursor, mirror.window))


def test_unreadable_thing_is_told_on_every_pass_and_costs_nothing_else(backing, mirror, monday):
    backing.put_single("one", monday)
    backing.break_something()
    for _ in range(3):
        mirror.sync()
        assert [problem for page in mirror.pages for problem in page.problems]
        assert [event.uid for event in mirror.events.values()] == ["one"]


def test_get_reads_a_single_event_afresh(backing, mirror, monday):
    backing.put_single("one", monday, "before")
    (event,) = mirror.sync().told
    backing.put_single("one", monday, "after!")
    assert backing.provider.get(event).title == "after!"


def test_get_finds_each_occurrence_of_a_series_as_it_was_told(backing, mirror, monday):
    moved = monday + 5 * WEEK if backing.moves_far else monday + WEEK + timedelta(hours=5)
    backing.put_series("weekly", monday, 4, moved={1: moved})
    for event in mirror.sync().told:
        assert dataclasses.replace(backing.provider.get(event), etag=event.etag) == event


def test_get_fails_when_the_event_is_gone(backing, mirror, monday):
    backing.put_single("one", monday)
    (event,) = mirror.sync().told
    backing.delete("one")
    assert is_gone(backing.provider, event)


def test_get_fails_when_the_occurrence_is_gone_but_not_the_series(backing, mirror, monday):
    backing.put_series("weekly", monday, 4)
    last = max(mirror.sync().told, key=lambda event: event.start.wall)
    backing.put_series("weekly", monday, 2)
    assert is_gone(backing.provider, last)


def test_unknown_calendar_is_refused(backing, mirror):
    with pytest.raises(AccountUnavailable):
        list(backing.provider.changes("no such calendar", None, mirror.window))


def test_unavailable_account_fails_and_its_cursor_stays_good(backing, mirror, monday):
    backing.put_single("one", monday)
    (event,) = mirror.sync().told
    backing.make_unavailable()
    with pytest.raises(AccountUnavailable) as failure:
        mirror.sync()
    assert failure.value.not_done
    assert failure.value.next_step
    assert mirror.events
    if not backing.provider.remote:  # a server's calendars are those that the configuration names
        with pytest.raises(AccountUnavailable):
            backing.provider.calendars()
    with pytest.raises(AccountUnavailable):
        backing.provider.get(event)


def test_calendars_are_named(backing):
    assert backing.provider.calendars()[0] == backing.calendar
