"""How Grace's mail leaves, and who tells what became of it.

The mailboxes at vendors are signed in to once, by the command itself, and every installation here has that sign-in.
"""

import shutil
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from end_to_end import warm
from end_to_end.offices import ME, NOW
from simulators.gmail import GmailSimulator
from simulators.google import GoogleSimulator
from simulators.graph import CLIENT_ID, GraphSimulator
from simulators.mailbox import Mailbox, at_work

_HEADLESS = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "DISPLAY": ""}
_BROWSER = "#!{python}\nimport sys, urllib.request\nurllib.request.urlopen(sys.argv[1]).read()\n"
_ALONE = """\
version: 1
me: {{name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}}
accounts: [{account}]
mentorships:
  - {{name: grace-ada, mentor: {{name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}}, mentee: me}}
mail: {mail}
"""
_GOOD_FOR = 1200
"""Seconds after which a mailbox is signed in to anew: its access token lives for an hour."""


class Route(ABC):
    """A transport of the configuration, and what is at its other end."""

    tells = True
    """Whether it can be asked what became of a mail."""
    pace = timedelta(minutes=1)
    """Between two passes: where a mailbox shows late what was sent, it is looked into after a while."""
    environ: Mapping[str, str] = {}

    def account(self) -> str:
        """The account that it needs beside those with calendars."""
        return ""

    @abstractmethod
    def mail(self) -> str:
        """As the configuration has it."""

    @abstractmethod
    def open(self, stack: ExitStack, folder: Path) -> None:
        """Start what it needs, for the installation in a folder."""

    @abstractmethod
    def received(self) -> list[Any]:
        """Every mail that went out."""

    def at(self, now: datetime) -> None:  # noqa: B027 - only vendors have clocks
        """So late it is there."""


class Files(Route):
    def mail(self):
        return "{transport: file}"

    def open(self, stack, folder):  # noqa: ARG002
        self._outbox = folder / "state" / "outbox"

    def received(self):
        return [_read(path.read_bytes()) for path in sorted(self._outbox.glob("*.eml"))]


class Smtp(Route):
    tells = False
    _box: Mailbox

    def mail(self):
        return f"{{transport: smtp, host: 127.0.0.1, port: {self._box.port}, security: none, from: {ME}}}"

    def open(self, stack, folder):  # noqa: ARG002
        self._box = stack.enter_context(at_work())

    def received(self):
        return list(self._box.received)


class _Vendor(ABC):
    """A mailbox at a vendor's, for all installations of a process, one after the other."""

    transport: str
    simulator: Any
    clock: Any

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._signed_in: dict[str, tuple[float, Path]] = {}
        Finalize(self, self._stack.close, exitpriority=10)

    def mail(self, *, lookup: bool) -> str:
        return f"{{transport: {self.transport}, account: post{', lookup: true' if lookup else ''}}}"

    def sign_in(self, folder: Path, *, lookup: bool, learnt: bool) -> None:
        """Give an installation what `agendad login` leaves, and what it learns from a mail that it finds again."""
        self.clock.now = NOW
        for switch, position in self.defaults.items():
            self.set(switch, position)
        name = f"{lookup} {learnt}"
        made, tokens = self._signed_in.get(name, (float("-inf"), Path()))
        if time.monotonic() - made > _GOOD_FOR:
            tokens = self._sign_in_anew(lookup=lookup, learnt=learnt)
            self._signed_in[name] = time.monotonic(), tokens
        shutil.copytree(tokens, folder / "state" / "tokens")
        (folder / "state").chmod(0o700)
        self.empty()

    def _sign_in_anew(self, *, lookup: bool, learnt: bool) -> Path:
        home = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="agendad-trust-")))
        browser = home / "browser"
        browser.write_text(_BROWSER.format(python=sys.executable), "utf-8")
        browser.chmod(0o755)
        (home / "agendad.yaml").write_text(
            _ALONE.format(account=self.account(), mail=self.mail(lookup=lookup)) + "mode: act\n", "utf-8"
        )
        environ = {
            **_HEADLESS, "PATH": "/usr/bin:/bin", "HOME": str(home), "BROWSER": str(browser),
            "AGENDAD_CONFIG": str(home / "agendad.yaml"), "AGENDAD_STATE_DIR": str(home / "state"),
            "AGENDAD_NOW": NOW.isoformat(),
        }  # fmt: skip
        for command in [("login", "post"), *([("mail", "test")] if learnt else [])]:
            status, out, errors = warm.run(command, folder=home, environ=environ)
            assert status == 0, out + errors
        return home / "state" / "tokens"

    # what differs

    defaults: Mapping[str, Any]

    @abstractmethod
    def set(self, switch: str, position: Any) -> None: ...

    @abstractmethod
    def account(self) -> str: ...

    @abstractmethod
    def empty(self) -> None: ...

    @abstractmethod
    def received(self) -> list[Any]: ...


