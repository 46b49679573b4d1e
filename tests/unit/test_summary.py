import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP, default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agendad.daemon.summary import (
    AccountLine,
    ActionLine,
    ComingLine,
    FindingLine,
    MentorshipLine,
    NeedsYouLine,
    ProblemLine,
    SessionLine,
    SkippedLine,
    Summary,
    headline,
    is_empty,
    local_times,
    pair_lines,
    plain,
    render,
)
from agendad.rules.limits import State
from agendad.rules.policy import Mode, Party, Severity

NOW = datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
START = datetime(2026, 12, 1, 20, tzinfo=UTC)
ACTION = ActionLine(
    id="a1f3", action="nudge", effect="mail", title="Mentoring", start=START, other="Ada Lovelace",
    other_zone="Europe/London", to=("ada@example.org",), reason="agenda.missing", message="There is no agenda.",
    at=NOW, text="Dear Ada,\n\ncould you add an agenda?",
)  # fmt: skip
SESSION = SessionLine(
    title="Mentoring", other="Ada Lovelace", mentorship="grace-ada", my_role=Party.MENTEE, start=START,
    end=START + timedelta(minutes=30), my_zone="America/New_York", other_zone="Europe/London", state="missing",
    findings=(FindingLine(code="agenda.missing", severity=Severity.ERROR, message="There is no agenda."),),
    next_step="hold", next_step_at=START - timedelta(hours=20),
)  # fmt: skip
NEEDS = NeedsYouLine(what="Declare this pair?", why="Two people meet.", how="mentorships:\n  - name: grace-ada")
DONE = replace(
    ACTION, id="1a2b3c4d", action="cancel", effect="cancel", to=("Ada Lovelace",), state=State.CONFIRMED,
    text="Hello Ada,\n\nno agenda came.", undo="agendad undo 1a2b3c4d",
)  # fmt: skip
COMING = ComingLine(
    title="Mentoring", start=START, other="Ada Lovelace", other_zone="Europe/London", action="cancel", effect="cancel",
    at=NOW + timedelta(hours=20), message="There is no agenda.", reason="agenda.missing",
    keep="An agenda keeps it. Or pause it:", pause="agendad pause grace-ada",
)  # fmt: skip
QUIET = Summary(name="Grace Hopper", zone="America/New_York", generated_at=NOW)
FULL = replace(
    QUIET,
    since=NOW - timedelta(days=1),
    needs_you=(NEEDS,),
    would=(ACTION, replace(ACTION, id="b2", effect="decline")),
    skipped=(SkippedLine(what="Cancel", why="The limit for today is reached.", title="Mentoring", start=START),),
    sessions=(SESSION, replace(SESSION, start=None, end=None, written_time="Wed 9 Dec 14:00")),
    accounts=(
        AccountLine(
            name="home", ok=True, events=3, problems=(ProblemLine(source="x.ics", line=7, message="Cut off."),)
        ),
        AccountLine(name="uni", ok=False, error="The folder is missing.", next_step="Create it."),
    ),
    notes=("Pilot one pair.",),
)
ACTING = replace(FULL, mode=Mode.ACT, coming=(COMING,), done=(DONE,))


def mailed(summary, **changes):
    given_values = {"sender": "a@example.org", "recipients": ["g@example.org"], "message_id": "<1@agendad.invalid>"}
    sent = render(summary, **(given_values | changes)).as_bytes(policy=SMTP)
    return message_from_bytes(sent, policy=default)


def html_of(summary):
    return mailed(summary).get_body(("html",)).get_content()


def test_headers_come_from_the_arguments_alone():
    mail = mailed(FULL)
    assert mail["Subject"] == "agendad: 2 things I would do, 1 needs you, 2 accounts have problems (Mon 30 Nov)"
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"] == "<1@agendad.invalid>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"


def test_headline_is_all_quiet_when_there_is_nothing_to_do():
    assert headline(replace(QUIET, sessions=(SESSION,))) == "all quiet"


