"""The next skeleton opens with what was advised, and that alone is no agenda."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agendad.providers.model import Attendee, Organizer, Partstat
from agendad.rules.base import Detection, Session
from agendad.rules.messages import compose
from agendad.rules.notes import read_notes
from agendad.rules.plan import Step
from agendad.rules.policy import Action, Mentorship, Party
from agendad.rules.recalling import opening
from agendad.rules.relationship import Notes
from agendad.rules.roles import effect_of, recipients
from agendad.rules.saying import LANGUAGES
from agendad.rules.text.assessment import State, assess
from agendad.rules.text.skeleton import SKELETON, WIDTH, is_recalled, recalled, skeleton
from agendad.rules.text.untrusted import one_line
from agendad.rules.text.wrapping import wrapped

START = datetime(2026, 12, 3, 16, tzinfo=UTC)
NOW = START - timedelta(hours=96)
NOTES = """\
## 2026-11-05
Advice:
- [x] an older piece → long done

## 2026-11-19
Advice:
- [ ] call Bob
- [x] say no once a week
- [x] read chapter 3 → two ideas for the talk
- [ ] sleep
Helped: her patience
I was ashamed of the demo.
Promised: a secret
Milestone: a secret talk
"""
ADVISED = (
    "- You advised “read chapter 3”; what came of it: two ideas for the talk",
    "- You advised “say no once a week”: done",
    "- You advised “call Bob”: still open",
)


@pytest.fixture
def said(make_event, make_policy):
    """The body of a step on the session, with notes."""

    def make(action, notes=NOTES, *, i_organize=True, owner=Party.MENTOR, role=Party.MENTEE, language="en"):
        mentor, mentee = (
            one.model_copy(update={"language": language})
            for one in (make_policy().mentorships[0].mentor, make_policy().mentorships[0].mentee)
        )
        mentor, mentee = (mentor, mentee) if role is Party.MENTEE else (mentee, mentor)
        pair = Mentorship(name="pair", mentor=mentor, mentee=mentee, my_role=role, owner=owner)
        me = pair.person(role)
        guest = Attendee(email=me.emails[0], partstat=Partstat.ACCEPTED)
        theirs = {"organizer": Organizer(email=pair.other.emails[0]), "attendees": (guest,)}
        event = make_event(START, **({} if i_organize else theirs))
        session = Session(event=event, me=me, detection=Detection(is_mentorship=True, mentorship=pair, my_role=role))
        effect = effect_of(session, action)
        step = Step(
            rule="agenda", reason="agenda.missing", message="The invite has no agenda.", action=action, rung=action,
            effect=effect, due=NOW, sends=NOW, to=recipients(session, pair, action, effect), outward=True,
        )  # fmt: skip
        known = read_notes(notes, NOW.date()) if notes is not None else None
        return compose(session, step, make_policy(me=me), NOW, notes=known).body

    return make


def lines(body):
    return [line for line in body.splitlines() if line.startswith("- ")]


def test_skeleton_for_the_user_opens_with_the_last_advice_and_what_came_of_it(said):
    body = said(Action.NUDGE, owner=Party.MENTEE)
    assert lines(body) == [*ADVISED, *SKELETON["en"].split("\n")[2:]], "in the place of the line for the last advice"
    assert f"Agenda:\n{ADVISED[0]}\n" in body


@pytest.mark.parametrize(
    ("action", "i_organize"), [(Action.NUDGE, True), (Action.NUDGE, False), (Action.PATCH, True), (Action.PATCH, False)]
)
def test_other_person_reads_only_what_is_done_and_nothing_else_of_the_notes(said, action, i_organize):
    body = said(action, i_organize=i_organize)
    assert lines(body)[:3] == [*ADVISED[:2], "- Topic 1:"]
    for private in ("Bob", "sleep", "older", "patience", "ashamed", "secret"):
        assert private not in body


def test_mentors_notes_are_never_repeated(said):
    for owner in Party:
        assert lines(said(Action.NUDGE, role=Party.MENTOR, owner=owner)) == SKELETON["en"].split("\n")[1:]


@pytest.mark.parametrize(
    "notes",
    [
        None,
        "",
        "## 2026-11-19\nHelped: x\n",
        "## 2026-12-03\nAdvice: today's own\n",
        "## 2026-01-05\nAdvice: long ago\n",
    ],
)
def test_skeleton_is_the_plain_one_where_nothing_was_advised_lately(said, notes):
    assert lines(said(Action.NUDGE, notes, owner=Party.MENTEE)) == SKELETON["en"].split("\n")[1:]


def test_steps_without_a_skeleton_hold_nothing_of_the_notes(said):
    for action in (Action.HOLD, Action.CANCEL, Action.HANDOVER, Action.RESCHEDULE):
        assert "advised" not in said(action)
        assert said(action) == said(action, None)


LONG = "the whole of the third chapter, with all the exercises in it and the notes at its end, twice"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_is_one_line_of_a_mail_in_every_language(said, language):
    assert language in SKELETON
    for advice in ("x", LONG, "第三章を読んで" * 12, "a" * 90, "https://www.example.org/a/long/path?query=1"):
        for how in ({}, {"done": True}, {"outcome": "y"}, {"outcome": LONG}, {"outcome": "面白かった" * 12}):
            line = recalled(language, advice, **how)
            assert wrapped(line, WIDTH, "  ") == [line]
            assert is_recalled(line.removeprefix("- "))
    notes = f"## 2026-11-19\nAdvice:\n- [x] {LONG} → {LONG}\n"
    assert lines(said(Action.NUDGE, notes, owner=Party.MENTEE, language=language)) == [
        recalled(language, LONG, outcome=LONG),
        *SKELETON[language].split("\n")[2:],
    ]


def bodies(text):
    """An invite's body as it comes from different programs."""
    yield {"text": text}
    yield {"text": text.replace("\n", "\r\n")}
    yield {"html": f"<html><body><p>{text.replace(chr(10), '<br>')}</p></body></html>"}
    first, *rest = text.split("\n")
    items = "".join(f"<li>{line.removeprefix('- ')}</li>" for line in rest)
    yield {"html": f"<html><body><p>{first}</p><ul>{items}</ul></body></html>"}


