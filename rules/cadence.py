"""The rule `cadence`: the two meet about as often as they mean to."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from agendad.rules.base import Finding, History, Reach, Rule, Session, register
from agendad.rules.hours import say_day
from agendad.rules.policy import Action, Mentorship, Person, RuleOptions, Severity
from agendad.rules.relationship import Meeting, Relationship

_DAY = timedelta(days=1)
_SETTLED = timedelta(minutes=1)
_LATEST = 50
"""Sessions before one that are looked at."""


class CadenceOptions(RuleOptions):
    """What the rule `cadence` takes."""

    late_after: Annotated[float, Field(ge=1)] = 1.5
    """How many times the cadence may pass from one session to the next."""
    too_soon: Annotated[float, Field(ge=0, lt=1)] = 0.5
    """A session that comes sooner than this share of the cadence after the one before is too soon."""


@register
class Cadence(Rule[CadenceOptions]):
    """The two meet about as often as their `cadence` says.

    It is about declared pairs with a `cadence`. That it has lapsed is said once more than one and a half times the
    cadence lies between the last session that was held and the next, unless the next is less than half a cadence
    away. Days on which one of the two is `away` do not count. Where no session is known to have been held, nothing is
    said. A session is too soon if it comes less than half the cadence after the one before, counted in days; what was
    moved there is no reason.

        rules:
          cadence:
            late_after: 1.5
            too_soon: 0.5
    """

    name: ClassVar[str] = "cadence"
    codes: ClassVar[dict[str, str]] = {
        "cadence.lapsed": "The two have not met, and will not meet soon, for much longer than their cadence.",
        "cadence.too-often": "The session comes much sooner after the one before than the cadence says.",
    }
    samples: ClassVar[dict[str, str]] = {
        "cadence.lapsed": "You and Ada Lovelace mean to meet every 2 weeks, and have not met since Thu 29 Oct.",
        "cadence.too-often": "This is 2 days after the session before it; you two mean to meet every 2 weeks.",
    }
    steps = frozenset({Action.NUDGE, Action.ASK})
    Options = CadenceOptions

    def check(
        self,
        session: Session,
        history: History,
        options: CadenceOptions,
        now: datetime,  # noqa: ARG002 - every rule's signature
    ) -> Iterable[Finding]:
        """Judge how soon a session comes after the one before."""
        pair, relationship = session.mentorship, history.relationship
        start = session.event.start.instant
        if pair is None or not pair.cadence or relationship is None or start is None or _moved(session, history):
            return
        before = _before(relationship, session.event.key, start)
        if before is None or _was_moved(before):
            return
        days = (_day(session.me, start) - _day(session.me, before.start)).days
        if days * _DAY >= options.too_soon * pair.cadence:
            return
        how_long = "on the day of" if days == 0 else f"{_count(days, 'day')} after"
        yield Finding(
            code="cadence.too-often",
            severity=Severity.WARNING,
            message=f"This is {how_long} the session before it; you two mean to meet {say_cadence(pair.cadence)}.",
            evidence=f"the session before: {_say(session.me, before.start)}; this one: {_say(session.me, start)}",
            reach=Reach.NUDGE,
            series=session.event.in_series and before.uid == session.event.uid,
        )

    def check_pair(self, relationship: Relationship, options: CadenceOptions, now: datetime) -> Iterable[Finding]:
        """Judge how long a pair goes without meeting."""
        pair, last, following = relationship.mentorship, relationship.last, relationship.next
        if not pair.cadence or last is None or any(one.away_at(now) for one in _both(pair)):
            return
        until = now if following is None else max(now, following.start)
        if _time_at_home(pair, last.start, until) <= options.late_after * pair.cadence:
            return
        if following is not None and following.start - now <= pair.cadence / 2:
            return
        me = pair.person(pair.my_role)
        since = _say(me, last.start)
        meet = f"You and {pair.other.name} mean to meet {say_cadence(pair.cadence)}"
        if following is None:
            message, then = f"{meet}, and have not met since {since}.", "none is planned"
        else:
            message = f"{meet}; the last session was on {since}, and the next is on {_say(me, following.start)}."
            then = f"next: {_say(me, following.start)}"
        yield Finding(
            code="cadence.lapsed",
            severity=Severity.WARNING,
            message=message,
            evidence=f"last held: {since}; {then}",
            reach=Reach.NUDGE,
        )


def say_cadence(cadence: timedelta) -> str:
    """How often, in words.

    >>> [say_cadence(timedelta(days=days)) for days in (1, 7, 14, 10)]
    ['every day', 'every week', 'every 2 weeks', 'every 10 days']
    """
    days = max(1, round(cadence / _DAY))
    count, unit = (days // 7, "week") if days % 7 == 0 else (days, "day")
    return f"every {unit}" if count == 1 else f"every {_count(count, unit)}"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _both(pair: Mentorship) -> tuple[Person, Person]:
    return pair.mentor, pair.mentee


def _before(relationship: Relationship, key: tuple[str, str], start: datetime) -> Meeting | None:
    """The pair's session that ended last before `start`; None if another lasts until after it, or begins with it."""
    until = bisect_right(relationship.coming, start, key=lambda one: one.start)
    near = (*relationship.held[-_LATEST:], *relationship.coming[max(0, until - _LATEST) : until])
    others = [one for one in near if one.key != key and one.start <= start]
    if any(one.end > start for one in others):
        return None
    return max(others, key=lambda one: one.start, default=None)


def _moved(session: Session, history: History) -> bool:
    """Whether it was put to its time later on: a move is no second session."""
    starts = {version.start for version in history.versions}
    start = session.event.start.instant
    return len(starts) > 1 or (start is not None and _elsewhere(session.event.recurrence_id, start))


def _was_moved(meeting: Meeting) -> bool:
    return _elsewhere(meeting.recurrence_id, meeting.start)


def _elsewhere(recurrence_id: str | None, start: datetime) -> bool:
    """Whether an occurrence takes place at another time than its series says. The id is as `Event.recurrence_id`."""
    if not recurrence_id or not recurrence_id.endswith("Z"):
        return False
    return abs(datetime.fromisoformat(recurrence_id) - start) >= _SETTLED


def _time_at_home(pair: Mentorship, start: datetime, end: datetime) -> timedelta:
    """What of the time from `start` to `end` (aware) neither of the two is away."""
    at_home = end - start
    for begins, ends in _joined(stay.bounds for one in _both(pair) for stay in one.away):
        at_home -= max(timedelta(), min(ends, end) - max(begins, start))
    return at_home


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """The same time in spans that do not overlap."""
    reached = datetime.min.replace(tzinfo=UTC)
    for begins, ends in sorted(spans):
        if ends > reached:
            yield max(begins, reached), ends
            reached = ends


def _day(person: Person, instant: datetime) -> date:
    return instant.astimezone(person.zone_at(instant) or UTC).date()


def _say(person: Person, instant: datetime) -> str:
    return say_day(instant.astimezone(person.zone_at(instant) or UTC))
