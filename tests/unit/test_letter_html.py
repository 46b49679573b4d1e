"""The HTML of a letter says what its text says, on any screen, and nothing that somebody else wrote is markup."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agendad.daemon.letter_html import blocks, letter_html
from agendad.daemon.message_gallery import scenes, word
from agendad.rules.messages import LINE_WIDTH, _lay_out

words = st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=90)
prose = st.lists(words, min_size=1, max_size=30).map(" ".join).filter(lambda text: not text.startswith("-"))
TAG = re.compile("<[^>]*>")
NARROW = "a long line of words that is not to be broken by hand on a narrow screen, however long it may become"


def flat(text):
    return " ".join(text.split())


def body_of(html):
    return html.partition("<body")[2]


@given(st.lists(prose, min_size=1, max_size=4))
def test_paragraphs_and_items_are_what_they_were_before_they_were_wrapped(texts):
    plain = _lay_out("\n\n".join(texts), LINE_WIDTH)
    assert [without_blanks(block.text) for block in blocks(plain)] == [without_blanks(text) for text in texts]
    (listed,) = blocks(_lay_out("\n".join(f"- {text}" for text in texts), LINE_WIDTH))
    assert [without_blanks(item) for item in listed.items] == [without_blanks(text) for text in texts]


def without_blanks(text):
    return "".join(text.split())


def test_wrapped_prose_is_one_line_again():
    text = f"{NARROW}, {NARROW}, {NARROW}."
    (block,) = blocks(_lay_out(text, LINE_WIDTH))
    assert block.text == text


@pytest.mark.parametrize(
    "text",
    [
        "招待にまだ議題がありません。一、二行で十分です。" * 4,
        "12月3日(木) 16:00 GMT(ロンドン)の「メンタリング:第三章の草稿を一緒に読む会」です。",
    ],
)
def test_text_without_blanks_gets_none_where_it_was_wrapped(text):
    (block,) = blocks(_lay_out(text, LINE_WIDTH))
    assert block.text == text


def test_list_stays_with_the_line_above_it_and_what_follows_it():
    body = "Hi,\n\nAgenda:\n- one\n  and more\n- two\nlast\n\nGrace\n\nagendad wrote this."
    assert [(block.text, block.items, block.opens, block.aside) for block in blocks(body)] == [
        ("Hi,", (), True, False),
        ("Agenda:", (), True, False),
        ("", ("one and more", "two"), False, False),
        ("last", (), False, False),
        ("Grace", (), True, False),
        ("agendad wrote this.", (), True, True),
    ]


def test_letter_of_one_paragraph_is_no_aside():
    (block,) = blocks("agendad wrote this.")
    assert not block.aside


def test_every_message_says_the_same_in_html_as_in_text():
    for scene in scenes():
        message = word(scene)
        html = letter_html(message.subject, message.body, message.language)
        said = flat(unescape(TAG.sub(" ", body_of(html).partition(">")[2])))
        assert said == flat(re.sub("^- ", "", message.body, flags=re.MULTILINE))


def test_markup_in_a_title_is_shown_and_does_nothing():
    evil = "<img src=x onerror=alert(1)></p><script>{{ 7*7 }}</script> & \"quotes' <!--"
    html = letter_html(evil, f"Hi,\n\n- {evil}\n\n{evil}", "en")
    assert not any(mark in html for mark in ("<img", "<script", "<!--", "49"))
    assert unescape(html).count(evil) == 3


def test_html_is_for_light_and_dark_and_loads_nothing():
    html = letter_html("S", "Hi\n\n- one\n\nagendad", "de-CH").lower()
    assert '<html lang="de-ch">' in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "prefers-color-scheme: dark" in html
    assert not any(
        mark in html for mark in ("http", "url(", "src=", "href", "<img", "<link", "<script", "@import", "<a ")
    )
    assert "<table" not in html, "one column"


def test_unknown_text_without_a_word_makes_an_empty_letter():
    assert list(blocks("\n \n\n")) == []
