"""What becomes of each kind of request to Google when something goes wrong with it."""

import json
import time
from datetime import timedelta

import pytest
from conformance.google_backing import ADA, GRACE, MONDAY, WINDOW, listed, scene
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulators.google import FAULT_KINDS, Switches

from agendad.providers.base import Cancel, Decline, Move, Patch, RestoreTo
from agendad.providers.errors import (
    AccountUnavailable,
    ChangeRefused,
    CursorExpired,
    EventNotFound,
    NotWritten,
    PreconditionFailed,
    ProviderError,
    ReadOnly,
    SignInNeeded,
)

BOB = "bob@example.net"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AT = {"at": MONDAY - DAY}
PATCH = Patch(mark="m-patch", marker="[agendad]", lines=("[agendad] an agenda, please",), **AT)
MOVE = Move(mark="m-move", start=MONDAY + DAY, end=MONDAY + DAY + HOUR, **AT)
CANCEL = Cancel(mark="m-cancel", message="No agenda yet", **AT)
DECLINE = Decline(mark="m-decline", attendee=ADA, message="Not this time", **AT)

OUTCOMES = {
    "away": AccountUnavailable,
    "sign-in": SignInNeeded,
    "anew": CursorExpired,
    "gone": EventNotFound,
    "changed": PreconditionFailed,
    "refused": ChangeRefused,
    "later": NotWritten,
    "read-only": ReadOnly,
}
"""The word of the table for what is raised; "ok" is success."""

TABLE = """
fault                               | first    later    increment instances get      freeBusy | tries slept | patch     | PATCH GET slept
------------------------------------|--------------------------------------------------------|-------------|-----------|----------------
# the sign-in
401                                 | sign-in  sign-in  sign-in   sign-in   sign-in  sign-in  |   1    0    | sign-in   |   1    1   0
403 insufficientPermissions         | sign-in  sign-in  sign-in   sign-in   sign-in  sign-in  |   1    0    | sign-in   |   1    1   0
# a no
400 invalid                         | away     anew     anew      ok        away     away     |   1    0    | refused   |   1    1   0
403 forbidden                       | away     away     away      away      away     away     |   1    0    | read-only |   1    1   0
403 requiredAccessLevel             | away     away     away      away      away     away     |   1    0    | read-only |   1    1   0
403 accessNotConfigured             | away     away     away      away      away     away     |   1    0    | read-only |   1    1   0
403 forbiddenForServiceAccounts     | away     away     away      away      away     away     |   1    0    | read-only |   1    1   0
403 forbiddenForNonOrganizer        | away     away     away      away      away     away     |   1    0    | refused   |   1    1   0
404 notFound                        | away     away     away      ok        gone     away     |   1    0    | gone      |   1    1   0
410 fullSyncRequired                | away     anew     anew      ok        gone     away     |   1    0    | gone      |   1    1   0
410 updatedMinTooLongAgo            | away     anew     anew      ok        gone     away     |   1    0    | gone      |   1    1   0
410 deleted                         | away     away     away      ok        gone     away     |   1    0    | gone      |   1    1   0
409 conflict                        | away     away     away      away      away     away     |   1    0    | changed   |   1    2   0
412 conditionNotMet                 | away     away     away      away      away     away     |   1    0    | changed   |   1    2   0
# not now
403 rateLimitExceeded               | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    1   0.5
403 userRateLimitExceeded           | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    1   0.5
403 rateLimitExceeded always        | away     away     away      away      away     away     |   5    7.5  | later     |   5    1   7.5
403 quotaExceeded                   | away     away     away      away      away     away     |   1    0    | later     |   1    1   0
403 dailyLimitExceeded              | away     away     away      away      away     away     |   1    0    | later     |   1    1   0
429 quotaExceeded                   | away     away     away      away      away     away     |   1    0    | later     |   1    1   0
429                                 | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    1   0.5
429 after=3                         | ok       ok       ok        ok        ok       ok       |   2    3    | ok        |   2    1   3
429 after=1.5                       | ok       ok       ok        ok        ok       ok       |   2    1.5  | ok        |   2    1   1.5
429 after=http-date                 | ok       ok       ok        ok        ok       ok       |   2    2    | ok        |   2    1   2
429 after=20 always                 | away     away     away      away      away     away     |   4   60    | later     |   4    1  60
429 after=86400                     | away     away     away      away      away     away     |   1    0    | later     |   1    1   0
429 always                          | away     away     away      away      away     away     |   5    7.5  | later     |   5    1   7.5
# Google's own trouble; nothing is known of a write until it is looked for
500                                 | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    2   0.5
500 always                          | away     away     away      away      away     away     |   5    7.5  | away      |   2    3   1.5
503                                 | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    2   0.5
503 after=5                         | ok       ok       ok        ok        ok       ok       |   2    5    | ok        |   2    2   5
503 after=600                       | away     away     away      away      away     away     |   1    0    | away      |   1    1   0
503 always                          | away     away     away      away      away     away     |   5    7.5  | away      |   2    3   1.5
504                                 | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    2   0.5
408                                 | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    2   0.5
# somebody else answers
html 502                            | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    2   0.5
html 502 always                     | away     away     away      away      away     away     |   5    7.5  | away      |   2    3   1.5
html 403                            | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    2   0.5
html 404                            | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    2   0.5
html 302                            | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    2   0.5
html 200                            | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    2   0.5
garbage                             | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    2   0.5
garbage always                      | away     away     away      away      away     away     |   5    7.5  | away      |   2    3   1.5
# the way there; a quiet close is tried once more by Google's client itself
reset                               | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    2   0.5
reset always                        | away     away     away      away      away     away     |   5    7.5  | away      |   2    3   1.5
close                               | ok       ok       ok        ok        ok       ok       |   2    0    | ok        |   2    1   0
close always                        | away     away     away      away      away     away     |  10    7.5  | away      |   4    3   1.5
stall                               | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   2    2   0.5
# the way back: a write was made, and its answer is lost
truncate                            | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   1    2   0.5
truncate always                     | away     away     away      away      away     away     |   5    7.5  | ok        |   1    2   0.5
applied-then-dropped                | ok       ok       ok        ok        ok       ok       |   2    0    | ok        |   2    2   0
applied-then-dropped always         | away     away     away      away      away     away     |  10    7.5  | ok        |   2    2   0.5
applied-then-reset                  | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   1    2   0.5
applied-then-reset always           | away     away     away      away      away     away     |   5    7.5  | ok        |   1    2   0.5
applied-then-500                    | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   1    2   0.5
applied-then-500 always             | away     away     away      away      away     away     |   5    7.5  | ok        |   1    2   0.5
applied-then-stall                  | ok       ok       ok        ok        ok       ok       |   2    0.5  | ok        |   1    2   0.5
"""  # noqa: E501 - a table
"""Per fault: the outcome of reading, how often that request was sent, and the seconds of waiting; the same for a write.

The GETs of a write are the look before it and those that settle it. A fault meets one request, or "always" all.
"""

