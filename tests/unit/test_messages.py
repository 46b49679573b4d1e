"""The words of every step: complete, short, kind, and deaf to what an event says."""

import html
import itertools
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import DictLoader, FileSystemLoader, meta

from agendad.daemon import message_gallery
from agendad.daemon.letter_html import letter_html
from agendad.providers.model import Attendee, Instance, Organizer, Partstat, Sensitivity
from agendad.rules import saying
from agendad.rules.base import Detection, Session, registered
from agendad.rules.engine import load_builtin
from agendad.rules.messages import (
    SUFFIX,
    VARIABLES,
    MessageTemplateError,
    _facts,
    compose,
    environment,
    template_names,
)
from agendad.rules.optout import opted_out
from agendad.rules.plan import Step
from agendad.rules.policy import Action, Mentorship, Party
from agendad.rules.roles import Effect, effect_of, recipients
from agendad.rules.text import SKELETON
from agendad.rules.text.assessment import State, assess

load_builtin()
CODES = sorted(code for rule in registered() for code in rule.codes)
WORDS = dict.fromkeys(("en", "de", "nl"), (60, 120))
MORE_WORDS = (68, 138)
"""How many words a comment and a mail may have; other languages need some more."""
NONE_NEEDED = {
    "en": "no agenda needed", "de": "keine Agenda nötig", "es": "no hace falta orden del día",
    "fr": "pas d'ordre du jour nécessaire", "pt": "não precisa de pauta", "it": "ordine del giorno non necessario",
    "nl": "geen agenda nodig", "ja": "アジェンダ不要", "zh": "无需议程",
}  # fmt: skip
LANGUAGES = sorted({name.partition("/")[0] for name in template_names()})
START = datetime(2026, 12, 3, 16, tzinfo=UTC)
NOW = START - timedelta(hours=96)
BY_ADA = {
    "organizer": Organizer(email="ada@example.com"),
    "attendees": (Attendee(email="grace@example.org", partstat=Partstat.ACCEPTED),),
}
BOTH_TIMES = "Thu 3 Dec, 16:00 GMT (London) / 11:00 EST (New York)"
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def session(make_event, make_policy):
    def make(*, i_organize=True, owner=Party.MENTOR, start=START, people=(), language="", **changes):
        policy = make_policy()
        pair = policy.mentorships[0]
        mentor, mentee = people or (pair.mentor, pair.mentee)
        if language:
            mentor, mentee = (one.model_copy(update={"language": language}) for one in (mentor, mentee))
        pair = Mentorship(name=pair.name, mentor=mentor, mentee=mentee, my_role=Party.MENTEE, owner=owner)
        event = make_event(start, **({} if i_organize else BY_ADA) | changes)
        detection = Detection(is_mentorship=True, mentorship=pair, my_role=Party.MENTEE, on_topic=True)
        return Session(event=event, detection=detection, me=mentee)

    return make


def step_of(session, action, code="agenda.missing", *, sends=NOW, asks=""):
    effect = effect_of(session, action)
    return Step(
        rule=code.partition(".")[0],
        reason=code,
        message="The invite has no agenda.",
        action=Action.ASK if asks else action,
        rung=action,
        effect=Effect.ASK if asks else effect,
        due=sends,
        sends=sends,
        to=recipients(session, session.mentorship, action, effect),
        outward=not asks,
        why_ask=asks,
    )


@pytest.fixture
def say(make_policy):
    def make(session, action, code="agenda.missing", *, then=(), asks="", overrides=None):
        first = step_of(session, action, code, asks=asks)
        rest = [step_of(session, later, code, sends=START - timedelta(hours=hours)) for later, hours in then]
        return compose(session, first, make_policy(me=session.me), NOW, plan=(first, *rest), overrides=overrides)

    return make


def words_in(text):
    """The words of a text; three characters of a writing without spaces, which take the room of one, count as one."""
    wide = sum(map(is_wide, text))
    return sum(any(map(str.isalnum, word)) for word in re.sub(r"[\u3000-\uffef]+", " ", text).split()) + wide // 3


