"""From a change record to the body of one PATCH on a Google event, and what takes it back.

A PATCH merges objects, replaces arrays whole and deletes what is null; what it does not name stays: so nothing here
names conference data, attachments or reminders, and they are kept. DELETE has no body and tells no reason: an
occurrence is called off by status=cancelled, with the message in the description that its guests are sent.
Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/patch
"""

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

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
from agendad.providers.bodies import with_lines, with_paragraphs
from agendad.providers.errors import ChangeRefused
from agendad.providers.google_events import (
    LABELS,
    MARKS,
    PRIVATE,
    SEPARATORS,
    SHARED,
    Resource,
    has_details,
    held,
    is_markup,
    labels_of,
    marks_of,
    organizer_self,
    own_entry,
    spoken,
    spoken_marks,
    with_marks,
)
from agendad.providers.remote import NotOurs

_VERSION = 1
_LONGEST_PROPERTY = 1024
"""Characters of one extended property (Google's limit)."""
_LONGEST_DESCRIPTION = 8192
"""Characters that Google's own editor takes."""
_UNSEEN = frozenset({"marks", "labels", "guestsCanModify"})
"""What a write may set without a guest seeing a difference."""
_BLOCK_TAGS = ("<p", "<div", "<br", "<ul", "<ol", "<li", "<html", "<body", "<table")

Body = dict[str, Any]
Fields = Mapping[str, Any]
"""What a write sets, by name: JSON, None for what is not there. See `_state`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One PATCH. `body` is what is sent; `before` and `after` tell what it sets, for taking it back."""

    body: Body
    before: Fields
    after: Fields
    mark: str | None = None
    """What the change left on the event; None for taking one back."""

    @property
    def tells(self) -> bool:
        """Guests see the difference, so that they may be told of it."""
        return bool(self.after.keys() - _UNSEEN)

    @property
    def undo(self) -> Undo:
        return Undo(snapshot=json.dumps({"version": _VERSION, "before": self.before, "after": self.after}))


def write(resource: Resource, change: Change) -> Written:
    """The PATCH that makes a change.

    Args:
        resource: the event as it was read just now.
        change: what to do.

    Raises:
        NotOurs: only the organizer's calendar, or the guest's own, can do this.
        ChangeRefused: what is to be undone is not known any more.
    """
    if isinstance(change, RestoreTo):
        return _restore(resource, change)
    if isinstance(change, Decline | Tentative):
        return _answer(resource, change)
    if not organizer_self(resource):
        raise NotOurs("it is organized elsewhere, and a change to this copy would be seen by nobody else")
    fields: dict[str, Any] = {}
    match change:
        case Cancel():
            fields = {"status": "cancelled"}
            if change.message.strip():
                fields["description"] = _with_message(_description(resource), change.message)
        case Patch():
            fields = _patched(resource, change)
        case Move():
            fields = _moved(resource, change) | _with_lines_of(resource, change)
        case Share():
            fields = {"guestsCanModify": True}
        case Propose():
            raise AssertionError("a proposal is not among the capabilities")
    fields["marks"] = [*marks_of(resource), change.mark]
    return _written(resource, fields, mark=change.mark)


def without_properties(written: Written) -> Written:
    """The same for a guest who may keep no properties on their copy: the mark is a line of the answer."""
    body = {key: value for key, value in written.body.items() if key != "extendedProperties"}
    if written.mark is not None:
        (answer,) = body["attendees"]
        body["attendees"] = [answer | {"comment": with_marks(answer.get("comment"), [written.mark])}]
    return replace(written, body=body)


def shows(resource: Resource, written: Written) -> bool:
    """Whether the event, as it stands, has a write."""
    if not has_details(resource):
        return bool(written.after.get("status") == "cancelled" == resource.get("status"))
    if written.mark is not None:
        return written.mark in marks_of(resource)
    return all(_same(name, _state(resource, name), told) for name, told in written.after.items())


def _answer(resource: Resource, change: Decline | Tentative) -> Written:
    own = own_entry(resource)
    if own is None or str(own.get("email", "")).casefold() != change.attendee.casefold():
        raise NotOurs(f"this copy of the event is not the one of {change.attendee}")
    status = "declined" if isinstance(change, Decline) else "tentative"
    answer = {"responseStatus": status, "comment": change.message.strip() or spoken(resource)}
    return _written(resource, {"answer": answer, "marks": [*marks_of(resource), change.mark]}, mark=change.mark)


def _written(resource: Resource, fields: Fields, *, mark: str | None = None) -> Written:
    before = {name: _state(resource, name) for name in fields}
    return Written(body=_body(resource, fields), before=before, after=fields, mark=mark)


# the fields that a write may set, as they are told and as they are sent


