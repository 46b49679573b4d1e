"""What waits, and what the user is told about it."""

from datetime import UTC, datetime, timedelta

from agendad.providers.model import Attendee, Organizer
from agendad.rules.base import History
from agendad.rules.engine import judge
from agendad.rules.limits import Candidate, Ledger, State, decide
from agendad.rules.plan import Standing, plan


def test_step_in_the_night_says_for_whom_and_when_it_would_go(make_event, make_policy):
    start = datetime(2026, 12, 1, 15, tzinfo=UTC)
    now = start - timedelta(hours=71)  # 16:00 in London, 11:00 in New York, on a Saturday
    event = make_event(start, organizer=Organizer(email="ada@example.com"))
    policy = make_policy()
    verdict = judge(event, History(met=True), policy, now)
    steps = plan(verdict, History(met=True), Standing(), policy, now)
    hold = next(step for step in steps if step.rung == "hold")
    night = datetime(2026, 11, 29, 4, tzinfo=UTC)
    candidate = Candidate(key=event.key, start=start, mentorship=policy.mentorships[0], step=hold)
    (decision,) = decide([candidate], Ledger(), policy, night)
    assert decision.state is State.SKIPPED
    assert decision.reason == (
        "quiet hours: it is night for ada@example.com; it would go at Sun 29 Nov 03:00 in New York (EST)"
    )


def test_step_by_day_is_not_put_off(make_event, make_policy):
    start = datetime(2026, 12, 1, 15, tzinfo=UTC)
    now = start - timedelta(hours=95)
    event = make_event(start, attendees=(Attendee(email="ada@example.com"), Attendee(email="grace@example.org")))
    policy = make_policy()
    verdict = judge(event, History(met=True), policy, now)
    (nudge, *_) = plan(verdict, History(met=True), Standing(), policy, now)
    candidate = Candidate(key=event.key, start=start, mentorship=policy.mentorships[0], step=nudge)
    (decision,) = decide([candidate], Ledger(), policy, now)
    assert (decision.state, decision.reason) == (State.WOULD, "")