READS = ("first", "later", "increment", "instances", "get", "freeBusy")
_ROWS = [
    [part.split() for part in line.split("|")] for line in TABLE.strip().splitlines()[2:] if not line.startswith("#")
]
ROWS = [(" ".join(fault), *rest) for fault, *rest in _ROWS]


def fault_of(text):
    """The words of the table as what the simulator is told."""
    kind, *words = text.split()
    told = {"kind": int(kind) if kind.isdigit() else kind, "times": None if "always" in words else 1}
    for word in words:
        if word.startswith("after="):
            after = word.removeprefix("after=")
            told["retry_after"] = after if after == "http-date" else float(after) if "." in after else int(after)
        elif word.isdigit():
            told["status"] = int(word)
        elif word != "always":
            told["reason"] = word
    if "stall" in kind:
        told["delay"] = 0.5
    return told


@pytest.fixture
def desk():
    with scene() as made:
        yield made


def settle(desk):
    """Wait for requests that are still being handled."""
    until = time.monotonic() + 5
    while any(one.ended is None for one in list(desk.google.requests)) and time.monotonic() < until:
        time.sleep(0.01)


def outcome(ask):
    """The word of the table for what a call comes to.

    Whatever is raised says what happened, what was not done and what comes next.
    """
    try:
        ask()
    except ProviderError as error:
        parts = (error.happened, error.not_done, error.next_step)
        if not all(part.strip() for part in parts) or str(error) != " ".join(parts):
            return f"half an error: {error!r}"
        return next(word for word, kind in OUTCOMES.items() if type(error) is kind)
    return "ok"


def timeout_for(fault):
    return 0.25 if "stall" in fault else 10


