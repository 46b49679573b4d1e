"""Google's event resources as `Event` records: everything that is Google's own about them is settled here.

Source: https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
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
SEPARATORS = {MARKS: " ", LABELS: "\n"}

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
    r"<(?:/?(?:a|b|i|u|s|em|strong|p|div|span|br|ul|ol|li|h[1-6]|table|tr|td|html|body|font|blockquote|code|pre|hr)"
    r"(?:\s[^<>]*|/)?>|!--)",
    re.IGNORECASE,
)
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")
_MARK_IN_COMMENT = re.compile(r"\n?\[agendad ([^\s\]]{1,200})\]")


def is_cancelled(resource: Resource) -> bool:
    return resource.get("status") == "cancelled"


def is_meeting(resource: Resource) -> bool:
    """Whether people can meet at it; the other event types are a person's own."""
    return text_of(resource.get("eventType")) in _EVENT_TYPES


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
    series = series_of(resource)
    original = _time(resource["originalStartTime"], zone) if series and "originalStartTime" in resource else None
    html, text = _body(text_of(resource.get("description")))
    return Event(
        account=account,
        calendar=calendar,
        id=_id(resource["id"]),
        uid=uid_of(resource),
        recurrence_id=recurrence_id(original or start) if series else None,
        instance=_instance(resource, original, start),
        series=series,
        source=text_of(resource.get("htmlLink")),
        etag=text_of(resource.get("etag")),
        sequence=_number(resource.get("sequence")),
        status=_STATUSES.get(resource.get("status", ""), Status.CONFIRMED),
        transparency=(
            Transparency.TRANSPARENT if resource.get("transparency") == "transparent" else Transparency.OPAQUE
        ),
        sensitivity=_SENSITIVITIES.get(resource.get("visibility", ""), Sensitivity.PUBLIC),
        organizer=_organizer(resource),
        attendees=tuple(_attendees(resource)),
        title=text_of(resource.get("summary")),
        text=text,
        html=html,
        location=text_of(resource.get("location")),
        url=text_of((resource.get("source") or {}).get("url")),
        conference=_conference(resource),
        attachments=tuple(
            Attachment(
                url=text_of(one.get("fileUrl")) or None,
                filename=text_of(one.get("title")),
                media_type=text_of(one.get("mimeType")),
            )
            for one in resource.get("attachments") or ()
        ),
        categories=labels_of(resource),
        marks=marks_of(resource),
        start=start,
        end=end,
        created=_instant(resource.get("created")),
        modified=_instant(resource.get("updated")),
    )


def series_of(resource: Resource) -> str:
    """The id of the series that an instance belongs to, "" for a single event."""
    return text_of(resource.get("recurringEventId"))


def uid_of(resource: Resource) -> str:
    """The iCalendar UID: the same for all instances of a series, and in everybody's calendar."""
    return text_of(resource.get("iCalUID")) or f"{series_of(resource) or _id(resource['id'])}@google.com"


def organizer_self(resource: Resource) -> bool:
    """Whether this calendar's copy is the main one, which its organizer may change for all."""
    organizer = resource.get("organizer") or {}
    return bool(organizer.get("self"))


def own_entry(resource: Resource) -> Resource | None:
    """The guest that this copy of the event belongs to."""
    return next((one for one in resource.get("attendees") or () if one.get("self")), None)


def marks_of(resource: Resource) -> tuple[str, ...]:
    """What agendad wrote here, on either side; in a guest's answer where Google lets a guest write nowhere else."""
    return tuple(dict.fromkeys([*_both(resource, MARKS), *spoken_marks(resource)]))


def labels_of(resource: Resource) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_both(resource, LABELS)))


def held(resource: Resource, name: str, side: str) -> list[str]:
    """What one side holds of marks or labels."""
    properties = (resource.get("extendedProperties") or {}).get(side) or {}
    return [part for part in text_of(properties.get(name)).split(SEPARATORS[name]) if part]


def _both(resource: Resource, name: str) -> list[str]:
    return held(resource, name, SHARED) + held(resource, name, PRIVATE)


def spoken_marks(resource: Resource) -> list[str]:
    """The marks in the answer of the guest whose copy this is."""
    return _MARK_IN_COMMENT.findall(_comment(resource))


