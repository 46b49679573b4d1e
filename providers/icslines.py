"""The outer shape of an .ics file: bytes to components made of properties, each with its line number.

icalendar reads a whole file or refuses it, and it does not tell line numbers. Here only the frame is read
(RFC 5545 §3.1 content lines, §3.6 BEGIN and END), so that one broken event costs nobody else. Physical lines
are counted from 1. Time and memory grow linearly with the file, which is at most `MAX_BYTES`.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from icalendar.parser import Contentline

MAX_BYTES = 32 * 1024 * 1024
MAX_PROBLEMS = 50
"""Refusals told of one file, and as many remarks; that there are more is told once."""

MAX_BAD_LINES = 1000
"""Lines that are no properties before the whole file is given up."""

MAX_EVENTS, MAX_PROPERTIES = 100_000, 1_500_000
"""Of one file; each takes far more memory than it has letters."""

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# A logical line and its folded continuations. Possessive, so that a million folds neither backtrack nor recurse.
_LOGICAL = re.compile(r"[^\n]*+(?:\n(?:\r?\n){0,3}+[ \t][^\n]*+)*+\n?")
_FOLD = re.compile(r"\r?\n(?:\r?\n){0,3}+[ \t]")
_VALUE = r'(?:"[^"]*+"|[^";:,]*+)'
_PROPERTY = re.compile(rf"([A-Za-z0-9-]++)((?:;[A-Za-z0-9-]++={_VALUE}(?:,{_VALUE})*+)*+):(.*)", re.DOTALL)
_PARAMETER = re.compile(rf";([A-Za-z0-9-]++)=({_VALUE}(?:,{_VALUE})*+)")
_CARET = re.compile(r"\^([n^'])")
_CARET_MEANS = {"n": "\n", "^": "^", "'": '"'}
# Without these lines an event would be another one.
_NEEDED = re.compile(r"[\s\"]*(?:DTSTART|RECURRENCE-ID)(?![A-Za-z0-9-])", re.IGNORECASE)
_TEXTS = frozenset({"DESCRIPTION", "COMMENT", "X-ALT-DESC"})
_TIMES = frozenset({"DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE"})
_REGISTERED = _TEXTS | _TIMES | frozenset(
    {"ATTACH", "ATTENDEE", "CATEGORIES", "CLASS", "COLOR", "CONCEPT", "CONFERENCE", "CONTACT", "CREATED", "DTSTAMP",
     "DURATION", "EXRULE", "GEO", "IMAGE", "LAST-MODIFIED", "LINK", "LOCATION", "ORGANIZER", "PRIORITY", "REFID",
     "RELATED-TO", "REQUEST-STATUS", "RESOURCES", "RRULE", "SEQUENCE", "STATUS", "STRUCTURED-DATA",
     "STYLED-DESCRIPTION", "SUMMARY", "TRANSP", "UID", "URL"}
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9-]+(?=[;:])")
_COLON_IN_ZONE = re.compile(r"(.*):\s*(\d{8}(?:T\d{4,6}Z?)?)\s*", re.DOTALL)
_NOTHING: dict[str, str] = {}
_NO_CALENDAR = "this is no iCalendar file: there is no BEGIN:VCALENDAR in it"


class UnreadableFile(ValueError):
    """The file as a whole is no calendar. `line` is 1-based."""

    def __init__(self, message: str, line: int | None = None) -> None:
        self.line = line
        super().__init__(message)


class Fault(ValueError):
    """Something at one line cannot be read. `refused` if more than the line was left out for it."""

    def __init__(self, message: str, line: int, *, refused: bool = True) -> None:
        self.line, self.refused = line, refused
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Property:
    """One content line. `name` and the parameters' names are upper case; `value` is still escaped."""

    name: str
    params: dict[str, str]
    value: str
    line: int
    mended: bool = False
    """It was not written as RFC 5545 has it, and read all the same."""


@dataclass(slots=True)
class Component:
    """A VEVENT, or a VTIMEZONE with its rules; other components inside are not kept."""

    name: str
    line: int
    properties: list[Property] = field(default_factory=list)
    children: list["Component"] = field(default_factory=list)
    passed_over: list["Fault"] = field(default_factory=list)
    """Lines that are no property. `refused` where others may have been lost with it."""
    run_on: int = 0
    """The first line of text that was neither folded nor escaped, 0 if there is none."""
    tail: list[str] = field(default_factory=list)
    """Such lines of the property before them, until they are put to it."""

    def first(self, name: str) -> Property | None:
        return next((item for item in self.properties if item.name == name), None)

    def all(self, name: str) -> list[Property]:
        return [item for item in self.properties if item.name == name]


