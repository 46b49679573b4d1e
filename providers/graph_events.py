"""Microsoft Graph's event resources as `Event` records: everything that is Graph's own about them is settled here.

Source: https://learn.microsoft.com/graph/api/resources/event
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from agendad.providers import zones
from agendad.providers.conference import find_links
from agendad.providers.model import (
    Attachment,
    Attendee,
    Cutype,
    Event,
    EventTime,
    Instance,
    Organizer,
    Partstat,
    Role,
    Sensitivity,
    Status,
    Transparency,
    ZoneKind,
)
from agendad.providers.recurrence import recurrence_id

Resource = Mapping[str, Any]
"""JSON as Graph sends it."""

MARKS_PROPERTY = "String {6f0d9c4e-52f5-4a0e-9a56-8a1d0b7f2c11} Name agendadMarks"
"""The extended property that holds what agendad wrote on this copy; a GET that asks for it shows it, a delta never."""

MASTER, OCCURRENCE, EXCEPTION = "seriesMaster", "occurrence", "exception"
_INSTANCES = {OCCURRENCE: Instance.OCCURRENCE, EXCEPTION: Instance.EXCEPTION}
_PARTSTATS = {
    "accepted": Partstat.ACCEPTED,
    "organizer": Partstat.ACCEPTED,
    "declined": Partstat.DECLINED,
    "tentativelyAccepted": Partstat.TENTATIVE,
}
_SENSITIVITIES = {"normal": Sensitivity.PUBLIC, "confidential": Sensitivity.CONFIDENTIAL}
_FREE = frozenset({"free", "workingElsewhere"})
_OWN_OF_OCCURRENCE = ("id", "start", "end", "type", "seriesMasterId", "originalStart")


def is_thin(resource: Resource) -> bool:
    """An occurrence as a delta tells it: when it is, and of which series; nothing of what it is."""
    return resource.get("type") == OCCURRENCE and "subject" not in resource


def joined(occurrence: Resource, master: Resource) -> dict[str, Any]:
    """A thin occurrence with what its master says of it."""
    own = {name: occurrence[name] for name in _OWN_OF_OCCURRENCE if name in occurrence}
    return {**master, "recurrence": None, "originalStart": None, **own}


def read_event(
    resource: Resource, *, account: str, calendar: str, me: Collection[str], master: Resource | None = None
) -> Event:
    """One occurrence, from a whole resource.

    Args:
        resource: a single event, an occurrence or an exception, never a master.
        account: the account's name.
        calendar: the id by which the configuration names the calendar.
        me: the mailbox's addresses, in lower case.
        master: of an occurrence or exception, for what names the series.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: the resource is none that can be read.
    """
    all_day = bool(resource.get("isAllDay"))
    zone = _text(resource.get("originalStartTimeZone"))
    start, end = (_time(resource[side], zone, all_day=all_day) for side in ("start", "end"))
    series = _text(resource.get("seriesMasterId"))
    text, html = _body(resource)
    event = Event(
        account=account,
        calendar=calendar,
        id=resource["id"],
        uid=_text((master or resource).get("iCalUId")) or _text(resource.get("iCalUId")) or resource["id"],
        recurrence_id=_recurrence_id(resource, start) if series else None,
        instance=_INSTANCES.get(resource.get("type", ""), Instance.SINGLE),
        series=series,
        source=_text((master or resource).get("webLink")),
        status=Status.CANCELLED if resource.get("isCancelled") else Status.CONFIRMED,
        transparency=Transparency.TRANSPARENT if resource.get("showAs") in _FREE else Transparency.OPAQUE,
        sensitivity=_SENSITIVITIES.get(resource.get("sensitivity") or "normal", Sensitivity.PRIVATE),
        organizer=_organizer(resource),
        attendees=tuple(_attendees(resource, me)),
        title=_text(resource.get("subject")),
        text=text,
        html=html,
        location=_text((resource.get("location") or {}).get("displayName")),
        conference=find_links(_join_links(resource), (text or html,)),
        attachments=(Attachment(filename="attachment"),) if resource.get("hasAttachments") else (),
        categories=tuple(one for one in resource.get("categories") or () if isinstance(one, str)),
        marks=marks_of(resource),
        start=start,
        end=end,
    )
    return replace(event, etag=content_tag(event))


def content_tag(event: Event) -> str:
    """What stands for an etag: vendors' etags in a delta and in a GET are not the same, and this one is.

    Categories and our own marks are left out, as is what belongs to the copy and not to the meeting.
    """
    told = replace(event, etag="", marks=(), source="", id="", uid="", series="")
    return hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def marks_of(resource: Resource) -> tuple[str, ...]:
    """What agendad wrote here, where the answer tells; oldest first."""
    held = resource.get("singleValueExtendedProperties") or ()
    values = [_text(one.get("value")) for one in held if _same_property(_text(one.get("id")))]
    return tuple(mark for value in values for mark in value.split())


def is_organizer(resource: Resource) -> bool:
    return bool(resource.get("isOrganizer"))


def _same_property(id_: str) -> bool:
    return id_.casefold() == MARKS_PROPERTY.casefold()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _body(resource: Resource) -> tuple[str, str]:
    """(plain text, HTML), one of them empty."""
    body = resource.get("body") or {}
    content = _text(body.get("content"))
    return (content, "") if _text(body.get("contentType")).lower() == "text" else ("", content)


def _time(told: Resource, original_zone: str, *, all_day: bool) -> EventTime:
    """A clock reading without an offset, and the zone that it is read in: UTC unless another was asked for.

    `original_zone` is where the meeting was made. Where nobody knows it, as with `tzone://Microsoft/Custom`, the
    instant is certain all the same.
    """
    wall = datetime.fromisoformat(_text(told["dateTime"])[:26].rstrip("Z")).replace(microsecond=0)
    if all_day:
        return EventTime(wall=wall.replace(hour=0, minute=0, second=0), kind=ZoneKind.DATE)
    there = zones.resolve(_text(told.get("timeZone")) or "UTC", {})
    time = zones.at_wall(wall, there)
    if time.instant is None or not original_zone:
        return time
    made_in = zones.resolve(original_zone, {})
    if made_in.tz is None:
        return replace(zones.at_instant(time.instant, zones.UTC_ZONE), zone=None, tzid=original_zone)
    return zones.at_instant(time.instant, made_in)


def _recurrence_id(resource: Resource, start: EventTime) -> str:
    told = _text(resource.get("originalStart"))
    if not told:
        return recurrence_id(start)
    original = datetime.fromisoformat(told[:19] + told[19:].lstrip(".0123456789")).astimezone(UTC)
    if start.kind is ZoneKind.DATE:
        return original.date().isoformat()
    return recurrence_id(zones.at_instant(original, zones.UTC_ZONE))


def _address(box: object) -> tuple[str, str]:
    """(address in lower case, name) of an emailAddress."""
    told = (box.get("emailAddress") if isinstance(box, Mapping) else None) or {}
    return _text(told.get("address")).strip().lower(), _text(told.get("name"))


def _organizer(resource: Resource) -> Organizer | None:
    email, name = _address(resource.get("organizer"))
    return Organizer(email=email, name=name) if email or name else None


def _attendees(resource: Resource, me: Collection[str]) -> Iterator[Attendee]:
    mine = _text((resource.get("responseStatus") or {}).get("response"))
    for one in resource.get("attendees") or ():
        email, name = _address(one)
        told = _text((one.get("status") or {}).get("response"))
        if email in me and not is_organizer(resource):  # a guest's copy tells its own answer there only
            told = mine
        kind = _text(one.get("type"))
        yield Attendee(
            email=email,
            name=name,
            partstat=_PARTSTATS.get(told, Partstat.NEEDS_ACTION),
            cutype=Cutype.RESOURCE if kind == "resource" else Cutype.INDIVIDUAL,
            role=Role.OPTIONAL if kind == "optional" else Role.REQUIRED,
        )


def _join_links(resource: Resource) -> Iterator[str]:
    yield _text((resource.get("onlineMeeting") or {}).get("joinUrl"))
    yield _text(resource.get("onlineMeetingUrl"))
    for place in resource.get("locations") or ():
        uri = _text(place.get("locationUri"))
        if uri.startswith("http"):
            yield uri
