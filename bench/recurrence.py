"""A month in year 9 of a daily series with 100 exceptions, beside a query of recurring-ical-events that is kept."""

from datetime import UTC, datetime, timedelta

import recurring_ical_events
from icalendar import Calendar

from agendad.providers.base import Window
from agendad.providers.icsfiles import read_file, read_group
from bench.measure import Row, best, span

_HEAD = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//bench//EN
BEGIN:VEVENT
UID:daily
DTSTAMP:20180101T000000Z
DTSTART;TZID=Europe/London:20180101T090000
DTEND;TZID=Europe/London:20180101T093000
RRULE:FREQ=DAILY
SUMMARY:Mentoring
END:VEVENT
"""


def _calendar() -> bytes:
    parts = [_HEAD]
    for number in range(100):
        original = datetime(2018, 1, 10, 9) + timedelta(days=33 * number)  # noqa: DTZ001 - a clock reading
        moved = original + timedelta(hours=2)
        parts.append(
            f"BEGIN:VEVENT\nUID:daily\nDTSTAMP:20180101T000000Z\nRECURRENCE-ID;TZID=Europe/London:"
            f"{original:%Y%m%dT%H%M%S}\nDTSTART;TZID=Europe/London:{moved:%Y%m%dT%H%M%S}\nDTEND;TZID=Europe/London:"
            f"{moved + timedelta(minutes=30):%Y%m%dT%H%M%S}\nSUMMARY:Mentoring, moved\nEND:VEVENT\n"
        )
    parts.append("END:VCALENDAR\n")
    return "".join(parts).replace("\n", "\r\n").encode()


def row() -> Row:
    content = _calendar()
    reading = read_file(content, "daily.ics", "home")
    begin, end = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    window = Window(begin, end)
    query = recurring_ical_events.of(Calendar.from_ical(content))

    def ours() -> None:
        assert len(read_group([reading], window).events["daily"]) == 30

    def peer() -> None:
        assert len(query.between(begin, end)) == 30

    taken, beside = best(ours, peer, rounds=15)
    return Row(ours=span(taken), beside=span(beside), ratio=taken / beside, allowed=1.5)
