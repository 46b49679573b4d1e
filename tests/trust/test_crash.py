"""Each boundary once in each run of the tests; all of them in all acts by `make trust`."""

from collections import Counter
from functools import cache

import pytest

from trust import crash
from trust.scenarios import CASES

BY_NAME = {f"{provider}, {scenario.name}": (scenario, provider) for scenario, provider in CASES}


def known():
    """The list, by act."""
    found = {}
    for line in crash.listed():
        act, _, name = line.partition(": ")
        found.setdefault(act, []).append(name)
    return found


CHOSEN = {}
for _case, _at in crash.once_each([(case, known()[act]) for act, case in BY_NAME.items()]):
    CHOSEN.setdefault(f"{_case[1]}, {_case[0].name}", []).append(_at)
undisturbed = cache(crash.undisturbed)


def test_reads_are_passed_over_and_a_variant_is_killed_from_where_it_is_written_down_on():
    read, commit = "request REPORT grace/*", "commit of session_store.SessionStore.put"
    intent, write = "commit of executor.Executor._apply.intend", "request PUT grace/*/*"
    names = [read, commit, intent, write, read, write]
    full, variant = BY_NAME["caldav, cancel"], BY_NAME["caldav that tells the guests, cancel"]
    assert crash.chosen(full, names) == [f"{name}#1" for name in (commit, intent, write)]
    assert crash.chosen(full, names, long=True) == [*crash.chosen(full, names), f"{write}#2"]
    assert crash.chosen(variant, names) == [f"{intent}#1", f"{write}#1"]


def test_mail_in_doubt_is_wrong_where_the_mailbox_can_be_asked():
    nothing = crash.Rest(Counter(), None, [], [], 0)
    doubt = crash.Rest(Counter(), None, [], [], 1)
    for told in (True, False):
        assert bool(crash.compared("", True, doubt, nothing, told=told).needless) is told


def test_list_names_every_act():
    assert known().keys() == BY_NAME.keys()


@pytest.mark.parametrize("act", CHOSEN)
def test_process_killed_at_a_boundary_doubles_nothing_and_loses_nothing(act):
    names, wanted = undisturbed(BY_NAME[act])
    assert sorted(set(names)) == sorted(known()[act]), "renew the list with: make trust-list"
    cells = [crash.disturbed(BY_NAME[act], at, wanted) for at in CHOSEN[act]]
    figures = [one for one in crash.figures(crash.listed(), cells) if not one.holds]
    assert figures == []
