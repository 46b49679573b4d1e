"""A few of the inputs that `python -m fuzz` tries by the thousand, and all that were once found wrong."""

import pytest
from fuzz.targets import TARGETS
from fuzz.trying import attempts


@pytest.mark.parametrize("name", ["dav", "google-pages", "graph-pages"])
def test_conversations_to_begin_with_come_as_far_as_events(name):
    seeds = list(TARGETS[name].seeds())
    assert sum(TARGETS[name].feed(one) > 0 for one in seeds) >= len(seeds) / 2


@pytest.mark.parametrize("name", TARGETS)
def test_input_changed_by_chance_is_read_or_refused_in_bounded_time(name):
    tried = list(attempts(name, 80, seeds_every=25))
    assert len(tried) > 80
    assert [(one.fault, one.data[:200]) for one in tried if one.fault] == []
