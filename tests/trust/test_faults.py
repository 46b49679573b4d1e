"""In each run of the tests the write meets each fault, at each provider; every request does by `make trust`."""

import pytest

from trust import faults


def test_table_has_each_cell_and_no_other():
    assert list(faults.listed()) == [(provider, verb.name, fault) for provider, verb, fault in faults.cells()]


@pytest.mark.parametrize("provider", faults.FAULTS)
def test_write_that_meets_a_fault_ends_as_the_table_has_it(provider):
    cells = [faults.meet(*cell) for cell in faults.once_each() if cell[0] == provider]
    assert [one for one in faults.figures(cells) if not one.holds] == []
