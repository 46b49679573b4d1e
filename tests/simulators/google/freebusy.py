"""freebusy.query: busy times of up to 50 calendars, errors per calendar."""

from datetime import datetime, timedelta

from . import discovery, times
from .bodies import own_entry
from .calls import Call
from .errors import Refused
from .rows import Window, expanded
from .store import Calendar, Event, Fields, Person, Store, rank

MOST_CALENDARS = 50
LONGEST = timedelta(days=92)
"""Longer ranges are answered with `timeRangeTooLong`: seen past about three months."""


def query(store: Store, call: Call) -> Fields:
    faults = discovery.body_faults("FreeBusyRequest", call.body, nulls=False)
    if faults:
        raise Refused("; ".join(faults))
    low, high = _range(call.body)
    items = [each.get("id") for each in call.body.get("items", [])]
    if not items or not all(items):
        raise Refused("Missing items", reason="required")
    if len(items) > min(MOST_CALENDARS, call.body.get("calendarExpansionMax", MOST_CALENDARS)):
        message = "The number of calendars requested is too large for a single query."
        raise Refused(message, reason="tooManyCalendarsRequested", domain="calendar")
    zone = call.body.get("timeZone", "UTC")
    answers: Fields = {}
    for wanted in items:
        calendar = store.calendar(call.person.email if wanted == "primary" else wanted)
        if calendar is None or rank(calendar.role(call.person.email)) < rank("freeBusyReader"):
            answers[wanted] = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
        else:
            busy = _busy(store, calendar, Window(low, high))
            answers[wanted] = {"busy": [{"start": times.show(a, zone), "end": times.show(b, zone)} for a, b in busy]}
    return {
        "kind": "calendar#freeBusy",
        "timeMin": times.stamp(low),
        "timeMax": times.stamp(high),
        "calendars": answers,
    }


def _range(body: Fields) -> tuple[datetime, datetime]:
    try:
        low, high = times.parse(body["timeMin"]), times.parse(body["timeMax"])
    except KeyError as missing:
        raise Refused(f"Missing {missing}", reason="required") from missing
    except ValueError as fault:
        raise Refused(str(fault), reason="invalid") from fault
    if low >= high:
        raise Refused("The specified time range is empty.", reason="timeRangeEmpty", domain="calendar")
    if high - low > LONGEST:
        raise Refused("The requested time range is too long.", reason="timeRangeTooLong", domain="calendar")
    return low, high


def _busy(store: Store, calendar: Calendar, window: Window) -> list[tuple[datetime, datetime]]:
    """Merged spans of what blocks time, cut to the window."""
    spans = []
    for event in calendar.events.values():
        if event.is_series:
            found = [row.event for row in expanded(store, calendar, event, window, store.now(), exceptions=False)]
        else:
            found = [event] if window.takes(event.fields, calendar.zone) else []
        spans += [
            (times.instant(each.fields["start"], calendar.zone), times.instant(each.fields["end"], calendar.zone))
            for each in found
            if each and _blocks(store, calendar, each)
        ]
    merged: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        low, high = max(start, window.low or start), min(end, window.high or end)
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def _blocks(store: Store, calendar: Calendar, event: Event) -> bool:
    own = own_entry(event.fields.get("attendees", []), calendar.id) or {}
    return (
        not store.cancelled(event)
        and event.fields.get("transparency") != "transparent"
        and own.get("responseStatus") != "declined"
        and event.fields.get("eventType") not in {"workingLocation", "birthday"}
    )


def setting(person: Person, name: str) -> str | None:
    """A user setting; those that nobody set have Google's defaults."""
    defaults = {
        "timezone": person.zone,
        "locale": "en",
        "weekStart": "0",
        "format24HourTime": "false",
        "dateFieldOrder": "MDY",
        "defaultEventLength": "60",
        "hideInvitations": "false",
        "hideWeekends": "false",
        "remindOnRespondedEventsOnly": "false",
        "showDeclinedEvents": "true",
        "useKeyboardShortcuts": "true",
        "autoAddHangouts": "false",
    }
    return {**defaults, **person.settings}.get(name)
