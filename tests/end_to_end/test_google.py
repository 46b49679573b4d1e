"""The installed command against Google's simulator, with Google's own client in between."""

import json
import shutil
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from end_to_end.offices import ADA, AGENDA, HOLD, HOUR, ME, MEET, NOW
from end_to_end.offices import google_office as office_at
from simulators.google import Switches

DYING = Path(__file__).with_name("dying")


@pytest.fixture
def office(home):
    with office_at(home) as made:
        yield made


@pytest.fixture
def either_way(request, home):
    """An open question about Google, answered as the parameter says."""
    with office_at(home, dict(Switches.both_ways())[request.param]) as made:
        yield made


def answered(*names):
    """Runs a test with those switches, and without any. The conformance suite runs with each of them."""
    positions = [name for name, _ in Switches.both_ways() if name == "default" or name.partition("=")[0] in names]
    return pytest.mark.parametrize("either_way", positions, indirect=True)


# observing


def test_observing_reads_and_writes_nothing(office):
    office.configure(mode="observe")
    office.invite(NOW + 26 * HOUR)
    shape = office.once()
    assert [(one["effect"], one["state"], one["to"]) for one in shape["actions"]] == [("cancel", "would", [ADA])]
    assert shape["accounts"][0] | {"problems": []} == {
        "name": "work", "ok": True, "error": None, "sign_in_needed": False, "changed": 1, "vanished": 0, "held": [],
        "problems": [],
    }  # fmt: skip
    asked = [(one.method, one.path.rpartition("/")[2]) for one in office.google.requests]
    assert {one for one in asked if one[0] != "GET"} == {("POST", "freeBusy")}  # a question, too long for an address
    assert office.told() == []


def test_full_sync_takes_one_request_a_2500_events_and_a_quiet_tick_takes_one(office):
    office.configure(mode="observe", calendars="primary, c_1@group.calendar.google.com")
    office.google.add_calendar(ME, "c_1@group.calendar.google.com", zone="America/New_York")
    for number in range(18):
        rule = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=139"], "summary": "Stretching", "attendees": []}
        office.invite(NOW - (80 * 24 - number) * HOUR, **rule)
    office.once()
    lists = office.requests()
    assert [path.split("/")[0] for path in lists] == ["GET primary"] * 2 + ["GET c_1%40group.calendar.google.com"]
    office.once()
    assert len(office.requests()) == 2


def test_next_days_are_listed_once_a_day(office):
    office.configure(mode="observe")
    office.invite(NOW + 65 * 24 * HOUR)
    office.once()
    for hours in (1, 2, 9):
        assert office.once(now=(NOW + hours * HOUR).isoformat())["accounts"][0]["changed"] == 0
    office.google.requests.clear()
    later = office.once(now=(NOW + 6 * 24 * HOUR).isoformat())
    assert later["accounts"][0]["changed"] == 1
    assert office.requests() == ["GET primary/events"]


# acting as the organizer


