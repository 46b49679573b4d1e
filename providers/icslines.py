"""The outer shape of an .ics file: bytes to components made of properties, each with its line number.

icalendar reads a whole file or refuses it, and it does not tell line numbers. Here only the frame is read
(RFC 5545 §3.1 content lines, §3.6 BEGIN and END), so that one broken event costs nobody else. Physical lines
are counted from 1. Time and memory grow linearly with the file, which is at most `MAX_BYTES`.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from icalendar.parser import Contentline

MAX_BYTES = 32 * 1024 * 1024
MAX_PROBLEMS = 50
"""Problems told of one file; a file that is broken all over is told of once more."""

MAX_BAD_LINES = 1000
"""Lines that are no properties before the whole file is given up."""

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
_TEXTS = frozenset({"DESCRIPTION", "COMMENT", "X-ALT-DESC"})
_NEEDED = re.compile(r"[\s\"]*(?:DTSTART|RECURRENCE-ID|UID|STATUS)\b", re.IGNORECASE)
_NOTHING: dict[str, str] = {}


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


@dataclass(slots=True)
class Component:
    """A VEVENT, or a VTIMEZONE with its rules; other components inside are not kept."""

    name: str
    line: int
    properties: list[Property] = field(default_factory=list)
    children: list["Component"] = field(default_factory=list)
    passed_over: list["Fault"] = field(default_factory=list)
    run_on: int = 0
    """The first line of text that was neither folded nor escaped, 0 if there is none."""
    """Lines that are no property."""

    def first(self, name: str) -> Property | None:
        return next((item for item in self.properties if item.name == name), None)

    def all(self, name: str) -> list[Property]:
        return [item for item in self.properties if item.name == name]


@dataclass(slots=True)
class CalendarObject:
    """One VCALENDAR: `method` is RFC 5546's, upper case, "" if absent."""

    method: str = ""
    events: list[Component] = field(default_factory=list)
    timezones: list[Component] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """What a file holds. `faults` are (message, line) of what was left out."""

    calendars: list[CalendarObject] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def decode(content: bytes) -> str:
    """The text, whatever the encoding: UTF-8, UTF-16 (told by its mark or its zero bytes), else Windows-1252.

    Raises:
        UnreadableFile: there is nothing in it.
    """
    if not content.strip(b"\r\n\t \0"):
        raise UnreadableFile("the file is empty", 1)
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    head = content[:256]
    if head.count(0) * 3 > len(head):
        return content.decode("utf-16-le" if head[1:2] == b"\0" else "utf-16-be", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Unfolded content lines with the physical number of their first line; blank lines are skipped."""
    if "\n" not in text:
        text = text.replace("\r", "\n")
    number, position, size = 1, 0, len(text)
    while position < size:
        match = _LOGICAL.match(text, position)
        if match is None:  # pragma: no cover, the pattern matches any text
            return
        raw = match[0]
        position = match.end()
        line = raw.removesuffix("\n")
        folded = "\n" in line
        unfolded = (_FOLD.sub("", line) if folded else line).rstrip("\r")
        if unfolded.strip():
            yield number, unfolded
        number += raw.count("\n") if folded else 1


def parse_property(text: str, line: int) -> Property:
    """Read one content line.

    Raises:
        Fault: it is none.
    """
    match = _PROPERTY.match(text)
    if match is not None:
        name, raw, value = match.groups()
        return Property(name.upper(), _parameters(raw) if raw else _NOTHING, value, line)
    try:
        name, params, value = Contentline(text).raw_parts()  # type: ignore[no-untyped-call]
    except (ValueError, AssertionError):
        shown = text if len(text) <= 60 else text[:57] + "…"
        raise Fault(f"{shown!r} is no property; a line reads NAME:value", line) from None
    flat = {key.upper(): ",".join(item) if isinstance(item, list) else str(item) for key, item in params.items()}
    return Property(name.upper(), flat, value, line)


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
        self.calendar: CalendarObject | None = None
        self.open: list[Component] = []  # the VEVENT, or the VTIMEZONE and its rule, being filled
        self.bad = 0
        self.fault: Fault | None = None  # the first one inside the event being filled

    def begin(self, name: str, line: int) -> None:
        if name == "VCALENDAR":
            if self.stack:
                self.abandon(0, f"no END:{self.stack[-1][0]} before the next BEGIN:VCALENDAR")
            self.calendar = None
        elif name == "VEVENT":
            inside = next((i for i, (opened, _) in enumerate(self.stack) if opened == "VEVENT"), None)
            if inside is not None:
                self.abandon(inside, "this event has no END:VEVENT before the next one; it was left out")
        self.stack.append((name, line))
        if name == "VCALENDAR" or self.calendar is None:
            self.calendar = CalendarObject()
            self.frame.calendars.append(self.calendar)
        if name in ("VEVENT", "VTIMEZONE"):
            self.open, self.fault = [Component(name, line)], None
        elif name in ("STANDARD", "DAYLIGHT") and self.open and self.open[0].name == "VTIMEZONE":
            rule = Component(name, line)
            self.open[0].children.append(rule)
            self.open.append(rule)

    def end(self, name: str, line: int) -> None:
        depth = next((i for i in range(len(self.stack) - 1, -1, -1) if self.stack[i][0] == name), None)
        if depth is None:
            if self.open and self.open[0].name == "VEVENT" and self.fault is None:
                self.fault = Fault(f"END:{name} closes nothing; this event was left out", line)
            return
        if depth < len(self.stack) - 1:
            if any(opened == "VEVENT" for opened, _ in self.stack[depth + 1 :]):
                self.abandon(depth + 1, f"END:{name} comes before END:VEVENT; the event was left out", line)
            elif self.open and self.fault is None and name == "VEVENT":
                self.fault = Fault(f"BEGIN:{self.stack[-1][0]} is not closed; this event was left out", line)
        del self.stack[depth:]
        if name == "VCALENDAR":
            self.calendar = None
        elif self.open and name == self.open[-1].name:
            self.close(self.open.pop())

    def close(self, component: Component) -> None:
        if self.calendar is None or component.name not in ("VEVENT", "VTIMEZONE"):
            return
        if component.name == "VTIMEZONE":
            self.calendar.timezones.append(component)
        elif self.fault is not None:
            self.frame.faults.append(self.fault)
        else:
            self.calendar.events.append(component)

    def abandon(self, depth: int, message: str, line: int | None = None) -> None:
        self.frame.faults.append(Fault(message, self.stack[depth][1] if line is None else line))
        del self.stack[depth:]
        self.open, self.fault = [], None

    def count_bad(self, line: int) -> None:
        self.bad += 1
        if self.bad > MAX_BAD_LINES:
            raise UnreadableFile(f"more than {MAX_BAD_LINES:,} lines are no properties", line)

    @staticmethod
    def _continues(component: Component, text: str) -> bool:
        """Take a line that is no property as more of the text before it, which some exporters do not fold."""
        last = component.properties[-1] if component.properties else None
        if last is None or last.name not in _TEXTS or _NEEDED.match(text) or component.passed_over:
            return False
        component.properties[-1] = replace(last, value=f"{last.value}\\n{text}")
        return True

    def property(self, text: str, line: int) -> None:
        top = self.stack[-1][0] if self.stack else ""
        if self.open and top == self.open[-1].name:
            if self.fault is not None:
                return
            try:
                self.open[-1].properties.append(parse_property(text, line))
            except Fault as fault:
                self.count_bad(line)
                component = self.open[-1]
                if self._continues(component, text):
                    component.run_on = component.run_on or line
                elif _NEEDED.match(text):
                    self.fault = Fault(f"{fault}; this event was left out", line)
                elif len(component.passed_over) < MAX_PROBLEMS:
                    component.passed_over.append(fault)
        elif top == "VCALENDAR" and self.calendar is not None:
            try:
                item = parse_property(text, line)
            except Fault as fault:
                self.count_bad(line)
                self.frame.faults.append(Fault(f"{fault}; the line was passed over", line, refused=False))
                return
            if item.name == "METHOD":
                self.calendar.method = item.value.strip().upper()
        elif not self.stack and not self.frame.calendars:
            raise UnreadableFile("this is no iCalendar file: it does not start with BEGIN:VCALENDAR", line)


def parse(text: str) -> Frame:
    """The calendars in a file, without those events whose frame or lines are broken.

    A component outside any VCALENDAR is taken for a calendar of its own.

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
    if reader.stack:
        if any(name == "VEVENT" for name, _ in reader.stack):
            opened = next(line for name, line in reader.stack if name == "VEVENT")
            message = f"the file ends inside the event that begins at line {opened}, which was left out"
            reader.frame.faults.append(Fault(message, number))
        else:
            message = f"the file ends without END:{reader.stack[0][0]}; it may have been cut off"
            reader.frame.faults.append(Fault(message, number, refused=False))
    if not reader.frame.calendars:
        raise UnreadableFile("this is no iCalendar file: there is no BEGIN:VCALENDAR in it", number)
    return reader.frame
