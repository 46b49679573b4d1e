"""Whatever the file holds and whatever is done: only what was meant changes, and undo gives it back."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from agendad.providers.base import Cancel, Decline, Move, Patch, RestoreTo, Tentative, Window
from agendad.providers.icalendar_reading import unescape
from agendad.providers.icsediting import escape, fold
from agendad.providers.icsfiles import occurrence, read_file, read_group, teller
from agendad.providers.icslines import logical_lines
from agendad.providers.icswriting import restore, revise
from agendad.providers.model import Instance

START = datetime(2026, 6, 1, 10, tzinfo=UTC)
WINDOW = Window(START - timedelta(days=3), START + timedelta(days=60))
MARKER = "[agendad]"

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=120)
words = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=90)
newlines = st.sampled_from(["\r\n", "\n"])


@st.composite
def properties(draw):
    """Content lines of an event that say nothing of when it is, folded where the writer pleased."""
    newline = draw(newlines)
    kind = draw(
        st.sampled_from(["DESCRIPTION", "SUMMARY", "X-ODD", "X-ALT-DESC;FMTTYPE=text/html", "CATEGORIES", "COMMENT"])
    )
    line = f"{kind}:{escape(draw(words))}"
    cut = draw(st.integers(1, len(line)))
    folded = f"{line[:cut]}{newline}{draw(st.sampled_from([' ', chr(9)]))}{line[cut:]}{newline}"
    return draw(st.sampled_from([folded, fold(line, newline), f"BEGIN:VALARM{newline}{folded}END:VALARM{newline}"]))


@st.composite
def files(draw):
    """A file with a meeting, by itself or as a series with an exception, among others; and the number of an event."""
    newline = draw(newlines)
    zone, form = draw(
        st.sampled_from([("", "{:%Y%m%dT%H%M%SZ}"), ("", "{:%Y%m%dT%H%M%S}"), (";TZID=Asia/Tokyo", "{:%Y%m%dT%H%M%S}")])
    )

    def event(uid, *lines):
        people = [f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{name}@example.org" for name in ("ada", "grace")]
        given_lines = newline.join(["BEGIN:VEVENT", f"UID:{uid}", *lines, *people]) + newline
        return given_lines + "".join(draw(st.lists(properties(), max_size=3))) + f"END:VEVENT{newline}"

    def time(name, moment):
        return f"{name}{zone}:{form.format(moment)}"

    end = draw(st.sampled_from([(), ("DURATION:PT45M",), (time("DTEND", START + timedelta(hours=1)),)]))
    series = draw(st.booleans())
    master = event("a", time("DTSTART", START), *end, *(["RRULE:FREQ=WEEKLY;COUNT=4"] if series else []))
    parts = [event("b", time("DTSTART", START)), master, event("c", time("DTSTART", START))]
    if series and draw(st.booleans()):
        week = START + timedelta(weeks=1)
        parts.append(event("a", time("RECURRENCE-ID", week), time("DTSTART", week + timedelta(hours=2)), "SEQUENCE:5"))
    body = "".join(parts)
    content = f"BEGIN:VCALENDAR{newline}VERSION:2.0{newline}{body}END:VCALENDAR{newline}".encode()
    return content, draw(st.integers(0, 3 if series else 0))


marks = st.integers(0, 10**6).map(lambda number: f"key-{number}")
moments = st.integers(0, 10**6).map(lambda seconds: START - timedelta(seconds=seconds))
lines = st.lists(words.map(lambda text: f"{MARKER} {text}"), max_size=3).map(tuple)


@st.composite
def moves(draw):
    start = START + timedelta(minutes=draw(st.integers(0, 40_000)))
    return Move(
        mark=draw(marks), at=draw(moments), start=start, end=start + timedelta(minutes=draw(st.integers(1, 600)))
    )


answers = {"mark": marks, "at": moments, "attendee": st.just("ada@example.org"), "message": texts}
changes = st.one_of(
    st.builds(Cancel, mark=marks, at=moments, message=texts),
    st.builds(Decline, **answers),
    st.builds(Tentative, **answers),
    st.builds(
        Patch, mark=marks, at=moments, marker=st.just(MARKER), lines=lines, replace=st.booleans(),
        hold=st.none() | st.just("pending"), release=st.none() | st.just("pending"),
    ),
    moves(),
)  # fmt: skip


def events(content):
    return read_group([read_file(content, "a.ics", "")], WINDOW).events


def find(content, event):
    drafts = [draft for draft in read_file(content, "a.ics", "").drafts if draft.uid == event.uid]
    found = occurrence(drafts, event, [WINDOW])
    return None if found is None else (teller(drafts, found), found)


def fitting(event, change):
    return not (isinstance(change, Move) and event.start.instant is None)


@settings(deadline=None)
@given(files(), st.lists(changes, min_size=1, max_size=4))
def test_changes_taken_back_in_reverse_order_give_the_same_bytes(file, wanted):
    content, number = file
    event = events(content)["a"][number]
    done = []
    for change in wanted:
        draft, now = find(content, event)
        if fitting(now, change):
            revision = revise(content, draft, now, change)
            done.append((content, revision.undo))
            content = revision.content
    for before, undo in reversed(done):
        draft, _ = find(content, event)
        content = restore(content, draft, RestoreTo(undo=undo))
        assert content == before


@settings(deadline=None)
@given(files(), changes)
def test_other_events_and_the_master_keep_every_byte(file, change):
    content, number = file
    before = events(content)
    event = before["a"][number]
    draft, now = find(content, event)
    if not fitting(now, change):
        return
    after = revise(content, draft, now, change).content
    old, new = content.split(b"\n"), after.split(b"\n")
    if event.instance is Instance.OCCURRENCE:
        came = len(new) - len(old)
        assert any(new[:at] + new[at + came :] == old for at in range(len(old)))
    else:
        first, last = draft.line, next(at for at, line in enumerate(old) if at > draft.line and b"END:VEVENT" in line)
        assert new[:first] == old[:first]
        assert new[last - len(old) :] == old[last:]
    found = events(after)
    assert {uid: found[uid] for uid in ("b", "c")} == {uid: before[uid] for uid in ("b", "c")}
    assert [one for one in found["a"] if one.key != event.key] == [one for one in before["a"] if one.key != event.key]
    told = next(one for one in found["a"] if one.key == event.key)
    assert told.marks == (change.mark,)
    assert told.etag != event.etag
    assert (told.title, told.location) == (event.title, event.location)


@settings(deadline=None)
@given(files(), changes, changes)
def test_undo_of_the_first_of_two_changes_takes_back_no_more_than_its_mark_tells(file, first, second):
    content, number = file
    event = events(content)["a"][number]
    if not (fitting(event, first) and fitting(event, second)) or first.mark == second.mark:
        return
    one = revise(content, *find(content, event), first)
    two = revise(one.content, *find(one.content, event), second)
    draft, now = find(two.content, event)
    assert now.marks == (first.mark, second.mark)
    _, left = find(restore(two.content, draft, RestoreTo(undo=one.undo)), event)
    assert left.marks == (second.mark,)
    assert left.sequence >= now.sequence


@given(texts)
def test_text_comes_back_from_its_escaped_and_folded_form(text):
    line = f"X:{escape(text)}"
    ((_, unfolded),) = logical_lines(fold(line))
    assert unfolded == line
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    assert unescape(escape(text)) == "".join(c for c in kept if c in "\n\t" or not (ord(c) < 32 or ord(c) == 127))
    assert all(len(part) <= 75 for part in fold(line).encode().split(b"\r\n"))


def test_change_that_leaves_only_ascii_is_taken_back_in_the_encoding_of_the_file():
    """Windows-1252 is told by bytes that no other encoding has: the change may have replaced the last of them."""
    head, rest = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\n", "END:VEVENT\r\nEND:VCALENDAR\r\n"
    body = "DTSTART:20260601T100000Z\r\nDESCRIPTION:[agendad] für später\r\nSUMMARY:Mentoring\r\n"
    content = (head + body + rest).encode("cp1252")
    (event,) = events(content)["a"]
    patch = Patch(mark="key", at=START, marker=MARKER, lines=("[agendad] agenda pending",))
    revision = revise(content, *find(content, event), patch)
    assert revision.content.isascii()
    draft, _ = find(revision.content, event)
    assert restore(revision.content, draft, RestoreTo(undo=revision.undo)) == content
