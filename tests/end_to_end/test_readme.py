"""What the README shows is what the program does."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def fenced(language):
    text = (ROOT / "README.md").read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_demo_in_the_readme_is_what_the_demo_prints(home):
    (shown,) = fenced("text")
    printed = iter(home.run("demo", now=None).out.splitlines())
    lines = [line for line in shown.splitlines() if line.strip() not in {"", "…"}]
    assert len(lines) > 30
    missing = [line for line in lines if line not in printed]  # `in` goes on where it stopped: the order counts
    assert missing == []


def test_configuration_in_the_readme_is_right(home):
    (example,) = (
        block for block in re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    )
    home.configure("\n".join(line.removeprefix("   ") for line in example.splitlines()) + "\n")
    result = home.run("check")
    assert result.status == 0, result.err


def test_every_command_in_the_readme_exists(home):
    text = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"`agendad ([a-z]+)", text))
    listed = home.run("--help").out
    assert named
    assert all(re.search(rf"^\s+{name}\b", listed, re.MULTILINE) for name in named)
