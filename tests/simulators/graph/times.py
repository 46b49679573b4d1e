"""dateTimeTimeZone: a clock time with seven digits of fraction and no offset, and the zone's name beside it.

Zones are known by Windows names and by IANA names. `tzone://Microsoft/Custom` names no zone at all; it occurs in
originalStartTimeZone only, beside times in UTC.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from .errors import ApiError, Refused, time_zone_not_supported

CUSTOM = "tzone://Microsoft/Custom"
NEVER = "0001-01-01T00:00:00Z"
"""The time of an answer that nobody gave."""
RESET = "4501-01-01T00:00:00Z"
"""The time of an answer that an update of the meeting took back."""
DAY = timedelta(days=1)
_DOCUMENTED = {"UTC"} | set(
    """
    Etc/GMT+12 Etc/GMT+11 Pacific/Honolulu America/Anchorage America/Santa_Isabel America/Los_Angeles America/Phoenix
    America/Chihuahua America/Denver America/Guatemala America/Chicago America/Mexico_City America/Regina America/Bogota
    America/New_York America/Indiana/Indianapolis America/Caracas America/Asuncion America/Halifax America/Cuiaba
    America/La_Paz America/Santiago America/St_Johns America/Sao_Paulo America/Argentina/Buenos_Aires America/Cayenne
    America/Godthab America/Montevideo America/Bahia Etc/GMT+2 Atlantic/Azores Atlantic/Cape_Verde Africa/Casablanca
    Etc/GMT Europe/London Atlantic/Reykjavik Europe/Berlin Europe/Budapest Europe/Paris Europe/Warsaw Africa/Lagos
    Africa/Windhoek Europe/Bucharest Asia/Beirut Africa/Cairo Asia/Damascus Africa/Johannesburg Europe/Kyiv
    Europe/Istanbul Asia/Jerusalem Asia/Amman Asia/Baghdad Europe/Kaliningrad Asia/Riyadh Africa/Nairobi Asia/Tehran
    Asia/Dubai Asia/Baku Europe/Moscow Indian/Mauritius Asia/Tbilisi Asia/Yerevan Asia/Kabul Asia/Karachi Asia/Tashkent
    Asia/Kolkata Asia/Colombo Asia/Kathmandu Asia/Almaty Asia/Dhaka Asia/Yekaterinburg Asia/Yangon Asia/Bangkok
    Asia/Novosibirsk Asia/Shanghai Asia/Krasnoyarsk Asia/Singapore Australia/Perth Asia/Taipei Asia/Ulaanbaatar
    Asia/Irkutsk Asia/Tokyo Asia/Seoul Australia/Adelaide Australia/Darwin Australia/Brisbane Australia/Sydney
    Pacific/Port_Moresby Australia/Hobart Asia/Yakutsk Pacific/Guadalcanal Asia/Vladivostok Pacific/Auckland Etc/GMT-12
    Pacific/Fiji Asia/Magadan Pacific/Tongatapu Pacific/Apia Pacific/Kiritimati
    """.split()  # noqa: SIM905 -- a list of quoted words would be long
)
_CLOCK = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?)(\.\d{1,9})?", re.ASCII)
_BOUND = re.compile(r"(\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?", re.ASCII | re.IGNORECASE)


@lru_cache
def zone(name: str) -> ZoneInfo:
    """A zone by its Windows or IANA name; 400 for any other name."""
    try:
        return ZoneInfo(WINDOWS_TO_OLSON.get(name, name))
    except (OSError, KeyError, ValueError) as fault:
        raise time_zone_not_supported(name) from fault


def check_documented(*values: Any) -> None:
    """400 for an IANA name, anywhere in a request, that the documentation of dateTimeTimeZone does not list."""
    for value in values:
        if isinstance(value, list):
            check_documented(*(each for each in value if isinstance(each, dict | list)))
        elif isinstance(value, dict):
            check_documented(*(each for each in value.values() if isinstance(each, dict | list)))
            check_documented(*(value[name] for name in ("timeZone", "recurrenceTimeZone") if value.get(name)))
        elif isinstance(value, str) and value not in WINDOWS_TO_OLSON and value not in _DOCUMENTED:
            raise time_zone_not_supported(value)


def clock(text: Any) -> datetime:
    """A clock time without a zone."""
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise Refused(f"not a dateTime without an offset: {text!r}", code="ErrorInvalidArgument")
    try:
        return datetime.fromisoformat(match[1])
    except ValueError as fault:
        raise Refused(f"not a dateTime: {text!r}", code="ErrorInvalidArgument") from fault


def seven(moment: datetime) -> str:
    """A clock time as Graph writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}0"


def given(value: dict[str, Any]) -> dict[str, str]:
    """A body's dateTimeTimeZone as it is kept; both parts are needed, and the zone must be known."""
    if not isinstance(value.get("dateTime"), str):
        raise Refused("a dateTimeTimeZone without a dateTime", code="ErrorInvalidArgument")
    name = value.get("timeZone") or ""
    zone(name)
    return {"dateTime": seven(clock(value["dateTime"])), "timeZone": name}


def instant(kept: dict[str, str]) -> datetime:
    """In UTC. A clock time that daylight saving skips becomes a real one."""
    return clock(kept["dateTime"]).replace(tzinfo=zone(kept["timeZone"])).astimezone(UTC)


def shown(moment: datetime, name: str) -> dict[str, str]:
    """An instant in a zone."""
    return {"dateTime": seven(moment.astimezone(zone(name)).replace(tzinfo=None)), "timeZone": name}


def stamp(moment: datetime) -> str:
    """As originalStart and createdDateTime are written: UTC, ISO 8601."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def precise_stamp(moment: datetime) -> str:
    return seven(moment.astimezone(UTC).replace(tzinfo=None)) + "Z"


def bound(text: str, name: str) -> datetime:
    """startDateTime or endDateTime of a request; without an offset it is UTC, whatever Prefer says."""
    match = _BOUND.fullmatch(text)
    try:
        parsed = datetime.fromisoformat(match[1] + (match[5] or "").upper()) if match else None
    except ValueError:
        parsed = None
    if parsed is None:
        # A + that was not escaped arrives as a space: the classic fault.
        raise Refused(f"The value '{text}' of parameter '{name}' is invalid.", code="ErrorInvalidParameter")
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def window(query: dict[str, str], longest: timedelta | None = None) -> tuple[datetime, datetime]:
    """The time range of a view."""
    for name in ("startDateTime", "endDateTime"):
        if name not in query:
            message = "This request requires a time window specified by the query string parameters StartDateTime and "
            raise Refused(message + "EndDateTime.", code="ErrorInvalidParameter")
    low, high = (bound(query[name], name) for name in ("startDateTime", "endDateTime"))
    if low >= high:
        raise Refused("EndDateTime must be after StartDateTime.", code="ErrorInvalidParameter")
    if longest and high - low > longest:
        raise ApiError(400, "ErrorInvalidRequest", "The requested time range is too long.")
    return low, high


def midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), tzinfo=UTC)