@dataclass(slots=True)
class CalendarObject:
    """One VCALENDAR: `method` is RFC 5546's, upper case, "" if absent."""

    method: str = ""
    method_line: int | None = None
    events: list[Component] = field(default_factory=list)
    timezones: list[Component] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.events or self.timezones or self.method)


@dataclass(slots=True)
class Frame:
    """What a file holds. `cut_off` if it ends too early, so that more may have been in it."""

    calendars: list[CalendarObject] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    cut_off: bool = False


def encoding_of(content: bytes) -> tuple[bytes, str]:
    """The byte order mark it starts with, and the encoding: UTF-8, UTF-16 (told by its mark or its zero bytes),
    else Windows-1252.

    Raises:
        UnreadableFile: there is nothing in it.
    """  # noqa: D205, one sentence
    if not content.strip(b"\r\n\t \0"):
        raise UnreadableFile("the file is empty", 1)
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return mark, encoding
    head = content[:256]
    if head.count(0) * 3 > len(head):
        return b"", "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return b"", "cp1252"
    return b"", "utf-8"


def decode(content: bytes) -> str:
    """The text, whatever the encoding.

    Raises:
        UnreadableFile: there is nothing in it.
    """
    mark, encoding = encoding_of(content)
    return content[len(mark) :].decode(encoding, "replace")


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Unfolded content lines with the physical number of their first line; blank lines are skipped."""
    return ((number, unfolded) for number, _, unfolded in pieces(text) if unfolded.strip())


def pieces(text: str) -> Iterator[tuple[int, str, str]]:
    """The whole text in content lines: the number of the first physical line, the lines as they are, unfolded."""
    written = text
    if "\n" not in text:
        text = text.replace("\r", "\n")
    number, position, size = 1, 0, len(text)
    while position < size:
        match = _LOGICAL.match(text, position)
        if match is None:  # pragma: no cover, the pattern matches any text
            return
        raw = match[0]
        line = raw.removesuffix("\n")
        folded = "\n" in line
        unfolded = (_FOLD.sub("", line) if folded else line).rstrip("\r")
        yield number, raw if written is text else written[position : match.end()], unfolded
        position = match.end()
        number += raw.count("\n") if folded else 1


def parse_property(text: str, line: int) -> Property:
    """Read one content line, also where semicolons or spaces are one too many.

    Raises:
        Fault: it is none.
    """
    match = _PROPERTY.match(text)
    mended = match is None
    if mended:
        head, colon, rest = text.partition(":")
        parts = [part for piece in head.split(";") if (part := piece.strip())]
        match = _PROPERTY.match(";".join(parts) + colon + rest)
    if match is not None:
        name, raw, value = match.groups()
        params = _parameters(raw) if raw else _NOTHING
        if name.upper() in _TIMES and "TZID" in params and (found := _COLON_IN_ZONE.fullmatch(value)) is not None:
            params, value, mended = {**params, "TZID": f"{params['TZID']}:{found[1]}"}, found[2], True
        return Property(name.upper(), params, value, line, mended)
    try:
        name, params, value = Contentline(text).raw_parts()  # type: ignore[no-untyped-call]
    except (ValueError, AssertionError):
        shown = text if len(text) <= 60 else text[:57] + "…"
        raise Fault(f"{shown!r} is no property; a line reads NAME:value", line) from None
    flat = {key.upper(): ",".join(item) if isinstance(item, list) else str(item) for key, item in params.items()}
    return Property(name.upper(), flat, value, line, mended=True)


def _parameters(raw: str) -> dict[str, str]:
    params = {}
    for name, value in _PARAMETER.findall(raw):
        # Lists of values (MEMBER, DELEGATED-TO) are not used; one quoted value is by far the usual case.
        plain = value[1:-1] if value.startswith('"') and value.endswith('"') else value
        if "^" in plain:  # RFC 6868
            plain = _CARET.sub(lambda found: _CARET_MEANS[found[1]], plain)
        params[name.upper()] = plain
    return params


class _Reader:
    """Follows BEGIN and END. What is open is a stack of names; an event or zone in it is being filled."""

    def __init__(self) -> None:
        self.frame = Frame()
        self.stack: list[tuple[str, int]] = []
        self.opened: Counter[str] = Counter()  # the names in the stack: a file may open a million components
        self.told: Counter[bool] = Counter()
        self.events = self.properties = 0
        self.calendar: CalendarObject | None = None
        self.open: list[Component] = []  # the VEVENT, or the VTIMEZONE and its rule, being filled
        self.bad = 0
        self.fault: Fault | None = None  # the first one inside the event being filled
        self.before = 0  # the first line that stands before any BEGIN
        self.bare = False

    def begin(self, name: str, line: int) -> None:
        if name == "VCALENDAR":
            if self.stack:
                self.abandon(0, f"no END:{self.stack[-1][0][:60]} before the next BEGIN:VCALENDAR")
            self.calendar = None
        elif name == "VEVENT":
            inside = self.innermost("VEVENT")
            if inside is not None:
                self.abandon(inside, "this event has no END:VEVENT before the next one; it was left out")
        self.stack.append((name, line))
        self.opened[name] += 1
        if name == "VEVENT" and self.calendar is None and not self.bare:
            self.bare = True
            message = "BEGIN:VEVENT stands outside BEGIN:VCALENDAR; it was taken for a calendar of its own"
            self.tell(Fault(message, line, refused=False))
        if name == "VCALENDAR" or self.calendar is None:
            self.calendar = CalendarObject()
            if self.frame.calendars and self.frame.calendars[-1].is_empty:
                self.frame.calendars.pop()
            self.frame.calendars.append(self.calendar)
        if name in ("VEVENT", "VTIMEZONE"):
            self.open, self.fault = [Component(name, line)], None
            self.events += 1
            if self.events > MAX_EVENTS:
                raise UnreadableFile(f"more than {MAX_EVENTS:,} events and time zones; split the file", line)
        elif name in ("STANDARD", "DAYLIGHT") and self.open and self.open[0].name == "VTIMEZONE":
            rule = Component(name, line)
            self.open[0].children.append(rule)
            self.open.append(rule)

    def innermost(self, name: str) -> int | None:
        """Where in the stack it is open. What lies above it is closed next, so that looking there costs no time."""
        if not self.opened[name]:
            return None
        return next(i for i in range(len(self.stack) - 1, -1, -1) if self.stack[i][0] == name)

    def cut(self, depth: int) -> None:
        """Close everything from there on."""
        self.opened.subtract(name for name, _ in self.stack[depth:])
        del self.stack[depth:]

    def tell(self, fault: Fault) -> None:
        """Keep a fault, unless there are more of its kind than are told."""
        if self.told[fault.refused] <= MAX_PROBLEMS:
            self.told[fault.refused] += 1
            self.frame.faults.append(fault)

    def end(self, name: str, line: int) -> None:
        depth = self.innermost(name)
        if depth is None:
            if self.open and self.open[0].name == "VEVENT":
                self.pass_over(Fault(f"END:{name[:60]} closes nothing", line, refused=False))
            return
        if depth < len(self.stack) - 1:
            if any(opened == "VEVENT" for opened, _ in self.stack[depth + 1 :]):
                self.abandon(depth + 1, f"END:{name[:60]} comes before END:VEVENT; the event was left out", line)
            elif self.open and name == "VEVENT":
                inner, opened_at = self.stack[-1]
                self.pass_over(Fault(f"BEGIN:{inner[:60]} is not closed", opened_at))
        self.cut(depth)
        if name == "VCALENDAR":
            self.calendar = None
        elif self.open and name == self.open[-1].name:
            self.close(self.open.pop())

    def close(self, component: Component) -> None:
        if self.calendar is None or component.name not in ("VEVENT", "VTIMEZONE"):
            return
        _settle(component)
        if component.name == "VTIMEZONE":
            self.calendar.timezones.append(component)
        elif self.fault is not None:
            self.tell(self.fault)
        else:
            self.calendar.events.append(component)

    def abandon(self, depth: int, message: str, line: int | None = None) -> None:
        self.tell(Fault(message, self.stack[depth][1] if line is None else line))
        self.cut(depth)
        self.open, self.fault = [], None

    def count_bad(self, line: int) -> None:
        self.bad += 1
        if self.bad > MAX_BAD_LINES:
            raise UnreadableFile(f"more than {MAX_BAD_LINES:,} lines are no properties", line)

    def pass_over(self, fault: Fault) -> None:
        if len(self.open[-1].passed_over) < MAX_PROBLEMS:
            self.open[-1].passed_over.append(fault)

    def property(self, text: str, line: int) -> None:
        top = self.stack[-1][0] if self.stack else ""
        if self.open and top == self.open[-1].name:
            if self.fault is not None:
                return
            component = self.open[-1]
            if _continues(component, text):
                component.run_on = component.run_on or line
                component.tail.append(text)
                return
            try:
                item = parse_property(text, line)
            except Fault as fault:
                self.count_bad(line)
                if _NEEDED.match(text):
                    self.fault = Fault(f"{fault}; this event was left out", line)
                else:
                    self.pass_over(Fault(str(fault), line, refused=False))
                return
            _settle(component)
            component.properties.append(item)
            self.properties += 1
            if self.properties > MAX_PROPERTIES:
                raise UnreadableFile(f"more than {MAX_PROPERTIES:,} lines tell of events; split the file", line)
        elif top == "VCALENDAR" and self.calendar is not None:
            try:
                item = parse_property(text, line)
            except Fault as fault:
                self.count_bad(line)
                self.tell(Fault(f"{fault}; the line was passed over", line, refused=False))
                return
            if item.name == "METHOD":
                self.calendar.method, self.calendar.method_line = item.value.strip().upper(), line
        elif not self.stack and not self.frame.calendars:
            self.before = self.before or line
            self.bad += 1
            if self.bad > MAX_BAD_LINES:
                raise UnreadableFile(_NO_CALENDAR, self.before)

    def finish(self, line: int) -> Frame:
        if not self.frame.calendars:
            raise UnreadableFile(_NO_CALENDAR, self.before or line)
        if self.before:
            message = "there is something before BEGIN:VCALENDAR; it was passed over"
            self.tell(Fault(message, self.before, refused=False))
        if self.stack:
            self.frame.cut_off = True
            opened = next((opened for name, opened in self.stack if name == "VEVENT"), None)
            if opened is None:
                message = f"the file ends without END:{self.stack[0][0][:60]}; it may have been cut off"
            else:
                message = f"the file ends inside the event that begins at line {opened}, which was left out"
            self.tell(Fault(message, line, refused=opened is not None))
        return self.frame


def _continues(component: Component, text: str) -> bool:
    """Whether a line is more of the text before it, which some exporters neither fold nor escape.

    What is no property is text, and so is what only looks like one: `https://…`, `Passcode: 123`.
    """
    last = component.properties[-1] if component.properties else None
    if last is None or last.name not in _TEXTS:
        return False
    match = _NAME.match(text)
    if match is None:
        return text.strip('" \t').partition(" ")[0] not in _REGISTERED
    name = match[0]
    if name.upper() in _REGISTERED or name[:2].upper() == "X-":
        # An exporter writes all its names alike; "Location: room 5" among lines of text is one of them.
        return bool(component.run_on) and not name.isupper() and not name.islower()
    return bool(component.run_on) or not name.isupper() or text[match.end() : match.end() + 2] == ": "


def _settle(component: Component) -> None:
    """Put the text that ran on to its property."""
    if component.tail:
        last = component.properties[-1]
        component.properties[-1] = replace(last, value="\\n".join([last.value, *component.tail]))
        component.tail = []


def parse(text: str) -> Frame:
    """The calendars in a file, without those events whose frame or lines are broken.

    A component outside any VCALENDAR is taken for a calendar of its own, and what stands before it is passed over.

    Raises:
        UnreadableFile: it is no calendar at all.
    """
    reader, number = _Reader(), 1
    for number, line in logical_lines(text.removeprefix("\ufeff")):
        head = line[:6].upper()
        if head == "BEGIN:":
            name = line[6:].strip().upper()
            if not reader.stack and name in ("VCARD", "VNOTE"):
                raise UnreadableFile(f"this is no iCalendar file but a {name}", number)
            reader.begin(name, number)
        elif head[:4] == "END:":
            reader.end(line[4:].strip().upper(), number)
        else:
            reader.property(line, number)
    return reader.finish(number)
