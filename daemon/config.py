"""The configuration file: found, read, validated, and turned into a policy."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_config_path, user_state_path
from pydantic import ValidationError

from agendad.daemon.config_checks import (
    environment_warnings,
    errors_between,
    warnings_about,
)
from agendad.daemon.config_errors import ConfigError, Level, Problem
from agendad.daemon.config_shapes import Config, GmailMail, GoogleAccount, SmtpMail, config_model, is_loopback
from agendad.daemon.config_wording import loose_scalars, problems_of
from agendad.daemon.yaml_reading import Document, read
from agendad.rules.policy import Person, Policy

__all__ = [
    "Config",
    "ConfigError",
    "Level",
    "LoadedConfig",
    "Problem",
    "config_place",
    "environment_warnings",
    "everything_is_local",
    "find_config",
    "load",
    "local_zone",
    "parse",
    "schema",
    "state_dir",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedConfig:
    """A configuration that can be used, and what there is to say about it (warnings and notes)."""

    path: Path
    config: Config
    policy: Policy
    notes: tuple[Problem, ...] = ()
    digest: str = ""
    """The SHA-256 of what the file held, in hexadecimal."""


def local_zone() -> str | None:
    """The system's time zone as an IANA name, None where it cannot be told."""
    from tzlocal import get_localzone_name  # noqa: PLC0415 - only for those who need it

    try:
        return get_localzone_name() or None
    except (LookupError, OSError, ValueError):
        return None


def load(path: Path, *, zone_of_system: Callable[[], str | None] = local_zone) -> LoadedConfig:
    """Read and validate a configuration file.

    Args:
        path: the file; relative paths in it start from its folder.
        zone_of_system: names the zone of `me` where the file gives none.

    Raises:
        ConfigError: it cannot be used; everything that is wrong with it, each with its place.
    """
    return parse(_content(path), path, zone_of_system=zone_of_system)


def parse(content: bytes, path: Path, *, zone_of_system: Callable[[], str | None] = local_zone) -> LoadedConfig:
    """The same for what is in the file, or is about to be.

    Raises:
        ConfigError: as `load`.
    """
    document = read(content, str(path))
    if not isinstance(document.value, dict):
        raise ConfigError([*document.problems, _no_mapping(document)])
    shape = config_model()  # registers the rules, which errors_between reads
    problems = [*document.problems, *errors_between(document)]
    config = None
    try:
        config = shape.model_validate(document.value, context={"folder": path.parent.absolute()})
    except ValidationError as error:
        told = {problem.key for problem in problems}
        problems += [
            problem
            for problem in problems_of(error, shape, document)
            if not (problem.message.startswith("exactly one of mentor") and problem.key in told)
        ]
    said = {problem.key for problem in problems}
    problems += [problem for problem in loose_scalars(shape, document) if problem.key not in said]
    notes: list[Problem] = []
    if config is not None and config.me.timezone is None:
        config, note = _with_zone(config, document, zone_of_system())
        (problems if note.level is Level.ERROR else notes).append(note)
    if problems or config is None:
        raise ConfigError(problems)
    notes += warnings_about(config, document)
    return LoadedConfig(path=path, config=config, policy=config.policy(), notes=tuple(notes), digest=digest_of(content))


def digest_of(content: bytes) -> str:
    """See `LoadedConfig.digest`."""
    return hashlib.sha256(content).hexdigest()


def _content(path: Path) -> bytes:
    def refused(message: str, hint: str) -> ConfigError:
        return ConfigError([Problem(file=str(path), message=message, hint=hint)])

    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise refused(
            "there is no such file", "`agendad init` writes one there; or give another --config FILE"
        ) from None
    except IsADirectoryError:
        raise refused("this is a folder", "give the file in it, such as config.yaml") from None
    except OSError as error:
        raise refused(f"cannot be read: {error.strerror}", "check its permissions") from None


def _no_mapping(document: Document) -> Problem:
    if document.value is None:
        message, hint = "the file is empty", "start from what `agendad check --example` prints"
    else:
        message, hint = "this is no mapping of keys", "write `version: 1`, `me:` and so on, one a line"
    return document.problem((), message, hint)


def _with_zone(config: Config, document: Document, zone: str | None) -> tuple[Config, Problem]:
    try:
        me = Person.model_validate({**config.me.model_dump(mode="json", by_alias=True), "timezone": zone or ""})
    except ValidationError:
        return config, document.problem(
            ("me", "timezone"), "the system's time zone cannot be told", "add `timezone: Area/City`"
        )
    note = Problem(
        file=document.file,
        key="me.timezone",
        level=Level.NOTE,
        message=f"not set: the system's zone {zone} is used",
        hint="write it down, so that moving this machine changes nothing",
    )
    return config.model_copy(update={"me": me}), note


def find_config(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """The configuration file: --config, $AGENDAD_CONFIG, or config.yaml in the user's configuration folder.

    Raises:
        ConfigError: none of them names a file that exists.
    """
    chosen, by = config_place(explicit, environ)
    if chosen.exists():
        return chosen
    raise ConfigError(
        [
            Problem(
                file=str(chosen),
                message=f"there is no configuration here ({by})",
                hint="`agendad init` writes one there; or give --config FILE or $AGENDAD_CONFIG",
            )
        ]
    )


def config_place(explicit: Path | None, environ: Mapping[str, str]) -> tuple[Path, str]:
    """Where the configuration file is or would be, and what says so."""
    if explicit is not None:
        return explicit.expanduser(), "--config"
    if environ.get("AGENDAD_CONFIG"):
        return Path(environ["AGENDAD_CONFIG"]).expanduser(), "$AGENDAD_CONFIG"
    return user_config_path("agendad") / "config.yaml", "the usual place"


def state_dir(config: Config | None, override: Path | None, environ: Mapping[str, str]) -> Path:
    """The state folder: --state-dir, $AGENDAD_STATE_DIR, `state_dir`, systemd's, or the platform's."""
    if override is not None:
        return override.expanduser().absolute()
    if environ.get("AGENDAD_STATE_DIR"):
        return Path(environ["AGENDAD_STATE_DIR"]).expanduser().absolute()
    if config is not None and config.state_dir is not None:
        return config.state_dir
    systemd = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    return Path(systemd) if systemd else user_state_path("agendad")


def everything_is_local(config: Config) -> list[str]:
    """What is not: each account and mail host that is neither a file nor loopback. Empty if all is local."""
    far = [
        f"account {account.name} ({host})"
        for account in config.accounts
        for host in account.hosts()
        if not is_loopback(host)
    ]
    far += [f"mail ({host})" for host in _mail_hosts(config) if not is_loopback(host)]
    return far


def _mail_hosts(config: Config) -> tuple[str, ...]:
    """What mail goes through; an Outlook account's hosts are its calendars' too."""
    mail = config.mail
    if isinstance(mail, SmtpMail):
        return (mail.host,)
    if isinstance(mail, GmailMail):
        accounts = [one for one in config.accounts if isinstance(one, GoogleAccount) and one.name == mail.account]
        return tuple(account.gmail_host for account in accounts)
    return ()


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the file, for editors."""
    from agendad.daemon.config_reference import json_schema  # noqa: PLC0415 - reads source files, rarely needed

    return json_schema()
