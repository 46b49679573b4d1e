"""What servers do that the RFCs do not say, with small answers as they were seen; most are in python-caldav's list.

Most stand in front of a real server, whose answers they change.
"""

import re

import pytest
from conformance.caldav_backing import MONDAY, http_for
from simulators.dav import Between, Reply

from agendad.providers import dav_xml
from agendad.providers.base import Cancel, Decline, Notices
from agendad.providers.dav_xml import UnreadableXml
from agendad.providers.errors import AccountUnavailable, ChangeRefused, PreconditionFailed
from agendad.providers.model import Status

_PRINCIPAL = """\
<d:multistatus xmlns:d="DAV:"><d:response><d:href>{href}</d:href><d:propstat><d:prop>{prop}</d:prop>
<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"""


def changed(pattern, replacement, status=None, headers=None):
    """A server's answer with something else in it."""

    def rule(_seen, ask):
        told = ask()
        content = re.sub(pattern.encode(), replacement.encode(), told.content, flags=re.DOTALL)
        return Reply(status or told.status, told.headers if headers is None else headers(told.headers), content)

    return rule


def always(method, rule, where=""):
    return lambda seen, ask: rule(seen, ask) if seen.method == method and where in seen.path else None


def one_property(href, prop):
    return Reply(207, {"Content-Type": "application/xml"}, _PRINCIPAL.format(href=href, prop=prop).encode())


# discovery


def test_nextcloud_answers_at_the_place_that_its_well_known_address_names(calendar):
    def nextcloud(seen, ask):
        if seen.path == "/":
            return Reply(405, {}, b"<html>not here</html>")
        if seen.path == "/.well-known/caldav":
            return Reply(301, {"Location": f"{calendar.between.url}/remote.php/dav/"}, b"")
        if seen.path == "/remote.php/dav/":
            prop = "<d:current-user-principal><d:href>/grace/</d:href></d:current-user-principal>"
            return one_property("/remote.php/dav/", prop)
        return None

    calendar.between.rules.append(nextcloud)
    provider = calendar.another(None, path="")
    assert calendar.calendar in provider.calendars()


def test_redirect_to_another_host_is_not_followed_and_no_password_goes_there(calendar):
    with Between("http://127.0.0.1:1") as other:
        there = other.url.replace("127.0.0.1", "localhost")
        calendar.between.rules.append(lambda _seen, _ask: Reply(302, {"Location": f"{there}/dav/"}))
        with pytest.raises(AccountUnavailable, match="on to another host, 'localhost'") as failure:
            calendar.another().calendars()
        assert "no password went there" in failure.value.not_done
        assert other.requests == []


@pytest.mark.parametrize(
    "href", ["http://evil.example/grace/", "//evil.example/grace/", "http://a@127.0.0.1/", "ftp://x/"]
)
def test_address_in_an_answer_that_leads_elsewhere_is_not_followed(calendar, href):
    prop = f"<d:current-user-principal><d:href>{href}</d:href></d:current-user-principal>"
    calendar.between.once("PROPFIND", lambda _seen, _ask: one_property("/", prop))
    with pytest.raises(AccountUnavailable, match="another host"):
        calendar.another(None, path="").calendars()
    assert len(calendar.between.requests) == 1


def test_proxy_that_hides_https_from_its_server_leads_back_to_https():
    http = http_for("https://cloud.example.org")
    told = http.address("http://cloud.example.org/remote.php/dav/", "https://cloud.example.org/.well-known/caldav")
    assert told == "https://cloud.example.org/remote.php/dav/"


def test_icloud_sends_each_account_to_a_host_of_its_own_and_to_no_other():
    http = http_for("https://caldav.icloud.com")
    told = http.address("https://p42-caldav.icloud.com:443/123/calendars/", "https://caldav.icloud.com/")
    assert told == "https://p42-caldav.icloud.com/123/calendars/"
    for elsewhere in ("https://p42-caldav.icloud.com.evil.example/", "https://evil-caldav.icloud.com/"):
        with pytest.raises(AccountUnavailable):
            http.address(elsewhere, "https://caldav.icloud.com/")


def test_features_that_only_options_names_are_asked_for_there(calendar):
    calendar.between.rules.append(always("PROPFIND", changed("^", "", headers=hide_features)))
    calendar.provider.calendars()
    assert calendar.between.take() == ["PROPFIND", "OPTIONS"]


def hide_features(headers):
    return {name: value for name, value in headers.items() if name.lower() != "dav"}


