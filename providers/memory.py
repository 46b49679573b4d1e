"""Calendars that live in memory: the simplest true provider, for tests and demonstrations."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from agendad.providers import recurrence, zones
from agendad.providers.base import (
    Applied,
    CalendarProvider,
    Cancel,
    Capabilities,
    Change,
    Decline,
    Move,
    Notices,
    Page,
    Patch,
    Problem,
    Propose,
    RestoreTo,
    Share,
    Tentative,
    Undo,
    Window,
    WriteKind,
)
from agendad.providers.bodies import with_lines, with_paragraphs
from agendad.providers.errors import AccountUnavailable, ChangeRefused, CursorExpired, EventNotFound
from agendad.providers.model import Event, EventTime, Instance, Partstat, Status
from agendad.providers.zones import as_utc

_PAGE_SIZE = 100
_WRITABLE = Capabilities(writes=frozenset(WriteKind) - {WriteKind.PROPOSE, WriteKind.SHARE}, notices=Notices.ON_REQUEST)


@dataclass(slots=True)
class _Calendar:
    events: dict[str, Event] = field(default_factory=dict)
    changed_at: dict[str, int] = field(default_factory=dict)
    """UID to the number of its latest change."""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the server would have told the guests of one change: one notice to each in `to`."""

    kind: WriteKind
    event: Event
    to: tuple[str, ...]
    message: str = ""


class MemoryProvider(CalendarProvider):
    """Calendars in memory. Every change has a number; a cursor is the number up to which was read.

    Args:
        account: the account's name.
        calendars: ids of its calendars.
        capabilities: what may be done to each of them.

    Attributes:
        available: False makes every call fail the way an unreachable account does.
        notices: what guests were told, oldest first.
    """

    def __init__(
        self, account: str, calendars: Iterable[str] = ("main",), *, capabilities: Capabilities = _WRITABLE
    ) -> None:
        super().__init__(account)
        self.available = True
        self.notices: list[Notice] = []
        self._capabilities = capabilities
        self._snapshots: list[tuple[Event, Event]] = []
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

    def capabilities(self, calendar: str) -> Capabilities:
        self._calendar(calendar)
        return self._capabilities

    def _apply(
        self, event: Event, change: Change, *, notify: bool, before_writing: Callable[[Undo | None], None]
    ) -> Applied:
        undo: Undo | None = None
        if isinstance(change, RestoreTo):
            after = self._restored(event, change)
        else:
            after = _changed(event, change)
            if event.instance is Instance.OCCURRENCE:
                after = dataclasses.replace(after, instance=Instance.EXCEPTION)
            undo = Undo(snapshot=str(len(self._snapshots)))
            self._snapshots.append((event, after))
        before_writing(undo)
        self.put(dataclasses.replace(after, etag=""))
        if self._capabilities.tells_guests(notify=notify):
            self._tell(after, change)
        told = self.get(after)
        return Applied(event=told, etag=told.etag, undo=undo)

    def _restored(self, now: Event, change: RestoreTo) -> Event:
        """Field by field, what the change set and nobody set since (a three-way merge)."""
        undo = change.undo
        if not undo.snapshot.isdecimal() or int(undo.snapshot) >= len(self._snapshots):
            raise ChangeRefused(
                "What was remembered of the change is not from this run.",
                not_done=f"{now.title!r} was not changed.",
                next_step="Change it yourself.",
            )
        before, after = self._snapshots[int(undo.snapshot)]
        untouched = dataclasses.replace(now, etag=after.etag) == after
        names = {field.name for field in dataclasses.fields(Event)}
        names -= {"etag", "marks"} if untouched else {"etag", "marks", "instance", "sequence", "stamped", "modified"}
        if (now.start, now.end) != (after.start, after.end):
            names -= {"start", "end"}
        back = {name: getattr(before, name) for name in names if getattr(now, name) == getattr(after, name)}
        ours = set(after.marks) - set(before.marks)
        restored = dataclasses.replace(now, **back, marks=tuple(mark for mark in now.marks if mark not in ours))
        if change.above is None:
            return restored
        later = max(restored.sequence, change.above) + 1
        instance = Instance.EXCEPTION if restored.in_series else Instance.SINGLE
        return dataclasses.replace(restored, sequence=later, instance=instance, stamped=change.at, modified=change.at)

    def _tell(self, event: Event, change: Change) -> None:
        organizer = event.organizer.email if event.organizer else ""
        answering = isinstance(change, Decline | Tentative)
        guests = [attendee.email for attendee in event.attendees if attendee.email not in ("", organizer)]
        to = tuple(dict.fromkeys([organizer] if answering else guests))
        message = "" if isinstance(change, Patch | Share | RestoreTo) else change.message
        self.notices.append(Notice(kind=change.kind, event=event, to=to, message=message))

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


def _changed(event: Event, change: Change) -> Event:
    match change:
        case Cancel():
            fields: dict[str, object] = {"status": Status.CANCELLED}
        case Decline():
            fields = _answered(event, {change.attendee.casefold()}, Partstat.DECLINED)
        case Tentative():
            fields = _answered(event, {change.attendee.casefold()}, Partstat.TENTATIVE)
        case Move():
            organizer = event.organizer.email if event.organizer else ""
            guests = {one.email for one in event.attendees if one.partstat is not Partstat.DELEGATED} - {organizer, ""}
            fields = _answered(event, guests, Partstat.NEEDS_ACTION)
            fields |= {"start": _at(change.start, event.start), "end": _at(change.end, event.start)}
            if change.lines:
                fields |= _patched(
                    event, Patch(mark=change.mark, at=change.at, marker=change.marker, lines=change.lines)
                )
        case Patch():
            fields = _patched(event, change)
        case Propose() | Share() | RestoreTo():
            raise AssertionError(f"{change.kind} is not among the capabilities, or is done elsewhere")
    sequence = event.sequence + isinstance(change, Cancel | Move)
    marks = (*event.marks, change.mark)
    fields |= {"sequence": sequence, "marks": marks, "stamped": change.at, "modified": change.at}
    return dataclasses.replace(event, **fields)  # type: ignore[arg-type]  # names and values stand side by side above


def _answered(event: Event, addresses: set[str], partstat: Partstat) -> dict[str, object]:
    return {
        "attendees": tuple(
            dataclasses.replace(one, partstat=partstat) if one.email in addresses else one for one in event.attendees
        )
    }


def _at(instant: datetime, like: EventTime) -> EventTime:
    return zones.at_instant(instant, zones.resolve(like.zone or "UTC", {}))


def _patched(event: Event, patch: Patch) -> dict[str, object]:
    fields: dict[str, object] = {}
    if event.text or not event.html:
        fields["text"] = "\n".join(with_lines(event.text.split("\n"), patch))
    if event.html:
        fields["html"] = with_paragraphs(event.html, patch)
    kept = tuple(label for label in event.categories if label != patch.release)
    added = () if patch.hold is None or patch.hold in kept else (patch.hold,)
    return fields | {"categories": kept + added}
