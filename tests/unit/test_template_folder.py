"""The templates there are, and what is told about the user's own."""

import pytest

from agendad.daemon.message_gallery import samples
from agendad.daemon.template_folder import USED_WHEN, faults, listed, problems, unused, usable
from agendad.rules.messages import SUFFIX, MessageTemplateError, template_names


@pytest.fixture
def put(tmp_path):
    """Put a template into the folder `tmp_path`."""

    def write(name, text="S\n\nHi {{ reader }}"):
        path = tmp_path / f"{name}{SUFFIX}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return write


def told(folder):
    return [(problem.file, problem.line, problem.message) for problem in problems(folder)]


def hints(folder):
    return {path.relative_to(folder).as_posix(): hint for path, hint in unused(folder)}


def test_every_built_in_template_is_listed_with_when_it_is_used_and_has_a_sample():
    assert [f"{one.full_name}{SUFFIX}" for one in listed(None)] == sorted(template_names())
    assert {one.name for one in listed(None)} == set(USED_WHEN)
    for name in USED_WHEN:
        texts = [message for _, message in samples(name, "en")]
        assert texts
        assert len(set(texts)) == len(texts)


def test_own_template_is_listed_beside_the_built_in_ones_also_in_a_language_of_its_own(put, tmp_path):
    english, polish = put("en/nudge.other"), put("pl/nudge.other")
    put("pl/nudge.otter")
    own = {one.full_name: (one.built_in, one.override) for one in listed(tmp_path) if one.override}
    assert own == {"en/nudge.other": (True, english), "pl/nudge.other": (False, polish)}


def test_template_is_tried_in_its_own_language(put, tmp_path):
    path = put("pl/hold.organizer", "S\n\n{{ 1 / 0 }}")
    assert told(tmp_path) == [(str(path), 3, "division by zero")]
    (fault,) = faults(tmp_path)
    assert (fault.where, fault.line, fault.what) == (str(path), 3, "division by zero")


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("S\n\n{% if %}", 3, "Expected an expression, got 'end of statement block'"),
        ("S\n\nHi\n{{ nickname }}", 4, "'nickname' is no variable of messages"),
        ("S\n\n{% if code == 'never' %}\n{{ titel }}{% endif %}", 4, "'titel' is no variable of messages"),
        ("S\n\n{{ reader.__class__.__mro__ }}", 3, "access to attribute '__class__' of 'str' object is unsafe."),
    ],
)
def test_fault_is_told_once_with_its_file_and_line_also_where_no_scene_goes(put, tmp_path, text, line, what):
    path = put("en/cancel.organizer", text)
    assert told(tmp_path) == [(str(path), line, what)]


def test_all_faults_are_told_at_once_and_the_nearest_variable_with_them(put, tmp_path):
    first, second = put("de/nudge.other", "S\n\n{{ titel }}"), put("en/nudge.other", "S\n\n{% frob %}")
    assert [problem.file for problem in problems(tmp_path)] == [str(first), str(second)]
    assert problems(tmp_path)[0].hint == "did you mean `title`?"


def test_template_that_is_not_utf8_is_told(put, tmp_path):
    put("en/nudge.other").write_bytes(b"S\n\n\xff")
    ((file, line, what),) = told(tmp_path)
    assert (file, line, what) == ("en/nudge.other.txt.j2", 3, "it is not UTF-8")


def test_names_of_a_templates_own_are_no_unknown_ones(put, tmp_path):
    put("en/_mine", "{% macro hi(who) %}Hi {{ who }}{% endmacro %}")
    put(
        "en/nudge.other",
        "{% import 'en/_mine.txt.j2' as mine %}S\n\n{% set x = mine.hi(reader) %}{{ x }}"
        "{% for one in range(2) %}{{ loop.index }}{{ one }}{% endfor %}{{ y if y is defined }}",
    )
    assert told(tmp_path) == []
    assert hints(tmp_path) == {}


def test_files_that_no_message_uses_are_named_with_what_was_probably_meant(put, tmp_path):
    for name in ("en/nudge.otter", "nudge.other", "EN/hold.attendee", "en/_words", "en/_forgotten", "pl/_broken"):
        put(name)
    (tmp_path / "en" / "ask.self.j2").write_text("S")
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("x")
    found = hints(tmp_path)
    assert set(found) == {
        "en/nudge.otter.txt.j2", "nudge.other.txt.j2", "EN/hold.attendee.txt.j2", "en/_forgotten.txt.j2",
        "pl/_broken.txt.j2", "en/ask.self.j2",
    }  # fmt: skip
    assert found["en/nudge.otter.txt.j2"] == found["nudge.other.txt.j2"] == "did you mean `en/nudge.other.txt.j2`?"
    assert found["EN/hold.attendee.txt.j2"] == "did you mean `en/hold.attendee.txt.j2`?"
    assert found["en/ask.self.j2"] == "did you mean `en/ask.self.txt.j2`?"


def test_folder_that_is_not_there_is_told(tmp_path):
    for ask in (usable, problems):
        with pytest.raises(MessageTemplateError, match="is no folder"):
            ask(tmp_path / "words")
    assert problems(None) == []
    assert hints_of_nothing() == []


def hints_of_nothing():
    return list(unused(None))
