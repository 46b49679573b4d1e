"""Agendas as files, by the installed command, against Google's and Microsoft's simulators and on .ics files."""

import json
import shutil
import signal
from pathlib import Path

import pytest
from end_to_end.offices import ADA, HOUR, ME, MEET, NOW, google_office, outlook_office

DYING = Path(__file__).with_name("dying")
NUDGE = "{before: 96h, do: nudge}"
FIRST = "# Agenda\n\n- How to choose a compiler course\n- My talk in March: R&D <first>\n"
SECOND = "# Agenda\n\n- How to choose a compiler course\n- My talk in May\n"
THIRD = "# Agenda\n\n- How to choose a compiler course\n- My talk in June\n"
TEAMS = "<div>________________</div><p>Join: <a href='https://teams.microsoft.com/l/meetup-join/1'>Teams</a></p>"
DAY = 24 * HOUR
START = NOW + 4 * DAY  # Fri 4 Dec, 08:30 in New York


def at(moment):
    return {"now": moment.isoformat()}


def write(office, text, name="grace-ada/2026-12-04.md"):
    path = office.home.folder / "agendas" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def configure(office, **how):
    office.configure(ladder=NUDGE, **how)
    config = office.home.folder / "agendad.yaml"
    config.write_text(config.read_text("utf-8") + "agendas: agendas\n", "utf-8")


@pytest.fixture
def google(home):
    with google_office(home) as office:
        configure(office)
        yield office


@pytest.fixture
def outlook(home):
    with outlook_office(home) as office:
        configure(office)
        yield office


def patches(office):
    return [one for one in office.server.requests if one.method == "PATCH"]


def test_google_invite_is_kept_in_step_at_once_and_guests_are_told_once_a_day(google):
    conference = {
        "conferenceId": "abc-defg-hij",
        "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
        "entryPoints": [{"entryPointType": "video", "uri": MEET}],
    }
    made = google.invite(START, description=f"Join: {MEET}\nBring your notes", conferenceData=conference)
    before = google.event(made)
    write(google, FIRST)
    assert google.states() == [("patch", "patch", "confirmed")]
    assert google.told() == [("update", ADA)]
    for text, topic in ((SECOND, "My talk in May"), (THIRD, "My talk in June")):
        write(google, text)
        assert google.states(**at(NOW + HOUR)) == [("patch", "patch", "confirmed")]
        theirs = google.event(made, ADA)["description"]
        assert f"- {topic}" in theirs
        assert theirs.endswith(f"[agendad] /agenda\nJoin: {MEET}\nBring your notes")
        assert theirs.count("[agendad]") == 2
    assert google.told() == [("update", ADA)], "at most one a day"
    assert google.states(**at(NOW + 2 * HOUR)) == [("patch", "patch", "skipped")], "the notice waits"
    assert google.states(**at(NOW + 3 * HOUR)) in ([], [("patch", "patch", "skipped")])
    assert google.told() == [("update", ADA)]
    assert google.states(**at(NOW + DAY)) == [("patch", "patch", "confirmed")], "what she has not been told yet"
    assert google.told() == [("update", ADA)] * 2
    assert google.states(**at(NOW + DAY + HOUR)) == []
    assert google.event(made)["conferenceData"] == before["conferenceData"]
    assert google.mails(ADA) == []


def test_google_invite_is_written_in_silence_inside_the_freeze_and_not_after_the_start(google):
    made = google.invite(START, description="Bring your notes")
    write(google, FIRST)
    google.once()
    write(google, SECOND)
    assert google.states(**at(START - 5 * HOUR)) == [("patch", "patch", "confirmed")]
    assert "- My talk in May" in google.event(made)["description"]
    assert google.told() == [("update", ADA)]
    assert google.states(**at(START - 4 * HOUR)) == []
    write(google, THIRD)
    assert google.states(**at(START + HOUR / 4)) == []
    assert "- My talk in June" not in google.event(made)["description"]


def test_edit_in_the_invite_wins_until_the_user_says_yes(google):
    made = google.invite(START, description="Bring your notes")
    write(google, FIRST)
    google.once()
    text = google.event(made)["description"].replace("- My talk in March", "- Your talk in April")
    google.google.as_(ME).patch("primary", made["id"], {"description": text})
    write(google, SECOND)
    (asked,) = google.once(**at(NOW + DAY))["actions"]
    assert (asked["effect"], asked["state"], asked["reason"]) == ("ask", "pending", "agenda.file-conflict")
    assert google.event(made)["description"] == text
    shown = google.run("pending", **at(NOW + DAY))
    assert "- My talk in May" in shown.out
    assert google.run("approve", asked["id"], **at(NOW + DAY)).status == 0
    assert "- My talk in May" in google.event(made)["description"]
    assert google.event(made)["description"].endswith("Bring your notes")


