"""Bars for work that takes a while, on the terminal's standard error; where that is none, nothing."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Progress = Callable[[str, int | None], AbstractContextManager[Callable[[int], object]]]
"""Called with what is being done and how much of it there is (None: nobody knows), it gives what is called with each
further amount that is done."""
_PATIENCE = 0.5
"""Seconds after which somebody wants to see something."""


@contextmanager
def silent(_what: str, _total: int | None) -> Iterator[Callable[[int], object]]:
    """For those whom nobody watches."""
    yield lambda _amount: None


@contextmanager
def on_terminal(what: str, total: int | None) -> Iterator[Callable[[int], object]]:
    """A bar that is gone when the work is done."""
    if not sys.stderr.isatty():
        yield lambda _amount: None
        return
    from tqdm import tqdm  # noqa: PLC0415 - most commands have no use for it

    columns = min(80, shutil.get_terminal_size().columns)
    with tqdm(desc=what, total=total, unit=" events", delay=_PATIENCE, leave=False, ncols=columns) as bar:
        yield bar.update
