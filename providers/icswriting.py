"""Changing one VEVENT of an .ics file: bytes to bytes, and every other byte stays.

Nothing is serialised anew. The file is cut into its content lines as they stand, folds, line ends and odd
spellings included; lines that change are written with RFC 5545's folding and escaping, lines that do not are
copied. A change to one occurrence of a series becomes an exception (RFC 5545 §3.8.4.4) beside its master.
"""

import base64
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

from agendad.providers import zones
from agendad.providers.base import Cancel, Change, Decline, Move, Patch, Propose, RestoreTo, Share, Tentative, Undo
from agendad.providers.bodies import with_lines, with_paragraphs
from agendad.providers.icalendar_reading import DATA_HTML, MARK, Draft, address, lasting, unescape
from agendad.providers.icsediting import EventLines, Item, Lines, Unwritable, escape, split_value, with_parameter
from agendad.providers.icslines import parse_property
from agendad.providers.model import Event, EventTime, Instance, Partstat

_VERSION = 1
_LINE_BREAK = re.compile(r"(?:[^\\]|\\[^nN])*+(\\[nN])?", re.DOTALL)
_COMMA = re.compile(r"(?:[^\\,]|\\.)*+(,)?", re.DOTALL)
_ZONE_SUFFIX = re.compile(r"\d(Z|[+-]\d{2}:?\d{2})?\s*$", re.IGNORECASE)
# What belongs to the series and not to one occurrence, and what agendad wrote elsewhere.
_OF_SERIES = frozenset({"RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID", MARK})
# Never set back beside somebody else's edit: revisions only grow (RFC 5546 §2.1.5).
_REVISION = frozenset({"SEQUENCE", "DTSTAMP", "LAST-MODIFIED"})
_TIMES = ("DTSTART", "DTEND", "DURATION")
"""Set back together or not at all."""
_ANSWERED = frozenset({Partstat.ACCEPTED, Partstat.TENTATIVE, Partstat.DECLINED})
_OURS = f";{MARK}=REPLY"
"""The parameter on a COMMENT of ours, so that the next answer replaces it."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A file's new bytes, and what takes the change back."""

    content: bytes
    undo: Undo


def revise(content: bytes, draft: Draft, event: Event, change: Change) -> Revision:
    """Make one change to one occurrence.

    Args:
        content: the file.
        draft: the component in it that tells the occurrence: itself, its exception, or its master, which is
            copied to a new exception and left as it is.
        event: the occurrence as it stands.
        change: any but `RestoreTo`, for which there is `restore`.

    Raises:
        Unwritable: nothing else must be touched, and that cannot be kept.
    """
    file = Lines(content)
    start, end, component = file.component(draft.line)
    named = component.first("UID")
    if named is None or unescape(named.read().value).strip() != event.uid:
        raise Unwritable("the event has no UID, by which it would be known after the change")
    if draft.run_on:
        raise Unwritable("its text runs on without folding, so it is not certain where it ends")
    inserted = event.instance is Instance.OCCURRENCE
    if draft.this_and_future or (draft.recurs and not inserted):
        raise Unwritable("the event stands for more than one occurrence")
    if inserted:
        _make_exception(component, draft, event)
        start = end = file.end_of_last(event.uid, draft.line)
    before = component.raw
    _carry_out(component, draft, event, change)
    after = component.raw
    snapshot = {"version": _VERSION, "inserted": inserted, "before": before, "after": after}
    snapshot["encoding"] = file.encoding
    return Revision(file.with_piece(start, end, after), Undo(snapshot=json.dumps(snapshot, ensure_ascii=False)))


