"""What waits, and what the user is told about it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from agendad.providers.model import Attendee, Organizer
from agendad.rules.base import History
from agendad.rules.engine import judge
from agendad.rules.limits import Candidate, Ledger, State, decide, zone_of
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


def test_night_of_somebody_who_is_away_is_told_with_the_place(make_event, make_policy, abroad):
    start = datetime(2026, 12, 1, 15, tzinfo=UTC)
    seen, now = start - timedelta(hours=71), datetime(2026, 11, 29, 4, tzinfo=UTC)
    pair = make_policy().mentorships[0]
    pair = replace(pair, mentor=abroad(pair.mentor, ("2026-11-25", "2026-11-30", "Africa/Nairobi")))
    policy = make_policy(mentorships=(pair,))
    event = make_event(start, organizer=Organizer(email="ada@example.com"))
    steps = plan(judge(event, History(met=True), policy, seen), History(met=True), Standing(), policy, seen)
    hold = next(step for step in steps if step.rung == "hold")
    assert hold.sends == datetime(2026, 11, 29, 5, tzinfo=UTC), "08:00 in Nairobi, three hours before London"
    (decision,) = decide([Candidate(key=event.key, start=start, mentorship=pair, step=hold)], Ledger(), policy, now)
    assert decision.reason == (
        "quiet hours: it is night for ada@example.com in Nairobi (EAT) while away; "
        "it would go at Sun 29 Nov 00:00 in New York (EST)"
    )


def test_day_on_which_somebody_heard_is_that_of_the_place_where_they_are(make_policy, abroad):
    grace = abroad(make_policy().me, ("2026-12-10", "2026-12-20", "Asia/Tokyo"))
    policy = make_policy(me=grace)
    evening = datetime(2026, 12, 15, 23, tzinfo=UTC)
    assert evening.astimezone(zone_of("grace@example.org", policy, evening)).date() == date(2026, 12, 16)
    assert zone_of("stranger@example.net", policy, evening) == zone_of("grace@example.org", policy, evening)
    assert zone_of("grace@example.org", policy, datetime(2026, 12, 25, tzinfo=UTC)) == ZoneInfo("America/New_York")
