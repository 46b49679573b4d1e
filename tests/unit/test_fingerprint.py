"""What counts as a human change of a body."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agendad.providers.model import Event, EventTime, ZoneKind
from agendad.rules.fingerprint import body_fingerprint, event_fingerprint
from agendad.rules.text import MARKER

_START = datetime(2026, 11, 24, 15, tzinfo=UTC)
_TIME = EventTime(wall=_START.replace(tzinfo=None), kind=ZoneKind.UTC, instant=_START)
_EVENT = Event(
    account="home", calendar="c", id="1", uid="u", start=_TIME, end=_TIME, text="Agenda:\n- thesis chapter 3"
)
_TEAMS = (
    "\n____________________\nMicrosoft Teams meeting\nJoin the meeting now<https://teams.microsoft.com/l/x>\n"
    "Meeting ID: 123\n____________________"
)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Agenda:\r\n\r\n  -  thesis chapter 3  ", ""),
        ("", "<p>Agenda:</p><ul><li>thesis <b>chapter</b>&nbsp;3</li></ul>"),
        (_EVENT.text, "<p>Agenda:</p><ul><li>thesis chapter 3</li></ul>"),
        (_EVENT.text + _TEAMS, ""),
        (f"{_EVENT.text}\n{MARKER} agenda pending", ""),
    ],
)
def test_fingerprint_stays_when_only_form_conference_or_our_lines_differ(text, html):
    assert body_fingerprint(replace(_EVENT, text=text, html=html)) == body_fingerprint(_EVENT)


def test_fingerprint_changes_when_a_person_rewrites_the_body():
    assert body_fingerprint(replace(_EVENT, text="Agenda:\n- thesis chapter 4")) != body_fingerprint(_EVENT)


def test_event_fingerprint_changes_when_the_start_moves():
    later = EventTime(
        wall=datetime(2026, 11, 25, 15, tzinfo=UTC).replace(tzinfo=None),
        kind=ZoneKind.UTC,
        instant=datetime(2026, 11, 25, 15, tzinfo=UTC),
    )
    assert event_fingerprint(replace(_EVENT, start=later)) != event_fingerprint(_EVENT)