def restore(content: bytes, draft: Draft, change: RestoreTo) -> bytes:
    """Take a change back; see `RestoreTo`. The content comes back as it is where there is nothing to take back.

    Raises:
        Unwritable: as for `revise`, or the snapshot is not from here.
    """
    try:
        shape = json.loads(change.undo.snapshot)
        before, after, inserted = str(shape["before"]), str(shape["after"]), bool(shape["inserted"])
        known = shape["version"] == _VERSION
    except (ValueError, TypeError, KeyError):
        known = False
    if not known:
        raise Unwritable("what was remembered of the change is not from this version")
    file = Lines(content, was=str(shape.get("encoding", "")))
    start, end, component = file.component(draft.line)
    if component.raw == after or _meanings(component) == _meanings(_components_of(after)):
        restored = "" if inserted and change.above is None else _revised(before, component, change)
    elif draft.recurs or draft.this_and_future:
        return content  # our exception is gone, and the series is not ours
    else:
        now = component.raw
        _merge_back(component, _components_of(before), _components_of(after))
        restored = component.raw if component.raw == now else _revised(component.raw, component, change)
    return file.with_piece(start, end, restored)


def _components_of(raw: str) -> EventLines:
    return Lines(raw.encode()).component(1)[2]


def _revised(restored: str, now: EventLines, change: RestoreTo) -> str:
    """What comes back, as a later revision than the guests were told; as it was where they need not be told."""
    if change.above is None or change.at is None:
        return restored
    component = _components_of(restored)
    numbers = [int(text.rpartition(":")[2]) for text in now.texts("SEQUENCE") if text.rpartition(":")[2].isdecimal()]
    component.put("SEQUENCE", str(max([change.above, *numbers]) + 1))
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        component.put(name, f"{change.at:%Y%m%dT%H%M%SZ}")
    return component.raw


def _merge_back(now: EventLines, before: EventLines, after: EventLines) -> None:
    """Set back each property that was changed and still holds what was written (a three-way merge)."""
    names = dict.fromkeys(item.name for item in (*before.items, *after.items) if item.name not in _REVISION | {""})
    if any(_meanings(now, name) != _meanings(after, name) for name in _TIMES):
        names = dict.fromkeys(name for name in names if name not in _TIMES)
    for name in names:
        old, new = before.texts(name), after.texts(name)
        gone, came = list((Counter(old) - Counter(new)).elements()), list((Counter(new) - Counter(old)).elements())
        for text in came:
            item = next((item for item in now.all(name) if _meaning(item.text) == _meaning(text)), None)
            instead = _counterpart(text, gone)
            if instead is not None:
                gone.remove(instead)
            if item is None:
                continue
            if instead is None:
                now.items.remove(item)
            else:
                now.write(item, instead)
        there = {_meaning(text) for text in now.texts(name)}
        for text in gone:
            if _meaning(text) not in there:
                now.add(text)


def _meaning(text: str) -> tuple[str, ...]:
    """A content line however it is spelled: servers write the lines of an object anew, in an order of their own."""
    read = parse_property(text, 0)
    return (read.name, read.value, *sorted(f"{name}={value}" for name, value in read.params.items()))


def _meanings(component: EventLines, name: str = "") -> list[tuple[str, ...]]:
    """Those of a component's lines, or of the lines of one name; what is no property stands for itself."""
    items = component.all(name) if name else component.items
    return sorted(_meaning(item.text) if item.name else ("", item.text) for item in items)


def _counterpart(text: str, gone: Sequence[str]) -> str | None:
    """Which of the lines that went stood where this one came: for people, the one with the same address."""
    value = parse_property(text, 0).value
    same = [other for other in gone if parse_property(other, 0).value == value]
    return next(iter(same or gone), None)


def _make_exception(component: EventLines, draft: Draft, event: Event) -> None:
    """Turn the lines of a master into an exception that says of one occurrence what the master says."""
    component.drop(_OF_SERIES)
    start = component.first("DTSTART")
    if start is None:
        raise Unwritable("the series has no DTSTART")
    head, value = split_value(start.text)
    original = _format(event.start.wall, value)
    params = head[len("DTSTART") :]
    component.write(start, head + original)
    end, duration = component.first("DTEND"), component.first("DURATION")
    if end is not None or event.end != _usual_end(draft, event):
        text = f"DTEND{params}{_format(zones.wall_in(event.end, draft.zone), value)}"
        if end is not None:
            component.write(end, text)
        else:
            component.add(text, after="DTSTART")
        if duration is not None:
            component.drop({"DURATION"})
    component.add(f"RECURRENCE-ID{params}{original}", after="UID")


