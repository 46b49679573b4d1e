"""Who is in an event: people counted once each, rooms, resources and shared calendars left out."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from agendad.providers.model import Attendee, Cutype, Event, Partstat, Role
from agendad.rules.policy import Mentorship, Policy

_THINGS = frozenset({Cutype.ROOM, Cutype.RESOURCE})
_NOT_PEOPLE = (
    "resource.calendar.google.com",
    "group.calendar.google.com",
    "import.calendar.google.com",
    "group.v.calendar.google.com",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """The people in an event."""

    me_in_it: bool
    i_declined: bool
    i_delegated: bool
    people: tuple[str, ...]
    """One entry a person, me included: the first address of theirs that the event has, "" if it has none."""
    addresses: frozenset[str]
    """Every address of theirs that the event has."""
    groups: tuple[str, ...]
    """Mailing lists that are invited."""
    present: tuple[Mentorship, ...]
    """The mentorships whose other person is in it."""
    declined: frozenset[str]
    """Addresses that declined."""
    stranger_organizes: bool = False
    """An organizer who is in it is neither me nor declared."""

    @property
    def count(self) -> int:
        return len(self.people)


@dataclass(slots=True)
class _Seat:
    addresses: list[str] = field(default_factory=list)
    partstats: list[Partstat] = field(default_factory=list)


_Seats = dict[str, _Seat]
"""By person: "me", a declared person's first address, or an unknown person's own."""

_ME = "me"
"""As `Policy.who` has it."""


def attendance(event: Event, policy: Policy) -> Attendance:
    """Count the people in `event`.

    An organizer who is no attendee is in it if that is me or a declared person (some systems leave
    organizers out of the list), or if fewer than two people would be in it otherwise. Anyone else who is
    only the organizer sent the invite for others. SENT-BY is nobody's presence.
    """
    seats: _Seats = {}
    groups: list[str] = []
    listed: set[str] = set()
    for position, attendee in enumerate(event.attendees):
        person = _person(attendee.email.lower(), attendee.name, policy) or f"nameless {position}"
        listed.add(person)
        _take_seat(attendee, person, seats, groups, policy)
    _seat_organizer(event, listed, seats, policy)
    mine = seats.get(_ME, _Seat()).partstats
    for person in [one for one, seat in seats.items() if one != _ME and _sent_somebody(seat)]:
        del seats[person]
    attending = not {Partstat.ACCEPTED, Partstat.TENTATIVE}.isdisjoint(mine)
    return Attendance(
        me_in_it=_ME in seats,
        i_declined=Partstat.DECLINED in mine and not attending,
        i_delegated=Partstat.DELEGATED in mine and not attending,
        people=tuple(next(filter(None, seat.addresses), "") for seat in seats.values()),
        addresses=frozenset(address for seat in seats.values() for address in seat.addresses),
        groups=tuple(groups),
        present=_present(seats, policy),
        stranger_organizes=_organizes(event, seats, policy),
        declined=frozenset(
            address for seat in seats.values() if Partstat.DECLINED in seat.partstats for address in seat.addresses
        ),
    )


def _take_seat(attendee: Attendee, person: str, seats: _Seats, groups: list[str], policy: Policy) -> None:
    email = attendee.email.lower()
    if attendee.role is Role.NON_PARTICIPANT:
        return
    if email not in policy.addresses:  # a declared address is a person, whatever a server calls it
        if attendee.cutype in _THINGS or email.endswith(_NOT_PEOPLE):
            return
        if attendee.cutype is Cutype.GROUP:
            groups.append(email or attendee.name)
            return
    seat = seats.setdefault(person, _Seat())
    seat.addresses.append(email)
    seat.partstats.append(attendee.partstat)


def _seat_organizer(event: Event, listed: set[str], seats: _Seats, policy: Policy) -> None:
    organizer = event.organizer
    if organizer is None:
        return
    email = organizer.email.lower()
    person = _person(email, organizer.name, policy) or "nameless organizer"
    if person in listed:
        if person in seats and _is_only_the_sender(person, seats, policy):
            del seats[person]
    elif not email.endswith(_NOT_PEOPLE) and (email in policy.addresses or len(seats) < 2):
        seats[person] = _Seat([email])


def _organizes(event: Event, seats: _Seats, policy: Policy) -> bool:
    """Whether somebody who is in no mentorship organizes it and comes."""
    email = event.organizer.email.lower() if event.organizer else ""
    return bool(email) and email not in policy.addresses and any(email in seat.addresses for seat in seats.values())


def _sent_somebody(seat: _Seat) -> bool:
    """RFC 5546 §3.2.3: who delegated does not come, and the delegate is listed besides."""
    return bool(seat.partstats) and set(seat.partstats) == {Partstat.DELEGATED}


def _is_only_the_sender(person: str, seats: _Seats, policy: Policy) -> bool:
    """True for an organizer who declined a meeting that is one without them too.

    The declared person of the only pair in it stays: that pair's session was declined, it is not another's.
    """
    if person == _ME or Partstat.DECLINED not in seats[person].partstats or _ME not in seats or len(seats) < 3:
        return False
    without = {name: seat for name, seat in seats.items() if name != person}
    return bool(_present(without, policy)) or not _present(seats, policy)


def _present(seats: _Seats, policy: Policy) -> tuple[Mentorship, ...]:
    if policy.addresses.isdisjoint(seats):
        return ()
    return tuple(
        mentorship
        for mentorship in policy.mentorships
        if any(_overlap(seat.addresses, mentorship.other.emails) for seat in seats.values())
    )


def _overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    return not set(others).isdisjoint(some)


def _person(email: str, name: str, policy: Policy) -> str:
    """Who an address is: the same for every address of a declared person; "" where nothing tells."""
    return policy.who.get(email) or email or name.casefold()
