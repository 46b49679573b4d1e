"""The calendars of the stateful test: what people do in them by hand, and what anyone sees there."""

from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from acting.conftest import ADA, HOUR, LADDER, ME, NOW, House, method, vevent
from acting.conftest import calendar as file_of
from conformance.google_backing import Waits
from icalendar import Calendar, vDDDTypes
from simulators.google import GoogleSimulator

from agendad.daemon.store import Store
from agendad.providers.base import Window
from agendad.providers.google import GoogleProvider
from agendad.providers.google_api import GoogleApi
from agendad.providers.google_refusals import why_refused
from agendad.providers.google_signin import bearer
from agendad.providers.icsfolder import IcsFolderProvider
from agendad.providers.model import Event, Status

CANCELS_A_DAY = 2
MORE = f"limits: {{grace: 0h, max_cancels_per_day: {CANCELS_A_DAY}, quiet_hours: none}}\nmail: {{transport: file}}"
LADDERS = (LADDER, "{before: 100h, do: cancel}", "{before: 100h, do: hold}, {before: 40h, do: cancel}")
Key = tuple[str, str]


class Died(BaseException):
    """The process is gone."""


class _Dying:
    """A provider whose process dies before or after a write."""

    dies = ""

    def _apply(self, *arguments: Any, **more: Any) -> Any:
        if self.dies == "before":
            raise Died
        applied = super()._apply(*arguments, **more)  # type: ignore[misc]
        if self.dies == "after":
            raise Died
        return applied


class DyingFolder(_Dying, IcsFolderProvider):
    """Of .ics files."""


class DyingGoogle(_Dying, GoogleProvider):
    """At Google."""


