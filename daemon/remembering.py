"""Looking into what was remembered, beside a running service."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.context import Context, UsageProblem
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.reporting import shown_title
from agendad.daemon.store import DATABASE, Store
from agendad.rules.text.untrusted import strip_controls


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


def title_of(calendars: CalendarStore, action: ActionRow) -> str:
    """The title of what an action is about, or its UID where that is all that is left; on one line."""
    event = calendars.last_copy(action.account, action.calendar, action.event)
    title = shown_title(event) if event else action.key[0]
    return strip_controls(title).replace("\n", " ") or "(no title)"


def actions_named(journal: Journal, ids: Iterable[str]) -> list[ActionRow]:
    """The actions with these ids, each also known by the start of its id.

    Raises:
        UsageProblem: an id fits none, or several.
    """
    found: list[ActionRow] = []
    for id_ in dict.fromkeys(ids):
        fitting = journal.beginning_with(id_)
        if len(fitting) != 1:
            what = f"fits several actions: {', '.join(one.id for one in fitting)}" if fitting else "is no action's id"
            raise UsageProblem(
                f"{id_!r} {what}. Nothing was done. `agendad pending` and `agendad history` list the ids."
            )
        found.append(fitting[0])
    return found