@pytest.mark.parametrize("body", [plain(FULL), html_of(FULL)], ids=["text", "html"])
def test_sections_stand_in_the_order_of_urgency(body):
    titles = ["needs you", "what i would do", "left alone", "next sessions", "accounts", "how to go on"]
    found = body.lower()[body.lower().find("observing") :]
    places = [found.find(title) for title in titles]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("body", [plain(FULL), html_of(FULL)], ids=["text", "html"])
def test_observing_says_that_nothing_was_sent(body):
    assert "nothing was sent and nothing was changed" in body
    assert "nothing was sent and nothing was changed" not in plain(replace(FULL, mode=Mode.ACT))


@pytest.mark.parametrize("body", [plain(FULL), html_of(FULL)], ids=["text", "html"])
def test_everything_that_was_told_is_shown(body):
    for words in ("agenda.missing", "a1f3", "ada@example.org", "could you add an agenda?", "The limit for today",
                  "x.ics, line 7", "The folder is missing.", "Create it.", "Pilot one pair.", "  - name: grace-ada",
                  "20:00–20:30 GMT (Ada, London)", "Wed 9 Dec 14:00", "Mon 30 Nov 19:00 EST"):  # fmt: skip
        assert words in body


@pytest.mark.parametrize("body", [plain(ACTING), html_of(ACTING)], ids=["text", "html"])
def test_cancellation_to_come_stands_first_and_what_was_done_before_what_would_be(body):
    titles = ["what i will do unless it changes", "needs you", "done\n----", "what i would do", "left alone"]
    shown = body.lower().replace(">done<", ">done\n----<")
    places = [shown.find(title, shown.find("acting:")) for title in titles]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("body", [plain, html_of], ids=["text", "html"])
def test_cancellation_to_come_tells_both_times_when_it_goes_out_and_how_to_keep_it(body):
    shown = body(replace(QUIET, mode=Mode.ACT, coming=(COMING,)))
    for words in ("I will cancel this session", "Mentoring", "Tue 1 Dec 15:00 EST (you, New York)",
                  "20:00 GMT (Ada, London)", "Tue 1 Dec 04:30 EST", "There is no agenda.", "agenda.missing",
                  "An agenda keeps it. Or pause it:", "agendad pause grace-ada"):  # fmt: skip
        assert words in shown


def test_cancellation_to_come_is_in_the_subject_before_all_else():
    assert mailed(ACTING)["Subject"].startswith("agendad: 1 cancellation to come, 1 thing done, 2 things I would do")


@pytest.mark.parametrize("body", [plain, html_of], ids=["text", "html"])
def test_thing_done_tells_to_whom_why_when_the_text_and_how_to_take_it_back(body):
    shown = body(replace(QUIET, mode=Mode.ACT, done=(DONE,)))
    for words in ("Cancelled this session", "Ada Lovelace", "There is no agenda.", "agenda.missing", "no agenda came.",
                  "one Mon 30 Nov 08:30 EST", "o take it back:", "agendad undo 1a2b3c4d"):  # fmt: skip
        assert words in shown


def test_command_to_take_it_back_is_left_out_when_nothing_can():
    assert "take it back" not in plain(replace(QUIET, done=(replace(DONE, undo=""),)))
    assert "take it back" not in html_of(replace(QUIET, done=(replace(DONE, undo=""),)))


