"""Google's OAuth endpoints: consent, tokens, revocation, service accounts.

Tokens live on the simulator's clock. The iat and exp of an assertion are held against each other only, since the
client takes them from the real clock.
"""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from .errors import OAuthError
from .store import Fields, Store

CLIENT_ID = "1234567890-simulated.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-simulated"  # noqa: S105 -- opens nothing but the simulator
AUDIENCES = ("/token", "https://oauth2.googleapis.com/token")
"""For whom an assertion may be: google-auth always names Google's own endpoint."""
LIFETIME = timedelta(seconds=3599)
TESTING_LIFETIME = timedelta(days=7)
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_AUTH_PARAMETERS = {
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "access_type",
    "prompt",
    "login_hint",
    "include_granted_scopes",
    "hl",
}


@dataclass
class Consent:
    """What the person at the browser does with the consent screen."""

    person: str | None = None
    """Who signs in; None for the first one added."""
    deny: bool = False
    granted: set[str] | None = None
    """The scopes left ticked; None for all that are asked for."""
    testing: bool = False
    """The app's publishing status is 'Testing': refresh tokens die after seven days."""


@dataclass
class Grant:
    person: str
    scopes: frozenset[str] | None
    """None for all."""
    expires: datetime | None = None


@dataclass
class _Code:
    grant: Grant
    redirect_uri: str
    challenge: str
    offline: bool
    testing: bool


@dataclass
class _ServiceAccount:
    key: RSAPublicKey
    delegated_to: frozenset[str] = field(default_factory=frozenset)


def _revoked() -> OAuthError:
    return OAuthError(400, "invalid_grant", "Token has been expired or revoked.")


def _refused(description: str) -> OAuthError:
    return OAuthError(400, "invalid_request", description)


