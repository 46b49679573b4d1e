"""Whether an invite introduces the mentee: why the two would be a good match, and what the mentee wants to learn."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from agendad.providers.model import Attachment, Event
from agendad.rules.text.blocks import Line, readable
from agendad.rules.text.introduction_words import (
    ABOUT_HEADING,
    DRAFTS,
    INTRODUCES,
    LEARN,
    LEARN_HEADING,
    WHY,
    WHY_HEADING,
)
from agendad.rules.text.lexicon import Kind, fold
from agendad.rules.text.scripts import is_foreign
from agendad.rules.text.sentences import Meaning, says_nothing, sentence_meaning, tokens_of, without_greeting


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """What was found: the words that say it, "" where nothing does."""

    why: str = ""
    learn: str = ""
    doubt: str = ""
    """Why it cannot be told; "" if it can."""

    @property
    def complete(self) -> bool:
        return bool(self.why and self.learn)

    @property
    def verdict(self) -> str:
        """In one word: both, doubt, why, learn or neither."""
        if self.complete:
            return "both"
        return "doubt" if self.doubt else "why" if self.why else "learn" if self.learn else "neither"


class _Part(Enum):
    WHY = "why"
    LEARN = "learn"
    ABOUT = "about"


_LINES, _LENGTH = 200, 500
"""How much of a body is read: an introduction stands near its beginning."""
_HEADING_WORDS, _HEADING_LENGTH = 12, 80
_LABEL = re.compile(r"([^:：]{1,80})[:：]\s*(.*)", re.DOTALL)
_SENTENCES = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])")
_EDGES = " \t-–—*•_#:：.?？!！"
_OURS = {
    fold(text).replace("’", "'").strip(_EDGES): part
    for draft in DRAFTS.values()
    for text, part in ((draft.why, _Part.WHY), (draft.learn, _Part.LEARN), (draft.about, _Part.ABOUT))
}
_HEADINGS = ((LEARN_HEADING, _Part.LEARN), (WHY_HEADING, _Part.WHY), (ABOUT_HEADING, _Part.ABOUT))
_ROOM = re.compile(r"\s*(?:\[[^\[\]]{1,300}\]|【[^【】]{1,300}】)\W*")
"""A place to fill in, as drafts have it, ours among them."""
_LEAST_CJK = 4
_LEAST_SUBSTANCE = 2


def draft_of(language: str, *, why: bool = True, learn: bool = True) -> str:
    """An introduction to fill in, as list items; with both parts also room for a word about oneself.

    >>> print(draft_of("en", why=False))
    - What I'd like to learn:
    """
    draft = DRAFTS[language]
    lines = [draft.why] * why + [draft.learn] * learn + [draft.about] * (why and learn)
    return "\n".join(f"- {line}" for line in lines)


def introduction(event: Event) -> Introduction:
    """What the body of an event says. Pure; linear in the size of the body."""
    if not event.body_readable:
        return Introduction(doubt="the body could not be read")
    return _introduction(event.text, event.html, event.attachments)


@lru_cache(maxsize=256)
def _introduction(text: str, markup: str, attachments: tuple[Attachment, ...]) -> Introduction:
    body = readable(text, markup)
    written = [line for line in body.written if not _ROOM.fullmatch(line.text)]
    found = _read(written)
    if found.complete:
        return found
    return replace(found, doubt=next(_doubts(written, body.forwarded, attachments, cut=body.cut), ""))


def _read(lines: Sequence[Line]) -> Introduction:
    reader = _Reader()
    for line in lines[:_LINES]:
        reader.read(line)
    return Introduction(why=reader.found.get(_Part.WHY, ""), learn=reader.found.get(_Part.LEARN, ""))


def _doubts(
    written: Sequence[Line], forwarded: Sequence[Line], attachments: Iterable[Attachment], *, cut: bool
) -> Iterator[str]:
    if cut:
        yield "the body is longer than what is read of it"
    if any(_introduces(" ".join((line.text, *line.said_of_links))) for line in written if line.links):
        yield "a document may hold the introduction"
    if any(_introduces(attachment.filename or attachment.url or "") for attachment in attachments):
        yield "an attachment may hold the introduction"
    if any(is_foreign(line.text) for line in written[:_LINES]):
        yield "it is in a language that is not supported"
    if any(_may_introduce(line) for line in written[:_LINES]):
        yield "it says something in words that cannot be placed"
    if forwarded and (beneath := _read(forwarded)) and (beneath.why or beneath.learn):
        yield "the forwarded message may hold the introduction"


def _introduces(text: str) -> bool:
    return INTRODUCES.search(_plain(text).replace("_", " ")) is not None


def _may_introduce(line: Line) -> bool:
    """Whether a sentence about a person is in words that nothing knows: no courtesy, no logistics, no topic."""
    text = line.text[:_LENGTH]
    label = _LABEL.fullmatch(_plain(text))
    if line.bullet or _named(label[1] if label else _plain(text), line, labelled=label is not None):
        return False
    return any(_unplaced(sentence) for sentence in _SENTENCES.split(text))


def _unplaced(sentence: str) -> bool:
    plain = without_greeting(_plain(sentence))
    if says_nothing(sentence) or WHY.search(plain) or LEARN.search(plain):
        return False
    kinds = [token.kind for token in tokens_of(plain, frozenset())]
    substance = kinds.count(Kind.SUBSTANCE)
    if Kind.PERSON not in kinds or Kind.TOPIC in kinds or substance < _LEAST_SUBSTANCE:
        return False
    return substance > kinds.count(Kind.LOGISTICS) + kinds.count(Kind.SOCIAL)


def _plain(text: str) -> str:
    return fold(text[:_LENGTH]).replace("’", "'")


class _Reader:
    """Reads line by line, remembering under which heading a line stands."""

    def __init__(self) -> None:
        self.found: dict[_Part, str] = {}
        self._under: _Part | None = None

    def read(self, line: Line) -> None:
        text = _plain(line.text)
        label = _LABEL.fullmatch(text)
        part = _named(label[1] if label else text, line, labelled=label is not None)
        if part is not None:
            self._under = part
            if label and _says(label[2]):
                self.found.setdefault(part, line.text)
            return
        if line.heading or (label and not label[2]):
            self._under = None  # a heading for something else
            return
        if self._under is not None and _says(text):
            self.found.setdefault(self._under, line.text)
        self._read_sentences(line.text, text)

    def _read_sentences(self, written: str, text: str) -> None:
        for sentence in _SENTENCES.split(text):
            for phrases, part in ((WHY, _Part.WHY), (LEARN, _Part.LEARN)):
                if phrases.search(sentence) or phrases.search(without_greeting(sentence)):
                    self.found.setdefault(part, written)


def _named(name: str, line: Line, *, labelled: bool) -> _Part | None:
    """The part that a heading or a label names."""
    bare = name.strip(_EDGES)
    if (ours := _OURS.get(bare)) is not None:
        return ours
    if len(bare) > _HEADING_LENGTH or len(bare.split()) > _HEADING_WORDS:
        return None
    if not (labelled or line.heading or not line.text.rstrip().endswith((".", "!", "。", "！", ","))):
        return None
    return next((part for pattern, part in _HEADINGS if pattern.search(bare)), None)


def _says(text: str) -> bool:
    """Whether something stands there: no room to be filled in, no courtesy."""
    bare = text.strip(_EDGES)
    if not bare:
        return False
    meaning = sentence_meaning(bare, frozenset(), listed=True, headed=True)
    if meaning in (Meaning.PLACEHOLDER, Meaning.OPT_OUT, Meaning.HEADING):
        return False
    if not bare.isascii() and len(bare) >= _LEAST_CJK and " " not in bare:
        return True
    return any(
        token.kind in (Kind.SUBSTANCE, Kind.TOPIC, Kind.WEAK, Kind.SETTING) for token in tokens_of(bare, frozenset())
    )
