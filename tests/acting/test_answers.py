"""Yes, no and taking back: what the user says, in one process; see end_to_end for the commands."""

from datetime import UTC, datetime, timedelta

import pytest

from agendad.daemon.approving import approve, reject
from agendad.daemon.undoing import CannotUndo

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(hours=25)
ME, ADA = "grace@example.org", "ada@example.com"
WEEKLY = ("RRULE:FREQ=WEEKLY;COUNT=5", "X-KEEP:as it is", "SEQUENCE:7")


def asked(house):
    """The one question that is open."""
    (action,) = house.journal.in_state("pending")
    return action


def say_yes(house, action):
    with house.store.transaction():
        approve(house.journal, action, house.clock.now())
    house.run(decide_anew=False)
    return house.journal.action(action.id)


@pytest.fixture
def approving(house):
    house.configure(mode="approve")
    return house


# yes


def test_nothing_goes_out_before_the_yes_and_then_at_once(approving):
    approving.invite(TOMORROW)
    before = approving.text()
    approving.run()
    action = asked(approving)
    assert (action.effect, action.to) == ("cancel", (ADA,))
    assert "I look forward" in action.said.body.replace("\n", " ")
    assert (approving.text(), approving.mails()) == (before, [])
    done = say_yes(approving, action)
    assert done.state == "confirmed"
    assert approving.said() == ["Cancelled CANCEL"]
    assert approving.words(approving.mails()[0]) == " ".join(action.said.body.split())


def test_yes_overrides_freeze_and_night(approving):
    approving.invite(TOMORROW)
    approving.run()
    done = say_yes(approving.after(23), asked(approving))
    assert done.state == "confirmed"


def test_yes_does_not_override_one_message_a_person_a_day(approving):
    approving.invite(TOMORROW)
    approving.invite(TOMORROW + timedelta(hours=2), uid="two@example.org", name="two.ics")
    approving.run()
    first = asked(approving)
    approving.after(14).run()  # the next day in London
    second = next(action for action in approving.journal.in_state("pending") if action.id != first.id)
    assert say_yes(approving, first).state == "confirmed"
    done = say_yes(approving, second)
    assert done.state == "pending"
    assert "has already got a message today" in done.detail
    assert len(approving.mails()) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SUMMARY:Mentoring: Ada and Grace", "SUMMARY:Mentoring: Ada and Grace Hopper"),
        ("PARTSTAT=ACCEPTED:mailto:ada", "PARTSTAT=TENTATIVE:mailto:ada"),
    ],
)
def test_event_that_changed_after_the_question_is_asked_about_again(approving, old, new):
    approving.invite(TOMORROW)
    approving.run()
    action = asked(approving)
    approving.edit(old, new)
    before = approving.text()
    again = say_yes(approving, action)
    assert again.state == "pending"
    assert again.detail == "asked again: the event changed after you were asked"
    assert (approving.text(), approving.mails()) == (before, [])
    assert say_yes(approving, again).state == "confirmed"


def test_text_that_changed_after_the_question_is_asked_about_again(approving):
    approving.invite(TOMORROW)
    approving.run()
    words = approving.folder / "words" / "en"
    words.mkdir(parents=True)
    (words / "cancel.organizer.txt.j2").write_text("Cancelled: {{ day }}\n\nNot this time, {{ reader }}.\n")
    approving.change("rules:", "templates: words\nrules:")
    again = say_yes(approving, asked(approving))
    assert again.detail == "asked again: the text changed after you were asked"
    assert again.said.body == "Not this time, Ada."
    assert say_yes(approving, again).state == "confirmed"
    assert approving.words(approving.mails()[0]) == "Not this time, Ada."


def break_template(house, name):
    words = house.folder / "words" / "en"
    words.mkdir(parents=True)
    (words / f"{name}.txt.j2").write_text("Subject\n\n{{ nickname }}\n")
    house.change("rules:", "templates: words\nrules:")
    return words / f"{name}.txt.j2"


