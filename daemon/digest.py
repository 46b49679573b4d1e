"""From the database to the summary's records."""

import json
import shlex
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypedDict

from agendad.daemon import followups
from agendad.daemon.agenda_files import known_problems
from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.context import Context
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.means import was_written
from agendad.daemon.mentorships import agenda_state, mentorship_lines
from agendad.daemon.pauses import Pauses
from agendad.daemon.reporting import shown_title
from agendad.daemon.session_store import Key, SessionRow, SessionStore
from agendad.daemon.store import Store, stamp, unstamp
from agendad.daemon.summary import (
    AccountLine,
    ActionLine,
    ComingLine,
    FindingLine,
    NeedsYouLine,
    ProblemLine,
    SessionLine,
    SkippedLine,
    Summary,
)
from agendad.daemon.terminal import paused_until
from agendad.daemon.wording import Wording
from agendad.rules.base import rule_of
from agendad.rules.limits import State
from agendad.rules.policy import Mentorship, Mode, Party, Person, Policy, Severity
from agendad.rules.roles import Effect
from agendad.rules.text.untrusted import strip_controls

SENT = "summary_sent"
SENT_UP_TO = "summary_sent_up_to"
SETTINGS_TROUBLE = "settings_trouble"
"""Why a running service did not take over the configuration as it stands; "" if all is well."""
"""The number of the last journal line that a summary has told. Questions are told until they are settled."""
_AHEAD = timedelta(days=14)
_TOLD = frozenset({State.SENT, State.CONFIRMED, State.UNKNOWN, State.FAILED, State.UNDONE})
_TAKEN_BACK = frozenset({State.SENT, State.CONFIRMED, State.UNKNOWN})
_KEEP = "A line or two of agenda in the invite is enough; “agenda: none needed” keeps it without one. Or pause it:"


def compose(context: Context, store: Store, now: datetime) -> Summary:
    """What there is to tell at `now` (aware UTC) since the last summary that was sent."""
    sessions, journal = SessionStore(store), Journal(store)
    sent = store.remembered(SENT)
    since = unstamp(sent) if sent else None
    rows = {row.key: row for row in sessions.upcoming(now)}
    policy = context.policy
    wording, pauses = Wording(policy, context.templates, store), Pauses(store)

    def current(actions: Iterable[ActionRow]) -> list[ActionRow]:
        """Those about what is still found, the soonest session first."""
        found = [one for one in actions if one.key in rows and one.reason in _codes(rows[one.key].verdict)]
        return sorted(found, key=lambda one: rows[one.key].start)

    news = journal.news(int(store.remembered(SENT_UP_TO) or 0))
    last_pass = unstamp(store.remembered("last_pass") or stamp(now))
    asks = current(journal.open_questions(now))
    would = current(one for one in news if one.state == State.WOULD and one.effect != Effect.ASK)
    done = [one for one in news if one.state in _TOLD and one.effect != Effect.ASK]
    left = current(one for one in journal.actions(last_pass) if one.state == State.SKIPPED)
    return Summary(
        name=policy.me.name,
        zone=_zone_name(policy.me, now),
        generated_at=now,
        since=since,
        mode=policy.mode,
        needs_you=(
            *_held(store),
            *_doubts(journal, rows),
            *_asks(asks, rows),
            *_undeclared(rows.values(), policy),
            *followups.due(context, store, now),
        ),
        coming=tuple(_coming(rows[key], step, policy) for key, step in coming_cancellations(context, store, now)),
        done=tuple(_done(one, CalendarStore(store), policy, now) for one in done),
        would=tuple(_action(one, rows[one.key], policy, wording) for one in would),
        skipped=tuple(_skipped(one, rows[one.key], policy) for one in left),
        mentorships=mentorship_lines(store, policy, now, context.noted()),
        sessions=tuple(_session(row, policy, pauses, now) for row in rows.values() if row.start < now + _AHEAD),
        accounts=tuple(_accounts(store, now)),
        notes=(
            *_settings(store),
            *map(str, known_problems(store)),
            *context.notes(),
            *followups.told_in_notes(context, store, now),
            *_paused(pauses, policy, now),
        ),
    )


def _settings(store: Store) -> tuple[str, ...]:
    """What is wrong with a configuration that a running service did not take over."""
    trouble = store.remembered(SETTINGS_TROUBLE)
    told = "the configuration was changed and cannot be used; the one from before is in force. Mend this and save: "
    return (told + " ".join(trouble.split()),) if trouble else ()


def coming_cancellations(context: Context, store: Store, now: datetime) -> list[tuple[Key, dict[str, Any]]]:
    """(session, step) for what act mode is going to cancel or decline by itself, the soonest first. JSON shapes.

    What is paused then is not going to be.
    """
    policy, pauses = context.policy, Pauses(store)
    return [
        (row.key, step)
        for row in SessionStore(store).upcoming(now)
        for step in row.verdict["plan"]
        if step["effect"] in (Effect.CANCEL, Effect.DECLINE)
        and unstamp(step["sends"]) < now + _AHEAD
        and (pair := _pair(row, policy)) is not None
        and policy.mode_for(pair, rule_of(step["reason"])) is Mode.ACT
        and pauses.covering(row.key, pair, max(unstamp(step["sends"]), now)) is None
    ]


