"""Figures and signs of life over real sockets on loopback."""

import socket
import threading
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from agendad.daemon.heartbeat import Heartbeat
from agendad.daemon.metrics import Metrics
from agendad.daemon.pass_report import AccountReport, PassReport
from agendad.daemon.store import Store

ENDED = datetime(2026, 11, 30, 12, tzinfo=UTC)


def free_port():
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def figures(port):
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def report(*, ok):
    return PassReport(
        accounts=(AccountReport(name="home", ok=ok), AccountReport(name="work", ok=True)), actions=(), news=()
    )


def test_figures_are_those_of_the_passes_and_the_queue(tmp_path):
    Store.open(tmp_path).close()
    metrics = Metrics(lambda: Store.open(tmp_path), ["home", "work"])
    port = free_port()
    server = metrics.serve(port)
    try:
        metrics.count(report(ok=True), ENDED, 0.5)
        metrics.count(report(ok=False), ENDED, 1.5)
        found = figures(port)
    finally:
        server.shutdown()
        server.server_close()
    assert found["agendad_passes_total", "ok"] == found["agendad_passes_total", "failed"] == 1
    assert (found["agendad_account_ok", "home"], found["agendad_account_ok", "work"]) == (0, 1)
    assert found["agendad_last_pass_timestamp_seconds",] == ENDED.timestamp()
    assert found["agendad_last_pass_seconds",] == 1.5
    assert found["agendad_queue", "pending"] == 0


def test_figures_are_for_this_machine_only(tmp_path):
    Store.open(tmp_path).close()
    server = Metrics(lambda: Store.open(tmp_path), []).serve(free_port())
    try:
        assert server.server_address[0] == "127.0.0.1"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def monitor(status=200):
    """A monitoring service: yields its URL, and what was asked for."""
    asked, heard = [], threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            heard.set()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ping/1234", asked, heard
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("ok", "path"), [(True, "/ping/1234"), (False, "/ping/1234/fail")])
def test_sign_of_life_tells_how_the_pass_went(ok, path):
    with monitor() as (url, asked, heard):
        Heartbeat(url).beat(ok=ok)
        assert heard.wait(10)
    assert asked == [path]


def test_monitor_that_is_away_or_refuses_is_told_without_its_address(caplog):
    beats = [Heartbeat(f"http://127.0.0.1:{free_port()}/ping/1234")]
    with monitor(status=404) as (url, _, heard):
        beats.append(Heartbeat(url))
        for beat in beats:
            beat.beat(ok=True)
        assert heard.wait(10)
        for thread in threading.enumerate():
            if thread.name == "heartbeat":
                thread.join(10)
    assert "did not arrive" in caplog.text
    assert "status 404" in caplog.text
    assert "1234" not in caplog.text
