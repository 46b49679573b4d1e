"""Signing in to Microsoft over real HTTP, through msal: the simulator's identity endpoints and Graph."""

import json
import logging
import re
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import webbrowser
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from simulators.graph import CLIENT_ID, CLIENT_SECRET, TENANT, GraphSimulator

from agendad.daemon.accounts import GoogleSignIn, outlook_sign_in, token_vault
from agendad.daemon.clock import FixedClock
from agendad.daemon.config import ConfigError, everything_is_local, load
from agendad.daemon.outlook_sign_in import OUTLOOK, OutlookSignIn
from agendad.daemon.secrets import StoredToken
from agendad.providers import graph_refusals
from agendad.providers.errors import AccountUnavailable, SignInNeeded
from agendad.providers.graph_clouds import resource
from agendad.providers.graph_consent import by_device_code, in_browser
from agendad.providers.graph_http import IdentityClient, NoAnswer, NotGiven
from agendad.providers.graph_profile import ProfileApi
from agendad.providers.graph_refusals import Who
from agendad.providers.graph_signin import (
    READ,
    SEND,
    WRITE,
    MicrosoftToken,
    Registration,
    claims_in,
    missing_scopes,
    roles_in,
    scopes_needed,
)
from agendad.providers.pacing import Pace, Throttled

NOW = datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
GRACE, EVE = "grace@example.org", "eve@outlook.example"
SECRETS = ("eyJ0eXAi", "1.AX", CLIENT_SECRET)
READING, WRITING = scopes_needed(writes=False), scopes_needed(writes=True)
KEY = {"KEY": "9wN8kq0mOQ1hWcVd3pS7xLrT2yZaBfUe", "APP_SECRET": CLIENT_SECRET}


@pytest.fixture(autouse=True)
def no_browser(monkeypatch):
    """A machine without a display, unless a test takes `browser`."""
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(webbrowser, "_tryorder", None)  # the module looks at BROWSER once
    monkeypatch.setattr(webbrowser, "_browsers", {})


@pytest.fixture
def browser(monkeypatch):
    """A browser that opens and shows nothing: the person in the test does the rest."""
    monkeypatch.setenv("BROWSER", "true")


@pytest.fixture
def graph():
    with GraphSimulator(NOW) as simulator:
        simulator.add_person(GRACE, "Eastern Standard Time", "Grace Hopper")
        simulator.add_person(EVE, "Pacific Standard Time", "Eve", personal=True)
        simulator.consent.device_polls, simulator.consent.device_interval = 0, 1
        yield simulator
    assert simulator.violations == []


class Person:
    """Reads what is shown; goes to the page as soon as its address is told, or pastes where it leads."""

    def __init__(self, graph, visit=None, pastes=None):
        self.graph, self.shown, self.visit, self.pastes, self.waits, self.page = graph, [], visit, pastes, [], ""

    def tell(self, text):
        self.shown.append(text)
        if (found := re.search(r"http://\S+/oauth2/v2.0/authorize\S+", text)) is not None:
            self.page = found[0]
            if self.visit is not None:
                threading.Thread(target=self.visit, args=(self.page,), daemon=True).start()

    def ask(self):
        if self.pastes is None:
            raise EOFError
        return self.pastes(self.page)

    def sleep(self, seconds):
        self.waits.append(seconds)
        for device in self.graph._identity.devices._devices.values():
            device.polled = None  # as if so much time had passed


def registration(graph, tenant="common", **changes):
    authority = f"{graph.root}/{tenant}"
    made = Registration(client_id=CLIENT_ID, authority=authority, resource=resource(authority, graph.api_root))
    return replace(made, **changes)


def who(graph, tenant="common", **changes):
    return Who(**({"account": "my uni", "client_id": CLIENT_ID, "authority": f"{graph.root}/{tenant}"} | changes))


def by_code(graph, person=None, scopes=READING, tenant="common", **changes):
    person = person or Person(graph)
    return by_device_code(
        registration(graph, tenant, **changes),
        scopes,
        who(graph, tenant),
        tell=person.tell,
        now=lambda: graph.now,
        sleep=person.sleep,
    )


def by_page(graph, person, scopes=READING, *, open_browser=True, patience=20, tenant="common"):
    return in_browser(
        registration(graph, tenant),
        scopes,
        who(graph, tenant),
        open_browser=open_browser,
        tell=person.tell,
        ask=person.ask,
        now=lambda: graph.now,
        patience=timedelta(seconds=patience),
    )


def told(action, kind=SignInNeeded):
    """The error, which says what happened, what was not done and what to do next, and no secret."""
    with pytest.raises(kind) as caught:
        action()
    error = caught.value
    assert error.happened
    assert error.not_done
    assert error.next_step
    assert not any(secret in str(error) for secret in SECRETS)
    assert "Trace ID" not in str(error)
    assert len(str(error)) < 900
    return error


