"""What the doctor looks at of the work itself: the service, the last pass, what waits, others at the same calendars."""

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.context import Context, held_since, holder
from agendad.daemon.delivery import aftermath, trouble
from agendad.daemon.doctoring_shapes import Check, bad, good, warn
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.marks import Marks
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store, unstamp
from agendad.daemon.terminal import when
from agendad.rules.limits import State

UNIT, LABEL = "agendad.service", "org.agendad"
_SYSTEMD_PATIENCE = 4  # seconds
_LONG_AGO = timedelta(days=1)
_LATE = 3
"""Times `sync.every` after which a running service is late."""
_SLACK = timedelta(minutes=5)
"""A pass may wait this long for a server."""


# the service


def of_service(folder: Path, environ: Mapping[str, str] = os.environ) -> Iterator[Check]:
    """Whether something is at work on a state folder, and whether the system starts it."""
    name, process, unit = "service", holder(folder), _unit(environ)
    since = held_since(folder)
    at_work = f"process {process} is at work{f' since {when(since, None)}' if since else ''}" if process else ""
    if unit == "failed":
        yield bad(
            name, f"{UNIT} has failed", f"journalctl --user -u {UNIT} -n 50; then: systemctl --user restart {UNIT}"
        )
    elif process:
        yield good(name, f"{at_work}{f' ({unit})' if unit else ''}")
    elif unit == "active":
        said = f"{UNIT} is active, and nothing is at work on {folder}"
        yield warn(name, said, "see that it has the same --state-dir and --config as you")
    elif unit:
        yield warn(name, f"nothing is at work; the system's unit is {unit}", _start(environ))
    else:
        fix = "agendad service install: it starts with your session then; `agendad run` serves until Ctrl-C"
        yield warn(name, "nothing is at work: sessions are looked at when you run it, and not in between", fix)


def _start(environ: Mapping[str, str]) -> str:
    if shutil.which("systemctl", path=environ.get("PATH")):
        return f"systemctl --user enable --now {UNIT}"
    return f"launchctl kickstart gui/{os.getuid()}/{LABEL}"


def _unit(environ: Mapping[str, str]) -> str:
    """What the system says of the unit: active, inactive, failed; "" where there is none."""
    if systemctl := shutil.which("systemctl", path=environ.get("PATH")):
        told = dict(
            line.split("=", 1)
            for line in _said(systemctl, "--user", "show", UNIT, "-p", "LoadState,ActiveState").splitlines()
            if "=" in line
        )
        return told.get("ActiveState", "") if told.get("LoadState") == "loaded" else ""
    if launchctl := shutil.which("launchctl", path=environ.get("PATH")):
        told_by_it = _said(launchctl, "print", f"gui/{os.getuid()}/{LABEL}")
        return "" if not told_by_it else "active" if "state = running" in told_by_it else "inactive"
    return ""


def _said(*command: str) -> str:
    """What a program prints; "" where it fails or does not come to an end."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SYSTEMD_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


# what is remembered


def of_memory(context: Context, store: Store) -> Iterator[Check]:
    """Everything that the database tells."""
    yield _last_pass(context, store)
    yield from _accounts(context, store)
    yield from _queue(context, store)
    yield from _summary(store)
    yield from _others(store)


def _last_pass(context: Context, store: Store) -> Check:
    name, last = "last pass", store.remembered("last_pass")
    if last is None:
        return warn(name, "there was none yet", "agendad run --once")
    age, shown = context.clock.now() - unstamp(last), when(unstamp(last), context.policy.me)
    said = f"it was {_ago(age)}, on {shown}"
    if holder(context.state_dir):
        late = age > context.loaded.config.sync.every * _LATE + _SLACK
        return (
            warn(name, f"{said}, though a process is at work", "see what it says, or restart it")
            if late
            else good(name, said)
        )
    return warn(name, f"{said}, and nothing is at work", "agendad run") if age > _LONG_AGO else good(name, said)


def _ago(age: timedelta) -> str:
    """How long ago, roughly.

    >>> _ago(timedelta(seconds=20)), _ago(timedelta(minutes=90)), _ago(timedelta(days=3))
    ('just now', '90 minutes ago', '3 days ago')
    """
    minutes = int(age.total_seconds()) // 60
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} minute{'s' * (minutes != 1)} ago"
    return f"{minutes // 60} hours ago" if minutes < 2 * 24 * 60 else f"{age.days} days ago"


def _accounts(context: Context, store: Store) -> Iterator[Check]:
    """What the last pass had to say about each account of the configuration."""
    known = {account.name for account in context.loaded.config.accounts}
    for account, error, held in store.connection.execute("SELECT account, error, held FROM accounts ORDER BY account"):
        if account not in known:
            continue
        if error:
            yield warn(f"account {account}", f"the last pass could not read it: {error}", "agendad run --once")
        for reason in json.loads(held):
            what, _, how = reason.rpartition("run: ")
            yield warn(f"account {account}", f"it is held back: {(what or reason).strip()}", how)


def _queue(context: Context, store: Store) -> Iterator[Check]:
    now, journal, sessions = context.clock.now(), Journal(store), SessionStore(store)

    def ahead(*states: State) -> list[ActionRow]:
        """About sessions that are still to come."""
        return [action for action in journal.in_state(*states) if sessions.to_come(action.key, now) is not None]

    name = "queue"
    planned = len(ahead(State.PLANNED, State.APPROVED, State.INTENDED))
    pending, failed, unknown = len(ahead(State.PENDING)), ahead(State.FAILED), ahead(State.UNKNOWN)
    counts = f"{planned} planned, {pending} pending, {len(failed)} failed, {len(unknown)} in doubt"
    if failed:
        yield warn(name, f"{counts}; failed: {failed[0].detail}", "agendad history tells which, and why")
    if unknown:
        told = f"{counts}; in doubt: {unknown[0].detail}"
        yield warn(name, told, f"ask {', '.join(unknown[0].to)} whether it arrived; it is not sent again")
    if not failed and not unknown:
        yield good(name, f"{counts}{'; `agendad pending` shows what waits for you' if pending else ''}")


def _summary(store: Store) -> Iterator[Check]:
    if failed := trouble(store):
        yield bad("summary", f"it could not be sent: {failed}", "agendad mail test; it is tried again at each pass")
    if told := aftermath(store):
        yield warn("summary", told, "see whether it arrived")


def _others(store: Store) -> Iterator[Check]:
    """Whether other installations have written on the same events."""
    name = "other installations"
    if store.remembered("installation") is None:
        return
    calendars, marks = CalendarStore(store), Marks(Journal(store))
    seen: Counter[str] = Counter(
        event.account for event in calendars.marked(calendars.all_uids()) if marks.of_others(event)
    )
    for account, count in sorted(seen.items()):
        said = f"another one has written on {count} event{'s' * (count != 1)} of account {account}"
        fix = "one person needs one: stop the other if it is yours, as after a move to a new machine. The other "
        yield warn(name, said, f"{fix}person's may be there: of two, the owner of the logistics acts")
    if not seen:
        yield good(name, "none has left its mark on these calendars")
