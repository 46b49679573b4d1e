"""The shapes of the daemon's own sections, and of the whole configuration file.

People, mentorships, detection and limits come from `agendad.rules.policy`; the `rules` section is put
together from the registered rules, so that a new rule's options are known here without a change.
"""

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    create_model,
    field_validator,
    model_validator,
)

from agendad.rules.base import registered
from agendad.rules.engine import load_builtin
from agendad.rules.policy import (
    DetectionOptions,
    Email,
    Limits,
    Mentorship,
    MentorshipShape,
    Mode,
    Party,
    Person,
    Policy,
    RuleOptions,
    Shape,
    Someone,
    Weekday,
)
from agendad.rules.units import Clock, Duration, parse_clock, parse_duration

_LOOPBACK_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
MAIL_CREDENTIAL = "mail-password"
KEY_CREDENTIAL = "agendad-key"
GOOGLE_TOKEN_HOST = "oauth2.googleapis.com"  # noqa: S105 - a host's name
_WORKDAYS = (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI)


def is_loopback(host: str) -> bool:
    """True for this machine itself: 127.0.0.0/8, ::1, localhost.

    >>> [is_loopback(host) for host in ("127.0.0.2", "[::1]", "localhost", "mail.example.org", "127.1.evil.org")]
    [True, True, True, False, False]
    """
    name = host.strip("[]").lower().rstrip(".")
    if name in _LOOPBACK_NAMES:
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _path(value: Path, info: ValidationInfo) -> Path:
    try:
        expanded = value.expanduser()
    except RuntimeError:
        raise ValueError(f"{value} names a home folder that cannot be found; write the whole path") from None
    folder = (info.context or {}).get("folder")
    return folder / expanded if isinstance(folder, Path) else expanded


ConfigPath = Annotated[Path, AfterValidator(_path), WithJsonSchema({"type": "string", "minLength": 1})]
"""A path; `~` is the home folder, and a relative one starts from the configuration file's folder."""


def credential(name: str, environ: Mapping[str, str]) -> Path | None:
    """The file of a credential that systemd hands to the service (`LoadCredential=`); None where there is none."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder) / name if folder else None
    return path if path is not None and path.is_file() else None


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError:
        raise ValueError("this is no URL; write it like https://host/path") from None
    if parts.scheme not in ("https", "http") or not host or any(char.isspace() for char in value):
        raise ValueError("this is no URL; write it like https://host/path")
    if parts.username or parts.password:
        raise ValueError("a URL here holds no user name and no password; write `username`, and keep the rest out")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("plain http goes to this machine only (localhost); use https")
    return value.rstrip("/")


Url = Annotated[str, AfterValidator(_url), WithJsonSchema({"type": "string", "format": "uri"})]
"""https, or http to loopback."""


def _variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value):  # it may be the secret itself: never quoted
        raise ValueError("this is no name of an environment variable; the secret itself never goes in this file")
    return value


Variable = Annotated[str, AfterValidator(_variable)]


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


_MANY = {"type": "array", "items": {"type": "string"}, "minItems": 1}


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
    """Whose calendar."""


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
    authority: Url = "https://login.microsoftonline.com/common"
    """Where to sign in; sovereign clouds have their own."""
    auth: Annotated[
        DeviceCodeAuth | InteractiveAuth | ClientCredentialsAuth | TokenAuth, Field(discriminator="method")
    ] = DeviceCodeAuth()
    """How to sign in."""
    api_root: Url = "https://graph.microsoft.com/v1.0"
    """The whole prefix of the API, for sovereign clouds, gateways and simulators."""

    def hosts(self) -> tuple[str, ...]:
        token_only = isinstance(self.auth, TokenAuth)  # nobody signs in
        return (_host(self.api_root),) if token_only else (_host(self.api_root), _host(self.authority))


class CaldavAccount(NetworkAccount):
    """A CalDAV server."""

    provider: Literal["caldav"]
    """The kind of account."""
    url: Url
    """The server, or the calendar home."""
    username: str | None = None
    """The user name there."""
    calendars: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """The calendars to read; all that are yours otherwise."""
    auth: Annotated[PasswordAuth | TokenAuth, Field(discriminator="method")] = PasswordAuth()
    """How to sign in."""

    def hosts(self) -> tuple[str, ...]:
        return (_host(self.url),)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _token_host(file: Path) -> str:
    """The host that gives out tokens, as a file of Google's names it; Google's own where it cannot be told."""
    try:
        content = json.loads(file.read_bytes())
        return _host(content.get("installed", content)["token_uri"]) or GOOGLE_TOKEN_HOST
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return GOOGLE_TOKEN_HOST


AnyAccount = Annotated[IcsAccount | GoogleAccount | OutlookAccount | CaldavAccount, Field(discriminator="provider")]


class Sync(Shape):
    """How often and how far to look."""

    every: Duration = parse_duration("5m")
    """How often each account is read."""
    horizon: Duration = parse_duration("60d")
    """How far ahead."""
    lookback: Duration = parse_duration("90d")
    """How far back, to learn what was held and moved."""

    @field_validator("every", "horizon")
    @classmethod
    def _some_time(cls, value: Duration) -> Duration:
        if not value:
            raise ValueError("zero is too short; write it like 5m or 60d")
        return value


class SmtpMail(Shape):
    """Mail through a server."""

    transport: Literal["smtp"]
    """How mail leaves."""
    host: Annotated[str, Field(min_length=1)]
    """The server's name."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """The server's port."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """Encryption; none is for this machine only."""
    username: Annotated[str, Field(min_length=1)] | None = None
    """The user name there, if the server asks for one."""
    auth: PasswordAuth | None = None
    """Where the password comes from; needed with a user name."""
    sender: Email | None = Field(default=None, alias="from")
    """The sender's address; the first of your own otherwise."""

    @model_validator(mode="after")
    def _encrypted(self) -> "SmtpMail":
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError("security none is for this machine only (localhost); use starttls or tls")
        return self

    @model_validator(mode="after")
    def _password_with_a_user_name(self) -> "SmtpMail":
        if self.username is None and self.auth is not None:
            raise ValueError("a password without a user name; add `username:`, or leave out `auth`")
        if self.username is not None and self.auth is None and credential(MAIL_CREDENTIAL, os.environ) is None:
            raise ValueError(
                "a user name, and no place to read its password from; add auth: {method: password, env: NAME}, or"
                " keyring: true, file: PATH or command: [PROGRAM, …] in place of env"
            )
        return self


