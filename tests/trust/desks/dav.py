"""CalDAV: real servers, and between them and agendad a proxy that answers in their place, or spoils what they say."""

import atexit
import itertools
import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import ClassVar

from acting.conftest import ME, NOW, calendar, vevent
from simulators.dav import PASSWORD, Between, DavServer, Radicale, Trouble, Xandikos

from agendad.daemon.config_accounts import CaldavAccount
from agendad.daemon.dav_sign_in import DavSignIn
from agendad.providers.caldav import CaldavProvider
from agendad.providers.dav_http import DavHttp
from trust.desks.base import Network
from trust.fault_kinds import STALL

_NUMBERS = itertools.count()


@cache
def _started(kind: type[DavServer]) -> DavServer:
    """One for all that this process tries."""
    folder = tempfile.TemporaryDirectory(prefix="agendad-trust-dav-")
    server = kind(Path(folder.name)).start()
    if isinstance(server, Xandikos):
        server.know(ME)
    atexit.register(folder.cleanup)
    atexit.register(server.close)
    return server


class Dav(Network):
    """At a server that tells nobody: agendad mails."""

    kind: ClassVar[type[DavServer]] = Radicale

    def open(self) -> Between:
        self.dav = _started(self.kind)
        name = f"desk-{next(_NUMBERS)}"
        self.path = self.dav.make_calendar(name)
        self.stack.callback(self.dav.delete, self.path)
        self.named = name if self.verb.finds else self.path
        return self.stack.enter_context(Between(self.dav.url, NOW))

    def provider(self) -> CaldavProvider:
        shape = {"name": "home", "provider": "caldav", "url": self.server.url, "username": "grace"}
        account = CaldavAccount.model_validate(shape | {"auth": {"method": "password", "env": "DAV_PASSWORD"}})
        sign_in = DavSignIn(
            account=account, username="grace", environ={"DAV_PASSWORD": PASSWORD}, clock=lambda: self.waits.now
        )
        http = DavHttp(
            "home",
            account.url,
            authorization=sign_in.authorization,
            refused=sign_in.refused,
            now=lambda: NOW,
            pace=self.waits.pace(),
            timeout=self.timeout,
        )
        return CaldavProvider("home", [self.named], http, me=[ME])

    def invite(self, start: datetime, body: str) -> None:
        text = calendar(vevent(start, organizer=self.verb.by, body=body))
        self.dav.put(f"{self.path}one.ics", text.encode())

    def order(self) -> None:
        kind, *words = (word for word in self.fault.split() if word != "always")
        after = [int(word.removeprefix("after=")) for word in words if word.startswith("after=")]
        self.trouble = Trouble(
            kind=" ".join([kind, *(word for word in words if not word.startswith("after="))]),
            method=self.verb.method,
            path=self.verb.path or "",
            after=self.verb.after,
            times=None if "always" in self.fault else 1,
            retry_after=after[0] if after else None,
            delay=STALL,
        )
        self.server.rules.append(self.trouble)

    def over(self) -> None:
        self.server.rules.clear()
        self.trouble.over.set()
        super().over()

    def under_way(self) -> bool:
        return any(request.status is None for request in self.server.requests)

    def met(self) -> bool:
        return self.trouble.met > 0

    def forget_notices(self) -> None:
        self.server.requests.clear()
        for path in (self.house.folder / "state" / "outbox").glob("*.eml"):
            path.unlink()


class Scheduling(Dav):
    """At a server that tells the guests of every change that it takes (RFC 6638)."""

    kind = Xandikos

    def notices(self) -> int:
        took = [one for one in self.server.requests if one.method == "PUT" and one.upstream in (200, 201, 204)]
        return len(took) + super().notices()
