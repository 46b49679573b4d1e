"""WebDAV over HTTP: one door for every request, which knows what each answer means and where it may go.

Credentials go to the server that was configured and to no other: neither a redirect nor an address in an answer leads
elsewhere. Sources: RFC 4918, RFC 9110, RFC 6578 §3.
"""

import logging
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TypeVar
from urllib.parse import quote, urljoin, urlsplit

import httpx

from agendad.providers import bounded, dav_xml
from agendad.providers.bounded import MAX_ANSWER, TooLarge, TooSlow
from agendad.providers.dav_xml import Multistatus, UnreadableXml
from agendad.providers.errors import AccountUnavailable, EventNotFound, ProviderError
from agendad.providers.hosts import on_this_machine
from agendad.providers.pacing import Conflict, Pace, Throttled, Unsure, http_date, retry_after
from agendad.providers.remote import overlong, unavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

_TIMEOUT = 60.0
"""Seconds without a byte: some servers read all of a calendar before they begin."""
_TAKEN = frozenset({200, 201, 202, 204})
"""What a server answers to a PUT that it took (RFC 9110 §9.3.4); others are of something in between."""
_REDIRECTS = frozenset({301, 302, 307, 308})
_MOST_REDIRECTS = 5
_AS_IN_A_PATH = "/~!$&'()*+,;=:@%"
_PARTITIONS = {"caldav.icloud.com": re.compile(r"p\d{1,4}-caldav\.icloud\.com")}
"""Servers that send every account to a host of its own, which is the same company's."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A no: its status, and what RFC 4918 §16 calls preconditions."""

    status: int
    conditions: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.status} {', '.join(sorted(self.conditions))}".strip()


class Refused(Exception):
    """The server said no; nothing was done."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from `at`; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    at: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A calendar object as it stands: its bytes, and what conditions are made of (RFC 9110 §8.8.3, RFC 6638 §3.2)."""

    at: str
    content: bytes
    etag: str
    schedule_tag: str = ""


