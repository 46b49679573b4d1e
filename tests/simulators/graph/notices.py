"""Who gets which mail. Exchange sends by itself: no parameter keeps it from telling people."""

from collections.abc import Iterator

from . import text, times
from .bodies import OWN
from .ledger import Mail, MailKind
from .store import Fields, Item, Store, same
from .switches import Switches

_PERSONAL = OWN | {"sensitivity"}


def is_silent(given: set[str], switches: Switches) -> bool:
    """Whether a PATCH of these fields tells nobody; it does so whether or not anything changed."""
    return given <= (_PERSONAL if switches.silent_patches == "personal" else {"categories"})


def of_change(store: Store, item: Item, before: Fields | None, given: set[str]) -> Iterator[Mail]:
    """After the organizer's change; `before` is None for a new event, `given` holds the names in the request.

    A change of the attendees alone is told to those who were added or removed. An update of a series is told once
    for the series and once for each of its exceptions.
    """
    fields = item.fields
    old, new = guests(before or {}), guests(fields)
    for key, address in {**old, **new}.items():
        kind: MailKind = "update" if key in old and key in new else "invitation" if key in new else "cancellation"
        if kind == "update" and given == {"attendees"}:
            continue
        body = "" if kind == "cancellation" else text.plain(fields["body"])
        yield mail(store, kind, address, item, body)
        if kind == "update" and item.key is None:
            for exception in sorted(item.event.exceptions):
                occurrence = store.occurrence(item.event, exception)
                if occurrence and key in guests(occurrence.fields):
                    yield mail(store, kind, address, occurrence, text.plain(occurrence.fields["body"]))


def of_cancellation(store: Store, item: Item, comment: str) -> Iterator[Mail]:
    for address in guests(item.fields).values():
        yield mail(store, "cancellation", address, item, comment)


def of_response(store: Store, item: Item, response: str, comment: str, proposed: Fields | None) -> Iterator[Mail]:
    """A guest's answer, to the organizer alone."""
    yield mail(
        store, "response", item.event.organizer, item, comment, response_status=response, proposed_new_time=proposed
    )


def guests(fields: Fields) -> dict[str, str]:
    """Neither the organizer nor rooms; those who declined are guests still."""
    return {
        each["emailAddress"]["address"].casefold(): each["emailAddress"]["address"]
        for each in fields.get("attendees", [])
        if each["type"] != "resource" and not same(each["emailAddress"]["address"], fields["organizer"]["address"])
    }


def mail(
    store: Store,
    kind: MailKind,
    to: str,
    item: Item,
    body: str,
    *,
    response_status: str | None = None,
    proposed_new_time: Fields | None = None,
) -> Mail:
    return Mail(
        kind=kind,
        to=to,
        event_id=store.id_of(item, immutable=True),
        ical_uid=item.event.uid,
        original_start=item.key,
        text=body,
        by=store.people[item.event.mailbox].email,
        summary=item.fields["subject"],
        response_status=response_status,
        proposed_new_time=proposed_new_time,
    )


def answered(response: str, store: Store) -> Fields:
    return {"response": response, "time": times.stamp(store.now())}
