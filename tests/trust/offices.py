"""Grace's agendad at each provider: her invites, what was sent to Ada, and what anyone sees afterwards.

A new provider is one more `Office` in `scenarios.OFFICES`.
"""

import os
import sqlite3
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from end_to_end import offices, warm
from end_to_end.offices import ADA, HOUR, ME, NOW
from simulators.google import Switches as GoogleSwitches
from simulators.graph import Switches as GraphSwitches

from trust.routes import ROUTES, Route

BOUNDARIES = Path(__file__).with_name("boundaries")
AGENDA = "Agenda:\n- How to choose a compiler course\n- My talk in March"
OPEN = ("planned", "approved", "intended", "sent")
CONFIG = """\
version: 1
mode: {mode}
me: {{name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}}
accounts:
  - {account}
mentorships:
  - name: grace-ada
    mentor: {{name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}}
    mentee: me
    owner: {owner}
    met: true
limits: {{grace: {grace}}}
rules:
  agenda: {{ladder: [{ladder}]}}
  ownership: {{enabled: {ownership}}}
  timezone: {{enabled: true, ladder: [{timezone}]}}
mail: {mail}
"""
INVITE = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Calendar//EN
BEGIN:VEVENT
UID:one@example.org
DTSTAMP:20261120T090000Z
DTSTART:{start:%Y%m%dT%H%M%SZ}
DTEND:{end:%Y%m%dT%H%M%SZ}
SUMMARY:Mentoring: Ada and Grace
SEQUENCE:4
ORGANIZER:mailto:{organizer}
ATTENDEE;PARTSTAT={answer}:mailto:grace@example.org
ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.com
{body}END:VEVENT
END:VCALENDAR
"""


class Office(ABC):
    """One account of Grace's. Passes are minutes apart, as the clock goes on while somebody starts it again.

    `position`: of a switch of its simulator, where that has some.
    """

    name: str
    network = True

    def __init__(self, folder: Path, *, route: str = "file", position: str = "") -> None:
        self.folder, self.position = folder, position
        self.route: Route = ROUTES[route]()
        (folder / "calendar").mkdir(parents=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AGENDAD", "XDG_"))}
        self.environ = kept | {
            "HOME": str(folder),
            "AGENDAD_CONFIG": str(folder / "agendad.yaml"),
            "AGENDAD_STATE_DIR": str(folder / "state"),
            "PYTHONPATH": str(BOUNDARIES),
            **self.route.environ,
        }
        self.now = NOW

    def configure(self, **more: str) -> None:
        told = {
            "mode": "act", "owner": "mentee", "ladder": "", "ownership": "false", "timezone": "", "grace": "0h",
            "mail": self.route.mail(),
        } | more  # fmt: skip
        accounts = "\n  - ".join(filter(None, [self.account(), self.route.account()]))
        text = CONFIG.format(account=accounts, **told)
        (self.folder / "agendad.yaml").write_text(text, "utf-8")

    def run(self, *arguments: str, **environ: str) -> tuple[int, str, str]:
        """(exit status, output, errors) of the command, a while after the last one."""
        self.now += self.route.pace
        self.route.at(self.now)
        environ = {**self.environ, "AGENDAD_NOW": self.now.isoformat(), **self.secrets(), **environ}
        return warm.run(arguments, folder=self.folder, environ=environ)

    def journal(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "state" / "agendad.db")) as database:
            return database.execute(query).fetchall()

    def actions(self) -> list[tuple[str, str, str]]:
        return sorted(self.journal("SELECT rung, effect, state FROM actions"))

    def stuck(self) -> list[str]:
        """What is neither done nor given up, with a reason for each that was given up."""
        states = ", ".join(f"'{state}'" for state in OPEN)
        found = self.journal(f"SELECT rung || ' ' || state FROM actions WHERE state IN ({states}) OR wish <> ''")  # noqa: S608
        found += self.journal("SELECT 'mail ' || state FROM outbox WHERE state IN ('queued', 'sending')")
        found += self.journal(
            "SELECT rung || ' ' || state || ' for no reason' FROM actions "
            "WHERE state IN ('unknown', 'failed', 'skipped') AND detail = ''"
        )
        return [text for (text,) in found]

    def in_doubt(self) -> int:
        """What the user is told that nobody can know."""
        actions = self.journal("SELECT 1 FROM actions WHERE state = 'unknown' OR detail LIKE '%may have arrived%'")
        return len(actions) + len(self.journal("SELECT 1 FROM installation WHERE key LIKE '%tells' AND value <> ''"))

    def sent(self) -> Counter[str]:
        """Every notice and mail, as its reader sees it: whom to, what it is, and how often."""
        return Counter([*self.notices(), *map(_line, self.route.received())])

    # what differs

    @abstractmethod
    def account(self) -> str:
        """As the configuration has it."""

    def secrets(self) -> dict[str, str]:
        return {}

    @abstractmethod
    def invite(self, start: Any, *, by: str = ME, body: str = "", accepted: bool = True) -> None:
        """As the vendor has it."""

    @abstractmethod
    def add_agenda(self) -> None:
        """Somebody writes one into the invite."""

    @abstractmethod
    def seen(self) -> Any:
        """The invite as Grace and Ada have it."""

    def notices(self) -> list[str]:
        """What the vendor's server told people."""
        return []

    def sign_out(self) -> None:
        """The vendor ends the sign-in, where there is one."""
        raise ValueError(f"{self.name} has no sign-in")

    @classmethod
    @contextmanager
    def at(cls, folder: Path, *, route: str = "file", position: str = "") -> Iterator["Office"]:
        with ExitStack() as stack:
            made = cls(folder, route=route, position=position)
            made.open(stack)
            made.route.open(stack, folder)
            yield made

    def open(self, stack: ExitStack) -> None:  # noqa: B027 - only servers need it
        """Start what it needs."""


