"""HTML as people see it."""

import pytest

from agendad.rules.text.html import html_lines, looks_like_html


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display:none">x</p>',
        '<span style="VISIBILITY: hidden">x</span>',
        '<span style="font-size:0">x</span>',
        '<span style="color:#ffffff">x</span>',
        "<p hidden>x</p>",
        "<style>.x{color:red}</style>",
        "<script>x</script>",
        "<!-- x -->",
        "&nbsp;&#8203;",
        "<style>.gone{display:none}</style><p class=gone>x</p>",
    ],
)
def test_nothing_is_read_when_nothing_is_seen(hidden):
    assert not any(html_lines(f"<html><body>{hidden}</body></html>"))


def test_structure_becomes_lines():
    markup = '<p>Hi</p><ul><li><p>one</p></li><li>two <a href="https://x.example/">Agenda</a></li></ul>a<br>b'
    assert [line for line in html_lines(markup) if line] == [
        "Hi",
        "- one",
        "- two Agenda <https://x.example/>",
        "a",
        "b",
    ]


def test_white_text_is_read_when_it_stands_on_a_background():
    assert html_lines('<div style="background:#036"><span style="color:white">x</span></div>') == ["x"]


def test_deep_nesting_ends():
    assert html_lines("<div>" * 20_000 + "x") == []


def test_a_placeholder_in_angle_brackets_is_no_markup():
    assert not looks_like_html("<add agenda here>")
