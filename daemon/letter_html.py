"""The HTML of a letter, made from its plain text: the same words in paragraphs and lists that fit any screen."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from agendad.rules.messages import LINE_WIDTH

_ITEM, _INDENT = "- ", "  "
_PROGRAM = "agendad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph or a list."""

    text: str = ""
    items: tuple[str, ...] = ()
    """The items of a list; a block has these or a text."""
    opens: bool = True
    """It comes after an empty line; otherwise it belongs to the block before it."""
    aside: bool = False
    """It only says who wrote the letter."""


def letter_html(subject: str, body: str, language: str) -> str:
    """A whole HTML document: no image, no link, nothing from elsewhere, and no markup but the template's.

    Args:
        subject: on one line.
        body: plain text; lines end in a line feed.
        language: of both, as in RFC 5646.
    """
    return _template().render(subject=subject, blocks=tuple(blocks(body)), language=language)


def blocks(body: str) -> Iterator[Block]:
    r"""The paragraphs and lists of a text, each without the line breaks that its width made.

    >>> list(blocks("Hi\nAda,\n\nAgenda:\n- one\n  more\n- two"))[2].items
    ('one more', 'two')
    """
    paragraphs = [
        lines for part in body.split("\n\n") if (lines := [line for line in part.split("\n") if line.strip()])
    ]
    for place, lines in enumerate(paragraphs):
        last = place > 0 and place == len(paragraphs) - 1
        for number, (listed, group) in enumerate(_groups(lines)):
            texts = tuple(_joined(one) for one in group)
            if listed:
                yield Block(items=texts, opens=number == 0)
            else:
                yield Block(text=texts[0], opens=number == 0, aside=last and _PROGRAM in texts[0])


def _groups(lines: list[str]) -> Iterator[tuple[bool, list[list[str]]]]:
    """(whether it is a list, the lines of its text or of each item); `lines` are one paragraph's."""
    listed, group = False, list[list[str]]()
    for line in lines:
        if line.startswith(_ITEM):
            if group and not listed:
                yield False, group
                group = []
            listed = True
            group.append([line])
        elif group and (not listed or line.startswith(_INDENT)):
            group[-1].append(line)
        else:
            if group:
                yield True, group
            listed, group = False, [[line]]
    yield listed, group


def _joined(lines: list[str]) -> str:
    """Lines as one, as they were before they were wrapped at `LINE_WIDTH` columns.

    Scripts without blanks are broken inside what counts as one word, and get no blank there.
    """
    joined = lines[-1].strip()
    for line in reversed(lines[:-1]):
        before = line.strip()
        joined = f"{before}{'' if _inside_a_word(line, joined) else ' '}{joined}"
    return joined.removeprefix(_ITEM.strip()).lstrip() if lines[0].startswith(_ITEM) else joined


def _inside_a_word(line: str, rest: str) -> bool:
    """Whether the break between a line and the rest is one that was made in the middle of a word."""
    if _is_wide(line.rstrip()[-1]) and _is_wide(rest[0]):
        return True
    word = line.rsplit(maxsplit=1)[-1] + rest.split(maxsplit=1)[0]
    return len(line) == LINE_WIDTH < len(word)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in ("W", "F")


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("agendad.daemon", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("letter.html.j2")
