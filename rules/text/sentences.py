"""What one sentence or list item means for an agenda."""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from agendad.rules.text.classifier import load, shares
from agendad.rules.text.features import features
from agendad.rules.text.languages import LANGUAGES
from agendad.rules.text.lexicon import Kind, Token, Vocabulary, fold, vocabulary
from agendad.rules.text.scripts import is_foreign
from agendad.rules.text.signatures import is_closing


class Meaning(StrEnum):
    """What a line or sentence is."""

    AGENDA = "agenda"
    UNSURE = "unsure"
    """It may name a topic."""
    PLACEHOLDER = "placeholder"
    OPT_OUT = "opt-out"
    HEADING = "heading"
    LABEL = "label"
    """Ends with a colon and nothing follows: a form that waits to be filled in."""
    ELSEWHERE = "elsewhere"
    FOREIGN = "foreign"
    NOTHING = "nothing"


_MEANS = {
    "topic": Meaning.AGENDA, "nothing": Meaning.NOTHING, "ask": Meaning.NOTHING, "promise": Meaning.PLACEHOLDER,
    "elsewhere": Meaning.ELSEWHERE, "needless": Meaning.OPT_OUT, "foreign": Meaning.FOREIGN,
}  # fmt: skip
"""The labels of tests/verdicts/sentences."""
_SURE = 0.6
"""From this share on a sentence is agenda."""
_DOUBTFUL, _DOUBTFUL_IF_ALONE = 0.4, 0.1
"""From this share on it may be; a few words that are all there is are there for something."""
_LIKELY = 0.5
"""From this share on it is anything else."""
_NOTHING_ELSE = 0.8
"""From this share on there is nothing in it."""
_SHORT = 30
"""Characters."""
_CERTAIN = 0.9
"""The share with which one clause speaks for its sentence."""
_LISTED, _HEADED = 1.0, 2.0
"""Log-odds that being an item of a list, or standing under a heading that names the agenda, adds."""
_OF_AN_AGENDA = frozenset({Kind.HEADING, Kind.PLACEHOLDER, Kind.ATTACHED, Kind.OPT_OUT, Kind.TOPIC, Kind.NULL})
"""Kinds of words without which no clause speaks of the agenda."""
_ABOUT_THE_AGENDA = frozenset({Meaning.PLACEHOLDER, Meaning.ELSEWHERE, Meaning.OPT_OUT})

_VOCABULARY = vocabulary(LANGUAGES)
_NEEDLESS = Vocabulary()
for _language in LANGUAGES:
    _NEEDLESS.add(_language.none_needed, Kind.OPT_OUT)
_NEEDLESS.freeze()
_ABBREVIATION = "".join(
    rf"(?<!\b{short}\.)" for short in ("[A-Z]", "Dr", "Gr", "Mr", "Ms", "Nr", "No", "St", "Fr", "Hr")
)
_SENTENCE_END = re.compile(rf"(?<=[.!?;]){_ABBREVIATION}\s+|(?<=[。！？；])|\s[–—|]\s")
_CLAUSE_END = re.compile(r"[,，、:：(]\s*|\s-\s")
_SLOT = re.compile(
    r"\s*(?:\[[^\[\]]{0,120}\]|<[^<>]{0,120}>|\{{1,3}[^{}]{0,120}\}{1,3}|【[^【】]{0,60}】|＜[^＜＞]{0,60}＞|«[^«»]{0,60}»|_{2,}|\.{2,}|…+|[?？]+|-+)?\s*[.!]?\s*"
)
_QUOTED = re.compile(r"\s*[«“„‘「『\"]\s*([^«»“”„‘’「」『』\"]{4,80}?)\s*[»”“’」』\"]\s*[.!]?\s*")
_TO_BE_DONE = re.compile(
    r"\W*(?:(?:a|da|por|para)\s+[a-z]+(?:ar|er|ir|are|ere|ire|rre)|(?:noch\s+|nog\s+)?(?:zu|te)\s+[a-z]{3,}en)\W*"
)
"""All there is after "Agenda:" is an infinitive: "a concretar", "da stabilire", "noch zu klären"."""
_GREETING = re.compile(
    r"\W*(?:hi|hiya|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|moin|servus|gr[uü](?:ß|ss) (?:dich|gott)"
    r"|gr[uü]ezi|liebe[rs]?|guten (?:tag|morgen|abend)|sehr geehrte[rs]?|hola|buen[oa]s(?: d[ií]as| tardes| noches)?"
    r"|estimad[oa]|querid[oa]|bonjour|bonsoir|salut|coucou|ch[eè]re?|ol[aá]|oi|bom dia|boa tarde|boa noite|prezad[oa]"
    r"|car[oa]|ciao|buongiorno|buonasera|salve|gentil(?:e|issim[oa])|beste|dag|hoi|geachte"
    r"|goede(?:morgen|middag|navond))\b(?:,? [^\W\d_][\w.'’-]*){0,5}\s*[,!]\s+(?=\S+\s+\S)"
    r"|[^\s，。,]{1,8}(?:您好|你好|好)[，！,!]\s*",
    re.IGNORECASE,
)
"""Goes before what a sentence says."""
_QUESTION = ("?", "？")
_FULL_STOPS = (".", "!", "?")
_PARTING = re.compile(r"\W*[^\W\d_a-z][\w.'’-]*(?:\s[^\W\d_a-z][\w.'’-]*)?\W*")
"""One or two words with a capital, after the last sentence."""


