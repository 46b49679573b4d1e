"""How things stand, on one screen: from what is remembered alone, no calendar and no server is asked."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.context import Context, held_since, holder
from agendad.daemon.delivery import trouble
from agendad.daemon.digest import SENT
from agendad.daemon.journal import Journal
from agendad.daemon.pauses import Pause, Pauses
from agendad.daemon.session_store import SessionRow, SessionStore
from agendad.daemon.store import DATABASE, Store, stamp, unstamp
from agendad.daemon.terminal import coloured, cut, paused_until, when
from agendad.rules.base import rule_of
from agendad.rules.limits import State
from agendad.rules.policy import Mode, Policy
from agendad.rules.saying import called

SCHEMA = "agendad.status/1"
_STEPS, _ACCOUNTS, _PAUSES = 3, 6, 3
"""How many are shown; the screen has 24 lines."""
_MODES = {
    Mode.OBSERVE: "it plans and reports, and changes nothing",
    Mode.APPROVE: "it asks before each step",
    Mode.ACT: "it acts by itself",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStanding:
    """An account of the configuration. `read` (aware UTC) is when its calendars were last read, None for never."""

    name: str
    read: datetime | None = None
    error: str = ""
    held: bool = False
    events: int = 0
    """To come."""

    @property
    def ok(self) -> bool:
        return self.read is not None and not self.error and not self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """A step that is planned. `at` is aware UTC."""

    at: datetime
    action: str
    effect: str
    to: tuple[str, ...]
    title: str
    start: datetime | None
    mode: Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything at one time. Times are aware UTC."""

    mode: Mode
    process: str
    """Which is at work, "" for none."""
    since: datetime | None
    """When it began."""
    config: str
    state_dir: str
    accounts: tuple[AccountStanding, ...]
    sessions: int = 0
    """To come."""
    last_pass: datetime | None = None
    next_look: datetime | None = None
    """None where nothing is at work."""
    steps: tuple[NextStep, ...] = ()
    """Every one, the next first."""
    pending: int = 0
    summary_sent: datetime | None = None
    summary_trouble: str = ""
    pauses: tuple[Pause, ...] = ()

    def as_json(self) -> dict[str, Any]:  # JSON
        return {
            "schema": SCHEMA,
            "mode": self.mode,
            "running": {"process": self.process, "since": _moment(self.since)} if self.process else None,
            "config": self.config,
            "state_dir": self.state_dir,
            "accounts": [
                {
                    "name": one.name,
                    "ok": one.ok,
                    "read_at": _moment(one.read),
                    "error": one.error or None,
                    "held": one.held,
                    "events": one.events,
                }
                for one in self.accounts
            ],
            "sessions": self.sessions,
            "last_pass": _moment(self.last_pass),
            "next_look": _moment(self.next_look),
            "next_steps": [
                {
                    "at": stamp(step.at),
                    "action": step.action,
                    "effect": step.effect,
                    "to": list(step.to),
                    "title": step.title,
                    "start": _moment(step.start),
                    "mode": step.mode,
                }
                for step in self.steps[:_STEPS]
            ],
            "pending": self.pending,
            "summary": {"sent_at": _moment(self.summary_sent), "trouble": self.summary_trouble or None},
            "pauses": [pause.as_json() for pause in self.pauses],
        }


def _moment(instant: datetime | None) -> str | None:
    return stamp(instant) if instant else None


def standing(context: Context) -> Standing:
    """How things stand now.

    Raises:
        StateError: the database cannot be used.
    """
    process = holder(context.state_dir)
    bare = Standing(
        mode=context.policy.mode,
        process=process,
        since=held_since(context.state_dir) if process else None,
        config=str(context.loaded.path.absolute()),
        state_dir=str(context.state_dir),
        accounts=tuple(AccountStanding(name=account.name) for account in context.loaded.config.accounts),
    )
    if not (context.state_dir / DATABASE).exists():
        return bare
    with closing(Store.open(context.state_dir)) as store:
        return _remembered(bare, context, store)


def _remembered(bare: Standing, context: Context, store: Store) -> Standing:
    now, policy = context.clock.now(), context.policy
    pauses, sessions, journal = Pauses(store), SessionStore(store), Journal(store)
    rows = sessions.upcoming(now)
    last, sent = store.remembered("last_pass"), store.remembered(SENT)
    last_pass = unstamp(last) if last else None
    looks = (sessions.next_look(now), pauses.next_end(now))
    regular = last_pass + context.loaded.config.sync.every if last_pass else now
    return replace(
        bare,
        accounts=tuple(_account(one.name, store, now) for one in bare.accounts),
        sessions=len(rows),
        last_pass=last_pass,
        next_look=max(now, min([regular, *(look for look in looks if look)])) if bare.process else None,
        steps=tuple(sorted(_steps(rows, pauses, policy, now), key=lambda step: step.at)),
        pending=len(journal.in_state(State.PENDING)),
        summary_sent=unstamp(sent) if sent else None,
        summary_trouble=trouble(store),
        pauses=tuple(pauses.worth_telling(now)),
    )


