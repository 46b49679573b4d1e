"""From a request to the API method that answers it: token, scopes, calendar, access role, parameters."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from . import discovery, freebusy, masks
from .calls import Call
from .errors import (
    ApiError,
    OAuthError,
    Refused,
    deleted,
    insufficient_scopes,
    invalid_credentials,
    not_found,
    required_access_level,
)
from .ledger import Request
from .listing import Lister, shown_to
from .oauth import Grant, OAuth
from .server import API, Answer, failure
from .store import Calendar, Event, Fields, Person, Store, rank, same
from .switches import Switches
from .views import tombstone
from .writes import Writer

_SCOPE = "https://www.googleapis.com/auth/"
_OWNED = {_SCOPE + "calendar.events.owned", _SCOPE + "calendar.events.owned.readonly"}
_TIMES_ONLY = {_SCOPE + "calendar.events.freebusy"}
_ELSEWHERE = {_SCOPE + "calendar.app.created", _SCOPE + "calendar.events.public.readonly"}
"""Good for calendars that are not simulated: made by the app itself, or public."""


class Router:
    def __init__(
        self,
        store: Store,
        oauth: OAuth,
        lister: Lister,
        writer: Writer,
        switches: Callable[[], Switches],
        note: Callable[[str], None],
    ):
        self.store, self.oauth, self.lister, self.writer = store, oauth, lister, writer
        self._switches, self._note = switches, note

    def answer(self, request: Request) -> Answer:
        """Every error becomes its answer; what breaks the contract is noted."""
        try:
            if request.path.startswith(API + "/"):
                return self._of_api(request)
            return self._of_oauth(request)
        except Refused as refused:
            self._note(f"{request.method} {request.path}: {refused.message}")
            return failure(refused)
        except (ApiError, OAuthError) as error:
            return failure(error)

    # OAuth

    def _of_oauth(self, request: Request) -> Answer:
        form = {**_client_of_header(request), **(request.body if isinstance(request.body, dict) else {})}
        match request.method, request.path:
            case "GET", "/o/oauth2/auth":
                return Answer(302, None, {"Location": self.oauth.authorize(request.query)})
            case "POST", "/token":
                return Answer(200, self.oauth.token(form))
            case "POST", "/revoke":
                query = {name: values[0] for name, values in request.query.items()}
                self.oauth.revoke({**query, **form})
                return Answer(200, {})
        return self._unknown(request)

    def _unknown(self, request: Request) -> Answer:
        batch = request.path.startswith("/batch")
        self._note("batch" if batch else f"{request.method} {request.path}: no such endpoint")
        return failure(not_found())

    # The API

    def _of_api(self, request: Request) -> Answer:
        found = discovery.find(request.method, request.path.removeprefix(API + "/"))
        if found is None:
            return self._unknown(request)
        method, path = found
        grant = self._grant(request)
        person = self.store.person(grant.person)
        if person is None:
            raise invalid_credentials()
        request.person = person.email
        scopes = self._scopes(method, grant)
        parameters = discovery.parameters(method, request.query)
        call = self._call(method, person, path, parameters, request, scopes)
        try:
            body = self.run(call)
        finally:
            for violation in call.notes:
                self._note(violation)
        if body is None:
            return Answer(204)
        if "fields" in parameters and method.response:
            body = masks.partial(body, parameters["fields"], method.response)
        return Answer(200, body)

    def _grant(self, request: Request) -> Grant:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self.oauth.grant(token.strip()) if scheme.casefold() == "bearer" else None
        if grant is None:
            raise invalid_credentials()
        return grant

    def _scopes(self, method: discovery.Method, grant: Grant) -> set[str]:
        """The token's scopes that are good for this method."""
        held = set(method.scopes) if grant.scopes is None else set(method.scopes) & grant.scopes
        if not held - _ELSEWHERE:
            raise insufficient_scopes(_long_name(method), sorted(method.scopes))
        return held - _ELSEWHERE

    def _call(
        self,
        method: discovery.Method,
        person: Person,
        path: dict[str, str],
        parameters: dict[str, Any],
        request: Request,
        scopes: set[str],
    ) -> Call:
        if request.body is not None and not method.request:
            raise Refused(f"{method.name} takes no body")
        is_json = request.headers.get("content-type", "").startswith("application/json")
        if method.request and not (is_json and isinstance(request.body, dict)):
            raise Refused("Parse Error", reason="parseError")
        calendar = self.calendar(person, path.get("calendarId", "primary"))
        if scopes <= _OWNED and not same(calendar.owner, person.email):
            raise insufficient_scopes(_long_name(method), sorted(method.scopes))
        return Call(
            method=method,
            person=person,
            calendar=calendar,
            role=calendar.role(person.email),
            path=path,
            parameters=parameters,
            body=request.body or {},
            if_match=request.headers.get("if-match"),
            busy_only=scopes <= _TIMES_ONLY,
        )

    def calendar(self, person: Person, calendar_id: str) -> Calendar:
        """404 also for a calendar that the person may not know of."""
        calendar = self.store.calendar(person.email if calendar_id == "primary" else calendar_id)
        if calendar is None or calendar.role(person.email) == "none":
            raise not_found()
        return calendar

    def run(self, call: Call) -> Fields | None:
        """Do what the call asks for; None for an empty answer."""
        match call.method.name:
            case "events.list":
                return self.lister.events(call)
            case "events.instances":
                return self.lister.instances(call)
            case "events.get":
                return self._get(call)
            case "events.insert":
                return self._shown(call, self.writer.insert(call))
            case "events.patch":
                return self._shown(call, self.writer.patch(call))
            case "events.update":
                return self._shown(call, self.writer.update(call))
            case "events.delete":
                self.writer.delete(call)
                return None
            case "freebusy.query":
                return freebusy.query(self.store, call)
            case "calendars.get":
                return self._calendar_resource(call)
            case "calendarList.list":
                return self._calendar_list(call)
            case "calendarList.get":
                return self._calendar_entry(call.person, call.calendar)
        return self._setting(call)

    def _get(self, call: Call) -> Fields:
        call.require("freeBusyReader")
        event = self.store.resolve(call.calendar, call.path["eventId"])
        if self.store.cancelled(event):
            how = self._switches().get_of_cancelled
            if how == "gone":
                raise deleted()
            if how == "minimal":
                return tombstone(self.store, call.calendar, event, zone=call.parameters.get("timeZone"))
        return self._shown(call, event)

    def _shown(self, call: Call, event: Event) -> Fields:
        return shown_to(self.store, call, self.store.resolve(call.calendar, event.id))

    # Calendars and settings

    def _calendar_resource(self, call: Call) -> Fields:
        calendar = call.calendar
        if rank(call.role) < rank("reader"):
            raise required_access_level("reader")
        shown = {
            "kind": "calendar#calendar",
            "etag": f'"c{calendar.change}"',
            "id": calendar.id,
            "summary": calendar.summary,
            "timeZone": calendar.zone,
            "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
        }
        if not calendar.primary:
            shown["dataOwner"] = calendar.owner
        if calendar.primary and calendar.working_hours and call.role == "owner":
            shown["workingHours"] = calendar.working_hours
        return shown

    def _calendar_entry(self, person: Person, calendar: Calendar) -> Fields:
        shown = {
            "kind": "calendar#calendarListEntry",
            "etag": f'"l{calendar.change}"',
            "id": calendar.id,
            "summary": calendar.summary,
            "timeZone": calendar.zone,
            "accessRole": calendar.role(person.email),
            "selected": True,
            "defaultReminders": [],
        }
        if calendar.primary and same(calendar.owner, person.email):
            shown["primary"] = True
        return shown

    def _calendar_list(self, call: Call) -> Fields:
        if {"syncToken", "pageToken"} & set(call.parameters):
            raise Refused("the tokens of calendarList are not served")
        least = call.parameters.get("minAccessRole", "freeBusyReader")
        known = [each for each in self.store.calendars.values() if rank(each.role(call.person.email)) >= rank(least)]
        if len(known) > call.parameters.get("maxResults", 100):
            raise Refused("pages of calendarList are not served", parameter="maxResults")
        return {
            "kind": "calendar#calendarList",
            "etag": f'"p{self.store.last_change}"',
            "items": [self._calendar_entry(call.person, each) for each in known],
        }

    def _setting(self, call: Call) -> Fields:
        name = call.path["setting"]
        value = freebusy.setting(call.person, name)
        if value is None:
            raise not_found()
        return {"kind": "calendar#setting", "etag": '"0"', "id": name, "value": value}


def _client_of_header(request: Request) -> dict[str, str]:
    """The client's id and secret, which may come by HTTP Basic as well as in the form."""
    scheme, _, coded = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() != "basic":
        return {}
    name, _, secret = base64.b64decode(coded).decode().partition(":")
    return {"client_id": unquote(name), "client_secret": unquote(secret)}


def _long_name(method: discovery.Method) -> str:
    resource, _, name = method.name.partition(".")
    return f"calendar.v3.{resource[0].upper()}{resource[1:]}.{name[0].upper()}{name[1:]}"