def _state(resource: Resource, name: str) -> Any:  # JSON
    """What a field holds now."""
    match name:
        case "marks":
            return list(marks_of(resource))
        case "labels":
            return list(labels_of(resource))
        case "answer":
            own = own_entry(resource) or {}
            return {"responseStatus": own.get("responseStatus", "needsAction"), "comment": spoken(resource)}
        case "answers":
            return {
                one["email"]: one.get("responseStatus", "needsAction")
                for one in resource.get("attendees") or ()
                if one.get("email")
            }
        case "time":
            return {"start": _plain_time(resource["start"]), "end": _plain_time(resource["end"])}
        case "status":
            return resource.get("status", "confirmed")
        case "guestsCanModify":
            return bool(resource.get("guestsCanModify"))
        case _:
            return resource.get(name)


def _body(resource: Resource, fields: Fields) -> Body:
    body: Body = {}
    said = spoken_marks(resource)
    keeps = [mark for mark in said if mark in fields.get("marks", said)]
    if keeps != said and "answer" not in fields:  # a mark goes, and the answer that it is in stays
        fields = {**fields, "answer": _state(resource, "answer")}
    for name, value in fields.items():
        match name:
            case "marks":
                _set_property(resource, body, MARKS, [mark for mark in value if mark not in said])
            case "labels":
                _set_property(resource, body, LABELS, value)
            case "answer":
                own = own_entry(resource) or {}
                answer = {"email": own.get("email"), "responseStatus": value["responseStatus"]}
                comment = with_marks(value["comment"], keeps)
                if comment or own.get("comment"):
                    answer["comment"] = comment
                # Without attendeesOmitted the array would replace everybody else.
                body |= {"attendeesOmitted": True, "attendees": [answer]}
            case "answers":
                body["attendees"] = [_guest(one, value) for one in resource.get("attendees") or ()]
            case "time":
                body |= value
            case _:
                body[name] = value
    return body


_READ_ONLY = frozenset({"self", "organizer", "id", "asyncOperation"})


def _guest(entry: Resource, answers: Mapping[str, str]) -> Body:
    """A guest as the organizer sends them again: what only Google sets is left out."""
    kept = {key: value for key, value in entry.items() if key not in _READ_ONLY}
    status = answers.get(str(entry.get("email")))
    return kept | ({"responseStatus": status} if status else {})


def _set_property(resource: Resource, body: Body, name: str, wanted: Sequence[str]) -> None:
    """Each part stays on the side where it is. A new one is shared with the guests where the event is ours.

    What is shared is the organizer's: a guest writes beside it.
    """
    mine = organizer_self(resource)
    there = {side: held(resource, name, side) for side in (SHARED, PRIVATE)}
    for side in (SHARED, PRIVATE) if mine else (PRIVATE,):
        parts = [part for part in there[side] if part in wanted]
        if side == (SHARED if mine else PRIVATE):
            parts += [part for part in wanted if part not in there[SHARED] + there[PRIVATE]]
        if parts != there[side]:
            told = _joined(parts, SEPARATORS[name])
            body.setdefault("extendedProperties", {}).setdefault(side, {})[name] = told


def _joined(parts: Iterable[str], separator: str) -> str | None:
    """The parts, without the oldest where there is no room for all; None for none."""
    kept = list(parts)
    while len(separator.join(kept)) > _LONGEST_PROPERTY:
        del kept[0]
    return separator.join(kept) or None


def _plain_time(told: Resource) -> Body:
    return {key: told[key] for key in ("date", "dateTime", "timeZone") if told.get(key)}


# each change


def _description(resource: Resource) -> str:
    return resource.get("description") or ""


def _with_message(description: str, message: str) -> str:
    """The message, and below it what stood there: the guests' notice shows it from the top."""
    lines = message.strip().splitlines()
    if not is_markup(description):
        return ("\n".join(lines) + (f"\n\n{description}" if description else ""))[:_LONGEST_DESCRIPTION]
    new_line = "\n" if _has_lines(description) else "<br>"
    said = new_line.join(map(_as_html, lines))
    whole = f"{said}{new_line * 2}{description}"
    return whole if len(whole) <= _LONGEST_DESCRIPTION else said[:_LONGEST_DESCRIPTION]


def _patched(resource: Resource, patch: Patch) -> dict[str, Any]:
    labels = labels_of(resource)
    kept = [label for label in labels if label != patch.release]
    if patch.hold is not None and patch.hold not in kept:
        kept.append(patch.hold)
    fields: dict[str, Any] = {}
    before = _description(resource)
    after = _with_patch(before, patch)
    if len(after) > max(len(before), _LONGEST_DESCRIPTION):
        raise _refused(
            f"Its description would have {len(after)} characters, and Google takes {_LONGEST_DESCRIPTION}.",
            "Shorten the description.",
        )
    if after != before:
        fields["description"] = after or None
    if kept != list(labels):
        fields["labels"] = kept
    return fields


def _with_patch(description: str, patch: Patch) -> str:
    if not is_markup(description):
        return "\n".join(with_lines(description.split("\n"), patch))
    if _has_lines(description):
        return "\n".join(with_lines(description.split("\n"), patch, read=html.unescape, written=_as_html))
    return with_paragraphs(description, patch)


