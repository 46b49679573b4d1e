"""The words by which notes are read, and those that agendad adds to them, in each language."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from agendad.rules.text.lexicon import fold


class Field(StrEnum):
    """What a label in the notes is about."""

    ADVICE = "advice"
    PROMISED = "promised"
    HELPED = "helped"
    THANKED = "thanked"
    MILESTONE = "milestone"


_WORDS = {
    Field.ADVICE: (
        "advice, advised, suggestion, suggestions, tip, tips, recommendation, recommendations, rat, ratschlag, "
        "ratschläge, tipp, tipps, geraten, empfehlung, empfehlungen, consejo, consejos, recomendación, "
        "recomendaciones, conseil, conseils, recommandations, conselho, conselhos, dica, dicas, consiglio, "
        "consigli, advies, adviezen, raad, アドバイス, 助言, 建议, 建議"
    ),
    Field.PROMISED: (
        "promised, promise, promises, i promised, versprochen, zugesagt, prometido, prometí, promis, promesses, "
        "prometi, promesso, promesse, beloofd, 約束, 約束したこと, 承诺, 答应, 答应的事"
    ),
    Field.HELPED: (
        "helped, helped me, what helped, what helped me, this helped, helpful, geholfen, hat geholfen, "
        "hat mir geholfen, was geholfen hat, was mir geholfen hat, hilfreich, "
        "ayudó, me ayudó, lo que ayudó, útil, aidé, m'a aidé, ce qui a aidé, ce qui m'a aidé, utile, ajudou, "
        "me ajudou, o que ajudou, ha aiutato, mi ha aiutato, cosa mi ha aiutato, geholpen, hielp, wat hielp, "
        "heeft geholpen, wat heeft geholpen, 役に立ったこと, 助かったこと, 役立ったこと, 有帮助, 有帮助的, 帮助, 有幫助"
    ),
    Field.THANKED: (
        "thanked, thanks, thank you, said thanks, bedankt, gedankt, dank, danke, agradecido, agradecida, "
        "agradecí, gracias, agradecimiento, remercié, merci, remerciements, agradeci, obrigado, obrigada, "
        "agradecimento, ringraziato, grazie, ringraziamento, ringraziamenti, お礼, 感謝, 致谢, 感谢, 已致谢, 道谢, 致謝"
    ),
    Field.MILESTONE: (
        "milestone, milestones, meilenstein, meilensteine, hito, hitos, étape, étapes, jalon, marco, marcos, "
        "conquista, traguardo, traguardi, mijlpaal, mijlpalen, 節目, マイルストーン, 達成, 里程碑"
    ),
}
FIELDS: Mapping[str, Field] = MappingProxyType(
    {fold(word.strip()): kind for kind, words in _WORDS.items() for word in words.split(",")}
)
ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "en": "Advice:", "de": "Ratschläge:", "es": "Consejos:", "fr": "Conseils :", "pt": "Conselhos:",
        "it": "Consigli:", "nl": "Advies:", "ja": "アドバイス：", "zh": "建议：",
    }
)  # fmt: skip
"""What heads the list in a section of ours, by language."""
PROMISED: Mapping[str, str] = MappingProxyType(
    {
        "en": "Promised:", "de": "Versprochen:", "es": "Prometido:", "fr": "Promis :", "pt": "Prometido:",
        "it": "Promesso:", "nl": "Beloofd:", "ja": "約束：", "zh": "承诺：",
    }
)  # fmt: skip
HOW: Mapping[str, str] = MappingProxyType(
    {
        "en": "A section a session, written as you like. What agendad understands:",
        "de": "Ein Abschnitt je Treffen, so geschrieben, wie es dir passt. Was agendad versteht:",
        "es": "Un apartado por sesión, escrito como quieras. Lo que agendad entiende:",
        "fr": "Une section par rendez-vous, écrite comme vous voulez. Ce qu'agendad comprend :",
        "pt": "Uma seção por sessão, escrita como preferir. O que o agendad entende:",
        "it": "Una sezione per incontro, scritta come vuoi. Quello che agendad capisce:",
        "nl": "Een stukje per afspraak, geschreven zoals je wilt. Wat agendad begrijpt:",
        "ja": "セッションごとに一節、書き方は自由です。agendadが読み取る書き方：",
        "zh": "每次会面一节，写法随意。agendad能读懂的写法：",
    }
)
EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "en": "`- [x] advice → what came of it` · `Helped: …` · `Milestone: …` · `Thanked: 2026-12-20`",
        "de": "`- [x] Rat → was daraus wurde` · `Geholfen: …` · `Meilenstein: …` · `Bedankt: 2026-12-20`",
        "es": "`- [x] consejo → qué resultó` · `Ayudó: …` · `Hito: …` · `Gracias: 2026-12-20`",
        "fr": "`- [x] conseil → ce que cela a donné` · `Aidé : …` · `Étape : …` · `Remercié : 2026-12-20`",
        "pt": "`- [x] conselho → no que deu` · `Ajudou: …` · `Marco: …` · `Agradeci: 2026-12-20`",
        "it": "`- [x] consiglio → com'è andata` · `Ha aiutato: …` · `Traguardo: …` · `Ringraziato: 2026-12-20`",
        "nl": "`- [x] advies → wat eruit kwam` · `Geholpen: …` · `Mijlpaal: …` · `Bedankt: 2026-12-20`",
        "ja": "`- [x] アドバイス → その結果` · `役に立ったこと：…` · `節目：…` · `お礼：2026-12-20`",
        "zh": "`- [x] 建议 → 结果` · `有帮助：…` · `里程碑：…` · `致谢：2026-12-20`",
    }
)
