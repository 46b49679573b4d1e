"""Pauses: for everything, a mentorship or a person, until they are lifted or their time is over."""

from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from agendad.daemon.store import Store, stamp, unstamp
from agendad.rules.policy import Mentorship, Policy, normal_email

EVERYTHING = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """`target` is "*", the name of a mentorship, or a person's first address. Times are aware UTC."""

    target: str
    since: datetime
    until: datetime | None

    @property
    def told(self) -> str:
        """Why nothing goes out."""
        name = "everything" if self.target == EVERYTHING else self.target
        return f"{name} is paused; `agendad resume` goes on"


class UnknownTarget(LookupError):
    """Nobody and nothing in the configuration has this name."""


def target_of(words: str | None, policy: Policy) -> str:
    """What a person means by the name of a mentorship, a person's name or one of their addresses.

    Raises:
        UnknownTarget: with the nearest known name.
    """
    if words is None:
        return EVERYTHING
    known: dict[str, str] = {}
    for pair in policy.mentorships:
        for name in (pair.other.name, *pair.other.emails):
            known[name.casefold()] = pair.other.emails[0]
    known |= {pair.name.casefold(): pair.name for pair in policy.mentorships}
    wanted = normal_email(words).casefold()
    if wanted in known:
        return known[wanted]
    near = get_close_matches(wanted, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(set(known.values())))}"
    raise UnknownTarget(f"no mentorship and no person in it is called {words!r}; {hint}")


class Pauses:
    """The pauses of one installation."""

    def __init__(self, store: Store) -> None:
        self.sql = store.connection

    def put(self, target: str, now: datetime, until: datetime | None) -> None:
        row = (target, stamp(now), stamp(until) if until else None)
        self.sql.execute("INSERT OR REPLACE INTO pauses VALUES (?, ?, ?)", row)

    def lift(self, target: str) -> bool:
        """True if there was one. Lifting everything lifts each single one too."""
        if target == EVERYTHING:
            return self.sql.execute("DELETE FROM pauses").rowcount > 0
        return self.sql.execute("DELETE FROM pauses WHERE target = ?", (target,)).rowcount > 0

    def in_force(self, now: datetime) -> list[Pause]:
        rows = self.sql.execute(
            "SELECT target, since, until FROM pauses WHERE until IS NULL OR until > ? ORDER BY target", (stamp(now),)
        )
        return [
            Pause(target=target, since=unstamp(since), until=unstamp(until) if until else None)
            for target, since, until in rows
        ]

    def covering(self, mentorship: Mentorship, now: datetime) -> Pause | None:
        """The pause that holds this mentorship back, if any."""
        names = {EVERYTHING, mentorship.name, mentorship.other.emails[0]}
        return next((pause for pause in self.in_force(now) if pause.target in names), None)
