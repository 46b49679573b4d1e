"""Watching folders: the configuration's, the templates', the notes', the agendas' and those of .ics accounts.

What is watched is always the folder: editors save by putting another file in the place of the old one, and a watch on
the file itself would stay with the old one. What is told is only that something was touched; whether it matters is
seen by reading.
"""

import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserver

from agendad.daemon.config_shapes import Config, IcsAccount
from agendad.daemon.notebook import ENDING as NOTES_ENDING

SETTINGS = ""
"""The key under which the configuration and the templates are told; accounts have their names."""

NOTES = "\0notes"
"""The key under which the user's notes are told; no account can be named so."""
AGENDAS = "\0agendas"
"""The key of the user's agenda files; no account can have that name."""

_CHANGES = frozenset({"created", "modified", "moved", "deleted", "closed", "attrib"})
"""What may have changed a file. Reading one tells "opened" and "closed_no_write": a pass must not cause the next."""
_POLL = 10.0
"""Seconds between two looks where the system tells nothing by itself."""
_NO_ROOM = frozenset({errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOSYS, errno.EOPNOTSUPP})
_NETWORK = frozenset({
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "drvfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4",
    "orangefs", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs",
})  # fmt: skip
"""File systems that other machines write to: nobody tells this machine's kernel of that."""
_MOUNTS = Path("/proc/self/mountinfo")

_QUIET = 2.0
"""Seconds without a further change after which a folder counts as written; sync tools write many files in a row."""
_QUIET_SETTINGS = 0.3
_QUIET_AGENDAS = 61.0
"""People go on writing after they have saved; a file counts as written a second sooner, see `agenda_files.SETTLES`."""
_LONGEST = 10.0
"""Seconds after which it is looked at in any case."""
_LONGEST_AGENDAS = 300.0


@dataclass(frozen=True, slots=True)
class Touched:
    """Something under `key` changed, or may have."""

    key: str


@dataclass(frozen=True, slots=True)
class Watched:
    """A folder that is watched. `names` are the files in it that count; None for those that end in `ending`."""

    key: str
    folder: Path
    recursive: bool = True
    names: frozenset[str] | None = None
    ending: str = ""

    def concerns(self, event: FileSystemEvent) -> bool:
        """Whether an event may be about what is watched for; a renamed file counts by both its names."""
        if event.event_type not in _CHANGES:
            return False
        if event.is_directory:  # a whole folder that comes or goes; "modified" is told of its files, too
            return self.recursive and event.event_type in ("created", "moved", "deleted")
        paths = [os.fsdecode(path) for path in (event.src_path, event.dest_path) if path]
        if self.names is None:
            return any(path.lower().endswith(self.ending) for path in paths)
        return any(Path(path).name in self.names for path in paths)


def watched_for(path: Path, config: Config) -> Iterator[Watched]:
    """What is to be watched for a configuration that was read from `path`."""
    links = list(_links(path))
    # Where a link of the chain is to a folder, it may be put elsewhere under any name (as Kubernetes does).
    plain = len(links) == 1 and path.parent.absolute() == Path(os.path.realpath(path.parent))
    for one in links:
        names = frozenset({one.name}) if plain else None
        yield Watched(SETTINGS, one.parent, recursive=False, names=names)
    if config.templates is not None:
        yield Watched(SETTINGS, config.templates)
    if config.notes is not None:
        yield Watched(NOTES, config.notes, recursive=False, ending=NOTES_ENDING)
    if config.agendas is not None:
        yield Watched(AGENDAS, config.agendas, ending=".md")
    for account in config.accounts:
        if isinstance(account, IcsAccount):
            yield Watched(account.name, account.path.expanduser(), ending=".ics")


def _links(path: Path) -> Iterator[Path]:
    """The file itself, and each file that it is a link to."""
    one = path.absolute()
    for _ in range(40):
        yield one
        if not one.is_symlink():
            return
        one = one.parent / one.readlink()


