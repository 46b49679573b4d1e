"""Microsoft Graph's event resources as `Event` records: everything that is Graph's own about them is settled here.

Source: https://learn.microsoft.com/graph/api/resources/event
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone
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
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,]\d*)?)?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII | re.IGNORECASE
)
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_NO_ANSWER = ("", "none", "notResponded")


def kind_of(resource: Resource) -> str:
    """The type, also of what does not say it."""
    told = resource.get("type")
    if isinstance(told, str) and told:
        return told
    if resource.get("recurrence"):
        return MASTER
    return OCCURRENCE if resource.get("seriesMasterId") else "singleInstance"


def series_of(resource: Resource) -> str:
    """The series that a change concerns; "" for a single event."""
    kind = kind_of(resource)
    if kind == MASTER:
        return _text(resource.get("id"))
    return _text(resource.get("seriesMasterId")) if kind in _INSTANCES else ""


def is_thin(resource: Resource) -> bool:
    """An occurrence as a delta tells it: when it is, and of which series; nothing, or not all, of what it is."""
    return kind_of(resource) == OCCURRENCE and any(resource.get(name) is None for name in ("subject", "body"))


def joined(occurrence: Resource, master: Resource) -> dict[str, Any]:
    """A thin occurrence with what its master says of it."""
    kind = {"type": OCCURRENCE, "recurrence": None, "originalStart": None}
    return {**master, **kind, **{name: value for name, value in occurrence.items() if value is not None}}


def uid_of(resource: Resource, master: Resource | None) -> str:
    """The UID of a meeting. A series has that of its master: its occurrences have a date in theirs, or none."""
    whole = resource if master is None else master
    return _text(whole.get("iCalUId")) or (_text(whole.get("id")) if master else series_of(whole)) or _id(whole["id"])


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
    kind = kind_of(resource)
    series = series_of(resource)
    text, html = _body(resource)
    event = Event(
        account=account,
        calendar=calendar,
        id=_id(resource["id"]),
        uid=uid_of(resource, master),
        recurrence_id=_recurrence_id(resource, start, zone) if series else None,
        instance=_INSTANCES.get(kind, Instance.SINGLE),
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
        body_readable=is_body(resource.get("body")),
        categories=tuple(_text(one) for one in resource.get("categories") or () if isinstance(one, str)),
        marks=marks_of(resource),
        start=start,
        end=end,
        created=_created(resource, master),
    )
    return replace(event, etag=content_tag(event))


def content_tag(event: Event) -> str:
    """What stands for an etag: vendors' etags in a delta and in a GET are not the same, and this one is.

    Our own marks are left out, which a delta does not tell, as are the names by which this copy is known and when it
    was made.
    """
    told = replace(event, etag="", marks=(), source="", id="", uid="", series="", created=None)
    return hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def marks_of(resource: Resource) -> tuple[str, ...]:
    """What agendad wrote here, where the answer tells; oldest first."""
    held = resource.get("singleValueExtendedProperties") or ()
    values = [_text(one.get("value")) for one in held if _same_property(_text(one.get("id")))]
    return tuple(mark for value in values for mark in value.split())


def is_organizer(resource: Resource) -> bool:
    """Whether this is the organizer's copy."""
    told = resource.get("isOrganizer")
    return bool(told) if told is not None else answer_of(resource) == "organizer"


def answer_of(resource: Resource) -> str:
    """The mailbox's own answer, in Graph's words."""
    return _text((resource.get("responseStatus") or {}).get("response"))


def is_body(told: object) -> bool:
    """Whether a body was told at all."""
    return isinstance(told, Mapping) and isinstance(told.get("content"), str)


