"""When the other people of sessions to come are taken, from the accounts that can see it.

Asked at most once an hour and account, for the people of declared pairs that meet within two weeks. What an account
answered stays until it is asked again; where it cannot be asked nothing is known, and nothing is concluded.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from agendad.daemon.calendar_store import CalendarStore, decode
from agendad.daemon.store import Store, stamp, unstamp
from agendad.providers.base import CalendarProvider, Window
from agendad.providers.errors import ProviderError
from agendad.providers.model import Event
from agendad.rules.base import Taken, Version
from agendad.rules.detect import detect
from agendad.rules.policy import Person, Policy
from agendad.rules.taken import Slot, others_taken

log = logging.getLogger(__name__)

AHEAD = timedelta(days=14)
"""Sessions that start within this time are looked after."""
EVERY = timedelta(hours=1)
_GOOD_FOR = 2 * EVERY
_ASKED = "free/busy "
"""Before an account's name: when it was asked last, successfully or not."""

Answer = Mapping[str, Collection[Slot]]
"""Address → when that calendar is taken; nothing of whom that cannot be seen."""


class FreeBusyStore:
    """What was answered. Writes belong inside a transaction."""

    def __init__(self, store: Store) -> None:
        self.store, self.sql = store, store.connection

    def asked_at(self, account: str) -> datetime | None:
        """When an account was asked last (aware UTC)."""
        at = self.store.remembered(_ASKED + account)
        return unstamp(at) if at else None

    def known(self, account: str) -> dict[str, set[Slot]]:
        """What an account answered."""
        found: dict[str, set[Slot]] = {}
        rows = self.sql.execute("SELECT email, start_at, end_at FROM others_taken WHERE account = ?", (account,))
        for email, start, end in rows:
            found.setdefault(email, set()).add((unstamp(start), unstamp(end)))
        return found

    def put(self, account: str, answer: Answer, now: datetime) -> dict[str, set[Slot]]:
        """Keep an answer in the place of the last one. Returns what is not as it was, by address."""
        before = self.known(account)
        self.store.remember(_ASKED + account, stamp(now))
        self.sql.execute("DELETE FROM others_taken WHERE account = ?", (account,))
        self.sql.executemany(
            "INSERT OR IGNORE INTO others_taken VALUES (?, ?, ?, ?)",
            [(account, email, stamp(start), stamp(end)) for email, slots in answer.items() for start, end in slots],
        )
        after = self.known(account)
        changed = {email: before.get(email, set()) ^ after.get(email, set()) for email in before.keys() | after.keys()}
        return {email: slots for email, slots in changed.items() if slots}

    def forget_others(self, accounts: Collection[str]) -> None:
        """Drop what accounts answered that are not in the configuration any more."""
        for (account,) in self.sql.execute("SELECT DISTINCT account FROM others_taken").fetchall():
            if account not in accounts:
                self.sql.execute("DELETE FROM others_taken WHERE account = ?", (account,))

    def taken(self, event: Event, versions: Sequence[Version], person: Person, now: datetime) -> tuple[Taken, ...]:
        """When a person is certainly taken by something else at the time of a session, as far as is known at `now`.

        Each calendar is judged by itself, as two answers may show the same meeting differently. An answer that is
        older than the present time of the session may still show the session itself where it was, and is not used.
        """
        start, end = event.start.instant, event.end.instant
        if start is None or end is None:
            return ()
        rows = self.sql.execute(
            f"SELECT account, email, start_at, end_at FROM others_taken WHERE end_at > ? AND start_at < ? "  # noqa: S608
            f"AND email IN ({', '.join('?' * len(person.emails))})",  # - question marks
            (stamp(start), stamp(end), *person.emails),
        )
        calendars: dict[tuple[str, str], list[Slot]] = {}
        for account, email, begins, ends in rows:
            calendars.setdefault((account, email), []).append((unstamp(begins), unstamp(ends)))
        since = _at_this_time_since(versions)
        earlier = {(one.start, one.end) for one in versions if one.start and one.end} - {(start, end)}
        found: set[Taken] = set()
        for (account, _), blocks in calendars.items():
            asked = self.asked_at(account)
            if asked is None or now - asked > _GOOD_FOR or (since is not None and asked < since):
                continue
            if asked <= start and end <= asked + AHEAD:  # what is taken is cut off at the ends of what was asked for
                found.update(others_taken(event, blocks, earlier))
        return tuple(sorted(found, key=lambda one: (one.start, one.end)))


