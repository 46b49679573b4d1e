"""How patiently a server is asked, on a clock that only waiting moves."""

from collections import deque
from datetime import UTC, datetime

import pytest

from agendad.providers.pacing import (
    Conflict,
    Pace,
    Throttled,
    Unsure,
    carried_out,
    http_date,
    in_words,
    retry_after,
)

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


class Desk:
    """Somebody who asks: `slept` holds the waits."""

    def __init__(self, chance=0.0, **more):
        self.now, self.slept = 1000.0, []
        self.pace = Pace(service="Somebody", sleep=self._sleep, clock=lambda: self.now, chance=lambda: chance, **more)

    def _sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


class Server:
    """Answers with what it is given, in that order; exceptions are raised."""

    def __init__(self, *answers):
        self.answers, self.asked = deque(answers), 0

    def __call__(self):
        self.asked += 1
        answer = self.answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer


def busy(after=None, **more):
    return Throttled("busy", after, **more)


def lost(after=None):
    return Unsure("lost", after)


@pytest.fixture
def desk():
    return Desk()


# asking again


@pytest.mark.parametrize(
    ("answers", "slept"),
    [
        (["fine"], []),
        ([busy(), "fine"], [0.5]),
        ([busy(), busy(), busy(), busy(), "fine"], [0.5, 1, 2, 4]),
        ([lost(), busy(), "fine"], [0.5, 1]),
        ([busy(3), "fine"], [3]),
        ([busy(0), "fine"], [0]),
        ([busy(2.25), busy(), "fine"], [2.25, 1]),
        ([lost(7), "fine"], [7]),
    ],
)
def test_request_is_repeated_with_growing_waits_until_it_is_answered(desk, answers, slept):
    server = Server(*answers)
    assert desk.pace.persist(server) == "fine"
    assert desk.slept == slept
    assert server.asked == len(answers)


@pytest.mark.parametrize(("chance", "slept"), [(0.0, [0.5, 1, 2, 4]), (0.5, [0.75, 1.5, 3, 6]), (1.0, [1, 2, 4, 8])])
def test_waits_are_between_half_and_all_of_the_doubling(chance, slept):
    desk = Desk(chance)
    desk.pace.persist(Server(busy(), busy(), busy(), busy(), "fine"))
    assert desk.slept == slept


@pytest.mark.parametrize(("after", "slept"), [(0, 0.1), (1, 1.2), (5, 5.6), (20, 21), (40, 41)])
def test_wait_that_the_server_names_is_never_cut_short_and_gets_jitter_on_top(after, slept):
    desk = Desk(chance=1.0)
    desk.pace.persist(Server(busy(after), "fine"))
    assert desk.slept == pytest.approx([slept])


def test_growth_ends_at_the_longest_wait():
    desk = Desk(chance=1.0, tries=9, longest_wait=5, patience=1000)
    desk.pace.persist(Server(*[busy()] * 6, "fine"))
    assert desk.slept == [1, 2, 4, 5, 5, 5]


@pytest.mark.parametrize("error", [busy, lost])
def test_tries_end(desk, error):
    server = Server(*(error() for _ in range(9)))
    with pytest.raises(type(error())):
        desk.pace.persist(server)
    assert server.asked == desk.pace.tries == 5
    assert desk.slept == [0.5, 1, 2, 4]


@pytest.mark.parametrize("error", [busy, lost])
@pytest.mark.parametrize(
    ("waits", "slept"), [([61], []), ([60], [60]), ([30, 31], [30]), ([30, 29, 2], [30, 29]), ([86_400], [])]
)
def test_patience_ends_before_a_wait_that_would_exceed_it(desk, error, waits, slept):
    server = Server(*(error(wait) for wait in waits), "fine")
    if sum(waits) <= desk.pace.patience:
        assert desk.pace.persist(server) == "fine"
    else:
        with pytest.raises(type(error())):
            desk.pace.persist(server)
    assert desk.slept == slept


def test_every_request_has_a_patience_of_its_own(desk):
    for _ in range(3):
        assert desk.pace.persist(Server(busy(50), "fine")) == "fine"


def test_final_error_is_not_repeated(desk):
    server = Server(ValueError("no"), "fine")
    with pytest.raises(ValueError, match="no"):
        desk.pace.persist(server)
    assert (server.asked, desk.slept) == (1, [])


def test_write_whose_answer_got_lost_is_not_repeated(desk):
    server = Server(lost(), "fine")
    with pytest.raises(Unsure):
        desk.pace.persist(server, writes=True)
    assert (server.asked, desk.slept) == (1, [])


def test_write_that_the_server_did_not_take_is_repeated(desk):
    assert desk.pace.persist(Server(busy(), busy(4), "fine"), writes=True) == "fine"
    assert desk.slept == [0.5, 4]


# rest


def refused(desk):
    """Seconds that the pace still rests, None if it does not."""
    server = Server("fine")
    try:
        desk.pace.persist(server)
    except Throttled as error:
        assert server.asked == 0
        return error.after
    return None


