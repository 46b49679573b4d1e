"""A session at a bad hour is moved: by whom, where to, once, and back again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from acting.conftest import Remote

from agendad.daemon.approving import approve
from agendad.daemon.undoing import CannotUndo
from agendad.providers.base import Capabilities, Notices, WriteKind
from agendad.providers.errors import AccountUnavailable
from agendad.providers.model import Attendee, Partstat, Transparency

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATE = datetime(2026, 12, 3, 22, 0, tzinfo=UTC)
"""A Thursday: 22:00 in London, 17:00 in New York."""
BEST = datetime(2026, 12, 3, 16, 30, tzinfo=UTC)
"""That day at 16:30 in London, 11:30 in New York: inside both days, and nearest to 17:00 in New York."""
ME, ADA, BOB = "grace@example.org", "ada@example.com", "bob@example.com"
AGENDA = "Agenda:\n- the draft of chapter three\n- how to ask for feedback"
WRITES = frozenset(WriteKind) - {WriteKind.PROPOSE, WriteKind.SHARE}


class Desk(Remote):
    """A server at which free/busy can be seen of those in `busy`."""

    def __init__(self, notices=Notices.ON_REQUEST):
        super().__init__("home", capabilities=Capabilities(writes=WRITES, notices=notices, can_see_free_busy=True))
        self.busy, self.asked, self.broken, self.away = {ADA: ()}, [], set(), False

    def free_busy(self, people, window):  # noqa: ARG002 - it is the same every day
        if self.away:
            raise AccountUnavailable("The server is not there.", not_done="Nothing was read.", next_step="Wait.")
        self.asked.append(tuple(people))
        return {one: self.busy[one] for one in people if one in self.busy}

    def event(self, id_="session-1@example.org"):
        return self._calendars["main"].events[id_]


@pytest.fixture
def at_desk(house):
    """The house's only account on such a server."""

    def made(*, notices=Notices.ON_REQUEST, mode="act", owner="mentor"):
        house.configure(mode=mode, ladder="", timezone="true")
        house.change("agenda: {ladder: []}", "agenda: {enabled: false}")
        house.change("timezone: {enabled: true}", "timezone: {ladder: [{before: 7d, do: reschedule}]}")
        house.change("    met: true", f"    met: true\n    owner: {owner}")
        desk = Desk(notices)
        house.context.__dict__["providers"] = {"home": desk}
        return desk

    return made


@pytest.fixture
def late(make_event, at):
    """An invite at a bad hour, with an agenda. Ada has not answered."""

    def made(**changes):
        start = changes.pop("start", LATE)
        fields = {"calendar": "main", "text": AGENDA, "end": at(start + HOUR / 2, "America/New_York")}
        return make_event(at(start, "America/New_York"), **(fields | changes))

    return made


def effects(house):
    return [(effect, state) for _, effect, state in house.actions()]


def test_owner_who_organizes_moves_it_with_one_notice_and_a_second_run_is_silent(house, at_desk, late):
    desk = at_desk()
    desk.put(late())
    house.run()
    assert effects(house) == [("move", "confirmed")]
    assert house.states() == ["planned", "intended", "sent", "confirmed"]
    event = desk.event()
    assert (event.start.instant, event.end.instant) == (BEST, BEST + HOUR / 2)
    assert [guest.partstat for guest in event.attendees if guest.email == ADA] == [Partstat.NEEDS_ACTION]
    assert [(notice.kind, notice.to) for notice in desk.notices] == [("move", (ADA,))]
    assert house.mails() == []
    for _ in range(3):
        assert house.after(5).run().news == ()
    assert len(desk.notices) == 1


def test_notice_says_why_where_to_and_how_to_object_and_the_agenda_stays(house, at_desk, late):
    desk = at_desk()
    desk.put(late())
    house.run()
    (notice,) = desk.notices
    text = " ".join(notice.message.split())
    assert "to Thu 3 Dec, 16:30 GMT (London) / 11:30 EST (New York)" in text
    assert "22:00" in text
    assert "decline the invite or send me a time that does" in text
    assert desk.event().text.startswith(AGENDA)
    assert all(line.startswith("[agendad]") for line in desk.event().text.removeprefix(AGENDA).splitlines() if line)


