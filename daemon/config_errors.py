"""What is wrong with a configuration file, and where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

KeyPath = tuple[str | int, ...]
"""Where a value stands: ("accounts", 0, "path")."""


class Level(StrEnum):
    """An error stops loading. A warning is something that will not work as hoped. A note is for information."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to tell about a configuration file. `line` and `column` are 1-based, None for the whole file."""

    file: str
    message: str
    hint: str = ""
    key: str = ""
    """The key path as people write it: `accounts[0].path`."""
    line: int | None = None
    column: int | None = None
    level: Level = Level.ERROR

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        said = f"{self.message}; {self.hint}" if self.hint else self.message
        return ": ".join(part for part in (place, self.key, said) if part)

    def as_json(self) -> dict[str, Any]:  # JSON values
        """The same for `--json`: file, line, column, key, level, message, hint."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "key": self.key,
            "level": self.level.value,
            "message": self.message,
            "hint": self.hint,
        }


class ConfigError(Exception):
    """The configuration cannot be used. `problems` holds everything that is wrong with it, file by file, in order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda one: (one.file, one.line or 0, one.column or 0)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def dotted(path: KeyPath) -> str:
    """A key path as people write it.

    >>> dotted(("accounts", 0, "path"))
    'accounts[0].path'
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that was probably meant; case does not count.

    >>> nearest("max_cancel_per_day", ["max_mails_per_day", "max_cancels_per_day"])
    'max_cancels_per_day'
    """
    by_lower = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A hint: the nearest known word, or all of them."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near else f"known here: {', '.join(known)}"
