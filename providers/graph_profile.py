"""What Microsoft knows of the person: the address, the time zone and the working hours of the mailbox."""

from collections.abc import Mapping
from typing import Any

from agendad.providers import zones
from agendad.providers.errors import AccountUnavailable, SignInNeeded
from agendad.providers.graph_api import GraphApi, Refusal, Resource, WriteRefused
from agendad.providers.profile import Hours, Profile

_NO_HOURS = (
    "Microsoft tells no working hours for this account (personal accounts have none there); those of the configuration"
    " are used."
)


class ProfileApi(GraphApi):
    """Asks Microsoft for the person."""

    def person(self) -> Profile:
        """The mailbox's owner; and that its calendar can be read.

        Raises:
            SignInNeeded: Microsoft does not take the sign-in, or it does not let the calendar be read.
            AccountUnavailable: Microsoft cannot be reached, or refuses.
        """
        told = self._if_allowed(self.mailbox, {"$select": "mail,userPrincipalName"})
        settings = self._if_allowed(f"{self.mailbox}/mailboxSettings", {})
        self._read("GET", f"{self.mailbox}/calendar", {"$select": "name"}, refused=self._no_mailbox)
        addresses = [text for name in ("mail", "userPrincipalName") if "@" in (text := str(told.get(name) or ""))]
        zone = _iana(settings.get("timeZone"))
        hours, remarks = _hours(settings.get("workingHours"), zone)
        if settings and hours is None and not remarks:
            remarks = (_NO_HOURS,)
        address = addresses[0] if addresses else None
        return Profile(address, zone, hours, "Outlook", tuple(addresses[1:]), remarks)

    def _if_allowed(self, target: str, parameters: Mapping[str, str]) -> Resource:
        """A resource, or nothing where the sign-in does not let it be asked for: the work can do without."""
        try:
            return self._read("GET", target, parameters, refused=WriteRefused)
        except WriteRefused as no:
            if no.refusal.status in (403, 404):
                return {}
            raise self._refused(no.refusal) from no

    def _no_mailbox(self, no: Refusal) -> Exception:
        whose = "its mailbox" if self.mailbox == "/me" else self.mailbox.rpartition("/")[2]
        if no.status == 403:
            return SignInNeeded(
                f"The sign-in of account {self.account} does not let agendad read the calendar of {whose} ({no}).",
                not_done="Nothing was read or written.",
                next_step="An application needs its permissions granted by an administrator, and a policy that lets it"
                " into this mailbox (docs/outlook.md). A person signs in anew.",
            )
        if no.status == 404:
            return AccountUnavailable(
                f"Account {self.account}: Microsoft has no calendar of {whose} ({no}).",
                not_done="Nothing was read or written.",
                next_step="The mailbox must be at Exchange Online or Outlook.com; of an application, correct"
                " `auth.user`.",
            )
        return self._refused(no)


def _iana(name: object) -> str | None:
    return zones.resolve(name, {}).name if isinstance(name, str) and name else None


def _hours(told: Any, zone: str | None) -> tuple[Hours | None, tuple[str, ...]]:  # JSON
    """Working hours, and what else to say of them."""
    if not isinstance(told, Mapping):
        return None, ()
    try:
        span = (_minutes(told["startTime"]), _minutes(told["endTime"]))
        days = {str(day)[:3].lower(): (span,) for day in told["daysOfWeek"]}
        name = str(told["timeZone"]["name"])
    except (LookupError, TypeError, ValueError):
        return None, ()  # a hint is made of it and nothing else
    if not days:
        return None, ()
    if _iana(name) != zone:
        return None, (f"The working hours in Outlook are in the time zone {name}; they are not compared.",)
    return days, ()


def _minutes(clock: str) -> int:
    """Minutes after midnight of `17:00:00.0000000`."""
    return int(clock[:2]) * 60 + int(clock[3:5])
