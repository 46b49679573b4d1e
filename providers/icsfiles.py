""".ics files on disk: read one, find out which belong together, and put one UID together from several.

Invites are saved as they come: version 1, version 2, an exception mailed by itself, a cancellation. Files
that share a UID, directly or through another file, form a group; a group is read and told as a whole.
"""

import dataclasses
import hashlib
import os
import re
import stat
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from agendad.providers.base import Page, Problem, Window
from agendad.providers.icalendar_reading import Draft, DraftReader
from agendad.providers.icslines import MAX_BYTES, MAX_PROBLEMS, Fault, UnreadableFile, decode, parse
from agendad.providers.model import Event, Status
from agendad.providers.recurrence import MAX_OCCURRENCES, expand, identified

PAGE_SIZE = 300
"""Events on a page, unless one UID alone has more."""

MAX_IN_GROUP = 20_000
"""Occurrences of all the series in one group; of a series after them the first date is read alone."""

_IGNORED_METHODS = frozenset({"REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH"})
# What stands between the name and the colon, and the value with its folds, as icslines reads them.
_UID_LINE = re.compile(r"^UID([^:\n]*):([^\n]*+(?:\n(?:\r?\n){0,3}+[ \t][^\n]*+)*+)", re.MULTILINE | re.IGNORECASE)
_EVENT_LINE = re.compile(r"^BEGIN:VEVENT", re.MULTILINE | re.IGNORECASE)
_FOLD = re.compile(r"\r?\n(?:\r?\n){0,3}+[ \t]")


@dataclass(slots=True)
class FileReading:
    """What one file holds. `damaged` if something in it was left out, so that what is missing is not gone."""

    source: str
    digest: str
    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    damaged: bool = False

    @property
    def uids(self) -> frozenset[str]:
        return frozenset(draft.uid for draft in self.drafts)

    def refuse(self, message: str, line: int | None = None) -> None:
        self.damaged = True
        _tell(self.problems, Problem(self.source, message, line))

    def note(self, message: str, line: int | None = None) -> None:
        _tell(self.problems, Problem(self.source, message, line, refused=False))

    def tell(self, fault: Fault) -> None:
        (self.refuse if fault.refused else self.note)(str(fault), fault.line)


def _tell(problems: list[Problem], problem: Problem) -> None:
    """Add it to those of its file, unless as many of its kind are told already; that there are more is told once."""
    alike = sum(other.refused is problem.refused for other in problems)
    if alike < MAX_PROBLEMS:
        problems.append(problem)
    elif alike == MAX_PROBLEMS:
        more = f"more than {MAX_PROBLEMS} {'events were left out' if problem.refused else 'remarks'} in this file"
        problems.append(dataclasses.replace(problem, message=f"{more}; the others are not told one by one"))


class UnreadableBytes(Exception):
    """The file could not be read from the disk; the message says why and what to do."""


def load(path: Path) -> bytes:
    """The bytes of a regular file of at most `MAX_BYTES`; a larger one is not read.

    Raises:
        UnreadableBytes: it is too large, no file, or not ours to read.
    """
    try:
        # Opened without waiting: a named pipe among the files must not stop the service.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableBytes("this is no regular file; it was not read")
            if status.st_size > MAX_BYTES:
                raise UnreadableBytes(
                    f"the file has {status.st_size / 2**20:,.0f} MB and was not read; "
                    f"split it, {MAX_BYTES // 2**20} MB is the most"
                )
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableBytes(f"the file cannot be read ({reason}); it was left alone; check its permissions") from None
    if len(content) > MAX_BYTES:
        raise UnreadableBytes(f"the file grew past {MAX_BYTES // 2**20} MB while it was read; it was left alone")
    return content


