"""Validation errors in plain words, each at its line and column."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from zoneinfo import available_timezones

from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from agendad.daemon.config_errors import KeyPath, Problem, did_you_mean, nearest
from agendad.daemon.yaml_reading import Document

_SECRET = re.compile(r"passw|passphrase|secret|token|api_?key|credential|private_key", re.IGNORECASE)
_SECRETS_GO = (
    "secrets never go in this file: remove it (and change the secret if others could read the file), and name"
    " an environment variable instead: auth: {method: …, env: NAME}"
)


def keys_of(shape: type[BaseModel]) -> dict[str, FieldInfo]:
    """A shape's fields by the key that stands in the file."""
    return {info.alias or name: info for name, info in shape.model_fields.items()}


def shapes_in(annotation: Any) -> tuple[type[BaseModel], ...]:  # any annotation
    """Every shape that a value of this type may have: the members of a union, a list's items."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    if get_origin(annotation) in (Union, UnionType, tuple, Annotated):
        return tuple(shape for part in get_args(annotation) for shape in shapes_in(part))
    return ()


def shape_of(annotation: Any, value: Any) -> type[BaseModel] | None:  # any annotation, any YAML value
    """The shape that a mapping is meant to have: for a union, the one whose tag it carries."""
    shapes = shapes_in(annotation)
    if len(shapes) == 1:
        return shapes[0]
    common = set.intersection(*(set(keys_of(shape)) for shape in shapes)) if shapes else set()
    for shape in shapes:
        for key, info in keys_of(shape).items():
            if key not in common:  # not what tells one from the other
                continue
            if get_origin(info.annotation) is Literal and isinstance(value, dict):
                given = value.get(key, info.default)
                if given in get_args(info.annotation):
                    return shape
    return None


def mappings(
    shape: type[BaseModel], value: Any, path: KeyPath = ()
) -> Iterator[tuple[KeyPath, type[BaseModel], Mapping[str, Any]]]:
    """Every mapping in a file's value with the shape that it is meant to have, from the outside in."""
    if not isinstance(value, dict):
        return
    yield path, shape, value
    for key, info in keys_of(shape).items():
        item = value.get(key)
        entries = enumerate(item) if isinstance(item, list) else [(None, item)]
        for index, entry in entries:
            inner = shape_of(info.annotation, entry)
            if inner is not None:
                yield from mappings(inner, entry, (*path, key) if index is None else (*path, key, index))


def loose_scalars(root: type[BaseModel], document: Document) -> Iterator[Problem]:
    """Values that pydantic would take though their type is another: `enabled: "no"`, `port: "587"`, `1: true`."""
    for path, shape, value in mappings(root, document.value):
        for key, info in keys_of(shape).items():
            given = value.get(key)
            if given is None or any(isinstance(extra, BeforeValidator) for extra in info.metadata):
                continue
            kinds = set(get_args(info.annotation) or (info.annotation,)) & {bool, int, float}
            if not kinds or isinstance(given, (dict, list)):
                continue
            allowed = kinds | ({int} if float in kinds else set())
            if type(given) not in allowed:
                kind = "bool" if bool in kinds else "int" if int in kinds else "float"
                yield document.problem((*path, key), f"{_shown(given)} is not {_KINDS[kind][0]}", _KINDS[kind][1])


def problems_of(error: ValidationError, root: type[BaseModel], document: Document) -> list[Problem]:
    """All of a validation's errors, one a place."""
    shapes = {path: shape for path, shape, _ in mappings(root, document.value)}
    problems: list[Problem] = []
    for detail in error.errors(include_url=False):
        path = path_in(detail["loc"], document.value, whole=detail["type"] in ("missing", "extra_forbidden"))
        if _other_branch(detail, path, document) or detail["type"] == "default_factory_not_called":
            continue  # the latter follows from another one
        if detail["type"] == "extra_forbidden":
            problems.append(_unknown_key(path, shapes.get(path[:-1]), document))
            continue
        if detail["type"] == "union_tag_invalid":
            path = (*path, str(detail["ctx"]["discriminator"]).strip("'"))
        message, hint = _worded(detail, path)
        problems.append(document.problem(path, message, hint))
    return list(dict.fromkeys(problems))


