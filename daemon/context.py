"""What every command starts from: the configuration, the clock, the state folder and the accounts."""

import argparse
import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from agendad.daemon import clock as clocks
from agendad.daemon import config as configuration
from agendad.daemon.account_mail import open_account_mail
from agendad.daemon.clock import Clock
from agendad.daemon.config import LoadedConfig
from agendad.daemon.config_checks import calendars_of_others
from agendad.daemon.notebook import Notebook
from agendad.daemon.opening import Opened, open_accounts
from agendad.daemon.store import StateError
from agendad.providers.base import CalendarProvider
from agendad.providers.mail import MailTransport
from agendad.rules.policy import Policy
from agendad.rules.relationship import Notes

if TYPE_CHECKING:
    from agendad.daemon.template_folder import Texts

LOCK = "lock"
_ANOTHER = "another process"


class UsageProblem(Exception):
    """A command cannot do what it was asked. The message says what to do."""


@dataclass(frozen=True)
class Context:
    """One command's surroundings."""

    loaded: LoadedConfig
    clock: Clock
    state_dir: Path

    @cached_property
    def accounts(self) -> dict[str, Opened]:
        """The accounts, by name, in the order of the configuration."""
        return open_accounts(self.loaded.config, self.state_dir, self.clock)

    @cached_property
    def providers(self) -> dict[str, CalendarProvider]:
        """What reads and writes them."""
        return {name: opened.provider for name, opened in self.accounts.items()}

    @cached_property
    def account_mail(self) -> MailTransport | None:
        """What mail leaves through, where that is an account: it remembers how busy its server is."""
        return open_account_mail(self.loaded.config, self.state_dir, self.clock)

    @cached_property
    def templates(self) -> "Texts | None":
        """The user's own templates, as they stand when they are first asked for."""
        from agendad.daemon.template_folder import Texts  # noqa: PLC0415 - slow to import, and not everyone's

        folder = self.loaded.config.templates
        return Texts(folder) if folder is not None else None

    @cached_property
    def notebook(self) -> Notebook | None:
        """The user's notes, where they say that they keep some."""
        folder = self.loaded.config.notes
        return Notebook(folder, [pair.name for pair in self.policy.mentorships]) if folder is not None else None

    def noted(self) -> Mapping[str, Notes]:
        """What the user has noted, by mentorship; nothing for those that cannot be read."""
        return self.notebook.read(self.today) if self.notebook else {}

    @property
    def today(self) -> date:
        """The day on the user's clock."""
        now = self.clock.now()
        return now.astimezone(self.policy.me.zone_at(now) or UTC).date()

    @property
    def policy(self) -> Policy:
        return self.loaded.policy

    def notes(self) -> list[str]:
        """What the user should know about how this version treats the configuration."""
        config = self.loaded.config
        others = [
            f"account {account.name}: calendar {calendar} is somebody else's, and is not looked after. "
            "If you do that on their behalf, add `on_behalf: true` to the account."
            for account in config.accounts
            for calendar in calendars_of_others(account, config.me)
        ]
        notes = map(str, self.notebook.problems(self.today)) if self.notebook else ()
        return [*others, *notes, *(note for notes in self.sign_in_notes().values() for note in notes)]

    def sign_in_notes(self) -> dict[str, list[str]]:
        """What the user should do about sign-ins before it is too late, by account."""
        return {name: opened.notes(self.policy.me) for name, opened in self.accounts.items()}


def open_context(args: argparse.Namespace) -> Context:
    """Load what the command line names.

    Raises:
        ConfigError: the configuration is missing or wrong.
        UsageProblem: AGENDAD_NOW is set where it must not be.
    """
    path = configuration.find_config(Path(args.config) if args.config else None, os.environ)
    loaded = configuration.load(path)
    folder = configuration.state_dir(loaded.config, Path(args.state_dir) if args.state_dir else None, os.environ)
    return Context(loaded=loaded, clock=_clock(loaded), state_dir=folder)


def _clock(loaded: LoadedConfig) -> Clock:
    try:
        clock = clocks.clock_from(os.environ)
    except ValueError as error:
        raise UsageProblem(f"{clocks.VARIABLE}: {error}. Nothing was done.") from None
    check_clock(clock, loaded)
    return clock


def check_clock(clock: Clock, loaded: LoadedConfig) -> None:
    """A fixed clock is for local files only.

    Raises:
        UsageProblem: something of the configuration is on a network.
    """
    remote = configuration.everything_is_local(loaded.config)
    if isinstance(clock, clocks.FixedClock) and remote:
        raise UsageProblem(
            f"{clocks.VARIABLE} is set, which is for tests and demos on local files only, but "
            f"{', '.join(remote)} would be reached over the network. Nothing was done. Unset {clocks.VARIABLE}."
        )


def holder(folder: Path) -> str:
    """The process that holds the state folder, as a number or in words; "" if it is free. Nothing is written."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY)
    except FileNotFoundError:
        return ""
    except OSError:
        return _ANOTHER
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return os.pread(descriptor, 32, 0).decode(errors="replace").strip() or _ANOTHER
    finally:
        os.close(descriptor)
    return ""


def held_since(folder: Path) -> datetime | None:
    """Since when somebody holds the state folder, aware UTC; None where that cannot be told."""
    try:
        return datetime.fromtimestamp((folder / LOCK).stat().st_mtime, UTC).replace(microsecond=0)
    except OSError:
        return None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the state folder for one writer; the lock goes with the process, also when it is killed.

    Raises:
        StateError: another agendad holds it, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StateError(
            f"the state folder {folder} cannot be written: {error.strerror}. Nothing was done. "
            "Make it yours, or name another with --state-dir."
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or _ANOTHER
            raise StateError(
                f"agendad is already at work on {folder} (process {holder}). Nothing was done; it will "
                "do what is due by itself. Stop it first, or name another folder with --state-dir."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
