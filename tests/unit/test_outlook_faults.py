"""What becomes of each kind of request to Microsoft Graph when something goes wrong with it."""

import json
import time
from datetime import timedelta

import pytest
from conformance.outlook_backing import ADA, BOB, GRACE, MONDAY, WINDOW, listed, scene
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulators.graph import FAULT_KINDS, Switches
from unit.test_google_faults import fault_of, outcome, timeout_for

from agendad.providers.base import Cancel, Decline, Move, Patch, Propose, Tentative, Window
from agendad.providers.errors import AccountUnavailable, NotWritten, PreconditionFailed, ProviderError
from agendad.providers.pacing import Throttled

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AT = {"at": MONDAY - DAY}
PATCH = Patch(mark="m-patch", marker="[agendad]", lines=("[agendad] an agenda, please",), **AT)
MOVE = Move(mark="m-move", start=MONDAY + DAY, end=MONDAY + DAY + HOUR, **AT)
CANCEL = Cancel(mark="m-cancel", message="No agenda yet", **AT)
DECLINE = Decline(mark="m-decline", attendee=ADA, message="Not this time", **AT)
TENTATIVE = Tentative(mark="m-tentative", attendee=ADA, message="Perhaps", **AT)
PROPOSE = Propose(mark="m-propose", attendee=ADA, slots=((MONDAY + DAY, MONDAY + DAY + HOUR),), **AT)
MAILS = {
    "patch": [("update", ADA), ("update", BOB)],
    "move": [("update", ADA), ("update", BOB)],
    "cancel": [("cancellation", ADA), ("cancellation", BOB)],
    "decline": [("response", GRACE)],
    "tentative": [("response", GRACE)],
    "propose": [("response", GRACE)],
}
"""What each change makes Exchange send, once."""
CHANGES = [PATCH, MOVE, CANCEL, DECLINE, TENTATIVE, PROPOSE]
PORTAL = "<!DOCTYPE html><html><body>Sign in to the network</body></html>"

