"""What is known of each session's agenda file: read once a pass, matched with the sessions, beside what was done."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from agendad.daemon import agenda_files
from agendad.daemon.agenda_files import Shelf
from agendad.daemon.journal import Journal
from agendad.providers.model import Event
from agendad.rules import agenda_file
from agendad.rules.agenda_file import FileAgenda, Matched, Place
from agendad.rules.base import Detection
from agendad.rules.policy import Policy
from agendad.rules.relationship import Relationship
from agendad.rules.roles import Effect

_BASE = "agenda base "
"""Before a session's name: the last write, and a digest of what its invite said when it was in step after that."""


class SessionFiles:
    """What is known of each session's agenda file. Call inside a transaction."""

    def __init__(
        self,
        journal: Journal,
        agendas: Callable[[datetime], Shelf] | None,
        silent: Callable[[str, str], bool],
    ) -> None:
        self.journal, self.agendas, self.silent = journal, agendas, silent
        self._shelf = Shelf()
        self._matched: dict[str, Matched] = {}

    def read(self, pairs: Mapping[str, Relationship], policy: Policy, now: datetime) -> None:
        """Read the files anew, and remember which of them cannot be used."""
        self._shelf = self.agendas(now) if self.agendas else Shelf()
        self._matched = {
            name: agenda_file.match(self._shelf.of(name), sorted((*pair.held, *pair.coming)), policy.me, now)
            for name, pair in pairs.items()
            if self.agendas
        }
        agenda_files.remember_problems(self.journal.store, agenda_files.problems_of(self._shelf, self._matched))

    def changed(self, mentorship: str) -> bool:
        """Whether a pair's files are others than when its sessions were judged last."""
        files = self._shelf.of(mentorship)
        return self.agendas is not None and not agenda_files.seen(self.journal.store, mentorship, files)

    def about(self, event: Event, detection: Detection, policy: Policy) -> FileAgenda | None:
        """A session's file, beside what was done about it; None where there is none, and never was."""
        pair = detection.mentorship
        if self.agendas is None or pair is None:
            return None
        file = self._matched[pair.name].by_session.get(event.key) if pair.name in self._matched else None
        done = self.journal.from_file(event.key)
        if file is None and not done:
            return None
        written = next((one for one in done if one.effect == Effect.PATCH), None)
        sent = next((one for one in done if one.effect == Effect.MAIL), None)
        after = done[0].mark if done else ""
        base = agenda_file.digest(written.said.block) if written and written.said else ""
        name = _BASE + " ".join(event.key)
        last, _, seen = (self.journal.store.remembered(name) or "").partition(" ")
        known = FileAgenda(
            file=file,
            base=seen if seen and last == (after or "-") else base,
            sent=agenda_file.digest(sent.said.block) if sent and sent.said else "",
            after=after,
            untold=bool(done) and done[0].silent,
            silent=self.silent(event.account, event.calendar),
            refused=frozenset(
                agenda_file.digest(agenda_file.inside(one.said.block))
                for one in self.journal.refused_from_file(event.key)
                if one.said is not None
            ),
        )
        organizes = event.organizer is not None and policy.me.has(event.organizer.email)
        stands = agenda_file.standing_block(event)
        in_step = agenda_file.is_whole(event) and agenda_file.place_of(event, known, i_organize=True) in (
            Place.IN_STEP,
            Place.UNTOLD,
        )
        if organizes and in_step and stands not in ("", known.base):
            self.journal.store.remember(name, f"{after or '-'} {stands}")
            return replace(known, base=stands)
        return known
