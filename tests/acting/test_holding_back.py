"""What the user and the guests hold back: pauses of every size, and the word in the event."""

from datetime import UTC, datetime, timedelta

import pytest

from agendad.daemon.approving import approve
from agendad.daemon.digest import coming_cancellations, compose
from agendad.daemon.pauses import Kind, Pauses, Target
from agendad.daemon.service import _until_next
from agendad.daemon.session_store import SessionStore
from agendad.providers.base import CalendarProvider
from agendad.rules.limits import State

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(hours=25)
SESSION = Target(kind=Kind.SESSION, name="one@example.org", label="Mentoring, Tue 1 Dec")
SERIES = Target(kind=Kind.SERIES, name="one@example.org", label="Mentoring")


def pause(house, target, hours=None):
    until = house.clock.now() + timedelta(hours=hours) if hours else None
    Pauses(house.store).put(target, house.clock.now(), until, "on leave")


def test_paused_session_is_left_alone_and_another_is_not(house):
    house.invite(TOMORROW)
    house.invite(TOMORROW + timedelta(hours=2), uid="two@example.org", name="two.ics")
    pause(house, SESSION)
    by_uid = {action.key[0]: action for action in house.run().news}
    assert by_uid["one@example.org"].state == "skipped"
    assert "on leave" in by_uid["one@example.org"].detail
    assert by_uid["two@example.org"].state == "confirmed"


@pytest.mark.parametrize("target", [SESSION, SERIES])
def test_pause_that_is_over_lets_go_on_by_itself(house, target):
    house.invite(TOMORROW)
    pause(house, target, hours=2)
    house.run()
    assert house.mails() == []
    house.after(1.9).run()
    assert house.mails() == []
    house.after(0.2).run()
    assert house.said() == ["Cancelled CANCEL"]


def test_service_wakes_when_a_pause_is_over(house, ticking):
    house.change("rules:", "sync: {every: 5h}\nrules:")
    house.invite(NOW + timedelta(days=20))
    house.run()
    pause(house, SESSION, hours=2)
    assert _until_next(ticking(house), house.store) == timedelta(hours=2)


@pytest.mark.parametrize("ladder", ["{before: 36h, do: cancel}", "{before: 36h, do: nudge}"])
def test_pause_that_is_set_after_the_plan_holds_the_step_back(house, ladder):
    house.configure(ladder=ladder)
    house.invite(TOMORROW)
    before = house.text()
    (planned,) = house.run(acting=False).news
    assert planned.state == "planned"
    pause(house, SESSION)
    done = house.executor().carry_out(planned)
    assert (done.state, "is paused" in done.detail) == ("skipped", True)
    assert (house.text(), house.mails()) == (before, [])


def pausing_before_the_write(house):
    """A provider that is slow: the pause is set while it reads the event once more, after every check."""
    provider: CalendarProvider = house.context.providers["home"]
    read = provider.get

    def slow(event):
        fresh = read(event)
        slow.readings += 1
        if slow.readings == 2:  # the executor's own is the first
            pause(house, SESSION)
        return fresh

    slow.readings = 0
    provider.get = slow
    return slow


def test_pause_that_is_set_while_the_write_is_under_way_still_holds_it_back(house):
    house.invite(TOMORROW)
    before = house.text()
    (planned,) = house.run(acting=False).news
    slow = pausing_before_the_write(house)
    done = house.executor().carry_out(planned)
    assert slow.readings == 2
    assert (done.state, "is paused" in done.detail) == ("skipped", True)
    assert "intended" not in house.states()
    assert (house.text(), house.mails()) == (before, [])


def test_approved_step_that_meets_a_pause_waits_for_another_yes(house):
    house.configure(mode="approve")
    house.invite(TOMORROW)
    house.run()
    (action,) = house.journal.in_state("pending")
    pause(house, SESSION)
    with house.store.transaction():
        approve(house.journal, action, NOW)
    house.run(decide_anew=False)
    again = house.journal.action(action.id)
    assert again.state == "pending"
    assert again.detail.startswith("approved, but Mentoring, Tue 1 Dec is paused (on leave)")
    Pauses(house.store).lift(SESSION)
    with house.store.transaction():
        approve(house.journal, again, NOW)
    house.run(decide_anew=False)
    assert house.said() == ["Cancelled CANCEL"]


