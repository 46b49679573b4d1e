"""The rule conflict: what takes somebody's time during a session, and who is to move."""

import inspect
from datetime import UTC, datetime, timedelta

import pytest
from ruamel.yaml import YAML

from agendad.providers.model import (
    Attendee,
    EventTime,
    Organizer,
    Partstat,
    Sensitivity,
    Status,
    Transparency,
    ZoneKind,
)
from agendad.rules.base import Detection, History, Reach, Session, Taken
from agendad.rules.conflict import Conflict, ConflictOptions
from agendad.rules.engine import default_options, judge
from agendad.rules.messages import compose
from agendad.rules.plan import Standing, plan
from agendad.rules.policy import Action, Mentorship, Party, Severity
from agendad.rules.taken import is_to_move, others_taken, taken_times

START = datetime(2026, 12, 3, 16, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
END = START + 30 * MINUTE
NOW = START - timedelta(days=5)
BOARD = Taken(start=START + 15 * MINUTE, end=START + 60 * MINUTE, title="Board meeting")
MAYBE = Taken(start=START, end=END, title="Lunch", tentative=True)
THEIRS = Taken(start=START + 10 * MINUTE, end=START + 60 * MINUTE, mine=False)
ACCEPTED = (
    Attendee(email="grace@example.org", partstat=Partstat.ACCEPTED),
    Attendee(email="ada@example.com", partstat=Partstat.ACCEPTED),
)


@pytest.fixture
def judged(make_event, make_policy):
    """What is found with these times taken, and planned; Grace is the mentee and owns, unless told otherwise."""

    def make(*taken, owner=Party.MENTEE, **changes):
        first = make_policy().mentorships[0]
        pair = Mentorship(
            name="pair", mentor=first.mentor, mentee=first.mentee, my_role=Party.MENTEE, owner=owner, met=True
        )
        policy = make_policy(mentorships=(pair,))
        event = make_event(START, text="- compilers", **changes)
        detection = Detection(is_mentorship=True, mentorship=pair, my_role=Party.MENTEE, on_topic=True)
        history = History(taken=taken)
        verdict = judge(event, history, policy, NOW, detection=detection)
        found = [one for one in verdict.findings if one.rule == "conflict"]
        steps = [one for one in plan(verdict, history, Standing(), policy, NOW) if one.rule == "conflict"]
        return found, steps, (verdict.session, policy)

    return make


def test_conflict_of_mine_names_the_other_event_and_the_overlap_on_my_clock(judged):
    (finding,), _, _ = judged(BOARD)
    assert (finding.code, finding.severity, finding.reach) == (
        "conflict.double-booked",
        Severity.WARNING,
        Reach.LADDER,
    )
    assert "“Board meeting” is in your calendar at the same time: Thu 3 Dec 11:15–11:30 in New York" in finding.message
    assert "11:15–12:00" in finding.evidence


def test_yes_of_everybody_does_not_hide_a_conflict_of_mine(judged):
    (finding,), steps, _ = judged(BOARD, attendees=ACCEPTED)
    assert finding.reach is Reach.LADDER
    assert [step.action for step in steps] == [Action.NUDGE, Action.RESCHEDULE]


def test_private_event_is_not_named(judged):
    (finding,), _, _ = judged(Taken(start=START, end=END))
    assert finding.message.startswith("Something private is in your calendar")


def test_tentative_event_is_information_and_nothing_follows(judged):
    (finding,), steps, _ = judged(MAYBE)
    assert (finding.severity, finding.reach, steps) == (Severity.INFO, Reach.REPORT, [])


def test_of_the_other_persons_calendar_nothing_but_that_it_is_taken_is_said(judged):
    (finding,), steps, _ = judged(THEIRS)
    assert finding.message == "Ada Lovelace's calendar shows something else at that time."
    assert (finding.evidence, finding.reach) == ("", Reach.LADDER)
    assert [step.action for step in steps] == [Action.NUDGE, Action.RESCHEDULE]


@pytest.mark.parametrize(
    "changes", [{"attendees": ACCEPTED}, {"organizer": Organizer(email="ada@example.com"), "attendees": ACCEPTED[:1]}]
)
def test_time_that_the_other_person_chose_or_accepted_is_only_reported(judged, changes):
    (finding,), steps, _ = judged(THEIRS, **changes)
    assert (finding.reach, steps) == (Reach.REPORT, [])


def test_other_person_who_owns_the_logistics_is_asked_and_nothing_is_moved(judged):
    _, (step,), (session, policy) = judged(BOARD, owner=Party.MENTOR)
    assert (step.action, step.to) == (Action.NUDGE, ("ada@example.com",))
    text = " ".join(compose(session, step, policy, NOW, plan=[step]).body.split())
    assert "I have something else at that time by now. Could you find another time for us?" in text
    assert "Board" not in text


def test_owner_is_reminded_first_and_agendad_reschedules_later(judged):
    _, (nudge, move), (session, policy) = judged(BOARD)
    assert (nudge.to, nudge.due) == (("grace@example.org",), NOW)
    assert (move.action, move.due) == (Action.RESCHEDULE, START - timedelta(hours=48))
    text = " ".join(compose(session, nudge, policy, NOW, plan=[nudge, move]).body.split())
    assert "“Board meeting” is in your calendar at the same time" in text


def test_both_calendars_are_told_in_one_finding(judged):
    (finding,), _, _ = judged(BOARD, THEIRS)
    assert "Board meeting" in finding.message
    assert "Ada Lovelace's calendar" in finding.message
    assert finding.people == ("Grace Hopper", "Ada Lovelace")


def test_reschedule_for_a_conflict_of_mine_does_not_offer_the_time_itself(judged):
    _, (_, move), (session, policy) = judged(BOARD)
    body = compose(session, move, policy, NOW).body
    assert "accept the invite and it stays" not in body
    _, (_, move), (session, policy) = judged(THEIRS)
    assert "accept the invite and it stays" in " ".join(compose(session, move, policy, NOW).body.split())


# what takes time


def other(make_event, start=START, length=30, **changes):
    """Another event of Grace's own."""
    begins = start if isinstance(start, EventTime) else None
    event = make_event(
        begins or start, **({"uid": "other@x", "title": "Dentist", "organizer": None, "attendees": ()} | changes)
    )
    if begins is None:
        end = make_event(start + (length - 30) * MINUTE).end
        object.__setattr__(event, "end", end)
    return event


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({}, True),
        ({"start": START - 30 * MINUTE}, False),
        ({"start": END}, False),
        ({"start": START - 20 * MINUTE}, True),
        ({"start": EventTime(wall=START.replace(tzinfo=None, hour=0), kind=ZoneKind.DATE)}, False),
        ({"transparency": Transparency.TRANSPARENT}, False),
        ({"status": Status.CANCELLED}, False),
        ({"attendees": (Attendee(email="grace@example.org", partstat=Partstat.DECLINED),)}, False),
        ({"uid": "session-1@example.org"}, False),
        ({"title": "Mentoring: Ada and Grace"}, False),
        ({"title": "Mentoring: Ada and Grace", "start": START + 10 * MINUTE}, True),
    ],
)
def test_what_is_no_conflict(make_event, make_policy, changes, taken):
    found = taken_times(make_event(START), [other(make_event, **changes)], make_policy().me)
    assert bool(found) == taken


