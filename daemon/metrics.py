"""Figures for Prometheus, on loopback only, if configured. Nothing in them names a person, a title or an address."""

from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from agendad.daemon.pass_report import PassReport
from agendad.daemon.store import Store
from agendad.rules.limits import State


class Metrics:
    """What is counted since the start, and what stands in the database when somebody asks."""

    def __init__(self, open_store: Callable[[], Store], account_names: Iterable[str]) -> None:
        """`open_store` opens the database anew, in the thread of who asks."""
        self.registry = CollectorRegistry()
        self._passes = Counter("agendad_passes", "Passes since the start.", ["result"], registry=self.registry)
        self._last = Gauge(
            "agendad_last_pass_timestamp_seconds", "When the last pass ended (Unix time).", registry=self.registry
        )
        self._seconds = Gauge("agendad_last_pass_seconds", "How long the last pass took.", registry=self.registry)
        self._account = Gauge(
            "agendad_account_ok", "1 where the last pass could read the account.", ["account"], registry=self.registry
        )
        self._actions = Counter(
            "agendad_actions", "Decisions since the start.", ["action", "state"], registry=self.registry
        )
        for name in account_names:
            self._account.labels(name)
        self.registry.register(_Standing(open_store))

    def count(self, report: PassReport, ended: datetime, seconds: float) -> None:
        """Take in a pass that ended at a time (aware) and took so long."""
        self._passes.labels("ok" if report.ok else "failed").inc()
        self._last.set(ended.timestamp())
        self._seconds.set(seconds)
        for account in report.accounts:
            self._account.labels(account.name).set(account.ok)
        for action in report.news:
            self._actions.labels(action.rung, action.state).inc()

    def serve(self, port: int) -> WSGIServer:
        """Answer on 127.0.0.1 until the server is shut down.

        Raises:
            OSError: the port is taken.
        """
        server, _thread = start_http_server(port, "127.0.0.1", registry=self.registry)
        return server


class _Standing(Collector):
    """The queue, from the database."""

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._open = open_store

    def collect(self) -> Iterable[GaugeMetricFamily]:
        family = GaugeMetricFamily("agendad_queue", "Actions that are not settled yet.", labels=["state"])
        with closing(self._open()) as store:
            counted = dict(store.connection.execute("SELECT state, count(*) FROM actions GROUP BY state"))
        for state in (State.PLANNED, State.PENDING, State.APPROVED, State.FAILED, State.UNKNOWN):
            family.add_metric([state], counted.get(state, 0))
        yield family
