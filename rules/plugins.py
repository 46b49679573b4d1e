"""Rules of other distributions: found through entry points of the group `agendad.rules`, and kept at arm's length.

One that does not work is absent, and told of; it stops nothing.
"""

import re
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agendad.rules.base import (
    CUSTOM,
    Finding,
    Reach,
    Rule,
    forget_all_but,
    registered,
)
from agendad.rules.policy import RuleOptions, Severity, Shape

GROUP = "agendad.rules"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN = frozenset({CUSTOM, "options", "place"})
"""Names that mean something else among `rules:` of the configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """An entry point, and what became of it."""

    name: str
    """The entry point's, which is its rule's as well."""
    distribution: str
    """What brings it, with its version."""
    fault: str = ""
    """Why its rule is absent, "" where all is well."""


@cache
def plugins() -> tuple[Plugin, ...]:
    """Load the rules of other distributions, by name. The rules that ship with agendad have been loaded before."""
    return tuple(_load(point) for point in sorted(entry_points(group=GROUP), key=lambda one: (one.name, one.value)))


def _load(point: EntryPoint) -> Plugin:
    brought_by = f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown distribution"
    known = {rule.name: rule for rule in registered()}
    try:
        point.load()
        fault = _fault(point.name, {rule.name: rule for rule in registered() if rule.name not in known})
    except (Exception, SystemExit) as error:  # noqa: BLE001 - somebody else's code
        fault = _told(error)
    if fault:
        forget_all_but(known)
    return Plugin(name=point.name, distribution=brought_by, fault=fault)


def _fault(name: str, new: Mapping[str, Rule[Any]]) -> str:  # each rule has its own options type
    """What is wrong with what an entry point registered; "" if nothing is."""
    if list(new) != [name]:
        found = ", ".join(new) or "none"
        return f"it has to register one rule, named {name} as its entry point is, and registered: {found}"
    if not _NAME.fullmatch(name) or name in _TAKEN or hasattr(Shape, name):
        return f"{name} cannot be a rule's name: small letters, digits and underscores, and no word that is taken"
    rule = new[name]
    if not rule.codes:
        return "it has no finding codes"
    if not (isinstance(rule.Options, type) and issubclass(rule.Options, RuleOptions)):
        return "its Options are no RuleOptions"
    try:
        rule.Options()
    except ValidationError as error:
        return (
            f"its Options have no default for {', '.join(str(one['loc'][0]) for one in error.errors() if one['loc'])}"
        )
    return ""


def guarded(
    rule: Rule[Any],  # each rule has its own options type
    check: Callable[[], Iterable[Finding]],
) -> Iterable[Finding]:
    """What a rule's `check` finds. Where a plug-in's fails, or finds what it did not declare, that is told instead.

    The text of an exception is not repeated, as it may quote a private event.
    """
    if type(rule).__module__.partition(".")[0] == "agendad":
        return check()
    try:
        found = list(check())
    except Exception as error:  # noqa: BLE001 - somebody else's code
        return [_failed(rule, _told(error, quoting=False))]
    if any(not isinstance(one, Finding) or one.code not in rule.codes for one in found):
        return [_failed(rule, "it found something that is none of its codes")]
    return found


def _failed(rule: Rule[Any], why: str) -> Finding:
    return Finding(
        code=f"{rule.name}.failed",
        severity=Severity.INFO,
        message=f"The rule {rule.name}, which a plug-in brings, could not judge this: {why}.",
        reach=Reach.REPORT,
    )


def _told(error: BaseException, *, quoting: bool = True) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    said = " ".join(str(error).split())[:200] if quoting else ""
    return f"{type(error).__name__}{f': {said}' if said else ''}{where}"
