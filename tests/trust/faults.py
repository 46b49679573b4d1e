"""Fault matrix: what each request meets, at each provider, and what has come of it once the trouble is over.

One whole installation in one process, at the vendors' simulators, with waits that only a clock of the test's makes.
A cell of the table is what became of the one thing that was to be done: in the pass that met the fault, and after
further passes; then how many notices its guest has got. `outcomes.txt` is the table; it is read like code.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from trust import document
from trust.desks import desk_of
from trust.fault_kinds import FAULTS, VERBS, Verb, faults_of
from trust.figures import Figure, Part

OUTCOMES = Path(__file__).with_name("outcomes.txt")
SETTLING = 4
"""Passes, hours apart, after the trouble is over."""
DONE = ("confirmed", "undone")
_OPEN = ("open", "planned", "approved", "intended", "sent")


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault that one request met."""

    provider: str
    verb: str
    fault: str
    first: str
    last: str
    notices: int
    met: bool
    explained: bool

    @property
    def outcome(self) -> str:
        way = self.first if self.first == self.last else f"{self.first} → {self.last}"
        return f"{way}, {self.notices}"

    @property
    def line(self) -> str:
        return f"{self.provider} | {self.verb} | {self.fault} | {self.outcome}"


def meet(provider: str, verb: Verb, fault: str) -> Cell:
    """One request meets one fault; then all is well."""
    with desk_of(provider, verb, fault) as desk:
        desk.prepare()
        desk.act()
        first = desk.state()
        desk.over()
        for turn in range(SETTLING):
            if desk.house.server is None:
                desk.house.after(1)
            desk.act()
            if desk.state() in DONE and turn:
                break
        return Cell(provider, verb.name, fault, first, desk.state(), desk.notices(), desk.met(), desk.explained())


def cells() -> list[tuple[str, Verb, str]]:
    return [
        (provider, verb, fault)
        for provider, verbs in VERBS.items()
        for verb in verbs
        for fault in faults_of(provider, verb)
    ]


def once_each() -> list[tuple[str, Verb, str]]:
    """Each fault once at each provider: met by the write."""
    wanted = {"google": "cancel", "outlook": "cancel", "ics": "write", "smtp": "send"}
    return [(provider, verb, fault) for provider, verb, fault in cells() if verb.name == wanted[provider]]


def listed() -> dict[tuple[str, str, str], str]:
    """(provider, verb, fault) → the outcome that is written down."""
    rows = [line.split(" | ") for line in OUTCOMES.read_text("utf-8").splitlines()]
    return {(provider, verb, fault): outcome for provider, verb, fault, outcome in rows}


def _met(number: int) -> Cell:
    return meet(*cells()[number])


def all_cells(jobs: int | None = None) -> list[Cell]:
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return list(pool.map(_met, range(len(cells())), chunksize=8))


def figures(found: Iterable[Cell]) -> Iterator[Figure]:
    found, table = list(found), listed()
    wrong = [one for one in found if table.get((one.provider, one.verb, one.fault)) != one.outcome]
    yield Figure("requests that met a fault", len(found))
    yield Figure("faults that were not met", *_those(found, lambda one: not one.met))
    yield Figure("guests who were told twice", *_those(found, lambda one: one.notices > 1))
    yield Figure(
        "acts confirmed of which nobody heard", *_those(found, lambda one: one.last in DONE and not one.notices)
    )
    yield Figure("acts left open", *_those(found, lambda one: one.last in _OPEN))
    yield Figure("acts not done for no reason that is told", *_those(found, lambda one: not one.explained))
    yield Figure("acts done once after all", sum(one.last in DONE and one.notices == 1 for one in found))
    yield Figure("outcomes that are not as the table has them", len(wrong), 0, tuple(one.line for one in wrong))


def _those(found: list[Cell], wrong: Callable[[Cell], bool]) -> tuple[int, int, tuple[str, ...]]:
    lines = tuple(one.line for one in found if wrong(one))
    return len(lines), 0, lines


def known() -> dict[str, int]:
    """The figures that follow from the table."""
    once = [outcome for outcome in listed().values() if outcome.endswith(("confirmed, 1", "undone, 1"))]
    return {"requests that met a fault": len(cells()), "acts done once after all": len(once)}


def table() -> list[str]:
    """The outcomes as a page has them: a provider after the other, a fault a row, a request a column."""
    outcomes, rows = listed(), []
    for provider, verbs in VERBS.items():
        names = [verb.name for verb in verbs]
        rows += ["", f"| {provider} | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
        for fault in FAULTS[provider]:
            row = [outcomes[provider, name, fault].replace(", 1", "") for name in names]
            rows.append(f"| {fault} | {' | '.join(row)} |")
    return rows[1:]


def measure(long: bool, jobs: int) -> Iterator[Figure]:
    """Meet all of them, and count."""
    yield from figures(all_cells(jobs))


PART = Part("faults", "each fault met by each request, at each provider", measure)


if __name__ == "__main__":
    OUTCOMES.write_text("".join(f"{one.line}\n" for one in all_cells()), "utf-8")
    document.write("outcomes", table())
