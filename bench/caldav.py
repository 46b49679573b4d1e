"""A Radicale with 2,000 events, for the rows that read it: its requests are counted where it writes its log."""

import atexit
import base64
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.store import Store
from agendad.providers.base import Window
from agendad.providers.caldav import CaldavProvider
from agendad.providers.dav_http import DavHttp
from agendad.providers.dav_xml import ETAG, sync_collection
from agendad.providers.errors import SignInNeeded
from bench.samples import NOW

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


_EVENT = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//bench//EN
BEGIN:VEVENT
UID:{uid}
DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}
DTSTART:{start:%Y%m%dT%H%M%SZ}
DTEND:{end:%Y%m%dT%H%M%SZ}
SUMMARY:Mentoring: Ada and Grace, {number}
ORGANIZER;CN=Ada Lovelace:mailto:ada@example.org
ATTENDEE;CN=Ada Lovelace;PARTSTAT=ACCEPTED:mailto:ada@example.org
ATTENDEE;CN=Grace Hopper;PARTSTAT=NEEDS-ACTION:mailto:grace@example.org
DESCRIPTION:Agenda\\n- the chapter on compilers\\n- questions about the talk
END:VEVENT
END:VCALENDAR
"""
"""In UTC: Radicale reads each object once before it remembers it, and is slow about zones."""


def _event(number: int) -> bytes:
    start = NOW + timedelta(hours=number % 1400)
    told = _EVENT.format(
        uid=f"{number:08}@example.org", stamp=NOW, start=start, end=start + timedelta(minutes=30), number=number
    )
    return told.replace("\n", "\r\n").encode()


@cache
def radicale() -> Bench:
    """One for all rows, until the process ends."""
    scratch = Path(tempfile.mkdtemp())
    server = Radicale(scratch / "radicale")
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    atexit.register(server.close)  # which comes first
    server.start()
    calendar = server.make_calendar("bench")
    server.fill(calendar, {f"{number:06}.ics": _event(number) for number in range(EVENTS)})
    server.client.request("REPORT", calendar, content=sync_collection("", (ETAG,)), timeout=600)
    return Bench(server, calendar, scratch)


@contextmanager
def database(folder: Path) -> Iterator[CalendarStore]:
    with closing(Store.open(folder)) as store:
        yield CalendarStore(store)


def read(calendars: CalendarStore, provider: CaldavProvider) -> int:
    """A pass into the database; how many events changed."""
    (calendar,) = provider.calendars()
    pages = provider.changes(calendar, calendars.cursor("dav", calendar), WINDOW)
    return calendars.take_in("dav", calendar, pages, window=WINDOW, now=NOW, max_vanished_percent=100).changed