def _account(name: str, store: Store, now: datetime) -> AccountStanding:
    sql = store.connection
    known = sql.execute("SELECT error, held FROM accounts WHERE account = ?", (name,)).fetchone()
    (read,) = sql.execute("SELECT max(synced_at) FROM calendars WHERE account = ?", (name,)).fetchone()
    error, held = known or ("", "[]")
    return AccountStanding(
        name=name,
        read=unstamp(read) if read else None,
        error=error,
        held=held != "[]",
        events=CalendarStore(store).count(name, now),
    )


def _steps(rows: Iterable[SessionRow], pauses: Pauses, policy: Policy, now: datetime) -> Iterator[NextStep]:
    """What is planned for sessions that nothing holds back."""
    pairs = {pair.name: pair for pair in policy.mentorships}
    for row in rows:
        pair = pairs.get(row.mentorship or "")
        if pair is None or row.verdict.get("opted_out"):
            continue
        for step in row.verdict["plan"]:
            at = unstamp(step["sends"])
            if pauses.covering(row.key, pair, max(at, now)) is not None:
                continue
            yield NextStep(
                at=at,
                action=step["action"],
                effect=step["effect"],
                to=tuple(step["to"]),
                title=row.verdict["title"],
                start=row.start if row.verdict["start"] else None,
                mode=policy.mode_for(pair, rule_of(step["reason"])),
            )


# on the screen


def screen(now: Standing, policy: Policy) -> str:
    """At most 24 lines of 80 columns."""
    lines = [*_head(now, policy), *_account_lines(now, policy), *_work(now, policy), *_foot(now, policy)]
    return coloured("\n".join(map(_fitting, lines)))


def _fitting(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return indent + cut(line, 80 - len(indent))


def _head(now: Standing, policy: Policy) -> Iterator[str]:
    yield f"mode: {now.mode}: {_MODES[now.mode]}"
    if now.process:
        since = f" since {when(now.since, policy.me)}" if now.since else ""
        yield f"at work: process {now.process}{since}"
    else:
        yield "at work: nothing; `agendad run` serves, `agendad run --once` looks once"
    yield f"configuration: {now.config}"


def _account_lines(now: Standing, policy: Policy) -> Iterator[str]:
    yield "accounts:" if now.accounts else "accounts: none; `agendad init` writes a configuration with one"
    shown = sorted(now.accounts, key=lambda one: one.ok)[:_ACCOUNTS]  # what needs somebody comes first
    for one in shown:
        if one.error:
            yield f"  ✗ {one.name}: {one.error}"
        elif one.held:
            yield f"  ! {one.name}: held back; `agendad summary` says why, and how to go on"
        elif one.read is None:
            yield f"  ! {one.name}: not read yet"
        else:
            events = f"{one.events} event{'s' * (one.events != 1)}"
            yield f"  ✓ {one.name}: read {when(one.read, policy.me)}, {events} to come"
    if len(now.accounts) > len(shown):
        yield f"    and {len(now.accounts) - len(shown)} more"


def _work(now: Standing, policy: Policy) -> Iterator[str]:
    if now.last_pass is None:
        yield "nothing is known yet: `agendad run --once` looks for the first time"
        return
    following = f", next {when(now.next_look, policy.me)}" if now.next_look else ""
    yield f"last look: {when(now.last_pass, policy.me)}{following}"
    steps = "next steps:" if now.steps else "next steps: none"
    yield f"sessions to come: {now.sessions}; {steps}"
    for step in now.steps[:_STEPS]:
        verb = f"would {step.action}" if step.mode is Mode.OBSERVE else step.action
        yield f"  → {when(step.at, policy.me)}: {verb} ({_who(step.to, policy)}): {step.title or '(no title)'}"
    if len(now.steps) > _STEPS:
        yield f"    and {len(now.steps) - _STEPS} more; `agendad sessions` has all"


def _foot(now: Standing, policy: Policy) -> Iterator[str]:
    if now.pending:
        yield f"! {now.pending} wait{'s' * (now.pending == 1)} for your yes or no: agendad pending"
    else:
        yield "nothing waits for your yes or no"
    sent = when(now.summary_sent, policy.me) if now.summary_sent else "none was sent yet"
    yield f"last summary: {sent}"
    if now.summary_trouble:
        yield f"! the next one could not be sent: {now.summary_trouble}"
    for pause in now.pauses[:_PAUSES]:
        yield f"‖ {paused_until(pause.as_json(), policy.me)}"
    if len(now.pauses) > _PAUSES:
        yield f"  and {len(now.pauses) - _PAUSES} more: agendad pause --list"


def _who(emails: Iterable[str], policy: Policy) -> str:
    people = [pair.other for pair in policy.mentorships]
    names = {email: called(person.name) for person in people for email in person.emails}
    return ", ".join("you" if policy.me.has(email) else names.get(email, email) for email in emails)
