"""How a change of the organizer's reaches the guests' copies.

Each one overwrites what a guest had changed in the own copy. Guests do not see each other's answers. What was
cancelled stays in a guest's calendar, marked and renamed, until the guest removes it.
"""

import copy

from . import ids, text, times
from .bodies import entry_of
from .store import Event, Fields, Item, Override, Person, Store, same

TIMES = ("start", "end", "recurrence", "isAllDay")
_NOT_SENT = {"transactionId"}
_UNANSWERED: Fields = {"response": "notResponded", "time": times.NEVER}


def spread(store: Store, main: Event, key: str | None = None) -> None:
    """Bring the main copy, or one occurrence of it, to everybody who is invited or was."""
    fields = (store.occurrence(main, key) if key else Item(main)).fields  # type: ignore[union-attr]
    for person in list(store.people.values()):
        if same(person.email, main.organizer):
            continue
        guest_copy = store.copy_in(person, main.uid)
        invited = entry_of(fields["attendees"], person.email) is not None
        if not invited:
            if guest_copy and (key is None or guest_copy.is_series):
                cancel(store, guest_copy, key, "")
        elif key is None:
            _bring(store, main, person, guest_copy)
        elif guest_copy and guest_copy.is_series:
            _bring_occurrence(store, main, guest_copy, key)
        else:
            _bring_alone(store, main, person, key, fields)


def cancel(store: Store, guest_copy: Event, key: str | None, comment: str) -> None:
    """The copy of somebody who is not invited any more, or whose meeting was cancelled."""
    item = store.occurrence(guest_copy, key) if key else Item(guest_copy)
    if item is None or item.fields["isCancelled"]:
        return
    fields = item.fields
    changed = {"isCancelled": True, "subject": f"Canceled: {fields['subject']}"}
    if comment:
        changed["body"] = text.stored(f"{comment}\n\n{text.plain(fields['body'])}", "text")
    if key:
        override = guest_copy.exceptions.setdefault(key, Override())
        override.fields |= changed
        override.own["showAs"] = "free"
    else:
        guest_copy.fields |= changed
        guest_copy.own["showAs"] = "free"
    store.touch(guest_copy, key)


def cancel_everywhere(store: Store, main: Event, key: str | None, comment: str) -> None:
    for person in list(store.people.values()):
        guest_copy = None if same(person.email, main.organizer) else store.copy_in(person, main.uid)
        alone = store.copy_in(person, ids.dated_ical_uid(main.uid, key)) if key and guest_copy is None else None
        if guest_copy or alone:
            cancel(store, guest_copy or alone, key if guest_copy else None, comment)  # type: ignore[arg-type]


def _bring(store: Store, main: Event, person: Person, guest_copy: Event | None) -> None:
    fields = _as_sent(main.fields)
    if guest_copy is None:
        guest_copy = store.make(store.default_calendar(person), fields, _own(), main.uid)
        guest_copy.removed = set(main.removed)
    elif any(fields.get(name) != guest_copy.fields.get(name) for name in TIMES):
        guest_copy.exceptions, guest_copy.removed = {}, set(main.removed)
        guest_copy.own |= {"responseStatus": dict(_UNANSWERED), "showAs": "tentative"}
    guest_copy.fields = fields
    for key, override in main.exceptions.items():
        guest_copy.exceptions.setdefault(key, Override()).fields = _as_sent(override.fields)
    store.touch(guest_copy)


def _bring_occurrence(store: Store, main: Event, guest_copy: Event, key: str) -> None:
    sent = _as_sent(main.exceptions[key].fields if key in main.exceptions else {})
    before = store.occurrence(guest_copy, key)
    guest_copy.removed.discard(key)
    override = guest_copy.exceptions.setdefault(key, Override())
    override.fields = sent
    after = store.occurrence(guest_copy, key)
    if before and after and before.span() != after.span():
        override.own |= {"responseStatus": dict(_UNANSWERED), "showAs": "tentative"}
    store.touch(guest_copy, key)


def _bring_alone(store: Store, main: Event, person: Person, key: str, fields: Fields) -> None:
    """To somebody who is invited to this occurrence and not to the series: a single event."""
    uid = ids.dated_ical_uid(main.uid, key)
    guest_copy = store.copy_in(person, uid)
    if guest_copy is None:
        guest_copy = store.make(store.default_calendar(person), _as_sent(fields), _own(), uid)
    guest_copy.fields = _as_sent(fields)
    store.touch(guest_copy)


def _own() -> Fields:
    return {
        "categories": [],
        "isReminderOn": True,
        "reminderMinutesBeforeStart": 15,
        "showAs": "tentative",
        "responseStatus": dict(_UNANSWERED),
    }


def _as_sent(fields: Fields) -> Fields:
    sent = {name: copy.deepcopy(value) for name, value in fields.items() if name not in _NOT_SENT}
    for each in sent.get("attendees", []):
        each["status"] = {"response": "none", "time": times.NEVER}
        each.pop("proposedNewTime", None)
    return sent
