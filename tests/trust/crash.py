"""Crash matrix: the process is killed at every boundary that it comes to, in every act, at every provider.

A boundary is a commit, a file put in its place, a request about to leave, or a write that was carried out and is not
answered yet (boundaries/sitecustomize.py). Afterwards agendad is started again until it rests. What everybody has then
must be what they have after a run that was not disturbed.
"""

import random
import signal
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from end_to_end.offices import ME

from trust.figures import Figure, Part
from trust.offices import OFFICES, Office
from trust.scenarios import CASES, ONCE, Scenario

POINTS = Path(__file__).with_name("points.txt")
PASSES = 3
"""Within so many everything is settled."""
_LEFT_IN_DOUBT = ("unknown", "skipped", "pending")
"""Where a mail is in doubt the user is told, and what needs it waits or is asked about."""
_READING = ("request GET", "request SMTP EHLO", "request SMTP MAIL", "request SMTP RCPT", "request SMTP QUIT")
_SEEING = ("freeBusy", "getSchedule")
Case = tuple[Scenario, str]


@dataclass(frozen=True, slots=True)
class Rest:
    """What everybody has when all has come to rest."""

    sent: Counter[str]
    seen: Any
    actions: list[tuple[str, str, str]]
    stuck: list[str]
    in_doubt: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One kill and what came of it; each list tells what is wrong."""

    at: str
    reached: bool
    doubled: list[str]
    lost: list[str]
    stuck: list[str]
    otherwise: list[str]
    in_doubt: int


def durable(name: str) -> bool:
    """Whether something else is at stake at this boundary than at the next: a look changes nothing."""
    return not name.startswith(_READING) and not any(word in name for word in _SEEING)


def undisturbed(case: Case) -> tuple[list[str], Rest]:
    """The boundaries of the act, in their order, and what everybody has afterwards."""
    with office_of(case) as office:
        command = case[0].prepare(office)
        log = office.folder / "boundaries.log"
        office.run(*command, REACH_LOG=str(log))
        names = log.read_text("utf-8").splitlines()
        return names, _settle(office, command)


def disturbed(case: Case, at: str, wanted: Rest, *, how: str = "kill", again: str = "") -> Cell:
    """The same act, killed (or with a full disk from there on) at `NAME#N`, and once more while it settles."""
    with office_of(case) as office:
        command = case[0].prepare(office)
        status, _, _ = office.run(*command, REACH_AT=at, REACH_HOW=how)
        reached = status == -signal.SIGKILL or how != "kill"
        if again:
            office.run(*ONCE, REACH_AT=again)
        found = _settle(office, command, wanted)
    return _compare(f"{case[1]}, {case[0].name}, {at}", reached, found, wanted)


@contextmanager
def office_of(case: Case) -> Iterator[Office]:
    scenario, provider = case
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
    place = memory if memory.is_dir() else None
    with (
        tempfile.TemporaryDirectory(prefix="agendad-trust-", dir=place) as folder,
        OFFICES[provider].at(Path(folder) / "home", smtp=scenario.smtp) as office,
    ):
        yield office


def _settle(office: Office, command: Sequence[str], wanted: Rest | None = None) -> Rest:
    """Start it again. A command that was killed is typed once more, in case it did not take."""
    office.run(*ONCE)
    if command != ONCE:
        office.run(*command)
    for _ in range(PASSES - 1):
        rest = rest_of(office)
        if not rest.stuck and wanted in (None, rest):
            break
        office.run(*ONCE)
    return rest_of(office)


def rest_of(office: Office) -> Rest:
    return Rest(office.sent(), office.seen(), office.actions(), office.stuck(), office.in_doubt())


def _compare(at: str, reached: bool, found: Rest, wanted: Rest) -> Cell:
    doubled = [f"{line} {count}×" for line, count in (found.sent - wanted.sent).items() if to_guest(line)]
    lost = [f"{line} {count}×" for line, count in (wanted.sent - found.sent).items() if to_guest(line)]
    mine, mine_wanted = (sum(n for line, n in rest.sent.items() if not to_guest(line)) for rest in (found, wanted))
    if mine > mine_wanted:
        doubled.append(f"mail to {ME} {mine}× for {mine_wanted}")
    if mine < mine_wanted:
        lost.append(f"mail to {ME} {mine}× for {mine_wanted}")
    if found.in_doubt and lost:  # it is told as in doubt, and by what was looked up it did not arrive
        lost = lost[found.in_doubt :]
    allowed = _LEFT_IN_DOUBT if found.in_doubt else ()
    states = Counter(found.actions) - Counter(wanted.actions)
    otherwise = [" ".join(one) for one in states if one[2] not in allowed]
    if found.seen != wanted.seen and not (states and found.in_doubt):
        otherwise.append(f"the invite is {found.seen} and not {wanted.seen}")
    return Cell(at, reached, doubled, lost, found.stuck, otherwise, found.in_doubt)


def to_guest(line: str) -> bool:
    return f"to {ME}" not in line


# which kills


def numbered(names: Sequence[str]) -> Iterator[str]:
    """Each as the N-th of its name."""
    times: Counter[str] = Counter()
    for name in names:
        times[name] += 1
        yield f"{name}#{times[name]}"


def chosen(names: Sequence[str], *, long: bool) -> list[str]:
    """Each name once where something is at stake; with `long` every boundary."""
    every = list(numbered(names))
    return every if long else [one for one in every if one.endswith("#1") and durable(one)]


def once_each(boundaries: Sequence[tuple[Case, list[str]]]) -> list[tuple[Case, str]]:
    """Each name in one case."""
    firsts: dict[str, tuple[Case, str]] = {}
    for case, names in boundaries:
        for one in chosen(names, long=False):
            firsts.setdefault(one, (case, one))
    return list(firsts.values())


def listed() -> list[str]:
    """The boundaries that are known, case by case: `provider, act: name`."""
    return POINTS.read_text("utf-8").splitlines()


def lines(case: Case, names: Iterable[str]) -> list[str]:
    return [f"{case[1]}, {case[0].name}: {name}" for name in dict.fromkeys(names)]


# the part


def _measured(number: int, long: bool) -> tuple[list[str], list[Cell]]:
    case = CASES[number]
    names, wanted = undisturbed(case)
    cells = [disturbed(case, at, wanted) for at in chosen(names, long=long)]
    if long:
        chance = random.Random(number)  # noqa: S311 - the same each time
        at = list(numbered(names))
        cells += [disturbed(case, one, wanted, again=chance.choice(at)) for one in at]
    return lines(case, names), cells


def measure(long: bool, jobs: int) -> Iterator[Figure]:
    """Kill at each, and count."""
    points: list[str] = []
    cells: list[Cell] = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for found, of_case in pool.map(_measured, range(len(CASES)), [long] * len(CASES)):
            points += found
            cells += of_case
    yield from figures(points, cells)


def figures(points: Sequence[str], cells: Sequence[Cell]) -> Iterator[Figure]:
    names = {line.partition(": ")[2] for line in points}
    unknown = sorted(set(points) ^ set(listed()))
    yield Figure("acts at providers", len({line.partition(": ")[0] for line in points}))
    yield Figure("boundaries with a name", len(names))
    yield Figure("boundaries that are not on the list, or on it and not reached", len(unknown), 0, tuple(unknown))
    yield Figure("kills", len(cells))
    yield Figure("kills that did not happen", *count(cells, lambda cell: [] if cell.reached else ["not reached"]))
    yield Figure("notices and mails that went out twice", *count(cells, lambda cell: cell.doubled))
    yield Figure("notices and mails that were lost", *count(cells, lambda cell: cell.lost))
    yield Figure(f"acts that did not settle within {PASSES} passes", *count(cells, lambda cell: cell.stuck))
    yield Figure("acts that came to another end", *count(cells, lambda cell: cell.otherwise))
    yield Figure("mails that are in doubt, and the user is told so", sum(cell.in_doubt for cell in cells))


def count(cells: Sequence[Cell], wrong: Any) -> tuple[int, int, tuple[str, ...]]:
    found = [(cell.at, wrong(cell)) for cell in cells]
    return sum(len(what) for _, what in found), 0, tuple(f"{at}: {'; '.join(what)}" for at, what in found if what)


PART = Part("crash", "kill -9 at every boundary, then again until it rests", measure)


def known() -> dict[str, int]:
    """The figures that follow from the list."""
    acts: dict[str, list[str]] = {}
    for line in listed():
        act, _, name = line.partition(": ")
        acts.setdefault(act, []).append(name)
    kills = sum(len(chosen(names, long=False)) for names in acts.values())
    return {
        "acts at providers": len(acts),
        "boundaries with a name": len({name for names in acts.values() for name in names}),
        "kills": kills,
    }


def _boundaries(number: int) -> list[str]:
    return lines(CASES[number], undisturbed(CASES[number])[0])


def renew() -> None:
    """Write the list anew, after a boundary has come or gone. What changed is read like any other change."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        found = sorted(line for part in pool.map(_boundaries, range(len(CASES))) for line in part)
    POINTS.write_text("".join(f"{line}\n" for line in found), "utf-8")


if __name__ == "__main__":
    renew()
