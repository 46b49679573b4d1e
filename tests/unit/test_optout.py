"""The word in an event that tells agendad to leave it alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agendad.providers.model import Instance, Sensitivity
from agendad.rules.base import History
from agendad.rules.engine import judge
from agendad.rules.optout import left_alone, opted_out
from agendad.rules.plan import Standing, plan, series_carriers

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "fields",
    [
        {"categories": ("Work", "No-Agendad")},
        {"categories": ("#no-agendad",)},
        {"categories": ("agendad off",)},
        {"title": "Mentoring: Ada and Grace #no-agendad"},
        {"title": "Mentoring (#NO-AGENDAD)"},
        {"title": "Mentoring, agendad-off"},
        {"text": "See you then.\n\n#mentoring #agendad-off"},
        {"text": "Thanks! #no-agendad"},
        {"text": "no‑agendad"},
        {"text": "« Mentorat » #no-agendad"},
        {"text": "Ada &amp; Grace &nbsp;#no-agendad"},
        {"html": "<p>See you</p><p><b>#no-agendad</b></p>"},
        {"text": "#no-agendad", "sensitivity": Sensitivity.PRIVATE},
    ],
)
def test_word_in_the_event_opts_it_out(make_event, fields):
    assert opted_out(make_event(NOW + DAY, **fields))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"title": "Mentoring: no agenda yet"},
        {"title": "Mentoring: how agendad works"},
        {"categories": ("agendad",)},
        {"text": "#no-agendad-please"},
        {"text": "https://example.org/agendad-off"},
        {"text": "To opt out put “#no-agendad” into the invite."},
        {"text": 'To opt out put "#no-agendad" or `agendad-off` into the invite.'},
        {"text": "Pour ne plus en recevoir\u202f: «\u202f#no-agendad\u202f» dans l'invitation."},
        {"html": "<p>«\u00a0#no-agendad\u00a0» dans l'invitation</p>"},
        {"text": "To opt out, put &ldquo;#no-agendad&rdquo; or &quot;agendad-off&quot; in the invite."},
        {"text": "Fine with me.\n> put #no-agendad into it"},
        {"text": "[agendad] put #no-agendad into the invite to opt out"},
    ],
)
def test_what_only_tells_of_the_word_does_not_count(make_event, fields):
    assert opted_out(make_event(NOW + DAY, **fields)) == ""


def test_session_that_opts_out_is_judged_and_told_of_and_nothing_is_planned(make_event, make_policy):
    policy, event = make_policy(), make_event(NOW + DAY, categories=("no-agendad",))
    verdict = judge(event, History(met=True), policy, NOW)
    assert "agenda.missing" in [finding.code for finding in verdict.findings]
    assert verdict.detection.is_mentorship
    assert 'note: it opts out of agendad, as it has the category "no-agendad"' in verdict.detection.evidence[-2]
    assert plan(verdict, History(met=True), Standing(holding=frozenset({"agenda"})), policy, NOW) == ()
    without = judge(replace(event, categories=()), History(met=True), policy, NOW)
    assert plan(without, History(met=True), Standing(), policy, NOW) != ()


def occurrence(make_event, week, **fields):
    made = {"instance": Instance.OCCURRENCE, "recurrence_id": f"week {week}", "id": f"w{week}", **fields}
    return make_event(NOW + (1 + 7 * week) * DAY, **made)


def test_word_on_a_series_opts_out_its_changed_occurrences_too(make_event):
    moved = occurrence(make_event, 0, instance=Instance.EXCEPTION)
    of_series = occurrence(make_event, 1, text="#no-agendad")
    assert left_alone(moved, (), (of_series,), NOW).startswith("its series says so")
    assert left_alone(moved, (), (of_series,), NOW + 60 * DAY) == ""  # what is past is not read any more


def test_word_on_one_occurrence_leaves_the_others(make_event):
    only = occurrence(make_event, 0, instance=Instance.EXCEPTION, text="#no-agendad")
    assert left_alone(only, (), (), NOW)
    for other in (occurrence(make_event, 1), occurrence(make_event, 2, instance=Instance.EXCEPTION)):
        assert left_alone(other, (), (only,), NOW) == ""


def test_word_on_a_copy_in_another_calendar_counts(make_event):
    event = make_event(NOW + DAY)
    copy = replace(event, account="work", categories=("agendad-off",))
    assert left_alone(event, (copy,), (), NOW).startswith("in calendar . of account work")


def test_series_is_looked_after_through_the_next_occurrence_that_does_not_opt_out(make_event, make_policy):
    policy = make_policy(mentorships=(replace(make_policy().mentorships[0], met=True),))
    people = {"organizer": None}
    events = [occurrence(make_event, 0, text="#no-agendad", **people), occurrence(make_event, 1, **people)]
    ada = {"organizer": replace(make_event(NOW).organizer, email="ada@example.com")}
    verdicts = [judge(replace(event, **ada), History(met=True), policy, NOW) for event in events]
    assert all(any(finding.series for finding in verdict.findings) for verdict in verdicts)
    assert {key[1] for key in series_carriers(verdicts, policy, NOW)} == {"week 1"}
