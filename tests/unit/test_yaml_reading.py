from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agendad.daemon.config_errors import ConfigError
from agendad.daemon.yaml_reading import Mark, read


def test_scalars_follow_the_core_schema():
    text = b"a: no\nb: 17:00\nc: 2026-01-01\nd: true\ne: 0o17\nf: 1.5\ng: ~\nh: '1'\ni: on\nj: 1_000\nk: 010\n"
    assert read(text, "x").value == {
        "a": "no", "b": "17:00", "c": "2026-01-01", "d": True, "e": 15, "f": 1.5, "g": None, "h": "1",
        "i": "on", "j": "1_000", "k": 10,
    }  # fmt: skip


def test_no_stays_a_string_under_a_version_directive():
    assert read(b"%YAML 1.1\n---\na: no\nb: 17:00\n", "x").value == {"a": "no", "b": "17:00"}


def test_places_are_known_for_keys_and_values():
    document = read(b"a:\n  - b: 1\n", "x")
    assert document.keys["a", 0, "b"] == Mark(2, 5)
    assert document.values["a", 0, "b"] == Mark(2, 8)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (b"a:\n\tb: 1\n", "x:2:1", "tab"),
        (b"a: b: c\n", "x:1:5", "a `:` where none can stand"),
        (b"a: 1\nb: 'x\n", "x:2:4", "never closed"),
        (b"a: [1, 2\n", "x:2:1", "a bracket is opened"),
        (b"a:\n  b: 1\n c: 2\n", "x:3:2", "not indented like"),
        (b"a: 1\n---\nb: 2\n", "x:2:1", "second document"),
        (b"a: @x\n", "x:1:4", "cannot start with this character"),
        (b"a: *x\n", "x:1:4", "names no anchor"),
        (b"a: \xff\n", "x:1:4", "no UTF-8"),
        ("a: 1".encode("utf-16"), "x:1:1", "UTF-16"),
        (b"a: \x01\n", "x:1:4", "invisible character U+0001"),
        (b"a: &a [*a]\n", "x:1:4", "inside what it names"),
    ],
)
def test_broken_file_is_told_with_place_and_likely_cause(text, place, said):
    with pytest.raises(ConfigError) as caught:
        read(text, "x")
    assert str(caught.value).startswith(f"{place}: ")
    assert said in str(caught.value)


def test_duplicate_keys_are_told_with_both_lines_and_the_rest_is_read():
    document = read(b"a: 1\nb: 2\na: 3\n", "x")
    assert [str(problem) for problem in document.problems] == [
        "x:3:1: a: duplicate key, also on line 1; keep one of the two"
    ]
    assert document.value == {"a": 1, "b": 2}


def test_anchors_and_aliases_are_followed():
    assert read(b"a: &d [mon]\nb: *d\n", "x").value == {"a": ["mon"], "b": ["mon"]}


def test_bomb_of_aliases_is_refused():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(ConfigError, match="more than 10000 values"):
        read("\n".join(lines).encode(), "x")


@pytest.mark.parametrize("depth", [100, 5000])
def test_endless_nesting_is_refused(depth):
    with pytest.raises(ConfigError, match="levels deep"):
        read(b"[" * depth + b"]" * depth, "x")


@pytest.mark.parametrize(
    ("text", "said"), [(b"a: !x 1\n", "tag"), (b"<<: {a: 1}\n", "merge"), (b"? [a]\n: 1\n", "one word")]
)
def test_what_configuration_does_not_use_is_refused(text, said):
    (problem,) = read(text, "x").problems
    assert said in problem.message


@given(st.binary(max_size=80) | st.text(alphabet="ab:-[]{}'\"\n \t&*!#|>%@?,", max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_reason(content):
    with suppress(ConfigError):
        assert read(content, "x").file == "x"
