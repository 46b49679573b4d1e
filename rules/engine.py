"""Judging: one event and its history in, a verdict out. The only place that knows every rule."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from itertools import islice
from typing import overload

from agendad.providers.model import Event
from agendad.rules.base import Detection, Finding, History, Reach, Session, registered
from agendad.rules.custom import CUSTOM_RULE, in_use
from agendad.rules.detect import detect
from agendad.rules.optout import left_alone
from agendad.rules.plugins import guarded, plugins
from agendad.rules.policy import Action, Policy, RuleOptions, Severity
from agendad.rules.relationship import Meeting, Relationship
from agendad.rules.roles import nobody_else_comes

BUILTIN = (
    "agenda",
    "cadence",
    "conflict",
    "first_call",
    "followup",
    "gratitude",
    "invite",
    "load",
    "notice",
    "ownership",
    "timezone",
)

_SEVERITIES = list(Severity)


def load_builtin() -> None:
    """Import the rules that ship with agendad, which registers them."""
    for name in BUILTIN:
        import_module(f"agendad.rules.{name}")


def load_rules() -> None:
    """The same, and the rules of other distributions that work."""
    load_builtin()
    plugins()


def default_options() -> dict[str, RuleOptions]:
    """Every registered rule with its own defaults."""
    load_rules()
    return {rule.name: rule.Options() for rule in registered()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What agendad thinks of one event. `session` is None, and `findings` empty, if it is no session."""

    event: Event
    detection: Detection
    session: Session | None = None
    findings: tuple[Finding, ...] = ()


def is_over(event: Event, now: datetime) -> bool:
    """True once the event has ended. One without an instant is over a day after its clock reading.

    `now` is aware. A day covers every zone that the reading could have been meant in.
    """
    end = event.end.instant
    if end is not None:
        return end <= now
    return (now.replace(tzinfo=None) - event.end.wall).total_seconds() > 86400


def detected(event: Event, policy: Policy) -> Verdict:
    """Whether an event is a session, not judged yet."""
    detection = detect(event, policy)
    session = Session(event=event, detection=detection, me=policy.me) if detection.is_mentorship else None
    return Verdict(event=event, detection=detection, session=session)


def judge(
    event: Event, history: History, policy: Policy, now: datetime, *, detection: Detection | None = None
) -> Verdict:
    """Detect and check one event. What is over is detected and not checked.

    Args:
        event: the occurrence as it stands.
        history: what is remembered of it.
        policy: with options for every registered rule, see `default_options`.
        now: aware UTC.
        detection: what `detect` says of it, where that is known already.
    """
    detection = detection or detect(event, policy)
    if not detection.is_mentorship:
        return Verdict(event=event, detection=detection)
    if why := left_alone(event, history.copies, history.peers, now):
        detection = _opted_out(detection, why)
    session = Session(event=event, detection=detection, me=policy.me)
    findings = () if is_over(event, now) else tuple(_findings(session, history, policy, now))
    return Verdict(event=event, detection=detection, session=session, findings=findings)


def _opted_out(detection: Detection, why: str) -> Detection:
    """It stays a session, and is judged; nothing is planned for it."""
    *notes, conclusion = detection.evidence
    evidence = (*notes, f"note: it opts out of agendad, as {why}; nothing is done about it", conclusion)
    return replace(detection, opted_out=why, evidence=evidence)


def _findings(session: Session, history: History, policy: Policy, now: datetime) -> list[Finding]:
    load_rules()
    found: list[Finding] = []
    for rule in registered():
        options = policy.rules[rule.name]
        if options.enabled:
            checked = guarded(rule, lambda: rule.check(session, history, options, now))  # noqa: B023 - called at once
            found += _with_severity(checked, options)
    for own in in_use(policy.rules):
        if own.enabled:
            found += _with_severity(CUSTOM_RULE.check(session, history, own, now), own)
    pair = history.relationship
    if pair is not None and pair.next is not None and pair.next.key == session.event.key:
        found += judge_pair(pair, policy, now)
    return _gravest_first(_carried(found, policy))


