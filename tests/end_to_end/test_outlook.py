"""The installed command against the simulator of Microsoft Graph."""

import json
import shutil
import signal
from pathlib import Path

import pytest
from end_to_end.offices import ADA, AGENDA, CANCEL, HOLD, HOUR, ME, NOW, outlook_office
from simulators.graph import TEAMS_FORMS, Switches

DYING = Path(__file__).with_name("dying")
WEEKLY = {
    "recurrence": {
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"], "firstDayOfWeek": "sunday"},
        "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 4, "recurrenceTimeZone": "UTC"},
    }
}


@pytest.fixture
def office(home):
    with outlook_office(home) as made:
        yield made


@pytest.fixture
def either_way(request, home):
    """An open question about Graph, answered as the parameter says."""
    with outlook_office(home, dict(Switches.both_ways())[request.param]) as made:
        yield made


def answered(*names):
    """Runs a test with those switches, and without any. The conformance suite runs with each of them."""
    positions = [name for name, _ in Switches.both_ways() if name == "default" or name.partition("=")[0] in names]
    return pytest.mark.parametrize("either_way", positions, indirect=True)


ALL_MONTH = {"start": NOW - 24 * HOUR, "end": NOW + 40 * 24 * HOUR}


def page(text):
    return "".join(f"<p>{line}</p>" for line in text.splitlines())


def deltas(office):
    """Requests since the last look that are no looks at single events."""
    seen = [one for one in office.graph.requests if "delta" in one.path]
    others = [one for one in office.graph.requests if "delta" not in one.path]
    office.graph.requests.clear()
    return len(seen), len(others)


def test_observing_reads_and_writes_nothing(office):
    office.configure(mode="observe")
    office.invite(NOW + 26 * HOUR)
    shape = office.once()
    assert [(one["effect"], one["state"], one["to"]) for one in shape["actions"]] == [("cancel", "would", [ADA])]
    assert shape["accounts"][0]["changed"] == 1
    asked = [(one.method, one.path.rpartition("/")[2]) for one in office.graph.requests]
    assert {one for one in asked if one[0] != "GET"} == {("POST", "getSchedule")}  # a question, too long for an address
    assert office.told() == []


def test_tick_without_change_takes_one_request(office):
    office.configure(mode="observe")
    office.invite(NOW + 26 * HOUR)
    office.once()
    office.graph.requests.clear()
    office.once()
    assert deltas(office) == (1, 0)
    assert office.once(now=(NOW + 26 * HOUR).isoformat())["accounts"][0]["ok"]


@answered("occurrence_ical_uid", "masters_in_delta", "deleted_occurrence", "if_match", "get_of_deleted", "empty_pages")
def test_occurrence_is_cancelled_alone_with_the_comment_and_one_notice_to_each_guest(either_way):
    office = either_way
    made = office.invite(NOW + 26 * HOUR, **WEEKLY)
    assert office.states() == [("cancel", "cancel", "confirmed")]
    (mail,) = office.graph.mails
    assert (mail.kind, mail.to) == ("cancellation", ADA)
    assert "I look forward to meeting with you next time." in " ".join(mail.text.split())
    assert len(office.graph.as_(ME).instances(made["id"])) == 3
    assert office.states() == []
    assert len(office.graph.mails) == 1
    assert office.mails(ADA) == []


@answered("decline_removes", "get_of_deleted", "delta_etags_of_their_own")
def test_invitation_without_agenda_is_declined_with_the_comment_and_one_answer(either_way):
    office = either_way
    made = office.invite(NOW + 26 * HOUR, by=ADA)
    assert office.states() == [("cancel", "decline", "confirmed")]
    (mail,) = office.graph.mails
    assert (mail.kind, mail.to, mail.response_status) == ("response", ADA, "declined")
    assert "there is no agenda yet" in " ".join(mail.text.split())
    (answer,) = [one["status"]["response"] for one in office.event(made, ADA)["attendees"]]
    assert answer == "declined"
    assert office.states() == []
    assert len(office.graph.mails) == 1


def test_tentative_answer_is_taken_back_when_an_agenda_comes(office):
    office.configure(ladder=HOLD)
    made = office.invite(NOW + 50 * HOUR, by=ADA)
    assert office.states() == [("hold", "tentative", "confirmed")]
    office.graph.as_(ADA).patch(made["id"], {"body": {"contentType": "html", "content": page(AGENDA)}})
    office.graph.mails.clear()
    assert office.states(now=(NOW + 24 * HOUR).isoformat()) == [("hold", "restore", "confirmed")]
    (answer,) = [one["status"]["response"] for one in office.event(made, ADA)["attendees"]]
    assert answer == "accepted"
    assert [mail.response_status for mail in office.graph.mails] == ["accepted"]


