"""`agendad service`, with recorders in the place of systemctl and launchctl; and with the user manager of this
machine, where it answers and keeps no agendad yet."""

import os
import plistlib
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from end_to_end.conftest import COMMAND, CONFIG

ROOT = Path(__file__).parents[2]
SYSTEMCTL = """\
#!/bin/sh
echo "$*" >> "$RECORD/calls"
case "$*" in
  --version) echo "systemd 252 (252.39)" ;;
  *" show --property=Version") test ! -e "$RECORD/unreachable" ;;
  *" show agendad.service "*) test ! -e "$RECORD/unreachable" && cat "$RECORD/shown" ;;
  *" enable --now "*) test ! -e "$RECORD/failing" || { echo "Job for agendad.service failed." >&2; exit 1; } ;;
esac
"""
LAUNCHCTL = """\
#!/bin/sh
echo "$*" >> "$RECORD/calls"
case "$*" in
  "print gui/"*/org.agendad) test -e "$RECORD/loaded" && cat "$RECORD/loaded" ;;
  "print gui/"*) test ! -e "$RECORD/unreachable" ;;
  bootstrap*) printf 'gui/501/org.agendad = {\\n\\tstate = running\\n\\tpid = %s\\n}\\n' "$PPID" > "$RECORD/loaded" ;;
  bootout*) rm "$RECORD/loaded" ;;
esac
"""
SHOWN = """\
LoadState=loaded
UnitFileState=enabled
ActiveState=active
SubState=running
ActiveEnterTimestamp=@1796045400
MainPID=4242
StatusText=next pass at 09:30
FragmentPath=/home/grace/.config/systemd/user/agendad.service
"""
UNIT = ".config/systemd/user/agendad.service"
AGENT = "Library/LaunchAgents/org.agendad.plist"


class Machine:
    """A user's home with a service manager that writes down what it is asked."""

    def __init__(self, home, folder, program, script, platform):
        self.home, self.record = home, folder / "record"
        (folder / "bin").mkdir(parents=True)
        self.record.mkdir()
        (folder / "bin" / program).write_text(script, "utf-8")
        (folder / "bin" / program).chmod(0o755)
        (folder / "bin" / "sitecustomize.py").write_text(f"import sys\nsys.platform = {platform!r}\n", "utf-8")
        self.environ = {
            "PATH": f"{folder / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin", "RECORD": str(self.record),
            "PYTHONPATH": str(folder / "bin"), "SUDO_USER": "",
        }  # fmt: skip

    def is_(self, what, text=""):
        (self.record / what).write_text(text, "utf-8")

    def service(self, *words, **environ):
        return self.home.run("service", *words, now=None, environ={**self.environ, **environ})

    def calls(self):
        """What was asked since the last look, but for how it stands."""
        path = self.record / "calls"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [line for line in lines if "show" not in line and "print" not in line and line != "--version"]


@pytest.fixture
def linux(home, tmp_path):
    return Machine(home, tmp_path / "linux", "systemctl", SYSTEMCTL, "linux")


@pytest.fixture
def mac(home, tmp_path):
    return Machine(home, tmp_path / "mac", "launchctl", LAUNCHCTL, "darwin")


def test_install_shows_the_unit_writes_it_and_starts_it(linux):
    done = linux.service("install")
    assert done.status == 0, done.err
    text = (linux.home.folder / UNIT).read_text("utf-8")
    shown = [line.removeprefix("    ") for line in done.out.splitlines()]
    assert set(filter(None, text.splitlines())) <= set(shown)
    config, state = linux.home.folder / "agendad.yaml", linux.home.folder / "state"
    assert f"\nExecStart={COMMAND} run --config {config} --state-dir {state}\n" in text
    assert linux.calls() == ["--user daemon-reload", "--user enable --now agendad.service"]
    assert str(linux.home.folder / UNIT) in done.out
    assert "journalctl --user -u agendad" in done.out
    assert not (linux.home.folder / "state").exists()


def test_install_twice_writes_nothing_more(linux):
    linux.service("install")
    before = (linux.home.folder / UNIT).stat()
    again = linux.service("install")
    assert "installed like this already" in again.out
    assert (linux.home.folder / UNIT).stat().st_mtime_ns == before.st_mtime_ns
    assert (linux.home.folder / UNIT).stat().st_ino == before.st_ino


