"""Where what a person wrote ends and their signature begins."""

import re
from collections.abc import Sequence

from agendad.rules.text.languages import LANGUAGES
from agendad.rules.text.lexicon import fold, is_cjk, phrases
from agendad.rules.text.patterns import BULLET, EMAIL, PHONE

_CLOSINGS = frozenset(phrase for language in LANGUAGES for phrase in phrases(language.closing))
SIGNATURE_LINES = 8
_NAME = re.compile(
    r"\W*(?:[^\W\d_][\w.'’-]*|[^\W\d_a-z][\w.'’-]*(?:\s+(?:d[aeiou]s?|v[ao]n|del?la|der|den|te|y|e|[^\W\d_a-z][\w.'’-]*)){1,5})"
    r"(?:\s*[,|/(].{0,60})?\W*"
)
"""A person's name, alone or before a title; a single word may be in lower case."""
_ON_BEHALF = re.compile(r"\s*(?:i\. ?[av]\.|ppa\.|p\. ?[po]\.|im auftrag|i\.o\.|on behalf of)\s+", re.IGNORECASE)
_LONGEST_UNSPACED = 10
_CLOSING_SEPARATOR = re.compile(r"\s*[/|,;，、]\s*")
_CLOSING_TRIM = " ,.!-–—~、。！"


def is_name(line: str) -> bool:
    """Whether a line may be a person's name, with a title or a place behind it.

    >>> is_name("Ada Lovelace, London"), is_name("佐藤 恵"), is_name("今回は後輩の指導について相談させてください")
    (True, True, False)
    """
    if not line.isascii() and any(len(word) > _LONGEST_UNSPACED and is_cjk(word) for word in line.split()):
        return False
    return _NAME.fullmatch(_ON_BEHALF.sub("", line)) is not None


def on_behalf(line: str) -> bool:
    """Whether a line says for whom somebody signs: "i. A. Ada Lovelace"."""
    return _ON_BEHALF.match(line) is not None


def is_closing(line: str, folded: str) -> bool:
    """A line like "Best regards", "Danke / Thanks", "LG Ada" or "Thanks, Ada"."""
    if len(folded) > 60:
        return False
    bare = folded.strip(_CLOSING_TRIM)
    if bare in _CLOSINGS:
        return True
    if bare.partition(" ")[0].rstrip(",;/|，、") not in _CLOSING_WORDS:
        return False
    first, *rest = _CLOSING_SEPARATOR.split(bare)
    if rest:
        return (
            first in _CLOSINGS and all(part in _CLOSINGS or _NAMES.fullmatch(part) for part in rest) and len(rest) <= 2
        )
    names = line.strip(_CLOSING_TRIM).split()
    for size in (1, 2, 3):
        opening = fold(" ".join(names[:-size])).rstrip(",.")
        if opening in _CLOSINGS and opening not in _HALF_CLOSINGS:
            return all(name[0].isupper() for name in names[-size:])
    return False


_NAMES = re.compile(r"(?:[^\W\d_]+\.?\s?){1,3}")
_CLOSING_WORDS = frozenset(closing.partition(" ")[0] for closing in _CLOSINGS)
_HALF_CLOSINGS = frozenset(["best", "yours", "warmly", "thanks", "danke", "gracias", "merci", "obrigado", "grazie"])
"""Closings that also begin other phrases: "Best Practices"."""


def contact_block(lines: Sequence[str]) -> int | None:
    """Where a signature without a closing begins: a name, and to the end short lines with a way to reach its bearer."""
    end = len(lines)
    while end and not lines[end - 1]:
        end -= 1
    last = [index for index in range(max(0, end - SIGNATURE_LINES - 3), end - 1) if _FULL_NAME.fullmatch(lines[index])]
    for start in last:
        block = [line for line in lines[start + 1 : end] if line]
        plain = not any(BULLET.match(line) or line.endswith(("?", ":", "：")) or len(line) > 100 for line in block)
        if plain and any(_reaches(line) for line in block):
            return start
    return None


def _reaches(line: str) -> bool:
    return bool(
        PHONE.search(line)
        or _NUMBER.fullmatch(line)
        or EMAIL.search(line)
        or "www." in line
        or _BY_PHONE.match(line)
        or _EXTENSION.search(line)
    )


_NUMBER = re.compile(r"0[\d\s().\-/]{7,18}\d")
"""A number as it is called from within a country."""
_BY_PHONE = re.compile(
    r"(?i)(?:tel|telefon|phone|mobil|mobile|cell|fon|fax|durchwahl|ext|[tmf])\b\.?\s*[:：+(\d]|\(\d+\)\s?\d|電話|电话|TEL"
)
_EXTENSION = re.compile(
    r"\b(?:ext|extn|extension|bleep|pager|durchwahl|dw|poste|interno|int|ramal|toestel|内線|分机)\.?:?\s?\d{3,6}\b",
    re.IGNORECASE,
)
_FULL_NAME = re.compile(
    r"(?:(?:Dr|Prof|Mr|Mrs|Ms|Dott|Dra|Ing|Mag)\w*\.?\s+)*(?:[^\W\d_a-z][\w.'’-]*\s+){1,3}[^\W\d_a-z][\w.'’-]+\s*"
    r"|[\u4e00-\u9fff]{1,3}[ \u3000]?[\u4e00-\u9fff]{1,3}(?:\s+[A-Z][\w-]+){0,3}"
)