@pytest.mark.parametrize(
    ("action", "effect", "reason", "phrase"),
    [
        ("nudge", "mail", "agenda.missing", "Wrote to Ada Lovelace"),
        ("hold", "tentative", "agenda.missing", "Answered “tentative”"),
        ("hold", "patch", "agenda.missing", "Marked the invite “agenda pending”"),
        ("hold", "patch", "timezone.non-working-day", "Marked the invite “on hold”"),
        ("hold", "restore", "agenda.missing", "Lifted the hold"),
        ("patch", "patch", "agenda.missing", "Wrote a place for the agenda into the invite"),
        ("patch", "patch", "timezone.text-mismatch", "Wrote the local times into the invite"),
        ("cancel", "cancel", "agenda.missing", "Cancelled this session"),
        ("cancel", "decline", "agenda.missing", "Declined this session"),
        ("reschedule", "propose", "timezone.non-working-day", "Suggested another time"),
        ("reschedule", "move", "timezone.non-working-day", "Moved this session"),
    ],
)
def test_thing_done_is_told_in_the_past_tense(action, effect, reason, phrase):
    shown = replace(QUIET, done=(replace(DONE, action=action, effect=effect, reason=reason),))
    assert f"* {phrase} · Mentoring" in plain(shown)
    assert f">{phrase}</span>" in html_of(shown)


@pytest.mark.parametrize(
    ("state", "opening", "timed", "counted"),
    [
        (State.SENT, "* Cancelled this session", "done Mon", "1 thing done"),
        (State.UNKNOWN, "* In doubt: cancel this session", "tried Mon", "1 in doubt"),
        (State.FAILED, "* Failed: cancel this session", "tried Mon", "1 failed"),
        (State.UNDONE, "* Taken back: cancelled this session", "done Mon", "1 taken back"),
    ],
)
def test_state_and_its_detail_are_told_when_a_thing_is_not_simply_done(state, opening, timed, counted):
    summary = replace(QUIET, mode=Mode.ACT, done=(replace(DONE, state=state, detail="the server broke off"),))
    for words in (opening, "note: the server broke off", timed):
        assert words in plain(summary)
    assert "the server broke off" in html_of(summary)
    assert headline(summary) == counted


def test_names_keep_their_capitals_when_what_was_written_is_taken_back():
    mail = replace(DONE, action="nudge", effect="mail", state=State.UNDONE)
    assert "Taken back: wrote to Ada Lovelace" in plain(replace(QUIET, done=(mail,)))


@pytest.mark.parametrize(
    ("effect", "note"), [("cancel", "the calendar is changed; it has not been read back"), ("mail", "it is on its way")]
)
def test_what_is_on_its_way_says_so_when_nothing_else_is_known(effect, note):
    assert note in plain(replace(QUIET, done=(replace(DONE, effect=effect, state=State.SENT),)))
    assert "note:" not in plain(replace(QUIET, done=(replace(DONE, effect=effect),)))


@pytest.mark.parametrize(
    ("mode", "changes", "notice"),
    [
        (Mode.OBSERVE, {}, "Observing: nothing was sent and nothing was changed."),
        (Mode.OBSERVE, {"done": (DONE,)}, "Observing, except for pairs with a mode of their own."),
        (Mode.OBSERVE, {"coming": (COMING,)}, "Observing, except for pairs with a mode of their own."),
        (Mode.APPROVE, {}, "Asking first: nothing goes out without your yes."),
        (Mode.APPROVE, {"coming": (COMING,)}, "without your yes, except for pairs with a mode of their own."),
        (Mode.ACT, {}, "Acting: what is due is done without asking, unless a pair or a rule is set to less."),
    ],
)
def test_notice_of_the_mode_holds_for_what_is_listed_below_it(mode, changes, notice):
    summary = replace(QUIET, mode=mode, **changes)
    assert notice in " ".join(plain(summary).split())
    assert notice in html_of(summary)


@pytest.mark.parametrize("changes", [{"coming": ()}, {"done": ()}], ids=["nothing-to-come", "nothing-done"])
def test_sections_are_left_out_when_they_are_empty(changes):
    shown = plain(replace(ACTING, **changes))
    assert ("WHAT I WILL DO" in shown) is ("coming" not in changes)
    assert ("DONE\n----" in shown) is ("done" not in changes)
    assert "\n\n\n" not in shown


