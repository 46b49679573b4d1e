"""What an expression may ask of a session: one table, for evaluation, for checking and for the documentation."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from agendad.providers.model import Event, Sensitivity
from agendad.rules.base import History, Session
from agendad.rules.policy import Mentorship, Person, Weekday
from agendad.rules.text import body_text
from agendad.rules.text.untrusted import strip_controls

MAX_BODY = 10_000
"""Characters of a body that an expression sees."""
MAX_TEXT = 500
"""Characters of any other text."""
MAX_ENTRIES = 50
"""Entries of a list."""

KINDS: Mapping[str, tuple[str, Any]] = MappingProxyType(
    {
        "text": ("string", "Mentoring"),
        "whole number": ("int", 1),
        "true or false": ("bool", True),
        "time": ("timestamp", datetime(2026, 3, 6, 17, 30, tzinfo=UTC)),
        "duration": ("duration", timedelta(minutes=30)),
        "list of texts": ("list<string>", ["ada@example.org"]),
        "list of maps": ("list<map<string, string>>", []),
    }
)
"""What a field may be, with its CEL type and a sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a field is read from. `now` is aware UTC."""

    session: Session
    history: History
    now: datetime

    @property
    def event(self) -> Event:
        return self.session.event

    @property
    def pair(self) -> Mentorship | None:
        return self.session.mentorship

    @property
    def start(self) -> datetime | None:
        return self.event.start.instant

    @property
    def end(self) -> datetime | None:
        return self.event.end.instant

    @property
    def length(self) -> timedelta | None:
        return self.end - self.start if self.start and self.end else None

    def public(self, text: str) -> str:
        """A text that may be seen; "" for one of a private event."""
        return text if self.event.sensitivity is Sensitivity.PUBLIC else ""


_Read = Callable[[Seen], Any]
"""Reads a field's value, of one of the kinds above; None where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that an expression may ask for."""

    name: str
    kind: str
    """One of `KINDS`."""
    meaning: str
    read: _Read
    keys: tuple[str, ...] = ()
    """What each map of a list holds."""

    @property
    def sample(self) -> Any:  # of its kind
        return [dict.fromkeys(self.keys, "ada@example.org")] if self.keys else KINDS[self.kind][1]


def _text(text: str, limit: int = MAX_TEXT) -> str:
    return strip_controls(text[:limit])


def _body(event: Event) -> str:
    return _text("\n".join(body_text(event).visible), MAX_BODY)


def _whole(length: timedelta | None, unit: timedelta) -> int | None:
    return None if length is None else length // unit


def _field(name: str, kind: str, meaning: str, read: _Read, *keys: str) -> Field:
    return Field(name=f"session.{name}", kind=kind, meaning=meaning, read=read, keys=keys)


_DAY = timedelta(days=1)
_PRIVATE = "empty where the event is private"
_UNDECLARED = "empty for a pair that is not declared"


def _about_event() -> Iterator[Field]:
    yield _field("title", "text", f"the title; {_PRIVATE}", lambda it: it.public(_text(it.event.title)))
    body = f"the body as people see it, without join links and agendad's own lines; {_PRIVATE}"
    yield _field("body", "text", body, lambda it: it.public(_body(it.event)))
    yield _field("location", "text", f"the location; {_PRIVATE}", lambda it: it.public(_text(it.event.location)))
    private = "it is marked as private or confidential"
    yield _field("is_private", "true or false", private, lambda it: it.event.sensitivity is not Sensitivity.PUBLIC)
    yield _field("start", "time", "when it starts", lambda it: it.start)
    yield _field("end", "time", "when it ends", lambda it: it.end)
    long = "how long it is: `session.duration < duration('30m')`"
    yield _field("duration", "duration", long, lambda it: it.length)
    minutes = "the same in minutes"
    yield _field("minutes", "whole number", minutes, lambda it: _whole(it.length, timedelta(minutes=1)))
    yield _field("now", "time", "when it is judged", lambda it: it.now)
    until = "whole days from now to the start"
    yield _field("days_until", "whole number", until, lambda it: _whole(it.start - it.now if it.start else None, _DAY))
    yield _field("in_series", "true or false", "it is one of a series", lambda it: it.event.in_series)
    yield _field("categories", "list of texts", "its categories; none where the event is private", _categories)
    yield _field("account", "text", "the name of the account that it is read from", lambda it: it.event.account)
    yield _field("conference", "list of maps", "each way to join; `product` is teams, meet, zoom, webex, … or other",
                 _conference, "url", "product")  # fmt: skip
    attached = "how many files are attached"
    yield _field("attachments", "whole number", attached, lambda it: len(it.event.attachments))


