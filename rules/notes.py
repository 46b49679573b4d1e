"""Notes on a mentorship, as people keep them in Markdown: read forgivingly, and the section that a session adds.

A heading with a date begins a session. Under it `Advice:` has a list (`- [x] read chapter 3 → two ideas`), and
`Promised:`, `Helped:`, `Thanked:` and `Milestone:` have a line or a list, in any of the supported languages. All
else is kept as other lines.
"""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from agendad.rules.note_words import ADVICE, EXAMPLES, FIELDS, HOW, PROMISED, Field
from agendad.rules.policy import Party
from agendad.rules.relationship import Advice, Milestone, Notes, SessionNotes
from agendad.rules.saying import spoken
from agendad.rules.text.dates import latest_dates
from agendad.rules.text.lexicon import fold
from agendad.rules.text.untrusted import one_line

MAX_NOTES = 1_000_000
"""Bytes of a file of notes that are read; a larger one is none."""
_LINE, _TEXT, _HEADING = 2000, 500, 120
"""Characters that are read of a line, of one text in it, and of a heading."""
_DAY = timedelta(days=1)
_MARKED = re.compile(r"(#{1,6})\s*(.*?)[#\s]*")
_DAY_ALONE = re.compile(r"[*_]{0,3}(\d{4}-\d{1,2}-\d{1,2})[*_]{0,3}[:：]?[*_]{0,3}")
_LABEL = re.compile(r"[*_`]{0,3}([^:：*_`]{1,40}?)[*_`]{0,3}\s*[:：][*_`]{0,3}\s*(.*)")
_ITEM = re.compile(r"(?:[-*+•・–]|\d{1,3}[.)])\s+(.*)|(?:[-*+•・–])()|(?=[☐☑☒✅])(.*)")
_BOX = re.compile(r"\[([^\[\]]?)\]\s*|([☐☑☒✅])\s*")
_ARROW = re.compile(r"\s*(?:→|⇒|➜|=>|->|-->)\s*")
_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")


def section(day: date, language: str, role: Party) -> str:
    r"""What a session that was held adds to the notes: a heading and a list to fill in.

    Args:
        day: of the session, on the user's clock.
        language: the user's.
        role: the user's; a mentor notes what was promised.

    >>> section(date(2026, 12, 1), "en", Party.MENTEE)
    '## 2026-12-01\n\nAdvice:\n- [ ] \n'
    """
    label = (ADVICE if role is Party.MENTEE else PROMISED)[spoken(language)]
    return f"## {day.isoformat()}\n\n{label}\n- [ ] \n"


def beginning(name: str, language: str) -> str:
    """What a new file begins with: the mentorship's name, and what agendad reads in it."""
    key = spoken(language)
    return f"# {one_line(name, _HEADING)}\n\n> {HOW[key]}\n> {EXAMPLES[key]}\n"


def read_notes(text: str, today: date) -> Notes:
    """What a file of notes says. Linear in the size of the text.

    Args:
        text: Markdown; what is longer than `MAX_NOTES` is not read.
        today: the day on the user's clock; a date without a year is the nearest to the one before it, or to this.
    """
    reader = _Reader(today)
    for line in text[:MAX_NOTES].split("\n"):
        reader.read(line[:_LINE].strip("\r\ufeff"))
    return reader.notes()


@dataclass(slots=True)
class _Item:
    """An item of a list, while its lines come."""

    text: str
    done: bool = False

    def goes_on(self, text: str) -> None:
        if len(self.text) < _TEXT:
            self.text += text

    def advice(self) -> Advice | None:
        said, *outcomes = _ARROW.split(self.text)
        text, outcome = _tidy(said), _tidy(", ".join(filter(None, map(str.strip, outcomes))))
        return Advice(text=text, done=self.done, outcome=outcome) if text else None


@dataclass(slots=True)
class _Section:
    """A session, while its lines come."""

    day: date
    items: dict[Field, list[_Item]] = field(default_factory=dict)
    other: list[str] = field(default_factory=list)

    def notes(self) -> SessionNotes:
        return SessionNotes(
            day=self.day,
            advice=self._advice(Field.ADVICE),
            promised=self._advice(Field.PROMISED),
            helped=tuple(text for item in self.items.get(Field.HELPED, ()) if (text := _tidy(item.text))),
            other=(*self.other, *(text for item in self.items.get(Field.MILESTONE, ()) if (text := _tidy(item.text)))),
        )

    def _advice(self, kind: Field) -> tuple[Advice, ...]:
        return tuple(advice for item in self.items.get(kind, ()) if (advice := item.advice()))


