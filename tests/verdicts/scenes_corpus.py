"""Labelled scenes: titles, bodies and guest lists as people write them, and whose session each is.

`is` names a mentorship, "undeclared" or "none"; `topic` tells whether something on the event says mentoring.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from verdicts.outcome import Outcome

from agendad.providers.model import (
    Attendee,
    Cutype,
    Event,
    EventTime,
    Organizer,
    Partstat,
    Role,
    Sensitivity,
    Status,
    ZoneKind,
)
from agendad.rules.base import Detection
from agendad.rules.detect import detect
from agendad.rules.policy import DetectionOptions, Mentorship, Party, Person, Policy

FOLDER = Path(__file__).parent / "scenes"

ADA = Person(name="Ada Lovelace", emails=("ada@home.example", "ada@work.example"))
GRACE = Person(name="Grace Hopper", emails=("grace@navy.example", "grace@univ.example"))
KATE = Person(name="Katherine Johnson", emails=("kate@nasa.example",))
LINUS = Person(name="Linus Torvalds", emails=("linus@kernel.example",))
POLICY = Policy(
    me=ADA,
    mentorships=(
        Mentorship(name="grace-ada", mentor=GRACE, mentee=ADA, my_role=Party.MENTEE),
        Mentorship(
            name="kate",
            mentor=KATE,
            mentee=ADA,
            my_role=Party.MENTEE,
            match=("orbit hour",),
            series=("confirmed-kate",),
        ),
        Mentorship(name="linus", mentor=ADA, mentee=LINUS, my_role=Party.MENTOR),
    ),
    detection=DetectionOptions(keywords=("growth chat",), ignore=("private",)),
    rules={},
)

ADDRESSES = {
    "me": ADA.emails[0],
    "me2": "Ada@Work.Example",
    "grace": GRACE.emails[0],
    "grace2": GRACE.emails[1],
    "kate": KATE.emails[0],
    "katherine-upper": "KATE@NASA.EXAMPLE",
    "linus": LINUS.emails[0],
    "room": "room@c.resource.calendar.google.com",
    "resource": "beamer@work.example",
    "calendar": "team@group.calendar.google.com",
    "list": "everyone@work.example",
}
CUTYPES = {"room": Cutype.ROOM, "resource": Cutype.RESOURCE, "list": Cutype.GROUP}


def address(person: str) -> str:
    return ADDRESSES.get(person, f"{person}@elsewhere.example")


def attendee(words: str) -> Attendee:
    person, _, state = words.partition(" ")
    outside = state == "non-participant"
    return Attendee(
        email=address(person),
        cutype=CUTYPES.get(person, Cutype.INDIVIDUAL),
        role=Role.NON_PARTICIPANT if outside else Role.REQUIRED,
        partstat=Partstat(state.upper()) if state and not outside else Partstat.NEEDS_ACTION,
    )


def event_of(scene: dict[str, Any]) -> Event:
    start = datetime(2026, 12, 1, 15, tzinfo=UTC)
    naive = start.replace(tzinfo=None)

    def time(instant: datetime) -> EventTime:
        if scene.get("all_day"):
            return EventTime(wall=naive, kind=ZoneKind.DATE)
        return EventTime(wall=instant.replace(tzinfo=None), kind=ZoneKind.UTC, instant=instant)

    return Event(
        account="home",
        calendar="c",
        id="1",
        uid=scene.get("uid", "1"),
        title=scene["title"],
        text=scene.get("body", ""),
        html=scene.get("html", ""),
        status=Status(scene.get("status", "CONFIRMED")),
        sensitivity=Sensitivity.PRIVATE if scene.get("private") else Sensitivity.PUBLIC,
        categories=tuple(scene.get("categories", ())),
        organizer=Organizer(email=address(scene.get("by", "me"))),
        attendees=tuple(attendee(words) for words in scene.get("who", ["me", "grace"])),
        start=time(start),
        end=time(start + timedelta(hours=1)),
    )


def verdict(detection: Detection) -> tuple[str, bool]:
    if not detection.is_mentorship:
        return ("none", detection.on_topic)
    return (detection.mentorship.name if detection.mentorship else "undeclared", detection.on_topic)


def wanted(scene: dict[str, Any]) -> tuple[str, bool]:
    return (scene["is"], scene.get("topic", scene["is"] != "none"))


def outcomes() -> Iterator[Outcome]:
    """Whose session each scene was labelled as, and is taken for."""
    for path in sorted(FOLDER.glob("*.yaml")):
        for scene in YAML(typ="safe").load(path.read_text(encoding="utf-8")):
            found = detect(event_of(scene), POLICY)
            right, given = wanted(scene), verdict(found)
            yield Outcome(
                source=path.name,
                what=f"{scene['title']} {scene.get('who', '')}",
                wanted=frozenset({right[0] if right[1] or right[0] == "none" else f"{right[0]} (off topic)"}),
                given=given[0] if given[1] or given[0] == "none" else f"{given[0]} (off topic)",
                why=" | ".join(found.evidence),
            )
