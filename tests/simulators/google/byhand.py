"""What a person does in the web UI: the same code as behind the API, without HTTP, tokens and faults."""

import threading
from typing import Any

from . import discovery, times
from .bodies import settle
from .calls import Call
from .routes import Router
from .store import Event, Fields, Person
from .views import render


class Hand:
    """Errors are raised as `ApiError`. Conferences and attachments are understood, as in the web UI."""

    def __init__(self, router: Router, lock: threading.RLock, person: Person):
        self._router, self._lock, self._person = router, lock, person

    def insert(self, calendar: str, body: Fields, send_updates: str = "none") -> Fields:
        return self._do("events.insert", calendar, None, body, send_updates)

    def patch(self, calendar: str, event_id: str, body: Fields, send_updates: str = "none") -> Fields:
        return self._do("events.patch", calendar, event_id, body, send_updates)

    def update(self, calendar: str, event_id: str, body: Fields, send_updates: str = "none") -> Fields:
        return self._do("events.update", calendar, event_id, body, send_updates)

    def delete(self, calendar: str, event_id: str, send_updates: str = "none") -> None:
        self._do("events.delete", calendar, event_id, {}, send_updates)

    def get(self, calendar: str, event_id: str) -> Fields:
        """All there is, also of a cancelled event, whatever the switch says."""
        with self._lock:
            found = self._router.calendar(self._person, calendar)
            event = self._router.store.resolve(found, event_id)
            return render(self._router.store, found, event, role=found.role(self._person.email))

    def instances(self, calendar: str, event_id: str, **parameters: Any) -> list[Fields]:
        """All of a series' instances, on one page."""
        call = self._call("events.instances", calendar, event_id, {}, {"maxResults": 2500, **parameters})
        with self._lock:
            return (self._router.run(call) or {})["items"]

    def respond(
        self, calendar: str, event_id: str, status: str, comment: str = "", send_updates: str = "all"
    ) -> Fields:
        """Answer an invitation; the web UI tells the organizer."""
        with self._lock:
            address = self._router.calendar(self._person, calendar).id
            entry = {"email": address, "responseStatus": status, **({"comment": comment} if comment else {})}
            return self.patch(calendar, event_id, {"attendeesOmitted": True, "attendees": [entry]}, send_updates)

    def receive(self, organizer: str, body: Fields) -> Fields:
        """A mailed invitation whose organizer has no calendar here."""
        found = self._router.calendar(self._person, "primary")
        fields = {
            "status": "confirmed",
            "created": times.stamp(self._router.store.now()),
            "creator": {"email": organizer},
            "organizer": {"email": organizer},
            "reminders": {"useDefault": True},
            "sequence": 0,
            **body,
        }
        event_id = fields.pop("id", f"ext{self._router.store.last_change}")
        fields.setdefault("iCalUID", f"{event_id}@{organizer.partition('@')[2]}")
        settle(fields, found.zone)
        event = Event(found.id, event_id, fields)
        self._router.store.touch(event)
        return render(self._router.store, found, event)

    def _do(self, method: str, calendar: str, event_id: str | None, body: Fields, send_updates: str) -> Fields:
        given = {"sendUpdates": send_updates, "conferenceDataVersion": 1, "supportsAttachments": True}
        call = self._call(method, calendar, event_id, body, given)
        with self._lock:
            return self._router.run(call) or {}

    def _call(self, name: str, calendar: str, event_id: str | None, body: Fields, given: dict[str, Any]) -> Call:
        found = self._router.calendar(self._person, calendar)
        method = next(each for each in discovery.methods() if each.name == name)
        path = {"calendarId": found.id, **({"eventId": event_id} if event_id else {})}
        role = found.role(self._person.email)
        return Call(method, self._person, found, role, path, given, body, by_hand=True)
