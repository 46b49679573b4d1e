"""What the service tells the manager that started it, by systemd's protocol (sd_notify(3)); elsewhere it tells nobody.

Telling never fails: a manager that does not listen is no reason to stop.
"""

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

_PATIENCE = 1.0
"""Seconds to wait for a manager whose socket is full."""


class Notifier:
    """Tells a manager at `address` (a path, or @name for Linux's abstract sockets); "" tells nobody.

    Args:
        address: what $NOTIFY_SOCKET says.
        watchdog: seconds after which the manager takes silence for death; None if it does not watch.
        monotonic: seconds by a clock that nobody sets.
    """

    def __init__(
        self, address: str = "", watchdog: float | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.every = watchdog / 2 if address and watchdog else None
        """Seconds between two signs of life; None where nobody waits for them."""
        self._monotonic = monotonic
        self._beat_at = float("-inf")
        self._status = ""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Notifier":
        """The manager of this process, as its environment names it.

        A watchdog that is meant for another process ($WATCHDOG_PID) is not fed from here.
        """
        address = environ.get("NOTIFY_SOCKET", "")
        usable = hasattr(socket, "AF_UNIX") and len(address) > 1 and address[0] in "/@"
        return cls(address if usable else "", _watchdog(environ))

    def ready(self) -> None:
        """It has started, or has read its configuration anew."""
        self._tell("READY=1")

    def reloading(self) -> None:
        """It reads its configuration anew; `ready` follows."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def status(self, text: str) -> None:
        """What it is doing, in a few words, for `systemctl status`."""
        line = " ".join(text.split())
        if line != self._status:
            self._status = line
            self._tell(f"STATUS={line}")

    def beat(self) -> None:
        """A sign of life; call it as often as there is one, it is passed on at half of the manager's patience."""
        now = self._monotonic()
        if self.every is not None and now - self._beat_at >= self.every * 0.9:
            self._beat_at = now
            self._tell("WATCHDOG=1")

    def _tell(self, *lines: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.settimeout(_PATIENCE)
            out.sendto("\n".join(lines).encode(), self._address)


def _watchdog(environ: Mapping[str, str]) -> float | None:
    meant_for = environ.get("WATCHDOG_PID", "")
    microseconds = environ.get("WATCHDOG_USEC", "")
    if (meant_for and meant_for != str(os.getpid())) or not microseconds.isdecimal():
        return None
    return int(microseconds) / 1e6 or None
