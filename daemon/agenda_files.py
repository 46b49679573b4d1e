"""The user's agendas as files: `MENTORSHIP/2026-12-01.md` in the folder that the configuration names.

Files are read at the start of a pass and never written to but once, when there is none yet: a skeleton to fill in.
Nothing outside the folder is read, whatever a name or a link says.
"""

import hashlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store, to_json
from agendad.rules.agenda_file import AgendaFile, Matched, match, name_of
from agendad.rules.markdown import plain_lines
from agendad.rules.policy import Mentorship, Policy
from agendad.rules.recalling import opening
from agendad.rules.relationship import Meeting, Notes
from agendad.rules.saying import spoken
from agendad.rules.text.assessment import State, assess_text, is_left_open
from agendad.rules.text.skeleton import skeleton
from agendad.rules.text.untrusted import one_line

MAX_BYTES = 64 * 1024
SETTLES = timedelta(minutes=1)
"""A service leaves a file alone for so long after it was written to: its writer may not be done."""
_PROBLEMS = "agenda_files"
"""What is remembered of the files that cannot be used: JSON, a list of [path, what, what to do]."""
_SKELETON = "skeleton "
"""Before a file's path: a digest of what agendad wrote into it."""
_SEEN = "agendas of "
"""Before a mentorship's name: a digest of its files when its sessions were judged last."""
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)(?:-(\d{4})|-([1-9]))?\.md", re.ASCII)
_LIKE_A_DAY = re.compile(r"\d{4}[-_. ]?\d", re.ASCII)
_PLAIN = re.compile(r"[^\W_](?:[\w .,+&@()\'-]{0,98}[\w)])?")
"""Names of mentorships that a folder can have on every system."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_HOW = "name it after the day, like 2026-12-01.md; of two sessions on one day 2026-12-01-2.md, or 2026-12-01-1500.md"


@dataclass(frozen=True, slots=True, order=True)
class FileProblem:
    """A file or a folder that is not used. `what` says why, `hint` what to do."""

    path: str
    what: str
    hint: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}. It is not used; {self.hint}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Every file as it was read, by mentorship, and what cannot be used."""

    files: Mapping[str, tuple[AgendaFile, ...]] = field(default_factory=dict)
    problems: tuple[FileProblem, ...] = ()

    def of(self, mentorship: str) -> tuple[AgendaFile, ...]:
        return self.files.get(mentorship, ())


class AgendaFolder:
    """The folder. `settles` is how long a file must have been left alone to count as written."""

    def __init__(self, folder: Path, policy: Policy, *, settles: timedelta = timedelta(0)) -> None:
        self.folder, self.policy, self.settles = folder, policy, settles

    def read(self, store: Store | None, now: datetime) -> Shelf:
        """What is there at `now` (aware UTC). What cannot be read is told, and never stops anything.

        Without a database nothing is known of what agendad itself put there.
        """
        found: dict[str, tuple[AgendaFile, ...]] = {}
        problems = list(self._strays())
        for pair, name in folder_names(self.policy.mentorships).items():
            files: list[AgendaFile] = []
            for path in _listed(self.folder / name):
                named = _named(path, f"{name}/{path.name}")
                if isinstance(named, AgendaFile):
                    files.append(self._with_text(path, named, store, now))
                elif named is not None:
                    problems.append(named)
            found[pair] = tuple(sorted(files, key=lambda one: one.path))
        return Shelf(files=found, problems=tuple(sorted(problems)))

    def path_for(self, pair: Mentorship, start: datetime, meetings: Sequence[Meeting], now: datetime) -> Path:
        """The file of a session that starts at `start` (aware UTC): the one that there is, else the one to be made."""
        name = folder_names(self.policy.mentorships)[pair.name]
        names = (_named(path, f"{name}/{path.name}") for path in _listed(self.folder / name))
        there = match([one for one in names if isinstance(one, AgendaFile)], meetings, self.policy.me, now)
        key = next((one.key for one in meetings if one.start == start), None)
        if key is not None and key in there.by_session:
            return self.folder / there.by_session[key].path
        return self.folder / name / name_of(start, meetings, self.policy.me)

    def begin(self, path: Path, text: str, store: Store) -> bool:
        """Put a skeleton there, unless there is a file already; True if it was put there. Call inside a transaction.

        Raises:
            OSError: the folder cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        if not _is_inside(path.parent, self.folder):
            raise OSError(f"{path.parent} leads out of {self.folder}")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            return False
        store.remember(_SKELETON + path.relative_to(self.folder).as_posix(), _digest(text))
        return True

    def _with_text(self, path: Path, file: AgendaFile, store: Store | None, now: datetime) -> AgendaFile:
        try:
            content, written = _content(path, self.folder)
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            return replace(file, problem=f"line {line} is not UTF-8; save it as UTF-8")
        except _Unusable as error:
            return replace(file, problem=str(error))
        except OSError as error:
            return replace(file, problem=f"it cannot be read ({error.strerror or error})")
        lines = plain_lines(text)
        kept = tuple(line for line in lines if not is_left_open(line))
        ours = store is not None and store.remembered(_SKELETON + file.path) == _digest(text)
        unfilled = ours or not any(kept) or assess_text("\n".join(lines)).state is State.PLACEHOLDER
        if not any(lines):
            return replace(file, problem="it is empty; write what you want to talk about")
        age = now.timestamp() - written
        return replace(
            file, lines=_trimmed(kept), unfilled=unfilled, settled=not 0 <= age < self.settles.total_seconds()
        )

    def _strays(self) -> Iterator[FileProblem]:
        names = folder_names(self.policy.mentorships)
        for path in _entries(self.folder):
            if path.is_dir() and path.name not in names.values() and any(map(_meant, _listed(path))):
                told = ", ".join(sorted(names.values())) or "none is declared"
                hint = f"name the folder after a mentorship ({told})"
                yield FileProblem(f"{one_line(path.name, 80)}/", "no mentorship has this folder", hint)
            elif not path.is_dir() and _meant(path):
                yield FileProblem(one_line(path.name, 80), "it lies beside the folders", "put it into its mentorship's")


def start_of(policy: Policy, pair: Mentorship, notes: Notes | None, day: date) -> str:
    """The text of a new file: the skeleton in the user's language, which opens with what came of the last advice.

    What is still open is left out: the other person reads it. `day` is the session's on the user's clock.
    """
    language = policy.me.language
    return skeleton(spoken(language), opening(notes, day, language, role=pair.my_role, to_me=False)) + "\n"


def folder_names(pairs: Iterable[Mentorship]) -> dict[str, str]:
    """By mentorship, the name of its folder: its own where every system takes it, else one made from it.

    A name never leads anywhere else: it has no separator, and does not begin with a dot.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for pair in sorted(pairs, key=lambda one: one.name):
        name = unicodedata.normalize("NFC", pair.name)
        if (
            not _PLAIN.fullmatch(name)
            or _RESERVED.fullmatch(name)
            or name.casefold() in taken
            or len(name.encode()) > 200
        ):
            safe = re.sub(r"[^\w-]+", "_", name)[:40].strip("_-") or "mentorship"
            name = f"{safe}-{hashlib.sha256(pair.name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
        names[pair.name] = name
        taken.add(name.casefold())
    return names


