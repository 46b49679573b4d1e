"""Signing in to Google over real HTTP: the simulator's consent page, token endpoint and service accounts."""

import http.client
import json
import os
import re
import socket
import threading
import urllib.error
import urllib.request
import webbrowser
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httplib2
import pytest
from google.auth.exceptions import RefreshError, TransportError
from google_auth_httplib2 import AuthorizedHttp, Request
from simulators.google import GoogleSimulator

from agendad.providers.errors import AccountUnavailable, SignInNeeded
from agendad.providers.google_consent import consent
from agendad.providers.google_profile import ProfileApi
from agendad.providers.google_refusals import why_refused
from agendad.providers.google_signin import (
    CALENDARS_READ,
    EVENTS,
    EVENTS_READ,
    EVERYTHING,
    FREEBUSY,
    CredentialFileWrong,
    GoogleToken,
    bearer,
    credentials,
    missing_scopes,
    scopes_needed,
    service_account_credentials,
)
from agendad.providers.pacing import Pace

NOW = datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
PAST, FUTURE = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)  # by the machine's own clock
GRACE = "grace@example.org"
READ, WRITE = scopes_needed(writes=False), scopes_needed(writes=True)
SECRETS = ("GOCSPX", "1//", "ya29")


@pytest.fixture(autouse=True)
def no_browser(monkeypatch):
    """A machine without a display, unless a test takes `browser`."""
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(webbrowser, "_tryorder", None)  # the module looks at BROWSER once
    monkeypatch.setattr(webbrowser, "_browsers", {})


@pytest.fixture
def google():
    with GoogleSimulator(NOW) as simulator:
        simulator.add_person(GRACE, "America/New_York")
        yield simulator
    assert simulator.violations == []


@pytest.fixture
def browser(monkeypatch):
    """A browser that opens and shows nothing: the person in the test does the rest."""
    monkeypatch.setenv("BROWSER", "true")


class Person:
    """Reads what is shown; goes to Google's page as soon as its address is told, or pastes where it leads."""

    def __init__(self, visit=None, pastes=None):
        self.shown, self.visit, self.asked = [], visit, 0
        self.pastes = pastes if pastes is None or callable(pastes) else iter(pastes)

    def tell(self, text):
        self.shown.append(text)
        if (found := re.search(r"https?://\S+/o/oauth2/\S+", text)) is not None:
            self.page = found[0]
            if self.visit is not None:
                threading.Thread(target=self.visit, args=(self.page,), daemon=True).start()

    def ask(self):
        self.asked += 1
        if self.pastes is None:
            raise EOFError
        return self.pastes(self.page) if callable(self.pastes) else next(self.pastes)


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


def where_it_leads(page):
    """The address that Google sends the browser to after the consent."""
    opener = urllib.request.build_opener(NoRedirects, urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open(page)
    with caught.value as redirect:
        return redirect.headers["Location"]


def look(address):
    """(status, text) of a page."""
    try:
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - loopback
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def sign_in(google, tmp_path, person, *, scopes=READ, open_browser=True, patience=20, file=None):
    return consent(
        file or google.client_secrets(tmp_path / "client.json"),
        scopes,
        open_browser=open_browser,
        tell=person.tell,
        ask=person.ask,
        now=lambda: google.now,
        patience=timedelta(seconds=patience),
    )


def refusal(google, tmp_path, person, kind=SignInNeeded, **more):
    """The error, which says what happened, what was not done and what to do next, and no secret."""
    with pytest.raises(kind) as caught:
        sign_in(google, tmp_path, person, **more)
    error = caught.value
    assert error.happened
    assert error.not_done
    assert error.next_step
    assert not any(secret in str(error) for secret in SECRETS)
    return str(error)


# in a browser


def test_person_who_allows_it_in_a_browser_is_signed_in(google, tmp_path, browser):
    token = sign_in(google, tmp_path, Person(visit=look), scopes=WRITE)
    assert set(token.scopes) == set(WRITE)
    assert (token.obtained_at, token.refresh_expires_at) == (NOW, None)
    assert token.expiry == NOW + timedelta(seconds=3599)
    assert token.refresh_token.startswith("1//")
    (page,) = [each for each in google.requests if each.path == "/o/oauth2/auth"]
    asked = {name: values[0] for name, values in page.query.items()}
    assert (asked["access_type"], asked["prompt"], asked["include_granted_scopes"]) == ("offline", "consent", "true")
    assert asked["code_challenge_method"] == "S256"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", asked["redirect_uri"])


def test_sign_in_of_an_app_in_testing_knows_when_it_ends(google, tmp_path, browser):
    google.consent.testing = True
    token = sign_in(google, tmp_path, Person(visit=look))
    assert token.refresh_expires_at == NOW + timedelta(seconds=604799)


def test_environment_is_as_before_after_a_sign_in_that_needed_plain_http(google, tmp_path, browser, monkeypatch):
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "mine")
    before = dict(os.environ)
    sign_in(google, tmp_path, Person(visit=look))
    assert dict(os.environ) == before


