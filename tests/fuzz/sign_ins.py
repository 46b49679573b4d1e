"""What services answer to a sign-in, and what is made of the tokens in it."""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import google_auth_httplib2
import httpx
import msal
from google.auth import _exponential_backoff
from google.auth.exceptions import RefreshError, TransportError
from oauthlib.oauth2 import OAuth2Error
from oauthlib.oauth2.rfc6749.parameters import parse_token_response

from agendad.providers import google_consent, graph_consent
from agendad.providers.errors import ProviderError
from agendad.providers.google_refusals import why_refused
from agendad.providers.google_signin import GoogleToken, credentials, scopes_needed
from agendad.providers.graph_http import IdentityClient, NoAnswer, NotGiven
from agendad.providers.graph_signin import (
    MicrosoftToken,
    NobodySignedIn,
    Person,
    Registration,
    Service,
    claims_in,
    roles_in,
)
from agendad.providers.graph_signin import scopes_needed as graph_scopes
from fuzz.answering import NOW, Answers, GraphAnswers, Wire, pages

REGISTRATION = Registration(
    client_id="client", authority="https://login.microsoftonline.com/common", resource="https://graph.microsoft.com"
)
OWN = replace(REGISTRATION, authority="https://login.microsoftonline.com/example.org")
"""An application signs in at one tenant."""
TOKEN = GoogleToken.from_json({
    "refresh_token": "1//refresh", "access_token": "ya29", "scopes": scopes_needed(writes=True), "client_id": "client",
    "client_secret": "GOCSPX-secret", "token_uri": "https://oauth2.googleapis.com/token",
    "obtained_at": NOW.isoformat(), "expiry": (NOW - timedelta(days=1)).isoformat(),
})  # fmt: skip
CLIENT = google_consent._Client({}, "client", "GOCSPX-secret", TOKEN.token_uri, plain_http=False)
SECRETS = ("1//refresh", "GOCSPX-secret", "0.refresh")


def sign_in(data: bytes) -> None:
    """Tokens are renewed, taken from a first answer, and used; what is said of a refusal holds no secret of ours."""
    _google(data)
    _microsoft(data)
    with suppress(ValueError, RecursionError):
        told = json.loads(data)
        for body in told if isinstance(told, list) else [told]:
            _first_answer(body[1] if isinstance(body, list) and len(body) == 2 else body)


@contextmanager
def _telling_no_secret(*expected: type[Exception]) -> Iterator[None]:
    told = ""
    try:
        yield
    except expected as error:
        told = str(error)
    assert not any(secret in told for secret in SECRETS)


def _google(data: bytes) -> None:
    kept: list[GoogleToken] = []
    signed = credentials(TOKEN, kept.append)
    # Between its tries Google's own library waits.
    with _telling_no_secret(ProviderError), patch.object(_exponential_backoff.time, "sleep"):
        try:
            signed.refresh(google_auth_httplib2.Request(Wire(Answers(pages(data)))))
        except (RefreshError, TransportError) as error:
            raise why_refused(error, "work", by=signed, now=NOW) from error
    for token in kept:
        assert GoogleToken.from_json(json.loads(json.dumps(token.to_json()))) == token


class _Identity(IdentityClient):
    """Microsoft's identity platform, as an input answers it."""

    def __init__(self, answers: Answers) -> None:
        super().__init__(REGISTRATION.authority)
        self._client = httpx.Client(transport=httpx.MockTransport(answers))


def _microsoft(data: bytes) -> None:
    person, service = Person(REGISTRATION, _cache()), Service(OWN, "0.refresh")
    for one in (person, service):
        one.client = _Identity(Answers(pages(data)))
        with _telling_no_secret(NobodySignedIn, NoAnswer, NotGiven), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # msal's, about a tenant that the answer made up
            access = one.access(["Calendars.Read"], anew=True) if isinstance(one, Person) else one.access()
            roles_in(access.token)
            with suppress(ProviderError):
                GraphAnswers(Answers(iter(())), token=access.token).get("id")


def _cache() -> str:
    cache = msal.SerializableTokenCache()
    cache.add({
        "client_id": "client", "scope": ["https://graph.microsoft.com/Calendars.Read"], "environment":
        "login.microsoftonline.com", "token_endpoint": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "response": {
            "access_token": "0.access", "refresh_token": "0.refresh", "expires_in": 1, "token_type": "Bearer",
            "client_info": "eyJ1aWQiOiJ1IiwidXRpZCI6InQifQ", "scope": "https://graph.microsoft.com/Calendars.Read",
        },
    })  # fmt: skip
    return str(cache.serialize())


def _first_answer(body: Any) -> None:
    if isinstance(body, str):
        claims_in(body)
        roles_in(body)
    if not isinstance(body, dict):
        return
    with suppress(ProviderError):
        token = google_consent._token(_parsed(body), CLIENT, scopes_needed(writes=True), NOW)
        assert GoogleToken.from_json(json.loads(json.dumps(token.to_json()))) == token
    with suppress(ProviderError):
        signed = graph_consent._token(Person(REGISTRATION, _cache()), body, graph_scopes(writes=False), NOW)
        assert MicrosoftToken.from_json(json.loads(json.dumps(signed.to_json()))) == signed


def _parsed(body: dict[str, Any]) -> dict[str, Any]:
    """As oauthlib reads it; what it raises is expected where it is asked."""
    with suppress(OAuth2Error, OSError, ValueError, TypeError, AttributeError):
        return dict(parse_token_response(json.dumps(body), scope=None))
    return {"scope": ""}
