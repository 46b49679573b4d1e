"""Whole conversations with servers: lists in pages, tokens for what changed, single events, free/busy, sign-ins."""

import json
from contextlib import suppress
from datetime import timedelta

from agendad.providers import dav_standing
from agendad.providers.base import CalendarProvider, Cancel, Patch, RestoreTo
from agendad.providers.caldav import CaldavProvider
from agendad.providers.dav_http import DavHttp
from agendad.providers.errors import CursorExpired, ProviderError
from agendad.providers.google import GoogleProvider
from agendad.providers.icsediting import Unwritable
from agendad.providers.icsfiles import occurrence, read_file, teller
from agendad.providers.icsrewriting import around, rewrite
from agendad.providers.icswriting import restore
from agendad.providers.model import Event
from agendad.providers.outlook import OutlookProvider
from fuzz.answering import HOST, NOW, Answers, DavAnswers, GoogleAnswers, GraphAnswers, pages, parts
from fuzz.judging import WINDOW, consider

GRACE = "grace@example.org"
PATCH = Patch(mark="m1", at=NOW, marker="[agendad]", lines=("[agendad] agenda pending",))
CHANGES = (PATCH, Cancel(mark="m2", at=NOW, message="kindly"))


def dav(data: bytes) -> int:
    """What there is on a CalDAV server, what is in it, what changed, and an object as it is read before a change."""
    answers = Answers(parts(data))
    http = DavAnswers(answers)
    events = _conversation(CaldavProvider("dav", None, http, me=[GRACE]))
    for event in events[:5]:
        consider(event)
    for event in events[:1]:
        _rewritten(http, event)
    assert {(one.url.scheme, one.url.host) for one in answers.asked} <= {("https", HOST)}, "nobody else is asked"
    assert all(one.url.path.isprintable() for one in answers.asked)
    return len(events)


def _conversation(provider: CalendarProvider) -> list[Event]:
    """Everything, and then what changed, as passes read it."""
    events: list[Event] = []
    with suppress(ProviderError):
        for calendar in provider.calendars()[:2]:
            cursor = None
            for days in (0, 0, 1):
                window = type(WINDOW)(WINDOW.start + timedelta(days=days), WINDOW.end + timedelta(days=days))
                try:
                    told = list(provider.changes(calendar, cursor, window))
                except CursorExpired:
                    cursor = None
                    continue
                assert [page.cursor is not None for page in told] == [False] * (len(told) - 1) + [True]
                cursor = told[-1].cursor
                assert json.loads(cursor)
                events += [event for page in told for event in page.events]
            for event in events[:1]:
                provider.get(event)
    return events


def _rewritten(http: DavHttp, event: Event) -> None:
    """A change to an object as it stands, and what taking it back leaves: every byte of what others wrote."""
    with suppress(ProviderError):
        found = dav_standing.look(http, f"https://{HOST}/c/{event.id[:20].encode().hex()}", event).found
        before = found.files[event.source][0]
        for change in CHANGES:
            with suppress(Unwritable):
                new = rewrite(found, change)
                if new.told is None or new.undo is None:
                    continue
                drafts = [one for one in read_file(new.content, event.source, "dav").drafts if one.uid == event.uid]
                now = occurrence(drafts, event, around(event))
                assert now is not None
                undone = restore(new.content, teller(drafts, now), RestoreTo(undo=new.undo))
                assert undone == before, "taken back, every byte is what it was"


def google_pages(data: bytes) -> int:
    """Lists of Google's: pages, tokens, what is gone, and series that are read anew."""
    answers = Answers(pages(data))
    provider = GoogleProvider("work", ["primary"], GoogleAnswers(answers))
    events = _conversation(provider)
    for event in events[:5]:
        consider(event)
    assert {one.url.host for one in answers.asked} <= {"www.googleapis.com"}
    return len(events)


def graph_pages(data: bytes) -> int:
    """Rounds of Graph's: pages, links, what is gone, and masters."""
    answers = Answers(pages(data))
    provider = OutlookProvider("uni", ["default", "shared"], GraphAnswers(answers), me=[GRACE])
    events = _conversation(provider)
    for event in events[:5]:
        consider(event)
    assert {one.url.host for one in answers.asked} <= {"graph.microsoft.com"}, "a link elsewhere is not followed"
    return len(events)


def busy(data: bytes) -> None:
    """When people are taken, as both answer it: spans of time, in order, of people who were asked for."""
    people = ["ada@example.com", "bob@example.net"]
    for provider in (
        GoogleProvider("work", ["primary"], GoogleAnswers(Answers(pages(data)))),
        OutlookProvider("uni", ["default"], GraphAnswers(Answers(pages(data))), me=[GRACE]),
    ):
        with suppress(ProviderError):
            taken = provider.free_busy(people, WINDOW)
            assert set(taken) <= set(people)
            for spans in taken.values():
                assert all(edge.utcoffset() == timedelta(0) for span in spans for edge in span)
