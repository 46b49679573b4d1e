"""Figures and signs of life of a running service, as its configuration has them; both are off by default."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIServer

from agendad.daemon.context import Context
from agendad.daemon.heartbeat import Heartbeat
from agendad.daemon.pass_report import PassReport
from agendad.daemon.store import Store

if TYPE_CHECKING:
    from agendad.daemon.metrics import Metrics


class Observing:
    """Follows the configuration: what is named in it is served and sent, and no longer once it is not."""

    def __init__(self, say: Callable[[str], object], environ: Mapping[str, str] = os.environ) -> None:
        """`say` tells the user a line."""
        self._say, self._environ = say, environ
        self._metrics: Metrics | None = None
        self._server: WSGIServer | None = None
        self._port: int | None = None
        self._heartbeat: Heartbeat | None = None

    def follow(self, context: Context) -> None:
        """Serve and send what this configuration names."""
        config = context.loaded.config
        self._follow_metrics(context, config.metrics.port if config.metrics else None)
        url = config.heartbeat.url if config.heartbeat else None
        if config.heartbeat and config.heartbeat.env:
            url = self._environ.get(config.heartbeat.env)
            if not url:
                self._say(
                    f"no sign of life is sent: the environment variable {config.heartbeat.env} of `heartbeat` is not "
                    "set. Set it for the service and start it anew."
                )
        self._heartbeat = Heartbeat(url) if url else None

    def _follow_metrics(self, context: Context, port: int | None) -> None:
        if port == self._port:
            return
        self.stop()
        if port is None:
            return
        from agendad.daemon.metrics import Metrics  # noqa: PLC0415 - for those who have somebody look at figures

        names = [account.name for account in context.loaded.config.accounts]
        self._metrics = Metrics(lambda: Store.open(context.state_dir), names)
        try:
            self._server = self._metrics.serve(port)
        except OSError as error:
            self._metrics = None
            self._say(
                f"no figures are served: 127.0.0.1:{port} cannot be used ({error.strerror}). All else goes on. Name "
                "another `metrics.port`."
            )
        self._port = port

    def passed(self, report: PassReport, ended: datetime, seconds: float) -> None:
        """Take in a pass that ended at a time (aware) and took so long."""
        if self._metrics:
            self._metrics.count(report, ended, seconds)
        self.beat(ok=report.ok)

    def beat(self, *, ok: bool) -> None:
        """Send a sign of life, or that something is wrong."""
        if self._heartbeat:
            self._heartbeat.beat(ok=ok)

    def stop(self) -> None:
        """Serve nothing any more."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
        self._server, self._metrics, self._port = None, None, None