@pytest.mark.parametrize("reply", [Reply(403), Reply(404), Reply(200, {}, b"<html>Welcome</html>")])
def test_nothing_is_read_where_a_server_does_not_say_whether_it_tells_the_guests(calendar, reply):
    """Taken for a no, it would have the guests told by the server and by us."""
    calendar.between.rules.append(always("PROPFIND", changed("^", "", headers=hide_features)))
    calendar.between.rules.append(always("OPTIONS", lambda _seen, _ask: reply))
    with pytest.raises(AccountUnavailable, match="does not say whether it tells the guests"):
        calendar.provider.calendars()


_NO_ADDRESSES = '<c:calendar-user-address-set xmlns:c="urn:ietf:params:xml:ns:caldav"/>'


@pytest.mark.parametrize(
    ("told", "said"),
    [("", False), ("<d:displayname/>", False), (_NO_ADDRESSES, True)],
    ids=["nothing", "something else", "none"],
)
def test_server_that_tells_guests_has_to_say_by_which_addresses(calendar, told, said):
    """One that says that it knows its user by none tells nobody."""

    def advertise(headers):
        return {**hide_features(headers), "DAV": "1, calendar-access, calendar-auto-schedule"}

    person = one_property("/grace/", told) if told else Reply(207, {}, b'<d:multistatus xmlns:d="DAV:"/>')
    rules = calendar.between.rules
    rules.append(lambda seen, ask: always("PROPFIND", lambda *_: person)(seen, ask) if seen.path == "/grace/" else None)
    rules.append(always("PROPFIND", changed("^", "", headers=advertise)))
    if said:
        calendar.provider.calendars()
        assert calendar.provider.capabilities(calendar.calendar).notices is Notices.NEVER
    else:
        with pytest.raises(AccountUnavailable, match="does not say which addresses are yours"):
            calendar.provider.calendars()


def test_server_that_is_none_is_told_as_that(calendar):
    calendar.between.rules.append(lambda _seen, _ask: Reply(200, {}, b"<html>Welcome</html>"))
    with pytest.raises(AccountUnavailable, match="There is no CalDAV at"):
        calendar.another(None, path="").calendars()


# changes


_FORGOTTEN = b'<d:error xmlns:d="DAV:"><d:valid-sync-token/></d:error>'


@pytest.mark.parametrize("status", [400, 403, 409, 410, 412, 418])
def test_token_is_refused_with_many_statuses(calendar, status):
    calendar.put_single("one", MONDAY)
    calendar.put_single("two", MONDAY)
    calendar.sync()
    calendar.delete("one")
    calendar.between.once("REPORT", lambda _seen, _ask: Reply(status, {}, _FORGOTTEN))
    pages = calendar.sync()
    assert [page.complete for page in pages] == [{"one"}]
    assert not pages[0].full


def test_unknown_token_that_is_answered_with_everything_hides_no_deletion(calendar):
    """Stalwart, Robur: 207 and no error."""
    for uid in ("one", "two", "three"):
        calendar.put_single(uid, MONDAY)
    calendar.sync()
    calendar.delete("one")
    spoiled = re.compile(rb"<[^>]*sync-token>.*</[^>]*sync-token>")

    def accept_any(seen, _ask):
        body = spoiled.sub(b'<D:sync-token xmlns:D="DAV:"/>', seen.body)
        told = calendar.server.client.request("REPORT", seen.path, content=body)
        return Reply(207, {}, told.content)

    calendar.between.once("REPORT", accept_any)
    assert [page.complete for page in calendar.sync()] == [{"one"}]


def test_answer_that_is_cut_is_read_to_its_end(calendar):
    """RFC 6578 §3.6."""
    calendar.put_single("one", MONDAY)
    calendar.put_single("two", MONDAY)
    cut = (
        '<d:response xmlns:d="DAV:"><d:href>/x/</d:href><d:status>HTTP/1.1 507 Insufficient Storage</d:status>'
        "</d:response></multistatus>"
    )
    calendar.between.rules.append(cut_then(calendar, cut))
    assert calendar.told() == {"one", "two"}
    assert calendar.between.take() == ["PROPFIND", "REPORT", "REPORT", "REPORT"]


def cut_then(calendar, cut):
    def rule(seen, ask):
        if seen.method != "REPORT":
            return None
        calendar.between.rules.remove(rule)
        told = ask()
        content = re.sub(rb"<response><href>[^<]*two.*?</response>", b"", told.content, flags=re.DOTALL)
        # the token of a state before the other one came
        content = re.sub(rb"(<sync-token>)[^<]*", rb"\1" + first_token(calendar).encode(), content)
        return Reply(207, told.headers, content.replace(b"</multistatus>", cut.encode()))

    return rule