def test_proxy_of_the_environment_is_not_asked_about_this_machine(google, tmp_path, browser, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    token = sign_in(google, tmp_path, Person(pastes=where_it_leads), open_browser=False)
    assert token.refresh_token


def test_stray_requests_before_the_answer_disturb_nothing(google, tmp_path, browser):
    seen = {}

    def visit(page):
        address = where_it_leads(page)
        target = urlsplit(address)
        root = f"http://{target.netloc}"
        state = parse_qs(target.query)["state"][0]
        with socket.create_connection((target.hostname, target.port)):  # a browser opens one and says nothing
            seen["icon"] = look(f"{root}/favicon.ico")[0]
            seen["empty"] = look(f"{root}/")[0]
            seen["other state"] = look(f"{root}/?state=somebody-elses&code=4/0abc")
            seen["denied with another state"] = look(f"{root}/?state=x&error=access_denied")[0]
            seen["half"] = look(f"{root}/?state={state}")[0]
            seen["post"] = look(urllib.request.Request(root, data=b"code=1"))[0]
            seen["answer"] = look(address)

    token = sign_in(google, tmp_path, Person(visit=visit))
    assert token.refresh_token
    assert [seen["icon"], seen["empty"], seen["denied with another state"], seen["half"]] == [404, 404, 400, 400]
    assert seen["other state"][0] == 400
    assert "another sign-in" in seen["other state"][1]
    assert seen["post"] == 501
    assert "Go back to the terminal" in seen["answer"][1]


def test_denied_consent_stores_nothing_and_says_so_in_both_places(google, tmp_path, browser):
    google.consent.deny = True
    pages = []
    said = refusal(google, tmp_path, Person(visit=lambda page: pages.append(look(page))))
    assert "The permission was not given" in said
    assert "Nothing was stored" in said
    while not pages:
        pass
    assert "You did not allow it" in pages[0][1]


def test_consent_that_nobody_finishes_ends_after_a_while(google, tmp_path, browser):
    assert "Nobody finished the sign-in" in refusal(google, tmp_path, Person(), patience=0.2)


def test_port_is_free_again_after_the_sign_in(google, tmp_path, browser):
    person = Person(visit=look)
    sign_in(google, tmp_path, person)
    port = urlsplit(parse_qs(urlsplit(person.page).query)["redirect_uri"][0]).port
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        pass


@pytest.mark.parametrize("program", ["", "false", "/nowhere/browser"])
def test_machine_where_no_browser_opens_falls_back_to_pasting_and_says_so(google, tmp_path, monkeypatch, program):
    if program:
        monkeypatch.setenv("BROWSER", program)
        monkeypatch.setattr(webbrowser, "register_standard_browsers", lambda: only(program))
    person = Person(pastes=where_it_leads)
    token = sign_in(google, tmp_path, person)
    assert token.refresh_token
    assert "No browser could be opened here." in person.shown


def only(program):
    """No other browser of the machine is tried."""
    webbrowser._tryorder = []
    webbrowser.register(program, None, webbrowser.GenericBrowser(program), preferred=True)


# pasted by hand


@pytest.mark.parametrize(
    "change",
    [
        lambda address: address,
        lambda address: f"  '{address}'\n",
        lambda address: address.removeprefix("http://"),
        lambda address: urlsplit(address).query,
        lambda address: f"{address[:60]}\n{address[60:]}",
        lambda address: address[: address.index("&scope")],
    ],
    ids=["whole", "quoted", "without http", "query only", "broken into lines", "without the end that nobody needs"],
)
def test_pasted_address_signs_in_however_it_was_copied(google, tmp_path, change):
    person = Person(pastes=lambda page: change(where_it_leads(page)))
    assert sign_in(google, tmp_path, person, open_browser=False).refresh_token
    assert person.asked == 1
    assert "That is as it should be" in person.shown[0]


def test_half_copied_address_is_asked_for_again(google, tmp_path):
    tries = iter([lambda page: page, lambda _page: "yes", where_it_leads])

    def paste(page):
        return next(tries)(page)

    person = Person(pastes=paste)
    assert sign_in(google, tmp_path, person, open_browser=False).refresh_token
    assert sum("not the whole address" in text for text in person.shown) == 2


def test_address_of_another_sign_in_is_not_taken(google, tmp_path):
    strange = "http://127.0.0.1:1/?state=another&code=4/0abc"
    said = refusal(google, tmp_path, (person := Person(pastes=[strange] * 9)), open_browser=False)
    assert "not pasted whole, 3 times" in said
    assert person.asked == 3
    assert sum("belongs to another sign-in" in text for text in person.shown) == 3
    assert not [each for each in google.requests if each.path == "/token"]


def test_terminal_without_input_is_told(google, tmp_path):
    assert "No address was pasted" in refusal(google, tmp_path, Person(), open_browser=False)


def test_code_that_lost_its_end_is_refused_by_google_and_told(google, tmp_path):
    person = Person(pastes=lambda page: where_it_leads(page).replace("&scope", "X&scope"))
    said = refusal(google, tmp_path, person, open_browser=False)
    assert "used, too old, or not whole" in said
    assert "Malformed auth code" in said


# what Google answers


@pytest.mark.parametrize(
    ("granted", "boxes"),
    [
        ({EVENTS, CALENDARS_READ}, ["View your availability"]),
        ({EVENTS_READ, FREEBUSY, CALENDARS_READ}, ["View and edit events"]),
        (set(), ["View and edit events", "View your availability", "See the title"]),
    ],
)
def test_boxes_left_unticked_are_named_and_nothing_is_stored(google, tmp_path, granted, boxes):
    google.consent.granted = granted
    said = refusal(google, tmp_path, Person(pastes=where_it_leads), scopes=WRITE, open_browser=False)
    for box in boxes:
        assert f"“{box}" in said
    assert said.count("“") == len(boxes)
    assert "tick every box" in said


def test_client_that_google_does_not_know_is_told(google, tmp_path):
    file = google.client_secrets(tmp_path / "client.json")
    person = Person(pastes=where_it_leads)
    content = json.loads(file.read_text())
    content["installed"]["client_secret"] = "GOCSPX-of-yesterday"  # noqa: S105 - of nothing
    file.write_text(json.dumps(content))
    said = refusal(google, tmp_path, person, open_browser=False, file=file)
    assert "does not know the OAuth client" in said
    assert "invalid_client" in said


@pytest.mark.parametrize("fault", [500, 503, "reset", "close", "html", "garbage"])
def test_token_endpoint_in_trouble_is_told_as_such(google, tmp_path, fault):
    google.faults.add(fault, path="/token")
    said = refusal(google, tmp_path, Person(pastes=where_it_leads), AccountUnavailable, open_browser=False)
    assert "gave no answer that helps" in said


def test_sign_in_without_a_refresh_token_is_not_stored(google, tmp_path):
    answer = {"access_token": "ya29.x", "expires_in": 3599, "token_type": "Bearer"}
    google.faults.add(200, path="/token", body=answer)
    said = refusal(google, tmp_path, Person(pastes=where_it_leads), open_browser=False)
    assert "no refresh token" in said
    assert "myaccount.google.com/connections" in said


# the client's file

INSTALLED = {
    "client_id": "x",
    "client_secret": "GOCSPX-x",
    "auth_uri": "https://accounts.google.com/o/oauth2/auth",
    "token_uri": "https://oauth2.googleapis.com/token",
}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "could not be read: No such file"),
        ("{", "is no JSON"),
        ("\udcff", "is no JSON"),
        ("[]", "is no file of Google's"),
        ({"web": INSTALLED}, "is an OAuth client for a web site"),
        ({"type": "service_account", "private_key": "GOCSPX"}, "auth: {method: service-account, key_file: c.json}"),
        ({}, "is no OAuth client's file"),
        ({"installed": []}, "is no OAuth client's file"),
        ({"installed": {**INSTALLED, "client_secret": ""}}, "is no OAuth client's file"),
        ({"installed": {**INSTALLED, "token_uri": "http://token.example.org"}}, "no https address"),
        ({"installed": {**INSTALLED, "auth_uri": "ftp://127.0.0.1"}}, "no https address"),
        ({"installed": {**INSTALLED, "token_uri": "https://["}}, "no https address"),
    ],
)
def test_client_file_that_cannot_be_used_is_told_by_name(google, tmp_path, content, expected):
    file = tmp_path / "c.json"
    if content is not None:
        text = content if isinstance(content, str) else json.dumps(content)
        file.write_text(text, errors="surrogateescape")
    said = refusal(google, tmp_path, Person(), CredentialFileWrong, file=file)
    assert str(file) in said
    assert expected in said


