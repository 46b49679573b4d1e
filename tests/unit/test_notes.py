"""Notes as people write them, and what agendad adds to them."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agendad.rules.note_words import ADVICE, EXAMPLES, PROMISED
from agendad.rules.notes import MAX_NOTES, beginning, read_notes, section
from agendad.rules.policy import Party
from agendad.rules.relationship import Advice, Milestone, SessionNotes
from agendad.rules.saying import LANGUAGES

TODAY = date(2027, 2, 10)
DAY = date(2026, 12, 1)


def read(text, today=TODAY):
    return read_notes(text, today)


def only(text):
    (session,) = read(text).sessions
    return session


def test_session_has_advice_with_ticks_and_outcomes_what_helped_and_other_lines():
    notes = read(
        "# grace-ada\n\n## 2026-12-01\n\nAdvice:\n- [ ] read chapter 3\n- [x] write goals → three of them\n- plain\n"
        "- [X] call Bob\n  → he said yes\n\nHelped: the list of questions\n\nShe was tired.\n"
    )
    assert notes.sessions == (
        SessionNotes(
            day=DAY,
            advice=(
                Advice(text="read chapter 3"),
                Advice(text="write goals", done=True, outcome="three of them"),
                Advice(text="plain"),
                Advice(text="call Bob", done=True, outcome="he said yes"),
            ),
            helped=("the list of questions",),
            other=("She was tired.",),
        ),
    )
    assert [one.open for one in notes.sessions[0].advice] == [True, False, True, False]


@pytest.mark.parametrize(
    "heading",
    [
        "## 2026-12-01",
        "# 2026-12-01: with Ada",
        "### Tue 1 Dec 2026",
        "## Session of 1 December 2026",
        "##2026-12-01 ##",
        "## Di., 1. Dezember 2026",
        "## mar. 1er décembre 2026",
        "## 1 de diciembre de 2026",
        "## 2026年12月1日",
        "## 01.12.2026",
        "**2026-12-01**",
        "2026-12-01:",
        "## 01/12/2026",
        "## Tue 1 Dec",
    ],
)
def test_heading_with_a_date_begins_a_session_however_it_is_written(heading):
    assert only(f"{heading}\nHelped: walking\n").day == DAY
    assert only(f"{heading}\r\nHelped: walking\r\n").helped == ("walking",)


def test_date_without_a_year_is_the_one_nearest_to_the_session_before_it():
    days = [one.day for one in read("## 2025-11-30\n- a\n## 14 Dec\n- b\n## 11 Jan\n- c\n").sessions]
    assert days == [date(2025, 11, 30), date(2025, 12, 14), date(2026, 1, 11)]


@pytest.mark.parametrize(
    "text",
    [
        "Advice: read it → done\n",
        "Advice:\nread it -> done\n",
        "**Advice:** read it ⇒ done\n",
        "**Advice**:\n* read it => done\n",
        "### Advice\n\n1. read it → done\n",
        "- Advice: read it → done\n- Helped: x\n",
        "advice :\n\n+ read it\n  → done\n",
        "Advice\uff1a\n- [ ] read it\n    → done\n",
    ],
)
def test_advice_is_read_in_the_ways_in_which_people_write_lists(text):
    assert only(f"## 2026-12-01\n{text}").advice == (Advice(text="read it", outcome="done"),)


@pytest.mark.parametrize("box", ["[x]", "[X]", "[✓]", "[-]", "☑", "✅"])
def test_box_with_anything_in_it_is_ticked(box):
    assert only(f"## 2026-12-01\nAdvice:\n- {box} read it\n").advice == (Advice(text="read it", done=True),)


def test_lines_of_an_item_go_on_and_a_free_line_ends_the_list():
    session = only("## 2026-12-01\nAdvice:\n- read\n  chapter 3\n  - twice\n- talk\n\nI am nervous.\n- not advice\n")
    assert session.advice == (Advice(text="read chapter 3, twice"), Advice(text="talk"))
    assert session.other == ("I am nervous.", "- not advice")


@pytest.mark.parametrize("label", ["Advice: read it", "Advice:\nread it", "Advice:\n- read it"])
def test_line_of_its_own_after_advice_is_no_part_of_it(label):
    session = only(f"## 2026-12-01\n{label}\nPrivate: I was ashamed.\n")
    assert session.advice == (Advice(text="read it"),)
    assert session.other == ("Private: I was ashamed.",)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Thanked: 2026-12-20\n", [date(2026, 12, 20)]),
        ("## Thanks 2026-12-20\n", [date(2026, 12, 20)]),
        ("## Thanks\n\n2026-12-20\n- 2027-01-03, by mail\n", [date(2026, 12, 20), date(2027, 1, 3)]),
        ("## 2026-12-01\nThanked: yes\n", [DAY]),
        ("## 2026-12-01\nThanked: 2027-01-05\n", [date(2027, 1, 5)]),
        ("## 2026-12-01\nThanked:\n", []),
        ("Thanked: yes\n", []),
        ("Thanked: 20 Dec 2026\n", [date(2026, 12, 20)]),
    ],
)
def test_thanks_have_a_date_or_that_of_their_session(text, days):
    assert list(read(text).thanked) == days


def test_milestones_are_of_their_session_or_of_the_date_beside_them():
    notes = read(
        "Milestone: 2026-12-24 promoted\n## 2026-12-01\nMilestones:\n- first talk\n- 2026-12-05: second talk\n"
    )
    assert notes.milestones == (
        Milestone(day=DAY, text="first talk"),
        Milestone(day=date(2026, 12, 5), text="second talk"),
        Milestone(day=date(2026, 12, 24), text="promoted"),
    )


def test_two_sections_of_a_day_are_one_session():
    assert only("## 2026-12-01\nAdvice: a\n## 2026-12-01\nAdvice: b\n").advice == (Advice(text="a"), Advice(text="b"))


def test_untouched_section_says_nothing():
    notes = read(f"{beginning('grace-ada', 'en')}\n{section(DAY, 'en', Party.MENTEE)}")
    assert not notes.sessions[0].says_something
    assert not notes.kept


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_added_and_the_example_beside_it_are_read_in_every_language(language):
    assert set(ADVICE) == set(PROMISED) == set(EXAMPLES) == set(LANGUAGES)
    text = section(DAY, language, Party.MENTEE)
    filled = text.replace("- [ ] \n", "- [x] read it → twice\n- [ ] sleep\n")
    assert only(filled).advice == (Advice(text="read it", done=True, outcome="twice"), Advice(text="sleep"))
    promised = section(DAY, language, Party.MENTOR).replace("- [ ] \n", "- [ ] a link\n")
    assert only(promised).promised == (Advice(text="a link"),)
    item, *fields = (part.strip("`") for part in EXAMPLES[language].split(" · "))
    notes = read("\n".join(["## 2026-12-01", ADVICE[language], item, *fields]))
    assert [one.done and bool(one.outcome) for one in notes.sessions[0].advice] == [True]
    assert notes.sessions[0].helped == ("…",)
    assert notes.thanked == (date(2026, 12, 20),)
    assert fields[1][-1] == "…"  # the milestone, which is nothing yet
    assert read("\n".join(["## 2026-12-01", fields[1].replace("…", "talk")])).milestones == (
        Milestone(day=DAY, text="talk"),
    )


LINES = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@given(st.lists(LINES, max_size=12), st.sampled_from(LANGUAGES), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
@example(["Advice:", "- [ ] a"], "en", DAY)
@example(["```", "## 2026-12-01"], "fr", DAY)
def test_section_that_is_added_to_any_text_is_read_back(lines, language, day):
    before = "\n".join(lines)
    notes = read_notes(f"{before}\n\n{section(day, language, Party.MENTEE)}- [x] read it → twice\n", day)
    (session,) = (one for one in notes.sessions if one.day == day)
    assert session.advice[-1] == Advice(text="read it", done=True, outcome="twice")


@given(st.text(max_size=400), st.dates())
def test_any_text_is_read_without_a_fault(text, today):
    notes = read_notes(text, today)
    assert list(notes.sessions) == sorted(notes.sessions, key=lambda one: one.day)


@given(
    st.lists(
        st.sampled_from(
            [
                "## 2026-12-01",
                "## Thanks",
                "### Advice",
                "Advice:",
                "- [x] a → b",
                "  → c",
                "- Thanked: 2026-12-20",
                "Helped :",
                "",
                "x",
                "  - d",
                "2026-12-03",
                "Milestone: 9999-12-31 x",
                "Thanked: 0000-00-00",
                "- ",
                "☐",
                "#",
                ":",
                "→",
                "> Advice: no",
            ]
        ),
        max_size=20,
    ),
    st.sampled_from([TODAY, date.min, date.max - timedelta(days=1), date.max]),
)
def test_any_order_of_known_lines_is_read_without_a_fault(lines, today):
    read_notes("\n".join(lines), today)


@pytest.mark.parametrize(
    "line",
    ["#", "- ", "[ ", "a:", "→", " ", "**", "- [x] a\n", "  → b\n", "## 2026-01-01\n", "Advice:\n", "3/4 ", "->"],
)
def test_huge_and_monotonous_notes_are_read_to_their_end(line):
    text = (f"## 2026-12-01\nAdvice:\n- a\n{line * MAX_NOTES}")[:MAX_NOTES]
    notes = read(text)
    assert all(len(one.text) <= 500 for session in notes.sessions for one in session.advice)


def test_quoted_lines_and_comments_are_nothing():
    assert read("> ## 2026-12-01\n> Thanked: 2026-12-20\n<!-- Thanked: 2026-12-21 -->\n") == read("")
