from datetime import UTC, datetime

import pytest

from agendad.providers.model import Event, EventTime, Instance, ZoneKind
from agendad.rules.engine import peers_of


def occurrence(day):
    start = datetime(2026, 6, day, tzinfo=UTC)
    time = EventTime(kind=ZoneKind.UTC, wall=start.replace(tzinfo=None), instant=start, zone="UTC")
    return Event(
        account="a", calendar=".", id=f"s#{day}", uid="s", source="", etag="", start=time, end=time,
        recurrence_id=f"2026-06-{day:02}", instance=Instance.OCCURRENCE,
    )  # fmt: skip


@pytest.mark.parametrize("place", [0, 2, 4])
def test_peers_are_the_others_by_start_whichever_way_they_are_asked_for(place):
    events = [occurrence(day) for day in range(1, 6)]
    peers = peers_of(events[::-1])[events[place].key]
    others = [event for event in events if event is not events[place]]
    assert list(peers) == others
    assert list(reversed(peers)) == others[::-1]
    assert (len(peers), peers[0], peers[-1], list(peers[1:3])) == (4, others[0], others[-1], others[1:3])
    assert events[place] not in peers
    with pytest.raises(IndexError):
        peers[4]