@pytest.mark.parametrize("form", TEAMS_FORMS)
def test_hold_keeps_the_online_meeting_and_goes_when_an_agenda_comes(office, form):
    office.graph.teams_form = form
    office.configure(ladder=HOLD)
    online = {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}
    made = office.invite(NOW + 50 * HOUR, **online)
    before = office.event(made)
    assert before["onlineMeeting"]["joinUrl"]
    assert office.states() == [("hold", "patch", "confirmed")]
    held = office.event(made)
    assert "[agendad] agenda pending:" in held["body"]["content"]
    assert held["categories"] == ["agenda pending"]
    assert (held["isOnlineMeeting"], held["onlineMeeting"]) == (True, before["onlineMeeting"])
    assert office.told() == [("update", ADA)]
    filled = held["body"]["content"].replace("<p>[agendad]", page(AGENDA) + "<p>[agendad]", 1)
    office.graph.as_(ME).patch(made["id"], {"body": {"contentType": "html", "content": filled}})
    assert office.states(now=(NOW + 24 * HOUR).isoformat()) == [("hold", "restore", "confirmed")]
    after = office.event(made)
    assert "agenda pending" not in after["body"]["content"]
    assert "My talk in March" in after["body"]["content"]
    assert after["categories"] == []
    assert (after["isOnlineMeeting"], after["onlineMeeting"]) == (True, before["onlineMeeting"])


def test_times_are_proposed_in_the_answer_to_an_invitation_at_a_bad_hour(office):
    office.configure(ladder="", timezone="{before: 7d, do: reschedule}")
    late = NOW.replace(hour=23) + 72 * HOUR  # 18:00 in New York, 23:00 in London
    office.invite(late, by=ADA, body=page(AGENDA), accepted=False)
    assert office.states() == [("reschedule", "propose", "confirmed")]
    (mail,) = office.graph.mails
    assert (mail.kind, mail.to, mail.response_status) == ("response", ADA, "tentativelyAccepted")
    assert mail.proposed_new_time
    assert office.mails(ADA) == []


def test_times_are_proposed_by_mail_where_the_organizer_takes_no_proposals(office):
    office.configure(ladder="", timezone="{before: 7d, do: reschedule}")
    late = NOW.replace(hour=23) + 72 * HOUR
    office.invite(late, by=ADA, body=page(AGENDA), accepted=False, allowNewTimeProposals=False)
    assert office.states() == [("reschedule", "propose", "confirmed")]
    assert office.told() == []
    assert len(office.mails(ADA)) == 1


def test_another_time_is_asked_for_by_mail_where_there_is_none_to_propose(office):
    office.configure(ladder="", timezone="{before: 7d, do: reschedule}")
    office.invite(NOW.replace(hour=23) + 72 * HOUR, by=ADA, body=page(AGENDA), accepted=False)
    away = {side: {"dateTime": f"{at:%Y-%m-%dT00:00:00}", "timeZone": "UTC"} for side, at in ALL_MONTH.items()}
    office.graph.as_(ME).create({"subject": "Sabbatical", "showAs": "busy", **away})
    done = [one for one in office.once()["actions"] if one["action"] == "reschedule"]
    assert [(one["effect"], one["state"], one["detail"]) for one in done] == [("propose", "confirmed", "")]
    assert office.told() == []
    assert len(office.mails(ADA)) == 1


def test_cancellation_cannot_be_taken_back_and_says_so(office):
    office.invite(NOW + 26 * HOUR)
    (action,) = office.once()["actions"]
    undone = office.run("undo", action["id"])
    assert undone.status == 1
    assert "send a new invite" in " ".join(undone.err.split()).lower() or "yourself" in undone.err


def test_tentative_answer_comes_back_with_undo(office):
    office.configure(ladder=HOLD)
    made = office.invite(NOW + 50 * HOUR, by=ADA)
    (action,) = office.once()["actions"]
    undone = office.run("undo", action["id"])
    assert undone.status == 0, undone.err
    (answer,) = [one["status"]["response"] for one in office.event(made, ADA)["attendees"]]
    assert answer == "accepted"


@pytest.mark.parametrize("fault", ["applied-then-dropped", "applied-then-reset", "applied-then-500"])
@pytest.mark.parametrize(("by", "ladder"), [(ME, CANCEL), (ADA, CANCEL), (ME, HOLD)])
def test_write_whose_answer_got_lost_is_settled_by_reading(office, fault, by, ladder):
    office.configure(ladder=ladder)
    office.invite(NOW + 30 * HOUR, by=by)
    office.graph.faults.add(fault, method="PATCH" if (by, ladder) == (ME, HOLD) else "POST", path="/events/")
    (state,) = office.states()
    assert state[2] == "confirmed"
    assert len(office.told()) == 1
    assert office.states() == []
    assert len(office.told()) == 1