OPENINGS = [
    {"advice": "read chapter 3", "outcome": "two ideas for the talk"},
    {"advice": "say no once a week", "done": True},
    {"advice": "discuss promotion with https://example.org/plan.pdf"},
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_unfilled_skeleton_that_opens_with_advice_is_a_placeholder_and_a_filled_one_an_agenda(make_event, language):
    begun = [recalled(language, **one) for one in OPENINGS]
    text = skeleton(language, begun)
    for body in bodies(text):
        assert assess(make_event(START, **body)).state is State.PLACEHOLDER
    for place in range(len(begun) + 1, text.count("\n") + 1):
        filled = text.split("\n")
        filled[place] += " how to prepare for the promotion"
        for body in bodies("\n".join(filled)):
            assert assess(make_event(START, **body)).state is State.PRESENT


@pytest.mark.parametrize(
    "line",
    [
        "You advised me to read chapter 3; I want to talk about what I learned",
        "You advised “read chapter 3”",
        "You advised “read chapter 3”; what came of it: two ideas. I would like to go through both with you today",
        "Still open: the visa question",
        "What came of “read chapter 3”?",
    ],
)
def test_what_a_person_wrote_in_their_own_words_is_theirs(line):
    assert not is_recalled(line)


SAID = st.text(max_size=120).filter(lambda text: one_line(text, 120))


@given(SAID, st.text(max_size=120), st.booleans(), st.sampled_from(LANGUAGES))
def test_any_advice_gives_one_line_that_is_known_again(advice, outcome, done, language):
    line = recalled(language, advice, outcome=outcome, done=done)
    assert "\n" not in line
    assert len(line) <= WIDTH
    assert is_recalled(line.removeprefix("- "))


def test_no_notes_open_nothing():
    assert opening(None, date(2026, 12, 3), "en", role=Party.MENTEE, to_me=True) == ()
    assert opening(Notes(), date(2026, 12, 3), "en", role=Party.MENTEE, to_me=True) == ()
