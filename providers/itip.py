"""An event as an iTIP object (RFC 5546), the calendar part of a mail to its guests or its organizer.

What mail programs ask for, beyond the RFC: Exchange and Outlook need one ORGANIZER and the ATTENDEEs as `mailto:`,
a VTIMEZONE for each TZID, and in a REPLY or COUNTER the one ATTENDEE who answers. A RECURRENCE-ID is looked up by
some servers as it is written, so it is in the series' zone and not in UTC. Exchange takes the words that go with a
REPLY or COUNTER from COMMENT, those of anything else from DESCRIPTION ([MS-OXCICAL] §2.1.3.1.1.20.5, .11), and a
COUNTER for a proposal only with the original times in X-MS-OLK-ORIGINALSTART and -END (§2.1.3.1.1.20.59).
"""

import re
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from urllib.parse import quote

import icalendar
from icalendar import Parameters, vCalAddress, vDate, vDatetime, vText, vUri

from agendad.providers import zones
from agendad.providers.icalendar_reading import MARK
from agendad.providers.icsediting import escape
from agendad.providers.model import (
    Attendee,
    Cutype,
    Event,
    EventTime,
    Organizer,
    Partstat,
    Sensitivity,
    Transparency,
    ZoneKind,
)
from agendad.providers.vtimezones import vtimezone

PRODID = "-//agendad//agendad//EN"

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
"""What some program takes for the end of a line."""
_REFUSED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_IN_ADDRESS = "@!$'()*+,"
"""What RFC 6068 §2 lets a mailto address hold as it is, besides letters, digits and `-._~`."""
_IN_URI = ":/?#[]@!$&'()*+,;=%~"