def test_plan_says_move_before_it_is_due(house, at_desk, late):
    desk = at_desk()
    desk.put(late(start=LATE + timedelta(days=14)))
    house.run()
    (row,) = house.journal.store.connection.execute("SELECT verdict FROM sessions").fetchall()
    assert '"effect":"move"' in row[0]
    assert desk.asked == []


@pytest.mark.parametrize("owner", ["mentee", "mentor"])
@pytest.mark.parametrize("organizer", [ME, ADA])
def test_only_the_organizer_who_owns_the_logistics_moves(house, at_desk, late, owner, organizer):
    desk = at_desk(owner=owner)
    people = (Attendee(email=ME, partstat=Partstat.TENTATIVE), Attendee(email=ADA))
    desk.put(late(organizer=replace(late().organizer, email=organizer), attendees=people))
    house.run()
    moves = (owner, organizer) == ("mentor", ME)
    assert [effect for effect, _ in effects(house)] == ["move" if moves else "propose"]
    assert (desk.event().start.instant == LATE) != moves


def test_times_are_proposed_where_the_other_calendar_cannot_be_seen_and_that_is_remembered(house, at_desk, late):
    desk = at_desk()
    desk.busy = {}
    later = late(uid="two@example.org", start=LATE + timedelta(days=14))
    desk.put(late(), later)
    house.run()
    assert effects(house) == [("propose", "confirmed")]
    (mail,) = house.mails()
    assert str(mail.get_body(("plain",)).get_content()).count("\n- ") == 3
    assert desk.event().start.instant == LATE
    house.store.connection.execute("INSERT INTO unjudged VALUES ('two@example.org')")
    house.run()
    query = "SELECT verdict FROM sessions WHERE uid = 'two@example.org'"
    assert '"effect":"propose"' in house.store.connection.execute(query).fetchone()[0]
    desk.busy = {ADA: ()}
    house.after(262).run()  # noon on the day after it is due
    assert effects(house)[-1] == ("move", "confirmed"), "it is asked again when it matters"


def test_times_are_proposed_where_a_server_does_not_answer(house, at_desk, late):
    desk = at_desk()
    desk.put(late())
    desk.away = True
    house.run()
    assert effects(house) == [("propose", "confirmed")]


def test_times_are_proposed_where_a_third_guest_cannot_be_seen(house, at_desk, late):
    desk = at_desk()
    desk.put(late(attendees=(*late().attendees, Attendee(email=BOB))))
    house.run()
    assert [effect for effect, _ in effects(house)] == ["propose"]
    assert desk.event().start.instant == LATE


def test_time_at_which_either_is_taken_is_nobodys_new_time(house, at_desk, late, make_event, at):
    desk = at_desk()
    desk.busy = {ADA: ((BEST, BEST + HOUR / 2),)}
    eleven = BEST - HOUR
    desk.put(late(), make_event(at(eleven), uid="dentist", title="Dentist", attendees=(), calendar="main"))
    free = {"uid": "free", "attendees": (), "transparency": Transparency.TRANSPARENT}
    desk.put(make_event(at(LATE - 7.5 * HOUR), calendar="main", **free))
    house.run()
    start = desk.event().start.instant
    assert start not in (BEST, BEST - HOUR / 2, eleven)
    assert start == datetime(2026, 12, 3, 14, 30, tzinfo=UTC)


def test_time_that_is_taken_meanwhile_is_left_and_another_is_found(house, at_desk, late):
    desk = at_desk()
    desk.put(late())
    (planned,) = house.run(acting=False).news
    assert planned.slots == ((BEST, BEST + HOUR / 2),)
    desk.busy = {ADA: ((BEST, BEST + HOUR),)}
    done = house.executor().carry_out(planned)
    assert (done.state, desk.event().start.instant, desk.notices) == ("skipped", LATE, [])
    assert "does not suit any more" in done.detail
    house.run()
    assert effects(house) == [("move", "confirmed")]
    assert desk.event().start.instant == BEST - HOUR
    assert len(desk.notices) == 1


