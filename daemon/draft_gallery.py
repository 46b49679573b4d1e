"""The texts from a user's notes, in the situations that the gallery shows: the question after a session, the drafts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from jinja2 import BaseLoader

from agendad.rules.drafts import PROMPT, Draft, draft, prompt_mail
from agendad.rules.messages import Message
from agendad.rules.policy import Mentorship, Party, Person
from agendad.rules.relationship import Advice, Meeting, Milestone, Notes, Relationship, SessionNotes

_STARTS = (datetime(2026, 10, 8, 15, tzinfo=UTC), datetime(2026, 11, 19, 16, tzinfo=UTC))
_NEXT = datetime(2026, 12, 3, 16, tzinfo=UTC)
_NOTES = Notes(
    sessions=(
        SessionNotes(
            day=date(2026, 10, 8),
            advice=(
                Advice(text="give the talk at home first", done=True, outcome="three cuts, and no nerves"),
                Advice(text="ask Bob for a review", done=True),
            ),
            helped=("your list of questions for a review",),
        ),
        SessionNotes(day=date(2026, 11, 19), advice=(Advice(text="write the goals down"),)),
    ),
    milestones=(Milestone(day=date(2026, 11, 12), text="first talk at a meetup"),),
)


@dataclass(frozen=True, kw_only=True)
class DraftScene:
    """A text from the notes in a situation."""

    template: str
    i_mentor: bool
    noted: bool

    @property
    def title(self) -> str:
        who = "I am the mentor" if self.i_mentor else "I am the mentee"
        return f"{self.template}: {who}, {'with notes' if self.noted else 'without notes'}"


def draft_scenes() -> Iterator[DraftScene]:
    """The situations that differ in their words."""
    for name in (PROMPT, *(one.template for one in Draft)):
        for i_mentor in (False, True):
            for noted in (True, False):
                yield DraftScene(template=name, i_mentor=i_mentor, noted=noted)


def word_draft(scene: DraftScene, grace: Person, ada: Person, overrides: BaseLoader | None = None) -> Message:
    """The text of a scene; Grace is the user."""
    mentor, mentee = (grace, ada) if scene.i_mentor else (ada, grace)
    role = Party.MENTOR if scene.i_mentor else Party.MENTEE
    held = tuple(Meeting(start=one, end=one + timedelta(minutes=30), uid="1", held=True) for one in _STARTS)
    pair = Relationship(
        mentorship=Mentorship(name="grace-ada", mentor=mentor, mentee=mentee, my_role=role),
        held=held if scene.noted else (),
        coming=(Meeting(start=_NEXT, end=_NEXT + timedelta(minutes=30), uid="1"),) if scene.noted else (),
        notes=_NOTES if scene.noted else None,
    )
    file = "grace-ada.md" if scene.noted else ""
    if scene.template == PROMPT:
        return prompt_mail(pair, held[-1], file=file, overrides=overrides)
    what = next(one for one in Draft if one.template == scene.template)
    return draft(what, pair, file=file, overrides=overrides)
