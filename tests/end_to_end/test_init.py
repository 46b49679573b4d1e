"""`agendad init`: the installed command with flags, on a real terminal, and interrupted by a real Ctrl-C."""

import fcntl
import os
import pty
import re
import select
import shlex
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from end_to_end.conftest import COMMAND, CONFIG, NOW
from end_to_end.test_login import BROWSER, HEADLESS
from simulators.google import GoogleSimulator
from simulators.graph import CLIENT_ID, GraphSimulator

from agendad.daemon.clock import parse_instant

WIDTH = 80
AT_ITS_TERMINAL = """\
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Keys such as Ctrl-C become signals only for the one whose terminal it is."""
ME = ["--name", "Grace Hopper", "--email", "grace@example.org", "--timezone", "America/New_York"]
ADA = ["--mentee", "Ada Lovelace <ada@example.com>", "--their-timezone", "Europe/London"]
ALL = ["init", "--yes", *ME, *ADA, "--account", "ics:calendar"]
ADAS = "ORGANIZER;CN=Ada Lovelace:mailto:ada@example.com"
AGENDA = "Agenda:\\n- How to choose a compiler course\\n- My talk in March\\n\\nhttps://meet.google.com/abc-mnop-xyz"


class Newcomer:
    """Somebody who has a calendar and no configuration yet."""

    def __init__(self, home):
        self.home, self.folder = home, home.folder
        (home.folder / "agendad.yaml").unlink()
        self.config = home.folder / "mine" / "agendad.yaml"
        self.environ = {**home.environ, "AGENDAD_CONFIG": str(self.config), "LANG": "de_DE.UTF-8"}

    def run(self, *arguments, **more):
        return self.home.run(*arguments, environ={**self.environ, **more.pop("environ", {})}, **more)

    def check(self):
        done = self.run("check", "--json")
        assert done.status == 0, done.err
        return done.json

    def nothing_written(self):
        return not self.config.parent.exists() and not (self.folder / "state").exists()


@pytest.fixture
def newcomer(home):
    return Newcomer(home)


class Terminal:
    """A command on a terminal, and somebody who types."""

    def __init__(self, newcomer, *arguments, **environ):
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, WIDTH, 0, 0))
        self.shown = ""
        self._process = subprocess.Popen(
            [sys.executable, "-c", AT_ITS_TERMINAL, COMMAND, *arguments], cwd=newcomer.folder,
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env={**newcomer.environ, "AGENDAD_NOW": NOW, "TERM": "dumb", "COLUMNS": "80", **environ},
        )  # fmt: skip
        os.close(theirs)

    def until(self, expected):
        """Read until the screen ends with that, or (None) to the end of it."""
        return self._read(lambda new: expected is not None and new.rstrip().endswith(expected.rstrip()), expected)

    def until_seen(self, expected):
        return self._read(lambda new: expected in new, expected)

    def _read(self, enough, expected):
        since, until = len(self.shown), time.monotonic() + 60
        while not enough(self.shown[since:]):
            assert time.monotonic() < until, f"no {expected!r} in {self.shown}"
            if not select.select([self._ours], [], [], 0.2)[0]:
                continue
            try:
                more = os.read(self._ours, 65536).decode()
            except OSError:  # the other end is closed
                more = ""
            if not more:
                assert expected is None, self.shown
                break
            self.shown += more.replace("\r\n", "\n")
        return self.shown[since:]

    def types(self, text):
        os.write(self._ours, text.encode())

    def interrupts(self, after=""):
        """Type something, and Ctrl-C a moment after: before readline waits for keys it would not hear it."""
        time.sleep(0.5)
        self.types(f"{after}\x03")

    def answers(self, *pairs):
        for question, answer in pairs:
            self.until(question)
            self.types(f"{answer}\n")

    def ends(self):
        """(exit status, all that was shown since)."""
        rest = self.until(None)
        return self._process.wait(30), rest

    def close(self):
        self._process.kill()
        self._process.wait()
        os.close(self._ours)


