import json
from pathlib import Path

import jsonschema
import pytest

from agendad.daemon import config_reference
from agendad.daemon.config import (
    ConfigError,
    Level,
    environment_warnings,
    everything_is_local,
    find_config,
    load,
    schema,
    state_dir,
)
from agendad.daemon.yaml_reading import read
from agendad.rules.policy import Party

ROOT = Path(__file__).parents[2]
MINIMAL = """\
version: 1
me: {name: Grace, emails: [grace@example.org], timezone: America/New_York}
"""
PAIR = """\
mentorships:
  - {name: p, mentor: {name: Ada, emails: [ada@example.net], timezone: Europe/London}, mentee: me}
"""


@pytest.fixture
def problems(tmp_path):
    def told(text):
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError) as caught:
            load(path)
        return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]

    return told


@pytest.fixture
def loaded(tmp_path):
    def of(text, **options):
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path, **options)

    return of


def test_unknown_key_is_told_with_its_place_and_the_nearest_name(problems):
    assert problems(MINIMAL + "limits:\n    max_cancel_per_day: 3\n") == [
        "4:5: limits.max_cancel_per_day: unknown key; did you mean `max_cancels_per_day`?"
    ]


def test_every_error_is_told_at_once(problems):
    text = """\
version: 1
mode: obsevre
me: {name: Grace, emails: [grace], timezone: Eastern Standard Time, holidays: XX}
accounts:
  - {name: a, provider: ics}
  - {name: a, provider: gogle}
mentorships:
  - {name: p, mentor: me, mentee: me}
  - {name: q, mentor: me, mentee: {name: Ada, emails: [ada@example.net], timezone: Europ/London}}
limits: {grace: 12, freeze: soon, max_cancels_per_day: "3"}
summary: {at: 25:00, when_empty: no}
mode: act
"""
    said = problems(text)
    assert [line.split(": ")[1] for line in said] == [
        "mode", "me.emails[0]", "me.timezone", "me.holidays", "accounts[0].path", "accounts[1].name",
        "accounts[1].provider", "mentorships[0]", "mentorships[1].mentee.timezone", "limits.grace",
        "limits.freeze", "limits.max_cancels_per_day", "summary.at", "summary.when_empty", "mode",
    ]  # fmt: skip
    assert len(said) == 15
    whole = "\n".join(said)
    assert "did you mean `observe`?" in whole
    assert "did you mean `America/New_York`?" in whole
    assert "did you mean `Europe/London`?" in whole
    assert "did you mean `google`?" in whole
    assert "duplicate key, also on line 2" in whole
    assert "Input should" not in whole
    assert "pydantic" not in whole


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mail: {transport: smtp, host: h, password: hunter2}", "a secret in the configuration"),
        ("mail: {transport: smtp, host: h.example.org, security: none}", "this machine only"),
        ("accounts: [{name: a, provider: google, api_root: 'http://h.example.org'}]", "use https"),
        ("accounts: [{name: a, provider: caldav, url: 'https://u:hunter2@h'}]", "no user name and no password"),
        ("accounts: [{name: a, provider: google, auth: {method: token, env: 'hunter2 x'}}]", "no name of an env"),
        ("accounts: ~/calendars", "is not a list"),
        ("limits: 3", "is not a mapping"),
        ("state_dir: 7", "is not a path"),
        ("rules: {agneda: {}}", "unknown rule"),
        ("version: 2", "duplicate key, also on line 1"),
    ],
)
def test_error_is_in_plain_words_and_quotes_no_secret(problems, line, expected):
    said = "\n".join(problems(MINIMAL + line + "\n"))
    assert expected in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("mentor: me, mentee: me", "both mentor and mentee are `me`"),
        (
            "mentor: {name: A, emails: [a@x.org]}, mentee: {name: B, emails: [A@x.org]}",
            "a@x.org is on both sides",
        ),
        ("mentor: me, mentee: {name: G, emails: [GRACE@example.org]}", "one of your own addresses"),
        ("mentor: you, mentee: me", "`you` is no person"),
    ],
)
def test_pair_that_makes_no_sense_is_refused(problems, pair, expected):
    assert any(expected in line for line in problems(MINIMAL + f"mentorships: [{{name: p, {pair}}}]\n"))


def test_paths_start_from_the_files_folder(loaded, tmp_path):
    config = loaded(MINIMAL + "accounts: [{name: a, provider: ics, path: cal}]\nstate_dir: ~/x\n").config
    assert config.accounts[0].path == tmp_path / "cal"
    assert config.state_dir == Path.home() / "x"


def test_policy_has_me_put_in_place_and_every_rule(loaded):
    policy = loaded(MINIMAL + PAIR).policy
    (pair,) = policy.mentorships
    assert pair.mentee == policy.me
    assert pair.my_role is Party.MENTEE
    assert set(policy.rules) >= {"agenda", "timezone", "ownership"}


