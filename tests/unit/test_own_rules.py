"""Rules from the configuration: what their expressions see, what is refused, and what follows from them."""

import re
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import ADA, GRACE, at, floating, make_event, make_policy

from agendad.daemon.config import ConfigError, load
from agendad.providers.model import Attendee, ConferenceLink, Sensitivity
from agendad.rules.base import Detection, History, Session
from agendad.rules.custom import CustomOptions, by_code
from agendad.rules.engine import default_options, judge
from agendad.rules.expressions import CannotTell, Expression, ExpressionError, _environment, compiled
from agendad.rules.messages import compose
from agendad.rules.plan import Standing, Taken, plan
from agendad.rules.policy import Action, Mentorship, Mode, Party, Severity
from agendad.rules.roles import Effect
from agendad.rules.session_fields import FIELDS, MAX_BODY, NAMES, values_of

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FRIDAY = datetime(2026, 3, 6, 22, 30, tzinfo=UTC)  # 17:30 in New York, 22:30 in London
PAIR = Mentorship(name="grace-ada", mentor=ADA, mentee=GRACE, my_role=Party.MENTEE)
CONFIG = """\
version: 1
me: {name: Grace, emails: [grace@example.org], timezone: America/New_York}
mentorships:
  - {name: p, mentor: {name: Ada, emails: [ada@example.net], timezone: Europe/London}, mentee: me}
"""


def entry(name="late", when="true", message="It is late.", **changes):
    return CustomOptions(name=name, when=when, message=message, **changes)


def policy_with(*entries, **changes):
    quiet = {name: one.model_copy(update={"enabled": False}) for name, one in default_options().items()}
    return make_policy(rules={**quiet, **by_code(entries)}, **changes)


def found(event, *entries, history=None):
    return judge(event, history or History(), policy_with(*entries), NOW).findings


def session_of(event):
    return Session(
        event=event, detection=Detection(is_mentorship=True, mentorship=PAIR, my_role=Party.MENTEE), me=GRACE
    )


def holds(when, event=None, history=None):
    return compiled(when, NAMES).holds(values_of(session_of(event or make_event(FRIDAY)), history or History(), NOW))


@pytest.mark.parametrize(
    "when",
    [
        "session.title == 'Mentoring: Ada and Grace'",
        "session.mentee.hour == 17 && session.mentor.hour == 22 && session.me.hour == 17",
        "session.mentee.weekday == 'fri' && session.mentee.date == '2026-03-06'",
        "session.me.starts == '17:30' && session.me.ends == '18:00' && session.me.starts >= '17:00'",
        "session.mentor.zone == 'Europe/London' && session.mentor.name == 'Ada Lovelace'",
        "session.minutes == 30 && session.duration == duration('30m') && session.end - session.start < duration('1h')",
        "session.start.getDayOfWeek('Europe/London') == 5 && session.start > timestamp('2026-03-06T22:00:00Z')",
        "session.days_until == 4 && session.now < session.start",
        "session.organizer.email == 'grace@example.org' && session.organizer.name.startsWith('Grace')",
        "session.i_organize",
        "session.attendees.exists(a, a.email == 'ada@example.com' && a.partstat == 'NEEDS-ACTION')",
        "session.conference.all(c, c.product == 'meet' && c.url.startsWith('https://'))",
        "session.mentorship == 'grace-ada' && session.my_role == 'mentee' && session.owner == 'mentee'",
        "!session.in_series && !session.met && !session.is_private && session.attachments == 0",
        "session.body.contains('parsers') && !session.body.contains('<p>')",
        "session.title.matches('(?i)^MENTORING') && session.location == '' && session.account == 'home'",
        "'ada@example.com' in session.people || session.categories.size() == 0",
    ],
)
def test_expression_sees_the_session(when):
    event = make_event(
        FRIDAY, html="<p>On parsers</p>", conference=(ConferenceLink(url="https://meet.example", product="meet"),)
    )
    assert holds(when, event)


def test_private_event_shows_no_words():
    event = make_event(
        FRIDAY, text="secret", location="secret", categories=("secret",), sensitivity=Sensitivity.PRIVATE
    )
    assert holds("session.title == '' && session.body == '' && session.location == '' && session.is_private", event)
    assert holds("session.categories.all(c, c == '')", event)


def test_expression_sees_who_has_met():
    assert holds("session.met", history=History(met=True))


def test_entry_finds_what_its_expression_says_and_nothing_else():
    late = entry(when="session.mentee.weekday == 'fri' && session.mentee.hour >= 17")
    (finding,) = found(make_event(FRIDAY), late)
    assert (finding.code, finding.rule, finding.message) == ("custom.late", "custom.late", "It is late.")
    assert finding.severity is Severity.WARNING
    assert found(make_event(FRIDAY - timedelta(hours=2)), late) == ()
    assert found(make_event(FRIDAY), entry(enabled=False)) == ()
    assert found(make_event(FRIDAY), entry(severity=Severity.ERROR))[0].severity is Severity.ERROR


