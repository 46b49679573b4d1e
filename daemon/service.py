"""Serving: a pass at once, then one whenever something is due, was changed or was answered, until SIGTERM or SIGINT.

One thread works and writes, and it is this one: timers, watches and signals only put wishes into its inbox.
"""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

from agendad.daemon import agenda_files, alarms, logs, sign_ins
from agendad.daemon.clock import Absence, FixedClock, SystemClock
from agendad.daemon.context import Context
from agendad.daemon.delivery import send_if_due, trouble
from agendad.daemon.digest import SETTINGS_TROUBLE
from agendad.daemon.journal import Journal
from agendad.daemon.notify import Notifier
from agendad.daemon.observing import Observing
from agendad.daemon.outbox import waits
from agendad.daemon.pass_report import AccountReport, PassReport
from agendad.daemon.passes import one_pass
from agendad.daemon.reading import silence
from agendad.daemon.reloading import Reloading
from agendad.daemon.scheduling import EVERYTHING, NOTHING, Timers, Wish, coming, retry_after, until_next
from agendad.daemon.signals import Overdue, heeded
from agendad.daemon.store import Store
from agendad.daemon.telling import Telling
from agendad.daemon.watching import AGENDAS, NOTES, SETTINGS, Settling, Touched, Watching
from agendad.rules.hours import say_moment
from agendad.rules.limits import State
from agendad.rules.policy import Mode
from agendad.rules.units import format_duration

log = logging.getLogger(__name__)

_STUCK = 900.0
"""Seconds without a word from a server after which its thread counts as hanging: no sign of life is given then."""
_FAULTS = 5
"""Passes in a row that may meet a fault of ours; after that a service manager may start the program anew."""
_WORDS = {Mode.OBSERVE: "observes", Mode.APPROVE: "asks before it acts", Mode.ACT: "acts"}

_until_next = until_next


class Inbox(Protocol):
    """Where wishes come from. The usual one is a SimpleQueue: a signal's handler may put while the same thread gets."""

    def put(self, item: Wish | Touched, /) -> None: ...

    def get(self, *, timeout: float | None) -> Wish | Touched: ...

    def empty(self) -> bool: ...


def serve(context: Context, store: Store, *, state_dir: Path | None = None) -> int:
    """Run passes until a signal comes; the action in hand is finished first. Returns the exit status.

    `state_dir` is the command line's, which no configuration changes.
    """
    service = Service(context, store, Reloading(context, state_dir), notifier=Notifier.from_environ(os.environ))
    with heeded(service.ask_to_stop, service.ask_to_reload):
        try:
            return service.run()
        except Overdue:
            service.telling.say(
                "stopped in the middle of something that did not end; the next start looks at what became of it"
            )
            return 0