TABLE = """
fault                           | first     later     increment instances get       freeBusy | try get slept | PATCH     | PATCH GET slept | cancel    | POST GET slept
------------------------------------------------------------------------------------------------------------------------------------------------------
# the sign-in
401                             | sign-in   sign-in   sign-in   sign-in   sign-in   sign-in  |   1   1     0 | sign-in   |   1   1    0 | sign-in   |   1   1    0
# a no; a 400 may be meant for what a server does not know: it is tried without
403                             | away      away      away      away      away      ok       |   1   1     0 | read-only |   1   1    0 | read-only |   1   1    0
403 ErrorAccessDenied           | away      away      away      away      away      ok       |   1   1     0 | read-only |   1   1    0 | read-only |   1   1    0
400                             | away      anew      anew      anew      ok        ok       |   1   2     0 | ok        |   2   2    0 | refused   |   1   1    0
400 always                      | away      anew      anew      anew      away      ok       |   1   2     0 | refused   |   2   1    0 | refused   |   1   1    0
404                             | away      away      away      ok        gone      ok       |   1   1     0 | gone      |   1   1    0 | gone      |   1   1    0
410                             | away      anew      anew      ok        gone      ok       |   1   1     0 | gone      |   1   1    0 | gone      |   1   1    0
410 syncStateNotFound           | away      anew      anew      ok        gone      ok       |   1   1     0 | gone      |   1   1    0 | gone      |   1   1    0
410 resyncRequired              | away      anew      anew      ok        gone      ok       |   1   1     0 | gone      |   1   1    0 | gone      |   1   1    0
410 ResyncRequired              | away      anew      anew      ok        gone      ok       |   1   1     0 | gone      |   1   1    0 | gone      |   1   1    0
409                             | away      away      away      away      away      away     |   1   1     0 | changed   |   1   2    0 | changed   |   1   2    0
412                             | away      away      away      away      away      away     |   1   1     0 | changed   |   1   2    0 | changed   |   1   2    0
# not now
423                             | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   2  0.5 | ok        |   2   1  0.5
423 always                      | away      away      away      away      away      away     |   5   5   7.5 | later     |   5   1  7.5 | later     |   5   1  7.5
429                             | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   2  0.5 | ok        |   2   1  0.5
429 ApplicationThrottled        | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   2  0.5 | ok        |   2   1  0.5
429 after=3                     | ok        ok        ok        ok        ok        ok       |   2   2     3 | ok        |   2   2    3 | ok        |   2   1    3
429 after=1.5                   | ok        ok        ok        ok        ok        ok       |   2   2   1.5 | ok        |   2   2  1.5 | ok        |   2   1  1.5
429 after=http-date             | ok        ok        ok        ok        ok        ok       |   2   2     2 | ok        |   2   2    2 | ok        |   2   1    2
429 after=20 always             | away      away      away      away      away      away     |   4   4    60 | later     |   4   1   60 | later     |   4   1   60
429 after=86400                 | away      away      away      away      away      away     |   1   1     0 | later     |   1   1    0 | later     |   1   1    0
429 always                      | away      away      away      away      away      away     |   5   5   7.5 | later     |   5   1  7.5 | later     |   5   1  7.5
# Microsoft's own trouble; nothing is known of a write until it is looked for, nor then where it may still be done
500                             | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   3  0.5 | ok        |   2   2  0.5
500 always                      | away      away      away      away      away      away     |   5   5   7.5 | away      |   2   3  1.5 | away      |   2   3  1.5
501                             | away      away      away      away      ok        ok       |   1   2     0 | refused   |   1   1    0 | refused   |   1   1    0
502                             | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   3  0.5 | ok        |   2   2  0.5
503                             | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   3  0.5 | ok        |   2   2  0.5
503 after=5                     | ok        ok        ok        ok        ok        ok       |   2   2     5 | ok        |   2   3    5 | ok        |   2   2    5
503 after=600                   | away      away      away      away      away      away     |   1   1     0 | away      |   1   1    0 | away      |   1   1    0
503 always                      | away      away      away      away      away      away     |   5   5   7.5 | away      |   2   3  1.5 | away      |   2   3  1.5
504                             | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | away      |   1   2  0.5 | away      |   1   2  0.5
504 always                      | away      away      away      away      away      away     |   5   5   7.5 | away      |   1   2  0.5 | away      |   1   2  0.5
408                             | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   3  0.5 | ok        |   2   2  0.5
# somebody else answers
html 502                        | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   3  0.5 | ok        |   2   2  0.5
html 502 always                 | away      away      away      away      away      away     |   5   5   7.5 | away      |   2   3  1.5 | away      |   2   3  1.5
html 403                        | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   3  0.5 | ok        |   2   2  0.5
html 404                        | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   3  0.5 | ok        |   2   2  0.5
html 302                        | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   3  0.5 | ok        |   2   2  0.5
html 200                        | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   3  0.5 | ok        |   2   2  0.5
garbage                         | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   3  0.5 | ok        |   2   2  0.5
garbage always                  | away      away      away      away      away      away     |   5   5   7.5 | away      |   2   3  1.5 | away      |   2   3  1.5
# the way there
reset                           | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   3  0.5 | ok        |   2   2  0.5
reset always                    | away      away      away      away      away      away     |   5   5   7.5 | away      |   2   3  1.5 | away      |   2   3  1.5
close                           | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   2   3  0.5 | ok        |   2   2  0.5
close always                    | away      away      away      away      away      away     |   5   5   7.5 | away      |   2   3  1.5 | away      |   2   3  1.5
stall                           | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | away      |   1   2  0.5 | away      |   1   2  0.5
# the way back: a write was made, and its answer is lost
truncate                        | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   1   2  0.5 | ok        |   1   1    0
truncate always                 | away      away      away      away      away      away     |   5   5   7.5 | ok        |   1   2  0.5 | ok        |   1   1    0
applied-then-dropped            | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   1   2  0.5 | ok        |   1   2  0.5
applied-then-dropped always     | away      away      away      away      away      away     |   5   5   7.5 | ok        |   1   2  0.5 | ok        |   1   2  0.5
applied-then-reset              | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   1   2  0.5 | ok        |   1   2  0.5
applied-then-reset always       | away      away      away      away      away      away     |   5   5   7.5 | ok        |   1   2  0.5 | ok        |   1   2  0.5
applied-then-500                | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   1   2  0.5 | ok        |   1   2  0.5
applied-then-500 always         | away      away      away      away      away      away     |   5   5   7.5 | ok        |   1   2  0.5 | ok        |   1   2  0.5
applied-then-stall              | ok        ok        ok        ok        ok        ok       |   2   2   0.5 | ok        |   1   2  0.5 | ok        |   1   2  0.5
"""  # noqa: E501 - a table
"""Per fault: the outcome of reading, how often that request was sent (get by itself), and the seconds of waiting; the
same for writes. The GETs of a write are the look before it, those that settle it, and the one that reads what stands.
"""

