"""The units and the agent, read by systemd itself where it is here, and by the parser of property lists."""

import os
import plistlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agendad.daemon.config_values import KEY_CREDENTIAL, MAIL_CREDENTIAL
from agendad.daemon.service_files import Origin, agent, origin_of, sealed, system_unit, user_unit
from agendad.daemon.signals import _PATIENCE

ROOT = Path(__file__).parents[2]
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(
    ANALYZE is None, reason="THE UNITS WERE NOT CHECKED: systemd-analyze is not on this machine"
)
MOST_EXPOSED = "15"
"""Tenths, as --threshold takes them."""
LAUNCHD_KEYS = {
    "Label", "ProgramArguments", "EnvironmentVariables", "RunAtLoad", "KeepAlive", "ThrottleInterval", "ExitTimeOut",
    "ProcessType", "LowPriorityIO", "Umask", "StandardOutPath", "StandardErrorPath",
}  # fmt: skip
"""Those of launchd.plist(5) that are used: a misspelt key is ignored there without a word."""
BACKOFF = "RestartSec=30\nRestartSteps=6\nRestartMaxDelaySec=10min\n"


def version():
    done = subprocess.run([ANALYZE, "--version"], capture_output=True, text=True, check=True)
    return int(re.match(r"systemd (\d+)", done.stdout)[1])


def analyze(tmp_path, *words):
    environ = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    return subprocess.run(
        [ANALYZE, *words], env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture(params=["plain", "50% $HOME; #x", 'O\'Brien "\\x" $HOME'])
def command(request, tmp_path):
    """A command in a folder with a name that each layer of quoting would spoil."""
    path = tmp_path / request.param / "agendad"
    path.parent.mkdir()
    path.symlink_to(sys.executable)
    return str(path), "run"


@pytest.fixture
def user(tmp_path, command):
    path = tmp_path / "agendad.service"
    path.write_text(sealed(user_unit(command, version()), "# {}"), "utf-8")
    return path


@pytest.fixture
def system(tmp_path, command):
    path = tmp_path / "agendad@x.service"
    path.write_text(system_unit(command, version()), "utf-8")
    return path


@needs_systemd
def test_systemd_finds_no_fault_with_the_user_unit(tmp_path, user):
    done = analyze(tmp_path, "verify", "--user", str(user))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
def test_systemd_finds_no_fault_with_the_system_unit(tmp_path, system):
    done = analyze(tmp_path, "verify", str(system))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
@pytest.mark.parametrize("name", ["agendad.service", "agendad@.service"])
def test_systemd_tells_a_fault_of_either(tmp_path, name):
    text = (ROOT / "systemd" / name).read_text("utf-8").replace("[Install]", "Watchdogs=1min\n[Install]")
    path = tmp_path / name.replace("@", "@x")
    path.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text), "utf-8")
    manager = "--system" if "@" in name else "--user"
    assert "Watchdogs" in analyze(tmp_path, "verify", manager, str(path)).stderr


@needs_systemd
def test_system_unit_leaves_little_of_the_machine_in_reach(tmp_path, system):
    words = ("security", "--offline=yes", "--no-pager", f"--threshold={MOST_EXPOSED}")
    done = analyze(tmp_path, *words, str(system))
    assert done.returncode == 0, done.stdout
    assert "exposure level for agendad@x.service" in done.stdout


@pytest.mark.parametrize("name", ["agendad.service", "agendad@.service"])
def test_units_tell_systemd_what_agendad_needs(name):
    lines = (ROOT / "systemd" / name).read_text("utf-8").splitlines()
    assert {"Type=notify", "NotifyAccess=main", "ExecReload=/bin/kill -HUP $MAINPID", "Restart=on-failure"} <= set(
        lines
    )
    (stop,) = (int(line.partition("=")[2]) for line in lines if line.startswith("TimeoutStopSec="))
    assert stop > _PATIENCE


def test_system_unit_hands_over_the_credentials_that_agendad_looks_for():
    text = (ROOT / "systemd" / "agendad@.service").read_text("utf-8")
    assert re.findall(r"^LoadCredentialEncrypted=(.+?):", text, re.MULTILINE) == [KEY_CREDENTIAL, MAIL_CREDENTIAL]


def test_newer_systemd_waits_longer_after_each_failed_start():
    for unit in (user_unit, system_unit):
        assert BACKOFF in unit(("/bin/agendad", "run"), 254)
        assert "RestartSteps" not in unit(("/bin/agendad", "run"), 253)


def test_agent_is_a_property_list_with_known_keys_and_real_paths(tmp_path):
    command = ("/opt/a & <b>/agendad", "run", "--config", "/Users/zoë/c.yaml")
    text = sealed(agent(command, tmp_path / "agendad.log"), "<!-- {} -->")
    described = plistlib.loads(text.encode())
    assert described["ProgramArguments"] == list(command)
    assert described["StandardErrorPath"] == str(tmp_path / "agendad.log")
    assert set(described) == LAUNCHD_KEYS
    assert described["ExitTimeOut"] > _PATIENCE
    assert described["Umask"] == 0o077


def test_packaged_agent_has_the_same_keys():
    packaged = plistlib.loads((ROOT / "systemd" / "org.agendad.plist").read_bytes())
    assert set(packaged) == LAUNCHD_KEYS


@pytest.mark.parametrize(
    "text", [sealed("[Unit]\nDescription=x\n", "# {}"), sealed(agent(("/a", "run"), Path("/log")), "<!-- {} -->")]
)
def test_file_tells_whether_it_was_edited(tmp_path, text):
    path = tmp_path / "file"
    assert origin_of(path) is Origin.NONE
    path.write_text(text, "utf-8")
    assert origin_of(path) is Origin.OURS
    path.write_text(text + "\n", "utf-8")
    assert origin_of(path) is Origin.EDITED
    path.write_text("[Unit]\n", "utf-8")
    assert origin_of(path) is Origin.FOREIGN