def tokens_of(text: str, names: frozenset[str]) -> list[Token]:
    """The tokens of a text without the participants' names."""
    return [token for token in _tokens(fold(text)) if token.text not in names]


@lru_cache(maxsize=1024)
def _tokens(folded: str) -> tuple[Token, ...]:
    return tuple(_VOCABULARY.tokens(folded))


def kinds_of(folded: str) -> list[Kind]:
    """The kinds of the words of a folded text."""
    return [token.kind for token in _tokens(folded)]


def mostly_logistics(tokens: Iterable[Token]) -> bool:
    kinds = [token.kind for token in tokens]
    return Kind.LOGISTICS in kinds and kinds.count(Kind.LOGISTICS) >= kinds.count(Kind.SUBSTANCE)


def is_heading(text: str, names: frozenset[str]) -> bool:
    """A line that only names the agenda: "Proposed agenda for Tuesday"."""
    if len(text) > 60 or text.rstrip().endswith(_QUESTION):
        return False
    kinds = {token.kind for token in tokens_of(text, names)}
    return Kind.HEADING in kinds and kinds <= {Kind.HEADING, Kind.FILLER, Kind.PERSON}


def is_date(text: str) -> bool:
    """A line that is a date and nothing else, which heads what follows."""
    return (
        len(text) <= 40
        and any(c.isdigit() for c in text)
        and all(token.kind is Kind.FILLER for token in _tokens(fold(text)))
    )


def without_greeting(text: str) -> str:
    """What follows after "Hello Grace, "; all of a text that is only that.

    >>> without_greeting("Hallo Frau Dr. Stein, ich wechsle das Thema.")
    'ich wechsle das Thema.'
    """
    greeting = _GREETING.match(text)
    return text[greeting.end() :] if greeting else text


@lru_cache(maxsize=2048)
def _logits(text: str) -> tuple[tuple[str, float], ...]:
    """What was learned of a text; boilerplate comes again and again."""
    learned, folded = load("sentences"), fold(text)
    return tuple(learned.logits(features(text, folded, kinds_of(folded), learned.rows)).items())


def says_nothing(text: str) -> bool:
    """Whether a line is, for all that was learned, no agenda and no room for one."""
    parts = filter(None, _SENTENCE_END.split(without_greeting(text)))
    return all(shares(dict(_logits(part)))["nothing"] >= _NOTHING_ELSE for part in parts)