@pytest.mark.parametrize(
    ("error", "rest"),
    [
        (busy(for_now=True), 1800),
        (busy(600, for_now=True), 600),
        (busy(0, for_now=True), None),
        (busy(90), 90),
        (busy(7 * DAY), DAY),
        (busy(1e300), DAY),
        (lost(90), 90),
        (lost(7 * DAY), DAY),
    ],
)
def test_nothing_is_sent_for_as_long_as_the_server_asks(desk, error, rest):
    with pytest.raises(type(error)) as raised:
        desk.pace.persist(Server(error, "fine"))
    assert desk.slept == []
    assert refused(desk) == rest
    if rest:
        assert raised.value.after == rest
        desk.now += rest - 1
        assert refused(desk) == pytest.approx(1)
        desk.now += 1
    assert refused(desk) is None


def test_rest_follows_a_server_that_stays_busy(desk):
    with pytest.raises(Throttled) as error:
        desk.pace.persist(Server(*[busy()] * 5))
    assert error.value.after == refused(desk) == 8


def test_no_rest_follows_lost_answers(desk):
    with pytest.raises(Unsure):
        desk.pace.persist(Server(*[lost()] * 5))
    assert refused(desk) is None


def test_rest_is_told_before_a_write_is_begun(desk):
    desk.pace.check_write()
    with pytest.raises(Throttled):
        desk.pace.persist(Server(busy(100)))
    with pytest.raises(Throttled) as error:
        desk.pace.check_write()
    assert error.value.after == 100
    assert "Somebody" in error.value.happened


# budgets


def test_requests_beyond_the_budget_of_a_minute_wait_for_it():
    desk = Desk(requests_a_minute=3)
    for _ in range(3):
        desk.pace.persist(Server("fine"))
        desk.now += 10
    desk.pace.persist(Server("fine"))
    assert desk.slept == [30]
    desk.pace.persist(Server("fine"))
    assert desk.slept == [30, 10]
    desk.now += MINUTE
    for _ in range(3):
        desk.pace.persist(Server("fine"))
    assert desk.slept == [30, 10]


def test_repetitions_count_as_requests():
    desk = Desk(requests_a_minute=3)
    desk.pace.persist(Server(busy(1), busy(1), "fine"))
    desk.pace.persist(Server("fine"))
    assert desk.slept == [1, 1, 58]


def test_thousands_of_requests_stay_within_the_budget_of_any_minute():
    desk, sent = Desk(requests_a_minute=100), []
    for _ in range(1000):
        desk.pace.persist(lambda: sent.append(desk.now))
        desk.now += 0.1
    assert all(later - earlier >= MINUTE - 1e-6 for earlier, later in zip(sent, sent[100:], strict=False))
    assert len(desk.pace._asked) <= 101


def test_writes_beyond_the_budget_are_refused_and_reads_are_not():
    desk = Desk(writes_a_minute=2)
    for _ in range(2):
        desk.pace.check_write()
        desk.pace.persist(Server("fine"), writes=True)
        desk.now += 10
    with pytest.raises(Throttled) as error:
        desk.pace.check_write()
    assert error.value.after == 40
    assert desk.pace.persist(Server("fine")) == "fine"
    desk.now += 40
    desk.pace.check_write()


def test_reads_do_not_use_up_the_budget_of_writes():
    desk = Desk(writes_a_minute=2)
    for _ in range(50):
        desk.pace.persist(Server("fine"))
    desk.pace.check_write()


# writing once


class Thing:
    """Something on a server: requests in `sent`; what became of each is said in advance.

    "lost" and "late" are answers that do not arrive; with "late" the request is carried out before the next one.
    """

    def __init__(self, *fates, reads=()):
        self.state, self.sent, self.fates, self.reads = "old", 0, deque(fates), deque(reads)
        self.looked, self.late = 0, False

    def write(self):
        self.sent += 1
        fate = self.fates.popleft()
        if self.late and self.state == "old":
            self.state = "new"
        if isinstance(fate, Exception):
            raise fate
        if self.state != "old":
            raise Conflict
        match fate:
            case "late":
                self.late = True
                raise lost()
            case "lost":
                self.state = "new"
                raise lost()
            case "beaten":
                self.state = "another's"
                raise Conflict
            case "beaten and lost":
                self.state = "another's"
                raise lost()
        self.state = "new"
        return "answer"

    def read(self):
        self.looked += 1
        if self.reads and isinstance(error := self.reads.popleft(), Exception):
            raise error
        return self.state

    def made(self, pace):
        return carried_out(
            pace, self.write, self.read, shows=lambda state: state == "new", untouched=lambda state: state == "old"
        )


