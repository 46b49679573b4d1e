"""Outlook's calendar, at the simulator of Microsoft Graph."""

from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from acting.conftest import ADA, HOUR, ME, NOW
from conformance import outlook_backing
from simulators.graph import GraphSimulator
from simulators.graph.errors import ApiError

from agendad.providers.graph_events import MARKS_PROPERTY
from agendad.providers.outlook import OutlookProvider
from trust.calendars.base import BOB, Desk, Key, Notice, Occurrence, Shown, Watched, Write, key_of, span
from trust.calendars.google import reached

_ANSWERS = {"accepted": "accept", "tentative": "tentatively_accept", "declined": "decline"}


class _Outlook(Watched, OutlookProvider):
    pass


class OutlookDesk(Desk):
    """Exchange takes what is cancelled or declined out of the calendar, and tells the guests of everything."""

    name = "outlook"
    cancelled_comes_back = no_answer_comes_back = False
    answers_come_back = False

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.graph = stack.enter_context(GraphSimulator(now=NOW))
        self.graph.add_person(ME, zone="Eastern Standard Time", name="Grace Hopper")
        self.graph.add_person(ADA, zone="GMT Standard Time", name="Ada Lovelace")
        self.graph.add_person(BOB, zone="Eastern Standard Time", name="Bob Kahn")
        self.keys: dict[str, Key] = {}
        self.masters: set[str] = set()
        super().__init__(folder, stack)

    def open(self) -> Any:
        api = outlook_backing.api_for(self.graph, ME, "home", pace=self.waits.pace())
        made = _Outlook("home", ["default"], api, me=[ME])
        made.moments = self.moments
        self.stack.callback(made.close)
        return made

    # people

    def invite(self, number: int, start: datetime, by: str) -> None:
        self.organizers[number] = by
        guest = self.guest(number)
        body: dict[str, Any] = {
            "subject": "Mentoring: Grace and her mentee",
            "attendees": [{"emailAddress": {"address": guest}, "type": "required"}],
            **_times(start),
        }
        if number == 2:
            span_ = {"type": "numbered", "startDate": start.date().isoformat(), "numberOfOccurrences": 4}
            pattern = {"type": "daily", "interval": 1}
            body["recurrence"] = {"pattern": pattern, "range": span_ | {"recurrenceTimeZone": "UTC"}}
        uid = self.graph.as_(by).create(body)["iCalUId"]
        self.ids[number] = uid
        theirs = self.graph.as_(guest)
        theirs.accept(theirs.copy_of(uid)["id"])
        master = self.graph.as_(ME).copy_of(uid)["id"]
        if number == 2:
            self.masters.add(master)
        else:
            self.keys[master] = key_of(uid, None)
        self.graph.mails.clear()

    def _copies(self, number: int, person: str) -> list[dict[str, Any]]:
        hand = self.graph.as_(person)
        try:
            master = hand.copy_of(self.ids[number])
        except StopIteration:
            return []
        found = hand.instances(master["id"]) if number == 2 else [master]
        return [one for one in found if not one["isCancelled"]]

    def occurrences(self, number: int) -> list[Occurrence]:
        uid = self.ids[number]
        found = [Occurrence(_key(uid, one), one["id"], _shown(one)) for one in self._copies(number, ME)]
        self.keys |= {one.handle: one.key for one in found}
        return found

    def _theirs(self, number: int, one: Occurrence, person: str) -> tuple[Any, str] | None:
        """A person's hand, and what they know the session by; None where they do not have it."""
        if person == ME:
            return self.graph.as_(ME), one.handle
        ids = [each["id"] for each in self._copies(number, person) if _key(self.ids[number], each) == one.key]
        return (self.graph.as_(person), ids[0]) if ids else None

    def _by(self, number: int, one: Occurrence, person: str, verb: str, *words: Any) -> None:
        before = len(self.graph.mails)
        if found := self._theirs(number, one, person):
            hand, id_ = found
            with suppress(ApiError):  # such as a move across a neighbour
                getattr(hand, verb)(id_, *words)
        del self.graph.mails[before:]

    def write(self, number: int, one: Occurrence, body: str) -> None:
        page = "".join(f"<p>{line}</p>" for line in body.splitlines())
        self._by(number, one, self.organizers[number], "patch", {"body": {"contentType": "html", "content": page}})

    def move(self, number: int, one: Occurrence, hours: int) -> None:
        self._by(number, one, self.organizers[number], "patch", _times(one.shown.start + hours * HOUR))

    def delete(self, number: int, one: Occurrence) -> None:
        """The organizer calls it off; what is called off goes from Grace's calendar."""
        self._by(number, one, self.organizers[number], "cancel", "")
        if self.organizers[number] != ME and number != 2:
            self._by(number, one, ME, "delete")

    def answer(self, number: int, one: Occurrence, who: str, answer: str) -> None:
        self._by(number, one, who, _ANSWERS[answer])

    def mine(self, shown: Shown) -> str:
        told = dict(shown.answers).get(ME, "")
        return {"tentativelyAccepted": "tentative"}.get(told, told)

    # what agendad did

    def trouble(self, kind: str) -> None:
        self.graph.faults.add(int(kind) if kind.isdigit() else kind, after=1)

    def over(self) -> None:
        self.graph.faults.clear()
        self.waits.now += 86_400

    def notices(self) -> list[Notice]:
        return [
            Notice(mail.kind, mail.to, key_of(mail.ical_uid, _instant(mail.original_start)))
            for mail in self.graph.mails
            if mail.to != ME
        ]

    def _written(self) -> list[tuple[str, Any]]:
        """The id of what was written, and the body."""
        found = []
        for one in self.graph.requests:
            place, _, rest = one.path.rpartition("/events/")
            if place and one.method in ("PATCH", "POST", "DELETE") and reached(one):
                found.append((unquote(rest.partition("/")[0]), one.body))
        return found

    def writes(self) -> list[Write]:
        return [Write(self.keys.get(id_), _marks(body)) for id_, body in self._written()]

    def masters_written(self) -> list[str]:
        return [id_ for id_, _ in self._written() if id_ in self.masters]


def _times(start: datetime) -> dict[str, Any]:
    return {side: outlook_backing._time(at) for side, at in span(start).items()}


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC) if text else None


def _key(uid: str, one: dict[str, Any]) -> Key:
    return key_of(uid, _instant(one.get("originalStart")) if one.get("seriesMasterId") else None)


def _shown(one: dict[str, Any]) -> Shown:
    answers = {each["emailAddress"]["address"]: each["status"]["response"] for each in one["attendees"]}
    if not one["isOrganizer"]:
        answers[ME] = one["responseStatus"]["response"]
    return Shown(
        outlook_backing._start(one), one["body"]["content"], tuple(sorted(answers.items())), tuple(one["categories"])
    )


def _marks(body: Any) -> tuple[str, ...]:
    told = (body or {}).get("singleValueExtendedProperties", ())
    return tuple(mark for one in told if one["id"] == MARKS_PROPERTY for mark in one["value"].split())
