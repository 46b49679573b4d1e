"""The installed command on real files: what a user meets."""

import email
import email.policy
import json
import os
import signal
import time

NOW = "2026-11-30T08:30:00-05:00"
AGENDA = "Agenda:\\n- review the draft of chapter three\\n- how to ask for feedback\\n\\nhttps://meet.google.com/abc-mnop-xyz"
THURSDAY = {"start": "20261203T160000Z", "end": "20261203T163000Z"}
LATER = {"start": "20261209T160000Z", "end": "20261209T163000Z"}


def test_lint_tells_good_and_bad_invites_apart_in_the_contracts_shape(home):
    home.invite("good.ics", **THURSDAY, body=AGENDA)
    home.invite("bad.ics", **LATER)
    home.invite("dentist.ics", start="20261209T170000Z", end="20261209T173000Z", title="Dentist")
    (home.calendar / "broken.ics").write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nnonsense\n")
    result = home.run("lint", "calendar", "--json", "--at", NOW)
    assert result.status == 1, "a refused file is a failure"
    report = result.json
    assert report["schema"] == "agendad.lint/1"
    assert report["at"] == "2026-11-30T13:30:00Z"
    assert {"source", "line", "message"} <= set(report["errors"][0])
    by_uid = {session["uid"]: session for session in report["sessions"]}
    good, bad = by_uid["good@example.org"], by_uid["bad@example.org"]
    assert good["is_mentorship"] is True
    assert (good["mentorship"], good["my_role"], good["recurrence_id"]) == ("grace-ada", "mentee", None)
    assert good["findings"] == good["plan"] == []
    assert [finding["code"] for finding in bad["findings"]] == ["agenda.missing"]
    assert [(step["action"], step["due"]) for step in bad["plan"]] == [
        ("nudge", "2026-12-05T16:00:00Z"),
        ("hold", "2026-12-07T04:00:00Z"),
        ("cancel", "2026-12-08T04:00:00Z"),
    ]
    assert [step["to"] for step in bad["plan"]] == [["grace@example.org"], ["ada@example.com"], ["ada@example.com"]]
    assert not (home.folder / "state").exists(), "lint remembers nothing"


def test_lint_exits_1_on_findings_only_when_strict(home):
    path = str(home.invite("bad.ics", **LATER))
    assert home.run("lint", path).status == 0
    assert home.run("lint", path, "--strict").status == 1


def test_lint_judges_a_session_where_the_user_is_away(home):
    home.configure(
        home.config.replace(
            "timezone: America/New_York}",
            "timezone: America/New_York,\n  away: [{from: 2026-12-10, to: 2026-12-20, timezone: Asia/Tokyo}]}",
        )
    )
    home.invite("home.ics", start="20261208T150000Z", end="20261208T153000Z", body=AGENDA)
    home.invite("away.ics", start="20261215T150000Z", end="20261215T153000Z", body=AGENDA)
    by_uid = {one["uid"]: one for one in home.run("lint", "calendar", "--json").json["sessions"]}
    assert by_uid["home@example.org"]["findings"] == []
    (finding,) = by_uid["away@example.org"]["findings"]
    assert finding["code"] == "timezone.outside-working-hours"
    assert finding["evidence"] == (
        "for Grace Hopper it is Wed 16 Dec, 00:00–00:30 in Tokyo (JST) while away, outside 09:00–17:00"
    )
    shown = home.run("lint", "calendar").out
    assert "Tue 8 Dec 2026 10:00 EST  Mentoring" in shown
    assert "Wed 16 Dec 2026 00:00 JST  Mentoring" in shown


def test_summary_of_a_user_who_is_away_comes_at_their_hour_there_and_names_the_place(home):
    home.configure(
        home.config.replace(
            "timezone: America/New_York}",
            "timezone: America/New_York,\n  away: [{from: 2026-12-01, to: 2026-12-20, timezone: Asia/Tokyo}]}",
        )
    )
    home.invite("away.ics", start="20261203T030000Z", end="20261203T033000Z")
    home.run("run", "--once", now="2026-12-01T09:00:00+09:00")
    outbox = home.folder / "state" / "outbox"
    home.run("run", "--once", now="2026-12-01T17:25:00+09:00")
    assert not outbox.exists()
    home.run("run", "--once", now="2026-12-01T17:35:00+09:00")
    (path,) = outbox.glob("*.eml")
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    text = " ".join(message.get_body(("plain",)).get_content().split())
    assert message["Date"].endswith("+0900")
    assert "Thu 3 Dec 12:00–12:30 JST (you, Tokyo, while away) · 03:00–03:30 GMT (Ada, London)" in text


