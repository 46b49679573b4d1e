"""Names, days, clock times and places as people say them in their language."""

import re
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, get_timezone_location

from agendad.rules.hours import say_day, say_zone
from agendad.rules.policy import Weekday

LANGUAGES = ("en", "de", "es", "fr", "pt", "it", "nl", "ja", "zh")
"""Languages that agendad has words for; others are written to in the first."""


def spoken(language: str) -> str:
    """The language that somebody is written to in.

    >>> spoken("de-AT"), spoken("pl")
    ('de', 'en')
    """
    primary = language.replace("_", "-").partition("-")[0].lower()
    return primary if primary in LANGUAGES else LANGUAGES[0]


def called(name: str) -> str:
    """What somebody is called in a greeting: the first name, or the whole one where the family name comes first.

    >>> called("Grace Hopper"), called("王 小明"), called("山田 太郎 (Taro Yamada)"), called("김 민수")
    ('Grace', '王小明', '山田太郎', '김민수')
    """
    if not _FAMILY_FIRST.match(name.strip()):
        return next(iter(name.split()), "")
    whole = _READING.sub("", name).strip()
    return _BETWEEN.sub("", whole)


_EAST_ASIAN = r"\u3005-\u3007\u3041-\u3096\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_FAMILY_FIRST = re.compile(rf"[{_EAST_ASIAN}\u1100-\u11ff\u30a1-\u30ff]")
_READING = re.compile(r"\s*[(（][^)）]*[)）]?\s*$")
"""How the name is read, in brackets behind it."""
_BETWEEN = re.compile(rf"(?<=[{_EAST_ASIAN}])\s+(?=[{_EAST_ASIAN}])")
"""A space between two parts of a name; not in katakana, which foreign names are written in with spaces."""


def day(local: datetime, language: str) -> str:
    """A day in few words.

    >>> day(datetime(2026, 12, 3), "en"), day(datetime(2026, 12, 3), "fr"), day(datetime(2026, 12, 3), "ja")
    ('Thu 3 Dec', 'jeu. 3 déc.', '12月3日(木)')
    """
    if spoken(language) == "en":
        return say_day(local)
    return str(format_skeleton("MMMEd", local, locale=_locale(language)))


def month(when: date, language: str) -> str:
    """A month with its year, as it stands within a sentence.

    >>> month(date(2026, 12, 3), "en"), month(date(2026, 12, 3), "es"), month(date(2026, 12, 3), "zh")
    ('December 2026', 'diciembre de 2026', '2026年12月')
    """
    return str(format_skeleton("yMMMM", when, locale=_locale(language)))


def place(local: datetime, language: str, *, away: bool = False) -> str:
    """Where a clock reading holds: the zone's name at that time, its city, and whether somebody is there on a journey.

    >>> place(datetime(2026, 12, 3, tzinfo=ZoneInfo("Europe/London")), "es")
    'GMT (Londres)'
    >>> place(datetime(2026, 12, 3, tzinfo=ZoneInfo("Asia/Tokyo")), "en", away=True)
    'JST (Tokyo, while away)'
    """
    name, key = abbreviation(local), getattr(local.tzinfo, "key", "UTC")
    city = "" if key in ("UTC", name) else _city(key, spoken(language))
    comma = "、" if spoken(language) in ("ja", "zh") else ", "
    about = comma.join(filter(None, (city, _AWAY[spoken(language)] if away else "")))
    return f"{name} ({about})" if about else name


def abbreviation(local: datetime) -> str:
    """A zone's letters at that time; one without letters is named by its offset."""
    name = local.tzname() or "UTC"
    return f"UTC{name}" if name[0] in "+-" else name


def weekday(value: Weekday, language: str) -> str:
    """The short name of a day of the week, as it stands by itself."""
    if spoken(language) == "en":
        return value.value.capitalize()
    names = _locale(language).days["stand-alone"]["abbreviated"]
    return str(names[list(Weekday).index(value)])


def quoted(title: str, language: str) -> str:
    r"""A title in the quotes of the language.

    >>> quoted("Mentoring", "de"), quoted("Mentoring", "fr"), quoted("Mentoring", "ja")
    ('„Mentoring“', '«\u202fMentoring\u202f»', '「Mentoring」')
    """
    before, after = _QUOTES.get(spoken(language), ("“", "”"))
    return f"{before}{title}{after}"


_QUOTES = {
    "de": ("„", "“"), "es": ("«", "»"), "fr": ("«\u202f", "\u202f»"), "pt": ("“", "”"), "it": ("«", "»"),
    "nl": ("‘", "’"), "ja": ("「", "」"), "zh": ("“", "”"),
}  # fmt: skip


_NO_ZONE = {
    "en": "no time zone is known for it", "de": "ohne bekannte Zeitzone", "es": "sin zona horaria conocida",
    "fr": "sans fuseau horaire connu", "pt": "sem fuso horário conhecido", "it": "senza fuso orario noto",
    "nl": "zonder bekende tijdzone", "ja": "タイムゾーン不明", "zh": "时区未知",
}  # fmt: skip


_AWAY = {
    "en": "while away", "de": "auf Reisen", "es": "de viaje", "fr": "en déplacement", "pt": "em viagem",
    "it": "in viaggio", "nl": "op reis", "ja": "出張中", "zh": "出差期间",
}  # fmt: skip


def no_zone(language: str) -> str:
    """What stands in brackets behind a clock reading that nobody can place."""
    return _NO_ZONE[spoken(language)]


@lru_cache(maxsize=16)
def _locale(language: str) -> Locale:
    return Locale.parse(spoken(language))


@lru_cache(maxsize=256)
def _city(key: str, language: str) -> str:
    zone = ZoneInfo(key)
    if language == "en":
        return say_zone(zone)
    return str(get_timezone_location(zone, locale=_locale(language), return_city=True)) or say_zone(zone)
