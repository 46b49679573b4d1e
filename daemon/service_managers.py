"""Those who keep the background service running: systemd's user manager on Linux, launchd on macOS."""

import re
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from agendad.daemon.clock import SystemClock
from agendad.daemon.context import UsageProblem
from agendad.daemon.service_files import LABEL, UNIT, Origin, agent, origin_of, sealed, user_unit
from agendad.daemon.service_units import Host, Manager, Standing, Words


class Systemd(Manager):
    """systemd's user manager."""

    name = "systemd"
    title = "your user manager of systemd"
    logs = "journalctl --user -u agendad -n 20"

    def __init__(self, host: Host) -> None:
        """Behind `su` and in cron jobs nothing says where the manager is, and it is in the usual place."""
        runtime = Path(f"/run/user/{host.uid}")
        environ = dict(host.environ)
        if not environ.get("XDG_RUNTIME_DIR") and (runtime / "systemd" / "private").exists():
            environ["XDG_RUNTIME_DIR"] = str(runtime)
        super().__init__(Host(host.platform, environ, host.home, host.uid))

    @property
    def file(self) -> Path:
        folder = self.host.environ.get("XDG_CONFIG_HOME") or self.host.home / ".config"
        return Path(folder) / "systemd" / "user" / UNIT

    def reachable(self) -> bool:
        return self.host.ask("systemctl", "--user", "show", "--property=Version").ok

    def loaded(self) -> bool:
        return True  # what is not is no failure for `systemctl disable`

    def written(self, command: Sequence[str]) -> str:
        return sealed(user_unit(command, self.version()), "# {}")

    def starting(self, *, replaced: bool) -> tuple[Words, ...]:
        again: tuple[Words, ...] = (("systemctl", "--user", "try-restart", UNIT),) if replaced else ()
        reload, enable = ("systemctl", "--user", "daemon-reload"), ("systemctl", "--user", "enable", "--now", UNIT)
        return (reload, *again, enable)

    def stopping(self) -> Words:
        return ("systemctl", "--user", "disable", "--now", UNIT)

    def afterwards(self) -> tuple[Words, ...]:
        return (("systemctl", "--user", "daemon-reload"),)

    def version(self) -> int:
        """0 where it does not tell."""
        found = re.match(r"systemd (\d+)", self.host.ask("systemctl", "--version").out)
        return int(found[1]) if found else 0

    def links(self) -> tuple[Path, ...]:
        link = self.file.parent / "default.target.wants" / UNIT
        return (link,) if link.is_symlink() else ()

    def _stays(self) -> bool:
        return Path("/var/lib/systemd/linger", self.host.user).is_file()

    def staying(self) -> str:
        return "" if self._stays() else "loginctl enable-linger"

    def standing(self) -> Standing:
        origin = origin_of(self.file)
        file = None if origin is Origin.NONE else self.file
        names = "LoadState,UnitFileState,ActiveState,SubState,ActiveEnterTimestamp,MainPID,StatusText,FragmentPath"
        answer = self.host.ask("systemctl", "--user", "--timestamp=unix", "show", UNIT, f"--property={names}")
        stays = self._stays()
        if not answer.ok:
            return Standing(file=file, origin=origin, enabled=bool(self.links()), running=None, stays=stays)
        told = dict(line.split("=", 1) for line in answer.out.splitlines() if "=" in line)
        if file is None and told.get("LoadState") == "loaded" and told.get("FragmentPath"):
            file, origin = Path(told["FragmentPath"]), Origin.FOREIGN  # the administrator's, for everybody
        running = told.get("ActiveState") in ("active", "reloading")
        return Standing(
            file=file,
            origin=origin,
            enabled=told.get("UnitFileState", "").startswith("enabled"),
            running=running,
            state=f"{told.get('ActiveState', '')} ({told.get('SubState', '')})",
            since=_unix(told.get("ActiveEnterTimestamp", "")) if running else None,
            pid=int(told.get("MainPID") or 0) or None,
            says=told.get("StatusText", ""),
            stays=stays,
        )


