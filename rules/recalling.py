"""What the next skeleton opens with: what was advised in the last session, and what came of it.

The notes are the user's own. Nothing of them but advice to the user is ever repeated, and to the other person, who
gave it, only what has been ticked off or has an outcome: what is open may only not have been ticked off yet.
"""

from dataclasses import replace
from datetime import date, timedelta

from agendad.rules.policy import Party
from agendad.rules.relationship import Advice, Notes, SessionNotes
from agendad.rules.saying import spoken
from agendad.rules.text.skeleton import recalled

_MOST = 3
_OLD = timedelta(days=180)
"""After this long, advice is not news any more."""


def last_advice(notes: Notes, before: date) -> SessionNotes | None:
    """The last session before a day in which something was advised; None where there is none, or it is long ago."""
    found = (one for one in reversed(notes.sessions) if one.advice and one.day < before)
    last = next(found, None)
    return last if last is not None and before - last.day <= _OLD else None


def settled(notes: Notes) -> Notes:
    """The same without the advice that is still open."""
    sessions = (replace(one, advice=tuple(each for each in one.advice if not each.open)) for one in notes.sessions)
    return replace(notes, sessions=tuple(sessions))


def opening(notes: Notes | None, day: date, language: str, *, role: Party, to_me: bool) -> tuple[str, ...]:
    """The lines that a skeleton opens with, at most three, each one line; none for a mentor.

    Args:
        notes: the user's, None where none are kept.
        day: of the session that is to come.
        language: of the text.
        role: the user's.
        to_me: the text is for the user alone.
    """
    last = last_advice(notes, day) if notes is not None and role is Party.MENTEE else None
    if last is None:
        return ()
    told = sorted((one for one in last.advice if to_me or not one.open), key=_rank)[:_MOST]
    return tuple(recalled(spoken(language), one.text, outcome=one.outcome, done=one.done) for one in told)


def _rank(advice: Advice) -> int:
    """What something came of first, then what is done, then what is open."""
    return 0 if advice.outcome else 1 if advice.done else 2
