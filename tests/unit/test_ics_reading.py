from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agendad.providers.base import Window
from agendad.providers.icsfiles import read_file, uids_in
from agendad.providers.icsfolder import read_files
from agendad.providers.model import Cutype, Instance, Irregularity, Partstat, Role, Sensitivity, Status, ZoneKind

YEAR = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
CORPORA = Path(__file__).parent.parent / "corpora"


@pytest.fixture
def read(tmp_path):
    """Read one or more texts as files of one call: (events, problems)."""

    def read(*contents, window=YEAR):
        paths = []
        for number, content in enumerate(contents):
            path = tmp_path / f"{number}.ics"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            paths.append(path)
        pages = list(read_files(paths, window))
        return [e for page in pages for e in page.events], [p for page in pages for p in page.problems]

    return read


def event(*lines, uid="a"):
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT", ""])


def calendar(*parts, method=""):
    head = f"METHOD:{method}\r\n" if method else ""
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}{''.join(parts)}END:VCALENDAR\r\n"


def test_label_that_ends_in_a_backslash_does_not_run_into_the_next(read):
    (found,), _ = read(calendar(event("DTSTART:20260601T100000Z", "CATEGORIES:one\\\\,two\\,too,,three")))
    assert found.categories == ("one\\", "two,too", "three")


def test_every_field_is_read(read):
    (found,), problems = read(
        calendar(
            event(
                "DTSTAMP:20260101T000000Z", "CREATED:20260101T010000Z", "LAST-MODIFIED:20260101T020000Z",
                "DTSTART;TZID=Europe/Berlin:20260601T100000", "DTEND;TZID=Europe/Berlin:20260601T110000",
                "SUMMARY:Mentoring\\, weekly", "DESCRIPTION:one\\ntwo https://us02web.zoom.us/j/123?pwd=x",
                "X-ALT-DESC;FMTTYPE=text/html:<p>one</p>", "LOCATION:here", "URL:https://example.org/",
                'ORGANIZER;CN="Lovelace, Ada";SENT-BY="mailto:PA@example.org":MAILTO:Ada@Example.org',
                "ATTENDEE;CN=Grace;PARTSTAT=accepted;ROLE=OPT-PARTICIPANT:mailto:grace@example.org",
                "ATTENDEE;CUTYPE=ROOM;PARTSTAT=X-ODD:room@example.org", "ATTENDEE;CUTYPE=X-ODD:urn:uuid:1",
                "ATTACH;FMTTYPE=text/plain;FILENAME=a.txt:https://example.org/a.txt", "CATEGORIES:one,two\\, too",
                "TRANSP:TRANSPARENT", "CLASS:PRIVATE", "STATUS:TENTATIVE", "SEQUENCE:3",
                "X-MICROSOFT-SKYPETEAMSMEETINGURL:https://teams.microsoft.com/l/meetup-join/1",
            )
        )
    )  # fmt: skip
    assert problems == []
    assert (found.title, found.text[:7], found.html) == ("Mentoring, weekly", "one\ntwo", "<p>one</p>")
    assert (found.organizer.email, found.organizer.sent_by) == ("ada@example.org", "pa@example.org")
    assert found.organizer.name == "Lovelace, Ada"
    assert [a.email for a in found.attendees] == ["grace@example.org", "room@example.org", ""]
    assert (found.attendees[0].partstat, found.attendees[0].role) == (Partstat.ACCEPTED, Role.OPTIONAL)
    assert (found.attendees[1].cutype, found.attendees[1].partstat) == (Cutype.ROOM, Partstat.NEEDS_ACTION)
    assert found.attendees[2].cutype is Cutype.UNKNOWN
    assert [link.product for link in found.conference] == ["teams", "zoom"]
    assert found.attachments[0].filename == "a.txt"
    assert found.categories == ("one", "two, too")
    assert (found.status, found.sensitivity, found.sequence) == (Status.TENTATIVE, Sensitivity.PRIVATE, 3)
    assert found.start.instant == datetime(2026, 6, 1, 8, tzinfo=UTC)
    assert found.stamped == datetime(2026, 1, 1, tzinfo=UTC)
    assert found.instance is Instance.SINGLE


