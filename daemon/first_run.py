"""The first configuration: what is asked, whether an answer is right, the file that comes of it, and where it goes."""

import json
import os
import pwd
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parseaddr
from importlib.resources import files
from pathlib import Path

from agendad.daemon import config as configuration
from agendad.daemon import private_files
from agendad.daemon.config_errors import ConfigError, Level, Problem
from agendad.daemon.context import UsageProblem
from agendad.rules.policy import Party
from agendad.rules.saying import LANGUAGES, spoken

NONE = "-"
"""The answer for nothing at all."""
_PROVIDERS = ("ics", "google", "outlook", "caldav")
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "ics": ("name", "path", "notify"),
    "google": ("name", "client_secrets", "calendars", "api_root"),
    "outlook": ("name", "client_id", "calendars", "authority", "api_root"),
    "caldav": ("name", "url", "username", "calendars", "env", "file"),
}
"""What may be said of an account, the first after the name also without its key."""
_NAMES = {"ics": "home", "google": "google", "outlook": "outlook", "caldav": "caldav"}
_LISTS = frozenset({"calendars"})
_PATHS = frozenset({"path", "client_secrets", "file"})
_SECRETS = ("env", "file")
"""Where a password is: they are keys of `auth`."""
GOOGLE_FILE = "google-client.json"
_PLAIN = re.compile(r"(?:~/)?[A-Za-z/](?:[\w ./@+-]*[\w/])?", re.ASCII)
"""What YAML takes for text without quotes, those words set aside that it takes for something else."""
_WORDS = frozenset({"null", "true", "false"})
_REST = "#:detection:"
"""Where the part of the example begins that holds for everybody."""


class BadAnswer(ValueError):
    """An answer that cannot be used. The message says why."""


@dataclass(frozen=True, kw_only=True)
class AccountAnswer:
    """A calendar. `options` are the account's keys beside `provider`, as text."""

    provider: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Everything that the configuration is made of; what was not asked yet has an example's value."""

    name: str = "Me"
    emails: tuple[str, ...] = ("me@example.org",)
    timezone: str = "UTC"
    language: str = "en"
    holidays: str = ""
    accounts: tuple[AccountAnswer, ...] = ()
    role: Party | None = None
    """What the other person is; None without one."""
    other: tuple[str, str] = ("Somebody", "somebody@example.net")
    """Name and address."""
    other_zone: str = ""


# answers


def emails_in(answer: str) -> tuple[str, ...]:
    """Addresses with commas or spaces between them.

    >>> emails_in("grace@example.org, grace.hopper@example.com")
    ('grace@example.org', 'grace.hopper@example.com')
    """
    return tuple(part for part in re.split(r"[,;\s]+", answer) if part)


def person_in(answer: str) -> tuple[str, str]:
    """Name and address.

    >>> person_in("Ada Lovelace <ada@example.com>")
    ('Ada Lovelace', 'ada@example.com')

    Raises:
        BadAnswer: one of them is missing.
    """
    name, email = parseaddr(answer.strip())
    if not name.strip() or "@" not in email:
        raise BadAnswer("this has no name and address; write it like Ada Lovelace <ada@example.com>")
    return name.strip(), email


def account_in(answer: str) -> AccountAnswer:
    """An account: the provider, what its first option is, and others as key=value.

    >>> account_in("outlook:0000-aaaa,authority=example.onmicrosoft.com").options
    {'client_id': '0000-aaaa', 'authority': 'example.onmicrosoft.com'}
    >>> account_in("ics:/srv/calendars, old").options["path"]
    '/srv/calendars, old'

    Raises:
        BadAnswer: it is none.
    """
    provider, _, rest = answer.strip().partition(":")
    if provider not in _PROVIDERS:
        raise BadAnswer(f"{provider!r} is no kind of calendar; write ics:FOLDER, google, outlook or caldav:URL")
    known = _OPTIONS[provider]
    first, *others = re.split(rf",\s*(?=(?:{'|'.join(known)})=)", f",{rest}" if _keyed(rest, known) else rest)
    options = {known[1]: first.strip(", ")} if first.strip(", ") else {}
    options |= {key: value.strip() for key, _, value in (part.partition("=") for part in others)}
    if provider == "ics" and "path" not in options:
        raise BadAnswer("this names no folder; write it like ics:~/calendars/home")
    if provider == "caldav" and not options.get("url", "").startswith(("https://", "http://")):
        raise BadAnswer("this names no server; write it like caldav:https://dav.example.org,username=grace")
    return AccountAnswer(provider=provider, options={key: _absolute(key, value) for key, value in options.items()})


