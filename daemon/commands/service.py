"""`agendad service`: the background service is set up, taken down, or told about."""

import argparse
import json
import os
import shlex
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from agendad.daemon import config as configuration
from agendad.daemon.context import UsageProblem
from agendad.daemon.service_files import Origin, installed_command, named_variables, options, system_unit
from agendad.daemon.service_managers import Systemd, manager_of
from agendad.daemon.service_units import Done, Host, Manager, Plan, Standing, carry_out
from agendad.daemon.store import stamp
from agendad.daemon.terminal import abbreviation, coloured, wrapped

SCHEMA = "agendad.service/1"


def run(args: argparse.Namespace) -> int:
    host = Host()
    if args.word == "unit":
        return _unit(host)
    manager = manager_of(host)
    if args.word == "status":
        return _status(args, manager)
    _refuse_for_another(args.word)
    command, notes = _command(args) if args.word == "install" else ((), [])
    plan = manager.install(command) if args.word == "install" else manager.uninstall()
    if not args.json:
        _show(plan, manager)
    done = [] if args.dry_run else list(_carried_out(plan, host, quiet=args.json))
    failed = bool(plan.problem) or any(not step.ok for step in done)
    if args.json:
        print(json.dumps(_shape(args, plan, manager, done, notes), ensure_ascii=False, indent=2))
    else:
        for line in _told(args, plan, manager, failed=failed):
            print(line)
        for note in notes:
            print("\n".join(wrapped(note, "note: ")))
    return 1 if failed else 0


def _refuse_for_another(word: str) -> None:
    user = os.environ.get("SUDO_USER")
    if user and os.geteuid() == 0:
        raise UsageProblem(
            f"This is about the service of the user who types it, and with sudo that is root and not {user}. "
            f"Nothing was written or started. Type it without sudo: agendad service {word}. For a service of the "
            "system, docs/operations.md has the steps."
        )


def _command(args: argparse.Namespace) -> tuple[tuple[str, ...], list[str]]:
    """The words that start the service, and what to know before it starts. What it could not read is told now."""
    words = installed_command()
    path = configuration.find_config(Path(args.config) if args.config else None, os.environ)
    loaded = configuration.load(path)
    folder = configuration.state_dir(loaded.config, Path(args.state_dir) if args.state_dir else None, os.environ)
    more = options(args.config, args.state_dir, os.environ, found=path, folder=folder)
    notes = [
        f"the configuration names the environment variable {name}, and a service has an environment of its own: set it "
        "there, or name a file, a command or the keyring instead"
        for name in named_variables(loaded.config)
    ]
    return (*words, "run", *more), notes


def _unit(host: Host) -> int:
    command = (*installed_command(), "run")
    print(system_unit(command, Systemd(host).version()), end="")
    hidden = [path for path in (command[0], sys.base_prefix) if path.startswith(("/home/", "/root/", "/run/user/"))]
    if hidden:
        print(
            f"\nnote: the unit hides home folders, and this agendad needs {' and '.join(hidden)}: it could not be "
            f"started. "
            "Install agendad into /opt/agendad with the system's Python, and print the unit with that one: "
            "docs/operations.md",
            file=sys.stderr,
        )
    return 0


def _show(plan: Plan, manager: Manager) -> None:
    """Everything that is about to happen."""
    if plan.content:
        print(f"{plan.file}:\n")
        print("\n".join(f"    {line}".rstrip() for line in plan.content.splitlines()) + "\n")
    for path in plan.removes:
        print(f"to be removed: {path}")
    if plan.asked:
        for words in plan.every_command():
            print(f"to be run: {shlex.join(words)}")
    elif plan.every_command():
        print(
            "\n".join(
                wrapped(f"{manager.title} cannot be reached from here, so nothing is started or stopped by it.", "")
            )
        )
    sys.stdout.flush()


def _carried_out(plan: Plan, host: Host, *, quiet: bool) -> Iterator[Done]:
    for step in carry_out(plan, host):
        if not step.ok and not quiet:
            print("\n".join(wrapped(f"{shlex.join(step.words)} failed: {step.error}", "✗ ")), file=sys.stderr)
        yield step


