"""Fault matrix: what each request meets, at each provider, and what has come of it once the trouble is over.

One whole installation in one process, at the vendors' simulators, with waits that only a clock of the test's makes.
A cell of the table is what became of the one thing that was to be done: in the pass that met the fault, and after
further passes; then how many notices its guest has got. `outcomes.txt` is the table; it is read like code.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from acting.conftest import ADA, CANCEL, HOUR, ME, NOW, House
from conformance import outlook_backing
from conformance.google_backing import Waits
from simulators.google import GoogleSimulator
from simulators.graph import GraphSimulator
from trust.figures import Figure, Part

from agendad.providers.google import GoogleProvider
from agendad.providers.google_api import GoogleApi
from agendad.providers.google_refusals import why_refused
from agendad.providers.google_signin import bearer
from agendad.providers.icsfolder import IcsFolderProvider
from agendad.providers.outlook import OutlookProvider

OUTCOMES = Path(__file__).with_name("outcomes.txt")
SETTLING = 4
"""Passes, hours apart, after the trouble is over."""
_OPEN = ("planned", "approved", "intended", "sent")
_SLOW = 0.3

COMMON = (
    "401", "404", "409", "412", "429", "429 always", "429 after=86400", "500", "500 always", "503 after=600",
    "html 502 always", "garbage", "garbage always", "other-json", "other-json always", "reset", "reset always", "close",
    "close always", "stall", "truncate", "truncate always", "applied-then-dropped", "applied-then-dropped always",
    "applied-then-reset", "applied-then-500", "applied-then-500 always", "applied-then-stall",
)  # fmt: skip
GOOGLE = (
    *COMMON, "403 insufficientPermissions", "403 forbidden", "403 requiredAccessLevel", "403 accessNotConfigured",
    "403 forbiddenForNonOrganizer", "403 rateLimitExceeded", "403 rateLimitExceeded always",
    "403 userRateLimitExceeded", "403 quotaExceeded", "403 dailyLimitExceeded", "410 fullSyncRequired",
    "410 updatedMinTooLongAgo", "410 deleted",
)  # fmt: skip
GRAPH = (*COMMON, "400", "403", "403 ErrorAccessDenied", "410", "410 syncStateNotFound", "423 always", "504")
SMTP = ("no server", "RCPT 450", "RCPT 550", "DATA 451", "DATA 554", "hangs up after DATA")
FOLDER = ("gone", "changed by somebody", "agenda comes", "no calendar any more", "folder gone")


@dataclass(frozen=True, slots=True)
class Verb:
    """One kind of request: its method, its path, and how many of them go well before the fault."""

    name: str
    method: str | None = None
    path: str | None = None
    after: int = 0
    by: str = ME
    known: bool = False
    """An earlier pass has read the calendar."""


_ONE = "/events/[^/]+$"
VERBS: dict[str, tuple[Verb, ...]] = {
    "google": (
        Verb("list", "GET", "/events$"),
        Verb("increment", "GET", "/events$", known=True),
        Verb("look", "GET", _ONE),
        Verb("read back", "GET", _ONE, after=2),
        Verb("cancel", "PATCH", _ONE),
        Verb("answer", "PATCH", _ONE, by=ADA),
    ),
    "outlook": (
        Verb("list", "GET", "/delta"),
        Verb("increment", "GET", "/delta", known=True),
        Verb("look", "GET", _ONE),
        Verb("read back", "GET", _ONE, after=3),
        Verb("cancel", "POST", "/cancel$"),
        Verb("answer", "POST", "/decline$", by=ADA),
    ),
    "ics": (Verb("look"), Verb("write", after=1), Verb("read back", after=2)),
    "smtp": (Verb("send"),),
}
FAULTS = {"google": GOOGLE, "outlook": GRAPH, "ics": FOLDER, "smtp": SMTP}


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault that one request met."""

    provider: str
    verb: str
    fault: str
    first: str
    last: str
    notices: int
    met: bool
    explained: bool

    @property
    def outcome(self) -> str:
        way = self.first if self.first == self.last else f"{self.first} → {self.last}"
        return f"{way}, {self.notices}"

    @property
    def line(self) -> str:
        return f"{self.provider} | {self.verb} | {self.fault} | {self.outcome}"


