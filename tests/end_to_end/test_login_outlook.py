"""`agendad login` to Microsoft: the installed command, msal, a browser that is a program, the simulator on loopback."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest
from simulators.graph import CLIENT_ID, CLIENT_SECRET, TENANT, GraphSimulator

NOW = datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
GRACE, EVE = "grace@example.org", "eve@outlook.example"
HEADLESS = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "BROWSER": "", "DISPLAY": ""}
CONFIG = """\
version: 1
mode: {mode}
me: {{name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York, working_hours: {hours}}}
accounts:
  - {{name: home, provider: ics, path: calendar}}
  - {{name: uni, provider: outlook, client_id: {client}, authority: "{root}/{tenant}", api_root: "{root}/v1.0"{how}}}
"""
HOURS = '{days: [mon, tue, wed, thu, fri], start: "08:00", end: "17:00"}'
BROWSER = """\
#!{python}
import re, sys, urllib.parse, urllib.request
from html import unescape
print("the browser's own chatter")
page = urllib.request.urlopen(sys.argv[1]).read().decode()
fields = {{name: unescape(value) for name, value in re.findall(r'name="([^"]*)" value="([^"]*)"', page)}}
target = unescape(re.search(r'action="([^"]*)"', page)[1])
try:
    urllib.request.urlopen(target + "/favicon.ico")
except OSError:
    pass
