"""What holds for every time that is proposed, and how the odd hour is shared over a year."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agendad.providers.model import Event, EventTime, ZoneKind
from agendad.rules.base import Detection, Session
from agendad.rules.hours import Fit, fit
from agendad.rules.policy import Mentorship, Party, Person
from agendad.rules.slots import proposed_slots, still_suits
from agendad.rules.strain import TOLERANCE, balance, strain

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = ("Europe/London", "Asia/Tokyo", "America/New_York", "Pacific/Auckland", "Europe/Berlin", "Asia/Kathmandu")
HOLIDAYS = {"Europe/London": ("GB-ENG",), "America/New_York": ("US",), "Europe/Berlin": ("DE-BE",)}
CLOCKS_CHANGE = [datetime(2026, *day, tzinfo=UTC) for day in ((3, 8), (3, 29), (4, 5), (9, 27), (10, 25), (11, 1))]
"""In New York, in Europe, and in Auckland."""


def people(mine, theirs, start="09:00", end="17:00"):
    hours = {"working_hours": {"start": start, "end": end}}
    me, other = (
        Person.model_validate({"name": name, "emails": [f"{name}@x.org"], "timezone": zone, **hours}).model_copy(
            update={"holidays": HOLIDAYS.get(zone, ())}
        )
        for name, zone in (("me", mine), ("other", theirs))
    )
    return Mentorship(name="pair", mentor=me, mentee=other, my_role=Party.MENTOR)


def session(pair, start, length=HOUR / 2):
    begin, end = (
        EventTime(wall=one.replace(tzinfo=None), kind=ZoneKind.UTC, instant=one, zone="UTC")
        for one in (start, start + length)
    )
    event = Event(account="a", calendar=".", id="u", uid="u", start=begin, end=end)
    return Session(event=event, detection=Detection(is_mentorship=True, mentorship=pair), me=pair.mentor)


instants = st.one_of(
    st.integers(0, 330 * 48).map(lambda n: NOW + n * HOUR / 2),
    st.tuples(st.sampled_from(CLOCKS_CHANGE), st.integers(-96, 96)).map(lambda at: at[0] + at[1] * HOUR / 2),
)
spans = st.tuples(instants, st.integers(1, 8)).map(lambda at: (at[0], at[0] + at[1] * HOUR / 2))


@given(
    pair=st.builds(people, *[st.sampled_from(ZONES)] * 2, end=st.sampled_from(["17:00", "24:00", "06:00"])),
    start=instants,
    minutes=st.sampled_from([15, 30, 45, 60, 90]),
    busy=st.lists(spans, max_size=5),
    other_busy=st.lists(spans, max_size=5),
    failed=st.lists(instants, max_size=6),
    held=st.lists(spans, max_size=6),
    near=st.booleans(),
    odd=st.booleans(),
)
def test_every_slot_suits_both_and_is_free(pair, start, minutes, busy, other_busy, failed, held, near, odd):
    now = start - 3 * DAY
    if near:  # what is random over a year is seldom in the way
        busy = [
            (start + (at - NOW) % (8 * DAY) - 4 * DAY, start + (at - NOW) % (8 * DAY) - 3.5 * DAY) for at, _ in busy
        ]
    past = {"failed": failed, "held": held, "odd": odd}
    one = session(pair, start, timedelta(minutes=minutes))
    arguments = {"busy": busy, "other_busy": other_busy, "now": now, **past}
    found = proposed_slots(one, pair, **arguments)
    assert found == proposed_slots(one, pair, **arguments), "the same arguments give the same times"
    assert len(set(found)) == len(found) <= 3
    for begin, end in found:
        assert end - begin == timedelta(minutes=minutes)
        assert now + DAY <= begin != start
        assert abs(begin - start) <= 14 * DAY
        assert begin.minute in (0, 30)
        for taken_from, taken_to in (*busy, *other_busy):
            assert end + HOUR / 4 <= taken_from or taken_to + HOUR / 4 <= begin
        for person in (pair.mentor, pair.mentee):
            _assert_suits(person, begin, end, odd=odd)
        assert still_suits((begin, end), pair, taken=(*busy, *other_busy), now=now) or odd


def _assert_suits(person, begin, end, *, odd):
    local = fit(person, begin, end)
    assert local.fit is not Fit.NON_WORKING_DAY
    if local.fit is Fit.OUTSIDE:
        assert odd
        assert local.start.hour * 60 + local.start.minute >= 7 * 60
        assert local.end.hour * 60 + local.end.minute <= 22 * 60
        assert local.start.date() == local.end.date()
    for instant in (begin, end):
        reading = instant.astimezone(ZoneInfo(person.timezone))
        assert reading.replace(fold=0).utcoffset() == reading.replace(fold=1).utcoffset(), "read in one way only"
        assert reading.astimezone(UTC).astimezone(reading.tzinfo).time() == reading.time(), "not skipped"


@given(pair=st.builds(people, *[st.sampled_from(ZONES)] * 2), start=instants, hour=st.integers(0, 23))
def test_no_failing_hour_comes_before_another(pair, start, hour):
    at = start.replace(hour=hour, minute=0)
    failed = [at - weeks * 7 * DAY for weeks in (1, 2)]
    found = proposed_slots(session(pair, start), pair, busy=(), now=start - 3 * DAY, failed=failed, count=2000)

    def hours(instants):
        local = [instant.astimezone(ZoneInfo(pair.mentor.timezone)) for instant in instants]
        return [(one.weekday(), one.hour) for one in local]

    keeps = [where for where in set(hours(failed)) if hours(failed).count(where) > 1]
    failing = [where in keeps for where in hours(begin for begin, _ in found)]
    assert failing == sorted(failing)


@given(pair=st.builds(people, *[st.sampled_from(ZONES)] * 2), at=instants, minutes=st.integers(15, 240))
def test_strain_is_nothing_in_the_core_and_grows_to_both_sides(pair, at, minutes):
    local = at.astimezone(ZoneInfo(pair.mentor.timezone))
    core = local.replace(hour=10, minute=0), local.replace(hour=16, minute=0)
    length = timedelta(minutes=minutes)
    inside = core[0].astimezone(UTC)
    assert strain(pair.mentor, (inside, inside + length)) == 0
    late, later = ((core[1] + hours * HOUR).astimezone(UTC) for hours in (1, 2))
    assert 0 < strain(pair.mentor, (late - length, late)) < strain(pair.mentor, (later - length, later))


def _live_a_year(pair, seed):
    """A session every fortnight, at a random bad hour, each rescheduled and then held. The lead after each."""
    chance, held, leads = Random(seed), [], []  # noqa: S311 - a simulation
    for fortnight in range(26):
        start = NOW + (14 * fortnight + 7) * DAY + chance.randrange(48) * HOUR / 2
        taken = [
            (at, at + HOUR)
            for at in (start + chance.randrange(-5 * 48, 5 * 48) * HOUR / 2 for _ in range(chance.randrange(12)))
        ]
        one, known = session(pair, start), {"busy": taken, "now": start - 5 * DAY, "held": held}
        slots = proposed_slots(one, pair, **known) or proposed_slots(one, pair, **known, odd=True)
        held.append(slots[0])
        leads.append(balance(pair.mentor, pair.mentee, held).lead)
    most = max(strain(person, slot) for slot in held for person in (pair.mentor, pair.mentee))
    return leads, most


PAIRS = [(one, other) for place, one in enumerate(ZONES[:4]) for other in ZONES[place + 1 : 4]]


@pytest.mark.parametrize(("mine", "theirs"), [*PAIRS, ("Europe/London", "Asia/Kathmandu")])
@pytest.mark.parametrize("seed", range(3))
def test_over_a_year_neither_ever_bears_more_than_three_hours_more_than_the_other(mine, theirs, seed):
    leads, _ = _live_a_year(people(mine, theirs), seed)
    assert max(map(abs, leads)) <= TOLERANCE + 60


@pytest.mark.parametrize("seed", range(3))
def test_people_who_share_hours_are_within_two_hours_of_each_other_all_year(seed):
    leads, most = _live_a_year(people("Europe/London", "America/New_York"), seed)
    assert max(map(abs, leads)) <= TOLERANCE
    assert most <= 60, "no session is outside anybody's hours"