def _usual_end(draft: Draft, event: Event) -> EventTime:
    """When the occurrence ends by the master's DURATION, or without one (RFC 5545 §3.6.1)."""
    whole_day = timedelta(days=event.all_day)
    return lasting(event.start, draft.zone, whole_day if draft.duration is None else draft.duration)


def _format(wall: datetime, like: str) -> str:
    """A DATE or DATE-TIME in the form of another one."""
    if "T" not in like.upper() and " " not in like.strip():
        return f"{wall:%Y%m%d}"
    suffix = _ZONE_SUFFIX.search(like)
    return f"{wall:%Y%m%dT%H%M%S}{(suffix and suffix[1]) or ''}"


def _carry_out(component: EventLines, draft: Draft, event: Event, change: Change) -> None:
    match change:
        case Cancel():
            component.put("STATUS", "CANCELLED")
            _comment(component, change.message)
        case Move():
            _move(component, draft, event, change)
            _comment(component, change.message)
        case Decline():
            _answer(component, {change.attendee.casefold()}, Partstat.DECLINED)
            _comment(component, change.message)
        case Tentative():
            _answer(component, {change.attendee.casefold()}, Partstat.TENTATIVE)
            _comment(component, change.message)
        case Patch():
            _patch(component, change)
        case Propose() | Share() | RestoreTo():
            raise Unwritable(f"a file cannot {change.kind}")
    if isinstance(change, Cancel | Move):
        # RFC 5546 §2.1.4: for times and STATUS. An answer, or a line of text, does not ask everybody again.
        component.put("SEQUENCE", str(event.sequence + 1))
    stamp = f"{change.at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    component.put("DTSTAMP", stamp)
    component.put("LAST-MODIFIED", stamp)
    component.add(f"{MARK}:{escape(change.mark)}")


def _comment(component: EventLines, message: str) -> None:
    """Words that go with the change (RFC 5545 §3.8.1.4): in the place of our last ones, beside anyone else's."""
    if not message.strip():
        return
    text = f"COMMENT{_OURS}:{escape(message)}"
    ours = next((item for item in component.all("COMMENT") if item.text.upper().startswith(f"COMMENT{_OURS}:")), None)
    if ours is not None:
        component.write(ours, text)
    else:
        component.add(text)


def _answer(component: EventLines, addresses: set[str], partstat: Partstat) -> None:
    for item in component.all("ATTENDEE"):
        if address(item.read()) in addresses:
            component.write(item, with_parameter(item.text, "PARTSTAT", partstat.value))


def _move(component: EventLines, draft: Draft, event: Event, change: Move) -> None:
    start, end, duration = (component.first(name) for name in ("DTSTART", "DTEND", "DURATION"))
    if start is None:
        raise Unwritable("the event has no DTSTART")
    head, value = split_value(start.text)
    form = _instant_form(head, value, draft.zone, (change.start, change.end))
    component.write(start, f"DTSTART{form(change.start)}")
    if end is not None:
        component.write(end, f"DTEND{form(change.end)}")
    elif duration is None:
        component.add(f"DTEND{form(change.end)}", after="DTSTART")
    elif (
        event.end.instant is None
        or event.start.instant is None
        or (change.end - change.start != event.end.instant - event.start.instant)
    ):
        component.write(duration, f"DURATION:{_duration(change.end - change.start)}")
    organizer = event.organizer.email if event.organizer else ""
    answered = {one.email for one in event.attendees if one.partstat in _ANSWERED and one.email != organizer}
    _answer(component, answered - {""}, Partstat.NEEDS_ACTION)