def test_template_that_broke_after_the_question_is_told_and_asked_about_again(approving):
    approving.invite(TOMORROW)
    approving.run()
    path = break_template(approving, "cancel.organizer")
    again = say_yes(approving, asked(approving))
    assert (again.state, "'nickname' is undefined" in again.detail) == ("pending", True)
    assert approving.mails() == []
    path.unlink()
    approving.reload()
    assert say_yes(approving, again).state == "confirmed"


def test_template_that_breaks_an_undo_stops_that_undo_and_another_finishes_it(house):
    house.invite(TOMORROW)
    (action,) = house.run().news
    path = break_template(house, "restore.organizer")
    for _ in range(2):
        with house.store.transaction():
            house.journal.wish(action, "undo")
        house.run()
        stopped = house.journal.action(action.id)
        assert (stopped.state, stopped.wish) == ("confirmed", "")
        assert f"run again: agendad undo {action.id}" in stopped.detail
    path.unlink()
    house.reload()
    undo(house, stopped)
    assert house.journal.action(action.id).state == "undone"
    assert house.said() == ["Cancelled CANCEL", "It is on after all REQUEST"]


def test_recipients_that_changed_after_the_question_are_asked_about_again(approving):
    approving.configure(mode="approve", ladder="{before: 36h, do: nudge}")
    approving.invite(TOMORROW)
    approving.run()
    action = asked(approving)
    assert action.to == (ADA,)
    approving.change("    met: true", "    met: true\n    owner: mentor")
    again = say_yes(approving, action)
    assert again.detail == "asked again: the recipients changed after you were asked"
    assert again.to == (ME,)
    assert approving.mails() == []


def test_question_about_a_session_that_is_fine_now_is_closed(approving):
    approving.invite(TOMORROW)
    approving.run()
    action = asked(approving)
    approving.edit("END:VEVENT", "DESCRIPTION:Agenda:\\n- the draft of chapter three\r\nEND:VEVENT")
    assert say_yes(approving, action).state == "skipped"
    assert approving.mails() == []


def test_question_expires_when_the_session_begins(approving):
    approving.invite(TOMORROW)
    approving.run()
    action = asked(approving)
    approving.after(25.25).run()
    assert approving.journal.action(action.id).detail == "nobody answered before it began"
    assert approving.mails() == []


def test_first_meeting_is_asked_about_and_cancelled_after_a_yes(house):
    house.change("    met: true\n", "")
    house.change("rules:\n", "rules:\n  first-call: {enabled: false}\n")
    house.invite(TOMORROW)
    house.run()
    action = asked(house)
    assert (action.rung, action.effect) == ("cancel", "ask")
    assert "first meetings are never cancelled unasked" in action.detail
    assert house.mails() == []
    done = say_yes(house, action)
    assert (done.effect, done.state) == ("cancel", "confirmed")
    assert house.said() == ["Cancelled CANCEL"]
    assert house.run().news == ()


def test_yes_that_lacks_the_means_says_what_is_missing(approving):
    approving.invite(TOMORROW)
    approving.run()
    action = asked(approving)
    approving.change("mail: {transport: file}", "")
    done = say_yes(approving, action)
    assert "no `mail:` in the configuration" in done.detail
    assert approving.mails() == []


def test_yes_does_not_override_a_pause(approving):
    approving.invite(TOMORROW)
    approving.run()
    action = asked(approving)
    approving.pause("grace-ada")
    done = say_yes(approving, action)
    assert "is paused" in done.detail
    assert approving.mails() == []


def test_yes_does_nothing_in_observe_mode(approving):
    approving.invite(TOMORROW)
    approving.run()
    action = asked(approving)
    approving.change("mode: approve", "mode: observe")
    done = say_yes(approving, action)
    assert (done.state, done.detail) == ("pending", "approved, but the mode is observe now")
    assert approving.mails() == []


