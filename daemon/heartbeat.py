"""A sign of life to a monitoring service (healthchecks.io and its like): asked for after each pass, if configured.

A pass that went well asks for the URL itself, one that did not for URL/fail, as those services have it.
"""

import logging
import threading

log = logging.getLogger(__name__)

_TIMEOUT = 10.0


class Heartbeat:
    """Signs of life, one at a time, beside whatever else is done; a monitor that does not answer holds nothing up."""

    def __init__(self, url: str) -> None:
        """`url`: https, or http to loopback; it is as good as a password and never told."""
        self._url = url.rstrip("/")
        self._busy = threading.Lock()

    def beat(self, *, ok: bool) -> None:
        """Send one, unless the last is still on its way."""
        if self._busy.acquire(blocking=False):
            threading.Thread(target=self._send, args=(ok,), name="heartbeat", daemon=True).start()

    def _send(self, ok: bool) -> None:
        import httpx  # noqa: PLC0415 - most installations send none

        try:
            url = self._url if ok else f"{self._url}/fail"
            with httpx.stream("GET", url, timeout=_TIMEOUT, follow_redirects=False) as answer:  # its body is of no use
                answer.raise_for_status()
        except httpx.HTTPStatusError as error:
            log.warning("the heartbeat was answered with status %s", error.response.status_code)
        except httpx.HTTPError as error:
            log.warning("the heartbeat did not arrive: %s", type(error).__name__)
        finally:
            self._busy.release()
