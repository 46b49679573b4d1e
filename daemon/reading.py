"""Reading the accounts: those on servers beside each other, each in its own thread, so that none waits for another.

A thread only asks its server. What it was told is taken into the database by the one thread that may write there.
"""

import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue

from agendad.providers.base import CalendarProvider, Page, Window
from agendad.providers.errors import AccountUnavailable, CursorExpired

log = logging.getLogger(__name__)

_LONGEST = 240.0
"""Seconds that a pass waits for one account. It is left out of the pass then, and read by the next."""
_SLICE = 0.2


class _Worker:
    """The thread of one account. It stays, as its connections do; it ends with its provider, or the process."""

    def __init__(self, account: str) -> None:
        self.jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self.idle = threading.Event()
        self.idle.set()
        self.moved = time.monotonic()
        """When it last began something or was told something."""
        threading.Thread(target=self._work, name=f"account {account}", daemon=True).start()

    def begin(self, job: Callable[[], None]) -> bool:
        """Do a job, unless the last one is still being done."""
        if not self.idle.wait(1.0):
            return False
        self.idle.clear()
        self.moved = time.monotonic()
        self.jobs.put(job)
        return True

    def _work(self) -> None:
        while (job := self.jobs.get()) is not None:
            job()
            del job  # it knows the provider, which may be let go
            self.idle.set()


_workers: weakref.WeakKeyDictionary[CalendarProvider, _Worker] = weakref.WeakKeyDictionary()


def silence(providers: Iterable[CalendarProvider]) -> float:
    """Seconds for which the thread of one of these has been waiting for its server, without having heard anything."""
    now = time.monotonic()
    busy = (worker for one in providers if (worker := _workers.get(one)) is not None and not worker.idle.is_set())
    return max((now - worker.moved for worker in busy), default=0.0)


def _worker(provider: CalendarProvider) -> _Worker:
    if provider not in _workers:
        _workers[provider] = worker = _Worker(provider.account)
        weakref.finalize(provider, worker.jobs.put, None)
    return _workers[provider]


@dataclass(frozen=True, slots=True)
class Told:
    """What an account tells of one calendar."""

    name: str
    pages: Callable[[bool], Iterable[Page]]
    """Called with False, what is new since the cursor; with True all of it, where that raised CursorExpired."""


@dataclass(slots=True)
class Reading:
    """One account being read. `calendars` waits until all of it is there, where it is on a server."""

    provider: CalendarProvider
    cursors: Mapping[str, str | None]
    window: Window
    _told: list[Told] = field(default_factory=list)
    _error: Exception | None = None
    _events: int = 0
    """How many its thread was told so far."""
    _begun: bool = False
    _done: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> "Reading":
        if self.provider.remote:
            self._begun = _worker(self.provider).begin(self._collect)
        return self

    def calendars(
        self, stop: Callable[[], bool], seen: Callable[[int], object] = lambda _events: None
    ) -> Iterator[Told]:
        """What each calendar tells; `seen` is called with the number of events as they come.

        Raises:
            ProviderError: as `CalendarProvider.changes`.
        """
        if not self.provider.remote:
            for calendar in self.provider.calendars():
                yield self._watched(self._streamed(calendar), seen)
            return
        self._await(stop, seen)
        yield from self._told
        if self._error is not None:
            raise self._error

    @staticmethod
    def _watched(told: Told, seen: Callable[[int], object]) -> Told:
        def pages(anew: bool) -> Iterator[Page]:
            for page in told.pages(anew):
                seen(len(page.events))
                yield page

        return Told(told.name, pages)

    def _await(self, stop: Callable[[], bool], seen: Callable[[int], object]) -> None:
        until, shown = time.monotonic() + _LONGEST, 0
        while self._begun and not self._done.wait(_SLICE) and time.monotonic() < until and not stop():
            seen(self._events - shown)
            shown = self._events
        if not self._done.is_set():
            raise AccountUnavailable(
                f"The server of account {self.provider.account} is still answering.",
                not_done="Nothing of it was concluded.",
                next_step="The next pass goes on with it.",
            )

    def _collect(self) -> None:
        try:
            for calendar in self.provider.calendars():
                self._told.append(self._collected(calendar))
        except Exception as error:  # noqa: BLE001 - it is told by the thread that asked
            self._error = error
        finally:
            self._done.set()

    def _streamed(self, calendar: str) -> Told:
        return Told(
            calendar,
            lambda anew: self.provider.changes(calendar, None if anew else self.cursors.get(calendar), self.window),
        )

    def _collected(self, calendar: str) -> Told:
        told = self._streamed(calendar)
        try:
            pages = list(self._counted(told.pages(False)))
        except CursorExpired as expired:
            log.info("account %s, calendar %s: %s", self.provider.account, calendar, expired)
            pages = list(self._counted(told.pages(True)))
        return Told(calendar, lambda _anew: pages)

    def _counted(self, pages: Iterable[Page]) -> Iterator[Page]:
        for page in pages:
            if (worker := _workers.get(self.provider)) is not None:
                worker.moved = time.monotonic()
            self._events += len(page.events)
            yield page
