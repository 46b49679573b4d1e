"""What an action becomes, and whom it reaches, depending on who organizes the event."""

from enum import StrEnum

from agendad.providers.model import Attendee, Cutype, Partstat, Role
from agendad.rules.base import Session
from agendad.rules.policy import Action, Mentorship, Person


class Effect(StrEnum):
    """What is done in the end."""

    MAIL = "mail"
    CANCEL = "cancel"
    DECLINE = "decline"
    TENTATIVE = "tentative"
    PATCH = "patch"
    MOVE = "move"
    PROPOSE = "propose"
    RESTORE = "restore"
    """A hold of ours is taken back."""
    ASK = "ask"


OUTCOMES = frozenset({Effect.CANCEL, Effect.DECLINE, Effect.MOVE})
"""What settles an occurrence: at most one of these each."""

_AS_ORGANIZER = {
    Action.NUDGE: Effect.MAIL,
    Action.PATCH: Effect.PATCH,
    Action.HOLD: Effect.PATCH,
    Action.CANCEL: Effect.CANCEL,
    Action.RESCHEDULE: Effect.PROPOSE,
    Action.HANDOVER: Effect.MAIL,
    Action.ASK: Effect.ASK,
}
_AS_ATTENDEE = {
    Action.NUDGE: Effect.MAIL,
    Action.PATCH: Effect.MAIL,
    Action.HOLD: Effect.TENTATIVE,
    Action.CANCEL: Effect.DECLINE,
    Action.RESCHEDULE: Effect.PROPOSE,
    Action.HANDOVER: Effect.MAIL,
    Action.ASK: Effect.ASK,
}


def effect_of(session: Session, action: Action, *, free_busy: bool = False) -> Effect:
    """What `action` becomes for my role.

    `free_busy` says that both people's calendars can be seen; only then the organizer moves the event
    instead of proposing times, and only if the logistics are theirs.
    """
    if not session.i_organize:
        return _AS_ATTENDEE[action]
    if action is Action.RESCHEDULE and free_busy and session.mentorship is not None and session.mentorship.i_own:
        return Effect.MOVE
    return _AS_ORGANIZER[action]


def recipients(session: Session, mentorship: Mentorship, action: Action, effect: Effect) -> tuple[str, ...]:
    """The addresses that would hear of it, in a stable order.

    Our own mail goes to declared people only; a change or an answer reaches whom the calendar tells.
    """
    mine = mentorship.person(mentorship.my_role).emails[0]
    if effect is Effect.ASK:
        return (mine,)
    if effect is Effect.MAIL:
        person = mentorship.logistics_owner if action is Action.NUDGE else mentorship.other
        return (_address_in_use(session, person),)
    if session.i_organize:
        return tuple(guest.email for guest in guests(session) if guest.email)
    organizer = session.event.organizer
    if organizer is None or not organizer.email:
        return (_address_in_use(session, mentorship.other),)
    return (organizer.email,)


def _address_in_use(session: Session, person: Person) -> str:
    """The address under which the event knows this person, else the first one declared."""
    event = session.event
    seen = [attendee.email for attendee in event.attendees]
    if event.organizer is not None:
        seen.append(event.organizer.email)
    return next((email for email in seen if person.has(email)), person.emails[0])


def guests(session: Session) -> tuple[Attendee, ...]:
    """The people who are invited, me left out."""
    return tuple(
        attendee
        for attendee in session.event.attendees
        if attendee.cutype not in (Cutype.ROOM, Cutype.RESOURCE)
        and attendee.role is not Role.NON_PARTICIPANT
        and not session.me.has(attendee.email)
    )


def i_accepted(session: Session) -> bool:
    """My own answer is yes; the organizer's is by organizing."""
    return session.i_organize or any(
        session.me.has(attendee.email) and attendee.partstat is Partstat.ACCEPTED
        for attendee in session.event.attendees
    )


def nobody_else_comes(session: Session) -> bool:
    """Everybody else has declined; an organizer who gave no answer comes."""
    others = guests(session)
    organizer = session.event.organizer
    if organizer is not None and not session.i_organize:
        answer = next((guest.partstat for guest in others if guest.email == organizer.email), None)
        if answer is not Partstat.DECLINED:
            return False
    return bool(others) and all(guest.partstat is Partstat.DECLINED for guest in others)
