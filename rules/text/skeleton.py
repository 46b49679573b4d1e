"""The agenda skeleton that agendad offers, to be filled in. Untouched it is no agenda."""

from collections.abc import Mapping
from types import MappingProxyType

SKELETON: Mapping[str, str] = MappingProxyType(
    {
        "en": "Agenda:\n- What I tried since last time:\n- Topic 1:\n- One question:",
        "de": "Agenda:\n- Was ich seit dem letzten Mal versucht habe:\n- Thema 1:\n- Eine Frage:",
        "es": "Orden del día:\n- Lo que he probado desde la última vez:\n- Tema 1:\n- Una pregunta:",
        "fr": "Ordre du jour :\n- Ce que j'ai essayé depuis la dernière fois :\n- Sujet 1 :\n- Une question :",
        "pt": "Pauta:\n- O que tentei desde a última vez:\n- Tema 1:\n- Uma pergunta:",
        "it": "Ordine del giorno:\n- Cosa ho provato dall'ultima volta:\n- Argomento 1:\n- Una domanda:",
        "nl": "Agenda:\n- Wat ik sinds de vorige keer heb geprobeerd:\n- Onderwerp 1:\n- Eén vraag:",
        "ja": "アジェンダ：\n- 前回から試したこと：\n- 一緒に考えたいこと：\n- 質問を一つ：",
        "zh": "议程：\n- 上次以来的尝试：\n- 这次想聊的：\n- 一个问题：",
    }
)
"""By language code."""
