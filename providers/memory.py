"""Calendars that live in memory: the simplest true provider, for tests and demonstrations."""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agendad.providers import recurrence
from agendad.providers.base import CalendarProvider, Page, Problem, Window
from agendad.providers.errors import AccountUnavailable, CursorExpired, EventNotFound
from agendad.providers.model import Event
from agendad.providers.zones import as_utc

_PAGE_SIZE = 100


@dataclass(slots=True)
class _Calendar:
    events: dict[str, Event] = field(default_factory=dict)
    changed_at: dict[str, int] = field(default_factory=dict)
    """UID to the number of its latest change."""
    problems: tuple[Problem, ...] = ()


class MemoryProvider(CalendarProvider):
    """Calendars in memory. Every change has a number; a cursor is the number up to which was read.

    Attributes:
        available: False makes every call fail the way an unreachable account does.
    """

    def __init__(self, account: str, calendars: Iterable[str] = ("main",)) -> None:
        super().__init__(account)
        self.available = True
        self._calendars = {name: _Calendar() for name in calendars}
        self._number = 0
        self._oldest = 0

    def put(self, *events: Event) -> None:
        """Add events, or replace those with the same calendar and id. Their account becomes this one."""
        for event in events:
            self._number += 1
            held = self._calendars[event.calendar]
            held.events[event.id] = dataclasses.replace(
                event, account=self.account, etag=event.etag or f"{self._number}"
            )
            held.changed_at[event.uid] = self._number

    def remove(self, calendar: str, uid: str, recurrence_id: str | None = None) -> None:
        """Take away one occurrence, or without `recurrence_id` all that has this UID."""
        held = self._calendars[calendar]
        self._number += 1
        held.changed_at[uid] = self._number
        for event in list(held.events.values()):
            if event.uid == uid and recurrence_id in (None, event.recurrence_id):
                del held.events[event.id]

    def report(self, calendar: str, *problems: Problem) -> None:
        """Set what is told as unreadable on every pass."""
        self._calendars[calendar].problems = problems

    def forget_changes(self) -> None:
        """Make all cursors given out so far expire."""
        self._number += 1
        self._oldest = self._number

    def calendars(self) -> tuple[str, ...]:
        self._reach()
        return tuple(self._calendars)

    def changes(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        held = self._calendar(calendar)
        since, start, end = self._read_cursor(cursor) if cursor is not None else (-1, 0.0, 0.0)
        listed: dict[str, list[Event]] = {}
        for event in held.events.values():
            came_in = recurrence.inside(event.start, event.end, window) and (
                as_utc(event.end).timestamp() >= end or as_utc(event.start).timestamp() < start
                if cursor is not None else True
            )  # fmt: skip
            if came_in or held.changed_at[event.uid] > since:
                listed.setdefault(event.uid, [])
        for uid, number in held.changed_at.items():
            if number > since and (cursor is not None or uid in listed):
                listed.setdefault(uid, [])
        for event in held.events.values():
            if event.uid in listed and recurrence.inside(event.start, event.end, window):
                listed[event.uid].append(event)
        now = f"1:{self._number}:{window.start.timestamp()}:{window.end.timestamp()}"
        return iter(self._pages(listed, held.problems, full=cursor is None, cursor=now))

    def get(self, event: Event) -> Event:
        held = self._calendar(event.calendar)
        if event.id not in held.events:
            raise EventNotFound(
                f"{event.title!r} is no longer in the calendar {event.calendar!r}.",
                not_done="It was not read again.",
                next_step="The next sync will drop it.",
            )
        return held.events[event.id]

    @staticmethod
    def _pages(listed: dict[str, list[Event]], problems: tuple[Problem, ...], *, full: bool, cursor: str) -> list[Page]:
        uids = sorted(listed)
        chunks = [uids[at : at + _PAGE_SIZE] for at in range(0, len(uids), _PAGE_SIZE)] or [[]]
        return [
            Page(
                events=tuple(event for uid in chunk for event in listed[uid]),
                complete=frozenset(chunk),
                problems=problems if chunk is chunks[-1] else (),
                full=full and chunk is chunks[0],
                cursor=cursor if chunk is chunks[-1] else None,
            )
            for chunk in chunks
        ]

    def _reach(self) -> None:
        if not self.available:
            raise AccountUnavailable(
                f"The account {self.account!r} cannot be reached.",
                not_done="Nothing was read.",
                next_step="It is tried again at the next pass.",
            )

    def _calendar(self, name: str) -> _Calendar:
        self._reach()
        if name not in self._calendars:
            raise AccountUnavailable(
                f"The account {self.account!r} has no calendar {name!r}.",
                not_done="Nothing was read.",
                next_step=f"Name one of these in the configuration: {', '.join(self._calendars)}.",
            )
        return self._calendars[name]

    def _read_cursor(self, cursor: str) -> tuple[int, float, float]:
        try:
            version, number, start, end = cursor.split(":")
            read = int(number), float(start), float(end)
        except ValueError:
            version, read = "", (0, 0.0, 0.0)
        if version != "1" or not self._oldest <= read[0] <= self._number:
            raise CursorExpired(
                "The cursor is not known here.",
                not_done="Nothing was read.",
                next_step="Start again without one.",
            )
        return read
