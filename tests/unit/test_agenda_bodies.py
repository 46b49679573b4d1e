"""The labelled bodies: what the rule must get right, and how often."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from agendad.providers.model import Attendee, Event, EventTime, Organizer, ZoneKind
from agendad.rules.text.assessment import assess

_FOLDER = Path(__file__).parent.parent / "verdicts" / "bodies"


def _bodies(pattern):
    for path in sorted(_FOLDER.glob(pattern)):
        for state, bodies in YAML(typ="safe").load(path.read_text("utf-8")).items():
            for body in bodies:
                yield pytest.param(state, body, id=f"{path.stem}-{state}-{body[:40]!r}")


def _event(body):
    start = datetime(2026, 11, 24, 15, tzinfo=UTC)
    time = EventTime(wall=start.replace(tzinfo=None), kind=ZoneKind.UTC, instant=start)
    return Event(
        account="home",
        calendar="c",
        id="1",
        uid="u",
        start=time,
        end=time,
        text=body,
        organizer=Organizer(email="grace@example.org", name="Grace Hopper"),
        attendees=(Attendee(email="ada@example.org", name="Ada Lovelace"),),
    )


@pytest.mark.parametrize(("state", "body"), list(_bodies("*.yaml")))
def test_body_is_judged_as_a_person_would_judge_it(state, body):
    assert assess(_event(body)).state == state
