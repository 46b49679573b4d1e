"""edit, and pauses of sessions, through the installed command."""

import subprocess
import sys
from pathlib import Path

import pytest

AGENDAD = Path(sys.executable).with_name("agendad")

CONFIG = """\
version: 1
mode: approve
sync: {every: 60m}
me: {name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}
accounts: [{name: home, provider: ics, path: calendar}]
mentorships:
  - name: grace-ada
    mentor: me
    mentee: {name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}
    met: true
limits: {grace: 0h}
rules: {agenda: {ladder: [{before: 36h, do: cancel}]}, ownership: {enabled: false}}
mail: {transport: file}
"""
TOMORROW = {"start": "20261201T150000Z", "end": "20261201T153000Z"}
EDITOR = """\
import pathlib, sys
path = pathlib.Path(sys.argv[1])
text = path.read_text("utf-8")
assert text.startswith("Subject: Cancelled: our session on Tue 1 Dec\\n\\nHi Ada,")
path.write_text({text!r}, "utf-8")
"""


@pytest.fixture
def asking(home):
    home.configure(CONFIG)
    home.invite("bad.ics", **TOMORROW)
    home.run("run", "--once")
    return home


def pending(home):
    (action,) = home.run("pending", "--json").json["actions"]
    return action


def editor(home, text):
    script = home.folder / "editor.py"
    script.write_text(EDITOR.format(text=text), "utf-8")
    return {"EDITOR": f"{sys.executable} {script}"}


def mail_to_ada(home):
    found = [path.read_text("utf-8") for path in (home.folder / "state" / "outbox").glob("*.eml")]
    (mail,) = [mail for mail in found if "\nTo: ada@example.com" in mail]
    return mail


def test_edited_text_is_shown_kept_and_sent_after_the_yes(asking):
    id_ = pending(asking)["id"]
    environ = editor(asking, "Subject: Not this time\n\nDear Ada,\n\nmy own words.\n")
    edited = asking.run("edit", id_[:5], environ=environ)
    assert edited.status == 0, edited.err
    assert "Subject: Not this time" in edited.out
    assert f"this is what goes out after your yes:\nagendad approve {id_}" in edited.out
    assert "in your own words" in asking.run("pending").out
    assert pending(asking)["text"] == {
        "channel": "notice",
        "subject": "Not this time",
        "body": "Dear Ada,\n\nmy own words.",
    }
    assert [path.name for path in (asking.folder / "state").iterdir() if "edit" in path.name] == []
    assert asking.run("approve", id_).status == 0
    mail = mail_to_ada(asking)
    assert "Subject: Not this time" in mail
    assert "my own words." in mail
    assert "in your own words" in " ".join(asking.run("history").out.split())
    late = asking.run("edit", id_, environ=environ)
    assert (late.status, "it is confirmed. Nothing was changed" in late.err) == (2, True)


def test_text_that_is_edited_beside_a_running_service_is_what_the_service_sends(asking):
    id_ = pending(asking)["id"]
    process = asking.start("run")
    try:
        lines = iter(process.stderr.readline, "")
        assert any("asks before it acts" in line for line in lines)
        environ = editor(asking, "Subject: Not this time\n\nmy own words\n")
        edited = asking.run("edit", id_, environ=environ)
        assert edited.status == 0, edited.err
        assert "the running service" in asking.run("approve", id_).out
        assert any(f"{id_} confirmed" in line for line in lines)
    finally:
        process.terminate()
        process.communicate(timeout=15)
    assert "Subject: Not this time" in mail_to_ada(asking)


def test_text_from_the_command_line_and_from_standard_input(asking):
    id_ = pending(asking)["id"]
    (asking.folder / "words.txt").write_text("Dear Ada\n", "utf-8")
    shape = asking.run("edit", id_, "--body", "words.txt", "--json").json
    assert (shape["changed"], shape["action"]["text"]["body"], shape["action"]["edited"]) == (True, "Dear Ada", True)
    command = [AGENDAD, "edit", id_, "--subject", "Hello", "--body", "-", "--json"]
    environ = {**asking.environ, "AGENDAD_NOW": "2026-11-30T08:30:00-05:00"}
    done = subprocess.run(
        command, cwd=asking.folder, env=environ, input="From a pipe\n", capture_output=True, text=True, check=True
    )
    assert '"subject": "Hello"' in done.stdout
    assert pending(asking)["text"]["body"] == "From a pipe"
    reset = asking.run("edit", id_, "--reset", "--json").json
    assert (reset["action"]["edited"], reset["action"]["text"]["subject"]) == (
        False,
        "Cancelled: our session on Tue 1 Dec",
    )


