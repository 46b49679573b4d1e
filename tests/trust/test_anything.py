"""Some short histories in each run of the tests; many long ones by `make trust`."""

from trust import anything


def test_people_and_agendad_do_anything_in_any_order():
    anything.play(12, 12)
