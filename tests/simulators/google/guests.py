"""What a non-organizer's write does: an answer reaches the organizer, everything else stays in the own copy."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

from . import bodies, copies, notices
from .calls import Call
from .errors import Refused, forbidden_for_non_organizer
from .ledger import Mail
from .store import Event, Fields, Store
from .switches import Switches

MAIN_FIELDS = {"summary", "description", "location", "start", "end", "recurrence"}
"""What a locked copy refuses (the description of `locked`)."""
_ANSWER = ("responseStatus", "comment", "additionalGuests")
_LOCAL = copies.OF_THE_COPY | {"extendedProperties", "attendees", "status"}


def main_of(store: Store, event: Event) -> Event | None:
    """The main copy; None when the organizer is not here or does not have the event."""
    calendar = store.main_calendar(event)
    if calendar is None or not ({event.id, event.series} & set(calendar.events)):
        return None
    return store.resolve(calendar, event.id)


def with_old_answer(given: Fields, known: list[Fields]) -> Fields:
    """An entry of a new list; without responseStatus it keeps the answer that there was."""
    old = bodies.own_entry(known, given["email"]) or {}
    return {"responseStatus": old.get("responseStatus", "needsAction"), **copy.deepcopy(given)}


@dataclass
class Guest:
    """One write on a copy that is not the main one."""

    store: Store
    switches: Switches
    call: Call
    mails: list[Mail]
    commit: Callable[[Call, Event, Fields], None]

    def patch(self, event: Event) -> Event:
        body = bodies.writable(self.call, event.fields)
        self._check_allowed(event, body)
        omitted = bool(body.pop("attendeesOmitted", None))
        status = body.pop("status", None)
        if status == "cancelled":
            if not self.store.cancelled(event):
                self.leave(event)
            return event
        main = main_of(self.store, event)
        if event.fields.get("guestsCanModify") and main is not None:
            shared = {name: body.pop(name) for name in list(body) if name not in _LOCAL}
            if shared:
                self.commit(self.call, main, bodies.merged(main.fields, shared))
                event = self.store.resolve(self.call.calendar, event.id)
        answer = self._take_attendees(event, body, omitted=omitted)
        self._keep(event, body, restored=status is not None)
        if answer:
            self._answer(event, answer)
        return event

    def leave(self, event: Event) -> None:
        """Remove this copy only: for the organizer it is a decline."""
        event.removed_by_guest = True
        self.store.touch(event)
        for exception in self.call.calendar.exceptions(event.id):
            self.store.touch(exception)
        self._answer(event, {"responseStatus": "declined"})

    def _check_allowed(self, event: Event, body: Fields) -> None:
        private = (body.get("extendedProperties") or {}).get("private")
        if private is not None and self.switches.private_properties_by_guests == "forbidden":
            raise forbidden_for_non_organizer()
        locked = self.switches.locked_copies or event.fields.get("locked")
        if locked and MAIN_FIELDS & set(body) and not event.fields.get("guestsCanModify"):
            raise forbidden_for_non_organizer()

    def _take_attendees(self, event: Event, body: Fields, *, omitted: bool) -> Fields:
        """The answer that the list holds; without attendeesOmitted the copy's list becomes the given one."""
        given = body.pop("attendees", None)
        if given is None:
            return {}
        known = event.fields.get("attendees", [])
        own, entry = (bodies.own_entry(each, self.call.calendar.id) for each in (given, known))
        if omitted:
            if own is None or len(given) != 1:
                raise Refused("attendeesOmitted updates the participant's own response only")
        else:
            kept = {each["email"].casefold() for each in given}
            if any(each["email"].casefold() not in kept for each in known):
                self.call.note("dropped guests: attendees without attendeesOmitted replaces the whole list")
            body["attendees"] = [with_old_answer(each, known) for each in given]
        if own is None:
            return {}
        return {name: own[name] for name in _ANSWER if name in own and own[name] != (entry or {}).get(name)}

    def _keep(self, event: Event, body: Fields, *, restored: bool) -> None:
        after = bodies.merged(event.fields, body)
        bodies.settle(after, self.call.calendar.zone)
        before = event.fields
        event.fields = after
        if restored:
            event.removed_by_guest = False
        only_reminders = set(body) == {"reminders"}
        self.store.touch(event, updated=not only_reminders)
        if not event.series:
            copies.realign(self.store, self.call.calendar, event, before)

    def _answer(self, event: Event, answer: Fields) -> None:
        entry = bodies.own_entry(event.fields.get("attendees", []), self.call.calendar.id)
        if entry is not None:
            entry.update(answer)
        main = main_of(self.store, event)
        if main is not None:
            copies.record_response(self.store, main, self.call.calendar.id, answer)
        told = {**(entry or {}), **answer}
        self.mails.extend(notices.of_response(self.store, self.call, event, told))
