"""What one section's shape cannot see: what must hold between sections, and what will not work as hoped."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import holidays

from agendad.daemon.config_errors import KeyPath, Level, Problem, did_you_mean
from agendad.daemon.config_shapes import (
    AnyAccount,
    ClientCredentialsAuth,
    Config,
    GoogleAccount,
    IcsAccount,
    OutlookAccount,
    ServiceAccountAuth,
)
from agendad.daemon.reachability import unreachable_steps
from agendad.daemon.yaml_reading import Document
from agendad.rules.base import CUSTOM, Rule, registered
from agendad.rules.custom import CUSTOM_RULE
from agendad.rules.plugins import plugins
from agendad.rules.policy import Action, Mode, Person, normal_email
from agendad.rules.units import parse_day

_MAIL_THROUGH = {"outlook": "outlook", "gmail": "google"}
"""The provider that an account must have for each transport."""
_NOBODYS = "calendar.google.com"
"""The domain of Google's calendars that are no person's own."""


def errors_between(document: Document) -> Iterator[Problem]:
    """Errors that span sections, read from plain values so that they are told beside all the others."""
    value = document.value
    yield from _same_names(document, "accounts")
    yield from _same_names(document, "mentorships")
    mine = _emails(value.get("me"))
    yield from _about_person(document, ("me",), value.get("me"))
    for index, pair in enumerate(_mappings(value.get("mentorships"))):
        path: KeyPath = ("mentorships", index)
        if "mentor" in pair and "mentee" in pair and (pair["mentor"] == "me") == (pair["mentee"] == "me"):
            both = "both mentor and mentee are `me`" if pair["mentor"] == "me" else "neither is `me`"
            yield document.problem(path, both, "write `me` for your own side: agendad looks after your mentorships")
        for side in ("mentor", "mentee"):
            yield from _about_person(document, (*path, side), pair.get(side))
            for email in sorted(_emails(pair.get(side)) & mine):
                yield document.problem(
                    (*path, side), f"{email} is one of your own addresses", "write `me`, or correct the address"
                )
        for email in sorted((_emails(pair.get("mentor")) & _emails(pair.get("mentee"))) - mine):
            yield document.problem(path, f"{email} is on both sides", "an address belongs to one person")
    yield from _rule_errors(document)
    yield from _mail_errors(document)


def _mappings(value: Any) -> list[dict[str, Any]]:  # any YAML value
    items = value if isinstance(value, list) else []
    return [item if isinstance(item, dict) else {} for item in items]


def _emails(person: Any) -> set[str]:  # any YAML value
    emails = person.get("emails") if isinstance(person, dict) else None
    return {normal_email(email) for email in emails if isinstance(email, str)} if isinstance(emails, list) else set()


def _same_names(document: Document, section: str) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, item in enumerate(_mappings(document.value.get(section))):
        name = item.get("name")
        if not isinstance(name, str):
            continue
        if name in first:
            mark = document.at_value((section, first[name], "name"))
            where = f", also on line {mark.line}" if mark else ""
            yield document.problem((section, index, "name"), f"the name `{name}` is taken{where}", "give each its own")
        first.setdefault(name, index)


def _about_person(document: Document, path: KeyPath, person: Any) -> Iterator[Problem]:  # any YAML value
    yield from _regions(document, path, person)
    yield from _overlaps(document, path, person)


def _overlaps(document: Document, path: KeyPath, person: Any) -> Iterator[Problem]:  # any YAML value
    """Stays elsewhere that claim the same day. Those that cannot be read are told of by their shape."""
    stays: list[tuple[int, date, date]] = []
    for index, item in enumerate(_mappings(person.get("away") if isinstance(person, dict) else None)):
        try:
            first, last = parse_day(str(item.get("from"))), parse_day(str(item.get("to")))
        except ValueError:
            continue
        if last < first:
            continue
        clash = next((known for known, begins, ends in stays if first <= ends and begins <= last), None)
        if clash is not None:
            mark = document.at_value((*path, "away", clash))
            where = f" on line {mark.line}" if mark else ""
            hint = "a day belongs to one zone: let one end the day before the other begins"
            yield document.problem((*path, "away", index), f"this stay overlaps the one{where}", hint)
        stays.append((index, first, last))


def _regions(document: Document, path: KeyPath, person: Any) -> Iterator[Problem]:  # any YAML value
    given = person.get("holidays") if isinstance(person, dict) else None
    if not isinstance(given, str | list):
        return
    known = holidays.list_supported_countries(include_aliases=True)
    for index, code in enumerate([given] if isinstance(given, str) else given):
        where = (*path, "holidays", index) if isinstance(given, list) else (*path, "holidays")
        if not isinstance(code, str):
            continue
        country, _, part = code.partition("-")
        if country not in known:
            hint = f"did you mean `{code.upper()}`?" if country.upper() in known else "use a code like US or DE-BY"
            yield document.problem(where, f"no holidays are known for `{code}`", hint)
        elif part and part not in known[country]:
            parts = did_you_mean(part, known[country]) if known[country] else f"use `{country}` alone"
            yield document.problem(where, f"`{country}` has no part `{part}`", parts)


def _mail_errors(document: Document) -> Iterator[Problem]:
    """Mail through an account goes through one that there is, and that can send."""
    mail = document.value.get("mail")
    transport = mail.get("transport") if isinstance(mail, dict) else None
    provider, name = _MAIL_THROUGH.get(str(transport)), mail.get("account") if isinstance(mail, dict) else None
    if provider is None or not isinstance(name, str):
        return
    known = {item.get("name"): item for item in _mappings(document.value.get("accounts"))}
    path: KeyPath = ("mail", "account")
    fitting = [str(one) for one, item in known.items() if item.get("provider") == provider]
    account = known.get(name)
    if account is None:
        hint = did_you_mean(name, fitting) if fitting else f"add one with `provider: {provider}` to `accounts`"
        yield document.problem(path, f"there is no account `{name}`", hint)
    elif account.get("provider") != provider:
        hint = did_you_mean(name, fitting) if fitting else f"name one with `provider: {provider}`, or use another way"
        said = f"`{name}` has provider {account.get('provider')}, and `transport: {transport}` needs {provider}"
        yield document.problem(path, said, hint)
    elif _is_robot(account.get("auth")):
        said = f"the service account of `{name}` acts for nobody, and has no mailbox"
        yield document.problem(path, said, "name a person in its `auth.subject`")


def _is_robot(auth: Any) -> bool:  # any YAML value
    return isinstance(auth, dict) and auth.get("method") == "service-account" and not auth.get("subject")


def _rule_errors(document: Document) -> Iterator[Problem]:
    rules = document.value.get("rules")
    given = rules if isinstance(rules, dict) else {}
    for rule in registered():
        yield from _options_errors(document, ("rules", rule.name), given.get(rule.name), list(rule.codes), rule)
    first: dict[Any, int] = {}  # any YAML value
    for index, options in enumerate(_mappings(given.get(CUSTOM))):
        name, path = str(options.get("name")), ("rules", CUSTOM, index)
        yield from _options_errors(document, path, options, [f"{CUSTOM}.{name}"], CUSTOM_RULE)
        if "name" in options and first.setdefault(name, index) != index:
            mark = document.at_value(("rules", CUSTOM, first[name], "name"))
            where = f", also on line {mark.line}" if mark else ""
            yield document.problem((*path, "name"), f"the name `{name}` is taken{where}", "give each its own")


def _options_errors(
    document: Document,
    path: KeyPath,
    options: Any,  # any YAML value
    codes: list[str],
    rule: Rule[Any],  # each rule has its own options type
) -> Iterator[Problem]:
    """Findings and steps that a rule does not have."""
    if not isinstance(options, dict):
        return
    climbs = options.get("climbs")
    for index, code in enumerate(climbs if isinstance(climbs, list) else []):
        if isinstance(code, str) and code not in codes:
            what = f"`{code}` is no finding of this rule"
            yield document.problem((*path, "climbs", index), what, did_you_mean(code, codes))
    takes = [action.value for action in Action if action in rule.steps]
    for index, step in enumerate(_mappings(options.get("ladder"))):
        word = step.get("do")
        if word in set(Action) and word not in takes:
            what = f"rule {rule.name} has no step `{word}`"
            yield document.problem((*path, "ladder", index, "do"), what, f"it takes {', '.join(takes) or 'none'}")


def warnings_about(config: Config, document: Document) -> Iterator[Problem]:
    """What is valid and will not work as hoped. Looks at the file system for account folders only."""
    yield from _step_warnings(config, document)
    yield from _plugin_warnings(document)
    yield from _people_warnings(config, document)
    for index, account in enumerate(config.accounts):
        for place, calendar in enumerate(getattr(account, "calendars", None) or ()):
            if calendar in calendars_of_others(account, config.me):
                yield _warning(
                    document,
                    ("accounts", index, "calendars", place),
                    f"{calendar} is none of your addresses (me.emails), so it is somebody else's calendar",
                    "it is not looked after; add `on_behalf: true` to the account if you do that for them",
                )
        if isinstance(account, IcsAccount) and not account.path.exists():
            where: KeyPath = ("accounts", index, "path")
            yield _warning(document, where, f"{account.path} does not exist", "create it or correct the path")
    if not config.accounts:
        yield _warning(document, ("accounts",), "no accounts", "only `agendad lint` has something to read")
    modes = [config.mode, *(pair.mode for pair in config.mentorships if pair.mode)]
    highest = max(modes, key=list(Mode).index)
    if config.mail is None and highest is not Mode.OBSERVE:
        said = f"no mail section while the mode is {highest.value}"
        yield _warning(document, ("mode",), said, "acts that need mail are refused; add `mail:`")
    if config.mail is not None and config.mail.sender and highest is not Mode.OBSERVE:
        mine = {normal_email(email) for email in config.me.emails}
        if normal_email(config.mail.sender) not in mine:
            said = f"mail comes from {config.mail.sender}, which is none of your addresses (me.emails)"
            fix = "guests' calendar programs may not act on cancellations and answers from there"
            yield _warning(document, ("mail", "from"), said, fix, level=Level.NOTE)
    if config.mail is None and "summary" in config.model_fields_set:
        said = "no mail section: the summary goes to the outbox folder of the state folder"
        yield _warning(document, ("summary",), said, "add `mail:` to have it sent", level=Level.NOTE)
    for name, options in config.rules.options().items():
        if options.mode and options.mode.lowered_to(highest) is not options.mode:
            said = f"{options.mode.value} is higher than the mode {highest.value}, and a rule may only lower it"
            where = (*config.rules.place(name), "mode")
            yield _warning(document, where, said, "it has no effect", level=Level.NOTE)


def calendars_of_others(account: AnyAccount, me: Person) -> tuple[str, ...]:
    """Those calendars of an account that are other people's own, unless it is looked after on their behalf."""
    if isinstance(account, OutlookAccount) and not account.on_behalf:
        user = account.auth.user if isinstance(account.auth, ClientCredentialsAuth) else None
        return account.calendars if user is not None and not me.has(user) else ()
    if not isinstance(account, GoogleAccount) or account.on_behalf:
        return ()
    subject = account.auth.subject if isinstance(account.auth, ServiceAccountAuth) else None

    def owner(calendar: str) -> str:
        person = subject or "" if calendar == "primary" else calendar
        return "" if person.lower().endswith(_NOBODYS) or "@" not in person else person

    return tuple(calendar for calendar in account.calendars if owner(calendar) and not me.has(owner(calendar)))


