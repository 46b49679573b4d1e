"""What a calendar on a CalDAV server looked like when it was last read: the text of a cursor, and back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from agendad.providers.base import Window
from agendad.providers.errors import CursorExpired

_VERSION = 1
"""Raised when what is told of an unchanged object changes, so that it is told anew."""

_Problem = tuple[str, int | None, bool]  # message, line, and whether something was left out


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one object; the words are those of `icsfiles.Told`."""

    etag: str
    uids: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    due: int | None = None
    problems: tuple[_Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Cursor:
    """`start` and `end` are those of the window, in seconds since 1970."""

    start: int
    end: int
    token: str | None = None
    """RFC 6578's; None where the server has none."""
    ctag: str = ""
    """Of the calendar as a whole, where the server has that."""
    entries: Mapping[str, Entry] = field(default_factory=dict)
    """By the object's address, as the server spells it."""

    def covers(self, window: Window) -> bool:
        """Whether the window is the one that was read last."""
        return (self.start, self.end) == bounds(window)

    def dump(self) -> str:
        """Sorted, so that the same facts make the same text."""
        rows = {
            href: [one.etag, sorted(one.uids), sorted(one.kept), one.due, one.problems]
            for href, one in sorted(self.entries.items())
        }
        facts = {"version": _VERSION, "window": [self.start, self.end], "token": self.token, "ctag": self.ctag}
        return json.dumps({**facts, "objects": rows}, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> "Cursor":
        """The inverse of `dump`.

        Raises:
            CursorExpired: it is none, or of another version.
        """
        try:
            shape = json.loads(text)
            if shape["version"] != _VERSION:
                raise KeyError(shape["version"])  # noqa: TRY301, told like any other cursor that is not ours
            entries = {
                href: Entry(
                    row[0], frozenset(row[1]), frozenset(row[2]), row[3],
                    tuple((message, line, refused) for message, line, refused in row[4]),
                )
                for href, row in shape["objects"].items()
            }  # fmt: skip
            start, end = shape["window"]
            return cls(int(start), int(end), shape["token"], shape["ctag"], entries)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            raise CursorExpired(
                "The remembered state of the calendar is not from this version.",
                not_done="Nothing was read.",
                next_step="The calendar is read anew from the start.",
            ) from None


def bounds(window: Window) -> tuple[int, int]:
    """In seconds since 1970."""
    return int(window.start.timestamp()), int(window.end.timestamp())
