"""Google Calendar as a calendar provider.

A calendar is read as its occurrences (`singleEvents`) within the window, once; from then on only what changed, by
Google's sync token. The token knows nothing of time passing: an occurrence that comes into view is no change. So a
calendar is listed again whenever the window has moved past what was listed, which for the daemon is once a day.
Source: https://developers.google.com/workspace/calendar/api/guides/sync
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agendad.providers import google_events, google_writing
from agendad.providers.base import (
    Applied,
    CalendarProvider,
    Capabilities,
    Change,
    FreeBusy,
    Notices,
    Page,
    Problem,
    Undo,
    Window,
    WriteKind,
)
from agendad.providers.errors import (
    AccountUnavailable,
    ChangeRefused,
    CursorExpired,
    EventNotFound,
    NotWritten,
    ReadOnly,
)
from agendad.providers.google_api import GoogleApi, WriteRefused
from agendad.providers.google_events import Resource
from agendad.providers.google_writing import NotOurs, Written
from agendad.providers.model import Event, Instance, Status
from agendad.providers.pacing import Throttled, Unsure, carried_out, in_words
from agendad.providers.recurrence import inside

_VERSION = 1
"""Raised when what is told of an unchanged calendar changes, so that it is told anew."""
_PAGE = 2500
"""Events in one answer: the most that Google gives."""
_MANY_SERIES = 25
"""Series that changed at once; reading the whole calendar anew is cheaper than reading more of them one by one."""
_MANY_CALENDARS = 50
"""Calendars in one free/busy query."""
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
"""What reading a resource that is none raises."""
_WRITERS = frozenset({"owner", "writer", ""})
_WRITES = frozenset(WriteKind) - {WriteKind.PROPOSE}


Faults = Mapping[str, tuple[str, str]]
"""The id of an event that cannot be read → where it is, and why."""


@dataclass(frozen=True, slots=True)
class _Cursor:
    """What was listed, Google's token for what changes after it, and what could not be read so far."""

    token: str | None
    start: datetime
    end: datetime
    faults: Faults

    def covers(self, window: Window) -> bool:
        return self.token is not None and self.start <= window.start and window.end <= self.end

    def dump(self) -> str:
        return json.dumps([_VERSION, self.token, self.start.isoformat(), self.end.isoformat(), self.faults])

    @classmethod
    def load(cls, text: str) -> "_Cursor":
        try:
            version, token, start, end, faults = json.loads(text)
            if version != _VERSION or not isinstance(token, str | None):
                raise ValueError(version)  # noqa: TRY301 - told like any other text that is not ours
            told = {str(id_): (str(where), str(why)) for id_, (where, why) in faults.items()}
            return cls(token, datetime.fromisoformat(start), datetime.fromisoformat(end), told)
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise CursorExpired(
                "The remembered state of the calendar is not from this version.",
                not_done="Nothing was read.",
                next_step="The calendar is read anew from the start.",
            ) from None


