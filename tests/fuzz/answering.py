"""Servers that answer what an input says, one answer after the other, to the clients that the program asks with."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httplib2
import httpx
from googleapiclient.discovery import build

from agendad.providers.dav_http import DavHttp
from agendad.providers.errors import SignInNeeded
from agendad.providers.google_api import GoogleApi
from agendad.providers.graph_api import GraphApi
from agendad.providers.pacing import Pace

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
HOST = "dav.example.org"
BETWEEN = b"\n#####\n"
"""Between two answers in an input; each is a status, headers, an empty line and a body."""
_FIELD = re.compile(r"([A-Za-z-]{1,40}): ?([^\x00-\x1f\x7f]*)")


class Answers:
    """What is left to be answered, and what was asked."""

    def __init__(self, told: Iterator[httpx.Response]) -> None:
        self._told = told
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        for answer in self._told:
            return answer
        raise httpx.ConnectError("there are no more answers")


def parts(data: bytes) -> Iterator[httpx.Response]:
    """The answers in an input."""
    for part in data.split(BETWEEN):
        head, _, body = part.replace(b"\r\n\r\n", b"\n\n", 1).partition(b"\n\n")
        first, *rest = head.decode("latin-1").splitlines() or [""]
        fields = [found.groups() for line in rest if (found := _FIELD.fullmatch(line))]
        headers = [(name.encode(), value.strip().encode("latin-1")) for name, value in fields]
        yield httpx.Response(_status(first), headers=headers, stream=httpx.ByteStream(body))


def pages(data: bytes) -> Iterator[httpx.Response]:
    """The answers in a JSON list: each a body, or a status and a body; none where it is no JSON."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return
    for one in told if isinstance(told, list) else [told]:
        status, body = one if isinstance(one, list) and len(one) == 2 else (200, one)
        yield httpx.Response(_status(str(status)), stream=httpx.ByteStream(json.dumps(body).encode()))


def _status(text: str) -> int:
    return int(text) if re.fullmatch(r"[2-5]\d\d", text, re.ASCII) else 200


def pace() -> Pace:
    return Pace(service="the server", sleep=lambda _seconds: None, requests_a_minute=10**6, writes_a_minute=10**6)


class DavAnswers(DavHttp):
    """CalDAV, as an input answers it."""

    def __init__(self, answers: Answers) -> None:
        super().__init__(
            "dav", f"https://{HOST}/", authorization=lambda: "Basic eDp5", now=lambda: NOW, pace=pace(),
            refused=lambda _header: SignInNeeded("it was refused", next_step="sign in"),
        )  # fmt: skip
        self._answering = httpx.Client(transport=httpx.MockTransport(answers))

    def _http(self) -> httpx.Client:
        return self._answering


class GraphAnswers(GraphApi):
    """Microsoft Graph, as an input answers it."""

    def __init__(self, answers: Answers, token: str = "a token") -> None:  # noqa: S107
        super().__init__(
            "uni", "https://graph.microsoft.com/v1.0", token=lambda: token, now=lambda: NOW, pace=pace(),
            refused=lambda _header: SignInNeeded("it was refused", next_step="sign in"),
        )  # fmt: skip
        self._answering = httpx.Client(transport=httpx.MockTransport(answers))

    def _http(self) -> httpx.Client:
        return self._answering


class GoogleAnswers(GoogleApi):
    """Google Calendar, as an input answers it, through Google's own client."""

    def __init__(self, answers: Answers) -> None:
        super().__init__(
            "work", "https://www.googleapis.com/calendar/v3", credentials=lambda: None, why_refused=_refused,
            now=lambda: NOW, pace=pace(),
        )  # fmt: skip
        self._answers = answers

    def _client(self) -> Any:
        wire, client = _google()
        wire.answers = self._answers
        return client


class Wire:
    """What httplib2 is to Google's client."""

    def __init__(self, answers: Answers | None = None) -> None:
        self.answers = answers or Answers(iter(()))

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None, **_more: Any
    ) -> tuple[httplib2.Response, bytes]:
        try:
            told = self.answers(httpx.Request(method, uri, content=body, headers=dict(headers or {})))
        except httpx.ConnectError as error:
            raise httplib2.ServerNotFoundError from error
        return httplib2.Response({**told.headers, "status": str(told.status_code)}), told.read()

    def close(self) -> None: ...


@cache
def _google() -> tuple[Wire, Any]:
    """Made once: reading what the API consists of takes longer than an input."""
    wire = Wire()
    return wire, build("calendar", "v3", http=wire, cache_discovery=False, static_discovery=True)


def _refused(_error: Exception) -> SignInNeeded:
    return SignInNeeded("it was refused", next_step="sign in")