class Watching:
    """Watches folders, by the system's notices where there are any, else by looking every ten seconds.

    Args:
        put: is called with what was touched, from another thread.
        tell: is called with what the user should know, in this thread.
        native: makes what gets the system's notices.
        mounts: what is mounted where, as Linux tells it.
    """

    def __init__(
        self,
        put: Callable[[Touched], None],
        tell: Callable[[str], None],
        native: Callable[[], BaseObserver] = Observer,
        mounts: Path = _MOUNTS,
    ) -> None:
        self._put, self._tell, self._native, self._mounts = put, tell, native, mounts
        self._observers: dict[bool, BaseObserver] = {}
        """By whether they get notices."""
        self._wanted: tuple[Watched, ...] = ()
        self._by: dict[Watched, tuple[BaseObserver, ObservedWatch, tuple[int, int]]] = {}
        self._told: set[str] = set()

    def watch(self, wanted: Iterable[Watched]) -> None:
        """Watch these folders, and no others any more. One that is not there yet is watched once it is."""
        self._wanted = tuple(wanted)
        for one in [one for one in self._by if one not in self._wanted]:
            self._drop(one)
        for one in self._wanted:
            if one not in self._by:
                self._begin(one)

    def mend(self) -> None:
        """Watch anew what was put elsewhere, or was not there before; what may have been missed is told as touched."""
        for one in self._wanted:
            if one in self._by and not self._stands(one):
                self._drop(one)
            if one not in self._by and self._begin(one):
                self._put(Touched(one.key))

    def stop(self) -> None:
        """Watch nothing any more."""
        for observer in self._observers.values():
            with suppress(RuntimeError):
                observer.stop()
        self._observers.clear()
        self._by.clear()
        self._wanted = ()

    def _begin(self, one: Watched) -> bool:
        folder = Path(os.path.realpath(one.folder))
        try:
            stat = folder.stat()
            if not folder.is_dir():
                return False
        except OSError:
            return False  # told by what reads it
        identity = (stat.st_dev, stat.st_ino)
        if not is_remote(folder, self._mounts):
            try:
                self._by[one] = (*self._schedule(one, folder, notices=True), identity)
            except (OSError, RuntimeError) as error:
                if isinstance(error, OSError) and error.errno not in _NO_ROOM:
                    return False
                self._tell_once(
                    f"the system gives no more notices of changes ({error}). {one.folder} is looked "
                    f"at every {_POLL:.0f} seconds instead. On Linux, raise fs.inotify.max_user_watches and "
                    "fs.inotify.max_user_instances (sysctl) and start agendad again."
                )
            else:
                return True
        with suppress(OSError, RuntimeError):  # no thread can be started either: the regular reading is left
            self._by[one] = (*self._schedule(one, folder, notices=False), identity)
            return True
        return False

    def _schedule(self, one: Watched, folder: Path, *, notices: bool) -> tuple[BaseObserver, ObservedWatch]:
        observer = self._observers.get(notices)
        if observer is None:
            observer = self._native() if notices else PollingObserver(timeout=_POLL)
            observer.daemon = True
            observer.start()
            self._observers[notices] = observer
        handler = _Handler(one, self._put)
        return observer, observer.schedule(handler, str(folder), recursive=one.recursive)

    def _drop(self, one: Watched) -> None:
        observer, watch, _ = self._by.pop(one)
        shared = [other for other, (_, known, _) in self._by.items() if known == watch]
        with suppress(KeyError):
            observer.unschedule(watch)
        for other in shared:  # it took their handlers along
            del self._by[other]
            self._begin(other)

    def _stands(self, one: Watched) -> bool:
        """Whether the folder is the one that is watched, and the watch has not ended with it."""
        observer, watch, identity = self._by[one]
        try:
            stat = one.folder.stat()
        except OSError:
            return False
        alive = any(emitter.watch == watch and emitter.is_alive() for emitter in observer.emitters)
        return alive and (stat.st_dev, stat.st_ino) == identity

    def _tell_once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._tell(text)


class _Handler(FileSystemEventHandler):
    """Passes on that something was touched, not more often than anybody looks."""

    def __init__(self, watched: Watched, put: Callable[[Touched], None]) -> None:
        self._watched, self._put = watched, put
        self._put_at = float("-inf")

    def on_any_event(self, event: FileSystemEvent) -> None:
        if not self._watched.concerns(event):
            return
        now = time.monotonic()
        if now - self._put_at < _QUIET_SETTINGS / 3:  # the last of a row is told at most a moment early
            return
        self._put_at = now
        self._put(Touched(self._watched.key))


class Settling:
    """What was touched and may still be written to. Seconds are of a clock that nobody sets."""

    def __init__(self) -> None:
        self._touched: dict[str, tuple[float, float]] = {}
        """By key, when it was touched first and last."""

    def touch(self, key: str, now: float) -> None:
        self._touched[key] = (self._touched.get(key, (now, now))[0], now)

    def due_in(self, now: float) -> float:
        """Seconds until something is to be looked at; infinite if nothing is."""
        return max(0.0, min((self._due(key) for key in self._touched), default=float("inf")) - now)

    def ripe(self, now: float) -> frozenset[str]:
        """What is to be looked at now; it is settled with that."""
        found = frozenset(key for key in self._touched if self._due(key) <= now)
        for key in found:
            del self._touched[key]
        return found

    def _due(self, key: str) -> float:
        first, last = self._touched[key]
        quiet = {SETTINGS: _QUIET_SETTINGS, AGENDAS: _QUIET_AGENDAS}.get(key, _QUIET)
        return min(last + quiet, first + (_LONGEST_AGENDAS if key == AGENDAS else _LONGEST))


def is_remote(folder: Path, mounts: Path = _MOUNTS) -> bool:
    """Whether a folder lies on a file system that other machines write to; False where that cannot be told."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    kinds: dict[Path, str] = {}
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) > 4 and after:
            kinds[Path(_unescaped(fields[4]))] = after.split()[0]
    nearest = next((kinds[one] for one in (folder, *folder.parents) if one in kinds), "")
    return nearest in _NETWORK or nearest.startswith("fuse.")


def _unescaped(text: str) -> str:
    """A path as the kernel writes it: blanks and the like are three octal digits after a backslash."""
    for code in ("040", "011", "012", "134"):
        text = text.replace(f"\\{code}", chr(int(code, 8)))
    return text