READS = ("first", "later", "increment", "instances", "get", "freeBusy")
_ROWS = [
    [part.split() for part in line.split("|")] for line in TABLE.strip().splitlines()[2:] if not line.startswith("#")
]
ROWS = [(" ".join(fault), *rest) for fault, *rest in _ROWS]
FAULTS = [row[0] for row in ROWS]


def fault_at(text):
    """The words of the table as what the simulator is told."""
    told = fault_of(text)
    status = told.pop("status", None)
    if status is not None:
        told |= {"kind": status if status != 200 else "garbage", "body": PORTAL}
    return told


@pytest.fixture
def desk():
    with scene() as made:
        yield made


def settle(desk):
    """Wait for requests that are still being handled."""
    until = time.monotonic() + 5
    while any(one.ended is None for one in list(desk.graph.requests)) and time.monotonic() < until:
        time.sleep(0.01)


class Write:
    """One change that is about to be made: by Grace to her meeting, or by Ada to her copy."""

    def __init__(self, desk, change, *, occurrence=False, timeout=10.0, **fields):
        self.desk, self.change = desk, change
        self.series = desk.series(**fields) if occurrence else desk.meeting(**fields)
        mine = desk.occurrence(self.series) if occurrence else self.series
        person = GRACE if change.kind in ("patch", "move", "cancel") else ADA
        if person == ADA:
            mine = desk.occurrence(desk.hers(self.series), person=ADA) if occurrence else desk.hers(self.series)
        self.method = "PATCH" if change.kind in ("patch", "move") else "POST"
        self.provider = desk.provider(person=person, timeout=timeout)
        self.event = listed(self.provider)[mine]
        desk.graph.requests.clear()
        desk.waits.slept.clear()

    def apply(self, **more):
        return self.provider.apply(self.event, self.change, notify=True, **more)

    @property
    def made(self):
        """How often it was made, as far as mails tell."""
        sent, expected = self.desk.sent(), MAILS[self.change.kind]
        return len(sent) / len(expected) if not sent or sorted(set(sent)) == expected else sent


class Verb:
    """One kind of reading: how it is provoked, and which requests are of that kind."""

    def __init__(self, desk, name):
        self.desk, self.name = desk, name
        desk.waits.slept.clear()
        self.provider = desk.provider(page_size=2)
        self.event = next(iter(listed(self.provider).values()))
        cursor = list(self.provider.changes("default", None, WINDOW))[-1].cursor
        self.cursor = cursor if name in ("increment", "instances") else None
        if name == "instances":
            desk.series(2)
        desk.graph.requests.clear()

    def meet(self, fault):
        """What comes of it, as a line of the table has it: outcome, tries, seconds."""
        path = {"get": "/events/[^/]+$", "instances": "/instances$", "freeBusy": "/getSchedule$"}.get(self.name)
        self.provider.close()
        self.provider = self.desk.provider(page_size=2, timeout=timeout_for(fault))
        self.desk.graph.faults.add(path=path or "/delta$", after=int(self.name == "later"), **fault_at(fault))
        found = outcome(self._ask)
        self.desk.graph.faults.clear()
        return found, self._tries(), sum(self.desk.waits.slept)

    def _ask(self):
        if self.name == "get":
            self.provider.get(self.event)
        elif self.name == "freeBusy":
            self.provider.free_busy([ADA], Window(MONDAY, MONDAY + DAY))
        else:
            list(self.provider.changes("default", self.cursor, WINDOW))

    def _tries(self):
        if self.name in ("first", "later"):
            later = self.name == "later"
            return len([one for one in self.desk.asked(path="/delta") if ("$skiptoken" in one.query) is later])
        return len(self.desk.asked(path="/instances" if self.name == "instances" else ""))


