"""From changed events to rows and candidates: the wiring between the database and the pure rules."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from agendad.daemon.agenda_files import Shelf
from agendad.daemon.calendar_store import CalendarStore, sortable
from agendad.daemon.free_busy import FreeBusyStore
from agendad.daemon.journal import Journal
from agendad.daemon.marks import Marks
from agendad.daemon.reporting import session_json
from agendad.daemon.session_files import SessionFiles
from agendad.daemon.session_store import Key, SessionRow, SessionStore
from agendad.daemon.store import unstamp
from agendad.providers.model import Event
from agendad.rules.base import Detection, History, Taken, Version
from agendad.rules.detect import detect
from agendad.rules.engine import Verdict, detected, is_over, judge, judge_pair, peers_of, was_held
from agendad.rules.fingerprint import body_fingerprint, event_fingerprint
from agendad.rules.limits import Candidate, next_due
from agendad.rules.plan import Step, estimated_start, plan, series_carriers
from agendad.rules.policy import Mentorship, Mode, Policy
from agendad.rules.relationship import Notes, Relationship, relationships
from agendad.rules.taken import is_to_move, taken_times

_PAIR = "pair "
"""Before a mentorship's name: what was known of it when its sessions were judged last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An upcoming session with everything that planning needs."""

    verdict: Verdict
    history: History
    row: SessionRow
    series_rules: frozenset[str]
    first_seen: Mapping[str, datetime]


