"""Steps of a ladder that can never be sent, whenever a session starts. Pure arithmetic on a week of minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from agendad.rules.plan import STEPS_PER_RULE
from agendad.rules.policy import Action, LadderStep, Limits
from agendad.rules.quiet import CLOSES, OPENS
from agendad.rules.units import format_clock, format_duration

_DAY = 24 * 60
_GRID = 15
"""Minutes between the start times that are tried."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A step that is never sent, or not for every start time. `place` is its index in the ladder."""

    place: int
    reason: str
    never: bool = True
    """False: only sessions that start at some times of the day miss it."""


def unreachable_steps(ladder: Sequence[LadderStep], limits: Limits, horizon: timedelta) -> list[Unreachable]:
    """The steps that cannot be sent even for a session that is known as long as the horizon allows.

    Looked at in the recipient's zone, with freeze, grace, the time between steps, quiet hours and the one
    message a person a day; for every start time of a day.

    >>> from agendad.rules.policy import ladder
    >>> steps = ladder(("48h", Action.NUDGE), ("6h", Action.CANCEL))
    >>> [found.place for found in unreachable_steps(steps, Limits(), timedelta(60))]
    [1]
    """
    found = [*_by_words(ladder), *_by_freeze(ladder, limits)]
    known = {unreachable.place for unreachable in found}
    starts = range(0, _DAY, _GRID)
    blocked = {start: _first_missed(ladder, limits, horizon, start) for start in starts}
    for place, step in enumerate(ladder):
        missed = [start for start in starts if (first := blocked[start]) is not None and first <= place]
        if not missed or place in known:
            continue
        if len(missed) == len(starts):
            why = f"with the steps before it, {step.do.value} comes too late: nothing goes out in the last"
            found.append(Unreachable(place, f"{why} {format_duration(limits.freeze)} before the start"))
        else:
            earliest, latest = format_clock(missed[0]), format_clock(missed[-1])
            why = f"{step.do.value} comes too late for sessions at some times of the day, {earliest} to {latest}"
            found.append(Unreachable(place, f"{why} in the recipient's zone", never=False))
    return sorted(found, key=lambda unreachable: unreachable.place)


def _by_words(ladder: Sequence[LadderStep]) -> list[Unreachable]:
    found: list[Unreachable] = []
    words: list[Action] = []
    outward = 0
    for place, step in enumerate(ladder):
        if step.do in words:
            found.append(Unreachable(place, f"{step.do.value} is on this ladder already, and each is done once"))
        words.append(step.do)
        outward += step.do is not Action.ASK
        if outward > STEPS_PER_RULE and step.do is not Action.ASK:
            why = f"at most {STEPS_PER_RULE} steps of a rule reach anybody, and this is number {outward}"
            found.append(Unreachable(place, why))
    return list({unreachable.place: unreachable for unreachable in found}.values())


def _by_freeze(ladder: Sequence[LadderStep], limits: Limits) -> list[Unreachable]:
    freeze = format_duration(limits.freeze)
    return [
        Unreachable(
            place, f"{step.do.value} is due {format_duration(step.before)} before the start, inside freeze ({freeze})"
        )
        for place, step in enumerate(ladder)
        if step.do is not Action.ASK and step.before <= limits.freeze
    ]


def _first_missed(ladder: Sequence[LadderStep], limits: Limits, horizon: timedelta, start_of_day: int) -> int | None:
    """The first step that a session starting at this minute of the day misses, counted in minutes."""
    start = start_of_day + 1000 * _DAY
    frozen = start - _minutes(limits.freeze)
    seen = start - _minutes(horizon)
    earliest, message_day = seen, -1
    for place, step in enumerate(ladder):
        due = max(start - _minutes(step.before), earliest)
        if step.do is Action.ASK:
            earliest = due + _minutes(limits.between_steps)
            continue
        if step.do is Action.CANCEL:
            due = max(due, seen + _minutes(limits.grace))
        if due // _DAY <= message_day:  # one message a person a day
            due = (message_day + 1) * _DAY
        sends = _awake(due) if limits.quiet_hours == "recipient" else due
        if sends >= frozen:
            return place
        earliest, message_day = sends + _minutes(limits.between_steps), sends // _DAY
    return None


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds()) // 60


def _awake(minute: int) -> int:
    day, of_day = divmod(minute, _DAY)
    if of_day < OPENS.hour * 60:
        return day * _DAY + OPENS.hour * 60
    if of_day >= CLOSES.hour * 60:
        return (day + 1) * _DAY + OPENS.hour * 60
    return minute
