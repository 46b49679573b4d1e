"""Grace's agendad at CalDAV servers: one that tells nobody of what she changes, and one that tells the guests itself.

The servers run once for all installations of a process; each has a calendar of its own there.
"""

import itertools
import tempfile
from contextlib import ExitStack
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from end_to_end.offices import ADA, ME
from icalendar import Calendar
from simulators.dav import PASSWORD, Between, DavServer, Radicale, Xandikos

from trust.offices import Text, unfolded

_NUMBERS = itertools.count()
_UNSEEN = ("DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "X-")
"""What changes and is no news to a guest."""


@cache
def _running(kind: type[DavServer]) -> DavServer:
    folder = tempfile.TemporaryDirectory(prefix="agendad-trust-")
    server = kind(Path(folder.name))
    Finalize(server, folder.cleanup, exitpriority=5)
    Finalize(server, server.close, exitpriority=10)
    server.start()
    if isinstance(server, Xandikos):
        server.know(ME)
    return server


class Caldav(Text):
    """At Radicale, which has no scheduling: agendad's own mails tell the guests."""

    name = "caldav"
    kind: type[DavServer] = Radicale

    def open(self, stack: ExitStack) -> None:
        self.server = _running(self.kind)
        self.between = stack.enter_context(Between(self.server.url))
        self._calendar = self.server.make_calendar(f"calendar-{next(_NUMBERS)}", title="Work")
        stack.callback(self.server.delete, self._calendar)
        self._password = PASSWORD

    def account(self):
        return (
            f"{{name: work, provider: caldav, username: grace, auth: {{method: password, env: DAV_PASSWORD}},"
            f' url: "{self.between.url}{self.server.home("grace")}", calendars: [{self._calendar}]}}'
        )

    def secrets(self):
        return {"DAV_PASSWORD": self._password}

    def sign_out(self):
        self._password = "ended"  # noqa: S105 - none

    @property
    def _path(self) -> str:
        return f"{self._calendar}one.ics"

    def put(self, text):
        self.server.put(self._path, text.replace("\n", "\r\n").encode())

    def text(self):
        return unfolded(self.server.get(self._path))


class Scheduling(Caldav):
    """At Xandikos, which knows Grace's address and says that it schedules: it tells Ada of what is written to it."""

    name = "caldav that tells the guests"
    kind = Xandikos

    def open(self, stack):
        super().open(stack)
        self._told: list[str] = []
        self.between.rules.append(self._watch)

    def put(self, text):
        self.server.know()  # what its organizer changed comes in by mail, and not from the attendee
        super().put(text)
        self.server.know(ME)

    def _watch(self, seen: Any, ask: Any) -> Any:
        if seen.method != "PUT":
            return None
        before, reply = self.text(), ask()
        if reply.status in (200, 201, 204):
            self._told += _news(before, unfolded(seen.body))
        return reply

    def notices(self):
        return list(self._told)


def _news(before: str, after: str) -> list[str]:
    """What such a server sends because of a write: one message where something changed that the others see."""
    was, now = (Calendar.from_ical(text).walk("VEVENT")[0] for text in (before, after))
    if str(now["ORGANIZER"]).endswith(ME):
        kind = "CANCEL" if now.get("STATUS") == "CANCELLED" else "REQUEST"
        return [f"{kind} to {ADA}"] if _visible(was) != _visible(now) else []
    answers = [_answer(one) for one in (was, now)]
    return [f"REPLY {answers[1]} to {ADA}"] if answers[0] != answers[1] else []


def _visible(event: Any) -> list[str]:
    lines = event.to_ical().decode().replace("\r\n ", "").splitlines()
    return sorted(line for line in lines if not line.startswith(_UNSEEN))


def _answer(event: Any) -> str:
    return next(str(one.params["PARTSTAT"]) for one in _all(event["ATTENDEE"]) if str(one).endswith(ME))


def _all(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]
