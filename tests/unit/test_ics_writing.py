"""Bytes in, bytes out: what a change to one event does to the file around it."""

import dataclasses
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agendad.providers.base import Cancel, Decline, Move, Patch, RestoreTo, Tentative, Window
from agendad.providers.bodies import with_paragraphs
from agendad.providers.errors import ChangeRefused, EventNotFound, PreconditionFailed
from agendad.providers.icsediting import escape, fold
from agendad.providers.icsfiles import read_file
from agendad.providers.icsfolder import IcsFolderProvider
from agendad.providers.icslines import decode, logical_lines, pieces
from agendad.providers.model import Instance, Partstat, Status
from agendad.providers.zones import as_utc

CORPORA = Path(__file__).parent.parent / "corpora"
NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
YEAR = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
CANCEL = Cancel(mark="key", at=NOW, message="No agenda yet, so not today; see you")
MARKER = "[agendad]"
STAMP = b"20260501T090000Z"


class Sheet:
    """One file in a folder, read and written through the provider."""

    def __init__(self, folder, content, name="a.ics"):
        folder.mkdir(exist_ok=True)
        self.path = folder / name
        self.path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.provider = IcsFolderProvider("home", folder, writable=True)

    @property
    def content(self):
        return self.path.read_bytes()

    def events(self, window=YEAR):
        return [event for page in self.provider.changes(".", None, window) for event in page.events]

    def apply(self, event, change):
        return self.provider.apply(event, change, notify=False)

    def apply_to(self, number, change):
        return self.apply(self.events()[number], change)


@pytest.fixture
def sheet(tmp_path):
    return lambda content, name="a.ics": Sheet(tmp_path / "calendars", content, name)


def lines(*parts):
    return "".join(f"{part}\r\n" for part in parts)


def calendar(*parts):
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{''.join(parts)}END:VCALENDAR\r\n"


def event(*parts, uid="a"):
    return lines("BEGIN:VEVENT", f"UID:{uid}", *parts, "END:VEVENT")


WEEKLY = (
    "DTSTART;TZID=Europe/Berlin:20260601T100000", "DTEND;TZID=Europe/Berlin:20260601T110000",
    "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=Europe/Berlin:20260622T100000", "SUMMARY:Mentoring", "SEQUENCE:2",
)  # fmt: skip
ALARM = ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "X-ODD:  kept ", "END:VALARM")


def changed_lines(before, after):
    """Physical lines that went and came."""
    old, new = (Counter(content.splitlines(keepends=True)) for content in (before, after))
    return sorted((old - new).elements()), sorted((new - old).elements())


# The world's files


def corpus_events(sheet):
    """One event of each UID and kind, found near where each is written."""
    chosen = {}
    for draft in read_file(sheet.content, "", "").drafts:
        start = as_utc(draft.template.start)
        window = Window(start - timedelta(days=2), start + timedelta(days=40))
        for found in sheet.events(window):
            if found.status is not Status.CANCELLED:
                chosen.setdefault((found.uid, found.instance), found)
        if len(chosen) > 5:
            break
    return chosen.values()