@answered("get_of_cancelled", "minimal_tombstones_without_etag", "increments_bounded_by_window", "empty_pages")
def test_occurrence_is_cancelled_alone_with_the_message_inside_and_one_notice_to_each_guest(either_way):
    office = either_way
    made = office.invite(NOW + 26 * HOUR, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    assert office.states() == [("cancel", "cancel", "confirmed")]
    (mail,) = office.google.mails
    assert (mail.kind, mail.to) == ("cancellation", ADA)
    assert "I look forward to meeting with you next time." in " ".join(mail.text.split())
    assert len([one for one in office.google.as_(ME).instances("primary", made["id"]) if "start" in one]) == 3
    assert office.states() == []
    assert len(office.google.mails) == 1
    assert office.mails(ADA) == []


def test_hold_is_written_beside_the_conference_and_goes_when_an_agenda_comes(office):
    office.configure(ladder=HOLD)
    conference = {
        "conferenceId": "abc-defg-hij",
        "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
        "entryPoints": [{"entryPointType": "video", "uri": MEET}],
    }
    made = office.invite(NOW + 50 * HOUR, description=f"Join: {MEET}", conferenceData=conference)
    before = office.event(made)
    assert before["conferenceData"]["entryPoints"]
    assert office.states() == [("hold", "patch", "confirmed")]
    held = office.event(made)
    assert held["description"].startswith(f"Join: {MEET}\n[agendad] agenda pending:")
    assert held["conferenceData"] == before["conferenceData"]
    assert office.told() == [("update", ADA)]
    filled = {"description": held["description"] + "\n\nAgenda:\n- How to choose a compiler course\n- My talk in March"}
    office.google.as_(ME).patch("primary", made["id"], filled)
    assert office.states(now=(NOW + 24 * HOUR).isoformat()) == [("hold", "restore", "confirmed")]
    after = office.event(made)
    assert "agenda pending" not in after["description"]
    assert "My talk in March" in after["description"]
    assert after["conferenceData"] == before["conferenceData"]


@answered("get_of_cancelled", "sync_token_missing")
def test_cancelled_session_comes_back_with_undo_and_guests_hear_of_it_once(either_way):
    office = either_way
    made = office.invite(NOW + 26 * HOUR, description="")
    (action,) = office.once()["actions"]
    office.once()  # it is not listed any more
    office.google.mails.clear()
    undone = office.run("undo", action["id"])
    if office.google.switches.get_of_cancelled == "gone":
        assert undone.status == 1
        assert "Send a new invite" in " ".join(undone.err.split())
        return
    assert undone.status == 0, undone.err
    event = office.event(made)
    assert event["status"] == "confirmed"
    assert not event.get("description")
    assert not event.get("extendedProperties", {}).get("shared")
    assert len(office.told()) == 1
    assert office.mails(ADA) == []
    assert office.states() == []


# acting as a guest


@answered("private_properties_by_guests", "locked_copies")
def test_invitation_without_agenda_is_declined_with_the_comment_and_one_answer(either_way):
    office = either_way
    made = office.invite(NOW + 26 * HOUR, by=ADA)
    assert office.states() == [("cancel", "decline", "confirmed")]
    answers = {one["email"]: one for one in office.event(made, ADA)["attendees"]}
    assert (answers[ME]["responseStatus"], answers[ADA]["responseStatus"]) == ("declined", "accepted")
    assert "there is no agenda yet" in " ".join(answers[ME]["comment"].split())
    assert office.told() == [("response", ADA)]
    assert office.states() == []
    assert office.told() == [("response", ADA)]


@answered("private_properties_by_guests")
def test_tentative_answer_is_taken_back_when_an_agenda_comes(either_way):
    office = either_way
    office.configure(ladder=HOLD)
    made = office.invite(NOW + 50 * HOUR, by=ADA)
    assert office.states() == [("hold", "tentative", "confirmed")]
    agenda = {"description": "Agenda:\n- How to choose a compiler course\n- My talk in March"}
    office.google.as_(ADA).patch("primary", made["id"], agenda, "all")
    assert office.states(now=(NOW + 24 * HOUR).isoformat()) == [("hold", "restore", "confirmed")]
    answers = {one["email"]: one["responseStatus"] for one in office.event(made, ADA)["attendees"]}
    assert answers == {ME: "accepted", ADA: "accepted"}


def test_change_by_somebody_else_between_reading_and_writing_is_never_overwritten(office):
    made = office.invite(NOW + 26 * HOUR)
    office.google.faults.add(412, reason="conditionNotMet", method="PATCH")
    assert office.states() == [("cancel", "cancel", "skipped")]
    assert office.event(made)["status"] == "confirmed"
    assert office.told() == []
    assert office.states() == [("cancel", "cancel", "confirmed")]


def test_handover_opens_the_event_to_its_guests_and_asks_by_one_mail(office):
    office.configure(
        ladder="{before: 20d, do: nudge}", ownership="{enabled: true}".strip("{}").split(": ")[1], owner="mentor"
    )
    made = office.invite(NOW + 80 * HOUR, description="Agenda:\n- How to choose a compiler course\n- My talk in March")
    assert ("handover", "mail", "confirmed") in office.states()
    event = office.event(made)
    assert event["guestsCanModify"] is True
    assert office.told() == []
    (mail,) = office.mails(ADA)
    assert "opened it for you" in " ".join(mail.get_body(("plain",)).get_content().split())
    (action,) = [one for one in office.run("history", "--json").json["actions"] if one["action"] == "handover"]
    assert office.run("undo", action["id"]).status == 0
    assert not office.event(made).get("guestsCanModify")
    assert office.told() == []


def test_handover_whose_mail_could_not_go_holds_nothing_back_and_goes_later_once(office):
    office.configure(ladder="{before: 20d, do: nudge}", ownership="true", owner="mentor")
    made = office.invite(NOW + 80 * HOUR, description="Agenda:\n- How to choose a compiler course\n- My talk in March")
    post = office.home.folder / "state" / "outbox"
    post.parent.mkdir()
    post.write_text("in the way")
    assert ("handover", "mail", "skipped") in office.states()
    assert office.event(made)["guestsCanModify"] is True
    post.unlink()
    assert ("handover", "mail", "confirmed") in office.states()
    assert office.account()["held"] == []
    assert len(office.mails(ADA)) == 1
    (action,) = [one for one in office.run("history", "--json").json["actions"] if one["action"] == "handover"]
    assert office.run("undo", action["id"]).status == 0
    assert not office.event(made).get("guestsCanModify")


def test_undoing_whose_answer_got_lost_is_finished_by_the_next_pass_once(office):
    made = office.invite(NOW + 26 * HOUR)
    (action,) = office.once()["actions"]
    office.google.faults.add("applied-then-500", method="PATCH", times=None)
    office.google.faults.add(500, method="GET", path="/events/[^/]+$", times=None, after=2)
    assert office.run("undo", action["id"]).status == 1
    office.google.faults.clear()
    assert office.event(made)["status"] == "confirmed"
    office.once()
    (undone,) = [one for one in office.run("history", "--json").json["actions"] if one["id"] == action["id"]]
    assert undone["state"] == "undone"
    assert office.told() == [("cancellation", ADA), ("invitation", ADA)]


# answers that get lost, and crashes


@pytest.mark.parametrize("fault", ["applied-then-dropped", "applied-then-reset", "applied-then-500"])
@pytest.mark.parametrize("by", [ME, ADA])
def test_write_whose_answer_got_lost_is_settled_by_reading(office, fault, by):
    made = office.invite(NOW + 26 * HOUR, by=by)
    office.google.faults.add(fault, method="PATCH")
    (state,) = office.states()
    assert state[2] == "confirmed"
    assert len(office.told()) == 1
    assert [one.method for one in office.google.requests].count("PATCH") <= 2
    assert office.event(made, ADA)["status"] in ("cancelled", "confirmed")
    assert office.states() == []
    assert len(office.told()) == 1


@pytest.mark.parametrize("by", [ME, ADA])
def test_process_killed_before_any_step_of_acting_does_everything_once_after_all(home, by):
    def outcome(office, made):
        event = office.google.as_(ADA).get("primary", made["id"])
        answers = {one["email"]: one["responseStatus"] for one in event["attendees"]}
        return event["status"], answers, office.told(), len(office.mails(ADA)), event.get("description", "")[:20]

    def begin(office):
        shutil.rmtree(home.folder / "state", ignore_errors=True)
        office.configure()
        return office.invite(NOW + 30 * HOUR, by=by)

    log = home.folder / "steps.txt"
    with office_at(home) as office:
        made = begin(office)
        assert office.run("run", "--once", environ={"PYTHONPATH": str(DYING), "DIE_LOG": str(log)}).status == 0
        wanted = outcome(office, made)
    names = log.read_text("utf-8").splitlines()
    for number, name in list(enumerate(names, 1))[-6:]:  # reading has tests of its own
        with office_at(home) as office:
            made = begin(office)
            died = office.run("run", "--once", environ={"PYTHONPATH": str(DYING), "DIE_AT": str(number)})
            assert died.status == -signal.SIGKILL, (number, name)
            assert office.run("run", "--once").status == 0, (number, name)
            assert outcome(office, made) == wanted, (number, name)
            assert office.states() == []


# accounts that fail, and calendars that are not ours


def test_failing_account_exits_1_and_the_others_are_served(office):
    office.home.invite("bad.ics", start="20261201T150000Z", end="20261201T153000Z")
    office.google.faults.add(401, times=99)
    done = office.run("run", "--once", "--json")
    assert done.status == 1
    work, home = done.json["accounts"]
    assert (work["ok"], home["ok"], home["changed"]) == (False, True, 1)
    assert "TOKEN" in work["error"] or "token" in work["error"]
    assert [one["account"] for one in done.json["actions"]] == ["home"]
    (mail,) = [one for one in office.mails(ME) if "sign in" in one["Subject"]]
    assert "other accounts go on" in mail.get_body(("plain",)).get_content()
    office.run("run", "--once")
    assert len([one for one in office.mails(ME) if "sign in" in one["Subject"]]) == 1


def test_bearer_token_that_is_not_there_is_told_with_its_variable(office):
    done = office.home.run("run", "--once")
    assert done.status == 1
    assert "TOKEN" in " ".join(done.out.split())
    assert office.google.requests == []


def test_somebody_elses_calendar_is_left_alone_unless_on_behalf(office):
    office.google.share(ADA, with_=ME, role="owner")
    office.configure(calendars=ADA)
    office.invite(NOW + 26 * HOUR, by=ADA)
    checked = office.run("check")
    assert "on_behalf" in checked.out + checked.err
    shape = office.once()
    assert (shape["actions"], shape["accounts"][0]["changed"]) == ([], 0)
    assert any("on_behalf" in note for note in shape["notes"])
    assert office.google.requests == []
    office.configure(calendars=ADA, more=", on_behalf: true")
    assert office.once()["accounts"][0]["changed"] == 1


def test_calendar_shared_for_reading_is_not_judged(office):
    office.google.add_calendar(ADA, "c_2@group.calendar.google.com")
    office.google.share("c_2@group.calendar.google.com", with_=ME, role="reader")
    office.configure(calendars="c_2@group.calendar.google.com")
    office.invite(NOW + 26 * HOUR, by=ADA, calendar="c_2@group.calendar.google.com")
    shape = office.once()
    assert shape["actions"] == []
    (problem,) = shape["accounts"][0]["problems"]
    assert "reader" in problem["message"]
    assert not problem["refused"]


@pytest.mark.parametrize("role", ["reader", "freeBusyReader", None])
def test_rights_that_are_lowered_let_nothing_go_out(office, role):
    office.google.add_calendar(ADA, "c_3@group.calendar.google.com")
    office.google.share("c_3@group.calendar.google.com", with_=ME, role="writer")
    office.configure(calendars="c_3@group.calendar.google.com")
    for day in range(2, 6):
        office.invite(
            NOW + 26 * HOUR + day * 24 * HOUR, by=ADA, calendar="c_3@group.calendar.google.com",
            description="Agenda:\n- How to choose a compiler course",
        )  # fmt: skip
    assert office.states() == []
    office.google.share("c_3@group.calendar.google.com", with_=ME, role=role)
    shape = office.once(now=(NOW + 60 * HOUR).isoformat())
    assert [one for one in shape["actions"] if one["state"] not in ("skipped", "pending")] == []
    assert office.told() == []


def test_one_slow_server_delays_no_other_account(office):
    second = (
        f'{{name: other, provider: google, api_root: "{office.google.api_root}", auth: {{method: token, env: TOKEN}}}}'
    )
    config = (office.home.folder / "agendad.yaml").read_text("utf-8")
    office.home.configure(config.replace("accounts:\n", f"accounts:\n  - {second}\n"))
    office.google.faults.add("stall", times=2, delay=2.0)
    assert office.run("run", "--once").status == 0
    one, other = [one for one in office.google.requests if one.path.endswith("/events")]
    assert abs(one.started - other.started) < 1.5
    assert one.thread != other.thread


def test_clock_that_is_far_from_the_servers_lets_nothing_go_out(home):
    now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - the command's own clock
    with office_at(home, now=now) as office:
        office.google.date_offset = timedelta(minutes=9)
        office.invite(now + 26 * HOUR)
        shape = office.once(now=None)
        assert any("differ by 9 minutes" in held for held in shape["accounts"][0]["held"])
        assert [one["state"] for one in shape["actions"] if one["effect"] == "cancel"] in ([], ["skipped"])
        assert office.told() == []


def test_many_events_that_vanish_at_once_are_not_believed(office):
    made = [
        office.invite(NOW + (100 + 5 * number) * HOUR, description="Agenda:\n- my talk in March")
        for number in range(12)
    ]
    office.once()
    for event in made:
        office.google.as_(ME).delete("primary", event["id"])
    account = office.account()
    assert account["vanished"] == 12
    assert any("--confirm work" in held for held in account["held"])
    office.run("run", "--once", "--confirm", "work")
    assert office.account()["held"] == []


def test_expired_sync_token_means_a_new_listing_and_no_second_action(office):
    office.invite(NOW + 26 * HOUR)
    office.invite(NOW + 200 * HOUR, description="Agenda:\n- my talk in March")
    assert office.states() == [("cancel", "cancel", "confirmed")]
    office.google.expire_sync_tokens()
    office.google.requests.clear()
    shape = office.once()
    assert shape["actions"] == []
    assert office.requests() == ["GET primary/events", "GET primary/events"]
    assert len(office.told()) == 1


def test_quota_that_is_used_up_stops_politely(office):
    office.invite(NOW + 26 * HOUR)
    office.google.faults.add(403, reason="quotaExceeded", times=99)
    done = office.run("run", "--once", "--json")
    assert done.status == 1
    assert "quota" in done.json["accounts"][0]["error"]
    assert len(office.google.requests) == 1


def test_service_stops_in_time_while_a_server_keeps_it_waiting(office):
    office.google.faults.add("stall", times=99, delay=20.0)
    environ = {**office.home.environ, "TOKEN": office.google.token_for(ME)}
    office.home.environ = environ
    process = office.home.start("run")
    for _ in range(200):
        if office.google.requests or process.poll() is not None:
            break
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    process.stderr.close()


def test_private_event_is_never_quoted(office):
    office.configure(ladder="{before: 96h, do: nudge}", owner="mentor")
    office.invite(NOW + 26 * HOUR, visibility="private", summary="Mentoring: my divorce")
    done = office.run("run", "--once", "--json")
    assert done.status == 0
    office.run("summary", "--send")
    everything = done.out + office.run("summary").out + json.dumps([str(one) for one in office.mails(ADA)])
    assert "divorce" not in everything


# what else there is at the time


def questions(office):
    """How often free/busy was asked for since the last look."""
    count = sum(one.path.endswith("freeBusy") for one in office.google.requests)
    office.google.requests.clear()
    return count


def found(office, uid):
    """Codes of what is found about a session's time, as `agendad sessions` tells them."""
    sessions = office.run("sessions", "--json").json["sessions"]
    codes = [finding["code"] for one in sessions if one["uid"] == uid for finding in one["findings"]]
    return [code for code in codes if not code.startswith("invite.")]


def test_conflict_in_the_other_calendar_is_found_where_it_is_shared_and_certain(office):
    office.configure(ladder="")
    made = office.invite(NOW + 50 * HOUR, description=AGENDA, attendees=[{"email": ADA}, {"email": ME}])
    theirs = {"summary": "Secret", "start": instant(NOW + 50.25 * HOUR), "end": instant(NOW + 51 * HOUR)}
    office.google.as_(ADA).insert("primary", theirs, "none")
    assert office.once()["actions"] == []
    assert found(office, made["iCalUID"]) == []  # not shared
    office.google.share(ADA, with_=ME, role="freeBusyReader")
    later = {"now": (NOW + HOUR).isoformat()}
    assert office.once(**later)["actions"] == []
    assert found(office, made["iCalUID"]) == []  # one block covers the session: nobody can tell
    copy = office.event(made, ADA)
    office.google.as_(ADA).patch("primary", copy["id"], {"transparency": "transparent"}, "none")
    shape = office.once(now=(NOW + 2 * HOUR).isoformat())
    assert [(one["action"], one["effect"], one["to"]) for one in shape["actions"]] == [("nudge", "mail", [ME])]
    assert found(office, made["iCalUID"]) == ["conflict.double-booked"]
    (mail,) = office.mails(ME)
    text = mail.get_body(("plain",)).get_content()
    assert "Ada Lovelace's calendar shows something else at that time." in " ".join(text.split())
    assert "Secret" not in text


def test_free_busy_is_asked_for_once_an_hour_and_its_failure_fails_nothing(office):
    office.configure(mode="observe")
    office.invite(NOW + 50 * HOUR, description=AGENDA)
    office.once()
    assert questions(office) == 1
    office.once(now=(NOW + 0.9 * HOUR).isoformat())
    assert questions(office) == 0
    office.google.faults.add(403, path="/freeBusy")
    assert all(account["ok"] for account in office.once(now=(NOW + HOUR).isoformat())["accounts"])
    assert questions(office) == 2  # a refusal for now is tried once more, as every request is
    office.once(now=(NOW + 1.9 * HOUR).isoformat())
    assert questions(office) == 0


def instant(at):
    return {"dateTime": at.isoformat(), "timeZone": "UTC"}
