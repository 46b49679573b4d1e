"""What is in a service's file, and who wrote it.

A file that `agendad service install` writes carries a digest of its other lines, so that one that a person wrote, or
has edited since, is told from one that may be replaced and removed.
"""

import hashlib
import os
import plistlib
import re
import shlex
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from agendad.daemon.config_shapes import Config
from agendad.daemon.context import UsageProblem

UNIT = "agendad.service"
SYSTEM_UNIT = "agendad@.service"
LABEL = "org.agendad"
_SEAL = "`agendad service install` wrote this file. SHA-256 of its other lines:"
_SEALED = re.compile(rf"^.*{re.escape(_SEAL)} ([0-9a-f]{{64}}).*\n", re.MULTILINE)
_BACKOFF_SINCE = 254
"""The first systemd that can wait longer after each failed start."""
_BACKOFF = "RestartSteps=6\nRestartMaxDelaySec=10min\n"
_PLAIN = re.compile(r"[A-Za-z0-9@+=:,./_-]+")
_REFUSED = frozenset("\"'\\")
"""What systemd allows in no program's path, in its arguments it does."""
_CACHES = frozenset({".cache", "Caches"})
"""Folders that may be emptied at any time."""


class Origin(StrEnum):
    """Whose a service's file is."""

    NONE = "none"
    OURS = "ours"
    EDITED = "edited"
    FOREIGN = "foreign"


def origin_of(path: Path) -> Origin:
    """Who wrote a file.

    Raises:
        UsageProblem: it cannot be read.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Origin.NONE
    except (OSError, UnicodeDecodeError) as error:
        why = "it is no text" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise UsageProblem(
            f"The service's file {path} could not be read: {why}. Nothing was changed. See what it is, and make it "
            "yours or move it away."
        ) from error
    found = _SEALED.search(text)
    if found is None:
        return Origin.FOREIGN
    return Origin.OURS if found[1] == _digest(text.replace(found[0], "", 1)) else Origin.EDITED


def sealed(text: str, comment: str) -> str:
    r"""A text with the line that tells later whether it was edited, above its first line that is no XML prologue.

    >>> sealed("[Unit]\n", "# {}").splitlines()[1]
    '[Unit]'
    """
    line = comment.format(f"{_SEAL} {_digest(text)}") + "\n"
    prologue = re.match(r"(?:<[?!][^>]*>\n)*", text)
    place = prologue.end() if prologue else 0
    return f"{text[:place]}{line}{text[place:]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def kept(path: Path, origin: Origin) -> str:
    """What to tell of a file that is left as it is."""
    move = f"To start afresh, move it away: mv {shlex.quote(str(path))} {shlex.quote(f'{path}.old')}"
    if origin is Origin.EDITED:
        return f"{path} was edited by hand since `agendad service install` wrote it, so it was kept as it is. {move}"
    return f"{path} was not written by `agendad service install`, so it was kept as it is. {move}"


def user_unit(command: Sequence[str], version: int) -> str:
    """The user unit that runs a command, for a version of systemd."""
    return _unit(UNIT, command, version)


def system_unit(command: Sequence[str], version: int) -> str:
    """The system unit, whose instances each have a configuration in /etc/agendad."""
    return _unit(SYSTEM_UNIT, command, version, last=" --config /etc/agendad/%i.yaml")


def _unit(name: str, command: Sequence[str], version: int, *, last: str = "") -> str:
    text = files("agendad.systemd").joinpath(name).read_text("utf-8")
    if _REFUSED & set(command[0]):
        command = ("/usr/bin/env", *command)
    program, *arguments = command
    # only what follows the program goes through systemd's variables
    words = [_word(program), *(_word(argument).replace("$", "$$") for argument in arguments)]
    line = f"ExecStart={' '.join(words)}{last}\n"
    text = re.sub(r"^ExecStart=.*\n", lambda _: line, text, flags=re.MULTILINE)
    if version >= _BACKOFF_SINCE:
        text = re.sub(r"^RestartSec=.*\n", lambda found: found[0] + _BACKOFF, text, flags=re.MULTILINE)
    return text


def _word(word: str) -> str:
    r"""A word of a command as systemd reads it.

    >>> _word("/opt/agendad/bin/agendad"), _word('/home/me/50% "off"')
    ('/opt/agendad/bin/agendad', '"/home/me/50%% \\"off\\""')
    """
    if _PLAIN.fullmatch(word):
        return word
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text}"'


def agent(command: Sequence[str], log: Path) -> str:
    """The LaunchAgent that runs a command. launchd knows no home folder: each path is written out."""
    described = plistlib.loads(files("agendad.systemd").joinpath(f"{LABEL}.plist").read_bytes())
    described |= {"ProgramArguments": list(command), "StandardOutPath": str(log), "StandardErrorPath": str(log)}
    return plistlib.dumps(described, sort_keys=False).decode("utf-8")


def installed_command(argv0: str | None = None) -> tuple[str, ...]:
    """The words that start this agendad, wherever they are started from.

    Raises:
        UsageProblem: it runs from a folder that may be emptied at any time.
    """
    beside = Path(sysconfig.get_path("scripts")) / "agendad"
    called = Path(argv0 or sys.argv[0]).absolute()
    found = next((path for path in (beside, called) if path.name == "agendad" and os.access(path, os.X_OK)), None)
    words = (str(found),) if found else (sys.executable, "-m", "agendad.daemon")
    if _CACHES & set(Path(words[0]).parts):
        raise UsageProblem(
            f"This agendad runs from a cache, {words[0]}, which may be emptied at any time. Nothing was written or "
            "started. Install it first, for example with: pipx install . (in a clone)"
        )
    return words


def named_variables(config: Config) -> list[str]:
    """The environment variables that a configuration names as the place of a secret."""

    def within(shape: object) -> Iterator[str]:
        if isinstance(shape, dict):
            yield from (value for key, value in shape.items() if key == "env" and isinstance(value, str))
        if isinstance(shape, dict | list | tuple):
            for one in shape.values() if isinstance(shape, dict) else shape:
                yield from within(one)

    return sorted(set(within(config.model_dump(exclude_none=True))))


def options(
    config: str | None, state_dir: str | None, environ: Mapping[str, str], *, found: Path, folder: Path
) -> tuple[str, ...]:
    """The options that a service needs to find what this command found: it has another environment.

    Args:
        config: what --config says.
        state_dir: what --state-dir says.
        environ: this command's environment.
        found: the configuration.
        folder: the state folder.

    Raises:
        UsageProblem: a path cannot be written in a service's file.
    """
    words: list[str] = []
    if config is not None or environ.get("AGENDAD_CONFIG") or environ.get("XDG_CONFIG_HOME"):
        words += ["--config", str(found.absolute())]
    if state_dir is not None or environ.get("AGENDAD_STATE_DIR") or environ.get("XDG_STATE_HOME"):
        words += ["--state-dir", str(folder.absolute())]
    if strange := [word for word in words if not word.isprintable()]:
        raise UsageProblem(
            f"The path {strange[0]!r} cannot be written in a service's file. Nothing was written or started. Rename it."
        )
    return tuple(words)
