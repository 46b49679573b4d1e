"""Texts in the user's own editor."""

import os
import sys

import pytest

from agendad.daemon.editing import NotEdited, as_file, checked, from_file, in_editor


@pytest.fixture
def editor(tmp_path):
    """An environment whose editor runs a line of Python on `path`."""

    def make(line):
        script = tmp_path / "editor.py"
        script.write_text(f"import os, pathlib, stat, sys\npath = pathlib.Path(sys.argv[-1])\n{line}\n")
        return {"EDITOR": f"{sys.executable} {script}"}

    return make


def test_text_goes_into_a_private_file_and_comes_back_and_nothing_is_left(tmp_path, editor):
    folder = tmp_path / "state"
    folder.mkdir()
    seen = tmp_path / "seen"
    environ = editor(
        f"modes = [stat.S_IMODE(os.stat(one).st_mode) for one in (path, path.parent)]\n"
        f"pathlib.Path({str(seen)!r}).write_text(repr(modes))\n"
        "(path.parent / 'backup~').write_text('a copy that the editor made')\n"
        "path.write_text(path.read_text().replace('Ada', 'Countess'))"
    )
    text = in_editor(as_file("Hello", "Dear Ada,\n\nsee you"), folder, environ)
    assert from_file(text) == ("Hello", "Dear Countess,\n\nsee you")
    assert seen.read_text() == repr([0o600, 0o700])
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sys.exit(3)", "ended with status 3"),
        ("path.unlink()", "cannot be read"),
        ("path.write_bytes(b'Subject: x\\n\\n\\xff')", "not written in UTF-8"),
    ],
)
def test_editor_that_fails_is_told_and_nothing_is_left(tmp_path, editor, line, said):
    environ = editor(line)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(NotEdited, match=said):
        in_editor("Subject: x\n\ny\n", tmp_path, environ)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "neither"),
        ({"EDITOR": "  "}, "neither"),
        ({"VISUAL": "no-such-editor-anywhere", "EDITOR": "true"}, "could not be started"),
        ({"EDITOR": "vi '"}, "cannot be read as a command"),
    ],
)
def test_missing_editor_is_told(tmp_path, environ, said):
    with pytest.raises(NotEdited, match=said):
        in_editor("Subject: x\n\ny\n", tmp_path, {"PATH": os.environ["PATH"], **environ})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "first line"),
        ("Hello Ada", "first line"),
        ("Subject:  \n\nHello", "subject is empty"),
        ("Subject: Hello\n\n \n\n", "text is empty"),
        ("Subject: Hello\n\na\x1b[2Jb", "U\\+001B"),
        (f"Subject: {'a' * 300}\n\nb", "may have 200"),
    ],
)
def test_file_without_both_parts_is_refused(text, said):
    with pytest.raises(NotEdited, match=said):
        from_file(text)


def test_subject_of_two_lines_is_refused():
    with pytest.raises(NotEdited, match=r"U\+000A"):
        checked("Hello\nBcc: all@example.org", "text")


def test_text_is_kept_as_it_was_written_but_for_blanks_at_the_ends():
    body = "Dear Ada,\r\n\r\n  indented\t🙋🏽\u200d♀️  \nSubject: not a header\n\n"
    assert checked(" Hello ", body) == ("Hello", "Dear Ada,\n\n  indented\t🙋🏽\u200d♀️\nSubject: not a header")
