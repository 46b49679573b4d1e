"""Many accounts at once: memory, threads and files stay as they are, nobody waits for a slow one, budgets are kept."""

import argparse
import gc
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from acting.test_service_week import World

from agendad.daemon.context import open_context
from agendad.daemon.reloading import Reloading
from agendad.daemon.scheduling import Timers
from agendad.daemon.service import Service
from agendad.daemon.store import Store
from trust.figures import Figure, Part
from trust.hosts import HOSTS, Google, Host, Weekly

NOW = datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EVERY = 5
"""Minutes between two looks at an account."""
ACCOUNTS = 20
OCCURRENCES = 22
"""Of a weekly series between lookback and horizon."""
SLOW = 3.0
"""Seconds that one account's server takes for each answer, in real time: a twentieth of what is waited for it."""
ROOM = 24
"""MiB that the process may grow by while nothing but time and a few edits happen; Python keeps some of what it had."""
AT_MOST = 15
"""Requests that an account may take in an hour beside those for what changed: one a look, and a little."""
_CONFIG = """\
version: 1
mode: observe
sync: {{every: {every}m}}
me: {{name: Grace Hopper, emails: [{emails}], timezone: America/New_York}}
accounts:
{accounts}
mentorships:
  - name: grace-ada
    mentor: {{name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}}
    mentee: me
"""


@dataclass
class Load:
    """A quarter of the accounts at each kind of calendar."""

    hosts: tuple[Host, ...]
    events: int
    """In each account, as occurrences between lookback and horizon."""
    stalled: int = 0
    """Answers that took long."""
    samples: list[tuple[int, int, int]] = field(default_factory=list)
    """(KiB of the process's own, threads, open files), each time it was looked at."""

    @property
    def people(self) -> list[str]:
        return [f"grace{number}@example.org" for number in range(ACCOUNTS)]

    def host(self, number: int) -> Host:
        return self.hosts[number % len(self.hosts)]

    def fill(self) -> None:
        for number, person in enumerate(self.people):
            self.host(number).open(person)
            for series in range(max(self.events // OCCURRENCES, 1)):
                self.add(number, series)

    def add(self, number: int, series: int) -> None:
        start = NOW - timedelta(days=84) + timedelta(hours=series % 9, days=series % 5, minutes=series % 60)
        title = "Mentoring: Ada and Grace" if series % 50 == 0 else f"Standing meeting {series}"
        self.host(number).add(self.people[number], Weekly(series, title, start, start + timedelta(minutes=30)))

    def requests(self) -> int:
        """Since the last look."""
        taken = [host.requests() for host in self.hosts]
        self.stalled += sum(late for _, late in taken)
        return sum(count for count, _ in taken)

    def look(self) -> None:
        gc.collect()
        rollup = Path("/proc/self/smaps_rollup").read_text("ascii")
        own = sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(("Private_", "Shared_Dirty")))
        self.samples.append((own, threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))))


def measure(long: bool, _jobs: int) -> Iterator[Figure]:
    """With `long` as much as anybody could have; otherwise a tenth."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        load = Load(tuple(kind(folder, stack, NOW) for kind in HOSTS), 5000 if long else 500)
        load.fill()
        yield Figure("accounts", ACCOUNTS)
        yield Figure("events in each", load.events // OCCURRENCES * OCCURRENCES)
        yield from _serve(load, folder, stack)
        for host in load.hosts:
            if host.strict:
                refused = host.violations()
                yield Figure(f"requests that {host.title} would not have taken", len(refused), 0, tuple(refused[:5]))


def _serve(load: Load, folder: Path, stack: ExitStack) -> Iterator[Figure]:
    accounts = []
    for number, person in enumerate(load.people):
        host = load.host(number)
        os.environ[f"SECRET_{number}"] = host.secret(person)
        stack.callback(os.environ.pop, f"SECRET_{number}")
        accounts.append(f"  - {{name: a{number}, {host.account(person, f'SECRET_{number}')}}}")
    text = _CONFIG.format(every=EVERY, emails=", ".join(load.people), accounts="\n".join(accounts))
    (folder / "agendad.yaml").write_text(text, "utf-8")
    context = open_context(argparse.Namespace(config=folder / "agendad.yaml", state_dir=folder / "state"))
    world = World(NOW)
    context = replace(context, clock=world)
    with closing(Store.open(folder / "state")) as store:
        service = Service(
            context,
            store,
            Reloading(context),
            inbox=world,
            timers=lambda put: Timers(put, world, lambda: world, world.monotonic),
            look=20.0,
            monotonic=world.monotonic,
        )
        service.watching.watch = lambda _wanted: None  # files change at no simulated time
        world.plans = sorted(_plans(load, world, service), key=lambda plan: plan[0])
        service.run()
        yield from _figures(load, store)


def _plans(load: Load, world: World, service: Service) -> Iterator[tuple[datetime, Any]]:
    """What happens during the hour: edits, a server that becomes slow, and a look at the process now and then."""
    slowed = load.host(0)
    assert isinstance(slowed, Google)

    def tick() -> None:
        for host in load.hosts:
            host.tick(world.now())

    def slow() -> None:
        slowed.slow(load.people[0], SLOW)

    for second in range(20, 3700, 20):
        yield NOW + timedelta(seconds=second), tick
    for minute in (11, 23, 37, 52):
        yield NOW + minute * MINUTE, lambda minute=minute: [load.add(n, 1000 + minute) for n in range(0, ACCOUNTS, 3)]
    yield NOW + 25 * MINUTE, slow
    yield NOW + 15 * MINUTE, load.requests
    for minute in (15, 30, 45, 60):
        yield NOW + minute * MINUTE, load.look
    yield NOW + 60 * MINUTE + timedelta(seconds=30), service.ask_to_stop


def _figures(load: Load, store: Store) -> Iterator[Figure]:
    (first, *_), (*_, last) = load.samples, load.samples
    read = dict(store.connection.execute("SELECT account, synced_at FROM calendars"))
    late = [account for account, at in read.items() if datetime.fromisoformat(at) < NOW + (60 - 2 * EVERY) * MINUTE]
    count = store.connection.execute("SELECT count(*) FROM events").fetchone()[0]
    yield Figure("events that are known", count)
    yield Figure("accounts that were not read in the last ten minutes of the hour", len(late), 0, tuple(late))
    yield Figure("accounts that were never read", ACCOUNTS - len(read), 0)
    yield Figure("MiB of its own after a quarter of an hour", first[0] // 1024)
    yield Figure(f"MiB that it grew by since, beyond {ROOM}", max(0, (last[0] - first[0]) // 1024 - ROOM), 0)
    yield Figure("threads more than after a quarter of an hour", max(0, last[1] - first[1]), 0)
    yield Figure("open files more than after a quarter of an hour", max(0, last[2] - first[2]), 0)
    asked = load.requests()
    yield Figure("answers that took three seconds", load.stalled)
    allowed = sum(load.host(number).served for number in range(ACCOUNTS)) * AT_MOST
    yield Figure("requests in the last three quarters of the hour", asked)
    yield Figure(f"requests beyond {AT_MOST} an account", max(0, asked - allowed), 0)


PART = Part("load", "twenty accounts for an hour of the service's own time", measure)
