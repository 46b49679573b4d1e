"""Judging .ics files without an account, a database or a change: what `lint` prints."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from agendad.daemon.calendar_store import sortable
from agendad.daemon.progress import Progress, silent
from agendad.daemon.reporting import problem_json, session_json
from agendad.daemon.store import stamp
from agendad.providers.base import Problem, Window
from agendad.providers.icsfolder import read_files
from agendad.providers.model import Event
from agendad.rules.base import History, Taken
from agendad.rules.engine import Verdict, detected, is_over, judge, meetings_of, pairs_that_met, peers_of
from agendad.rules.plan import Standing, Step, plan, series_carriers
from agendad.rules.policy import Policy
from agendad.rules.relationship import Notes, relationships
from agendad.rules.taken import Precedence, Timetable, taken_times

SCHEMA = "agendad.lint/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LintReport:
    """What was found in the files at `at` (aware UTC)."""

    at: datetime
    sessions: tuple[tuple[Verdict, tuple[Step, ...]], ...]
    errors: tuple[Problem, ...]
    """What was refused: a file, or an event in one."""
    notes: tuple[Problem, ...]
    """Remarks about what was read all the same."""

    def as_json(self) -> dict[str, Any]:  # JSON
        return {
            "schema": SCHEMA,
            "at": stamp(self.at),
            "sessions": [session_json(verdict, steps) for verdict, steps in self.sessions],
            "errors": [problem_json(problem) for problem in self.errors],
            "notes": [problem_json(problem) for problem in self.notes],
        }


def lint(
    paths: Iterable[Path],
    policy: Policy,
    at: datetime,
    *,
    horizon: timedelta,
    lookback: timedelta,
    notes: Mapping[str, Notes] | None = None,
    progress: Progress = silent,
) -> LintReport:
    """Judge every occurrence from `at` (aware UTC) to the horizon; what lies in the lookback tells who met.

    Plans are those of a session first seen at `at`. `notes` is what the user noted, by mentorship.
    """
    window = Window.around(at, lookback=lookback, horizon=horizon)
    events: list[Event] = []
    problems: list[Problem] = []
    with progress("reading", None) as seen:
        for page in read_files(list(paths), window):
            seen(len(page.events))
            events += page.events
            problems += page.problems
    peers = peers_of(events)
    found: list[Verdict] = []
    with progress("finding sessions", len(events)) as seen:
        for event in events:
            found.append(detected(event, policy))
            seen(1)
    met = pairs_that_met(found, at)
    pairs = relationships(policy.mentorships, meetings_of(found, at), at, notes)
    timetable, precedence = Timetable(events), Precedence(policy)
    ahead: list[tuple[Verdict, History]] = []
    with progress("judging", len(found)) as seen:
        for one in found:
            seen(1)
            if is_over(one.event, at) or sortable(one.event.start) >= window.end + _slack(one.event):
                continue
            pair = one.detection.mentorship
            history = History(
                peers=peers.get(one.event.key, ()),
                met=pair is not None and pair.name in met,
                relationship=pairs.get(pair.name) if pair else None,
                taken=_taken(one, timetable, precedence, policy) if one.session else (),
            )
            ahead.append((judge(one.event, history, policy, at, detection=one.detection), history))
    carriers = series_carriers((verdict for verdict, _ in ahead), policy, at)
    sessions: list[tuple[Verdict, tuple[Step, ...]]] = []
    for verdict, history in sorted(ahead, key=lambda one: (sortable(one[0].event.start), one[0].event.uid)):
        steps = plan(
            verdict, history, Standing(), policy, at, series_rules=carriers.get(verdict.event.key, frozenset())
        )
        sessions.append((verdict, steps))
    errors = tuple(problem for problem in problems if problem.refused)
    remarks = tuple(problem for problem in problems if not problem.refused)
    return LintReport(at=at, sessions=tuple(sessions), errors=errors, notes=remarks)


def _taken(one: Verdict, timetable: Timetable, precedence: Precedence, policy: Policy) -> tuple[Taken, ...]:
    beside = timetable.beside(one.event)
    return taken_times(one.event, beside, policy.me, moves=lambda other: precedence.is_to_move(other, [one.event]))


def _slack(event: Event) -> timedelta:
    """A clock reading without an instant may be meant in any zone."""
    return timedelta() if event.start.instant is not None else timedelta(days=1)
