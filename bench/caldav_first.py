"""A first look at 2,000 events on Radicale, into the database, beside vdirsyncer's first sync of them into a folder."""

import itertools
import os
import shutil
import subprocess
import sys
from math import ceil
from pathlib import Path

from bench.caldav import EVENTS, PASSWORD, Bench, database, radicale, read
from bench.measure import Row, best, span

_CONFIG = """\
[general]
status_path = "{folder}/status/"
[pair all]
a = "local"
b = "remote"
collections = ["bench"]
[storage local]
type = "filesystem"
path = "{folder}/local/"
fileext = ".ics"
[storage remote]
type = "caldav"
url = "{url}/"
username = "grace"
password = "{password}"
"""


def vdirsyncer(bench: Bench, folder: Path, command: str) -> None:
    """As its users run it, but in what its config names it has to be told once to discover."""
    folder.mkdir(exist_ok=True)
    config = folder / "config"
    config.write_text(_CONFIG.format(folder=folder, url=f"{bench.server.url}/grace", password=PASSWORD))
    done = subprocess.run(  # noqa: S603 - a program of the environment this runs in
        [Path(sys.executable).with_name("vdirsyncer"), "-c", str(config), "-v", "ERROR", command],
        input=b"y\n" * 4,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]


def row() -> Row:
    numbers = itertools.count()
    bench = radicale()
    peer = bench.scratch / "peer"
    vdirsyncer(bench, peer, "discover")

    def ours() -> None:
        provider, before = bench.provider(), bench.requests()
        with database(bench.scratch / f"state-{next(numbers)}") as calendars:
            assert read(calendars, provider) == EVENTS
        provider.close()
        asked = bench.requests() - before
        assert asked <= ceil(EVENTS / 500) + 2, asked

    def theirs() -> None:
        shutil.rmtree(peer / "local" / "bench")
        (peer / "local" / "bench").mkdir()
        for file in (peer / "status").glob("all/*.items"):
            file.unlink()
        vdirsyncer(bench, peer, "sync")
        assert len(list((peer / "local" / "bench").iterdir())) == EVENTS

    taken, beside = best(ours, theirs, rounds=3)
    return Row(ours=span(taken), beside=span(beside), ratio=taken / beside, allowed=0.5)
