"""When the service looks again, and at what."""

from datetime import UTC, datetime, timedelta

from agendad.daemon.approving import approve
from agendad.daemon.service import _until_next

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
