"""From a journalled action to the change record that a calendar takes, and back."""

from datetime import datetime

from agendad.daemon.journal import ActionRow
from agendad.providers.base import Cancel, Change, Decline, Move, Patch, Propose, RestoreTo, Tentative
from agendad.providers.model import Event
from agendad.rules import agenda_file
from agendad.rules.policy import Action, Policy
from agendad.rules.roles import Effect
from agendad.rules.text import MARKER, SKELETON
from agendad.rules.text.skeleton import is_recalled
from agendad.rules.text.wrapping import joined

_LABELS = {"agenda": "agenda pending"}
_OTHER_LABEL = "on hold"


def change_for(action: ActionRow, event: Event, policy: Policy, mark: str, now: datetime) -> Change:
    """What an effect other than RESTORE writes. `now` is aware UTC."""
    message = action.said.body if action.said else ""
    match Effect(action.effect):
        case Effect.CANCEL:
            return Cancel(mark=mark, at=now, message=message)
        case Effect.DECLINE:
            return Decline(mark=mark, at=now, attendee=my_address(event, policy), message=message)
        case Effect.TENTATIVE:
            return Tentative(mark=mark, at=now, attendee=my_address(event, policy), message=message)
        case Effect.PROPOSE:
            mine = my_address(event, policy)
            return Propose(mark=mark, at=now, attendee=mine, slots=action.slots, message=message)
        case Effect.MOVE:
            start, end = action.slots[0]
            lines = _paragraphs(message)
            return Move(mark=mark, at=now, start=start, end=end, message=message, marker=MARKER, lines=lines)
        case Effect.PATCH if action.rung == Action.HOLD:
            label = _label(action.rule)
            subject = action.said.subject if action.said else label
            lines = (f"{_hold_marker(label)} {subject}",)
            return Patch(mark=mark, at=now, marker=_hold_marker(label), lines=lines, hold=label)
        case Effect.PATCH if action.from_file:
            return block_patch(mark, now, action.said.block if action.said else ())
        case Effect.PATCH:
            return Patch(mark=mark, at=now, marker=MARKER, lines=_patch_lines(action, message), replace=False)
        case effect:
            raise AssertionError(f"{effect} writes nothing")


def block_patch(mark: str, now: datetime, lines: tuple[str, ...]) -> Patch:
    """What puts a block in the place of the one that stands; without lines it takes that away."""
    return Patch(mark=mark, at=now, marker=agenda_file.BEGIN, until=agenda_file.END, lines=lines)


def undoing_of(action: ActionRow, event: Event, mark: str, now: datetime) -> Change | None:
    """What takes an earlier write back; None where what was before is not known.

    A hold on my own event goes line by line, as an agenda has usually been written beside it since.
    """
    if action.effect == Effect.PATCH and action.rung == Action.HOLD:
        label = _label(action.rule)
        return Patch(mark=mark, at=now, marker=_hold_marker(label), release=label)
    if action.undo is None:
        return None
    if action.effect in (Effect.CANCEL, Effect.MOVE):
        told = max(event.sequence, action.revision or 0)
        return RestoreTo(undo=action.undo, above=told, at=now)
    return RestoreTo(undo=action.undo)


def my_address(event: Event, policy: Policy) -> str:
    """The address under which the event knows the user, else the user's first."""
    seen = [attendee.email for attendee in event.attendees if policy.me.has(attendee.email)]
    if event.organizer and policy.me.has(event.organizer.email):
        seen.insert(0, event.organizer.email)
    return seen[0] if seen else policy.me.emails[0]


def _label(rule: str) -> str:
    return _LABELS.get(rule, _OTHER_LABEL)


def _hold_marker(label: str) -> str:
    return f"{MARKER} {label}:"


def _paragraphs(message: str) -> tuple[str, ...]:
    """A text as lines for an event's body, one a paragraph, each marked as ours."""
    paragraphs = (joined(text.split("\n")) for text in message.split("\n\n"))
    return tuple(f"{MARKER} {text}" for text in paragraphs if text.strip())


def _patch_lines(action: ActionRow, message: str) -> tuple[str, ...]:
    """Every line is marked as ours but those of the skeleton: people fill them in, and they are theirs then."""
    language = action.said.language if action.said else "en"
    skeleton = set(SKELETON.get(language, "").splitlines()) if action.rule == "agenda" else set()

    def to_fill_in(line: str) -> bool:
        return bool(skeleton) and (line in skeleton or (line.startswith("- ") and is_recalled(line[2:])))

    lines = (line.strip() for line in message.splitlines())
    return tuple(line if to_fill_in(line) else f"{MARKER} {line}" for line in lines if line)
