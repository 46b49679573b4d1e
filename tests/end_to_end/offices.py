"""An account on a simulated server, with Grace's and Ada's calendars there, and Grace's installed agendad."""

from abc import ABC, abstractmethod
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

from simulators.google import GoogleSimulator
from simulators.google import Switches as GoogleSwitches
from simulators.graph import GraphSimulator
from simulators.graph import Switches as GraphSwitches

NOW = datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
"""A Monday: 08:30 in New York, as the command's clock has it."""
HOUR = timedelta(hours=1)
ME, ADA, BOB = "grace@example.org", "ada@example.com", "bob@example.net"
MEET = "https://meet.google.com/abc-defg-hij"

CONFIG = """\
version: 1
mode: {mode}
sync: {{every: 60m}}
me: {{name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}}
accounts:
  - {{name: work, provider: {provider}, calendars: [{calendars}], api_root: "{root}",
     auth: {{method: token, env: TOKEN}}{more}}}
  - {{name: home, provider: ics, path: calendar}}
mentorships:
  - name: grace-ada
    mentor: {{name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}}
    mentee: me
    owner: {owner}
    met: true
limits: {{grace: 0h}}
rules:
  agenda: {{ladder: [{ladder}]}}
  ownership: {{enabled: {ownership}}}
  timezone: {{enabled: true, ladder: [{timezone}]}}
mail: {{transport: file}}
"""
CANCEL = "{before: 36h, do: cancel}"
HOLD = "{before: 60h, do: hold}"
AGENDA = "Agenda:\n- How to choose a compiler course\n- My talk in March"


class Office(ABC):
    """One vendor's server, and what Grace's agendad says and does."""

    provider: str
    calendar: str

    def __init__(self, home, server):
        self.home, self.server = home, server
        self.configure()

    def configure(
        self, *, mode="act", calendars=None, ladder=CANCEL, ownership="false", owner="mentee", timezone="", more=""
    ):
        self.home.configure(
            CONFIG.format(
                provider=self.provider, root=self.server.api_root, mode=mode, calendars=calendars or self.calendar,
                ladder=ladder, ownership=ownership, owner=owner, timezone=timezone, more=more,
            )
        )  # fmt: skip

    @abstractmethod
    def invite(self, start, *, by=ME, **more):
        """An invite of both; their answers are yes, and nobody remembers being told."""

    @abstractmethod
    def event(self, made, whose=ME):
        """Somebody's copy of it as it stands."""

    def run(self, *arguments, **more):
        environ = {"TOKEN": self.server.token_for(ME), **more.pop("environ", {})}
        return self.home.run(*arguments, environ=environ, **more)

    def once(self, **more):
        done = self.run("run", "--once", "--json", **more)
        assert done.status in (0, 1), done.err
        return done.json

    def states(self, **more):
        return [(one["action"], one["effect"], one["state"]) for one in self.once(**more)["actions"]]

    def told(self):
        """Kind and recipient of each notice of the server's."""
        return [(mail.kind, mail.to) for mail in self.server.mails]

    def mails(self, to):
        """Mails of agendad's own."""
        paths = sorted((self.home.folder / "state" / "outbox").glob("*.eml"))
        mails = [message_from_bytes(path.read_bytes(), policy=default) for path in paths]
        return [mail for mail in mails if mail["To"] == to]

    def account(self, name="work"):
        return next(one for one in self.once()["accounts"] if one["name"] == name)


class GoogleOffice(Office):
    provider, calendar = "google", "primary"

    @property
    def google(self):
        return self.server

    def invite(self, start, *, by=ME, calendar="primary", **more):
        guests = [{"email": email, "responseStatus": "accepted"} for email in (ME, ADA)]
        body = {
            "summary": "Mentoring: Ada and Grace",
            "start": {"dateTime": start.isoformat(), "timeZone": "America/New_York"},
            "end": {"dateTime": (start + HOUR / 2).isoformat(), "timeZone": "America/New_York"},
            "attendees": guests,
            **more,
        }
        made = self.google.as_(by).insert(calendar, body, "all")
        self.google.mails.clear()
        return made

    def requests(self):
        """Since the last look: method and path behind the calendar."""
        seen = [f"{one.method} {one.path.partition('/calendars/')[2]}" for one in self.google.requests]
        self.google.requests.clear()
        return seen

    def event(self, made, whose=ME):
        return self.google.as_(whose).get("primary", made["id"])


class OutlookOffice(Office):
    provider, calendar = "outlook", "default"

    @property
    def graph(self):
        return self.server

    def invite(self, start, *, by=ME, body="", accepted=True, **more):
        other = ADA if by == ME else ME
        fields = {
            "subject": "Mentoring: Ada and Grace",
            "body": {"contentType": "html", "content": body},
            "start": _utc(start),
            "end": _utc(start + HOUR / 2),
            "attendees": [{"emailAddress": {"address": other}, "type": "required"}],
            **more,
        }
        made = self.graph.as_(by).create(fields)
        theirs = self.graph.as_(other)
        if accepted:
            theirs.accept(theirs.copy_of(made["iCalUId"])["id"])
        self.graph.mails.clear()
        return made

    def event(self, made, whose=ME):
        return self.graph.as_(whose).copy_of(made["iCalUId"])


def _utc(instant):
    return {"dateTime": instant.strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}


@contextmanager
def google_office(home, switches=None, now=NOW):
    with GoogleSimulator(now=now, switches=switches or GoogleSwitches()) as google:
        google.add_person(ME, zone="America/New_York", name="Grace Hopper")
        google.add_person(ADA, zone="Europe/London", name="Ada Lovelace")
        yield GoogleOffice(home, google)
        assert google.violations == []


@contextmanager
def outlook_office(home, switches=None, now=NOW):
    with GraphSimulator(now=now, switches=switches or GraphSwitches()) as graph:
        graph.add_person(ME, zone="Eastern Standard Time", name="Grace Hopper")
        graph.add_person(ADA, zone="GMT Standard Time", name="Ada Lovelace")
        yield OutlookOffice(home, graph)
        assert graph.violations == []
