"""Clock times that people write into titles and bodies: "3–4pm ET", "15:00 CET", "9:30 AM PST / 5:30 PM GMT".

Precision before recall: what might be a date, a ratio, a version, a room or a duration is no time.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale

from agendad.rules.saying import LANGUAGES
from agendad.rules.text.appointments import of_another_day
from agendad.rules.text.clocks import EARLY, LATE, ZONE, Reading
from agendad.rules.text.lexicon import fold
from agendad.rules.text.moments import sentences, starts

_SURE = 0.6
"""How sure it must be that a time says when the session starts."""
_SURE_OF_DIGITS = 0.9
"""The same for what in a title could have been written more clearly."""
_TIMED = re.compile(
    r"[\s>*•·\-–]*(?P<h>\d{1,2})[:.h](?P<m>[0-5]\d)(?:\s?[ap]m)?"
    r"(?:\s?[-–—~]\s?(?P<eh>\d{1,2})[:.h](?P<em>[0-5]\d)(?:\s?[ap]m)?)?(?:h|\s?Uhr|\s?uur)?\)?\s*[:：\-–]?\s*(?=[^\W\d_])",
    re.IGNORECASE,
)
"""An item of an agenda that says when it comes: "14:00–14:15 the offsite"."""

_CLOCK = (
    r"(?P<{0}h>\d{{1,2}})(?:[:.](?P<{0}m>[0-5]\d)|\s?(?P<{0}mark>h)(?:\s?(?P<{0}hm>[0-5]\d))?(?![^\W\d_]))?"
    r"(?:\s?(?P<{0}half>[ap])\.?m\b\.?)?"
)
_NOON = r"(?:12\s)?(?P<noon>noon|midday|mittags?|midi|mediod[ií]a|mezzogiorno)\b"
_TIME = re.compile(
    rf"(?<![\w:/.,+\-#$€£§])(?:{_NOON}|{_CLOCK.format('a')}(?:\s?(?:[-–—]|to|bis|à)\s?{_CLOCK.format('b')})?)"
    rf"(?P<uhr>\s?(?:Uhr|uur|heures|horas)\b)?(?:\s{{0,2}}[(\[]?(?P<zone>{ZONE}))?(?![\w:/]|[.]\d)",
    re.IGNORECASE,
)
_NOT_THE_START = re.compile(
    r"(?:\b(?:by|before|until|till?|after|due|deadline|was|not|instead of|ends?(?: at)?"
    r"|(?:moved|rescheduled|shifted) from|originally|formerly|previously|about|the|my|our|your|for"
    r"|statt|bis|vor|(?:verschoben|verlegt) von|au lieu de|avant|antes de"
    r"|room|raum|salle|sala|version|v|chapter)"
    r")\s*(?:the\s+)?$",
    re.IGNORECASE,
)
_ANNOUNCED = re.compile(r"(?:@|\b(?:at|um|ab|à|às|a las|alle|ore|om|h))\s*$", re.IGNORECASE)
"""What stands before nothing but times in titles."""
_AT = re.compile(r"(?:@|\b(?:at|um|à|às|a las|alle))\s*$", re.IGNORECASE)
"""Before a time like "15h", which may as well be a duration."""
_SURELY_NO_DURATION = 8
"""From here on "16h30" is a time, whatever stands beside it."""
_SHORTEST_HOUR = 6
"""A bare "2h" with a place behind it is a duration, "15h" is none."""
_MAY_BE_TIME = re.compile(r"\d|noon|midday|mittag|midi|mediod|mezzogiorno|[点點時时]", re.IGNORECASE)
_MILITARY = re.compile(r"(?<![\w:.])([01]\d|2[0-3])([0-5]\d)\s?(?:h|hrs|hours)\b", re.IGNORECASE)
_NOT_THE_START_CJK = re.compile(r"(?:まで|以前|之前|前|後|后|以后|締切|截止)")
_UNIT = re.compile(r"\s*(?:h|hrs?|hours?|min|mins|minutes?|std)\b", re.IGNORECASE)
_MODIFIES = re.compile(
    r"\s(?!(?:with|w|on|at|in|and|or|to|mit|am|im|bei|und|avec|le|et|con|el|y|com|e|met|op|en|today|tomorrow)\b)[a-z]"
)
"""After a time without a zone: "the 4pm slump" is a topic."""
_STATED_BY_PRODUCT = re.compile(r"\)\s*[A-Z]")
"""After "(UTC-05:00": a product names its zone by the standard offset, also in summer."""
_STANDARD = "standard "
"""Before such an offset, as the words of a mention's zone."""
_CJK_TIME = re.compile(
    r"(?P<zone>日本時間|日本时间|北京时间|北京時間|中国时间|台灣時間|台湾时间|台北時間|台北时间|香港时间|香港時間|新加坡时间)?\s?"
    r"(?P<half>上午|下午|晚上|早上|傍晚|中午|午前|午後|夜)?\s?(?<![\d:.])(?P<h>\d{1,2})(?:[点點時时](?!間|间|差|区|區)(?:(?P<m>[0-5]?\d)分|(?P<thirty>半))?)"
    r"(?![钟鐘])"
)
"""15時, 下午3点半; 3点钟 tells how long as often as when."""
_OFFSET = re.compile(r"(?:UTC|GMT)\s?(?P<sign>[+\-−])\s?(?P<hours>\d{1,2}):?(?P<minutes>[0-5]\d)?")
_FAMILIES = {
    "ET": ("EST", "EDT"), "EASTERN": ("EST", "EDT"), "CT": ("CST", "CDT"), "CENTRAL": ("CST", "CDT"),
    "MT": ("MST", "MDT"), "MOUNTAIN": ("MST", "MDT"), "PT": ("PST", "PDT"), "PACIFIC": ("PST", "PDT"),
    "CENTRAL EUROPEAN": ("CET", "CEST"), "MEZ": ("CET",), "MESZ": ("CEST",), "AET": ("AEST", "AEDT"),
}  # fmt: skip
_UNNAMED = {  # zones whose tz database entry has an offset for a name
    "GST": "Asia/Dubai", "SGT": "Asia/Singapore", "NPT": "Asia/Kathmandu", "BRT": "America/Sao_Paulo",
    "ART": "America/Argentina/Buenos_Aires", "TRT": "Europe/Istanbul",
}  # fmt: skip
_PLACES = {  # what people call a zone that the tz database names after another place
    "UK": "Europe/London", "British": "Europe/London", "Londres": "Europe/London", "Londra": "Europe/London",
    "Londen": "Europe/London", "Edinburgh": "Europe/London", "Manchester": "Europe/London",
    "NYC": "America/New_York", "NY": "America/New_York", "Boston": "America/New_York",
    "Nueva York": "America/New_York", "SF": "America/Los_Angeles", "San Francisco": "America/Los_Angeles",
    "Seattle": "America/Los_Angeles", "California": "America/Los_Angeles", "German": "Europe/Berlin",
    "Germany": "Europe/Berlin", "Munich": "Europe/Berlin", "München": "Europe/Berlin", "French": "Europe/Paris",
    "India": "Asia/Kolkata", "Indian": "Asia/Kolkata", "Bangalore": "Asia/Kolkata", "Mumbai": "Asia/Kolkata",
    "Delhi": "Asia/Kolkata", "Japan": "Asia/Tokyo", "China": "Asia/Shanghai", "Beijing": "Asia/Shanghai",
    "São Paulo": "America/Sao_Paulo", "Brasília": "America/Sao_Paulo", "Brasilia": "America/Sao_Paulo",
    "Rio": "America/Sao_Paulo", "Barcelona": "Europe/Madrid", "Porto": "Europe/Lisbon",
    "Milano": "Europe/Rome", "Milan": "Europe/Rome", "Mailand": "Europe/Rome", "Lyon": "Europe/Paris",
    "Hamburg": "Europe/Berlin", "Montréal": "America/Toronto",
    "Montreal": "America/Toronto", "Zürich": "Europe/Zurich", "日本時間": "Asia/Tokyo", "日本时间": "Asia/Tokyo",
    "北京时间": "Asia/Shanghai", "北京時間": "Asia/Shanghai", "中国时间": "Asia/Shanghai", "台灣時間": "Asia/Taipei",
    "台湾时间": "Asia/Taipei", "台北時間": "Asia/Taipei", "台北时间": "Asia/Taipei", "香港时间": "Asia/Hong_Kong",
    "香港時間": "Asia/Hong_Kong", "新加坡时间": "Asia/Singapore",
}  # fmt: skip
_LABEL = re.compile(
    r"[\s*_•·-]*(?:when|(?:start )?time|start(?:s|ing)?|begins?|wann|beginn|uhrzeit|quand|heure|début|cuándo|hora"
    r"|inicio|quando|horário|início|ora|orario|inizio|wanneer|tijd|aanvang|日時|時間|时间)[\s*_]*(?:[:：]|at\b|um\b)",
    re.IGNORECASE,
)
_QUOTED_BELOW = re.compile(
    r"[\s*]*(?:from|von|de|da|van|差出人|发件人)[\s*]*[:：]|\s*-{2,}\s*Original|.*\b(?:wrote|schrieb|a écrit)\s*:\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A start time as written: minutes after midnight, and the zone's words, "" if there are none."""

    minutes: int
    zone: str
    text: str
    twelve_hour: bool
    """True if am or pm was said, so that the half of the day is certain."""


def mentions_in_title(title: str) -> Iterator[Mention]:
    """The start times that a title names.

    >>> [(m.minutes // 60, m.zone) for m in mentions_in_title("Mentoring 3-4pm ET, 1:1, room 3.15")]
    [(15, 'ET')]
    """
    written = list(_written_in(title))
    yield from written
    minutes = {mention.minutes for mention in written}
    for sentence in sentences(title):
        for reading, share in starts(sentence):
            in_words = reading.plain or not (reading.text[0].isdigit() or _CJK_TIME.search(reading.text))
            announced = reading.zone or _ANNOUNCED.search(sentence[: reading.start])
            clear = bool(announced) and (reading.twelve_hour or reading.minutes >= 60 * _SHORTEST_HOUR)
            least = _SURE if in_words else _SURE_OF_DIGITS if clear else 1.0
            if share >= least and reading.minutes not in minutes:
                yield _mention_of(reading)


def _written_in(title: str) -> Iterator[Mention]:
    """The times in a title that are written as nothing but a time is."""
    if _MAY_BE_TIME.search(title):
        yield from _mentions(_MILITARY.sub(r"\1:\2", title))


def _mentions(title: str) -> Iterator[Mention]:
    for match in _TIME.finditer(title):
        if _NOT_THE_START.search(title[max(0, match.start() - 24) : match.start()]):
            continue
        mention = _mention(match)
        if mention is None or _UNIT.match(title, match.end("am") if match["am"] else match.end()):
            continue
        if not mention.zone and _MODIFIES.match(title, match.end()):
            continue
        if mention.zone[:3] in ("UTC", "GMT") and _STATED_BY_PRODUCT.match(title, match.end()):
            mention = replace(mention, zone=_STANDARD + mention.zone)
        yield mention
    yield from _cjk_mentions(title)


def mentions_in_statements(lines: Iterable[str], days: Collection[date] = ()) -> Iterator[Mention]:
    """The start times with a zone in a product's own lines: "1:00 PM | (UTC-08:00) Pacific Time"."""
    for line in lines:
        if days and of_another_day(line, days):
            continue
        yield from (mention for mention in _written_in(" ".join(line.replace("|", " ").split())) if mention.zone)


def _cjk_mentions(text: str) -> Iterator[Mention]:
    if text.isascii():
        return
    for match in _CJK_TIME.finditer(text):
        hour, minute = int(match["h"]), 30 if match["thirty"] else int(match["m"] or 0)
        half = match["half"] or ""
        hour += 12 if half in LATE and hour < 12 else 0
        if hour < 24 and not _NOT_THE_START_CJK.match(text, match.end()):
            certain = half in LATE or half in EARLY or hour > 12
            yield Mention(
                minutes=hour * 60 + minute, zone=match["zone"] or "", text=match[0].strip(), twelve_hour=certain
            )


def mentions_in_body(lines: Iterable[str], days: Collection[date] = (), minutes: int = 0) -> Iterator[Mention]:
    """The start times that a body names; quotes left out.

    These are the times with a zone in lines that say they are about time ("When: …"), the begin of an agenda that
    says when each of its points comes, and those of which what stands around them says that the session starts then.

    Args:
        lines: the body as it is seen.
        days: the session's day, in each zone in question; a sentence about another day is about something else.
        minutes: how long the session is.
    """
    timed: list[re.Match[str]] = []
    for line in lines:
        if _QUOTED_BELOW.match(line):
            break
        if line.startswith(">"):
            continue
        if _LABEL.match(line):
            if not (days and of_another_day(line, days)):
                yield from (mention for mention in _written_in(line) if mention.zone)
                yield from (mention for mention in _said_in(line, days) if not mention.zone)
        elif item := _TIMED.match(line):
            timed.append(item)
        else:
            yield from _said_in(line, days)
    yield from _begin_of(timed, minutes)


def _begin_of(timed: Sequence[re.Match[str]], minutes: int) -> Iterator[Mention]:
    """When an agenda begins whose points follow each other and fit into the session; 0:10 is counted from its start."""
    begins = [int(item["h"]) * 60 + int(item["m"]) for item in timed]
    if len(begins) < 2 or begins[0] < 60 or sorted(set(begins)) != begins:
        return
    last = timed[-1]
    end = int(last["eh"]) * 60 + int(last["em"]) if last["eh"] else begins[-1] + 1
    if begins[0] < end <= begins[0] + minutes:
        text = timed[0][0].strip(" >*•·-–:：")
        yield Mention(minutes=begins[0], zone="", text=text, twelve_hour=False)


def _said_in(line: str, days: Collection[date]) -> Iterator[Mention]:
    for sentence in sentences(line):
        for reading, share in starts(sentence):
            if share >= _SURE and not (days and of_another_day(sentence, days)):
                yield _mention_of(reading)


def _mention_of(reading: Reading) -> Mention:
    return Mention(minutes=reading.minutes, zone=reading.zone, text=reading.text, twelve_hour=reading.twelve_hour)


def zones_meant(words: str, known: tuple[ZoneInfo, ...], at: datetime) -> tuple[tzinfo, ...]:
    """The zones that a mention's words may mean at `at` (aware); empty if nothing settles it.

    UTC, offsets and IANA names speak for themselves. An abbreviation or a city counts only if one of the
    `known` people's zones bears it; then its standard and its daylight reading are both possible, since
    people write EST all summer.
    """
    offset = _OFFSET.fullmatch(words.removeprefix(_STANDARD))
    if offset is not None:
        span = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        span = span if offset["sign"] == "+" else -span
        if words.startswith(_STANDARD):
            return tuple(zone for zone in known if _standard_offset(zone, at.year) == span)
        return (timezone(span),) if abs(span) < timedelta(days=1) else ()
    if "/" in words:
        try:
            return (ZoneInfo(words),)
        except (KeyError, ValueError, OSError):
            return ()
    meant: list[tzinfo] = [UTC] if words in ("UTC", "GMT") else []
    first = "Central European" if words.startswith("Central European") else words.partition(" ")[0]
    name = first.upper() if first.upper() in _FAMILIES else words
    place = re.sub(r" time$", "", words, flags=re.IGNORECASE)
    wanted = set(_FAMILIES.get(name, (name,)))
    for zone in known:
        readings = [datetime(at.year, month, 1, 12, tzinfo=zone) for month in (1, 7)]
        literal = [day for day in readings if day.tzname() in wanted]
        if literal or zone.key in (_UNNAMED.get(words), _PLACES.get(place)) or fold(place) in _cities(zone.key):
            meant.append(zone)
        if name not in _FAMILIES:
            meant += [timezone(day.utcoffset() or timedelta()) for day in literal]
    return tuple(meant)


@lru_cache
def _cities(zone: str) -> frozenset[str]:
    """What the place of a zone is called in every language (CLDR), folded."""
    names = {zone.rpartition("/")[2].replace("_", " ")}
    for language in LANGUAGES:
        names.add(Locale.parse(language).time_zones.get(zone, {}).get("city", ""))
    return frozenset(fold(name) for name in names if name)


def _standard_offset(zone: ZoneInfo, year: int) -> timedelta:
    """What clocks there are set to when they are not set forward."""
    return min(datetime(year, month, 1, 12, tzinfo=zone).utcoffset() or timedelta() for month in (1, 7))


def _mention(match: re.Match[str]) -> Mention | None:
    zone, text = match["zone"] or "", match[0].strip()
    if match["noon"]:
        return Mention(minutes=720, zone=zone, text=text, twelve_hour=True) if zone else None
    if not _is_written_as_time(match, zone):
        return None
    hour, minute = int(match["ah"]), int(match["am"] or match["ahm"] or 0)
    half = match["ahalf"]
    if half is None and match["bhalf"]:
        half = match["bhalf"]
        end = int(match["bh"]) % 12 * 60 + int(match["bm"] or 0)
        if half.lower() == "p" and hour % 12 * 60 + minute > end:
            half = "a"
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    if hour > 23:
        return None
    return Mention(minutes=hour * 60 + minute, zone=zone, text=text, twelve_hour=half is not None)


def _is_written_as_time(match: re.Match[str], zone: str) -> bool:
    """Whether the digits are a clock time and not a ratio, a verse or a duration."""
    if match["ahalf"] or match["bhalf"] or match["uhr"]:
        return True
    if match["amark"]:  # 15h, 15h30
        if match["ahm"] and int(match["ah"]) >= _SURELY_NO_DURATION:
            return True
        announced = _AT.search(match.string[max(0, match.start() - 8) : match.start()])
        return bool(zone or announced) and int(match["ah"]) >= _SHORTEST_HOUR
    if not match["am"]:
        return False
    even = int(match["am"]) % 5 == 0
    if match.string[match.end("ah")] == ".":  # 15.30 CET
        return even and zone.isupper()
    return even or bool(zone)
