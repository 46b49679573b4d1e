"""Labelled bodies: what an invite may hold, and what a careful person says of it. See bodies/README.md."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from verdicts.outcome import Outcome

from agendad.providers.model import Attachment, Attendee, Event, EventTime, Organizer, ZoneKind
from agendad.rules.text.assessment import assess

FOLDER = Path(__file__).parent / "bodies"


def event_of(body: str | dict[str, Any]) -> Event:
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


def outcomes() -> Iterator[Outcome]:
    """The state that each body was labelled with, and is given."""
    for path in sorted(FOLDER.glob("*.yaml")):
        for verdicts, bodies in YAML(typ="safe").load(path.read_text(encoding="utf-8")).items():
            for body in bodies:
                found = assess(event_of(body))
                yield Outcome(
                    source=path.name,
                    what=str(body),
                    wanted=frozenset(verdicts.split("|")),
                    given=str(found.state),
                    why=f"{found.reason}: {found.deciding}",
                )
