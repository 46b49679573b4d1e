"""What an event's own words say: mentoring, something beside it, or something else."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from agendad.providers.model import Event
from agendad.rules import keywords as table
from agendad.rules.text import readable
from agendad.rules.text.classifier import load, shares
from agendad.rules.text.features import features
from agendad.rules.text.html import without_zero_width
from agendad.rules.text.lexicon import fold
from agendad.rules.text.sentences import kinds_of
from agendad.rules.text.untrusted import unified

MAX_BODY = 20_000
"""Characters of what was written that are read for keywords."""
MAX_SOURCE = 8 * MAX_BODY
"""Characters of a body as it was sent."""
MAX_MENTIONS = 50
WINDOW = 80
"""Characters on each side of a keyword that may change its meaning."""
_NEAR = 20
"""Characters before a keyword in which "your" or "be my" is said of it."""
_LONG_LINE = 500
"""Characters; of a longer line only the parts around keywords are read."""

# Written without spaces: words have no borders there, and none towards a Latin word beside them.
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\u0e00-\u0e7f"
_LEFT = rf"(?<![^\W{_UNSPACED}])"
_RIGHT = rf"(?![^\W{_UNSPACED}])"
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")

_DASHES = "‐‑‒–—―−"
_MARKS = str.maketrans({**dict.fromkeys(_DASHES, "-"), "’": "'"})
_HAS_MARKS = re.compile(f"[{_DASHES}’]")
_HAS_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,15}://|\bwww\.|\bmailto:)\S+"
    r"|(?<![a-z0-9.!#$%&'*+/=?^_`{|}~-])[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[^\s@<>()]+\.[^\s@<>()]+"
)
_HASHTAG = re.compile(r"(?<![\w&/])#([\w-]{2,50})")
_FULL_NAME = re.compile(r"[^\W\d_]+(?: [^\W\d_]+){1,2}")
_SQUEEZE = re.compile(r"\s+")
_SPLIT = re.compile(r"[|/()\[\];,•·]|\s-+\s|：|:(?!\d)")
_TOPIC_FOLLOWS = re.compile(r"\s(?:about|on|regarding|über|zum thema|sobre|au sujet de|riguardo|over)\s")
_REPLY = r"(?:(?:re|fwd?|aw|wg|tr|rv|antw|i|enc|updated|tentative) ?: ?)*"
_QUOTED_FROM = re.compile(
    r"^[\s*>]{0,3}(?:from|von|de|da|van|差出人|发件人): ?[^\n]*[@<]", re.IGNORECASE | re.MULTILINE
)
"""A line that begins the history which a reply drags along."""
_NAMED = re.compile(
    r"\s*(?:event name|event type|meeting name|topic|thema|sujet|tema|argomento|onderwerp)\s*(?::\s*(\S.*)|:?$)"
)
"""How booking and conference products say the meeting's own name, on the line or below it."""


def normal(text: str) -> str:
    """Text as words are looked for in it: case-folded, NFKC, plain dashes, no invisible characters.

    >>> normal("Mentoring‑Gespräch"), normal("MENTOR_1:1")
    ('mentoring-gespräch', 'mentor 1:1')
    """
    if text.isascii():
        return text.replace("_", " ").lower()
    if _HAS_UNSEEN.search(text):
        text = without_zero_width(text)
    text = unified(text)
    if _HAS_MARKS.search(text):  # translating is slow, and few texts need it
        text = text.translate(_MARKS)
    return text.replace("_", " ").casefold()


def _borders(word: str) -> tuple[bool, bool]:
    """Whether a word has a border on its left and on its right, which its script and its ends tell."""
    left, right = word[0], word[-1]
    return (
        left.isalnum() and not _IS_UNSPACED.match(left),
        right.isalnum() and not _IS_UNSPACED.match(right),
    )


def _any_of(words: Iterable[str]) -> str:
    """Alternatives, the longest first. Nothing at all matches an empty list."""
    wanted = sorted({normal(word).strip() for word in words if word.strip()}, key=lambda word: (-len(word), word))
    groups: dict[tuple[bool, bool], list[str]] = {}
    for word in wanted:
        groups.setdefault(_borders(word), []).append(r"[\s-]+".join(map(re.escape, word.split())))
    return "|".join(_bordered(phrases, *borders) for borders, phrases in groups.items()) or r"(?!)"


