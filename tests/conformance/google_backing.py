"""Google Calendar behind the suite: the simulator, with Grace, Ada and Bob, and Google's own client."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from conformance.backing import BODY, HOUR, PEOPLE, Backing
from simulators.google import GoogleSimulator, Request, Switches

from agendad.providers.base import Window
from agendad.providers.google import GoogleProvider
from agendad.providers.google_api import GoogleApi
from agendad.providers.google_refusals import why_refused
from agendad.providers.google_signin import bearer
from agendad.providers.model import Event
from agendad.providers.pacing import Pace

GRACE, ADA = "grace@example.org", "ada@example.com"
NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
MONDAY = datetime(2026, 6, 1, 15, tzinfo=UTC)
WINDOW = Window(MONDAY - 7 * 24 * HOUR, MONDAY + 60 * 24 * HOUR)
_ANSWERS = {"ACCEPTED": "accepted", "NEEDS-ACTION": "needsAction"}


def api_for(google: GoogleSimulator, person: str = GRACE, account: str = "test", **more) -> GoogleApi:
    """Calls by a person's bearer token, without the waits of a real pace."""
    token = google.token_for(person)
    return GoogleApi(
        account,
        google.api_root,
        credentials=lambda: bearer(token),
        why_refused=more.pop("why_refused", lambda error: error),
        now=lambda: google.now,
        pace=more.pop("pace", None) or Pace(service="Google", sleep=lambda _seconds: None),
    )


class GoogleBacking(Backing):
    """Ada's calendar is shared with Grace, so that one account can also answer as Ada."""

    calendar = "primary"
    lists_cancelled = False
    server_counts_revisions = True

    def __init__(self, switches: Switches) -> None:
        self.increments = not switches.sync_token_missing
        self.cancelled_can_be_read = switches.get_of_cancelled != "gone"
        self.cancelled_keeps_details = switches.get_of_cancelled == "full"
        self.google = GoogleSimulator(now=NOW, switches=switches)
        self.google.__enter__()
        for email in PEOPLE:
            self.google.add_person(email)
        self.google.share(ADA, with_=GRACE, role="writer")
        self.grace = self.google.as_(GRACE)
        self.ids: dict[str, str] = {}
        self.provider = self._provider()

    def _provider(self, **more) -> GoogleProvider:
        return GoogleProvider("test", ["primary", ADA], api_for(self.google), page_size=100, **more)

    def become_guest(self) -> None:
        self.calendar = ADA

    def close(self) -> None:
        self.provider.close()
        self.google.__exit__(None, None, None)
        assert self.google.violations == []

    def _put(self, uid: str, start: datetime, **more) -> str:
        body = {"start": _time(start), "end": _time(start + HOUR), "summary": "a title", **more}
        if uid in self.ids:
            body = {"recurrence": None} | body
            return self.grace.patch("primary", self.ids[uid], body, "all")["id"]
        self.ids[uid] = self.grace.insert("primary", {"iCalUID": uid, **body}, "all")["id"]
        return self.ids[uid]

    def put_single(self, uid, start, title="a title"):
        self._put(uid, start, summary=title)

    def put_series(self, uid, start, count, moved=None):
        id_ = self._put(uid, start, recurrence=[f"RRULE:FREQ=WEEKLY;COUNT={count}"])
        for number, now in (moved or {}).items():
            original = start + timedelta(weeks=number)
            body = {"start": _time(now), "end": _time(now + HOUR)}
            self.grace.patch("primary", f"{id_}_{original:%Y%m%dT%H%M%SZ}", body, "all")

    def put_meeting(self, uid, start, count=1):
        guests = [{"email": email, "responseStatus": _ANSWERS[partstat]} for email, partstat in PEOPLE.items()]
        more = {"recurrence": [f"RRULE:FREQ=WEEKLY;COUNT={count}"]} if count > 1 else {}
        self._put(uid, start, summary="Mentoring", description=BODY, attendees=guests, **more)

    def retitle(self, uid, start, title):
        id_ = self.ids[uid]
        for one in self.grace.instances("primary", id_) if self._is_series(id_) else [{"id": id_}]:
            if "start" not in one or datetime.fromisoformat(one["start"]["dateTime"]) == start:
                self.grace.patch("primary", one["id"], {"summary": title}, "all")
                return

    def _is_series(self, id_: str) -> bool:
        return "recurrence" in self.grace.get("primary", id_)

    def lock(self):
        self.provider.close()
        self.provider = self._provider(may_write=lambda: False)

    def delete(self, uid):
        if uid in self.ids:
            with contextlib.suppress(KeyError):
                self.grace.delete("primary", self.ids[uid], "all")

    def break_something(self):
        """An event without an end, as no client makes one."""
        self._put("broken", datetime(2026, 6, 1, 15, tzinfo=UTC))
        event = self.google._store.calendar(GRACE).events[self.ids["broken"]]
        event.fields["attachments"] = ["nobody knows what this is"]

    def make_unavailable(self):
        self.google._server.stop()


