"""Which clock times in a sentence say when the session starts: learned from labelled sentences.

"My train gets in at 9:52, so let's start at 10:15": what counts is what stands around a time. A time that is asked
for, ruled out, past, somebody else's, a deadline or the end of something is none.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from agendad.rules.text.appointments import cues
from agendad.rules.text.classifier import load, shares
from agendad.rules.text.clocks import Reading, readings
from agendad.rules.text.lexicon import fold, is_cjk, words

_NEAR = 4
"""Words on each side whose place counts."""
_FAR = 6
"""Words on each side that are looked at."""
_MAX_TIMES = 20
"""Times of one sentence; one that names more is a timetable, and takes long to look at from each of them."""
_OTHER = " otherclock "
"""In the place of the other times of a sentence."""
_MOVED = re.compile(
    r"\b(?:mov(?:e[ds]?|ing)|shift|push|bump|reschedul|brought forward|chang|verschob|verschieb|verleg|vorgezogen"
    r"|vorzieh|gelegt|decal|deplac|repouss|avanc|report|mov[ei]|mueve|pas[oe]|pasad|cambi|adelant|atras|retras|spost|anticip"
    r"|rimand|pass(?:ei|amos|ou|o\b)|mud|remarc|adi(?:ei|ad|ant)|verplaats|verzet|verschuif|verschoven|geschoven|geschoben)"
    r"|改|移|変更|ずら|挪|推迟|提前"
)
"""What moves (folded text)."""
_CLAUSE = re.compile(
    r"[,;:(),，；：、]|\s[-–—/|]\s|\b(?:but|and|so|aber|und|also|mais|et|donc|pero|y|ma|e|mas|maar|en|dus)\b"
)
_SENTENCE_END = re.compile(
    r"(?<=[!?;])\s+|(?<=[^\W\d_]\.)\s+(?=[^\W\da-z_])|(?<=\d\.)\s+(?=[^\W\da-z_])|(?<=[。！？；])"
)


def sentences(line: str) -> Iterator[str]:
    """The sentences of a line; the point in "10.15" or "p.m." ends none."""
    yield from filter(None, _SENTENCE_END.split(line))


def starts(sentence: str) -> list[tuple[Reading, float]]:
    """The clock times of a sentence, each beside how sure it is that the session starts then (0 to 1)."""
    found = readings(sentence)
    if len(found) > _MAX_TIMES:
        return []
    learned = load("moments")
    moved = any(one.end_of_range is not None for one in found) and _MOVED.search(fold(sentence)) is not None
    return [
        (one, 0.0 if _is_other_end(one, moved=moved) else shares(learned.logits(features(sentence, found, i)))["start"])
        for i, one in enumerate(found)
    ]


def _is_other_end(one: Reading, *, moved: bool) -> bool:
    """Whether it is where something moves from, or when something ends."""
    return one.end_of_range is not None and one.end_of_range is not moved


def features(sentence: str, found: Sequence[Reading], place: int) -> list[str]:
    """What is looked at to tell what the time `found[place]` says."""
    one = found[place]
    before = _without(sentence, 0, one.start, found)
    after = _without(sentence, one.end, len(sentence), found)
    named = [*_side(before, "<"), *_side(after, ">")]
    clause = [part for text in (_CLAUSE.split(before)[-1], _CLAUSE.split(after)[0]) for part in _said(text)]
    named += [f"c{word}" for word in clause]
    named += [f"c{word[:4]}~" for word in clause if len(word) > 5]
    named += [f"c~{word[-3:]}" for word in clause if len(word) > 4]
    named += [f"c{first} {second}" for first, second in pairwise(clause)]
    named += [f"n{min(len(found), 3)}", f"i{min(place, 2)}", "?" if "?" in after or "？" in after else "."]
    whole = f"{before} {after}"
    near = f"{_CLAUSE.split(before)[-1]} {_CLAUSE.split(after)[0]}"
    named += [f"{mark}{name}" for mark, text in (("s", whole), ("k", near)) for name in cues(text)]
    named += [f"f{name}" for name, holds in _form(one, sentence) if holds]
    return list(dict.fromkeys(named))


def _without(sentence: str, start: int, end: int, found: Sequence[Reading]) -> str:
    parts, position = [], start
    for other in found:
        if start <= other.start and other.end <= end:
            parts += [sentence[position : other.start], _OTHER]
            position = other.end
    return fold("".join([*parts, sentence[position:end]]))


def _form(one: Reading, sentence: str) -> Iterator[tuple[str, bool]]:
    yield "plain", one.plain
    yield "zone", bool(one.zone)
    yield "half", one.twelve_hour
    yield "range", any(mark in one.text for mark in "-–—~")
    yield "first", not any(map(str.isalnum, sentence[: one.start]))
    yield "last", not any(map(str.isalnum, sentence[one.end :]))
    yield "digits", one.text[0].isdigit()
    yield "even", one.minutes % 5 == 0
    yield "hour", one.minutes % 60 == 0


def _side(text: str, mark: str) -> Iterator[str]:
    """The words before (`<`) or after (`>`) a time, the near ones with their place."""
    said = _said(text)
    marks = re.sub(r"[\w\s]+", "", text)
    near = said[: -_FAR - 1 : -1] if mark == "<" else said[:_FAR]
    punctuation = (marks[-1:] if mark == "<" else marks[:1]) or "-"
    touching = text.rstrip()[-1:] if mark == "<" else text.lstrip()[:1]
    yield f"{mark}m{punctuation}"
    yield f"{mark}t{touching if not touching.isalnum() else 'a'}"
    for distance, word in enumerate(near):
        yield f"{mark}{word}"

        if len(word) > 5:
            yield f"{mark}{word[:5]}~"
        if distance < _NEAR:
            yield f"{mark}{distance}{word}"
    for first, second in zip(["^", *near], [*near, "$"], strict=True):
        yield f"{mark}{first} {second}"
    if len(near) > 2:
        yield f"{mark}{near[0]} {near[1]} {near[2]}"


def _said(text: str) -> list[str]:
    return [part for word in words(text) for part in _parts(word)]


def _parts(word: str) -> list[str]:
    if word.isdigit():
        return ["0"]
    if not word.isascii() and is_cjk(word):
        return list(word)
    return [word]
