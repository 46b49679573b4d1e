"""Mailboxes, calendars and the events in them.

Each mailbox has a copy of its own of a meeting, under ids of its own; the copies share the iCalUId. The organizer's is
the main copy. A series keeps its exceptions as what differs from the rule, and the keys of its deleted occurrences.
"""

import copy
import itertools
import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from . import ids, recurrence, times
from .errors import id_malformed, item_not_found

Fields = dict[str, Any]
ROLES = ("read", "write", "delegate")
DELETED = 0
"""The number of the folder Deleted Items."""


def same(one: str, other: str) -> bool:
    """Addresses are compared without regard to case."""
    return one.casefold() == other.casefold()


@dataclass
class Person:
    email: str
    zone: str
    name: str
    personal: bool
    oid: str = field(default_factory=lambda: str(uuid.uuid4()))
    guid: uuid.UUID = field(default_factory=uuid.uuid4)
    """Of the mailbox."""
    working_hours: Fields | None = None
    events: dict[int, "Event"] = field(default_factory=dict)
    messages: list[Fields] = field(default_factory=list)

    @property
    def recipient(self) -> Fields:
        return {"name": self.name, "address": self.email}


@dataclass
class Calendar:
    id: str
    number: int
    owner: str
    name: str
    default: bool
    roles: dict[str, str] = field(default_factory=dict)
    """By casefolded address, the owner not among them."""

    def role(self, address: str) -> str | None:
        return "owner" if same(address, self.owner) else self.roles.get(address.casefold())


@dataclass
class Override:
    """What an exception has of its own."""

    fields: Fields = field(default_factory=dict)
    own: Fields = field(default_factory=dict)
    change: int = 0
    told: int = 0


@dataclass
class Snapshot:
    told: int
    fields: Fields
    """start, end, isAllDay and recurrence only."""
    removed: frozenset[str]
    deleted: bool


@dataclass
class Event:
    """One copy of an event: a single one, or a series with its exceptions."""

    mailbox: str
    number: int
    calendar: int
    """The calendar's number; it stays when the event goes to Deleted Items."""
    uid: str
    fields: Fields
    own: Fields
    """What belongs to this copy alone: categories, reminders, showAs, the answer, extended properties."""
    created: datetime
    modified: datetime
    deleted: bool = False
    change: int = 0
    """Number of the last change of it or of its occurrences."""
    own_change: int = 0
    told: int = 0
    """Number of the last change that increments tell of."""
    own_told: int = 0
    exceptions: dict[str, Override] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    history: list[Snapshot] = field(default_factory=list)

    @property
    def is_series(self) -> bool:
        return bool(self.fields.get("recurrence"))

    @property
    def organizer(self) -> str:
        return self.fields["organizer"]["address"]

    @property
    def is_organizer(self) -> bool:
        return same(self.organizer, self.mailbox)

    def state_at(self, told: int) -> Snapshot | None:
        """What increments had told of by then; None before the event was there."""
        earlier = [each for each in self.history if each.told <= told]
        return earlier[-1] if earlier else None


@dataclass
class Item:
    """What an id names: an event, or one occurrence of a series."""

    event: Event
    key: str | None = None
    slot: recurrence.Slot | None = None

    @property
    def override(self) -> Override | None:
        return self.event.exceptions.get(self.key or "")

    @property
    def type(self) -> str:
        if self.key:
            return "exception" if self.override else "occurrence"
        return "seriesMaster" if self.event.is_series else "singleInstance"

    @property
    def fields(self) -> Fields:
        if not self.slot:
            return self.event.fields
        kept = {name: value for name, value in self.event.fields.items() if name != "recurrence"}
        return {**kept, "start": self.slot.start, "end": self.slot.end, **(self.override or Override()).fields}

    @property
    def own(self) -> Fields:
        return {**self.event.own, **(self.override.own if self.override else {})}

    def span(self) -> tuple[datetime, datetime]:
        """Start and end as instants; all-day events float and count as days in UTC."""
        fields = self.fields
        if fields.get("isAllDay"):
            first, last = (times.clock(fields[name]["dateTime"]).replace(tzinfo=UTC) for name in ("start", "end"))
            return first, last
        return times.instant(fields["start"]), times.instant(fields["end"])

    def overlaps(self, low: datetime, high: datetime) -> bool:
        start, end = self.span()
        return start < high and (end > low or start == end == low)


