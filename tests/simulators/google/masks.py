"""The `fields` parameter: partial responses, e.g. `items(id,start/dateTime),nextPageToken`."""

import re
from typing import Any

from .discovery import document
from .errors import Refused

_WORD = re.compile(r"[\w*-]+")
Mask = dict[str, Any]
"""Names, each with the mask of what is below; an empty mask takes all."""


def partial(answer: Any, text: str, schema: str) -> Any:
    """The selected part of an answer; a field that the schema does not have is refused."""
    mask, rest = _selectors(text, text)
    if rest:
        raise _invalid(text)
    _check(mask, {"$ref": schema}, text)
    return _take(answer, mask)


def _invalid(text: str) -> Refused:
    return Refused(f"Invalid field selection {text}", reason="invalidParameter", parameter="fields")


def _selectors(rest: str, text: str) -> tuple[Mask, str]:
    mask: Mask = {}
    while True:
        rest = _path(mask, rest, text)
        if not rest.startswith(","):
            return mask, rest
        rest = rest[1:]


def _path(mask: Mask, rest: str, text: str) -> str:
    match = _WORD.match(rest)
    if not match:
        raise _invalid(text)
    below = mask.setdefault(match[0], {})
    rest = rest[match.end() :]
    if rest.startswith("/"):
        return _path(below, rest[1:], text)
    if rest.startswith("("):
        inner, rest = _selectors(rest[1:], text)
        if not rest.startswith(")"):
            raise _invalid(text)
        below.update(inner)
        return rest[1:]
    return rest


def _check(mask: Mask, spec: dict[str, Any], text: str) -> None:
    if "$ref" in spec:
        spec = document()["schemas"][spec["$ref"]]
    if spec.get("type") == "array":
        _check(mask, spec["items"], text)
        return
    for name, below in mask.items():
        known = spec.get("properties", {}).get(name) or spec.get("additionalProperties")
        if name != "*" and known is None:
            raise _invalid(text)
        if below and known:
            _check(below, known, text)


def _take(value: Any, mask: Mask) -> Any:
    if not mask or ("*" in mask and not mask["*"]):
        return value
    if isinstance(value, list):
        return [_take(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _take(item, mask.get(name, mask.get("*", {})))
        for name, item in value.items()
        if name in mask or "*" in mask
    }
