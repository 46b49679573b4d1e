"""What the doctor looks at on this machine: the configuration file, time zones, the state folder, disk and database."""

import os
import shlex
import shutil
import sqlite3
import stat
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from urllib.parse import quote

from agendad.daemon import config as configuration
from agendad.daemon import template_folder
from agendad.daemon.config import LoadedConfig
from agendad.daemon.config_errors import Level, Problem
from agendad.daemon.config_shapes import IcsAccount
from agendad.daemon.doctoring_shapes import Check, bad, good, warn
from agendad.daemon.private_files import mode_of
from agendad.daemon.secrets import FOLDER as SIGN_INS
from agendad.daemon.store import DATABASE, MIGRATIONS
from agendad.rules.engine import load_rules
from agendad.rules.plugins import plugins

_LITTLE, _HARDLY_ANY = 500_000_000, 50_000_000
"""Bytes that are free."""
_OLD_ZONES = timedelta(days=550)
"""Every year some country changes its clocks at a few weeks' notice."""
_MONTHS = {"a": 3, "b": 5, "c": 8, "d": 10}
"""By when, in most years, a release with this letter is out."""
_INOTIFY = Path("/proc/sys/fs/inotify/max_user_watches")
_MOST_FOLDERS = 200_000


def of_config(loaded: LoadedConfig, state_dir: Path) -> Iterator[Check]:
    """The configuration can be read; what there is to say about it."""
    path = loaded.path
    if mode_of(path) & (stat.S_IWGRP | stat.S_IWOTH):
        what = "others may write to it, and what it names is run as you"
        yield bad("configuration", f"{path}: {what}", f"chmod go-w {shlex.quote(str(path))}")
    faults = template_folder.problems(loaded.config.templates)
    yield from (bad("templates", _place(one), one.hint) for one in faults)
    told = [*loaded.notes, *configuration.environment_warnings(loaded.config, state_dir, str(path))]
    warnings = [one for one in told if one.level is Level.WARNING and one.key != "state_dir"]
    yield from (warn("configuration", _place(one), one.hint or "agendad check") for one in warnings)
    if not warnings:
        yield good("configuration", f"{path} is right")


def of_plugins() -> Iterator[Check]:
    """The rules that other distributions bring."""
    load_rules()
    for plugin in plugins():
        name = f"plug-in {plugin.name}"
        if plugin.fault:
            said = f"{plugin.distribution} does not work, and its rule is not used: {plugin.fault}"
            yield bad(name, said, "update it, or uninstall it")
        else:
            yield good(name, f"the rule {plugin.name} comes from {plugin.distribution}")


def of_problems(problems: Iterable[Problem]) -> Iterator[Check]:
    """Why the configuration cannot be used."""
    for one in problems:
        yield bad("configuration", _place(one), one.hint or "correct it; `agendad check` tells the same")


def _place(one: Problem) -> str:
    place = ":".join(str(part) for part in (one.file, one.line, one.column) if part is not None)
    return ": ".join(part for part in (place, one.key, one.message) if part)


def of_zones(now: datetime) -> Check:
    """How old the rules of time zones are, as far as they tell. `now`: aware."""
    release, place = _release()
    fix = "update the system's package tzdata, or agendad's environment: pip install --upgrade tzdata"
    if not release:
        return warn("time zones", f"how old the rules in {place} are cannot be told", fix)
    age = now - _out_by(release)
    if age > _OLD_ZONES:
        return warn("time zones", f"the rules are those of {release} ({place}), {age.days // 30} months old", fix)
    return good("time zones", f"the rules are those of {release} ({place})")


def _release() -> tuple[str, str]:
    """The release of the rules that are in use ("" where it cannot be told), and where they are."""
    for folder in map(Path, zoneinfo.TZPATH):
        if not (folder / "Europe" / "London").exists():
            continue
        for name, mark in (("tzdata.zi", "# version "), ("+VERSION", ""), ("version", "")):
            try:
                with (folder / name).open(encoding="utf-8") as file:
                    line = file.readline().strip()
            except (OSError, UnicodeDecodeError):
                continue
            if line.startswith(mark):
                return _release_in(line.removeprefix(mark)), str(folder)
        return "", str(folder)
    try:
        year, _, number = metadata.version("tzdata").partition(".")
        return f"{year}{chr(ord('a') + int(number) - 1)}", "Python's package tzdata"
    except (metadata.PackageNotFoundError, ValueError):
        return "", "Python's package tzdata"


def _release_in(text: str) -> str:
    return text if text[:4].isdecimal() and text[4:5].isalpha() else ""


def _out_by(release: str) -> datetime:
    """A day by which a release was out.

    >>> _out_by("2025b").date().isoformat()
    '2025-05-01'
    """
    return datetime(int(release[:4]), _MONTHS.get(release[4], 12), 1, tzinfo=UTC)


