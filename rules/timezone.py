"""The rule `timezone`: a session's time is a sane one for each of the two, where they are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import ClassVar
from zoneinfo import ZoneInfo

from agendad.providers.model import (
    Attendee,
    Cutype,
    Event,
    EventTime,
    Irregularity,
    Partstat,
    Role,
    Sensitivity,
    Status,
    ZoneKind,
)
from agendad.rules.base import Finding, History, Reach, Rule, Session, register
from agendad.rules.clock_mentions import (
    Mention,
    mentions_in_body,
    mentions_in_statements,
    mentions_in_title,
    zones_meant,
)
from agendad.rules.hours import Fit, LocalFit, fit, hours_ever_overlap, say_day, say_moment, say_place, say_times
from agendad.rules.policy import Action, LadderStep, Person, RuleOptions, Severity, ladder
from agendad.rules.text import body_text
from agendad.rules.text.untrusted import MAX_TITLE
from agendad.rules.units import format_clock


class TimezoneOptions(RuleOptions):
    """What the rule `timezone` takes."""

    ladder: tuple[LadderStep, ...] = ladder(("7d", Action.NUDGE), ("48h", Action.RESCHEDULE))
    climbs: tuple[str, ...] = ("timezone.outside-working-hours", "timezone.non-working-day")


@register
class Timezone(Rule[TimezoneOptions]):
    """A session is at a time when both people work, each in their own zone and on their own days.

    Somebody who is `away` is judged in the zone where they are then. A time that everyone accepted, or at which the
    pair has met before, is reported and never moved.

    Example:
        rules:
          timezone:
            ladder:
              - {before: 7d, do: nudge}
              - {before: 48h, do: reschedule}
    """

    name: ClassVar[str] = "timezone"
    codes: ClassVar[dict[str, str]] = {
        "timezone.outside-working-hours": "The session is outside somebody's working hours.",
        "timezone.non-working-day": "The session is on somebody's day off or public holiday.",
        "timezone.floating": "The session's time has no zone, so nobody can tell when it is.",
        "timezone.unknown-zone": "The session's time is in a zone that is not known.",
        "timezone.nonexistent-time": "The clock skips the session's time on that day.",
        "timezone.ambiguous-time": "The clock shows the session's time twice on that day.",
        "timezone.text-mismatch": "The title or text names another time than the session's.",
        "timezone.dst-shift": "A change of clocks will push the series out of somebody's hours.",
    }
    steps = Rule.steps | {Action.PATCH, Action.RESCHEDULE}
    Options = TimezoneOptions

    def check(
        self,
        session: Session,
        history: History,
        options: TimezoneOptions,  # noqa: ARG002 - every rule's signature
        now: datetime,
    ) -> Iterable[Finding]:
        """Judge the time for each declared person; for me alone if the pair is not declared."""
        event = session.event
        if event.all_day:
            return
        if event.start.instant is None or event.end.instant is None:
            yield _cannot_judge(event)
            return
        judged = _Judged(session, history, now, event.start.instant, event.end.instant)
        yield from judged.breaches()
        yield from _irregular(event)
        yield from judged.shift()
        yield from _mismatch(session, event.start.instant)


def _cannot_judge(event: Event) -> Finding:
    ends = (event.start, event.end)
    strange = next((end for end in ends if end.kind is ZoneKind.UNKNOWN), None)
    if strange is None:
        return Finding(
            code="timezone.floating",
            severity=Severity.WARNING,
            message="The time of this session has no time zone, so nobody can tell when it is.",
            evidence=f"written as {_wall(event.start)} without a zone",
            reach=Reach.ASK,
            series=event.in_series,
        )
    named = strange.tzid if strange.tzid and event.sensitivity is Sensitivity.PUBLIC else "a zone"
    return Finding(
        code="timezone.unknown-zone",
        severity=Severity.WARNING,
        message="The time zone of this session is not known, so nobody can tell when it is.",
        evidence=f"written as {_wall(strange)} in {named}, which is in no zone table",
        reach=Reach.ASK,
        series=event.in_series,
    )


def _wall(end: EventTime) -> str:
    return f"{say_day(end.wall)} {end.wall:%H:%M}"


def _irregular(event: Event) -> Iterator[Finding]:
    for irregularity, code, what in (
        (Irregularity.GAP, "nonexistent-time", "does not exist that day, as clocks go forward"),
        (Irregularity.OVERLAP, "ambiguous-time", "comes twice that day, as clocks go back"),
    ):
        end = next((t for t in (event.start, event.end) if t.irregularity is irregularity), None)
        if end is None or end.instant is None:
            continue
        where = end.zone or end.tzid or "its zone"
        yield Finding(
            code=f"timezone.{code}",
            severity=Severity.WARNING,
            message=f"{end.wall:%H:%M} {what}.",
            evidence=f"{_wall(end)} in {where} is taken as {end.instant:%H:%M} UTC",
            reach=Reach.NUDGE,
        )


@dataclass(frozen=True)
class _Judged:
    session: Session
    history: History
    now: datetime
    start: datetime
    end: datetime

    @cached_property
    def fits(self) -> Sequence[tuple[Person, LocalFit]]:
        found = ((person, fit(person, self.start, self.end)) for _, person in self.session.known_people)
        return [(person, local) for person, local in found if local is not None]

    def breaches(self) -> Iterator[Finding]:
        for kind, code in (
            (Fit.OUTSIDE, "timezone.outside-working-hours"),
            (Fit.NON_WORKING_DAY, "timezone.non-working-day"),
        ):
            affected = [(person, local) for person, local in self.fits if local.fit is kind]
            if not affected:
                continue
            why_not = self._why_it_stays(affected)
            yield Finding(
                code=code,
                severity=Severity.INFO if self._never_meet else Severity.WARNING,
                message=self._message(affected) + why_not + ".",
                evidence="; ".join(_for_person(person, local) for person, local in affected),
                reach=Reach.REPORT if why_not else Reach.LADDER,
                people=tuple(person.name for person, _ in affected),
            )

    def shift(self) -> Iterator[Finding]:
        """Who is fine now and falls out of their hours later in the series, as offsets change, not by travel."""
        event = self.session.event
        if not event.in_series:
            return
        said = []
        for person, local in self.fits:
            falls = self._falls_out(person, local) if local.fit is Fit.INSIDE else None
            if falls is not None:
                said.append((person, local, falls))
        if said:
            who = " and ".join(self._name(person) for person, _, _ in said)
            first = min((falls for _, _, falls in said), key=lambda falls: falls.start)
            yield Finding(
                code="timezone.dst-shift",
                severity=Severity.INFO if self._never_meet else Severity.WARNING,
                message=f"From {say_day(first.start)} on, a change of clocks moves this series out of the "
                f"working hours of {who}.",
                evidence="; ".join(
                    f"{_for_person(person, falls)}; until then {say_times(local.start, local.end)}"
                    for person, local, falls in said
                ),
                reach=Reach.REPORT if self._never_meet else Reach.NUDGE,
                series=True,
                people=tuple(person.name for person, _, _ in said),
            )

    def _falls_out(self, person: Person, local: LocalFit) -> LocalFit | None:
        event = self.session.event
        for peer in self.history.peers:
            start, end = peer.start.instant, peer.end.instant
            if start is None or end is None or start <= max(self.start, self.now):
                continue
            if peer.status is Status.CANCELLED or not _same_reading(event, peer):
                continue
            later = fit(person, start, end)
            if later is None or later.start.tzinfo != local.start.tzinfo:  # travel, and no change of clocks
                continue
            if later.fit is Fit.OUTSIDE and later.start.time() != local.start.time():
                return later
        return None

    @cached_property
    def _never_meet(self) -> bool:
        mentorship = self.session.mentorship
        return mentorship is not None and not hours_ever_overlap(
            mentorship.mentor, mentorship.mentee, self.start.date(), self.end - self.start
        )

    def _why_it_stays(self, affected: Sequence[tuple[Person, LocalFit]]) -> str:
        """Why nobody is asked to move it, as the end of a sentence; "" if it may be moved."""
        if self._never_meet:
            return "; the two of you have no common working hours"
        if _everyone_accepted(self.session.event):
            return "; everyone accepted this time"
        if all(self._held_before(person, local) for person, local in affected):
            return "; you have met at this time before"
        return ""

    def _held_before(self, person: Person, local: LocalFit) -> bool:
        for peer in self.history.peers:
            start, end = peer.start.instant, peer.end.instant
            if start is None or end is None or end > self.now or peer.status is Status.CANCELLED:
                continue
            if any(guest.partstat is Partstat.DECLINED for guest in _guests(peer)):
                continue
            before = fit(person, start, end)
            if (
                before
                and (before.fit, before.holiday) == (local.fit, local.holiday)
                and (before.start.time(), before.start.tzinfo) == (local.start.time(), local.start.tzinfo)
            ):
                return True
        return False

    def _message(self, affected: Sequence[tuple[Person, LocalFit]]) -> str:
        people = " and ".join(self._name(person) for person, _ in affected)
        person, local = affected[0]
        place = say_place(local.start).partition(" (")[0]
        if local.fit is Fit.NON_WORKING_DAY:
            why = f", {local.holiday}" if local.holiday else f" while away in {place}" if local.away else ""
            return f"{say_day(local.start)} is no working day for {people}{why if len(affected) == 1 else ''}"
        if len(affected) > 1:
            return f"This session is outside the working hours of {people}"
        whose = "your" if self._is_me(person) else f"{person.name}'s"
        hours = f"{format_clock(person.working_hours.start)}–{format_clock(person.working_hours.end)}"
        where = f"in {place}{' while away' if local.away else ''}"
        return f"This is outside {whose} day ({hours}): {say_times(local.start, local.end)} {where}"

    def _name(self, person: Person) -> str:
        return "you" if self._is_me(person) else person.name

    def _is_me(self, person: Person) -> bool:
        return bool(set(person.emails) & set(self.session.me.emails))


def _for_person(person: Person, local: LocalFit) -> str:
    told = (
        f"for {person.name} it is {say_day(local.start)}, {say_times(local.start, local.end)} "
        f"in {say_place(local.start, away=local.away)}"
    )
    hours = person.working_hours
    if local.fit is Fit.OUTSIDE:
        return f"{told}, outside {format_clock(hours.start)}–{format_clock(hours.end)}"
    if local.holiday:
        return f"{told}, a public holiday ({local.holiday})"
    return f"{told}, and their days are {', '.join(hours.days)}"


def _same_reading(event: Event, peer: Event) -> bool:
    """The same clock time in the same zone, for as long: not moved by anybody."""
    return (
        peer.start.wall.time() == event.start.wall.time()
        and peer.end.wall - peer.start.wall == event.end.wall - event.start.wall
        and (peer.start.kind, peer.start.zone or peer.start.tzid)
        == (event.start.kind, event.start.zone or event.start.tzid)
    )


def _guests(event: Event) -> list[Attendee]:
    return [
        guest
        for guest in event.attendees
        if guest.cutype not in (Cutype.ROOM, Cutype.RESOURCE) and guest.role is not Role.NON_PARTICIPANT
    ]


def _everyone_accepted(event: Event) -> bool:
    """Every person said yes; the organizer did by organizing, unless they say otherwise."""
    organizer = event.organizer.email if event.organizer else ""
    own = [guest for guest in _guests(event) if organizer and guest.email == organizer]
    others = [guest for guest in _guests(event) if not organizer or guest.email != organizer]
    return (
        bool(others)
        and all(guest.partstat is Partstat.ACCEPTED for guest in others)
        and all(guest.partstat is not Partstat.DECLINED for guest in own)
    )


def _mismatch(session: Session, start: datetime) -> Iterator[Finding]:
    event = session.event
    if event.start.irregularity is not None:
        return
    stray = _stray(session, mentions_in_title(event.title[:MAX_TITLE]), start)
    place = "title"
    if stray is None:
        days = {event.start.wall.date(), *(start.astimezone(zone).date() for zone in _clocks(session, start))}
        body = body_text(event)
        end = event.end.instant or start
        minutes = int((end - start).total_seconds() // 60)
        stray = _stray(session, mentions_in_body(body.visible, days, minutes), start)
        stray, place = stray or _stray(session, mentions_in_statements(body.stated, days), start), "text"
    if stray is None:
        return
    really = f"it starts {say_moment(session.me, start)}"
    public = event.sensitivity is Sensitivity.PUBLIC
    yield Finding(
        code="timezone.text-mismatch",
        severity=Severity.WARNING,
        message=f"The {place} names another time than the one this session is at.",
        evidence=f"the {place} says “{stray.text}”; {really}" if public else really,
        reach=Reach.NUDGE,
    )


def _clocks(session: Session, start: datetime) -> tuple[ZoneInfo, ...]:
    """Every clock that words may be meant on: where each of the two is then, and home's, as a title outlives a trip."""
    zones = (zone for _, person in session.known_people for zone in (person.zone_at(start), person.zone))
    return tuple(dict.fromkeys(zone for zone in zones if zone is not None))


