"""Trouble that lasts is told once a day, and when it is over."""

import pytest
from acting.conftest import ME

from agendad.daemon import alarms


def after(house, hours):
    """A pass some hours later; the subjects of all mails of trouble so far."""
    report = house.after(hours).run()
    alarms.tell(house.context, house.store, report.accounts, house.clock.now())
    return [mail["Subject"] for mail in house.mails(ME) if "account home" in mail["Subject"]]


AWAY, BACK = "agendad: account home cannot be read", "agendad: account home is read again"


@pytest.fixture
def broken(house):
    """A folder that is gone."""
    after(house, 0)
    house.home.rename(house.folder / "elsewhere")
    return house


def test_trouble_that_lasts_is_told_once_a_day(broken):
    assert after(broken, 0.1) == []
    assert after(broken, 0.5) == []
    assert after(broken, 0.6) == [AWAY]
    assert after(broken, 12) == [AWAY]
    assert after(broken, 12) == [AWAY, AWAY]
    said = broken.words(broken.mails(ME)[0])
    assert "has not been read since Mon 30 Nov 2026 09:06 EST" in said
    assert "agendad doctor" in said
    assert broken.mails(ME)[0]["Auto-Submitted"] == "auto-generated"


def test_end_of_trouble_is_told_to_those_who_heard_of_it(broken):
    assert after(broken, 0.1) == after(broken, 2)[:-1] == []
    (broken.folder / "elsewhere").rename(broken.home)
    assert after(broken, 0.1) == [AWAY, BACK]
    assert after(broken, 24) == [AWAY, BACK]


def test_trouble_that_passes_is_nobodys_business(broken):
    assert after(broken, 0.1) == []
    (broken.folder / "elsewhere").rename(broken.home)
    assert after(broken, 5) == []


def test_without_mail_nothing_is_sent_and_it_is_told_once_there_is_mail(broken):
    broken.change("mail: {transport: file}", "")
    assert after(broken, 0.1) == after(broken, 3) == []
    broken.change("limits: {grace: 0h}", "limits: {grace: 0h}\nmail: {transport: file}")
    assert after(broken, 0.1) == [AWAY]
