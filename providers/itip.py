"""iTIP objects (RFC 5546): what calendars send each other by mail when no server does it for them.

One occurrence an object, made from the model: what is private to the user's own copy (alarms, notes of other
programs) never leaves. Times keep the zone they were written in, with its VTIMEZONE: some calendars match a
RECURRENCE-ID only in the form in which the series has its DTSTART.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, vCalAddress, vText
from icalendar import Event as Vevent

from agendad.providers.icalendar_reading import MARK
from agendad.providers.model import Attendee, Event, EventTime, Organizer, Sensitivity, Status, ZoneKind

_PRODID = "-//agendad//agendad//EN"
_A_YEAR = timedelta(days=366)


class Method(StrEnum):
    """What an object asks for. REQUEST and CANCEL are the organizer's, REPLY and COUNTER an attendee's."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    REPLY = "REPLY"
    COUNTER = "COUNTER"


def itip_object(
    method: Method,
    event: Event,
    *,
    at: datetime,
    me: str = "",
    comment: str = "",
    slot: tuple[datetime, datetime] | None = None,
) -> str:
    """One occurrence as an iTIP object: iCalendar text with CRLF, folded at 75 octets.

    Args:
        method: what it asks for.
        event: the occurrence as it stands after the change; a COUNTER leaves it as it is.
        at: DTSTAMP, aware UTC.
        me: the answering attendee's address, for REPLY and COUNTER.
        comment: words that go with the answer.
        slot: the time that a COUNTER proposes (§3.2.7), aware UTC.

    Raises:
        ValueError: there is no organizer to answer or to speak for, `me` is not invited, or a COUNTER has no slot.
    """
    if event.organizer is None or not event.organizer.email:
        raise ValueError("an iTIP object is from an organizer or to one")
    component = Vevent()
    component.add("UID", event.uid)
    component.add("DTSTAMP", at)
    component.add("SEQUENCE", event.sequence)
    component.add("ORGANIZER", _organizer(event.organizer), encode=False)
    if event.recurrence_id is not None:
        component.add("RECURRENCE-ID", _original_start(event))
    if method is Method.COUNTER:
        if slot is None:
            raise ValueError("a COUNTER proposes a time")
        component.add("DTSTART", _in_zone(slot[0], event.start))
        component.add("DTEND", _in_zone(slot[1], event.end))
    else:
        component.add("DTSTART", _written(event.start))
        component.add("DTEND", _written(event.end))
    if method in (Method.REPLY, Method.COUNTER):
        _answer(component, event, me, comment)
    else:
        _announce(component, event, method)
    if method is Method.REQUEST or event.sensitivity is Sensitivity.PUBLIC:
        component.add("SUMMARY", _clean(event.title))
    return _wrapped(method, component, event)


def _answer(component: Component, event: Event, me: str, comment: str) -> None:
    """The one who answers, and nobody else (§3.2.3)."""
    mine = next((attendee for attendee in event.attendees if attendee.email == me.lower()), None)
    if mine is None:
        raise ValueError(f"{me!r} is not invited, so there is no answer to give")
    component.add("ATTENDEE", _attendee(mine), encode=False)
    if comment:
        component.add("COMMENT", _clean(comment))


def _announce(component: Component, event: Event, method: Method) -> None:
    for attendee in event.attendees:
        if attendee.email:
            component.add("ATTENDEE", _attendee(attendee), encode=False)
    component.add("STATUS", Status.CANCELLED.value if method is Method.CANCEL else event.status.value)
    for mark in event.marks:
        component.add(MARK, mark)
    if method is Method.CANCEL:
        return
    component.add("CLASS", event.sensitivity.value)
    component.add("TRANSP", event.transparency.value)
    for name, text in (("DESCRIPTION", event.text), ("LOCATION", event.location), ("URL", event.url)):
        if text:
            component.add(name, _clean(text))
    if event.html:
        html = vText(_clean(event.html))
        html.params["FMTTYPE"] = "text/html"
        component.add("X-ALT-DESC", html, encode=False)
    if event.categories:
        component.add("CATEGORIES", [_clean(label) for label in event.categories])


def _wrapped(method: Method, component: Component, event: Event) -> str:
    calendar = Calendar()
    calendar.add("PRODID", _PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method.value)
    calendar.add_component(component)
    day = event.start.wall.date()
    calendar.add_missing_timezones(first_date=day - _A_YEAR, last_date=day + _A_YEAR)
    return str(calendar.to_ical().decode())


def _organizer(organizer: Organizer) -> vCalAddress:
    return _address(organizer.email, organizer.name, {"SENT-BY": organizer.sent_by and f"mailto:{organizer.sent_by}"})


def _attendee(attendee: Attendee) -> vCalAddress:
    return _address(
        attendee.email,
        attendee.name,
        {"CUTYPE": attendee.cutype.value, "ROLE": attendee.role.value, "PARTSTAT": attendee.partstat.value},
    )


def _address(email: str, name: str, parameters: dict[str, str]) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    if name:
        shown = _clean(name).replace('"', "'")
        address.params["CN"] = " ".join(re.sub(r"[\\^]", " ", shown).split())  # escapes to some readers, not to all
    address.params.update({key: value for key, value in parameters.items() if value})
    return address


def _original_start(event: Event) -> date | datetime:
    """RECURRENCE-ID in the form of DTSTART, as far as the id tells (RFC 5545 §3.8.4.4)."""
    written = event.recurrence_id or ""
    if written.endswith("Z"):
        return _in_zone(datetime.fromisoformat(written), event.start)
    if "T" in written:
        return datetime.fromisoformat(written)
    return date.fromisoformat(written)


def _written(time: EventTime) -> date | datetime:
    """A time the way the event has it; where only its instant is certain, in UTC."""
    if time.kind is ZoneKind.DATE:
        return time.wall.date()
    if time.instant is None:
        return time.wall
    return _in_zone(time.instant, time)


def _in_zone(instant: datetime, like: EventTime) -> datetime:
    """An aware time in the IANA zone of another, in UTC where that has none."""
    return instant.astimezone(ZoneInfo(like.zone)) if like.kind is ZoneKind.IANA and like.zone else instant


def _clean(text: str) -> str:
    """Without the control characters that content lines cannot hold (RFC 5545 §3.1)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in lines if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))