@pytest.mark.parametrize(
    ("when", "event", "why"),
    [
        (
            "session.mentee.hour > 3",
            make_event(floating(FRIDAY.replace(tzinfo=None))),
            "session.mentee.hour is not known",
        ),
        ("session.minutes / session.attachments == 1", make_event(FRIDAY), "divide by zero"),
        ("session.attendees[7].email == ''", make_event(FRIDAY), "index error"),
        ("int(session.title) == 1", make_event(FRIDAY), "cannot convert string to int"),
    ],
)
def test_what_cannot_be_judged_is_told_and_nothing_follows(when, event, why):
    policy = policy_with(entry(when=when), entry(name="other", when="session.title != ''"))
    verdict = judge(event, History(), policy, NOW)
    told = [one for one in verdict.findings if one.code == "custom.late"]
    assert [one.severity for one in told] == [Severity.INFO]
    assert told[0].message.startswith("The rule late could not be judged: ")
    assert why in told[0].message
    assert {step.rule for step in plan(verdict, History(), Standing(), policy, NOW)} == {"custom.other"}


def test_what_decides_alone_needs_nothing_else():
    event = make_event(floating(FRIDAY.replace(tzinfo=None)))
    assert found(event, entry(when="session.title != '' || session.mentee.hour > 3"))[0].severity is Severity.WARNING


def test_two_entries_have_a_ladder_each():
    cancelling = entry(ladder=[{"before": "72h", "do": "nudge"}, {"before": "36h", "do": "cancel"}])
    policy = policy_with(cancelling, entry(name="other"))
    history = History(met=True)
    verdict = judge(make_event(FRIDAY), history, policy, NOW)
    steps = plan(verdict, history, Standing(), policy, NOW)
    assert [(step.rule, step.action) for step in steps] == [
        ("custom.other", Action.NUDGE), ("custom.late", Action.NUDGE), ("custom.late", Action.CANCEL),
    ]  # fmt: skip
    nudged = Taken(rule="custom.other", action=Action.NUDGE, effect=Effect.MAIL, at=NOW)
    after = plan(verdict, history, Standing(taken=(nudged,)), policy, NOW)
    assert [(step.rule, step.action) for step in after] == [
        ("custom.late", Action.NUDGE), ("custom.late", Action.CANCEL),
    ]  # fmt: skip


def test_entry_goes_as_far_as_its_ladder_and_no_further_than_it_may():
    policy = policy_with(entry(), entry(name="other", climbs=[], ladder=[{"before": "36h", "do": "cancel"}]))
    verdict = judge(make_event(FRIDAY), History(met=True), policy, NOW)
    assert [step.action for step in plan(verdict, History(met=True), Standing(), policy, NOW)] == [Action.NUDGE]


def test_hold_of_an_entry_is_taken_back_under_its_own_name():
    policy = policy_with(entry(when="session.minutes > 60"))
    verdict = judge(make_event(FRIDAY), History(met=True), policy, NOW)
    (step,) = plan(verdict, History(met=True), Standing(holding=frozenset({"custom.late"})), policy, NOW)
    assert (step.rule, step.effect) == ("custom.late", Effect.RESTORE)


def test_entry_may_lower_the_mode_and_one_that_is_gone_has_the_pairs():
    policy = policy_with(entry(mode=Mode.OBSERVE), mode=Mode.ACT)
    assert policy.mode_for(PAIR, "custom.late") is Mode.OBSERVE
    assert policy.mode_for(PAIR, "custom.gone") is Mode.ACT


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "a note of mine says “It is late”. Could you have a look?"),
        ("de", "Meine Notiz dazu lautet „It is late“. Magst du einmal draufschauen?"),
        ("es", "una nota mía dice «It is late». ¿Podrías echarle un vistazo?"),
        ("fr", "une note de ma part dit « It is late ». Pourriez-vous y jeter un œil ?"),
        ("it", "un mio appunto dice «It is late». Potresti dare un'occhiata?"),
        ("nl", "een notitie van mij zegt ‘It is late’. Wil je er even naar kijken?"),
        ("pt", "uma nota minha diz “It is late”. Pode dar uma olhada?"),
        ("ja", "私のメモに「It is late」とあります。ご確認いただけますか。"),
        ("zh", "我的备注里写着“It is late”。能请您看一下吗？"),
    ],
)
def test_letter_quotes_the_message_in_every_language(language, expected):
    ada = ADA.model_copy(update={"language": language})
    pair = replace(PAIR, mentor=ada, owner=Party.MENTOR)
    policy = policy_with(entry(), mentorships=(pair,))
    verdict = judge(make_event(FRIDAY), History(met=True), policy, NOW)
    (step,) = plan(verdict, History(met=True), Standing(), policy, NOW)
    message = compose(verdict.session, step, policy, NOW)
    assert message.language == language
    joined = " ".join(message.body.split())
    assert "".join(expected.split()) in "".join(joined.split())


