"""The rule first-call: who is asked for an introduction, and when it is there."""

import inspect
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from agendad.daemon.config import ConfigError, parse
from agendad.providers.model import Attendee, Organizer, Partstat, Sensitivity
from agendad.rules.base import Detection, History, Reach
from agendad.rules.engine import default_options, judge
from agendad.rules.first_call import FirstCall, FirstCallOptions
from agendad.rules.messages import compose
from agendad.rules.plan import Standing, plan
from agendad.rules.policy import Action, Mentorship, Party, Severity
from agendad.rules.relationship import Meeting, Relationship
from agendad.rules.roles import Effect
from agendad.rules.text.assessment import State, assess
from agendad.rules.text.introduction import draft_of, introduction
from agendad.rules.text.introduction_words import DRAFTS

START = datetime(2026, 12, 3, 16, tzinfo=UTC)
NOW = START - timedelta(days=5)
AGENDA = "Agenda:\n- promotion packet\n- conference talk"
WHY = "Why you: you moved from research to industry."
LEARN = "What I'd like to learn: how to run a team."
CODE = "first-call.missing-introduction"
ANSWERS = {
    "en": ("you led the move to a new platform", "how to say no kindly"),
    "de": ("du hast zwei Teams durch eine Krise geführt", "freundlich Nein sagen"),
    "es": ("has dirigido equipos en tres países", "decir que no con amabilidad"),
    "fr": ("vous avez monté une équipe à l'étranger", "dire non avec tact"),
    "pt": ("liderou equipes em três países", "dizer não com gentileza"),
    "it": ("hai guidato un gruppo in un momento difficile", "dire di no con gentilezza"),
    "nl": ("je hebt een team door een crisis geleid", "vriendelijk nee zeggen"),
    "ja": ("海外でチームを率いたご経験があるため", "丁寧に断る方法"),
    "zh": ("您带过跨国团队", "怎样委婉地拒绝"),
}


@pytest.fixture
def judged(make_event, make_policy):
    """What is found, and planned, for the first session of a pair; Grace is the mentee, unless told otherwise."""

    def make(
        body="", *, role=Party.MENTEE, owner=Party.MENTEE, met=None, held=False, rules=None, first=True, **changes
    ):
        policy = make_policy()
        ada, grace = policy.mentorships[0].mentor, policy.me
        mentor, mentee = (ada, grace) if role is Party.MENTEE else (grace, ada)
        pair = Mentorship(name="pair", mentor=mentor, mentee=mentee, my_role=role, owner=owner, met=met)
        event = make_event(START, text=body, **changes)
        half = timedelta(minutes=30)
        past = Meeting(start=NOW - half * 99, end=NOW - half * 98, uid="past", held=True)
        other = Meeting(start=START - half * 9, end=START - half * 8, uid="sooner")
        this = Meeting(start=START, end=START + half, uid=event.uid)
        relationship = Relationship(
            mentorship=pair, held=(past,) if held else (), coming=(this,) if first else (other, this)
        )
        policy = make_policy(mentorships=(pair,), rules=default_options() | (rules or {}))
        detection = Detection(is_mentorship=True, mentorship=pair, my_role=role, on_topic=True)
        history = History(relationship=relationship)
        verdict = judge(event, history, policy, NOW, detection=detection)
        steps = plan(verdict, history, Standing(), policy, NOW)
        return verdict, steps, policy

    return make


def of_rule(verdict):
    return [finding for finding in verdict.findings if finding.rule == "first-call"]


def test_first_session_without_an_introduction_is_a_warning_that_goes_to_a_nudge_at_most(judged):
    verdict, steps, _ = judged(AGENDA)
    (finding,) = of_rule(verdict)
    assert (finding.code, finding.severity, finding.reach) == (CODE, Severity.WARNING, Reach.NUDGE)
    (step,) = [one for one in steps if one.rule == "first-call"]
    assert (step.action, step.effect, step.due) == (Action.NUDGE, Effect.MAIL, START - timedelta(hours=96))


@pytest.mark.parametrize(
    ("body", "lacks"),
    [(f"{AGENDA}\n{LEARN}", "good match"), (f"{AGENDA}\n{WHY}", "like to learn"), (AGENDA, "neither")],
)
def test_finding_says_which_half_is_missing(judged, body, lacks):
    (finding,) = of_rule(judged(body)[0])
    assert lacks in finding.message
    assert ("neither" in finding.message) == (lacks == "neither")


def test_nothing_is_found_where_both_halves_are_there(judged):
    assert of_rule(judged(f"{WHY}\n{LEARN}")[0]) == []


@pytest.mark.parametrize("how", [{"met": True}, {"held": True}, {"first": False}])
def test_only_the_first_session_to_come_of_a_pair_that_has_not_met_is_looked_at(judged, how):
    assert of_rule(judged(AGENDA, **how)[0]) == []


