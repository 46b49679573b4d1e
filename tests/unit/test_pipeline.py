"""Passes over real (in-memory) calendars and a real database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agendad.daemon.clock import FixedClock
from agendad.daemon.config_shapes import Sync
from agendad.daemon.means import Means, known_addresses
from agendad.daemon.pipeline import Pipeline
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store
from agendad.daemon.wording import Wording
from agendad.providers.memory import MemoryProvider
from agendad.providers.model import Attendee, Instance, Organizer, Partstat

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AGENDA = "Agenda:\n- the draft of chapter three\n- how to ask for feedback"
INTRODUCTION = "Why you: you moved from research to industry.\nWhat I'd like to learn: how to run a team."
FROM_ADA = {
    "organizer": Organizer(email="ada@example.com"),
    "attendees": (
        Attendee(email="ada@example.com", partstat=Partstat.ACCEPTED),
        Attendee(email="grace@example.org", partstat=Partstat.ACCEPTED),
    ),
}


class World:
    """One installation, its calendars and its clock."""

    def __init__(self, policy, accounts=("home",)):
        self.policy = policy
        self.store = Store.in_memory()
        self.clock = FixedClock(NOW)
        self.providers = {name: MemoryProvider(name) for name in accounts}

    def put(self, *events, account="home"):
        self.providers[account].put(*(replace(event, account=account, calendar="main") for event in events))

    def run(self, **more):
        sync = Sync(horizon=60 * DAY, lookback=90 * DAY)
        parts = {"policy": self.policy, "sync": sync, "store": self.store, "clock": self.clock}
        parts["wording"] = Wording(self.policy, None, self.store)
        parts["means"] = Means(mail=True, addresses=known_addresses(self.policy))
        return Pipeline(**parts, providers=self.providers, **more).run()

    @property
    def sessions(self):
        return SessionStore(self.store).upcoming(self.clock.now())


@pytest.fixture
def world(make_policy):
    made = World(make_policy(), accounts=("home", "work"))
    yield made
    made.store.close()


def shapes(actions):
    return [(action.rung, action.effect, action.state) for action in actions]


def test_meeting_in_two_calendars_is_one_session_through_the_copy_that_i_organize(world, make_event):
    event = make_event(NOW + 3 * DAY)
    world.put(replace(event, organizer=Organizer(email="other@example.com"), id="h"), account="home")
    world.put(replace(event, id="w"), account="work")
    report = world.run()
    (session,) = world.sessions
    assert (session.account, session.id) == ("work", "w")
    assert [action.account for action in report.actions] == ["work"]


def test_meeting_that_nobody_of_mine_organizes_is_taken_from_the_first_account(world, make_event):
    for account in ("work", "home"):
        world.put(make_event(NOW + 3 * DAY, **FROM_ADA), account=account)
    world.run()
    assert [session.account for session in world.sessions] == ["home"]


def test_first_meeting_is_asked_about_and_after_a_held_one_it_is_not(world, make_event):
    event = make_event(NOW + 4 * DAY, uid="next@example.org", id="next")
    world.put(event)
    world.run()
    assert [step["action"] for step in world.sessions[0].verdict["plan"]] == ["hold", "ask"]
    world.put(make_event(NOW - 7 * DAY, uid="before@example.org", id="before"))
    world.put(replace(event, title="Mentoring Ada and Grace"))
    world.run()
    assert [step["action"] for step in world.sessions[0].verdict["plan"]] == ["hold", "cancel"]


def test_declined_past_session_does_not_count_as_met(world, make_event):
    declined = (
        Attendee(email="grace@example.org"),
        Attendee(email="ada@example.com", partstat=Partstat.DECLINED),
    )
    world.put(make_event(NOW - 7 * DAY, uid="before@example.org", id="before", attendees=declined))
    world.run()
    assert SessionStore(world.store).met() == frozenset()


def test_deleted_event_takes_its_session_along(world, make_event):
    world.put(make_event(NOW + 3 * DAY))
    world.run()
    world.providers["home"].remove("main", "session-1@example.org")
    report = world.run()
    assert (report.accounts[0].vanished, world.sessions) == (1, [])


def test_session_moved_by_a_person_starts_its_ladder_again(world, make_event):
    event = make_event(NOW + 3 * DAY)
    world.put(event)
    assert shapes(world.run().news) == [("nudge", "mail", "would")]
    world.clock.move(DAY)
    world.put(replace(make_event(NOW + 4 * DAY), sequence=1))
    assert shapes(world.run().news) == [("nudge", "mail", "would")]


def test_answer_to_an_invite_does_not_start_the_ladder_again(world, make_event):
    event = make_event(NOW + 3 * DAY)
    world.put(event)
    world.run()
    accepted = tuple(replace(guest, partstat=Partstat.ACCEPTED) for guest in event.attendees)
    world.put(replace(event, attendees=accepted))
    assert world.run().news == ()


def test_series_is_offered_to_be_taken_over_once_and_not_each_week(world, make_event):
    weeks = [
        make_event(
            NOW + (3 + 7 * n) * DAY,
            id=f"w{n}",
            recurrence_id=f"2026-12-{3 + 7 * n:02d}T14:00:00Z",
            instance=Instance.OCCURRENCE,
            text=f"Agenda:\n- part {n} of the thesis",
            **FROM_ADA,
        )
        for n in range(3)
    ]
    world.put(*weeks)
    seen = []
    for _ in range(24):
        seen += shapes(world.run().news)
        world.clock.move(DAY)
    assert seen.count(("handover", "mail", "would")) == 1


def test_agenda_that_appears_climbs_down_and_stays_quiet(world, make_event):
    event = make_event(NOW + 3 * DAY)
    world.put(event)
    world.run()
    world.put(replace(event, text=f"{AGENDA}\n{INTRODUCTION}"))
    assert world.run().actions == ()
    world.clock.move(2 * DAY)
    assert world.run().actions == ()


def test_failing_account_acts_on_nothing_and_the_others_go_on(world, make_event):
    world.put(make_event(NOW + 3 * DAY))
    world.put(make_event(NOW + 3 * DAY, uid="w@example.org", id="w"), account="work")
    world.providers["home"].available = False
    report = world.run()
    assert [account.ok for account in report.accounts] == [False, True]
    assert [action.account for action in report.actions] == ["work"]
    world.providers["home"].available = True
    assert [action.account for action in world.run().news] == ["home"]


def test_fault_of_our_own_in_one_account_does_not_silence_the_others(world, make_event):
    world.put(make_event(NOW + 3 * DAY, title="half a character: \ud800"))
    world.put(make_event(NOW + 3 * DAY, uid="w@example.org", id="w"), account="work")
    report = world.run()
    assert [account.ok for account in report.accounts] == [False, True]
    assert "fault of its own" in report.accounts[0].error
    assert [action.account for action in report.actions] == ["work"]


def test_known_session_of_a_failing_account_is_skipped_with_the_reason(world, make_event):
    world.put(make_event(NOW + 5 * DAY))
    world.run()
    world.clock.move(2 * DAY)
    world.providers["home"].available = False
    (action,) = world.run().actions
    assert (action.state, "could not be read" in action.detail) == ("skipped", True)


def test_changed_configuration_judges_everything_again(world, make_event, make_policy):
    world.put(make_event(NOW + 3 * DAY, location="Room 4"))
    world.run()
    rules = dict(world.policy.rules)
    for name in ("agenda", "first-call"):
        rules[name] = rules[name].model_copy(update={"enabled": False})
    world.policy = make_policy(rules=rules)
    world.run()
    assert world.sessions[0].verdict["findings"] == []


def test_cursor_that_the_provider_forgot_leads_to_a_full_reading(world, make_event):
    world.put(make_event(NOW + 3 * DAY))
    world.run()
    world.providers["home"].forget_changes()
    report = world.run()
    assert (report.accounts[0].ok, report.accounts[0].changed) == (True, 0)


def test_every_pass_says_again_why_a_step_waits_and_records_it_once(world, make_event):
    world.policy = replace(world.policy, limits=world.policy.limits.model_copy(update={"max_actions_per_run": 0}))
    world.put(make_event(NOW + 3 * DAY))
    assert [action.state for action in world.run().news] == ["skipped"]
    again = world.run()
    assert ([action.state for action in again.actions], again.news) == (["skipped"], ())


def test_grace_of_zero_lets_one_run_go_no_further_than_one_step_each(world, make_event):
    limits = world.policy.limits.model_copy(update={"grace": timedelta(), "between_steps": timedelta()})
    world.policy = replace(world.policy, limits=limits)
    world.put(make_event(NOW + DAY, **FROM_ADA))
    assert shapes(world.run().news)[0] == ("nudge", "mail", "would")


def test_occurrence_has_one_outcome_whatever_restarts_its_ladder(world, make_event):
    pair = replace(world.policy.mentorships[0], met=True)
    rules = dict(world.policy.rules)
    rules["ownership"] = rules["ownership"].model_copy(update={"enabled": False})
    world.policy = replace(world.policy, mentorships=(pair,), rules=rules)
    world.put(make_event(NOW + 4 * DAY, **FROM_ADA))
    seen = []
    for _ in range(4):
        seen += shapes(world.run().news)
        world.clock.move(DAY)
    assert seen == [("nudge", "mail", "would"), ("hold", "tentative", "would"), ("cancel", "decline", "would")]
    world.put(replace(make_event(NOW + 9 * DAY, **FROM_ADA), sequence=1))
    for _ in range(5):
        assert world.run().actions == ()
        world.clock.move(DAY)
