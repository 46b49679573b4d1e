"""Some short histories in each run of the tests; many long ones by `make trust`."""

import pytest

from trust import anything, histories


@pytest.mark.parametrize("desk", histories.MACHINES)
def test_people_and_agendad_do_anything_in_any_order(desk):
    anything.play(desk, 5, 12)