def check_only_one_event_changed(before, after, instance):
    """By the bytes alone: an exception came in one piece, or a few lines of one event changed."""
    start = next((at for at, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), len(before))
    limit = min(len(before), len(after)) - start
    tail = next((at for at in range(limit) if before[-1 - at] != after[-1 - at]), limit)
    gone, came = (content[start : len(content) - tail].replace(b"\0", b"").upper() for content in (before, after))
    if instance is Instance.OCCURRENCE:
        assert gone == b""
        assert decode(after).upper().count("BEGIN:VEVENT") == decode(before).upper().count("BEGIN:VEVENT") + 1
        return
    assert b"VEVENT" not in gone
    assert b"VEVENT" not in came
    old, new = (Counter(text for _, text in logical_lines(decode(content))) for content in (before, after))
    names = [text.partition(":")[0].partition(";")[0].upper() for text in (old - new).elements()]
    assert set(names) <= {"STATUS", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED"}
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("folder", "least"),
    [("biweekly", 10), ("ical_allenporter", 73), ("icalendar", 100), ("icalnet", 207), ("icsparser", 3)],
)
def test_cancel_and_undo_give_back_the_same_bytes_in_every_file_of_a_corpus(tmp_path, folder, least):
    written, refused = 0, {}
    files = sorted((CORPORA / folder).rglob("*.ics"))
    for number, path in enumerate(files):
        content = path.read_bytes()
        sheet = Sheet(tmp_path / str(number), content)
        for found in corpus_events(sheet):
            try:
                applied = sheet.apply(found, CANCEL)
            except ChangeRefused as refusal:
                refused.setdefault(refusal.happened.partition(": ")[2], []).append(path.name)
                assert sheet.content == content
                continue
            written += 1
            assert applied.event.status is Status.CANCELLED, path
            assert applied.event.marks == ("key",), path
            assert (applied.event.start, applied.event.end) == (found.start, found.end), path
            assert applied.event.key == found.key, path
            assert applied.event.title == found.title, path
            assert applied.event.attendees == found.attendees, path
            check_only_one_event_changed(content, sheet.content, found.instance)
            undone = sheet.apply(applied.event, RestoreTo(undo=applied.undo))
            assert sheet.content == content, path
            assert undone.event == found, path
    assert written >= least, refused
    reasons = (
        "parts of it cannot be read",
        "its text runs on without folding",
        "the event has no UID",
        "the event stands for more than one occurrence",
    )
    assert all(reason.startswith(reasons) for reason in refused), refused


def test_patch_keeps_what_was_said_and_undo_gives_back_the_same_bytes_in_every_file_of_the_corpora(tmp_path):
    written = 0
    for number, path in enumerate(sorted(CORPORA.rglob("*.ics"))):
        content = path.read_bytes()
        file = Sheet(tmp_path / str(number), content)
        for found in list(corpus_events(file))[:1]:
            try:
                applied = file.apply(found, patch(f"{MARKER} agenda, please", hold="agenda pending"))
            except ChangeRefused:
                assert file.content == content
                continue
            written += 1
            told = applied.event
            assert MARKER in (told.text or told.html), path
            assert told.text.startswith(found.text), path
            assert (MARKER in told.html) is bool(found.html), path
            assert set(found.conference) <= set(told.conference), path
            assert (told.title, told.attendees, told.sequence) == (found.title, found.attendees, found.sequence), path
            file.apply(told, RestoreTo(undo=applied.undo))
            assert file.content == content, path
    assert written >= 200


def test_physical_lines_put_together_are_the_file_for_every_file_of_the_corpora():
    for path in CORPORA.rglob("*.ics"):
        text = path.read_bytes().decode("utf-8", "replace")
        assert "".join(raw for _, raw, _ in pieces(text)) == text


# Exceptions


def test_new_exception_is_the_master_without_what_belongs_to_the_series(sheet):
    before = calendar(event(*WEEKLY, "X-ODD;A=b:c", *ALARM), event("DTSTART:20260101T000000Z", uid="b"))
    file = sheet(before)
    file.apply_to(1, CANCEL)
    exception = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20260608T100000", "DTSTART;TZID=Europe/Berlin:20260608T100000",
        "DTEND;TZID=Europe/Berlin:20260608T110000", "SUMMARY:Mentoring", "SEQUENCE:3", "X-ODD;A=b:c",
        "STATUS:CANCELLED", "COMMENT;X-AGENDAD=REPLY:No agenda yet\\, so not today\\; see you",
        "DTSTAMP:20260501T090000Z", "LAST-MODIFIED:20260501T090000Z", "X-AGENDAD:key", *ALARM,
    )  # fmt: skip
    second = event("DTSTART:20260101T000000Z", uid="b")
    assert file.content.decode() == before.replace(second, exception + second)