@pytest.mark.parametrize(
    ("line", "kind", "hour"),
    [
        ("DTSTART:20260601T100000Z", ZoneKind.UTC, 10),
        ("DTSTART;TZID=Mars/Olympus:20260601T100000Z", ZoneKind.UTC, 10),
        ("DTSTART;TZID=Mars/Olympus:20260601T100000", ZoneKind.UNKNOWN, None),
        ("DTSTART:20260601T100000", ZoneKind.FLOATING, None),
        ("DTSTART;VALUE=DATE:20260601", ZoneKind.DATE, None),
        ('DTSTART;TZID="Eastern Standard Time":20260601T100000', ZoneKind.IANA, 14),
    ],
)
@pytest.mark.parametrize("rule", [(), ("RRULE:FREQ=WEEKLY;COUNT=3",)])
def test_kind_of_time_is_kept_also_through_expansion(read, line, kind, hour, rule):
    found, problems = read("BEGIN:VCALENDAR\nX-WR-TIMEZONE:Europe/Berlin\n" + event(line, *rule) + "END:VCALENDAR\n")
    assert problems == []
    assert len(found) == (3 if rule else 1)
    assert {e.start.kind for e in found} == {kind}
    assert (found[0].start.instant.hour if hour is not None else found[0].start.instant) == hour


def test_weekly_event_keeps_its_clock_time_across_dst(read):
    found, _ = read(
        calendar(event("DTSTART;TZID=America/New_York:20260302T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2"))
    )
    assert [e.start.instant.hour for e in found] == [14, 13]
    assert {e.start.wall.hour for e in found} == {9}
    assert [e.recurrence_id for e in found] == ["2026-03-02T14:00:00Z", "2026-03-09T13:00:00Z"]


def test_occurrence_in_a_gap_keeps_its_length(read):
    found, _ = read(
        calendar(
            event(
                "DTSTART;TZID=America/New_York:20260307T023000", "DTEND;TZID=America/New_York:20260307T033000",
                "RRULE:FREQ=DAILY;COUNT=2",
            )
        )
    )  # fmt: skip
    assert found[1].start.irregularity is Irregularity.GAP
    assert found[1].end.instant - found[1].start.instant == timedelta(hours=1)


def test_exdate_rdate_and_exceptions_are_followed(read):
    found, _ = read(
        calendar(
            event(
                "DTSTART;TZID=Europe/Berlin:20260601T100000", "RRULE:FREQ=DAILY;COUNT=4",
                "EXDATE:20260602T080000Z", "RDATE;TZID=Europe/Berlin:20260701T120000",
            ),
            event("RECURRENCE-ID:20260603T080000Z", "DTSTART:20260603T200000Z", "SUMMARY:moved"),
        )
    )  # fmt: skip
    assert [f"{e.start.instant:%m%dT%H}" for e in found] == ["0601T08", "0603T20", "0604T08", "0701T10"]
    assert found[1].recurrence_id == "2026-06-03T08:00:00Z"
    assert found[1].instance is Instance.EXCEPTION


def test_this_and_future_moves_what_follows(read):
    found, _ = read(
        calendar(
            event("DTSTART:20260601T100000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=4"),
            event("RECURRENCE-ID;RANGE=THISANDFUTURE:20260603T100000Z", "DTSTART:20260603T120000Z", "DURATION:PT1H"),
        )
    )
    assert [e.start.instant.hour for e in found] == [10, 10, 12, 12]
    assert found[3].recurrence_id == "2026-06-04T10:00:00Z"