def _keyed(text: str, known: Iterable[str]) -> bool:
    return any(text.startswith(f"{key}=") for key in known)


def _absolute(key: str, value: str) -> str:
    """Paths start from where the person is; one of a file that is yet to come stays beside the configuration."""
    if key not in _PATHS:
        return value
    try:
        path = Path(value).expanduser()
    except RuntimeError:
        return value  # the check says so
    return str(path.absolute()) if key == "path" or path.exists() else value


def holidays_in(answer: str) -> str:
    return "" if answer.strip() == NONE else answer.strip()


def language_in(answer: str) -> str:
    """One of the languages that there are words in.

    Raises:
        BadAnswer: it is none.
    """
    language = answer.strip().lower()
    if spoken(language) != re.split(r"[-_]", language)[0]:
        raise BadAnswer(f"there are no words in {answer.strip()!r}; there are: {', '.join(LANGUAGES)}")
    return language


# what this machine knows


def name_here() -> str:
    """The person's name, as the machine has it; "" where it has none that looks like a person's."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_gecos.partition(",")[0].strip()
    except (KeyError, OSError):
        return ""
    return name if " " in name else ""


def language_here(environ: Mapping[str, str]) -> str:
    """The language of the desktop, where there are words in it."""
    wanted = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return spoken(wanted.partition(".")[0])


def country_of(zone: str) -> str:
    """The country of a time zone, where its public holidays are known; "" otherwise.

    >>> country_of("Europe/London"), country_of("Etc/UTC")
    ('GB', '')
    """
    import holidays  # noqa: PLC0415 - slow to import
    from babel.core import get_global  # noqa: PLC0415

    country = str(get_global("zone_territories").get(zone, ""))
    return country if country in holidays.list_supported_countries() else ""


# the file


def text_of(answers: Answers, written: datetime) -> str:
    """The configuration, with what else may be in it as comments. `written`: aware."""
    example = (files("agendad.daemon") / "config.example.yaml").read_text("utf-8")
    me = answers
    emails = ", ".join(map(_yaml, me.emails))
    lines = [
        f"# agendad's configuration, written by `agendad init` on {written:%Y-%m-%d}. After a change: agendad check",
        '# Every key: docs/configuration.md. Lines that start with "#:" are optional; remove the "#:" to use them.',
        "version: 1",
        "",
        "# observe: plan and report, touch nothing. Later: approve (ask first) or act.",
        "mode: observe",
        "",
        "me:",
        f"  name: {_yaml(me.name)}",
        f"  emails: [{emails}]  # every address you are invited under",
        f"  timezone: {_yaml(me.timezone)}",
        f"  language: {_yaml(me.language)}",
        f"  holidays: {_yaml(me.holidays)}" if me.holidays else "#:  holidays: US  # or a part of a country: DE-BY",
        '#:  working_hours: {days: [mon, tue, wed, thu, fri], start: "09:00", end: "17:00"}',
        "#:  away: [{from: 2026-12-10, to: 2026-12-20, timezone: Asia/Tokyo}]  # travel; anybody may have it",
        "",
        "accounts:",
        *(f"  - {{{', '.join(_pairs(account, name))}}}" for account, name in _named(me.accounts)),
        "",
        *_mentorship(me),
        "",
        "",
    ]
    return "\n".join(lines) + example[example.index(_REST) :]


def _named(accounts: Sequence[AccountAnswer]) -> Iterable[tuple[AccountAnswer, str]]:
    """Each account with a name of its own."""
    taken = {account.options["name"] for account in accounts if "name" in account.options}
    for account in accounts:
        name = account.options.get("name", "")
        number = 1
        while not name or (name in taken and "name" not in account.options):
            name = _NAMES[account.provider] + (f"-{number}" if number > 1 else "")
            number += 1
        taken.add(name)
        yield account, name


def _pairs(account: AccountAnswer, name: str) -> Iterable[str]:
    yield f"name: {_yaml(name)}"
    yield f"provider: {account.provider}"
    options = {key: value for key, value in account.options.items() if key != "name"}
    if account.provider == "google":
        options.setdefault("client_secrets", GOOGLE_FILE)
    secret = next((key for key in _SECRETS if key in options), "")
    if account.provider == "caldav":
        place = f"{secret}: {_yaml(_from_home(options[secret]))}" if secret else "keyring: true"
        options = {key: value for key, value in options.items() if key not in _SECRETS}
    for key, value in options.items():
        shown = _yaml(_from_home(value) if key in _PATHS else value)
        yield f"{key}: [{shown}]" if key in _LISTS else f"{key}: {shown}"
    if account.provider == "caldav":
        yield f"auth: {{method: password, {place}}}"


def _from_home(path: str) -> str:
    try:
        return f"~/{Path(path).relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return path


def _mentorship(answers: Answers) -> list[str]:
    if answers.role is None:
        return [
            "mentorships:",
            "#:  - name: grace-ada",
            "#:    mentor: {name: Ada Lovelace, emails: [ada@example.net], timezone: Europe/London}",
            "#:    mentee: me",
        ]
    name, email = answers.other
    other = [f"    {answers.role}:", f"      name: {_yaml(name)}", f"      emails: [{_yaml(email)}]"]
    zone = (
        f"      timezone: {_yaml(answers.other_zone)}"
        if answers.other_zone
        else ("#:      timezone: Europe/London  # theirs; without one their hours are not judged")
    )
    return [
        "mentorships:",
        f"  - name: {_yaml(_pair_name(answers.name, name))}",
        *(["    mentor: me"] if answers.role is Party.MENTEE else []),
        *other,
        zone,
        *(["    mentee: me"] if answers.role is Party.MENTOR else []),
        "#:    cadence: 2 weeks",
        "#:    met: true  # you have met before; otherwise a past session tells",
    ]


def _pair_name(mine: str, theirs: str) -> str:
    """What the two are called in messages and commands.

    >>> _pair_name("Grace Hopper", "Ada Lovelace")
    'grace-ada'
    """
    return "-".join(re.sub(r"\W+", "", name.split()[0]).casefold() or "x" for name in (mine, theirs))


def _yaml(text: str) -> str:
    """A text as YAML has it on one line.

    >>> _yaml("Ada Lovelace"), _yaml("Ada: the Countess"), _yaml("null")
    ('Ada Lovelace', '"Ada: the Countess"', '"null"')
    """
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)


def faults(answers: Answers, path: Path) -> list[Problem]:
    """What would be wrong with the configuration that comes of this, told as `agendad check` tells it."""
    try:
        loaded = configuration.parse(text_of(answers, datetime.min.replace(tzinfo=UTC)).encode(), path)
    except ConfigError as error:
        return list(error.problems)
    folders = [one for one in loaded.notes if one.key.startswith("accounts[") and one.key.endswith(".path")]
    return [one for one in folders if one.level is not Level.NOTE]


# where it goes


def check_free(path: Path, by: str, *, force: bool) -> None:
    """Whether the configuration may be written there; `by` says why there.

    Raises:
        UsageProblem: there is one, and nobody said that it may go.
    """
    if path.is_dir():
        raise UsageProblem(f"{path} ({by}) is a folder. Nothing was written. Name a file in it.")
    if path.exists() and not force:
        raise UsageProblem(
            f"There is a configuration already: {path} ({by}). Nothing was written. `agendad check` says whether it is "
            "right. `agendad init --force` writes another in its place and keeps this one beside it; --config FILE "
            "puts it somewhere else."
        )


def put(path: Path, text: str, now: datetime, *, force: bool) -> Path | None:
    """Write the configuration, all of it or none, for its owner alone. Returns where the one of before is kept.

    Raises:
        UsageProblem: it cannot be written, or somebody else has written one meanwhile.
    """
    path = path.resolve()  # a link stays a link
    backup = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if force and path.exists():
            backup = _replaced(path, text.encode(), now)
        else:
            private_files.create(path, text.encode())
    except OSError as error:
        if isinstance(error, FileExistsError):
            check_free(path, "somebody has just written it", force=False)
        raise UsageProblem(
            f"{path} cannot be written: {error.strerror}. Nothing was changed. Make its folder yours, or name another "
            "file with --config."
        ) from error
    return backup


def _replaced(path: Path, content: bytes, now: datetime) -> Path:
    """Put the content in place of what is there; returns where that is kept, which is nowhere if this fails."""
    backup, before = _beside(path, now), path.read_bytes()
    try:
        private_files.create(backup, before)
        private_files.write(path, content)
    except FileExistsError:
        raise
    except BaseException:  # also Ctrl-C
        if path.read_bytes() == before:
            backup.unlink(missing_ok=True)
        raise
    return backup


def _beside(path: Path, now: datetime) -> Path:
    named = [
        f"{path.name}.{now:%Y%m%dT%H%M%SZ}{more}.bak" for more in ("", *(f".{number}" for number in range(1, 100)))
    ]
    return next(place for name in named if not (place := path.with_name(name)).exists())
