"""YAML 1.2 as plain values, with the line and column of each.

Scalars are read by the YAML 1.2 core schema (§10.3.2) and nothing else: `no`, `on`, `17:00` and
`2026-01-01` are strings. Duplicate keys, tags, several documents, bombs made of aliases and endless
nesting are refused. Everything that can be told at once is told at once.
"""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, StringMark, YAMLError
from ruamel.yaml.nodes import Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from agendad.daemon.config_errors import ConfigError, KeyPath, Problem, dotted

MAX_BYTES = 256 * 1024
MAX_VALUES = 10_000
"""After aliases are followed; a real configuration has some hundreds."""
MAX_DEPTH = 30

_STR = "tag:yaml.org,2002:str"
_CORE_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")}
_RESOLVED_BY_LIBRARY = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"}
_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the file, 1-based."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """A file's values and where they stand.

    `keys` and `values` hold a mark for each path; a list's items have no key.
    """

    file: str
    value: Any  # whatever YAML holds: dict, list, str, int, float, bool, None
    keys: dict[KeyPath, Mark] = field(default_factory=dict)
    values: dict[KeyPath, Mark] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    """Duplicate keys and the like: the rest could be read all the same."""

    def at_key(self, path: KeyPath) -> Mark | None:
        """Where the key of `path` stands, else its value, else the nearest thing around it."""
        return self.keys.get(path) or self.at_value(path)

    def at_value(self, path: KeyPath) -> Mark | None:
        for length in range(len(path), -1, -1):
            mark = self.values.get(path[:length])
            if mark is not None:
                return mark
        return None

    def problem(self, path: KeyPath, message: str, hint: str = "", *, at_key: bool = False) -> Problem:
        """A problem with the value (or the key) at `path`."""
        mark = self.at_key(path) if at_key else self.at_value(path)
        line, column = (mark.line, mark.column) if mark else (None, None)
        return Problem(file=self.file, line=line, column=column, key=dotted(path), message=message, hint=hint)


def read(content: bytes, file: str) -> Document:
    """Read one YAML document.

    Args:
        content: the file's bytes.
        file: its name, for messages.

    Raises:
        ConfigError: it cannot be read as one YAML document, with the place and the likely cause.
    """
    text = _decoded(content, file)
    loader = YAML(typ="safe", pure=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)  # allowed by YAML 1.2 §3.2.2.2
            root = loader.compose(text)
    except MarkedYAMLError as error:
        raise ConfigError([_syntax_problem(error, text, file)]) from None
    except ReaderError as error:
        raise ConfigError([_character_problem(error, text, file)]) from None
    except RecursionError:
        raise ConfigError([_too_deep(file, None)]) from None
    except (YAMLError, ValueError) as error:
        raise ConfigError([Problem(file=file, message=f"this is no YAML: {error}")]) from None
    document = Document(file=file, value=None)
    if root is None:
        return document
    reading = _Reading(document)
    value = reading.value(root, ())
    return Document(
        file=file,
        value=value,
        keys=document.keys,
        values=document.values,
        problems=tuple(reading.problems),
    )


class _Reading:
    """Turns nodes into values. Aliases share nodes, so the count and the depth are bounded here."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self._count = 0
        self._open: list[Node] = []

    def value(self, node: Node, path: KeyPath) -> Any:
        self._count += 1
        mark = _mark(node)
        if self._count > MAX_VALUES:
            raise ConfigError(
                [
                    self._problem(
                        mark,
                        path[:1],
                        f"more than {MAX_VALUES} values",
                        "aliases (*name) multiply what they name; write less, or write it out",
                    )
                ]
            )
        if len(self._open) > MAX_DEPTH:
            raise ConfigError([_too_deep(self.document.file, mark)])
        if any(node is opened for opened in self._open):
            raise ConfigError(
                [self._problem(mark, path, "an alias stands inside what it names", "write the value out")]
            )
        self.document.values.setdefault(path, mark)
        tag = str(node.tag)
        if tag not in _CORE_TAGS | _RESOLVED_BY_LIBRARY:
            self.problems.append(self._problem(mark, path, f"the tag {tag} means nothing here", "remove it"))
            return None
        if isinstance(node, ScalarNode):
            return _scalar(node)
        self._open.append(node)
        try:
            if isinstance(node, SequenceNode):
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self._open.pop()

    def _mapping(self, node: Node, path: KeyPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        first: dict[str, Mark] = {}
        for key, item, mark in self._entries(node, path):
            here = (*path, key)
            if key in first:
                again = f"duplicate key, also on line {first[key].line}"
                self.problems.append(self._problem(mark, here, again, "keep one of the two"))
                continue
            first[key] = mark
            self.document.keys.setdefault(here, mark)
            mapping[key] = self.value(item, here)
        return mapping

    def _entries(self, node: Node, path: KeyPath) -> Iterator[tuple[str, Node, Mark]]:
        for key_node, item in node.value:
            mark = _mark(key_node)
            if not isinstance(key_node, ScalarNode):
                self.problems.append(self._problem(mark, path, "a key is one word", "remove the brackets"))
            elif key_node.value == "<<" and key_node.style is None:
                self.problems.append(
                    self._problem(mark, path, "merge keys (<<) are not part of YAML 1.2", "write the keys out")
                )
            else:
                yield key_node.value, item, mark

    def _problem(self, mark: Mark, path: KeyPath, message: str, hint: str) -> Problem:
        return Problem(
            file=self.document.file,
            line=mark.line,
            column=mark.column,
            key=dotted(path),
            message=message,
            hint=hint,
        )


def _mark(node: Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


def _scalar(node: ScalarNode) -> str | int | float | bool | None:
    """A scalar by the core schema. Quoted and block scalars are strings."""
    text: str = node.value
    if node.style in ("'", '"', "|", ">") or str(node.tag) == _STR:
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if len(text) > _LONGEST_NUMBER:
        return text
    if _DECIMAL.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text) or _HEX.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def _too_deep(file: str, mark: Mark | None) -> Problem:
    return Problem(
        file=file,
        line=mark.line if mark else None,
        column=mark.column if mark else None,
        message=f"nested more than {MAX_DEPTH} levels deep",
        hint="look for brackets that are never closed",
    )


def _decoded(content: bytes, file: str) -> str:
    if len(content) > MAX_BYTES:
        raise ConfigError(
            [
                Problem(
                    file=file,
                    message=f"larger than {MAX_BYTES // 1024} KiB, so it was not read",
                    hint="is this the right file?",
                )
            ]
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError(
            [Problem(file=file, line=1, column=1, message="this is UTF-16", hint="save the file as UTF-8")]
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", errors="replace")
        mark = _place(before, len(before))
        raise ConfigError(
            [
                Problem(
                    file=file,
                    line=mark.line,
                    column=mark.column,
                    message=f"the byte 0x{error.object[error.start]:02x} is no UTF-8",
                    hint="save the file as UTF-8",
                )
            ]
        ) from None


def _place(text: str, index: int) -> Mark:
    before = text[:index]
    return Mark(before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1)


def _character_problem(error: ReaderError, text: str, file: str) -> Problem:
    mark = _place(text, error.position)
    return Problem(
        file=file,
        line=mark.line,
        column=mark.column,
        message=f"the invisible character U+{ord(text[error.position]):04X} cannot stand in YAML",
        hint="delete it",
    )


def _syntax_problem(error: MarkedYAMLError, text: str, file: str) -> Problem:
    """The library's complaint in plain words, with the likely cause."""
    said = f"{error.context or ''} {error.problem or ''}"
    start: StringMark | None = error.context_mark
    mark: StringMark | None = error.problem_mark or start
    message, hint = _plain_words(said, opened=start.line + 1 if start else None)
    if start is not None and message.startswith("a quote"):
        mark = start
    if mark is not None and text.splitlines()[mark.line : mark.line + 1]:
        line = text.splitlines()[mark.line]
        if "\t" in line[: len(line) - len(line.lstrip())]:
            message, hint = _TAB
    return Problem(
        file=file,
        line=mark.line + 1 if mark else None,
        column=mark.column + 1 if mark else None,
        message=message,
        hint=hint,
    )


_TAB = ("a tab indents this line", "indent with spaces: YAML allows no tabs there")
_SAYINGS: tuple[tuple[str, str, str], ...] = (
    ("found character '\\t'", *_TAB),
    ("quoted scalar found unexpected end", "a quote is opened and never closed", "close it on the same line"),
    ("found unknown escape", "a backslash in double quotes starts an escape", "use 'single quotes'"),
    ("quoted scalar", "the text in quotes cannot be read", "check that the quotes match"),
    ("found undefined alias", "an alias (*name) names no anchor", "put a text that starts with * in quotes"),
    ("expected alphabetic or numeric", "* and & have a meaning of their own in YAML", "put the text in quotes"),
    ("another document", "a second document begins here", "keep one: remove the line with ---"),
    ("mapping values are not allowed",
     "a `:` where none can stand",
     "put a text with `: ` in it in quotes, or check the indentation"),
    ("could not find expected ':'",
     "a key without `:`, or a line indented less than it should be",
     "write `key: value`, or check the indentation of the line before"),
    ("while parsing a flow", "a bracket is opened and not closed, or a comma is missing",
     "check [ ] and { } from line {opened} on"),
    ("but found ']'", "a closing bracket without an opening one", "remove it"),
    ("but found '}'", "a closing bracket without an opening one", "remove it"),
    ("expected <block end>", "this line is not indented like the others of its block", "indent it like line {opened}"),
    ("that cannot start any token", "a text cannot start with this character", "put it in quotes"),
    ("block scalar", "the text after | or > cannot be read", "indent all its lines alike, with spaces"),
)  # fmt: skip


def _plain_words(said: str, *, opened: int | None) -> tuple[str, str]:
    for sign, message, hint in _SAYINGS:
        if sign in said:
            return message, hint.replace("{opened}", str(opened))
    return "this is no YAML", said.strip()
