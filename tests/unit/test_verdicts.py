"""The labelled corpus: how often the rules must be right. `make verdicts` tells it in full."""

import pytest
from verdicts import bodies_corpus, introductions_corpus, invites_corpus, learn, scenes_corpus, times_corpus

from agendad.rules.text import classifier
from agendad.rules.text.assessment import State
from agendad.rules.timezone import Timezone

CORPORA = {
    "bodies": bodies_corpus,
    "introductions": introductions_corpus,
    "invites": invites_corpus,
    "scenes": scenes_corpus,
    "times": times_corpus,
}


@pytest.fixture(scope="module", params=list(CORPORA))
def corpus(request):
    return request.param, list(CORPORA[request.param].outcomes())


LEAST = {
    "bodies": (0.95, 0.94),
    "introductions": (0.9, 0.9),
    "invites": (0.99, 0.98),
    "scenes": (0.99, 0.98),
    "times": (0.98, 0.98),
}
"""Shares: of all, and of those that were labelled before the rules were tried on them."""


def share(found):
    return sum(one.right for one in found) / len(found)


def test_verdicts_are_those_of_a_careful_person(corpus):
    kind, found = corpus
    of_all, of_held = LEAST[kind]
    wrong = [f"{one.source}: {one.what[:80]!r} is {one.given}" for one in found if not one.right]
    assert share(found) >= of_all, "\n".join(wrong)
    assert share([one for one in found if one.held]) >= of_held, "\n".join(wrong)


def test_a_third_was_labelled_before_the_rules_were_tried_on_it(corpus):
    _, found = corpus
    assert sum(one.held for one in found) * 3 >= len(found)


def test_a_good_agenda_is_hardly_ever_taken_for_none():
    agendas = [one for one in bodies_corpus.outcomes() if one.wanted == {"present"}]
    lost = [one.what for one in agendas if one.given in ("missing", "placeholder")]
    assert len(lost) <= 0.03 * len(agendas), lost


def test_invite_that_is_fine_is_never_said_to_be_stale_or_without_a_link():
    fine = [one for one in invites_corpus.outcomes() if one.wanted == {"none"}]
    assert [one.what for one in fine if not one.right] == []


def test_a_good_introduction_is_hardly_ever_asked_for_again():
    good = [one for one in introductions_corpus.outcomes() if one.wanted == {"both"}]
    lost = [one.what for one in good if one.given in ("why", "learn", "neither")]
    assert len(lost) <= 0.1 * len(good), lost


def test_every_verdict_is_in_the_corpus():
    assert {verdict for one in bodies_corpus.outcomes() for verdict in one.wanted} == set(State)
    codes = {code for one in times_corpus.outcomes() for wanted in one.wanted for code in wanted.split("+")}
    assert codes == {code.removeprefix("timezone.") for code in Timezone.codes} | {"none"}


@pytest.mark.parametrize("name", learn.NAMES)
def test_what_was_learned_was_learned_from_the_labels_as_they_are(name):
    assert classifier.made_from(name) == learn.digest(name), "run: make learn"
