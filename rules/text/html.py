"""HTML as people see it, as lines of plain text.

A real parser builds the tree; what nobody sees is cut from it, and what is left is walked once, without recursion, in
time linear in the size of the markup. What a reader cannot see (hidden elements, comments, styles, zero-width
characters) leaves nothing behind.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_MARKUP = 100_000
"""Characters of a body that are read; what comes after them is ignored."""
MAX_SOURCE = 4_000_000
"""Characters that are searched for something to read, styles and comments included."""
MAX_SHEETS = 20_000
"""Characters of style sheets that are searched for what they hide."""
_MAX_ANCESTORS = 100

_MARKUP = re.compile(
    r"<(?:!doctype|/?(?:html|body|head|p|br|div|span|a|b|i|u|em|strong|font|ul|ol|li|table|tr|td|h[1-6]"
    r"|pre|meta"
    r"|hr|img|blockquote|center|style)(?=[\s/>]))",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"<(?:!doctype|html|body|head)\b", re.IGNORECASE)
_UNREAD = re.compile(r"<!--|<(style|script)\b", re.IGNORECASE)
_CLOSED_BY = {
    "!": re.compile(r"--(?=>)"),
    "style": re.compile(r"</style(?=[\s/>])", re.IGNORECASE),
    "script": re.compile(r"</script(?=[\s/>])", re.IGNORECASE),
}
_ZERO_WIDTH = dict.fromkeys(
    [0xAD, 0x034F, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
)
_HAS_ZERO_WIDTH = re.compile("[\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")

_UNSEEN_TAGS = (
    "style", "script", "template", "object", "iframe", "svg", "math", "canvas", "audio", "video", "select",
    "datalist", "button", "textarea", "map", "noframes", "title",
)  # fmt: skip
"""Elements whose text is not read."""
_PARAGRAPHS = (
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "hr", "article", "section",
)  # fmt: skip
_LINES = ("div", "li", "tr", "dt", "dd", "address", "header", "footer", "main", "nav", "form", "center", "caption")
_BLOCKS = frozenset((*_LINES, *_PARAGRAPHS, "body", "html", "td", "th", "tbody", "thead"))
_EMPTY = frozenset(["img", "wbr", "o:p"])
"""Elements inside a line that mostly hold nothing."""

_LINE, _PARAGRAPH, _BREAK, _CELL_BEGIN, _CELL_HEAD = "\x1e", "\x1d", "\x1c", "\x1f", "\x0b"
"""Separators that nobody writes; they are white space, so that they are gone when words are joined."""
_MARKS = (_LINE, _PARAGRAPH, _BREAK, _CELL_BEGIN, _CELL_HEAD)
_LINK, _NOT_READ = "a", "-"
_BEGINS = (
    {"br": _BREAK + _LINE, "li": f"{_LINE}- ", "td": _CELL_BEGIN, "th": _CELL_HEAD, "a": _LINK}
    | dict.fromkeys(_PARAGRAPHS, _PARAGRAPH + _LINE)
    | dict.fromkeys((tag for tag in _LINES if tag != "li"), _LINE)
    | dict.fromkeys(_UNSEEN_TAGS, _NOT_READ)
)
"""What the beginning of an element puts into the text. The end of a line tells what ended it."""

_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*[01](?:\.0+)?(?:px|pt|em|rem"
    r"|%)?\s*(?:!|;|$)"
    r"|opacity\s*:\s*+0?(?:\.0+)?\s*+(?:!|;|$)|max-height\s*:\s*0(?:px)?\s*(?:!|;|$)|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_WHITE = re.compile(
    r"(?:^|[;\s])color\s*:\s*(?:#fff(?:fff)?\b|white\b|transparent"
    r"|rgba?\(\s*255\s*,\s*255\s*,\s*255)",
    re.IGNORECASE,
)
_SHEET_RULE = re.compile(r"([^{}@]{1,400})\{([^{}]{0,2000})\}")
_SIMPLE_SELECTOR = re.compile(r"[a-z]*([.#][\w-]+)", re.IGNORECASE)
_SIGNATURES = (".gmail_signature", ".moz-signature", "#Signature", "#ms-outlook-mobile-signature")
"""What mail programs put a signature into."""
_LABEL_LENGTH = 40


def looks_like_html(text: str) -> bool:
    """True for a plain-text field that holds markup, as Google's description does.

    >>> looks_like_html("Agenda:<br>- thesis"), looks_like_html("<add agenda here>")
    (True, False)
    """
    return "<" in text and _MARKUP.search(text) is not None


def is_fragment(markup: str) -> bool:
    """True for text with a few tags, whose line breaks count, unlike those of a document."""
    return _DOCUMENT.search(markup, 0, 2000) is None


def without_zero_width(text: str) -> str:
    return text if text.isascii() or not _HAS_ZERO_WIDTH.search(text) else text.translate(_ZERO_WIDTH)


def seen_markup(markup: str) -> tuple[str, bool]:
    """The markup without comments, scripts and the bulk of style sheets, bounded; and whether it was cut.

    What hides elements is kept of the sheets. Linear in the size of the markup, whatever is left unclosed.
    """
    if len(markup) <= MAX_MARKUP:
        return markup, False
    parts: list[str] = []
    position, room = 0, MAX_MARKUP
    markup = markup[:MAX_SOURCE]
    sheets = MAX_SHEETS
    while room > 0 and (opened := _UNREAD.search(markup, position)):
        parts.append(markup[position : opened.start()])
        room -= len(parts[-1])
        name = opened[1]
        closing = _CLOSED_BY[name.lower() if name else "!"]
        closed = closing.search(markup, opened.start() + 2 if name is None else opened.end())
        # The first one decides, also where its own ">" never comes.
        position = (closed is not None and markup.find(">", closed.end()) + 1) or len(markup)
        if name and name.lower() == "style" and sheets > 0:
            sheet = markup[opened.start() : position]
            if _HIDING_STYLE.search(sheet):
                parts.append(sheet[:sheets] + ("" if len(sheet) <= sheets else "</style>"))
                sheets -= len(parts[-1])
    parts.append(markup[position : position + max(room, 0)])
    cut = len(markup) - position > max(room, 0) or len(markup) == MAX_SOURCE
    return "".join(parts), cut


def html_lines(markup: str, *, keep_newlines: bool = False) -> list[str]:
    """The visible lines of a document or fragment.

    List items start with "- ", links read "text <address>", paragraphs are parted by an empty line, and a row of a
    table is a line. With `keep_newlines` the line breaks of the source count as well.
    """
    markup = markup[: MAX_MARKUP + MAX_SHEETS].replace("\0", "")
    for mark in _MARKS:
        if mark in markup:
            markup = markup.replace(mark, " ")
    parser = LexborHTMLParser(markup)
    root = parser.body or parser.root
    if root is None:
        return []
    _cut_hidden(root, _names_hidden_by_sheets(parser))
    preformatted = root.css_first("pre") is not None
    text = _marked_text(root, preformatted=preformatted)
    if text is None:
        parser.strip_tags(list(_UNSEEN_TAGS))
        text = _marked_text(root, preformatted=preformatted) or ""
    return _lines(text.replace("\n", _BREAK + _LINE) if keep_newlines else text)


def _marked_text(root: LexborNode, *, preformatted: bool) -> str | None:
    """The text with marks where lines and cells begin; None where there is an element that is not to be read.

    The tree tells where an element begins and not where it ends. So text that follows other text, in another block
    than the last one that began, stands after the end of that.
    """
    parts: list[str] = []
    add, begins = parts.append, _BEGINS.get
    address, block, after_text = "", root.mem_id, False
    known: dict[int, int] = {}
    for node in root.traverse(include_text=True):
        tag = node.tag
        if tag == "-text":
            text = node.text_content or ""
            if after_text and (around := _block_around(node, block, known)) != block and not text.isspace():
                block = around
                add(_PARAGRAPH + _LINE)
            if preformatted and "\n" in text and any(one.tag == "pre" for one in _with_ancestors(node)):
                text = text.replace("\n", _BREAK + _LINE)
            add(text)
            after_text = True
            if address and text.strip():
                add("" if address in text else f" <{''.join(address.split())[:2000]}> ")
                address = ""
        elif (mark := begins(tag or "")) is None:
            after_text = after_text and tag in _EMPTY
        elif mark == _LINK:
            address, after_text = node.attrs.get("href") or "", False
            address = address if address.startswith(("http:", "https:")) else ""
        elif mark == _NOT_READ:
            return None
        else:
            add(mark)
            if tag != "br":
                block, after_text = node.mem_id, False
    return "".join(parts)


def _block_around(node: LexborNode, expected: int, known: dict[int, int]) -> int:
    """The `mem_id` of the innermost element around a node that stands on lines of its own; most often `expected`.

    `known` keeps what is found on the way, so that no way is gone twice: elements may be nested by the thousand.
    """
    passed: list[int] = []
    around, found = node.parent, expected
    while around is not None and (place := around.mem_id) != expected:
        if around.tag in _BLOCKS or place in known:
            found = known.get(place, place)
            break
        passed.append(place)
        around = around.parent
    known.update(dict.fromkeys(passed, found))
    return found


def _with_ancestors(node: LexborNode) -> Iterator[LexborNode]:
    around: LexborNode | None = node
    for _ in range(_MAX_ANCESTORS):
        if around is None:
            return
        yield around
        around = around.parent


def _lines(text: str) -> list[str]:
    """Marked text as lines."""
    lines: list[str] = []
    bullet = ""
    has_cells, has_breaks = _CELL_BEGIN in text or _CELL_HEAD in text, _BREAK in text
    for piece in text.split(_LINE):
        if not piece:
            continue
        whole = piece if piece.isascii() else without_zero_width(piece)
        line = _row(whole) if has_cells else " ".join(whole.split())
        broken = has_breaks and _BREAK in piece
        if line == "-" and not broken:  # <li><p>text</p></li>
            bullet = "- "
            continue
        if line:
            lines.append(bullet + line)
            bullet = ""
        if (_PARAGRAPH in piece or (broken and not line)) and not bullet and lines and lines[-1]:
            lines.append("")
    return lines


def _row(text: str) -> str:
    """A line, put together from cells in a table.

    It is "label: value", or "label:" where the other cells are empty; a row of heads is a label.
    """
    if _CELL_BEGIN not in text and _CELL_HEAD not in text:
        return " ".join(text.split())
    first, *cells = (" ".join(cell.split()) for cell in text.replace(_CELL_HEAD, _CELL_BEGIN).split(_CELL_BEGIN))
    filled = [cell for cell in cells if cell]
    if _CELL_HEAD in text and _CELL_BEGIN not in text and len(filled) > 1:
        line = f"{' / '.join(filled)}:"
    elif len(cells) > 1 and cells[0] and len(cells[0]) <= _LABEL_LENGTH and len(filled) < 3:
        label = cells[0].rstrip(":： ")
        line = f"{label}: {filled[1]}" if len(filled) == 2 else f"{label}:"
    else:
        line = "  ".join(filled)
    return f"{first} {line}".strip()


def _names_hidden_by_sheets(parser: LexborHTMLParser) -> frozenset[str]:
    """`.class` and `#id` selectors that a style sheet hides; anything cleverer is left visible."""
    names: set[str] = set()
    for sheet in parser.css("style"):
        rules = sheet.text()[:MAX_SHEETS]
        for selectors, body in _SHEET_RULE.findall(rules) if _HIDING_STYLE.search(rules) else ():
            if _HIDING_STYLE.search(body):
                for selector in selectors.split(","):
                    simple = _SIMPLE_SELECTOR.fullmatch(selector.strip())
                    if simple:
                        names.add(simple[1])
    return frozenset(names)


def _cut_hidden(root: LexborNode, names: frozenset[str]) -> None:
    """Cut from the tree what is hidden by its style, its attribute `hidden`, or a style sheet; and signatures."""
    hidden = [
        node
        for node in root.css("[style]")
        if (style := node.attrs.get("style")) and _style_hides(style) and not _is_seen_white(node, style)
    ]
    hidden += root.css(",".join(["[hidden]", *_SIGNATURES, *sorted(names)]))
    places = {node.mem_id for node in hidden}
    # What is cut takes along what is in it: that must not be touched any more.
    seen: set[int] = set()
    outermost = {node.mem_id: node for node in hidden if not _is_inside(node, places, seen)}
    for node in outermost.values():
        node.decompose()


def _is_inside(node: LexborNode, places: set[int], seen: set[int]) -> bool:
    """Whether it lies in one of `places`. `seen` collects elements that do not."""
    passed: list[int] = []
    around = node.parent
    while around is not None and (place := around.mem_id) not in seen:
        if place in places:
            return True
        passed.append(place)
        around = around.parent
    seen.update(passed)
    return False


@lru_cache(maxsize=1024)
def _style_hides(style: str) -> bool:
    return _HIDING_STYLE.search(style) is not None or _WHITE.search(style) is not None


def _is_seen_white(node: LexborNode, style: str) -> bool:
    """White text is hidden unless something is painted behind it."""
    return _HIDING_STYLE.search(style) is None and any(map(_is_painted, _with_ancestors(node)))


def _is_painted(node: LexborNode) -> bool:
    attributes = node.attributes
    return "bgcolor" in attributes or "background" in (attributes.get("style") or "")
