"""From one UID's VEVENTs to its occurrences inside a window.

dateutil works out the dates of the rules, and recurring-ical-events puts the exceptions to them, on wall clocks
of the master's zone: a weekly 09:00 stays 09:00 across DST, and zones that have no instants expand too. The clocks
become instants afterwards. Rules are looked at before they are run and their dates are counted, so that none can
take more than a bounded number of steps.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import icalendar
import recurring_ical_events
from icalendar import vRecur

from agendad.providers import zones
from agendad.providers.base import Window
from agendad.providers.icalendar_reading import Draft, lasting
from agendad.providers.icslines import Fault
from agendad.providers.model import Event, EventTime, Instance, Status, ZoneKind
from agendad.providers.rulecheck import Fitted, RuleRefused, narrow, walk

MAX_OCCURRENCES = 2000
"""Occurrences of one series inside one window."""
MAX_FOLLOWING = 100
"""Exceptions of one series that change all that follows (RANGE=THISANDFUTURE)."""
MAX_REACH = timedelta(days=366)
"""How long an occurrence of a rule may last, or be moved."""
AHEAD = timedelta(days=7)
"""How far past the window it is looked whether a series goes on."""

_MAX_FOUND = 50_000
"""Dates of one series that are looked at more closely; far more than `MAX_OCCURRENCES`, as exceptions move some."""
_SLACK = timedelta(days=1, hours=14)
_CLOCK_CHANGE = timedelta(hours=2)
"""The most that clocks are set back."""
_INDEX = "X-AGENDAD-DRAFT"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Expansion:
    """`due` is the first window end that brings something new; None if nothing will."""

    events: tuple[Event, ...]
    due: datetime | None = None
    faults: tuple[tuple[Draft, Fault], ...] = ()


def inside(start: EventTime, end: EventTime, window: Window) -> bool:
    """Whether any part lies in the window; where there is no instant, with a day's slack."""
    slack = timedelta() if start.instant is not None else _DAY
    begin, finish = zones.as_utc(start), zones.as_utc(end)
    return begin < window.end + slack and (finish > window.start - slack or begin >= window.start - slack)


def identified(event: Event) -> Event:
    """The event with its stable id."""
    name = event.uid if event.recurrence_id is None else f"{event.uid}#{event.recurrence_id}"
    return dataclasses.replace(event, id=name)


def recurrence_id(original: EventTime) -> str:
    """As `Event.recurrence_id` has it."""
    if original.kind is ZoneKind.DATE:
        return original.wall.date().isoformat()
    if original.instant is not None:
        return original.instant.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    return original.wall.isoformat(timespec="seconds")


def expand(master: Draft | None, exceptions: Sequence[Draft], window: Window, room: int = MAX_OCCURRENCES) -> Expansion:
    """The occurrences inside `window` of a master and the exceptions to it; either may be missing.

    Of what a rule names at most `room` are told, which may be none.
    """
    if master is not None and not master.recurs and not exceptions:
        event = master.template
        due = zones.as_utc(event.start) if zones.as_utc(event.start) >= window.end else None
        return Expansion((event,) if inside(event.start, event.end, window) else (), due)
    if master is None:
        events = [_exception(draft, None) for draft in exceptions]
        later = [start for draft in exceptions if (start := zones.as_utc(draft.template.start)) >= window.end]
        seen = tuple(event for event in events if inside(event.start, event.end, window))
        faults = ((exceptions[0], _capped(MAX_OCCURRENCES, exceptions[0].line)),) if len(seen) > MAX_OCCURRENCES else ()
        return Expansion(seen[:MAX_OCCURRENCES], min(later, default=None), faults)
    try:
        return _expand_series(master, exceptions, window, room)
    except RuleRefused as refusal:
        message = str(refusal)
    except (ValueError, TypeError, OverflowError, ArithmeticError, LookupError, AttributeError) as error:
        # dateutil checks few of the values it is given; what it trips over is a rule it cannot follow.
        message = f"the recurrence cannot be worked out ({error})"
    told = f"{message}; only its first date and what is written out besides were read"
    fault = Fault(told, master.rule_line, refused=False)
    return dataclasses.replace(_without_rules(master, exceptions, window), faults=((master, fault),))


