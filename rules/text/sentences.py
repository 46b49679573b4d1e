"""What one sentence or list item means for an agenda."""

import re
from collections.abc import Iterable
from enum import StrEnum

from agendad.rules.text.languages import LANGUAGES
from agendad.rules.text.lexicon import Kind, Token, Vocabulary, fold, vocabulary
from agendad.rules.text.scripts import is_foreign


class Meaning(StrEnum):
    """What a line or sentence is."""

    AGENDA = "agenda"
    UNSURE = "unsure"
    """Words beyond courtesy and logistics that may name a topic."""
    PLACEHOLDER = "placeholder"
    OPT_OUT = "opt-out"
    HEADING = "heading"
    LABEL = "label"
    """Ends with a colon and nothing follows: a form that waits to be filled in."""
    ELSEWHERE = "elsewhere"
    FOREIGN = "foreign"
    NOTHING = "nothing"


_VOCABULARY = vocabulary(LANGUAGES)
_NEEDLESS = Vocabulary()
for _language in LANGUAGES:
    _NEEDLESS.add(_language.none_needed, Kind.OPT_OUT)
_NEEDLESS.freeze()
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])|\s[–—|]\s")
_CLAUSE_END = re.compile(r"[,，、;:：(!！]|\s-\s")
_SLOT = re.compile(
    r"\s*(?:\[[^\[\]]{0,120}\]|<[^<>]{0,120}>|\{{1,3}[^{}]{0,120}\}{1,3}|【[^【】]{0,60}】|＜[^＜＞]{0,60}＞|«[^«»]{0,60}»|_{2,}|\.{2,}|…+|[?？]+|-+)?\s*[.!]?\s*"
)
_TO_BE_DONE = re.compile(
    r"\W*(?:(?:a|da|por|para)\s+[a-z]+(?:ar|er|ir|are|ere|ire|rre)|(?:noch\s+|nog\s+)?(?:zu|te)\s+[a-z]{3,}en)\W*"
)
"""All there is after "Agenda:" is an infinitive: "a concretar", "da stabilire", "noch zu klären"."""
_QUESTION = ("?", "？")


def tokens_of(text: str, names: frozenset[str]) -> list[Token]:
    """The tokens of a text without the participants' names."""
    return [token for token in _VOCABULARY.tokens(fold(text)) if token.text not in names]


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
        and all(token.kind is Kind.FILLER for token in _VOCABULARY.tokens(fold(text)))
    )


def meaning_of(text: str, names: frozenset[str], *, listed: bool, headed: bool) -> Meaning:
    """The strongest meaning of the sentences of a text."""
    best = Meaning.NOTHING
    for part in _SENTENCE_END.split(text):
        meaning = sentence_meaning(part, names, listed=listed, headed=headed)
        if meaning is Meaning.AGENDA:
            return meaning
        if best is Meaning.NOTHING:
            best = meaning
    return best


def sentence_meaning(text: str, names: frozenset[str], *, listed: bool, headed: bool) -> Meaning:
    """`listed`: the sentence is an item of a list; `headed`: it stands under a heading that names the agenda."""
    if _SLOT.fullmatch(text):
        return Meaning.PLACEHOLDER if listed or "[" in text or "<" in text or "{" in text else Meaning.NOTHING
    if headed and _TO_BE_DONE.fullmatch(fold(text)):
        return Meaning.PLACEHOLDER
    if is_foreign(text):
        return Meaning.FOREIGN
    tokens = tokens_of(text, names)
    count = _count(tokens)
    substance = count[Kind.SUBSTANCE]
    if not count[Kind.TOPIC]:
        if count[Kind.OPT_OUT] and (substance <= 1 or tokens[0].kind is Kind.OPT_OUT):
            return Meaning.OPT_OUT
        if (count[Kind.HEADING] or count[Kind.PLACEHOLDER]) and substance <= 3 and _NEEDLESS.mentions(fold(text)):
            return Meaning.OPT_OUT
    if count[Kind.PLACEHOLDER]:
        return _placeholder(text, count)
    if count[Kind.ATTACHED] and substance < 2:
        ours = count[Kind.LOGISTICS] and not count[Kind.HEADING]  # "attached is the invite"
        return Meaning.NOTHING if ours else Meaning.ELSEWHERE
    if count[Kind.SOCIAL]:
        tokens = _without_courtesy(text, names) or tokens
        count = _count(tokens)
    meaning = _weigh(text, tokens, count, listed=listed, headed=headed)
    if meaning is not Meaning.NOTHING:
        return meaning
    if count[Kind.NULL] and not substance and (listed or count[Kind.HEADING] or len(tokens) == count[Kind.NULL]):
        return Meaning.PLACEHOLDER
    if listed and not substance and not count[Kind.SOCIAL] and not count[Kind.LOGISTICS] and count[Kind.HEADING]:
        return Meaning.PLACEHOLDER
    return Meaning.NOTHING


