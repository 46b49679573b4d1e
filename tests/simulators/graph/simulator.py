"""The simulator as the tests see it: people, calendars, what somebody does by hand, and what was observed."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from simulators.loopback import Answer, Faults, Request, Server

from . import client, models, online, times
from .byhand import Hand
from .delta import Deltas
from .dialect import API, GraphDialect
from .errors import ApiError, mailbox_concurrency
from .grants import Consent, Grant, Grants, short
from .identity import CLIENT_ID, HOST, Identity
from .ledger import Mail
from .mailing import Post
from .routes import Router
from .store import ROLES, Calendar, Fields, Person, Store
from .switches import Switches
from .writes import Writer

AT_ONCE = 4
"""Requests that one app may have under way in one mailbox."""


class GraphSimulator:
    """Microsoft Graph and the Microsoft identity endpoints on 127.0.0.1, for as long as the `with` block lasts."""

    def __init__(self, now: datetime, switches: Switches | None = None):
        self.now = now
        """The simulator's clock; it stands still until a test sets it."""
        self.date_offset = timedelta()
        """How far the Date header is away from `now`."""
        self.switches = switches or Switches()
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.mails: list[Mail] = []
        self.faults = Faults()
        self.teams_form: online.Form = "2026"
        """The form of the block that new online meetings get: one of `TEAMS_FORMS`."""
        self.sent_items_delay = timedelta()
        """How long after sendMail a message is in Sent Items, and can be looked up there."""
        self._lock = threading.RLock()
        self._busy: Counter[tuple[str, str]] = Counter()
        self._store = Store(lambda: self.now)
        self._grants = Grants(lambda: self.now)
        self._identity = Identity(self._store, self._grants, self.violations.append)
        self._deltas = Deltas(self._store, lambda: self.switches)
        self._dialect = GraphDialect(lambda: self.now)
        writer = Writer(self._store, lambda: self.switches, self.mails, lambda: self.teams_form)
        post = Post(self._store, lambda: self.switches, self.mails, lambda: self.sent_items_delay)
        self._router = Router(
            self._store,
            self._identity,
            self._deltas,
            writer,
            post,
            self._dialect,
            lambda: self.switches,
            self.violations.append,
            lambda: self.root,
        )
        self._server = Server(
            self._handle, self.faults, self.requests, lambda: self.now + self.date_offset, self._dialect, self._gate
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="graph", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.stop()
        self._thread.join()

    def _handle(self, request: Request) -> Answer:
        with self._lock:
            try:
                return self._router.answer(request)
            except Exception as fault:  # noqa: BLE001 -- it must be seen in the tests, not in a thread's traceback
                self.violations.append(f"the simulator failed at {request.method} {request.path}: {fault!r}")
                return self._dialect.failure(ApiError(500, "ErrorInternalServerError", repr(fault)))

    @contextmanager
    def _gate(self, request: Request) -> Iterator[Answer | None]:
        """A fifth request at the same time is turned away, whatever the other four wait for."""
        with self._lock:
            key = self._router.mailbox_of(request)
            full = key is not None and self._busy[key] >= AT_ONCE
            if key is not None and not full:
                self._busy[key] += 1
        try:
            yield self._dialect.failure(mailbox_concurrency()) if full else None
        finally:
            if key is not None and not full:
                with self._lock:
                    self._busy[key] -= 1

    def empty_mailboxes(self) -> None:
        """Nobody has got or sent a mail."""
        with self._lock:
            self.mails.clear()
            for person in self._store.people.values():
                person.messages.clear()

    # Where it is

    @property
    def root(self) -> str:
        return self._server.root

    @property
    def api_root(self) -> str:
        return self.root + API

    @property
    def authority(self) -> str:
        """For msal, with `http_client()` and instance_discovery=False."""
        return self.authority_for("common")

    def authority_for(self, tenant: str) -> str:
        """common, organizations, consumers, or a tenant: `TENANT`."""
        return f"{HOST}/{tenant}"

    @property
    def consent(self) -> Consent:
        return self._identity.consent

    def http_client(self) -> client.AuthorityClient:
        """Takes the requests to the fictitious authority to this simulator; any other host is an error."""
        return client.AuthorityClient(self.root)

    def browse(self, address: str) -> client.Reply:
        """The browser that an app opens: signs in as `consent` says and brings the answer to the redirect_uri."""
        return client.browse(self.root, address)

    def api(self, person: str | None = None, scopes: Any = None, prefer: str | None = None) -> client.Api:
        """A plain client with a token of that person's, or of an app without a user."""
        token = self.token_for(person, scopes) if person else self.app_token(scopes)
        return client.Api(self.root, token, prefer)

    # Who and what there is

    def add_person(self, email: str, zone: str = "UTC", name: str | None = None, *, personal: bool = False) -> None:
        """A user with a mailbox and a default calendar; `zone` is a Windows or IANA name."""
        times.zone(zone)
        with self._lock:
            person = Person(email, zone, name or email, personal)
            self._store.people[email.casefold()] = person
            self._store.add_calendar(person, "Calendar", default=True)

    def add_calendar(self, person: str, name: str) -> str:
        with self._lock:
            return self._store.add_calendar(self._person(person), name, default=False).id

    def calendar_id(self, person: str) -> str:
        """Of the default calendar."""
        return self._store.default_calendar(self._person(person)).id

    def share(self, calendar: str, with_: str, role: str | None) -> None:
        """Give a person a role on a calendar, or with None take it away: read, write, or delegate (private too)."""
        if role is not None and role not in ROLES:
            raise ValueError(f"{role!r} is none of {ROLES}")
        with self._lock:
            found = self._calendar(calendar)
            found.roles.pop(with_.casefold(), None)
            if role is not None:
                found.roles[with_.casefold()] = role

    def set_working_hours(
        self, person: str, days: Iterable[str], start: str, end: str, zone: str | Fields | None = None
    ) -> None:
        """E.g. `(["monday"], "09:00", "17:00")`; `zone` is a name or a customTimeZone, None for the mailbox's."""
        named = zone if isinstance(zone, dict) else {"name": zone or self._person(person).zone}
        hours = {
            "daysOfWeek": list(days),
            "startTime": f"{start}:00.0000000",
            "endTime": f"{end}:00.0000000",
            "timeZone": named,
        }
        faults = models.faults("workingHours", hours)
        if faults:
            raise ValueError("; ".join(faults))
        with self._lock:
            self._person(person).working_hours = hours

    def as_(self, person: str) -> Hand:
        """What a person does in Outlook: not in `requests`, its mails are in `mails`."""
        return Hand(self._router, self._lock, self._person(person))

    def deliver_invitation(self, to: str, organizer: str, body: Fields, *, custom_zone: bool = False) -> Fields:
        """An invitation from somebody who has no mailbox here; with `custom_zone` its zone has no name."""
        with self._lock:
            return Hand(self._router, self._lock, self._person(to)).receive(organizer, body, custom_zone=custom_zone)

    def deliver_response(
        self, by: str, organizer: str, event_id: str, response: str, proposed: Fields | None = None
    ) -> None:
        """The answer of a guest who has no mailbox here; `response` is e.g. accepted, `event_id` the organizer's."""
        if response not in models.enum_values("responseStatus", "response"):
            raise ValueError(f"{response!r} is no response")
        with self._lock:
            item, _ = self._store.resolve(self._person(organizer), event_id)
            self._router.writer.note_answer(item.event, item.key, by, response, proposed)

    def _person(self, email: str) -> Person:
        found = self._store.person(email)
        if found is None:
            raise ValueError(f"nobody here is {email}")
        return found

    def _calendar(self, calendar_id: str) -> Calendar:
        found = self._store.calendar(calendar_id)
        if found is None:
            raise ValueError(f"no calendar here is {calendar_id}")
        return found

    # Tokens and states

    def token_for(self, person: str, scopes: Any = None, lifetime: timedelta | None = None) -> str:
        """A bearer token that is valid at once: scopes None for all, lifetime None for good."""
        with self._lock:
            held = None if scopes is None else frozenset(short(each) for each in scopes)
            return self._grants.issue(Grant(CLIENT_ID, self._person(person).email, held), lifetime)

    def app_token(self, roles: Any = None) -> str:
        """A bearer token of an app without a user: roles None for those that `consent` has."""
        with self._lock:
            held = frozenset(self.consent.app_roles if roles is None else roles)
            return self._grants.issue(Grant(CLIENT_ID, None, held), None)

    def enter_code(self, user_code: str, person: str | None = None, *, deny: bool = False) -> None:
        """A person enters the device flow's code in a browser somewhere, and signs in or declines."""
        with self._lock:
            self._identity.devices.enter(user_code, person, deny=deny)

    def revoke(self, person: str) -> None:
        """The person's sessions end: refresh tokens get AADSTS50173, access tokens 401."""
        with self._lock:
            self._grants.revoke(person)

    def withdraw_consent(self, person: str, scopes: Iterable[str]) -> None:
        """The app may not have these scopes any more: a refresh gets AADSTS65001 until the person signs in again."""
        with self._lock:
            self._grants.withdrawn |= {(person.casefold(), short(scope)) for scope in scopes}

    def require_interaction(self, person: str) -> None:
        """A policy asks the person to sign in once more: a refresh gets interaction_required until then."""
        with self._lock:
            self._grants.to_sign_in.add(person.casefold())

    def expire_access_tokens(self, person: str | None = None) -> None:
        """Access tokens end now, refresh tokens stay good."""
        with self._lock:
            self._grants.expire_access(person)

    def expire_delta_tokens(self) -> None:
        """Every nextLink and deltaLink that was given out is 410 from now on."""
        with self._lock:
            self._deltas.expire()

    @property
    def delta_never_ends(self) -> bool:
        """Rounds have a nextLink on every page and begin again at their end: seen with broken mailboxes."""
        return self._deltas.never_ends

    @delta_never_ends.setter
    def delta_never_ends(self, value: bool) -> None:
        self._deltas.never_ends = value