@pytest.mark.parametrize(
    ("start", "end", "recurrence_id"),
    [
        ("DTSTART:20260601T100000Z", "DTEND:20260601T110000Z", "RECURRENCE-ID:20260608T100000Z"),
        ("DTSTART:20260601T100000", "DURATION:PT1H", "RECURRENCE-ID:20260608T100000"),
        ("DTSTART;VALUE=DATE:20260601", "DTEND;VALUE=DATE:20260602", "RECURRENCE-ID;VALUE=DATE:20260608"),
        ("DTSTART;VALUE=DATE:20260601", "SUMMARY:x", "RECURRENCE-ID;VALUE=DATE:20260608"),
        (
            'DTSTART;X-A="b;c:d";TZID="Eastern Standard Time":20260601T100000',
            "DURATION:PT30M",
            'RECURRENCE-ID;X-A="b;c:d";TZID="Eastern Standard Time":20260608T100000',
        ),
        (
            "DTSTART;TZID=Nowhere:20260601T100000",
            "DTEND;TZID=Nowhere:20260601T110000",
            "RECURRENCE-ID;TZID=Nowhere:20260608T100000",
        ),
    ],
)
def test_recurrence_id_is_written_as_the_master_writes_its_start(sheet, start, end, recurrence_id):
    file = sheet(calendar(event(start, end, "RRULE:FREQ=WEEKLY;COUNT=3")))
    second = file.events()[1]
    told = file.apply(second, CANCEL).event
    assert f"\r\n{recurrence_id}\r\n" in file.content.decode()
    assert (told.start, told.end, told.key) == (second.start, second.end, second.key)
    assert len(file.events()) == 3


def test_occurrence_with_a_length_of_its_own_keeps_it(sheet):
    file = sheet(
        calendar(event("DTSTART:20260601T100000Z", "DURATION:PT1H", "RDATE;VALUE=PERIOD:20260603T100000Z/PT3H"))
    )
    long = file.events()[1]
    assert file.apply(long, CANCEL).event.end.instant == datetime(2026, 6, 3, 13, tzinfo=UTC)


def test_exception_goes_after_the_last_component_of_its_uid(sheet):
    exception = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20260615T100000",
        "DTSTART;TZID=Europe/Berlin:20260615T120000",
        "SUMMARY:later",
    )
    before = calendar(event(*WEEKLY), event("DTSTART:20260101T000000Z", uid="b"), exception)
    file = sheet(before)
    file.apply_to(1, CANCEL)
    assert file.content.decode().startswith(before.removesuffix("END:VCALENDAR\r\n"))


def test_existing_exception_is_changed_in_place(sheet):
    exception = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20260608T100000", "DTSTART;TZID=Europe/Berlin:20260608T120000", "SEQUENCE:7",
        "STATUS:CONFIRMED", "SUMMARY:folded", "  on",
    )  # fmt: skip
    file = sheet(calendar(event(*WEEKLY), exception))
    before = file.content
    file.apply_to(1, CANCEL)
    gone, came = changed_lines(before, file.content)
    assert gone == [b"SEQUENCE:7\r\n", b"STATUS:CONFIRMED\r\n"]
    assert [line.partition(b":")[0] for line in came] == [
        b"COMMENT;X-AGENDAD=REPLY", b"DTSTAMP", b"LAST-MODIFIED", b"SEQUENCE", b"STATUS", b"X-AGENDAD",
    ]  # fmt: skip


def test_change_for_this_and_all_later_occurrences_is_not_taken_apart(sheet):
    exception = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260608T100000",
        "DTSTART;TZID=Europe/Berlin:20260608T120000", "DTEND;TZID=Europe/Berlin:20260608T130000",
    )  # fmt: skip
    file = sheet(calendar(event(*WEEKLY), exception))
    before = file.content
    for number in (1, 2):
        with pytest.raises(ChangeRefused, match="more than one occurrence"):
            file.apply_to(number, CANCEL)
    assert file.content == before
    file.apply_to(0, CANCEL)


# Answers


