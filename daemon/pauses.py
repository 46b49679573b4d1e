"""Pauses: of everything, a mentorship, a person, a series or one session, until they are lifted or their time is over.

They are looked at when something is decided, and once more in the transaction that says that it is about to leave.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from agendad.daemon.session_store import Key
from agendad.daemon.store import Store, stamp, unstamp
from agendad.rules.policy import Mentorship, Policy, normal_email
from agendad.rules.text.untrusted import one_line

_LABEL, _REASON = 120, 200
"""Characters of a title with its time, and of a reason, as they are shown."""


class Kind(StrEnum):
    """What a pause is of, the widest first."""

    EVERYTHING = "everything"
    MENTORSHIP = "mentorship"
    PERSON = "person"
    SERIES = "series"
    SESSION = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is held back."""

    kind: Kind
    name: str = "*"
    """A mentorship's name, a person's first address, a UID, or "*" for everything."""
    recurrence_id: str = ""
    """Of a session that is one of a series."""
    label: str = ""
    """What a session or series is called, as far as that may be shown."""

    @property
    def said(self) -> str:
        """How a person knows it, on one line."""
        if self.kind is Kind.EVERYTHING:
            return "everything"
        if self.kind is Kind.SERIES:
            return f"the series {one_line(self.label or self.name, _LABEL)}"
        return one_line(self.label or self.name, _LABEL)

    @property
    def resume(self) -> str:
        """The command that lifts it. A UID comes from a stranger: the shell must take it for a word."""
        word = shlex.quote(one_line(self.name, len(self.name) + 1))
        if self.kind is Kind.EVERYTHING:
            return "agendad resume"
        return (
            f"agendad resume --{self.kind} {word}"
            if self.kind in (Kind.SERIES, Kind.SESSION)
            else (f"agendad resume {word}")
        )

    def holds(self, key: Key, mentorship: Mentorship | None) -> bool:
        """Whether an occurrence of a mentorship (None: of no declared one) is among what is held back."""
        match self.kind:
            case Kind.EVERYTHING:
                return True
            case Kind.MENTORSHIP:
                return mentorship is not None and mentorship.name == self.name
            case Kind.PERSON:
                return mentorship is not None and mentorship.other.has(self.name)
            case Kind.SERIES:
                return key[0] == self.name
            case Kind.SESSION:
                return key == (self.name, self.recurrence_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Times are aware UTC."""

    target: Target
    since: datetime
    until: datetime | None
    because: str = ""
    """The user's reason, on one line; "" if none was given."""

    @property
    def told(self) -> str:
        """Why nothing goes out."""
        why = f" ({self.because})" if self.because else ""
        return f"{self.target.said} is paused{why}; `{self.target.resume}` goes on"

    def as_json(self) -> dict[str, Any]:  # JSON
        """The shape in `agendad.pauses/1`; times in UTC."""
        return {
            "kind": self.target.kind,
            "target": self.target.name,
            "recurrence_id": self.target.recurrence_id or None,
            "label": self.target.label,
            "since": stamp(self.since),
            "until": stamp(self.until) if self.until else None,
            "because": self.because,
            "resume": self.target.resume,
        }


class UnknownTarget(LookupError):
    """Nobody and nothing in the configuration has this name."""


def target_of(words: str | None, policy: Policy) -> Target:
    """What a person means by the name of a mentorship, a person's name or one of their addresses.

    Raises:
        UnknownTarget: with the nearest known name.
    """
    if words is None:
        return Target(kind=Kind.EVERYTHING)
    known: dict[str, Target] = {}
    for pair in policy.mentorships:
        for name in (pair.other.name, *pair.other.emails):
            known[name.casefold()] = Target(kind=Kind.PERSON, name=pair.other.emails[0])
    known |= {pair.name.casefold(): Target(kind=Kind.MENTORSHIP, name=pair.name) for pair in policy.mentorships}
    wanted = normal_email(words).casefold()
    if wanted in known:
        return known[wanted]
    near = get_close_matches(wanted, known, n=1)
    listed = ", ".join(sorted({target.name for target in known.values()}))
    hint = f"did you mean {near[0]}?" if near else f"known: {listed}"
    raise UnknownTarget(f"no mentorship and no person in it is called {words!r}; {hint}")


class Pauses:
    """The pauses of one installation."""

    def __init__(self, store: Store) -> None:
        self.sql = store.connection

    def put(self, target: Target, now: datetime, until: datetime | None, because: str = "") -> None:
        """Hold back from now on. A pause of the same target is replaced, and what is over is forgotten."""
        self.sql.execute("DELETE FROM pauses WHERE until <= ?", (stamp(now),))
        row = (
            *(target.kind, target.name, target.recurrence_id, target.label),
            *(stamp(now), stamp(until) if until else None, one_line(because, _REASON)),
        )
        self.sql.execute("INSERT OR REPLACE INTO pauses VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def lift(self, target: Target) -> bool:
        """True if there was one. Lifting everything lifts each single one too."""
        if target.kind is Kind.EVERYTHING:
            return self.sql.execute("DELETE FROM pauses").rowcount > 0
        row = (target.kind, target.name, target.recurrence_id)
        done = self.sql.execute("DELETE FROM pauses WHERE kind = ? AND target = ? AND recurrence_id = ?", row)
        return done.rowcount > 0

    def in_force(self, now: datetime) -> list[Pause]:
        """Those whose time is not over, the widest first."""
        rows = self.sql.execute(
            "SELECT kind, target, recurrence_id, label, since, until, because FROM pauses "
            "WHERE until IS NULL OR until > ? ORDER BY label, target, recurrence_id",
            (stamp(now),),
        )
        pauses = [
            Pause(
                target=Target(kind=Kind(kind), name=name, recurrence_id=recurrence_id, label=label),
                since=unstamp(since),
                until=unstamp(until) if until else None,
                because=because,
            )
            for kind, name, recurrence_id, label, since, until, because in rows
        ]
        return sorted(pauses, key=lambda pause: list(Kind).index(pause.target.kind))

    def worth_telling(self, now: datetime) -> list[Pause]:
        """The same without those of single sessions that are over."""
        return [pause for pause in self.in_force(now) if not self._is_past(pause.target, now)]

    def named(self, kind: Kind, words: str, now: datetime) -> list[Pause]:
        """Pauses of sessions or of series: by UID, by the start of a UID, or by words of the title."""
        pauses = [pause for pause in self.in_force(now) if pause.target.kind is kind]
        for fits in (
            lambda target: target.name == words,
            lambda target: target.name.startswith(words),
            lambda target: words.casefold() in target.label.casefold(),
        ):
            if found := [pause for pause in pauses if fits(pause.target)]:
                return found
        return []

    def covering(self, key: Key, mentorship: Mentorship | None, at: datetime) -> Pause | None:
        """Of the pauses that hold an occurrence back at a time (aware UTC) the one that ends last, if any."""
        holding = [pause for pause in self.in_force(at) if pause.target.holds(key, mentorship)]
        return max(holding, key=lambda pause: (pause.until is None, pause.until or at), default=None)

    def next_end(self, now: datetime) -> datetime | None:
        """When the next one is over (aware UTC)."""
        row = self.sql.execute("SELECT min(until) FROM pauses WHERE until > ?", (stamp(now),)).fetchone()
        return unstamp(row[0]) if row[0] else None

    def shown_on(self, shape: Mapping[str, Any], policy: Policy, now: datetime) -> dict[str, Any]:  # JSON
        """A session's shape with the pause that holds it back, None if none does."""
        key = (shape["uid"], shape["recurrence_id"] or "")
        pair = next((one for one in policy.mentorships if one.name == shape["mentorship"]), None)
        pause = self.covering(key, pair, now)
        return {**shape, "paused": pause.as_json() if pause else None}

    def _is_past(self, target: Target, now: datetime) -> bool:
        """Whether a single session was read as one that has ended."""
        if target.kind is not Kind.SESSION:
            return False
        query = "SELECT max(end_at) FROM events WHERE uid = ? AND recurrence_id = ?"
        (end,) = self.sql.execute(query, (target.name, target.recurrence_id)).fetchone()
        return end is not None and unstamp(end) <= now
