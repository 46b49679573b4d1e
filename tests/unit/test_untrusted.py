import unicodedata

import pytest

from agendad.rules.text.lexicon import fold
from agendad.rules.text.untrusted import unified


@pytest.mark.parametrize("unit", ["e\u0301 ", "ｔｂｄ ", "\ufdfa ", "\u1100\u1161 ", "\u00a8 e\u0316\u0301"])
def test_long_text_is_unified_as_a_whole_would_be(unit):
    assert unified(unit * 5000) == unicodedata.normalize("NFKC", unit * 5000)


def test_a_million_marks_on_one_letter_are_unified_in_linear_time():
    assert len(fold("e" + "\u0301\u0316" * 500_000)) >= 1_000_000
