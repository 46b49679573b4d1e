"""Random weeks: whoever follows the increments has what a fresh listing has, and copies agree with the main copy."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from simulators.google import ApiError, GoogleSimulator, Switches
from simulators.google.calls import Call
from simulators.google.discovery import methods

GRACE, ADA, BOB = "grace@example.org", "ada@example.com", "bob@example.net"
RULES = [
    ["RRULE:FREQ=WEEKLY;COUNT=4"],
    ["RRULE:FREQ=WEEKLY;COUNT=6"],
    ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261202T150000Z"],
]
OF_THE_COPY = {"etag", "updated", "htmlLink", "start", "end", "originalStartTime", "organizer", "creator", "reminders"}


def span(day, hour):
    start = datetime(2026, 12, day, hour, tzinfo=UTC)
    times = (start, start + timedelta(hours=1))
    return {
        name: {"dateTime": each.isoformat(), "timeZone": "America/New_York"}
        for name, each in zip(("start", "end"), times, strict=True)
    }


class Follower:
    """Reads one calendar by its increments."""

    def __init__(self, google, person, *, single_events):
        self.google, self.person, self.single = google, person, single_events
        self.items, self.token = self.fresh()

    def _pages(self, **parameters):
        method = next(each for each in methods() if each.name == "events.list")
        person = self.google._person(self.person)
        calendar = self.google._calendar(self.person)
        items, more = [], {}
        while True:
            given = {"singleEvents": self.single, "maxResults": 3, **parameters, **more}
            page = self.google._router.run(Call(method, person, calendar, "owner", {}, given, {}))
            items += page["items"]
            if "nextPageToken" not in page:
                return items, page["nextSyncToken"]
            more = {"pageToken": page["nextPageToken"]}

    def fresh(self):
        items, token = self._pages()
        return {each["id"]: each for each in items if each["status"] != "cancelled"}, token

    def follow(self):
        items, self.token = self._pages(syncToken=self.token)
        for each in items:
            if each["status"] != "cancelled":
                self.items[each["id"]] = each
                continue
            self.items.pop(each["id"], None)
            for key in [k for k, v in self.items.items() if v.get("recurringEventId") == each["id"]]:
                del self.items[key]


class Week:
    def __init__(self, google, seed):
        self.google, self.dice, self.made = google, random.Random(seed), []  # noqa: S311 -- repeatable, not secret

    def target(self):
        """An event, a series, or one of a series' instances."""
        event_id, recurring = self.dice.choice(self.made)
        if recurring and self.dice.random() < 0.6:
            try:
                instances = self.google.as_(GRACE).instances("primary", event_id, showDeleted=True)
            except ApiError:
                return event_id
            if instances:
                return self.dice.choice(instances)["id"]
        return event_id

    def step(self):
        grace, ada = self.google.as_(GRACE), self.google.as_(ADA)
        told = self.dice.choice(["all", "none"])
        if not self.made or self.dice.random() < 0.2:
            body = {"summary": "s0", **span(self.dice.randint(1, 20), 15), "attendees": self.people()}
            if self.dice.random() < 0.6:
                body["recurrence"] = self.dice.choice(RULES)
            self.made.append((grace.insert("primary", body, told)["id"], "recurrence" in body))
            return
        target = self.target()
        action = self.dice.choice(
            [
                lambda: grace.patch("primary", target, {"summary": f"s{self.dice.randint(1, 9)}"}, told),
                lambda: grace.patch("primary", target, span(self.dice.randint(1, 28), 16), told),
                lambda: grace.patch("primary", target, {"attendees": self.people()}, told),
                lambda: grace.patch("primary", target, {"recurrence": self.dice.choice([*RULES, None])}, told),
                lambda: grace.delete("primary", target, told),
                lambda: grace.patch("primary", target, {"status": "confirmed"}, told),
                lambda: ada.respond("primary", target, self.dice.choice(["accepted", "declined", "tentative"])),
                lambda: ada.delete("primary", target, told),
                lambda: ada.patch("primary", target, {"extendedProperties": {"private": {"a": "b"}}}),
            ]
        )
        try:
            action()
        except ApiError as refusal:
            assert refusal.status in {400, 403, 404, 410}  # noqa: PT017 -- any of these is right

    def people(self):
        return [{"email": each} for each in (GRACE, *self.dice.sample([ADA, BOB], self.dice.randint(0, 2)))]


@pytest.fixture
def google():
    simulator = GoogleSimulator(now=datetime(2026, 11, 30, tzinfo=UTC))
    simulator.add_person(GRACE, zone="America/New_York")
    simulator.add_person(ADA, zone="Europe/London")
    with simulator:
        yield simulator


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("switches", [Switches(), Switches(empty_pages=True, deleted_series="master")], ids=["a", "b"])
def test_increments_lead_to_what_a_fresh_listing_has(google, switches, seed):
    google.switches = switches
    week = Week(google, seed)
    followers = [Follower(google, person, single_events=single) for person in (GRACE, ADA) for single in (True, False)]
    for _ in range(40):
        week.step()
        for each in followers:
            if week.dice.random() < 0.5:
                each.follow()
                assert each.items == each.fresh()[0]
    assert google.violations == []


@pytest.mark.parametrize(("name", "switches"), Switches.both_ways())
def test_every_switch_goes_through_a_week(google, name, switches):
    google.switches = switches
    week = Week(google, name)
    followers = [Follower(google, GRACE, single_events=single) for single in (True, False)]
    for _ in range(40):
        week.step()
        for each in followers:
            each.follow()
    assert google.violations == []


@pytest.mark.parametrize("seed", range(6, 14))
def test_copies_agree_with_the_main_copy(google, seed):
    week = Week(google, seed)
    for _ in range(40):
        week.step()
        main = Follower(google, GRACE, single_events=True).items
        for event_id, copy in Follower(google, ADA, single_events=True).items.items():
            assert shared(copy) == shared(main[event_id])


def shared(item):
    """What must be the same in all copies."""
    kept = {name: value for name, value in item.items() if name not in OF_THE_COPY | {"extendedProperties"}}
    kept["attendees"] = [
        {k: v for k, v in each.items() if k not in {"self", "organizer"}} for each in item.get("attendees", [])
    ]
    return kept, datetime.fromisoformat(item["start"]["dateTime"]), datetime.fromisoformat(item["end"]["dateTime"])
