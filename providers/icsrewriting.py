"""One object with a UID (a file, a CalDAV resource) before a change and after it, as a whole.

A series and its exceptions are one object (RFC 4791 §4.1), so a change to one occurrence writes all of it again. What
is to be written is read back before it is, so that nothing else than the occurrence can have changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agendad.providers.base import Change, Move, RestoreTo, Undo, Window
from agendad.providers.icalendar_reading import Draft
from agendad.providers.icsediting import Unwritable
from agendad.providers.icsfiles import FileReading, occurrence, read_file, teller
from agendad.providers.icswriting import restore, revise
from agendad.providers.model import Event, Instance


@dataclass(frozen=True, slots=True)
class Found:
    """An occurrence read afresh, all that is said of its UID, and the objects that say it, by their source."""

    event: Event
    drafts: list[Draft]
    files: Mapping[str, tuple[bytes, FileReading]]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What to write. `told` is the occurrence as it will be read then, None where there is nothing to write."""

    content: bytes
    told: Event | None
    undo: Undo | None = None


def rewrite(found: Found, change: Change) -> Rewritten:
    """The object that tells an occurrence, with one change made to it.

    Raises:
        Unwritable: it cannot be made without touching more.
    """
    event = found.event
    draft, (content, before) = teller(found.drafts, event), found.files[event.source]
    if before.damaged:
        raise Unwritable("parts of it cannot be read (`agendad lint` tells which)")
    undo: Undo | None = None
    if isinstance(change, RestoreTo):
        new = restore(content, draft, change)
    else:
        revision = revise(content, draft, event, change)
        new, undo = revision.content, revision.undo
    if new == content:
        return Rewritten(content, None)
    after = read_file(new, event.source, event.account, event.calendar)
    told = _foresee(found, before, after, draft)
    if not isinstance(change, Move | RestoreTo) and (told.start, told.end) != (event.start, event.end):
        raise Unwritable("the times of this occurrence cannot be written down as an exception's")
    return Rewritten(new, told, undo)


def _foresee(found: Found, before: FileReading, after: FileReading, draft: Draft) -> Event:
    """The occurrence as the object's new content will tell it.

    Raises:
        Unwritable: it would tell something else too.
    """
    event = found.event
    others = {one.template.etag for one in before.drafts} - {draft.template.etag}
    if event.instance is Instance.OCCURRENCE:
        others |= {draft.template.etag}
    now = {one.template.etag for one in after.drafts}
    if after.damaged or not others <= now or len(now - others) > 1:
        raise Unwritable("more than this event would have changed")
    drafts = [one for one in found.drafts if one.template.source != event.source]
    drafts += [one for one in after.drafts if one.uid == event.uid]
    told = occurrence(drafts, event, around(event))
    if told is None or told.source != event.source or told.etag == event.etag:
        raise Unwritable("another file says otherwise about this event")
    return told


def around(event: Event) -> Iterator[Window]:
    """Where to look for one occurrence: near its original start and where it was last seen, then further."""
    seen = event.start.instant or event.start.wall.replace(tzinfo=UTC)
    original = seen if event.recurrence_id is None else datetime.fromisoformat(event.recurrence_id)
    original = original.replace(tzinfo=UTC) if original.tzinfo is None else original.astimezone(UTC)
    for margin in (timedelta(days=2), timedelta(days=45), timedelta(days=400)):
        yield Window(min(original, seen) - margin, max(original, seen) + margin)
