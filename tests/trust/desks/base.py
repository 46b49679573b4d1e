"""One installation whose only account, folder or mail server meets trouble."""

import time
from abc import ABC, abstractmethod
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from acting.conftest import ADA, CANCEL, HOUR, NOW, House
from conformance.google_backing import Waits

from trust.fault_kinds import SLOW, STALL, Verb

LATE = datetime(2026, 12, 3, 22, 0, tzinfo=NOW.tzinfo)
"""22:00 in London, 17:00 in New York."""
AGENDA = "Agenda: how to choose a compiler course, and my talk in March"
_PATIENCE = 10.0
_HOLD = "{before: 60h, do: hold}"
_MOVE = "true, ladder: [{before: 7d, do: reschedule}]"


class Desk(ABC):
    """One installation whose only account meets trouble."""

    def __init__(self, folder: Path, verb: Verb, fault: str) -> None:
        self.verb, self.fault = verb, fault
        self.house = House(folder)
        self.waits = Waits()

    @abstractmethod
    def prepare(self) -> None:
        """Everything is there, and the fault waits."""

    def act(self) -> None:
        """Do what is to be done, or go on with it."""
        self.house.run()

    def over(self) -> None:
        """The trouble is over, a while later: what was slow has come through."""
        until = time.monotonic() + _PATIENCE
        while self.under_way() and time.monotonic() < until:
            time.sleep(0.01)
        self.waits.now += 86_400

    def under_way(self) -> bool:
        """Whether a request is answered still, whoever waits for it."""
        return False

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
        silent = ("confirmed", "undone", "nothing")
        return all(row.state.value in silent or row.detail for row in rows)

    def close(self) -> None:
        self.house.store.close()


class Network(Desk):
    """An account on a server. The clock stands; waits are made by a clock of their own."""

    def __init__(self, folder: Path, verb: Verb, fault: str, stack: ExitStack) -> None:
        super().__init__(folder, verb, fault)
        self.stack = stack
        self.server = self.open()
        provider = self.provider()
        stack.callback(provider.close)
        self.house.server = provider
        self.configure()

    def configure(self) -> None:
        """For the act that is to be done."""
        move, hold = "move" in self.verb.act, "hold" in self.verb.act
        self.house.configure(ladder="" if move else _HOLD if hold else CANCEL, timezone=_MOVE if move else "false")
        if move:
            self.house.change("    met: true", "    met: true\n    owner: mentor")

    def prepare(self) -> None:
        if self.verb.known:
            self.house.run()
        move, hold = "move" in self.verb.act, "hold" in self.verb.act
        self.invite(LATE if move else NOW + (50 if hold else 30) * HOUR, AGENDA if move else "")
        if self.verb.undoes:
            self.house.run()
            assert super().state() == "confirmed", self.house.actions()
        self.forget_notices()
        self.order()

    def act(self) -> None:
        """An undoing that was refused is typed once more."""
        if not self.verb.undoes:
            return super().act()
        row = self.house.journal.actions(NOW - timedelta(days=30))[-1]
        if row.state.value == "confirmed" and not row.wish:
            with self.house.store.transaction():
                self.house.journal.wish(row, "undo")
        self.house.run(decide_anew=False)
        return None

    def state(self) -> str:
        """Of an undoing: whether it is made, under way, or was refused."""
        state = super().state()
        if not self.verb.undoes or state != "confirmed":
            return state
        return "open" if self.house.journal.wished() else "refused"

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
    def invite(self, start: datetime, body: str) -> None:
        """As the vendor has it."""

    @abstractmethod
    def order(self) -> None:
        """Have the fault wait for its request."""

    @abstractmethod
    def forget_notices(self) -> None:
        """What the guest was told before counts for nothing."""


class Simulated(Network):
    """At a vendor's simulator."""

    google = True
    """Whose words errors have."""

    def order(self) -> None:
        where = {"method": self.verb.method, "path": self.verb.path, "after": self.verb.after}
        self.server.faults.add(**where, **fault_of(self.fault, self.google))

    def over(self) -> None:
        self.server.faults.clear()
        self.server.faults.release()
        super().over()

    def under_way(self) -> bool:
        return any(request.ended is None for request in self.server.requests)

    def met(self) -> bool:
        return any(request.fault for request in self.server.requests)

    def forget_notices(self) -> None:
        self.server.mails.clear()

    def notices(self) -> int:
        return len([mail for mail in self.server.mails if mail.to == ADA]) + super().notices()


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
        told["delay"] = STALL
    return told
