"""From changed events to rows and candidates: the wiring between the database and the pure rules."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from agendad.daemon.calendar_store import CalendarStore, sortable
from agendad.daemon.journal import Journal
from agendad.daemon.marks import Marks
from agendad.daemon.reporting import session_json
from agendad.daemon.session_store import Key, SessionRow, SessionStore
from agendad.daemon.store import unstamp
from agendad.providers.model import Event
from agendad.rules.base import History, Version
from agendad.rules.engine import Verdict, is_over, judge, peers_of, was_held
from agendad.rules.fingerprint import body_fingerprint, event_fingerprint
from agendad.rules.limits import Candidate, next_due
from agendad.rules.plan import Step, estimated_start, plan, series_carriers
from agendad.rules.policy import Mode, Policy


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
    ) -> None:
        self.calendars, self.sessions, self.journal, self.policy = calendars, sessions, journal, policy
        self.marks = Marks(journal)
        self.rank = {account: place for place, account in enumerate(accounts)}

    def judge(self, uids: Collection[str], now: datetime) -> Iterator[Judged]:
        """Judge every occurrence of these UIDs, remember the verdicts, and tell the upcoming sessions one by one.

        What is over comes first: who has met decides what may be planned.
        """
        for uid in sorted(self.calendars.with_past(uids, now)):
            self._remember_past(uid, now)
        met = self.sessions.met()
        for uid in sorted(uids):
            for one in self._judge_uid(uid, now):
                yield replace(one, history=replace(one.history, met=_pair(one.verdict) in met))

    def _remember_past(self, uid: str, now: datetime) -> None:
        for event in self._one_copy_each(self.calendars.copies(uid)):
            if is_over(event, now) and (verdict := judge(event, History(), self.policy, now)).session is not None:
                self.sessions.put(self._row(verdict, now))

    def _judge_uid(self, uid: str, now: datetime) -> list[Judged]:
        copies = self.calendars.copies(uid)
        every = self._one_copy_each(copies)
        peers = peers_of(every)
        events = [event for event in every if not is_over(event, now)]
        histories = {
            event.key: History(
                versions=self._versions(event),
                peers=peers.get(event.key, ()),
                copies=tuple(copy for copy in copies if copy.key == event.key and copy != event),
                others_at_work=self.marks.of_others(event),
            )
            for event in events
        }
        verdicts = [judge(event, histories[event.key], self.policy, now) for event in events]
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
        versions = [
            Version(
                seen_at=unstamp(seen_at),
                start=state.start.instant,
                end=state.end.instant,
                organizer=state.organizer.email if state.organizer else "",
                fingerprint=body_fingerprint(state),
                ours=bool(set(state.marks) - set(before.marks)),
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
