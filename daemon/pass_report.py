"""How a pass went, for whoever asked for it."""

from dataclasses import dataclass
from typing import Any

from agendad.daemon.journal import ActionRow
from agendad.daemon.reporting import problem_json
from agendad.providers.base import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReport:
    """How a pass over one account went."""

    name: str
    ok: bool
    error: str = ""
    sign_in: bool = False
    """Only the user can mend it, by signing in."""
    ended: bool = False
    """Nothing is tried before that."""
    changed: int = 0
    vanished: int = 0
    """Upcoming events that are gone."""
    held: tuple[str, ...] = ()
    """Why nothing is concluded for some of its calendars, with how to go on."""
    problems: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, Any]:  # JSON
        return {
            "name": self.name,
            "ok": self.ok,
            "error": self.error or None,
            "sign_in_needed": self.sign_in,
            "changed": self.changed,
            "vanished": self.vanished,
            "held": list(self.held),
            "problems": [problem_json(problem) | {"refused": problem.refused} for problem in self.problems],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PassReport:
    """What a pass did. `news` are the decisions that were not on record before."""

    accounts: tuple[AccountReport, ...]
    actions: tuple[ActionRow, ...]
    news: tuple[ActionRow, ...]

    @property
    def ok(self) -> bool:
        return all(account.ok for account in self.accounts)