def test_same_event_in_two_calendars_is_told_once_and_as_sure_as_the_surer_copy(make_event, make_policy):
    maybe = other(make_event, status=Status.TENTATIVE)
    sure = other(make_event, account="work")
    (found,) = taken_times(make_event(START), [maybe, sure], make_policy().me)
    assert not found.tentative
    assert found.title == "Dentist"
    (hidden,) = taken_times(make_event(START), [other(make_event, sensitivity=Sensitivity.PRIVATE)], make_policy().me)
    assert hidden.title == ""


# two sessions at once


@pytest.fixture
def two(make_event, make_policy):
    """Two sessions at once, of Ada's pair and of Katherine's; who owns them, and when they were made."""

    def make(owners=(Party.MENTEE, Party.MENTEE), created=(None, None), answers=(Partstat.ACCEPTED,) * 2, **changes):
        ada = make_policy().mentorships[0]
        katherine = ada.mentor.model_copy(update={"name": "Katherine Johnson", "emails": ("kj@example.net",)})
        pairs = tuple(
            Mentorship(name=name, mentor=mentor, mentee=ada.mentee, my_role=Party.MENTEE, owner=owner, met=True)
            for name, mentor, owner in zip(("ada", "kj"), (ada.mentor, katherine), owners, strict=True)
        )
        policy = make_policy(mentorships=pairs)
        events = [
            make_event(
                START, uid=f"{pair.name}@x", title=f"Mentoring {pair.name}", created=made, text="- compilers",
                attendees=(Attendee(email="grace@example.org", partstat=answer), Attendee(email=pair.mentor.emails[0])),
                **changes if pair.name == "kj" else {},
            )
            for pair, made, answer in zip(pairs, created, answers, strict=True)
        ]  # fmt: skip
        return events, policy

    return make


