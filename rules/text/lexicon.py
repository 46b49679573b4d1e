"""What words mean for an agenda, in every supported language at once.

People mix languages within one invite, so the languages are one vocabulary: a phrase belongs to the kind it
has in whichever language knows it. A word that no language knows as anything else is substance.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import IntEnum

from agendad.rules.text.untrusted import unified


class Kind(IntEnum):
    """What a word or phrase does. Where two languages disagree, the lower one holds."""

    OPT_OUT = 1
    """Says that no agenda is needed."""
    PLACEHOLDER = 2
    """Says that something is to come: TBD, will send later."""
    NULL = 3
    """Stands for nothing, if it stands alone: none, n/a."""
    HEADING = 4
    """Names the agenda: agenda, topics, talking points."""
    ATTACHED = 5
    """Says that the agenda is elsewhere: see attached."""
    LOGISTICS = 6
    """About where, when and how to meet."""
    SOCIAL = 7
    """Greeting, thanks, small talk, asking the other for topics."""
    TOPIC = 8
    """Announces a topic: discuss, question about, feedback on."""
    SETTING = 9
    """Sets the scene beside logistics or courtesy, and is a topic's word elsewhere: time, office, family."""
    WEAK = 10
    """Fills any agenda: updates, progress, next steps."""
    PERSON = 11
    """Pronouns and what else makes a sentence of a phrase."""
    FILLER = 12
    """Function words, words for the meeting itself, days and months."""
    SUBSTANCE = 13
    """Anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language's phrases, comma-separated; a final ~ stands for any ending."""

    code: str
    opt_out: str = ""
    placeholder: str = ""
    null: str = ""
    heading: str = ""
    attached: str = ""
    logistics: str = ""
    social: str = ""
    setting: str = ""
    topic: str = ""
    weak: str = ""
    person: str = ""
    filler: str = ""
    closing: str = ""
    """Lines after which a signature comes."""
    conference: str = ""
    """Phrases that mark a line as part of a conference block or an automatic footer."""
    conference_alone: str = ""
    """The same, for phrases that people write too: they count alone on a line only."""
    none_needed: str = ""
    """What, beside the word agenda, says that none is needed."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word or phrase with its kind."""

    text: str
    kind: Kind


_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_COUNTED = re.compile(r"\d+(?:am|pm|h|h\d\d|hrs?|min|mins|st|nd|rd|th|uhr|er|eme|a|o|pt|x)")
_PLAIN = {
    code: base
    for code in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]
    if (base := unicodedata.normalize("NFKD", chr(code))[0]).isascii()
} | {ord("ø"): "o", ord("ł"): "l", ord("đ"): "d", ord("æ"): "ae", ord("œ"): "oe", ord("ß"): "ss"}


def fold(text: str) -> str:
    """Lower case, compatibility forms unified, Latin accents dropped.

    >>> fold("Réunion  ＴＢＤ"), fold("がんばる")
    ('reunion  tbd', 'がんばる')
    """
    if text.isascii():
        return text.lower()
    return unified(text).lower().translate(_PLAIN)


def raw_words(text: str) -> list[str]:
    """The words of a text as they are written, in step with `words` of the folded text."""
    return words(text if text.isascii() else unified(text))


def words(folded: str) -> list[str]:
    """Words of folded text; a run of Chinese or Japanese is one word."""
    found = _WORD.findall(folded)
    if folded.isascii():
        return found
    split: list[str] = []
    for word in found:
        position = 0
        for run in _CJK.finditer(word):
            if run.start() > position:
                split.append(word[position : run.start()])
            split.append(run[0])
            position = run.end()
        if position < len(word):
            split.append(word[position:])
    return split


def is_cjk(word: str) -> bool:
    """Whether one of `words` is a run of Chinese or Japanese."""
    return _CJK.match(word) is not None


def phrases(listing: str) -> list[str]:
    """The folded phrases of a comma-separated listing."""
    return [phrase for part in listing.replace("\n", " ").split(",") if (phrase := fold(part).strip())]


_STEM_START = 4
"""Letters that every stem has at least."""


