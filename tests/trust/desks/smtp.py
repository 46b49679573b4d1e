"""An SMTP server on loopback."""

from contextlib import ExitStack
from pathlib import Path

from acting.conftest import ADA, HOUR, NOW
from simulators.mailbox import at_work

from trust.desks.base import Desk
from trust.fault_kinds import Verb


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


