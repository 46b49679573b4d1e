"""Lists with pages: events, calendarView and the instances of a series."""

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import quote, urlencode

from . import times
from .calls import LARGEST_PAGE, PAGE, Call
from .errors import ApiError, Refused
from .store import Calendar, Fields, Item, Store
from .switches import Switches
from .views import Views, selected

LONGEST_VIEW = timedelta(days=1825)


def calendar_view(store: Store, switches: Switches, call: Call, calendar: Calendar) -> Fields:
    """Single events, occurrences and exceptions, all with all of their fields; no masters."""
    window = times.window(call.query, LONGEST_VIEW)
    found: list[Item] = []
    for event in store.events(calendar):
        if event.deleted:
            continue
        if event.is_series:
            found += store.occurrences(event, *window)
        elif Item(event).overlaps(*window):
            found.append(Item(event))
    return _paged(store, switches, call, _ordered(call, found))


def events(store: Store, switches: Switches, call: Call, calendar: Calendar) -> Fields:
    """Single events and masters."""
    found = [Item(event) for event in store.events(calendar) if not event.deleted]
    wanted = call.query.get("$filter")
    if wanted is not None:
        uid = equals(wanted, "iCalUId")
        found = [each for each in found if each.event.uid == uid]
    return _paged(store, switches, call, _ordered(call, found))


def instances(store: Store, switches: Switches, call: Call) -> Fields:
    assert call.item is not None
    window = times.window(call.query, LONGEST_VIEW)
    if call.item.type != "seriesMaster":
        raise ApiError(400, "ErrorInvalidRequest", "Your request can't be completed. The event is no series master.")
    return _paged(store, switches, call, list(store.occurrences(call.item.event, *window)))


def equals(filter_: str, name: str) -> str:
    """The value of a filter `name eq 'value'`; no other filter is served."""
    prefix = f"{name} eq '"
    if not filter_.startswith(prefix) or not filter_.endswith("'") or len(filter_) <= len(prefix):
        raise Refused(f"Invalid filter clause: {filter_}")
    return filter_[len(prefix) : -1].replace("''", "'")


def number(call: Call, name: str, default: int, most: int) -> int:
    text = call.query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or not (0 if name == "$skip" else 1) <= int(text) <= most:
        raise Refused(f"Invalid value '{text}' for {name}", code="ErrorInvalidParameter")
    return int(text)


def _ordered(call: Call, found: list[Item]) -> list[Item]:
    by, _, direction = call.query.get("$orderby", "start/dateTime").partition(" ")
    if by != "start/dateTime" or direction not in {"", "asc", "desc"}:
        raise Refused(f"$orderby={by} is not served")
    return sorted(found, key=lambda item: item.span()[0], reverse=direction == "desc")


def _paged(store: Store, switches: Switches, call: Call, found: list[Item]) -> Fields:
    """The default page is short; a nextLink repeats what was asked for and where to go on."""
    size = number(call, "$top", call.prefer.page_size or PAGE, LARGEST_PAGE)
    skip = number(call, "$skip", 0, 10**9)
    views = Views(store, switches, call.prefer)
    answer: Fields = {"@odata.context": f"$metadata#users('{quote(call.mailbox.oid)}')/events"}
    if skip + size < len(found):
        onward = {**call.query, "$top": str(size), "$skip": str(skip + size)}
        answer["@odata.nextLink"] = f"{call.address}?{urlencode(onward, safe='$', quote_via=quote)}"
    answer["value"] = [_shown(views, call, item) for item in found[skip : skip + size]]
    return answer


def _shown(views: Views, call: Call, item: Item) -> Fields:
    """In lists, $select has gaps: the stamps cannot be had, and onlineMeeting only beside isOnlineMeeting."""
    shown = views.full(item, sees_private=call.sees_private)
    if "$select" in call.query:
        del shown["createdDateTime"], shown["lastModifiedDateTime"]
        if "isOnlineMeeting" not in call.query["$select"].split(","):
            shown["onlineMeeting"] = None
    return selected(shown, call, item)


def collected(values: Iterable[Fields], context: str) -> Fields:
    return {"@odata.context": f"$metadata#{context}", "value": list(values)}