def is_wide(character):
    return unicodedata.east_asian_width(character) in "WF"


def columns(text):
    return len(text) + sum(map(is_wide, text))


def flat(text):
    """The text in one line; where characters stand without spaces, a line break was none either."""
    return re.sub(r"(?<=[\u3000-\uffef]) (?=[\u3000-\uffef])", "", " ".join(text.split()))


def last_paragraph(message):
    return flat(message.body.rpartition("\n\n")[2])


LADDER = ((Action.HOLD, 56), (Action.CANCEL, 32))
AFTER = {Action.NUDGE: LADDER, Action.PATCH: LADDER, Action.HOLD: LADDER[1:]}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [*CODES, "conflict.double-booked"])
@pytest.mark.parametrize("action", list(Action))
def test_every_step_role_and_reason_has_short_plain_words_with_both_times(session, say, action, code, language):
    for i_organize, owner, then in itertools.product((True, False), Party, ((), AFTER.get(action, ()))):
        one = session(i_organize=i_organize, owner=owner, language=language)
        message = say(one, action, code, then=then)
        text = f"{message.subject}\n{message.body}"
        assert not any(mark in text for mark in ("{", "}", "%", "None", "Undefined", "!", "policy", " ,", " .", "  "))
        for zone in ("Europe/London", "America/New_York"):
            local = START.astimezone(ZoneInfo(zone))
            assert f"{local:%H:%M} {saying.place(local, language)}" in flat(message.body)
        assert max(map(columns, message.body.splitlines())) <= 72
        in_comment, in_mail = WORDS.get(language, MORE_WORDS)
        assert words_in(message.body) <= (in_comment if message.channel == "comment" else in_mail), message.body
        assert 10 < columns(message.subject) <= 78
        assert message.language == language
        assert "agendad" in last_paragraph(message)


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
@pytest.mark.parametrize("code", [*CODES, "conflict.double-booked"])
@pytest.mark.parametrize("action", list(Action))
def test_message_in_another_language_holds_no_english_sentence(session, say, action, code, language):
    one = session(language=language, instance=Instance.OCCURRENCE, owner=Party.MENTEE)
    for asks in ("", "nobody can tell when it takes place"):
        message = say(one, action, code, then=LADDER, asks=asks)
        text = f"{message.subject} {flat(message.body)}"
        assert not any(words in text for words in ("The invite", "our session", "nobody", "day off", "on hold"))


@pytest.mark.parametrize("language", ["ja", "zh"])
@pytest.mark.parametrize("action", list(Action))
def test_chinese_and_japanese_have_no_english_and_no_spaces_between_their_characters(session, say, action, language):
    late = datetime(2026, 12, 3, 21, 30, tzinfo=UTC)
    for code, i_organize, owner, start in itertools.product(CODES, (True, False), Party, (START, late)):
        one = session(i_organize=i_organize, owner=owner, start=start, language=language)
        for asks in ("", "Ada has already declined") if action is not Action.ASK else ("",):
            message = say(one, action, code, then=AFTER.get(action, ()), asks=asks)
            text = f"{message.subject}\n{message.body}"
            assert not re.search(r"[\u3000-\u9fff\uff00-\uffef] [\u3000-\u9fff\uff00-\uffef]", text), text
            assert not re.search(r"\b(?:invite|agenda|session|declined|day off|you)\b", text), text
            assert not re.search(r"[，、。；][，、。；]|^[，、。；：）」]|[（「]$", text, re.MULTILINE), text


def test_french_punctuation_stays_on_the_line_of_its_word(session, say):
    for action, code, i_organize, owner in itertools.product(Action, CODES, (True, False), Party):
        one = session(i_organize=i_organize, owner=owner, language="fr")
        message = say(one, action, code, then=LADDER)
        for line in (message.subject, *message.body.splitlines()):
            if line not in SKELETON["fr"]:
                held = line.replace("\u202f", "")
                assert not any(mark in line for mark in (" ;", " :", " ?", " »", "« ")), line
                assert held[:1] not in (";", ":", "?", "»")
                assert not held.endswith("«")


