"""A folder of .ics files as a calendar, and files read without a folder.

The cursor holds, for every file, what the disk says of it, a hash of its content, its UIDs, and from which
window end on it has something new to tell. A pass over an unchanged folder therefore only asks the disk.
Files are never written.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agendad.providers.base import CalendarProvider, Page, Problem, Window
from agendad.providers.errors import AccountUnavailable, CursorExpired, EventNotFound
from agendad.providers.icsfiles import (
    FileReading,
    Pager,
    UnreadableBytes,
    digest_of,
    groups,
    load,
    occurrence,
    read_file,
    read_group,
    uids_in,
)
from agendad.providers.model import Event

CALENDAR = "."
"""The only calendar's id."""

_VERSION = 3
_RACY = 2_000_000_000
"""Nanoseconds: the coarsest file time in use (FAT). A file changed this shortly before it was read may change
again without its time showing it, so its content is compared until it is older."""
_MAX_DEPTH = 40

_Stat = tuple[int, int, int]  # mtime in ns, size, inode
_Told = tuple[str, int | None, bool]  # a problem's message, line, and whether something was left out


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the cursor knows of one file."""

    stat: _Stat
    racy: bool
    digest: str
    uids: frozenset[str]
    kept: frozenset[str] = frozenset()
    """UIDs it had before it was damaged; they are left alone."""
    due: int | None = None
    """The first window end, in seconds since 1970, that brings something new."""
    problems: tuple[_Told, ...] = ()


@dataclass(frozen=True, slots=True)
class _Cursor:
    start: int
    files: Mapping[str, _Entry]

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
    def load(cls, text: str) -> "_Cursor":
        try:
            shape = json.loads(text)
            if shape["version"] != _VERSION:
                raise KeyError(shape["version"])  # noqa: TRY301, told like any other cursor that is not ours
            files = {
                name: _Entry(
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


class IcsFolderProvider(CalendarProvider):
    """A folder of .ics files, subfolders included; read-only.

    Args:
        account: the account's name in the configuration.
        path: the folder.
        disk_clock: nanoseconds since 1970 by the clock that file times come from. This is not the clock that
            decides anything about meetings; it only tells fresh files from settled ones.
    """

    def __init__(self, account: str, path: Path, *, disk_clock: Callable[[], int] = time.time_ns) -> None:
        super().__init__(account)
        self._path = path.expanduser()
        self._disk_clock = disk_clock
        self._uids: dict[str, tuple[_Stat, frozenset[str]]] = {}
        self._loaded: tuple[str, _Cursor] | None = None

    def calendars(self) -> tuple[str, ...]:
        self._scan()
        return (CALENDAR,)

    def changes(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        self._check(calendar)
        if cursor is None:
            return self._changes(None, None, window)
        if self._loaded is None or self._loaded[0] != cursor:
            self._loaded = (cursor, _Cursor.load(cursor))
        return self._changes(self._loaded[1], cursor, window)

    def get(self, event: Event) -> Event:
        self._check(event.calendar)
        found, unread = [], False
        for name, facts in sorted(self._scan().items()):
            if self._uids.get(name, (None,))[0] == facts and event.uid not in self._uids[name][1]:
                continue
            try:
                content = load(self._path / name)
            except UnreadableBytes:
                unread = unread or name == event.source
                continue
            uids = uids_in(content)
            self._uids[name] = (facts, uids)
            if event.uid in uids:
                reading = read_file(content, name, self.account)
                drafts = [draft for draft in reading.drafts if draft.uid == event.uid]
                unread = unread or (reading.damaged and not drafts)
                found.extend(drafts)
        current = occurrence(found, event, _around(event)) if found else None
        if current is not None:
            return current
        if unread:
            raise AccountUnavailable(
                f"The file {event.source!r} cannot be read any more.",
                not_done="The event was not read again.",
                next_step="Look at the problems reported for this file, and repair it.",
            )
        raise EventNotFound(
            f"{event.title!r} is no longer in {event.source or self._path}.",
            not_done="It was not read again.",
            next_step="The next sync will drop it.",
        )

    def _check(self, calendar: str) -> None:
        if calendar != CALENDAR:
            raise AccountUnavailable(
                f"The account {self.account!r} has no calendar {calendar!r}.",
                not_done="Nothing was read.",
                next_step=f"A folder has one calendar, {CALENDAR!r}; remove the other from the configuration.",
            )

    def _scan(self) -> dict[str, _Stat]:
        try:
            return scan_folder(self._path)
        except OSError as error:
            raise AccountUnavailable(
                f"The folder {self._path} cannot be read: {error.strerror or error}.",
                not_done="Nothing was read, and nothing is taken to be gone.",
                next_step="Check that it exists, is mounted and may be read by this user.",
            ) from None

    def _changes(self, before: _Cursor | None, text: str | None, window: Window) -> Iterator[Page]:
        found = self._scan()
        pass_ = _Pass(self.account, self._path, self._disk_clock, before, window)
        changed = [name for name in sorted(found) if pass_.has_changed(name, found[name])]
        gone = [name for name in pass_.entries if name not in found]
        due = pass_.due_files(found)
        pager = Pager(full=before is None)
        uids_of = pass_.uids_of(changed) if changed or gone or due else {}
        for group in groups(uids_of, sorted({*changed, *gone, *due})):
            yield from pass_.tell_group([name for name in group if name in found], group, found, pager)
        for name in gone:
            del pass_.entries[name]
        for name, entry in pass_.entries.items():
            if entry.problems:
                pager.tell(Problem(name, *told) for told in entry.problems)
        unchanged = not (changed or gone or due or pass_.refreshed) and text is not None
        if unchanged:
            yield pager.last(text)
            return
        self._uids = {name: (entry.stat, entry.uids | entry.kept) for name, entry in pass_.entries.items()}
        start = int(window.start.timestamp()) if before is None or changed or due else before.start
        after = _Cursor(start, pass_.entries)
        self._loaded = (after.dump(), after)
        yield pager.last(self._loaded[0])


class _Pass:
    """One pass over the folder: what was known, and what is learned on the way."""

    def __init__(
        self, account: str, path: Path, disk_clock: Callable[[], int], before: _Cursor | None, window: Window
    ) -> None:
        self._account, self._path, self._disk_clock, self._window = account, path, disk_clock, window
        # What was expanded from a later start lacks what lies before it.
        self.reread = before is None or window.start.timestamp() < before.start
        self._known = {} if before is None else before.files
        self.entries = dict(self._known)
        self.refreshed = False

    def has_changed(self, name: str, facts: _Stat) -> bool:
        entry = self._known.get(name)
        if entry is None:
            return True
        if entry.stat == facts and not entry.racy and entry.digest:
            return False
        try:
            digest = digest_of(load(self._path / name))
        except UnreadableBytes:
            return entry.stat != facts
        if digest != entry.digest:
            return True
        racy = self._is_racy(facts)
        if (facts, racy) != (entry.stat, entry.racy):  # touched, or settled
            self.entries[name] = _Entry(facts, racy, digest, entry.uids, entry.kept, entry.due, entry.problems)
            self.refreshed = True
        return False

    def _is_racy(self, facts: _Stat) -> bool:
        return facts[0] > self._disk_clock() - _RACY

    def due_files(self, found: Mapping[str, _Stat]) -> list[str]:
        """Files that the window, having moved, makes worth reading again."""
        end = self._window.end.timestamp()
        return [
            name
            for name, entry in self._known.items()
            if name in found and (self.reread or (entry.due is not None and entry.due < end))
        ]

    def uids_of(self, changed: Iterable[str]) -> dict[str, frozenset[str]]:
        """The UIDs each file has or had."""
        uids = {name: entry.uids | entry.kept for name, entry in self._known.items()}
        for name in changed:
            try:
                uids[name] = uids.get(name, frozenset()) | uids_in(load(self._path / name))
            except UnreadableBytes:
                uids.setdefault(name, frozenset())
        return uids

    def tell_group(
        self, names: Iterable[str], everyone: Iterable[str], found: Mapping[str, _Stat], pager: Pager
    ) -> Iterator[Page]:
        """Read a group and tell every UID in it as a complete set; those no longer there as empty ones."""
        readings, kept = [], {}
        for name in names:
            reading = self._read(name)
            old = self._known.get(name)
            had = frozenset() if old is None else old.uids | old.kept
            kept[name] = had - reading.uids if reading.damaged else frozenset()
            readings.append(reading)
        untouched = frozenset().union(*kept.values())
        group = read_group(readings, self._window, untouched)
        due = None if group.due is None else int(group.due.timestamp())
        for reading in readings:
            name = reading.source
            told = (*reading.problems, *(problem for problem in group.problems if problem.source == name))
            self.entries[name] = _Entry(
                found[name], self._is_racy(found[name]), reading.digest, reading.uids - kept[name], kept[name], due,
                tuple((problem.message, problem.line, problem.refused) for problem in told),
            )  # fmt: skip
        had = frozenset().union(
            *(self._known[name].uids | self._known[name].kept for name in everyone if name in self._known)
        )
        for uid in had - untouched - group.events.keys():
            yield from pager.add(uid, ())
        for uid, events in group.events.items():
            yield from pager.add(uid, events)

    def _read(self, name: str) -> FileReading:
        try:
            return read_file(load(self._path / name), name, self._account)
        except UnreadableBytes as error:
            reading = FileReading(name, "")
            reading.refuse(str(error))
            return reading


def scan_folder(folder: Path) -> dict[str, _Stat]:
    """The .ics files under `folder`, by their path relative to it, with what the disk says of them.

    Hidden files and folders, editors' copies and folders seen before (symlink loops) are passed over.

    Raises:
        OSError: the folder, or one inside it, cannot be listed.
    """
    found: dict[str, _Stat] = {}
    top = folder.stat()
    seen = {(top.st_dev, top.st_ino)}
    waiting = [(str(folder), "", 0)]
    while waiting:
        path, prefix, depth = waiting.pop()
        with os.scandir(path) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith((".", "#", "~$")):
                    continue
                if name[-4:].lower() == ".ics":
                    facts = _facts(entry)
                    if facts is not None:
                        found[prefix + name] = facts
                        continue
                if depth < _MAX_DEPTH and entry.is_dir():
                    status = entry.stat()
                    key = (status.st_dev, status.st_ino)
                    if key not in seen:
                        seen.add(key)
                        waiting.append((entry.path, f"{prefix}{name}/", depth + 1))
    return found


def _facts(entry: os.DirEntry[str]) -> _Stat | None:
    """None for a folder, and for a file that went away just now or a dangling link."""
    try:
        if entry.is_dir():
            return None
        status = entry.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _around(event: Event) -> Iterator[Window]:
    """Where to look for one occurrence: near its original start and where it was last seen, then further."""
    seen = event.start.instant or event.start.wall.replace(tzinfo=UTC)
    original = seen if event.recurrence_id is None else datetime.fromisoformat(event.recurrence_id)
    original = original.replace(tzinfo=UTC) if original.tzinfo is None else original.astimezone(UTC)
    for margin in (timedelta(days=2), timedelta(days=45), timedelta(days=400)):
        yield Window(min(original, seen) - margin, max(original, seen) + margin)


def read_files(paths: Iterable[Path], window: Window, account: str = "lint") -> Iterator[Page]:
    """Read files and folders as one calendar, without a cursor; UIDs are put together across all of them.

    A file that is named need not end in .ics. Sources are the paths as given. Nothing is raised for what
    cannot be read: it is among the problems. The last page has no cursor either.
    """
    named: dict[str, Path] = {}
    pager = Pager(full=True)
    for path in paths:
        try:
            inside = [path / name for name in sorted(scan_folder(path))] if path.is_dir() else [path]
        except OSError as error:
            reason = error.strerror or str(error)
            pager.tell([Problem(str(path), f"the folder cannot be read ({reason}); nothing in it was judged")])
            continue
        named.update((str(item), item) for item in inside)
    uids_of: dict[str, frozenset[str]] = {}
    for source, item in named.items():
        try:
            uids_of[source] = uids_in(load(item))
        except UnreadableBytes:
            uids_of[source] = frozenset()
    for group in groups(uids_of, named):
        readings = []
        for source in group:
            try:
                readings.append(read_file(load(named[source]), source, account))
            except UnreadableBytes as error:
                refused = FileReading(source, "")
                refused.refuse(str(error))
                readings.append(refused)
        told = read_group(readings, window)
        for reading in readings:
            pager.tell(reading.problems)
        pager.tell(told.problems)
        for uid, events in told.events.items():
            yield from pager.add(uid, events)
    yield pager.last(None)
