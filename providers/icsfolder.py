"""A folder of .ics files as a calendar, and files read without a folder.

The cursor holds, for every file, what the disk says of it, a hash of its content, its UIDs, and from which
window end on it has something new to tell. A pass over an unchanged folder therefore only asks the disk.
Files are written by `apply` alone, one event at a time.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from agendad.providers import icsdisk
from agendad.providers.base import (
    Applied,
    CalendarProvider,
    Capabilities,
    Change,
    Notices,
    Page,
    Problem,
    Undo,
    Window,
    WriteKind,
)
from agendad.providers.errors import AccountUnavailable, ChangeRefused, EventNotFound, NotWritten
from agendad.providers.icalendar_reading import Draft
from agendad.providers.icscursor import Cursor, Entry, Stat
from agendad.providers.icsediting import Unwritable
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
    tell_together,
    uids_in,
)
from agendad.providers.icsrewriting import Found, around, rewrite
from agendad.providers.model import Event

CALENDAR = "."
"""The only calendar's id."""

_RACY = 2_000_000_000
"""Nanoseconds: the coarsest file time in use (FAT). A file changed this shortly before it was read may change
again without its time showing it, so its content is compared until it is older."""
_MAX_DEPTH = 40
_WRITES = frozenset(WriteKind) - {WriteKind.PROPOSE, WriteKind.SHARE}


class IcsFolderProvider(CalendarProvider):
    """A folder of .ics files, subfolders included.

    Args:
        account: the account's name in the configuration.
        path: the folder.
        writable: whether events may be changed; an export that another program renews is not.
        server_tells_guests: whether a sync tool carries changes to a server that tells the guests.
        disk_clock: nanoseconds since 1970 by the clock that file times come from. This is not the clock that
            decides anything about meetings; it only tells fresh files from settled ones.
    """

    def __init__(
        self,
        account: str,
        path: Path,
        *,
        writable: bool = False,
        server_tells_guests: bool = False,
        disk_clock: Callable[[], int] = time.time_ns,
    ) -> None:
        super().__init__(account)
        self._capabilities = Capabilities(
            writes=_WRITES if writable else frozenset(),
            notices=Notices.ALWAYS if server_tells_guests else Notices.NEVER,
        )
        self._path = path.expanduser()
        self._disk_clock = disk_clock
        self._uids: dict[str, tuple[Stat, frozenset[str]]] = {}
        self._loaded: tuple[str, Cursor] | None = None
        self._misnamed: dict[str, Problem] = {}

    def calendars(self) -> tuple[str, ...]:
        self._scan()
        return (CALENDAR,)

    def changes(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        self._check(calendar)
        if cursor is None:
            return self._changes(None, None, window)
        if self._loaded is None or self._loaded[0] != cursor:
            self._loaded = (cursor, Cursor.load(cursor))
        return self._changes(self._loaded[1], cursor, window)

    def get(self, event: Event) -> Event:
        self._check(event.calendar)
        return self._look_up(event).event

    def capabilities(self, calendar: str) -> Capabilities:
        self._check(calendar)
        return self._capabilities

    def _apply(
        self,
        event: Event,
        change: Change,
        *,
        notify: bool,  # noqa: ARG002, no file tells guests
        before_writing: Callable[[Undo | None], None],
    ) -> Applied:
        try:
            return self._write(event, change, before_writing)
        except icsdisk.FileChanged:
            raise self.changed_since(event) from None
        except (Unwritable, icsdisk.UnwritableFile, UnreadableBytes) as error:
            refused = NotWritten if isinstance(error, icsdisk.UnwritableFile) else ChangeRefused
            raise refused(
                f"The file {event.source!r} cannot be changed: {error}.",
                not_done=f"{event.title!r} was not changed ({change.kind}), and the file is as it was.",
                next_step="Put the file right, or make the change in your calendar program.",
            ) from None

    def _write(self, event: Event, change: Change, before_writing: Callable[[Undo | None], None]) -> Applied:
        path = self._path / event.source
        seen = icsdisk.look(path)
        found = self._look_up(event)
        if (found.event.etag, found.event.source) != (event.etag, event.source):
            raise self.changed_since(event)
        new = rewrite(found, change)
        if new.told is None:
            return Applied(event=found.event, etag=found.event.etag)
        before_writing(new.undo)
        icsdisk.replace(path, new.content, seen)
        return Applied(event=new.told, etag=new.told.etag, undo=new.undo)

    def _look_up(self, event: Event) -> Found:
        """Read all that is said of one UID, and the occurrence from it.

        Raises:
            EventNotFound: it is gone.
            AccountUnavailable: what told it cannot be read.
        """
        drafts: list[Draft] = []
        files: dict[str, tuple[bytes, FileReading]] = {}
        unread = False
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
                told = [draft for draft in reading.drafts if draft.uid == event.uid]
                unread = unread or (reading.damaged and not told)
                drafts.extend(told)
                files[name] = content, reading
        current = occurrence(drafts, event, around(event)) if drafts else None
        if current is not None:
            return Found(current, drafts, files)
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

    def _scan(self) -> dict[str, Stat]:
        try:
            found = scan_folder(self._path)
        except OSError as error:
            raise AccountUnavailable(
                f"The folder {self._path} cannot be read: {error.strerror or error}.",
                not_done="Nothing was read, and nothing is taken to be gone.",
                next_step="Check that it exists, is mounted and may be read by this user.",
            ) from None
        self._misnamed = dict(misnamed(found))
        return {name: facts for name, facts in found.items() if name not in self._misnamed}

    def _changes(self, before: Cursor | None, text: str | None, window: Window) -> Iterator[Page]:
        found = self._scan()
        pass_ = _Pass(self.account, self._path, self._disk_clock, before, window)
        changed = [name for name in sorted(found) if pass_.has_changed(name, found[name])]
        gone = [name for name in pass_.entries if name not in found]
        due = pass_.due_files(found)
        pager = Pager(full=before is None)
        pager.tell(self._misnamed.values())
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
        after = Cursor(start, pass_.entries)
        self._loaded = (after.dump(), after)
        yield pager.last(self._loaded[0])


class _Pass:
    """One pass over the folder: what was known, and what is learned on the way."""

    def __init__(
        self, account: str, path: Path, disk_clock: Callable[[], int], before: Cursor | None, window: Window
    ) -> None:
        self._account, self._path, self._disk_clock, self._window = account, path, disk_clock, window
        # What was expanded from a later start lacks what lies before it.
        self.reread = before is None or window.start.timestamp() < before.start
        self._known = {} if before is None else before.files
        self.entries = dict(self._known)
        self.refreshed = False

    def has_changed(self, name: str, facts: Stat) -> bool:
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
            self.entries[name] = Entry(facts, racy, digest, entry.uids, entry.kept, entry.due, entry.problems)
            self.refreshed = True
        return False

    def _is_racy(self, facts: Stat) -> bool:
        return facts[0] > self._disk_clock() - _RACY

    def due_files(self, found: Mapping[str, Stat]) -> list[str]:
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
        self, names: Iterable[str], everyone: Iterable[str], found: Mapping[str, Stat], pager: Pager
    ) -> Iterator[Page]:
        """Read a group and tell every UID in it as a complete set; those no longer there as empty ones."""
        readings = [self._read(name) for name in names]
        had = {name: self._known[name].uids | self._known[name].kept for name in everyone if name in self._known}
        told = yield from tell_together(readings, had, self._window, pager)
        for reading in readings:
            name, one = reading.source, told[reading.source]
            self.entries[name] = Entry(
                found[name], self._is_racy(found[name]), reading.digest, one.uids, one.kept, one.due, one.problems
            )

    def _read(self, name: str) -> FileReading:
        try:
            return read_file(load(self._path / name), name, self._account)
        except UnreadableBytes as error:
            reading = FileReading(name, "")
            reading.refuse(str(error))
            return reading


