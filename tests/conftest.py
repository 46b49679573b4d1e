"""Builders for events and policies; every test file may use them."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from simulators.dav import Radicale, Xandikos

from agendad.providers.model import Attendee, Event, EventTime, Organizer, Partstat, ZoneKind
from agendad.rules.engine import default_options
from agendad.rules.policy import Away, Mentorship, Party, Person, Policy

# A busy machine is no failure. HYPOTHESIS_PROFILE=deterministic gives the same examples each time.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("deterministic", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))

GRACE = Person(name="Grace Hopper", emails=("grace@example.org",), timezone="America/New_York")
ADA = Person(name="Ada Lovelace", emails=("ada@example.com", "ada@alias.example.com"), timezone="Europe/London")


def at(instant: datetime, zone: str | None = None) -> EventTime:
    """An event time at an aware instant, in UTC or in an IANA zone."""
    if zone is None:
        wall = instant.astimezone(UTC).replace(tzinfo=None)
        return EventTime(wall=wall, kind=ZoneKind.UTC, instant=instant.astimezone(UTC), zone="UTC")
    return EventTime(
        wall=instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None),
        kind=ZoneKind.IANA,
        instant=instant.astimezone(UTC),
        zone=zone,
        tzid=zone,
    )


def floating(wall: datetime) -> EventTime:
    return EventTime(wall=wall, kind=ZoneKind.FLOATING)


def make_event(start: datetime | EventTime, **changes: Any) -> Event:
    """A half-hour mentoring session of Ada and Grace, organized by Grace, unless told otherwise."""
    begin = start if isinstance(start, EventTime) else at(start)
    if begin.instant is None:
        end = floating(begin.wall + timedelta(minutes=30))
    else:
        end = at(begin.instant + timedelta(minutes=30), begin.zone)
    fields: dict[str, Any] = {
        "account": "home",
        "calendar": ".",
        "id": changes.get("uid", "session-1@example.org"),
        "uid": "session-1@example.org",
        "title": "Mentoring: Ada and Grace",
        "organizer": Organizer(email="grace@example.org", name="Grace Hopper"),
        "attendees": (
            Attendee(email="grace@example.org", partstat=Partstat.ACCEPTED),
            Attendee(email="ada@example.com"),
        ),
        "start": begin,
        "end": end,
    }
    return Event(**(fields | changes))


def make_policy(**changes: Any) -> Policy:
    """Grace is me and Ada's mentee."""
    pair = Mentorship(name="grace-ada", mentor=ADA, mentee=GRACE, my_role=Party.MENTEE)
    return Policy(**({"me": GRACE, "mentorships": (pair,), "rules": default_options()} | changes))


def abroad(person: Person, *stays: tuple[str, str, str]) -> Person:
    """The same person, away on these days: (first, last, zone)."""
    away = tuple(Away.model_validate({"from": first, "to": last, "timezone": zone}) for first, last, zone in stays)
    return person.model_copy(update={"away": away})


@pytest.fixture(name="make_event")
def _make_event() -> Callable[..., Event]:
    return make_event


@pytest.fixture(name="make_policy")
def _make_policy() -> Callable[..., Policy]:
    return make_policy


@pytest.fixture(name="at")
def _at() -> Callable[..., EventTime]:
    return at


@pytest.fixture(name="floating")
def _floating() -> Callable[..., EventTime]:
    return floating


@pytest.fixture(name="abroad")
def _abroad() -> Callable[..., Person]:
    return abroad


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """Runs as soon as something is asked of it (`start`)."""
    server = Radicale(tmp_path_factory.mktemp("radicale"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def xandikos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Xandikos]:
    """The same."""
    server = Xandikos(tmp_path_factory.mktemp("xandikos"))
    yield server
    server.close()