@pytest.mark.parametrize(
    ("written", "said"),
    [("Is it too late?", "Is it too late?"), ("遅すぎます。", "遅すぎます。"), ("It is late", "It is late.")],
)
def test_message_ends_as_it_was_written_and_gets_no_second_stop(written, said):
    policy = policy_with(entry(message=written))
    verdict = judge(make_event(FRIDAY), History(met=True), policy, NOW)
    (step,) = plan(verdict, History(met=True), Standing(), policy, NOW)  # Grace owns the logistics: she is told herself
    assert f" {said}\n" in compose(verdict.session, step, policy, NOW).body.replace(f"{said[:4]}\n", said[:4])


# what is refused


@pytest.fixture
def problems(tmp_path):
    def told(custom):
        path = tmp_path / "config.yaml"
        path.write_text(CONFIG + "rules:\n  custom:\n" + custom, encoding="utf-8")
        with pytest.raises(ConfigError) as caught:
            load(path)
        return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]

    return told


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("session.tittle == ''", "character 8: there is no `session.tittle`; did you mean `session.title`?"),
        ("session.mentee == ''", "there is no `session.mentee`; it holds session.mentee.name, "),
        ("session.title == 2", "character 15: `==` does not go with text and whole number; compare like with like"),
        ("1 +", "character 4: this is no CEL: "),
        ("session.minutes", "this is neither true nor false"),
        ("session.attendees.exists(a, a.mail == '')", 'key not found in map : "mail"'),
        ("session.start.getHours('Nowhere/X') == 1", "invalid timezone"),
        ("session.in_series || session.title.matches('(')", "invalid regular expression: missing ): ("),
        ("session.title.matches(session.body)", "matches() takes one text in quotes, written out"),
        ("matches(session.title, 'a')", "matches() takes one text in quotes, written out"),
        ("session.people.exists(a, a.matches('a'))", "matches() stands inside exists"),
        ("session.people.exists(a, session.people.exists(b, a == b))", "exists() stands inside another of its kind"),
        ("session.people.map(a, a).size() == 1", "map() is not part of what may be used"),
        ("dyn(session.title) == 1", "dyn() is not part of what may be used"),
        ("session.title + 'a' == ''", "`+` does not go with text and text"),
        ("b'a' + b'a' == b''", "`+` does not go with"),
        ("session.body.matches('(a{1,50}){1,50}b')", "is too large"),
        (r"session.body.matches('(a\x7b1,50}){1,50}b')", "is too large"),
        ("1 + 1 + 1 + 1 + 1 + 1 == 6", "+ stands 5 times in this"),
        ("session.title != '" + "x" * 1000 + "'", "characters, and 1000 are the most"),
        ("(" * 100 + "true" + ")" * 100, "recursion limit"),
        ("session.`title` == ''", "` has no place here"),
    ],
)
def test_expression_that_is_wrong_is_told_when_it_is_read(problems, when, expected):
    (said,) = problems(f"    - name: a\n      message: x\n      when: |-\n        {when}\n")
    assert said.startswith("9:13: rules.custom[0].when: ")
    assert expected in said


def test_words_in_quotes_and_comments_are_no_code():
    assert holds(r"""session.title != "map(dyn(" && '''matches(''' != r'+\d`' // + + + + + map(""")


def test_everything_wrong_with_entries_is_told_at_once_with_its_place(problems):
    said = problems("""\
    - {name: a, when: "true", message: x, ladder: [{before: 3d, do: handover}]}
    - {name: a, when: "tru", message: "", climbs: [agenda.missing]}
    - {name: Big Name, wen: "true", message: x, enabled: "yes"}
""")
    assert [line.split(": ")[1] for line in said] == [
        "rules.custom[0].ladder[0].do", "rules.custom[1].name", "rules.custom[1].when", "rules.custom[1].message",
        "rules.custom[1].climbs[0]", "rules.custom[2].when", "rules.custom[2].name", "rules.custom[2].wen",
        "rules.custom[2].enabled",
    ]  # fmt: skip


