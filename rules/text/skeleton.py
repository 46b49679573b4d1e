"""The agenda skeleton that agendad offers, to be filled in. Untouched it is no agenda.

It asks for last session's advice and what came of it, for two or three topics and for one question, in that order.
It may open with what was advised in the last session and what came of it, as the user noted it. Those lines are
written by agendad, so they are no agenda either, however much they say.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from unicodedata import east_asian_width

from agendad.rules.text.lexicon import fold
from agendad.rules.text.untrusted import single_spaced, strip_controls

SKELETON: Mapping[str, str] = MappingProxyType(
    {
        "en": "Agenda:\n- Last advice, what came of it:\n- Topic 1:\n- Topic 2:\n- One question:",
        "de": "Agenda:\n- Der letzte Rat, was daraus wurde:\n- Thema 1:\n- Thema 2:\n- Eine Frage:",
        "es": "Orden del día:\n- El último consejo, su resultado:\n- Tema 1:\n- Tema 2:\n- Una pregunta:",
        "fr": "Ordre du jour :\n- Le dernier conseil, ses effets :\n- Sujet 1 :\n- Sujet 2 :\n- Une question :",
        "pt": "Pauta:\n- O último conselho, o resultado:\n- Tema 1:\n- Tema 2:\n- Uma pergunta:",
        "it": "Ordine del giorno:\n- L'ultimo consiglio, com'è andata:\n- Argomento 1:\n- Argomento 2:\n- Una domanda:",
        "nl": "Agenda:\n- Het vorige advies, wat het opleverde:\n- Onderwerp 1:\n- Onderwerp 2:\n- Eén vraag:",
        "ja": "アジェンダ：\n- 前回の助言と結果：\n- 一緒に考えたいこと：\n- もう一つ：\n- 質問を一つ：",
        "zh": "议程：\n- 上次的建议和结果：\n- 这次想聊的：\n- 还想聊的：\n- 一个问题：",
    }
)
"""By language code: a heading, then a line for each part."""

EARLIER = (
    "What I tried since last time:",
    "Was ich seit dem letzten Mal versucht habe:",
    "Lo que he probado desde la última vez:",
    "Ce que j'ai essayé depuis la dernière fois :",
    "O que tentei desde a última vez:",
    "Cosa ho provato dall'ultima volta:",
    "Wat ik sinds de vorige keer heb geprobeerd:",
    "前回から試したこと：",
    "上次以来的尝试：",
)
"""Parts of skeletons that earlier versions offered: they stand in invites."""

_BEFORE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "en": ("You advised “", "”"),
        "de": ("Dein Rat war „", "“"),
        "es": ("Me aconsejaste «", "»"),
        "fr": ("Vous m'aviez conseillé\u202f: «\u202f", "\u202f»"),
        "pt": ("O seu conselho foi “", "”"),
        "it": ("Mi avevi consigliato «", "»"),
        "nl": ("Je raadde me aan ‘", "’"),
        "ja": ("前回いただいたアドバイス「", "」"),
        "zh": ("上次您建议“", "”"),
    }
)
"""By language, what stands before and after a piece of advice, in a line to whoever gave it."""
_AFTER: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "en": ("; what came of it: ", ": done", ": still open"),
        "de": ("; daraus wurde: ", ": erledigt", ": noch offen"),
        "es": ("; resultado: ", ": hecho", ": aún pendiente"),
        "fr": ("\u202f; résultat\u202f: ", "\u202f: c'est fait", "\u202f: encore à faire"),
        "pt": ("; resultado: ", ": feito", ": ainda em aberto"),
        "it": ("; com'è andata: ", ": fatto", ": ancora aperto"),
        "nl": ("; wat eruit kwam: ", ": gedaan", ": staat nog open"),
        "ja": ("の結果：", "：実行しました", "：これから取り組みます"),
        "zh": ("，结果：", "：已做到", "：还没做完"),
    }
)
"""By language, what follows: what came of it, that it is done, that it is still open."""
WIDTH = 72
"""Columns of a line of the skeleton: none is wrapped on its way, so each stays one line in an invite."""
_BULLET = "- "
_SPACES = re.compile(r"\s+")
_SCHEME = re.compile(r"\b[a-z]{2,10}://(?:www\.)?|\bwww\.", re.IGNORECASE)


def skeleton(language: str, opening: Sequence[str] = (), *, first_call: bool = False) -> str:
    """What to fill in, in one of the languages that agendad has words for.

    `opening`, from `recalled`, stands in the place of the line for the last advice. A first call has no such line.
    """
    heading, last, *items = SKELETON[language].split("\n")
    return "\n".join([heading, *(opening or (() if first_call else (last,))), *items])


def recalled(language: str, advice: str, *, outcome: str = "", done: bool = False) -> str:
    """A line on a piece of advice, with what came of it; it is cut to one line.

    >>> recalled("en", "read chapter 3", outcome="two ideas for the talk")
    '- You advised “read chapter 3”; what came of it: two ideas for the talk'
    >>> recalled("ja", "第三章を読む", done=True)
    '- 前回いただいたアドバイス「第三章を読む」：実行しました'
    """
    (before, behind), (came, finished, still) = _BEFORE[language], _AFTER[language]
    said, result = _plain(advice), _plain(outcome)
    after = came if result else finished if done else still
    room = WIDTH - _columns(f"{_BULLET}{before}{behind}{after}")
    share = max(room // 2, room - _columns(result)) if result else room
    said = _cut(said, share)
    return f"{_BULLET}{before}{said}{behind}{after}{_cut(result, room - _columns(said))}"


def is_recalled(text: str) -> bool:
    """Whether a line, without its bullet, is one that `recalled` makes: one that a person wrote on with is theirs."""
    line = _SPACES.sub(" ", fold(text.strip()))
    return _columns(text) <= WIDTH and _RECALLED.fullmatch(line) is not None


def _pattern() -> re.Pattern[str]:
    def folded(text: str) -> str:
        return re.escape(_SPACES.sub(" ", fold(text)))

    frames = (
        f"{folded(before)}.*{folded(behind)}(?:{folded(_AFTER[language][0])}.*|"
        f"{folded(_AFTER[language][1])}|{folded(_AFTER[language][2])})"
        for language, (before, behind) in _BEFORE.items()
    )
    return re.compile("|".join(frames))


_RECALLED = _pattern()


def _plain(text: str) -> str:
    """One line, its links without what makes them links: mail programs would take the rest of the line for a part."""
    return single_spaced(_SCHEME.sub("", strip_controls(text)))


def _cut(text: str, columns: int) -> str:
    """As much of a text as fits."""
    if _columns(text) <= columns:
        return text
    kept = text
    while kept and _columns(kept) + 1 > columns:
        kept = kept[:-1]
    if text[len(kept) :][:1] not in ("", " ") and kept.rfind(" ") > len(kept) // 2:
        kept = kept[: kept.rfind(" ")]
    return f"{kept.rstrip()}…"


def _columns(text: str) -> int:
    return len(text) + sum(east_asian_width(character) in "WF" for character in text)
