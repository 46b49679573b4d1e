"""docs/security.md names the tests that show what it says."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_test_that_the_page_names_exists_and_every_row_names_one():
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    every = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", page))
    assert sorted(named - every) == []
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| could", "| ---"))]
    assert len(rows) > 25
    assert [row for row in rows if "`test_" not in row.rsplit("|", 2)[-2]] == []
