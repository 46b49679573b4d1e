"""docs/reliability.md: the figures of each part, between two comments, as the command printed them."""

import re
from collections.abc import Iterable
from pathlib import Path

from trust.figures import Figure

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
_ROW = re.compile(r"\| (.+?) \| ([\d,]+)")


def _block(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name}: by `python -m trust` -->\n).*?(<!-- end -->)", re.DOTALL)


def write(name: str, lines: Iterable[str]) -> None:
    """Put lines in the place of the ones that are there."""
    text = PAGE.read_text("utf-8")
    body = "".join(f"{line}\n" for line in lines)
    PAGE.write_text(_block(name).sub(lambda found: f"{found[1]}{body}{found[2]}", text), "utf-8")


def lines(name: str) -> list[str]:
    """What stands there now."""
    found = _block(name).search(PAGE.read_text("utf-8"))
    return found[0].splitlines()[1:-1] if found else []


def table(figures: Iterable[Figure]) -> list[str]:
    """A figure a row; what must be a number stands beside it."""
    rows = [f"| {one.name} | {one.value:,} | {'' if one.must is None else one.must} |" for one in figures]
    return ["| | | must be |", "| --- | ---: | ---: |", *rows]


def told(name: str) -> dict[str, int]:
    """The figures that stand there."""
    rows = (_ROW.match(line) for line in lines(name))
    return {found[1]: int(found[2].replace(",", "")) for found in rows if found}