urllib.request.urlopen(target, urllib.parse.urlencode(fields).encode()).read()
"""
SECRETS = ("eyJ0eXAi", "1.AX", CLIENT_SECRET)


@pytest.fixture
def graph():
    with GraphSimulator(NOW) as simulator:
        simulator.add_person(GRACE, "Eastern Standard Time", "Grace Hopper")
        simulator.consent.device_polls, simulator.consent.device_interval = 1, 1
        yield simulator
    assert simulator.violations == []


class Desk:
    """Somebody at a machine with agendad: what is configured, and what the person does."""

    def __init__(self, home, graph):
        self.home, self.graph = home, graph
        self.tokens = home.folder / "state" / "tokens"
        browser = home.folder / "browser"
        browser.write_text(BROWSER.format(python=sys.executable))
        browser.chmod(0o755)
        self.browser = {**HEADLESS, "BROWSER": str(browser)}
        self.configure()

    def configure(self, how="", *, mode="act", tenant="common", client=CLIENT_ID, more="", hours=HOURS):
        text = CONFIG.format(mode=mode, hours=hours, client=client, root=self.graph.root, tenant=tenant, how=how)
        self.home.configure(text + more)

    def login(self, *arguments, environ=None):
        environ = {**HEADLESS, **(environ or {})}
        result = self.home.run("login", *(arguments or ("uni",)), now=NOW.isoformat(), environ=environ)
        assert not any(secret in result.out + result.err for secret in SECRETS)
        assert "Traceback" not in result.err
        return result

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
        path = self.tokens / "uni.token"
        return path.read_bytes() if path.exists() else None


@pytest.fixture
def desk(home, graph):
    return Desk(home, graph)


def read_until(stream, expected):
    """What a program has printed, up to a line that holds `expected`."""
    lines = []
    for line in stream:
        lines.append(line)
        if expected in line:
            break
    return "".join(lines)


def where_it_leads(page):
    class NoRedirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args):
            return None

    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.build_opener(NoRedirects).open(page)
    with caught.value as redirect:
        return redirect.headers["Location"]


# with a code


def test_person_signs_in_with_a_code_and_is_told_where_everything_is(desk):
    result = desk.login()
    assert result.status == 0, result.err
    assert "https://login.simulated.example/device" in result.out
    assert f"signed in as {GRACE}" in result.out
    assert "It may: Calendars.ReadWrite, MailboxSettings.Read, User.Read." in result.out
    assert f"its key is in the key file {desk.tokens / 'key'}" in result.out
    assert "note:" not in result.out
    for path in (desk.tokens, desk.tokens / "key", desk.tokens / "uni.token"):
        assert path.stat().st_mode & 0o077 == 0
    assert not any(secret.encode() in desk.stored() for secret in SECRETS)


def test_person_enters_the_code_somewhere_else(desk):
    desk.graph.consent.device_polls = None
    process = desk.start("uni")
    shown = read_until(process.stdout, "Waiting for it")
    code = re.search(r"^ +([A-Z0-9]{9})$", shown, re.MULTILINE)[1]
    desk.graph.enter_code(code, GRACE)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, f"signed in as {GRACE}" in out) == (0, True), err


def test_json_is_all_that_stdout_holds(desk):
    result = desk.login("uni", "--json")
    assert result.status == 0, result.err
    shape = result.json
    assert (shape["schema"], shape["account"], shape["method"]) == ("agendad.login/1", "uni", "device-code")
    assert (shape["stored"], shape["checked"], shape["error"], shape["address"]) == (True, True, None, GRACE)
    assert shape["scopes"] == ["Calendars.ReadWrite", "MailboxSettings.Read", "User.Read"]
    assert "enter the code" in result.err


def test_observing_asks_for_reading_only_and_says_so(desk):
    desk.configure(mode="observe")
    shape = desk.login("uni", "--json").json
    assert shape["scopes"] == ["Calendars.Read", "MailboxSettings.Read", "User.Read"]
    assert any("It may only read" in note for note in shape["notes"])


def test_second_sign_in_replaces_the_first(desk):
    assert desk.login().status == 0
    before = json.loads(desk.stored())["sign_in"]
    assert desk.login().status == 0
    assert json.loads(desk.stored())["sign_in"] != before


def test_interrupted_wait_for_the_code_leaves_everything_as_it_was_and_says_so(desk):
    assert desk.login().status == 0
    before = desk.stored()
    desk.graph.consent.device_polls = None
    process = desk.start("uni")
    read_until(process.stdout, "Waiting for it")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "no sign-in was stored, and an earlier one stays as it was" in err
    assert "Traceback" not in err
    assert desk.stored() == before


def test_declined_sign_in_exits_1_and_stores_nothing(desk):
    desk.graph.consent.deny = True
    result = desk.login("uni", "--json")
    assert (result.status, result.json["stored"]) == (1, False)
    assert "The permission was not given" in result.json["error"]
    assert desk.stored() is None


def test_organization_that_wants_an_administrator_is_told_with_a_way_on(desk):
    desk.graph.consent.admin_required = True
    result = desk.login()
    assert result.status == 1
    assert "docs/outlook.md has a text to send to your IT department" in result.err


def test_personal_account_has_no_working_hours_and_goes_on(desk):
    desk.graph.add_person(EVE, "Pacific Standard Time", "Eve", personal=True)
    desk.graph.consent.audience = "personal"
    wrong = desk.login()
    assert wrong.status == 1
    assert "authority: consumers" in wrong.err
    desk.configure(tenant="consumers")
    result = desk.login()
    out = " ".join(result.out.split())
    assert result.status == 0, result.err
    assert f"{EVE} is none of your addresses (me.emails)" in out
    assert "The calendar's time zone is America/Los_Angeles, and the configuration says America/New_York" in out
    assert "Microsoft tells no working hours for this account" in out


def test_what_outlook_knows_better_is_hinted_at(desk):
    desk.graph.set_working_hours(GRACE, ["monday", "tuesday"], "09:30", "15:00")
    out = " ".join(desk.login().out.split())
    assert "Working hours in Outlook are mon–tue 09:30–15:00, and the configuration says mon–fri 08:00–17:00" in out
    desk.graph.set_working_hours(GRACE, ["monday"], "09:30", "15:00", "Tokyo Standard Time")
    assert "in the time zone Tokyo Standard Time" in " ".join(desk.login().out.split())


def test_sign_in_stays_stored_when_the_mailbox_cannot_be_read_afterwards(desk):
    desk.graph.faults.add(404, path="/me/calendar", reason="MailboxNotEnabledForRESTAPI")
    result = desk.login()
    assert result.status == 1
    assert "The mailbox must be at Exchange Online" in result.err
    assert "The sign-in is stored all the same" in result.err
    assert desk.stored() is not None


# in a browser


def test_person_signs_in_with_a_browser(desk):
    desk.configure(", auth: {method: interactive}")
    result = desk.login("uni", "--json", environ=desk.browser)
    assert result.status == 0, result.err
    assert (result.json["method"], result.json["address"]) == ("interactive", GRACE)
    assert "the browser's own chatter" in result.err


def test_person_on_a_server_pastes_the_address(desk):
    desk.configure(", auth: {method: interactive}")
    process = desk.start("uni", "--no-browser")
    shown = read_until(process.stdout, "paste it here")
    page = re.search(r"http://\S+/oauth2/v2.0/authorize\S+", shown)[0]
    out, err = process.communicate(f"half of it\n{where_it_leads(page)}\n", timeout=30)
    assert (process.returncode, f"signed in as {GRACE}" in out) == (0, True), err


def test_interrupted_browser_leaves_nothing(desk):
    desk.configure(", auth: {method: interactive}")
    process = desk.start("uni", environ={"BROWSER": "true"})
    read_until(process.stdout, "Waiting for it")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, desk.stored()) == (130, None), err
    assert "Traceback" not in err


# without a person


def test_application_is_tried_with_its_secret(desk):
    desk.configure(", auth: {method: client-credentials, env: UNI_SECRET}", tenant=TENANT)
    missing = desk.login()
    assert missing.status == 1
    assert "UNI_SECRET" in missing.err
    works = desk.login(environ={"UNI_SECRET": CLIENT_SECRET})
    assert works.status == 0, works.err
    assert f"UNI_SECRET signs the application of account uni in, for {GRACE}" in works.out
    assert f"signed in as {GRACE}" in works.out
    wrong = desk.login(environ={"UNI_SECRET": "of-yesterday"})
    assert wrong.status == 1
    assert "Make a new one in the Entra admin center" in wrong.err
    assert "of-yesterday" not in wrong.err
    desk.graph.consent.app_roles = {"Mail.Send"}
    poor = desk.login(environ={"UNI_SECRET": CLIENT_SECRET})
    assert poor.status == 1
    assert "granted by an administrator" in poor.err
    assert not desk.tokens.exists()


def test_token_in_the_environment_is_tried(desk):
    desk.configure(", auth: {method: token, env: UNI_TOKEN}")
    missing = desk.login()
    assert (missing.status, "UNI_TOKEN" in missing.err) == (1, True)
    works = desk.home.run("login", "uni", environ={"UNI_TOKEN": desk.graph.token_for(GRACE)})
    assert works.status == 0, works.err
    assert f"signed in as {GRACE}" in works.out
    refused = desk.login(environ={"UNI_TOKEN": "of-yesterday"})
    assert refused.status == 1
    assert "does not take the token" in refused.err
    assert not desk.tokens.exists()


@pytest.mark.parametrize(
    ("options", "how", "expected"),
    [
        ({}, ", auth: {method: client-credentials, env: X}", "in one organization"),
        ({"client": "null"}, "", "client_id: 00000000-… (docs/outlook.md, step by step)"),
    ],
)
def test_what_cannot_be_signed_in_to_exits_2_and_says_what_to_do(desk, options, how, expected):
    desk.configure(how, **options)
    result = desk.login()
    assert (result.status, result.out) == (2, "")
    assert expected in result.err


def test_sign_in_of_one_run_works_in_the_next_and_while_the_state_folder_is_held(desk, home):
    import fcntl  # noqa: PLC0415 - this test's alone

    (home.folder / "state").mkdir(mode=0o700)
    descriptor = os.open(home.folder / "state" / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        assert desk.login().status == 0
    finally:
        os.close(descriptor)
    assert desk.login().status == 0


# at work


def accounts(desk, now):
    """How a pass went: (account → ok, account → whether only its user can mend it, the mails so far)."""
    result = desk.home.run("run", "--once", "--json", now=now, environ=HEADLESS)
    shapes = {account["name"]: account for account in result.json["accounts"]}
    mails = [path.read_text() for path in sorted((desk.home.folder / "state" / "outbox").glob("*.eml"))]
    ok = {name: shape["ok"] for name, shape in shapes.items()}
    return ok, {name for name, shape in shapes.items() if shape["sign_in_needed"]}, mails


def test_ended_sign_in_pauses_its_account_is_mailed_once_and_others_go_on(desk):
    desk.configure(more="mail: {transport: file}\nsummary: {days: [sat]}\n")
    assert desk.login().status == 0
    assert accounts(desk, "2026-11-30T08:30:00-05:00") == ({"home": True, "uni": True}, set(), [])
    desk.graph.revoke(GRACE)
    for now in ("2026-11-30T08:35:00-05:00", "2026-11-30T08:40:00-05:00"):
        ok, needed, mails = accounts(desk, now)
        assert (ok, needed) == ({"home": True, "uni": False}, {"uni"})
        (mail,) = mails
        assert "Subject: agendad: account uni needs you to sign in" in mail
        assert "agendad login uni" in mail
    asked = len(desk.graph.requests)
    accounts(desk, "2026-11-30T08:45:00-05:00")
    assert len(desk.graph.requests) == asked, "nothing is tried before somebody signs in"
    assert desk.login().status == 0
    ok, needed, _ = accounts(desk, "2026-11-30T08:50:00-05:00")
    assert (ok, needed) == ({"home": True, "uni": True}, set())


def test_platform_that_cannot_be_reached_fails_its_account_alone_and_does_not_pause_it(desk):
    assert desk.login().status == 0
    desk.graph.expire_access_tokens(GRACE)
    desk.graph.faults.add(503, path="/token", times=None)
    ok, needed, _ = accounts(desk, "2026-11-30T08:35:00-05:00")
    assert (ok, needed) == ({"home": True, "uni": False}, set())
    desk.graph.faults.clear()
    assert accounts(desk, "2026-11-30T08:40:00-05:00")[0] == {"home": True, "uni": True}


def test_sign_in_for_reading_only_is_noted_once_a_mode_writes(desk):
    desk.configure(mode="observe")
    assert desk.login().status == 0
    desk.configure(mode="act")
    result = desk.home.run("run", "--once", "--json", now=NOW.isoformat(), environ=HEADLESS)
    assert any("may only read" in note and "agendad login uni" in note for note in result.json["notes"])
