"""Signing in to Microsoft with msal: what a sign-in consists of, what it may do, and the access tokens it gives.

How a person gives the sign-in is in `graph_consent`; what a refusal means is in `graph_refusals`.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import msal

from agendad.providers.graph_http import IdentityClient, NoAnswer, NotGiven

READ = "Calendars.Read"
WRITE = "Calendars.ReadWrite"
SETTINGS = "MailboxSettings.Read"
PERSON = "User.Read"
SEND = "Mail.Send"
LOOK_UP = "Mail.Read"
RESERVED = frozenset({"openid", "profile", "email", "offline_access"})
"""Of signing in itself; msal asks for them."""
_COVERED_BY = {
    READ: {WRITE, f"{READ}.Shared", f"{WRITE}.Shared"},
    WRITE: {f"{WRITE}.Shared"},
    f"{READ}.Shared": {f"{WRITE}.Shared"},
    SETTINGS: {"MailboxSettings.ReadWrite"},
    PERSON: {"User.ReadWrite", "User.Read.All"},
    LOOK_UP: {"Mail.ReadWrite"},
}


def scopes_needed(
    writes: bool, *, sends: bool = False, looks_up: bool = False, shared: bool = False
) -> tuple[str, ...]:
    """The least that the work needs.

    Args:
        writes: some mode is approve or act.
        sends: mail goes out through the account.
        looks_up: and may be looked up there.
        shared: other people's calendars are looked after too.

    >>> scopes_needed(writes=False)
    ('Calendars.Read', 'MailboxSettings.Read', 'User.Read')
    >>> scopes_needed(writes=True, sends=True)
    ('Calendars.ReadWrite', 'MailboxSettings.Read', 'User.Read', 'Mail.Send')
    """
    calendars = WRITE if writes else READ
    mail = (*((SEND,) if sends else ()), *((LOOK_UP,) if sends and looks_up else ()))
    return (calendars, *((f"{calendars}.Shared",) if shared else ()), SETTINGS, PERSON, *mail)


def missing_scopes(granted: Iterable[str], needed: Iterable[str]) -> tuple[str, ...]:
    """What is needed and neither granted itself nor covered by something wider.

    >>> missing_scopes([WRITE, SETTINGS], scopes_needed(writes=False))
    ('User.Read',)
    """
    have = set(granted)
    return tuple(scope for scope in needed if not have & {scope, *_COVERED_BY.get(scope, ())})


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The program as Microsoft knows it, and where."""

    client_id: str
    authority: str
    """Where to sign in, with a tenant or one of common, organizations, consumers."""
    resource: str
    """What permissions begin with; see `agendad.providers.graph_clouds.resource`."""

    def scope(self, name: str) -> str:
        """A permission's whole name."""
        return f"{self.resource}/{name}"

    def short(self, scope: str) -> str:
        """The inverse of `scope`."""
        return scope.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrosoftToken:
    """A person's sign-in. Times are aware UTC."""

    cache: str = field(repr=False)
    """msal's own, with the refresh token."""
    scopes: tuple[str, ...]
    """What was granted, by short names."""
    client_id: str
    authority: str
    obtained_at: datetime
    """When the person signed in."""
    address: str | None = None
    """The Microsoft account, where it is known."""
    keeps_message_ids: bool = False
    """A mail that was sent through it has been found by its Message-ID: so others can be."""

    def to_json(self) -> dict[str, Any]:
        """As JSON, secrets included."""
        return {**asdict(self), "scopes": list(self.scopes), "obtained_at": self.obtained_at.isoformat()}

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`. Keys that this version does not know are left out.

        Raises:
            ValueError: it is something else.
        """
        try:
            texts = {name: shape[name] for name in ("cache", "client_id", "authority")}
            obtained_at, scopes = datetime.fromisoformat(shape["obtained_at"]).astimezone(UTC), tuple(shape["scopes"])
            whole = isinstance(json.loads(texts["cache"]), dict)
        except (LookupError, TypeError, ValueError):
            raise ValueError("this is no sign-in to Microsoft") from None
        if not whole or not all(isinstance(text, str) for text in (*texts.values(), *scopes)):
            raise ValueError("this is no sign-in to Microsoft")
        return cls(
            **texts,
            scopes=scopes,
            obtained_at=obtained_at,
            address=shape.get("address"),
            keeps_message_ids=shape.get("keeps_message_ids") is True,
        )


@dataclass(frozen=True, slots=True)
class Access:
    """An access token."""

    token: str = field(repr=False)
    seconds: float
    """How long it lives from now on."""


class NobodySignedIn(Exception):
    """The stored sign-in is for another application or another place, or holds nobody."""


class Person:
    """msal for a person. It is asked for what it needs of the network when that is first needed, not before."""

    def __init__(self, registration: Registration, cache: str = "") -> None:
        """`cache`: of an earlier sign-in."""
        self.registration = registration
        self.client = IdentityClient(registration.authority)
        self._cache = msal.SerializableTokenCache()
        self._cache.deserialize(cache)
        self._app: Any = None

    @property
    def changed(self) -> bool:
        """Whether the cache is to be stored anew."""
        return bool(self._cache.has_state_changed)

    def cache(self) -> str:
        """As it is to be stored."""
        return str(self._cache.serialize())

    def take_up(self, cache: str) -> None:
        """Go on with what another process has stored meanwhile."""
        self._cache.deserialize(cache)

    def renewable(self) -> bool:
        """Whether the sign-in outlives its access token."""
        return any(self._cache.search(msal.TokenCache.CredentialType.REFRESH_TOKEN))

    @property
    def app(self) -> Any:
        """The application, as msal has it. Making it asks the platform where its endpoints are.

        Raises:
            NoAnswer, NotGiven: it cannot be made now.
        """
        if self._app is None:
            with asking():
                self._app = msal.PublicClientApplication(
                    self.registration.client_id,
                    authority=self.client.authority,
                    token_cache=self._cache,
                    http_client=self.client,
                    instance_discovery=False,  # the configuration names the host: nobody else is asked about it
                )
        return self._app

    def access(self, scopes: Iterable[str], *, anew: bool = False, claims: str | None = None) -> Access:
        """An access token for the person who has signed in.

        Args:
            scopes: short names, of what was granted.
            anew: not the one that is at hand.
            claims: what Graph asks of the token, from its refusal.

        Raises:
            NobodySignedIn, NotGiven, NoAnswer: there is none.
        """
        app = self.app
        with asking():
            accounts = app.get_accounts()
            names = [self.registration.scope(name) for name in scopes]
            answer = app.acquire_token_silent_with_error(
                names, accounts[0] if accounts else None, force_refresh=anew, claims_challenge=claims
            )
        if answer is None:
            raise NobodySignedIn
        return access_in(answer)


class Service:
    """msal for an application of its own rights. Nothing of it is stored."""

    def __init__(self, registration: Registration, secret: str) -> None:
        self.registration = registration
        self.client = IdentityClient(registration.authority)
        self._secret = secret
        self._app: Any = None

    def access(self, *, anew: bool = False, claims: str | None = None) -> Access:
        """An access token for the application.

        Raises:
            NotGiven, NoAnswer: there is none.
        """
        with asking():
            if self._app is None:
                self._app = msal.ConfidentialClientApplication(
                    self.registration.client_id,
                    client_credential=self._secret,
                    authority=self.client.authority,
                    http_client=self.client,
                    instance_discovery=False,
                    azure_region=False,
                )
            if anew:
                self._app.remove_tokens_for_client()
            scope = self.registration.scope(".default")
            answer = self._app.acquire_token_for_client([scope], claims_challenge=claims)
        return access_in(answer or {})


def access_in(answer: Mapping[str, Any]) -> Access:
    """The access token in an answer of msal's.

    Raises:
        NotGiven: the answer is a refusal.
        NoAnswer: it is none at all.
    """
    if answer.get("error"):
        raise NotGiven(answer)
    token, lives = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not token:
        raise NoAnswer("its answer holds no token")
    return Access(token, float(lives) if isinstance(lives, int | float) else 0.0)


@contextmanager
def asking() -> Iterator[None]:
    """What msal is told, it takes for well-formed: where that is not so, there was no answer."""
    try:
        yield
    except (NoAnswer, NotGiven):
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RuntimeError, OverflowError) as error:
        # their texts may quote it
        raise NoAnswer(f"its answer cannot be read ({type(error).__name__})") from None


def claims_in(www_authenticate: str | None) -> str | None:
    """What Graph asks of a token, from the WWW-Authenticate of its refusal; None where it asks for nothing.

    Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge.

    >>> claims_in('Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="')
    '{"access_token":{}}'
    """
    _, found, rest = (www_authenticate or "").partition('claims="')
    coded = rest.partition('"')[0]
    if not found:
        return None
    try:
        claims = urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
        return claims if isinstance(json.loads(claims), dict) else None
    except ValueError:
        return None


def roles_in(token: str) -> frozenset[str]:
    """What an application may do, as its access token says; empty where that cannot be read."""
    try:
        part = token.split(".")[1]
        claims = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return frozenset(role for role in claims["roles"] if isinstance(role, str))
    except (ValueError, LookupError, TypeError):
        return frozenset()
