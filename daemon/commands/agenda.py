"""`agendad agenda`: begin the file that a session's agenda is written to."""

import argparse
import os

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.context import Context, UsageProblem, open_context
from agendad.daemon.editing import NotEdited, open_editor
from agendad.daemon.passes import begin_agenda
from agendad.daemon.remembering import after_a_pass, event_named
from agendad.daemon.reporting import json_text
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store
from agendad.providers.model import Event

SCHEMA = "agendad.agenda/1"


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    if context.loaded.config.agendas is None:
        raise UsageProblem(
            "the configuration names no folder for agendas. Nothing was done. Add `agendas: agendas` to it, "
            "and what you write there goes into the invites."
        )
    with after_a_pass(context) as store:
        event = _event(args.session, store, context)
        try:
            path = begin_agenda(context, store, event)
        except OSError as error:
            raise UsageProblem(f"the file could not be made: {error.strerror or error}. Nothing was done.") from None
    if path is None:
        raise UsageProblem(
            f"{args.session!r} is no session of a declared pair at a certain time, so it has no agenda file. "
            "Nothing was done. `agendad explain` says why."
        )
    print(json_text({"schema": SCHEMA, "path": str(path)}) if args.json else path)
    if args.edit:
        try:
            open_editor(path, os.environ)
        except NotEdited as error:
            raise UsageProblem(f"{error}. The file is there: {path}") from None
    return 0


def _event(wanted: str, store: Store, context: Context) -> Event:
    """The next session of a mentorship, or the one that is meant.

    Raises:
        UsageProblem: there is none.
    """
    now, calendars = context.clock.now(), CalendarStore(store)
    if all(pair.name != wanted for pair in context.policy.mentorships):
        return event_named(wanted, calendars, now)
    for row in SessionStore(store).upcoming(now):
        if row.mentorship == wanted and row.start > now:
            copy = calendars.copy(row.account, row.calendar, row.id)
            if copy is not None:
                return copy
    raise UsageProblem(f"no session of {wanted} is known to come. Nothing was done. `agendad sessions` lists them.")
