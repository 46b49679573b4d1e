"""Drafts hold facts from the notes and places to fill in, and the question after a session is short."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta

import pytest
from jinja2 import DictLoader

from agendad.daemon.draft_gallery import draft_scenes, word_draft
from agendad.rules.drafts import DRAFT_VARIABLES, Draft, _facts, draft, first_known, prompt_mail
from agendad.rules.messages import MessageTemplateError
from agendad.rules.notes import read_notes
from agendad.rules.policy import Mentorship, Party
from agendad.rules.relationship import Meeting, Relationship
from agendad.rules.saying import LANGUAGES
from agendad.rules.text.assessment import State, assess
from agendad.rules.text.introduction import introduction

START = datetime(2026, 11, 19, 16, tzinfo=UTC)
NEXT = datetime(2026, 12, 3, 16, tzinfo=UTC)
NOTES = """\
## 2026-09-10
Advice:
- [x] read chapter 3 → two ideas for the talk
- [ ] call Bob
Helped: her patience
Milestone: first talk

## 2026-11-19
Advice: [x] say no once a week.
Private: I was ashamed.
"""


@pytest.fixture
def pair(make_policy):
    def make(notes=NOTES, *, role=Party.MENTEE, language="en", held=(START - timedelta(weeks=2), START)):
        ada, grace = (
            one.model_copy(update={"language": language})
            for one in (make_policy().mentorships[0].mentor, make_policy().me)
        )
        mentor, mentee = (ada, grace) if role is Party.MENTEE else (grace, ada)
        return Relationship(
            mentorship=Mentorship(name="grace-ada", mentor=mentor, mentee=mentee, my_role=role),
            held=tuple(Meeting(start=one, end=one + timedelta(minutes=30), uid="1", held=True) for one in held),
            coming=(Meeting(start=NEXT, end=NEXT + timedelta(minutes=30), uid="1"),),
            notes=None if notes is None else read_notes(notes, date(2026, 12, 1)),
        )

    return make


def flat(text):
    return " ".join(text.split())


def test_thanks_quote_what_helped_and_what_came_of_the_advice(pair):
    message = draft(Draft.THANKS, pair(), file="grace-ada.md")
    assert message.subject == "Thank you, Ada"
    assert "since September 2026" in flat(message.body)
    assert "- say no once a week: done\n- read chapter 3: two ideas for the talk\n" in message.body
    assert "- her patience\n" in message.body
    assert "- first talk (September 2026)" in message.body
    for private in ("Bob", "ashamed", "agendad"):
        assert private not in message.body
    assert re.findall(r"\[.*?\]", flat(message.body)) == ["[A sentence in your own words: what it means to you.]"]


def test_thanks_quote_what_is_new_since_the_last_thanks_where_there_is_something(pair):
    since = draft(Draft.THANKS, pair(f"{NOTES}Thanked: 2026-10-01\n"), file="")
    assert "say no" in since.body
    assert "chapter 3" not in since.body
    nothing_new = draft(Draft.THANKS, pair(f"{NOTES}Thanked: 2026-11-30\n"), file="")
    assert "chapter 3" in nothing_new.body


def test_letter_is_a_mentors_recommendation_or_a_mentees_nomination(pair):
    nomination = draft(Draft.LETTER, pair(), file="")
    assert nomination.subject == "Nomination of Ada Lovelace for [the award]"
    assert "Ada has been my mentor since September 2026, and we have met twice." in flat(nomination.body)
    assert "In that time I reached:\n- first talk (September 2026)" in nomination.body
    recommendation = draft(Draft.LETTER, pair(role=Party.MENTOR), file="")
    assert recommendation.subject == "Recommendation for Ada Lovelace"
    assert "I have been Ada's mentor since September 2026" in flat(recommendation.body)
    assert "In that time Ada reached:" in recommendation.body
    for letter in (nomination, recommendation):
        assert letter.body.endswith("Grace Hopper\n\n[Your position, organization and how to reach you]")
        assert flat(letter.body).count("[") >= 5


def test_first_call_asks_of_a_mentee_what_they_hope_for_and_of_a_mentor_what_they_offer(pair):
    mentee, mentor = (draft(Draft.FIRST_CALL, pair(role=role), file="") for role in (Party.MENTEE, Party.MENTOR))
    assert "Why I'd value learning from you:\n- [" in mentee.body
    assert "What I can help with:\n- [" in mentor.body
    assert mentee.subject == "Before our first call on Thu 3 Dec: why I asked you"


def test_draft_is_in_the_readers_language_and_a_letter_in_the_users(pair, make_policy):
    german = pair().mentorship.mentor.model_copy(update={"language": "de-AT"})
    one = Relationship(
        mentorship=Mentorship(name="x", mentor=german, mentee=make_policy().me, my_role=Party.MENTEE), held=pair().held
    )
    assert [draft(what, one, file="").language for what in Draft] == ["de", "en", "de"]
    assert draft(Draft.THANKS, one, file="", language="fr").language == "fr"
    assert draft(Draft.THANKS, one, file="", language="fi").language == "en"


def test_beginning_is_the_first_session_that_calendars_or_notes_know_of(pair):
    assert first_known(pair()) == date(2026, 9, 10)
    assert first_known(pair("")) == date(2026, 11, 5)
    assert first_known(pair(None, held=())) is None


@pytest.mark.parametrize("notes", [None, ""])
def test_without_notes_there_are_places_to_fill_in_and_no_gaps(pair, notes):
    for what in Draft:
        for role in Party:
            message = draft(what, pair(notes, role=role, held=()), file="")
            assert "[" in message.body
            assert "since" not in flat(message.body.partition("[")[0])
            assert not re.search(r"None| \.|  |\n\n\n|: *$", message.body.replace(":\n- ", " "))


def test_what_notes_say_is_read_and_does_nothing(pair):
    hostile = "## 2026-11-19\nAdvice: [x] {{7*7}}{% raw %} \u202egnol\u202c → " + "x" * 3000 + "\n"
    body = draft(Draft.THANKS, pair(hostile), file="").body
    assert "{{7*7}}{% raw %}" in flat(body)
    assert "\u202e" not in body
    assert len(body) < 1500


def columns(text):
    return len(text) + sum(unicodedata.east_asian_width(character) in "WF" for character in text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_whole_in_every_language(make_policy, language):
    ada, grace = (
        one.model_copy(update={"language": language}) for one in (make_policy().mentorships[0].mentor, make_policy().me)
    )
    for scene in draft_scenes():
        message = word_draft(scene, grace, ada)
        text = f"{message.subject}\n{message.body}"
        assert message.language == language
        assert not any(mark in text for mark in ("{", "}", "%", "None", "!", " ,", "..", "  ")), text
        assert max(map(columns, message.body.splitlines())) <= 72
        assert 3 < columns(message.subject) <= 78
        assert ("agendad" in text) == (scene.template == "prompt.self")
        if scene.template == "prompt.self":
            assert ("grace-ada.md" in text) == scene.noted
            assert len(message.body) < 500
        if language == "fr":
            assert not re.search(r" [:;?»]|« ", text), text
        if language in ("ja", "zh"):
            assert not re.search(r"[\u3000-\u9fff\uff00-\uffef] [\u3000-\u9fff\uff00-\uffef]", text), text
        if language != "en":
            assert not re.search(r"\b(?:since|mentor has|thank you|done)\b", text), text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", Party)
def test_first_call_that_nobody_filled_in_is_no_agenda_in_an_invite(pair, make_event, language, role):
    body = draft(Draft.FIRST_CALL, pair(None, role=role, language=language), file="").body
    assert assess(make_event(NEXT, text=body)).state is State.PLACEHOLDER
    first = re.search(r"^- [\[【].*$", body, re.MULTILINE)[0]
    filled = body.replace(first, "- compilers, and how to lead a team of twelve through a rewrite")
    assert assess(make_event(NEXT, text=filled)).state is State.PRESENT


MATCH_AND_WISH = {
    "en": ("you moved from research to industry", "how to run a team"),
    "de": ("du bist von der Forschung in die Industrie gewechselt", "wie ich ein Team leite"),
    "es": ("pasaste de la investigación a la industria", "cómo dirigir un equipo"),
    "fr": ("vous êtes passée de la recherche à l'industrie", "comment diriger une équipe"),
    "pt": ("você passou da pesquisa para a indústria", "como liderar uma equipe"),
    "it": ("sei passata dalla ricerca all'industria", "come guidare un gruppo"),
    "nl": ("je ging van onderzoek naar het bedrijfsleven", "hoe ik een team leid"),
    "ja": ("研究から産業界に移られたこと", "チームを率いる方法"),
    "zh": ("您从科研转到了工业界", "怎样带团队"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_first_call_introduces_the_mentee_once_it_is_filled_in(pair, make_event, language):
    body = draft(Draft.FIRST_CALL, pair(None, language=language), file="").body
    assert introduction(make_event(NEXT, text=body)).verdict == "neither"
    why, learn = re.findall(r"^- [\[【].*$", body, re.MULTILINE)[:2]
    match, wish = MATCH_AND_WISH[language]
    assert introduction(make_event(NEXT, text=body.replace(why, f"- {match}"))).verdict in ("why", "doubt")
    filled = body.replace(why, f"- {match}").replace(learn, f"- {wish}")
    assert introduction(make_event(NEXT, text=filled)).verdict == "both"


def test_question_after_a_session_names_the_day_on_the_users_clock(pair):
    late = Meeting(start=datetime(2026, 12, 5, 2, tzinfo=UTC), end=datetime(2026, 12, 5, 3, tzinfo=UTC), uid="1")
    message = prompt_mail(pair(), late, file="grace-ada.md")
    assert message.subject == "What did Ada advise on Fri 4 Dec?"
    assert "- grace-ada.md\n" in message.body
    assert prompt_mail(pair(role=Party.MENTOR), late, file="").subject == "What did you promise Ada on Fri 4 Dec?"


def test_own_template_is_used_and_a_broken_one_tells_what_it_may_use(pair):
    own = DictLoader({"en/draft.thanks.txt.j2": "Thanks!\n\n{{ advice[0].text }} {{ helped | join }} {{ sessions }}"})
    message = draft(Draft.THANKS, pair(), file="", overrides=own)
    assert (message.subject, message.body) == ("Thanks!", "say no once a week her patience 2")
    with pytest.raises(MessageTemplateError, match="Templates may use: reader, me, other, my_name") as caught:
        draft(Draft.THANKS, pair(), file="", overrides=DictLoader({"en/draft.thanks.txt.j2": "S\n\n{{ skeleton }}"}))
    assert "'skeleton' is undefined" in str(caught.value)


def test_variables_on_the_page_are_the_ones_that_templates_get(pair):
    one = pair()
    assert list(_facts(one, one.mentorship.mentor, one.mentorship.mentee, "")) == list(DRAFT_VARIABLES)