def test_install_with_another_configuration_restarts_what_runs(linux):
    linux.service("install")
    linux.calls()
    (linux.home.folder / "other one.yaml").write_text(CONFIG, "utf-8")
    assert linux.service("install", "--config", "other one.yaml").status == 0
    assert f'--config "{linux.home.folder}/other one.yaml"' in (linux.home.folder / UNIT).read_text("utf-8")
    assert linux.calls() == [
        "--user daemon-reload", "--user try-restart agendad.service", "--user enable --now agendad.service",
    ]  # fmt: skip


def test_service_of_the_usual_configuration_is_given_no_options(linux):
    usual = linux.home.folder / ".config" / "agendad" / "config.yaml"
    usual.parent.mkdir(parents=True)
    usual.write_text(CONFIG, "utf-8")
    done = linux.service("install", AGENDAD_CONFIG="", AGENDAD_STATE_DIR="", XDG_CONFIG_HOME="")
    assert done.status == 0, done.err
    assert f"ExecStart={COMMAND} run\n" in (linux.home.folder / UNIT).read_text("utf-8")


@pytest.mark.parametrize("word", ["install", "uninstall"])
def test_dry_run_shows_all_and_does_nothing(linux, word):
    if word == "uninstall":
        linux.service("install")
        linux.calls()
    done = linux.service(word, "--dry-run")
    assert done.status == 0
    assert "dry run: nothing was written" in done.out
    assert f"systemctl --user {'enable' if word == 'install' else 'disable'} --now agendad.service" in done.out
    assert str(linux.home.folder / UNIT) in done.out
    assert linux.calls() == []
    assert (linux.home.folder / UNIT).exists() == (word == "uninstall")


def test_install_where_no_manager_is_reachable_says_what_to_type(linux):
    linux.is_("unreachable")
    done = linux.service("install")
    assert done.status == 0
    assert (linux.home.folder / UNIT).exists()
    assert "cannot be reached from here" in done.out
    assert "    systemctl --user daemon-reload\n    systemctl --user enable --now agendad.service\n" in done.out
    assert linux.calls() == []


def test_install_that_does_not_start_says_so(linux):
    linux.is_("failing")
    done = linux.service("install")
    assert done.status == 1
    assert "Job for agendad.service failed." in " ".join(done.err.split())
    assert "journalctl --user -u agendad" in done.out
    assert linux.service("install", "--json").json["done"][-1]["error"] == "Job for agendad.service failed."


def test_install_with_a_wrong_configuration_writes_nothing(linux):
    linux.home.configure("version: 1\nmode: perhaps\n")
    done = linux.service("install")
    assert done.status == 2
    assert "mode" in done.err
    assert not (linux.home.folder / UNIT).exists()


def test_install_tells_of_variables_that_a_service_does_not_have(linux):
    mail = (
        "mail: {transport: smtp, host: localhost, from: g@example.org, username: g, auth: {method: password, env: PW}}"
    )
    linux.home.configure(f"{CONFIG}{mail}\n")
    (note,) = linux.service("install", "--dry-run", "--json", PW="x").json["notes"]
    assert "environment variable PW" in note


def test_unit_that_was_edited_is_kept(linux):
    linux.service("install")
    linux.calls()
    path = linux.home.folder / UNIT
    path.write_text(path.read_text("utf-8").replace("WatchdogSec=10min", "WatchdogSec=1h"), "utf-8")
    edited = path.read_text("utf-8")
    installing = linux.service("install")
    assert (installing.status, linux.calls()) == (1, [])
    done = linux.service("uninstall")
    assert done.status == 1
    assert path.read_text("utf-8") == edited
    assert "edited by hand" in done.out
    assert linux.calls() == ["--user disable --now agendad.service"]


def test_unit_of_somebody_else_is_left_alone(linux):
    path = linux.home.folder / UNIT
    path.parent.mkdir(parents=True)
    path.write_text("[Service]\nExecStart=/bin/true\n", "utf-8")
    for word in ("install", "uninstall"):
        done = linux.service(word)
        assert done.status == 1
        assert "was not written by `agendad service install`" in " ".join(done.out.split())
    assert path.read_text("utf-8") == "[Service]\nExecStart=/bin/true\n"
    assert linux.calls() == []