def test_html_is_escaped_when_what_was_done_or_comes_holds_markup():
    evil = "<script>alert(1)</script><img src=x>"
    hostile = html_of(
        replace(
            QUIET,
            done=(replace(DONE, title=evil, text=evil, detail=evil, message=evil, to=(evil,), undo=evil),),
            coming=(replace(COMING, title=evil, other=evil, message=evil, keep=evil, pause=evil),),
        )
    )
    assert "<script" not in hostile
    assert "<img" not in hostile


def test_both_times_name_the_day_again_only_when_it_differs():
    assert local_times(START, mine="America/New_York", other="Ada L", theirs="Europe/London") == (
        "Tue 1 Dec 15:00 EST (you, New York)", "20:00 GMT (Ada, London)",
    )  # fmt: skip
    assert local_times(START, mine="America/New_York", other="Rin", theirs="Asia/Tokyo")[1].startswith(
        "Wed 2 Dec 05:00"
    )


def test_times_are_one_when_both_clocks_agree():
    (only,) = local_times(START, mine="America/New_York", other="Ada", theirs="America/Toronto")
    assert only == "Tue 1 Dec 15:00 EST (you and Ada, New York)"


def test_times_tell_who_is_away_and_are_two_even_when_the_clocks_agree():
    assert local_times(START, mine="Asia/Tokyo", other="Ada L", theirs="Europe/London", away=("me",)) == (
        "Wed 2 Dec 05:00 JST (you, Tokyo, while away)", "Tue 1 Dec 20:00 GMT (Ada, London)",
    )  # fmt: skip
    assert local_times(START, mine="Europe/London", other="Ada L", theirs="Europe/Lisbon", away=("other",)) == (
        "Tue 1 Dec 20:00 GMT (you, London)", "20:00 WET (Ada, Lisbon, while away)",
    )  # fmt: skip


def test_end_names_its_day_when_it_falls_after_midnight():
    (only,) = local_times(START, START + timedelta(hours=10), mine="America/New_York")
    assert only == "Tue 1 Dec 15:00–Wed 2 Dec 01:00 EST (you, New York)"


def test_zone_without_letters_is_named_by_its_offset():
    (only,) = local_times(START, mine="America/Sao_Paulo")
    assert only == "Tue 1 Dec 17:00 UTC-03 (you, Sao Paulo)"


def test_html_is_escaped_when_a_title_holds_markup():
    evil = "<script>alert(1)</script><img src=x>"
    hostile = html_of(replace(FULL, sessions=(replace(SESSION, title=evil, other=evil),)))
    assert "<script" not in hostile
    assert "<img" not in hostile
    assert "&lt;script&gt;" in hostile


def test_html_loads_nothing_and_runs_nothing():
    body = html_of(FULL).lower()
    assert not re.search(r"<script|<link|<img|<iframe|url\(|https?://|@import", body)
    assert '<html lang="en">' in body
    assert "prefers-color-scheme: dark" in body


def test_template_words_in_a_title_stay_words():
    assert "{{ 7 * 7 }}" in plain(replace(QUIET, sessions=(replace(SESSION, title="{{ 7 * 7 }}"),)))


@pytest.mark.parametrize("mark", ["\x00", "\x1b", "\x07", "\u202e", "\u2066", "\u200f", "\ufeff", "\ud800", "\x85"])
def test_marks_that_act_are_taken_out_of_a_title(mark):
    summary = replace(QUIET, sessions=(replace(SESSION, title=f"Ada{mark} L"),))
    assert mark not in plain(summary)
    assert mark not in html_of(summary)
    assert "Ada L" in plain(summary)


def test_letters_of_every_script_and_their_joiners_survive():
    title = "الإرشاد · मेंटरिंग · メンター · نیم‌فاصله"
    summary = replace(QUIET, sessions=(replace(SESSION, title=title),))
    assert title in plain(summary)
    assert title in html_of(summary)


