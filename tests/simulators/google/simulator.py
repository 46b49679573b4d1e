"""The simulator as the tests see it: people, calendars, what somebody does by hand, and what was observed."""

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from . import copies, discovery, times
from .byhand import Hand
from .faults import Faults
from .ledger import Mail, Request
from .listing import Lister
from .oauth import CLIENT_ID, CLIENT_SECRET, Consent, OAuth
from .routes import Router
from .server import API, Answer, Server
from .store import ROLES, Calendar, Person, Store
from .switches import Switches
from .writes import Writer

DAYS = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}


class GoogleSimulator:
    """Google Calendar v3 and Google's OAuth endpoints on 127.0.0.1, for as long as the `with` block lasts."""

    def __init__(self, now: datetime, switches: Switches | None = None):
        self.now = now
        """The simulator's clock; it stands still until a test sets it."""
        self.date_offset = timedelta()
        """How far the Date header is away from `now`."""
        self.switches = switches or Switches()
        # These three are filled in place: empty them with clear().
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.mails: list[Mail] = []
        self.faults = Faults()
        self._lock = threading.RLock()
        self._store = Store(lambda: self.now)
        self._oauth = OAuth(self._store, self.violations.append, lambda: self.root)
        self._lister = Lister(self._store, lambda: self.switches)
        writer = Writer(self._store, lambda: self.switches, self.mails)
        self._router = Router(
            self._store, self._oauth, self._lister, writer, lambda: self.switches, self.violations.append
        )
        self._server = Server(
            self._handle, self.faults, self.requests, lambda: self.now + self.date_offset, self.violations.append
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="google", daemon=True)

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
                return Answer(500, {"error": {"code": 500, "errors": [], "message": repr(fault)}})

    # Where it is

    @property
    def root(self) -> str:
        return self._server.root

    @property
    def api_root(self) -> str:
        return self.root + API

    @property
    def consent(self) -> Consent:
        return self._oauth.consent

    # Who and what there is

    def add_person(self, email: str, zone: str = "UTC", name: str | None = None) -> None:
        """A user, with a primary calendar whose id is the address."""
        times.zone(zone)
        with self._lock:
            self._store.people[email.casefold()] = Person(email, zone, name or email)
            self._store.calendars[email.casefold()] = Calendar(email, email, zone, email, primary=True)

    def add_calendar(self, owner: str, calendar_id: str, zone: str = "UTC", summary: str = "") -> None:
        """A secondary calendar; events made on it are organized by the calendar itself."""
        times.zone(zone)
        with self._lock:
            calendar = Calendar(calendar_id, self._person(owner).email, zone, summary or calendar_id, primary=False)
            self._store.calendars[calendar_id.casefold()] = calendar

    def share(self, calendar_id: str, with_: str, role: str | None) -> None:
        """Give a person a role, or with None take it away; that person's sync tokens die with the change."""
        if role is not None and role not in ROLES:
            raise ValueError(f"{role!r} is none of {ROLES}")
        with self._lock:
            calendar, key = self._calendar(calendar_id), with_.casefold()
            calendar.roles[key] = role or "none"
            calendar.acl_version[key] = calendar.acl_version.get(key, 0) + 1

    def set_working_hours(
        self, person: str, hours: dict[str, list[tuple[int, int]]] | None, *, enabled: bool = True
    ) -> None:
        """Minutes from the start of each day, e.g. `{"monday": [(540, 1020)]}`; None takes them away."""
        if hours and set(hours) - DAYS:
            raise ValueError(f"days are {sorted(DAYS)}")
        spans = [
            {"dayOfWeek": day, "periodStart": start, "periodEnd": end}
            for day, periods in (hours or {}).items()
            for start, end in periods
        ]
        shown = {"workingHoursEnabled": enabled, "availableTimes": spans}
        faults = discovery.body_faults("Calendar", {"workingHours": shown}, nulls=False)
        if faults:
            raise ValueError("; ".join(faults))
        with self._lock:
            self._calendar(person).working_hours = shown if hours is not None else None

    def set_setting(self, person: str, name: str, value: str) -> None:
        with self._lock:
            self._person(person).settings[name] = value

    def as_(self, person: str) -> Hand:
        """What a person does in the web UI: not in `requests`, its mails are in `mails`."""
        return Hand(self._router, self._lock, self._person(person))

    def deliver_invitation(self, to: str, organizer: str, body: dict[str, Any]) -> dict[str, Any]:
        """An invitation from somebody who has no calendar here arrives in a person's primary calendar."""
        with self._lock:
            return Hand(self._router, self._lock, self._person(to)).receive(organizer, body)

    def deliver_response(self, by: str, calendar: str, event_id: str, status: str, comment: str = "") -> None:
        """The answer of a guest who has no calendar here arrives in the organizer's, and with it in all copies."""
        answer = {"responseStatus": status, **({"comment": comment} if comment else {})}
        with self._lock:
            main = self._store.resolve(self._calendar(calendar), event_id)
            copies.record_response(self._store, main, by, answer)

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

    # Tokens

    def token_for(self, person: str, scopes: Any = None, lifetime: timedelta | None = None) -> str:
        """A bearer token that is valid at once: scopes None for all, lifetime None for good."""
        with self._lock:
            held = None if scopes is None else frozenset(scopes.split() if isinstance(scopes, str) else scopes)
            return self._oauth.issue(self._person(person).email, held, lifetime)

    def revoke(self, person: str) -> None:
        """The person takes the app's access away: all tokens of that person end."""
        with self._lock:
            self._oauth.revoke_person(person)

    def expire_access_tokens(self, person: str) -> None:
        """Access tokens end now, refresh tokens stay good."""
        with self._lock:
            self._oauth.expire_access(person)

    def expire_sync_tokens(self) -> None:
        with self._lock:
            self._lister.epoch += 1

    def client_secrets(self, path: Path) -> Path:
        """Write the file that a desktop app's owner downloads from the console."""
        path.write_text(
            json.dumps(
                {
                    "installed": {
                        "client_id": CLIENT_ID,
                        "project_id": "simulated",
                        "client_secret": CLIENT_SECRET,
                        "auth_uri": self.root + "/o/oauth2/auth",
                        "token_uri": self.root + "/token",
                        "auth_provider_x509_cert_url": self.root + "/oauth2/v1/certs",
                        "redirect_uris": ["http://localhost"],
                    }
                }
            )
        )
        return path

    def service_account(
        self, path: Path, delegated_to: Any = (), email: str = "robot@simulated.iam.gserviceaccount.com"
    ) -> Path:
        """Write a service account's key file; the account is a person without a right to invite."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        with self._lock:
            self.add_person(email)
            self._person(email).service_account = True
            allowed = frozenset(each.casefold() for each in delegated_to)
            self._oauth.add_service_account(email, key.public_key(), allowed)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_text(
            json.dumps(
                {
                    "type": "service_account",
                    "project_id": "simulated",
                    "private_key_id": "1",
                    "private_key": pem.decode(),
                    "client_email": email,
                    "client_id": "1",
                    "auth_uri": self.root + "/o/oauth2/auth",
                    "token_uri": self.root + "/token",
                }
            )
        )
        return path
