"""What a user meets over days: summaries, renamed accounts, dry runs beside a service."""

import subprocess

from end_to_end.conftest import spoken

THURSDAY = {"start": "20261203T160000Z", "end": "20261203T163000Z"}
TONIGHT = {"start": "20261130T200000Z", "end": "20261130T203000Z"}
AGENDA = "Agenda:\\n- review the draft of chapter three"
HOSTILE = "$(touch pwned)`id`\"' ; rm -rf x"


def summary(home, *arguments, now="2026-11-30T08:30:00-05:00"):
    return home.run("summary", "--json", *arguments, now=now).json


def test_summary_tells_each_decision_once_also_when_it_is_sent_in_the_same_second(home):
    home.invite("bad.ics", **THURSDAY)
    home.run("run", "--once")
    assert [line["action"] for line in summary(home, "--send")["would"]] == ["nudge"]
    assert summary(home)["would"] == []
    evening = "2026-12-01T17:35:00-05:00"
    home.run("run", "--once", now="2026-12-01T09:00:00-05:00")  # also sends what was due at 17:30 the day before
    home.run("run", "--once", now=evening)
    assert len(list((home.folder / "state" / "outbox").glob("*.eml"))) == 3
    assert summary(home, now=evening)["would"] == []


def test_question_is_told_in_each_summary_until_it_is_settled(home):
    home.invite("tonight.ics", **TONIGHT)
    home.run("run", "--once")
    for _ in range(2):
        assert any(line["what"].startswith("Mentoring") for line in summary(home, "--send")["needs_you"])
    home.invite("tonight.ics", start="20261130T200000Z", end="20261130T203000Z", body=AGENDA)
    home.run("run", "--once")
    assert not any("no agenda" in line["why"] for line in summary(home)["needs_you"])


def test_step_that_waits_is_told_each_day_and_no_more_once_it_is_moot(home):
    home.configure(home.config + "limits: {max_actions_per_run: 0}\n")
    home.invite("bad.ics", **THURSDAY)
    for now in ("2026-11-30T08:30:00-05:00", "2026-12-01T08:30:00-05:00"):
        home.run("run", "--once", now=now)
        assert [line["why"] for line in summary(home, "--send", now=now)["skipped"]] == [
            "max_actions_per_run (0) is reached"
        ]
    home.invite("bad.ics", **THURSDAY, body=AGENDA)
    home.run("run", "--once", now="2026-12-01T08:40:00-05:00")
    assert summary(home, now="2026-12-01T08:40:00-05:00")["skipped"] == []


def test_command_to_paste_is_one_word_for_the_shell_whatever_the_uid_holds(home):
    path = home.invite("tonight.ics", **TONIGHT)
    path.write_text(path.read_text("utf-8").replace("UID:tonight@example.org", f"UID:{HOSTILE}"), "utf-8")
    home.run("run", "--once")
    commands = {line["how"] for line in summary(home)["needs_you"] if line["how"].startswith("agendad explain")}
    assert commands
    for command in commands:
        said = command.replace("agendad explain", "printf %s", 1)
        shell = subprocess.run(["sh", "-c", said], cwd=home.folder, capture_output=True, text=True, check=True)
        assert shell.stdout == HOSTILE
    assert not (home.folder / "pwned").exists()
    assert home.run("explain", HOSTILE).status == 0


def test_renamed_account_leaves_no_session_behind(home):
    path = home.invite("bad.ics", **THURSDAY)
    home.run("run", "--once")
    home.configure(home.config.replace("name: home", "name: house"))
    home.run("run", "--once")
    assert [session["account"] for session in home.run("sessions", "--json").json["sessions"]] == ["house"]
    path.unlink()
    home.run("run", "--once")
    assert home.run("sessions", "--json").json["sessions"] == []


def test_first_dry_run_leaves_nothing_behind(home):
    home.invite("bad.ics", **THURSDAY)
    assert [action["action"] for action in home.run("run", "--dry-run", "--json").json["actions"]] == ["nudge"]
    assert not (home.folder / "state").exists()


def test_dry_run_works_beside_a_service_whose_lines_hold_no_control_characters(home):
    path = home.invite("bad.ics", **THURSDAY)
    path.write_text(path.read_text("utf-8").replace("UID:bad@example.org", "UID:bad\x1b[2Jx"), "utf-8")
    service = home.start("run")
    try:
        lines = [spoken(service.stderr.readline()), spoken(service.stderr.readline())]
        assert f"state folder: {home.folder / 'state'};" in lines[0]
        assert "would nudge" in lines[1]
        assert not any("\x1b" in line or "bad" in line for line in lines), "nor what a stranger calls an event"
        assert home.run("run", "--dry-run").status == 0
    finally:
        service.kill()
        service.communicate()


def test_service_takes_no_confirmation_for_all_time(home):
    result = home.run("run", "--confirm", "home")
    assert result.status == 2
    assert "--once" in result.err
    assert "Nothing was done" in result.err
