"""When people are taken, by Graph's getSchedule.

Source: https://learn.microsoft.com/graph/api/calendar-getschedule
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from agendad.providers import graph_events
from agendad.providers.base import FreeBusy, Window
from agendad.providers.graph_api import GraphApi
from agendad.providers.graph_events import Resource
from agendad.providers.remote import UNREADABLE

_MANY = 20
"""People in one question."""
_LONG = timedelta(days=60)
"""The stretch of time that is answered for."""
_TAKEN = frozenset({"busy", "oof", "tentative"})


def taken(api: GraphApi, people: Sequence[str], window: Window) -> FreeBusy:
    """When people are taken, of those who can be seen.

    Raises:
        WriteRefused: this account cannot ask.
        AccountUnavailable: it could not be read.
    """
    found: dict[str, tuple[tuple[datetime, datetime], ...]] = {}
    for at in range(0, len(people), _MANY):
        chunk = people[at : at + _MANY]
        seen = [_schedules(api, chunk, part) for part in _parts(window)]
        for person in chunk:
            if all(person in one for one in seen):
                found[person] = tuple(dict.fromkeys(span for one in seen for span in one[person]))
    return found


def _schedules(api: GraphApi, people: Sequence[str], window: Window) -> FreeBusy:
    """When people are taken in a window as long as Graph answers for."""
    answers = api.schedules(list(people), window.start, window.end)
    named = {str(one.get("scheduleId")).casefold(): one for one in answers}
    found = {person: _busy(named.get(person.casefold(), {})) for person in people}
    return {person: spans for person, spans in found.items() if spans is not None}


def _parts(window: Window) -> Iterator[Window]:
    """A window in parts that are as long as schedules are told for."""
    start = window.start
    while start < window.end:
        end = min(start + _LONG, window.end)
        yield Window(start, end)
        start = end


def _busy(answer: Resource) -> tuple[tuple[datetime, datetime], ...] | None:
    """When somebody is taken; None of whom that cannot be seen."""
    if answer.get("error") or not isinstance(answer.get("scheduleItems"), list):
        return None
    try:
        return tuple(
            (graph_events.instant_of(one["start"]), graph_events.instant_of(one["end"]))
            for one in answer["scheduleItems"]
            if one.get("status") in _TAKEN
        )
    except UNREADABLE:
        return None
