"""What every command loads anyway, loaded once in the process that the others are forked from."""

import argparse
import importlib
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from pkgutil import iter_modules
from tempfile import TemporaryDirectory

from agendad import providers
from agendad.daemon import commands, letter_html, summary
from agendad.daemon.commands import lint
from agendad.daemon.config_shapes import config_model
from agendad.rules import messages

_INVITE = """\
BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Example//EN\r
BEGIN:VEVENT\r
UID:one@example.org\r
DTSTAMP:20261120T090000Z\r
DTSTART:20261201T150000Z\r
DTEND:20261201T160000Z\r
SUMMARY:Mentoring: Ada and Grace\r
DESCRIPTION:Talk about the talk at 3 pm\r
ORGANIZER:mailto:grace@example.org\r
ATTENDEE:mailto:ada@example.com\r
END:VEVENT\r
END:VCALENDAR\r
"""
_CONFIG = """\
version: 1
me: {name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}
accounts: [{name: home, provider: ics, path: .}]
mentorships:
  - name: grace-ada
    mentor: me
    mentee: {name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}
"""
for _package in (providers, commands):
    for _module in iter_modules(_package.__path__, f"{_package.__name__}."):
        importlib.import_module(_module.name)
config_model()
with TemporaryDirectory() as _scratch, redirect_stdout(StringIO()):
    Path(_scratch, "one.ics").write_text(_INVITE, "utf-8", newline="")
    Path(_scratch, "agendad.yaml").write_text(_CONFIG, "utf-8")
    _asked = {"paths": [_scratch], "config": f"{_scratch}/agendad.yaml", "at": "2026-11-30T13:30:00Z", "json": True}
    lint.run(argparse.Namespace(**_asked, horizon=None, strict=False, state_dir=None))
_empty = summary.Summary(name="Grace", zone=None, generated_at=datetime(2026, 11, 30, tzinfo=UTC))
summary.plain(_empty), summary.as_html(_empty)
letter_html.letter_html("", "", "en")
for _name in messages.environment(None).list_templates():
    if _name.startswith("en/"):
        messages.environment(None).get_template(_name)
