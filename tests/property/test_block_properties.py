"""Whatever people write around it and inside their file: a block goes in and out, and every byte beside it stays."""

import unicodedata
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agendad.providers.base import Patch
from agendad.providers.bodies import shows_block, with_lines, with_paragraphs
from agendad.providers.google_writing import write
from agendad.providers.model import Event, EventTime, ZoneKind
from agendad.rules.agenda_file import BEGIN, END, block_lines, blocks_of, digest, inside, same_words, standing_block
from agendad.rules.markdown import plain_lines

AT = datetime(2026, 11, 30, 14, tzinfo=UTC)
MEET = "Join: https://meet.google.com/abc-defg-hij"

plain = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=40).filter(
    lambda line: "[agendad]" not in line
)
bodies = st.lists(st.one_of(plain, st.sampled_from([MEET, "", "--", "~~~~~~~~~~", "> quoted"])), max_size=6)
elements = st.sampled_from([
    "<p>Bring notes</p>", "<div>one<br>two</div>", "<ul><li>a</li><li>b</li></ul>", "text &amp; more", "<br>",
    f"<a href='https://meet.google.com/abc-defg-hij'>{MEET}</a>", "<table><tr><td>1</td></tr></table>", "\r\n",
    "<!-- a <body> in a comment -->", "<span>odd", "</span>",
])  # fmt: skip
pages = st.tuples(
    st.sampled_from(["", "<html><head><title>x</title></head><body>", "<HTML><BODY lang=en>", "<html>"]),
    st.lists(elements, max_size=6),
).map(lambda parts: parts[0] + "".join(parts[1]))
files = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), min_size=1, max_size=4)


ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def event_with(**body: str) -> Event:
    time = EventTime(wall=AT.replace(tzinfo=None), kind=ZoneKind.UTC, instant=AT, zone="UTC")
    return Event(account="home", calendar=".", id="1", uid="1@example.org", start=time, end=time, title="", **body)


def patch(number: int, lines: tuple[str, ...]) -> Patch:
    block = block_lines(lines, f"Grace, {number:02}:00 GMT") if lines else ()
    return Patch(mark=f"key-{number}", at=AT + timedelta(minutes=number), marker=BEGIN, until=END, lines=block)


@given(bodies, files)
def test_lines_of_others_keep_every_byte_through_any_edits_of_the_file(body, edits):
    now = list(body)
    for number, text in enumerate(edits):
        change = patch(number, plain_lines(text))
        now = with_lines(now, change)
        start = len(change.lines)
        assert now[:start] == list(change.lines)
        assert now[start:] == ([] if body == [""] else body)
        assert shows_block("\n".join(now), "", change)
    assert with_lines(now, patch(99, ())) == ([] if body == [""] else body)


@given(pages, files)
def test_markup_of_others_keeps_every_byte_through_any_edits_of_the_file(page, edits):
    now = page
    for number, text in enumerate(edits):
        change = patch(number, plain_lines(text))
        now = with_paragraphs(now, change)
        assert shows_block("", now, change)
        assert now.count("[agendad]") == (2 if change.lines else 0)
    assert with_paragraphs(now, patch(99, ())) == page


@given(st.one_of(bodies.map("\n".join), pages), files)
def test_googles_description_keeps_what_others_wrote(description, edits):
    resource = {"organizer": {"self": True}, "description": description, "start": {}, "end": {}}
    for number, text in enumerate(edits):
        change = patch(number, plain_lines(text)[:20])
        resource |= write(resource, change).body | {"organizer": {"self": True}}
    resource |= write(resource, patch(99, ())).body
    assert (resource["description"] or "") == description


@given(files)
def test_file_never_holds_a_line_of_ours_markup_or_a_control_character(texts):
    for line in plain_lines("\n".join(texts)):
        assert "[agendad]" not in line
        assert not {unicodedata.category(one) for one in line if one not in "\u200c\u200d"} & ACTING
        assert not any(f"<{letter}" in line.lower() for letter in "abcdefghijklmnopqrstuvwxyz/!?")


@given(bodies, files)
def test_what_was_written_is_read_back_as_the_users_own(body, texts):
    lines = plain_lines("\n".join(texts))
    if not any(lines):
        return
    change = patch(7, lines)
    for event in (
        event_with(text="\n".join(with_lines(body, change))),
        event_with(html=with_paragraphs("<html><body><p>Bring notes</p></body></html>", change)),
    ):
        assert standing_block(event) == digest(change.lines)
        (block,) = blocks_of(event)
        assert same_words(inside(block), lines)
