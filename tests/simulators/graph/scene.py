"""Grace in New York organizes, Ada in London is invited; both have mailboxes here. Bob is invited and has none."""

from datetime import UTC, datetime
from typing import Any

from .client import Api, Reply
from .simulator import GraphSimulator
from .switches import Switches

GRACE, ADA, BOB = "grace@example.org", "ada@example.com", "bob@example.net"
NOW = datetime(2026, 11, 30, tzinfo=UTC)
EASTERN, LONDON = "Eastern Standard Time", "GMT Standard Time"
IMMUTABLE = 'IdType="ImmutableId"'
WINDOW = {"startDateTime": "2026-11-30T00:00:00Z", "endDateTime": "2027-01-01T00:00:00Z"}
DELTA = "/me/calendarView/delta"


def time(text: str, zone: str = EASTERN) -> dict[str, str]:
    return {"dateTime": text, "timeZone": zone}


def guests(*addresses: str) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": each}, "type": "required"} for each in addresses]


def weekly(start: str = "2026-12-01", count: int = 4, day: str = "tuesday") -> dict[str, Any]:
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": [day]}
    return {"pattern": pattern, "range": {"type": "numbered", "startDate": start, "numberOfOccurrences": count}}


def meeting(start: str = "2026-12-01T10:00:00", end: str = "2026-12-01T11:00:00", **fields: Any) -> dict[str, Any]:
    body = {"contentType": "html", "content": "<p>Bring it</p>"}
    times = {"start": time(start), "end": time(end)}
    return {"subject": "Weekly", "body": body, "attendees": guests(ADA, BOB), **times, **fields}


class Scene:
    def __init__(self, graph: GraphSimulator):
        self.graph = graph
        graph.add_person(GRACE, zone=EASTERN, name="Grace Hopper")
        graph.add_person(ADA, zone=LONDON, name="Ada Lovelace")
        self.grace, self.ada = graph.as_(GRACE), graph.as_(ADA)
        self.apis: dict[str, Api] = {}

    def api(self, person: str = GRACE, scopes: Any = None) -> Api:
        """Immutable ids throughout."""
        if scopes is not None:
            return self.graph.api(person, scopes, IMMUTABLE)
        return self.apis.setdefault(person, self.graph.api(person, prefer=IMMUTABLE))

    def invite(self, **fields: Any) -> dict[str, Any]:
        return ok(self.api().post("/me/events", meeting(**fields)), 201)

    def series(self, **fields: Any) -> dict[str, Any]:
        return self.invite(recurrence=weekly(), **fields)

    def occurrences(self, series: dict[str, Any], person: str = GRACE) -> list[dict[str, Any]]:
        return self.graph.as_(person).instances(series["id"])

    def adas(self, event: dict[str, Any]) -> dict[str, Any]:
        """Ada's copy, which has ids of its own."""
        return self.ada.copy_of(event["iCalUId"])

    def round(self, link: str | None = None, person: str = GRACE, size: int = 1000) -> tuple[list[Any], str]:
        """All pages of a round: its items, and the link to the next one."""
        api, items = self.api(person), []
        prefer = f"{IMMUTABLE}, odata.maxpagesize={size}"
        page = ok(api.get(link, prefer) if link else api.get(DELTA, prefer, **WINDOW))
        items += page["value"]
        while "@odata.nextLink" in page:
            page = ok(api.get(page["@odata.nextLink"], prefer))
            items += page["value"]
        return items, page["@odata.deltaLink"]

    def link(self, person: str = GRACE) -> str:
        return self.round(person=person)[1]

    def mails(self) -> list[tuple[str, str]]:
        """Kind and recipient of each mail since the last look."""
        found = [(each.kind, each.to) for each in self.graph.mails]
        self.graph.mails.clear()
        return found


def scene(switches: Switches | None = None) -> Any:
    """For a fixture: `yield from scene()`."""
    with GraphSimulator(now=NOW, switches=switches) as graph:
        yield Scene(graph)


def ok(reply: Reply, status: int = 200) -> Any:
    assert reply.status_code == status, reply.text
    return reply.json() if reply.text else None


def refused(reply: Reply) -> tuple[int, str]:
    """Status and code of an answer other than success, in Graph's shape."""
    error = reply.json()["error"]
    assert {"code", "message", "innerError"} == set(error)
    assert {"date", "request-id", "client-request-id"} == set(error["innerError"])
    return reply.status_code, error["code"]


def kinds(items: list[Any]) -> list[str]:
    """What each item of a round is: removed, or its type."""
    return sorted("removed" if "@removed" in each else each["type"] for each in items)
