"""Signals of a service: SIGTERM and SIGINT stop it, SIGHUP has it read its configuration anew."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_PATIENCE = 8
"""Seconds that the action in hand has to finish, once asked to stop; it is settled by the next start otherwise."""


class Overdue(BaseException):
    """What is in hand does not come to an end."""


@contextmanager
def heeded(stop: Callable[[], None], reload: Callable[[], None]) -> Iterator[None]:
    """Call `stop` and `reload` as the signals come, from the main thread, between any two steps of its work.

    A terminal that is closed is no wish for another configuration: the service on it stops.

    Raises:
        Overdue: in the middle of whatever still goes on eight seconds after the first wish to stop.
    """
    on_terminal = sys.stderr.isatty()
    asked = False

    def on_stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        stop()
        if not asked:
            signal.alarm(_PATIENCE)
        asked = True

    def on_hang_up(number: int, frame: FrameType | None) -> None:
        if on_terminal and not sys.stderr.isatty():
            on_stop(number, frame)
        else:
            reload()

    def on_alarm(_number: int, _frame: FrameType | None) -> None:
        raise Overdue

    handlers = {signal.SIGTERM: on_stop, signal.SIGINT: on_stop, signal.SIGHUP: on_hang_up, signal.SIGALRM: on_alarm}
    for number, handler in handlers.items():
        signal.signal(number, handler)
    try:
        yield
    finally:
        signal.alarm(0)
