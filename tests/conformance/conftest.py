"""What a provider must give to be put to the suite: a way to change what is behind it."""

import dataclasses
import shutil
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agendad.providers.base import CalendarProvider, Problem
from agendad.providers.icsfolder import IcsFolderProvider
from agendad.providers.memory import MemoryProvider
from agendad.providers.model import Event, EventTime, Instance, ZoneKind

HOUR = timedelta(hours=1)


class Backing(ABC):
    """The other side of a provider. Series are weekly, an hour long, in UTC."""

    provider: CalendarProvider
    calendar: str

    @abstractmethod
    def put_single(self, uid: str, start: datetime, title: str = "a title") -> None: ...

    @abstractmethod
    def put_series(self, uid: str, start: datetime, count: int, moved: dict[int, datetime] | None = None) -> None:
        """`moved` holds new starts by the number of the occurrence."""

    @abstractmethod
    def delete(self, uid: str) -> None: ...

    @abstractmethod
    def break_something(self) -> None:
        """Put something there that cannot be read."""

    @abstractmethod
    def make_unavailable(self) -> None: ...


def _time(instant: datetime) -> EventTime:
    return EventTime(wall=instant.replace(tzinfo=None), kind=ZoneKind.UTC, instant=instant, zone="UTC")


class MemoryBacking(Backing):
    def __init__(self) -> None:
        self.provider = self.memory = MemoryProvider("test")
        self.calendar = "main"

    def _event(self, uid: str, start: datetime, title: str) -> Event:
        return Event(
            account="test", calendar="main", id=uid, uid=uid, title=title, start=_time(start), end=_time(start + HOUR)
        )

    def put_single(self, uid, start, title="a title"):
        self.delete(uid)
        self.memory.put(self._event(uid, start, title))

    def put_series(self, uid, start, count, moved=None):
        self.delete(uid)
        for number in range(count):
            original = start + timedelta(weeks=number)
            now = (moved or {}).get(number, original)
            key = original.strftime("%Y-%m-%dT%H:%M:%SZ")
            self.memory.put(
                dataclasses.replace(
                    self._event(uid, now, "a title"),
                    id=f"{uid}#{key}",
                    recurrence_id=key,
                    instance=Instance.OCCURRENCE if now == original else Instance.EXCEPTION,
                )
            )

    def delete(self, uid):
        self.memory.remove("main", uid)

    def break_something(self):
        self.memory.report("main", Problem("broken", "cannot be read"))

    def make_unavailable(self):
        self.memory.available = False


class FolderBacking(Backing):
    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.provider = IcsFolderProvider("test", folder)
        self.calendar = "."

    def _write(self, uid: str, *events: str) -> None:
        body = "".join(f"BEGIN:VEVENT\r\nUID:{uid}\r\n{event}END:VEVENT\r\n" for event in events)
        text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}END:VCALENDAR\r\n"
        (self.folder / f"{uid}.ics").write_bytes(text.encode())

    @staticmethod
    def _span(start: datetime) -> str:
        return f"DTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\nSUMMARY:a title\r\n"

    def put_single(self, uid, start, title="a title"):
        self._write(uid, self._span(start).replace("a title", title))

    def put_series(self, uid, start, count, moved=None):
        master = f"{self._span(start)}RRULE:FREQ=WEEKLY;COUNT={count}\r\n"
        exceptions = [
            f"RECURRENCE-ID:{start + timedelta(weeks=number):%Y%m%dT%H%M%SZ}\r\n{self._span(now)}"
            for number, now in (moved or {}).items()
        ]
        self._write(uid, master, *exceptions)

    def delete(self, uid):
        (self.folder / f"{uid}.ics").unlink(missing_ok=True)

    def break_something(self):
        (self.folder / "broken.ics").write_bytes(b"not a calendar\r\n")

    def make_unavailable(self):
        shutil.rmtree(self.folder)


@pytest.fixture(params=["memory", "ics"])
def backing(request, tmp_path):
    return MemoryBacking() if request.param == "memory" else FolderBacking(tmp_path / "calendars")


@pytest.fixture
def monday():
    return datetime(2026, 6, 1, 15, tzinfo=UTC)
