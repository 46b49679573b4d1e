"""Calendars on a real CalDAV server, for whoever wants to spoil its answers."""

import pytest
from conformance.caldav_backing import ProxiedCalendar
from simulators.dav import Between


@pytest.fixture
def calendar(radicale):
    server = radicale if radicale.runs else radicale.start()
    with Between(server.url) as between:
        made = ProxiedCalendar(server, between)
        yield made
        made.close()
