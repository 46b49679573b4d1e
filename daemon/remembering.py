"""Looking into what was remembered, beside a running service."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from agendad.daemon.calendar_store import CalendarStore, sortable
from agendad.daemon.context import Context, UsageProblem
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.reporting import shown_title
from agendad.daemon.store import DATABASE, Store
from agendad.providers.model import Event
from agendad.rules.engine import is_over
from agendad.rules.text.untrusted import strip_controls

_LISTED = 20
_DAY = re.compile(r"(?P<words>.*?)[ @]*(?P<day>\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d.*)?")


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


def event_named(wanted: str, calendars: CalendarStore, now: datetime) -> Event:
    """The occurrence that is meant: of the event with this UID or words in its title, the next, or that of a day.

    Args:
        wanted: a UID, the beginning of one, or words of a title; a day (2026-12-03) may follow, or stand alone.
        calendars: what is remembered.
        now: aware.

    Raises:
        UsageProblem: no event fits, or several do.
    """
    matches = calendars.search(wanted) or _on_a_day(wanted, calendars)
    if not matches:
        raise UsageProblem(
            f"no event has the UID or title {wanted!r} between the lookback and the horizon. "
            "`agendad sessions --json` lists the sessions with their UIDs."
        )
    shown = {event.uid: event for event in matches}
    if len(shown) > 1:
        listed = (strip_controls(f"    {uid}  {shown_title(one)}").replace("\n", " ") for uid, one in shown.items())
        raise UsageProblem(
            "\n".join([f"{wanted!r} fits several events; name one by its UID:", *islice(listed, _LISTED)])
        )
    matches.sort(key=lambda event: sortable(event.start))
    return next((event for event in matches if not is_over(event, now)), matches[-1])


def _on_a_day(wanted: str, calendars: CalendarStore) -> list[Event]:
    """Those that take place on the day that is named last, where they take place."""
    named = _DAY.fullmatch(wanted.strip())
    if named is None:
        return []
    return [
        event for event in calendars.search(named["words"].strip()) if f"{event.start.wall:%Y-%m-%d}" == named["day"]
    ]


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
