"""Whether a body carries an agenda: the judgement, apart from what follows from it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from agendad.providers.model import Attachment, Event
from agendad.rules.text.blocks import Line, body_text
from agendad.rules.text.languages import LANGUAGES
from agendad.rules.text.lexicon import Kind, Token, fold, vocabulary
from agendad.rules.text.scripts import is_foreign


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


class _Meaning(StrEnum):
    AGENDA = "agenda"
    PLACEHOLDER = "placeholder"
    OPT_OUT = "opt-out"
    HEADING = "heading"
    LABEL = "label"
    """Ends with a colon and nothing follows: a form that waits to be filled in."""
    ELSEWHERE = "elsewhere"
    FOREIGN = "foreign"
    NOTHING = "nothing"


_VOCABULARY = vocabulary(LANGUAGES)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])|\s[–—|]\s")
_CLAUSE_END = re.compile(r"[,，、;:：(]|\s-\s")
_SLOT = re.compile(
    r"\s*(?:\[[^\[\]]{0,120}\]|<[^<>]{0,120}>|\{{1,3}[^{}]{0,120}\}{1,3}|【[^【】]{0,60}】|＜[^＜＞]{0,60}＞|«[^«»]{0,60}»|_{2,}|\.{2,}|…+|[?？]+|-+)?\s*[.!]?\s*"
)
_LABEL = re.compile(r"([^:：]{1,80})[:：]\s*(.*)", re.DOTALL)
_LABEL_WORDS = 8
_QUESTION = ("?", "？")
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
    lines = body_text(event).written
    reader = _Reader(_names(event), accept_links=accept_links)
    for line in lines:
        reader.read(line)
    return reader.conclude(event.attachments)


def agenda_lines(event: Event) -> tuple[str, ...]:
    """The lines of the body that count as its agenda."""
    return assess(event).lines


def _names(event: Event) -> frozenset[str]:
    """The words of the participants' names and addresses: a name alone is no topic."""
    people = [(person.name, person.email) for person in event.attendees]
    if event.organizer is not None:
        people.append((event.organizer.name, event.organizer.email))
    found: set[str] = set()
    for name, email in people:
        found.update(re.findall(r"[^\W\d_]{2,}", fold(f"{name} {email.partition('@')[0]}")))
    return frozenset(found)


