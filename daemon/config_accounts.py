"""The shapes of accounts, and of the ways to sign in to them."""

import json
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from agendad.daemon.config_values import Authority, ConfigPath, Url, Variable
from agendad.providers.graph_clouds import ANYBODY, GRAPH, LOGIN, apart, graph_of, login_of
from agendad.rules.policy import Email, Shape

GOOGLE_TOKEN_HOST = "oauth2.googleapis.com"  # noqa: S105 - a host's name


class TokenAuth(Shape):
    """A bearer token that something else renews."""

    method: Literal["token"]
    """How to sign in."""
    env: Variable
    """The environment variable that holds the token."""


class OAuthAuth(Shape):
    """Google's consent page in a browser, once."""

    method: Literal["oauth"] = "oauth"
    """How to sign in."""


class ServiceAccountAuth(Shape):
    """A Google service account, for a whole organization."""

    method: Literal["service-account"]
    """How to sign in."""
    key_file: ConfigPath
    """The JSON key that Google gave out."""
    subject: Email | None = None
    """The person to act for, with domain-wide delegation."""


class DeviceCodeAuth(Shape):
    """Microsoft's sign-in with a code, for machines without a browser."""

    method: Literal["device-code"] = "device-code"
    """How to sign in."""


class InteractiveAuth(Shape):
    """Microsoft's sign-in in a browser on this machine."""

    method: Literal["interactive"]
    """How to sign in."""


class ClientCredentialsAuth(Shape):
    """An application's own rights, for a whole organization."""

    method: Literal["client-credentials"]
    """How to sign in."""
    env: Variable
    """The environment variable that holds the client secret."""
    user: Email | None = None
    """Whose calendar; that of your first address otherwise."""


class SecretSource(Shape):
    """One place that holds a secret."""

    env: Variable | None = None
    """The environment variable that holds it."""
    keyring: bool = False
    """Read it from the desktop's keyring."""
    file: ConfigPath | None = None
    """A file that holds it and that only you can read."""
    command: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """A program and its arguments; the first line that it prints is the secret."""

    _noun: ClassVar[str] = "secret"

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        named = [key for key in ("env", "keyring", "file", "command") if getattr(self, key)]
        if len(named) > 1:
            raise ValueError(f"{' and '.join(named)} both name the {self._noun}; keep one of them")
        return self

    @property
    def named(self) -> bool:
        return bool(self.env or self.keyring or self.file or self.command)


class PasswordAuth(SecretSource):
    """An (app) password, read from one place; none named means systemd's credential (for mail: mail-password)."""

    method: Literal["password"] = "password"
    """How to sign in."""

    _noun: ClassVar[str] = "password"


class Account(Shape):
    """What every account has."""

    name: Annotated[str, Field(min_length=1)]
    """A name of your choice, for messages and commands."""

    def hosts(self) -> tuple[str, ...]:
        """The network hosts it talks to; empty for a folder."""
        return ()


class IcsAccount(Account):
    """A folder of .ics files, watched."""

    provider: Literal["ics"]
    """The kind of account."""
    path: ConfigPath
    """The folder (or one file)."""
    notify: Literal["mail", "server", "none"] = "mail"
    """Who tells the guests: agendad by mail, the server that a sync tool writes to, or nobody (an export)."""


class NetworkAccount(Account):
    """What every account on a server has."""

    on_behalf: bool = False
    """Also look after calendars of people other than you, where you are a delegate."""


class GoogleAccount(NetworkAccount):
    """Google Calendar."""

    provider: Literal["google"]
    """The kind of account."""
    calendars: Annotated[tuple[str, ...], Field(min_length=1)] = ("primary",)
    """The calendars to read: ids, or primary."""
    client_secrets: ConfigPath | None = None
    """The OAuth client's file, as downloaded from Google."""
    auth: Annotated[OAuthAuth | ServiceAccountAuth | TokenAuth, Field(discriminator="method")] = OAuthAuth()
    """How to sign in."""
    api_root: Url = "https://www.googleapis.com/calendar/v3"
    """The whole prefix of the API, for gateways and simulators."""
    gmail_root: Url = "https://gmail.googleapis.com"
    """The same for Gmail, without /gmail/v1; where mail goes out through the account."""

    @property
    def gmail_host(self) -> str:
        """Where mail goes out."""
        return _host(self.gmail_root)

    def hosts(self) -> tuple[str, ...]:
        token_only = isinstance(self.auth, TokenAuth)  # nobody signs in
        file = self.auth.key_file if isinstance(self.auth, ServiceAccountAuth) else self.client_secrets
        signs_in_at = () if token_only or file is None else (_token_host(file),)
        return tuple(dict.fromkeys((_host(self.api_root), *signs_in_at)))


