"""What a calendar holds, in the terms of RFC 5545 and RFC 5546.

A leaf: no I/O, no rules, no vendor. Every provider maps its own shapes onto these records at its parse
boundary, so that nothing downstream knows a vendor's quirks. Records are frozen; times are either aware
UTC instants or wall-clock readings whose zone is said beside them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Status(StrEnum):
    """RFC 5545 §3.8.1.11."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


class Partstat(StrEnum):
    """RFC 5545 §3.2.12; what a provider does not know is NEEDS-ACTION, the RFC's default."""

    NEEDS_ACTION = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    TENTATIVE = "TENTATIVE"
    DELEGATED = "DELEGATED"


class Cutype(StrEnum):
    """RFC 5545 §3.2.3; an unheard-of value is UNKNOWN and treated as a person."""

    INDIVIDUAL = "INDIVIDUAL"
    GROUP = "GROUP"
    RESOURCE = "RESOURCE"
    ROOM = "ROOM"
    UNKNOWN = "UNKNOWN"


class Role(StrEnum):
    """RFC 5545 §3.2.16."""

    CHAIR = "CHAIR"
    REQUIRED = "REQ-PARTICIPANT"
    OPTIONAL = "OPT-PARTICIPANT"
    NON_PARTICIPANT = "NON-PARTICIPANT"


class Transparency(StrEnum):
    """RFC 5545 §3.8.2.7."""

    OPAQUE = "OPAQUE"
    TRANSPARENT = "TRANSPARENT"


class Sensitivity(StrEnum):
    """RFC 5545 §3.8.1.3 (CLASS). Anything but PUBLIC is never quoted."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"
    CONFIDENTIAL = "CONFIDENTIAL"


class ZoneKind(StrEnum):
    """How an event time is anchored.

    UTC: a `Z` time or a fixed offset. IANA: a name in the tz database, also one reached from a Windows
    name or a vendor's prefix. CUSTOM: known from the VTIMEZONE in the same object only. FLOATING: no zone
    at all (RFC 5545 §3.3.5 form 1). UNKNOWN: a zone was named and nobody knows it, so there is no instant.
    DATE: an all-day value.
    """

    UTC = "utc"
    IANA = "iana"
    CUSTOM = "custom"
    FLOATING = "floating"
    UNKNOWN = "unknown"
    DATE = "date"


class Irregularity(StrEnum):
    """A wall-clock reading that its zone skips (GAP) or has twice (OVERLAP)."""

    GAP = "gap"
    OVERLAP = "overlap"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTime:
    """One end of an event.

    `wall` is the naive clock reading as written (midnight for a DATE). `instant` is the aware UTC time, None
    for FLOATING, UNKNOWN and DATE. For a GAP or OVERLAP the instant is the one RFC 5545 §3.3.5 chooses:
    the offset before the gap, the first of the two.
    `zone` is the IANA name where there is one, `tzid` the name as it was written.
    """

    wall: datetime
    kind: ZoneKind
    instant: datetime | None = None
    zone: str | None = None
    tzid: str | None = None
    irregularity: Irregularity | None = None

    def __post_init__(self) -> None:
        if self.wall.tzinfo is not None:
            raise ValueError("EventTime.wall is a naive clock reading")
        has_instant = self.kind in (ZoneKind.UTC, ZoneKind.IANA, ZoneKind.CUSTOM)
        if has_instant != (self.instant is not None):
            raise ValueError(f"EventTime of kind {self.kind} {'needs' if has_instant else 'has no'} instant")
        if self.instant is not None and self.instant.utcoffset() != UTC.utcoffset(None):
            raise ValueError("EventTime.instant is in UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Organizer:
    """RFC 5545 §3.8.4.3. `email` is lower case without `mailto:`; "" where the address is no mail address."""

    email: str
    name: str = ""
    sent_by: str = ""
    """SENT-BY (§3.2.18), an assistant acting for the organizer; lower case, "" if absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """RFC 5545 §3.8.4.1. `email` as in `Organizer`."""

    email: str
    name: str = ""
    partstat: Partstat = Partstat.NEEDS_ACTION
    cutype: Cutype = Cutype.INDIVIDUAL
    role: Role = Role.REQUIRED
    sent_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConferenceLink:
    """A way to join. `product` is a lower-case name: teams, meet, zoom, webex, … or "other"."""

    url: str
    product: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """RFC 5545 §3.8.1.1. `url` is None for inline data, which is not kept."""

    url: str | None = None
    filename: str = ""
    media_type: str = ""


class Instance(StrEnum):
    """What an event is to its series."""

    SINGLE = "single"
    OCCURRENCE = "occurrence"
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One occurrence, as it stands in one calendar: a single event or one instance of a series.

    Series masters do not appear; a provider expands them. (`uid`, `recurrence_id`) names the occurrence
    everywhere, also in another person's calendar; (`account`, `calendar`, `id`) names this copy.
    """

    account: str
    calendar: str
    id: str
    uid: str
    recurrence_id: str | None = None
    """The original start: RFC 3339 in UTC, e.g. "2026-12-01T15:00:00Z". Where there is no instant: the wall
    clock without Z, or the bare date. None for a single event."""
    instance: Instance = Instance.SINGLE
    series: str = ""
    """The vendor's id of the series that an occurrence belongs to, where it has one of its own."""
    source: str = ""
    """Where a person would look: a file's path, or the vendor's web link."""
    etag: str = ""
    """Changes whenever this occurrence does, and not when only its siblings do."""
    sequence: int = 0
    status: Status = Status.CONFIRMED
    transparency: Transparency = Transparency.OPAQUE
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    organizer: Organizer | None = None
    attendees: tuple[Attendee, ...] = ()
    title: str = ""
    text: str = ""
    """The plain-text body (DESCRIPTION)."""
    html: str = ""
    """The HTML body (X-ALT-DESC, STYLED-DESCRIPTION), or ""."""
    body_readable: bool = True
    """False where the provider was not shown the body, or could not read it."""
    location: str = ""
    url: str = ""
    conference: tuple[ConferenceLink, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    categories: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    """Idempotency keys of what agendad wrote here (X-AGENDAD), oldest first."""
    start: EventTime
    end: EventTime
    created: datetime | None = None
    """Aware UTC, as are `modified` (LAST-MODIFIED) and `stamped` (DTSTAMP)."""
    modified: datetime | None = None
    stamped: datetime | None = None

    @property
    def all_day(self) -> bool:
        return self.start.kind is ZoneKind.DATE

    @property
    def in_series(self) -> bool:
        return self.instance is not Instance.SINGLE

    @property
    def key(self) -> tuple[str, str]:
        """(UID, RECURRENCE-ID or ""): the same for every copy of this occurrence."""
        return (self.uid, self.recurrence_id or "")
