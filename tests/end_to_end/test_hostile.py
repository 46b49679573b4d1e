"""Hostile and broken input to the installed command: time and memory stay bounded, and whatever is healthy is judged.

The bounds are generous. They tell linear from quadratic and from endless, and not a fast machine from a slow one.
"""

import email
import email.policy
import json
import os
import re
import resource
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SECONDS = 60
MEMORY = 2 * 2**30
AGENDA = "Agenda:\\n- review the draft of chapter three\\n- how to ask for feedback\\n\\nhttps://meet.google.com/abc-mnop-xyz"
SOON = {"start": "20261203T160000Z", "end": "20261203T163000Z"}
ACTING = """\
version: 1
mode: act
me: {name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}
accounts: [{name: home, provider: ics, path: calendar}]
limits: {grace: 0h, max_cancels_per_day: 50, max_mails_per_day: 50, max_actions_per_run: 50}
rules: {agenda: {ladder: [{before: 36h, do: cancel}]}, ownership: {enabled: false}}
mail: {transport: file}
mentorships:
"""
PAIR = """\
  - name: pair-{0}
    mentor: me
    mentee: {{name: Ada Lovelace, emails: [ada{0}@example.com], timezone: Europe/London}}
    met: true
"""
"""Each session has a mentee of its own: one person gets one message a day."""
TOMORROW = {"start": "20261201T150000Z", "end": "20261201T153000Z"}
# Everything that acts on a terminal, and reordering marks. The line feed is what lines end with.
ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def bounded(home, *arguments):
    """Run the command with bounded time and memory. A traceback is a failure wherever it comes from."""

    def limit() -> None:
        if sys.platform == "linux":  # elsewhere this bounds nothing, or is refused
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    environ = {**home.environ, "AGENDAD_NOW": "2026-11-30T08:30:00-05:00"}
    done = subprocess.run(
        [Path(sys.executable).with_name("agendad"), *arguments], cwd=home.folder, env=environ, capture_output=True,
        timeout=SECONDS, check=False, preexec_fn=limit,
    )  # fmt: skip
    result = Done(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in result.err + result.out, result.err[-2000:]
    assert result.status in (0, 1), result.err
    return result


def event(
    *lines: str,
    uid: str = "x@example.org",
    title: str = "Mentoring: Ada and Grace",
    start: str = SOON["start"],
    end: str | None = SOON["end"],
) -> str:
    return "\r\n".join(
        [
            "BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261120T090000Z", f"DTSTART:{start}",
            *([f"DTEND:{end}"] if end else []), f"SUMMARY:{title}",
            "ORGANIZER;CN=Grace Hopper:mailto:grace@example.org",
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:grace@example.org",
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.com", *lines, "END:VEVENT", "",
        ]
    )  # fmt: skip


def calendar(*parts: str) -> str:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Calendar//EN\r\n" + "".join(parts) + "END:VCALENDAR\r\n"
    )


def tomorrow(number: int, *lines: str, uid: str, title: str = "Mentoring") -> str:
    """A session without an agenda, which is cancelled when acting."""
    text = event(*lines, uid=uid, title=title, start=TOMORROW["start"], end=TOMORROW["end"])
    return calendar(text).replace("ada@example.com", f"ada{number}@example.com")


def act(home, mode: str) -> None:
    pairs = "".join(PAIR.format(number) for number in range(12))
    home.configure(ACTING.replace("mode: act", f"mode: {mode}") + pairs)


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace(";", "\\;").replace(",", "\\,")


def put(home, files: dict[str, str | bytes]) -> None:
    """Write files beside a healthy one."""
    home.invite("good.ics", **SOON, body=AGENDA)
    for name, content in files.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (home.calendar / f"{name}.ics").write_bytes(raw)


def lint(home):
    """What lint says of the folder; the healthy file is judged as if it were alone, also at its time."""
    home.configure(f"{home.config}rules: {{conflict: {{enabled: false}}}}\n")
    report = bounded(home, "lint", "calendar", "--json").json
    (good,) = [one for one in report["sessions"] if one["uid"] == "good@example.org"]
    assert (good["is_mentorship"], good["findings"]) == (True, [])
    return report


