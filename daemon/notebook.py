"""The user's notes: a folder with one Markdown file a mentorship. They are read, and a section may be added at the end.

What stands in a file is never changed: a section is added by putting a file in its place that begins with the same
bytes, and only if nobody has written to it meanwhile.
"""

import hashlib
import os
import re
import stat
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from unicodedata import normalize

from agendad.daemon.config_errors import Level, Problem
from agendad.rules.notes import MAX_NOTES, read_notes
from agendad.rules.relationship import Notes

ENDING = ".md"
_UNSAFE = re.compile(r"[^\w .@+()-]")
"""What no name of a file holds here: separators, controls, and what some file systems or shells take otherwise."""
_LONGEST = 80
_TRIES = 3


class NotesTrouble(Exception):
    """Notes could not be read or written. The message says what was not done and what to do."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was read last."""

    state: tuple[int, ...]
    today: date
    notes: Notes | None
    problem: Problem | None


def file_names(names: Iterable[str]) -> dict[str, str]:
    """The name of each mentorship's file. No name leads out of the folder, hides a file, or is another's.

    >>> file_names(["grace-ada", "../ada"])
    {'grace-ada': 'grace-ada.md', '../ada': 'ada-600882.md'}
    """
    wanted = {name: _plain(name) for name in names}
    taken = Counter(plain.casefold() for plain in wanted.values())
    return {
        name: f"{plain}{ENDING}"
        if plain == name and taken[plain.casefold()] == 1
        else f"{plain}-{_digest(name)}{ENDING}"
        for name, plain in wanted.items()
    }


def _plain(name: str) -> str:
    kept = re.sub(r"-{2,}", "-", _UNSAFE.sub("-", normalize("NFC", name)))
    while len(kept.encode()) > _LONGEST:
        kept = kept[:-1]
    return kept.strip("-. ") or "notes"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]


class Notebook:
    """The notes on some mentorships in a folder."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self.folder = folder
        self._paths = {name: folder / file for name, file in file_names(names).items()}
        self._seen: dict[str, _Seen] = {}

    def path(self, name: str) -> Path:
        """Where the notes on a mentorship are, or would be."""
        return self._paths[name]

    def read(self, today: date) -> Mapping[str, Notes]:
        """What there is by mentorship, empty notes where there is no file yet; nothing for what cannot be read.

        `today` is the day on the user's clock. While there is no folder nothing can be told of any.
        """
        if not self.folder.is_dir():
            return {}
        looked = ((name, self._look(name, today)) for name in self._paths)
        return {name: one.notes for name, one in looked if one.notes is not None}

    def problems(self, today: date) -> Iterator[Problem]:
        """What keeps the notes from being read, with what to do."""
        if not self.folder.is_dir():
            if self.folder.exists():
                yield _problem(self.folder, "this is no folder", "name a folder in `notes:`")
            elif not self.folder.parent.is_dir():
                yield _problem(
                    self.folder, "there is no such folder, nor the one above it", "make it, or correct `notes:`"
                )
            return
        yield from (one.problem for name in self._paths if (one := self._look(name, today)).problem is not None)

    def _look(self, name: str, today: date) -> _Seen:
        path = self._paths[name]
        state: tuple[int, ...] = ()
        try:
            found = path.stat()
            state = (found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode)
        except FileNotFoundError:
            pass
        except OSError as error:
            return _Seen((), today, None, _problem(path, f"cannot be read: {error.strerror}", "check its permissions"))
        known = self._seen.get(name)
        if known is None or (known.state, known.today) != (state, today):
            notes, problem = _read(path, today)
            known = self._seen[name] = _Seen(state, today, notes, problem)
        return known

    def add(self, name: str, day: date, section: str, beginning: str) -> bool:
        """Add a section on a session at the end of a file; False where there is one for that day already.

        Args:
            name: of the mentorship.
            day: of the session, on the user's clock.
            section: Markdown, with its heading.
            beginning: what a new file begins with.

        Raises:
            NotesTrouble: it was not added.
        """
        path = self._paths[name]
        try:
            if not self.folder.is_dir():
                self.folder.mkdir(mode=0o700)
            real = Path(os.path.realpath(path))
            for _ in range(_TRIES):
                before = _content(real)
                text = _decoded(before or b"")
                if any(one.day == day for one in read_notes(text, day).sessions):
                    return False
                after = _with_section(before, section, beginning)
                if len(after) > MAX_NOTES:
                    raise _trouble(path, "it is larger than 1 MB", "begin a new one, and keep the old beside it")
                if _put(real, before, after):
                    return True
        except UnicodeDecodeError:
            raise _trouble(path, "it is not UTF-8", "save it as UTF-8; the section is added then") from None
        except OSError as error:
            raise _trouble(
                path, error.strerror or str(error), "see to that; it is tried again for three days"
            ) from error
        raise _trouble(path, "somebody else writes to it all the time", "it is tried again")


def _trouble(path: Path, why: str, what_to_do: str) -> NotesTrouble:
    return NotesTrouble(f"no section was added to {path}: {why}. What stands there is as it was; {what_to_do}.")


def _problem(path: Path, message: str, hint: str, line: int | None = None) -> Problem:
    return Problem(file=str(path), line=line, message=message, hint=hint, level=Level.WARNING)


def _read(path: Path, today: date) -> tuple[Notes | None, Problem | None]:
    """The notes in a file, or why they cannot be read. No file: nothing is noted yet."""
    try:
        content = _content(path)
    except OSError as error:
        return None, _problem(path, f"cannot be read: {error.strerror}", "check its permissions")
    if content is None:
        return Notes(), None
    if len(content) > MAX_NOTES:
        return None, _problem(
            path, "is larger than 1 MB, and is not read", "begin a new one, and keep the old beside it"
        )
    try:
        return read_notes(_decoded(content), today), None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return None, _problem(path, "is not UTF-8, and is not read", "save it as UTF-8", line)


def _content(path: Path) -> bytes | None:
    """What is in a regular file, with one byte more than is read of it at most; None where there is none.

    Raises:
        OSError: it cannot be read, or is something else, like a folder or a pipe.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(0, "it is no file")
        with path.open("rb") as file:
            return file.read(MAX_NOTES + 1)
    except FileNotFoundError:
        return None


def _decoded(content: bytes) -> str:
    return content.decode("utf-8-sig").replace("\r\n", "\n")


def _with_section(before: bytes | None, section: str, beginning: str) -> bytes:
    if before is None or not before.strip():
        return (before or b"") + f"{beginning}\n{section}".encode()
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    gap = b"" if before.endswith(b"\n") else newline
    return before + gap + newline + section.encode().replace(b"\n", newline)


def _put(path: Path, before: bytes | None, after: bytes) -> bool:
    """Put `after` in the place of `before`, with the mode of that; False if something else stands there by now."""
    descriptor, name = tempfile.mkstemp(prefix=".agendad-", suffix=".tmp", dir=path.parent)  # 0600 from the start
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(after)
            file.flush()
            if before is not None:
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            os.fsync(file.fileno())
        if _content(path) != before:
            return False
        if before is None:
            try:
                path.hardlink_to(temporary)  # of two that make it, one is told
            except FileExistsError:
                return False
            except OSError:  # a disk without hard links
                temporary.replace(path)
        else:
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    with suppress(OSError):  # where a folder cannot be synced, the file is there all the same
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return True