# what is asked for


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, (READ, "MailboxSettings.Read", "User.Read")),
        ({"writes": True}, (WRITE, "MailboxSettings.Read", "User.Read")),
        ({"sends": True}, (READ, "MailboxSettings.Read", "User.Read", SEND)),
        ({"sends": True, "looks_up": True}, (READ, "MailboxSettings.Read", "User.Read", SEND, "Mail.Read")),
        ({"looks_up": True}, (READ, "MailboxSettings.Read", "User.Read")),
        ({"writes": True, "shared": True}, (WRITE, f"{WRITE}.Shared", "MailboxSettings.Read", "User.Read")),
    ],
)
def test_least_is_asked_for(more, expected):
    assert scopes_needed(**{"writes": False, **more}) == expected


@pytest.mark.parametrize(
    ("granted", "needed", "missing"),
    [
        (WRITING, READING, ()),
        (READING, WRITING, (WRITE,)),
        (["Calendars.ReadBasic"], [READ], (READ,)),
        ([], READING, READING),
    ],
)
def test_wider_permissions_cover_narrower_ones(granted, needed, missing):
    assert missing_scopes(granted, needed) == missing


@pytest.mark.parametrize(
    ("authority", "api_root", "expected"),
    [
        ("https://login.microsoftonline.com/common", "https://graph.microsoft.com/v1.0", "graph.microsoft.com"),
        ("https://login.microsoftonline.us/t", "https://graph.microsoft.us/v1.0", "graph.microsoft.us"),
        ("https://login.microsoftonline.us/t", "https://dod-graph.microsoft.us/v1.0", "dod-graph.microsoft.us"),
        ("https://login.microsoftonline.us/t", "https://gateway.example.org/v1.0", "graph.microsoft.us"),
        (
            "https://login.partner.microsoftonline.cn/t",
            "https://microsoftgraph.chinacloudapi.cn/v1.0",
            "microsoftgraph.chinacloudapi.cn",
        ),
        ("https://login.new-cloud.example/t", "https://graph.new-cloud.example/v1.0", "graph.new-cloud.example"),
        ("http://127.0.0.1:1/common", "http://127.0.0.1:1/v1.0", "graph.microsoft.com"),
    ],
)
def test_permissions_are_of_the_graph_that_the_token_is_for(authority, api_root, expected):
    made = Registration(client_id="x", authority=authority, resource=resource(authority, api_root))
    assert made.scope(READ) == f"https://{expected}/Calendars.Read"
    assert made.short(made.scope(READ)) == READ


# with a code


def test_person_who_enters_the_code_is_signed_in(graph):
    graph.consent.device_polls = 2
    person = Person(graph)
    token = by_code(graph, person, WRITING)
    assert (set(token.scopes), token.address, token.obtained_at) == (set(WRITING), GRACE, NOW)
    assert "https://login.simulated.example/device" in person.shown[0]
    assert re.search(r"\n    [A-Z0-9]{9}\n", person.shown[0])
    assert person.waits == [1.0, 1.0]
    asked = next(each for each in graph.requests if each.path.endswith("/devicecode")).body
    assert "https://graph.microsoft.com/Calendars.ReadWrite" in asked["scope"].split()
    assert "offline_access" in asked["scope"].split()
    assert "claims" not in asked


@pytest.mark.filterwarnings("ignore:Attempted too soon")  # of msal's, by the machine's clock
def test_slower_polling_is_heeded(graph):
    graph.consent.slow_down, graph.consent.device_polls = 2, 2
    person = Person(graph)
    by_code(graph, person)
    assert person.waits == [6.0, 11.0]


@pytest.mark.parametrize("fault", [503, 429, "reset", "close", "html", "garbage"])
def test_trouble_on_the_way_does_not_end_the_wait_for_the_code(graph, fault):
    graph.faults.add(fault, path="/token", times=2)
    assert by_code(graph).address == GRACE


def test_trouble_that_outlasts_the_code_is_told(graph):
    graph.faults.add(503, path="/token", times=None)
    person = Person(graph)
    assert "it answered 503" in str(told(lambda: by_code(graph, person), AccountUnavailable))
    assert 900 <= sum(person.waits) < 905


def test_code_that_nobody_enters_ends(graph):
    graph.consent.device_polls = None
    person = Person(graph)
    person.sleep = lambda _seconds: setattr(graph, "now", graph.now + timedelta(minutes=16))
    assert "Nobody entered the code in time" in str(told(lambda: by_code(graph, person)))


def test_declined_permission_is_told(graph):
    graph.consent.deny = True
    assert "The permission was not given" in str(told(lambda: by_code(graph)))


@pytest.mark.parametrize(
    ("consent", "tenant", "client", "expected"),
    [
        ({"admin_required": True}, "common", CLIENT_ID, "IT department"),
        ({"audience": "personal"}, "common", CLIENT_ID, "authority: consumers"),
        ({"audience": "work"}, "consumers", CLIENT_ID, "Supported account types"),
        ({"person": EVE}, "organizations", CLIENT_ID, "`authority` to consumers"),
        ({}, "nowhere.example", CLIENT_ID, "There is no organization at"),
        ({}, "common", "0000", "does not know the application 0000"),
    ],
)
def test_refusals_of_a_sign_in_say_what_to_do(graph, consent, tenant, client, expected):
    for name, value in consent.items():
        setattr(graph.consent, name, value)
    error = told(
        lambda: by_device_code(
            registration(graph, tenant, client_id=client),
            READING,
            who(graph, tenant, client_id=client),
            tell=lambda _text: None,
            now=lambda: NOW,
            sleep=Person(graph).sleep,
        )
    )
    assert expected in str(error)
    assert "Nothing was stored" in error.not_done
    assert error.ended is False