@pytest.mark.parametrize(
    ("fates", "result", "sent", "looked", "state"),
    [
        (["fine"], "answer", 1, 0, "new"),
        ([busy(), "fine"], "answer", 2, 0, "new"),
        (["lost"], "new", 1, 1, "new"),
        ([lost(), "fine"], "answer", 2, 1, "new"),
        (["late", "fine"], "new", 2, 2, "new"),
        ([lost(), "lost"], "new", 2, 2, "new"),
        ([lost(), busy(), "fine"], "answer", 3, 1, "new"),
        (["beaten"], None, 1, 1, "another's"),
        (["beaten and lost"], None, 1, 1, "another's"),
        ([lost(), "beaten"], None, 2, 2, "another's"),
        ([lost(), "beaten and lost"], None, 2, 2, "another's"),
    ],
)
def test_write_is_made_once_whatever_becomes_of_its_answer(desk, fates, result, sent, looked, state):
    thing = Thing(*fates)
    assert thing.made(desk.pace) == result
    assert (thing.sent, thing.looked, thing.state) == (sent, looked, state)


@pytest.mark.parametrize(
    ("fates", "error", "sent"),
    [
        ([busy(), busy(), busy(), busy(), busy()], Throttled, 5),
        ([busy(100)], Throttled, 1),
        ([busy(for_now=True)], Throttled, 1),
        ([lost(), lost()], Unsure, 2),
        (["late", busy(100)], Unsure, 2),
        ([lost(), busy(), busy(), busy(), busy(), busy()], Unsure, 6),
        ([lost(100)], Unsure, 1),
        ([ValueError()], ValueError, 1),
        ([lost(), ValueError()], ValueError, 2),
    ],
)
def test_write_that_may_have_been_made_is_never_told_as_not_made(desk, fates, error, sent):
    thing = Thing(*fates)
    with pytest.raises(error):
        thing.made(desk.pace)
    assert thing.sent == sent


def test_write_whose_fate_cannot_be_read_is_told_by_the_reading(desk):
    thing = Thing("lost", reads=[KeyError("unavailable")])
    with pytest.raises(KeyError):
        thing.made(desk.pace)
    assert (thing.sent, thing.state) == (1, "new")


def test_look_after_a_lost_answer_waits_for_what_may_be_on_its_way(desk):
    Thing("lost").made(desk.pace)
    assert desk.slept == [0.5]
    Thing(lost(20), "fine").made(desk.pace)
    assert desk.slept == [0.5, 20]
    with pytest.raises(Unsure):
        Thing(lost(), lost()).made(desk.pace)
    assert desk.slept == [0.5, 20, 0.5, 1]


def test_server_that_wants_a_long_rest_after_a_lost_answer_gets_it(desk):
    thing = Thing(lost(100))
    with pytest.raises(Unsure) as error:
        thing.made(desk.pace)
    assert (desk.slept, thing.looked) == ([], 0)
    assert error.value.after == refused(desk) == 100


# Retry-After


NOW = datetime(2026, 11, 30, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("-5", 0),
        ("1e3", 1000),
        ("999999999999", 999999999999),
        ("Mon, 30 Nov 2026 14:00:30 GMT", 30),
        ("Mon, 30 Nov 2026 13:00:00 GMT", 0),
        ("Monday, 30-Nov-26 14:02:00 GMT", 120),
        ("Mon, 30 Nov 2026 14:00:30 -0000", 30),
        ("Mon, 30 Nov 2026 16:00:30 +0200", 30),
        ("inf", None),
        ("nan", None),
        ("1e999", None),
        ("", None),
        ("soon", None),
        ("Mon, 99 Nov 2026 14:00:30 GMT", None),
        ("Mon, 30 Nov 99999 14:00:30 GMT", None),
        ("\x00", None),
    ],
)
def test_retry_after_in_each_of_its_forms(value, seconds):
    assert retry_after({"retry-after": value}, NOW) == seconds


def test_retry_after_as_a_date_is_by_the_clock_of_the_server():
    headers = {"retry-after": "Mon, 30 Nov 2026 14:00:30 GMT", "date": "Mon, 30 Nov 2026 14:00:10 GMT"}
    assert retry_after(headers, datetime(2030, 1, 1, tzinfo=UTC)) == 20
    assert retry_after(headers) == 20
    assert retry_after(headers | {"date": "no date"}, NOW) == 30
    assert retry_after({"retry-after": headers["retry-after"]}) is None


@pytest.mark.parametrize("value", ["", "no date", "Mon, 30 Nov", "Mon, 30 Nov 2026 25:00:00 GMT", "1.5"])
def test_what_is_no_http_date_is_none(value):
    assert http_date(value) is None


# in words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds"),
        (9.9, "a few seconds"),
        (10, "10 seconds"),
        (11, "20 seconds"),
        (31.5, "40 seconds"),
        (59.9, "60 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (60.5, "2 minutes"),
        (1800, "30 minutes"),
        (3540, "59 minutes"),
        (3541, "1 hour"),
        (3600, "1 hour"),
        (3601, "2 hours"),
        (DAY, "24 hours"),
    ],
)
def test_wait_is_told_in_words_and_rounded_up(seconds, words):
    assert in_words(seconds) == words