def test_lint_names_a_path_that_is_not_there(home):
    result = home.run("lint", "nowhere.ics", "--json")
    assert result.status == 1
    assert "nowhere.ics" in result.json["errors"][0]["source"]


def test_run_once_records_what_it_would_do_and_the_second_run_is_silent(home):
    home.invite("bad.ics", **THURSDAY)
    before = {path: path.read_bytes() for path in home.calendar.iterdir()}
    first = home.run("run", "--once", "--json")
    assert first.status == 0, first.err
    assert first.json["schema"] == "agendad.run/1"
    assert first.json["accounts"][0]["name"] == "home"
    assert first.json["accounts"][0]["changed"] == 1
    (action,) = first.json["actions"]
    assert (action["action"], action["effect"], action["state"]) == ("nudge", "mail", "would")
    assert (action["uid"], action["recurrence_id"], action["rule"]) == ("bad@example.org", None, "agenda")
    assert action["to"] == ["grace@example.org"]
    second = home.run("run", "--once", "--json").json
    assert (second["actions"], second["accounts"][0]["changed"]) == ([], 0)
    assert {path: path.read_bytes() for path in home.calendar.iterdir()} == before, "observe mode changes nothing"


def test_ladder_goes_on_rung_by_rung_as_time_passes_in_observe_mode(home):
    home.invite("bad.ics", **THURSDAY)
    seen = []
    for now in ("2026-11-30T08:30:00-05:00", "2026-12-01T09:00:00-05:00", "2026-12-02T09:00:00-05:00"):
        seen += [(one["action"], one["state"]) for one in home.run("run", "--once", "--json", now=now).json["actions"]]
    assert seen == [("nudge", "would"), ("hold", "would"), ("cancel", "would")]


def test_agenda_written_in_the_meantime_stops_the_ladder(home):
    home.invite("bad.ics", **THURSDAY)
    home.run("run", "--once")
    home.invite("bad.ics", **THURSDAY, body=AGENDA)
    assert home.run("run", "--once", "--json", now="2026-12-02T09:00:00-05:00").json["actions"] == []
    (session,) = home.run("sessions", "--json").json["sessions"]
    assert session["findings"] == []


def test_sessions_begins_with_each_mentorship_at_a_glance(home):
    home.invite("held.ics", start="20261116T150000Z", end="20261116T154500Z", body=AGENDA)
    home.invite("next.ics", **THURSDAY)
    home.run("run", "--once")
    shown = home.run("sessions").out
    first, second, *_ = shown.splitlines()
    assert first == "Ada Lovelace (grace-ada): you are the mentee, the logistics are yours"
    assert second.startswith("    last: Mon 16 Nov 2026 10:00 EST · next: Thu 3 Dec")
    (pair,) = home.run("sessions", "--json").json["mentorships"]
    assert (pair["name"], pair["last"], pair["agenda"]) == ("grace-ada", "2026-11-16T15:00:00Z", "none yet")
    assert (pair["sessions_held"], pair["sessions_this_quarter"]) == (1, 2)


def test_dry_run_shows_the_same_and_records_nothing(home):
    home.invite("bad.ics", **THURSDAY)
    dry = home.run("run", "--dry-run", "--json").json
    assert [action["action"] for action in dry["actions"]] == ["nudge"]
    assert home.run("run", "--once", "--json").json["actions"] == dry["actions"]


def test_summary_is_printed_and_sent_as_one_mail_with_text_and_html(home):
    home.invite("bad.ics", **THURSDAY)
    home.run("run", "--once")
    shown = home.run("summary", "--send")
    assert shown.status == 0, shown.err
    assert "Ada" in shown.out
    assert max(map(len, shown.out.splitlines()[:-1])) <= 80
    home.run("summary", "--send")
    (path,) = (home.folder / "state" / "outbox").glob("*.eml")
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert message["To"] == "grace@example.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert {part.get_content_type() for part in message.walk()} >= {"text/plain", "text/html"}


