"""Stateful property test: people and agendad change one calendar in any order, with faults, odd clocks and restarts.

One or two installations in one process, over and over, at each kind of calendar. After each pass it is looked whether
all holds: at the vendor's, in the outbox and in the journal.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from trust.figures import Figure, Part
from trust.histories import COUNTS, MACHINES

EXAMPLES, STEPS = 6, 30
"""Histories in a round, and steps in a history."""
ROUNDS, ROUNDS_LONG = 3, 20
"""Of each calendar."""
_COUNTED = (
    "histories", "passes", "acts", "changes by people", "changes in the middle of a pass", "faults", "deaths",
    "passes of another installation", "answers to questions", "changes of the configuration", "taken back",
)  # fmt: skip


def play(desk: str, examples: int, steps: int, number: int = 0, *, shrink: bool = False) -> Counter[str]:
    """So many histories of so many steps at one calendar; the same ones for the same number."""
    COUNTS.clear()
    machine = MACHINES[desk]

    @seed(number)
    class Seeded(machine):  # type: ignore[misc, valid-type]
        """Hypothesis looks for its seed here."""

    with machine.desk_type.ready():
        run_state_machine_as_test(
            Seeded,
            settings=settings(
                max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
                suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
                phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
            ),
        )  # fmt: skip
    return Counter(COUNTS)


def measure(long: bool, jobs: int) -> Iterator[Figure]:
    """Play, a round of histories at one calendar after another, and count what was tried."""
    rounds = [(desk, number) for number in range(ROUNDS_LONG if long else ROUNDS) for desk in MACHINES]
    counted: Counter[str] = Counter()
    broken: list[str] = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        every = [pool.submit(play, desk, EXAMPLES, STEPS, number) for desk, number in rounds]
        for (desk, number), one in zip(rounds, every, strict=True):
            try:
                counted += one.result()
            except Exception as error:  # noqa: BLE001 - the history is in its notes; that round ended with it
                told = [f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())]
                broken.append(f"at {desk}, seed {number}: " + "\n".join(told))
    for name in _COUNTED:
        yield Figure(name, counted[name])
    yield Figure("rounds with a history in which something did not hold", len(broken), 0, tuple(broken))


PART = Part("anything", "people and agendad at one calendar, in any order", measure)