def first_token(calendar):
    """A token of the calendar without `two`."""
    two = calendar.load("two")
    calendar.delete("two")
    body = dav_xml.sync_collection("", (dav_xml.ETAG,))
    token = dav_xml.multistatus(calendar.server.client.request("REPORT", calendar.calendar, content=body).content).token
    calendar.store("two", two)
    return token


def without_sync(calendar):
    """As a server that knows RFC 4791 and nothing newer; its ctag is what Radicale's is."""

    def refuse(seen, _ask):
        return Reply(403, {}, b"") if seen.method == "REPORT" and b"sync-collection" in seen.body else None

    calendar.between.rules.append(refuse)


def test_server_without_tokens_takes_one_request_without_change(calendar):
    without_sync(calendar)
    calendar.put_single("one", MONDAY)
    calendar.put_single("two", MONDAY)
    assert calendar.told() == {"one", "two"}
    calendar.between.take()
    assert calendar.told() == set()
    assert calendar.between.take() == ["PROPFIND"]
    calendar.delete("one")
    calendar.put_single("two", MONDAY, "another title")
    pages = calendar.sync()
    assert set().union(*(page.complete for page in pages)) == {"one", "two"}
    assert calendar.between.take() == ["PROPFIND", "PROPFIND", "REPORT"]


def test_server_with_neither_token_nor_ctag_is_listed_each_time(calendar):
    without_sync(calendar)
    calendar.between.rules.append(always("PROPFIND", changed("<CS:getctag>[^<]*</CS:getctag>", "")))
    calendar.put_single("one", MONDAY)
    calendar.sync()
    calendar.between.take()
    assert calendar.told() == set()
    assert calendar.between.take() == ["PROPFIND"]


def test_addresses_are_compared_however_they_are_spelled(calendar):
    calendar.put_single("one@example.org", MONDAY)
    calendar.between.rules.append(always("REPORT", changed("%40|@(?=example.org.ics)", "%40")))
    assert calendar.told() == {"one@example.org"}
    assert len(calendar.between.requests) == 3


def test_server_that_is_busy_is_asked_later(calendar):
    calendar.put_single("one", MONDAY)
    calendar.between.once("REPORT", lambda _seen, _ask: Reply(429, {"Retry-After": "1"}))
    assert calendar.told() == {"one"}


# hostile answers


_BOMB = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>
<multistatus xmlns="DAV:"><response><href>&c;</href></response></multistatus>"""
_FILE = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<multistatus xmlns="DAV:">&x;</multistatus>"""


@pytest.mark.parametrize("content", [_BOMB, _FILE, b"", b"<a", b"\xff\xfe\x00", b"<html/>", b"<a>" * 5000])
def test_hostile_xml_is_refused(content):
    with pytest.raises(UnreadableXml):
        dav_xml.multistatus(content)


def test_hostile_answer_fails_the_account_and_nothing_is_concluded(calendar):
    calendar.put_single("one", MONDAY)
    calendar.sync()
    calendar.between.rules.append(always("REPORT", lambda _seen, _ask: Reply(207, {}, _BOMB)))
    with pytest.raises(AccountUnavailable, match="cannot be read: it has a document type"):
        calendar.sync()


def test_answer_that_is_too_large_is_asked_for_in_halves(calendar):
    for number in range(4):
        calendar.put_single(f"uid{number}", MONDAY)
    calendar.put_single("large", MONDAY, "x" * 9000)
    calendar.provider = calendar.another(max_answer=6000)
    pages = calendar.sync()
    assert {event.uid for page in pages for event in page.events} == {f"uid{number}" for number in range(4)}
    (problem,) = [problem for page in pages for problem in page.problems]
    assert "too large" in problem.message


# writes


def cancelled(calendar, event):
    return calendar.provider.apply(event, Cancel(mark="key", at=MONDAY), notify=False)


@pytest.mark.parametrize("spoil", ["W/", ""])
def test_etag_that_a_proxy_weakened_or_left_out_is_still_a_condition(calendar, spoil):
    calendar.put_meeting("one", MONDAY)
    (event,) = calendar.events()

    def spoiled(headers):
        (etag,) = [value for name, value in headers.items() if name.lower() == "etag"]
        told = {name: value for name, value in headers.items() if name.lower() != "etag"}
        return {**told, "ETag": spoil + etag} if spoil else told

    calendar.between.rules.append(always("GET", changed("^", "", headers=spoiled)))
    assert cancelled(calendar, event).event.status is Status.CANCELLED
    (put,) = [one for one in calendar.between.requests if one.method == "PUT"]
    assert put.headers["if-match"].startswith('"')


