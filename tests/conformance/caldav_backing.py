"""CalDAV behind the suite: real servers, and a calendar of its own for each test."""

import base64
import itertools
from datetime import UTC, datetime

from conformance.backing import HOUR, IcsBacking
from simulators.dav import PASSWORD, DavServer

from agendad.providers.base import Window
from agendad.providers.caldav import CaldavProvider
from agendad.providers.dav_http import DavHttp
from agendad.providers.errors import SignInNeeded
from agendad.providers.pacing import Pace

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
MONDAY = datetime(2026, 6, 1, 15, tzinfo=UTC)
WINDOW = Window(MONDAY - 7 * 24 * HOUR, MONDAY + 60 * 24 * HOUR)
_NUMBERS = itertools.count()
_BROKEN = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nMETHOD:ADD\r\nBEGIN:VEVENT\r\nUID:broken\r\n"
    b"DTSTAMP:20260501T000000Z\r\nDTSTART:20260601T150000Z\r\nSUMMARY:broken\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
"""A message that was saved as an event: there is nothing that it could be added to."""


def basic(person: str, password: str = PASSWORD) -> str:
    return "Basic " + base64.b64encode(f"{person}:{password}".encode()).decode()


def http_for(url: str, person: str = "grace", account: str = "test", **more) -> DavHttp:
    """Requests by a person's password, without the waits of a real pace."""
    return DavHttp(
        account,
        url,
        authorization=more.pop("authorization", lambda: basic(person)),
        refused=lambda _header: SignInNeeded("refused", not_done="nothing", next_step="sign in"),
        now=more.pop("now", lambda: NOW),
        pace=more.pop("pace", None) or Pace(service="CalDAV", sleep=lambda _seconds: None, requests_a_minute=100_000,
                                            writes_a_minute=100_000),
        **more,
    )  # fmt: skip


class CaldavBacking(IcsBacking):
    def __init__(self, server: DavServer) -> None:
        self.server = server if server.runs else server.start()
        self.calendar = server.make_calendar(f"suite-{next(_NUMBERS)}")
        self.provider = CaldavProvider("test", [self.calendar], http_for(server.url + server.home("grace")))

    def close(self) -> None:
        self.provider.close()
        if not self.server.runs:
            self.server.start()

    def store(self, uid, content):
        self.server.put(f"{self.calendar}{uid}.ics", content)

    def load(self, uid):
        return self.server.get(f"{self.calendar}{uid}.ics")

    def delete(self, uid):
        self.server.delete(f"{self.calendar}{uid}.ics")

    def lock(self):
        self.provider.close()
        http = http_for(self.server.url + self.calendar, "reader")
        self.provider = CaldavProvider("test", [self.calendar], http, on_behalf=True)

    def break_something(self):
        self.server.put(f"{self.calendar}broken.ics", _BROKEN)

    def make_unavailable(self):
        self.server.stop()


class XandikosBacking(CaldavBacking):
    def lock(self):
        self.provider.close()
        http = http_for(self.server.url + self.calendar)
        self.provider = CaldavProvider("test", [self.calendar], http, may_write=lambda: False)


class ProxiedCalendar(CaldavBacking):
    """A calendar on Radicale, and a provider that reaches it through a proxy that a test can spoil answers in."""

    def __init__(self, server, between):
        self.server, self.between = server if server.runs else server.start(), between
        self.calendar = server.make_calendar(f"proxied-{next(_NUMBERS)}")
        self.opened = []
        self.provider = self.another()
        self.cursor = None

    def another(self, calendars=(), **more):
        """A provider; without `calendars` for this one alone, with None for whatever there is."""
        http = http_for(self.between.url + more.pop("path", "/grace/"), **more)
        named = [self.calendar] if calendars == () else calendars
        self.opened.append(CaldavProvider("test", named, http, me=["grace@example.org"]))
        return self.opened[-1]

    def close(self):
        super().close()
        for provider in self.opened:
            provider.close()

    def put_many(self, count):
        """One by the way that all take, the others into its folder."""
        self.put_single("one", MONDAY)
        one = self.load("one")
        names = [f"uid{number}" for number in range(count - 1)]
        told = {f"{name}.ics": one.replace(b"UID:one", f"UID:{name}".encode()) for name in names}
        self.server.fill(self.calendar, told)

    def sync(self, window=WINDOW):
        pages = list(self.provider.changes(self.calendar, self.cursor, window))
        self.cursor = pages[-1].cursor
        return pages

    def events(self):
        return [event for page in self.sync() for event in page.events]

    def told(self, window=WINDOW):
        return {event.uid for page in self.sync(window) for event in page.events}
