"""Weeks of changes, in any order: a careful client of the simulator knows the calendar after each round."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators.graph import ApiError, Switches
from simulators.graph.scene import ADA, GRACE, WINDOW, Scene, meeting, ok, time, weekly
from simulators.graph.scene import scene as a_scene

# What tells nothing of a deleted occurrence can only be met by listing the window again.
POSITIONS = [each for each in Switches.both_ways() if each[0] != "deleted_occurrence=silent"]
CHANGES = ("single", "series", "retitle", "move", "away", "delete", "cancel", "answer", "guest")


class Client:
    """Keeps what is in the window: by the links, by GET of what is said to be removed, by instances of masters."""

    def __init__(self, scene: Scene, person: str):
        self.scene, self.person, self.link = scene, person, None
        self.known: dict[str, dict] = {}

    def sync(self):
        items, self.link = self.scene.round(self.link, self.person, size=3)
        masters = set()
        for each in items:
            if "@removed" in each:
                masters |= self._check(each["id"])
            elif each["type"] == "singleInstance":
                self.known[each["id"]] = each
            else:
                masters.add(each.get("seriesMasterId") or each["id"])
        for master in masters:
            self._list(master)

    def _check(self, item_id):
        """@removed is no proof: what is still there may be outside the window, or a series."""
        gone = self.known.pop(item_id, None)
        reply = self.scene.api(self.person).get(f"/me/events/{item_id}")
        if reply.status_code == 404:
            self._forget(item_id)
            return {gone["seriesMasterId"]} if gone and gone.get("seriesMasterId") else set()
        found = ok(reply)
        return {found["id"]} if found["type"] == "seriesMaster" else {found["seriesMasterId"]} - {None}

    def _forget(self, master):
        for each in [key for key, item in self.known.items() if item.get("seriesMasterId") == master]:
            del self.known[each]

    def _list(self, master):
        self._forget(master)
        self.known.pop(master, None)
        api, address, query = self.scene.api(self.person), f"/me/events/{master}/instances", {**WINDOW, "$top": "1000"}
        reply = api.get(address, **query)
        if reply.status_code == 200:
            self.known |= {each["id"]: each for each in ok(reply)["value"]}

    def view(self):
        return {
            key: (each["subject"], each["start"]["dateTime"], each["isCancelled"]) for key, each in self.known.items()
        }


def truth(scene, person):
    page = ok(scene.api(person).get("/me/calendarView", **WINDOW, **{"$top": "1000"}))
    return {each["id"]: (each["subject"], each["start"]["dateTime"], each["isCancelled"]) for each in page["value"]}


def change(scene, kind, number):
    """One change; what cannot be done is left."""
    day = 1 + number % 20
    start, end = (f"2026-12-{day:02d}T{hour:02d}:00:00" for hour in (9 + number % 5, 10 + number % 5))
    if kind == "single":
        scene.grace.create(meeting(start, end, subject=f"single {number}"))
        return
    if kind == "series":
        name = ("tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "monday")[(day - 1) % 7]
        scene.grace.create(meeting(start, end, recurrence=weekly(start[:10], 6, name)))
        return
    hand = scene.ada if kind in {"answer", "guest"} else scene.grace
    events = [one for each in hand.events() for one in (each, *occurrences(hand, each))]
    if not events:
        return
    chosen = events[number % len(events)]
    with contextlib.suppress(ApiError):
        _do(hand, kind, number, chosen, start, end)


def occurrences(hand, event):
    return hand.instances(event["id"]) if event["type"] == "seriesMaster" else []


def _do(hand, kind, number, chosen, start, end):
    match kind:
        case "retitle":
            hand.patch(chosen["id"], {"subject": f"title {number}"})
        case "move":
            hand.patch(chosen["id"], {"start": time(start), "end": time(end)})
        case "away":
            hand.patch(chosen["id"], {"start": time("2027-02-02T09:00:00"), "end": time("2027-02-02T10:00:00")})
        case "delete" | "guest":
            hand.delete(chosen["id"])
        case "cancel":
            hand.cancel(chosen["id"], "No agenda")
        case "answer":
            (hand.accept, hand.tentatively_accept, hand.decline)[number % 3](chosen["id"])


@pytest.mark.parametrize(("name", "switches"), POSITIONS, ids=[name for name, _ in POSITIONS])
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(weeks=st.lists(st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 60)), max_size=4), max_size=5))
def test_a_careful_client_knows_the_calendar_after_each_round(name, switches, weeks):
    for scene in a_scene(switches):
        clients = [Client(scene, GRACE), Client(scene, ADA)]
        change(scene, "series", 0)
        for week in [[], *weeks]:
            for kind, number in week:
                change(scene, kind, number)
            for client in clients:
                client.sync()
                assert client.view() == truth(scene, client.person)
        assert scene.graph.violations == []