def test_answer_changes_one_parameter_and_keeps_the_sequence(sheet):
    attendees = (
        'ATTENDEE;CN="A; B: C";X-ODD="x;PARTSTAT=no";partstat="NEEDS-ACTION";RSVP=TRUE:MAILTO:Ada@Example.org',
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:grace@example.org", "ATTENDEE;CN=None:mailto:bob@example.org",
    )  # fmt: skip
    file = sheet(calendar(event("DTSTART:20260601T100000Z", "SEQUENCE:4", "DTSTAMP:20260101T000000Z", *attendees)))
    before = file.content
    told = file.apply_to(0, Decline(mark="k", at=NOW, attendee="ada@example.org")).event
    unfolded = [text for _, text in logical_lines(file.content.decode())]
    wanted = attendees[0].replace('partstat="NEEDS-ACTION"', "partstat=DECLINED")
    assert wanted in unfolded
    gone, came = changed_lines(before, file.content)
    assert b"DTSTAMP:20260101T000000Z\r\n" in gone
    assert not any(line.startswith(b"SEQUENCE") for line in came)
    assert [one.partstat for one in told.attendees] == [Partstat.DECLINED, Partstat.ACCEPTED, Partstat.NEEDS_ACTION]
    told = file.apply_to(0, Tentative(mark="k2", at=NOW, attendee="bob@example.org", message="perhaps")).event
    assert "ATTENDEE;CN=None;PARTSTAT=TENTATIVE:mailto:bob@example.org\r\n" in file.content.decode()
    file.apply_to(0, Decline(mark="k3", at=NOW, attendee="bob@example.org", message="no"))
    assert file.content.decode().count("COMMENT") == 1


# Moves


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        (
            "DTSTART;TZID=America/New_York:20260601T100000", "DTEND;TZID=Europe/Berlin:20260601T170000",
            ("DTSTART;TZID=America/New_York:20260602T090000", "DTEND;TZID=America/New_York:20260602T103000"),
        ),
        ("DTSTART:20260601T100000Z", "DURATION:PT1H", ("DTSTART:20260602T130000Z", "DURATION:PT1H30M")),
        ("DTSTART:20260601T100000Z", "DURATION:PT90M", ("DTSTART:20260602T130000Z", "DURATION:PT90M")),
        ("DTSTART:20260601T100000Z", "SUMMARY:x", ("DTSTART:20260602T130000Z", "DTEND:20260602T143000Z")),
    ],
)  # fmt: skip
def test_move_is_written_in_the_form_the_event_had(sheet, start, end, wanted):
    file = sheet(calendar(event(start, end)))
    change = Move(
        mark="k", at=NOW, start=datetime(2026, 6, 2, 13, tzinfo=UTC), end=datetime(2026, 6, 2, 14, 30, tzinfo=UTC)
    )
    told = file.apply_to(0, change).event
    assert (told.start.instant, told.end.instant) == (change.start, change.end)
    for line in wanted:
        assert f"\r\n{line}\r\n" in file.content.decode()


def test_move_into_the_hour_that_clocks_show_twice_is_written_in_utc(sheet):
    file = sheet(calendar(event("DTSTART;TZID=Europe/Berlin:20261001T100000")))
    # 02:30 in Berlin for the second time that night.
    change = Move(
        mark="k", at=NOW, start=datetime(2026, 10, 25, 1, 30, tzinfo=UTC), end=datetime(2026, 10, 25, 3, tzinfo=UTC)
    )
    assert file.apply_to(0, change).event.start.instant == change.start
    assert "DTSTART:20261025T013000Z\r\n" in file.content.decode()


def test_all_day_and_floating_events_are_not_moved(sheet):
    change = Move(mark="k", at=NOW, start=NOW + timedelta(days=40), end=NOW + timedelta(days=41))
    for start in ("DTSTART;VALUE=DATE:20260601", "DTSTART:20260601T100000", "DTSTART;TZID=Nowhere:20260601T100000"):
        file = sheet(calendar(event(start)))
        with pytest.raises(ChangeRefused):
            file.apply_to(0, change)