def versions(desk, id_):
    """How often an event was changed."""
    return len(desk.google._store.calendar(GRACE).events[id_].history)


class Verb:
    """One kind of reading: how it is provoked, and which requests are of that kind."""

    def __init__(self, desk, name):
        self.desk, self.name = desk, name
        desk.waits.slept.clear()
        self.provider = desk.provider(page_size=2)
        self.event = next(iter(listed(self.provider).values()))
        cursor = list(self.provider.changes("primary", None, WINDOW))[-1].cursor
        self.cursor = cursor if name in ("increment", "instances") else None
        if name == "instances":
            desk.series(2)
        desk.google.requests.clear()

    def meet(self, fault):
        """What comes of it, as a line of the table has it: outcome, tries, seconds."""
        path = {"get": "/events/[^/]+$", "instances": "/instances$", "freeBusy": "/freeBusy$"}.get(self.name)
        self.provider.close()
        self.provider = self.desk.provider(page_size=2, timeout=timeout_for(fault))
        self.desk.google.faults.add(path=path or "/events$", after=int(self.name == "later"), **fault_of(fault))
        found = outcome(self._ask)
        self.desk.google.faults.clear()
        return found, self._tries(), sum(self.desk.waits.slept)

    def _ask(self):
        if self.name == "get":
            self.provider.get(self.event)
        elif self.name == "freeBusy":
            self.provider.free_busy([ADA], WINDOW)
        else:
            list(self.provider.changes("primary", self.cursor, WINDOW))

    def _tries(self):
        if self.name in ("first", "later"):
            later = self.name == "later"
            return len([one for one in self.desk.asked(path="/events") if ("pageToken" in one.query) is later])
        if self.name == "instances":
            return len(self.desk.asked(path="/instances"))
        return len(self.desk.asked())


@pytest.mark.parametrize(("fault", "reads", "cost"), [row[:3] for row in ROWS], ids=[row[0] for row in ROWS])
def test_reading_comes_to_what_the_table_says_of_each_fault(desk, fault, reads, cost):
    for _ in range(3):
        desk.meeting()
    found = {name: Verb(desk, name).meet(fault) for name in READS}
    assert found == {
        name: (expected, int(cost[0]), float(cost[1])) for name, expected in zip(READS, reads, strict=True)
    }


