"""Signing in to Google: what a sign-in consists of, what it may do, and the credentials that calls are made with.

How a person gives the sign-in is in `google_consent`; what a refusal means is in `google_refusals`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, Self
from urllib.parse import urlsplit

import google.auth.credentials
import google.oauth2.credentials
import google.oauth2.service_account
from google.auth.exceptions import RefreshError, TransportError

from agendad.providers.errors import SignInNeeded
from agendad.providers.hosts import on_this_machine

_PREFIX = "https://www.googleapis.com/auth/"
EVERYTHING = f"{_PREFIX}calendar"
EVENTS = f"{_PREFIX}calendar.events"
EVENTS_READ = f"{_PREFIX}calendar.events.readonly"
FREEBUSY = f"{_PREFIX}calendar.freebusy"
CALENDARS_READ = f"{_PREFIX}calendar.calendars.readonly"
GMAIL_SEND = f"{_PREFIX}gmail.send"
GMAIL_READ = f"{_PREFIX}gmail.readonly"
_READ_EVERYTHING = f"{_PREFIX}calendar.readonly"
_ALL_MAIL = {f"{_PREFIX}gmail.modify", "https://mail.google.com/"}

SCOPES = {
    EVENTS: "View and edit events on all your calendars",
    EVENTS_READ: "View events on all your calendars",
    FREEBUSY: "View your availability in your calendars",
    CALENDARS_READ: "See the title, description, default time zone, and other properties of Google calendars",
    GMAIL_SEND: "Send email on your behalf",
    GMAIL_READ: "View your email messages and settings",
}
"""What agendad asks for, each with the text of its box on Google's page."""

_COVERED_BY = {
    EVENTS: {EVERYTHING},
    EVENTS_READ: {EVENTS, _READ_EVERYTHING, EVERYTHING},
    FREEBUSY: {f"{_PREFIX}calendar.events.freebusy", _READ_EVERYTHING, EVERYTHING},
    CALENDARS_READ: {f"{_PREFIX}calendar.calendars", _READ_EVERYTHING, EVERYTHING},
    GMAIL_SEND: {f"{_PREFIX}gmail.compose", *_ALL_MAIL},
    GMAIL_READ: _ALL_MAIL,
}


def scopes_needed(writes: bool, *, sends: bool = False, looks_up: bool = False) -> tuple[str, ...]:
    """The least that the work needs.

    Args:
        writes: some mode is approve or act.
        sends: mail goes out through the account.
        looks_up: and may be looked up there.
    """
    mail = (*((GMAIL_SEND,) if sends else ()), *((GMAIL_READ,) if sends and looks_up else ()))
    return (EVENTS if writes else EVENTS_READ, FREEBUSY, CALENDARS_READ, *mail)


def missing_scopes(granted: Iterable[str], needed: Iterable[str]) -> tuple[str, ...]:
    """What is needed and neither granted itself nor covered by something wider.

    >>> missing_scopes([EVENTS], scopes_needed(writes=False)) == (FREEBUSY, CALENDARS_READ)
    True
    >>> missing_scopes([EVERYTHING], scopes_needed(writes=True))
    ()
    """
    have = set(granted)
    return tuple(scope for scope in needed if not have & {scope, *_COVERED_BY.get(scope, ())})


