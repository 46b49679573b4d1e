"""Fault matrix: what each request meets, at each provider, and what has come of it once the trouble is over.

One whole installation in one process, at the vendors' simulators, with waits that only a clock of the test's makes.
A cell of the table is what became of the one thing that was to be done: in the pass that met the fault, and after
further passes; then how many notices its guest has got. `outcomes.txt` is the table; it is read like code.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
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


def route_of(provider: str) -> str:
    """What a provider is without its manner: both kinds of CalDAV server are one route."""
    return provider.partition(",")[0]


ROUTES = tuple(dict.fromkeys(map(route_of, VERBS)))


def once_each() -> list[tuple[str, Verb, str]]:
    """Each fault once at each route, met by its writes in turn; what no write can meet, by what can."""
    chosen = []
    for route in ROUTES:
        there = [cell for cell in cells() if route_of(cell[0]) == route]
        for number, fault in enumerate(FAULTS[route]):
            met_by = [cell for cell in there if cell[2] == fault]
            writes = [cell for cell in met_by if cell[1].writes] or met_by
            chosen.append(writes[number % len(writes)])
    return chosen


@cache
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
    """The outcomes as a page has them, a provider after the other: faults in rows, requests in columns.

    Requests, and faults, that come to the same everywhere share a column, and a row.
    """
    rows: list[str] = []
    for provider, verbs in VERBS.items():
        columns = {verb.name: _column(provider, verb) for verb in verbs}
        before = {verb.name: _column(route_of(provider), verb) for verb in VERBS[route_of(provider)]}
        alike = [name for name, column in columns.items() if provider in _MANNERS and before.get(name) == column]
        shown = {name: column for name, column in columns.items() if name not in alike}
        rows.append("")
        if alike:
            rows += [f"{provider}: {', '.join(alike)} are as at {route_of(provider)}.", ""]
        if shown:
            rows += _table_of(provider, shown)
    return rows[1:]


_MANNERS = tuple(provider for provider in VERBS if provider != route_of(provider))


def _column(provider: str, verb: Verb) -> tuple[str, ...]:
    """What a request comes to, fault by fault; "" where it meets none of that kind."""
    outcomes = listed()
    found = (outcomes.get((provider, verb.name, fault), "") for fault in FAULTS[provider])
    return tuple(one.removesuffix(", 1") for one in found)


def _table_of(provider: str, columns: dict[str, tuple[str, ...]]) -> Iterator[str]:
    heads: dict[tuple[str, ...], list[str]] = {}
    for name, column in columns.items():
        heads.setdefault(column, []).append(name)
    yield f"| {provider} | {' | '.join('; '.join(names) for names in heads.values())} |"
    yield f"| --- |{' --- |' * len(heads)}"
    faults: dict[tuple[str, ...], list[str]] = {}
    for number, fault in enumerate(FAULTS[provider]):
        row = tuple(column[number] for column in heads)
        if any(row):
            faults.setdefault(row, []).append(fault)
    for row, names in faults.items():
        yield f"| {'; '.join(names)} | {' | '.join(row)} |"


def measure(long: bool, jobs: int) -> Iterator[Figure]:
    """Meet all of them, and count."""
    yield from figures(all_cells(jobs))


PART = Part("faults", "each fault met by each request, at each provider", measure)


def renew() -> None:
    """Write the list anew, and the page from it. What changed is read like any other change."""
    found = all_cells()
    OUTCOMES.write_text("".join(f"{one.line}\n" for one in found), "utf-8")
    listed.cache_clear()
    document.write("outcomes", table())
    told = list(figures(found))
    document.write(PART.name, document.table(told))
    if wrong := [f"{one.value} {one.name}: {'; '.join(one.examples)}" for one in told if not one.holds]:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    renew()