def test_french_subject_and_title_keep_the_narrow_space_before_their_punctuation(session, say):
    one = session(language="fr", title="Mentorat\u00a0: Ada\r\n\u202fet\u2028Grace", i_organize=False)
    assert say(one, Action.CANCEL).subject == "Décliné\u202f: notre rendez-vous du jeu. 3 déc."
    assert say(one, Action.RESCHEDULE).subject.endswith("du jeu. 3 déc.\u202f?")
    body = say(one, Action.NUDGE).body.replace("\n", " ")
    assert "«\u202fMentorat\u00a0: Ada et Grace\u202f»" in body


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_day_off_of_one_is_said_in_the_language_beside_the_clock_of_the_other(session, say, make_policy, language):
    pair = make_policy().mentorships[0]
    mentor, mentee = (one.model_copy(update={"language": language}) for one in (pair.mentor, pair.mentee))
    days = tuple(day for day in mentor.working_hours.days if day != "thu")
    off = mentor.model_copy(update={"working_hours": mentor.working_hours.model_copy(update={"days": days})})
    for people in ((off, mentee), (mentor, mentee)):
        one = session(people=people, start=datetime(2026, 12, 3, 9, 30, tzinfo=UTC))
        body = flat(say(one, Action.RESCHEDULE, "timezone.outside-working-hours").body)
        assert body.count("04:30") == 2, "on the clock, and why it is hard"
        assert "day off" not in body


STRAINS = ("", "04:30", "day off", "Diwali")


def reason(language, code, other_strain, my_strain):
    template = environment(None).from_string(
        f"{{% import '{language}/_words.txt.j2' as words with context %}}{{{{ words.because() }}}}"
    )
    return template.render(code=code, rule="timezone", other_strain=other_strain, my_strain=my_strain, to_me=False)


@pytest.mark.parametrize(
    ("other_strain", "my_strain", "said"),
    [
        ("21:30", "", "it is 21:30 for you then, outside your working hours"),
        ("", "04:30", "it is 04:30 for me then, outside my working hours"),
        ("21:30", "04:30", "it is 21:30 for you and 04:30 for me then"),
        ("day off", "", "it falls on a day off for you"),
        ("", "Diwali", "it falls on a holiday (Diwali) for me"),
        ("day off", "day off", "it falls on a day off for both of us"),
        ("Diwali", "Diwali", "it falls on a holiday (Diwali) for both of us"),
        ("Diwali", "day off", "it falls on a holiday (Diwali) for you and a day off for me"),
        ("day off", "04:30", "it is your day off, and 04:30 for me"),
        ("21:30", "day off", "it is my day off, and 21:30 for you"),
        ("Diwali", "04:30", "it is a holiday (Diwali) for you, and 04:30 for me"),
        ("21:30", "Diwali", "it is a holiday (Diwali) for me, and 21:30 for you"),
    ],
)
def test_day_off_of_one_and_odd_hour_of_the_other_are_each_said_as_they_are(other_strain, my_strain, said):
    for code in ("timezone.outside-working-hours", "timezone.non-working-day"):
        assert reason("en", code, other_strain, my_strain) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_makes_a_time_hard_for_either_is_said_in_every_language(language):
    for other_strain, my_strain in itertools.product(STRAINS, ("", "21:30", "day off", "Holi")):
        text = reason(language, "timezone.outside-working-hours", other_strain, my_strain)
        for strain in (other_strain, my_strain):
            assert strain == "day off" or strain in text, text
        if language != "en":
            assert "day off" not in text
        if "day off" in (other_strain, my_strain):
            without = reason(language, "timezone.outside-working-hours", *(
                strain.replace("day off", "") for strain in (other_strain, my_strain)
            ))  # fmt: skip
            assert text != without


ENGLISH_PHRASES = {"session", "message", "why_ask"}