def _stray(session: Session, mentions: Iterable[Mention], start: datetime) -> Mention | None:
    """The first mention that contradicts the start. Mentions in one zone are alternatives: one fits, all do.

    A time without a zone contradicts only if it is nobody's: both zones are known, and it is neither
    anyone's local time nor what was written into the event.
    """
    mentions = list(mentions)
    if not mentions:
        return None
    known = _clocks(session, start)
    all_known = all(person.zone_at(start) is not None for _, person in session.known_people)
    by_zone: dict[str, list[Mention]] = {}
    for mention in mentions:
        by_zone.setdefault(mention.zone, []).append(mention)
    for words, group in by_zone.items():
        if words:
            readings = [start.astimezone(zone) for zone in zones_meant(words, known, start)]
        elif session.mentorship is not None and all_known:
            readings = [start.astimezone(zone) for zone in known]
            readings.append(session.event.start.wall.replace(tzinfo=UTC))
        else:
            continue
        clocks = {reading.hour * 60 + reading.minute for reading in readings}
        if clocks and not any(_agrees(mention, clocks) for mention in group):
            return group[0]
    return None


def _agrees(mention: Mention, clocks: set[int]) -> bool:
    if mention.minutes in clocks:
        return True
    return not mention.twelve_hour and mention.minutes < 780 and mention.minutes + 720 in clocks
