"""The rule `invite`: answers, what is left from before, and how the two meet. Labelled invites: test_verdicts.py."""

import inspect
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from conftest import make_event
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from verdicts import invites_corpus

from agendad.providers import google_events, graph_events
from agendad.providers.conference import find_links
from agendad.providers.model import Attendee, Cutype, Instance, Organizer, Partstat, Sensitivity, Status
from agendad.rules.base import Detection, History, Reach, Session, Version
from agendad.rules.invite import Invite, InviteOptions
from agendad.rules.joining import has_no_way_to_join, left_over
from agendad.rules.policy import Action, Party

START = datetime(2026, 12, 8, 15, tzinfo=UTC)
NOW = START - timedelta(hours=24)
DAY = timedelta(days=1)
MEET = "https://meet.google.com/abc-defg-hij"
ZOOM = "https://us02web.zoom.us/j/123456789"
SILENT = (Attendee(email="grace@example.org", partstat=Partstat.ACCEPTED), Attendee(email="ada@example.com"))


def answered(partstat, email="ada@example.com"):
    return (SILENT[0], Attendee(email=email, partstat=partstat))


@pytest.fixture
def judge(make_policy):
    def check(event, *peers, history=None, pair=None, now=NOW, declared=True, **options):
        pair = pair or make_policy().mentorships[0]
        detection = Detection(is_mentorship=True, mentorship=pair if declared else None, my_role=Party.MENTEE)
        session = Session(event=event, detection=detection, me=pair.mentee)
        history = history or History(peers=tuple(sorted(peers, key=lambda one: one.start.wall)))
        found = list(Invite().check(session, history, InviteOptions(**options), now))
        assert all(finding.reach is Reach.NUDGE for finding in found)
        return {finding.code.removeprefix("invite."): finding for finding in found}

    return check


@pytest.fixture
def invite(make_event):
    """An invite that is fine but for what is changed: made ten days ago, with a link."""

    def make(start=START, **changes):
        fields = {"created": START - 10 * DAY, "conference": find_links([MEET], ()), "attendees": SILENT}
        return make_event(start, **(fields | changes))

    return make


@pytest.fixture
def weekly(invite):
    def make(weeks=0, **changes):
        start = START + weeks * 7 * DAY
        recurrence_id = f"{start:%Y-%m-%dT%H:%M:%SZ}"
        return invite(start, instance=Instance.OCCURRENCE, recurrence_id=recurrence_id, **changes)

    return make


# no answer


def test_answer_is_missed_where_the_session_is_near_and_there_was_time(judge, invite):
    finding = judge(invite())["no-answer"]
    assert finding.message == "Ada Lovelace has not answered this invite."
    assert finding.evidence.startswith("asked Sat 28 Nov 10:00 in New York (EST)")


@pytest.mark.parametrize("partstat", [one for one in Partstat if one is not Partstat.NEEDS_ACTION])
def test_any_answer_is_one(judge, invite, partstat):
    assert "no-answer" not in judge(invite(attendees=answered(partstat)))


def test_answer_under_another_address_of_the_same_person_is_one(judge, invite):
    attendees = (*SILENT, Attendee(email="ada@alias.example.com", partstat=Partstat.ACCEPTED))
    assert "no-answer" not in judge(invite(attendees=attendees))


def test_answer_is_not_missed_far_from_the_session_or_right_after_the_invite(judge, invite):
    assert judge(invite(), now=START - 3 * DAY) == {}
    assert judge(invite(created=NOW - timedelta(hours=47))) == {}
    assert judge(invite(), now=START - 3 * DAY, answer_before="4d")
    assert judge(invite(created=NOW - timedelta(hours=47)), answer_within="1d")


def test_answer_is_not_missed_where_nobody_knows_since_when_it_is_asked(judge, invite):
    assert judge(invite(created=None)) == {}
    assert judge(invite(created=None), history=History(first_seen=NOW - 3 * DAY))


