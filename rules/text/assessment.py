"""Whether a body carries an agenda: the judgement, apart from what follows from it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from agendad.providers.model import Attachment, Event
from agendad.rules.text.blocks import Line, readable
from agendad.rules.text.lexicon import Kind, Token, fold
from agendad.rules.text.patterns import HINT, SLOT
from agendad.rules.text.sentences import (
    Meaning,
    is_date,
    is_heading,
    may_be_topic,
    meaning_of,
    mostly_logistics,
    says_nothing,
    says_to_come,
    sentence_meaning,
    tokens_of,
)
from agendad.rules.text.skeleton import EARLIER, SKELETON, is_recalled
from agendad.rules.text.untrusted import MAX_TITLE


class State(StrEnum):
    """What was found. DOUBT: there is something that could be an agenda and cannot be judged."""

    PRESENT = "present"
    PLACEHOLDER = "placeholder"
    MISSING = "missing"
    DOUBT = "doubt"
    OPTED_OUT = "opted_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The verdict on one body. `lines` are those that count as agenda; `deciding` is the line that decided."""

    state: State
    reason: str
    lines: tuple[str, ...] = ()
    deciding: str = ""
    headings: tuple[str, ...] = ()
    """For each of `lines`, the heading it stands under, or ""."""


_LABEL = re.compile(r"([^:：]{1,80})[:：]\s*(.*)", re.DOTALL)
_NAME_WORD = re.compile(r"[^\W\d_]{2,}")
_LABEL_WORDS = 8
_FEWEST_LABELS = 3
_PART = re.compile(r"[:：|]\s*|\s[-–—/]\s")
"""Between the parts of a title."""
_OUR_LABELS = frozenset(
    fold(item).strip(" -:：")
    for item in (*EARLIER, *(item for skeleton in SKELETON.values() for item in skeleton.split("\n")[1:]))
)
_NOTHING = "nothing in the body says what the session is about"
_ELSEWHERE = "the agenda is said to be elsewhere"
_READABLE_FILES = (
    ".pdf",
    ".doc",
    ".docx",
    ".odt",
    ".md",
    ".txt",
    ".rtf",
    ".pages",
    ".ppt",
    ".pptx",
    ".key",
    ".odp",
    ".xls",
    ".xlsx",
    ".html",
)
_READABLE_TYPES = (
    "application/pdf",
    "application/msword",
    "application/vnd.",
    "text/plain",
    "text/markdown",
    "application/rtf",
)


def assess(event: Event, *, accept_links: bool = True) -> Assessment:
    """Judge the body of one event. Pure; linear in the size of the body."""
    if not event.body_readable:
        return Assessment(state=State.DOUBT, reason="the body could not be read")
    return _assess(event.text, event.html, event.attachments, _names(event), accept_links=accept_links)


@lru_cache(maxsize=256)
def _assess(
    text: str, markup: str, attachments: tuple[Attachment, ...], names: frozenset[str], *, accept_links: bool
) -> Assessment:
    """The occurrences of a series have all of this in common."""
    body = readable(text, markup)
    reader = _Reader(names, accept_links=accept_links)
    reader.read_all(body.written)
    found = reader.conclude(attachments)
    below = found.reason == _ELSEWHERE and body.points_below
    if found.state not in (State.MISSING, State.PLACEHOLDER) and not below:
        return found
    if body.cut:
        return Assessment(state=State.DOUBT, reason="the body is longer than what is read of it")
    if body.forwarded:
        forwarded = _Reader(names, accept_links=accept_links)
        forwarded.read_all(body.forwarded)
        beneath = forwarded.conclude(())
        if beneath.state in (State.PRESENT, State.DOUBT):
            reason = "the forwarded message may be the agenda"
            return Assessment(state=State.DOUBT, reason=reason, deciding=beneath.deciding)
    if below and not attachments:
        return Assessment(state=State.MISSING, reason=_NOTHING)
    return found


def assess_text(text: str) -> Assessment:
    """The same for plain text that is nobody's invite yet."""
    return _assess(text, "", (), frozenset(), accept_links=True)


def is_left_open(line: str) -> bool:
    """Whether a line is a part of our skeleton that nobody filled in."""
    return line.rstrip().endswith((":", "：")) and fold(line).strip(" -:：") in _OUR_LABELS


def agenda_lines(event: Event) -> tuple[str, ...]:
    """The lines of the body that count as its agenda."""
    return assess(event).lines


def names_a_topic(event: Event) -> bool:
    """True where the title says more than that these people meet."""
    names = _names(event)
    parts = _PART.split(event.title[:MAX_TITLE])
    return any(meaning_of(part, names, listed=False, headed=False) is Meaning.AGENDA for part in parts)


def _names(event: Event) -> frozenset[str]:
    """The words of the participants' names and addresses: a name alone is no topic."""
    people = [(person.name, person.email) for person in event.attendees]
    if event.organizer is not None:
        people.append((event.organizer.name, event.organizer.email))
    return frozenset().union(*(_words_of(name, email) for name, email in people))


