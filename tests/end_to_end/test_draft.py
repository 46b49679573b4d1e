"""`agendad draft`: a text to begin with, and nothing else happens."""

import pytest

NOTES = """\
## 2026-10-01
Advice:
- [x] read chapter 3 → two ideas for the talk
Helped: the list of questions
Milestone: first talk

## 2026-11-12
Advice: call Bob
"""
SESSION = {
    "start": "20261126T160000Z",
    "end": "20261126T163000Z",
    "title": "Mentoring: compilers",
    "body": "- compilers",
}


@pytest.fixture
def noted(home):
    """A folder of notes, and a session that was held."""
    (home.folder / "notes").mkdir()
    (home.folder / "notes" / "grace-ada.md").write_text(NOTES, "utf-8")
    home.configure(home.config + "notes: notes\nsummary: {days: [sat]}\n")
    home.invite("held.ics", **SESSION)
    home.run("run", "--once")
    return home


def everything(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "state" not in path.parts}


def test_thanks_are_drafted_from_the_notes_and_nothing_is_sent_or_changed(noted):
    before = everything(noted.folder)
    drafted = noted.run("draft", "thanks", "grace-ada")
    assert drafted.status == 0, drafted.err
    assert drafted.out.startswith("Thank you, Ada\n\nHi Ada,\n")
    assert "- read chapter 3: two ideas for the talk\n" in drafted.out
    assert "- the list of questions\n" in drafted.out
    assert "Bob" not in drafted.out
    said = " ".join(drafted.err.split())
    assert "a draft: nothing was sent, and no calendar was changed" in said
    assert "once it is sent, a line `Thanked: 2026-11-30` in" in said
    assert everything(noted.folder) == before
    assert not (noted.folder / "state" / "outbox").exists()


def test_letter_has_since_when_and_how_often_and_goes_into_a_new_file(noted):
    drafted = noted.run("draft", "letter", "grace-ada", "--out", "letter.txt")
    assert (drafted.status, drafted.out) == (0, "")
    letter = (noted.folder / "letter.txt").read_text("utf-8")
    assert letter.startswith("Nomination of Ada Lovelace for [the award]\n\n")
    assert "my mentor since October 2026, and we have met twice." in " ".join(letter.split())
    assert "the first session that I know of was on Thu 1 Oct 2026" in " ".join(drafted.err.split())
    again = noted.run("draft", "thanks", "grace-ada", "--out", "letter.txt")
    assert again.status == 2
    assert "letter.txt is there already. Nothing was written." in again.err
    assert (noted.folder / "letter.txt").read_text("utf-8") == letter


def test_draft_as_json_in_another_language(noted):
    shape = noted.run("draft", "thanks", "GRACE-ADA", "--language", "de", "--json").json
    assert (shape["schema"], shape["draft"], shape["mentorship"]) == ("agendad.draft/1", "thanks", "grace-ada")
    assert (shape["language"], shape["subject"]) == ("de", "Danke, Ada")
    assert any("nothing was sent" in note for note in shape["notes"])


def test_without_notes_or_a_pass_there_is_a_draft_with_places_to_fill_in_and_a_hint(home):
    for what in ("thanks", "letter", "first-call"):
        drafted = home.run("draft", what, "grace-ada")
        assert drafted.status == 0, drafted.err
        assert "[" in drafted.out
        assert ("there are no notes to draw on" in " ".join(drafted.err.split())) == (what != "first-call")
    assert not (home.folder / "state").exists()


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (
            ["thanks", "grce-ada"],
            "There is no mentorship 'grce-ada', so nothing was drafted; did you mean `grace-ada`?",
        ),
        (["thanks", "zzz"], "known here: grace-ada"),
        (["thank", "grace-ada"], "invalid choice: 'thank'"),
        (["thanks", "grace-ada", "--out", "no/where.txt"], "no/where.txt cannot be written"),
    ],
)
def test_what_cannot_be_drafted_is_a_usage_error_with_a_hint(noted, arguments, hint):
    result = noted.run("draft", *arguments)
    assert (result.status, result.out) == (2, "")
    assert hint in result.err
    assert "Traceback" not in result.err


def test_own_template_words_the_draft_and_check_tries_it(noted):
    path = noted.folder / "words" / "en" / "draft.thanks.txt.j2"
    path.parent.mkdir(parents=True)
    noted.configure((noted.folder / "agendad.yaml").read_text("utf-8") + "templates: words\n")
    path.write_text("Cheers, {{ reader }}\n\n{{ helped | join }}\n", "utf-8")
    assert noted.run("draft", "thanks", "grace-ada").out == "Cheers, Ada\n\nthe list of questions\n"
    path.write_text("Cheers\n\n{{ skeleton }} {{ helpd }}\n", "utf-8")
    wrong = noted.run("check")
    assert wrong.status == 2
    assert "draft.thanks.txt.j2:3: 'helpd' is no variable of messages; did you mean `helped`?" in wrong.err
    assert "'skeleton' is no variable of messages" in wrong.err
    broken = noted.run("draft", "thanks", "grace-ada")
    assert (broken.status, broken.out) == (2, "")
    path.unlink()
    shown = noted.run("templates", "show", "draft.letter")
    assert "Recommendation for Ada Lovelace" in shown.out
    elsewhere = noted.run("templates", "show", "prompt.self", "--for", "compilers")
    assert elsewhere.status == 2
    assert "is made from your notes" in elsewhere.err


def test_notes_that_cannot_be_read_are_told_by_check_run_and_lint_goes_on(noted):
    (noted.folder / "notes" / "grace-ada.md").write_bytes("Thanked: café\n".encode("latin-1"))
    checked = noted.run("check")
    assert checked.status == 0
    assert "grace-ada.md:1: is not UTF-8, and is not read; save it as UTF-8" in checked.out
    assert "is not UTF-8" in noted.run("run", "--once").out
    assert noted.run("lint", "calendar").status == 0
    assert "is not UTF-8" in " ".join(noted.run("draft", "thanks", "grace-ada").err.split())


def test_lint_and_sessions_find_what_is_due_from_the_notes(noted):
    noted.invite("next.ics", start="20261201T160000Z", end="20261201T163000Z", body="- talk")
    (found,) = (one for one in noted.run("lint", "calendar", "--json").json["sessions"] if one["findings"])
    codes = {finding["code"] for finding in found["findings"]}
    assert {"followup.due", "gratitude.due"} <= codes
    assert "call Bob" in {finding["evidence"] for finding in found["findings"]}
    assert found["plan"] == []
    noted.run("run", "--once")
    shown = noted.run("sessions", "--json").json
    assert "followup.due" in str(shown["sessions"])
    assert shown["mentorships"][0]["open_advice"] == 1