def test_broken_event_is_told_with_its_line_and_its_siblings_are_kept(read):
    found, problems = read(
        calendar(
            event("DTSTART:20260601T100000Z", uid="good"),
            event("SUMMARY:bad", "DTSTART:yesterday", uid="bad"),
            event("DTSTART:20260602T100000Z", uid="fine"),
        )
    )
    assert [e.uid for e in found] == ["good", "fine"]
    assert [problem.line for problem in problems] == [10]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"hello\r\n", 1),
        (b"\x89PNG\r\n\x1a\n\0\0", 1),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", 1),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260601T100000Z\r\n", 4),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART\n ;X=1\nEND:VEVENT\nEND:VCALENDAR\n", 4),
    ],
)
def test_unreadable_file_is_told_with_the_line_of_its_fault(read, content, line):
    found, problems = read(content)
    assert found == []
    assert [problem.line for problem in problems] == [line]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_text_is_read_whatever_its_encoding_and_line_ends(read, encoding, ending):
    text = calendar(event("DTSTART:20260601T100000Z", "SUMMARY:Gespräch")).replace("\r\n", ending)
    (found,), problems = read(text.encode(encoding))
    assert (found.title, problems) == ("Gespräch", [])


def test_newest_version_wins_over_files_and_a_cancellation_over_it(read):
    first = calendar(event("DTSTART:20260601T100000Z", "SEQUENCE:0"), method="REQUEST")
    second = calendar(event("DTSTART:20260602T100000Z", "SEQUENCE:1", "SUMMARY:new"), method="REQUEST")
    reply = calendar(event("DTSTART:20260605T100000Z", "SEQUENCE:9"), method="REPLY")
    cancel = calendar(event("DTSTART:20260602T100000Z", "SEQUENCE:1"), method="CANCEL")
    (found,), _ = read(second, first, reply)
    assert (found.start.wall.day, found.status) == (2, Status.CONFIRMED)
    (found,), _ = read(second, first, reply, cancel)
    assert (found.title, found.status) == ("new", Status.CANCELLED)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;COUNT=1000000000",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYSETPOS=3",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=DAILY;INTERVAL=99999999999",
    ],
)
def test_hostile_rule_gives_at_most_the_cap(read, rule):
    found, problems = read(calendar(event("DTSTART:19700105T100000Z", f"RRULE:{rule}")))
    assert len(found) in (0, 2000)
    assert len(problems) <= 1


def test_attendees_are_capped_and_told(read):
    (found,), problems = read(
        calendar(event("DTSTART:20260601T100000Z", *(f"ATTENDEE:mailto:a{n}@example.org" for n in range(1500))))
    )
    assert len(found.attendees) == 1000
    assert "1,500" in problems[0].message


def test_file_of_nothing_but_broken_lines_is_given_up(read):
    found, problems = read("BEGIN:VCALENDAR\n" + "x\n" * 1_000_000)
    assert found == []
    assert [problem.line for problem in problems] == [1002]


def test_millions_of_blank_and_folded_lines_are_read_in_linear_time(read):
    (found,), _ = read(calendar(event("DTSTART:20260601T100000Z", "SUMMARY:" + "\n x" * 500_000 + "\n" * 500_000)))
    assert len(found.title) == 500_000


def test_end_before_start_is_told_and_gives_no_length(read):
    (found,), problems = read(calendar(event("DTSTART:20260601T100000Z", "DTEND:20260601T090000Z")))
    assert found.end == found.start
    assert [problem.line for problem in problems] == [6]


@pytest.mark.parametrize("path", sorted(CORPORA.glob("*/*.ics")), ids=lambda path: path.stem[-40:])
def test_file_from_the_world_is_read_or_told(path):
    pages = list(read_files([path], YEAR))
    assert all(problem.source == str(path) and problem.message for page in pages for problem in page.problems)
    assert all(event.uid and event.source == str(path) for page in pages for event in page.events)


