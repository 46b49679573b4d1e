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
from simulators.google import GoogleSimulator
from simulators.graph import GraphSimulator

from agendad.daemon.context import open_context
from agendad.daemon.reloading import Reloading
from agendad.daemon.scheduling import Timers
from agendad.daemon.service import Service
from agendad.daemon.store import Store
from trust.figures import Figure, Part

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
    """Half of the accounts at one vendor, half at the other."""

    google: GoogleSimulator
    graph: GraphSimulator
    events: int
    """In each account, as occurrences between lookback and horizon."""
    stalled: int = 0
    """Answers that took long."""
    samples: list[tuple[int, int, int]] = field(default_factory=list)
    """(KiB of the process's own, threads, open files), each time it was looked at."""

    @property
    def people(self) -> list[str]:
        return [f"grace{number}@example.org" for number in range(ACCOUNTS)]

    def fill(self) -> None:
        for number, person in enumerate(self.people):
            if number % 2:
                self.graph.add_person(person, zone="UTC", name="Grace Hopper")
            else:
                self.google.add_person(person, zone="UTC", name="Grace Hopper")
            for series in range(max(self.events // OCCURRENCES, 1)):
                self.add(number, series)

    def add(self, number: int, series: int) -> None:
        start = NOW - timedelta(days=84) + timedelta(hours=series % 9, days=series % 5, minutes=series % 60)
        title = "Mentoring: Ada and Grace" if series % 50 == 0 else f"Standing meeting {series}"
        end = start + timedelta(minutes=30)
        if number % 2:
            day = start.strftime("%A").lower()
            self.graph.as_(self.people[number]).create(
                {
                    "subject": title,
                    "start": {"dateTime": start.strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"},
                    "end": {"dateTime": end.strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"},
                    "recurrence": {
                        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": [day]},
                        "range": {"type": "noEnd", "startDate": f"{start:%Y-%m-%d}", "recurrenceTimeZone": "UTC"},
                    },
                }
            )
        else:
            self.google.as_(self.people[number]).insert(
                "primary",
                {
                    "summary": title,
                    "start": {"dateTime": start.isoformat(), "timeZone": "UTC"},
                    "end": {"dateTime": end.isoformat(), "timeZone": "UTC"},
                    "recurrence": ["RRULE:FREQ=WEEKLY"],
                },
            )

    def requests(self) -> int:
        """Since the last look."""
        count = 0
        for simulator in (self.google, self.graph):
            self.stalled += sum(request.fault is not None for request in simulator.requests)
            count += len(simulator.requests)
            simulator.requests.clear()
        return count

    def look(self) -> None:
        gc.collect()
        rollup = Path("/proc/self/smaps_rollup").read_text("ascii")
        own = sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(("Private_", "Shared_Dirty")))
        self.samples.append((own, threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))))


def measure(long: bool, _jobs: int) -> Iterator[Figure]:
    """With `long` as much as anybody could have; otherwise a tenth."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        google = stack.enter_context(GoogleSimulator(now=NOW))
        graph = stack.enter_context(GraphSimulator(now=NOW))
        load = Load(google, graph, 5000 if long else 500)
        load.fill()
        yield Figure("accounts", ACCOUNTS)
        yield Figure("events in each", load.events // OCCURRENCES * OCCURRENCES)
        yield from _serve(load, folder, stack)
        for simulator in (google, graph):
            yield Figure(
                f"requests that {type(simulator).__name__.removesuffix('Simulator')} would not have taken",
                len(simulator.violations), 0, tuple(simulator.violations[:5]),
            )  # fmt: skip


def _serve(load: Load, folder: Path, stack: ExitStack) -> Iterator[Figure]:
    accounts = []
    for number, person in enumerate(load.people):
        simulator, kind = (load.graph, "outlook") if number % 2 else (load.google, "google")
        calendars = "default" if number % 2 else person
        os.environ[f"TOKEN_{number}"] = simulator.token_for(person)
        stack.callback(os.environ.pop, f"TOKEN_{number}")
        accounts.append(
            f"  - {{name: a{number}, provider: {kind}, calendars: [{calendars}], api_root: '{simulator.api_root}', "
            f"auth: {{method: token, env: TOKEN_{number}}}}}"
        )
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

    def tick() -> None:
        load.google.now = load.graph.now = world.now()

    def slow() -> None:
        load.google.faults.add("stall", path=r"grace0(@|%40)", times=None, delay=SLOW)

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
    allowed = ACCOUNTS * AT_MOST
    yield Figure("requests in the last three quarters of the hour", asked)
    yield Figure(f"requests beyond {AT_MOST} an account", max(0, asked - allowed), 0)


PART = Part("load", "twenty accounts for an hour of the service's own time", measure)
