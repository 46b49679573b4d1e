"""Each installation that meets trouble, by the name of its provider or mail route."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from trust.desks.account_mail import Gmail, Graph
from trust.desks.base import Desk
from trust.desks.dav import Dav, Scheduling
from trust.desks.folder import Folder
from trust.desks.google import Google
from trust.desks.outlook import Outlook
from trust.desks.smtp import Smtp
from trust.fault_kinds import Verb

_STACKED = {
    "google": Google,
    "outlook": Outlook,
    "caldav": Dav,
    "caldav, scheduling": Scheduling,
    "gmail": Gmail,
    "graph mail": Graph,
    "smtp": Smtp,
}


@contextmanager
def desk_of(provider: str, verb: Verb, fault: str) -> Iterator[Desk]:
    """A new one; it is gone afterwards."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
    place = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="agendad-trust-", dir=place) as name, ExitStack() as stack:
        made = _STACKED.get(provider)
        desk = made(Path(name), verb, fault, stack) if made else Folder(Path(name), verb, fault)
        try:
            yield desk
        finally:
            desk.close()
