"""One call of an API method, after its token, scopes and calendar were looked up."""

from dataclasses import dataclass, field
from typing import Any

from .discovery import Method
from .errors import required_access_level
from .store import Calendar, Person, rank


@dataclass
class Call:
    method: Method
    person: Person
    calendar: Calendar
    role: str
    """The person's on that calendar."""
    path: dict[str, str]
    parameters: dict[str, Any]
    body: dict[str, Any]
    if_match: str | None = None
    busy_only: bool = False
    """The token's scopes show times and nothing else."""
    by_hand: bool = False
    """Done by a person in the web UI."""
    notes: list[str] = field(default_factory=list)
    """Violations that the API lets pass."""

    @property
    def verb(self) -> str:
        return self.method.name.split(".")[1]

    def note(self, violation: str) -> None:
        self.notes.append(f"{self.method.name}: {violation}")

    def require(self, role: str) -> None:
        if rank(self.role) < rank(role):
            raise required_access_level(role)