class FileMail(Shape):
    """Mail as .eml files in a folder, for trying out."""

    transport: Literal["file"]
    """How mail leaves."""
    path: ConfigPath | None = None
    """The folder; outbox/ of the state folder otherwise."""
    sender: Email | None = Field(default=None, alias="from")
    """The sender's address; the first of your own otherwise."""


Mail = Annotated[SmtpMail | FileMail, Field(discriminator="transport")]
Reader = Literal["me"] | Email


class Summary(Shape):
    """The mail that tells you what was found and done."""

    to: Annotated[
        tuple[Reader, ...],
        Field(min_length=1),
        BeforeValidator(_one_or_many),
        WithJsonSchema({"anyOf": [{"type": "string"}, _MANY]}),
    ] = ("me",)
    """Who reads it: me, or addresses."""
    at: Clock = parse_clock("17:30")
    """When it is sent, in your zone."""
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = _WORKDAYS
    """The days it is sent on."""
    when_empty: bool = False
    """Send it also when there is nothing to tell."""


class Secrets(Shape):
    """How sign-ins are kept: each in a file of its own, encrypted, in `tokens/` of the state folder."""

    key: SecretSource | None = None
    """Where the key is that encrypts them; otherwise systemd's credential agendad-key, the keyring, or tokens/key."""


class Rules(Shape):
    """Options of each rule. The fields are those of the registered rules, see `config_model`."""

    def options(self) -> dict[str, RuleOptions]:
        """By rule name, every registered rule."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class Config(Shape):
    """The whole file."""

    version: Literal[1]
    """The version of this format."""
    mode: Mode = Mode.OBSERVE
    """How far agendad may go: observe (plan and report), approve (queue for a yes) or act."""
    sync: Sync = Sync()
    """How often and how far to look."""
    state_dir: ConfigPath | None = None
    """The folder for what agendad remembers; the platform's state folder otherwise."""
    me: Person
    """You."""
    accounts: tuple[AnyAccount, ...] = ()
    """The calendars to read."""
    mentorships: tuple[MentorshipShape, ...] = ()
    """The pairs that agendad looks after; you are in each."""
    detection: DetectionOptions = DetectionOptions()
    """What makes a meeting a mentorship session."""
    rules: Rules = Rules()
    """What a session is judged by."""
    limits: Limits = Limits()
    """What holds agendad back, whatever a rule says."""
    mail: Mail | None = None
    """How mail leaves; without it, acts that need mail are refused."""
    summary: Summary = Summary()
    """The mail that tells you what was found and done."""
    secrets: Secrets = Secrets()
    """How sign-ins are kept."""
    templates: ConfigPath | None = None
    """A folder of message templates that replace the built-in ones of the same name."""

    @model_validator(mode="before")
    @classmethod
    def _empty_sections(cls, value: Any) -> Any:  # what YAML holds
        """A section whose lines are all commented out is the same as none."""
        if not isinstance(value, dict):
            return value
        needed = ("version", "mode", "me")
        kept = {key: section for key, section in value.items() if section is not None or key in needed}
        if isinstance(kept.get("rules"), dict):
            kept["rules"] = {name: options for name, options in kept["rules"].items() if options is not None}
        return kept

    def policy(self) -> Policy:
        """What rules and plans read, with every `me` put in its place."""
        return Policy(
            me=self.me,
            mentorships=tuple(self._mentorship(shape) for shape in self.mentorships),
            detection=self.detection,
            rules=self.rules.options(),
            limits=self.limits,
            mode=self.mode,
        )

    def _mentorship(self, shape: MentorshipShape) -> Mentorship:
        return Mentorship(
            name=shape.name,
            mentor=self._person(shape.mentor),
            mentee=self._person(shape.mentee),
            my_role=Party.MENTOR if shape.mentor == "me" else Party.MENTEE,
            owner=shape.owner,
            cadence=shape.cadence,
            mode=shape.mode,
            met=shape.met,
            match=shape.match,
            series=shape.series,
        )

    def _person(self, someone: Someone) -> Person:
        return self.me if someone == "me" else someone


@cache
def rule_options() -> Mapping[str, type[RuleOptions]]:
    """The options model of every rule, by the rule's name."""
    load_builtin()
    return {rule.name: rule.Options for rule in registered()}


@cache
def config_model() -> type[Config]:
    """`Config` with the options of every registered rule in its `rules` section."""
    fields: dict[str, Any] = {name: (options, options()) for name, options in rule_options().items()}
    rules = create_model("Rules", __base__=Rules, __doc__=Rules.__doc__, **fields)
    return create_model("Config", __base__=Config, __doc__=Config.__doc__, rules=(rules, Field(default_factory=rules)))
