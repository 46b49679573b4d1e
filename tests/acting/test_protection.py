"""The rules that protect people, each seen to hold in act mode."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agendad.providers.model import Attendee
from agendad.rules.limits import State

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(hours=25)
ME, ADA = "grace@example.org", "ada@example.com"
BOB = "bob@example.com"


def left_alone(house, before):
    return house.text() == before and house.mails() == []


# what was decided is held against the event once more


def test_event_edited_between_decision_and_action_is_left_alone_and_judged_again(house):
    house.invite(TOMORROW)
    (planned,) = house.run(acting=False).news
    assert planned.state == "planned"
    house.edit("SUMMARY:Mentoring: Ada and Grace", "SUMMARY:Mentoring: Ada and Grace (moved rooms)")
    before = house.text()
    done = house.executor().carry_out(planned)
    assert (done.state, left_alone(house, before)) == ("skipped", True)
    assert "changed a moment ago" in done.detail
    house.run()
    assert house.said() == ["Cancelled CANCEL"]


def test_agenda_written_between_decision_and_action_keeps_the_session(house):
    house.invite(TOMORROW)
    (planned,) = house.run(acting=False).news
    house.edit("END:VEVENT", "DESCRIPTION:Agenda:\\n- the draft of chapter three\r\nEND:VEVENT")
    before = house.text()
    house.executor().carry_out(planned)
    house.run()
    assert left_alone(house, before)


def test_event_that_went_between_decision_and_action_is_let_go(house):
    path = house.invite(TOMORROW)
    (planned,) = house.run(acting=False).news
    path.unlink()
    assert house.executor().carry_out(planned).state == "skipped"
    assert house.mails() == []


def test_account_that_cannot_be_read_is_not_acted_on(house):
    house.invite(TOMORROW)
    house.run(acting=False)
    shutil.move(house.home, house.folder / "elsewhere")
    report = house.run()
    assert not report.accounts[0].ok
    assert house.mails() == []
    assert all(action.state == "skipped" for action in report.news)


def test_session_that_began_while_the_pass_ran_is_left_alone(house):
    house.invite(TOMORROW)
    (planned,) = house.run(acting=False).news
    before = house.text()
    done = house.after(26).executor().carry_out(planned)
    assert (done.state, left_alone(house, before)) == ("skipped", True)


def test_decision_that_comes_to_be_done_inside_the_freeze_is_left_alone(house):
    house.invite(TOMORROW)
    (planned,) = house.run(acting=False).news
    before = house.text()
    done = house.after(14).executor().carry_out(planned)
    assert (done.state, left_alone(house, before)) == ("skipped", True)


def test_clock_that_disagrees_with_the_servers_stops_everything(house, remote, make_event):
    remote.put(make_event(TOMORROW, calendar="main"))
    remote.offset = timedelta(minutes=6)
    report = house.run()
    assert "differ by 6 minutes" in report.accounts[0].held[0]
    assert [action.state for action in report.news] == ["skipped"]
    assert remote.notices == []
    remote.offset = timedelta(minutes=4)
    assert [action.state for action in house.run().news] == ["confirmed"]


def test_server_that_tells_the_guests_is_asked_to_once_and_no_mail_of_ours_goes(house, remote, make_event):
    remote.put(make_event(TOMORROW, calendar="main"))
    house.run()
    house.run()
    assert [notice.to for notice in remote.notices] == [(ADA,)]
    assert house.mails() == []


def test_fault_of_our_own_stops_one_step_and_is_told(house, remote, make_event):
    bob = "mentee: {name: Bob, emails: [bob@example.com], timezone: UTC}"
    house.change("rules:", f"  - {{name: grace-bob, mentor: me, met: true, {bob}}}\nrules:")
    remote.put(make_event(TOMORROW, calendar="main"))
    remote.put(make_event(TOMORROW, calendar="main", id="b", uid="b@example.org", attendees=(Attendee(email=BOB),)))
    remote.broken.add("b@example.org")
    states = {action.key[0]: (action.state, action.detail) for action in house.run().news}
    assert states.pop("b@example.org")[0] == "failed"
    assert [state for state, _ in states.values()] == ["confirmed"]
    assert [notice.to for notice in remote.notices] == [(ADA,)]


# the user is told first


def test_user_is_told_at_least_grace_before_a_cancellation(house):
    house.configure(more="mail: {transport: file}\nsummary: {days: [sun]}")
    house.invite(NOW + timedelta(hours=49))
    told_at = cancelled_at = None
    for _ in range(60):
        house.run_and_tell()
        if told_at is None and any("cancellation" in mail["Subject"] for mail in house.mails(ME)):
            told_at = house.clock.now()
        if cancelled_at is None and house.mails():
            cancelled_at = house.clock.now()
        house.after(0.5)
    assert cancelled_at - told_at >= timedelta(hours=12)
    assert NOW + timedelta(hours=13) <= cancelled_at <= NOW + timedelta(hours=18)


def test_nothing_is_cancelled_that_the_user_could_not_be_told_of(house):
    house.invite(TOMORROW)
    (house.folder / "state" / "outbox").write_text("in the way")
    before = house.text()
    (action,) = house.run().news
    assert action.state == "skipped"
    assert action.detail.startswith("you have not been told of it yet: The mail folder")
    assert house.text() == before
    (house.folder / "state" / "outbox").unlink()
    house.run()
    assert house.said() == ["Cancelled CANCEL"]


def test_telling_says_how_to_keep_the_session(house):
    house.configure(more="mail: {transport: file}")
    house.invite(NOW + timedelta(hours=40))
    house.run()
    (mail,) = house.mails(ME)
    assert mail["Subject"] == "agendad: 1 cancellation to come (Mon 30 Nov)"
    assert "“agenda: none needed” keeps it without one" in house.words(mail)
    assert "agendad pause grace-ada" in house.words(mail)


def test_session_whose_ladder_starts_anew_is_told_of_anew(house):
    house.configure(more="mail: {transport: file}")
    house.invite(NOW + timedelta(hours=60))
    house.after(12).run()
    assert len(house.mails(ME)) == 1
    house.after(8).edit("SUMMARY", "DESCRIPTION:Hello Ada\r\nSUMMARY")  # a human change
    house.run()
    assert (len(house.mails()), len(house.mails(ME))) == (0, 2)
    house.after(20).run()
    assert house.mails() == []
    house.after(2).run()
    assert house.said() == ["Cancelled CANCEL"]


# who may hear of it


def test_guest_who_is_not_in_the_configuration_is_never_mailed(house):
    house.invite(TOMORROW, guests=(ME, ADA, BOB))
    before = house.text()
    (action,) = house.run().news
    assert action.state == "skipped"
    assert action.detail.startswith("bob@example.com would have to hear of it by mail")
    assert left_alone(house, before)
    assert house.mails(BOB) == []


def test_without_mail_in_the_configuration_nothing_that_needs_it_is_done(house):
    house.configure(more="limits: {grace: 0h}")
    house.invite(TOMORROW)
    before = house.text()
    (action,) = house.run().news
    assert (action.state, left_alone(house, before)) == ("skipped", True)
    assert "no `mail:` in the configuration" in action.detail


def test_private_event_is_not_quoted(house):
    house.invite(TOMORROW, more=("CLASS:PRIVATE", "COMMENT:secret"))
    house.run()
    (mail,) = house.mails()
    assert "Ada and Grace" not in mail.as_string()
    assert all("Ada and Grace" not in one.as_string() for one in house.mails(ME))
    part = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
    assert "SUMMARY" not in part.get_payload(decode=True).decode()


def test_two_sessions_with_one_person_on_one_day_are_one_message(house):
    house.invite(TOMORROW)
    house.invite(TOMORROW + timedelta(hours=2), uid="two@example.org", name="two.ics")
    states = sorted(action.state for action in house.run().news)
    assert states == ["confirmed", "skipped"]
    assert len(house.mails()) == 1
    assert house.after(1).run().news == ()
    assert len(house.mails()) == 1


def test_never_more_cancellations_a_day_than_allowed(house):
    house.change("limits: {grace: 0h}", "limits: {grace: 0h, max_cancels_per_day: 1}")
    mentee = (
        "  - {name: grace-bob, mentor: me, met: true, mentee: {name: Bob, emails: [bob@example.com], timezone: UTC}}"
    )
    house.change("rules:", f"{mentee}\nrules:")
    house.invite(TOMORROW)
    house.invite(TOMORROW, uid="two@example.org", guests=(ME, BOB), name="two.ics")
    assert sorted(action.state for action in house.run().news) == ["confirmed", "skipped"]
    assert house.text("two.ics").count("CANCELLED") + house.text().count("CANCELLED") == 1


# the first time, other robots, and old backups


def test_first_acting_with_much_to_do_shows_it_and_asks(house):
    house.change("limits: {grace: 0h}", "limits: {grace: 0h, max_actions_per_run: 2, max_cancels_per_day: 9}")
    for number in range(3):
        house.invite(TOMORROW + timedelta(hours=number), uid=f"{number}@example.org", name=f"{number}.ics")
    report = house.run()
    assert [action.state for action in report.news] == ["pending"] * 3
    assert "3 actions are due at once" in report.news[0].detail
    assert house.mails() == []
    assert house.run().news == ()


def other_installation(house, tmp_path):
    """A second one on the same calendar and mail folder."""
    other = type(house)(tmp_path / "other", house.clock)
    other.configure()
    other.change("path: home", f"path: {house.home}")
    other.change("mail: {transport: file}", f"mail: {{transport: file, path: {house.folder / 'state' / 'outbox'}}}")
    return other


def test_two_installations_cancel_once(house, tmp_path):
    house.invite(TOMORROW)
    other = other_installation(house, tmp_path)
    (first,) = house.run(acting=False).news
    (second,) = other.run(acting=False).news
    assert first.mark == second.mark
    house.store.connection.execute("UPDATE sessions SET warned_at = '2026-11-30T00:00:00Z'")
    house.executor().carry_out(first)
    other.executor().carry_out(second)
    assert house.said() == ["Cancelled CANCEL"]
    assert house.text().count("STATUS:CANCELLED") == 1
    other.store.close()


def test_two_installations_nudge_once(house, tmp_path):
    house.configure(ladder="{before: 96h, do: nudge}")
    house.invite(TOMORROW)
    house.run()
    other = other_installation(house, tmp_path)
    other.configure(ladder="{before: 96h, do: nudge}")
    other.change("path: home", f"path: {house.home}")
    other.change("mail: {transport: file}", f"mail: {{transport: file, path: {house.folder / 'state' / 'outbox'}}}")
    assert [action.state for action in other.run().news] == ["confirmed"]
    assert len(house.mails()) == 1
    other.store.close()


def test_event_that_another_installation_looks_after_is_only_asked_about(house):
    house.invite(TOMORROW, more=("X-AGENDAD:0123456789@someoneelse",))
    before = house.text()
    (action,) = house.run().news
    assert (action.effect, action.state) == ("ask", "pending")
    assert "another agendad" in action.detail
    assert left_alone(house, before)


def test_restored_backup_acts_on_nothing_until_the_user_confirms(house):
    house.invite(TOMORROW)
    house.run(acting=False)
    backup = house.store.scratch_copy()
    house.run()
    assert house.said() == ["Cancelled CANCEL"]
    house.invite(TOMORROW + timedelta(days=1), uid="two@example.org", name="two.ics")
    with backup.transaction():
        backup.remember("installation", house.journal.installation)
    house.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    backup.connection.backup(house.store.connection)
    backup.close()
    report = house.after(24).run()
    assert "does not know" in report.accounts[0].held[0]
    assert not any(action.state in ("confirmed", "sent") for action in report.news)
    assert len(house.mails()) == 1
    house.run(confirmed=frozenset({"home"}))
    house.run()
    assert len(house.mails()) == 2


def test_event_that_others_move_twice_within_a_day_is_only_asked_about(house):
    house.configure(ladder="{before: 96h, do: hold}")
    house.invite(TOMORROW + timedelta(days=9))
    house.run()
    for hours in (27, 28):
        house.invite(NOW + timedelta(hours=hours), more=(f"SEQUENCE:{hours}",))
        house.after(1).run(acting=False, decide_anew=False)
    (action,) = house.run().news
    assert (action.effect, action.state) == ("ask", "pending")
    assert "moved it twice" in action.detail


# mail that does not go


def test_notice_that_cannot_go_waits_and_goes_once_when_it_can(house):
    house.invite(TOMORROW)
    (planned,) = house.run(acting=False).news
    (house.folder / "state" / "outbox").write_text("in the way")
    done = house.executor().carry_out(planned)
    assert done.state == "sent"
    assert "the mail waits and is tried again" in done.detail
    assert "STATUS:CANCELLED" in house.text()
    (house.folder / "state" / "outbox").unlink()
    house.run()
    house.run()
    assert house.said() == ["Cancelled CANCEL"]
    assert house.states() == ["planned", "intended", "sent", "sent", "confirmed"]


def test_write_cut_short_on_an_account_that_was_taken_out_is_settled_as_unknown(house):
    house.invite(TOMORROW)
    (planned,) = house.run(acting=False).news
    house.journal.advance(planned, State.INTENDED, NOW)
    replace(house.executor(), providers={}).settle()
    assert house.states()[-1] == "unknown"
    assert house.mails() == []


def test_notice_is_not_sent_once_the_session_has_begun(house):
    house.invite(TOMORROW)
    (planned,) = house.run(acting=False).news
    (house.folder / "state" / "outbox").write_text("in the way")
    house.executor().carry_out(planned)
    (house.folder / "state" / "outbox").unlink()
    house.after(26).run()
    assert house.mails() == []
    assert house.actions() == [("cancel", "cancel", "failed")]


def test_nudge_that_cannot_go_is_decided_anew_each_time(house):
    house.configure(ladder="{before: 96h, do: nudge}")
    house.invite(TOMORROW)
    house.run(acting=False)
    (house.folder / "state" / "outbox").write_text("in the way")
    assert [action.state for action in house.run().news] == ["skipped"]
    house.edit("END:VEVENT", "DESCRIPTION:Agenda:\\n- the draft of chapter three\r\nEND:VEVENT")
    (house.folder / "state" / "outbox").unlink()
    house.run()
    assert house.mails() == []


def test_file_that_cannot_be_written_is_told_and_tried_again(house):
    path = house.invite(TOMORROW)
    path.chmod(0o444)
    (action,) = house.run().news
    assert action.state == "skipped"
    assert "read-only" in action.detail
    assert house.mails() == []
    path.chmod(0o644)
    house.run()
    assert house.said() == ["Cancelled CANCEL"]


@pytest.mark.parametrize("target", [None, "grace-ada", "Ada Lovelace"])
def test_pause_holds_everything_back(house, target):
    house.invite(TOMORROW)
    house.pause(target)
    before = house.text()
    (action,) = house.run().news
    assert (action.state, left_alone(house, before)) == (State.SKIPPED, True)


def test_agenda_none_needed_keeps_the_session(house):
    house.invite(TOMORROW, body="Agenda: none needed")
    assert house.run().news == ()
    assert house.mails() == []
