"""The memory of a service that has nothing to do, beside a bare interpreter with the libraries it needs."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import Row
from bench.samples import write_calendar

LIBRARIES = (
    "icalendar, recurring_ical_events, selectolax.lexbor, holidays, pydantic, ruamel.yaml, jinja2, sqlite3, "
    "email.policy, smtplib, ssl, platformdirs, dateutil.rrule, tzdata, logging, queue, signal, tempfile, difflib, "
    "babel.dates, structlog, apscheduler.schedulers.background, watchdog.observers, watchdog.observers.polling"
)
_CONFIG = """\
version: 1
me: {{name: Ada Lovelace, emails: [ada@example.org], timezone: Europe/London}}
accounts:
  - {{name: home, provider: ics, path: {folder}, notify: none}}
mentorships:
  - name: grace-ada
    mentor: {{name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}}
    mentee: me
"""


def _resident(process: subprocess.Popen[bytes]) -> int:
    """In KiB, what is the process's own (Linux)."""
    for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise AssertionError("no Pss in smaps_rollup")


def row() -> Row:
    with tempfile.TemporaryDirectory() as scratch:
        folder, config = Path(scratch) / "calendar", Path(scratch) / "config.yaml"
        write_calendar(folder, 200)
        config.write_text(_CONFIG.format(folder=folder), encoding="utf-8")
        installed = str(Path(sys.executable).with_name("agendad"))
        state = Path(scratch) / "state"
        serve = [installed, "run", "--config", str(config), "--state-dir", str(state)]
        bare = [sys.executable, "-c", f"import {LIBRARIES}; input()"]
        quiet = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with (
            subprocess.Popen(serve, **quiet) as service,  # noqa: S603 - ourselves
            subprocess.Popen(bare, **quiet) as libraries,  # noqa: S603
        ):
            try:
                time.sleep(8)
                ours, floor = _resident(service), _resident(libraries)
            finally:
                os.kill(service.pid, signal.SIGTERM)
                libraries.kill()
    return Row(ours=f"{ours / 1024:.0f} MiB", beside=f"{floor / 1024:.0f} MiB", ratio=ours / floor, allowed=2.0)
