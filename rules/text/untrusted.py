"""Text that somebody else wrote, made fit to be shown: it is read, and does nothing."""

import re
import unicodedata

_JOINERS = "\u200c\u200d"  # invisible, and part of how Persian, Hindi and emoji are spelled


MAX_TITLE = 500
"""Characters of a title that are read; the rest is only kept."""

_PIECE = re.compile(r".{1,1000}(?!\S)|.{1,1000}", re.DOTALL)


def unified(text: str) -> str:
    """NFKC, in pieces that end with a word where there is one: a run of marks is sorted in quadratic time."""
    if len(text) <= 1000:
        return unicodedata.normalize("NFKC", text)
    return "".join(unicodedata.normalize("NFKC", piece) for piece in _PIECE.findall(text))


def strip_controls(text: str) -> str:
    """`text` without what acts instead of being read: controls, reordering marks, halves of characters."""
    kept = []
    for character in text.replace("\r\n", "\n").replace("\r", "\n"):
        category = unicodedata.category(character)
        if character == "\n" or character in _JOINERS:
            kept.append(character)
        elif category in ("Zl", "Zp") or character == "\t":
            kept.append(" ")
        elif category not in ("Cc", "Cf", "Cs"):
            kept.append(character)
    return "".join(kept)


def single_spaced(text: str) -> str:
    r"""`text` with one plain space for white space of any kind, and none at its ends.

    Only a no-break space that stands alone stays: French sets a colon or a question mark off with one.

    >>> single_spaced(" Quand\u202f?\r\n \u00a0Ici\u2028là\u00a0:\t")
    'Quand\u202f? Ici là\xa0:'
    """
    return _WHITE.sub(lambda found: found[0] if found[0] in _HELD else " ", text.strip())


_WHITE = re.compile(r"\s+")
_HELD = ("\u00a0", "\u202f")


def one_line(text: str, limit: int) -> str:
    r"""`text` as part of a sentence: one line of at most `limit` characters.

    >>> one_line(" Mentoring:\r\n  Ada ", 40), one_line("a long title", 7), one_line("Quand\u202f?\u2028Ici", 40)
    ('Mentoring: Ada', 'a long…', 'Quand\u202f? Ici')
    """
    line = single_spaced(strip_controls(text))
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