SERIES = """\
BEGIN:VCALENDAR
BEGIN:VEVENT
UID:s@example.org
DTSTAMP:20261101T000000Z
DTSTART:20261203T160000Z
{line}
SUMMARY:Mentoring
END:VEVENT
END:VCALENDAR
"""


def read_text(tmp_path, text):
    path = tmp_path / "x.ics"
    path.write_text(text, encoding="utf-8", newline="\r\n")
    window = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    pages = list(read_files([path], window))
    return [event for page in pages for event in page.events], [problem for page in pages for problem in page.problems]


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=NEVER",
        "RRULE;FREQ=WEEKLY",
        "RDATE:199709T180000Z",
        "EXDATE:soon",
        "DTEND:None",
        "DURATION:P99999999999999W",
        "RRULE:RSCALE=CHINESE;FREQ=YEARLY",
    ],
)
def test_property_that_cannot_be_read_costs_itself_and_leaves_doubt(tmp_path, line):
    (event,), (problem,) = read_text(tmp_path, SERIES.format(line=line))
    assert event.start.instant == datetime(2026, 12, 3, 16, tzinfo=UTC)
    assert not event.body_readable
    assert not problem.refused
    assert problem.line is not None


def test_start_that_cannot_be_read_refuses_the_event_with_its_line(tmp_path):
    events, (problem,) = read_text(tmp_path, SERIES.format(line="X:1").replace("20261203T160000Z", "some day"))
    assert events == []
    assert (problem.refused, problem.line) == (True, 5)


def test_event_without_a_start_is_remarked_on_and_not_refused(tmp_path):
    text = SERIES.format(line="X:1").replace("DTSTART:20261203T160000Z\n", "")
    events, (problem,) = read_text(tmp_path, text)
    assert (events, problem.refused) == ([], False)


def test_text_that_runs_on_without_folding_is_put_together(tmp_path):
    (event,), (problem,) = read_text(
        tmp_path, SERIES.format(line="DESCRIPTION:Agenda:\n- the talk in January\nJoin Zoom Meeting")
    )
    assert event.text == "Agenda:\n- the talk in January\nJoin Zoom Meeting"
    assert event.body_readable
    assert (problem.refused, problem.line) == (False, 7)


def test_file_cut_off_after_its_events_keeps_them(tmp_path):
    (event,), (problem,) = read_text(tmp_path, SERIES.format(line="X:1").replace("END:VCALENDAR\n", ""))
    assert (event.uid, problem.refused) == ("s@example.org", False)


@pytest.mark.parametrize(
    ("line", "kind", "wall"),
    [
        ("DTSTART:20260609T0930", ZoneKind.FLOATING, "2026-06-09T09:30"),
        ("DTSTART:2026-06-09T09:30:00", ZoneKind.FLOATING, "2026-06-09T09:30"),
        ("DTSTART:2026/06/09 09:30", ZoneKind.FLOATING, "2026-06-09T09:30"),
        ("DTSTART:2026-06-09", ZoneKind.DATE, "2026-06-09T00:00"),
        ("DTSTART:20260609", ZoneKind.DATE, "2026-06-09T00:00"),
        ("DTSTART;VALUE=DATE:20260609T000000", ZoneKind.DATE, "2026-06-09T00:00"),
        ("DTSTART;VALUE=DATE:20260609T093000Z", ZoneKind.UTC, "2026-06-09T09:30"),
        ("DTSTART;;VALUE=DATE-TIME:20260609T093000", ZoneKind.FLOATING, "2026-06-09T09:30"),
        ("DTSTART;VALUE=DATE;:20260609", ZoneKind.DATE, "2026-06-09T00:00"),
        ("DTSTART:20260609t093000z", ZoneKind.UTC, "2026-06-09T09:30"),
        ("DTSTART : 20260609T093000Z ", ZoneKind.UTC, "2026-06-09T09:30"),
        ("DTSTART;TZID=(UTC-05:00) Bogota, Lima:20260609T093000", ZoneKind.UNKNOWN, "2026-06-09T09:30"),
    ],
)
def test_start_that_any_person_would_read_is_read_with_one_remark(read, line, kind, wall):
    (found,), (problem,) = read(calendar(event(line, line.replace("DTSTART", "DTEND"))))
    assert (found.start.kind, found.start.wall) == (kind, datetime.fromisoformat(wall))
    assert (problem.refused, problem.line) == (False, 5)
    assert found.body_readable


