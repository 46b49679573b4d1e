"""The installed command moves a session, on Google's simulator and on Microsoft Graph's."""

import shutil
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from end_to_end.offices import ADA, AGENDA, HOUR, ME, NOW, google_office, outlook_office

DYING = Path(__file__).with_name("dying")
MOVE = "{before: 7d, do: reschedule}"
LATE = NOW.replace(hour=22, minute=0) + 72 * HOUR
"""A Thursday: 17:00 in New York, 22:00 in London."""
BEST = LATE.replace(hour=16, minute=30)
"""11:30 in New York, 16:30 in London."""
ANSWERS = [{"email": ME, "responseStatus": "accepted"}, {"email": ADA, "responseStatus": "needsAction"}]
OFFICES = pytest.mark.parametrize("office_at", [google_office, outlook_office])


def invite(office):
    """An invite at a bad hour that Ada has not answered."""
    if office.provider == "google":
        office.google.share(ADA, with_=ME, role="freeBusyReader")
    if office.provider == "outlook":
        body = "".join(f"<p>{line}</p>" for line in AGENDA.splitlines())
        return office.invite(LATE, body=body, accepted=False)
    return office.invite(LATE, description=AGENDA, attendees=ANSWERS)


def take(office, start):
    """Ada has something else then."""
    at, end = (time.strftime("%Y-%m-%dT%H:%M:%S") for time in (start, start + HOUR / 2))
    if office.provider == "outlook":
        office.graph.as_(ADA).create(
            {
                "subject": "Something else",
                "start": {"dateTime": at, "timeZone": "UTC"},
                "end": {"dateTime": end, "timeZone": "UTC"},
            }
        )
    else:
        times = {"start": {"dateTime": f"{at}Z"}, "end": {"dateTime": f"{end}Z"}}
        office.google.as_(ADA).insert("primary", {"summary": "Something else", **times}, "none")
    office.server.mails.clear()


def seen(office, made, whose=ADA):
    """Start and text of somebody's copy."""
    event = office.event(made, whose)
    start = datetime.fromisoformat(event["start"]["dateTime"][:19] + event["start"]["dateTime"][27:])
    start = start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)
    return start, event["body"]["content"] if office.provider == "outlook" else event.get("description", "")


@OFFICES
def test_session_at_a_bad_hour_is_moved_with_one_notice_and_comes_back_with_undo(home, office_at):
    with office_at(home) as office:
        office.configure(ladder="", timezone=MOVE)
        made = invite(office)
        before = seen(office, made)
        take(office, BEST)
        (action,) = office.once()["actions"]
        assert (action["action"], action["effect"], action["state"]) == ("reschedule", "move", "confirmed")
        start, text = seen(office, made)
        assert start == BEST - HOUR
        assert "My talk in March" in text
        assert "decline the invite" in text
        assert [to for _, to in office.told()] == [ADA]
        assert office.mails(ADA) == []
        assert office.states() == []
        undone = office.run("undo", action["id"])
        assert undone.status == 0, undone.err
        start, text = seen(office, made)
        assert start == before[0] == LATE
        assert "decline the invite" not in text
        assert office.states() == []
        assert [to for _, to in office.told()] == [ADA, ADA]
        assert office.mails(ADA) == []


@OFFICES
def test_pending_and_approve_show_the_new_time_on_both_clocks(home, office_at):
    with office_at(home) as office:
        office.configure(ladder="", timezone=MOVE, mode="approve")
        made = invite(office)
        (action,) = office.once()["actions"]
        assert (action["effect"], action["state"]) == ("move", "pending")
        shown = office.run("pending").out
        assert "new time: Thu 3 Dec 2026 11:30 EST / 16:30 GMT" in shown
        assert "a yes would: reschedule (move), heard by ada@example.com" in shown
        approved = office.run("approve", action["id"])
        assert approved.status == 0, approved.err
        assert "new time: Thu 3 Dec 2026 11:30 EST / 16:30 GMT" in approved.out
        assert seen(office, made)[0] == BEST
        assert len(office.told()) == 1


@OFFICES
def test_explain_shows_the_times_and_why(home, office_at):
    with office_at(home) as office:
        office.configure(ladder="", timezone=MOVE, mode="observe")
        invite(office)
        office.once()
        told = " ".join(office.run("explain", "Mentoring").out.split())
        assert "Thu 3 Dec 2026 11:30 EST / 16:30 GMT: inside both days" in told
        shape = office.run("explain", "Mentoring", "--json").json
        assert shape["times"][0]["start"] == "2026-12-03T16:30:00Z"
        assert len(shape["times"]) == 3


