"""`agendad login`: the installed command, a browser that is a program, and Google's simulator on loopback."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from simulators.google import GoogleSimulator

NOW = datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
GRACE = "grace@example.org"
TESTS = Path(__file__).parents[1]
DESKTOP = {"PYTHONPATH": str(TESTS), "PYTHON_KEYRING_BACKEND": "simulators.desktop_keyring.Keyring"}
HEADLESS = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "BROWSER": "", "DISPLAY": ""}
CONFIG = """\
version: 1
mode: {mode}
me: {{name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}}
accounts:
  - {{name: home, provider: ics, path: calendar}}
  - {{name: dav, provider: caldav, url: "http://127.0.0.1:1"}}
  - {{name: work, provider: google, api_root: "{root}", {how}}}
"""
BROWSER = """\
#!{python}
import sys, urllib.request
print("the browser's own chatter")
urllib.request.urlopen(sys.argv[1]).read()
"""


@pytest.fixture
def google():
    with GoogleSimulator(NOW) as simulator:
        simulator.add_person(GRACE, "America/New_York")
        yield simulator
    assert simulator.violations == []


class Desk:
    """Somebody at a machine with agendad: what is configured, and what the person does."""

    def __init__(self, home, google):
        self.home, self.google = home, google
        self.tokens = home.folder / "state" / "tokens"
        google.client_secrets(home.folder / "client.json")
        browser = home.folder / "browser"
        browser.write_text(BROWSER.format(python=sys.executable))
        browser.chmod(0o755)
        self.browser = {**HEADLESS, "BROWSER": str(browser)}
        self.configure("client_secrets: client.json")

    def configure(self, how, mode="act", more="", root=None):
        self.home.configure(CONFIG.format(mode=mode, root=root or self.google.api_root, how=how) + more)

    def login(self, *arguments, environ=None):
        return self.home.run("login", *(arguments or ("work",)), now=NOW.isoformat(), environ=environ or self.browser)

    def start(self, *arguments, environ=None):
        """Without waiting for it; as in a terminal, it can be interrupted."""
        command = Path(sys.executable).with_name("agendad")
        environ = {**self.home.environ, **HEADLESS, **(environ or {}), "AGENDAD_NOW": NOW.isoformat()}
        return subprocess.Popen(
            [command, "login", *arguments],
            cwd=self.home.folder,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def stored(self):
        path = self.tokens / "work.token"
        return path.read_bytes() if path.exists() else None


@pytest.fixture
def desk(home, google):
    return Desk(home, google)


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


def page_in(text):
    return re.search(r"http://\S+/o/oauth2/auth\S+", text)[0]


def where_it_leads(page):
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.build_opener(NoRedirects).open(page)
    with caught.value as redirect:
        return redirect.headers["Location"]


def read_until(stream, expected):
    """What a program has printed, up to a line that holds `expected`."""
    lines = []
    for line in stream:
        lines.append(line)
        if expected in line:
            break
    return "".join(lines)


def test_person_signs_in_with_a_browser_and_is_told_where_everything_is(desk):
    result = desk.login()
    assert result.status == 0, result.err
    assert f"signed in as {GRACE}" in result.out
    assert f"its key is in the key file {desk.tokens / 'key'}" in result.out
    assert "note:" not in result.out
    for path in (desk.tokens, desk.tokens / "key", desk.tokens / "work.token"):
        assert path.stat().st_mode & 0o077 == 0
    assert desk.tokens.parent.stat().st_mode & 0o077 == 0
    assert b"ya29" not in desk.stored()
    assert b"1//" not in desk.stored()
    assert b"GOCSPX" not in desk.stored()


def test_second_sign_in_replaces_the_first(desk):
    first = desk.login()
    before = desk.stored()
    second = desk.login()
    assert (first.status, second.status) == (0, 0)
    assert json.loads(desk.stored())["sign_in"] != json.loads(before)["sign_in"]


def test_json_is_all_that_stdout_holds(desk):
    desk.google.consent.testing = True
    result = desk.login("work", "--json")
    assert result.status == 0
    shape = result.json
    assert shape["schema"] == "agendad.login/1"
    assert (shape["account"], shape["method"], shape["address"]) == ("work", "oauth", GRACE)
    assert (shape["stored"], shape["checked"], shape["error"]) == (True, True, None)
    assert shape["ends"] == "2026-12-07T13:29:59Z"
    assert "the browser's own chatter" in result.err
    for secret in ("ya29", "1//", "GOCSPX"):
        assert secret not in result.out + result.err


def test_key_is_made_in_the_desktops_keyring_where_there_is_one(desk, home):
    environ = {**desk.browser, **DESKTOP, "DESKTOP_KEYRING": str(home.folder / "desktop.json")}
    result = desk.login(environ=environ)
    assert result.status == 0, result.err
    assert "its key is in the keyring" in result.out
    assert not (desk.tokens / "key").exists()
    assert "agendad/token-key" in (home.folder / "desktop.json").read_text()


def test_locked_keyring_is_told_before_anybody_is_sent_to_google(desk, home):
    (home.folder / "desktop.json").write_text('{"state": "locked"}')
    environ = {**desk.browser, **DESKTOP, "DESKTOP_KEYRING": str(home.folder / "desktop.json")}
    result = desk.login(environ=environ)
    assert result.status == 1
    assert "The keyring is locked" in result.err
    assert desk.google.requests == []
    assert not (desk.tokens / "key").exists()


def test_configured_key_is_used_and_a_missing_one_is_told(desk):
    desk.configure("client_secrets: client.json", more="secrets: {key: {env: MY_KEY}}\n")
    missing = desk.login()
    assert missing.status == 1
    assert "MY_KEY is empty or not set" in missing.err
    result = desk.login(environ={**desk.browser, "MY_KEY": "9wN8kq0mOQ1hWcVd3pS7xLrT2yZaBfUe"})
    assert result.status == 0, result.err
    assert "its key is in the environment variable MY_KEY" in result.out


def test_person_on_a_server_pastes_the_address(desk):
    process = desk.start("work", "--no-browser")
    shown = read_until(process.stdout, "paste it here")
    assert "on any machine" in shown
    out, err = process.communicate(f"half of it\n\n{where_it_leads(page_in(shown))}\n", timeout=30)
    assert process.returncode == 0, err
    assert "not the whole address" in out
    assert f"signed in as {GRACE}" in out


def test_machine_without_a_browser_is_asked_to_paste_and_told_why(desk):
    process = desk.start("work", environ={"BROWSER": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""})
    if sys.platform == "darwin":
        process.kill()
        pytest.skip("there always is one")
    shown = read_until(process.stdout, "paste it here")
    assert "No browser could be opened here." in shown
    out, err = process.communicate(f"{where_it_leads(page_in(shown))}\n", timeout=30)
    assert (process.returncode, "signed in as" in out) == (0, True), err


def test_input_that_ends_without_an_address_is_told(desk):
    process = desk.start("work", "--no-browser")
    _, err = process.communicate("", timeout=30)
    assert process.returncode == 1
    assert "No address was pasted" in err


@pytest.mark.parametrize("arguments", [["work"], ["work", "--no-browser"]])
def test_interrupted_sign_in_leaves_everything_as_it_was_and_says_so(desk, arguments):
    assert desk.login().status == 0
    before = desk.stored()
    process = desk.start(*arguments, environ={"BROWSER": "true"})
    read_until(process.stdout, "Waiting for it" if len(arguments) == 1 else "paste it here")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "no sign-in was stored, and an earlier one stays as it was" in err
    assert "Traceback" not in err
    assert desk.stored() == before


def test_denied_consent_exits_1_and_stores_nothing(desk):
    desk.google.consent.deny = True
    result = desk.login("work", "--json")
    assert result.status == 1
    assert "The permission was not given" in result.json["error"]
    assert result.json["stored"] is False
    assert desk.stored() is None
    assert not (desk.tokens / "key").exists()


def test_box_left_unticked_exits_1_and_keeps_the_earlier_sign_in(desk):
    assert desk.login().status == 0
    before = desk.stored()
    desk.google.consent.granted = {"https://www.googleapis.com/auth/calendar.events"}
    result = desk.login()
    assert result.status == 1
    assert "“View your availability in your calendars”" in result.err
    assert desk.stored() == before


def test_sign_in_stays_stored_when_the_calendar_cannot_be_read_afterwards(desk):
    desk.google.faults.add(403, path="/calendars/primary", reason="accessNotConfigured")
    result = desk.login()
    assert result.status == 1
    assert "Enable the Google Calendar API" in result.err
    assert "The sign-in is stored all the same" in result.err
    assert "signed in as" not in result.out
    assert desk.stored() is not None


def test_what_google_knows_better_is_hinted_at(desk, home):
    desk.google.add_person("countess@example.net", "Europe/London")
    desk.google.set_working_hours(
        "countess@example.net", {"monday": [(480, 720), (780, 1020)], "tuesday": [(480, 960)]}
    )
    desk.google.consent.person = "countess@example.net"
    desk.google.consent.testing = True
    out = " ".join(desk.login().out.split())
    assert "countess@example.net is none of your addresses (me.emails)" in out
    assert "The calendar's time zone is Europe/London, and the configuration says America/New_York" in out
    assert "mon 08:00–12:00 and 13:00–17:00, tue 08:00–16:00, and the configuration says mon–fri 09:00–17:00" in out
    assert "ends on Mon 7 Dec 2026 08:29 EST" in out
    assert "Publish app" in out


def test_same_hours_and_another_name_for_the_zone_are_no_news(desk):
    desk.google.add_person(GRACE, "US/Eastern")
    desk.google.set_working_hours(
        GRACE, {day: [(540, 1020)] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
    )
    assert "note:" not in desk.login().out


def test_observing_asks_for_reading_only_and_says_so(desk):
    desk.configure("client_secrets: client.json", mode="observe")
    result = desk.login("work", "--json")
    assert "https://www.googleapis.com/auth/calendar.events.readonly" in result.json["scopes"]
    assert "https://www.googleapis.com/auth/calendar.events" not in result.json["scopes"]
    assert any("It may only read" in note for note in result.json["notes"])


def test_token_in_the_environment_is_tried(desk):
    desk.configure("auth: {method: token, env: WORK_TOKEN}")
    missing = desk.login()
    assert missing.status == 1
    assert "environment variable WORK_TOKEN" in missing.err
    works = desk.login(environ={"WORK_TOKEN": desk.google.token_for(GRACE)})
    assert works.status == 0, works.err
    assert "The environment variable WORK_TOKEN signs account work in" in works.out
    assert f"signed in as {GRACE}" in works.out
    refused = desk.login(environ={"WORK_TOKEN": "ya29.of-yesterday"})
    assert refused.status == 1
    assert "Google does not take the token" in refused.err
    assert "of-yesterday" not in refused.err
    assert not desk.tokens.exists()


def test_service_account_is_tried(desk, home):
    desk.google.service_account(home.folder / "robot.json", delegated_to=[GRACE])
    desk.configure(f"auth: {{method: service-account, key_file: robot.json, subject: {GRACE}}}")
    result = desk.login()
    assert result.status == 0, result.err
    assert f"signs account work in, for {GRACE}" in result.out
    assert f"signed in as {GRACE}" in result.out
    desk.configure("auth: {method: service-account, key_file: robot.json, subject: ada@example.com}")
    refused = desk.login()
    assert refused.status == 1
    assert "Domain-wide delegation" in refused.err


@pytest.mark.parametrize(
    ("arguments", "how", "expected"),
    [
        (["wrok"], "client_secrets: client.json", "There are: home, dav, work."),
        (["home"], "client_secrets: client.json", "needs no sign-in"),
        (["dav"], "client_secrets: client.json", "its password is read from where the configuration says"),
        (["work"], "calendars: [primary]", "client_secrets: google-client.json (docs/google.md"),
        (["work"], "client_secrets: browser", "is no JSON"),
    ],
)
def test_what_cannot_be_signed_in_to_exits_2_and_says_what_to_do(desk, arguments, how, expected):
    desk.configure(how)
    if "browser" in how:  # its token host cannot be told: without the fixed clock
        result = desk.home.run("login", *arguments, now=None, environ=desk.browser)
    else:
        result = desk.login(*arguments)
    assert (result.status, result.out) == (2, "")
    assert expected in result.err
    assert "Nothing was done" in result.err or "Nobody was signed in" in result.err


def test_fixed_clock_is_refused_where_tokens_come_from_afar(desk, home):
    content = json.loads((home.folder / "client.json").read_text())
    content["installed"]["token_uri"] = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    (home.folder / "client.json").write_text(json.dumps(content))
    result = desk.login()
    assert result.status == 2
    assert "account work (oauth2.googleapis.com)" in result.err


def test_account_is_signed_in_while_another_process_holds_the_state_folder(desk, home):
    import fcntl  # noqa: PLC0415 - this test's alone

    (home.folder / "state").mkdir(mode=0o700)
    descriptor = os.open(home.folder / "state" / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        assert desk.login().status == 0
    finally:
        os.close(descriptor)


def test_stored_sign_in_works_in_a_later_process_and_renews_itself(desk):
    assert desk.login().status == 0
    before = json.loads(desk.stored())
    desk.google.now = NOW + timedelta(days=2)
    desk.google.expire_access_tokens(GRACE)
    program = (
        "import sys; from pathlib import Path; from agendad.daemon import accounts, clock, config;"
        "made = config.load(Path(sys.argv[1])).config;"
        "account = made.accounts[2];"
        "vault = accounts.token_vault(made, Path(sys.argv[2]));"
        "used = accounts.GoogleSignIn(account=account, vault=vault, writes=True, clock=clock.SystemClock());"
        "from google_auth_httplib2 import Request; import httplib2;"
        "used.credentials().refresh(Request(httplib2.Http()));"
        "print(used.signed_in().address)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(desk.home.folder / "agendad.yaml"), str(desk.tokens.parent)],
        env={**desk.home.environ, **HEADLESS},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == GRACE
    after = json.loads(desk.stored())
    assert after["sealed"] != before["sealed"]
    assert after["sign_in"] == before["sign_in"]
