"""An SMTP server on loopback."""

from contextlib import ExitStack
from pathlib import Path

from acting.conftest import ADA, HOUR, NOW
from simulators.mailbox import at_work

from agendad.providers.smtp import SmtpTransport
from trust.desks.base import Desk
from trust.fault_kinds import SLOW, Verb


class Smtp(Desk):
    """A reminder by mail."""

    def __init__(self, folder: Path, verb: Verb, fault: str, stack: ExitStack) -> None:
        super().__init__(folder, verb, fault)
        self.signs_in = fault.startswith("AUTH")
        self.box = stack.enter_context(at_work(signs_in=self.signs_in))

    def prepare(self) -> None:
        kind, _, word = self.fault.partition(" ")
        said = f"{word} no"
        match kind:
            case "RCPT":
                self.box.refused = {ADA: said}
            case "DATA":
                self.box.verdict = said
            case "MAIL":
                self.box.of_sender = said
            case "greeting":
                self.box.greeting = said if word.isdigit() else ""
            case "AUTH":
                self.box.takes_password = False
        self.box.hangs_up = kind == "hangs"
        self.box.delay = 2 * SLOW if kind == "stalls" else 0.0
        self._mail(1 if self.fault == "no server" else self.box.port)
        self.house.invite(NOW + 80 * HOUR)

    def _mail(self, port: int) -> None:
        password = self.house.folder / "password"
        password.write_text("correct horse\n")
        password.chmod(0o600)
        signs_in = f", username: grace, auth: {{method: password, file: {password}}}" if self.signs_in else ""
        smtp = f"mail: {{transport: smtp, host: 127.0.0.1, port: {port}, security: none{signs_in}}}"
        self.house.configure(ladder="{before: 96h, do: nudge}", more=f"limits: {{grace: 0h}}\n{smtp}")
        self.house.change("    mentor: me\n", "    mentor: me\n    owner: mentee\n")
        if self.fault.startswith("stalls"):
            impatient = SmtpTransport("127.0.0.1", port, "none", timeout=SLOW)
            self.house.context.__dict__["account_mail"] = impatient

    def over(self) -> None:
        self.box.refused, self.box.verdict, self.box.of_sender = {}, "250 OK", "250 OK"
        self.box.hangs_up, self.box.greeting, self.box.takes_password, self.box.delay = False, None, True, 0.0
        self._mail(self.box.port)

    def notices(self) -> int:
        return len([one for one in self.box.received if one["To"] == ADA])
