"""Who gets which mail. Guests are told only as far as sendUpdates says; left out, nobody is."""

from collections.abc import Iterator

from .calls import Call
from .ledger import Mail, MailKind
from .store import Event, Fields, Store, same

VISIBLE = (
    "summary",
    "description",
    "location",
    "start",
    "end",
    "recurrence",
    "status",
    "conferenceData",
    "attachments",
)
"""Guests are told of changes to these, of attendees, and of nothing else."""


def announced(store: Store, call: Call, address: str) -> bool:
    told = call.parameters.get("sendUpdates", "none")
    return told == "all" or (told == "externalOnly" and store.calendar(address) is None)


def of_main(store: Store, call: Call, event: Event, before: Fields | None) -> Iterator[Mail]:
    """After a change of the main copy; `before` is None for a new event."""
    was_live = before is not None and before["status"] != "cancelled"
    is_live = event.fields["status"] != "cancelled"
    old = _guests(event, before or {}) if was_live else {}
    new = _guests(event, event.fields) if is_live else {}
    changed = before is None or any(before.get(name) != event.fields.get(name) for name in VISIBLE)
    for key, address in {**old, **new}.items():
        kind: MailKind = "update" if key in old and key in new else "invitation" if key in new else "cancellation"
        by_themselves = same(address, call.calendar.id)
        if (kind != "update" or changed) and not by_themselves and announced(store, call, address):
            yield _mail(kind, address, event, by=call.calendar.id, text=event.fields.get("description", ""))


def of_response(store: Store, call: Call, event: Event, entry: Fields) -> Iterator[Mail]:
    """A guest's answer, to the organizer alone."""
    organizer = event.fields["organizer"]["email"]
    if announced(store, call, organizer):
        yield _mail(
            "response",
            organizer,
            event,
            by=call.calendar.id,
            text=entry.get("comment", ""),
            response_status=entry.get("responseStatus"),
        )


def _guests(event: Event, fields: Fields) -> dict[str, str]:
    """Neither the organizer nor rooms; those who declined are guests still."""
    return {
        each["email"].casefold(): each["email"]
        for each in fields.get("attendees", [])
        if not each.get("resource") and not same(each["email"], event.fields["organizer"]["email"])
    }


def _mail(kind: MailKind, to: str, event: Event, *, by: str, text: str, response_status: str | None = None) -> Mail:
    original = event.fields.get("originalStartTime", {})
    return Mail(
        kind=kind,
        to=to,
        event_id=event.id,
        ical_uid=event.fields["iCalUID"],
        original_start=original.get("dateTime") or original.get("date"),
        text=text,
        by=by,
        summary=event.fields.get("summary", ""),
        response_status=response_status,
    )
