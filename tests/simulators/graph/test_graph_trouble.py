"""Semantics 25 of the simulator of Microsoft Graph: limits, and the faults that it can be told to have."""

import http.client
import threading
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from simulators.graph import FAULT_KINDS, GraphSimulator, Switches
from simulators.graph.client import ask
from simulators.graph.scene import ADA, GRACE, NOW, meeting, ok, refused
from simulators.graph.scene import scene as a_scene


@pytest.fixture
def scene():
    yield from a_scene()


def count(scene):
    return len(scene.grace.events())


def in_parallel(*calls):
    """Each in a thread of its own; their answers in order of arrival."""
    replies = []
    threads = [threading.Thread(target=lambda call=call: replies.append(call())) for call in calls]
    for each in threads:
        each.start()
    return threads, replies


# 25: limits


def test_25_a_fifth_request_at_the_same_time_is_turned_away(scene):
    scene.graph.faults.add("stall", times=4, delay=0.5)
    threads, replies = in_parallel(*[lambda: scene.api().get("/me/events")] * 4)
    while len([each for each in scene.graph.requests if each.fault]) < 4:
        time.sleep(0.01)
    reply = scene.api().get("/me/events")
    assert refused(reply) == (429, "ApplicationThrottled")
    assert "MailboxConcurrency" in reply.json()["error"]["message"]
    assert reply.headers["retry-after"] == "1"
    assert ok(scene.api(ADA).get("/me/events"))["value"] == []
    for each in threads:
        each.join()
    assert [each.status_code for each in replies] == [200] * 4
    assert ok(scene.api().get("/me/events"))["value"] == []


def test_25_four_at_a_time_are_never_turned_away(scene):
    def worker():
        return [scene.api().get("/me/events").status_code for _ in range(25)]

    threads, replies = in_parallel(*[worker] * 4)
    for each in threads:
        each.join()
    assert {status for each in replies for status in each} == {200}


@pytest.mark.parametrize(("given", "shown"), [(2, "2"), (1.5, "1.5"), (None, None)])
@pytest.mark.parametrize(
    ("status", "reason", "code"),
    [
        (429, None, "TooManyRequests"),
        (429, "ApplicationThrottled", "ApplicationThrottled"),
        (503, None, "serviceNotAvailable"),
        (503, "ErrorServerBusy", "ErrorServerBusy"),
    ],
)
def test_25_retry_after_in_each_form(scene, status, reason, code, given, shown):
    scene.graph.faults.add(status, reason=reason, retry_after=given)
    reply = scene.api().get("/me/events")
    assert refused(reply) == (status, code)
    assert reply.headers.get("retry-after") == shown
    assert scene.graph.requests[-1].fault == (f"{status} {reason}" if reason else str(status))
    ok(scene.api().get("/me/events"))


def test_25_retry_after_as_a_date(scene):
    scene.graph.faults.add(429, retry_after="http-date")
    reply = scene.api().get("/me/events")
    assert parsedate_to_datetime(reply.headers["retry-after"]) == NOW + timedelta(seconds=2)


def test_25_a_conflict_by_itself(scene):
    event = scene.invite()
    scene.graph.faults.add(412, method="PATCH")
    address = f"/me/events/{event['id']}"
    assert refused(scene.api().patch(address, {"subject": "x"})) == (412, "ErrorIrresolvableConflict")
    assert scene.grace.get(event["id"])["subject"] == "Weekly"
    ok(scene.api().patch(address, {"subject": "x"}))


# Faults


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 412, 423, 429, 500, 502, 503, 504, 507])
def test_every_status_has_graphs_shape(scene, status):
    scene.graph.faults.add(status)
    found, code = refused(scene.api().get("/me/events"))
    assert (found, bool(code)) == (status, True)
    assert scene.graph.faults.pending == []


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
def test_connections_that_break(scene, kind, trouble, applied):
    scene.graph.faults.add(kind, method="POST", path="/events$")
    with pytest.raises(trouble):
        scene.api().post("/me/events", meeting())
    assert count(scene) == applied
    assert len(scene.graph.mails) == 2 * applied


def test_answers_that_are_none(scene):
    scene.graph.faults.add("garbage")
    scene.graph.faults.add("html")
    scene.graph.faults.add("applied-then-500")
    reply = scene.api().post("/me/events", meeting())
    assert reply.status_code == 200
    with pytest.raises(ValueError):
        reply.json()
    reply = scene.api().post("/me/events", meeting())
    assert (reply.status_code, reply.text[:15]) == (502, "<!DOCTYPE html>")
    assert count(scene) == 0
    assert refused(scene.api().post("/me/events", meeting())) == (500, "ErrorInternalServerError")
    assert count(scene) == 1