def _any_pattern(patterns: Iterable[str]) -> str:
    """The same for regular expressions, which keep their spelling."""
    wanted = sorted(set(patterns), key=len, reverse=True)
    spaced = [pattern for pattern in wanted if not _IS_UNSPACED.search(pattern)]
    unspaced = [pattern for pattern in wanted if _IS_UNSPACED.search(pattern)]
    return "|".join([*([_bordered(spaced, left=True, right=True)] if spaced else []), *unspaced])


def _bordered(alternatives: Iterable[str], left: bool, right: bool) -> str:
    """One border around all: a border each would make the expression slow to compile."""
    return rf"{_LEFT if left else ''}(?:{'|'.join(alternatives)}){_RIGHT if right else ''}"


@lru_cache(maxsize=256)
def words(wanted: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these as a whole word in normal text."""
    return re.compile(_any_of(wanted))


_LOOK_ALIKE = re.compile("|".join(table.LOOK_ALIKES))
_GATHERING = re.compile(_any_pattern(table.GATHERINGS))
_OCCASION = re.compile(_any_pattern(table.OCCASIONS))
_ABOUT = re.compile(_any_pattern(table.ABOUT))
_ADDRESSED = re.compile(_any_pattern(table.ADDRESSED))
_PROGRAMME = re.compile(_any_pattern(table.PROGRAMMES))
_SOMEBODY_ELSES = re.compile(table.SOMEBODY_ELSES)
_LIKE_ANOTHER = 0.6
"""From this share on a title is taken for one of another kind of meeting."""
_SURELY_ANOTHER = 0.8
_WORD = re.compile(r"[^\W\d_]{3,}|[\u3040-\u9fff]{2}")
_PROPER = re.compile(_any_pattern(table.PROPER))
_ONE_TO_ONE = words(table.ONE_TO_ONE)
_APPRAISAL = words(table.APPRAISALS)
_OTHER_KIND = re.compile(_any_pattern(table.OTHER_KINDS))
_RELATED = words(table.RELATED)
_FILLERS = rf"(?:(?:{'|'.join(table.FILLERS)})\s+){{0,3}}"
_NEGATED_BEFORE = re.compile(rf"{_LEFT}(?:{'|'.join(table.NEGATIONS)})(?:[\s-]+|(?<=[{_UNSPACED}])){_FILLERS}$")
_NEGATED_AFTER = re.compile("|".join(table.NEGATED_AFTER))
_BESIDE = f"{_GATHERING.pattern}|{_OCCASION.pattern}|{_ABOUT.pattern}|{_PROGRAMME.pattern}"
_BESIDE_AFTER = re.compile(rf"[\s-]*(?:(?!session|call|meeting)[^\W\d]+[\s-]+)?(?:{_BESIDE})")
_BESIDE_BEFORE = re.compile(
    rf"(?:{_BESIDE})\s+(?:(?:for|of|about|as|to|on|für|zum|über|pour|sur|para|sobre|per|voor)\s+)?{_FILLERS}$"
)


def _copy_of(marks: tuple[str, ...]) -> re.Pattern[str]:
    mark = rf"(?:{'|'.join(re.escape(normal(word)) for word in marks)})"
    return re.compile(
        rf"\s*{_REPLY}[\[(【]?{mark}\s*(?:[:\])】]|\s-\s)"  # Canceled: …, [cancelled] …
        rf"|.*(?:[\[(【]{mark}[\])】]|[\s-]{mark}[\s.!]*$)"  # … (cancelled), … - cancelled
    )


_CANCELLED_COPY = _copy_of(table.CANCELLED)
_DECLINED_COPY = _copy_of(table.DECLINED)


@dataclass(frozen=True, slots=True)
class _Mention:
    """A keyword that is meant, with what stands around it on its line."""

    word: str
    before: str
    after: str


class Vocabulary:
    """The built-in keywords with a user's own, compiled once."""

    def __init__(self, own: tuple[str, ...]) -> None:
        every = [*own, *(word for language in table.KEYWORDS.values() for word in language)]
        self.keyword = re.compile(_any_of(every))
        self._labels = frozenset(_tight(normal(word)) for word in every if word.strip())
        self._stems = (*table.STEMS, *(normal(word).split()[0] for word in own if word.strip()))
        self._stem = re.compile("|".join(map(re.escape, self._stems)))

    def may_be_in(self, text: str) -> bool:
        """False if no keyword can be in this case-folded text; cheap."""
        return any(stem in text for stem in self._stems)

    def mentions(self, text: str) -> Iterator[_Mention]:
        """The keywords that normal text means: not parts of addresses or look-alikes, and not negated."""
        text = _LOOK_ALIKE.sub(" ", _ADDRESS.sub(" ", text))
        for match in islice(self.keyword.finditer(text), MAX_MENTIONS):
            before = text[max(0, match.start() - WINDOW) : match.start()].rpartition("\n")[2]
            after = text[match.end() : match.end() + WINDOW].partition("\n")[0]
            if not _NEGATED_BEFORE.search(before) and not _NEGATED_AFTER.match(after):
                yield _Mention(squeezed(match[0]), before, after)

    def in_body(self, text: str) -> tuple[str, bool]:
        """A keyword that normal body text means, or "", and whether it names one of the two who meet."""
        first = ""
        for mention in self.mentions("\n".join(self._telling(text.split("\n")))):
            if _ADDRESSED.search(f"{mention.before[-_NEAR:]}{mention.word}"):
                return mention.word, True
            if _BESIDE_AFTER.match(mention.after) or _BESIDE_BEFORE.search(mention.before):
                continue
            first = first or mention.word
        return first, False

    def _telling(self, lines: Iterable[str]) -> Iterator[str]:
        """The few lines that can hold a keyword; one of several words may end on the next line."""
        goes_on = False
        for line in lines:
            may = self.may_be_in(line)
            if may and len(line) > _LONG_LINE:
                yield from self._around(line)
            elif may or goes_on:
                yield line
            goes_on = may

    def _around(self, line: str) -> Iterator[str]:
        """The parts of a long line that can hold a keyword, each begun at a space so that no address is cut."""
        begin = end = 0
        for stem in self._stem.finditer(line):
            if stem.end() + WINDOW <= end:
                continue
            if stem.start() - 2 * WINDOW > end:
                yield line[begin:end]
                far = max(0, stem.start() - 2 * WINDOW)
                begin = max(line.rfind(" ", 0, far) + 1, far - _LONG_LINE)
            end = stem.end() + 2 * WINDOW
        yield line[begin:end]

    def hashtag(self, text: str) -> str:
        """The hashtag in normal text that equals a keyword, or ""."""
        if "#" not in text:
            return ""
        return next((f"#{tag}" for tag in _HASHTAG.findall(_ADDRESS.sub(" ", text)) if self.names(tag)), "")

    def names(self, label: str) -> bool:
        """True if a normal category or tag is a keyword, spaces and hyphens aside."""
        return _tight(label) in self._labels


def _tight(label: str) -> str:
    return re.sub(r"[\s-]+", "", label)


@lru_cache(maxsize=32)
def vocabulary(own: tuple[str, ...]) -> Vocabulary:
    """The built-in keywords and `own` ones."""
    return Vocabulary(own)


def squeezed(text: str) -> str:
    return _SQUEEZE.sub(" ", text).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleReading:
    """What a title says. Each word is as found, "" if there is none."""

    keyword: str = ""
    """A keyword that stands for the session itself."""
    beside: str = ""
    """What a keyword in the title belongs to instead: a programme, a budget."""
    gathering: str = ""
    """An occasion for many."""
    other_kind: str = ""
    """Another kind of meeting; looked for in titles without a keyword only."""
    reads_like_another: str = ""
    """The same, where no known word says so, but the title as a whole, by what was learned of titles."""
    rest_reads_like_another: str = ""
    """What of a title with a keyword does, apart from the keyword."""
    somebody_elses: str = ""
    """Whose mentor it is, where that is said of a third person."""
    related: str = ""


def copy_in_title(title: str) -> str:
    """What a normal title says became of the meeting: "cancelled", "declined", or "" for neither."""
    if _CANCELLED_COPY.match(title):
        return "cancelled"
    return "declined" if _DECLINED_COPY.match(title) else ""


def read_title(title: str, vocabulary: Vocabulary, *, names_other: bool = False) -> TitleReading:
    """Read a normal title. `names_other` says that it names the other one of a declared pair."""
    gathering = _first(_GATHERING, vocabulary.keyword.sub(" ", title))
    keyword = beside = ""
    one_to_one = _ONE_TO_ONE.search(title) is not None
    if vocabulary.may_be_in(title):
        for mention in vocabulary.mentions(title):
            near, leads = _beside(mention), _leads(mention.before)
            if not names_other:
                gathering = gathering or _first(_OCCASION, near) or _first(_OCCASION, leads)
            found = ""
            if not (one_to_one or _PROPER.search(f"{mention.word} | {near}")):
                found = _first(_ABOUT, near) or ("" if names_other else _first(_PROGRAMME, near))
            found = found or _first(_APPRAISAL, leads)
            beside = beside or found
            keyword = keyword or ("" if found else mention.word)
    other_kind, related = "" if keyword else _first(_OTHER_KIND, title), _first(_RELATED, title)
    known = keyword or beside or gathering or other_kind or related or one_to_one
    somebody = _SOMEBODY_ELSES.search(title)
    names_a_meeting = one_to_one or names_other or _PROPER.search(title) is not None
    return TitleReading(
        keyword="" if gathering else keyword,
        beside="" if keyword else beside,
        gathering=gathering,
        other_kind=other_kind,
        reads_like_another="" if known else _learned_of(title),
        rest_reads_like_another=_rest_of(title, vocabulary) if keyword and not names_a_meeting else "",
        related=related,
        somebody_elses=somebody[1] if somebody else "",
    )


def reads_like_another(title: str) -> bool:
    """Whether a normal title without a keyword is that of another kind of meeting, by its words or as a whole."""
    return _OTHER_KIND.search(title) is not None or bool(_learned_of(title))


def _rest_of(title: str, vocabulary: Vocabulary) -> str:
    """What is about a title without its keywords and without what it announces after a colon."""
    rest = squeezed(vocabulary.keyword.sub(" ", _SPLIT.split(title, maxsplit=1)[0] if ": " in title else title))
    return _learned_of(rest, least=_SURELY_ANOTHER) if len(_WORD.findall(rest)) > 1 else ""


@lru_cache(maxsize=1024)
def _learned_of(title: str, least: float = _LIKE_ANOTHER) -> str:
    """The word for which a title is taken for that of another kind of meeting, "" if it is not."""
    learned, folded = load("titles"), fold(title)
    found = features(title, folded, kinds_of(folded), learned.rows)
    if shares(learned.logits(found))["other"] < least:
        return ""
    return next((word for word in learned.telling(found, "other", 8) if word.isalpha()), title)


def participant_words(event: Event) -> frozenset[str]:
    """The words of the participants' names and addresses, as normal text."""
    people = [(guest.name, guest.email) for guest in event.attendees]
    if event.organizer is not None:
        people.append((event.organizer.name, event.organizer.email))
    said = normal(" ".join(f"{name} {email.partition('@')[0]}" for name, email in people))
    return frozenset(re.findall(r"[^\W\d_]{2,}", said))


def _beside(mention: _Mention) -> str:
    """What stands in a keyword's own part of a title; what it is about ("mentoring on my new role") does not."""
    after = _TOPIC_FOLLOWS.split(_SPLIT.split(mention.after, maxsplit=1)[0], maxsplit=1)[0]
    return f"{_SPLIT.split(mention.before)[-1]} | {after}"


def _leads(before: str) -> str:
    """What a title announces before a colon: "Workshop: how to be a mentor"."""
    head, colon, _ = before.partition(":")
    return head if colon else ""


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return squeezed(match[0]) if match else ""


def body_text(event: Event, *, may_matter: Vocabulary, wanted: tuple[str, ...] = ()) -> str:
    """What a person wrote into the event, as normal text; "" where nothing is wanted and no keyword can be in it.

    Lines of hashtags, and the meeting's name in a product's block, count as written.
    """
    raw = normal(f"{event.text[:MAX_SOURCE]}\n{event.html[:MAX_SOURCE]}")
    if "&#" not in raw and not may_matter.may_be_in(raw) and not any(word in raw for word in map(normal, wanted)):
        return ""
    text = _QUOTED_FROM.split(event.text, maxsplit=1)[0]
    body = readable(text, event.html)
    own = [*(line.text for line in body.written), *_labels(text[:MAX_BODY].splitlines())]
    return normal("\n".join(own))[:MAX_BODY]


def _labels(lines: Iterable[str]) -> Iterator[str]:
    """Lines of hashtags, and the meeting's name, wherever they stand."""
    left = iter(lines)
    for line in left:
        if line.startswith("#"):
            yield line
        elif named := _NAMED.match(line.lower()):
            yield line.partition(":")[2] if named[1] else next(left, "")


def without_own_names(title: str, event: Event, declared: Mapping[str, str]) -> str:
    """A normal title without the full names of participants who are called Mentor.

    `declared` has the names of declared people by address; what a calendar calls those may be a label.
    """
    people = [(guest.name, guest.email) for guest in event.attendees]
    if event.organizer is not None:
        people.append((event.organizer.name, event.organizer.email))
    for name, email in people:
        local = re.sub(r"[._-]+", " ", email.partition("@")[0])
        for called in [declared[email]] if email in declared else [name, local]:
            full = normal(called)
            if full.endswith(table.SURNAMES) and _FULL_NAME.fullmatch(full):
                title = words((full,)).sub(" ", title)
    return title