class Desk:
    """Grace's calendar with meetings 0, 1 and 2; the last is a series."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.house = House(folder)
        self.stack = stack

    def follow(self, ladder: str) -> None:
        """From now on."""
        self.house.configure(ladder=ladder, more=MORE)
        self.use(self.provider)

    def use(self, provider: Any) -> None:
        self.provider = provider
        self.house.context.__dict__["providers"] = {"home": provider}

    def restart(self) -> None:
        self.house.store.close()
        self.house.store = Store.open(self.house.folder / "state")

    def close(self) -> None:
        self.house.store.close()


class GoogleDesk(Desk):
    name = "google"

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        super().__init__(folder, stack)
        self.google = stack.enter_context(GoogleSimulator(now=NOW))
        self.google.add_person(ME, zone="America/New_York", name="Grace Hopper")
        self.google.add_person(ADA, zone="Europe/London", name="Ada Lovelace")
        self.waits, token = Waits(), self.google.token_for(ME)
        api = GoogleApi(
            "home",
            self.google.api_root,
            credentials=lambda: bearer(token),
            why_refused=lambda error: why_refused(error, "home"),
            now=lambda: NOW,
            pace=self.waits.pace(),
        )
        self.use(DyingGoogle("home", ["primary"], api))
        stack.callback(self.provider.close)
        self.ids: dict[int, str] = {}

    def invite(self, number: int, start: datetime, by: str) -> None:
        times = {side: {"dateTime": at.isoformat(), "timeZone": "UTC"} for side, at in _span(start).items()}
        guests = [{"email": email, "responseStatus": "accepted"} for email in (ME, ADA)]
        series = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=4"]} if number == 2 else {}
        body = {"summary": "Mentoring: Ada and Grace", "attendees": guests, **times, **series}
        self.by = by
        self.ids[number] = self.google.as_(by).insert("primary", body, "all")["id"]

    def _hand(self, id_: str) -> Any:
        return self.google.as_(self.google.as_(ME).get("primary", id_)["organizer"]["email"])

    def occurrences(self, number: int) -> list[dict[str, Any]]:
        id_ = self.ids[number]
        me = self.google.as_(ME)
        every = me.instances("primary", id_) if number == 2 else [me.get("primary", id_)]
        return [one for one in every if one.get("status") != "cancelled" and "start" in one]

    def write(self, number: int, place: int, body: str) -> bool:
        found = self.occurrences(number)
        if not found:
            return False
        one = found[place % len(found)]
        self._hand(self.ids[number]).patch("primary", one["id"], {"description": body}, "none")
        return True

    def move(self, number: int, place: int, hours: int) -> bool:
        found = self.occurrences(number)
        if not found:
            return False
        one = found[place % len(found)]
        start = datetime.fromisoformat(one["start"]["dateTime"]).astimezone(UTC) + hours * HOUR
        times = {side: {"dateTime": at.isoformat(), "timeZone": "UTC"} for side, at in _span(start).items()}
        self._hand(self.ids[number]).patch("primary", one["id"], times, "none")
        return True

    def delete(self, number: int, place: int) -> bool:
        found = self.occurrences(number)
        if not found:
            return False
        self._hand(self.ids[number]).delete("primary", found[place % len(found)]["id"], "none")
        return True

    def good(self) -> set[Key]:
        """Sessions whose agenda a person has written."""
        every = [one for number in self.ids for one in self.occurrences(number)]
        return {_key(one) for one in every if "compiler course" in one.get("description", "")}

    def bodies(self) -> dict[Key, Any]:
        """What each session says to whoever looks."""
        every = [one for number in self.ids for one in self.occurrences(number)]
        return {_key(one): (one["status"], one.get("description", ""), _answers(one)) for one in every}

    def trouble(self, kind: str) -> None:
        self.google.faults.add(int(kind) if kind.isdigit() else kind, after=1)

    def over(self) -> None:
        self.google.faults.clear()
        self.waits.now += 86_400

    def forget_notices(self) -> None:
        self.google.mails.clear()

    def notices(self) -> Counter[Any]:
        return Counter((mail.kind, mail.event_id) for mail in self.google.mails if mail.to == ADA)

    def masters_written(self) -> list[str]:
        writes = [one for one in self.google.requests if one.method not in ("GET", "POST")]
        return [one.path for one in writes if 2 in self.ids and one.path.endswith(f"/{self.ids[2]}")]


def _span(start: datetime) -> dict[str, datetime]:
    return {"start": start, "end": start + HOUR / 2}


def _key(one: dict[str, Any]) -> tuple[str, str]:
    original = one.get("originalStartTime")
    at = datetime.fromisoformat(original["dateTime"]).astimezone(UTC) if original else None
    return one["iCalUID"], f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else ""


def _answers(one: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((guest["email"], guest["responseStatus"]) for guest in one["attendees"])


class FolderDesk(Desk):
    """A folder of .ics files; the guests are told by mail. Trouble is a mail folder that cannot be written."""

    name = "ics"

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        super().__init__(folder, stack)
        self.use(DyingFolder("home", self.house.home, writable=True))
        self.ids: dict[int, str] = {}
        self.forgotten: set[str] = set()
        self.masters: dict[int, bytes] = {}

    @property
    def _post(self) -> Path:
        return self.house.folder / "state" / "outbox"

    def _path(self, number: int) -> Path:
        return self.house.home / f"{number}.ics"

    def invite(self, number: int, start: datetime, by: str) -> None:
        self.ids[number] = f"{number}@example.org"
        more = ("RRULE:FREQ=DAILY;COUNT=4",) if number == 2 else ()
        event = vevent(start, uid=self.ids[number], organizer=by, more=more)
        self._path(number).write_text(file_of(event), "utf-8", newline="")
        self._note_master(number)

    def _events(self) -> list[Event]:
        window = Window(NOW - 200 * HOUR, NOW + 1000 * HOUR)
        pages = IcsFolderProvider("look", self.house.home).changes(".", None, window)
        return [event for page in pages for event in page.events if event.status is not Status.CANCELLED]

    def occurrences(self, number: int) -> list[Event]:
        return [event for event in self._events() if event.uid == self.ids[number]]

    def _edit(self, number: int, place: int, **fields: Any) -> bool:
        found = self.occurrences(number)
        if not found:
            return False
        one = found[place % len(found)]
        whole = Calendar.from_ical(self._path(number).read_bytes())
        for name, value in fields.items():
            part = _component(whole, one)
            part.pop(name, None)
            part.add(name, value)
        self._path(number).write_bytes(whole.to_ical())
        self._note_master(number)
        return True

    def write(self, number: int, place: int, body: str) -> bool:
        return self._edit(number, place, DESCRIPTION=body)

    def move(self, number: int, place: int, hours: int) -> bool:
        found = self.occurrences(number)
        if not found:
            return False
        start = found[place % len(found)].start.instant
        assert start is not None
        start += hours * HOUR
        return self._edit(number, place, DTSTART=start, DTEND=start + HOUR / 2)

    def delete(self, number: int, place: int) -> bool:
        return self._edit(number, place, STATUS="CANCELLED")

    def good(self) -> set[Key]:
        return {event.key for event in self._events() if "compiler course" in event.text}

    def bodies(self) -> dict[Key, Any]:
        return {
            event.key: (event.status, event.text, sorted((one.email, one.partstat) for one in event.attendees))
            for event in self._events()
        }

    def trouble(self, kind: str) -> None:  # noqa: ARG002 - there is one kind of it
        self._post.mkdir(exist_ok=True, parents=True)
        self._post.rename(self._post.with_name("away"))
        self._post.write_text("in the way")

    def over(self) -> None:
        self._post.unlink()
        self._post.with_name("away").rename(self._post)

    def forget_notices(self) -> None:
        self.forgotten |= {path.name for path in self._post.glob("*.eml")}

    def notices(self) -> Counter[Any]:
        paths = [path for path in self._post.glob("*.eml") if path.name not in self.forgotten]
        mails = [message_from_bytes(path.read_bytes(), policy=default) for path in paths]
        return Counter(_notice(mail) for mail in mails if mail["To"] == ADA)

    def masters_written(self) -> list[str]:
        return [str(number) for number, master in self.masters.items() if _master(self._path(number)) != master]

    def _note_master(self, number: int) -> None:
        if number == 2:
            self.masters[number] = _master(self._path(number))


def _component(whole: Any, one: Event) -> Any:
    """The part of a file that an occurrence has, or gets now."""
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


def _master(path: Path) -> bytes:
    """The lines of a series' master, as they stand in the file."""
    blocks = path.read_bytes().split(b"BEGIN:VEVENT")
    return next(block.partition(b"END:VEVENT")[0] for block in blocks if b"RRULE:" in block)


def _notice(mail: Any) -> tuple[str, str]:
    kind = "cancellation" if method(mail) == "CANCEL" else "mail"
    if kind == "mail":
        return kind, str(mail["Message-ID"])
    part = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
    lines = str(part.get_content()).splitlines()
    return kind, " ".join(line for line in lines if line.startswith(("UID", "RECURRENCE-ID")))
