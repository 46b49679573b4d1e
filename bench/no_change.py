"""A pass over 10,000 files of which none changed, beside asking the disk for each of them."""

import os
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.store import Store
from agendad.providers.base import Window
from agendad.providers.icsfolder import CALENDAR, IcsFolderProvider
from bench.measure import Row, best, span
from bench.samples import NOW, write_calendar

FILES = 10_000


def row() -> Row:
    with tempfile.TemporaryDirectory() as scratch:
        folder, state = Path(scratch) / "calendar", Path(scratch) / "state"
        write_calendar(folder, FILES)
        for file in folder.iterdir():  # settled: a file of this very second has to be read again
            os.utime(file, ns=(1_700_000_000_000_000_000,) * 2)
        window = Window.around(NOW, lookback=timedelta(days=90), horizon=timedelta(days=60))
        provider = IcsFolderProvider("home", folder)
        with closing(Store.open(state)) as store:
            calendars = CalendarStore(store)

            def ours() -> int:
                pages = provider.changes(CALENDAR, calendars.cursor("home", CALENDAR), window)
                return calendars.take_in(
                    "home", CALENDAR, pages, window=window, now=NOW, max_vanished_percent=100
                ).changed

            def scan() -> None:
                with os.scandir(folder) as entries:
                    assert sum(entry.stat().st_size > 0 for entry in entries) == FILES

            assert ours() == FILES
            assert ours() == 0
            taken, floor = best(ours, scan)
    return Row(ours=span(taken), beside=span(floor), ratio=taken / floor, allowed=2.5)
