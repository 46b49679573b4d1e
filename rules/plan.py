"""Planning: findings and what was done so far in, the steps that remain out.

A ladder is climbed from its first rung, none skipped. What must not happen by itself becomes a question
to the user, and a question comes once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from agendad.providers.model import Event
from agendad.rules import agenda_file
from agendad.rules.agenda_file import Place
from agendad.rules.base import Finding, History, Reach, Session
from agendad.rules.engine import Verdict
from agendad.rules.policy import Action, LadderStep, Mentorship, Policy, Severity
from agendad.rules.quiet import next_open
from agendad.rules.roles import OUTCOMES, Effect, effect_of, i_accepted, nobody_else_comes, recipients
from agendad.rules.units import format_duration

STEPS_PER_RULE = 3
STEPS_IN_ALL = 6

_GRAVITY = list(Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A step that was taken (or, in observe mode, would have been). `at` is aware UTC."""

    rule: str
    action: Action
    """The rung: the ladder's word, also where the user was asked instead."""
    effect: Effect
    at: datetime
    series: bool = False
    """A step on the ladder of the series as a whole."""
    refused: bool = False
    """The user said no to it, or took it back: that ladder ends there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an occurrence stands on its ladders. Instants are aware UTC."""

    first_seen: Mapping[str, datetime] = field(default_factory=dict)
    """Finding code → when the violation was first seen; now, for a code that is not in it."""
    taken: tuple[Taken, ...] = ()
    """Since the ladder last (re)started, oldest first."""
    told_at: datetime | None = None
    """When the user was told of the cancel to come."""
    outward_by_rule: Mapping[str, int] = field(default_factory=dict)
    """Outward steps over the occurrence's whole life, whatever restarted its ladder."""
    holding: frozenset[str] = frozenset()
    """Rules whose hold stands."""
    from_file: frozenset[str] = frozenset()
    """Tokens of the texts of the user's file that something was decided about, see `agenda_file.token_of`."""

    def on(self, rule: str, *, series: bool) -> list[Taken]:
        """The steps taken on one ladder."""
        return [taken for taken in self.taken if taken.rule == rule and taken.series == series]

    @property
    def settled(self) -> bool:
        return any(taken.effect in OUTCOMES for taken in self.taken)

    @property
    def takes_place(self) -> bool:
        """It was not called off: what was only moved is still to be prepared for."""
        return all(taken.effect not in OUTCOMES - {Effect.MOVE} for taken in self.taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung that remains. `due` and `sends` are aware UTC."""

    rule: str
    reason: str
    """The finding's code."""
    message: str
    action: Action
    """The ladder's word, or ask where a question takes its place."""
    rung: Action
    """The ladder's word, always."""
    effect: Effect
    due: datetime
    sends: datetime
    """`due`, put off to the recipients' daytime."""
    to: tuple[str, ...]
    outward: bool
    """It reaches somebody else, or changes an event."""
    series: bool = False
    why_ask: str = ""
    """Why the user is asked instead."""
    carries: tuple[str, ...] = ()
    """Codes of other rules' findings that the text speaks of as well."""
    people: tuple[str, ...] = ()
    """As in the finding."""
    meant: "Step | None" = None
    """What a yes to the question would do, None for a question that is only one."""
    lines: tuple[str, ...] = ()
    """What the user's file says, for a step that puts it into the invite."""
    token: str = ""
    """Tells that text, at this point, from every other one; "" for the steps of ladders."""
    silently: "Step | None" = None
    """What is done instead as long as nobody may be told."""

    @property
    def outcome(self) -> bool:
        return self.effect in OUTCOMES


def plan(
    verdict: Verdict,
    history: History,
    standing: Standing,
    policy: Policy,
    now: datetime,
    *,
    series_rules: frozenset[str] | None = None,
    free_busy: bool = False,
) -> tuple[Step, ...]:
    """All steps that remain for one occurrence, in the order of their time.

    Nothing is planned for what is over, what opts out, what is no session, or a pair that is not declared.

    Args:
        verdict: from `agendad.rules.engine.judge`.
        history: the same as was judged.
        standing: what was done so far.
        policy: the configuration.
        now: aware UTC; a step that is overdue is due now.
        series_rules: the rules whose series ladder this occurrence carries, see `series_carriers`; None is all.
        free_busy: both people's calendars can be seen, see `effect_of`.
    """
    session = verdict.session
    if session is None or session.mentorship is None or not standing.takes_place:
        return ()
    if verdict.detection.opted_out or estimated_start(verdict.event, policy) <= now:
        return ()
    met = history.met or bool(session.mentorship.met)
    climber = _Climber(session, session.mentorship, history, met, standing, policy, now, free_busy)
    ladders: dict[tuple[str, bool], list[Finding]] = {}
    for finding in verdict.findings:
        if finding.code in agenda_file.CODES:  # for the user to know, and no reason to keep a hold
            continue
        if finding.series and series_rules is not None and finding.rule not in series_rules:
            continue
        ladders.setdefault((finding.rule, finding.series), []).append(finding)
    steps = [step for (rule, series), found in ladders.items() for step in climber.climb(rule, found, series=series)]
    steps = [_carrying(step, verdict.findings) for step in steps]
    still_found = {rule for rule, _ in ladders}
    steps += [climber.release(rule) for rule in sorted(standing.holding - still_found)]
    if standing.settled:  # one outcome each
        steps = [step for step in steps if not (step.meant or step).outcome]
    remaining = list(_within_lifetime(steps, standing, climber.mine))
    if (kept := climber.keep_in_step()) is not None:  # the user's own words: what caps them is a notice a day
        remaining.append(kept)
    return tuple(sorted(remaining, key=lambda step: (step.sends, step.rule)))


def _carrying(step: Step, findings: Iterable[Finding]) -> Step:
    """The step, with what a nudge says for other rules."""
    carries = tuple(one.code for one in findings if one.carrier == step.rule) if step.rung is Action.NUDGE else ()
    if not carries:
        return step
    return replace(step, carries=carries, meant=replace(step.meant, carries=carries) if step.meant else None)


def estimated_start(event: Event, policy: Policy) -> datetime:
    """The start as aware UTC; where there is no instant, as if it were meant where the user is on that day."""
    if event.start.instant is not None:
        return event.start.instant
    wall = event.start.wall
    return wall.replace(tzinfo=policy.me.zone_on(wall.date()) or UTC).astimezone(UTC)


def series_carriers(
    verdicts: Iterable[Verdict], policy: Policy, now: datetime
) -> dict[tuple[str, str], frozenset[str]]:
    """For each occurrence (`Event.key`) the rules whose series ladder it carries: the next one that finds something.

    Findings about a series as a whole have one ladder a series, not one a week.
    """
    first: dict[tuple[str, str], tuple[datetime, str]] = {}
    for verdict in verdicts:
        start = estimated_start(verdict.event, policy)
        if start <= now or verdict.detection.opted_out:
            continue
        uid, recurrence_id = verdict.event.key
        for rule in {finding.rule for finding in verdict.findings if finding.series}:
            candidate = (start, recurrence_id)
            first[uid, rule] = min(candidate, first.get((uid, rule), candidate))
    carried: dict[tuple[str, str], frozenset[str]] = {}
    for (uid, rule), (_, recurrence_id) in first.items():
        carried[uid, recurrence_id] = carried.get((uid, recurrence_id), frozenset()) | {rule}
    return carried


def _within_lifetime(steps: Iterable[Step], standing: Standing, mine: str) -> Iterable[Step]:
    """Steps in the order of their time: past the lifetime caps a question, after an outcome nothing."""
    counted = dict(standing.outward_by_rule)
    asked = False
    for step in sorted(steps, key=lambda step: (step.sends, step.rule)):
        if not step.outward:
            yield step
            continue
        if counted.get(step.rule, 0) >= STEPS_PER_RULE or sum(counted.values()) >= STEPS_IN_ALL:
            if not asked:
                yield _question(step, "this session has had as many messages as agendad ever sends", mine)
            asked = True
            continue
        counted[step.rule] = counted.get(step.rule, 0) + 1
        yield step
        if step.outcome:
            return


def _question(step: Step, why: str, mine: str, due: datetime | None = None) -> Step:
    """The step as a question to the user: no quiet hours, nothing leaves."""
    due = due or step.due
    return replace(
        step, action=Action.ASK, effect=Effect.ASK, due=due, sends=due, to=(mine,), outward=False, why_ask=why,
        meant=step,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Climber:
    """One occurrence on its ladders."""

    session: Session
    mentorship: Mentorship
    history: History
    met: bool
    standing: Standing
    policy: Policy
    now: datetime
    free_busy: bool

    @property
    def mine(self) -> str:
        return self.policy.me.emails[0]

    @property
    def start(self) -> datetime:
        return estimated_start(self.session.event, self.policy)

    def climb(self, rule: str, findings: Sequence[Finding], *, series: bool) -> list[Step]:
        """The rungs of one ladder that remain, each with its time."""
        taken = self.standing.on(rule, series=series)
        if any(step.refused for step in taken):
            return []
        between = self.policy.limits.between_steps
        earliest = max([self.now, *(step.at + between for step in taken)])
        asked = any(step.effect is Effect.ASK and step.action is not Action.ASK for step in taken)
        steps: list[Step] = []
        for rung in self._remaining(rule, taken):
            finding = self._lead(rule, findings, rung.do)
            if finding is None:
                continue
            step = self._step(finding, rung, earliest)
            if step.why_ask and asked:
                continue
            asked = asked or bool(step.why_ask)
            steps.append(step)
            earliest = step.sends + between
        return steps

    def _remaining(self, rule: str, taken: Iterable[Taken]) -> Sequence[LadderStep]:
        """The rungs above the highest one taken."""
        rungs = self.policy.rules[rule].ladder
        done = {step.action for step in taken}
        highest = max((place for place, rung in enumerate(rungs) if rung.do in done), default=-1)
        return rungs[highest + 1 :]

    def _lead(self, rule: str, findings: Sequence[Finding], action: Action) -> Finding | None:
        """The gravest finding that lets the ladder go as far as `action`; of these, the one that goes furthest."""
        if self.session.event.start.instant is None:
            needed = Reach.ASK  # the step becomes a question in any case
        else:
            needed = {Action.ASK: Reach.ASK, Action.NUDGE: Reach.NUDGE}.get(action, Reach.LADDER)
        climbs = self.policy.rules[rule].climbs

        def reach(finding: Finding) -> Reach:
            if finding.severity is Severity.INFO:
                return Reach.REPORT
            return finding.reach if finding.code in climbs else min(finding.reach, Reach.NUDGE)

        fitting = (finding for finding in findings if reach(finding) >= needed)
        return min(fitting, key=lambda finding: (_GRAVITY.index(finding.severity), -reach(finding)), default=None)

    def _step(self, finding: Finding, rung: LadderStep, earliest: datetime) -> Step:
        effect = effect_of(self.session, rung.do, free_busy=self.free_busy)
        to = recipients(self.session, self.mentorship, rung.do, effect)
        due = max(self.start - rung.before, earliest)
        if effect in (Effect.CANCEL, Effect.DECLINE):
            due = max(due, self.standing.first_seen.get(finding.code, self.now) + self.policy.limits.grace)
        step = Step(
            rule=finding.rule,
            reason=finding.code,
            message=finding.message,
            action=rung.do,
            rung=rung.do,
            effect=effect,
            due=due,
            sends=due if effect is Effect.ASK else self._daytime(due, to),
            to=to,
            outward=effect is not Effect.ASK and not (effect is Effect.MAIL and self.policy.me.has(to[0])),
            series=finding.series,
            people=finding.people,
        )
        if effect in (Effect.CANCEL, Effect.DECLINE) and not self._why_ask(step):  # to be asked is to be told
            due = max(due, (self.standing.told_at or self.now) + self.policy.limits.grace)
            step = replace(step, due=due, sends=self._daytime(due, to))
        return step if effect is Effect.ASK else self._unless_asking(step)

    def release(self, rule: str) -> Step:
        """Taking our hold back, as what it was for has been settled."""
        to = recipients(self.session, self.mentorship, Action.HOLD, Effect.RESTORE)
        step = Step(
            rule=rule,
            reason=f"{rule}.settled",
            message="What the hold was for has been settled.",
            action=Action.HOLD,
            rung=Action.HOLD,
            effect=Effect.RESTORE,
            due=self.now,
            sends=self._daytime(self.now, to),
            to=to,
            outward=True,
        )
        return self._unless_asking(step)

    def keep_in_step(self) -> Step | None:
        """Putting into the invite what the user's file says; None where there is nothing to do, or to say.

        Where the calendar can be written to in silence this is done at once, and its notice goes once it may.
        """
        known, event = self.history.file, self.session.event
        place = agenda_file.place_of(event, known, i_organize=self.session.i_organize)
        if known is None or known.is_refused or place in (Place.NOTHING, Place.IN_STEP):
            return None
        token = agenda_file.token_of(event, known, place)
        if token in self.standing.from_file:
            return None
        conflict = place is Place.CONFLICT
        effect = effect_of(self.session, Action.PATCH)
        to = recipients(self.session, self.mentorship, Action.PATCH, effect)
        step = Step(
            rule="agenda",
            reason=agenda_file.CONFLICT if conflict else agenda_file.WAITING,
            message=agenda_file.message_of(known, place, i_organize=self.session.i_organize),
            action=Action.PATCH,
            rung=Action.PATCH,
            effect=effect,
            due=self.now,
            sends=self._daytime(self.now, to),
            to=to,
            outward=True,
            lines=known.lines,
            token=token,
        )
        why = "yours would take the place of theirs" if conflict else ""
        if why := why or self._why_ask(step):
            return None if place is Place.UNTOLD else _question(step, why, self.mine)
        quiet = replace(step, to=(), sends=step.due) if known.silent and effect is Effect.PATCH else None
        if step.sends > self.start - self.policy.limits.freeze:
            if place is Place.UNTOLD:
                return None
            return quiet or self._unless_asking(step)
        return step if place is Place.UNTOLD else replace(step, silently=quiet)

    def _unless_asking(self, step: Step) -> Step:
        """The step, or a question in its place."""
        if why := self._why_ask(step):
            return _question(step, why, self.mine)
        frozen_from = self.start - self.policy.limits.freeze
        if step.sends > frozen_from:
            why = f"it would come less than {format_duration(self.policy.limits.freeze)} before the start"
            return _question(step, why, self.mine, max(self.now, min(step.due, frozen_from)))
        return step

    def _why_ask(self, step: Step) -> str:
        """What stands against doing this without a yes; "" if nothing does."""
        event, other = self.session.event, self.mentorship.other.name
        if event.start.instant is None:
            return "nobody can tell when it takes place"
        if step.outward and event.organizer is None and step.effect is not Effect.MAIL:
            return "the event names no organizer"
        if step.outcome and not self.session.detection.on_topic:
            return "nothing but the two people says that this is about the mentorship"
        if step.effect in (Effect.CANCEL, Effect.DECLINE) and not self.met:
            return f"it would be the first meeting with {other}, and first meetings are never cancelled unasked"
        if step.outward and self._pushed_about():
            return "somebody else has moved it twice within a day, perhaps another program"
        if step.outward and self.history.others_at_work and not self.mentorship.i_own:
            return f"another agendad, perhaps {other}'s, looks after it already"
        if step.outward and nobody_else_comes(self.session):
            return f"{other} has already declined"
        if step.outward and not self.met and not i_accepted(self.session):
            return f"you have not accepted the invite yet and have not met {other} before"
        return ""

    def _pushed_about(self) -> bool:
        """Two moves by others within the last day: where two programs disagree, a third must not join in."""
        versions = self.history.versions
        moves = [
            after
            for before, after in pairwise(versions)
            if (before.start, before.end) != (after.start, after.end)
            and not after.ours
            and after.seen_at > self.now - timedelta(days=1)
        ]
        return len(moves) >= 2

    def _daytime(self, due: datetime, to: Sequence[str]) -> datetime:
        if self.policy.limits.quiet_hours == "none":
            return due
        people = (self.mentorship.other, self.mentorship.person(self.mentorship.my_role))
        reached = [person for person in people if person.zone_at(due) and any(map(person.has, to))]
        return next_open(due, reached or [self.policy.me])  # my own clock is the best guess for a stranger
