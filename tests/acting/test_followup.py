"""Over days: asked once after a session, quoted in the next skeleton, told when due: all to the user alone."""

from datetime import timedelta

import pytest

from agendad.daemon.digest import compose
from agendad.daemon.reloading import Reloading
from agendad.daemon.scheduling import EVERYTHING, NOTHING
from agendad.daemon.service import Service
from agendad.daemon.session_store import SessionStore
from agendad.daemon.summary import plain
from agendad.daemon.watching import NOTES, Touched

from .conftest import HOUR, ME, NOW

DAY = timedelta(days=1)
HELD = NOW - DAY
"""A Sunday morning in New York."""


@pytest.fixture
def mentee(house):
    """Grace is the mentee and keeps notes; a session was held yesterday, and the next is in four days."""

    def make(*, more="", mode="act", role="mentee"):
        house.configure(
            mode=mode,
            more=f"limits: {{grace: 0h}}\nmail: {{transport: file}}\nnotes: notes\n{more}",
            ladder="{before: 96h, do: nudge}",
        )
        if role == "mentee":
            path = house.folder / "agendad.yaml"
            text = path.read_text("utf-8").replace("mentor: me", "mentee: me").replace("mentee: {name", "mentor: {name")
            path.write_text(text, "utf-8")
            house.reload()
        house.invite(HELD, name="held.ics", uid="held@example.org", organizer="ada@example.com", body="- compilers")
        house.invite(NOW + 4 * DAY + HOUR, name="next.ics", uid="next@example.org", organizer=ME)
        return house

    return make


def notes(house):
    path = house.folder / "notes" / "grace-ada.md"
    return path.read_text("utf-8") if path.exists() else ""


def needs_you(house):
    return [line.what for line in compose(house.context, house.store, house.clock.now()).needs_you]


def told(house):
    return " ".join(compose(house.context, house.store, house.clock.now()).notes)


def asked_by_mail(house):
    return [mail["Subject"] for mail in house.mails(ME) if "advise" in mail["Subject"]]


def quiet(house):
    """The summary of each day is not what these tests are about."""
    house.change("limits: {grace: 0h}", "limits: {grace: 0h}\nsummary: {days: [sun]}")


def test_section_is_added_once_whatever_becomes_of_it(mentee):
    house = mentee()
    house.run()
    assert notes(house).endswith("\n## 2026-11-29\n\nAdvice:\n- [ ] \n")
    assert notes(house).startswith("# grace-ada\n\n> ")
    path = house.folder / "notes" / "grace-ada.md"
    for text in ("mine\n", "## a Sunday in autumn\nAdvice: rest\n", ""):
        path.write_text(text, "utf-8")
        house.after(1).run()
        assert notes(house) == text
    path.unlink()
    house.after(1).run()
    assert notes(house) == ""
    assert asked_by_mail(house) == []


def test_section_is_not_added_twice_where_a_pass_was_broken_off_before_it_was_remembered(mentee):
    house = mentee()
    house.run()
    once = notes(house)
    with house.store.transaction():
        house.store.connection.execute("DELETE FROM installation WHERE key LIKE 'prompted %'")
    house.after(1).run()
    assert notes(house) == once


def test_session_that_is_longer_past_is_not_asked_about(mentee):
    house = mentee()
    house.after(24 * 3).run()
    assert notes(house) == ""
    assert asked_by_mail(house) == []


def test_session_that_was_declined_or_is_paused_is_not_asked_about(mentee):
    house = mentee()
    house.edit("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada", "ATTENDEE;PARTSTAT=DECLINED:mailto:ada", name="held.ics")
    house.edit("ORGANIZER:mailto:ada@example.com", f"ORGANIZER:mailto:{ME}", name="held.ics")
    house.run()
    assert notes(house) == ""
    house.edit("PARTSTAT=DECLINED", "PARTSTAT=ACCEPTED", name="held.ics")
    house.pause("grace-ada")
    house.after(1).run()
    assert notes(house) == ""


def test_observe_mode_writes_and_sends_nothing_and_tells_it(mentee):
    house = mentee(mode="observe")
    house.run_and_tell()
    assert not (house.folder / "notes").exists()
    assert house.mails(ME) == []
    assert "You met Ada on Sun 29 Nov. Outside observe mode I would add a section for it to" in told(house)
    house.change("mode: observe", "mode: act")
    house.after(1).run()
    assert "## 2026-11-29" in notes(house)
    assert "Outside observe mode" not in told(house)


def test_dry_run_writes_nothing(mentee):
    house = mentee()
    house.run(acting=False)
    assert not (house.folder / "notes").exists()


def test_mail_is_sent_once_in_the_users_day_and_quotes_nothing(mentee):
    house = mentee(more="")
    house.change("rules:", "rules:\n  followup: {prompt: mail}")
    quiet(house)
    house.clock.move(-3 * HOUR)  # six in the morning in New York
    house.run()
    assert asked_by_mail(house) == []
    house.after(3).run()
    house.after(1).run()
    assert asked_by_mail(house) == ["What did Ada advise on Sun 29 Nov?"]
    assert notes(house) == ""
    assert "- grace-ada.md" in house.words(next(mail for mail in house.mails(ME) if "advise" in mail["Subject"]))


def test_mail_without_a_way_for_mail_is_told(mentee):
    house = mentee()
    house.change("rules:", "rules:\n  followup: {prompt: mail}")
    house.change("mail: {transport: file}\n", "")
    house.run()
    assert "You met Ada on Sun 29 Nov, and you were not asked about it." in told(house)


