"""Google's calendar, at its simulator."""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from acting.conftest import ADA, HOUR, ME, NOW
from simulators.google import GoogleSimulator

from agendad.providers.google import GoogleProvider
from agendad.providers.google_api import GoogleApi
from agendad.providers.google_events import marks_of
from agendad.providers.google_refusals import why_refused
from agendad.providers.google_signin import bearer
from trust.calendars.base import BOB, OTHERS, Desk, Key, Notice, Occurrence, Shown, Watched, Write, key_of, span


class _Google(Watched, GoogleProvider):
    pass


def reached(request: Any) -> bool:
    """Whether a request was carried out, whatever became of its answer."""
    fault = str(request.fault or "")
    if fault:
        return fault.startswith(("applied", "truncate"))
    return request.status is not None and request.status < 300


class GoogleDesk(Desk):
    name = "google"
    marks_every_write = True

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.google = stack.enter_context(GoogleSimulator(now=NOW))
        self.google.add_person(ME, zone="America/New_York", name="Grace Hopper")
        self.google.add_person(ADA, zone="Europe/London", name="Ada Lovelace")
        self.google.add_person(BOB, zone="America/New_York", name="Bob Kahn")
        for other in (ADA, BOB):
            self.google.share(other, with_=ME, role="freeBusyReader")
        self.token = self.google.token_for(ME)
        self.keys: dict[str, Key] = {}
        super().__init__(folder, stack)

    def open(self) -> Any:
        api = GoogleApi(
            "home",
            self.google.api_root,
            credentials=lambda: bearer(self.token),
            why_refused=lambda error: why_refused(error, "home"),
            now=lambda: NOW,
            pace=self.waits.pace(),
        )
        made = _Google("home", ["primary"], api)
        made.moments = self.moments
        self.stack.callback(made.close)
        return made

    # people

    def invite(self, number: int, start: datetime, by: str) -> None:
        guests = [{"email": email, "responseStatus": "accepted"} for email in (ME, OTHERS[number])]
        series = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=4"]} if number == 2 else {}
        body = {"summary": "Mentoring: Grace and her mentee", "attendees": guests, **_times(start), **series}
        self.organizers[number] = by
        made = self.google.as_(by).insert("primary", body, "all")
        self.ids[number] = made["id"]
        self.keys[made["id"]] = key_of(made["iCalUID"], None)
        self.google.mails.clear()

    def occurrences(self, number: int) -> list[Occurrence]:
        id_, me = self.ids[number], self.google.as_(ME)
        every = me.instances("primary", id_) if number == 2 else [me.get("primary", id_)]
        self.keys |= {one["id"]: _key(one) for one in every if "iCalUID" in one}
        return [
            Occurrence(_key(one), one["id"], _shown(one))
            for one in every
            if one.get("status") != "cancelled" and "start" in one
        ]

    def _hand(self, number: int) -> Any:
        return self.google.as_(self.organizers[number])

    def write(self, number: int, one: Occurrence, body: str) -> None:
        self._hand(number).patch("primary", one.handle, {"description": body}, "none")

    def move(self, number: int, one: Occurrence, hours: int) -> None:
        self._hand(number).patch("primary", one.handle, _times(one.shown.start + hours * HOUR), "none")

    def delete(self, number: int, one: Occurrence) -> None:
        self._hand(number).delete("primary", one.handle, "none")

    def answer(self, number: int, one: Occurrence, who: str, answer: str) -> None:  # noqa: ARG002 - one id for all
        body = {"attendeesOmitted": True, "attendees": [{"email": who, "responseStatus": answer}]}
        self.google.as_(who).patch("primary", one.handle, body, "none")

    def mine(self, shown: Shown) -> str:
        return dict(shown.answers).get(ME, "")

    # what agendad did

    def trouble(self, kind: str) -> None:
        self.google.faults.add(int(kind) if kind.isdigit() else kind, after=1)

    def over(self) -> None:
        self.google.faults.clear()
        self.waits.now += 86_400

    def notices(self) -> list[Notice]:
        return [
            Notice(mail.kind, mail.to, key_of(mail.ical_uid, _instant(mail.original_start)))
            for mail in self.google.mails
            if mail.to != ME
        ]

    def _written(self) -> list[Any]:
        return [one for one in self.google.requests if one.method in ("PATCH", "PUT", "DELETE") and reached(one)]

    def writes(self) -> list[Write]:
        return [Write(self.keys.get(one.path.rpartition("/")[2]), marks_of(one.body or {})) for one in self._written()]

    def masters_written(self) -> list[str]:
        return [one.path for one in self._written() if 2 in self.ids and one.path.endswith(f"/{self.ids[2]}")]


def _times(start: datetime) -> dict[str, Any]:
    return {side: {"dateTime": at.isoformat(), "timeZone": "UTC"} for side, at in span(start).items()}


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _key(one: dict[str, Any]) -> Key:
    original = one.get("originalStartTime")
    return key_of(one["iCalUID"], datetime.fromisoformat(original["dateTime"]) if original else None)


def _shown(one: dict[str, Any]) -> Shown:
    answers = sorted((guest["email"], guest["responseStatus"]) for guest in one.get("attendees", ()))
    start = datetime.fromisoformat(one["start"]["dateTime"]).astimezone(UTC)
    return Shown(start, one.get("description", ""), tuple(answers))
