"""How a change reaches the other copies of an event.

The organizer's changes go to every guest who has a calendar here, field by field: what did not change in the main copy
is left alone, so that a guest's own edits diverge silently, as they do at Google. Answers of guests go to the main
copy and from there to all copies.
"""

import copy
from collections.abc import Callable

from . import expansion, times
from .bodies import own_entry
from .store import Calendar, Event, Fields, Store, instance, same

OF_THE_COPY = {"reminders", "colorId", "eventLabelId", "source", "transparency", "visibility", "attendeesOmitted"}
"""Belongs to each copy; visibility and transparency are copied once, with the invitation."""
_FIRST_ONLY = {"transparency", "visibility"}
_TIMES = {"start", "end", "recurrence"}
Reaches = Callable[[str], bool]


def spread(store: Store, main: Event, reaches: Reaches) -> None:
    """Bring the main copy's state to the guests whom it reaches."""
    guests = {each["email"].casefold() for each in main.fields.get("attendees", [])}
    for address in sorted(guests):
        calendar = store.calendar(address)
        if calendar and not same(calendar.id, main.calendar) and reaches(address):
            _bring(store, main, calendar)
    for calendar in list(store.calendars.values()):
        knows = main.id in calendar.events or (main.series or "") in calendar.events
        if knows and not same(calendar.id, main.calendar) and calendar.id.casefold() not in guests:
            _uninvite(store, main, calendar, reaches)


def _bring(store: Store, main: Event, calendar: Calendar) -> None:
    guest_copy = _copy_on(store, main, calendar)
    # An exception goes with its series, also for guests whom only the exception has.
    state = {**main.fields, "status": "cancelled"} if store.cancelled(main) else main.fields
    if guest_copy is None and state["status"] == "cancelled":
        return
    if guest_copy is None:
        fields = {k: copy.deepcopy(v) for k, v in state.items() if k not in OF_THE_COPY - _FIRST_ONLY}
        fields["reminders"] = {"useDefault": True}
        _keep_private(fields, {})
        guest_copy = Event(calendar.id, main.id, fields, seen=copy.deepcopy(state))
        store.touch(guest_copy)
        return
    seen = guest_copy.seen or {}
    changed = {k for k in {*seen, *state} - OF_THE_COPY if seen.get(k) != state.get(k)}
    if not changed and main.orphaned == guest_copy.orphaned:
        return
    before = guest_copy.fields
    guest_copy.fields = copy.deepcopy(before)
    for name in changed:
        if name in state:
            guest_copy.fields[name] = copy.deepcopy(state[name])
        else:
            guest_copy.fields.pop(name, None)
    _keep_private(guest_copy.fields, before)
    if "status" in changed and state["status"] != "cancelled":
        guest_copy.removed_by_guest = False
    guest_copy.orphaned = main.orphaned
    guest_copy.seen = copy.deepcopy(state)
    store.touch(guest_copy)
    if not guest_copy.series:
        realign(store, calendar, guest_copy, before)


def _copy_on(store: Store, main: Event, calendar: Calendar) -> Event | None:
    if main.id in calendar.events:
        return calendar.events[main.id]
    master = calendar.events.get(main.series or "")
    if master is None or not master.is_series:
        return None
    slot = expansion.slot(master.fields, expansion.suffix_of(main.fields["originalStartTime"]))
    return instance(master, slot) if slot else None


def _keep_private(fields: Fields, before: Fields) -> None:
    """Private extended properties stay with the copy that they were written to."""
    extended = fields.setdefault("extendedProperties", {})
    extended.pop("private", None)
    private = before.get("extendedProperties", {}).get("private")
    if private:
        extended["private"] = copy.deepcopy(private)
    if not extended:
        del fields["extendedProperties"]


def _uninvite(store: Store, main: Event, calendar: Calendar, reaches: Reaches) -> None:
    guest_copy = _copy_on(store, main, calendar)
    if guest_copy and guest_copy.fields["status"] != "cancelled" and reaches(calendar.id):
        guest_copy.fields["status"] = "cancelled"
        guest_copy.seen = {**copy.deepcopy(main.fields), "status": "cancelled"}
        store.touch(guest_copy)


def realign(store: Store, calendar: Calendar, master: Event, before: Fields) -> None:
    """After a change of the master, its exceptions on the same calendar.

    What they had from the master follows it. Those that the rule does not make any more are gone.
    """
    for exception in calendar.exceptions(master.id):
        suffix = expansion.suffix_of(exception.fields["originalStartTime"])
        new = expansion.slot(master.fields, suffix) if master.is_series else None
        fields = copy.deepcopy(exception.fields)
        if new is None or exception.orphaned:
            if new is not None:
                fields, exception.removed_by_guest = instance(master, new).fields, False
            elif exception.orphaned:
                continue
            exception.orphaned = new is None
        else:
            old = expansion.slot(before, suffix) if before.get("recurrence") else None
            if old and times.same_moment(old.start, fields["start"]) and times.same_moment(old.end, fields["end"]):
                fields.update(start=new.start, end=new.end)
            _inherit(fields, before, master.fields)
        revived_or_cancelled = master.fields["status"] != before["status"]
        if fields != exception.fields or exception.orphaned or revived_or_cancelled:
            exception.fields = fields
            store.touch(exception)


def _inherit(fields: Fields, before: Fields, after: Fields) -> None:
    for name in {*before, *after} - _TIMES - {"attendees", "status"}:
        if fields.get(name) == before.get(name) and before.get(name) != after.get(name):
            fields.pop(name, None)
            if name in after:
                fields[name] = copy.deepcopy(after[name])
    old = {each["email"].casefold(): each for each in before.get("attendees", [])}
    new = {each["email"].casefold(): each for each in after.get("attendees", [])}
    own = {each["email"].casefold(): each for each in fields.get("attendees", [])}
    for address in {*old, *new}:
        if own.get(address) == old.get(address) and old.get(address) != new.get(address):
            own.pop(address, None)
            if address in new:
                own[address] = copy.deepcopy(new[address])
    if own:
        fields["attendees"] = list(own.values())
    else:
        fields.pop("attendees", None)


def record_response(store: Store, main: Event, address: str, answer: Fields) -> None:
    """A guest's answer, in the main copy and in every other one; of a series also in its exceptions.

    An exception in which the guest had answered otherwise keeps that answer.
    """
    entry = own_entry(main.fields.get("attendees", []), address)
    if entry is None:
        return
    old = dict(entry)
    for exception in store.calendars[main.calendar.casefold()].exceptions(main.id):
        if own_entry(exception.fields.get("attendees", []), address) == old:
            record_response(store, exception, address, answer)
    entry.update(answer)
    store.touch(main)
    for each in main.fields["attendees"]:
        calendar = store.calendar(each["email"])
        guest_copy = _copy_on(store, main, calendar) if calendar and not same(calendar.id, main.calendar) else None
        if guest_copy is None:
            continue
        lists = (guest_copy.fields.get("attendees", []), (guest_copy.seen or {}).get("attendees", []))
        entries = [own for own in (own_entry(attendees, address) for attendees in lists) if own is not None]
        for own in entries:
            own.update(answer)
        if not entries:
            continue
        store.touch(guest_copy)
        for exception in calendar.exceptions(main.id) if calendar else []:
            own = own_entry(exception.fields.get("attendees", []), address)
            if own == old:
                own.update(answer)
                store.touch(exception)
