"""The agenda skeleton that agendad offers, to be filled in. Untouched it is no agenda.

It asks for last session's advice and what came of it, for two or three topics and for one question, in that order.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

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


def filled(language: str, advice: Iterable[str]) -> str:
    """The skeleton of a language with last session's advice, and what came of it, in its first part.

    >>> filled("en", ["read chapter 3: it helped"]).splitlines()[1]
    "- Last advice, what came of it: read chapter 3: it helped"
    """
    heading, first, *rest = SKELETON[language].split("\n")
    told = "; ".join(advice)
    return "\n".join((heading, f"{first} {told}" if told else first, *rest))
