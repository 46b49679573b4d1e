"""HTML as people see it, as lines of plain text.

One walk over the parsed tree, without recursion, in time linear in the size of the markup. What a reader
cannot see (hidden elements, comments, styles, zero-width characters) leaves nothing behind.
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_MARKUP = 100_000
"""Characters of a body that are read; what comes after them is ignored."""
MAX_SOURCE = 4_000_000
"""Characters that are searched for something to read, styles and comments included."""
MAX_SHEETS = 20_000
"""Characters of style sheets that are searched for what they hide."""
MAX_DEPTH = 512
"""Deeper markup is written by no person and not followed."""

_MARKUP = re.compile(
    r"<(?:!doctype|/?(?:html|body|head|p|br|div|span|a|b|i|u|em|strong|font|ul|ol|li|table|tr|td|h[1-6]"
    r"|pre|meta"
    r"|hr|img|blockquote|center|style)(?=[\s/>]))",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"<(?:!doctype|html|body|head)\b", re.IGNORECASE)
_UNREAD = re.compile(r"<!--|<(style|script)\b", re.IGNORECASE)
_CLOSED_BY = {
    "!": re.compile(r"-->"),
    "style": re.compile(r"</style[^>]*>", re.IGNORECASE),
    "script": re.compile(r"</script[^>]*>", re.IGNORECASE),
}
_SPACE = re.compile(r"\s+")
_ZERO_WIDTH = dict.fromkeys(
    [0xAD, 0x034F, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
)

_UNSEEN_TAGS = frozenset(
    [
        "head",
        "style",
        "script",
        "template",
        "title",
        "meta",
        "link",
        "object",
        "iframe",
        "svg",
        "math",
        "canvas",
        "audio",
        "video",
        "select",
        "datalist",
        "input",
        "button",
        "textarea",
        "img",
        "map",
        "noframes",
    ]
)
_PARAGRAPHS = frozenset(
    [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "dl",
        "table",
        "blockquote",
        "pre",
        "hr",
        "article",
        "section",
    ]
)
_LINES = frozenset(
    [
        "div",
        "li",
        "tr",
        "dt",
        "dd",
        "body",
        "html",
        "address",
        "header",
        "footer",
        "main",
        "nav",
        "form",
        "center",
        "caption",
    ]
)
_BREAKS = _PARAGRAPHS | _LINES
_INLINE, _TEXT, _LINE_BREAK, _UNSEEN, _CELL, _SPANNING = range(6)
_ROLES = (
    {"-text": _TEXT, "br": _LINE_BREAK, "td": _CELL, "th": _CELL, "a": _SPANNING}
    | dict.fromkeys(_UNSEEN_TAGS, _UNSEEN)
    | dict.fromkeys(_BREAKS, _SPANNING)
)
"""What a node does to the text; SPANNING: its end matters as well."""

_MAY_HIDE = (
    *("hidden", "display", "visibility", "opacity", "max-height", "mso-hide", "transparent"),
    *("#fff", "white", "rgb(255", "rgba(255", "rgb( 255", "rgba( 255"),
)
"""Without any of these, or a tiny font, nothing is hidden and no style need be looked at."""
_TINY_FONT = re.compile(r"font-size\s*:\s*[01](?!\d)")
_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*[01](?:\.0+)?(?:px|pt|em|rem"
    r"|%)?\s*(?:!|;|$)"
    r"|opacity\s*:\s*0?(?:\.0+)?\s*(?:!|;|$)|max-height\s*:\s*0(?:px)?\s*(?:!|;|$)|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_WHITE = re.compile(
    r"(?:^|[;\s])color\s*:\s*(?:#fff(?:fff)?\b|white\b|transparent"
    r"|rgba?\(\s*255\s*,\s*255\s*,\s*255)",
    re.IGNORECASE,
)
_SHEET_RULE = re.compile(r"([^{}@]{1,400})\{([^{}]{0,2000})\}")
_SIMPLE_SELECTOR = re.compile(r"[a-z]*([.#][\w-]+)", re.IGNORECASE)


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
    return text if text.isascii() else text.translate(_ZERO_WIDTH)


def seen_markup(markup: str) -> tuple[str, bool]:
    """The markup without comments, scripts and the bulk of style sheets, bounded; and whether it was cut.

    What hides elements is kept of the sheets. Linear in the size of the markup, whatever is left unclosed.
    """
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
        position = closed.end() if closed else len(markup)
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

    List items start with "- ", links read "text <address>", paragraphs are parted by an empty line.
    With `keep_newlines` the line breaks of the source count as well.
    """
    markup = markup[: MAX_MARKUP + MAX_SHEETS].replace("\0", "")
    parser = LexborHTMLParser(markup)
    root = parser.body or parser.root
    if root is None:
        return []
    walk = _Walk(
        keep_newlines=keep_newlines,
        styled=_may_hide(markup),
        hidden_names=_names_hidden_by_sheets(parser, markup),
    )
    walk.run(root)
    return walk.lines


def _may_hide(markup: str) -> bool:
    lowered = markup.lower()
    return any(mark in lowered for mark in _MAY_HIDE) or _TINY_FONT.search(lowered) is not None


def _names_hidden_by_sheets(parser: LexborHTMLParser, markup: str) -> frozenset[str]:
    """`.class` and `#id` selectors that a style sheet hides; anything cleverer is left visible."""
    if "<style" not in markup and "<STYLE" not in markup:
        return frozenset()
    names: set[str] = set()
    for sheet in parser.css("style"):
        for selectors, body in _SHEET_RULE.findall(sheet.text()[:20_000]):
            if _HIDING_STYLE.search(body):
                for selector in selectors.split(","):
                    simple = _SIMPLE_SELECTOR.fullmatch(selector.strip())
                    if simple:
                        names.add(simple[1])
    return frozenset(names)