def test_system_zone_is_used_and_told_when_mine_is_missing(loaded):
    found = loaded(MINIMAL.replace(", timezone: America/New_York", ""), zone_of_system=lambda: "Asia/Tokyo")
    assert found.policy.me.timezone == "Asia/Tokyo"
    assert any(note.key == "me.timezone" and note.level is Level.NOTE for note in found.notes)


def test_missing_zone_is_an_error_when_the_system_has_none(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(MINIMAL.replace(", timezone: America/New_York", ""))
    with pytest.raises(ConfigError, match="time zone cannot be told"):
        load(path, zone_of_system=lambda: None)


def test_empty_section_is_the_same_as_none(loaded):
    assert loaded(MINIMAL + "limits:\nrules:\n  agenda:\n").config.limits.max_cancels_per_day == 3


def test_step_inside_freeze_is_warned_of(loaded):
    notes = loaded(MINIMAL + PAIR + "rules: {agenda: {ladder: [{before: 6h, do: nudge}]}}\n").notes
    assert any("can never be sent" in str(note) and note.line == 5 for note in notes)


def test_default_ladders_give_no_warning(loaded):
    assert not [note for note in loaded(MINIMAL + PAIR).notes if "sent" in note.message]


def test_step_of_another_rule_is_refused(problems):
    assert (
        "agenda has no step `handover`"
        in problems(MINIMAL + "rules: {agenda: {ladder: [{before: 6d, do: handover}]}}\n")[0]
    )


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ('url: "https://dav.example.org", calendars: ["https://other.example/work/"]', "another server than `url`"),
        ('url: "https://dav.example.org", username: "grace:x"', "a user name holds no colon"),
        ('url: "http://dav.example.org"', "plain http goes to this machine only"),
        ('url: "https://dav.example.org", calender: [work]', "did you mean `calendars`?"),
        ('url: "https://dav.example.org", auth: {method: password, password: x}', "a secret in the configuration"),
        ('url: "https://dav.example.org", auth: {method: password, env: A, keyring: true}', "both name the password"),
        ("username: grace", "this key is missing; add `url:`"),
    ],
)
def test_caldav_account_that_is_wrong_is_told_with_what_to_do(problems, account, expected):
    told = problems(MINIMAL + f"accounts: [{{name: dav, provider: caldav, {account}}}]\n")
    assert any(expected in one.replace(" (add", "; add") for one in told), told


def test_hosts_that_are_far_are_named(loaded):
    text = (
        MINIMAL
        + """\
accounts:
  - {name: a, provider: ics, path: x}
  - {name: b, provider: google, api_root: "http://127.0.0.1:8000/v3"}
  - {name: c, provider: caldav, url: "https://dav.example.org"}
mail: {transport: smtp, host: mail.example.org}
"""
    )
    far = everything_is_local(loaded(text).config)
    assert far == ["account c (dav.example.org)", "mail (mail.example.org)"]


def test_state_folder_is_chosen_in_order(loaded, tmp_path):
    config = loaded(MINIMAL + "state_dir: here\n").config
    environ = {"AGENDAD_STATE_DIR": "/env", "STATE_DIRECTORY": "/systemd:/other"}
    assert state_dir(config, Path("/flag"), environ) == Path("/flag")
    assert state_dir(config, None, environ) == Path("/env")
    assert state_dir(config, None, {"STATE_DIRECTORY": "/systemd"}) == tmp_path / "here"
    assert state_dir(None, None, {"STATE_DIRECTORY": "/systemd:/other"}) == Path("/systemd")


def test_act_mode_before_anything_was_observed_is_warned_of(loaded, tmp_path):
    found = list(environment_warnings(loaded(MINIMAL + "mode: act\n").config, tmp_path / "s", "c.yaml"))
    assert [warning.key for warning in found] == ["mode"]


def test_acting_without_mail_or_from_a_strange_address_is_warned_of(loaded):
    without = loaded(MINIMAL + "mode: act\n").notes
    assert any("acts that need mail are refused" in str(note) and note.line == 3 for note in without)
    strange = loaded(MINIMAL + "mode: act\nmail: {transport: file, from: bot@example.org}\n").notes
    assert any("none of your addresses" in str(note) and note.line == 4 for note in strange)
    mine = loaded(MINIMAL + "mode: act\nmail: {transport: file, from: Grace@Example.org}\n").notes
    assert not [note for note in mine if "address" in note.message]