class DavHttp:
    """Requests of one account.

    Args:
        account: its name, for messages.
        root: the address that was configured.
        authorization: gives the Authorization header; raises SignInNeeded where there is none.
        refused: says what it means that it is not taken; it is given the WWW-Authenticate header.
        now: the time by this machine, aware.
        pace: how patiently the server is asked.
        timeout: seconds without a byte, after which an answer is lost.
        max_answer: bytes of an answer at most.
    """

    def __init__(
        self,
        account: str,
        root: str,
        *,
        authorization: Callable[[], str],
        refused: Callable[[str], ProviderError],
        now: Callable[[], datetime],
        pace: Pace | None = None,
        timeout: float = _TIMEOUT,
        max_answer: int = MAX_ANSWER,
    ) -> None:
        parts = urlsplit(root)
        if parts.scheme != "https" and not (parts.scheme == "http" and on_this_machine(parts.hostname or "")):
            raise ValueError("secrets go to https, or to this machine")
        self.account, self.root = account, root
        self.host = parts.hostname or root
        self.pace = pace or Pace(service=self.host)
        self.clock_offset: timedelta | None = None
        self._authorization, self._refused_sign_in = authorization, refused
        self._now, self._timeout, self._max_answer = now, timeout, max_answer
        self._client: httpx.Client | None = None

    def close(self) -> None:
        """Close every connection. The next request opens one anew."""
        if self._client is not None:
            self._client.close()
            self._client = None

    # addresses

    def address(self, href: str, base: str) -> str:
        """Where an address in an answer leads: always to the server that was configured.

        Args:
            href: a path or a whole address, as the server wrote it.
            base: what it is relative to, an address from here.

        Raises:
            AccountUnavailable: it leads to another host.
        """
        here = urlsplit(base)
        try:
            there = urlsplit(urljoin(base, href))
            host, plain = (there.hostname or "").lower(), "@" not in there.netloc
        except ValueError:
            host, plain, there = "", False, here
        origin = f"{here.scheme}://{here.netloc}"
        partition = _PARTITIONS.get(self.host)
        if host != (here.hostname or "").lower() and partition is not None and partition.fullmatch(host):
            origin = f"https://{host}"
        elif host != (here.hostname or "").lower() or there.scheme not in ("http", "https"):
            plain = False
        if not plain:
            raise self._elsewhere(host or href)
        return f"{origin}{quote(there.path or '/', safe=_AS_IN_A_PATH)}{f'?{there.query}' if there.query else ''}"

    def _elsewhere(self, host: str) -> AccountUnavailable:
        return AccountUnavailable(
            f"{self.host} sent account {self.account} on to another host, {host[:100]!r}.",
            not_done="Nothing was asked there, no password went there, and nothing was concluded.",
            next_step="If that is right, write that host's address as `url` of the account.",
        )

    # reading

    def propfind(self, url: str, names: tuple[str, ...], depth: str = "0") -> Multistatus:
        """Properties of a resource, with depth 1 of its members too.

        Raises:
            Refused: the server said no.
            AccountUnavailable: nothing can be concluded.
        """
        with self._whole():
            return self._multistatus("PROPFIND", url, dav_xml.propfind(names), depth)

    def report(self, url: str, body: bytes, depth: str) -> Multistatus:
        """RFC 3253 §3.6.

        Raises:
            Refused: the server said no.
            TooLarge: it has too much to say.
            AccountUnavailable: nothing can be concluded.
        """
        try:
            return self._multistatus("REPORT", url, body, depth)
        except TooSlow as error:  # less of it would be no faster
            raise unavailable(self.account, overlong(self.host, error)) from error

    def features(self, url: str) -> frozenset[str] | None:
        """What the DAV header of a resource names (RFC 4918 §10.1); None where there is none.

        Raises:
            Refused: the server said no.
            AccountUnavailable: nothing can be concluded.
        """
        with self._whole():
            return _features(self._read("OPTIONS", url).headers)

    def get(self, url: str) -> Resource:
        """One calendar object, byte for byte.

        Raises:
            EventNotFound: it is gone.
            AccountUnavailable: it could not be read.
        """
        try:
            # What is packed on the way gets another ETag from some proxies.
            answer = self._read("GET", url, headers={"Accept": "text/calendar", "Accept-Encoding": "identity"})
        except Refused as error:
            raise self._gone(error.refusal) if error.refusal.status in (404, 410) else self.cannot(error) from error
        except TooLarge:
            raise self._too_large() from None
        return Resource(
            answer.at, answer.content, answer.headers.get("etag", ""), answer.headers.get("schedule-tag", "")
        )

    # writing

    def put(self, url: str, content: bytes, etag: str) -> None:
        """Replace an object on condition that it is what it was (RFC 9110 §13.1.1); asked once.

        Raises:
            Throttled, Unsure, Conflict: see agendad.providers.pacing.
            Refused: nothing was written.
        """
        tag = etag.removeprefix("W/").encode("latin-1", "replace")  # one that was not theirs would only be refused
        headers: dict[str, str | bytes] = {"Content-Type": "text/calendar; charset=utf-8", "If-Match": tag}
        try:
            answer = self._ask("PUT", url, content, headers)
        except TooLarge as error:
            raise overlong(self.host, error) from error
        except Refused as error:
            if error.refusal == Refusal(409):  # without a reason it is about what stands there just now
                raise Conflict from error
            raise
        if answer.status not in _TAKEN or (answer.status == 200 and _is_page(answer)):
            raise Unsure(f"{self.host} answered a change with something else than was asked for ({answer.status}).")

    # asking

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Where a part of an answer is of no use."""
        try:
            yield
        except TooLarge as error:
            raise unavailable(self.account, overlong(self.host, error)) from error

    def _multistatus(self, method: str, url: str, body: bytes, depth: str) -> Multistatus:
        headers = {"Content-Type": "application/xml; charset=utf-8", "Depth": depth}

        def ask() -> Multistatus:
            answer = self._ask(method, url, body, headers)
            if answer.status != 207:
                raise Refused(Refusal(answer.status, frozenset({"no-multistatus"})))
            try:
                told = dav_xml.multistatus(answer.content)
            except UnreadableXml as error:
                raise Unsure(f"{self.host} gave an answer that cannot be read: {error}.") from error
            return replace(told, features=_features(answer.headers), at=answer.at)

        return self._persist(ask)

    def _read(self, method: str, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self._persist(lambda: self._ask(method, url, b"", headers or {}))

    def _persist(self, ask: Callable[[], T]) -> T:
        try:
            return self.pace.persist(ask)
        except (Throttled, Unsure) as error:
            raise unavailable(self.account, error) from error
        except Conflict as error:
            raise Refused(Refusal(412)) from error

    def _ask(self, method: str, url: str, body: bytes, headers: Mapping[str, str | bytes]) -> Answer:
        """One request, redirects within the server followed, and what its answer means."""
        headers = {**headers, "Authorization": self._authorization()}
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._send(method, url, body, headers)
            if answer.status not in _REDIRECTS or method == "PUT":
                break
            url = self.address(answer.headers.get("location", ""), url)
        if (told := http_date(answer.headers.get("date", ""))) is not None:
            self.clock_offset = told - self._now()
        if not 200 <= answer.status < 300:
            raise self._meaning(answer)
        return answer

    def _send(self, method: str, url: str, body: bytes, headers: Mapping[str, str | bytes]) -> Answer:
        try:
            answer = bounded.request(
                self._http(), method, url, most=self._max_answer, content=body or None, headers=headers
            )
            told = {name.lower(): value for name, value in answer.headers.items()}
            # A tag may hold bytes beyond ASCII (RFC 9110 §8.8.3); these are given back as they came.
            tags = [value.decode("latin-1") for name, value in answer.headers.raw if name.lower() == b"etag"]
            told |= {"etag": tags[-1]} if tags else {}
            return Answer(answer.status_code, told, answer.content, url)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise self._untrusted(str(error)) from None
            raise Throttled(f"{self.host} cannot be reached ({type(error).__name__}).") from error
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise Unsure(f"{self.host} gave no answer that can be read ({type(error).__name__}).") from error

    def _http(self) -> httpx.Client:
        if self._client is None:
            direct = on_this_machine(self.host)
            self._client = httpx.Client(
                timeout=self._timeout,
                follow_redirects=False,
                trust_env=not direct,
                verify=_trusted(),
                headers={"User-Agent": "agendad"},
            )
        return self._client

    # what a no means

    def _meaning(self, answer: Answer) -> Exception:
        status, after = answer.status, retry_after(answer.headers, self._now())
        if status == 401:
            return self._refused_sign_in(answer.headers.get("www-authenticate", ""))
        if status == 429:
            return Throttled(f"{self.host} was asked too often ({status}).", after)
        if status == 423:
            return Throttled(f"{self.host} has locked the calendar for now ({status}).", after)
        no = Refusal(status, dav_xml.conditions(answer.content))
        if status == 412 and "valid-sync-token" not in no.conditions:
            return Conflict()
        if status == 408 or (status >= 500 and status not in (501, 507)):
            return Unsure(f"{self.host} had a fault of its own ({no}).", after)
        return Refused(no)

    def cannot(self, error: Refused) -> AccountUnavailable:
        """What a no to a reading means for the account."""
        return AccountUnavailable(
            f"{self.host} refused to answer for account {self.account}: {error}.",
            not_done="Nothing was concluded from it.",
            next_step="Look at `url` of the account, and at the account's rights there (docs/caldav.md).",
        )

    def _gone(self, no: Refusal) -> EventNotFound:
        return EventNotFound(
            f"The event is not in the calendar any more ({no}).",
            not_done="It was neither read nor changed.",
            next_step="The next sync will drop it.",
        )

    def _too_large(self) -> AccountUnavailable:
        return AccountUnavailable(
            f"{self.host} sent one event with more than {bounded.in_megabytes(self._max_answer)}.",
            not_done="It was not read.",
            next_step="Look at the event's attachments in your calendar program.",
        )

    def _untrusted(self, said: str) -> AccountUnavailable:
        reason = said.rpartition("CERTIFICATE_VERIFY_FAILED]")[2].partition("(_ssl")[0].strip(" :.") or "no reason told"
        return AccountUnavailable(
            f"The certificate of {self.host} cannot be trusted: {reason}.",
            not_done="No password was sent, and nothing was read.",
            next_step="If the server is your own, SSL_CERT_FILE names the certificate that signed it.",
        )


def _is_page(answer: Answer) -> bool:
    """Whether it is for people, as from a network that wants a sign-in first."""
    return answer.headers.get("content-type", "").lower().startswith("text/html")


def _features(headers: Mapping[str, str]) -> frozenset[str] | None:
    told = headers.get("dav")
    return None if told is None else frozenset(part.strip().lower() for part in told.split(","))


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates that are trusted: reading them takes longer than a request."""
    return httpx.create_ssl_context()
