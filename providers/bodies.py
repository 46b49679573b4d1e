"""Our lines in the body of an event, in plain text and in HTML; what is not ours stays as it is.

Conference blocks are left where they are, so that no vendor takes the meeting for one without them.
"""

import html as entities
import re
from collections.abc import Callable, Iterator, Sequence

from agendad.providers.base import Patch

_BODY_END = re.compile(r"</body\s*>|</html\s*>", re.IGNORECASE)
# Where a line of HTML begins or ends, as people see it.
_BREAK = re.compile(r"(</?(?:p|div|li|ul|ol|td|tr|table|body|html|h[1-6]|br)\b[^>]*+>)", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<(p|div)\b.*</\1\s*>", re.DOTALL | re.IGNORECASE)
_NEW_LINE = re.compile(r"<br\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TOPS = tuple(re.compile(tag, re.IGNORECASE) for tag in (r"<body\b[^>]*+>", r"</head\s*>", r"<html\b[^>]*+>"))
_INLINE = re.compile(r"<(/?)([a-z][a-z0-9:]*)\b[^>]*+>", re.IGNORECASE)
_TAG = re.compile(r"<!--.*?-->|<[^>]*+>", re.DOTALL)
_BLANK = r"(?:\s|&nbsp;|&#160;|&#xa0;|\\n)+"
"""What stands between two words in HTML, once servers have wrapped its lines their own way."""


def _as_is(text: str) -> str:
    return text


def with_lines(
    body: Sequence[str], patch: Patch, *, read: Callable[[str], str] = _as_is, written: Callable[[str], str] = _as_is
) -> list[str]:
    """The lines of a plain-text body after a patch.

    Args:
        body: its lines, without line ends, perhaps in an escaped form.
        patch: what is to be added and taken away.
        read: from that form to plain text.
        written: from plain text to that form.
    """
    if patch.until is not None:
        return _with_block(body, patch, read, written)
    kept = [line for line in body if not (patch.replace and patch.marker in read(line))]
    if kept == [""]:
        kept = []
    return [*kept, *(written(_CONTROL.sub("", line)) for line in patch.lines)]


def with_paragraphs(html: str, patch: Patch, written: Callable[[str], str] = _as_is) -> str:
    """An HTML body after a patch: ours are paragraphs before the end of the document, a block's on top of it.

    Args:
        html: perhaps in an escaped form, in which tags are still tags.
        patch: what is to be added and taken away.
        written: from HTML to that form.
    """
    if patch.until is not None:
        return _with_html_block(html, patch, written)
    marker = written(_as_html(patch.marker))
    if patch.replace and marker in html:
        html = _without_lines(html, marker)
    end = _BODY_END.search(html)
    place = end.start() if end else len(html)
    return html[:place] + _paragraphs(_html_lines(patch, written)) + html[place:]


def shows_block(text: str, html: str, patch: Patch) -> bool:
    """Whether a body has the block of a patch and no other, word by word; without lines, none."""
    if html.strip():
        tokens = _BREAK.split(html)
        place = _place_of_block(tokens[::2], *_loosely(patch, _as_html))
        lines = [entities.unescape(_TAG.sub(" ", token)) for token in tokens[::2]]
    else:
        lines = text.splitlines()
        place = _place_of_block(lines, *_loosely(patch))
    if place is None:
        return not patch.lines
    return " ".join(lines[place[0] : place[1] + 1]).split() == " ".join(patch.lines).split()


def _html_lines(patch: Patch, written: Callable[[str], str]) -> list[str]:
    return [written(_as_html(_CONTROL.sub("", line)) or "&nbsp;") for line in patch.lines]


def _paragraphs(lines: Sequence[str]) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def _without_lines(html: str, marker: str) -> str:
    """Take out the lines that hold the marker, and with each the paragraph or the line break that was for it."""
    tokens = _BREAK.split(html)  # text, tag, text, tag, …, text
    for at in range(0, len(tokens), 2):
        if marker in tokens[at]:
            tokens[at] = ""
            _unwrap(tokens, at)
    return "".join(tokens)


def _unwrap(tokens: list[str], at: int) -> None:
    """Take out what made a line of a text that is gone."""
    before, after = tokens[at - 1] if at else "", tokens[at + 1] if at + 1 < len(tokens) else ""
    if _PARAGRAPH.fullmatch(before + after):
        tokens[at - 1] = tokens[at + 1] = ""
    elif _NEW_LINE.match(before):
        tokens[at - 1] = ""
    elif _NEW_LINE.match(after):
        tokens[at + 1] = ""


# a block of lines that belong together


def _with_block(
    body: Sequence[str], patch: Patch, read: Callable[[str], str], written: Callable[[str], str]
) -> list[str]:
    added = [written(_CONTROL.sub("", line)) for line in patch.lines]
    place = _place_of_block([read(line) for line in body], *_loosely(patch))
    if place is None:
        return [*added, *([] if list(body) == [""] else body)]
    return [*body[: place[0]], *added, *body[place[1] + 1 :]]


def _place_of_block(
    lines: Sequence[str], marker: "re.Pattern[str]", until: "re.Pattern[str]"
) -> tuple[int, int] | None:
    """Its first and last line, which are the same where its end is missing; None where there is none."""
    begun: int | None = None
    for at, line in enumerate(lines):
        if begun is not None and until.search(line):
            return begun, at
        if marker.search(line):
            if begun is not None:
                break
            begun = at
    return None if begun is None else (begun, begun)


def _loosely(patch: Patch, written: Callable[[str], str] = _as_is) -> Iterator["re.Pattern[str]"]:
    """What finds the two lines around a block, however a server has wrapped them."""
    for mark in (patch.marker, patch.until or patch.marker):
        yield re.compile(_BLANK.join(re.escape(word) for word in written(mark).split()))


def _with_html_block(html: str, patch: Patch, written: Callable[[str], str]) -> str:
    added = _html_lines(patch, written)
    tokens = _BREAK.split(html)
    place = _place_of_block(tokens[::2], *_loosely(patch, lambda mark: written(_as_html(mark))))
    if place is None:
        top = next((found.end() for tag in _TOPS if (found := tag.search(html))), 0)
        return html[:top] + _paragraphs(added) + html[top:]
    first, last = (2 * at for at in place)
    for at in range(last, first, -2):
        tokens[at] = _tags_left_open(tokens[at])
        _unwrap(tokens, at)
    alone = 0 < first < len(tokens) - 1 and bool(_PARAGRAPH.fullmatch(tokens[first - 1] + tokens[first + 1]))
    tokens[first] = _tags_left_open(tokens[first])
    if alone or not added:
        _unwrap(tokens, first)
    tokens[first] += _paragraphs(added) if alone else "<br>".join(added)
    return "".join(tokens)


def _tags_left_open(line: str) -> str:
    """What must stay of a line that goes: tags that other lines open or close."""
    tags = list(_INLINE.finditer(line))
    open_tags: list[str] = []
    for tag in tags:
        if not tag[1]:
            open_tags.append(tag[2].lower())
        elif not open_tags or open_tags.pop() != tag[2].lower():
            return "".join(tag[0] for tag in tags)
    return "".join(tag[0] for tag in tags) if open_tags else ""


def _as_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