def fault_of(text: str, google: bool) -> dict[str, Any]:
    """The words of the table as what a simulator is told."""
    kind, *words = text.split()
    told: dict[str, Any] = {"kind": int(kind) if kind.isdigit() else kind, "times": None if "always" in words else 1}
    if kind == "other-json":
        told |= {"kind": "garbage", "body": '{"kind": "somebody#else", "ok": true}'}
    for word in words:
        if word.startswith("after="):
            told["retry_after"] = int(word.removeprefix("after="))
        elif word.isdigit():
            told |= {"status": int(word)} if google else {}
        elif word != "always":
            told["reason"] = word
    if "stall" in kind:
        told["delay"] = 2 * _SLOW
    return told


class Desk:
    """One installation whose only account meets trouble."""

    def __init__(self, folder: Path, verb: Verb, fault: str) -> None:
        self.verb, self.fault = verb, fault
        self.house = House(folder)
        self.waits = Waits()

    def prepare(self) -> None:
        """Everything is there, and the fault waits."""
        raise NotImplementedError

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
        return _SLOW if "stall" in self.fault else 10.0

    def open(self) -> Any:
        raise NotImplementedError

    def provider(self) -> Any:
        raise NotImplementedError

    def invite(self) -> None:
        raise NotImplementedError


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
        from simulators.mailbox import at_work  # noqa: PLC0415 - its server is slow to load, and for this row only

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
def _desk(provider: str, verb: Verb, fault: str) -> Iterator[Desk]:
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
    place = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="agendad-trust-", dir=place) as name, ExitStack() as stack:
        made = _STACKED.get(provider)
        desk = made(Path(name), verb, fault, stack) if made else Folder(Path(name), verb, fault)
        try:
            yield desk
        finally:
            desk.close()


def meet(provider: str, verb: Verb, fault: str) -> Cell:
    """One request meets one fault; then all is well."""
    with _desk(provider, verb, fault) as desk:
        desk.prepare()
        desk.house.run()
        first = desk.state()
        desk.over()
        for turn in range(SETTLING):
            if desk.house.server is None:
                desk.house.after(1)
            desk.house.run()
            if desk.state() == "confirmed" and turn:
                break
        return Cell(provider, verb.name, fault, first, desk.state(), desk.notices(), desk.met(), desk.explained())


def cells() -> list[tuple[str, Verb, str]]:
    return [
        (provider, verb, fault) for provider, verbs in VERBS.items() for verb in verbs for fault in FAULTS[provider]
    ]


def once_each() -> list[tuple[str, Verb, str]]:
    """Each fault once at each provider: met by the write."""
    wanted = {"google": "cancel", "outlook": "cancel", "ics": "write", "smtp": "send"}
    return [(provider, verb, fault) for provider, verb, fault in cells() if verb.name == wanted[provider]]


def listed() -> dict[tuple[str, str, str], str]:
    """(provider, verb, fault) → the outcome that is written down."""
    rows = [line.split(" | ") for line in OUTCOMES.read_text("utf-8").splitlines()]
    return {(provider, verb, fault): outcome for provider, verb, fault, outcome in rows}


def _met(number: int) -> Cell:
    return meet(*cells()[number])


def all_cells(jobs: int | None = None) -> list[Cell]:
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return list(pool.map(_met, range(len(cells())), chunksize=8))


def figures(found: Iterable[Cell]) -> Iterator[Figure]:
    found, table = list(found), listed()
    wrong = [one for one in found if table.get((one.provider, one.verb, one.fault)) != one.outcome]
    yield Figure("requests that met a fault", len(found))
    yield Figure("faults that were not met", *_those(found, lambda one: not one.met))
    yield Figure("guests who were told twice", *_those(found, lambda one: one.notices > 1))
    yield Figure("acts confirmed of which nobody heard", *_those(found, lambda one: one.last == "confirmed" and not one.notices))
    yield Figure("acts left open", *_those(found, lambda one: one.last in _OPEN))
    yield Figure("acts not done for no reason that is told", *_those(found, lambda one: not one.explained))
    yield Figure("acts done once after all", sum(one.last == "confirmed" and one.notices == 1 for one in found))
    yield Figure("outcomes that are not as the table has them", len(wrong), 0, tuple(one.line for one in wrong))


def _those(found: list[Cell], wrong: Callable[[Cell], bool]) -> tuple[int, int, tuple[str, ...]]:
    lines = tuple(one.line for one in found if wrong(one))
    return len(lines), 0, lines


def measure(long: bool, jobs: int) -> Iterator[Figure]:  # noqa: ARG001 - there is no more than this
    """Meet all of them, and count."""
    yield from figures(all_cells(jobs))


PART = Part("faults", "each fault met by each request, at each provider", measure)


if __name__ == "__main__":
    OUTCOMES.write_text("".join(f"{one.line}\n" for one in all_cells()), "utf-8")