@pytest.mark.parametrize(("fault", "reads", "cost"), [row[:3] for row in ROWS], ids=FAULTS)
def test_reading_comes_to_what_the_table_says_of_each_fault(desk, fault, reads, cost):
    for _ in range(3):
        desk.meeting()
    found = {name: Verb(desk, name).meet(fault) for name in READS}
    assert found == {
        name: (expected, int(cost[1 if name == "get" else 0]), float(cost[2]))
        for name, expected in zip(READS, reads, strict=True)
    }


@pytest.mark.parametrize(
    ("change", "fault", "expected", "cost"),
    [(PATCH, row[0], *row[3:5]) for row in ROWS] + [(CANCEL, row[0], *row[5:7]) for row in ROWS],
    ids=[f"{kind}-{fault}" for kind in ("patch", "cancel") for fault in FAULTS],
)
def test_writing_comes_to_what_the_table_says_of_each_fault(desk, change, fault, expected, cost):
    write = Write(desk, change, timeout=timeout_for(fault))
    before = desk.versions(write.series)
    desk.graph.faults.add(method=write.method, **fault_at(fault))
    found = outcome(write.apply)
    settle(desk)
    assert (found, len(desk.asked(write.method)), len(desk.asked("GET")), sum(desk.waits.slept)) == (
        *expected,
        int(cost[0]),
        int(cost[1]),
        float(cost[2]),
    )
    made = found == "ok" or fault == "stall"  # what stalls is made in the end, and not asked for twice
    assert write.made == made
    assert (desk.versions(write.series) > before) == made


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if "always" not in fault])
@pytest.mark.parametrize("change", [DECLINE, PROPOSE], ids=lambda change: change.kind)
def test_answer_is_given_once_at_most_whatever_becomes_of_its_request(desk, change, fault):
    write = Write(desk, change, timeout=timeout_for(fault))
    desk.graph.faults.add(method="POST", **fault_at(fault))
    found = outcome(write.apply)
    settle(desk)
    (expected,) = next(row[5] for row in ROWS if row[0] == fault)
    assert found == expected
    assert write.made == (found == "ok" or fault == "stall")


def test_table_has_every_kind_of_fault():
    kinds = {fault.split()[0] for fault in FAULTS}
    assert FAULT_KINDS.keys() <= kinds
    assert {"400", "401", "403", "404", "409", "410", "412", "429", "500", "503", "504"} <= kinds


# a write whose answer is lost

LOST = ["truncate", "applied-then-dropped", "applied-then-reset", "applied-then-500"]


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("look", [500, "reset", "garbage", 403])
def test_lost_write_that_cannot_be_looked_for_is_settled_by_the_next_look(desk, kind, look):
    write = Write(desk, PATCH)
    desk.graph.faults.add(kind, method="PATCH", times=None)
    desk.graph.faults.add(look, method="GET", after=1, times=None)
    with pytest.raises(AccountUnavailable):
        write.apply()
    desk.graph.faults.clear()
    desk.waits.now += 60
    intended = []
    settled = write.apply(before_writing=intended.append)
    assert settled.event.marks == ("m-patch",)
    assert (settled.undo, intended, write.made) == (None, [], 1)


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.kind)
@pytest.mark.parametrize("occurrence", [False, True], ids=["single", "occurrence"])
def test_lost_write_is_found_in_what_stands(desk, kind, change, occurrence):
    write = Write(desk, change, occurrence=occurrence)
    desk.graph.faults.add(kind, method=write.method)
    applied = write.apply()
    assert write.made == 1
    assert write.provider.shows(applied.event, change)
    assert len(desk.asked(write.method)) == 1