class Vocabulary:
    """Phrases of one or more kinds, found longest first in time linear in the text."""

    def __init__(self) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Kind]]] = {}
        self._stems: dict[str, Kind] = {}
        self._stems_by_start: dict[str, list[tuple[str, Kind]]] = {}
        self._cjk: dict[str, dict[str, Kind]] = {}

    def add(self, listing: str, kind: Kind) -> None:
        for phrase in phrases(listing):
            if _CJK.fullmatch(phrase):
                entries = self._cjk.setdefault(phrase[0], {})
                entries[phrase] = min(kind, entries.get(phrase, kind))
            elif phrase.endswith("~"):
                if len(phrase) <= _STEM_START:
                    raise ValueError(f"the stem {phrase!r} is too short")
                self._stems[phrase[:-1]] = min(kind, self._stems.get(phrase[:-1], kind))
            else:
                first, *rest = words(phrase)
                self._by_first.setdefault(first, []).append((tuple(rest), kind))

    def freeze(self) -> "Vocabulary":
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: (-len(entry[0]), entry[1]))
        for first, known in self._cjk.items():
            self._cjk[first] = dict(sorted(known.items(), key=lambda entry: -len(entry[0])))
        for stem in sorted(self._stems, key=len, reverse=True):
            self._stems_by_start.setdefault(stem[:_STEM_START], []).append((stem, self._stems[stem]))
        return self

    def mentions(self, folded: str) -> bool:
        """Whether the text holds any phrase; cheaper than asking for its tokens."""
        found = words(folded)
        by_first = self._by_first
        if not by_first.keys().isdisjoint(found):
            for position, word in enumerate(found, start=1):
                for rest, _ in by_first.get(word, ()):
                    if not rest or tuple(found[position : position + len(rest)]) == rest:
                        return True
        return bool(self._cjk) and not folded.isascii() and self._mentions_cjk(found)

    def _mentions_cjk(self, found: list[str]) -> bool:
        runs = [word for word in found if _CJK.match(word)]
        return any(phrase in run for run in runs for known in self._cjk.values() for phrase in known)

    def tokens(self, folded: str) -> Iterator[Token]:
        """Every word of folded text; bare numbers are left out."""
        found = words(folded)
        position, count = 0, len(found)
        while position < count:
            word = found[position]
            position += 1
            for rest, kind in self._by_first.get(word, ()):
                if not rest or tuple(found[position : position + len(rest)]) == rest:
                    yield Token(" ".join((word, *rest)), kind)
                    position += len(rest)
                    break
            else:
                if _CJK.match(word):
                    yield from self._segments(word)
                elif not word.isdigit():
                    yield Token(word, self._single(word))

    def _single(self, word: str) -> Kind:
        if word[0].isdigit() and _COUNTED.fullmatch(word):
            return Kind.FILLER
        for stem, kind in self._stems_by_start.get(word[:_STEM_START], ()):
            if word.startswith(stem):
                return kind
        return Kind.SUBSTANCE if len(word) > 1 else Kind.FILLER

    def _segments(self, run: str) -> Iterator[Token]:
        """Cut a run of Chinese or Japanese at the known phrases; what is left between them is substance."""
        position, unknown = 0, ""
        while position < len(run):
            for phrase, kind in self._cjk.get(run[position], {}).items():
                if run.startswith(phrase, position):
                    yield from _unknown_run(unknown)
                    unknown = ""
                    yield Token(phrase, kind)
                    position += len(phrase)
                    break
            else:
                unknown += run[position]
                position += 1
        yield from _unknown_run(unknown)


_HIRAGANA_ONLY = re.compile(r"[\u3040-\u309f\u30fc]*")


def _unknown_run(run: str) -> Iterator[Token]:
    """Inflections (hiragana) and single characters mean little by themselves; each two others are a word."""
    if run and not _HIRAGANA_ONLY.fullmatch(run):
        size = sum(not "\u3040" <= character <= "\u309f" for character in run)
        if size >= 2:
            yield Token(run, Kind.SUBSTANCE)
            if size >= 4 and min(run) < "\u30a0":  # kept as one more word: compounds are written without a space
                yield Token("", Kind.SUBSTANCE)


KIND_FIELDS = {kind: kind.name.lower() for kind in Kind if kind is not Kind.SUBSTANCE}


def vocabulary(languages: tuple[Language, ...]) -> Vocabulary:
    """All kinds of all languages."""
    built = Vocabulary()
    known = {field.name for field in fields(Language)}
    for language in languages:
        for kind, name in KIND_FIELDS.items():
            if name in known:
                built.add(getattr(language, name), kind)
        built.add(_needed(language), Kind.OPT_OUT)
    return built.freeze()


def _needed(language: Language) -> str:
    """Phrases that say "agenda: none needed", with each of the language's words for agenda."""
    return ",".join(
        f"{heading} {phrase}"
        for heading in phrases(language.heading)
        for phrase in phrases(language.none_needed)
        if not heading.endswith("~")
    )


__all__ = ["Kind", "Language", "Token", "Vocabulary", "fold", "is_cjk", "phrases", "raw_words", "vocabulary", "words"]
