"""One call of the API, after its token, scopes, mailbox and Prefer were looked up."""

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from . import times
from .errors import Refused, access_denied
from .store import Calendar, Item, Person

_PREFERENCE = re.compile(r'\s*([\w.-]+)\s*(?:=\s*("[^"]*"|[^,;"\s]+)\s*)?', re.ASCII)
PAGE = 10
"""Items on a page when nothing is asked for."""
LARGEST_PAGE = 1000


@dataclass(frozen=True)
class Prefer:
    """What the Prefer header asks for; it holds for its own request only."""

    page_size: int | None = None
    zone: str | None = None
    body: Literal["html", "text"] = "html"
    immutable: bool = False
    applied: str = ""
    """For Preference-Applied."""

    @classmethod
    def of(cls, header: str | None) -> "Prefer":
        """Preferences of other services, misspelt ones and impossible values are refused."""
        given: dict[str, Any] = {}
        applied = []
        for name, value in _preferences(header or ""):
            if name == "odata.maxpagesize" and value.isdecimal() and 1 <= int(value) <= LARGEST_PAGE:
                given["page_size"] = int(value)
            elif name == "outlook.timezone":
                times.zone(value)
                given["zone"] = value
                applied.append(f'outlook.timezone="{value}"')
            elif name == "outlook.body-content-type" and value in {"html", "text"}:
                given["body"] = value
                applied.append(f'outlook.body-content-type="{value}"')
            elif name.casefold() == "idtype" and value == "ImmutableId":
                given["immutable"] = True
                applied.append('IdType="ImmutableId"')
            else:
                raise Refused(f"Prefer: {name}={value} is not known")
        return cls(**given, applied=", ".join(applied))


def _preferences(header: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(header):
        match = _PREFERENCE.match(header, at)
        if not match:
            raise Refused(f"Prefer: {header}")
        found.append((match[1], (match[2] or "").strip('"')))
        at = match.end()
        if at < len(header) and header[at] not in ",;":
            raise Refused(f"Prefer: {header}")
        at += 1
    return found


@dataclass
class Call:
    route: str
    mailbox: Person
    """Whose data it is about."""
    actor: Person | None
    """Who is signed in; None for an app without a user."""
    calendar: Calendar | None = None
    """None where an event is named without its calendar."""
    item: Item | None = None
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    prefer: Prefer = field(default_factory=Prefer)
    if_match: str | None = None
    address: str = ""
    """Of the resource, for links to further pages."""
    by_hand: bool = False
    """Done by a person in Outlook."""
    notes: list[str] = field(default_factory=list)
    """Violations that the API lets pass."""

    def note(self, violation: str) -> None:
        self.notes.append(f"{self.route}: {violation}")

    @property
    def role(self) -> str:
        """owner for the mailbox's own user and for an app; otherwise what the calendar was shared for."""
        if self.actor is None or self.actor is self.mailbox or self.calendar is None:
            return "owner"
        return self.calendar.role(self.actor.email) or "none"

    def require_write(self) -> None:
        if self.role not in {"owner", "write", "delegate"}:
            raise access_denied()

    @property
    def sees_private(self) -> bool:
        return self.role in {"owner", "delegate"}
