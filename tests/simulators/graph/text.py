"""Bodies: what Exchange makes of the HTML or text that it is given, and the text that it makes of HTML.

A body is kept as a whole HTML document with CRLF, whatever it came as. Text goes through the converter, which leaves
its mark and a style in comments; and there is no way back from text to the HTML that it was made of.
"""

import html
import re
from html.parser import HTMLParser

PREVIEW = 255
_META = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
_CONVERTED = (
    '<meta name="Generator" content="Microsoft Exchange Server">\n<!-- converted from text -->\n'
    "<style><!-- .EmailQuote { margin-left: 1pt; padding-left: 4pt; border-left: #800000 2px solid; } --></style>"
)
_BLOCKS = {"div", "p", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "blockquote", "body"}
_UNSEEN = {"head", "style", "script", "title"}
_VOID = {"br", "hr", "meta", "img", "input", "link"}


def stored(content: str, kind: str) -> str:
    """The document that is kept."""
    if kind == "text":
        lines = "<br>\n".join(html.escape(line, quote=False) for line in content.splitlines())
        body = f'<font size="2"><span style="font-size:11pt;"><div class="PlainText">{lines}</div></span></font>'
        return _crlf(_document(body, _CONVERTED))
    if not re.search(r"<html\b", content, re.IGNORECASE):
        return _crlf(_document(content))
    if "charset" not in content.casefold():
        content = re.sub(r"(<head\b[^>]*>)", rf"\1\n{_META}", content, count=1, flags=re.IGNORECASE)
    return _crlf(content)


def inside(document: str, fragment: str) -> str:
    """The document with a fragment at the end of its body."""
    place = document.lower().rfind("</body>")
    return document[:place] + _crlf(fragment) + document[place:] if place >= 0 else document + _crlf(fragment)


def plain(document: str) -> str:
    """The text form: links as `text<address>`, rules as lines of underscores."""
    reader = _Text()
    reader.feed(document)
    reader.close()
    lines = [re.sub(r"[ \t\xa0]+", " ", line).strip() for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip().replace("\n", "\r\n")


def preview(document: str) -> str:
    return plain(document)[:PREVIEW]


def holds(document: str, fragment: str) -> bool:
    """Whether a document still has a fragment's markup, however it is written (quotes, entities, line ends)."""
    whole, part = _tokens(document), _tokens(fragment)
    return any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))


def _document(body: str, more_head: str = "") -> str:
    head = f"{_META}\n{more_head}".strip()
    return f"<html>\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n"


def _crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _tokens(document: str) -> list[tuple[str, ...]]:
    reader = _Tokens()
    reader.feed(document)
    reader.close()
    return reader.found


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unseen = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "hr":
            self.parts.append("\n" + "_" * 32 + "\n")
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.parts)))
        elif tag in _BLOCKS:
            self.parts.append("\n  *   " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen -= 1
        elif tag == "a" and self._links:
            href, since = self._links.pop()
            if href and href != "".join(self.parts[since:]).strip():
                self.parts.append(f"<{href}>")
        elif tag in _BLOCKS - {"br"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(re.sub(r"\s+", " ", data))


class _Tokens(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *sorted(f"{name}={' '.join((value or '').split())}" for name, value in attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self.found.append(("/" + tag,))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append(("", " ".join(data.split())))
