"""What Google knows of the person: the address, the time zone and the working hours of the primary calendar."""

from collections.abc import Mapping
from typing import Any

from agendad.providers.errors import SignInNeeded
from agendad.providers.google_api import GoogleApi
from agendad.providers.profile import Hours, Profile


class ProfileApi(GoogleApi):
    """Asks Google for the person."""

    def primary(self) -> Profile:
        """The primary calendar's owner.

        Raises:
            SignInNeeded: Google does not take the sign-in.
            AccountUnavailable: Google cannot be reached, or refuses.
        """
        try:
            answer = self._read(
                lambda api: api.calendars().get(calendarId="primary"), self._refused, kind="calendar#calendar"
            )
        except SignInNeeded as error:
            if getattr(error.__cause__, "status_code", None) != 403:
                raise
            answer = self.list_page("primary", maxResults=1)  # a token for events alone is enough for the work
            return Profile(None, answer.get("timeZone"), None)
        return Profile(str(answer["id"]) if "id" in answer else None, answer.get("timeZone"), _hours(answer))


def _hours(calendar: Mapping[str, Any]) -> Hours | None:
    known = calendar.get("workingHours") or {}
    if not known.get("workingHoursEnabled"):
        return None
    spans: dict[str, tuple[tuple[int, int], ...]] = {}
    for span in known.get("availableTimes") or ():
        try:
            day, start, end = str(span["dayOfWeek"])[:3].lower(), int(span["periodStart"]), int(span["periodEnd"])
        except (LookupError, TypeError, ValueError):
            continue  # a hint is made of it and nothing else
        spans[day] = (*spans.get(day, ()), (start, end))
    return spans or None