def test_personal_account_signs_in_at_consumers(graph):
    graph.consent.audience = "personal"
    assert by_code(graph, tenant="consumers").address == EVE


def test_permission_that_was_left_out_is_named(graph):
    body = {
        "token_type": "Bearer",
        "scope": "https://graph.microsoft.com/User.Read",
        "expires_in": 9,
        "access_token": "x",
    }
    graph.faults.add(200, path="/token", body=body)
    assert "Missing: Calendars.Read, MailboxSettings.Read" in str(told(lambda: by_code(graph)))


def test_sign_in_that_cannot_be_renewed_is_not_kept(graph):
    graph.faults.add(200, path="/token", body={"token_type": "Bearer", "expires_in": 9, "access_token": "x"})
    assert "no refresh token" in str(told(lambda: by_code(graph)))


@pytest.mark.parametrize("path", ["openid-configuration", "devicecode", "/token"])
@pytest.mark.parametrize("body", ["[]", "{}", '"x"', '{"error": 7}', '{"expires_in": "soon", "user_code": []}'])
def test_answers_that_make_no_sense_are_told_as_none(graph, path, body):
    graph.faults.add(200, path=path, body=body, times=None)
    told(lambda: by_code(graph), AccountUnavailable)


# in a browser


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


def where_it_leads(page):
    opener = urllib.request.build_opener(NoRedirects, urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open(page)
    with caught.value as redirect:
        return redirect.headers["Location"]


def test_person_who_allows_it_in_a_browser_is_signed_in(graph, browser):
    token = by_page(graph, Person(graph, visit=graph.browse), WRITING)
    assert (set(token.scopes), token.address) == (set(WRITING), GRACE)
    (page,) = [each for each in graph.requests if each.path.endswith("/authorize")]
    asked = {name: values[0] for name, values in page.query.items()}
    assert (asked["code_challenge_method"], asked["response_mode"]) == ("S256", "form_post")
    assert re.fullmatch(r"http://localhost:\d+", asked["redirect_uri"])


def test_stray_requests_before_the_answer_disturb_nothing(graph, browser):
    seen = {}

    def look(address, data=None):
        try:
            with urllib.request.urlopen(address, data) as answer:  # noqa: S310 - loopback
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def visit(page):
        query = parse_qs(urlsplit(page).query)
        root, state = query["redirect_uri"][0], query["state"][0]
        port = urlsplit(root).port
        with socket.create_connection(("127.0.0.1", port)):  # a browser opens one and says nothing
            seen["icon"] = look(f"{root}/favicon.ico")
            seen["another's"] = look(root, b"state=somebody-elses&code=1.AX")
            seen["no"] = look(root, b"state=x&error=access_denied")
            seen["half"] = look(root, f"state={state}".encode())
            seen["nothing"] = look(root, b"")
            seen["elsewhere"] = look(f"{root}/else", f"state={state}&code=1.AX".encode())
            seen["huge"] = look(root, b"x" * 70_000)
            seen["answer"] = graph.browse(page).status_code

    assert by_page(graph, Person(graph, visit=visit)).address == GRACE
    assert seen == {
        "icon": 404,
        "another's": 400,
        "no": 400,
        "half": 400,
        "nothing": 404,
        "elsewhere": 404,
        "huge": 501,
        "answer": 200,
    }


def test_denied_permission_is_told_in_both_places(graph, browser):
    graph.consent.deny = True
    pages = []
    error = told(lambda: by_page(graph, Person(graph, visit=lambda page: pages.append(graph.browse(page)))))
    assert "The permission was not given" in str(error)
    while not pages:
        pass
    assert "You did not allow it" in pages[0].text


def test_page_that_asks_for_an_administrator_is_told(graph, browser):
    graph.consent.admin_required = True
    assert "IT department" in str(told(lambda: by_page(graph, Person(graph, visit=graph.browse))))


def test_page_that_nobody_finishes_ends_after_a_while(graph, browser):
    assert "Nobody finished the sign-in" in str(told(lambda: by_page(graph, Person(graph), patience=0.2)))


def test_machine_without_a_browser_falls_back_to_pasting(graph):
    person = Person(graph, pastes=where_it_leads)
    assert by_page(graph, person).address == GRACE
    assert "No browser could be opened here." in person.shown
    assert "cannot open a page of localhost" in person.shown[-1]


def test_half_copied_address_is_asked_for_again(graph):
    tries = iter([lambda page: page, where_it_leads])

    def paste(page):
        return next(tries)(page)

    person = Person(graph, pastes=paste)
    assert by_page(graph, person, open_browser=False).address == GRACE
    assert sum("not the whole address" in text for text in person.shown) == 1


def test_code_that_lost_its_end_is_refused_and_told(graph):
    person = Person(graph, pastes=lambda page: where_it_leads(page).replace("code=1.AX", "code=1.AXX"))
    error = told(lambda: by_page(graph, person, open_browser=False))
    assert "invalid_grant" in str(error)
    assert "has ended" not in str(error)


@pytest.mark.parametrize("fault", [500, "reset", "html", "garbage", "truncate"])
def test_token_endpoint_in_trouble_is_told_as_such(graph, fault):
    graph.faults.add(fault, path="/token", times=None)
    person = Person(graph, pastes=where_it_leads)
    error = told(lambda: by_page(graph, person, open_browser=False), AccountUnavailable)
    assert "gave no answer that helps" in str(error)


def test_proxy_of_the_environment_is_not_asked_about_this_machine(graph, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert by_code(graph).address == GRACE


# what a refusal means


@pytest.mark.parametrize(
    ("answer", "expected", "ended"),
    [
        ({"error": "invalid_grant", "error_codes": [50173]}, "the password was changed", True),
        ({"error": "invalid_grant", "error_codes": [700082]}, "not used for a long time", True),
        ({"error": "invalid_grant", "error_codes": [70008]}, "not used for a long time", True),
        ({"error": "invalid_grant", "error_codes": [70043]}, "asks its people to sign in again", True),
        ({"error": "invalid_grant", "error_codes": [50078]}, "asks its people to sign in again", True),
        ({"error": "interaction_required"}, "asks the person to sign in again", True),
        (
            {"error": "invalid_grant", "error_description": "AADSTS50173: gone. Trace ID: x"},
            "password was changed",
            True,
        ),
        ({"error": "invalid_grant", "error_codes": [99999999]}, "asks the person to sign in again", True),
        (
            {"error": "invalid_grant", "error_codes": [65001], "suberror": "consent_required"},
            "allowed what it needs",
            False,
        ),
        ({"error": "invalid_grant", "suberror": "consent_required"}, "allowed what it needs", False),
        ({"error": "consent_required", "error_codes": [90094]}, "only its administrators", False),
        ({"error": "invalid_grant", "error_codes": [50020]}, "not of those that `authority` lets in", False),
        ({"error": "invalid_grant", "error_codes": [53003]}, "do not let this sign-in through", False),
        ({"error": "unauthorized_client", "error_codes": [700016]}, "does not know the application", False),
        ({"error": "invalid_client", "error_codes": [7000218]}, "Allow public client flows", False),
        ({"error": "invalid_request", "error_codes": [9002346]}, "authority: consumers", False),
        ({"error": "invalid_scope"}, "same cloud", False),
        ({"error": "something_new", "error_description": "x" * 999}, "something_new", False),
        ({"error": "something_new", "error_codes": "odd"}, "refused the sign-in", False),
        ({}, "no reason given", False),
    ],
)
def test_refusals_are_told_apart(answer, expected, ended):
    asked = Who(account="my uni", client_id="app", authority="https://login.example/common")
    error = graph_refusals.why_refused(NotGiven(answer), asked)
    assert isinstance(error, SignInNeeded)
    assert expected in str(error)
    assert error.ended is ended
    assert "agendad login 'my uni'" in error.next_step or "IT department" in error.next_step
    assert "Trace ID" not in str(error)
    assert len(str(error)) < 700


@pytest.mark.parametrize(
    "error",
    [
        NoAnswer("ConnectError"),
        NotGiven({"error": "temporarily_unavailable"}),
        NotGiven({"error": "x", "error_codes": [90033]}),
    ],
)
def test_what_is_no_refusal_is_tried_again(error):
    said = graph_refusals.why_refused(error, Who(account="uni"))
    assert isinstance(said, AccountUnavailable)
    assert not isinstance(said, SignInNeeded)
    assert "next pass" in said.next_step


@pytest.mark.parametrize("code", [7000215, 7000222])
def test_secret_that_is_not_taken_names_its_variable(code):
    asked = Who(account="uni", client_id="app", secret="APP_SECRET")  # noqa: S106 - a variable's name
    error = graph_refusals.why_refused(NotGiven({"error": "invalid_client", "error_codes": [code]}), asked)
    assert "environment variable APP_SECRET" in error.next_step
    assert error.ended is False


# what is kept

TOKEN = MicrosoftToken(
    cache='{"RefreshToken": {"x": {"secret": "1.AX"}}}',
    scopes=WRITING,
    client_id=CLIENT_ID,
    authority="https://login.microsoftonline.com/common",
    obtained_at=NOW,
    address=GRACE,
    keeps_message_ids=True,
)


def test_sign_in_survives_json_and_its_repr_hides_what_is_secret():
    assert MicrosoftToken.from_json(json.loads(json.dumps(TOKEN.to_json()))) == TOKEN
    assert MicrosoftToken.from_json({**TOKEN.to_json(), "of a later version": 1}) == TOKEN
    assert "1.AX" not in repr(TOKEN)


@pytest.mark.parametrize(
    "change", [{"cache": None}, {"cache": "{"}, {"cache": "[]"}, {"scopes": [1]}, {"obtained_at": "x"}]
)
def test_json_that_is_no_sign_in_is_refused_without_quoting_it(change):
    for shape in ({**TOKEN.to_json(), **change}, {}):
        with pytest.raises(ValueError, match="no sign-in to Microsoft") as caught:
            MicrosoftToken.from_json(shape)
        assert "1.AX" not in str(caught.value)


def test_secrets_go_to_https_or_to_this_machine():
    with pytest.raises(ValueError, match="secrets go to https"):
        IdentityClient("http://login.example/common")


# at work


@pytest.fixture
def configured(graph, tmp_path):
    """How an account signs in, from a configuration."""

    def configure(account="", *, mode="act", tenant="common", more="", environ=None):
        path = tmp_path / "agendad.yaml"
        path.write_text(
            f"version: 1\nmode: {mode}\nme: {{name: Grace, emails: [{GRACE}], timezone: America/New_York}}\n"
            f"secrets: {{key: {{env: KEY}}}}\naccounts:\n  - {{name: my uni, provider: outlook, client_id: {CLIENT_ID},"
            f' authority: "{graph.root}/{tenant}", api_root: "{graph.api_root}"{account}}}\n{more}'
        )
        config = load(path).config
        assert everything_is_local(config) == []
        environ = {**KEY, **(environ or {})}
        vault = token_vault(config, tmp_path / "state", environ)
        made = outlook_sign_in(config.accounts[0], config, vault, FixedClock(NOW))
        made.environ = environ
        return made

    return configure


def keep(sign_in, token):
    return sign_in.vault.save("my uni", StoredToken(OUTLOOK, token.to_json()))


def aged(token):
    """The same with an access token that msal takes for over."""
    cache = json.loads(token.cache)
    for entry in cache["AccessToken"].values():
        entry["expires_on"] = "1000000000"
    return replace(token, cache=json.dumps(cache))


def api(graph, sign_in, tries=3):
    waits = []
    return ProfileApi(
        "my uni",
        graph.api_root,
        mailbox=sign_in.mailbox,
        token=sign_in.token,
        refused=sign_in.refused,
        now=lambda: graph.now,
        pace=Pace(service="Microsoft", tries=tries, sleep=waits.append),
    )


def person(graph, sign_in):
    with closing(api(graph, sign_in)) as asked:
        return asked.person()


def token_requests(graph):
    return [each for each in graph.requests if each.path.endswith("/token")]


@pytest.fixture
def signed_in(graph, configured):
    made = configured()
    keep(made, by_code(graph, scopes=WRITING))
    graph.requests.clear()
    return made


def test_account_that_nobody_signed_in_to_names_the_command(configured, graph):
    made = configured()
    assert "Type: agendad login 'my uni'" in str(told(made.token))
    assert (made.signed_in(), made.notes(None), made.fingerprint(), made.may_write()) == (None, [], "", True)
    assert graph.requests == []


def test_person_is_known_by_address_zone_and_hours(graph, signed_in):
    graph.set_working_hours(GRACE, ["monday", "friday"], "09:00", "12:30")
    profile = person(graph, signed_in)
    assert (profile.address, profile.zone) == (GRACE, "America/New_York")
    assert profile.hours == {"mon": ((540, 750),), "fri": ((540, 750),)}


def test_access_token_is_used_as_long_as_it_lives(graph, signed_in):
    first = signed_in.token()
    assert signed_in.token() == first
    assert token_requests(graph) == []


def test_access_token_of_another_run_is_used_too(graph, signed_in, configured):
    assert configured().token() == signed_in.token()
    assert token_requests(graph) == []


def test_access_token_that_is_over_is_renewed_once_and_what_rotated_is_stored(graph, signed_in, configured):
    keep(signed_in, aged(signed_in.signed_in()))
    before, sign_in = signed_in.signed_in().cache, signed_in.fingerprint()
    first = signed_in.token()
    assert signed_in.token() == first
    assert len(token_requests(graph)) == 1
    assert signed_in.signed_in().cache != before
    assert signed_in.fingerprint() == sign_in != ""
    later = configured()
    keep(later, aged(later.signed_in()))
    assert later.token() != first, "the refresh token that came last is the one that is good"


def test_sign_ins_of_many_runs_at_once_renew_once(graph, signed_in, configured):
    keep(signed_in, aged(signed_in.signed_in()))
    runs = [configured() for _ in range(6)]
    with ThreadPoolExecutor(12) as pool:
        tokens = set(pool.map(lambda number: runs[number % 6].token(), range(24)))
    assert len(tokens) == 1
    assert len(token_requests(graph)) == 1


def test_renewal_leaves_a_newer_sign_in_alone(graph, signed_in, configured):
    keep(signed_in, aged(signed_in.signed_in()))
    newer = by_code(graph, scopes=WRITING)
    graph.faults.add("stall", path="/token", delay=0.5)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(signed_in.token)
        while not [each for each in token_requests(graph) if each.fault]:
            pass
        keep(configured(), newer)
        late.result()
    assert configured().signed_in() == newer


def test_new_sign_in_is_taken_up_at_once_after_a_refusal_that_msal_remembers(graph, signed_in):
    keep(signed_in, aged(signed_in.signed_in()))
    graph.revoke(GRACE)
    for _ in range(2):
        assert told(signed_in.token).ended
    keep(signed_in, by_code(graph, scopes=WRITING))
    assert person(graph, signed_in).address == GRACE


def test_ended_sign_in_is_told_with_the_command_that_renews_it(graph, signed_in):
    graph.revoke(GRACE)
    error = told(lambda: person(graph, signed_in))
    assert "Microsoft has ended the sign-in of account my uni: the password was changed" in str(error)
    assert "AADSTS50173" in str(error)
    assert "agendad login 'my uni'" in error.next_step
    assert error.ended


def test_policy_that_asks_for_the_person_ends_the_sign_in(graph, signed_in):
    keep(signed_in, aged(signed_in.signed_in()))
    graph.require_interaction(GRACE)
    assert told(signed_in.token).ended


def test_consent_that_was_taken_back_is_told_and_asked_about_again(graph, signed_in):
    keep(signed_in, aged(signed_in.signed_in()))
    graph.withdraw_consent(GRACE, [WRITE])
    error = told(signed_in.token)
    assert "allowed what it needs" in str(error)
    assert not error.ended


@pytest.mark.parametrize("fault", [500, 503, 429, "html", "garbage", "reset", "close", "truncate"])
def test_trouble_of_the_token_endpoint_is_no_end_and_is_over_when_it_is_over(graph, signed_in, fault, caplog):
    token = aged(signed_in.signed_in())
    keep(signed_in, token)
    graph.faults.add(fault, path="/token")
    with caplog.at_level(logging.DEBUG):
        assert not isinstance(told(signed_in.token, AccountUnavailable), SignInNeeded)
    assert not any(secret in caplog.text for secret in SECRETS)
    if fault == "truncate":  # the simulator's refresh tokens are good for one use, and this one was used
        keep(signed_in, by_code(graph, scopes=WRITING))
    assert person(graph, signed_in).address == GRACE


def test_access_token_that_still_lives_is_used_while_there_is_no_other(graph, signed_in):
    first = signed_in.token()
    signed_in._held = replace(signed_in._held, until=signed_in._held.until - 4199 + 120)  # msal would renew it
    keep_cache = aged(signed_in.signed_in())
    signed_in.vault.renew("my uni", StoredToken(OUTLOOK, keep_cache.to_json(), signed_in.fingerprint()))
    graph.faults.add(503, path="/token", times=None)
    assert signed_in.token() == first


def test_nothing_is_asked_before_it_is_needed(graph, signed_in, configured):
    made = configured()
    assert made.may_write()
    assert made.notes(None) == []
    assert (made.mailbox, made.fingerprint() != "") == ("/me", True)
    assert graph.requests == []


def test_platform_that_cannot_be_reached_at_the_start_is_told(configured, graph, signed_in):
    signed_in.account = signed_in.account.model_copy(update={"authority": "http://127.0.0.1:9/common"})
    error = told(signed_in.token, AccountUnavailable)
    assert "ConnectError" in str(error)
    signed_in.account = configured().account
    signed_in._person = None
    assert person(graph, signed_in).address == GRACE


def test_sign_in_for_another_application_or_place_is_nobodys(configured, graph, signed_in):
    for change in ({"client_id": "0000"}, {"authority": f"{graph.root}/{TENANT}"}):
        made = configured()
        made.account = made.account.model_copy(update=change)
        if "client_id" in change:
            assert "Nobody has signed in to account my uni as the application 0000" in str(told(made.token))
        else:
            assert made.token(), "the same person, by the tenant's own address"
    made = configured()
    keep(made, TOKEN)
    assert "Nobody has signed in" in str(told(made.token))


def test_sign_in_for_another_kind_of_account_is_refused(configured):
    made = configured()
    for stored in (StoredToken("google", TOKEN.to_json()), StoredToken(OUTLOOK, {"cache": 1})):
        made.vault.save("my uni", stored)
        assert "is none for Microsoft" in str(told(made.token))
        assert made.may_write(), "Microsoft will say no"


def test_renewed_sign_in_that_cannot_be_stored_is_logged_and_nothing_fails(graph, signed_in, caplog):
    keep(signed_in, aged(signed_in.signed_in()))
    lock = signed_in.vault.folder / ".lock"
    lock.unlink()
    lock.mkdir()
    with caplog.at_level(logging.WARNING):
        assert signed_in.token()
    assert "account my uni was not stored" in caplog.text
    assert not any(secret in caplog.text for secret in SECRETS)


# what Graph does not take


def test_access_token_that_graph_takes_no_more_is_replaced_once(graph, signed_in):
    signed_in.token()
    graph.expire_access_tokens(GRACE)
    assert person(graph, signed_in).address == GRACE
    assert len(token_requests(graph)) == 1


def test_fresh_access_token_that_is_refused_too_asks_for_a_new_sign_in(graph, signed_in):
    graph.faults.add(401, path="/me$", times=None)
    error = told(lambda: person(graph, signed_in))
    assert "does not take the sign-in of account my uni (401)" in str(error)
    assert len(token_requests(graph)) == 1
    assert not error.ended
    graph.faults.clear()
    assert person(graph, signed_in).address == GRACE


def test_refusal_asks_for_a_new_token_where_nobody_has_got_one_yet(graph, signed_in):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(signed_in.token).result()
        with pytest.raises(Throttled) as first:
            pool.submit(signed_in.refused, None).result()
        assert first.value.after == 0.0
        renewed = len(token_requests(graph))
    stale = signed_in.token()
    signed_in._given.token = "an older one"  # noqa: S105 - of nothing
    with pytest.raises(Throttled):
        signed_in.refused(None)
    assert signed_in.token() == stale
    assert len(token_requests(graph)) == renewed == 1


def test_what_graph_asks_of_a_token_is_passed_on_and_a_no_to_it_is_told(graph, signed_in):
    claims = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
    coded = urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    signed_in.token()
    graph.require_interaction(GRACE)
    error = told(lambda: signed_in.refused(f'Bearer realm="", error="insufficient_claims", claims="{coded}"'))
    assert error.ended
    assert token_requests(graph)[-1].body["claims"] == claims


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", 'Bearer claims="', 'Bearer claims="%%%"', 'Bearer claims="W10="']
)
def test_challenges_without_claims_ask_for_nothing(header):
    assert claims_in(header) is None


# other ways to sign in

APP = ", auth: {method: client-credentials, env: APP_SECRET}"


def test_application_signs_in_with_its_secret_and_nothing_is_stored(graph, configured, tmp_path):
    made = configured(APP, tenant=TENANT)
    assert made.mailbox == f"/users/{GRACE}"
    assert person(graph, made).address == GRACE
    assert token_requests(graph)[-1].body["scope"] == "https://graph.microsoft.com/.default"
    assert not (tmp_path / "state").exists()
    assert (made.fingerprint(), made.notes(None), made.may_write()) == ("", [], True)
    graph._grants.expire_access()
    assert person(graph, made).address == GRACE


def test_application_names_another_mailbox(configured):
    made = configured(", auth: {method: client-credentials, env: APP_SECRET, user: ada+x@example.com}", tenant=TENANT)
    assert made.mailbox == "/users/ada%2Bx@example.com"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"APP_SECRET": ""}, "environment variable APP_SECRET, which holds the application's secret"),
        ({"APP_SECRET": "of yesterday"}, "does not take the client secret"),
    ],
)
def test_secret_that_is_missing_or_wrong_is_told(configured, environ, expected):
    error = told(configured(APP, tenant=TENANT, environ=environ).token)
    assert expected in str(error)
    assert "of yesterday" not in str(error)


