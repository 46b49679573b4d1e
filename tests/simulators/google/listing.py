"""events.list and events.instances: pages, sync tokens, windows, expansion.

A listing is worked out at its first page and kept for the others. A sync token holds the number of the last change
that its listing saw, and the parameters that must stay the same.
"""

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from . import increments, times
from .calls import Call
from .errors import ApiError, Refused, full_sync_required, updated_min_too_long_ago
from .rows import Row, Window, expanded
from .store import Event, Fields, Store
from .switches import Switches
from .views import bare_tombstone, render, tombstone

FORBIDDEN_WITH_SYNC_TOKEN = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMax",
    "timeMin",
    "updatedMin",
)
_FILTERS_WITHOUT_SYNC = set(FORBIDDEN_WITH_SYNC_TOKEN) - {"timeMin", "timeMax"}
_FREE = {"fields", "prettyPrint", "alt", "key", "quotaUser", "userIp", "oauth_token", "alwaysIncludeEmail"}
"""May differ from page to page and from increment to increment."""
UPDATED_MIN_REACH = timedelta(days=28)
"""How far back updatedMin may lie here; Google's own bound is not published."""


@dataclass
class Listing:
    """The answer to one listing, and how far its pages were handed out."""

    number: int
    parameters: dict[str, Any]
    person: str
    calendar: str
    items: list[Fields]
    sync_token: str | None