def _pair(row: SessionRow, policy: Policy) -> Mentorship | None:
    return next((pair for pair in policy.mentorships if pair.name == row.mentorship), None)


def _instant(row: SessionRow) -> datetime | None:
    """The start where there is one; `row.start` is only good for sorting otherwise."""
    return row.start if row.verdict["start"] is not None else None


class _Clocks(TypedDict):
    my_zone: str | None
    other_zone: str | None
    away: tuple[str, ...]


def _clocks(start: datetime | None, pair: Mentorship | None, policy: Policy) -> _Clocks:
    """Where the two are at the start of a session, and who of them is away."""
    people = {"me": policy.me, **({"other": pair.other} if pair else {})}
    return _Clocks(
        my_zone=_zone_name(policy.me, start),
        other_zone=_zone_name(pair.other, start) if pair else None,
        away=tuple(who for who, person in people.items() if start is not None and person.away_at(start)),
    )


def _zone_name(person: Person, instant: datetime | None) -> str | None:
    zone = person.zone_at(instant) if instant is not None else person.zone
    return zone.key if zone else None


def _asks(asks: Iterable[ActionRow], rows: Mapping[tuple[str, str], SessionRow]) -> Iterable[NeedsYouLine]:
    for ask in asks:
        row = rows[ask.key]
        title = row.verdict["title"] or "a session without a title"
        if ask.state is not State.PENDING:
            why = f"{ask.message} I would ask you here instead of acting: {ask.detail}." if ask.detail else ask.message
            yield NeedsYouLine(what=title, why=why, how=_explain(row.key[0]))
            continue
        because = f" I ask because {ask.detail}." if ask.detail else ""
        step = f" A yes would {ask.meant.action} it." if ask.meant else ""
        how = f"agendad pending\nagendad approve {ask.id}\nagendad reject {ask.id}"
        yield NeedsYouLine(what=title, why=f"{ask.message}{because}{step}", how=how)


def _doubts(journal: Journal, rows: Mapping[Key, SessionRow]) -> Iterable[NeedsYouLine]:
    """What may or may not have gone out, as long as it matters."""
    for action in journal.in_state(State.UNKNOWN):
        row = rows.get(action.key)
        if row is not None:
            who = ", ".join(action.to)
            how = f"ask {who} whether it arrived; it is not sent again\n{_explain(action.key[0])}"
            yield NeedsYouLine(what=f"In doubt: {row.verdict['title']}", why=action.detail, how=how)


def _explain(uid: str) -> str:
    """A command to paste. A UID comes from a stranger, so the shell must take it for a word, whatever is in it."""
    return f"agendad explain {shlex.quote(strip_controls(uid))}"


def _undeclared(rows: Iterable[SessionRow], policy: Policy) -> Iterable[NeedsYouLine]:
    seen: set[str] = set()
    for row in rows:
        others = _others(row, policy)
        if row.mentorship is not None or not others or others[0] in seen:
            continue
        seen.add(others[0])
        yield NeedsYouLine(
            what="Declare this pair?",
            why=f"“{row.verdict['title']}” with {others[0]} looks like a mentorship session. Until the pair is "
            "in your configuration it is only watched.",
            how=_snippet(others[0], policy.me.timezone or "Europe/London"),
        )


def _others(row: SessionRow, policy: Policy) -> list[str]:
    return [email for email in row.verdict["people"] if not policy.me.has(email)]


def _snippet(email: str, zone: str) -> str:
    name = email.partition("@")[0]
    return (
        "mentorships:\n"
        f"  - name: {json.dumps('me-' + name)}\n"
        "    mentor:              # or mentee\n"
        f"      name: {json.dumps(name)}\n"
        f"      emails: [{json.dumps(email)}]\n"
        f"      timezone: {zone}  # theirs\n"
        "    mentee: me"
    )


def _held(store: Store) -> Iterable[NeedsYouLine]:
    for account, held in store.connection.execute("SELECT account, held FROM accounts ORDER BY account"):
        for reason in json.loads(held):
            what, _, how = reason.rpartition("run: ")
            yield NeedsYouLine(what=f"Is account {account} all right?", why=what.strip(), how=how)


def _action(action: ActionRow, row: SessionRow, policy: Policy, wording: Wording) -> ActionLine:
    pair = _pair(row, policy)
    return ActionLine(
        id=action.id,
        action=action.action,
        effect=action.effect,
        title=row.verdict["title"],
        start=_instant(row),
        other=pair.other.name if pair else "",
        **_clocks(_instant(row), pair, policy),
        to=tuple(_who(email, policy) for email in action.to),
        reason=action.reason,
        message=action.message,
        at=action.decided_at,
        text=wording.shown(action),
    )


