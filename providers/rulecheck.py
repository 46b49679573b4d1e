"""Recurrence rules made safe to run: refused, cut short, or started near the window (RFC 5545 §3.3.10).

dateutil walks every rule from DTSTART, and walks to the year 9999 for one that never comes true. A rule that
says FREQ=SECONDLY since 1970 would take years. What is given to it here takes bounded time.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import vRecur

MAX_STEPS = 200_000
MAX_TIMES_A_DAY = 1440
_MAX_INTERVAL = 1_000_000

_UNITS = {
    "SECONDLY": timedelta(seconds=1),
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(weeks=1),
}
_DAYS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}
_WEEKDAY_COMES = {"WEEKLY": 1, "MONTHLY": 5}
"""How often a weekday comes in one, at most."""
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_KNOWN = frozenset(
    {"FREQ", "UNTIL", "COUNT", "INTERVAL", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY",
     "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST"}
)  # fmt: skip
_LIMITS = {
    "BYSECOND": (0, 60), "BYMINUTE": (0, 59), "BYHOUR": (0, 23), "BYMONTHDAY": (1, 31), "BYYEARDAY": (1, 366),
    "BYWEEKNO": (1, 53), "BYMONTH": (1, 12), "BYSETPOS": (1, 366),
}  # fmt: skip
_SIGNED = frozenset({"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"})
_TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")
_A_DAY = timedelta(days=1)


class RuleRefused(ValueError):
    """The rule says nothing, or too much. The message is a clause for the user."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """`rule` is None if nothing of it falls into the range; `start` is the DTSTART to run it from."""

    rule: vRecur | None
    start: datetime
    goes_on: bool
    """Whether it may have occurrences after the range."""


def narrow(
    rule: vRecur, start: datetime, low: datetime, high: datetime, *, alone: bool, whole_days: bool = False
) -> Fitted:
    """Fit a rule with DTSTART `start` to the naive range from `low` to `high`.

    Args:
        rule: the rule, its UNTIL naive on the same clock as the rest.
        start: the naive DTSTART.
        low: nothing before it is needed.
        high: nothing after it is needed.
        alone: whether it is the only rule, so that DTSTART may be moved.
        whole_days: whether it repeats dates, not times.

    Raises:
        RuleRefused: it cannot be followed.
    """
    rule = _checked(_of_dates(rule) if whole_days else rule)
    if whole_days and (_period(rule) or _A_DAY) < _A_DAY:
        raise RuleRefused(f"FREQ={_frequency(rule)} makes no sense for an event of whole days")
    until = rule["UNTIL"][0] if "UNTIL" in rule else None
    goes_on = until is None or until > high
    if (until is not None and until < low) or start > high or not _possible(rule, start, low, high):
        return Fitted(None, start, goes_on)
    period = _period(rule)
    if period is None:
        return Fitted(rule, start, goes_on)
    skipped = max((low - start) // period - 2, 0)
    plain = not any(part.startswith("BY") for part in rule)
    count = rule["COUNT"][0] if "COUNT" in rule else None
    if not alone or (count is not None and not plain):
        if (high - start) // period > MAX_STEPS:
            raise RuleRefused(f"the rule takes more than {MAX_STEPS:,} steps to reach the present")
        return Fitted(rule, start, goes_on)
    if count is not None:
        if count <= skipped:
            return Fitted(None, start, goes_on=False)
        rule = vRecur({**rule, "COUNT": [count - skipped]})
    return Fitted(rule, start + skipped * period, goes_on)


def walk(fitted: Fitted, low: datetime, high: datetime) -> Iterator[datetime]:
    """The dates of a fitted rule from `low` to `high`, in order, one at a time: whoever asks stops where they will.

    Raises:
        RuleRefused: on the way, where there are too many of them.
    """
    if fitted.rule is None:
        return
    text: bytes = fitted.rule.to_ical()  # type: ignore[no-untyped-call]
    rule = rrulestr(text.decode(), dtstart=fitted.start)
    for steps, moment in enumerate(rule):
        if moment > high:
            return
        if steps >= MAX_STEPS:
            raise RuleRefused(f"the rule names more than {MAX_STEPS:,} dates on the way")
        if moment >= low:
            yield moment


def _of_dates(rule: vRecur) -> vRecur:
    """Without the parts that RFC 5545 §3.3.10 has ignored where DTSTART is a DATE."""
    return vRecur({part: value for part, value in rule.items() if part not in _TIMES})


def _period(rule: vRecur) -> timedelta | None:
    """The fixed length of its step; None for months and years."""
    unit = _UNITS.get(_frequency(rule))
    return None if unit is None else unit * _number(rule, "INTERVAL", 1)


def _frequency(rule: vRecur) -> str:
    value: Any = rule["FREQ"]
    return str(value[0] if isinstance(value, list) else value).upper()


def _number(rule: vRecur, part: str, default: int) -> int:
    if part not in rule:
        return default
    value: Any = rule[part]
    return int(value[0] if isinstance(value, list) else value)


def _times_a_day(rule: vRecur) -> int:
    product = 1
    for part in _TIMES:
        product *= max(len(rule.get(part, ())), 1)
    return product


def _checked(rule: vRecur) -> vRecur:
    if _frequency(rule) not in {*_UNITS, *_DAYS}:
        raise RuleRefused(f"FREQ={_frequency(rule)[:20]} is no frequency")
    if rule.get("RSCALE", ["GREGORIAN"])[0] != "GREGORIAN" or rule.get("SKIP", ["OMIT"])[0] != "OMIT":
        raise RuleRefused("the rule uses a calendar scale that is not supported (RFC 7529)")
    known = {part: value for part, value in rule.items() if part in _KNOWN}
    # What is named twice is named once, also for BYSETPOS.
    rule = vRecur({part: list(dict.fromkeys(value)) if part[:2] == "BY" else value for part, value in known.items()})
    interval, count = _number(rule, "INTERVAL", 1), _number(rule, "COUNT", 1)
    if not 1 <= interval <= _MAX_INTERVAL:
        raise RuleRefused(f"INTERVAL={interval} makes no sense in a rule")
    if count < 0:  # written by some for "no end"
        del rule["COUNT"]
    elif count == 0:
        raise RuleRefused("COUNT=0 makes no sense in a rule")
    for part, (least, most) in _LIMITS.items():
        for value in rule.get(part, ()):
            number = abs(int(value)) if part in _SIGNED else int(value)
            if not least <= number <= most:
                raise RuleRefused(f"{part}={value} makes no sense in a rule")
    if "BYWEEKNO" in rule and _frequency(rule) != "YEARLY":
        raise RuleRefused("BYWEEKNO makes sense in yearly rules only")
    if "UNTIL" in rule and len(rule["UNTIL"]) != 1:
        raise RuleRefused("the rule has more than one UNTIL")
    times = _times_a_day(rule)
    if _frequency(rule) in _DAYS:
        if times > MAX_TIMES_A_DAY:
            raise RuleRefused(f"the rule names {times:,} times a day")
        size = times * _DAYS[_frequency(rule)]
    else:
        finer = {"HOURLY": ("BYMINUTE", "BYSECOND"), "MINUTELY": ("BYSECOND",)}.get(_frequency(rule), ())
        size = math.prod(max(len(rule.get(part, ())), 1) for part in finer)
    if "BYDAY" in rule and _frequency(rule) in _WEEKDAY_COMES:
        size = min(size, _WEEKDAY_COMES[_frequency(rule)] * len(rule["BYDAY"]) * times)
    if all(abs(int(value)) > size for value in rule.get("BYSETPOS", (1,))):
        raise RuleRefused("BYSETPOS points past anything the rule names")
    return rule


def _possible(rule: vRecur, start: datetime, low: datetime, high: datetime) -> bool:
    """Whether any day it could fall on lies in the range; False is certain, True is not."""
    if not any(part in rule for part in ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYDAY")):
        return True
    period = _period(rule)
    unit = _frequency(rule)
    if period is None or unit == "WEEKLY" or period < timedelta(days=1):
        step, first = timedelta(days=1), max(low, start)
    else:
        step = period
        first = start + max(-((start - low) // period), 0) * period
    if unit in _DAYS or period is None:
        first -= timedelta(days=1) if step == timedelta(days=1) else timedelta()
    while first <= high + timedelta(days=1):
        if _day_fits(rule, first):
            return True
        first += step
    return False


def _day_fits(rule: vRecur, day: datetime) -> bool:
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    last = (following - timedelta(days=1)).day
    in_year = day.timetuple().tm_yday
    days = 366 if (day.year % 4 == 0 and day.year % 100) or day.year % 400 == 0 else 365
    checks = (
        ("BYMONTH", {day.month}),
        ("BYMONTHDAY", {day.day, day.day - last - 1}),
        ("BYYEARDAY", {in_year, in_year - days - 1}),
    )
    for part, fitting in checks:
        if part in rule and not fitting & {int(value) for value in rule[part]}:
            return False
    names = {str(value)[-2:].upper() for value in rule.get("BYDAY", ())}
    return not names or _WEEKDAYS[day.weekday()] in names
