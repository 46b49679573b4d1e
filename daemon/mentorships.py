"""How each mentorship does: what `sessions` and the summary show of it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from agendad.daemon.session_store import SessionRow, SessionStore
from agendad.daemon.store import Store, stamp
from agendad.daemon.summary import FindingLine, MentorshipLine
from agendad.rules.engine import judge_pair
from agendad.rules.health import health
from agendad.rules.policy import Policy
from agendad.rules.relationship import Meeting, Notes, Relationship, relationships
from agendad.rules.units import format_duration

_STATES = {
    "agenda.missing": "none yet",
    "agenda.placeholder": "only a placeholder",
    "agenda.stale": "from an earlier session",
    "agenda.file": "in your file, and not where it belongs yet",
    "agenda.file-conflict": "in the invite, and another one in your file",
}


def mentorship_lines(
    store: Store, policy: Policy, now: datetime, notes: Mapping[str, Notes] | None = None
) -> tuple[MentorshipLine, ...]:
    """Every declared pair at `now` (aware UTC), in the order of the configuration; `notes` by its name."""
    sessions = SessionStore(store)
    pairs = relationships(policy.mentorships, sessions.meetings(now), now, notes)
    rows = {row.key: row for row in sessions.upcoming(now)}
    return tuple(_line(pairs[pair.name], rows, policy, now) for pair in policy.mentorships)


def agenda_state(shape: Mapping[str, Any]) -> str:  # JSON
    """Of a session's verdict, in a few words."""
    return next((_STATES[one["code"]] for one in shape["findings"] if one["code"] in _STATES), "ready")


def mentorship_json(line: MentorshipLine) -> dict[str, Any]:  # JSON
    """A pair in `agendad.sessions/1`."""
    return {
        "name": line.name,
        "other": line.other,
        "my_role": line.my_role,
        "owner": "me" if line.i_own else "other",
        "last": stamp(line.last) if line.last else None,
        "next": stamp(line.next) if line.next else None,
        "sessions_held": line.held,
        "cadence": format_duration(line.cadence) if line.cadence else None,
        "rhythm": line.rhythm or None,
        "agenda": line.agenda or None,
        "open_advice": line.open_advice,
        "minutes_this_quarter": round(line.asked / timedelta(minutes=1)),
        "sessions_this_quarter": line.asked_in,
        "findings": [{"code": one.code, "severity": one.severity, "message": one.message} for one in line.findings],
    }


def _line(
    pair: Relationship, rows: Mapping[tuple[str, str], SessionRow], policy: Policy, now: datetime
) -> MentorshipLine:
    mentorship, found = pair.mentorship, judge_pair(pair, policy, now)
    row = rows.get(pair.next.key) if pair.next else None
    figures = health(pair, now, policy.me.zone_at(now) or UTC)
    codes = {finding.code for finding in found} | {one["code"] for one in _findings(pair.coming, rows)}
    return MentorshipLine(
        name=mentorship.name,
        other=mentorship.other.name,
        my_role=mentorship.my_role,
        i_own=mentorship.i_own,
        last=figures.last.start if figures.last else None,
        next=figures.next.start if figures.next else None,
        held=figures.held,
        cadence=mentorship.cadence,
        rhythm=_rhythm(codes) if mentorship.cadence and figures.last else "",
        agenda=agenda_state(row.verdict) if row else "",
        open_advice=figures.open_advice,
        asked=figures.asked,
        asked_in=figures.asked_in,
        findings=tuple(FindingLine(code=one.code, severity=one.severity, message=one.message) for one in found),
    )


def _findings(coming: Iterable[Meeting], rows: Mapping[tuple[str, str], SessionRow]) -> Iterable[Mapping[str, Any]]:
    for meeting in coming:
        if (row := rows.get(meeting.key)) is not None:
            yield from row.verdict["findings"]


def _rhythm(codes: Iterable[str]) -> str:
    if "cadence.lapsed" in codes:
        return "lapsed"
    return "too often" if "cadence.too-often" in codes else "kept"
