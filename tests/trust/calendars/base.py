"""What every desk brings: Grace's calendar, the hands of people in it, and the eyes of whoever looks."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from acting.conftest import ADA, CONFIG, HOUR, LADDER, ME, House
from conformance.google_backing import Waits

from agendad.daemon.store import Store
from agendad.providers.model import Event

BOB = "bob@example.net"
OTHERS = (ADA, BOB, ADA)
"""With whom the meetings 0, 1 and 2 are; the last one is a series."""
CANCELS_A_DAY = 1
LADDERS = (LADDER, "{before: 100h, do: cancel}", "{before: 100h, do: hold}, {before: 40h, do: cancel}")
_MORE = f"limits: {{grace: 0h, max_cancels_per_day: {CANCELS_A_DAY}, quiet_hours: none}}\nmail: {{transport: file}}"
_MOVING = "{ladder: [{before: 7d, do: reschedule}]}"
_BOB = """\
  - name: grace-bob
    mentor: me
    mentee: {name: Bob Kahn, emails: [bob@example.net], timezone: America/New_York}
    met: true
"""
Key = tuple[str, str]


class Died(BaseException):
    """The process is gone."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a session says to whoever looks."""

    start: datetime
    text: str
    answers: tuple[tuple[str, str], ...]
    """Address and answer, in the words of its calendar."""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A session in Grace's calendar that is not cancelled; `handle` is for its desk."""

    key: Key
    handle: Any
    shown: Shown


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody but Grace was told; by a mail of agendad's where it has a Message-ID."""

    kind: str
    to: str
    key: Key | None
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Write:
    """A change that reached the server: of what, and the marks that stood in it where they did."""

    key: Key | None
    marks: tuple[str, ...] = ()


@dataclass
class Moments:
    """What happens at a moment of agendad's work: before the n-th reading of an event, before or after a write."""

    waiting: dict[str, tuple[int, Callable[[Event], None]]] = field(default_factory=dict)

    def at(self, moment: str, happens: Callable[[Event], None], after: int = 0) -> None:
        self.waiting[moment] = (after, happens)

    def come(self, moment: str, event: Event) -> None:
        left, happens = self.waiting.pop(moment, (0, lambda _event: None))
        if left > 0:
            self.waiting[moment] = (left - 1, happens)
        else:
            happens(event)


class Watched:
    """A provider whose work can be broken into: `get`, `write` (all is read), `intended`, `written`."""

    moments: Moments
    listed = False
    """It was asked for what changed, since somebody said otherwise."""

    def changes(self, *arguments: Any, **more: Any) -> Any:
        self.listed = True
        return super().changes(*arguments, **more)  # type: ignore[misc]

    def get(self, event: Any) -> Any:
        self.moments.come("get", event)
        return super().get(event)  # type: ignore[misc]

    def _apply(self, event: Any, change: Any, *, notify: bool, before_writing: Callable[[Any], None]) -> Any:
        def intend(undo: Any) -> None:
            before_writing(undo)
            self.moments.come("intended", event)

        self.moments.come("write", event)
        applied = super()._apply(event, change, notify=notify, before_writing=intend)  # type: ignore[misc]
        self.moments.come("written", event)
        return applied