def test_summary_tells_what_is_paused_and_announces_nothing_of_it(house):
    house.configure(more="limits: {grace: 12h}\nmail: {transport: file}")
    house.invite(NOW + timedelta(hours=60))
    house.run()
    assert len(coming_cancellations(house.context, house.store, NOW)) == 1
    pause(house, SESSION)
    told = compose(house.context, house.store, NOW)
    assert told.coming == ()
    assert told.sessions[0].next_step == "nothing, paused: Mentoring, Tue 1 Dec, until `agendad resume` (on leave)"
    assert any(note.endswith("agendad resume --session one@example.org") for note in told.notes)
    house.after(46).run_and_tell()
    assert house.mails() == []


def test_cancellation_after_a_pause_is_told_of_before_it_goes(house):
    house.configure(more="limits: {grace: 12h}\nmail: {transport: file}")
    house.invite(NOW + timedelta(hours=70))
    house.run()
    pause(house, SESSION)
    assert [house.after(1).run_and_tell() and warned_at(house) for _ in range(40)] == [None] * 40
    Pauses(house.store).lift(SESSION)
    warned = [house.after(1).run_and_tell() and warned_at(house) for _ in range(2)][-1]
    assert warned is not None
    for _ in range(14):
        house.after(1).run_and_tell()
    (done,) = [action for action in house.journal.actions(NOW) if action.state == "confirmed"]
    assert done.acted_at - warned >= timedelta(hours=12)


def warned_at(house):
    row = SessionStore(house.store).session(("one@example.org", ""))
    return row.warned_at


@pytest.mark.parametrize(
    "more",
    [{"more": ("CATEGORIES:no-agendad",)}, {"body": "#no-agendad"}, {"title": "Mentoring: Ada and Grace #agendad-off"}],
)
def test_event_that_opts_out_is_left_alone_until_the_word_is_gone(house, more):
    house.invite(TOMORROW, **more)
    assert house.run().news == ()
    assert house.mails() == []
    house.invite(TOMORROW)
    house.run()
    assert house.said() == ["Cancelled CANCEL"]


def test_series_that_opts_out_has_no_occurrence_that_is_acted_on(house):
    house.invite(TOMORROW - timedelta(days=7), more=("RRULE:FREQ=WEEKLY;COUNT=5", "CATEGORIES:agendad-off"))
    for _ in range(10):
        assert house.run().news == ()
        house.after(24)
    assert house.mails() == []


def test_word_that_comes_between_decision_and_action_holds_it_back(house):
    house.invite(TOMORROW)
    (planned,) = house.run(acting=False).news
    house.edit("END:VEVENT", "CATEGORIES:no-agendad\r\nEND:VEVENT")
    before = house.text()
    assert house.executor().carry_out(planned).state == "skipped"
    assert house.run().news == ()
    assert (house.text(), house.mails()) == (before, [])


@pytest.mark.parametrize("answered", [False, True])
def test_question_about_an_event_that_opts_out_is_closed(house, answered):
    house.configure(mode="approve")
    house.invite(TOMORROW)
    house.run()
    (action,) = house.journal.in_state("pending")
    house.edit("END:VEVENT", "CATEGORIES:no-agendad\r\nEND:VEVENT")
    if answered:
        with house.store.transaction():
            approve(house.journal, action, NOW)
    house.run(decide_anew=not answered)
    closed = house.journal.action(action.id)
    assert (closed.state, "opts out" in closed.detail) == ("skipped", True)
    assert house.mails() == []


def asked_at(house, *, hours=3, times=40):
    """Passes every few hours; how long before the start the user was asked whether to cancel, None for never."""
    start = house.clock.now() + timedelta(days=5)
    house.invite(start)
    for _ in range(times):
        house.run_and_tell()
        if asked := [one for one in house.journal.in_state(State.PENDING) if "cancel" in (one.rung, one.action)]:
            assert house.after(hours).run().news == (), "asked once"
            return start - asked[0].decided_at
        house.after(hours)
    return None


@pytest.mark.parametrize("mode", ["approve", "act"])
def test_question_before_a_first_meeting_is_cancelled_comes_in_time(house, mode):
    house.configure(mode=mode, more="mail: {transport: file}")
    house.change("met: true", "met: false")
    assert timedelta(hours=30) < asked_at(house) <= timedelta(hours=36)


def test_question_whether_to_cancel_comes_when_the_cancellation_would(house):
    house.configure(mode="approve", more="mail: {transport: file}")
    assert timedelta(hours=24) < asked_at(house) <= timedelta(hours=36)
