"""Clock times in a text, in digits and in words, wherever they may stand: "3–4pm ET", "halb vier", "下午三点半".

What may as well be something else (a bare number after "at" or "from") is found too: whether a time says when a
session starts is for `agendad.rules.text.moments` to tell.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A clock time as written, at `text[start:end]`; the words of its zone, "" if there are none, come after it."""

    start: int
    end: int
    minutes: int
    """After midnight."""
    zone: str
    text: str
    twelve_hour: bool
    """True if am or pm was said, so that the half of the day is certain."""
    plain: bool
    """True for a bare number, that may as well count something."""
    end_of_range: bool | None = None
    """For "3 to 4pm", which may say how long or from when to when something moves: whether it is the latter end."""


ZONE = (
    r"(?-i:(?:UTC|GMT)\s?[+\-−]\s?\d{1,2}(?::?[0-5]\d)?|[A-Z][A-Za-z_]+(?:/[A-Za-z_+\-0-9]+)+|[A-Z]{2,5}\b"
    r"|[A-ZÀ-Þ][a-zß-ÿ]+(?:[ -][A-ZÀ-Þ][a-zß-ÿ]+){0,2}(?:\stime\b)?)"
)
"""Words for a zone: an offset, a name of the tz database, an abbreviation, or up to three words with a capital."""
_CLOCK = (
    r"(?P<{0}h>\d{{1,2}})(?:[:.：](?P<{0}m>[0-5]\d)(?:h(?![a-z]))?|\s?(?P<{0}mark>hs|[hu])(?:\s?(?P<{0}hm>[0-5]\d))?(?![A-Za-zÀ-ɏ]))?"
    r"(?:\s?(?P<{0}half>[ap])\.?m\b\.?)?"
)
_PART_OF_DAY = (
    r"(?:,?\s(?:(?P<early>in the morning|morgens|früh|vormittags|de la mañana|da manhã|d[ei]l? mattin[ao]|du matin"
    r"|['’]s (?:ochtends|morgens))|(?P<late>in the (?:afternoon|evening)|at night|tonight|nachmittags|abends"
    r"|de la (?:tarde|noche)|da (?:tarde|noite)|d[ei]l? (?:pomeriggio|sera)|de l['’]après-midi|du soir"
    r"|['’]s (?:middags|avonds)))\b)?"
)
_LATIN = r"0-9A-Za-zÀ-ɏ_"
"""Chinese and Japanese put times between their characters without spaces."""
_DIGITS = re.compile(
    rf"(?<![{_LATIN}/.,+\-#$€£§])(?<!\d:){_CLOCK.format('a')}(?:\s?(?P<till>[-–—~]|to|bis|à)\s?{_CLOCK.format('b')})?"
    rf"(?P<uhr>\s?(?:Uhr|uur|heures?|horas?|o'?clock|hrs?)\b)?{_PART_OF_DAY}"
    rf"(?:\s{{0,2}}(?:\(|\[|\b(?:heure d[eu']|hora de|ore di|horário de|in|de|di|bei|en|à|em|te)\s)?(?P<zone>{ZONE}))?"
    rf"(?![{_LATIN}:/%€$£]|[.]\d)",
    re.IGNORECASE,
)
_FOUR_DIGITS = re.compile(r"(?<![\w:./+-])(?P<h>[01]\d|2[0-3])(?P<m>[0-5]\d)\s?(?:h|hrs|hours)\b", re.IGNORECASE)
_PREPOSITIONS = (
    r"at|to|for|from|by|till?|until|around|about|starts?|begins?|now|then|same|ok|so|was|is|with|um|auf|ab|von|gegen"
    r"|bis|vor|nach|ist|war|dann|jetzt|am|punkt|zu|à|dès|de|vers|avant|le|est|las|a la|alle|dalle|ore|h|e|às|as|das"
    r"|pelas|pra|prá|pras|om|naar|van|tot|rond|vanaf|voor|na|nu|dan|es|ahora|adesso|agora"
)
_BEFORE_AN_HOUR = re.compile(rf"(?:\b(?:{_PREPOSITIONS}))\s+$|@\s?$|^$", re.IGNORECASE)
_HOURS = {
    name: hour
    for hour, names in enumerate(
        (
            "one una une uma eins een", "two due dos deux duas zwei twee", "three tre tres trois três drei drie",
            "four quattro cuatro quatre quatro vier", "five cinque cinco cinq fünf vijf", "six sei seis sechs zes",
            "seven sette siete sept sete sieben zeven", "eight otto ocho huit oito acht",
            "nine nove nueve neuf neun negen", "ten dieci diez dix dez zehn tien", "eleven undici once onze elf",
            "twelve dodici doce douze doze zwölf twaalf",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_HOUR = rf"(?P<hour>{'|'.join(sorted(_HOURS, key=len, reverse=True))}|1[0-2]|[1-9])\b"
_SOME = {"five": 5, "fünf": 5, "vijf": 5, "ten": 10, "zehn": 10, "tien": 10, "twenty": 20, "zwanzig": 20, "twintig": 20,
         "twenty-five": 25, "fünfundzwanzig": 25, "cinco": 5, "diez": 10, "dez": 10, "veinte": 20, "vinte": 20,
         "cinq": 5, "dix": 10, "vingt": 20, "cinque": 5, "dieci": 10, "venti": 20, "veinticinco": 25}  # fmt: skip
_FEW = rf"(?P<few>{'|'.join(sorted(_SOME, key=len, reverse=True))})"


def _spelled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("HOUR", _HOUR).replace("FEW", _FEW) + _PART_OF_DAY, re.IGNORECASE)


_IN_WORDS = (
    (_spelled(r"\b(?:a )?quarter past HOUR"), 15),
    (_spelled(r"\bhalf past HOUR"), 30),
    (_spelled(r"\b(?:a )?quarter to HOUR"), -15),
    (_spelled(r"\b(?:viertel nach|kwart over) HOUR"), 15),
    (_spelled(r"\b(?:dreiviertel|viertel vor|kwart voor) HOUR"), -15),
    (_spelled(r"\b(?:halb|half) HOUR(?!\s?(?:hour|an\b))"), -30),
    (_spelled(r"\bFEW (?:past|nach|over) HOUR"), 1),
    (_spelled(r"\bFEW (?:to|vor|voor) HOUR"), -1),
    (_spelled(r"\bHOUR(?: ?h| heures?)? et demie"), 30),
    (_spelled(r"\bHOUR(?: ?h| heures?)? et quart"), 15),
    (_spelled(r"\bHOUR(?: ?h| heures?)? moins le quart"), -15),
    (_spelled(r"\bHOUR heures moins FEW"), -1),
    (_spelled(r"\bHOUR (?:e mezz[ao]|y media|e meia)\b"), 30),
    (_spelled(r"\bHOUR (?:e un quarto|y cuarto|e quinze)\b"), 15),
    (_spelled(r"\bHOUR (?:meno un quarto|menos cuarto|menos quinze)\b"), -15),
    (_spelled(r"\b(?:um )?quarto? (?:para|prás|pras) (?:as|à) HOUR"), -15),
    (_spelled(r"\bHOUR (?:y|e) FEW\b"), 1),
    (_spelled(r"\bHOUR menos? FEW\b"), -1),
)
"""A time in words beside the minutes that are added to its hour; 1 and -1 stand for those that it says itself."""
_WHOLE_HOUR = _spelled(
    "(?:"
    + "|".join(
        rf"(?<=\b{word} )"
        for word in (
            "at", "to", "for", "um", "auf", "von", "ab", "à", "las", "a la", "alle", "ore", "dalle", "às", "as", "das",
            "om", "naar",
        )
    )
    + r")HOUR(?: (?:uhr|uur|heures?|o'?clock|horas|em ponto|en punto)\b)?(?![:.h]\d|\s?[ap]\.?m\b|\s?h\b|\d|/|%)"
)  # fmt: skip
_LATER = {
    name: hour
    for hour, names in enumerate(
        ("treize trece treze tredici", "quatorze catorce catorze quattordici", "quinze quince quindici",
         "seize dieciséis dezesseis dezasseis sedici", "dix-sept diecisiete dezessete dezassete diciassette",
         "dix-huit dieciocho dezoito diciotto", "dix-neuf diecinueve dezenove dezanove diciannove",
         "vingt veinte vinte venti"),
        start=13,
    )
    for name in names.split()
}  # fmt: skip
_AFTERNOON = re.compile(
    rf"\b(?P<hour>{'|'.join(_LATER)})(?: heures| horas|(?<=dici)|(?<=otto)|(?<=nove))"
    r"(?: (?:e |y )?(?P<thirty>trente|trinta|treinta|trenta))?\b",
    re.IGNORECASE,
)
_NOON = re.compile(
    r"(?:\b(?:12 (?:uhr )?)?(?:noon|midday|mittags|midi|mediod[ií]a|mezzogiorno|meio[- ]dia)\b|正午)"
    r"(?P<half>\s(?:et demie?|y media|e mezz[ao]|e meia)\b)?"
    rf"(?:\s{{0,2}}[(\[]?(?P<zone>{ZONE}))?",
    re.IGNORECASE,
)
_CJK_NUMBERS = {name: n for n, name in enumerate("零一二三四五六七八九十")} | {"两": 2, "兩": 2, "十一": 11, "十二": 12}
_CJK = re.compile(
    r"(?P<zone>日本時間|日本时间|北京时间|北京時間|中国时间|台灣時間|台湾时间|台北時間|台北时间|香港时间|香港時間|新加坡时间)?(?:の|的)?\s?"
    r"(?P<half>上午|下午|晚上|早上|傍晚|中午|午前|午後|夕方|朝|夜|凌晨)?の?\s?(?<![\d:.一二三四五六七八九十])"
    r"(?P<h>\d{1,2}|十[一二]?|[一二两兩三四五六七八九])\s?"
    r"(?:[点點時时](?![間间差区區])(?:(?P<m>[0-5]?\d|[一二三四五]?十[五]?)分?|(?P<thirty>半)|(?P<quarters>[一三])刻)?|[:：](?P<cm>[0-5]\d))"
    r"(?![钟鐘\d])"
)
LATE = frozenset(["下午", "晚上", "傍晚", "午後", "夕方", "夜"])
EARLY = frozenset(["上午", "早上", "午前", "朝", "凌晨"])
_MOST = 20
"""Times in one sentence; somebody who writes more of them says nothing of when to meet."""
_MAY_HOLD = re.compile(
    r"\d|noon|正午|heures|horas|midday|mittag|midi|mediod|mezzogiorno|meio|[点點時时]|quarter|half |halb |viertel|kwart"
    r"|past |mezz|demie|media|meia"
    rf"|\b(?:at|to|for|um|auf|ab|à|las|alle|ore|dalle|às|as|om|naar) (?:{'|'.join(_HOURS)})\b",
    re.IGNORECASE,
)


_PART_OF_AN_HOUR = re.compile(
    r"quarter|half|halb|viertel|kwart|past|nach|over|voor?|mezz|demie|media|meia|quart|cuart|menos?|moins|e quinze"
    rf"|\b(?:to|y|e) (?:{'|'.join(_SOME)})|(?:{'|'.join(_SOME)}) to\b",
    re.IGNORECASE,
)
"""What every time of `_IN_WORDS` holds."""


def readings(text: str) -> list[Reading]:
    """Every clock time in a text, in order; where two overlap the one that says more. None where there is a flood.

    >>> [(r.text, r.minutes // 60) for r in readings("moved to 3–4pm, Zug um halb acht")]
    [('3–4pm', 15), ('halb acht', 7)]
    """
    if not _MAY_HOLD.search(text):
        return []
    found = sorted(islice(_all(text), _MOST + 1), key=lambda reading: (reading.start - reading.end, reading.start))
    if len(found) > _MOST:
        return []
    kept: list[Reading] = []
    for reading in found:
        if all(reading.end <= other.start or other.end <= reading.start for other in kept):
            kept.append(reading)
    return sorted(kept, key=lambda reading: reading.start)


def _all(text: str) -> Iterator[Reading]:
    for match in _DIGITS.finditer(text):
        yield from _in_digits(match)
    for match in _FOUR_DIGITS.finditer(text):
        yield _reading(match, int(match["h"]) * 60 + int(match["m"]), certain=True)
    if not text.isascii():
        yield from _in_cjk(_CJK.finditer(text))
    for pattern, added in _IN_WORDS if _PART_OF_AN_HOUR.search(text) else ():
        for match in pattern.finditer(text):
            few = _SOME[match["few"].lower()] * added if abs(added) == 1 else added
            yield _in_words(match, (_hour(match["hour"]) * 60 + few) % 720)
    for match in _WHOLE_HOUR.finditer(text):
        yield _in_words(match, _hour(match["hour"]) * 60, plain=match["hour"].isdigit())
    for match in _AFTERNOON.finditer(text):
        minutes = _LATER[match["hour"].lower()] * 60 + (30 if match["thirty"] else 0)
        yield _reading(match, minutes, certain=True)
    for match in _NOON.finditer(text):
        yield _reading(match, 750 if match["half"] else 720, certain=True, zone=match["zone"] or "")


def _in_words(match: re.Match[str], minutes: int, *, plain: bool = False) -> Reading:
    certain = bool(match["early"] or match["late"])
    return _reading(
        match,
        minutes % (720 if match["early"] or match["late"] else 1440) + 720 * bool(match["late"]),
        certain=certain,
        plain=plain and not certain,
    )


def _hour(words: str) -> int:
    return int(words) if words.isdigit() else _HOURS[words.lower()]


def _reading(match: re.Match[str], minutes: int, *, certain: bool, zone: str = "", plain: bool = False) -> Reading:
    return Reading(
        start=match.start(), end=match.end(), minutes=minutes, zone=zone, text=_tidy(match[0]), twelve_hour=certain,
        plain=plain,
    )  # fmt: skip


def _tidy(text: str) -> str:
    """Without the full stop of the sentence; "3 p.m." keeps its own."""
    text = text.strip()
    return text if text.endswith("m.") and text[-3] == "." else text.rstrip(".")


def _in_digits(match: re.Match[str]) -> Iterator[Reading]:
    """One time, or the begin of a range; both ends where words part them, as in "moved from 3 to 4pm"."""
    half, end_half = match["ahalf"], match["bhalf"]
    zone = match["zone"] or ""
    if half is None and end_half:
        first, last = (int(match[f"{end}h"]) % 12 * 60 + int(match[f"{end}m"] or 0) for end in "ab")
        half = "a" if end_half.lower() == "p" and first > last else end_half
    if half is None and (match["early"] or match["late"]) and int(match["ah"]) <= 12:
        half = "a" if match["early"] else "p"
    named = bool(match["uhr"] or zone)
    parted = match["till"] is not None and match["till"].isalpha()
    begin = _clock(match, "a", half, zone, named=named or bool(end_half))
    if begin is not None:
        begin_end = match.start("till")
        yield replace(begin, end=begin_end, text=match[0], end_of_range=False) if parted else begin
    if parted:
        end = _clock(match, "b", end_half, zone, named=True)
        if end is not None:
            yield replace(
                end, start=match.start("bh"), text=match[0][match.start("bh") - match.start() :], end_of_range=True
            )


def _clock(match: re.Match[str], end: str, half: str | None, zone: str, *, named: bool) -> Reading | None:
    hour, minute = int(match[f"{end}h"]), int(match[f"{end}m"] or match[f"{end}hm"] or 0)
    plain = not (named or half or match[f"{end}m"] or match[f"{end}mark"])
    if plain and not _BEFORE_AN_HOUR.search(match.string[max(0, match.start() - 12) : match.start()]):
        return None
    if hour > 23 or (half is not None and not 1 <= hour <= 12):
        return None
    if half is not None:
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    return _reading(match, hour * 60 + minute, certain=half is not None or hour > 12, zone=zone, plain=plain)


def _in_cjk(matches: Iterable[re.Match[str]]) -> Iterator[Reading]:
    for match in matches:
        half = match["half"] or ""
        if match["cm"] and not (half or match["zone"]):
            continue  # found as digits
        hour = int(match["h"]) if match["h"].isdigit() else _CJK_NUMBERS[match["h"]]
        said = match["m"] or match["cm"] or ""
        minute = int(said) if said.isdigit() else _cjk_minutes(said)
        minute = 30 if match["thirty"] else 15 * _CJK_NUMBERS[match["quarters"]] if match["quarters"] else minute
        hour += 12 if half in LATE and hour < 12 else 0
        if hour < 24:
            certain = half in LATE or half in EARLY or hour > 12
            yield _reading(match, hour * 60 + minute, certain=certain, zone=match["zone"] or "")


def _cjk_minutes(said: str) -> int:
    tens, ten, ones = said.partition("十")
    return (_CJK_NUMBERS.get(tens, 1) * 10 if ten else 0) + _CJK_NUMBERS.get(ones, 0)