def _capped(room: int, line: int) -> Fault:
    return Fault(f"more than {room:,} occurrences in view; the first {room:,} were read", line, refused=False)


def _without_rules(master: Draft, exceptions: Sequence[Draft], window: Window) -> Expansion:
    """The first date, in doubt, and the exceptions as they were written."""
    template = dataclasses.replace(master.template, body_readable=False)
    first = dataclasses.replace(master, template=template, rules=(), extra=())
    if not exceptions:
        return expand(first, (), window)
    others = expand(None, exceptions, window)
    event = _occurrence(first, template.start.wall, template.start, None)
    begin = zones.as_utc(event.start)
    if event.recurrence_id in {_exception(draft, None).recurrence_id for draft in exceptions}:
        return others
    if begin >= window.end:
        return Expansion(others.events, begin if others.due is None else min(begin, others.due))
    events = (event, *others.events) if inside(event.start, event.end, window) else others.events
    return Expansion(events, others.due)


def _expand_series(master: Draft, exceptions: Sequence[Draft], window: Window, room: int) -> Expansion:
    if room < 1:
        raise RuleRefused("the series before it have too many occurrences")
    series = _Series(master, exceptions, window, room)
    events: dict[str, Event] = {}
    due = window.end + AHEAD if series.goes_on else None
    for event in series.occurrences():
        key = event.recurrence_id or ""
        if key in events:
            continue
        start = zones.as_utc(event.start)
        if inside(event.start, event.end, window):
            events[key] = event
        elif start >= window.end:
            due = start if due is None else min(due, start)
        if len(events) >= room:
            break
    ordered = tuple(sorted(events.values(), key=lambda event: (zones.as_utc(event.start), event.recurrence_id or "")))
    if len(events) >= room or series.cut_short:
        return Expansion(ordered, window.end + _DAY, ((master, _capped(room, master.rule_line)),))
    return Expansion(ordered, due)


