"""What two people's sessions are like over time: more than any single invite tells.

meeting
    A session of a declared pair, reduced to when it is and whether it was held.
relationship
    A declared pair with its meetings, and what the user has noted about them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import groupby

from agendad.rules.policy import Mentorship


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Meeting:
    """One session of a pair that has a certain time. Instants are aware UTC."""

    start: datetime
    end: datetime
    uid: str
    recurrence_id: str = ""
    held: bool = False
    """It is over, and neither was it cancelled nor did somebody decline it."""

    @property
    def key(self) -> tuple[str, str]:
        """As `Event.key`."""
        return (self.uid, self.recurrence_id)

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Something that was advised in a session, as the user noted it."""

    text: str
    done: bool = False
    outcome: str = ""
    """What came of it, in the user's words."""

    @property
    def open(self) -> bool:
        """Neither ticked off nor with a word on what came of it."""
        return not (self.done or self.outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionNotes:
    """What the user noted about one session. `day` is the day on the user's clock."""

    day: date
    advice: tuple[Advice, ...] = ()
    promised: tuple[Advice, ...] = ()
    """What the user promised, as a mentor notes it."""
    helped: tuple[str, ...] = ()
    """What the user says has helped."""
    other: tuple[str, ...] = ()
    """Any other lines, and those on milestones and thanks."""

    @property
    def says_something(self) -> bool:
        """More than a heading with its day."""
        return bool(self.advice or self.promised or self.helped or self.other)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Milestone:
    """Something that was reached, as the user noted it."""

    day: date
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """The user's memory of a mentorship."""

    sessions: tuple[SessionNotes, ...] = ()
    """Oldest first."""
    thanked: tuple[date, ...] = ()
    """When the user said thanks, oldest first."""
    milestones: tuple[Milestone, ...] = ()
    """Oldest first."""

    @property
    def kept(self) -> bool:
        """There is more in them than the headings of sessions."""
        return any(one.says_something for one in self.sessions) or bool(self.thanked or self.milestones)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a mentor is asked for in a calendar month, up to one meeting and with it."""

    year: int
    month: int
    sessions: int
    minutes: int
    """Meetings at the same time are counted once."""


@dataclass(frozen=True, kw_only=True)
class Relationship:
    """A declared pair over time."""

    mentorship: Mentorship
    held: tuple[Meeting, ...] = ()
    """Sessions that took place, oldest first, as far back as is known."""
    coming: tuple[Meeting, ...] = ()
    """Sessions that are not over, by start."""
    asked: tuple[Meeting, ...] = ()
    """Every meeting, past and to come, that takes the same mentor's time: those of the user's other pairs with
    this mentor, too. By start."""
    notes: Notes | None = None
    """None where the user keeps none."""

    @property
    def met(self) -> bool:
        """The two have held a session, or the user says that they have met."""
        return bool(self.held) or bool(self.mentorship.met)

    @property
    def last(self) -> Meeting | None:
        return self.held[-1] if self.held else None

    @property
    def next(self) -> Meeting | None:
        return self.coming[0] if self.coming else None

    @cached_property
    def asked_up_to(self) -> Mapping[tuple[str, str], Asked]:
        """By the key of a meeting of `asked`, what its month comes to with it.

        Months are those of the mentor's clock, of the mentee's where that is not known.
        """
        found: dict[tuple[str, str], Asked] = {}
        month, sessions, taken, reached = (0, 0), 0, timedelta(), datetime.min.replace(tzinfo=UTC)
        for start, together in groupby(self.asked, key=lambda one: one.start):
            if self._month(start) != month:
                month, sessions, taken, reached = self._month(start), 0, timedelta(), start
            same = list(together)
            for one in same:
                begins = max(one.start, reached)
                taken += max(one.end - begins, timedelta())
                reached = max(reached, one.end)
            sessions += len(same)
            total = Asked(year=month[0], month=month[1], sessions=sessions, minutes=int(taken.total_seconds() // 60))
            found |= {one.key: total for one in same}
        return found

    def _month(self, instant: datetime) -> tuple[int, int]:
        people = (self.mentorship.mentor, self.mentorship.mentee)
        local = instant.astimezone(next(filter(None, (person.zone_at(instant) for person in people)), UTC))
        return local.year, local.month


def relationships(
    pairs: Sequence[Mentorship],
    meetings: Mapping[str, Iterable[Meeting]],
    now: datetime,
    notes: Mapping[str, Notes] | None = None,
) -> dict[str, Relationship]:
    """Every declared pair's, by its name.

    Args:
        pairs: those of the configuration.
        meetings: by the pair's name, in any order.
        now: aware UTC; what is not over then is to come.
        notes: by the pair's name.
    """
    sorted_by_pair = {pair.name: sorted(set(meetings.get(pair.name, ()))) for pair in pairs}
    found = {}
    for pair in pairs:
        every = sorted_by_pair[pair.name]
        asked = [one for other in pairs if _same_mentor(pair, other) for one in sorted_by_pair[other.name]]
        found[pair.name] = Relationship(
            mentorship=pair,
            held=tuple(one for one in every if one.held),
            coming=tuple(one for one in every if one.end > now),
            asked=tuple(sorted(one for one in set(asked) if one.held or one.end > now)),
            notes=(notes or {}).get(pair.name),
        )
    return found


def _same_mentor(one: Mentorship, other: Mentorship) -> bool:
    return not set(one.mentor.emails).isdisjoint(other.mentor.emails)
