"""Full verdicts (detection and every rule) of new sessions, beside icalendar's parse of the same invites."""

import tempfile
from datetime import timedelta
from pathlib import Path

from icalendar import Calendar

from agendad.providers.base import Window
from agendad.providers.icsfiles import read_file, read_group
from agendad.rules.base import History
from agendad.rules.engine import judge, load_builtin
from bench.measure import Row, best, rate
from bench.samples import NOW, policy, write_calendar

EVENTS = 2000


def row() -> Row:
    load_builtin()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_calendar(folder, EVENTS, each=10, sessions=EVENTS)
        contents = [file.read_bytes() for file in sorted(folder.iterdir())]
    window = Window.around(NOW, lookback=timedelta(days=90), horizon=timedelta(days=60))
    readings = [read_file(content, "", "home") for content in contents]
    events = [event for found in read_group(readings, window).events.values() for event in found]
    assert len(events) == EVENTS
    mine, nothing = policy(), History()

    def ours() -> None:
        for event in events:
            judge(event, nothing, mine, NOW)

    def parse() -> None:
        for content in contents:
            Calendar.from_ical(content)

    taken, peer = best(ours, parse, rounds=3)
    return Row(
        ours=rate(EVENTS, taken, "sessions"), beside=rate(EVENTS, peer, "parses"), ratio=taken / peer, allowed=0.8
    )