@pytest.mark.parametrize("change", [PATCH, CANCEL, DECLINE], ids=lambda change: change.kind)
@pytest.mark.parametrize("switches", list(Switches.both_ways()), ids=lambda switches: switches[0])
def test_lost_write_is_found_whatever_graph_does_otherwise(change, switches):
    with scene(switches[1]) as desk:
        write = Write(desk, change, occurrence=True)
        desk.graph.faults.add("applied-then-dropped", method=write.method)
        assert write.provider.shows(write.apply().event, change)
        assert write.made == 1


def test_somebody_elses_answer_to_a_change_is_none_and_the_change_is_made(desk):
    write = Write(desk, PATCH)
    desk.graph.faults.add("garbage", method="PATCH", body='{"ok": true}')
    assert write.apply().event.marks == ("m-patch",)
    assert (write.made, len(desk.asked("PATCH"))) == (1, 2)


def test_lost_write_that_somebody_forestalled_is_not_made(desk):
    write = Write(desk, PATCH)

    def meanwhile(_undo):
        desk.grace.patch(write.series, {"subject": "Somebody was faster"})
        desk.graph.mails.clear()
        desk.graph.faults.add("reset", method="PATCH")

    with pytest.raises(PreconditionFailed):
        write.apply(before_writing=meanwhile)
    assert len(desk.asked("PATCH")) == 1
    assert desk.sent() == []


