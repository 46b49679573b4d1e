"""The wheel that people install holds what the tree holds, and no bare `daemon` or `rules`."""

import shutil
import subprocess
import sys
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
    return zipfile.ZipFile(path)


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
