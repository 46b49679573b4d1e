"""What would have been done last month: a month's passes once more over calendars as they are now, in memory."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from agendad.daemon.calendar_store import sortable
from agendad.daemon.clock import Clock, FixedClock
from agendad.daemon.context import Context
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.passes import means_of
from agendad.daemon.pipeline import Pipeline
from agendad.daemon.progress import Progress, silent
from agendad.daemon.reading import Reading
from agendad.daemon.session_store import Key, SessionStore
from agendad.daemon.store import Store, stamp, unstamp
from agendad.daemon.wording import Wording
from agendad.providers.base import Applied, CalendarProvider, Capabilities, Change, Page, Undo, Window
from agendad.providers.errors import EventNotFound, ProviderError, ReadOnly
from agendad.providers.model import Event
from agendad.rules.limits import State
from agendad.rules.policy import Mode, Policy

SPAN = timedelta(days=30)
_TICK = timedelta(days=1)
"""The longest time between two looks."""
_SOON = timedelta(hours=3)
"""The same while something is due that has to wait, as for another day's limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A step that would have been taken. `at` is aware UTC."""

    rung: str
    effect: str
    reason: str
    to: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSession:
    """A session of last month as it was judged last before its start, aware UTC."""

    title: str
    start: datetime
    mentorship: str | None
    people: tuple[str, ...]
    """The others' addresses."""
    findings: tuple[str, ...]
    """Codes."""
    done: tuple[Done, ...]

    @property
    def lacks_agenda(self) -> bool:
        return any(code.startswith("agenda.") for code in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What would have happened from `since` to `until`, aware UTC."""

    since: datetime
    until: datetime
    sessions: tuple[PastSession, ...]
    events: int
    """Of all kinds, in the same time."""
    to_come: int
    """Sessions that are still ahead."""
    failed: Mapping[str, str]
    """Accounts that could not be read, with why."""

    @property
    def declared(self) -> tuple[PastSession, ...]:
        return tuple(session for session in self.sessions if session.mentorship is not None)

    @property
    def undeclared(self) -> Counter[str]:
        """By address, how many sessions there were with somebody who is in no declared pair."""
        return Counter(one.people[0] for one in self.sessions if one.mentorship is None and one.people)

    def as_json(self) -> dict[str, Any]:  # JSON
        return {
            "since": stamp(self.since),
            "until": stamp(self.until),
            "events": self.events,
            "to_come": self.to_come,
            "failed": dict(self.failed),
            "sessions": [
                {
                    "title": one.title,
                    "start": stamp(one.start),
                    "mentorship": one.mentorship,
                    "people": list(one.people),
                    "findings": list(one.findings),
                    "would": [
                        {
                            "action": did.rung,
                            "effect": did.effect,
                            "reason": did.reason,
                            "to": list(did.to),
                            "at": stamp(did.at),
                        }
                        for did in one.done
                    ],
                }
                for one in self.sessions
            ],
        }


def look_back(context: Context, *, progress: Progress = silent) -> Month:
    """Read every account, and go through the last 30 days as if each day were today. Nothing is kept or changed.

    An event counts from the day that it was made on, where its calendar says so; what people wrote into it later
    counts from the beginning, as nobody remembers when they did.
    """
    now = context.clock.now()
    since = now - SPAN
    start = since - _longest_ladder(context.policy) - _TICK
    sync = context.loaded.config.sync
    window = Window(start - sync.lookback, now + sync.horizon)
    read, failed = _read(context, window, progress)
    policy = replace(
        context.policy,
        mode=Mode.OBSERVE,
        mentorships=tuple(replace(pair, mode=None) for pair in context.policy.mentorships),
    )
    with closing(Store.in_memory()) as store:
        verdicts = _live_through(context, policy, store, read, (start, now))
        actions = [one for one in Journal(store).actions(start) if one.state is State.WOULD]
        to_come = len(SessionStore(store).upcoming(now))
    events = [event for _, found in read for event in found]
    return Month(
        since=since,
        until=now,
        sessions=tuple(_sessions(verdicts, actions, policy, since, now)),
        events=len({one.key for one in events if since <= sortable(one.start) < now}),
        to_come=to_come,
        failed=failed,
    )


def _longest_ladder(policy: Policy) -> timedelta:
    return max((step.before for options in policy.rules.values() for step in options.ladder), default=timedelta())


_Read = Sequence[tuple[CalendarProvider, Sequence[Event]]]


def _read(context: Context, window: Window, progress: Progress) -> tuple[_Read, dict[str, str]]:
    """What each account tells of the window; those on servers are asked beside each other."""
    readings = {name: Reading(one, {}, window).begin() for name, one in context.providers.items()}
    read: list[tuple[CalendarProvider, list[Event]]] = []
    failed: dict[str, str] = {}
    for name, reading in readings.items():
        events: list[Event] = []
        try:
            with progress(f"reading {name}", None) as seen:
                for told in reading.calendars(lambda: False, seen):
                    events += [event for page in told.pages(True) for event in page.events]
        except ProviderError as error:
            failed[name] = str(error)
            continue
        read.append((reading.provider, events))
    return read, failed


def _live_through(
    context: Context, policy: Policy, store: Store, read: _Read, span: tuple[datetime, datetime]
) -> dict[Key, Mapping[str, Any]]:
    """Pass after pass, as a service has them; returns the last verdict on each session before it was over."""
    start, end = span
    clock = FixedClock(start)
    remembered = [_Remembered(provider, events, clock) for provider, events in read]
    pipeline = Pipeline(
        policy=policy,
        sync=context.loaded.config.sync,
        store=store,
        clock=clock,
        providers={provider.account: provider for provider in remembered},
        wording=Wording(policy, context.templates, store),
        means=means_of(context),
    )
    sessions, verdicts = SessionStore(store), dict[Key, Mapping[str, Any]]()
    while True:
        waits = any(action.state is State.SKIPPED for action in pipeline.run().actions)
        now = clock.now()
        rows = sessions.upcoming(now)
        verdicts |= {row.key: row.verdict for row in rows}
        if now >= end:
            return verdicts
        times = [sessions.next_look(now), *(provider.next_news() for provider in remembered)]
        times += [at for row in rows for step in row.verdict["plan"] if (at := unstamp(step["sends"])) > now]
        latest = now + (_SOON if waits else _TICK)
        clock.move(min([latest, end, *(time for time in times if time is not None)]) - now)


def _sessions(
    verdicts: Mapping[Key, Mapping[str, Any]],
    actions: Iterable[ActionRow],
    policy: Policy,
    since: datetime,
    until: datetime,
) -> Iterator[PastSession]:
    done: dict[Key, list[Done]] = {}
    for one in actions:
        step = Done(rung=one.rung, effect=one.effect, reason=one.reason, to=one.to, at=one.decided_at)
        done.setdefault(one.key, []).append(step)
    for key, shape in sorted(verdicts.items(), key=lambda item: (item[1]["start"] or "", item[0])):
        start = unstamp(shape["start"]) if shape["start"] else None
        if start is None or not since <= start < until:
            continue
        yield PastSession(
            title=shape["title"],
            start=start,
            mentorship=shape["mentorship"],
            people=tuple(email for email in shape["people"] if not policy.me.has(email)),
            findings=tuple(finding["code"] for finding in shape["findings"]),
            done=tuple(done.get(key, ())),
        )


class _Remembered(CalendarProvider):
    """An account as it was read, told to those who ask at some time in the past."""

    def __init__(self, original: CalendarProvider, events: Iterable[Event], clock: Clock) -> None:
        super().__init__(original.account)
        self._original, self._clock = original, clock
        self._events = [(event, _made(event)) for event in events]
        self._told: set[tuple[str, str]] = set()

    def calendars(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(event.calendar for event, _ in self._events))

    def changes(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        """What has come into the window, or was made, since the last time."""
        now = self._clock.now()
        new = tuple(
            event
            for event, made in self._events
            if event.calendar == calendar
            and (made is None or made <= now)
            and (calendar, event.id) not in self._told
            and sortable(event.start) < window.end
            and sortable(event.end) > window.start
        )
        self._told |= {(calendar, event.id) for event in new}
        yield Page(events=new, full=cursor is None, cursor=stamp(now))

    def next_news(self) -> datetime | None:
        """When the next event was made."""
        now = self._clock.now()
        return min((made for _, made in self._events if made is not None and made > now), default=None)

    def get(self, event: Event) -> Event:
        raise EventNotFound(f"{event.title!r} is only looked back on.")

    def capabilities(self, calendar: str) -> Capabilities:
        return self._original.capabilities(calendar)

    def _apply(
        self,
        event: Event,
        change: Change,  # noqa: ARG002 - nothing is ever written
        *,
        notify: bool,  # noqa: ARG002
        before_writing: Callable[[Undo | None], None],  # noqa: ARG002
    ) -> Applied:
        raise ReadOnly(f"{event.title!r} is only looked back on.")


def _made(event: Event) -> datetime | None:
    """When an event was made; None where that is not known, as in an export, which says when it was exported."""
    return event.created if event.created is not None and event.created < sortable(event.start) else None
