"""How the accounts of a configuration sign in, with real files and Google's simulator."""

import logging
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from simulators.google import CLIENT_ID, CLIENT_SECRET, GoogleSimulator

from agendad.daemon.accounts import GOOGLE, GoogleSignIn, token_vault, writes
from agendad.daemon.clock import FixedClock
from agendad.daemon.config import everything_is_local, load
from agendad.daemon.secrets import StoredToken
from agendad.providers.errors import AccountUnavailable, SignInNeeded
from agendad.providers.google_api import GoogleApi
from agendad.providers.google_signin import EVENTS, GoogleToken, scopes_needed
from agendad.providers.pacing import Pace
from agendad.rules.policy import Person

NOW = datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
PAST = datetime(2000, 1, 1, tzinfo=UTC)
GRACE = "grace@example.org"
KEY = {"KEY": "9wN8kq0mOQ1hWcVd3pS7xLrT2yZaBfUe"}


@pytest.fixture
def google():
    with GoogleSimulator(NOW) as simulator:
        simulator.add_person(GRACE, "America/New_York")
        yield simulator
    assert simulator.violations == []


@pytest.fixture
def configured(tmp_path):
    """Load a configuration with one Google account; gives (the configuration, how the account signs in)."""

    def configure(account="", *, mode="observe", more="", environ=None):
        path = tmp_path / "agendad.yaml"
        path.write_text(
            f"version: 1\nmode: {mode}\nme: {{name: Grace, emails: [{GRACE}], timezone: America/New_York}}\n"
            f"secrets: {{key: {{env: KEY}}}}\naccounts:\n  - {{name: work, provider: google{account}}}\n{more}"
        )
        config = load(path).config
        environ = {**KEY, **(environ or {})}
        sign_in = GoogleSignIn(
            account=config.accounts[0],
            vault=token_vault(config, tmp_path / "state", environ),
            writes=writes(config),
            clock=FixedClock(NOW),
            environ=environ,
        )
        return config, sign_in

    return configure


def token(google=None, **changes):
    given = GoogleToken(
        refresh_token="1//refresh",  # noqa: S106 - of nothing
        access_token="ya29.access",  # noqa: S106 - of nothing
        expiry=PAST,
        scopes=scopes_needed(writes=True),
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        token_uri=f"{google.root if google else 'https://oauth2.googleapis.com'}/token",
        obtained_at=NOW,
    )
    return replace(given, **changes)


def keep(sign_in, given):
    return sign_in.vault.save("work", StoredToken(GOOGLE, given.to_json()))


def told(action, kind=SignInNeeded):
    with pytest.raises(kind) as caught:
        action()
    assert caught.value.not_done
    assert caught.value.next_step
    return str(caught.value)


def ask(google, sign_in):
    api = GoogleApi(
        "work",
        google.api_root,
        credentials=sign_in.credentials,
        why_refused=sign_in.why_refused,
        now=lambda: google.now,
        pace=Pace(service="Google", tries=1),
    )
    try:
        return api.list_page("primary")
    finally:
        api.close()


def test_account_that_nobody_signed_in_to_names_the_command(configured):
    _, sign_in = configured()
    assert "Type: agendad login work" in told(sign_in.credentials)
    assert (sign_in.signed_in(), sign_in.notes(None), sign_in.fingerprint()) == (None, [], "")


def test_token_comes_from_the_environment_variable_and_a_missing_one_is_named(google, configured):
    auth = ", auth: {method: token, env: WORK_TOKEN}"
    for environ in ({}, {"WORK_TOKEN": ""}, {"WORK_TOKEN": " "}):
        _, sign_in = configured(auth, environ=environ)
        assert "environment variable WORK_TOKEN" in told(sign_in.credentials)
    for environ in ({"WORK_TOKEN": "“ya29”"}, {"WORK_TOKEN": "ya29 expires=1"}):
        _, sign_in = configured(auth, environ=environ)
        assert "WORK_TOKEN, which signs account work in, holds characters" in told(sign_in.credentials)
    _, sign_in = configured(auth, environ={"WORK_TOKEN": f"{google.token_for(GRACE)}\n"})
    assert ask(google, sign_in)["items"] == []
    assert sign_in.may_write() is True
    assert sign_in.fingerprint() == ""


@pytest.mark.parametrize(("mode", "asks"), [("observe", f"{EVENTS}.readonly"), ("act", EVENTS)])
def test_service_account_asks_for_what_the_mode_needs(google, configured, tmp_path, mode, asks):
    key = google.service_account(tmp_path / "key.json", delegated_to=[GRACE])
    auth = f", auth: {{method: service-account, key_file: {key}, subject: {GRACE}}}"
    _, sign_in = configured(auth, mode=mode)
    assert asks in sign_in.credentials().scopes
    assert ask(google, sign_in)["summary"] == GRACE


def test_refreshed_access_token_is_stored_and_the_sign_in_stays_the_same(google, configured):
    _, sign_in = configured()
    fresh = google.token_for(GRACE)
    google.faults.add(200, path="/token", body={"access_token": fresh, "expires_in": 3599, "refresh_token": "1//two"})
    keep(sign_in, token(google))
    before = sign_in.fingerprint()
    ask(google, sign_in)
    stored = sign_in.signed_in()
    assert (stored.access_token, stored.refresh_token) == (fresh, "1//two")
    assert sign_in.fingerprint() == before != ""