@pytest.mark.parametrize("if_match", ["honoured", "ignored"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.kind)
def test_write_that_arrives_late_is_made_once_also_where_its_condition_is_ignored(if_match, change):
    with scene(Switches(if_match=if_match)) as desk:
        write = Write(desk, change, timeout=0.1)
        desk.graph.faults.add("stall", method=write.method, delay=0.3)
        assert outcome(write.apply) == "away"
        settle(desk)
        assert (write.made, len(desk.asked(write.method))) == (1, 1)


def test_spontaneous_412_is_read_and_planned_again(desk):
    write, intended = Write(desk, PATCH), []
    desk.graph.faults.add(412, method="PATCH")
    with pytest.raises(PreconditionFailed):
        write.apply(before_writing=intended.append)
    assert write.made == 0
    assert write.apply(before_writing=intended.append).event.marks == ("m-patch",)
    assert (write.made, len(intended)) == (1, 2)


@pytest.mark.parametrize("change", [PATCH, CANCEL], ids=lambda change: change.kind)
def test_write_to_what_names_no_version_is_repeated_only_where_nothing_changed(desk, change):
    write = Write(desk, change)
    told = desk.grace.get(write.series)
    bare = {name: value for name, value in told.items() if name not in ("changeKey", "@odata.etag")}
    desk.graph.faults.add("garbage", method="GET", path="/events/", body=json.dumps(bare), times=2)
    desk.graph.faults.add("reset", method=write.method)
    write.apply()
    assert (write.made, len(desk.asked(write.method))) == (1, 2)
    other = Write(desk, change, at=MONDAY + 2 * DAY)
    told = {**desk.grace.get(other.series), "changeKey": None, "@odata.etag": None}
    desk.graph.mails.clear()
    desk.graph.faults.add("garbage", method="GET", path="/events/", body=json.dumps(told))
    changed = json.dumps({**told, "subject": "Somebody was faster"})
    desk.graph.faults.add("garbage", method="GET", path="/events/", body=changed)
    desk.graph.faults.add("reset", method=other.method)
    with pytest.raises(PreconditionFailed):
        other.apply()
    assert desk.sent() == []


TROUBLE = st.lists(
    st.tuples(
        st.sampled_from(["PATCH", "POST", "GET"]),
        st.sampled_from([400, 429, 500, 503, 504, 412, "html", "garbage", "reset", "close", *LOST]),
        st.integers(0, 2),
        st.integers(1, 6),
    ),
    max_size=5,
)


@given(trouble=TROUBLE, change=st.sampled_from(CHANGES), if_match=st.sampled_from(["honoured", "ignored"]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_change_is_made_once_and_told_once_whatever_goes_wrong_on_the_way(trouble, change, if_match):
    with scene(Switches(if_match=if_match)) as desk:
        write = Write(desk, change)
        for method, kind, after, times in trouble:
            desk.graph.faults.add(kind, method=method, after=after, times=times)
        for _ in range(40):
            desk.waits.now += 3600
            if outcome(write.apply) in ("ok", "gone", "changed") and _stands(write):
                break
        assert write.made == 1


def _stands(write):
    """Whether the change is there, as whoever journals it finds out."""
    try:
        event = write.provider.get(write.event)
    except ProviderError as error:
        return type(error).__name__ == "EventNotFound" and write.provider.shows(None, write.change)
    return write.provider.shows(event, write.change)


# rest


@pytest.mark.parametrize(
    ("fault", "rest", "words"),
    [
        ("429 after=86400", 86_400, "24 hours"),
        ("429 after=999999999999", 86_400, "24 hours"),
        ("503 after=600", 600, "10 minutes"),
        ("429 always", 8, "a few seconds"),
    ],
)
def test_nothing_is_sent_while_microsoft_wants_to_be_left_alone(desk, fault, rest, words):
    write = Write(desk, PATCH)
    desk.graph.faults.add(path="/delta$", **fault_at(fault))
    with pytest.raises(AccountUnavailable) as error:
        listed(write.provider)
    assert words in error.value.next_step
    desk.graph.faults.clear()
    sent = len(desk.asked())
    desk.waits.now += rest - 1
    for ask in (
        lambda: listed(write.provider),
        lambda: write.provider.get(write.event),
        lambda: write.provider.free_busy([ADA], WINDOW),
        write.apply,
    ):
        assert outcome(ask) == "away"
    assert len(desk.asked()) == sent
    desk.waits.now += 1
    assert set(listed(write.provider)) == {write.series}


def test_write_that_finds_microsoft_busy_is_not_intended_by_the_next(desk):
    first, intended = Write(desk, PATCH), []
    desk.graph.faults.add(429, method="PATCH", retry_after=300)
    with pytest.raises(NotWritten) as refusal:
        first.apply(before_writing=intended.append)
    assert refusal.value.next_step == "It is looked at again in 5 minutes."
    assert outcome(lambda: first.apply(before_writing=intended.append)) == "away"
    assert len(intended) == 1


def test_rest_of_one_account_is_not_that_of_another(desk):
    desk.graph.faults.add(429, retry_after=300)
    assert outcome(lambda: listed(desk.provider())) == "away"
    assert outcome(lambda: listed(desk.provider(person=ADA))) == "ok"


@pytest.mark.parametrize("after", ["soon", "-5", "nan", "inf", "", "1,5"])
def test_retry_after_that_means_nothing_is_passed_over(desk, after):
    desk.graph.faults.add(429, retry_after=after)
    assert outcome(lambda: listed(desk.provider())) == "ok"
    assert desk.waits.slept in ([0.5], [0])


# the sign-in


def test_token_that_is_not_taken_is_followed_by_another_where_there_is_one(desk):
    provider, tokens = desk.provider(), [desk.graph.token_for(GRACE), "ended"]
    provider._api._token = lambda: tokens[-1]
    headers = []

    def renewed(header):
        headers.append(header)
        del tokens[1:]
        return Throttled("The token is renewed.", 0.0)

    provider._api._refused_token = renewed
    assert listed(provider) == {}
    assert [one.status for one in desk.asked()] == [401, 200]
    assert "authorization_uri" in headers[0]


def test_token_that_ends_between_look_and_write_is_renewed_and_the_write_made_once(desk):
    write, renewed = Write(desk, PATCH), desk.graph.token_for(GRACE)
    api = write.provider._api

    def renew(_header):
        api._token = lambda: renewed
        return Throttled("The token is renewed.", 0.0)

    api._refused_token = renew

    def meanwhile(_undo):
        api._token = lambda: "ended"

    write.apply(before_writing=meanwhile)
    assert [one.status for one in desk.asked("PATCH")] == [401, 200]
    assert write.made == 1


# what the texts say


@pytest.mark.parametrize(
    ("fault", "reading", "writing"),
    [
        ("403 ErrorAccessDenied", "agendad login", "Have the calendar shared"),
        ("403 somethingNew", "agendad login", "Have the calendar shared"),
        ("404", "Correct `calendars`", "The next sync will drop it."),
        ("400 ErrorInvalidRequest always", "Look at the account in Outlook", "Make the change yourself in Outlook."),
        ("500 always", "by itself", "It is read again at the next pass"),
    ],
)
def test_error_says_what_can_be_done_about_it(desk, fault, reading, writing):
    write = Write(desk, PATCH)
    desk.graph.faults.add(path="/delta$", **fault_at(fault))
    with pytest.raises(ProviderError) as error:
        listed(write.provider)
    assert reading in error.value.next_step
    desk.graph.faults.clear()
    desk.graph.faults.add(method="PATCH", **fault_at(fault))
    with pytest.raises(ProviderError) as error:
        write.apply()
    assert writing in error.value.next_step


def test_error_text_holds_no_token_and_no_address_of_a_request(desk):
    write, texts = Write(desk, PATCH), []
    token = write.provider._api._token()
    for fault in dict.fromkeys(fault for fault in FAULTS if "stall" not in fault):
        for method, ask in (("GET", lambda: write.provider.get(write.event)), ("PATCH", write.apply)):
            desk.graph.faults.add(method=method, **fault_at(fault))
            try:
                ask()
            except ProviderError as error:
                texts.append(str(error))
            desk.graph.faults.clear()
            desk.waits.now += 2 * 86_400
    assert len(texts) > 40
    assert not [text for text in texts if token in text or "://" in text or write.series in text or "<" in text]


# answers that are odd

ODD_BODIES = [
    " ",
    "null",
    "[]",
    "{}",
    "5",
    '"no"',
    "[5]",
    '{"error": null}',
    '{"error": "invalid_token"}',
    '{"error": []}',
    '{"error": {}}',
    '{"error": {"code": null}}',
    '{"error": {"code": "", "message": 5}}',
    '[{"error": {"code": "odd"}}]',
    "[" * 100_000,
    "\x00\x01",
    b"\xff\xfe",
]


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
def test_refusal_that_is_none_of_graphs_is_asked_again(desk, status):
    provider = desk.provider()
    for body in ODD_BODIES:
        desk.graph.requests.clear()
        desk.graph.faults.add(status, body=body, path="/delta$")
        assert (outcome(lambda: listed(provider)), len(desk.asked())) == ("ok", 2), body[:40]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (404, {"error": {"code": "ErrorItemNotFound"}}, "gone"),
        (404, {"error": {"code": "itemNotFound", "message": None}}, "gone"),
        (404, {"Error": {"Code": "ERRORITEMNOTFOUND", "Message": "no"}}, "gone"),
        (403, {"error": {"code": "ErrorAccessDenied", "innererror": {"code": 5}}}, "away"),
        (429, {"error": {"code": "activityLimitReached"}}, "ok"),
        (401, {}, "sign-in"),
        (412, {}, "away"),
    ],
)
def test_refusal_is_understood_by_its_status_and_code_however_they_are_written(desk, status, body, expected):
    write = Write(desk, PATCH)
    desk.graph.faults.add(status, body=body, method="GET")
    assert outcome(lambda: write.provider.get(write.event)) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "SyncStateNotFound"}},
        {"error": {"code": "syncStateNotFound"}},
        {"error": {"code": "SYNCSTATENOTFOUND"}},
        {"error": {"code": "resyncRequired"}},
        {"ERROR": {"CODE": "ResyncRequired"}},
        {"error": {"code": "somethingNew"}},
        {},
    ],
    ids=json.dumps,
)
def test_410_to_a_link_starts_anew_however_it_is_written(desk, body):
    provider = desk.provider()
    cursor = list(provider.changes("default", None, WINDOW))[-1].cursor
    desk.graph.faults.add(410, body=body, path="/delta$")
    assert outcome(lambda: list(provider.changes("default", cursor, WINDOW))) == "anew"