@pytest.mark.parametrize("by", [ME, ADA])
def test_process_killed_before_any_step_of_acting_does_everything_once_after_all(home, by):
    def begin(office):
        shutil.rmtree(home.folder / "state", ignore_errors=True)
        office.invite(NOW + 30 * HOUR, by=by)

    log = home.folder / "steps.txt"
    with outlook_office(home) as office:
        begin(office)
        assert office.run("run", "--once", environ={"PYTHONPATH": str(DYING), "DIE_LOG": str(log)}).status == 0
        wanted = office.told()
        assert len(wanted) == 1
    names = log.read_text("utf-8").splitlines()
    for number, name in list(enumerate(names, 1))[-6:]:  # reading has tests of its own
        with outlook_office(home) as office:
            begin(office)
            died = office.run("run", "--once", environ={"PYTHONPATH": str(DYING), "DIE_AT": str(number)})
            assert died.status == -signal.SIGKILL, (number, name)
            assert office.run("run", "--once").status == 0, (number, name)
            assert office.told() == wanted, (number, name)
            assert office.states() == []


def test_spontaneous_412_is_planned_again_and_no_failure_of_the_account(office):
    office.invite(NOW + 26 * HOUR)
    office.graph.faults.add(412, reason="ErrorIrresolvableConflict", method="POST", path="/events/")
    shape = office.once()
    assert [(one["effect"], one["state"]) for one in shape["actions"]] == [("cancel", "skipped")]
    assert shape["accounts"][0]["ok"]
    assert office.states() == [("cancel", "cancel", "confirmed")]


def test_token_that_ended_fails_this_account_alone_and_is_told_by_mail_once(office):
    office.home.invite("bad.ics", start="20261201T150000Z", end="20261201T153000Z")
    office.graph.faults.add(401, times=99)
    done = office.run("run", "--once", "--json")
    assert done.status == 1
    work, home = done.json["accounts"]
    assert (work["ok"], home["ok"], home["changed"]) == (False, True, 1)
    assert "TOKEN" in work["error"] or "token" in work["error"]
    office.run("run", "--once")
    assert len([one for one in office.mails(ME) if "sign in" in one["Subject"]]) == 1


def test_expired_delta_means_a_new_round_and_no_second_action(office):
    office.invite(NOW + 26 * HOUR)
    office.invite(NOW + 200 * HOUR, body=page(AGENDA))
    assert office.states() == [("cancel", "cancel", "confirmed")]
    office.graph.expire_delta_tokens()
    assert office.states() == []
    assert len(office.told()) == 1


def test_somebody_elses_calendar_is_not_judged(office):
    calendar = office.graph.calendar_id(ADA)
    office.graph.share(calendar, with_=ME, role="write")
    office.configure(calendars=f'"{calendar}"')
    office.invite(NOW + 26 * HOUR, by=ADA)
    shape = office.once()
    assert shape["actions"] == []
    (problem,) = shape["accounts"][0]["problems"]
    assert "on_behalf" in problem["message"]


def test_private_event_is_never_quoted(office):
    office.configure(ladder="{before: 96h, do: nudge}", owner="mentor")
    office.invite(NOW + 26 * HOUR, sensitivity="private", subject="Mentoring: my divorce")
    done = office.run("run", "--once", "--json")
    assert done.status == 0
    office.run("summary", "--send")
    everything = done.out + office.run("summary").out + json.dumps([str(one) for one in office.mails(ADA)])
    assert "divorce" not in everything


def test_second_item_at_the_time_in_the_other_calendar_is_a_conflict(office):
    office.configure(ladder="")
    made = office.invite(NOW + 50 * HOUR, body=page(AGENDA), accepted=False)
    other = {"subject": "Secret", "start": utc(NOW + 49 * HOUR), "end": utc(NOW + 52 * HOUR)}
    office.graph.as_(ADA).create(other)
    shape = office.once()
    assert [(one["action"], one["effect"], one["to"]) for one in shape["actions"]] == [("nudge", "mail", [ME])]
    sessions = office.run("sessions", "--json").json["sessions"]
    every = [finding for one in sessions if one["uid"] == made["iCalUId"] for finding in one["findings"]]
    findings = [finding for finding in every if not finding["code"].startswith("invite.")]
    assert [finding["code"] for finding in findings] == ["conflict.double-booked"]
    assert findings[0]["message"] == "Ada Lovelace's calendar shows something else at that time."


def utc(instant):
    return {"dateTime": instant.strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}
