"""What would be said is shown whole before anything happens."""

THURSDAY = {"start": "20261203T160000Z", "end": "20261203T163000Z"}


def as_mentor(home):
    """Ada is the mentee and owns the logistics; only the agenda is judged, and no summary is sent by itself."""
    swapped = home.config.replace("mentee: me", "mentor: me").replace("mentor: {name", "mentee: {name")
    home.configure(f"{swapped}rules: {{ownership: {{enabled: false}}}}\nsummary: {{days: [sat]}}\n")


def test_dry_run_prints_each_text_whole_with_its_reader_and_subject(home):
    as_mentor(home)
    home.invite("bad.ics", **THURSDAY)
    shown = home.run("run", "--dry-run")
    assert shown.status == 0, shown.err
    assert "    To: ada@example.com\n    Subject: A line or two for our session on Thu 3 Dec\n" in shown.out
    assert "    Hi Ada,\n" in shown.out
    assert "    Grace\n\n    agendad, my assistant program, wrote this on my behalf. To opt out:\n" in shown.out
    assert shown.out.endswith("dry run: nothing was recorded.\n")
    assert max(map(len, shown.out.splitlines())) <= 80


def test_dry_run_gives_the_same_text_as_json_the_summary_and_the_later_run(home):
    as_mentor(home)
    home.invite("bad.ics", **THURSDAY)
    (dry,) = home.run("run", "--dry-run", "--json").json["actions"]
    assert set(dry["text"]) == {"channel", "subject", "body"}
    assert "on hold; by" in " ".join(dry["text"]["body"].split())
    assert home.run("run", "--once", "--json").json["actions"] == [dry]
    summary = home.run("summary").out
    assert all(f"    | {line}".rstrip() in summary for line in dry["text"]["body"].splitlines())
    (would,) = home.run("summary", "--json").json["would"]
    assert would["text"] == dry["text"]["body"]


def test_text_of_a_decision_keeps_its_timetable_when_the_ladder_has_gone_on(home):
    as_mentor(home)
    home.invite("bad.ics", **THURSDAY)
    home.run("run", "--once")
    first = home.run("summary", "--json").json["would"][0]["text"]
    home.run("run", "--once", now="2026-12-01T09:00:00-05:00")
    lines = home.run("summary", "--json", now="2026-12-01T09:00:00-05:00").json["would"]
    assert [line["action"] for line in lines] == ["nudge", "hold"]
    assert "I'll mark it as on hold; by" in " ".join(first.split())
    assert "I'll mark it as on hold; by" in " ".join(lines[0]["text"].split())


def test_explain_shows_the_text_of_the_next_step(home):
    as_mentor(home)
    home.invite("bad.ics", **THURSDAY)
    home.run("run", "--once")
    shown = home.run("explain", "bad@example.org")
    assert shown.status == 0, shown.err
    assert "what the next step would say (notice)" in shown.out
    assert "Subject: On hold for now: our session on Thu 3 Dec" in shown.out
    assert home.run("explain", "bad@example.org", "--json").json["plan"][0]["text"]["channel"] == "notice"


def test_own_template_is_used_and_a_broken_one_is_named_with_its_line(home):
    as_mentor(home)
    home.configure((home.folder / "agendad.yaml").read_text() + "templates: words\n")
    home.invite("bad.ics", **THURSDAY)
    missing = home.run("run", "--dry-run")
    assert missing.status == 2
    assert "words is no folder" in missing.err
    assert not (home.folder / "state").exists()
    path = home.folder / "words" / "en" / "nudge.other.txt.j2"
    path.parent.mkdir(parents=True)
    path.write_text("About {{ day }}\n\nMoin {{ reader }}, {{ when }}.\n")
    assert "    Moin Ada, Thu 3 Dec, 16:00 GMT (London) / 11:00 EST (New York).\n" in home.run("run", "--dry-run").out
    path.write_text("About {{ day }}\n\nMoin {{ nickname }}\n")
    broken = home.run("run", "--dry-run")
    assert broken.status == 2
    assert "nudge.other.txt.j2, line 3: 'nickname' is undefined" in broken.err
    assert "Traceback" not in broken.err


def test_template_broken_after_a_decision_leaves_the_text_that_was_decided(home):
    as_mentor(home)
    home.invite("bad.ics", **THURSDAY)
    home.run("run", "--once")
    path = home.folder / "words" / "en" / "nudge.other.txt.j2"
    path.parent.mkdir(parents=True)
    path.write_text("About {{ day }}\n\nMoin {{ nickname }}\n")
    home.configure((home.folder / "agendad.yaml").read_text() + "templates: words\n")
    shown = home.run("summary")
    assert shown.status == 0, shown.err
    assert "I'd like to come prepared" in shown.out
    again = home.run("run", "--once")
    assert again.status == 2
    assert "'nickname' is undefined" in again.err


def test_title_with_control_characters_does_nothing_in_a_terminal(home):
    as_mentor(home)
    home.invite("bad.ics", **THURSDAY, title="Mentoring \x1b[31m{{ 7*7 }}\u202e Ada and Grace")
    shown = home.run("run", "--dry-run").out
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "{{ 7*7 }}" in shown
