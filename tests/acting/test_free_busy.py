"""What else there is at the time of a session: in the user's calendars, and in the other person's."""

from dataclasses import replace
from datetime import timedelta

import pytest
from acting.conftest import ADA, HOUR, ME, NOW, Remote, vevent

from agendad.daemon.clock import FixedClock
from agendad.daemon.free_busy import AHEAD, FreeBusyStore
from agendad.daemon.session_store import SessionStore
from agendad.providers.base import Capabilities, Notices, Window, WriteKind
from agendad.providers.errors import AccountUnavailable
from agendad.providers.model import Attendee, Partstat

START = NOW + 24 * HOUR
CODE = "conflict.double-booked"
AGENDA = "- compilers"
MINE_TO_MOVE = "owner: mentor"
"""Grace is Ada's mentor here."""


class Seeing(Remote):
    """A server that tells when people are taken: `busy`, as it stands; a number of questions may fail."""

    def __init__(self, account):
        can = Capabilities(
            writes=frozenset(WriteKind) - {WriteKind.SHARE}, notices=Notices.ON_REQUEST, can_see_free_busy=True
        )
        super().__init__(account, capabilities=can)
        self.broken, self.busy, self.asked, self.fails = set(), {}, [], None

    def free_busy(self, people, window):
        self.asked.append((tuple(people), window))
        if self.fails is not None:
            raise self.fails
        return {person: tuple(self.busy[person]) for person in people if person in self.busy}


@pytest.fixture
def seeing(house, make_event):
    """The house's only account, with a session of Grace and Ada, who has not answered yet."""
    house.server = provider = Seeing("home")
    house.configure(ladder="", more="mail: {transport: file}")
    house.change("met: true", f"met: true\n    {MINE_TO_MOVE}")
    provider.session = make_event(START, calendar="main", text=AGENDA, id="one")
    provider.put(provider.session)
    return provider


def turn(house, hours):
    """Later; the house's clock stands for real otherwise."""
    house.clock.move(timedelta(hours=hours))
    house.context = replace(house.context, clock=FixedClock(house.clock.now()))
    house.context.__dict__["providers"] = {"home": house.server}


def codes(house, uid="session-1@example.org"):
    row = SessionStore(house.store).session((uid, ""))
    return [finding["code"] for finding in row.verdict["findings"]]


def around(first, last):
    return (START + first * timedelta(minutes=1), START + last * timedelta(minutes=1))


def test_people_of_sessions_within_two_weeks_are_asked_for_once_an_hour(house, seeing, make_event):
    house.run()
    assert seeing.asked == [((ADA,), Window(NOW, NOW + AHEAD))]
    house.run()
    turn(house, 0.9)
    house.run()
    assert len(seeing.asked) == 1
    turn(house, 0.1)
    house.run()
    assert len(seeing.asked) == 2


def test_nobody_is_asked_about_who_meets_later_or_is_not_declared(house, seeing, make_event):
    later = make_event(NOW + AHEAD + HOUR, calendar="main", text=AGENDA, id="one")
    stranger = make_event(
        START, calendar="main", uid="eve", attendees=(Attendee(email=ME), Attendee(email="eve@example.edu"))
    )
    seeing.put(later, stranger)
    house.run()
    assert seeing.asked == []


def test_conflict_in_the_other_calendar_is_found_in_the_pass_that_asks_and_gone_when_it_is(house, seeing):
    seeing.busy = {ADA: [around(0, 30), around(15, 60)]}
    house.run()
    assert codes(house) == [CODE]
    seeing.busy = {ADA: [around(0, 30)]}
    turn(house, 1)
    house.run()
    assert codes(house) == []
    seeing.busy = {ADA: [around(15, 60)]}
    turn(house, 1)
    house.run()
    assert codes(house) == [CODE]


@pytest.mark.parametrize("fault", [AccountUnavailable("It is down.", not_done="-", next_step="-"), ZeroDivisionError()])
def test_failing_free_busy_fails_nothing_and_concludes_nothing(house, seeing, fault):
    seeing.busy = {ADA: [around(15, 60)]}
    house.run()
    seeing.fails = fault
    turn(house, 1)
    assert [account.ok for account in house.run().accounts] == [True]
    assert codes(house) == []
    assert len(seeing.asked) == 2
    house.run()
    assert len(seeing.asked) == 2


def test_answer_from_before_a_move_is_not_used_until_it_was_asked_for_again(house, seeing, make_event):
    seeing.busy = {ADA: [around(0, 30)]}
    house.run()
    moved = make_event(START + timedelta(minutes=15), calendar="main", text=AGENDA, id="one")
    seeing.put(moved)
    turn(house, 0.2)
    house.run()
    assert codes(house) == []
    turn(house, 1)
    house.run()
    assert codes(house) == []  # the time that it was at before
    seeing.busy = {ADA: [around(0, 30), around(-60, 20)]}
    turn(house, 1)
    house.run()
    assert codes(house) == [CODE]