def _instant_form(head: str, like: str, zone: zones.Zone, instants: Iterable[datetime]) -> Callable[[datetime], str]:
    """How to write instants the way a DTSTART is written; in UTC where its zone's clocks do not tell them."""
    params = head[len("DTSTART") :]
    for instant in instants:
        wall = zones.at_instant(instant, zone).wall
        if zones.at_wall(wall, zone).instant != instant:
            return lambda moment: f":{moment:%Y%m%dT%H%M%SZ}"
    return lambda moment: params + _format(zones.at_instant(moment, zone).wall, like)


def _duration(length: timedelta) -> str:
    """In hours, minutes and seconds, which are exact across DST (RFC 5545 §3.3.6)."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "H"), (minutes, "M"), (seconds, "S"))
    return "PT" + "".join(f"{count}{unit}" for count, unit in parts if count)


def _patch(component: EventLines, change: Patch) -> None:
    texts, styled = component.all("DESCRIPTION"), []
    for item in component.items:
        if item.name in ("X-ALT-DESC", "STYLED-DESCRIPTION"):
            kind = item.read().params.get("FMTTYPE", "").partition(";")[0].strip().lower()
            if kind == "text/html":
                styled.append(item)
    for item in styled:
        head, value = split_value(item.text)
        component.write(item, head + with_paragraphs(value, change, escape))
    for item in texts[:1]:
        _patch_altrep(component, item, change)
        head, value = split_value(item.text)
        component.write(item, head + _patched_text(value, change))
    if change.lines and not texts and not styled:
        component.add(f"DESCRIPTION:{_patched_text('', change)}")
    if change.release is not None:
        _take_category(component, change.release)
    if change.hold is not None and change.hold not in _categories(component):
        component.add(f"CATEGORIES:{escape(change.hold)}")


def _cut(value: str, pattern: re.Pattern[str]) -> list[str]:
    """An escaped value in parts that are still escaped, each but the first beginning with what it was cut at."""
    parts: list[str] = []
    start = position = 0
    while (match := pattern.match(value, position)) is not None and match[1] is not None:
        parts.append(value[start : match.start(1)])
        start, position = match.start(1), match.end()
    return [*parts, value[start:]]


def _patched_text(value: str, change: Patch) -> str:
    """The escaped body after a patch, every line that stays with the escapes it had."""
    body, *more = _cut(value, _LINE_BREAK)
    parts = with_lines([body, *more], change, read=unescape, written=lambda line: "\\n" + escape(line))
    if parts and parts[0] is not body:  # then it begins with a line break
        parts = [f"\\n{part}" if part is body else part for part in parts]
        parts[0] = parts[0][2:]
    return "".join(parts)


def _patch_altrep(component: EventLines, item: Item, change: Patch) -> None:
    """HTML that DESCRIPTION carries in its ALTREP, as Thunderbird writes it."""
    reference = item.read().params.get("ALTREP", "")
    match = DATA_HTML.fullmatch(reference)
    if match is None:
        return
    head, encoded = reference[: match.start(2)], match[2]
    try:
        html = base64.b64decode(unquote(encoded)).decode() if match[1] else unquote(encoded, errors="strict")
    except ValueError:
        raise Unwritable("the event has a second body in HTML that cannot be read") from None
    patched = with_paragraphs(html, change)
    if patched != html:
        again = base64.b64encode(patched.encode()).decode() if match[1] else quote(patched, safe="!~*()")
        component.write(item, with_parameter(item.text, "ALTREP", f'"{head}{again}"'))


def _labels(value: str) -> list[str]:
    first, *more = _cut(value, _COMMA)
    return [first, *(part[1:] for part in more)]


def _categories(component: EventLines) -> list[str]:
    return [unescape(part).strip() for item in component.all("CATEGORIES") for part in _labels(item.read().value)]


def _take_category(component: EventLines, label: str) -> None:
    for item in component.all("CATEGORIES"):
        head, value = split_value(item.text)
        parts = _labels(value)
        kept = [part for part in parts if unescape(part).strip() != label]
        if not kept:
            component.items.remove(item)
        elif len(kept) != len(parts):
            component.write(item, head + ",".join(kept))
