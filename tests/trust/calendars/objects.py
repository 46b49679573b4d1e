"""Calendars that are kept as iCalendar objects, a series and its exceptions in one; agendad mails the guests."""

from abc import abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from acting.conftest import HOUR, ME, NOW, House, method, vevent
from acting.conftest import calendar as file_of
from icalendar import Calendar, vDDDTypes

from agendad.providers.base import Window
from agendad.providers.icsfolder import IcsFolderProvider
from agendad.providers.model import Event, Status
from trust.calendars.base import OTHERS, Desk, Key, Notice, Occurrence, Shown, key_of

_WINDOW = Window(NOW - 200 * HOUR, NOW + 1000 * HOUR)


class ObjectsDesk(Desk):
    """The lines of a series' master are what people wrote, whatever agendad does to its occurrences."""

    def __init__(self, folder: Path, stack: Any) -> None:
        super().__init__(folder, stack)
        self.masters: dict[int, bytes] = {}

    @abstractmethod
    def load(self, number: int) -> bytes: ...

    @abstractmethod
    def store(self, number: int, content: bytes) -> None: ...

    @abstractmethod
    def files(self) -> Path:
        """A folder with the objects as they stand."""

    # people

    def invite(self, number: int, start: datetime, by: str) -> None:
        self.organizers[number] = by
        self.ids[number] = f"{number}@example.org"
        more = ("RRULE:FREQ=DAILY;COUNT=4",) if number == 2 else ()
        guests, title = (ME, OTHERS[number]), "Mentoring: Grace and her mentee"
        event = vevent(start, uid=self.ids[number], organizer=by, guests=guests, title=title, more=more)
        self._put(number, file_of(event).encode())

    def _put(self, number: int, content: bytes) -> None:
        self.store(number, content)
        if number == 2:
            self.masters[number] = _master(self.load(number))

    def everything(self) -> list[Occurrence]:
        pages = IcsFolderProvider("look", self.files()).changes(".", None, _WINDOW)
        events = [event for page in pages for event in page.events if event.status is not Status.CANCELLED]
        return [Occurrence(event.key, event, _shown(event)) for event in events]

    def occurrences(self, number: int) -> list[Occurrence]:
        found = [one for one in self.everything() if one.key[0] == self.ids[number]]
        return sorted(found, key=lambda one: (one.shown.start, one.key))

    def _edit(self, number: int, one: Occurrence, **fields: Any) -> None:
        whole = Calendar.from_ical(self.load(number))
        part = _component(whole, one.handle)
        for name, value in fields.items():
            part.pop(name, None)
            part.add(name, value)
        self._put(number, whole.to_ical())

    def write(self, number: int, one: Occurrence, body: str) -> None:
        self._edit(number, one, DESCRIPTION=body)

    def move(self, number: int, one: Occurrence, hours: int) -> None:
        start = one.shown.start + hours * HOUR
        self._edit(number, one, DTSTART=start, DTEND=start + HOUR / 2)

    def delete(self, number: int, one: Occurrence) -> None:
        self._edit(number, one, STATUS="CANCELLED")

    def answer(self, number: int, one: Occurrence, who: str, answer: str) -> None:
        whole = Calendar.from_ical(self.load(number))
        for guest in _component(whole, one.handle)["ATTENDEE"]:
            if guest.casefold() == f"mailto:{who}":
                guest.params["PARTSTAT"] = answer.upper()
        self._put(number, whole.to_ical())

    def mine(self, shown: Shown) -> str:
        return dict(shown.answers).get(ME, "").lower()

    # what agendad did

    def notices(self) -> list[Notice]:
        return [notice for house in self.houses() for notice in _told(house)]

    def masters_written(self) -> list[str]:
        return [str(number) for number, master in self.masters.items() if _master(self.load(number)) != master]


def _shown(event: Event) -> Shown:
    assert event.start.instant is not None
    answers = sorted((one.email, str(one.partstat)) for one in event.attendees)
    return Shown(event.start.instant, event.text, tuple(answers), event.categories)


def _component(whole: Any, one: Event) -> Any:
    """The part of an object that an occurrence has, or gets now."""
    parts = whole.walk("VEVENT")
    if not one.recurrence_id:
        return parts[0]
    original = datetime.fromisoformat(one.recurrence_id)
    for part in parts:
        if "RECURRENCE-ID" in part and part["RECURRENCE-ID"].dt == original:
            return part
    part = next(part for part in parts if "RRULE" in part).copy(recursive=True)
    part.pop("RRULE")
    for name, at in (("DTSTART", original), ("DTEND", original + HOUR / 2), ("RECURRENCE-ID", original)):
        part[name] = vDDDTypes(at)
    whole.add_component(part)
    return part


def _master(content: bytes) -> bytes:
    """The lines of a series' master, as they stand there."""
    blocks = content.split(b"BEGIN:VEVENT")
    return next(block.partition(b"END:VEVENT")[0] for block in blocks if b"RRULE:" in block)


def _told(house: House) -> Iterator[Notice]:
    for path in sorted((house.folder / "state" / "outbox").glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        if mail["To"] != ME:
            yield Notice(method(mail) or "mail", str(mail["To"]), _key(mail), str(mail["Message-ID"]))


def _key(mail: Any) -> Key | None:
    """Of the session that a mail is about, where it has an object for calendar programs."""
    part = next((one for one in mail.walk() if one.get_content_type() == "text/calendar"), None)
    if part is None:
        return None
    event = Calendar.from_ical(part.get_content()).walk("VEVENT")[0]
    original = event.get("RECURRENCE-ID")
    return key_of(str(event["UID"]), original.dt.astimezone(UTC) if original else None)
