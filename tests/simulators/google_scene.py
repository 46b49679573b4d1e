"""Grace in New York and Ada in London have calendars at the simulated Google; Bob has not."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import pytest
from googleapiclient.errors import HttpError

from simulators.google import GoogleSimulator
from simulators.google.client import service

GRACE, ADA, BOB = "grace@example.org", "ada@example.com", "bob@example.net"
NOW = datetime(2026, 11, 30, tzinfo=UTC)
WEEKLY = ["RRULE:FREQ=WEEKLY;COUNT=4"]
GUESTS = [{"email": GRACE}, {"email": ADA}, {"email": BOB}]
WINDOW = {"timeMin": "2026-11-30T00:00:00Z", "timeMax": "2027-01-01T00:00:00Z"}


class Scene:
    """Grace in New York and Ada in London have calendars here; Bob has not."""

    def __init__(self, google, stack):
        self.google, self._stack, self._services = google, stack, {}

    def api(self, person=GRACE, scopes=None):
        key = (person, tuple(scopes or ()))
        if key not in self._services:
            self._services[key] = self._stack.enter_context(service(self.google, person, scopes))
        return self._services[key]

    def events(self, person=GRACE):
        return self.api(person).events()

    def invite(self, **fields):
        return self.events().insert(calendarId="primary", sendUpdates="all", body=meeting(**fields)).execute()

    def list(self, person=GRACE, **parameters):
        """All pages: the items, and the last page."""
        items, page = [], {}
        while not page or "nextPageToken" in page:
            more = {"pageToken": page["nextPageToken"]} if page else {}
            page = self.events(person).list(calendarId="primary", **parameters, **more).execute()
            items += page["items"]
        return items, page

    def token(self, person=GRACE, **parameters):
        return self.list(person, **parameters)[1]["nextSyncToken"]

    def since(self, token, person=GRACE, **parameters):
        return self.list(person, syncToken=token, **parameters)[0]

    def mails(self):
        """Kind and recipient of each mail since the last look."""
        found = [(each.kind, each.to) for each in self.google.mails]
        self.google.mails.clear()
        return found


def meeting(start="2026-12-01T10:00:00", end="2026-12-01T11:00:00", zone="America/New_York", **fields):
    times = {"start": {"dateTime": start, "timeZone": zone}, "end": {"dateTime": end, "timeZone": zone}}
    return {"summary": "Weekly", "description": "Bring it", "attendees": GUESTS, **times, **fields}


def refused(request):
    """The answer to a request that does not succeed: status, reason, and the first error."""
    with pytest.raises(HttpError) as caught:
        request.execute()
    error = json.loads(caught.value.content)["error"]
    assert error["code"] == caught.value.status_code
    assert {"domain", "reason", "message"} <= set(error["errors"][0])
    return caught.value.status_code, error["errors"][0]["reason"], error["errors"][0]


@contextmanager
def opened() -> Iterator[Scene]:
    with GoogleSimulator(now=NOW) as google, ExitStack() as stack:
        google.add_person(GRACE, zone="America/New_York", name="Grace Hopper")
        google.add_person(ADA, zone="Europe/London", name="Ada Lovelace")
        yield Scene(google, stack)


def by_id(items):
    return {each["id"]: each for each in items}
