"""Clients of the simulator: for msal, for a browser, and plain HTTP for the tests."""

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

_REDIRECTED = {"login.simulated.example", "login.microsoftonline.com"}
"""The hosts that msal may ask for; both are on loopback here, and no other host is ever asked."""


@dataclass
class Reply:
    """As requests and httpx have it, as far as msal looks."""

    status_code: int
    text: str
    headers: dict[str, str]

    def json(self) -> Any:
        return json.loads(self.text)

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise ConnectionError(f"HTTP {self.status_code}: {self.text[:200]}")


class AuthorityClient:
    """For msal's `http_client`: msal demands https authorities, and this sends their requests to the simulator."""

    def __init__(self, root: str, timeout: float = 10):
        self._root, self._timeout = root, timeout

    def get(self, url: str, params: Mapping[str, Any] | None = None, headers: Any = None, **_more: Any) -> Reply:
        return self._ask("GET", url, params, None, headers)

    def post(
        self, url: str, params: Mapping[str, Any] | None = None, data: Any = None, headers: Any = None, **_more: Any
    ) -> Reply:
        body = urlencode(data) if isinstance(data, Mapping) else data
        return self._ask(
            "POST", url, params, body, {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        )

    def close(self) -> None:
        """Each request has a connection of its own: there is nothing to close."""

    def _ask(self, method: str, url: str, params: Mapping[str, Any] | None, body: str | None, headers: Any) -> Reply:
        parts = urlsplit(url)
        if parts.hostname not in _REDIRECTED:
            raise ConnectionError(f"{parts.hostname} is not simulated")
        query = "&".join(each for each in (parts.query, urlencode(params or {})) if each)
        path = f"{parts.path}?{query}" if query else parts.path
        return ask(self._root, method, path, body, headers, self._timeout)


def browse(root: str, address: str) -> Reply:
    """What a browser does with the address that an app opens: signs in there, and brings the answer to the app."""
    parts = urlsplit(address)
    reply = ask(root, "GET", f"{parts.path}?{parts.query}")
    form = re.search(r'action="([^"]*)"', reply.text)
    if reply.status_code == 302:
        target = urlsplit(reply.headers["location"])
        return ask(f"http://{target.netloc}", "GET", f"{target.path or '/'}?{target.query}")
    if reply.status_code == 200 and form:
        target = urlsplit(unescape(form[1]))
        inputs = re.findall(r'name="([^"]*)" value="([^"]*)"', reply.text)
        body = urlencode({name: unescape(value) for name, value in inputs})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return ask(f"http://{target.netloc}", "POST", target.path or "/", body, headers)
    return reply


def ask(root: str, method: str, path: str, body: str | None = None, headers: Any = None, timeout: float = 10) -> Reply:
    parts = urlsplit(root)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=timeout)
    try:
        connection.request(method, path, body, {k: v for k, v in (headers or {}).items() if v is not None})
        answer = connection.getresponse()
        text = answer.read().decode()
        return Reply(answer.status, text, {name.lower(): value for name, value in answer.getheaders()})
    finally:
        connection.close()


class Api:
    """One person's or app's calls, with a bearer token; addresses are paths after /v1.0 or whole links."""

    def __init__(self, root: str, token: str, prefer: str | None = None, timeout: float = 10):
        self._root, self._token, self._prefer, self._timeout = root, token, prefer, timeout

    def call(self, method: str, address: str, body: Any = None, prefer: str | None = None, **headers: str) -> Reply:
        given = {"Authorization": f"Bearer {self._token}", "Prefer": prefer if prefer is not None else self._prefer}
        if body is not None and not isinstance(body, str):
            body, given["Content-Type"] = json.dumps(body), "application/json"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        path = address.removeprefix(self._root) if address.startswith("http") else f"/v1.0{address}"
        return ask(self._root, method, path, body, {k: v for k, v in given.items() if v}, self._timeout)

    def get(self, address: str, prefer: str | None = None, **query: str) -> Reply:
        whole = f"{address}?{urlencode(query)}" if query else address
        return self.call("GET", whole, prefer=prefer)

    def post(self, address: str, body: Any = None, prefer: str | None = None, **headers: str) -> Reply:
        return self.call("POST", address, body, prefer, **headers)

    def patch(self, address: str, body: Any, prefer: str | None = None, **headers: str) -> Reply:
        return self.call("PATCH", address, body, prefer, **headers)

    def delete(self, address: str, **headers: str) -> Reply:
        return self.call("DELETE", address, **headers)