# what is told, and what was seen


def problems_of(shelf: Shelf, matched: Mapping[str, Matched]) -> list[FileProblem]:
    """Everything that is not used, as it is told in the summary."""
    found = list(shelf.problems)
    for pair, files in matched.items():
        found += [
            FileProblem(file.path, f"no session of {pair} is known on that day", "see `agendad sessions` for the days")
            for file in files.unmatched
        ]
        found += [
            FileProblem(file.path, "its session has another file, too", "put both into one") for file in files.doubled
        ]
    return sorted(found)


def remember_problems(store: Store, problems: Iterable[FileProblem]) -> None:
    told = to_json([[one.path, one.what, one.hint] for one in problems])
    if store.remembered(_PROBLEMS) != told:
        store.remember(_PROBLEMS, told)


def known_problems(store: Store) -> list[FileProblem]:
    """Those of the last pass."""
    return [FileProblem(*told) for told in json.loads(store.remembered(_PROBLEMS) or "[]")]


def seen(store: Store, mentorship: str, files: Sequence[AgendaFile]) -> bool:
    """Whether these are the files that the sessions of a mentorship were judged by last; now they are."""
    now = _digest(repr(files))
    same = store.remembered(_SEEN + mentorship) == now
    if not same:
        store.remember(_SEEN + mentorship, now)
    return same


def accounts_concerned(folder: Path, policy: Policy, store: Store, now: datetime) -> frozenset[str]:
    """The accounts with sessions whose files have changed since the sessions were judged."""
    shelf = AgendaFolder(folder, policy).read(store, now)
    changed = {name for name, files in shelf.files.items() if store.remembered(_SEEN + name) != _digest(repr(files))}
    return frozenset(row.account for row in SessionStore(store).upcoming(now) if row.mentorship in changed)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


# the file system


class _Unusable(Exception):
    """A file is none that can be read. The message is a clause that says why."""


def _content(path: Path, folder: Path) -> tuple[bytes, float]:
    """What is in a file, and when it was written (seconds since the epoch)."""
    if not _is_inside(path, folder):
        raise _Unusable("it is a link out of the folder; put the file itself there")
    # A pipe must not keep the pass waiting, and nothing put here meanwhile is followed.
    descriptor = os.open(os.path.realpath(path), os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise _Unusable("it is no file")
        if about.st_size > MAX_BYTES:
            raise _Unusable(f"it has {about.st_size // 1024} KB, and 64 are read; shorten it")
        return file.read(MAX_BYTES), about.st_mtime


def _is_inside(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, without what editors and file systems put there; nothing where it cannot be read."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith((".", "#", "~")))
    except OSError:
        return []


def _listed(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if not path.is_dir()]


def _meant(path: Path) -> bool:
    """Whether a file may have been meant as an agenda, by its name."""
    return path.suffix.lower() in (".md", ".markdown", ".txt") and _LIKE_A_DAY.match(path.name) is not None


def _named(path: Path, shown: str) -> AgendaFile | FileProblem | None:
    """What a name says; a problem where it says something else, None for a file that is none of ours."""
    shown = one_line(shown, 160)
    found = _NAME.fullmatch(path.name)
    if found is None:
        return FileProblem(shown, "this is no name of an agenda", _HOW) if path.suffix.lower() in _LIKE_TEXT else None
    try:
        day = date.fromisoformat(found[1])
        if found[2]:
            datetime.strptime(found[2], "%H%M")  # noqa: DTZ007 - a clock reading
    except ValueError:
        return FileProblem(shown, "there is no such day or time", _HOW)
    return AgendaFile(path=shown, day=day, clock=found[2] or "", number=int(found[3]) if found[3] else None)


_LIKE_TEXT = (".md", ".markdown", ".txt")


def _trimmed(lines: Sequence[str]) -> tuple[str, ...]:
    """Without empty lines at the ends, and none twice in a row."""
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return tuple(kept[:-1] if kept and not kept[-1] else kept)
