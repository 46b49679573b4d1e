"""getSchedule, and the working hours that it shows.

"Get free/busy schedule of Outlook calendar users and resources": at most 20 schedules and 62 days, errors per
schedule, subject and location of one's own events only. It is for work and school accounts.
"""

from datetime import datetime, timedelta

from . import models, times
from .calls import Call
from .errors import ApiError, Refused
from .store import Fields, Item, Person, Store, same

MOST_SCHEDULES = 20
LONGEST = timedelta(days=62)
_DIGITS = {"free": "0", "workingElsewhere": "0", "unknown": "0", "tentative": "1", "busy": "2", "oof": "3"}


def get_schedule(store: Store, call: Call) -> Fields:
    if call.mailbox.personal:
        raise ApiError(403, "ErrorAccessDenied", "getSchedule is not supported for personal Microsoft accounts.")
    given, found = models.action_body("getScheduleBody", call.body)
    if found:
        raise Refused("; ".join(found), code="RequestBodyRead")
    low, high = _range(given)
    names = given.get("schedules") or []
    interval = given.get("availabilityViewInterval", 30)
    if not names or len(names) > MOST_SCHEDULES:
        raise Refused(f"between one and {MOST_SCHEDULES} schedules", code="ErrorInvalidParameter")
    if not 5 <= interval <= 1440 or timedelta(minutes=interval) > high - low:
        raise Refused("availabilityViewInterval is out of range", code="ErrorInvalidMergedFreeBusyInterval")
    values = [_schedule(store, call, name, (low, high), timedelta(minutes=interval)) for name in names]
    return {"@odata.context": "$metadata#Collection(microsoft.graph.scheduleInformation)", "value": values}


def _range(given: Fields) -> tuple[datetime, datetime]:
    if not given.get("startTime") or not given.get("endTime"):
        raise Refused("startTime and endTime are required", code="ErrorInvalidParameter")
    low, high = times.instant(times.given(given["startTime"])), times.instant(times.given(given["endTime"]))
    if low >= high:
        raise Refused("endTime must be after startTime", code="ErrorInvalidTimeInterval")
    if high - low > LONGEST:
        raise ApiError(400, "ErrorTimeIntervalTooBig", "The specified time interval is too long.")
    return low, high


def _schedule(store: Store, call: Call, name: str, window: tuple[datetime, datetime], interval: timedelta) -> Fields:
    person = store.person(name)
    if person is None or person.personal:
        message = f"Unable to resolve e-mail address {name} to an Active Directory object."
        return {"scheduleId": name, "error": {"message": message, "responseCode": "5009"}}
    busy = _items(store, person, window)
    zone = call.prefer.zone or "UTC"
    own = call.actor is not None and same(call.actor.email, person.email)
    view, at = "", window[0]
    while at < window[1]:
        taken = [item.own["showAs"] for item in busy if item.overlaps(at, at + interval)]
        view += max((_DIGITS[each] for each in taken), default="0")
        at += interval
    return {
        "scheduleId": name,
        "availabilityView": view,
        "scheduleItems": [_entry(item, zone, own=own) for item in busy],
        "workingHours": working_hours(person),
    }


def _items(store: Store, person: Person, window: tuple[datetime, datetime]) -> list[Item]:
    found: list[Item] = []
    for event in store.events(store.default_calendar(person)):
        if event.deleted:
            continue
        if event.is_series:
            found += store.occurrences(event, *window)
        elif Item(event).overlaps(*window):
            found.append(Item(event))
    return sorted(found, key=lambda item: item.span())


def _entry(item: Item, zone: str, *, own: bool) -> Fields:
    start, end = item.span()
    shown = {"status": item.own["showAs"], "start": times.shown(start, zone), "end": times.shown(end, zone)}
    if own:
        fields = item.fields
        private = fields["sensitivity"] in {"private", "confidential"}
        return {
            "isPrivate": private,
            "subject": fields["subject"],
            "location": fields["location"]["displayName"],
            **shown,
        }
    return shown


def working_hours(person: Person) -> Fields:
    default = {
        "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "startTime": "08:00:00.0000000",
        "endTime": "17:00:00.0000000",
        "timeZone": {"name": person.zone},
    }
    return person.working_hours or default