@pytest.fixture
def at_terminal(newcomer):
    """Start a command of the newcomer's on a terminal."""
    opened = []

    def start(*arguments, **environ):
        opened.append(Terminal(newcomer, *arguments, **environ))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def past_sessions(home):
    """Five sessions with Ada in the last month, of which two have an agenda, and one to come."""
    for number, (start, body) in enumerate(
        [("20261103", ""), ("20261110", AGENDA), ("20261117", "see you"), ("20261120", AGENDA), ("20261124", "")]
    ):
        past = home.invite(f"past-{number}.ics", start=f"{start}T150000Z", end=f"{start}T153000Z", body=body)
        by_ada = past.read_text("utf-8").replace("ORGANIZER;CN=Grace Hopper:mailto:grace@example.org", ADAS)
        past.write_text(by_ada, "utf-8", newline="\r\n")
    home.invite("next.ics", start="20261209T150000Z", end="20261209T153000Z")
    home.invite("dentist.ics", start="20261112T150000Z", end="20261112T153000Z", title="Dentist")


# with flags


def test_flags_make_a_private_configuration_that_is_right_and_observes(newcomer):
    done = newcomer.run(*ALL)
    assert done.status == 0, done.err
    assert newcomer.config.stat().st_mode & 0o777 == 0o600
    assert newcomer.config.parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in newcomer.config.parent.iterdir()] == ["agendad.yaml"]
    assert newcomer.check()["warnings"] == []
    text = newcomer.config.read_text("utf-8")
    assert "\nmode: observe\n" in text
    assert "  language: de\n  holidays: US\n" in text
    assert "- {name: home, provider: ics, path: ~/calendar}" in text
    assert "- name: grace-ada\n    mentor: me\n    mentee:\n      name: Ada Lovelace\n" in text
    assert f"written: {newcomer.config}" in done.out
    assert "taken from this machine: --language de, --holidays US" in done.out


def test_optional_lines_of_the_configuration_are_right_too(newcomer):
    assert newcomer.run(*ALL).status == 0
    lines = newcomer.config.read_text("utf-8").splitlines()
    newcomer.config.write_text(
        "\n".join(
            line.removeprefix("#:")
            for line in lines
            if "away:" not in line and not re.match("#:(mail|secrets|templ| {7})", line)
        )
    )
    assert newcomer.check()["ok"]


def test_last_month_is_shown_in_a_sentence_and_one_by_one(newcomer):
    past_sessions(newcomer.home)
    done = newcomer.run(*ALL)
    assert done.status == 0, done.err
    told = " ".join(done.out.split())
    assert "5 sessions, 3 without an agenda: I would have reminded Ada 3 times," in told
    assert "✓ Tue 10 Nov 2026 10:00 EST Mentoring: Ada and Grace" in told
    assert "✗ Tue 17 Nov 2026 10:00 EST Mentoring: Ada and Grace: agenda.missing" in told
    assert "→ Fri 13 Nov 2026 10:00 EST: reminded Ada" in told
    assert "declined 2" in told
    assert "1 session to come" in told
    assert not [line for line in done.out.splitlines() if len(line) > WIDTH and str(newcomer.folder) not in line]
    assert not (newcomer.folder / "state").exists(), "looking back remembers nothing"


def test_first_meeting_of_last_month_would_not_have_been_cancelled(newcomer):
    newcomer.home.invite("one.ics", start="20261117T150000Z", end="20261117T153000Z")
    done = newcomer.run(*ALL)
    assert "1 session, 1 without an agenda: I would have reminded Ada once," in " ".join(done.out.split())
    assert "cancelled none." in " ".join(done.out.split())


def test_invite_that_came_late_would_not_have_been_chased_before(newcomer):
    late = newcomer.home.invite("late.ics", start="20261117T150000Z", end="20261117T153000Z")
    text = late.read_text("utf-8").replace("SUMMARY:", "CREATED:20261116T180000Z\nSUMMARY:")
    late.write_text(text, "utf-8", newline="\r\n")
    (session,) = newcomer.run(*ALL, "--json").json["last_month"]["sessions"]
    assert session["would"]
    assert all(one["at"] >= "2026-11-16T18:00:00Z" for one in session["would"])


def test_meetings_with_somebody_who_is_not_declared_are_pointed_out(newcomer):
    past_sessions(newcomer.home)
    done = newcomer.run("init", "--yes", *ME, "--account", "ics:calendar")
    told = " ".join(done.out.split())
    assert "5 meetings with ada@example.com looked like mentoring" in told
    assert "without a pair it only looks" in told


