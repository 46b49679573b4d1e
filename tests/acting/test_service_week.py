"""The service's loop through days in seconds: a clock that the waiting itself moves, with the real triggers."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from queue import Empty
from zoneinfo import ZoneInfo

import pytest

from agendad.daemon import service as services
from agendad.daemon.pauses import Pauses, target_of
from agendad.daemon.reloading import Reloading
from agendad.daemon.scheduling import Timers
from agendad.daemon.service import Service

HOUR = timedelta(hours=1)
NEW_YORK = ZoneInfo("America/New_York")
THURSDAY = datetime(2026, 10, 29, 14, 0, tzinfo=UTC)
"""The clocks change in New York on the Sunday after, and have changed in London already."""
LADDER = "{before: 96h, do: nudge}, {before: 60h, do: hold}, {before: 36h, do: cancel}"
ME, ADA = "grace@example.org", "ada@example.com"


@dataclass
class World:
    """Time, which passes while somebody waits for something; what is due then happens."""

    at: datetime
    ran: float = 0.0
    jobs: dict = field(default_factory=dict)
    items: list = field(default_factory=list)
    plans: list = field(default_factory=list)
    """(when, what happens), in order."""

    # a clock

    def now(self):
        return self.at.replace(microsecond=0)

    def monotonic(self):
        return self.ran

    def sleep(self, hours):
        """The machine sleeps: the time of day goes on, and nothing runs."""
        self.at += timedelta(hours=hours)

    # an inbox

    def put(self, item, /):
        self.items.append(item)

    def empty(self):
        return not self.items

    def get(self, *, timeout):
        if not self.items:
            self.at += timedelta(seconds=timeout)
            self.ran += timeout
            while self.plans and self.plans[0][0] <= self.at:
                self.plans.pop(0)[1]()
            for name, (do, trigger, args, due) in list(self.jobs.items()):
                if due <= self.at:
                    do(*args)
                    following = trigger.get_next_fire_time(due, self.at)
                    self.jobs.pop(name, None)
                    if following:
                        self.jobs[name] = (do, trigger, args, following)
        if not self.items:
            raise Empty
        return self.items.pop(0)

    # a scheduler

    def add_job(self, do, trigger, *, args=(), id, replace_existing):  # noqa: A002 - APScheduler's name
        assert replace_existing
        self.jobs[id] = (do, trigger, args, trigger.get_next_fire_time(None, self.at))

    def remove_job(self, name):
        self.jobs.pop(name, None)

    def get_jobs(self):
        return [type("Job", (), {"id": name}) for name in self.jobs]

    def start(self):
        pass

    def shutdown(self, *, wait):  # noqa: ARG002
        self.jobs.clear()


@pytest.fixture
def living(house, monkeypatch):
    """Serve from a time on until another, and tell when the passes were."""
    worlds = []

    def live(*, days, plans=(), begin=THURSDAY, every="5h", status=0):
        house.change("rules:", f"sync: {{every: {every}}}\nrules:")
        world = World(begin)
        worlds.append(world)
        context = replace(house.context, clock=world)
        service = Service(
            context,
            house.store,
            Reloading(context),
            inbox=world,
            timers=lambda put: Timers(put, world, lambda: world, world.monotonic),
            look=20.0,
            monotonic=world.monotonic,
        )
        service.watching.watch = lambda _wanted: None  # files change at no simulated time
        world.plans = sorted([*plans_of(plans, world, begin), (begin + days * 24 * HOUR, service.ask_to_stop)])
        passes, one_pass = [], services.one_pass

        def noted(*arguments, **how):
            passes.append((world.now(), how["only"]))
            return one_pass(*arguments, **how)

        monkeypatch.setattr(services, "one_pass", noted)
        assert service.run() == status
        return passes

    return live


def plans_of(plans, world, begin):
    return [(begin + hours * HOUR, lambda do=do: do(world)) for hours, do in plans]


def acted(house):
    """What was done, and in which minute."""
    found = [one for one in house.journal.actions(THURSDAY - 24 * HOUR) if one.acted_at]
    return [(one.rung, one.acted_at.replace(second=0)) for one in sorted(found, key=lambda one: one.acted_at)]


def summaries(house):
    return sorted(
        parsedate_to_datetime(str(mail["Date"])) for mail in house.mails(ME) if str(mail["Subject"]).startswith("agend")
    )


def london(day, hour, minute=0, month=11):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_steps_are_taken_at_their_minute_and_in_the_recipients_morning(house, living):
    house.configure(ladder=LADDER)
    house.invite(london(4, 15, 7))
    passes = living(days=7)
    assert acted(house) == [
        ("nudge", london(31, 15, 7, month=10)),
        ("hold", london(2, 8)),  # due at 03:07, which is night in London
        ("cancel", london(3, 8)),
    ]
    assert len(passes) < 80, "nothing is polled"


def test_accounts_are_read_on_average_as_often_as_asked_and_not_on_the_dot(house, living):
    passes = living(days=1, every="10m")
    assert 135 <= len(passes) <= 155
    gaps = {int((later - earlier).total_seconds()) for (earlier, _), (later, _) in pairwise(passes)}
    assert len(gaps) > 2


def test_summary_comes_at_its_local_time_on_both_sides_of_the_change_of_clocks(house, living):
    house.configure(
        more="mail: {transport: file}\nsummary: {at: '17:30', when_empty: true, days: [fri, sat, sun, mon]}"
    )
    living(days=5)
    local = [when.astimezone(NEW_YORK) for when in summaries(house)]
    assert [(when.day, when.hour) for when in local] == [(30, 17), (31, 17), (1, 17), (2, 17)]
    assert {when.minute for when in local} == {30}
    assert {when.utcoffset() / HOUR for when in local} == {-4, -5}


def test_machine_that_slept_makes_up_for_nothing(house, living):
    house.configure(ladder=LADDER, more="limits: {grace: 0h}\nmail: {transport: file}\nsummary: {when_empty: true}")
    house.invite(london(4, 15))
    house.invite(london(31, 15, month=10), name="over.ics", uid="over@example.org")
    passes = living(days=4.5, plans=[(30, lambda world: world.sleep(60))])
    woke = THURSDAY + 90 * HOUR
    first = next((when, only) for when, only in passes if when >= woke)
    assert first[0] - woke < timedelta(minutes=1)
    assert first[1] is None, "all accounts are read before anything is done"
    after = [one for one in acted(house) if one[1] >= woke]
    assert [rung for rung, _ in after] == ["nudge"], "the hold that came due meanwhile waits its turn"
    assert all("over" not in action.key[0] for action in house.journal.actions(woke) if action.acted_at)
    assert sum(woke <= when < woke + HOUR for when in summaries(house)) == 1, "Friday's, once"


def test_clock_that_was_set_back_stops_no_timer(house, living):
    house.configure(ladder=LADDER)
    house.invite(london(4, 15))
    passes = living(days=1, plans=[(10, lambda world: world.sleep(-6))])
    assert len(passes) >= 6
    (after,) = [later for (earlier, _), (later, _) in pairwise(passes) if later < earlier]
    assert after - (THURSDAY + 4 * HOUR) < timedelta(minutes=1), "it does not wait for the old times to come again"
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(passes)]
    assert max(gaps) < 5.5 * HOUR


def test_machine_that_slept_while_nothing_was_due_reads_everything_at_once(house, living, capsys):
    passes = living(days=0.1, plans=[(1, lambda world: world.sleep(0.5))])
    assert [round((when - THURSDAY) / HOUR, 1) for when, _ in passes] == [0.0, 1.5]
    assert "30m went by in sleep" in capsys.readouterr().err


def test_step_goes_on_when_a_pause_ends(house, living):
    house.configure(ladder="{before: 60h, do: nudge}")
    house.invite(london(1, 15))
    until = london(30, 10, month=10)

    def pause(_world):
        pauses = Pauses(house.store)
        pauses.put(target_of(None, house.context.policy), THURSDAY, until, "")

    pause(None)
    living(days=1)
    assert acted(house) == [("nudge", until)]


def test_account_that_fails_is_tried_again_sooner_each_time_a_little_later(house, living):
    kept = house.home.rename(house.home.with_name("away"))
    passes = living(days=0.2, plans=[(1, lambda _world: kept.rename(house.home))])
    minutes = [round((when - THURSDAY).total_seconds() / 60) for when, only in passes]
    assert minutes[:6] == [0, 1, 3, 7, 15, 31]
    assert 60 <= minutes[6] <= 65, "the last try finds it"
    assert len(minutes) == 7, "and then all is as usual"


def test_fault_of_ours_is_told_once_and_after_five_a_manager_may_start_it_anew(house, living, capsys):
    house.store.connection.execute("DROP TABLE unjudged")
    house.invite(london(4, 15))
    passes = living(days=1, every="1h", status=1)
    assert [round((when - THURSDAY).total_seconds() / 60) for when, _ in passes] == [0, 1, 3, 7, 15]
    said = capsys.readouterr().err
    assert said.count("broken off by a fault of agendad's (OperationalError: no such table: unjudged)") == 1
    assert "agendad stops, for its manager to start it anew" in said
