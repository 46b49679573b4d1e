"""Words for the terminal: sessions, findings and plans as lines of text."""

import os
import re
import sys
import textwrap
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from unicodedata import combining, east_asian_width

from agendad.rules.policy import Person
from agendad.rules.text.untrusted import one_line, strip_controls

MARKS = {"error": "✗", "warning": "!", "info": "·"}
_WIDTH = 80
_COLOURS = {"✗": "31", "!": "33", "✓": "32", "→": "36", "‖": "35"}
"""By mark, as ECMA-48 numbers them."""
_MARKED = re.compile(rf"^( *)([{''.join(_COLOURS)}]) ", re.MULTILINE)
_LONG = 200
"""Characters of a title or a path that are shown."""

Shape = Mapping[str, Any]
"""A session as `agendad.daemon.reporting.session_json` shapes it."""


def when(instant: datetime, me: Person | None) -> str:
    """An aware time on the user's clock, where they are then; UTC where that is not known.

    >>> grace = Person(name="Grace", emails=("grace@example.org",), timezone="America/New_York")
    >>> when(datetime(2026, 12, 1, 20, tzinfo=UTC), grace)
    'Tue 1 Dec 2026 15:00 EST'
    """
    local = instant.astimezone((me and me.zone_at(instant)) or UTC)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M} {abbreviation(local)}"


def on_clocks(instant: datetime, people: Iterable[Person]) -> str:
    """An aware time on the clock of each whose zone is known; the day is said again only where it differs.

    >>> grace = Person(name="Grace", emails=("grace@example.org",), timezone="America/New_York")
    >>> ada = Person(name="Ada", emails=("ada@example.com",), timezone="Europe/London")
    >>> on_clocks(datetime(2026, 12, 1, 20, tzinfo=UTC), (grace, ada))
    'Tue 1 Dec 2026 15:00 EST / 20:00 GMT'
    """
    locals_ = [instant.astimezone(zone) for one in people if (zone := one.zone_at(instant))] or [instant]
    told = [f"{locals_[0]:%a} {locals_[0].day} {locals_[0]:%b %Y %H:%M} {abbreviation(locals_[0])}"]
    for local in locals_[1:]:
        day = "" if local.date() == locals_[0].date() else f"{local:%a} {local.day} {local:%b} "
        told.append(f"{day}{local:%H:%M} {abbreviation(local)}")
    return " / ".join(dict.fromkeys(told))


def abbreviation(local: datetime) -> str:
    """The zone's name at that time; zones without letters are named by their offset."""
    name = local.tzname() or "UTC"
    return f"UTC{name}" if name[0] in "+-" else name


def session_time(shape: Shape, me: Person) -> str:
    """When a session is, as far as anybody can tell."""
    if shape["start"] is not None:
        return when(datetime.fromisoformat(shape["start"]), me)
    wall = str(shape["wall_start"]).replace("T", " ")
    return f"{wall} (no time zone)" if not shape["zone"] else f"{wall} (unknown zone {one_line(shape['zone'], 60)})"


def describe(shape: Shape, me: Person) -> str:
    """A session with its findings and what would happen when."""
    lines = [f"{session_time(shape, me)}  {one_line(shape['title'], _LONG) or '(no title)'}"]
    pair = shape["mentorship"] or "not declared"
    role = f"you are the {shape['my_role']}" if shape["my_role"] else "the pair is not in your configuration"
    lines.append(f"    {pair}: {role} · {one_line(shape['source'], _LONG)}")
    for finding in shape["findings"]:
        lines += _finding(finding)
    if opted_out := shape.get("opted_out"):
        lines += wrapped(f"it opts out of agendad, nothing is done about it: {opted_out}", "    ‖ ")
    if paused := shape.get("paused"):
        lines += wrapped(paused_until(paused, me), "    ‖ ")
    if not shape["findings"]:
        lines.append("    ✓ nothing to find fault with")
    lines += [line for step in shape["plan"] for line in _step(step, me)]
    return coloured("\n".join(lines))


def coloured(text: str) -> str:
    """Lines with their marks in colour where a person reads them: on a terminal, unless NO_COLOR is set.

    >>> coloured("    ✗ agenda.missing")
    '    ✗ agenda.missing'
    """
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return _MARKED.sub(lambda found: f"{found[1]}\x1b[{_COLOURS[found[2]]}m{found[2]}\x1b[0m ", text)


def paused_until(pause: Mapping[str, Any], me: Person | None) -> str:  # JSON
    """A pause, shaped by `agendad.daemon.pauses.Pause.as_json`: until when, what and why."""
    end = f"until {when(datetime.fromisoformat(pause['until']), me)}" if pause["until"] else "until `agendad resume`"
    what = pause["kind"] if pause["kind"] == "everything" else pause["label"] or pause["target"]
    series = "the series " if pause["kind"] == "series" else ""
    because = f" ({pause['because']})" if pause["because"] else ""
    return f"paused: {series}{what}, {end}{because}"


def _finding(finding: Shape) -> list[str]:
    text = f"{finding['code']}: {finding['message']}"
    lines = wrapped(text, f"    {MARKS[finding['severity']]} ")
    if finding["evidence"] and finding["evidence"] not in finding["message"]:
        lines += wrapped(finding["evidence"], "        ")
    return lines


def _step(step: Shape, me: Person) -> list[str]:
    moment = when(datetime.fromisoformat(step["sends"]), me)
    to = ", ".join(step["to"])
    text = f"{moment}: {step['action']}"
    if step["effect"] not in (step["action"], "ask"):
        text += f" ({step['effect']})"
    text += " you" if step["effect"] == "ask" else f" → {to}"
    if "why" in step:
        text += f" — {step['why']}"
    return wrapped(text, "    → ")


def cut(text: str, width: int = _WIDTH) -> str:
    """One line of at most `width` columns; what is too long ends in “…”. Some scripts take two columns a character.

    >>> cut("Mentoring: Ada and Grace", 12), cut("面談：進捗の確認", 9)
    ('Mentoring:…', '面談：進…')
    """
    line = " ".join(strip_controls(text).split())
    if _columns(line) <= width:
        return line
    while line and _columns(line) > width - 1:
        line = line[:-1]
    return f"{line.rstrip()}…"


def _columns(text: str) -> int:
    wide = sum(east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(combining(character) != 0 for character in text)


def wrapped(text: str, first: str) -> list[str]:
    """Lines of at most 80 columns, aligned after `first`."""
    return textwrap.wrap(
        strip_controls(text).replace("\n", " "),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_on_hyphens=False,
    )
