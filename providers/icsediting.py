"""An .ics file as the lines it is written in, to change one event and keep every other byte.

Lines that change are written with RFC 5545's folding (§3.1) and escaping (§3.3.11); lines that do not are copied.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from agendad.providers.icalendar_reading import unescape
from agendad.providers.icslines import Fault, Property, UnreadableFile, encoding_of, parse, parse_property, pieces

FOLD_AT = 75
"""Octets of a physical line, its end not counted."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SPECIAL = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"}
_HEAD = re.compile(r'[^:";]*+(?:;[^=:;"]*+=(?:"[^"]*+"|[^":;])*+)*+:', re.DOTALL)
_PARAMETER = re.compile(r';([^=:;"]*+)=(?:"[^"]*+"|[^":;])*+')


class Unwritable(ValueError):
    """This file cannot be changed without touching more than was asked. The message says why."""


def escape(text: str) -> str:
    r"""RFC 5545 §3.3.11; line breaks of any kind become \n, other control characters go.

    >>> escape("one, two\r\nthree")
    'one\\, two\\nthree'
    """
    plain = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(_SPECIAL.get(character, character) for character in plain)


def fold(line: str, newline: str = "\r\n") -> str:
    r"""One content line as physical lines of at most 75 octets, no character cut in two (RFC 5545 §3.1).

    >>> fold("DESCRIPTION:" + "é" * 40).encode().split(b"\r\n")[1].decode()
    ' ééééééééé'
    """
    parts, start, used = [], 0, 0
    for index, character in enumerate(line):
        width = len(character.encode("utf-8", "surrogatepass"))
        if used + width > FOLD_AT:
            parts.append(line[start:index])
            start, used = index, 1
        used += width
    parts.append(line[start:])
    return f"{newline} ".join(parts) + newline


@dataclass(slots=True)
class Item:
    """A content line of a VEVENT: as it stands, and unfolded. `name` is "" for what is left alone."""

    raw: str
    text: str
    name: str = ""

    def read(self) -> Property:
        return parse_property(self.text, 0)


class EventLines:
    """The lines of one VEVENT, to be changed in place."""

    def __init__(self, begin: str, items: list[Item], end: str) -> None:
        self.begin, self.items, self.end = begin, items, end
        self.newline = begin[len(begin.rstrip("\r\n")) :][-2:] or "\r\n"

    @property
    def raw(self) -> str:
        return self.begin + "".join(item.raw for item in self.items) + self.end

    def all(self, name: str) -> list[Item]:
        return [item for item in self.items if item.name == name]

    def texts(self, name: str) -> list[str]:
        return [item.text for item in self.all(name)]

    def first(self, name: str) -> Item | None:
        return next((item for item in self.items if item.name == name), None)

    def write(self, item: Item, text: str) -> None:
        """Put another content line in the place of `item`; the same one leaves its bytes alone."""
        if text != item.text:
            item.text, item.raw = text, fold(text, self.newline)

    def add(self, text: str, after: str = "") -> None:
        """Add a line after the first `after`, or after the last property."""
        name = re.split("[:;]", text, maxsplit=1)[0].upper()
        places = [at for at, item in enumerate(self.items, 1) if item.name and after in ("", item.name)]
        place = (places[0] if after else places[-1]) if places else 0
        self.items.insert(place, Item(fold(text, self.newline), text, name))

    def put(self, name: str, value: str) -> None:
        """Give a property that occurs once this value."""
        item = self.first(name)
        if item is None:
            self.add(f"{name}:{value}")
        elif item.read().value != value:
            self.write(item, f"{name}:{value}")

    def drop(self, names: Iterable[str]) -> None:
        self.items = [item for item in self.items if item.name not in names]


class Lines:
    """A file in its content lines, each as it stands.

    `was` is the encoding that it had before a change to it, which it may no longer tell: then it is all ASCII.
    """

    def __init__(self, content: bytes, *, was: str = "") -> None:
        try:
            self._mark, self._encoding = encoding_of(content)
        except UnreadableFile as error:
            raise Unwritable(str(error)) from None
        if was == "cp1252" and self._encoding == "utf-8" and content.isascii():
            self._encoding = was
        text = content[len(self._mark) :].decode(self._encoding, "replace")
        self._check_same(content, text)
        self.text = text
        self._pieces = list(pieces(text))

    @property
    def encoding(self) -> str:
        return self._encoding

    def _check_same(self, content: bytes, text: str) -> None:
        if self.encode(text) != content:
            raise Unwritable("its bytes are not all characters of one encoding")

    def encode(self, text: str) -> bytes:
        try:
            return self._mark + text.encode(self._encoding)
        except UnicodeEncodeError:
            raise Unwritable(
                f"it is written in {self._encoding}, which cannot hold the text; save it as UTF-8"
            ) from None

    def component(self, line: int) -> tuple[int, int, EventLines]:
        """The VEVENT that begins at physical line `line`, with where its pieces start and end."""
        start = next((at for at, (number, _, _) in enumerate(self._pieces) if number == line), None)
        if start is None or not _is_tag(self._pieces[start][2], "BEGIN", "VEVENT"):
            raise Unwritable("the event is not where it was")
        items: list[Item] = []
        depth = 0
        for at in range(start + 1, len(self._pieces)):
            _, raw, text = self._pieces[at]
            if depth == 0 and _is_tag(text, "END", "VEVENT"):
                return start, at + 1, EventLines(self._pieces[start][1], items, raw)
            depth += _is_tag(text, "BEGIN") - _is_tag(text, "END")
            items.append(Item(raw, text, "" if depth or _is_tag(text, "END") else _name(text)))
        raise Unwritable("the event has no END:VEVENT")

    def with_piece(self, start: int, end: int, text: str) -> bytes:
        """The file's bytes with other text in place of some pieces."""
        raws = [raw for _, raw, _ in self._pieces]
        return self.encode("".join(raws[:start]) + text + "".join(raws[end:]))

    def end_of_last(self, uid: str, line: int) -> int:
        """The piece after the last VEVENT with this UID, in the VCALENDAR that holds the one at `line`."""
        for calendar in parse(self.text).calendars:
            if any(event.line == line for event in calendar.events):
                alike = [
                    event.line
                    for event in calendar.events
                    if (named := event.first("UID")) is not None and unescape(named.value).strip() == uid
                ]
                end = self.component(max(alike, default=line))[1]
                if not self._pieces[end - 1][1].endswith(("\n", "\r")):
                    raise Unwritable("it ends in the middle of a line")
                return end
        raise Unwritable("the event is not where it was")


def _is_tag(text: str, tag: str, name: str = "") -> bool:
    head, _, rest = text.partition(":")
    return head.upper() == tag and (not name or rest.strip().upper() == name)


def _name(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return parse_property(text, 0).name
    except Fault:
        return ""


def split_value(text: str) -> tuple[str, str]:
    """A content line's name and parameters, colon included, and its value."""
    match = _HEAD.match(text)
    if match is None:
        raise Unwritable("a line of the event has parameters that cannot be told from its value")
    return match[0], text[match.end() :]


def with_parameter(text: str, name: str, value: str) -> str:
    """A content line with one parameter set, every other character as it was."""
    head, rest = split_value(text)
    for match in _PARAMETER.finditer(head):
        if match[1].upper() == name:
            return f"{head[: match.start()]};{match[1]}={value}{head[match.end() :]}{rest}"
    return f"{head[:-1]};{name}={value}:{rest}"
