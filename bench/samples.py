"""Calendars as people have them: invites of Outlook, Google and others, most of them no mentorship at all."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from agendad.rules.engine import default_options
from agendad.rules.policy import Mentorship, Party, Person, Policy

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)

ME = Person(name="Ada Lovelace", emails=("ada@example.org",), timezone="Europe/London", holidays=("GB-ENG",))
GRACE = Person(name="Grace Hopper", emails=("grace@example.org",), timezone="America/New_York", holidays=("US",))

_ZONE = """\
BEGIN:VTIMEZONE
TZID:GMT Standard Time
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T010000
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
_TEAMS = (
    "________________________________________________________________________________\\nMicrosoft Teams meeting\\n"
    "Join on your computer, mobile app or room device\\nClick here to join the meeting"
    "<https://teams.microsoft.com/l/meetup-join/19%3ameeting_{0}%40thread.v2/0?context=%7b%22Tid%22%3a%22{0}%22%7d>\\n"
    "Meeting ID: 345 221 098 77\\nPasscode: aB3kd9\\nOr call in (audio only)\\n+44 20 3321 5272\\,\\,554433221#\\n"
    "________________________________________________________________________________\\n"
)
_TITLES = ("Sprint planning", "1:1", "Design review", "Dentist", "Quarterly budget review", "Interview debrief")
_OF_THE_PAIR = ("Mentoring: Ada / Grace", "Mentorship session", "1:1", "Ada / Grace")
_WRITTEN = Path(__file__).parent.parent / "tests" / "verdicts" / "sentences"


@lru_cache(maxsize=1)
def _sentences() -> tuple[str, ...]:
    """What people write into invites, in nine languages."""
    lines = (line for path in sorted(_WRITTEN.glob("*.tsv")) for line in path.read_text("utf-8").splitlines())
    return tuple(line.partition("\t")[2] for line in lines)


def _body(choice: random.Random) -> str:
    said = "\n".join(choice.sample(_sentences(), choice.randrange(4)))
    return said.replace("\\", "\\\\").replace("\n", "\\n").replace(",", "\\,").replace(";", "\\;") + "\\n"


def policy() -> Policy:
    """Me, and a mentor."""
    pair = Mentorship(name="grace-ada", mentor=GRACE, mentee=ME, my_role=Party.MENTEE)
    return Policy(me=ME, mentorships=(pair,), rules=default_options())


def write_calendar(folder: Path, events: int, *, each: int = 1, sessions: int = 60) -> None:
    """Write that many single events, `each` to a file, into the sixty days to come.

    About `sessions` of them are with the mentor, as a person has about that many, whatever else is in the calendar.
    """
    folder.mkdir(parents=True, exist_ok=True)
    choice = random.Random(1)  # noqa: S311 - nothing secret: the same calendar every time
    made = [_event(number, choice, with_mentor=choice.random() * events < sessions) for number in range(events)]
    for start in range(0, events, each):
        body = "".join(made[start : start + each])
        text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//bench//EN\n{_ZONE}{body}END:VCALENDAR\n"
        (folder / f"{start:06}.ics").write_bytes(text.replace("\n", "\r\n").encode())


def _event(number: int, choice: random.Random, *, with_mentor: bool) -> str:
    other, name = ("grace@example.org", "Grace Hopper") if with_mentor else ("bob@example.com", "Bob Kahn")
    title = choice.choice(_OF_THE_PAIR if with_mentor else _TITLES)
    day = datetime(2026, 12, 1) + timedelta(days=choice.randrange(59))  # noqa: DTZ001 - a clock reading
    # Most sessions are when both work: from two in London on, which is nine in New York.
    suits = with_mentor and choice.random() < 0.8
    start = day + timedelta(minutes=14 * 60 + 30 * choice.randrange(6) if suits else 30 * choice.randrange(16, 40))
    end = start + timedelta(minutes=30)
    body = _body(choice) + _TEAMS.format(f"{number:032x}")
    lines = [
        "BEGIN:VEVENT",
        f"UID:{number:08}-{choice.getrandbits(64):016x}@example.org",
        f"DTSTAMP:{NOW:%Y%m%dT%H%M%SZ}",
        f"DTSTART;TZID=GMT Standard Time:{start:%Y%m%dT%H%M%S}",
        f"DTEND;TZID=GMT Standard Time:{end:%Y%m%dT%H%M%S}",
        f"SUMMARY:{title}",
        "ORGANIZER;CN=Ada Lovelace:mailto:ada@example.org",
        "ATTENDEE;CN=Ada Lovelace;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:ada@example.org",
        f"ATTENDEE;CN={name};PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:{other}",
        f"DESCRIPTION:{body}",
        "LOCATION:Microsoft Teams Meeting",
        "SEQUENCE:0",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "CLASS:PUBLIC",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Reminder",
        "TRIGGER:-PT15M",
        "END:VALARM",
        "END:VEVENT",
    ]
    return "".join(part for line in lines for part in _folded(line))


def _folded(line: str) -> Iterator[str]:
    yield line[:75] + "\n"
    for start in range(75, len(line), 74):
        yield f" {line[start : start + 74]}\n"


def html_body(size: int = 12_000) -> str:
    """A body as Outlook writes it: a style sheet, a paragraph for each line, a list and links."""
    style = (
        "<style><!-- @font-face {font-family:Calibri;} p.MsoNormal, li.MsoNormal, div.MsoNormal {margin:0cm;"
        "font-size:11.0pt;font-family:'Calibri',sans-serif;} a:link {color:#0563C1;text-decoration:underline;} -->"
        "</style>"
    )
    head = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv="Content-Type" '
        f'content="text/html; charset=utf-8">{style}</head><body lang="EN-GB" link="#0563C1"><div class="WordSection1">'
    )
    points = (
        "promotion packet: what is missing",
        "feedback on the design document",
        "how to say no to one more project",
        "what I tried since last time",
    )
    parts = [head]
    length, place = len(head), 0
    while length < size - 400:
        point = points[place % len(points)]
        if place % 3:
            part = (
                f'<p class="MsoNormal" style="margin-bottom:0cm"><span lang="EN-GB" style="font-family:'
                f'&quot;Calibri&quot;,sans-serif">{point}, number {place}<o:p></o:p></span></p>'
            )
        else:
            part = (
                f'<ul type="disc"><li class="MsoNormal"><b>{point}</b> see <a href="https://docs.example.org/{place}">'
                f"the draft</a>&nbsp;please</li></ul>"
            )
        parts.append(part)
        length += len(part)
        place += 1
    parts.append("</div></body></html>")
    return "".join(parts)