def test_yes_does_nothing_on_an_account_that_cannot_be_read(approving):
    approving.invite(TOMORROW)
    approving.run()
    action = asked(approving)
    approving.home.rename(approving.folder / "elsewhere")
    done = say_yes(approving, action)
    assert (done.state, "could not be read" in done.detail) == ("pending", True)
    (approving.folder / "elsewhere").rename(approving.home)
    assert say_yes(approving, done).state == "confirmed"


# no


def test_no_is_remembered_until_people_change_the_event(approving):
    approving.invite(TOMORROW)
    approving.run()
    with approving.store.transaction():
        reject(approving.journal, asked(approving), NOW)
    for _ in range(3):
        assert approving.after(1).run().news == ()
    approving.edit("SUMMARY", "DESCRIPTION:Hello Ada\r\nSUMMARY")
    approving.run()
    assert asked(approving).rung == "cancel"


def test_no_to_one_step_ends_that_ladder(approving):
    approving.configure(mode="approve", ladder="{before: 60h, do: hold}, {before: 36h, do: cancel}")
    approving.invite(NOW + timedelta(hours=50))
    approving.run()
    with approving.store.transaction():
        reject(approving.journal, asked(approving), NOW)
    for _ in range(30):
        assert approving.after(1).run().news == ()


# taking back


def undo(house, action):
    house.after(0.1)
    return house.executor().undoing.undo(action, lambda event: house.wording().of_undoing(event, action))


def test_undo_brings_the_occurrence_back_as_a_later_revision_and_tells_the_guest_once(house):
    house.invite(TOMORROW - timedelta(days=7), more=WEEKLY)
    (action,) = house.run().news
    undone = undo(house, action)
    assert undone.state == "undone"
    assert "CANCELLED" not in house.text()
    assert "SEQUENCE:9" in house.text()
    assert house.said() == ["Cancelled CANCEL", "It is on after all REQUEST"]
    for _ in range(3):
        assert house.after(1).run().news == ()
    assert len(house.mails()) == 2
    with pytest.raises(CannotUndo, match="taken back already"):
        undo(house, undone)


def test_undone_hold_leaves_what_people_wrote_and_ends_the_ladder(house):
    house.configure(ladder="{before: 60h, do: hold}, {before: 36h, do: cancel}")
    house.invite(NOW + timedelta(hours=50), body="Hello Ada")
    (action,) = house.run().news
    undo(house, action)
    assert "agenda pending" not in house.text()
    assert "DESCRIPTION:Hello Ada" in house.text()
    for _ in range(30):
        house.after(1).run()
    assert house.actions() == [("hold", "patch", "undone")]
    assert house.said() == ["On hold for now REQUEST", "It is on REQUEST"]


def test_undone_decline_gives_the_earlier_answer(house):
    house.invite(TOMORROW, organizer=ADA)
    (action,) = house.run().news
    undo(house, action)
    assert "PARTSTAT=ACCEPTED:mailto:grace@example.org" in house.text()
    assert house.said() == ["Declined REPLY", "My answer is as before REPLY"]


def test_mail_cannot_be_taken_back(house):
    house.configure(ladder="{before: 36h, do: nudge}")
    house.invite(TOMORROW)
    (action,) = house.run().news
    with pytest.raises(CannotUndo, match="a mail that was sent cannot be taken back"):
        undo(house, action)


def test_nothing_is_taken_back_once_the_session_has_begun(house):
    house.invite(TOMORROW)
    (action,) = house.run().news
    before = house.text()
    with pytest.raises(CannotUndo, match="has begun"):
        undo(house.after(26), action)
    assert house.text() == before


def test_wish_to_undo_is_done_by_the_next_pass_of_whoever_is_at_work(house):
    house.invite(TOMORROW)
    (action,) = house.run().news
    with house.store.transaction():
        house.journal.wish(action, "undo")
    house.run(decide_anew=False)
    assert house.journal.action(action.id).state == "undone"
    assert house.said() == ["Cancelled CANCEL", "It is on after all REQUEST"]
