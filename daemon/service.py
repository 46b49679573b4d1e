"""Serving: a pass at once, then one every `sync.every`, until SIGTERM or SIGINT."""

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

from agendad.daemon.context import Context
from agendad.daemon.delivery import trouble
from agendad.daemon.pipeline import PassReport
from agendad.daemon.store import Store
from agendad.rules.text.untrusted import strip_controls


def serve(context: Context, store: Store, one_pass: Callable[[], PassReport]) -> int:
    """Run passes until a signal comes; the pass in hand is finished first. Returns the exit status."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    every = context.loaded.config.sync.every
    _tell(f"agendad observes; state folder: {context.state_dir}; stop it with Ctrl-C")
    while not stop.is_set():
        report = one_pass()
        for account in report.accounts:
            if not account.ok:
                _tell(f"account {account.name}: {account.error}")
        for action in report.news:
            _tell(f"{action.state} {action.action} {action.key[0]}: {action.reason}")
        if failed := trouble(store):
            _tell(f"the summary was not sent and is tried again: {failed}")
        stop.wait(every.total_seconds())
    return 0


def _tell(text: str) -> None:
    """One line, whatever a stranger's UID holds."""
    print(strip_controls(text).replace("\n", " "), file=sys.stderr, flush=True)
