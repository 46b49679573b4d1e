"""Outlook and Microsoft 365 as a calendar provider, through Microsoft Graph.

A calendar is read by delta: a round over a window that is frozen into Graph's own links, and from then on what
changed since. A delta tells an occurrence's time and nothing else, tells of deletions that are none, and says
nothing of some that are: so occurrences are joined with their series, whatever is said to be removed is looked up,
and of each series that changed all occurrences are read anew.
Source: https://learn.microsoft.com/graph/api/event-delta
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from agendad.providers import graph_events, graph_schedules, graph_writing, zones
from agendad.providers.base import (
    Applied,
    Cancel,
    Capabilities,
    Change,
    Decline,
    FreeBusy,
    Move,
    Notices,
    Page,
    Patch,
    Propose,
    RestoreTo,
    Tentative,
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
from agendad.providers.graph_api import GraphApi, Late, WriteRefused
from agendad.providers.graph_events import MARKS_PROPERTY, MASTER, Resource, kind_of, series_of
from agendad.providers.graph_rounds import Round
from agendad.providers.graph_writing import Written
from agendad.providers.model import Event, Instance, Partstat, Status
from agendad.providers.pacing import carried_out
from agendad.providers.recurrence import inside
from agendad.providers.remote import UNREADABLE, Cursor, Faults, RemoteProvider, few

log = logging.getLogger(__name__)

_PAGE = 200
_ABOUT_TIME = ("ErrorOccurrence", "ErrorCalendar", "TimeZone")
"""What codes begin with that refuse a time."""
_WRITES = frozenset(WriteKind) - {WriteKind.SHARE}
_EXPAND = f"singleValueExtendedProperties($filter=id eq '{MARKS_PROPERTY}')"
_PARTSTATS = {"declined": Partstat.DECLINED, "tentativelyAccepted": Partstat.TENTATIVE, "accepted": Partstat.ACCEPTED}


class OutlookProvider(RemoteProvider):
    """One mailbox.

    Args:
        account: its name in the configuration.
        calendars: ids of its calendars, or "default".
        api: how Graph is asked.
        me: the addresses of whoever the mailbox belongs to, in lower case.
        on_behalf: also judge calendars that belong to others.
        may_write: whether the sign-in was for more than reading.
        page_size: events in one answer.
    """

    vendor = "Microsoft"
    cursor_version = 1

    def __init__(
        self,
        account: str,
        calendars: Sequence[str],
        api: GraphApi,
        *,
        me: Collection[str],
        on_behalf: bool = False,
        may_write: Callable[[], bool] = lambda: True,
        page_size: int = _PAGE,
    ) -> None:
        super().__init__(account, calendars, may_write=may_write, page_size=page_size)
        self._api, self._me, self._on_behalf = api, frozenset(one.lower() for one in me), on_behalf
        self._fresh: dict[str, Resource] = {}
        self._sees_schedules = True
        self._keeps_marks: bool | None = None  # not known before the first write
        self._not_judged_now: set[str] = set()

    @property
    def clock_offset(self) -> timedelta | None:
        return self._api.clock_offset

    def capabilities(self, calendar: str) -> Capabilities:
        self._check(calendar)
        return Capabilities(
            writes=_WRITES if calendar not in self._not_judged_now and self._may_write() else frozenset(),
            notices=Notices.ALWAYS,
            can_see_free_busy=self._sees_schedules,
            keeps_marks=False,
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
        self._not_judged_now.discard(calendar)
        if remark := self._why_not_judged(calendar):
            self._not_judged_now.add(calendar)
            yield self._not_judged(calendar, remark, window)
            return
        pages = self._api.delta(calendar, window.start, window.end, page_size=self._page_size)
        told = Round.of(pages)
        faults: Faults = {}
        masters = self._masters(told)
        items = [one for id_, one in told.items.items() if kind_of(one) != MASTER and id_ not in told.removed]
        both = sorted(told.removed & told.items.keys())
        items += [one for id_ in both if (one := self._still_there(calendar, id_, window)) is not None]
        yield Page(events=tuple(self._events(calendar, window, items, masters, faults)), full=True)
        yield self._last(told.link, window, faults)

    def _increment(self, calendar: str, known: Cursor, window: Window) -> Iterator[Page]:
        """What changed since."""
        told = Round.of(self._api.since(str(known.token), calendar, page_size=self._page_size))
        faults = dict(known.faults)
        removed = few(sorted(told.removed), "events are said to be removed")
        lost = [(id_, self._still_there(calendar, id_, window)) for id_ in removed]
        found = [one for _, one in lost if one is not None]
        gone = [id_ for id_, one in lost if one is None]
        items = {**told.items, **{str(one["id"]): one for one in found}}
        for id_ in gone:
            items.pop(id_, None)
            _forget(faults, id_)
        series = {id_ for one in items.values() if (id_ := series_of(one))}
        alone = {id_: one for id_, one in items.items() if not series_of(one)}
        events = self._events(calendar, window, alone.values(), {}, faults)
        left = alone.keys() - {event.id for event in events} - faults.keys()
        # What is alone now may have been a series, and is all that is left of it.
        yield Page(
            events=tuple(events), removed=(*gone, *sorted(left)), complete=frozenset(event.uid for event in events)
        )
        for id_ in few(sorted(series), "series changed"):
            yield self._series(calendar, id_, items.get(id_), window, faults)
        yield self._last(told.link, window, faults)

    def _series(self, calendar: str, series: str, master: Resource | None, window: Window, faults: Faults) -> Page:
        """All occurrences of a series in the window, as a complete set."""
        _forget(faults, series)
        try:
            whole = master if master is not None and "iCalUId" in master else self._api.get(series)
            instances = self._api.instances(series, window.start, window.end, page_size=self._page_size)
        except EventNotFound:
            return Page(removed=(series,))
        events = self._events(calendar, window, instances, {series: whole}, faults)
        return Page(events=tuple(events), complete=frozenset({self._uid(whole)}))

    def _uid(self, master: Resource) -> str:
        return graph_events.uid_of(master, master)

    def _masters(self, told: Round) -> dict[str, Resource]:
        """The masters of the occurrences; those that the delta left out are asked for."""
        masters = {id_: one for id_, one in told.items.items() if kind_of(one) == MASTER}
        for id_ in sorted({series_of(one) for one in told.items.values()} - masters.keys() - {""}):
            try:
                masters[id_] = self._api.get(id_)
            except EventNotFound:
                log.info("account %s: a series is gone while it was read", self.account)
        return masters

    def _events(
        self,
        calendar: str,
        window: Window,
        items: Iterable[Resource],
        masters: Mapping[str, Resource],
        faults: Faults,
    ) -> list[Event]:
        """Items inside the window as events. `faults` is brought up to date."""
        events: list[Event] = []
        for item in items:
            id_, series = str(item.get("id") or ""), series_of(item)
            faults.pop(id_, None)
            master, thin = masters.get(series), graph_events.is_thin(item)
            if thin and master is None:
                continue  # its series is gone
            try:
                event = self._read(calendar, graph_events.joined(item, master) if master and thin else item, master)
                if not event.body_readable and series:
                    event = self._read(calendar, {**self._api.get(event.id), "id": event.id}, master)
            except EventNotFound:
                continue
            except UNREADABLE as error:
                where = str((master if master and thin else item).get("webLink") or id_ or calendar)
                faults[f"{series} {id_}".strip()] = (where, f"{type(error).__name__}: {error}")
                continue
            if inside(event.start, event.end, window):
                events.append(event)
        return events

    def _read(self, calendar: str, resource: Resource, master: Resource | None) -> Event:
        return graph_events.read_event(resource, account=self.account, calendar=calendar, me=self._me, master=master)

    def _still_there(self, calendar: str, id_: str, window: Window) -> Resource | None:
        """What a delta calls removed: it may be deleted, or live outside the window.

        What lies inside it all the same may be in Deleted Items, where an immutable id still finds it: then no view
        of the calendar shows it.
        """
        try:
            found = {**self._api.get(id_), "id": id_}
            seen: Resource = found
            if kind_of(found) == MASTER:
                told = self._api.instances(id_, window.start, window.end, page_size=self._page_size)
                if not told:
                    return found
                seen = graph_events.joined(told[0], found)
            event = self._read(calendar, seen, None)
        except EventNotFound:
            return None
        except UNREADABLE:
            return found
        if not inside(event.start, event.end, window):
            return found
        slack = timedelta(minutes=1) if event.start.instant else timedelta(days=1)
        start, end = zones.as_utc(event.start) - slack, zones.as_utc(event.end) + slack
        shown = self._api.view(calendar, start, max(start, end))
        return found if event.id in {one.get("id") for one in shown} else None

    def _why_not_judged(self, calendar: str) -> str:
        if calendar == "default":
            return ""
        facts = self._api.calendar(calendar)
        owner = str((facts.get("owner") or {}).get("address") or "").lower()
        if owner and owner not in self._me and not self._on_behalf:
            return (
                f"this calendar belongs to {owner}, so nothing in it is judged. If you look after it on their behalf, "
                "add `on_behalf: true` to the account"
            )
        if facts.get("canEdit") is False:
            return (
                "this calendar is shared with you for reading only: nothing in it is judged. Have it shared with the "
                "right to edit, or take it out of the configuration"
            )
        return ""

    def get(self, event: Event) -> Event:
        self._check(event.calendar)
        resource = self._api.get(event.id, _EXPAND)
        self._fresh = {event.id: resource}
        return self._as_event(event, resource)

    def _as_event(self, known: Event, resource: Resource) -> Event:
        """An occurrence as it stands, under the name that it was told by: a GET dates the UID of an occurrence."""
        try:
            event = self._read(known.calendar, resource, None)
        except UNREADABLE as error:
            raise AccountUnavailable(
                f"An event came from Microsoft in a form that cannot be read ({type(error).__name__}: {error}).",
                not_done="It was not read again.",
                next_step="Look at it in Outlook.",
            ) from error
        named = replace(
            event, uid=known.uid, recurrence_id=known.recurrence_id, series=known.series, source=known.source
        )
        return replace(named, etag=graph_events.content_tag(named))

    def free_busy(self, people: Sequence[str], window: Window) -> FreeBusy:
        if not self._sees_schedules:
            return {}
        try:
            return graph_schedules.taken(self._api, list(dict.fromkeys(people)), window)
        except WriteRefused as error:
            log.info("account %s: nobody's free/busy can be seen (%s)", self.account, error)
            if error.refusal.status == 403:  # personal accounts cannot ask, now or ever
                self._sees_schedules = False
            return {}

    # writing

    def _make(
        self, event: Event, change: Change, *, notify: bool, before_writing: Callable[[Undo | None], None]
    ) -> Applied:
        del notify  # Exchange tells the guests of everything
        resource = self._fresh[event.id]
        written = graph_writing.write(resource, change)
        if not written.body and not written.action:
            return Applied(event=event, etag=event.etag)
        self._api.pace.check_write()
        before_writing(written.undo)
        try:
            answer = self._send(event, resource, written)
        except WriteRefused as error:
            raise self._refused(event, error) from error
        if answer is None:
            raise self.changed_since(event)
        return self._applied(event, resource, written, answer)

    def _send(self, event: Event, resource: Resource, written: Written) -> "_Answer | None":
        """The request, once. None where somebody changed the event before."""
        etag = str(resource.get("@odata.etag") or "")
        late: list[Late] = []

        def send() -> _Answer:
            try:
                if written.action:
                    self._api.act(event.id, written.action, written.body, etag=etag)
                    return _Answer(None)
                return self._patch(event, resource, written, etag)
            except Late as error:
                late.append(error)
                raise

        def look() -> _Answer:
            try:
                return _Answer(self._api.get(event.id), looked=True)
            except EventNotFound:
                return _Answer(None, looked=True)

        def untouched(found: _Answer) -> bool:
            if late:  # nobody promises that If-Match holds, so what may still come is not sent a second time
                raise late[0]
            return found.resource is not None and _version(found.resource) == _version(resource)

        return carried_out(
            self._api.pace,
            send,
            look,
            shows=lambda found: graph_writing.shows(found.resource, written),
            untouched=untouched,
        )

    def _patch(self, event: Event, resource: Resource, written: Written, etag: str) -> "_Answer":
        """A PATCH, without our mark where the server takes none."""
        without = written.without_marks
        if self._keeps_marks is not False:
            try:
                answer = self._api.patch(event.id, written.body, etag=etag)
            except WriteRefused as error:
                about_marks = error.refusal.status == 400 and not error.refusal.code.startswith(_ABOUT_TIME)
                if self._keeps_marks or not about_marks or without == written.body:
                    raise
                no = error
            else:
                self._keeps_marks = self._keeps_marks or without != written.body or None
                return _Answer(answer)
        found = _Answer(self._api.patch(event.id, without, etag=etag) if without else dict(resource))
        if self._keeps_marks is None:
            log.info("account %s: no marks are left on events (%s)", self.account, no)
            self._keeps_marks = False
        return found

    def _applied(self, event: Event, resource: Resource, written: Written, answer: "_Answer") -> Applied:
        """What stands now. After an action that is asked for, as Exchange answers before it is done."""
        if written.action == "cancel":
            instance = Instance.EXCEPTION if event.in_series else event.instance
            gone = replace(event, status=Status.CANCELLED, instance=instance)
            return _of_what_is_gone(gone)
        now = answer.resource if not written.action else None
        if now is None or not answer.looked:  # what a PATCH answers is in a zone of its own, without our mark
            try:
                now = self._api.get(event.id, _EXPAND)
            except EventNotFound:
                now = None
        if now is not None and graph_writing.harmed(resource, now):
            raise ChangeRefused(
                f"The online meeting of {event.title!r} was lost when its text was changed.",
                not_done="The text is changed; nothing else was done.",
                next_step="Open the event in Outlook and turn the online meeting on again.",
            )
        if now is None:  # a declined event that went from the calendar
            partstat = _PARTSTATS.get(str(written.after.get("answer")), Partstat.DECLINED)
            told = tuple(replace(one, partstat=partstat) if one.email in self._me else one for one in event.attendees)
            gone = replace(event, attendees=told)
            return _of_what_is_gone(gone)
        stands = self._as_event(event, now)
        return Applied(event=stands, etag=stands.etag, undo=written.undo)

    def shows(self, event: Event | None, change: Change) -> bool:
        """By what the event says: an answer or a cancellation leaves no mark, and a delta tells of none."""
        if event is None:
            return isinstance(change, Cancel | Decline)
        match change:
            case Cancel():
                return event.status is Status.CANCELLED
            case Decline():
                return self._my_answer(event) is Partstat.DECLINED
            case Tentative() | Propose():
                return self._my_answer(event) is Partstat.TENTATIVE
            case Move():
                return event.start.instant == change.start and event.end.instant == change.end
            case Patch():
                return graph_writing.has_lines(event, change)
            case RestoreTo():
                answer = graph_writing.answer_before(change.undo)
                return answer is None or self._my_answer(event) is _PARTSTATS.get(answer)
            case _:
                return super().shows(event, change)

    def _my_answer(self, event: Event) -> Partstat | None:
        return next((one.partstat for one in event.attendees if one.email in self._me), None)

    def _refused(self, event: Event, error: WriteRefused) -> ChangeRefused | ReadOnly:
        no = error.refusal
        if no.status == 403:
            return ReadOnly(
                f"Microsoft lets the account {self.account!r} not write to {event.calendar!r}: {no}.",
                not_done=f"{event.title!r} was not changed.",
                next_step="Have the calendar shared with the right to edit, or sign in again.",
            )
        return ChangeRefused(
            f"Microsoft refused the change to {event.title!r}: {no}.",
            not_done="It was not changed.",
            next_step="Make the change yourself in Outlook.",
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is known after a request: the event, None where it is gone or the answer was empty."""

    resource: Resource | None
    looked: bool = False


def _version(resource: Resource) -> object:
    """What changes whenever the event does, whichever of Graph's names for it there is."""
    told = resource.get("changeKey") or resource.get("@odata.etag")
    return told or {name: value for name, value in resource.items() if name != "singleValueExtendedProperties"}


def _forget(faults: Faults, id_: str) -> None:
    """Nothing is known any more to be wrong with an event, or with the occurrences of a series."""
    for key in [key for key in faults if key == id_ or key.startswith(f"{id_} ")]:
        del faults[key]


def _of_what_is_gone(event: Event) -> Applied:
    tagged = replace(event, etag=graph_events.content_tag(event))
    return Applied(event=tagged, etag=tagged.etag)
