"""Google's event resources as `Event` records: everything that is Google's own about them is settled here.

Source: https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from agendad.providers import zones
from agendad.providers.conference import find_links
from agendad.providers.model import (
    Attachment,
    Attendee,
    ConferenceLink,
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
"""JSON as Google sends it."""

MARKS = "agendadMarks"
"""The extended property that holds what agendad wrote, oldest first: shared with the guests where the event is ours."""
LABELS = "agendadLabels"
"""The same for labels, as Google's events have no categories."""
SHARED, PRIVATE = "shared", "private"

_EVENT_TYPES = frozenset({"default", ""})
"""Out of office, focus time, working location, birthdays and what Gmail found in mails are no meetings."""
_PARTSTATS = {
    "accepted": Partstat.ACCEPTED,
    "declined": Partstat.DECLINED,
    "tentative": Partstat.TENTATIVE,
}
_STATUSES = {"tentative": Status.TENTATIVE, "cancelled": Status.CANCELLED}
_SENSITIVITIES = {"private": Sensitivity.PRIVATE, "confidential": Sensitivity.CONFIDENTIAL}
_NOBODY = "unknownorganizer@calendar.google.com"
_GROUP_CALENDAR = "@group.calendar.google.com"
_TAG = re.compile(
    r"<(?:/?(?:a|b|i|u|s|em|strong|p|div|span|br|ul|ol|li|h[1-6]|table|tr|td|html|body|font|blockquote)\b[^<>]*|!--)>",
    re.IGNORECASE,
)
_MARK_IN_COMMENT = re.compile(r"\[agendad ([^\s\]]{1,200})\]")


def is_cancelled(resource: Resource) -> bool:
    return resource.get("status") == "cancelled"


def is_meeting(resource: Resource) -> bool:
    """Whether people can meet at it; the other event types are a person's own."""
    return resource.get("eventType", "") in _EVENT_TYPES


def has_details(resource: Resource) -> bool:
    """False for what remains of a cancelled event: an id, and what series it was in."""
    return "start" in resource and "end" in resource


def read_event(resource: Resource, *, account: str, calendar: str, zone: str | None = None) -> Event:
    """One occurrence, from a resource with details.

    Args:
        resource: a single event or an instance, never a master.
        account: the account's name.
        calendar: the id by which the configuration names the calendar.
        zone: the calendar's own IANA zone, for events that name none.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: the resource is none that can be read.
    """
    start, end = (_time(resource[side], zone) for side in ("start", "end"))
    series = _text(resource.get("recurringEventId"))
    original = _time(resource["originalStartTime"], zone) if series and "originalStartTime" in resource else None
    html, text = _body(_text(resource.get("description")))
    return Event(
        account=account,
        calendar=calendar,
        id=resource["id"],
        uid=uid_of(resource),
        recurrence_id=recurrence_id(original or start) if series else None,
        instance=_instance(resource, original, start),
        series=series,
        source=_text(resource.get("htmlLink")),
        etag=_text(resource.get("etag")),
        sequence=int(resource.get("sequence", 0)),
        status=_STATUSES.get(resource.get("status", ""), Status.CONFIRMED),
        transparency=(
            Transparency.TRANSPARENT if resource.get("transparency") == "transparent" else Transparency.OPAQUE
        ),
        sensitivity=_SENSITIVITIES.get(resource.get("visibility", ""), Sensitivity.PUBLIC),
        organizer=_organizer(resource),
        attendees=tuple(_attendees(resource)),
        title=_text(resource.get("summary")),
        text=text,
        html=html,
        location=_text(resource.get("location")),
        url=_text((resource.get("source") or {}).get("url")),
        conference=_conference(resource),
        attachments=tuple(
            Attachment(url=one.get("fileUrl"), filename=_text(one.get("title")), media_type=_text(one.get("mimeType")))
            for one in resource.get("attachments") or ()
        ),
        categories=labels_of(resource),
        marks=marks_of(resource),
        start=start,
        end=end,
        created=_instant(resource.get("created")),
        modified=_instant(resource.get("updated")),
    )


def uid_of(resource: Resource) -> str:
    """The iCalendar UID: the same for all instances of a series, and in everybody's calendar."""
    return _text(resource.get("iCalUID")) or f"{resource.get('recurringEventId') or resource['id']}@google.com"


def organizer_self(resource: Resource) -> bool:
    """Whether this calendar's copy is the main one, which its organizer may change for all."""
    organizer = resource.get("organizer") or {}
    return bool(organizer.get("self"))


def own_entry(resource: Resource) -> Resource | None:
    """The guest that this copy of the event belongs to."""
    return next((one for one in resource.get("attendees") or () if one.get("self")), None)


