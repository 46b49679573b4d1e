"""Every provider in the place of `backing`, vendors with each open question about them answered either way."""

import dataclasses
from datetime import UTC, datetime

import pytest
from conformance.backing import BODY, FolderBacking, MemoryBacking
from conformance.caldav_backing import CaldavBacking, XandikosBacking
from conformance.google_backing import GoogleBacking
from conformance.outlook_backing import OutlookBacking
from simulators.google import Switches as GoogleSwitches
from simulators.graph import Switches as GraphSwitches

_GOOGLE = {f"google-{name}": switches for name, switches in GoogleSwitches.both_ways()}
_CALDAV = {"radicale": CaldavBacking, "xandikos": XandikosBacking}
_OUTLOOK = {f"outlook-{name}": switches for name, switches in GraphSwitches.both_ways()}


@pytest.fixture(params=["memory", "ics", *_CALDAV, *_GOOGLE, *_OUTLOOK])
def backing(request, tmp_path):
    if request.param in _GOOGLE:
        google = GoogleBacking(dataclasses.replace(_GOOGLE[request.param]))
        yield google
        google.close()
    elif request.param in _CALDAV:
        caldav = _CALDAV[request.param](request.getfixturevalue(request.param))
        yield caldav
        caldav.close()
    elif request.param in _OUTLOOK:
        outlook = OutlookBacking(dataclasses.replace(_OUTLOOK[request.param]))
        yield outlook
        outlook.close()
    else:
        yield MemoryBacking() if request.param == "memory" else FolderBacking(tmp_path / "calendars")


@pytest.fixture
def monday():
    return datetime(2026, 6, 1, 15, tzinfo=UTC)


@pytest.fixture
def body():
    return BODY


@pytest.fixture
def people(backing):
    return backing.people
