"""Agendas that are written as files: what becomes of the invite and who hears of it, over days, on real files."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from agendad.daemon.agenda_files import known_problems
from agendad.daemon.approving import approve, reject
from agendad.daemon.reloading import Reloading
from agendad.daemon.service import Service
from agendad.daemon.session_store import SessionStore
from agendad.daemon.watching import AGENDAS, Touched
from agendad.rules.text import SKELETON

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
ME, ADA = "grace@example.org", "ada@example.com"
START = NOW + timedelta(hours=97)  # Fri 4 Dec, 10:00 in New York
MAIL = "mail: {transport: file}\nagendas: agendas"
LADDER = "{before: 96h, do: nudge}, {before: 60h, do: hold}, {before: 36h, do: cancel}"
FIRST = "# Agenda\n\n- the draft of chapter three\n- how to ask for **feedback**\n"
SECOND = "- the draft of chapter three\n- the talk in March\n"


@pytest.fixture
def desk(house):
    """A house with a folder for agendas, and `write`, which puts a file there."""
    house.configure(ladder=LADDER, more=MAIL)
    house.file = house.folder / "agendas" / "grace-ada" / "2026-12-04.md"

    def write(text, name=None):
        path = house.folder / "agendas" / (name or "grace-ada/2026-12-04.md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def edit(old, new, name="one.ics"):
        path = house.home / name
        text = path.read_bytes().decode().replace("\r\n ", "")
        assert old in text
        path.write_bytes(text.replace(old, new).encode())

    house.write, house.edit = write, edit
    return house


def body(house):
    text = (house.home / "one.ics").read_bytes().decode().replace("\r\n ", "")
    (line,) = [line for line in text.splitlines() if line.startswith("DESCRIPTION")]
    return line.partition(":")[2].replace("\\,", ",").replace("\\;", ";").split("\\n")


def found(house):
    """What the agenda rule finds of the house's only session, after a pass."""
    house.run()
    (row,) = house.session_rows()
    return [code for one in row.verdict["findings"] if (code := one["code"]).startswith("agenda.")]


@pytest.fixture(autouse=True)
def _rows(house):
    house.session_rows = lambda: SessionStore(house.store).upcoming(house.clock.now())


def test_file_is_put_on_top_of_the_invite_and_the_rest_stays(desk):
    desk.invite(START, body="Join: https://meet.google.com/abc\\nSee you there")
    desk.write(FIRST)
    (action,) = desk.run().news
    assert (action.rule, action.rung, action.effect, action.state) == ("agenda", "patch", "patch", "confirmed")
    assert body(desk) == [
        "[agendad] agenda: Grace, Mon 30 Nov, 14:00 GMT",
        "Agenda",
        "",
        "- the draft of chapter three",
        "- how to ask for feedback",
        "[agendad] /agenda",
        "Join: https://meet.google.com/abc",
        "See you there",
    ]
    (mail,) = desk.mails()
    assert desk.said() == ["Our agenda, Fri 4 Dec REQUEST"]
    assert "- how to ask for feedback" in mail.get_body(("plain",)).get_content()
    assert desk.run().news == ()


def test_later_changes_wait_for_the_recipients_next_day_and_make_no_human_change(desk):
    desk.invite(START, body="See you there")
    desk.write(FIRST)
    desk.run()
    (row,) = desk.session_rows()
    since = row.ladder_since
    desk.write(SECOND)
    (waits,) = desk.after(1).run().news
    assert waits.state == "skipped"
    assert "already got a message today" in waits.detail
    assert "- how to ask for feedback" in body(desk)
    for _ in range(3):
        desk.after(3).run()
    assert len(desk.mails()) == 1
    (sent,) = desk.after(11).run().news  # Tue 1 Dec, 10:00 in London
    assert sent.state == "confirmed"
    assert [line for line in body(desk) if line.startswith("-")] == [
        "- the draft of chapter three",
        "- the talk in March",
    ]
    assert desk.said() == ["Our agenda, Fri 4 Dec REQUEST"] * 2
    (row,) = desk.session_rows()
    assert row.ladder_since == since
    assert [action for action in desk.actions() if action[0] != "patch"] == []