def test_missing_config_error_says_where_it_looked(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere.yaml.*AGENDAD_CONFIG.*agendad init"):
        find_config(None, {"AGENDAD_CONFIG": str(tmp_path / "nowhere.yaml")})


@pytest.mark.parametrize("uncommented", [False, True])
def test_example_loads_and_fits_the_schema(tmp_path, uncommented):
    text = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    path = tmp_path / "config.yaml"
    path.write_text(text.replace("#:", "") if uncommented else text, encoding="utf-8")
    assert load(path).policy.me.name == "Grace Hopper"
    jsonschema.validate(read(path.read_bytes(), "x").value, schema(), jsonschema.Draft202012Validator)


def test_schema_refuses_unknown_keys():
    with pytest.raises(jsonschema.ValidationError, match="colour"):
        jsonschema.validate({**read(MINIMAL.encode(), "x").value, "colour": 1}, schema())


@pytest.mark.parametrize("name", ["configuration.md", "config.schema.json", "session-fields.md"])
def test_generated_file_is_up_to_date(name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == config_reference.generated()[name]


def test_every_key_has_a_meaning():
    silent = [
        f"{shape.__name__}.{field}"
        for shape in config_reference.all_shapes()
        for field in shape.model_fields
        if not config_reference.meaning(shape, field) and shape.__name__ != "Rules"
    ]
    assert silent == []


def test_schema_writes_defaults_as_the_file_would():
    made = json.loads(config_reference.generated()["config.schema.json"])
    assert made["$defs"]["WorkingHours"]["properties"]["start"]["default"] == "09:00"
    assert made["$defs"]["Limits"]["properties"]["grace"]["default"] == "12h"


AWAY = """\
version: 1
me:
  name: Grace
  emails: [grace@example.org]
  timezone: America/New_York
  away:
    - {from: 2026-12-10, to: "2026-12-20", timezone: Asia/Tokyo}
    - {from: 2026-12-21, to: 2026-12-23, timezone: Europe/Paris}
"""


def test_travel_is_read_from_dates_in_quotes_or_without(loaded):
    policy = loaded(AWAY).policy
    assert [(str(stay.first), str(stay.last), stay.timezone) for stay in policy.me.away] == [
        ("2026-12-10", "2026-12-20", "Asia/Tokyo"),
        ("2026-12-21", "2026-12-23", "Europe/Paris"),
    ]


def test_travel_is_kept_when_the_zone_at_home_is_the_systems(loaded):
    found = loaded(AWAY.replace("  timezone: America/New_York\n", ""), zone_of_system=lambda: "Europe/London")
    assert found.policy.me.timezone == "Europe/London"
    assert len(found.policy.me.away) == 2


ONE_ZONE = "a day belongs to one zone: let one end the day before the other begins"


@pytest.mark.parametrize(
    ("stay", "said"),
    [
        (
            "{from: 2026-12-30, to: 2026-12-24, timezone: Asia/Tokyo}",
            "9:7: me.away[2]: `to` (2026-12-24) is before `from` (2026-12-30); give the first day, then the last",
        ),
        (
            "{from: 2026-12-20, to: 2026-12-20, timezone: Asia/Tokyo}",
            f"9:7: me.away[2]: this stay overlaps the one on line 7; {ONE_ZONE}",
        ),
        (
            "{from: 2026-12-24, to: 2026-12-24}",
            "9:7: me.away[2].timezone: this key is missing; add `timezone:`",
        ),
        (
            "{from: 2026-12-24, to: 2026-12-24, timezone: Tokyo}",
            "9:52: me.away[2].timezone: `Tokyo` is no time zone; did you mean `Asia/Tokyo`?",
        ),
        (
            "{from: 24 Dec, to: 2026-12-24, timezone: Asia/Tokyo}",
            "9:14: me.away[2].from: '24 Dec' is no date; write it like 2026-12-31",
        ),
        (
            "{from: 20261224, to: 2026-12-24, timezone: Asia/Tokyo}",
            "9:14: me.away[2].from: 20261224 is no date; write it like 2026-12-31",
        ),
        (
            "{from: 2026-12-24, until: 2026-12-24, to: 2026-12-24, timezone: Asia/Tokyo}",
            "9:26: me.away[2].until: unknown key; known here: from, to, timezone",
        ),
    ],
)
def test_travel_that_makes_no_sense_is_told_with_its_place(problems, stay, said):
    assert problems(f"{AWAY}    - {stay}\n") == [said]


def test_travel_of_the_other_person_is_checked_too(problems):
    stays = "{from: 2026-12-10, to: 2026-12-20, timezone: UTC}, {from: 2026-12-01, to: 2027-01-01, timezone: UTC}"
    text = MINIMAL + PAIR.replace("timezone: Europe/London", f"timezone: Europe/London, away: [{stays}]")
    (said,) = problems(text)
    assert said.startswith("4:")
    assert "mentorships[0].mentor.away[1]: this stay overlaps the one on line 4" in said


def test_rule_with_a_dash_is_set_under_its_own_name_and_found_by_a_near_one(loaded, problems):
    options = loaded(MINIMAL + "rules:\n  first-call: {enabled: false}\n").config.rules.options()
    assert not options["first-call"].enabled
    for wrong in ("first_call", "first-cal", "firstcall"):
        (problem,) = problems(MINIMAL + f"rules: {{{wrong}: {{}}}}\n")
        assert "unknown rule" in problem
        assert "first-call" in problem
    rules = schema()["$defs"]["Rules"]["properties"]
    assert "first-call" in rules
    assert "first_call" not in rules