# Bodies


def patch(*new, **other):
    return Patch(**{"mark": "k", "at": NOW, "marker": MARKER, "lines": new} | other)


def test_patch_leaves_every_other_line_of_the_body_with_the_escapes_it_had(sheet):
    odd = "one, two; three\\, four\\;\\\\n\\Nfive\\n\\n-::~:~::~:~\\nJoin: https://meet.google.com/abc-defg-hij\\n-::~"
    file = sheet(calendar(event("DTSTART:20260601T100000Z", f"DESCRIPTION;LANGUAGE=en:{odd}")))
    file.apply_to(0, patch(f"{MARKER} agenda, please"))
    unfolded = [text for _, text in logical_lines(file.content.decode())]
    assert f"DESCRIPTION;LANGUAGE=en:{odd}\\n{MARKER} agenda\\, please" in unfolded
    told = file.apply_to(0, patch(mark="k2")).event
    assert odd in "".join(text for _, text in logical_lines(file.content.decode()))
    assert told.text.startswith("one, two; three, four;\\n\nfive")


def test_patch_writes_into_html_before_its_end_and_takes_only_our_paragraphs_out(sheet):
    html = '<html>\\n<body lang=EN\\, x><div><p>Join: <a href="https://teams.microsoft.com/l/meetup-join/1">x</a></p></div>'
    file = sheet(
        calendar(
            event("DTSTART:20260601T100000Z", f"X-ALT-DESC;FMTTYPE=text/html:{html}</body></html>", "DESCRIPTION:x")
        )
    )
    told = file.apply_to(0, patch(f"{MARKER} a < b; c")).event
    assert told.html.endswith(f"</div><p>{MARKER} a &lt; b; c</p></body></html>")
    assert told.text == f"x\n{MARKER} a < b; c"
    assert [link.product for link in told.conference] == ["teams"]
    told = file.apply_to(0, patch(mark="k2")).event
    unfolded = [text for _, text in logical_lines(file.content.decode())]
    assert f"X-ALT-DESC;FMTTYPE=text/html:{html}</body></html>" in unfolded
    assert told.text == "x"


@pytest.mark.parametrize("form", ["data:text/html,%3Cb%3Eone%2C%3C%2Fb%3E", "data:text/html;base64,PGI+b25lLDwvYj4="])
def test_patch_writes_into_html_that_description_carries_along(sheet, form):
    file = sheet(calendar(event("DTSTART:20260601T100000Z", f'DESCRIPTION;ALTREP="{form}":one')))
    told = file.apply_to(0, patch(f"{MARKER} é")).event
    assert told.html == f"<b>one,</b><p>{MARKER} é</p>"
    assert told.text == f"one\n{MARKER} é"
    told = file.apply_to(0, patch(mark="k2")).event
    assert (told.html, told.text) == ("<b>one,</b>", "one")
    assert f'"{form}"' in "".join(text for _, text in logical_lines(file.content.decode()))


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<p>one</p><p class=x>[agendad] <b>two</b></p><p>three</p>", "<p>one</p><p>three</p>"),
        ("<p>one<br/>[agendad] two<br>three</p>", "<p>one<br>three</p>"),
        ("one<br>[agendad] two", "one"),
        ("[agendad] two<br>[agendad] three<br>four", "four"),
        ("<div><p>one</p>[agendad] two</div>", "<div><p>one</p></div>"),
        ("<div>[agendad] two<p>one</p></div>", "<div><p>one</p></div>"),
        ("<DIV\nid=1>[agendad] two</DIV><pre>one</pre>", "<pre>one</pre>"),
        ("<p>one", "<p>one"),
    ],
)
def test_only_our_lines_leave_the_html_whatever_a_vendor_made_of_them(html, left):
    assert with_paragraphs(html, patch()) == left