@pytest.mark.parametrize("name", [name for name in template_names() if not name.startswith("en/")])
def test_template_of_another_language_uses_no_variable_that_holds_english(name):
    loaded = environment(None)
    source, *_ = loaded.loader.get_source(loaded, name)
    assert not meta.find_undeclared_variables(loaded.parse(source)) & ENGLISH_PHRASES


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_language_has_the_same_templates_as_english(language):
    names = {name.partition("/")[2] for name in template_names() if name.startswith(f"{language}/")}
    assert names == {name.partition("/")[2] for name in template_names() if name.startswith("en/")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_person_is_told_how_to_opt_out_and_telling_it_opts_nothing_out(session, say, make_event, language):
    for action, i_organize, owner in itertools.product(Action, (True, False), Party):
        if action is Action.ASK:
            continue
        message = say(session(i_organize=i_organize, owner=owner, language=language), action, then=LADDER)
        told = last_paragraph(message)
        to_me = action is Action.NUDGE and owner is Party.MENTEE
        assert ("agendad pause" if to_me else "#no-agendad") in told
        for text in (message.body, flat(message.body), html.escape(message.body)):
            assert opted_out(make_event(START, text=text)) == ""
        assert opted_out(make_event(START, html=letter_html(message.subject, message.body, language))) == ""
    assert opted_out(make_event(START, text="#no-agendad"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_is_asked_for_an_agenda_may_say_that_none_is_needed(session, say, make_event, language):
    said = NONE_NEEDED[language]
    for action, i_organize in itertools.product((Action.NUDGE, Action.HOLD, Action.ASK), (True, False)):
        for owner in (Party.MENTOR,) if action is Action.HOLD else Party:
            one = session(i_organize=i_organize, owner=owner, language=language)
            assert said in flat(say(one, action, then=AFTER.get(action, ())).body)
            assert said not in flat(say(one, action, "agenda.stale").body) or action is Action.HOLD
    assert assess(make_event(START, text=said), accept_links=True).state is State.OPTED_OUT


def test_channel_follows_from_what_the_step_becomes(session, say):
    mine, theirs = session(i_organize=True), session(i_organize=False)
    assert [say(mine, action).channel for action in Action] == [
        "mail", "notice", "notice", "mail", "mail", "notice", "mail",
    ]  # fmt: skip
    assert [say(theirs, action).channel for action in Action] == [
        "mail", "mail", "comment", "comment", "mail", "comment", "mail",
    ]  # fmt: skip


def test_nudge_tells_the_whole_timetable_on_the_readers_clock_and_how_to_keep_the_session(session, say):
    body = flat(say(session(i_organize=False), Action.NUDGE, then=LADDER).body)
    assert BOTH_TIMES in body
    assert "If there is none by Tue 1 Dec, 08:00 GMT, I'll answer “tentative”" in body
    assert "by Wed 2 Dec, 08:00 GMT, I'd decline just this one." in body
    assert "A line or two keeps it" in body
    assert "Agenda: - Last advice, what came of it: - Topic 1: - Topic 2: - One question:" in body
    organizing = flat(say(session(i_organize=True), Action.NUDGE, then=LADDER).body)
    assert "I'll mark it as on hold" in organizing
    assert "I'd cancel just this one" in organizing


def test_step_that_would_be_a_question_is_not_announced_to_the_other(session, make_policy):
    one = session()
    first = step_of(one, Action.NUDGE)
    question = step_of(one, Action.CANCEL, sends=START - timedelta(hours=36), asks="it would be the first meeting")
    assert "cancel" not in compose(one, first, make_policy(), NOW, plan=(first, question)).body


def test_steps_of_another_rule_are_not_announced(session, make_policy):
    one = session()
    first = step_of(one, Action.NUDGE)
    other = step_of(one, Action.RESCHEDULE, "timezone.non-working-day", sends=START - timedelta(hours=48))
    assert "another time by" not in compose(one, first, make_policy(), NOW, plan=(first, other)).body
    assert "If there is none" not in compose(one, first, make_policy(), NOW, plan=(first, other)).body


def test_nudge_to_myself_speaks_to_me_as_agendad_and_on_my_clock_first(session, say):
    message = say(session(owner=Party.MENTEE), Action.NUDGE, then=LADDER)
    body = flat(message.body)
    assert body.startswith("Hi Grace, your session “Mentoring: Ada and Grace” with Ada is on Thu 3 Dec, 11:00 EST")
    assert "Tue 1 Dec, 03:00 EST" in body
    assert body.endswith("agendad, your assistant program (“agendad pause” holds me back)")


def test_cancelled_session_can_be_rebooked_and_ends_in_good_faith(session, say):
    for i_organize, owner in itertools.product((True, False), Party):
        body = flat(say(session(i_organize=i_organize, owner=owner), Action.CANCEL).body)
        assert "there is no agenda yet" in body
        assert "I look forward to meeting with you next time." in body
        assert "To rebook" in body


def test_cancelling_one_of_a_series_says_that_the_others_stay(session, say):
    assert "series stays" in flat(say(session(instance=Instance.OCCURRENCE), Action.CANCEL).body)
    assert "series" not in say(session(), Action.CANCEL).body


@pytest.mark.parametrize(
    ("name", "language", "greeting"),
    [
        ("Ada Lovelace", "en", "Hi Ada,"),
        ("Marie-Claire  Dupont", "fr", "Bonjour Marie-Claire,"),
        ("王 小明", "zh", "王小明，您好："),
        ("王小明 (Wang Xiaoming)", "zh", "王小明，您好："),
        ("王 小明", "en", "Hi 王小明,"),
        ("山田 太郎", "ja", "山田太郎さん、こんにちは。"),
        ("山田\u3000はな子", "ja", "山田はな子さん、こんにちは。"),
        ("エイダ・ラブレス", "ja", "エイダ・ラブレスさん、こんにちは。"),
        ("エイダ ラブレス", "ja", "エイダ ラブレスさん、こんにちは。"),
        ("김 민수", "ko", "Hi 김민수,"),
        ("Xiaoming 王", "en", "Hi Xiaoming,"),
    ],
)
def test_greeting_is_by_first_name_and_whole_where_the_family_name_comes_first(
    session, say, make_policy, name, language, greeting
):
    pair = make_policy().mentorships[0]
    named = pair.mentor.model_copy(update={"name": name, "language": language})
    body = say(session(people=(named, pair.mentee)), Action.NUDGE).body
    assert body.startswith(f"{greeting}\n")


def test_question_says_what_would_happen_and_why_it_asks(session, say):
    body = flat(say(session(), Action.CANCEL, asks="Ada has already declined").body)
    assert "My next step would be to cancel just this one." in body
    assert "because Ada has already declined." in body
    assert "If you do nothing, the session stays as it is" in body


def test_time_that_is_hard_is_told_for_whom_and_with_both_working_hours(session, say):
    late = datetime(2026, 12, 3, 21, 30, tzinfo=UTC)
    body = flat(say(session(start=late, i_organize=False), Action.RESCHEDULE, "timezone.outside-working-hours").body)
    assert "It is 21:30 for you then, outside your working hours." in body
    assert "My hours are 09:00–17:00 EST (New York); yours, I think, 09:00–17:00 GMT (London)." in body
    early = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
    body = flat(say(session(start=early), Action.RESCHEDULE, "timezone.outside-working-hours").body)
    assert "it is 04:30 for me then" in body


def test_holiday_is_named(session, say, make_policy):
    pair = make_policy().mentorships[0]
    american = pair.mentee.model_copy(update={"holidays": ("US",)})
    one = session(start=datetime(2026, 11, 26, 15, tzinfo=UTC), people=(pair.mentor, american))
    body = flat(say(one, Action.RESCHEDULE, "timezone.non-working-day").body)
    assert "it falls on a holiday (Thanksgiving Day) for me" in body


def test_day_is_said_again_where_the_two_live_on_different_days(session, say, make_policy):
    pair = make_policy().mentorships[0]
    tokyo = pair.mentor.model_copy(update={"timezone": "Asia/Tokyo"})
    body = flat(
        say(session(start=datetime(2026, 12, 3, 22, tzinfo=UTC), people=(tokyo, pair.mentee)), Action.NUDGE).body
    )
    assert "Fri 4 Dec, 07:00 JST (Tokyo) / Thu 3 Dec, 17:00 EST (New York)" in body


def test_clock_of_somebody_who_is_away_is_told_with_the_place(session, say, make_policy, abroad):
    pair = make_policy().mentorships[0]
    tokyo = ("2026-12-01", "2026-12-05", "Asia/Tokyo")
    mine = session(people=(pair.mentor, abroad(pair.mentee, tokyo)))
    body = flat(say(mine, Action.RESCHEDULE, "timezone.outside-working-hours").body)
    assert "Thu 3 Dec, 16:00 GMT (London) / Fri 4 Dec, 01:00 JST (Tokyo, while away)" in body
    assert "it is 01:00 for me then, outside my working hours" in body
    assert "My hours are 09:00–17:00 JST (Tokyo, while away)" in body
    both = session(people=(abroad(pair.mentor, tokyo), abroad(pair.mentee, tokyo)))
    assert "on Fri 4 Dec, 01:00 JST (Tokyo, while away), but" in flat(say(both, Action.NUDGE).body)


def test_deadline_before_the_way_home_is_told_with_the_place(session, say, make_policy, abroad):
    pair = make_policy().mentorships[0]
    away = abroad(pair.mentor, ("2026-11-25", "2026-12-01", "Asia/Tokyo"))
    body = flat(say(session(people=(away, pair.mentee)), Action.NUDGE, then=LADDER).body)
    assert "Thu 3 Dec, 16:00 GMT (London) / 11:00 EST (New York)" in body
    assert "by Tue 1 Dec, 17:00 JST (Tokyo, while away)" in body
    assert "by Wed 2 Dec, 08:00 GMT, " in body


def test_time_is_told_once_where_only_one_zone_is_known(session, say, make_policy):
    pair = make_policy().mentorships[0]
    somewhere = pair.mentor.model_copy(update={"timezone": None})
    body = flat(say(session(people=(somewhere, pair.mentee)), Action.NUDGE).body)
    assert "on Thu 3 Dec, 11:00 EST (New York), but" in body


def test_time_without_a_zone_is_told_as_written(session, say, floating):
    one = session(start=floating(datetime(2026, 12, 3, 16)))  # noqa: DTZ001 - that is the point
    body = flat(say(one, Action.NUDGE, "timezone.floating", asks="nobody can tell when it takes place").body)
    assert "Thu 3 Dec, 16:00 (no time zone is known for it)" in body


@pytest.mark.parametrize("sensitivity", [Sensitivity.PRIVATE, Sensitivity.CONFIDENTIAL])
@pytest.mark.parametrize("action", list(Action))
def test_private_title_is_never_quoted(session, say, action, sensitivity):
    one = session(title="My secret plan", sensitivity=sensitivity)
    message = say(one, action, then=LADDER)
    assert "secret" not in message.subject + message.body


HOSTILE = (
    "{{7*7}}",
    "{% raw %}{{ me }}",
    "{{ ''.__class__.__mro__ }}",
    "{# gone #}stays",
    "Mentoring\r\nBcc: everyone@example.net\r\n\r\nHi",
    "Mentoring \u202egnirotnem\u202c\u2066\u200b",
    "Mentoring\u2028\u2029\x00\x1b[31m\x85",
    "- one\n- two\n\nThree",
    "x" * 10_000,
    "“our session” " * 700,
)


@pytest.mark.parametrize("title", HOSTILE)
@pytest.mark.parametrize("action", list(Action))
def test_hostile_title_is_read_and_does_nothing(session, say, title, action):
    plain, hostile = say(session(title="T"), action), say(session(title=title), action)
    text = hostile.subject + "\n" + hostile.body
    assert "49" not in text
    assert hostile.subject == plain.subject, "nothing that somebody else wrote reaches a header"
    assert not any(mark in text for mark in ("\r", "\u202e", "\u2066", "\u200b", "\x00", "\x1b", "\u2028", "\x85"))
    assert not any(line.startswith("Bcc:") for line in text.split("\n"))
    assert text.count("\n\n") == (plain.subject + "\n" + plain.body).count("\n\n")
    assert text.count("\n- ") == (plain.subject + "\n" + plain.body).count("\n- ")
    assert len(hostile.body) < len(plain.body) + 100
    assert max(map(len, hostile.body.split("\n"))) <= 72


def test_title_that_looks_like_a_template_is_shown_as_it_is(session, say):
    assert "“{{7*7}}”" in say(session(title="{{7*7}}"), Action.NUDGE).body


def test_undeclared_pair_gets_no_words(make_event, make_policy, session):
    policy = make_policy()
    stranger = Session(event=make_event(START), detection=Detection(is_mentorship=True), me=policy.me)
    with pytest.raises(ValueError, match="not declared"):
        compose(stranger, step_of(session(), Action.NUDGE), policy, NOW)


def test_variables_on_the_page_are_the_ones_that_templates_get(session):
    one = session()
    assert set(_facts(one, one.mentorship, step_of(one, Action.NUDGE), one.me)) == set(VARIABLES)


# templates of the user's own


def test_override_folder_replaces_one_template_and_leaves_the_others(session, say, tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "nudge.other.txt.j2").write_text("About {{ day }}\n\nHello {{ reader }}, {{ when }}.", "utf-8")
    loader = FileSystemLoader(tmp_path)
    message = say(session(), Action.NUDGE, overrides=loader)
    assert (message.subject, flat(message.body)) == ("About Thu 3 Dec", f"Hello Ada, {BOTH_TIMES}.")
    assert "on hold" in say(session(), Action.HOLD, overrides=loader).body


def test_template_in_the_readers_language_is_preferred(session, say, make_policy):
    pair = make_policy().mentorships[0]
    finn = pair.mentor.model_copy(update={"language": "fi-FI"})
    one = session(people=(finn, pair.mentee))
    loader = DictLoader({"fi/nudge.other.txt.j2": "{{ day }}\n\nHei {{ reader }}"})
    assert say(one, Action.NUDGE, overrides=loader).language == "fi"
    assert say(one, Action.HOLD, overrides=loader).language == "en"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("S\n\nHi {{ reader }},\n{{ nickname }}", 4, "'nickname' is undefined"),
        ("S\n\n{% if %}", 3, "Expected an expression"),
        ("S\n\n\n\n{{ 1 / 0 }}", 5, "division by zero"),
        ("S\n\n{{ reader.__class__.__mro__ }}", 3, "unsafe"),
    ],
)
def test_broken_template_is_told_with_file_and_line(session, say, tmp_path, text, line, what):
    (tmp_path / "en").mkdir()
    path = tmp_path / "en" / "nudge.other.txt.j2"
    path.write_text(text, "utf-8")
    with pytest.raises(MessageTemplateError) as caught:
        say(session(), Action.NUDGE, overrides=FileSystemLoader(tmp_path))
    assert f"{path}, line {line}: " in str(caught.value)
    assert what in str(caught.value)
    assert "Templates may use: reader, me" in str(caught.value)


# the gallery


def test_gallery_shows_every_template_and_is_current(session, say):
    for path, text in message_gallery.pages().items():
        assert (DOCS / path).read_text("utf-8") == text, "run `python -m agendad.daemon.message_gallery`"
    shown = {message_gallery.template(scene) for scene in message_gallery.every_scene()}
    for name in template_names():
        assert name.partition("/")[2].removesuffix(SUFFIX) in shown, name
