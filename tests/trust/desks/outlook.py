"""Outlook, at the simulator of Microsoft Graph."""

from datetime import datetime

from acting.conftest import ADA, HOUR, ME, NOW
from conformance import outlook_backing
from simulators.graph import GraphSimulator

from agendad.providers.outlook import OutlookProvider
from trust.desks.base import Simulated


class Outlook(Simulated):
    """Grace's mailbox there, and Ada's."""

    google = False

    def open(self) -> GraphSimulator:
        graph = self.stack.enter_context(GraphSimulator(now=NOW))
        graph.add_person(ME, zone="Eastern Standard Time", name="Grace Hopper")
        graph.add_person(ADA, zone="GMT Standard Time", name="Ada Lovelace")
        return graph

    def provider(self) -> OutlookProvider:
        pace = self.waits.pace()
        api = outlook_backing.api_for(self.server, ME, "home", pace=pace, timeout=self.timeout)
        return OutlookProvider("home", ["default"], api, me=[ME])

    def invite(self, start: datetime, body: str) -> None:
        other = ADA if self.verb.by == ME else ME
        made = self.server.as_(self.verb.by).create(
            {
                "subject": "Mentoring: Ada and Grace",
                "body": {"contentType": "text", "content": body},
                "start": outlook_backing._time(start),
                "end": outlook_backing._time(start + HOUR / 2),
                "attendees": [{"emailAddress": {"address": other}, "type": "required"}],
            }
        )
        theirs = self.server.as_(other)
        if "move" not in self.verb.act:
            theirs.accept(theirs.copy_of(made["iCalUId"])["id"])