class Store:
    def __init__(self, now: Callable[[], datetime]):
        self.now = now
        self.people: dict[str, Person] = {}
        self.calendars: dict[int, Calendar] = {}
        self._numbers, self._changes = itertools.count(1), itertools.count(1)
        self.last_change = 0

    # People and calendars

    def person(self, name: str) -> Person | None:
        """By address or by object id."""
        found = self.people.get(name.casefold())
        return found or next((each for each in self.people.values() if each.oid == name), None)

    def add_calendar(self, owner: Person, name: str, *, default: bool) -> Calendar:
        number = next(self._numbers)
        calendar = Calendar(ids.calendar_id(owner.guid, number), number, owner.email, name, default)
        self.calendars[number] = calendar
        return calendar

    def calendar(self, calendar_id: str) -> Calendar | None:
        return next((each for each in self.calendars.values() if each.id == calendar_id), None)

    def default_calendar(self, person: Person) -> Calendar:
        return next(each for each in self.calendars.values() if each.default and same(each.owner, person.email))

    # Events

    def make(self, calendar: Calendar, fields: Fields, own: Fields, uid: str | None = None) -> Event:
        owner, now = self.people[calendar.owner.casefold()], self.now()
        uid = uid or ids.ical_uid(now, secrets.token_bytes(16))
        event = Event(owner.email.casefold(), next(self._numbers), calendar.number, uid, fields, own, now, now)
        owner.events[event.number] = event
        return event

    def touch(self, event: Event, key: str | None = None, *, tell: bool = True) -> None:
        """Note a change of the event, or of one occurrence; increments tell of it unless `tell` is False."""
        event.change = self.last_change = next(self._changes)
        event.modified = self.now()
        override = event.exceptions.get(key or "")
        if override:
            override.change = event.change
        else:
            event.own_change = event.change
        if not tell:
            return
        event.told = event.change
        if override:
            override.told = event.change
        else:
            event.own_told = event.change
        kept = {name: event.fields[name] for name in ("start", "end", "isAllDay", "recurrence") if name in event.fields}
        event.history.append(Snapshot(event.told, copy.deepcopy(kept), frozenset(event.removed), event.deleted))

    def events(self, calendar: Calendar) -> list[Event]:
        """Also those that went to Deleted Items."""
        owner = self.people[calendar.owner.casefold()]
        return [each for each in owner.events.values() if each.calendar == calendar.number]

    def copy_in(self, person: Person, uid: str) -> Event | None:
        """The live copy that a mailbox has of a meeting."""
        return next((each for each in person.events.values() if each.uid == uid and not each.deleted), None)

    def main_copy(self, event: Event) -> Event | None:
        organizer = self.person(event.organizer)
        return self.copy_in(organizer, event.uid) if organizer else None

    def occurrence(self, event: Event, key: str) -> Item | None:
        """None for what the rule does not make, and for what was deleted."""
        slot = recurrence.slot(event.fields, key) if event.is_series and key not in event.removed else None
        return Item(event, key, slot) if slot else None

    def occurrences(self, event: Event, low: datetime, high: datetime) -> Iterator[Item]:
        """Those that a window takes; an exception by its own time, wherever the rule had it."""
        keys = set(event.exceptions)
        for slot in recurrence.slots(event.fields, high):
            item = Item(event, slot.key, slot)
            keys.discard(slot.key)
            if slot.key not in event.removed and item.overlaps(low, high):
                yield item
        for key in sorted(keys):
            later = self.occurrence(event, key)
            if later and later.overlaps(low, high):
                yield later

    def resolve(self, person: Person, text: str, *, deleted_too: bool = False) -> tuple[Item, ids.Parsed]:
        """The item that an id names in this mailbox."""
        parsed = ids.parse(text)
        if parsed is None:
            raise id_malformed()
        event = person.events.get(parsed.number) if parsed.mailbox == person.guid else None
        if event is None or (event.deleted and not (deleted_too and parsed.immutable)):
            raise item_not_found()
        if not parsed.immutable and parsed.folder != event.calendar:
            raise item_not_found()
        item = self.occurrence(event, parsed.key) if parsed.key else Item(event)
        if item is None:
            raise item_not_found()
        return item, parsed

    def id_of(self, item: Item, *, immutable: bool, in_calendar: bool = False) -> str:
        event = item.event
        folder = DELETED if event.deleted and not in_calendar else event.calendar
        return ids.item_id(self.people[event.mailbox].guid, folder, event.number, item.key, immutable=immutable)
