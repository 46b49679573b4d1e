"""`python -m fuzz.record_dav`: what Radicale and Xandikos answer, as seeds."""

import gzip
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conformance.caldav_backing import http_for
from simulators.dav import Between, DavServer, Radicale, Reply, Xandikos

from agendad.providers.base import Page, Window
from agendad.providers.caldav import CaldavProvider
from fuzz.answering import BETWEEN
from fuzz.places import HERE

START = datetime(2026, 12, 1, 15, tzinfo=UTC)
WINDOW = Window(START - timedelta(days=60), START + timedelta(days=60))
_EVENT = """\
BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//test//EN\r
BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20261101T000000Z\r
DTSTART:20261201T150000Z\r
DTEND:20261201T160000Z\r
{more}SUMMARY:Mentoring\r
DESCRIPTION:Bring your notes\r
ORGANIZER:mailto:grace@example.org\r
ATTENDEE;PARTSTAT=ACCEPTED:mailto:grace@example.org\r
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada@example.com\r
END:VEVENT\r
END:VCALENDAR\r
"""
_CUT = (
    b'<d:response xmlns:d="DAV:"><d:href>/grace/work/</d:href><d:status>HTTP/1.1 507 Insufficient Storage</d:status>'
    b"</d:response>"
)
_CUT_0 = _CUT + b"</ns0:multistatus>"
_ENTITIES = b"""207

<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>
<multistatus xmlns="DAV:"><response><href>&b;</href></response></multistatus>"""
_KEPT = {"etag", "dav", "content-type", "location", "date"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for server in (Radicale(Path(folder) / "radicale"), Xandikos(Path(folder) / "xandikos")):
            server.start()
            try:
                _record(server, type(server).__name__.lower())
            finally:
                server.close()


def _record(server: DavServer, name: str) -> None:
    calendar = server.make_calendar("work")
    for uid, more in (("one", ""), ("weekly", "RRULE:FREQ=WEEKLY;COUNT=4\r\n"), ("two", "")):
        server.put(f"{calendar}{uid}.ics", _EVENT.format(uid=uid, more=more).encode())
    with Between(server.url) as between:
        provider = CaldavProvider("dav", None, http_for(between.url + "/"), me=["grace@example.org"])
        told: list[bytes] = []
        between.rules.append(lambda _seen, ask: _kept(told, ask(), between.url))
        provider.calendars()
        found = told[:]
        pages, first = _read(provider, calendar, None, told)
        server.delete(f"{calendar}two.ics")
        _, second = _read(provider, calendar, pages[-1].cursor, told)
        event = next(event for page in pages for event in page.events if event.uid == "weekly")
        told.clear()
        provider.get(event)
        write = told * 2
        provider.close()
    folder = HERE / "seeds" / "dav"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}-all").write_bytes(BETWEEN.join([*found, *first, *second, *first, *write]))
    for quirk, answers in _quirks(first, second).items():
        (folder / f"{name}-{quirk}").write_bytes(BETWEEN.join([*found, *answers, *write]))


def _quirks(first: list[bytes], second: list[bytes]) -> dict[str, list[bytes]]:
    """What other servers make of the same: see tests/unit/test_caldav_quirks.py."""
    cut = first[0].replace(b"</multistatus>", _CUT + b"</multistatus>").replace(b"</ns0:multistatus>", _CUT_0)
    forgotten = b"403\n\n" + b'<d:error xmlns:d="DAV:"><d:valid-sync-token/></d:error>'
    packed = first[0].partition(b"\n\n")
    return {
        "cut": [cut, second[0], *first[1:], *second],
        "forgotten": [*first, forgotten, *first],
        "no-tokens": [b"403\n\n", *first, b"415\n\n", *first],
        "redirects": [b"302\nLocation: /grace/\n\n", *first, b"301\nLocation: http://elsewhere.example/\n\n"],
        "busy": [b"503\nRetry-After: 1\n\n", *first, b"429\nRetry-After: Fri, 27 Nov 2026 06:22:37 GMT\n\n", *second],
        "packed": [packed[0] + b"\nContent-Encoding: gzip\n\n" + gzip.compress(packed[2], mtime=0), *first[1:]],
        "entities": [_ENTITIES, *first],
    }


def _read(
    provider: CaldavProvider, calendar: str, cursor: str | None, told: list[bytes]
) -> tuple[list[Page], list[bytes]]:
    told.clear()
    return list(provider.changes(calendar, cursor, WINDOW)), told[:]


def _kept(told: list[bytes], reply: Reply, here: str) -> Reply:
    fields = [f"{name}: {value}" for name, value in reply.headers.items() if name.lower() in _KEPT]
    head = "\n".join([str(reply.status), *fields]).replace(here, "https://dav.example.org")
    told.append(f"{head}\n\n".encode() + reply.content)
    return reply


if __name__ == "__main__":
    main()
