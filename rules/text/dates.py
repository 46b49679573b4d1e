"""Dates that head an agenda, as people write them."""

import re
from datetime import date, timedelta

from agendad.rules.text.lexicon import fold

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar enero janvier janeiro gennaio januari ene janv gen",
            "february feb februar febrero fevrier fevereiro febbraio februari fevr fev febr",
            "march mar marz marzo mars marco maart mrt maerz",
            "april apr abril avril aprile abr avr",
            "may mai mayo maio maggio mei mag",
            "june jun juni junio juin junho giugno giu",
            "july jul juli julio juillet julho luglio juil lug",
            "august aug agosto aout augustus ago",
            "september sep sept septiembre septembre setembro settembre set",
            "october oct oktober okt octubre octobre outubro ottobre out ott",
            "november nov noviembre novembre novembro",
            "december dec dezember dez diciembre decembre dezembro dicembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
_ISO = re.compile(r"\b(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})\b")
_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})(?:\2(\d{4}|\d{2}))?(?![\d%])")
_CJK = re.compile(r"(?<!\d)(?:(\d{4})\s*年\s*)?(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]")
_DAY_MONTH = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|er|º)?\.?\s+(?:of\s+|de\s+)?([a-z]{3,10})\.?(?:,?\s+(?:de\s+)?(\d{4}))?\b"
)
_MONTH_DAY = re.compile(r"\b([a-z]{3,10})\.?\s+(\d{1,2})(?:st|nd|rd|th)?\b(?!\s*:)(?:,?\s+(\d{4}))?")


_UPDATED = re.compile(
    r"\b(?:updated?|edited|as of|changed|revised|rev|version|aktualisiert|stand|geandert|actualizad[oa]|modificad[oa]"
    r"|mis a jour|maj|modifie|atualizad[oa]|aggiornat[oa]|modificat[oa]|bijgewerkt|gewijzigd)\b|更新|改訂|修订|修改于"
)


def says_when_updated(heading: str) -> bool:
    """True where the date in a heading tells when the text was changed, not which session it is for.

    >>> says_when_updated("Agenda (updated 3 Nov)"), says_when_updated("Agenda 3 Nov")
    (True, False)
    """
    return _UPDATED.search(fold(heading)) is not None


def latest_dates(text: str, near: date) -> list[date]:
    """Every date in a heading; without a year the one nearest to `near`, of two readings the later.

    >>> latest_dates("Agenda 3 March", date(2026, 3, 17))
    [datetime.date(2026, 3, 3)]
    """
    folded = fold(text)
    found = [_date(int(match[1]), int(match[2]), int(match[3]), near) for match in _ISO.finditer(folded)]
    if not found:
        found = [_date(match[1], int(match[2]), int(match[3]), near) for match in _CJK.finditer(folded)]
        found.extend(_numeric(match, near) for match in _NUMERIC.finditer(folded))
        found.extend(_named(match[2], match[1], match[3], near) for match in _DAY_MONTH.finditer(folded))
        found.extend(_named(match[1], match[2], match[3], near) for match in _MONTH_DAY.finditer(folded))
    return [each for each in found if each]


def _named(month: str, day: str, year: str | None, near: date) -> date | None:
    number = _MONTHS.get(month)
    return _date(year, number, int(day), near) if number else None


def _date(year: str | int | None, month: int, day: int, near: date) -> date | None:
    try:
        if year is not None:
            full = int(year)
            return date(full + 2000 if full < 100 else full, month, day)
        candidates = [date(near.year + step, month, day) for step in (-1, 0, 1)]
    except ValueError:
        return None
    return min(candidates, key=lambda each: abs(each - near) or timedelta())


def _numeric(match: re.Match[str], near: date) -> date | None:
    """Day and month either way round, the later reading; with dots the day comes first."""
    readings = [_date(match[4], int(match[3]), int(match[1]), near)]
    if match[2] != ".":
        readings.append(_date(match[4], int(match[1]), int(match[3]), near))
    return max((reading for reading in readings if reading), default=None)