class Lister:
    def __init__(self, store: Store, switches: Callable[[], Switches]):
        self.store, self._switches = store, switches
        self.epoch = 0
        """Sync tokens of earlier epochs have expired."""
        self._listings: list[Listing] = []

    def events(self, call: Call) -> Fields:
        call.require("freeBusyReader")
        token = self._sync_token(call)
        page = call.parameters.get("pageToken")
        if page is None:
            self._check(call)
            listing = self._incremental(call, token) if token else self._first(call)
            return self._page(call, listing, 0, 0)
        return self._further_page(call, page)

    def instances(self, call: Call) -> Fields:
        call.require("freeBusyReader")
        page = call.parameters.get("pageToken")
        if page is not None:
            return self._further_page(call, page)
        master = self.store.resolve(call.calendar, call.path["eventId"])
        if not master.is_series:
            raise Refused("not a recurring event", parameter="eventId")
        self._check(call)
        # Documented as inclusive here, unlike the timeMin of events.list.
        window = Window.of(call, slack=timedelta(microseconds=1))
        rows = expanded(self.store, call.calendar, master, window, self.store.now())
        shown = [each for each in rows if call.parameters.get("showDeleted") or not each.cancelled]
        original = call.parameters.get("originalStart")
        if original is not None:
            shown = [each for each in shown if _is_original(each.event, original)]
        items = self._items(call, shown)
        return self._page(call, self._keep(call, items, None), 0, 0)

    def _check(self, call: Call) -> None:
        given = call.parameters
        if given.get("orderBy") == "startTime" and not given.get("singleEvents"):
            message = "The requested ordering is not available for the particular query."
            raise Refused(message, reason="badRequest", parameter="orderBy")
        low, high = given.get("timeMin"), given.get("timeMax")
        if low and high and times.parse(low) >= times.parse(high):
            message = "The specified time range is empty."
            raise Refused(message, reason="timeRangeEmpty", parameter="timeMax", domain="calendar")
        if "updatedMin" in given and times.parse(given["updatedMin"]) < self.store.now() - UPDATED_MIN_REACH:
            raise updated_min_too_long_ago()

    # Sync tokens

    def _sync_token(self, call: Call) -> Fields | None:
        text = call.parameters.get("syncToken")
        if text is None:
            return None
        restricted = [name for name in FORBIDDEN_WITH_SYNC_TOKEN if name in call.parameters]
        if restricted:
            message = f"Sync token cannot be used with request restrictions: {', '.join(restricted)}"
            raise Refused(message, reason="syncTokenWithRequestRestrictions", parameter="syncToken", domain="calendar")
        if call.parameters.get("showDeleted") is False:
            raise Refused("showDeleted may not be false together with syncToken", parameter="showDeleted")
        token = _opened(text)
        if token is None or token["calendar"] != call.calendar.id or token["person"] != call.person.email:
            raise ApiError(400, "invalid", "Invalid sync token value.", location=("parameter", "syncToken"))
        if token["epoch"] != self.epoch or token["acl"] != _acl_version(call):
            raise full_sync_required()
        if token["parameters"] != _lasting(call.parameters):
            raise Refused("parameters differ from those of the first listing", parameter="syncToken")
        return token

    def _seal(self, call: Call, window: Window) -> str:
        token = {
            "change": self.store.last_change,
            "calendar": call.calendar.id,
            "person": call.person.email,
            "epoch": self.epoch,
            "acl": _acl_version(call),
            "parameters": _lasting(call.parameters),
            "window": window.sealed(),
        }
        return base64.urlsafe_b64encode(json.dumps(token, sort_keys=True).encode()).decode()

    # What is listed

    def _first(self, call: Call) -> Listing:
        given, window = call.parameters, Window.of(call)
        found: list[Row] = []
        for event in sorted(call.calendar.events.values(), key=lambda each: each.change):
            if not _matches(call, event):
                continue
            if not given.get("singleEvents"):
                if window.takes_series(self.store, call.calendar, event):
                    found.append(Row(event, cancelled=self.store.cancelled(event)))
            elif event.is_series:
                found += expanded(self.store, call.calendar, event, window, self.store.now(), exceptions=False)
            elif window.takes(event.fields, call.calendar.zone):
                found.append(Row(event, cancelled=self.store.cancelled(event)))
        shown = [each for each in found if not each.cancelled or self._deleted_shown(call, each.event)]
        if given.get("orderBy") == "startTime":
            shown.sort(key=lambda each: times.instant(each.event.fields["start"], call.calendar.zone))
        bounded = "timeMin" in given or "timeMax" in given
        without = _FILTERS_WITHOUT_SYNC & set(given) or (bounded and self._switches().sync_token_missing)
        token = None if without else self._seal(call, window)
        return self._keep(call, self._items(call, shown), token)

    def _deleted_shown(self, call: Call, event: Event) -> bool:
        """Cancelled instances also without showDeleted, as long as singleEvents is false too."""
        if call.parameters.get("showDeleted") or "updatedMin" in call.parameters:
            return True
        master = call.calendar.events.get(event.series or "")
        of_live_series = master is not None and not self.store.cancelled(master) and not event.orphaned
        return of_live_series and not call.parameters.get("singleEvents")

    def _incremental(self, call: Call, token: Fields) -> Listing:
        switches, window = self._switches(), Window.opened(token["window"])
        bound = window if switches.increments_bounded_by_window else Window()
        rows = increments.changes(
            self.store,
            call.calendar,
            token["change"],
            bound,
            switches,
            single_events=bool(call.parameters.get("singleEvents")),
        )
        kinds = call.parameters.get("eventTypes")
        rows = [each for each in rows if each.event is None or not kinds or _kind(each.event) in kinds]
        return self._keep(call, self._items(call, rows), self._seal(call, window))

    def _items(self, call: Call, rows: Iterable[Row]) -> list[Fields]:
        zone = call.parameters.get("timeZone")
        with_etag = not self._switches().minimal_tombstones_without_etag
        items = []
        for row in rows:
            if row.event is None:
                items.append(bare_tombstone(row.gone))
            elif row.cancelled:
                items.append(tombstone(self.store, call.calendar, row.event, zone=zone, etag=with_etag))
            else:
                items.append(shown_to(self.store, call, row.event))
        return items

    # Pages

    def _keep(self, call: Call, items: list[Fields], sync_token: str | None) -> Listing:
        asker = (call.person.email, call.calendar.id)
        listing = Listing(len(self._listings), _paging(call.parameters), *asker, items, sync_token)
        self._listings.append(listing)
        return listing

    def _further_page(self, call: Call, text: str) -> Fields:
        token = _opened(text)
        listing = next((each for each in self._listings if token and each.number == token.get("listing")), None)
        asker = (call.person.email, call.calendar.id)
        if token is None or listing is None or (listing.person, listing.calendar) != asker:
            raise ApiError(400, "invalid", "Invalid page token value.", location=("parameter", "pageToken"))
        if listing.parameters != _paging(call.parameters):
            raise Refused("a page token goes with the same parameters", parameter="pageToken")
        return self._page(call, listing, token["offset"], token["number"])

    def _page(self, call: Call, listing: Listing, offset: int, number: int) -> Fields:
        size = call.parameters.get("maxResults", 250)
        empty = self._switches().empty_pages and number % 2 == 1
        items = [] if empty else listing.items[offset : offset + size]
        reached = offset + len(items)
        answer = self._envelope(call)
        last = reached >= len(listing.items) and not (self._switches().empty_pages and number == 0)
        if last:
            if listing.sync_token:
                answer["nextSyncToken"] = listing.sync_token
        else:
            position = {"listing": listing.number, "offset": reached, "number": number + 1}
            answer["nextPageToken"] = base64.urlsafe_b64encode(json.dumps(position).encode()).decode()
        return {**answer, "items": items}

    def _envelope(self, call: Call) -> Fields:
        return {
            "kind": "calendar#events",
            "etag": f'"p{3_500_000_000_000_000 + call.calendar.change}"',
            "summary": call.calendar.summary,
            "description": "",
            "updated": times.stamp(call.calendar.updated or self.store.now()),
            "timeZone": call.calendar.zone,
            "accessRole": call.role,
            "defaultReminders": [{"method": "popup", "minutes": 10}] if call.role == "owner" else [],
        }


