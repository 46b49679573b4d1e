"""Rules of other distributions, really installed, seen by the real command."""

import email
import email.policy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "agendad-rule-short-sessions"
NOW = "2026-03-03T12:00:00Z"
CONFIG = """\
version: 1
me: {name: Grace, emails: [grace@example.org], timezone: Europe/London}
accounts:
  - {name: home, provider: ics, path: calendar}
mentorships:
  - name: p
    mentor: {name: Ada, emails: [ada@example.net], timezone: Europe/London}
    mentee: me
    owner: mentor
    met: true
"""
SESSION = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//example//EN
BEGIN:VEVENT
UID:1@example.org
DTSTAMP:20260301T090000Z
DTSTART:20260306T100000Z
DTEND:20260306T101500Z
SUMMARY:Mentoring: Ada and Grace
DESCRIPTION:Agenda:\\n- parsers\\n- register allocation
ORGANIZER:mailto:ada@example.net
ATTENDEE;PARTSTAT=ACCEPTED:mailto:grace@example.org
ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.net
END:VEVENT
END:VCALENDAR
"""


def installed(source, target):
    """A distribution in a folder of its own, as pip puts it there. Nothing is fetched."""
    tree = target.parent / f"tree-{target.name}"
    shutil.copytree(source, tree)  # a build leaves files in its tree
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
         "--target", target, tree],
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return target


def agendad(packages, folder, *words):
    environ = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, [*map(str, packages), os.environ.get("PYTHONPATH")])),
        "AGENDAD_NOW": NOW,
        "AGENDAD_STATE_DIR": str(folder / "state"),
    }
    command = [sys.executable, "-m", "agendad.daemon.cli", *words, "--config", str(folder / "config.yaml")]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "calendar").mkdir()
    (tmp_path / "calendar" / "1.ics").write_text(SESSION.replace("\n", "\r\n"), "utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    return installed(EXAMPLE, tmp_path_factory.mktemp("packages") / "example")


def made(tmp_path, modules):
    """A distribution with an entry point for each of these modules, which are texts."""
    source = tmp_path / "source"
    source.mkdir()
    for name, text in modules.items():
        (source / f"plugin_{name}.py").write_text(text, "utf-8")
    names = ", ".join(f'"plugin_{name}"' for name in modules)
    points = "".join(f'{name} = "plugin_{name}"\n' for name in modules)
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n'
        f'[project]\nname = "plugins"\nversion = "2.1"\n[tool.setuptools]\npy-modules = [{names}]\n'
        f'[project.entry-points."agendad.rules"]\n{points}',
        "utf-8",
    )
    return installed(source, tmp_path / "packages")


def rule(name, *, codes, check="return ()", options="RuleOptions"):
    return f"""
from agendad.rules.base import Finding, Rule, register
from agendad.rules.policy import RuleOptions, Severity

class Needs(RuleOptions):
    needed: int

@register
class Mine(Rule):
    name = {name!r}
    codes = {codes!r}
    Options = {options}

    def check(self, session, history, options, now):
        {check}
