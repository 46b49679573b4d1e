"""Detection beyond verdicts: confidence, roles, evidence, limits."""

from datetime import UTC, datetime
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agendad.providers.model import Attendee, Event, EventTime, Sensitivity, ZoneKind
from agendad.rules.detect import detect
from agendad.rules.policy import DetectionOptions, Mentorship, Party, Person, Policy

ADA = Person(name="Ada", emails=("ada@x.example",))
GRACE = Person(name="Grace", emails=("grace@x.example",))
PAIR = Mentorship(name="grace-ada", mentor=GRACE, mentee=ADA, my_role=Party.MENTEE, series=("sure",))
TIME = EventTime(wall=datetime(2026, 12, 1), kind=ZoneKind.UTC, instant=datetime(2026, 12, 1, tzinfo=UTC))  # noqa: DTZ001


def policy(**detection):
    return Policy(me=ADA, mentorships=(PAIR,), detection=DetectionOptions(**detection), rules={})


def event(title="", who=("ada", "grace"), **fields):
    people = tuple(Attendee(email=f"{name}@x.example") for name in who)
    given = {"account": "a", "calendar": "c", "id": "1", "uid": "1", "start": TIME, "end": TIME, **fields}
    return Event(title=title, attendees=people, **given)


@pytest.mark.parametrize(
    ("example", "low", "high"),
    [
        (event("Mentoring"), 0.96, 0.98),
        (event("Sync", text="our mentoring"), 0.89, 0.91),
        (event("Sync", categories=("Mentoring",)), 0.94, 0.96),
        (event("Sync"), 0.7, 0.7),
        (event("Lunch"), 0.3, 0.45),
        (event("Mentoring", who=("ada", "bob")), 0.74, 0.76),
        (event("Sync", who=("ada", "bob"), text="our mentoring"), 0.6, 0.65),
        (event("Sync", who=("ada", "bob", "eve"), text="our mentoring"), 0.3, 0.4),
        (event("Budget review", who=("ada", "bob"), text="our mentoring"), 0.1, 0.5),
        (event("Sync", who=("ada", "bob"), text="Thanks for agreeing to be my mentor!"), 0.6, 0.7),
        (event("Lunch", uid="sure"), 1.0, 1.0),
    ],
)
def test_confidence_is_what_the_signs_add_up_to(example, low, high):
    assert low <= detect(example, policy()).confidence <= high


def test_role_and_people_are_told_for_a_session():
    found = detect(event("Mentoring"), policy())
    assert (found.mentorship, found.my_role) == (PAIR, Party.MENTEE)
    assert found.people == ("ada@x.example", "grace@x.example")
    assert found.evidence[-1] == "a mentorship session of grace-ada (0.97)"


def test_every_reason_is_told_when_several_things_speak_against_a_session():
    conclusion = detect(event("Canceled: mentoring", who=("ada",)), policy()).evidence[-1]
    assert conclusion == "not a session: its title marks a cancelled meeting; nobody but you is in it"


def test_confidence_equal_to_the_minimum_is_enough():
    assert detect(event("Sync"), policy(min_confidence=0.7)).is_mentorship
    assert not detect(event("Sync"), policy(min_confidence=0.71)).is_mentorship


def test_unknown_pair_without_a_sign_is_no_session_whatever_the_minimum():
    assert not detect(event("Sync", who=("ada", "bob")), policy(min_confidence=0)).is_mentorship


def test_max_attendees_counts_me():
    trio = event("Mentoring", who=("ada", "grace", "bob"))
    assert detect(trio, policy(max_attendees=3)).is_mentorship
    assert not detect(trio, policy(max_attendees=2)).is_mentorship


def test_own_keyword_with_a_context_word_in_it_counts():
    assert detect(event("Mentor training"), policy(keywords=("mentor training",))).on_topic


@pytest.mark.parametrize(
    ("end", "on_topic"),
    [
        ("and then our mentoring goals", True),
        (f"see https://x.example/{'a' * 300}/mentor", False),
        ("this is not a mentoring session", False),
        ("ask siemens mentor graphics", False),
    ],
)
def test_keyword_far_into_a_long_line_is_read_in_its_context(end, on_topic):
    assert detect(event("Sync", text="word " * 300 + end + " word" * 300), policy()).on_topic is on_topic


def test_participant_called_mentor_is_no_keyword():
    tom = Attendee(email="tm@x.example", name="Tom Mentor")
    ada = Attendee(email="ada@x.example")
    called = Event(
        account="a", calendar="c", id="1", uid="1", start=TIME, end=TIME, title="Tom Mentor / Ada", attendees=(ada, tom)
    )
    assert not detect(called, policy()).is_mentorship


def test_label_on_a_declared_person_stays_a_keyword():
    labelled = Attendee(email="grace@x.example", name="Grace Mentor")
    both = Event(
        account="a", calendar="c", id="1", uid="1", start=TIME, end=TIME, title="Grace Mentor / Ada",
        attendees=(Attendee(email="ada@x.example"), labelled),
    )  # fmt: skip
    assert detect(both, policy()).on_topic


def test_title_that_names_the_other_person_is_a_session_within_a_programme():
    assert detect(event("Mentoring cohort 4: Ada & Grace"), policy()).on_topic
    assert not detect(event("Mentoring cohort 4"), policy()).is_mentorship


def test_private_events_are_not_quoted():
    secret = event(
        "Mentoring xyzzy",
        text="plugh",
        categories=("mentor",),
        sensitivity=Sensitivity.PRIVATE,
    )
    found = detect(secret, policy(keywords=("plugh", "xyzzy"), ignore=("xyzzy",)))
    told = "\n".join(found.evidence)
    assert "xyzzy" not in told
    assert "plugh" not in told
    assert '"' not in told


@given(title=st.text(max_size=80), body=st.text(max_size=200), who=st.sets(st.sampled_from(["ada", "grace", "bob"])))
def test_any_event_gets_a_consistent_verdict(title, body, who):
    found = detect(event(title, tuple(sorted(who)), text=body), policy())
    assert 0 <= found.confidence <= 1
    assert all(line.isprintable() and line for line in found.evidence)
    if not found.is_mentorship:
        assert (found.mentorship, found.my_role, found.on_topic) == (None, None, False)
        assert found.evidence[-1].startswith("not a session: ")


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("mentor " * 3000, "mentor " * 20_000),
        ("re:" * 3000, "a" * 150_000 + " mentor"),
        ("not a the " * 900 + "mentor", "not a our " * 9000 + "mentor"),
        ("- " * 5000 + "cancelled", "a@" * 20_000 + "mentor" + "a." * 9000),
        ("sync", "今日は計画について話します。" * 5000 + "メンター"),
    ],
)
def test_hostile_text_is_judged_in_a_moment(title, body):
    start = perf_counter()
    detect(event(title, text=body), policy())
    assert perf_counter() - start < 2
