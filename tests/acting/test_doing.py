"""What act mode does, on real files: each effect, once, with one notice, and taken back when it is settled."""

from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
ME, ADA = "grace@example.org", "ada@example.com"
LADDER = "{before: 96h, do: nudge}, {before: 60h, do: hold}, {before: 36h, do: cancel}"
TOMORROW = NOW + timedelta(hours=25)
WEEKLY = ("RRULE:FREQ=WEEKLY;COUNT=5", "X-KEEP;X-ODD=1:as it is", "SEQUENCE:7")
AGENDA = "Agenda:\\n- the draft of chapter three\\n- how to ask for feedback"


def test_only_the_next_occurrence_is_cancelled_with_one_notice_and_a_second_run_is_silent(house):
    house.invite(TOMORROW - timedelta(days=7), more=WEEKLY)
    master = house.text().split("END:VEVENT")[0]
    assert [action.state for action in house.run().news] == ["confirmed"]
    assert house.text().split("END:VEVENT")[0] == master
    assert house.text().count("STATUS:CANCELLED") == 1
    assert f"RECURRENCE-ID:{TOMORROW:%Y%m%dT%H%M%SZ}" in house.text()
    assert "SEQUENCE:8" in house.text()
    assert house.said() == ["Cancelled CANCEL"]
    for _ in range(2):
        before = house.text()
        assert house.run().news == ()
        assert house.text() == before
        assert house.said() == ["Cancelled CANCEL"]


def test_every_state_is_journalled_in_order(house):
    house.invite(TOMORROW)
    house.run()
    assert house.states() == ["planned", "intended", "sent", "confirmed"]


def test_cancellation_says_so_kindly_in_both_local_times_and_how_to_rebook(house):
    house.invite(TOMORROW)
    house.run()
    (mail,) = house.mails()
    text = house.words(mail)
    assert "no agenda yet" in text
    assert "I look forward to meeting with you next time" in text
    assert "To rebook" in text
    assert "15:00 GMT (London) / 10:00 EST (New York)" in text
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Reply-To"] == ME


def test_attendee_declines_that_occurrence_and_the_organizer_hears_it_once(house):
    house.invite(TOMORROW - timedelta(days=7), organizer=ADA, more=WEEKLY)
    house.run()
    assert house.said() == ["Declined REPLY"]
    assert house.text().count("PARTSTAT=DECLINED:mailto:grace@example.org") == 1
    assert "PARTSTAT=DECLINED:mailto:ada" not in house.text()


def test_ladder_goes_step_by_step_over_days(house):
    house.configure(ladder=LADDER, more="mail: {transport: file}")
    house.invite(NOW + timedelta(hours=95))
    for _ in range(9):
        house.run_and_tell()
        house.after(12)
    assert house.actions() == [
        ("nudge", "mail", "confirmed"), ("hold", "patch", "confirmed"), ("cancel", "cancel", "confirmed"),
    ]  # fmt: skip
    assert house.said() == ["A line or two for our session on Fri 4 Dec", "On hold for now REQUEST", "Cancelled CANCEL"]


def test_hold_marks_the_event_and_goes_when_an_agenda_comes(house):
    house.configure(ladder="{before: 60h, do: hold}")
    house.invite(NOW + timedelta(hours=50))
    house.run()
    assert "CATEGORIES:agenda pending" in house.text()
    assert "[agendad] agenda pending:" in house.text()
    house.edit("DESCRIPTION:", f"DESCRIPTION:{AGENDA}\\n")
    house.after(24).run()
    assert "agenda pending" not in house.text().replace("\r\n ", "")
    assert "the draft of chapter three" in house.text()
    assert house.said() == ["On hold for now REQUEST", "It is on REQUEST"]
    assert house.actions() == [("hold", "patch", "confirmed"), ("hold", "restore", "confirmed")]
    for _ in range(3):
        assert house.after(3).run().news == ()


