"""Runs the installed command, as a user does."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from end_to_end import warm
from simulators.mailbox import Mailbox, at_work

COMMAND = Path(sys.executable).with_name("agendad")
NOW = "2026-11-30T08:30:00-05:00"

CONFIG = """\
version: 1
me: {name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}
accounts:
  - {name: home, provider: ics, path: calendar}
mentorships:
  - name: grace-ada
    mentor: {name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}
    mentee: me
    met: true
"""

INVITE = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Calendar//EN
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261120T090000Z
DTSTART:{start}
DTEND:{end}
SUMMARY:{title}
ORGANIZER;CN=Grace Hopper:mailto:grace@example.org
ATTENDEE;PARTSTAT=ACCEPTED:mailto:grace@example.org
ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.com
DESCRIPTION:{body}
END:VEVENT
END:VCALENDAR
"""


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def spoken(line: str) -> str:
    """The sentence for people in a line of the service's log."""
    return str(json.loads(line)["message"]) if line.startswith("{") else line.rstrip("\n")


@dataclass
class Home:
    """A user's folder with a configuration and a calendar."""

    folder: Path
    environ: Mapping[str, str]
    config: str = CONFIG

    @property
    def calendar(self) -> Path:
        return self.folder / "calendar"

    def invite(
        self, name: str, *, start: str, end: str, title: str = "Mentoring: Ada and Grace", body: str = ""
    ) -> Path:
        path = self.calendar / name
        uid = f"{path.stem}@example.org"
        path.write_text(INVITE.format(uid=uid, start=start, end=end, title=title, body=body), "utf-8", newline="\r\n")
        return path

    def configure(self, text: str) -> None:
        (self.folder / "agendad.yaml").write_text(text, "utf-8")

    def start(self, *arguments: str, stdout: int | None = None) -> "subprocess.Popen[str]":
        environ = {**self.environ, "AGENDAD_NOW": NOW}
        return subprocess.Popen(
            [COMMAND, *arguments], cwd=self.folder, env=environ, stdout=stdout, stderr=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str, now: str | None = NOW, environ: Mapping[str, str] | None = None) -> Result:
        environ = {**self.environ, **({"AGENDAD_NOW": now} if now else {}), **(environ or {})}
        return Result(*warm.run(arguments, folder=self.folder, environ=environ))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    folder = tmp_path / "home"
    (folder / "calendar").mkdir(parents=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AGENDAD", "XDG_"))}
    environ |= {
        "HOME": str(folder),
        "AGENDAD_CONFIG": str(folder / "agendad.yaml"),
        "AGENDAD_STATE_DIR": str(folder / "state"),
    }
    made = Home(folder, environ)
    made.configure(CONFIG)
    return made


@pytest.fixture
def post() -> Iterator[Mailbox]:
    """A mail server on loopback, at `post.port`."""
    with at_work() as box:
        yield box
