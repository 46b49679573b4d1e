"""Outlook behind the suite: the simulator of Microsoft Graph with the mailboxes of Grace and Ada, and Bob elsewhere."""

import contextlib
import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from conformance.backing import HOUR, HTML, PEOPLE, Backing
from conformance.google_backing import MONDAY, NOW, WINDOW, Waits
from simulators.graph import GraphSimulator, Request, Switches

from agendad.providers.base import Window
from agendad.providers.errors import SignInNeeded
from agendad.providers.graph_api import GraphApi
from agendad.providers.model import Event
from agendad.providers.outlook import OutlookProvider
from agendad.providers.pacing import Pace

GRACE, ADA, BOB = "grace@example.org", "ada@example.com", "bob@example.net"
EASTERN, LONDON = "Eastern Standard Time", "GMT Standard Time"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def api_for(graph: GraphSimulator, person: str = GRACE, account: str = "test", **more) -> GraphApi:
    """Calls by a person's bearer token, without the waits of a real pace."""
    token = more.pop("token", None) or graph.token_for(person)
    return GraphApi(
        account,
        graph.api_root,
        token=lambda: token,
        refused=lambda _header: SignInNeeded("refused", not_done="nothing", next_step="sign in"),
        now=lambda: graph.now,
        pace=more.pop("pace", None) or Pace(service="Microsoft", sleep=lambda _seconds: None),
        **more,
    )


class _Named(OutlookProvider):
    """Exchange makes the UIDs; the suite knows meetings by names of its own."""

    names: dict[str, str]

    def _uid(self, master):
        return self.names.get(super()._uid(master), super()._uid(master))

    def _read(self, calendar, resource, master):
        event = super()._read(calendar, resource, master)
        return dataclasses.replace(event, uid=self.names.get(event.uid, event.uid))


class OutlookBacking(Backing):
    """Ada answers from an account of her own."""

    calendar = "default"
    lists_cancelled = False
    cancelled_can_be_read = False
    cancelled_keeps_details = False
    cancel_can_be_undone = False
    server_counts_revisions = True
    keeps_marks = False
    moves_far = False
    moving_back_restores_answers = False
    answers_can_be_undone = False
    """Nobody can take an answer back to none at all."""

    def __init__(self, switches: Switches) -> None:
        self.people = {email: partstat for email, partstat in PEOPLE.items() if email != GRACE}
        self.declined_goes, self.replays = switches.decline_removes, switches.replays
        self.graph = GraphSimulator(now=NOW, switches=switches)
        self.graph.__enter__()
        self.graph.add_person(GRACE, name="Grace Hopper")
        self.graph.add_person(ADA, name="Ada Lovelace")
        self.grace, self.ada = self.graph.as_(GRACE), self.graph.as_(ADA)
        self.ids: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.whose = GRACE
        self.provider = self._provider()

    def _provider(self, **more) -> OutlookProvider:
        api = api_for(self.graph, self.whose)
        provider = _Named("test", ["default"], api, me=[self.whose], page_size=100, **more)
        provider.names = self.names
        return provider

    def become_guest(self) -> None:
        self.provider.close()
        self.whose = ADA
        self.provider = self._provider()

    def close(self) -> None:
        self.provider.close()
        self.graph.__exit__(None, None, None)
        assert self.graph.violations == []

    def _put(self, uid: str, start: datetime, **more) -> str:
        body = {"start": _time(start), "end": _time(start + HOUR), "subject": "a title", **more}
        if uid in self.ids:
            return self.grace.patch(self.ids[uid], {"recurrence": None} | body)["id"]
        made = self.grace.create(body)
        self.ids[uid] = made["id"]
        self.names[made["iCalUId"]] = uid
        return made["id"]

    def put_single(self, uid, start, title="a title"):
        self._put(uid, start, subject=title)

    def put_series(self, uid, start, count, moved=None):
        id_ = self._put(uid, start, recurrence=_weekly(start, count))
        for number, now in (moved or {}).items():
            (one,) = [one for one in self.grace.instances(id_) if _start(one) == start + timedelta(weeks=number)]
            self.grace.patch(one["id"], {"start": _time(now), "end": _time(now + HOUR)})

    def put_meeting(self, uid, start, count=1):
        guests = [{"emailAddress": {"address": email}, "type": "required"} for email in (ADA, BOB)]
        more = {"recurrence": _weekly(start, count)} if count > 1 else {}
        body = {"contentType": "html", "content": HTML}
        self._put(uid, start, subject="Mentoring", body=body, attendees=guests, **more)
        self.ada.accept(next(one["id"] for one in self.ada.events() if self.names.get(one["iCalUId"]) == uid))

    def retitle(self, uid, start, title):
        id_ = self.ids[uid]
        for one in self.grace.instances(id_) if self.grace.get(id_)["recurrence"] else [self.grace.get(id_)]:
            if _start(one) == start:
                self.grace.patch(one["id"], {"subject": title})
                return

    def lock(self):
        self.provider.close()
        self.provider = self._provider(may_write=lambda: False)

    def delete(self, uid):
        if uid in self.ids:
            with contextlib.suppress(KeyError):
                self.grace.delete(self.ids.pop(uid))

    def break_something(self):
        """An event with a zone that is no text, as no client makes one."""
        self._put("broken", datetime(2026, 6, 1, 15, tzinfo=UTC))
        event = self.graph._store.people[GRACE].events
        broken = next(one for one in event.values() if self.names.get(one.uid) == "broken")
        broken.fields["attendees"] = ["nobody knows what this is"]

    def make_unavailable(self):
        self.graph._server.stop()


