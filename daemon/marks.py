"""The marks on events that agendad wrote: whose are they, and does the journal know of ours?

A mark is `DIGEST@INSTALLATION`. One of another installation means that somebody else's agendad is at work on the
event. One of our own that the journal does not know means that the journal is older than the calendar, as after a
backup was restored: then nothing is done until the user confirms, as it might have been done before.
"""

import json
from collections.abc import Iterable

from agendad.daemon.journal import Journal
from agendad.providers.model import Event

SHARED = "-shared"
"""Follows the digest where the guests were let change the event, beside what the action itself does."""
RESTORED = "restored"
"""Stands among the strays for what left no mark."""
_STRAYS = "strays"


class Marks:
    """The marks as one installation sees them. Writes belong inside a transaction."""

    def __init__(self, journal: Journal) -> None:
        self.journal, self.store = journal, journal.store
        self.installation = journal.installation

    def of_others(self, event: Event) -> bool:
        """Whether another installation has written on the event."""
        return any(installation != self.installation for _, installation in map(_parts, event.marks))

    def look(self, events: Iterable[Event], confirmed: frozenset[str]) -> None:
        """Note the marks of ours that the journal does not know; those of confirmed accounts are adopted."""
        strays = self.strays()
        for event in events:
            for mark, installation in map(_parts, event.marks):
                if installation == self.installation and not self.journal.knows(mark):
                    strays.setdefault(event.account, []).append(mark)
        for account in confirmed & strays.keys():
            self.journal.adopt(strays.pop(account))
        known = {account: sorted(set(marks)) for account, marks in strays.items()}
        self.store.remember(_STRAYS, json.dumps(known))

    def doubt(self, accounts: Iterable[str]) -> None:
        """Until the user confirms these accounts, anything may have been done that the journal does not know."""
        strays = self.strays()
        for account in accounts:
            strays[account] = sorted({*strays.get(account, ()), RESTORED})
        self.store.remember(_STRAYS, json.dumps(strays))

    def strays(self) -> dict[str, list[str]]:
        """Account → our marks on its events that the journal does not know."""
        return dict(json.loads(self.store.remembered(_STRAYS) or "{}"))


def _parts(mark: str) -> tuple[str, str]:
    """(the action's mark, the installation)."""
    digest, _, installation = mark.partition("@")
    return digest.removesuffix("-undone").removesuffix(SHARED), installation
