"""What a sentence says for and against its being about when the two meet: words, and the days that it names."""

import re
from collections.abc import Collection, Iterable
from datetime import date

from agendad.rules.text.dates import latest_dates
from agendad.rules.text.lexicon import fold


def _any(words: Iterable[str], unspaced: Iterable[str] = ()) -> re.Pattern[str]:
    return re.compile("|".join([rf"\b(?:{'|'.join(words)})\b", *unspaced]))


_MEETING = _any(
    (
        r"see (?:you|u|ya)", "works for me",
        r"confirm(?:ing|ed)?(?: for)?", r"ich bestatige", "je confirme", "confermo",
        r"our (?:next )?(?:chat|call|session|meeting|conversation|catch[- ]?up|1:1|one[- ]on[- ]one|appointment)",
        r"(?:nachste[rs]?|unsere[nmr]?) (?:termin|gesprach|treffen|call|sitzung)", r"(?:je )?confirmo", "ik bevestig",
        r"(?:notre|prochaine?) (?:appel|echange|entretien|seance|point|rendez[- ]vous|call)",
        r"(?:nuestra|proxima) (?:reunion|sesion|charla|llamada|cita|conversacion)",
        r"nossa (?:proxima )?(?:conversa|sessao|reuniao|chamada)",
        r"(?:nostr[ao]|prossim[ao]) (?:chiamata|call|sessione|riunione|incontro|colloquio)",
        r"(?:ons|onze|volgende) (?:gesprek|afspraak|sessie|overleg|call)",
        "same (?:link|room|place)", r"passt (?:mir|es)",
        "(?:ca )?me (?:va|convient)",
        "me (?:viene|va) bien", "mi va bene", "komt mij uit", "fica (?:bem|bom) para mim",
        r"(?:changed|moved|shifted|pushed|now) (?:to|at)", r"(?:every|each) \w+day", "meet at", r"jeden \w+tag",
        r"^(?:mon|tues|wednes|thurs|fri|satur|sun)day at", "verschoben auf", "jetzt um", r"(?:chaque|tous les) \w+di",
        "(?:decale|deplace)e? a", r"(?:cada|todos los|todas as|toda) \w+", r"ogni \w+di", r"elke \w+dag",
        "spostat[oa] (?:a|alle)", "verplaatst naar",
        r"(?:we|let'?s|let us|to|i'?ll|will|can) (?:meet|speak|talk|chat|connect|start|use|do|call)",
        r"meeting (?:you|at|is|starts)", r"we(?:'re| are) (?:on|meeting|set)", r"usual (?:slot|time|link|place|room)",
        r"(?:session|call) (?:is|starts|at)", r"(?:starts?|starting|begins?) at", r"booked (?:for|us)", "scheduled for",
        r"catch (?:you|up) at", r"(?:till|until|talk|speak|see) then",
        r"bis (?:dann|bald|montag|dienstag|mittwoch|donnerstag|freitag|morgen)", r"treffen (?:wir|uns)",
        r"wir (?:treffen|sehen|sprechen|horen|starten|beginnen)", r"sehen (?:wir )?uns", r"geht'?s los",
        "telefonieren wir", r"(?:unser )?termin (?:ist|beginnt)",
        r"(?:on|nous) (?:se |nous )?(?:retrouve|voit|parle|connecte|appelle|commence|demarre)\w*", r"rendez[- ]vous",
        "rdv", r"a (?:lundi|mardi|mercredi|jeudi|vendredi)",
        r"nos (?:vemos|conectamos|reunimos|juntamos|hablamos|encontramos)", "quedamos", "empezamos", "te espero",
        r"(?:a gente )?se (?:ve|fala|encontra)", r"encontramo[- ]nos", "falamos", "comecamos", "conectamos",
        r"nossa (?:conversa|sessao|reuniao) (?:e|sera|fica)",
        r"ci (?:vediamo|sentiamo|colleghiamo|troviamo|incontriamo)", "appuntamento", "iniziamo", "partiamo",
        "cominciamo", r"(?:zien|spreken|bellen|starten|beginnen) we", "zie je",
        r"tot (?:dan|maandag|dinsdag|woensdag|donderdag|vrijdag|morgen)",
        r"we (?:zien|spreken|bellen|beginnen|starten)",
    ),
    (
        "毎週|每[周週]|见(?:[,，。!！~～]|$)|見(?:[,，。!！~～]|$)|改[到至为為成]", "当日は|お待ちし|お会い",
        "から(?:お願い|よろしく|開始|始め|始ま|でお願い|面談|打ち合わせ|です)",
        "見面|见面|不見不散|不见不散|开始|開始|开会|開會|碰面|碰头", "[点點時时][见見聊]",
    ),
)  # fmt: skip
"""What a person says of when the session is (folded text)."""
_UNSETTLED = _any(
    (
        "can'?t", "cannot", "could", "would", "should", "may", "might", "maybe", "perhaps", "instead", "rather", "or",
        "not", "no longer", "moved from", "if", "unless", r"free (?:at|from|until)", "available",
        r"(?<!as )last (?:time|week)", r"(?:our|the) (?:last|previous)", "letzte[rsn]?", r"derniere?", "ultim[oa]",
        "yesterday", "kann nicht", "konnte", "wurde", "vielleicht", "statt", "oder", "nicht", "falls", "wenn",
        "gestern", "letztes mal", "pourrait", r"peut[- ]etre", "plutot", "au lieu", "ou", "si", "pas", "hier",
        "la derniere", "podria", r"quiza\w*", "en vez", "tal vez", "ayer", "ultima vez", "poderia", "talvez", "se der",
        "potremmo", "potrebbe", "forse", "invece", "oppure", "ieri", "zou", "kunnen we", "misschien", "in plaats",
        "liever", r"(?:uur|\d) of (?:om )?\d", "niet", "als", "gisteren", "vorige",
    ),
    ("前回|昨日|先日|上次|昨天", "如果|可能|或者|かも|変更|または"),
)  # fmt: skip
"""A time that is asked for, ruled out, past, or one of several."""
_WEEKDAYS = (
    _any(
        (
            r"mon(?=[.,]? \d|,)",
            "monday",
            "montag",
            r"mo(?=[.,]? \d|,)",
            "lundi",
            "lunes",
            r"segunda(?:[- ]feira)?",
            "lunedi",
            "maandag",
        ),
        ("月曜",),
    ),
    _any(("tues?", "tuesday", "dienstag", "mardi", "martes", r"terca(?:[- ]feira)?", "martedi", "dinsdag"), ("火曜",)),
    _any(("weds?", "wednesday", "mittwoch", "mercredi", "miercoles", "quarta", "mercoledi", "woensdag"), ("水曜",)),
    _any(("thu(?:rs?)?", "thursday", "donnerstag", "jeudi", "jueves", "quinta", "giovedi", "donderdag"), ("木曜",)),
    _any(("fri", "friday", "freitag", "vendredi", "viernes", "sexta", "venerdi", "vrijdag"), ("金曜",)),
    _any(("sat", "saturday", "samstag", "sonnabend", "samedi", "sabado", "sabato", "zaterdag"), ("土曜",)),
    _any(("sun", "sunday", "sonntag", "dimanche", "domingo", "domenica", "zondag"), ("日曜",)),
)
"""Monday first."""
_CHINESE_WEEKDAY = re.compile(r"(?:周|週|星期|礼拜|禮拜)([一二三四五六日天])")
_CHINESE_DAYS = {day: number for number, day in enumerate("一二三四五六日")} | {"天": 6}


def cues(folded: str) -> list[str]:
    """What words of a folded sentence say for and against its being about when the two meet."""
    return [
        f"{name}{pattern.search(folded) is not None:d}"
        for name, pattern in (("meet", _MEETING), ("unsettled", _UNSETTLED))
    ]


def of_another_day(sentence: str, days: Collection[date]) -> bool:
    """Whether a sentence names days, and none of them is among `days`.

    >>> [of_another_day(words, [date(2026, 12, 1)]) for words in ("Tuesday at 3pm", "on Friday at 3pm", "at 3pm")]
    [False, True, False]
    """
    named = _weekdays(fold(sentence))
    if named and not named & {day.weekday() for day in days}:
        return True
    dates = [day for near in days for day in latest_dates(sentence, near)]
    return bool(dates) and set(days).isdisjoint(dates)


def _weekdays(folded: str) -> set[int]:
    named = {number for number, name in enumerate(_WEEKDAYS) if name.search(folded)}
    return named | {_CHINESE_DAYS[day] for day in _CHINESE_WEEKDAY.findall(folded)}
