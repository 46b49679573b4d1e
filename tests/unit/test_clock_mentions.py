from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from agendad.rules.clock_mentions import mentions_in_body, mentions_in_title, zones_meant


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Mentoring 3pm ET", [(900, "ET")]),
        ("Mentoring 3–4pm ET", [(900, "ET")]),
        ("Mentoring 11-1pm ET", [(660, "ET")]),
        ("Mentoring 11-12pm ET", [(660, "ET")]),
        ("15:00-15:30 CET", [(900, "CET")]),
        ("9:30 AM PST / 5:30 PM GMT", [(570, "PST"), (1050, "GMT")]),
        ("Mentoring (15:00 UTC+1)", [(900, "UTC+1")]),
        ("Mentoring 15:00 Europe/London", [(900, "Europe/London")]),
        ("12am ET", [(0, "ET")]),
        ("12pm ET", [(720, "ET")]),
        ("Mentoring 15 Uhr", [(900, "")]),
        ("Mentoring 3pm", [(900, "")]),
        ("1:1 Ada and Grace", []),
        ("Sprint 3/4, v2.0, room 3.15", []),
        ("24h notice", []),
        ("Session 2026-12-01", []),
        ("Call +1 212 555 0100", []),
        ("Mentoring 1:00 h", []),
        ("Slides due by 5pm ET", []),
        ("25:00 CET", []),
        ("Mentorat 15h30 CET", [(930, "CET")]),
        ("Mentorat 15h Paris", [(900, "Paris")]),
        ("Mentorat à 15h", [(900, "")]),
        ("Mentorat 1h30", []),
        ("Mentorat 2h Paris", []),
        ("Mentoring, noon ET", [(720, "ET")]),
        ("Mentoring 12 noon ET", [(720, "ET")]),
        ("Noon walk", []),
        ("Mentoring 4pm New York time", [(960, "New York time")]),
        ("Mentoring (moved from 4pm GMT)", []),
        ("About the 9:00 standup", []),
        ("Mentoring: John 3:16", []),
        ("Mentoring 10:00 (UTC-05:00) Eastern Time (US & Canada)", [(600, "standard UTC-05:00")]),
        ("メンタリング 15時", [(900, "")]),
        ("导师面谈 下午3点半", [(930, "")]),
        ("北京时间20点 导师", [(1200, "北京时间")]),
        ("3点钟", []),
        ("2時間のメンタリング", []),
    ],
)
def test_title_names_start_times(title, expected):
    assert [(m.minutes, m.zone) for m in mentions_in_title(title)] == expected


def test_body_counts_labelled_lines_above_the_quote_only():
    body = "When: Tue 3pm ET\nI had lunch at 1pm ET\n> When: 4pm ET\nAda wrote:\nWhen: 5pm ET"
    assert [m.minutes for m in mentions_in_body(body.splitlines())] == [900]


@pytest.mark.parametrize(
    ("words", "known", "settled"),
    [
        ("UTC", (), True),
        ("GMT-5", (), True),
        ("Asia/Tokyo", (), True),
        ("Nowhere/Atall", (), False),
        ("ET", ("America/New_York",), True),
        ("ET", ("Europe/London", "Asia/Kolkata"), False),
        ("IST", ("Asia/Kolkata",), True),
        ("GST", ("Asia/Dubai",), True),
        ("London", ("Europe/London",), True),
        ("Eastern Time", ("America/New_York",), True),
        ("CSS", ("America/New_York",), False),
    ],
)
def test_zone_words_are_settled_by_known_zones_only(words, known, settled):
    zones = zones_meant(words, tuple(ZoneInfo(key) for key in known), datetime(2026, 7, 1, tzinfo=UTC))
    assert bool(zones) is settled


@pytest.mark.parametrize("unit", ["3pm ", "at 3 ", "at 3 at ", "um 3 Uhr ", "三点", "1:15"])
def test_timetable_in_one_sentence_says_nothing_of_the_session(unit):
    assert list(mentions_in_body(["See you at " + unit * 500] * 50)) == []
