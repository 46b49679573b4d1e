from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agendad.rules.hours import fit, hours_ever_overlap, known_region, suggest_regions
from agendad.rules.policy import Person, Weekday, WorkingHours

ROWS = [
    tuple(cell.strip() for cell in line.split("|"))
    for line in (Path(__file__).parents[1] / "verdicts/times/hours.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


def someone(zone: str | None, days: str = "mon-fri", hours: str = "09:00-17:00", regions: str = "-") -> Person:
    week = [day.value for day in Weekday]
    first, last = (week.index(day) for day in days.split("-"))
    count = (last - first) % 7 + 1
    start, end = hours.split("-")
    return Person(
        name="Ada",
        emails=("ada@example.com",),
        timezone=zone,
        holidays=() if regions == "-" else tuple(regions.split(",")),
        working_hours=WorkingHours.model_validate(
            {"days": [week[(first + n) % 7] for n in range(count)], "start": start, "end": end}
        ),
    )


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_time_fits_as_labelled(row):
    zone, days, hours, regions, start, minutes, verdict = row
    begin = datetime.fromisoformat(start)
    if begin.tzinfo is None:
        begin = begin.replace(tzinfo=ZoneInfo(zone))
    begin = begin.astimezone(UTC)
    judged = fit(someone(zone, days, hours, regions), begin, begin + timedelta(minutes=int(minutes)))
    assert judged is not None
    assert judged.fit == verdict


def test_at_least_eighty_times_are_labelled():
    assert len(ROWS) >= 80


def test_person_without_zone_is_not_judged():
    now = datetime(2026, 12, 1, tzinfo=UTC)
    assert fit(someone(None), now, now) is None


def test_holiday_is_named_when_it_makes_the_day_off():
    start = datetime(2026, 12, 25, 10, tzinfo=UTC)
    judged = fit(someone("Europe/London", regions="GB-ENG"), start, start + timedelta(minutes=30))
    assert judged is not None
    assert judged.holiday == "Christmas Day"


@pytest.mark.parametrize(
    ("one", "other", "on", "minutes", "expected"),
    [
        ("Europe/London", "America/New_York", date(2026, 12, 1), 30, True),
        ("Europe/London", "America/New_York", date(2026, 12, 1), 181, False),
        ("Europe/London", "America/Los_Angeles", date(2026, 12, 1), 30, False),
        ("Europe/London", "America/Los_Angeles", date(2026, 3, 18), 30, True),
        ("America/New_York", "Asia/Kolkata", date(2026, 12, 1), 30, False),
        ("America/Los_Angeles", "Australia/Sydney", date(2026, 12, 1), 30, True),
        (None, "Asia/Kolkata", date(2026, 12, 1), 30, True),
    ],
)
def test_hours_overlap_depends_on_zones_date_and_duration(one, other, on, minutes, expected):
    length = timedelta(minutes=minutes)
    assert hours_ever_overlap(someone(one), someone(other), on, length) is expected
    assert hours_ever_overlap(someone(other), someone(one), on, length) is expected


def test_days_that_never_meet_do_not_overlap():
    assert not hours_ever_overlap(
        someone("UTC", "sat-sun"), someone("UTC", "mon-fri"), date(2026, 12, 1), timedelta(minutes=30)
    )


def test_unknown_region_gets_near_names():
    assert not known_region("DE-BZ")
    assert any(region.startswith("DE-B") for region in suggest_regions("DE-BZ"))


@pytest.mark.parametrize(
    ("start", "verdict", "reading"),
    [
        ("2026-12-09T10:00-05:00", "outside", "Thu 00:00"),
        ("2026-12-09T09:00-05:00", "inside", "Wed 09:00"),
        ("2026-12-15T10:00+09:00", "inside", "Tue 10:00"),
        ("2026-12-15T10:00-05:00", "outside", "Wed 00:00"),
        ("2026-12-18T10:00-05:00", "non-working-day", "Sat 00:00"),
        ("2026-12-21T10:00-05:00", "inside", "Mon 10:00"),
    ],
)
def test_session_is_judged_on_the_clock_where_the_person_is_away(abroad, start, verdict, reading):
    begin = datetime.fromisoformat(start)
    grace = abroad(someone("America/New_York"), ("2026-12-10", "2026-12-20", "Asia/Tokyo"))
    judged = fit(grace, begin, begin + timedelta(minutes=30))
    assert (judged.fit, f"{judged.start:%a %H:%M}") == (verdict, reading)
    assert judged.away == (judged.start.tzinfo == ZoneInfo("Asia/Tokyo"))


def test_holiday_of_home_is_a_working_day_abroad(abroad):
    grace = someone("America/New_York", regions="US")
    thanksgiving = datetime(2026, 11, 26, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
    elsewhere = fit(abroad(grace, ("2026-11-20", "2026-11-30", "Asia/Tokyo")), thanksgiving, thanksgiving)
    assert (elsewhere.fit, elsewhere.holiday) == ("inside", "")
    at_home = thanksgiving.replace(tzinfo=ZoneInfo("America/New_York"))
    assert fit(grace, at_home, at_home).holiday == "Thanksgiving Day"


def test_travel_does_not_count_for_hours_that_two_people_share(abroad):
    grace = abroad(someone("America/New_York"), ("2026-11-20", "2026-12-20", "Asia/Tokyo"))
    assert hours_ever_overlap(grace, someone("Europe/London"), date(2026, 12, 1), timedelta(minutes=30))
