"""From a request to the method that answers it: token, mailbox, scopes, Prefer, query, ids."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from simulators.loopback import Answer, Request

from . import identity, ids, listing, models, resources, schedule, times
from .calls import Call, Prefer
from .delta import TOKENS, UNSUPPORTED, Deltas
from .dialect import API, GraphDialect
from .errors import (
    ApiError,
    IdentityError,
    Refused,
    RefusedSignIn,
    access_denied,
    id_malformed,
    invalid_token,
    item_not_found,
    request_denied,
)
from .grants import Grant
from .identity import Identity
from .mailing import Post
from .responses import STATUS, respond
from .store import Calendar, Fields, Item, Person, Store
from .switches import Switches
from .views import Views, check_selection, entity, selected
from .writes import Writer

_READ = ("Calendars.Read", "Calendars.ReadWrite")
_WRITE = ("Calendars.ReadWrite",)
_WINDOW = {"startDateTime", "endDateTime"}
_MODELS = {
    "profile": "user",
    "calendars": "calendar",
    "calendar": "calendar",
    "mailboxSettings": "mailboxSettings",
    "messages": "message",
}
_LIST = {"$select", "$expand", "$top", "$skip", "$orderby"}


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    name: str
    scopes: tuple[str, ...]
    query: frozenset[str]


def _route(method: str, pattern: str, name: str, scopes: tuple[str, ...], query: set[str] | None = None) -> Route:
    return Route(method, re.compile(pattern), name, scopes, frozenset(query or ()))


_CALENDAR = r"(?:(?P<default>calendar)/|calendars/(?P<calendar>[^/]+)/)?"
_EVENT = _CALENDAR + r"events/(?P<event>(?!delta)[^/]+)"
_ROUTES = (
    _route("GET", "", "profile", ("User.Read", "User.Read.All"), {"$select"}),
    _route("GET", "calendars", "calendars", _READ, {"$select", "$top", "$skip"}),
    _route("GET", "calendar|calendars/(?P<calendar>[^/]+)", "calendar", _READ, {"$select"}),
    _route("GET", _CALENDAR + r"calendarView/delta(\(\))?", "delta", _READ, _WINDOW | TOKENS | UNSUPPORTED),
    _route("GET", _CALENDAR + "calendarView", "calendarView", _READ, _WINDOW | _LIST),
    _route("GET", _CALENDAR + "events", "events", _READ, _LIST | {"$filter"}),
    _route("POST", _CALENDAR + "events", "create", _WRITE),
    _route("GET", _EVENT, "get", _READ, {"$select", "$expand"}),
    _route("PATCH", _EVENT, "patch", _WRITE),
    _route("DELETE", _EVENT, "delete", _WRITE),
    _route("GET", _EVENT + "/instances", "instances", _READ, _WINDOW | _LIST - {"$orderby"}),
    _route("POST", _EVENT + "/cancel", "cancel", _WRITE),
    *(_route("POST", f"{_EVENT}/{action}", action, _WRITE) for action in STATUS),
    _route(
        "GET", "mailboxSettings", "mailboxSettings", ("MailboxSettings.Read", "MailboxSettings.ReadWrite"), {"$select"}
    ),
    _route("POST", "calendar/getSchedule", "getSchedule", ("Calendars.ReadBasic", *_READ)),
    _route("POST", "sendMail", "sendMail", ("Mail.Send",)),
    _route(
        "GET", "messages", "messages", ("Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite"), {"$filter", "$select", "$top"}
    ),
)
_IDENTITY = re.compile(
    r"/([^/]+)/(v2\.0/\.well-known/openid-configuration|oauth2/v2\.0/(?:token|devicecode|authorize)|discovery/instance)"
)


class Router:
    def __init__(
        self,
        store: Store,
        identity_: Identity,
        deltas: Deltas,
        writer: Writer,
        post: Post,
        dialect: GraphDialect,
        switches: Callable[[], Switches],
        note: Callable[[str], None],
        root: Callable[[], str],
    ):
        self.store, self.identity, self.deltas, self.writer, self.post = store, identity_, deltas, writer, post
        self._dialect, self._switches, self._note, self._root = dialect, switches, note, root

    def answer(self, request: Request) -> Answer:
        """Every error becomes its answer; what breaks the contract is noted."""
        try:
            if request.path.startswith(API + "/"):
                return self._of_api(request)
            return self._of_identity(request)
        except (Refused, RefusedSignIn) as refused:
            self._note(f"{request.method} {request.path}: {refused}")
            return self._failed(request, refused)
        except (ApiError, IdentityError) as error:
            return self._failed(request, error)

    def _failed(self, request: Request, error: ApiError | IdentityError) -> Answer:
        return self._dialect.failure(error, request.headers.get("client-request-id"))

    # Identity

    def _of_identity(self, request: Request) -> Answer:
        match = _IDENTITY.fullmatch(request.path)
        query = {name: values[0] for name, values in request.query.items()}
        form = request.body if isinstance(request.body, dict) else {}
        match request.method, match[2].rpartition("/")[2] if match else "":
            case "GET", "openid-configuration":
                return _json(self.identity.configuration(match[1]))  # type: ignore[index]
            case "GET", "instance":
                return _json(self.identity.instances(query))
            case "POST", "token":
                return _json(self.identity.token(match[1], {**_basic(request), **form}))  # type: ignore[index]
            case "POST", "devicecode":
                return _json(self.identity.device_code(match[1], form))  # type: ignore[index]
            case "GET", "authorize":
                target, fields, posted = self.identity.authorize(match[1], query)  # type: ignore[index]
                if posted:
                    return Answer(200, identity.form_post(target, fields), {"Content-Type": "text/html; charset=utf-8"})
                return Answer(302, None, {"Location": identity.redirect(target, fields)})
        self._note(f"{request.method} {request.path}: no such endpoint")
        return Answer(404, "", {})

    # The API

    def mailbox_of(self, request: Request) -> tuple[str, str] | None:
        """App and mailbox that a request counts for; None where its token or address tells neither."""
        grant = self.identity.grants.good(_bearer(request))
        if grant is None or not request.path.startswith(API + "/"):
            return None
        first, _, rest = request.path.removeprefix(API + "/").partition("/")
        named = unquote(rest.partition("/")[0]) if first == "users" else grant.person or ""
        person = self.store.person(named)
        return (grant.client, person.email) if person else None

    def _of_api(self, request: Request) -> Answer:
        grant = self._grant(request)
        actor = self.store.person(grant.person) if grant.person else None
        request.person = actor.email if actor else None
        mailbox, rest = self._mailbox(request, grant, actor)
        route, parts = self._route(request, rest)
        self._check_scopes(route, grant, actor, mailbox)
        call = Call(
            route=route.name,
            mailbox=mailbox,
            actor=actor,
            query=self._query(route, request),
            body=self._body(route, request),
            prefer=Prefer.of(request.headers.get("prefer")),
            if_match=request.headers.get("if-match"),
            address=self._root() + request.path,
        )
        if self._switches().iana_zones == "documented":
            times.check_documented(call.prefer.zone, call.body)
        self._locate(call, parts, route, grant)
        try:
            status, body = self.run(call)
        finally:
            for violation in call.notes:
                self._note(violation)
        if isinstance(body, dict):
            body = _absolute(body, self._root() + API)
        return Answer(status, body, self._headers(request, call, status, body))

    def _grant(self, request: Request) -> Grant:
        token = _bearer(request)
        grant = self.identity.grants.good(token)
        if grant is not None:
            return grant
        if not token:
            raise invalid_token("Access token is empty.")
        if self.identity.grants.known(token):
            raise invalid_token("Lifetime validation failed, the token is expired.")
        raise invalid_token("CompactToken validation failed with reason code: 80049228.")

    def _mailbox(self, request: Request, grant: Grant, actor: Person | None) -> tuple[Person, str]:
        first, _, rest = request.path.removeprefix(API + "/").partition("/")
        if first == "me":
            if actor is None:
                if grant.person is None:
                    raise Refused("/me request is only valid with delegated authentication flow.")
                raise invalid_token("The user of the token does not exist.")
            return actor, rest
        if first != "users":
            raise Refused(f"Resource not found for the segment '{first}'.", status=404)
        name, _, rest = rest.partition("/")
        person = self.store.person(unquote(name))
        if person is None:
            raise ApiError(404, "ErrorInvalidUser", f"The requested user '{unquote(name)}' is invalid.")
        return person, rest

    def _route(self, request: Request, rest: str) -> tuple[Route, Mapping[str, str | None]]:
        for route in _ROUTES:
            match = route.pattern.fullmatch(rest) if route.method == request.method else None
            if match:
                return route, match.groupdict()
        raise Refused(f"Resource not found for {request.method} '{rest}'.", status=404)

    @staticmethod
    def _check_scopes(route: Route, grant: Grant, actor: Person | None, mailbox: Person) -> None:
        """Another's mailbox needs the .Shared scopes, of which an app without a user has no need."""
        if actor is not None and actor is not mailbox:
            if "Calendars" not in route.scopes[0] or route.name == "getSchedule":
                raise access_denied()
            needed = {f"{scope}.Shared" for scope in route.scopes}
        else:
            needed = set(route.scopes)
        if grant.scopes is not None and not needed & grant.scopes:
            raise request_denied() if route.name == "profile" else access_denied()

    @staticmethod
    def _query(route: Route, request: Request) -> dict[str, str]:
        known = {name.casefold(): name for name in route.query}
        query: dict[str, str] = {}
        for name, values in request.query.items():
            # OData names are exact here; the two of a window are written both ways in the documentation.
            proper = known.get(name.casefold()) if not name.startswith("$") else name
            if proper not in route.query or len(values) > 1:
                raise Refused(f"The query parameter '{name}' is not supported by {route.name}.")
            query[proper] = values[0]
        if route.name != "delta":
            check_selection(query, _MODELS.get(route.name, "event"))
        return query

    @staticmethod
    def _body(route: Route, request: Request) -> Any:
        if route.method in {"GET", "DELETE"}:
            if request.body is not None:
                raise Refused(f"{route.name} takes no body")
            return None
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        if request.body is None and route.name in {"cancel", *STATUS}:
            return None
        if route.name == "sendMail" and kind == "text/plain" and isinstance(request.body, str):
            return request.body
        if kind != "application/json" or not isinstance(request.body, dict):
            raise Refused("A JSON object is required, with its Content-Type.", code="RequestBodyRead")
        return request.body

    # What a call is about

    def _locate(self, call: Call, parts: Mapping[str, str | None], route: Route, grant: Grant) -> None:
        named, event = parts.get("calendar"), parts.get("event")
        if named is not None:
            call.calendar = self._calendar(call, unquote(named))
            call.mailbox = self.store.people[call.calendar.owner.casefold()]
            self._check_scopes(route, grant, call.actor, call.mailbox)
        elif parts.get("default"):
            call.calendar = self.store.default_calendar(call.mailbox)
        if named is None and call.actor is not None and call.actor is not call.mailbox:
            # Of somebody else's mailbox only calendars that were shared can be seen, the default one without its id.
            call.calendar = self.store.default_calendar(call.mailbox)
            if call.role == "none":
                raise access_denied()
        if event is None:
            return
        found_too = call.route == "get" and self._switches().get_of_deleted == "found"
        call.item, parsed = self.store.resolve(call.mailbox, unquote(event), deleted_too=found_too)
        if call.calendar and call.item.event.calendar != call.calendar.number:
            raise item_not_found()
        self._check_form(call, parsed)

    def _check_form(self, call: Call, parsed: ids.Parsed) -> None:
        """An id belongs to requests of the kind that gave it out."""
        if not call.by_hand and parsed.immutable != call.prefer.immutable:
            self._note(f"{call.route}: an id of the other form; Prefer holds for its own request only")
            raise id_malformed()

    def _calendar(self, call: Call, calendar_id: str) -> Calendar:
        """404 also for a calendar that the person may not know of."""
        calendar = self.store.calendar(calendar_id)
        if calendar is None:
            raise item_not_found() if "=" in calendar_id or len(calendar_id) > 40 else id_malformed()
        viewer = call.actor or call.mailbox
        if calendar.role(viewer.email) is None or (call.actor is None and calendar.owner != call.mailbox.email):
            raise item_not_found()
        if call.actor is not None and call.actor is not call.mailbox and calendar.owner != call.mailbox.email:
            raise item_not_found()
        return calendar

    def run(self, call: Call) -> tuple[int, Fields | None]:
        """Do what the call asks for."""
        switches, calendar = self._switches(), call.calendar or self.store.default_calendar(call.mailbox)
        match call.route:
            case "delta":
                return 200, self.deltas.answer(call, calendar)
            case "calendarView":
                return 200, listing.calendar_view(self.store, switches, call, calendar)
            case "events":
                return 200, listing.events(self.store, switches, call, calendar)
            case "instances":
                return 200, listing.instances(self.store, switches, call)
            case "get":
                return 200, self._get(call)
            case "create":
                return 201, self._written(call, self.writer.create(call))
            case "patch":
                return 200, self._written(call, self.writer.patch(call))
            case "delete":
                self.writer.delete(call)
                return 204, None
            case "cancel":
                self.writer.cancel(call, self._comment(call))
                return 202, None
            case "accept" | "tentativelyAccept" | "decline":
                respond(self.writer, call, call.route, declining_removes=switches.decline_removes)
                return 202, None
            case "sendMail":
                self.post.send(call)
                return 202, None
            case "messages":
                return 200, self.post.look_up(call)
            case "getSchedule":
                return 200, schedule.get_schedule(self.store, call)
        return 200, resources.answer(self.store, call)

    def _get(self, call: Call) -> Fields:
        assert call.item is not None
        shown = Views(self.store, self._switches(), call.prefer).full(call.item, sees_private=call.sees_private)
        return entity(selected(shown, call, call.item), f"users('{call.mailbox.oid}')/events")

    def _written(self, call: Call, item: Item) -> Fields:
        return entity(
            Views(self.store, self._switches(), call.prefer).written(item), f"users('{call.mailbox.oid}')/events"
        )

    @staticmethod
    def _comment(call: Call) -> str:
        given, found = models.action_body("cancelBody", call.body)
        if found:
            raise Refused("; ".join(found), code="RequestBodyRead")
        return given.get("comment") or ""

    def _headers(self, request: Request, call: Call, status: int, body: Any) -> dict[str, str]:
        request_id = str(uuid4())
        applied = call.prefer.applied
        if call.route == "delta":
            applied = f"odata.track-changes, {applied}".rstrip(", ")
        if call.route in {"create", "patch"}:
            applied = ", ".join(each for each in applied.split(", ") if "timezone" not in each)
        named = {"request-id": request_id, "client-request-id": request.headers.get("client-request-id", request_id)}
        if status == 201:
            named["Location"] = f"{self._root()}{API}/users('{call.mailbox.oid}')/events('{body['id']}')"
        return {**named, **({"Preference-Applied": applied} if applied else {}), "Cache-Control": "private"}


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.casefold() == "bearer" else ""


def _basic(request: Request) -> dict[str, str]:
    """The client's id and secret, which may come by HTTP Basic as well as in the form."""
    scheme, _, coded = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() != "basic":
        return {}
    name, _, secret = identity._unpadded(coded).decode().partition(":")
    return {"client_id": unquote(name), "client_secret": unquote(secret)}


def _json(body: Fields) -> Answer:
    return Answer(200, body, {"Content-Type": "application/json; charset=utf-8"})


def _absolute(body: Fields, root: str) -> Fields:
    """The context with the API's own address."""
    if body.get("@odata.context", "").startswith("$"):
        return {**body, "@odata.context": f"{root}/{body['@odata.context']}"}
    return body