@pytest.mark.parametrize("body", [TEAMS, "", "<html><head><title>x</title></head><body><p>Notes</p></body></html>"])
def test_outlook_invite_is_patched_inside_its_html_and_later_changes_wait_for_the_next_day(outlook, body):
    made = outlook.invite(START, body=body)
    write(outlook, FIRST)
    assert outlook.states() == [("patch", "patch", "confirmed")]
    content = outlook.event(made)["body"]["content"]
    assert "R&amp;D &lt; first&gt;" in content or "R&amp;D &lt; first>" in content
    assert TEAMS in content or body != TEAMS
    assert len(outlook.told()) == 1
    write(outlook, SECOND)
    (waits,) = outlook.once(**at(NOW + HOUR))["actions"]
    assert (waits["state"], len(outlook.told())) == ("skipped", 1)
    assert outlook.states(**at(NOW + DAY)) == [("patch", "patch", "confirmed")]
    content = outlook.event(made)["body"]["content"]
    assert ("My talk in May" in content, "My talk in March" in content) == (True, False)
    assert content.count("[agendad]") == 2
    assert len(outlook.told()) == 2
    assert outlook.states(**at(NOW + DAY + HOUR)) == []


def test_outlook_attendee_mails_the_lines_and_changes_nothing(outlook):
    made = outlook.invite(START, by=ADA)
    write(outlook, FIRST)
    before = outlook.event(made)
    assert outlook.states() == [("patch", "mail", "confirmed")]
    assert outlook.event(made) == before
    (mail,) = outlook.mails(ADA)
    assert "- How to choose a compiler course" in mail.get_body(("plain",)).get_content()
    assert outlook.told() == []


@pytest.mark.parametrize("office_at", [google_office, outlook_office])
def test_process_killed_before_any_step_writes_and_tells_once_after_all(home, office_at):
    def outcome(office, made):
        event = office.event(made)
        return event.get("description") or event["body"]["content"], office.told(), len(office.mails(ADA))

    def begin(office):
        shutil.rmtree(home.folder / "state", ignore_errors=True)
        configure(office)
        write(office, FIRST)
        return office.invite(START)

    log = home.folder / "steps.txt"
    with office_at(home) as office:
        made = begin(office)
        assert office.run("run", "--once", environ={"PYTHONPATH": str(DYING), "DIE_LOG": str(log)}).status == 0
        wanted = outcome(office, made)
    assert len(wanted[1]) == 1
    names = log.read_text("utf-8").splitlines()
    for number, name in list(enumerate(names, 1))[-6:]:  # reading has tests of its own
        with office_at(home) as office:
            made = begin(office)
            died = office.run("run", "--once", environ={"PYTHONPATH": str(DYING), "DIE_AT": str(number)})
            assert died.status == -signal.SIGKILL, (number, name)
            assert office.run("run", "--once").status == 0, (number, name)
            assert outcome(office, made) == wanted, (number, name)
            assert office.states() == []


def test_command_begins_the_file_and_says_where_it_is_and_check_and_sessions_tell_what_is_not_used(google):
    google.invite(START)
    google.once()
    made = google.run("agenda", "grace-ada", "--json")
    assert made.status == 0, made.err
    path = Path(json.loads(made.out)["path"])
    assert path == google.home.folder / "agendas" / "grace-ada" / "2026-12-04.md"
    assert path.read_text("utf-8").startswith("Agenda:\n- Last advice")
    path.write_text("- mine\n", "utf-8")
    assert google.run("agenda", "Mentoring: Ada and Grace").out.strip() == str(path)
    assert path.read_text("utf-8") == "- mine\n"
    write(google, FIRST, "grace-ada/2026-12-05.md")
    write(google, FIRST, "grace-ada/tomorrow.md")
    google.once()
    listed = google.run("sessions", "--json").json["unused_agendas"]
    assert [one["path"] for one in listed] == ["grace-ada/2026-12-05.md", "grace-ada/tomorrow.md"]
    assert "no session of grace-ada is known on that day" in " ".join(google.run("sessions").out.split())
    warned = [one["file"] for one in google.run("check", "--json").json["warnings"]]
    assert {"grace-ada/2026-12-05.md", "grace-ada/tomorrow.md"} <= set(warned)
    assert "grace-ada/tomorrow.md" in google.run("summary").out


def test_command_without_a_folder_or_a_session_says_what_to_do(google):
    google.once()
    nothing = google.run("agenda", "grace-ada")
    assert (nothing.status, "no session of grace-ada" in nothing.err) == (2, True)
    google.configure()
    without = google.run("agenda", "grace-ada")
    assert (without.status, "Add `agendas: agendas`" in without.err) == (2, True)
