"""`agendad lint PATH…`: judge .ics files and folders without touching them."""

import argparse
from pathlib import Path

from agendad.daemon.clock import parse_instant
from agendad.daemon.context import UsageProblem, open_context
from agendad.daemon.linting import LintReport, lint
from agendad.daemon.progress import on_terminal
from agendad.daemon.reporting import json_text, session_json
from agendad.daemon.terminal import describe, when, wrapped
from agendad.rules.policy import Person
from agendad.rules.units import parse_duration


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    config, policy = context.loaded.config, context.loaded.policy
    try:
        at = parse_instant(args.at) if args.at else context.clock.now()
        horizon = parse_duration(args.horizon) if args.horizon else config.sync.horizon
    except ValueError as error:
        raise UsageProblem(f"{error}. Nothing was judged.") from None
    report = lint(
        map(Path, args.paths),
        policy,
        at,
        horizon=horizon,
        lookback=config.sync.lookback,
        notes=context.noted(),
        progress=on_terminal,
    )
    if args.json:
        print(json_text(report.as_json()))
    else:
        _show(report, policy.me)
    has_findings = any(verdict.findings for verdict, _ in report.sessions)
    return int(bool(report.errors) or (args.strict and has_findings))


def _show(report: LintReport, me: Person) -> None:
    others = 0
    for verdict, steps in report.sessions:
        if verdict.session is None:
            others += 1
            continue
        print(describe(session_json(verdict, steps), me))
        print()
    for word, problems in (("note", report.notes), ("refused", report.errors)):
        for problem in problems:
            where = f"{problem.source}:{problem.line}" if problem.line else problem.source
            print("\n".join(wrapped(f"{where}: {problem.message}", f"{word}: ")))
    judged = len(report.sessions) - others
    print(
        f"{judged} mentorship session{'s' * (judged != 1)}, {others} other event{'s' * (others != 1)}, "
        f"{len(report.errors)} refused;\njudged as of {when(report.at, me)}"
    )
