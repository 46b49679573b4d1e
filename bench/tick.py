"""A pass that is told of ten changed events, with 20,000 events known, beside the same pass with 2,000 known."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from agendad.daemon.clock import FixedClock
from agendad.daemon.config_shapes import Sync
from agendad.daemon.means import Means
from agendad.daemon.pipeline import Pipeline
from agendad.daemon.store import Store
from agendad.daemon.wording import Wording
from agendad.providers.base import Page, Window
from agendad.providers.icsfiles import read_file, read_group
from agendad.providers.memory import MemoryProvider
from agendad.providers.model import Event
from bench.measure import Row, best, span
from bench.samples import GRACE, NOW, policy, write_calendar

FEW, MANY, CHANGED = 2_000, 20_000, 10


class _Feed(MemoryProvider):
    """A server that tells what changed, whatever else it holds."""

    def __init__(self) -> None:
        super().__init__("home")
        self.news: tuple[Event, ...] = ()

    def changes(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:  # noqa: ARG002
        uids = frozenset(event.uid for event in self.news)
        yield Page(events=self.news, complete=uids, full=cursor is None, cursor=str(int(cursor or 0) + 1))


class _Installation:
    def __init__(self, store: Store, events: list[Event]) -> None:
        self._feed = _Feed()
        mine, sync = policy(), Sync(horizon=timedelta(days=60), lookback=timedelta(days=90))
        self._pipeline = Pipeline(
            policy=mine, sync=sync, store=store, clock=FixedClock(NOW), providers={"home": self._feed},
            wording=Wording(mine, None, store), means=Means(mail=False, addresses=mine.addresses),
        )  # fmt: skip
        self._feed.news = tuple(events)
        self._pipeline.run()
        self._changed = events[:CHANGED]
        self._turn = 0

    def tick(self) -> None:
        self._turn += 1
        self._feed.news = tuple(replace(event, location=f"room {self._turn}") for event in self._changed)
        changed = self._pipeline.run().accounts[0].changed
        assert changed == CHANGED, changed


def _events(folder: Path, count: int) -> list[Event]:
    """Events, those with the mentor first."""
    write_calendar(folder, count, each=100)
    window = Window.around(NOW, lookback=timedelta(days=90), horizon=timedelta(days=60))
    readings = [read_file(file.read_bytes(), "", "home") for file in sorted(folder.iterdir())]
    found = [event for events in read_group(readings, window).events.values() for event in events]
    found.sort(key=lambda event: event.attendees[-1].email != GRACE.emails[0])
    return [replace(event, calendar="main") for event in found]


def row() -> Row:
    with tempfile.TemporaryDirectory() as scratch:
        events = _events(Path(scratch) / "calendar", MANY)
        with (
            closing(Store.open(Path(scratch) / "many")) as many,
            closing(Store.open(Path(scratch) / "few")) as few,
        ):
            large, small = _Installation(many, events), _Installation(few, events[:FEW])
            taken, floor = best(large.tick, small.tick, rounds=9)
    return Row(ours=span(taken), beside=span(floor), ratio=taken / floor, allowed=1.5)
