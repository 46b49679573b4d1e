"""What a folder of .ics files looked like when it was last read: the text of a cursor, and back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from agendad.providers.errors import CursorExpired

_VERSION = 4
"""Raised when what is told of an unchanged file changes, so that it is told anew."""

Stat = tuple[int, int, int]
"""A file's mtime in nanoseconds, size and inode."""
_Told = tuple[str, int | None, bool]  # a problem's message, line, and whether something was left out


@dataclass(frozen=True, slots=True)
class Entry:
    """What the cursor knows of one file."""

    stat: Stat
    racy: bool
    digest: str
    uids: frozenset[str]
    kept: frozenset[str] = frozenset()
    """UIDs it had before it was damaged; they are left alone."""
    due: int | None = None
    """The first window end, in seconds since 1970, that brings something new."""
    problems: tuple[_Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Cursor:
    start: int
    files: Mapping[str, Entry]

    def dump(self) -> str:
        """Sorted, so that the same facts make the same text."""
        rows = {
            name: [
                *entry.stat, int(entry.racy), entry.digest, sorted(entry.uids), sorted(entry.kept),
                entry.due, entry.problems,
            ]
            for name, entry in sorted(self.files.items())
        }  # fmt: skip
        return json.dumps({"version": _VERSION, "start": self.start, "files": rows}, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> "Cursor":
        try:
            shape = json.loads(text)
            if shape["version"] != _VERSION:
                raise KeyError(shape["version"])  # noqa: TRY301, told like any other cursor that is not ours
            files = {
                name: Entry(
                    (row[0], row[1], row[2]), bool(row[3]), row[4], frozenset(row[5]), frozenset(row[6]), row[7],
                    tuple((message, line, refused) for message, line, refused in row[8]),
                )
                for name, row in shape["files"].items()
            }  # fmt: skip
            return cls(int(shape["start"]), files)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            raise CursorExpired(
                "The remembered state of the folder is not from this version.",
                not_done="Nothing was read.",
                next_step="The folder is read anew from the start.",
            ) from None
