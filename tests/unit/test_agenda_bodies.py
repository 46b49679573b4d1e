"""The labelled bodies: what the rule must get right, and how often. See tests/verdicts/bodies/README.md."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from agendad.providers.model import Attachment, Attendee, Event, EventTime, Organizer, ZoneKind
from agendad.rules.text.assessment import State, assess

_FOLDER = Path(__file__).parent.parent / "verdicts" / "bodies"
_FILES = {path: YAML(typ="safe").load(path.read_text("utf-8")) for path in sorted(_FOLDER.glob("*.yaml"))}
_BODIES = [
    pytest.param(verdicts, body, id=f"{path.stem}-{verdicts}-{str(body)[:40]!r}")
    for path, listed in _FILES.items()
    for verdicts, bodies in listed.items()
    for body in bodies
]


def _event(body):
    start = datetime(2026, 11, 24, 15, tzinfo=UTC)
    time = EventTime(wall=start.replace(tzinfo=None), kind=ZoneKind.UTC, instant=start)
    parts = {"text": body} if isinstance(body, str) else body
    return Event(
        account="home",
        calendar="c",
        id="1",
        uid="u",
        start=time,
        end=time,
        text=parts.get("text", ""),
        html=parts.get("html", ""),
        attachments=tuple(Attachment(filename=name) for name in parts.get("attachments", ())),
        organizer=Organizer(email="grace@example.org", name="Grace Hopper"),
        attendees=(Attendee(email="ada@example.org", name="Ada Lovelace"),),
    )


@pytest.mark.parametrize(("verdicts", "body"), _BODIES)
def test_body_is_judged_as_a_person_would_judge_it(verdicts, body):
    assert assess(_event(body)).state in verdicts.split("|")


def test_verdicts_in_the_files_are_known():
    assert {verdict for listed in _FILES.values() for key in listed for verdict in key.split("|")} == set(State)


def test_a_third_of_the_bodies_was_labelled_before_the_rule_saw_them():
    sizes = {path: sum(map(len, listed.values())) for path, listed in _FILES.items()}
    held = sum(size for path, size in sizes.items() if ".held." in path.name)
    assert held * 3 >= sum(sizes.values())
