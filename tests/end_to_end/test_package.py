"""The wheel that people install holds what the tree holds, and no bare `daemon` or `rules`."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("daemon", "providers", "rules", "systemd")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    target, tree = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("tree") / "agendad"
    # Tests beside this one may build too, and a build leaves files in its tree.
    left_out = shutil.ignore_patterns(
        ".git", ".venv*", ".*_cache", "build", "dist", "*.egg-info", "__pycache__", "tests"
    )
    shutil.copytree(ROOT, tree, symlinks=True, ignore=left_out)
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", target, tree],
        check=True,
        capture_output=True,
        text=True,
    )
    (path,) = target.glob("*.whl")
    with zipfile.ZipFile(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The command of a fresh environment into which the wheel was installed, as pipx and `uv tool` do it. What it
    depends on comes from the environment of the tests: nothing is fetched."""
    folder = tmp_path_factory.mktemp("opt") / "agendad"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120)
    python = folder / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel.filename], check=True, timeout=120
    )
    (packages,) = (folder / "lib").glob("python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return folder / "bin" / "agendad"


def run(command, *words, **environ):
    environ = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"} | environ
    return subprocess.run([command, *words], env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_wheel_built_by_way_of_the_sdist_holds_every_file_of_the_rooms(wheel):
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *ROOMS]
    tracked = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    expected = {f"agendad/{name}" for name in tracked.stdout.split("\0") if name}
    expected |= {"agendad/__init__.py", "agendad/py.typed"}
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == expected


def test_wheel_installs_nothing_beside_agendad(wheel):
    assert {name.split("/")[0].split("-")[0] for name in wheel.namelist()} == {"agendad"}


def test_wheel_holds_files_and_no_links(wheel):
    assert not any(info.external_attr >> 28 == 0o12 for info in wheel.infolist())


def test_installed_command_starts_from_what_was_installed(installed):
    assert run(installed, "--version").stdout.startswith("agendad ")
    where = "import agendad.daemon; print(agendad.daemon.__file__)"
    found = run(installed.with_name("python"), "-c", where).stdout
    assert found.startswith(str(installed.parents[1]))


def test_installed_command_writes_units_that_name_itself(installed, tmp_path):
    unit = run(installed, "service", "unit")
    assert f"\nExecStart={installed} run --config /etc/agendad/%i.yaml\n" in unit.stdout, unit.stderr
    config = tmp_path / "agendad.yaml"
    example = run(installed, "check", "--example").stdout
    config.write_text(example, "utf-8")
    if shutil.which("systemctl") is None:
        pytest.skip("systemctl is not on this machine")
    shown = run(
        installed, "service", "install", "--dry-run", "--config", str(config),
        HOME=str(tmp_path), SUDO_USER="", XDG_CONFIG_HOME="", XDG_STATE_HOME="", AGENDAD_STATE_DIR="",
    )  # fmt: skip
    assert f"ExecStart={installed} run --config {config}\n" in shown.stdout, shown.stderr
    assert not (tmp_path / ".config").exists()
