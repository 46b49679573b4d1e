"""How a server is asked: not too often, again after a while when it is busy, and never twice for one write.

Every provider on a network asks through this. What a vendor's answer means is said by the vendor's own module, in
three words: `Throttled` (nothing was done, ask later), `Unsure` (nobody knows whether it was done), or one of
`agendad.providers.errors`, which is final.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil, isfinite
from typing import TypeVar

T = TypeVar("T")

_MINUTE = 60.0


class Throttled(Exception):
    """The server did nothing and wants to be asked later, `after` seconds if it says so."""

    def __init__(self, happened: str, after: float | None = None, *, for_now: bool = False) -> None:
        super().__init__(happened)
        self.happened, self.after = happened, after
        self.for_now = for_now
        """A quota is used up: asking again within minutes is no use."""


class Unsure(Exception):
    """The answer got lost, or was none that can be read: a request may have been carried out or not."""

    def __init__(self, happened: str, after: float | None = None, *, again: bool = True) -> None:
        super().__init__(happened)
        self.happened, self.after = happened, after
        self.again = again
        """Asking the same again within minutes may help."""


class Conflict(Exception):
    """What is written to is not what it was: the condition of the write (If-Match) does not hold."""


@dataclass(kw_only=True)
class Pace:
    """How patiently one account is asked. Seconds are of the machine's monotonic clock, which nobody sets.

    Used by one thread at a time.
    """

    service: str
    """The vendor, for messages."""
    patience: float = 60.0
    """Seconds that one request may wait, all its repetitions together."""
    tries: int = 5
    first_wait: float = 1.0
    longest_wait: float = 32.0
    quota_rest: float = 1800.0
    """Seconds of rest after a quota that is used up, where the server names none."""
    longest_rest: float = 86_400.0
    """Seconds of rest at most: a server may name any number."""
    requests_a_minute: int = 300
    """Half of what Google and Microsoft give one user: the rest is the user's own programs'."""
    writes_a_minute: int = 30
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random  # spreads clients out; no secret
    _asked: deque[float] = field(default_factory=deque)
    _wrote: deque[float] = field(default_factory=deque)
    _rests_until: float = 0.0

    def persist(self, ask: Callable[[], T], *, writes: bool = False) -> T:
        """Ask until there is an answer, waiting as the server says and else longer each time, with jitter.

        A write is asked again only where the server said that it did nothing.

        Raises:
            Throttled: patience ran out, or a rest is in force; nothing was done.
            Unsure: no answer that can be read, at the first time for a write.
        """
        waited = 0.0
        for turn in range(1, self.tries + 1):
            self._admit(writes=writes)
            try:
                return ask()
            except Throttled as error:
                wait = self._wait(turn, error.after)
                if error.for_now or turn == self.tries or waited + wait > self.patience:
                    self._rest(error, self.quota_rest if error.for_now and error.after is None else wait)
                    raise
            except Unsure as error:
                if writes or not error.again:
                    raise
                wait = self._wait(turn, error.after)
                if turn == self.tries or waited + wait > self.patience:
                    if error.after is not None:
                        self._rest(error, wait)
                    raise
            self.sleep(wait)
            waited += wait
        raise AssertionError("a pace has at least one try")

    def check_write(self) -> None:
        """Whether a write may begin now: before anything is written down about it.

        Raises:
            Throttled: a rest is in force, or as many writes were made within a minute as may be.
        """
        self._check_rest()
        if (left := self._until_free(self._wrote, self.writes_a_minute)) > 0:
            raise Throttled(f"As many changes were made within a minute as {self.service} is to be asked for.", left)

    def pause(self, turn: int, error: Unsure) -> None:
        """Wait as before a further try.

        Raises:
            Unsure: the same, where the server asks for more than patience; it is left alone for that long.
        """
        wait = self._wait(turn, error.after)
        if wait > self.patience:
            self._rest(error, wait)
            raise error
        self.sleep(wait)

    def _wait(self, turn: int, after: float | None) -> float:
        """What the server asks for, else 1, 2, 4, … seconds; plus jitter, so that clients do not come back together."""
        if after is not None:
            return after + self.chance() * min(1.0, 0.1 + after / 10)
        return min(self.longest_wait, self.first_wait * 2.0 ** (turn - 1)) * (0.5 + self.chance() / 2)

    def _admit(self, *, writes: bool) -> None:
        self._check_rest()
        if (left := self._until_free(self._asked, self.requests_a_minute)) > 0:
            self.sleep(left)
        now = self.clock()
        self._asked.append(now)
        if writes:
            self._wrote.append(now)

    def _until_free(self, times: deque[float], limit: int) -> float:
        """Seconds until one more fits into the last minute."""
        now = self.clock()
        while times and times[0] <= now - _MINUTE:
            times.popleft()
        return times[-limit] + _MINUTE - now if len(times) >= limit else 0.0

    def _rest(self, error: Throttled | Unsure, wait: float) -> None:
        """Send nothing for so long; the error tells it."""
        error.after = min(wait, self.longest_rest)
        self._rests_until = max(self._rests_until, self.clock() + error.after)

    def _check_rest(self) -> None:
        if (left := self._rests_until - self.clock()) > 0:
            raise Throttled(f"{self.service} asked to be left alone for a while.", left)


def carried_out(
    pace: Pace,
    write: Callable[[], T],
    read: Callable[[], T],
    *,
    shows: Callable[[T], bool],
    untouched: Callable[[T], bool],
) -> T | None:
    """Make a conditional write once, whatever becomes of its answer: an answer that got lost is looked for by reading.

    Args:
        pace: of the account.
        write: sends the request once, on condition that what is written to did not change (If-Match).
        read: what is written to, as it stands; with patience of its own.
        shows: whether what was read has the write.
        untouched: whether it is as it was before, so that the condition still holds and the write may be sent again.

    Returns:
        What the server answered, or what was read in its place; None where somebody else changed it before.

    Raises:
        Throttled: nothing was done.
        Unsure: it was sent, and nobody knows what became of it.
    """
    last: Unsure | None = None
    for turn in range(1, 3):
        try:
            return pace.persist(write, writes=True)
        except Conflict:  # also where a client library has sent the same request once more by itself
            last = None
        except Unsure as error:
            last = error
            pace.pause(turn, error)
        except Throttled as error:
            if last is not None:  # the first request may still be on its way
                raise last from error
            raise
        found = read()
        if shows(found):
            return found
        if last is None or not untouched(found):
            return None
    raise last or AssertionError("a write was tried")


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait by Retry-After (RFC 9110 §10.2.3): a number, also a fractional one, or an HTTP date.

    Args:
        headers: of the answer, names in lower case.
        now: aware; the answer's own Date is taken first, as both are by the server's clock.

    >>> retry_after({"retry-after": "1.5"}), retry_after({}), retry_after({"retry-after": "soon"})
    (1.5, None, None)
    """
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        told, base = http_date(value), http_date(headers.get("date", "")) or now
        if told is None or base is None:
            return None
        seconds = (told - base).total_seconds()
    return max(0.0, seconds) if isfinite(seconds) else None


def http_date(value: str) -> datetime | None:
    """An HTTP date (RFC 9110 §5.6.7) as aware UTC; None if it is none.

    >>> http_date("Mon, 30 Nov 2026 14:00:00 GMT").isoformat()
    '2026-11-30T14:00:00+00:00'
    """
    try:
        told = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)


def in_words(seconds: float) -> str:
    """A wait for a person, rounded up.

    >>> in_words(4), in_words(90), in_words(4000)
    ('a few seconds', '2 minutes', '2 hours')
    """
    if seconds < 10:
        return "a few seconds"
    if seconds < _MINUTE:
        return f"{ceil(seconds / 10) * 10} seconds"
    unit, size = ("minute", _MINUTE) if seconds <= 59 * _MINUTE else ("hour", 60 * _MINUTE)
    count = ceil(seconds / size)
    return f"{count} {unit}{'s' * (count != 1)}"