def test_five_days_of_changes_are_five_notices_and_no_cap_of_the_ladder(desk):
    desk.invite(START + timedelta(days=4), body="See you there")
    for day in range(6):
        desk.write(f"- topic of day {day}: the draft\n", "grace-ada/2026-12-08.md")
        desk.run()
        desk.write(f"- topic of day {day}, later: the draft\n", "grace-ada/2026-12-08.md")
        desk.run()
        desk.after(24)
    assert len(desk.mails()) == 6


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("- how to ask for feedback", "- how to ask for feedback\\n- Ada: and for a raise"),
        ("- how to ask for feedback\\n", ""),
    ],
)
def test_change_by_somebody_in_the_invite_is_kept_and_the_user_is_asked(desk, old, new):
    desk.invite(START, body="See you there")
    desk.write(FIRST)
    desk.run()
    desk.edit(old, new)
    assert found(desk.after(24)) == ["agenda.file-conflict"]
    before = desk.text()
    desk.write(SECOND)
    desk.after(1).run()
    assert desk.text() == before
    (question,) = desk.journal.in_state("pending")
    assert (question.effect, question.rung) == ("ask", "patch")
    assert len(desk.mails()) == 1
    desk.approve(question)
    desk.after(22).run()
    assert "- the talk in March" in body(desk)
    assert len(desk.mails()) == 2


@pytest.fixture(autouse=True)
def _approving(house):
    def answer(how):
        def answered(action):
            with house.store.transaction():
                how(house.journal, action, house.clock.now())

        return answered

    house.approve, house.reject = answer(approve), answer(reject)


@pytest.mark.parametrize("mark", ["GMT", "[agendad] /agenda"])
def test_words_in_the_marked_lines_are_kept_too(desk, mark):
    desk.invite(START, body="See you there")
    desk.write(FIRST)
    desk.run()
    desk.edit(mark, f"{mark} PS bring the laptop")
    assert found(desk.after(24)) == []
    desk.write(SECOND)
    assert found(desk.after(1)) == ["agenda.file-conflict"]
    assert any("PS bring the laptop" in line for line in body(desk))


def test_no_to_the_question_holds_until_the_file_changes(desk):
    desk.invite(START, body="See you there")
    desk.write(FIRST)
    desk.run()
    desk.edit("- how to ask for feedback", "- how to ask for a raise")
    desk.after(24).run()
    (question,) = desk.journal.in_state("pending")
    desk.reject(question)
    desk.after(1).run()
    assert desk.journal.in_state("pending") == []
    desk.write(SECOND)
    desk.run()
    assert len(desk.journal.in_state("pending")) == 1


def test_copying_the_invites_words_into_the_file_settles_it_and_later_changes_go_on(desk):
    desk.invite(START, body="See you there")
    desk.write(FIRST)
    desk.run()
    desk.edit("- how to ask for feedback", "- how to ask for a raise")
    desk.after(24).run()
    desk.write("Agenda\n\n- the draft of chapter three\n- how to ask for a raise\n")
    assert found(desk) == []
    assert desk.journal.in_state("pending") == []
    desk.write(SECOND)
    (action,) = desk.run().news
    assert (action.effect, action.state) == ("patch", "confirmed")
    assert "- the talk in March" in body(desk)


def test_going_back_to_earlier_words_is_written_each_time(desk):
    desk.invite(START + timedelta(days=4), body="See you there")
    for text in (FIRST, SECOND) * 3:
        desk.write(text, "grace-ada/2026-12-08.md")
        (action,) = desk.run().news
        assert action.state == "confirmed", action.detail
        desk.after(24)
    assert len(desk.mails()) == 6


def test_attendee_mails_the_organizer_the_lines_to_paste_once_a_day(desk):
    desk.invite(START, organizer=ADA, body="See you there")
    before = desk.text()
    desk.write(FIRST)
    (action,) = desk.run().news
    assert (action.rung, action.effect, action.state) == ("patch", "mail", "confirmed")
    assert desk.text() == before
    (mail,) = desk.mails()
    assert "could you paste these lines" in desk.words(mail)
    assert "- how to ask for feedback" in mail.get_body(("plain",)).get_content()
    desk.write(SECOND)
    desk.after(1).run()
    assert len(desk.mails()) == 1
    desk.after(22).run()
    assert len(desk.mails()) == 2
    for _ in range(6):  # written down is written down: nobody is nudged, and nothing is declined
        desk.after(10).run()
    assert {action[0] for action in desk.actions()} == {"patch"}


