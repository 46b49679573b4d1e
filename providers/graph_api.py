"""Microsoft Graph over HTTP: one door for every call, which knows what each answer means.

Sources: https://learn.microsoft.com/graph/errors, .../graph/throttling-limits and .../graph/delta-query-overview.
"""

import logging
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from agendad.providers import bounded
from agendad.providers.errors import AccountUnavailable, CursorExpired, EventNotFound, ProviderError
from agendad.providers.pacing import Conflict, Pace, Throttled, Unsure, http_date, retry_after
from agendad.providers.remote import overlong, unavailable, untrusted

log = logging.getLogger(__name__)

Resource = dict[str, Any]
"""JSON."""

_TIMEOUT = 30.0
"""Seconds without a byte."""
_AT_ONCE = 4
"""Requests that one app may have under way in one mailbox."""
_MANY_PAGES = 2000
"""Pages of one round at most: a mailbox whose state is broken has rounds without an end."""
_IDLE_PAGES = 100
"""Pages in a row that may tell nothing new."""
_ALWAYS = ('IdType="ImmutableId"', 'outlook.body-content-type="html"', 'outlook.timezone="UTC"')
"""Preferences hold for one request only, so that each has them: links too."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What Graph said no to. Its messages change; the code is what counts."""

    status: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.status} {self.code} ({self.message})" if self.message else f"{self.status} {self.code}"


