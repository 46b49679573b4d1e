"""In each run of the tests each fault is met once at each provider; every request meets it by `make trust`."""

import pytest

from trust import faults


def test_table_has_each_cell_and_no_other():
    assert list(faults.listed()) == [(provider, verb.name, fault) for provider, verb, fault in faults.cells()]


AT_ONCE = 10
CHUNKS = {
    f"{route}, {first + 1}": cells[first : first + AT_ONCE]
    for route in faults.ROUTES
    if (cells := [cell for cell in faults.once_each() if faults.route_of(cell[0]) == route])
    for first in range(0, len(cells), AT_ONCE)
}
"""Small enough that processes share them."""


@pytest.mark.parametrize("chunk", CHUNKS)
def test_write_that_meets_a_fault_ends_as_the_table_has_it(chunk):
    cells = [faults.meet(*cell) for cell in CHUNKS[chunk]]
    assert [one for one in faults.figures(cells) if not one.holds] == []
