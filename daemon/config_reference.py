"""The JSON Schema and the reference page of the configuration, from the models.

`python -m agendad.daemon.config_reference` writes docs/configuration.md, docs/config.schema.json and
docs/session-fields.md anew.
"""

import ast
import inspect
import json
import re
import sys
import textwrap
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, WithJsonSchema
from pydantic.fields import FieldInfo

from agendad.daemon.config_shapes import config_model
from agendad.daemon.config_wording import keys_of, shapes_in
from agendad.rules import expressions as bounds
from agendad.rules.session_fields import FIELDS, MAX_BODY, MAX_ENTRIES, MAX_TEXT

_HEAD = """# Configuration

One YAML 1.2 file: `--config FILE`, `$AGENDAD_CONFIG`, or `agendad/config.yaml` in your configuration folder.
[config.example.yaml](../config.example.yaml) is a start; `agendad check` tells everything that is wrong with a
file at once. Editors can use the [JSON Schema](config.schema.json).

Durations are written `90m`, `12h`, `7d`, `2 weeks`; clock times `"09:00"`, up to `"24:00"`; dates `2026-12-31`. A
relative path starts from the file's folder, and `~` is your home folder. Secrets never go in this file: unknown keys,
duplicate keys and keys that look like secrets are errors.

This page is generated from the models: `python -m agendad.daemon.config_reference` writes it anew.
"""


_FIELDS_HEAD = f"""# What an expression may ask of a session

`when:` of a [rule of your own](own-rules.md) is a [CEL](https://cel.dev) expression over these. What is not known of a
session (a person's hour without their zone, a start without a zone) makes the expression impossible to judge, unless
another part of it decides: that is told as information, and nothing follows.

A body is cut after {MAX_BODY:,} characters, other texts after {MAX_TEXT}, lists after {MAX_ENTRIES} entries. An
expression has at most {bounds.MAX_EXPRESSION:,} characters, {bounds.MAX_PATTERNS} regular expressions of
{bounds.MAX_PATTERN} characters ({bounds.MAX_PATTERN_COST:,} with their counted repetitions multiplied) and
{bounds.MAX_SUMS} times `+`.

This page is generated from the table in the source: `python -m agendad.daemon.config_reference` writes it anew.

| Field | Type | Meaning |
| --- | --- | --- |
"""


def session_fields() -> str:
    """The page of everything that an expression may ask for."""
    rows = []
    for one in FIELDS:
        holds = f"; each has {', '.join(f'`{key}`' for key in one.keys)}" if one.keys else ""
        rows.append(f"| `{one.name}` | {one.kind}{holds} | {one.meaning} |\n")
    return _FIELDS_HEAD + "".join(rows)


def meaning(shape: type[BaseModel], field: str) -> str:
    """What a key means: the text under the field in the source."""
    for cls in shape.__mro__:
        if not (issubclass(cls, BaseModel) and field in inspect.get_annotations(cls)):
            continue
        found = _docstrings(cls).get(field)
        if found:
            return " ".join(found.split())
    return ""


def _docstrings(cls: type[BaseModel]) -> dict[str, str]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError):  # made at run time, or no source installed
        return {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    return {
        line.target.id: text.value.value
        for line, text in pairwise(body)
        if isinstance(line, ast.AnnAssign)
        and isinstance(line.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def all_shapes() -> list[type[BaseModel]]:
    """Every shape in the file, from the outside in, each once."""
    found: list[type[BaseModel]] = [config_model()]
    for shape in found:  # grows on the way
        for info in shape.model_fields.values():
            found += [inner for inner in shapes_in(info.annotation) if inner not in found]
    return found


def default_of(info: FieldInfo) -> Any:  # a JSON value
    """A field's default as it would stand in the file."""
    annotated: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    default = info.get_default(call_default_factory=True, validated_data={})
    return TypeAdapter(annotated).dump_python(default, mode="json", by_alias=True, warnings=False)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the file."""
    made = config_model().model_json_schema(by_alias=True)
    shapes = {shape.__name__: shape for shape in all_shapes()}
    for name, part in {**made.get("$defs", {}), "Config": made}.items():
        if name in shapes:
            _describe(shapes[name], part)
        part.pop("title", None)
    holidays = made["$defs"]["Person"]["properties"]["holidays"]
    holidays.update(anyOf=[{"type": "string"}, {"type": "array", "items": {"type": "string"}}])
    del holidays["type"], holidays["items"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "agendad configuration", **made}


def _describe(shape: type[BaseModel], part: dict[str, Any]) -> None:
    for field, info in shape.model_fields.items():
        entry = part["properties"][info.alias or field]
        entry.pop("title", None)
        if text := meaning(shape, field):
            entry["description"] = text
        if "default" in entry:
            entry["default"] = default_of(info)


def reference() -> str:
    """The reference page: a table of keys for each shape."""
    parts = [_HEAD]
    for shape in all_shapes():
        title = "The whole file" if shape is config_model() else _title(shape)
        about = "" if shape is config_model() else f"{inspect.getdoc(shape) or ''}".partition("\n")[0]
        rows = ["| Key | Type | Default | Meaning |", "| --- | --- | --- | --- |"]
        for field, info in shape.model_fields.items():
            key = info.alias or field
            default = "required" if info.is_required() else _default_text(info)
            rows.append(f"| `{key}` | {_type_text(info)} | {default} | {meaning(shape, field)} |")
        parts.append("\n".join(filter(None, [f"## {title}\n", about and f"{about}\n", *rows])) + "\n")
    return "\n".join(parts)


def _title(shape: type[BaseModel]) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", shape.__name__.removesuffix("Shape"))
    return words.capitalize()


def _default_text(info: FieldInfo) -> str:
    default = default_of(info)
    if default is None:
        return "none"
    if shapes_in(info.annotation) and isinstance(default, dict):
        return "see below"
    return f"`{json.dumps(default, ensure_ascii=False)}`".replace("|", "\\|")


def _type_text(info: FieldInfo) -> str:
    for extra in info.metadata:
        if isinstance(extra, WithJsonSchema):
            made = extra.json_schema or {}
            if str(made.get("description", "")).startswith("a "):
                return str(made["description"]).partition(":")[0].removesuffix(" in quotes")
    return _annotation_text(info.annotation)


def _annotation_text(annotation: Any) -> str:  # any annotation
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotation_text(args[0])
    if origin is tuple:
        return f"list of {_annotation_text(args[0])}"
    if origin is Literal:
        return ", ".join(f"`{arg}`" for arg in args)
    if origin in (Union, UnionType):
        return " or ".join(_annotation_text(arg) for arg in args if arg is not type(None))
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{member.value}`" for member in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        title = _title(annotation)
        return f"[{title}](#{title.lower().replace(' ', '-')})"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}
    return names.get(annotation, getattr(annotation, "__name__", "text"))


def known_keys() -> set[tuple[str, str]]:
    """(shape's title, key) of everything in the file."""
    return {(_title(shape), key) for shape in all_shapes() for key in keys_of(shape)}


def generated() -> dict[str, str]:
    """The generated files' contents, by name in docs/."""
    schema = json.dumps(json_schema(), indent=2, ensure_ascii=False)
    return {
        "configuration.md": reference(),
        "config.schema.json": f"{schema}\n",
        "session-fields.md": session_fields(),
    }


def main(folder: Path) -> None:
    """Write the generated files into `folder`."""
    for name, text in generated().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs"))
