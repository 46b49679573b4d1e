"""What is due of the user: notes on the last session, what is still open, and thanks."""

from datetime import UTC, datetime, timedelta

import pytest

from agendad.daemon import config as configuration
from agendad.rules.base import Reach
from agendad.rules.engine import judge_pair
from agendad.rules.followup import Followup, FollowupOptions
from agendad.rules.gratitude import Gratitude, GratitudeOptions
from agendad.rules.notes import read_notes
from agendad.rules.policy import Mentorship, Party, Severity
from agendad.rules.relationship import Meeting, Relationship

NOW = datetime(2026, 12, 10, 15, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def pair(make_policy):
    """A relationship: sessions so many days ago and ahead, and notes as text (None: none are kept)."""

    def make(notes=None, *, ago=(2, 16), ahead=(), role=Party.MENTEE):
        me, other = make_policy().me, make_policy().mentorships[0].mentor
        mentor, mentee = (other, me) if role is Party.MENTEE else (me, other)
        return Relationship(
            mentorship=Mentorship(name="grace-ada", mentor=mentor, mentee=mentee, my_role=role),
            held=tuple(_meeting(NOW - days * DAY, held=True) for days in sorted(ago, reverse=True)),
            coming=tuple(_meeting(NOW + days * DAY) for days in sorted(ahead)),
            notes=None if notes is None else read_notes(notes, NOW.date()),
        )

    return make


def _meeting(start, *, held=False):
    return Meeting(start=start, end=start + timedelta(minutes=30), uid="1", recurrence_id=start.isoformat(), held=held)


def followup(relationship, now=NOW, **options):
    found = list(Followup().check_pair(relationship, FollowupOptions(**options), now))
    assert all((one.code, one.severity, one.reach) == ("followup.due", Severity.INFO, Reach.REPORT) for one in found)
    return [one.message if not one.evidence else (one.message, one.evidence) for one in found]


def gratitude(relationship, now=NOW, **options):
    found = list(Gratitude().check_pair(relationship, GratitudeOptions(**options), now))
    assert all((one.code, one.severity, one.reach) == ("gratitude.due", Severity.INFO, Reach.REPORT) for one in found)
    return [one.message if not one.evidence else (one.message, one.evidence) for one in found]


# followup


def test_session_without_a_note_is_told_after_some_days_and_for_some_weeks(pair):
    said = ["What did Ada advise on Sat 5 Dec? Nothing is noted yet."]
    assert followup(pair("", ago=(5,))) == said
    assert followup(pair("## 2026-12-05\n\nAdvice:\n- [ ] \n", ago=(5,))) == said, "the section is as it was added"
    assert followup(pair("", ago=(2,))) == []
    assert followup(pair("", ago=(2,)), after="36h") != []
    assert followup(pair("", ago=(30,))) == []
    assert followup(pair("", ago=())) == []


@pytest.mark.parametrize("notes", ["## 2026-12-05\nHelped: x\n", "## 2026-12-06\nwritten the day after\n"])
def test_session_with_any_note_is_not_told(pair, notes):
    assert followup(pair(notes, ago=(5,))) == []


def test_note_on_an_earlier_session_is_none_on_the_last(pair):
    assert followup(pair("## 2026-11-24\nHelped: x\n", ago=(5, 16))) != []


def test_nothing_is_told_where_no_notes_are_kept(pair):
    assert followup(pair(None, ago=(5,), ahead=(1,))) == []
    assert gratitude(pair(None, ago=range(0, 400, 14))) == []


OPEN = (
    "## 2026-12-03\nAdvice:\n- [ ] read chapter 3.\n- [x] sleep\n- call Bob\n- talk → done\n- [ ] a\n- [ ] b\n- [ ] c\n"
)


def test_what_is_still_open_is_told_shortly_before_the_next_session(pair):
    said = [("5 pieces of advice of Thu 3 Dec are still open.", "read chapter 3; call Bob; a; and 2 more")]
    assert followup(pair(OPEN, ago=(7,), ahead=(1,))) == said
    assert followup(pair(OPEN, ago=(7,), ahead=(3,))) == []
    assert followup(pair(OPEN, ago=(7,), ahead=(3,)), before="4d") == said
    assert followup(pair("## 2026-12-03\nAdvice:\n- [x] sleep\n", ago=(7,), ahead=(1,))) == []


def test_mentor_is_told_of_promises_and_not_asked_for_notes(pair):
    mentor = pair("## 2026-12-03\nAdvice: be brave\nPromised:\n- [ ] a link\n", ago=(7,), ahead=(1,), role=Party.MENTOR)
    assert followup(mentor) == [("A promise of Thu 3 Dec is still open.", "a link")]
    assert followup(pair("", ago=(7,), ahead=(1,), role=Party.MENTOR)) == []


def test_day_of_a_session_is_the_one_on_the_users_clock(pair):
    late = pair("", ago=())
    start = datetime(2026, 12, 5, 2, tzinfo=UTC)  # the evening before in New York
    assert "Fri 4 Dec" in followup(Relationship(mentorship=late.mentorship, held=(_meeting(start, held=True),),
                                                notes=late.notes))[0]  # fmt: skip


# gratitude

OFTEN = range(1, 200, 14)
NOTED = "## 2026-08-20\nHelped: questions\n"


def test_thanks_are_due_some_months_after_the_last(pair):
    assert gratitude(pair(f"{NOTED}Thanked: 2026-09-01\n", ago=OFTEN)) == [
        "You last thanked Ada on Tue 1 Sep 2026, and have met 8 times since."
    ]
    assert gratitude(pair(f"{NOTED}Thanked: 2026-09-20\n", ago=OFTEN)) == []
    assert gratitude(pair(f"{NOTED}Thanked: 2026-09-20\n", ago=OFTEN), every="30d") != []
    assert gratitude(pair(f"{NOTED}Thanked: 2026-09-01\n", ago=(150, 160))) == [], "no session since"


def test_thanks_that_were_never_noted_are_due_some_months_after_the_notes_begin(pair):
    assert gratitude(pair(NOTED, ago=(1, 15, 150))) == ["You have met 3 times, and no thanks to Ada are noted yet."]
    assert gratitude(pair("## 2026-11-24\nHelped: questions\n", ago=OFTEN)) == []
    assert gratitude(pair("## 2026-08-20\nAdvice:\n- [ ] \n", ago=OFTEN)) == [], "nothing is noted"
    assert gratitude(pair("", ago=OFTEN)) == []


def test_thanks_are_due_after_a_milestone(pair):
    text = "## 2026-12-01\nMilestone: first talk\n"
    assert gratitude(pair(text)) == [("You reached a milestone that Ada may like to hear of.", "first talk")]
    assert gratitude(pair(f"{text}Thanked: 2026-12-02\n")) == []
    assert gratitude(pair(f"{text}Thanked: 2026-11-30\n")) != []
    assert gratitude(pair(f"{text}Thanked: 2027-03-01\n")) != [], "a day to come is not a day of thanks yet"
    assert gratitude(pair("Milestone: 2027-01-01 promoted\n## 2026-12-01\nHelped: x\n")) == []


def test_thanks_are_a_mentees_after_some_sessions(pair):
    text = "## 2026-12-01\nMilestone: first talk\n"
    assert gratitude(pair(text, role=Party.MENTOR)) == []
    assert gratitude(pair(text, ago=(2,))) == []
    assert gratitude(pair(text, ago=(2,)), sessions=1) != []
    assert gratitude(pair(f"{text}## 2026-09-01\nHelped: x\n", ago=(2,))) != [], "more are noted than calendars know"


def test_what_is_found_about_the_pair_is_only_told(pair, make_policy):
    found = judge_pair(pair(f"{OPEN}Milestone: talk\n", ago=(7, 16), ahead=(1,)), make_policy(), NOW)
    assert {one.code for one in found} >= {"followup.due", "gratitude.due"}
    assert all(one.reach is Reach.REPORT for one in found)


@pytest.mark.parametrize("rule", [Followup, Gratitude])
def test_example_in_the_docstring_is_valid_and_a_ladder_is_none(rule, tmp_path):
    example = rule.__doc__.partition("Example:\n")[2]
    base = "version: 1\nme: {name: Grace, emails: [grace@example.org], timezone: Europe/London}\n"
    lines = [line[8:] for line in example.splitlines()]
    loaded = configuration.parse(f"{base}{chr(10).join(lines)}\n".encode(), tmp_path / "agendad.yaml")
    options = loaded.policy.rules[rule.name]
    assert options == type(options)()
    bad = f"{base}rules: {{{rule.name}: {{ladder: [{{before: 96h, do: nudge}}]}}}}\n"
    with pytest.raises(configuration.ConfigError, match="no step `nudge`; it takes none"):
        configuration.parse(bad.encode(), tmp_path / "agendad.yaml")
