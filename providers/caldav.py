"""CalDAV as a calendar provider: iCloud, Fastmail, Nextcloud, Posteo, many universities, one's own server.

What a server keeps of one UID, a series and its exceptions, is one object; it is read as an .ics file is, and a
change to one occurrence writes the whole of it again, on condition that nobody changed it meanwhile. Where the server
sends invitations and answers itself (RFC 6638) nothing of ours goes out beside it.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from agendad.providers import dav_standing
from agendad.providers.base import (
    Applied,
    Cancel,
    Capabilities,
    Change,
    Notices,
    Page,
    RestoreTo,
    Undo,
    Window,
    WriteKind,
)
from agendad.providers.dav_cursor import Cursor
from agendad.providers.dav_discovery import DavCalendar, Site, discover, look_at, path_of
from agendad.providers.dav_http import DavHttp, Refused
from agendad.providers.dav_listing import Listing
from agendad.providers.dav_pass import DavPass
from agendad.providers.dav_standing import Standing
from agendad.providers.errors import AccountUnavailable, ChangeRefused, EventNotFound, NotWritten, ReadOnly
from agendad.providers.icsediting import Unwritable
from agendad.providers.icsrewriting import Rewritten, rewrite
from agendad.providers.model import Event, Instance, Status
from agendad.providers.pacing import carried_out
from agendad.providers.remote import RemoteProvider

log = logging.getLogger(__name__)

_WRITES = frozenset(WriteKind) - {WriteKind.PROPOSE, WriteKind.SHARE}
_LOOK_AGAIN = 86_400.0
"""Seconds after which it is looked whether there are other calendars, or other rights."""


class CaldavProvider(RemoteProvider):
    """One account.

    Args:
        account: its name in the configuration.
        calendars: names, paths or addresses of its calendars; None for all that are the user's own.
        http: how the server is asked.
        me: the user's addresses, in lower case.
        on_behalf: also judge calendars that belong to others.
        may_write: whether anything may be changed.
    """

    vendor = "CalDAV"
    cursor_version = 1

    def __init__(
        self,
        account: str,
        calendars: Sequence[str] | None,
        http: DavHttp,
        *,
        me: Collection[str] = (),
        on_behalf: bool = False,
        may_write: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(account, (), may_write=may_write, page_size=0)
        self._wanted = None if calendars is None else tuple(dict.fromkeys(calendars))
        self._http, self._on_behalf = http, on_behalf
        self._me = frozenset(one.lower() for one in me)
        self._site: Site | None = None
        self._looked = 0.0
        self._found: dict[str, DavCalendar] = {}
        self._listings: dict[str, Listing] = {}
        self._loaded: dict[str, tuple[str, Cursor]] = {}
        self._fresh: Standing | None = None

    @property
    def clock_offset(self) -> timedelta | None:
        return self._http.clock_offset

    def close(self) -> None:
        self._http.close()

    # what there is

    def calendars(self) -> tuple[str, ...]:
        self.site()
        return self._calendars

    def site(self) -> Site:
        """What there is on the server, looked for once a day.

        Raises:
            AccountUnavailable: it cannot be reached, or lacks a calendar that the configuration names.
        """
        now = self._http.pace.clock()
        if self._site is None or now - self._looked > _LOOK_AGAIN:
            named = self._wanted or ()
            paths = [name for name in named if "/" in name]
            # Those that are named by their paths need not be looked for.
            site = look_at(self._http, paths) if paths and len(paths) == len(named) else discover(self._http, paths)
            chosen = self._chosen(site)
            self._found = {one.id: one for one in chosen}
            self._calendars = tuple(self._found)
            self._listings, self._site, self._looked = {}, site, now
        return self._site

    def _chosen(self, site: Site) -> list[DavCalendar]:
        if self._wanted is None:
            own = [one for one in site.calendars if one.mine or self._on_behalf]
            return own or list(site.calendars)
        return list({one.id: one for name in self._wanted for one in [self._named(name, site)]}.values())

    def _named(self, name: str, site: Site) -> DavCalendar:
        if "/" in name:
            path = path_of(name)
            alike = [one for one in site.calendars if one.id == path]
        else:
            alike = [one for one in site.calendars if one.name == name]
            alike = alike or [one for one in site.calendars if one.id.rstrip("/").rpartition("/")[2] == name]
        if len(alike) == 1:
            return alike[0]
        happened = "more than one calendar" if alike else "no calendar"
        there = ", ".join(f"{one.name!r} ({one.id})" for one in (alike or site.calendars)[:20])
        raise AccountUnavailable(
            f"The account {self.account!r} has {happened} {name!r}.",
            not_done="Nothing was read.",
            next_step=f"Name one of these in `calendars`, by its name or its path: {there}.",
        )

    @property
    def chosen(self) -> tuple[DavCalendar, ...]:
        """The calendars that are watched, as they were found."""
        return tuple(self._found.values())

    def _calendar(self, calendar: str) -> DavCalendar:
        self.site()
        self._check(calendar)
        return self._found[calendar]

    def _tells_guests(self) -> bool:
        """Whether the server sends what the user changes to the others: it has to know the user's address."""
        site = self._site
        return site is not None and site.schedules and bool(site.addresses & self._me)

    def capabilities(self, calendar: str) -> Capabilities:
        if self._site is not None:
            self._check(calendar)
        elif not calendar.startswith("/"):
            raise AccountUnavailable(
                f"The account {self.account!r} has no calendar {calendar!r}.",
                not_done="Nothing was read.",
                next_step="The calendars of a CalDAV account are paths on its server.",
            )
        known = self._found.get(calendar)
        writable = self._may_write() and (known is None or (known.writable and not self._why_not_judged(known)))
        return Capabilities(
            writes=_WRITES if writable else frozenset(),
            notices=Notices.ALWAYS if self._tells_guests() else Notices.NEVER,
        )

    def _why_not_judged(self, calendar: DavCalendar) -> str:
        if calendar.mine or self._on_behalf:
            return ""
        return (
            "this calendar is shared with you by somebody else, so nothing in it is judged. If you look after it on "
            "their behalf, add `on_behalf: true` to the account"
        )

    # reading

    def changes(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        loaded = self._loaded.get(calendar)
        before = None
        if cursor is not None:
            before = loaded[1] if loaded is not None and loaded[0] == cursor else Cursor.load(cursor)
        found = self._calendar(calendar)
        if remark := self._why_not_judged(found):
            return iter((self._not_judged(calendar, remark, window),))
        listing = self._listings.setdefault(calendar, Listing(self._http, found))

        def done(text: str, after: Cursor) -> None:
            self._loaded[calendar] = (text, after)

        return DavPass(self.account, listing, before, cursor, window).pages(done)

    def get(self, event: Event) -> Event:
        self._fresh = None
        self._fresh = self._look(event)
        return self._fresh.found.event

    def _look(self, event: Event) -> Standing:
        """The occurrence, and the object that tells it, as they stand.

        Raises:
            EventNotFound: it is gone.
            AccountUnavailable: it could not be read.
        """
        url = self._http.address(event.source, self._calendar(event.calendar).url)
        return dav_standing.look(self._http, url, event)

    # writing

    def _make(
        self, event: Event, change: Change, *, notify: bool, before_writing: Callable[[Undo | None], None]
    ) -> Applied:
        del notify  # a server that tells the guests tells them of everything
        standing = self._fresh
        if standing is None or standing.found.event != event:
            raise self.changed_since(event)
        new = self._rewritten(standing, change)
        if new.told is None:
            return Applied(event=event, etag=event.etag)
        if self._tells_guests() and self._site is not None:
            dav_standing.check_server_tells(standing, change, self._site.addresses)
        self._http.pace.check_write()
        before_writing(new.undo)
        answer = self._send(standing, new, change)
        if answer is None:
            again = self._look_if_there(event)
            if again is None or not dav_standing.is_harmless(standing, again):
                raise self.changed_since(event)
            standing, new = again, self._rewritten(again, change)
            answer = self._send(standing, new, change) if new.told is not None else _Answer(again)
        if answer is None:
            raise self.changed_since(event)
        return self._applied(event, change, new)

    def _rewritten(self, standing: Standing, change: Change) -> Rewritten:
        event = standing.found.event
        try:
            return rewrite(standing.found, change)
        except Unwritable as error:
            raise ChangeRefused(
                f"{event.title!r} cannot be changed: {error}.",
                not_done=f"It was not changed ({change.kind}).",
                next_step="Make the change in your calendar program.",
            ) from None

    def _send(self, standing: Standing, new: Rewritten, change: Change) -> "_Answer | None":
        """The object, once. None where somebody changed it before."""
        event = standing.found.event

        def send() -> _Answer:
            try:
                self._http.put(standing.url, new.content, standing.etag)
            except Refused as error:
                raise self._refused(event, error) from error
            return _Answer(None)

        def look() -> _Answer:
            return _Answer(self._look_if_there(event), looked=True)

        def shows(found: _Answer) -> bool:
            if found.standing is None:
                return False
            if isinstance(change, RestoreTo):
                return new.told is not None and found.standing.found.event.etag == new.told.etag
            return change.mark in found.standing.found.event.marks

        def untouched(found: _Answer) -> bool:
            return found.standing is not None and found.standing.etag == standing.etag

        return carried_out(self._http.pace, send, look, shows=shows, untouched=untouched)

    def _look_if_there(self, event: Event) -> Standing | None:
        try:
            return self._look(event)
        except EventNotFound:
            return None

    def _applied(self, event: Event, change: Change, new: Rewritten) -> Applied:
        """What stands now: servers write some of it in their own way."""
        now = self._look_if_there(event)
        if now is None:
            if not isinstance(change, Cancel):
                raise EventNotFound(
                    f"{event.title!r} went from the calendar as it was changed ({change.kind}).",
                    not_done="What became of it is not known.",
                    next_step="Look at the event in your calendar program.",
                )
            # Some keep no cancelled occurrences.
            instance = Instance.EXCEPTION if event.in_series else event.instance
            gone = replace(new.told or event, status=Status.CANCELLED, instance=instance)
            return Applied(event=gone, etag=gone.etag)
        stands = now.found.event
        if not dav_standing.took(stands, change):
            raise ChangeRefused(
                f"{self._http.host} took the change to {event.title!r} and did not make it ({change.kind}).",
                not_done="The event is as it was.",
                next_step="Make the change in your calendar program.",
            )
        return Applied(event=stands, etag=stands.etag, undo=new.undo)

    def _refused(self, event: Event, error: Refused) -> ChangeRefused | ReadOnly | EventNotFound:
        no = error.refusal
        if no.status in (404, 410):
            return EventNotFound(
                f"{event.title!r} is not in the calendar any more.",
                not_done="It was not changed.",
                next_step="The next sync will drop it.",
            )
        if no.status in (413, 507):
            return NotWritten(
                f"{self._http.host} has no room for the change to {event.title!r} ({no}).",
                not_done="It was not changed.",
                next_step="Make room in the account; it is looked at again at the next pass.",
            )
        if no.status == 403 and (not no.conditions or "need-privileges" in no.conditions):
            return ReadOnly(
                f"{self._http.host} lets the account {self.account!r} not write to {event.calendar!r} ({no}).",
                not_done=f"{event.title!r} was not changed.",
                next_step="Have the calendar shared with the right to edit, or make the change yourself.",
            )
        return ChangeRefused(
            f"{self._http.host} refused the change to {event.title!r} ({no}).",
            not_done="It was not changed.",
            next_step="Make the change in your calendar program.",
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is known after a request: the event as it stands, None where it is gone or was not looked for."""

    standing: Standing | None
    looked: bool = False