def scan_folder(folder: Path) -> dict[str, Stat]:
    """The .ics files under `folder`, by their path relative to it, with what the disk says of them.

    Hidden files and folders, editors' copies and folders seen before (symlink loops) are passed over.

    Raises:
        OSError: the folder, or one inside it, cannot be listed.
    """
    found: dict[str, Stat] = {}
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
                key = _folder(entry) if depth < _MAX_DEPTH else None
                if key is not None and key not in seen:
                    seen.add(key)
                    waiting.append((entry.path, f"{prefix}{name}/", depth + 1))
    return found


def _folder(entry: os.DirEntry[str]) -> tuple[int, int] | None:
    """Which folder it is; None for anything else, and for a link that leads nowhere or to itself."""
    try:
        if not entry.is_dir():
            return None
        status = entry.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def misnamed(names: Iterable[str]) -> Iterator[tuple[str, Problem]]:
    """The names among them that are no text, and cannot be remembered or told as they are."""
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError:
            shown = os.fsencode(name).decode("utf-8", "replace")
            yield name, Problem(shown, "the file's name is not UTF-8; it was not read; give it another name")


def _facts(entry: os.DirEntry[str]) -> Stat | None:
    """None for a folder, and for a file that went away just now or a dangling link."""
    try:
        if entry.is_dir():
            return None
        status = entry.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


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
        odd = dict(misnamed(map(str, inside)))
        pager.tell(odd.values())
        named.update((str(item), item) for item in inside if str(item) not in odd)
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