"""


def test_example_finds_a_short_session_and_plans_its_nudge(example, folder):
    done = agendad([example], folder, "lint", str(folder / "calendar"), "--json")
    assert done.returncode == 0, done.stderr
    (session,) = json.loads(done.stdout)["sessions"]
    assert [one["code"] for one in session["findings"]] == ["short_sessions.too-short"]
    assert session["findings"][0]["message"] == "This session is 15 minutes long."
    assert [(step["action"], step["reason"]) for step in session["plan"]] == [("nudge", "short_sessions.too-short")]


def test_example_says_its_generic_words_and_acts_like_any_rule(example, folder):
    done = agendad([example], folder, "run", "--once", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    (action,) = json.loads(done.stdout)["actions"]
    assert (action["rule"], action["action"], action["effect"]) == ("short_sessions", "nudge", "mail")


def test_examples_options_are_in_the_configuration_and_its_schema(example, folder):
    (folder / "config.yaml").write_text(CONFIG + "rules: {short_sessions: {at_least: 10m}}\n", "utf-8")
    assert agendad([example], folder, "check").returncode == 0
    done = agendad([example], folder, "lint", str(folder / "calendar"), "--json")
    assert json.loads(done.stdout)["sessions"][0]["findings"] == []
    (folder / "config.yaml").write_text(CONFIG + "rules: {short_sessions: {at_leest: 10m}}\n", "utf-8")
    told = agendad([example], folder, "check")
    assert told.returncode == 2
    assert "config.yaml:11:26: rules.short_sessions.at_leest: unknown key; did you mean `at_least`?" in told.stderr
    schema = json.loads(agendad([example], folder, "check", "--schema").stdout)
    assert "at_least" in schema["$defs"]["ShortSessionsOptions"]["properties"]
    assert "short_sessions" in schema["$defs"]["Rules"]["properties"]


def test_without_the_example_its_options_are_an_unknown_rule(folder):
    (folder / "config.yaml").write_text(CONFIG + "rules: {short_sessions: {at_least: 10m}}\n", "utf-8")
    assert "rules.short_sessions: unknown rule" in agendad([], folder, "check").stderr


def test_doctor_lists_plugins(example, folder):
    checks = json.loads(agendad([example], folder, "doctor", "--json").stdout)["checks"]
    (plugin,) = [check for check in checks if check["name"].startswith("plug-in")]
    assert plugin == {
        "name": "plug-in short_sessions", "state": "ok", "fix": None,
        "message": "the rule short_sessions comes from agendad-rule-short-sessions 1.0",
    }  # fmt: skip


def test_examples_own_test_passes(example):
    environ = os.environ | {"PYTHONPATH": os.pathsep.join([str(example), os.environ.get("PYTHONPATH", "")])}
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", EXAMPLE, "-c", os.devnull]
    done = subprocess.run([*tests, EXAMPLE], env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


BROKEN = {
    "missing": ("import not_there", "ModuleNotFoundError: No module named 'not_there' (plugin_missing.py, line 1)"),
    "leaves": ("raise SystemExit(3)", "SystemExit: 3 (plugin_leaves.py, line 1)"),
    "garbled": ("def (", "SyntaxError: "),
    "empty": ("", "it has to register one rule, named empty as its entry point is, and registered: none"),
    "clash": (rule("agenda", codes={"agenda.x": ""}), "ValueError: two rules are named 'agenda'"),
    "misnamed": (rule("other", codes={"other.x": ""}), "named misnamed as its entry point is, and registered: other"),
    "stray": (rule("stray", codes={"agenda.missing": ""}), "ValueError: codes of rule 'stray' start with its name"),
    "silent": (rule("silent", codes={}), "it has no finding codes"),
    "custom": (rule("custom", codes={"custom.x": ""}), "custom cannot be a rule's name"),
    "untyped": (rule("untyped", codes={"untyped.x": ""}, options="dict"), "its Options are no RuleOptions"),
    "needy": (rule("needy", codes={"needy.x": ""}, options="Needs"), "its Options have no default for needed"),
}


def test_plugins_that_do_not_work_are_told_of_and_stop_nothing(tmp_path, folder, example):
    (folder / "config.yaml").write_text(CONFIG + "rules: {missing: {enabled: true}}\n", "utf-8")
    packages = [made(tmp_path, {name: text for name, (text, _) in BROKEN.items()}), example]
    told = agendad(packages, folder, "check")
    assert told.returncode == 0, told.stderr
    assert "Traceback" not in told.stdout + told.stderr
    for name, (_, expected) in BROKEN.items():
        (line,) = [line for line in told.stdout.splitlines() if f": rules.{name}: " in line]
        assert "the plug-in of plugins 2.1 does not work, and its rule is not used: " in line
        assert expected in line
        assert line.endswith("; update it, or uninstall it")
    assert "config.yaml:11:9: rules.missing: " in told.stdout
    linted = agendad(packages, folder, "lint", str(folder / "calendar"), "--json")
    (session,) = json.loads(linted.stdout)["sessions"]
    assert [one["code"] for one in session["findings"]] == ["short_sessions.too-short"]
    checks = json.loads(agendad(packages, folder, "doctor", "--json").stdout)["checks"]
    states = {check["name"]: check["state"] for check in checks if check["name"].startswith("plug-in")}
    assert states == {f"plug-in {name}": "error" for name in BROKEN} | {"plug-in short_sessions": "ok"}


FAILING = {
    "raises": ("raise ValueError(session.event.title)", "ValueError (plugin_raises.py, line 15)"),
    "divides": ("yield 1 / 0", "ZeroDivisionError (plugin_divides.py, line 15)"),
    "steals": ("return [Finding(code='agenda.missing', severity=Severity.ERROR, message='x')]", "none of its codes"),
    "writes": ("return ['x']", "none of its codes"),
    "counts": ("return 3", "TypeError"),
}


def test_what_plugins_raise_is_told_and_nothing_is_planned_from_it(tmp_path, folder, example):
    modules = {name: rule(name, codes={f"{name}.x": "x"}, check=check) for name, (check, _) in FAILING.items()}
    done = agendad([made(tmp_path, modules), example], folder, "lint", str(folder / "calendar"), "--json")
    (session,) = json.loads(done.stdout)["sessions"]
    findings = {one["code"]: one for one in session["findings"]}
    assert set(findings) == {"short_sessions.too-short", *(f"{name}.failed" for name in FAILING)}
    for name, (_, expected) in FAILING.items():
        assert findings[f"{name}.failed"]["severity"] == "info"
        assert expected in findings[f"{name}.failed"]["message"]
        assert "Mentoring" not in findings[f"{name}.failed"]["message"]
    assert {step["reason"] for step in session["plan"]} == {"short_sessions.too-short"}


def test_entry_in_the_configuration_is_judged_planned_and_worded_by_the_real_command(folder):
    custom = """\
