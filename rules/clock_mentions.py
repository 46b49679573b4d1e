"""Clock times that people write into titles and bodies: "3–4pm ET", "15:00 CET", "9:30 AM PST / 5:30 PM GMT".

Precision before recall: what might be a date, a ratio, a version, a room or a duration is no time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_CLOCK = r"(?P<{0}h>\d{{1,2}})(?:[:.](?P<{0}m>[0-5]\d))?(?:\s?(?P<{0}half>[ap])\.?m\b\.?)?"
_TIME = re.compile(
    r"(?<![\w:/.,+\-#$€£§])" + _CLOCK.format("a") + r"(?:\s?(?:[-–—]|to|bis)\s?" + _CLOCK.format("b") + r")?"
    r"(?P<uhr>\s?Uhr\b)?"
    r"(?:\s{0,2}[(\[]?(?P<zone>(?:UTC|GMT)\s?[+\-−]\s?\d{1,2}(?::?[0-5]\d)?|[A-Z][A-Za-z_]+(?:/[A-Za-z_+\-0-9]+)+"
    r"|[A-Z]{2,5}\b|[A-Z][a-z]+(?:\s[A-Z][a-z]+)?))?"
    r"(?![\w:/]|[.]\d)",
    re.IGNORECASE,
)
_ZONE_CASE = re.compile(r"(?:UTC|GMT)\s?[+\-−].*|[A-Z][A-Za-z_]+/\S+|[A-Z]{2,5}|[A-Z][a-z]+(?: [A-Z][a-z]+)?")
_NOT_THE_START = re.compile(
    r"(?:\b(?:by|before|until|till?|after|due|was|not|instead of|statt|bis|vor|room|raum|salle|version|v|chapter|for)"
    r")\s*(?:the\s+)?$",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\s*(?:h|hrs?|hours?|min|mins|minutes?|std)\b", re.IGNORECASE)
_OFFSET = re.compile(r"(?:UTC|GMT)\s?(?P<sign>[+\-−])\s?(?P<hours>\d{1,2}):?(?P<minutes>[0-5]\d)?")
_FAMILIES = {
    "ET": ("EST", "EDT"), "EASTERN": ("EST", "EDT"), "CT": ("CST", "CDT"), "CENTRAL": ("CST", "CDT"),
    "MT": ("MST", "MDT"), "MOUNTAIN": ("MST", "MDT"), "PT": ("PST", "PDT"), "PACIFIC": ("PST", "PDT"),
    "MEZ": ("CET",), "MESZ": ("CEST",), "AET": ("AEST", "AEDT"),
}  # fmt: skip
_UNNAMED = {  # zones whose tz database entry has an offset for a name
    "GST": "Asia/Dubai", "SGT": "Asia/Singapore", "NPT": "Asia/Kathmandu", "BRT": "America/Sao_Paulo",
    "ART": "America/Argentina/Buenos_Aires", "TRT": "Europe/Istanbul",
}  # fmt: skip
_LABEL = re.compile(r"\s*(?:when|time|start(?:s|ing)?|begins?|wann|beginn|uhrzeit)\b\s*(?::|at\b|um\b)", re.IGNORECASE)
_QUOTED_BELOW = re.compile(r"\s*-{2,}\s*Original|.*\b(?:wrote|schrieb|a écrit)\s*:\s*$", re.IGNORECASE)


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
    for match in _TIME.finditer(title):
        if _NOT_THE_START.search(title[max(0, match.start() - 24) : match.start()]):
            continue
        mention = _mention(match)
        if mention is not None and not (_UNIT.match(title, match.end("am") if match["am"] else match.end())):
            yield mention


def mentions_in_body(text: str) -> Iterator[Mention]:
    """The start times with a zone in lines that say they are about time ("When: …"); quotes left out."""
    for line in text.splitlines():
        if _QUOTED_BELOW.match(line):
            return
        if _LABEL.match(line):
            yield from (mention for mention in mentions_in_title(line) if mention.zone)


def zones_meant(words: str, known: tuple[ZoneInfo, ...], at: datetime) -> tuple[tzinfo, ...]:
    """The zones that a mention's words may mean at `at` (aware); empty if nothing settles it.

    UTC, offsets and IANA names speak for themselves. An abbreviation or a city counts only if one of the
    `known` people's zones bears it; then its standard and its daylight reading are both possible, since
    people write EST all summer.
    """
    offset = _OFFSET.fullmatch(words)
    if offset is not None:
        span = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        return (timezone(span if offset["sign"] == "+" else -span),) if span < timedelta(days=1) else ()
    if "/" in words:
        try:
            return (ZoneInfo(words),)
        except (KeyError, ValueError, OSError):
            return ()
    meant: list[tzinfo] = [UTC] if words in ("UTC", "GMT") else []
    name = words.split(" ", maxsplit=1)[0].upper() if words.split(" ", maxsplit=1)[0].upper() in _FAMILIES else words
    wanted = set(_FAMILIES.get(name, (name,)))
    for zone in known:
        readings = [datetime(at.year, month, 1, 12, tzinfo=zone) for month in (1, 7)]
        literal = [day for day in readings if day.tzname() in wanted]
        cities = {words, words.removesuffix(" time"), words.removesuffix(" Time")}
        if literal or _UNNAMED.get(words) == zone.key or zone.key.rpartition("/")[2].replace("_", " ") in cities:
            meant.append(zone)
        if name not in _FAMILIES:
            meant += [timezone(day.utcoffset() or timedelta()) for day in literal]
    return tuple(meant)


def _mention(match: re.Match[str]) -> Mention | None:
    hour, minute = int(match["ah"]), int(match["am"] or 0)
    half = match["ahalf"]
    zone = match["zone"] or ""
    if not _ZONE_CASE.fullmatch(zone):
        zone = ""
    written = bool(half or match["bhalf"] or match["uhr"] or (match["am"] and match.string[match.end("ah")] == ":"))
    if not written:
        return None
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
    return Mention(minutes=hour * 60 + minute, zone=zone, text=match[0].strip(), twelve_hour=half is not None)
