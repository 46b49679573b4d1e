"""Labelled invites: what in them says how to meet, and what is left from before.

A file's name says which code of the rule `invite` its labels are about; `is` names that code or "none".
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from verdicts.outcome import Outcome
from verdicts.times_corpus import PEOPLE, in_zone

from agendad.providers.conference import find_links
from agendad.providers.model import Attendee, Event, Organizer, Partstat
from agendad.rules.base import Detection, Finding, History, Session
from agendad.rules.invite import Invite, InviteOptions
from agendad.rules.policy import Mentorship, Party

FOLDER = Path(__file__).parent / "invites"
START = datetime(2026, 12, 8, 15, tzinfo=UTC)
NOW = START - timedelta(days=2)
ME, OTHER = PEOPLE["ny"], PEOPLE["london"]
PAIR = Mentorship(name="pair", mentor=OTHER, mentee=ME, my_role=Party.MENTEE)
CODES = {"links": "no-conference-link", "stale": "stale"}


def event_of(scene: dict[str, Any]) -> Event:
    """The scene as a provider reads it: links of the vendor's own entry first, then those in its texts."""
    texts = (scene.get("location", ""), scene.get("text", ""), scene.get("html", ""))
    start = in_zone(START.replace(tzinfo=None), "Europe/London")
    return Event(
        account="home",
        calendar=".",
        id="1",
        uid="1",
        title=scene["title"],
        location=texts[0],
        text=texts[1],
        html=texts[2],
        body_readable=not scene.get("unreadable", False),
        conference=find_links(scene.get("links", ()), texts),
        organizer=Organizer(email=ME.emails[0]),
        attendees=tuple(Attendee(email=who.emails[0], partstat=Partstat.ACCEPTED) for who in (ME, OTHER)),
        start=start,
        end=replace(start, wall=start.wall + timedelta(hours=1), instant=START + timedelta(hours=1)),
        created=NOW - timedelta(days=90),
    )


def findings(scene: dict[str, Any], code: str) -> list[Finding]:
    found = Detection(is_mentorship=True, mentorship=PAIR, my_role=Party.MENTEE)
    session = Session(event=event_of(scene), detection=found, me=ME)
    every = Invite().check(session, History(), InviteOptions(), NOW)
    return [finding for finding in every if finding.code == f"invite.{code}"]


def outcomes() -> Iterator[Outcome]:
    for path in sorted(FOLDER.glob("*.yaml")):
        code = CODES[path.name.partition(".")[0].rstrip("0123456789")]
        for scene in YAML(typ="safe").load(path.read_text(encoding="utf-8")):
            found = findings(scene, code)
            said = (scene.get(key, "") for key in ("title", "location", "text", "html"))
            yield Outcome(
                source=path.name,
                what=" ".join([*filter(None, said), *scene.get("links", ())]),
                wanted=frozenset({scene["is"]}),
                given=code if found else "none",
                why="; ".join(finding.evidence for finding in found),
            )