def _count(tokens: Iterable[Token]) -> dict[Kind, int]:
    count = dict.fromkeys(Kind, 0)
    for token in tokens:
        count[token.kind] += 1
    return count


def _placeholder(text: str, count: dict[Kind, int]) -> Meaning:
    if "lorem ipsum" in text.lower():
        return Meaning.PLACEHOLDER
    if count[Kind.LOGISTICS] and not count[Kind.HEADING] and not count[Kind.TOPIC]:
        return Meaning.NOTHING  # "I will send the link later"
    substance = count[Kind.SUBSTANCE]
    if count[Kind.LOGISTICS] or substance < (1 if count[Kind.TOPIC] else 2):
        return Meaning.PLACEHOLDER
    if count[Kind.TOPIC] or (count[Kind.PLACEHOLDER] == 1 and not count[Kind.HEADING]):
        return Meaning.AGENDA
    return Meaning.PLACEHOLDER if substance == 2 else Meaning.UNSURE


def _without_courtesy(text: str, names: frozenset[str]) -> list[Token]:
    """Tokens of the clauses that are more than a greeting: "Hi Ada, stuck on the migration"."""
    kept: list[Token] = []
    for clause in _CLAUSE_END.split(text):
        tokens = tokens_of(clause, names)
        kinds = {token.kind for token in tokens}
        if Kind.SOCIAL not in kinds or kinds & {Kind.SUBSTANCE, Kind.TOPIC}:
            kept.extend(tokens)
    return kept


def _weigh(text: str, tokens: list[Token], count: dict[Kind, int], *, listed: bool, headed: bool) -> Meaning:
    """AGENDA if something concrete is left when meeting, courtesy and place are taken away."""
    substance, weak, setting = count[Kind.SUBSTANCE], count[Kind.WEAK], count[Kind.SETTING]
    apart = count[Kind.LOGISTICS] + count[Kind.SOCIAL]
    if apart or not (substance or count[Kind.TOPIC] or (listed and headed)):
        apart += setting
    elif not count[Kind.PERSON] or count[Kind.TOPIC]:
        substance += setting
    if listed:
        if not apart:
            found = substance + weak >= 1 or (headed and count[Kind.TOPIC] >= 1 and len(tokens) > 2)
            return Meaning.AGENDA if found else Meaning.NOTHING
        if substance and (substance >= apart if headed else substance > apart) and not count[Kind.PERSON]:
            return Meaning.AGENDA
    if apart:
        if count[Kind.TOPIC] and _follows_topic(tokens):
            return Meaning.AGENDA
        enough = max(3, 2 * apart) if count[Kind.PERSON] else max(1, apart)  # "Elevator pitch" may well be a topic
        return Meaning.UNSURE if substance >= enough else Meaning.NOTHING
    if count[Kind.TOPIC] or count[Kind.HEADING]:
        if substance or weak >= 2:
            return Meaning.AGENDA
        return Meaning.UNSURE if weak and count[Kind.TOPIC] else Meaning.NOTHING
    if weak >= 2 or substance >= 2 or (substance and weak):
        return Meaning.AGENDA
    if not substance:
        return Meaning.NOTHING
    if count[Kind.PERSON]:
        return Meaning.UNSURE if len(tokens) > 2 else Meaning.NOTHING
    return Meaning.AGENDA if len(tokens) <= 4 or text.rstrip().endswith(_QUESTION) else Meaning.UNSURE


def _follows_topic(tokens: list[Token]) -> bool:
    """Something concrete comes after the word that announces it, or before it where the verb comes last."""
    first = next(index for index, token in enumerate(tokens) if token.kind is Kind.TOPIC)
    if any(token.kind is Kind.SUBSTANCE for token in tokens[first + 1 :]):
        return True
    for token in reversed(tokens[:first]):
        if token.kind in (Kind.LOGISTICS, Kind.SOCIAL):
            return False
        if token.kind is Kind.SUBSTANCE:
            return True
    return False
