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

from trust import scenarios
from trust.figures import Figure, Part
from trust.offices import Office
from trust.scenarios import CASES, ONCE, SWITCHES, Case

POINTS = Path(__file__).with_name("points.txt")
PASSES = 3
"""Within so many everything is settled."""
_LEFT_IN_DOUBT = ("unknown", "skipped", "pending")
"""Where a mail is in doubt the user is told, and what needs it waits or is asked about."""
_READING = (
    *(f"request {method}" for method in ("GET", "OPTIONS", "PROPFIND", "REPORT")),
    *(f"request SMTP {word}" for word in ("EHLO", "MAIL", "RCPT", "QUIT")),
)
_SEEING = ("freeBusy", "getSchedule")
WRITTEN_DOWN = ("commit of executor", "commit of outbox", "commit of user_mail", "file *")
"""Where something that was done, or is about to be, is written down."""


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
    needless: list[str]
    """In doubt, where somebody could have been asked."""
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
        told = office.route.tells
    at = f"{case[1]}, {case[0].name}, {at}{' and ' + again if again else ''}"
    return compared(at, reached, found, wanted, told=told)


@contextmanager
def office_of(case: Case) -> Iterator[Office]:
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
    place = memory if memory.is_dir() else None
    with (
        tempfile.TemporaryDirectory(prefix="agendad-trust-", dir=place) as folder,
        scenarios.office_of(case, Path(folder) / "home") as office,
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


def compared(at: str, reached: bool, found: Rest, wanted: Rest, *, told: bool) -> Cell:
    """`told`: whether what became of a mail can be asked."""
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
    needless = [f"{found.in_doubt} in doubt"] if told and found.in_doubt else []
    return Cell(at, reached, doubled, lost, found.stuck, otherwise, needless, found.in_doubt)


def to_guest(line: str) -> bool:
    return f"to {ME}" not in line


# which kills


def numbered(names: Sequence[str]) -> Iterator[str]:
    """Each as the N-th of its name."""
    times: Counter[str] = Counter()
    for name in names:
        times[name] += 1
        yield f"{name}#{times[name]}"


def chosen(case: Case, names: Sequence[str], *, long: bool = False) -> list[str]:
    """Each name once where something is at stake; with `long` each time that it is reached.

    Between two reads nothing changes, so the process that dies at the one leaves what it leaves at the other.
    """
    at_stake = [one for one in numbered(names) if (durable if scenarios.in_full(case) else _of_a_variant)(one)]
    return at_stake if long else [one for one in at_stake if one.endswith("#1")]


def _of_a_variant(name: str) -> bool:
    return durable(name) and name.startswith((*WRITTEN_DOWN, "request", "answer"))


def once_each(boundaries: Sequence[tuple[Case, list[str]]]) -> list[tuple[Case, str]]:
    """Each name in one case."""
    firsts: dict[str, tuple[Case, str]] = {}
    for case, names in boundaries:
        for one in chosen(case, names):
            firsts.setdefault(one, (case, one))
    return list(firsts.values())


def listed() -> list[str]:
    """The boundaries that are known, case by case: `provider, act: name`."""
    return POINTS.read_text("utf-8").splitlines()


def lines(case: Case, names: Iterable[str]) -> list[str]:
    return [f"{case[1]}, {case[0].name}: {name}" for name in dict.fromkeys(names)]


# the part


def _measured(case: Case, long: bool) -> tuple[list[str], list[Cell]]:
    names, wanted = undisturbed(case)
    points = chosen(case, names, long=long)
    cells = [disturbed(case, at, wanted) for at in points]
    if long and scenarios.in_full(case):
        chance = random.Random(f"{case[1]}, {case[0].name}")  # noqa: S311 - the same each time
        cells += [disturbed(case, at, wanted, again=chance.choice(points)) for at in points]
    return lines(case, names), cells


def _of_number(number: int, long: bool) -> tuple[list[str], list[Cell]]:
    return _measured((*CASES, *SWITCHES)[number], long)


def measure(long: bool, jobs: int) -> Iterator[Figure]:
    """Kill at each, and count."""
    points: list[str] = []
    cells: list[Cell] = []
    number = len(CASES) + (len(SWITCHES) if long else 0)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for found, of_case in pool.map(_of_number, range(number), [long] * number):
            points += found
            cells += of_case
    yield from figures(points, cells)


def figures(points: Sequence[str], cells: Sequence[Cell]) -> Iterator[Figure]:
    names = {line.partition(": ")[2] for line in points}
    unknown = unlisted(points)
    yield Figure("acts at providers", len({line.partition(": ")[0] for line in points}))
    yield Figure("boundaries with a name", len(names))
    yield Figure("boundaries that are not on the list, or on it and not reached", len(unknown), 0, tuple(unknown))
    yield Figure("kills", len(cells))
    yield Figure("kills that did not happen", *count(cells, lambda cell: [] if cell.reached else ["not reached"]))
    yield Figure("notices and mails that went out twice", *count(cells, lambda cell: cell.doubled))
    yield Figure("notices and mails that were lost", *count(cells, lambda cell: cell.lost))
    yield Figure(f"acts that did not settle within {PASSES} passes", *count(cells, lambda cell: cell.stuck))
    yield Figure("acts that came to another end", *count(cells, lambda cell: cell.otherwise))
    yield Figure("in doubt where somebody could be asked", *count(cells, lambda cell: cell.needless))
    yield Figure("mails that are in doubt, and the user is told so", sum(cell.in_doubt for cell in cells))


def unlisted(points: Sequence[str]) -> list[str]:
    """What the list does not have, or has and was not reached. Acts that only long runs have come to no other names."""
    acts = {f"{case[1]}, {case[0].name}" for case in SWITCHES}
    of_long = {line for line in points if line.partition(": ")[0] in acts}
    names = {line.partition(": ")[2] for line in listed()}
    others = {line for line in of_long if line.partition(": ")[2] not in names}
    return sorted(((set(points) - of_long) ^ set(listed())) | others)


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
    cases = {f"{case[1]}, {case[0].name}": case for case in CASES}
    kills = sum(len(chosen(cases[act], names)) for act, names in acts.items())
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