def test_what_the_organizer_has_pasted_is_not_sent_again(desk):
    desk.invite(START, organizer=ADA, body="Agenda\\n- the draft of chapter three\\n- how to ask for feedback")
    desk.write(FIRST)
    assert found(desk) == []
    assert desk.mails() == []


def test_agenda_that_is_being_written_keeps_the_session(desk):
    """Cancelling is due, and the file says what the session is about."""
    desk.configure(ladder="{before: 36h, do: cancel}", more=f"limits: {{grace: 0h}}\n{MAIL}")
    desk.invite(NOW + timedelta(hours=25), body="See you there")
    desk.write(FIRST, "grace-ada/2026-12-01.md")
    assert [action.effect for action in desk.run().news] == ["patch"]
    assert "STATUS:CANCELLED" not in desk.text()


@pytest.mark.parametrize("text", ["", "\n\n", "<!-- nothing yet -->\n", b"\xff\xfe agenda", "x" * 70_000])
def test_file_that_cannot_be_used_is_told_and_nothing_is_done(desk, text):
    desk.invite(START, body="See you there")
    before = desk.text()
    desk.write(text)
    assert found(desk) == ["agenda.missing", "agenda.file-unusable"]
    assert desk.text() == before


def test_untouched_skeleton_is_not_put_into_the_invite_and_a_filled_one_is_without_its_empty_parts(desk):
    desk.invite(START, body="See you there")
    desk.write(SKELETON["en"])
    assert found(desk) == ["agenda.missing", "agenda.file-unfilled"]
    assert body(desk) == ["See you there"]
    desk.write(SKELETON["en"].replace("Topic 1:", "Topic 1: the talk in March"))
    desk.run()
    assert body(desk)[1:-2] == ["Agenda:", "- Topic 1: the talk in March"]


def test_nudge_to_the_user_names_the_file_and_puts_the_skeleton_there(desk):
    desk.change("    met: true", "    met: true\n    owner: mentor")
    desk.invite(START, body="See you there")
    assert not desk.file.exists()
    desk.after(2).run()
    (mail,) = desk.mails(ME)
    assert str(desk.file) in mail.get_body(("plain",)).get_content()
    assert "- Topic 1:" in mail.get_body(("plain",)).get_content()
    assert desk.file.read_text("utf-8").startswith("Agenda:\n- Last advice, what came of it:\n- Topic 1:")
    assert found(desk) == ["agenda.missing", "agenda.file-unfilled"]
    desk.file.write_text(desk.file.read_text("utf-8").replace("Topic 1:", "Topic 1: the talk in March"), "utf-8")
    desk.after(1).run()
    assert "- Topic 1: the talk in March" in body(desk)


def test_file_that_the_user_wrote_is_never_written_over(desk):
    desk.change("    met: true", "    met: true\n    owner: mentor")
    desk.invite(START, body="See you there")
    desk.write("TBD\n")
    desk.after(2).run()
    assert desk.file.read_text("utf-8") == "TBD\n"
    assert len(desk.mails(ME)) == 1


def test_deleted_file_leaves_its_agenda_in_the_invite(desk):
    desk.invite(START, body="See you there")
    desk.write(FIRST)
    desk.run()
    before = desk.text()
    desk.file.unlink()
    assert found(desk.after(24)) == ["agenda.file-gone"]
    assert desk.text() == before


def test_undo_restores_the_body_before_and_it_is_not_written_again(desk):
    name = "grace-ada/2026-12-08.md"
    desk.invite(START + timedelta(days=4), body="See you there")
    desk.write(FIRST, name)
    (first,) = desk.run().news
    desk.write(SECOND, name)
    (second,) = desk.after(24).run().news
    desk.undo(second)
    assert "- how to ask for feedback" in body(desk)
    assert "- the talk in March" not in body(desk)
    desk.after(24).run()
    assert "- the talk in March" not in body(desk)
    desk.undo(first)
    assert body(desk) == ["See you there"]
    desk.after(24).run()
    assert body(desk) == ["See you there"]
    assert "agenda.missing" in found(desk)
    desk.write("- a third thing: the talk in May\n", name)
    desk.run()
    assert "- a third thing: the talk in May" in body(desk)