# what is kept

TOKEN = GoogleToken(
    refresh_token="1//refresh",  # noqa: S106 - of nothing
    access_token="ya29.access",  # noqa: S106 - of nothing
    expiry=FUTURE,
    scopes=WRITE,
    client_id="client",
    client_secret="GOCSPX-secret",  # noqa: S106 - of nothing
    token_uri="http://127.0.0.1:9/token",  # noqa: S106 - an address
    obtained_at=NOW,
    refresh_expires_at=NOW + timedelta(days=7),
    address=GRACE,
)


def test_sign_in_survives_json_and_its_repr_hides_what_is_secret():
    assert GoogleToken.from_json(json.loads(json.dumps(TOKEN.to_json()))) == TOKEN
    bare = replace(TOKEN, expiry=None, refresh_expires_at=None, address=None)
    assert GoogleToken.from_json(json.loads(json.dumps(bare.to_json()))) == bare
    assert GoogleToken.from_json({**TOKEN.to_json(), "of a later version": 1}) == TOKEN
    for secret in SECRETS:
        assert secret not in repr(TOKEN)


@pytest.mark.parametrize("change", [{"refresh_token": None}, {"scopes": [1]}, {"scopes": 7}, {"obtained_at": "today"}])
def test_json_that_is_no_sign_in_is_refused_without_quoting_it(change):
    for shape in ({**TOKEN.to_json(), **change}, {}):
        with pytest.raises(ValueError, match="no sign-in to Google") as caught:
            GoogleToken.from_json(shape)
        assert "1//" not in str(caught.value)


