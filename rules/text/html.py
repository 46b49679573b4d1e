"""HTML as people see it, as lines of plain text.

One walk over the parsed tree, without recursion, in time linear in the size of the markup. What a reader
cannot see (hidden elements, comments, styles, zero-width characters) leaves nothing behind.
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_MARKUP = 100_000
"""Characters of a body that are read; what comes after them is ignored."""
MAX_DEPTH = 512
"""Deeper markup is written by no person and not followed."""

_MARKUP = re.compile(
    r"<(?:!doctype|/?(?:html|body|head|p|br|div|span|a|b|i|u|em|strong|font|ul|ol|li|table|tr|td|h[1-6]"
    r"|pre|meta"
    r"|hr|img|blockquote|center|style)(?=[\s/>]))",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"<(?:!doctype|html|body|head)\b", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_ZERO_WIDTH = dict.fromkeys(
    [0xAD, 0x034F, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
)

_UNSEEN = frozenset(
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

_MAY_HIDE = re.compile(r"hidden|display|visibility|font-size|opacity|max-height|mso-hide|color", re.IGNORECASE)
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


def html_lines(markup: str, *, keep_newlines: bool = False) -> list[str]:
    """The visible lines of a document or fragment.

    List items start with "- ", links read "text <address>", paragraphs are parted by an empty line.
    With `keep_newlines` the line breaks of the source count as well.
    """
    markup = markup[:MAX_MARKUP].replace("\0", "")
    parser = LexborHTMLParser(markup)
    root = parser.body or parser.root
    if root is None:
        return []
    walk = _Walk(
        keep_newlines=keep_newlines,
        styled=_MAY_HIDE.search(markup) is not None,
        hidden_names=_names_hidden_by_sheets(parser, markup),
    )
    walk.run(root)
    return walk.lines


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


class _Walk:
    """Collects lines while visiting every visible node once."""

    def __init__(self, *, keep_newlines: bool, styled: bool, hidden_names: frozenset[str]) -> None:
        self.lines: list[str] = []
        self._parts: list[str] = []
        self._keep_newlines = keep_newlines
        self._styled = styled or bool(hidden_names)
        self._hidden_names = hidden_names
        self._painted: list[int] = []
        self._preformatted = 0
        self._hiding: dict[str, bool] = {}

    def run(self, root: LexborNode) -> None:
        node: LexborNode | None = root.first_child
        open_nodes: list[tuple[LexborNode, str]] = []
        while True:
            while node is None:
                if not open_nodes:
                    self._end_line()
                    return
                parent, tag = open_nodes.pop()
                self._leave(parent, tag, len(open_nodes))
                node = parent.next
            if node.is_text_node:
                self._text(node.text_content or "")
            elif node.is_element_node:
                tag = node.tag or ""
                if len(open_nodes) < MAX_DEPTH and self._enter(node, tag, len(open_nodes)):
                    open_nodes.append((node, tag))
                    node = node.first_child
                    continue
            node = node.next

    def _text(self, text: str) -> None:
        if "\n" in text and (self._keep_newlines or self._preformatted):
            first, *rest = text.split("\n")
            self._parts.append(first)
            for line in rest:
                self._end_line(keep_empty=True)
                self._parts.append(line)
        else:
            self._parts.append(text)

    def _enter(self, node: LexborNode, tag: str, depth: int) -> bool:
        """False if nothing inside is seen."""
        if tag == "br":
            self._end_line(keep_empty=True)
            return False
        if tag in _UNSEEN or (self._styled and self._hides(node, depth)):
            return False
        if tag in _BREAKS:
            self._break(tag)
            if tag == "li":
                self._parts.append("- ")
            elif tag == "pre":
                self._preformatted += 1
        elif tag in ("td", "th"):
            self._parts.append("  ")
        return True

    def _leave(self, node: LexborNode, tag: str, depth: int) -> None:
        if self._painted and self._painted[-1] == depth:
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
        self._end_line()
        if tag in _PARAGRAPHS and self.lines and self.lines[-1]:
            self.lines.append("")

    def _end_line(self, *, keep_empty: bool = False) -> None:
        line = _SPACE.sub(" ", without_zero_width("".join(self._parts))).strip()
        bullet_waits = line == "-" and not keep_empty and self._parts[0] == "- "
        self._parts.clear()
        if bullet_waits:  # <li><p>text</p></li>
            self._parts.append("- ")
        elif line or (keep_empty and self.lines and self.lines[-1]):
            self.lines.append(line)

    def _hides(self, node: LexborNode, depth: int) -> bool:
        attributes = node.attributes
        if not attributes:
            return False
        if "hidden" in attributes:
            return True
        style = attributes.get("style") or ""
        if "background" in style or "bgcolor" in attributes:
            self._painted.append(depth)
        if style and self._style_hides(style):
            return True
        if not self._hidden_names:
            return False
        names = {f".{name}" for name in (attributes.get("class") or "").split()}
        return not self._hidden_names.isdisjoint(names | {f"#{attributes.get('id')}"})

    def _style_hides(self, style: str) -> bool:
        """Whether a style hides its element; white text is hidden unless something is painted behind it."""
        hides = self._hiding.get(style)
        if hides is None:
            hides = self._hiding[style] = _HIDING_STYLE.search(style) is not None
        return hides or (
            not self._painted
            and ("fff" in style or "white" in style or "rgb" in style or "transparent" in style)
            and _WHITE.search(style) is not None
        )