def _told(args: argparse.Namespace, plan: Plan, manager: Manager, *, failed: bool) -> Iterator[str]:
    """What has become of it, and what to do next."""
    if plan.problem:
        yield "\n".join(wrapped(plan.problem, ""))
        return
    if args.dry_run:
        yield "dry run: nothing was written, removed, started or stopped."
        return
    if failed:
        yield "\n".join(wrapped(f"It was not carried to its end. Its last lines: {manager.logs}", ""))
        yield f"Once that is mended, type again: agendad service {args.word}"
        return
    if not plan.content and not plan.removes:
        yield "it was installed like this already" if args.word == "install" else "there was nothing to remove"
    if not plan.asked and plan.every_command():
        yield "To be typed where you are logged in:"
        yield from (f"    {shlex.join(words)}" for words in plan.every_command())
    elif args.word == "install":
        yield "It runs. `agendad service status` tells how it is; its last lines:"
        yield f"    {manager.logs}"
        if stay := manager.staying():
            yield "\n".join(wrapped(f"It ends when you log out. To have it run on, type: {stay}", ""))
    elif plan.removes:
        yield "It is stopped and removed. What it remembers, and the configuration, were left as they are."


def _shape(
    args: argparse.Namespace, plan: Plan, manager: Manager, done: list[Done], notes: list[str]
) -> dict[str, Any]:  # JSON
    return {
        "schema": SCHEMA,
        "manager": manager.name,
        "word": args.word,
        "dry_run": args.dry_run,
        "file": str(plan.file),
        "content": plan.content or None,
        "removes": [str(path) for path in plan.removes],
        "commands": [list(words) for words in plan.every_command()],
        "reachable": plan.asked,
        "done": [{"command": list(step.words), "ok": step.ok, "error": step.error} for step in done],
        "problem": plan.problem or None,
        "notes": notes,
    }


def _status(args: argparse.Namespace, manager: Manager) -> int:
    standing = manager.standing()
    if args.json:
        print(json.dumps(_standing_shape(standing, manager), ensure_ascii=False, indent=2))
    else:
        print(coloured("\n".join(_standing(standing, manager))))
    return 0 if standing.file and standing.running else 1


def _standing(standing: Standing, manager: Manager) -> Iterator[str]:
    if standing.file is None:
        yield "✗ not installed: `agendad service install` does that"
    else:
        whose = {Origin.OURS: "", Origin.EDITED: ", edited by hand since", Origin.FOREIGN: ", not by agendad"}
        yield f"✓ installed{whose[standing.origin]}: {standing.file}"
    if standing.enabled is None:
        yield "· enabled: not known here"
    elif standing.enabled:
        yield f"✓ enabled: it starts {'with the machine' if standing.stays else 'when you log in'}"
    else:
        yield "✗ not enabled: it does not start by itself"
    if standing.running is None:
        yield f"· running: not known, {manager.title} cannot be reached from here"
    elif standing.running:
        since = f", since {_local(standing.since)}" if standing.since else ""
        yield f"✓ running{since}, process {standing.pid}"
    else:
        yield f"✗ not running: {standing.state}"
    if standing.says:
        yield "\n".join(wrapped(standing.says, "· it says: "))
    yield f"its last lines: {manager.logs}"


def _local(instant: datetime) -> str:
    """On the machine's clock: no configuration is needed to ask how the service is."""
    local = instant.astimezone()
    return f"{local:%a} {local.day} {local:%b %Y %H:%M} {abbreviation(local)}"


def _standing_shape(standing: Standing, manager: Manager) -> dict[str, Any]:  # JSON
    return {
        "schema": SCHEMA,
        "manager": manager.name,
        "word": "status",
        "installed": standing.file is not None,
        "file": str(standing.file) if standing.file else None,
        "origin": standing.origin,
        "enabled": standing.enabled,
        "running": standing.running,
        "state": standing.state,
        "since": stamp(standing.since) if standing.since else None,
        "pid": standing.pid,
        "says": standing.says,
        "stays": standing.stays,
        "logs": manager.logs,
    }