class WriteRefused(Exception):
    """Graph did not make a change; nothing was written."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class Late(Unsure):
    """As Unsure, and the request may still be on its way: what is read now does not tell what will become of it."""


class GraphApi:
    """Calls for one mailbox.

    Args:
        account: its name, for messages.
        root: the prefix of the API, `https://…/v1.0`.
        mailbox: whose it is, as a path: `/me`, or `/users/…` for an application of its own.
        token: gives a fresh access token; raises SignInNeeded or AccountUnavailable where there is none.
        refused: says what it means that a token is not taken; it is given the WWW-Authenticate header.
        now: the time by this machine, aware.
        pace: how patiently it is asked.
        timeout: seconds without a byte, after which an answer is lost.
        max_answer: bytes of an answer at most.
    """

    def __init__(
        self,
        account: str,
        root: str,
        *,
        mailbox: str = "/me",
        token: Callable[[], str],
        refused: Callable[[str | None], ProviderError],
        now: Callable[[], datetime],
        pace: Pace | None = None,
        timeout: float = _TIMEOUT,
        max_answer: int = bounded.MAX_ANSWER,
    ) -> None:
        self.account, self.root, self.mailbox = account, root.rstrip("/"), mailbox
        self.pace = pace or Pace(service="Microsoft", requests_a_minute=500)
        self.clock_offset: timedelta | None = None
        self._token, self._refused_token, self._now, self._timeout = token, refused, now, timeout
        self._max_answer = max_answer
        self._gate = threading.BoundedSemaphore(_AT_ONCE)
        self._client: httpx.Client | None = None
        self._expands = True

    def close(self) -> None:
        """Close every connection. The next call opens one anew."""
        if self._client is not None:
            self._client.close()
            self._client = None

    # reading

    def calendar(self, calendar: str) -> Resource:
        """A calendar's own facts: whose it is, and whether it may be written.

        Raises:
            AccountUnavailable: there is none, or it could not be read.
        """
        return self._read("GET", self._calendar(calendar), refused=lambda no: self._no_calendar(no, calendar))

    def delta(self, calendar: str, start: datetime, end: datetime, *, page_size: int) -> Iterator[Resource]:
        """The pages of a first round over a window (aware UTC). The last has `@odata.deltaLink`.

        Raises:
            AccountUnavailable: nothing can be concluded.
            CursorExpired: the round broke off; begin another.
        """
        parameters = {"startDateTime": _utc(start), "endDateTime": _utc(end)}
        path = f"{self._calendar(calendar) if calendar != 'default' else self.mailbox}/calendarView/delta"
        yield from self._round(path, parameters, calendar, page_size)

    def since(self, link: str, calendar: str, *, page_size: int) -> Iterator[Resource]:
        """The pages of a further round, from a delta link as Graph gave it.

        Raises:
            As `delta`.
        """
        if not self._is_here(link):
            raise _expired("What was read last was read from another host.")
        yield from self._round(link, {}, calendar, page_size)

    def instances(self, series: str, start: datetime, end: datetime, *, page_size: int) -> list[Resource]:
        """All occurrences of a series within a window (aware UTC), whole.

        Raises:
            EventNotFound: there is no such series.
            CursorExpired: it is none any more; a new round tells what it is.
            AccountUnavailable: nothing can be concluded.
        """
        parameters = {"startDateTime": _utc(start), "endDateTime": _utc(end)}
        found: list[Resource] = []
        target = f"{self._event(series)}/instances"
        for answer in self._pages(target, parameters, page_size, self._instances_refused):
            found += _listed(answer)
        return found

    def view(self, calendar: str, start: datetime, end: datetime) -> list[Resource]:
        """What lies in a short span of time (aware UTC), one page of it.

        Raises:
            AccountUnavailable: it could not be read.
        """
        parameters = {"startDateTime": _utc(start), "endDateTime": _utc(end)}
        path = f"{self._calendar(calendar) if calendar != 'default' else self.mailbox}/calendarView"
        return _listed(self._read("GET", path, parameters, refused=self._refused, page_size=100, lists=True))

    def get(self, event: str, expand: str = "") -> Resource:
        """One event as it stands, with what is to be expanded in it where this server does that.

        Raises:
            EventNotFound: there is none.
            AccountUnavailable: it could not be read.
        """
        if expand and self._expands:
            try:
                expanded = {"$expand": expand}
                return self._read("GET", self._event(event), expanded, refused=self._expansion_refused, named=True)
            except WriteRefused as error:
                no = error.refusal
            found = self._read("GET", self._event(event), refused=self._event_refused, named=True)
            self._expands = False
            log.info("account %s: events are read without extended properties (%s)", self.account, no)
            return found
        return self._read("GET", self._event(event), refused=self._event_refused, named=True)

    def schedules(self, people: list[str], start: datetime, end: datetime) -> list[Resource]:
        """When people are taken (getSchedule; at most 20 at once). Personal accounts do not have it.

        Raises:
            AccountUnavailable: it could not be read.
            WriteRefused: this account cannot ask.
        """
        body = {
            "schedules": people,
            "startTime": {"dateTime": _utc(start).rstrip("Z"), "timeZone": "UTC"},
            "endTime": {"dateTime": _utc(end).rstrip("Z"), "timeZone": "UTC"},
            "availabilityViewInterval": max(5, min(30, (end - start) // timedelta(minutes=1))),
        }
        target = f"{self.mailbox}/calendar/getSchedule"
        return _listed(self._read("POST", target, body=body, refused=WriteRefused, lists=True))

    # writing

    def patch(self, event: str, body: Resource, *, etag: str) -> Resource:
        """Change an event on condition of its etag; asked once.

        Raises:
            Throttled, Unsure, Conflict: see agendad.providers.pacing.
            EventNotFound, WriteRefused, SignInNeeded: nothing was written.
        """
        answer = self._ask("PATCH", self._event(event), body=body, etag=etag, refused=self._write_refused)
        if not answer.get("id"):
            raise Unsure(f"{self._host} answered with something else than was asked for.")
        return answer

    def act(self, event: str, action: str, body: Resource, *, etag: str) -> None:
        """Cancel or answer an event (`cancel`, `accept`, `decline`, `tentativelyAccept`); asked once.

        Raises:
            As `patch`.
        """
        target = f"{self._event(event)}/{action}"
        self._ask("POST", target, body=body, etag=etag, refused=self._write_refused, empty=True)

    # paths

    def _calendar(self, calendar: str) -> str:
        return (
            f"{self.mailbox}/calendar" if calendar == "default" else f"{self.mailbox}/calendars/{quote(calendar, '')}"
        )

    def _event(self, event: str) -> str:
        return f"{self.mailbox}/events/{quote(event, '')}"

    # asking

    def _round(self, target: str, parameters: Mapping[str, str], calendar: str, page_size: int) -> Iterator[Resource]:
        def refused(no: Refusal, linked: bool) -> Exception:
            return self._round_refused(no, calendar) if linked else self._no_calendar(no, calendar)

        yield from self._pages(target, parameters, page_size, refused)

    def _pages(
        self,
        target: str,
        parameters: Mapping[str, str],
        page_size: int,
        refused: Callable[[Refusal, bool], Exception],
    ) -> Iterator[Resource]:
        """All pages of a list. `refused` is told, too, whether a link of Graph's was asked: it may be out of date."""
        started_from_link = linked = not target.startswith("/")
        told: set[str] = set()
        idle = 0
        for _ in range(_MANY_PAGES):

            def no(refusal: Refusal, linked: bool = linked) -> Exception:
                return refused(refusal, linked)

            answer = self._read("GET", target, parameters, page_size=page_size, refused=no, lists=True)
            yield answer
            link = answer.get("@odata.nextLink")
            if not link:
                return
            new = {f"{one.get('id')} {one.get('@odata.etag')} {'@removed' in one}" for one in _listed(answer)} - told
            told |= new
            idle = 0 if new else idle + 1
            if idle >= _IDLE_PAGES:
                break
            target, parameters, linked = str(link), {}, True
        if started_from_link:
            raise _expired("What changed since the last reading comes to no end.")
        raise AccountUnavailable(
            f"Microsoft's list of events of account {self.account} comes to no end.",
            not_done="Nothing was concluded from it.",
            next_step="It is read again at the next pass. If that goes on, Microsoft's support can mend the mailbox.",
        )

    def _read(
        self,
        method: str,
        target: str,
        parameters: Mapping[str, str] | None = None,
        *,
        refused: Callable[[Refusal], Exception],
        body: Resource | None = None,
        page_size: int = 0,
        lists: bool = False,
        named: bool = False,
    ) -> Resource:
        """Ask until there is an answer; with `lists` it must be a list: nothing else is taken for an empty one.

        With `named` it must have an id: nothing else is taken for an event.
        """

        def ask() -> Resource:
            answer = self._ask(method, target, parameters, refused=refused, body=body, page_size=page_size)
            if named and not (isinstance(answer.get("id"), str) and answer["id"]):
                raise Unsure(f"{self._host} answered with something that is no event.")
            return {**answer, "value": _listed(answer)} if lists else answer

        try:
            return self.pace.persist(ask)
        except (Throttled, Unsure) as error:
            raise unavailable(self.account, error) from error
        except Conflict as error:
            raise self._refused(Refusal(412, "conflict", "")) from error

    def _ask(
        self,
        method: str,
        target: str,
        parameters: Mapping[str, str] | None = None,
        *,
        refused: Callable[[Refusal], Exception],
        body: Resource | None = None,
        etag: str = "",
        page_size: int = 0,
        empty: bool = False,
    ) -> Resource:
        """One request, and what its answer means. `target` is a path, or a link of Graph's own."""
        prefer = ", ".join([*_ALWAYS, *([f"odata.maxpagesize={page_size}"] if page_size else [])])
        headers = {"Authorization": f"Bearer {self._token()}", "Prefer": prefer}
        if etag and etag.isascii() and etag.isprintable():
            headers["If-Match"] = etag
        try:
            with self._gate:
                answer = bounded.request(
                    self._http(), method, self._address(target), most=self._max_answer, params=parameters or None,
                    json=body, headers=headers,
                )  # fmt: skip
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            if stranger := untrusted(self.account, self._host, error):
                raise stranger from error
            raise Throttled(f"{self._host} cannot be reached ({type(error).__name__}).") from error
        except httpx.TimeoutException as error:
            raise Late(f"{self._host} gave no answer in time ({type(error).__name__}).") from error
        except bounded.TooLarge as error:
            raise overlong(self._host, error) from error
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise Unsure(f"{self._host} gave no answer that can be read ({type(error).__name__}).") from error
        if (told := http_date(answer.headers.get("date", ""))) is not None:
            self.clock_offset = told - self._now()
        if not answer.is_success:
            raise self._meaning(answer, refused)
        if empty:  # 202 and nothing else; what says more is somebody else's answer, and reading tells what was done
            if answer.content.strip():
                raise Unsure(f"{self._host} said something where nothing was to be said.")
            return {}
        return _json(answer, self._host)

    def _http(self) -> httpx.Client:
        if self._client is None:
            here = urlsplit(self.root).hostname or ""
            direct = here in ("localhost", "::1") or here.startswith("127.")
            self._client = httpx.Client(
                timeout=self._timeout,
                follow_redirects=False,
                trust_env=not direct,
                verify=_trusted(environment=not direct),
            )
        return self._client

    def _address(self, target: str) -> str:
        if target.startswith("/"):
            return self.root + target
        if not self._is_here(target):  # the token would go there
            raise AccountUnavailable(
                f"{self._host} sent account {self.account} on to another host, {_host_of(target)!r}.",
                not_done="Nothing was asked there, and nothing was concluded.",
                next_step="If that is right, set `api_root` of the account to that host.",
            )
        return target

    def _is_here(self, target: str) -> bool:
        """Whether an address is of the server that was configured, as the client itself reads it."""
        if target.startswith("/"):
            return True
        try:
            there, here = httpx.URL(target), httpx.URL(self.root)
        except (httpx.InvalidURL, ValueError):
            return False
        origin = (there.scheme, there.host, there.port) == (here.scheme, here.host, here.port)
        return origin and not there.userinfo

    @property
    def _host(self) -> str:
        return urlsplit(self.root).hostname or self.root

    # what a no means

    def _meaning(self, answer: httpx.Response, refused: Callable[[Refusal], Exception]) -> Exception:
        no = _refusal(answer)
        after = retry_after({key.lower(): value for key, value in answer.headers.items()}, self._now())
        if no.status == 429:
            return Throttled(f"{self._host} was asked too often ({no.code or no.status}).", after)
        if no.status == 423:
            return Throttled(f"{self._host} has locked the mailbox for now ({no.code or no.status}).", after)
        if no.status == 504:
            return Late(f"{self._host} had a fault of its own ({no.status}).", after)
        if (no.status >= 500 and not (no.status == 501 and no.code)) or no.status == 408:
            return Unsure(f"{self._host} had a fault of its own ({no.status}).", after)
        if no.status == 401:
            return self._refused_token(answer.headers.get("www-authenticate"))
        if no.status in (409, 412):
            return Conflict()
        if not no.code and no.status != 410:
            return Unsure(f"something between here and {self._host} answered in its place ({no.status}).", after)
        return refused(no)

    def _round_refused(self, no: Refusal, calendar: str) -> Exception:
        """What a link of Graph's is refused for: a link that it does not know is 400."""
        if no.status in (400, 410) or no.code.casefold() in _EXPIRED:
            return _expired("Microsoft does not know any more what was read last.")
        return self._no_calendar(no, calendar)

    def _no_calendar(self, no: Refusal, calendar: str) -> Exception:
        if no.status in (404, 410):
            return AccountUnavailable(
                f"The account {self.account!r} has no calendar {calendar!r}, or does not see it any more ({no}).",
                not_done="Nothing of the account was concluded.",
                next_step="Correct `calendars` in the configuration, or have the calendar shared again.",
            )
        return self._refused(no)

    def _instances_refused(self, no: Refusal, _linked: bool) -> Exception:
        if no.status == 400:
            return _expired(f"Microsoft does not tell the occurrences of a series ({no}).")
        return self._event_refused(no)

    def _expansion_refused(self, no: Refusal) -> Exception:
        return WriteRefused(no) if no.status in (400, 501) else self._event_refused(no)

    def _event_refused(self, no: Refusal) -> Exception:
        if no.status in (404, 410):
            return EventNotFound(
                "The event is not in the calendar any more.",
                not_done="It was neither read nor changed.",
                next_step="The next sync will drop it.",
            )
        return self._refused(no)

    def _write_refused(self, no: Refusal) -> Exception:
        return self._event_refused(no) if no.status in (404, 410) else WriteRefused(no)

    def _refused(self, no: Refusal) -> AccountUnavailable:
        return AccountUnavailable(
            f"Microsoft refused to answer for account {self.account}: {no}.",
            not_done="Nothing was concluded from it.",
            next_step="Look at the account in Outlook; `agendad login` signs in anew (docs/outlook.md).",
        )


