"""Looking into what was remembered, beside a running service."""

from collections.abc import Iterator
from contextlib import contextmanager

from agendad.daemon.context import Context, UsageProblem
from agendad.daemon.store import DATABASE, Store


@contextmanager
def after_a_pass(context: Context) -> Iterator[Store]:
    """The database, once there has been a pass to look back on.

    Raises:
        UsageProblem: there was none.
        StateError: the database cannot be used.
    """
    path = context.state_dir / DATABASE
    nothing = (
        f"nothing is known yet in {context.state_dir}: no calendar has been read. "
        "Run `agendad run --once` first, with the same --config and --state-dir."
    )
    if not path.exists():
        raise UsageProblem(nothing)
    store = Store.open(context.state_dir)
    try:
        if store.remembered("last_pass") is None:
            raise UsageProblem(nothing)
        yield store
    finally:
        store.close()