class Launchd(Manager):
    """launchd's agents of one user, on macOS."""

    name = "launchd"
    title = "launchd"

    @property
    def file(self) -> Path:
        return self.host.home / "Library" / "LaunchAgents" / f"{LABEL}.plist"

    @property
    def _log(self) -> Path:
        return self.host.home / "Library" / "Logs" / "agendad.log"

    @property
    def logs(self) -> str:  # type: ignore[override]
        return f"tail -n 20 {shlex.quote(str(self._log))}"

    @property
    def _domain(self) -> str:
        return f"gui/{self.host.uid}"

    def reachable(self) -> bool:
        return self.host.ask("launchctl", "print", self._domain).ok

    def loaded(self) -> bool:
        return self.host.ask("launchctl", "print", f"{self._domain}/{LABEL}").ok or not self.reachable()

    def written(self, command: Sequence[str]) -> str:
        return sealed(agent(command, self._log), "<!-- {} -->")

    def starting(self, *, replaced: bool) -> tuple[Words, ...]:
        loaded = self.reachable() and self.loaded()
        out: tuple[Words, ...] = (self.stopping(),) if loaded and replaced else ()
        bootstrap = ("launchctl", "bootstrap", self._domain, str(self.file))
        enable = ("launchctl", "enable", f"{self._domain}/{LABEL}")  # what is disabled cannot be bootstrapped
        return (*out, enable) if loaded and not replaced else (*out, enable, bootstrap)

    def stopping(self) -> Words:
        return ("launchctl", "bootout", f"{self._domain}/{LABEL}")

    def afterwards(self) -> tuple[Words, ...]:
        return ()

    def links(self) -> tuple[Path, ...]:
        return ()

    def staying(self) -> str:
        return ""

    def standing(self) -> Standing:
        origin = origin_of(self.file)
        file = None if origin is Origin.NONE else self.file
        answer = self.host.ask("launchctl", "print", f"{self._domain}/{LABEL}")
        if not answer.ok and not self.reachable():
            return Standing(file=file, origin=origin, enabled=None, running=None)
        told = dict(
            line.strip().split(" = ", 1) for line in answer.out.splitlines() if re.match(r"\t(state|pid) = ", line)
        )
        pid = int(told["pid"]) if told.get("pid", "").isdigit() else None
        return Standing(
            file=file,
            origin=origin,
            enabled=answer.ok,
            running=pid is not None,
            state=told.get("state", "not loaded"),
            since=self._started(pid) if pid else None,
            pid=pid,
        )

    def _started(self, pid: int) -> datetime | None:
        """When a process was started, from how long ago that is: [[days-]hours:]minutes:seconds."""
        answer = self.host.ask("ps", "-o", "etime=", "-p", str(pid))
        ago = elapsed(answer.out)
        return None if ago is None else datetime.fromtimestamp(SystemClock().now().timestamp() - ago, UTC)


def manager_of(host: Host) -> Manager:
    """Who keeps services running on this machine.

    Raises:
        UsageProblem: nobody whom agendad knows.
    """
    if host.platform == "darwin":
        return Launchd(host)
    if host.platform.startswith("linux") and host.has("systemctl"):
        return Systemd(host)
    what = "Linux without systemd" if host.platform.startswith("linux") else f"this platform ({host.platform})"
    raise UsageProblem(
        f"agendad knows how to be a service of systemd (Linux) and of launchd (macOS), and not on {what}. "
        "Nothing was written or started. Let a service manager of yours keep `agendad run` going: it stays in the "
        "foreground, tells what it does on standard error, and ends in order on SIGTERM."
    )


def elapsed(text: str) -> int | None:
    """Seconds from what `ps -o etime` prints; None where it is something else.

    >>> elapsed(" 2-03:04:05 "), elapsed("04:05"), elapsed("")
    (183845, 245, None)
    """
    found = re.fullmatch(r"(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)", text.strip())
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _unix(text: str) -> datetime | None:
    """What systemctl prints with --timestamp=unix; None where it prints something else."""
    return datetime.fromtimestamp(int(text[1:]), UTC) if re.fullmatch(r"@\d+", text) else None
