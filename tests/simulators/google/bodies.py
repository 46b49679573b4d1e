"""What an event's body must be beyond its schema, and what of it the API does not take."""

import copy
import re
from collections.abc import Mapping
from typing import Any

from . import discovery, expansion, times
from .calls import Call
from .errors import Refused, forbidden_for_service_accounts
from .store import Fields, same

READ_ONLY = {
    "etag",
    "htmlLink",
    "updated",
    "created",
    "creator",
    "organizer",
    "hangoutLink",
    "recurringEventId",
    "originalStartTime",
    "locked",
}
READ_ONLY_OF_ATTENDEES = {"self", "organizer", "id", "asyncOperation"}
IMMUTABLE = ("id", "iCalUID", "eventType", "privateCopy")
MOST_ATTENDEES = 200
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
_SUB_DAILY = re.compile(r"FREQ=(HOURLY|MINUTELY|SECONDLY)", re.IGNORECASE)
"""Google does not take it; events that came from elsewhere may have it."""
_ID = re.compile(r"[a-v0-9]{5,1024}", re.ASCII)


def writable(call: Call, current: Fields | None) -> Fields:
    """The body without what Google ignores. Ignored read-only fields are noted, except in a PUT.

    A PUT sends the whole resource back, so there they are expected.
    """
    faults = discovery.body_faults("Event", call.body, nulls=call.verb == "patch")
    if faults:
        raise Refused("; ".join(faults), reason="invalid")
    body = copy.deepcopy(call.body)
    ignored = [name for name in body if name in READ_ONLY]
    for name in ignored:
        if not (call.by_hand and name == "locked"):
            del body[name]
    ignored += _clean_attendees(body.get("attendees") or [])
    if call.verb != "update":
        for name in ignored:
            call.note(f"read-only field {name}")
    _check_immutable(call, body, current)
    body.pop("kind", None)
    if call.parameters.get("conferenceDataVersion", 0) != 1:
        body.pop("conferenceData", None)
    if not call.parameters.get("supportsAttachments"):
        body.pop("attachments", None)
    if body.get("attendees") and call.person.service_account:
        raise forbidden_for_service_accounts()
    _check_values(body)
    if _SUB_DAILY.search(" ".join(body.get("recurrence") or [])) and not call.by_hand:
        raise Refused("Invalid recurrence rule: more often than daily")
    return body


def merged(target: Mapping[str, Any], changes: Mapping[str, Any]) -> Fields:
    """PATCH: objects merge, arrays are replaced whole, null deletes."""
    result = dict(copy.deepcopy(target))
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            below = result.get(name)
            result[name] = merged(below if isinstance(below, dict) else {}, value)
        else:
            result[name] = copy.deepcopy(value)
    return result


def settle(fields: Fields, calendar_zone: str) -> None:
    """Check times and recurrence of what is to be kept, and bring the times into their stored form."""
    for name in ("start", "end"):
        _check_time(name, fields.get(name) or {})
    start, end = fields["start"], fields["end"]
    if bool(start.get("date")) != bool(end.get("date")):
        raise Refused("The start and end times must either both be date or both be dateTime.")
    if fields.get("recurrence"):
        _check_recurrence(fields, start)
    else:
        fields.pop("recurrence", None)
    fields["start"], fields["end"] = times.stored(start, calendar_zone), times.stored(end, calendar_zone)
    if times.instant(fields["end"], calendar_zone) <= times.instant(fields["start"], calendar_zone):
        raise Refused("The specified time range is empty.", reason="timeRangeEmpty", domain="calendar")


def own_entry(attendees: list[Fields], address: str) -> Fields | None:
    return next((each for each in attendees if same(each["email"], address)), None)


def _clean_attendees(attendees: list[Fields]) -> list[str]:
    found = []
    for each in attendees:
        for name in READ_ONLY_OF_ATTENDEES & set(each):
            del each[name]
            found.append(f"attendees[].{name}")
    return sorted(set(found))


def _check_immutable(call: Call, body: Fields, current: Fields | None) -> None:
    if current is None:
        if body.get("iCalUID") and body.get("id") and body["iCalUID"] != f"{body['id']}@google.com":
            raise Refused("id and iCalUID: only one of them should be supplied")
        if body.get("id") and not _ID.fullmatch(body["id"]):
            raise Refused("Invalid resource id value.")
        return
    known = {**current, "id": call.path["eventId"]}
    known.setdefault("eventType", "default")
    for name in IMMUTABLE:
        given = body.pop(name, None)
        if given is not None and given != known.get(name, False if name == "privateCopy" else None):
            raise Refused(f"{name} cannot be changed")
        if given is not None and name == "iCalUID" and call.verb == "patch":
            call.note("read-only field iCalUID")
    if isinstance(body.get("sequence"), int) and body["sequence"] < current.get("sequence", 0):
        raise Refused("Invalid sequence value. The specified sequence number is below the current one.")


def _check_values(body: Fields) -> None:
    attendees = body.get("attendees") or []
    addresses = [each.get("email") or "" for each in attendees]
    for address in addresses:
        if not _EMAIL.fullmatch(address):
            raise Refused(f"Invalid attendee email: {address!r}")
    if len({each.casefold() for each in addresses}) < len(addresses):
        raise Refused("an attendee is given twice")
    if len(attendees) > MOST_ATTENDEES:
        raise Refused("too many attendees", reason="tooManyAttendees", domain="calendar")
    reminders = body.get("reminders") or {}
    overrides = reminders.get("overrides") or []
    if reminders.get("useDefault") and overrides:
        raise Refused(
            "Cannot specify both default reminders and overrides at the same time.",
            reason="cannotUseDefaultRemindersAndSpecifyOverride",
            domain="calendar",
        )
    if len(overrides) > 5 or any(
        not {"method", "minutes"} <= set(each) or not 0 <= each["minutes"] <= 40320 for each in overrides
    ):
        raise Refused("Invalid reminders")
    for kind in ("private", "shared"):
        for name, value in ((body.get("extendedProperties") or {}).get(kind) or {}).items():
            if len(name) > 44 or len(value or "") > 1024:
                raise Refused(f"extended property too long: {name}")


def _check_time(name: str, given: Mapping[str, Any]) -> None:
    if not given.get("date") and not given.get("dateTime"):
        raise Refused(f"Missing {name} time.", reason="required")
    if given.get("date") and given.get("dateTime"):
        raise Refused(f"Invalid {name} time: both date and dateTime")
    if given.get("dateTime"):
        try:
            times.parse(given["dateTime"], default_zone=given.get("timeZone"))
        except ValueError as fault:
            raise Refused(f"Missing time zone definition for {name} time.", reason="required") from fault


def _check_recurrence(fields: Fields, start: Mapping[str, Any]) -> None:
    if fields.get("recurringEventId"):
        raise Refused("An instance of a recurring event has no recurrence of its own.")
    if start.get("dateTime") and not start.get("timeZone"):
        raise Refused("Missing time zone definition for start time.", reason="required")
    kept = times.stored(dict(start), "UTC")
    try:
        expansion.check(fields["recurrence"], kept)
    except ValueError as fault:
        raise Refused(f"Invalid recurrence rule: {fault}") from fault
