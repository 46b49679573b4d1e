"""What waits, and what the user is told about it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from agendad.providers.model import Attendee, Organizer
from agendad.rules.base import History
from agendad.rules.engine import judge
from agendad.rules.limits import Candidate, Ledger, State, decide, zone_of
from agendad.rules.plan import Standing, Step, plan
from agendad.rules.policy import Action, Mode
from agendad.rules.roles import Effect

NOW = datetime(2026, 11, 30, 14, tzinfo=UTC)
"""A Monday: 09:00 in New York, 14:00 in London."""
TOKEN, NONE = "one text", ""


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


def test_step_that_nobody_hears_of_takes_the_place_of_one_that_may_not_be_told(make_policy):
    policy, (pair,) = make_policy(mode=Mode.ACT), make_policy().mentorships
    loud = Step(
        rule="agenda", reason="agenda.file", message="", action=Action.PATCH, rung=Action.PATCH, effect=Effect.PATCH,
        due=NOW, sends=NOW, to=("ada@example.com",), outward=True, lines=("- one",), token=TOKEN,
    )  # fmt: skip
    quiet = replace(loud, to=())
    candidate = Candidate(key=("u", ""), start=NOW + timedelta(days=3), mentorship=pair, step=loud)
    either = replace(candidate, step=replace(loud, silently=quiet))
    today = NOW.astimezone(ZoneInfo("Europe/London")).date()
    heard = Ledger(reached={"ada@example.com": frozenset({today})})
    (told,) = decide([either], Ledger(), policy, NOW)
    assert (told.state, told.candidate.step.to) == (State.PLANNED, ("ada@example.com",))
    (silent,) = decide([either], heard, policy, NOW)
    assert (silent.state, silent.candidate.step) == (State.PLANNED, quiet)
    (waits,) = decide([candidate], heard, policy, NOW)
    assert waits.state is State.SKIPPED
    (asked,) = decide([either], heard, make_policy(mode=Mode.APPROVE), NOW)
    assert asked.state is State.SKIPPED, "whoever says yes decides about the notice, too"
    night = replace(loud, sends=NOW + timedelta(hours=8))
    (silent,) = decide([replace(candidate, step=replace(night, silently=quiet))], Ledger(), policy, NOW)
    assert silent.candidate.step == quiet
    none = policy.limits.model_copy(update={"max_actions_per_run": 0})
    (held,) = decide([either], Ledger(), make_policy(mode=Mode.ACT, limits=none), NOW)
    assert held.state is State.SKIPPED


def test_write_that_nobody_hears_of_is_no_message_to_the_user(make_policy):
    policy, (pair,) = make_policy(mode=Mode.ACT), make_policy().mentorships
    quiet = Step(
        rule="agenda", reason="agenda.file", message="", action=Action.PATCH, rung=Action.PATCH, effect=Effect.PATCH,
        due=NOW, sends=NOW, to=(), outward=True, lines=("- one",), token=TOKEN,
    )  # fmt: skip
    nudge = replace(quiet, reason="agenda.missing", effect=Effect.MAIL, to=("grace@example.org",), lines=(), token=NONE)
    at = NOW + timedelta(days=3)
    candidates = [
        Candidate(key=(key, ""), start=at, mentorship=pair, step=step) for key, step in (("a", quiet), ("b", nudge))
    ]
    today = NOW.astimezone(ZoneInfo("America/New_York")).date()
    heard = Ledger(reached={"grace@example.org": frozenset({today})})
    states = [one.state for one in decide(candidates, heard, policy, NOW)]
    assert states == [State.PLANNED, State.SKIPPED]
