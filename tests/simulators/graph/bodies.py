"""What an event's body must be beyond its model, and what of it the API does not take."""

import copy
import re
from collections.abc import Mapping
from typing import Any

from . import models, recurrence, text, times
from .calls import Call
from .errors import ApiError, Refused, property_failed
from .store import Fields, Store, same

READ_ONLY = {
    "attachments",
    "bodyPreview",
    "calendar",
    "cancelledOccurrences",
    "changeKey",
    "createdDateTime",
    "exceptionOccurrences",
    "hasAttachments",
    "iCalUId",
    "id",
    "instances",
    "isCancelled",
    "isDraft",
    "isOrganizer",
    "lastModifiedDateTime",
    "onlineMeeting",
    "onlineMeetingUrl",
    "organizer",
    "originalEndTimeZone",
    "originalStart",
    "originalStartTimeZone",
    "responseStatus",
    "seriesMasterId",
    "type",
    "webLink",
}
OWN = {
    "categories",
    "extensions",
    "isReminderOn",
    "reminderMinutesBeforeStart",
    "showAs",
    "singleValueExtendedProperties",
}
"""Belongs to each copy."""
MOST_ATTENDEES = 500
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
_PROPERTY = re.compile(
    r"(Boolean|Integer|Double|String|Binary|SystemTime|CLSID|Currency|ApplicationTime|Float|Long|Short)(Array)? "
    r"((\{[0-9a-fA-F-]{36}\} (Name .+|Id 0x[0-9a-fA-F]{1,8}))|0x[0-9a-fA-F]{1,8})",
    re.ASCII,
)
_NULL_TAKES_BACK = {"recurrence", "location", "locations", "attendees", "categories", "body", "subject"}
DEFAULTS: Fields = {
    "subject": "",
    "body": "",
    "isAllDay": False,
    "location": {
        "displayName": "",
        "locationType": "default",
        "uniqueIdType": "unknown",
        "address": {},
        "coordinates": {},
    },
    "locations": [],
    "attendees": [],
    "importance": "normal",
    "sensitivity": "normal",
    "responseRequested": True,
    "allowNewTimeProposals": True,
    "hideAttendees": False,
    "hasAttachments": False,
    "isOnlineMeeting": False,
    "onlineMeeting": None,
    "onlineMeetingProvider": "unknown",
    "isCancelled": False,
}


def writable(store: Store, call: Call, current: Fields | None) -> Fields:
    """The body in the form in which fields are kept, without what Graph ignores; that is noted."""
    found = models.faults("event", call.body)
    if found:
        raise Refused("; ".join(found), code="RequestBodyRead")
    if "multiValueExtendedProperties" in call.body:
        raise Refused("multiValueExtendedProperties are not served")
    body = models.settled("event", copy.deepcopy(call.body))
    ignored = READ_ONLY | ({"transactionId"} if current else set())
    if call.by_hand:
        ignored = ignored - {"hasAttachments"}
    for name in sorted(ignored & set(body)):
        del body[name]
        call.note(f"read-only field {name}")
    for name in [name for name, value in body.items() if value is None]:
        if name not in _NULL_TAKES_BACK:
            raise property_failed(f"{name} may not be null")
        body[name] = None if name == "recurrence" else copy.deepcopy(DEFAULTS.get(name, []))
        if name == "location":
            body["locations"] = []
    _settle_values(store, body, current or {})
    return body


def _settle_values(store: Store, body: Fields, current: Mapping[str, Any]) -> None:
    for name in ("start", "end"):
        if name in body:
            body[name] = times.given(body[name])
            body["originalStartTimeZone" if name == "start" else "originalEndTimeZone"] = body[name]["timeZone"]
    if isinstance(body.get("body"), dict):
        body["body"] = text.stored(body["body"].get("content") or "", body["body"].get("contentType", "text"))
    if "attendees" in body:
        body["attendees"] = _attendees(store, body["attendees"], current.get("attendees", []))
    _settle_locations(body)
    for each in body.get("singleValueExtendedProperties", []):
        if not _PROPERTY.fullmatch(each.get("id") or "") or not isinstance(each.get("value"), str):
            raise property_failed(
                f"an extended property needs an id like 'String {{guid}} Name x', and a value: {each}"
            )
    for each in body.get("extensions", []):
        if not each.get("extensionName"):
            raise property_failed("an extension needs an extensionName")