def read_clock(text: str) -> tuple[datetime, timedelta | None]:
    """A clock reading, without fractions, and its offset from UTC where there is one beside it.

    >>> read_clock("2026-06-01T15:00:00.0000000"), read_clock("2026-06-01T15:00:00.1234567+02:00")[1]
    ((datetime.datetime(2026, 6, 1, 15, 0), None), datetime.timedelta(seconds=7200))

    Raises:
        ValueError: there is none.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text[:40]!r} is no time")
    wall = datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00'}")
    offset = (match[3] or "").upper().replace(":", "")
    if not offset:
        return wall, None
    hours, minutes = (0, 0) if offset == "Z" else (int(offset[:3]), int(f"{offset[0]}{offset[3:]}"))
    return wall, timedelta(hours=hours, minutes=minutes)


def instant_of(told: Resource) -> datetime:
    """The instant (aware UTC) of a dateTimeTimeZone.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: it is none, or in a zone that nobody knows.
    """
    read = _time(told, "", all_day=False)
    if read.instant is None:
        raise ValueError(f"nobody knows the zone {read.tzid!r}")
    return read.instant


def _same_property(id_: str) -> bool:
    return id_.casefold() == MARKS_PROPERTY.casefold()


def _text(value: object) -> str:
    """A text as it can be kept: half a character is replaced, and what is no text is none."""
    return _HALF_CHARACTER.sub("\ufffd", value) if isinstance(value, str) else ""


def _id(value: object) -> str:
    id_ = _text(value)
    if not id_ or id_ != value:
        raise ValueError("it has no id")
    return id_


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
    wall, offset = read_clock(_text(told["dateTime"]))
    if all_day:
        return EventTime(wall=wall.replace(hour=0, minute=0, second=0), kind=ZoneKind.DATE)
    if offset is None:
        read = zones.at_wall(wall, zones.resolve(_text(told.get("timeZone")) or "UTC", {}))
    else:
        read = zones.at_instant(wall.replace(tzinfo=timezone(offset)).astimezone(UTC), zones.UTC_ZONE)
    if read.instant is None or not original_zone:
        return read
    made_in = zones.resolve(original_zone, {})
    if made_in.tz is None:
        return replace(zones.at_instant(read.instant, zones.UTC_ZONE), zone=None, tzid=original_zone)
    return zones.at_instant(read.instant, made_in)


def _recurrence_id(resource: Resource, start: EventTime, original_zone: str) -> str:
    told = resource.get("originalStart")
    if not told:
        return recurrence_id(start)
    if isinstance(told, Mapping):
        original = instant_of(told)
    else:
        wall, offset = read_clock(_text(told))
        original = wall.replace(tzinfo=timezone(offset or timedelta())).astimezone(UTC)
    if start.kind is not ZoneKind.DATE:
        return recurrence_id(zones.at_instant(original, zones.UTC_ZONE))
    # Midnight, in the zone of the meeting or of the mailbox, which may be on the day before in UTC.
    there = zones.resolve(original_zone, {}).tz or UTC
    if original.time() != time() and original.astimezone(there).time() == time():
        original = original.astimezone(there)
    elif original.time() != time():
        original += timedelta(hours=12)
    return original.date().isoformat()


def _created(resource: Resource, master: Resource | None) -> datetime | None:
    """When this mailbox's copy was made (aware UTC); of a series its master tells best."""
    told = _text((master or resource).get("createdDateTime"))
    if not told:
        return None
    try:
        wall, offset = read_clock(told)
    except ValueError:
        return None
    return (wall - (offset or timedelta())).replace(tzinfo=UTC)


def _address(box: object) -> tuple[str, str]:
    """(address in lower case, name) of an emailAddress."""
    told = (box.get("emailAddress") if isinstance(box, Mapping) else None) or {}
    return _text(told.get("address")).strip().lower(), _text(told.get("name"))


def _organizer(resource: Resource) -> Organizer | None:
    email, name = _address(resource.get("organizer"))
    return Organizer(email=email, name=name) if email or name else None


def _attendees(resource: Resource, me: Collection[str]) -> Iterator[Attendee]:
    mine = answer_of(resource)
    for one in resource.get("attendees") or ():
        email, name = _address(one)
        told = _text((one.get("status") or {}).get("response"))
        if email in me and not is_organizer(resource):  # a guest's copy tells its own answer there only
            told = told if mine in _NO_ANSWER else mine
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