def test_text_that_is_left_as_it_was_is_no_edit(asking):
    result = asking.run("edit", pending(asking)["id"], environ={"EDITOR": "true"})
    assert (result.status, "the text is as it was" in result.out) == (0, True)
    assert not pending(asking)["edited"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Subject: Hello\n\n\n", "the text is empty"),
        ("Subject:\n\nMy words\n", "the subject is empty"),
        ("My words\n", "the first line is not “Subject: …” any more"),
    ],
)
def test_text_that_cannot_go_out_is_refused_and_not_lost(asking, text, said):
    before = pending(asking)
    result = asking.run("edit", before["id"], environ=editor(asking, text))
    assert result.status == 2
    assert said in result.err
    assert "Nothing was changed" in result.err
    assert "agendad pending" in result.err
    assert text.strip() in result.err
    assert pending(asking) == before


def test_edit_without_an_editor_says_what_to_do(asking):
    result = asking.run("edit", pending(asking)["id"], environ={"EDITOR": "", "VISUAL": ""})
    assert (result.status, "give --subject and --body" in result.err) == (2, True)


def test_answer_that_is_given_while_the_user_writes_wins(asking):
    id_ = pending(asking)["id"]
    script = asking.folder / "slow.py"
    script.write_text(
        "import pathlib, subprocess, sys\n"
        f"subprocess.run([{str(AGENDAD)!r}, 'reject', {id_!r}], check=True)\n"
        "pathlib.Path(sys.argv[1]).write_text('Subject: Late\\n\\nmy words')\n"
    )
    result = asking.run("edit", id_, environ={"EDITOR": f"{sys.executable} {script}"})
    assert (result.status, "it is rejected by now" in result.err, "my words" in result.err) == (2, True, True)


def test_one_session_is_paused_shown_and_goes_on(asking):
    asking.run("reject", pending(asking)["id"])
    asking.invite("two.ics", start="20261201T170000Z", end="20261201T173000Z", title="Mentoring: two")
    assert asking.run("pause", "--session", "two").status == 2  # not read yet
    asking.run("run", "--once")
    done = asking.run("pause", "--session", "two@", "--until", "2026-12-24", "--because", "she is ill")
    assert done.status == 0, done.err
    line = "paused: Mentoring: two, Tue 1 Dec 2026 12:00 EST, until Thu 24 Dec 2026 00:00 EST (she is ill)"
    for command in (["pause", "--list"], ["sessions"], ["explain", "two@example.org"], ["summary"], ["pending"]):
        assert line in " ".join(asking.run(*command).out.split()), command
    (shape,) = [one for one in asking.run("sessions", "--json").json["sessions"] if one["uid"] == "two@example.org"]
    assert (shape["paused"]["kind"], shape["paused"]["because"]) == ("session", "she is ill")
    assert "agendad resume --session two@example.org" in asking.run("explain", "two@example.org").out
    assert "goes on" in asking.run("resume", "--session", "Mentoring: two").out
    assert asking.run("pause", "--list").out == "nothing is paused\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pause", "--session", "zzz"], "no event has the UID or title 'zzz'"),
        (["pause", "grace-ada", "--series", "bad"], "name one thing"),
        (["pause", "--list", "--because", "x"], "--list only lists"),
        (["resume", "--session", "bad"], "no paused session fits 'bad'"),
        (["resume", "--series", "bad"], "no paused series fits 'bad'"),
    ],
)
def test_pause_of_what_is_not_there_changes_nothing(asking, arguments, said):
    result = asking.run(*arguments)
    assert (result.status, said in result.err, "Nothing was changed" in result.err) == (2, True, True), result.err


def test_series_is_paused_and_goes_on(asking):
    assert "the series Mentoring: Ada and Grace" in asking.run("pause", "--series", "bad").out
    assert asking.run("pause", "--list", "--json").json["paused"][0]["target"] == "bad@example.org"
    assert "goes on" in asking.run("resume", "--series", "bad").out