def test_uninstall_removes_what_install_wrote_and_nothing_else(linux):
    linux.service("install")
    drop_in = linux.home.folder / f"{UNIT}.d" / "own.conf"
    drop_in.parent.mkdir()
    drop_in.write_text("[Service]\nNice=5\n", "utf-8")
    linux.calls()
    done = linux.service("uninstall")
    assert done.status == 0
    assert linux.calls() == ["--user disable --now agendad.service", "--user daemon-reload"]
    assert not (linux.home.folder / UNIT).exists()
    assert drop_in.exists()
    again = linux.service("uninstall")
    assert (again.status, again.out, linux.calls()) == (0, "there was nothing to remove\n", [])


def test_uninstall_without_a_manager_removes_the_link_too(linux):
    linux.service("install")
    link = (linux.home.folder / UNIT).parent / "default.target.wants" / "agendad.service"
    link.parent.mkdir()
    link.symlink_to(linux.home.folder / UNIT)
    linux.is_("unreachable")
    done = linux.service("uninstall")
    assert done.status == 0
    assert not link.is_symlink()
    assert "systemctl --user disable --now agendad.service" in done.out


def test_status_tells_since_when_it_runs(linux):
    linux.service("install")
    linux.is_("shown", SHOWN)
    done = linux.service("status", TZ="Europe/London")
    assert done.status == 0
    assert f"✓ installed: {linux.home.folder / UNIT}" in done.out
    assert "✓ enabled" in done.out
    assert "✓ running, since Mon 30 Nov 2026 13:30 GMT, process 4242" in done.out
    assert "it says: next pass at 09:30" in done.out
    assert "journalctl --user -u agendad -n 20" in done.out
    told = linux.service("status", "--json").json
    assert told["since"] == datetime.fromtimestamp(1796045400, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (told["installed"], told["enabled"], told["running"], told["origin"]) == (True, True, True, "ours")


@pytest.mark.parametrize("shown", [None, SHOWN.replace("active", "inactive").replace("enabled", "disabled")])
def test_status_of_what_does_not_run_is_a_failure(linux, shown):
    linux.is_("unreachable") if shown is None else linux.is_("shown", shown.replace("=loaded", "=not-found"))
    assert linux.service("status").status == 1
    assert "not installed" in linux.service("status").out
    assert linux.service("status", "--json").json["running"] is (None if shown is None else False)


def test_status_knows_the_administrators_unit(linux):
    linux.is_("shown", SHOWN.replace("/home/grace/.config/systemd/user", "/etc/systemd/user"))
    assert linux.service("status", "--json").json["file"] == "/etc/systemd/user/agendad.service"


def test_sudo_is_refused(linux):
    if os.geteuid() != 0:
        pytest.skip("only root is asked with sudo")
    done = linux.service("install", SUDO_USER="grace")
    assert done.status == 2
    assert "Type it without sudo" in done.err
    assert not (linux.home.folder / UNIT).exists()


def test_agent_is_written_and_loaded(mac):
    done = mac.service("install")
    assert done.status == 0, done.err
    described = plistlib.loads((mac.home.folder / AGENT).read_bytes())
    config, state = mac.home.folder / "agendad.yaml", mac.home.folder / "state"
    assert described["ProgramArguments"] == [
        str(COMMAND), "run", "--config", str(config), "--state-dir", str(state),
    ]  # fmt: skip
    assert described["StandardErrorPath"] == str(mac.home.folder / "Library" / "Logs" / "agendad.log")
    assert mac.calls() == [
        f"enable gui/{os.getuid()}/org.agendad", f"bootstrap gui/{os.getuid()} {mac.home.folder / AGENT}",
    ]  # fmt: skip
    again = mac.service("install")
    assert again.status == 0
    assert mac.calls() == [f"enable gui/{os.getuid()}/org.agendad"]


def test_agent_is_loaded_anew_where_it_changed_and_removed_in_the_end(mac):
    mac.service("install")
    mac.calls()
    mac.service("install", "--state-dir", "elsewhere")
    domain = f"gui/{os.getuid()}"
    assert mac.calls() == [
        f"bootout {domain}/org.agendad",
        f"enable {domain}/org.agendad",
        f"bootstrap {domain} {mac.home.folder / AGENT}",
    ]
    done = mac.service("status")
    assert done.status == 0
    assert "✓ running" in done.out
    assert "agendad.log" in done.out
    assert mac.service("uninstall").status == 0
    assert mac.calls() == [f"bootout {domain}/org.agendad"]
    assert not (mac.home.folder / AGENT).exists()


@pytest.mark.parametrize(("platform", "word"), [("win32", "install"), ("freebsd14", "status"), ("sunos5", "uninstall")])
def test_other_platforms_are_refused_with_a_way_on(home, tmp_path, platform, word):
    other = Machine(home, tmp_path / "other", "nothing", "", platform)
    done = other.service(word)
    assert done.status == 2
    assert platform in done.err
    assert "Nothing was written or started" in done.err
    assert "`agendad run`" in done.err


def test_linux_without_systemd_is_refused(home, tmp_path):
    other = Machine(home, tmp_path / "other", "nothing", "", "linux")
    done = other.service("install", PATH=str(tmp_path / "other" / "bin"))
    assert done.status == 2
    assert "Linux without systemd" in done.err


def test_unit_of_the_system_is_printed_with_the_real_command(linux):
    done = linux.service("unit")
    assert done.status == 0
    assert f"\nExecStart={COMMAND} run --config /etc/agendad/%i.yaml\n" in done.out


NOTIFIES = any("NOTIFY_SOCKET" in path.read_text("utf-8") for path in (ROOT / "daemon").glob("*.py"))


def systemctl(*words):
    return subprocess.run(["systemctl", "--user", *words], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def manager():
    """The user manager of this machine, in which no agendad is."""
    if shutil.which("systemctl") is None or systemctl("show", "--property=Version").returncode:
        pytest.skip("NO REAL USER MANAGER WAS ASKED: none can be reached from here")
    if "not-found" not in systemctl("show", "agendad.service", "--property=LoadState").stdout:
        pytest.skip("NO REAL USER MANAGER WAS ASKED: there is an agendad.service here, which is left alone")
    lines = systemctl("show-environment").stdout.splitlines()
    environ = dict(line.split("=", 1) for line in lines if line.startswith(("HOME=", "XDG_CONFIG_HOME=")))
    drop_in = Path(environ.get("XDG_CONFIG_HOME") or f"{environ['HOME']}/.config") / "systemd/user/agendad.service.d"
    drop_in.mkdir(parents=True)
    if not NOTIFIES:
        (drop_in / "test.conf").write_text("[Service]\nType=exec\n", "utf-8")
    yield {**environ, "XDG_RUNTIME_DIR": os.environ.get("XDG_RUNTIME_DIR", "")}
    shutil.rmtree(drop_in)
    systemctl("daemon-reload")


def test_real_user_manager_starts_and_stops_it(home, manager):
    folder = home.folder / 'of "50%" $HOME'
    folder.mkdir()
    (folder / "agendad.yaml").write_text(CONFIG.replace("path: calendar", "path: ../calendar"), "utf-8")
    environ = {**manager, "AGENDAD_CONFIG": str(folder / "agendad.yaml"), "AGENDAD_STATE_DIR": str(folder / "state")}

    def service(*words):
        return home.run("service", *words, "--json", now=None, environ=environ)

    try:
        installed = service("install")
        assert installed.status == 0, installed.out
        assert service("install").json["content"] is None
        status = service("status")
        assert (status.status, status.json["enabled"], status.json["running"]) == (0, True, True), status.out
        assert status.json["since"]
        if NOTIFIES:
            assert systemctl("reload", "agendad.service").returncode == 0
        command = Path(f"/proc/{status.json['pid']}/cmdline").read_bytes().decode().split("\0")
        assert command[-5:-1] == ["--config", str(folder / "agendad.yaml"), "--state-dir", str(folder / "state")]
    finally:
        removed = service("uninstall")
    assert removed.status == 0, removed.out
    assert service("status").json["installed"] is False
    assert systemctl("is-active", "agendad.service").stdout.strip() in ("inactive", "unknown")