class Method(StrEnum):
    """RFC 5546 §1.4: the organizer's REQUEST and CANCEL, an attendee's REPLY and COUNTER."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    REPLY = "REPLY"
    COUNTER = "COUNTER"

    @property
    def answers(self) -> bool:
        """Whether an attendee says it to the organizer."""
        return self in (Method.REPLY, Method.COUNTER)


def itip_object(
    method: Method,
    event: Event,
    *,
    at: datetime,
    me: str = "",
    comment: str = "",
    slot: tuple[datetime, datetime] | None = None,
) -> str:
    """The calendar object that tells others of one occurrence; lines end in CRLF.

    Private events are told in full by a REQUEST alone: its readers have been invited to them already.

    Args:
        method: what is told.
        event: the occurrence as it stands after the write: its SEQUENCE, times and answers are told as they are.
        at: when it is told (DTSTAMP), aware UTC.
        me: the answering attendee's address, for a REPLY or COUNTER.
        comment: the words that go with it.
        slot: the proposed (start, end) of a COUNTER, aware UTC.

    Raises:
        ValueError: the event has no organizer with a mail address, `me` is not among its attendees, or an
            argument is missing, in vain or not in UTC.
    """
    organizer = _organizer(event)
    _check(method, at, slot)
    told = icalendar.Event()
    times = _Times()
    told.add("UID", _text(event.uid))
    if event.recurrence_id is not None:
        told.add("RECURRENCE-ID", times.original(event.recurrence_id, event.start))
    told.add("SEQUENCE", event.sequence)
    told.add("DTSTAMP", at)
    _add_times(told, times, event, slot)
    told.add("ORGANIZER", _person(organizer))
    for attendee in (_answering(event, me),) if method.answers else event.attendees:
        if attendee.email:  # the others cannot be told by mail
            told.add("ATTENDEE", _attendee(attendee, ask=method is Method.REQUEST))
    _add_content(told, method, event, comment)
    calendar = icalendar.Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method.value)
    for name, instants in times.zones.items():
        calendar.add_component(vtimezone(name, instants))
    calendar.add_component(told)
    written: bytes = calendar.to_ical(sorted=False)
    return written.decode()


def _check(method: Method, at: datetime, slot: tuple[datetime, datetime] | None) -> None:
    if any(moment.utcoffset() != timedelta(0) for moment in (at, *(slot or ()))):
        raise ValueError("an iTIP object is stamped, and a slot proposed, in aware UTC")
    if (slot is not None) != (method is Method.COUNTER):
        raise ValueError("a COUNTER proposes a slot, and nothing else does")
    if slot is not None and slot[0] >= slot[1]:
        raise ValueError("a meeting ends after it starts")


def _organizer(event: Event) -> Organizer:
    if event.organizer is None or not event.organizer.email:
        raise ValueError("an event without an organizer's mail address has nobody to tell of it or to answer to")
    return event.organizer


def _answering(event: Event, me: str) -> Attendee:
    address = me.strip().casefold()
    for attendee in event.attendees:
        if address and attendee.email.casefold() == address:
            return attendee
    raise ValueError(f"{me!r} is not among the attendees, so there is no answer to give")


class _Times:
    """Writes times. `zones` are those that need a VTIMEZONE, each with the instants it must be true of."""

    def __init__(self) -> None:
        self.zones: dict[str, list[datetime]] = {}

    def of(self, time: EventTime) -> vDate | vDatetime:
        """As the event has it: an unknown zone keeps its name, as guests have it too, and is not defined."""
        if time.kind is ZoneKind.DATE:
            return _date(time.wall.date())
        if time.instant is not None:
            return self.instant(time.instant, time)
        return _wall(time.wall, _line(time.tzid or ""))

    def instant(self, instant: datetime, like: EventTime) -> vDatetime:
        """In the zone of another time; in UTC where that has none of the tz database, or its clocks do not tell."""
        zone = zones.resolve(like.zone, {}) if like.kind is ZoneKind.IANA and like.zone else zones.UTC_ZONE
        if zone.kind is not ZoneKind.IANA or zone.name is None:
            return vDatetime(instant.astimezone(UTC))
        wall = zones.at_instant(instant, zone).wall
        if zones.at_wall(wall, zone).instant != instant:
            return vDatetime(instant.astimezone(UTC))
        self.zones.setdefault(zone.name, []).append(instant)
        return _wall(wall, zone.name)

    def original(self, recurrence_id: str, start: EventTime) -> vDate | vDatetime:
        """RECURRENCE-ID in the zone of the start, which is the series' zone unless somebody moved this occurrence."""
        if "T" not in recurrence_id:
            return _date(date.fromisoformat(recurrence_id))
        original = datetime.fromisoformat(recurrence_id)
        if original.tzinfo is not None:
            return self.instant(original.astimezone(UTC), start)
        return _wall(original, _line(start.tzid or "") if start.kind is ZoneKind.UNKNOWN else "")


def _date(day: date) -> vDate:
    return vDate(day, params={"VALUE": "DATE"})


def _wall(wall: datetime, tzid: str) -> vDatetime:
    written = vDatetime(wall)
    if tzid:
        written.params["TZID"] = tzid
    return written


def _add_times(told: icalendar.Event, times: _Times, event: Event, slot: tuple[datetime, datetime] | None) -> None:
    if slot is not None:
        told.add("DTSTART", times.instant(slot[0], event.start))
        told.add("DTEND", times.instant(slot[1], event.start))
        told.add("X-MS-OLK-ORIGINALSTART", times.of(event.start))
        told.add("X-MS-OLK-ORIGINALEND", times.of(event.end))
        return
    told.add("DTSTART", times.of(event.start))
    if _has_length(event):  # RFC 5545 §3.8.2.2: DTEND is later than DTSTART
        told.add("DTEND", times.of(event.end))


def _has_length(event: Event) -> bool:
    start, end = event.start, event.end
    if start.instant is not None and end.instant is not None:
        return end.instant > start.instant
    return end.wall > start.wall or end.tzid != start.tzid