class OAuth:
    def __init__(self, store: Store, note: Callable[[str], None], root: Callable[[], str]):
        self._store, self._note, self._root = store, note, root
        self.consent = Consent()
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._service_accounts: dict[str, _ServiceAccount] = {}

    # For the tests and for the API

    def issue(self, person: str, scopes: frozenset[str] | None, lifetime: timedelta | None) -> str:
        token = "ya29." + secrets.token_urlsafe(24)
        self._access[token] = Grant(person, scopes, self._store.now() + lifetime if lifetime is not None else None)
        return token

    def grant(self, token: str) -> Grant | None:
        """What a bearer token is good for at this moment."""
        found = self._access.get(token)
        return found if found and not self._expired(found) else None

    def revoke_person(self, person: str) -> None:
        for tokens in (self._access, self._refresh):
            for token in [each for each, grant in tokens.items() if grant.person.casefold() == person.casefold()]:
                del tokens[token]

    def expire_access(self, person: str) -> None:
        """Access tokens end now; refresh tokens stay."""
        for grant in self._access.values():
            if grant.person.casefold() == person.casefold():
                grant.expires = self._store.now()

    def add_service_account(self, email: str, key: RSAPublicKey, delegated_to: frozenset[str]) -> None:
        self._service_accounts[email] = _ServiceAccount(key, delegated_to)

    # /o/oauth2/auth

    def authorize(self, query: Mapping[str, list[str]]) -> str:
        """Where the browser is sent: the redirect_uri with a code, or with access_denied."""
        given = {name: values[0] for name, values in query.items()}
        self._check_request(given)
        asked = set(given["scope"].split())
        back = {"state": given["state"]} if "state" in given else {}
        if self.consent.deny:
            return f"{given['redirect_uri']}?{urlencode({'error': 'access_denied', **back})}"
        scopes = asked if self.consent.granted is None else asked & set(self.consent.granted)
        person = self.consent.person or next(each.email for each in self._store.people.values())
        code = "4/0" + secrets.token_urlsafe(24)
        self._codes[code] = _Code(
            Grant(person, frozenset(scopes)),
            given["redirect_uri"],
            given["code_challenge"],
            offline=given.get("access_type") == "offline",
            testing=self.consent.testing,
        )
        return f"{given['redirect_uri']}?{urlencode({**back, 'code': code, 'scope': ' '.join(sorted(scopes))})}"

    def _check_request(self, given: Mapping[str, str]) -> None:
        faults = [f"unknown parameter {name}" for name in given if name not in _AUTH_PARAMETERS]
        if given.get("response_type") != "code":
            faults.append("response_type is not code")
        if given.get("client_id") != CLIENT_ID:
            faults.append("unknown client_id")
        target = urlsplit(given.get("redirect_uri", ""))
        if target.scheme != "http" or target.hostname not in {"localhost", "127.0.0.1", "::1"} or not target.port:
            faults.append("redirect_uri is not on loopback")
        if not given.get("scope", "").strip():
            faults.append("no scope")
        if given.get("code_challenge_method") != "S256" or not re.fullmatch(
            r"[\w-]{43}", given.get("code_challenge", ""), re.ASCII
        ):
            faults.append("no code_challenge of S256")
        if given.get("access_type", "online") not in {"online", "offline"}:
            faults.append("access_type is neither online nor offline")
        if "state" not in given:
            faults.append("no state")
        if faults:
            self._note(f"oauth: {'; '.join(faults)}")
            raise _refused("; ".join(faults))

    # /token and /revoke

    def token(self, form: Mapping[str, str]) -> Fields:
        kind = form.get("grant_type")
        if kind == JWT_BEARER:
            return self._from_assertion(form)
        if form.get("client_id") != CLIENT_ID or form.get("client_secret") != CLIENT_SECRET:
            raise OAuthError(401, "invalid_client", "The OAuth client was not found.")
        if kind == "authorization_code":
            return self._from_code(form)
        if kind == "refresh_token":
            return self._from_refresh(form)
        self._note(f"oauth: grant_type {kind!r}")
        raise OAuthError(400, "unsupported_grant_type", f"Invalid grant_type: {kind}")

    def revoke(self, form: Mapping[str, str]) -> None:
        """Revoking either token ends the person's whole grant."""
        token = form.get("token", "")
        found = self._access.get(token) or self._refresh.get(token)
        if found is None:
            raise OAuthError(400, "invalid_token", "Token expired or revoked")
        self.revoke_person(found.person)

    def _from_code(self, form: Mapping[str, str]) -> Fields:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None:
            raise OAuthError(400, "invalid_grant", "Malformed auth code.")
        if form.get("redirect_uri") != code.redirect_uri:
            raise OAuthError(400, "redirect_uri_mismatch", "Bad Request")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != code.challenge:
            self._note("oauth: the code_verifier does not fit the code_challenge")
            raise OAuthError(400, "invalid_grant", "Invalid code verifier.")
        answer = self._answer(code.grant.person, code.grant.scopes or frozenset())
        if code.offline:
            until = self._store.now() + TESTING_LIFETIME if code.testing else None
            refresh = "1//0" + secrets.token_urlsafe(24)
            self._refresh[refresh] = Grant(code.grant.person, code.grant.scopes, until)
            answer["refresh_token"] = refresh
            if code.testing:
                answer["refresh_token_expires_in"] = 604799
        return answer

    def _from_refresh(self, form: Mapping[str, str]) -> Fields:
        found = self._refresh.get(form.get("refresh_token", ""))
        if found is None or self._expired(found):
            raise _revoked()
        scopes = found.scopes or frozenset()
        asked = frozenset(form["scope"].split()) if form.get("scope") else scopes
        if not asked <= scopes:
            raise OAuthError(400, "invalid_scope", "Some requested scopes were not granted.")
        return self._answer(found.person, asked)

    def _answer(self, person: str, scopes: frozenset[str]) -> Fields:
        return {
            "access_token": self.issue(person, scopes, LIFETIME),
            "expires_in": int(LIFETIME.total_seconds()),
            "scope": " ".join(sorted(scopes)),
            "token_type": "Bearer",
        }

    def _expired(self, grant: Grant) -> bool:
        return grant.expires is not None and grant.expires <= self._store.now()

    # Service accounts

    def _from_assertion(self, form: Mapping[str, str]) -> Fields:
        claims = self._claims(form.get("assertion", ""))
        account = self._service_accounts[claims["iss"]]
        if claims.get("aud") not in {self._root() + AUDIENCES[0], AUDIENCES[1]}:
            raise OAuthError(400, "invalid_grant", "Invalid JWT: aud is not the token endpoint.")
        if not 0 < claims.get("exp", 0) - claims.get("iat", 0) <= 3600:
            raise OAuthError(400, "invalid_grant", "Invalid JWT: iat and exp must be at most an hour apart.")
        scopes = frozenset(claims.get("scope", "").split())
        if not scopes:
            raise OAuthError(400, "invalid_scope", "Empty or missing scope not allowed.")
        subject = claims.get("sub") or claims["iss"]
        if subject != claims["iss"] and subject.casefold() not in account.delegated_to:
            raise OAuthError(
                401,
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any "
                "of the scopes requested.",
            )
        answer = self._answer(subject, scopes)
        del answer["scope"]
        return answer

    def _claims(self, assertion: str) -> Fields:
        """The claims of an assertion that its account signed with RS256."""
        try:
            signed, _, signature = assertion.rpartition(".")
            header, claims = (json.loads(_unpadded(part)) for part in signed.split("."))
            account = self._service_accounts[claims["iss"]]
            if header.get("alg") != "RS256":
                raise InvalidSignature  # noqa: TRY301 -- one answer for all that is wrong with it
            account.key.verify(_unpadded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        except KeyError as unknown:
            raise OAuthError(400, "invalid_grant", "Invalid grant: account not found") from unknown
        except (ValueError, InvalidSignature) as fault:
            raise OAuthError(400, "invalid_grant", "Invalid JWT Signature.") from fault
        return claims


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
