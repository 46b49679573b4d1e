"""The simulator's OAuth endpoints, seen through Google's own libraries."""

import json
import threading
import urllib.error
import urllib.request
import webbrowser
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials as ServiceAccount
from google_auth_oauthlib.flow import InstalledAppFlow
from googleapiclient.errors import HttpError
from oauthlib.oauth2 import AccessDeniedError

from simulators.google import CLIENT_ID, CLIENT_SECRET, GoogleSimulator
from simulators.google.client import service

GRACE, ADA = "grace@example.org", "ada@example.com"
SCOPE = "https://www.googleapis.com/auth/"
SCOPES = [SCOPE + "calendar.events", SCOPE + "calendar.freebusy"]
REDIRECT = "http://127.0.0.1:4711/"
HOUR = timedelta(hours=1)
EVENT = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}


@pytest.fixture
def google(monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    with GoogleSimulator(now=datetime(2026, 11, 30, tzinfo=UTC)) as simulator:
        simulator.add_person(GRACE)
        simulator.add_person(ADA)
        yield simulator


class Browser:
    """Opens the page of consent and follows where it leads."""

    def open(self, url, new=0, autoraise=True):  # noqa: ARG002 -- the signature is given
        threading.Thread(target=self._visit, args=(url,)).start()
        return True

    def _visit(self, url):
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 -- it is on loopback
            answer.read()


def sign_in(google, tmp_path):
    webbrowser.register("simulated", None, Browser())
    secrets = google.client_secrets(tmp_path / "client.json")
    flow = InstalledAppFlow.from_client_secrets_file(secrets, SCOPES)
    return flow.run_local_server(port=0, browser="simulated", authorization_prompt_message="", timeout_seconds=5)


def renew(credentials):
    with requests.Session() as session:
        credentials.refresh(Request(session))


def post(google, path, **form):
    request = urllib.request.Request(google.root + path, urlencode(form).encode())  # noqa: S310 -- it is on loopback
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 -- it is on loopback
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


def client(**form):
    return {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **form}


def test_a_desktop_app_signs_in_and_renews(google, tmp_path):
    google.consent.person = ADA
    credentials = sign_in(google, tmp_path)
    assert credentials.refresh_token
    with service(google, ADA, credentials=credentials) as api:
        assert api.events().list(calendarId="primary").execute()["summary"] == ADA
        google.now += 2 * HOUR
        # The old access token is refused, the client renews it and repeats the request.
        assert api.events().list(calendarId="primary").execute()["items"] == []
    assert [each.status for each in google.requests if each.path.endswith("/events")] == [200, 401, 200]
    assert google.violations == []


def test_consent_is_denied(google, tmp_path):
    google.consent.deny = True
    with pytest.raises(AccessDeniedError):
        sign_in(google, tmp_path)


def test_consent_may_grant_less_than_was_asked_for(google, tmp_path, monkeypatch):
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
    google.consent.granted = {SCOPES[1]}
    credentials = sign_in(google, tmp_path)
    assert credentials.granted_scopes == [SCOPES[1]]
    with service(google, GRACE, credentials=credentials) as api, pytest.raises(HttpError) as caught:
        api.events().list(calendarId="primary").execute()
    assert "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in caught.value.content.decode()


def test_a_revoked_sign_in_cannot_be_renewed(google, tmp_path):
    credentials = sign_in(google, tmp_path)
    renew(credentials)
    google.revoke(GRACE)
    with pytest.raises(RefreshError, match="invalid_grant: Token has been expired or revoked"):
        renew(credentials)
    with service(google, GRACE, credentials=credentials) as api, pytest.raises(RefreshError):
        api.events().list(calendarId="primary").execute()


def test_an_app_in_testing_loses_its_sign_in_after_seven_days(google, tmp_path):
    google.consent.testing = True
    credentials = sign_in(google, tmp_path)
    assert google.requests[-1].response["refresh_token_expires_in"] == 604799
    google.now += timedelta(days=6, hours=23)
    renew(credentials)
    google.now += HOUR
    with pytest.raises(RefreshError, match="invalid_grant"):
        renew(credentials)


def test_revoking_either_token_ends_the_whole_grant(google, tmp_path):
    credentials = sign_in(google, tmp_path)
    assert post(google, "/revoke", token=credentials.token) == (200, {})
    assert post(google, "/revoke", token=credentials.token)[1]["error"] == "invalid_token"
    with pytest.raises(RefreshError):
        renew(credentials)


def code_for(google, **changed):
    """What the redirect brings; the verifier is 43 times a."""
    asked = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT,
        "scope": " ".join(SCOPES),
        "state": "s",
        "code_challenge": "ZtNPunH49FD35FWYhT5Tv8I7vRKQJ8uxMaL0_9eHjNA",
        "code_challenge_method": "S256",
        "access_type": "offline",
        **changed,
    }
    opener = urllib.request.build_opener(NoRedirect())
    url = f"{google.root}/o/oauth2/auth?{urlencode({k: v for k, v in asked.items() if v is not None})}"
    try:
        opener.open(url, timeout=5)
    except urllib.error.HTTPError as answer:
        with answer:
            if answer.code != 302:
                return {"status": answer.code}
            return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