def path_in(loc: Sequence[str | int], value: Any, *, whole: bool) -> KeyPath:  # value: any YAML value
    """A pydantic location without the names of union members, which are in it but not in the file.

    `whole`: the last part is a key, though it may not be in the file.
    """
    path: list[str | int] = []
    for place, part in enumerate(loc):
        last = place == len(loc) - 1
        in_list = isinstance(value, list) and part in range(len(value))
        if in_list or (isinstance(value, dict) and part in value):
            value = _value_at(value, (part,))
        elif not (last and whole):
            continue
        path.append(part)
    return tuple(path)


def _other_branch(detail: ErrorDetails, path: KeyPath, document: Document) -> bool:
    """Pydantic tries a person and `me` in turn: what the wrong one says of a value is left out."""
    value = _value_at(document.value, path)
    if detail["type"] == "literal_error" and detail["loc"][-1] == "literal['me']":
        return isinstance(value, dict) or path[:1] == ("summary",)
    if detail["type"] == "model_type" and detail["loc"][-1] == "Person":
        return path != ("me",)  # neither a person nor `me`: told once, by the other branch
    return detail["type"] == "too_short" and bool(value)  # pydantic counts the valid items only


def _value_at(value: Any, path: KeyPath) -> Any:  # any YAML value
    for part in path:
        if isinstance(value, str):
            return None
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _unknown_key(path: KeyPath, shape: type[BaseModel] | None, document: Document) -> Problem:
    key = str(path[-1])
    known = list(keys_of(shape)) if shape else []
    if _SECRET.search(key):
        near = nearest(key, [name for name in known if _SECRET.search(name)])
        hint = f"{_SECRETS_GO}; `{near}` is another thing, which names a place" if near else _SECRETS_GO
        return document.problem(path, "a secret in the configuration", hint, at_key=True)
    noun = "unknown rule" if path[:-1] == ("rules",) else "unknown key"
    return document.problem(path, noun, did_you_mean(key, known) if known else "", at_key=True)


_Worder = Callable[[ErrorDetails], tuple[str, str]]
_KINDS = {
    "string": ("a text", "put it in quotes"),
    "bool": ("true or false", "write true or false"),
    "int": ("a whole number", "write a number without quotes"),
    "float": ("a number", "write a number without quotes"),
    "tuple": ("a list", ""),
    "list": ("a list", ""),
    "path": ("a path", "write a text"),
    "dict": ("a mapping", "write `key: value` lines, indented"),
    "model": ("a mapping", "write `key: value` lines, indented"),
}


def _worded(detail: ErrorDetails, path: KeyPath) -> tuple[str, str]:
    """(message, hint) for one error."""
    kind, given = detail["type"], detail["input"]
    context = detail.get("ctx", {})
    if kind == "missing":
        return "this key is missing", f"add `{path[-1]}:`"
    if kind == "value_error":
        return _split(str(context.get("error", detail["msg"])), given)
    if kind in ("enum", "literal_error"):
        return _not_one_of(given, context["expected"], path)
    if kind == "union_tag_invalid":
        return _not_one_of(context["tag"], context["expected_tags"], path)
    if kind == "union_tag_not_found":
        tag = str(context["discriminator"]).strip("'")
        return f"`{tag}` is missing", f"it says which of several kinds this is: add `{tag}:`"
    if kind in ("too_short", "string_too_short"):
        return "this is empty", "give at least one" if kind == "too_short" else "write something"
    if kind in _BOUNDS:
        sign, name = _BOUNDS[kind]
        return f"{_shown(given)} is {sign} {context[name]}", f"write {_ALLOWED[kind]} {context[name]}"
    noun, hint = _KINDS.get(kind.partition("_")[0], ("what belongs here", "see the reference of this key"))
    if given is None:
        return "this key is empty", f"give it {noun}, or leave the key out"
    if noun == "a list" and isinstance(given, str | int):
        hint = f"write it as a list: [{given}]"
    return f"{_shown(given)} is not {noun}", hint