@pytest.fixture(autouse=True)
def _undoing(house):
    def undo(action):
        with house.store.transaction():
            house.journal.wish(action, "undo")
        house.run()
        return house.journal.action(action.id)

    house.undo = undo


def test_undo_never_takes_other_peoples_words_away(desk):
    desk.invite(START, body="See you there")
    desk.write(FIRST)
    (action,) = desk.run().news
    desk.edit("- how to ask for feedback", "- how to ask for a raise")
    desk.after(24).run()
    before = desk.text()
    undone = desk.undo(action)
    assert undone.state == "confirmed"
    assert "Somebody has changed the agenda" in undone.detail
    assert desk.text() == before


def test_observing_shows_what_would_be_written_once_and_writes_nothing(desk):
    desk.change("mode: act", "mode: observe")
    desk.invite(START, body="See you there")
    before = desk.text()
    desk.write(FIRST)
    (action,) = desk.run().news
    assert (action.effect, action.state) == ("patch", "would")
    assert desk.run().news == ()
    assert desk.text() == before
    assert desk.mails() == []


def test_approving_asks_with_the_text_and_asks_anew_when_the_file_changes(desk):
    desk.change("mode: act", "mode: approve")
    desk.invite(START, body="See you there")
    desk.write(FIRST)
    (question,) = desk.run().news
    assert (question.effect, question.state) == ("patch", "pending")
    assert "- how to ask for feedback" in question.said.body
    desk.write(SECOND)
    desk.after(1).run()
    (newer,) = desk.journal.in_state("pending")
    assert "- the talk in March" in newer.said.body
    assert desk.journal.action(question.id).state == "skipped"
    desk.approve(newer)
    desk.write(FIRST)
    desk.run()
    assert desk.journal.action(newer.id).state == "skipped"
    (last,) = desk.journal.in_state("pending")
    desk.approve(last)
    desk.run()
    assert "- how to ask for feedback" in body(desk)
    assert len(desk.mails()) == 1


def test_inside_the_freeze_the_user_is_asked_and_after_the_start_nothing_happens(desk):
    desk.invite(NOW + timedelta(hours=9), body="See you there\\n- the old plan: chapter two")
    desk.write(FIRST, "grace-ada/2026-11-30.md")
    (question,) = desk.run().news
    assert (question.effect, question.state) == ("ask", "pending")
    assert "less than 12h before the start" in question.detail
    assert desk.mails() == []
    desk.after(9.1).run()
    assert desk.journal.action(question.id).state == "skipped"
    assert desk.mails() == []


@pytest.mark.parametrize("how", ["opted out", "paused", "not accepted"])
def test_same_guards_as_for_other_writes(desk, how):
    text = "See you there" + ("\\n#no-agendad" if how == "opted out" else "")
    people = (ADA,) if how == "not accepted" else (ME, ADA)
    desk.invite(START, body=text, organizer=ADA if how == "not accepted" else ME, guests=people)
    if how == "not accepted":
        desk.change("    met: true\n", "")
        desk.edit("END:VEVENT", f"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{ME}\r\nEND:VEVENT")
    if how == "paused":
        desk.pause(None)
    before = desk.text()
    desk.write(FIRST)
    desk.run()
    assert desk.text() == before
    assert desk.mails() == []