def of_state_folder(folder: Path) -> Iterator[Check]:
    """Whose the state folder is, and who else may look into it."""
    name = "state folder"
    if not folder.exists():
        around = next((parent for parent in folder.parents if parent.exists()), folder)
        if not os.access(around, os.W_OK):
            fix = "make it yours, or name another with --state-dir"
            yield bad(name, f"{folder} is not there, and {around} cannot be written to", fix)
        else:
            yield good(name, f"{folder} is not there yet; the first pass makes it")
        return
    if not folder.is_dir():
        yield bad(name, f"{folder} is no folder", "remove it, or name another with --state-dir")
        return
    found = [*_rights(folder, name), *_private(folder)]
    if not found:
        found.append(good(name, f"{folder} is yours alone"))
    yield from found


def _rights(folder: Path, name: str) -> Iterator[Check]:
    quoted, owner = shlex.quote(str(folder)), folder.stat().st_uid
    if owner != os.geteuid():
        fix = f"run agendad as that user, or: sudo chown -R {os.geteuid()} {quoted}"
        yield bad(name, f"{folder} belongs to another user (number {owner})", fix)
    elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK) or mode_of(folder) & stat.S_IRWXU != stat.S_IRWXU:
        yield bad(name, f"{folder} cannot be written to (mode {mode_of(folder):o})", f"chmod 700 {quoted}")
    if mode_of(folder) & (stat.S_IWGRP | stat.S_IWOTH):
        yield bad(name, f"others may write into {folder} (mode {mode_of(folder):o})", f"chmod 700 {quoted}")
    elif mode_of(folder) & (stat.S_IRWXG | stat.S_IRWXO):
        yield warn(name, f"others may look into {folder} (mode {mode_of(folder):o})", f"chmod 700 {quoted}")


def _private(folder: Path) -> Iterator[Check]:
    """What is in it and others may read: titles and texts of meetings, sign-ins and the key to them."""
    try:
        inside = [folder / DATABASE, folder / SIGN_INS, *(folder / SIGN_INS).glob("*")]
    except OSError:
        return
    for path in inside:
        if mode_of(path) & (stat.S_IRWXG | stat.S_IRWXO):
            right = f"chmod go= {shlex.quote(str(path))}"
            yield bad("state folder", f"others may use {path} (mode {mode_of(path):o})", right)


def of_disk(folder: Path) -> Check:
    """Room for what is remembered."""
    around = next((place for place in (folder, *folder.parents) if place.exists()), Path("/"))
    free, system = shutil.disk_usage(around).free, os.statvfs(around)
    fix = f"make room on the disk of {around}"
    if free < _HARDLY_ANY or (system.f_files and not system.f_favail):
        what = "room" if free < _HARDLY_ANY else "place for further files"
        return bad("disk", f"there is hardly any {what} left ({free // 1_000_000} MB)", fix)
    if free < _LITTLE:
        return warn("disk", f"{free // 1_000_000} MB are left", fix)
    return good("disk", f"{_gigabytes(free)} GB are free")


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f}"


def of_database(folder: Path) -> Check:
    """Whether what is remembered can be read from the first page to the last."""
    path, name = folder / DATABASE, "database"
    if not path.exists():
        return warn(name, "nothing is remembered yet", "agendad run --once")
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=2)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            found = [str(line) for (line,) in connection.execute("PRAGMA quick_check(3)")]
    except sqlite3.Error as error:
        if "locked" in str(error):
            return warn(name, f"{path} is busy", "try again in a minute")
        found = [str(error)]
    if found != ["ok"]:
        return bad(name, f"{path} is damaged: {'; '.join(' '.join(line.split()) for line in found)}", _damaged(path))
    if version > len(MIGRATIONS):
        return bad(name, f"{path} was written by a newer agendad", "install that version again")
    if version < len(MIGRATIONS):
        return good(name, f"{path} is whole; the next pass brings it up to date")
    return good(name, f"{path} is whole ({_megabytes(path)} MB)")


def _damaged(path: Path) -> str:
    return (
        f"stop the service and restore it from a backup. Without one, move {shlex.quote(str(path))} and what begins "
        "with that name away, set `mode: observe`, and read `agendad summary` before it acts again: it has forgotten "
        "what it did"
    )


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f}"


def of_watching(accounts: Sequence[IcsAccount]) -> Iterator[Check]:
    """Whether every folder of calendars can be watched; where not, changes are seen at the next look."""
    if not accounts or not _INOTIFY.exists():
        return
    allowed, count = int(_INOTIFY.read_text()), 0
    for account in accounts:
        for _ in os.walk(account.path):
            count += 1
            if count > _MOST_FOLDERS:
                break
    said = f"{count} folder{'s' * (count != 1)} of calendars, and the system lets {allowed} be watched"
    if count > allowed * 0.8:
        fix = f"sudo sysctl fs.inotify.max_user_watches={max(allowed, count) * 2}; until then changes are seen later"
        yield warn("watching", said, fix)
    else:
        yield good("watching", said)
