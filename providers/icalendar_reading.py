"""A VEVENT as it was written, in the model's terms and before any expansion.

Vendors' quirks end here. Only a DTSTART or RECURRENCE-ID that cannot be read makes the event a `Fault`. Any other
property costs itself: where it matters to when the event is (DTEND, DURATION, RRULE, RDATE, EXDATE) that is
remarked on and leaves the event in doubt (`body_readable` is False); what merely decorates it is passed over.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TypeVar
from urllib.parse import unquote

from icalendar import vDuration, vRecur

from agendad.providers import zones
from agendad.providers.conference import find_links
from agendad.providers.icslines import MAX_PROBLEMS, CalendarObject, Component, Fault, Property
from agendad.providers.model import (
    Attachment,
    Attendee,
    Cutype,
    Event,
    EventTime,
    Organizer,
    Partstat,
    Role,
    Sensitivity,
    Status,
    Transparency,
    ZoneKind,
)
from agendad.providers.zones import Zone

MARK = "X-AGENDAD"
"""The property that holds the idempotency key of a write."""
MAX_ATTENDEES = 1000
MAX_DATES = 10_000
"""RDATE and EXDATE values of one event."""

MAX_ZONE_RULES = 500
"""Rules of the zones that one calendar defines for itself; each zone counts as ten more."""

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LABEL = re.compile(r"(?:[^\\,]|\\.|\\$)+", re.DOTALL)
"""One of several values; an escaped comma does not end it (RFC 5545 §3.3.11)."""
_ESCAPED = {"n": "\n", "N": "\n"}
_TIME = re.compile(
    r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
_AS_WRITTEN = re.compile(r"\d{8}(?:T\d{6}Z?)?")
"""How RFC 5545 has it; what else `_TIME` takes is remarked on."""
_DECLARED_LINKS = (
    "CONFERENCE", "X-GOOGLE-CONFERENCE", "X-GOOGLE-HANGOUT", "X-MICROSOFT-SKYPETEAMSMEETINGURL",
    "X-MICROSOFT-ONLINEMEETINGCONFLINK", "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
    "X-MICROSOFT-SCHEDULINGSERVICEUPDATEURL", "X-ZOOM-JOIN-URL", "X-WEBEX-JOIN-URL", "X-TELEMOST-CONFERENCE",
)  # fmt: skip
DATA_HTML = re.compile(r"data:text/html(?:;charset=[\w-]+)?(;base64)?,(.*)", re.DOTALL | re.IGNORECASE)
_STAMPS = frozenset({"DTSTAMP", "LAST-MODIFIED"})
_Word = TypeVar("_Word", bound=StrEnum)
_Read = TypeVar("_Read")
_Else = TypeVar("_Else")


@dataclass(frozen=True, slots=True)
class Draft:
    """One VEVENT. `template` holds what every occurrence shares; `zone` is how its start is read."""

    template: Event
    zone: Zone
    method: str
    original: EventTime | None
    """RECURRENCE-ID: this is an exception."""
    this_and_future: bool
    duration: timedelta | None
    """DURATION, where that is how the end was written."""
    rules: tuple[vRecur, ...]
    extra: tuple[tuple[EventTime, timedelta | None], ...]
    """RDATE, with the length where it was a PERIOD."""
    excluded: tuple[EventTime, ...]
    line: int
    """Of its BEGIN."""
    rule_line: int
    """Of its first RRULE or RDATE; that of its BEGIN if it has none."""
    run_on: bool
    """A value ran on over lines that were not folded: it can be read, but not cut safely."""

    @property
    def uid(self) -> str:
        return self.template.uid

    @property
    def recurs(self) -> bool:
        return bool(self.rules or self.extra)

    @property
    def revision(self) -> tuple[int, datetime]:
        """RFC 5546 §2.1.5: SEQUENCE, then DTSTAMP."""
        event = self.template
        return event.sequence, event.stamped or event.modified or datetime.min.replace(tzinfo=UTC)


class DraftReader:
    """Reads the events of one calendar object. Problems that cost no event are collected in `notes`."""

    def __init__(self, calendar: CalendarObject, account: str, source: str, within: str = ".") -> None:
        self._method = calendar.method
        self._account, self._source, self._within = account, source, within
        self._components = {
            name.value.strip().strip('"'): component
            for component in calendar.timezones
            if (name := component.first("TZID")) is not None
        }
        self._zones: dict[str, Zone] = {}
        self._zone_rules = 0
        self.notes: list[Fault] = []
        """As many as are told, and one more."""
        self._doubtful = False
        self._odd: list[tuple[Property, EventTime]] = []

    def read(self, component: Component) -> Draft:
        """Read one VEVENT.

        Raises:
            Fault: when it is cannot be made out; `refused` unless it has no DTSTART, which RFC 5546 allows.
        """
        self._doubtful, self._odd = False, []
        first: dict[str, Property] = {}
        for item in component.properties:
            first.setdefault(item.name, item)
        original = self._one_time(first.get("RECURRENCE-ID"))
        start = self._one_time(first.get("DTSTART")) or (original if self._method == "CANCEL" else None)
        if start is None:
            raise _without_start(component)
        for fault in component.passed_over:
            self._note(f"{fault}; this was passed over, and the event may lack something", fault.line)
        if component.run_on:
            self._note("the text runs on without folding; its lines were put together", component.run_on)
        finish = self._spared(lambda: self._one_time(first.get("DTEND")), None)
        duration = self._spared(lambda: self._duration(first.get("DURATION")), None) if finish is None else None
        self._note_odd_times()
        end = self._spared(lambda: self._end(start, finish, duration, first), start[0])
        rules = self._rules(component) if original is None else ()
        extra = tuple(self._periods(component.all("RDATE"))) if original is None else ()
        excluded = tuple(time for time, _ in self._periods(component.all("EXDATE")))
        template = self._template(component, first, start[0], end)
        if self._doubtful:
            template = replace(template, body_readable=False)
        recurrence = first.get("RECURRENCE-ID")
        return Draft(
            template=template,
            zone=start[1],
            method=self._method,
            original=None if original is None else original[0],
            this_and_future=recurrence is not None and recurrence.params.get("RANGE", "").upper() == "THISANDFUTURE",
            duration=duration,
            rules=rules,
            extra=extra,
            excluded=excluded,
            line=component.line,
            rule_line=min(
                (item.line for name in ("RRULE", "RDATE") for item in component.all(name)), default=component.line
            ),
            run_on=bool(component.run_on),
        )

    def _spared(self, read: Callable[[], _Read], otherwise: _Else) -> _Read | _Else:
        """What `read` gives; where it cannot be read the event does without it, and is not quite to be trusted."""
        try:
            return read()
        except Fault as fault:
            self._note(f"{fault}; it was passed over", fault.line)
            self._doubtful = True
            return otherwise

    def _note(self, message: str, line: int) -> None:
        if len(self.notes) <= MAX_PROBLEMS:
            self.notes.append(Fault(message, line, refused=False))

    def _rules(self, component: Component) -> tuple[vRecur, ...]:
        found = (self._spared(partial(self._rule, item), None) for item in component.all("RRULE")[:8])
        return tuple(rule for rule in found if rule is not None)

    def _zone(self, tzid: str) -> Zone:
        if tzid not in self._zones:
            name = tzid.strip().strip('"')
            known = {}
            if zones.find_iana(name) is None and (component := self._components.get(name)) is not None:
                self._zone_rules += 10 + len(component.children)
                custom = zones.read_timezone(component) if self._zone_rules <= MAX_ZONE_RULES else None
                known = {} if custom is None else {name: custom}
            self._zones[tzid] = zones.resolve(tzid, known)
        return self._zones[tzid]

    def _time(self, text: str, item: Property) -> tuple[EventTime, Zone]:
        """One DATE or DATE-TIME (RFC 5545 §3.3.4, §3.3.5)."""
        match = _TIME.fullmatch(text.strip())
        if match is None:
            raise Fault(f"{item.name} cannot be read as a time: {text[:40]!r}", item.line)
        year, month, day, hour, minute, second, suffix = match.groups()
        tzid = item.params.get("TZID")
        try:
            if hour is None or (item.params.get("VALUE", "").upper() == "DATE" and _is_midnight(match)):
                zone, wall = zones.DATE, datetime(int(year), int(month), int(day))  # noqa: DTZ001
            else:
                seconds = min(int(second or 0), 59)  # 60 is a leap second, which no library counts
                wall = datetime(int(year), int(month), int(day), int(hour) % 24, int(minute), seconds)  # noqa: DTZ001
                wall += timedelta(days=1) if hour == "24" else timedelta()
                if int(hour) > 24:
                    raise ValueError("no such hour")  # noqa: TRY301
                zone = self._zone_of(suffix, tzid)
            if not 2 <= wall.year <= 9998:
                raise ValueError("no such year")  # noqa: TRY301
            return zones.at_wall(wall, zone), zone
        except (ValueError, OverflowError):
            raise Fault(f"{item.name} is no time that exists: {text[:40]!r}", item.line) from None

    def _zone_of(self, suffix: str | None, tzid: str | None) -> Zone:
        if suffix is None:
            return zones.FLOATING if not tzid or not tzid.strip() else self._zone(tzid)
        if suffix in "zZ":
            return zones.UTC_ZONE if tzid is None else Zone(ZoneKind.UTC, UTC, "UTC", tzid)
        return zones.fixed_offset(suffix.replace(":", ""), tzid)

    def _one_time(self, item: Property | None) -> tuple[EventTime, Zone] | None:
        """A property that is one time; it is remembered if it is not written as it should be."""
        if item is None:
            return None
        found = self._time(item.value, item)
        as_date = item.params.get("VALUE", "").upper() == "DATE"
        plain = _AS_WRITTEN.fullmatch(item.value) is not None and as_date == (len(item.value) == 8)
        if item.mended or not plain:
            self._odd.append((item, found[0]))
        return found

    def _note_odd_times(self) -> None:
        """One remark for an event: who writes one of its times oddly writes all of them so."""
        if not self._odd:
            return
        item, time = self._odd[0]
        names = " and ".join(odd.name for odd, _ in self._odd)
        form = "%Y-%m-%d" if time.kind is ZoneKind.DATE else "%Y-%m-%d %H:%M"
        written = "".join([*(f";{name}={value}" for name, value in item.params.items()), ":", item.value])
        told = f"{names}: oddly written ({item.name}{written[:60]}), read as {time.wall.strftime(form)}"
        self._note(told, item.line)

    def _periods(self, items: list[Property]) -> list[tuple[EventTime, timedelta | None]]:
        times: list[tuple[EventTime, timedelta | None]] = []
        looked_at = 0
        for item in items:
            for text in item.value.split(","):
                if not text.strip():
                    continue
                looked_at += 1
                if looked_at > MAX_DATES:
                    self._note(f"more than {MAX_DATES:,} dates in {item.name}; the first were read", item.line)
                    self._doubtful = True
                    return times
                period = self._spared(partial(self._period, text, item), None)
                if period is not None:
                    times.append(period)
        return times

    def _period(self, text: str, item: Property) -> tuple[EventTime, timedelta | None]:
        begin, _, end = text.partition("/")
        time, _ = self._time(begin, item)
        return time, self._period_length(time, end, item) if end else None

    def _period_length(self, start: EventTime, end: str, item: Property) -> timedelta:
        if end.strip()[:1].upper() in ("P", "+"):
            return self._duration(Property(item.name, {}, end, item.line)) or timedelta()
        return zones.as_utc(self._time(end, item)[0]) - zones.as_utc(start)

    @staticmethod
    def _duration(item: Property | None) -> timedelta | None:
        if item is None:
            return None
        try:
            value = vDuration.from_ical(item.value.strip().upper())  # type: ignore[no-untyped-call]
        except (ValueError, OverflowError):
            raise Fault(f"{item.name} cannot be read as a duration: {item.value[:40]!r}", item.line) from None
        if not isinstance(value, timedelta):
            raise Fault(f"{item.name} is no duration", item.line)
        return value

    def _end(
        self,
        start: tuple[EventTime, Zone],
        end: tuple[EventTime, Zone] | None,
        duration: timedelta | None,
        first: Mapping[str, Property],
    ) -> EventTime:
        """RFC 5545 §3.6.1: without DTEND and DURATION a DATE lasts its day, a time no time at all."""
        begin, zone = start
        if end is not None:
            finish = end[0]
            if (finish.kind is ZoneKind.DATE) != (begin.kind is ZoneKind.DATE):
                message = "DTSTART and DTEND are not both dates or both times; DTSTART's kind was taken for both"
                self._note(message, first["DTEND"].line)
                finish = zones.at_wall(finish.wall, zone)
            if _precedes(finish, begin):
                self._note("DTEND is before DTSTART; the event is taken to have no length", first["DTEND"].line)
                return begin
            return finish
        if duration is None:
            duration = timedelta(days=1) if begin.kind is ZoneKind.DATE else timedelta()
        elif duration < timedelta():
            self._note("DURATION is negative; the event is taken to have no length", first["DURATION"].line)
            return begin
        try:
            return lasting(begin, zone, duration)
        except OverflowError:
            raise Fault("DURATION reaches beyond the calendar", first["DURATION"].line) from None

    @staticmethod
    def _rule(item: Property) -> vRecur:
        try:
            rule = vRecur.from_ical(re.sub(r"\s", "", item.value).strip(";").upper())
        except (ValueError, TypeError, OverflowError) as error:
            raise Fault(f"RRULE cannot be read: {item.value[:60]!r}", item.line) from error
        if not isinstance(rule, vRecur) or "FREQ" not in rule:
            raise Fault("RRULE names no FREQ", item.line)
        return rule

    def _template(self, component: Component, first: Mapping[str, Property], start: EventTime, end: EventTime) -> Event:
        def text(name: str) -> str:
            return unescape(first[name].value) if name in first else ""

        body, html, location, url = text("DESCRIPTION"), _html(component), text("LOCATION"), text("URL")
        declared = [unescape(item.value) for item in component.properties if item.name in _DECLARED_LINKS]
        uid = text("UID").strip() or _made_up_uid(component)
        return Event(
            account=self._account, calendar=self._within, id=uid, uid=uid, source=self._source, etag=_etag(component),
            sequence=_number(first.get("SEQUENCE")),
            status=_word(Status, text("STATUS"), Status.CONFIRMED),
            transparency=_word(Transparency, text("TRANSP"), Transparency.OPAQUE),
            # RFC 5545 §3.8.1.3: a class that is not known is treated like PRIVATE.
            sensitivity=_word(Sensitivity, text("CLASS") or "PUBLIC", Sensitivity.PRIVATE),
            organizer=_organizer(first.get("ORGANIZER")),
            attendees=self._attendees(component.all("ATTENDEE")),
            title=text("SUMMARY"), text=body, html=html, body_readable=not component.passed_over,
            location=location, url=url,
            conference=find_links(declared, (location, url, body, html)),
            attachments=tuple(_attachment(item) for item in component.all("ATTACH")[:MAX_ATTENDEES]),
            categories=_categories(component),
            marks=tuple(unescape(item.value) for item in component.all(MARK)),
            start=start, end=end,
            created=self._stamp(first.get("CREATED")),
            modified=self._stamp(first.get("LAST-MODIFIED")),
            stamped=self._stamp(first.get("DTSTAMP")),
        )  # fmt: skip

    def _stamp(self, item: Property | None) -> datetime | None:
        try:
            return None if item is None else zones.as_utc(self._time(item.value, item)[0])
        except Fault:
            return None

    def _attendees(self, items: list[Property]) -> tuple[Attendee, ...]:
        if len(items) > MAX_ATTENDEES:
            message = f"{len(items):,} attendees; the first {MAX_ATTENDEES:,} were read"
            self._note(message, items[MAX_ATTENDEES].line)
        return tuple(
            Attendee(
                email=address(item),
                name=item.params.get("CN", "").strip(),
                partstat=_word(Partstat, item.params.get("PARTSTAT", ""), Partstat.NEEDS_ACTION),
                cutype=_word(Cutype, item.params["CUTYPE"], Cutype.UNKNOWN)
                if item.params.get("CUTYPE")
                else Cutype.INDIVIDUAL,
                role=_word(Role, item.params.get("ROLE", ""), Role.REQUIRED),
                sent_by=_bare(item.params.get("SENT-BY", "")),
            )
            for item in items[:MAX_ATTENDEES]
        )


def _without_start(component: Component) -> Fault:
    """A snippet, unless the DTSTART was lost among lines that could not be read."""
    lost = next((fault for fault in component.passed_over if fault.refused), None)
    if lost is not None:
        return Fault(f"{lost}, and this event has no DTSTART", lost.line)
    return Fault("this event has no DTSTART; it is not listed", component.line, refused=False)


def _is_midnight(match: re.Match[str]) -> bool:
    return match[4] == match[5] == "00" and match[6] in (None, "00")


def lasting(start: EventTime, zone: Zone, duration: timedelta) -> EventTime:
    """The end after a DURATION: days are nominal, the rest is exact (RFC 5545 §3.3.6)."""
    days = timedelta(days=duration.days)
    rest = duration - days
    if start.instant is None:
        return zones.at_wall(start.wall + duration, zone)
    if not duration:
        return start
    if not days:
        return zones.at_instant(start.instant + rest, zone)
    middle = zones.at_wall(start.wall + days, zone)
    if not rest or middle.instant is None:
        return middle
    return zones.at_instant(middle.instant + rest, zone)


def unescape(text: str) -> str:
    r"""RFC 5545 §3.3.11.

    >>> unescape(r"one\, two\nthree")
    'one, two\nthree'
    """
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text) if "\\" in text else text


def address(item: Property) -> str:
    """The mail address of an ORGANIZER or ATTENDEE, lower case; "" if it has none."""
    return _bare(item.value) or _bare(item.params.get("EMAIL", ""))


def _bare(value: str) -> str:
    text = unescape(value).strip().strip("<>").strip()
    if text[:7].lower() == "mailto:":
        text = unquote(text[7:].partition("?")[0]).strip().strip("<>")
    return text.lower() if "@" in text and ":" not in text else ""


def _precedes(end: EventTime, start: EventTime) -> bool:
    if end.instant is not None and start.instant is not None:
        return end.instant < start.instant
    return end.kind is start.kind and end.tzid == start.tzid and end.wall < start.wall


def _word(words: type[_Word], text: str, otherwise: _Word) -> _Word:
    try:
        return words(text.strip().upper())
    except ValueError:
        return otherwise


def _number(item: Property | None) -> int:
    text = "" if item is None else item.value.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _organizer(item: Property | None) -> Organizer | None:
    if item is None:
        return None
    name, sent_by = item.params.get("CN", "").strip(), _bare(item.params.get("SENT-BY", ""))
    email = address(item)
    return Organizer(email=email, name=name, sent_by=sent_by) if email or name else None


def _attachment(item: Property) -> Attachment:
    inline = item.params.get("VALUE", "").upper() == "BINARY" or item.value[:5].lower() == "data:"
    return Attachment(
        url=None if inline else item.value.strip(),
        filename=next(
            (item.params[key] for key in ("FILENAME", "X-FILENAME", "X-ORACLE-FILENAME") if key in item.params),
            "",
        ),
        media_type=item.params.get("FMTTYPE", "").lower(),
    )


def _categories(component: Component) -> tuple[str, ...]:
    parts = [part for item in component.all("CATEGORIES") for part in _LABEL.findall(item.value)]
    return tuple(name for part in parts if (name := unescape(part).strip()))


def _html(component: Component) -> str:
    """X-ALT-DESC, STYLED-DESCRIPTION (RFC 9073 §6.5), or DESCRIPTION's ALTREP where it holds the text itself."""
    for item in component.properties:
        if item.name in ("X-ALT-DESC", "STYLED-DESCRIPTION") and item.params.get("VALUE", "TEXT").upper() == "TEXT":
            if item.params.get("FMTTYPE", "").partition(";")[0].strip().lower() == "text/html":
                return unescape(item.value)
        elif item.name == "DESCRIPTION" and (match := DATA_HTML.fullmatch(item.params.get("ALTREP", ""))):
            if not match[1]:
                return unquote(match[2])
            try:
                return base64.b64decode(unquote(match[2])).decode("utf-8", "replace")
            except (binascii.Error, ValueError):
                continue
    return ""


def _etag(component: Component) -> str:
    """Of this VEVENT alone, so that its siblings in the file may change.

    Programs that write one event write all of that UID again, in their own order and with new stamps. Neither counts.
    """
    lines = sorted(
        f"{item.name}{sorted(item.params.items()) if item.params else ''}:{item.value}"
        for item in component.properties
        if item.name not in _STAMPS
    )
    return hashlib.blake2b("\n".join(lines).encode("utf-8", "replace"), digest_size=12).hexdigest()


def _made_up_uid(component: Component) -> str:
    """For an event without UID: the same content always has the same one."""
    lines = sorted(f"{item.name}{sorted(item.params.items())}{item.value}" for item in component.properties)
    return f"no-uid-{hashlib.sha256(chr(10).join(lines).encode('utf-8', 'replace')).hexdigest()[:24]}"