@lru_cache(maxsize=512)
def _words_of(name: str, email: str) -> frozenset[str]:
    return frozenset(_NAME_WORD.findall(fold(f"{name} {email.partition('@')[0]}")))


def _points(token: Token) -> bool:
    """Whether it is "agenda here", which waits for one, unless a link follows."""
    return token.kind is Kind.PLACEHOLDER and token.text.endswith(" here")


def _waits(line: Line, following: Line | None) -> bool:
    """Whether a line is a question of a form that nobody answered: what follows waits to be written on."""
    if line.heading and (following is None or following.heading or _is_empty_bullet(following)):
        return meaning_of(line.text, frozenset(), listed=False, headed=False) is not Meaning.AGENDA
    if following is None or line.bullet or SLOT.fullmatch(line.text):
        return False
    return SLOT.fullmatch(following.text) is not None or _is_empty_bullet(following)


def _is_empty_bullet(line: Line) -> bool:
    return line.bullet and not line.links and not line.text.strip("[] xX☐")


def _is_form(lines: Sequence[Line]) -> bool:
    """Whether every line but the first has a label; the first is the name of the form."""
    return (
        len(lines) > _FEWEST_LABELS
        and not lines[0].bullet
        and not _LABEL.fullmatch(lines[0].text)
        and all(_LABEL.fullmatch(line.text) for line in lines[1:])
        and any(line.text.endswith((":", "：")) for line in lines[1:])
    )


