"""Upgrades and disasters: old, torn and restored databases, a disk that fills, a clock that is set back."""

import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

from trust import crash
from trust.crash import WRITTEN_DOWN, Cell, chosen, disturbed, undisturbed
from trust.figures import Figure, Part
from trust.offices import Folder, Office
from trust.scenarios import CASES, ONCE, Case

SCHEMAS = Path(__file__).parents[1] / "unit" / "schemas"
EARLIER = sorted(int(path.stem) for path in SCHEMAS.glob("*.sql"))
LATER = "2026-12-02T08:45:00-05:00"
CUTS = 24
"""Lengths to which a database is cut."""
ACTS = tuple(
    case for case in CASES if not case[0].variant and case[0].route == "file" and "sign-in" not in case[0].name
)
_UPGRADED = """\
version: 1
mode: act
me: {name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}
accounts: [{name: home, provider: ics, path: calendar}]
mentorships:
  - name: grace-ada
    mentor: {name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}
    mentee: me
    met: true
mail: {transport: file, from: grace@example.org}
"""


def disk_full(case: Case, *, every: bool) -> list[Cell]:
    """From a boundary on the disk takes nothing; later there is room again."""
    names, wanted = undisturbed(case)
    full = ("commit", "file") if every else WRITTEN_DOWN
    points = [at for at in chosen(case, names, long=every) if at.startswith(full)]
    return [disturbed(case, at, wanted, how="full") for at in points]


def old_backup(case: Case) -> Cell:
    """The database of before the act is put back after it."""
    with crash.office_of(case) as office:
        command = case[0].prepare(office)
        database = office.folder / "state" / "agendad.db"
        if not database.exists():
            _in_mode(office, "act", "observe", ONCE)
        copy = office.folder / "copy.db"
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        office.run(*command)
        office.run(*ONCE)
        before = crash.rest_of(office)
        for path in database.parent.glob("agendad.db*"):
            path.unlink()
        shutil.copy(copy, database)
        for hours in (0, 1, 1):
            office.now += timedelta(hours=hours)
            office.run(*ONCE)
        after = crash.rest_of(office)
        return _nothing_more(f"{case[1]}, {case[0].name}, an old backup", before, after)


def clock_back(case: Case) -> Cell:
    """The clock is set back a day after the act, runs on for two days, and everything was read in between."""
    with crash.office_of(case) as office:
        command = case[0].prepare(office)
        office.run(*command)
        office.run(*ONCE)
        before = crash.rest_of(office)
        office.now -= timedelta(days=1)
        for hours in (0, 1, 3):
            office.now += timedelta(hours=hours)
            office.run(*ONCE)
        office.now += timedelta(hours=20)
        office.run(*ONCE)
        return _nothing_more(f"{case[1]}, {case[0].name}, the clock a day back", before, crash.rest_of(office))


def _in_mode(office: Office, mode: str, other: str, command: Sequence[str]) -> None:
    path = office.folder / "agendad.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace(f"mode: {mode}", f"mode: {other}"), "utf-8")
    office.run(*command)
    path.write_text(text, "utf-8")


def _nothing_more(at: str, before: crash.Rest, after: crash.Rest) -> Cell:
    """Guests have what they had, and no more."""
    more = [f"{line} {count}×" for line, count in (after.sent - before.sent).items() if crash.to_guest(line)]
    changed = [f"the invite is {after.seen} and not {before.seen}"] if after.seen != before.seen else []
    return Cell(at, True, more, [], after.stuck, changed, [], after.in_doubt)


# databases


