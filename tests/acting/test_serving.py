"""When the service looks again."""

from datetime import UTC, datetime, timedelta

from agendad.daemon.service import _until_next

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_service_wakes_for_what_comes_due_before_the_next_sync(house, ticking):
    house.change("rules:", "sync: {every: 5h}\nrules:")
    house.invite(NOW + 38 * HOUR)
    house.run()
    assert _until_next(ticking(house), house.store) == 2 * HOUR


def test_service_waits_for_the_next_sync_where_nothing_comes_due(house, ticking):
    house.change("rules:", "sync: {every: 5h}\nrules:")
    house.invite(NOW + 90 * HOUR)
    house.run()
    assert _until_next(ticking(house), house.store) == 5 * HOUR