@pytest.mark.parametrize("changes", [{"sender": "a@b.test\nBcc: x@y.test"}, {"message_id": "<1@x>\r\nBcc: x@y.test"},
                                     {"recipients": ["a@b.test\nBcc: x@y.test"]}])  # fmt: skip
def test_mail_is_refused_when_a_header_would_hold_a_line_break(changes):
    with pytest.raises(ValueError):
        mailed(FULL, **changes)


@given(st.text(max_size=300))
def test_text_fits_80_columns_and_no_header_is_added_whatever_an_invite_says(words):
    summary = replace(
        FULL,
        needs_you=(),
        would=(replace(ACTION, title=words, text=words, message=words, other=words, to=(words,)),),
        done=(replace(DONE, title=words, text=words, message=words, detail=words, other=words, to=(words,)),),
        coming=(replace(COMING, title=words, message=words, other=words, keep=words),),
        sessions=(replace(SESSION, title=words, other=words, state=words),),
        skipped=(SkippedLine(what="Cancel", why=words, title=words),),
    )
    assert max(len(line) for line in plain(summary).split("\n")) <= 80
    assert set(mailed(summary).keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"needs_you": (NEEDS,)},
        {"would": (ACTION,)},
        {"done": (DONE,)},
        {"coming": (COMING,)},
        {"skipped": FULL.skipped},
        {"sessions": (SESSION,)},
        {"accounts": (AccountLine(name="uni", ok=False, error="Gone."),)},
        {"accounts": (AccountLine(name="home", ok=True, vanished=12),)},
    ],
    ids=["needs-you", "would", "done", "coming", "skipped", "step-soon", "failed", "vanished"],
)
def test_summary_is_news_when_something_happened(changes):
    assert not is_empty(replace(QUIET, **changes))


def test_summary_is_empty_when_all_is_well():
    fine = replace(SESSION, findings=(), next_step=None, next_step_at=None)
    later = replace(SESSION, next_step_at=NOW + timedelta(days=4))
    assert is_empty(
        replace(QUIET, sessions=(fine, later), accounts=(AccountLine(name="home", ok=True),), notes=("Hi.",))
    )


PAIR = MentorshipLine(
    name="grace-ada", other="Ada Lovelace", my_role=Party.MENTEE, i_own=True, last=NOW - timedelta(days=13), next=START,
    held=5, cadence=timedelta(days=14), rhythm="kept", agenda="ready", open_advice=2, asked=timedelta(hours=2),
    asked_in=4,
)  # fmt: skip


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            PAIR,
            (
                "last: 17 · next: 1, agenda: ready",
                "meant to be every 2 weeks: kept · this quarter: 2 h of Ada's time, in 4 sessions · open advice: 2",
            ),
        ),
        (
            replace(PAIR, my_role=Party.MENTOR, cadence=timedelta(days=10), open_advice=0, asked_in=1),
            (
                "last: 17 · next: 1, agenda: ready",
                "meant to be every 10d: kept · this quarter: 2 h of your time, in 1 session · open advice: none",
            ),
        ),
        (
            MentorshipLine(name="new", other="Ada", my_role=Party.MENTEE, i_own=True),
            ("no session known yet · next: none planned",),
        ),
    ],
    ids=["mentee", "mentor", "new"],
)
def test_pair_is_told_in_two_lines_at_most(line, expected):
    assert pair_lines(line, lambda instant: str(instant.day)) == expected


def test_summary_shows_each_mentorship_with_what_is_found_about_it():
    lapsed = FindingLine(code="cadence.lapsed", severity=Severity.WARNING, message="You have not met for long.")
    text = plain(replace(QUIET, mentorships=(replace(PAIR, findings=(lapsed,)),)))
    assert "MENTORSHIPS\n-----------" in text
    assert "* Ada Lovelace (grace-ada) · you are the mentee; the logistics are yours" in text
    assert "warning: You have not met for long. (cadence.lapsed)" in text


def test_mentorships_alone_are_no_news():
    assert is_empty(replace(QUIET, mentorships=(PAIR,)))
