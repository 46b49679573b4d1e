"""Serving: a pass at once, then one whenever something is due or the user has answered, until SIGTERM or SIGINT."""

import signal
import sys
import threading
from datetime import timedelta
from types import FrameType

from agendad.daemon import sign_ins
from agendad.daemon.clock import FixedClock
from agendad.daemon.context import Context
from agendad.daemon.delivery import aftermath, send_if_due, trouble
from agendad.daemon.journal import Journal
from agendad.daemon.pass_report import PassReport
from agendad.daemon.passes import one_pass
from agendad.daemon.pauses import Pauses
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store
from agendad.rules.limits import State
from agendad.rules.policy import Mode
from agendad.rules.text.untrusted import strip_controls

_LOOK = 1.0
"""Seconds between looks for what the user has answered meanwhile."""
_PATIENCE = 8
"""Seconds that the action in hand has to finish, once asked to stop; it is settled by the next start otherwise."""


class _Overdue(BaseException):
    """What is in hand does not come to an end."""


def serve(context: Context, store: Store) -> int:
    """Run passes until a signal comes; the action in hand is finished first. Returns the exit status."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.alarm(_PATIENCE)

    def on_alarm(_number: int, _frame: FrameType | None) -> None:
        raise _Overdue

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    signal.signal(signal.SIGALRM, on_alarm)
    _tell(f"{_mode(context)}; state folder: {context.state_dir}; stop it with Ctrl-C")
    decide_anew = True
    try:
        while not stop.is_set():
            report = one_pass(context, store, stop=stop.is_set, decide_anew=decide_anew)
            _report(report)
            if not stop.is_set():
                sign_ins.tell(context, store, report.accounts, context.sign_in_notes())
                send_if_due(context, store, context.clock.now())
                _report_mail(store)
                decide_anew = _wait(context, store, stop)
    except _Overdue:
        _tell("stopped in the middle of something that did not end; the next start looks at what became of it")
    finally:
        signal.alarm(0)
    return 0


def _wait(context: Context, store: Store, stop: threading.Event) -> bool:
    """Until something is to be done. False where that is only what the user answered."""
    left = _until_next(context, store).total_seconds()
    while left > 0 and not stop.wait(min(_LOOK, left)):
        left -= _LOOK
        if _answered(store):
            return False
    return True


def _until_next(context: Context, store: Store) -> timedelta:
    """How long until the next pass: `sync.every`, or less where a step comes due or a pause ends before."""
    every = context.loaded.config.sync.every
    if isinstance(context.clock, FixedClock):  # nothing comes due on a clock that stands
        return every
    now = context.clock.now()
    times = (SessionStore(store).next_look(now), Pauses(store).next_end(now))
    return min([every, *(time - now for time in times if time is not None)])


def _answered(store: Store) -> bool:
    journal = Journal(store)
    return bool(journal.in_state(State.APPROVED) or journal.wished())


def _report(report: PassReport) -> None:
    for account in report.accounts:
        if not account.ok:
            _tell(f"account {account.name}: {account.error}")
        for held in account.held:
            _tell(f"account {account.name}: {held}")
    for action in report.news:
        detail = f" ({action.detail})" if action.detail else ""
        _tell(f"{action.id} {action.state} {action.action} {action.key[0]}: {action.reason}{detail}")


def _report_mail(store: Store) -> None:
    if failed := trouble(store):
        _tell(f"the summary was not sent and is tried again: {failed}")
    if told := aftermath(store):
        _tell(told)


def _mode(context: Context) -> str:
    words = {Mode.OBSERVE: "observes", Mode.APPROVE: "asks before it acts", Mode.ACT: "acts"}
    return f"agendad {words[context.policy.mode]}"


def _tell(text: str) -> None:
    """One line, whatever a stranger's UID holds."""
    print(strip_controls(text).replace("\n", " "), file=sys.stderr, flush=True)