def found_for(event, beside, policy):
    taken = taken_times(event, beside, policy.me, moves=lambda copies: is_to_move(copies, [event], policy))
    return [one for one in judge(event, History(taken=taken), policy, NOW).findings if one.rule == "conflict"]


@pytest.mark.parametrize(
    ("how", "moves"),
    [
        ({"created": (NOW - timedelta(days=2), NOW - timedelta(days=1))}, "kj"),
        ({"created": (NOW - timedelta(days=1), NOW - timedelta(days=2))}, "ada"),
        (
            {"owners": (Party.MENTEE, Party.MENTOR), "created": (NOW - timedelta(days=2), NOW - timedelta(days=1))},
            "ada",
        ),
        ({}, "kj"),
        (
            {
                "created": (NOW - timedelta(days=1), NOW),
                "answers": (Partstat.TENTATIVE, Partstat.ACCEPTED),
                "organizer": None,
            },
            "ada",
        ),
    ],
)
def test_of_two_sessions_at_once_both_are_told_and_one_is_moved(two, how, moves):
    events, policy = two(**how)
    reaches = {}
    for event in events:
        (finding,) = found_for(event, [one for one in events if one is not event], policy)
        reaches[event.uid.partition("@")[0]] = finding.reach
    assert [name for name, reach in reaches.items() if reach > Reach.REPORT] == [moves]


def test_session_beside_one_that_agendad_leaves_alone_is_the_one_to_move(two):
    (ada, kj), policy = two(created=(NOW - timedelta(days=2), NOW - timedelta(days=1)), categories=("no-agendad",))
    (finding,) = found_for(ada, [kj], policy)
    assert finding.reach is Reach.LADDER


# the other person's free/busy


def block(first, last):
    return (START + first * MINUTE, START + last * MINUTE)


@pytest.mark.parametrize(
    ("blocks", "certain"),
    [
        ([], []),
        ([(0, 30)], []),  # the session itself
        ([(-30, 30)], []),  # merged with what is before it
        ([(-60, 90)], []),  # just covers it
        ([(15, 60)], [(15, 60)]),  # an edge inside
        ([(-30, 10)], [(-30, 10)]),
        ([(0, 30), (0, 30)], []),  # the same twice: two answers of one thing
        ([(0, 30), (15, 45)], [(15, 45)]),  # listed one by one
        ([(0, 30), (-30, 60)], [(-30, 60)]),
        ([(0, 30), (30, 60)], []),  # back to back
        ([(-60, 0), (30, 60)], []),
    ],
)
def test_other_person_is_taken_only_where_that_is_certain(make_event, blocks, certain):
    found = others_taken(make_event(START), [block(*one) for one in blocks])
    assert [(one.start, one.end) for one in found] == [block(*one) for one in certain]
    assert not any(one.mine or one.title for one in found)


def test_time_where_the_session_was_before_is_not_taken_for_another_meeting(make_event):
    old = block(-15, 15)
    assert others_taken(make_event(START), [old], earlier={old}) == ()


def test_docstring_holds_an_example_that_loads():
    lines = inspect.getdoc(Conflict).partition("rules:")[2]
    options = YAML(typ="safe").load("rules:" + lines)["rules"]["conflict"]
    assert ConflictOptions.model_validate(options) == ConflictOptions()
    assert default_options()["conflict"] == ConflictOptions()


def test_session_without_an_instant_is_not_judged(make_event, make_policy, floating):
    policy = make_policy()
    event = make_event(floating(START.replace(tzinfo=None)))
    session = Session(event=event, detection=Detection(is_mentorship=True), me=policy.me)
    assert list(Conflict().check(session, History(taken=(BOARD,)), ConflictOptions(), NOW)) == []