_BOUNDS = {
    "greater_than_equal": ("less than", "ge"),
    "less_than_equal": ("more than", "le"),
    "greater_than": ("not more than", "gt"),
    "less_than": ("not less than", "lt"),
}
_ALLOWED = {
    "greater_than_equal": "at least",
    "less_than_equal": "at most",
    "greater_than": "more than",
    "less_than": "less than",
}


def _shown(value: Any) -> str:  # any YAML value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = str(value)
    return f"`{text if len(text) <= 60 else text[:57] + '…'}`"


def _not_one_of(given: Any, expected: str, path: KeyPath) -> tuple[str, str]:
    if path == ("version",):
        return f"{_shown(given)} is no version that this agendad knows", "write `version: 1`"
    if expected == "'me'":
        return f"{_shown(given)} is no person", "write `me`, or a mapping with name and emails"
    if given is None:
        return "this key is empty", f"write one of: {expected.replace(chr(39), '')}"
    words = re.findall(r"'([^']*)'", expected) or [expected]
    said = ", ".join(words)
    if not isinstance(given, str):
        return f"{_shown(given)} is not one of {said}", ""
    near = nearest(given, words)
    return f"`{given}` is not one of {said}", f"did you mean `{near}`?" if near else ""


def _split(said: str, given: Any) -> tuple[str, str]:
    """Our own validators say what is wrong and, after a semicolon, what to do."""
    if said.endswith("use an IANA name like Europe/London"):
        return f"{_shown(given)} is no time zone", zone_hint(str(given))
    message, _, hint = said.partition("; ")
    return message, hint


_ABBREVIATIONS = {
    "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "PT": "America/Los_Angeles",
    "MDT": "America/Denver", "CST": "America/Chicago", "CDT": "America/Chicago", "CT": "America/Chicago",
    "EDT": "America/New_York", "ET": "America/New_York", "BST": "Europe/London", "CEST": "Europe/Berlin",
    "EEST": "Europe/Helsinki", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "SGT": "Asia/Singapore",
    "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney", "NZST": "Pacific/Auckland",
}  # fmt: skip
_OFFSET = re.compile(r"(UTC|GMT)?\s*[-+±]\s*\d{1,2}(:?\d\d)?", re.IGNORECASE)


def zone_hint(name: str) -> str:
    """The IANA name that was probably meant: from a Windows name, an abbreviation, a city, or by spelling.

    >>> [zone_hint(name) for name in ("Eastern Standard Time", "New York")]
    ['did you mean `America/New_York`?', 'did you mean `America/New_York`?']
    """
    from tzlocal.windows_tz import win_tz  # noqa: PLC0415 - only for those who need it

    wanted = name.strip()
    if _OFFSET.fullmatch(wanted):
        return "an offset knows no summer time: use an IANA name like Europe/London"
    windows = {key.lower(): zone for key, zone in win_tz.items()}
    found = windows.get(wanted.lower()) or _ABBREVIATIONS.get(wanted.upper())
    if not found:
        zones = sorted(available_timezones())
        plain = wanted.lower().replace(" ", "_")
        cities = {zone.rpartition("/")[2].lower(): zone for zone in zones if not zone.startswith("Etc/")}
        cities |= {zone.lower(): zone for zone in zones}
        near = get_close_matches(plain.rpartition("/")[2] if plain not in cities else plain, cities, n=1, cutoff=0.75)
        near = get_close_matches(plain, cities, n=1, cutoff=0.75) or near
        found = cities[near[0]] if near else ""
    return f"did you mean `{found}`?" if found else "use an IANA name like Europe/London"