class _Series:
    """A master and its exceptions, copied onto naive wall clocks of the master's zone."""

    def __init__(self, master: Draft, exceptions: Sequence[Draft], window: Window, room: int) -> None:
        self.master, self.exceptions, self.zone = master, exceptions, master.zone
        self.all_day = master.zone.kind is ZoneKind.DATE
        start, end = self.clock(master.template.start), self.clock(master.template.end)
        self.span = max(end - start, timedelta())
        self.originals = [self._original(draft) for draft in exceptions]
        moved = list(self._moved())
        if len(moved) > MAX_FOLLOWING:
            raise RuleRefused(f"more than {MAX_FOLLOWING} exceptions change all that follows")
        self.shift = max(
            (abs(self.clock(draft.template.start) - original) for draft, original in moved), default=timedelta()
        )
        if master.rules and self.span + self.shift > MAX_REACH:
            raise RuleRefused("its occurrences last longer than a year, or are moved by more")
        slack = _DAY if self.zone.tz is None else _CLOCK_CHANGE  # what `inside` allows for
        self.low = window.start.astimezone(self.zone.tz or UTC).replace(tzinfo=None) - slack
        self.high = window.end.replace(tzinfo=None) + AHEAD + _SLACK
        low, high = self.low - self.span - self.shift, self.high + self.shift
        alone = len(master.rules) == 1
        fitted = [
            narrow(self._in_wall_time(rule), start, low, high, alone=alone, whole_days=self.all_day)
            for rule in master.rules
        ]
        self.goes_on = any(one.goes_on for one in fitted)
        self.goes_on = self.goes_on or any(self.clock(time) > self.high for time, _ in master.extra)
        self.goes_on = self.goes_on or any(self.clock(draft.template.start) > self.high for draft in exceptions)
        self.cut_short = False
        starts = self._starts(fitted, low, high, room)
        ends = [one.rule["UNTIL"][0] for one in fitted if one.rule is not None and "UNTIL" in one.rule]
        # A series that ends before it begins has not even its first date, and what is out of view is not told.
        first = start if not ends or max(ends) >= start else low - 2 * _DAY
        self.query = recurring_ical_events.of(self._calendar(first, starts), components=["VEVENT"])

    def _starts(self, rules: Iterable[Fitted], low: datetime, high: datetime, room: int) -> list[datetime]:
        """When the occurrences of the rules start, as far as more than `room` of them are in view."""
        plain = [self.clock(time) for time in self.master.excluded if time.kind is not ZoneKind.DATE]
        times, days = set(plain), {time.wall.date() for time in self.master.excluded if time.kind is ZoneKind.DATE}
        if self.all_day:
            days.update(time.date() for time in plain)
        surely_seen = self.low + self.shift + (timedelta() if self.zone.tz is None else 2 * _CLOCK_CHANGE)
        found: set[datetime] = set()
        last = high
        for rule in rules:
            left = room + len(self.exceptions) + 2
            for moment in walk(rule, low, last):
                if moment in times or moment.date() in days:
                    continue
                found.add(moment)
                if len(found) > _MAX_FOUND:
                    raise RuleRefused(f"the rule names more than {_MAX_FOUND:,} dates about the present")
                left -= moment + self.span > surely_seen
                if not left:
                    last = moment
                    break
        self.cut_short = last < self.high - AHEAD + self.shift
        return sorted(moment for moment in found if moment <= last)

    def clock(self, time: EventTime) -> datetime:
        return zones.wall_in(time, self.zone)

    def _original(self, draft: Draft) -> datetime:
        """RECURRENCE-ID on the master's clock; a bare date means that day's occurrence."""
        if draft.original is None:
            raise ValueError("an exception has a RECURRENCE-ID")
        wall = self.clock(draft.original)
        if self.all_day:
            return wall.replace(hour=0, minute=0, second=0)
        if draft.original.kind is ZoneKind.DATE:
            return datetime.combine(wall.date(), self.clock(self.master.template.start).time())
        return wall

    def _moved(self) -> Iterator[tuple[Draft, datetime]]:
        for draft, original in zip(self.exceptions, self.originals, strict=True):
            if draft.this_and_future:
                yield draft, original

    def _in_wall_time(self, rule: vRecur) -> vRecur:
        """UNTIL on the master's clock; a bare date includes its whole day."""
        if "UNTIL" not in rule:
            return rule
        until = rule["UNTIL"][0]
        if isinstance(until, datetime):
            if until.tzinfo is not None:
                until = zones.wall_in(
                    zones.at_wall(until.astimezone(UTC).replace(tzinfo=None), zones.UTC_ZONE), self.zone
                )
        else:
            until = datetime.combine(until, datetime.max.time().replace(microsecond=0))
        return vRecur({**rule, "UNTIL": [until]})

    def _stamp(self, wall: datetime) -> date:
        return wall.date() if self.all_day else wall

    def _calendar(self, first: datetime, starts: Iterable[datetime]) -> icalendar.Calendar:
        calendar = icalendar.Calendar()
        core = icalendar.Event()
        core.add("DTSTART", self._stamp(first))
        core.add("DTEND", self._stamp(first + self.span))
        dates = [*starts, *(self.clock(time) for time, _ in self.master.extra)]
        if dates:
            core.add("RDATE", [self._stamp(date) for date in dates])
        for time in self.master.excluded:
            plain = self.all_day or time.kind is ZoneKind.DATE
            core.add("EXDATE", [self.clock(time).date() if plain else self.clock(time)])
        components = {0: core}
        for index, (draft, original) in enumerate(zip(self.exceptions, self.originals, strict=True), start=1):
            if not self._matters(draft, original):
                continue
            start, end = self.clock(draft.template.start), self.clock(draft.template.end)
            exception = icalendar.Event()
            exception.add("DTSTART", self._stamp(start))
            exception.add("DTEND", self._stamp(max(start, end)))
            parameters = {"RANGE": "THISANDFUTURE"} if draft.this_and_future else {}
            exception.add("RECURRENCE-ID", self._stamp(original), parameters=parameters)
            components[index] = exception
        for index, component in components.items():
            component.add("UID", "series")
            component.add(_INDEX, str(index))
            calendar.add_component(component)
        return calendar

    def _matters(self, draft: Draft, original: datetime) -> bool:
        """Whether an exception adds an occurrence to what is looked at, takes one out of it, or moves later ones."""
        first = self.low - max(self.span, _DAY)
        begin, end = self.clock(draft.template.start), self.clock(draft.template.end)
        return draft.this_and_future or first <= original <= self.high or (begin <= self.high and end >= first)

    def occurrences(self) -> Iterator[Event]:
        """Every occurrence from `low` to `high`, in order; some may come twice."""
        lengths = {self.clock(time): length for time, length in self.master.extra if length is not None}
        found = [
            (int(component[_INDEX]), _wall(component["DTSTART"].dt), _wall(component["RECURRENCE-ID"].dt))
            for component in self.query.between(self.low, self.high)
        ]
        for index, start, original in sorted(found, key=lambda item: item[1]):
            yield self._event(index, start, original, lengths)

    def _event(self, index: int, start: datetime, original: datetime, lengths: dict[datetime, timedelta]) -> Event:
        if index == 0:
            return _occurrence(self.master, start, zones.at_wall(original, self.zone), lengths.get(start))
        draft, first = self.exceptions[index - 1], self.originals[index - 1]
        moved = self.clock(draft.template.start)
        if start == moved:
            return _exception(draft, zones.at_wall(first, self.zone))
        # A later occurrence under RANGE=THISANDFUTURE: moved by the same difference (RFC 5545 §3.2.13).
        before = zones.at_wall(start - (moved - first), self.zone)
        return _occurrence(draft, zones.wall_in(zones.at_wall(start, self.zone), draft.zone), before, None)


