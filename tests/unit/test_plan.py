"""Ladders, roles and what turns a step into a question."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agendad.providers.model import Attendee, Organizer, Partstat
from agendad.rules.base import Detection, Finding, History, Reach, Session
from agendad.rules.engine import Verdict
from agendad.rules.plan import Standing, Taken, plan, series_carriers
from agendad.rules.policy import Action, Limits, Severity
from agendad.rules.roles import Effect

START = datetime(2026, 12, 10, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ORGANIZED_BY_ADA = {
    "organizer": Organizer(email="ada@example.com"),
    "attendees": (
        Attendee(email="ada@example.com", partstat=Partstat.ACCEPTED),
        Attendee(email="grace@example.org", partstat=Partstat.ACCEPTED),
    ),
}


@pytest.fixture
def verdict(make_event, make_policy):
    policy = make_policy()

    def make(code="agenda.missing", *, reach=Reach.LADDER, series=False, on_topic=True, start=START, **event):
        detection = Detection(
            is_mentorship=True,
            mentorship=policy.mentorships[0],
            my_role=policy.mentorships[0].my_role,
            on_topic=on_topic,
        )
        occurrence = make_event(start, **event)
        finding = Finding(code=code, severity=Severity.ERROR, message="m", reach=reach, series=series)
        session = Session(event=occurrence, detection=detection, me=policy.me)
        return Verdict(event=occurrence, detection=detection, session=session, findings=(finding,))

    return make


@pytest.fixture
def steps(make_policy):
    def make(verdict, *, now=START - 200 * HOUR, met=True, standing=None, limits=None, **rest):
        policy = make_policy(limits=limits or Limits(quiet_hours="none"))
        return plan(verdict, History(met=met), standing or Standing(), policy, now, **rest)

    return make


def shape(steps):
    return [(str(step.action), str(step.effect), round((START - step.due) / HOUR)) for step in steps]


def test_whole_ladder_is_planned_when_the_session_is_far(verdict, steps):
    assert shape(steps(verdict())) == [("nudge", "mail", 96), ("hold", "patch", 60), ("cancel", "cancel", 36)]


def test_attendee_declines_and_answers_tentative_where_the_organizer_cancels(verdict, steps):
    planned = steps(verdict(**ORGANIZED_BY_ADA))
    assert [step.effect for step in planned] == [Effect.MAIL, Effect.TENTATIVE, Effect.DECLINE]
    assert [step.to for step in planned] == [("grace@example.org",), ("ada@example.com",), ("ada@example.com",)]


def test_session_found_late_still_climbs_from_the_first_rung(verdict, steps):
    assert shape(steps(verdict(), now=START - 50 * HOUR)) == [
        ("nudge", "mail", 50),
        ("hold", "patch", 38),
        ("cancel", "cancel", 26),
    ]


def test_step_inside_the_freeze_becomes_one_question(verdict, steps):
    assert shape(steps(verdict(), now=START - 30 * HOUR)) == [
        ("nudge", "mail", 30),
        ("hold", "patch", 18),
        ("ask", "ask", 12),
    ]
    assert shape(steps(verdict(), now=START - 5 * HOUR)) == [("ask", "ask", 5)]


def test_ladder_is_led_by_the_finding_that_goes_furthest(verdict, steps):
    day_off = verdict("timezone.non-working-day")
    twice = Finding(code="timezone.ambiguous-time", severity=Severity.ERROR, message="m", reach=Reach.NUDGE)
    planned = steps(replace(day_off, findings=(twice, *day_off.findings)))
    assert [(step.action, step.reason) for step in planned] == [
        (Action.NUDGE, "timezone.non-working-day"),
        (Action.RESCHEDULE, "timezone.non-working-day"),
    ]


def test_nothing_is_planned_once_the_session_has_begun(verdict, steps):
    assert steps(verdict(), now=START) == ()


def test_first_meeting_is_asked_about_instead_of_cancelled(verdict, steps):
    planned = steps(verdict(), met=False)
    assert shape(planned) == [("nudge", "mail", 96), ("hold", "patch", 60), ("ask", "ask", 36)]
    assert "first meeting" in planned[-1].why_ask


def test_pair_without_a_word_on_mentoring_is_asked_about_instead_of_cancelled(verdict, steps):
    assert [step.action for step in steps(verdict(on_topic=False))] == [Action.NUDGE, Action.HOLD, Action.ASK]


def test_invite_that_i_have_not_accepted_gets_nothing_outward_when_we_never_met(verdict, steps):
    unanswered = {
        "organizer": Organizer(email="ada@example.com"),
        "attendees": (Attendee(email="ada@example.com"), Attendee(email="grace@example.org")),
    }
    assert not any(step.outward for step in steps(verdict(**unanswered), met=False))
    assert any(step.outward for step in steps(verdict(**unanswered), met=True))


def test_session_that_the_other_has_declined_gets_a_question_only(verdict, steps):
    declined = (Attendee(email="grace@example.org"), Attendee(email="ada@example.com", partstat=Partstat.DECLINED))
    assert [step.action for step in steps(verdict(attendees=declined))] == [Action.NUDGE, Action.ASK]


def test_floating_session_gets_one_question_and_nothing_else(verdict, steps, floating):
    planned = steps(verdict(start=floating(START.replace(tzinfo=None))))
    assert [(step.action, step.effect) for step in planned] == [(Action.ASK, Effect.ASK)]
    cannot_judge = verdict("timezone.floating", reach=Reach.ASK, start=floating(START.replace(tzinfo=None)))
    assert [step.action for step in steps(cannot_judge)] == [Action.ASK]


def test_doubt_stops_at_the_nudge(verdict, steps):
    assert [step.action for step in steps(verdict(reach=Reach.NUDGE))] == [Action.NUDGE]
    assert [step.action for step in steps(verdict("agenda.stale"))] == [Action.NUDGE]
    assert steps(verdict(reach=Reach.REPORT)) == ()


def test_cancel_waits_for_grace_since_the_violation_was_first_seen(verdict, steps):
    now = START - 40 * HOUR
    taken = tuple(
        Taken(rule="agenda", action=action, effect=Effect.MAIL, at=now - 30 * HOUR)
        for action in (Action.NUDGE, Action.HOLD)
    )
    fresh = Standing(first_seen={"agenda.missing": now}, taken=taken, told_at=now)
    assert shape(steps(verdict(), now=now, standing=fresh)) == [("cancel", "cancel", 28)]
    old = Standing(first_seen={"agenda.missing": now - 30 * HOUR}, taken=taken, told_at=now - 30 * HOUR)
    assert shape(steps(verdict(), now=now, standing=old)) == [("cancel", "cancel", 36)]


def test_grace_of_zero_lets_a_step_be_due_at_once(verdict, steps):
    limits = Limits(grace=timedelta(), between_steps=timedelta(), quiet_hours="none")
    planned = steps(verdict(), now=START - 30 * HOUR, limits=limits)
    assert [step.due for step in planned] == [START - 30 * HOUR] * 3
    assert [step.action for step in planned] == [Action.NUDGE, Action.HOLD, Action.CANCEL]


def test_a_question_is_asked_once(verdict, steps):
    asked = Standing(taken=(Taken(rule="agenda", action=Action.HOLD, effect=Effect.ASK, at=START - 12 * HOUR),))
    assert steps(verdict(), now=START - 8 * HOUR, standing=asked) == ()


def test_rung_once_taken_is_not_planned_again(verdict, steps):
    taken = Standing(taken=(Taken(rule="agenda", action=Action.NUDGE, effect=Effect.MAIL, at=START - 96 * HOUR),))
    assert [step.action for step in steps(verdict(), now=START - 90 * HOUR, standing=taken)] == [
        Action.HOLD,
        Action.CANCEL,
    ]


def test_settled_session_is_left_alone(verdict, steps):
    settled = Standing(taken=(Taken(rule="agenda", action=Action.CANCEL, effect=Effect.CANCEL, at=START - 36 * HOUR),))
    assert steps(verdict("timezone.outside-working-hours"), now=START - 30 * HOUR, standing=settled) == ()


def test_wrong_organizer_leads_to_an_offer_to_take_over(verdict, steps):
    planned = steps(verdict("ownership.wrong-organizer", **ORGANIZED_BY_ADA))
    assert [(step.action, step.effect, step.to) for step in planned] == [
        (Action.HANDOVER, Effect.MAIL, ("ada@example.com",))
    ]


def test_time_outside_hours_is_proposed_anew_and_never_cancelled(verdict, steps):
    planned = steps(verdict("timezone.outside-working-hours"))
    assert [(step.action, step.effect) for step in planned] == [
        (Action.NUDGE, Effect.MAIL),
        (Action.RESCHEDULE, Effect.PROPOSE),
    ]


def test_series_ladder_is_carried_by_the_next_occurrence_only(verdict, steps, make_policy):
    now = START - 200 * HOUR
    weeks = [
        verdict("ownership.wrong-organizer", series=True, start=START + n * 168 * HOUR, recurrence_id=str(n))
        for n in range(3)
    ]
    assert series_carriers(weeks, make_policy(), now) == {weeks[0].event.key: frozenset({"ownership"})}
    assert steps(weeks[1], series_rules=frozenset()) == ()
    assert len(steps(weeks[0])) == 1


def test_each_rule_has_its_own_carrier(verdict, make_policy):
    organizer = verdict("ownership.wrong-organizer", series=True, recurrence_id="0")
    drift = verdict("timezone.dst-shift", series=True, start=START + 168 * HOUR, recurrence_id="1")
    carriers = series_carriers([drift, organizer], make_policy(), START - 200 * HOUR)
    assert carriers == {organizer.event.key: frozenset({"ownership"}), drift.event.key: frozenset({"timezone"})}


def test_step_in_the_recipients_night_is_put_off_to_their_morning(verdict, steps):
    night = verdict(start=datetime(2026, 12, 10, 3, 0, tzinfo=UTC), **ORGANIZED_BY_ADA)
    hold = steps(night, now=datetime(2026, 12, 1, tzinfo=UTC), limits=Limits())[1]
    assert hold.due == datetime(2026, 12, 7, 15, 0, tzinfo=UTC)
    assert hold.sends == hold.due
    early = verdict(start=datetime(2026, 12, 10, 12, 0, tzinfo=UTC), **ORGANIZED_BY_ADA)
    hold = steps(early, now=datetime(2026, 12, 1, tzinfo=UTC), limits=Limits())[1]
    assert (hold.due, hold.sends) == (datetime(2026, 12, 8, 0, 0, tzinfo=UTC), datetime(2026, 12, 8, 8, 0, tzinfo=UTC))
