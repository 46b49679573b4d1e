"""One pass over a calendar on a CalDAV server: what was known, what is learned on the way, and what is told of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from agendad.providers.base import Page, Problem, Window
from agendad.providers.dav_cursor import Cursor, Entry, bounds
from agendad.providers.dav_listing import Listing, News, Object
from agendad.providers.icsfiles import FileReading, Pager, groups, read_file, tell_together


class DavPass:
    """Reads what changed and what the window makes worth reading again.

    Objects are told as they come, a batch after the other; those that share a UID are told together at the end.

    Args:
        account: its name.
        listing: of the calendar.
        before: what was known; None for a full listing.
        text: the cursor that it was in.
        window: what is told of.
    """

    def __init__(self, account: str, listing: Listing, before: Cursor | None, text: str | None, window: Window) -> None:
        self._account, self._listing, self._window = account, listing, window
        self._before, self._text = before, text
        self._known: Mapping[str, Entry] = {} if before is None else before.entries
        self.entries = dict(self._known)
        self._holders: dict[str, set[str]] = {}
        """By UID, the objects that speak of it."""
        self._apart: set[str] = set()
        """Objects that share a UID with another."""

    def pages(self, done: Callable[[str, Cursor], None]) -> Iterator[Page]:
        """What is new; `done` is given the cursor before the last page.

        Raises:
            AccountUnavailable: nothing can be concluded.
        """
        before = self._before
        moved = before is not None and not before.covers(self._window)
        news = self._listing.news(before, anew=moved)
        pager = Pager(full=before is None)
        for href, one in self._known.items():
            for uid in one.uids | one.kept:
                self._holders.setdefault(uid, set()).add(href)
        gone = set(self._known) - set(news.etags) if news.whole else set(news.gone) & set(self._known)
        wanted = self._wanted(news, moved=moved)
        for batch in self._listing.objects(wanted):
            gone |= {one.href for one in batch if one.content is None and not one.too_large}
            yield from self._tell(batch, pager)
        yield from self._tell_gone(gone, pager)
        yield from self._tell_shared(pager)
        for href, entry in self.entries.items():
            if entry.problems:
                pager.tell(Problem(href, *told) for told in entry.problems)
        start, end = bounds(self._window)
        same = (news.token, news.ctag) == ((before.token, before.ctag) if before else None)
        if before is not None and self._text is not None and same and not (moved or wanted or gone):
            done(self._text, before)
            yield pager.last(self._text)
            return
        after = Cursor(start, end, news.token, news.ctag, self.entries)
        text = after.dump()
        done(text, after)
        yield pager.last(text)

    def _wanted(self, news: News, *, moved: bool) -> list[str]:
        """What changed, and what comes into the window."""
        changed = {
            href
            for href, etag in news.etags.items()
            if not etag or href not in self._known or self._known[href].etag != etag
        }
        if moved and self._before is not None:
            start, end = bounds(self._window)
            reread = start < self._before.start  # what was expanded from a later start lacks what lies before it
            there = self._known.keys() & news.etags.keys() if news.whole else self._known.keys() - news.gone
            changed |= {href for href in there if reread or ((due := self._known[href].due) is not None and due < end)}
        return sorted(changed)

    def _tell(self, batch: Iterable[Object], pager: Pager) -> Iterator[Page]:
        for one in batch:
            if one.content is None and not one.too_large:
                continue
            reading = self._read(one)
            had = self._had(one.href)
            for uid in reading.uids:
                self._holders.setdefault(uid, set()).add(one.href)
            if any(len(self._holders[uid]) > 1 for uid in reading.uids | had if uid in self._holders):
                self._apart.add(one.href)
                self.entries[one.href] = Entry(one.etag, reading.uids | had)
                continue
            yield from self._tell_one_group([(one, reading)], {one.href: had}, pager)

    def _tell_one_group(
        self, members: list[tuple[Object, FileReading]], had: Mapping[str, frozenset[str]], pager: Pager
    ) -> Iterator[Page]:
        told = yield from tell_together([reading for _, reading in members], had, self._window, pager)
        for one, _ in members:
            seen = told[one.href]
            self.entries[one.href] = Entry(one.etag, seen.uids, seen.kept, seen.due, seen.problems)

    def _tell_gone(self, gone: Iterable[str], pager: Pager) -> Iterator[Page]:
        """What is gone, unless another object speaks of the same UID."""
        for href in sorted(gone):
            had = self._had(href)
            self.entries.pop(href, None)
            self._apart.discard(href)
            for uid in sorted(had):
                others = self._holders.get(uid, set())
                others.discard(href)
                if others:
                    self._apart |= others
                else:
                    yield from pager.add(uid, ())

    def _tell_shared(self, pager: Pager) -> Iterator[Page]:
        """Objects that share a UID, read as one."""
        uids_of = {href: entry.uids | entry.kept | self._had(href) for href, entry in self.entries.items()}
        together = list(groups(uids_of, sorted(self._apart))) if self._apart else []
        for group in together:
            members = [one for batch in self._listing.objects(group) for one in batch]
            there = [(one, self._read(one)) for one in members if one.content is not None or one.too_large]
            had = {href: self._had(href) for href in group}
            yield from self._tell_one_group(there, had, pager)
            for href in {one.href for one in members} - {one.href for one, _ in there}:
                self.entries.pop(href, None)

    def _had(self, href: str) -> frozenset[str]:
        known = self._known.get(href)
        return frozenset() if known is None else known.uids | known.kept

    def _read(self, one: Object) -> FileReading:
        if one.content is None:
            reading = FileReading(one.href, "")
            reading.refuse("the event is too large and was not read; look at its attachments")
            return reading
        return read_file(one.content, one.href, self._account, self._listing.calendar.id)