def digest_of(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()


def uids_in(content: bytes) -> frozenset[str]:
    """The UIDs a file speaks of, found without parsing it; perhaps some more (of tasks, say)."""
    try:
        text = decode(content)
    except UnreadableFile:
        return frozenset()
    if "\n" not in text:
        text = text.replace("\r", "\n")
    lines = _UID_LINE.findall(text)
    found = [_FOLD.sub("", value).strip() for _, value in lines]
    plain = all(found) and not any(head or "\\" in uid for (head, _), uid in zip(lines, found, strict=True))
    if plain and len(_EVENT_LINE.findall(text)) <= len(found):
        return frozenset(found)
    return read_file(content, "", "").uids | frozenset(found)


def read_file(content: bytes, source: str, account: str, calendar: str = ".") -> FileReading:
    """Read one file's bytes. Nothing is raised: what cannot be read is among the problems."""
    reading = FileReading(source, digest_of(content))
    try:
        frame = parse(decode(content))
    except UnreadableFile as error:
        reading.refuse(f"{error}; the file was left alone", error.line)
        return reading
    reading.damaged = frame.cut_off
    for fault in frame.faults:
        reading.tell(fault)
    for part in frame.calendars:
        if part.method in _IGNORED_METHODS:
            continue
        if part.method == "ADD":
            reading.refuse("METHOD:ADD is not supported; the added occurrences were left out", part.method_line)
            continue
        reader = DraftReader(part, account, source, calendar)
        for component in part.events:
            try:
                reading.drafts.append(reader.read(component))
            except Fault as fault:
                consequence = "; this event was left out" if fault.refused else ""
                reading.tell(Fault(f"{fault}{consequence}", fault.line, refused=fault.refused))
        for note in reader.notes:
            reading.tell(note)
    return reading


@dataclass(slots=True)
class GroupReading:
    """A group's occurrences by UID, when the group has news without a change, and problems by file."""

    events: dict[str, tuple[Event, ...]] = field(default_factory=dict)
    due: datetime | None = None
    problems: list[Problem] = field(default_factory=list)


def read_group(readings: Iterable[FileReading], window: Window, kept: frozenset[str] = frozenset()) -> GroupReading:
    """Put files that share UIDs together. UIDs in `kept` are left alone."""
    by_uid: dict[str, list[Draft]] = {}
    for reading in readings:
        for draft in reading.drafts:
            if draft.uid not in kept:
                by_uid.setdefault(draft.uid, []).append(draft)
    group = GroupReading()
    told: dict[str, list[Problem]] = {}
    room = MAX_IN_GROUP
    for uid, drafts in by_uid.items():
        master, exceptions = merge(drafts)
        expansion = expand(master, exceptions, window, min(room, MAX_OCCURRENCES))
        if master is not None and master.recurs:
            room -= len(expansion.events)
        group.events[uid] = expansion.events
        if expansion.due is not None:
            group.due = expansion.due if group.due is None else min(group.due, expansion.due)
        for draft, fault in expansion.faults:
            source = draft.template.source
            _tell(told.setdefault(source, []), Problem(source, str(fault), fault.line, fault.refused))
    group.problems = [problem for problems in told.values() for problem in problems]
    return group


def merge(drafts: Sequence[Draft]) -> tuple[Draft | None, list[Draft]]:
    """The master in force and one exception for each occurrence, of all that was said of one UID.

    The newest word wins by SEQUENCE, then DTSTAMP (RFC 5546 §2.1.5). A cancellation wins over what is not newer.
    """
    master = _in_force([draft for draft in drafts if draft.original is None])
    by_original: dict[tuple[object, ...], list[Draft]] = {}
    for draft in drafts:
        if draft.original is not None:
            moment = draft.original.instant or draft.original.wall
            by_original.setdefault((moment, draft.this_and_future), []).append(draft)
    exceptions = [chosen for group in by_original.values() if (chosen := _in_force(group)) is not None]
    if master is not None and master.template.status is Status.CANCELLED:
        exceptions = [_cancelled(draft) for draft in exceptions]
    return master, exceptions


def _in_force(drafts: Sequence[Draft]) -> Draft | None:
    if len(drafts) == 1:
        return _cancelled(drafts[0]) if drafts[0].method == "CANCEL" else drafts[0]
    if not drafts:
        return None
    # A METHOD:CANCEL is a message about an event and often says little of it; the event is told from the rest.
    told = [draft for draft in drafts if draft.method != "CANCEL"] or drafts
    newest = max(told, key=lambda draft: draft.revision)
    cancels = [
        draft.revision[0] for draft in drafts if draft.method == "CANCEL" or draft.template.status is Status.CANCELLED
    ]
    return _cancelled(newest) if cancels and max(cancels) >= newest.revision[0] else newest


def _cancelled(draft: Draft) -> Draft:
    template = draft.template
    if template.status is Status.CANCELLED:
        return draft
    # Another component says so, and the etag tells that it does.
    return dataclasses.replace(
        draft, template=dataclasses.replace(template, status=Status.CANCELLED, etag=f"{template.etag}-cancelled")
    )


def occurrence(drafts: Sequence[Draft], event: Event, windows: Iterable[Window]) -> Event | None:
    """The occurrence that `event` names, among all that is said of its UID; looked for in each window in turn."""
    master, exceptions = merge(drafts)
    if event.recurrence_id is None:
        if master is None or exceptions:
            return None
        if not master.recurs:
            return identified(master.template)
        # Its rule cannot be followed: it is known as a single event.
    for window in windows:
        expansion = expand(master, exceptions, window)
        for found in expansion.events:
            if found.recurrence_id == event.recurrence_id:
                return found
        if expansion.faults:  # more than are ever told, or a rule that cannot be followed: so it is in wider windows
            return None
    return None


def teller(drafts: Sequence[Draft], event: Event) -> Draft:
    """The component that tells this occurrence: itself, its exception, or its master.

    Args:
        drafts: all that is said of its UID.
        event: from `occurrence`, with the same drafts.
    """
    master, exceptions = merge(drafts)
    told = [*exceptions, *([master] if master is not None else [])]
    return next(draft for draft in told if draft.template.etag == event.etag)


def groups(uids_of: Mapping[str, frozenset[str]], touched: Iterable[str]) -> Iterator[list[str]]:
    """The files in the same group as each touched one, each group once, sorted.

    Args:
        uids_of: the UIDs of each file, those it had before included.
        touched: files that a change was seen in.
    """
    sharing: dict[str, list[str]] = {}
    for name, uids in uids_of.items():
        for uid in uids:
            sharing.setdefault(uid, []).append(name)
    done: set[str] = set()
    for name in touched:
        if name in done:
            continue
        done.add(name)
        group, waiting = [], [name]
        while waiting:
            current = waiting.pop()
            group.append(current)
            for uid in uids_of.get(current, frozenset()):
                for other in sharing.pop(uid, ()):
                    if other not in done:
                        done.add(other)
                        waiting.append(other)
        yield sorted(group)


class Pager:
    """Fills pages with complete sets, never splitting a UID over two."""

    def __init__(self, full: bool) -> None:
        self._full = full
        self._events: list[Event] = []
        self._complete: set[str] = set()
        self._problems: list[Problem] = []

    def add(self, uid: str, events: Iterable[Event]) -> Iterator[Page]:
        self._events.extend(events)
        self._complete.add(uid)
        if len(self._events) >= PAGE_SIZE or len(self._complete) >= PAGE_SIZE * 4:
            yield self._page(None)

    def tell(self, problems: Iterable[Problem]) -> None:
        self._problems.extend(problems)

    def last(self, cursor: str | None) -> Page:
        return self._page(cursor)

    def _page(self, cursor: str | None) -> Page:
        page = Page(
            events=tuple(self._events),
            complete=frozenset(self._complete),
            problems=tuple(self._problems),
            full=self._full,
            cursor=cursor,
        )
        self._full = False
        self._events, self._complete, self._problems = [], set(), []
        return page


@dataclass(frozen=True, slots=True)
class Told:
    """What a later pass has to know of a file that was read."""

    uids: frozenset[str]
    kept: frozenset[str]
    """UIDs it had before it was damaged; they are left alone."""
    due: int | None
    """The first window end, in seconds since 1970, that brings something new."""
    problems: tuple[tuple[str, int | None, bool], ...]
    """As in `Problem`: message, line, refused."""


def tell_together(
    readings: Sequence[FileReading], had: Mapping[str, frozenset[str]], window: Window, pager: Pager
) -> Generator[Page, None, dict[str, Told]]:
    """Tell every UID of a group as a complete set, those no longer there as empty ones.

    Args:
        readings: the files of the group that are there.
        had: the UIDs that its files had before, those included that are gone.
        window: what is told of.
        pager: puts it on pages.

    Returns:
        By file, what is to be remembered.
    """
    kept = {one.source: had.get(one.source, frozenset()) - one.uids if one.damaged else frozenset() for one in readings}
    untouched = frozenset().union(*kept.values())
    group = read_group(readings, window, untouched)
    due = None if group.due is None else int(group.due.timestamp())
    told: dict[str, Told] = {}
    for reading in readings:
        name = reading.source
        problems = (*reading.problems, *(problem for problem in group.problems if problem.source == name))
        told[name] = Told(
            reading.uids - kept[name], kept[name], due,
            tuple((problem.message, problem.line, problem.refused) for problem in problems),
        )  # fmt: skip
    for uid in frozenset().union(*had.values()) - untouched - group.events.keys():
        yield from pager.add(uid, ())
    for uid, events in group.events.items():
        yield from pager.add(uid, events)
    return told