def test_answers_that_come_late(scene):
    for kind in ("stall", "applied-then-stall"):
        scene.graph.faults.add(kind, delay=0.2)
        started = time.monotonic()
        ok(scene.api().post("/me/events", meeting()), 201)
        assert time.monotonic() - started >= 0.2
    scene.graph.faults.add("applied-then-stall", delay=2)
    with pytest.raises(TimeoutError):
        ask(scene.graph.root, "DELETE", "/v1.0/me/events/x", headers={}, timeout=0.1)


def test_faults_match_method_and_path_and_may_last(scene):
    scene.graph.faults.add(500, method="DELETE")
    scene.graph.faults.add(503, path="^/me/mailboxSettings$", times=None, after=1)
    ok(scene.api().get("/me/events"))
    ok(scene.api().get("/me/mailboxSettings"))
    for _ in range(3):
        assert scene.api().get("/me/mailboxSettings").status_code == 503
    assert len(scene.graph.faults.pending) == 2
    scene.graph.faults.clear()
    ok(scene.api().get("/me/mailboxSettings"))
    with pytest.raises(ValueError):
        scene.graph.faults.add("nonsense")
    assert "reset" in FAULT_KINDS


def test_faults_of_the_identity_endpoints_speak_their_language(scene):
    scene.graph.faults.add(400, reason="invalid_grant", path="token")
    scene.graph.faults.add(503, path="token", retry_after=3)
    client = scene.graph.http_client()
    first, second = (client.post(scene.graph.authority + "/oauth2/v2.0/token", data={}) for _ in range(2))
    assert (first.status_code, first.json()["error"]) == (400, "invalid_grant")
    assert first.json()["error_description"].startswith("AADSTS70008: ")
    assert (second.status_code, second.json()["error"]) == (503, "temporarily_unavailable")
    assert second.headers["retry-after"] == "3"


# What is observed


def test_requests_are_logged(scene):
    ok(scene.api().post("/me/events", meeting(), None, client_request_id="c-1"), 201)
    request = scene.graph.requests[-1]
    assert (request.method, request.path, request.person, request.status) == ("POST", "/v1.0/me/events", GRACE, 201)
    assert request.body["subject"] == "Weekly"
    assert request.response["subject"] == "Weekly"
    assert request.headers["authorization"].startswith("Bearer ")
    assert request.started <= request.ended


def test_the_date_header_follows_the_simulators_clock(scene):
    scene.graph.date_offset = timedelta(minutes=7)
    assert scene.api().get("/me").headers["date"] == "Mon, 30 Nov 2026 00:07:00 GMT"


def test_request_ids_are_answered(scene):
    reply = scene.api().call("GET", "/me", client_request_id="c-1")
    assert reply.headers["client-request-id"] == "c-1"
    assert reply.headers["request-id"]
    error = scene.api().call("GET", "/me/events/x", client_request_id="c-2").json()["error"]
    assert error["innerError"]["client-request-id"] == "c-2"


def test_the_server_is_gone_after_the_block():
    with GraphSimulator(now=NOW) as graph:
        root = graph.root
    with pytest.raises(ConnectionRefusedError):
        ask(root, "GET", "/v1.0/me")


def test_both_ways_has_each_switch_in_each_other_position():
    ways = dict(Switches.both_ways())
    assert ways.pop("default") == Switches()
    default = vars(Switches())
    for name, switches in ways.items():
        changed = {key: value for key, value in vars(switches).items() if value != default[key]}
        assert len(changed) == 1
        assert name == "=".join(map(str, *changed.items()))
    assert {name.partition("=")[0] for name in ways} == set(default)


@pytest.mark.parametrize(("name", "switches"), list(Switches.both_ways()))
def test_a_round_finds_everything_in_every_position(name, switches):
    """What a careful client does: follow the links, and list the instances of each master that it hears of."""
    for scene in a_scene(switches):
        single, series = scene.invite(), scene.series()
        items, link = scene.round(size=2)
        ids = {each["id"] for each in items}
        assert single["id"] in ids
        assert ids >= {each["id"] for each in scene.occurrences(series)}
        scene.grace.patch(single["id"], {"subject": "New"})
        items, _ = scene.round(link, size=2)
        assert [each["subject"] for each in items if each["id"] == single["id"]] == ["New"]
        assert scene.graph.violations == []
