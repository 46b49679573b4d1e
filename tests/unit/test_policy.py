"""Where a person is: home's zone, and those of their stays elsewhere."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from agendad.rules.policy import Away, Person

HOME, TOKYO = "America/New_York", "Asia/Tokyo"
GRACE = Person(name="Grace", emails=("grace@example.org",), timezone=HOME)


def zone_at(person, text):
    zone = person.zone_at(datetime.fromisoformat(text))
    return zone and zone.key


@pytest.mark.parametrize(
    ("instant", "zone"),
    [
        ("2026-12-09T23:59:59+09:00", HOME),
        ("2026-12-10T00:00:00+09:00", TOKYO),
        ("2026-12-20T23:59:59+09:00", TOKYO),
        ("2026-12-21T00:00:00+09:00", HOME),
    ],
)
def test_stay_lasts_from_its_first_to_its_last_midnight_on_the_clock_there(abroad, instant, zone):
    grace = abroad(GRACE, ("2026-12-10", "2026-12-20", TOKYO))
    assert zone_at(grace, instant) == zone
    assert (grace.away_at(datetime.fromisoformat(instant)) is not None) == (zone == TOKYO)


def test_stay_of_one_day_is_a_day_long(abroad):
    (stay,) = abroad(GRACE, ("2026-12-10", "2026-12-10", TOKYO)).away
    assert stay.bounds == (datetime(2026, 12, 9, 15, tzinfo=UTC), datetime(2026, 12, 10, 15, tzinfo=UTC))


def test_later_stay_holds_where_two_meet_as_days_begin_earlier_in_the_east(abroad):
    stays = ("2026-12-10", "2026-12-12", "America/Los_Angeles"), ("2026-12-13", "2026-12-15", TOKYO)
    for order in (stays, stays[::-1]):
        grace = abroad(GRACE, *order)
        assert zone_at(grace, "2026-12-12T15:00:00+00:00") == TOKYO  # still 07:00 on the 12th in Los Angeles
        assert zone_at(grace, "2026-12-12T14:59:59+00:00") == "America/Los_Angeles"


def test_person_without_a_zone_has_one_while_away(abroad):
    nowhere = abroad(GRACE.model_copy(update={"timezone": None}), ("2026-12-10", "2026-12-20", TOKYO))
    assert zone_at(nowhere, "2026-12-15T12:00:00+00:00") == TOKYO
    assert zone_at(nowhere, "2026-12-25T12:00:00+00:00") is None


def test_reading_without_a_zone_is_meant_where_the_person_is_that_day(abroad):
    grace = abroad(GRACE, ("2026-12-10", "2026-12-20", TOKYO))
    days = [date(2026, 12, day) for day in (9, 10, 20, 21)]
    assert [grace.zone_on(day).key for day in days] == [HOME, TOKYO, TOKYO, HOME]


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-12-20", "2026-12-10", "`to` \\(2026-12-10\\) is before `from` \\(2026-12-20\\)"),
        ("2026-02-30", "2026-12-10", "'2026-02-30' is no date"),
        ("10 Dec", "2026-12-10", "'10 Dec' is no date"),
        ("0001-01-01", "2026-12-10", "is no date"),
        (20261210, "2026-12-20", "20261210 is no date"),
        (datetime(2026, 12, 10, tzinfo=UTC), "2026-12-20", "is no date"),
    ],
)
def test_stay_that_makes_no_sense_is_refused(first, last, said):
    with pytest.raises(ValidationError, match=said):
        Away.model_validate({"from": first, "to": last, "timezone": TOKYO})


def test_stay_may_be_given_as_dates():
    stay = Away.model_validate({"from": date(2026, 12, 10), "to": date(2026, 12, 20), "timezone": TOKYO})
    assert stay.model_dump(mode="json", by_alias=True) == {
        "from": "2026-12-10", "to": "2026-12-20", "timezone": TOKYO,
    }  # fmt: skip