class GoogleProvider(CalendarProvider):
    """One Google account.

    Args:
        account: its name in the configuration.
        calendars: ids of its calendars, or "primary".
        api: how Google is asked.
        may_write: whether the sign-in was for more than reading.
        page_size: events in one answer.
    """

    remote = True

    def __init__(
        self,
        account: str,
        calendars: Sequence[str],
        api: GoogleApi,
        *,
        may_write: Callable[[], bool] = lambda: True,
        page_size: int = _PAGE,
    ) -> None:
        super().__init__(account)
        self._calendars, self._api = tuple(dict.fromkeys(calendars)), api
        self._may_write, self._page_size = may_write, page_size
        self._roles: dict[str, str] = {}
        self._zones: dict[str, str] = {}
        self._fresh: dict[tuple[str, str], Resource] = {}
        self._guests_keep_properties = True

    @property
    def clock_offset(self) -> timedelta | None:
        return self._api.clock_offset

    def calendars(self) -> tuple[str, ...]:
        self._api.look_for_sign_in()
        return self._calendars

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
        known = _Cursor.load(cursor) if cursor is not None else None
        if known is None or not known.covers(window):
            return self._listing(calendar, window)
        return self._increment(calendar, known, window)

    def _listing(self, calendar: str, window: Window) -> Iterator[Page]:
        """Everything in the window, as a full listing."""
        bounds = {"timeMin": _rfc3339(window.start), "timeMax": _rfc3339(window.end)}
        faults: dict[str, tuple[str, str]] = {}
        first = True
        for answer in self._answers(calendar, **bounds):
            if not self._may_judge(calendar):
                yield self._not_judged(calendar, window)
                return
            page = self._page(calendar, window, answer.get("items") or (), faults)
            yield replace(page, removed=(), full=first)
            first = False
        yield _last(answer, window.start, window.end, faults)

    def _increment(self, calendar: str, known: _Cursor, window: Window) -> Iterator[Page]:
        """What changed. Of a series all occurrences are read anew: those that its change took away may go untold."""
        series: dict[str, list[Resource]] = {}
        faults = dict(known.faults)
        for answer in self._answers(calendar, syncToken=known.token):
            if not self._may_judge(calendar):
                yield self._not_judged(calendar, window)
                return
            alone: list[Resource] = []
            for one in answer.get("items") or ():
                in_series = one.get("recurringEventId") and not google_events.is_cancelled(one)
                (series.setdefault(one["recurringEventId"], []) if in_series else alone).append(one)
            yield self._page(calendar, window, alone, faults)
        if len(series) > _MANY_SERIES:
            raise CursorExpired(
                f"{len(series)} series changed at once.",
                not_done="Nothing was concluded yet.",
                next_step="The calendar is read anew as a whole.",
            )
        for id_, changed in series.items():
            yield self._series(calendar, id_, changed, window, faults)
        yield _last(answer, known.start, known.end, faults)

    def _series(
        self, calendar: str, series: str, changed: list[Resource], window: Window, faults: dict[str, tuple[str, str]]
    ) -> Page:
        """All occurrences of a series in the window, as a complete set."""
        bounds = {"timeMin": _rfc3339(window.start), "timeMax": _rfc3339(window.end), "maxResults": self._page_size}
        items: list[Resource] = []
        page: str | None = None
        try:
            while True:
                answer = self._api.instances_page(calendar, series, page=page, **bounds)
                items += answer.get("items") or ()
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

    def _page(
        self, calendar: str, window: Window, items: Sequence[Resource], faults: dict[str, tuple[str, str]]
    ) -> Page:
        """Items as events; what is cancelled, or has left the window, as removed. `faults` is brought up to date."""
        events: list[Event] = []
        removed: list[str] = []
        for item in items:
            id_ = str(item.get("id") or "")
            faults.pop(id_, None)
            if google_events.is_cancelled(item):
                removed.append(id_)
                continue
            if not google_events.is_meeting(item):
                continue
            try:
                event = self._event(calendar, item)
            except UNREADABLE as error:
                faults[id_] = (str(item.get("htmlLink") or id_), f"{type(error).__name__}: {error}")
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

    def _not_judged(self, calendar: str, window: Window) -> Page:
        """A calendar that is only shared for reading: as if there were nothing in it, and a remark."""
        remark = Problem(
            calendar,
            f"this calendar is shared with you as {self._roles[calendar]}: nothing in it is judged. Have it shared "
            "with the right to make changes to events, or take it out of the configuration",
            refused=False,
        )
        cursor = _Cursor(None, window.start, window.end, {}).dump()
        return Page(full=True, problems=(remark,), cursor=cursor)

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
                if person in chunk and not answer.get("errors"):
                    taken[person] = tuple(
                        (_instant(one["start"]), _instant(one["end"])) for one in answer.get("busy") or ()
                    )
        return taken

    # writing

    def _apply(
        self, event: Event, change: Change, *, notify: bool, before_writing: Callable[[Undo | None], None]
    ) -> Applied:
        resource = self._fresh[event.calendar, event.id]
        written = self._written(event, resource, change)
        if not written.body:
            return Applied(event=event, etag=event.etag)
        undo = written.undo if written.mark is not None else None
        try:
            self._api.pace.check_write()
            before_writing(undo)
            answer = self._send(event, resource, written, updates="all" if notify and written.tells else "none")
        except Throttled as error:
            raise self._not_now(event, error) from error
        except Unsure as error:
            raise self._api.unavailable(error) from error
        except WriteRefused as error:
            raise self._refused(event, error) from error
        if answer is None:
            raise self.changed_since(event)
        now = self._as_event(event, answer)
        return Applied(event=now, etag=now.etag, undo=undo)

    def _written(self, event: Event, resource: Resource, change: Change) -> Written:
        try:
            return google_writing.write(resource, change)
        except NotOurs as error:
            raise ChangeRefused(
                f"{event.title!r} was not changed: {error}.",
                not_done="Nothing was written.",
                next_step="Ask its organizer, or answer it yourself.",
            ) from error

    def _send(self, event: Event, resource: Resource, written: Written, *, updates: str) -> Resource | None:
        """The PATCH, once. None where somebody changed the event before.

        Some accounts let guests keep no properties on their copy: then it is sent without them.
        """
        guests = "answer" in written.after and "extendedProperties" in written.body
        if guests and not self._guests_keep_properties:
            return self._send(event, resource, google_writing.without_properties(resource, written), updates=updates)
        etag = str(resource.get("etag") or "*")  # of a cancelled occurrence Google may tell none

        def look() -> Resource:
            try:
                return self._api.get(event.calendar, event.id)
            except EventNotFound:
                if written.after.get("status") != "cancelled":
                    raise
                return {"id": event.id, "status": "cancelled"}

        try:
            return carried_out(
                self._api.pace,
                lambda: self._api.patch(event.calendar, event.id, written.body, etag=etag, send_updates=updates),
                look,
                shows=lambda found: google_writing.shows(found, written),
                untouched=lambda found: found.get("etag") == etag,
            )
        except WriteRefused as error:
            if error.refusal.status != 403 or not guests:
                raise
            self._guests_keep_properties = False
            return self._send(event, resource, written, updates=updates)

    def _not_now(self, event: Event, error: Throttled) -> NotWritten:
        when = f"in {in_words(error.after)}" if error.after else "at the next pass"
        return NotWritten(
            f"{error.happened}",
            not_done=f"{event.title!r} was not changed.",
            next_step=f"It is looked at again {when}.",
        )

    def _refused(self, event: Event, error: WriteRefused) -> ChangeRefused | ReadOnly:
        no = error.refusal
        if no.status == 403 and no.reason != "forbiddenForNonOrganizer":
            return ReadOnly(
                f"Google lets the account {self.account!r} not write to {event.calendar!r}: {no}.",
                not_done=f"{event.title!r} was not changed.",
                next_step="Have the calendar shared with the right to make changes to events, or sign in again.",
            )
        return ChangeRefused(
            f"Google refused the change to {event.title!r}: {no}.",
            not_done="It was not changed.",
            next_step="Make the change yourself in Google Calendar.",
        )

    def _check(self, calendar: str) -> None:
        if calendar not in self._calendars:
            raise AccountUnavailable(
                f"The account {self.account!r} has no calendar {calendar!r}.",
                not_done="Nothing was read.",
                next_step=f"Name one of these: {', '.join(self._calendars)}.",
            )


def _rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _last(answer: Resource, start: datetime, end: datetime, faults: Faults) -> Page:
    """The end of a pass: the token, which only the last answer has, and what could not be read."""
    token = answer.get("nextSyncToken")
    problems = tuple(
        Problem(where, f"an event could not be read and was left out ({why})") for where, why in faults.values()
    )
    return Page(problems=problems, cursor=_Cursor(token, start, end, faults).dump())