def test_summary_is_sent_by_itself_at_its_hour_and_once(home):
    home.invite("bad.ics", **THURSDAY)
    home.run("run", "--once")
    outbox = home.folder / "state" / "outbox"
    assert not outbox.exists()
    for now in ("2026-11-30T17:35:00-05:00", "2026-11-30T18:35:00-05:00"):
        home.run("run", "--once", now=now)
        assert len(list(outbox.glob("*.eml"))) == 1


def test_explain_says_why_and_why_not(home):
    home.invite("bad.ics", **THURSDAY)
    home.invite("dentist.ics", **LATER, title="Dentist appointment")
    home.run("run", "--once")
    why = home.run("explain", "bad@example.org")
    assert why.status == 0, why.err
    assert "why it is a session" in why.out
    assert "agenda.missing" in why.out
    why_not = home.run("explain", "dentist")
    assert "why it is no session" in why_not.out
    shape = home.run("explain", "dentist", "--json").json
    assert shape["is_mentorship"] is False
    assert shape["evidence"]
    nothing = home.run("explain", "no such thing")
    assert (nothing.status, nothing.out) == (2, "")
    assert "no event has" in nothing.err


def test_commands_that_look_back_say_so_before_the_first_pass(home):
    for command in (["sessions"], ["explain", "x"], ["summary"]):
        result = home.run(*command)
        assert result.status == 2
        assert "agendad run --once" in result.err


def test_wrong_configuration_is_told_whole_and_nothing_is_done(home):
    home.configure(home.config + "limits: {max_cancel_per_day: 3, grace: soon}\n")
    result = home.run("run", "--once")
    assert result.status == 2
    assert "agendad.yaml:10:10" in result.err
    assert "max_cancels_per_day" in result.err
    assert "grace" in result.err
    assert "Traceback" not in result.err
    assert not (home.folder / "state").exists()


def test_check_tells_what_is_right(home):
    result = home.run("check")
    assert result.status == 0, result.err
    assert "grace-ada" in result.out
    shape = home.run("check", "--json").json
    assert (shape["ok"], shape["errors"]) == (True, [])
    schema = home.run("check", "--schema").json
    assert schema["additionalProperties"] is False


def test_failing_account_does_not_stop_the_others_and_shows_in_the_exit_status(home):
    home.configure(home.config.replace("accounts:\n", "accounts:\n  - {name: gone, provider: ics, path: nowhere}\n"))
    home.invite("bad.ics", **THURSDAY)
    result = home.run("run", "--once", "--json")
    assert result.status == 1
    accounts = {account["name"]: account for account in result.json["accounts"]}
    assert (accounts["gone"]["ok"], accounts["home"]["ok"]) == (False, True)
    assert "nowhere" in accounts["gone"]["error"]
    assert [action["action"] for action in result.json["actions"]] == ["nudge"]


def test_many_events_gone_at_once_are_not_believed_until_confirmed(home):
    for day in range(10, 25):
        home.invite(f"s{day}.ics", start=f"202612{day}T160000Z", end=f"202612{day}T163000Z", body=AGENDA)
    home.run("run", "--once")
    for path in list(home.calendar.iterdir())[:12]:
        path.unlink()
    (account,) = home.run("run", "--once", "--json").json["accounts"]
    assert account["vanished"] == 12
    assert "--confirm home" in account["held"][0]
    assert len(home.run("sessions", "--json").json["sessions"]) == 15
    home.run("run", "--once", "--confirm", "home")
    assert len(home.run("sessions", "--json").json["sessions"]) == 3


def test_good_sessions_that_turn_bad_together_hold_the_calendar_back(home):
    days = ("01", "02", "03", "04")
    for day in days:
        home.invite(f"s{day}.ics", start=f"202612{day}T160000Z", end=f"202612{day}T163000Z", body=AGENDA)
    home.run("run", "--once")
    for day in days:
        home.invite(f"s{day}.ics", start=f"202612{day}T160000Z", end=f"202612{day}T163000Z")
    result = home.run("run", "--once", "--json").json
    assert "lost their agenda" in result["accounts"][0]["held"][0]
    assert {action["state"] for action in result["actions"]} == {"skipped"}
    confirmed = home.run("run", "--once", "--confirm", "home", "--json").json
    assert confirmed["accounts"][0]["held"] == []
    assert "would" in {action["state"] for action in confirmed["actions"]}