def test_time_that_has_moved_is_asked_for_anew(judge, invite):
    versions = [
        Version(seen_at=NOW - days * DAY, start=START - back * DAY, end=START, organizer="", fingerprint="")
        for days, back in ((9, 1), (1, 0))
    ]
    assert judge(invite(), history=History(versions=tuple(versions))) == {}
    settled = tuple(replace(one, start=START) for one in versions)
    assert judge(invite(), history=History(versions=settled))


@pytest.mark.parametrize("organizer", [Organizer(email="ada@example.com"), Organizer(email="office@example.com"), None])
def test_copy_that_is_not_the_organizers_does_not_tell_answers(judge, invite, organizer):
    assert judge(invite(organizer=organizer)) == {}


def test_series_that_is_held_without_an_answer_needs_none(judge, weekly):
    assert "no-answer" in judge(weekly(), weekly(1))
    assert "no-answer" not in judge(weekly(), weekly(-1), weekly(1))
    assert "no-answer" in judge(weekly(), weekly(-1, status=Status.CANCELLED))
    assert "no-answer" in judge(weekly(), weekly(-1, attendees=answered(Partstat.ACCEPTED)))


def test_answer_of_the_only_guest_is_missed_where_the_pair_is_not_declared(judge, invite):
    guest = Attendee(email="bob@example.net", name="Bob")
    assert judge(invite(attendees=(SILENT[0], guest)), declared=False)["no-answer"].people == ("Bob",)
    third = Attendee(email="eve@example.net")
    assert judge(invite(attendees=(SILENT[0], guest, third)), declared=False) == {}
    private = invite(attendees=(SILENT[0], guest), sensitivity=Sensitivity.PRIVATE)
    assert "Bob" not in str(judge(private, declared=False)["no-answer"])


def test_session_without_an_instant_is_not_judged_for_answers_or_links(judge, invite, floating):
    assert judge(invite(floating(datetime.fromisoformat("2026-12-08T15:00")), conference=())) == {}


# stale


def test_evidence_quotes_the_line_that_names_the_end(judge, weekly):
    finding = judge(weekly(text="Weekly until 24 November 2026.", attendees=answered(Partstat.ACCEPTED)))["stale"]
    assert finding.series
    assert finding.evidence == "Weekly until 24 November 2026."


def test_end_without_a_year_is_never_one_of_long_ago(judge, weekly):
    near = weekly(text="Weekly until 24 November.", attendees=answered(Partstat.ACCEPTED))
    assert "stale" in judge(near)
    far = weekly(text="Weekly until 24 July.", attendees=answered(Partstat.ACCEPTED))
    assert "stale" not in judge(far)


def test_private_words_links_and_strangers_are_never_quoted(judge, weekly):
    private = {"sensitivity": Sensitivity.PRIVATE, "conference": find_links([MEET], (ZOOM,))}
    for words in ("Weekly until 24 November 2026.", ZOOM):
        finding = judge(weekly(text=words, **private))["stale"]
        assert "24 November" not in str(finding)
        assert "zoom.us" not in str(finding)
    bob = Attendee(email="bob@example.net", name="Bob", partstat=Partstat.DECLINED)
    gone = {"attendees": (*answered(Partstat.ACCEPTED), bob), "sensitivity": Sensitivity.PRIVATE}
    assert judge(weekly(**gone), weekly(1, **gone))["stale"].message.startswith("Somebody has declined")


def test_password_in_a_link_is_never_shown(judge, invite):
    event = invite(conference=find_links([MEET], (f"{ZOOM}?pwd=secret",)), location=f"{ZOOM}?pwd=secret")
    finding = judge(event)["stale"]
    assert finding.message == "The invite holds two ways to join, Google Meet and Zoom; one may be left from before."
    assert finding.evidence == f"its own: {MEET}; in its words: {ZOOM}"


def test_guest_who_declined_all_that_is_to_come_is_stale(judge, weekly):
    no = {"attendees": answered(Partstat.DECLINED)}
    finding = judge(weekly(**no), weekly(-1), weekly(1, **no), weekly(2, **no))["stale"]
    assert finding.message == "Ada Lovelace has declined every session of this series that is to come."
    assert finding.evidence == "3 sessions to come, each declined"


