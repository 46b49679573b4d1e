"""Quiet hours: nothing reaches anyone outside 08:00 to 20:00 in their own zone, where they are then, on any day."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo

from agendad.rules.policy import Person

OPENS, CLOSES = time(8), time(20)
_PATIENCE = timedelta(hours=36)
"""Two people whose open hours do not meet within this time never share any."""


def next_open(instant: datetime, people: Iterable[Person]) -> datetime:
    """The first moment from `instant` (aware) on when it is 08:00 to 20:00 for everyone, where they are; aware UTC.

    08:00 is open, 20:00 is not, and all hours are while a person's zone is not known. People whose open hours
    never meet: the first one's decide.

    >>> ada = Person(name="Ada", emails=("ada@example.com",), timezone="Europe/London")
    >>> next_open(datetime(2026, 11, 30, 21, 30, tzinfo=UTC), [ada]).isoformat()
    '2026-12-01T08:00:00+00:00'
    """
    wanted = list(people)
    moment = instant.astimezone(UTC)
    while moment - instant <= _PATIENCE:
        later = moment
        for person in wanted:
            later = _open_for(later, person)
        if later == moment:
            return moment
        moment = later
    return next_open(instant, wanted[:1]) if len(wanted) > 1 else moment


def is_quiet(instant: datetime, zone: tzinfo) -> bool:
    """Whether an aware instant is before 08:00 or from 20:00 on in a zone.

    >>> is_quiet(datetime(2026, 12, 1, 20, tzinfo=UTC), UTC), is_quiet(datetime(2026, 12, 1, 8, tzinfo=UTC), UTC)
    (True, False)
    """
    return not OPENS <= instant.astimezone(zone).time() < CLOSES


def _open_for(instant: datetime, person: Person) -> datetime:
    """Not before this, as far as one clock tells: the morning, or the change of zone that comes before it."""
    zone = person.zone_at(instant)
    if zone is None or not is_quiet(instant, zone):
        return instant
    local = instant.astimezone(zone)
    day = local.date() + timedelta(days=local.time() >= CLOSES)
    morning = datetime.combine(day, OPENS, tzinfo=zone).astimezone(UTC)
    return min([morning, *(change for change in person.zone_changes if instant < change < morning)])
