"""An event as an answer shows it: to whom, in which zone, with which kind of id."""

import copy
from collections.abc import Mapping
from urllib.parse import quote

from . import ids, models, text, times
from .calls import Call, Prefer
from .errors import Refused
from .store import Fields, Item, Store
from .switches import Switches
from .writes import change_key

_NAMED_WITH_MASTER = "cancelledOccurrences"


class Views:
    def __init__(self, store: Store, switches: Switches, prefer: Prefer):
        self.store, self.switches, self.prefer = store, switches, prefer

    def full(self, item: Item, *, sees_private: bool = True) -> Fields:
        """All that GET shows without $select and $expand."""
        event, fields, own = item.event, item.fields, item.own
        key = change_key(self.store, item, self.switches)
        shown = {
            "@odata.etag": ids.etag(key),
            "id": self.id_of(item),
            "createdDateTime": times.precise_stamp(event.created),
            "lastModifiedDateTime": times.precise_stamp(event.modified),
            "changeKey": key,
            "categories": list(own["categories"]),
            "transactionId": fields.get("transactionId"),
            "originalStartTimeZone": fields["originalStartTimeZone"],
            "originalEndTimeZone": fields["originalEndTimeZone"],
            "iCalUId": self._uid(item),
            "reminderMinutesBeforeStart": own["reminderMinutesBeforeStart"],
            "isReminderOn": own["isReminderOn"],
            "hasAttachments": fields["hasAttachments"],
            "subject": fields["subject"],
            "bodyPreview": text.preview(fields["body"]),
            "importance": fields["importance"],
            "sensitivity": fields["sensitivity"],
            "isAllDay": fields["isAllDay"],
            "isCancelled": fields["isCancelled"] or (event.deleted and event.is_organizer),
            "isOrganizer": event.is_organizer,
            "responseRequested": fields["responseRequested"],
            "seriesMasterId": self.id_of(Item(event)) if item.key else None,
            "showAs": own["showAs"],
            "type": item.type,
            "webLink": self._web_link(item),
            "onlineMeetingUrl": None,
            "isOnlineMeeting": fields["isOnlineMeeting"],
            "onlineMeetingProvider": fields["onlineMeetingProvider"],
            "allowNewTimeProposals": fields["allowNewTimeProposals"],
            "isDraft": False,
            "hideAttendees": fields["hideAttendees"],
            "recurrence": self._recurrence(fields),
            "responseStatus": dict(own["responseStatus"]),
            "body": self._body(fields["body"]),
            **self.times(item),
            **{name: copy.deepcopy(fields[name]) for name in ("location", "locations", "attendees", "onlineMeeting")},
            "organizer": {"emailAddress": dict(fields["organizer"])},
        }
        if item.type == "exception" or (item.key and self.switches.original_start_of_occurrences):
            shown["originalStart"] = item.key
        if fields["sensitivity"] in {"private", "confidential"} and not sees_private:
            self._hide(shown)
        return shown

    def written(self, item: Item) -> Fields:
        """The answer to POST and PATCH: Prefer's zone is ignored there."""
        zone = item.fields["originalStartTimeZone"] if self.switches.write_answer_zone == "original" else "UTC"
        prefer = Prefer(
            zone=None if zone in {"UTC", times.CUSTOM} else zone, body=self.prefer.body, immutable=self.prefer.immutable
        )
        return Views(self.store, self.switches, prefer).full(item)

    def thin(self, item: Item) -> Fields:
        """An occurrence in a delta: no subject, nothing but what tells it apart."""
        return {
            "@odata.type": "#microsoft.graph.event",
            "@odata.etag": self.delta_etag(item),
            "seriesMasterId": self.id_of(Item(item.event)),
            "type": "occurrence",
            **self.times(item),
            "id": self.id_of(item),
        }

    def in_delta(self, item: Item, *, sees_private: bool = True) -> Fields:
        if item.type == "occurrence":
            return self.thin(item)
        shown = self.full(item, sees_private=sees_private)
        return {"@odata.type": "#microsoft.graph.event", **shown, "@odata.etag": self.delta_etag(item)}

    def removed(self, item: Item) -> Fields:
        """Under the id that it had in the calendar."""
        known = self.store.id_of(item, immutable=self.prefer.immutable, in_calendar=True)
        return {"@odata.type": "#microsoft.graph.event", "id": known, "@removed": {"reason": "deleted"}}

    def id_of(self, item: Item) -> str:
        return self.store.id_of(item, immutable=self.prefer.immutable)

    def delta_etag(self, item: Item) -> str:
        key = change_key(self.store, item, self.switches)
        return ids.delta_etag(key) if self.switches.delta_etags_of_their_own else ids.etag(key)

    def times(self, item: Item) -> Fields:
        """All-day events float: they are at midnight in whatever zone is asked for."""
        zone, fields = self.prefer.zone or "UTC", item.fields
        if fields["isAllDay"]:
            return {name: {"dateTime": fields[name]["dateTime"], "timeZone": zone} for name in ("start", "end")}
        start, end = item.span()
        return {"start": times.shown(start, zone), "end": times.shown(end, zone)}

    def _uid(self, item: Item) -> str:
        if item.key and self.switches.occurrence_ical_uid == "dated":
            return ids.dated_ical_uid(item.event.uid, item.key)
        return item.event.uid

    def _body(self, document: str) -> Fields:
        if self.prefer.body == "text":
            return {"contentType": "text", "content": text.plain(document)}
        return {"contentType": "html", "content": document}

    def _recurrence(self, fields: Fields) -> Fields | None:
        if not fields.get("recurrence"):
            return None
        shown = copy.deepcopy(fields["recurrence"])
        if fields["originalStartTimeZone"] == times.CUSTOM:
            shown["range"]["recurrenceTimeZone"] = times.CUSTOM
        return shown

    def _web_link(self, item: Item) -> str:
        host = "outlook.live.com" if self.store.people[item.event.mailbox].personal else "outlook.office365.com"
        return f"https://{host}/owa/?itemid={quote(self.id_of(item), safe='')}&exvsurl=1&path=/calendar/item"

    @staticmethod
    def _hide(shown: Fields) -> None:
        """What a reader sees of somebody's private event."""
        empty: Fields = {
            "subject": "Private Appointment",
            "bodyPreview": "",
            "body": {"contentType": shown["body"]["contentType"], "content": ""},
            "attendees": [],
            "location": {"displayName": ""},
            "locations": [],
            "onlineMeeting": None,
            "categories": [],
        }
        shown |= empty