def test_guest_who_declined_some_is_not_stale(judge, weekly):
    no = {"attendees": answered(Partstat.DECLINED)}
    assert "stale" not in judge(weekly(**no), weekly(1))
    assert "stale" not in judge(weekly(**no), weekly(-1, **no)), "nothing else is to come"
    assert "stale" not in judge(weekly(), weekly(1, **no))


BOB = (SILENT[0], Attendee(email="bob@example.net", name="Bob Kahn"))


def test_other_person_who_was_in_earlier_ones_and_is_in_it_no_longer_is_stale(judge, weekly):
    finding = judge(weekly(attendees=BOB), weekly(-1), weekly(1, attendees=BOB))["stale"]
    assert finding.message == "Ada Lovelace is no longer in the invite of this series."


@pytest.mark.parametrize(
    "guest",
    [
        Attendee(email="bob@example.net", name="Ada King"),
        Attendee(email="a.lovelace@new.example"),
        Attendee(email="all@example.net", cutype=Cutype.GROUP),
        Attendee(email="", name="further guests"),
    ],
)
def test_other_person_who_may_be_in_it_under_another_name_did_not_leave(judge, weekly, guest):
    assert "stale" not in judge(weekly(attendees=(SILENT[0], guest)), weekly(-1))


def test_other_person_is_not_missed_in_a_list_that_may_be_hidden_or_was_always_without(judge, weekly):
    hidden = weekly(attendees=BOB, organizer=Organizer(email="office@example.com"))
    assert "stale" not in judge(hidden, weekly(-1))
    assert "stale" not in judge(weekly(attendees=BOB), weekly(-1, attendees=BOB))


def google(**fields):
    time = {"start": {"dateTime": "2026-12-08T15:00:00Z"}, "end": {"dateTime": "2026-12-08T15:30:00Z"}}
    return google_events.read_event({"id": "1", **time, **fields}, account="work", calendar="primary")


def outlook(**fields):
    time = {name: {"dateTime": f"2026-12-08T15:{minute}:00", "timeZone": "UTC"} for name, minute in
            (("start", "00"), ("end", "30"))}  # fmt: skip
    return graph_events.read_event(
        {"id": "1", "type": "singleInstance", "body": {"contentType": "text", "content": ""}, **time, **fields},
        account="uni",
        calendar="default",
        me=(),
    )


TEAMS = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_{}%40thread.v2/0?context=%7b%7d"
BLOCK = '<div>____________</div><a href="{}">Join the meeting now</a><div>____________</div>'


def test_link_that_a_vendor_keeps_beside_the_event_is_its_own():
    entry = {
        "entryPoints": [
            {"entryPointType": "video", "uri": MEET},
            {"entryPointType": "more", "uri": "https://tel.meet/x"},
        ]
    }
    moved = google(hangoutLink=MEET, conferenceData=entry, location=ZOOM)
    assert [one.product for one in left_over(moved)] == ["meet", "zoom"]
    assert left_over(google(hangoutLink=MEET, conferenceData=entry)) is None
    body = {"contentType": "html", "content": f"<p>Zoom: {ZOOM}</p>" + BLOCK.format(TEAMS.format("new"))}
    moved = outlook(onlineMeeting={"joinUrl": TEAMS.format("new")}, body=body)
    assert [one.product for one in left_over(moved)] == ["teams", "zoom"]
    twice = {"contentType": "html", "content": BLOCK.format(TEAMS.format("old")) + BLOCK.format(TEAMS.format("new"))}
    assert left_over(outlook(onlineMeeting={"joinUrl": TEAMS.format("new")}, body=twice))
    same = {"contentType": "html", "content": BLOCK.format(TEAMS.format("new"))}
    assert left_over(outlook(onlineMeeting={"joinUrl": TEAMS.format("new")}, body=same)) is None


# no way to join


def test_link_is_missed_within_a_week_of_a_session_of_two_who_are_apart(judge, invite):
    bare = invite(conference=(), attendees=answered(Partstat.ACCEPTED))
    finding = judge(bare)["no-conference-link"]
    assert "Ada Lovelace: Tue 8 Dec 15:00 in London (GMT)" in finding.evidence
    assert "no-conference-link" in judge(bare, now=START - 7 * DAY)
    assert judge(bare, now=START - 8 * DAY) == {}
    assert judge(bare, now=START + timedelta(minutes=1)) == {}
    assert judge(bare, now=START - 8 * DAY, link_within="9d")