@OFFICES
def test_process_killed_before_any_step_of_moving_moves_once_after_all(home, office_at):
    def begin(office):
        shutil.rmtree(home.folder / "state", ignore_errors=True)
        office.configure(ladder="", timezone=MOVE)
        return invite(office)

    def outcome(office, made):
        return *seen(office, made), office.told(), office.mails(ADA)

    log = home.folder / "steps.txt"
    with office_at(home) as office:
        made = begin(office)
        assert office.run("run", "--once", environ={"PYTHONPATH": str(DYING), "DIE_LOG": str(log)}).status == 0
        wanted = outcome(office, made)
        assert wanted[0] == BEST
    names = log.read_text("utf-8").splitlines()
    for number, name in list(enumerate(names, 1))[-6:]:  # reading has tests of its own
        with office_at(home) as office:
            made = begin(office)
            died = office.run("run", "--once", environ={"PYTHONPATH": str(DYING), "DIE_AT": str(number)})
            assert died.status == -signal.SIGKILL, (number, name)
            assert office.run("run", "--once").status == 0, (number, name)
            assert outcome(office, made) == wanted, (number, name)
            assert office.states() == []


@OFFICES
@pytest.mark.parametrize("fault", ["applied-then-dropped", "applied-then-500"])
def test_move_whose_answer_got_lost_is_settled_by_reading(home, office_at, fault):
    with office_at(home) as office:
        office.configure(ladder="", timezone=MOVE)
        made = invite(office)
        office.server.faults.add(fault, method="PATCH")
        assert office.states() == [("reschedule", "move", "confirmed")]
        assert seen(office, made)[0] == BEST
        assert office.states() == []
        assert len(office.told()) == 1


def test_other_meetings_of_the_series_stay(home):
    with google_office(home) as office:
        office.configure(ladder="", timezone=MOVE)
        office.google.share(ADA, with_=ME, role="freeBusyReader")
        weekly = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"], "attendees": ANSWERS, "description": AGENDA}
        made = office.invite(LATE, **weekly)
        assert office.states() == [("reschedule", "move", "confirmed")]
        first, second = office.google.as_(ADA).instances("primary", made["id"])
        assert datetime.fromisoformat(first["start"]["dateTime"]) == BEST
        assert datetime.fromisoformat(second["start"]["dateTime"]) == LATE + timedelta(days=7)
        assert first["sequence"] > second["sequence"]


def test_times_are_proposed_by_mail_where_the_other_calendar_is_not_shared(home):
    with google_office(home) as office:
        office.configure(ladder="", timezone=MOVE)
        made = office.invite(LATE, attendees=ANSWERS, description=AGENDA)
        assert office.states() == [("reschedule", "propose", "confirmed")]
        assert seen(office, made)[0] == LATE
        assert office.told() == []
        assert len(office.mails(ADA)) == 1


def test_explain_shows_what_a_move_to_come_would_say(home):
    with google_office(home) as office:
        office.configure(ladder="", timezone=MOVE)
        late = LATE + timedelta(days=14)
        office.invite(late, attendees=ANSWERS, description=AGENDA)
        assert office.states() == []
        told = " ".join(office.run("explain", "Mentoring").out.split())
        assert "reschedule (move)" in told
        assert "Subject: Moved: our session on Thu 17 Dec" in told
        assert "other times: it would be moved to the first one that both calendars have free then" in told
        assert "Thu 17 Dec 2026 11:30 EST / 16:30 GMT: inside both days" in told


def test_people_whose_hours_never_meet_are_shown_times_and_nothing_is_done(home):
    with google_office(home) as office:
        office.configure(ladder="", timezone=MOVE)
        office.home.configure((home.folder / "agendad.yaml").read_text().replace("Europe/London", "Asia/Tokyo"))
        made = invite(office)
        assert office.states() == []
        told = " ".join(office.run("explain", "Mentoring").out.split())
        assert "your hours never meet, so nothing is done by itself" in told
        assert told.count("outside your and Ada Lovelace's hours") + told.count("outside your hours") >= 1
        assert seen(office, made)[0] == LATE
        assert (office.told(), office.mails(ADA)) == ([], [])