def test_files_without_a_session_and_with_wrong_names_are_told(desk):
    desk.invite(START, body="See you there")
    desk.write(FIRST, "grace-ada/2026-12-05.md")
    desk.write(FIRST, "grace-ada/2026-13-01.md")
    desk.write(FIRST, "grace-ada/notes.md")
    desk.write(FIRST, "grace-adda/2026-12-04.md")
    desk.write(FIRST, "2026-12-04.md")
    desk.write(FIRST, "grace-ada/.2026-12-04.md.swp")
    desk.write(FIRST, "grace-ada/2026-12-04.md~")
    desk.write(FIRST, "grace-ada/2026-01-01.md")  # an old one is nobody's concern
    desk.run()
    assert [(one.path, one.what) for one in known_problems(desk.store)] == [
        ("2026-12-04.md", "it lies beside the folders"),
        ("grace-ada/2026-12-05.md", "no session of grace-ada is known on that day"),
        ("grace-ada/2026-13-01.md", "there is no such day or time"),
        ("grace-ada/notes.md", "this is no name of an agenda"),
        ("grace-adda/", "no mentorship has this folder"),
    ]
    assert body(desk) == ["See you there"]


def test_link_out_of_the_folder_is_not_followed_and_a_pipe_stops_nothing(desk, tmp_path):
    desk.invite(START, body="See you there")
    secret = tmp_path / "secret.md"
    secret.write_text(FIRST, "utf-8")
    desk.file.parent.mkdir(parents=True)
    desk.file.symlink_to(secret)
    assert found(desk) == ["agenda.missing", "agenda.file-unusable"]
    desk.file.unlink()
    os.mkfifo(desk.file)
    assert found(desk) == ["agenda.missing", "agenda.file-unusable"]
    assert body(desk) == ["See you there"]


def test_two_sessions_on_one_day_have_a_file_each_by_number_or_by_time(desk):
    desk.invite(START, uid="a@example.org", body="one", name="a.ics")
    desk.invite(START + timedelta(hours=5), uid="b@example.org", body="two", name="b.ics")
    desk.write("- morning: the draft of chapter three\n")
    desk.write("- afternoon: the talk in March\n", "grace-ada/2026-12-04-2.md")
    desk.run()
    desk.after(24).run()
    assert "- morning: the draft of chapter three" in desk.text("a.ics").replace("\n ", "")
    assert "- afternoon: the talk in March" in desk.text("b.ics").replace("\n ", "")
    (desk.folder / "agendas/grace-ada/2026-12-04-2.md").unlink()
    desk.write("- the talk in May\n", "grace-ada/2026-12-04-1500.md")
    desk.after(24).run()
    desk.after(24).run()
    assert "- the talk in May" in desk.text("b.ics").replace("\n ", "")


def test_agendads_own_words_and_markup_in_a_file_do_nothing(desk):
    desk.invite(START, body="See you there")
    desk.write("- [agendad] /agenda\n- <script>alert(1)</script> in the talk\n- chapter three\n")
    desk.run()
    assert body(desk)[1:4] == ["- agendad /agenda", "- < script>alert(1)< /script> in the talk", "- chapter three"]
    desk.write("- the draft of chapter four\n")
    desk.after(24).run()
    assert body(desk)[1:] == ["- the draft of chapter four", "[agendad] /agenda", "See you there"]


def test_service_makes_a_pass_for_the_accounts_whose_files_changed(desk):
    desk.invite(START, body="See you there")
    desk.run()
    desk.seconds = 0.0
    service = Service(desk.context, desk.store, Reloading(desk.context), monotonic=lambda: desk.seconds)
    desk.write(FIRST)
    service.inbox.put(Touched(AGENDAS))
    assert not service._take(0.0)
    desk.seconds = 62.0
    assert service._take(0.0).accounts == {"home"}
    desk.run()
    service.inbox.put(Touched(AGENDAS))
    service._take(0.0)
    desk.seconds = 124.0
    assert not service._take(0.0), "nothing is new in them"


def test_file_that_is_still_being_written_is_left_alone_and_keeps_the_session(desk):
    desk.configure(ladder="{before: 36h, do: cancel}", more=f"limits: {{grace: 0h}}\n{MAIL}")
    desk.invite(NOW + timedelta(hours=25), body="See you there")
    desk.write(FIRST, "grace-ada/2026-12-01.md")
    path = desk.folder / "agendas/grace-ada/2026-12-01.md"
    os.utime(path, (NOW.timestamp() - 20, NOW.timestamp() - 20))
    assert desk.run(settles=timedelta(minutes=1)).news == ()
    desk.after(1 / 60)
    assert [action.effect for action in desk.run(settles=timedelta(minutes=1)).news] == ["patch"]
