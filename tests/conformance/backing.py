"""What a provider must give to be put to the suite: a way to change what is behind it."""

import dataclasses
import shutil
from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from pathlib import Path

from icalendar import Calendar, vDDDTypes, vText

from agendad.providers.base import CalendarProvider, Capabilities, Problem
from agendad.providers.icsfolder import IcsFolderProvider
from agendad.providers.memory import MemoryProvider
from agendad.providers.model import Attendee, Event, EventTime, Instance, Organizer, Partstat, ZoneKind

HOUR = timedelta(hours=1)
BODY = "Talk about the talk\n~~~\nJoin: https://meet.google.com/abc-defg-hij\n~~~"
HTML = '<html><body><p>Talk, slowly; of it</p><a href="https://meet.google.com/abc-defg-hij">Join</a></body></html>'
PEOPLE = {
    "grace@example.org": Partstat.ACCEPTED,
    "ada@example.com": Partstat.ACCEPTED,
    "bob@example.net": Partstat.NEEDS_ACTION,
}
"""Grace organizes."""


class Backing(ABC):
    """The other side of a provider. Series are weekly, an hour long, in UTC."""

    provider: CalendarProvider
    calendar: str
    """Grace's, who organizes."""
    lists_cancelled = True
    """Whether a cancelled occurrence is still listed."""
    increments = True
    """Whether it tells what changed, or only all that there is."""
    cancelled_can_be_read = True
    """Whether `get` still tells of a cancelled occurrence."""
    cancelled_keeps_details = True
    """Whether that tells all, our marks among it."""
    server_counts_revisions = False
    """Whether SEQUENCE and DTSTAMP are the server's business."""

    cancel_can_be_undone = True
    keeps_marks = True
    """Whether everything that is written leaves a mark that every reading shows."""
    answers_can_be_undone = True
    """Whether an answer can become no answer again."""
    declined_goes = False
    """Whether a declined meeting leaves the calendar."""
    people = PEOPLE
    """Whose answers a meeting shows."""

    moving_back_restores_answers = True
    """Whether guests' answers come back with the time that they were given for."""
    moves_far = True
    """Whether an occurrence may be moved past the next one."""
    replays = False
    """Whether it sometimes tells again what it has told."""

    def become_guest(self) -> None:  # noqa: B027 - for one person's calendar is as good as another's
        """From now on `provider` and `calendar` are where Ada answers."""

    @abstractmethod
    def put_single(self, uid: str, start: datetime, title: str = "a title") -> None: ...

    @abstractmethod
    def put_series(self, uid: str, start: datetime, count: int, moved: dict[int, datetime] | None = None) -> None:
        """`moved` holds new starts by the number of the occurrence."""

    @abstractmethod
    def put_meeting(self, uid: str, start: datetime, count: int = 1) -> None:
        """An event, or a series, with `PEOPLE`, `BODY` and `HTML`."""

    @abstractmethod
    def retitle(self, uid: str, start: datetime, title: str) -> None:
        """Somebody else gives a new title to the occurrence of a meeting that starts then."""

    @abstractmethod
    def lock(self) -> None:
        """Make the calendar read-only; `provider` may be another one afterwards."""

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

    def put_meeting(self, uid, start, count=1):
        self.delete(uid)
        for number in range(count):
            original = start + timedelta(weeks=number)
            event = dataclasses.replace(
                self._event(uid, original, "Mentoring"),
                text=BODY,
                html=HTML,
                organizer=Organizer(email="grace@example.org"),
                attendees=tuple(Attendee(email=email, partstat=partstat) for email, partstat in PEOPLE.items()),
            )
            if count > 1:
                key = original.strftime("%Y-%m-%dT%H:%M:%SZ")
                event = dataclasses.replace(event, id=f"{uid}#{key}", recurrence_id=key, instance=Instance.OCCURRENCE)
            self.memory.put(event)

    def retitle(self, uid, start, title):
        for event in list(self.memory._calendars["main"].events.values()):
            if event.uid == uid and event.start.instant == start:
                self.memory.put(dataclasses.replace(event, title=title, etag=""))

    def lock(self):
        self.memory._capabilities = Capabilities()

    def delete(self, uid):
        self.memory.remove("main", uid)

    def break_something(self):
        self.memory.report("main", Problem("broken", "cannot be read"))

    def make_unavailable(self):
        self.memory.available = False


class IcsBacking(Backing):
    """Where events are iCalendar objects, one a UID."""

    @abstractmethod
    def store(self, uid: str, content: bytes) -> None: ...

    @abstractmethod
    def load(self, uid: str) -> bytes: ...

    def _write(self, uid: str, *events: str) -> None:
        body = "".join(f"BEGIN:VEVENT\r\nUID:{uid}\r\n{event}END:VEVENT\r\n" for event in events)
        text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{body}END:VCALENDAR\r\n"
        self.store(uid, text.encode())

    @staticmethod
    def _span(start: datetime) -> str:
        return f"DTSTAMP:20260501T000000Z\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\nSUMMARY:a title\r\n"

    def put_single(self, uid, start, title="a title"):
        self._write(uid, self._span(start).replace("a title", title))

    def put_series(self, uid, start, count, moved=None):
        master = f"{self._span(start)}RRULE:FREQ=WEEKLY;COUNT={count}\r\n"
        exceptions = [
            f"RECURRENCE-ID:{start + timedelta(weeks=number):%Y%m%dT%H%M%SZ}\r\n{self._span(now)}"
            for number, now in (moved or {}).items()
        ]
        self._write(uid, master, *exceptions)

    def put_meeting(self, uid, start, count=1):
        people = "".join(f"ATTENDEE;PARTSTAT={partstat}:mailto:{email}\r\n" for email, partstat in PEOPLE.items())
        text = (
            f"{self._span(start)}ORGANIZER:mailto:grace@example.org\r\n{people}"
            f"DESCRIPTION:{vText(BODY).to_ical().decode()}\r\n"
            f"X-ALT-DESC;FMTTYPE=text/html:{vText(HTML).to_ical().decode()}\r\n"
        ).replace("a title", "Mentoring")
        self._write(uid, text + (f"RRULE:FREQ=WEEKLY;COUNT={count}\r\n" if count > 1 else ""))

    def retitle(self, uid, start, title):
        calendar = Calendar.from_ical(self.load(uid))
        stamp = vDDDTypes(start).to_ical()
        events = calendar.walk("VEVENT")
        for event in events:
            if event["DTSTART"].to_ical() == stamp and "RRULE" not in event:
                event["SUMMARY"] = title
                break
        else:
            event = events[0].copy(recursive=True)
            event.pop("RRULE")
            event["DTSTART"] = vDDDTypes(start)
            event["RECURRENCE-ID"] = vDDDTypes(start)
            event["SUMMARY"] = title
            calendar.add_component(event)
        self.store(uid, calendar.to_ical())


class FolderBacking(IcsBacking):
    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.provider = IcsFolderProvider("test", folder, writable=True)
        self.calendar = "."

    def store(self, uid, content):
        (self.folder / f"{uid}.ics").write_bytes(content)

    def load(self, uid):
        return (self.folder / f"{uid}.ics").read_bytes()

    def lock(self):
        self.provider = IcsFolderProvider("test", self.folder)

    def delete(self, uid):
        (self.folder / f"{uid}.ics").unlink(missing_ok=True)

    def break_something(self):
        (self.folder / "broken.ics").write_bytes(b"not a calendar\r\n")

    def make_unavailable(self):
        shutil.rmtree(self.folder)