def test_tentative_answer_becomes_what_it_was_when_an_agenda_comes(house):
    house.configure(ladder="{before: 60h, do: hold}")
    house.invite(NOW + timedelta(hours=50), organizer=ADA)
    house.run()
    assert "PARTSTAT=TENTATIVE:mailto:grace@example.org" in house.text()
    house.edit("END:VEVENT", f"DESCRIPTION:{AGENDA}\r\nEND:VEVENT")
    house.after(24).run()
    assert "PARTSTAT=ACCEPTED:mailto:grace@example.org" in house.text()
    assert house.said() == ["Tentative for now REPLY", "It is on REPLY"]


def test_skeleton_that_was_patched_in_is_no_agenda_and_no_human_change(house):
    house.configure(ladder="{before: 96h, do: patch}, {before: 36h, do: cancel}")
    house.invite(NOW + timedelta(hours=60))
    house.run()
    assert "- Topic 1:" in house.text()
    house.after(27).run()
    assert house.actions() == [("patch", "patch", "confirmed"), ("cancel", "cancel", "confirmed")]


def test_reschedule_proposes_three_times_that_suit_both(house):
    house.configure(ladder="", timezone="true")
    house.change("agenda: {ladder: []}", "agenda: {enabled: false}")
    house.change("timezone: {enabled: true}", "timezone: {ladder: [{before: 7d, do: reschedule}]}")
    late = NOW.replace(hour=22) + timedelta(days=3)
    house.invite(late, organizer=ADA, body=AGENDA, guests=(ADA,), more=(f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{ME}",))
    house.run()
    (action,) = house.journal.actions(NOW)
    assert (action.effect, action.state) == ("propose", "confirmed")
    assert len(action.slots) == 3
    (mail,) = house.mails()
    assert house.said()[0].endswith("COUNTER")
    assert str(mail.get_body(("plain",)).get_content()).count("\n- ") == 3


@pytest.mark.parametrize("notify", ["server", "none"])
def test_no_mail_goes_where_a_server_tells_the_guests_or_nothing_may_be_written(house, notify):
    house.configure(notify=notify)
    house.invite(TOMORROW)
    before = house.text()
    (action,) = house.run().news
    assert house.mails() == []
    if notify == "server":
        assert action.state == "confirmed"
        assert "STATUS:CANCELLED" in house.text()
    else:
        assert action.state == "skipped"
        assert "read-only" in action.detail
        assert house.text() == before


def test_what_observe_mode_would_have_done_is_still_done_in_act_mode(house):
    house.configure(mode="observe")
    house.invite(TOMORROW)
    house.run()
    assert house.actions() == [("cancel", "cancel", "would")]
    house.configure()
    house.after(1).run()
    assert house.said() == ["Cancelled CANCEL"]


def test_one_pair_can_be_piloted(house):
    house.configure(mode="observe")
    house.change("    met: true", "    met: true\n    mode: act")
    house.invite(TOMORROW)
    house.run()
    assert house.said() == ["Cancelled CANCEL"]


def test_summary_tells_what_was_done_with_the_reason_and_the_command_that_takes_it_back(house):
    house.configure(more="limits: {grace: 0h}\nmail: {transport: file}\nsummary: {at: '09:30'}")
    house.invite(TOMORROW)
    house.run_and_tell()
    (action,) = house.journal.actions(NOW)
    house.after(1).run_and_tell()
    told = house.words(house.mails(ME)[-1])
    assert "Cancelled this session" in told
    assert "The invite has no agenda" in told
    assert f"agendad undo {action.id}" in told
    sent = len(house.mails(ME))
    house.after(24).run_and_tell()
    assert len(house.mails(ME)) == sent


def test_dry_run_shows_every_text_and_changes_nothing(house):
    house.invite(TOMORROW)
    before = house.text()
    (action,) = house.run(acting=False).news
    assert action.state == "planned"
    assert "I look forward" in action.said.body.replace("\n", " ")
    assert house.text() == before
    assert house.mails() == []
    assert house.mails(ME) == []
