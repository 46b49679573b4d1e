"""One of each kind of disaster in each run of the tests; all of them by `make trust`."""

import pytest

from trust import crash, disasters
from trust.scenarios import CASES

NUDGE = next(case for case in CASES if case[0].name == "nudge" and case[1] == "ics")
HOLD = next(case for case in CASES if case[0].name == "hold" and case[1] == "google")


@pytest.mark.parametrize("number", disasters.EARLIER)
def test_upgrade_that_is_killed_on_its_way_loses_nothing(number):
    last = disasters.EARLIER[-1] + 1 - number
    assert disasters.upgraded(number, last) == ""


def test_database_cut_short_is_refused_and_left_as_it_is():
    assert disasters.cut(3) == []


@pytest.mark.parametrize("happens", [disasters.old_backup, disasters.clock_back])
@pytest.mark.parametrize("case", [NUDGE, HOLD])
def test_nothing_is_sent_again_after(happens, case):
    cell = happens(case)
    assert (cell.doubled, cell.stuck, cell.otherwise) == ([], [], [])


def test_disk_that_fills_when_the_intent_or_the_answer_is_written_down_doubles_nothing_and_loses_nothing():
    case = CASES[0]
    names, wanted = crash.undisturbed(case)
    points = [at for at in crash.chosen(case, names) if "commit of executor" in at]
    cells = [crash.disturbed(case, at, wanted, how="full") for at in points]
    assert len(cells) >= 3
    assert not [one for one in cells if one.doubled or one.lost or one.stuck or one.otherwise]
