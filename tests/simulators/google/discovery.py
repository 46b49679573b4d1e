"""The published contract: the discovery document that ships with google-api-python-client.

Query parameters and bodies are held against it: names, types, formats, bounds, required ones, and the values that a
description lists as possible. Google itself overlooks some of what is refused here; a client gains nothing from
sending it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import unquote

from . import times
from .errors import Refused

SERVED = {
    "events.list",
    "events.insert",
    "events.get",
    "events.patch",
    "events.update",
    "events.delete",
    "events.instances",
    "freebusy.query",
    "calendars.get",
    "calendarList.list",
    "calendarList.get",
    "settings.get",
}
MOST_RESULTS = {"events.list": 2500, "events.instances": 2500, "calendarList.list": 250}
_POSSIBLE = re.compile(r'^\s*- "([\w.]+)" - ', re.MULTILINE)
_TYPES: dict[str, Any] = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict}


@dataclass(frozen=True)
class Method:
    """One method of the API, e.g. `events.list`."""

    name: str
    verb: str
    pattern: re.Pattern[str]
    parameters: Mapping[str, Any]
    request: str | None
    """Name of the body's schema; None where a body is not taken."""
    response: str | None
    scopes: tuple[str, ...]


@cache
def document() -> dict[str, Any]:
    path = resources.files("googleapiclient") / "discovery_cache" / "documents" / "calendar.v3.json"
    return json.loads(path.read_text("utf-8"))


@cache
def methods() -> tuple[Method, ...]:
    return tuple(
        Method(
            name=f"{resource}.{name}",
            verb=spec["httpMethod"],
            pattern=re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", spec["path"])),
            parameters={**document()["parameters"], **spec.get("parameters", {})},
            request=spec.get("request", {}).get("$ref"),
            response=spec.get("response", {}).get("$ref"),
            scopes=tuple(spec["scopes"]),
        )
        for resource, group in document()["resources"].items()
        for name, spec in group.get("methods", {}).items()
        if f"{resource}.{name}" in SERVED
    )


def find(verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """The served method for a path below /calendar/v3/, and the path's parameters."""
    for method in methods():
        match = method.pattern.fullmatch(path)
        if match and method.verb == verb:
            return method, {name: unquote(value) for name, value in match.groupdict().items()}
    return None


def parameters(method: Method, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """The query, each value with its type."""
    found: dict[str, Any] = {}
    for name, values in query.items():
        spec = method.parameters.get(name)
        if spec is None or spec["location"] != "query":
            raise Refused(f"unknown parameter {name} of {method.name}", parameter=name, reason="unknownParameter")
        if name == "sendNotifications":
            raise Refused("sendNotifications is deprecated: use sendUpdates", parameter=name)
        typed = [_parameter(name, spec, value) for value in values]
        if len(typed) > 1 and not spec.get("repeated"):
            raise Refused(f"{name} is given more than once", parameter=name)
        found[name] = typed if spec.get("repeated") else typed[0]
    if found.get("maxResults", 1) > MOST_RESULTS.get(method.name, 250):
        raise Refused(f"maxResults of {method.name} is too large", parameter="maxResults", reason="invalidParameter")
    return found


def _parameter(name: str, spec: Mapping[str, Any], text: str) -> Any:
    def bad(why: str) -> Refused:
        return Refused(f"Invalid value for {name}: {text!r}: {why}", parameter=name, reason="invalidParameter")

    if "enum" in spec and text not in spec["enum"]:
        raise bad(f"one of {spec['enum']}")
    if spec["type"] == "boolean":
        if text not in {"true", "false"}:
            raise bad("true or false")
        return text == "true"
    if spec["type"] == "integer":
        if not re.fullmatch(r"-?\d+", text):
            raise bad("an integer")
        if not int(spec.get("minimum", text)) <= int(text) <= int(spec.get("maximum", text)):
            raise bad("out of bounds")
        return int(text)
    try:
        if spec.get("format") == "date-time":
            times.parse(text)
        elif name == "timeZone":
            times.zone(text)
    except ValueError as fault:
        raise bad(str(fault)) from fault
    return text


def body_faults(schema: str, body: Any, *, nulls: bool) -> list[str]:
    """What is wrong with a body, each with its path. `nulls`: in a PATCH null deletes."""
    return list(_faults({"$ref": schema}, body, schema, nulls=nulls))


def _faults(spec: Mapping[str, Any], value: Any, where: str, *, nulls: bool) -> Iterator[str]:
    if "$ref" in spec:
        spec = {**document()["schemas"][spec["$ref"]], "description": ""}
    kind = spec.get("type", "object")
    if value is None:
        if not nulls:
            yield f"{where}: null"
        return
    if kind == "any":
        return
    if not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
        yield f"{where}: not of type {kind}"
    elif kind == "object":
        yield from _object_faults(spec, value, where, nulls=nulls)
    elif kind == "array":
        for index, item in enumerate(value):
            yield from _faults(spec["items"], item, f"{where}[{index}]", nulls=False)
    elif kind == "string":
        yield from _string_faults(spec, value, where)


def _object_faults(spec: Mapping[str, Any], value: Mapping[str, Any], where: str, *, nulls: bool) -> Iterator[str]:
    for name, item in value.items():
        known = spec.get("properties", {}).get(name) or spec.get("additionalProperties")
        if known is None:
            yield f"{where}.{name}: unknown field"
        else:
            yield from _faults(known, item, f"{where}.{name}", nulls=nulls)


def _string_faults(spec: Mapping[str, Any], value: str, where: str) -> Iterator[str]:
    possible = spec.get("enum") or _POSSIBLE.findall(spec.get("description", ""))
    if possible and value not in possible:
        yield f"{where}: {value!r} is none of {sorted(possible)}"
    try:
        if spec.get("format") == "date":
            if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                raise ValueError("not a date")  # noqa: TRY301 -- one place says where it was
            times.wall({"date": value})
        elif spec.get("format") == "date-time":
            # Where an offset may be left out, because timeZone tells it, is judged with the whole event.
            times.parse(value, default_zone="UTC")
        elif where.endswith(".timeZone"):
            times.zone(value)
    except ValueError as fault:
        yield f"{where}: {fault}"