def test_text_that_looks_like_properties_stays_text_until_the_next_property(read):
    pasted = [
        "Status update first", "Join Zoom Meeting", "https://zoom.us/j/1?pwd=x", "Passcode: 123", "Location: room 5",
        "AGENDA: the talk", "- the slides",
    ]  # fmt: skip
    (found,), (problem,) = read(
        calendar(event("DTSTART:20260601T100000Z", "DESCRIPTION:Hello", *pasted, "LOCATION:there", "SUMMARY:Mentoring"))
    )
    assert found.text.splitlines() == ["Hello", *pasted]
    assert (found.location, found.title, found.body_readable) == ("there", "Mentoring", True)
    assert (problem.refused, problem.line) == (False, 7)


def test_unregistered_property_after_a_text_is_no_part_of_it(read):
    (found,), problems = read(
        calendar(event("DTSTART:20260601T100000Z", "DESCRIPTION:Hello", "DRESSCODE:CASUAL", "x-mine:1", "summary:low"))
    )
    assert (found.text, found.title, problems) == ("Hello", "low", [])


def test_megabytes_of_text_that_runs_on_are_read_in_linear_time(read):
    (found,), (problem,) = read(calendar(event("DTSTART:20260601T100000Z", "DESCRIPTION:x" + "\nx" * 500_000)))
    assert found.text.count("\n") == 500_000
    assert not problem.refused


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (("UID broken",), 6),
        (("STATUS CONFIRMED",), 6),
        (("END:VALARM",), 6),
        (("BEGIN:VALARM", "TRIGGER:-PT5M"), 6),
    ],
)
def test_broken_line_or_alarm_leaves_the_event_in_doubt(read, lines, line):
    (found,), (problem,) = read(calendar(event("DTSTART:20260601T100000Z", *lines)))
    assert not found.body_readable
    assert (problem.refused, problem.line) == (False, line)


def test_start_lost_behind_an_alarm_that_is_not_closed_refuses_the_event(read):
    found, (problem,) = read(calendar(event("BEGIN:VALARM", "TRIGGER:-PT5M", "DTSTART:20260601T100000Z")))
    assert (found, problem.refused, problem.line) == ([], True, 5)


@pytest.mark.parametrize("before", ["", "From: ada@example.org\r\nSubject: hello\r\n\r\n"])
def test_bare_event_and_what_stands_before_a_calendar_are_remarked_on(read, before):
    inside = event("DTSTART:20260601T100000Z")
    (found,), (problem,) = read(before + (calendar(inside) if before else inside))
    assert found.body_readable
    assert (problem.refused, problem.line) == (False, 1)


def test_more_dates_than_are_read_cost_no_event(read):
    found, (problem,) = read(calendar(event("DTSTART:20260601T100000Z", *["RDATE:20260602T100000Z"] * 10_001)))
    assert len(found) == 2
    assert not any(e.body_readable for e in found)
    assert not problem.refused


def test_refusal_is_told_however_many_remarks_come_before_it(read):
    remarked = [event("DTSTART:20260601T100000Z", "DTEND:x", uid=str(n)) for n in range(60)]
    found, problems = read(calendar(*remarked, event("DTSTART:x", uid="bad")))
    assert len(found) == 60
    assert [problem.line for problem in problems if problem.refused] == [305]
    assert "more than 50 remarks" in problems[-1].message