class Desk(ABC):
    """Grace's calendar with the meetings 0, 1 and 2."""

    name: ClassVar[str]
    cancelled_comes_back = True
    """Whether a cancellation and a decline can be taken back."""
    marks_every_write = False
    """Whether each write but an undoing has its mark in the request."""
    guards_writes = True
    """Whether a write fails where somebody was quicker, up to the very moment of it."""
    no_answer_comes_back = True
    """Whether an answer can be taken back to none at all."""
    answers_come_back = True
    """Whether the guests' answers are what they were once a move is taken back."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.house = House(folder / "one")
        self.moments = Moments()
        self.waits = Waits()
        self.ids: dict[int, str] = {}
        self.organizers: dict[int, str] = {}
        self.settings: dict[str, Any] = {}
        self.other: House | None = None
        self.providers = [self.open()]

    @classmethod
    @contextmanager
    def ready(cls) -> Iterator[None]:
        """What all histories of a process share."""
        yield

    # agendad

    @abstractmethod
    def open(self) -> Any:
        """A `Watched` provider of this calendar; `self.moments` are its."""

    def follow(self, **settings: Any) -> None:
        """Configure: `ladder`, `mode`, `moving`; what is not named stays."""
        self.settings |= settings
        for house, provider in zip(self.houses(), self.providers, strict=True):
            self._configure(house, provider)

    def join(self) -> House:
        """Another installation, with a state folder of its own, comes to the same calendar."""
        if self.other is None:
            self.other = House(self.folder / "two")
            self.providers.append(self.open())
            self._configure(self.other, self.providers[-1])
        return self.other

    def _configure(self, house: House, provider: Any) -> None:
        mode, moving = self.settings.get("mode", "act"), self.settings.get("moving", False)
        owner, timezone = ("    owner: mentor\n", _MOVING) if moving else ("", "{enabled: false}")
        text = CONFIG.format(mode=mode, notify="mail", ladder=self.settings["ladder"], timezone="false", more=_MORE)
        text = text.replace("    met: true\n", f"    met: true\n{owner}{_BOB}{owner}")
        text = text.replace("timezone: {enabled: false}", f"timezone: {timezone}")
        (house.folder / "agendad.yaml").write_text(text, "utf-8")
        house.reload()
        house.context.__dict__["providers"] = {"home": provider}

    def houses(self) -> list[House]:
        """All installations that are at work here."""
        return [self.house, self.other] if self.other else [self.house]

    def restart(self) -> None:
        for house in self.houses():
            house.store.close()
            house.store = Store.open(house.folder / "state")

    def close(self) -> None:
        for house in self.houses():
            house.store.close()

    # people

    @abstractmethod
    def invite(self, number: int, start: datetime, by: str) -> None:
        """Everybody has said yes, and nobody remembers being told."""

    @abstractmethod
    def occurrences(self, number: int) -> list[Occurrence]:
        """In the order of their times."""

    @abstractmethod
    def write(self, number: int, one: Occurrence, body: str) -> None: ...

    @abstractmethod
    def move(self, number: int, one: Occurrence, hours: int) -> None: ...

    @abstractmethod
    def delete(self, number: int, one: Occurrence) -> None: ...

    @abstractmethod
    def answer(self, number: int, one: Occurrence, who: str, answer: str) -> None:
        """`answer` is accepted, tentative or declined; the organizer gives none."""

    def guest(self, number: int) -> str:
        return OTHERS[number] if self.organizers[number] == ME else ME

    def everything(self) -> list[Occurrence]:
        return [one for number in self.ids for one in self.occurrences(number)]

    def seen(self) -> dict[Key, Shown]:
        return {one.key: one.shown for one in self.everything()}

    @abstractmethod
    def mine(self, shown: Shown) -> str:
        """Grace's own answer: accepted, tentative, declined or another word."""

    # what agendad did

    @abstractmethod
    def trouble(self, kind: str) -> None:
        """What soon goes wrong, once."""

    @abstractmethod
    def over(self) -> None:
        """The trouble is over, a while later."""

    @abstractmethod
    def notices(self) -> list[Notice]:
        """Of agendad's doing, the oldest first."""

    @abstractmethod
    def writes(self) -> list[Write] | None:
        """Of agendad's doing, the oldest first; None where no server counts them."""

    @abstractmethod
    def masters_written(self) -> list[str]: ...


def span(start: datetime) -> dict[str, datetime]:
    return {"start": start, "end": start + HOUR / 2}


def key_of(uid: str, original: datetime | None) -> Key:
    return uid, f"{original.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if original else ""