class Service:
    """The loop. `look` is how often it sees what was answered, in seconds; `monotonic` tells seconds, never set."""

    def __init__(
        self,
        context: Context,
        store: Store,
        reloading: Reloading,
        *,
        notifier: Notifier | None = None,
        inbox: Inbox | None = None,
        timers: Callable[[Callable[[Wish], None]], Timers] | None = None,
        look: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.context, self.store, self.reloading = context, store, reloading
        self.notifier, self.look, self.monotonic = notifier or Notifier(), look, monotonic
        self.telling, self.settling, self.stop = Telling(), Settling(), threading.Event()
        self.inbox: Inbox = inbox or SimpleQueue[Wish | Touched]()
        ticking = SystemClock() if isinstance(context.clock, FixedClock) else context.clock
        self.timers = timers(self.inbox.put) if timers else Timers(self.inbox.put, ticking)
        self.watching = Watching(self.inbox.put, self.telling.say)
        self.observing = Observing(self.telling.say)
        self.absence = Absence(context.clock, monotonic, gap=30 * look)
        self.latest: dict[str, AccountReport] = {}
        self.failures = self.faults = self.version = 0

    # from signals

    def ask_to_stop(self) -> None:
        """Begin nothing more."""
        self.stop.set()
        self.notifier.stopping()
        self.inbox.put(NOTHING)

    def ask_to_reload(self) -> None:
        """Read the configuration anew, and open the accounts anew."""
        self.notifier.reloading()
        self.inbox.put(Wish(reload=True))

    # the loop

    def run(self) -> int:
        """Serve until asked to stop: 0. After several faults of ours in a row: 1."""
        logs.configure()
        _ = self.context.providers  # what cannot be opened is told to the one who starts it
        with suppress(sqlite3.OperationalError):  # told by the first pass
            self.store.remember(SETTINGS_TROUBLE, "")
        self.telling.say(f"{self._mode()}; state folder: {self.context.state_dir}; stop it with Ctrl-C")
        self.observing.follow(self.context)
        self.timers.start()
        self.watching.watch(self.reloading.watched())
        self.notifier.ready()
        wish = EVERYTHING | Wish(settings=True)  # they may have changed before they were watched
        try:
            while not self.stop.is_set() and self.faults < _FAULTS:
                self._do(wish)
                wish = self._wait()
        finally:
            self.timers.stop()
            self.watching.stop()
            self.observing.stop()
        if self.faults < _FAULTS:
            self.telling.say("stopped as asked; what was in hand is done, what comes due waits for the next start")
            return 0
        self.telling.say(f"{_FAULTS} passes in a row met a fault; agendad stops, for its manager to start it anew")
        return 1

    def _wait(self) -> Wish:
        """Until something is to be done."""
        self.absence.look()  # what passed since was work
        while not self.stop.is_set() and self.faults < _FAULTS:
            self._beat()
            wish = self._take(min(self.look, self.notifier.every or self.look))
            if moved := self.absence.look(waiting=True):
                self.absence.take_up()
                minutes = timedelta(minutes=max(1, round(abs(moved).total_seconds() / 60)))
                self.telling.say(
                    f"{format_duration(minutes)} went by in sleep, or the clock was set by as much. Nothing of what "
                    "came due is made up for; everything is read and planned anew."
                )
                self.timers.restart()
                wish |= EVERYTHING
            elif not self.timers.alive:
                log.warning("the timers stopped; they are started anew")
                self.timers.restart()
                wish |= EVERYTHING
            if wish or (wish := self._asked_by_others()):
                return wish
        return NOTHING

    def _take(self, timeout: float) -> Wish:
        """What has come in, after `timeout` seconds at most."""
        wish = NOTHING
        with suppress(Empty):
            timeout = min(timeout, self.settling.due_in(self.monotonic()))
            while True:
                item = self.inbox.get(timeout=timeout)
                if isinstance(item, Touched):
                    self.settling.touch(item.key, self.monotonic())
                else:
                    wish |= item
                if self.inbox.empty():
                    break
        touched = self.settling.ripe(self.monotonic())
        if AGENDAS in touched:
            wish |= Wish(accounts=self._with_changed_agendas())
        accounts = touched - {SETTINGS, NOTES, AGENDAS}
        return wish | Wish(settings=SETTINGS in touched, everything=NOTES in touched, accounts=accounts)

    def _with_changed_agendas(self) -> frozenset[str]:
        """The accounts whose sessions have an agenda file that changed."""
        folder, now = self.context.loaded.config.agendas, self.context.clock.now()
        if folder is None:
            return frozenset()
        try:
            return agenda_files.accounts_concerned(folder, self.context.policy, self.store, now)
        except sqlite3.OperationalError:  # told by the pass
            return frozenset(self.context.providers)

    def _asked_by_others(self) -> Wish:
        """What another command wrote into the database: an answer, or a pause that has an end."""
        try:
            (version,) = self.store.connection.execute("PRAGMA data_version").fetchone()
            if version == self.version:
                return NOTHING
            self.version = version
            self._plan_coming()
            return Wish(answers=True) if _answered(self.store) else NOTHING
        except sqlite3.OperationalError:  # told by the next pass
            return NOTHING

    def _must_stop(self) -> bool:
        """Whether no further action is to be begun: asked to stop, or what was decided was decided before a sleep."""
        return self.stop.is_set() or bool(self.absence.look())

    # what is to be done

    def _do(self, wish: Wish) -> None:
        self.watching.mend()
        if (wish.reload or (wish.settings and self.reloading.changed())) and self._reload(anew=wish.reload):
            wish |= EVERYTHING
        only = wish.only(self.context.providers)
        if only is None or only:
            self._pass(None if _known_to_be_answered(self.store) else only, decide=wish != Wish(answers=True))

    def _reload(self, *, anew: bool) -> bool:
        """Take the settings over. False where they cannot be used."""
        if not anew:
            self.notifier.reloading()
        outcome = self.reloading.look(anew=anew)
        for line in outcome.told:
            self.telling.say(line)
        with suppress(sqlite3.OperationalError):
            self.store.remember(SETTINGS_TROUBLE, outcome.trouble)
        self.watching.watch(self.reloading.watched())
        self.inbox.put(Wish(settings=True))  # they may have changed before they were watched
        if outcome.context is not None:
            before, self.context = self._mode(), outcome.context
            self.observing.follow(self.context)
            if self._mode() != before:
                self.telling.say(f"from now on {self._mode()}")
            self.latest = {name: one for name, one in self.latest.items() if name in self.context.providers}
        self.notifier.ready()
        self.notifier.status(self._status())
        return outcome.context is not None

    def _pass(self, only: frozenset[str] | None, *, decide: bool) -> None:
        read = frozenset(self.context.providers) if only is None else only
        self.notifier.status(f"reading {', '.join(sorted(read)) or 'nothing'}")
        failed = ""
        try:
            begun = self.monotonic()
            report = one_pass(
                self.context,
                self.store,
                stop=self._must_stop,
                decide_anew=decide,
                only=only,
                progress=self._progress,
                settles=timedelta(0) if isinstance(self.context.clock, FixedClock) else agenda_files.SETTLES,
            )
            self._follow_up(report)
            self.observing.passed(report, self.context.clock.now(), self.monotonic() - begun)
            self.faults = 0
        except Exception as error:  # noqa: BLE001 - a service goes on; `_broken_off` tells it
            failed = self._broken_off(error)
            self.observing.beat(ok=False)
        self.telling.news("pass", failed, "passes come to their end again")
        self._plan(read, failed=bool(failed))

    def _broken_off(self, error: Exception) -> str:
        """What to tell of a pass that did not come to its end."""
        later = "What was begun is looked at by the next one, which comes by itself."
        if _is_of_the_disk(error):
            place = self.context.state_dir
            return f"this pass was broken off: {error}. {later} See that the disk of {place} is not full, and writable."
        log.error("a pass", exc_info=error)
        self.faults += 1
        what = f"{type(error).__name__}: {error}"
        return f"this pass was broken off by a fault of agendad's ({what}). {later} Please report it with its log."

    def _follow_up(self, report: PassReport) -> None:
        """Tell what the pass brought."""
        self.telling.report(report)
        self.latest |= {one.name: one for one in report.accounts}
        if self._must_stop():
            return
        notes = self.context.sign_in_notes()
        sign_ins.tell(self.context, self.store, self.latest.values(), notes)
        alarms.tell(self.context, self.store, self.latest.values(), self.context.clock.now())
        send_if_due(self.context, self.store, self.context.clock.now())
        self.telling.mail(self.store)

    # what comes next

    def _plan(self, read: frozenset[str], *, failed: bool) -> None:
        """Set the timers from what is known now."""
        every = self.context.loaded.config.sync.every
        self.timers.keep(self.context.providers)
        for name in read:
            self.timers.read_every(name, every)
        failing = frozenset(name for name in self._unread() if not self.latest[name].sign_in)
        try:
            self._plan_coming()
            unsent = bool(trouble(self.store)) or waits(self.store)
        except sqlite3.OperationalError:
            failed, unsent = True, False
        retry = EVERYTHING if failed or unsent else Wish(accounts=failing)
        if not retry:
            self.failures = 0
            self.timers.at("retry", None, NOTHING)
        elif retry == EVERYTHING or failing & read:
            self.failures += 1
            self.timers.after("retry", retry_after(self.failures, every), retry)
        self.notifier.status(self._status())

    def _plan_coming(self) -> None:
        for name, when in coming(self.context, self.store, self.context.clock.now()).items():
            self.timers.at(name, when, EVERYTHING)

    def _unread(self) -> list[str]:
        """The accounts that could not be read."""
        return [name for name in self.context.providers if name in self.latest and not self.latest[name].ok]

    def _status(self) -> str:
        parts = [self._mode()]
        if self.reloading.trouble:
            parts.append("the configuration is broken, the one from before is in force")
        if unread := self._unread():
            parts.append(f"cannot read {', '.join(unread)}")
        with suppress(sqlite3.OperationalError):
            at = self.context.clock.now() + until_next(self.context, self.store)
            parts.append(f"looks again by {say_moment(self.context.policy.me, at)}")
        return "; ".join(parts)

    # signs of life

    @contextmanager
    def _progress(self, _what: str, _total: int | None) -> Iterator[Callable[[int], object]]:
        yield lambda amount: self._beat() if amount else None

    def _beat(self) -> None:
        """Tell that it is alive, while it really is: the timers run, and no server's thread has been hanging."""
        if self.notifier.every and self.timers.alive and silence(self.context.providers.values()) < _STUCK:
            self.notifier.beat()

    def _mode(self) -> str:
        return f"agendad {_WORDS[self.context.policy.mode]}"


def _is_of_the_disk(error: Exception) -> bool:
    """Whether an error is told by the machine, and no fault of ours: a full disk, one that is read-only, a lock."""
    if isinstance(error, sqlite3.OperationalError):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return bool(code & 0xFF != sqlite3.SQLITE_ERROR)
    return isinstance(error, OSError)


def _answered(store: Store) -> bool:
    journal = Journal(store)
    return bool(journal.in_state(State.APPROVED) or journal.wished())


def _known_to_be_answered(store: Store) -> bool:
    try:
        return _answered(store)
    except sqlite3.OperationalError:
        return False
