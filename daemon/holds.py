"""Calendars that are held back: when bodies seem to have vanished, nothing follows until the user confirms.

A permission lowered to free/busy, or a bad upgrade, makes good sessions look empty all at once.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from agendad.daemon.judging import Judged
from agendad.daemon.session_store import Key, SessionStore
from agendad.rules.limits import too_many_turned_bad

_BAD = frozenset({"agenda.missing", "agenda.placeholder"})
_ENOUGH = 3

Calendar = tuple[str, str]
"""(account, calendar id)."""


class Watch:
    """What becomes, in one pass, of the sessions that had an agenda before it."""

    def __init__(self, uids: frozenset[str], good: Mapping[Key, Calendar], held: frozenset[Key]) -> None:
        self.uids = uids
        self._good, self._held = good, held
        self.bad: dict[Key, bool] = {}
        """Whether a session that is watched lacks an agenda now."""

    def see(self, judged: Judged) -> None:
        """Take note of a session as it was judged now."""
        key = judged.row.key
        if key in self._good or key in self._held:
            self.bad[key] = any(finding.code in _BAD for finding in judged.verdict.findings)

    def good(self, calendar: Calendar) -> int:
        """How many of a calendar's watched sessions had an agenda."""
        return sum(where == calendar for where in self._good.values())

    def turned_bad(self) -> dict[Calendar, list[Key]]:
        """By calendar; those with too few to matter are left out."""
        turned: dict[Calendar, list[Key]] = {}
        for key, calendar in self._good.items():
            if self.bad.get(key):
                turned.setdefault(calendar, []).append(key)
        return {calendar: keys for calendar, keys in turned.items() if len(keys) >= _ENOUGH}


class Holds:
    """The holds of one installation. Call inside a transaction."""

    def __init__(self, sessions: SessionStore) -> None:
        self.sessions, self.sql = sessions, sessions.sql

    def watch(self, uids: Iterable[str], now: datetime) -> Watch:
        """Remember, before these UIDs are judged anew, which of their upcoming sessions had an agenda."""
        good = {row.key: (row.account, row.calendar) for row in self.sessions.of(uids, now) if not _lacks(row.verdict)}
        held = frozenset(key for _, keys in self._all() for key in keys)
        return Watch(frozenset(uids), good, held)

    def update(self, watch: Watch, now: datetime, confirmed: frozenset[str]) -> None:
        """Hold calendars whose sessions turned bad at once; let go of those that recovered."""
        for calendar, turned in watch.turned_bad().items():
            others = (row for row in self.sessions.upcoming(now) if (row.account, row.calendar) == calendar)
            good = watch.good(calendar) + sum(not _lacks(row.verdict) for row in others if row.key[0] not in watch.uids)
            if too_many_turned_bad(good, len(turned)):
                self._set(calendar, turned)
        for calendar, keys in self._all():
            still = [key for key in keys if watch.bad.get(key, True)]
            if calendar[0] in confirmed or len(still) < _ENOUGH:
                self._set(calendar, [])

    def held(self) -> dict[Calendar, int]:
        """The calendars that are held back, with the number of sessions that turned bad."""
        return {calendar: len(keys) for calendar, keys in self._all()}

    def _set(self, calendar: Calendar, keys: list[Key]) -> None:
        self.sql.execute(
            "UPDATE calendars SET hold = ? WHERE account = ? AND calendar = ?",
            (json.dumps(keys) if keys else "", *calendar),
        )

    def _all(self) -> list[tuple[Calendar, list[Key]]]:
        rows = self.sql.execute("SELECT account, calendar, hold FROM calendars WHERE hold <> ''").fetchall()
        return [
            ((account, calendar), [(uid, recurrence_id) for uid, recurrence_id in json.loads(hold)])
            for account, calendar, hold in rows
        ]


def _lacks(verdict: Mapping[str, Any]) -> bool:  # JSON
    return any(finding["code"] in _BAD for finding in verdict["findings"])