def test_body_is_made_where_there_is_none(sheet):
    file = sheet(calendar(event("DTSTART:20260601T100000Z")))
    assert file.apply_to(0, patch("Agenda:", "- Topic 1:")).event.text == "Agenda:\n- Topic 1:"


def test_label_is_taken_from_a_list_and_the_others_stay(sheet):
    file = sheet(calendar(event("DTSTART:20260601T100000Z", "CATEGORIES:one\\, two,agenda pending,three")))
    assert file.apply_to(0, patch(release="agenda pending")).event.categories == ("one, two", "three")
    assert "\r\nCATEGORIES:one\\, two,three\r\n" in file.content.decode()


def test_body_that_was_not_read_whole_is_not_patched(sheet):
    file = sheet(calendar(event("DTSTART:20260601T100000Z", "DESCRIPTION:one", "two")))
    with pytest.raises(ChangeRefused):
        file.apply_to(0, patch(f"{MARKER} x"))


# Form


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_line_ends_and_encoding_stay(sheet, newline, encoding):
    text = calendar(event(*WEEKLY, "LOCATION:Café " + "é" * 90)).replace("\r\n", newline)
    file = sheet(text.encode(encoding))
    before = file.content
    applied = file.apply_to(1, CANCEL)
    after = file.content.decode(encoding)
    assert (after.count("\n") if newline == "\r" else after.replace(newline, "").count("\n")) == 0
    assert after.count("é" * 90) == 2
    file.apply(applied.event, RestoreTo(undo=applied.undo))
    assert file.content == before


def test_words_that_the_encoding_cannot_hold_are_refused(sheet):
    file = sheet(calendar(event("DTSTART:20260601T100000Z", "SUMMARY:Café")).encode("cp1252"))
    before = file.content
    with pytest.raises(ChangeRefused, match="save it as UTF-8"):
        file.apply_to(0, dataclasses.replace(CANCEL, message="また今度"))
    assert file.content == before


def test_lines_are_folded_at_75_octets_and_never_inside_a_character():
    for character in ("x", "é", "語", "🙂"):
        folded = fold("COMMENT:" + character * 200)
        for line in folded.encode().removesuffix(b"\r\n").split(b"\r\n"):
            assert len(line) <= 75
            line.decode()
        assert folded.replace("\r\n ", "") == "COMMENT:" + character * 200 + "\r\n"


def test_words_cannot_smuggle_a_line_into_the_file(sheet):
    file = sheet(calendar(event("DTSTART:20260601T100000Z")))
    message = "one\r\nSTATUS:CONFIRMED\rEND:VEVENT\nX\x00\x0b\x1f\x7f\\n;,"
    assert escape(message) == "one\\nSTATUS:CONFIRMED\\nEND:VEVENT\\nX\\\\n\\;\\,"
    told = file.apply_to(0, dataclasses.replace(CANCEL, message=message)).event
    assert told.status is Status.CANCELLED
    assert len(file.events()) == 1


def test_components_inside_and_around_the_event_stay(sheet):
    parts = (
        lines("BEGIN:VTIMEZONE", "TZID:Home", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0100",
              "TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE"),
        event("DTSTART;TZID=Home:20260601T100000", "x-lower:\tkept", *ALARM, "STATUS:CONFIRMED", "X-AFTER:the alarm"),
        lines("BEGIN:VTODO", "UID:a", "END:VTODO"),
    )  # fmt: skip
    file = sheet(calendar(*parts))
    before = file.content.decode()
    file.apply_to(0, dataclasses.replace(CANCEL, message=""))
    added = lines("SEQUENCE:1", f"DTSTAMP:{STAMP.decode()}", f"LAST-MODIFIED:{STAMP.decode()}", "X-AGENDAD:key")
    wanted = before.replace("STATUS:CONFIRMED", "STATUS:CANCELLED")
    assert file.content.decode() == wanted.replace("X-AFTER:the alarm\r\n", "X-AFTER:the alarm\r\n" + added)


# What is refused


