"""An event as an answer shows it: to whom, on which calendar, in which zone."""

import base64
import copy
from typing import Any

from . import times
from .bodies import own_entry
from .store import Calendar, Event, Fields, Store, same

_DEFAULTS: dict[str, Any] = {
    "transparency": "opaque",
    "visibility": "default",
    "guestsCanModify": False,
    "guestsCanInviteOthers": True,
    "guestsCanSeeOtherGuests": True,
    "anyoneCanAddSelf": False,
    "privateCopy": False,
    "locked": False,
    "endTimeUnspecified": False,
    "attendeesOmitted": False,
}
"""Left out of answers, as Google does."""
_TIMES_ONLY = (
    "kind",
    "etag",
    "id",
    "status",
    "updated",
    "start",
    "end",
    "recurrence",
    "recurringEventId",
    "originalStartTime",
    "iCalUID",
    "transparency",
    "eventType",
)


def render(
    store: Store,
    calendar: Calendar,
    event: Event,
    *,
    role: str = "owner",
    zone: str | None = None,
    max_attendees: int | None = None,
    busy_only: bool = False,
) -> Fields:
    """All fields that this reader may see."""
    fields = copy.deepcopy(event.fields)
    shown = {"kind": "calendar#event", "etag": event.etag, "id": event.id, **fields}
    shown["status"] = "cancelled" if store.cancelled(event) else fields["status"]
    shown["htmlLink"] = "https://www.google.com/calendar/event?eid=" + _eid(event)
    shown["created"], shown["updated"] = fields["created"], times.stamp(event.updated or store.now())
    for name in ("start", "end", "originalStartTime"):
        if name in shown:
            shown[name] = times.shown(shown[name], zone or calendar.zone)
    for name, default in _DEFAULTS.items():
        if shown.get(name) == default:
            del shown[name]
    shown.setdefault("eventType", "default")
    for name in ("creator", "organizer"):
        shown[name] = _who(store, shown[name]["email"], calendar)
    if shown.get("attendees"):
        _show_attendees(event, calendar, shown, max_attendees)
    if event.is_main:
        shown.pop("locked", None)
    private = fields.get("visibility") in {"private", "confidential"}
    if busy_only or role == "freeBusyReader" or (role == "reader" and private):
        return {**{name: shown[name] for name in _TIMES_ONLY if name in shown}, "visibility": "private"}
    return shown


def tombstone(store: Store, calendar: Calendar, event: Event, *, zone: str | None = None, etag: bool = True) -> Fields:
    """What is guaranteed of a cancelled event.

    An exception of a live series has its recurringEventId and originalStartTime; anything else has an id only.
    """
    bare = {"kind": "calendar#event", "id": event.id, "status": "cancelled"}
    if not event.series or (event.series in calendar.events and store.cancelled(calendar.events[event.series])):
        return bare
    original = times.shown(event.fields["originalStartTime"], zone or calendar.zone)
    shown = {**bare, "recurringEventId": event.series, "originalStartTime": original}
    return {**shown, "etag": event.etag} if etag else shown


def bare_tombstone(event_id: str) -> Fields:
    return {"kind": "calendar#event", "id": event_id, "status": "cancelled"}


def _eid(event: Event) -> str:
    return base64.urlsafe_b64encode(f"{event.id} {event.calendar}".encode()).decode().rstrip("=")


def _who(store: Store, email: str, calendar: Calendar) -> Fields:
    shown: Fields = {"email": email}
    person, own = store.person(email), store.calendar(email)
    name = person.name if person else own.summary if own else None
    if name:
        shown["displayName"] = name
    if same(email, calendar.id):
        shown["self"] = True
    return shown


def _show_attendees(event: Event, calendar: Calendar, shown: Fields, most: int | None) -> None:
    """With `self` and `organizer`, which belong to the copy and are not kept."""
    for each in shown["attendees"]:
        if same(each["email"], calendar.id):
            each["self"] = True
        if same(each["email"], event.fields["organizer"]["email"]):
            each["organizer"] = True
    own = own_entry(shown["attendees"], calendar.id)
    hidden = not event.is_main and event.fields.get("guestsCanSeeOtherGuests") is False
    if hidden or (most is not None and len(shown["attendees"]) > most):
        # The description of maxAttendees: with too many, only the participant is returned.
        shown["attendees"] = [own] if own else []
        shown["attendeesOmitted"] = True
