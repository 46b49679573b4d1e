"""Texts that the user has edited: they go out as they are, or wait for another yes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agendad.daemon.approving import approve, reject
from agendad.daemon.pauses import Pauses, target_of

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(hours=25)
OWN = (
    "Dear Ada,\n\na line of my own that is longer than any line that agendad itself would ever write on its own.\n\nG."
)


@pytest.fixture
def asking(house):
    """A house with a question that the user has edited."""
    house.configure(mode="approve")
    house.invite(TOMORROW)
    house.run()
    reword(house, asked(house))
    return house


def asked(house):
    (action,) = house.journal.in_state("pending")
    return action


def reword(house, action, body=OWN):
    with house.store.transaction():
        return house.journal.reword(action, replace(action.said, subject="Not today", body=body), house.clock.now())


def say_yes(house, action):
    with house.store.transaction():
        approve(house.journal, action, house.clock.now())
    house.run(decide_anew=False)
    return house.journal.action(action.id)


def test_yes_sends_exactly_what_the_user_wrote(asking):
    done = say_yes(asking, asked(asking))
    assert (done.state, done.edited) == ("confirmed", True)
    (mail,) = asking.mails()
    assert mail["Subject"] == "Not today"
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n").rstrip("\n") == OWN
    assert asking.states() == ["pending", "pending", "approved", "approved", "intended", "sent", "confirmed"]


def test_passes_in_between_leave_the_words_alone(asking):
    for _ in range(3):
        assert asking.after(1).run().news == ()
    assert asked(asking).said.body == OWN


def test_event_that_changed_is_asked_about_again_with_the_users_words_and_a_note(asking):
    action = asked(asking)
    asking.edit("SUMMARY:Mentoring: Ada and Grace", "SUMMARY:Mentoring: Ada and Grace Hopper")
    again = say_yes(asking, action)
    assert again.state == "pending"
    assert again.detail.startswith("asked again: the event changed after you were asked; the words are your own")
    assert (again.said.body, asking.mails()) == (OWN, [])
    assert say_yes(asking, again).state == "confirmed"
    assert asking.words(asking.mails()[0]) == " ".join(OWN.split())


@pytest.mark.parametrize("effect", ["cancel", "nudge"])
def test_event_that_was_moved_is_asked_about_anew_with_the_users_words(house, effect):
    house.configure(mode="approve", ladder=f"{{before: 36h, do: {effect}}}")
    house.invite(TOMORROW)
    house.run()
    reword(house, asked(house))
    house.invite(TOMORROW + timedelta(hours=1))
    house.after(0.5).run()
    house.run()  # the question about the event as it was is closed by the pass before
    again = asked(house)
    assert (again.said.body, again.said.subject, again.edited) == (OWN, "Not today", True)
    assert "the words are your own" in again.detail
    assert say_yes(house, again).state == "confirmed"
    assert house.words(house.mails()[0]) == " ".join(OWN.split())


def test_own_words_are_not_sent_by_themselves_when_the_mode_is_act_by_now(asking):
    asking.change("mode: approve", "mode: act")
    asking.invite(TOMORROW + timedelta(hours=1))
    asking.after(0.5).run()
    asking.run()
    assert (asked(asking).said.body, asking.mails()) == (OWN, [])


def test_template_that_changed_is_nothing_to_the_users_words(asking):
    words = asking.folder / "words" / "en"
    words.mkdir(parents=True)
    (words / "cancel.organizer.txt.j2").write_text("Cancelled: {{ day }}\n\nNot this time, {{ reader }}.\n")
    asking.change("rules:", "templates: words\nrules:")
    assert say_yes(asking, asked(asking)).state == "confirmed"
    assert asking.words(asking.mails()[0]) == " ".join(OWN.split())


def test_words_survive_a_pause(asking):
    Pauses(asking.store).put(target_of(None, asking.context.policy), NOW, None)
    again = say_yes(asking, asked(asking))
    assert (again.state, again.said.body) == ("pending", OWN)
    Pauses(asking.store).lift(target_of(None, asking.context.policy))
    assert say_yes(asking, again).state == "confirmed"


def test_agendads_own_words_put_back_are_no_edit(asking):
    action = asked(asking)
    with asking.store.transaction():
        back = asking.journal.reword(action, action.drafted, NOW)
    assert (back.edited, "I look forward" in " ".join(back.said.body.split())) == (False, True)
    assert [entry.detail for entry in asking.journal.states_of(back)][1:] == [
        "you edited its text",
        "you took your own text back",
    ]


def test_words_of_what_was_refused_do_not_come_back(asking):
    with asking.store.transaction():
        reject(asking.journal, asked(asking), NOW)
    asking.invite(TOMORROW + timedelta(hours=1))
    asking.after(0.5).run()
    assert not asked(asking).edited