class _Reader:
    """Reads line by line, remembering under which heading a line stands."""

    def __init__(self, names: frozenset[str], *, accept_links: bool) -> None:
        self._names = names
        self._accept_links = accept_links
        self._agenda: list[tuple[str, str]] = []
        self._seen: dict[_Meaning, str] = {}
        self._doubtful_link = ""
        self._heading = ""
        self._under_agenda = False
        self._under_logistics = False

    def read(self, line: Line) -> None:
        text = line.text
        label = _LABEL.fullmatch(text) if ":" in text or "：" in text else None
        if line.paragraph and not line.bullet and self._under_logistics:
            self._under_logistics = False
        if line.links and self._read_links(line):
            return
        if label is not None and self._read_label(line, label):
            return
        if not any(character.isalnum() for character in text):
            if text.strip("-_=*~ ") != text.strip():
                return  # a ruled line
            if line.bullet or (text and self._under_agenda):
                self._note(_Meaning.PLACEHOLDER, text)
            return
        if label is None and self._is_heading(text):
            self._start(text)
            return
        if _looks_dated(text):
            self._heading = text
            return
        if not (self._under_logistics and line.bullet):
            self._read_sentences(
                text, listed=line.bullet or (self._under_agenda and not line.paragraph), headed=self._under_agenda
            )

    def _read_links(self, line: Line) -> bool:
        """True if the link settles what the line means."""
        tokens = self._tokens(line.text)
        kinds = {token.kind for token in tokens}
        labelled = (Kind.HEADING in kinds and len(tokens) <= _LABEL_WORDS) or (
            not line.text.strip(" -:") and self._under_agenda
        )
        if labelled and Kind.PLACEHOLDER not in kinds:
            if self._accept_links:
                self._agenda.append((f"{line.text} {line.links[0]}".strip(), self._heading))
            else:
                self._doubtful_link = self._doubtful_link or f"{line.text} {line.links[0]}".strip()
            return True
        if line.documents:
            self._doubtful_link = self._doubtful_link or line.documents[0]
        return False

    def _read_label(self, line: Line, label: re.Match[str]) -> bool:
        """A line like "Topic 1: thesis". True if it is settled."""
        name, value = label[1], label[2]
        tokens = self._tokens(name)
        kinds = {token.kind for token in tokens}
        headed = Kind.HEADING in kinds and not self._mostly_logistics(tokens)
        if not value:
            if headed and not line.bullet and Kind.SUBSTANCE not in kinds:
                self._start(line.text)
            elif self._mostly_logistics(tokens) and Kind.TOPIC not in kinds:
                self._under_logistics, self._under_agenda = True, False
            else:
                self._under_logistics = False
                self._note(_Meaning.LABEL, line.text)
                if not line.bullet:
                    self._heading = line.text
                    self._under_agenda = self._under_agenda or Kind.TOPIC in kinds
            return True
        asked = bool(kinds & {Kind.PERSON, Kind.TOPIC, Kind.WEAK}) and Kind.SOCIAL not in kinds
        if self._mostly_logistics(tokens) and not headed and not asked:
            return True
        if headed or line.bullet or self._under_agenda or asked:
            if headed and not line.bullet:
                self._start(name)
            if self._whole(line.text) is _Meaning.OPT_OUT:
                self._note(_Meaning.OPT_OUT, line.text)
                return True
            meaning = self._sentence_of(value, listed=True, headed=True)
            if meaning is _Meaning.NOTHING:
                return False
            self._record(meaning, line.text)
            return True
        return False

    def _sentence_of(self, text: str, *, listed: bool, headed: bool) -> _Meaning:
        """The strongest meaning of the sentences of a text."""
        best = _Meaning.NOTHING
        for part in _SENTENCE_END.split(text):
            meaning = self._meaning(part, listed=listed, headed=headed)
            if meaning is _Meaning.AGENDA:
                return meaning
            if best is _Meaning.NOTHING:
                best = meaning
        return best

    def _read_sentences(self, text: str, *, listed: bool, headed: bool) -> None:
        self._record(self._sentence_of(text, listed=listed, headed=headed), text)

    def _record(self, meaning: _Meaning, text: str) -> None:
        if meaning is _Meaning.AGENDA:
            self._agenda.append((text, self._heading))
        else:
            self._note(meaning, text)

    def _note(self, meaning: _Meaning, text: str) -> None:
        self._seen.setdefault(meaning, text)

    def _start(self, text: str) -> None:
        self._under_agenda, self._under_logistics, self._heading = True, False, text
        self._note(_Meaning.HEADING, text)

    def _tokens(self, text: str) -> list[Token]:
        names = self._names
        return [token for token in _VOCABULARY.tokens(fold(text)) if token.text not in names]

    @staticmethod
    def _mostly_logistics(tokens: Iterable[Token]) -> bool:
        kinds = [token.kind for token in tokens]
        return Kind.LOGISTICS in kinds and kinds.count(Kind.LOGISTICS) >= kinds.count(Kind.SUBSTANCE)

    def _whole(self, text: str) -> _Meaning:
        return self._meaning(text, listed=False, headed=False)

    def _is_heading(self, text: str) -> bool:
        """A line that only names the agenda: "Proposed agenda for Tuesday"."""
        if len(text) > 60 or text.rstrip().endswith(_QUESTION):
            return False
        tokens = self._tokens(text)
        kinds = {token.kind for token in tokens}
        return Kind.HEADING in kinds and kinds <= {Kind.HEADING, Kind.FILLER, Kind.PERSON}

    def _meaning(self, text: str, *, listed: bool, headed: bool) -> _Meaning:
        if _SLOT.fullmatch(text):
            return _Meaning.PLACEHOLDER if listed or "[" in text or "<" in text or "{" in text else _Meaning.NOTHING
        if is_foreign(text):
            return _Meaning.FOREIGN
        tokens = self._tokens(text)
        count = dict.fromkeys(Kind, 0)
        for token in tokens:
            count[token.kind] += 1
        substance = count[Kind.SUBSTANCE]
        if count[Kind.OPT_OUT] and substance <= 1 and not count[Kind.TOPIC]:
            return _Meaning.OPT_OUT
        if count[Kind.PLACEHOLDER]:
            if "lorem ipsum" in text.lower():
                return _Meaning.PLACEHOLDER
            if count[Kind.LOGISTICS] and not count[Kind.HEADING] and not count[Kind.TOPIC]:
                return _Meaning.NOTHING  # "I will send the link later"
            wordy = 1 if count[Kind.TOPIC] else 2
            return _Meaning.AGENDA if substance >= wordy and not count[Kind.LOGISTICS] else _Meaning.PLACEHOLDER
        if count[Kind.ATTACHED] and substance < 2:
            return _Meaning.ELSEWHERE
        if _is_agenda(text, tokens, count, listed=listed, headed=headed):
            return _Meaning.AGENDA
        if count[Kind.NULL] and not substance and (listed or count[Kind.HEADING] or len(tokens) == count[Kind.NULL]):
            return _Meaning.PLACEHOLDER
        if listed and not substance and not count[Kind.SOCIAL] and not count[Kind.LOGISTICS] and count[Kind.HEADING]:
            return _Meaning.PLACEHOLDER
        return _Meaning.NOTHING

    def conclude(self, attachments: Iterable[Attachment]) -> Assessment:
        seen = self._seen
        if self._agenda:
            lines, headings = zip(*self._agenda, strict=True)
            return Assessment(
                state=State.PRESENT, reason="it has an agenda", lines=lines, headings=headings, deciding=lines[0]
            )
        if _Meaning.OPT_OUT in seen:
            return Assessment(
                state=State.OPTED_OUT, reason="it says that no agenda is needed", deciding=seen[_Meaning.OPT_OUT]
            )
        for state, reason, deciding in self._lesser(attachments):
            return Assessment(state=state, reason=reason, deciding=deciding)
        return Assessment(state=State.MISSING, reason="nothing in the body says what the session is about")

    def _lesser(self, attachments: Iterable[Attachment]) -> Iterator[tuple[State, str, str]]:
        seen = self._seen
        if _Meaning.FOREIGN in seen:
            yield State.DOUBT, "it is in a language that is not supported", seen[_Meaning.FOREIGN]
        if _Meaning.PLACEHOLDER in seen:
            yield State.PLACEHOLDER, "the agenda is a placeholder", seen[_Meaning.PLACEHOLDER]
        if self._doubtful_link:
            yield State.DOUBT, "a shared document may hold the agenda", self._doubtful_link
        if _Meaning.ELSEWHERE in seen:
            yield State.DOUBT, "the agenda is said to be elsewhere", seen[_Meaning.ELSEWHERE]
        for attachment in attachments:
            if _could_be_agenda(attachment):
                yield State.DOUBT, "an attachment may hold the agenda", attachment.filename or attachment.url or ""
        for meaning in (_Meaning.HEADING, _Meaning.LABEL):
            if meaning in seen:
                yield State.PLACEHOLDER, "the agenda is empty", seen[meaning]