_NOWHERE = -1


class _Walk:
    """Collects lines while visiting every visible node once, in document order.

    `_open` holds the elements whose end means something, each with the node that follows its subtree.
    """

    def __init__(self, *, keep_newlines: bool, styled: bool, hidden_names: frozenset[str]) -> None:
        self.lines: list[str] = []
        self._parts: list[str] = []
        self._keep_newlines = keep_newlines
        self._styled = styled or bool(hidden_names)
        self._hidden_names = hidden_names
        self._open: list[tuple[int, LexborNode, str]] = []
        self._painted: list[int] = []
        self._preformatted = 0
        self._hiding: dict[str, bool] = {}

    def run(self, root: LexborNode) -> None:
        open_nodes, painted, hides = self._open, self._painted, self._hides if self._styled else None
        add, role_of = self._parts.append, _ROLES.get
        skipped_to = ended_by = 0
        for node in root.traverse(include_text=True):
            if skipped_to or ended_by:
                place = node.mem_id
                if skipped_to:
                    if place != skipped_to:
                        continue
                    skipped_to = 0
                while ended_by == place:
                    self._leave()
                    ended_by = open_nodes[-1][0] if open_nodes else 0
            tag = node.tag or ""
            role = role_of(tag, _INLINE)
            if role == _TEXT:
                text = node.text_content or ""
                if "\n" in text:
                    self._text(text)
                else:
                    add(text)
            elif role == _LINE_BREAK:
                self._end_line(keep_empty=True)
            elif role == _UNSEEN or (hides is not None and hides(node)) or len(open_nodes) >= MAX_DEPTH:
                skipped_to = self._end_of(node)
                if skipped_to == _NOWHERE:
                    break
            elif role >= _SPANNING or (painted and painted[-1] == -1):
                ended_by = self._enter(node, tag)
            elif role == _CELL:
                add("  ")
        while open_nodes:
            self._leave()
        self._end_line()

    def _end_of(self, node: LexborNode) -> int:
        """The first node after a subtree; _NOWHERE at the end of the document."""
        enclosing = self._open[-1] if self._open else None
        around: LexborNode | None = node
        while around is not None:
            following = around.next
            if following is not None:
                return following.mem_id
            around = around.parent
            if around is not None and enclosing is not None and around.mem_id == enclosing[1].mem_id:
                return enclosing[0]
        return _NOWHERE

    def _text(self, text: str) -> None:
        if "\n" in text and (self._keep_newlines or self._preformatted):
            first, *rest = text.split("\n")
            self._parts.append(first)
            for line in rest:
                self._end_line(keep_empty=True)
                self._parts.append(line)
        else:
            self._parts.append(text)

    def _enter(self, node: LexborNode, tag: str) -> int:
        """Open an element whose end means something; returns what ends it."""
        if tag in _BREAKS:
            self._break(tag)
            if tag == "li":
                self._parts.append("- ")
            elif tag == "pre":
                self._preformatted += 1
        elif tag in ("td", "th"):
            self._parts.append("  ")
        following = node.next
        ended_by = self._end_of(node) if following is None else following.mem_id
        if self._painted and self._painted[-1] == -1:
            self._painted[-1] = len(self._open)
        self._open.append((ended_by, node, tag))
        return ended_by

    def _leave(self) -> None:
        _, node, tag = self._open.pop()
        if self._painted and self._painted[-1] == len(self._open):
            self._painted.pop()
        if tag == "a":
            address = node.attributes.get("href") or ""
            if address.startswith(("http:", "https:")) and address not in "".join(self._parts[-3:]):
                self._parts.append(f" <{_SPACE.sub('', address)[:2000]}> ")
        elif tag in _BREAKS:
            self._break(tag)
            if tag == "pre":
                self._preformatted -= 1

    def _break(self, tag: str) -> None:
        if self._parts:
            self._end_line()
        if tag in _PARAGRAPHS and self.lines and self.lines[-1]:
            self.lines.append("")

    def _end_line(self, *, keep_empty: bool = False) -> None:
        line = " ".join(without_zero_width("".join(self._parts)).split())
        bullet_waits = line == "-" and not keep_empty and self._parts[0] == "- "
        self._parts.clear()
        if bullet_waits:  # <li><p>text</p></li>
            self._parts.append("- ")
        elif line or (keep_empty and self.lines and self.lines[-1]):
            self.lines.append(line)

    def _hides(self, node: LexborNode) -> bool:
        """Also notes, as -1 until it is opened, that something is painted behind what follows."""
        attributes = node.attributes
        if not attributes:
            return False
        if "hidden" in attributes:
            return True
        style = attributes.get("style") or ""
        painted = "background" in style or "bgcolor" in attributes
        if style and self._style_hides(style, painted=painted):
            return True
        if self._hidden_names:
            names = {f".{name}" for name in (attributes.get("class") or "").split()}
            if not self._hidden_names.isdisjoint(names | {f"#{attributes.get('id')}"}):
                return True
        if painted:
            self._painted.append(-1)
        return False

    def _style_hides(self, style: str, *, painted: bool) -> bool:
        """Whether a style hides its element; white text is hidden unless something is painted behind it."""
        hides = self._hiding.get(style)
        if hides is None:
            hides = self._hiding[style] = _HIDING_STYLE.search(style) is not None
        return hides or (
            not painted
            and not self._painted
            and ("fff" in style or "white" in style or "rgb" in style or "transparent" in style)
            and _WHITE.search(style) is not None
        )