class _Reader:
    """Reads line by line, remembering under which heading a line stands."""

    def __init__(self, names: frozenset[str], *, accept_links: bool) -> None:
        self._names = names
        self._accept_links = accept_links
        self._agenda: list[tuple[str, str]] = []
        self._seen: dict[Meaning, str] = {}
        self._doubtful_link = ""
        self._heading = ""
        self._under_agenda = False
        self._under_logistics = False

    def read_all(self, lines: Sequence[Line]) -> None:
        if _is_form(lines):
            self._note(Meaning.LABEL, lines[0].text)
            lines = lines[1:]
        for place, line in enumerate(lines):
            if _waits(line, lines[place + 1] if place + 1 < len(lines) else None):
                self._note(Meaning.LABEL, line.text)
            else:
                self._read(line)
        if len(lines) == 1 and not (self._seen or self._agenda) and may_be_topic(lines[0].text):
            self._note(Meaning.UNSURE, lines[0].text)

    def _read(self, line: Line) -> None:
        text = line.text
        if line.bullet and is_recalled(text):
            self._note(Meaning.LABEL, text)
            return
        label = _LABEL.fullmatch(text) if ":" in text or "：" in text else None
        if line.paragraph and not line.bullet and self._under_logistics:
            self._under_logistics = False
        if line.links and self._read_links(line):
            return
        if label is not None and self._read_label(line, label):
            return
        if SLOT.fullmatch(text):
            self._note(Meaning.LABEL, text)
            return
        if HINT.fullmatch(text) and (self._under_agenda or Meaning.LABEL in self._seen):
            self._note(Meaning.LABEL, text)
            return
        if not any(character.isalnum() for character in text):
            if text.strip("-_=*~ ") != text.strip():
                return  # a ruled line
            if line.bullet or (text and self._under_agenda):
                self._note(Meaning.PLACEHOLDER, text)
            return
        if label is None and is_heading(text, self._names):
            self._start(text)
            return
        if is_date(text):
            self._heading = text
            return
        if not (self._under_logistics and line.bullet):
            self._read_sentences(
                text, listed=line.bullet or (self._under_agenda and not line.paragraph), headed=self._under_agenda
            )

    def _read_links(self, line: Line) -> bool:
        """True if the link settles what the line means."""
        tokens = self._tokens(line.text)
        kinds = {token.kind for token in tokens if not _points(token)}
        labelled = (
            (Kind.HEADING in kinds and len(tokens) <= _LABEL_WORDS)
            or any(self._names_agenda(said) for said in line.said_of_links)
            or (not line.text.strip(" -:") and self._under_agenda)
        )
        if labelled and Kind.PLACEHOLDER not in kinds and Meaning.PLACEHOLDER not in self._seen:
            if self._accept_links:
                self._agenda.append((f"{line.text} {line.links[0]}".strip(), self._heading))
            else:
                self._doubtful_link = self._doubtful_link or f"{line.text} {line.links[0]}".strip()
            return True
        if line.documents:
            self._doubtful_link = self._doubtful_link or line.documents[0]
        return not line.documents and line.text.endswith((":", "："))

    def _names_agenda(self, said: str) -> bool:
        """Whether the words right before a link call it the agenda: "here is the agenda for Friday"."""
        tokens = self._tokens(said)
        return len(tokens) <= _LABEL_WORDS and any(
            token.kind is Kind.HEADING or _points(token) or (token.kind is Kind.ATTACHED and "agenda" in token.text)
            for token in tokens
        )

    def _read_label(self, line: Line, label: re.Match[str]) -> bool:
        """A line like "Topic 1: thesis". True if it is settled."""
        name, value = label[1], label[2]
        tokens = self._tokens(name)
        kinds = {token.kind for token in tokens}
        headed = Kind.HEADING in kinds and not mostly_logistics(tokens)
        if value and sentence_meaning(line.text, self._names, listed=False, headed=False) is Meaning.OPT_OUT:
            self._note(Meaning.OPT_OUT, line.text)
            return True
        if value and fold(name).strip(" -*•") in _OUR_LABELS:
            meaning = meaning_of(value, self._names, listed=True, headed=True)
            left_open = meaning in (Meaning.PLACEHOLDER, Meaning.OPT_OUT)
            self._record(meaning if left_open else Meaning.AGENDA, line.text)  # who fills in our form answers it
            return True
        if says_nothing(line.text):
            return True
        if not value:
            if headed and not line.bullet and Kind.SUBSTANCE not in kinds:
                self._start(line.text)
            elif mostly_logistics(tokens) and Kind.TOPIC not in kinds:
                self._under_logistics, self._under_agenda = True, False
            else:
                self._under_logistics = False
                self._note(Meaning.LABEL, line.text)
                if not line.bullet:
                    self._heading = line.text
                    self._under_agenda = self._under_agenda or Kind.TOPIC in kinds
            return True
        asked = bool(kinds & {Kind.PERSON, Kind.TOPIC, Kind.WEAK}) and Kind.SOCIAL not in kinds
        if mostly_logistics(tokens) and not headed and not asked:
            return True
        if headed or line.bullet or self._under_agenda or asked:
            if headed and not line.bullet:
                self._start(name)
            meaning = meaning_of(value, self._names, listed=True, headed=True)
            if headed and not line.bullet and says_to_come(line.text):
                meaning = Meaning.PLACEHOLDER
            if meaning is Meaning.NOTHING:
                return False
            self._record(meaning, line.text)
            return True
        return False

    def _read_sentences(self, text: str, *, listed: bool, headed: bool) -> None:
        self._record(meaning_of(text, self._names, listed=listed, headed=headed), text)

    def _record(self, meaning: Meaning, text: str) -> None:
        if meaning is Meaning.AGENDA:
            self._agenda.append((text, self._heading))
        else:
            self._note(meaning, text)

    def _note(self, meaning: Meaning, text: str) -> None:
        self._seen.setdefault(meaning, text)

    def _start(self, text: str) -> None:
        self._under_agenda, self._under_logistics, self._heading = True, False, text
        self._note(Meaning.HEADING, text)

    def _tokens(self, text: str) -> list[Token]:
        return tokens_of(text, self._names)

    def conclude(self, attachments: Iterable[Attachment]) -> Assessment:
        seen = self._seen
        if self._agenda:
            lines, headings = zip(*self._agenda, strict=True)
            return Assessment(
                state=State.PRESENT, reason="it has an agenda", lines=lines, headings=headings, deciding=lines[0]
            )
        if Meaning.OPT_OUT in seen:
            return Assessment(
                state=State.OPTED_OUT, reason="it says that no agenda is needed", deciding=seen[Meaning.OPT_OUT]
            )
        for state, reason, deciding in self._lesser(attachments):
            return Assessment(state=state, reason=reason, deciding=deciding)
        return Assessment(state=State.MISSING, reason=_NOTHING)

    def _lesser(self, attachments: Iterable[Attachment]) -> Iterator[tuple[State, str, str]]:
        """What the body may be, the doubts first: what could be an agenda is more than a placeholder beside it."""
        seen = self._seen
        if Meaning.FOREIGN in seen:
            yield State.DOUBT, "it is in a language that is not supported", seen[Meaning.FOREIGN]
        if self._doubtful_link:
            yield State.DOUBT, "a shared document may hold the agenda", self._doubtful_link
        for attachment in attachments:
            if _could_be_agenda(attachment):
                yield State.DOUBT, "an attachment may hold the agenda", attachment.filename or attachment.url or ""
        if Meaning.ELSEWHERE in seen:
            yield State.DOUBT, _ELSEWHERE, seen[Meaning.ELSEWHERE]
        if Meaning.UNSURE in seen:
            yield State.DOUBT, "its words may name a topic", seen[Meaning.UNSURE]
        if Meaning.PLACEHOLDER in seen:
            yield State.PLACEHOLDER, "the agenda is a placeholder", seen[Meaning.PLACEHOLDER]
        for meaning in (Meaning.HEADING, Meaning.LABEL):
            if meaning in seen:
                yield State.PLACEHOLDER, "the agenda is empty", seen[meaning]


def _could_be_agenda(attachment: Attachment) -> bool:
    name = (attachment.filename or attachment.url or "").lower().partition("?")[0]
    if attachment.media_type.startswith(_READABLE_TYPES) or name.endswith(_READABLE_FILES):
        return True
    return "docs.google" in name or "drive.google" in name or "sharepoint" in name
