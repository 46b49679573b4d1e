"""What calendars on a server have in common: a cursor over a window, events that cannot be read, words for refusals."""

import json
import ssl
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from agendad.providers.base import Applied, CalendarProvider, Change, Page, Problem, Undo, Window
from agendad.providers.bounded import TooLarge
from agendad.providers.errors import AccountUnavailable, ChangeRefused, CursorExpired, NotWritten
from agendad.providers.model import Event
from agendad.providers.pacing import Throttled, Unsure, in_words

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
"""What reading a resource that is none raises."""
MANY = 25
"""Things to look up one by one; reading the whole calendar anew is cheaper than more of them."""

Faults = dict[str, tuple[str, str]]
"""The id of an event that cannot be read → where it is, and why."""


class NotOurs(Exception):
    """This copy of an event is not the one that such a change is made to. The message says why."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The window that was listed, the vendor's token for what changes after it, and what could not be read so far."""

    token: str | None
    listed: Window
    faults: Mapping[str, tuple[str, str]]

    def covers(self, window: Window) -> bool:
        """Whether the token tells all that is new in a window; else it is listed."""
        return self.token is not None and self.listed.start <= window.start and window.end <= self.listed.end

    def dump(self, version: int) -> str:
        bounds = (self.listed.start.isoformat(), self.listed.end.isoformat())
        return json.dumps([version, self.token, *bounds, self.faults])

    @classmethod
    def load(cls, text: str, version: int) -> "Cursor":
        """The inverse of `dump`.

        Raises:
            CursorExpired: it is none, or of another version.
        """
        try:
            written, token, start, end, faults = json.loads(text)
            if written != version or not isinstance(token, str | None):
                raise ValueError(written)  # noqa: TRY301 - told like any other text that is not ours
            told = {str(id_): (str(where), str(why)) for id_, (where, why) in faults.items()}
            return cls(token, Window(datetime.fromisoformat(start), datetime.fromisoformat(end)), told)
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise CursorExpired(
                "The remembered state of the calendar is not from this version.",
                not_done="Nothing was read.",
                next_step="The calendar is read anew from the start.",
            ) from None


class RemoteProvider(CalendarProvider):
    """One account on a server.

    Args:
        account: its name in the configuration.
        calendars: the ids of its calendars, as the configuration names them.
        may_write: whether the sign-in was for more than reading.
        page_size: events in one answer.
    """

    remote = True
    vendor: ClassVar[str]
    """Whose server it is, for messages."""
    cursor_version: ClassVar[int]
    """Raised when what is told of an unchanged calendar changes, so that it is told anew."""

    def __init__(
        self, account: str, calendars: Sequence[str], *, may_write: Callable[[], bool], page_size: int
    ) -> None:
        super().__init__(account)
        self._calendars = tuple(dict.fromkeys(calendars))
        self._may_write, self._page_size = may_write, page_size

    def calendars(self) -> tuple[str, ...]:
        return self._calendars

    def _check(self, calendar: str) -> None:
        if calendar not in self._calendars:
            raise AccountUnavailable(
                f"The account {self.account!r} has no calendar {calendar!r}.",
                not_done="Nothing was read.",
                next_step=f"Name one of these: {', '.join(self._calendars)}.",
            )

    def _known(self, cursor: str | None, window: Window) -> Cursor | None:
        """What was listed before, where that is of use for a window."""
        known = Cursor.load(cursor, self.cursor_version) if cursor is not None else None
        return known if known is not None and known.covers(window) else None

    def _last(self, token: str | None, window: Window, faults: Faults) -> Page:
        """The end of a pass: the vendor's token, and what could not be read."""
        problems = tuple(
            Problem(where, f"an event could not be read and was left out ({why})") for where, why in faults.values()
        )
        return Page(problems=problems, cursor=Cursor(token, window, faults).dump(self.cursor_version))

    def _not_judged(self, calendar: str, remark: str, window: Window) -> Page:
        """A calendar that is not looked after: as if there were nothing in it, and a remark."""
        cursor = Cursor(None, window, {}).dump(self.cursor_version)
        return Page(full=True, problems=(Problem(calendar, remark, refused=False),), cursor=cursor)

    def _apply(
        self, event: Event, change: Change, *, notify: bool, before_writing: Callable[[Undo | None], None]
    ) -> Applied:
        try:
            return self._make(event, change, notify=notify, before_writing=before_writing)
        except NotOurs as error:
            raise ChangeRefused(
                f"{event.title!r} was not changed: {error}.",
                not_done="Nothing was written.",
                next_step="Ask its organizer, or answer it yourself.",
            ) from error
        except Throttled as error:
            when = f"in {in_words(error.after)}" if error.after else "at the next pass"
            raise NotWritten(
                error.happened,
                not_done=f"{event.title!r} was not changed.",
                next_step=f"It is looked at again {when}.",
            ) from error
        except Unsure as error:
            raise AccountUnavailable(
                f"Account {self.account}: {error.happened}",
                not_done=f"Whether {event.title!r} was changed is not known.",
                next_step="It is read again at the next pass, which tells.",
            ) from error

    @abstractmethod
    def _make(
        self, event: Event, change: Change, *, notify: bool, before_writing: Callable[[Undo | None], None]
    ) -> Applied:
        """As `CalendarProvider._apply`; Throttled, Unsure and NotOurs are told by the caller."""


def few(ids: Sequence[str], what: str) -> Sequence[str]:
    """These ids, if they are not too many to look up one by one.

    Raises:
        CursorExpired: they are.
    """
    if len(ids) > MANY:
        raise CursorExpired(
            f"{len(ids)} {what} at once.",
            not_done="Nothing was concluded yet.",
            next_step="The calendar is read anew as a whole.",
        )
    return ids


def unavailable(account: str, error: Throttled | Unsure) -> AccountUnavailable:
    """What pacing says of a reading, for whoever knows nothing of pacing."""
    when = f"in {in_words(error.after)}" if error.after else "at the next pass"
    stays = "" if isinstance(error, Throttled) or error.again else f" {_IN_BETWEEN}"
    return AccountUnavailable(
        f"Account {account}: {error.happened}",
        not_done="Nothing was concluded from it.",
        next_step=f"It is tried again by itself {when}.{stays}",
    )


_IN_BETWEEN = (
    "If that goes on, see whether the address in the configuration is right, and what stands between here and there."
)


def overlong(host: str, error: TooLarge) -> Unsure:
    """What an answer without end means: whether a write was made is not known, and asking again brings no other."""
    return Unsure(f"{host} sent an answer that was not read to its end: {error}.", again=False)


def untrusted(account: str, host: str, error: BaseException) -> AccountUnavailable | None:
    """The error to raise where nobody vouches for a server: nothing was said to it. None for any other fault."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        return None
    return AccountUnavailable(
        f"Account {account}: the certificate of {host} cannot be trusted ({cause.verify_message}).",
        not_done="Nothing was sent to it, no sign-in either.",
        next_step="Somebody may be in between. Where your organization signs certificates itself, name the file with "
        "its own in SSL_CERT_FILE.",
    )
