"""What the first configuration is made of, and that it comes whole or not at all."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from agendad.daemon import private_files
from agendad.daemon.config import parse
from agendad.daemon.context import UsageProblem
from agendad.daemon.first_run import Answers, BadAnswer, account_in, faults, person_in, put, text_of
from agendad.daemon.hindsight import sentence
from agendad.daemon.looking_back import Done, Month, PastSession
from agendad.rules.policy import Party

NOW = datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
TEXT = "version: 1\n"


@pytest.mark.parametrize(
    "name", ["Grace", "王小明", 'a "quoted" # one', "null", "yes", "12:30", "- x", "{a: b}", "é\u2028x"]
)
def test_every_name_comes_back_from_the_file(name, tmp_path):
    answers = Answers(name=name, role=Party.MENTOR, other=(name, "ada@example.com"))
    policy = parse(text_of(answers, NOW).encode(), tmp_path / "config.yaml").policy
    assert (policy.me.name, policy.mentorships[0].other.name) == (name, name)


@pytest.mark.parametrize(
    ("answer", "options"),
    [
        ("google", {}),
        ("google:client.json", {"client_secrets": "client.json"}),
        ("google:c.json,calendars=team@example.org", {"client_secrets": "c.json", "calendars": "team@example.org"}),
        ("outlook:authority=example.org", {"authority": "example.org"}),
        ("outlook:0000,api_root=http://localhost:1/v1.0", {"client_id": "0000", "api_root": "http://localhost:1/v1.0"}),
        ("ics:/srv/a, b,name=old", {"path": "/srv/a, b", "name": "old"}),
        ("ics:path=/srv/a", {"path": "/srv/a"}),
        ("caldav:https://dav.example.org/a,username=grace", {"url": "https://dav.example.org/a", "username": "grace"}),
    ],
)  # fmt: skip
def test_accounts_are_read_with_their_keys(answer, options):
    assert account_in(answer).options == options


@pytest.mark.parametrize("answer", ["", "ics", "ics:", "caldav", "caldav:x", "exchange"])
def test_what_is_no_account_is_refused(answer):
    with pytest.raises(BadAnswer):
        account_in(answer)


@pytest.mark.parametrize("answer", ["", "Ada", "ada@example.com", "Ada <>", "Ada <ada>"])
def test_somebody_without_a_name_or_an_address_is_refused(answer):
    with pytest.raises(BadAnswer):
        person_in(answer)


def test_accounts_of_one_kind_get_names_of_their_own(tmp_path):
    accounts = tuple(account_in(text) for text in (f"ics:{tmp_path}", f"ics:{tmp_path},name=home-2", f"ics:{tmp_path}"))
    config = parse(text_of(Answers(accounts=accounts), NOW).encode(), tmp_path / "config.yaml").config
    assert [account.name for account in config.accounts] == ["home", "home-2", "home-3"]


def test_same_name_twice_is_a_fault(tmp_path):
    accounts = tuple(account_in(f"ics:{tmp_path},name=home") for _ in range(2))
    assert any("is taken" in fault.message for fault in faults(Answers(accounts=accounts), tmp_path / "c.yaml"))


def test_file_that_appeared_meanwhile_stays(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("somebody else's")
    with pytest.raises(UsageProblem, match="somebody has just written it"):
        put(path, TEXT, NOW, force=False)
    assert [one.name for one in tmp_path.iterdir()] == ["config.yaml"]
    assert path.read_text() == "somebody else's"


def test_each_replaced_file_is_kept(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("first")
    backups = [put(path, f"{number}", NOW, force=True) for number in range(2)]
    assert [backup.read_text() for backup in backups] == ["first", "0"]
    assert {backup.stat().st_mode & 0o777 for backup in backups} == {0o600}


DYING = """\
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from agendad.daemon.first_run import put
syncs = int(sys.argv[2])
def fsync(descriptor, real=os.fsync):
    global syncs
    syncs -= 1
    if syncs == 0:
        os.kill(os.getpid(), signal.SIGKILL if sys.argv[3] == "kill" else signal.SIGINT)
    real(descriptor)
os.fsync = fsync
put(Path(sys.argv[1]), "new", datetime(2026, 11, 30, tzinfo=UTC), force=True)
"""


@pytest.mark.parametrize("how", ["kill", "interrupt"])
@pytest.mark.parametrize("moment", range(1, 5))
def test_old_or_new_is_there_whenever_it_is_killed_or_interrupted(tmp_path, moment, how):
    path = tmp_path / "config.yaml"
    path.write_text("old")
    ended = subprocess.run(
        [sys.executable, "-c", DYING, path, str(moment), how],
        capture_output=True,
        check=False,
        env=os.environ,
        timeout=60,
    )
    assert ended.returncode == (-signal.SIGKILL if how == "kill" else -signal.SIGINT)
    assert path.read_text() in ("old", "new")
    kept = [one.read_text() for one in tmp_path.glob("*.bak")]
    if how == "interrupt":
        assert kept == ([] if path.read_text() == "old" else ["old"])
        assert not list(tmp_path.glob(".agendad-*"))
    assert path.read_text() == "old" or kept == ["old"]


def test_new_file_takes_no_other_ones_place(tmp_path):
    path = tmp_path / "new"
    private_files.create(path, b"one")
    with pytest.raises(FileExistsError):
        private_files.create(path, b"two")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"one", 0o600)
    assert [one.name for one in tmp_path.iterdir()] == ["new"]


def month(*sessions):
    return Month(since=NOW, until=NOW, sessions=sessions, events=7, to_come=0, failed={})


def session(*done, lacks=True):
    codes = ("agenda.missing",) if lacks else ()
    steps = tuple(
        Done(rung=rung, effect=effect, reason="agenda.missing", to=(to,), at=NOW) for rung, effect, to in done
    )
    return PastSession(title="x", start=NOW, mentorship="grace-ada", people=(), findings=codes, done=steps)


ADA = "ada@example.com"


@pytest.mark.parametrize(
    ("sessions", "expected"),
    [
        ([], "No session of yours among 7 events of the last 30 days."),
        ([session(lacks=False)], "1 session, all with an agenda: I would have cancelled none."),
        (
            [*[session(("nudge", "mail", ADA))] * 3, *[session(lacks=False)] * 2],
            "5 sessions, 3 without an agenda: I would have reminded Ada 3 times and cancelled none.",
        ),
        (
            [session(("nudge", "mail", "grace@example.org"), ("hold", "patch", ADA), ("cancel", "cancel", ADA))],
            "1 session, 1 without an agenda: I would have reminded you once, put 1 on hold and cancelled 1.",
        ),
        (
            [session(("cancel", "decline", ADA)), session(("cancel", "ask", "grace@example.org"))],
            "2 sessions, 2 without an agenda: I would have asked you once and declined 1.",
        ),
    ],
)
def test_last_month_is_said_in_a_sentence(make_policy, sessions, expected):
    assert sentence(month(*sessions), make_policy()) == expected
