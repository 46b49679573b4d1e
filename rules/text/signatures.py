"""Where what a person wrote ends and their signature begins."""

import re
from collections.abc import Sequence

from agendad.rules.text.languages import LANGUAGES
from agendad.rules.text.lexicon import phrases
from agendad.rules.text.patterns import BULLET, EMAIL, PHONE

_CLOSINGS = frozenset(phrase for language in LANGUAGES for phrase in phrases(language.closing))
SIGNATURE_LINES = 8
NAME = re.compile(
    r"\W*(?:[^\W\d_][\w.'’-]*|[^\W\d_a-z][\w.'’-]*(?:\s+(?:d[aeiou]s?|v[ao]n|del?la|der|den|te|y|e|[^\W\d_a-z][\w.'’-]*)){1,5})"
    r"(?:\s*[,|/(].{0,60})?\W*"
)
"""A person's name, alone or before a title; a single word may be in lower case."""
_CLOSING_SEPARATOR = re.compile(r"\s*[/|,;，、]\s*")
_CLOSING_TRIM = " ,.!-–—~、。！"


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
        return first in _CLOSINGS and all(part in _CLOSINGS or part.isalpha() for part in rest) and len(rest) <= 2
    opening = bare.rpartition(" ")[0]
    if opening not in _CLOSINGS or opening in _HALF_CLOSINGS:
        return False
    return line.rstrip(_CLOSING_TRIM).rpartition(" ")[2].istitle()


_CLOSING_WORDS = frozenset(closing.partition(" ")[0] for closing in _CLOSINGS)
_HALF_CLOSINGS = frozenset(["best", "yours", "warmly", "thanks", "danke", "gracias", "merci", "obrigado", "grazie"])
"""Closings that also begin other phrases: "Best Practices"."""


def contact_block(lines: Sequence[str]) -> int | None:
    """Where a last paragraph begins that is a name with ways to reach it: a signature without a closing."""
    end = len(lines)
    while end and not lines[end - 1]:
        end -= 1
    start = end
    while start and lines[start - 1] and end - start < SIGNATURE_LINES + 1:
        start -= 1
    if end - start < 2 or (start and lines[start - 1]) or not _FULL_NAME.fullmatch(lines[start]):
        return None
    block = lines[start + 1 : end]
    if any(BULLET.match(line) or line.endswith(("?", ":", "：")) or len(line) > 100 for line in block):
        return None
    return start if any(PHONE.search(line) or EMAIL.search(line) or "www." in line for line in block) else None


_FULL_NAME = re.compile(r"(?:(?:Dr|Prof|Mr|Mrs|Ms)\.?\s+)?(?:[^\W\d_a-z][\w.'’-]+\s+){1,3}[^\W\d_a-z][\w.'’-]+\s*")