def _done(action: ActionRow, calendars: CalendarStore, policy: Policy, now: datetime) -> ActionLine:
    event = calendars.last_copy(action.account, action.calendar, action.event)
    pair = next((one for one in policy.mentorships if any(map(one.other.has, action.to))), None)
    start = event.start.instant if event else None
    goes_back = was_written(action) and action.state in _TAKEN_BACK and start is not None and start > now
    return ActionLine(
        id=action.id,
        action=action.rung,
        effect=action.effect,
        title=shown_title(event) if event else action.key[0],
        start=start,
        other=pair.other.name if pair else "",
        **_clocks(start, pair, policy),
        to=tuple(_who(email, policy) for email in action.to),
        reason=action.reason,
        message=action.message,
        at=action.acted_at or action.decided_at,
        text=action.said.body if action.said else "",
        state=action.state,
        detail=action.detail,
        undo=f"agendad undo {action.id}" if goes_back else "",
    )


def _coming(row: SessionRow, step: Mapping[str, Any], policy: Policy) -> ComingLine:  # JSON
    pair = _pair(row, policy)
    finding = next((one for one in row.verdict["findings"] if one["code"] == step["reason"]), None)
    return ComingLine(
        title=row.verdict["title"],
        start=_instant(row),
        other=pair.other.name if pair else "",
        **_clocks(_instant(row), pair, policy),
        action=step["action"],
        effect=step["effect"],
        at=unstamp(step["sends"]),
        message=finding["message"] if finding else "",
        reason=step["reason"],
        keep=_KEEP if step["reason"].startswith("agenda.") else "Settle what is found, or pause it:",
        pause=f"agendad pause {shlex.quote(pair.name if pair else '')}",
    )


def _who(email: str, policy: Policy) -> str:
    if policy.me.has(email):
        return "you"
    people = (pair.other for pair in policy.mentorships)
    return next((person.name for person in people if person.has(email)), email)


def _skipped(action: ActionRow, row: SessionRow, policy: Policy) -> SkippedLine:
    return SkippedLine(
        what=action.action,
        why=action.detail,
        title=row.verdict["title"],
        start=_instant(row),
        my_zone=_zone_name(policy.me, _instant(row)),
    )


def _paused(pauses: Pauses, policy: Policy, now: datetime) -> Iterable[str]:
    for pause in pauses.worth_telling(now):
        yield f"{paused_until(pause.as_json(), policy.me)}. To go on: {pause.target.resume}"


def _session(row: SessionRow, policy: Policy, pauses: Pauses, now: datetime) -> SessionLine:
    shape, pair = row.verdict, _pair(row, policy)
    step = shape["plan"][0] if shape["plan"] else None
    held = _held_back(row, policy, pauses, now)
    return SessionLine(
        title=shape["title"],
        other=pair.other.name if pair else next(iter(_others(row, policy)), ""),
        mentorship=row.mentorship,
        my_role=Party(shape["my_role"]) if shape["my_role"] else None,
        start=_instant(row),
        end=row.end if _instant(row) else None,
        written_time=f"{shape['wall_start'].replace('T', ' ')} {shape['zone'] or 'without a time zone'}",
        **_clocks(_instant(row), pair, policy),
        state=agenda_state(shape),
        findings=tuple(
            FindingLine(code=one["code"], severity=Severity(one["severity"]), message=one["message"])
            for one in shape["findings"]
        ),
        next_step=held or (_next(step) if step else None),
        next_step_at=unstamp(step["sends"]) if step and not held else None,
    )


def _held_back(row: SessionRow, policy: Policy, pauses: Pauses, now: datetime) -> str:
    """Why the next step is not taken: the event opts out, or the user holds it back; "" if nothing does."""
    if opted_out := row.verdict.get("opted_out"):  # verdicts of before do not have it
        return f"nothing, it opts out of agendad: {opted_out}"
    step = row.verdict["plan"][0] if row.verdict["plan"] else None
    at = max(unstamp(step["sends"]), now) if step else now
    pause = pauses.covering(row.key, _pair(row, policy), at)
    return f"nothing, {paused_until(pause.as_json(), policy.me)}" if pause else ""


def _codes(shape: Mapping[str, Any]) -> frozenset[str]:  # JSON
    return frozenset(finding["code"] for finding in shape["findings"])


def _next(step: Mapping[str, Any]) -> str:  # JSON
    return f"{step['action']} ({step['reason']})"


def _accounts(store: Store, now: datetime) -> Iterable[AccountLine]:
    calendars = CalendarStore(store)
    for account, error, vanished in store.connection.execute(
        "SELECT account, error, vanished FROM accounts WHERE tried_at >= ? ORDER BY account",
        (store.remembered("last_pass") or stamp(now),),
    ):
        problems = tuple(
            ProblemLine(source=problem.source, message=problem.message, line=problem.line)
            for problem in calendars.problems(account)
        )
        yield AccountLine(
            name=account,
            ok=not error,
            error=error,
            events=calendars.count(account, now),
            problems=problems,
            vanished=vanished,
        )