_EXPIRED = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired", "resync"})


@cache
def _trusted(*, environment: bool) -> ssl.SSLContext:
    """The certificates that are trusted: reading them takes longer than a request."""
    return httpx.create_ssl_context(trust_env=environment)


def _expired(happened: str) -> CursorExpired:
    next_step = "The calendar is read anew from the start."
    return CursorExpired(happened, not_done="Nothing was concluded.", next_step=next_step)


def _host_of(link: str) -> str:
    with suppress(ValueError):
        return (urlsplit(link).hostname or "")[:100]
    return ""


def _listed(answer: Mapping[str, Any]) -> list[Resource]:
    """What an answer lists."""
    told = answer.get("value")
    if not isinstance(told, list):
        raise Unsure("The answer lists nothing, not even an empty list.")
    return [one if isinstance(one, dict) else {} for one in told]


def _json(answer: httpx.Response, host: str) -> Resource:
    if answer.status_code == 204:
        return {}
    try:
        told = answer.json()
    except (ValueError, RecursionError) as error:
        raise Unsure(f"{host} gave no answer that can be read ({type(error).__name__}).") from error
    if not isinstance(told, dict):
        raise Unsure(f"{host} answered with something that is no resource.")
    return told


def _refusal(answer: httpx.Response) -> Refusal:
    told: Any = None
    with suppress(ValueError, RecursionError):
        told = answer.json()
    error = _field(told, "error")
    code, message = _field(error, "code"), _field(error, "message")
    return Refusal(answer.status_code, str(code or "")[:100], str(message or "")[:300])


def _field(told: Any, name: str) -> Any:  # JSON
    """Of an object, whatever the case of its name."""
    found = told.items() if isinstance(told, Mapping) else ()
    return next((value for key, value in found if str(key).casefold() == name), None)


def _utc(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