def _at_this_time_since(versions: Sequence[Version]) -> datetime | None:
    """When the session was first seen at the time that it has now; None where it never was at another."""
    moved = [after.seen_at for before, after in pairwise(versions) if _time(before) != _time(after)]
    return moved[-1] if moved else None


def _time(version: Version) -> tuple[datetime | None, datetime | None]:
    return version.start, version.end


def look(
    store: Store,
    policy: Policy,
    providers: Iterable[CalendarProvider],
    now: datetime,
    *,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Ask the accounts that are due, and have the sessions judged again whose picture has changed.

    Args:
        store: no transaction is open.
        policy: says who is in a declared pair.
        providers: those that were just read, and answered.
        now: aware UTC.
        stop: ends it early.
    """
    answers = FreeBusyStore(store)
    calendars = CalendarStore(store)
    due = [one for one in providers if _sees(one, calendars) and _is_due(answers.asked_at(one.account), now)]
    people = _people_to_meet(store, policy, now) if due else ()
    for provider in due if people else ():
        if stop():
            return
        before = answers.asked_at(provider.account)
        answer = _ask(provider, people, now)
        with store.transaction():
            changed = answers.put(provider.account, answer, now)
            calendars.to_judge(_concerned(store, policy, changed, answer, before))


def _ask(provider: CalendarProvider, people: Sequence[str], now: datetime) -> Answer:
    """What an account says; nothing where it cannot, as everything but conflicts can be judged without."""
    try:
        return provider.free_busy(people, Window(now, now + AHEAD))
    except ProviderError as error:
        log.info("account %s: nobody's free/busy is known for now: %s", provider.account, error)
    except Exception:
        log.exception("account %s: a fault while asking for free/busy; nothing is concluded from it", provider.account)
    return {}


def _is_due(asked: datetime | None, now: datetime) -> bool:
    """Also when the clock was set back."""
    return asked is None or not asked <= now < asked + EVERY


def _sees(provider: CalendarProvider, calendars: CalendarStore) -> bool:
    return any(_sees_from(provider, calendar) for calendar in calendars.cursors(provider.account))


def _sees_from(provider: CalendarProvider, calendar: str) -> bool:
    try:
        return provider.capabilities(calendar).can_see_free_busy
    except ProviderError:  # one that was read before, and is not in the configuration any more
        return False


def _people_to_meet(store: Store, policy: Policy, now: datetime) -> tuple[str, ...]:
    """The addresses of the declared others of sessions that start soon, known ones and such as were just read."""
    soon = (stamp(now), stamp(now + AHEAD))
    names = {
        name
        for (name,) in store.connection.execute(
            "SELECT DISTINCT mentorship FROM sessions WHERE mentorship IS NOT NULL AND end_at > ? AND start_at < ?",
            soon,
        )
    }
    rows = store.connection.execute(
        "SELECT payload FROM events JOIN unjudged USING (uid) WHERE end_at > ? AND start_at < ?", soon
    )
    for (payload,) in rows:
        if len(names) == len(policy.mentorships):
            break
        pair = detect(decode(payload), policy).mentorship
        if pair is not None:
            names.add(pair.name)
    others = [pair.other for pair in policy.mentorships if pair.name in names]
    return tuple(dict.fromkeys(email for other in others for email in other.emails))


def _concerned(
    store: Store,
    policy: Policy,
    changed: Mapping[str, Collection[Slot]],
    seen: Collection[str],
    since: datetime | None,
) -> frozenset[str]:
    """UIDs of sessions at a time that has changed, and of those of people seen that have changed themselves since."""
    uids: set[str] = set()
    for pair in policy.mentorships:
        slots = [slot for email in pair.other.emails for slot in changed.get(email, ())]
        is_seen = not set(seen).isdisjoint(pair.other.emails)
        rows = store.connection.execute(
            "SELECT uid, start_at, end_at, "
            "EXISTS (SELECT 1 FROM events WHERE events.uid = sessions.uid AND seen_at > ?) "
            "FROM sessions WHERE mentorship = ?",
            (stamp(since) if since else "", pair.name),
        )
        for uid, start, end, is_new in rows:
            overlaps = any(stamp(slot[0]) < end and stamp(slot[1]) > start for slot in slots)
            if overlaps or (is_seen and is_new):
                uids.add(uid)
    return frozenset(uids)