def test_file_that_gave_refusals_is_not_written(sheet):
    file = sheet(calendar(event("DTSTART:20260601T100000Z"), event("DTSTART:nonsense", uid="b")))
    before = file.content
    with pytest.raises(ChangeRefused, match="parts of it cannot be read") as refusal:
        file.apply_to(0, CANCEL)
    assert "a.ics" in refusal.value.happened
    assert refusal.value.not_done
    assert refusal.value.next_step
    assert file.content == before


def test_event_without_uid_is_not_written(sheet):
    file = sheet(calendar(lines("BEGIN:VEVENT", "DTSTART:20260601T100000Z", "END:VEVENT")))
    with pytest.raises(ChangeRefused, match="no UID"):
        file.apply_to(0, CANCEL)


def test_event_told_twice_in_the_same_words_is_not_written(sheet):
    file = sheet(calendar(event("DTSTART:20260601T100000Z"), event("DTSTART:20260601T100000Z")))
    before = file.content
    with pytest.raises(ChangeRefused):
        file.apply_to(0, CANCEL)
    assert file.content == before


def test_newest_word_of_several_files_is_the_one_that_is_changed(sheet, tmp_path):
    old = sheet(calendar(event("DTSTART:20260601T100000Z", "SEQUENCE:1")), "old.ics")
    new = sheet(calendar(event("DTSTART:20260602T100000Z", "SEQUENCE:2")), "new.ics")
    before = old.content
    told = new.apply_to(0, CANCEL).event
    assert (told.source, told.sequence, told.status) == ("new.ics", 3, Status.CANCELLED)
    assert old.content == before


def test_cancellation_that_comes_in_another_file_fails_the_precondition(sheet):
    file = sheet(calendar(event("DTSTART:20260601T100000Z")))
    (found,) = file.events()
    other = calendar("METHOD:CANCEL\r\n", event("DTSTART:20260601T100000Z", "SEQUENCE:1"))
    sheet(other, "cancel.ics")
    before = file.content
    with pytest.raises(PreconditionFailed):
        file.apply(found, CANCEL)
    assert file.content == before


def test_undo_leaves_the_series_alone_when_our_exception_is_gone(sheet):
    before = calendar(event(*WEEKLY))
    file = sheet(before)
    undo = file.apply_to(1, CANCEL).undo
    file.path.write_bytes(before.encode())
    assert file.apply_to(1, RestoreTo(undo=undo)).undo is None
    assert file.content == before.encode()


def test_undo_after_the_series_is_gone_says_so(sheet):
    file = sheet(calendar(event(*WEEKLY)))
    applied = file.apply_to(1, CANCEL)
    file.path.unlink()
    with pytest.raises(EventNotFound):
        file.apply(applied.event, RestoreTo(undo=applied.undo))


def test_undo_sets_times_back_together_or_not_at_all(sheet):
    file = sheet(calendar(event("DTSTART:20260601T100000Z", "DTEND:20260601T110000Z")))
    change = Move(
        mark="k", at=NOW, start=datetime(2026, 6, 2, 13, tzinfo=UTC), end=datetime(2026, 6, 2, 14, tzinfo=UTC)
    )
    undo = file.apply_to(0, change).undo
    file.path.write_bytes(file.content.replace(b"DTEND:20260602T140000Z", b"DTEND:20260602T150000Z"))
    told = file.apply_to(0, RestoreTo(undo=undo)).event
    assert (told.start.wall.day, told.end.wall.hour) == (2, 15)
    assert told.marks == ()


def test_undo_beside_an_edit_never_lowers_the_sequence(sheet):
    file = sheet(calendar(event("DTSTART:20260601T100000Z", "SUMMARY:x", "SEQUENCE:3")))
    undo = file.apply_to(0, CANCEL).undo
    file.path.write_bytes(file.content.replace(b"SUMMARY:x", b"SUMMARY:y"))
    told = file.apply_to(0, RestoreTo(undo=undo)).event
    assert (told.title, told.status, told.sequence) == ("y", Status.CONFIRMED, 4)
