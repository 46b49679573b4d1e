"""People, calendars and the events on them.

Each calendar has a copy of its own of an event, with the same id and iCalUID. The organizer's is the main copy: the
calendar whose id is the organizer's address. An instance of a series is stored only when it differs from what the
rule makes of its master; otherwise it is worked out when it is asked for.
"""

import copy
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from . import expansion, times
from .errors import not_found

ROLES = ("none", "freeBusyReader", "reader", "writer", "owner")
Fields = dict[str, Any]


def rank(role: str) -> int:
    return ROLES.index(role)


def same(one: str, other: str) -> bool:
    """Addresses are compared without regard to case."""
    return one.casefold() == other.casefold()


@dataclass
class Person:
    email: str
    zone: str
    name: str
    service_account: bool = False
    settings: dict[str, str] = field(default_factory=dict)


@dataclass
class Snapshot:
    """What increments need to know of an earlier state."""

    change: int
    fields: Fields
    """start, end, recurrence and status only."""


@dataclass
class Event:
    """One copy of an event: a single one, a series (a master), or an exception of a series."""

    calendar: str
    id: str
    fields: Fields
    change: int = 0
    """Number of the last change; the etag and the increments follow it."""
    updated: datetime | None = None
    history: list[Snapshot] = field(default_factory=list)
    seen: Fields | None = None
    """On a guest's copy: the main copy's fields when they last came over."""
    removed_by_guest: bool = False
    orphaned: bool = False
    """An exception whose original start the series does not have any more."""

    @property
    def is_main(self) -> bool:
        return same(self.fields["organizer"]["email"], self.calendar)

    @property
    def is_series(self) -> bool:
        return bool(self.fields.get("recurrence"))

    @property
    def series(self) -> str | None:
        return self.fields.get("recurringEventId")

    @property
    def etag(self) -> str:
        return f'"{3_500_000_000_000_000 + 2_000 * self.change}"'

    def state_at(self, change: int) -> Fields | None:
        """The fields of the snapshot that was current then; None before the event was there."""
        earlier = [each for each in self.history if each.change <= change]
        return earlier[-1].fields if earlier else None


@dataclass
class Calendar:
    id: str
    owner: str
    zone: str
    summary: str
    primary: bool
    roles: dict[str, str] = field(default_factory=dict)
    """By casefolded address, the owner not among them."""
    acl_version: dict[str, int] = field(default_factory=dict)
    """Counts changes of a person's role: sync tokens die with them."""
    working_hours: dict[str, Any] | None = None
    change: int = 0
    updated: datetime | None = None
    events: dict[str, Event] = field(default_factory=dict)

    def role(self, person: str) -> str:
        return "owner" if same(person, self.owner) else self.roles.get(person.casefold(), "none")

    def exceptions(self, master_id: str) -> list[Event]:
        return [each for each in self.events.values() if each.series == master_id]


class Store:
    def __init__(self, now: Callable[[], datetime]):
        self.now = now
        self.people: dict[str, Person] = {}
        self.calendars: dict[str, Calendar] = {}
        self._changes = itertools.count(1)
        self.last_change = 0

    def person(self, email: str) -> Person | None:
        return self.people.get(email.casefold())

    def calendar(self, calendar_id: str) -> Calendar | None:
        return self.calendars.get(calendar_id.casefold())

    def tick(self) -> int:
        self.last_change = next(self._changes)
        return self.last_change

    def touch(self, event: Event, *, updated: bool = True) -> None:
        """Note a change. Reminders alone leave `updated` as it was."""
        event.change = self.tick()
        if updated or event.updated is None:
            event.updated = self.now()
        calendar = self.calendars[event.calendar.casefold()]
        calendar.events[event.id] = event
        calendar.change, calendar.updated = event.change, event.updated
        kept = {name: event.fields[name] for name in ("start", "end", "recurrence", "status") if name in event.fields}
        if event.removed_by_guest or event.orphaned:
            kept["status"] = "cancelled"
        event.history.append(Snapshot(event.change, copy.deepcopy(kept)))

    def resolve(self, calendar: Calendar, event_id: str) -> Event:
        """A stored event, or an instance as the rule has it (not stored); 404 if there is neither."""
        found = calendar.events.get(event_id)
        if found:
            return found
        parts = expansion.split_id(event_id)
        master = calendar.events.get(parts[0]) if parts else None
        slot = expansion.slot(master.fields, parts[1]) if parts and master and master.is_series else None
        if master is None or slot is None:
            raise not_found()
        return instance(master, slot)

    def cancelled(self, event: Event) -> bool:
        """Deleted or cancelled, by itself or with its series."""
        if event.fields["status"] == "cancelled" or event.removed_by_guest or event.orphaned:
            return True
        master = self.calendars[event.calendar.casefold()].events.get(event.series or "")
        return master is not None and self.cancelled(master)

    def main_calendar(self, event: Event) -> Calendar | None:
        """Where the main copy is; None when the organizer is not here."""
        return self.calendar(event.fields["organizer"]["email"])

    def copies(self, main: Event) -> Iterator[tuple[Calendar, Event]]:
        for calendar in self.calendars.values():
            if not same(calendar.id, main.calendar) and main.id in calendar.events:
                yield calendar, calendar.events[main.id]


def instance(master: Event, slot: expansion.Slot) -> Event:
    """An instance as the rule has it: its master's fields, etag and `updated`, its own times."""
    fields = copy.deepcopy(master.fields)
    del fields["recurrence"]
    fields.update(start=slot.start, end=slot.end, recurringEventId=master.id, originalStartTime=slot.start)
    made = Event(master.calendar, f"{master.id}_{slot.suffix}", fields, master.change, master.updated)
    made.removed_by_guest = master.removed_by_guest
    if master.seen is not None:
        made.seen = copy.deepcopy(master.seen)
        made.seen.pop("recurrence", None)
        made.seen.update({k: fields[k] for k in ("start", "end", "recurringEventId", "originalStartTime")})
    return made


def starts_before(event_fields: Fields, bound: datetime | None, zone: str) -> bool:
    return bound is None or times.instant(event_fields["start"], zone) < bound


def ends_after(event_fields: Fields, bound: datetime | None, zone: str) -> bool:
    return bound is None or times.instant(event_fields["end"], zone) > bound
