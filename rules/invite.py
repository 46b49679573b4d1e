"""The rule `invite`: it is answered, it is up to date, and it says how the two meet."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import ClassVar, Literal

from agendad.providers.model import Attendee, ConferenceLink, Cutype, Event, Partstat, Role, Sensitivity, Status
from agendad.rules.base import Finding, History, Reach, Rule, Session, register
from agendad.rules.hours import say_moment
from agendad.rules.joining import has_no_way_to_join, left_over
from agendad.rules.notice import seen_at
from agendad.rules.policy import Action, Mentorship, Person, RuleOptions, Severity
from agendad.rules.roles import guests
from agendad.rules.text.ends import said_end
from agendad.rules.text.untrusted import one_line
from agendad.rules.units import Duration, parse_duration

_QUOTE = 120
_PRODUCTS = {"zoom": "Zoom", "teams": "Teams", "meet": "Google Meet", "webex": "Webex", "jitsi": "Jitsi"}


class InviteOptions(RuleOptions):
    """What the rule `invite` takes."""

    answer_within: Duration = parse_duration("48h")
    """How long the other person has to answer an invite."""
    answer_before: Duration = parse_duration("48h")
    """How long before the start a missing answer is told."""
    remote: Literal["auto", "always", "never"] = "auto"
    """Whether you meet from afar. Auto: where your clocks differ at the start."""
    link_within: Duration = parse_duration("7d")
    """How long before the start a missing way to join is told."""


@register
class Invite(Rule[InviteOptions]):
    """The invite is answered, up to date, and says how the two meet.

    An answer is missed only where you organize, as other copies do not tell it; an invite that was new two days ago
    still has time, and a series that the two hold without one needs none. An invite is stale where it is certain: it
    names an end that has passed ("weekly until 30 June"), somebody in it was taken off or has declined all that is to
    come, or its words hold a way to join another meeting than its own. Links are compared and never opened. A way to
    join is missed where the two are in different zones; a place, a telephone or "same link as last time" will do.

        rules:
          invite:
            answer_within: 48h
            answer_before: 48h
            remote: auto
            link_within: 7d
    """

    name: ClassVar[str] = "invite"
    codes: ClassVar[dict[str, str]] = {
        "invite.no-answer": "The other person has not answered the invite, and the session is near.",
        "invite.stale": "Something in the invite is left from before.",
        "invite.no-conference-link": "The two are far apart, and the invite does not say how they meet.",
    }
    samples: ClassVar[dict[str, str]] = {
        "invite.no-answer": "Ada Lovelace has not answered this invite.",
        "invite.stale": "The invite holds two ways to join, Google Meet and Zoom; one may be left from before.",
        "invite.no-conference-link": "You two are in different places, and the invite has no link to join.",
    }
    steps = frozenset({Action.NUDGE, Action.ASK})
    Options = InviteOptions

    def check(self, session: Session, history: History, options: InviteOptions, now: datetime) -> Iterable[Finding]:
        """Judge the invite as it stands."""
        yield from _no_answer(session, history, options, now)
        for message, evidence in _stale(session, history, now):
            yield _finding("stale", message, evidence, series=session.event.in_series)
            break
        yield from _no_link(session, options, now)


def _finding(code: str, message: str, evidence: str, *, series: bool, people: tuple[str, ...] = ()) -> Finding:
    return Finding(
        code=f"invite.{code}",
        severity=Severity.WARNING,
        message=message,
        evidence=evidence,
        reach=Reach.NUDGE,
        series=series,
        people=people,
    )


# no answer


def _no_answer(session: Session, history: History, options: InviteOptions, now: datetime) -> Iterator[Finding]:
    """Only the organizer's copy tells what the guests answered."""
    event, start = session.event, session.event.start.instant
    if start is None or not session.i_organize or start - now > options.answer_before:
        return
    silent = _silent(event, session)
    asked = _asked_at(event, history)
    if not silent or asked is None or now - asked < options.answer_within:
        return
    if any(_silent(peer, session) for peer in history.peers if _took_place(peer, now)):
        return  # they hold the series all the same
    name = session.mentorship.other.name if session.mentorship else _name_of(silent[0], event)
    yield _finding(
        "no-answer",
        f"{name} has not answered this invite.",
        f"asked {say_moment(session.me, asked)}; no answer in the organizer's copy, which is yours",
        series=False,
        people=(name,),
    )


def _silent(event: Event, session: Session) -> list[Attendee]:
    """The entries of the other person, where none holds an answer; of an undeclared pair the only guest's."""
    others = [guest for guest in guests(session) if guest.cutype is not Cutype.GROUP]
    others = [one for one in event.attendees if any(one.email == guest.email for guest in others)]
    if session.mentorship is not None:
        others = [one for one in others if session.mentorship.other.has(one.email)]
    elif len(others) != 1:
        return []
    return others if all(one.partstat is Partstat.NEEDS_ACTION for one in others) else []


def _asked_at(event: Event, history: History) -> datetime | None:
    """When the time that is to be answered was asked for, at the latest: a move asks anew."""
    moves = [after.seen_at for before, after in pairwise(history.versions) if before.start != after.start]
    if moves:
        return moves[-1]
    proofs = (event.created, event.modified, event.stamped, history.first_seen, *seen_at(history))
    return min((moment for moment in proofs if moment is not None), default=None)


