"""What a listing is made of: events and instances, and the window that they must lie in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import expansion, times
from .calls import Call
from .store import Calendar, Event, Fields, Store, instance

HORIZON = timedelta(days=2 * 366)
"""How far ahead of now a series is expanded where nothing else bounds it."""


@dataclass(frozen=True)
class Row:
    """One item; `event` is None for something that is there no more and of which only the id is known."""

    event: Event | None
    cancelled: bool = False
    gone: str = ""


@dataclass(frozen=True)
class Window:
    """timeMin bounds an event's end and timeMax its start, both exclusive."""

    low: datetime | None = None
    high: datetime | None = None

    @classmethod
    def of(cls, call: Call, slack: timedelta = timedelta()) -> "Window":
        low, high = (
            times.parse(call.parameters[name]) if name in call.parameters else None for name in ("timeMin", "timeMax")
        )
        return cls(low - slack if low else None, high)

    def sealed(self) -> list[str | None]:
        return [bound.isoformat() if bound else None for bound in (self.low, self.high)]

    @classmethod
    def opened(cls, sealed: list[str | None]) -> "Window":
        low, high = (datetime.fromisoformat(bound) if bound else None for bound in sealed)
        return cls(low, high)

    def takes(self, fields: Fields, zone: str) -> bool:
        after = self.low is None or times.instant(fields["end"], zone) > self.low
        return after and (self.high is None or times.instant(fields["start"], zone) < self.high)

    def takes_series(self, store: Store, calendar: Calendar, event: Event) -> bool:
        """A series is inside with any of its instances."""
        if self.low is None and self.high is None:
            return True
        if not event.is_series:
            return self.takes(event.fields, calendar.zone)
        return next(in_window(event.fields, self, calendar.zone, store.now()), None) is not None


def in_window(fields: Fields, window: Window, zone: str, now: datetime) -> Iterator[expansion.Slot]:
    """The slots of a series that the window takes."""
    until = window.high or max(now, window.low or now) + HORIZON
    for slot in expansion.slots(fields, until):
        if window.takes({"start": slot.start, "end": slot.end}, zone):
            yield slot


def expanded(
    store: Store, calendar: Calendar, master: Event, window: Window, now: datetime, *, exceptions: bool = True
) -> list[Row]:
    """The instances of a series; an exception stands for what the rule has at its original start.

    A moved exception is inside by its own time. Without `exceptions` those are left to the caller.
    """
    stored = {each.id: each for each in calendar.exceptions(master.id)}
    rows = [
        Row(made, cancelled=store.cancelled(master))
        for slot in in_window(master.fields, window, calendar.zone, now)
        if (made := instance(master, slot)).id not in stored
    ]
    if exceptions:
        rows += [
            Row(each, cancelled=store.cancelled(each))
            for each in stored.values()
            if not each.orphaned and window.takes(each.fields, calendar.zone)
        ]
    rows.sort(key=lambda row: times.instant(row.event.fields["start"], calendar.zone) if row.event else now)
    return rows
