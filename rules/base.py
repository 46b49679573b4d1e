"""What a rule is, and the words it speaks in.

finding
    A rule's verdict on one session, with the evidence that decided it.
reach
    The strongest thing that may follow from a finding, whatever the ladder says.
history
    What is known of the session beside its present state; everything a rule may remember.

A new rule is one module in this package: an options model, codes, a pure `check`, and `@register`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, ClassVar, Generic, TypeVar

from agendad.providers.model import Event
from agendad.rules.agenda_file import FileAgenda
from agendad.rules.policy import Action, Mentorship, Party, Person, RuleOptions, Severity
from agendad.rules.relationship import Relationship

Opts = TypeVar("Opts", bound=RuleOptions)

CUSTOM = "custom"
"""What the codes of rules written in the configuration begin with; the name of each follows."""


def rule_of(code: str) -> str:
    """The rule that a finding's code belongs to, by which it has options, a mode and a ladder.

    >>> rule_of("agenda.missing"), rule_of("custom.no-late-fridays"), rule_of("custom.no-late-fridays.settled")
    ('agenda', 'custom.no-late-fridays', 'custom.no-late-fridays')
    """
    first, _, rest = code.partition(".")
    return f"{first}.{rest.partition('.')[0]}" if first == CUSTOM else first


class Reach(IntEnum):
    """How far a finding may go. REPORT: it is told, nothing is planned. NUDGE: a nudge or a question."""

    REPORT = 0
    ASK = 1
    NUDGE = 2
    LADDER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """Whether an event is a mentorship session, and why."""

    is_mentorship: bool
    mentorship: Mentorship | None = None
    """The declared pair, None for a pair that is not declared."""
    my_role: Party | None = None
    confidence: float = 0.0
    """0 to 1."""
    evidence: tuple[str, ...] = ()
    """One line a reason, for and against, as a person would say it; the last line is the conclusion."""
    on_topic: bool = False
    """A keyword, a category, the mentorship's `match` or a confirmed series says so, not the people alone."""
    people: tuple[str, ...] = ()
    """Addresses of the people in it (rooms and resources left out), me included."""
    opted_out: str = ""
    """Where it says that agendad is to leave it alone, see `agendad.rules.optout`; "" if it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The event as it was seen at some time. Instants are aware UTC."""

    seen_at: datetime
    start: datetime | None
    end: datetime | None
    organizer: str
    fingerprint: str
    """Of the body, see `agendad.rules.fingerprint`."""
    ours: bool = False
    """True if agendad itself brought this version about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A time that somebody is taken, by something else than the session judged. `start`, `end` are aware UTC."""

    start: datetime
    end: datetime
    mine: bool = True
    """The user is; otherwise the other person, of whom no more can be seen."""
    title: str = ""
    """Of the other event; "" where it is private or cannot be seen."""
    tentative: bool = False
    """It may not take place, or the user has not accepted it."""
    gives_way: bool = False
    """It is another session of the user's, which is to be moved rather than the one judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is remembered. Empty for a calendar that is read for the first time."""

    versions: tuple[Version, ...] = ()
    """Oldest first; the last one is the present state."""
    peers: Sequence[Event] = ()
    """The other occurrences of the same series that are known, past and future, by start."""
    copies: tuple[Event, ...] = ()
    """The same occurrence in the user's other calendars."""
    met: bool = False
    """The pair has held a session before."""
    others_at_work: bool = False
    """Another installation of agendad has written on it."""
    relationship: Relationship | None = None
    """The pair over time; None for a pair that is not declared."""
    taken: tuple[Taken, ...] = ()
    """What else is in the two people's calendars at the time of the session, by start."""
    first_seen: datetime | None = None
    """When the session came into view (aware UTC); None where that is not known."""
    file: FileAgenda | None = None
    """The user's agenda in a file; None where there is none, and never was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An occurrence that was detected as a mentorship session."""

    event: Event
    detection: Detection
    me: Person

    @property
    def mentorship(self) -> Mentorship | None:
        return self.detection.mentorship

    @property
    def i_organize(self) -> bool:
        organizer = self.event.organizer
        return organizer is not None and self.me.has(organizer.email)

    @property
    def known_people(self) -> tuple[tuple[str, Person], ...]:
        """(who, person) for each declared person in it: "mentor", "mentee", or "you" if undeclared."""
        if self.mentorship is None:
            return (("you", self.me),)
        return (("mentor", self.mentorship.mentor), ("mentee", self.mentorship.mentee))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A verdict. `message` is one sentence for the user; `evidence` quotes or names what decided."""

    code: str
    severity: Severity
    message: str
    evidence: str = ""
    reach: Reach = Reach.LADDER
    series: bool = False
    """True if it is about the series as a whole: one ladder a series, not one a week."""
    people: tuple[str, ...] = ()
    """Names of the people it is about, where it is about some of them only."""
    carrier: str = ""
    """A rule whose nudge, where it sends one, says this too: then this finding is told and sends nothing itself."""

    @property
    def rule(self) -> str:
        return rule_of(self.code)


class Rule(ABC, Generic[Opts]):
    """A rule. The class docstring explains it to users and holds a YAML example that a test loads."""

    name: ClassVar[str]
    codes: ClassVar[Mapping[str, str]]
    """Finding code → one line of explanation for users."""
    steps: ClassVar[frozenset[Action]] = frozenset({Action.NUDGE, Action.HOLD, Action.CANCEL, Action.ASK})
    """What its ladder may hold."""
    samples: ClassVar[Mapping[str, str]] = {}
    """Finding code → the message of one, for the gallery of texts."""
    Options: type[Opts]

    @abstractmethod
    def check(self, session: Session, history: History, options: Opts, now: datetime) -> Iterable[Finding]:
        """Judge one session at `now` (aware UTC). Pure: the same arguments give the same findings."""

    def check_pair(
        self,
        relationship: Relationship,  # noqa: ARG002 - for the rules that look at pairs
        options: Opts,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> Iterable[Finding]:
        """Judge a declared pair as a whole at `now` (aware UTC); by default nothing is found.

        It is told on the pair's next session, where there is one, and in the summary. Nothing is ever planned for it.
        """
        return ()


_REGISTRY: dict[str, Rule[Any]] = {}  # each rule has its own options type


def register(rule: type[Rule[Any]]) -> type[Rule[Any]]:
    """Make a rule known under its name."""
    if rule.name in _REGISTRY:
        raise ValueError(f"two rules are named {rule.name!r}")
    stray = [code for code in rule.codes if not code.startswith(f"{rule.name}.")]
    if stray:
        raise ValueError(f"codes of rule {rule.name!r} start with its name: {stray}")
    _REGISTRY[rule.name] = rule()
    return rule


def forget_all_but(names: Iterable[str]) -> None:
    """Take back what was registered beside these."""
    for name in set(_REGISTRY) - set(names):
        del _REGISTRY[name]


def registered() -> Iterator[Rule[Any]]:
    """Every rule, in the order of their names."""
    yield from (_REGISTRY[name] for name in sorted(_REGISTRY))
