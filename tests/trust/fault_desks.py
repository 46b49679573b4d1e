"""One installation whose only account, folder or mail server meets trouble."""

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from acting.conftest import ADA, CANCEL, HOUR, ME, NOW, House
from conformance import outlook_backing
from conformance.google_backing import Waits
from simulators.google import GoogleSimulator
from simulators.graph import GraphSimulator
from simulators.mailbox import at_work

from agendad.providers.google import GoogleProvider
from agendad.providers.google_api import GoogleApi
from agendad.providers.google_refusals import why_refused
from agendad.providers.google_signin import bearer
from agendad.providers.icsfolder import IcsFolderProvider
from agendad.providers.outlook import OutlookProvider
from trust.fault_kinds import SLOW, Verb, fault_of


class Desk(ABC):
    """One installation whose only account meets trouble."""

    def __init__(self, folder: Path, verb: Verb, fault: str) -> None:
        self.verb, self.fault = verb, fault
        self.house = House(folder)
        self.waits = Waits()

    @abstractmethod
    def prepare(self) -> None:
        """Everything is there, and the fault waits."""

    def over(self) -> None:
        """The trouble is over, a while later."""
        self.waits.now += 86_400

    def notices(self) -> int:
        return len(self.house.mails(ADA))

    def met(self) -> bool:
        return True

    def state(self) -> str:
        """What became of what was to be done: the state of the action, else why there is none."""
        rows = self.house.journal.actions(NOW - timedelta(days=30))
        return rows[-1].state.value if rows else "nothing"

    def explained(self) -> bool:
        rows = self.house.journal.actions(NOW - timedelta(days=30))
        silent = ("confirmed", "nothing")
        return all(row.state.value in silent or row.detail for row in rows)

    def close(self) -> None:
        self.house.store.close()


class Network(Desk):
    def __init__(self, folder: Path, verb: Verb, fault: str, stack: ExitStack) -> None:
        super().__init__(folder, verb, fault)
        self.stack = stack
        self.server = self.open()
        provider = self.provider()
        stack.callback(provider.close)
        self.house.server = provider
        self.house.configure(ladder=CANCEL)

    def prepare(self) -> None:
        if self.verb.known:
            self.house.run()
        self.invite()
        self.server.mails.clear()
        where = {"method": self.verb.method, "path": self.verb.path, "after": self.verb.after}
        self.server.faults.add(**where, **fault_of(self.fault, isinstance(self.server, GoogleSimulator)))

    def over(self) -> None:
        super().over()
        self.server.faults.clear()

    def met(self) -> bool:
        return any(request.fault for request in self.server.requests)

    def notices(self) -> int:
        return len([mail for mail in self.server.mails if mail.to == ADA]) + super().notices()

    @property
    def timeout(self) -> float:
        return SLOW if "stall" in self.fault else 10.0

    @abstractmethod
    def open(self) -> Any:
        """As the vendor has it."""

    @abstractmethod
    def provider(self) -> Any:
        """As the vendor has it."""

    @abstractmethod
    def invite(self) -> None:
        """As the vendor has it."""


class Google(Network):
    def open(self) -> GoogleSimulator:
        google = self.stack.enter_context(GoogleSimulator(now=NOW))
        google.add_person(ME, zone="America/New_York", name="Grace Hopper")
        google.add_person(ADA, zone="Europe/London", name="Ada Lovelace")
        return google

    def provider(self) -> GoogleProvider:
        token = self.server.token_for(ME)
        api = GoogleApi(
            "home",
            self.server.api_root,
            credentials=lambda: bearer(token),
            why_refused=lambda error: why_refused(error, "home"),
            now=lambda: NOW,
            pace=self.waits.pace(),
            timeout=self.timeout,
        )
        return GoogleProvider("home", ["primary"], api)

    def invite(self) -> None:
        start = NOW + 30 * HOUR
        times = {"start": {"dateTime": start.isoformat()}, "end": {"dateTime": (start + HOUR / 2).isoformat()}}
        guests = [{"email": email, "responseStatus": "accepted"} for email in (ME, ADA)]
        body = {"summary": "Mentoring: Ada and Grace", "attendees": guests, **times}
        self.server.as_(self.verb.by).insert("primary", body, "all")


