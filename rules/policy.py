"""What the user asked for: people, mentorships, detection, ladders and limits.

The pydantic models are the YAML shapes and the source of the JSON Schema. `Policy` is what rules and plans
read: validated, with every "me" put in its place.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, cached_property
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from agendad.rules.units import Clock, Day, Duration, parse_duration

_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")


class Mode(StrEnum):
    """How far agendad may go: observe plans and reports, approve queues for a yes, act acts."""

    OBSERVE = "observe"
    APPROVE = "approve"
    ACT = "act"

    def lowered_to(self, other: "Mode | None") -> "Mode":
        """The more careful of the two.

        >>> Mode.ACT.lowered_to(Mode.APPROVE), Mode.OBSERVE.lowered_to(Mode.ACT)
        (<Mode.APPROVE: 'approve'>, <Mode.OBSERVE: 'observe'>)
        """
        order = list(Mode)
        return self if other is None else order[min(order.index(self), order.index(other))]


class Severity(StrEnum):
    """How bad a finding is. Info is told and nothing follows from it."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Party(StrEnum):
    """A side of a mentorship."""

    MENTOR = "mentor"
    MENTEE = "mentee"

    @property
    def other(self) -> "Party":
        return Party.MENTEE if self is Party.MENTOR else Party.MENTOR


class Action(StrEnum):
    """The words a ladder may use."""

    NUDGE = "nudge"
    PATCH = "patch"
    HOLD = "hold"
    RESCHEDULE = "reschedule"
    HANDOVER = "handover"
    CANCEL = "cancel"
    ASK = "ask"


class Weekday(StrEnum):
    """Days as the configuration writes them; `list(Weekday)[n]` is `date.weekday() == n`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Shape(BaseModel):
    """A mapping in the YAML file: no unknown keys, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def normal_email(value: str) -> str:
    """An address as it is compared: lower case, no `mailto:`.

    >>> normal_email(" MAILTO:Ada@Example.org ")
    'ada@example.org'
    """
    return re.sub(r"^mailto:", "", value.strip(), flags=re.IGNORECASE).strip().lower()


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value.strip()):
        raise ValueError(f"{value!r} is no mail address")
    return normal_email(value)


Email = Annotated[str, AfterValidator(_email)]


_zones = cache(available_timezones)
"""Looked for once: that goes through every file of the zone database."""


def _zone(value: str) -> str:
    if value not in _zones():
        raise ValueError(f"{value!r} is no time zone; use an IANA name like Europe/London")
    return value


ZoneName = Annotated[str, AfterValidator(_zone)]


def _regions(value: object) -> object:
    return [value] if isinstance(value, str) else value


class WorkingHours(Shape):
    """When a person can be asked to meet, in that person's zone."""

    days: tuple[Weekday, ...] = (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI)
    """Working days."""
    start: Clock = 9 * 60
    """Start of the day."""
    end: Clock = 17 * 60
    """End of the day; before the start for a night shift."""

    @model_validator(mode="after")
    def _not_empty(self) -> "WorkingHours":
        if self.start == self.end:
            raise ValueError('working hours are empty: start and end are the same; all day is "00:00" to "24:00"')
        if not self.days:
            raise ValueError("working hours have no days; leave `days` out for Monday to Friday")
        return self


class Away(Shape):
    """Days in another time zone, with the same working hours and days on the clock there.

    Public holidays of home make no day non-working then: a meeting abroad on a home holiday is as good as any.
    """

    first: Day = Field(alias="from")
    """The first day there, which begins at midnight in that zone."""
    last: Day = Field(alias="to")
    """The last day there, which ends at midnight in that zone."""
    timezone: ZoneName
    """The zone there, an IANA name. Messages to the other person name its city."""

    @model_validator(mode="after")
    def _in_order(self) -> "Away":
        if self.last < self.first:
            raise ValueError(f"`to` ({self.last}) is before `from` ({self.first}); give the first day, then the last")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """When it begins and when it is over, aware UTC."""
        begins, ends = (
            datetime.combine(day, time(), tzinfo=self.zone) for day in (self.first, self.last + timedelta(days=1))
        )
        return begins.astimezone(UTC), ends.astimezone(UTC)