def _time(instant: datetime) -> dict[str, str]:
    return {"dateTime": instant.isoformat(), "timeZone": "UTC"}


class Waits:
    """A clock that only waiting moves, and the waits."""

    def __init__(self) -> None:
        self.now, self.slept = 0.0, []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def pace(self, **more) -> Pace:
        more = {"chance": lambda: 0.0} | more
        return Pace(service="Google", sleep=self.sleep, clock=lambda: self.now, **more)


class Scene:
    """Grace, Ada and Bob at the simulator. Providers ask as one of them, by way of Google's own client."""

    def __init__(self, google: GoogleSimulator) -> None:
        self.google, self.waits, self._providers = google, Waits(), []
        for email in PEOPLE:
            google.add_person(email)

    def provider(self, *calendars: str, person: str = GRACE, pace=None, timeout=10.0, **more) -> GoogleProvider:
        token = self.google.token_for(person)
        api = GoogleApi(
            "work",
            self.google.api_root,
            credentials=lambda: bearer(token),
            why_refused=lambda error: why_refused(error, "work"),
            now=lambda: self.google.now,
            pace=pace or self.waits.pace(),
            timeout=timeout,
        )
        made = GoogleProvider("work", calendars or ("primary",), api, **more)
        self._providers.append(made)
        return made

    def become_guest(self) -> None:
        self.calendar = ADA

    def close(self) -> None:
        for provider in self._providers:
            provider.close()

    def meeting(self, by: str = GRACE, start: datetime = MONDAY, **fields) -> str:
        """A meeting of the three, unless told otherwise; its id."""
        guests = [{"email": email, "responseStatus": _ANSWERS[answer]} for email, answer in PEOPLE.items()]
        more = {"summary": "Mentoring", "description": "Talk about the talk", "attendees": guests} | fields
        times = {"start": _zoned(start), "end": _zoned(start + HOUR)}
        found = self.google.as_(by).insert("primary", times | more, "all")
        self.google.mails.clear()
        return found["id"]

    def series(self, count: int = 4, **fields) -> str:
        """The same, weekly."""
        return self.meeting(recurrence=[f"RRULE:FREQ=WEEKLY;COUNT={count}"], **fields)

    def asked(self, method: str | None = None, path: str = "") -> list[Request]:
        """The requests that came in."""
        return [one for one in self.google.requests if method in (None, one.method) and path in one.path]

    def sent(self) -> list[tuple[str, str]]:
        """Kind and recipient of each mail."""
        return sorted((one.kind, one.to) for one in self.google.mails)


def _zoned(instant: datetime) -> dict[str, str]:
    return {"dateTime": instant.isoformat(), "timeZone": "America/New_York"}


@contextlib.contextmanager
def scene(switches: Switches | None = None) -> Iterator[Scene]:
    """A scene in which nothing was asked of Google that it does not take."""
    with GoogleSimulator(now=NOW, switches=switches or Switches()) as google:
        made = Scene(google)
        try:
            yield made
        finally:
            made.close()
    assert google.violations == []


def listed(provider: GoogleProvider, calendar: str = "primary", window: Window = WINDOW) -> dict[str, Event]:
    """What a first pass tells, by id."""
    return {event.id: event for page in provider.changes(calendar, None, window) for event in page.events}
