from datetime import UTC, datetime, timedelta

import pytest

from agendad.providers import zones
from agendad.providers.icslines import parse
from agendad.providers.model import Irregularity, ZoneKind

BERLIN_LIKE = """BEGIN:VCALENDAR
BEGIN:VTIMEZONE
TZID:Ours
BEGIN:STANDARD
DTSTART:16011028T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
END:VCALENDAR
"""


@pytest.fixture
def custom():
    return zones.read_timezone(parse(BERLIN_LIKE).calendars[0].timezones[0])


@pytest.mark.parametrize(
    ("tzid", "kind", "name"),
    [
        ("Europe/Berlin", ZoneKind.IANA, "Europe/Berlin"),
        ("europe/berlin", ZoneKind.IANA, "Europe/Berlin"),
        ("/Europe/Stockholm", ZoneKind.IANA, "Europe/Stockholm"),
        ("Eastern Standard Time", ZoneKind.IANA, "America/New_York"),
        ("/freeassociation.sourceforge.net/Tzfile/America/New_York", ZoneKind.IANA, "America/New_York"),
        ("/mozilla.org/20050126_1/America/Argentina/Buenos_Aires", ZoneKind.IANA, "America/Argentina/Buenos_Aires"),
        ("UTC", ZoneKind.UTC, "UTC"),
        ("GMT", ZoneKind.UTC, "UTC"),
        ("Etc/UTC", ZoneKind.UTC, "UTC"),
        ("tzone://Microsoft/Utc", ZoneKind.UTC, "UTC"),
        ("tzone://Microsoft/Custom", ZoneKind.UNKNOWN, None),
        ("Mars/Olympus", ZoneKind.UNKNOWN, None),
        ("Ours", ZoneKind.CUSTOM, None),
    ],
)
def test_zone_name_is_resolved(tzid, kind, name, custom):
    zone = zones.resolve(tzid, {"Ours": custom})
    assert (zone.kind, zone.name, zone.tzid) == (kind, name, tzid)


@pytest.mark.parametrize("tzid", ["Europe/Berlin", "Ours"])
def test_skipped_clock_time_takes_the_offset_before_the_gap(tzid, custom):
    time = zones.at_wall(datetime(2026, 3, 29, 2, 30), zones.resolve(tzid, {"Ours": custom}))  # noqa: DTZ001
    assert time.irregularity is Irregularity.GAP
    assert time.instant == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("tzid", ["Europe/Berlin", "Ours"])
def test_doubled_clock_time_takes_the_first_of_the_two(tzid, custom):
    time = zones.at_wall(datetime(2026, 10, 25, 2, 30), zones.resolve(tzid, {"Ours": custom}))  # noqa: DTZ001
    assert time.irregularity is Irregularity.OVERLAP
    assert time.instant == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_zone_from_a_vtimezone_agrees_with_the_tz_database_all_year(custom):
    berlin, ours = zones.resolve("Europe/Berlin", {}), zones.resolve("Ours", {"Ours": custom})
    for hour in range(0, 366 * 24, 1):
        instant = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        wall = zones.at_instant(instant, berlin).wall
        assert zones.at_instant(instant, ours).wall == wall
        assert zones.at_wall(wall, ours).instant == zones.at_wall(wall, berlin).instant


def test_zone_rule_that_fires_every_second_is_not_followed():
    text = BERLIN_LIKE.replace("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "FREQ=SECONDLY")
    assert zones.read_timezone(parse(text).calendars[0].timezones[0]) is None
