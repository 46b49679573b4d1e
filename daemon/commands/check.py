"""`agendad check`: is the configuration right, and what should one know about it."""

import argparse
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from agendad.daemon import agenda_check, template_folder
from agendad.daemon import config as configuration
from agendad.daemon.agenda_files import FileProblem
from agendad.daemon.config_errors import ConfigError, Level, Problem
from agendad.daemon.context import Context, open_context
from agendad.daemon.reporting import json_text


def run(args: argparse.Namespace) -> int:
    if args.schema:
        print(json_text(configuration.schema()))
        return 0
    if args.example:
        print((files("agendad.daemon") / "config.example.yaml").read_text("utf-8"), end="")
        return 0
    try:
        context = _checked(args)
    except ConfigError as error:
        if not args.json:
            raise
        print(json.dumps({"ok": False, "errors": [problem.as_json() for problem in error.problems], "warnings": []}))
        return 2
    file = str(context.loaded.path)
    here = configuration.environment_warnings(context.loaded.config, context.state_dir, file)
    agendas = map(_as_warning, agenda_check.to_be_told(context))
    warnings = [*context.loaded.notes, *here, *_unused(context.loaded.config.templates), *agendas]
    warnings += context.notebook.problems(context.today) if context.notebook else ()
    if args.json:
        shape = {
            "ok": True,
            "config": str(context.loaded.path),
            "state_dir": str(context.state_dir),
            "errors": [],
            "warnings": [problem.as_json() for problem in warnings],
        }
        print(json_text(shape))
        return 0
    config = context.loaded.config
    for problem in warnings:
        print(problem)
    print(f"configuration {context.loaded.path} is right")
    print(f"state folder  {context.state_dir}")
    print(f"mode          {config.mode}")
    print(f"accounts      {', '.join(account.name for account in config.accounts) or 'none'}")
    print(f"mentorships   {', '.join(pair.name for pair in config.mentorships) or 'none'}")
    return 0


def _checked(args: argparse.Namespace) -> Context:
    context = open_context(args)
    if faults := template_folder.problems(context.loaded.config.templates):
        raise ConfigError(faults)
    return context


def _as_warning(problem: FileProblem) -> Problem:
    return Problem(file=problem.path, message=problem.what, hint=problem.hint, level=Level.WARNING)


def _unused(folder: Path | None) -> Iterator[Problem]:
    for path, hint in template_folder.unused(folder):
        yield Problem(file=str(path), message="no message uses this file", hint=hint, level=Level.WARNING)
