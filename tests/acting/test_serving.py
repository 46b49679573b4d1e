"""When the service looks again, at what, and whether what it waits for is alive."""

import threading
import time
from datetime import UTC, datetime, timedelta

from agendad.daemon.approving import approve
from agendad.daemon.notify import Notifier
from agendad.daemon.reading import Reading, silence
from agendad.daemon.reloading import Reloading
from agendad.daemon.service import Service, _until_next
from agendad.providers.base import Window
from agendad.providers.memory import MemoryProvider

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_service_wakes_for_what_comes_due_before_the_next_sync(house, ticking):
    house.change("rules:", "sync: {every: 5h}\nrules:")
    house.invite(NOW + 38 * HOUR)
    house.run()
    assert _until_next(ticking(house), house.store) == 2 * HOUR


def test_service_waits_for_the_next_sync_where_nothing_comes_due(house, ticking):
    house.change("rules:", "sync: {every: 5h}\nrules:")
    house.invite(NOW + 90 * HOUR)
    house.run()
    assert _until_next(ticking(house), house.store) == 5 * HOUR


# a pass over some of the accounts


def two_accounts(house, **how):
    """The house's account and a second one, each with a session that is due for a cancellation."""
    second = house.folder / "second"
    if not second.exists():
        second.mkdir()
        house.invite(NOW + 25 * HOUR)
        house.invite(NOW + 26 * HOUR, uid="two@example.org", name="two.ics").rename(second / "two.ics")
    house.configure(**how)
    house.change("accounts: [", "accounts: [{name: second, provider: ics, path: second, notify: mail}, ")
    return house


def by_uid(report):
    return {action.key[0]: action.state.value for action in report.news}


def test_pass_over_one_account_reads_and_decides_for_that_one(house):
    report = two_accounts(house).run(only=frozenset({"second"}))
    assert [one.name for one in report.accounts] == ["second"]
    assert by_uid(report) == {"two@example.org": "confirmed"}
    assert house.run(only=frozenset()).accounts == ()


def test_what_is_due_elsewhere_stays_due_for_a_pass_that_reads_it(house):
    two_accounts(house, mode="observe").run()
    report = two_accounts(house, mode="act").run(only=frozenset({"second"}))
    assert by_uid(report) == {"two@example.org": "confirmed"}, "and nothing is noted of the other"
    assert by_uid(house.run(only=frozenset({"home"}))) == {"one@example.org": "skipped"}
    assert house.mails()[0]["Subject"].startswith("Cancelled")
    assert by_uid(house.after(1).run()) == {}


def test_yes_for_an_account_that_is_not_read_waits_for_its_pass(house):
    two_accounts(house, mode="approve").run()
    one = next(action for action in house.journal.in_state("pending") if action.account == "home")
    with house.store.transaction():
        approve(house.journal, one, NOW)
    house.run(only=frozenset({"second"}))
    assert house.journal.action(one.id).state == "approved"
    house.run(only=frozenset({"home"}))
    assert house.journal.action(one.id).state == "confirmed"


# a thread that hangs


class Silent(MemoryProvider):
    """A server that is asked and does not answer, until it is told to."""

    remote = True

    def __init__(self):
        super().__init__("work")
        self.asked, self.may_answer = threading.Event(), threading.Event()

    def calendars(self):
        self.asked.set()
        self.may_answer.wait(20)
        return ()


def test_server_that_says_nothing_is_known_by_its_silence():
    server = Silent()
    assert silence([server]) == 0.0
    reading = Reading(server, {}, Window(NOW, NOW + HOUR)).begin()
    assert server.asked.wait(10)
    assert 0.0 < silence([server]) < 20.0
    server.may_answer.set()
    assert list(reading.calendars(lambda: False)) == []
    assert until(lambda: silence([server]) == 0.0)


def until(what):
    end = time.monotonic() + 10
    while time.monotonic() < end and not what():
        time.sleep(0.01)
    return what()


def test_sign_of_life_is_not_given_while_a_thread_hangs(house, monkeypatch):
    monkeypatch.setattr("agendad.daemon.service._STUCK", 0.2)
    server, beats = Silent(), []
    house.server = server
    house.reload()
    notifier = Notifier("/nowhere", watchdog=1.0)
    notifier.beat = lambda: beats.append(1)
    service = Service(house.context, house.store, Reloading(house.context), notifier=notifier)
    service._beat()
    assert beats == [1]
    Reading(server, {}, Window(NOW, NOW + HOUR)).begin()
    time.sleep(0.3)
    service._beat()
    assert beats == [1]
    server.may_answer.set()
    assert until(lambda: service._beat() or len(beats) > 1)
