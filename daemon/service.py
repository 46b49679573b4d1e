"""Serving: a pass at once, then one every `sync.every`, until SIGTERM or SIGINT."""

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

from agendad.daemon.context import Context
from agendad.daemon.pipeline import PassReport
from agendad.daemon.store import Store


def serve(context: Context, store: Store, one_pass: Callable[[], PassReport]) -> int:
    """Run passes until a signal comes; the pass in hand is finished first. Returns the exit status."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    every = context.loaded.config.sync.every
    print(f"agendad observes; state folder: {store.path}; stop it with Ctrl-C", file=sys.stderr, flush=True)
    while not stop.is_set():
        report = one_pass()
        for account in report.accounts:
            if not account.ok:
                print(f"account {account.name}: {account.error}", file=sys.stderr, flush=True)
        for action in report.news:
            print(
                f"{action.state} {action.action} {action.key[0]}: {action.reason}",
                file=sys.stderr,
                flush=True,
            )
        stop.wait(every.total_seconds())
    return 0
