"""pause, resume and history, through the installed command."""

import pytest

THURSDAY = {"start": "20261203T160000Z", "end": "20261203T163000Z"}


@pytest.mark.parametrize("target", [[], ["grace-ada"], ["Ada Lovelace"], ["ADA@example.com"]])
def test_paused_sessions_are_left_alone_until_resumed(home, target):
    home.invite("bad.ics", **THURSDAY)
    assert home.run("pause", *target).status == 0
    (action,) = home.run("run", "--once", "--json").json["actions"]
    assert (action["state"], "paused" in action["detail"]) == ("skipped", True)
    assert "goes on" in home.run("resume", *target).out
    assert [one["state"] for one in home.run("run", "--once", "--json").json["actions"]] == ["would"]
    assert "was not paused" in home.run("resume", *target).out


def test_pause_ends_by_itself_at_its_date(home):
    home.invite("bad.ics", **THURSDAY)
    (shape,) = home.run("pause", "grace-ada", "--until", "2026-12-01", "--json").json["paused"]
    assert (shape["kind"], shape["target"], shape["until"]) == ("mentorship", "grace-ada", "2026-12-01T05:00:00Z")
    assert home.run("run", "--once", "--json").json["actions"][0]["state"] == "skipped"
    later = home.run("run", "--once", "--json", now="2026-12-01T09:00:00-05:00").json
    assert later["actions"][0]["state"] == "would"


def test_pause_ends_as_the_day_begins_where_the_user_is_away(home):
    stay = "{from: 2026-12-10, to: 2026-12-20, timezone: Asia/Tokyo}"
    home.configure(home.config.replace("timezone: America/New_York}", f"timezone: America/New_York, away: [{stay}]}}"))
    shape = home.run("pause", "grace-ada", "--until", "2026-12-12", "--json").json
    assert [(one["target"], one["until"]) for one in shape["paused"]] == [("grace-ada", "2026-12-11T15:00:00Z")]
    assert "until Sat 12 Dec 2026 00:00 JST" in home.run("pause", "grace-ada", "--until", "2026-12-12").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grace-adda"], "did you mean grace-ada?"),
        (["grace-ada", "--until", "soon"], "no date, time or duration"),
        (["--until", "2020-01-01"], "is over already"),
    ],
)
def test_pause_of_nobody_or_until_never_changes_nothing(home, arguments, said):
    result = home.run("pause", *arguments)
    assert result.status == 2
    assert said in result.err
    assert "Nothing was changed" in result.err


def test_history_lists_decisions_and_nothing_from_before(home):
    home.invite("bad.ics", **THURSDAY)
    home.run("run", "--once")
    assert "would: nudge, Mentoring: Ada and Grace: agenda.missing" in " ".join(home.run("history").out.split())
    (action,) = home.run("history", "--json").json["actions"]
    assert action["action"] == "nudge"
    assert "nothing was decided" in home.run("history", "--since", "1h", now="2026-12-05T09:00:00-05:00").out
