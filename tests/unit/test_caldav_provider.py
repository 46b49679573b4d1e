"""CalDAV on real servers where the suite does not look: trouble on the way, forgotten tokens, many objects."""

import itertools
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from conformance.backing import HOUR
from conformance.caldav_backing import MONDAY, WINDOW, http_for
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from simulators.dav import Radicale, Reply

from agendad.providers import dav_http
from agendad.providers.base import Cancel, Window
from agendad.providers.caldav import CaldavProvider
from agendad.providers.dav_listing import BATCH
from agendad.providers.errors import AccountUnavailable, CursorExpired, PreconditionFailed
from agendad.providers.model import Status


def complete(pages):
    return set().union(*(page.complete for page in pages))


def test_look_without_change_takes_one_request(calendar):
    calendar.put_single("one", MONDAY)
    calendar.sync()
    calendar.between.take()
    for _ in range(3):
        calendar.sync()
    assert calendar.between.take() == ["REPORT"] * 3


def test_objects_come_in_batches(calendar):
    calendar.put_many(BATCH + 5)
    assert len(calendar.told()) == BATCH + 5
    assert calendar.between.take() == ["PROPFIND", "REPORT", "REPORT", "REPORT"]


def test_token_that_the_server_forgot_costs_two_requests_and_tells_what_changed_and_went(calendar):
    for uid in ("stays", "changes", "goes"):
        calendar.put_single(uid, MONDAY)
    calendar.sync()
    calendar.put_single("changes", MONDAY, "another title")
    calendar.delete("goes")
    calendar.server.forget_tokens()
    calendar.between.take()
    pages = calendar.sync()
    assert not pages[0].full
    assert complete(pages) == {"changes", "goes"}
    assert calendar.between.take() == ["REPORT", "REPORT", "REPORT"]


def test_day_that_moves_the_window_compares_everything_in_one_request(calendar):
    calendar.put_single("one", MONDAY)
    calendar.sync()
    calendar.between.take()
    day = timedelta(days=1)
    assert calendar.told(Window(WINDOW.start + day, WINDOW.end + day)) == set()
    assert calendar.between.take() == ["REPORT"]


def test_server_that_is_killed_in_the_middle_of_a_sync_loses_nothing(calendar):
    calendar.put_many(BATCH + 5)
    reports = itertools.count()

    def kill(seen, _ask):
        if seen.method == "REPORT" and next(reports) == 2:  # between the batches
            calendar.server.kill()

    calendar.between.rules.append(kill)
    with pytest.raises(AccountUnavailable) as failure:
        calendar.sync()
    assert failure.value.not_done
    assert failure.value.next_step
    assert calendar.cursor is None
    calendar.between.rules.clear()
    calendar.server.start()
    assert len(calendar.told()) == BATCH + 5


def test_server_that_is_started_again_knows_its_tokens_still(calendar):
    calendar.put_single("one", MONDAY)
    calendar.sync()
    calendar.server.stop()
    calendar.server.start()
    calendar.put_single("two", MONDAY)
    assert calendar.told() == {"two"}