class Outlook(Network):
    def open(self) -> GraphSimulator:
        graph = self.stack.enter_context(GraphSimulator(now=NOW))
        graph.add_person(ME, zone="Eastern Standard Time", name="Grace Hopper")
        graph.add_person(ADA, zone="GMT Standard Time", name="Ada Lovelace")
        return graph

    def provider(self) -> OutlookProvider:
        pace = self.waits.pace()
        api = outlook_backing.api_for(self.server, ME, "home", pace=pace, timeout=self.timeout)
        return OutlookProvider("home", ["default"], api, me=[ME])

    def invite(self) -> None:
        other = ADA if self.verb.by == ME else ME
        start = NOW + 30 * HOUR
        made = self.server.as_(self.verb.by).create(
            {
                "subject": "Mentoring: Ada and Grace",
                "start": outlook_backing._time(start),
                "end": outlook_backing._time(start + HOUR / 2),
                "attendees": [{"emailAddress": {"address": other}, "type": "required"}],
            }
        )
        theirs = self.server.as_(other)
        theirs.accept(theirs.copy_of(made["iCalUId"])["id"])


class Meddled(IcsFolderProvider):
    """A folder to which something happens right before it is read for the n-th time."""

    happens: Callable[[], None] | None = None
    after = 0

    def get(self, event: Any) -> Any:
        if self.happens is not None:
            if self.after == 0:
                self.happens()
                self.happens = None
            self.after -= 1
        return super().get(event)


class Folder(Desk):
    def prepare(self) -> None:
        self.house.configure(ladder=CANCEL)
        path = self.house.invite(NOW + 30 * HOUR)
        provider = Meddled("home", self.house.home, writable=True)
        provider.after = self.verb.after
        provider.happens = {
            "gone": path.unlink,
            "changed by somebody": lambda: self.house.edit("Ada and Grace", "Grace and Ada"),
            "agenda comes": lambda: self.house.edit("END:VEVENT", "DESCRIPTION:Agenda: my talk in March\r\nEND:VEVENT"),
            "no calendar any more": lambda: path.write_text("x"),
            "folder gone": lambda: self.house.home.rename(self.house.folder / "away"),
        }[self.fault]
        self.house.context.__dict__["providers"] = {"home": provider}
        self._provider = provider

    def met(self) -> bool:
        return self._provider.happens is None

    def over(self) -> None:
        if self.fault == "folder gone":
            (self.house.folder / "away").rename(self.house.home)


class Smtp(Desk):
    def __init__(self, folder: Path, verb: Verb, fault: str, stack: ExitStack) -> None:
        super().__init__(folder, verb, fault)
        self.box = stack.enter_context(at_work())

    def prepare(self) -> None:
        kind, _, word = self.fault.partition(" ")
        if kind == "RCPT":
            self.box.refused = {ADA: f"{word} no"}
        elif kind == "DATA":
            self.box.verdict = f"{word} no"
        self.box.hangs_up = kind == "hangs"
        self._mail(1 if self.fault == "no server" else self.box.port)
        self.house.invite(NOW + 80 * HOUR)

    def _mail(self, port: int) -> None:
        smtp = f"mail: {{transport: smtp, host: 127.0.0.1, port: {port}, security: none}}"
        self.house.configure(ladder="{before: 96h, do: nudge}", more=f"limits: {{grace: 0h}}\n{smtp}")
        self.house.change("    mentor: me\n", "    mentor: me\n    owner: mentee\n")

    def over(self) -> None:
        self.box.refused, self.box.verdict, self.box.hangs_up = {}, "250 OK", False
        self._mail(self.box.port)

    def notices(self) -> int:
        return len([one for one in self.box.received if one["To"] == ADA])


_STACKED = {"google": Google, "outlook": Outlook, "smtp": Smtp}


@contextmanager
def desk_of(provider: str, verb: Verb, fault: str) -> Iterator[Desk]:
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
    place = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="agendad-trust-", dir=place) as name, ExitStack() as stack:
        made = _STACKED.get(provider)
        desk = made(Path(name), verb, fault, stack) if made else Folder(Path(name), verb, fault)
        try:
            yield desk
        finally:
            desk.close()
