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

A provider knows calendars and nothing of rules. It reads; it decides nothing.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agendad.providers.model import Event


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
    """Vendor ids (`Event.id`) that are gone."""
    problems: tuple[Problem, ...] = ()
    full: bool = False
    cursor: str | None = None
    """Set on the last page, and only there."""


class CalendarProvider(ABC):
    """One account. Instances are used by one thread at a time."""

    def __init__(self, account: str) -> None:
        self.account = account

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
