"""A server that never stops answering, or whose answer unpacks to far more, fills no memory, at any door."""

import gzip
import json
import tracemalloc
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import httpx
import pytest
from conformance.caldav_backing import http_for
from simulators.endless import KINDS, Endless

from agendad.providers import bounded, google_consent
from agendad.providers.account_mail import AccountTransport
from agendad.providers.bounded import MAX_ANSWER, TooLarge, Unpackable, unpacked
from agendad.providers.errors import AccountUnavailable, SignInNeeded
from agendad.providers.gmail import GmailPost
from agendad.providers.google_api import GoogleApi
from agendad.providers.google_signin import GoogleToken, bearer, credentials
from agendad.providers.graph_api import GraphApi
from agendad.providers.graph_http import IdentityClient, NoAnswer
from agendad.providers.graph_mail import GraphPost
from agendad.providers.mail import MailInDoubt
from agendad.providers.pacing import Pace, Throttled, Unsure

SMALL = 4 * 1024 * 1024
OWN = 16 * 1024 * 1024
"""What Google's client makes of the descriptions of its APIs."""
NOW = datetime(2026, 11, 30, 14, tzinfo=UTC)


def pace():
    return Pace(service="the server", sleep=lambda _seconds: None, tries=2)


@pytest.fixture
def opened():
    """Makes a door to a server, and closes it in the end."""
    with ExitStack() as doors:

        def open_one(make, url, **more):
            door = make(url, **{"max_answer": SMALL, **more})
            doors.callback(door.close)
            return door

        yield open_one


def graph(url, kind=GraphApi, **more):
    refused = SignInNeeded("refused")
    return kind("uni", url, token=lambda: "t", refused=lambda _header: refused, now=lambda: NOW, pace=pace(), **more)


def google(url, kind=GoogleApi, sign_in=None, **more):
    made, why = sign_in or bearer("t"), lambda error: error
    return kind("work", url, credentials=lambda: made, why_refused=why, now=lambda: NOW, pace=pace(), **more)


def dav(url, **more):
    return http_for(url, pace=pace(), **more)


def expired(url):
    """A sign-in to Google that has to be renewed first."""
    token = GoogleToken.from_json({
        "refresh_token": "1//r", "access_token": "ya29", "scopes": [], "client_id": "c", "client_secret": "s",
        "token_uri": f"{url}/token", "obtained_at": NOW.isoformat(), "expiry": (NOW - timedelta(days=999)).isoformat(),
    })  # fmt: skip
    return credentials(token, lambda _token: None)


READERS = {
    "graph": (graph, lambda api: api.get("id")),
    "graph's calendar": (graph, lambda api: api.calendar("default")),
    "google": (google, lambda api: api.get("primary", "id")),
    "google's list": (google, lambda api: api.list_page("primary")),
    "caldav": (dav, lambda http: http.propfind(f"{http.root}/", ("{DAV:}getetag",))),
    "caldav's object": (dav, lambda http: http.get(f"{http.root}/one.ics")),
}
WRITERS = (
    (graph, lambda api: api.patch("id", {}, etag="e")),
    (graph, lambda api: api.act("id", "cancel", {}, etag="e")),
    (google, lambda api: api.patch("primary", "id", {}, etag="e", send_updates="none")),
    (dav, lambda http: http.put(f"{http.root}/one.ics", b"", "e")),
)


@pytest.fixture(autouse=True)
def no_browser(monkeypatch):
    monkeypatch.setenv("BROWSER", "false")


def in_bounded_memory(ask, most=SMALL):
    tracemalloc.start()
    try:
        return ask()
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4 * most + OWN, "it grows by copies, and no further"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reader", READERS)
def test_answer_without_end_is_left_and_told_and_nothing_is_concluded(opened, reader, kind):
    make, read = READERS[reader]
    with Endless(kind) as server:
        door = opened(make, server.url)
        with pytest.raises(AccountUnavailable) as told:
            in_bounded_memory(lambda: read(door))
    packed = kind == "a bomb in a bomb"
    assert ("no answer that can be read" if packed else "4 MB") in told.value.happened
    assert told.value.not_done
    assert "in a few seconds" in told.value.next_step or "next pass" in told.value.next_step or not packed
    assert packed or len(server.heard) == 1, "asking again at once would bring no other"


@pytest.mark.parametrize("make", [graph, google, dav])
def test_bound_without_being_told_one_is_far_below_what_a_machine_has(opened, make):
    assert MAX_ANSWER == 64 * 1024 * 1024
    (read,) = [read for name, (maker, read) in READERS.items() if maker is make and "'" not in name]
    with Endless("with a length") as server:
        door = opened(make, server.url, max_answer=MAX_ANSWER)
        with pytest.raises(AccountUnavailable, match="larger than 64 MB"):
            in_bounded_memory(lambda: read(door), MAX_ANSWER)