def test_application_without_permissions_is_told_what_is_missing(graph, configured):
    graph.consent.app_roles = {"Mail.Send"}
    error = told(lambda: person(graph, configured(APP, tenant=TENANT)))
    assert "granted by an administrator" in error.next_step


def test_application_whose_mailbox_is_nobodys_is_told(graph, configured):
    made = configured(", auth: {method: client-credentials, env: APP_SECRET, user: x@example.com}", tenant=TENANT)
    assert "correct `auth.user`" in str(told(lambda: person(graph, made), AccountUnavailable))


def test_roles_of_an_application_are_read_from_its_token():
    token = f"e30.{urlsafe_b64encode(json.dumps({'roles': ['Mail.Send', 7]}).encode()).decode().rstrip('=')}.x"
    assert roles_in(token) == {"Mail.Send"}
    assert roles_in("opaque") == roles_in("a.b.c") == frozenset()


def test_token_of_the_environment_is_used_and_never_renewed(graph, configured):
    auth = ", auth: {method: token, env: UNI_TOKEN}"
    assert "environment variable UNI_TOKEN" in str(told(configured(auth).token))
    made = configured(auth, environ={"UNI_TOKEN": f"{graph.token_for(GRACE)}\n"})
    assert person(graph, made).address == GRACE
    made.environ = {"UNI_TOKEN": "of-yesterday"}
    error = told(lambda: person(graph, made))
    assert "does not take the token of account my uni" in str(error)
    assert "of-yesterday" not in str(error)
    assert token_requests(graph) == []


