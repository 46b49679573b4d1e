"""calendarView/delta: rounds of pages, each under an opaque link.

A round is worked out at its first request and kept; its links hold nothing but a token. What was in the window comes
first; later rounds tell what changed since, and say @removed of live events outside the window too.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from . import recurrence, times
from .calls import PAGE, Call
from .errors import Refused, sync_state_gone
from .store import Calendar, Event, Fields, Item, Snapshot, Store
from .switches import Switches
from .views import Views

UNSUPPORTED = {"$select", "$expand", "$filter", "$orderby", "$search"}
TOKENS = {"$skiptoken", "$deltatoken"}


@dataclass
class Row:
    """One item of a round; `gone` without a state means @removed."""

    item: Item
    gone: bool = False

    @property
    def series(self) -> int:
        return self.item.event.number


@dataclass
class Round:
    place: tuple[str, int, str]
    """Address, calendar and asker: a token is good there only."""
    window: tuple[datetime, datetime]
    rows: list[Row]
    since: int
    """The last change that it knows of."""


@dataclass
class State:
    """What a link's token stands for."""

    kind: str
    round: Round
    offset: int = 0
    page: int = 0
    expired: bool = False


class Deltas:
    def __init__(self, store: Store, switches: Callable[[], Switches]):
        self.store, self._switches = store, switches
        self._states: dict[str, State] = {}
        self.never_ends = False
        """Every page says that there are more: seen with mailboxes whose state was broken."""

    def expire(self) -> None:
        for state in self._states.values():
            state.expired = True

    def answer(self, call: Call, calendar: Calendar) -> Fields:
        unsupported = sorted(UNSUPPORTED & set(call.query))
        if unsupported:
            raise Refused(f"{unsupported[0]} is not supported by delta on a calendarView.", code="ErrorInvalidUrlQuery")
        given = TOKENS & set(call.query)
        if not given:
            return self._page(call, State("page", self._first(call, calendar)))
        if len(call.query) > 1:
            raise Refused("a link is to be used as it was given", code="ErrorInvalidUrlQuery")
        state = self._opened(call, calendar, next(iter(given)))
        if state.kind == "$deltatoken":
            return self._page(call, State("page", self._next(calendar, state.round)))
        return self._page(call, state)

    def _opened(self, call: Call, calendar: Calendar, kind: str) -> State:
        state = self._states.get(call.query[kind])
        if state is None or state.kind != kind or state.round.place != _place(call, calendar):
            raise Refused("Badly formed token.", code="badRequest")
        if state.expired:
            raise sync_state_gone(self._switches().gone_code)
        return state

    # Rounds

    def _first(self, call: Call, calendar: Calendar) -> Round:
        window = times.window(call.query)
        rows = [row for event in self.store.events(calendar) if not event.deleted for row in self._now(event, window)]
        return Round(_place(call, calendar), window, _any_order(rows), self.store.last_change)

    def _next(self, calendar: Calendar, last: Round) -> Round:
        rows = []
        for event in self.store.events(calendar):
            if event.told > last.since:
                rows += list(self._changes(event, last))
        rows = _any_order(rows)
        if self._switches().replays:
            unchanged = [row for row in last.rows if not row.gone and row.item.event.change <= last.since]
            rows = unchanged[-1:] + rows
        return Round(last.place, last.window, rows, self.store.last_change)

    def _now(self, event: Event, window: tuple[datetime, datetime]) -> list[Row]:
        """What a view has of an event; a master only together with an occurrence."""
        if not event.is_series:
            item = Item(event)
            return [Row(item)] if item.overlaps(*window) else []
        found = [Row(each) for each in self.store.occurrences(event, *window)]
        if found and self._switches().masters_in_delta == "first-dates":
            found.append(Row(Item(event)))
        return found

    def _changes(self, event: Event, last: Round) -> Iterator[Row]:
        before = event.state_at(last.since)
        was_series = bool(before and before.fields.get("recurrence"))
        if event.deleted:
            yield Row(Item(event), gone=True)
            if was_series and before and self._switches().deleted_series == "occurrences":
                yield from self._former(event, before, last, live=set())
            return
        if event.own_told <= last.since and not self._switches().series_share_change_key:
            yield from self._changed_exceptions(event, last)
            return
        rows = self._now(event, last.window)
        live = {row.item.key for row in rows if row.item.key}
        if before and was_series:
            yield from self._former(event, before, last, live)
        yield from rows
        if not rows:
            # Also for an event that never was inside: to say of what is outside that it was removed is Graph's way.
            yield Row(Item(event), gone=True)

    def _changed_exceptions(self, event: Event, last: Round) -> Iterator[Row]:
        for key, override in event.exceptions.items():
            item = self.store.occurrence(event, key)
            if item and override.told > last.since:
                yield Row(item, gone=not item.overlaps(*last.window))

    def _former(self, event: Event, before: Snapshot, last: Round, live: set[str]) -> Iterator[Row]:
        """Occurrences that were there at the last round and are not now, as far as switches tell of them."""
        switches = self._switches()
        rescheduled = any(before.fields.get(name) != event.fields.get(name) for name in ("start", "end", "recurrence"))
        told = switches.rescheduled_series if rescheduled else switches.deleted_occurrence
        if before.deleted or (told != "removed" and not event.deleted):
            return
        for slot in recurrence.slots(before.fields, last.window[1]):
            outside = times.bound(slot.key, "key") < last.window[0]
            if not outside and slot.key not in before.removed | live:
                yield Row(Item(event, slot.key, slot), gone=True)

    # Pages

    def _page(self, call: Call, state: State) -> Fields:
        switches, rows = self._switches(), state.round.rows
        size = call.prefer.page_size or PAGE
        empty = switches.empty_pages and state.page % 2 == 0
        end = state.offset if empty else self._end(rows, state.offset, size, switches)
        shown = rows[state.offset : end]
        if switches.duplicates and state.offset and shown:
            shown = [rows[state.offset - 1], *shown]
        answer: Fields = {"@odata.context": "$metadata#Collection(event)"}
        if end < len(rows) or empty or self.never_ends:
            further = replace(state, kind="$skiptoken", offset=end % max(len(rows), 1), page=state.page + 1)
            answer["@odata.nextLink"] = self._link(call, further)
        else:
            answer["@odata.deltaLink"] = self._link(call, State("$deltatoken", state.round))
        views = Views(self.store, switches, call.prefer)
        return {**answer, "value": [self._shown(views, call, row) for row in shown]}

    @staticmethod
    def _end(rows: list[Row], offset: int, size: int, switches: Switches) -> int:
        end = min(offset + size, len(rows))
        while not switches.series_split_over_pages and 0 < end < len(rows) and rows[end].series == rows[end - 1].series:
            end += 1
        return end

    def _link(self, call: Call, state: State) -> str:
        token = secrets.token_urlsafe(40)
        self._states[token] = state
        return f"{call.address}?{state.kind}={token}"

    @staticmethod
    def _shown(views: Views, call: Call, row: Row) -> Any:
        if row.gone or row.item.event.deleted:
            return views.removed(row.item)
        return views.in_delta(row.item, sees_private=call.sees_private)


def _place(call: Call, calendar: Calendar) -> tuple[str, int, str]:
    return call.address, calendar.number, call.actor.email if call.actor else ""


def _any_order(rows: list[Row]) -> list[Row]:
    """No order is promised: here occurrences may come before their master, and series after one another."""

    def place(row: Row) -> tuple[bytes, bytes]:
        series = hashlib.sha256(f"{row.series}".encode()).digest()
        return series, hashlib.sha256(f"{row.series} {row.item.key}".encode()).digest()

    return sorted(rows, key=place)
