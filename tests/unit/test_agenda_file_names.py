"""Agenda files on the disk: which name is whose, what is read, and what never leads out of the folder."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from agendad.daemon.agenda_files import MAX_BYTES, AgendaFolder, folder_names, start_of
from agendad.rules.agenda_file import AgendaFile, match, name_of
from agendad.rules.relationship import Advice, Meeting, Notes, SessionNotes
from agendad.rules.text.assessment import State, assess_text, is_left_open
from agendad.rules.text.skeleton import EARLIER, SKELETON

NOW = datetime(2026, 11, 30, 14, tzinfo=UTC)
DAY = date(2026, 12, 1)


def meeting(hour, day=1, uid="a"):
    start = datetime(2026, 12, day, tzinfo=UTC) + timedelta(hours=hour)
    return Meeting(start=start, end=start + timedelta(minutes=30), uid=f"{uid}{day}-{hour}")


def file(**how):
    return AgendaFile(**({"path": "pair/2026-12-01.md", "day": DAY, "lines": ("- one",)} | how))


@pytest.fixture
def pairs(make_policy):
    (pair,) = make_policy().mentorships
    return lambda *names: [replace(pair, name=name) for name in names]


@pytest.mark.parametrize("name", ["grace-ada", "Grace & Ada", "O'Neill (2026)", "グレースと愛", "a.b"])
def test_ordinary_name_is_its_folders_name(pairs, name):
    assert folder_names(pairs(name)) == {name: name}


@pytest.mark.parametrize(
    "name",
    ["..", ".", "../../etc", "/etc", "a/b", "a\\b", ".hidden", "~", "a\0b", "con", "NUL.md", "x" * 300, "end.", "a\nb",
     "愛" * 90, " a ", "\u202egnp", "C:"],
)  # fmt: skip
def test_odd_name_gets_a_folder_that_leads_nowhere_else(pairs, tmp_path, name):
    folder = folder_names(pairs(name))[name]
    assert (tmp_path / folder).resolve().parent == tmp_path.resolve()
    assert folder.isprintable()
    assert not folder.startswith((".", "~"))
    assert len(folder.encode()) < 200
    (tmp_path / folder).mkdir()


def test_names_that_some_systems_take_for_the_same_have_different_folders(pairs):
    found = folder_names(pairs("Ada", "ada", "a/b", "a\\b"))
    assert len({name.casefold() for name in found.values()}) == 4


def test_session_is_found_by_the_day_on_the_users_clock_where_the_user_is(make_policy, abroad):
    me = make_policy().me  # New York
    late = meeting(3, 2)  # 22:00 on the first, in New York
    assert match([file()], [late], me, NOW).by_session == {late.key: file()}
    tokyo = abroad(me, ("2026-11-30", "2026-12-05", "Asia/Tokyo"))
    assert match([file()], [late], tokyo, NOW).unmatched == (file(),)
    assert name_of(late.start, [late], tokyo) == "2026-12-02.md"


def test_two_sessions_on_a_day_are_told_apart_by_number_or_time_and_two_files_for_one_are_none(make_policy):
    me, first, second = make_policy().me, meeting(14), meeting(20)
    bare, two, timed = file(), file(path="2", number=2), file(path="t", clock="1500")
    assert match([bare, two], [first, second], me, NOW).by_session == {first.key: bare, second.key: two}
    assert match([bare, timed], [first, second], me, NOW).by_session == {first.key: bare, second.key: timed}
    doubled = match([bare, two, timed], [first, second], me, NOW)
    assert (doubled.by_session, doubled.doubled) == ({first.key: bare}, (two, timed))
    assert match([file(number=3)], [first, second], me, NOW).unmatched == (file(number=3),)
    assert name_of(second.start, [first, second], me) == "2026-12-01-1500.md"


def test_files_of_days_that_are_over_are_nobodys_concern(make_policy):
    old = file(day=date(2026, 11, 29))
    assert match([old], [], make_policy().me, NOW).unmatched == ()


@pytest.fixture
def shelf(tmp_path, make_policy, pairs):
    def read(**how):
        policy = make_policy(mentorships=tuple(pairs("pair")))
        return AgendaFolder(tmp_path / "agendas", policy, **how).read(None, NOW)

    (tmp_path / "agendas" / "pair").mkdir(parents=True)
    read.path = tmp_path / "agendas" / "pair" / "2026-12-01.md"
    return read


def test_file_counts_as_written_once_it_was_left_alone_and_a_clock_that_is_off_holds_nothing_back(shelf):
    shelf.path.write_text("- one", "utf-8")
    for age, settled in ((5, False), (59, False), (60, True), (-5, True)):
        moment = NOW.timestamp() - age
        os.utime(shelf.path, (moment, moment))
        (found,) = shelf(settles=timedelta(minutes=1)).of("pair")
        assert found.settled is settled
    os.utime(shelf.path, (NOW.timestamp(), NOW.timestamp()))
    (found,) = shelf().of("pair")
    assert found.settled


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        ("- one\nzwei\n- ü".encode("latin-1"), "line 3 is not UTF-8"),
        (b"- one\n" + b"x" * MAX_BYTES, "it has 64 KB"),
        ("- one".encode("utf-16"), "line 1 is not UTF-8"),
    ],
)
def test_file_that_cannot_be_used_says_why(shelf, content, said):
    shelf.path.write_bytes(content)
    (found,) = shelf().of("pair")
    assert found.problem.startswith(said)
    assert found.lines == ()


def test_byte_order_mark_and_windows_line_ends_are_no_trouble(shelf):
    shelf.path.write_bytes("\ufeff- one\r\n- two\r\n".encode())
    (found,) = shelf().of("pair")
    assert (found.problem, found.lines) == ("", ("- one", "- two"))


@pytest.mark.parametrize("how", ["file", "folder", "device"])
def test_nothing_outside_of_the_folder_is_read(shelf, tmp_path, how):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "2026-12-01.md").write_text("- secret", "utf-8")
    if how == "folder":
        shelf.path.parent.rmdir()
        shelf.path.parent.symlink_to(outside)
    else:
        shelf.path.symlink_to("/dev/zero" if how == "device" else outside / "2026-12-01.md")
    (found,) = shelf().of("pair")
    assert "link out of the folder" in found.problem
    assert found.lines == ()


def test_skeleton_is_never_put_outside_of_the_folder(tmp_path, make_policy):
    (tmp_path / "outside").mkdir()
    (tmp_path / "agendas").mkdir()
    (tmp_path / "agendas" / "pair").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="leads out of"):
        AgendaFolder(tmp_path / "agendas", make_policy()).begin(tmp_path / "agendas" / "pair" / "x.md", "text", None)
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize("language", SKELETON)
def test_skeleton_has_four_parts_and_every_one_is_known_as_left_open(language):
    heading, *parts = SKELETON[language].split("\n")
    assert heading.endswith((":", "："))
    assert len(parts) == 4
    assert all(is_left_open(part) for part in parts)
    assert not any(is_left_open(f"{part} x") for part in parts)


@pytest.mark.parametrize("label", EARLIER)
def test_skeleton_of_before_is_still_a_placeholder_and_an_agenda_once_filled(label):
    assert assess_text(f"Agenda:\n- {label}").state is State.PLACEHOLDER
    assert assess_text(f"Agenda:\n- {label} pair programming").state is State.PRESENT


def test_new_file_holds_last_sessions_advice_and_what_came_of_it(make_policy):
    policy = make_policy()
    (pair,) = policy.mentorships
    advice = (Advice(text="read chapter 3", done=True, outcome="it helped"), Advice(text="ask for feedback"))
    notes = Notes(sessions=(SessionNotes(day=date(2026, 11, 17), advice=advice),))
    text = start_of(policy, pair, notes, DAY)
    assert text.splitlines()[1] == "- You advised “read chapter 3”; what came of it: it helped"
    assert "ask for feedback" not in text, "the other person reads it"
    assert assess_text(text).state is State.PLACEHOLDER
    assert start_of(policy, pair, None, DAY) == SKELETON["en"] + "\n"
