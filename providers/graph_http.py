"""What msal asks Microsoft's identity platform with: httpx, as for Graph, so that proxies and certificates are one.

msal takes https addresses only. An identity platform on this machine is told to it under an address that does not
exist, and every request goes to this machine, whatever host it is for.
"""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from agendad.providers import bounded
from agendad.providers.hosts import on_this_machine

_NOWHERE = "https://loopback.invalid"
_TIMEOUT = 30.0
"""Seconds without a byte."""

# msal logs what it sends at DEBUG, codes included, and whole answers where they are no JSON: none of it is to be seen.
logging.getLogger("msal").setLevel(logging.CRITICAL + 1)


class NoAnswer(OSError):
    """There was no answer that can be used: the network, or the platform itself, is in trouble."""


class NotGiven(Exception):
    """The platform said no. `answer` is what it said, in the shape of RFC 6749 §5.2."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(str(answer.get("error") or "no answer"))
        self.answer = dict(answer)


class IdentityClient:
    """For msal's `http_client`. Answers that are no JSON, and the platform's own faults, do not get as far as msal."""

    def __init__(self, authority: str, timeout: float = _TIMEOUT) -> None:
        """`authority`: where to sign in, `https://login.microsoftonline.com/common`."""
        parts = urlsplit(authority)
        self._plain = parts.scheme == "http"
        if self._plain and not on_this_machine(parts.hostname or ""):
            raise ValueError("secrets go to https, or to this machine")
        self._root = f"{parts.scheme}://{parts.netloc}"
        self.authority = f"{_NOWHERE}{parts.path}" if self._plain else authority
        """The same as msal is told it."""
        self._direct, self._timeout = on_this_machine(parts.hostname or ""), timeout
        self._client: httpx.Client | None = None

    def address(self, url: str) -> str:
        """Where an address of msal's really leads."""
        if not self._plain:
            return url
        parts = urlsplit(url)
        return f"{self._root}{parts.path}{f'?{parts.query}' if parts.query else ''}"

    def get(
        self,
        url: str,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        **_more: Any,  # msal's interface
    ) -> httpx.Response:
        """Ask for a document.

        Raises:
            NoAnswer: there is none that can be read.
            NotGiven: there is no such document, and the platform says why.
        """
        answer = self._ask("GET", url, params, headers, None)
        if answer.is_error:
            raise NotGiven(answer.json())
        return answer

    def post(
        self,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        **_more: Any,
    ) -> httpx.Response:
        """Send a form; the answer may be a refusal.

        Raises:
            NoAnswer: there is none that can be read.
        """
        return self._ask("POST", url, params, headers, data)

    def close(self) -> None:
        """Close every connection. Called by nobody but ourselves."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _http(self) -> httpx.Client:
        """Made when something is asked: most that a sign-in is looked at for is known without."""
        if self._client is None:
            each_anew = httpx.Limits(max_keepalive_connections=0)  # it is asked once an hour
            self._client = httpx.Client(
                timeout=self._timeout, follow_redirects=False, trust_env=not self._direct, limits=each_anew
            )
        return self._client

    def _ask(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, Any] | None,
        form: Mapping[str, Any] | None,
    ) -> httpx.Response:
        address, query = self.address(url), _given(params)
        try:
            answer = bounded.request(
                self._http(), method, address, most=bounded.MAX_SIGN_IN, params=query or None,
                headers=_given(headers), data=_given(form) or None,
            )  # fmt: skip
        except bounded.TooLarge as error:
            raise NoAnswer(f"its answer was not read to its end: {error}") from None
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise NoAnswer(_told(error)) from None  # it holds the request
        if answer.status_code >= 500 or answer.status_code in (408, 429):
            raise NoAnswer(f"it answered {answer.status_code}")
        try:
            told = answer.json()
        except ValueError:
            raise NoAnswer(f"its answer cannot be read ({answer.status_code})") from None
        if not isinstance(told, dict) or (answer.is_error and not isinstance(told.get("error"), str)):
            raise NoAnswer(f"it answered with something else than was asked for ({answer.status_code})")
        return answer


def _given(fields: Mapping[str, Any] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (fields or {}).items() if value is not None}


def _told(error: Exception) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate cannot be trusted; behind a proxy that signs anew, SSL_CERT_FILE names its certificate"
    return type(error).__name__