def _line(mail: Any) -> str:
    part = next((one for one in mail.walk() if one.get_content_type() == "text/calendar"), None)
    return f"mail to {mail['To']}: {mail['Subject']} {part.get_param('method') if part else ''}".strip()


class Text(Office):
    """Where an invite is a text as RFC 5545 has it."""

    @abstractmethod
    def put(self, text: str) -> None:
        """Write it as Grace's calendar program does."""

    @abstractmethod
    def text(self) -> str:
        """As it stands."""

    def invite(self, start, *, by=ME, body="", accepted=True):
        described = f"DESCRIPTION:{_escaped(body)}\n" if body else ""
        answer = "ACCEPTED" if accepted else "TENTATIVE"
        self.put(INVITE.format(start=start, end=start + HOUR / 2, organizer=by, body=described, answer=answer))

    def add_agenda(self):
        text = self.text()
        if "DESCRIPTION:" in text:
            text = text.replace("DESCRIPTION:", f"DESCRIPTION:{_escaped(AGENDA)}\\n", 1)
        else:
            text = text.replace("END:VEVENT", f"DESCRIPTION:{_escaped(AGENDA)}\nEND:VEVENT")
        self.put(text)

    def seen(self):
        own = ("X-AGENDAD", "LAST-MODIFIED:", "DTSTAMP:")
        return [line for line in self.text().splitlines() if not line.startswith(own)]


def unfolded(content: bytes) -> str:
    return content.decode().replace("\r\n ", "").replace("\r\n", "\n")


class Folder(Text):
    name, network = "ics", False

    def account(self) -> str:
        return "{name: work, provider: ics, path: calendar}"

    @property
    def _path(self) -> Path:
        return self.folder / "calendar" / "one.ics"

    def put(self, text):
        self._path.write_text(text, "utf-8", newline="\r\n")

    def text(self):
        return unfolded(self._path.read_bytes())


def _escaped(body):
    return body.replace("\n", "\\n")


class _Served(Office):
    """An account on a simulated server."""

    office: Any

    def account(self) -> str:
        auth = "auth: {method: token, env: TOKEN}"
        root = f'calendars: [{self.office.calendar}], api_root: "{self.office.server.api_root}"'
        return f"{{name: work, provider: {self.name}, {root}, {auth}}}"

    def secrets(self):
        return {"TOKEN": self._token}

    def sign_out(self):
        self._token = "ended"  # noqa: S105 - none

    def notices(self):
        return [f"{mail.kind} to {mail.to}" for mail in self.office.server.mails]

    def open(self, stack):
        self.office = stack.enter_context(self._opened())
        self._token = self.office.server.token_for(ME)

    @abstractmethod
    def _opened(self) -> Any:
        """As the vendor has it."""


class Google(_Served):
    name = "google"

    def _opened(self):
        return offices.google_office(_NoHome(), dict(GoogleSwitches.both_ways())[self.position or "default"])

    def open(self, stack):
        super().open(stack)
        self.office.google.share(ADA, with_=ME, role="freeBusyReader")

    def invite(self, start, *, by=ME, body="", accepted=True):
        guest = ADA if by == ME else ME
        answers = dict.fromkeys((ME, ADA), "accepted") | {guest: "accepted" if accepted else "needsAction"}
        guests = [{"email": email, "responseStatus": answer} for email, answer in answers.items()]
        self._made = self.office.invite(start, by=by, description=body, attendees=guests)

    def add_agenda(self):
        found = self.office.event(self._made, self._made["organizer"]["email"])
        text = f"{AGENDA}\n{found.get('description', '')}"
        self.office.google.as_(found["organizer"]["email"]).patch("primary", found["id"], {"description": text})

    def seen(self):
        return [_google_says(self.office.event(self._made, who)) for who in (ME, ADA)]


def _google_says(event):
    answers = sorted((one["email"], one["responseStatus"]) for one in event.get("attendees", ()))
    when = event.get("start")
    return event["status"], when, event.get("description", ""), event.get("guestsCanModify", False), answers


class Outlook(_Served):
    name = "outlook"

    def _opened(self):
        return offices.outlook_office(_NoHome(), dict(GraphSwitches.both_ways())[self.position or "default"])

    def invite(self, start, *, by=ME, body="", accepted=True):
        self._by = by
        page = "".join(f"<p>{line}</p>" for line in body.splitlines())
        self._made = self.office.invite(start, by=by, body=page, accepted=accepted)

    def add_agenda(self):
        found = self.office.event(self._made, self._by)
        text = "".join(f"<p>{line}</p>" for line in AGENDA.splitlines())
        body = {"contentType": "html", "content": text + found["body"]["content"]}
        self.office.graph.as_(self._by).patch(found["id"], {"body": body})
        self.office.graph.mails.clear()

    def seen(self):
        return [self._says(who) for who in (ME, ADA)]

    def _says(self, who):
        try:
            event = self.office.event(self._made, who)
        except StopIteration:  # Exchange takes what is cancelled out of the calendar
            return None
        answers = sorted((one["emailAddress"]["address"], one["status"]["response"]) for one in event["attendees"])
        return (
            event["isCancelled"],
            event["start"],
            event["body"]["content"],
            event["categories"],
            answers,
            event["responseStatus"],
        )


class _NoHome:
    """The offices of other tests configure a home of theirs; these have their own."""

    def configure(self, text):
        pass
