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


class Holds:
    """The holds of one installation. Call inside a transaction."""

    def __init__(self, sessions: SessionStore) -> None:
        self.sessions, self.sql = sessions, sessions.sql

    def before(self, now: datetime) -> dict[Calendar, dict[Key, bool]]:
        """For each calendar, whether its upcoming sessions lacked an agenda before this pass."""
        known: dict[Calendar, dict[Key, bool]] = {}
        for row in self.sessions.upcoming(now):
            known.setdefault((row.account, row.calendar), {})[row.key] = _lacks_agenda(row.verdict)
        return known

    def update(
        self,
        before: Mapping[Calendar, Mapping[Key, bool]],
        judged: Iterable[Judged],
        confirmed: frozenset[str],
    ) -> None:
        """Hold calendars whose sessions turned bad at once; let go of those that recovered."""
        now_bad = {one.row.key: any(finding.code in _BAD for finding in one.verdict.findings) for one in judged}
        for calendar, known in before.items():
            turned = [key for key, was_bad in known.items() if not was_bad and now_bad.get(key)]
            good = sum(not was_bad for was_bad in known.values())
            if too_many_turned_bad(good, len(turned)):
                self._set(calendar, turned)
        for calendar, keys in self._all():
            still = [key for key in keys if now_bad.get(key, True)]
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


def _lacks_agenda(verdict: Mapping[str, Any]) -> bool:  # JSON
    return any(finding["code"] in _BAD for finding in verdict["findings"])
