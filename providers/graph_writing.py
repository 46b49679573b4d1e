"""From a change record to one request to Graph, and what takes it back.

Cancelling and answering are actions of their own, with a comment that Exchange mails to those concerned. A PATCH of
a body must keep the block of the online meeting, or the meeting is disabled: the HTML is edited, never replaced.
Sources: https://learn.microsoft.com/graph/api/event-cancel, event-decline, event-tentativelyaccept, event-update.
"""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agendad.providers import zones
from agendad.providers.base import (
    Cancel,
    Change,
    Decline,
    Move,
    Patch,
    Propose,
    RestoreTo,
    Share,
    Tentative,
    Undo,
)
from agendad.providers.bodies import shows_block, with_lines, with_paragraphs
from agendad.providers.errors import ChangeRefused
from agendad.providers.graph_events import MARKS_PROPERTY, Resource, answer_of, instant_of, is_organizer, marks_of
from agendad.providers.model import Event
from agendad.providers.remote import NotOurs

_VERSION = 1
_LONGEST_MARKS = 1000
_ANSWERS = {"accepted": "accept", "tentativelyAccepted": "tentativelyAccept", "declined": "decline"}

_UNSEEN = re.compile(r"<!--.*?-->|<(head|style|script|title)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_LINK = re.compile(r"""<[^>]*?\b(?:href|src)\s*=\s*["']?([^"'\s>]*)[^>]*>""", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")

Body = dict[str, Any]
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One request. With an `action` it is `POST /events/{id}/{action}`, else a PATCH.

    `before` and `after` tell what it sets, for looking whether it was made and for taking it back.
    """

    action: str = ""
    body: Body
    before: Fields
    after: Fields
    undoes: bool = False

    @property
    def without_marks(self) -> Body:
        """The body for a server that keeps no extended properties."""
        return {name: value for name, value in self.body.items() if name != "singleValueExtendedProperties"}

    @property
    def undo(self) -> Undo | None:
        """What takes it back; None where nothing does."""
        if self.undoes or self.action == "cancel":
            return None
        return Undo(snapshot=json.dumps({"version": _VERSION, "before": self.before, "after": self.after}))


def write(resource: Resource, change: Change) -> Written:
    """The request that makes a change.

    Args:
        resource: the event as it was read just now, whole.
        change: what to do.

    Raises:
        NotOurs: only the organizer, or only a guest, can do this.
        ChangeRefused: what is to be undone is not known any more, or cannot be.
    """
    mine = is_organizer(resource)
    if isinstance(change, RestoreTo):
        return _restore(resource, change)
    if isinstance(change, Decline | Tentative | Propose):
        if mine:
            raise NotOurs("its organizer has no answer to give")
        return _answer(resource, change)
    if not mine:
        raise NotOurs("it is organized elsewhere, and a change to this copy would be seen by nobody else")
    match change:
        case Cancel():
            body = {"comment": change.message}
            return Written(action="cancel", body=body, before={"cancelled": False}, after={"cancelled": True})
        case Patch():
            fields = _patched(resource, change)
        case Move():
            fields = _with_lines_of(resource, change)
            fields["time"] = {side: _like(resource, side, getattr(change, side)) for side in ("start", "end")}
        case Share():
            raise NotOurs("Outlook cannot let guests change a meeting")
    return _patch(resource, {**fields, "marks": _with_mark(marks_of(resource), change.mark)})


def shows(resource: Resource | None, written: Written) -> bool:
    """Whether the event, as it stands (None: it is gone), has a write."""
    if resource is None:
        return written.action in ("cancel", "decline")
    if written.action == "cancel":
        return bool(resource.get("isCancelled"))
    told = {name: value for name, value in written.after.items() if name != "marks"}
    return all(_same(name, _state(resource, name), value) for name, value in told.items())


def has_lines(event: Event, patch: Patch) -> bool:
    """Whether the lines and labels of a patch are on an event, and what it takes away is not."""
    if patch.until is not None:
        return shows_block(event.text, event.html, patch)
    body = _in_one_line(html.unescape(event.html) + event.text)
    lines = all(_in_one_line(line) in body for line in patch.lines)
    labels = (patch.hold is None or patch.hold in event.categories) and patch.release not in event.categories
    return lines and labels and (bool(patch.lines) or _in_one_line(patch.marker) not in body)


def answer_before(undo: Undo) -> str | None:
    """The answer that taking a write back gives again; None where the write was no answer."""
    before, _ = _snapshot(undo)
    return str(before["answer"]) if "answer" in before else None


def harmed(before: Resource, after: Resource) -> bool:
    """Whether an online meeting that was there is there no more."""
    link = (before.get("onlineMeeting") or {}).get("joinUrl")
    return bool(before.get("isOnlineMeeting")) and (
        not after.get("isOnlineMeeting") or (after.get("onlineMeeting") or {}).get("joinUrl") != link
    )


def _answer(resource: Resource, change: Decline | Tentative | Propose) -> Written:
    action = "decline" if isinstance(change, Decline) else "tentativelyAccept"
    body: Body = {"comment": change.message, "sendResponse": True}
    if isinstance(change, Propose):
        if resource.get("allowNewTimeProposals") is False:
            raise NotOurs("its organizer takes no proposals of another time")
        start, end = change.slots[0]
        body["proposedNewTime"] = {"start": _at(start), "end": _at(end)}
    response = "declined" if action == "decline" else "tentativelyAccepted"
    return Written(action=action, body=body, before={"answer": _state(resource, "answer")}, after={"answer": response})


def _patch(resource: Resource, fields: Fields, *, undoes: bool = False) -> Written:
    body: Body = {}
    for name, value in fields.items():
        match name:
            case "html":
                body["body"] = {"contentType": "html", "content": value}
            case "text":
                body["body"] = {"contentType": "text", "content": value}
            case "marks":
                body["singleValueExtendedProperties"] = [{"id": MARKS_PROPERTY, "value": " ".join(value)}]
            case "time":
                body |= value
            case _:
                body[name] = value
    before = {name: _state(resource, name) for name in fields}
    return Written(body=body, before=before, after=fields, undoes=undoes)


def _state(resource: Resource, name: str) -> Any:  # JSON
    body = resource.get("body") or {}
    match name:
        case "html" | "text":
            return body.get("content") or ""
        case "categories":
            return list(resource.get("categories") or ())
        case "marks":
            return list(marks_of(resource))
        case "answer":
            return answer_of(resource) or "none"
        case "time":
            return {side: _like(resource, side, instant_of(resource[side])) for side in ("start", "end")}
        case _:
            return resource.get(name)


def _same(name: str, now: Any, told: Any) -> bool:  # JSON
    if name == "time":
        return all(instant_of(now[side]) == instant_of(told[side]) for side in ("start", "end"))
    if name == "html":
        return _as_seen(now) == _as_seen(told)
    if name == "text":
        return bool(now.split() == told.split())
    if name == "categories":
        return sorted(now) == sorted(told)
    return bool(now == told)


def _as_seen(markup: str) -> tuple[list[str], list[str]]:
    """The words and links of HTML: Exchange writes the markup around them its own way."""
    seen = _UNSEEN.sub(" ", markup)
    links = [html.unescape(link) for link in _LINK.findall(seen)]
    return html.unescape(_TAG.sub(" ", seen)).split(), links


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _at(instant: datetime) -> Body:
    return {"dateTime": instant.replace(tzinfo=None).isoformat(timespec="seconds"), "timeZone": "UTC"}


def _like(resource: Resource, side: str, instant: datetime) -> Body:
    """An instant in the zone that the meeting was made in, which a PATCH sets anew; in UTC where nobody knows it."""
    name = resource.get(f"original{side.capitalize()}TimeZone") or resource.get("originalStartTimeZone")
    zone = zones.resolve(name, {}) if isinstance(name, str) and name else zones.UTC_ZONE
    if zone.tz is None or zone.name in (None, "UTC"):
        return _at(instant)
    there = zones.at_instant(instant, zone).wall
    if zones.at_wall(there, zone).instant != instant:  # an hour that this zone has twice
        return _at(instant)
    return {"dateTime": there.isoformat(timespec="seconds"), "timeZone": name}


def _patched(resource: Resource, patch: Patch) -> dict[str, Any]:
    body = resource.get("body") or {}
    fields: dict[str, Any] = {}
    before = body.get("content") or ""
    if str(body.get("contentType") or "html").lower() == "text" and before.strip():
        lines = before.splitlines()
        told = with_lines(lines, patch)
        kind, after = "text", before if told == lines else "\n".join(told)
    else:
        kind, after = "html", with_paragraphs(before, patch)
    if after != before:
        if kind == "text" and resource.get("isOnlineMeeting"):
            raise NotOurs("its text was told without the markup that its online meeting depends on")
        fields[kind] = after
    labels = list(resource.get("categories") or ())
    kept = [label for label in labels if label != patch.release]
    if patch.hold is not None and patch.hold not in kept:
        kept.append(patch.hold)
    if kept != labels:
        fields["categories"] = kept
    return fields


def _with_lines_of(resource: Resource, move: Move) -> dict[str, Any]:
    """What the guests are to read about a move, where the body can be written without harm to an online meeting."""
    if not move.lines:
        return {}
    try:
        return _patched(resource, Patch(mark=move.mark, at=move.at, marker=move.marker, lines=move.lines))
    except NotOurs:
        return {}


def _with_mark(marks: tuple[str, ...], mark: str) -> list[str]:
    kept = [*marks, mark]
    while len(" ".join(kept)) > _LONGEST_MARKS:
        del kept[0]
    return kept


# taking back


def _restore(resource: Resource, change: RestoreTo) -> Written:
    """Field by field: what the write set goes back to what it was where nobody set it since."""
    before, after = _snapshot(change.undo)
    if ("answer" in after) == is_organizer(resource):
        raise NotOurs("it is organized elsewhere now")
    if "answer" in after:
        return _restore_answer(resource, str(before["answer"]), str(after["answer"]))
    fields: dict[str, Any] = {}
    for name, set_to in after.items():
        now = _state(resource, name)
        if name in ("marks", "categories"):
            fields[name] = _without(now, before[name], set_to)
        elif _same(name, now, set_to):
            fields[name] = before[name]
    changed = {name: value for name, value in fields.items() if value != _state(resource, name)}
    return _patch(resource, changed, undoes=True)


def _restore_answer(resource: Resource, before: str, set_to: str) -> Written:
    now = str(_state(resource, "answer"))
    if now != set_to or before == now:
        return Written(body={}, before={}, after={}, undoes=True)  # answered anew since: nothing of ours stands
    action = _ANSWERS.get(before)
    if action is None:
        raise ChangeRefused(
            "Outlook cannot take an answer back to none at all.",
            not_done="Your answer stays as it is.",
            next_step="Answer the invitation yourself.",
        )
    body = {"comment": "", "sendResponse": True}
    return Written(action=action, body=body, before={"answer": now}, after={"answer": before}, undoes=True)


def _without(now: list[str], before: list[str], after: list[str]) -> list[str]:
    """What was added goes, what was taken away comes back, and all else stays."""
    added, taken = set(after) - set(before), [one for one in before if one not in after]
    return [one for one in now if one not in added] + [one for one in taken if one not in now]


def _snapshot(undo: Undo) -> tuple[Fields, Fields]:
    try:
        told = json.loads(undo.snapshot)
        if told["version"] != _VERSION:
            raise KeyError(told["version"])  # noqa: TRY301 - told like any other text that is not ours
        before, after = dict(told["before"]), dict(told["after"])
        if before.keys() != after.keys() or not after:
            raise KeyError("before")  # noqa: TRY301
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ChangeRefused(
            "What was remembered of the change is not of this version.",
            not_done="Nothing was changed.",
            next_step="Change it back yourself.",
        ) from None
    return before, after