def test_a_code_is_good_once_and_with_its_verifier_only(google):
    form = client(grant_type="authorization_code", redirect_uri=REDIRECT, code_verifier="a" * 43)
    back = code_for(google)
    assert back["state"] == "s"
    status, tokens = post(google, "/token", code=back["code"], **form)
    assert (status, tokens["token_type"], tokens["expires_in"]) == (200, "Bearer", 3599)
    assert set(tokens["scope"].split()) == set(SCOPES)
    assert post(google, "/token", code=back["code"], **form)[1]["error"] == "invalid_grant"
    wrong = {**form, "code_verifier": "b" * 43}
    assert post(google, "/token", code=code_for(google)["code"], **wrong)[0] == 400
    elsewhere = {**form, "redirect_uri": "http://127.0.0.1:1/"}
    assert post(google, "/token", code=code_for(google)["code"], **elsewhere)[1]["error"] == "redirect_uri_mismatch"
    online = code_for(google, access_type=None)["code"]
    assert "refresh_token" not in post(google, "/token", code=online, **form)[1]


@pytest.mark.parametrize(
    "changed",
    [
        {"response_type": "token"},
        {"client_id": "somebody"},
        {"redirect_uri": "https://example.org/"},
        {"redirect_uri": "urn:ietf:wg:oauth:2.0:oob"},
        {"scope": ""},
        {"state": None},
        {"code_challenge": None},
        {"code_challenge_method": "plain"},
        {"access_type": "sometimes"},
        {"nonsense": "1"},
    ],
    ids=json.dumps,
)
def test_a_bad_request_for_consent_is_refused_and_noted(google, changed):
    assert code_for(google, **changed) == {"status": 400}
    assert len(google.violations) == 1


def test_the_token_endpoint_refuses_in_the_words_of_rfc_6749(google):
    assert post(google, "/token", grant_type="refresh_token", client_id="x")[1]["error"] == "invalid_client"
    assert post(google, "/token", **client(grant_type="password"))[1]["error"] == "unsupported_grant_type"
    assert post(google, "/token", **client(grant_type="refresh_token", refresh_token="x")) == (  # noqa: S106
        400,
        {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
    )
    google.faults.add(503, path="^/token$")
    assert post(google, "/token", **client(grant_type="refresh_token"))[0] == 503


def test_a_delegated_service_account_acts_for_a_person(google, tmp_path):
    key = google.service_account(tmp_path / "key.json", delegated_to=[GRACE])
    robot = ServiceAccount.from_service_account_file(key, scopes=SCOPES)
    with service(google, GRACE, credentials=robot.with_subject(GRACE)) as api:
        event = api.events().insert(calendarId="primary", body={**EVENT, "attendees": [{"email": ADA}]}).execute()
    assert event["creator"]["email"] == GRACE
    with pytest.raises(RefreshError, match="unauthorized_client"):
        renew(robot.with_subject(ADA))


def test_a_service_account_of_its_own_may_not_invite(google, tmp_path):
    key = google.service_account(tmp_path / "key.json")
    google.share(GRACE, with_="robot@simulated.iam.gserviceaccount.com", role="writer")
    robot = ServiceAccount.from_service_account_file(key, scopes=SCOPES)
    with service(google, GRACE, credentials=robot) as api:
        event = api.events().insert(calendarId=GRACE, body=EVENT).execute()
        patch = api.events().patch(calendarId=GRACE, eventId=event["id"], body={"attendees": [{"email": ADA}]})
        with pytest.raises(HttpError) as caught:
            patch.execute()
    assert caught.value.status_code == 403
    assert "forbiddenForServiceAccounts" in caught.value.content.decode()


def test_an_assertion_that_another_key_signed_is_refused(google, tmp_path):
    old = google.service_account(tmp_path / "old.json").read_text()
    google.service_account(tmp_path / "new.json")
    robot = ServiceAccount.from_service_account_info(json.loads(old), scopes=SCOPES)
    with pytest.raises(RefreshError, match="Invalid JWT Signature"):
        renew(robot)
