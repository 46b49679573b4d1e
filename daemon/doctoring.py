"""Everything that agendad needs, looked at once: what is right, what is not, and what mends it.

What asks a server, the system or a keyring has five seconds, in a thread of its own. Nothing is written but what any
pass writes: a sign-in that had to be refreshed.
"""

import argparse
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from importlib import import_module
from pathlib import Path

from agendad.daemon import config as configuration
from agendad.daemon import doctoring_accounts as accounts
from agendad.daemon import doctoring_machine as machine
from agendad.daemon import doctoring_work as work
from agendad.daemon.clock import SystemClock
from agendad.daemon.config_errors import ConfigError
from agendad.daemon.config_shapes import IcsAccount
from agendad.daemon.context import Context, UsageProblem, open_context
from agendad.daemon.doctoring_shapes import MARKS, Check, State, bad
from agendad.daemon.store import DATABASE, StateError, Store
from agendad.daemon.terminal import coloured, wrapped

_LONGEST = 5.0
"""Seconds that the slowest of those in threads has."""
_MODULES = {
    "caldav": ("agendad.providers.caldav", "httpx", "keyring"),
    "google": ("agendad.providers.google_profile", "httpx", "keyring"),
    "outlook": ("agendad.providers.graph_profile", "agendad.providers.graph_signin", "httpx", "keyring"),
}
"""What takes long to import, by provider: that is not to count as a server's slowness."""
Job = tuple[str, Callable[[], Iterable[Check]]]
"""What is looked at, and how."""


def examine(args: argparse.Namespace) -> list[Check]:
    """Look at everything that the command line names."""
    found: list[Check] = []
    context: Context | None = None
    try:
        context = open_context(args)
    except ConfigError as error:
        found += machine.of_problems(error.problems)
    except UsageProblem as error:
        found.append(bad("clock", str(error), "unset it"))
    named = Path(args.state_dir) if args.state_dir else None
    folder = context.state_dir if context else configuration.state_dir(None, named, os.environ)
    clocks = accounts.Clocks(context.clock if context else SystemClock())
    found += machine.of_config(context.loaded, folder) if context else ()
    found += machine.of_plugins()
    asked = _at_once(_jobs(context, folder, clocks))
    found += [clocks.verdict()] if context else []
    found += [machine.of_zones(clocks.clock.now()), *machine.of_state_folder(folder), machine.of_disk(folder)]
    found += asked
    if context:
        found += machine.of_watching([one for one in context.loaded.config.accounts if isinstance(one, IcsAccount)])
        broken = any(check.name == "database" and check.state is State.ERROR for check in asked)
        found += [] if broken else _remembered(context)
    return found


def _jobs(context: Context | None, folder: Path, clocks: accounts.Clocks) -> list[Job]:
    jobs: list[Job] = [("database", lambda: [machine.of_database(folder)])]
    if context is not None:
        here, config = context, context.loaded.config
        for account in config.accounts:
            for module in _MODULES.get(account.provider, ()):
                import_module(module)
        jobs.append(("key", lambda: accounts.of_key(here)))
        jobs += [
            (f"account {one.name}", lambda one=one: accounts.of_account(one, here))  # type: ignore[misc]
            for one in config.accounts
        ]
        jobs += [
            (accounts.server_name(url), lambda url=url: accounts.of_server(url, clocks))  # type: ignore[misc]
            for url in accounts.questions(here)
        ]
        jobs.append(("mail", lambda: accounts.of_mail(here)))
    jobs.append(("service", lambda: work.of_service(folder)))
    return jobs


def _at_once(jobs: Sequence[Job]) -> list[Check]:
    """What each of them finds, in their order; what takes too long is told as that."""
    answers: dict[int, list[Check]] = {}

    def answer(number: int, name: str, look: Callable[[], Iterable[Check]]) -> None:
        try:
            answers[number] = list(look())
        except StateError as error:
            answers[number] = [bad(name, str(error), "see above")]
        except Exception as error:  # noqa: BLE001 - its text may quote what it was given
            told = f"agendad met a fault of its own ({type(error).__name__})"
            answers[number] = [bad(name, told, "please report it")]

    until = time.monotonic() + _LONGEST
    threads = [
        threading.Thread(target=answer, args=(number, *job), name=job[0], daemon=True)
        for number, job in enumerate(jobs)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return [
        check for number, (name, _) in enumerate(jobs) for check in answers.get(number) or _late(number, name, answers)
    ]


def _late(number: int, name: str, answers: dict[int, list[Check]]) -> list[Check]:
    if number in answers:
        return []  # it has nothing to tell
    return [bad(name, f"there was no answer in {_LONGEST:.0f} seconds", "check the network, or try again")]


def _remembered(context: Context) -> Iterator[Check]:
    if not (context.state_dir / DATABASE).exists():
        return
    try:
        with closing(Store.look(context.state_dir)) as store:
            yield from work.of_memory(context, store)
    except StateError:
        return  # told as the database's
    except sqlite3.Error as error:
        yield bad("database", f"it could not be read: {error}", "try again; if that stays so, restore a backup")


def shown(checks: Iterable[Check]) -> str:
    """One line for each, and what to do below it."""
    lines: list[str] = []
    for check in checks:
        lines += wrapped(f"{check.name}: {check.message}", f"{MARKS[check.state]} ")
        if check.fix:
            lines += wrapped(check.fix, "    → ")
    return coloured("\n".join(lines))
