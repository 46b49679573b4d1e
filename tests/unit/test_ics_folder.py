import os
import sys
from datetime import UTC, datetime

import pytest

from agendad.providers.base import Window
from agendad.providers.icsfolder import IcsFolderProvider

WINDOW = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
LATER = 4_000_000_000_000_000_000  # a disk clock by which every file has long settled


def text(uid="a", title="title", rest=""):
    return (
        f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:{uid}\nDTSTART:20260601T100000Z\nSUMMARY:{title}\n{rest}"
        "END:VEVENT\nEND:VCALENDAR\n"
    )


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "calendars"
    path.mkdir()
    return path


@pytest.fixture
def provider(folder):
    return IcsFolderProvider("home", folder, disk_clock=lambda: LATER)


def read(provider, cursor=None):
    pages = list(provider.changes(".", cursor, WINDOW))
    events = [event for page in pages for event in page.events]
    gone = frozenset().union(*(page.complete for page in pages)) - {event.uid for event in events}
    return events, gone, [problem for page in pages for problem in page.problems], pages[-1].cursor


def test_files_are_found_in_subfolders_and_others_are_passed_over(folder, provider):
    for name in ("b.ics", "sub/A.ICS", ".hidden.ics", ".git/x.ics", "~$x.ics", "x.ics~", "notes.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text(uid=name))
    (folder / "sub" / "loop").symlink_to(folder, target_is_directory=True)
    events, _, problems, _ = read(provider)
    assert [event.source for event in events] == ["b.ics", "sub/A.ICS"]
    assert problems == []


def test_cursor_is_equal_when_nothing_changed(folder, provider):
    (folder / "a.ics").write_text(text())
    cursor = read(provider)[3]
    assert read(provider, cursor) == ([], frozenset(), [], cursor)


def test_touched_file_is_not_told_when_its_content_is_the_same(folder, provider):
    (folder / "a.ics").write_text(text())
    cursor = read(provider)[3]
    os.utime(folder / "a.ics", (1, 1))
    assert read(provider, cursor)[:3] == ([], frozenset(), [])


def test_change_within_one_tick_of_the_disk_clock_is_seen(folder):
    path = folder / "a.ics"
    path.write_text(text(title="before"))
    facts = path.stat()
    provider = IcsFolderProvider("home", folder, disk_clock=lambda: facts.st_mtime_ns)
    cursor = read(provider)[3]
    path.write_text(text(title="after!"))
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert [event.title for event in read(provider, cursor)[0]] == ["after!"]


def test_file_that_breaks_keeps_its_events_and_is_told_on_every_pass(folder, provider):
    path = folder / "a.ics"
    path.write_text(text())
    cursor = read(provider)[3]
    path.write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n")
    for _ in range(3):
        events, gone, problems, cursor = read(provider, cursor)
        assert (events, gone) == ([], frozenset())
        assert [(problem.source, problem.line) for problem in problems] == [("a.ics", 3)]
    path.write_text(text(title="repaired"))
    events, _, problems, cursor = read(provider, cursor)
    assert [event.title for event in events] == ["repaired"]
    assert problems == []
    path.unlink()
    assert read(provider, cursor)[1] == {"a"}


def test_missing_end_of_one_event_does_not_drop_that_event_but_a_removed_one_goes(folder, provider):
    path = folder / "a.ics"
    path.write_text(text("one") + text("two"))
    cursor = read(provider)[3]
    path.write_text(text("one").replace("DTSTART:2026", "DTSTART:x") + text("two", title="new"))
    events, gone, problems, _ = read(provider, cursor)
    assert [event.uid for event in events] == ["two"]
    assert gone == frozenset()
    assert [problem.line for problem in problems] == [4]


def test_exception_in_a_file_of_its_own_is_put_together_with_its_series(folder, provider):
    (folder / "series.ics").write_text(text(rest="RRULE:FREQ=DAILY;COUNT=3\n"))
    cursor = read(provider)[3]
    exception = text(title="moved", rest="RECURRENCE-ID:20260602T100000Z\n").replace("20260601T10", "20260602T18")
    (folder / "z.ics").write_text(exception)
    events, _, _, cursor = read(provider, cursor)
    assert [(event.start.wall.hour, event.source) for event in events] == [
        (10, "series.ics"), (18, "z.ics"), (10, "series.ics"),
    ]  # fmt: skip
    assert provider.get(events[1]) == events[1]
    (folder / "z.ics").unlink()
    assert [event.start.wall.hour for event in read(provider, cursor)[0]] == [10, 10, 10]


def test_file_over_the_size_limit_is_refused_without_being_read(folder, provider):
    (folder / "big.ics").touch()
    os.truncate(folder / "big.ics", 200 * 2**20)
    (folder / "a.ics").write_text(text())
    events, _, problems, cursor = read(provider)
    assert [event.uid for event in events] == ["a"]
    assert "200 MB" in problems[0].message
    assert read(provider, cursor)[2] == problems


def test_named_pipe_does_not_stop_the_pass(folder, provider):
    os.mkfifo(folder / "pipe.ics")
    assert "no regular file" in read(provider)[2][0].message


def test_remark_stays_a_remark_while_the_file_is_unchanged(folder, provider):
    (folder / "a.ics").write_text(text(rest="DTEND:None\n"))
    events, _, problems, cursor = read(provider)
    assert [(event.body_readable, problem.refused) for event, problem in zip(events, problems, strict=True)] == [
        (False, False)
    ]
    assert read(provider, cursor) == ([], frozenset(), problems, cursor)


def test_event_taken_out_is_gone_although_another_in_the_file_is_remarked_on(folder, provider):
    odd = text(uid="odd", rest="DTEND:None\n")
    (folder / "a.ics").write_text(text(uid="gone") + odd)
    cursor = read(provider)[3]
    (folder / "a.ics").write_text(odd)
    assert read(provider, cursor)[1] == {"gone"}


def test_event_missing_after_the_file_was_cut_off_is_not_taken_to_be_gone(folder, provider):
    (folder / "a.ics").write_text(text(uid="first") + text(uid="second"))
    cursor = read(provider)[3]
    (folder / "a.ics").write_text(text(uid="first").removesuffix("END:VCALENDAR\n"))
    assert read(provider, cursor)[1] == frozenset()


@pytest.mark.parametrize("rule", ["FREQ=NEVER", "RSCALE=CHINESE;FREQ=YEARLY", "FREQ=DAILY;COUNT=0"])
@pytest.mark.parametrize("exception", ["", "RECURRENCE-ID:20260608T100000Z\nDTSTART:20260608T120000Z\n"])
def test_first_date_of_a_rule_that_cannot_be_followed_is_read_again(folder, provider, rule, exception):
    series = text(rest=f"RRULE:{rule}\n")
    if exception:
        series += f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n{exception}END:VEVENT\nEND:VCALENDAR\n"
    (folder / "a.ics").write_text(series)
    events = read(provider)[0]
    assert len(events) == (2 if exception else 1)
    assert [provider.get(event) for event in events] == events


def test_link_to_itself_hides_nothing(folder, provider):
    (folder / "a.ics").write_text(text())
    (folder / "self.ics").symlink_to("self.ics")
    (folder / "self").symlink_to("self")
    events, _, problems, _ = read(provider)
    assert [event.source for event in events] == ["a.ics"]
    assert problems == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is UTF-8")
def test_name_that_is_no_text_is_told_on_every_pass_and_its_siblings_are_read(folder, provider):
    (folder / "a.ics").write_text(text())
    (folder / os.fsdecode(b"\xff.ics")).write_text(text(uid="b"))
    events, _, (problem,), cursor = read(provider)
    assert [event.uid for event in events] == ["a"]
    assert (problem.source, problem.refused) == ("\ufffd.ics", True)
    assert read(provider, cursor) == ([], frozenset(), [problem], cursor)
    assert provider.get(events[0]) == events[0]
