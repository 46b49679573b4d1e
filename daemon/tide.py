"""How far the journal has come, in a file beside the database: one that is behind it is an old backup, restored.

A mail leaves no mark on an event, so nothing else would tell that it was sent already.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from agendad.daemon import private_files
from agendad.daemon.journal import Journal
from agendad.daemon.marks import Marks

FILE = "journal-line"


def look(journal: Journal, accounts: Iterable[str]) -> None:
    """Hold every account back until the user confirms it, where the database is behind what was here before."""
    path = _path(journal)
    if path is None or journal.last_number() >= _read(path):
        return
    with journal.store.transaction():
        Marks(journal).doubt(accounts)
    keep(journal)  # the doubt is in the database by now


def keep(journal: Journal) -> None:
    """Note how far it is. Where that cannot be written, old backups are told by marks alone."""
    path = _path(journal)
    if path is not None and (number := journal.last_number()) != _read(path):
        with suppress(OSError):
            private_files.write(path, f"{number}\n".encode())


def _path(journal: Journal) -> Path | None:
    """None for a database in memory."""
    return journal.store.path.with_name(FILE) if journal.store.path else None


def _read(path: Path) -> int:
    try:
        return int(path.read_text("utf-8"))
    except (OSError, ValueError):
        return 0