class _GmailBox(_Vendor):
    transport = "gmail"
    defaults = {"keeps_message_ids": True, "delay": timedelta()}  # noqa: RUF012

    def __init__(self):
        super().__init__()
        self.clock = self._stack.enter_context(GoogleSimulator(NOW))
        self.clock.add_person(ME, "America/New_York")
        self.simulator = self._stack.enter_context(GmailSimulator(self.clock))
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="agendad-trust-")))
        self._client = folder / "client.json"
        self.clock.client_secrets(self._client)

    def account(self):
        roots = f'api_root: "{self.clock.api_root}", gmail_root: "{self.simulator.root}"'
        return f"{{name: post, provider: google, client_secrets: {self._client}, {roots}}}"

    def set(self, switch, position):
        setattr(self.simulator, switch, position)

    def empty(self):
        self.simulator.sent.clear()

    def received(self):
        assert (self.simulator.violations, self.clock.violations) == ([], [])
        return [_read(one.content) for one in self.simulator.sent]


class _OutlookBox(_Vendor):
    transport = "outlook"
    defaults = {"message_id_kept": True, "sent_items_delay": timedelta()}  # noqa: RUF012

    def __init__(self):
        super().__init__()
        self.simulator = self.clock = self._stack.enter_context(GraphSimulator(NOW))
        self.simulator.add_person(ME, "Eastern Standard Time")
        consent = self.simulator.consent
        consent.device_polls, consent.device_interval, consent.refresh_tokens_stay = 0, 1, True

    def account(self):
        roots = f'authority: "{self.simulator.root}/common", api_root: "{self.simulator.api_root}"'
        return f"{{name: post, provider: outlook, client_id: {CLIENT_ID}, {roots}}}"

    def set(self, switch, position):
        setattr(self.simulator.switches if switch == "message_id_kept" else self.simulator, switch, position)

    def empty(self):
        self.simulator.empty_mailboxes()

    def received(self):
        assert self.simulator.violations == []
        return [_read(one.mime.encode()) for one in self.simulator.mails if one.kind == "message"]


_boxes: dict[type[_Vendor], _Vendor] = {}


class ByAccount(Route):
    """Mail through an account: looked up or not, and with what the vendor may do with a mail's id."""

    environ = _HEADLESS

    def __init__(self, box: type[_Vendor], *, lookup: bool = False, learnt: bool = False, **switches: Any) -> None:
        self._box = _boxes.get(box) or _boxes.setdefault(box, box())
        self._lookup, self._learnt, self._switches = lookup, learnt, switches
        self.tells = learnt
        if lookup:
            self.pace = timedelta(minutes=6)

    def account(self):
        return self._box.account()

    def mail(self):
        return self._box.mail(lookup=self._lookup)

    def open(self, stack, folder):  # noqa: ARG002
        self._box.sign_in(folder, lookup=self._lookup, learnt=self._learnt)
        for switch, position in self._switches.items():
            self._box.set(switch, position)

    def received(self):
        return self._box.received()

    def at(self, now):
        self._box.clock.now = now


def _read(content: bytes) -> Any:
    return message_from_bytes(content, policy=default)


_LATE = timedelta(minutes=4)
ROUTES: Mapping[str, Any] = {
    "file": Files,
    "SMTP": Smtp,
    "Gmail": partial(ByAccount, _GmailBox),
    "Gmail, looked up": partial(ByAccount, _GmailBox, lookup=True, learnt=True),
    "Gmail, looked up for the first time": partial(ByAccount, _GmailBox, lookup=True),
    "Gmail, which gives other ids": partial(ByAccount, _GmailBox, lookup=True, keeps_message_ids=False),
    "Gmail, which shows it late": partial(ByAccount, _GmailBox, lookup=True, learnt=True, delay=_LATE),
    "Microsoft": partial(ByAccount, _OutlookBox),
    "Microsoft, looked up": partial(ByAccount, _OutlookBox, lookup=True, learnt=True),
    "Microsoft, looked up for the first time": partial(ByAccount, _OutlookBox, lookup=True),
    "Microsoft, which gives other ids": partial(ByAccount, _OutlookBox, lookup=True, message_id_kept=False),
    "Microsoft, which shows it late": partial(ByAccount, _OutlookBox, lookup=True, learnt=True, sent_items_delay=_LATE),
}
"""By what an act's name says after "by"; a new one is one more."""