def spoken(resource: Resource) -> str | None:
    """That answer without our marks; None where nothing was said."""
    return _MARK_IN_COMMENT.sub("", _comment(resource)) or None


def _comment(resource: Resource) -> str:
    return text_of((own_entry(resource) or {}).get("comment"))


def mark_in_comment(mark: str) -> str:
    """A mark as a line of a guest's answer."""
    return f"[agendad {mark}]"


def with_marks(comment: str | None, marks: Iterable[str]) -> str:
    """An answer with marks."""
    return "\n".join(filter(None, [comment, *map(mark_in_comment, marks)]))


def is_markup(description: str) -> bool:
    """Whether Google shows a description as HTML: it does so where there is a tag in it."""
    return bool(_TAG.search(description))


def text_of(value: object) -> str:
    """A text as it can be kept: half a character is replaced, and what is no text is none."""
    return _HALF_CHARACTER.sub("\ufffd", value) if isinstance(value, str) else ""


def _id(value: object) -> str:
    id_ = text_of(value)
    if not id_ or id_ != value:
        raise ValueError("it has no id")
    return id_


def _number(value: object) -> int:
    try:
        number = int(str(value))
    except ValueError:
        return 0
    return number if 0 <= number < 2**31 else 0


def _body(description: str) -> tuple[str, str]:
    """(HTML, plain text), one of them empty."""
    return (description, "") if is_markup(description) else ("", description)


def _instance(resource: Resource, original: EventTime | None, start: EventTime) -> Instance:
    """Google does not say which instances were changed; a new time and our own marks tell."""
    if not series_of(resource):
        return Instance.SINGLE
    moved = original is not None and (original.instant, original.wall) != (start.instant, start.wall)
    changed = moved or is_cancelled(resource) or marks_of(resource) or labels_of(resource)
    return Instance.EXCEPTION if changed else Instance.OCCURRENCE


def _time(told: Resource, calendar_zone: str | None) -> EventTime:
    """A `date`, or a `dateTime` with its offset and mostly the zone it was made in."""
    if told.get("date"):
        return EventTime(wall=datetime.combine(date.fromisoformat(told["date"]), time()), kind=ZoneKind.DATE)
    moment = datetime.fromisoformat(told["dateTime"]).replace(microsecond=0)
    named = text_of(told.get("timeZone"))
    zone = zones.resolve(named or calendar_zone or "", {})
    if moment.tzinfo is None:
        return zones.at_wall(moment, zone if named else zones.FLOATING)
    if zone.tz is None:  # a name that nobody knows, beside an offset: the instant is certain all the same
        offset = moment.strftime("%z")
        zone = zones.UTC_ZONE if offset == "+0000" and not named else zones.fixed_offset(offset[:5], named or None)
    return zones.at_instant(moment.astimezone(UTC), zone)


def _instant(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text_of(value)).astimezone(UTC).replace(microsecond=0)
    except ValueError:
        return None


def _address(value: object) -> str:
    address = text_of(value).strip().lower()
    return "" if address == _NOBODY else address


def _organizer(resource: Resource) -> Organizer | None:
    """Who the meeting is from. On a calendar that is nobody's own, that is whoever put it there."""
    organizer, creator = resource.get("organizer") or {}, resource.get("creator") or {}
    email, creator_email = _address(organizer.get("email")), _address(creator.get("email"))
    name = text_of(organizer.get("displayName"))
    if email.endswith(_GROUP_CALENDAR) and creator_email:
        return Organizer(email=creator_email, name=text_of(creator.get("displayName")))
    if not email and not name:
        return None
    return Organizer(email=email, name=name, sent_by=creator_email if creator_email != email else "")


def _attendees(resource: Resource) -> Iterator[Attendee]:
    for one in resource.get("attendees") or ():
        yield Attendee(
            email=_address(one.get("email")),
            name=text_of(one.get("displayName")),
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
    declared = [text_of(resource.get("hangoutLink")), *(text_of(one.get("uri")) for one in entries)]
    return find_links(declared, (text_of(resource.get("location")), text_of(resource.get("description"))))