@pytest.mark.parametrize(
    ("status", "code"), [(404, "SyncStateNotFound"), (400, "SyncStateInvalid"), (400, "badRequest")]
)
def test_link_that_is_refused_in_other_words_starts_anew(desk, status, code):
    provider = desk.provider()
    cursor = list(provider.changes("default", None, WINDOW))[-1].cursor
    desk.graph.faults.add(status, reason=code, path="/delta$")
    assert outcome(lambda: list(provider.changes("default", cursor, WINDOW))) == "anew"


def test_server_that_is_not_there_is_tried_five_times(desk):
    write = Write(desk, PATCH)
    write.provider.close()
    desk.graph._server.stop()
    for ask in (lambda: listed(write.provider), lambda: write.provider.get(write.event), write.apply):
        desk.waits.slept.clear()
        desk.waits.now += 60
        assert outcome(ask) == "away"
        assert desk.waits.slept == [0.5, 1, 2, 4]


@pytest.mark.parametrize("answer", [{}, [], None, 5, "text", {"value": None}, {"value": {}}, {"error": "no"}])
def test_answer_that_is_no_list_is_never_taken_for_an_empty_one(desk, answer):
    write = Write(desk, PATCH)
    cursor = list(write.provider.changes("default", None, WINDOW))[-1].cursor
    for known in (None, cursor):
        desk.graph.faults.add("garbage", path="/delta$", body=json.dumps(answer), times=5)
        assert outcome(lambda known=known: list(write.provider.changes("default", known, WINDOW))) == "away"
        desk.waits.now += 60
    desk.series(2)
    desk.graph.faults.add("garbage", path="/instances$", body=json.dumps(answer), times=5)
    assert outcome(lambda: list(write.provider.changes("default", cursor, WINDOW))) == "away"
    desk.waits.now += 60
    desk.graph.faults.add("garbage", path="/getSchedule$", body=json.dumps(answer), times=5)
    assert outcome(lambda: write.provider.free_busy([ADA], Window(MONDAY, MONDAY + DAY))) == "away"
    desk.graph.faults.clear()


@pytest.mark.parametrize("answer", [{}, [], None, 5, {"value": []}, {"id": 5}, {"start": {}}])
def test_answer_that_is_no_event_is_told_and_nothing_is_written(desk, answer):
    write = Write(desk, PATCH)
    desk.graph.faults.add("garbage", method="GET", body=json.dumps(answer), times=None)
    assert outcome(write.apply) == "away"
    assert desk.asked("PATCH") == []


@pytest.mark.parametrize("change", [PATCH, MOVE], ids=lambda change: change.kind)
@pytest.mark.parametrize(("answer", "made"), [({"value": []}, 1), ({}, 1), ({"id": "another"}, 0)])
def test_answer_of_a_write_is_not_relied_on(desk, change, answer, made):
    """The simulator applied nothing, and said that it had. What is no event is no answer: it is looked and done."""
    write = Write(desk, change)
    desk.graph.faults.add("garbage", method="PATCH", body=json.dumps(answer))
    applied = write.apply()
    assert applied.event.title == "Mentoring"
    assert write.made == made