def _has_lines(markup: str) -> bool:
    """Plain lines with a link or a bold word in them: Google keeps their line ends."""
    return "\n" in markup and not any(tag in markup.lower() for tag in _BLOCK_TAGS)


def _as_html(text: str) -> str:
    return html.escape(text, quote=False)


def _moved(resource: Resource, move: Move) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "time": {"start": _at(move.start, resource["start"]), "end": _at(move.end, resource["end"])},
    }
    if _names_all_guests(resource):
        answers: dict[str, str] = _state(resource, "answers")
        people = {one["email"]: one for one in resource["attendees"]}
        fields["answers"] = {
            email: answer if people[email].get("organizer") or people[email].get("resource") else "needsAction"
            for email, answer in answers.items()
        }
    return fields


def _with_lines_of(resource: Resource, move: Move) -> dict[str, Any]:
    """What the guests are to read about a move, where there is room: Google's notice shows the description."""
    if not move.lines:
        return {}
    try:
        return _patched(resource, Patch(mark=move.mark, at=move.at, marker=move.marker, lines=move.lines))
    except ChangeRefused:
        return {}


def _names_all_guests(resource: Resource) -> bool:
    """Whether the array of guests can be sent again: it replaces the old one, and who is not in it is uninvited."""
    guests = resource.get("attendees") or ()
    return bool(guests) and all(one.get("email") for one in guests) and not resource.get("attendeesOmitted")


def _at(instant: datetime, like: Resource) -> Body:
    zone = like.get("timeZone")
    try:
        local = instant.astimezone(ZoneInfo(zone)) if zone else instant
    except (KeyError, ValueError, TypeError, OSError):  # a name of theirs that no database has; the offset says enough
        local = instant
    return {"dateTime": local.isoformat(timespec="seconds")} | ({"timeZone": zone} if zone else {})


# taking back


def _restore(resource: Resource, change: RestoreTo) -> Written:
    """Field by field: what the write set goes back to what it was where nobody set it since."""
    before, after = _snapshot(change.undo)
    if not has_details(resource):  # what Google keeps of a cancelled occurrence: nobody can have changed it since
        if after.get("status") != "cancelled":
            raise _refused("It has been cancelled since.", "Restore it in Google Calendar first.")
        told = {SHARED: {MARKS: _joined(after.get("marks", ()), SEPARATORS[MARKS])}}
        resource = {**resource, **_plain(after), "extendedProperties": told, "organizer": {"self": True}}
    if after.keys() - {"answer", "marks"} and not organizer_self(resource):
        raise NotOurs("it is organized elsewhere now")
    fields: dict[str, Any] = {}
    for name, set_to in after.items():
        now = _state(resource, name)
        if name in ("marks", "labels"):
            fields[name] = _without(now, before[name], set_to)
        elif name == "answers":
            back = {email: before[name].get(email) for email, told in now.items() if told == set_to.get(email)}
            fields[name] = now | {email: told for email, told in back.items() if told}
        elif _same(name, now, set_to):
            fields[name] = before[name]
    if ("time" in after and "time" not in fields) or not _names_all_guests(resource):
        fields.pop("answers", None)  # they were given for the time that stands now, or cannot be sent
    return _written(resource, {name: value for name, value in fields.items() if value != _state(resource, name)})


def _plain(fields: Fields) -> Fields:
    return {name: fields[name] for name in ("description", "status") if name in fields}


def _same(name: str, now: Any, told: Any) -> bool:  # JSON
    if name == "time":
        return all(_moment(now[side]) == _moment(told[side]) for side in ("start", "end"))
    if name == "answer":
        return bool(now["responseStatus"] == told["responseStatus"])
    if name == "description":
        return (now or "").rstrip() == (told or "").rstrip()
    return bool(now == told)


def _moment(told: Resource) -> object:
    """One point in time, in whatever zone Google tells it."""
    return datetime.fromisoformat(told["dateTime"]) if told.get("dateTime") else told.get("date")


def _without(now: list[str], before: list[str], after: list[str]) -> list[str]:
    """What was added goes, what was taken away comes back, and all else stays."""
    added, taken = set(after) - set(before), [one for one in before if one not in after]
    return [one for one in now if one not in added] + [one for one in taken if one not in now]


def _snapshot(undo: Undo) -> tuple[Fields, Fields]:
    try:
        told = json.loads(undo.snapshot)
        if told["version"] != _VERSION or not isinstance(told["before"], dict):
            raise KeyError(told["version"])  # noqa: TRY301 - told like any other text that is not ours
        before, after = dict(told["before"]), dict(told["after"])
        if before.keys() != after.keys() or not after:
            raise KeyError("before")  # noqa: TRY301
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _refused(
            "What was remembered of the change is not of this version.", "Change it back yourself."
        ) from None
    return before, after


def _refused(happened: str, next_step: str) -> ChangeRefused:
    return ChangeRefused(happened, not_done="The event was not changed.", next_step=next_step)