def test_session_that_reaches_beyond_what_was_asked_for_is_not_judged_by_it(house, seeing, make_event):
    edge = NOW + AHEAD
    seeing.put(make_event(edge - timedelta(minutes=15), calendar="main", text=AGENDA, id="two", uid="two"))
    seeing.busy = {ADA: [(edge - timedelta(minutes=15), edge)]}
    house.run()
    assert codes(house, "two") == []


def test_calendar_that_is_not_in_the_configuration_any_more_is_no_fault(house, seeing):
    class Fewer(Seeing):
        def capabilities(self, calendar):
            if calendar == "main":
                raise AccountUnavailable("It has no such calendar.", not_done="-", next_step="-")
            return super().capabilities(calendar)

    house.run()
    house.server = Fewer("home")
    house.reload()
    turn(house, 1)
    assert [account.ok for account in house.run().accounts] == [True]
    assert house.server.asked == []


def test_answer_of_an_account_that_is_gone_is_forgotten(house, seeing):
    seeing.busy = {ADA: [around(15, 60)]}
    house.run()
    store = FreeBusyStore(house.store)
    assert store.known("home")
    with house.store.transaction():
        store.forget_others({"work"})
    assert store.known("home") == {}


def test_other_person_who_accepted_is_told_of_to_the_user_only(house, seeing, make_event):
    accepted = (Attendee(email=ME, partstat=Partstat.ACCEPTED), Attendee(email=ADA, partstat=Partstat.ACCEPTED))
    seeing.put(make_event(START, calendar="main", text=AGENDA, id="one", attendees=accepted))
    seeing.busy = {ADA: [around(15, 60)]}
    assert house.run().actions == ()
    assert codes(house) == [CODE]


# the user's own calendars, as files


def dentist(start, **more):
    return vevent(start, uid="dentist@example.org", guests=(ME,), title="Dentist", **more)


def test_own_conflict_is_nudged_for_and_the_session_then_rescheduled(house):
    house.configure(ladder="", more="mail: {transport: file}")
    house.change("met: true", f"met: true\n    {MINE_TO_MOVE}")
    start = NOW + 72 * HOUR
    house.invite(start, body=AGENDA)
    house.put(dentist(start + HOUR / 4), name="dentist.ics")
    house.run()
    assert house.actions() == [("nudge", "mail", "confirmed")]
    (mail,) = house.mails(ME)
    assert "“Dentist” is in your calendar at the same time" in house.words(mail)
    house.after(26).run()
    assert house.actions() == [("nudge", "mail", "confirmed"), ("reschedule", "propose", "confirmed")]
    (letter,) = house.mails(ADA)
    assert "I have something else at that time by now" in house.words(letter)
    assert "Dentist" not in house.words(letter)


def test_other_event_that_goes_settles_it(house):
    house.configure(ladder="", more="mail: {transport: file}")
    house.invite(NOW + 100 * HOUR, body=AGENDA)
    path = house.put(dentist(NOW + 100 * HOUR), name="dentist.ics")
    house.run()
    assert codes(house, "one@example.org") == [CODE]
    path.unlink()
    house.run()
    assert codes(house, "one@example.org") == []


def test_mentee_who_owns_the_logistics_is_asked_once_and_nothing_else_is_done(house):
    house.configure(ladder="", more="mail: {transport: file}")
    start = NOW + 72 * HOUR
    house.invite(start, body=AGENDA)
    house.put(dentist(start), name="dentist.ics")
    house.run()
    house.after(26).run()
    house.after(26).run()
    assert house.actions() == [("nudge", "mail", "confirmed")]
    (letter,) = house.mails(ADA)
    assert "Could you find another time for us?" in house.words(letter)


def test_first_call_is_asked_about_in_the_agendas_letter_and_never_held_for(house):
    house.configure(more="limits: {grace: 0h}\nmail: {transport: file}", ladder="{before: 96h, do: nudge}")
    house.change("    met: true\n", "")
    house.invite(NOW + 90 * HOUR)
    house.run()
    (letter,) = house.mails(ADA)
    assert "What I'd like to learn" in house.words(letter)
    house.edit("SUMMARY:", "DESCRIPTION:- compilers\\n- my talk in March\r\nSUMMARY:")
    house.after(25).run()
    _, second = house.mails(ADA)
    assert "Agenda:" not in house.words(second)
    assert "What I'd like to learn" in house.words(second)
    for _ in range(3):
        house.after(20).run()
    assert len(house.mails(ADA)) == 2
    assert {effect for _, effect, _ in house.actions()} == {"mail"}