def upgraded(number: int, kill: int) -> str:
    """What is wrong after an upgrade from that schema that is killed at its `kill`-th commit; 0 lets it be."""
    with tempfile.TemporaryDirectory(prefix="agendad-trust-") as name, Folder.at(Path(name) / "home") as office:
        database = office.folder / "state" / "agendad.db"
        database.parent.mkdir(mode=0o700)
        with closing(sqlite3.connect(database)) as connection:
            connection.executescript((SCHEMAS / f"{number}.sql").read_text("utf-8"))
        shutil.copytree(SCHEMAS / str(number), office.folder / "calendar", dirs_exist_ok=True)
        (office.folder / "agendad.yaml").write_text(_UPGRADED, "utf-8")
        known = "SELECT uid, recurrence_id, rule, rung, state FROM actions"
        before = set(office.journal(known))
        if kill:
            status, _, _ = office.run(*ONCE, AGENDAD_NOW=LATER, REACH_AT=f"commit of store.Store.migrate#{kill}")
            if status != -signal.SIGKILL:
                return f"schema {number}: not killed at {kill}"
        status, _, errors = office.run(*ONCE, AGENDAD_NOW=LATER)
        if status != 0:
            return f"schema {number}, killed at {kill}: {errors}"
        if lost := before - set(office.journal(known)):
            return f"schema {number}, killed at {kill}: {len(lost)} actions are gone or another"
        return f"schema {number}, killed at {kill}: mail went out" if office.route.received() else ""


def upgrades() -> list[tuple[int, int]]:
    """Each earlier schema, let be, and killed at each commit of its migrations."""
    return [(number, kill) for number in EARLIER for kill in range(EARLIER[-1] + 2 - number)]


def cut(parts: int) -> list[str]:
    """What is wrong where a database was cut to each of so many lengths: it is refused, and left as it is."""
    wrong = []
    with crash.office_of(CASES[0]) as office:
        CASES[0][0].prepare(office)
        office.run(*ONCE)
        database = office.folder / "state" / "agendad.db"
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole, sent = database.read_bytes(), office.sent()
        for number in range(1, parts):
            for path in database.parent.glob("agendad.db-*"):
                path.unlink()
            part = whole[: len(whole) * number // parts]
            database.write_bytes(part)
            status, _, errors = office.run(*ONCE)
            if status == 0 or "Traceback" in errors or "Nothing was read or changed" not in " ".join(errors.split()):
                wrong.append(f"cut to {len(part)}: exit {status}: {errors[-300:]}")
            if database.read_bytes() != part or office.sent() != sent:
                wrong.append(f"cut to {len(part)}: something was changed")
    return wrong


# the part


def _full(number: int, every: bool) -> list[Cell]:
    return disk_full(ACTS[number], every=every)


def _backup(number: int) -> Cell:
    return old_backup(ACTS[number])


def _clock(number: int) -> Cell:
    return clock_back(ACTS[number])


def known() -> dict[str, int]:
    """The figures that follow from what there is."""
    return {
        "upgrades from an earlier schema, let be or killed at a commit": len(upgrades()),
        "databases cut short": CUTS - 1,
        "old backups restored": len(ACTS),
        "clocks set back a day": len(ACTS),
    }


def measure(long: bool, jobs: int) -> Iterator[Figure]:
    """One kind of disaster after the other."""
    everywhere = range(len(ACTS))
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        faults = [told for told in pool.map(upgraded, *zip(*upgrades(), strict=True)) if told]
        yield Figure("upgrades from an earlier schema, let be or killed at a commit", len(upgrades()))
        yield Figure("upgrades that lost something or sent something", len(faults), 0, tuple(faults))
        wrong = cut(CUTS)
        yield Figure("databases cut short", CUTS - 1)
        yield Figure("of them used, changed, or refused with no word", len(wrong), 0, tuple(wrong))
        yield from _of_cells("old backups restored", list(pool.map(_backup, everywhere)))
        yield from _of_cells("clocks set back a day", list(pool.map(_clock, everywhere)))
        full = [cell for cells in pool.map(_full, everywhere, [long] * len(ACTS)) for cell in cells]
        yield from _of_cells("disks that were full from a boundary on", full)


def _of_cells(what: str, cells: Sequence[Cell]) -> Iterator[Figure]:
    kinds: tuple[tuple[str, Callable[[Cell], list[str]]], ...] = (
        ("told twice", lambda cell: cell.doubled),
        ("lost", lambda cell: cell.lost),
        ("left open", lambda cell: cell.stuck),
        ("come to another end", lambda cell: cell.otherwise),
    )
    yield Figure(what, len(cells))
    for kind, wrong in kinds:
        yield Figure(f"of them {kind}", *crash.count(cells, wrong))


PART = Part("disasters", "old, torn and restored databases, full disks, clocks set back", measure)