def _time(instant: datetime) -> dict[str, str]:
    return {"dateTime": instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}


def _start(resource) -> datetime:
    return datetime.fromisoformat(resource["start"]["dateTime"][:19]).replace(tzinfo=UTC)


def _weekly(start: datetime, count: int, zone: str = "UTC") -> dict[str, object]:
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": [_DAYS[start.weekday()]], "firstDayOfWeek": "sunday"}
    span = {"type": "numbered", "startDate": start.date().isoformat(), "numberOfOccurrences": count}
    return {"pattern": pattern, "range": span | {"recurrenceTimeZone": zone}}


class Scene:
    """Grace in New York and Ada in London, with mailboxes at the simulator, and Bob elsewhere."""

    def __init__(self, graph: GraphSimulator) -> None:
        self.graph, self.waits, self._providers = graph, Waits(), []
        graph.add_person(GRACE, EASTERN, "Grace Hopper")
        graph.add_person(ADA, LONDON, "Ada Lovelace")
        self.grace, self.ada = graph.as_(GRACE), graph.as_(ADA)

    def pace(self, **more) -> Pace:
        more = {"chance": lambda: 0.0} | more
        return Pace(service="Microsoft", sleep=self.waits.sleep, clock=lambda: self.waits.now, **more)

    def provider(self, *calendars: str, person: str = GRACE, **more) -> OutlookProvider:
        """Asks as a person; what is for `GraphApi` goes there."""
        of_api = {name: more.pop(name) for name in ("timeout", "mailbox", "token") if name in more}
        api = api_for(self.graph, person, "work", pace=more.pop("pace", None) or self.pace(), **of_api)
        made = OutlookProvider("work", calendars or ("default",), api, **{"me": [person]} | more)
        self._providers.append(made)
        return made

    def close(self) -> None:
        for provider in self._providers:
            provider.close()

    def meeting(self, at: datetime = MONDAY, **fields) -> str:
        """A meeting of the three, which Ada accepted, unless told otherwise; its id at Grace's."""
        guests = [{"emailAddress": {"address": email}, "type": "required"} for email in (ADA, BOB)]
        more = {"subject": "Mentoring", "body": {"contentType": "html", "content": HTML}, "attendees": guests} | fields
        made = self.grace.create({"start": _eastern(at), "end": _eastern(at + HOUR)} | more)
        with contextlib.suppress(StopIteration):
            self.ada.accept(self.hers(made["id"]))
        self.graph.mails.clear()
        return made["id"]

    def series(self, count: int = 4, at: datetime = MONDAY, **fields) -> str:
        """The same, weekly; the id of its master."""
        return self.meeting(at, recurrence=_weekly(at, count, EASTERN), **fields)

    def occurrence(self, series: str, number: int = 1, person: str = GRACE) -> str:
        """The id of an occurrence, counted from 0."""
        return self.graph.as_(person).instances(series)[number]["id"]

    def hers(self, id_: str) -> str:
        """The id of Ada's copy of a meeting."""
        return self.ada.copy_of(self.grace.get(id_)["iCalUId"])["id"]

    def asked(self, method: str | None = None, path: str = "") -> list[Request]:
        """The requests that came in."""
        return [one for one in self.graph.requests if method in (None, one.method) and path in one.path]

    def sent(self) -> list[tuple[str, str]]:
        """Kind and recipient of each mail."""
        return sorted((one.kind, one.to) for one in self.graph.mails)

    def damage(self, id_: str, person: str = GRACE, **fields) -> None:
        """Put something into an event that no client puts there."""
        event = self.graph._store.resolve(self.graph._store.people[person], id_)[0].event
        event.fields.update(fields)
        self.graph._store.touch(event)

    def versions(self, id_: str) -> int:
        """Grows with every change of an event."""
        return self.graph._store.resolve(self.graph._store.people[GRACE], id_, deleted_too=True)[0].event.change


def _eastern(instant: datetime) -> dict[str, str]:
    return {"dateTime": f"{instant - 4 * HOUR:%Y-%m-%dT%H:%M:%S}", "timeZone": EASTERN}


@contextlib.contextmanager
def scene(switches: Switches | None = None) -> Iterator[Scene]:
    """A scene in which nothing was asked of Graph that it does not take."""
    with GraphSimulator(now=NOW, switches=switches or Switches()) as graph:
        made = Scene(graph)
        try:
            yield made
        finally:
            made.close()
    assert graph.violations == []


def listed(provider: OutlookProvider, calendar: str = "default", window: Window = WINDOW) -> dict[str, Event]:
    """What a first pass tells, by id."""
    return {event.id: event for page in provider.changes(calendar, None, window) for event in page.events}