def test_answer_that_is_cut_off_or_garbage_is_asked_for_again(calendar):
    calendar.put_single("one", MONDAY)

    def cut(_seen, ask):
        told = ask()
        return Reply(told.status, told.headers, told.content[: len(told.content) // 2])

    for spoil in (cut, lambda _seen, _ask: Reply(0), lambda _seen, _ask: Reply(502, {}, b"<html>Bad gateway</html>")):
        calendar.cursor = None
        calendar.between.once("REPORT", spoil)
        assert calendar.told() == {"one"}


@pytest.mark.parametrize("applied", [True, False])
def test_write_whose_answer_got_lost_is_made_once(calendar, applied):
    calendar.put_meeting("one", MONDAY)
    (event,) = [event for page in calendar.sync() for event in page.events]

    def lose(_seen, ask):
        if applied:
            ask()
        return Reply(0)

    calendar.between.once("PUT", lose)
    done = calendar.provider.apply(event, Cancel(mark="key", at=MONDAY), notify=False)
    assert (done.event.status, done.event.sequence, done.event.marks) == (Status.CANCELLED, 1, ("key",))
    assert [one.method for one in calendar.between.requests].count("PUT") == (1 if applied else 2)


def test_write_is_conditional_and_a_race_with_somebody_else_is_lost(calendar):
    calendar.put_meeting("one", MONDAY)
    (event,) = [event for page in calendar.sync() for event in page.events]

    def race(_seen, ask):
        calendar.retitle("one", MONDAY, "Somebody was here")
        return ask()

    calendar.between.once("PUT", race)
    with pytest.raises(PreconditionFailed):
        calendar.provider.apply(event, Cancel(mark="key", at=MONDAY), notify=False)
    assert all(one.headers["if-match"].startswith('"') for one in calendar.between.requests if one.method == "PUT")
    assert b"Somebody was here" in calendar.load("one")


def test_sibling_that_somebody_changes_meanwhile_is_kept_and_the_write_made(calendar):
    calendar.put_meeting("weekly", MONDAY, 4)
    event = min((event for page in calendar.sync() for event in page.events), key=lambda one: one.start.wall)

    def race(_seen, ask):
        calendar.retitle("weekly", MONDAY + 7 * 24 * HOUR, "Somebody was here")
        return ask()

    calendar.between.once("PUT", race)
    assert calendar.provider.apply(event, Cancel(mark="key", at=MONDAY), notify=False).event.marks == ("key",)
    assert b"Somebody was here" in calendar.load("weekly")


def test_events_of_one_uid_in_two_objects_are_told_together(calendar):
    calendar.put_single("one", MONDAY, "first word")
    calendar.sync()
    newer = calendar.load("one").replace(b"first word", b"last word").replace(b"UID:one", b"UID:one\r\nSEQUENCE:3")
    calendar.server.fill(calendar.calendar, {"copy.ics": newer})  # by HTTP it would refuse that
    assert [event.title for page in calendar.sync() for event in page.events] == ["last word"]


def test_calendar_that_somebody_shares_is_not_judged_unless_asked_for(calendar):
    calendar.put_single("one", MONDAY)
    http = http_for(calendar.between.url + calendar.calendar, "reader")
    shared = CaldavProvider("test", [calendar.calendar], http)
    (page,) = shared.changes(calendar.calendar, None, WINDOW)
    assert (page.full, page.events) == (True, ())
    assert "on_behalf: true" in page.problems[0].message
    looking_after = CaldavProvider("test", [calendar.calendar], http, on_behalf=True)
    pages = list(looking_after.changes(calendar.calendar, None, WINDOW))
    assert [event.uid for page in pages for event in page.events] == ["one"]
    assert not looking_after.capabilities(calendar.calendar).writes
    with pytest.raises(CursorExpired):  # as if there had been nothing
        list(looking_after.changes(calendar.calendar, page.cursor, WINDOW))
    http.close()


def test_password_goes_nowhere_when_the_certificate_is_not_trusted(tmp_path, monkeypatch):
    certificate, key = self_signed(tmp_path)
    server = Radicale(tmp_path / "tls", server=f"ssl = True\ncertificate = {certificate}\nkey = {key}\n")
    server.start()
    try:
        url = f"https://localhost:{server.port}/grace/"
        provider = CaldavProvider("test", None, http_for(url))
        with pytest.raises(AccountUnavailable, match="certificate of localhost cannot be trusted") as failure:
            provider.calendars()
        assert "No password was sent" in failure.value.not_done
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        dav_http_trust_anew()
        with pytest.raises(AccountUnavailable, match="has no calendar"):
            CaldavProvider("test", None, http_for(url)).calendars()
    finally:
        server.close()
        monkeypatch.undo()
        dav_http_trust_anew()


def dav_http_trust_anew():
    dav_http._trusted.cache_clear()


def self_signed(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin).not_valid_after(begin + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, pem, serialization.NoEncryption()))
    assert ssl.create_default_context(cafile=str(certificate))
    return certificate, secret