@pytest.mark.parametrize(
    ("granted", "needed", "missing"),
    [
        (READ, READ, ()),
        (WRITE, READ, ()),
        (READ, WRITE, (EVENTS,)),
        ([EVERYTHING], WRITE, ()),
        ([f"{EVERYTHING}.readonly"], READ, ()),
        ([f"{EVERYTHING}.readonly"], WRITE, (EVENTS,)),
        ([], READ, READ),
    ],
)
def test_wider_permissions_cover_narrower_ones(granted, needed, missing):
    assert missing_scopes(granted, needed) == missing


# at work


@pytest.fixture
def signed_in(google, tmp_path):
    return sign_in(google, tmp_path, Person(pastes=where_it_leads), open_browser=False)


def primary(google, used):
    """Ask Google for the calendar with these credentials."""
    api = ProfileApi(
        "my work",
        google.api_root,
        credentials=lambda: used,
        why_refused=lambda error: why_refused(error, "my work", by=used, now=google.now),
        now=lambda: google.now,
        pace=Pace(service="Google", tries=1),
    )
    with closing(api):
        return api.primary()


def token_requests(google):
    return [each for each in google.requests if each.path == "/token"]


def test_valid_access_token_is_used_as_it_is(google, signed_in):
    refreshed = []
    used = credentials(replace(signed_in, expiry=FUTURE), refreshed.append)
    assert primary(google, used).address == GRACE
    assert refreshed == []


def test_access_token_that_is_about_to_end_is_renewed_once_and_told(google, signed_in):
    refreshed = []
    used = credentials(replace(signed_in, expiry=PAST), refreshed.append)
    before = len(token_requests(google))
    primary(google, used)
    primary(google, used)
    assert len(token_requests(google)) == before + 1
    (token,) = refreshed
    assert token.access_token != signed_in.access_token
    assert token.expiry > datetime(2026, 1, 1, tzinfo=UTC)
    assert replace(token, access_token=signed_in.access_token, expiry=signed_in.expiry) == signed_in


