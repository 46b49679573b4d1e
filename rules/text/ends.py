"""Until when a series is said to go on: "weekly until 30 June", "(bis 30.6.)", "final session: 1 December"."""

import re
from datetime import date, timedelta

from agendad.providers.model import Event
from agendad.rules.text.blocks import body_text
from agendad.rules.text.dates import latest_dates
from agendad.rules.text.lexicon import fold, words
from agendad.rules.text.untrusted import MAX_TITLE

_OLDEST = timedelta(days=120)
"""A day without a year is one of the last months, or it may be the next year's."""
_LONGEST = 160
"""Characters of a line that says no more than this."""
_MONTH = r"[a-z]{3,10}\.?"
_DAY = r"(?:the |le |el |il |der |den |dem |dia |de )?\d{1,2}(?:st|nd|rd|th|er|º|\.)?"
_WRITTEN = (
    rf"(?:[a-z]{{2,10}},? )?(?:{_DAY} (?:of |de )?{_MONTH}(?:,? (?:de )?\d{{4}})?"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?"
    r"|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\.\d{1,2}\.(?:\d{4}|\d\d)?|\d{1,2}[/-]\d{1,2}[/-](?:\d{4}|\d\d))"
)
_EAST = r"(?:\d{4}\s*年\s*)?\d{1,2}\s*月\s*\d{1,2}\s*[日号]"
_UNTIL = r"(?:until|till|through|thru|bis(?: zum)?|jusqu'au|jusqu’au|hasta|ate|fino al|tot(?: en met)?|t/m)"
_ENDS = (
    r"(?:(?:ends?|ending|finishes|endet|se termine|s'acheve|termina|acaba|finisce|eindigt|loopt af)(?: date)?"
    r"(?: is)?(?: on| am| le| el| il| em| op)?"
    r"|(?:last|final) (?:session|meeting) (?:is|will be)(?: on)?"
    r"|final (?:session|meeting)(?: on)?|abschluss(?:treffen|sitzung|gesprach)(?: am)?|seance finale(?: le)?"
    r"|sesion final|reuniao final|sessao final|incontro finale|sessione finale|slot(?:gesprek|sessie)(?: op)?)\s*:?"
)
_OF_A_SERIES = frozenset(
    words(
        """
        the our this these we will meet meets meeting meetings series session sessions mentoring mentorship
        mentor mentee programme program pairing runs run goes on every each week weeks month other second two
        weekly biweekly fortnightly monthly from new end date of it wir treffen uns unsere unser die das reihe
        serie sitzungen programm lauft geht jede woche wochen alle zwei wochentlich monatlich vom von neues ende
        jeden monat mentorat nous notre nos la le les seances rencontres chaque semaine semaines toutes deux se
        du voit voyons nuestra nuestras sesiones reuniones programa cada semana semanas dos reunimos del de
        semanal mentoria nossa nossas sessoes reunioes encontros toda todas as duas vemos nostra nostri incontri
        sessioni programma ogni settimana settimane due vediamo ci dal settimanale onze ons sessies gesprekken
        elke weken twee wekelijks zien elkaar van loopt afspraken mon tue wed thu fri monday tuesday wednesday
        thursday friday montag montags dienstag dienstags mittwoch mittwochs donnerstag donnerstags freitag
        freitags lundi mardi mercredi jeudi vendredi lunes martes miercoles jueves viernes segunda terca quarta
        quinta sexta feira lunedi martedi mercoledi giovedi venerdi maandag dinsdag woensdag donderdag vrijdag
        """
    )
)
_LINE = re.compile(rf"(?P<head>.*?)(?:(?P<until>{_UNTIL})|(?P<ends>{_ENDS}))\s*(?P<date>{_WRITTEN})\W*")
_SPAN = re.compile(
    rf"(?P<head>.*?)\b(?:from|vom|von|du|del|desde|de|dal|van)\s+{_WRITTEN}\s+"
    rf"(?:to|until|bis(?: zum)?|au|al|hasta|a|ate|tot)\s+(?P<date>{_WRITTEN})\W*"
)
_ASIDE = re.compile(
    rf"(?:.*[(\[（【,|]|.*\s[-–—])\s*(?P<head>[^()（）,|]*?)\b{_UNTIL}\s+(?P<date>{_WRITTEN})\s*[)\]）】]?\s*"
)
"""In a title, set apart from the rest."""
_EASTERN = re.compile(
    rf".*[(（【]\s*(?:到|至)?\s*(?P<aside>{_EAST})\s*(?:まで|为止|止)\s*[)）】]\s*"
    rf"|(?:每周|毎週|隔週)?(?:最終回|最后一次(?:见面|会面)?)(?:は|是|[:：])?\s*(?P<date>{_EAST})\W*"
    rf"|(?:每周|毎週|隔週|隔周)\s*(?:到|至)?\s*(?P<weekly>{_EAST})\s*(?:まで|为止|止)\W*"
)


def said_end(event: Event) -> tuple[date, str] | None:
    """The day that the title or the body names as the end of the series, and the line; the latest of several.

    Only what says nothing else counts: "draft of chapter 3 until 30 June" names the end of something else, and the
    "last session" may be the one before.
    """
    near = event.start.wall.date()
    title = fold(event.title[:MAX_TITLE])
    found = [(day, event.title) for day in _ends((_ASIDE, _LINE, _SPAN, _EASTERN), title, near)]
    for line in body_text(event).written:
        if not line.bullet and len(line.text) <= _LONGEST:
            found += [(day, line.text) for day in _ends((_LINE, _SPAN, _EASTERN), fold(line.text), near)]
    return max(found, key=lambda one: one[0], default=None)


def _ends(patterns: tuple[re.Pattern[str], ...], folded: str, near: date) -> list[date]:
    for pattern in patterns:
        match = pattern.fullmatch(folded)
        if match is None or not _is_about_the_series(match):
            continue
        text = next(filter(None, (match[name] for name in match.re.groupindex if name in _DATES)), "")
        days = latest_dates(text, near)
        if len(days) == 1 and (days[0] >= near - _OLDEST or re.search(r"\d{4}", text)):
            return days
    return []


_DATES = ("date", "aside", "weekly")


def _is_about_the_series(match: re.Match[str]) -> bool:
    """Whether what stands before the date speaks of meeting, and of nothing else."""
    named = match.re.groupindex
    if "head" not in named:
        return True
    head = re.sub(_WRITTEN, " ", match["head"]) if match.re is _SPAN else match["head"]
    before = re.findall(r"[^\W_]+", head)
    if not _OF_A_SERIES.issuperset(before):
        return False
    return bool(before) or match.re is _ASIDE or ("ends" in named and match["ends"] is not None)
