"""The background service: what is written, started and told, whoever keeps it running."""

import os
import pwd
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from agendad.daemon import private_files
from agendad.daemon.service_files import Origin, kept, origin_of

_PATIENCE = 330
"""Seconds for one command: systemd waits for a service that starts for up to 300."""

Words = tuple[str, ...]
"""A command, word by word."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said. `status`: -1 where it could not be run, or did not end."""

    status: int
    out: str = ""
    err: str = ""

    @property
    def ok(self) -> bool:
        return self.status == 0


def ask(command: Sequence[str], environ: Mapping[str, str]) -> Answer:
    """Run a command of the system's and wait for it."""
    try:
        done = subprocess.run(  # noqa: S603 - words of our own, without a shell
            command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return Answer(-1, err=f"it did not end in {_PATIENCE} seconds")
    except OSError as error:
        return Answer(-1, err=error.strerror or str(error))
    return Answer(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


@dataclass(frozen=True)
class Host:
    """The machine, as far as a service concerns it."""

    platform: str = field(default_factory=lambda: sys.platform)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    home: Path = field(default_factory=Path.home)
    uid: int = field(default_factory=os.getuid)

    @property
    def user(self) -> str:
        """The user's name, or their number where they have none."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)

    def ask(self, *words: str) -> Answer:
        return ask(words, self.environ)

    def has(self, program: str) -> bool:
        return shutil.which(program, path=self.environ.get("PATH")) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the service is. None: nobody can be asked."""

    file: Path | None
    """Its file; None where it is not installed."""
    origin: Origin
    enabled: bool | None
    running: bool | None
    state: str = ""
    """In the manager's own words."""
    since: datetime | None = None
    """Since when it runs, aware UTC."""
    pid: int | None = None
    says: str = ""
    """What it says of itself."""
    stays: bool | None = None
    """Whether it also runs while the user is not logged in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be written or removed, and which commands follow."""

    file: Path
    content: str
    """What is written; "" where nothing is."""
    before: Words | None = None
    """Run before the file is touched."""
    removes: tuple[Path, ...] = ()
    commands: tuple[Words, ...] = ()
    asked: bool
    """Whether the manager can be reached: the commands are told to the user otherwise."""
    problem: str = ""
    """Why the file is left as it is, and what to do; "" where it is not."""

    def every_command(self) -> tuple[Words, ...]:
        return (*((self.before,) if self.before else ()), *self.commands)


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was run, or a file that was written or removed."""

    words: Words
    ok: bool
    error: str = ""


class Manager(ABC):
    """Who keeps services running on this machine."""

    name: str
    title: str
    """What people call it."""
    logs: str
    """The command for the last lines."""

    def __init__(self, host: Host) -> None:
        self.host = host

    @property
    @abstractmethod
    def file(self) -> Path:
        """Where the service's file is."""

    @abstractmethod
    def reachable(self) -> bool:
        """Whether the manager answers: not in a cron job, a container, or behind `su`."""

    @abstractmethod
    def loaded(self) -> bool:
        """Whether the manager has the service; where it is not reachable, it may have."""

    @abstractmethod
    def written(self, command: Sequence[str]) -> str:
        """The service's file, with its seal, for a command that runs agendad."""

    @abstractmethod
    def starting(self, *, replaced: bool) -> tuple[Words, ...]:
        """The commands that start what the file says, now and at each login."""

    @abstractmethod
    def stopping(self) -> Words:
        """The command that stops it, and has it start no more."""

    @abstractmethod
    def afterwards(self) -> tuple[Words, ...]:
        """The commands after the file is removed."""

    @abstractmethod
    def links(self) -> tuple[Path, ...]:
        """What else there is on disk because of `starting`."""

    @abstractmethod
    def staying(self) -> str:
        """The command that lets it run on while the user is not logged in; "" where it does, or cannot."""

    @abstractmethod
    def standing(self) -> Standing:
        """How the service is now."""

    def install(self, command: Sequence[str]) -> Plan:
        """What installing does. Doing it twice changes nothing."""
        content, origin = self.written(command), origin_of(self.file)
        asked = self.reachable()
        if origin in (Origin.EDITED, Origin.FOREIGN):
            return Plan(file=self.file, content="", asked=asked, problem=kept(self.file, origin))
        same = origin is Origin.OURS and self.file.read_text("utf-8") == content
        commands = self.starting(replaced=origin is Origin.OURS and not same)
        return Plan(file=self.file, content="" if same else content, commands=commands, asked=asked)

    def uninstall(self) -> Plan:
        """What uninstalling does: nothing that somebody else wrote is touched."""
        origin, asked = origin_of(self.file), self.reachable()
        if origin is Origin.FOREIGN:
            return Plan(file=self.file, content="", asked=asked, problem=kept(self.file, origin))
        before = None if origin is Origin.NONE or not self.loaded() else self.stopping()
        if origin is not Origin.OURS:
            problem = kept(self.file, origin) if origin is Origin.EDITED else ""
            return Plan(file=self.file, content="", before=before, asked=asked, problem=problem)
        removes = (self.file, *(() if asked else self.links()))  # the manager removes its links itself
        return Plan(file=self.file, content="", before=before, removes=removes, commands=self.afterwards(), asked=asked)


def carry_out(plan: Plan, host: Host) -> Iterator[Done]:
    """Do what was planned, in order; what fails is the last."""
    for act in _acts(plan, host):
        done = act()
        yield done
        if not done.ok:
            return


def _acts(plan: Plan, host: Host) -> Iterator[Callable[[], Done]]:
    if plan.before and plan.asked:
        yield partial(_run, plan.before, host)
    if plan.content:
        yield partial(_write, plan.file, plan.content)
    for path in plan.removes:
        yield partial(_remove, path)
    for words in plan.commands if plan.asked else ():
        yield partial(_run, words, host)


def _run(words: Words, host: Host) -> Done:
    answer = host.ask(*words)
    said = " ".join(answer.err.split()) or f"it ended with status {answer.status}"
    return Done(words, answer.ok, "" if answer.ok else said)


def _write(path: Path, content: str) -> Done:
    words = ("write", str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        private_files.write(path, content.encode("utf-8"))
    except OSError as error:
        return Done(words, ok=False, error=f"{error.strerror}. Nothing was started")
    return Done(words, ok=True)


def _remove(path: Path) -> Done:
    words = ("rm", str(path))
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        return Done(words, ok=False, error=str(error.strerror))
    return Done(words, ok=True)