def test_json_is_all_that_stdout_holds_and_nothing_is_asked(newcomer):
    past_sessions(newcomer.home)
    done = newcomer.run(*(word for word in ALL if word != "--yes"), "--json")
    assert (done.status, done.err) == (0, "")
    shape = done.json
    assert (shape["schema"], shape["config"], shape["backup"]) == ("agendad.init/1", str(newcomer.config), None)
    assert len(shape["last_month"]["sessions"]) == 5
    assert {one["effect"] for one in shape["last_month"]["sessions"][0]["would"]} >= {"mail"}


def test_it_is_written_where_the_platform_has_it_and_where_config_says(newcomer):
    del newcomer.environ["AGENDAD_CONFIG"]
    assert newcomer.home.run(*ALL, environ={"AGENDAD_CONFIG": ""}).status == 0
    usual = newcomer.folder / ".config" / "agendad" / "config.yaml"
    if sys.platform == "darwin":
        usual = newcomer.folder / "Library" / "Application Support" / "agendad" / "config.yaml"
    assert usual.exists()
    done = newcomer.home.run(*ALL, "--config", "here.yaml", environ={"AGENDAD_CONFIG": ""})
    assert done.status == 0
    assert f"agendad run --once --config {newcomer.folder / 'here.yaml'}" in done.out


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--email", "grace"], "--email: 'grace' is no mail address"),
        (["--timezone", "Europe/Londn"], "--timezone: `Europe/Londn` is no time zone; did you mean `Europe/London`?"),
        (["--language", "tlh"], "--language: there are no words in 'tlh'"),
        (["--holidays", "US-XX"], "--holidays: `US` has no part `XX`"),
        (["--account", "ics:nowhere"], "nowhere does not exist"),
        (["--account", "exchange"], "--account: 'exchange' is no kind of calendar"),
        (["--account", "outlook:x,authority=a b"], "--account: "),
        (["--mentor", "Ada"], "--mentor: this has no name and address"),
        (["--mentor", "Me <grace@example.org>"], "--mentor: grace@example.org is one of your own addresses"),
        (["--mentor", "Ada <ada@example.com>", "--mentee", "Bob <bob@example.com>"], "give one of them"),
        (["--their-timezone", "Europe/London"], "--their-timezone: whose?"),
    ],
)
def test_wrong_flag_exits_2_and_nothing_is_written(newcomer, flags, expected):
    done = newcomer.run("init", "--yes", *ME, "--account", "ics:calendar", *flags)
    assert (done.status, done.out) == (2, "")
    assert expected in done.err
    assert "Nothing was written." in done.err
    assert newcomer.nothing_written()


def test_all_that_is_wrong_with_flags_is_told_at_once(newcomer):
    done = newcomer.run("init", "--email", "grace", "--timezone", "Mars", "--account", "ics:nowhere")
    assert done.status == 2
    assert [line.partition(":")[0] for line in done.err.splitlines()][:3] == ["--email", "--timezone", "--account"]


def test_missing_flags_are_named_where_nobody_can_be_asked(newcomer):
    done = newcomer.run("init", "--name", "Grace")
    assert (done.status, done.out) == (2, "")
    assert "--account and --email are missing, and nobody can be asked here. Nothing was written." in done.err
    assert newcomer.nothing_written()


def test_existing_configuration_stays_unless_forced_and_is_kept_then(newcomer):
    newcomer.config.parent.mkdir()
    newcomer.config.write_text(CONFIG)
    done = newcomer.run(*ALL)
    assert (done.status, newcomer.config.read_text()) == (2, CONFIG)
    assert "There is a configuration already" in done.err
    assert "Nothing was written" in done.err
    forced = newcomer.run(*ALL, "--force")
    assert forced.status == 0, forced.err
    (backup,) = newcomer.config.parent.glob("*.bak")
    assert backup.read_text() == CONFIG
    assert str(backup) in forced.out
    assert "written by `agendad init`" in newcomer.config.read_text()
    assert newcomer.run(*ALL, "--force").status == 0
    assert len(list(newcomer.config.parent.glob("*.bak"))) == 2, "the second does not take the first one's place"


def test_configuration_behind_a_link_is_written_where_it_leads(newcomer):
    newcomer.config.parent.mkdir()
    kept = newcomer.folder / "dotfiles.yaml"
    kept.write_text(CONFIG)
    newcomer.config.symlink_to(kept)
    assert newcomer.run(*ALL, "--force").status == 0
    assert newcomer.config.is_symlink()
    assert "written by `agendad init`" in kept.read_text()