class OutlookAccount(NetworkAccount):
    """Outlook and Microsoft 365."""

    provider: Literal["outlook"]
    """The kind of account."""
    calendars: Annotated[tuple[str, ...], Field(min_length=1)] = ("default",)
    """The calendars to read: ids, or default."""
    client_id: str | None = None
    """The application's id."""
    authority: Authority = f"https://{LOGIN}/common"
    """Where to sign in; or common, organizations, consumers or a tenant's id alone. Sovereign clouds have their own."""
    auth: Annotated[
        DeviceCodeAuth | InteractiveAuth | ClientCredentialsAuth | TokenAuth, Field(discriminator="method")
    ] = DeviceCodeAuth()
    """How to sign in."""
    api_root: Url = f"https://{GRAPH}/v1.0"
    """The whole prefix of the API, for gateways and simulators; otherwise that of the authority's cloud."""

    @model_validator(mode="before")
    @classmethod
    def _of_one_cloud(cls, value: Any) -> Any:  # what YAML holds
        """Of `authority` and `api_root`, the one that is given says which cloud it is."""
        if not isinstance(value, dict):
            return value
        authority, api_root = value.get("authority"), value.get("api_root")
        graph = graph_of(_host(authority)) if isinstance(authority, str) and api_root is None else None
        login = login_of(_host(api_root)) if isinstance(api_root, str) and authority is None else None
        if graph is not None:
            return {**value, "api_root": f"https://{graph}/v1.0"}
        return {**value, "authority": f"https://{login}/organizations"} if login not in (None, LOGIN) else value

    @model_validator(mode="after")
    def _at_its_own_place(self) -> Self:
        login, graph = _host(self.authority), _host(self.api_root)
        if apart(login, graph):
            raise ValueError(f"{graph} is not in the cloud of {login}; leave out `api_root`, or correct `authority`")
        if isinstance(self.auth, ClientCredentialsAuth) and self.tenant in ANYBODY:
            raise ValueError(
                f"an application's own rights are in one organization, and the authority says {self.tenant}; write"
                " its tenant's id or domain, like authority: example.onmicrosoft.com"
            )
        return self

    @property
    def tenant(self) -> str:
        """The last part of the authority."""
        return self.authority.rpartition("/")[2].lower()

    def hosts(self) -> tuple[str, ...]:
        token_only = isinstance(self.auth, TokenAuth)  # nobody signs in
        return (_host(self.api_root),) if token_only else (_host(self.api_root), _host(self.authority))


class CaldavAccount(NetworkAccount):
    """A CalDAV server: iCloud, Fastmail, Nextcloud, Posteo, a university's, your own."""

    provider: Literal["caldav"]
    """The kind of account."""
    url: Url
    """The server, the calendar home, or one calendar (docs/caldav.md)."""
    username: Annotated[str, Field(min_length=1)] | None = None
    """The user name there; your first address otherwise."""
    calendars: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)] | None = None
    """The calendars to read: names, paths or addresses; all that are yours otherwise."""
    auth: Annotated[PasswordAuth | TokenAuth, Field(discriminator="method")] = PasswordAuth()
    """How to sign in."""

    @model_validator(mode="after")
    def _on_one_server(self) -> Self:
        for calendar in self.calendars or ():
            if "://" in calendar and _origin(calendar) != _origin(self.url):
                raise ValueError(
                    f"the calendar {calendar} is on another server than `url`; give that server an account of its own"
                )
        if self.username is not None and ":" in self.username:
            raise ValueError("a user name holds no colon (RFC 7617)")
        return self

    def hosts(self) -> tuple[str, ...]:
        return (_host(self.url),)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", url, None
    return parts.scheme, parts.hostname or "", port


def _token_host(file: Path) -> str:
    """The host that gives out tokens, as a file of Google's names it; Google's own where it cannot be told."""
    try:
        content = json.loads(file.read_bytes())
        return _host(content.get("installed", content)["token_uri"]) or GOOGLE_TOKEN_HOST
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return GOOGLE_TOKEN_HOST


AnyAccount = Annotated[IcsAccount | GoogleAccount | OutlookAccount | CaldavAccount, Field(discriminator="provider")]