def test_calendar_that_cannot_be_seen_any_more_moves_nothing(house, at_desk, late):
    desk = at_desk()
    desk.put(late())
    (planned,) = house.run(acting=False).news
    desk.busy = {}
    assert house.executor().carry_out(planned).state == "skipped"
    assert (desk.event().start.instant, desk.notices) == (LATE, [])


def test_undo_moves_it_back_and_tells_once_and_nothing_moves_it_again(house, at_desk, late):
    desk = at_desk()
    desk.put(late())
    (action,) = house.run().news
    house.executor().undoing.undo(action, lambda event: house.wording().of_undoing(event, action))
    assert desk.event().start.instant == LATE
    assert desk.event().text == AGENDA
    assert [notice.kind for notice in desk.notices] == ["move", "restore"]
    assert house.mails() == []
    for _ in range(3):
        house.after(5).run()
    assert desk.event().start.instant == LATE
    assert len(desk.notices) == 2


def test_guests_whom_no_server_tells_get_one_request_with_a_raised_sequence(house, at_desk, late):
    desk = at_desk(notices=Notices.NEVER)
    desk.put(late(sequence=3))
    (action,) = house.run().news
    (mail,) = house.mails()
    assert house.said() == ["Moved REQUEST"]
    invite = next(part for part in mail.walk() if part.get_content_type() == "text/calendar").get_content()
    assert "SEQUENCE:4" in invite
    assert "T113000" in invite
    house.executor().undoing.undo(action, lambda event: house.wording().of_undoing(event, action))
    assert sorted(house.said()) == ["Moved REQUEST", "Moved back REQUEST"]
    told = next(one for one in house.mails() if one["Subject"].startswith("Moved back"))
    back = next(part for part in told.walk() if part.get_content_type() == "text/calendar").get_content()
    assert "SEQUENCE:5" in back
    assert "T170000" in back
    assert "as it was first planned" in house.words(told)


def test_crash_between_write_and_answer_is_settled_by_reading(house, at_desk, late):
    desk = at_desk()
    desk.put(late())
    (planned,) = house.run(acting=False).news
    apply = desk._apply

    def dies(*arguments, **more):
        apply(*arguments, **more)
        raise KeyboardInterrupt

    desk._apply = dies
    with pytest.raises(KeyboardInterrupt):
        house.executor().carry_out(planned)
    desk._apply = apply
    house.run()
    assert effects(house) == [("move", "confirmed")]
    assert (desk.event().start.instant, len(desk.notices)) == (BEST, 1)


def test_somebody_elses_change_between_decision_and_write_is_kept(house, at_desk, late):
    desk = at_desk()
    desk.put(late())
    (planned,) = house.run(acting=False).news
    desk.put(late(title="Mentoring: Ada and Grace, in the library"))
    assert house.executor().carry_out(planned).state == "skipped"
    assert desk.event().start.instant == LATE


def test_yes_moves_it_to_the_time_that_was_shown(house, at_desk, late):
    desk = at_desk(mode="approve")
    desk.put(late())
    (asked,) = house.run().news
    assert (asked.state, asked.effect, asked.slots) == ("pending", "move", ((BEST, BEST + HOUR / 2),))
    assert desk.event().start.instant == LATE
    with house.store.transaction():
        approve(house.journal, asked, NOW)
    house.run()
    assert effects(house) == [("move", "confirmed")]
    assert desk.event().start.instant == BEST


def test_yes_that_comes_after_the_time_was_taken_is_asked_for_anew_with_another(house, at_desk, late):
    desk = at_desk(mode="approve")
    desk.put(late())
    (asked,) = house.run().news
    desk.busy = {ADA: ((BEST, BEST + HOUR),)}
    with house.store.transaction():
        approve(house.journal, asked, NOW)
    house.run()
    house.run()
    (again,) = house.journal.actions(NOW - HOUR)
    assert (again.state, again.slots[0][0]) == ("pending", BEST - HOUR)
    assert desk.event().start.instant == LATE


