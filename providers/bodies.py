"""Our lines in the body of an event, in plain text and in HTML; what is not ours stays as it is.

Conference blocks are left where they are, so that no vendor takes the meeting for one without them.
"""

import re
from collections.abc import Callable, Sequence

from agendad.providers.base import Patch

_BODY_END = re.compile(r"</body\s*>|</html\s*>", re.IGNORECASE)
# Where a line of HTML begins or ends, as people see it.
_BREAK = re.compile(r"(</?(?:p|div|li|ul|ol|td|tr|table|body|html|h[1-6]|br)\b[^>]*+>)", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<(p|div)\b.*</\1\s*>", re.DOTALL | re.IGNORECASE)
_NEW_LINE = re.compile(r"<br\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


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
    kept = [line for line in body if not (patch.replace and patch.marker in read(line))]
    if kept == [""]:
        kept = []
    return [*kept, *(written(_CONTROL.sub("", line)) for line in patch.lines)]


def with_paragraphs(html: str, patch: Patch, written: Callable[[str], str] = _as_is) -> str:
    """An HTML body after a patch: ours are paragraphs before the end of the document.

    Args:
        html: perhaps in an escaped form, in which tags are still tags.
        patch: what is to be added and taken away.
        written: from HTML to that form.
    """
    marker = written(_as_html(patch.marker))
    if patch.replace and marker in html:
        html = _without_lines(html, marker)
    end = _BODY_END.search(html)
    place = end.start() if end else len(html)
    added = "".join(f"<p>{written(_as_html(_CONTROL.sub('', line)) or '&nbsp;')}</p>" for line in patch.lines)
    return html[:place] + added + html[place:]


def _without_lines(html: str, marker: str) -> str:
    """Take out the lines that hold the marker, and with each the paragraph or the line break that was for it."""
    tokens = _BREAK.split(html)  # text, tag, text, tag, …, text
    for at in range(0, len(tokens), 2):
        if marker not in tokens[at]:
            continue
        tokens[at] = ""
        before, after = tokens[at - 1] if at else "", tokens[at + 1] if at + 1 < len(tokens) else ""
        if _PARAGRAPH.fullmatch(before + after):
            tokens[at - 1] = tokens[at + 1] = ""
        elif _NEW_LINE.match(before):
            tokens[at - 1] = ""
        elif _NEW_LINE.match(after):
            tokens[at + 1] = ""
    return "".join(tokens)


def _as_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