def test_token_for_calendars_alone_works_without_telling_whose_it_is(graph, configured):
    made = configured(", auth: {method: token, env: UNI_TOKEN}", environ={"UNI_TOKEN": graph.token_for(GRACE, [READ])})
    assert person(graph, made) == replace(person(graph, made), address=None, zone=None, hours=None, remarks=())


# what the configuration asks for


def test_sign_in_that_allows_too_little_is_noted(configured, graph):
    keep(configured(), by_code(graph, scopes=READING))
    assert not configured().may_write()
    (note,) = configured().notes(None)
    assert "may only read" in note
    assert "agendad login 'my uni'" in note
    assert configured(mode="observe").notes(None) == []
    mail = "mail: {transport: outlook, account: my uni, lookup: true}\n"
    made = configured(mode="observe", more=mail)
    assert made.scopes() == (*READING, SEND, "Mail.Read")
    assert "may not send mail" in made.notes(None)[0]
    assert made.missing(SEND, "Mail.Read") == (SEND, "Mail.Read")


def test_what_a_mailbox_does_with_ids_is_remembered_with_the_sign_in(signed_in, configured):
    assert not signed_in.keeps_message_ids()
    signed_in.found_by_id()
    assert configured().keeps_message_ids()
    signed_in.belongs_to("g@example.org")
    assert (configured().signed_in().address, configured().keeps_message_ids()) == ("g@example.org", True)
    keep(signed_in, replace(signed_in.signed_in(), keeps_message_ids=False))
    assert not configured().keeps_message_ids()


