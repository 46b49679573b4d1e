"""A calendar on Radicale, a process of its own; a proxy before it makes the trouble."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from acting.conftest import ME
from conformance.caldav_backing import http_for
from icalendar import Calendar
from simulators.dav import Between, DavServer, Radicale, Reply

from agendad.providers.caldav import CaldavProvider
from trust.calendars.base import Watched, Write, key_of
from trust.calendars.objects import ObjectsDesk

_NUMBERS = itertools.count()


class _Caldav(Watched, CaldavProvider):
    pass


class CaldavDesk(ObjectsDesk):
    name = "caldav"
    marks_every_write = True
    server: ClassVar[DavServer]

    def __init__(self, folder: Path, stack: Any) -> None:
        self.calendar = self.server.make_calendar(f"history-{next(_NUMBERS)}")
        stack.callback(self.server.delete, self.calendar)
        self.between = stack.enter_context(Between(self.server.url))
        self.between.rules.append(self._watch)
        self.puts: list[tuple[str, bytes, bytes]] = []
        super().__init__(folder, stack)

    @classmethod
    @contextmanager
    def ready(cls) -> Iterator[None]:
        with TemporaryDirectory(prefix="agendad-radicale-") as folder:
            cls.server = Radicale(Path(folder)).start()
            try:
                yield
            finally:
                cls.server.close()

    def open(self) -> Any:
        pace = self.waits.pace(requests_a_minute=100_000, writes_a_minute=100_000)
        http = http_for(f"{self.between.url}/grace/", account="home", pace=pace)
        made = _Caldav("home", [self.calendar], http, me=[ME])
        made.moments = self.moments
        self.stack.callback(made.close)
        return made

    # people

    def _path(self, number: int) -> str:
        return f"{self.calendar}{number}.ics"

    def load(self, number: int) -> bytes:
        return self.server.get(self._path(number))

    def store(self, number: int, content: bytes) -> None:
        self.server.put(self._path(number), content)

    def files(self) -> Path:
        look = self.folder / "look"
        look.mkdir(exist_ok=True)
        for number in self.ids:
            (look / f"{number}.ics").write_bytes(self.load(number))
        return look

    # what agendad did

    def _watch(self, seen: Any, ask: Callable[[], Reply]) -> Reply | None:
        """Remember what each PUT that was carried out found and left."""
        if seen.method != "PUT":
            return None
        before = self.server.get(seen.path)
        reply = self._spoiled(ask) if self._due() else ask()
        if self.server.get(seen.path) != before:
            self.puts.append((seen.path, before, seen.body))
        return reply

    def trouble(self, kind: str) -> None:
        self.kind, self.left = kind, 1
        self.between.rules.append(self._spoil)

    def _due(self) -> bool:
        if self._spoil not in self.between.rules:
            return False
        if self.left > 0:
            self.left -= 1
            return False
        self.between.rules.remove(self._spoil)
        return True

    def _spoil(self, _seen: Any, ask: Callable[[], Reply]) -> Reply | None:
        return self._spoiled(ask) if self._due() else None

    def _spoiled(self, ask: Callable[[], Reply]) -> Reply:
        match self.kind:
            case "garbage":
                return Reply(200, content=b"<not xml")
            case "reset":
                return Reply(0)
            case "applied-then-dropped":
                ask()
                return Reply(0)
            case "applied-then-500":
                ask()
                return Reply(500)
            case "truncate":
                told = ask()
                return Reply(told.status, told.headers, told.content[: len(told.content) // 2])
            case status:
                return Reply(int(status))

    def over(self) -> None:
        self.between.rules[:] = [self._watch]
        self.waits.now += 86_400

    def writes(self) -> list[Write]:
        return [write for _, before, after in self.puts for write in _changed(before, after)]


def _changed(before: bytes, after: bytes) -> Iterator[Write]:
    """The parts of an object that a PUT changed: a master is nothing that may be."""
    was = {_original(part): part for part in Calendar.from_ical(before).walk("VEVENT")}
    for part in Calendar.from_ical(after).walk("VEVENT"):
        old = was.get(_original(part))
        if old is None or old.to_ical() != part.to_ical():
            marks = [mark for mark in _marks(part) if old is None or mark not in _marks(old)]
            yield Write(None if "RRULE" in part else key_of(str(part["UID"]), _original(part)), tuple(marks))


def _original(part: Any) -> Any:
    original = part.get("RECURRENCE-ID")
    return original.dt.astimezone(UTC) if original else None


def _marks(part: Any) -> list[str]:
    told = part.get("X-AGENDAD", [])
    return [str(one) for one in (told if isinstance(told, list) else [told])]