class _Reader:
    """Reads line by line, remembering the session and the list that a line stands in."""

    def __init__(self, today: date) -> None:
        self._today = self._near = today
        self._sections: list[_Section] = []
        self._section: _Section | None = None
        self._level = 0
        self._field: Field | None = None
        self._item: _Item | None = None
        self._blank = self._listed = self._dashed = False
        self._thanked: set[date] = set()
        self._milestones: list[Milestone] = []

    def notes(self) -> Notes:
        by_day: dict[date, SessionNotes] = {}
        for one in (section.notes() for section in self._sections):
            before = by_day.get(one.day)
            by_day[one.day] = _both(before, one) if before else one
        for begun in self._sections:
            for item in begun.items.get(Field.MILESTONE, ()):
                self._add_milestone(item.text, begun.day)
        return Notes(
            sessions=tuple(by_day[day] for day in sorted(by_day)),
            thanked=tuple(sorted(self._thanked)),
            milestones=tuple(sorted(set(self._milestones))),
        )

    def read(self, raw: str) -> None:
        line = raw.strip()
        if not line:
            self._blank, self._item = True, None
            return
        if not line.startswith((">", "<!--")):
            self._read(raw, line)
        self._blank = False

    def _read(self, raw: str, line: str) -> None:
        if line.startswith("#") and (marked := _MARKED.fullmatch(line)):
            self._heading(len(marked[1]), marked[2])
            return
        if alone := _DAY_ALONE.fullmatch(line):
            if self._field is Field.THANKED:
                self._thank(line)
            elif (day := self._day(alone[1])) is not None:
                self._begin(day, self._level or 2)
            return
        item = _ITEM.fullmatch(line)
        text, indented = _text_of(item) if item else line, raw[:1] in (" ", "\t")
        listing = item is not None and self._field is not None
        if item is None and indented and self._item is not None:
            self._item.goes_on(f" {line}")
        elif (not listing or self._dashed) and self._labelled(text, dashed=item is not None):
            pass
        elif not listing:
            self._plain(line)
        elif indented and self._item is not None and not _BOX.match(text):
            self._item.goes_on(f", {text}")
        else:
            self._listed = True
            self._add(text)

    def _heading(self, level: int, text: str) -> None:
        text = text[:_HEADING]
        kind, rest = self._field_of(text)
        if kind is not None:
            self._open(kind, rest)
            if kind is Field.THANKED:
                self._thank(rest)
            return
        if (day := self._day(text)) is not None:
            self._begin(day, level)
            return
        self._field = self._item = None
        if self._section is not None and level <= self._level:
            self._section = None

    def _field_of(self, heading: str) -> tuple[Field | None, str]:
        """A heading that is a label, or one with a date behind it: "Thanks 2026-12-20"."""
        label = _LABEL.fullmatch(heading)
        name, rest = (label[1], label[2]) if label else (heading, "")
        if (kind := FIELDS.get(fold(name.strip(" *_`")))) is not None:
            return kind, rest
        if found := _ISO.search(heading):
            before = fold(heading[: found.start()].strip(" *_`:：,-–—(（"))
            return FIELDS.get(before), heading[found.start() :]
        return None, ""

    def _begin(self, day: date, level: int) -> None:
        self._section, self._level, self._near = _Section(day), level, day
        self._sections.append(self._section)
        self._field = self._item = None

    def _labelled(self, line: str, *, dashed: bool) -> bool:
        """Read a line with one of the labels. `dashed`: it is an item of a list, as its neighbours are then."""
        label = _LABEL.fullmatch(line)
        kind = FIELDS.get(fold(label[1].strip())) if label else None
        if label is None or kind is None:
            return False
        self._open(kind, "", dashed=dashed)
        value = label[2].strip()
        if kind is Field.THANKED:
            self._thank(value)
        elif value:
            self._add(value)
        return True

    def _open(self, kind: Field, rest: str, *, dashed: bool = False) -> None:
        self._field, self._item, self._listed, self._blank, self._dashed = kind, None, False, False, dashed
        if rest and kind is not Field.THANKED:
            self._add(rest)

    def _add(self, text: str) -> None:
        """An item of the list that is open."""
        if self._field is Field.THANKED:
            self._thank(text)
            return
        if self._field is None:
            return
        box = _BOX.match(text)
        done = box is not None and (box[1] or box[2] or "").strip() not in ("", "☐")
        self._item = _Item(text[box.end() :] if box else text, done)
        if self._section is not None:
            self._section.items.setdefault(self._field, []).append(self._item)
        elif self._field is Field.MILESTONE:
            self._add_milestone(text, None)

    def _plain(self, line: str) -> None:
        """A line that is no item: one right under a label belongs to it, and all else is the user's own."""
        if self._field is not None and self._item is None and not self._listed and not self._blank:
            self._add(line)
            return
        self._field = self._item = None
        if self._section is not None and any(map(str.isalnum, line)):
            self._section.other.append(one_line(line, _TEXT))

    def _thank(self, text: str) -> None:
        """Every date in it; the session's own day for a word without one."""
        days = [day for found in _ISO.findall(text) if (day := self._day(found))]
        if not days and text.strip() and (day := self._day(text[:_HEADING])):
            days = [day]
        if not days and self._section is not None and any(map(str.isalnum, text)):
            days = [self._section.day]
        self._thanked.update(days)
        if self._section is not None and days:
            self._section.other.append(_tidy(text))

    def _add_milestone(self, text: str, day: date | None) -> None:
        if found := _ISO.search(text[:_HEADING]):
            day = self._day(found[0]) or day
            text = text.replace(found[0], "", 1)
        words = _tidy(text).strip(" :：,-–—()（）")
        if words and day is not None:
            self._milestones.append(Milestone(day=day, text=words))

    def _day(self, text: str) -> date | None:
        """The first date in a text."""
        found = next(iter(latest_dates(text[:_HEADING], self._near)), None)
        if found is None or found - self._today <= _DAY or "/" not in text or found.day > 12:
            return found
        other = found.replace(month=found.day, day=found.month)  # 5/1 is 5 January where 1 May is yet to come
        return other if other - self._today <= _DAY else found


def _text_of(item: re.Match[str]) -> str:
    return next((group for group in item.groups() if group), "").strip()


def _tidy(text: str) -> str:
    return one_line(text, _TEXT)


def _both(one: SessionNotes, other: SessionNotes) -> SessionNotes:
    """Two sections of the same day."""
    return SessionNotes(
        day=one.day,
        advice=one.advice + other.advice,
        promised=one.promised + other.promised,
        helped=one.helped + other.helped,
        other=one.other + other.other,
    )