def of(listed, name):
    return [one for one in listed if one["source"] == f"calendar/{name}.ics"]


def repeated(unit: str, length: int = 200_000) -> str:
    return (unit * (length // len(unit) + 1))[:length]


HOURS = "BYHOUR=" + ",".join(map(str, range(24)))
MINUTES = "BYMINUTE=" + ",".join(map(str, range(60)))
DAYS = "BYYEARDAY=" + ",".join(map(str, range(1, 367)))
EVERY_DAY = "BYDAY=MO,TU,WE,TH,FR,SA,SU"
DATES = ",".join(f"2026{month:02}{day:02}" for month in (11, 12) for day in range(1, 31))
TIMES = ",".join(f"202612{n // 144 % 28 + 1:02}T{n // 6 % 24:02}{n % 6 * 10:02}00Z" for n in range(4000))
LONG_AGO = "00020101T000000Z"
YEARS = {"start": "20240101T000000Z", "end": "20260601T000000Z"}

RULES = {
    "secondly": event("RRULE:FREQ=SECONDLY", title="Dentist"),
    "minutely": event("RRULE:FREQ=MINUTELY", title="Dentist"),
    "secondly-for-years": event("RRULE:FREQ=SECONDLY", **YEARS),
    "minutely-for-years": event("RRULE:FREQ=MINUTELY", **YEARS),
    "minutely-for-months": event("RRULE:FREQ=MINUTELY", title="Dentist", start="20260601T000000Z"),
    "secondly-all-taken-out": event("RRULE:FREQ=SECONDLY", f"EXDATE;VALUE=DATE:{DATES}", start="20261101T000000Z"),
    "secondly-whole-days": calendar(event("RRULE:FREQ=SECONDLY", start="20261101", end=None)),
    "yearly-each-minute": event(f"RRULE:FREQ=YEARLY;{DAYS};{HOURS};{MINUTES}", start=LONG_AGO, end=None),
    "monthly-each-minute": event(f"RRULE:FREQ=MONTHLY;{EVERY_DAY};{HOURS};{MINUTES}", start=LONG_AGO, end=None),
    "two-rules": event(
        f"RRULE:FREQ=WEEKLY;{EVERY_DAY};{HOURS};{MINUTES}", "RRULE:FREQ=YEARLY", start=LONG_AGO, end=None
    ),
    "setpos-that-never-comes": event("RRULE:FREQ=MINUTELY;BYSECOND=0,0;BYSETPOS=2"),
    "setpos-400": event("RRULE:FREQ=DAILY;BYSETPOS=400"),
    "setpos-0": event("RRULE:FREQ=DAILY;BYSETPOS=0"),
    "never": event("RRULE:FREQ=SECONDLY;BYWEEKNO=1;BYMONTH=6"),
    "interval-0": event("RRULE:FREQ=DAILY;INTERVAL=0"),
    "count-e9": event("RRULE:FREQ=SECONDLY;COUNT=1000000000", start="19700101T000000Z", end=None),
    "count-of-digits": event(f"RRULE:FREQ=DAILY;COUNT={'9' * 5000}"),
    "until-before": event("RRULE:FREQ=DAILY;UNTIL=20200101T000000Z"),
    "year-9999": event("RRULE:FREQ=DAILY", start="99991231T235959Z"),
    "year-1": event("RRULE:FREQ=DAILY", start="00010101T000000Z"),
    "centuries": event("RRULE:FREQ=DAILY", start=LONG_AGO, end="99980101T000000Z"),
    "centuries-once": event(start=LONG_AGO, end="99980101T000000Z"),
    "duration-of-digits": event(f"DURATION:P{'9' * 100_000}D", end=None),
    "rdates": event(f"RDATE:{TIMES}", f"RDATE:{TIMES}", f"RDATE:{TIMES}", title="Dentist"),
    "exdates": event(*[f"EXDATE:{TIMES}"] * 3, "RRULE:FREQ=DAILY"),
    "dates-that-are-none": event("RDATE:" + "x," * 1_000_000),
    "names-repeated": event("RRULE:FREQ=WEEKLY;BYDAY=" + "MO," * 100_000 + "MO"),
    "exceptions": event("RRULE:FREQ=SECONDLY", start="20261201T000000Z", end=None, title="Dentist")
    + "".join(
        f"BEGIN:VEVENT\nUID:x@example.org\nRECURRENCE-ID:20261201T{n // 3600:02}{n // 60 % 60:02}{n % 60:02}Z\n"
        f"DTSTART:20261205T{n // 3600:02}{n // 60 % 60:02}{n % 60:02}Z\nSUMMARY:Dentist\nEND:VEVENT\n"
        for n in range(4000)
    ),
    "zone-of-rules": "BEGIN:VTIMEZONE\nTZID:Mine\n"
    + "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY\nEND:STANDARD\n"
    * 5000
    + "END:VTIMEZONE\n"
    + event(start="20261203T160000").replace("DTSTART:", "DTSTART;TZID=Mine:"),
    "zone-that-never-changes": "BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
    "TZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYDAY=53MO;BYMONTH=2\nEND:STANDARD\nEND:VTIMEZONE\n"
    + event(start="20261203T160000").replace("DTSTART:", "DTSTART;TZID=Mine:"),
}  # fmt: skip
QUIET = (
    "count-e9", "until-before", "centuries-once", "names-repeated", "zone-of-rules", "zone-that-never-changes",
)  # fmt: skip
"""Of which there is nothing to say: they are followed, or come to nothing."""


def test_rules_without_end_or_sense_are_bounded_and_told(home):
    put(
        home,
        {
            name: (text if text.startswith("BEGIN:VCALENDAR") else calendar(text)).replace("x@example.org", f"{name}@x")
            for name, text in RULES.items()
        },
    )
    report = lint(home)
    for name in RULES:
        told = of(report["errors"], name) + of(report["notes"], name)
        assert len(of(report["sessions"], name)) <= 2000, name
        assert bool(told) is (name not in QUIET), (name, told)
        assert all(one["line"] and one["message"] for one in told), name
    (endless,) = of(report["notes"], "secondly")
    assert (endless["line"], endless["message"]) == (
        13, "more than 2,000 occurrences in view; the first 2,000 were read",
    )  # fmt: skip
    (years,) = of(report["notes"], "minutely-for-years")
    assert "only its first date and what is written out besides were read" in years["message"]
    (past,) = of(report["errors"], "year-9999")
    assert "this event was left out" in past["message"]


def test_many_series_without_end_in_one_file_share_what_is_told_of_a_file(home):
    put(home, {"many": calendar(*(event("RRULE:FREQ=SECONDLY", uid=f"{n}@x", title="Dentist") for n in range(20)))})
    report = lint(home)
    assert len(report["sessions"]) < 21_000
    assert "the series before it have too many occurrences" in of(report["notes"], "many")[-1]["message"]


def _giant_description(path: Path) -> None:
    """100 MB in the middle of an event; sparse, so that it takes no time."""
    head, tail = calendar(event("DESCRIPTION:|")).split("|")
    with path.open("wb") as file:
        file.write(head.encode())
        file.seek(100 * 2**20)
        file.write(tail.encode())


def _many_events(path: Path) -> None:
    head, tail = calendar("|").split("|")
    one = event().encode()
    path.write_bytes(head.encode() + one * (100 * 2**20 // len(one)) + tail.encode())


def _one_line(path: Path) -> None:
    path.write_bytes(b"a" * (100 * 2**20))


@pytest.mark.parametrize("make", [_giant_description, _many_events, _one_line])
def test_file_of_100_megabytes_is_not_read_and_says_so(home, make):
    put(home, {})
    make(home.calendar / "giant.ics")
    report = lint(home)
    (error,) = report["errors"]
    assert error["source"] == "calendar/giant.ics"
    assert re.fullmatch(r"the file has 1\d\d MB and was not read; split it, 32 MB is the most", error["message"])
    (account,) = bounded(home, "run", "--once", "--json").json["accounts"]
    assert (account["ok"], account["changed"]) == (True, 1)
    (home.calendar / "giant.ics").unlink()


LARGE = {
    "one-line": b"a" * 30_000_000,
    "description": calendar(event("DESCRIPTION:" + "abc def " * 3_700_000)),
    "lines": calendar(event("a:b\n" * 1_510_000)),
    "components": "BEGIN:VCALENDAR\n" + "BEGIN:X\n" * 500_000 + "END:Y\n" * 500_000,
    "events": calendar(*(event(uid=f"{n}@x", title="Dentist") for n in range(2000))),
    "begun": "BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\n" * 1_000_000,
}


@pytest.mark.parametrize("name", LARGE)
def test_file_that_is_just_small_enough_takes_bounded_memory(home, name):
    put(home, {name: LARGE[name]})
    report = lint(home)
    told = of(report["errors"], name) + of(report["notes"], name)
    assert len(told) <= 102
    assert bool(told) is (name not in ("description", "events"))
    assert all(one["line"] for one in told)


def test_ten_thousand_attendees_are_cut_and_told(home):
    guests = [f"ATTENDEE;CN=Guest {n}:mailto:guest{n}@example.org" for n in range(10_000)]
    put(home, {"crowd": calendar(event(*guests))})
    report = lint(home)
    (note,) = report["notes"]
    assert (note["source"], note["line"]) == ("calendar/crowd.ics", 1011)
    assert note["message"] == "10,002 attendees; the first 1,000 were read"
    assert [one["is_mentorship"] for one in of(report["sessions"], "crowd")] == [False]
    assert bounded(home, "run", "--once").status == 0


BODIES = {
    "nested": "<div>" * 100_000 + "x",
    "nested-and-read": "<div>x" * 15_000,
    "nested-inline": "<b>" * 10_000 + "x<wbr>" * 10_000,
    "nested-and-hidden": "<div>" * 8000 + "<b hidden></b>" * 4000,
    "nested-and-white": "<div style='color:#fff'>" * 4000,
    "nested-in-pre": "<pre>" + "<b>" * 10_000 + "x\n<wbr>" * 8000,
    "tables": "<table><tr><td>" * 6000,
    "formatting": "<p><b><i><u><s><tt>" * 5000,
    "comments": "<!--" * 500_000,
    "comments-closed": "<!-- --><p>x" * 100_000,
    "styles": "<style>" * 300_000,
    "scripts": "<script>" * 300_000,
    "style-closing": "<style>" + "</style " * 300_000,
    "script-closing": "<script>" + "</script/" * 300_000,
    "style-of-spaces": "<style>opacity:" + " " * 1_000_000 + "x</style>",
    "style-of-selectors": "<style>" + "a," * 8000 + "{display:none}</style>x",
    "attribute": "<p title='" + "a" * 1_000_000 + "'>x</p>",
    "attribute-style": "<p style='opacity:" + " " * 90_000 + "x'>y",
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(90_000)) + ">x</p>",
    "entities": "&amp;" * 200_000,
    "entities-of-entities": "&" + "amp;" * 200_000 + "lt;p&gt;",
    "characters": "&#x110000;&#99999999999;&#xD800;&#0;" * 4000,
    "links": "<a href=https://example.org/>" * 5000 + "x",
    "plaintext": "<plaintext><textarea><title><select><template><svg><math>" * 2000,
    "brackets": "<" * 200_000,
    "doctypes": "<!doctype " * 20_000,
    "zeros": "<p>\0</p>" * 10_000,
}


def test_html_that_is_deep_or_left_open_is_read_in_bounded_time(home):
    files = {}
    for name, body in BODIES.items():
        html = f"X-ALT-DESC;FMTTYPE=text/html:{escaped(body)}"
        files[name] = calendar(event(html, f"DESCRIPTION:{escaped(body)}", uid=f"{name}@x"))
    put(home, files)
    report = lint(home)
    assert report["errors"] == []
    for name in BODIES:
        assert len(of(report["sessions"], name)) == 1, name


BROKEN = {
    "no-end": "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:b\r\nDTSTART:20261203T160000Z\r\n",
    "no-begin": "END:VEVENT\r\n" * 10_000,
    "empty": b"",
    "zeros": b"\0" * 100_000,
    "utf-32": calendar(event()).encode("utf-32"),
    "no-calendar": "hello\r\n",
    "mime": "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(5000)),
    "nested-events": calendar("BEGIN:VEVENT\r\n" * 10_000 + "END:VEVENT\r\n" * 10_000),
    "nested-calendars": "BEGIN:VCALENDAR\r\n" * 10_000,
    "time-that-acts": calendar(event(start="\x1b[31m\u202e")),
}
"""Of which nothing can be read: a refusal with its line."""
ODD = {
    "end-alone": calendar("END:VEVENT\r\n" * 10_000 + event()),
    "end-inside": calendar(event("END:FOO\r\n" * 10_000)),
    "nested-alarms": calendar(event("BEGIN:VALARM\r\n" * 10_000 + "END:VALARM\r\n" * 10_000)),
    "alarms": calendar(event("BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nACTION:DISPLAY\r\nEND:VALARM\r\n" * 10_000)),
    "nested-unknown": calendar("BEGIN:X\r\n" * 30_000, *(event() for _ in range(1000)), "END:X\r\n" * 30_000),
    "zero": calendar(event("DESCRIPTION:a\0b", title="Mentoring\0: Ada and Grace")),
    "invalid-utf-8": calendar(event(title="Mentoring: |Ada and Grace")).encode().replace(b"|", b"\xff\xfe\xc3"),
    "surrogate": calendar(event(title="Mentoring: |Ada and Grace")).encode().replace(b"|", b"\xed\xa0\x80"),
    "utf-16": calendar(event()).encode("utf-16"),
    "utf-16-odd": calendar(event()).encode("utf-16") + b"x",
    "utf-16-surrogate": calendar(event(title="Mentoring: |Ada and Grace"))
    .encode("utf-16")
    .replace("|".encode("utf-16-le"), b"\x00\xd8"),
    "lone-cr": calendar(event()).replace("\r\n", "\r"),
    "cr-inside": calendar(event("DESCRIPTION:a\rb\rX-C:1")),
    "cr-cr-lf": calendar(event()).replace("\r\n", "\r\r\n"),
    "bom": b"\xef\xbb\xbf" + calendar(event()).encode(),
    "bom-twice": b"\xef\xbb\xbf\xef\xbb\xbf" + calendar(event()).encode(),
    "folded-inside-a-character": calendar(event(title="Mentoring: Ada and Grace é")).encode().replace(
        b"\xc3\xa9", b"\xc3\r\n \xa9"
    ),
    "parameters": calendar(event("ATTENDEE" + ";X=1" * 100_000 + ":mailto:a@example.org")),
    "quotes": calendar(event("ATTENDEE;X=" + '"a' * 100_000 + ":mailto:a@example.org")),
    "semicolons": calendar(event("ATTENDEE" + ";;" * 100_000 + ":mailto:a@example.org")),
    "backslashes": calendar(event("DESCRIPTION:" + "\\" * 200_001, "CATEGORIES:" + "\\," * 100_000)),
    "no-property": calendar(event("A" * 1_000_000)),
    "zones": calendar(*(event(uid="x@example.org").replace("DTSTART:", f"DTSTART;TZID={zone}:").replace("00Z", "00")
        for zone in ("../../../../etc/passwd", "/etc/passwd", "Europe", "a\0b", "a" * 100_000, "a/" * 100_000))),
    "sequence": calendar(event(f"SEQUENCE:{'9' * 100_000}", f"PRIORITY:{'9' * 100_000}", "GEO:x", "STATUS:x")),
    "uids": calendar(event(*(f"UID:u{n}" for n in range(100_000)))),
}  # fmt: skip
"""Of which something can."""


def test_frames_and_encodings_that_are_broken_cost_themselves_alone(home):
    files: dict[str, str | bytes] = {}
    for name, content in (BROKEN | ODD).items():
        raw = content if isinstance(content, bytes) else content.encode()
        mine = f"{name}@example.org"
        one, other = "x@example.org", mine
        if name.startswith("utf-16"):
            files[name] = raw.replace(one.encode("utf-16-le"), other.encode("utf-16-le"))
        else:
            files[name] = raw.replace(one.encode(), other.encode())
    put(home, files)
    report = lint(home)
    for name in BROKEN:
        told = of(report["errors"], name)
        assert told, name
        assert len(told) <= 51, name
        assert all(one["line"] for one in told), name
        assert "left" in told[0]["message"] or "no END" in told[0]["message"], told[0]
    for name in ODD:
        assert of(report["errors"], name) == [], name
        assert len(of(report["sessions"], name)) == 1, name
    run = bounded(home, "run", "--once", "--json").json
    assert run["accounts"][0]["ok"], run
    again = bounded(home, "run", "--once", "--json").json
    assert {action["state"] for action in again["actions"]} <= {"skipped"}, "one message a person a day"


UIDS = {
    "up": "../../x",
    "further-up": "../" * 40 + "x",
    "root": "/etc/passwd",
    "windows": "..\\\\..\\\\x",
    "newline": "a\\nb\\nBcc: evil@example.org",
    "zero": "a\0b",
    "long": "x" * 1_000_000,
    "acting": "\x1b[31m\u202ex",
    "dots": "..",
    "quote": "a\\,b\\;c\"'<>|*?%s{0}$(x)`x`",
}


def listing(folder: Path) -> set[Path]:
    return {Path(path) / name for path, folders, files in os.walk(folder) for name in (*folders, *files)}


@pytest.mark.parametrize("mode", ["observe", "act"])
def test_nothing_is_written_outside_whatever_an_event_calls_itself(home, tmp_path, mode):
    act(home, mode)
    for number, (name, uid) in enumerate(UIDS.items()):
        text = tomorrow(number, uid=uid)
        (home.calendar / f"{name}.ics").write_text(text, "utf-8", newline="")
    before = listing(tmp_path)
    beside = set(tmp_path.parent.iterdir())
    actions = bounded(home, "run", "--once", "--json").json["actions"]
    assert len(actions) == len(UIDS)
    assert len({action["uid"] for action in actions}) == len(UIDS)
    state, new = home.folder / "state", listing(tmp_path) - before
    assert all(path == state or path.is_relative_to(state) for path in new), new
    assert set(tmp_path.parent.iterdir()) == beside
    letters = list((state / "outbox").glob("*.eml"))
    if mode == "act":
        assert {action["state"] for action in actions} == {"confirmed"}, actions
        assert len(letters) >= len(UIDS)
    for letter in letters:
        check_letter(letter)
    for path in home.calendar.iterdir():
        assert ("STATUS:CANCELLED" in path.read_text("utf-8")) is (mode == "act"), path


def check_letter(path: Path) -> None:
    """A letter goes to those it is meant for, and holds no line that was meant to be one of its headers."""
    raw = path.read_bytes()
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    (reader,) = letter["To"].addresses
    assert re.fullmatch(r"ada\d+@example\.com|grace@example\.org", reader.addr_spec)
    assert not {"bcc", "cc", "x-evil"} & {name.lower() for name in letter.keys()}  # noqa: SIM118, they repeat
    assert letter.defects == []
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    assert all(len(line) <= 998 for line in head.split(b"\n"))
    assert not re.search(rb"(?im)^(?:bcc|x-evil):", head)
    for part in letter.walk():
        if part.get_content_type() == "text/plain":
            assert not ACTS.search(part.get_content().replace("\r\n", "\n"))


BITES = (
    "\x1b[31mred\x1b]0;title\x07",
    "\\r\\nBcc: evil@example.org\\r\\nX-Evil: 1",
    "\\nBcc: evil@example.org\\n\\nnew body",
    "a\rBcc: evil@example.org",
    "\u202eesrever\u202c\u2066isolated\u2069",
    "\u200bzero\u200dwidth\ufeff\u2060",
    "\x9b31mcsi\x85nel\x7f",
    "\u2028line\u2029paragraph\x0b\x0c\x1c\x1d",
    "\U000e0041\U000e007f tags",
    "=?utf-8?q?x=0D=0ABcc:_evil@example.org?=",
)


@pytest.mark.parametrize(
    ("mode", "commands"),
    [
        ("approve", ("lint calendar", "run --dry-run", "pending", "pending --json", "sessions")),
        ("act", ("lint calendar --json", "history", "summary --send", "explain zone@x")),
    ],
)
def test_controls_in_titles_names_and_places_neither_reach_a_terminal_nor_a_header(home, mode, commands):
    act(home, mode)
    for number, bite in enumerate(BITES):
        name = bite.replace("\\n", "").replace("\\r", "")
        text = tomorrow(
            number, f"LOCATION:{bite}", f"CATEGORIES:{bite}", f"COMMENT:{bite}", f"CONTACT:{bite}",
            *([f"DESCRIPTION:{bite}"] if number % 2 else []), uid=f"{number}{bite}", title=f"Mentoring {bite}",
        )  # fmt: skip
        text = text.replace("CN=Grace Hopper", f'CN="{name}"').replace("ATTENDEE;", f'ATTENDEE;CN="{name}";')
        (home.calendar / f"{number}.ics").write_text(text, "utf-8", newline="")
    zone = event(uid="zone@x").replace("DTSTART:", "DTSTART;TZID=\x1b[31m\u202eNowhere:").replace("00Z", "00")
    put(
        home,
        {"esc\x1b[31m\u202e": "no calendar", "zone": calendar(zone), "bad": calendar(event("\x1b[31m\u202e none"))},
    )
    shown = {words: bounded(home, *words.split()).out for words in ("run --once --json", *commands)}
    for words, out in shown.items():
        found = ACTS.search(out)
        assert found is None, (words, out[max(found.start() - 80, 0) : found.end() + 20])
        assert not re.search(r"(?m)^(?:Bcc|X-Evil):", out), words
    assert {one["state"] for one in json.loads(shown["run --once --json"])["actions"]} == {
        "confirmed" if mode == "act" else "pending"
    }
    letters = list((home.folder / "state" / "outbox").glob("*.eml"))
    assert len(letters) >= (8 if mode == "act" else 0)
    for letter in letters:
        check_letter(letter)


WORDS = [
    "a", "a ", "Aa ", "A. ", "x@", "a.b@c.", "http://", "https://a.", "www.", "mailto:", "#a", "Dr. ", "1:", "1.1.",
    "9", "+1 ", "+1-(2) ", "at 3 ", "at 3 at ", "um 3 Uhr ", "quarter to ", "see you at 3 ", "moved us ", "monday 3 ",
    "when: ", "agenda: ", "On 3 Ada wrote ", "mentor ", "no mentoring with ", "1:1 ", "A/", "[a", "x\n", "3pm ",
]  # fmt: skip
SIGNS = [
    "(", "[", "{", "_", "<", ">", "&", ": ", "- ", "\n", ".", "*", "'", '"', " ", "\t", "|", "; ", "\\", "?", "> ",
    "&amp;", "&#x41;", "-\n", "_ ", ". ", "~-:",
]  # fmt: skip
SCRIPTS = [
    "—", "（", "【", "：", "…", "«", "・", "\u00a0", "\u2028", "\u0301\u0316", "e\u0301", "👩\u200d", "\u200b", "三点",
    "の", "İ", "ß", "\ufdfa", "\u1100\u1161", "\u05d0", "１", "，",
]  # fmt: skip


@pytest.mark.parametrize("units", [WORDS, SIGNS, SCRIPTS], ids=["words", "signs", "scripts"])
def test_texts_that_expressions_might_try_in_every_way_are_judged_in_bounded_time(home, units):
    files = {}
    for number, unit in enumerate(units):
        bomb = escaped(repeated(unit) + "!")
        in_lines = escaped("\n".join(f"{repeated(unit, 1900)}{line}" for line in range(10)))
        files[f"{number}"] = calendar(
            event(f"DESCRIPTION:{bomb}", f"LOCATION:{bomb}", uid=f"{number}@x", title=bomb),
            event(f"X-ALT-DESC;FMTTYPE=text/html:<p>{bomb}</p>", uid=f"{number}-html@x"),
            event(f"DESCRIPTION:{in_lines}", uid=f"{number}-lines@x"),
        )
    put(home, files)
    report = lint(home)
    assert len(report["sessions"]) == 3 * len(units) + 1
    assert report["errors"] == report["notes"] == []


def test_links_pipes_and_devices_in_the_folder_neither_hang_nor_hide_the_rest(home):
    folder = home.calendar
    put(home, {})
    (folder / "folder.ics").mkdir()
    (folder / "folder.ics" / "inner.ics").write_text(calendar(event(uid="inner@x")), "utf-8")
    for name, target in (
        ("self.ics", "self.ics"), ("self", "self"), ("loop", "."), ("up", ".."), ("gone.ics", "nowhere"),
        ("zero.ics", "/dev/zero"), ("tty.ics", "/dev/tty"),
    ):  # fmt: skip
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "pipe.ics")
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(folder)  # the name of a socket is short
        listening.bind("socket.ics")
    refused = {"pipe", "socket", "zero", "tty"}
    report = lint(home)
    assert {one["uid"] for one in report["sessions"]} == {"good@example.org", "inner@x"}
    assert {Path(error["source"]).stem for error in report["errors"]} == refused
    assert all("not read" in error["message"] or "left alone" in error["message"] for error in report["errors"])
    for _ in range(2):
        (account,) = bounded(home, "run", "--once", "--json").json["accounts"]
        assert account["ok"], account
    assert account["changed"] == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file, so that none is unreadable")
def test_file_that_may_not_be_read_is_told_and_the_others_are_judged(home):
    put(home, {"locked": calendar(event())})
    (home.calendar / "locked.ics").chmod(0)
    (error,) = lint(home)["errors"]
    assert error["source"] == "calendar/locked.ics"
    assert "check its permissions" in error["message"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is UTF-8")
def test_names_of_files_are_taken_as_they_are_or_told(home):
    odd = ["new\nline", "-rf", "--json", "a'b\"c;$(x)`x`", "%s{0}", "*", " ", "é" * 100, "\u202e", "\x1b[31m"]
    put(home, {name: calendar(event(uid=f"{number}@x")) for number, name in enumerate(odd)})
    for name in (b"\xff\xfe.ics", b"\xffbad\x1b[31m.ics"):
        Path(os.fsdecode(os.fsencode(home.calendar) + b"/" + name)).write_text(calendar(event(uid="none@x")), "utf-8")
    report = lint(home)
    assert {one["uid"] for one in report["sessions"]} == {f"{n}@x" for n in range(len(odd))} | {"good@example.org"}
    assert len(report["errors"]) == 2
    assert all("give it another name" in error["message"] for error in report["errors"])
    for words in (["run", "--once"], ["lint", "calendar"]):
        assert not ACTS.search(bounded(home, *words).out), words
    assert len(bounded(home, "sessions", "--json").json["sessions"]) == len(odd) + 1
