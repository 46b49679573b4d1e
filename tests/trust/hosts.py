"""What the accounts of the load stand at: each kind of calendar, with many people on one server.

A new provider is one more `Host` in `HOSTS`.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from simulators.dav import PASSWORD, Between, Radicale, Reply, Seen
from simulators.google import GoogleSimulator
from simulators.graph import GraphSimulator

_ICS = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Calendar//EN
BEGIN:VEVENT
UID:{number}@example.org
DTSTAMP:20261120T090000Z
DTSTART:{start:%Y%m%dT%H%M%SZ}
DTEND:{end:%Y%m%dT%H%M%SZ}
RRULE:FREQ=WEEKLY
SUMMARY:{title}
END:VEVENT
END:VCALENDAR
"""


@dataclass(frozen=True, slots=True)
class Weekly:
    """A series without an end. `start` and `end` of the first one, in UTC; `number` is its own in the account."""

    number: int
    title: str
    start: datetime
    end: datetime

    @property
    def ics(self) -> bytes:
        text = _ICS.format(number=self.number, title=self.title, start=self.start, end=self.end)
        return text.replace("\n", "\r\n").encode()


class Host(ABC):
    """One kind of calendar, with as many people as there are."""

    title: str
    served = True
    """It takes requests."""
    strict = False
    """It tells of requests that the vendor would not have taken."""

    @abstractmethod
    def __init__(self, folder: Path, stack: ExitStack, now: datetime) -> None:
        """Start it; it ends with the stack."""

    @abstractmethod
    def open(self, person: str) -> None:
        """An account for them, with an empty calendar."""

    @abstractmethod
    def add(self, person: str, series: Weekly) -> None:
        """To their calendar."""

    @abstractmethod
    def account(self, person: str, secret: str) -> str:
        """What stands in the configuration for it; `secret` is the variable that holds it."""

    def secret(self, person: str) -> str:
        """Of the sign-in."""
        del person
        return ""

    def requests(self) -> tuple[int, int]:
        """(requests, answers that took long) since the last look."""
        return 0, 0

    def tick(self, now: datetime) -> None:  # noqa: B027 - only what has a clock of its own needs it
        """It is later."""

    def violations(self) -> list[str]:
        return []


class _Simulated(Host):
    """A vendor's."""

    strict = True
    server: Any

    def secret(self, person):
        return self.server.token_for(person)

    def requests(self):
        seen = list(self.server.requests)
        self.server.requests.clear()
        return len(seen), sum(one.fault is not None for one in seen)

    def tick(self, now):
        self.server.now = now

    def violations(self):
        return list(self.server.violations)

    def slow(self, person: str, seconds: float) -> None:
        """From now on each answer about this calendar takes so long."""
        name = re.escape(person).replace("@", "(@|%40)")
        self.server.faults.add("stall", path=name, times=None, delay=seconds)


class Google(_Simulated):
    title = "Google"

    def __init__(self, folder, stack, now):
        del folder
        self.server = stack.enter_context(GoogleSimulator(now=now))

    def open(self, person):
        self.server.add_person(person, zone="UTC", name="Grace Hopper")

    def add(self, person, series):
        times = {side: {"dateTime": at.isoformat(), "timeZone": "UTC"} for side, at in _span(series)}
        body = {"summary": series.title, **times, "recurrence": ["RRULE:FREQ=WEEKLY"]}
        self.server.as_(person).insert("primary", body)

    def account(self, person, secret):
        root = f"api_root: '{self.server.api_root}'"
        return f"provider: google, calendars: [{person}], {root}, auth: {{method: token, env: {secret}}}"


class Outlook(_Simulated):
    title = "Graph"

    def __init__(self, folder, stack, now):
        del folder
        self.server = stack.enter_context(GraphSimulator(now=now))

    def open(self, person):
        self.server.add_person(person, zone="UTC", name="Grace Hopper")

    def add(self, person, series):
        times = {side: {"dateTime": f"{at:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"} for side, at in _span(series)}
        day = series.start.strftime("%A").lower()
        span = {"type": "noEnd", "startDate": f"{series.start:%Y-%m-%d}", "recurrenceTimeZone": "UTC"}
        pattern = {"type": "weekly", "interval": 1, "daysOfWeek": [day]}
        recurrence = {"pattern": pattern, "range": span}
        self.server.as_(person).create({"subject": series.title, **times, "recurrence": recurrence})

    def account(self, person, secret):
        del person
        root = f"api_root: '{self.server.api_root}'"
        return f"provider: outlook, calendars: [default], {root}, auth: {{method: token, env: {secret}}}"


class CalDav(Host):
    """Radicale, a process of its own; a calendar for each account."""

    title = "CalDAV"

    def __init__(self, folder, stack, now):
        self.now = now
        self.server = Radicale(folder / "radicale")
        self.server.start()
        stack.callback(self.server.close)
        self.between = stack.enter_context(Between(self.server.url))
        self.between.rules.append(self._dated)
        self.paths: dict[str, str] = {}

    def _dated(self, _seen: Seen, ask: Callable[[], Reply]) -> Reply:
        """The server's answer, at the time that it is here."""
        reply = ask()
        others = {name: value for name, value in reply.headers.items() if name.lower() != "date"}
        reply.headers = others | {"Date": format_datetime(self.now, usegmt=True)}
        return reply

    def tick(self, now):
        self.now = now

    def open(self, person):
        self.paths[person] = self.server.make_calendar(person.partition("@")[0])

    def add(self, person, series):
        self.server.put(f"{self.paths[person]}{series.number}.ics", series.ics)

    def account(self, person, secret):
        where = f"url: '{self.between.url}{self.paths[person]}', username: grace"
        return f"provider: caldav, {where}, auth: {{method: password, env: {secret}}}"

    def secret(self, person):
        del person
        return PASSWORD

    def requests(self):
        return len(self.between.take()), 0


class Folder(Host):
    """Of .ics files, one for each account."""

    title, served = "ics", False

    def __init__(self, folder, stack, now):
        del stack, now
        self.folder = folder

    def open(self, person):
        self._of(person).mkdir()

    def add(self, person, series):
        (self._of(person) / f"{series.number}.ics").write_bytes(series.ics)

    def account(self, person, secret):
        del secret
        return f"provider: ics, path: '{self._of(person)}'"

    def _of(self, person):
        return self.folder / f"calendar-of-{person.partition('@')[0]}"


def _span(series: Weekly) -> tuple[tuple[str, datetime], tuple[str, datetime]]:
    return ("start", series.start), ("end", series.end)


HOSTS: tuple[type[Host], ...] = (Google, Outlook, CalDav, Folder)