def test_undeclared_pair_is_left_alone(make_event, make_policy):
    event = make_event(START, text=AGENDA)
    policy = make_policy(mentorships=())
    detection = Detection(is_mentorship=True, on_topic=True)
    assert of_rule(judge(event, History(), policy, NOW, detection=detection)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"body_readable": False},
        {"text": "Podziwiam Twoją pracę i chciałabym nauczyć się prowadzić zespół."},
        {"text": f"{AGENDA}\n\nMy introduction: https://docs.google.com/document/d/1"},
    ],
)
def test_what_cannot_be_read_is_reported_and_nobody_is_written_to(judged, changes):
    body = changes.pop("text", AGENDA)
    verdict, steps, _ = judged(body, **changes)
    (finding,) = of_rule(verdict)
    assert (finding.reach, finding.carrier) == (Reach.REPORT, "")
    assert not [step for step in steps if step.rule == "first-call" or step.carries]


def test_missing_agenda_and_introduction_are_asked_for_in_one_letter(judged):
    verdict, steps, policy = judged("See you then!")
    (finding,) = of_rule(verdict)
    assert finding.reach is Reach.REPORT
    nudges = [step for step in steps if step.action is Action.NUDGE]
    assert [(step.rule, step.carries) for step in nudges] == [("agenda", (CODE,))]
    text = compose(verdict.session, nudges[0], policy, NOW, plan=steps).body
    assert "first call" in text
    assert DRAFTS["en"].why in text
    assert DRAFTS["en"].learn in text
    assert "- Topic 1:" in text
    assert "advice" not in text, "there was none yet"


def test_introduction_is_asked_for_by_itself_where_the_agenda_is_not_nudged_for(judged):
    off = {"agenda": default_options()["agenda"].model_copy(update={"enabled": False})}
    quiet = {"agenda": default_options()["agenda"].model_copy(update={"ladder": ()})}
    for rules in (off, quiet):
        verdict, steps, _ = judged("See you then!", rules=rules)
        assert of_rule(verdict)[0].reach is Reach.NUDGE
        assert [step.rule for step in steps if step.action is Action.NUDGE] == ["first-call"]


def test_mentors_nudge_goes_to_the_mentee_and_asks_for_what_is_missing_only(judged):
    accepted = {
        "organizer": Organizer(email="ada@example.com"),
        "attendees": (Attendee(email="grace@example.org", partstat=Partstat.ACCEPTED),),
    }
    verdict, steps, policy = judged(f"{AGENDA}\n{LEARN}", role=Party.MENTOR, **accepted)
    (step,) = [one for one in steps if one.rule == "first-call"]
    assert step.to == ("ada@example.com",)
    text = " ".join(compose(verdict.session, step, policy, NOW).body.split())
    assert "what brings you to me" in text
    assert DRAFTS["en"].why in text
    assert DRAFTS["en"].learn not in text


def test_mentor_who_owns_the_logistics_is_told_and_not_asked_for_the_mentees_words(judged):
    verdict, steps, _ = judged("See you then!", owner=Party.MENTOR)
    assert [one.reach for one in of_rule(verdict)] == [Reach.REPORT]
    assert not [step for step in steps if step.rule == "first-call" or step.carries]


def test_private_event_is_never_quoted(judged):
    (finding,) = of_rule(judged(f"{AGENDA}\n{LEARN}", sensitivity=Sensitivity.PRIVATE)[0])
    assert "run a team" not in finding.message + finding.evidence


def test_ladder_takes_no_more_than_a_nudge_or_a_question():
    text = (
        "version: 1\nme: {{name: G, emails: [g@example.org], timezone: UTC}}\n"
        "rules: {{first-call: {{ladder: [{{before: 60h, do: {}}}]}}}}\n"
    )
    for word in ("hold", "cancel"):
        with pytest.raises(ConfigError) as refused:
            parse(text.format(word).encode(), Path("config.yaml"))
        assert "rule first-call has no step" in str(refused.value)
    assert parse(text.format("ask").encode(), Path("config.yaml")).policy.rules["first-call"].ladder[0].do is Action.ASK


@pytest.mark.parametrize("language", sorted(DRAFTS))
def test_unfilled_draft_is_no_introduction_and_no_agenda(make_event, language):
    for text in (draft_of(language), draft_of(language).replace("- ", "")):
        event = make_event(START, text=text)
        assert introduction(event).verdict == "neither"
        assert assess(event).state is not State.PRESENT


@pytest.mark.parametrize("language", sorted(DRAFTS))
@pytest.mark.parametrize("under", [False, True])
def test_filled_draft_is_an_introduction(make_event, language, under):
    draft, (why, learn) = DRAFTS[language], ANSWERS[language]
    between = "\n" if under else " "
    text = f"- {draft.why}{between}{why}\n- {draft.learn}{between}{learn}\n- {draft.about}"
    assert introduction(make_event(START, text=text)).verdict == "both"
    half = f"- {draft.why}\n- {draft.learn}{between}{learn}\n- {draft.about}"
    assert introduction(make_event(START, text=half)).verdict == "learn"


def test_docstring_holds_an_example_that_loads():
    lines = inspect.getdoc(FirstCall).partition("rules:")[2]
    options = YAML(typ="safe").load("rules:" + lines)["rules"]["first-call"]
    assert FirstCallOptions.model_validate(options) == FirstCallOptions()