def check_selection(query: Mapping[str, str], model: str) -> None:
    """$select and $expand, also where no item is there to show them."""
    for name in _names(query):
        if name not in models.models()[model]:
            raise Refused(f"Could not find a property named '{name}' on type 'microsoft.graph.{model}'.")
    _property_ids(query.get("$expand", "extensions"))


def selected(shown: Fields, call: Call, item: Item | None = None) -> Fields:
    """As $select and $expand ask for it. An etag and the id come with every selection."""
    expanded = _expanded(call.query["$expand"], item) if item and "$expand" in call.query else {}
    names = _names(call.query)
    if not names:
        return {**shown, **expanded}
    kept = {name: shown[name] for name in shown if name in names or name in {"@odata.etag", "id"}}
    if _NAMED_WITH_MASTER in names and item and item.type == "seriesMaster":
        kept[_NAMED_WITH_MASTER] = [f"OID.{shown['id']}.{key[:10]}" for key in sorted(item.event.removed)]
    return {**kept, **expanded}


def _names(query: Mapping[str, str]) -> list[str]:
    return [each.strip() for each in query["$select"].split(",")] if "$select" in query else []


def _expanded(wanted: str, item: Item) -> Fields:
    """Extended properties are shown one by one, each by its id; there is no way to list them."""
    own = item.own
    if wanted == "extensions":
        found = [{"@odata.type": "#microsoft.graph.openTypeExtension", **each} for each in own.get("extensions", [])]
        return {"extensions": [{**each, "id": each["extensionName"]} for each in found]}
    named = _property_ids(wanted)
    shown = [each for each in own.get("singleValueExtendedProperties", []) if each["id"] in named]
    return {"singleValueExtendedProperties": shown} if shown else {}


def _property_ids(wanted: str) -> list[str]:
    prefix, suffix = "singleValueExtendedProperties($filter=", ")"
    if wanted == "extensions":
        return []
    if not wanted.startswith(prefix) or not wanted.endswith(suffix):
        raise Refused(f"$expand={wanted} is not served")
    found = []
    for clause in wanted[len(prefix) : -len(suffix)].split(" or "):
        name, _, value = clause.strip().partition(" eq ")
        if name != "id" or len(value) < 3 or value[0] != "'" or value[-1] != "'":
            raise Refused(f"$expand={wanted}: the filter must be of ids")
        found.append(value[1:-1].replace("''", "'"))
    return found


def entity(shown: Fields, context: str) -> Fields:
    return {"@odata.context": f"$metadata#{context}/$entity", **shown}