def test_access_token_that_google_takes_no_more_is_renewed(google, signed_in):
    google.expire_access_tokens(GRACE)
    refreshed = []
    assert primary(google, credentials(replace(signed_in, expiry=FUTURE), refreshed.append)).address == GRACE
    assert len(refreshed) == 1


def test_rotated_refresh_token_is_told(google, signed_in):
    answer = {"access_token": google.token_for(GRACE), "expires_in": 3599, "refresh_token": "1//rotated"}
    google.faults.add(200, path="/token", body=answer)
    refreshed = []
    primary(google, credentials(replace(signed_in, expiry=PAST), refreshed.append))
    assert refreshed[0].refresh_token == "1//rotated"  # noqa: S105 - of nothing


def test_stored_sign_in_never_sends_its_secrets_unencrypted():
    with pytest.raises(CredentialFileWrong, match="no https address"):
        credentials(replace(TOKEN, token_uri="http://token.example.org"), print)  # noqa: S106


def why(google, used, kind=SignInNeeded):
    with pytest.raises(kind) as caught:
        primary(google, used)
    error = caught.value
    assert error.happened
    assert error.not_done
    assert error.next_step
    assert not any(secret in str(error) for secret in SECRETS)
    return error


def test_ended_sign_in_is_told_with_the_command_that_renews_it(google, signed_in):
    google.revoke(GRACE)
    error = why(google, credentials(replace(signed_in, expiry=PAST), print))
    assert "Google has ended the sign-in of account my work" in str(error)
    assert "Token has been expired or revoked" in str(error)
    assert "agendad login 'my work'" in str(error)
    assert "Testing" not in str(error)
    assert error.ended


def test_sign_in_that_ended_after_a_week_explains_testing(google, tmp_path):
    google.consent.testing = True
    token = sign_in(google, tmp_path, Person(pastes=where_it_leads), open_browser=False)
    google.now = NOW + timedelta(days=7, minutes=1)
    told = str(why(google, credentials(replace(token, expiry=PAST), print)))
    assert "'Testing', where a sign-in lasts 7 days" in told
    assert "Publish app" in told
    without = str(why(google, credentials(replace(token, expiry=PAST, refresh_expires_at=None), print)))
    assert "You signed in 7 days ago" in without


@pytest.mark.parametrize(
    ("body", "expected", "ended"),
    [
        ({"error": "invalid_grant", "error_subtype": "invalid_rapt"}, "asks its people to sign in again", True),
        ({"error": "invalid_client"}, "does not accept the OAuth client", False),
        ({"error": "deleted_client", "error_description": "gone"}, "deleted_client: gone", False),
        ({"error": "admin_policy_enforced"}, "Ask its administrator", False),
        ({"error": "something_new", "error_description": "x" * 999}, "something_new", False),
    ],
)
def test_refusals_are_told_apart(google, signed_in, body, expected, ended):
    google.faults.add(400, path="/token", body=body)
    error = why(google, credentials(replace(signed_in, expiry=PAST), print))
    assert expected in str(error)
    assert "agendad login 'my work'" in str(error)
    assert error.ended is ended
    assert len(str(error)) < 600


@pytest.mark.parametrize("fault", [500, 503, "html", "garbage", "reset", "close"])
def test_trouble_of_the_token_endpoint_is_no_end_of_the_sign_in(google, signed_in, fault):
    google.faults.add(fault, path="/token", times=None)
    used = credentials(replace(signed_in, expiry=PAST), print)
    error = why(google, used, AccountUnavailable)
    assert not isinstance(error, SignInNeeded)
    google.faults.clear()
    assert primary(google, used).address == GRACE


@pytest.mark.parametrize(
    "error",
    [
        TransportError("x"),
        ConnectionRefusedError(),
        RefreshError("<html>502</html>"),
        RefreshError(),
        RefreshError("x: y", {"error": {"code": 5}}),
        RefreshError("temporarily: away", retryable=True),
        ValueError("something else"),
    ],
)
def test_what_is_no_refusal_is_tried_again(error):
    told = why_refused(error, "work")
    assert isinstance(told, AccountUnavailable)
    assert not isinstance(told, SignInNeeded)
    assert "<" not in str(told).replace("<html>502</html>", "")


