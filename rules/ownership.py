"""The rule `ownership`: whoever owns the logistics sends the invite and moves it."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from agendad.providers.model import Sensitivity
from agendad.rules.base import Finding, History, Reach, Rule, Session, Version, register
from agendad.rules.hours import say_moment
from agendad.rules.policy import (
    Action,
    LadderStep,
    Mentorship,
    Party,
    Person,
    RuleOptions,
    Severity,
    ladder,
    normal_email,
)
from agendad.rules.units import Duration, format_duration, parse_duration

_ACCEPTED = re.compile(r"mentor|mentee|[^@\s]*@[^@\s]+")


def _organizer(value: str) -> str:
    normal = normal_email(value)
    if not _ACCEPTED.fullmatch(normal):
        raise ValueError(f"{value!r} is no organizer; write an address, a domain like @programme.org, mentor or mentee")
    return normal


class OwnershipOptions(RuleOptions):
    """What the rule `ownership` takes."""

    accept_organizers: tuple[Annotated[str, AfterValidator(_organizer)], ...] = ()
    """Who may organize beside the owner: addresses, domains like @programme.org, `mentor` or `mentee`."""
    short_notice: Duration = parse_duration("24h")
    """A move this close to the start counts as short notice."""
    max_moves: Annotated[int, Field(ge=0)] = 2
    """More moves than this are too many."""
    ladder: tuple[LadderStep, ...] = ladder(("7d", Action.HANDOVER))
    climbs: tuple[str, ...] = ("ownership.wrong-organizer",)


@register
class Ownership(Rule[OwnershipOptions]):
    """Whoever owns the logistics (the mentee, unless the mentorship says otherwise) organizes and moves.

    An assistant may act for the owner. A move that agendad made itself is never counted.

    Example:
        rules:
          ownership:
            accept_organizers: ["@programme.example", "coordinator@example.org"]
            short_notice: 24h
            max_moves: 2
            ladder:
              - {before: 7d, do: handover}
    """

    name: ClassVar[str] = "ownership"
    codes: ClassVar[dict[str, str]] = {
        "ownership.wrong-organizer": "Somebody else than the owner of the logistics organizes the session.",
        "ownership.moved-by-non-owner": "Somebody else than the owner of the logistics moved the session.",
        "ownership.short-notice-move": "The session was moved shortly before it was due.",
        "ownership.too-many-moves": "The session was moved more often than agreed.",
    }
    steps = Rule.steps | {Action.HANDOVER}
    Options = OwnershipOptions

    def check(
        self,
        session: Session,
        history: History,
        options: OwnershipOptions,
        now: datetime,  # noqa: ARG002 - every rule's signature
    ) -> Iterable[Finding]:
        """Judge who organizes a declared pair's session and who moved it."""
        mentorship = session.mentorship
        if mentorship is None or session.event.all_day:
            return
        yield from _wrong_organizer(session, mentorship, options)
        yield from _moves(session, mentorship, history, options)


def _may_organize(email: str, mentorship: Mentorship, options: OwnershipOptions) -> bool:
    """True for the owner, for whom the options accept, and where nobody can be told (no address)."""
    email = normal_email(email)
    if not email or mentorship.logistics_owner.has(email):
        return True
    for accepted in options.accept_organizers:
        if accepted in (Party.MENTOR, Party.MENTEE):
            if mentorship.person(Party(accepted)).has(email):
                return True
        elif email.endswith(accepted) if accepted.startswith("@") else email == accepted:
            return True
    return False


def _wrong_organizer(session: Session, mentorship: Mentorship, options: OwnershipOptions) -> Iterator[Finding]:
    organizer = session.event.organizer
    # Without an organizer it is a personal entry: nobody sent an invite, so there is none to hand over.
    if organizer is None or _may_organize(organizer.email, mentorship, options):
        return
    if organizer.sent_by and mentorship.logistics_owner.has(organizer.sent_by):
        return
    who = _who(organizer.email, session, mentorship)
    owner = mentorship.logistics_owner
    sends = "You send" if who == "you" else f"{_capital(who)} sends"
    yield Finding(
        code="ownership.wrong-organizer",
        severity=Severity.WARNING,
        message=f"{sends} the invite, and the logistics are {_whose(mentorship)}.",
        evidence=f"organizer: {_address(organizer.email, session, mentorship)}; "
        f"owner of the logistics: {owner.name} ({mentorship.owner.value})",
        reach=Reach.LADDER,
        series=session.event.in_series,
        people=(owner.name,),
    )


