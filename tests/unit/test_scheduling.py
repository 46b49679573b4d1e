"""When something is wished for."""

import time
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from zoneinfo import ZoneInfo

import pytest

from agendad.daemon.clock import Absence, FixedClock, SystemClock
from agendad.daemon.config import load
from agendad.daemon.context import Context
from agendad.daemon.delivery import next_slot
from agendad.daemon.scheduling import EVERYTHING, NOTHING, Timers, Wish

ZONE = ZoneInfo("America/New_York")


def test_wishes_that_come_together_are_one():
    both = Wish(accounts=frozenset({"a"})) | Wish(accounts=frozenset({"b"}), settings=True)
    assert both == Wish(accounts=frozenset({"a", "b"}), settings=True)
    assert not NOTHING | NOTHING


@pytest.mark.parametrize(
    ("wish", "only"),
    [
        (EVERYTHING, None),
        (Wish(answers=True), None),
        (Wish(accounts=frozenset("ab")), None),
        (Wish(accounts=frozenset("a")), frozenset("a")),
        (Wish(accounts=frozenset("az")), frozenset("a")),
        (Wish(settings=True), frozenset()),
    ],
)
def test_pass_is_about_the_accounts_that_there_are(wish, only):
    assert wish.only(["a", "b"]) == only


@pytest.fixture
def inbox():
    queue = SimpleQueue()
    timers = Timers(queue.put, SystemClock())
    timers.start()
    yield queue, timers
    timers.stop()


def test_timer_puts_its_wish_once_and_the_last_time_counts(inbox):
    queue, timers = inbox
    now = SystemClock().now()
    timers.at("step", now + timedelta(hours=5), EVERYTHING)
    timers.at("step", now - timedelta(hours=5), Wish(answers=True))
    assert queue.get(timeout=10) == Wish(answers=True)
    timers.at("step", now + timedelta(hours=5), EVERYTHING)
    timers.at("step", None, NOTHING)
    timers.at("never", None, NOTHING)
    assert queue.empty()


def test_time_that_passed_unnoticed_is_one_wish(inbox):
    queue, timers = inbox
    timers.read_every("home", timedelta(seconds=0.2))
    timers.read_every("work", timedelta(hours=1))
    time.sleep(1.0)
    timers.keep(["work"])
    while not queue.empty():
        assert queue.get() == Wish(accounts=frozenset({"home"}))
    time.sleep(0.5)
    assert queue.empty()


def test_timers_start_anew(inbox):
    queue, timers = inbox
    timers.at("step", SystemClock().now() + timedelta(hours=5), EVERYTHING)
    timers.restart()
    timers.at("step", SystemClock().now(), EVERYTHING)
    assert queue.get(timeout=10) == EVERYTHING
    assert timers.alive


def test_timers_that_give_no_sign_are_not_alive():
    ran = [0.0]
    timers = Timers(print, SystemClock(), monotonic=lambda: ran[0])
    assert timers.alive
    ran[0] = 61.0
    assert not timers.alive


def summaries(tmp_path, at, now, count, days="[mon, tue, wed, thu, fri, sat, sun]", away=""):
    path = tmp_path / "agendad.yaml"
    path.write_text(
        f"version: 1\nme: {{name: Grace, emails: [grace@example.org], timezone: America/New_York{away}}}\n"
        f"summary: {{at: '{at}', days: {days}}}\n"
    )
    context = Context(load(path), FixedClock(now), tmp_path)
    found = []
    for _ in range(count):
        now = next_slot(context, now)
        found.append(now)
    return found


def local(instant):
    return instant.astimezone(ZONE).strftime("%d %H:%M %Z")


def test_summary_has_its_local_time_when_clocks_go_back(tmp_path):
    found = summaries(tmp_path, "17:30", datetime(2026, 10, 31, 12, tzinfo=UTC), 2)
    assert list(map(local, found)) == ["31 17:30 EDT", "01 17:30 EST"]


def test_summary_at_a_time_that_comes_twice_comes_once(tmp_path):
    found = summaries(tmp_path, "01:30", datetime(2026, 11, 1, 0, tzinfo=UTC), 2)
    assert list(map(local, found)) == ["01 01:30 EDT", "02 01:30 EST"]


def test_summary_at_a_time_that_is_left_out_comes_all_the_same(tmp_path):
    found = summaries(tmp_path, "02:30", datetime(2027, 3, 13, 12, tzinfo=UTC), 2)
    assert list(map(local, found)) == ["14 03:30 EDT", "15 02:30 EDT"]


def test_summary_comes_on_its_days(tmp_path):
    found = summaries(tmp_path, "17:30", datetime(2026, 11, 30, 12, tzinfo=UTC), 3, days="[wed]")
    assert list(map(local, found)) == ["02 17:30 EST", "09 17:30 EST", "16 17:30 EST"]


def test_summary_comes_where_the_user_is(tmp_path):
    away = ", away: [{from: 2026-12-02, to: 2026-12-02, timezone: Asia/Tokyo}]"
    found = summaries(tmp_path, "17:30", datetime(2026, 12, 1, 12, tzinfo=UTC), 3, away=away)
    assert [one.isoformat() for one in found] == [
        "2026-12-01T22:30:00+00:00",
        "2026-12-02T08:30:00+00:00",
        "2026-12-03T22:30:00+00:00",
    ]


class Clocks:
    def __init__(self):
        self.at, self.ran = datetime(2026, 11, 30, 14, tzinfo=UTC), 0.0

    def now(self):
        return self.at

    def monotonic(self):
        return self.ran

    def pass_by(self, seconds, asleep=0.0):
        self.at += timedelta(seconds=seconds + asleep)
        self.ran += seconds


@pytest.fixture
def clocks():
    return Clocks()


@pytest.mark.parametrize("asleep", [11.0, 86_400.0, -3600.0])
def test_sleep_and_a_clock_that_is_set_are_noticed(clocks, asleep):
    absence = Absence(clocks, clocks.monotonic)
    clocks.pass_by(1, asleep=asleep)
    assert absence.look() == timedelta(seconds=asleep)
    clocks.pass_by(600)
    assert absence.take_up() == timedelta(seconds=asleep)
    assert not absence.look()


def test_clock_that_is_kept_right_moves_too_little_to_be_noticed(clocks):
    absence = Absence(clocks, clocks.monotonic)
    for _ in range(10_000):
        clocks.pass_by(1, asleep=0.01)
        assert not absence.look(waiting=True)


def test_process_that_was_kept_from_running_while_it_waited_was_away(clocks):
    absence = Absence(clocks, clocks.monotonic)
    clocks.pass_by(300)
    assert not absence.look(), "it was at work"
    clocks.pass_by(300)
    assert absence.look(waiting=True) == timedelta(seconds=300)


def test_clock_that_stands_is_never_away(clocks):
    clock = FixedClock(clocks.at)
    absence = Absence(clock, clocks.monotonic)
    clock.move(timedelta(days=1))
    assert not absence.look()
