"""What a person does in Outlook: the same code as behind the API, without HTTP, tokens and faults."""

import copy
import threading
from typing import Any

from . import bodies, text, times
from .calls import Call, Prefer
from .routes import Router
from .store import Fields, Item, Person

_EARLIEST, _LATEST = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"


class Hand:
    """Errors are raised as `ApiError`. Ids of both forms are understood; those that are given out are immutable.

    hasAttachments may be set, since attachments themselves are not simulated.
    """

    def __init__(self, router: Router, lock: threading.RLock, person: Person):
        self._router, self._lock, self._person = router, lock, person

    def create(self, body: Fields, calendar: str | None = None) -> Fields:
        call = self._call("create", body=body)
        found = self._router.store.calendar(calendar) if calendar else None
        if found:
            call.calendar, call.mailbox = found, self._router.store.people[found.owner.casefold()]
        return self._run(call)

    def patch(self, event_id: str, body: Fields) -> Fields:
        return self._run(self._call("patch", event_id, body))

    def delete(self, event_id: str) -> None:
        self._run(self._call("delete", event_id))

    def cancel(self, event_id: str, comment: str = "") -> None:
        self._run(self._call("cancel", event_id, {"comment": comment}))

    def accept(self, event_id: str, comment: str = "", *, send: bool = True) -> None:
        self._respond("accept", event_id, comment, send, None)

    def decline(self, event_id: str, comment: str = "", *, send: bool = True, proposed: Fields | None = None) -> None:
        self._respond("decline", event_id, comment, send, proposed)

    def tentatively_accept(
        self, event_id: str, comment: str = "", *, send: bool = True, proposed: Fields | None = None
    ) -> None:
        self._respond("tentativelyAccept", event_id, comment, send, proposed)

    def get(self, event_id: str, zone: str | None = None, body: Any = "html") -> Fields:
        call = self._call("get", event_id)
        call.prefer = Prefer(zone=zone, body=body, immutable=True)
        return self._run(call)

    def instances(self, event_id: str, start: str = _EARLIEST, end: str = _LATEST) -> list[Fields]:
        """A series' occurrences and exceptions, all on one page."""
        with self._lock:
            item = self._item(event_id)
            low, high = times.bound(start, "startDateTime"), times.bound(end, "endDateTime")
            found = list(self._router.store.occurrences(item.event, low, high))
            return [self._run(self._call("get", self._router.store.id_of(each, immutable=True))) for each in found]

    def events(self) -> list[Fields]:
        """Single events and masters of the default calendar."""
        with self._lock:
            calendar = self._router.store.default_calendar(self._person)
            found = [Item(each) for each in self._router.store.events(calendar) if not each.deleted]
            return [self._run(self._call("get", self._router.store.id_of(each, immutable=True))) for each in found]

    def copy_of(self, ical_uid: str) -> Fields:
        """This person's copy of a meeting."""
        return next(each for each in self.events() if each["iCalUId"] == ical_uid)

    def receive(self, organizer: str, body: Fields, *, custom_zone: bool = False) -> Fields:
        """A mailed invitation whose organizer has no mailbox here."""
        store = self._router.store
        calendar = store.default_calendar(self._person)
        call = Call("receive", self._person, self._person, calendar=calendar, body=dict(body), by_hand=True)
        uid = call.body.pop("iCalUId", None)
        fields = {**copy.deepcopy(bodies.DEFAULTS), "organizer": {"name": organizer, "address": organizer}}
        fields |= bodies.writable(store, call, None)
        bodies.settle(fields)
        fields["body"] = fields["body"] or text.stored("", "html")
        if custom_zone:
            fields |= {"originalStartTimeZone": times.CUSTOM, "originalEndTimeZone": times.CUSTOM}
        own = {
            "categories": [],
            "isReminderOn": True,
            "reminderMinutesBeforeStart": 15,
            "showAs": "tentative",
            "responseStatus": {"response": "notResponded", "time": times.NEVER},
        }
        event = store.make(calendar, fields, own, uid)
        store.touch(event)
        return self._run(self._call("get", store.id_of(Item(event), immutable=True)))

    def _respond(self, action: str, event_id: str, comment: str, send: bool, proposed: Fields | None) -> None:
        body = {"comment": comment, "sendResponse": send, **({"proposedNewTime": proposed} if proposed else {})}
        self._run(self._call(action, event_id, body))

    def _item(self, event_id: str) -> Item:
        return self._router.store.resolve(self._person, event_id)[0]

    def _call(self, route: str, event_id: str | None = None, body: Fields | None = None) -> Call:
        with self._lock:
            item = self._item(event_id) if event_id else None
        return Call(
            route, self._person, self._person, item=item, body=body, prefer=Prefer(immutable=True), by_hand=True
        )

    def _run(self, call: Call) -> Fields:
        with self._lock:
            return self._router.run(call)[1] or {}