@pytest.mark.parametrize("odd", ["\xe9", "\xc3\xa9"], ids=["latin-1", "utf-8"])
def test_bytes_of_an_etag_beyond_ascii_are_given_back_as_they_came(calendar, odd):
    calendar.put_meeting("one", MONDAY)
    (event,) = calendar.events()

    def odder(headers):
        return {name: f'"{odd}{value[1:]}' if name.lower() == "etag" else value for name, value in headers.items()}

    def known(seen, ask):
        if seen.method != "PUT":
            return None
        assert seen.headers["if-match"].startswith(f'"{odd}')
        seen.headers["if-match"] = seen.headers["if-match"].replace(odd, "")
        return ask()

    calendar.between.rules += [always("GET", changed("^", "", headers=odder)), known]
    assert cancelled(calendar, event).event.status is Status.CANCELLED


def test_condition_that_does_not_hold_is_told_in_the_words_of_the_server(calendar):
    """sabre/dav: Nextcloud, Baïkal and others."""
    calendar.put_meeting("one", MONDAY)
    (event,) = calendar.events()
    said = b"""<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:exception>PreconditionFailed</s:exception>
<s:header>If-Match</s:header></d:error>"""

    def race(_seen, _ask):
        calendar.retitle("one", MONDAY, "Somebody was here")
        return Reply(412, {}, said)

    calendar.between.once("PUT", race)
    with pytest.raises(PreconditionFailed):
        cancelled(calendar, event)


def test_cancelled_occurrence_that_becomes_an_exdate_counts_as_cancelled(calendar):
    """Zimbra."""
    calendar.put_meeting("weekly", MONDAY, 4)
    event = min(calendar.events(), key=lambda one: one.start.wall)

    def into_exdate(_seen, _ask):
        text = calendar.load("weekly").decode()
        calendar.store("weekly", text.replace("RRULE:", f"EXDATE:{MONDAY:%Y%m%dT%H%M%SZ}\r\nRRULE:", 1).encode())
        return Reply(204)

    calendar.between.once("PUT", into_exdate)
    done = cancelled(calendar, event)
    assert (done.event.status, done.undo) == (Status.CANCELLED, None)


def test_change_that_a_server_takes_and_does_not_make_is_told(calendar):
    calendar.put_meeting("one", MONDAY)
    (event,) = calendar.events()
    calendar.between.once("PUT", lambda _seen, _ask: Reply(204))
    with pytest.raises(ChangeRefused, match="took the change to 'Mentoring' and did not make it"):
        cancelled(calendar, event)


@pytest.mark.parametrize("reply", [Reply(200, {"Content-Type": "text/html"}, b"<html>Sign in</html>"), Reply(207)])
def test_page_in_the_place_of_an_answer_to_a_change_is_none_and_the_change_is_made(calendar, reply):
    """A guest network, or a proxy."""
    calendar.put_meeting("one", MONDAY)
    (event,) = calendar.events()
    calendar.between.once("PUT", lambda _seen, _ask: reply)
    assert cancelled(calendar, event).event.status is Status.CANCELLED


def test_conflict_without_a_reason_is_judged_again(calendar):
    calendar.put_meeting("one", MONDAY)
    (event,) = calendar.events()
    calendar.between.rules.append(always("PUT", lambda _seen, _ask: Reply(409)))
    with pytest.raises(PreconditionFailed):
        cancelled(calendar, event)


def test_answer_that_a_server_takes_by_no_put_is_refused_with_its_reason(calendar):
    """Open-Xchange; RFC 6638 §3.2.4.2."""
    calendar.put_meeting("one", MONDAY)
    (event,) = calendar.events()
    condition = '<c:allowed-attendee-scheduling-object-change xmlns:c="urn:ietf:params:xml:ns:caldav"/>'
    no = f'<d:error xmlns:d="DAV:">{condition}</d:error>'.encode()
    calendar.between.once("PUT", lambda _seen, _ask: Reply(403, {}, no))
    with pytest.raises(ChangeRefused, match="allowed-attendee-scheduling-object-change"):
        calendar.provider.apply(event, Decline(mark="key", at=MONDAY, attendee="ada@example.com"), notify=False)


def test_server_without_room_is_told_and_the_change_waits(calendar):
    calendar.put_meeting("one", MONDAY)
    (event,) = calendar.events()
    calendar.between.once("PUT", lambda _seen, _ask: Reply(507))
    with pytest.raises(ChangeRefused, match="no room"):
        cancelled(calendar, event)
    assert calendar.provider.capabilities(calendar.calendar).notices is Notices.NEVER
