"""Texts from the user's notes: the question after a session, and drafts of thanks, of a letter and of a first call.

A draft is never sent by agendad. It holds facts from the notes and, in brackets, places for the user to fill in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from jinja2 import BaseLoader

from agendad.rules import saying
from agendad.rules.messages import Message, first_name, worded
from agendad.rules.policy import Party, Person
from agendad.rules.relationship import Advice, Meeting, Notes, Relationship
from agendad.rules.text.untrusted import one_line

DRAFT_VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "reader": "first name of whom the text is for",
        "me": "the user's first name",
        "other": "the other person's first name",
        "my_name": "the user's whole name",
        "other_name": "the other person's whole name",
        "i_mentor": "true if the user is the mentor",
        "day": "the day of the last session on the user's clock, or an empty text",
        "next_day": "the day of the next session on the user's clock, or an empty text",
        "since": "the month of the first session that is known: December 2026; or an empty text",
        "sessions": "how many sessions are known to have been held",
        "advice": "what was advised and something came of, the newest first, each with .text, .outcome (it may be "
        "empty) and .done",
        "helped": "what the user noted to have helped, the newest first",
        "milestones": "what was reached, the newest first, each with .text and .month",
        "file": "the name of the file with the notes, or an empty text",
    }
)
"""What a template of these may use, name → meaning."""
PROMPT = "prompt.self"
_MOST = 5
_TEXT, _NAME = 200, 80


class Draft(StrEnum):
    """What can be drafted."""

    THANKS = "thanks"
    LETTER = "letter"
    FIRST_CALL = "first-call"

    @property
    def template(self) -> str:
        return f"draft.{self.value}"


TEMPLATES = (PROMPT, *(draft.template for draft in Draft))
"""The names of the templates, without a language."""


@dataclass(frozen=True, slots=True)
class _Reached:
    """A milestone, as a template sees it."""

    text: str
    month: str


def prompt_mail(
    relationship: Relationship, meeting: Meeting, *, file: str, overrides: BaseLoader | None = None
) -> Message:
    """Ask the user what was advised, or promised, in a session that was held.

    `file` is the name of the file with the notes, "" where none are kept.

    Raises:
        MessageTemplateError: the template is broken.
    """
    pair = relationship.mentorship
    me = pair.person(pair.my_role)
    facts = _facts(relationship, me, me, file) | {"day": _day(meeting, me, me.language)}
    return worded(PROMPT, me, facts, "mail", overrides)


def draft(
    what: Draft,
    relationship: Relationship,
    *,
    file: str,
    language: str = "",
    overrides: BaseLoader | None = None,
) -> Message:
    """Draft a text to the other person, or for a letter one to whoever reads it.

    Args:
        what: is drafted.
        relationship: the pair with the notes on it, if there are any.
        file: the name of the file with the notes, "" where none are kept.
        language: of the text; otherwise the other person's, and for a letter the user's.
        overrides: as for `agendad.rules.messages.compose`.

    Raises:
        MessageTemplateError: the template is broken.
    """
    pair = relationship.mentorship
    me = pair.person(pair.my_role)
    reader = me if what is Draft.LETTER else pair.other
    if language:
        reader = reader.model_copy(update={"language": language})
    fresh = what is Draft.THANKS
    return worded(what.template, reader, _facts(relationship, reader, me, file, fresh=fresh), "mail", overrides)


def first_known(relationship: Relationship) -> date | None:
    """The day of the first session that is known, from the calendars or the notes, on the user's clock."""
    pair = relationship.mentorship
    me = pair.person(pair.my_role)
    days = [_local(one, me).date() for one in relationship.held[:1]]
    noted = relationship.notes.sessions if relationship.notes else ()
    days += [one.day for one in noted if one.says_something][:1]
    return min(days, default=None)


def _facts(
    relationship: Relationship, reader: Person, me: Person, file: str, *, fresh: bool = False
) -> dict[str, Any]:  # what a template sees
    pair, language = relationship.mentorship, reader.language
    notes = relationship.notes or Notes()
    last = notes.thanked[-1] if fresh and notes.thanked else date.min
    since, noted = first_known(relationship), [one for one in notes.sessions if one.says_something]
    return {
        "reader": first_name(reader),
        "me": first_name(me),
        "other": first_name(pair.other),
        "my_name": one_line(me.name, _NAME),
        "other_name": one_line(pair.other.name, _NAME),
        "i_mentor": pair.my_role is Party.MENTOR,
        "day": _day(relationship.last, me, language),
        "next_day": _day(relationship.next, me, language),
        "since": saying.month(since, language) if since else "",
        "sessions": max(len(relationship.held), len(noted)),
        "advice": _newest([(one.day, each) for one in noted for each in one.advice if not each.open], last, _short),
        "helped": _newest([(one.day, each) for one in noted for each in one.helped], last, _said),
        "milestones": _newest(
            [(one.day, _Reached(_said(one.text), saying.month(one.day, language))) for one in notes.milestones], last
        ),
        "file": file,
    }


def _newest(dated: Sequence[tuple[date, Any]], after: date, shown: Any = lambda one: one) -> tuple[Any, ...]:
    """The newest few since a day; of all, where there is none since. What is in them has the caller's type."""
    recent = [one for day, one in dated if day > after] or [one for _, one in dated]
    return tuple(shown(one) for one in recent[: -_MOST - 1 : -1])


def _short(advice: Advice) -> Advice:
    return Advice(text=_said(advice.text), done=advice.done, outcome=_said(advice.outcome))


def _said(text: str) -> str:
    return one_line(text, _TEXT).rstrip(".。")


def _day(meeting: Meeting | None, me: Person, language: str) -> str:
    return saying.day(_local(meeting, me), language) if meeting else ""


def _local(meeting: Meeting, me: Person) -> datetime:
    return meeting.start.astimezone(me.zone_at(meeting.start) or UTC)