rules:
  custom:
    - {name: friday, when: "session.mentee.weekday == 'fri'", message: Fridays are full.}
    - {name: unclear, when: session.minutes / session.attachments == 1, message: x}
"""
    acting = CONFIG + "mode: act\nmail: {transport: file}\n"
    (folder / "config.yaml").write_text(acting + custom, "utf-8")
    done = agendad([], folder, "lint", str(folder / "calendar"), "--json")
    (session,) = json.loads(done.stdout)["sessions"]
    assert [(one["code"], one["severity"]) for one in session["findings"]] == [
        ("custom.friday", "warning"), ("custom.unclear", "info"),
    ]  # fmt: skip
    assert [(step["action"], step["reason"]) for step in session["plan"]] == [("nudge", "custom.friday")]
    for _ in range(2):  # what is remembered of the first pass is read in the second
        ran = agendad([], folder, "run", "--once", "--json")
        assert ran.returncode == 0, ran.stderr
    assert agendad([], folder, "summary").returncode == 0
    (letter,) = (folder / "state" / "outbox").glob("*.eml")
    mail = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
    assert mail["To"] == "ada@example.net"
    words = " ".join(mail.get_body(("plain",)).get_content().split())
    assert "one small thing about our session “Mentoring: Ada and Grace” on Fri 6 Mar, 10:00 GMT (London): " in words
    assert "a note of mine says “Fridays are full”. Could you have a look?" in words
    history = agendad([], folder, "history", "--json")
    assert "custom.friday" in history.stdout
    (folder / "config.yaml").write_text(acting, "utf-8")  # taken out again: what is remembered of it is no obstacle
    for words in (("summary",), ("sessions",), ("pending",), ("run", "--once", "--json"), ("summary",)):
        done = agendad([], folder, *words)
        assert done.returncode == 0, (words, done.stderr)