def _carried(found: Sequence[Finding], policy: Policy) -> list[Finding]:
    """The findings, where one rule's nudge speaks for another: what is carried is told and sends nothing itself."""
    nudging = {
        finding.rule
        for finding in found
        if finding.reach >= Reach.NUDGE
        and finding.severity is not Severity.INFO
        and any(step.do is Action.NUDGE for step in policy.rules[finding.rule].ladder)
    }
    return [
        replace(one, reach=Reach.REPORT) if one.carrier in nudging else replace(one, carrier="") if one.carrier else one
        for one in found
    ]


def judge_pair(relationship: Relationship, policy: Policy, now: datetime) -> tuple[Finding, ...]:
    """What is found about a declared pair as a whole, the gravest first. All of it is for the user to know."""
    load_rules()
    found: list[Finding] = []
    for rule in registered():
        options = policy.rules[rule.name]
        if options.enabled:
            checked = guarded(rule, lambda: rule.check_pair(relationship, options, now))  # noqa: B023 - the same
            found += _with_severity(checked, options)
    return tuple(_gravest_first(replace(finding, reach=Reach.REPORT) for finding in found))


def _gravest_first(found: Iterable[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: (_SEVERITIES.index(finding.severity), finding.code))


def _with_severity(findings: Iterable[Finding], options: RuleOptions) -> Iterable[Finding]:
    """The user's severity for a rule; what is only information stays that."""
    for finding in findings:
        if options.severity is None or finding.severity is Severity.INFO:
            yield finding
        else:
            yield replace(finding, severity=options.severity)


def was_held(verdict: Verdict, now: datetime) -> bool:
    """True if this is a session that took place: over, not cancelled, not declined by the other."""
    return verdict.session is not None and is_over(verdict.event, now) and not nobody_else_comes(verdict.session)


def meetings_of(verdicts: Iterable[Verdict], now: datetime) -> dict[str, list[Meeting]]:
    """By the name of the pair, the sessions of declared pairs that have a certain time: held, or to come."""
    found: dict[str, list[Meeting]] = {}
    for verdict in verdicts:
        event, pair = verdict.event, verdict.detection.mentorship
        start, end = event.start.instant, event.end.instant
        if verdict.session is None or pair is None or start is None or end is None:
            continue
        held = was_held(verdict, now)
        if held or (end > now and not nobody_else_comes(verdict.session)):
            uid, recurrence_id = event.key
            one = Meeting(start=start, end=end, uid=uid, recurrence_id=recurrence_id, held=held)
            found.setdefault(pair.name, []).append(one)
    return found


def pairs_that_met(verdicts: Iterable[Verdict], now: datetime) -> frozenset[str]:
    """Names of the mentorships with a session that was held."""
    return frozenset(
        verdict.session.mentorship.name
        for verdict in verdicts
        if verdict.session is not None and verdict.session.mentorship is not None and was_held(verdict, now)
    )


def peers_of(events: Sequence[Event]) -> dict[tuple[str, str], Sequence[Event]]:
    """For each occurrence the others of its series, by start. `events` may hold several series."""
    by_uid: dict[str, list[Event]] = {}
    for event in events:
        if event.in_series:
            by_uid.setdefault(event.uid, []).append(event)
    peers: dict[tuple[str, str], Sequence[Event]] = {}
    for occurrences in by_uid.values():
        ordered = sorted(occurrences, key=_by_start)
        for place, event in enumerate(ordered):
            peers[event.key] = Others(ordered, place)
    return peers


class Others(Sequence[Event]):
    """All but one. They share one list, as the occurrences of a series may come by the thousand."""

    __slots__ = ("_all", "_without")

    def __init__(self, every: Sequence[Event], without: int) -> None:
        self._all, self._without = every, without

    def __len__(self) -> int:
        return len(self._all) - 1

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        places = range(len(self))[index]
        if isinstance(places, range):
            return tuple(self[place] for place in places)
        return self._all[places + (places >= self._without)]

    def __iter__(self) -> Iterator[Event]:
        yield from islice(self._all, self._without)
        yield from islice(self._all, self._without + 1, None)


def _by_start(event: Event) -> datetime:
    return event.start.instant or event.start.wall.replace(tzinfo=UTC)
