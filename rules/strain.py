"""Who bears the odd hour: how hard a session's time is for each of the two, and how that adds up.

strain
    Minutes by which a session reaches beyond the core of a person's working day: that day without its first and its
    last hour, read on the clock where the person is then. 0 inside the core; 60 for a session that begins with the
    working day or ends with it; beyond that it grows with every minute outside, to both sides. What day it is does
    not count.
lead
    The strain of one person in the sessions that were held, minus the other's, in minutes. It says whose turn it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from agendad.rules.policy import Person

EDGE = 60
"""Minutes at either end of a working day that are no core."""
TOLERANCE = 120
"""Minutes that one person may have borne more than the other before a nearer day counts for less than fairness."""
_DAY = 1440

Slot = tuple[datetime, datetime]
"""(start, end) in aware UTC."""


def strain(person: Person, slot: Slot) -> int:
    """Minutes, see above; 0 where the person's zone is not known.

    >>> from datetime import UTC, datetime, timedelta
    >>> ada = Person(name="Ada", emails=("ada@example.com",), timezone="Europe/London")
    >>> noon = datetime(2026, 12, 3, 12, tzinfo=UTC)
    >>> half = timedelta(minutes=30)
    >>> [strain(ada, (noon + timedelta(hours=h), noon + timedelta(hours=h) + half)) for h in (-5, -3, 0, 4.5, 10)]
    [180, 60, 0, 60, 390]
    """
    placed = _placed(person, slot)
    if placed is None:
        return 0
    begins, ends, half = placed
    reach = max(0.0, half - EDGE)
    return round(max(0.0, -reach - begins) + max(0.0, ends - reach))


def begins_early(person: Person, slot: Slot) -> bool:
    """Whether a session lies before the middle of a person's working day; False where the zone is not known."""
    placed = _placed(person, slot)
    return placed is not None and placed[0] + placed[1] < 0


def _placed(person: Person, slot: Slot) -> tuple[float, float, float] | None:
    """Start and end of a session from the middle of the nearest working day, and half that day's length; minutes."""
    start, end = slot
    zone = person.zone_at(start)
    if zone is None:
        return None
    local = start.astimezone(zone)
    hours = person.working_hours
    length = (hours.end - hours.start) % _DAY or _DAY
    middle = hours.start + length / 2
    begins = (local.hour * 60 + local.minute - middle + _DAY / 2) % _DAY - _DAY / 2
    return begins, begins + (end - start).total_seconds() / 60, length / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How the strain of the sessions that were held was shared. In minutes."""

    mine: int = 0
    theirs: int = 0
    last: tuple[int, int] = (0, 0)
    """(mine, theirs) in the latest one."""

    @property
    def lead(self) -> int:
        """Positive where I have borne more."""
        return self.mine - self.theirs

    def after(self, mine: int, theirs: int) -> int:
        """The lead once a session of such strain has been held."""
        return self.lead + mine - theirs

    def beyond(self, mine: int, theirs: int) -> int:
        """Whole hours by which that lead would be beyond what is tolerated and beyond what it is already."""
        return max(0, abs(self.after(mine, theirs)) - max(TOLERANCE, abs(self.lead))) // 60

    def burden(self, mine: int, theirs: int) -> tuple[int, int]:
        """What to keep small: first the strain of who has borne more, then the other's. Nothing while it is even."""
        if self.lead == 0:
            return (0, 0)
        return (mine, theirs) if self.lead > 0 else (theirs, mine)


def balance(me: Person, other: Person, held: Iterable[Slot]) -> Balance:
    """The balance of sessions that were held, each judged by the hours that the two keep today.

    Args:
        me: the one whose strain counts as mine.
        other: the other.
        held: their sessions, (start, end) in aware UTC, in any order.
    """
    shared = [(strain(me, slot), strain(other, slot)) for slot in sorted(held)]
    return Balance(
        mine=sum(mine for mine, _ in shared),
        theirs=sum(theirs for _, theirs in shared),
        last=shared[-1] if shared else (0, 0),
    )
