"""An occurrence on a CalDAV server as it stands, and what its server makes of a change to it (RFC 6638)."""

from collections.abc import Collection
from dataclasses import dataclass

from agendad.providers.base import Cancel, Change, Decline, Move, Patch, Tentative
from agendad.providers.dav_http import DavHttp, Refused
from agendad.providers.dav_xml import ETAG
from agendad.providers.errors import AccountUnavailable, EventNotFound
from agendad.providers.icalendar_reading import address
from agendad.providers.icsediting import Lines
from agendad.providers.icsfiles import occurrence, read_file, teller
from agendad.providers.icsrewriting import Found, around
from agendad.providers.model import Event, Partstat, Status
from agendad.providers.remote import NotOurs

_BY_THE_SERVER = frozenset({"", "SERVER"})
"""SCHEDULE-AGENT (RFC 6638 §7.1)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An occurrence read afresh with the object that tells it, and the conditions of a write to that."""

    found: Found
    url: str
    etag: str
    schedule_tag: str


def look(http: DavHttp, url: str, event: Event) -> Standing:
    """The occurrence as it stands.

    Raises:
        EventNotFound: it is gone.
        AccountUnavailable: it could not be read.
    """
    etag = ""
    told = http.get(url)
    if not told.etag:  # before the object, so that a change in between is noticed by the server
        try:
            listed = http.propfind(url, (ETAG,))
        except Refused as error:
            raise http.cannot(error) from error
        etag = listed.members[0].text(ETAG) if listed.members else ""
        told = http.get(url)
    reading = read_file(told.content, event.source, event.account, event.calendar)
    drafts = [draft for draft in reading.drafts if draft.uid == event.uid]
    current = occurrence(drafts, event, around(event)) if drafts else None
    if current is None and reading.damaged:
        raise AccountUnavailable(
            f"{event.title!r} cannot be read any more at {http.host}.",
            not_done="The event was not read again.",
            next_step="Look at the problems reported for it, and repair it in your calendar program.",
        )
    if current is None:
        raise EventNotFound(
            f"{event.title!r} is no longer in {event.source}.",
            not_done="It was not read again.",
            next_step="The next sync will drop it.",
        )
    files = {event.source: (told.content, reading)}
    return Standing(Found(current, drafts, files), told.at, told.etag or etag, told.schedule_tag)


def is_harmless(before: Standing, now: Standing) -> bool:
    """Whether an object changed in nothing that a change to the occurrence depends on.

    Its siblings may have changed; so may, while the Schedule-Tag is the same, the answers of others (RFC 6638 §3.2.10).
    """
    if now.found.event.etag == before.found.event.etag:
        return True
    return bool(now.schedule_tag) and now.schedule_tag == before.schedule_tag


def check_server_tells(standing: Standing, change: Change, addresses: Collection[str]) -> None:
    """Whether the server will tell the others of a change that they have to hear of.

    Args:
        standing: the occurrence, on a server that sends invitations and answers itself.
        change: what is to be written.
        addresses: those under which the server knows the account's person.

    Raises:
        NotOurs: it will not, so that nobody would hear of it.
    """
    event = standing.found.event
    if not event.attendees or not isinstance(change, Cancel | Move | Decline | Tentative):
        return
    answers = isinstance(change, Decline | Tentative)
    mine = change.attendee if isinstance(change, Decline | Tentative) else event.organizer and event.organizer.email
    if (mine or "").lower() not in addresses:
        raise NotOurs(
            f"its server tells the others only what comes from {', '.join(sorted(addresses))}, and not from {mine}"
        )
    content, _ = standing.found.files[event.source]
    lines = Lines(content).component(teller(standing.found.drafts, event).line)[2]
    told = [item.read() for item in lines.all("ORGANIZER" if answers else "ATTENDEE")]
    agents = {one.params.get("SCHEDULE-AGENT", "").strip('"').upper() for one in told if address(one) != mine}
    if agents - _BY_THE_SERVER:
        raise NotOurs("another program than its server tells the others of changes to it (SCHEDULE-AGENT)")


def took(event: Event, change: Change) -> bool:
    """Whether a server made a change that it took: some pass over what they do not let a guest change."""
    match change:
        case Cancel():
            return event.status is Status.CANCELLED
        case Move():
            return (event.start.instant, event.end.instant) == (change.start, change.end)
        case Decline() | Tentative():
            wanted = Partstat.DECLINED if isinstance(change, Decline) else Partstat.TENTATIVE
            return any(one.email == change.attendee.casefold() and one.partstat is wanted for one in event.attendees)
        case Patch():
            return change.hold is None or change.hold in event.categories
        case _:
            return True