def _moves(session: Session, mentorship: Mentorship, history: History, options: OwnershipOptions) -> Iterator[Finding]:
    moves = list(_moves_by_people(history))
    strange = [move for move in moves if not _may_move(move[2], session, mentorship, options)]
    hasty = [move for move in moves if _notice(*move) < options.short_notice]
    if strange:
        yield _about(
            "moved-by-non-owner",
            f"{_capital(_who(strange[-1][2].organizer, session, mentorship))} moved this session; "
            f"the logistics are {_whose(mentorship)}.",
            strange[-1:],
            session,
            mentorship,
        )
    if hasty:
        yield _about(
            "short-notice-move",
            f"This session was moved with less than {format_duration(options.short_notice)} of notice.",
            hasty[-1:],
            session,
            mentorship,
        )
    if len(moves) > options.max_moves:
        yield _about(
            "too-many-moves",
            f"This session was moved {len(moves)} times; {options.max_moves} would be fine.",
            moves,
            session,
            mentorship,
        )


_Move = tuple[datetime, datetime, Version]
"""From, to, and the version that came of it."""


def _moves_by_people(history: History) -> Iterator[_Move]:
    for before, after in pairwise(history.versions):
        if after.ours or before.start is None or after.start is None or before.start == after.start:
            continue
        yield before.start, after.start, after


def _notice(left: datetime, reached: datetime, version: Version) -> timedelta:
    return min(left, reached) - version.seen_at


def _may_move(version: Version, session: Session, mentorship: Mentorship, options: OwnershipOptions) -> bool:
    """The organizer of a version is who moved it; only the present state tells of an assistant."""
    if _may_organize(version.organizer, mentorship, options):
        return True
    organizer = session.event.organizer
    return (
        organizer is not None
        and organizer.email == normal_email(version.organizer)
        and bool(organizer.sent_by)
        and mentorship.logistics_owner.has(organizer.sent_by)
    )


def _about(code: str, message: str, moves: list[_Move], session: Session, mentorship: Mentorship) -> Finding:
    said, names = [], []
    for left, reached, version in moves:
        mover = _person(version.organizer, mentorship)
        who = mover.name if mover else _address(version.organizer, session, mentorship)
        names += [mover.name] if mover else []
        said.append(
            f"from {say_moment(session.me, left)} to {say_moment(session.me, reached)} by {who}, "
            f"seen {say_moment(session.me, version.seen_at)}"
        )
    return Finding(
        code=f"ownership.{code}",
        severity=Severity.WARNING,
        message=message,
        evidence="; ".join(said),
        reach=Reach.NUDGE,
        people=tuple(dict.fromkeys(names)),
    )


def _person(email: str, mentorship: Mentorship) -> Person | None:
    return next((p for p in (mentorship.mentor, mentorship.mentee) if email and p.has(email)), None)


def _who(email: str, session: Session, mentorship: Mentorship) -> str:
    if session.me.has(email):
        return "you"
    person = _person(email, mentorship)
    return person.name if person else "somebody else"


def _address(email: str, session: Session, mentorship: Mentorship) -> str:
    """Who it is. A stranger's address in an event that is not public stays unsaid."""
    person = _person(email, mentorship)
    if person is not None:
        return person.name
    if session.event.sensitivity is not Sensitivity.PUBLIC or not email:
        return "somebody else"
    return normal_email(email)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _whose(mentorship: Mentorship) -> str:
    return "yours" if mentorship.i_own else f"{mentorship.logistics_owner.name}'s"
