"""Creating, changing, cancelling and deleting events."""

import copy
from collections.abc import Callable

from . import bodies, copies, ids, notices, online, recurrence, text, times
from .calls import Call
from .errors import conflict, crossing_boundary, not_organizer, property_failed
from .ledger import Mail
from .store import Event, Fields, Item, Override, Store
from .switches import Switches

UNANSWERED = {"none", "notResponded"}
_UNTOUCHABLE = ("isOnlineMeeting", "onlineMeetingProvider")
"""Once a meeting is online, PATCHes of these do nothing."""


class Writer:
    def __init__(
        self, store: Store, switches: Callable[[], Switches], mails: list[Mail], form: Callable[[], online.Form]
    ):
        self.store, self._switches, self.mails, self._form = store, switches, mails, form

    # What the API offers

    def create(self, call: Call) -> Item:
        """A second POST with a transactionId answers with the event that the first one made."""
        call.require_write()
        calendar = call.calendar or self.store.default_calendar(call.mailbox)
        body = bodies.writable(self.store, call, None)
        transaction = body.get("transactionId")
        for event in self.store.events(calendar):
            if transaction and event.fields.get("transactionId") == transaction and not event.deleted:
                return Item(event)
        own = {
            "categories": [],
            "isReminderOn": True,
            "reminderMinutesBeforeStart": 15,
            "showAs": "free" if body.get("isAllDay") else "busy",
            "responseStatus": {"response": "organizer", "time": times.NEVER},
        }
        own = bodies.merge_own(own, {name: body.pop(name) for name in bodies.OWN & set(body)})
        fields = {**copy.deepcopy(bodies.DEFAULTS), "organizer": call.mailbox.recipient, **body}
        wanted = fields.pop("isOnlineMeeting")
        fields |= {"isOnlineMeeting": False, "body": fields["body"] or text.stored("", "html")}
        bodies.settle(fields)
        self._go_online(call, fields, wanted=wanted)
        event = self.store.make(calendar, fields, own)
        self.store.touch(event)
        copies.spread(self.store, event)
        self.mails.extend(notices.of_change(self.store, Item(event), None, set(body)))
        return Item(event)

    def patch(self, call: Call) -> Item:
        item = self._guarded(call)
        body = bodies.writable(self.store, call, item.fields)
        given = set(body)
        own = {name: body.pop(name) for name in bodies.OWN & given}
        before, after = copy.deepcopy(item.fields), self._changed(call, item, body)
        moved = [name for name in copies.TIMES if before.get(name) != after.get(name)]
        organizes = item.event.is_organizer
        if moved and organizes:
            for each in after["attendees"]:
                each["status"] = {"response": "notResponded", "time": times.RESET}
                each.pop("proposedNewTime", None)
        if item.key:
            self._keep_occurrence(item, after, own)
        else:
            self._keep(item.event, before, after, own, rescheduled=bool(moved))
        self.store.touch(item.event, item.key)
        if organizes and body:
            copies.spread(self.store, item.event, item.key)
        if organizes and not notices.is_silent(given, self._switches()):
            self.mails.extend(notices.of_change(self.store, self._again(item), before, given))
        return self._again(item)

    def cancel(self, call: Call, comment: str) -> None:
        """Only the organizer may; the guests read the comment."""
        item = self._guarded(call)
        if not item.event.is_organizer:
            raise not_organizer()
        self._call_off(item, comment)

    def delete(self, call: Call) -> None:
        """By the organizer it is a cancellation without a word; a guest removes the own copy only."""
        item = self._guarded(call)
        if item.event.is_organizer:
            self._call_off(item, "")
            return
        if self._switches().attendee_delete_declines and not item.fields["isCancelled"]:
            self.record_response(item, "declined", "", None)
        self.remove(item)

    # What answers need too

    def remove(self, item: Item) -> None:
        """To Deleted Items; an occurrence just is not made any more."""
        event = item.event
        if item.key is None:
            event.deleted = True
            self.store.touch(event)
            return
        event.removed.add(item.key)
        event.exceptions.pop(item.key, None)
        self.store.touch(event, tell=self._switches().deleted_occurrence != "silent")

    def record_response(self, item: Item, response: str, comment: str, proposed: Fields | None) -> None:
        """Tell the organizer: by mail, and in the main copy if there is one here."""
        address = self.store.people[item.event.mailbox].email
        main = self.store.main_copy(item.event)
        if main is not None:
            self.note_answer(main, item.key, address, response, proposed)
        else:
            self._note_answer_of_one_invited_alone(item, address, response, proposed)
        self.mails.extend(notices.of_response(self.store, item, response, comment, proposed))

    def note_answer(self, main: Event, key: str | None, address: str, response: str, proposed: Fields | None) -> None:
        item = self.store.occurrence(main, key) if key else Item(main)
        if item is None:
            return
        attendees = copy.deepcopy(item.fields["attendees"])
        entry = bodies.entry_of(attendees, address)
        if entry is None:  # the invitation was forwarded to somebody
            entry = {"type": "optional", "emailAddress": {"name": address, "address": address}}
            attendees.append(entry)
        entry["status"] = notices.answered(response, self.store)
        entry.pop("proposedNewTime", None)
        if proposed:
            entry["proposedNewTime"] = proposed
        if key:
            main.exceptions.setdefault(key, Override()).fields["attendees"] = attendees
        else:
            main.fields["attendees"] = attendees
            for override in main.exceptions.values():
                theirs = bodies.entry_of(override.fields.get("attendees", []), address)
                if theirs and theirs["status"]["response"] in UNANSWERED:
                    theirs["status"] = dict(entry["status"])
        self.store.touch(main, key)

    def _note_answer_of_one_invited_alone(
        self, item: Item, address: str, response: str, proposed: Fields | None
    ) -> None:
        organizer = self.store.person(item.event.organizer)
        for main in list(organizer.events.values()) if organizer else []:
            for key in list(main.exceptions):
                if not main.deleted and ids.dated_ical_uid(main.uid, key) == item.event.uid:
                    self.note_answer(main, key, address, response, proposed)

    def guard(self, call: Call, item: Item) -> None:
        call.require_write()
        known = change_key(self.store, item, self._switches())
        given = (call.if_match or "").removeprefix("W/").strip('"')
        if given not in {"", "*", known} and self._switches().if_match == "honoured":
            raise conflict()

    # How it is done

    def _guarded(self, call: Call) -> Item:
        assert call.item is not None
        self.guard(call, call.item)
        return call.item

    def _again(self, item: Item) -> Item:
        return (self.store.occurrence(item.event, item.key) if item.key else None) or Item(item.event)

    def _changed(self, call: Call, item: Item, body: Fields) -> Fields:
        """The fields as they are to be, checked."""
        before = item.fields
        if item.key and "recurrence" in body:
            raise property_failed("an occurrence has no recurrence of its own")
        after = {**copy.deepcopy(before), **body}
        if before["isOnlineMeeting"]:
            after |= {name: before[name] for name in _UNTOUCHABLE}
        wanted = after["isOnlineMeeting"]
        after["isOnlineMeeting"] = before["isOnlineMeeting"]
        if after.get("recurrence") and "recurrence" not in body and {"start", "end"} & set(body):
            after["recurrence"]["range"]["startDate"] = after["start"]["dateTime"][:10]
        bodies.settle(after)
        if item.key and after["start"] != before["start"]:
            self._check_neighbours(item, after)
        if before["isOnlineMeeting"] and "body" in body and not text.holds(after["body"], after["_block"]):
            # What the documentation warns of: without its block in the body the meeting is not online any more.
            after |= {"isOnlineMeeting": False, "onlineMeeting": None, "onlineMeetingProvider": "unknown"}
        elif not before["isOnlineMeeting"]:
            self._go_online(call, after, wanted=wanted)
        return after

    def _go_online(self, call: Call, fields: Fields, *, wanted: bool) -> None:
        """Silently not where the calendar has no such provider."""
        provider = fields.get("onlineMeetingProvider") or "unknown"
        if wanted and not call.mailbox.personal and provider in {"unknown", "teamsForBusiness"}:
            meeting, block = online.organize(call.mailbox, self._form())
            fields |= {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness", "onlineMeeting": meeting}
            fields |= {"_block": block, "body": text.inside(fields["body"], block)}
        elif not fields["isOnlineMeeting"]:
            fields["onlineMeetingProvider"] = "unknown"

    def _check_neighbours(self, item: Item, after: Fields) -> None:
        """An occurrence stays between the days of the one before and the one after."""
        assert item.key is not None
        day = after["start"]["dateTime"][:10]
        zone = item.event.fields["start"]["timeZone"]
        if not after["isAllDay"]:
            day = times.shown(times.instant(after["start"]), zone)["dateTime"][:10]
        around = times.bound(item.key, "key") + 400 * times.DAY
        for slot in recurrence.slots(item.event.fields, around):
            other = self.store.occurrence(item.event, slot.key)
            if other is None or slot.key == item.key:
                continue
            start = other.fields["start"]
            theirs = start if after["isAllDay"] else times.shown(times.instant(start), zone)
            taken = theirs["dateTime"][:10]
            if (slot.key < item.key and day <= taken) or (slot.key > item.key and day >= taken):
                raise crossing_boundary()

    def _keep(self, event: Event, before: Fields, after: Fields, own: Fields, *, rescheduled: bool) -> None:
        if rescheduled:
            event.exceptions, event.removed = {}, set()
        old, new = notices.guests(before), notices.guests(after)
        for override in event.exceptions.values():
            if "attendees" in override.fields:
                kept = [
                    each
                    for each in override.fields["attendees"]
                    if each["emailAddress"]["address"].casefold() not in old.keys() - new.keys()
                ]
                missing = [bodies.entry_of(after["attendees"], address) for address in new.keys() - old.keys()]
                override.fields["attendees"] = kept + [copy.deepcopy(each) for each in missing if each]
        event.fields = after
        event.own = bodies.merge_own(event.own, own)

    def _keep_occurrence(self, item: Item, after: Fields, own: Fields) -> None:
        assert item.key is not None
        assert item.slot is not None
        base = {**item.event.fields, "start": item.slot.start, "end": item.slot.end}
        override = item.event.exceptions.setdefault(item.key, Override())
        override.fields = {name: value for name, value in after.items() if value != base.get(name)}
        override.own = bodies.merge_own(override.own, own)

    def _call_off(self, item: Item, comment: str) -> None:
        self.mails.extend(notices.of_cancellation(self.store, item, comment))
        copies.cancel_everywhere(self.store, item.event, item.key, comment)
        self.remove(item)


def change_key(store: Store, item: Item, switches: Switches) -> str:
    event = item.event
    change = event.change
    if not switches.series_share_change_key:
        change = item.override.change if item.override and item.override.change else event.own_change
    return ids.change_key(store.people[event.mailbox].guid, change)