def merge_own(own: Fields, given: Fields) -> Fields:
    """Extended properties are set one by one, everything else is replaced."""
    merged = {**own, **copy.deepcopy(given)}
    for name, key in (("singleValueExtendedProperties", "id"), ("extensions", "extensionName")):
        if name in given:
            known = {each[key]: each for each in own.get(name, [])}
            merged[name] = list({**known, **{each[key]: each for each in given[name]}}.values())
    return merged


def settle(fields: Fields) -> None:
    """Check times and recurrence of what is to be kept; a series gets the dates of its first occurrence."""
    if not fields.get("start") or not fields.get("end"):
        raise property_failed("start and end are required")
    start, end = fields["start"], fields["end"]
    if fields["isAllDay"]:
        midnights = all(each["dateTime"][11:] == "00:00:00.0000000" for each in (start, end))
        if not midnights or start["timeZone"] != end["timeZone"] or end["dateTime"] <= start["dateTime"]:
            raise property_failed("an all-day event goes from midnight to a later midnight in one time zone")
    elif times.instant(end) < times.instant(start):
        raise ApiError(400, "ErrorCalendarEndDateIsEarlierThanStartDate", "The end date is earlier than the start.")
    if fields.get("recurrence"):
        fields["recurrence"] = recurrence.settled(fields["recurrence"], start)
        first = recurrence.first(fields)
        if first is None:
            raise property_failed("the recurrence has no occurrence")
        fields["start"], fields["end"] = first.start, first.end
        fields["recurrence"]["range"]["startDate"] = first.start["dateTime"][:10]
    else:
        fields.pop("recurrence", None)


def entry_of(attendees: list[Fields], address: str) -> Fields | None:
    return next((each for each in attendees if same(each["emailAddress"]["address"], address)), None)


def _attendees(store: Store, given: list[Fields], known: list[Fields]) -> list[Fields]:
    """The list that replaces the old one; answers that were there stay."""
    if len(given) > MOST_ATTENDEES:
        raise ApiError(400, "ErrorExceededMaxRecipientLimit", "too many attendees")
    kept: list[Fields] = []
    for each in given:
        address = (each.get("emailAddress") or {}).get("address") or ""
        if not _EMAIL.fullmatch(address):
            raise ApiError(400, "ErrorInvalidRecipients", f"At least one recipient isn't valid: {address!r}")
        if entry_of(kept, address):
            raise property_failed(f"attendee {address} is given twice")
        old, person = entry_of(known, address), store.person(address)
        name = each["emailAddress"].get("name") or (person.name if person else address)
        entry = {
            "type": each.get("type") or "required",
            "status": {"response": "none", "time": times.NEVER},
            "emailAddress": {"name": name, "address": address},
        }
        if old:
            entry |= {name: copy.deepcopy(old[name]) for name in ("status", "proposedNewTime") if name in old}
        kept.append(entry)
    return kept


def _settle_locations(body: Fields) -> None:
    """location and locations always correspond; a new location replaces all that there were."""
    if "locations" in body and "location" not in body:
        names = "; ".join(each.get("displayName", "") for each in body["locations"])
        body["location"] = {**DEFAULTS["location"], "displayName": names}
    elif "location" in body and "locations" not in body:
        body["locations"] = [dict(body["location"])] if body["location"].get("displayName") else []
    for each in [*body.get("locations", []), *([body["location"]] if "location" in body else [])]:
        each.setdefault("displayName", "")
        each.setdefault("locationType", "default")
        if each["displayName"]:
            each["uniqueId"], each["uniqueIdType"] = each.get("uniqueId") or each["displayName"], "private"