def test_secrets_are_in_no_repr(signed_in, configured):
    signed_in.token()
    made = configured(", auth: {method: token, env: UNI_TOKEN}", environ={"UNI_TOKEN": "eyJ0eXAi.secret"})
    for text in (repr(signed_in), repr(signed_in.signed_in()), repr(signed_in._held), repr(made), repr(made.who())):
        assert not any(secret in text for secret in SECRETS)


UNI = "  - {{name: uni, provider: outlook{}}}\n"
MINE = f"version: 1\nme: {{name: Grace, emails: [{GRACE}], timezone: America/New_York}}\naccounts:\n"


@pytest.mark.parametrize(
    ("account", "authority", "api_root"),
    [
        ("", "https://login.microsoftonline.com/common", "https://graph.microsoft.com/v1.0"),
        (", authority: consumers", "https://login.microsoftonline.com/consumers", "https://graph.microsoft.com/v1.0"),
        (
            ", authority: example.onmicrosoft.com",
            "https://login.microsoftonline.com/example.onmicrosoft.com",
            "https://graph.microsoft.com/v1.0",
        ),
        (
            ', authority: "https://login.microsoftonline.us/t/"',
            "https://login.microsoftonline.us/t",
            "https://graph.microsoft.us/v1.0",
        ),
        (
            ', api_root: "https://dod-graph.microsoft.us/v1.0"',
            "https://login.microsoftonline.us/organizations",
            "https://dod-graph.microsoft.us/v1.0",
        ),
        (
            ', authority: "https://login.partner.microsoftonline.cn/t"',
            "https://login.partner.microsoftonline.cn/t",
            "https://microsoftgraph.chinacloudapi.cn/v1.0",
        ),
        (
            ', api_root: "https://gateway.example.org/v1.0"',
            "https://login.microsoftonline.com/common",
            "https://gateway.example.org/v1.0",
        ),
    ],
)
def test_authority_and_api_are_of_one_cloud(tmp_path, account, authority, api_root):
    path = tmp_path / "c.yaml"
    path.write_text(MINE + UNI.format(account))
    uni = load(path).config.accounts[0]
    assert (uni.authority, uni.api_root) == (authority, api_root)


