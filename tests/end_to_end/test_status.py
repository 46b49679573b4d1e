"""`agendad status`: one screen, before the first pass, beside a service, and with much to show."""

import signal
import time

import pytest
from end_to_end.conftest import CONFIG
from end_to_end.test_terminal import ASKING

WIDTH, HEIGHT = 80, 24
SOON = {"start": "20261202T150000Z", "end": "20261202T153000Z"}


def test_before_the_first_pass_it_says_how_to_begin_and_writes_nothing(home):
    done = home.run("status")
    assert done.status == 0, done.err
    assert "mode: observe: it plans and reports, and changes nothing" in done.out
    assert "at work: nothing; `agendad run` serves" in done.out
    assert "! home: not read yet" in done.out
    assert "nothing is known yet: `agendad run --once`" in done.out
    assert not (home.folder / "state").exists()


def test_next_steps_are_told_with_their_times_and_in_json(home):
    home.invite("one.ics", start="20261209T150000Z", end="20261209T153000Z")
    home.run("run", "--once")
    shown = home.run("status").out
    assert "✓ home: read Mon 30 Nov 2026 08:30 EST, 1 event to come" in shown
    assert "sessions to come: 1; next steps:" in shown
    assert "→ Sat 5 Dec 2026 10:00 EST: would nudge (you): Mentoring: Ada and Grace" in shown
    shape = home.run("status", "--json").json
    assert shape["schema"] == "agendad.status/1"
    assert (shape["mode"], shape["running"], shape["pending"]) == ("observe", None, 0)
    assert shape["accounts"] == [
        {"name": "home", "ok": True, "read_at": "2026-11-30T13:30:00Z", "error": None, "held": False, "events": 1}
    ]
    assert [(step["action"], step["at"]) for step in shape["next_steps"]] == [
        ("nudge", "2026-12-05T15:00:00Z"), ("hold", "2026-12-07T08:00:00Z"), ("cancel", "2026-12-08T08:00:00Z"),
    ]  # fmt: skip
    assert (shape["last_pass"], shape["summary"]) == ("2026-11-30T13:30:00Z", {"sent_at": None, "trouble": None})


def test_what_waits_and_what_is_paused_is_told(home):
    home.configure(ASKING)
    home.invite("one.ics", **SOON)
    home.invite("two.ics", start="20261216T150000Z", end="20261216T153000Z", title="Mentoring: long ahead")
    home.run("run", "--once")
    pending = len(home.run("pending", "--json").json["actions"])
    home.run("pause", "--session", "long ahead", "--until", "2027-01-07", "--because", "a walk instead")
    shown = home.run("status").out
    assert f"! {pending} wait" in shown
    assert "‖ paused: Mentoring: long ahead" in shown
    shape = home.run("status", "--json").json
    assert shape["pending"] == pending
    assert [pause["because"] for pause in shape["pauses"]] == ["a walk instead"]
    assert not [step for step in shape["next_steps"] if step["title"] == "Mentoring: long ahead"]


def test_account_that_could_not_be_read_comes_first_with_why(home):
    home.configure(CONFIG.replace("mentorships:", "  - {name: export, provider: ics, path: gone}\nmentorships:"))
    home.invite("one.ics", **SOON)
    assert home.run("run", "--once").status == 1
    lines = home.run("status").out.splitlines()
    place = lines.index("accounts:")
    assert lines[place + 1].startswith("  ✗ export: ")
    assert lines[place + 2].startswith("  ✓ home: ")


def test_last_summary_is_told(home):
    home.invite("one.ics", **SOON)
    home.run("run", "--once")
    home.run("summary", "--send")
    assert "last summary: Mon 30 Nov 2026 08:30 EST" in home.run("status").out


def test_service_at_work_is_told_with_since_when_and_when_it_looks_next(home):
    home.invite("one.ics", **SOON)
    process = home.start("run")
    try:
        assert "observes" in process.stderr.readline()
        deadline = time.monotonic() + 20
        while not (shape := home.run("status", "--json").json)["last_pass"] and time.monotonic() < deadline:
            time.sleep(0.1)
        assert shape["running"]["process"] == str(process.pid)
        assert shape["next_look"] == "2026-11-30T13:35:00Z"
        shown = home.run("status").out
        assert f"at work: process {process.pid} since " in shown
        assert "last look: Mon 30 Nov 2026 08:30 EST, next Mon 30 Nov 2026 08:35 EST" in shown
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


@pytest.mark.parametrize(
    "title", ["Mentoring: Ada and Grace, " + "on compilers " * 12, "メンタリング：" + "進捗の確認" * 20]
)
def test_much_fits_on_one_screen(home, title):
    accounts = "".join(f"  - {{name: gone-{number}, provider: ics, path: gone-{number}}}\n" for number in range(12))
    home.configure(ASKING.replace("mentorships:", f"{accounts}mentorships:"))
    for number in range(9):
        home.invite(f"{number}.ics", start=f"2026121{number}T150000Z", end=f"2026121{number}T153000Z", title=title)
    home.run("run", "--once")
    for number in range(6):
        done = home.run("pause", "--session", f"{number}@example.org", "--because", "a walk " * 9)
        assert done.status == 0, done.err
    lines = home.run("status").out.splitlines()
    assert len(lines) <= HEIGHT, "\n".join(lines)
    assert not [line for line in lines if len(line) > WIDTH]
    assert any("and 3 more: agendad pause --list" in line for line in lines)
    assert any("more; `agendad sessions` has all" in line for line in lines)