def test_place_that_cannot_be_written_is_told(newcomer):
    newcomer.config.parent.write_text("a file where a folder should be")
    done = newcomer.run(*ALL)
    assert (done.status, done.out) == (2, "")
    assert "cannot be written" in done.err
    assert "Nothing was changed" in done.err


def test_names_from_anywhere_are_kept_as_they_are(newcomer):
    odd = ["--name", 'Grace "Amazing" Hopper: #1', "--mentor", '"null, the" <ada@example.com>']
    (newcomer.folder / "my calendars, old").mkdir()
    words = ["init", "--yes", *odd, "--email", "grace@example.org", "--timezone", "Asia/Tokyo"]
    done = newcomer.run(*words, "--account", "ics:my calendars, old,name=old: one", "--json")
    assert done.status == 0, done.err
    shown = newcomer.run("check").out
    assert "accounts      old: one" in shown


# on a terminal


def test_person_answers_questions_and_a_bad_answer_is_asked_again_with_the_reason(newcomer, at_terminal):
    past_sessions(newcomer.home)
    terminal = at_terminal("init", "--timezone", "America/New_York")
    terminal.answers(
        ("Your name: ", "Grace Hopper"),
        ("commas\n  > ", "grace"),
        ("'grace' is no mail address\nYour mail addresses, all that you are invited under, with commas\n  > ",
         "grace@example.org, grace.hopper@example.com"),
        ("[de]: ", "en"),
        ("[US]: ", "US-XX"),
        ("[US]: ", "-"),
        ("google or outlook\n  > ", "nowhere"),
        ("google or outlook\n  > ", "calendar"),
        ("Enter for no more: ", ""),
        ("[mentor]: ", "friend"),
        ("[mentor]: ", "mentee"),
        ("<ada@example.com>\n  > ", "Ada"),
        ("<ada@example.com>\n  > ", "Ada Lovelace <ada@example.com>"),
        ("[-]: ", "Europe/London"),
    )  # fmt: skip
    status, shown = terminal.ends()
    assert status == 0
    assert "`US` has no part `XX`" in terminal.shown
    assert "5 sessions, 3 without an agenda: I would have reminded Ada 3 times," in shown
    text = newcomer.config.read_text("utf-8")
    assert "emails: [grace@example.org, grace.hopper@example.com]" in text
    assert "#:  holidays: US" in text
    assert newcomer.check()["warnings"] == []
    assert not [line for line in terminal.shown.splitlines() if len(line) > WIDTH and str(newcomer.folder) not in line]


def test_enter_takes_what_is_proposed(newcomer, at_terminal):
    terminal = at_terminal("init", "--name", "Grace", "--email", "grace@example.org", TZ="Europe/Berlin")
    terminal.answers(
        ("Your time zone [Europe/Berlin]: ", ""), ("[de]: ", ""), ("[DE]: ", ""),
        ("google or outlook\n  > ", str(newcomer.folder / "calendar")), ("Enter for no more: ", ""),
        ("[mentor]: ", "-"),
    )  # fmt: skip
    assert terminal.ends()[0] == 0
    assert "timezone: Europe/Berlin\n  language: de\n  holidays: DE\n" in newcomer.config.read_text("utf-8")


def test_ctrl_c_in_the_middle_leaves_nothing_and_says_so(newcomer, at_terminal):
    terminal = at_terminal("init", *ME)
    terminal.answers(("[de]: ", ""))
    terminal.until("[US]: ")
    terminal.interrupts()
    status, shown = terminal.ends()
    assert status == 130
    assert "interrupted: nothing was written or changed." in shown
    assert "Traceback" not in terminal.shown
    assert newcomer.nothing_written()


def test_ctrl_c_leaves_an_earlier_configuration_as_it_was(newcomer, at_terminal):
    newcomer.config.parent.mkdir()
    newcomer.config.write_text(CONFIG)
    terminal = at_terminal("init", "--force")
    terminal.until("Your name: ")
    terminal.interrupts("Gra")
    assert terminal.ends()[0] == 130
    assert newcomer.config.read_text() == CONFIG
    assert [one.name for one in newcomer.config.parent.iterdir()] == ["agendad.yaml"]


def test_end_of_input_in_the_middle_leaves_nothing_and_says_so(newcomer, at_terminal):
    terminal = at_terminal("init", *ME)
    terminal.until("[de]: ")
    terminal.types("\x04")
    status, shown = terminal.ends()
    assert (status, newcomer.nothing_written()) == (2, True)
    assert "The input ended before the last question. Nothing was written." in shown