def _step_warnings(config: Config, document: Document) -> Iterator[Problem]:
    for name, options in config.rules.options().items():
        if not options.enabled:
            continue
        for found in unreachable_steps(options.ladder, config.limits, config.sync.horizon):
            path: KeyPath = (*config.rules.place(name), "ladder", found.place)
            said = "this step can never be sent" if found.never else "this step cannot always be sent"
            yield _warning(document, path, f"{said}: {found.reason}", "give it a larger `before`, or change `limits`")


def _plugin_warnings(document: Document) -> Iterator[Problem]:
    for plugin in plugins():
        if plugin.fault:
            said = f"the plug-in of {plugin.distribution} does not work, and its rule is not used: {plugin.fault}"
            told = document.problem(("rules", plugin.name), said, "update it, or uninstall it", at_key=True)
            yield replace(told, level=Level.WARNING)


def _people_warnings(config: Config, document: Document) -> Iterator[Problem]:
    if not config.mentorships:
        said = "no mentorships are declared"
        yield _warning(document, ("mentorships",), said, "undeclared pairs are reported and never acted on")
    for index, pair in enumerate(config.mentorships):
        for side, person in (("mentor", pair.mentor), ("mentee", pair.mentee)):
            if person != "me" and person.timezone is None:
                said = f"{person.name} has no timezone, so their hours are not judged"
                yield _warning(document, ("mentorships", index, side), said, "add `timezone: Area/City`")


def _warning(document: Document, path: KeyPath, message: str, hint: str, *, level: Level = Level.WARNING) -> Problem:
    return replace(document.problem(path, message, hint), level=level)


def environment_warnings(config: Config, state: Path, file: str) -> Iterator[Problem]:
    """What the state folder says: whether it can be written to, and whether this is its first run in act mode."""
    around = next((folder for folder in (state, *state.parents) if folder.exists()), state)
    if not around.is_dir() or not os.access(around, os.W_OK):
        yield Problem(
            file=file,
            key="state_dir",
            level=Level.WARNING,
            message=f"{state} cannot be written to",
            hint="correct its permissions, or choose another with `state_dir` or --state-dir",
        )
    acts = Mode.ACT in (config.mode, *(pair.mode for pair in config.mentorships))
    if acts and not (state / "agendad.db").exists():
        yield Problem(
            file=file,
            key="mode",
            level=Level.WARNING,
            message="mode act before anything was ever observed here",
            hint="run with `mode: observe` for a few days first, and read what it would have done",
        )
