"""What a request's body must look like: names and types as in the typed models of msgraph-sdk.

Names of properties are case-sensitive, those of an action's parameters are not, and neither are enum values: the
documentation writes `Comment` and `comment`, `HTML` and `html`.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "dateTime": str,
    "date": str,
    "time": str,
    "bytes": str,
    "duration": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


@cache
def models() -> dict[str, dict[str, Any]]:
    return json.loads(Path(__file__).with_name("model.json").read_text())


def enum_values(model: str, field: str) -> list[str]:
    return models()[model][field]["enum"]


def faults(model: str, value: Any) -> list[str]:
    """What is wrong with an object; empty if nothing is."""
    if not isinstance(value, dict):
        return [f"{model} must be an object"]
    return list(_object(model, value, ""))


def action_body(model: str, body: Any) -> tuple[dict[str, Any], list[str]]:
    """An action's parameters under their lower-case-first names, and what is wrong with them."""
    if body is None:
        return {}, []
    if not isinstance(body, dict):
        return {}, [f"{model} must be an object"]
    known = {name.casefold(): name for name in models()[model]}
    named = {known.get(name.casefold(), name): value for name, value in body.items()}
    found = list(_object(model, named, ""))
    return {name[0].lower() + name[1:]: value for name, value in named.items()}, found


def settled(model: str, value: dict[str, Any]) -> dict[str, Any]:
    """The same object with its enum values in their own casing and without annotations."""
    spec = models()[model]
    return {name: _settled(spec[name], each) for name, each in value.items() if name in spec}


def _settled(spec: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(spec, list):
        return [_settled(spec[0], each) for each in value]
    if isinstance(spec, dict):
        return next(each for each in spec["enum"] if each.casefold() == value.casefold())
    if spec == "extension":
        return dict(value)
    return settled(spec, value) if spec in models() else value


def _object(model: str, value: dict[str, Any], where: str) -> Iterator[str]:
    spec = models()[model]
    for name, each in value.items():
        path = f"{where}{name}"
        if name.startswith("@") or "@odata." in name:
            continue
        if name not in spec:
            if model != "extension":  # an open extension has whatever fields an app gives it
                yield f"The property '{path}' does not exist on type 'microsoft.graph.{model}'."
        elif each is not None:
            yield from _value(spec[name], each, path)


def _value(spec: Any, value: Any, path: str) -> Iterator[str]:
    if isinstance(spec, list):
        if not isinstance(value, list):
            yield f"{path} must be a collection"
            return
        for number, each in enumerate(value):
            yield from _value(spec[0], each, f"{path}[{number}]")
    elif isinstance(spec, dict):
        if not isinstance(value, str) or value.casefold() not in {each.casefold() for each in spec["enum"]}:
            yield f"Requested value '{value}' of {path} was not found."
    elif spec in models():
        if isinstance(value, dict):
            yield from _object(spec, value, f"{path}.")
        else:
            yield f"{path} must be an object"
    elif spec == "navigation":
        yield f"{path} is a navigation property"
    elif not isinstance(value, _TYPES[spec]) or (spec in {"integer", "number"} and isinstance(value, bool)):
        yield f"Cannot convert the literal '{value}' of {path} to the expected type '{spec}'."
    elif spec == "date" and not _DATE.fullmatch(value):
        yield f"{path} must be a date"
