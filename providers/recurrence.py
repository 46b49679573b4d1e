"""From one UID's VEVENTs to its occurrences inside a window.

recurring-ical-events works out the dates, on wall clocks of the master's zone: a weekly 09:00 stays 09:00
across DST, and zones that have no instants expand too. The clocks become instants afterwards. Rules are
looked at before they are run, so that none can take more than a bounded number of steps.
"""

import dataclasses
from collections.abc import Iterator, Sequence
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
from agendad.providers.rulecheck import RuleRefused, narrow, spacing

MAX_OCCURRENCES = 2000
"""Occurrences of one series inside one window."""
AHEAD = timedelta(days=7)
"""How far past the window it is looked whether a series goes on."""

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


def expand(master: Draft | None, exceptions: Sequence[Draft], window: Window) -> Expansion:
    """The occurrences inside `window` of a master and the exceptions to it; either may be missing."""
    if master is not None and not master.recurs and not exceptions:
        event = master.template
        due = zones.as_utc(event.start) if zones.as_utc(event.start) >= window.end else None
        return Expansion((event,) if inside(event.start, event.end, window) else (), due)
    if master is None:
        events = [_exception(draft, None) for draft in exceptions]
        later = [start for draft in exceptions if (start := zones.as_utc(draft.template.start)) >= window.end]
        return Expansion(
            tuple(event for event in events if inside(event.start, event.end, window)),
            min(later, default=None),
        )
    try:
        return _expand_series(master, exceptions, window)
    except RuleRefused as refusal:
        message = str(refusal)
    except (ValueError, TypeError, OverflowError, ArithmeticError, LookupError, AttributeError) as error:
        # dateutil checks few of the values it is given; what it trips over is a rule it cannot follow.
        message = f"the recurrence cannot be worked out ({error})"
    told = f"{message}; only its first date and what is written out besides were read"
    fault = Fault(told, master.rule_line, refused=False)
    return dataclasses.replace(_without_rules(master, exceptions, window), faults=((master, fault),))


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


def _expand_series(master: Draft, exceptions: Sequence[Draft], window: Window) -> Expansion:
    series = _Series(master, exceptions, window)
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
        if len(events) >= MAX_OCCURRENCES:
            message = f"more than {MAX_OCCURRENCES:,} occurrences in view; the first {MAX_OCCURRENCES:,} were read"
            capped = Fault(message, master.rule_line, refused=False)
            return Expansion(tuple(events.values()), window.end + _DAY, ((master, capped),))
    ordered = sorted(events.values(), key=lambda event: (zones.as_utc(event.start), event.recurrence_id or ""))
    return Expansion(tuple(ordered), due)


class _Series:
    """A master and its exceptions, copied onto naive wall clocks of the master's zone."""

    def __init__(self, master: Draft, exceptions: Sequence[Draft], window: Window) -> None:
        self.master, self.exceptions, self.zone = master, exceptions, master.zone
        self.all_day = master.zone.kind is ZoneKind.DATE
        start, end = self.clock(master.template.start), self.clock(master.template.end)
        self.span = max(end - start, timedelta())
        self.originals = [self._original(draft) for draft in exceptions]
        shift = max(
            (abs(self.clock(draft.template.start) - original) for draft, original in self._moved()),
            default=timedelta(),
        )
        slack = _DAY if self.zone.tz is None else _CLOCK_CHANGE  # what `inside` allows for
        self.low = window.start.astimezone(self.zone.tz or UTC).replace(tzinfo=None) - slack
        self.high = window.end.replace(tzinfo=None) + AHEAD + _SLACK
        first, rules, self.goes_on = start, [], False
        for rule in master.rules:
            fitted = narrow(
                self._in_wall_time(rule),
                start,
                self.low - self.span - shift,
                self.high + shift,
                len(master.rules) == 1,
            )
            self.goes_on = self.goes_on or fitted.goes_on
            if fitted.rule is not None:
                rules.append(fitted.rule)
                first = fitted.start
        self.goes_on = self.goes_on or any(self.clock(time) > self.high for time, _ in master.extra)
        self.goes_on = self.goes_on or any(self.clock(draft.template.start) > self.high for draft in exceptions)
        self.step = min((spacing(rule) for rule in rules), default=None)
        self.query = recurring_ical_events.of(self._calendar(first, rules), components=["VEVENT"])

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

    def _calendar(self, first: datetime, rules: Sequence[vRecur]) -> icalendar.Calendar:
        calendar = icalendar.Calendar()
        core = icalendar.Event()
        core.add("DTSTART", self._stamp(first))
        core.add("DTEND", self._stamp(first + self.span))
        for rule in rules:
            core.add("RRULE", rule)
        if dates := [self._stamp(self.clock(time)) for time, _ in self.master.extra]:
            core.add("RDATE", dates)
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
        """Every occurrence from `low` to `high`, roughly in order; some may come twice."""
        lengths = {self.clock(time): length for time, length in self.master.extra if length is not None}
        stride = self.high - self.low if self.step is None else max(self.step * 1000, timedelta(hours=1))
        begin = self.low
        while begin < self.high:
            finish = min(begin + stride, self.high)
            found = [
                (int(component[_INDEX]), _wall(component["DTSTART"].dt), _wall(component["RECURRENCE-ID"].dt))
                for component in self.query.between(begin, finish)
            ]
            for index, start, original in sorted(found, key=lambda item: item[1]):
                yield self._event(index, start, original, lengths)
            begin = finish

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