def marks_of(resource: Resource) -> tuple[str, ...]:
    """What agendad wrote here, on either side; in a guest's answer where Google lets a guest write nowhere else."""
    return tuple(dict.fromkeys([*_property(resource, MARKS, " "), *spoken_marks(resource)]))


def spoken_marks(resource: Resource) -> list[str]:
    """The marks in the answer of the guest whose copy this is."""
    own = own_entry(resource)
    return _MARK_IN_COMMENT.findall(_text(own.get("comment"))) if own else []


def mark_in_comment(mark: str) -> str:
    """A mark as a line of a guest's answer."""
    return f"[agendad {mark}]"


def labels_of(resource: Resource) -> tuple[str, ...]:
    return _property(resource, LABELS, "\n")


def is_markup(description: str) -> bool:
    """Whether Google shows a description as HTML: it does so where there is a tag in it."""
    return bool(_TAG.search(description))


def _property(resource: Resource, name: str, separator: str) -> tuple[str, ...]:
    held = resource.get("extendedProperties") or {}
    values = [_text((held.get(side) or {}).get(name)) for side in (SHARED, PRIVATE)]
    return tuple(dict.fromkeys(part for value in values for part in value.split(separator) if part))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _body(description: str) -> tuple[str, str]:
    """(HTML, plain text), one of them empty."""
    return (description, "") if is_markup(description) else ("", description)


def _instance(resource: Resource, original: EventTime | None, start: EventTime) -> Instance:
    """Google does not say which instances were changed; a new time and our own marks tell."""
    if not resource.get("recurringEventId"):
        return Instance.SINGLE
    moved = original is not None and (original.instant, original.wall) != (start.instant, start.wall)
    changed = moved or is_cancelled(resource) or marks_of(resource) or labels_of(resource)
    return Instance.EXCEPTION if changed else Instance.OCCURRENCE


def _time(told: Resource, calendar_zone: str | None) -> EventTime:
    """A `date`, or a `dateTime` with its offset and mostly the zone it was made in."""
    if told.get("date"):
        return EventTime(wall=datetime.fromisoformat(told["date"]), kind=ZoneKind.DATE)
    moment = datetime.fromisoformat(told["dateTime"])
    named = _text(told.get("timeZone"))
    zone = zones.resolve(named or calendar_zone or "", {})
    if moment.tzinfo is None:
        return zones.at_wall(moment, zone if named else zones.FLOATING)
    if zone.tz is None:  # a name that nobody knows, beside an offset: the instant is certain all the same
        offset = moment.strftime("%z")
        zone = zones.UTC_ZONE if offset == "+0000" and not named else zones.fixed_offset(offset[:5], named or None)
    return zones.at_instant(moment.astimezone(UTC), zone)


def _instant(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(_text(value)).astimezone(UTC).replace(microsecond=0)
    except ValueError:
        return None


def _address(value: object) -> str:
    address = _text(value).strip().lower()
    return "" if address == _NOBODY else address


def _organizer(resource: Resource) -> Organizer | None:
    """Who the meeting is from. On a calendar that is nobody's own, that is whoever put it there."""
    organizer, creator = resource.get("organizer") or {}, resource.get("creator") or {}
    email, creator_email = _address(organizer.get("email")), _address(creator.get("email"))
    name = _text(organizer.get("displayName"))
    if email.endswith(_GROUP_CALENDAR) and creator_email:
        return Organizer(email=creator_email, name=_text(creator.get("displayName")))
    if not email and not name:
        return None
    return Organizer(email=email, name=name, sent_by=creator_email if creator_email != email else "")


def _attendees(resource: Resource) -> Iterator[Attendee]:
    for one in resource.get("attendees") or ():
        yield Attendee(
            email=_address(one.get("email")),
            name=_text(one.get("displayName")),
            partstat=_PARTSTATS.get(one.get("responseStatus", ""), Partstat.NEEDS_ACTION),
            cutype=Cutype.RESOURCE if one.get("resource") else Cutype.INDIVIDUAL,
            role=Role.OPTIONAL if one.get("optional") else Role.REQUIRED,
        )
    if resource.get("attendeesOmitted"):  # a large meeting: Google names only some of its guests
        yield Attendee(email="", name="further guests", cutype=Cutype.GROUP)


def _conference(resource: Resource) -> tuple[ConferenceLink, ...]:
    """The ways to join that Google knows of, then those written into the text."""
    data = resource.get("conferenceData") or {}
    entries = [one for one in data.get("entryPoints") or () if one.get("entryPointType") in ("video", "more", None)]
    declared = [_text(resource.get("hangoutLink")), *(_text(one.get("uri")) for one in entries)]
    return find_links(declared, (_text(resource.get("location")), _text(resource.get("description"))))