def shown_to(store: Store, call: Call, event: Event) -> Fields:
    """The event for whoever makes this call."""
    return render(
        store,
        call.calendar,
        event,
        role=call.role,
        zone=call.parameters.get("timeZone"),
        max_attendees=call.parameters.get("maxAttendees"),
        busy_only=call.busy_only,
    )


def _opened(text: str) -> Fields | None:
    try:
        return json.loads(base64.urlsafe_b64decode(text.encode()))
    except ValueError:
        return None


def _acl_version(call: Call) -> int:
    return call.calendar.acl_version.get(call.person.email.casefold(), 0)


def _lasting(parameters: Fields) -> Fields:
    """What must stay the same from the first listing on: all but pages, windows and the default values."""
    gone = _FREE | set(FORBIDDEN_WITH_SYNC_TOKEN) | {"maxResults", "pageToken", "syncToken", "showDeleted"}
    kept = {k: sorted(v) if isinstance(v, list) else v for k, v in parameters.items() if k not in gone}
    return {k: v for k, v in kept.items() if v is not False}


def _paging(parameters: Fields) -> Fields:
    return {k: v for k, v in parameters.items() if k not in _FREE | {"pageToken"}}


def _kind(event: Event) -> str:
    return event.fields.get("eventType", "default")


def _is_original(event: Event | None, text: str) -> bool:
    original = event.fields["originalStartTime"] if event else {}
    if "date" in original:
        return original["date"] == text
    try:
        return bool(original) and datetime.fromisoformat(original["dateTime"]) == times.parse(text)
    except ValueError as fault:
        raise Refused(f"Invalid originalStart: {fault}", parameter="originalStart") from fault


def _matches(call: Call, event: Event) -> bool:
    given, fields = call.parameters, event.fields
    extended = fields.get("extendedProperties", {})
    for name, kind in (("privateExtendedProperty", "private"), ("sharedExtendedProperty", "shared")):
        for constraint in given.get(name, []):
            key, _, value = constraint.partition("=")
            if extended.get(kind, {}).get(key) != value:
                return False
    if "iCalUID" in given and fields["iCalUID"] != given["iCalUID"]:
        return False
    if given.get("eventTypes") and _kind(event) not in given["eventTypes"]:
        return False
    if "updatedMin" in given and event.updated and event.updated < times.parse(given["updatedMin"]):
        return False
    return "q" not in given or _mentions(fields, given["q"])


def _mentions(fields: Fields, words: str) -> bool:
    people = [*fields.get("attendees", []), fields["organizer"]]
    texts = [fields.get(name, "") for name in ("summary", "description", "location")]
    texts += [each.get(name, "") for each in people for name in ("email", "displayName")]
    return all(any(word in text.casefold() for text in texts) for word in words.casefold().split())