def test_refresh_leaves_a_newer_sign_in_alone(google, configured):
    _, service = configured()
    keep(service, token(google))
    used = service.credentials()
    _, login = configured()
    keep(login, token(google, refresh_token="1//newer"))  # noqa: S106 - of nothing
    used.signed_in = replace(used.signed_in, access_token="ya29.late")  # noqa: S106 - of nothing
    service.renewed(used.signed_in)
    assert login.signed_in().refresh_token == "1//newer"  # noqa: S105 - of nothing


def test_refresh_that_cannot_be_stored_is_logged_and_nothing_fails(google, configured, caplog):
    _, sign_in = configured()
    keep(sign_in, token(google))
    google.faults.add(200, path="/token", body={"access_token": google.token_for(GRACE), "expires_in": 3599})
    lock = sign_in.vault.folder / ".lock"
    lock.unlink()
    lock.mkdir()
    with caplog.at_level(logging.WARNING):
        assert ask(google, sign_in)["items"] == []
    assert "account work was not stored" in caplog.text
    assert "ya29" not in caplog.text


def test_ended_sign_in_says_so_with_the_account_and_what_ends_after_a_week(google, configured):
    _, sign_in = configured()
    keep(sign_in, token(google, obtained_at=NOW - timedelta(days=7)))
    said = told(lambda: ask(google, sign_in))
    assert "Google has ended the sign-in of account work" in said
    assert "You signed in 7 days ago" in said


def test_sign_in_for_another_kind_of_account_is_refused(configured):
    _, sign_in = configured()
    for stored in (StoredToken("outlook", token().to_json()), StoredToken(GOOGLE, {"refresh_token": 1})):
        sign_in.vault.save("work", stored)
        assert "is none for Google" in told(sign_in.credentials)


def test_fixed_clock_reaches_nothing_but_this_machine(configured):
    _, sign_in = configured()
    keep(sign_in, token())
    assert "AGENDAD_NOW is set" in told(sign_in.credentials, AccountUnavailable)


def test_hosts_that_give_out_tokens_count_as_far(google, configured, tmp_path):
    client = google.client_secrets(tmp_path / "client.json")
    key = google.service_account(tmp_path / "key.json")
    here = f', api_root: "{google.api_root}"'
    far = ["account work (oauth2.googleapis.com)"]
    web = tmp_path / "web.json"
    web.write_text('{"web": {}}')
    robot = ", auth: {method: service-account, key_file: "
    for account, expected in (
        (here, []),
        (f"{here}, client_secrets: {client}", []),
        (f"{here}, client_secrets: nowhere.json", far),
        (f"{here}, client_secrets: {web}", far),
        (f"{here}{robot}{key}}}", []),
        (f"{here}{robot}nowhere.json}}", far),
        (f"{here}, client_secrets: nowhere.json, auth: {{method: token, env: X}}", []),
    ):
        assert everything_is_local(configured(account)[0]) == expected, account


@pytest.mark.parametrize(
    ("mode", "more", "expected"),
    [
        ("observe", "", False),
        ("approve", "", True),
        ("act", "", True),
        ("observe", "mentorships: [{name: p, mentor: {name: A, emails: [a@b.c]}, mentee: me, mode: act}]\n", True),
        ("observe", "rules: {agenda: {mode: act}}\n", False),
    ],
)
def test_writing_is_asked_for_once_any_mode_allows_it(configured, mode, more, expected):
    assert writes(configured(mode=mode, more=more)[0]) is expected


def test_sign_in_that_may_only_read_is_noted_once_a_mode_writes(configured):
    _, sign_in = configured()
    keep(sign_in, token(scopes=scopes_needed(writes=False)))
    assert sign_in.may_write() is False
    assert sign_in.notes(None) == []
    _, sign_in = configured(mode="act")
    (note,) = sign_in.notes(None)
    assert "may only read" in note
    assert "agendad login work" in note


@pytest.mark.parametrize(
    ("left", "expected"),
    [(timedelta(days=2, minutes=1), None), (timedelta(days=2), "ends on"), (timedelta(minutes=-1), "ended on")],
)
def test_end_of_a_sign_in_of_an_app_in_testing_is_noted_two_days_before(configured, left, expected):
    _, sign_in = configured()
    keep(sign_in, token(refresh_expires_at=NOW + left))
    notes = sign_in.notes(Person(name="Grace", emails=(GRACE,), timezone="America/New_York"))
    assert len(notes) == (expected is not None)
    if expected:
        assert expected in notes[0]
        assert "EST" in notes[0]
        assert "Publish app" in notes[0]


def test_what_may_be_written_is_left_to_google_where_the_sign_in_cannot_be_read(configured):
    _, sign_in = configured()
    keep(sign_in, token())
    (sign_in.vault.folder / "work.token").write_text("")
    assert sign_in.may_write() is True


def test_secrets_are_in_no_repr(configured):
    _, sign_in = configured(environ={"WORK_TOKEN": "ya29.secret"})
    keep(sign_in, token(token_uri="http://127.0.0.1:9/token"))  # noqa: S106 - an address
    used = sign_in.credentials()
    for text in (repr(sign_in), repr(used), repr(sign_in.signed_in()), repr(sign_in.vault.load("work"))):
        assert "ya29" not in text
        assert "1//" not in text


def test_googles_packages_are_loaded_for_those_who_use_them_only():
    program = (
        "import sys, agendad.daemon.cli, agendad.daemon.commands.check, agendad.daemon.accounts\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('google', 'googleapiclient', 'keyring',"
        " 'cryptography', 'requests', 'httplib2')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