class Person(Shape):
    """Somebody in a mentorship."""

    name: Annotated[str, Field(min_length=1)]
    """What messages call them."""
    emails: Annotated[tuple[Email, ...], Field(min_length=1)]
    """Every address they are invited under; the first is written to."""
    timezone: ZoneName | None = None
    """Without one this person's hours are not judged."""
    language: str = "en"
    """The language of messages to them."""
    holidays: Annotated[tuple[str, ...], BeforeValidator(_regions)] = ()
    """Countries, or country and subdivision, as the `holidays` library names them: US, DE-BY."""
    working_hours: WorkingHours = WorkingHours()
    """When they can be asked to meet, in their own zone."""
    away: tuple[Away, ...] = ()
    """Travel: days in another zone. Hours, quiet hours, times to propose and times in messages are those of that zone
    then, and public holidays of home make no day non-working."""

    @property
    def zone(self) -> ZoneInfo | None:
        """Home's. What happens at some time asks `zone_at`."""
        return ZoneInfo(self.timezone) if self.timezone else None

    def away_at(self, instant: datetime) -> Away | None:
        """The stay elsewhere that holds at an aware instant, None at home.

        Two stays on consecutive days can meet, as days begin at other times elsewhere; the later one holds then.
        """
        held = [stay for stay in self.away if stay.bounds[0] <= instant < stay.bounds[1]]
        return max(held, key=lambda stay: stay.first, default=None)

    def zone_at(self, instant: datetime) -> ZoneInfo | None:
        """The zone whose clock this person lives by at an aware instant; None if it is not known."""
        stay = self.away_at(instant)
        return stay.zone if stay else self.zone

    def zone_on(self, day: date) -> ZoneInfo | None:
        """The zone in which a clock reading of that day is meant where nothing says another; None if not known."""
        stay = next((stay for stay in self.away if stay.first <= day <= stay.last), None)
        return stay.zone if stay else self.zone

    @property
    def zone_changes(self) -> tuple[datetime, ...]:
        """When `zone_at` may change, aware UTC, in no order."""
        return tuple(bound for stay in self.away for bound in stay.bounds)

    def has(self, email: str) -> bool:
        return email in self.emails or normal_email(email) in self.emails


Someone = Person | Literal["me"]


class MentorshipShape(Shape):
    """A declared mentor and mentee, as written."""

    name: Annotated[str, Field(min_length=1)]
    """A name of your choice, for messages and commands."""
    mentor: Someone
    """A person, or `me`."""
    mentee: Someone
    """A person, or `me`; exactly one of the two is `me`."""
    cadence: Duration | None = None
    """How often the two mean to meet."""
    owner: Party = Party.MENTEE
    """Who owns the logistics."""
    mode: Mode | None = None
    """Replaces the mode of the whole installation, to pilot one pair."""
    met: bool | None = None
    """True if the two have met before; otherwise a past session tells."""
    match: tuple[str, ...] = ()
    """Words in a title or body that mark this pair's sessions."""
    series: tuple[str, ...] = ()
    """UIDs of series that are confirmed to be this mentorship."""

    @model_validator(mode="after")
    def _one_is_me(self) -> "MentorshipShape":
        if (self.mentor == "me") == (self.mentee == "me"):
            raise ValueError("exactly one of mentor and mentee is `me`; agendad looks after its own user's mentorships")
        return self


@dataclass(frozen=True, kw_only=True)
class Mentorship:
    """A declared pair with both people in it."""

    name: str
    mentor: Person
    mentee: Person
    my_role: Party
    owner: Party = Party.MENTEE
    cadence: Duration | None = None
    mode: Mode | None = None
    met: bool | None = None
    match: tuple[str, ...] = ()
    series: tuple[str, ...] = ()

    def person(self, party: Party) -> Person:
        return self.mentor if party is Party.MENTOR else self.mentee

    @property
    def other(self) -> Person:
        """The one who is not me."""
        return self.person(self.my_role.other)

    @property
    def logistics_owner(self) -> Person:
        return self.person(self.owner)

    @property
    def i_own(self) -> bool:
        return self.owner is self.my_role


