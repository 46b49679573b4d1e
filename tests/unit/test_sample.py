import re
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import icalendar
import pytest

from agendad.daemon.config import load

SAMPLE = Path(str(files("agendad.daemon") / "sample"))
BROKEN = SAMPLE / "work" / "truncated-export.ics"
INVITES = sorted(SAMPLE.glob("*/*.ics"))
READABLE = [path for path in INVITES if path != BROKEN]
RESERVED = re.compile(r".*@(example\.org|example\.com|[a-z]+\.test)")
NOW = datetime.fromisoformat("2026-11-30T08:30:00-05:00")


def events(path):
    return icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")


def event(name):
    return events(SAMPLE / name)[0]


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_invite_is_a_believable_export(path):
    (calendar,) = icalendar.Calendar.from_ical(path.read_bytes(), multiple=True)
    assert calendar["PRODID"]
    assert all(found["UID"] and found["DTSTAMP"] and found["SUMMARY"] for found in calendar.walk("VEVENT"))
    lines = path.read_bytes().split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert b"\n" not in b"".join(lines)


@pytest.mark.parametrize("path", INVITES, ids=lambda path: path.stem)
def test_every_address_is_one_that_can_never_be_written_to(path):
    text = path.read_text(encoding="utf-8").replace("\n ", "")
    addresses = re.findall(r"mailto:([^\s\";:]+)", text)
    assert all(RESERVED.fullmatch(address) for address in addresses)


def test_uids_are_of_one_event_each():
    uids = [found["UID"] for path in READABLE for found in events(path) if "RECURRENCE-ID" not in found]
    assert len(uids) == len(set(uids)) == len(READABLE)


def test_broken_file_ends_inside_an_event():
    content = BROKEN.read_bytes()
    assert b"BEGIN:VEVENT" in content
    assert b"END:VEVENT" not in content


def test_series_has_been_held_skipped_and_moved():
    master, moved = events(SAMPLE / "personal/ada-weekly.ics")
    assert master.start < NOW < master["RRULE"]["UNTIL"][0]
    assert master["EXDATE"].dts[0].dt < NOW
    assert moved["RECURRENCE-ID"].dt.date() != moved.start.date()


def test_zones_are_iana_windows_unknown_and_none():
    assert event("personal/ada-floating.ics").start.tzinfo is None
    named = {path.stem: str(found["DTSTART"].params.get("TZID")) for path in READABLE for found in events(path)}
    assert named["ada-late-evening"] == "Europe/London"
    assert named["radia-windows-zone"] == "India Standard Time"
    assert named["katherine-unknown-zone"] == "Campus Time (Building 7)"


def test_states_are_cancelled_private_and_sent_by_an_assistant():
    assert event("work/katherine-cancelled.ics")["STATUS"] == "CANCELLED"
    assert event("personal/private.ics")["CLASS"] == "PRIVATE"
    assert "office@example.com" in event("work/katherine-assistant.ics")["ORGANIZER"].params["SENT-BY"]
    assert len(event("work/town-hall.ics")["ATTENDEE"]) >= 40


def test_bodies_are_list_prose_placeholder_join_block_and_none():
    assert "\n- Outline" in event("personal/ada-list-agenda.ics")["DESCRIPTION"]
    assert "\n" not in event("personal/katherine-prose-agenda.ics")["DESCRIPTION"]
    assert event("work/ada-placeholder.ics")["DESCRIPTION"].strip() == "Agenda: TBD"
    assert event("work/katherine-teams-only.ics")["DESCRIPTION"].strip().startswith("____")
    assert "DESCRIPTION" not in event("work/radia-no-agenda.ics")


@pytest.mark.parametrize(
    ("name", "hours"),
    [("work/katherine-teams-only", 30), ("work/ada-placeholder", 50.5), ("work/radia-no-agenda", 71.5),
     ("work/ada-nothing-yet", 95.5)],
)  # fmt: skip
def test_sessions_without_an_agenda_stand_on_every_rung_of_the_ladder(name, hours):
    start = event(f"{name}.ics")["DTSTART"].dt
    if start.tzinfo is None or "Eastern" in str(start.tzinfo):
        start = start.replace(tzinfo=NOW.tzinfo)
    assert (start - NOW).total_seconds() / 3600 == hours


def test_configuration_loads_and_names_the_sample_folders():
    loaded = load(SAMPLE / "config.yaml")
    assert [account.path for account in loaded.config.accounts] == [SAMPLE / "personal", SAMPLE / "work"]
    assert len(loaded.config.mentorships) == 3
