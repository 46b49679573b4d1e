"""Where lines are joined and broken, in writing with and without spaces."""

import pytest

from agendad.rules.text.wrapping import joined, wrapped


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        (["two words", "more"], "two words more"),
        (["一つ目です。", "二つ目です。"], "一つ目です。二つ目です。"),
        (["您好：", "Ada"], "您好：Ada"),
        (["a word for", "太郎"], "a word for 太郎"),
        (["  one ", "", "two"], "one two"),
        (["«\u202fun\u202f»", "deux\u202f?"], "«\u202fun\u202f» deux\u202f?"),
    ],
)
def test_lines_are_joined_with_a_space_only_where_the_writing_has_spaces(lines, whole):
    assert joined(lines) == whole


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 8, ["one two", "three"]),
        ("今天天气很好", 8, ["今天天气", "很好"]),
        ("今天天气，很好", 8, ["今天天", "气，很好"]),
        ("今天天（很好）", 8, ["今天天", "（很好）"]),
        ("我的agendad程序", 8, ["我的", "agendad", "程序"]),
        ("明日、山田さんと", 12, ["明日、山", "田さんと"]),
        ("会うのはAdaさん", 13, ["会うのは", "Adaさん"]),
        ("回は12月3日(木)だ", 14, ["回は", "12月3日(木)だ"]),
        ("次のセッション", 12, ["次の", "セッション"]),
        ("行います。", 8, ["行い", "ます。"]),
    ],
)
def test_lines_break_where_readers_expect_it(text, width, lines):
    assert wrapped(text, width) == lines


def test_word_longer_than_a_line_is_broken_and_nothing_is_lost():
    lines = wrapped("見て " + "x" * 30 + "を", 10, "  ")
    assert max(map(len, lines)) <= 10
    assert "".join(line.strip() for line in lines) == "見て" + "x" * 30 + "を"


def test_later_lines_of_an_item_are_indented():
    assert wrapped("- 今天天气很好", 8, "  ") == ["- 今天天", "  气很好"]