@pytest.mark.parametrize(
    ("fault", "expected", "cost"), [(row[0], *row[3:]) for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_writing_comes_to_what_the_table_says_of_each_fault(desk, fault, expected, cost):
    provider, id_ = desk.provider(timeout=timeout_for(fault)), desk.meeting()
    event, before = listed(provider)[id_], versions(desk, id_)
    desk.google.requests.clear()
    desk.google.faults.add(method="PATCH", **fault_of(fault))
    found = outcome(lambda: provider.apply(event, PATCH, notify=True))
    settle(desk)
    assert (found, len(desk.asked("PATCH")), len(desk.asked("GET")), sum(desk.waits.slept)) == (
        *expected,
        int(cost[0]),
        int(cost[1]),
        float(cost[2]),
    )
    made = found == "ok"
    assert versions(desk, id_) - before == made
    assert desk.sent() == [("update", ADA), ("update", BOB)] * made


def test_table_has_every_fault_that_there_is():
    kinds = {row[0].split()[0] for row in ROWS}
    assert set(FAULT_KINDS) <= kinds
    assert {"401", "403", "404", "409", "410", "412", "429", "500", "503"} <= kinds


# a write whose answer is lost

LOST = ["truncate", "applied-then-dropped", "applied-then-reset", "applied-then-500"]


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("look", [500, "reset", "garbage", 403])
def test_lost_write_that_cannot_be_looked_for_is_settled_by_the_next_look(desk, kind, look):
    provider, id_ = desk.provider(), desk.meeting()
    event, before = listed(provider)[id_], versions(desk, id_)
    desk.google.faults.add(kind, method="PATCH", times=None)
    desk.google.faults.add(look, method="GET", after=1, times=None)
    with pytest.raises(AccountUnavailable):
        provider.apply(event, PATCH, notify=True)
    desk.google.faults.clear()
    desk.waits.now += 60
    intended = []
    settled = provider.apply(event, PATCH, notify=True, before_writing=intended.append)
    assert settled.event.marks == ("m-patch",)
    assert (settled.undo, intended) == (None, [])
    assert versions(desk, id_) == before + 1
    assert desk.sent() == [("update", ADA), ("update", BOB)]


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("change", [PATCH, MOVE, CANCEL], ids=lambda change: change.kind)
@pytest.mark.parametrize("occurrence", [False, True], ids=["single", "occurrence"])
def test_lost_write_of_the_organizer_is_found_by_its_mark(desk, kind, change, occurrence):
    provider = desk.provider()
    id_ = f"{desk.series()}_20260608T150000Z" if occurrence else desk.meeting()
    desk.google.faults.add(kind, method="PATCH")
    applied = provider.apply(listed(provider)[id_], change, notify=True)
    kind_of_mail = "cancellation" if change is CANCEL else "update"
    assert desk.sent() == [(kind_of_mail, ADA), (kind_of_mail, BOB)]
    assert applied.event.marks == (change.mark,)
    assert applied.event == provider.get(applied.event)
    undone = provider.apply(applied.event, RestoreTo(undo=applied.undo), notify=False)
    assert undone.event.marks == ()


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("get_of_cancelled", ["full", "minimal", "gone"])
def test_lost_cancellation_is_found_in_what_is_left_of_the_event(kind, get_of_cancelled):
    with scene(Switches(get_of_cancelled=get_of_cancelled)) as desk:
        provider, id_ = desk.provider(), desk.meeting()
        event = listed(provider)[id_]
        desk.google.faults.add(kind, method="PATCH")
        applied = provider.apply(event, CANCEL, notify=True)
        assert applied.event.status == "CANCELLED"
        assert applied.undo is not None
        assert desk.sent() == [("cancellation", ADA), ("cancellation", BOB)]


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("properties", ["allowed", "forbidden"])
def test_lost_answer_of_a_guest_is_found_by_its_mark(kind, properties):
    with scene(Switches(private_properties_by_guests=properties)) as desk:
        provider, id_ = desk.provider(person=ADA), desk.meeting()
        desk.google.faults.add(kind, method="PATCH", after=int(properties == "forbidden"))
        applied = provider.apply(listed(provider)[id_], DECLINE, notify=True)
        assert applied.event.marks == ("m-decline",)
        assert desk.sent() == [("response", GRACE)]


@pytest.mark.parametrize("kind", LOST)
def test_lost_undo_is_found_by_what_it_set(desk, kind):
    provider, id_ = desk.provider(), desk.meeting()
    for change in (PATCH, MOVE, CANCEL):
        applied = provider.apply(listed(provider)[id_], change, notify=False)
        desk.google.faults.add(kind, method="PATCH")
        desk.google.mails.clear()
        undone = provider.apply(applied.event, RestoreTo(undo=applied.undo), notify=True)
        assert (undone.event.marks, undone.event.status) == ((), "CONFIRMED")
        assert len(desk.sent()) == 2


def test_lost_write_that_somebody_forestalled_is_not_made(desk):
    provider, id_ = desk.provider(), desk.meeting()

    def meanwhile(_undo):
        desk.google.as_(GRACE).patch("primary", id_, {"description": "Somebody was faster"})
        desk.google.faults.add("reset", method="PATCH")

    with pytest.raises(PreconditionFailed):
        provider.apply(listed(provider)[id_], PATCH, notify=True, before_writing=meanwhile)
    assert len(desk.asked("PATCH")) == 1
    assert desk.google.as_(GRACE).get("primary", id_)["description"] == "Somebody was faster"


def test_lost_write_to_an_event_that_is_gone_meanwhile_is_told_as_gone():
    with scene(Switches(get_of_cancelled="gone")) as desk:
        provider, id_ = desk.provider(), desk.meeting()

        def meanwhile(_undo):
            desk.google.as_(GRACE).delete("primary", id_)
            desk.google.faults.add("reset", method="PATCH")

        with pytest.raises(EventNotFound):
            provider.apply(listed(provider)[id_], PATCH, notify=True, before_writing=meanwhile)
        assert len(desk.asked("PATCH")) == 1


def test_write_that_arrives_late_is_made_once(desk):
    provider, id_ = desk.provider(timeout=0.1), desk.meeting()
    event, before = listed(provider)[id_], versions(desk, id_)
    desk.google.faults.add("stall", method="PATCH", delay=0.3)
    provider.apply(event, PATCH, notify=True)
    settle(desk)
    assert sorted(one.status for one in desk.asked("PATCH")) == [200, 412]
    assert versions(desk, id_) == before + 1
    assert desk.sent() == [("update", ADA), ("update", BOB)]


TROUBLE = st.lists(
    st.tuples(
        st.sampled_from(["PATCH", "GET"]),
        st.sampled_from(
            [429, 500, 503, 412, "html", "garbage", "reset", "close", *LOST],
        ),
        st.integers(0, 2),
        st.integers(1, 6),
    ),
    max_size=5,
)


@given(trouble=TROUBLE)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_change_is_made_once_and_told_once_whatever_goes_wrong_on_the_way(trouble):
    with scene() as desk:
        provider, id_ = desk.provider(), desk.meeting()
        event, before = listed(provider)[id_], versions(desk, id_)
        for method, kind, after, times in trouble:
            desk.google.faults.add(kind, method=method, after=after, times=times)
        for _ in range(40):
            desk.waits.now += 3600
            if outcome(lambda: provider.apply(event, PATCH, notify=True)) == "ok":
                break
        assert versions(desk, id_) == before + 1
        assert desk.sent() == [("update", ADA), ("update", BOB)]
        assert desk.google.as_(GRACE).get("primary", id_)["description"].count("[agendad]") == 1


# rest


@pytest.mark.parametrize(
    ("fault", "rest", "words"),
    [
        ("403 quotaExceeded", 1800, "30 minutes"),
        ("403 quotaExceeded after=60", 60, "1 minute"),
        ("403 dailyLimitExceeded", 1800, "30 minutes"),
        ("429 after=86400", 86_400, "24 hours"),
        ("429 after=999999999999", 86_400, "24 hours"),
        ("503 after=600", 600, "10 minutes"),
        ("403 rateLimitExceeded always", 8, "a few seconds"),
    ],
)
def test_nothing_is_sent_while_google_wants_to_be_left_alone(desk, fault, rest, words):
    provider, id_ = desk.provider(), desk.meeting()
    event = listed(provider)[id_]
    desk.google.faults.add(path="/events$", **fault_of(fault))
    with pytest.raises(AccountUnavailable) as error:
        listed(provider)
    assert words in error.value.next_step
    desk.google.faults.clear()
    sent = len(desk.asked())
    desk.waits.now += rest - 1
    for ask in (
        lambda: listed(provider),
        lambda: provider.get(event),
        lambda: provider.free_busy([ADA], WINDOW),
        lambda: provider.apply(event, PATCH, notify=True),
    ):
        assert outcome(ask) == "away"
    assert len(desk.asked()) == sent
    desk.waits.now += 1
    assert set(listed(provider)) == {id_}


def test_write_that_finds_google_busy_is_not_intended_by_the_next(desk):
    provider = desk.provider()
    ids = [desk.meeting(), desk.meeting()]
    events, intended = listed(provider), []
    desk.google.faults.add(429, method="PATCH", retry_after=300)
    with pytest.raises(NotWritten) as refusal:
        provider.apply(events[ids[0]], PATCH, notify=True, before_writing=intended.append)
    assert refusal.value.next_step == "It is looked at again in 5 minutes."
    assert outcome(lambda: provider.apply(events[ids[1]], PATCH, notify=True, before_writing=intended.append)) == "away"
    assert len(intended) == 1


def test_rest_of_one_account_is_not_that_of_another(desk):
    mine, hers = desk.provider(), desk.provider(person=ADA)
    desk.google.faults.add(429, retry_after=300)
    assert outcome(lambda: listed(mine)) == "away"
    assert outcome(lambda: listed(hers)) == "ok"


# what the texts advise


@pytest.mark.parametrize(
    ("fault", "reading", "writing"),
    [
        ("403 accessNotConfigured", "Enable the Google Calendar API", "Enable the Google Calendar API"),
        ("403 forbiddenForServiceAccounts", "auth.subject", "auth.subject"),
        ("403 requiredAccessLevel", "Have the calendar shared", "Have the calendar shared"),
        ("403 forbiddenForNonOrganizer", "agendad login", "Make the change yourself"),
        ("403 somethingNew", "agendad login", "Have the calendar shared"),
        ("404 notFound", "Correct `calendars`", "The next sync will drop it."),
        ("401", "Put a new one into the environment variable", "Put a new one into the environment variable"),
        ("403 insufficientPermissions", "tick every box", "tick every box"),
        ("500 always", "by itself", "It is read again at the next pass"),
    ],
)
def test_error_says_what_can_be_done_about_it(desk, fault, reading, writing):
    provider, id_ = desk.provider(), desk.meeting()
    event = listed(provider)[id_]
    desk.google.faults.add(path="/events$", **fault_of(fault))
    with pytest.raises(ProviderError) as error:
        listed(provider)
    assert reading in error.value.next_step
    desk.google.faults.clear()
    desk.google.faults.add(method="PATCH", **fault_of(fault))
    with pytest.raises(ProviderError) as error:
        provider.apply(event, PATCH, notify=True)
    assert writing in error.value.next_step


def test_error_text_holds_no_token_and_no_address_of_a_request(desk):
    provider, id_ = desk.provider(), desk.meeting()
    event, texts = listed(provider)[id_], []
    for fault in dict.fromkeys(row[0] for row in ROWS if "stall" not in row[0]):
        for method, ask in (
            ("GET", lambda: provider.get(event)),
            ("PATCH", lambda: provider.apply(event, PATCH, notify=True)),
        ):
            desk.google.faults.add(method=method, **fault_of(fault))
            try:
                ask()
            except ProviderError as error:
                texts.append(str(error))
            desk.google.faults.clear()
            desk.waits.now += 2 * 86_400
    assert len(texts) > 40
    assert not [text for text in texts if "ya29" in text or "://" in text or id_ in text or "<" in text]


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
    '{"error": "errors"}',
    '{"error": []}',
    '{"error": {"errors": null}}',
    '{"error": {"errors": []}}',
    '{"error": {"errors": ["odd"]}}',
    '{"error": {"errors": [5]}}',
    '{"error": {"errors": {"reason": "odd"}}}',
    '{"error": {"errors": [{"reason": null, "message": 5}], "message": {"a": 1}}}',
    '[{"error": {"errors": [{"reason": "odd"}]}}]',
    "\x00\x01",
    b"\xff\xfe",
]


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
def test_refusal_that_is_none_of_googles_is_asked_again(desk, status):
    provider = desk.provider()
    for body in ODD_BODIES:
        desk.google.requests.clear()
        desk.google.faults.add(status, body=body, path="/events$")
        assert (outcome(lambda: listed(provider)), len(desk.asked())) == ("ok", 2), body


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (403, {"code": 403, "message": "no", "status": "PERMISSION_DENIED"}, "away"),
        (404, {"code": 404, "message": "no", "status": "NOT_FOUND"}, "gone"),
        (429, {"code": 429, "message": "no", "status": "RESOURCE_EXHAUSTED"}, "ok"),
        (503, {"code": 503, "message": "no", "status": "UNAVAILABLE"}, "ok"),
        (401, {"code": 401, "message": "no", "status": "UNAUTHENTICATED"}, "sign-in"),
    ],
)
def test_refusal_in_googles_newer_form_is_understood(desk, status, body, expected):
    provider, id_ = desk.provider(), desk.meeting()
    event = listed(provider)[id_]
    desk.google.faults.add(status, body={"error": body}, method="GET")
    assert outcome(lambda: provider.get(event)) == expected


@pytest.mark.parametrize("after", ["soon", "-5", "nan", "inf", "", "1,5"])
def test_retry_after_that_means_nothing_is_passed_over(desk, after):
    desk.google.faults.add(429, retry_after=after)
    assert outcome(lambda: listed(desk.provider())) == "ok"
    assert desk.waits.slept in ([0.5], [0])


def test_server_that_is_not_there_is_tried_five_times(desk):
    provider, id_ = desk.provider(), desk.meeting()
    event = listed(provider)[id_]
    desk.google._server.stop()
    for ask in (
        lambda: listed(provider),
        lambda: provider.get(event),
        lambda: provider.apply(event, PATCH, notify=True),
    ):
        desk.waits.slept.clear()
        assert outcome(ask) == "away"
        assert desk.waits.slept == [0.5, 1, 2, 4]


def test_answers_of_writes_that_are_something_else_are_looked_into(desk):
    provider, id_ = desk.provider(), desk.meeting()
    desk.google.faults.add("garbage", method="PATCH", body=json.dumps({"kind": "calendar#events", "items": []}))
    assert provider.apply(listed(provider)[id_], PATCH, notify=True).event.marks == ("m-patch",)
    assert (len(desk.asked("PATCH")), len(desk.sent())) == (2, 2)
