"""A Radicale with 2,000 events, for the rows that read it: its requests are counted where it writes its log."""

import base64
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.store import Store
from agendad.providers.base import Window
from agendad.providers.caldav import CaldavProvider
from agendad.providers.dav_http import DavHttp
from agendad.providers.dav_xml import ETAG, sync_collection
from agendad.providers.errors import SignInNeeded
from bench.samples import NOW, write_calendar

sys.path.append(str(Path(__file__).parents[1] / "tests"))  # the servers are the tests'

from simulators.dav import PASSWORD, Radicale

__all__ = ["EVENTS", "PASSWORD", "Bench", "database", "radicale", "read"]

EVENTS = 2_000
WINDOW = Window.around(NOW, lookback=timedelta(days=90), horizon=timedelta(days=60)).in_whole_days


@dataclass
class Bench:
    server: Radicale
    calendar: str
    scratch: Path

    @property
    def url(self) -> str:
        return self.server.url + self.calendar

    def requests(self) -> int:
        """How many the server has seen."""
        return self.server.log.read_bytes().count(b" request for ")

    def provider(self) -> CaldavProvider:
        password = base64.b64encode(f"grace:{PASSWORD}".encode()).decode()
        http = DavHttp(
            "dav",
            self.url,
            authorization=lambda: f"Basic {password}",
            refused=SignInNeeded,
            now=lambda: NOW,
        )
        return CaldavProvider("dav", None, http)


@contextmanager
def radicale() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as scratch:
        server = Radicale(Path(scratch) / "radicale")
        server.start()
        try:
            calendar = server.make_calendar("bench")
            folder = Path(scratch) / "events"
            write_calendar(folder, EVENTS)
            server.fill(calendar, {file.name: file.read_bytes() for file in folder.iterdir()})
            shutil.rmtree(folder)
            # It reads each object once, and remembers what it read.
            server.client.request("REPORT", calendar, content=sync_collection("", (ETAG,)), timeout=300)
            yield Bench(server, calendar, Path(scratch))
        finally:
            server.close()


@contextmanager
def database(folder: Path) -> Iterator[CalendarStore]:
    with closing(Store.open(folder)) as store:
        yield CalendarStore(store)


def read(calendars: CalendarStore, provider: CaldavProvider) -> int:
    """A pass into the database; how many events changed."""
    (calendar,) = provider.calendars()
    pages = provider.changes(calendar, calendars.cursor("dav", calendar), WINDOW)
    return calendars.take_in("dav", calendar, pages, window=WINDOW, now=NOW, max_vanished_percent=100).changed
