"""What an increment brings: everything that changed since a sync token."""

from collections.abc import Iterator

from . import expansion
from .rows import HORIZON, Row, Window, expanded, in_window
from .store import Calendar, Event, Fields, Store
from .switches import Switches


def changes(
    store: Store, calendar: Calendar, since: int, bound: Window, switches: Switches, *, single_events: bool
) -> list[Row]:
    """Deletions always; live events as far as `bound` takes their old or their new time."""
    found = sorted((each for each in calendar.events.values() if each.change > since), key=lambda each: each.change)
    if not single_events:
        return [
            Row(each, cancelled=store.cancelled(each))
            for each in found
            if store.cancelled(each) or _touches(store, calendar, each, since, bound)
        ]
    change = _Change(store, calendar, since, bound, switches)
    rows: dict[str, Row] = {}
    for event in found:
        for row in change.of(event):
            rows[row.event.id if row.event else row.gone] = row
    return list(rows.values())


def _touches(store: Store, calendar: Calendar, event: Event, since: int, bound: Window) -> bool:
    old = event.state_at(since)
    if bound.takes_series(store, calendar, event):
        return True
    return old is not None and bound.takes_series(store, calendar, Event(calendar.id, event.id, old))


class _Change:
    """The rows of one increment with singleEvents=true."""

    def __init__(self, store: Store, calendar: Calendar, since: int, bound: Window, switches: Switches):
        self.store, self.calendar, self.since, self.bound, self.switches = store, calendar, since, bound, switches

    def of(self, event: Event) -> Iterator[Row]:
        cancelled = self.store.cancelled(event)
        if event.series:
            yield from self._of_exception(event, cancelled=cancelled)
            return
        old = event.state_at(self.since)
        was_series = bool(old and old.get("recurrence"))
        if cancelled and (event.is_series or was_series):
            yield from self._of_deleted_series(event, old)
        elif event.is_series:
            live = expanded(self.store, self.calendar, event, self.bound, self.store.now())
            # Before the live ones: a single event that became a series is gone under what is the master's id now.
            yield from self._old_instances(event, old, {row.event.id for row in live if row.event})
            yield from live
        elif cancelled or _touches(self.store, self.calendar, event, self.since, self.bound):
            yield Row(event, cancelled=cancelled)
            if was_series:
                yield from self._old_instances(event, old, set())

    def _of_exception(self, event: Event, *, cancelled: bool) -> Iterator[Row]:
        master = self.calendar.events.get(event.series or "")
        if master and self.store.cancelled(master) and master.change > self.since:
            return
        if event.orphaned:
            if not self.switches.silent_old_instances:
                yield Row(None, gone=event.id)
        elif cancelled or _touches(self.store, self.calendar, event, self.since, self.bound):
            yield Row(event, cancelled=cancelled)

    def _of_deleted_series(self, event: Event, old: Fields | None) -> Iterator[Row]:
        was_single = old is not None and not old.get("recurrence")
        if was_single or self.switches.deleted_series == "master":
            yield Row(None, gone=event.id)
            return
        for suffix in self._suffixes(old if old and old.get("recurrence") else event.fields):
            yield Row(None, gone=f"{event.id}_{suffix}")
        for exception in self.calendar.exceptions(event.id):
            yield Row(None, gone=exception.id)

    def _old_instances(self, event: Event, old: Fields | None, live: set[str]) -> Iterator[Row]:
        """Of instances, or of a single event that became a series, that are there no more."""
        if old is None or old.get("status") == "cancelled" or self.switches.silent_old_instances:
            return
        if not old.get("recurrence"):
            yield Row(None, gone=event.id)
            return
        now = {f"{event.id}_{suffix}" for suffix in self._suffixes(event.fields)} if event.is_series else set()
        for suffix in self._suffixes(old):
            former = f"{event.id}_{suffix}"
            if former not in live | now:
                yield Row(None, gone=former)

    def _suffixes(self, fields: Fields) -> list[str]:
        reach = Window(self.bound.low, self.bound.high or self.store.now() + HORIZON)
        slots: Iterator[expansion.Slot] = in_window(fields, reach, self.calendar.zone, self.store.now())
        return [slot.suffix for slot in slots]
