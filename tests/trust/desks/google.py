"""Google Calendar, at its simulator."""

from datetime import datetime

from acting.conftest import ADA, HOUR, ME, NOW
from simulators.google import GoogleSimulator

from agendad.providers.google import GoogleProvider
from agendad.providers.google_api import GoogleApi
from agendad.providers.google_refusals import why_refused
from agendad.providers.google_signin import bearer
from trust.desks.base import Simulated


class Google(Simulated):
    """Grace's calendar there; Ada lets her see when she is busy."""

    def open(self) -> GoogleSimulator:
        google = self.stack.enter_context(GoogleSimulator(now=NOW))
        google.add_person(ME, zone="America/New_York", name="Grace Hopper")
        google.add_person(ADA, zone="Europe/London", name="Ada Lovelace")
        google.share(ADA, with_=ME, role="freeBusyReader")
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

    def invite(self, start: datetime, body: str) -> None:
        times = {
            side: {"dateTime": at.isoformat(), "timeZone": "America/New_York"}
            for side, at in (("start", start), ("end", start + HOUR / 2))
        }
        other = "needsAction" if "move" in self.verb.act else "accepted"
        guests = [
            {"email": email, "responseStatus": "accepted" if email == self.verb.by else other} for email in (ME, ADA)
        ]
        fields = {"summary": "Mentoring: Ada and Grace", "description": body, "attendees": guests, **times}
        self.server.as_(self.verb.by).insert("primary", fields, "all")
