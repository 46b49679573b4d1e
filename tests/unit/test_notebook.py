"""The folder of notes: names that lead nowhere else, and sections that change nothing but the end of a file."""

import os
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agendad.daemon.notebook import Notebook, NotesTrouble, _put, file_names
from agendad.rules.notes import MAX_NOTES, beginning, section
from agendad.rules.policy import Party

DAY, NEXT = date(2026, 12, 1), date(2026, 12, 15)
TODAY = date(2027, 1, 1)
SECTION = section(DAY, "en", Party.MENTEE)
BEGINNING = beginning("grace-ada", "en")


@pytest.fixture
def book(tmp_path):
    return Notebook(tmp_path / "notes", ["grace-ada"])


@pytest.fixture
def file(book):
    book.folder.mkdir()
    return book.path("grace-ada")


def add(book, day=DAY):
    return book.add("grace-ada", day, section(day, "en", Party.MENTEE), BEGINNING)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("grace-ada", "grace-ada.md"),
        ("Grace und Ada", "Grace und Ada.md"),
        ("王小明", "王小明.md"),
        ("a/b", "a-b-"),
        ("../../etc/passwd", "etc-passwd-"),
        ("..", "notes-"),
        (".hidden", "hidden-"),
        ("/", "notes-"),
        ("C:\\notes", "C-notes-"),
        ("two\nlines\x00", "two-lines-"),
        ("x" * 300, "x" * 80 + "-"),
    ],
)
def test_name_of_a_file_is_the_mentorships_where_that_can_be(name, file):
    assert file_names([name])[name].startswith(file)


def test_names_that_would_share_a_file_do_not():
    names = ["a/b", "a-b", "a\\b", "Ada", "ada", "a:b"]
    assert len({file.casefold() for file in file_names(names).values()}) == len(names)
    assert file_names(names)["a-b"] != "a-b.md", "which of them was there first cannot be told"


@given(st.lists(st.text(min_size=1), unique=True, max_size=8))
def test_no_name_leads_out_of_the_folder(names):
    for file in file_names(names).values():
        assert os.path.basename(file) == file  # noqa: PTH119 - as the system takes it
        assert file.endswith(".md")
        assert not file.startswith((".", "-", " "))
        assert len(file.encode()) < 128


def test_first_section_makes_the_folder_and_a_file_that_only_its_owner_reads(book):
    assert book.read(TODAY) == {}
    assert add(book)
    path = book.path("grace-ada")
    assert path.read_text("utf-8") == f"{BEGINNING}\n{SECTION}"
    assert (path.stat().st_mode & 0o777, book.folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(book.folder.iterdir()) == [path]


def test_section_is_added_once_and_what_is_there_stays_byte_for_byte(book, file):
    before = b"\xef\xbb\xbfmy own   \r\n\r\n## 2026-11-01\r\nHelped: all"
    file.write_bytes(before)
    file.chmod(0o640)
    assert add(book)
    assert file.read_bytes() == before + b"\r\n\r\n" + SECTION.replace("\n", "\r\n").encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert not add(book), "there is a section for that day"
    assert add(book, NEXT)
    assert [one.day for one in book.read(TODAY)["grace-ada"].sessions] == [date(2026, 11, 1), DAY, NEXT]


def test_section_that_the_user_began_by_hand_is_the_one(book, file):
    file.write_text("## Tue 1 Dec 2026\nAdvice: mine\n", "utf-8")
    assert not add(book)
    assert file.read_text("utf-8") == "## Tue 1 Dec 2026\nAdvice: mine\n"


def test_link_to_a_file_stays_a_link(book, file, tmp_path):
    real = tmp_path / "vault" / "ada.md"
    real.parent.mkdir()
    real.write_text("mine\n", "utf-8")
    file.symlink_to(real)
    assert add(book)
    assert file.is_symlink()
    assert real.read_text("utf-8") == f"mine\n\n{SECTION}"
    assert list(real.parent.iterdir()) == [real]


def test_file_that_somebody_wrote_to_meanwhile_is_left_as_they_wrote_it(file):
    file.write_text("theirs\n", "utf-8")
    assert not _put(file, b"mine\n", b"mine\nand ours\n")
    assert not _put(file, None, b"ours\n")
    assert file.read_text("utf-8") == "theirs\n"
    assert list(file.parent.iterdir()) == [file]


def test_file_that_is_not_utf8_is_told_with_its_line_and_never_written_to(book, file):
    file.write_bytes("## 2026-12-01\nHelped: café\n".encode("latin-1"))
    (problem,) = book.problems(TODAY)
    assert (problem.file, problem.line) == (str(file), 2)
    assert "UTF-8" in problem.message
    assert book.read(TODAY) == {}
    with pytest.raises(NotesTrouble, match="no section was added"):
        add(book, NEXT)
    assert b"caf\xe9" in file.read_bytes()


def test_file_that_is_too_large_a_folder_or_a_pipe_is_told(book, file):
    file.write_bytes(b"x\n" * (MAX_NOTES // 2 + 1))
    assert "larger than 1 MB" in str(next(book.problems(TODAY)))
    with pytest.raises(NotesTrouble, match="1 MB"):
        add(book)
    file.unlink()
    for make in (file.mkdir, lambda: os.mkfifo(file)):
        make()
        assert "it is no file" in str(next(book.problems(TODAY)))
        assert book.read(TODAY) == {}
        with pytest.raises(NotesTrouble, match="it is no file"):
            add(book)
        file.rmdir() if file.is_dir() else file.unlink()


def test_change_of_a_file_is_seen(book, file):
    file.write_text("## 2026-12-01\nHelped: one\n", "utf-8")
    assert book.read(TODAY)["grace-ada"].sessions[0].helped == ("one",)
    file.write_text("## 2026-12-01\nHelped: two or more\n", "utf-8")
    assert book.read(TODAY)["grace-ada"].sessions[0].helped == ("two or more",)
    file.unlink()
    assert book.read(TODAY)["grace-ada"].sessions == ()


def test_folder_that_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    assert "this is no folder" in str(next(Notebook(tmp_path / "file", ["a"]).problems(TODAY)))
    far = Notebook(tmp_path / "no" / "where", ["a"])
    assert "no such folder" in str(next(far.problems(TODAY)))
    with pytest.raises(NotesTrouble):
        far.add("a", DAY, SECTION, BEGINNING)
    assert list(Notebook(tmp_path / "yet", ["a"]).problems(TODAY)) == []