@pytest.mark.parametrize("rule", ["FREQ=NEVER", "RSCALE=CHINESE;FREQ=YEARLY", "FREQ=DAILY;COUNT=0"])
def test_rule_that_cannot_be_followed_leaves_the_first_date_and_the_exceptions(read, rule):
    found, (problem,) = read(
        calendar(
            event("DTSTART:20260601T100000Z", f"RRULE:{rule}", "EXDATE:20260610T100000Z"),
            event("RECURRENCE-ID:20260608T100000Z", "DTSTART:20260608T120000Z"),
        )
    )
    assert [(e.start.wall.day, e.recurrence_id) for e in found] == [
        (1, "2026-06-01T10:00:00Z"), (8, "2026-06-08T10:00:00Z")
    ]  # fmt: skip
    assert not found[0].body_readable
    assert (problem.refused, problem.line) == (False, 6)


def test_calendar_cut_off_inside_an_event_refuses_that_event_alone(read):
    text = calendar(event("DTSTART:20260601T100000Z", uid="whole"), event("DTSTART:20260602T100000Z", uid="cut"))
    (found,), problems = read(text[: text.rindex("END:VEVENT")])
    assert found.uid == "whole"
    assert [problem.refused for problem in problems] == [True]


def test_added_occurrences_are_refused_with_their_line(read):
    found, (problem,) = read(calendar(event("DTSTART:20260601T100000Z"), method="ADD"))
    assert (found, problem.refused, problem.line) == ([], True, 3)


def test_seconds_in_an_unknown_zone_reach_the_cap_at_once(read):
    rule = ("DTSTART;TZID=Nowhere:20070621T080000", "DURATION:PT1S", "RRULE:FREQ=SECONDLY")
    found, (problem,) = read(calendar(event(*rule)))
    assert (len(found), problem.refused) == (2000, False)
    assert found[0].start.wall == datetime(2025, 12, 31)  # noqa: DTZ001, a wall clock


@pytest.mark.parametrize(
    ("start", "rules", "told"),
    [
        ("20200101T000000Z", ["FREQ=MINUTELY", "DURATION:P500D"], "last longer than a year"),
        ("00020101T000000Z", ["FREQ=YEARLY;BYDAY=MO,TU;BYHOUR=1,2,3,4,5;BYMINUTE=0,1,2,3"], "more than 200,000 dates"),
        (
            "20260101T000000Z",
            ["FREQ=SECONDLY", "EXDATE;VALUE=DATE:20260101,20260102,20260103,20260104"],
            "200,000 dates",
        ),
        ("20260101T000000Z", ["FREQ=MINUTELY;BYSECOND=0,0;BYSETPOS=2"], "BYSETPOS points past"),
        ("20260101T000000Z", ["FREQ=DAILY;BYWEEKNO=1;BYMONTH=6"], "BYWEEKNO"),
        ("20260101T000000Z", ["FREQ=DAILY;BYSETPOS=2"], "BYSETPOS points past"),
        ("20260101", ["FREQ=SECONDLY"], "no sense for an event of whole days"),
    ],
)
def test_rule_whose_dates_are_too_many_to_walk_leaves_its_first_date(read, start, rules, told):
    rule, *others = rules
    begin = f"DTSTART:{start}" if "T" in start else f"DTSTART;VALUE=DATE:{start}"
    found, (problem,) = read(calendar(event(begin, f"RRULE:{rule}", *others)))
    assert len(found) <= 1
    assert told in problem.message
    assert problem.line == 6


def test_times_of_day_in_the_rule_of_whole_days_are_ignored(read):
    found, problems = read(calendar(event("DTSTART;VALUE=DATE:20260601", "RRULE:FREQ=DAILY;COUNT=3;BYHOUR=9,17")))
    assert ([e.start.wall.day for e in found], problems) == ([1, 2, 3], [])


def test_series_that_ends_before_it_begins_has_no_date(read):
    assert read(calendar(event("DTSTART:20260601T100000Z", "RRULE:FREQ=DAILY;UNTIL=20260531T100000Z"))) == ([], [])