@pytest.mark.parametrize("reader", ["graph", "google", "caldav", "caldav's list"])
def test_answer_that_comes_byte_by_byte_is_left_after_a_while(opened, reader):
    """Each byte is a sign of life, so that no wait for one ends it."""
    make, read = {**READERS, "caldav's list": (dav, lambda http: http.report(http.root, b"", "1"))}[reader]
    with Endless("byte by byte") as server:
        door = opened(make, server.url, timeout=0.2)
        with pytest.raises(AccountUnavailable, match="had not ended after 2 seconds"):
            read(door)
        assert len(server.heard) == 1, "asking again at once would bring no other"


@pytest.mark.parametrize("kind", ["chunked", "a bomb"])
def test_refusal_without_end_is_none(opened, kind):
    with Endless(kind, "403 Forbidden") as server:
        for make, read in READERS.values():
            door = opened(make, server.url)
            with pytest.raises(AccountUnavailable, match="4 MB"):
                in_bounded_memory(lambda read=read, door=door: read(door))


@pytest.mark.parametrize("kind", ["chunked", "a bomb"])
def test_answer_without_end_to_a_write_leaves_it_to_be_looked_for(opened, kind):
    with Endless(kind) as server:
        for make, write in WRITERS:
            door = opened(make, server.url)
            with pytest.raises(Unsure, match="not read to its end: it is larger than 4 MB"):
                in_bounded_memory(lambda write=write, door=door: write(door))
        assert len(server.heard) == 4


@pytest.mark.parametrize("kind", ["chunked", "a bomb"])
def test_mail_that_was_answered_without_end_is_in_doubt_and_not_sent_again(opened, kind):
    message = EmailMessage()
    for name, value in (("From", "grace@example.org"), ("To", "ada@example.com"), ("Message-ID", "<one@example.org>")):
        message[name] = value
    message.set_content("Hello")
    with Endless(kind) as server:
        for make, post in ((google, GmailPost), (graph, GraphPost)):
            transport = AccountTransport(opened(make, server.url, kind=post), looks_up=False)
            with pytest.raises(MailInDoubt) as told:
                in_bounded_memory(lambda transport=transport: transport.send(message))
            assert told.value.next_step
        assert [line.split()[0] for line in server.heard] == [b"POST", b"POST"]


@pytest.mark.parametrize("kind", KINDS)
def test_sign_in_that_is_answered_without_end_gives_no_token_and_nothing_is_sent(opened, kind, tmp_path):
    with Endless(kind) as server:
        api = opened(google, server.url, sign_in=expired(server.url))
        with pytest.raises(AccountUnavailable, match="signing in did not get through"):
            in_bounded_memory(lambda: api.get("primary", "id"))
        post = opened(google, server.url, kind=GmailPost, sign_in=expired(server.url))
        with pytest.raises(Throttled, match="signing in did not get through"):
            in_bounded_memory(lambda: post.look_up("<one@example.org>"))
        assert all(b"/token" in line for line in server.heard), "the request itself was not sent"
        with closing(IdentityClient(f"{server.url}/common")) as identity, pytest.raises(NoAnswer):
            in_bounded_memory(lambda: identity.get("https://loopback.invalid/common/x"))
        with pytest.raises(AccountUnavailable, match="no answer that helps"):
            in_bounded_memory(lambda: _consented(server.url, tmp_path))


def _consented(url, folder):
    client = {"client_id": "c", "client_secret": "s", "auth_uri": f"{url}/auth", "token_uri": f"{url}/token"}
    (folder / "client.json").write_text(json.dumps({"installed": client}))
    told = []

    def pasted():
        state = " ".join(told).partition("state=")[2].partition("&")[0].split()[0]
        return f"http://127.0.0.1/?state={state}&code=x"

    return google_consent.consent(
        folder / "client.json", ["a"], open_browser=False, tell=told.append, ask=pasted, now=lambda: NOW
    )


def test_answers_that_are_packed_are_read_as_before_and_up_to_their_size():
    content = b"x" * 1000
    assert unpacked([gzip.compress(content)], "gzip", 1000, 9) == content
    assert unpacked([content], "identity", 1000, 9) == content
    assert unpacked([], "gzip", 10, 9) == b"", "no body at all"
    for parts, encoding in (([gzip.compress(content)], "gzip"), ([content], "")):
        with pytest.raises(TooLarge, match="larger than 999 bytes"):
            unpacked(parts, encoding, 999, 9)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"no gzip", "gzip"),
        (gzip.compress(b"x" * 99, mtime=0)[:-9], "gzip"),
        (b"x", "br"),
        (b"x", "gzip, gzip"),
    ],
)
def test_packing_that_was_not_asked_for_or_is_none_is_refused(content, encoding):
    with pytest.raises(Unpackable):
        unpacked([content], encoding, 1000, 9)


def test_what_was_sent_packed_is_an_ordinary_answer():
    body = gzip.compress(json.dumps({"id": "a", "kind": "calendar#event"}).encode())

    def answer(request):
        assert request.headers["accept-encoding"] == "gzip"
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(body))

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        told = bounded.request(client, "GET", "https://example.org/")
    assert told.json()["id"] == "a"
    assert "content-encoding" not in told.headers