@lru_cache(maxsize=1024)
def meaning_of(text: str, names: frozenset[str], *, listed: bool, headed: bool) -> Meaning:
    """The strongest meaning of the sentences of a text; titles and boilerplate come again and again."""
    best = Meaning.NOTHING
    text = text if listed else without_greeting(text)
    parts = [part for part in _SENTENCE_END.split(text) if part.strip()]
    if len(parts) > 1 and not listed and _PARTING.fullmatch(parts[-1]) and parts[-2].endswith(_FULL_STOPS):
        parts.pop()  # who wrote it
    for part in parts:
        meaning = sentence_meaning(part, names, listed=listed, headed=headed)
        if meaning is Meaning.AGENDA:
            return meaning
        if best is Meaning.NOTHING:
            best = meaning
    return best


def sentence_meaning(text: str, names: frozenset[str], *, listed: bool, headed: bool) -> Meaning:
    """`listed`: the sentence is an item of a list; `headed`: it stands under a heading that names the agenda."""
    if quoted := _QUOTED.fullmatch(text):
        inside = sentence_meaning(quoted[1], names, listed=listed, headed=headed)
        if inside is Meaning.OPT_OUT:  # copied with its quotes from a message of ours
            return inside
    if _SLOT.fullmatch(text):
        return Meaning.PLACEHOLDER if listed or "[" in text or "<" in text or "{" in text else Meaning.NOTHING
    folded = fold(text)
    if (headed and _TO_BE_DONE.fullmatch(folded)) or "lorem ipsum" in folded:
        return Meaning.PLACEHOLDER
    if is_foreign(text):
        return Meaning.FOREIGN
    if not listed and is_closing(text, folded):
        return Meaning.NOTHING
    tokens = tokens_of(text, names)
    if not tokens:
        return Meaning.NOTHING
    kinds = {token.kind for token in tokens}
    if Kind.OPT_OUT in kinds and not kinds & {Kind.SUBSTANCE, Kind.TOPIC}:
        return Meaning.OPT_OUT
    if Kind.SUBSTANCE not in kinds and not kinds & {Kind.TOPIC, Kind.SOCIAL, Kind.LOGISTICS}:
        if Kind.HEADING in kinds and _NEEDLESS.mentions(folded):
            return Meaning.OPT_OUT
        if Kind.NULL in kinds and (listed or headed or Kind.HEADING in kinds):
            return Meaning.PLACEHOLDER
        if listed and Kind.HEADING in kinds:
            return Meaning.PLACEHOLDER
    meaning = _learned(text, listed=listed, headed=headed)
    if meaning is Meaning.PLACEHOLDER and Kind.LOGISTICS in kinds and not kinds & {Kind.HEADING, Kind.TOPIC}:
        return Meaning.NOTHING  # "I will send the link later"
    if meaning is Meaning.NOTHING and kinds & _OF_AN_AGENDA:
        return _of_clauses(text)
    return meaning


def _of_clauses(text: str) -> Meaning:
    """What one clause says for certain of the agenda where the sentence as a whole speaks of other things."""
    clauses = [clause for clause in _CLAUSE_END.split(text) if clause.strip()]
    for clause in clauses if len(clauses) > 1 else ():
        share = shares(dict(_logits(clause.strip())))
        likeliest = max(share, key=share.__getitem__)
        if share[likeliest] >= _CERTAIN and _MEANS[likeliest] in _ABOUT_THE_AGENDA:
            return _MEANS[likeliest]
    return Meaning.NOTHING


def _learned(text: str, *, listed: bool, headed: bool) -> Meaning:
    logits = dict(_logits(text))
    logits["topic"] += _LISTED * listed + _HEADED * headed
    share = shares(logits)
    topic = share.pop("topic")
    if topic >= _SURE:
        return Meaning.AGENDA
    likeliest = max(share, key=share.__getitem__)
    if topic >= _DOUBTFUL:
        return Meaning.UNSURE
    return _MEANS[likeliest] if share[likeliest] >= _LIKELY else Meaning.NOTHING


def may_be_topic(text: str) -> bool:
    """Whether a few words, which are all there is, may name a topic."""
    return len(text) <= _SHORT and shares(dict(_logits(text)))["topic"] >= _DOUBTFUL_IF_ALONE


def says_to_come(text: str) -> bool:
    """Whether a line says that the agenda is to come."""
    return shares(dict(_logits(text)))["promise"] >= _LIKELY