def _is_agenda(text: str, tokens: list[Token], count: dict[Kind, int], *, listed: bool, headed: bool) -> bool:
    """True if something concrete is left when meeting, courtesy and place are taken away."""
    substance, weak = count[Kind.SUBSTANCE], count[Kind.WEAK]
    apart = count[Kind.LOGISTICS] + count[Kind.SOCIAL]
    if listed:
        if not apart:
            return substance + weak >= 1 or (headed and count[Kind.TOPIC] >= 1 and len(tokens) > 2)
        if substance and (substance >= apart if headed else substance > apart) and not count[Kind.PERSON]:
            return True
    if apart:
        return bool(count[Kind.TOPIC] and _follows_topic(tokens))
    if count[Kind.TOPIC] or count[Kind.HEADING]:
        return substance >= 1 or weak >= 2
    if text.rstrip().endswith(_QUESTION):
        return substance >= (2 if count[Kind.PERSON] else 1)
    if count[Kind.PERSON]:
        return substance >= 3
    return substance >= 2 or (substance == 1 and len(tokens) <= 4) or weak >= 2


def _follows_topic(tokens: list[Token]) -> bool:
    """Something concrete comes after the word that announces it, or before it where the verb comes last."""
    first = next(index for index, token in enumerate(tokens) if token.kind is Kind.TOPIC)
    after = tokens[first + 1 :]
    if any(token.kind is Kind.SUBSTANCE for token in after):
        return True
    before = []
    for token in reversed(tokens[:first]):
        if token.kind in (Kind.LOGISTICS, Kind.SOCIAL):
            break
        before.append(token)
    return any(token.kind is Kind.SUBSTANCE for token in before)


def _could_be_agenda(attachment: Attachment) -> bool:
    name = (attachment.filename or attachment.url or "").lower().partition("?")[0]
    if attachment.media_type.startswith(_READABLE_TYPES) or name.endswith(_READABLE_FILES):
        return True
    return "docs.google" in name or "drive.google" in name or "sharepoint" in name


def _looks_dated(text: str) -> bool:
    """A line that is a date and nothing else, which heads what follows."""
    return (
        len(text) <= 40
        and any(c.isdigit() for c in text)
        and all(t.kind is Kind.FILLER for t in _VOCABULARY.tokens(fold(text)))
    )
