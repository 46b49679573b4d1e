"""What `agendad doctor` tells: one thing that was looked at, how it is, and what mends it."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How something is. An error keeps agendad from its work; a warning will, or may."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


MARKS = {State.OK: "✓", State.WARNING: "!", State.ERROR: "✗"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing. `fix` is what to do, "" where nothing is to be done."""

    name: str
    state: State
    message: str
    fix: str = ""

    def as_json(self) -> dict[str, str | None]:
        return {"name": self.name, "state": self.state, "message": self.message, "fix": self.fix or None}


def good(name: str, message: str) -> Check:
    return Check(name=name, state=State.OK, message=message)


def warn(name: str, message: str, fix: str) -> Check:
    return Check(name=name, state=State.WARNING, message=message, fix=fix)


def bad(name: str, message: str, fix: str) -> Check:
    return Check(name=name, state=State.ERROR, message=message, fix=fix)