class CredentialFileWrong(SignInNeeded):
    """A file that Google gave out for signing in is missing, damaged or of another kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleToken:
    """A person's sign-in. Times are aware UTC."""

    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    expiry: datetime | None
    """Of the access token."""
    scopes: tuple[str, ...]
    """What was granted."""
    client_id: str
    client_secret: str = field(repr=False)
    token_uri: str
    obtained_at: datetime
    """When the person signed in."""
    refresh_expires_at: datetime | None = None
    """When the sign-in ends by itself; only Google apps in 'Testing' have that."""
    address: str | None = None
    """The Google account, where it is known."""
    keeps_message_ids: bool = False
    """A mail that was sent through it has been found by its Message-ID: so others can be."""

    def to_json(self) -> dict[str, Any]:
        """As JSON, secrets included."""
        times = ("expiry", "obtained_at", "refresh_expires_at")
        shape = asdict(self)
        shape |= {name: shape[name].isoformat() for name in times if shape[name] is not None}
        return {**shape, "scopes": list(self.scopes)}

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`. Keys that this version does not know are left out.

        Raises:
            ValueError: it is something else.
        """
        names = ("refresh_token", "access_token", "client_id", "client_secret", "token_uri")
        try:
            texts = {name: shape[name] for name in names}
            obtained_at, scopes = _instant(shape["obtained_at"]), tuple(shape["scopes"])
            expiry, refresh_expires_at = _instant(shape.get("expiry")), _instant(shape.get("refresh_expires_at"))
        except (LookupError, TypeError, ValueError):
            obtained_at, texts, scopes = None, {}, ()
        if obtained_at is None or not all(isinstance(text, str) for text in (*texts.values(), *scopes)):
            raise ValueError("this is no sign-in to Google")
        return cls(
            **texts,
            scopes=scopes,
            obtained_at=obtained_at,
            expiry=expiry,
            refresh_expires_at=refresh_expires_at,
            address=shape.get("address"),
            keeps_message_ids=shape.get("keeps_message_ids") is True,
        )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


class Refused(RefreshError):
    """Google gave no new access token. `by`: the credentials that asked, which say how the account signs in."""

    def __init__(self, error: RefreshError, by: "Credentials") -> None:
        super().__init__(*error.args, retryable=error.retryable)
        self.by = by


@contextmanager
def _told_of(by: "Credentials") -> Iterator[None]:
    try:
        yield
    except RefreshError as error:
        raise Refused(error, by) from error
    except (TypeError, AttributeError, LookupError, ValueError, OverflowError):
        # google-auth takes any 200 for an answer
        raise TransportError("the token endpoint's answer cannot be read") from None


class SignedIn(google.oauth2.credentials.Credentials):
    """A person's sign-in at work: gets a new access token when the old one is about to end, and tells of it."""

    def __init__(self, token: GoogleToken, on_refresh: Callable[[GoogleToken], None]) -> None:
        super().__init__(
            token.access_token,
            refresh_token=token.refresh_token,
            token_uri=token.token_uri,
            client_id=token.client_id,
            client_secret=token.client_secret,
            expiry=token.expiry.astimezone(UTC).replace(tzinfo=None) if token.expiry else None,  # google-auth's way
        )
        self.signed_in = token
        self._on_refresh = on_refresh

    def refresh(self, request: Any) -> None:  # google.auth.transport.Request
        """Get a new access token and tell of it.

        Raises:
            Refused: Google gives none.
            TransportError: Google's answer cannot be read.
        """
        with _told_of(self):
            super().refresh(request)
        self.signed_in = replace(
            self.signed_in,
            access_token=str(self.token),
            refresh_token=str(self.refresh_token),
            expiry=self.expiry.replace(tzinfo=UTC) if self.expiry else None,
        )
        self._on_refresh(self.signed_in)


class ServiceAccount(google.oauth2.service_account.Credentials):
    """An organization's robot, which may act for a person (`subject`) if the organization lets it."""

    subject: str | None = None
    client_id: str = ""

    def refresh(self, request: Any) -> None:  # google.auth.transport.Request
        """Get a new access token.

        Raises:
            Refused: Google gives none.
            TransportError: Google's answer cannot be read.
        """
        with _told_of(self):
            super().refresh(request)


class Bearer(google.auth.credentials.Credentials):
    """An access token that something else renews."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token

    def refresh(self, request: Any) -> NoReturn:  # google.auth.transport.Request
        """Called where Google does not take the token.

        Raises:
            Refused: always; there is nothing to renew it with.
        """
        del request
        raise Refused(RefreshError("invalid_token: the token was refused"), self)


Credentials = SignedIn | ServiceAccount | Bearer


def credentials(token: GoogleToken, on_refresh: Callable[[GoogleToken], None]) -> SignedIn:
    """Credentials for calls; nothing is asked of Google before the first call.

    Args:
        token: the stored sign-in.
        on_refresh: is given what a refresh changed, so that it can be stored.

    Raises:
        SignInNeeded: the sign-in names a token endpoint that would be reached without encryption.
    """
    check_token_uri(token.token_uri, "The stored sign-in")
    return SignedIn(token, on_refresh)


def bearer(token: str) -> Bearer:
    """Credentials that never try to renew themselves."""
    return Bearer(token)


def service_account_credentials(key_file: Path, scopes: Iterable[str], subject: str | None) -> ServiceAccount:
    """Credentials of a service account; nothing is asked of Google before the first call.

    Args:
        key_file: the JSON key, as downloaded.
        scopes: what is asked for.
        subject: the person to act for, None for the service account itself.

    Raises:
        CredentialFileWrong: the file is missing or no service account's key.
    """
    content = read_credential_file(key_file)
    if content.get("type") != "service_account":
        raise wrong_file(key_file, "is no service account's key", "Give the key that Google gave out as JSON.")
    check_token_uri(content.get("token_uri"), str(key_file))
    try:
        made = ServiceAccount.from_service_account_info(content, scopes=list(scopes), subject=subject)
    except (ValueError, TypeError, LookupError, AttributeError):  # what they say may quote the key
        raise wrong_file(key_file, "is damaged", "Make a new key in the Google Cloud console.") from None
    if not isinstance(made, ServiceAccount):
        raise TypeError(type(made))
    made.subject, made.client_id = subject, str(content.get("client_id", ""))
    return made


def read_credential_file(path: Path) -> dict[str, Any]:
    """A JSON file that Google gave out.

    Raises:
        CredentialFileWrong: it cannot be read or is no JSON object.
    """
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise wrong_file(path, f"could not be read: {error.strerror}", "Put it there, or correct the path.") from error
    except ValueError:  # the cause would quote the file
        raise wrong_file(path, "is no JSON", "Download it again from the Google Cloud console.") from None
    if not isinstance(content, dict):
        raise wrong_file(path, "is no file of Google's", "Download it again from the Google Cloud console.")
    return content


def wrong_file(path: Path, what: str, next_step: str) -> CredentialFileWrong:
    return CredentialFileWrong(f"{path} {what}.", not_done="Nobody was signed in.", next_step=next_step)


def check_token_uri(uri: object, where: str) -> None:
    """Secrets go to https, or to this machine.

    Raises:
        CredentialFileWrong: they would go elsewhere.
    """
    parts = urlsplit("")
    if isinstance(uri, str):
        with suppress(ValueError):
            parts = urlsplit(uri)
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and on_this_machine(parts.hostname))):
        return
    raise CredentialFileWrong(
        f"{where} names no https address to get tokens from (token_uri).",
        not_done="Nobody was signed in.",
        next_step="Download the file again from the Google Cloud console.",
    )