def test_mentor_is_asked_what_they_promised(mentee):
    house = mentee(role="mentor")
    house.run()
    assert notes(house).endswith("\n## 2026-11-29\n\nPromised:\n- [ ] \n")


def test_file_that_cannot_be_written_is_told_and_tried_again(mentee):
    house = mentee()
    path = house.folder / "notes" / "grace-ada.md"
    path.parent.mkdir()
    path.write_bytes(b"caf\xe9\n")
    house.run()
    assert path.read_bytes() == b"caf\xe9\n"
    assert f"{path}:1: is not UTF-8" in told(house)
    assert f"no section was added to {path}: it is not UTF-8" in told(house)
    path.write_text("café\n", "utf-8")
    house.after(1).run()
    assert "café\n\n## 2026-11-29" in notes(house)
    assert "UTF-8" not in told(house)


def test_next_reminder_opens_with_what_was_advised_and_its_invite_waits_for_an_agenda(mentee):
    house = mentee()
    quiet(house)
    house.run()
    path = house.folder / "notes" / "grace-ada.md"
    filled = notes(house).replace("- [ ] \n", "- [x] read chapter 3 → two ideas\n- [ ] call Bob\n")
    path.write_text(filled, "utf-8")
    house.after(2).run()
    (mail,) = (one for one in house.mails(ME) if "A line or two" in one["Subject"])
    body = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    advised = "- You advised “read chapter 3”; what came of it: two ideas\n- You advised “call Bob”: still open\n"
    assert f"Agenda:\n{advised}- Topic 1:\n- Topic 2:\n- One question:\n" in body
    house.edit(
        "SUMMARY", f"DESCRIPTION:Agenda:\\n{advised.replace(chr(10), chr(92) + 'n')}- Topic 1:\r\nSUMMARY", "next.ics"
    )
    house.after(1).run()
    (verdict,) = (row.verdict for row in sessions(house) if row.key[0] == "next@example.org")
    assert "agenda.placeholder" in {one["code"] for one in verdict["findings"]}
    house.edit("- Topic 1:", "- Topic 1: how to lead a review", "next.ics")
    house.after(1).run()
    (verdict,) = (row.verdict for row in sessions(house) if row.key[0] == "next@example.org")
    assert not any(one["code"].startswith("agenda.") for one in verdict["findings"])


def test_what_is_open_is_in_no_text_where_others_read_the_summary(mentee):
    house = mentee(more="summary: {to: [me, office@example.org], days: [sun]}")
    house.run()
    path = house.folder / "notes" / "grace-ada.md"
    path.write_text(notes(house).replace("- [ ] \n", "- [x] read chapter 3 → two ideas\n- [ ] call Bob\n"), "utf-8")
    house.after(2).run()
    (mail,) = (one for one in house.mails(ME) if "A line or two" in one["Subject"])
    assert "read chapter 3" in house.words(mail)
    assert "Bob" not in house.words(mail)
    assert "Bob" not in plain(compose(house.context, house.store, house.clock.now()))


def sessions(house):
    return SessionStore(house.store).upcoming(house.clock.now())


def test_what_is_due_is_told_once_a_week_and_only_to_the_user(mentee):
    house = mentee()
    house.run_and_tell()
    house.after(24 * 3)
    assert needs_you(house) == ["What came of it, with Ada?"]
    house.run_and_tell()
    assert any("What came of it, with Ada?" in house.words(mail) for mail in house.mails(ME))
    assert "What came of it, with Ada?" not in needs_you(house)
    house.after(24).run_and_tell()
    assert "What came of it, with Ada?" not in needs_you(house)
    house.after(24 * 6)
    assert "What came of it, with Ada?" in needs_you(house)
    assert all("came of it" not in house.words(mail) for mail in house.mails())


def test_thanks_are_due_after_a_milestone_until_they_are_noted(mentee):
    house = mentee()
    house.invite(NOW - 14 * DAY, name="before.ics", uid="before@example.org", organizer="ada@example.com", body="- x")
    house.run()
    path = house.folder / "notes" / "grace-ada.md"
    path.write_text(f"{notes(house)}Milestone: first talk\n", "utf-8")
    house.after(1).run()
    (line,) = compose(house.context, house.store, house.clock.now()).needs_you
    assert (line.what, line.how) == ("A word of thanks to Ada?", "agendad draft thanks grace-ada")
    assert "first talk" in line.why
    house.change("notes: notes", "notes: notes\nsummary: {to: [me, office@example.org]}")
    summary = plain(compose(house.context, house.store, house.clock.now()))
    assert "A word of thanks to Ada?" in summary
    assert "first talk" not in summary, "others read it too"
    path.write_text(f"{notes(house)}Thanked: 2026-11-30\n", "utf-8")
    house.after(1).run()
    assert needs_you(house) == []


def test_change_of_the_notes_brings_a_pass(mentee):
    house, seconds = mentee(), [0.0]
    service = Service(house.context, house.store, Reloading(house.context), monotonic=lambda: seconds[0])
    service.inbox.put(Touched(NOTES))
    assert service._take(0) == NOTHING
    seconds[0] += 5
    assert service._take(0) == EVERYTHING


def test_findings_about_the_pair_are_told_on_the_next_session_and_nothing_is_planned_for_them(mentee):
    house = mentee()
    house.run()
    house.after(24 * 3).run()
    (row,) = sessions(house)
    assert "followup.due" in {one["code"] for one in row.verdict["findings"]}
    assert not any(step["reason"] == "followup.due" for step in row.verdict["plan"])
    assert not any(row.reason == "followup.due" for row in house.journal.actions(NOW - 30 * DAY))