def test_dates_taken_out_do_not_count_among_those_in_view(read):
    taken = ",".join(f"20260101T{n // 3600:02}{n // 60 % 60:02}{n % 60:02}Z" for n in range(5000))
    found, (problem,) = read(calendar(event("DTSTART:20260101T000000Z", "RRULE:FREQ=SECONDLY", f"EXDATE:{taken}")))
    assert (len(found), f"{found[0].start.wall:%H:%M:%S}") == (2000, "01:23:20")
    assert "2,000" in problem.message


def test_exceptions_without_their_series_are_capped_too(read):
    day = datetime(2026, 6, 1, tzinfo=UTC)
    times = [f"{day + timedelta(minutes=n):%Y%m%dT%H%M%SZ}" for n in range(2100)]
    found, (problem,) = read(calendar(*(event(f"RECURRENCE-ID:{time}", f"DTSTART:{time}") for time in times)))
    assert len(found) == 2000
    assert not problem.refused


def test_series_beyond_what_is_told_of_a_file_are_read_by_their_first_date(read):
    endless = [event("DTSTART:20260601T100000Z", "RRULE:FREQ=SECONDLY", uid=str(n)) for n in range(12)]
    found, problems = read(calendar(*endless, event("DTSTART:20260601T100000Z", uid="single")))
    assert len(found) == 20_000 + 3
    assert [problem.refused for problem in problems] == [False] * 12


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN:VCALENDAR\n" + "BEGIN:X\n" * 300_000 + "END:Y\n" * 300_000 + "END:VCALENDAR\n",
        "BEGIN:VCALENDAR\n" + "BEGIN:X\n" * 100_000 + "BEGIN:VEVENT\n" * 50_000 + "END:VCALENDAR\n",
        "BEGIN:VCALENDAR\n" * 300_000,
    ],
)
def test_components_opened_without_end_are_read_in_linear_time_and_told_up_to_the_cap(read, text):
    found, problems = read(text)
    assert found == []
    assert len(problems) <= 52


def test_file_with_more_events_than_fit_into_memory_is_refused(read):
    _, (problem,) = read(calendar("BEGIN:VEVENT\nEND:VEVENT\n" * 100_001))
    assert (problem.refused, problem.line) == (True, 200_003)


def test_dates_that_cannot_be_read_count_as_dates(read):
    (found,), problems = read(calendar(event("DTSTART:20260601T100000Z", "RDATE:" + "x," * 1_000_000)))
    assert not found.body_readable
    assert len(problems) == 51


@pytest.mark.parametrize("rule", ["FREQ=YEARLY;BYDAY=53MO;BYMONTH=2", "FREQ=YEARLY;BYMONTHDAY=30;BYMONTH=2"])
def test_zone_whose_rule_names_nothing_is_unknown(read, rule):
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\n"
        f"TZOFFSETTO:+0200\nRRULE:{rule}\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    (found,), _ = read(calendar(zone, event("DTSTART;TZID=Mine:20260601T100000")))
    assert found.start.kind is ZoneKind.UNKNOWN


def test_zone_with_more_rules_than_are_read_is_unknown(read):
    rule = "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD\n"
    zone = f"BEGIN:VTIMEZONE\nTZID:Mine\n{rule * 600}END:VTIMEZONE\n"
    (found,), _ = read(calendar(zone, event("DTSTART;TZID=Mine:20260601T100000")))
    assert found.start.kind is ZoneKind.UNKNOWN


@pytest.mark.parametrize("line", ["UID:a\rb", "UID:a\r\n\r\n b", 'UID;X="y:z":ab', "UID : ab", "uid:a\\,b"])
def test_uids_are_found_without_reading_as_they_are_when_read(line):
    content = calendar(f"BEGIN:VEVENT\r\n{line}\r\nDTSTART:20260601T100000Z\r\nEND:VEVENT\r\n").encode()
    assert read_file(content, "", "").uids <= uids_in(content)
