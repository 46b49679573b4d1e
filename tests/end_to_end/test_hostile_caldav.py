"""A CalDAV server that means harm, and the installed command: lines of docs/security.md."""

import base64
import re

import pytest
from end_to_end.offices import HOUR, NOW
from end_to_end.test_caldav import Office
from simulators.dav import PASSWORD, Between, Reply

SECRETS = (PASSWORD, base64.b64encode(f"grace:{PASSWORD}".encode()).decode())
_FILE = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<multistatus xmlns="DAV:"><response><href>&x;</href></response></multistatus>"""
_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "' + b"ha" * 1000 + b'">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 100) for n in range(8))
    + b']><multistatus xmlns="DAV:"><response><href>&i;</href></response></multistatus>'
)  # fmt: skip


@pytest.fixture
def office(home, radicale):
    server = radicale if radicale.runs else radicale.start()
    with Between(server.url) as between:
        made = Office(home, server, between)
        made.invite(NOW + 26 * HOUR)
        yield made


def leads_to(where):
    prop = f"<d:current-user-principal><d:href>{where}</d:href></d:current-user-principal>"
    return Reply(207, {}, (
        f'<d:multistatus xmlns:d="DAV:"><d:response><d:href>/</d:href><d:propstat><d:prop>{prop}</d:prop>'
        "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"
    ).encode())  # fmt: skip


def everything(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "state" not in path.parts}


def failed(office):
    """What is told of the one account, which could not be read."""
    done = office.run("run", "--once", "--json")
    assert done.status == 1
    (report,) = done.json["accounts"]
    assert not report["ok"]
    assert not any(secret in done.out + done.err for secret in SECRETS)
    return report["error"]


@pytest.mark.parametrize(
    "attack",
    [
        lambda there: Reply(302, {"Location": f"{there}/dav/"}),
        lambda there: Reply(301, {"Location": f"{there.replace('http:', '')}/.well-known/caldav"}),
        lambda there: leads_to(f"{there}/grace/"),
        lambda there: leads_to(f"//{there.partition('//')[2]}/grace/"),
        lambda there: leads_to(f"http://127.0.0.1@{there.partition('//')[2]}/grace/"),
    ],
    ids=["redirect", "redirect without a scheme", "address", "address without a scheme", "host behind a name"],
)
def test_caldav_server_that_leads_elsewhere_is_not_followed_with_the_password(office, attack):
    with Between("http://127.0.0.1:1") as other:
        office.configure(more="")
        there = other.url.replace("127.0.0.1", "localhost")
        office.between.rules.append(lambda _seen, _ask: attack(there))
        assert "another host" in failed(office)
        assert other.requests == []


@pytest.mark.parametrize("content", [_FILE, _BOMB], ids=["a file", "a bomb"])
def test_xml_of_a_server_reads_no_file_and_unfolds_nothing(office, content):
    office.between.rules.append(lambda _seen, _ask: Reply(207, {}, content))
    told = failed(office)
    assert "cannot be read" in told
    assert "root:" not in told


def test_names_of_a_caldav_server_lead_nowhere_on_this_machine(office):
    """An object's address and its UID are a server's words; they name no file here, and no other object there."""
    before = everything(office.home.folder)
    up = "..%2f..%2f..%2fetc%2fcron.d%2fx.ics"

    def renamed(seen, ask):
        told = ask()
        content = told.content.replace(b"one.ics", up.encode()).replace(b"UID:one", b"UID:../../../etc/cron.d/x")
        return Reply(told.status, told.headers, content) if seen.method in ("REPORT", "PROPFIND") else None

    office.between.rules.append(renamed)
    office.run("run", "--once", "--json")
    assert everything(office.home.folder) == before
    assert all(seen.path.startswith((office.path, "/grace/")) for seen in office.between.requests)
    assert [seen for seen in office.between.requests if seen.method == "PUT"] == []


def test_words_of_a_caldav_server_bring_no_password_and_no_address_into_the_log(office):
    quoting = f"Authorization was {SECRETS[1]} of ada@example.com, {PASSWORD}\x1b[2J".encode()
    for status in (400, 401, 403, 404, 500):
        reply = Reply(status, {"WWW-Authenticate": "Basic"}, quoting)
        office.between.rules[:] = [lambda _seen, _ask, reply=reply: reply]
        assert "ada@example.com" not in failed(office)
        kept = [path.read_bytes() for path in (office.home.folder / "state").rglob("*") if path.is_file()]
        assert not any(re.search(b"ada@example\\.com|correct horse", content) for content in kept)
