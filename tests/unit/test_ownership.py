from datetime import UTC, datetime, timedelta
from io import StringIO
from textwrap import dedent

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from agendad.providers.model import Instance, Organizer, Sensitivity
from agendad.rules.base import Detection, History, Reach, Session, Version
from agendad.rules.ownership import Ownership, OwnershipOptions
from agendad.rules.policy import Party

START = datetime(2026, 12, 1, 15, tzinfo=UTC)
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def version(days_before, start, organizer="grace@example.org", ours=False):
    return Version(
        seen_at=START - timedelta(days=days_before),
        start=start,
        end=start + timedelta(minutes=30),
        organizer=organizer,
        fingerprint="",
        ours=ours,
    )


@pytest.fixture
def judge(make_policy):
    def judged(event, versions=(), declared=True, **options):
        policy = make_policy()
        found = Detection(
            is_mentorship=True,
            mentorship=policy.mentorships[0] if declared else None,
            my_role=Party.MENTEE,
        )
        session = Session(event=event, detection=found, me=policy.me)
        chosen = OwnershipOptions.model_validate(options)
        findings = Ownership().check(session, History(versions=tuple(versions)), chosen, NOW)
        return {finding.code.removeprefix("ownership."): finding for finding in findings}

    return judged


@pytest.mark.parametrize(
    ("organizer", "accepted", "wrong"),
    [
        (Organizer(email="grace@example.org"), [], False),
        (Organizer(email="GRACE@example.org"), [], False),
        (Organizer(email="grace@example.org", sent_by="pa@example.org"), [], False),
        (Organizer(email="ada@example.com"), [], True),
        (Organizer(email="ada@alias.example.com"), [], True),
        (Organizer(email="ada@example.com", sent_by="grace@example.org"), [], False),
        (Organizer(email="ada@alias.example.com"), ["mentor"], False),
        (Organizer(email="pat@programme.example"), [], True),
        (Organizer(email="pat@programme.example"), ["@programme.example"], False),
        (Organizer(email="pat@evil-programme.example"), ["@programme.example"], True),
        (Organizer(email="pat@programme.example"), ["Pat@Programme.example"], False),
        (Organizer(email=""), [], False),
        (None, [], False),
    ],
)
def test_organizer_is_wrong_unless_owner_or_accepted(judge, make_event, organizer, accepted, wrong):
    found = judge(make_event(START, organizer=organizer), accept_organizers=accepted)
    assert set(found) == ({"wrong-organizer"} if wrong else set())


def test_wrong_organizer_is_about_the_series_in_a_series(judge, make_event):
    ada = Organizer(email="ada@example.com")
    finding = judge(make_event(START, organizer=ada, instance=Instance.OCCURRENCE))["wrong-organizer"]
    assert finding.series
    assert finding.reach is Reach.LADDER
    assert not judge(make_event(START, organizer=ada))["wrong-organizer"].series


def test_undeclared_pair_has_no_owner(judge, make_event):
    assert judge(make_event(START, organizer=Organizer(email="ada@example.com")), declared=False) == {}


def test_stranger_is_not_named_in_a_private_event(judge, make_event):
    pat = Organizer(email="pat@programme.example")
    finding = judge(make_event(START, organizer=pat, sensitivity=Sensitivity.PRIVATE))["wrong-organizer"]
    assert "pat@" not in finding.message + finding.evidence


def test_move_by_the_mentor_is_told_with_times_and_name(judge, make_event):
    versions = [version(9, START), version(5, START + timedelta(hours=1), "ada@example.com")]
    finding = judge(make_event(START), versions)["moved-by-non-owner"]
    assert finding.people == ("Ada Lovelace",)
    assert "from Tue 1 Dec 10:00 in New York (EST) to Tue 1 Dec 11:00" in finding.evidence


@pytest.mark.parametrize(
    ("days", "hours", "hasty"),
    [(0.5, 24, True), (1, 24, False), (2, -30, True), (2, -24, False), (-1, 72, True)],
)
def test_move_is_short_notice_before_the_earlier_start(judge, make_event, days, hours, hasty):
    versions = [version(9, START), version(days, START + timedelta(hours=hours))]
    assert set(judge(make_event(START), versions)) == ({"short-notice-move"} if hasty else set())


def test_moves_are_too_many_past_the_limit_and_ours_do_not_count(judge, make_event):
    versions = [version(9 - n, START + timedelta(hours=n)) for n in range(4)]
    assert set(judge(make_event(START), versions)) == {"too-many-moves"}
    assert judge(make_event(START), versions, max_moves=3) == {}
    ours = [*versions[:3], version(6, START + timedelta(hours=3), ours=True)]
    assert judge(make_event(START), ours) == {}


def test_our_own_late_move_is_not_counted(judge, make_event):
    versions = [version(9, START), version(0.1, START + timedelta(hours=1), "ada@example.com", ours=True)]
    assert judge(make_event(START), versions) == {}


def test_accepted_organizer_is_refused_when_it_is_no_address():
    with pytest.raises(ValidationError, match="is no organizer"):
        OwnershipOptions(accept_organizers=("somebody",))


def test_docstring_example_is_valid():
    example = dedent((Ownership.__doc__ or "").partition("Example:\n")[2])
    loaded = YAML(typ="safe").load(StringIO(example))
    assert OwnershipOptions.model_validate(loaded["rules"]["ownership"]).max_moves == 2
