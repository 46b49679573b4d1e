"""HTML as people see it."""

import pytest

from agendad.rules.text.html import MAX_MARKUP, html_lines, looks_like_html, seen_markup


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
    assert html_lines("<div>" * 20_000 + "x") == ["x"]


def test_a_placeholder_in_angle_brackets_is_no_markup():
    assert not looks_like_html("<add agenda here>")


def test_what_hides_elements_is_kept_of_a_style_sheet():
    much = f"<style>p{{margin:0}}{' ' * MAX_MARKUP}</style>"
    seen, cut = seen_markup(f"<style>.gone{{display:none}}</style>{much}<p class=gone>x</p>")
    assert not cut
    assert "gone{" in seen
    assert "margin" not in seen
    assert not any(html_lines(seen))


def test_what_is_hidden_inside_something_hidden_is_cut_once():
    inner = '<span hidden style="display:none">x</span>' * 50
    assert html_lines(f'<div style="display:none" hidden>{inner}<p hidden>{inner}</p></div><p>seen</p>') == ["seen"]


@pytest.mark.parametrize("opened", ["<style>", "<script>", "<!--"])
def test_nothing_is_read_after_what_is_never_closed(opened):
    assert seen_markup(f"a{opened}" * 50_000) == ("a", False)
    assert html_lines(f"a{opened}" * 50) == ["a"]


def test_markup_is_cut_when_too_much_is_left():
    seen, cut = seen_markup("<!-- x -->" + "y" * (MAX_MARKUP + 1))
    assert cut
    assert len(seen) == MAX_MARKUP


def test_text_after_a_hidden_element_is_read_in_its_place():
    markup = (
        "<div>a<span hidden>x<p>y</p></span>b</div><p hidden><b>z</b></p><p>c<a href='https://x.example/'>d</a></p>e"
    )
    assert [line for line in html_lines(markup) if line] == ["ab", "cd <https://x.example/>", "e"]


@pytest.mark.parametrize(
    "markup",
    [
        "<style>" + "</style " * 400_000,
        "<script>" + "</script/" * 400_000,
        "<style>opacity:" + " " * 2_000_000,
        "<!--" * 900_000,
    ],
)
def test_what_is_never_closed_is_passed_over_in_linear_time(markup):
    assert not any(html_lines(seen_markup(markup + "y")[0]))


def test_first_closing_tag_of_a_style_sheet_decides():
    markup = "<style>" + "a" * MAX_MARKUP + "</styled></style\n x>seen<p>"
    assert list(filter(None, html_lines(seen_markup(markup)[0]))) == ["seen"]


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ("<b>" * 10_000 + "x<wbr>" * 10_000, ["x" * 10_000]),
        ("<div>" * 8000 + "<b hidden>x</b>" * 3000 + "y", ["y"]),
        ("<b>one</b><div>two<wbr>three</div>four<wbr>five", ["one", "twothree", "fourfive"]),
        ("<div hidden><p hidden>x</p></div><p><b hidden>x</b>y</p>", ["y"]),
    ],
)
def test_deep_trees_are_read_as_shallow_ones_are(markup, lines):
    assert [line for line in html_lines(markup) if line] == lines