def test_link_is_not_missed_where_both_live_by_the_same_clock_or_it_is_not_known(judge, invite, make_policy, abroad):
    bare = invite(conference=(), attendees=answered(Partstat.ACCEPTED))
    pair = make_policy().mentorships[0]
    for ada in (
        pair.mentor.model_copy(update={"timezone": "America/Toronto"}),
        pair.mentor.model_copy(update={"timezone": None}),
        abroad(pair.mentor, ("2026-12-07", "2026-12-09", "America/New_York")),
    ):
        assert judge(bare, pair=replace(pair, mentor=ada)) == {}
        assert judge(bare, pair=replace(pair, mentor=ada), remote="always")
    assert judge(bare, remote="never") == {}
    assert judge(bare, declared=False) == {}
    assert judge(bare, declared=False, remote="always")


def test_missing_link_of_a_series_is_one_finding(judge, weekly):
    assert judge(weekly(conference=(), attendees=answered(Partstat.ACCEPTED)))["no-conference-link"].series


def test_what_a_vendor_calls_its_meeting_is_no_way_to_join_it():
    assert has_no_way_to_join(outlook(location={"displayName": "Microsoft Teams Meeting"}))
    assert not has_no_way_to_join(outlook(onlineMeeting={"joinUrl": TEAMS.format("x")}))
    assert not has_no_way_to_join(outlook(location={"displayName": "Room 4"}))
    assert not has_no_way_to_join(google(hangoutLink=MEET))
    assert has_no_way_to_join(google(location="Google Meet"))
    markup = (
        '<html xmlns:o="http://schemas.microsoft.com/x" xmlns="http://www.w3.org/TR/REC-html40"><p>- goals</p></html>'
    )
    assert has_no_way_to_join(outlook(body={"contentType": "html", "content": markup}))


@pytest.mark.parametrize("text", ["http://[", "Join: https://[meet]/a", "http://[::1", "https://[2001:db8::1]/x"])
def test_what_is_like_an_address_and_none_is_judged_like_any_other_text(judge, invite, text):
    for body in ({"text": text}, {"html": f'<a href="{text}">here</a>'}, {"text": "", "location": text}):
        found = judge(invite(conference=(), attendees=answered(Partstat.ACCEPTED), **body), remote="always")
        assert "no-conference-link" not in found, "people may know what was meant"


@pytest.mark.parametrize(
    "words",
    [
        "same link as last time", "I'll call you", "gleicher Link wie immer", "ich rufe dich an",
        "el mismo enlace de siempre", "te llamo por teléfono", "même lien que d'habitude", "je vous appelle",
        "o mesmo link de sempre", "eu ligo para você", "stesso link di sempre", "ti chiamo io",
        "zelfde link als altijd", "ik bel je", "いつものリンクで", "電話します", "同样的链接", "我打电话给你",
    ],
)  # fmt: skip
def test_words_that_a_message_suggests_settle_it(invite, words):
    assert not has_no_way_to_join(invite(conference=(), text=words))


@given(st.text(max_size=300), st.text(max_size=80), st.text(max_size=80))
def test_whatever_is_written_is_judged(text, title, location):
    links = find_links([MEET], (location, text))
    event = make_event(START, text=text, html=f"<p>{text}</p>", title=title, location=location, conference=links)
    assert left_over(event) is None
    assert not has_no_way_to_join(event)
    invites_corpus.findings({"title": title, "text": text, "location": location}, "stale")


def test_rule_never_cancels():
    assert Invite.steps == {Action.NUDGE, Action.ASK}


def test_example_in_the_docstring_is_valid():
    lines = [line for line in inspect.getdoc(Invite).splitlines() if line.startswith("    ")]
    example = YAML(typ="safe").load("\n".join(lines))
    assert InviteOptions.model_validate(example["rules"]["invite"]) == InviteOptions()
