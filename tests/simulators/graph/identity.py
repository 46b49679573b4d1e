"""The Microsoft identity platform's endpoints, as far as msal calls them.

Discovery, authorization code with PKCE, device code, refresh tokens and client credentials. Work and school accounts
sign in at their tenant, at organizations and at common; personal ones at consumers and at common.
"""

import base64
import hashlib
import html
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from .devices import Devices
from .errors import IdentityError, RefusedSignIn
from .grants import ACCESS_LIFETIME, RESERVED, RESOURCE, SCOPES, Consent, Grant, Grants, consent_required, short
from .online import TENANT
from .store import Fields, Person, Store

HOST = "https://login.simulated.example"
CLIENT_ID = "00001111-aaaa-2222-bbbb-3333cccc4444"
CLIENT_SECRET = "simulated~secret"  # noqa: S105 -- opens nothing but the simulator
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of all personal accounts."""
DOMAIN = "simulated.onmicrosoft.example"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_REALMS = {
    "common": "common",
    "organizations": "organizations",
    "consumers": "consumers",
    CONSUMERS: "consumers",
    TENANT: "tenant",
    DOMAIN: "tenant",
}
_AUTHORIZE = {
    "client_id",
    "response_type",
    "redirect_uri",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "client_info",
    "prompt",
    "login_hint",
    "domain_hint",
    "claims",
    "max_age",
    "ui_locales",
    "X-AnchorMailbox",
}


@dataclass
class _Code:
    person: Person
    scopes: list[str]
    redirect_uri: str
    challenge: str
    nonce: str | None
    expires: datetime


class Identity:
    def __init__(self, store: Store, grants: Grants, note: Callable[[str], None]):
        self._store, self.grants, self._note = store, grants, note
        self.consent = Consent()
        self.devices = Devices(store.now, lambda: self.consent)
        self._codes: dict[str, _Code] = {}

    # Discovery

    def realm(self, tenant: str) -> str:
        if tenant.casefold() not in _REALMS:
            raise IdentityError("invalid_tenant", 90002, f"Tenant '{tenant}' not found.")
        return _REALMS[tenant.casefold()]

    def configuration(self, tenant: str) -> Fields:
        realm = self.realm(tenant)
        named = {"tenant": TENANT, "consumers": CONSUMERS}.get(realm, realm)
        base = f"{HOST}/{named}/oauth2/v2.0"
        return {
            "issuer": f"{HOST}/{'{tenantid}' if named == realm else named}/v2.0",
            "authorization_endpoint": base + "/authorize",
            "token_endpoint": base + "/token",
            "device_authorization_endpoint": base + "/devicecode",
            "jwks_uri": f"{HOST}/{named}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "msgraph_host": "graph.microsoft.com",
        }

    @staticmethod
    def instances(query: Mapping[str, str]) -> Fields:
        """What msal asks for unless it is told instance_discovery=False."""
        authority = urlsplit(query.get("authorization_endpoint", ""))
        if f"{authority.scheme}://{authority.hostname}" != HOST:
            raise IdentityError("invalid_instance", 50049, "Unknown or invalid instance.")
        tenant = authority.path.split("/")[1]
        host = urlsplit(HOST).hostname
        return {
            "tenant_discovery_endpoint": f"{HOST}/{tenant}/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        }

    # Authorization code

    def authorize(self, tenant: str, query: Mapping[str, str]) -> tuple[str, dict[str, str], bool]:
        """Where the answer goes, what it says, and whether it is posted."""
        realm = self.realm(tenant)
        self._check_authorize(query)
        back = {"state": query["state"]}
        posted = query.get("response_mode") == "form_post"
        try:
            self._check_audience(realm)
            scopes = self._scopes(query["scope"])
            person = self._who(realm, query.get("login_hint"))
            self._check_person(person, scopes)
        except IdentityError as error:
            body = error.body(self._store.now())
            return query["redirect_uri"], {**back, **{n: body[n] for n in ("error", "error_description")}}, posted
        code = "1.AX" + secrets.token_urlsafe(32)
        self._codes[code] = _Code(
            person,
            scopes,
            query["redirect_uri"],
            query["code_challenge"],
            query.get("nonce"),
            self._store.now() + timedelta(minutes=10),
        )
        self.grants.to_sign_in.discard(person.email.casefold())
        session = {"session_state": secrets.token_hex(16)}
        info = {"client_info": client_info(person)} if query.get("client_info") == "1" else {}
        return query["redirect_uri"], {**back, "code": code, **session, **info}, posted

    def _check_authorize(self, query: Mapping[str, str]) -> None:
        faults = [f"unknown parameter {name}" for name in query if name not in _AUTHORIZE]
        if query.get("response_type") != "code":
            faults.append("response_type is not code")
        if query.get("response_mode", "query") not in {"query", "form_post"}:
            faults.append("response_mode is neither query nor form_post")
        if "state" not in query:
            faults.append("no state")
        if not re.fullmatch(r"[\w-]{43}", query.get("code_challenge", ""), re.ASCII) or (
            query.get("code_challenge_method") != "S256"
        ):
            faults.append("no code_challenge of S256")
        if not query.get("scope", "").strip():
            faults.append("no scope")
        if faults:
            raise RefusedSignIn("invalid_request", 900144, "; ".join(faults))
        self._check_client(query)
        target = urlsplit(query.get("redirect_uri", ""))
        # http://localhost is what a desktop app registers, and its port is not compared; 127.0.0.1 is another address.
        if target.scheme != "http" or target.hostname != "localhost" or target.path not in {"", "/"}:
            text = f"The redirect URI '{query.get('redirect_uri')}' does not match those configured."
            raise RefusedSignIn("invalid_request", 50011, text)

    def _who(self, realm: str, hint: str | None = None) -> Person:
        """The person at the browser: a personal account only where those sign in, and the other way round."""
        wanted = self.consent.person or hint
        if wanted:
            person = self._store.person(wanted)
            if person is None:
                raise IdentityError("invalid_grant", 50034, f"The user account {wanted} does not exist.")
        else:
            person = next((each for each in self._store.people.values() if _may(each, realm)), None)
        if person is None or not _may(person, realm) or (person.personal and self.consent.audience == "work"):
            text = "User account does not exist in tenant or cannot sign in at this endpoint."
            raise IdentityError("invalid_request", 50020, text)
        return person

    def _check_person(self, person: Person, scopes: list[str]) -> None:
        if self.consent.deny:
            raise IdentityError("access_denied", 65004, "User declined to consent to access the app.")
        if self.consent.admin_required:
            text = "The grant requires admin permission. An administrator of the tenant must consent to the app."
            raise IdentityError("consent_required", 90094, text)
        for scope in scopes:
            self.grants.withdrawn.discard((person.email.casefold(), short(scope)))

    # Tokens

    def token(self, tenant: str, form: Mapping[str, str]) -> Fields:
        realm, kind = self.realm(tenant), form.get("grant_type")
        self._check_client(form)
        self._check_audience(realm)
        if kind == "authorization_code":
            return self._from_code(form)
        if kind == DEVICE_GRANT:
            device = self.devices.take(form.get("device_code", ""), realm)
            person = self._who(realm, device.person)
            if self.consent.admin_required:
                raise consent_required()
            self._check_person(person, device.scopes)
            self.grants.to_sign_in.discard(person.email.casefold())
            return self._answer(person, device.scopes, form, None)
        if kind == "refresh_token":
            return self._from_refresh(realm, form)
        if kind == "client_credentials":
            return self._for_app(realm, form)
        raise RefusedSignIn("unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{kind}'.")

    def device_code(self, tenant: str, form: Mapping[str, str]) -> Fields:
        realm = self.realm(tenant)
        self._check_client(form)
        self._check_audience(realm)
        scopes = self._scopes(form.get("scope", ""))
        if not scopes:
            raise RefusedSignIn("invalid_request", 900144, "The request body must contain the parameter 'scope'.")
        return self.devices.start(realm, scopes)

    def _from_code(self, form: Mapping[str, str]) -> Fields:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.expires <= self._store.now():
            text = "OAuth2 Authorization code was already redeemed, or has expired."
            raise IdentityError("invalid_grant", 54005, text)
        if form.get("redirect_uri") != code.redirect_uri:
            raise RefusedSignIn("invalid_grant", 500112, "The reply address does not match the one of the request.")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != code.challenge:
            raise RefusedSignIn("invalid_grant", 501481, "The Code_Verifier does not match the code_challenge.")
        return self._answer(code.person, code.scopes, form, code.nonce)

    def _from_refresh(self, realm: str, form: Mapping[str, str]) -> Fields:
        token = form.get("refresh_token", "")
        grant = self.grants.use_refresh(token, form["client_id"])
        person = self._store.person(grant.person or "")
        if person is None or not _may(person, realm):
            raise IdentityError("invalid_grant", 50020, "User account does not exist in tenant.")
        scopes = self._scopes(form.get("scope", "")) or sorted(grant.scopes or ())
        asked = {short(scope) for scope in scopes} - RESERVED
        if self.consent.admin_required or not asked <= (grant.scopes or frozenset()) | {".default"}:
            raise consent_required()
        self.grants.check_consent(person.email, frozenset(asked) - {".default"} | (grant.scopes or frozenset()))
        if not self.consent.refresh_tokens_stay:
            self.grants.rotate(token)
        keep = {"offline_access"} if "offline_access" not in scopes else set()
        return self._answer(person, [*scopes, *keep], form, None, consented=grant.scopes)

    def _for_app(self, realm: str, form: Mapping[str, str]) -> Fields:
        if realm != "tenant":
            text = "No tenant-identifying information found in the request: an app signs in at its own tenant."
            raise RefusedSignIn("invalid_request", 50059, text)
        if form.get("client_secret") != CLIENT_SECRET and not _is_assertion(form):
            text = f"Invalid client secret provided for app '{CLIENT_ID}'."
            raise IdentityError("invalid_client", 7000215, text, status=401)
        if form.get("scope") != RESOURCE + ".default":
            text = (
                f"The provided value for scope {form.get('scope')} is not valid: it must be a resource with /.default."
            )
            raise RefusedSignIn("invalid_scope", 1002012, text)
        grant = Grant(form["client_id"], None, frozenset(self.consent.app_roles))
        lifetime = int(ACCESS_LIFETIME.total_seconds())
        token = self.grants.issue(grant, ACCESS_LIFETIME)
        return {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token}

    def _answer(
        self,
        person: Person,
        scopes: list[str],
        form: Mapping[str, str],
        nonce: str | None,
        consented: frozenset[str] | None = None,
    ) -> Fields:
        granted = frozenset(short(scope) for scope in scopes) - RESERVED
        if ".default" in granted:
            granted = (consented or frozenset(SCOPES)) - RESERVED
        lifetime = int(ACCESS_LIFETIME.total_seconds())
        answer: Fields = {
            "token_type": "Bearer",
            "scope": " ".join(scope for scope in scopes if scope != "offline_access"),
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": self.grants.issue(Grant(form["client_id"], person.email, granted), ACCESS_LIFETIME),
        }
        if "offline_access" in scopes:
            every = granted | (consented or frozenset())
            answer["refresh_token"] = self.grants.issue_refresh(form["client_id"], person.email, every)
        if "openid" in scopes:
            answer["id_token"] = self._id_token(person, form["client_id"], nonce)
        if form.get("client_info") == "1":
            answer["client_info"] = client_info(person)
        return answer

    def _id_token(self, person: Person, client: str, nonce: str | None) -> str:
        """Signed with nothing: msal takes it from the token endpoint and does not verify it."""
        now = int(self._store.now().timestamp())
        claims = {
            "ver": "2.0",
            "iss": f"{HOST}/{tenant_of(person)}/v2.0",
            "sub": hashlib.sha256(person.oid.encode()).hexdigest()[:43],
            "aud": client,
            "iat": now,
            "nbf": now,
            "exp": now + int(ACCESS_LIFETIME.total_seconds()),
            "name": person.name,
            "preferred_username": person.email,
            "oid": person.oid,
            "tid": tenant_of(person),
            **({"nonce": nonce} if nonce else {}),
        }
        return ".".join((_coded({"typ": "JWT", "alg": "HS256"}), _coded(claims), "c2ltdWxhdGVk"))

    # Checks

    @staticmethod
    def _check_client(given: Mapping[str, str]) -> None:
        if given.get("client_id") != CLIENT_ID:
            text = f"Application with identifier '{given.get('client_id')}' was not found in the directory."
            raise IdentityError("unauthorized_client", 700016, text)

    def _check_audience(self, realm: str) -> None:
        if self.consent.audience == "personal" and realm != "consumers":
            text = (
                "Application is configured for use by Microsoft Account users only. Please use the /consumers endpoint."
            )
            raise IdentityError("invalid_request", 9002346, text)
        if self.consent.audience == "work" and realm == "consumers":
            text = "Application is not configured as a multi-tenant application for personal accounts."
            raise IdentityError("unauthorized_client", 9002331, text)

    @staticmethod
    def _scopes(text: str) -> list[str]:
        scopes = text.split()
        unknown = [each for each in scopes if short(each) not in SCOPES | RESERVED | {".default"}]
        if unknown or (RESOURCE + ".default" in scopes and len(set(scopes) - RESERVED) > 1):
            text = f"The provided value for the input parameter 'scope' is not valid: {' '.join(unknown) or text}"
            raise RefusedSignIn("invalid_scope", 70011, text)
        return scopes


def _may(person: Person, realm: str) -> bool:
    return realm == "common" or (realm == "consumers") == person.personal


def tenant_of(person: Person) -> str:
    return CONSUMERS if person.personal else TENANT


def client_info(person: Person) -> str:
    return _coded({"uid": person.oid, "utid": tenant_of(person)})


def form_post(target: str, fields: Mapping[str, str]) -> str:
    """The page whose form a browser sends at once."""
    inputs = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}"/>' for name, value in fields.items()
    )
    return (
        '<html><head><title>Working...</title></head><body><form method="POST" name="hiddenform" '
        f'action="{html.escape(target)}">{inputs}<noscript><input type="submit" value="Submit"/></noscript></form>'
        "<script>document.forms[0].submit();</script></body></html>"
    )


def redirect(target: str, fields: Mapping[str, str]) -> str:
    return f"{target}?{urlencode(fields)}"


def _is_assertion(form: Mapping[str, str]) -> bool:
    """A certificate's assertion for this app; its signature is not verified."""
    if form.get("client_assertion_type") != ASSERTION:
        return False
    try:
        claims = json.loads(_unpadded(form["client_assertion"].split(".")[1]))
    except (KeyError, IndexError, ValueError):
        return False
    endpoint = f"{HOST}/{TENANT}/oauth2/v2.0/token"
    return bool(claims.get("iss") == claims.get("sub") == CLIENT_ID and claims.get("aud") == endpoint)


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _coded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