def _took_place(peer: Event, now: datetime) -> bool:
    return peer.end.instant is not None and peer.end.instant <= now and peer.status is not Status.CANCELLED


# stale


def _stale(session: Session, history: History, now: datetime) -> Iterator[tuple[str, str]]:
    """(message, evidence) for what is left from before, the plainest first."""
    event = session.event
    end = said_end(event)
    if end is not None and end[0] < event.start.wall.date():
        yield "The invite names an end that has passed, and the sessions go on.", _quote(event, end[1])
    if session.mentorship is not None:
        yield from _taken_off(session, session.mentorship, history)
    yield from _declined_all(session, history, now)
    links = left_over(event)
    if links is not None:
        one, other = (_PRODUCTS[link.product] for link in links)
        both = f"two links to join {one}" if one == other else f"two ways to join, {one} and {other}"
        said = f"The invite holds {both}; one may be left from before."
        yield said, _say_links(event, links)


def _say_links(event: Event, links: tuple[ConferenceLink, ConferenceLink]) -> str:
    """Both, without what comes after the question mark: that may be a password."""
    if event.sensitivity is not Sensitivity.PUBLIC:
        return ""
    own, other = (one_line(link.url.partition("?")[0], _QUOTE) for link in links)
    return f"its own: {own}; in its words: {other}"


def _taken_off(session: Session, pair: Mentorship, history: History) -> Iterator[tuple[str, str]]:
    """The other person was in an earlier occurrence and is in this one no longer. Only my own list is complete."""
    event, other = session.event, pair.other
    if not session.i_organize or not event.attendees or _is_in(event, other) or _may_be_in(event, other):
        return
    if any(_is_in(peer, other) for peer in _earlier(event, history)):
        yield f"{other.name} is no longer in the invite of this series.", f"{other.name} was in earlier ones"


def _earlier(event: Event, history: History) -> Iterator[Event]:
    start = event.start.instant
    for peer in history.peers:
        if start is not None and peer.start.instant is not None and peer.start.instant < start:
            yield peer


def _is_in(event: Event, person: Person) -> bool:
    organizes = event.organizer is not None and person.has(event.organizer.email)
    return organizes or any(person.has(one.email) for one in event.attendees)


def _may_be_in(event: Event, person: Person) -> bool:
    """Somebody whose address is not known may be the same person under another one, or invited as part of a group."""
    names = set(person.name.casefold().split())
    return any(
        not one.email
        or one.cutype is Cutype.GROUP
        or bool(names & set(one.name.casefold().split()))
        or any(name in one.email.partition("@")[0] for name in names if len(name) > 2)
        for one in event.attendees
    )


def _declined_all(session: Session, history: History, now: datetime) -> Iterator[tuple[str, str]]:
    """A guest who declined this occurrence and every other one to come."""
    to_come = [peer for peer in history.peers if peer.start.instant is not None and peer.start.instant > now]
    to_come = [peer for peer in to_come if peer.status is not Status.CANCELLED]
    if not to_come:
        return
    for guest in guests(session):
        every = [*(_answer(peer, guest.email) for peer in to_come), guest.partstat]
        if guest.email and guest.role is not Role.OPTIONAL and set(every) == {Partstat.DECLINED}:
            name = _name_of(guest, session.event, session.mentorship)
            yield (
                f"{name} has declined every session of this series that is to come.",
                f"{len(every)} sessions to come, each declined",
            )


def _answer(event: Event, email: str) -> Partstat | None:
    return next((one.partstat for one in event.attendees if one.email == email), None)


def _name_of(guest: Attendee, event: Event, pair: Mentorship | None = None) -> str:
    """Who it is. A stranger in an event that is not public stays unnamed."""
    if pair is not None and pair.other.has(guest.email):
        return pair.other.name
    if event.sensitivity is not Sensitivity.PUBLIC:
        return "Somebody"
    return one_line(guest.name or guest.email, _QUOTE)


def _quote(event: Event, line: str) -> str:
    return one_line(line, _QUOTE) if event.sensitivity is Sensitivity.PUBLIC else ""


# no way to join


def _no_link(session: Session, options: InviteOptions, now: datetime) -> Iterator[Finding]:
    event, start = session.event, session.event.start.instant
    if start is None or not now < start <= now + options.link_within or not _are_apart(session, start, options):
        return
    if not has_no_way_to_join(event):
        return
    apart = "" if session.mentorship is None else f"{_clocks(session.mentorship, start)}; "
    yield _finding(
        "no-conference-link",
        "You two are in different places, and the invite has no link to join.",
        f"{apart}no conference, no link, no telephone and no place in it",
        series=event.in_series,
    )


def _are_apart(session: Session, start: datetime, options: InviteOptions) -> bool:
    """Whether the two are on different clocks then, or the user says so."""
    if options.remote != "auto" or session.mentorship is None:
        return options.remote == "always"
    zones = [one.zone_at(start) for one in (session.mentorship.mentor, session.mentorship.mentee)]
    offsets = {start.astimezone(zone).utcoffset() for zone in zones if zone is not None}
    return None not in zones and len(offsets) == 2


def _clocks(pair: Mentorship, start: datetime) -> str:
    people = (pair.mentor, pair.mentee)
    return ", ".join(f"{one.name}: {say_moment(one, start)}" for one in people)
