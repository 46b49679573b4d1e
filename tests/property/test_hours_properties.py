from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agendad.rules.hours import Fit, fit
from agendad.rules.policy import Person, Weekday, WorkingHours

ZONES = ("Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns")
HOURS = st.builds(
    WorkingHours,
    days=st.sets(st.sampled_from(Weekday), min_size=1).map(tuple),
    start=st.sampled_from(["00:00", "09:00", "22:00"]),
    end=st.sampled_from(["06:00", "17:30", "24:00"]),
)
INSTANTS = st.datetimes(
    datetime.fromisoformat("2015-01-01"), datetime.fromisoformat("2035-01-01"), timezones=st.just(UTC)
)


def person(zone, hours):
    return Person(name="Ada", emails=("ada@example.com",), timezone=zone, working_hours=hours)


@given(st.sampled_from(ZONES), HOURS, INSTANTS, st.integers(2, 600), st.data())
def test_part_of_a_session_inside_is_inside(zone, hours, start, minutes, data):
    ada = person(zone, hours)
    if fit(ada, start, start + timedelta(minutes=minutes)).fit is Fit.INSIDE:
        cut = data.draw(st.integers(1, minutes - 1))
        assert fit(ada, start, start + timedelta(minutes=cut)).fit is Fit.INSIDE
        assert fit(ada, start + timedelta(minutes=cut), start + timedelta(minutes=minutes)).fit is Fit.INSIDE


@given(st.sampled_from(ZONES), INSTANTS, st.integers(0, 3000))
def test_everything_is_inside_when_all_hours_are_working_hours(zone, start, minutes):
    always = WorkingHours.model_validate({"days": list(Weekday), "start": "00:00", "end": "24:00"})
    assert fit(person(zone, always), start, start + timedelta(minutes=minutes)).fit is Fit.INSIDE
