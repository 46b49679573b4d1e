"""kill -9 before each durable step of the real process: nothing is doubled, nothing is lost, nothing stays open.

See dying/sitecustomize.py for how the process dies.
"""

import shutil
import signal
import sqlite3
from contextlib import closing
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

DYING = Path(__file__).with_name("dying")
SERIES = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Calendar//EN
BEGIN:VEVENT
UID:weekly@example.org
DTSTAMP:20261120T090000Z
DTSTART:20261124T150000Z
DTEND:20261124T160000Z
RRULE:FREQ=WEEKLY;COUNT=6
SUMMARY:Mentoring: Ada and Grace
SEQUENCE:4
ORGANIZER;CN=Grace Hopper:mailto:{organizer}
ATTENDEE;PARTSTAT=ACCEPTED:mailto:grace@example.org
ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.com
END:VEVENT
END:VCALENDAR
"""
CONFIG = """\
version: 1
mode: act
me: {{name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}}
accounts: [{{name: home, provider: ics, path: calendar}}]
mentorships:
  - name: grace-ada
    mentor: me
    mentee: {{name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}}
    met: true
limits: {{grace: 0h}}
rules: {{agenda: {{ladder: [{{before: 36h, do: {action}}}]}}, ownership: {{enabled: false}}}}
mail: {{transport: file}}
"""
CASES = {
    "cancel": ("grace@example.org", "cancel"),
    "hold": ("grace@example.org", "hold"),
    "decline": ("ada@example.com", "cancel"),
    "nudge": ("grace@example.org", "nudge"),
}

PARTS = 3
"""Each test takes every third step, so that they can run side by side."""


def prepare(home, case):
    organizer, action = CASES[case]
    home.calendar.mkdir(exist_ok=True)
    (home.calendar / "weekly.ics").write_text(SERIES.format(organizer=organizer), "utf-8", newline="\r\n")
    home.configure(CONFIG.format(action=action))


def mails(home):
    """(Message-ID, subject, method) of the mails to the other person."""
    found = []
    for path in sorted((home.folder / "state" / "outbox").glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=default)
        if message["To"] == "ada@example.com":
            part = next((one for one in message.walk() if one.get_content_type() == "text/calendar"), None)
            found.append((message["Message-ID"], message["Subject"], part and part.get_param("method")))
    return found


def outcome(home):
    """All that anyone would see: the calendar, the mails and the journal."""
    with closing(sqlite3.connect(home.folder / "state" / "agendad.db")) as database:
        history = database.execute("SELECT action, effect, state FROM actions ORDER BY id").fetchall()
    text = (home.calendar / "weekly.ics").read_text("utf-8")
    seen = [line.partition("@")[0] if line.startswith("X-AGENDAD:") else line for line in text.splitlines()]
    return seen, mails(home), history


def steps(home, case):
    prepare(home, case)
    log = home.folder / "steps.txt"
    done = home.run("run", "--once", environ={"PYTHONPATH": str(DYING), "DIE_LOG": str(log)})
    assert done.status == 0, done.err
    return log.read_text("utf-8").splitlines()


def start_again(home):
    shutil.rmtree(home.folder / "state")


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("case", CASES)
def test_process_killed_before_any_step_does_everything_once_after_all(home, case, part):
    names = steps(home, case)
    wanted = outcome(home)
    assert [state for _, _, state in wanted[2]] == ["confirmed"]
    assert len(wanted[1]) == 1
    assert any(name.startswith("rename") for name in names)
    for number, name in list(enumerate(names, 1))[part::PARTS]:
        start_again(home)
        prepare(home, case)
        died = home.run("run", "--once", environ={"PYTHONPATH": str(DYING), "DIE_AT": str(number)})
        assert died.status == -signal.SIGKILL, (number, name)
        again = home.run("run", "--once", "--json")
        assert again.status == 0, (number, name, again.err)
        assert outcome(home) == wanted, (number, name)
    assert home.run("run", "--once", "--json").json["actions"] == []
    assert outcome(home) == wanted
