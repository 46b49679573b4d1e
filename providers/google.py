"""Google Calendar as a calendar provider.

A calendar is read as its occurrences (`singleEvents`) within the window, once; from then on only what changed, by
Google's sync token. The token knows nothing of time passing: an occurrence that comes into view is no change. So a
calendar is listed again whenever the window has moved past what was listed, which for the daemon is once a day.
Source: https://developers.google.com/workspace/calendar/api/guides/sync
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agendad.providers import google_events, google_writing
from agendad.providers.base import (
    Applied,
    Capabilities,
    Change,
    FreeBusy,
    Notices,
    Page,
    Undo,
    Window,
    WriteKind,
)
from agendad.providers.errors import (
    AccountUnavailable,
    ChangeRefused,
    EventNotFound,
    ReadOnly,
)
from agendad.providers.google_api import GoogleApi, WriteRefused, fix_of
from agendad.providers.google_events import Resource
from agendad.providers.google_writing import Written
from agendad.providers.model import Event, Instance, Status
from agendad.providers.pacing import carried_out
from agendad.providers.recurrence import inside
from agendad.providers.remote import UNREADABLE, Cursor, Faults, RemoteProvider, few

_PAGE = 2500
"""Events in one answer: the most that Google gives."""
_MANY_CALENDARS = 50
"""Calendars in one free/busy query."""
_WRITERS = frozenset({"owner", "writer", ""})
_WRITES = frozenset(WriteKind) - {WriteKind.PROPOSE}


class GoogleProvider(RemoteProvider):
    """One Google account.

    Args:
        account: its name in the configuration.
        calendars: ids of its calendars, or "primary".
        api: how Google is asked.
        may_write: whether the sign-in was for more than reading.
        page_size: events in one answer.
    """

    vendor = "Google"
    cursor_version = 1

    def __init__(
        self,
        account: str,
        calendars: Sequence[str],
        api: GoogleApi,
        *,
        may_write: Callable[[], bool] = lambda: True,
        page_size: int = _PAGE,
    ) -> None:
        super().__init__(account, calendars, may_write=may_write, page_size=page_size)
        self._api = api
        self._roles: dict[str, str] = {}
        self._zones: dict[str, str] = {}
        self._fresh: dict[tuple[str, str], Resource] = {}
        self._guests_keep_properties = True

    @property
    def clock_offset(self) -> timedelta | None:
        return self._api.clock_offset

    def calendars(self) -> tuple[str, ...]:
        self._api.look_for_sign_in()
        return super().calendars()

    def capabilities(self, calendar: str) -> Capabilities:
        self._check(calendar)
        may_write = self._roles.get(calendar, "") in _WRITERS and self._may_write()
        return Capabilities(
            writes=_WRITES if may_write else frozenset(), notices=Notices.ON_REQUEST, can_see_free_busy=True
        )

    def close(self) -> None:
        self._api.close()

    # reading

    def changes(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        self._check(calendar)
        known = self._known(cursor, window)
        return self._listing(calendar, window) if known is None else self._increment(calendar, known, window)

    def _listing(self, calendar: str, window: Window) -> Iterator[Page]:
        """Everything in the window, as a full listing."""
        bounds = {"timeMin": _rfc3339(window.start), "timeMax": _rfc3339(window.end)}
        faults: Faults = {}
        first = True
        for answer in self._answers(calendar, **bounds):
            if not self._may_judge(calendar):
                yield self._not_judged(calendar, self._why_not_judged(calendar), window)
                return
            page = self._page(calendar, window, _items(answer), faults)
            yield replace(page, removed=(), full=first)
            first = False
        yield self._last(google_events.text_of(answer.get("nextSyncToken")) or None, window, faults)

    def _increment(self, calendar: str, known: Cursor, window: Window) -> Iterator[Page]:
        """What changed. Of a series all occurrences are read anew: those that its change took away may go untold."""
        series: dict[str, list[Resource]] = {}
        faults = dict(known.faults)
        for answer in self._answers(calendar, syncToken=known.token):
            if not self._may_judge(calendar):
                yield self._not_judged(calendar, self._why_not_judged(calendar), window)
                return
            alone: list[Resource] = []
            for one in _items(answer):
                id_ = google_events.series_of(one)
                (series.setdefault(id_, []) if id_ and not google_events.is_cancelled(one) else alone).append(one)
            yield self._page(calendar, window, alone, faults)
        for id_ in few(list(series), "series changed"):
            yield self._series(calendar, id_, series[id_], window, faults)
        yield self._last(google_events.text_of(answer.get("nextSyncToken")) or None, window, faults)

    def _series(self, calendar: str, series: str, changed: list[Resource], window: Window, faults: Faults) -> Page:
        """All occurrences of a series in the window, as a complete set."""
        bounds = {"timeMin": _rfc3339(window.start), "timeMax": _rfc3339(window.end), "maxResults": self._page_size}
        items: list[Resource] = []
        page: str | None = None
        try:
            while True:
                answer = self._api.instances_page(calendar, series, page=page, **bounds)
                items += _items(answer)
                page = answer.get("nextPageToken")
                if not page:
                    break
        except EventNotFound:  # invited to some of its occurrences only
            return self._page(calendar, window, changed, faults)
        told = self._page(calendar, window, items, faults)
        return replace(told, removed=(), complete=frozenset(map(google_events.uid_of, changed)))

    def _answers(self, calendar: str, **parameters: Any) -> Iterator[Resource]:
        """Every page of one listing. A token comes with the last page only, and is kept only then."""
        page: str | None = None
        while True:
            answer = self._api.list_page(
                calendar, page=page, singleEvents=True, maxResults=self._page_size, **parameters
            )
            self._roles[calendar] = str(answer.get("accessRole") or "")
            self._zones[calendar] = str(answer.get("timeZone") or "")
            yield answer
            page = answer.get("nextPageToken")
            if not page:
                return

    def _page(self, calendar: str, window: Window, items: Sequence[Resource], faults: Faults) -> Page:
        """Items as events; what is cancelled, or has left the window, as removed. `faults` is brought up to date."""
        events: list[Event] = []
        removed: list[str] = []
        for item in items:
            id_ = google_events.text_of(item.get("id"))
            faults.pop(id_, None)
            if google_events.is_cancelled(item):
                removed.append(id_)
                continue
            if not google_events.is_meeting(item):
                continue
            try:
                event = self._event(calendar, item)
            except UNREADABLE as error:
                where = google_events.text_of(item.get("htmlLink")) or id_ or calendar
                faults[id_] = (where, f"{type(error).__name__}: {error}")
                continue
            if inside(event.start, event.end, window):
                events.append(event)
            else:
                removed.append(event.id)
        return Page(events=tuple(events), removed=tuple(removed))

    def _event(self, calendar: str, item: Resource) -> Event:
        zone = self._zones.get(calendar) or None
        return google_events.read_event(item, account=self.account, calendar=calendar, zone=zone)

    def _may_judge(self, calendar: str) -> bool:
        return self._roles.get(calendar, "") in _WRITERS

    def _why_not_judged(self, calendar: str) -> str:
        return (
            f"this calendar is shared with you as {self._roles[calendar]}: nothing in it is judged. Have it shared "
            "with the right to make changes to events, or take it out of the configuration"
        )

    def get(self, event: Event) -> Event:
        self._check(event.calendar)
        resource = self._api.get(event.calendar, event.id)
        self._fresh = {(event.calendar, event.id): resource}
        return self._as_event(event, resource)

    def _as_event(self, known: Event, resource: Resource) -> Event:
        """An occurrence as it stands; of a cancelled one Google may tell no more than that."""
        if google_events.is_cancelled(resource) and not google_events.has_details(resource):
            same = known.etag if known.status is Status.CANCELLED else f"cancelled {known.etag}"
            instance = Instance.EXCEPTION if known.in_series else known.instance
            return replace(known, status=Status.CANCELLED, instance=instance, etag=str(resource.get("etag") or same))
        try:
            return self._event(known.calendar, resource)
        except UNREADABLE as error:
            raise AccountUnavailable(
                f"{known.title!r} came from Google in a form that cannot be read ({type(error).__name__}: {error}).",
                not_done="It was not read again.",
                next_step="Look at the event in Google Calendar.",
            ) from error

    def free_busy(self, people: Sequence[str], window: Window) -> FreeBusy:
        taken: dict[str, tuple[tuple[datetime, datetime], ...]] = {}
        wanted = list(dict.fromkeys(people))
        for at in range(0, len(wanted), _MANY_CALENDARS):
            chunk = wanted[at : at + _MANY_CALENDARS]
            for person, answer in self._api.free_busy(chunk, window.start, window.end).items():
                if person in chunk and (spans := _busy(answer)) is not None:
                    taken[person] = spans
        return taken

    # writing

    def _make(
        self, event: Event, change: Change, *, notify: bool, before_writing: Callable[[Undo | None], None]
    ) -> Applied:
        resource = self._fresh[event.calendar, event.id]
        written = google_writing.write(resource, change)
        if not written.body:
            return Applied(event=event, etag=event.etag)
        undo = written.undo if written.mark is not None else None
        self._api.pace.check_write()
        before_writing(undo)
        try:
            answer = self._send(event, resource, written, updates="all" if notify and written.tells else "none")
        except WriteRefused as error:
            raise self._refused(event, error) from error
        if answer is None:
            raise self.changed_since(event)
        now = self._as_event(event, answer)
        return Applied(event=now, etag=now.etag, undo=undo)

    def _send(self, event: Event, resource: Resource, written: Written, *, updates: str) -> Resource | None:
        """The write, once. None where somebody changed the event before.

        Some accounts let guests keep no properties on their copy: then it is sent without them.
        """
        if not ("answer" in written.after and "extendedProperties" in written.body):
            return self._patch(event, resource, written, updates=updates)
        if self._guests_keep_properties:
            try:
                return self._patch(event, resource, written, updates=updates)
            except WriteRefused as error:
                if error.refusal.status != 403:
                    raise
        answer = self._patch(event, resource, google_writing.without_properties(written), updates=updates)
        self._guests_keep_properties = False  # as that helped
        return answer

    def _patch(self, event: Event, resource: Resource, written: Written, *, updates: str) -> Resource | None:
        etag = str(resource.get("etag") or "*")  # of a cancelled occurrence Google may tell none

        def look() -> Resource:
            try:
                return self._api.get(event.calendar, event.id)
            except EventNotFound:
                if written.after.get("status") != "cancelled":
                    raise
                return {"id": event.id, "status": "cancelled"}

        return carried_out(
            self._api.pace,
            lambda: self._api.patch(event.calendar, event.id, written.body, etag=etag, send_updates=updates),
            look,
            shows=lambda found: google_writing.shows(found, written),
            untouched=lambda found: found.get("etag") == etag,
        )

    def _refused(self, event: Event, error: WriteRefused) -> ChangeRefused | ReadOnly:
        no = error.refusal
        if no.status == 403 and no.reason != "forbiddenForNonOrganizer":
            return ReadOnly(
                f"Google lets the account {self.account!r} not write to {event.calendar!r}: {no}.",
                not_done=f"{event.title!r} was not changed.",
                next_step=fix_of(no) or "Have the calendar shared with the right to make changes, or sign in again.",
            )
        return ChangeRefused(
            f"Google refused the change to {event.title!r}: {no}.",
            not_done="It was not changed.",
            next_step="Make the change yourself in Google Calendar.",
        )


def _rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _items(answer: Resource) -> list[Resource]:
    """What an answer lists; what is no resource is an empty one, which cannot be read."""
    told = answer.get("items") or []
    return [one if isinstance(one, dict) else {} for one in (told if isinstance(told, list) else [told])]


def _busy(answer: Resource) -> tuple[tuple[datetime, datetime], ...] | None:
    """When somebody is taken; None of whom that cannot be seen."""
    try:
        if answer.get("errors"):
            return None
        return tuple((_instant(one["start"]), _instant(one["end"])) for one in answer.get("busy") or ())
    except UNREADABLE:
        return None