def _wall(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, datetime.min.time())


def _exception(draft: Draft, original: EventTime | None) -> Event:
    named = original or draft.original
    status = Status.CANCELLED if draft.method == "CANCEL" else draft.template.status
    key = None if named is None else recurrence_id(named)
    return identified(
        dataclasses.replace(draft.template, recurrence_id=key, instance=Instance.EXCEPTION, status=status)
    )


def _occurrence(draft: Draft, wall: datetime, original: EventTime, length: timedelta | None) -> Event:
    start = zones.at_wall(wall, draft.zone)
    return identified(
        dataclasses.replace(
            draft.template,
            start=start,
            end=_end(draft, start, length),
            recurrence_id=recurrence_id(original),
            instance=Instance.OCCURRENCE,
        )
    )


def _end(draft: Draft, start: EventTime, length: timedelta | None) -> EventTime:
    """Clocks keep their reading across DST; where the start is irregular, the exact length counts."""
    base = draft.template
    if length is not None or draft.duration is not None:
        return lasting(start, draft.zone, length if length is not None else draft.duration or timedelta())
    alike = base.end.tzid == base.start.tzid and base.end.kind is base.start.kind
    if start.instant is None or (alike and start.irregularity is None and base.start.irregularity is None):
        end = zones.at_wall(start.wall + (base.end.wall - base.start.wall), draft.zone)
        if zones.as_utc(end) >= zones.as_utc(start):
            return end
    if start.instant is None or base.start.instant is None or base.end.instant is None:
        return start
    end_zone = draft.zone if alike else zones.Zone(ZoneKind.UTC, UTC, "UTC", base.end.tzid)
    return zones.at_instant(start.instant + (base.end.instant - base.start.instant), end_zone)