# accounts on servers


@pytest.fixture
def google(home):
    with GoogleSimulator(parse_instant(NOW)) as simulator:
        simulator.add_person("grace@example.org", "America/New_York")
        simulator.client_secrets(home.folder / "client.json")
        yield simulator
    assert simulator.violations == []


def met_at_google(google):
    google.as_("grace@example.org").insert(
        "primary",
        {
            "summary": "Mentoring: Ada and Grace",
            "start": {"dateTime": "2026-11-17T15:00:00Z"},
            "end": {"dateTime": "2026-11-17T15:30:00Z"},
            "attendees": [{"email": "grace@example.org", "responseStatus": "accepted"}, {"email": "ada@example.com"}],
        },
        "none",
    )


def test_person_signs_in_to_google_and_sees_last_month(newcomer, google, at_terminal):
    google.now = parse_instant("2026-11-02T09:00:00Z")
    met_at_google(google)
    google.now = parse_instant(NOW)
    browser = newcomer.folder / "browser"
    browser.write_text(BROWSER.format(python=sys.executable))
    browser.chmod(0o755)
    account = f"google:client.json,api_root={google.api_root},name=work"
    terminal = at_terminal(
        "init", *ME, *ADA, "--language", "en", "--holidays", "-", "--account", account,
        **{**HEADLESS, "BROWSER": str(browser)},
    )  # fmt: skip
    terminal.answers(("Sign in to work (google) now? [Y/n] ", ""))
    status, shown = terminal.ends()
    assert status == 0, terminal.shown
    assert "signed in as grace@example.org" in shown
    assert "1 session, 1 without an agenda: I would have reminded Ada once" in " ".join(shown.split())
    assert "agendad login" not in shown.partition("What to do next")[2]
    assert (newcomer.folder / "state" / "tokens" / "work.token").exists()


def test_ctrl_c_at_the_sign_in_keeps_the_whole_configuration_and_no_sign_in(newcomer, google, at_terminal):
    account = f"google:client.json,api_root={google.api_root},name=work"
    terminal = at_terminal(
        "init", *ME, *ADA, "--language", "en", "--holidays", "-", "--account", account,
        **{**HEADLESS, "BROWSER": "true"},
    )  # fmt: skip
    terminal.answers(("Sign in to work (google) now? [Y/n] ", "y"))
    terminal.until_seen("Waiting for it")
    terminal.interrupts()
    status, shown = terminal.ends()
    assert status == 130
    assert "no sign-in was stored" in shown
    assert "the configuration is written; what follows was left out." in shown
    assert "agendad login work" in shown
    assert newcomer.check()["ok"]
    assert not (newcomer.folder / "state" / "tokens" / "work.token").exists()


def test_accounts_that_wait_for_a_sign_in_are_told_and_no_failure(newcomer, google):
    past_sessions(newcomer.home)
    account = f"google:client.json,api_root={google.api_root},name=work"
    done = newcomer.run(*ALL, "--account", account)
    assert done.status == 0, done.err
    told = " ".join(done.out.split())
    assert "account work is not in this: Nobody has signed in to account work." in told
    assert "5 sessions, 3 without an agenda" in told
    assert "agendad login work sign in to it" in told
    assert google.requests == []


def test_outlook_account_takes_its_application_and_authority(newcomer):
    with GraphSimulator(parse_instant(NOW)) as graph:
        more = f"authority={graph.root}/common,api_root={graph.api_root}"
        done = newcomer.run("init", "--yes", *ME, *ADA, "--account", f"outlook:{CLIENT_ID},{more}")
    assert done.status == 0, done.err
    assert f"client_id: {CLIENT_ID}" in newcomer.config.read_text("utf-8").replace('"', "")
    assert "agendad login outlook" in done.out


def test_commands_to_type_next_work(newcomer):
    past_sessions(newcomer.home)
    done = newcomer.run(*ALL)
    commands = [line.strip() for line in done.out.partition("What to do next")[2].splitlines() if "  agendad" in line]
    assert commands[:3] == ["agendad run --once", "agendad summary", "agendad doctor"]
    for command in commands[:3]:
        assert newcomer.run(*shlex.split(command)[1:]).status == 0
    assert Path(newcomer.folder / "state" / "agendad.db").exists()
