"""`agendad sessions`: each mentorship at a glance, and the sessions to come and how they stand."""

import argparse
from collections.abc import Iterator

from agendad.daemon.agenda_files import known_problems
from agendad.daemon.context import open_context
from agendad.daemon.mentorships import mentorship_json, mentorship_lines
from agendad.daemon.pauses import Pauses
from agendad.daemon.remembering import after_a_pass
from agendad.daemon.reporting import json_text
from agendad.daemon.session_store import SessionStore
from agendad.daemon.summary import MentorshipLine, pair_lines
from agendad.daemon.terminal import MARKS, coloured, describe, when, wrapped
from agendad.rules.policy import Person


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    with after_a_pass(context) as store:
        now = context.clock.now()
        pauses, rows = Pauses(store), SessionStore(store).upcoming(now)
        pairs = mentorship_lines(store, context.policy, now, context.noted())
        files = known_problems(store)
        shapes = [pauses.shown_on({"opted_out": None} | row.verdict, context.policy, now) for row in rows]
    if args.json:
        shape = {
            "schema": "agendad.sessions/1",
            "sessions": shapes,
            "mentorships": [mentorship_json(pair) for pair in pairs],
            "unused_agendas": [{"path": one.path, "message": one.what, "hint": one.hint} for one in files],
        }
        print(json_text(shape))
        return 0
    for pair in pairs:
        print(coloured("\n".join(_described(pair, context.policy.me))))
        print()
    for shape in shapes:
        print(describe(shape, context.policy.me))
        print()
    for problem in files:
        print("\n".join(wrapped(str(problem), "! ")))
    print(f"{len(shapes)} session{'s' * (len(shapes) != 1)} to come" if shapes else "no sessions to come")
    return 0


def _described(pair: MentorshipLine, me: Person) -> Iterator[str]:
    whose = "yours" if pair.i_own else "theirs"
    yield from wrapped(f"{pair.other} ({pair.name}): you are the {pair.my_role}, the logistics are {whose}", "")
    for line in pair_lines(pair, lambda instant: when(instant, me)):
        yield from wrapped(line, "    ")
    for finding in pair.findings:
        yield from wrapped(f"{finding.code}: {finding.message}", f"    {MARKS[finding.severity]} ")