def test_fresh_access_token_that_is_refused_all_the_same_asks_for_a_new_sign_in(google, signed_in):
    google.faults.add(401, path="/calendars/primary", times=None)
    error = why(google, credentials(replace(signed_in, expiry=FUTURE), lambda _token: None))
    assert "Google refused the sign-in of account my work (401)" in str(error)
    assert "agendad login 'my work'" in error.next_step


def test_call_that_the_sign_in_does_not_allow_is_told(google, signed_in):
    few = credentials(replace(signed_in, access_token=google.token_for(GRACE, [FREEBUSY]), expiry=FUTURE), print)
    error = why(google, few)
    assert "does not allow what was asked" in str(error)
    assert "tick every box" in str(error)
    assert not error.ended


# bearer tokens


def test_bearer_token_is_used_and_never_renewed(google):
    assert primary(google, bearer(google.token_for(GRACE))).address == GRACE
    google.revoke(GRACE)
    error = why(google, bearer("ya29.old"))
    assert "environment variable that `auth` names" in str(error)
    assert token_requests(google) == []


def test_bearer_token_for_events_alone_works_without_telling_whose_it_is(google):
    profile = primary(google, bearer(google.token_for(GRACE, [EVENTS])))
    assert (profile.address, profile.zone) == (None, "America/New_York")


# service accounts


def test_service_account_acts_for_a_person_who_was_delegated_to_it(google, tmp_path):
    key = google.service_account(tmp_path / "key.json", delegated_to=[GRACE])
    assert primary(google, service_account_credentials(key, WRITE, GRACE)).address == GRACE
    assert primary(google, service_account_credentials(key, WRITE, None)).address.startswith("robot@")


def test_service_account_without_delegation_is_told_what_to_enter_where(google, tmp_path):
    key = google.service_account(tmp_path / "key.json")
    error = why(google, service_account_credentials(key, WRITE, GRACE))
    assert f"may not act for {GRACE}" in str(error)
    assert "Domain-wide delegation" in str(error)
    assert ",".join(WRITE) in str(error)
    assert "agendad login" not in str(error), "that would not help"
    assert not error.ended


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Invalid email or User ID", "auth.subject"),
        ("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.", "clock"),
        ("Invalid JWT Signature.", "new key"),
    ],
)
def test_refused_service_account_is_told_what_to_do(google, tmp_path, words, expected):
    key = google.service_account(tmp_path / "key.json", delegated_to=[GRACE])
    google.faults.add(400, path="/token", body={"error": "invalid_grant", "error_description": words})
    error = why(google, service_account_credentials(key, WRITE, GRACE))
    assert expected in error.next_step
    assert words[:20] in error.happened


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda content: {"installed": content}, "is no service account's key"),
        (lambda content: {**content, "private_key": "-----BEGIN PRIVATE KEY-----\nGOCSPX"}, "is damaged"),
        (lambda content: {**content, "private_key": 7}, "is damaged"),
        (lambda content: {key: text for key, text in content.items() if key != "client_email"}, "is damaged"),
        (lambda content: {**content, "token_uri": "http://token.example.org"}, "no https address"),
        (lambda content: {**content, "token_uri": None}, "no https address"),
    ],
)
def test_key_file_that_cannot_be_used_is_told_by_name(google, tmp_path, change, expected):
    key = google.service_account(tmp_path / "key.json")
    key.write_text(json.dumps(change(json.loads(key.read_text()))))
    with pytest.raises(CredentialFileWrong, match=expected) as caught:
        service_account_credentials(key, WRITE, None)
    assert str(key) in str(caught.value)
    assert "BEGIN" not in str(caught.value)


def test_credentials_work_with_the_vendors_own_transport(google, signed_in):
    used = credentials(replace(signed_in, expiry=PAST), print)
    with closing(httplib2.Http()) as transport:
        used.refresh(Request(transport))
        response, content = AuthorizedHttp(used, transport).request(f"{google.api_root}/calendars/primary")
    assert response.status == http.client.OK
    assert json.loads(content)["id"] == GRACE
