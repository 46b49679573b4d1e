"""Google Calendar's API through Google's own client: one door for every call, which knows what each answer means.

Sources: https://developers.google.com/workspace/calendar/api/guides/errors and .../guides/quota.
The client's batches are not used: they ignore `api_endpoint` and go to Google's own host.
"""

import http.client
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httplib2
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError, TransportError
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import HttpRequest

from agendad.providers.bounded import MAX_ANSWER
from agendad.providers.errors import (
    AccountUnavailable,
    CursorExpired,
    EventNotFound,
    ProviderError,
)
from agendad.providers.google_http import BoundedHttp, Overlong
from agendad.providers.pacing import Conflict, Pace, Throttled, Unsure, http_date, retry_after
from agendad.providers.remote import overlong, unavailable, untrusted

Resource = dict[str, Any]
"""JSON."""

_TIMEOUT = 30
"""Seconds without a byte."""
_RATES = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_QUOTAS = frozenset({"quotaExceeded", "dailyLimitExceeded", "calendarUsageLimitsExceeded", "dailyLimitExceededUnreg"})
_CLIENT_ERRORS = (
    *(OSError, http.client.HTTPException, httplib2.HttpLib2Error, json.JSONDecodeError, UnicodeDecodeError),
    *(TypeError, AttributeError, LookupError),  # Google's client reads the body of each 403, and not with care
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What Google said no to, in its own words."""

    status: int
    reason: str
    """"" where the answer is none of Google's: a proxy's, or a page of a network that wants its user to sign in."""
    message: str

    def __str__(self) -> str:
        return f"{self.status} {self.reason} ({self.message})" if self.message else f"{self.status} {self.reason}"


class WriteRefused(Exception):
    """Google did not make a change; nothing was written."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class GoogleApi:
    """Calls for one account.

    Args:
        account: its name, for messages.
        root: the prefix of the API, `https://…/calendar/v3`.
        credentials: gives the credentials when they are first needed; raises SignInNeeded where there are none.
        why_refused: says what a failure of signing in means.
        now: the time by this machine, aware.
        sign_in: tells the present sign-in from earlier ones.
        pace: how patiently it is asked.
        timeout: seconds without a byte, after which an answer is lost.
        max_answer: bytes of an answer at most.
    """

    def __init__(
        self,
        account: str,
        root: str,
        *,
        credentials: Callable[[], Credentials],
        why_refused: Callable[[Exception], ProviderError],
        now: Callable[[], datetime],
        sign_in: Callable[[], str] = lambda: "",
        pace: Pace | None = None,
        timeout: float = _TIMEOUT,
        max_answer: int = MAX_ANSWER,
    ) -> None:
        self.account, self.root = account, root.rstrip("/")
        self.pace = pace or Pace(service="Google")
        self._timeout, self._max_answer = timeout, max_answer
        self.clock_offset: timedelta | None = None
        self._credentials, self._why_refused, self._now, self._sign_in = credentials, why_refused, now, sign_in
        self._signed_in: tuple[str, Credentials] | None = None
        self._local = threading.local()  # httplib2's connections are of one thread each
        self._transports: list[httplib2.Http] = []

    def look_for_sign_in(self) -> None:
        """Take up a sign-in that is newer than the one in use."""
        if self._signed_in is not None and self._signed_in[0] != self._sign_in():
            self._signed_in = None

    def close(self) -> None:
        """Close every connection. The next call opens one anew."""
        for transport in self._transports:
            transport.close()

    # calls

    def list_page(self, calendar: str, *, page: str | None = None, **parameters: Any) -> Resource:
        """One page of a calendar's events.

        Raises:
            CursorExpired: the sync token, or the page token, is not known any more.
            AccountUnavailable: nothing was read.
        """
        more = {"pageToken": page} if page else {}
        return self._read(
            lambda api: api.events().list(calendarId=calendar, **parameters, **more),
            lambda no: self._listing_refused(no, calendar, incremental="syncToken" in parameters or bool(page)),
            kind="calendar#events",
        )

    def instances_page(self, calendar: str, series: str, *, page: str | None = None, **parameters: Any) -> Resource:
        """One page of a series' occurrences.

        Raises:
            EventNotFound: there is no such series in this calendar, or it is none any more.
            AccountUnavailable: nothing was read.
        """
        more = {"pageToken": page} if page else {}
        return self._read(
            lambda api: api.events().instances(calendarId=calendar, eventId=series, **parameters, **more),
            lambda no: self._event_refused(no, 400, 404, 410),
            kind="calendar#events",
        )

    def get(self, calendar: str, event: str) -> Resource:
        """One event as it stands, also a cancelled one.

        Raises:
            EventNotFound: there is none.
            AccountUnavailable: it could not be read.
        """
        return self._read(
            lambda api: api.events().get(calendarId=calendar, eventId=event), self._event_refused, kind="calendar#event"
        )

    def patch(self, calendar: str, event: str, body: Resource, *, etag: str, send_updates: str) -> Resource:
        """Change an event on condition of its etag; asked once. See `Pace.persist` and `carried_out` for repeating.

        Raises:
            Throttled, Unsure, Conflict: see agendad.providers.pacing.
            EventNotFound, WriteRefused, SignInNeeded: nothing was written.
        """

        def request(api: Any) -> HttpRequest:
            made = api.events().patch(calendarId=calendar, eventId=event, body=body, sendUpdates=send_updates)
            made.headers["If-Match"] = etag
            return made

        return self._ask(request, self._write_refused, kind="calendar#event")

    def free_busy(self, calendars: Iterable[str], start: datetime, end: datetime) -> Resource:
        """When calendars are taken, by calendar id, with Google's errors for those that cannot be seen.

        `start` and `end` are aware UTC; at most 50 calendars.
        """
        items = [{"id": calendar} for calendar in calendars]
        body = {"timeMin": start.isoformat(), "timeMax": end.isoformat(), "timeZone": "UTC", "items": items}
        answer = self._read(lambda api: api.freebusy().query(body=body), self._refused, kind="calendar#freeBusy")
        told = answer.get("calendars")
        return told if isinstance(told, dict) else {}

    # asking

    def _read(
        self, request: Callable[[Any], HttpRequest], refused: Callable[[Refusal], Exception], *, kind: str = ""
    ) -> Resource:
        """Ask until there is an answer; `kind` is what it must be, so that nothing else is taken for an empty list."""
        try:
            return self.pace.persist(lambda: self._ask(request, refused, kind=kind))
        except (Throttled, Unsure) as error:
            raise unavailable(self.account, error) from error

    def _ask(
        self, request: Callable[[Any], HttpRequest], refused: Callable[[Refusal], Exception], *, kind: str
    ) -> Resource:
        """One request, and what its answer means."""
        client = self._client()
        made = request(client)
        made.add_response_callback(self._look_at_clock)
        try:
            answer = made.execute(num_retries=0)
        except HttpError as error:
            raise self._meaning(error, refused) from error
        except GoogleAuthError as error:
            client.close()
            if isinstance(error, TransportError) or error.retryable:  # before the request itself was sent
                raise Throttled(f"signing in did not get through ({_told(error)}).") from error
            raise self._why_refused(error) from error
        except _CLIENT_ERRORS as error:
            client.close()  # what is left of the answer may still come
            if isinstance(error, Overlong):
                raise overlong(self._host, error) from error
            if stranger := untrusted(self.account, self._host, error):
                raise stranger from error
            raise Unsure(f"{self._host} gave no answer that can be read ({_told(error)}).") from error
        if not isinstance(answer, dict) or not _is_a(kind, answer):
            raise Unsure(f"{self._host} answered with something else than was asked for.")
        return answer

    def _client(self) -> Any:  # the client's methods are made from the discovery document
        """Google's client for this thread."""
        signed_in = self._signed_in or (self._sign_in(), self._credentials())
        self._signed_in = signed_in
        known = getattr(self._local, "client", None)
        if known is not None and self._local.signed_in is signed_in:
            return known
        direct: dict[str, Any] = {"proxy_info": None} if _is_loopback(self.root) else {}
        wire = BoundedHttp(most=self._max_answer, timeout=self._timeout, **direct)
        transport = AuthorizedHttp(signed_in[1], http=wire)
        transport.follow_redirects = False  # the API has none, so whoever sends us elsewhere is somebody else
        self._local.signed_in = signed_in
        self._transports.append(transport.http)
        self._local.client = build(
            "calendar",
            "v3",
            http=transport,
            client_options={"api_endpoint": f"{self.root}/"},
            cache_discovery=False,
            static_discovery=True,
        )
        return self._local.client

    @property
    def _host(self) -> str:
        return urlsplit(self.root).hostname or self.root

    def _look_at_clock(self, answer: Mapping[str, str]) -> None:
        if (told := http_date(answer.get("date", ""))) is not None:
            self.clock_offset = told - self._now()

    # what a no means

    def _meaning(self, error: HttpError, refused: Callable[[Refusal], Exception]) -> Exception:
        no = _refusal(error)
        after = retry_after({str(key).lower(): str(value) for key, value in error.resp.items()}, self._now())
        if no.status in (403, 429) and no.reason in _QUOTAS:
            return Throttled(f"Google's quota is used up for now ({no.reason}).", after, for_now=True)
        if no.status == 429 or (no.status == 403 and no.reason in _RATES):
            return Throttled(f"{self._host} was asked too often ({no.reason or no.status}).", after)
        if no.status >= 500 or no.status == 408:
            return Unsure(f"{self._host} had a fault of its own ({no.status}).", after)
        if no.status == 401 or no.reason == "insufficientPermissions":
            return self._why_refused(error)
        if not no.reason:
            return Unsure(f"something between here and {self._host} answered in its place ({no.status}).", after)
        return refused(no)

    def _listing_refused(self, no: Refusal, calendar: str, *, incremental: bool) -> Exception:
        if incremental and (no.status == 400 or (no.status == 410 and no.reason != "deleted")):
            return CursorExpired(
                "Google does not know any more what was read last.",
                not_done="Nothing was concluded.",
                next_step="The calendar is read anew from the start.",
            )
        if no.status in (404, 410):
            return AccountUnavailable(
                f"The account {self.account!r} has no calendar {calendar!r}, or does not see it any more.",
                not_done="Nothing of the account was concluded.",
                next_step="Correct `calendars` in the configuration, or have the calendar shared again.",
            )
        return self._refused(no)

    def _event_refused(self, no: Refusal, *gone: int) -> Exception:
        if no.status in (gone or (404, 410)):
            return EventNotFound(
                "The event is not in the calendar any more.",
                not_done="It was neither read nor changed.",
                next_step="The next sync will drop it.",
            )
        return self._refused(no)

    def _write_refused(self, no: Refusal) -> Exception:
        if no.status in (409, 412):
            return Conflict()
        return self._event_refused(no) if no.status in (404, 410) else WriteRefused(no)

    def _refused(self, no: Refusal) -> AccountUnavailable:
        return AccountUnavailable(
            f"Google refused to answer for account {self.account}: {no}.",
            not_done="Nothing was concluded from it.",
            next_step=fix_of(no) or "Look at the account in Google Calendar; `agendad login` signs in anew.",
        )


_SHARE = "Have the calendar shared with the right to make changes to events."
_FIXES = {
    "accessNotConfigured": "Enable the Google Calendar API in the project of your OAuth client (docs/google.md).",
    "forbiddenForServiceAccounts": (
        "A service account acts for a person only with domain-wide delegation: set `auth.subject` (docs/google.md)."
    ),
    "forbidden": _SHARE,
    "requiredAccessLevel": _SHARE,
}


def fix_of(no: Refusal) -> str:
    """What the user can do about it, "" where that is not known."""
    return _FIXES.get(no.reason, "")


def _refusal(error: HttpError) -> Refusal:
    """Google's error body, or what there is of it."""
    body: Any = None
    with suppress(ValueError):
        body = json.loads(error.content)
    told = _dict(_dict(body).get("error"))
    errors = told.get("errors")
    first = _dict(errors[0]) if isinstance(errors, list) and errors else {}
    return Refusal(
        status=int(error.resp.status),
        reason=str(first.get("reason") or told.get("status") or ("unknown" if told.get("code") else "")),
        message=str(first.get("message") or told.get("message") or error.resp.reason or "")[:300],
    )


_HAVE = {"calendar#events": ("items", "nextPageToken", "nextSyncToken"), "calendar#event": ("id",)}
"""What an answer that does not say its kind has to have."""


def _is_a(kind: str, answer: Mapping[str, Any]) -> bool:
    """Whether an answer is what was asked for, so that nothing else is taken for an empty list."""
    return answer.get("kind", kind) == kind and (
        "kind" in answer or any(answer.get(name) for name in _HAVE.get(kind, ("calendars",)))
    )


def _dict(value: Any) -> Mapping[str, Any]:  # JSON
    return value if isinstance(value, dict) else {}


def _told(error: BaseException) -> str:
    """The kind of a fault, and its text where that is short and holds no request."""
    text = str(error).strip()
    return f"{type(error).__name__}: {text}" if text and len(text) < 120 and "://" not in text else type(error).__name__


def _is_loopback(root: str) -> bool:
    host = urlsplit(root).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