def test_step_that_can_never_be_sent_is_told_at_the_entry(tmp_path):
    path = tmp_path / "config.yaml"
    entry = "{name: a, when: 'true', message: x, ladder: [{before: 2h, do: nudge}]}"
    path.write_text(f"{CONFIG}rules: {{custom: [{entry}]}}\n", "utf-8")
    assert "rules.custom[0].ladder[0]" in [note.key for note in load(path).notes]


# bounds: each in a process of its own that has little of what is bounded

_SCRIPT = """
import resource, sys
from agendad.rules.expressions import CannotTell, compiled
from agendad.rules.session_fields import MAX_BODY, MAX_TEXT, NAMES, samples
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
values = dict(samples()[0])
filled = sys.argv[2] * MAX_BODY
values |= {"session.body": filled[:MAX_BODY], "session.title": filled[:MAX_TEXT]}
program = compiled(sys.argv[1], NAMES)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    print(program.holds(values))
except CannotTell as why:
    print(why)
unit = 1 if sys.platform == "darwin" else 1024
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit // 2**20, "MB")
"""
_BODIES = "[" + ",".join(["session.body"] * 60) + ", 1]"
_ONES = "[" + ",".join("1" * 430) + "]"


@pytest.mark.parametrize("filling", ["x", "é", "😀"])
@pytest.mark.parametrize(
    "when",
    [
        f"{_BODIES}.exists(x, x + x + x + x + x == 'a')",
        f"{_ONES}.filter(x, session.body.contains(session.title) || x == 2).size() == 3",
        r"session.body.matches('(\\pL{1,7}){1,7}y$') || session.body.matches('(\\pL{1,7}){1,7}z$')",
        r"session.body.matches('(x+x+)+y') || session.body.matches('(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)[0-9]{9}$')",
        f"{_ONES}.all(x, session.body != session.body || session.body.endsWith(session.body))",
        f"size({_BODIES}.filter(x, string(x) != '')) == 1",
    ],
)
def test_hostile_expression_on_a_hostile_body_stays_within_bounds(when, filling):
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, when, filling], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, (done.returncode, done.stderr[-500:])
    assert int(done.stdout.split()[-2]) < 200, done.stdout


def test_rounds_of_macros_are_counted_by_the_library_too():
    ones = "[" + ",".join("1" * 101) + "]"
    program = Expression(_environment(NAMES).compile(f"{ones}.all(x, {ones}.all(y, x == y))"))
    with pytest.raises(CannotTell, match=r"(?i)iteration budget exceeded"):
        program.holds({})


def test_long_and_broken_texts_are_cut_before_an_expression_sees_them():
    event = make_event(
        FRIDAY, title="t" * 9999, text="b \ud800\x00\n" * 50_000, location="l" * 9999,
        attendees=tuple(Attendee(email=f"a{n}@example.org") for n in range(900)),
    )  # fmt: skip
    values = values_of(session_of(event), History(), NOW)
    assert len(values["session.body"]) <= MAX_BODY
    assert len(values["session.title"]) == len(values["session.location"]) == 500
    assert len(values["session.attendees"]) == 50
    assert holds("session.body.size() > 100 && session.attendees.size() == 50", event)


def test_importing_agendad_does_not_import_the_library():
    code = "import sys, agendad.daemon.config as c; c.schema(); print('cel_expr_python' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_expression_without_the_library_says_what_to_do():
    code = textwrap.dedent("""
        import sys; sys.modules["cel_expr_python"] = None
        from agendad.rules.expressions import compiled
        try: compiled("true", ())
        except ValueError as error: print(error)
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "the package cel-expr-python is not installed; install it" in done.stdout


# documentation


def examples():
    for page in (ROOT / "docs" / "own-rules.md", ROOT / "config.example.yaml"):
        text = page.read_text("utf-8")
        if page.suffix == ".md":
            yield from re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
        else:
            lines = [line.removeprefix("#:") for line in text.splitlines() if line.startswith("#:")]
            start = lines.index("rules:")
            end = next(n for n in range(start + 1, len(lines)) if not lines[n].startswith(" "))
            yield "\n".join(lines[start:end]) + "\n"


@pytest.mark.parametrize("example", list(examples()))
def test_example_in_the_documentation_can_be_loaded(tmp_path, example):
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG + example, "utf-8")
    assert load(path).config.rules.custom


def test_every_field_has_a_name_of_its_own_and_a_value():
    names = [one.name for one in FIELDS]
    assert len(set(names)) == len(names)
    event = make_event(at(FRIDAY, "Europe/London"))
    assert set(values_of(session_of(event), History(), NOW)) == set(names)


def test_wrong_options_made_in_code_are_refused_as_well():
    with pytest.raises(ValueError, match=r"session\.tittle"):
        entry(when="session.tittle == ''")
    with pytest.raises(ExpressionError):
        compiled("1", NAMES)
