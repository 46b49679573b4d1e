"""What a mailbox has beside events: calendars, settings, and its user."""

from datetime import UTC, datetime

from . import ids, times
from .calls import Call
from .listing import collected, number
from .schedule import working_hours
from .store import Calendar, Fields, Person, Store
from .views import entity, selected


def answer(store: Store, call: Call) -> Fields:
    person, viewer = call.mailbox, (call.actor or call.mailbox).email
    match call.route:
        case "calendars":
            return _calendars(store, call, viewer)
        case "calendar":
            shown = calendar_resource(store, call.calendar or store.default_calendar(person), viewer)
            return entity(selected(shown, call), f"users('{person.oid}')/calendars")
        case "mailboxSettings":
            settings = selected(mailbox_settings(person), call)
            return {"@odata.context": f"$metadata#users('{person.oid}')/mailboxSettings", **settings}
    return entity(selected(profile(person), call), "users")


def _calendars(store: Store, call: Call, viewer: str) -> Fields:
    """One's own and those that were shared with one; of somebody else's mailbox only the shared ones."""
    known = [each for each in store.calendars.values() if each.role(viewer)]
    if call.actor is not call.mailbox:
        known = [each for each in known if each.owner == call.mailbox.email]
    size, skip = number(call, "$top", 10, 1000), number(call, "$skip", 0, 10**9)
    page = [calendar_resource(store, each, viewer) for each in known[skip : skip + size]]
    shown = collected([selected(each, call) for each in page], f"users('{call.mailbox.oid}')/calendars")
    if skip + size < len(known):
        shown["@odata.nextLink"] = f"{call.address}?$top={size}&$skip={skip + size}"
    return shown


def calendar_resource(store: Store, calendar: Calendar, viewer: str) -> Fields:
    owner = store.people[calendar.owner.casefold()]
    role = calendar.role(viewer)
    mine = role == "owner"
    providers = [] if owner.personal else ["teamsForBusiness"]
    return {
        "id": calendar.id,
        "name": calendar.name,
        "color": "auto",
        "hexColor": "",
        "isDefaultCalendar": calendar.default and mine,
        "changeKey": ids.change_key(owner.guid, calendar.number),
        "canShare": mine,
        "canViewPrivateItems": role in {"owner", "delegate"},
        "canEdit": role in {"owner", "write", "delegate"},
        "allowedOnlineMeetingProviders": providers,
        "defaultOnlineMeetingProvider": providers[0] if providers else "unknown",
        "isTallyingResponses": calendar.default,
        "isRemovable": not calendar.default,
        "owner": owner.recipient,
    }


def mailbox_settings(person: Person) -> Fields:
    """Personal accounts have no working hours."""
    zone = {"dateTime": times.seven(datetime(2026, 1, 1, tzinfo=UTC)), "timeZone": "UTC"}
    shown = {
        "archiveFolder": None,
        "timeZone": person.zone,
        "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
        "dateFormat": "M/d/yyyy",
        "timeFormat": "h:mm tt",
        "userPurpose": "user",
        "automaticRepliesSetting": {
            "status": "disabled",
            "externalAudience": "all",
            "internalReplyMessage": "",
            "externalReplyMessage": "",
            "scheduledStartDateTime": zone,
            "scheduledEndDateTime": zone,
        },
        "language": {"locale": "en-US", "displayName": "English (United States)"},
    }
    return shown if person.personal else {**shown, "workingHours": working_hours(person)}


def profile(person: Person) -> Fields:
    given, _, surname = person.name.partition(" ")
    return {
        "id": person.oid,
        "displayName": person.name,
        "givenName": given,
        "surname": surname or None,
        "mail": person.email,
        "userPrincipalName": person.email,
        "preferredLanguage": None,
    }