@pytest.mark.parametrize(
    ("account", "mail", "line", "expected"),
    [
        (', authority: "https://login.microsoftonline.com"', "", 4, "ends with one tenant"),
        (', authority: "https://login.microsoftonline.com/a/b"', "", 4, "ends with one tenant"),
        (", authority: login.microsoftonline.us", "", 4, "names no tenant"),
        (', authority: "http://login.example.org/common"', "", 4, "plain http goes to this machine only"),
        (
            ', authority: common, api_root: "https://graph.microsoft.us/v1.0"',
            "",
            4,
            "is not in the cloud of login.microsoftonline.com",
        ),
        (", auth: {method: client-credentials, env: X}", "", 4, "in one organization"),
        (", authority: consumers, auth: {method: client-credentials, env: X}", "", 4, "in one organization"),
        ("", "mail: {transport: outlook, account: un}\n", 6, "there is no account `un`; did you mean `uni`?"),
        ("", "mail: {transport: gmail, account: uni}\n", 6, "`uni` has provider outlook, and `transport: gmail` needs"),
        ("", "mail: {transport: outlook, account: home}\n", 6, "`home` has provider ics"),
        ("", "mail: {transport: outlook}\n", 6, "account"),
        ("", "mail: {transport: outlook, account: uni, host: x}\n", 6, "host"),
    ],
)
def test_what_cannot_work_is_told_with_its_line(tmp_path, account, mail, line, expected):
    path = tmp_path / "c.yaml"
    path.write_text(MINE + UNI.format(account) + "  - {name: home, provider: ics, path: .}\n" + mail)
    with pytest.raises(ConfigError) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert problem.line == line
    assert expected in str(problem)


def test_service_account_that_acts_for_nobody_has_no_mailbox(tmp_path):
    path = tmp_path / "c.yaml"
    work = "  - {name: work, provider: google, auth: {method: service-account, key_file: k.json}}\n"
    path.write_text(MINE + work + "mail: {transport: gmail, account: work}\n")
    with pytest.raises(ConfigError, match=r"acts for nobody.*auth\.subject"):
        load(path)


def test_msal_is_loaded_for_those_who_use_it_only():
    program = (
        "import sys, agendad.daemon.cli, agendad.daemon.commands.login, agendad.daemon.commands.run\n"
        "print([name for name in ('msal', 'httpx', 'google', 'requests') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_sign_in_has_the_names_that_others_have():
    names = {name for name in dir(GoogleSignIn) if not name.startswith("_")}
    assert names - {"credentials", "why_refused", "ending", "renewed", "account", "vault"} <= set(dir(OutlookSignIn))
