"""What the vendor says of the user's zone, while the user travels."""

from datetime import UTC, datetime

import pytest

from agendad.daemon.profile_hints import hints
from agendad.providers.profile import Profile


@pytest.mark.parametrize(
    ("zone", "day", "told"),
    [
        ("America/New_York", 15, False),
        ("Asia/Tokyo", 15, False),
        ("Asia/Tokyo", 25, True),
        ("Europe/Paris", 15, True),
    ],
)
def test_calendar_may_stay_at_home_or_travel_along(make_policy, abroad, zone, day, told):
    me = abroad(make_policy().me, ("2026-12-10", "2026-12-20", "Asia/Tokyo"))
    profile = Profile(address=me.emails[0], zone=zone, hours=None)
    assert bool(hints(profile, me, datetime(2026, 12, day, 12, tzinfo=UTC))) is told
