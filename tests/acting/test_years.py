"""Weeks in a few seconds: people edit the calendar in any order, the user answers or takes back, time passes.

Whatever the order, what protects people holds.
"""

import contextlib
import re
import tempfile
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from agendad.daemon.approving import approve, reject
from agendad.daemon.undoing import CannotUndo

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
GRACE, FREEZE, HOUR = timedelta(hours=12), timedelta(hours=12), timedelta(hours=1)
ME, ADA = "grace@example.org", "ada@example.com"
LADDER = "{before: 96h, do: nudge}, {before: 60h, do: hold}, {before: 36h, do: cancel}"
AGENDA = "Agenda:\\n- the draft of chapter three\\n- how to ask for feedback"
NAMES = ("one", "two", "series")


def announced(text):
    """The part of a summary that tells of cancellations to come."""
    return re.split(r"NEEDS YOU -|DONE -|LEFT ALONE -|NEXT SESSIONS -", text.partition("UNLESS IT CHANGES")[2])[0]


class Weeks(RuleBasedStateMachine):
    """Two meetings and a series, with one person."""

    make_house = None

    @initialize(
        mode=st.sampled_from(["act", "act", "approve"]),
        organizer=st.sampled_from([ME, ADA]),
        ladder=st.sampled_from([LADDER, LADDER, "{before: 60h, do: cancel}"]),
    )
    def move_in(self, mode, organizer, ladder):
        self.folder = tempfile.TemporaryDirectory()
        self.house = type(self).make_house(Path(self.folder.name))
        self.house.configure(mode=mode, ladder=ladder, more="mail: {transport: file}\nsummary: {days: [sun]}")
        self.mode, self.organizer = mode, organizer
        self.answered, self.masters = set(), {}
        self.starts = {"one": NOW + 80 * HOUR, "two": NOW + 130 * HOUR, "series": NOW + 50 * HOUR}
        self.bodies = dict.fromkeys(NAMES, "")
        for name in NAMES:
            self.write(name)

    def write(self, name):
        more = ("RRULE:FREQ=WEEKLY;COUNT=4", "X-KEEP:as it is") if name == "series" else ()
        self.house.invite(
            self.starts[name], name=f"{name}.ics", uid=f"{name}@example.org", organizer=self.organizer,
            body=self.bodies[name], more=more, title=f"Mentoring {name}: Ada and Grace",
        )  # fmt: skip
        self.masters[name] = self.master(name)

    def master(self, name):
        return self.house.text(f"{name}.ics").partition("END:VEVENT")[0]

    @rule(hours=st.sampled_from([0.5, 3, 7, 12, 18, 26]))
    def time_passes(self, hours):
        self.house.after(hours)

    @rule()
    def agendad_runs(self):
        self.house.run_and_tell()

    @rule(days=st.integers(1, 3), hours=st.sampled_from([5, 9, 13]))
    def days_with_agendad(self, days, hours):
        for _ in range(24 * days // hours):
            self.house.after(hours).run_and_tell()

    @rule(name=st.sampled_from(NAMES), body=st.sampled_from(["", "", AGENDA, "Hello Ada", "Agenda: TBD"]))
    def somebody_writes(self, name, body):
        self.bodies[name] = body
        self.write(name)

    @rule(name=st.sampled_from(["one", "two"]), hours=st.integers(20, 150))
    def somebody_moves(self, name, hours):
        self.starts[name] = self.house.clock.now() + hours * HOUR
        self.write(name)

    @rule(yes=st.booleans())
    def the_user_answers(self, yes):
        for action in self.house.journal.in_state("pending")[:1]:
            with self.house.store.transaction():
                (approve if yes else reject)(self.house.journal, action, self.house.clock.now())
            self.answered.add(action.id)
            self.house.run(decide_anew=False)

    @rule()
    def the_user_takes_back(self):
        done = self.house.journal.in_state("confirmed")
        if not done:
            return
        action = done[-1]
        self.answered.add(action.id)
        with contextlib.suppress(CannotUndo):
            self.house.executor().undoing.undo(action, lambda event: self.house.wording().of_undoing(event, action))

    def sent(self):
        """(time, subject) of what Ada was sent by itself."""
        mine = {letter.message_id for action in self.answered for letter in self.house.outbox().of(action)}
        return sorted(
            (parsedate_to_datetime(mail["Date"]).astimezone(UTC), mail["Subject"])
            for mail in self.house.mails()
            if mail["Message-ID"] not in mine
        )

    @invariant()
    def nobody_is_disturbed(self):
        days = [at.astimezone(LONDON).date() for at, _ in self.sent()]
        assert len(days) == len(set(days)), "one message a person a day"
        assert all(8 <= at.astimezone(LONDON).hour < 20 for at, _ in self.sent()), "by day"
        assert self.mode == "act" or self.sent() == [], "nothing without a yes"

    @invariant()
    def one_outcome_an_occurrence_and_told_before(self):
        outcomes = {}
        for action in self.house.journal.actions(NOW - 99 * HOUR):
            if action.effect in ("cancel", "decline") and action.state in ("confirmed", "sent", "undone", "unknown"):
                outcomes.setdefault(action.key, []).append(action)
        assert all(len(actions) == 1 for actions in outcomes.values())
        told = [
            (parsedate_to_datetime(mail["Date"]), announced(self.house.words(mail))) for mail in self.house.mails(ME)
        ]
        for (action,) in outcomes.values():
            if action.id not in self.answered:
                title = f"Mentoring {action.key[0].partition('@')[0]}:"
                assert any(at <= action.acted_at - GRACE and title in text for at, text in told), "told before"

    @invariant()
    def a_series_is_never_touched(self):
        assert self.master("series") == self.masters["series"]

    @invariant()
    def nothing_is_left_open_and_every_mark_is_known(self):
        assert self.house.journal.in_state("planned", "intended", "sent") == []
        for name in NAMES:
            for line in self.house.text(f"{name}.ics").splitlines():
                if line.startswith("X-AGENDAD:"):
                    assert self.house.journal.knows(line[10:].partition("@")[0].removesuffix("-undone"))

    def teardown(self):
        if hasattr(self, "house"):
            self.house.store.close()
            self.folder.cleanup()


def test_people_are_protected_in_whatever_order_things_happen(house):
    Weeks.make_house = type(house)
    run_state_machine_as_test(
        Weeks,
        settings=settings(
            max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
