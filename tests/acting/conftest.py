"""A whole installation in one process: real .ics files, the real database, mail as files, a clock to move."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from simulators.mailbox import Mailbox, at_work

from agendad.daemon.clock import FixedClock
from agendad.daemon.config import load
from agendad.daemon.context import Context
from agendad.daemon.delivery import send_if_due
from agendad.daemon.executor import Executor
from agendad.daemon.journal import Journal
from agendad.daemon.outbox import Outbox
from agendad.daemon.pass_report import PassReport
from agendad.daemon.passes import executor_of, one_pass, wording_of
from agendad.daemon.pauses import Pauses, target_of
from agendad.daemon.store import Store
from agendad.daemon.wording import Wording
from agendad.providers.base import Applied, CalendarProvider
from agendad.providers.memory import MemoryProvider
from agendad.providers.model import Event

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
"""A Monday: 09:00 in New York, 14:00 in London."""
HOUR = timedelta(hours=1)
ME, ADA = "grace@example.org", "ada@example.com"

CONFIG = """\
version: 1
mode: {mode}
me: {{name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}}
accounts: [{{name: home, provider: ics, path: home, notify: {notify}}}]
mentorships:
  - name: grace-ada
    mentor: me
    mentee: {{name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}}
    met: true
rules:
  agenda: {{ladder: [{ladder}]}}
  ownership: {{enabled: false}}
  timezone: {{enabled: {timezone}}}
  invite: {{enabled: false}}
{more}
"""
CANCEL = "{before: 36h, do: cancel}"
LADDER = "{before: 96h, do: nudge}, {before: 60h, do: hold}, {before: 36h, do: cancel}"


def as_text(instant: datetime) -> str:
    return f"{instant:%Y%m%dT%H%M%SZ}"


def vevent(
    start: datetime,
    *,
    uid: str = "one@example.org",
    organizer: str = ME,
    guests: tuple[str, ...] = (ME, ADA),
    body: str = "",
    title: str = "Mentoring: Ada and Grace",
    more: tuple[str, ...] = (),
) -> str:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20261120T090000Z",
        f"DTSTART:{as_text(start)}",
        f"DTEND:{as_text(start + HOUR / 2)}",
        f"SUMMARY:{title}",
        f"ORGANIZER:mailto:{organizer}",
        *(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{guest}" for guest in guests),
        *([f"DESCRIPTION:{body}"] if body else []),
        *more,
        "END:VEVENT",
    ]
    return "".join(f"{line}\r\n" for line in lines)


def calendar(*events: str) -> str:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n{''.join(events)}END:VCALENDAR\r\n"


@dataclass
class House:
    """One installation."""

    folder: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    server: CalendarProvider | None = None
    """In the place of the folder; the clock stands then, and counts as a real one."""

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.configure()
        self.store = Store.open(self.folder / "state")

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def journal(self) -> Journal:
        return Journal(self.store)

    def configure(
        self,
        *,
        mode: str = "act",
        notify: str = "mail",
        ladder: str = CANCEL,
        timezone: str = "false",
        more: str = "limits: {grace: 0h}\nmail: {transport: file}",
    ) -> None:
        text = CONFIG.format(mode=mode, notify=notify, ladder=ladder, timezone=timezone, more=more)
        (self.folder / "agendad.yaml").write_text(text, "utf-8")
        self.reload()

    def reload(self) -> None:
        """Take the configuration as it stands in its file."""
        self.context = Context(load(self.folder / "agendad.yaml"), self.clock, self.folder / "state")
        if self.server is not None:
            self.context = replace(self.context, clock=StandingClock())
            self.context.__dict__["providers"] = {"home": self.server}

    def change(self, old: str, new: str) -> None:
        """Edit the configuration."""
        path = self.folder / "agendad.yaml"
        assert old in path.read_text("utf-8")
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
        self.reload()

    def edit(self, old: str, new: str, name: str = "one.ics") -> None:
        """Edit an invite, as a person does in another program."""
        assert old in self.text(name)
        (self.home / name).write_text(self.text(name).replace(old, new), "utf-8", newline="")

    def invite(self, start: datetime, *, name: str = "one.ics", **how: object) -> Path:
        """An invite; `how` is of `vevent`."""
        return self.put(vevent(start, **how), name=name)  # type: ignore[arg-type]

    def put(self, *events: str, name: str = "one.ics") -> Path:
        path = self.home / name
        path.write_text(calendar(*events), "utf-8", newline="")
        return path

    def text(self, name: str = "one.ics") -> str:
        return (self.home / name).read_text("utf-8").replace("\r\n ", "")

    def run(self, **how: object) -> PassReport:
        return one_pass(self.context, self.store, **how)  # type: ignore[arg-type]

    def run_and_tell(self) -> PassReport:
        report = self.run()
        send_if_due(self.context, self.store, self.clock.now())
        return report

    def executor(self) -> Executor:
        """What carries out what was decided."""
        return executor_of(self.context, self.store)

    def outbox(self) -> Outbox:
        return self.executor().outbox

    def wording(self) -> Wording:
        return wording_of(self.context, self.store)

    def pause(self, target: str | None) -> None:
        """Hold back from now on."""
        Pauses(self.store).put(target_of(target, self.context.policy), self.clock.now(), None)

    def after(self, hours: float) -> "House":
        self.clock.move(timedelta(hours=hours))
        return self

    def mails(self, to: str = ADA) -> list[EmailMessage]:
        paths = sorted((self.folder / "state" / "outbox").glob("*.eml"))
        mails = [message_from_bytes(path.read_bytes(), policy=default) for path in paths]
        return [mail for mail in mails if mail["To"] == to]

    def said(self, to: str = ADA) -> list[str]:
        """Subject and iTIP method of each mail."""
        return [f"{mail['Subject'].partition(':')[0]} {method(mail)}".strip() for mail in self.mails(to)]

    def words(self, mail: EmailMessage) -> str:
        """The plain text, on one line."""
        body = mail.get_body(("plain",))
        return " ".join(str(body.get_content()).split()) if body else ""

    def actions(self) -> list[tuple[str, str, str]]:
        rows = self.journal.actions(NOW - timedelta(days=30))
        return [(row.rung, row.effect, row.state.value) for row in rows]

    def states(self, number: int = 0) -> list[str]:
        action = self.journal.actions(NOW - timedelta(days=30))[number]
        return [entry.state.value for entry in self.journal.states_of(action)]


def method(mail: EmailMessage) -> str:
    part = next((one for one in mail.walk() if one.get_content_type() == "text/calendar"), None)
    return str(part.get_param("method")) if part else ""


@pytest.fixture
def house(tmp_path: Path):
    made = House(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def post() -> Iterator[Mailbox]:
    """A mail server on loopback, at `post.port`."""
    with at_work() as box:
        yield box


class StandingClock:
    """A clock that is no test clock to the program, and stands all the same."""

    def now(self) -> datetime:
        return NOW


@pytest.fixture
def ticking() -> Callable[[House], Context]:
    """The context of a house, with a clock that counts as a real one."""
    return lambda house: replace(house.context, clock=StandingClock())


class Remote(MemoryProvider):
    """A server that tells the guests, with a clock of its own; writes to the UIDs in `broken` meet a bug."""

    offset = timedelta(0)

    def _apply(self, event: Event, *arguments: Any, **more: Any) -> Applied:
        if event.uid in self.broken:
            raise ZeroDivisionError
        return super()._apply(event, *arguments, **more)

    @property
    def clock_offset(self) -> timedelta:
        return self.offset


@pytest.fixture
def remote(house: House) -> Remote:
    """The house's only account, on a server, with one invite that has no agenda."""
    house.server = provider = Remote("home")
    provider.broken = set()
    house.reload()
    return provider