def test_fixed_clock_is_refused_when_anything_is_remote(home):
    caldav = '  - {name: work, provider: caldav, url: "https://dav.example.org", username: grace}\n'
    home.configure(home.config.replace("mentorships:", caldav + "mentorships:"))
    result = home.run("run", "--once")
    assert result.status == 2
    assert "AGENDAD_NOW" in result.err


def test_service_makes_a_pass_at_once_refuses_a_second_and_stops_on_sigterm(home):
    home.invite("bad.ics", **THURSDAY)
    service = home.start("run")
    try:
        lines = [service.stderr.readline(), service.stderr.readline()]
        assert "observes" in lines[0]
        assert "would nudge" in lines[1]
        second = home.run("run", "--once")
        assert second.status == 2
        assert f"process {service.pid}" in second.err
        assert home.run("sessions").status == 0, "looking is allowed meanwhile"
        begun = time.monotonic()
        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=10) == 0
        assert time.monotonic() - begun < 10
    finally:
        service.kill()
        service.communicate()
    assert home.run("run", "--once").status == 0


def test_output_into_a_closed_pipe_gives_no_traceback(home):
    reading, writing = os.pipe()
    os.close(reading)
    for number in range(20):
        home.invite(f"s{number}.ics", **LATER)
    done = home.start("lint", "calendar", stdout=writing)
    os.close(writing)
    assert "Traceback" not in done.communicate(timeout=60)[1]


def test_demo_runs_the_whole_job_without_anything(home):
    (home.folder / "agendad.yaml").unlink()
    result = home.run("demo", now=None)
    assert result.status == 0, result.err
    assert "0 new decisions" in result.out
    assert "Traceback" not in result.err


def test_json_of_every_listing_command_is_json(home):
    home.invite("bad.ics", **THURSDAY)
    home.run("run", "--once")
    for command in (["sessions"], ["summary"], ["explain", "bad"], ["check"], ["lint", "calendar"]):
        assert json.loads(home.run(*command, "--json").out)


def test_lint_tells_remarks_from_refusals(home):
    path = home.invite("good.ics", **LATER, body=AGENDA)
    path.write_text(path.read_text("utf-8").replace("END:VCALENDAR\n", ""), "utf-8")
    result = home.run("lint", "calendar", "--json", "--at", NOW)
    assert (result.status, result.json["errors"]) == (0, [])
    assert "END:VCALENDAR" in result.json["notes"][0]["message"]
    assert len(result.json["sessions"]) == 1


def test_check_names_a_template_that_cannot_be_used_with_its_line(home):
    (home.folder / "words" / "en").mkdir(parents=True)
    (home.folder / "words" / "en" / "nudge.other.txt.j2").write_text("Subject\n\nDear {{ nobody }}\n", "utf-8")
    home.configure(home.config + "templates: words\n")
    result = home.run("check")
    assert result.status == 2
    assert "nudge.other.txt.j2:3: " in result.err
    assert "nobody" in result.err


def test_example_configuration_can_be_written_out_and_is_right(home):
    (home.folder / "agendad.yaml").unlink()
    missing = home.run("run", "--once")
    assert missing.status == 2
    assert "agendad init" in missing.err
    home.configure(home.run("check", "--example").out)
    assert home.run("check").status == 0


def test_summary_that_cannot_be_written_is_told_and_tried_again(home):
    home.invite("bad.ics", **THURSDAY)
    home.run("run", "--once")
    (home.folder / "state" / "outbox").write_text("a file where the folder should be")
    evening = "2026-11-30T17:35:00-05:00"
    failed = home.run("run", "--once", "--json", now=evening)
    assert failed.status == 1
    assert "the summary was not sent" in failed.json["notes"][0]
    by_hand = home.run("summary", "--send")
    assert by_hand.status == 1, "the job failed; the command was right"
    assert "Traceback" not in by_hand.err
    (home.folder / "state" / "outbox").unlink()
    assert home.run("run", "--once", now=evening).status == 0
    assert len(list((home.folder / "state" / "outbox").glob("*.eml"))) == 1
