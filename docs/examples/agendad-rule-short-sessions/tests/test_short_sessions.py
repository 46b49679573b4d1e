from datetime import UTC, datetime, timedelta

import pytest
from agendad_rule_short_sessions import ShortSessions, ShortSessionsOptions

from agendad.providers.model import Event, EventTime, ZoneKind
from agendad.rules.base import Detection, History, Session
from agendad.rules.policy import Person

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
GRACE = Person(name="Grace Hopper", emails=("grace@example.org",))


def utc(instant):
    return EventTime(wall=instant.replace(tzinfo=None), kind=ZoneKind.UTC, instant=instant)


@pytest.mark.parametrize(("minutes", "found"), [(15, ["short_sessions.too-short"]), (25, [])])
def test_session_shorter_than_asked_is_found(minutes, found):
    start = NOW + timedelta(days=4)
    event = Event(
        account="home", calendar=".", id="1", uid="1", start=utc(start), end=utc(start + timedelta(minutes=minutes))
    )
    session = Session(event=event, detection=Detection(is_mentorship=True), me=GRACE)
    findings = ShortSessions().check(session, History(), ShortSessionsOptions(), NOW)
    assert [one.code for one in findings] == found
