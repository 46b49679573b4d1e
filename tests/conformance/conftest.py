"""Every provider in the place of `backing`, Google with each of its open questions answered either way."""

import dataclasses
from datetime import UTC, datetime

import pytest
from conformance.backing import BODY, PEOPLE, FolderBacking, MemoryBacking
from conformance.google_backing import GoogleBacking
from simulators.google import Switches

_GOOGLE = {f"google-{name}": switches for name, switches in Switches.both_ways()}


@pytest.fixture(params=["memory", "ics", *_GOOGLE])
def backing(request, tmp_path):
    if request.param in _GOOGLE:
        google = GoogleBacking(dataclasses.replace(_GOOGLE[request.param]))
        yield google
        google.close()
    else:
        yield MemoryBacking() if request.param == "memory" else FolderBacking(tmp_path / "calendars")


@pytest.fixture
def monday():
    return datetime(2026, 6, 1, 15, tzinfo=UTC)


@pytest.fixture
def body():
    return BODY


@pytest.fixture
def people():
    return PEOPLE
