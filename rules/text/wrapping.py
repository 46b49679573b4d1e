"""Lines of text: joined and broken where people would, also in writing without spaces."""

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator

_OPENING = "(“‘「『（〈《【〔"
_CLOSING = ")”’」』）〉》】〕、。，．：；？！…・〜ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
"""No line ends with one of the former or begins with one of the latter."""
_IDEOGRAPHIC = r"\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_RUN = rf"[^\x20\t\n{_OPENING}{_IDEOGRAPHIC}]"
_UNBROKEN = re.compile(
    rf"""[{_OPENING}]*
    (?: \d+月\d+日(?:\(\w\)|周\w)?                # a date with its weekday
      | (?:{_RUN}|[{_OPENING}](?={_RUN}))+         # a word of a writing with spaces
      | [ァ-ヴー]{{2,12}}                            # a word in katakana
      | [ぁ-ん]{{2}}(?=[。、])                        # the end of a clause in hiragana
      | [^\x20\t\n] )
    (?:さん)?[{_CLOSING}]*""",
    re.VERBOSE,
)
"""What stays on one line; a name keeps its さん."""


def joined(lines: Iterable[str]) -> str:
    """Lines as one; no space is put between characters of a writing without spaces.

    >>> joined(["one", "two"]), joined(["こんにちは。", "Ada"]), joined(["待", "つ"]), joined(["for", "太郎"])
    ('one two', 'こんにちは。Ada', '待つ', 'for 太郎')
    """
    text = ""
    for line in (re.sub(r"[ \t]+", " ", line).strip(" ") for line in lines):  # a no-break space stays one
        text += f"{' ' if text and line and _spaced(text[-1], line[0]) else ''}{line}"
    return text


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most `width` columns, each after the first indented; wide characters take two.

    >>> wrapped("12月3日(木)のセッション。", 16), wrapped("one two three", 8)
    (['12月3日(木)の', 'セッション。'], ['one two', 'three'])
    """
    if not any(map(_wide, text)):
        return textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)
    return list(_broken(text, width, indent))


def _broken(text: str, width: int, indent: str) -> Iterator[str]:
    line, begun = "", False
    for found in _UNBROKEN.finditer(text):
        piece = found[0]
        space = " " if begun and text[found.start() - 1] in " \t\n" else ""
        if _columns(line + space + piece) <= width:
            line, begun = line + space + piece, True
            continue
        if begun:
            yield line
            line = indent
        for character in piece:  # one that is longer than a line goes on in the next
            if _columns(line + character) > width:
                yield line
                line = indent
            line += character
        begun = True
    if begun:
        yield line


def _columns(text: str) -> int:
    return sum(2 if _wide(character) else 1 for character in text)


def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _spaced(before: str, after: str) -> bool:
    """Whether a space stands between two characters that a line break separated."""
    wide = [character for character in (before, after) if _wide(character)]
    return len(wide) < 2 and not any(unicodedata.category(character).startswith("P") for character in wide)
