"""A folder of invites read for the first time, into the database, beside icalendar's own parse of the same files."""

import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from icalendar import Calendar

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.store import Store
from agendad.providers.base import Window
from agendad.providers.icsfolder import CALENDAR, IcsFolderProvider
from bench.measure import Row, best, rate
from bench.samples import NOW, write_calendar

EVENTS = 3000


def row() -> Row:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "calendar"
        write_calendar(folder, EVENTS, each=10)
        files = sorted(folder.iterdir())
        window = Window.around(NOW, lookback=timedelta(days=90), horizon=timedelta(days=60))
        runs = iter(range(1000))

        def ours() -> None:
            state = Path(scratch) / f"state{next(runs)}"
            state.mkdir()
            with closing(Store.open(state)) as store:
                pages = IcsFolderProvider("home", folder).changes(CALENDAR, None, window)
                intake = CalendarStore(store).take_in(
                    "home", CALENDAR, pages, window=window, now=NOW, max_vanished_percent=100
                )
            assert intake.changed == EVENTS, intake

        def parse() -> None:
            for file in files:
                Calendar.from_ical(file.read_bytes())

        taken, peer = best(ours, parse, rounds=3)
    return Row(ours=rate(EVENTS, taken, "events"), beside=rate(EVENTS, peer, "events"), ratio=taken / peer, allowed=1.2)
