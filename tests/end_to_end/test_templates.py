"""`agendad templates`: what there is, and what each says."""

import pytest

THURSDAY = {"start": "20261203T160000Z", "end": "20261203T163000Z"}


@pytest.fixture
def words(home):
    """The folder of the user's own templates, with a German one in it."""
    path = home.folder / "words" / "de" / "cancel.organizer.txt.j2"
    path.parent.mkdir(parents=True)
    path.write_text("Abgesagt: {{ day }}\n\nHallo {{ reader }}, {{ title }} fällt aus.\n", "utf-8")
    home.configure(home.config + "templates: words\nsummary: {days: [sat]}\n")
    return home.folder / "words"


def test_list_names_each_template_when_it_is_used_and_the_users_own(home, words):
    shown = home.run("templates")
    assert shown.status == 0, shown.err
    lines = shown.out.splitlines()
    assert "en/cancel.organizer     you organize and cancel the session" in lines
    place = lines.index("de/cancel.organizer     you organize and cancel the session")
    assert lines[place + 1].split() == ["yours:", str(words / "de" / "cancel.organizer.txt.j2")]
    shape = home.run("templates", "--json").json
    assert (shape["schema"], shape["folder"]) == ("agendad.templates/1", str(words))
    assert {one["name"] for one in shape["templates"] if one["language"] == "en"} >= {"nudge.other", "ask.self"}


def test_show_prints_the_source_and_what_it_says_in_sample_scenes(home, words):
    shown = home.run("templates", "show", "cancel.organizer")
    assert shown.status == 0, shown.err
    assert "    | Cancelled: our session on {{ day }}\n" in shown.out
    assert "    [notice] Cancelled: our session on Thu 3 Dec\n" in shown.out
    own = home.run("templates", "show", "de/cancel.organizer").out
    assert f"yours: {words / 'de' / 'cancel.organizer.txt.j2'}\n" in own
    assert "    Hallo Ada, „Mentoring: Ada and Grace“ fällt aus.\n" in own
    shape = home.run("templates", "--json", "show", "--language", "de", "cancel.organizer").json
    assert shape["source"].startswith("Abgesagt")
    assert shape["says"][0]["body"] == "Hallo Ada, „Mentoring: Ada and Grace“ fällt aus."
    unknown = home.run("templates", "show", "--language", "fi", "hold.organizer")
    assert (unknown.status, unknown.out) == (2, "")
    assert "no message template is in 'fi'; known here: de, en" in unknown.err


def test_show_for_a_session_says_it_for_that_session(home, words):
    home.invite("bad.ics", **THURSDAY, title="Mentoring: the third chapter")
    home.run("run", "--once")
    shown = home.run("templates", "show", "cancel.organizer", "--for", "third chapter")
    assert shown.status == 0, shown.err
    assert "our session “Mentoring: the third chapter”" not in shown.out.partition("for this session")[0]
    assert "Thu 3 Dec" in shown.out.partition("for this session")[2]
    german = home.run("templates", "show", "de/cancel.organizer", "--for", "bad@example.org", "--json").json
    assert german["says"][0]["body"] == "Hallo Ada, „Mentoring: the third chapter“ fällt aus."
    for name in ("restore.organizer", "reschedule.organizer", "ask.self", "nudge.self", "patch.organizer"):
        assert home.run("templates", "show", name, "--for", "bad").status == 0, name
    other = home.run("templates", "show", "cancel.attendee", "--for", "bad")
    assert other.status == 2
    assert "cancel.organizer" in other.err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["nudge.otter"], "did you mean `nudge.other`?"),
        (["de/cancel.organiser"], "did you mean `cancel.organizer`?"),
        (["dee/cancel.organizer"], "did you mean `de`?"),
        (["de/cancel.organizer", "--language", "en"], "--language says en"),
        (["cancel.organizer", "--for", "nothing like it"], "no calendar has been read"),
    ],
)
def test_name_that_is_none_is_a_usage_error_with_the_nearest_one(home, words, arguments, hint):
    result = home.run("templates", "show", *arguments)
    assert (result.status, result.out) == (2, "")
    assert hint in result.err
    assert "Traceback" not in result.err


def test_check_tells_all_that_is_wrong_with_the_users_templates_and_what_nothing_uses(home, words):
    (words / "de" / "hold.organizr.txt.j2").write_text("S\n\nHallo\n", "utf-8")
    right = home.run("check")
    assert right.status == 0, right.err
    assert "hold.organizr.txt.j2: no message uses this file; did you mean `de/hold.organizer.txt.j2`?" in right.out
    assert home.run("check", "--json").json["warnings"][-1]["file"].endswith("hold.organizr.txt.j2")
    (words / "de" / "nudge.self.txt.j2").write_text("S\n\n{{ titel }}\n", "utf-8")
    (words / "de" / "nudge.other.txt.j2").write_text("S\n{% if %}\n", "utf-8")
    wrong = home.run("check")
    assert wrong.status == 2
    assert "nudge.self.txt.j2:3: 'titel' is no variable of messages; did you mean `title`?" in wrong.err
    assert "nudge.other.txt.j2:2: " in wrong.err
    assert len(home.run("check", "--json").json["errors"]) == 2
