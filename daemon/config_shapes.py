"""The shapes of the daemon's own sections, and of the whole configuration file.

People, mentorships, detection and limits come from `agendad.rules.policy`; the `rules` section is put
together from the registered rules, so that a new rule's options are known here without a change.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, create_model, field_validator, model_validator

from agendad.daemon.config_accounts import (
    AnyAccount,
    CaldavAccount,
    ClientCredentialsAuth,
    DeviceCodeAuth,
    GoogleAccount,
    IcsAccount,
    NetworkAccount,
    OutlookAccount,
    SecretSource,
    ServiceAccountAuth,
    TokenAuth,
)
from agendad.daemon.config_errors import KeyPath
from agendad.daemon.config_mail import AccountMail, FileMail, GmailMail, Mail, OutlookMail, SmtpMail
from agendad.daemon.config_values import (
    KEY_CREDENTIAL,
    MAIL_CREDENTIAL,
    ConfigPath,
    Url,
    Variable,
    credential,
    is_loopback,
)
from agendad.rules.base import CUSTOM, registered
from agendad.rules.custom import CustomOptions, by_code
from agendad.rules.engine import load_rules
from agendad.rules.plugins import plugins
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

__all__ = [
    "KEY_CREDENTIAL",
    "MAIL_CREDENTIAL",
    "AccountMail",
    "AnyAccount",
    "CaldavAccount",
    "ClientCredentialsAuth",
    "Config",
    "DeviceCodeAuth",
    "FileMail",
    "GmailMail",
    "GoogleAccount",
    "IcsAccount",
    "NetworkAccount",
    "OutlookAccount",
    "OutlookMail",
    "SecretSource",
    "ServiceAccountAuth",
    "SmtpMail",
    "Sync",
    "TokenAuth",
    "config_model",
    "credential",
    "is_loopback",
    "rule_options",
]

_WORKDAYS = (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI)


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


_MANY = {"type": "array", "items": {"type": "string"}, "minItems": 1}


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


class Metrics(Shape):
    """Figures for Prometheus, on this machine only."""

    port: Annotated[int, Field(ge=1, le=65535)]
    """Where 127.0.0.1 answers: http://127.0.0.1:PORT/metrics."""


class Heartbeat(Shape):
    """A sign of life after each pass, to a monitoring service such as healthchecks.io."""

    url: Url | None = None
    """Asked for after a pass that went well; with /fail behind it after one that did not."""
    env: Variable | None = None
    """The name of an environment variable that holds the URL, as it is as good as a password."""

    @model_validator(mode="after")
    def _one(self) -> "Heartbeat":
        if (self.url is None) == (self.env is None):
            raise ValueError("name the URL in `url`, or in `env` the variable that holds it")
        return self


class Secrets(Shape):
    """How sign-ins are kept: each in a file of its own, encrypted, in `tokens/` of the state folder."""

    key: SecretSource | None = None
    """Where the key is that encrypts them; otherwise systemd's credential agendad-key, the keyring, or tokens/key."""


class Rules(Shape):
    """Options of each rule. The other fields are those of the registered rules, see `config_model`."""

    custom: tuple[CustomOptions, ...] = ()
    """Rules of your own: see own-rules.md."""

    def options(self) -> dict[str, RuleOptions]:
        """As `Policy.rules` has them."""
        fields = type(self).model_fields.items()
        named = {info.alias or name: getattr(self, name) for name, info in fields if name != CUSTOM}
        return {**named, **by_code(self.custom)}

    def place(self, rule: str) -> KeyPath:
        """Where the options of one of `options` stand in the file."""
        codes = [one.code for one in self.custom]
        return ("rules", CUSTOM, codes.index(rule)) if rule in codes else ("rules", rule)


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
    metrics: Metrics | None = None
    """Figures for Prometheus; none without it."""
    heartbeat: Heartbeat | None = None
    """A sign of life after each pass; none without it."""
    agendas: ConfigPath | None = None
    """A folder of agendas that you write: what stands in `MENTORSHIP/2026-12-01.md` is put into that day's invite."""
    templates: ConfigPath | None = None
    """A folder of message templates that replace the built-in ones of the same name."""
    notes: ConfigPath | None = None
    """A folder of your own notes, one Markdown file a mentorship; none are kept without it."""

    @model_validator(mode="before")
    @classmethod
    def _empty_sections(cls, value: Any) -> Any:  # what YAML holds
        """A section whose lines are all commented out is the same as none."""
        if not isinstance(value, dict):
            return value
        needed = ("version", "mode", "me")
        kept = {key: section for key, section in value.items() if section is not None or key in needed}
        if isinstance(kept.get("rules"), dict):
            absent = {plugin.name for plugin in plugins() if plugin.fault}  # which is told of: see config_checks
            kept["rules"] = {
                name: options for name, options in kept["rules"].items() if options is not None and name not in absent
            }
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
    load_rules()
    return {rule.name: rule.Options for rule in registered()}


@cache
def config_model() -> type[Config]:
    """`Config` with the options of every registered rule in its `rules` section."""
    fields: dict[str, Any] = {
        name.replace("-", "_"): (options, Field(options(), alias=name if "-" in name else None))
        for name, options in rule_options().items()
    }
    rules = create_model("Rules", __base__=Rules, __doc__=Rules.__doc__, **fields)
    return create_model("Config", __base__=Config, __doc__=Config.__doc__, rules=(rules, Field(default_factory=rules)))