def _about_guests() -> Iterator[Field]:
    yield _field("i_organize", "true or false", "you organize it", lambda it: it.session.i_organize)
    yield _field("organizer.email", "text", "the organizer's address; empty if there is none",
                 lambda it: _text(it.event.organizer.email) if it.event.organizer else "")  # fmt: skip
    yield _field("organizer.name", "text", "the organizer's name; empty if there is none",
                 lambda it: _text(it.event.organizer.name) if it.event.organizer else "")  # fmt: skip
    yield _field("people", "list of texts", "the addresses of the people in it, yours included, without rooms",
                 lambda it: [_text(one) for one in it.session.detection.people[:MAX_ENTRIES]])  # fmt: skip
    guests = (
        "each guest and room; `partstat` is NEEDS-ACTION, ACCEPTED, DECLINED or TENTATIVE, `cutype` INDIVIDUAL,"
        " GROUP, RESOURCE, ROOM or UNKNOWN"
    )
    yield _field("attendees", "list of maps", guests, _attendees, "email", "name", "partstat", "cutype")
    yield _field(
        "mentorship", "text", f"the mentorship's name; {_UNDECLARED}", lambda it: it.pair.name if it.pair else ""
    )
    yield _field("my_role", "text", f"mentor or mentee: yours; {_UNDECLARED}",
                 lambda it: it.pair.my_role.value if it.pair else "")  # fmt: skip
    yield _field("owner", "text", f"mentor or mentee: who owns the logistics; {_UNDECLARED}",
                 lambda it: it.pair.owner.value if it.pair else "")  # fmt: skip
    yield _field("met", "true or false", "the two have met before",
                 lambda it: it.history.met or bool(it.pair and it.pair.met))  # fmt: skip


def _categories(it: Seen) -> list[str]:
    public = it.event.sensitivity is Sensitivity.PUBLIC
    return [_text(one) for one in it.event.categories[:MAX_ENTRIES]] if public else []


def _attendees(it: Seen) -> list[dict[str, str]]:
    return [
        {"email": _text(one.email), "name": _text(one.name), "partstat": one.partstat.value, "cutype": one.cutype.value}
        for one in it.event.attendees[:MAX_ENTRIES]
    ]


def _conference(it: Seen) -> list[dict[str, str]]:
    return [{"url": _text(one.url), "product": _text(one.product)} for one in it.event.conference[:MAX_ENTRIES]]


_WHO: Mapping[str, Callable[[Session], Person | None]] = MappingProxyType(
    {
        "me": lambda session: session.me,
        "mentor": lambda session: session.mentorship.mentor if session.mentorship else None,
        "mentee": lambda session: session.mentorship.mentee if session.mentorship else None,
    }
)


def _local(person: Person, instant: datetime | None) -> datetime | None:
    zone = person.zone_at(instant) if instant else None
    return instant.astimezone(zone) if instant and zone else None


def _about_people() -> Iterator[Field]:
    for who, whose in (("me", "your"), ("mentor", "the mentor's"), ("mentee", "the mentee's")):
        clock = f"on {whose} clock when it "
        yield _of_person(who, "name", "text", f"{whose} name", lambda person, _: person.name)
        yield _of_person(who, "zone", "text", f"{whose} time zone then, such as Europe/London", _zone)
        yield _of_person(who, "hour", "whole number", f"the hour, 0 to 23, {clock}starts", _at_start("%H", int))
        yield _of_person(who, "weekday", "text", f"mon, tue, … {clock}starts", _weekday)
        yield _of_person(
            who, "date", "text", f"the date, such as 2026-03-06, {clock}starts", _at_start("%Y-%m-%d", str)
        )
        yield _of_person(who, "starts", "text", f"the time, such as 09:30, {clock}starts", _at_start("%H:%M", str))
        yield _of_person(who, "ends", "text", f"the time, such as 10:00, {clock}ends", _ends)


_OfPerson = Callable[[Person, Seen], str | int | None]


def _of_person(who: str, name: str, kind: str, meaning: str, read: _OfPerson) -> Field:
    def value(it: Seen) -> str | int | None:
        person = _WHO[who](it.session)
        return None if person is None else read(person, it)

    return _field(f"{who}.{name}", kind, meaning, value)


def _zone(person: Person, it: Seen) -> str | None:
    instant = it.start
    zone = person.zone_at(instant) if instant else person.zone
    return zone.key if zone else None


def _at_start(form: str, kind: type[str] | type[int]) -> _OfPerson:
    def read(person: Person, it: Seen) -> str | int | None:
        local = _local(person, it.start)
        return None if local is None else kind(local.strftime(form))

    return read


def _weekday(person: Person, it: Seen) -> str | None:
    local = _local(person, it.start)
    return None if local is None else list(Weekday)[local.weekday()].value


def _ends(person: Person, it: Seen) -> str | None:
    local = _local(person, it.end)
    return None if local is None else f"{local:%H:%M}"


FIELDS: tuple[Field, ...] = (*_about_event(), *_about_guests(), *_about_people())
"""Every field, in the order in which the documentation has them."""
NAMES: tuple[tuple[str, str], ...] = tuple((one.name, KINDS[one.kind][0]) for one in FIELDS)
"""Each name with its CEL type, for `agendad.rules.expressions.compiled`."""


def values_of(session: Session, history: History, now: datetime) -> dict[str, Any]:
    """What an expression sees; what is not known is left out."""
    seen = Seen(session=session, history=history, now=now)
    read = {one.name: one.read(seen) for one in FIELDS}
    return {name: value for name, value in read.items() if value is not None}


def samples() -> Sequence[dict[str, Any]]:
    """Sessions to try an expression on: one where there is everything, one where there is little."""
    full = {one.name: one.sample for one in FIELDS}
    little: dict[str, Any] = {"text": "", "whole number": 0, "true or false": False}
    return full, full | {one.name: little[one.kind] for one in FIELDS if one.kind in little}
