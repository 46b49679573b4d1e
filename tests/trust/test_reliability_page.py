"""docs/reliability.md says what the commands print, as far as that follows from what is here."""

import pytest

from trust import crash, disasters, document, faults


@pytest.mark.parametrize("part", [crash, faults, disasters], ids=lambda part: part.PART.name)
def test_figures_on_the_page_are_those_of_the_lists(part):
    told = document.told(part.PART.name)
    assert part.known().items() <= told.items(), "make trust WRITE=--write"


@pytest.mark.parametrize(
    "name", ["crash", "faults", "anything", "disasters", "badinput", "load", "load, long", "anything, long"]
)
def test_every_figure_on_the_page_that_must_be_zero_is_zero(name):
    rows = [line for line in document.lines(name) if line.endswith("| 0 |")]
    assert rows
    assert all("| 0 | 0 |" in row for row in rows)


def test_outcomes_on_the_page_are_those_that_are_tested():
    assert document.lines("outcomes") == faults.table()
