"""Markdown as the plain lines of an invite: what a person meant to be read, without the marks around it.

Not a Markdown parser: whatever is not known stays as it was written. Nothing in the result acts: neither on a terminal,
nor as HTML, nor as a line of agendad's own.
"""

import re
from collections.abc import Iterator

from agendad.rules.text import MARKER
from agendad.rules.text.untrusted import strip_controls

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:[^\n]*\n){0,200}?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_RULED = re.compile(r"\s{0,3}(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,}|=+|-+)\s*")
"""A line across, or one below a heading."""
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})[^`]*")
_HEADING = re.compile(r"\s{0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*")
_QUOTED = re.compile(r"(?:\s{0,3}>[ \t]?)+")
_BULLET = re.compile(r"([ \t]*)[-*+•][ \t]+(?:\[ \][ \t]+)?")
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\(<?([^()\s<>]{1,2000})>?(?:\s+\"[^\"]{0,200}\")?\)")
_ADDRESS = re.compile(r"<((?:https?://|mailto:)[^<>\s]{1,2000})>", re.IGNORECASE)
_STRONG = re.compile(r"(\*\*|__|~~)(?=\S)(.{1,500}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*_])([*_])(?=[^\s*_])(.{1,500}?)(?<=[^\s*_])\1(?![\w*_])")
_CODE = re.compile(r"(`+)(?!`)(.{1,500}?)(?<!`)\1(?!`)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!<>~|])")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<(?=[a-z/!?])", re.IGNORECASE)


def plain_lines(text: str) -> tuple[str, ...]:
    r"""The lines, none empty at either end and no two empty ones in a row.

    >>> plain_lines("# Agenda\n\n* **Topic:** the [draft](https://example.org/d)\n* [ ] what to *drop*\n---\n")
    ('Agenda', '', '- Topic: the draft (https://example.org/d)', '- what to drop')
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = _COMMENT.sub("", _FRONT_MATTER.sub("", text))
    lines: list[str] = []
    for line in _lines(strip_controls(text.replace("\t", "    "))):
        if line or (lines and lines[-1]):
            lines.append(line)
    return tuple(lines[:-1] if lines and not lines[-1] else lines)


def _lines(text: str) -> Iterator[str]:
    in_code = False
    for raw in _BREAK.sub("\n", text).split("\n"):
        if _FENCE.fullmatch(raw):
            in_code = not in_code
        elif in_code:
            yield _harmless(raw.rstrip())
        elif _RULED.fullmatch(raw):
            yield ""
        else:
            yield _harmless(_line(raw))


def _line(raw: str) -> str:
    line = _QUOTED.sub("", raw, count=1) if raw.lstrip().startswith(">") else raw
    if heading := _HEADING.fullmatch(line):
        line = heading[1]
    line = _BULLET.sub(r"\1- ", line, count=1) if _BULLET.match(line) else line
    line = _IMAGE_OR_LINK.sub(lambda found: f"{found[1]} ({found[2]})" if found[1].strip() else found[2], line)
    line = _ADDRESS.sub(r"\1", line)
    for marks in (_CODE, _STRONG, _EMPHASIS):
        line = marks.sub(r"\2", line)
    return _ESCAPED.sub(r"\1", line).rstrip(" \\")


def _harmless(line: str) -> str:
    """A line that no calendar takes for markup, and no reader for one of agendad's own."""
    return _TAG.sub("< ", line).replace(MARKER, MARKER.strip("[]"))