class Judging:
    """Judges what changed or is due at one time. Call inside a transaction."""

    def __init__(
        self,
        calendars: CalendarStore,
        sessions: SessionStore,
        journal: Journal,
        policy: Policy,
        accounts: Iterable[str],
        *,
        notes: Callable[[], Mapping[str, Notes]] = dict,
        agendas: Callable[[datetime], Shelf] | None = None,
        silent: Callable[[str, str], bool] = lambda _account, _calendar: False,
    ) -> None:
        """Judge by what is in the database.

        `notes` reads what the user noted, by the name of the mentorship; `agendas` the agendas that they keep as files.
        `silent` tells whether an account's calendar can be written to without its guests being told.
        """
        self.calendars, self.sessions, self.journal, self.policy = calendars, sessions, journal, policy
        self.marks = Marks(journal)
        self.rank = {account: place for place, account in enumerate(accounts)}
        self.notes = notes
        self.free_busy = FreeBusyStore(calendars.store)
        self.files = SessionFiles(journal, agendas, silent)
        self._first_read: dict[tuple[str, str], datetime | None] = {}
        self.may_move: Callable[[Judged], bool] = lambda _judged: False
        """Whether a session may be moved, as both people's free/busy can be seen."""

    def judge(self, uids: Collection[str], now: datetime) -> Iterator[Judged]:
        """Judge every occurrence of these UIDs, remember the verdicts, and tell the upcoming sessions one by one.

        What is over comes first, as who has met decides what may be planned. Then sessions are found before any is
        judged, as a session is judged by the others of its pair and by what else is at its time: those are judged
        along with it where that has changed.
        """
        for uid in sorted(self.calendars.with_past(uids, now)):
            self._remember_past(uid, now)
        detections = {uid: found for uid in sorted(uids) if (found := self._find(uid, now))}
        pairs = self.relationships(now)
        self.files.read(pairs, self.policy, now)
        concerned = detections.keys() | self.sessions.beside_changes(now) | self._of_changed(pairs, now)
        met = self.sessions.met()
        for uid in sorted(concerned):
            for one in self._judge_uid(uid, now, pairs, detections.get(uid, {})):
                yield replace(one, history=replace(one.history, met=_pair(one.verdict) in met))

    def relationships(self, now: datetime) -> dict[str, Relationship]:
        """Every declared pair over time, by its name, from the sessions that are remembered."""
        return relationships(self.policy.mentorships, self.sessions.meetings(now), now, self.notes())

    def _find(self, uid: str, now: datetime) -> dict[Key, Detection]:
        """The sessions of a UID that are not over; they are remembered, and what is none any more is forgotten."""
        found: dict[Key, Detection] = {}
        for event in self._one_copy_each(self.calendars.copies(uid)):
            if is_over(event, now) or (verdict := detected(event, self.policy)).session is None:
                continue
            found[event.key] = verdict.detection
            self.sessions.put(self._row(verdict, now))
        self.sessions.keep_only(uid, (recurrence_id for _, recurrence_id in found), now)
        return found

    def _of_changed(self, pairs: Mapping[str, Relationship], now: datetime) -> frozenset[str]:
        """UIDs of the sessions of pairs that are not as they were when their sessions were judged last."""
        changed: set[str] = set()
        for name, pair in pairs.items():
            codes = [finding.code for finding in judge_pair(pair, self.policy, now)]
            facts = repr((pair.held, pair.coming, pair.asked, pair.notes, codes))
            known = hashlib.sha256(facts.encode()).hexdigest()[:32]
            others = self.files.changed(name)
            if self.calendars.store.remembered(_PAIR + name) != known or others:
                self.calendars.store.remember(_PAIR + name, known)
                changed |= self.sessions.to_come_of(name, now)
        return frozenset(changed)

    def _remember_past(self, uid: str, now: datetime) -> None:
        for event in self._one_copy_each(self.calendars.copies(uid)):
            if is_over(event, now) and (verdict := judge(event, History(), self.policy, now)).session is not None:
                self.sessions.put(self._row(verdict, now))

    def _judge_uid(
        self, uid: str, now: datetime, pairs: Mapping[str, Relationship], detections: Mapping[Key, Detection]
    ) -> list[Judged]:
        copies = self.calendars.copies(uid)
        every = self._one_copy_each(copies)
        peers = peers_of(every)
        to_come = [event for event in every if not is_over(event, now)]
        found = {event.key: detections.get(event.key) or detect(event, self.policy) for event in to_come}
        events = [event for event in to_come if found[event.key].is_mentorship]
        histories = {
            event.key: History(
                versions=self._versions(event),
                peers=peers.get(event.key, ()),
                copies=tuple(copy for copy in copies if copy.key == event.key and copy != event),
                others_at_work=self.marks.of_others(event),
                relationship=pairs.get(pair.name) if (pair := found[event.key].mentorship) else None,
                taken=self._taken(event, copies, found[event.key].mentorship, now),
                first_seen=self._came_into_view(event),
                file=self.files.about(event, found[event.key], self.policy),
            )
            for event in events
        }
        verdicts = [
            judge(event, histories[event.key], self.policy, now, detection=found[event.key]) for event in events
        ]
        carriers = series_carriers(verdicts, self.policy, now)
        judged: list[Judged] = []
        for verdict in verdicts:
            if verdict.session is None:
                continue
            row = self._row(verdict, now)
            codes = [finding.code for finding in verdict.findings]
            judged.append(
                Judged(
                    verdict=verdict,
                    history=histories[verdict.event.key],
                    row=row,
                    series_rules=carriers.get(row.key, frozenset()),
                    first_seen=self.sessions.first_seen(row.key, codes, now),
                )
            )
        self.sessions.keep_only(uid, (one.row.key[1] for one in judged), now)
        return judged

    def _taken(
        self, event: Event, copies: Iterable[Event], pair: Mentorship | None, now: datetime
    ) -> tuple[Taken, ...]:
        """What else is at its time: in the user's calendars, and in the other person's where that is certain."""
        same = [event, *(copy for copy in copies if copy.key == event.key and copy != event)]
        mine = taken_times(
            event,
            self.calendars.beside(event),
            self.policy.me,
            moves=lambda other: is_to_move(other, same, self.policy),
        )
        if pair is None:
            return mine
        theirs = self.free_busy.taken(event, self._versions(event), pair.other, now)
        return tuple(sorted((*mine, *theirs), key=lambda one: (one.start, one.end)))

    def _came_into_view(self, event: Event) -> datetime | None:
        """When it was first seen; None for what was there when its calendar was first read."""
        calendar = (event.account, event.calendar)
        if calendar not in self._first_read:
            self._first_read[calendar] = self.calendars.first_read(*calendar)
        seen = self.calendars.first_seen(event)
        return seen if seen is not None and seen != self._first_read[calendar] else None

    def plan(self, judged: Judged, now: datetime) -> tuple[Step, ...]:
        """The steps that remain, and the row brought up to date with them."""
        row = self._row_now(judged)
        steps = self._steps(judged, row, now)
        cancels = any(step.rung == "cancel" and step.outward for step in steps)
        look = min(filter(None, (next_due(steps), sortable(judged.verdict.event.end))))
        told_at = row.told_at or (now if cancels else None)
        self.sessions.put(replace(row, told_at=told_at, look_at=look, verdict=session_json(judged.verdict, steps)))
        return steps

    def _row_now(self, judged: Judged) -> SessionRow:
        """The row, with when the user was told of a cancellation, which may have been since it was judged."""
        known = self.sessions.session(judged.row.key)
        if known is None or known.ladder_since != judged.row.ladder_since:
            return judged.row
        return replace(judged.row, told_at=known.told_at, warned_at=known.warned_at)

    def candidates(self, judged: Judged, steps: Iterable[Step]) -> list[Candidate]:
        mentorship = judged.verdict.detection.mentorship
        if mentorship is None:
            return []
        return [
            Candidate(
                key=judged.row.key,
                start=estimated_start(judged.verdict.event, self.policy),
                mentorship=mentorship,
                step=step,
            )
            for step in steps
        ]

    def mode(self, judged: Judged, rule: str) -> Mode:
        """The mode that holds for a rule; a pair that is not declared is only observed."""
        mentorship = judged.verdict.detection.mentorship
        return Mode.OBSERVE if mentorship is None else self.policy.mode_for(mentorship, rule)

    def observed(self, judged: Judged, rule: str) -> bool:
        return self.mode(judged, rule) is Mode.OBSERVE

    def _steps(self, judged: Judged, row: SessionRow, now: datetime) -> tuple[Step, ...]:
        """Each rule's ladder as it stands in that rule's mode."""
        rules = self.policy.rules
        steps: list[Step] = []
        free_busy = self.may_move(judged)
        for mode in sorted({self.mode(judged, rule) for rule in rules}):
            standing = self.journal.standing(row, judged.first_seen, observed=mode is Mode.OBSERVE)
            if mode is Mode.APPROVE:  # the question itself is what tells the user
                standing = replace(standing, told_at=row.told_at)
            planned = plan(
                judged.verdict,
                judged.history,
                standing,
                self.policy,
                now,
                series_rules=judged.series_rules,
                free_busy=free_busy,
            )
            steps += [step for step in planned if self.mode(judged, step.rule) is mode]
        return tuple(sorted(steps, key=lambda step: (step.sends, step.rule)))

    def _one_copy_each(self, copies: Iterable[Event]) -> list[Event]:
        """Of the same meeting in several calendars the copy that I organize, else the first account's."""
        chosen: dict[Key, Event] = {}
        for event in sorted(copies, key=self._preference):
            chosen.setdefault(event.key, event)
        return sorted(chosen.values(), key=lambda event: sortable(event.start))

    def _preference(self, event: Event) -> tuple[bool, int, str]:
        mine = event.organizer is not None and self.policy.me.has(event.organizer.email)
        return (not mine, self.rank.get(event.account, len(self.rank)), event.calendar)

    def _versions(self, event: Event) -> tuple[Version, ...]:
        """Each different state this copy was in, the present one last."""
        states = [*self.calendars.earlier(event)]
        if not states:
            return ()
        states.append((event, self.calendars.seen_at(event)))
        moved_to, moved_back_from = self.journal.moved(event.key)

        def ours(before: Event, after: Event) -> bool:
            """Told by our mark; by the time, where a calendar keeps no marks."""
            left, reached = before.start.instant, after.start.instant
            by_time = left != reached and (reached in moved_to or left in moved_back_from)
            return by_time or bool(set(after.marks) - set(before.marks))

        versions = [
            Version(
                seen_at=unstamp(seen_at),
                start=state.start.instant,
                end=state.end.instant,
                organizer=state.organizer.email if state.organizer else "",
                fingerprint=body_fingerprint(state),
                ours=ours(before, state),
            )
            for before, (state, seen_at) in zip((states[0][0], *(one for one, _ in states)), states, strict=False)
        ]
        return tuple(versions)

    def _row(self, verdict: Verdict, now: datetime) -> SessionRow:
        event = verdict.event
        before = self.sessions.session(event.key)
        fingerprint = event_fingerprint(event)
        same = before is not None and before.fingerprint == fingerprint
        return SessionRow(
            key=event.key,
            account=event.account,
            calendar=event.calendar,
            id=event.id,
            mentorship=_pair(verdict) or None,
            start=sortable(event.start),
            end=sortable(event.end),
            held=was_held(verdict, now),
            fingerprint=fingerprint,
            ladder_since=before.ladder_since if before and same else now,
            told_at=before.told_at if before and same else None,
            warned_at=before.warned_at if before and same else None,
            look_at=None,
            verdict=session_json(verdict),
        )


def _pair(verdict: Verdict) -> str:
    return verdict.detection.mentorship.name if verdict.detection.mentorship else ""
