"""Tokens and what they are good for. They live on the simulator's clock."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .errors import IdentityError
from .store import same

ACCESS_LIFETIME = timedelta(seconds=4199)
"""Between 60 and 90 minutes, as it comes."""
REFRESH_LIFETIME = timedelta(days=90)
RESOURCE = "https://graph.microsoft.com/"
RESERVED = {"openid", "profile", "email", "offline_access"}
SCOPES = {
    "Calendars.ReadBasic",
    "Calendars.Read",
    "Calendars.ReadWrite",
    "Calendars.Read.Shared",
    "Calendars.ReadWrite.Shared",
    "Mail.ReadBasic",
    "Mail.Read",
    "Mail.ReadWrite",
    "Mail.Send",
    "MailboxSettings.Read",
    "MailboxSettings.ReadWrite",
    "User.Read",
    "User.ReadBasic.All",
    "User.Read.All",
}


def short(scope: str) -> str:
    """A scope without the resource that it belongs to."""
    return scope.removeprefix(RESOURCE)


@dataclass
class Grant:
    client: str
    person: str | None
    """None for an app without a user."""
    scopes: frozenset[str] | None
    """Short names; roles, for an app; None for all."""
    expires: datetime | None = None
    state: str = "good"
    """Of a refresh token: good, used, or revoked."""


@dataclass
class Consent:
    """What the person at the browser does, and how the app and its tenant are set up."""

    person: str | None = None
    """Who signs in; None for the first one added who may."""
    deny: bool = False
    admin_required: bool = False
    """The tenant lets no user consent to the app."""
    audience: str = "any"
    """Whom the app is registered for: any, work (and school), or personal."""
    app_roles: set[str] = field(
        default_factory=lambda: {"Calendars.ReadWrite", "MailboxSettings.Read", "Mail.Send", "User.Read.All"}
    )
    """The application permissions that an administrator consented to."""
    device_interval: int = 5
    """Seconds between two polls of the device flow."""
    device_polls: int | None = None
    """After how many pending answers the person signs in; None waits for `enter_code`."""
    refresh_tokens_stay: bool = False
    """Whether one that was exchanged is good again, as is documented; otherwise its use ends it."""
    slow_down: int = 0
    """How many polls are answered with slow_down first."""


class Grants:
    def __init__(self, now: Callable[[], datetime]):
        self._now = now
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self.withdrawn: set[tuple[str, str]] = set()
        """Person and scope, short, of consents that were taken back."""
        self.to_sign_in: set[str] = set()
        """Persons whom a policy asks to sign in once more."""

    def issue(self, grant: Grant, lifetime: timedelta | None) -> str:
        token = "eyJ0eXAi." + secrets.token_urlsafe(48)
        expires = None if lifetime is None else self._now() + lifetime
        self._access[token] = Grant(grant.client, grant.person, grant.scopes, expires)
        return token

    def issue_refresh(self, client: str, person: str, scopes: frozenset[str]) -> str:
        token = "1.AX" + secrets.token_urlsafe(48)
        self._refresh[token] = Grant(client, person, scopes, self._now() + REFRESH_LIFETIME)
        return token

    def good(self, token: str) -> Grant | None:
        """What a bearer token is good for at this moment."""
        found = self._access.get(token)
        return found if found and (found.expires is None or found.expires > self._now()) else None

    def known(self, token: str) -> bool:
        return token in self._access

    def use_refresh(self, token: str, client: str) -> Grant:
        """A refresh token is good once where its use ends it, see `rotate`."""
        found = self._refresh.get(token)
        if found is None or found.client != client:
            raise IdentityError("invalid_grant", 9002313, "Invalid request. Request is malformed or invalid.")
        if found.state == "revoked":
            text = "The provided grant has expired due to it being revoked, a fresh auth token is needed."
            raise IdentityError("invalid_grant", 50173, text, suberror="bad_token")
        if found.state == "used" or (found.expires and found.expires <= self._now()):
            text = "The refresh token has expired due to inactivity, or was exchanged for another one."
            raise IdentityError("invalid_grant", 70008, text, suberror="bad_token")
        person = (found.person or "").casefold()
        if person in self.to_sign_in:
            text = "Due to a configuration change made by your administrator, you must use multi-factor authentication."
            raise IdentityError("interaction_required", 50076, text, suberror="basic_action")
        return found

    def rotate(self, token: str) -> None:
        self._refresh[token].state = "used"

    def revoke(self, person: str) -> None:
        """Sessions end: refresh tokens are revoked, access tokens refused."""
        for token in [each for each, grant in self._access.items() if same(grant.person or "", person)]:
            del self._access[token]
        for grant in self._refresh.values():
            if same(grant.person or "", person):
                grant.state = "revoked"

    def expire_access(self, person: str | None = None) -> None:
        for grant in self._access.values():
            if person is None or same(grant.person or "", person):
                grant.expires = self._now()

    def check_consent(self, person: str, scopes: frozenset[str]) -> None:
        if any((person.casefold(), scope) in self.withdrawn for scope in scopes):
            raise consent_required()


def consent_required() -> IdentityError:
    text = (
        "The user or administrator has not consented to use the application. Send an interactive authorization request."
    )
    return IdentityError("invalid_grant", 65001, text, suberror="consent_required")
