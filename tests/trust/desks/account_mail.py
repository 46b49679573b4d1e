"""Mail through an account, at the vendors' simulators: a reminder about a session in a folder of .ics files."""

from abc import abstractmethod
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from acting.conftest import ADA, HOUR, ME, NOW
from simulators.gmail import GmailSimulator
from simulators.google import GoogleSimulator
from simulators.graph import GraphSimulator

from agendad.providers.account_mail import AccountTransport, Post
from agendad.providers.errors import SignInNeeded
from agendad.providers.gmail import GmailPost
from agendad.providers.google_refusals import why_refused
from agendad.providers.google_signin import bearer
from agendad.providers.graph_mail import GraphPost
from trust.desks.base import Desk, fault_of
from trust.fault_kinds import SLOW, Verb


class AccountMail(Desk):
    """With a look-up the vendor is known to keep the Message-IDs that it is given."""

    google = False

    def __init__(self, folder: Path, verb: Verb, fault: str, stack: ExitStack) -> None:
        super().__init__(folder, verb, fault)
        self.server = self.open(stack)
        self.post = self.opened()
        stack.callback(self.post.close)

    def prepare(self) -> None:
        self.house.configure(ladder="{before: 96h, do: nudge}")
        self.house.change("    mentor: me\n", "    mentor: me\n    owner: mentee\n")
        looks_up = self.verb.act == "look up"
        transport = AccountTransport(self.post, looks_up=looks_up, keeps_ids=lambda: looks_up)
        self.house.context.__dict__["account_mail"] = transport
        self.house.invite(NOW + 80 * HOUR)
        if self.verb.lost:
            self.server.faults.add("applied-then-dropped", method="POST")
        where = {"method": self.verb.method, "path": self.verb.path, "after": self.verb.after}
        self.server.faults.add(**where, **fault_of(self.fault, google=False))

    def over(self) -> None:
        self.server.faults.clear()
        self.server.faults.release()
        super().over()

    def under_way(self) -> bool:
        return any(request.ended is None for request in self.server.requests)

    def met(self) -> bool:
        return any(one.fault for one in self.server.requests if one.method == self.verb.method)

    @property
    def timeout(self) -> float:
        return SLOW if "stall" in self.fault else 10.0

    @abstractmethod
    def open(self, stack: ExitStack) -> Any:
        """The vendor's simulator."""

    @abstractmethod
    def opened(self) -> Post:
        """As the vendor has it."""


class Gmail(AccountMail):
    def open(self, stack: ExitStack) -> GmailSimulator:
        google = stack.enter_context(GoogleSimulator(now=NOW))
        google.add_person(ME, zone="America/New_York", name="Grace Hopper")
        return stack.enter_context(GmailSimulator(google))

    def opened(self) -> GmailPost:
        token = self.server.google.token_for(ME)
        return GmailPost(
            "home",
            self.server.root,
            credentials=lambda: bearer(token),
            why_refused=lambda error: why_refused(error, "home"),
            now=lambda: NOW,
            pace=self.waits.pace(),
            timeout=self.timeout,
        )

    def notices(self) -> int:
        return len([one for one in self.server.sent if ADA in one.to])


class Graph(AccountMail):
    def open(self, stack: ExitStack) -> GraphSimulator:
        graph = stack.enter_context(GraphSimulator(now=NOW))
        graph.add_person(ME, zone="Eastern Standard Time", name="Grace Hopper")
        return graph

    def opened(self) -> GraphPost:
        token = self.server.token_for(ME)
        return GraphPost(
            "home",
            self.server.api_root,
            token=lambda: token,
            refused=lambda _header: SignInNeeded("refused", not_done="nothing", next_step="sign in"),
            now=lambda: NOW,
            pace=self.waits.pace(),
            timeout=self.timeout,
        )

    def notices(self) -> int:
        return len([one for one in self.server.mails if one.to == ADA])
