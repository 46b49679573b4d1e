"""When something is to be done: timers that do nothing themselves, but put a wish into the inbox of the one who works.

The database has one thread that writes, and it is the service's main thread. So whatever comes late, or many times at
once, is one wish by the time it is taken up: nothing is done in a burst.
"""

import random
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.debug import DebugExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from agendad.daemon.clock import Clock, FixedClock
from agendad.daemon.context import Context
from agendad.daemon.delivery import next_slot
from agendad.daemon.pauses import Pauses
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store

_JITTER = 0.1
"""The part of the time between two readings by which it varies, so that many installations do not come together."""
_LONGEST_JITTER = timedelta(minutes=1)
_PULSE = 10.0
"""Seconds between two signs that the timers run."""
_SILENCE = 60.0
"""Seconds without one after which they are taken for dead."""
_FIRST_RETRY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that is to be done soon; two of them are one that asks for both."""

    everything: bool = False
    """A pass over all accounts."""
    accounts: frozenset[str] = frozenset()
    """A pass over these."""
    answers: bool = False
    """What the user approved or wants back."""
    settings: bool = False
    """See whether the configuration or the templates are others than before."""
    reload: bool = False
    """Read them anew, whether they are or not."""

    def __or__(self, other: "Wish") -> "Wish":
        return Wish(*(getattr(self, one.name) | getattr(other, one.name) for one in fields(Wish)))

    def __bool__(self) -> bool:
        return self != NOTHING

    def only(self, known: Iterable[str]) -> frozenset[str] | None:
        """The accounts that a pass is to be about; None for all of those known."""
        names = frozenset(known)
        return None if self.everything or self.answers or self.accounts >= names else self.accounts & names


NOTHING = Wish()
EVERYTHING = Wish(everything=True)


class Timers:
    """Puts wishes into an inbox at their times.

    Args:
        put: the inbox; it is called from another thread.
        clock: what the times are of. One that stands is no use here: then it is the machine's.
        make: makes what waits for the times.
        monotonic: seconds by a clock that nobody sets.
    """

    def __init__(
        self,
        put: Callable[[Wish], None],
        clock: Clock,
        make: Callable[[], Any] | None = None,  # APScheduler has no types
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._put, self._clock, self._monotonic = put, clock, monotonic
        self._make = make or _scheduler
        self._scheduler = self._make()
        self._pulse_at = monotonic()

    def start(self) -> None:
        """Begin, with nothing to wait for yet."""
        self._pulse_at = self._monotonic()
        self._every("pulse", timedelta(seconds=_PULSE), self._beat)
        self._scheduler.start()

    def stop(self) -> None:
        """End; nothing is put any more."""
        with suppress(SchedulerNotRunningError):
            self._scheduler.shutdown(wait=False)

    def restart(self) -> None:
        """Begin anew: after the clock was moved the old times may be hours away."""
        self.stop()
        self._scheduler = self._make()
        self.start()

    @property
    def alive(self) -> bool:
        """Whether they run. Ask at least every minute, in a process that was not asleep."""
        return self._monotonic() - self._pulse_at < _SILENCE

    def read_every(self, account: str, every: timedelta) -> None:
        """Read an account every so often from now on, a little sooner or later each time."""
        self._every(f"read {account}", every, self._put, Wish(accounts=frozenset({account})), jitter=True)

    def keep(self, accounts: Iterable[str]) -> None:
        """Read no others any more."""
        kept = {f"read {account}" for account in accounts}
        for job in self._scheduler.get_jobs():
            if job.id.startswith("read ") and job.id not in kept:
                self._remove(job.id)

    def at(self, name: str, when: datetime | None, wish: Wish) -> None:
        """Wish for something at a time (aware), in the place of what was wished under that name before; None: never."""
        if when is None:
            self._remove(name)
            return
        self._scheduler.add_job(
            self._put, DateTrigger(when, timezone=UTC), args=(wish,), id=name, replace_existing=True
        )

    def after(self, name: str, wait: timedelta | None, wish: Wish) -> None:
        """The same after a while."""
        self.at(name, None if wait is None else self._clock.now() + wait, wish)

    def _every(self, name: str, every: timedelta, do: Callable[..., None], *what: object, jitter: bool = False) -> None:
        spread = min(every * _JITTER, _LONGEST_JITTER) if jitter else timedelta(0)
        usual = every - spread / 2  # so that it is `every` on average
        begin = self._clock.now() + usual + spread * random.random()  # noqa: S311 - no secret
        trigger = IntervalTrigger(
            seconds=usual.total_seconds(), jitter=spread.total_seconds() or None, start_date=begin, timezone=UTC
        )
        self._scheduler.add_job(do, trigger, args=what, id=name, replace_existing=True)

    def _remove(self, name: str) -> None:
        with suppress(JobLookupError):
            self._scheduler.remove_job(name)

    def _beat(self) -> None:
        self._pulse_at = self._monotonic()


def _scheduler() -> BackgroundScheduler:
    """In memory: what is to be done is planned anew from the database at each start.

    However late a time is noticed, it still counts, once: a wish that comes late is for a pass, and a pass plans anew.
    """
    return BackgroundScheduler(
        timezone=UTC,
        executors={"default": DebugExecutor()},  # in its own thread: there is nothing but putting
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        daemon=True,
    )


def coming(context: Context, store: Store, now: datetime) -> dict[str, datetime | None]:
    """When the next of each kind is due (aware UTC): a step, a pause's end, a recipient's morning, the summary."""
    if isinstance(context.clock, FixedClock):  # nothing comes due on a clock that stands
        return {}
    sessions = SessionStore(store)
    return {
        "step": sessions.next_look(now),
        "morning": sessions.next_send(now),
        "end of a pause": Pauses(store).next_end(now),
        "summary": next_slot(context, now),
    }


def until_next(context: Context, store: Store) -> timedelta:
    """How long until the next pass: `sync.every`, or less where something comes due before."""
    now = context.clock.now()
    times = coming(context, store, now).values()
    return min([context.loaded.config.sync.every, *(at - now for at in times if at is not None)])


def retry_after(failures: int, every: timedelta) -> timedelta | None:
    """How long to wait for another try after so many in a row that failed; None where the next reading is as soon.

    >>> [str(retry_after(count, timedelta(minutes=5))) for count in range(5)]
    ['None', '0:01:00', '0:02:00', '0:04:00', 'None']
    """
    if not failures:
        return None
    wait = _FIRST_RETRY * 2.0 ** min(failures - 1, 20)
    return wait if wait < every else None
