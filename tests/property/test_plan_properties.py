"""What holds for every plan, whatever the session, the zone and the moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agendad.providers.model import Attendee, Event, EventTime, Organizer, Partstat, ZoneKind
from agendad.rules.base import Detection, Finding, History, Reach, Session
from agendad.rules.engine import Verdict, default_options
from agendad.rules.limits import Candidate, Ledger, State, decide
from agendad.rules.plan import STEPS_IN_ALL, STEPS_PER_RULE, Standing, Step, Taken, plan
from agendad.rules.policy import Action, Limits, Mentorship, Mode, Party, Person, Policy, Severity
from agendad.rules.roles import OUTCOMES, Effect

ZONES = sorted(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix", "right"))
)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
CODES = (
    ("agenda.missing", Reach.LADDER),
    ("agenda.missing", Reach.NUDGE),
    ("agenda.placeholder", Reach.LADDER),
    ("agenda.stale", Reach.NUDGE),
    ("timezone.outside-working-hours", Reach.LADDER),
    ("timezone.outside-working-hours", Reach.REPORT),
    ("timezone.text-mismatch", Reach.NUDGE),
    ("ownership.wrong-organizer", Reach.LADDER),
)
HOUR = timedelta(hours=1)

minutes = st.integers(min_value=0, max_value=365 * 24 * 60).map(lambda n: EPOCH + timedelta(minutes=n))
zones = st.sampled_from(ZONES)
people = st.tuples(zones, zones).map(
    lambda pair: (
        Person(name="Me", emails=("me@example.org",), timezone=pair[0]),
        Person(name="Other", emails=("other@example.com",), timezone=pair[1]),
    )
)


@st.composite
def policies(draw: st.DrawFn, mode: Mode | None = None) -> Policy:
    me, other = draw(people)
    my_role = draw(st.sampled_from(Party))
    mine, theirs = (me, other) if my_role is Party.MENTEE else (other, me)
    pair = Mentorship(name="pair", mentee=mine, mentor=theirs, my_role=my_role, owner=draw(st.sampled_from(Party)))
    limits = Limits(
        grace=draw(st.integers(0, 48)) * HOUR,
        freeze=draw(st.integers(0, 48)) * HOUR,
        between_steps=draw(st.integers(0, 48)) * HOUR,
        max_cancels_per_day=draw(st.integers(0, 3)),
        max_actions_per_run=draw(st.integers(0, 5)),
        max_mails_per_day=draw(st.integers(0, 6)),
        quiet_hours=draw(st.sampled_from(("recipient", "none"))),
    )
    return Policy(
        me=me,
        mentorships=(pair,),
        rules=default_options(),
        limits=limits,
        mode=mode or draw(st.sampled_from(Mode)),
    )


@st.composite
def verdicts(draw: st.DrawFn, policy: Policy, start: datetime, uid: str = "u") -> Verdict:
    pair = policy.mentorships[0]
    mine, other = policy.me.emails[0], pair.other.emails[0]
    organizer = draw(st.sampled_from((mine, other, None)))
    event = Event(
        account="a",
        calendar=".",
        id=uid,
        uid=uid,
        organizer=Organizer(email=organizer) if organizer else None,
        attendees=tuple(Attendee(email=email, partstat=draw(st.sampled_from(Partstat))) for email in (mine, other)),
        start=draw(st.sampled_from((_utc(start), EventTime(wall=start.replace(tzinfo=None), kind=ZoneKind.FLOATING)))),
        end=_utc(start + HOUR / 2),
    )
    detection = Detection(is_mentorship=True, mentorship=pair, my_role=pair.my_role, on_topic=draw(st.booleans()))
    found = draw(st.lists(st.sampled_from(CODES), unique_by=lambda code: code[0]))
    findings = tuple(
        Finding(code=code, severity=draw(st.sampled_from(Severity)), message="m", reach=reach) for code, reach in found
    )
    session = Session(event=event, detection=detection, me=policy.me)
    return Verdict(event=event, detection=detection, session=session, findings=findings)


@st.composite
def standings(draw: st.DrawFn, now: datetime) -> Standing:
    taken = draw(
        st.lists(
            st.builds(
                Taken,
                rule=st.sampled_from(("agenda", "timezone", "ownership")),
                action=st.sampled_from(Action),
                effect=st.sampled_from([effect for effect in Effect if effect not in OUTCOMES]),
                at=st.integers(0, 200).map(lambda hours: now - hours * HOUR),
            ),
            max_size=4,
        )
    )
    counts = draw(st.dictionaries(st.sampled_from(("agenda", "timezone", "ownership")), st.integers(0, 4)))
    seen = {code: now - draw(st.integers(0, 100)) * HOUR for code, _ in CODES}
    told = draw(st.none() | st.integers(0, 50).map(lambda hours: now - hours * HOUR))
    return Standing(
        first_seen=seen,
        taken=tuple(sorted(taken, key=lambda step: step.at)),
        told_at=told,
        outward_by_rule=counts,
    )


def _utc(instant: datetime) -> EventTime:
    return EventTime(wall=instant.replace(tzinfo=None), kind=ZoneKind.UTC, instant=instant, zone="UTC")


@given(data=st.data(), policy=policies(), now=minutes, ahead=st.integers(1, 300), met=st.booleans())
def test_a_plan_keeps_every_rule_that_protects_people(data, policy, now, ahead, met):
    start = now + ahead * HOUR
    verdict = data.draw(verdicts(policy, start))
    standing = data.draw(standings(now))
    seen = data.draw(st.booleans())
    steps = plan(verdict, History(met=met), standing, policy, now, free_busy=seen)
    limits = policy.limits
    outward = [step for step in steps if step.outward]
    for step in steps:
        assert step.due >= now
        assert step.sends >= step.due
        if step.effect is Effect.ASK:
            assert step.to == (policy.me.emails[0],)
            continue
        assert verdict.event.start.instant is not None, "a session without an instant gets questions only"
        assert step.sends <= start - limits.freeze
        if step.outcome:
            assert verdict.detection.on_topic
            assert met or step.effect is Effect.MOVE
        if step.effect is Effect.MOVE:
            assert seen
            assert verdict.session.i_organize
            assert policy.mentorships[0].i_own
        if step.effect in {Effect.CANCEL, Effect.DECLINE}:
            assert step.due >= standing.first_seen[step.reason] + limits.grace
            assert step.due >= (standing.told_at or now) + limits.grace
            assert step.reason in {"agenda.missing", "agenda.placeholder"}
        if limits.quiet_hours == "recipient":
            person = policy.me if policy.me.has(step.to[0]) else policy.mentorships[0].other
            assert 8 <= step.sends.astimezone(ZoneInfo(person.timezone)).hour < 20
        if step.effect is Effect.MAIL:
            assert set(step.to) <= policy.addresses
    assert sum(step.outcome for step in steps) <= 1
    assert sum(standing.outward_by_rule.values()) + len(outward) <= max(
        STEPS_IN_ALL, sum(standing.outward_by_rule.values())
    )
    for rule in ("agenda", "timezone", "ownership"):
        before = standing.outward_by_rule.get(rule, 0)
        assert before + sum(step.rule == rule for step in outward) <= max(STEPS_PER_RULE, before)
        _assert_climbs_in_order(rule, [step for step in steps if step.rule == rule], standing, policy)


@given(
    data=st.data(), policy=policies(), now=minutes, ahead=st.integers(1, 300), effect=st.sampled_from(sorted(OUTCOMES))
)
def test_what_was_settled_once_is_never_settled_again_nor_asked_about(data, policy, now, ahead, effect):
    verdict = data.draw(verdicts(policy, now + ahead * HOUR))
    standing = data.draw(standings(now))
    done = Taken(rule="timezone", action=Action.RESCHEDULE, effect=effect, at=now - HOUR)
    standing = replace(standing, taken=(*standing.taken, done))
    steps = plan(verdict, History(met=True), standing, policy, now, free_busy=data.draw(st.booleans()))
    assert not any((step.meant or step).outcome for step in steps)
    assert not steps or effect is Effect.MOVE, "what was called off is left alone"


def _assert_climbs_in_order(rule: str, steps: list[Step], standing: Standing, policy: Policy) -> None:
    order = [rung.do for rung in policy.rules[rule].ladder]
    going = [step for step in steps if step.effect is not Effect.ASK]
    places = [order.index(step.rung) for step in going]
    assert places == sorted(set(places))
    earlier = [taken.at for taken in standing.on(rule, series=False)]
    for step in going:
        assert all(step.due >= at + policy.limits.between_steps for at in earlier)
        earlier.append(step.sends)


@given(data=st.data(), policy=policies(), now=minutes)
def test_decisions_stay_within_every_limit(data, policy, now):
    pair, limits = policy.mentorships[0], policy.limits
    candidates = []
    for number in range(data.draw(st.integers(1, 6))):
        start = now + data.draw(st.integers(1, 120)) * HOUR
        verdict = data.draw(verdicts(policy, start, uid=f"u{number}"))
        steps = plan(verdict, History(met=True), data.draw(standings(now)), policy, now)
        candidates += [Candidate(key=verdict.event.key, start=start, mentorship=pair, step=step) for step in steps]
    cancels, messages = data.draw(st.integers(0, 4)), data.draw(st.integers(0, 6))
    ledger = Ledger(cancels_today=cancels, messages_today=messages)
    decisions = decide(candidates, ledger, policy, now)
    done = [
        d.candidate.step
        for d in decisions
        if d.state is not State.SKIPPED and d.candidate.step.effect is not Effect.ASK
    ]
    assert all(step.due <= now and step.sends <= now for step in done)
    assert len(done) <= limits.max_actions_per_run
    cancelled = sum(step.effect in {Effect.CANCEL, Effect.DECLINE} for step in done)
    assert cancels + cancelled <= max(cancels, limits.max_cancels_per_day)
    heard = [email for step in done for email in step.to]
    assert heard.count(pair.other.emails[0]) <= 1, "one message a person a day"
    to_others = sum(email != policy.me.emails[0] for email in heard)
    to_me = 1 if policy.me.emails[0] in heard else 0
    assert messages + to_others + to_me <= max(messages, limits.max_mails_per_day)
    assert all(d.reason for d in decisions if d.state is State.SKIPPED)
    allowed = {
        Mode.OBSERVE: {State.WOULD},
        Mode.APPROVE: {State.PENDING},
        Mode.ACT: {State.PLANNED, State.PENDING},
    }
    assert {d.state for d in decisions} - {State.SKIPPED} <= allowed[policy.mode]


@given(data=st.data(), policy=policies(), now=minutes)
def test_nobody_hears_twice_a_day_across_runs(data, policy, now):
    pair = policy.mentorships[0]
    today = now.astimezone(pair.other.zone).date()
    ledger = Ledger(reached={pair.other.emails[0]: frozenset({today})})
    verdict = data.draw(verdicts(policy, now + 20 * HOUR))
    steps = plan(verdict, History(met=True), Standing(), policy, now)
    candidates = [Candidate(key=("u", ""), start=now, mentorship=pair, step=step) for step in steps]
    for decision in decide(candidates, ledger, policy, now):
        if pair.other.emails[0] in decision.candidate.step.to:
            assert decision.state is State.SKIPPED


@pytest.mark.parametrize("rule", ["agenda", "timezone", "ownership"])
@given(
    data=st.data(),
    pair=people,
    start=minutes,
    known=st.integers(8 * 24, 20 * 24),
    role=st.sampled_from(Party),
    i_organize=st.booleans(),
)
def test_every_default_step_is_reachable_in_every_zone(rule, data, pair, start, known, role, i_organize):
    """Known for days, with default limits: each rung is sent, none turns into a question for lack of time."""
    me, other = pair
    mentee, mentor = (me, other) if role is Party.MENTEE else (other, me)
    mentorship = Mentorship(name="pair", mentee=mentee, mentor=mentor, my_role=role, met=True)
    policy = Policy(me=me, mentorships=(mentorship,), rules=default_options(), mode=Mode.ACT)
    detection = Detection(is_mentorship=True, mentorship=mentorship, my_role=role, on_topic=True)
    event = Event(
        account="a", calendar=".", id="u", uid="u",
        organizer=Organizer(email=(me if i_organize else other).emails[0]),
        attendees=(Attendee(email=me.emails[0]), Attendee(email=other.emails[0])),
        start=_utc(start), end=_utc(start + HOUR),
    )  # fmt: skip
    code = {
        "agenda": "agenda.missing",
        "timezone": "timezone.outside-working-hours",
        "ownership": "ownership.wrong-organizer",
    }[rule]
    finding = Finding(code=code, severity=Severity.ERROR, message="m")
    verdict = Verdict(
        event=event,
        detection=detection,
        findings=(finding,),
        session=Session(event=event, detection=detection, me=me),
    )
    first_seen = start - known * HOUR
    standing, sent = Standing(first_seen={code: first_seen}, told_at=first_seen), []
    now = first_seen
    for _ in policy.rules[rule].ladder:
        steps = plan(verdict, History(met=True), standing, policy, now)
        assume(steps)
        step = steps[0]
        assert step.effect is not Effect.ASK, step.why_ask
        now = step.sends
        sent.append(step.rung)
        taken = Taken(rule=rule, action=step.rung, effect=step.effect, at=now)
        standing = replace(standing, taken=(*standing.taken, taken))
    assert sent == [rung.do for rung in policy.rules[rule].ladder]