def test_two_sessions_are_not_promised_the_same_time(house, at_desk, late):
    desk = at_desk(mode="approve")
    house.change(
        "rules:",
        "  - name: grace-bob\n    mentor: me\n"
        "    mentee: {name: Bob, emails: [bob@example.com], timezone: Europe/London}\n"
        "    met: true\n    owner: mentor\nrules:\n  conflict: {enabled: false}",
    )
    house.context.__dict__["providers"] = {"home": desk}
    desk.busy = {ADA: (), BOB: ()}
    desk.put(late(), late(uid="two@example.org", attendees=(Attendee(email=BOB),), title="Mentoring: Bob and Grace"))
    first, second = house.run().news
    assert {first.effect, second.effect} == {"move"}
    assert first.slots[0][1] <= second.slots[0][0] or second.slots[0][1] <= first.slots[0][0]


def test_time_that_everyone_accepted_is_never_moved(house, at_desk, late):
    desk = at_desk()
    desk.put(late(attendees=tuple(replace(one, partstat=Partstat.ACCEPTED) for one in late().attendees)))
    house.run()
    assert (house.actions(), desk.notices) == ([], [])


def test_own_move_is_no_move_by_people(house, at_desk, late):
    desk = at_desk()
    house.change("ownership: {enabled: false}", "ownership: {max_moves: 0}")
    house.context.__dict__["providers"] = {"home": desk}
    desk.put(late())
    house.run()
    house.after(1).run()
    (row,) = house.store.connection.execute("SELECT verdict FROM sessions").fetchall()
    assert "ownership" not in row[0]


def test_moved_session_is_still_to_be_prepared_for_and_never_called_off(house, at_desk, late):
    desk = at_desk()
    house.change(
        "agenda: {enabled: false}",
        "agenda: {ladder: [{before: 5d, do: nudge}, {before: 2d, do: hold}, {before: 36h, do: cancel}]}",
    )
    house.context.__dict__["providers"] = {"home": desk}
    desk.put(late(text=""))
    for _ in range(18):
        house.run_and_tell()
        house.after(4)
    assert [effect for effect, state in effects(house) if state == "confirmed"] == ["move", "mail", "patch"]


def test_session_that_people_moved_since_is_not_moved_back(house, at_desk, late):
    desk = at_desk()
    desk.put(late())
    (action,) = house.run().news
    elsewhere = BEST + timedelta(days=1)
    moved = desk.event()
    changed = late(start=elsewhere)
    desk.put(replace(moved, start=changed.start, end=changed.end, etag=""))
    with pytest.raises(CannotUndo, match="moved once more since"):
        house.executor().undoing.undo(action, lambda event: house.wording().of_undoing(event, action))
    assert desk.event().start.instant == elsewhere


def test_session_is_not_moved_back_into_the_past(house, at_desk, late):
    desk = at_desk()
    friday = LATE - timedelta(hours=8)
    desk.busy = {ADA: ((NOW, LATE + timedelta(hours=2)),)}
    desk.put(late())
    (action,) = house.run().news
    assert desk.event().start.instant > friday + timedelta(hours=12)
    house.after(80).run()
    with pytest.raises(CannotUndo, match="has passed"):
        house.executor().undoing.undo(action, lambda event: house.wording().of_undoing(event, action))


def test_own_moves_are_told_from_those_of_people_where_no_marks_are_kept(house, at_desk, late):
    desk = at_desk()
    house.change("ownership: {enabled: false}", "ownership: {max_moves: 0}")
    house.context.__dict__["providers"] = {"home": desk}
    desk.put(late())
    (action,) = house.run().news
    desk.put(replace(desk.event(), marks=(), etag=""))
    house.after(1).run()
    (row,) = house.store.connection.execute("SELECT verdict FROM sessions").fetchall()
    assert "ownership" not in row[0]
    assert action.state == "confirmed"
