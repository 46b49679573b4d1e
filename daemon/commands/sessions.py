"""`agendad sessions`: the sessions to come and how they stand."""

import argparse

from agendad.daemon.agenda_files import known_problems
from agendad.daemon.context import open_context
from agendad.daemon.pauses import Pauses
from agendad.daemon.remembering import after_a_pass
from agendad.daemon.reporting import json_text
from agendad.daemon.session_store import SessionStore
from agendad.daemon.terminal import describe, wrapped


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    with after_a_pass(context) as store:
        now = context.clock.now()
        pauses, rows = Pauses(store), SessionStore(store).upcoming(now)
        files = known_problems(store)
        shapes = [pauses.shown_on({"opted_out": None} | row.verdict, context.policy, now) for row in rows]
    if args.json:
        unused = [{"path": one.path, "message": one.what, "hint": one.hint} for one in files]
        print(json_text({"schema": "agendad.sessions/1", "sessions": shapes, "unused_agendas": unused}))
        return 0
    for shape in shapes:
        print(describe(shape, context.policy.me))
        print()
    for problem in files:
        print("\n".join(wrapped(str(problem), "! ")))
    print(f"{len(shapes)} session{'s' * (len(shapes) != 1)} to come" if shapes else "no sessions to come")
    return 0
