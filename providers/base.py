"""What every calendar provider promises, and the words it is promised in.

window
    The stretch of time an account is watched in. Occurrences outside it are not reported.
change
    Reading is incremental: `changes(cursor, window)` yields pages, the last of which carries the new cursor.
    A reader that stops before the last page keeps its old cursor and loses nothing.
complete set
    For a UID named in `Page.complete`, the page holds every occurrence inside the window; occurrences known
    from before and not in the page are gone (with no events at all, the whole UID is). This is how a series
    change is told, whatever the vendor.
full listing
    A pass that starts with `Page.full` lists everything; what it does not list is gone.

change record
    A write is a record (`Cancel`, `Decline`, …) applied to one occurrence, on condition that the occurrence still
    has the etag it was judged with. Masters are never written: a change to one occurrence of a series makes or
    edits its exception.
mark
    Every write leaves its idempotency key on the occurrence, where the calendar can keep it, so that a later reading
    tells what was done.

A provider knows calendars and nothing of rules. It reads, and writes what it is told; it decides nothing.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, final

from agendad.providers.errors import ChangeRefused, PreconditionFailed, ReadOnly
from agendad.providers.model import Event, Status


@dataclass(frozen=True, slots=True)
class Window:
    """Aware UTC instants; `start` inclusive, `end` exclusive. An event is inside if any part of it is."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for instant in (self.start, self.end):
            if instant.utcoffset() != timedelta(0):
                raise ValueError("a window is bounded by aware UTC instants")
        if self.start >= self.end:
            raise ValueError("a window ends after it starts")

    @classmethod
    def around(cls, now: datetime, *, lookback: timedelta, horizon: timedelta) -> "Window":
        """The window for `now` (aware, any zone).

        >>> from datetime import datetime, timedelta, UTC
        >>> Window.around(datetime(2026, 5, 2, tzinfo=UTC), lookback=timedelta(1), horizon=timedelta(2)).end
        datetime.datetime(2026, 5, 4, 0, 0, tzinfo=datetime.timezone.utc)
        """
        now = now.astimezone(UTC)
        return cls(now - lookback, now + horizon)

    @property
    def in_whole_days(self) -> "Window":
        """The days (UTC) that it touches. It moves once a day, so that a calendar on a server is listed anew only then.

        >>> from datetime import datetime, UTC
        >>> window = Window(datetime(2026, 5, 1, 9, tzinfo=UTC), datetime(2026, 5, 2, 9, tzinfo=UTC)).in_whole_days
        >>> window.start.isoformat(), window.end.isoformat()
        ('2026-05-01T00:00:00+00:00', '2026-05-03T00:00:00+00:00')
        """
        start = self.start.replace(hour=0, minute=0, second=0, microsecond=0)
        end = self.end.replace(hour=0, minute=0, second=0, microsecond=0)
        return Window(start, end if end == self.end else end + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a calendar that could not be read. `line` is 1-based, or None."""

    source: str
    message: str
    line: int | None = None
    refused: bool = True
    """A file or an event was left out for it; False for a remark about what was read all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One step of a pass over a calendar; see the module's docstring for the words."""

    events: tuple[Event, ...] = ()
    complete: frozenset[str] = frozenset()
    removed: tuple[str, ...] = ()
    """Vendor ids (`Event.id`) that are gone; a series' id (`Event.series`) takes all its occurrences along."""
    problems: tuple[Problem, ...] = ()
    full: bool = False
    cursor: str | None = None
    """Set on the last page, and only there."""


class WriteKind(StrEnum):
    """The sorts of change records; `Capabilities` names those that a calendar takes."""

    CANCEL = "cancel"
    DECLINE = "decline"
    TENTATIVE = "tentative"
    PATCH = "patch"
    MOVE = "move"
    PROPOSE = "propose"
    SHARE = "share"
    RESTORE = "restore"


class Notices(StrEnum):
    """Who tells the guests of a change.

    NEVER: the calendar tells nobody, a mail from us does. ON_REQUEST: its server does, if asked to.
    ALWAYS: its server does, and cannot be kept from it.
    """

    NEVER = "never"
    ON_REQUEST = "on-request"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What can be done to one calendar; by default nothing."""

    writes: frozenset[WriteKind] = frozenset()
    notices: Notices = Notices.NEVER
    can_see_free_busy: bool = False
    """`free_busy` may know of other people."""
    keeps_marks: bool = True
    """Whether whatever is written leaves its mark; `CalendarProvider.shows` goes by the event itself otherwise."""

    def tells_guests(self, *, notify: bool) -> bool:
        """Whether a write with this `notify` makes the server tell them: then no mail of ours may."""
        return self.notices is Notices.ALWAYS or (self.notices is Notices.ON_REQUEST and notify)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """What gives an occurrence its state from before one write; for its provider alone to read.

    `snapshot` is text, fit for a database. What guests were told is not taken back by it.
    """

    snapshot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """`mark` is the idempotency key, `at` the time of writing (aware UTC) that the calendar records."""

    mark: str
    at: datetime

    def __post_init__(self) -> None:
        if not self.mark.strip() or not self.mark.isprintable():
            raise ValueError("a mark is one printable line")
        _check_utc(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(_Written):
    """The organizer calls the occurrence off (RFC 5546 §3.2.5); it stays, with STATUS CANCELLED."""

    kind: ClassVar = WriteKind.CANCEL
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline(_Written):
    """An attendee will not come. `attendee` is the address the invitation went to; nobody else's answer changes."""

    kind: ClassVar = WriteKind.DECLINE
    attendee: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tentative(_Written):
    """An attendee may come; as `Decline`."""

    kind: ClassVar = WriteKind.TENTATIVE
    attendee: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch(_Written):
    """Lines for the body, as plain text and as HTML where there is HTML. The rest of the event stays as it is.

    Lines of the body that hold `marker` are ours. With `replace` they go and `lines` come; without, `lines` come
    after them. A line in `lines` without the marker (a skeleton to fill in) belongs to people once written.

    With `until` our lines are one block: from the first line that holds `marker` to the next that holds `until`.
    `lines`, which begin and end with those two, come in its place, or on top of the body where there is none; without
    `lines` it goes. Everything else in the body keeps every byte.
    """

    kind: ClassVar = WriteKind.PATCH
    marker: str
    lines: tuple[str, ...] = ()
    replace: bool = True
    until: str | None = None
    hold: str | None = None
    """A label to put on the event ("agenda pending")."""
    release: str | None = None
    """A label to take off."""

    def __post_init__(self) -> None:
        _Written.__post_init__(self)
        if not self.marker.strip() or len(self.marker.splitlines()) != 1:
            raise ValueError("a marker is part of one line")
        if any(len(line.splitlines()) > 1 for line in self.lines):
            raise ValueError("each line of a patch is one line")
        if self.until is None:
            return
        if not self.until.strip() or len(self.until.splitlines()) != 1 or not self.replace:
            raise ValueError("a block ends with one line, and is replaced whole")
        ends = [(self.marker in line, self.until in line) for line in self.lines]
        if ends and (not ends[0][0] or not ends[-1][1] or any(map(any, ends[1:-1])) or len(ends) == 1):
            raise ValueError("a block begins with its marker and ends with `until`, and neither is inside")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(_Written):
    """The organizer moves the occurrence; `start` and `end` are aware UTC.

    It stays in the zone it was written in. The guests' answers were for the old time and become NEEDS-ACTION.
    Where a server tells the guests, `marker` and `lines` go into the body, as of a `Patch`, and so into its notice.
    """

    kind: ClassVar = WriteKind.MOVE
    start: datetime
    end: datetime
    message: str = ""
    marker: str = ""
    lines: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _Written.__post_init__(self)
        if self.lines and not self.marker.strip():
            raise ValueError("lines in a body have a marker")
        _check_utc(self.start, self.end)
        if self.start >= self.end:
            raise ValueError("a meeting ends after it starts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Propose(_Written):
    """An attendee asks for another time (RFC 5546 §3.2.7). `slots` are (start, end) in aware UTC, the best first."""

    kind: ClassVar = WriteKind.PROPOSE
    attendee: str
    slots: tuple[tuple[datetime, datetime], ...]
    message: str = ""

    def __post_init__(self) -> None:
        _Written.__post_init__(self)
        _check_utc(*(instant for slot in self.slots for instant in slot))
        if not self.slots or any(start >= end for start, end in self.slots):
            raise ValueError("a proposal has slots, each of which ends after it starts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(_Written):
    """The organizer lets the guests change the occurrence: its time, its text. Nobody is told by it."""

    kind: ClassVar = WriteKind.SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTo:
    """Take one earlier write back, its mark included.

    If nothing else changed since, all is as it was. Otherwise only what that write set is set back, and only
    where it still stands.

    Guests who were told of the write take only a later revision for news (RFC 5546 §2.1.5): with `above`, the
    SEQUENCE that they were told, what comes back gets a higher one, dated `at` (aware UTC).
    """

    kind: ClassVar = WriteKind.RESTORE
    undo: Undo
    above: int | None = None
    at: datetime | None = None

    def __post_init__(self) -> None:
        if (self.above is None) != (self.at is None):
            raise ValueError("a new revision has a number and a time")
        if self.at is not None:
            _check_utc(self.at)


FreeBusy = Mapping[str, tuple[tuple[datetime, datetime], ...]]
"""Address → when they are taken (aware UTC, start and end); those who cannot be seen are not in it."""

Change = Cancel | Decline | Tentative | Patch | Move | Propose | Share | RestoreTo


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a write came to.

    `event` is the occurrence as it stands now, None where the calendar no longer shows it. `undo` is None
    where nothing was written (the mark was there before), or where it cannot be taken back.
    """

    event: Event | None
    etag: str = ""
    undo: Undo | None = None


def _check_utc(*instants: datetime) -> None:
    if any(instant.utcoffset() != timedelta(0) for instant in instants):
        raise ValueError("a change has aware UTC instants")


def _ignore(_undo: Undo | None) -> None:
    pass


class CalendarProvider(ABC):
    """One account. Instances are used by one thread at a time."""

    remote: ClassVar[bool] = False
    """Whether it may keep its reader waiting: such accounts are read beside each other."""

    def __init__(self, account: str) -> None:
        self.account = account

    @property
    def clock_offset(self) -> timedelta | None:
        """The server's clock (Date, RFC 9110 §6.6.1) minus ours at its last answer; None where there is no server."""
        return None

    @abstractmethod
    def calendars(self) -> tuple[str, ...]:
        """The ids of the calendars that are watched, in the order of the configuration.

        Raises:
            AccountUnavailable: the account cannot be reached.
        """

    @abstractmethod
    def changes(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        """What changed in `calendar` since `cursor`; everything inside the window if `cursor` is None.

        The same cursor may be used twice with the same answer. A window that moved makes the provider report
        what has come into it since.

        Raises:
            AccountUnavailable: nothing was read; the cursor stays good.
            CursorExpired: start again with None.
        """

    @abstractmethod
    def get(self, event: Event) -> Event:
        """The occurrence as it stands now, read afresh.

        Raises:
            EventNotFound: it is gone.
            AccountUnavailable: it could not be read.
        """

    @abstractmethod
    def capabilities(self, calendar: str) -> Capabilities:
        """What may be done to `calendar`. No network is used."""

    def shows(self, event: Event | None, change: Change) -> bool:
        """Whether a reading tells that a change was made; `event` as it stands, None where it is gone."""
        return event is not None and not isinstance(change, RestoreTo) and change.mark in event.marks

    def close(self) -> None:  # noqa: B027 - only those on a network have connections
        """Let go of connections; it may be used again all the same."""

    def free_busy(self, people: Sequence[str], window: Window) -> FreeBusy:  # noqa: ARG002 - for those that can
        """When people are taken, of those who can be seen from this account; by default nobody.

        Raises:
            AccountUnavailable: it could not be read.
        """
        return {}

    @final
    def apply(
        self, event: Event, change: Change, *, notify: bool, before_writing: Callable[[Undo | None], None] = _ignore
    ) -> Applied:
        """Make `change` to one occurrence, if it still is what `event` says it is.

        The occurrence is read afresh first. A change whose mark is on it already has been made and is not
        made again.

        Args:
            event: the occurrence as it was judged, with its etag.
            change: what to do.
            notify: have the server tell the guests, where it can be asked; see `Capabilities.tells_guests`.
            before_writing: called once with what will take the write back, when nothing but the write is left to
                do: the moment to write the intent down. Not called where nothing is written.

        Raises:
            ReadOnly: the calendar is not to be written.
            ChangeRefused: this cannot be done to this occurrence.
            PreconditionFailed: it changed since it was read.
            EventNotFound: it is gone.
            AccountUnavailable: the account cannot be reached. Whether anything was written is then not known,
                and the mark tells.
        """
        self._check_permission(event, change)
        fresh = self.get(event)
        if not isinstance(change, RestoreTo) and change.mark in fresh.marks:
            return Applied(event=fresh, etag=fresh.etag)
        if not event.etag or fresh.etag != event.etag:
            raise self.changed_since(event)
        _check_sense(fresh, change)
        return self._apply(fresh, change, notify=notify, before_writing=before_writing)

    @abstractmethod
    def _apply(
        self, event: Event, change: Change, *, notify: bool, before_writing: Callable[[Undo | None], None]
    ) -> Applied:
        """Make a change that this calendar takes, on condition of the etag of `event`, which was read just now."""

    def _check_permission(self, event: Event, change: Change) -> None:
        can = self.capabilities(event.calendar)
        if not can.writes:
            raise ReadOnly(
                f"The calendar {event.calendar!r} of the account {self.account!r} is read-only.",
                not_done=f"{event.title!r} was not changed ({change.kind}).",
                next_step="Make the change yourself, or let the account write in the configuration.",
            )
        if change.kind not in can.writes:
            raise ChangeRefused(
                f"The calendar {event.calendar!r} of the account {self.account!r} cannot {change.kind}.",
                not_done=f"{event.title!r} was not changed.",
                next_step="Make the change yourself, or by mail.",
            )

    @staticmethod
    def changed_since(event: Event) -> PreconditionFailed:
        """The error that says so."""
        return PreconditionFailed(
            f"{event.title!r} has changed since it was judged.",
            not_done="Nothing was written.",
            next_step="It is read and judged again at the next pass.",
        )


def _check_sense(event: Event, change: Change) -> None:
    """Refuse what no calendar can do.

    Raises:
        ChangeRefused: always with the reason.
    """
    reason = ""
    if isinstance(change, RestoreTo):
        return
    if event.status is Status.CANCELLED:
        reason = "has been cancelled already"
    elif isinstance(change, Move) and event.start.instant is None:
        reason = "has no certain time (it is all-day, or its zone is not known), so it cannot be moved"
    elif isinstance(change, Patch) and not event.body_readable:
        reason = "has a body that could not be read whole, so it cannot be patched"
    elif isinstance(change, Decline | Tentative | Propose) and change.attendee.casefold() not in {
        attendee.email for attendee in event.attendees if attendee.email
    }:
        reason = f"was not sent to {change.attendee}, so there is no answer to give"
    if reason:
        raise ChangeRefused(
            f"{event.title!r} {reason}.",
            not_done="It was not changed.",
            next_step="Look at the event, and change it yourself if it needs it.",
        )
