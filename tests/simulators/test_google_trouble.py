"""The faults that the simulator can be told to have, as a client meets them."""

import http.client
import json
import threading
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from googleapiclient.errors import HttpError

from simulators.google import FAULT_KINDS, GoogleSimulator
from simulators.google.client import service

GRACE = "grace@example.org"
NOW = datetime(2026, 11, 30, tzinfo=UTC)
EVENT = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}
EVENTS = "/calendar/v3/calendars/primary/events"


@pytest.fixture
def google():
    with GoogleSimulator(now=NOW) as simulator:
        simulator.add_person(GRACE)
        yield simulator


@pytest.fixture
def api(google):
    with service(google, GRACE) as built:
        yield built


@pytest.fixture
def ask(google):
    """One request on a connection of its own: answer and body."""

    def asked(method="GET", path=EVENTS, body=None, timeout=5):
        connection = http.client.HTTPConnection("127.0.0.1", int(google.root.rpartition(":")[2]), timeout=timeout)
        try:
            token = google.token_for(GRACE)
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    return asked


def count(google):
    return len(google._store.calendar(GRACE).events)


@pytest.mark.parametrize(
    ("kind", "trouble", "applied"),
    [
        ("reset", ConnectionResetError, 0),
        ("close", http.client.RemoteDisconnected, 0),
        ("truncate", http.client.IncompleteRead, 1),
        ("applied-then-dropped", http.client.RemoteDisconnected, 1),
        ("applied-then-reset", ConnectionResetError, 1),
    ],
)
def test_a_broken_connection(google, ask, kind, trouble, applied):
    google.faults.add(kind, method="POST")
    with pytest.raises(trouble):
        ask("POST", body=EVENT)
    assert count(google) == applied
    (request,) = google.requests
    assert request.fault == kind
    assert request.status == (200 if kind == "truncate" else None)
    assert ask()[0].status == 200


def test_answers_that_are_no_answers(google, ask):
    google.faults.add("garbage")
    google.faults.add("html")
    google.faults.add("html", status=200)
    answer, body = ask()
    assert answer.status == 200
    with pytest.raises(ValueError):
        json.loads(body)
    answer, body = ask()
    assert (answer.status, answer.headers.get_content_type()) == (502, "text/html")
    assert body.startswith(b"<!DOCTYPE html>")
    answer, body = ask()
    assert (answer.status, body[:5]) == (200, b"<!DOC")


def test_an_error_although_it_was_applied(google, ask):
    google.faults.add("applied-then-500")
    answer, body = ask("POST", body=EVENT)
    assert (answer.status, json.loads(body)["error"]["errors"][0]["reason"]) == (500, "backendError")
    assert count(google) == 1
    assert "created" in google.as_(GRACE).get("primary", next(iter(google._store.calendar(GRACE).events)))


@pytest.mark.parametrize(("kind", "applied"), [("stall", 0), ("applied-then-stall", 1)])
def test_an_answer_that_takes_its_time(google, ask, kind, applied):
    google.faults.add(kind, delay=0.6)
    with pytest.raises(TimeoutError):
        ask("POST", body=EVENT, timeout=0.2)
    assert count(google) == applied
    deadline = time.monotonic() + 5
    while google.requests[0].ended is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert google.requests[0].status == 200
    assert count(google) == 1


def test_other_requests_go_on_while_one_stalls(google, ask):
    google.faults.add("stall", delay=1, times=1)
    slow = threading.Thread(target=ask)
    slow.start()
    while not google.requests:
        time.sleep(0.01)
    started = time.monotonic()
    assert ask()[0].status == 200
    assert time.monotonic() - started < 0.5
    slow.join()


def test_faults_are_counted_and_aimed(google, ask):
    google.faults.add(503, method="GET", path="/events$", times=2, after=1)
    other = "/calendar/v3/users/me/settings/timezone"
    assert [ask()[0].status, ask(path=other)[0].status, ask()[0].status] == [200, 200, 503]
    assert [ask("POST", body=EVENT)[0].status, ask()[0].status, ask()[0].status] == [200, 503, 200]
    assert google.faults.pending == []
    google.faults.add(500, times=None)
    assert {ask()[0].status for _ in range(4)} == {500}
    google.faults.clear()
    assert ask()[0].status == 200


@pytest.mark.parametrize("seconds", [3, 0.5])
def test_retry_after_in_seconds(google, ask, seconds):
    google.faults.add(429, retry_after=seconds)
    answer, body = ask()
    assert (answer.status, answer.headers["Retry-After"]) == (429, str(seconds))
    assert json.loads(body)["error"]["errors"][0]["domain"] == "usageLimits"


def test_retry_after_as_a_date_and_a_body_of_ones_own(google, ask):
    google.faults.add(503, retry_after="http-date", body={"error": "busy"})
    answer, body = ask()
    due = parsedate_to_datetime(answer.headers["Retry-After"])
    assert (due - parsedate_to_datetime(answer.headers["Date"])).total_seconds() == 2
    assert json.loads(body) == {"error": "busy"}


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        (401, None, "authError"),
        (410, "fullSyncRequired", "fullSyncRequired"),
        (412, None, "conditionNotMet"),
        (409, None, "conflict"),
        (503, None, "backendError"),
    ],
)
def test_any_status_with_googles_body(google, ask, status, reason, expected):
    google.faults.add(status, reason=reason)
    answer, body = ask()
    error = json.loads(body)["error"]
    assert (answer.status, error["code"], error["errors"][0]["reason"]) == (status, status, expected)


def test_the_client_repeats_a_delete_by_itself_after_a_quiet_close(google, api):
    event = api.events().insert(calendarId="primary", body=EVENT).execute()
    google.faults.add("applied-then-dropped", method="DELETE")
    with pytest.raises(HttpError) as caught:
        api.events().delete(calendarId="primary", eventId=event["id"]).execute()
    assert caught.value.status_code == 410
    assert [each.status for each in google.requests if each.method == "DELETE"] == [None, 410]


def test_the_client_does_not_repeat_after_a_reset(google, api):
    event = api.events().insert(calendarId="primary", body=EVENT).execute()
    google.faults.add("applied-then-reset", method="DELETE")
    with pytest.raises(ConnectionResetError):
        api.events().delete(calendarId="primary", eventId=event["id"]).execute()
    assert len([each for each in google.requests if each.method == "DELETE"]) == 1


def test_what_is_done_by_hand_meets_no_fault(google):
    google.faults.add(500, times=None)
    assert google.as_(GRACE).insert("primary", EVENT)["status"] == "confirmed"


def test_an_unknown_kind_is_refused(google):
    with pytest.raises(ValueError, match=next(iter(FAULT_KINDS))):
        google.faults.add("nonsense")