class DetectionOptions(Shape):
    """What makes a meeting a mentorship session."""

    keywords: tuple[str, ...] = ()
    """Words beside the built-in ones, in any language."""
    ignore: tuple[str, ...] = ()
    """Words in a title that mean it is none."""
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.6
    """How sure agendad has to be, 0 to 1."""
    max_attendees: Annotated[int, Field(ge=2)] = 3
    """People, me and an attending organizer included."""


class LadderStep(Shape):
    """One rung: what to do and how long before the start."""

    before: Duration
    """How long before the start the step is due."""
    do: Action
    """What is done."""


class RuleOptions(Shape):
    """What every rule takes. A rule's own options derive from it."""

    enabled: bool = True
    """Whether the rule is used."""
    severity: Severity | None = None
    """Replaces the severity of every finding of this rule."""
    mode: Mode | None = None
    """May only lower the mode."""
    ladder: tuple[LadderStep, ...] = ()
    """What is done and when, first step first."""
    climbs: tuple[str, ...] = ()
    """Finding codes that go past the nudge; the others stay there."""

    @field_validator("ladder")
    @classmethod
    def _descends(cls, ladder: tuple[LadderStep, ...]) -> tuple[LadderStep, ...]:
        for earlier, later in pairwise(ladder):
            if later.before >= earlier.before:
                raise ValueError(
                    f"the step {later.do.value} comes after {earlier.do.value} and needs a smaller `before`"
                )
        return ladder


def ladder(*steps: tuple[str, Action]) -> tuple[LadderStep, ...]:
    """A ladder in one line, for defaults.

    >>> [str(step.do) for step in ladder(("96h", Action.NUDGE), ("36h", Action.CANCEL))]
    ['nudge', 'cancel']
    """
    return tuple(LadderStep(before=parse_duration(before), do=do) for before, do in steps)


class Limits(Shape):
    """What holds agendad back, whatever a ladder says."""

    grace: Duration = parse_duration("12h")
    """The least time between first seeing a violation and cancelling over it."""
    freeze: Duration = parse_duration("12h")
    """Within this time before the start nothing goes out; you are asked instead."""
    between_steps: Duration = parse_duration("12h")
    """The least time between two steps."""
    max_cancels_per_day: Annotated[int, Field(ge=0)] = 3
    """Cancels and declines a day, over all accounts."""
    max_actions_per_run: Annotated[int, Field(ge=0)] = 10
    """Actions in one run."""
    max_mails_per_day: Annotated[int, Field(ge=0)] = 20
    """Mails a day, your summary not counted."""
    max_vanished_percent: Annotated[int, Field(ge=0, le=100)] = 30
    """When more of a calendar's coming events vanish at once, nothing is concluded."""
    quiet_hours: Literal["recipient", "none"] = "recipient"
    """Recipient: nothing reaches anyone outside 08:00 to 20:00 in their zone, every day."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Everything that judging and planning may know of the configuration."""

    me: Person
    mentorships: tuple[Mentorship, ...] = ()
    detection: DetectionOptions = DetectionOptions()
    rules: Mapping[str, RuleOptions]
    """By rule name, every registered rule; by `custom.NAME`, every rule that the configuration writes itself."""
    limits: Limits = Limits()
    mode: Mode = Mode.OBSERVE

    @cached_property
    def addresses(self) -> frozenset[str]:
        """Every address in the configuration: the only ones our own mail goes to."""
        people = [self.me, *(m.mentor for m in self.mentorships), *(m.mentee for m in self.mentorships)]
        return frozenset(email for person in people for email in person.emails)

    @cached_property
    def who(self) -> Mapping[str, str]:
        """By address, who a declared person is: "me", or the first address of the other one of a mentorship."""
        others = {email: m.other.emails[0] for m in reversed(self.mentorships) for email in m.other.emails}
        return others | dict.fromkeys(self.me.emails, "me")

    def mode_for(self, mentorship: Mentorship, rule: str) -> Mode:
        """The mentorship's own mode or the installation's, which the rule's may only lower.

        Steps may remain of a rule that is no more: a plug-in that was removed, an entry that was taken out.
        """
        options = self.rules.get(rule)
        return (mentorship.mode or self.mode).lowered_to(options.mode if options else None)