class _Quoted(Parameters):
    """A name with a backslash is quoted too: outside of quotes some readers, the library as well, see an escape."""

    quote_also = {"CN": " '\\", "FILENAME": "\\"}  # noqa: RUF012 - as the library declares it


def _person(person: Organizer | Attendee) -> vCalAddress:
    written = vCalAddress(_mailto(person.email))
    written.params = _Quoted()
    if name := _line(person.name):
        written.params["CN"] = name
    if person.sent_by:
        written.params["SENT-BY"] = _mailto(person.sent_by)
    return written


def _attendee(attendee: Attendee, *, ask: bool) -> vCalAddress:
    written = _person(attendee)
    if attendee.cutype is not Cutype.INDIVIDUAL:
        written.params["CUTYPE"] = attendee.cutype.value
    written.params["ROLE"] = attendee.role.value
    written.params["PARTSTAT"] = attendee.partstat.value
    if ask and attendee.partstat is Partstat.NEEDS_ACTION:
        written.params["RSVP"] = "TRUE"  # without it no program offers to answer
    return written


def _add_content(told: icalendar.Event, method: Method, event: Event, comment: str) -> None:
    open_to_all = event.sensitivity is Sensitivity.PUBLIC
    if not open_to_all:
        told.add("CLASS", event.sensitivity.value)
    if event.title and (open_to_all or method is Method.REQUEST):
        told.add("SUMMARY", _text(event.title))
    if method is Method.REQUEST:
        _add_body(told, event)
        told.add("STATUS", event.status.value)
    elif method is Method.CANCEL:
        if comment and open_to_all:
            told.add("DESCRIPTION", _text(comment))
        told.add("STATUS", "CANCELLED")
    if comment:
        told.add("COMMENT", _text(comment))
    for mark in () if method.answers else event.marks:
        told.add(MARK, _text(mark))


def _add_body(told: icalendar.Event, event: Event) -> None:
    """What a REQUEST leaves out, its readers' calendars lose."""
    for name, text in (("DESCRIPTION", event.text), ("LOCATION", event.location)):
        if text:
            told.add(name, _text(text))
    if event.html:
        html = _text(event.html)
        html.params["FMTTYPE"] = "text/html"
        told.add("X-ALT-DESC", html)
    if event.url:
        told.add("URL", _uri(event.url))
    if event.categories:
        told.add("CATEGORIES", _Escaped(",".join(escape(_tidy(name)) for name in event.categories)))
    if event.transparency is not Transparency.OPAQUE:
        told.add("TRANSP", event.transparency.value)
    shown = f"{event.location}\n{event.url}\n{event.text}\n{event.html}"
    for link in event.conference:
        if link.url not in shown:
            told.add("CONFERENCE", _uri(link.url, {"VALUE": "URI"}))  # RFC 7986 §5.11
    for attachment in event.attachments:
        if attachment.url is not None:
            named = {"FMTTYPE": _line(attachment.media_type), "FILENAME": _line(attachment.filename)}
            told.add("ATTACH", _uri(attachment.url, {key: value for key, value in named.items() if value}))


class _Escaped(vText):
    r"""Text that is escaped already: the library's own escaping takes the two characters `\N` for a line break."""

    def to_ical(self) -> bytes:
        return self.encode()


def _text(text: str) -> _Escaped:
    return _Escaped(escape(_tidy(text)))


def _uri(uri: str, params: dict[str, str] | None = None) -> vUri:
    written = vUri(quote(_line(uri), safe=_IN_URI))
    written.params = _Quoted(params or {})
    return written


def _mailto(address: str) -> str:
    return "mailto:" + quote(_line(address), safe=_IN_ADDRESS)


def _tidy(text: str) -> str:
    return _REFUSED.sub("", _BREAKS.sub("\n", text))


def _line(text: str) -> str:
    """Text on one line, for a parameter or an address."""
    return _tidy(text).replace("\n", " ").replace("\t", " ").strip()
