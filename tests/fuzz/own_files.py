"""The user's own files: agendas, notes, and what is put into an invite in the midst of other people's words."""

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from conftest import make_event

from agendad.daemon.agenda_files import AgendaFolder
from agendad.daemon.notebook import Notebook, NotesTrouble
from agendad.providers.base import Patch
from agendad.providers.bodies import shows_block, with_lines, with_paragraphs
from agendad.rules.agenda_file import (
    BEGIN,
    END,
    FileAgenda,
    Place,
    block_lines,
    blocks_of,
    digest,
    is_whole,
    match,
    message_of,
    place_of,
    token_of,
)
from agendad.rules.notes import beginning, section
from agendad.rules.policy import Party
from agendad.rules.recalling import opening
from agendad.rules.relationship import Meeting
from fuzz.judging import NOW, POLICY, WINDOW, consider
from fuzz.places import in_memory

DAY = date(2026, 12, 1)
START = datetime(2026, 12, 1, 15, tzinfo=UTC)
assert WINDOW.start < START < WINDOW.end


def agenda(data: bytes) -> None:
    """An agenda file: read, matched with its session, and put into the invite, where it is found again."""
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        path = Path(folder) / "grace-ada" / f"{DAY}.md"
        path.parent.mkdir()
        path.write_bytes(data)
        shelf = AgendaFolder(Path(folder), POLICY).read(None, NOW)
        (file,) = shelf.of("grace-ada")
        meeting = Meeting(start=START, end=START + timedelta(hours=1), uid="a")
        assert match([file], [meeting], POLICY.me, NOW).by_session == {meeting.key: file}
        assert path.read_bytes() == data, "looking changes nothing"
        assert [one.name for one in Path(folder).rglob("*")] == ["grace-ada", path.name]
    known = FileAgenda(file=file)
    event = make_event(START, text="Bring your notes")
    place = place_of(event, known, i_organize=True)
    message_of(known, place, i_organize=True)
    token_of(event, known, place)
    assert not any("[agendad]" in line or "\x1b" in line for line in file.lines)
    if known.lines:
        change = _patch(1, known.lines)
        written = make_event(START, text="\n".join(with_lines(["Bring your notes"], change)))
        assert place_of(written, FileAgenda(file=file, base=digest(change.lines)), i_organize=True) is Place.IN_STEP
        consider(written)


def notes(data: bytes) -> None:
    """A file of notes: read, and a section added at its end, or nothing at all."""
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        book = Notebook(Path(folder), ["grace-ada"])
        path = book.path("grace-ada")
        path.write_bytes(data)
        read = book.read(DAY).get("grace-ada")
        problems = list(book.problems(DAY))
        assert (read is None) == bool(problems)
        if read is not None:
            for to_me in (True, False):
                opening(read, DAY, "en", role=Party.MENTEE, to_me=to_me)
        assert path.read_bytes() == data, "looking changes nothing"
        try:
            added = book.add("grace-ada", DAY, section(DAY, "en", Party.MENTEE), beginning("grace-ada", "en"))
        except NotesTrouble:
            added = False
        after = path.read_bytes()
        assert after.startswith(data), "what stood there stays"
        assert added == (after != data)
        assert [one.name for one in Path(folder).iterdir()] == [path.name]
        if added:
            again = Notebook(Path(folder), ["grace-ada"]).read(DAY)["grace-ada"]
            assert DAY in {one.day for one in again.sessions}


def block(data: bytes) -> None:
    """A body that others wrote, with a block of ours put in, written again and taken out."""
    text = data.decode("utf-8", "replace")
    lines = text.split("\n")
    ours = any(mark in " ".join(text.split()) for mark in ("[agendad]", "&#91;"))
    now, page = lines, text
    for number, words in enumerate((("- one topic", "- <b>& another"), ("- a third",))):
        change = _patch(number, words)
        before, now, page = now, with_lines(now, change), with_paragraphs(page, change)
        _beside(before, now, list(change.lines))
        if not ours:
            assert now == [*change.lines, *([] if lines == [""] else lines)]
            assert shows_block("\n".join(now), "", change)
            assert shows_block("", page, change)
        event = make_event(START, text="\n".join(now), html=page)
        blocks_of(event)
        is_whole(event)
    if not ours:
        assert with_lines(now, _patch(9, ())) == ([] if lines == [""] else lines)
        assert with_paragraphs(page, _patch(9, ())) == text, "taken out, every byte is what it was"


def _beside(before: list[str], after: list[str], added: list[str]) -> None:
    """One stretch of lines was replaced, which began with our own mark; none if it is new."""
    at = next(at for at in range(len(after)) if after[at : at + len(added)] == added)
    behind = after[at + len(added) :]
    assert after[:at] == before[:at]
    assert behind == before[len(before) - len(behind) :]
    gone = before[at : len(before) - len(behind)]
    assert gone in ([], [""]) or "[agendad]" in gone[0]


def _patch(number: int, words: tuple[str, ...]) -> Patch:
    told = block_lines(words, f"Grace, {number:02}:00 GMT") if words else ()
    return Patch(mark=f"key-{number}", at=NOW + timedelta(minutes=number), marker=BEGIN, until=END, lines=told)
