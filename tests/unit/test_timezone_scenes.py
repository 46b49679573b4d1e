"""Labelled scenes: the codes that the whole rule `timezone` gives a session."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from agendad.providers.model import (
    Attendee,
    Event,
    EventTime,
    Instance,
    Irregularity,
    Organizer,
    Partstat,
    ZoneKind,
)
from agendad.rules.base import Detection, History, Session
from agendad.rules.policy import Mentorship, Party, Person, Weekday, WorkingHours
from agendad.rules.timezone import Timezone, TimezoneOptions

TIMES = Path(__file__).parent.parent / "verdicts" / "times"
NOW = datetime(2026, 2, 20, 12, tzinfo=UTC)
SUN_TO_THU = (Weekday.SUN, Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU)


def person(
    name: str,
    zone: str | None,
    *holidays: str,
    days: tuple[Weekday, ...] = tuple(Weekday)[:5],
    start: str = "09:00",
    end: str = "17:00",
) -> Person:
    hours = WorkingHours.model_validate({"days": days, "start": start, "end": end})
    return Person(name=name, emails=(f"{name}@example.org",), timezone=zone, holidays=holidays, working_hours=hours)


PEOPLE = {
    one.name: one
    for one in (
        person("ny", "America/New_York", "US"),
        person("london", "Europe/London", "GB-ENG"),
        person("la", "America/Los_Angeles", "US"),
        person("chicago", "America/Chicago", "US"),
        person("berlin", "Europe/Berlin", "DE-BE"),
        person("munich", "Europe/Berlin", "DE-BY"),
        person("paris", "Europe/Paris", "FR"),
        person("tokyo", "Asia/Tokyo"),
        person("sydney", "Australia/Sydney"),
        person("adelaide", "Australia/Adelaide"),
        person("kolkata", "Asia/Kolkata"),
        person("kathmandu", "Asia/Kathmandu"),
        person("st-johns", "America/St_Johns"),
        person("riyadh", "Asia/Riyadh", days=SUN_TO_THU),
        person("evening", "Asia/Kolkata", start="18:00", end="24:00"),
        person("night", "Asia/Manila", start="22:00", end="06:00"),
        person("always", "Europe/London", days=tuple(Weekday), start="00:00", end="24:00"),
        person("always-jerusalem", "Asia/Jerusalem", days=tuple(Weekday), start="00:00", end="24:00"),
        person("nozone", None),
    )
}


def in_zone(wall: datetime, name: str) -> EventTime:
    zone = ZoneInfo(name)
    first, second = wall.replace(tzinfo=zone), wall.replace(tzinfo=zone, fold=1)
    irregularity = None
    if first.utcoffset() != second.utcoffset():
        exists = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
        irregularity = Irregularity.OVERLAP if exists else Irregularity.GAP
    return EventTime(
        wall=wall,
        kind=ZoneKind.IANA,
        instant=first.astimezone(UTC),
        zone=name,
        tzid=name,
        irregularity=irregularity,
    )


def start_and_end(wall: datetime, zone: str, minutes: int) -> tuple[EventTime, EventTime]:
    if zone == "floating":
        return tuple(EventTime(wall=w, kind=ZoneKind.FLOATING) for w in (wall, wall + timedelta(minutes=minutes)))  # type: ignore[return-value]
    if zone == "unknown":
        ends = (wall, wall + timedelta(minutes=minutes))
        return tuple(EventTime(wall=w, kind=ZoneKind.UNKNOWN, tzid="Moon/Base") for w in ends)  # type: ignore[return-value]
    start = in_zone(wall, zone)
    assert start.instant is not None
    end = (start.instant + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
    return start, EventTime(
        wall=end.replace(tzinfo=None), kind=ZoneKind.IANA, instant=end.astimezone(UTC), zone=zone, tzid=zone
    )


def occurrence(scene: dict[str, Any], place: int) -> Event:
    wall, _, zone = scene["at"].replace("Z", " UTC").partition(" ")
    moment = datetime.fromisoformat(wall) + timedelta(weeks=place)
    start, end = start_and_end(moment, zone, scene.get("minutes", 30))
    me, other = scene.get("pair", ["ny", "london"])
    answer = Partstat.ACCEPTED if scene.get("accepted") else Partstat.NEEDS_ACTION
    return Event(
        account="home",
        calendar=".",
        id=str(place),
        uid="1",
        recurrence_id=moment.isoformat() if "weekly" in scene else None,
        instance=Instance.OCCURRENCE if "weekly" in scene else Instance.SINGLE,
        title=scene.get("title", "Mentoring"),
        text=scene.get("text", ""),
        html=scene.get("html", ""),
        organizer=Organizer(email=f"{me}@example.org"),
        attendees=tuple(Attendee(email=f"{who}@example.org", partstat=answer) for who in (me, other)),
        start=start,
        end=end,
    )


def codes(scene: dict[str, Any]) -> set[str]:
    events = [occurrence(scene, place) for place in range(scene.get("weekly", 1))]
    judged = events.pop(scene.get("judge", 0))
    me, other = (PEOPLE[name] for name in scene.get("pair", ["ny", "london"]))
    pair = Mentorship(name="pair", mentor=other, mentee=me, my_role=Party.MENTEE)
    found = Detection(is_mentorship=True, mentorship=pair, my_role=Party.MENTEE)
    session = Session(event=judged, detection=found, me=me)
    findings = Timezone().check(session, History(peers=tuple(events)), TimezoneOptions(), NOW)
    return {finding.code.removeprefix("timezone.") for finding in findings}


ALL = [
    scene for path in sorted(TIMES.glob("*.yaml")) for scene in YAML(typ="safe").load(path.read_text(encoding="utf-8"))
]


def named(scene: dict[str, Any]) -> str:
    said = (scene.get(key, "") for key in ("title", "text", "html"))
    return " ".join(filter(None, ["+".join(scene.get("pair", [])), str(scene["at"]), *said]))


@pytest.mark.parametrize("scene", ALL, ids=named)
def test_session_gets_exactly_the_labelled_codes(scene):
    assert codes(scene) == set(scene["is"])


def test_scenes_reach_every_code():
    assert {code for scene in ALL for code in scene["is"]} == {
        code.removeprefix("timezone.") for code in Timezone.codes
    }
