"""What docs/operations.md says of backups: how one is made of a database in use, and what an old one does."""

import contextlib
import shlex
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
FRIDAY = {"start": "20261204T150000Z", "end": "20261204T153000Z"}
CONFIG = """\
version: 1
mode: act
me: {name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}
accounts: [{name: home, provider: ics, path: calendar}]
mentorships:
  - name: grace-ada
    mentor: me
    mentee: {name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}
    met: true
rules: {agenda: {ladder: [{before: 96h, do: nudge}, {before: 60h, do: hold}]}, ownership: {enabled: false}}
"""
SATURDAY = "2026-11-28T08:30:00-05:00"
MONDAY = "2026-11-30T10:30:00-05:00"
TUESDAY = "2026-12-01T09:30:00-05:00"
LATER = "2026-11-30T11:30:00-05:00"
WEDNESDAY = "2026-12-02T09:45:00-05:00"


@pytest.fixture
def acting(home, post):
    """Somebody whose agendad acts, and mails through `acting.post`."""
    mail = f"mail: {{transport: smtp, host: 127.0.0.1, port: {post.port}, security: none, from: grace@example.org}}\n"
    home.configure(CONFIG + mail)
    home.post = post
    home.invite("bad.ics", **FRIDAY)
    return home


def documented(start):
    """The command of the page that begins like this."""
    return next(line for line in OPERATIONS.read_text("utf-8").splitlines() if line.startswith(start))


def backup(home, command, target):
    state = home.folder / "state"
    words = [word.replace("DIR", str(state)).replace("BACKUP", str(target)) for word in shlex.split(command)]
    words[0] = sys.executable if words[0] == "python3" else words[0]
    return subprocess.run(words, cwd=home.folder, capture_output=True, text=True, timeout=30, check=True)


def restore(home, copy):
    for path in (home.folder / "state").glob("agendad.db*"):
        path.unlink()
    shutil.copy(copy, home.folder / "state" / "agendad.db")


def to_ada(home):
    return [mail for mail in home.post.received if "ada@example.com" in mail["To"]]


@pytest.mark.parametrize("start", ["sqlite3 DIR/agendad.db", "python3 -c 'import sqlite3"])
def test_backup_of_a_database_in_use_is_whole(acting, tmp_path, start):
    if start.startswith("sqlite3") and shutil.which("sqlite3") is None:
        pytest.skip("sqlite3 is not on this machine")
    assert acting.run("run", "--once", now=MONDAY).status == 0
    with contextlib.closing(sqlite3.connect(acting.folder / "state" / "agendad.db", isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")  # as a service in the middle of something
        busy.execute("INSERT INTO installation VALUES ('half', 'done')")
        backup(acting, documented(start), tmp_path / "copy.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM installation WHERE key = 'half'").fetchone() == (0,)
    before = acting.run("history", "--json").json
    restore(acting, tmp_path / "copy.db")
    assert acting.run("history", "--json").json == before


def test_old_backup_does_nothing_where_the_calendar_knows_better_until_it_is_confirmed(acting, tmp_path):
    assert acting.run("run", "--once", now=MONDAY).status == 0
    backup(acting, documented("python3 -c 'import sqlite3"), tmp_path / "copy.db")
    assert acting.run("run", "--once", now=WEDNESDAY).status == 0
    assert "X-AGENDAD" in (acting.calendar / "bad.ics").read_text("utf-8")
    sent, invite = len(to_ada(acting)), (acting.calendar / "bad.ics").read_bytes()
    restore(acting, tmp_path / "copy.db")
    held = acting.run("run", "--once", now=WEDNESDAY)
    assert "agendad run --once --confirm home" in " ".join(held.out.split())
    assert len(to_ada(acting)) == sent
    assert (acting.calendar / "bad.ics").read_bytes() == invite
    assert acting.run("run", "--once", "--confirm", "home", now=WEDNESDAY).status == 0
    assert (acting.calendar / "bad.ics").read_bytes() == invite


def test_old_backup_sends_no_mail_again_until_it_is_confirmed(acting, tmp_path):
    assert acting.run("run", "--once", now=SATURDAY).status == 0
    backup(acting, documented("python3 -c 'import sqlite3"), tmp_path / "copy.db")
    assert acting.run("run", "--once", now=MONDAY).status == 0
    assert len(to_ada(acting)) == 1
    assert "X-AGENDAD" not in (acting.calendar / "bad.ics").read_text("utf-8")  # only the journal knew of it
    restore(acting, tmp_path / "copy.db")
    for now in (MONDAY, LATER):
        told = " ".join(acting.run("run", "--once", now=now).out.split())
        assert "the database is older than the one that was in the state folder before" in told
        assert "agendad run --once --confirm home" in told
        assert len(to_ada(acting)) == 1


def test_whole_folder_restored_elsewhere_is_held_back_by_the_documented_line(acting, tmp_path):
    assert acting.run("run", "--once", now=SATURDAY).status == 0
    shutil.copytree(acting.folder / "state", tmp_path / "copy")
    assert acting.run("run", "--once", now=MONDAY).status == 0
    shutil.rmtree(acting.folder / "state")
    shutil.copytree(tmp_path / "copy", acting.folder / "state")
    subprocess.run(
        ["sh", "-c", documented("echo 999999999").replace("DIR", str(acting.folder / "state"))], check=True, timeout=10
    )
    assert "--confirm home" in acting.run("run", "--once", now=MONDAY).out
    assert len(to_ada(acting)) == 1


def test_steps_that_were_sent_before_are_asked_about_after_a_restored_backup(acting, tmp_path):
    assert acting.run("run", "--once", now=SATURDAY).status == 0
    backup(acting, documented("python3 -c 'import sqlite3"), tmp_path / "copy.db")
    assert acting.run("run", "--once", now=MONDAY).status == 0
    restore(acting, tmp_path / "copy.db")
    act = (acting.folder / "agendad.yaml").read_text("utf-8")
    acting.configure(act.replace("mode: act", "mode: approve"))
    assert acting.run("run", "--once", "--confirm", "home", now=MONDAY).status == 0
    (asked,) = acting.run("pending", "--json").json["actions"]
    assert acting.run("reject", asked["id"], now=MONDAY).status == 0
    acting.configure(act)
    assert acting.run("run", "--once", now=LATER).status == 0
    assert len(to_ada(acting)) == 1


def test_folder_that_is_moved_goes_on(acting, tmp_path):
    assert acting.run("run", "--once", now=SATURDAY).status == 0
    shutil.move(acting.folder / "state", tmp_path / "moved")
    told = acting.run("run", "--once", "--state-dir", str(tmp_path / "moved"), now=MONDAY)
    assert "--confirm" not in told.out
    assert len(to_ada(acting)) == 1
