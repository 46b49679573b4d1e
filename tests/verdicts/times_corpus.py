"""Labelled times: what the whole rule `timezone` says of a session.

Files beside each other use the people below; those in `pairs` say who the two are, and are read as .ics files.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from ruamel.yaml import YAML
from verdicts.outcome import Outcome

from agendad.providers.base import Window
from agendad.providers.icsfiles import read_file, read_group
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
from agendad.rules.engine import peers_of
from agendad.rules.policy import Mentorship, Party, Person, Weekday, WorkingHours
from agendad.rules.timezone import Timezone, TimezoneOptions

FOLDER = Path(__file__).parent / "times"
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


def named(scene: dict[str, Any]) -> str:
    said = (scene.get(key, "") for key in ("title", "text", "html"))
    return " ".join(filter(None, ["+".join(scene.get("pair", [])), str(scene["at"]), *said]))


# pairs


def someone(name: str, words: str) -> Person:
    """A person from "Europe/London mon-fri 09:00-17:30 GB-ENG"; "-" for no holidays, "nozone" for nothing at all."""
    email = f"{name}@example.org"
    if words == "nozone":
        return Person(name=name, emails=(email,))
    zone, days, hours, regions = words.split()
    start, end = hours.split("-")
    return Person(
        name=name,
        emails=(email,),
        timezone=zone,
        holidays=() if regions == "-" else (regions,),
        working_hours=WorkingHours.model_validate({"days": list(_days(days)), "start": start, "end": end}),
    )


def _days(words: str) -> Iterator[str]:
    week = [day.value for day in Weekday]
    for part in words.split(","):
        first, _, last = part.partition("-")
        count = (week.index(last or first) - week.index(first)) % 7 + 1
        yield from (week[(week.index(first) + step) % 7] for step in range(count))


def _calendar(scene: dict[str, Any]) -> bytes:
    """The scene as somebody's calendar program would write it."""
    wall, zone = _start(scene)
    offset = zone.removeprefix("custom:").replace(":", "") if zone.startswith("custom:") else ""
    name = {"": "", "floating": "", "unknown": "Moon/Tranquility Base"}.get(zone, zone.removeprefix("windows:"))
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//verdicts//EN"]
    if offset:
        name = "Office Zone"
        lines += ["BEGIN:VTIMEZONE", f"TZID:{name}", "BEGIN:STANDARD", "DTSTART:19700101T000000"]
        lines += [f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}", "END:STANDARD", "END:VTIMEZONE"]
    lines += ["BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z"]
    lines.append(f"DTSTART{f';TZID={name}' if name else ''}:{wall:%Y%m%dT%H%M%S}{'Z' if zone == '' else ''}")
    lines.append(f"DURATION:PT{scene.get('minutes', 30)}M")
    for key, written in (("SUMMARY", scene.get("title", "Mentoring")), ("DESCRIPTION", scene.get("text", ""))):
        escaped = written.replace("\\", "\\\\").replace("\n", "\\n").replace(",", "\\,").replace(";", "\\;")
        lines.append(f"{key}:{escaped}")
    lines += [f"RRULE:{scene['rrule']}"] if "rrule" in scene else []
    lines.append("ORGANIZER:mailto:me@example.org")
    lines += [f"ATTENDEE;PARTSTAT={answer}:mailto:{who}@example.org" for who, answer in _ANSWERS.items()]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


_ANSWERS = {"me": "ACCEPTED", "other": "NEEDS-ACTION"}


def _start(scene: dict[str, Any]) -> tuple[datetime, str]:
    """The clock reading and the words for its zone, "" for UTC."""
    wall, _, zone = str(scene["at"]).removesuffix("Z").partition(" ")
    return datetime.fromisoformat(wall), zone


def codes_of_pair(scene: dict[str, Any]) -> set[str]:
    wall, _ = _start(scene)
    at_noon = wall.replace(hour=12, minute=0, tzinfo=UTC) - timedelta(days=10)
    now = datetime.fromisoformat(scene["now"]) if "now" in scene else at_noon
    window = Window.around(now, lookback=timedelta(days=90), horizon=timedelta(days=60))
    events = sorted(
        (
            event
            for found in read_group([read_file(_calendar(scene), "x", "home")], window).events.values()
            for event in found
        ),
        key=lambda event: event.start.wall,
    )
    judged = min(events, key=lambda event: abs(event.start.wall - _judged(scene, wall)))
    me, other = someone("me", scene["me"]), someone("other", scene["other"])
    pair = Mentorship(name="pair", mentor=other, mentee=me, my_role=Party.MENTEE)
    session = Session(
        event=judged, detection=Detection(is_mentorship=True, mentorship=pair, my_role=Party.MENTEE), me=me
    )
    history = History(peers=peers_of(events).get(judged.key, ()))
    findings = Timezone().check(session, history, TimezoneOptions(), now)
    return {finding.code.removeprefix("timezone.") for finding in findings}


def _judged(scene: dict[str, Any], wall: datetime) -> datetime:
    if "rrule" not in scene:
        return wall
    rule = ";".join(part.removesuffix("Z") if part.startswith("UNTIL") else part for part in scene["rrule"].split(";"))
    return next(islice(rrulestr(rule, dtstart=wall), scene.get("judge", 0), None))


def outcomes() -> Iterator[Outcome]:
    """The codes that each time was labelled with, and is given."""
    for path in sorted(FOLDER.rglob("*.yaml")):
        judge = codes_of_pair if path.parent != FOLDER else codes
        for scene in YAML(typ="safe").load(path.read_text(encoding="utf-8")):
            yield Outcome(
                source=path.relative_to(FOLDER).as_posix(),
                what=f"{named(scene)} {scene.get('why', '')}",
                wanted=frozenset({_said(scene["is"])}),
                given=_said(judge(scene)),
                why="",
            )


def _said(codes: Any) -> str:
    return "+".join(sorted(codes)) or "none"
