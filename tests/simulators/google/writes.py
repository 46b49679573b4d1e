"""events.insert, patch, update and delete on the main copy; guests' changes are in `guests`."""

import copy
import secrets
from collections.abc import Callable

from . import bodies, copies, guests, notices, times
from .calls import Call
from .conferences import settle_conference
from .errors import ApiError, Refused, condition_not_met, deleted, forbidden_for_non_organizer
from .ledger import Mail
from .store import Event, Fields, Store, same
from .switches import Switches

_SEQUENCED = ("start", "end", "recurrence", "status", "location")
_KEPT_BY_PUT = (
    "iCalUID",
    "created",
    "creator",
    "organizer",
    "recurringEventId",
    "originalStartTime",
    "sequence",
    "locked",
)


class Writer:
    def __init__(self, store: Store, switches: Callable[[], Switches], mails: list[Mail]):
        self.store, self._switches, self._mails = store, switches, mails

    def insert(self, call: Call) -> Event:
        call.require("writer")
        body = bodies.writable(call, None)
        body.pop("attendeesOmitted", None)
        if body.get("status") == "cancelled":
            raise Refused("An event cannot be created cancelled.")
        if body.get("eventType") == "fromGmail" and not call.by_hand:
            raise Refused(
                "Events of type fromGmail cannot be created.", reason="eventTypeRestriction", domain="calendar"
            )
        event_id = body.pop("id", None) or secrets.token_hex(13)
        body.setdefault("iCalUID", f"{event_id}@google.com")
        taken = any(each.fields["iCalUID"] == body["iCalUID"] for each in call.calendar.events.values())
        if taken or event_id in call.calendar.events:
            raise ApiError(409, "duplicate", "The requested identifier already exists.")
        fields = {
            "status": "confirmed",
            "created": times.stamp(self.store.now()),
            "creator": {"email": call.person.email},
            "organizer": {"email": call.calendar.id},
            "reminders": {"useDefault": True},
            "sequence": 0,
            **body,
        }
        self._settle(fields, call.calendar.zone)
        event = Event(call.calendar.id, event_id, fields)
        self.store.touch(event)
        self._publish(call, event, None)
        return event

    def patch(self, call: Call) -> Event:
        event = self._writable_event(call)
        if not event.is_main:
            return guests.Guest(self.store, self._switches(), call, self._mails, self.commit).patch(event)
        body = bodies.writable(call, event.fields)
        omitted = body.pop("attendeesOmitted", None)
        attendees = body.get("attendees")
        if attendees is not None:
            body["attendees"] = self._attendees(call, event, attendees, omitted=bool(omitted))
        self.commit(call, event, bodies.merged(event.fields, body))
        return event

    def update(self, call: Call) -> Event:
        event = self._writable_event(call)
        target = event if event.is_main else guests.main_of(self.store, event)
        if target is None or (not event.is_main and not event.fields.get("guestsCanModify")):
            raise forbidden_for_non_organizer()
        after = bodies.writable(call, target.fields)
        after.pop("attendeesOmitted", None)
        for name in _KEPT_BY_PUT:
            if name in target.fields:
                after.setdefault(name, target.fields[name])
        if call.parameters.get("conferenceDataVersion", 0) != 1 and "conferenceData" in target.fields:
            after["conferenceData"] = target.fields["conferenceData"]
        if not call.parameters.get("supportsAttachments") and "attachments" in target.fields:
            after["attachments"] = target.fields["attachments"]
        after.setdefault("status", "confirmed")
        after.setdefault("reminders", {"useDefault": True})
        after.setdefault("eventType", target.fields.get("eventType", "default"))
        self.commit(call, target, after)
        return event

    def delete(self, call: Call) -> None:
        event = self._writable_event(call)
        if self.store.cancelled(event):
            raise deleted()
        if event.is_main:
            self.commit(call, event, {**copy.deepcopy(event.fields), "status": "cancelled"})
        else:
            guests.Guest(self.store, self._switches(), call, self._mails, self.commit).leave(event)

    def commit(self, call: Call, event: Event, after: Fields) -> None:
        """Give the main copy its new fields, bring them to the guests, and tell them."""
        before, calendar = event.fields, self.store.calendars[event.calendar.casefold()]
        self._settle(after, calendar.zone)
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        if changed & set(_SEQUENCED) and after.get("sequence", 0) == before.get("sequence", 0):
            after["sequence"] = before.get("sequence", 0) + 1
        event.fields = after
        self.store.touch(event, updated=changed != {"reminders"})
        if not event.series:
            copies.realign(self.store, calendar, event, before)
        self._publish(call, event, before)

    def _publish(self, call: Call, event: Event, before: Fields | None) -> None:
        def reaches(address: str) -> bool:
            return self._switches().unannounced_changes_reach_guests or notices.announced(self.store, call, address)

        if not event.fields.get("privateCopy"):
            copies.spread(self.store, event, reaches)
            for exception in self.store.calendars[event.calendar.casefold()].exceptions(event.id):
                copies.spread(self.store, exception, reaches)
        self._mails.extend(notices.of_main(self.store, call, event, before))

    def _settle(self, fields: Fields, zone: str) -> None:
        bodies.settle(fields, zone)
        settle_conference(fields)
        if not fields.get("attendees"):
            fields.pop("attendees", None)
        for each in fields.get("attendees", []):
            organizes = same(each["email"], fields["organizer"]["email"])
            each.setdefault("responseStatus", "accepted" if organizes else "needsAction")

    def _writable_event(self, call: Call) -> Event:
        call.require("writer")
        event = self.store.resolve(call.calendar, call.path["eventId"])
        if call.if_match not in {None, "*", event.etag}:
            raise condition_not_met()
        master = call.calendar.events.get(event.series or "")
        if event.orphaned or (master and self.store.cancelled(master)):
            raise deleted()
        return event

    def _attendees(self, call: Call, event: Event, given: list[Fields], *, omitted: bool) -> list[Fields]:
        """The new list: the given one, or with attendeesOmitted the old one with one answer changed."""
        known = copy.deepcopy(event.fields.get("attendees", []))
        own = bodies.own_entry(given, call.calendar.id)
        if not omitted:
            if own and len(given) == 1 and len(known) > 1:
                call.note("dropped guests: attendees with oneself only and without attendeesOmitted")
            return [guests.with_old_answer(each, known) for each in given]
        entry = bodies.own_entry(known, call.calendar.id)
        if own is None or len(given) != 1 or entry is None:
            raise Refused("attendeesOmitted updates the participant's own response only")
        entry.update(own)
        return known
