"""Quiet hours: nothing reaches anyone outside 08:00 to 20:00 in their own zone, on any day."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

OPENS, CLOSES = time(8), time(20)
_PATIENCE = timedelta(hours=36)
"""Two people whose open hours do not meet within this time never share any."""


def next_open(instant: datetime, zones: Iterable[ZoneInfo]) -> datetime:
    """The first moment from `instant` (aware) on when it is 08:00 to 20:00 in every zone; aware UTC.

    08:00 is open, 20:00 is not. Zones whose open hours never meet: the first zone decides.

    >>> from zoneinfo import ZoneInfo
    >>> evening = datetime(2026, 11, 30, 21, 30, tzinfo=ZoneInfo("Europe/London"))
    >>> next_open(evening, [ZoneInfo("Europe/London")]).isoformat()
    '2026-12-01T08:00:00+00:00'
    """
    wanted = list(zones)
    moment = instant.astimezone(UTC)
    while moment - instant <= _PATIENCE:
        later = moment
        for zone in wanted:
            later = _open_in(later, zone)
        if later == moment:
            return moment
        moment = later
    return _open_in(instant.astimezone(UTC), wanted[0])


def is_quiet(instant: datetime, zone: tzinfo) -> bool:
    """Whether an aware instant is before 08:00 or from 20:00 on in a zone.

    >>> is_quiet(datetime(2026, 12, 1, 20, tzinfo=UTC), UTC), is_quiet(datetime(2026, 12, 1, 8, tzinfo=UTC), UTC)
    (True, False)
    """
    return not OPENS <= instant.astimezone(zone).time() < CLOSES


def _open_in(instant: datetime, zone: ZoneInfo) -> datetime:
    if not is_quiet(instant, zone):
        return instant
    local = instant.astimezone(zone)
    day = local.date() + timedelta(days=local.time() >= CLOSES)
    return datetime.combine(day, OPENS, tzinfo=zone).astimezone(UTC)
