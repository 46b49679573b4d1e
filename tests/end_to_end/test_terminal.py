"""What people meet at the keyboard: completion in a real shell, help, colours and bars on a real terminal."""

import contextlib
import fcntl
import io
import os
import pty
import shlex
import shutil
import struct
import subprocess
import termios
from pathlib import Path

import pytest
from end_to_end.conftest import COMMAND, CONFIG, NOW

from agendad.daemon import cli

ASKING = CONFIG.replace("version: 1\n", "version: 1\nmode: approve\nmail: {transport: file, from: grace@example.org}\n")
WIDTH = 80

COMPLETED = """\
eval "$(agendad completion bash)"
line=$1
COMP_LINE=$line COMP_POINT=${#line} COMP_TYPE=9
read -ra COMP_WORDS <<< "$line"
[[ $line == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
_python_argcomplete agendad
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(home, line):
    """What bash offers after a line."""
    environ = {**home.environ, "AGENDAD_NOW": NOW, "PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [shutil.which("bash") or "bash", "--norc", "-c", COMPLETED, "bash", line],
        env=environ, cwd=home.folder, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return [offered.strip() for offered in done.stdout.splitlines() if offered.strip()]


def on_terminal(home, *arguments, **environ):
    """What a command shows on a terminal, both streams in one."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, WIDTH, 0, 0))
    process = subprocess.Popen(
        [COMMAND, *arguments], cwd=home.folder, stdin=theirs, stdout=theirs, stderr=theirs,
        env={**home.environ, "AGENDAD_NOW": NOW, "TERM": "xterm-256color", "COLUMNS": "80", **environ},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    try:
        while more := os.read(ours, 65536):
            shown += more
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait(60) in (0, 1)
    return shown.decode()


@pytest.fixture
def asking(home):
    """Somebody of whom something was asked."""
    home.configure(ASKING)
    home.invite("one.ics", start="20261202T150000Z", end="20261202T153000Z")
    home.invite("two.ics", start="20261209T150000Z", end="20261209T153000Z", title="Mentoring: long ahead")
    assert home.run("run", "--once").status == 0
    return home


def test_shell_completes_commands_options_and_names(asking):
    assert completed(asking, "agendad unp") == []
    assert completed(asking, "agendad pau") == ["pause"]
    assert "--dry-run" in completed(asking, "agendad run --")
    assert completed(asking, "agendad pause ") == ["grace-ada"]
    assert completed(asking, "agendad login ") == ["home"]
    assert completed(asking, "agendad templates show cancel.org") == ["cancel.organizer"]


def test_shell_completes_sessions_and_what_waits(asking):
    assert completed(asking, "agendad explain ") == ["one@example.org", "two@example.org"]
    waiting = [action["id"] for action in asking.run("pending", "--json").json["actions"]]
    assert waiting
    assert completed(asking, "agendad approve ") == waiting
    assert completed(asking, "agendad undo ") == []


def test_shell_is_offered_nothing_where_the_configuration_is_broken(home):
    home.configure("mode: perhaps")
    assert completed(home, "agendad pause ") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_a_shell_reads_names_the_command(home, shell):
    assert "agendad" in home.run("completion", shell).out


@pytest.mark.parametrize("name", sorted(cli._EXAMPLES))
def test_examples_in_the_help_are_right(name):
    for example, _ in cli._EXAMPLES[name]:
        words = shlex.split(example.partition(" > ")[0])
        assert cli.parser(words).parse_args(words).module
        assert f"  agendad {example}\n" in help_of(name)


def help_of(name):
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as shown:
        patch.setenv("COLUMNS", "80")
        with pytest.raises(SystemExit):
            cli.parser([name]).parse_args([*name.split(), "--help"])
    return shown.getvalue()


@pytest.mark.parametrize("name", ["", "completion", "demo", "mail", "sessions", "pending", *sorted(cli._EXAMPLES)])
def test_help_fits_eighty_columns(name):
    assert not [line for line in help_of(name).splitlines() if len(line) > WIDTH]


def test_marks_are_coloured_on_a_terminal_only(asking):
    assert "\x1b[31m✗\x1b[0m" in on_terminal(asking, "sessions")
    assert "\x1b" not in on_terminal(asking, "sessions", NO_COLOR="1")
    assert "\x1b" not in on_terminal(asking, "sessions", TERM="dumb")
    assert "\x1b" not in asking.run("sessions").out


def test_long_work_shows_how_far_it_is_on_a_terminal_only(home):
    event = home.invite("one.ics", start="20261202T150000Z", end="20261202T153000Z").read_text("utf-8")
    begin, end = event.index("BEGIN:VEVENT"), event.index("END:VCALENDAR")
    events = "".join(event[begin:end].replace("UID:one", f"UID:{number}") for number in range(8000))
    Path(home.calendar / "one.ics").write_text(f"{event[:begin]}{events}END:VCALENDAR\n", "utf-8", newline="\r\n")
    shown = on_terminal(home, "lint", "calendar")
    assert "reading: " in shown
    assert "judging: " in shown
    assert home.run("lint", "calendar").err == ""


def test_lines_fit_eighty_columns(asking):
    asking.run("pause", "--session", "long ahead", "--because", "a walk instead, as the two of them agreed")
    for line in (
        "sessions", "history", "pending", "templates", "explain one@example.org", "pause --list", "summary",
        "run --once", "check", "lint calendar", "demo", "status", "doctor",
    ):  # fmt: skip
        shown = asking.run(*line.split()).out
        assert not [
            each for each in shown.splitlines() if len(each) > WIDTH and asking.folder.as_posix() not in each
        ], line


def test_session_can_be_named_with_its_day(home):
    invite = home.invite("weekly.ics", start="20261202T150000Z", end="20261202T153000Z")
    text = invite.read_text("utf-8").replace("SUMMARY:", "RRULE:FREQ=WEEKLY;COUNT=4\nSUMMARY:")
    invite.write_text(text, "utf-8", newline="\r\n")
    assert home.run("run", "--once").status == 0
    explained = home.run("explain", "Ada and Grace 2026-12-16", "--json").json
    assert explained["start"] == "2026-12-16T15:00:00Z"
    assert home.run("explain", "2026-12-09", "--json").json["start"] == "2026-12-09T15:00:00Z"
    assert home.run("explain", "Ada and Grace 2026-12-17").status == 2
    paused = home.run("pause", "--session", "weekly@example.org 2026-12-16", "--json").json["paused"]
    assert [pause["recurrence_id"] for pause in paused] == ["2026-12-16T15:00:00Z"]


def test_explain_tells_what_would_stop_it_and_that_does(home):
    home.configure(ASKING.replace("approve", "act"))
    invite = home.invite("weekly.ics", start="20261203T150000Z", end="20261203T153000Z", body="Agenda: TBD")
    text = invite.read_text("utf-8").replace("SUMMARY:", "RRULE:FREQ=WEEKLY;COUNT=4\nSUMMARY:")
    invite.write_text(text, "utf-8", newline="\r\n")
    assert home.run("run", "--once").status == 0
    told = home.run("explain", "Ada and Grace").out
    assert "    - an agenda in the invite: " in told
    (command,) = (line.partition("- agendad ")[2] for line in told.splitlines() if "- agendad pause" in line)
    assert home.run(*shlex.split(command)).status == 0
    assert "It is held back. To go on: agendad resume" in home.run("explain", "Ada and Grace").out


def test_explain_tells_how_a_cancellation_is_taken_back(home):
    home.configure(ASKING.replace("approve", "act") + "limits: {grace: 0h}\n")
    home.invite("one.ics", start="20261203T150000Z", end="20261203T153000Z")
    for now in ("2026-11-30T08:30:00-05:00", "2026-12-01T09:30:00-05:00", "2026-12-02T09:45:00-05:00"):
        assert home.run("run", "--once", now=now).status == 0
    told = home.run("explain", "Ada and Grace", now="2026-12-02T09:50:00-05:00").out
    assert "This session is settled (cancel); nothing more is planned for it. To take it\nback: agendad undo" in told
